//! Finds lists of articles in the state that pages carry for their scripts: Next, Nuxt, Inertia.

use chrono_tz::Tz;
use scraper::Html;
use serde_json::Value;
use url::Url;

use crate::{
    model::{JsonList, Selector, SourceKind},
    text::json::{self, Room},
};

use super::super::selected;
use super::Lead;

/// Elements that hold such a state.
const PLACES: &[(&str, Option<&str>)] = &[
    ("script#__NEXT_DATA__", None),
    ("#app[data-page]", Some("data-page")),
    ("script#__NUXT_DATA__", None),
    ("script[type='application/json']", None),
];
const TITLES: &[&str] = &["title", "headline", "name"];
const LINKS: &[&str] = &["url", "link", "href", "permalink", "path", "slug", "id"];
const DATES: &[&str] = &[
    "published_at",
    "publishedAt",
    "date",
    "datetime",
    "pubDate",
    "pub_date",
    "created_at",
    "createdAt",
    "publish_date",
];
/// Fewer items are no list.
const MIN_ITEMS: usize = 4;
/// Links of the page compared with a value.
const MAX_LINKS: usize = 1_000;
/// Lists looked at, the longest.
const MAX_LISTS: usize = 20;
/// Lists and objects within each other.
const MAX_DEPTH: usize = 12;
/// Bytes of memory for the values of a state.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// The longest list of articles in the page's state.
pub(super) fn list(html: &Html, base: &Url) -> Option<Lead> {
    for (css, attribute) in PLACES {
        let selector = Selector { css: (*css).to_owned(), attribute: attribute.map(str::to_owned) };
        let Some(element) = selected::all(html, &selector).into_iter().next() else { continue };
        let text = match attribute {
            Some(it) => element.attr(it).unwrap_or_default().to_owned(),
            None => element.text().collect(),
        };
        let Ok(Some(value)) = json::read(&text, &mut Room::new(MAX_BYTES)) else { continue };
        let mut found = Vec::new();
        search(&value, "", MAX_DEPTH, &mut found);
        found.sort_by_key(|(_, items)| std::cmp::Reverse(items.len()));
        found.truncate(MAX_LISTS);
        let list = found.into_iter().find_map(|(pointer, items)| fields(html, base, selector.clone(), pointer, items));
        if let Some(list) = list {
            let why = "a list in what the page carries for its scripts";
            return Some(Lead { url: base.clone(), kind: SourceKind::Json(list), why });
        }
    }
    None
}

/// Collects lists of objects with titles, with their places.
fn search<'a>(value: &'a Value, at: &str, depth: usize, found: &mut Vec<(String, &'a [Value])>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Array(items) => {
            let has_title = |it: &Value| TITLES.iter().any(|key| it.get(key).is_some_and(Value::is_string));
            if items.len() >= MIN_ITEMS && items.iter().all(has_title) {
                found.push((at.to_owned(), items));
            }
            return;
        }
        Value::Object(map) => map.iter().map(|(key, it)| (escaped(key), it)).collect(),
        _ => return,
    };
    if depth > 0 {
        for (key, it) in inner {
            search(it, &format!("{at}/{key}"), depth - 1, found);
        }
    }
}

/// RFC 6901 §3.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn fields(html: &Html, base: &Url, within: Selector, items: String, values: &[Value]) -> Option<JsonList> {
    let first = values.first()?;
    let has = |key: &&&str| first.get(**key).is_some_and(|it| it.is_string() || it.is_number());
    let pointer = |keys: &[&str]| keys.iter().find(has).map(|it| format!("/{it}"));
    let link = LINKS.iter().filter(has).find_map(|key| link(html, base, key, first.get(*key)?))?;
    Some(JsonList {
        within: Some(within),
        items,
        link: Some(link),
        title: pointer(TITLES),
        date: pointer(DATES),
        text: None,
        guid: None,
        zone: Tz::UTC,
    })
}

/// How a value gives an address: by itself, or as a part of links of the page.
fn link(html: &Html, base: &Url, key: &str, value: &Value) -> Option<String> {
    let text = match value {
        Value::String(it) => it.clone(),
        Value::Number(it) => it.to_string(),
        _ => return None,
    };
    if text.starts_with("http://") || text.starts_with("https://") || text.starts_with('/') {
        return Some(format!("/{key}"));
    }
    if text.is_empty() {
        return None;
    }
    let anchors = selected::all(html, &Selector { css: "a[href]".to_owned(), attribute: None });
    let urls =
        anchors.iter().filter_map(|it| base.join(it.attr("href")?).ok()).filter(|it| it.origin() == base.origin());
    urls.take(MAX_LINKS).find_map(|url| pattern(&url, &text, key))
}

/// The address with a pointer in place of the part of its path, or of its query, that is `text`.
fn pattern(url: &Url, text: &str, key: &str) -> Option<String> {
    let origin = url.origin().ascii_serialization();
    let rest = url.as_str().strip_prefix(&origin)?;
    let mut at = 0;
    for part in rest.split(['/', '?', '=', '&', '#']) {
        if part == text {
            let (before, after) = (rest.get(..at)?, rest.get(at + part.len()..)?);
            return Some(format!("{origin}{before}{{/{key}}}{after}"));
        }
        at += part.len() + 1;
    }
    None
}
