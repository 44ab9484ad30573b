//! JSON Feed 1.0 and 1.1, read as tolerantly as the rest: a wrong type costs its field, not the feed.

use serde_json::{Map, Value};
use url::Url;

use crate::{
    parse::draft::MAX_TEXT,
    text::json::{self, Room},
};

use super::{
    addresses,
    entries::Entries,
    markup,
    people::{self, Person},
    record::Record,
};

/// The keys that are read of a feed, besides its entries.
const FEED_KEYS: &[&str] = &[
    "version",
    "title",
    "description",
    "home_page_url",
    "feed_url",
    "next_url",
    "language",
    "icon",
    "favicon",
    "authors",
    "author",
    "hubs",
];
/// What is read of an entry.
const ENTRY_KEYS: &[&str] = &[
    "id",
    "title",
    "url",
    "external_url",
    "content_html",
    "content_text",
    "summary",
    "date_published",
    "date_modified",
    "language",
    "image",
    "authors",
    "author",
    "tags",
    "attachments",
];
/// Maximum bytes of memory for the values of a feed without its entries, and for those of each entry.
const MAX_BYTES: usize = 8 * 1024 * 1024;

fn room() -> Room {
    Room::new(MAX_BYTES).with_texts_of(MAX_TEXT)
}

/// Reads a feed and its entries, or returns why there is none.
pub(super) fn read(text: &str, base: Option<&Url>, entries: &mut Entries) -> Result<Record, String> {
    json::check(text).map_err(|it| it.to_string())?;
    let feed = json::object(text, FEED_KEYS, &mut room());
    let items = json::entries(text).filter(|(key, _)| key == "items").last().map(|(_, it)| it);
    let is_feed = string(&feed, "version").is_some_and(|it| it.contains("jsonfeed.org")) || items.is_some();
    if !is_feed {
        return Err("JSON, but not a JSON Feed".to_owned());
    }
    let mut record = Record::default();
    record.title.offer(1, plain(&feed, "title"));
    record.summary.offer(1, plain(&feed, "description"));
    for (key, rel) in [("home_page_url", "alternate"), ("feed_url", "self"), ("next_url", "next")] {
        record.link(address(&feed, key, base), rel, "");
    }
    record.language.offer(1, string(&feed, "language").unwrap_or_default());
    for key in ["icon", "favicon"] {
        record.image.offer(1, address(&feed, key, base));
    }
    authors(&feed, &mut record);
    for it in objects(feed.get("hubs")) {
        record.link(address(it, "url", base), "hub", "");
    }
    // A list, or the one object that stands in its place.
    let items = items.unwrap_or_default();
    let one = Some(items).filter(|it| it.starts_with('{'));
    for it in json::items(items).filter(|it| it.starts_with('{')).chain(one) {
        if !entries.has_room() {
            break;
        }
        entries.add(entry(&json::object(it, ENTRY_KEYS, &mut room()), base));
    }
    Ok(record)
}

fn entry(item: &Map<String, Value>, base: Option<&Url>) -> Record {
    let mut res = Record::default();
    res.id.offer(1, string(item, "id").unwrap_or_default());
    res.title.offer(1, plain(item, "title"));
    for (key, rel) in [("url", "alternate"), ("external_url", "related")] {
        res.link(address(item, key, base), rel, "");
    }
    let html = string(item, "content_html").map(|it| addresses::in_html(it, base));
    res.content.offer(2, html.unwrap_or_default());
    // The lines of plain text stay lines.
    let lines = |key| plain(item, key).replace('\n', "<br>\n");
    res.content.offer(1, lines("content_text"));
    res.summary.offer(1, lines("summary"));
    res.published = string(item, "date_published").and_then(|it| res.moment(&it));
    res.updated = string(item, "date_modified").and_then(|it| res.moment(&it));
    res.language.offer(1, string(item, "language").unwrap_or_default());
    res.image.offer(1, address(item, "image", base));
    authors(item, &mut res);
    for it in item.get("tags").and_then(Value::as_array).into_iter().flatten() {
        res.tag(it.as_str().unwrap_or_default());
    }
    for it in objects(item.get("attachments")) {
        res.link(address(it, "url", base), "enclosure", &string(it, "mime_type").unwrap_or_default());
    }
    res
}

/// The objects of a list, or the one object that stands in its place.
fn objects(value: Option<&Value>) -> impl Iterator<Item = &Map<String, Value>> {
    let (one, many) = match value {
        Some(Value::Object(it)) => (Some(it), None),
        Some(Value::Array(it)) => (None, Some(it)),
        _ => (None, None),
    };
    one.into_iter().chain(many.into_iter().flatten().filter_map(Value::as_object))
}

/// A text, or a number as text: some feeds number their entries.
fn string(object: &Map<String, Value>, key: &str) -> Option<String> {
    match object.get(key)? {
        Value::String(it) => Some(it.trim().to_owned()),
        Value::Number(it) => Some(it.to_string()),
        _ => None,
    }
}

fn plain(object: &Map<String, Value>, key: &str) -> String {
    string(object, key).map(|it| markup::escaped(&it)).unwrap_or_default()
}

fn address(object: &Map<String, Value>, key: &str, base: Option<&Url>) -> String {
    string(object, key).filter(|it| !it.is_empty()).map(|it| addresses::absolute(&it, base)).unwrap_or_default()
}

/// `authors` is of version 1.1, `author` of 1.0; either may be a name alone.
fn authors(object: &Map<String, Value>, record: &mut Record) {
    for key in ["authors", "author"] {
        if !record.authors.is_empty() {
            return;
        }
        let names = object.get(key).into_iter().flat_map(|it| match it {
            Value::Array(many) => many.iter().collect(),
            one => vec![one],
        });
        for it in names.filter_map(Value::as_str) {
            record.author(people::of_text(it));
        }
        for it in objects(object.get(key)) {
            let text = |key| string(it, key).unwrap_or_default();
            record.author(Person { name: text("name"), url: text("url"), email: String::new() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_standard_forbids() {
        let base = Url::parse("https://a.example/feed.json").unwrap();
        let mut entries = Entries::new(10);
        let feed = read(
            r#"{"version": "http://jsonfeed.org/version/1", "home_page_url": "/", "author": "Nino", "hubs": [{"url": "/hub"}],
                "items": [{"id": 7, "url": "/7", "title": false, "content_html": "<a href='/x'>y</a>", "tags": ["a", 1],
                           "date_published": "31 Jan 2024", "attachments": [{"url": "/a.mp3"}, 5]}, null, "x"]}"#,
            Some(&base),
            &mut entries,
        )
        .unwrap();
        assert_eq!(feed.linked("alternate"), Some("https://a.example/"));
        assert_eq!(feed.linked("hub"), Some("https://a.example/hub"));
        assert_eq!(feed.authors.first().map(|it| it.name.as_str()), Some("Nino"));
        let (entries, _) = entries.kept();
        let [entry] = entries.as_slice() else { panic!("{} entries", entries.len()) };
        assert_eq!(entry.id.get(), Some("7"));
        assert_eq!(entry.linked("alternate"), Some("https://a.example/7"));
        assert_eq!(entry.content.get(), Some("<a href='https://a.example/x'>y</a>"));
        assert_eq!(entry.linked("enclosure"), Some("https://a.example/a.mp3"));
        assert_eq!(entry.tags, ["a"]);
        assert!(entry.published.is_some());
    }

    #[test]
    fn other_json_is_no_feed() {
        for text in
            ["[]", "{}", "{\"error\": 404}", "{", "{\"items\": 1e999}", "{\"items\": [NaN]}", "{\"items\": []} x", "7"]
        {
            assert!(read(text, None, &mut Entries::new(10)).is_err(), "{text}");
        }
    }
}
