//! Documents damaged at random, of every kind of source: nothing panics, nothing is lost in silence, and what is read
//! twice is read the same.
//!
//! As a plain test it makes some hundred documents. A million, or as many as `BOLERO_RANDOM_ITERATIONS` says:
//!
//! ```text
//! BOLERO_RANDOM_ITERATIONS=1000000 cargo test --release --test it -- mutations --nocapture
//! ```
//!
//! Guided by coverage it runs under `cargo bolero test mutations::any_damage_is_survived`.

use std::{fs, sync::LazyLock};

use bolero::TypeGenerator;
use sitrepd::{
    model::{JsonList, Listing, Selector, Sitemap, Source, SourceId, SourceKind, Timestamp},
    parse::{self, Document, ParseError, Settings},
};

use crate::feeds::folders;

/// Documents made as a plain test.
const ITERATIONS: usize = 500;

/// One damage. Places are shares of the document: 0 is its start, 65,535 its end.
#[derive(Debug, Clone, TypeGenerator)]
enum Damage {
    Cut(u16),
    Drop { at: u16, length: u8 },
    Repeat { at: u16, length: u8, times: u8 },
    Flip { at: u16, bit: u8 },
    Insert { at: u16, what: u8 },
    Splice { at: u16, other: u8, from: u16, length: u16 },
}

/// What feeds are broken with, and what attackers send.
const PIECES: &[&str] = &[
    "<",
    ">",
    "&",
    "&amp",
    "&#8;",
    "&#xD800;",
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "\0",
    "\u{feff}",
    "<item>",
    "</item>",
    "<entry>",
    "</channel>",
    "<title>",
    "</title>",
    "\"",
    "'",
    "<b><i>",
    "<?xml version=\"1.0\" encoding=\"windows-1251\"?>",
    "<!DOCTYPE x [<!ENTITY a \"&a;&a;\">]>",
    "&a;",
    "xmlns:x=\"",
    "{",
    "}",
    "[",
    "\\u12",
    "1e999",
    "\u{202e}",
    "ӿ",
    "ქ",
];

fn damaged(document: &[u8], damages: &[Damage], all: &[Vec<u8>]) -> Vec<u8> {
    let place = |length: usize, at: u16| length * usize::from(at) / usize::from(u16::MAX);
    let mut res = document.to_vec();
    for damage in damages {
        let length = res.len();
        match *damage {
            Damage::Cut(at) => res.truncate(place(length, at)),
            Damage::Drop { at, length: n } => {
                let start = place(length, at);
                res.drain(start..(start + usize::from(n)).min(length));
            }
            Damage::Repeat { at, length: n, times } => {
                let start = place(length, at);
                let piece = res[start..(start + usize::from(n)).min(length)].repeat(usize::from(times));
                res.splice(start..start, piece);
            }
            Damage::Flip { at, bit } => {
                if let Some(it) = res.get_mut(place(length, at)) {
                    *it ^= 1 << (bit % 8);
                }
            }
            Damage::Insert { at, what } => {
                let start = place(length, at);
                res.splice(start..start, PIECES[usize::from(what) % PIECES.len()].bytes());
            }
            Damage::Splice { at, other, from, length: n } => {
                let other = &all[usize::from(other) % all.len()];
                let from = place(other.len(), from);
                let piece = other[from..(from + usize::from(n) % 2_000).min(other.len())].to_vec();
                let start = place(length, at);
                res.splice(start..start, piece);
            }
        }
    }
    res
}

/// The documents of all fixtures.
static DOCUMENTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folders = ["feeds", "feeds-broken", "sources"].into_iter().flat_map(folders);
    let files = folders.flat_map(|it| fs::read_dir(it).unwrap().map(|it| it.unwrap().path()).collect::<Vec<_>>());
    let sources = files.filter(|it| it.file_stem().unwrap() == "source" && it.extension().unwrap() != "toml");
    sources.map(|it| fs::read(it).unwrap()).filter(|it| it.len() < 20_000).collect()
});

fn selector(css: &str) -> Selector {
    Selector { css: css.to_owned(), attribute: None }
}

/// Every kind of source, each with settings that fit some of the fixtures.
static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let listing = Listing {
        item: selector("article, div.card, ul.news a[href], div, item"),
        link: None,
        title: Some(selector("h2, h3")),
        date: Some(selector(".date, time")),
        summary: Some(selector("p")),
        next: Some(selector("a[rel=next]")),
        zone: chrono_tz::UTC,
    };
    let json = JsonList { within: Some(selector("script")), items: "/list".to_owned(), ..JsonList::wordpress() };
    let sitemap = Sitemap { include: vec![], exclude: vec![], max_age: std::time::Duration::from_secs(864_000) };
    let kinds = [
        SourceKind::Syndication,
        SourceKind::Listing(listing),
        SourceKind::Sitemap(sitemap),
        SourceKind::Json(JsonList::wordpress()),
        SourceKind::Json(json),
        SourceKind::Telegram,
    ];
    let url = "https://news.example/feed/".parse::<url::Url>().unwrap();
    let source = |kind| Source { kind, ..Source::feed(SourceId::sample(), "Sample".to_owned(), url.clone()) };
    kinds.into_iter().map(source).collect()
});

#[test]
fn any_damage_is_survived() {
    let (documents, sources) = (&*DOCUMENTS, &*SOURCES);
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let case = bolero::check!().with_iterations(ITERATIONS).with_type::<(u8, u8, Vec<Damage>)>();
    case.for_each(|(document, kind, damages)| {
        let damages = &damages[..damages.len().min(12)];
        let bytes = damaged(&documents[usize::from(*document) % documents.len()], damages, documents);
        // Half of them as feeds: those are what is read most.
        let source = &sources[(usize::from(*kind) % (2 * sources.len())).saturating_sub(sources.len())];
        let document = Document { bytes: &bytes, content_type: None, url: &source.url, now };
        let settings = Settings { max_entries: 500 };
        let first = parse::source(source, document, settings);
        assert_ne!(first, Err(ParseError::Panicked), "{}", String::from_utf8_lossy(&bytes));
        assert_eq!(first, parse::source(source, document, settings), "read twice, read otherwise");
        if let Ok(parsed) = &first {
            let is_feed = source.kind == SourceKind::Syndication;
            let is_silent = parsed.entries.is_empty() && parsed.problems.is_empty() && parsed.parts.is_empty();
            assert!(
                !(is_feed && is_silent && says_entries(&bytes)),
                "entries are lost in silence: {}",
                String::from_utf8_lossy(&bytes)
            );
        }
    });
}

/// Whether a document has entries beyond doubt: not in a comment, not in text, not in another vocabulary.
fn says_entries(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let is_plain = ["<!--", "<![CDATA[", "<!DOCTYPE", "<?xml"].iter().all(|it| !text.contains(it));
    is_plain && text.starts_with("<rss version=\"2.0\"><channel>") && text.contains("<item><title>")
}
