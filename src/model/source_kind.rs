//! The closed set of source kinds, with what each needs to find its entries. Plain data; reading a document is the work
//! of `parse`.

use std::time::Duration;

use chrono_tz::Tz;

/// The kind of document at a source's URL. Adding a kind adds a variant here and a file in `parse/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceKind {
    /// RSS 0.9x–2.0, RDF (RSS 1.0), Atom or JSON Feed.
    Syndication,
    /// A web page that lists articles.
    Listing(Listing),
    /// A sitemap, a Google News sitemap, or an index of either.
    Sitemap(Sitemap),
    /// A list of entries in JSON: an endpoint of its own, or the state that a page carries for its scripts.
    Json(JsonList),
    /// The public preview of a Telegram channel (`https://t.me/s/…`).
    Telegram,
}

impl SourceKind {
    /// The word for it in `sources.toml`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Syndication => "syndication",
            Self::Listing(_) => "listing",
            Self::Sitemap(_) => "sitemap",
            Self::Json(_) => "json",
            Self::Telegram => "telegram",
        }
    }
}

/// A place in markup: `h2 a` for an element's text, `time@datetime` for one of its attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// A CSS selector, known to be one. Empty for the element itself.
    pub css: String,
    /// The attribute whose value is meant; the text where `None`.
    pub attribute: Option<String>,
}

/// Where a listing page keeps its entries. All but the item are looked for within an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The elements that are entries.
    pub item: Selector,
    /// The address; the first link where `None`.
    pub link: Option<Selector>,
    /// The title; the link's text where `None`.
    pub title: Option<Selector>,
    /// The date; a `<time>` where `None`.
    pub date: Option<Selector>,
    /// A text.
    pub summary: Option<Selector>,
    /// The link to the page of older entries, looked for in the whole page.
    pub next: Option<Selector>,
    /// The zone in which dates without one are read.
    pub zone: Tz,
}

/// Which addresses of a sitemap are entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sitemap {
    /// Entries are addresses that contain one of these; all addresses if it is empty.
    pub include: Vec<String>,
    /// Addresses that contain one of these are no entries.
    pub exclude: Vec<String>,
    /// Maximum age of entries: a sitemap lists a site's whole past.
    pub max_age: Duration,
}

/// Where a JSON document keeps its entries. Pointers are those of RFC 6901.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonList {
    /// The element of a page that holds the JSON; `None` where the whole body is JSON.
    pub within: Option<Selector>,
    /// The list; empty for the document itself.
    pub items: String,
    /// The address: a pointer, or an address with pointers in it (`https://a.example/{/id}`).
    pub link: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The date.
    pub date: Option<String>,
    /// The text, as HTML.
    pub text: Option<String>,
    /// What names the entry.
    pub guid: Option<String>,
    /// The zone in which dates without one are read.
    pub zone: Tz,
}

impl JsonList {
    /// The posts of WordPress' own interface, `/wp-json/wp/v2/posts`.
    pub fn wordpress() -> Self {
        let some = |it: &str| Some(it.to_owned());
        Self {
            within: None,
            items: String::new(),
            link: some("/link"),
            title: some("/title/rendered"),
            date: some("/date_gmt"),
            text: some("/content/rendered"),
            guid: some("/guid/rendered"),
            zone: Tz::UTC,
        }
    }
}
