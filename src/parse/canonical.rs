//! Rewrites whatever a publisher sends as one clean Atom 1.0 document for `feed-rs`.
//!
//! `feed-rs` reads valid RSS 2.0 and Atom 1.0 well. Broken markup, older vocabularies and odd dates it refuses or,
//! worse, reads as a feed without entries. So every feed is first read here by a reader that never fails, and `feed-rs`
//! gets a document that it cannot misread.

use chrono_tz::Tz;
use url::Url;

use crate::model::Timestamp;

mod addresses;
mod atom;
mod clock;
mod dates;
pub(super) mod element;
mod entities;
mod entries;
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

pub(super) use atom::PERMALINK;
pub(super) use entries::SharedIds;
pub use hints::Hints;

use element::Element;
use entries::Entries;
use names::Space;
use record::Record;
use vocabulary::Level;

/// Maximum elements around the feed in a document: some servers wrap feeds.
const MAX_WRAPPERS: usize = 5;
/// Channels within channels: CDF has them.
const MAX_NESTED: usize = 10;
/// Maximum bytes first reserved for the Atom document, which is usually as long as its source.
const MAX_CAPACITY: usize = 1024 * 1024;

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
    pub(super) shared_ids: SharedIds,
}

/// Rewrites a document with the newest `max_entries` of its entries; `url` is where it came from.
///
/// # Errors
///
/// Why there is no feed in it.
pub(super) fn rewrite(text: &str, url: &Url, max_entries: usize) -> Result<Canonical, String> {
    // A file on disk says nothing about the addresses in it.
    let base = Some(url).filter(|it| matches!(it.scheme(), "http" | "https"));
    let text = references::without_c1(text);
    let text = text.as_ref();
    let mut entries = Entries::new(max_entries);
    let mut reading = Reading::default();
    if text.starts_with(['{', '[']) {
        reading.feed = json::read(text, base, &mut entries)?;
    } else {
        reading.markup(text, base, &mut entries)?;
        if let Some(page) = reading.site_elsewhere(base, &entries) {
            let mut again = Entries::new(max_entries);
            if Reading::default().markup(text, Some(&page), &mut again).is_ok() {
                entries = again;
            }
        }
    }
    let Reading { feed, is_rss, mut hints, mut problems, .. } = reading;
    problems.extend(entries.problem());
    let (mut entries, shared_ids) = entries.kept();
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
    let atom = atom::write(&feed, &entries, text.len().min(MAX_CAPACITY) + 1000);
    Ok(Canonical { atom, is_rss, hints, problems, shared_ids })
}

#[derive(Default)]
struct Reading {
    feed: Record,
    hints: Hints,
    problems: Vec<String>,
    is_rss: bool,
    /// The element that makes the document a feed was met.
    found: bool,
}

impl Reading {
    fn markup(&mut self, text: &str, base: Option<&Url>, entries: &mut Entries) -> Result<(), String> {
        let mut is_lost = false;
        let tree = tree::read(text, base.cloned(), &mut |around, it| {
            if !is_entry(around, it) {
                return false;
            }
            self.found = true;
            if entries.has_room() {
                match vocabulary::entry(it) {
                    Some(it) => entries.add(it),
                    None => is_lost = true,
                }
            }
            true
        });
        self.problems.extend(tree.problems.into_iter().map(str::to_owned));
        if is_lost {
            self.problems.push("the last entry is cut off before its address, and is left out".to_owned());
        }
        self.search(&tree.root, MAX_WRAPPERS);
        let is_page = tree.root.elements().next().is_some_and(|it| it.local == "html");
        if !self.found || (is_page && entries.is_empty()) {
            return Err("none of its elements is a feed or an entry".to_owned());
        }
        Ok(())
    }

    /// The page of an RSS feed that comes from another host than its site's and has entries with addresses there. RSS
    /// does not say what a relative address starts from: from the feed's own it would be a dead link at a service that
    /// passes feeds on, and readers take the channel's link. Where both are of one host, the feed's address stands:
    /// only a relative path would make a difference, which nothing decides, and articles that are held under their
    /// addresses would be new.
    ///
    /// The entries are then read a second time: the channel's link may stand behind them.
    fn site_elsewhere(&self, base: Option<&Url>, entries: &Entries) -> Option<Url> {
        fn site(url: &Url) -> Option<&str> {
            url.host_str().map(|it| it.strip_prefix("www.").unwrap_or(it))
        }
        let here = base.and_then(site).filter(|_| self.is_rss)?;
        let page = addresses::base(self.feed.linked("alternate")?, None)?;
        let is_elsewhere = matches!(page.scheme(), "http" | "https") && site(&page)? != here && is_public_name(&page);
        let is_here = |it: &str| Url::parse(it).is_ok_and(|it| site(&it) == Some(here));
        let has_any =
            || entries.held().any(|it| it.links.iter().map(|it| &it.href).chain(&it.permalink).any(|it| is_here(it)));
        (is_elsewhere && has_any()).then_some(page)
    }

    /// Searches for feeds within an element that is not one.
    fn search(&mut self, element: &Element<'_>, depth: usize) {
        for it in element.elements() {
            match kind(it) {
                Kind::Container => {
                    self.found = true;
                    self.is_rss |= it.space != Space::Atom;
                    self.container(it, MAX_NESTED);
                }
                Kind::Field if depth > 0 => self.search(it, depth - 1),
                // Entries of this feed were already removed from the tree.
                Kind::Entry | Kind::Field => (),
            }
        }
    }

    fn container(&mut self, element: &Element<'_>, depth: usize) {
        if let Some(it) = &element.language {
            self.feed.language.offer(1, it.to_string());
        }
        vocabulary::channel_definition(element, &mut self.feed);
        for it in element.elements() {
            match (kind(it), it.local.as_ref()) {
                (Kind::Container, _) if depth > 0 => self.container(it, depth - 1),
                (Kind::Entry | Kind::Container, _) | (_, "textinput" | "source") => (),
                (Kind::Field, _) if self.hints.field(it) => (),
                (Kind::Field, _) => vocabulary::field(it, &mut self.feed, Level::Feed),
            }
        }
    }
}

/// Whether the host is a name that others can reach: generators write `localhost` and `192.168.1.5` where nobody has told
/// them the site's address.
fn is_public_name(url: &Url) -> bool {
    url.domain().is_some_and(|it| it.trim_end_matches('.').contains('.'))
}

/// Whether an element with these ancestors is an entry of the feed: it is in containers of entries, which may be in
/// elements that wrap the feed.
fn is_entry(around: &[Element<'_>], element: &Element<'_>) -> bool {
    if !matches!(kind(element), Kind::Entry) {
        return false;
    }
    let wrappers = around.iter().take_while(|it| matches!(kind(it), Kind::Field)).count();
    let mut containers = around.iter().skip(wrappers);
    wrappers <= MAX_WRAPPERS
        && containers.len() <= MAX_NESTED + 1
        && containers.all(|it| matches!(kind(it), Kind::Container))
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
