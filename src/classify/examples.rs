//! Topics given by examples: a linear model on words and runs of letters, learned from a handful of texts and
//! keywords and from texts that nobody labelled. Pure.
//!
//! Each topic is a direction in the space of weighted features; the unlabelled texts are shared out among the
//! topics by how near they are, and pull the directions towards themselves, some times over (expectation and
//! maximisation on the sphere). What comes out is one weight a feature and topic, so that every decision can be
//! shown as a sum of words. Where texts are many, those nearest to a text have a say in it (`neighbours`).

mod neighbours;

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    iter,
};

use neighbours::Neighbours;

use crate::text;

/// Letters in a run.
const RUN_LETTERS: usize = 4;
/// Words of a text that are read.
const MAX_WORDS: usize = 400;
/// Features in fewer texts than this say nothing of a topic.
const MIN_TEXTS: u32 = 2;
/// How often the unlabelled texts are shared out.
const ROUNDS: usize = 8;
/// How sharply a text goes to the nearest topic while topics are learned: only what is near to one alone pulls it.
const SHARPNESS: f32 = 25.0;
/// The same when a text is decided on.
const DECISION: f32 = 60.0;
/// A text pulls a topic only where it goes to it with this share.
const SURE: f32 = 0.5;
/// What was given counts so much against what was found, 0–1.
const GIVEN: f32 = 0.65;
/// How much of an example is in a topic, measured in unlabelled texts.
const EXAMPLE: f32 = 4.0;
/// The same for the keywords together, which are one text.
const KEYWORDS: f32 = 20.0;
/// What runs of letters count against words.
const RUNS: f32 = 0.2;
/// A topic holds from this probability on.
const MIN_PROBABILITY: f32 = 0.4;
/// Words shown as evidence.
const MAX_SHOWN: usize = 8;

/// A topic as it is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seed {
    /// Names it.
    pub id: String,
    /// Texts that have it.
    pub examples: Vec<String>,
    /// Words that speak for it, or a description of it.
    pub keywords: Vec<String>,
}

/// How near a text is to a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearness {
    /// The topic.
    pub id: String,
    /// How likely it is, 0–1, among the topics that are learned.
    pub probability: f32,
    /// The words that count most for it, with their share of the sum.
    pub words: Vec<(String, f32)>,
}

impl Nearness {
    /// Whether the text gets the topic.
    pub fn holds(&self) -> bool {
        self.probability >= MIN_PROBABILITY
    }
}

/// What was learned.
#[derive(Debug, Clone, Default)]
pub struct Learned {
    ids: Vec<String>,
    idf: HashMap<u32, f32>,
    /// A direction for each topic.
    topics: Vec<HashMap<u32, f32>>,
    /// The texts it was learned from.
    neighbours: Neighbours,
}

/// Features of a text with their weights, of length 1.
pub(super) type Vector = Vec<(u32, f32)>;

impl Learned {
    /// Learns topics from their examples and keywords and from unlabelled texts. No texts are needed, but they help.
    ///
    /// All texts are learned from, the examples and then the first of the others, 3,000 together, are asked as neighbours: that keeps
    /// the time in bounds, some seconds for thousands of texts.
    pub fn fit(seeds: &[Seed], unlabelled: &[String]) -> Self {
        let examples = seeds.iter().flat_map(|it| &it.examples);
        let counts = examples.chain(unlabelled).map(|it| counts(it)).collect::<Vec<_>>();
        let idf = idf(&counts);
        let n_examples = seeds.iter().map(|it| it.examples.len()).sum();
        let vectors = counts.iter().map(|it| vector(it, &idf)).collect::<Vec<_>>();
        let (of_examples, of_texts) = vectors.split_at_checked(n_examples).unwrap_or((&vectors, &[]));
        let mut fixed = Vec::new();
        let mut examples = of_examples.iter();
        for seed in seeds {
            let mut sum = HashMap::new();
            for example in examples.by_ref().take(seed.examples.len()) {
                add(&mut sum, example, EXAMPLE);
            }
            let words = counts_of_words(&seed.keywords.join(" "));
            add(&mut sum, &vector(&words, &idf), KEYWORDS);
            fixed.push(sum);
        }
        let ids = seeds.iter().map(|it| it.id.clone()).collect();
        let mut res = Self { ids, idf, topics: Vec::new(), neighbours: Neighbours::default() };
        let fixed = fixed.into_iter().map(unit).collect::<Vec<_>>();
        res.topics.clone_from(&fixed);
        for _ in 0..ROUNDS {
            let mut sums = vec![HashMap::new(); seeds.len()];
            for text in of_texts {
                for (sum, share) in sums.iter_mut().zip(res.shares(text, SHARPNESS)) {
                    if share > SURE {
                        add(sum, text, share);
                    }
                }
            }
            res.topics = sums.into_iter().zip(&fixed).map(|(sum, fixed)| mixed(unit(sum), fixed)).collect();
        }
        let of = |topic: usize| (0..seeds.len()).map(|it| if it == topic { 1.0 } else { 0.0 }).collect::<Vec<f32>>();
        let given = seeds.iter().enumerate().flat_map(|(topic, it)| iter::repeat_n(of(topic), it.examples.len()));
        let own = given.chain(of_texts.iter().map(|it| res.shares(it, DECISION))).collect();
        res.neighbours = Neighbours::new(&vectors, own, n_examples);
        res
    }

    /// The likelihood of each topic, all of them 1.
    fn shares(&self, text: &Vector, sharpness: f32) -> Vec<f32> {
        let odds = self.topics.iter().map(|it| sharpness * dot(text, it)).collect::<Vec<_>>();
        let most = odds.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum = odds.iter().map(|it| (it - most).exp()).sum::<f32>();
        odds.iter().map(|it| (it - most).exp() / sum).collect()
    }

    /// How near a text is to each topic, in their order.
    pub fn explain(&self, text: &str) -> Vec<Nearness> {
        let vector = vector(&counts(text), &self.idf);
        // A text without a known word is near to none.
        let is_known = self.topics.iter().any(|it| dot(&vector, it) > 0.0);
        let words = text::tokens(text);
        let shares = self.neighbours.asked(&vector, &self.shares(&vector, DECISION));
        let each = self.ids.iter().zip(&self.topics).zip(shares);
        each.map(|((id, topic), share)| Nearness {
            id: id.clone(),
            probability: if is_known { share } else { 0.0 },
            words: shown(&words, &vector, topic),
        })
        .collect()
    }
}

/// The words of a text that count most for a topic.
fn shown(words: &[text::Token<'_>], vector: &Vector, topic: &HashMap<u32, f32>) -> Vec<(String, f32)> {
    let of = vector.iter().copied().collect::<HashMap<_, _>>();
    let mut seen = HashSet::new();
    let mut res = Vec::new();
    for word in words.iter().take(MAX_WORDS) {
        let hash = hash(text::stem(&word.word), 0);
        let weight = of.get(&hash).zip(topic.get(&hash)).map_or(0.0, |(a, b)| a * b);
        if weight > 0.0 && seen.insert(hash) {
            res.push((word.form.to_owned(), weight));
        }
    }
    res.sort_by(|a, b| b.1.total_cmp(&a.1));
    res.truncate(MAX_SHOWN);
    res
}

pub(super) fn hash(word: &str, kind: u32) -> u32 {
    let hash = text::shingles(&[word], 1).first().copied().unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
    let hash = (hash as u32).wrapping_add(kind.wrapping_mul(0x9E37_79B9));
    hash
}

pub(super) fn counts(text: &str) -> HashMap<u32, f32> {
    let mut res = counts_of_words(text);
    for token in text::tokens(text).iter().take(MAX_WORDS) {
        let bounds = token.word.char_indices().map(|(at, _)| at).chain([token.word.len()]).collect::<Vec<_>>();
        for run in bounds.windows(RUN_LETTERS + 1) {
            if let (Some(from), Some(to)) = (run.first(), run.last()) {
                let run = token.word.get(*from..*to).unwrap_or_default();
                *res.entry(hash(run, 1)).or_default() += RUNS;
            }
        }
    }
    res
}

fn counts_of_words(text: &str) -> HashMap<u32, f32> {
    let mut res = HashMap::new();
    for token in text::tokens(text).iter().take(MAX_WORDS) {
        if token.word.chars().nth(1).is_some() {
            *res.entry(hash(text::stem(&token.word), 0)).or_default() += 1.0;
        }
    }
    res
}

pub(super) fn idf(texts: &[HashMap<u32, f32>]) -> HashMap<u32, f32> {
    let mut n = HashMap::<u32, u32>::new();
    for text in texts {
        for hash in text.keys() {
            *n.entry(*hash).or_default() += 1;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of texts")]
    let weight = |it: u32| ((texts.len() as f32 + 1.0) / (it as f32 + 0.5)).ln().max(0.0);
    n.into_iter().filter(|(_, it)| *it >= MIN_TEXTS || texts.len() < 50).map(|(hash, it)| (hash, weight(it))).collect()
}

pub(super) fn vector(counts: &HashMap<u32, f32>, idf: &HashMap<u32, f32>) -> Vector {
    let weighed = counts.iter().filter_map(|(hash, n)| Some((*hash, (1.0 + n).ln() * idf.get(hash)?)));
    let mut res = weighed.collect::<Vector>();
    // Sums of rounded numbers depend on their order; it must not depend on the run.
    res.sort_unstable_by_key(|it| Reverse(it.0));
    let norm = res.iter().map(|it| it.1 * it.1).sum::<f32>().sqrt().max(f32::EPSILON);
    for it in &mut res {
        it.1 /= norm;
    }
    res
}

fn add(sum: &mut HashMap<u32, f32>, text: &Vector, share: f32) {
    for (hash, weight) in text {
        *sum.entry(*hash).or_default() += share * weight;
    }
}

fn unit(mut sum: HashMap<u32, f32>) -> HashMap<u32, f32> {
    let mut all = sum.values().map(|it| it * it).collect::<Vec<_>>();
    all.sort_unstable_by(f32::total_cmp);
    let norm = all.iter().sum::<f32>().sqrt().max(f32::EPSILON);
    for it in sum.values_mut() {
        *it /= norm;
    }
    sum
}

/// What was given and what was found, the one as heavy as [`GIVEN`] says.
fn mixed(mut found: HashMap<u32, f32>, given: &HashMap<u32, f32>) -> HashMap<u32, f32> {
    for it in found.values_mut() {
        *it *= 1.0 - GIVEN;
    }
    for (hash, weight) in given {
        *found.entry(*hash).or_default() += GIVEN * weight;
    }
    unit(found)
}

fn dot(text: &Vector, topic: &HashMap<u32, f32>) -> f32 {
    text.iter().filter_map(|(hash, weight)| Some(weight * topic.get(hash)?)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_examples_and_unlabelled_texts_make_a_topic() {
        let seed = |id: &str, examples: &[&str], keywords: &[&str]| Seed {
            id: id.to_owned(),
            examples: examples.iter().map(|it| (*it).to_owned()).collect(),
            keywords: keywords.iter().map(|it| (*it).to_owned()).collect(),
        };
        let seeds = [
            seed("football", &["The striker scored two goals in the cup final."], &["match", "league"]),
            seed("energy", &["The pipeline carries gas from the Caspian to the coast."], &["oil", "electricity"]),
        ];
        let unlabelled = [
            "A late goal decided the match for the home club.",
            "The club signed a midfielder before the league match.",
            "Gas exports by the pipeline rose, the ministry of energy said.",
            "The ministry of energy plans a new power line to the coast.",
        ]
        .map(str::to_owned);
        let learned = Learned::fit(&seeds, &unlabelled);
        for (text, expected) in [
            ("The midfielder left the club.", "football"),
            ("The ministry of energy spoke of the power line.", "energy"),
        ] {
            let found = learned.explain(text);
            let held = found.iter().filter(|it| it.holds()).map(|it| it.id.as_str()).collect::<Vec<_>>();
            assert_eq!(held, [expected], "{text} {found:?}");
            assert!(!found.iter().find(|it| it.id == expected).unwrap().words.is_empty());
        }
        assert!(learned.explain("Zzz xxx").iter().all(|it| !it.holds()), "nothing is known of it");
        assert!(Learned::fit(&[], &unlabelled).explain("x").is_empty());
    }
}
