//! What is learned of topics from labels and examples. Pure.
//!
//! Labels of a topic that has a rule teach a logistic model on words, runs of letters and the score of the rule.
//! Examples and keywords of a topic, and labels of one that has no rule, teach by how near others are to them (`few`),
//! in each language by itself.
//!
//! A model adds a topic where it is sure and takes one away only where many labels say so. It never brings back what a
//! rule excludes, or requires and misses. Its probabilities are calibrated on labels that it was not fitted to (Platt's
//! method, five folds), and each tag carries the words that count most for it.

mod few;
mod fit;
mod languages;
mod texts;

use std::collections::{BTreeMap, BTreeSet};

pub use few::{MIN_KEYWORDS, MIN_OTHERS, MIN_RIGHT};
pub use languages::languages_of;

use few::Mixture;
use fit::Data;
use languages::{Languages, Taught};
use texts::Texts;

use super::{
    examples::Seed,
    features::{Direction, Features, ReadText, Share, Vector},
    score::{Explanation, explain},
    topics::Topics,
};
use crate::{
    model::{Article, Evidence, Field, Report, Tag},
    text::{Token, language_of},
};

/// Minimum probability (0–1) at which a model learned from labels beside a rule adds a topic.
const ADDED: f32 = 0.6;
/// Minimum probability (0–1) at which a model learned from a few texts adds a topic. Higher, because nobody said which
/// texts do not have it.
const ADDED_BY_FEW: f32 = 0.9;
/// Minimum words that must speak for a topic before a model learned from a few texts adds it.
const MIN_WORDS: usize = 3;
/// A rule's topic is taken away below this probability (0–1).
const TAKEN: f32 = 0.1;
/// Folds of the cross-validation: in each, another part of the labels is left out.
const FOLDS: usize = 5;
/// Maximum value of the rule's score as a feature, in multiples of the rule's threshold.
const MAX_RULE: f32 = 2.0;
/// Maximum words shown as evidence.
const MAX_SHOWN: usize = 6;

/// A text of which a person said whether it has a topic.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// The article.
    pub article: Article,
    /// The topic's id.
    pub topic: String,
    /// Whether it has it.
    pub is_right: bool,
}

/// What was learned, by topic.
#[derive(Debug, Clone, Default)]
pub struct Models {
    features: Features,
    /// For each topic that has a rule, what labels teach.
    topics: BTreeMap<String, Model>,
    /// For each language, what a few texts teach.
    languages: BTreeMap<String, Taught>,
}

#[derive(Debug, Clone)]
struct Model {
    weights: Direction,
    rule: f32,
    bias: f32,
    curve: Curve,
    may_take: bool,
}

/// Turns a sum into a probability.
#[derive(Debug, Clone, Copy)]
enum Curve {
    /// The sum, scaled and shifted, is a log-odds.
    Logistic {
        scale: f32,
        offset: f32,
    },
    Mixture(Mixture),
}

/// What the models say of a topic in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The topic.
    pub topic: String,
    /// How likely the text has it, 0–1.
    pub probability: f32,
    /// What comes of that.
    pub ruling: Ruling,
    /// The words that count most for it.
    pub evidence: Vec<Evidence>,
}

/// What follows from the probability of a topic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ruling {
    /// The topic is added; no rule gives it.
    Added,
    /// The topic is not probable enough: it would need this probability (0–1).
    Unsure(f32),
    /// The topic is probable enough, but too few words speak for it: in a line of two words, a single one makes the
    /// whole near.
    TooShort,
    /// A rule gives the topic, and it stays.
    Kept,
    /// A rule gives the topic, but it is taken away: it would need this probability (0–1).
    TakenAway(f32),
    /// Something that the topic excludes is present, or something that it requires is missing.
    RuledOut,
}

/// Whether a text has a topic, and why: by the rule, the models, or both.
#[derive(Debug)]
pub struct Verdict<'a> {
    /// The topic.
    pub topic: &'a str,
    /// What the rule says, where there is one.
    pub rule: Option<&'a Explanation>,
    /// What was learned says.
    pub learned: Vec<&'a Judgement>,
}

impl<'a> Verdict<'a> {
    /// A verdict for each topic that has a rule or is learned, in the order of the rules.
    pub fn all(rules: &'a [Explanation], judged: &'a [Judgement]) -> Vec<Self> {
        let learned = |id: &str| judged.iter().filter(|it| it.topic == id).collect();
        let all = topics_of(rules, judged.iter().map(|it| it.topic.as_str()));
        all.map(|(topic, rule)| Verdict { topic, rule, learned: learned(topic) }).collect()
    }

    /// Whether the daemon tags the text with it.
    pub fn holds(&self) -> bool {
        holds(self.rule, self.learned.iter().map(|it| it.ruling))
    }
}

/// Whether a text has a topic, from its rule and the rulings of the models.
fn holds(rule: Option<&Explanation>, mut rulings: impl Iterator<Item = Ruling>) -> bool {
    match rule {
        Some(it) if it.holds() => !rulings.any(|it| matches!(it, Ruling::TakenAway(_))),
        _ => rulings.any(|it| it == Ruling::Added),
    }
}

/// The topics of the rules in their order, and then those that are learned alone, each with its rule.
fn topics_of<'a>(
    rules: &'a [Explanation],
    learned: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = (&'a str, Option<&'a Explanation>)> {
    let ruled = rules.iter().map(|it| (it.topic.as_str(), Some(it)));
    let others = learned.filter(|id| !rules.iter().any(|it| it.topic == *id)).collect::<BTreeSet<_>>();
    ruled.chain(others.into_iter().map(|it| (it, None)))
}

/// How well a topic is recognised, measured on labels left out of the fit. Only facts about all texts together are
/// learned from them too: how rare words are, and whether the meaning of Russian words is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Labels that say "right", and the topic was given.
    pub found: usize,
    /// Labels that say "right", and it was not.
    pub missed: usize,
    /// Labels that say "wrong", and it was given.
    pub false_alarms: usize,
    /// Labels that say "wrong", and it was not.
    pub rejected: usize,
}

impl Outcome {
    fn count(&mut self, is_right: bool, is_given: bool) {
        *match (is_right, is_given) {
            (true, true) => &mut self.found,
            (true, false) => &mut self.missed,
            (false, true) => &mut self.false_alarms,
            (false, false) => &mut self.rejected,
        } += 1;
    }

    /// The share (0–1) of given topics that are right; `None` if none was given.
    pub fn precision(&self) -> Option<f64> {
        share(self.found, self.found + self.false_alarms)
    }

    /// The share (0–1) of right topics that were given; `None` if none is right.
    pub fn recall(&self) -> Option<f64> {
        share(self.found, self.found + self.missed)
    }

    /// The harmonic mean of the two; `None` where nothing is right and nothing was given.
    pub fn f1(&self) -> Option<f64> {
        share(2 * self.found, 2 * self.found + self.missed + self.false_alarms)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of labels")]
fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Models {
    /// Learns each topic of which enough is known. `background` are unlabelled texts, the newest first.
    pub fn fit(topics: &Topics, seeds: &[Seed], labels: &[Labelled], background: &[Report]) -> Self {
        let all = All::new(topics, seeds, labels, background);
        all.models(&all.names(), None)
    }

    /// Whether nothing was learned.
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty() && self.languages.is_empty()
    }

    /// The tags of an article: those of the rules, corrected by the models.
    pub fn tags(&self, topics: &Topics, article: &Article) -> Vec<Tag> {
        let explained = explain(topics, article);
        let whole = whole(article);
        let read = self.read(article, &whole);
        let judged = judged(article, &read, &explained);
        let tag = |(topic, rule): (&str, Option<&Explanation>)| {
            let mut own = judged.iter().filter(|it| it.topic == topic);
            if !holds(rule, own.clone().map(|it| it.ruling)) {
                return None;
            }
            let (score, evidence) = match rule {
                Some(it) if it.holds() => (it.score, it.evidence.clone()),
                _ => {
                    let it = own.find(|it| it.ruling == Ruling::Added)?;
                    // At most the lowest score of a rule, so that topics found by rules come first.
                    (rule.map_or(it.probability, |it| it.threshold), it.model.evidence(article, it.text))
                }
            };
            Some(Tag { topic: topic.to_owned(), score, evidence })
        };
        topics_of(&explained, judged.iter().map(|it| it.topic)).filter_map(tag).collect()
    }

    /// The judgement of each topic that is learned in the article's language. `rules` are the rules' results for the
    /// article.
    pub fn judge(&self, article: &Article, rules: &[Explanation]) -> Vec<Judgement> {
        let whole = whole(article);
        let read = self.read(article, &whole);
        let all = judged(article, &read, rules).into_iter().map(|it| Judgement {
            topic: it.topic.to_owned(),
            probability: it.probability,
            ruling: it.ruling,
            evidence: it.model.evidence(article, it.text),
        });
        all.collect()
    }

    /// A text as read by the models of labels, and as read by those of its language, each with its models.
    fn read<'t>(&self, article: &Article, whole: &'t str) -> Vec<(ReadText<'t>, &BTreeMap<String, Model>)> {
        let by_labels = (!self.topics.is_empty()).then_some((&self.features, &self.topics));
        let taught = language_of(article).and_then(|it| self.languages.get(it));
        let all = by_labels.into_iter().chain(taught.map(|it| (&it.features, &it.topics)));
        all.map(|(features, models)| (features.read(whole), models)).collect()
    }

    /// How well each labelled topic is recognised by the rules alone, and with the models learned from the other
    /// labels.
    pub fn evaluate(
        topics: &Topics,
        seeds: &[Seed],
        labels: &[Labelled],
        background: &[Report],
    ) -> BTreeMap<String, (Outcome, Outcome)> {
        let all = All::new(topics, seeds, labels, background);
        let mut res = BTreeMap::<String, (Outcome, Outcome)>::new();
        for topic in all.names() {
            let own = labels.iter().filter(|it| it.topic == topic).collect::<Vec<_>>();
            for fold in 0..FOLDS {
                let mut left_out = own.iter().skip(fold).step_by(FOLDS).peekable();
                if left_out.peek().is_none() {
                    continue;
                }
                let models = all.models(std::slice::from_ref(&topic), Some(fold));
                for it in left_out {
                    let is_given = |models: &Self| models.tags(topics, &it.article).iter().any(|it| it.topic == topic);
                    let outcome = res.entry(topic.clone()).or_default();
                    outcome.0.count(it.is_right, is_given(&Self::default()));
                    outcome.1.count(it.is_right, is_given(&models));
                }
            }
        }
        res
    }
}

/// A topic in a text as one model reads it.
struct Judged<'r> {
    topic: &'r str,
    probability: f32,
    ruling: Ruling,
    model: &'r Model,
    text: &'r ReadText<'r>,
}

fn judged<'r>(
    article: &Article,
    read: &'r [(ReadText<'r>, &'r BTreeMap<String, Model>)],
    rules: &[Explanation],
) -> Vec<Judged<'r>> {
    let all = read.iter().flat_map(|(text, models)| models.iter().map(move |(topic, model)| (text, topic, model)));
    let one = |(text, topic, model): (&'r ReadText<'r>, &'r String, &'r Model)| {
        let rule = rules.iter().find(|it| it.topic == *topic);
        let probability = model.probability(&text.vector, ratio(rule));
        let ruling = match rule {
            Some(it) if it.holds() && model.may_take && probability < TAKEN => Ruling::TakenAway(TAKEN),
            Some(it) if it.holds() => Ruling::Kept,
            Some(it) if it.is_ruled_out() => Ruling::RuledOut,
            _ if probability < model.curve.least() => Ruling::Unsure(model.curve.least()),
            _ if model.evidence(article, text).len() < model.curve.least_words() => Ruling::TooShort,
            _ => Ruling::Added,
        };
        Judged { topic, probability, ruling, model, text }
    };
    all.map(one).collect()
}

/// All that is known of all topics.
struct All {
    data: Data,
    languages: Languages,
}

impl All {
    fn new(topics: &Topics, seeds: &[Seed], labels: &[Labelled], background: &[Report]) -> Self {
        let texts = Texts::new(topics, seeds, labels, background);
        Self { data: Data::new(topics, &texts), languages: Languages::new(topics, &texts) }
    }

    fn names(&self) -> Vec<String> {
        let all = self.data.names().chain(self.languages.names()).collect::<BTreeSet<_>>();
        all.into_iter().cloned().collect()
    }

    /// The models of some topics, learned without the labels of a fold.
    fn models(&self, topics: &[String], without: Option<usize>) -> Models {
        let fitted = topics.iter().filter_map(|it| Some((it.clone(), self.data.model(it, without)?)));
        Models {
            features: self.data.features.clone(),
            topics: fitted.collect(),
            languages: self.languages.taught(topics, without),
        }
    }
}

fn whole(article: &Article) -> String {
    format!("{}\n{}", article.title, article.body)
}

/// The rule's score in multiples of its threshold.
fn ratio(rule: Option<&Explanation>) -> f32 {
    rule.map_or(0.0, |it| (it.score / it.threshold.max(f32::EPSILON)).clamp(0.0, MAX_RULE))
}

fn logistic(odds: f32) -> f32 {
    1.0 / (1.0 + (-odds).exp())
}

impl Curve {
    fn probability(&self, sum: f32) -> f32 {
        match self {
            Self::Logistic { scale, offset } => logistic(scale * sum + offset),
            Self::Mixture(it) => it.probability(sum),
        }
    }

    /// Minimum probability at which a topic is added.
    fn least(&self) -> f32 {
        match self {
            Self::Logistic { .. } => ADDED,
            Self::Mixture(_) => ADDED_BY_FEW,
        }
    }

    /// Minimum words that must speak for it.
    fn least_words(&self) -> usize {
        match self {
            Self::Logistic { .. } => 1,
            Self::Mixture(_) => MIN_WORDS,
        }
    }
}

impl Model {
    fn sum(&self, vector: &Vector, rule: f32) -> f32 {
        let words = vector.iter().filter_map(|(hash, value)| Some(value * self.weights.get(hash)?)).sum::<f32>();
        words + self.rule * rule + self.bias
    }

    fn probability(&self, vector: &Vector, rule: f32) -> f32 {
        self.curve.probability(self.sum(vector, rule))
    }

    /// The words that count most for the topic, where they first stand.
    fn evidence(&self, article: &Article, text: &ReadText<'_>) -> Vec<Evidence> {
        let mut res = text.shares(&self.weights);
        res.sort_by(|a, b| b.sum().total_cmp(&a.sum()));
        res.truncate(MAX_SHOWN);
        res.sort_by_key(|it| it.token.span.start);
        // The text is the title, a line break, and the body: see `whole`.
        let body = article.title.len() + 1;
        let evidence = |it: Share<'_, '_>| {
            let Token { span, word, .. } = it.token;
            let (field, from) = if span.start < body { (Field::Title, 0) } else { (Field::Body, body) };
            // Such a word may be in none of the labelled texts.
            let how = if it.is_by_meaning() { " (by its meaning)" } else { "" };
            Evidence {
                field,
                span: span.start - from..span.end - from,
                rule: format!("learned: {word}{how}"),
                weight: it.sum(),
            }
        };
        res.into_iter().map(evidence).collect()
    }
}

#[cfg(test)]
mod tests;
