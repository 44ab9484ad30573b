//! Bytes of a source to entries. Pure: the caller fetched the bytes.
//!
//! Broken input is everyday input. What can be read is returned, with the problems met on the way; an
//! error means that there is nothing to read.

mod canonical;
mod charset;
mod syndication;

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use url::Url;

use crate::model::{CanonicalUrl, Entry, Source, SourceKind};

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
    /// What the source says about polling it.
    pub hints: Hints,
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
}

/// There is nothing to read.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseError {
    /// No bytes, or white space only.
    #[error("the document is empty")]
    Empty,
    /// A web page: often the site's error page, a consent wall or a challenge.
    #[error("a web page came instead of a feed{}", title.as_ref().map(|it| format!(": {it:?}")).unwrap_or_default())]
    WebPage {
        /// The page's title.
        title: Option<String>,
    },
    /// Neither RSS, Atom, RDF nor JSON Feed.
    #[error("no feed in the document: {reason}")]
    NoFeed {
        /// What the parser said.
        reason: String,
    },
    /// The parser broke. The source is skipped, the others go on.
    #[error("the feed parser failed on this document")]
    Panicked,
}

/// The text of a web page, whatever its character set.
pub fn page_text<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    charset::decode_page(bytes, content_type)
}

/// Reads a feed.
///
/// # Errors
///
/// [`ParseError`] where the document holds nothing readable.
pub fn feed(document: Document<'_>) -> Result<Feed, ParseError> {
    syndication::feed(document)
}

/// Reads a source's document.
///
/// # Errors
///
/// [`ParseError`] where the document holds nothing readable.
pub fn source(source: &Source, document: Document<'_>, settings: Settings) -> Result<Parsed, ParseError> {
    let mut parsed = match source.kind {
        SourceKind::Syndication => syndication::read(&source.id, document, settings)?,
    };
    untangle(&mut parsed);
    Ok(parsed)
}

/// Takes the link from entries that share it and are not the same: some feeds give every entry the address of the
/// front page, or addresses that differ behind `#` alone. Such a link names no article, and no article may be lost to it.
fn untangle(parsed: &mut Parsed) {
    let mut titles = HashMap::<CanonicalUrl, HashSet<String>>::new();
    for it in &parsed.entries {
        if let Some(link) = &it.link {
            titles.entry(link.clone()).or_default().insert(it.title.clone());
        }
    }
    titles.retain(|_, titles| titles.len() > 1);
    for it in &mut parsed.entries {
        if it.link.as_ref().is_some_and(|link| titles.contains_key(link)) {
            it.link = None;
        }
    }
    let shared = titles.iter().map(|(link, titles)| format!("{} entries share the link {link}", titles.len()));
    parsed.problems.extend(shared);
}
