//! The records of an article and of what was decided about it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{
    RecordError, Time, all,
    correction::RegroupingRecord,
    message::{AlertRecord, OutgoingRecord, PossibleRecord},
    reading::ReadingRecord,
    some,
    source::source_id,
};
use crate::model::{
    Article, ArticleId, Assignment, CanonicalUrl, CopyLevel, Evidence, FetchRecord, Field, Fingerprint, Intent, Method,
    Page, Report, Shared, StoryId, Tag,
};

/// Version 3 of [`Intent`].
#[derive(Serialize, Deserialize)]
pub(super) struct IntentRecord {
    pub(super) article: ArticleRecord,
    pub(super) assignment: AssignmentRecord,
    pub(super) tags: Vec<TagRecord>,
    pub(super) fingerprint: Vec<u32>,
    pub(super) merge: Option<RegroupingRecord>,
    pub(super) alerts: Vec<AlertRecord>,
    pub(super) outbox: Vec<OutgoingRecord>,
    pub(super) possible: Vec<PossibleRecord>,
}

impl From<&Intent> for IntentRecord {
    fn from(it: &Intent) -> Self {
        Self {
            article: (&it.report.article).into(),
            assignment: (&it.report.assignment).into(),
            tags: it.report.tags.iter().map(TagRecord::from).collect(),
            fingerprint: it.fingerprint.0.clone(),
            merge: it.regrouping.as_ref().map(RegroupingRecord::from),
            alerts: it.alerts.iter().map(AlertRecord::from).collect(),
            outbox: it.outbox.iter().map(OutgoingRecord::from).collect(),
            possible: it.report.possible.iter().map(PossibleRecord::from).collect(),
        }
    }
}

impl TryFrom<IntentRecord> for Intent {
    type Error = RecordError;

    fn try_from(it: IntentRecord) -> Result<Self, RecordError> {
        Ok(Self {
            report: Report {
                article: it.article.try_into()?,
                assignment: it.assignment.into(),
                moved: None,
                tags: all(it.tags)?,
                possible: all(it.possible)?,
            },
            fingerprint: Fingerprint(it.fingerprint),
            regrouping: some(it.merge)?,
            alerts: all(it.alerts)?,
            outbox: all(it.outbox)?,
        })
    }
}

/// Version 3 of [`Article`].
#[derive(Serialize, Deserialize)]
pub(super) struct ArticleRecord {
    pub(super) id: u64,
    pub(super) version: u32,
    pub(super) source: String,
    pub(super) link: Option<String>,
    pub(super) guid: Option<String>,
    pub(super) guid_is_unique: bool,
    pub(super) feed_title: String,
    pub(super) title: String,
    pub(super) body: String,
    pub(super) authors: Vec<String>,
    pub(super) language: Option<String>,
    pub(super) site_name: Option<String>,
    pub(super) canonical: Option<String>,
    pub(super) published: Option<Time>,
    pub(super) first_seen: Time,
    pub(super) method: MethodRecord,
    pub(super) page: PageRecord,
    pub(super) reading: ReadingRecord,
}

/// Version 1 of [`Method`].
#[derive(Serialize, Deserialize)]
pub(super) enum MethodRecord {
    Recipe(String),
    Readability,
    Feed,
}

/// Version 1 of [`Page`].
#[derive(Serialize, Deserialize)]
pub(super) enum PageRecord {
    Fetched { status: u16, url: String, bytes: u64, at: Time },
    Withheld(String),
    Unreachable(String),
    None,
}

impl From<&Article> for ArticleRecord {
    fn from(it: &Article) -> Self {
        Self {
            id: it.id.0,
            version: it.version,
            source: it.source.as_str().to_owned(),
            link: it.link.as_ref().map(ToString::to_string),
            guid: it.guid.clone(),
            guid_is_unique: it.guid_is_unique,
            feed_title: it.feed_title.clone(),
            title: it.title.clone(),
            body: it.body.clone(),
            authors: it.authors.clone(),
            language: it.language.clone(),
            site_name: it.site_name.clone(),
            canonical: it.canonical.as_ref().map(ToString::to_string),
            published: it.published.map(Time::from),
            first_seen: it.first_seen.into(),
            method: match &it.method {
                Method::Recipe(name) => MethodRecord::Recipe(name.clone()),
                Method::Readability => MethodRecord::Readability,
                Method::Feed => MethodRecord::Feed,
            },
            page: match &it.page {
                Page::Fetched(FetchRecord { status, url, bytes, at }) => {
                    PageRecord::Fetched { status: *status, url: url.clone(), bytes: *bytes, at: (*at).into() }
                }
                Page::Withheld(reason) => PageRecord::Withheld(reason.clone()),
                Page::Unreachable(reason) => PageRecord::Unreachable(reason.clone()),
                Page::None => PageRecord::None,
            },
            reading: (&it.reading).into(),
        }
    }
}

impl TryFrom<ArticleRecord> for Article {
    type Error = RecordError;

    fn try_from(it: ArticleRecord) -> Result<Self, RecordError> {
        Ok(Self {
            id: ArticleId(it.id),
            version: it.version,
            source: source_id(&it.source)?,
            link: it.link.as_deref().map(web_address).transpose()?,
            guid: it.guid,
            guid_is_unique: it.guid_is_unique,
            feed_title: it.feed_title,
            title: it.title,
            body: it.body,
            authors: it.authors,
            language: it.language,
            site_name: it.site_name,
            canonical: it.canonical.as_deref().map(web_address).transpose()?,
            published: some(it.published)?,
            first_seen: it.first_seen.try_into()?,
            method: match it.method {
                MethodRecord::Recipe(name) => Method::Recipe(name),
                MethodRecord::Readability => Method::Readability,
                MethodRecord::Feed => Method::Feed,
            },
            page: match it.page {
                PageRecord::Fetched { status, url, bytes, at } => {
                    Page::Fetched(FetchRecord { status, url, bytes, at: at.try_into()? })
                }
                PageRecord::Withheld(reason) => Page::Withheld(reason),
                PageRecord::Unreachable(reason) => Page::Unreachable(reason),
                PageRecord::None => Page::None,
            },
            reading: it.reading.try_into()?,
        })
    }
}

fn web_address(text: &str) -> Result<CanonicalUrl, RecordError> {
    CanonicalUrl::parse(text).ok_or_else(|| RecordError::broken(format_args!("no web address {text:?}")))
}

/// Version 3 of [`Assignment`].
#[derive(Serialize, Deserialize)]
pub(super) enum AssignmentRecord {
    New,
    Copy { story: u64, of: u64, partial: bool, why: String },
    Joined { story: u64, of: u64, likelihood: f32, names: Vec<String>, numbers: Vec<String>, words: Vec<String> },
    Lost { story: u64, why: String },
}

impl From<&Assignment> for AssignmentRecord {
    fn from(it: &Assignment) -> Self {
        match it {
            Assignment::New => Self::New,
            Assignment::Copy { story, of, level, why } => {
                let partial = *level == CopyLevel::Partial;
                Self::Copy { story: story.0.0, of: of.0, partial, why: why.clone() }
            }
            Assignment::Joined { story, of, likelihood, why: Shared { names, numbers, words } } => Self::Joined {
                story: story.0.0,
                of: of.0,
                likelihood: *likelihood,
                names: names.clone(),
                numbers: numbers.clone(),
                words: words.clone(),
            },
            Assignment::Lost { story, why } => Self::Lost { story: story.0.0, why: why.clone() },
        }
    }
}

impl From<AssignmentRecord> for Assignment {
    fn from(it: AssignmentRecord) -> Self {
        match it {
            AssignmentRecord::New => Self::New,
            AssignmentRecord::Copy { story, of, partial, why } => {
                let level = if partial { CopyLevel::Partial } else { CopyLevel::Copy };
                Self::Copy { story: StoryId(ArticleId(story)), of: ArticleId(of), level, why }
            }
            AssignmentRecord::Joined { story, of, likelihood, names, numbers, words } => Self::Joined {
                story: StoryId(ArticleId(story)),
                of: ArticleId(of),
                likelihood,
                why: Shared { names, numbers, words },
            },
            AssignmentRecord::Lost { story, why } => Self::Lost { story: StoryId(ArticleId(story)), why },
        }
    }
}

/// Version 1 of [`Tag`].
#[derive(Serialize, Deserialize)]
pub(super) struct TagRecord {
    topic: String,
    score: f32,
    evidence: Vec<EvidenceRecord>,
}

/// Version 1 of [`Evidence`].
#[derive(Serialize, Deserialize)]
struct EvidenceRecord {
    field: FieldRecord,
    span: Span,
    rule: String,
    weight: f32,
}

impl From<&Tag> for TagRecord {
    fn from(it: &Tag) -> Self {
        let evidence = it.evidence.iter().map(|it| EvidenceRecord {
            field: it.field.into(),
            span: (&it.span).into(),
            rule: it.rule.clone(),
            weight: it.weight,
        });
        Self { topic: it.topic.clone(), score: it.score, evidence: evidence.collect() }
    }
}

impl TryFrom<TagRecord> for Tag {
    type Error = RecordError;

    fn try_from(it: TagRecord) -> Result<Self, RecordError> {
        let evidence = it.evidence.into_iter().map(|it| {
            Ok(Evidence { field: it.field.into(), span: it.span.try_into()?, rule: it.rule, weight: it.weight })
        });
        Ok(Self { topic: it.topic, score: it.score, evidence: evidence.collect::<Result<_, _>>()? })
    }
}

/// Version 1 of [`Field`].
#[derive(Serialize, Deserialize)]
pub(super) enum FieldRecord {
    Title,
    Body,
}

impl From<Field> for FieldRecord {
    fn from(it: Field) -> Self {
        match it {
            Field::Title => Self::Title,
            Field::Body => Self::Body,
        }
    }
}

impl From<FieldRecord> for Field {
    fn from(it: FieldRecord) -> Self {
        match it {
            FieldRecord::Title => Self::Title,
            FieldRecord::Body => Self::Body,
        }
    }
}

/// A byte range, the same on machines of any word size.
#[derive(Serialize, Deserialize)]
pub(super) struct Span(u64, u64);

impl From<&Range<usize>> for Span {
    fn from(it: &Range<usize>) -> Self {
        Self(it.start as u64, it.end as u64)
    }
}

impl TryFrom<Span> for Range<usize> {
    type Error = RecordError;

    fn try_from(Span(start, end): Span) -> Result<Self, RecordError> {
        let word = |it: u64| usize::try_from(it).map_err(RecordError::broken);
        Ok(word(start)?..word(end)?)
    }
}
