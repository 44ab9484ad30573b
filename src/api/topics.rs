//! Topics and what shows them.

use serde::Serialize;

use crate::{
    classify::{Explanation, models::Judgement},
    model,
};

use super::field;

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
    #[serde(skip_serializing_if = "Option::is_none")]
    closeness: Option<&'static str>,
    weight: f32,
}

pub(super) fn tag<'a>(it: &'a model::Tag, article: &'a model::Article) -> Tag<'a> {
    Tag { topic: &it.topic, score: it.score, evidence: it.evidence.iter().map(|it| evidence(it, article)).collect() }
}

fn evidence<'a>(it: &'a model::Evidence, article: &'a model::Article) -> Evidence<'a> {
    let (rule, closeness) = it.found();
    Evidence {
        field: field(it.field),
        start: it.span.start,
        end: it.span.end,
        words: it.field.of(article).get(it.span.clone()).unwrap_or_default(),
        rule,
        closeness: closeness.map(model::Closeness::as_str),
        weight: it.weight,
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

/// What labels and examples teach of a topic in a text.
#[derive(Debug, Serialize)]
pub struct LearnedVerdict<'a> {
    topic: &'a str,
    holds: bool,
    /// 0–1.
    probability: f32,
    /// From which probability on it holds.
    least: f32,
    learned: Vec<Evidence<'a>>,
}

impl<'a> LearnedVerdict<'a> {
    /// The verdict on `article`.
    pub fn new(it: &'a Judgement, article: &'a model::Article) -> Self {
        let learned = it.evidence.iter().map(|it| evidence(it, article)).collect();
        Self { topic: &it.topic, holds: it.holds(), probability: it.probability, least: it.least, learned }
    }
}
