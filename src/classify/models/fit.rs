//! Fits weights to labels, examples and unlabelled texts. Pure.

use std::{
    collections::{BTreeMap, HashMap},
    mem,
};

use super::{Curve, FOLDS, Model, logistic, ratio, texts::Texts};
use crate::{
    classify::{
        features::{Counts, Features, Vector},
        score::explain,
        topics::{Topic, Topics},
    },
    model::Article,
};

/// Minimum labels of each kind for a topic to have a model of its own.
const MIN_OF_EACH: usize = 3;
/// Minimum labels, and minimum labels that say "wrong", for a model to take away a rule's topic.
const MIN_FOR_VETO: (usize, usize) = (20, 5);
/// Minimum labels for probabilities to be calibrated.
const MIN_FOR_CALIBRATION: usize = 10;
/// The weight of an unlabelled text as one without the topic.
const BACKGROUND: f32 = 0.1;
/// Maximum unlabelled texts that count so, the newest.
const MAX_BACKGROUND: usize = 300;
/// How strongly weights are kept near 0 (ridge penalty).
const RIDGE: f32 = 0.002;
/// Steps of the fit.
const STEPS: usize = 80;

/// A text ready for a fit.
#[derive(Debug, Clone)]
struct Sample {
    vector: Vector,
    rule: f32,
    is_right: bool,
    weight: f32,
    is_label: bool,
}

/// The texts from which labelled topics with a rule are learned.
#[derive(Default)]
pub(super) struct Data {
    pub(super) features: Features,
    /// For each topic its samples in a fixed order, labels first.
    samples: BTreeMap<String, Vec<Sample>>,
}

impl Data {
    pub(super) fn new(topics: &Topics, texts: &Texts<'_>) -> Self {
        if texts.labels.is_empty() {
            return Self::default();
        }
        let background = texts.background.get(..MAX_BACKGROUND).unwrap_or(&texts.background);
        let examples = texts.seeds.iter().flat_map(|it| &it.1);
        let counts = texts.labels.iter().map(|it| &it.1).chain(background.iter().map(|it| &it.1)).chain(examples);
        let features = Features::fit(counts, &sorted(texts, texts.labels.len() + background.len()));
        let mut samples = BTreeMap::<String, Vec<Sample>>::new();
        let rules = |article: &Article| {
            let explained = explain(topics, article).into_iter();
            explained.map(|it| (it.topic.clone(), ratio(Some(&it)))).collect::<HashMap<_, _>>()
        };
        let has_rule = |topic: &str| topics.get(topic).is_some_and(Topic::has_phrases);
        for (label, counts) in texts.labels.iter().filter(|it| has_rule(&it.0.topic)) {
            let rule = rules(&label.article).get(&label.topic).copied().unwrap_or_default();
            let vector = features.vector(counts);
            let sample = Sample { vector, rule, is_right: label.is_right, weight: 1.0, is_label: true };
            samples.entry(label.topic.clone()).or_default().push(sample);
        }
        let vectors = |of: &[Counts]| of.iter().map(|it| features.vector(it)).collect::<Vec<_>>();
        let given = texts.seeds.iter().map(|(seed, examples)| (seed, vectors(examples))).collect::<Vec<_>>();
        let others = background.iter().map(|(it, counts)| (it, features.vector(counts), rules(&it.article)));
        let others = others.collect::<Vec<_>>();
        for (topic, all) in &mut samples {
            for (seed, vectors) in &given {
                let is_right = seed.id == *topic;
                // An example counts as found by the rule.
                let rule = if is_right { 1.0 } else { 0.0 };
                all.extend(vectors.iter().map(|it| Sample {
                    vector: it.clone(),
                    rule,
                    is_right,
                    weight: 1.0,
                    is_label: false,
                }));
            }
            for (report, vector, rules) in &others {
                let rule = rules.get(topic).copied().unwrap_or_default();
                // A text that already has the topic may be right, so it is not used as one without it.
                if rule < 1.0 && !report.tags.iter().any(|it| it.topic == *topic) {
                    let vector = vector.clone();
                    all.push(Sample { vector, rule, is_right: false, weight: BACKGROUND, is_label: false });
                }
            }
        }
        Self { features, samples }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.samples.keys()
    }

    /// The model of a topic, without the labels of a fold; `None` where too little is known.
    pub(super) fn model(&self, topic: &str, without: Option<usize>) -> Option<Model> {
        let all = self.samples.get(topic)?;
        let is_in = |n: usize, it: &Sample| !it.is_label || without.is_none_or(|fold| n % FOLDS != fold);
        let samples = all.iter().enumerate().filter(|(n, it)| is_in(*n, it)).map(|it| it.1).collect::<Vec<_>>();
        let labels = samples.iter().filter(|it| it.is_label).count();
        let of_each =
            [true, false].map(|is_right| samples.iter().filter(|it| it.is_label && it.is_right == is_right).count());
        if of_each.iter().any(|it| *it < MIN_OF_EACH) {
            return None;
        }
        let mut model = fitted(&samples);
        if labels >= MIN_FOR_CALIBRATION {
            model.curve = calibrated(&samples);
        }
        let [_, n_wrong] = of_each;
        model.may_take = labels >= MIN_FOR_VETO.0 && n_wrong >= MIN_FOR_VETO.1;
        Some(model)
    }
}

/// The numbers of the texts with a single topic, by topic, and of those without any; a text labelled again counts once.
/// Labels come first, and the examples of all seeds from `first_example` on.
fn sorted(texts: &Texts<'_>, first_example: usize) -> Vec<Vec<usize>> {
    let mut labelled = HashMap::<(&str, &str), (usize, Vec<&str>)>::new();
    for (number, (it, _)) in texts.labels.iter().enumerate() {
        let (_, topics) = labelled.entry((&it.article.title, &it.article.body)).or_insert((number, Vec::new()));
        if it.is_right && !topics.contains(&it.topic.as_str()) {
            topics.push(&it.topic);
        }
    }
    let mut res = BTreeMap::<Option<&str>, Vec<usize>>::new();
    for (number, topics) in labelled.into_values() {
        if let [] | [_] = topics.as_slice() {
            res.entry(topics.first().copied()).or_default().push(number);
        }
    }
    let mut numbers = first_example..;
    for (seed, examples) in &texts.seeds {
        res.entry(Some(&seed.id)).or_default().extend(numbers.by_ref().take(examples.len()));
    }
    for it in res.values_mut() {
        it.sort_unstable();
    }
    res.into_values().collect()
}

/// Logistic regression by accelerated gradient steps, with a weight for each text and equal weight of both kinds.
fn fitted(samples: &[&Sample]) -> Model {
    // Features become indexes of a list: the steps below touch each a hundred times.
    let mut places = HashMap::new();
    let mut hashes = Vec::new();
    let mut rows = Vec::with_capacity(samples.len());
    let sum = |is_right: bool| samples.iter().filter(|it| it.is_right == is_right).map(|it| it.weight).sum::<f32>();
    let halves = [sum(false), sum(true)].map(|it| 0.5 / it.max(f32::EPSILON));
    for it in samples {
        let mut place = |hash: u32| {
            *places.entry(hash).or_insert_with(|| {
                hashes.push(hash);
                hashes.len() - 1
            })
        };
        let words = it.vector.iter().map(|(hash, value)| (place(*hash), *value)).collect::<Vec<_>>();
        let [wrong, right] = halves;
        let (target, half) = if it.is_right { (1.0, right) } else { (0.0, wrong) };
        rows.push(Row { words, rule: it.rule, target, weight: it.weight * half });
    }
    // After the words come the rule and the bias.
    let (rule, bias) = (hashes.len(), hashes.len() + 1);
    let mut now = vec![0.0_f32; hashes.len() + 2];
    let mut before = now.clone();
    // The curvature of the loss is at most a quarter of the sum of squares: 1 for the words, 4 for the rule, 1 for the
    // bias.
    let rate = 1.0 / (0.25 * 6.0 + RIDGE);
    for step in 0..STEPS {
        #[expect(clippy::cast_precision_loss, reason = "a few dozen")]
        let momentum = step as f32 / (step as f32 + 3.0);
        let ahead = now.iter().zip(&before).map(|(now, then)| now + momentum * (now - then)).collect::<Vec<_>>();
        let at = |place: usize| ahead.get(place).copied().unwrap_or_default();
        let mut next = ahead.iter().map(|it| it * (1.0 - rate * RIDGE)).collect::<Vec<_>>();
        let mut add = |place: usize, by: f32| {
            if let Some(it) = next.get_mut(place) {
                *it += rate * by;
            }
        };
        for row in &rows {
            let words = row.words.iter().map(|(place, value)| at(*place) * value).sum::<f32>();
            let odds = words + at(rule) * row.rule + at(bias);
            let error = (row.target - logistic(odds)) * row.weight;
            row.words.iter().for_each(|(place, value)| add(*place, error * value));
            add(rule, error * row.rule);
            add(bias, error);
        }
        before = mem::replace(&mut now, next);
    }
    let at = |place: usize| now.get(place).copied().unwrap_or_default();
    let (rule, bias) = (at(rule), at(bias));
    let weights = hashes.into_iter().zip(now).collect();
    Model { weights, rule, bias, curve: Curve::Logistic { scale: 1.0, offset: 0.0 }, may_take: false }
}

/// A text as the fit reads it.
struct Row {
    words: Vec<(usize, f32)>,
    rule: f32,
    target: f32,
    weight: f32,
}

/// Scale and offset that turn sums, from a fit to other labels, into the log-odds of these labels.
fn calibrated(samples: &[&Sample]) -> Curve {
    let labels = samples.iter().filter(|it| it.is_label).count();
    let mut sums = Vec::with_capacity(labels);
    for fold in 0..FOLDS {
        let number = |n: usize, it: &Sample| it.is_label && n % FOLDS == fold;
        let rest = samples.iter().enumerate().filter(|(n, it)| !number(*n, it)).map(|it| *it.1).collect::<Vec<_>>();
        let model = fitted(&rest);
        let left_out = samples.iter().enumerate().filter(|(n, it)| number(*n, it));
        sums.extend(left_out.map(|(_, it)| (model.sum(&it.vector, it.rule), it.is_right)));
    }
    let count = |is_right| sums.iter().filter(|it| it.1 == is_right).map(|_| 1.0_f32).sum::<f32>();
    // Platt 1999: a few labels make nothing certain.
    let (high, low) = ((count(true) + 1.0) / (count(true) + 2.0), 1.0 / (count(false) + 2.0));
    let (mut a, mut b) = (1.0_f32, 0.0_f32);
    for _ in 0..30 {
        let (mut ga, mut gb, mut aa, mut ab, mut bb) = (0.0, 0.0, 1e-3, 0.0, 1e-3);
        for (sum, is_right) in &sums {
            let p = logistic(a * sum + b);
            let (error, curve) = ((if *is_right { high } else { low }) - p, p * (1.0 - p));
            ga += error * sum;
            gb += error;
            aa += curve * sum * sum;
            ab += curve * sum;
            bb += curve;
        }
        let det = aa * bb - ab * ab;
        if det.abs() < 1e-9 {
            break;
        }
        a = (a + (bb * ga - ab * gb) / det).clamp(0.05, 20.0);
        b = (b + (aa * gb - ab * ga) / det).clamp(-10.0, 10.0);
    }
    Curve::Logistic { scale: a, offset: b }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::{examples::Seed, models::Labelled};

    #[test]
    fn texts_of_one_topic_are_sorted_by_it() {
        let label = |title: &str, topic: &str, is_right| Labelled {
            article: Article::sample(title, ""),
            topic: topic.to_owned(),
            is_right,
        };
        let labels = [
            label("one", "a", true),
            label("two", "b", true),
            label("one", "b", false),
            label("three", "a", true),
            label("three", "b", true),
            label("four", "a", false),
            label("two", "b", true),
        ];
        let seed = Seed { id: "b".to_owned(), examples: vec![String::new(); 2], keywords: vec![] };
        let labels = labels.iter().map(|it| (it, Counts::default())).collect();
        let seeds = vec![(&seed, vec![Counts::default(); 2])];
        let texts = Texts { labels, background: vec![], seeds };
        assert_eq!(sorted(&texts, 9), [vec![5], vec![0], vec![1, 9, 10]]);
    }
}
