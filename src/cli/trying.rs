//! `sitrepd try …`: one stage on one input, explained. Nothing is kept.

mod feed;
mod lines;
mod names;
mod stories;
mod topic;
mod topics;

use std::{
    borrow::Cow,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde_json::json;
use url::Url;

use crate::{
    api,
    config::{Config, Origin},
    dedup,
    extract::{self, Extracted, Standing},
    model::{Article, CanonicalUrl, Entry, Field, Hit, Page, Source, SourceId, Timestamp},
    parse, text,
    watch::{self, WatchRule},
};

use super::{
    CliError, Output, archive,
    arguments::trying::TryCommand,
    logging,
    output::{ALARM, FAINT, HEADING, WELL, count, short, shown},
    setup,
    source::web_address,
    watching,
};

/// Standard input and files longer than this many bytes are not read.
const MAX_INPUT: u64 = 50_000_000;

/// Maximum lines shown of those cut for one reason.
const MAX_CUT: usize = 12;

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
        TryCommand::Watch { input: Some(input), query: Some(query), lang, .. } => {
            let rule = WatchRule { name: query.clone(), query: Some(query), ..WatchRule::default() };
            watching::explain(&config, rule, &article(&config, &input, lang)?, None, out)
        }
        TryCommand::Watch { input: Some(input), lang, .. } => watch(&config, &article(&config, &input, lang)?, out),
        TryCommand::Watch { .. } => lines::watches(&config, out),
        TryCommand::Topic { input: Some(input), topic, .. } => topic::run(&config, &input, topic.as_deref(), out),
        TryCommand::Topic { topics, .. } => topics::run(&config, topics.as_deref(), out),
        TryCommand::Story { features, warm, .. } => stories::run(archive::outlets(&config), features, warm, out),
    }
}

/// Bytes of a file, of standard input, or fetched from an address.
struct Input {
    bytes: Vec<u8>,
    content_type: Option<String>,
    url: Url,
}

impl Input {
    fn document(&self) -> extract::Document<'_> {
        extract::Document::of(&self.bytes, self.content_type.as_deref(), &self.url, parse::page_text)
    }
}

fn page(config: &Config, name: &str, url: Option<&str>, out: &Output) -> Result<(), CliError> {
    let input = match is_address(name) {
        true => fetched(config, &web_address(name)?)?,
        false => local(name, url.map(web_address).transpose()?)?,
    };
    let recipe = config.recipe(&sample_source(&input.url), &input.url);
    let now = is_address(name).then(chrono::Utc::now);
    let it = extract::document(&input.document(), &input.url, recipe.as_deref(), now);
    let it = it.map_err(|it| CliError::BadData(it.to_string()))?;
    if out.is_json() {
        return out.record(&page_record(&it));
    }
    out.wrapped("", &format!("{HEADING}{}{HEADING:#}", shown(it.title.as_deref().unwrap_or("(no title)"))))?;
    let origins = &it.origins;
    for (name, value) in [
        ("verdict", Some(format!("{}: {}", it.verdict.0.as_str(), it.verdict.1))),
        ("text from", Some(method(&it))),
        ("recipe", it.missed.as_ref().map(|it| format!("{it} found no text here, the page was read without it"))),
        ("next page", it.next.as_ref().map(|it| format!("{it} (not read here)"))),
        ("AMP version", it.amp.as_ref().map(|at| amp_version(&it, at))),
        ("title", origins.title.as_ref().map(told)),
        ("authors", origins.authors.as_ref().map(|origin| format!("{} {}", it.authors.join(", "), told(origin)))),
        ("published", it.published.map(|at| dated(at, origins.published.as_ref(), config))),
        ("modified", it.modified.map(|at| dated(at, origins.modified.as_ref(), config))),
        ("language", language(&it)),
        ("outlet", it.site_name.clone()),
        ("canonical", it.canonical.as_ref().map(ToString::to_string)),
        ("picture", it.image.as_ref().map(ToString::to_string)),
    ] {
        if let Some(value) = value.filter(|it| !it.is_empty()) {
            out.wrapped(&format!("{FAINT}{name:<10}{FAINT:#}  "), &shown(&value))?;
        }
    }
    for flag in &it.flags {
        out.wrapped(&format!("{ALARM}{}{ALARM:#}  ", flag.kind.as_str()), &short(&flag.evidence, 200))?;
    }
    archive::body(&it.body, out)?;
    cut(&it.cut, out)
}

/// The text of the page that is not in the body, by reason.
fn cut(cut: &[(String, Cow<'static, str>)], out: &Output) -> Result<(), CliError> {
    let mut reasons: Vec<&str> = cut.iter().map(|(_, reason)| reason.as_ref()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    for reason in reasons {
        let lines: Vec<&str> = cut.iter().filter(|(_, it)| it == reason).map(|(line, _)| line.as_str()).collect();
        out.line("")?;
        out.line(format!("{FAINT}cut as {reason}: {}{FAINT:#}", count(lines.len(), "line")))?;
        // The longest are those that may be missed.
        let mut longest = lines;
        longest.sort_by_key(|it| std::cmp::Reverse(it.len()));
        for line in longest.into_iter().take(MAX_CUT) {
            out.wrapped("  ", &short(line, 100))?;
        }
    }
    Ok(())
}

fn told<T>(it: &extract::Told<T>) -> String {
    format!("({}, {:.0} % sure)", it.origin.as_str(), it.confidence * 100.0)
}

fn dated(at: Timestamp, origin: Option<&extract::Told<chrono::NaiveDate>>, config: &Config) -> String {
    format!("{} {}", archive::when(at, config), origin.map(told).unwrap_or_default())
}

fn method(it: &Extracted) -> String {
    if it.body.is_empty() { "no article was found".to_owned() } else { archive::method(&it.method) }
}

fn language(it: &Extracted) -> Option<String> {
    text::language(&it.body).map(str::to_owned).or_else(|| it.language.clone())
}

/// The authors as the language of the text joins names.
fn byline(it: &Extracted) -> Option<String> {
    let and = match language(it).as_deref().and_then(|it| it.get(..2)) {
        Some("de") => " und ",
        Some("fr") => " et ",
        Some("es") => " y ",
        Some("ru") => " и ",
        Some("uk") => " та ",
        Some("az") => " və ",
        Some("tr") => " ve ",
        Some("hy") => " և ",
        Some("ka") => " და ",
        Some("fa") => " و ",
        _ => " and ",
    };
    let (last, others) = it.authors.split_last()?;
    Some(if others.is_empty() { last.clone() } else { format!("{}{and}{last}", others.join(", ")) })
}

fn origin<T>(it: &extract::Told<T>) -> serde_json::Value {
    json!({ "from": it.origin.as_str(), "confidence": (f64::from(it.confidence) * 100.0).round() / 100.0 })
}

fn amp_version(it: &Extracted, at: &Url) -> String {
    match it.wants_amp() {
        Some(_) => format!("{at} (the daemon reads it too, for this text is poor)"),
        None => format!("{at} (not read, for this text will do)"),
    }
}

fn page_record(it: &Extracted) -> serde_json::Value {
    json!({
        "title": it.title,
        "author": byline(it),
        "date": it.origins.published.as_ref().map(|it| it.value.to_string()),
        "lang": language(it),
        "verdict": it.verdict.0.as_str(),
        "reason": it.verdict.1,
        "authors": it.authors,
        "published": it.published.map(api::instant),
        "modified": it.modified.map(api::instant),
        "language": language(it),
        "outlet": it.site_name,
        "canonical": it.canonical.as_ref().map(CanonicalUrl::as_str),
        "image": it.image.as_ref().map(Url::as_str),
        "amp": it.amp.as_ref().map(Url::as_str),
        "origins": {
            "title": it.origins.title.as_ref().map(origin),
            "authors": it.origins.authors.as_ref().map(origin),
            "published": it.origins.published.as_ref().map(origin),
            "modified": it.origins.modified.as_ref().map(origin),
        },
        "flags": it.flags.iter().map(|it| json!({ "kind": it.kind.as_str(), "evidence": it.evidence })).collect::<Vec<_>>(),
        "text_from": method(it),
        "recipe_missed": it.missed,
        "next": it.next.as_ref().map(Url::as_str),
        "body": it.body,
    })
}

fn watch(config: &Config, article: &Article, out: &Output) -> Result<(), CliError> {
    if out.is_json() {
        return out.record(&json!({ "watches": watch_records(config, article) }));
    }
    let hits = watch::hits(&config.rules.watchlist, article);
    if hits.is_empty() {
        return out.line(format!("no watch fires, of {}", config.rules.watchlist.names().len()));
    }
    for (name, hits) in hits {
        out.line(format!("{ALARM}{}{ALARM:#}", shown(&name)))?;
        for hit in hits {
            let place = if hit.field == Field::Title { "title" } else { "text" };
            let relation = hit.relation().map(|it| format!(", {}", shown(&it))).unwrap_or_default();
            out.wrapped(
                "  ",
                &format!("“{}” in the {place}{relation}: {}", shown(&hit.form), short(&hit.sentence, 300)),
            )?;
        }
    }
    Ok(())
}

fn watch_records(config: &Config, article: &Article) -> Vec<serde_json::Value> {
    let record = |(name, hits): &(String, Vec<Hit>)| json!({ "watch": name, "hits": hits.iter().map(api::Hit::from).collect::<Vec<_>>() });
    watch::hits(&config.rules.watchlist, article).iter().map(record).collect()
}

/// The text of a file, with its first line as title, or the article of a page, saved or at an address; in the given
/// language, if any.
pub(super) fn article(config: &Config, input: &str, language: Option<String>) -> Result<Article, CliError> {
    let mut res = unmarked_article(config, input)?;
    res.language = language;
    Ok(res)
}

fn unmarked_article(config: &Config, input: &str) -> Result<Article, CliError> {
    let input = match is_address(input) {
        true => fetched(config, &web_address(input)?)?,
        // Text of the analyst's own, unless the bytes say that it is a saved page or a PDF document.
        false => Input { content_type: Some("text/plain".to_owned()), ..local(input, None)? },
    };
    let document = input.document();
    if let extract::Document::Text(text) = &document {
        let (title, body) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
        return Ok(text_article(title.trim(), body.trim()));
    }
    let recipe = config.recipe(&sample_source(&input.url), &input.url);
    let it = extract::document(&document, &input.url, recipe.as_deref(), None);
    let it = it.map_err(|it| CliError::BadData(it.to_string()))?;
    Ok(text_article(it.title.as_deref().unwrap_or_default(), &it.body))
}

/// A text as an article. Nothing is cleaned away: it is the analyst's own.
pub(super) fn text_article(title: &str, body: &str) -> Article {
    let entry = Entry {
        source: SourceId::sample(),
        link: None,
        link_is_own: true,
        permalink: None,
        guid: None,
        guid_is_unique: false,
        title: title.to_owned(),
        text: String::new(),
        authors: Vec::new(),
        published: None,
        updated: None,
        is_dated_by_update: false,
        language: None,
        enclosures: Vec::new(),
    };
    let id = dedup::article_id(&entry);
    let mut article = extract::article(&entry, &Standing::default(), id, Page::None, None, Timestamp::UNIX_EPOCH);
    body.clone_into(&mut article.body);
    article
}

pub(super) fn is_address(input: &str) -> bool {
    input.starts_with("http://") || input.starts_with("https://")
}

fn fetched(config: &Config, url: &Url) -> Result<Input, CliError> {
    let client = setup::client(config)?;
    let source = sample_source(url);
    let recipe = config.recipe(&source, url);
    let request = Config::page_request(&source, recipe.as_deref(), url);
    let page = setup::runtime()?.block_on(client.page(url, request, chrono::Utc::now()));
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
