//! A configured source and what is known of it in advance. Plain data; what polls teach about a source is in
//! [`SourceState`](super::SourceState).

use std::{fmt, time::Duration};

use chrono_tz::Tz;
use url::Url;

use super::SourceKind;

/// Names a source as the configuration does (`[[source]] id = "civil-ge-en"`).
///
/// Letters `a`–`z`, digits and `-`, 1–64 characters: it is used in file names, keys and logs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(String);

/// A text that cannot be a source id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("source id {0:?} is not 1–64 of the characters a–z, 0–9 and -")]
pub struct SourceIdError(pub String);

impl SourceId {
    /// Checks and wraps.
    ///
    /// # Errors
    ///
    /// [`SourceIdError`] where `text` is empty, too long or has another character.
    pub fn new(text: &str) -> Result<Self, SourceIdError> {
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-');
        match fits {
            true => Ok(Self(text.to_owned())),
            false => Err(SourceIdError(text.to_owned())),
        }
    }

    /// The id of a source that is not configured: what `try` reads.
    pub fn sample() -> Self {
        Self("sample".to_owned())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A configured place that is polled.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in sources.toml")]
pub struct Source {
    /// Names it.
    pub id: SourceId,
    /// Shown to people.
    pub name: String,
    /// Where it is fetched from.
    pub url: Url,
    /// How its body is read.
    pub kind: SourceKind,
    /// BCP 47 codes of the languages it publishes in, the main one first.
    pub languages: Vec<String>,
    /// ISO 3166-1 alpha-2 of the country it reports on; `XX` for an international organisation.
    pub country: String,
    /// Who stands behind it.
    pub ownership: Ownership,
    /// 1 (official or of record) to 3 (aggregator, blog).
    pub tier: u8,
    /// When to poll; the daemon's default where `None`.
    pub cadence: Option<Cadence>,
    /// It publishes at least this often, as far as is known: a longer silence is reported.
    pub expected_every: Option<Duration>,
    /// Another edition of the same newsroom: if one falls behind the other, that is reported.
    pub sibling: Option<SourceId>,
    /// Names the site recipe that reads its pages.
    pub recipe: Option<String>,
    /// Whether the pages of its entries are read; a source that carries whole texts needs none of them.
    pub reads_pages: bool,
    /// Sent instead of the daemon's own user agent: some sites turn away every program that is no browser.
    pub user_agent: Option<String>,
    /// Whether its guids mean anything. If they are known to be useless, that is not reported at each poll.
    pub has_guids: bool,
    /// Whether it was seen to work on the live web.
    pub is_verified: bool,
    /// Whether it is polled.
    pub enabled: bool,
}

impl Source {
    /// A feed at an address, enabled, of which no more is known.
    pub fn feed(id: SourceId, name: String, url: Url) -> Self {
        Self {
            id,
            name,
            url,
            kind: SourceKind::Syndication,
            languages: Vec::new(),
            country: String::new(),
            ownership: Ownership::Unknown,
            tier: 2,
            cadence: None,
            expected_every: None,
            sibling: None,
            recipe: None,
            reads_pages: true,
            user_agent: None,
            has_guids: true,
            is_verified: true,
            enabled: true,
        }
    }
}

/// Who stands behind a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ownership {
    /// A government, a parliament, an army, or an international organisation speaking for itself.
    Official,
    /// Owned or directed by a state.
    State,
    /// Publicly funded with editorial independence.
    Public,
    /// Neither state nor publicly funded.
    Independent,
    /// Made outside its country by people who had to leave.
    Exile,
    /// Research institute or university.
    Research,
    /// Not known.
    Unknown,
}

/// When a source is polled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cadence {
    /// Again after this long.
    Every(Duration),
    /// At the instants of a cron expression.
    Cron {
        /// Five fields (minute first), or `@daily` and its like.
        expression: String,
        /// The zone the fields are read in.
        zone: Tz,
    },
}
