//! Lists of entries in JSON: an endpoint of its own, or the state that a page carries for its scripts.

use std::borrow::Cow;

use serde_json::Value;
use url::Url;

use crate::{
    model::{CanonicalUrl, JsonList, Selector, SourceId, Timestamp},
    text::json::{self, Room},
};

use super::{
    Document, ParseError, Parsed, Settings, canonical, charset,
    draft::{self, Draft},
    newest::Newest,
    page, selected,
};

/// Bytes of memory for the values of one item.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Reads the entries that the pointers name.
pub(super) fn read(
    source: &SourceId,
    list: &JsonList,
    document: Document<'_>,
    settings: Settings,
) -> Result<Parsed, ParseError> {
    let text = charset::decode_page(document.bytes, document.content_type);
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(ParseError::Empty);
    }
    let unreadable = |reason: String| ParseError::Unreadable { what: "list in JSON", reason };
    let text = match &list.within {
        None if !text.starts_with(['{', '[']) && page::is_one(text) => return Err(page::instead(text)),
        None => Cow::Borrowed(text),
        Some(selector) => Cow::Owned(within(text, selector)?),
    };
    let value = first_value(&text).map_err(|it| unreadable(it.to_string()))?;
    let listed =
        json::at(value, &list.items).ok_or_else(|| unreadable(format!("there is nothing at {:?}", list.items)))?;
    // A list, or an object whose values are the entries, by their ids.
    let values = json::entries(listed).map(|(_, it)| it).filter(|it| it.starts_with('{'));
    let (mut n_items, mut newest) = (0, Newest::new(settings.max_entries));
    for it in json::items(listed).chain(values) {
        if !newest.has_room() {
            break;
        }
        n_items += 1;
        let mut room = Room::new(MAX_BYTES).with_texts_of(draft::MAX_TEXT);
        let item = json::read(it, &mut room).ok().flatten();
        if let Some(it) = item.and_then(|it| entry(source, list, document, &it)) {
            newest.add(it.published, it);
        }
    }
    // An object without any items is no list: scripts contain all kinds of objects.
    if n_items == 0 && !listed.starts_with('[') {
        return Err(unreadable(format!("what stands at {:?} is no list", list.items)));
    }
    let n_entries = newest.n_added();
    let mut parsed = Parsed { problems: newest.problem().into_iter().collect(), ..Parsed::default() };
    parsed.entries.extend(newest.kept());
    if *list == JsonList::wordpress() && !parsed.entries.is_empty() {
        parsed.next = wordpress_page(document.url);
    }
    let lost = n_items - n_entries;
    match (n_items, n_entries) {
        (0, _) => (),
        (n, 0) => {
            return Err(ParseError::NoEntries {
                reason: format!("none of the {n} items of the list has a link or a title"),
            });
        }
        (n, _) if lost > 0 => parsed.problems.push(format!("{lost} of {n} items have neither link nor title")),
        _ => (),
    }
    Ok(parsed)
}

/// The next page of WordPress' interface, which gives ten posts where nobody asks for more.
fn wordpress_page(url: &Url) -> Option<Url> {
    let page = url.query_pairs().find(|(key, _)| key == "page").map_or(Ok(1), |(_, it)| it.parse::<u32>()).ok()?;
    let others: Vec<_> = url.query_pairs().into_owned().filter(|(key, _)| key != "page").collect();
    let mut res = url.clone();
    res.query_pairs_mut().clear().extend_pairs(others).append_pair("page", &page.checked_add(1)?.to_string());
    Some(res)
}

/// The JSON in an element of a page.
fn within(markup: &str, selector: &Selector) -> Result<String, ParseError> {
    let html =
        selected::page(markup).map_err(|it| ParseError::Unreadable { what: "list in JSON", reason: it.to_string() })?;
    let element = selected::all(&html, selector).into_iter().next();
    let value = element.and_then(|it| match &selector.attribute {
        Some(name) => it.attr(name).map(str::to_owned),
        None => Some(it.text().collect::<String>()),
    });
    value.ok_or_else(|| match page::is_challenge(markup) {
        true => page::instead(markup),
        false => ParseError::NoEntries { reason: format!("no element of the page is {:?}", selector.css) },
    })
}

/// The first value in a text: scripts write `window.__STATE__ = {…};` around it.
fn first_value(text: &str) -> Result<&str, serde_json::Error> {
    let start = text.find(['{', '[']).unwrap_or(0);
    json::first(text.get(start..).unwrap_or(text))
}

fn entry(source: &SourceId, list: &JsonList, document: Document<'_>, item: &Value) -> Option<crate::model::Entry> {
    let at = |pointer: &Option<String>| text(item.pointer(pointer.as_deref()?)?);
    let (title, body, guid) = (at(&list.title), at(&list.text), at(&list.guid));
    let link = list.link.as_deref().and_then(|it| link(it, item, document.url));
    if link.is_none() && title.is_none() {
        return None;
    }
    let draft = Draft {
        link,
        guid: guid.as_deref(),
        title: title.as_deref().unwrap_or_default(),
        texts: [body.as_deref().unwrap_or_default(), ""],
        published: at(&list.date).and_then(|it| date(&it, list)),
        ..Draft::default()
    };
    draft.entry(source)
}

fn date(text: &str, list: &JsonList) -> Option<Timestamp> {
    canonical::date(text, list.zone)
}

/// A text, or a number as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(it) => Some(it.trim().to_owned()).filter(|it| !it.is_empty()),
        Value::Number(it) => Some(it.to_string()),
        _ => None,
    }
}

/// The address that `pattern` makes of an item: a pointer, or an address with pointers in braces.
fn link(pattern: &str, item: &Value, base: &Url) -> Option<CanonicalUrl> {
    if pattern.starts_with('/') && !pattern.contains('{') {
        return draft::link(&text(item.pointer(pattern)?)?, base);
    }
    let mut res = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let (pointer, after) = after.split_once('}')?;
        res.push_str(before);
        res.push_str(&text(item.pointer(pointer)?)?);
        rest = after;
    }
    res.push_str(rest);
    draft::link(&res, base)
}
