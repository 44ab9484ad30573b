//! The stored form of a [`Change`]: a version byte, then postcard.
//!
//! Postcard does not describe itself, so a record never changes once it has been released: a new version
//! is a new set of structs beside the old one, under a variant of its own at the end of [`ChangeRecord`], and every
//! version that was ever written stays readable.
//! Conversions go field by field, so that a new domain field does not compile until its record has it.

mod article;
mod correction;
mod evidence;
mod message;
mod reading;
mod source;
mod v1;

#[cfg(test)]
mod tests;

use chrono::DateTime;
use serde::{Deserialize, Serialize};

pub(super) use self::source::SourceStateRecord;
use self::{
    article::IntentRecord,
    correction::{LabelRecord, RegroupingRecord},
    evidence::{RereadingRecord, SnapshotRecord},
    message::{AttemptRecord, DigestRecord, SendingRecord},
    source::SourceStateRecordV1,
    v1::{DigestRecordV1, IntentRecordV1},
};
use crate::model::{Cause, Change, Content, FlagKind, Intent, Outgoing, Timestamp};

/// The newest version this build reads and writes.
const VERSION: u8 = 8;

/// The version in which a change is written: the first that can hold all of it, so that an older sitrepd reads what it
/// can.
fn version_of(change: &Change) -> u8 {
    let is_new = |it: &Outgoing| match &it.content {
        Content::Alerts(all) => all.len() != 1 || all.iter().any(|it| it.kind.is_sequel()),
        Content::Held(_) => true,
        Content::More(_) | Content::Digest(_) => false,
    };
    let begins_with_feed = |it: &Intent| {
        let flags = &it.report.article.reading.flags;
        flags.iter().any(|it| it.kind == FlagKind::BeginsWithFeed)
    };
    match change {
        Change::Sending(_) => 5,
        other if other.intent().is_some_and(begins_with_feed) => VERSION,
        other if other.regrouping().is_some_and(|it| matches!(it.cause, Cause::Drawn(_))) => 7,
        other if other.intent().is_some_and(|it| it.outbox.iter().any(is_new)) => 6,
        _ => 4,
    }
}

/// Bytes that are no record this build can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Written by a newer sitrepd.
    #[error("record version {0} is newer than this sitrepd")]
    Newer(u8),
    /// Not what was written.
    #[error("{0}")]
    Broken(String),
}

impl RecordError {
    pub(super) fn broken(what: impl std::fmt::Display) -> Self {
        Self::Broken(what.to_string())
    }
}

/// The newest version this build reads.
pub(super) const fn newest() -> u8 {
    VERSION
}

/// The stored form of a change.
pub(super) fn encode(change: &Change) -> Result<Vec<u8>, RecordError> {
    postcard::to_extend(&ChangeRecord::from(change), vec![version_of(change)]).map_err(RecordError::broken)
}

/// The change behind its stored form.
pub(super) fn decode(bytes: &[u8]) -> Result<Change, RecordError> {
    match bytes.split_first() {
        Some((&(1..=VERSION), rest)) => {
            let (record, rest) = postcard::take_from_bytes::<ChangeRecord>(rest).map_err(RecordError::broken)?;
            match rest.len() {
                0 => record.try_into(),
                n => Err(RecordError::broken(format_args!("{n} bytes after the record"))),
            }
        }
        Some((&newer, _)) if newer > VERSION => Err(RecordError::Newer(newer)),
        Some((other, _)) => Err(RecordError::broken(format_args!("no record version {other}"))),
        None => Err(RecordError::broken("empty record")),
    }
}

/// A change as one line of JSON: what `sitrepd export` writes.
///
/// # Errors
///
/// [`RecordError::Broken`], which no change causes.
pub fn to_json(change: &Change) -> Result<String, RecordError> {
    serde_json::to_string(&Line { version: version_of(change), change: change.into() }).map_err(RecordError::broken)
}

/// The change behind a line of JSON.
///
/// # Errors
///
/// [`RecordError`] where the line is no change, or one of a newer sitrepd.
pub fn from_json(line: &str) -> Result<Change, RecordError> {
    // The version is checked first: a newer record may lack this version's fields.
    #[derive(Deserialize)]
    struct Version {
        version: u8,
    }
    let Version { version } = serde_json::from_str(line).map_err(RecordError::broken)?;
    if version > VERSION {
        return Err(RecordError::Newer(version));
    }
    serde_json::from_str::<Line>(line).map_err(RecordError::broken)?.change.try_into()
}

/// A line of an export.
#[derive(Serialize, Deserialize)]
struct Line {
    version: u8,
    change: ChangeRecord,
}

/// A change. Variants are only ever added at the end; the version says up to which one.
#[derive(Serialize, Deserialize)]
enum ChangeRecord {
    // Version 1.
    #[serde(rename = "Article")]
    ArticleV1(Box<IntentRecordV1>),
    #[serde(rename = "Polled")]
    PolledV1(SourceStateRecordV1),
    #[serde(rename = "Digest")]
    DigestV1(DigestRecordV1),
    Delivery(AttemptRecord),
    // Version 2.
    #[serde(rename = "Source")]
    Polled(Box<SourceStateRecord>),
    // Version 3.
    #[serde(rename = "Report")]
    Article(Box<IntentRecord>),
    #[serde(rename = "Issue")]
    Digest(DigestRecord),
    Regrouped(RegroupingRecord),
    Labelled(LabelRecord),
    // Version 4.
    Reread(Box<RereadingRecord>),
    Page(Box<SnapshotRecord>),
    // Version 5.
    Sending(Box<SendingRecord>),
}

impl From<&Change> for ChangeRecord {
    fn from(change: &Change) -> Self {
        match change {
            Change::Article(it) => Self::Article(Box::new(it.as_ref().into())),
            Change::Polled(it) => Self::Polled(Box::new(it.as_ref().into())),
            Change::Digest(it) => Self::Digest(it.as_ref().into()),
            Change::Delivery(it) => Self::Delivery(it.into()),
            Change::Regrouped(it) => Self::Regrouped(it.as_ref().into()),
            Change::Labelled(it) => Self::Labelled(it.into()),
            Change::Reread(it) => Self::Reread(Box::new(it.as_ref().into())),
            Change::Page(it) => Self::Page(Box::new(it.as_ref().into())),
            Change::Sending(it) => Self::Sending(Box::new(it.as_ref().into())),
        }
    }
}

impl TryFrom<ChangeRecord> for Change {
    type Error = RecordError;

    fn try_from(record: ChangeRecord) -> Result<Self, RecordError> {
        Ok(match record {
            ChangeRecord::ArticleV1(it) => Self::Article(Box::new(IntentRecord::from(*it).try_into()?)),
            ChangeRecord::DigestV1(it) => Self::Digest(Box::new(DigestRecord::from(it).try_into()?)),
            ChangeRecord::Article(it) => Self::Article(Box::new((*it).try_into()?)),
            ChangeRecord::PolledV1(it) => Self::Polled(Box::new(it.try_into()?)),
            ChangeRecord::Polled(it) => Self::Polled(Box::new((*it).try_into()?)),
            ChangeRecord::Digest(it) => Self::Digest(Box::new(it.try_into()?)),
            ChangeRecord::Delivery(it) => Self::Delivery(it.try_into()?),
            ChangeRecord::Regrouped(it) => Self::Regrouped(Box::new(it.try_into()?)),
            ChangeRecord::Labelled(it) => Self::Labelled(it.try_into()?),
            ChangeRecord::Reread(it) => Self::Reread(Box::new((*it).try_into()?)),
            ChangeRecord::Page(it) => Self::Page(Box::new((*it).try_into()?)),
            ChangeRecord::Sending(it) => Self::Sending(Box::new((*it).try_into()?)),
        })
    }
}

/// An instant: seconds since 1970 and nanoseconds, nothing lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Time(i64, u32);

impl Time {
    /// Twelve bytes that sort as the instants do.
    pub(super) fn sortable(self) -> [u8; 12] {
        let seconds = (self.0 ^ i64::MIN).to_be_bytes();
        let mut res = [0; 12];
        res.iter_mut().zip(seconds.into_iter().chain(self.1.to_be_bytes())).for_each(|(to, from)| *to = from);
        res
    }
}

impl Time {
    /// The beginning of the clock hour that contains it.
    pub(super) fn hour(self) -> Self {
        Self(self.0 - self.0.rem_euclid(3_600), 0)
    }

    /// The instant of what [`Time::sortable`] wrote.
    pub(super) fn of_sortable(bytes: [u8; 12]) -> Self {
        let (mut seconds, mut nanos) = ([0; 8], [0; 4]);
        seconds.iter_mut().chain(&mut nanos).zip(bytes).for_each(|(to, from)| *to = from);
        Self(i64::from_be_bytes(seconds) ^ i64::MIN, u32::from_be_bytes(nanos))
    }
}

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(at.timestamp(), at.timestamp_subsec_nanos())
    }
}

impl TryFrom<Time> for Timestamp {
    type Error = RecordError;

    fn try_from(Time(seconds, nanos): Time) -> Result<Self, RecordError> {
        DateTime::from_timestamp(seconds, nanos)
            .ok_or_else(|| RecordError::broken(format_args!("no instant {seconds}.{nanos:09}")))
    }
}

/// Converts every element.
fn all<T, U>(items: Vec<T>) -> Result<Vec<U>, RecordError>
where
    U: TryFrom<T, Error = RecordError>,
{
    items.into_iter().map(U::try_from).collect()
}

/// Converts what is there.
fn some<T, U>(item: Option<T>) -> Result<Option<U>, RecordError>
where
    U: TryFrom<T, Error = RecordError>,
{
    item.map(U::try_from).transpose()
}
