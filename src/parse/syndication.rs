//! RSS, RDF, Atom and JSON Feed, read by `feed-rs`.

use std::panic::{self, AssertUnwindSafe};

use chrono::DateTime;
use feed_rs::{model as feed, parser::Builder};
use url::Url;

use crate::{
    model::{CanonicalUrl, Enclosure, Entry, SourceId},
    text::{capped, one_line},
};

use super::{
    Document, Feed, ParseError, Parsed, Settings,
    canonical::{self, Canonical},
    charset,
    draft::{self, Draft},
    page,
};

/// Limits on the fields of one entry beside its texts (bytes, or numbers of items).
const MAX_NAME: usize = 200;
const MAX_AUTHORS: usize = 20;
const MAX_ENCLOSURES: usize = 20;

/// Reads a feed with all its fields.
pub(super) fn feed(document: Document<'_>, settings: Settings) -> Result<Feed, ParseError> {
    panic::catch_unwind(AssertUnwindSafe(|| canonical_feed(document, settings))).unwrap_or(Err(ParseError::Panicked))
}

fn canonical_feed(document: Document<'_>, settings: Settings) -> Result<Feed, ParseError> {
    let text = charset::decode(document.bytes, document.content_type);
    let text = text.trim_start_matches(|it: char| it.is_whitespace() || it == '\u{feff}' || it == '\0');
    if text.trim_end().is_empty() {
        return Err(ParseError::Empty);
    }
    let Canonical { atom, is_rss, hints, problems, shared_ids } =
        match canonical::rewrite(text, document.url, settings.max_entries) {
            Ok(it) => it,
            Err(_) if page::is_one(text) => return Err(page::instead(text)),
            Err(reason) => return Err(no_feed(reason)),
        };
    let parser = Builder::new()
        .base_uri(None::<&str>)
        .sanitize_content(false)
        // Its own default is random, so that an entry without id and link would be new at every poll.
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(|it| DateTime::parse_from_rfc3339(it).ok().map(|it| it.to_utc()))
        .build();
    let model = parser.parse(atom.as_bytes()).map_err(|error| no_feed(error.to_string()))?;
    Ok(Feed { model, is_rss, hints, problems, shared_ids })
}

fn no_feed(reason: String) -> ParseError {
    ParseError::Unreadable { what: "feed", reason }
}

pub(super) fn read(source: &SourceId, document: Document<'_>, settings: Settings) -> Result<Parsed, ParseError> {
    let Feed { model: feed, is_rss, hints, problems, shared_ids } = feed(document, settings)?;
    let title = feed.title.as_ref().and_then(|it| draft::line(&it.content));
    let next = hints.older.clone();
    let mut parsed = Parsed { title, problems, hints, next, ..Parsed::default() };
    let of_feed =
        OfFeed { language: feed.language.clone(), authors: if is_rss { Vec::new() } else { names(&feed.authors) } };
    for (at, it) in feed.entries.iter().enumerate() {
        let is_shared = shared_ids.contains(&it.id);
        match entry(source, document.url, it, &of_feed) {
            Some(mut it) => {
                it.guid_is_unique &= !is_shared;
                parsed.entries.push(it);
            }
            None => parsed.problems.push(format!("entry {} has neither link, title nor text", at + 1)),
        }
    }
    // Broken and without an entry: this must not be taken for an empty feed.
    if parsed.entries.is_empty() && !parsed.problems.is_empty() {
        return Err(no_feed(parsed.problems.join("; ")));
    }
    Ok(parsed)
}

/// Values that an entry inherits from its feed.
struct OfFeed {
    language: Option<String>,
    /// Authors of entries that name none. Only Atom and JSON Feed define this; the `managingEditor` of RSS is not an
    /// author.
    authors: Vec<String>,
}

fn entry(source: &SourceId, base: &Url, it: &feed::Entry, of_feed: &OfFeed) -> Option<Entry> {
    let content = it.content.as_ref().and_then(|it| it.body.as_deref()).unwrap_or_default();
    let summary = it.summary.as_ref().map(|it| it.content.as_str()).filter(|it| content != *it).unwrap_or_default();
    let place = it.links.iter().filter(|it| is_page(it)).find_map(|it| place(&it.href, base));
    let draft = Draft {
        link: link(base, &it.links, Some(it.id.as_str())),
        permalink: it
            .links
            .iter()
            .find(|it| it.rel.as_deref() == Some(canonical::PERMALINK))
            .and_then(|it| draft::link(&it.href, base)),
        guid: if it.id.is_empty() { place.as_deref() } else { Some(&it.id) },
        title: it.title.as_ref().map(|it| it.content.as_str()).unwrap_or_default(),
        texts: [content, summary],
        published: it.published,
        updated: it.updated,
        is_dated_by_update: true,
        language: it.language.as_deref().or(of_feed.language.as_deref()),
    };
    let authors = Some(names(&it.authors)).filter(|it| !it.is_empty()).unwrap_or_else(|| of_feed.authors.clone());
    Some(Entry { authors, enclosures: enclosures(base, &it.links), ..draft.entry(source)? })
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
    let mut pages = links.iter().filter(|it| is_page(it));
    pages.find_map(|it| draft::link(&it.href, base)).or_else(|| CanonicalUrl::parse(guid?))
}

fn is_page(link: &feed::Link) -> bool {
    link.rel.as_deref().is_none_or(|rel| rel == "alternate")
}

/// The address of a place within a page. A fragment such as `#xtor=RSS-1` counts readers, and names no place.
fn place(written: &str, base: &Url) -> Option<String> {
    let url = base.join(written.trim()).ok()?;
    url.fragment().filter(|it| !it.is_empty() && !it.contains(['=', '~']))?;
    Some(url.into())
}

fn enclosures(base: &Url, links: &[feed::Link]) -> Vec<Enclosure> {
    let links = links.iter().filter(|it| it.rel.as_deref() == Some("enclosure"));
    let enclosures = links.filter_map(|it| {
        let url = draft::link(&it.href, base)?;
        Some(Enclosure { url, media_type: it.media_type.as_deref().map(|it| one_line(capped(it, MAX_NAME))) })
    });
    enclosures.take(MAX_ENCLOSURES).collect()
}
