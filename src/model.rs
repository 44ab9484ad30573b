//! Plain data that flows through the daemon. No I/O, no clock, no serialisation, no deciding.

mod article;
mod change;
mod correction;
mod entry;
mod evidence;
mod hit;
mod reading;
mod source;
mod source_kind;
mod source_state;
mod story;
mod url;

pub use self::{
    article::{Article, ArticleId, FetchRecord, Method, Page},
    change::{
        Attempt, Change, Content, DigestIssue, Document, Held, Intent, Issue, MessageId, More, Outcome, Outgoing,
        Rendered, Sending, Slot,
    },
    correction::{Cause, Label, Move, Regrouping, RegroupingId},
    entry::{Enclosure, Entry},
    evidence::{Event, Exhibit, Finding, LastReading, PageState, Redirect, Rereading, Snapshot, Trail},
    hit::{Closeness, Hit, Possible, relation},
    reading::{Flag, FlagKind, Judgement, Origin, Provenance, Reading, Repeated, Verdict},
    source::{Cadence, Ownership, Source, SourceId, SourceIdError},
    source_kind::{JsonList, Listing, Selector, Sitemap, SourceKind},
    source_state::{Condition, Fault, Health, HeldDocument, Moved, Older, SourceState, Validators, Wishes},
    story::{
        Alert, AlertId, AlertKind, Assignment, CopyLevel, Evidence, Field, Fingerprint, Relocated, Report, Severity,
        Shared, StoryId, Tag, fits_story,
    },
    url::CanonicalUrl,
};

/// A point in time, always UTC. Zone-less feed dates are read as UTC.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

/// `at` plus a duration, at most the end of time. Durations come from users and servers, and chrono's own addition
/// panics.
pub fn later(at: Timestamp, by: std::time::Duration) -> Timestamp {
    chrono::TimeDelta::from_std(by).ok().and_then(|it| at.checked_add_signed(it)).unwrap_or(Timestamp::MAX_UTC)
}

/// `at` minus a duration, at least the beginning of time.
pub fn earlier(at: Timestamp, by: std::time::Duration) -> Timestamp {
    chrono::TimeDelta::from_std(by).ok().and_then(|it| at.checked_sub_signed(it)).unwrap_or(Timestamp::MIN_UTC)
}
