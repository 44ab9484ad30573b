//! What watches found.

use serde::Serialize;

use crate::model;

use super::{field, instant};

/// An alert.
#[derive(Debug, Serialize)]
pub struct Alert<'a> {
    id: String,
    watch: &'a str,
    article: String,
    story: String,
    raised: String,
    /// `found`; `old` if the article is old by its own dates, so that no message was sent; or `spike` if the watch
    /// fires unusually often.
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
