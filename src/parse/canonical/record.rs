//! The content of a feed or an entry of any vocabulary, in one form.

use chrono::{DateTime, Utc};

use super::{dates, people::Person};

/// Maximum links, tags and authors kept of one record: each costs more to write than it cost to send.
const MAX_EACH: usize = 100;

/// A value that is replaced by one of a higher rank; of equal ranks the first stays.
#[derive(Debug, Default)]
pub(super) struct Ranked {
    rank: u8,
    value: String,
}

impl Ranked {
    pub(super) fn offer(&mut self, rank: u8, value: String) {
        if !value.is_empty() && (self.value.is_empty() || rank > self.rank) {
            *self = Self { rank, value };
        }
    }

    pub(super) fn get(&self) -> Option<&str> {
        Some(self.value.as_str()).filter(|it| !it.is_empty())
    }
}

/// An address and what it is to the feed or entry.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) href: String,
    /// Lower case; never empty.
    pub(super) rel: String,
    pub(super) media_type: String,
}

/// A feed or an entry. Texts are HTML, addresses are absolute where they can be.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) id: Ranked,
    pub(super) title: Ranked,
    pub(super) links: Vec<Link>,
    /// The page's address where no link gives it: a guid or `rdf:about`.
    pub(super) permalink: Option<String>,
    pub(super) published: Option<DateTime<Utc>>,
    pub(super) updated: Option<DateTime<Utc>>,
    pub(super) created: Option<DateTime<Utc>>,
    /// A date that does not say which it is.
    pub(super) date: Option<DateTime<Utc>>,
    /// Whether a text in place of a date is not one.
    pub(super) has_odd_date: bool,
    pub(super) summary: Ranked,
    pub(super) content: Ranked,
    pub(super) authors: Vec<Person>,
    pub(super) tags: Vec<String>,
    pub(super) language: Ranked,
    pub(super) rights: Ranked,
    pub(super) image: Ranked,
}

impl Record {
    pub(super) fn link(&mut self, href: String, rel: &str, media_type: &str) {
        if href.is_empty() || self.links.len() >= MAX_EACH {
            return;
        }
        let rel = rel.trim().to_ascii_lowercase();
        // RFC 4287 §4.2.7.2: a registered name may be written as an address.
        let rel = rel.rsplit_once("/relation/").map_or(rel.as_str(), |(_, name)| name);
        let rel = if rel.is_empty() { "alternate" } else { rel };
        self.links.push(Link { href, rel: rel.to_owned(), media_type: media_type.trim().to_owned() });
    }

    /// The first address of the kind.
    pub(super) fn linked(&self, rel: &str) -> Option<&str> {
        self.links.iter().find(|it| it.rel == rel).map(|it| it.href.as_str())
    }

    /// The time that a text names. A text that is no date is noted.
    pub(super) fn moment(&mut self, text: &str) -> Option<DateTime<Utc>> {
        let res = dates::parse(text);
        self.has_odd_date |= res.is_none() && !text.trim().is_empty();
        res
    }

    pub(super) fn tag(&mut self, text: &str) {
        let text = text.trim();
        if !text.is_empty() && self.tags.len() < MAX_EACH {
            self.tags.push(text.to_owned());
        }
    }

    pub(super) fn author(&mut self, person: Person) {
        if !person.is_empty() && self.authors.len() < MAX_EACH {
            self.authors.push(person);
        }
    }
}
