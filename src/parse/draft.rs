//! An entry in the making, from any kind of source, with limits on all fields. Hostile sources have sent titles of 10
//! MB.

use chrono::Datelike as _;
use url::Url;

use crate::{
    model::{CanonicalUrl, Entry, SourceId, Timestamp},
    text::{capped, html, one_line},
};

/// Maximum bytes of each field, or number of items.
const MAX_TITLE: usize = 1_000;
/// Characters of a title made of the text.
const MAX_MADE_TITLE: usize = 100;
const MAX_GUID: usize = 1_000;
pub(super) const MAX_LINK: usize = 2_000;
pub(super) const MAX_TEXT: usize = 1_000_000;
const MAX_LANGUAGE: usize = 35;

/// What a source says of an entry.
#[derive(Debug, Default)]
pub(super) struct Draft<'a> {
    pub(super) link: Option<CanonicalUrl>,
    pub(super) permalink: Option<CanonicalUrl>,
    pub(super) guid: Option<&'a str>,
    /// HTML.
    pub(super) title: &'a str,
    /// Two texts as HTML: the one that says more to a reader is kept, of equals the first.
    pub(super) texts: [&'a str; 2],
    pub(super) published: Option<Timestamp>,
    pub(super) updated: Option<Timestamp>,
    pub(super) is_dated_by_update: bool,
    pub(super) language: Option<&'a str>,
}

impl Draft<'_> {
    /// The entry; `None` if it is empty. Whether its guid is unique is decided for the whole document.
    pub(super) fn entry(self, source: &SourceId) -> Option<Entry> {
        let guid = self.guid.filter(|it| !it.is_empty() && it.len() <= MAX_GUID).map(without_credentials);
        let [first, second] = self.texts.map(|it| html::plain(capped(it, MAX_TEXT)));
        let text = if first.len() >= second.len() { first } else { second };
        let title = line(self.title).unwrap_or_else(|| title_from(&text));
        if self.link.is_none() && title.is_empty() && text.is_empty() {
            return None;
        }
        let language = self.language.map(|it| capped(it.trim(), MAX_LANGUAGE).to_ascii_lowercase());
        Some(Entry {
            source: source.clone(),
            permalink: self.permalink.filter(|it| self.link.as_ref().is_some_and(|link| it.key() != link.key())),
            link: self.link,
            link_is_own: true,
            guid_is_unique: guid.is_some(),
            guid,
            title,
            text,
            authors: Vec::new(),
            published: self.published.filter(is_possible),
            updated: self.updated.filter(is_possible),
            is_dated_by_update: self.is_dated_by_update,
            language: language.filter(|it| !it.is_empty()),
            enclosures: Vec::new(),
        })
    }
}

/// An address as it was written, made absolute; `None` where it names no page.
pub(super) fn link(written: &str, base: &Url) -> Option<CanonicalUrl> {
    let written = written.trim();
    if written.is_empty() || written.len() > MAX_LINK {
        return None;
    }
    CanonicalUrl::new(base.join(written).ok()?)
}

/// One line of plain text; `None` where it is empty.
pub(super) fn line(html: &str) -> Option<String> {
    Some(one_line(&html::plain(capped(html, MAX_TITLE)))).filter(|it| !it.is_empty())
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

/// A title made from the text if the source gives none: channels and wires often send text alone.
fn title_from(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    match first.char_indices().nth(MAX_MADE_TITLE) {
        Some((end, _)) => format!("{}…", one_line(capped(first, end))),
        None => one_line(first),
    }
}
