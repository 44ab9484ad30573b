//! Topics and what shows them.

use serde::Serialize;

use crate::{
    classify::{
        Explanation,
        models::{Judgement, Ruling, Verdict},
    },
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

/// The verdict on a topic in a text.
#[derive(Debug, Serialize)]
pub struct TopicVerdict<'a> {
    topic: &'a str,
    holds: bool,
    /// The verdict of the rule, if there is one.
    #[serde(flatten)]
    rule: Option<RuleVerdict<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    learned: Vec<LearnedVerdict<'a>>,
}

#[derive(Debug, Serialize)]
struct RuleVerdict<'a> {
    score: f32,
    threshold: f32,
    evidence: Vec<Evidence<'a>>,
    missing: &'a [Vec<String>],
    excluded_by: Vec<Evidence<'a>>,
}

/// The verdict of the models learned from labels or examples.
#[derive(Debug, Serialize)]
struct LearnedVerdict<'a> {
    /// 0–1.
    probability: f32,
    ruling: &'static str,
    /// The probability at which the verdict would change.
    #[serde(skip_serializing_if = "Option::is_none")]
    least: Option<f32>,
    evidence: Vec<Evidence<'a>>,
}

impl<'a> TopicVerdict<'a> {
    /// The verdict of the rules on `article`.
    pub fn new(it: &'a Explanation, article: &'a model::Article) -> Self {
        Self { topic: &it.topic, holds: it.holds(), rule: Some(RuleVerdict::new(it, article)), learned: Vec::new() }
    }

    /// The verdict of the rules and of what was learned.
    pub fn whole(it: &Verdict<'a>, article: &'a model::Article) -> Self {
        let learned = |it: &&'a Judgement| {
            let (ruling, least) = match it.ruling {
                Ruling::Added => ("added", None),
                Ruling::Unsure(least) => ("unsure", Some(least)),
                Ruling::TooShort => ("too short", None),
                Ruling::Kept => ("kept", None),
                Ruling::TakenAway(least) => ("taken away", Some(least)),
                Ruling::RuledOut => ("ruled out", None),
            };
            LearnedVerdict { probability: it.probability, ruling, least, evidence: all(&it.evidence, article) }
        };
        Self {
            topic: it.topic,
            holds: it.holds(),
            rule: it.rule.map(|it| RuleVerdict::new(it, article)),
            learned: it.learned.iter().map(learned).collect(),
        }
    }
}

impl<'a> RuleVerdict<'a> {
    fn new(it: &'a Explanation, article: &'a model::Article) -> Self {
        Self {
            score: it.score,
            threshold: it.threshold,
            evidence: all(&it.evidence, article),
            missing: &it.missing,
            excluded_by: all(&it.excluded_by, article),
        }
    }
}

fn all<'a>(list: &'a [model::Evidence], article: &'a model::Article) -> Vec<Evidence<'a>> {
    list.iter().map(|it| evidence(it, article)).collect()
}
