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

use sitrepd::{
    model::{JsonList, Listing, Selector, Sitemap, Source, SourceId, SourceKind, Timestamp},
    parse::{self, Document, ParseError, Settings},
};

use crate::{
    feeds::folders,
    support::damage::{Damage, damaged},
};

/// Documents made as a plain test.
const ITERATIONS: usize = 500;

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
