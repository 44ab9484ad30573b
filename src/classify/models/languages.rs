//! What is known of topics in each language: words of one language say nothing about another, and a text is compared
//! with others of its own. Pure.

use std::collections::BTreeMap;

use super::{
    Curve, FOLDS, Model,
    few::{self, Known},
    texts::Texts,
};
use crate::{
    classify::{
        examples::Seed,
        features::{Counts, Direction, Features, Vector},
        topics::{Topic, Topics},
    },
    text::{language, language_of},
};

/// The texts of each language in which any topic is known.
#[derive(Debug, Default)]
pub(super) struct Languages(BTreeMap<String, Group>);

/// Those of one language.
#[derive(Debug)]
struct Group {
    features: Features,
    /// By topic.
    topics: BTreeMap<String, OfTopic>,
    /// What nobody labelled.
    others: Vec<Vector>,
    /// The direction of these.
    at_large: Direction,
}

#[derive(Debug, Default)]
struct OfTopic {
    texts: Vec<Text>,
    keywords: Vector,
}

#[derive(Debug)]
struct Text {
    vector: Vector,
    is_right: bool,
    /// Its number among the topic's labels, if it is one.
    label: Option<usize>,
}

/// What is taught in one language.
#[derive(Debug, Clone, Default)]
pub(super) struct Taught {
    pub(super) features: Features,
    /// By topic.
    pub(super) topics: BTreeMap<String, Model>,
}

/// Where a text came from.
enum Origin<'a> {
    Label { topic: &'a str, is_right: bool, number: usize },
    Example(&'a str),
    Nobody,
}

impl Languages {
    /// Groups the texts by language. A topic with a rule and without a seed is left out.
    pub(super) fn new(topics: &Topics, texts: &Texts<'_>) -> Self {
        let is_seed = |id: &str| texts.seeds.iter().any(|it| it.0.id == id);
        let is_one = |id: &str| is_seed(id) || !topics.get(id).is_some_and(Topic::has_phrases);
        let mut numbers = BTreeMap::<&str, usize>::new();
        let mut all = BTreeMap::<&str, Vec<(Origin<'_>, &Counts)>>::new();
        for (it, counts) in texts.labels.iter().filter(|it| is_one(&it.0.topic)) {
            let number = numbers.entry(&it.topic).or_default();
            let from = Origin::Label { topic: &it.topic, is_right: it.is_right, number: *number };
            *number += 1;
            if let Some(language) = language_of(&it.article) {
                all.entry(language).or_default().push((from, counts));
            }
        }
        for (it, counts) in &texts.background {
            if let Some(language) = language_of(&it.article) {
                all.entry(language).or_default().push((Origin::Nobody, counts));
            }
        }
        for (seed, examples) in &texts.seeds {
            for (language, counts) in languages_of(&seed.examples).into_iter().zip(examples) {
                if let Some(language) = language {
                    all.entry(language).or_default().push((Origin::Example(&seed.id), counts));
                }
            }
        }
        let has_keywords = texts.seeds.iter().any(|it| !it.0.keywords.is_empty());
        all.retain(|_, it| has_keywords || it.iter().any(|it| !matches!(it.0, Origin::Nobody)));
        let seeds = texts.seeds.iter().map(|it| it.0).collect::<Vec<_>>();
        Self(all.into_iter().map(|(language, it)| (language.to_owned(), Group::new(&seeds, it))).collect())
    }

    /// The topics of which something is known.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.0.values().flat_map(|it| it.topics.keys())
    }

    /// What is taught of some topics, by language, without the labels of a fold.
    pub(super) fn taught(&self, topics: &[String], without: Option<usize>) -> BTreeMap<String, Taught> {
        let of = |group: &Group| {
            let fitted = topics.iter().filter_map(|topic| Some((topic.clone(), group.fit(topic, without)?)));
            Taught { topics: fitted.collect(), features: group.features.clone() }
        };
        let all = self.0.iter().map(|(language, group)| (language.clone(), of(group)));
        all.filter(|(_, it)| !it.topics.is_empty()).collect()
    }
}

impl Group {
    fn new(seeds: &[&Seed], texts: Vec<(Origin<'_>, &Counts)>) -> Self {
        // Texts by topic. Unlabelled texts form a topic of their own, since most of them have none of the others.
        let mut sorted = BTreeMap::<&str, Vec<usize>>::new();
        for (number, (from, _)) in texts.iter().enumerate() {
            let topic = match from {
                Origin::Example(topic) => topic,
                Origin::Nobody => "",
                Origin::Label { .. } => continue,
            };
            sorted.entry(topic).or_default().push(number);
        }
        let features = Features::fit(texts.iter().map(|it| it.1), &sorted.into_values().collect::<Vec<_>>());
        let mut topics = BTreeMap::<String, OfTopic>::new();
        for seed in seeds {
            let words = Counts::of_keywords(&seed.keywords.join(" "));
            topics.entry(seed.id.clone()).or_default().keywords = features.vector(&words);
        }
        let mut others = Vec::new();
        for (from, counts) in texts {
            let vector = features.vector(counts);
            let (topic, is_right, label) = match from {
                Origin::Label { topic, is_right, number } => (topic, is_right, Some(number)),
                Origin::Example(topic) => (topic, true, None),
                Origin::Nobody => {
                    others.push(vector);
                    continue;
                }
            };
            topics.entry(topic.to_owned()).or_default().texts.push(Text { vector, is_right, label });
        }
        let at_large = few::at_large(&others);
        Self { features, topics, others, at_large }
    }

    fn fit(&self, topic: &str, without: Option<usize>) -> Option<Model> {
        let given = self.topics.get(topic)?;
        let is_in = |it: &&Text| it.label.is_none_or(|number| without.is_none_or(|fold| number % FOLDS != fold));
        let of = |is_right: bool| {
            let texts = given.texts.iter().filter(is_in).filter(|it| it.is_right == is_right);
            texts.map(|it| &it.vector).collect()
        };
        let Self { others, at_large, .. } = self;
        let known = Known { right: of(true), keywords: &given.keywords, wrong: of(false), others, at_large };
        let (weights, mixture) = known.fit()?;
        Some(Model { weights, rule: 0.0, bias: 0.0, curve: Curve::Mixture(mixture), may_take: false })
    }
}

/// The language of each example; an example of unknown language gets that of most others.
pub fn languages_of(texts: &[String]) -> Vec<Option<&'static str>> {
    let mut res = texts.iter().map(|it| language(it)).collect::<Vec<_>>();
    let mut counts = BTreeMap::<&str, usize>::new();
    for it in res.iter().flatten() {
        *counts.entry(it).or_default() += 1;
    }
    let usual = counts.into_iter().max_by_key(|it| it.1).map(|it| it.0);
    for it in &mut res {
        *it = it.or(usual);
    }
    res
}
