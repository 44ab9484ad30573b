//! The records of alerts, messages, digests and deliveries.

use serde::{Deserialize, Serialize};

use super::{
    RecordError, Time, all,
    article::{FieldRecord, Span},
};
use crate::model::{
    Alert, AlertId, AlertKind, ArticleId, Attempt, Closeness, Content, DigestIssue, Document, Held, Hit, MessageId,
    More, Outcome, Outgoing, Possible, Rendered, Sending, Slot, StoryId,
};

/// Version 3 of [`Alert`].
#[derive(Serialize, Deserialize)]
pub(super) struct AlertRecord {
    pub(super) id: u64,
    pub(super) watch: String,
    pub(super) article: u64,
    pub(super) story: u64,
    pub(super) hits: Vec<HitRecord>,
    pub(super) raised: Time,
    pub(super) kind: AlertKindRecord,
}

/// [`AlertKind`]. Variants are only ever added at the end; the record's version says up to which one.
#[derive(Serialize, Deserialize)]
pub(super) enum AlertKindRecord {
    // Version 3.
    Found,
    Spike { today: u32, usual: f32 },
    Old,
    // Version 6.
    Withdrawn,
    Changed { version: u32 },
}

impl From<AlertKind> for AlertKindRecord {
    fn from(it: AlertKind) -> Self {
        match it {
            AlertKind::Found => Self::Found,
            AlertKind::Old => Self::Old,
            AlertKind::Spike { today, usual } => Self::Spike { today, usual },
            AlertKind::Withdrawn => Self::Withdrawn,
            AlertKind::Changed { version } => Self::Changed { version },
        }
    }
}

impl From<AlertKindRecord> for AlertKind {
    fn from(it: AlertKindRecord) -> Self {
        match it {
            AlertKindRecord::Found => Self::Found,
            AlertKindRecord::Old => Self::Old,
            AlertKindRecord::Spike { today, usual } => Self::Spike { today, usual },
            AlertKindRecord::Withdrawn => Self::Withdrawn,
            AlertKindRecord::Changed { version } => Self::Changed { version },
        }
    }
}

/// Version 3 of [`Hit`].
#[derive(Serialize, Deserialize)]
pub(super) struct HitRecord {
    pub(super) term: String,
    pub(super) field: FieldRecord,
    pub(super) span: Span,
    pub(super) form: String,
    pub(super) sentence: String,
    pub(super) closeness: ClosenessRecord,
    pub(super) score: f32,
    pub(super) ending: Option<String>,
    pub(super) why: String,
}

/// Version 3 of [`Closeness`].
#[derive(Serialize, Deserialize)]
pub(super) enum ClosenessRecord {
    Exact,
    Inflected,
    Transliterated,
    Respelled,
    Weak,
}

impl From<Closeness> for ClosenessRecord {
    fn from(it: Closeness) -> Self {
        match it {
            Closeness::Exact => Self::Exact,
            Closeness::Inflected => Self::Inflected,
            Closeness::Transliterated => Self::Transliterated,
            Closeness::Respelled => Self::Respelled,
            Closeness::Weak => Self::Weak,
        }
    }
}

impl From<ClosenessRecord> for Closeness {
    fn from(it: ClosenessRecord) -> Self {
        match it {
            ClosenessRecord::Exact => Self::Exact,
            ClosenessRecord::Inflected => Self::Inflected,
            ClosenessRecord::Transliterated => Self::Transliterated,
            ClosenessRecord::Respelled => Self::Respelled,
            ClosenessRecord::Weak => Self::Weak,
        }
    }
}

impl From<&Hit> for HitRecord {
    fn from(it: &Hit) -> Self {
        Self {
            term: it.term.clone(),
            field: it.field.into(),
            span: (&it.span).into(),
            form: it.form.clone(),
            sentence: it.sentence.clone(),
            closeness: it.closeness.into(),
            score: it.score,
            ending: it.ending.clone(),
            why: it.why.clone(),
        }
    }
}

impl From<&Alert> for AlertRecord {
    fn from(it: &Alert) -> Self {
        Self {
            id: it.id.0,
            watch: it.watch.clone(),
            article: it.article.0,
            story: it.story.0.0,
            hits: it.hits.iter().map(HitRecord::from).collect(),
            raised: it.raised.into(),
            kind: it.kind.into(),
        }
    }
}

impl TryFrom<AlertRecord> for Alert {
    type Error = RecordError;

    fn try_from(it: AlertRecord) -> Result<Self, RecordError> {
        Ok(Self {
            id: AlertId(it.id),
            watch: it.watch,
            article: ArticleId(it.article),
            story: StoryId(ArticleId(it.story)),
            hits: all(it.hits)?,
            raised: it.raised.try_into()?,
            kind: it.kind.into(),
        })
    }
}

impl TryFrom<HitRecord> for Hit {
    type Error = RecordError;

    fn try_from(it: HitRecord) -> Result<Self, RecordError> {
        Ok(Self {
            term: it.term,
            field: it.field.into(),
            span: it.span.try_into()?,
            form: it.form,
            sentence: it.sentence,
            closeness: it.closeness.into(),
            score: it.score,
            ending: it.ending,
            why: it.why,
        })
    }
}

/// Version 3 of [`Possible`].
#[derive(Serialize, Deserialize)]
pub(super) struct PossibleRecord {
    watch: String,
    hits: Vec<HitRecord>,
}

impl From<&Possible> for PossibleRecord {
    fn from(it: &Possible) -> Self {
        Self { watch: it.watch.clone(), hits: it.hits.iter().map(HitRecord::from).collect() }
    }
}

impl TryFrom<PossibleRecord> for Possible {
    type Error = RecordError;

    fn try_from(it: PossibleRecord) -> Result<Self, RecordError> {
        Ok(Self { watch: it.watch, hits: all(it.hits)? })
    }
}

/// Version 3 of [`Outgoing`].
#[derive(Serialize, Deserialize)]
pub(super) struct OutgoingRecord {
    pub(super) id: String,
    pub(super) channel: String,
    pub(super) content: ContentRecord,
    pub(super) due: Time,
}

/// Version 3 of [`Content`].
#[derive(Serialize, Deserialize)]
pub(super) enum ContentRecord {
    Alert(AlertRecord),
    Digest { subject: String, text: String, html: Option<String>, documents: Vec<DocumentRecord> },
    More { watch: String, hour: Time, told: u32 },
    Alerts(Vec<AlertRecord>),
    Held { watch: String, since: Time, until: Time },
}

/// Version 1 of [`Document`].
#[derive(Serialize, Deserialize)]
pub(super) struct DocumentRecord {
    name: String,
    media_type: String,
    body: String,
}

impl From<&Outgoing> for OutgoingRecord {
    fn from(it: &Outgoing) -> Self {
        Self {
            id: it.id.0.clone(),
            channel: it.channel.clone(),
            content: match &it.content {
                // A single alert is written as it was before messages could hold several.
                Content::Alerts(alerts) => match alerts.as_slice() {
                    [alert] => ContentRecord::Alert(alert.into()),
                    all => ContentRecord::Alerts(all.iter().map(AlertRecord::from).collect()),
                },
                Content::Held(Held { watch, since, until }) => {
                    ContentRecord::Held { watch: watch.clone(), since: (*since).into(), until: (*until).into() }
                }
                Content::More(More { watch, hour, told }) => {
                    ContentRecord::More { watch: watch.clone(), hour: (*hour).into(), told: *told }
                }
                Content::Digest(Rendered { subject, text, html, documents }) => ContentRecord::Digest {
                    subject: subject.clone(),
                    text: text.clone(),
                    html: html.clone(),
                    documents: documents.iter().map(DocumentRecord::from).collect(),
                },
            },
            due: it.due.into(),
        }
    }
}

impl TryFrom<OutgoingRecord> for Outgoing {
    type Error = RecordError;

    fn try_from(it: OutgoingRecord) -> Result<Self, RecordError> {
        Ok(Self {
            id: MessageId(it.id),
            channel: it.channel,
            content: match it.content {
                ContentRecord::Alert(alert) => Content::Alerts(vec![alert.try_into()?]),
                ContentRecord::Alerts(all) => {
                    Content::Alerts(all.into_iter().map(Alert::try_from).collect::<Result<_, _>>()?)
                }
                ContentRecord::Held { watch, since, until } => {
                    Content::Held(Held { watch, since: since.try_into()?, until: until.try_into()? })
                }
                ContentRecord::More { watch, hour, told } => {
                    Content::More(More { watch, hour: hour.try_into()?, told })
                }
                ContentRecord::Digest { subject, text, html, documents } => {
                    let documents = documents.into_iter().map(Document::from).collect();
                    Content::Digest(Rendered { subject, text, html, documents })
                }
            },
            due: it.due.try_into()?,
        })
    }
}

impl From<&Document> for DocumentRecord {
    fn from(it: &Document) -> Self {
        Self { name: it.name.clone(), media_type: it.media_type.clone(), body: it.body.clone() }
    }
}

impl From<DocumentRecord> for Document {
    fn from(it: DocumentRecord) -> Self {
        Self { name: it.name, media_type: it.media_type, body: it.body }
    }
}

/// Version 3 of [`DigestIssue`].
#[derive(Serialize, Deserialize)]
pub(super) struct DigestRecord {
    pub(super) digest: String,
    pub(super) at: Time,
    pub(super) since: Time,
    pub(super) until: Time,
    pub(super) articles: Vec<u64>,
    pub(super) outbox: Vec<OutgoingRecord>,
}

impl From<&DigestIssue> for DigestRecord {
    fn from(it: &DigestIssue) -> Self {
        Self {
            digest: it.slot.digest.clone(),
            at: it.slot.at.into(),
            since: it.since.into(),
            until: it.until.into(),
            articles: it.articles.iter().map(|it| it.0).collect(),
            outbox: it.outbox.iter().map(OutgoingRecord::from).collect(),
        }
    }
}

impl TryFrom<DigestRecord> for DigestIssue {
    type Error = RecordError;

    fn try_from(it: DigestRecord) -> Result<Self, RecordError> {
        Ok(Self {
            slot: Slot { digest: it.digest, at: it.at.try_into()? },
            since: it.since.try_into()?,
            until: it.until.try_into()?,
            articles: it.articles.into_iter().map(ArticleId).collect(),
            outbox: all(it.outbox)?,
        })
    }
}

/// Version 5 of [`Sending`].
#[derive(Serialize, Deserialize)]
pub(super) struct SendingRecord {
    message: String,
    at: Time,
    rendered: Option<RenderedRecord>,
}

/// Version 5 of [`Rendered`].
#[derive(Serialize, Deserialize)]
struct RenderedRecord {
    subject: String,
    text: String,
    html: Option<String>,
    documents: Vec<DocumentRecord>,
}

impl From<&Sending> for SendingRecord {
    fn from(it: &Sending) -> Self {
        let rendered = it.rendered.as_ref().map(|Rendered { subject, text, html, documents }| RenderedRecord {
            subject: subject.clone(),
            text: text.clone(),
            html: html.clone(),
            documents: documents.iter().map(DocumentRecord::from).collect(),
        });
        Self { message: it.message.0.clone(), at: it.at.into(), rendered }
    }
}

impl TryFrom<SendingRecord> for Sending {
    type Error = RecordError;

    fn try_from(it: SendingRecord) -> Result<Self, RecordError> {
        let rendered = it.rendered.map(|RenderedRecord { subject, text, html, documents }| Rendered {
            subject,
            text,
            html,
            documents: documents.into_iter().map(Document::from).collect(),
        });
        Ok(Self { message: MessageId(it.message), at: it.at.try_into()?, rendered })
    }
}

/// Version 1 of [`Attempt`].
#[derive(Serialize, Deserialize)]
pub(super) struct AttemptRecord {
    message: String,
    at: Time,
    outcome: OutcomeRecord,
}

/// [`Outcome`]. Variants are only ever added at the end; the record's version says up to which one.
#[derive(Serialize, Deserialize)]
enum OutcomeRecord {
    // Version 1.
    Sent,
    Retry { due: Time, reason: String },
    Parked { reason: String },
    // Version 4.
    Dropped { reason: String },
}

impl From<&Attempt> for AttemptRecord {
    fn from(it: &Attempt) -> Self {
        Self {
            message: it.message.0.clone(),
            at: it.at.into(),
            outcome: match &it.outcome {
                Outcome::Sent => OutcomeRecord::Sent,
                Outcome::Retry { due, reason } => OutcomeRecord::Retry { due: (*due).into(), reason: reason.clone() },
                Outcome::Parked { reason } => OutcomeRecord::Parked { reason: reason.clone() },
                Outcome::Dropped { reason } => OutcomeRecord::Dropped { reason: reason.clone() },
            },
        }
    }
}

impl TryFrom<AttemptRecord> for Attempt {
    type Error = RecordError;

    fn try_from(it: AttemptRecord) -> Result<Self, RecordError> {
        Ok(Self {
            message: MessageId(it.message),
            at: it.at.try_into()?,
            outcome: match it.outcome {
                OutcomeRecord::Sent => Outcome::Sent,
                OutcomeRecord::Retry { due, reason } => Outcome::Retry { due: due.try_into()?, reason },
                OutcomeRecord::Parked { reason } => Outcome::Parked { reason },
                OutcomeRecord::Dropped { reason } => Outcome::Dropped { reason },
            },
        })
    }
}
