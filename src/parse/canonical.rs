//! Whatever a publisher sends, rewritten as one clean Atom 1.0 document for `feed-rs`.
//!
//! `feed-rs` reads sound RSS 2.0 and Atom 1.0 well. Broken markup, older vocabularies and odd dates it refuses,
//! or worse: it reads them as a feed without entries. So every feed is read here first by a reader that never
//! fails, and `feed-rs` sees a document it cannot misread.

use chrono_tz::Tz;
use url::Url;

use crate::model::Timestamp;

mod addresses;
mod atom;
mod clock;
mod dates;
pub(super) mod element;
mod entities;
mod hints;
mod json;
mod markup;
mod mojibake;
mod months;
mod names;
mod people;
mod record;
pub(super) mod references;
mod tokens;
pub(super) mod tree;
mod vocabulary;
mod zones;

pub use hints::Hints;

use element::Element;
use names::Space;
use record::Record;
use vocabulary::Level;

/// Elements between the document and the feed in it: some servers wrap feeds.
const MAX_WRAPPERS: u32 = 5;
/// Channels within channels: CDF has them.
const MAX_NESTED: u32 = 10;

/// Entries that are written. Which of them are kept is decided later, by their dates.
const MAX_ENTRIES: usize = 60_000;

/// The moment that a text names, in whatever form and language; read as in `zone` where it names none.
pub(super) fn date(text: &str, zone: Tz) -> Option<Timestamp> {
    dates::parse_in(text, zone)
}

/// A feed rewritten.
#[derive(Debug)]
pub(super) struct Canonical {
    /// An Atom 1.0 document.
    pub(super) atom: String,
    /// It was neither Atom nor JSON Feed.
    pub(super) is_rss: bool,
    pub(super) hints: Hints,
    /// What had to be repaired, in plain words.
    pub(super) problems: Vec<String>,
}

/// Rewrites a document; `url` is where it came from.
///
/// # Errors
///
/// Why there is no feed in it.
pub(super) fn rewrite(text: &str, url: &Url) -> Result<Canonical, String> {
    // A file on disk says nothing about the addresses in it.
    let base = Some(url).filter(|it| matches!(it.scheme(), "http" | "https"));
    let text = references::without_c1(text);
    let text = text.as_ref();
    let mut reading = Reading::default();
    if text.starts_with(['{', '[']) {
        (reading.feed, reading.entries) = json::read(text, base)?;
    } else {
        reading.markup(text, base)?;
    }
    let Reading { feed, mut entries, is_rss, mut hints, mut problems, .. } = reading;
    if entries.len() > MAX_ENTRIES {
        problems.push(format!("{} entries in one document, the first {MAX_ENTRIES} are read", entries.len()));
        entries.truncate(MAX_ENTRIES);
    }
    let odd = entries.iter().filter(|it| it.has_odd_date).count();
    if odd > 0 {
        problems.push(format!(
            "{odd} of {} entries have a date that is none; where they have no other, the time at which they are fetched stands for it",
            entries.len()
        ));
    }
    hints.links(&feed);
    let page = feed.linked("alternate").or_else(|| feed.linked("self")).and_then(|it| Url::parse(it).ok());
    if let Some(page) = page {
        for it in entries.iter_mut().flat_map(|it| &mut it.links) {
            it.href = addresses::absolute(&it.href, Some(&page));
        }
    }
    Ok(Canonical { atom: atom::write(&feed, &entries, text.len() + 1000), is_rss, hints, problems })
}

#[derive(Default)]
struct Reading {
    feed: Record,
    entries: Vec<Record>,
    hints: Hints,
    problems: Vec<String>,
    is_rss: bool,
    /// The element that makes the document a feed was met.
    found: bool,
}

impl Reading {
    fn markup(&mut self, text: &str, base: Option<&Url>) -> Result<(), String> {
        let tree = tree::read(text, base.cloned());
        self.problems.extend(tree.problems.into_iter().map(str::to_owned));
        self.search(&tree.root, MAX_WRAPPERS);
        let is_page = tree.root.elements().next().is_some_and(|it| it.local == "html");
        if !self.found || (is_page && self.entries.is_empty()) {
            return Err("none of its elements is a feed or an entry".to_owned());
        }
        Ok(())
    }

    /// Looks for feeds within an element that is none.
    fn search(&mut self, element: &Element<'_>, depth: u32) {
        for it in element.elements() {
            match kind(it) {
                Kind::Container => {
                    self.found = true;
                    self.is_rss |= it.space != Space::Atom;
                    self.container(it, MAX_NESTED);
                }
                Kind::Entry => {
                    self.found = true;
                    self.entry(it);
                }
                Kind::Field if depth > 0 => self.search(it, depth - 1),
                Kind::Field => (),
            }
        }
    }

    fn container(&mut self, element: &Element<'_>, depth: u32) {
        if let Some(it) = &element.language {
            self.feed.language.offer(1, it.to_string());
        }
        vocabulary::channel_definition(element, &mut self.feed);
        for it in element.elements() {
            match (kind(it), it.local.as_ref()) {
                (Kind::Entry, _) => self.entry(it),
                (Kind::Container, _) if depth > 0 => self.container(it, depth - 1),
                (Kind::Container, _) | (_, "textinput" | "source") => (),
                (Kind::Field, _) if self.hints.field(it) => (),
                (Kind::Field, _) => vocabulary::field(it, &mut self.feed, Level::Feed),
            }
        }
    }

    fn entry(&mut self, element: &Element<'_>) {
        match vocabulary::entry(element) {
            Some(it) => self.entries.push(it),
            None => self.problems.push("the last entry is cut off before its address, and is left out".to_owned()),
        }
    }
}

enum Kind {
    Container,
    Entry,
    Field,
}

fn kind(element: &Element<'_>) -> Kind {
    match (element.space, element.local.as_ref()) {
        (Space::Rss | Space::Atom, "item" | "entry") => Kind::Entry,
        (Space::Rss | Space::Atom | Space::Rdf, "channel" | "feed" | "rss" | "rdf" | "items") => Kind::Container,
        _ => Kind::Field,
    }
}
