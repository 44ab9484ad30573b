//! Topics given by examples: a linear model on words and runs of letters, learned from a handful of texts and
//! keywords and from texts that nobody labelled. Pure.
//!
//! Each topic is a direction in the space of weighted features. The unlabelled texts are assigned to the topics by
//! nearness and pull the directions towards themselves, in several rounds (expectation and maximisation on the sphere).
//! The result is one weight per feature and topic, so that every decision can be shown as a sum of words and runs of
//! letters. If there are many texts, the nearest ones also count (`neighbours`).

mod neighbours;

use std::iter;

use neighbours::Neighbours;

use super::features::{Counts, Direction, Features, ReadText, Vector, add, dot, scaled, unit};

/// Number of rounds in which the unlabelled texts are assigned.
const ROUNDS: usize = 8;
/// How sharply a text is assigned to the nearest topic while topics are learned: only a text near to a single topic
/// pulls it.
const SHARPNESS: f32 = 25.0;
/// How sharply a text is assigned to the nearest topic when it is classified.
const DECISION: f32 = 60.0;
/// Minimum share (0–1) with which a text must be assigned to a topic to pull it.
const SURE: f32 = 0.5;
/// The weight (0–1) of the given texts; the found texts have the rest.
const GIVEN: f32 = 0.65;
/// The weight of an example, in unlabelled texts.
const EXAMPLE: f32 = 4.0;
/// The weight of all keywords together, which count as one text, in unlabelled texts.
const KEYWORDS: f32 = 20.0;
/// Minimum probability (0–1) at which a topic holds.
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
    /// The words that count most for it, with what each adds.
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
    features: Features,
    /// A direction for each topic.
    topics: Vec<Direction>,
    /// The texts it was learned from.
    neighbours: Neighbours,
}

impl Learned {
    /// Learns topics from their examples and keywords and from unlabelled texts. No texts are needed, but they help.
    ///
    /// All texts are learned from. Only 3,000 of them, the examples and then the first of the others, serve as
    /// neighbours, which limits the time to some seconds for thousands of texts.
    pub fn fit(seeds: &[Seed], unlabelled: &[String]) -> Self {
        let examples = seeds.iter().flat_map(|it| &it.examples);
        let counts = examples.chain(unlabelled).map(|it| Counts::of(it)).collect::<Vec<_>>();
        let mut numbers = 0..counts.len();
        let sorted = seeds.iter().map(|it| numbers.by_ref().take(it.examples.len()).collect()).collect::<Vec<_>>();
        let features = Features::fit(&counts, &sorted);
        let n_examples = seeds.iter().map(|it| it.examples.len()).sum();
        let vectors = counts.iter().map(|it| features.vector(it)).collect::<Vec<_>>();
        let (of_examples, of_texts) = vectors.split_at_checked(n_examples).unwrap_or((&vectors, &[]));
        let mut fixed = Vec::new();
        let mut examples = of_examples.iter();
        for seed in seeds {
            let mut sum = Direction::new();
            for example in examples.by_ref().take(seed.examples.len()) {
                add(&mut sum, example, EXAMPLE);
            }
            let words = Counts::of_keywords(&seed.keywords.join(" "));
            add(&mut sum, &features.vector(&words), KEYWORDS);
            fixed.push(sum);
        }
        let ids = seeds.iter().map(|it| it.id.clone()).collect();
        let mut res = Self { ids, features, topics: Vec::new(), neighbours: Neighbours::default() };
        let fixed = fixed.into_iter().map(unit).collect::<Vec<_>>();
        res.topics.clone_from(&fixed);
        for _ in 0..ROUNDS {
            let mut sums = vec![Direction::new(); seeds.len()];
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

    /// The likelihood of each topic; together they are 1.
    fn shares(&self, text: &Vector, sharpness: f32) -> Vec<f32> {
        let odds = self.topics.iter().map(|it| sharpness * dot(text, it)).collect::<Vec<_>>();
        let most = odds.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum = odds.iter().map(|it| (it - most).exp()).sum::<f32>();
        odds.iter().map(|it| (it - most).exp() / sum).collect()
    }

    /// How near a text is to each topic, in the order of the topics. A topic for which no word speaks is not assigned
    /// by runs of letters alone.
    pub fn explain(&self, text: &str) -> Vec<Nearness> {
        let text = self.features.read(text);
        let shares = self.neighbours.asked(&text.vector, &self.shares(&text.vector, DECISION));
        let each = self.ids.iter().zip(&self.topics).zip(shares);
        each.map(|((id, topic), share)| {
            let words = shown(&text, topic);
            Nearness { id: id.clone(), probability: if words.is_empty() { 0.0 } else { share }, words }
        })
        .collect()
    }
}

/// The words of a text that count most for a topic.
fn shown(text: &ReadText<'_>, topic: &Direction) -> Vec<(String, f32)> {
    let shares = text.shares(topic);
    let mut res = shares.iter().map(|it| (it.token.form.to_owned(), it.sum())).collect::<Vec<_>>();
    res.sort_by(|a, b| b.1.total_cmp(&a.1));
    res.truncate(MAX_SHOWN);
    res
}

/// Combines found and given directions with the weight [`GIVEN`].
fn mixed(found: Direction, given: &Direction) -> Direction {
    let mut found = scaled(found, 1.0 - GIVEN);
    for (hash, weight) in given {
        *found.entry(*hash).or_default() += GIVEN * weight;
    }
    unit(found)
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
        for unknown in ["Zzz xxx", "Ыфвапрол джэячсмить йцукенгшщ зхъфывап", ""] {
            assert!(learned.explain(unknown).iter().all(|it| !it.holds()), "nothing is known of {unknown:?}");
        }
        assert!(Learned::fit(&[], &unlabelled).explain("x").is_empty());
    }
}
