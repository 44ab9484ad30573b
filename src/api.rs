//! The JSON in which articles, alerts, sources and counts leave the program. Fields are added, never renamed
//! or removed.

pub mod feed;
pub mod metrics;

use serde::Serialize;

use crate::{
    classify::Explanation,
    model::{self, Assignment, CanonicalUrl, Condition, Field, Method, Timestamp},
    store,
};

/// An article with what was decided about it.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    id: String,
    story: String,
    version: u32,
    source: &'a str,
    title: &'a str,
    link: Option<&'a str>,
    canonical: Option<&'a str>,
    outlet: Option<&'a str>,
    authors: &'a [String],
    language: Option<&'a str>,
    published: Option<String>,
    modified: Option<String>,
    first_seen: String,
    /// `recipe`, `readability` or `feed`.
    method: &'static str,
    recipe: Option<&'a str>,
    page: Page<'a>,
    /// `article`, `list page`, `paywalled`, `consent wall`, `challenge page`, `video stub`, `too short` or `not HTML`;
    /// null where no page was read.
    verdict: Option<&'static str>,
    verdict_reason: Option<&'a str>,
    flags: Vec<Flag<'a>>,
    image: Option<&'a str>,
    origins: Origins,
    repeated: Vec<Repeated<'a>>,
    copy_of: Option<String>,
    copy_why: Option<&'a str>,
    placed: Placed<'a>,
    tags: Vec<Tag<'a>>,
    /// What watches may have found, not sure enough for an alert.
    possible: Vec<Possible<'a>>,
    body: &'a str,
}

/// How it came into its story.
#[derive(Debug, Serialize)]
pub struct Placed<'a> {
    /// How it was settled: `first`, `copy`, `partial-copy`, `same-event` or `lost`, where that record is damaged.
    how: &'static str,
    /// The report held before that it was put together with.
    of: Option<String>,
    /// 0–1; for `same-event`.
    likelihood: Option<f32>,
    names: &'a [String],
    numbers: &'a [String],
    words: &'a [String],
    why: String,
    /// Where it has been put into another story since.
    moved: Option<Moved<'a>>,
}

#[derive(Debug, Serialize)]
struct Moved<'a> {
    /// The story it was settled in.
    from: String,
    /// The story it is in now.
    to: String,
    why: &'a str,
}

impl<'a> From<&'a model::Report> for Placed<'a> {
    fn from(report: &'a model::Report) -> Self {
        let it = &report.assignment;
        let moved = report.moved.as_ref().map(|it| Moved {
            from: report.settled_in().to_string(),
            to: it.story.to_string(),
            why: &it.why,
        });
        let how = match it {
            Assignment::New => "first",
            Assignment::Copy { level: model::CopyLevel::Copy, .. } => "copy",
            Assignment::Copy { level: model::CopyLevel::Partial, .. } => "partial-copy",
            Assignment::Joined { .. } => "same-event",
            Assignment::Lost { .. } => "lost",
        };
        let (likelihood, shared) = match it {
            Assignment::Joined { likelihood, why, .. } => (Some(*likelihood), Some(why)),
            _ => (None, None),
        };
        let list = |of: fn(&model::Shared) -> &Vec<String>| shared.map_or(&[][..], |it| of(it).as_slice());
        Self {
            how,
            of: it.nearest().map(|it| it.to_string()),
            likelihood,
            names: list(|it| &it.names),
            numbers: list(|it| &it.numbers),
            words: list(|it| &it.words),
            why: it.reason(),
            moved,
        }
    }
}

#[derive(Debug, Serialize)]
struct Page<'a> {
    /// `fetched`, `withheld`, `unreachable` or `none`.
    state: &'static str,
    reason: Option<&'a str>,
    status: Option<u16>,
    url: Option<&'a str>,
    bytes: Option<u64>,
    at: Option<String>,
}

/// What is said about how the text came to be.
#[derive(Debug, Serialize)]
struct Flag<'a> {
    /// `machine-translated`, `machine-written` or `syndicated`.
    kind: &'static str,
    evidence: &'a str,
}

/// Where values were found.
#[derive(Debug, Serialize)]
struct Origins {
    title: Option<Origin>,
    authors: Option<Origin>,
    published: Option<Origin>,
    modified: Option<Origin>,
}

#[derive(Debug, Serialize)]
struct Origin {
    /// `recipe`, `json-ld`, `meta`, `heading`, `markup`, `address`, `script`, `text`, `inferred` or `feed`.
    from: &'static str,
    /// Of 100.
    confidence: u8,
}

/// A line that was cut because it recurs on pages of the source.
#[derive(Debug, Serialize)]
struct Repeated<'a> {
    line: &'a str,
    on: u32,
    of: u32,
}

/// A topic and what shows it.
#[derive(Debug, Serialize)]
pub struct Tag<'a> {
    topic: &'a str,
    score: f32,
    evidence: Vec<Evidence<'a>>,
}

#[derive(Debug, Serialize)]
struct Evidence<'a> {
    field: &'static str,
    start: usize,
    end: usize,
    words: &'a str,
    rule: &'a str,
    weight: f32,
}

impl<'a> From<&'a model::Report> for Report<'a> {
    fn from(it: &'a model::Report) -> Self {
        let (article, reading) = (&it.article, &it.article.reading);
        let (copy_of, copy_why) = match &it.assignment {
            Assignment::Copy { of, why, .. } => (Some(of.to_string()), Some(why.as_str())),
            _ => (None, None),
        };
        let (method, recipe) = match &article.method {
            Method::Recipe(name) => ("recipe", Some(name.as_str())),
            Method::Readability => ("readability", None),
            Method::Feed => ("feed", None),
        };
        Self {
            id: article.id.to_string(),
            story: it.story().to_string(),
            version: article.version,
            source: article.source.as_str(),
            title: &article.title,
            link: article.link.as_ref().map(CanonicalUrl::as_str),
            canonical: article.canonical.as_ref().map(CanonicalUrl::as_str),
            outlet: article.site_name.as_deref(),
            authors: &article.authors,
            language: article.language.as_deref(),
            published: article.published.map(instant),
            modified: reading.modified.map(instant),
            first_seen: instant(article.first_seen),
            method,
            recipe,
            page: Page::from(&article.page),
            verdict: reading.judgement.as_ref().map(|it| it.verdict.as_str()),
            verdict_reason: reading.judgement.as_ref().map(|it| it.reason.as_str()),
            flags: reading.flags.iter().map(|it| Flag { kind: it.kind.as_str(), evidence: &it.evidence }).collect(),
            image: reading.image.as_ref().map(url::Url::as_str),
            origins: Origins {
                title: reading.title.map(Origin::from),
                authors: reading.authors.map(Origin::from),
                published: reading.published.map(Origin::from),
                modified: reading.modified_from.map(Origin::from),
            },
            repeated: reading.repeated.iter().map(|it| Repeated { line: &it.line, on: it.on, of: it.of }).collect(),
            copy_of,
            copy_why,
            placed: Placed::from(it),
            tags: it.tags.iter().map(|it| tag(it, article)).collect(),
            possible: it.possible.iter().map(|possible| Possible::new(possible, it)).collect(),
            body: &article.body,
        }
    }
}

impl<'a> From<&'a model::Page> for Page<'a> {
    fn from(it: &'a model::Page) -> Self {
        let state = |state, reason| Self { state, reason, status: None, url: None, bytes: None, at: None };
        match it {
            model::Page::Fetched(record) => Self {
                state: "fetched",
                reason: None,
                status: Some(record.status),
                url: Some(&record.url),
                bytes: Some(record.bytes),
                at: Some(instant(record.at)),
            },
            model::Page::Withheld(reason) => state("withheld", Some(reason.as_str())),
            model::Page::Unreachable(reason) => state("unreachable", Some(reason.as_str())),
            model::Page::None => state("none", None),
        }
    }
}

impl From<model::Provenance> for Origin {
    fn from(it: model::Provenance) -> Self {
        Self { from: it.origin.as_str(), confidence: it.confidence }
    }
}

fn tag<'a>(it: &'a model::Tag, article: &'a model::Article) -> Tag<'a> {
    Tag { topic: &it.topic, score: it.score, evidence: it.evidence.iter().map(|it| evidence(it, article)).collect() }
}

fn evidence<'a>(it: &'a model::Evidence, article: &'a model::Article) -> Evidence<'a> {
    Evidence {
        field: field(it.field),
        start: it.span.start,
        end: it.span.end,
        words: it.field.of(article).get(it.span.clone()).unwrap_or_default(),
        rule: &it.rule,
        weight: it.weight,
    }
}

fn field(it: Field) -> &'static str {
    match it {
        Field::Title => "title",
        Field::Body => "body",
    }
}

/// An alert.
#[derive(Debug, Serialize)]
pub struct Alert<'a> {
    id: String,
    watch: &'a str,
    article: String,
    story: String,
    raised: String,
    /// `found`; `old` where the article says that it is old, so that no message went out; or `spike` where the watch fires
    /// more than it is wont to.
    kind: &'static str,
    /// Why, where the hits do not say it.
    reason: Option<String>,
    hits: Vec<Hit<'a>>,
}

/// What a watch may have found.
#[derive(Debug, Serialize)]
pub struct Possible<'a> {
    watch: &'a str,
    article: String,
    story: String,
    title: &'a str,
    first_seen: String,
    hits: Vec<Hit<'a>>,
}

impl<'a> Possible<'a> {
    /// With the report that it was found in.
    pub fn new(it: &'a model::Possible, report: &'a model::Report) -> Self {
        Self {
            watch: &it.watch,
            article: report.article.id.to_string(),
            story: report.story().to_string(),
            title: &report.article.title,
            first_seen: instant(report.article.first_seen),
            hits: it.hits.iter().map(Hit::from).collect(),
        }
    }
}

/// A watched term that was found.
#[derive(Debug, Serialize)]
pub struct Hit<'a> {
    term: &'a str,
    field: &'static str,
    start: usize,
    end: usize,
    form: &'a str,
    sentence: &'a str,
    /// `exact`, `inflected`, `transliterated`, `respelled` or `weak`.
    class: &'static str,
    /// From 0, nothing in common, to 1, the same letters.
    score: f32,
    ending: Option<&'a str>,
    why: &'a str,
}

impl<'a> From<&'a model::Alert> for Alert<'a> {
    fn from(it: &'a model::Alert) -> Self {
        Self {
            id: it.id.to_string(),
            watch: &it.watch,
            article: it.article.to_string(),
            story: it.story.to_string(),
            raised: instant(it.raised),
            kind: it.kind.as_str(),
            reason: it.reason(),
            hits: it.hits.iter().map(Hit::from).collect(),
        }
    }
}

impl<'a> From<&'a model::Hit> for Hit<'a> {
    fn from(it: &'a model::Hit) -> Self {
        Self {
            term: &it.term,
            field: field(it.field),
            start: it.span.start,
            end: it.span.end,
            form: &it.form,
            sentence: &it.sentence,
            class: it.closeness.as_str(),
            score: it.score,
            ending: it.ending.as_deref(),
            why: &it.why,
        }
    }
}

/// How a topic fares in a text.
#[derive(Debug, Serialize)]
pub struct TopicVerdict<'a> {
    topic: &'a str,
    holds: bool,
    score: f32,
    threshold: f32,
    evidence: Vec<Evidence<'a>>,
    missing: &'a [Vec<String>],
    excluded_by: Vec<Evidence<'a>>,
}

impl<'a> TopicVerdict<'a> {
    /// The verdict on `article`.
    pub fn new(it: &'a Explanation, article: &'a model::Article) -> Self {
        let all = |list: &'a [model::Evidence]| list.iter().map(|it| evidence(it, article)).collect();
        Self {
            topic: &it.topic,
            holds: it.holds(),
            score: it.score,
            threshold: it.threshold,
            evidence: all(&it.evidence),
            missing: &it.missing,
            excluded_by: all(&it.excluded_by),
        }
    }
}

/// A source with what is remembered about it.
#[derive(Debug, Serialize)]
pub struct Source<'a> {
    id: &'a str,
    name: &'a str,
    url: &'a str,
    enabled: bool,
    state_owned: bool,
    languages: &'a [String],
    country: &'a str,
    kind: &'static str,
    /// Whether it was seen to work on the live web.
    verified: bool,
    /// `fine`, `troubled`, `failing`, or `new` where it was never polled.
    health: &'static str,
    /// The same in more detail: `fine`, `repaired`, `slow`, `redirected`, `same-guid`, `frozen`, `behind`, `empty`, or
    /// why it fails: `blocked`, `web-page`, `gone`, `not-found`, `unreadable`, `throttled`, `server-error`,
    /// `unreachable`, `refused`, `defect`.
    condition: Option<&'static str>,
    reason: Option<&'a str>,
    since: Option<String>,
    failing_since: Option<String>,
    moved_to: Option<&'a str>,
    polled: Option<String>,
    succeeded: Option<String>,
    brought_new: Option<String>,
    newest: Option<String>,
    /// Seconds that usually lie between two new entries.
    pace: Option<u64>,
    /// Seconds that it usually takes to answer.
    took: Option<f64>,
    due: Option<String>,
    entries: Option<u32>,
}

impl<'a> Source<'a> {
    /// Joins the two.
    pub fn new(source: &'a model::Source, state: Option<&'a model::SourceState>) -> Self {
        let health = state.map(|it| &it.health);
        let is_failing = |it: &&model::Health| matches!(it.condition, Condition::Failing(_));
        Self {
            id: source.id.as_str(),
            name: &source.name,
            url: source.url.as_str(),
            enabled: source.enabled,
            state_owned: source.ownership == model::Ownership::State,
            languages: &source.languages,
            country: &source.country,
            kind: source.kind.word(),
            verified: source.is_verified,
            health: match health.map(|it| it.condition) {
                None => "new",
                Some(Condition::Fine) => "fine",
                Some(Condition::Failing(_)) => "failing",
                Some(_) => "troubled",
            },
            condition: health.map(|it| it.condition.word()),
            reason: health.map(|it| it.reason.as_str()).filter(|it| !it.is_empty()),
            since: health.map(|it| instant(it.since)),
            failing_since: health.filter(is_failing).map(|it| instant(it.since)),
            moved_to: state.and_then(|it| it.moved.as_ref()).map(|it| it.to.as_str()),
            polled: state.map(|it| instant(it.polled)),
            succeeded: state.and_then(|it| it.succeeded).map(instant),
            brought_new: state.and_then(|it| it.brought_new).map(instant),
            newest: state.and_then(|it| it.newest).map(instant),
            pace: state.and_then(|it| it.pace).map(|it| it.as_secs()),
            took: state.and_then(|it| it.took).map(|it| it.as_secs_f64()),
            due: state.map(|it| instant(it.due)),
            entries: state.map(|it| it.entries),
        }
    }
}

/// An entry of a source.
#[derive(Debug, Serialize)]
pub struct Entry<'a> {
    title: &'a str,
    link: Option<&'a str>,
    guid: Option<&'a str>,
    guid_is_unique: bool,
    published: Option<String>,
    updated: Option<String>,
    authors: &'a [String],
    language: Option<&'a str>,
    enclosures: Vec<&'a str>,
    text: &'a str,
}

impl<'a> From<&'a model::Entry> for Entry<'a> {
    fn from(it: &'a model::Entry) -> Self {
        Self {
            title: &it.title,
            link: it.link.as_ref().map(CanonicalUrl::as_str),
            guid: it.guid.as_deref(),
            guid_is_unique: it.guid_is_unique,
            published: it.published.map(instant),
            updated: it.updated.map(instant),
            authors: &it.authors,
            language: it.language.as_deref(),
            enclosures: it.enclosures.iter().map(|it| it.url.as_str()).collect(),
            text: &it.text,
        }
    }
}

/// How much is held.
#[derive(Debug, Serialize)]
pub struct Counts {
    articles: u64,
    stories: u64,
    alerts: u64,
    messages_waiting: u64,
    messages_given_up: u64,
    changes: u64,
    bytes: u64,
}

impl From<&store::Counts> for Counts {
    fn from(it: &store::Counts) -> Self {
        Self {
            articles: it.articles,
            stories: it.stories,
            alerts: it.alerts,
            messages_waiting: it.pending,
            messages_given_up: it.parked,
            changes: it.changes,
            bytes: it.bytes,
        }
    }
}

/// RFC 3339 in UTC, to the second.
pub fn instant(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
