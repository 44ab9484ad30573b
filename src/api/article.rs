//! An article with what was decided about it.

use serde::Serialize;

use crate::model::{self, Assignment, CanonicalUrl, Method};

use super::{
    alerts::Possible,
    instant,
    topics::{Tag, tag},
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
    /// A date that lies ahead of the time at which it was first seen, in place of `published`.
    published_claimed: Option<String>,
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
    /// The later move into another story, if there was one.
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
    /// `machine-translated`, `machine-written`, `syndicated` or `begins-with-feed`.
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
    /// Confidence in percent.
    confidence: u8,
}

/// A line that was cut because it recurs on pages of the source.
#[derive(Debug, Serialize)]
struct Repeated<'a> {
    line: &'a str,
    on: u32,
    of: u32,
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
            published: article.believed_date().map(instant),
            published_claimed: article.disbelieved_date().map(instant),
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
