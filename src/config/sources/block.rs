//! A block of `sources.toml`, and the source that it describes.

use std::{fmt::Display, time::Duration};

use chrono_tz::Tz;
use serde::{Deserialize, Deserializer};
use url::{ParseError, Url};

use crate::{
    config::read,
    model::{Cadence, JsonList, Listing, Ownership, Selector, Sitemap, Source, SourceId, SourceKind},
    parse,
    schedule::Timetable,
};

/// Default maximum age of a sitemap's addresses.
const SITEMAP_AGE: Duration = Duration::from_secs(7 * 24 * 3600);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Block {
    pub(super) id: String,
    name: String,
    url: String,
    kind: Kind,
    #[serde(default)]
    languages: Vec<String>,
    #[serde(default)]
    country: String,
    #[serde(default)]
    ownership: OwnershipWord,
    #[serde(default = "middle_tier")]
    tier: u8,
    #[serde(default, deserialize_with = "interval")]
    interval: Option<Duration>,
    #[serde(default)]
    cron: Option<String>,
    #[serde(default)]
    zone: Option<String>,
    #[serde(default, deserialize_with = "interval")]
    expected_every: Option<Duration>,
    #[serde(default)]
    sibling: Option<String>,
    #[serde(default)]
    recipe: Option<String>,
    #[serde(default)]
    user_agent: Option<String>,
    #[serde(default)]
    pages: Option<bool>,
    #[serde(default = "yes")]
    guids: bool,
    #[serde(default = "yes")]
    verified: bool,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default)]
    listing: Option<ListingTable>,
    #[serde(default)]
    sitemap: Option<SitemapTable>,
    #[serde(default)]
    json: Option<JsonTable>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Syndication,
    Listing,
    Sitemap,
    Json,
    WordPress,
    Telegram,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OwnershipWord {
    Official,
    State,
    Public,
    Independent,
    Exile,
    Research,
    #[default]
    Unknown,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListingTable {
    item: String,
    link: Option<String>,
    title: Option<String>,
    date: Option<String>,
    summary: Option<String>,
    next: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SitemapTable {
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default, deserialize_with = "interval")]
    max_age: Option<Duration>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonTable {
    within: Option<String>,
    #[serde(default)]
    items: String,
    link: Option<String>,
    title: Option<String>,
    date: Option<String>,
    text: Option<String>,
    guid: Option<String>,
}

fn middle_tier() -> u8 {
    2
}

fn yes() -> bool {
    true
}

fn interval<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    crate::config::file::duration(deserializer).map(Some)
}

/// The key that is wrong, within the block, and why.
pub(super) type Flaw = (Vec<&'static str>, String);

/// Whether a text has the form of a code of BCP 47 (RFC 5646 §2.1) that begins with a code of ISO 639.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let is_code =
        parts.next().is_some_and(|it| matches!(it.len(), 2 | 3) && it.bytes().all(|it| it.is_ascii_alphabetic()));
    is_code && parts.all(|it| matches!(it.len(), 1..=8) && it.bytes().all(|it| it.is_ascii_alphanumeric()))
}

fn flaw(key: &'static str, problem: impl Into<String>) -> Flaw {
    (vec![key], problem.into())
}

impl Block {
    /// The source it describes.
    pub(super) fn source(self) -> Result<Source, Flaw> {
        let wrong = |why: &dyn Display| flaw("url", format!("{:?} is not a web address: {why}", self.url));
        let no_scheme = || wrong(&"it must begin with http:// or https://");
        let url = Url::parse(&self.url).map_err(|it| match it {
            ParseError::RelativeUrlWithoutBase => no_scheme(),
            other => wrong(&other),
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(no_scheme());
        }
        if !(1..=3).contains(&self.tier) {
            return Err(flaw("tier", format!("tier {} is not 1, 2 or 3", self.tier)));
        }
        let zone = self.zone()?;
        let cadence = self.cadence(zone)?;
        let kind = self.kind(zone)?;
        let id = |key, text: &str| SourceId::new(text).map_err(|it| flaw(key, it.to_string()));
        if let Some(it) = self.user_agent.as_ref().filter(|it| !is_field(it)) {
            return Err(flaw("user_agent", format!("{it:?} cannot stand in a header field: use printable ASCII")));
        }
        if let Some(wrong) = self.languages.iter().find(|it| !is_language(it)) {
            let problem =
                format!("languages: {wrong:?} is no language code (BCP 47) such as \"en\", \"hy\" or \"sr-Latn\"");
            return Err(flaw("languages", problem));
        }
        Ok(Source {
            id: id("id", &self.id)?,
            name: self.name,
            url,
            // A post of a channel is a whole text, without a page that would say more.
            reads_pages: self.pages.unwrap_or(kind != SourceKind::Telegram),
            kind,
            languages: self.languages,
            country: self.country,
            ownership: match self.ownership {
                OwnershipWord::Official => Ownership::Official,
                OwnershipWord::State => Ownership::State,
                OwnershipWord::Public => Ownership::Public,
                OwnershipWord::Independent => Ownership::Independent,
                OwnershipWord::Exile => Ownership::Exile,
                OwnershipWord::Research => Ownership::Research,
                OwnershipWord::Unknown => Ownership::Unknown,
            },
            tier: self.tier,
            cadence,
            expected_every: self.expected_every,
            sibling: self.sibling.as_deref().map(|it| id("sibling", it)).transpose()?,
            recipe: self.recipe,
            user_agent: self.user_agent,
            has_guids: self.guids,
            is_verified: self.verified,
            enabled: self.enabled,
        })
    }

    fn zone(&self) -> Result<Tz, Flaw> {
        let Some(name) = &self.zone else { return Ok(Tz::UTC) };
        read::zone(name).map_err(|problem| flaw("zone", problem))
    }

    fn cadence(&self, zone: Tz) -> Result<Option<Cadence>, Flaw> {
        let (key, cadence) = match (self.interval, &self.cron) {
            (Some(_), Some(_)) => return Err(flaw("cron", "interval and cron are both given; use one of them")),
            (Some(interval), None) => ("interval", Cadence::Every(interval)),
            (None, Some(expression)) => ("cron", Cadence::Cron { expression: expression.clone(), zone }),
            (None, None) => return Ok(None),
        };
        Timetable::new(&cadence).map_err(|it| flaw(key, it.to_string()))?;
        Ok(Some(cadence))
    }

    fn kind(&self, zone: Tz) -> Result<SourceKind, Flaw> {
        for (kind, key, is_there) in [
            (Kind::Listing, "listing", self.listing.is_some()),
            (Kind::Sitemap, "sitemap", self.sitemap.is_some()),
            (Kind::Json, "json", self.json.is_some()),
        ] {
            if is_there && kind != self.kind {
                return Err(flaw(key, format!("a table for another kind than kind = {:?}", self.kind.word())));
            }
        }
        Ok(match (self.kind, &self.listing, &self.json) {
            (Kind::Syndication, ..) => SourceKind::Syndication,
            (Kind::Telegram, ..) => SourceKind::Telegram,
            (Kind::WordPress, ..) => SourceKind::Json(JsonList::wordpress()),
            (Kind::Listing, Some(it), _) => SourceKind::Listing(it.listing(zone)?),
            (Kind::Json, _, Some(it)) => SourceKind::Json(it.list(zone)?),
            (Kind::Listing, None, _) => {
                return Err(flaw("kind", "a listing needs a table [source.listing] with item = \"…\""));
            }
            (Kind::Json, _, None) => {
                return Err(flaw("kind", "a JSON source needs a table [source.json] with items, link and title"));
            }
            (Kind::Sitemap, ..) => SourceKind::Sitemap(match &self.sitemap {
                Some(it) => Sitemap {
                    include: it.include.clone(),
                    exclude: it.exclude.clone(),
                    max_age: it.max_age.unwrap_or(SITEMAP_AGE),
                },
                None => Sitemap { include: Vec::new(), exclude: Vec::new(), max_age: SITEMAP_AGE },
            }),
        })
    }
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Syndication => "syndication",
            Self::Listing => "listing",
            Self::Sitemap => "sitemap",
            Self::Json => "json",
            Self::WordPress => "wordpress",
            Self::Telegram => "telegram",
        }
    }
}

impl ListingTable {
    fn listing(&self, zone: Tz) -> Result<Listing, Flaw> {
        let some = |key, text: &Option<String>| text.as_deref().map(|it| selector("listing", key, it)).transpose();
        Ok(Listing {
            item: selector("listing", "item", &self.item)?,
            link: some("link", &self.link)?,
            title: some("title", &self.title)?,
            date: some("date", &self.date)?,
            summary: some("summary", &self.summary)?,
            next: some("next", &self.next)?,
            zone,
        })
    }
}

impl JsonTable {
    fn list(&self, zone: Tz) -> Result<JsonList, Flaw> {
        let pointers = [("items", Some(&self.items).filter(|it| !it.is_empty()))].into_iter().chain([
            ("title", self.title.as_ref()),
            ("date", self.date.as_ref()),
            ("text", self.text.as_ref()),
            ("guid", self.guid.as_ref()),
        ]);
        for (key, pointer) in pointers {
            if let Some(it) = pointer.filter(|it| !it.starts_with('/')) {
                let problem = format!("{it:?} is not a JSON pointer: it must begin with / (RFC 6901)");
                return Err((vec!["json", key], problem));
            }
        }
        let is_link = |it: &String| it.starts_with('/') || it.contains("{/");
        if let Some(it) = self.link.as_ref().filter(|it| !is_link(it)) {
            let problem = format!("{it:?} is neither a JSON pointer (/url) nor an address with one in it ({{/id}})");
            return Err((vec!["json", "link"], problem));
        }
        if self.link.is_none() && self.title.is_none() {
            return Err((vec!["json"], "give at least link or title".to_owned()));
        }
        Ok(JsonList {
            within: self.within.as_deref().map(|it| selector("json", "within", it)).transpose()?,
            items: self.items.clone(),
            link: self.link.clone(),
            title: self.title.clone(),
            date: self.date.clone(),
            text: self.text.clone(),
            guid: self.guid.clone(),
            zone,
        })
    }
}

/// `css`, `css@attribute` or `@attribute`.
fn selector(table: &'static str, key: &'static str, text: &str) -> Result<Selector, Flaw> {
    let is_name = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_:".contains(&it));
    let (css, attribute) = match text.rsplit_once('@').filter(|(_, name)| is_name(name)) {
        Some((css, name)) => (css.trim(), Some(name.to_owned())),
        None => (text.trim(), None),
    };
    let problem = match (css, &attribute) {
        ("", None) => Some("it is empty".to_owned()),
        ("", Some(_)) => None,
        (css, _) => parse::selector_flaw(css),
    };
    match problem {
        Some(it) => Err((vec![table, key], format!("{text:?} is not a CSS selector: {it}"))),
        None => Ok(Selector { css: css.to_owned(), attribute }),
    }
}

fn is_field(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| (b' '..=b'~').contains(&it))
}
