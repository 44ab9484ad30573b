//! `sitrepd try …`: one stage on one input, explained. Nothing is kept.

use std::{
    fs,
    io::{self, Read},
};

use serde_json::json;
use url::Url;

use crate::{
    api, classify,
    config::{Config, Origin},
    dedup,
    extract::{self, Extracted},
    fetch::Fetched,
    model::{Article, CanonicalUrl, Entry, Field, Method, Ownership, Page, Source, SourceId, SourceKind, Timestamp},
    parse, text, watch,
};

use super::{
    CliError, Output, TryCommand, archive, logging,
    output::{ALARM, FAINT, HEADING, WELL, short, shown},
    setup,
    source::web_address,
};

/// Standard input and files longer than this many bytes are not read.
const MAX_INPUT: u64 = 50_000_000;

pub(super) fn run(origin: &Origin, command: TryCommand, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin, out)?;
    match command {
        TryCommand::Feed { input } => feed(&config, &input, out),
        TryCommand::Page { input, url } => page(&config, &input, url.as_deref(), out),
        TryCommand::Watch { input } => watch(&config, &input, out),
        TryCommand::Topic { input, topic } => self::topic(&config, &input, topic.as_deref(), out),
    }
}

/// Bytes of a file, of standard input, or fetched from an address.
struct Input {
    bytes: Vec<u8>,
    content_type: Option<String>,
    url: Url,
}

fn feed(config: &Config, input: &str, out: &Output) -> Result<(), CliError> {
    let input = match is_address(input) {
        true => fetched(config, &web_address(input)?, true)?,
        false => local(input, None)?,
    };
    let source = sample_source(&input.url);
    let document =
        parse::Document { bytes: &input.bytes, content_type: input.content_type.as_deref(), url: &input.url };
    let parsed = parse::source(&source, document, config.parse).map_err(|it| CliError::BadData(it.to_string()))?;
    if out.is_json() {
        let entries: Vec<_> = parsed.entries.iter().map(api::Entry::from).collect();
        return out.record(&json!({ "title": parsed.title, "entries": entries, "problems": parsed.problems }));
    }
    out.line(format!(
        "{HEADING}{}{HEADING:#}  {} entries",
        shown(parsed.title.as_deref().unwrap_or("(no title)")),
        parsed.entries.len()
    ))?;
    for it in &parsed.problems {
        out.line(format!("{ALARM}problem:{ALARM:#} {}", shown(it)))?;
    }
    for it in &parsed.entries {
        let date = it.published.or(it.updated).map_or_else(|| "no date".to_owned(), api::instant);
        out.line(format!(
            "\n{}\n  {FAINT}{date}  {}{FAINT:#}",
            shown(&it.title),
            it.link.as_ref().map_or("no link", |it| it.as_str())
        ))?;
        if !it.text.is_empty() {
            out.line(format!("  {}", short(&it.text, 200)))?;
        }
    }
    Ok(())
}

fn page(config: &Config, input: &str, url: Option<&str>, out: &Output) -> Result<(), CliError> {
    let input = match is_address(input) {
        true => fetched(config, &web_address(input)?, false)?,
        false => local(input, url.map(web_address).transpose()?)?,
    };
    let recipe = config.recipe(&sample_source(&input.url), &input.url);
    let markup = parse::page_text(&input.bytes, input.content_type.as_deref());
    let it = extract::page(&markup, &input.url, recipe.as_deref()).map_err(|it| CliError::BadData(it.to_string()))?;
    let method = if it.body.is_empty() { "no article was found".to_owned() } else { archive::method(&it.method) };
    if out.is_json() {
        return out.record(&page_record(&it, &method));
    }
    out.line(format!("{HEADING}{}{HEADING:#}", shown(it.title.as_deref().unwrap_or("(no title)"))))?;
    for (name, value) in [
        ("text from", Some(method)),
        ("authors", Some(it.authors.join(", "))),
        ("published", it.published.map(api::instant)),
        ("language", text::language(&it.body).map(str::to_owned).or(it.language.clone())),
        ("outlet", it.site_name.clone()),
        ("canonical", it.canonical.as_ref().map(ToString::to_string)),
    ] {
        if let Some(value) = value.filter(|it| !it.is_empty()) {
            out.line(format!("{FAINT}{name:<10}{FAINT:#} {}", shown(&value)))?;
        }
    }
    out.line("")?;
    it.body.lines().try_for_each(|line| out.line(format!("{}\n", shown(line))))
}

fn page_record(it: &Extracted, method: &str) -> serde_json::Value {
    json!({
        "title": it.title,
        "authors": it.authors,
        "published": it.published.map(api::instant),
        "language": text::language(&it.body).map(str::to_owned).or(it.language.clone()),
        "outlet": it.site_name,
        "canonical": it.canonical.as_ref().map(CanonicalUrl::as_str),
        "text_from": method,
        "body": it.body,
    })
}

fn watch(config: &Config, input: &str, out: &Output) -> Result<(), CliError> {
    let article = article(input)?;
    let hits = watch::hits(&config.rules.watchlist, &article);
    if out.is_json() {
        let hits: Vec<_> = hits
            .iter()
            .map(|(name, hits)| json!({ "watch": name, "hits": hits.iter().map(api::Hit::from).collect::<Vec<_>>() }))
            .collect();
        return out.record(&json!({ "watches": hits }));
    }
    if hits.is_empty() {
        return out.line(format!("none of {} watches fires", config.rules.watchlist.names().len()));
    }
    for (name, hits) in hits {
        out.line(format!("{ALARM}{}{ALARM:#}", shown(&name)))?;
        for hit in hits {
            let place = if hit.field == Field::Title { "title" } else { "text" };
            out.line(format!(
                "  “{}” in the {place}, by the term {:?}: {}",
                shown(&hit.form),
                hit.term,
                short(&hit.sentence, 300)
            ))?;
        }
    }
    Ok(())
}

fn topic(config: &Config, input: &str, only: Option<&str>, out: &Output) -> Result<(), CliError> {
    if let Some(id) = only.filter(|id| config.rules.topics.get(id).is_none()) {
        return Err(CliError::NotFound(format!("there is no topic {id:?} in topics.toml")));
    }
    let article = article(input)?;
    let all = classify::explain(&config.rules.topics, &article);
    let mut wanted: Vec<_> = all.iter().filter(|it| only.is_none_or(|id| it.topic == id)).collect();
    wanted.sort_by(|a, b| b.holds().cmp(&a.holds()).then(b.score.total_cmp(&a.score)));
    for it in wanted {
        if out.is_json() {
            out.record(&api::TopicVerdict::new(it, &article))?;
            continue;
        }
        // Topics of which nothing was found are of interest only to whoever asks for them.
        if it.evidence.is_empty() && only.is_none() {
            continue;
        }
        let verdict = if it.holds() { format!("{WELL}yes{WELL:#}") } else { format!("{FAINT}no{FAINT:#} ") };
        out.line(format!(
            "{verdict} {HEADING}{}{HEADING:#}  {} of {}",
            it.topic,
            archive::points(it.score),
            archive::points(it.threshold)
        ))?;
        for evidence in &it.evidence {
            let words = evidence.field.of(&article).get(evidence.span.clone()).unwrap_or_default();
            out.line(format!(
                "      {:>5}  “{}” by {:?}",
                archive::points(evidence.weight),
                short(words, 60),
                evidence.rule
            ))?;
        }
        for group in &it.missing {
            out.line(format!("      missing: one of {}", short(&group.join(", "), 100)))?;
        }
        for evidence in &it.excluded_by {
            out.line(format!("      ruled out by {:?}", evidence.rule))?;
        }
    }
    Ok(())
}

/// A text as an article: its first line is the title.
fn article(input: &str) -> Result<Article, CliError> {
    let input = local(input, None)?;
    let text = parse::page_text(&input.bytes, None);
    let (title, body) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
    let entry = Entry {
        source: sample_source(&input.url).id,
        link: None,
        guid: None,
        guid_is_unique: false,
        title: title.trim().to_owned(),
        text: String::new(),
        authors: Vec::new(),
        published: None,
        updated: None,
        language: None,
        enclosures: Vec::new(),
    };
    let id = dedup::article_id(&entry);
    let mut article = extract::article(&entry, id, Page::None, None, Timestamp::UNIX_EPOCH);
    // The text is the analyst's own: nothing is cleaned away.
    body.trim().clone_into(&mut article.body);
    article.method = Method::Feed;
    Ok(article)
}

fn is_address(input: &str) -> bool {
    input.starts_with("http://") || input.starts_with("https://")
}

fn fetched(config: &Config, url: &Url, is_feed: bool) -> Result<Input, CliError> {
    let client = setup::client(config)?;
    let now = chrono::Utc::now();
    let unavailable = |it: crate::fetch::FetchError| CliError::Unavailable(text::error_chain(&it));
    setup::runtime()?.block_on(async {
        if is_feed {
            return match client.feed(url, None, now).await.map_err(unavailable)? {
                Fetched::Document { body, content_type, url, .. } => Ok(Input { bytes: body, content_type, url }),
                Fetched::NotModified { .. } => {
                    Err(CliError::Unavailable("the server answered 304 to a plain request".to_owned()))
                }
            };
        }
        let it = client.page(url, now).await.map_err(unavailable)?;
        Ok(Input { bytes: it.body, content_type: it.content_type, url: it.url })
    })
}

fn local(input: &str, url: Option<Url>) -> Result<Input, CliError> {
    let failed = |source| CliError::File { doing: "read", path: input.into(), source };
    let mut bytes = Vec::new();
    if input == "-" {
        io::stdin().take(MAX_INPUT).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        fs::File::open(input).and_then(|it| it.take(MAX_INPUT).read_to_end(&mut bytes)).map_err(failed)?;
    }
    let url = match url {
        Some(url) => url,
        None => Url::parse("http://localhost/").map_err(|it| CliError::Defect(it.to_string()))?,
    };
    Ok(Input { bytes, content_type: None, url })
}

fn sample_source(url: &Url) -> Source {
    Source {
        id: SourceId::sample(),
        name: "try".to_owned(),
        url: url.clone(),
        kind: SourceKind::Syndication,
        languages: Vec::new(),
        country: String::new(),
        ownership: Ownership::Unknown,
        tier: 3,
        cadence: None,
        recipe: None,
        enabled: true,
    }
}
