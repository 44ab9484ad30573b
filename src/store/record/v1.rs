//! Version 1 of the records of articles, alerts, messages and digests, which versions 1 and 2 wrote: read, and
//! brought to what this build writes. Records that have not changed since stand beside their successors.

use serde::{Deserialize, Serialize};

use super::{
    Time,
    article::{ArticleRecord, AssignmentRecord, FieldRecord, IntentRecord, MethodRecord, PageRecord, Span, TagRecord},
    message::{
        AlertKindRecord, AlertRecord, ClosenessRecord, ContentRecord, DigestRecord, DocumentRecord, HitRecord,
        OutgoingRecord,
    },
    reading::ReadingRecord,
};

/// Version 1 of [`IntentRecord`].
#[derive(Serialize, Deserialize)]
pub(super) struct IntentRecordV1 {
    article: ArticleRecordV1,
    assignment: AssignmentRecordV1,
    tags: Vec<TagRecord>,
    fingerprint: Vec<u64>,
    alerts: Vec<AlertRecordV1>,
    outbox: Vec<OutgoingRecordV1>,
}

impl From<IntentRecordV1> for IntentRecord {
    fn from(it: IntentRecordV1) -> Self {
        Self {
            article: it.article.into(),
            assignment: it.assignment.into(),
            tags: it.tags,
            // Version 1 held samples of shingles, by which copies were then found.
            fingerprint: Vec::new(),
            merge: None,
            alerts: it.alerts.into_iter().map(Into::into).collect(),
            outbox: it.outbox.into_iter().map(Into::into).collect(),
            possible: Vec::new(),
        }
    }
}

/// Version 1 of [`ArticleRecord`].
#[derive(Serialize, Deserialize)]
struct ArticleRecordV1 {
    id: u64,
    version: u32,
    source: String,
    link: Option<String>,
    guid: Option<String>,
    guid_is_unique: bool,
    feed_title: String,
    title: String,
    body: String,
    authors: Vec<String>,
    language: Option<String>,
    site_name: Option<String>,
    canonical: Option<String>,
    published: Option<Time>,
    first_seen: Time,
    method: MethodRecord,
    page: PageRecord,
}

impl From<ArticleRecordV1> for ArticleRecord {
    fn from(it: ArticleRecordV1) -> Self {
        Self {
            id: it.id,
            version: it.version,
            source: it.source,
            link: it.link,
            guid: it.guid,
            guid_is_unique: it.guid_is_unique,
            feed_title: it.feed_title,
            title: it.title,
            body: it.body,
            authors: it.authors,
            language: it.language,
            site_name: it.site_name,
            canonical: it.canonical,
            published: it.published,
            first_seen: it.first_seen,
            method: it.method,
            page: it.page,
            reading: ReadingRecord::default(),
        }
    }
}

/// Version 1 of [`AssignmentRecord`].
#[derive(Serialize, Deserialize)]
enum AssignmentRecordV1 {
    New,
    Copy { story: u64, of: u64, why: String },
}

impl From<AssignmentRecordV1> for AssignmentRecord {
    fn from(it: AssignmentRecordV1) -> Self {
        match it {
            AssignmentRecordV1::New => Self::New,
            AssignmentRecordV1::Copy { story, of, why } => Self::Copy { story, of, partial: false, why },
        }
    }
}

/// Version 1 of [`AlertRecord`].
#[derive(Serialize, Deserialize)]
struct AlertRecordV1 {
    id: u64,
    watch: String,
    article: u64,
    story: u64,
    hits: Vec<HitRecordV1>,
    raised: Time,
}

impl From<AlertRecordV1> for AlertRecord {
    fn from(it: AlertRecordV1) -> Self {
        Self {
            id: it.id,
            watch: it.watch,
            article: it.article,
            story: it.story,
            hits: it.hits.into_iter().map(Into::into).collect(),
            raised: it.raised,
            kind: AlertKindRecord::Found,
        }
    }
}

/// The reason given for a hit in versions 1 and 2, which did not store it. Every hit they stored was sure enough for an
/// alert, and most were spelled like their term.
pub(super) const UNSAID: &str = "It was found by an earlier version, which kept no reason; it is taken for exact.";

/// Version 1 of [`HitRecord`].
#[derive(Serialize, Deserialize)]
struct HitRecordV1 {
    term: String,
    field: FieldRecord,
    span: Span,
    form: String,
    sentence: String,
}

impl From<HitRecordV1> for HitRecord {
    fn from(it: HitRecordV1) -> Self {
        Self {
            term: it.term,
            field: it.field,
            span: it.span,
            form: it.form,
            sentence: it.sentence,
            closeness: ClosenessRecord::Exact,
            score: 1.0,
            ending: None,
            why: UNSAID.to_owned(),
        }
    }
}

/// Version 1 of [`OutgoingRecord`].
#[derive(Serialize, Deserialize)]
struct OutgoingRecordV1 {
    id: String,
    channel: String,
    content: ContentRecordV1,
    due: Time,
}

impl From<OutgoingRecordV1> for OutgoingRecord {
    fn from(it: OutgoingRecordV1) -> Self {
        Self { id: it.id, channel: it.channel, content: it.content.into(), due: it.due }
    }
}

/// Version 1 of [`ContentRecord`].
#[derive(Serialize, Deserialize)]
enum ContentRecordV1 {
    Alert(AlertRecordV1),
    Digest { subject: String, text: String, html: Option<String>, documents: Vec<DocumentRecord> },
}

impl From<ContentRecordV1> for ContentRecord {
    fn from(it: ContentRecordV1) -> Self {
        match it {
            ContentRecordV1::Alert(alert) => Self::Alert(alert.into()),
            ContentRecordV1::Digest { subject, text, html, documents } => {
                Self::Digest { subject, text, html, documents }
            }
        }
    }
}

/// Version 1 of [`DigestRecord`].
#[derive(Serialize, Deserialize)]
pub(super) struct DigestRecordV1 {
    digest: String,
    at: Time,
    since: Time,
    until: Time,
    articles: Vec<u64>,
    outbox: Vec<OutgoingRecordV1>,
}

impl From<DigestRecordV1> for DigestRecord {
    fn from(it: DigestRecordV1) -> Self {
        Self {
            digest: it.digest,
            at: it.at,
            since: it.since,
            until: it.until,
            articles: it.articles,
            outbox: it.outbox.into_iter().map(Into::into).collect(),
        }
    }
}
