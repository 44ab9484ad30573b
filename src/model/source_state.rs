//! What is remembered of a source between polls: its documents, pace and health. Plain data; decided by
//! `decide::source` and `schedule`.

use std::time::Duration;

use super::{SourceId, Timestamp};

/// What is remembered about a source between polls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceState {
    /// The source.
    pub source: SourceId,
    /// Its configured URL: a new one in the configuration voids all that is remembered.
    pub url: String,
    /// Where its publisher says that it has moved for good.
    pub moved: Option<Moved>,
    /// The documents it was last read from: its own first, then the further ones that its own names.
    pub documents: Vec<HeldDocument>,
    /// A hash of the settings by which they were read: other settings read other things from the same bytes.
    pub read_as: [u8; 8],
    /// The page of older entries from which entries may still be missing.
    pub older: Option<Older>,
    /// When it was last tried.
    pub polled: Timestamp,
    /// When it last answered with something readable (304 included).
    pub succeeded: Option<Timestamp>,
    /// When it last brought a new entry.
    pub brought_new: Option<Timestamp>,
    /// The newest date of an entry in it, no later than when it was read.
    pub newest: Option<Timestamp>,
    /// Its usual time between two new entries.
    pub pace: Option<Duration>,
    /// Its usual time to answer in full.
    pub took: Option<Duration>,
    /// What its last document asked of readers.
    pub wishes: Wishes,
    /// Polls that failed in a row; 0 after a success.
    pub failures: u32,
    /// Polls made in all.
    pub polls: u64,
    /// Entries in its documents.
    pub entries: u32,
    /// What was wrong with its documents when they were last read, in plain words.
    pub problem: Option<String>,
    /// Its guids tell nothing apart.
    pub same_guid: bool,
    /// When it is due again.
    pub due: Timestamp,
    /// How it does.
    pub health: Health,
}

/// Where to continue reading a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Older {
    /// The page of older entries.
    pub url: String,
    /// Pages read for this gap.
    pub pages: u32,
    /// Number of failed attempts to fetch this page.
    pub tries: u32,
}

/// A document that was read and may be requested again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldDocument {
    /// The address at which it was requested.
    pub url: String,
    /// For the next conditional GET.
    pub validators: Validators,
    /// The beginning of the SHA-256 of its bytes, since servers without validators send the same bytes again and again.
    /// Zeros if it could not be read and is still to be read.
    pub digest: [u8; 8],
    /// Entries in it.
    pub entries: u32,
}

/// The validators of a conditional GET, stored verbatim (RFC 9110 §8.8): a server compares bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`, quotes and `W/` included.
    pub etag: Option<String>,
    /// `Last-Modified` as sent.
    pub last_modified: Option<String>,
}

/// What a publisher asks of those who poll.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// A pause between two polls: RSS `ttl`, or `sy:updatePeriod` by `sy:updateFrequency`.
    pub pause: Option<Duration>,
    /// Hours of the day in GMT without news, 0 to 23.
    pub skip_hours: Vec<u8>,
    /// Days of the week in GMT without news, 0 (Monday) to 6.
    pub skip_days: Vec<u8>,
}

/// A permanent redirect (301, 308) that the last polls met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Where it leads.
    pub to: String,
    /// When it was first met.
    pub since: Timestamp,
    /// Number of readable answers there in a row. One proves nothing: a parking page says the same.
    pub polls: u32,
}

/// How a source does, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// In one word.
    pub condition: Condition,
    /// The evidence, in plain words; empty if all is well, unless its host asked to be left alone until it is due.
    pub reason: String,
    /// Since when without a break.
    pub since: Timestamp,
}

/// The state of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// Not readable.
    Failing(Fault),
    /// Readable, and without an entry.
    Empty,
    /// Long behind its sibling edition.
    Behind,
    /// Nothing new for far longer than is usual for it.
    Frozen,
    /// Its entries cannot be told apart by their guids.
    SameGuid,
    /// Moved for good; the configuration has the old address.
    Redirected,
    /// Answers take long.
    Slow,
    /// Read in spite of what is wrong with it.
    Repaired,
    /// Read without trouble.
    Fine,
}

/// Why a source could not be read, by what can be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Gone for good (410).
    Gone,
    /// There is no such document (404).
    NotFound,
    /// Refused to this reader: 401, 403, 451, a challenge for humans, robots.txt.
    Blocked,
    /// A web page came instead.
    WebPage,
    /// The answer is not a document of this kind.
    Unreadable,
    /// The server asks to be left alone for a while (429, or 503 with `Retry-After`).
    Throttled,
    /// The server failed (5xx).
    Server,
    /// No connection, no trust in it, or no answer in time.
    Network,
    /// This daemon's own rules or limits forbid it.
    Refused,
    /// A defect of this program.
    Defect,
}

impl Condition {
    /// The word for it, which stays the same for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Repaired => "repaired",
            Self::Slow => "slow",
            Self::Redirected => "redirected",
            Self::SameGuid => "same-guid",
            Self::Frozen => "frozen",
            Self::Behind => "behind",
            Self::Empty => "empty",
            Self::Failing(fault) => fault.word(),
        }
    }

    /// The words for it, for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Failing(Fault::Blocked) => "blocked here",
            Self::Failing(Fault::Gone) => "gone",
            Self::Failing(Fault::WebPage) => "web page instead",
            Self::Failing(Fault::NotFound) => "not found",
            Self::Failing(_) => "failing",
            Self::Empty => "empty",
            Self::Behind => "behind",
            Self::Frozen => "frozen",
            Self::SameGuid => "same guids",
            Self::Redirected => "moved",
            Self::Slow => "slow",
            Self::Repaired => "repaired",
            Self::Fine => "fine",
        }
    }
}

impl Fault {
    /// The word for it, which stays the same for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::NotFound => "not-found",
            Self::Blocked => "blocked",
            Self::WebPage => "web-page",
            Self::Unreadable => "unreadable",
            Self::Throttled => "throttled",
            Self::Server => "server-error",
            Self::Network => "unreachable",
            Self::Refused => "refused",
            Self::Defect => "defect",
        }
    }
}
