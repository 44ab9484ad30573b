use std::{fmt, time::Duration};

use chrono_tz::Tz;
use url::Url;

use super::Timestamp;

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
    /// Names the site recipe that reads its pages.
    pub recipe: Option<String>,
    /// Whether it is polled.
    pub enabled: bool,
}

/// What the body behind a source's URL is. Adding a kind adds a variant here and a file in `parse/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// RSS 0.9x–2.0, RDF (RSS 1.0), Atom or JSON Feed.
    Syndication,
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
        /// Five fields (minute first), six (second first), or `@daily` and its like.
        expression: String,
        /// The zone the fields are read in.
        zone: Tz,
    },
}

/// What is remembered about a source between polls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceState {
    /// The source.
    pub source: SourceId,
    /// The URL that the validators belong to; a new URL in the configuration voids them.
    pub url: String,
    /// For the next conditional GET.
    pub validators: Validators,
    /// When it was last tried.
    pub polled: Timestamp,
    /// When it last answered with something readable (304 included).
    pub succeeded: Option<Timestamp>,
    /// When it last brought a new entry.
    pub brought_new: Option<Timestamp>,
    /// Polls that failed in a row; 0 after a success.
    pub failures: u32,
    /// Polls made in all.
    pub polls: u64,
    /// Entries in the last readable document.
    pub entries: u32,
    /// When it is due again.
    pub due: Timestamp,
    /// How it does.
    pub health: Health,
}

/// The validators of a conditional GET, stored verbatim (RFC 9110 §8.8): a server compares bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`, quotes and `W/` included.
    pub etag: Option<String>,
    /// `Last-Modified` as sent.
    pub last_modified: Option<String>,
}

/// How a source does, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Read without trouble.
    Fine,
    /// Read, but this was wrong with it.
    Troubled {
        /// In plain words.
        reason: String,
    },
    /// Not readable.
    Failing {
        /// In plain words.
        reason: String,
        /// Since when without a break.
        since: Timestamp,
    },
}
