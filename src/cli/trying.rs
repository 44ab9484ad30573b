//! `sitrepd try …`: one stage on one input, explained. Nothing is kept.

mod feed;
mod lines;
mod names;

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde_json::json;
use url::Url;

use crate::{
    api,
    classify::{self, Explanation},
    config::{Config, Origin},
    dedup,
    extract::{self, Extracted},
    model::{Article, CanonicalUrl, Entry, Field, Hit, Page, Source, SourceId, Timestamp},
    parse, text,
    watch::{self, WatchRule},
};

use super::{
    CliError, Output, TryCommand, archive, logging,
    output::{ALARM, FAINT, HEADING, WELL, count, short, shown},
    setup,
    source::web_address,
    watching,
};

/// Standard input and files longer than this many bytes are not read.
const MAX_INPUT: u64 = 50_000_000;

pub(super) fn run(origin: &Origin, command: TryCommand, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    // The arguments have either an input or --jsonl.
    match command {
        TryCommand::Feed { jsonl: true, .. } => lines::feeds(out),
        TryCommand::Feed { input, source, .. } => feed::run(&config, input.as_deref(), source.as_deref(), out),
        TryCommand::Page { input: Some(input), url, .. } => page(&config, &input, url.as_deref(), out),
        TryCommand::Page { .. } => lines::pages(&config, out),
        TryCommand::Watch { terms: Some(terms), lines: Some(lines), lang, possible, .. } => {
            let files = names::Files { terms: &terms, lines: &lines, language: lang.as_deref(), with_weak: possible };
            names::scan(files, out)
        }
        TryCommand::Watch { input: Some(input), query: Some(query), .. } => {
            let rule = WatchRule { name: query.clone(), query: Some(query), ..WatchRule::default() };
            watching::explain(&config, rule, &article(&config, &input)?, out)
        }
        TryCommand::Watch { input: Some(input), .. } => watch(&config, &input, out),
        TryCommand::Watch { .. } => lines::watches(&config, out),
        TryCommand::Topic { input: Some(input), topic, .. } => self::topic(&config, &input, topic.as_deref(), out),
        TryCommand::Topic { .. } => lines::topics(&config, out),
    }
}

/// Bytes of a file, of standard input, or fetched from an address.
struct Input {
    bytes: Vec<u8>,
    content_type: Option<String>,
    url: Url,
}

fn page(config: &Config, input: &str, url: Option<&str>, out: &Output) -> Result<(), CliError> {
    let input = match is_address(input) {
        true => fetched(config, &web_address(input)?)?,
        false => local(input, url.map(web_address).transpose()?)?,
    };
    let recipe = config.recipe(&sample_source(&input.url), &input.url);
    let markup = parse::page_text(&input.bytes, input.content_type.as_deref());
    let it = extract::page(&markup, &input.url, recipe.as_deref()).map_err(|it| CliError::BadData(it.to_string()))?;
    if out.is_json() {
        return out.record(&page_record(&it));
    }
    out.wrapped("", &format!("{HEADING}{}{HEADING:#}", shown(it.title.as_deref().unwrap_or("(no title)"))))?;
    for (name, value) in [
        ("text from", Some(method(&it))),
        ("authors", Some(it.authors.join(", "))),
        ("published", it.published.map(|it| archive::when(it, config))),
        ("language", language(&it)),
        ("outlet", it.site_name.clone()),
        ("canonical", it.canonical.as_ref().map(ToString::to_string)),
    ] {
        if let Some(value) = value.filter(|it| !it.is_empty()) {
            out.wrapped(&format!("{FAINT}{name:<10}{FAINT:#}  "), &shown(&value))?;
        }
    }
    archive::body(&it.body, out)
}

fn method(it: &Extracted) -> String {
    if it.body.is_empty() { "no article was found".to_owned() } else { archive::method(&it.method) }
}

fn language(it: &Extracted) -> Option<String> {
    text::language(&it.body).map(str::to_owned).or_else(|| it.language.clone())
}

fn page_record(it: &Extracted) -> serde_json::Value {
    json!({
        "title": it.title,
        "authors": it.authors,
        "published": it.published.map(api::instant),
        "language": language(it),
        "outlet": it.site_name,
        "canonical": it.canonical.as_ref().map(CanonicalUrl::as_str),
        "text_from": method(it),
        "body": it.body,
    })
}

fn watch(config: &Config, input: &str, out: &Output) -> Result<(), CliError> {
    let article = article(config, input)?;
    if out.is_json() {
        return out.record(&json!({ "watches": watch_records(config, &article) }));
    }
    let hits = watch::hits(&config.rules.watchlist, &article);
    if hits.is_empty() {
        return out.line(format!("no watch fires, of {}", config.rules.watchlist.names().len()));
    }
    for (name, hits) in hits {
        out.line(format!("{ALARM}{}{ALARM:#}", shown(&name)))?;
        for hit in hits {
            let place = if hit.field == Field::Title { "title" } else { "text" };
            let start = format!("  “{}” in the {place}, by the term {:?}: ", shown(&hit.form), hit.term);
            out.wrapped("  ", &format!("{}{}", start.trim_start(), short(&hit.sentence, 300)))?;
        }
    }
    Ok(())
}

fn watch_records(config: &Config, article: &Article) -> Vec<serde_json::Value> {
    let record = |(name, hits): &(String, Vec<Hit>)| json!({ "watch": name, "hits": hits.iter().map(api::Hit::from).collect::<Vec<_>>() });
    watch::hits(&config.rules.watchlist, article).iter().map(record).collect()
}

fn topic(config: &Config, input: &str, only: Option<&str>, out: &Output) -> Result<(), CliError> {
    if let Some(id) = only.filter(|id| config.rules.topics.get(id).is_none()) {
        return Err(CliError::NotFound(format!("there is no topic {id:?} in topics.toml")));
    }
    let article = article(config, input)?;
    let all = classify::explain(&config.rules.topics, &article);
    let mut wanted: Vec<_> = all.iter().filter(|it| only.is_none_or(|id| it.topic == id)).collect();
    wanted.sort_by(|a, b| b.holds().cmp(&a.holds()).then(b.score.total_cmp(&a.score)));
    if out.is_json() {
        return wanted.iter().try_for_each(|it| out.record(&api::TopicVerdict::new(it, &article)));
    }
    let held = wanted.iter().filter(|it| it.holds()).count();
    // Topics of which nothing was found are of interest only to whoever asks for them.
    wanted.retain(|it| !it.evidence.is_empty() || !it.excluded_by.is_empty() || only.is_some());
    for it in &wanted {
        verdict(config, it, &article, out)?;
    }
    if only.is_none() {
        let (all, near) = (all.len(), wanted.len() - held);
        out.line(format!("{held} of {} found; of {near} others there is a trace", count(all, "topic")))?;
    }
    Ok(())
}

fn verdict(config: &Config, it: &Explanation, article: &Article, out: &Output) -> Result<(), CliError> {
    let word = if it.holds() { format!("{WELL}yes{WELL:#}") } else { format!("{FAINT}no{FAINT:#} ") };
    out.line(format!(
        "{word}  {HEADING}{}{HEADING:#} ({})  {} of {} points",
        it.topic,
        archive::topic_name(config, &it.topic),
        archive::points(it.score),
        archive::points(it.threshold)
    ))?;
    for evidence in &it.evidence {
        let words = evidence.field.of(article).get(evidence.span.clone()).unwrap_or_default();
        let place = if evidence.field == Field::Title { " in the title" } else { "" };
        let counts = match evidence.weight > 0.0 {
            true => archive::points(evidence.weight),
            false => "–".to_owned(),
        };
        out.line(format!("     {counts:>6}  “{}”{place}, by {:?}", short(words, 60), evidence.rule))?;
    }
    for group in &it.missing {
        out.wrapped("     missing: one of ", &short(&group.join(", "), 160))?;
    }
    for evidence in &it.excluded_by {
        out.line(format!("     ruled out by {:?}", evidence.rule))?;
    }
    Ok(())
}

/// The text of a file, whose first line is the title; or the article of a page.
pub(super) fn article(config: &Config, input: &str) -> Result<Article, CliError> {
    if is_address(input) {
        let input = fetched(config, &web_address(input)?)?;
        let recipe = config.recipe(&sample_source(&input.url), &input.url);
        let markup = parse::page_text(&input.bytes, input.content_type.as_deref());
        let it = extract::page(&markup, &input.url, recipe.as_deref());
        let it = it.map_err(|it| CliError::BadData(it.to_string()))?;
        return Ok(text_article(it.title.as_deref().unwrap_or_default(), &it.body));
    }
    let input = local(input, None)?;
    let text = parse::page_text(&input.bytes, None);
    let (title, body) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
    Ok(text_article(title.trim(), body.trim()))
}

/// A text as an article. Nothing is cleaned away: it is the analyst's own.
fn text_article(title: &str, body: &str) -> Article {
    let entry = Entry {
        source: SourceId::sample(),
        link: None,
        guid: None,
        guid_is_unique: false,
        title: title.to_owned(),
        text: String::new(),
        authors: Vec::new(),
        published: None,
        updated: None,
        language: None,
        enclosures: Vec::new(),
    };
    let id = dedup::article_id(&entry);
    let mut article = extract::article(&entry, id, Page::None, None, Timestamp::UNIX_EPOCH);
    body.clone_into(&mut article.body);
    article
}

fn is_address(input: &str) -> bool {
    input.starts_with("http://") || input.starts_with("https://")
}

fn fetched(config: &Config, url: &Url) -> Result<Input, CliError> {
    let client = setup::client(config)?;
    let page = setup::runtime()?.block_on(client.page(url, None, chrono::Utc::now()));
    let it = page.map_err(|it| CliError::Unavailable(text::error_chain(&it)))?;
    Ok(Input { bytes: it.body, content_type: it.content_type, url: it.url })
}

fn local(input: &str, url: Option<Url>) -> Result<Input, CliError> {
    let failed = |source| CliError::File { doing: "read", path: input.into(), source };
    let mut bytes = Vec::new();
    if input == "-" {
        io::stdin().take(MAX_INPUT).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        fs::File::open(input).and_then(|it| it.take(MAX_INPUT).read_to_end(&mut bytes)).map_err(failed)?;
    }
    let url = url.map_or_else(|| of_file(Path::new(input)), Ok)?;
    Ok(Input { bytes, content_type: None, url })
}

/// The address of a file, for documents that have no other.
fn of_file(path: &Path) -> Result<Url, CliError> {
    let path = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from("/"));
    Url::from_file_path(&path).map_err(|()| CliError::Defect(format!("{} has no address", path.display())))
}

fn sample_source(url: &Url) -> Source {
    Source { tier: 3, ..Source::feed(SourceId::sample(), "try".to_owned(), url.clone()) }
}
