//! The records of what later readings of pages showed, and of pages.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{RecordError, Time, article::IntentRecord, some};
use crate::model::{ArticleId, Finding, Redirect, Rereading, Snapshot, Trail};

/// Version 4 of [`Rereading`], the first.
#[derive(Serialize, Deserialize)]
pub(super) struct RereadingRecord {
    article: u64,
    at: Time,
    finding: FindingRecord,
    attempts: u32,
    trail: Option<TrailRecord>,
    intent: Option<Box<IntentRecord>>,
}

/// Version 4 of [`Finding`], the first.
#[derive(Serialize, Deserialize)]
enum FindingRecord {
    Same,
    Changed(u32),
    Missing(String),
    Withdrawn(String),
    Failed(String),
}

/// Version 4 of [`Trail`], the first.
#[derive(Serialize, Deserialize)]
struct TrailRecord {
    asked: String,
    redirects: Vec<(u16, String)>,
    url: String,
    status: u16,
    headers: Vec<(String, String)>,
    at: Time,
}

/// Version 4 of [`Snapshot`], the first.
#[derive(Serialize, Deserialize)]
pub(super) struct SnapshotRecord {
    article: u64,
    version: u32,
    trail: TrailRecord,
    body: Bytes,
}

/// Bytes; base64 where the form is one that people read.
struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.serialize_str(&data_encoding::BASE64.encode(&self.0)),
            false => self.0.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.is_human_readable() {
            true => {
                let text = String::deserialize(deserializer)?;
                data_encoding::BASE64.decode(text.as_bytes()).map(Self).map_err(D::Error::custom)
            }
            false => Vec::deserialize(deserializer).map(Self),
        }
    }
}

impl From<&Rereading> for RereadingRecord {
    fn from(it: &Rereading) -> Self {
        let Rereading { article, at, finding, attempts, trail, intent } = it;
        Self {
            article: article.0,
            at: (*at).into(),
            finding: match finding {
                Finding::Same => FindingRecord::Same,
                Finding::Changed(version) => FindingRecord::Changed(*version),
                Finding::Missing(why) => FindingRecord::Missing(why.clone()),
                Finding::Withdrawn(why) => FindingRecord::Withdrawn(why.clone()),
                Finding::Failed(why) => FindingRecord::Failed(why.clone()),
            },
            attempts: *attempts,
            trail: trail.as_ref().map(TrailRecord::from),
            intent: intent.as_ref().map(|it| Box::new(it.as_ref().into())),
        }
    }
}

impl TryFrom<RereadingRecord> for Rereading {
    type Error = RecordError;

    fn try_from(it: RereadingRecord) -> Result<Self, RecordError> {
        let intent = match it.intent {
            Some(it) => Some(Box::new((*it).try_into()?)),
            None => None,
        };
        Ok(Self {
            article: ArticleId(it.article),
            at: it.at.try_into()?,
            finding: match it.finding {
                FindingRecord::Same => Finding::Same,
                FindingRecord::Changed(version) => Finding::Changed(version),
                FindingRecord::Missing(why) => Finding::Missing(why),
                FindingRecord::Withdrawn(why) => Finding::Withdrawn(why),
                FindingRecord::Failed(why) => Finding::Failed(why),
            },
            attempts: it.attempts,
            trail: some(it.trail)?,
            intent,
        })
    }
}

impl From<&Trail> for TrailRecord {
    fn from(it: &Trail) -> Self {
        let Trail { asked, redirects, url, status, headers, at } = it;
        Self {
            asked: asked.clone(),
            redirects: redirects.iter().map(|it| (it.status, it.to.clone())).collect(),
            url: url.clone(),
            status: *status,
            headers: headers.clone(),
            at: (*at).into(),
        }
    }
}

impl TryFrom<TrailRecord> for Trail {
    type Error = RecordError;

    fn try_from(it: TrailRecord) -> Result<Self, RecordError> {
        Ok(Self {
            asked: it.asked,
            redirects: it.redirects.into_iter().map(|(status, to)| Redirect { status, to }).collect(),
            url: it.url,
            status: it.status,
            headers: it.headers,
            at: it.at.try_into()?,
        })
    }
}

impl From<&Snapshot> for SnapshotRecord {
    fn from(it: &Snapshot) -> Self {
        let Snapshot { article, version, trail, body } = it;
        Self { article: article.0, version: *version, trail: trail.into(), body: Bytes(body.clone()) }
    }
}

impl TryFrom<SnapshotRecord> for Snapshot {
    type Error = RecordError;

    fn try_from(it: SnapshotRecord) -> Result<Self, RecordError> {
        let (article, trail) = (ArticleId(it.article), it.trail.try_into()?);
        Ok(Self { article, version: it.version, trail, body: it.body.0 })
    }
}
