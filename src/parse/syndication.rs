//! RSS, RDF, Atom and JSON Feed, read by `feed-rs`.

use std::{
    collections::HashMap,
    panic::{self, AssertUnwindSafe},
};

use feed_rs::{model as feed, parser::Builder};
use url::Url;

use crate::{
    model::{CanonicalUrl, Enclosure, Entry, SourceId},
    text::{capped, html, one_line},
};

use super::{Document, ParseError, Parsed, Settings, charset};

/// Caps on what one entry may carry (bytes, or numbers where they count). Hostile feeds have sent titles of 10 MB.
const MAX_TITLE: usize = 1_000;
/// Characters of a title made of the text.
const MAX_MADE_TITLE: usize = 100;
const MAX_GUID: usize = 1_000;
const MAX_LINK: usize = 2_000;
const MAX_NAME: usize = 200;
const MAX_AUTHORS: usize = 20;
const MAX_ENCLOSURES: usize = 20;
const MAX_TEXT: usize = 1_000_000;

/// What `feed-rs` puts in place of an id that the feed does not give. Its own default is random, so that
/// an entry without id and link would be new at every poll.
const NO_GUID: &str = "\u{0}none";

pub(super) fn read(source: &SourceId, document: Document<'_>, settings: Settings) -> Result<Parsed, ParseError> {
    let text = charset::decode(document.bytes, document.content_type);
    let text = text.trim_start_matches(|it: char| it.is_whitespace() || it == '\u{feff}' || it == '\0');
    if text.trim_end().is_empty() {
        return Err(ParseError::Empty);
    }
    // The text is UTF-8 now, whatever the declaration says; and feed-rs 3.0 panics on a declaration of
    // another encoding that stands behind a comment.
    let xml = without_declaration(text);
    let parser = || {
        Builder::new()
            .base_uri(Some(document.url.as_str()))
            .sanitize_content(false)
            .id_generator(|_, _, _| NO_GUID.to_owned())
            .build()
            .parse(xml.as_bytes())
    };
    let feed = match panic::catch_unwind(AssertUnwindSafe(parser)) {
        Ok(Ok(feed)) => feed,
        Ok(Err(_)) if is_web_page(text) => return Err(ParseError::WebPage { title: page_title(text) }),
        Ok(Err(error)) => return Err(ParseError::NoFeed { reason: error.to_string() }),
        Err(_) => return Err(ParseError::Panicked),
    };

    let mut parsed = Parsed { title: line(feed.title.as_ref()), ..Parsed::default() };
    let language = feed.language.clone();
    let mut entries = feed.entries;
    if entries.len() > settings.max_entries {
        parsed.problems.push(format!(
            "{} entries in one document, the newest {} are read",
            entries.len(),
            settings.max_entries
        ));
        entries = newest(entries, settings.max_entries);
    }
    let mut times_seen = HashMap::<String, u32>::new();
    for it in &entries {
        *times_seen.entry(it.id.clone()).or_default() += 1;
    }
    for (at, it) in entries.into_iter().enumerate() {
        let unique = times_seen.get(&it.id) == Some(&1);
        let entry = entry(source, document.url, it, unique, language.as_deref());
        if entry.link.is_none() && entry.title.is_empty() && entry.text.is_empty() {
            parsed.problems.push(format!("entry {} has neither link, title nor text", at + 1));
        } else {
            parsed.entries.push(entry);
        }
    }
    if parsed.entries.len() > 1 && parsed.entries.iter().all(|it| it.guid.is_some() && !it.guid_is_unique) {
        parsed.problems.push("the guids do not tell the entries apart".to_owned());
    }
    Ok(parsed)
}

fn entry(source: &SourceId, base: &Url, it: feed::Entry, guid_is_unique: bool, language: Option<&str>) -> Entry {
    let guid =
        Some(it.id.as_str()).filter(|id| !id.is_empty() && *id != NO_GUID && id.len() <= MAX_GUID).map(str::to_owned);
    let content = it.content.and_then(|it| it.body).map(|it| html::plain(capped(&it, MAX_TEXT))).unwrap_or_default();
    let summary = it.summary.map(|it| html::plain(capped(&it.content, MAX_TEXT))).unwrap_or_default();
    let text = if content.len() >= summary.len() { content } else { summary };
    Entry {
        source: source.clone(),
        link: link(base, &it.links, guid.as_deref()),
        guid_is_unique: guid_is_unique && guid.is_some(),
        guid,
        title: line(it.title.as_ref()).unwrap_or_else(|| title_from(&text)),
        text,
        authors: it
            .authors
            .iter()
            .filter_map(|it| it.name.as_deref())
            .map(|it| one_line(capped(it, MAX_NAME)))
            .filter(|it| !it.is_empty())
            .take(MAX_AUTHORS)
            .collect(),
        published: it.published,
        updated: it.updated,
        language: it
            .language
            .as_deref()
            .or(language)
            .map(|it| capped(it.trim(), 35).to_ascii_lowercase())
            .filter(|it| !it.is_empty()),
        enclosures: enclosures(&it.media),
    }
}

/// The page's address: the alternate link (RFC 4287 §4.2.7.2: a link without `rel` is one), else a guid
/// that is an address, as RSS 2.0 says of `isPermaLink`.
fn link(base: &Url, links: &[feed::Link], guid: Option<&str>) -> Option<CanonicalUrl> {
    let page = links
        .iter()
        .filter(|it| it.rel.as_deref().is_none_or(|rel| rel == "alternate"))
        .map(|it| it.href.trim())
        .filter(|it| !it.is_empty() && it.len() <= MAX_LINK)
        .find_map(|it| CanonicalUrl::new(base.join(it).ok()?));
    page.or_else(|| CanonicalUrl::parse(guid?))
}

fn enclosures(media: &[feed::MediaObject]) -> Vec<Enclosure> {
    let contents = media.iter().flat_map(|it| &it.content);
    contents
        .filter_map(|it| {
            let url = CanonicalUrl::new(it.url.clone()?)?;
            Some(Enclosure { url, media_type: it.content_type.as_ref().map(ToString::to_string) })
        })
        .take(MAX_ENCLOSURES)
        .collect()
}

/// Keeps the `limit` entries with the newest dates, in document order. Undated ones count as newest: a
/// feed lists new entries first, and losing one is worse than keeping an old one.
fn newest(entries: Vec<feed::Entry>, limit: usize) -> Vec<feed::Entry> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    let date = |at: &usize| entries.get(*at).and_then(|it| it.published.or(it.updated));
    order.sort_by(|a, b| match (date(a), date(b)) {
        (Some(a), Some(b)) => b.cmp(&a),
        (a, b) => a.is_some().cmp(&b.is_some()),
    });
    order.truncate(limit);
    let kept: std::collections::HashSet<usize> = order.into_iter().collect();
    entries.into_iter().enumerate().filter(|(at, _)| kept.contains(at)).map(|(_, it)| it).collect()
}

/// Stands in for a title that the feed does not give: channels and wires often send text alone.
fn title_from(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    match first.char_indices().nth(MAX_MADE_TITLE) {
        Some((end, _)) => format!("{}…", one_line(capped(first, end))),
        None => one_line(first),
    }
}

fn line(text: Option<&feed::Text>) -> Option<String> {
    text.map(|it| one_line(&html::plain(capped(&it.content, MAX_TITLE)))).filter(|it| !it.is_empty())
}

fn without_declaration(text: &str) -> &str {
    match text.starts_with("<?xml") {
        true => text.split_once("?>").map_or(text, |(_, rest)| rest),
        false => text,
    }
}

fn is_web_page(text: &str) -> bool {
    let head = capped(text, 2_000).to_ascii_lowercase();
    head.contains("<!doctype html") || head.contains("<html")
}

fn page_title(text: &str) -> Option<String> {
    let head = capped(text, 20_000);
    let lower = head.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower.get(start..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find("</title")?;
    Some(one_line(&html::plain(capped(head.get(start..end)?, 200)))).filter(|it| !it.is_empty())
}
