//! Feeds and what is read from them: every folder of `tests/fixtures/feeds` holds a `source` (xml, json,
//! html, or bin where it is not UTF-8), perhaps a `meta.toml`, and `expected.json`. Hostile documents that
//! are too large to keep are made here.

use std::{
    fs,
    path::{Path, PathBuf},
};

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use sitrepd::{
    model::{Entry, Source, SourceId, Timestamp},
    parse::{self, Document, ParseError, Parsed, Settings},
};
use url::Url;

const MAX_ENTRIES: usize = 500;

/// How a fixture's document came in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Meta {
    /// What the fixture shows, and what is wrong with today's reading.
    note: String,
    url: Url,
    content_type: Option<String>,
    max_entries: usize,
}

impl Default for Meta {
    fn default() -> Self {
        Self {
            note: String::new(),
            url: Url::parse("https://news.example/feed/").unwrap(),
            content_type: None,
            max_entries: MAX_ENTRIES,
        }
    }
}

#[test]
fn feeds_are_read_as_expected() {
    let mut wrong = Vec::new();
    let folders = folders("feeds");
    for folder in &folders {
        let meta = match fs::read_to_string(folder.join("meta.toml")) {
            Ok(text) => toml_edit::de::from_str(&text).unwrap(),
            Err(_) => Meta::default(),
        };
        let bytes = fs::read(source_file(folder)).unwrap();
        let actual = shown(read(&bytes, &meta));
        let expected = fs::read_to_string(folder.join("expected.json")).unwrap_or_else(|_| "null".to_owned());
        if serde_json::from_str::<Value>(&expected).unwrap() != actual {
            let actual = serde_json::to_string_pretty(&actual).unwrap();
            wrong.push(format!("{}: {}\n{actual}", folder.display(), meta.note));
        }
    }
    assert!(wrong.is_empty(), "{} of {} feeds are read otherwise:\n{}", wrong.len(), folders.len(), wrong.join("\n"));
}

/// The folders of fixtures, each a case.
pub(crate) fn folders(kind: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(kind);
    let mut res = fs::read_dir(root).unwrap().map(|it| it.unwrap().path()).collect::<Vec<_>>();
    res.sort();
    assert!(!res.is_empty(), "no fixtures");
    res
}

/// The one file named `source`, whatever its extension.
pub(crate) fn source_file(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let mut sources = files.filter(|it| it.file_stem().is_some_and(|stem| stem == "source"));
    let res = sources.next().unwrap_or_else(|| panic!("{} has no source", folder.display()));
    assert_eq!(sources.next(), None, "{} has two sources", folder.display());
    res
}

fn read(bytes: &[u8], meta: &Meta) -> Result<Parsed, ParseError> {
    let source = Source::feed(SourceId::sample(), "Sample".to_owned(), meta.url.clone());
    let now = Timestamp::UNIX_EPOCH;
    let document = Document { bytes, content_type: meta.content_type.as_deref(), url: &meta.url, now };
    parse::source(&source, document, Settings { max_entries: meta.max_entries })
}

/// What was read, without what is empty.
fn shown(res: Result<Parsed, ParseError>) -> Value {
    match res {
        Err(error) => json!({ "error": error.to_string() }),
        Ok(it) => without_empty(json!({
            "title": it.title,
            "entries": it.entries.iter().map(shown_entry).collect::<Vec<_>>(),
            "problems": it.problems,
        })),
    }
}

fn shown_entry(it: &Entry) -> Value {
    let time = |it: Timestamp| it.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let enclosures = it.enclosures.iter().map(|it| json!({ "url": it.url.as_str(), "type": it.media_type }));
    without_empty(json!({
        "title": it.title,
        "link": it.link.as_ref().map(sitrepd::model::CanonicalUrl::as_str),
        "guid": it.guid,
        "guid_is_unique": it.guid_is_unique,
        "published": it.published.map(time),
        "updated": it.updated.map(time),
        "authors": it.authors,
        "language": it.language,
        "text": it.text.lines().collect::<Vec<_>>(),
        "enclosures": enclosures.collect::<Vec<_>>(),
    }))
}

fn without_empty(value: Value) -> Value {
    let Value::Object(mut fields) = value else { return value };
    fields.retain(|_, it| !it.is_null() && *it != json!("") && *it != json!([]) && *it != json!(false));
    Value::Object(fields)
}

/// Reads an RSS feed of one item.
fn item(inside: &str) -> Entry {
    let feed = format!("<rss version='2.0'><channel><title>t</title><item>{inside}</item></channel></rss>");
    read(feed.as_bytes(), &Meta::default()).unwrap().entries.remove(0)
}

#[test]
fn what_is_too_long_is_cut() {
    let long = "Учения ".repeat(100_000);
    let it = item(&format!(
        "<title>{long}</title><link>https://news.example/1</link><author>{long}</author><guid>{}</guid>",
        "g".repeat(1_000_000)
    ));
    assert!((900..=1_000).contains(&it.title.len()), "{} bytes of title", it.title.len());
    assert!(it.title.starts_with("Учения Учения "));
    assert!(it.authors.iter().all(|it| it.len() <= 200));
    assert_eq!(it.guid, None, "half a guid identifies nothing");
    assert_eq!(it.link.unwrap().as_str(), "https://news.example/1");
}

#[test]
fn many_categories_and_enclosures_are_bounded() {
    let many = "<category>x</category><enclosure url='https://news.example/a.mp3' type='audio/mpeg'/>".repeat(50_000);
    let it = item(&format!("<title>Talks</title>{many}"));
    assert!(it.enclosures.len() <= 20);
}

#[test]
fn deep_nesting_costs_one_document_only() {
    let deep = |n: usize| "<x>".repeat(n);
    for document in [
        format!("<rss version='2.0'><channel><item><title>t</title>{}", deep(200_000)),
        format!("<feed xmlns='http://www.w3.org/2005/Atom'><entry><content type='xhtml'>{}", deep(50_000)),
        deep(200_000),
        format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":{}", "[".repeat(200_000)),
    ] {
        let error = read(document.as_bytes(), &Meta::default()).unwrap_err();
        assert!(matches!(error, ParseError::Unreadable { .. }), "{error}");
    }
    let text = item(&format!("<description>&lt;p&gt;Talks{}</description>", "&lt;div&gt;".repeat(5_000))).text;
    assert_eq!(text, "Talks");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any part of any fixture, and any fixture with a byte changed, is read or refused.
    #[test]
    fn damage_never_panics(which in 0_usize..1_000, at in 0.0..1.0_f64, byte: u8, cut: bool) {
        let folders = folders("feeds");
        let mut bytes = fs::read(source_file(&folders[which % folders.len()])).unwrap();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a small file")]
        let at = (at * bytes.len() as f64) as usize;
        if cut {
            bytes.truncate(at);
        } else if let Some(it) = bytes.get_mut(at) {
            *it = byte;
        }
        let _ = read(&bytes, &Meta::default());
    }
}
