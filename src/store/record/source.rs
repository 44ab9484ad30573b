//! The records of a source's state.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{RecordError, Time, all, some};
use crate::model::{Condition, Fault, Health, HeldDocument, Moved, Older, SourceId, SourceState, Validators, Wishes};

/// Version 2 of [`SourceState`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct SourceStateRecord {
    source: String,
    url: String,
    moved: Option<MovedRecord>,
    documents: Vec<DocumentRecord>,
    read_as: [u8; 8],
    older: Option<OlderRecord>,
    polled: Time,
    succeeded: Option<Time>,
    brought_new: Option<Time>,
    newest: Option<Time>,
    pace: Option<Duration>,
    took: Option<Duration>,
    wishes: WishesRecord,
    failures: u32,
    polls: u64,
    entries: u32,
    problem: Option<String>,
    same_guid: bool,
    due: Time,
    health: HealthRecord,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct WishesRecord {
    pause: Option<Duration>,
    skip_hours: Vec<u8>,
    skip_days: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct MovedRecord {
    to: String,
    since: Time,
    polls: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct OlderRecord {
    url: String,
    pages: u32,
    tries: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct DocumentRecord {
    url: String,
    etag: Option<String>,
    last_modified: Option<String>,
    digest: [u8; 8],
    entries: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct HealthRecord {
    condition: ConditionRecord,
    reason: String,
    since: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum ConditionRecord {
    Failing(FaultRecord),
    Empty,
    Behind,
    Frozen,
    SameGuid,
    Redirected,
    Slow,
    Repaired,
    Fine,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum FaultRecord {
    Gone,
    NotFound,
    Blocked,
    WebPage,
    Unreadable,
    Throttled,
    Server,
    Network,
    Refused,
    Defect,
}

/// Converts between two enums with the same variant names. A new variant on one side does not compile without the
/// other.
macro_rules! same_names {
    ($model:ident, $record:ident, [$($name:ident),*] $(, $nested:ident)?) => {
        impl From<$model> for $record {
            fn from(it: $model) -> Self {
                match it {
                    $($model::$name => Self::$name,)*
                    $($model::$nested(it) => Self::$nested(it.into()),)?
                }
            }
        }

        impl From<$record> for $model {
            fn from(it: $record) -> Self {
                match it {
                    $($record::$name => Self::$name,)*
                    $($record::$nested(it) => Self::$nested(it.into()),)?
                }
            }
        }
    };
}

same_names!(
    Fault,
    FaultRecord,
    [Gone, NotFound, Blocked, WebPage, Unreadable, Throttled, Server, Network, Refused, Defect]
);
same_names!(Condition, ConditionRecord, [Empty, Behind, Frozen, SameGuid, Redirected, Slow, Repaired, Fine], Failing);

impl From<&SourceState> for SourceStateRecord {
    fn from(it: &SourceState) -> Self {
        Self {
            source: it.source.as_str().to_owned(),
            url: it.url.clone(),
            moved: it.moved.as_ref().map(|it| MovedRecord {
                to: it.to.clone(),
                since: it.since.into(),
                polls: it.polls,
            }),
            documents: it.documents.iter().map(DocumentRecord::from).collect(),
            read_as: it.read_as,
            older: it.older.as_ref().map(|it| OlderRecord { url: it.url.clone(), pages: it.pages, tries: it.tries }),
            polled: it.polled.into(),
            succeeded: it.succeeded.map(Time::from),
            brought_new: it.brought_new.map(Time::from),
            newest: it.newest.map(Time::from),
            pace: it.pace,
            took: it.took,
            wishes: WishesRecord {
                pause: it.wishes.pause,
                skip_hours: it.wishes.skip_hours.clone(),
                skip_days: it.wishes.skip_days.clone(),
            },
            failures: it.failures,
            polls: it.polls,
            entries: it.entries,
            problem: it.problem.clone(),
            same_guid: it.same_guid,
            due: it.due.into(),
            health: HealthRecord {
                condition: it.health.condition.into(),
                reason: it.health.reason.clone(),
                since: it.health.since.into(),
            },
        }
    }
}

impl From<&HeldDocument> for DocumentRecord {
    fn from(it: &HeldDocument) -> Self {
        let Validators { etag, last_modified } = it.validators.clone();
        Self { url: it.url.clone(), etag, last_modified, digest: it.digest, entries: it.entries }
    }
}

impl TryFrom<SourceStateRecord> for SourceState {
    type Error = RecordError;

    fn try_from(it: SourceStateRecord) -> Result<Self, RecordError> {
        Ok(Self {
            source: source_id(&it.source)?,
            url: it.url,
            moved: some(it.moved)?,
            documents: all(it.documents)?,
            read_as: it.read_as,
            older: it.older.map(|it| Older { url: it.url, pages: it.pages, tries: it.tries }),
            polled: it.polled.try_into()?,
            succeeded: some(it.succeeded)?,
            brought_new: some(it.brought_new)?,
            newest: some(it.newest)?,
            pace: it.pace,
            took: it.took,
            wishes: Wishes { pause: it.wishes.pause, skip_hours: it.wishes.skip_hours, skip_days: it.wishes.skip_days },
            failures: it.failures,
            polls: it.polls,
            entries: it.entries,
            problem: it.problem,
            same_guid: it.same_guid,
            due: it.due.try_into()?,
            health: Health {
                condition: it.health.condition.into(),
                reason: it.health.reason,
                since: it.health.since.try_into()?,
            },
        })
    }
}

impl TryFrom<MovedRecord> for Moved {
    type Error = RecordError;

    fn try_from(it: MovedRecord) -> Result<Self, RecordError> {
        Ok(Self { to: it.to, since: it.since.try_into()?, polls: it.polls })
    }
}

impl TryFrom<DocumentRecord> for HeldDocument {
    type Error = RecordError;

    fn try_from(it: DocumentRecord) -> Result<Self, RecordError> {
        let validators = Validators { etag: it.etag, last_modified: it.last_modified };
        Ok(Self { url: it.url, validators, digest: it.digest, entries: it.entries })
    }
}

/// Version 1 of [`SourceState`]. It is read and no more written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct SourceStateRecordV1 {
    pub(super) source: String,
    pub(super) url: String,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    pub(super) polled: Time,
    pub(super) succeeded: Option<Time>,
    pub(super) brought_new: Option<Time>,
    pub(super) failures: u32,
    pub(super) polls: u64,
    pub(super) entries: u32,
    pub(super) due: Time,
    pub(super) health: HealthRecordV1,
}

/// Version 1 of [`Health`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum HealthRecordV1 {
    Fine,
    Troubled { reason: String },
    Failing { reason: String, since: Time },
}

impl TryFrom<SourceStateRecordV1> for SourceState {
    type Error = RecordError;

    fn try_from(it: SourceStateRecordV1) -> Result<Self, RecordError> {
        let (condition, reason, since) = match it.health {
            HealthRecordV1::Fine => (Condition::Fine, String::new(), it.polled),
            HealthRecordV1::Troubled { reason } => (Condition::Repaired, reason, it.polled),
            HealthRecordV1::Failing { reason, since } => (Condition::Failing(Fault::Network), reason, since),
        };
        Ok(Self {
            source: source_id(&it.source)?,
            url: it.url,
            moved: None,
            // How the documents were read was not stored, so the next poll requests the whole document.
            documents: Vec::new(),
            read_as: [0; 8],
            older: None,
            polled: it.polled.try_into()?,
            succeeded: some(it.succeeded)?,
            brought_new: some(it.brought_new)?,
            newest: None,
            pace: None,
            took: None,
            wishes: Wishes::default(),
            failures: it.failures,
            polls: it.polls,
            entries: it.entries,
            problem: None,
            same_guid: false,
            due: it.due.try_into()?,
            health: Health { condition, reason, since: since.try_into()? },
        })
    }
}

/// The source id behind its text.
pub(super) fn source_id(text: &str) -> Result<SourceId, RecordError> {
    SourceId::new(text).map_err(RecordError::broken)
}
