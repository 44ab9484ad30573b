//! Bytes of a source to entries. Pure: the caller fetched the bytes.
//!
//! Broken input is everyday input. What can be read is returned, with the problems met on the way; an
//! error means that there is nothing to read.

mod canonical;
mod charset;
pub mod discover;
mod draft;
mod json_list;
mod listing;
mod newest;
mod page;
mod selected;
mod shared_links;
mod sitemap;
mod syndication;
mod telegram;

use std::{
    borrow::Cow,
    collections::HashMap,
    panic::{self, AssertUnwindSafe},
};

use url::Url;

use crate::model::{Entry, Fault, Source, SourceKind, Timestamp};

pub use canonical::Hints;

/// Limits that hold whatever a source sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Entries kept of one document, the newest. A feed of 50,000 entries must not delay other sources.
    pub max_entries: usize,
}

/// A fetched document.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// Decoded from its content encoding, not from its character set.
    pub bytes: &'a [u8],
    /// The `Content-Type` header.
    pub content_type: Option<&'a str>,
    /// The address that answered: relative links are resolved against it.
    pub url: &'a Url,
    /// When it was received, from which the age of a sitemap's addresses counts.
    pub now: Timestamp,
}

/// What a document held, and what was wrong with it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The source's own title.
    pub title: Option<String>,
    /// Readable entries in document order.
    pub entries: Vec<Entry>,
    /// What was wrong, in plain words.
    pub problems: Vec<String>,
    /// Whether its guids do not tell entries apart.
    pub same_guid: bool,
    /// It ends before its end.
    pub is_cut: bool,
    /// What the source says about polling it.
    pub hints: Hints,
    /// Documents that hold the entries in its place: the sitemaps of an index.
    pub parts: Vec<Url>,
    /// The page of older entries.
    pub next: Option<Url>,
}

/// A feed as its publisher wrote it, before it becomes entries: what `try feed` shows of it.
#[derive(Debug)]
pub struct Feed {
    /// All fields; texts are HTML that nobody cleaned.
    pub model: feed_rs::model::Feed,
    /// Whether it is RSS, where the people of the feed are not the authors of its entries.
    pub is_rss: bool,
    /// What the source says about polling it.
    pub hints: Hints,
    /// What was wrong, in plain words.
    pub problems: Vec<String>,
    shared_ids: canonical::SharedIds,
}

/// There is nothing to read.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseError {
    /// No bytes, or white space only.
    #[error("the document is empty")]
    Empty,
    /// A web page instead: often the site's error page, a consent wall or a challenge.
    #[error("a web page came instead{}{}", if *is_challenge { " that asks for a human" } else { "" }, title.as_ref().map(|it| format!(": {it:?}")).unwrap_or_default())]
    WebPage {
        /// The page's title.
        title: Option<String>,
        /// Whether it is a firewall's challenge.
        is_challenge: bool,
    },
    /// Something else than was wanted.
    #[error("no {what} in the document: {reason}")]
    Unreadable {
        /// What was wanted.
        what: &'static str,
        /// What the parser said.
        reason: String,
    },
    /// The right kind of document, but without the elements that the source's settings look for: sites get rebuilt.
    #[error("{reason}")]
    NoEntries {
        /// What was looked for.
        reason: String,
    },
    /// The parser broke. The source is skipped, the others go on.
    #[error("the parser failed on this document")]
    Panicked,
}

impl ParseError {
    /// What can be done about it.
    pub fn fault(&self) -> Fault {
        match self {
            Self::WebPage { is_challenge: true, .. } => Fault::Blocked,
            Self::WebPage { .. } => Fault::WebPage,
            Self::Empty | Self::Unreadable { .. } | Self::NoEntries { .. } => Fault::Unreadable,
            Self::Panicked => Fault::Defect,
        }
    }
}

/// The text of a web page, whatever its character set.
pub fn page_text<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    charset::decode_page(bytes, content_type)
}

/// Reads a feed as its publisher wrote it.
///
/// # Errors
///
/// [`ParseError`] where the document holds nothing readable.
pub fn feed(document: Document<'_>, settings: Settings) -> Result<Feed, ParseError> {
    syndication::feed(document, settings)
}

/// Reads a source's document.
///
/// # Errors
///
/// [`ParseError`] where the document holds nothing readable.
pub fn source(source: &Source, document: Document<'_>, settings: Settings) -> Result<Parsed, ParseError> {
    let read = || match &source.kind {
        SourceKind::Syndication => syndication::read(&source.id, document, settings),
        SourceKind::Listing(it) => listing::read(&source.id, it, document),
        SourceKind::Sitemap(it) => sitemap::read(&source.id, it, document, settings),
        SourceKind::Json(it) => json_list::read(&source.id, it, document, settings),
        SourceKind::Telegram => telegram::read(&source.id, document),
    };
    let mut parsed = panic::catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(ParseError::Panicked))?;
    let n_entries = parsed.entries.len();
    if keep_newest(&mut parsed.entries, &[n_entries], settings.max_entries) {
        parsed.problems.push(too_many(n_entries, settings.max_entries));
    }
    parsed.is_cut = parsed.problems.iter().any(|it| it == canonical::tree::CUT);
    // Limited, because they go into the source's state, which is written at each poll.
    parsed.parts.retain(|it| it.as_str().len() <= draft::MAX_LINK);
    parsed.next = parsed.next.filter(|it| it.as_str().len() <= draft::MAX_LINK);
    judge_guids(source, &mut parsed);
    let shared = shared_links::untangle(&mut parsed.entries, source.kind == SourceKind::Syndication);
    parsed.problems.extend(shared.into_iter().map(|(link, n)| format!("{n} entries share the link {link}")));
    // A headline alone is often too short to determine its language, which is needed to read names.
    if let [only] = source.languages.as_slice() {
        for it in &mut parsed.entries {
            it.language.get_or_insert_with(|| only.clone());
        }
    }
    Ok(parsed)
}

/// What is wrong with a CSS selector, if anything.
pub fn selector_flaw(css: &str) -> Option<String> {
    selected::flaw(css)
}

/// Keeps the entries with the newest dates, in their order; returns whether any were removed. `sizes` tells how many
/// are of each document, in the same order. Undated ones count as newest: losing one is worse than keeping an old one.
/// Where more are equal than there is room for, those at both ends of each document are kept.
pub fn keep_newest(entries: &mut Vec<Entry>, sizes: &[usize], limit: usize) -> bool {
    if entries.len() <= limit {
        return false;
    }
    let documents = sizes.iter().enumerate().flat_map(|(document, n)| std::iter::repeat_n(document, *n));
    let dates = entries.iter().map(Entry::order_date);
    let mut kept = newest::kept(documents.chain(std::iter::repeat(sizes.len())).zip(dates), limit).into_iter();
    entries.retain(|_| kept.next().unwrap_or(true));
    true
}

fn too_many(found: usize, max: usize) -> String {
    format!("{found} entries in one document, the newest {max} are read")
}

/// Notes which guids belong to one entry alone: one real feed gives every item the same.
fn judge_guids(source: &Source, parsed: &mut Parsed) {
    let mut times_seen = HashMap::<String, u32>::new();
    for it in parsed.entries.iter().filter_map(|it| it.guid.as_ref()) {
        *times_seen.entry(it.clone()).or_default() += 1;
    }
    for it in &mut parsed.entries {
        it.guid_is_unique &= source.has_guids && it.guid.as_ref().is_some_and(|it| times_seen.get(it) == Some(&1));
    }
    let is_told = source.has_guids && parsed.entries.len() > 1;
    parsed.same_guid = is_told && parsed.entries.iter().all(|it| it.guid.is_some() && !it.guid_is_unique);
    if parsed.same_guid {
        parsed.problems.push("the guids do not tell the entries apart".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceId;

    #[test]
    fn what_names_no_language_is_in_the_one_of_its_source() {
        let feed = br#"{"version":"https://jsonfeed.org/version/1.1","title":"Sample","items":[
            {"id":"1","title":"Qarabag haqda"},{"id":"2","title":"Hac\u0131zad\u0259 istefa verib","language":"az-AZ"}]}"#;
        let url: url::Url = "https://news.example/feed.json".parse().unwrap();
        let languages = |of_source: &[&str]| {
            let languages = of_source.iter().map(|it| (*it).to_owned()).collect();
            let source = Source { languages, ..Source::feed(SourceId::sample(), "Sample".to_owned(), url.clone()) };
            let document =
                Document { bytes: feed, content_type: None, url: &url, now: crate::model::Timestamp::UNIX_EPOCH };
            let parsed = super::source(&source, document, Settings { max_entries: 5 }).unwrap();
            parsed.entries.into_iter().map(|it| it.language).collect::<Vec<_>>()
        };
        assert_eq!(languages(&["tr"])[0].as_deref(), Some("tr"));
        assert_eq!(languages(&["tr"])[1].as_deref(), Some("az-az"));
        assert_eq!(languages(&["tr", "az"])[0], None);
        assert_eq!(languages(&[])[0], None);
    }
}
