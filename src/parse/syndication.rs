//! RSS, RDF, Atom and JSON Feed, read by `feed-rs`.

use std::{
    collections::HashMap,
    panic::{self, AssertUnwindSafe},
};

use chrono::{DateTime, Datelike as _};
use feed_rs::{model as feed, parser::Builder};
use url::Url;

use crate::{
    model::{CanonicalUrl, Enclosure, Entry, SourceId, Timestamp},
    text::{capped, html, one_line},
};

use super::{
    Document, Feed, ParseError, Parsed, Settings,
    canonical::{self, Canonical},
    charset,
};

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

/// Reads a feed with all its fields.
pub(super) fn feed(document: Document<'_>) -> Result<Feed, ParseError> {
    panic::catch_unwind(AssertUnwindSafe(|| canonical_feed(document))).unwrap_or(Err(ParseError::Panicked))
}

fn canonical_feed(document: Document<'_>) -> Result<Feed, ParseError> {
    let text = charset::decode(document.bytes, document.content_type);
    let text = text.trim_start_matches(|it: char| it.is_whitespace() || it == '\u{feff}' || it == '\0');
    if text.trim_end().is_empty() {
        return Err(ParseError::Empty);
    }
    let Canonical { atom, is_rss, hints, problems } = match canonical::rewrite(text, document.url) {
        Ok(it) => it,
        Err(_) if is_web_page(text) => return Err(ParseError::WebPage { title: page_title(text) }),
        Err(reason) => return Err(ParseError::NoFeed { reason }),
    };
    let parser = Builder::new()
        .base_uri(None::<&str>)
        .sanitize_content(false)
        // Its own default is random, so that an entry without id and link would be new at every poll.
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(|it| DateTime::parse_from_rfc3339(it).ok().map(|it| it.to_utc()))
        .build();
    let model = parser.parse(atom.as_bytes()).map_err(|error| ParseError::NoFeed { reason: error.to_string() })?;
    Ok(Feed { model, is_rss, hints, problems })
}

pub(super) fn read(source: &SourceId, document: Document<'_>, settings: Settings) -> Result<Parsed, ParseError> {
    let Feed { model: feed, is_rss, hints, problems } = feed(document)?;
    let mut parsed = Parsed { title: line(feed.title.as_ref()), hints, problems, ..Parsed::default() };
    let of_feed =
        OfFeed { language: feed.language.clone(), authors: if is_rss { Vec::new() } else { names(&feed.authors) } };
    let mut entries = feed.entries;
    let mut times_seen = HashMap::<String, u32>::new();
    for it in &entries {
        *times_seen.entry(it.id.clone()).or_default() += 1;
    }
    if entries.len() > settings.max_entries {
        parsed.problems.push(format!(
            "{} entries in one document, the newest {} are read",
            entries.len(),
            settings.max_entries
        ));
        entries = newest(entries, settings.max_entries);
    }
    for (at, it) in entries.iter().enumerate() {
        let unique = times_seen.get(&it.id) == Some(&1);
        let entry = entry(source, document.url, it, unique, &of_feed);
        if entry.link.is_none() && entry.title.is_empty() && entry.text.is_empty() {
            parsed.problems.push(format!("entry {} has neither link, title nor text", at + 1));
        } else {
            parsed.entries.push(entry);
        }
    }
    if parsed.entries.len() > 1 && parsed.entries.iter().all(|it| it.guid.is_some() && !it.guid_is_unique) {
        parsed.problems.push("the guids do not tell the entries apart".to_owned());
    }
    // Broken and without an entry: nothing was read, and nobody may take that for an empty feed.
    if parsed.entries.is_empty() && !parsed.problems.is_empty() {
        return Err(ParseError::NoFeed { reason: parsed.problems.join("; ") });
    }
    Ok(parsed)
}

/// What an entry takes from its feed.
struct OfFeed {
    language: Option<String>,
    /// Authors of the entries that name none. Only Atom and JSON Feed say so; the `managingEditor` of RSS wrote nothing.
    authors: Vec<String>,
}

fn entry(source: &SourceId, base: &Url, it: &feed::Entry, guid_is_unique: bool, of_feed: &OfFeed) -> Entry {
    let guid = Some(it.id.as_str()).filter(|id| !id.is_empty() && id.len() <= MAX_GUID);
    let guid = guid.map(without_credentials);
    let plain = |it: &str| html::plain(capped(it, MAX_TEXT));
    let content = it.content.as_ref().and_then(|it| it.body.as_deref());
    let summary = it.summary.as_ref().map(|it| it.content.as_str()).filter(|it| content != Some(*it));
    let (content, summary) = (content.map(plain).unwrap_or_default(), summary.map(plain).unwrap_or_default());
    let text = if content.len() >= summary.len() { content } else { summary };
    let authors = Some(names(&it.authors)).filter(|it| !it.is_empty()).unwrap_or_else(|| of_feed.authors.clone());
    Entry {
        source: source.clone(),
        link: link(base, &it.links, guid.as_deref()),
        guid_is_unique: guid_is_unique && guid.is_some(),
        guid,
        title: line(it.title.as_ref()).unwrap_or_else(|| title_from(&text)),
        text,
        authors,
        published: it.published.filter(is_possible),
        updated: it.updated.filter(is_possible),
        language: it
            .language
            .as_deref()
            .or(of_feed.language.as_deref())
            .map(|it| capped(it.trim(), 35).to_ascii_lowercase())
            .filter(|it| !it.is_empty()),
        enclosures: enclosures(base, &it.links),
    }
}

/// Whether a claimed date can be one. Programs write a missing date as the year 1 or 1970, and RFC 3339 has no
/// years of five digits.
fn is_possible(date: &Timestamp) -> bool {
    (1971..=9999).contains(&date.year())
}

/// A guid as it is, but for `user:password@` where it is an address: that must reach neither the store nor a log.
fn without_credentials(guid: &str) -> String {
    let address = Url::parse(guid).ok().filter(|it| !it.username().is_empty() || it.password().is_some());
    let bare = address.and_then(|mut it| {
        it.set_username("").ok()?;
        it.set_password(None).ok()?;
        Some(it.into())
    });
    bare.unwrap_or_else(|| guid.to_owned())
}

/// The names of people, each once.
fn names(people: &[feed::Person]) -> Vec<String> {
    let mut res = Vec::new();
    for name in people.iter().filter_map(|it| it.name.as_deref()) {
        let name = one_line(capped(name, MAX_NAME));
        if !name.is_empty() && res.len() < MAX_AUTHORS && !res.contains(&name) {
            res.push(name);
        }
    }
    res
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

fn enclosures(base: &Url, links: &[feed::Link]) -> Vec<Enclosure> {
    let links = links.iter().filter(|it| it.rel.as_deref() == Some("enclosure") && it.href.len() <= MAX_LINK);
    let enclosures = links.filter_map(|it| {
        let url = CanonicalUrl::new(base.join(it.href.trim()).ok()?)?;
        Some(Enclosure { url, media_type: it.media_type.as_deref().map(|it| one_line(capped(it, MAX_NAME))) })
    });
    enclosures.take(MAX_ENCLOSURES).collect()
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
