//! Documents of sources that are no feeds: every folder of `tests/fixtures/sources` holds a `source` (html, xml,
//! json), a `source.toml` with the block that reads it, and `expected.json`.

use std::{fs, path::Path};

use serde_json::{Value, json};
use sitrepd::{
    model::{CanonicalUrl, Entry, Source, Timestamp},
    parse::{self, Document, Settings},
};

use crate::{feeds::folders, support::daemon::Home};

/// When the documents of the fixtures came in.
const NOW: &str = "2026-11-22T12:00:00Z";

/// The source that a block describes.
fn source(block: &str) -> Source {
    let home = Home::new(&[]);
    home.write("sources.toml", block);
    home.config().polled[0].source.clone()
}

fn document(folder: &Path) -> Vec<u8> {
    let files = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let is_document =
        |it: &std::path::PathBuf| it.file_stem().unwrap() == "source" && it.extension().unwrap() != "toml";
    fs::read(files.into_iter().find(is_document).unwrap()).unwrap()
}

#[test]
fn documents_are_read_as_expected() {
    let mut wrong = Vec::new();
    for folder in folders("sources") {
        let source = source(&fs::read_to_string(folder.join("source.toml")).unwrap());
        let bytes = document(&folder);
        let now: Timestamp = NOW.parse().unwrap();
        let document = Document { bytes: &bytes, content_type: None, url: &source.url, now };
        let actual = match parse::source(&source, document, Settings { max_entries: 5 }) {
            Ok(it) => json!({
                "title": it.title,
                "entries": it.entries.iter().map(entry).collect::<Vec<_>>(),
                "problems": it.problems,
                "parts": it.parts.iter().map(url::Url::as_str).collect::<Vec<_>>(),
                "next": it.next.as_ref().map(url::Url::as_str),
            }),
            Err(error) => json!({ "error": error.to_string(), "fault": error.fault().word() }),
        };
        let expected = fs::read_to_string(folder.join("expected.json")).unwrap_or_else(|_| "null".to_owned());
        if serde_json::from_str::<Value>(&expected).unwrap() != actual {
            wrong.push(format!("{}\n{}", folder.display(), serde_json::to_string_pretty(&actual).unwrap()));
        }
    }
    assert!(wrong.is_empty(), "{} are read otherwise:\n{}", wrong.len(), wrong.join("\n"));
}

fn entry(it: &Entry) -> Value {
    json!({
        "title": it.title,
        "link": it.link.as_ref().map(CanonicalUrl::as_str),
        "guid": it.guid,
        "published": it.published.map(|it| it.to_rfc3339()),
        "updated": it.updated.map(|it| it.to_rfc3339()),
        "language": it.language,
        "text": it.text,
    })
}
