//! Texts as vectors, in which topics are directions: their words, runs of letters and, where it helps, what Russian words
//! mean. Pure.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
};

use super::meaning::{self, DIMENSIONS};
use crate::text::{self, Token};

/// Letters in a run.
const RUN_LETTERS: usize = 4;
/// Words of a text that are read.
const MAX_WORDS: usize = 400;
/// Features in fewer texts than this say nothing of a topic.
const MIN_TEXTS: u32 = 2;
/// What runs of letters count against words.
const RUNS: f32 = 0.2;
/// What the meaning of the words counts in a text against the words themselves, 0–1. From 0.2 to 0.4, categories of Russian news
/// are told with nearly the same success.
const MEANING: f32 = 0.2;

/// Features of a text with their weights, of length 1.
pub(super) type Vector = Vec<(u32, f32)>;
/// A direction among the features.
pub(super) type Direction = HashMap<u32, f32>;

/// A word, or what `kind` says of one, as a feature.
pub(super) fn hash(word: &str, kind: u32) -> u32 {
    let hash = text::shingles(&[word], 1).first().copied().unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
    let hash = (hash as u32).wrapping_add(kind.wrapping_mul(0x9E37_79B9));
    hash.max(N_DIRECTIONS)
}

/// Features below this one are no words.
#[expect(clippy::cast_possible_truncation, reason = "64")]
const N_DIRECTIONS: u32 = DIMENSIONS as u32;

/// Whether a feature is one of the directions of meaning, which all texts have that have any.
pub(super) fn is_meaning(feature: u32) -> bool {
    feature < N_DIRECTIONS
}

/// What stands in a text, counted.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    /// Stems and runs of letters.
    features: HashMap<u32, f32>,
    /// Words as they stand, where their language has vectors. In order: sums of rounded numbers depend on it.
    words: BTreeMap<u32, f32>,
}

impl Counts {
    /// Of a text.
    pub(super) fn of(text: &str) -> Self {
        Self::of_tokens(&first_tokens(text), text)
    }

    fn of_tokens(tokens: &[Token<'_>], text: &str) -> Self {
        let mut res = Self { features: stems(tokens), words: BTreeMap::new() };
        for token in tokens {
            let bounds = token.word.char_indices().map(|(at, _)| at).chain([token.word.len()]).collect::<Vec<_>>();
            for run in bounds.windows(RUN_LETTERS + 1) {
                if let (Some(from), Some(to)) = (run.first(), run.last()) {
                    let run = token.word.get(*from..*to).unwrap_or_default();
                    *res.features.entry(hash(run, 1)).or_default() += RUNS;
                }
            }
        }
        if has_vectors(tokens, text) {
            for token in tokens {
                *res.words.entry(hash(&token.word, 0)).or_default() += 1.0;
            }
        }
        res
    }

    /// Of words that are no text: each counts as it stands.
    pub(super) fn of_words(words: &str) -> Self {
        Self { features: stems(&first_tokens(words)), words: BTreeMap::new() }
    }
}

/// The words of a text that are read.
fn first_tokens(text: &str) -> Vec<Token<'_>> {
    let mut res = text::tokens(text);
    res.truncate(MAX_WORDS);
    res
}

fn stems(tokens: &[Token<'_>]) -> HashMap<u32, f32> {
    let mut res = HashMap::new();
    for token in tokens.iter().filter(|it| it.word.chars().nth(1).is_some()) {
        *res.entry(hash(text::stem(&token.word), 0)).or_default() += 1.0;
    }
    res
}

/// Whether the words of a text have vectors.
fn has_vectors(tokens: &[Token<'_>], text: &str) -> bool {
    let n_cyrillic = tokens.iter().filter(|it| it.word.starts_with(|c| matches!(c, 'а'..='я'))).count();
    // Telling a language takes longer than all else here, so that most texts are not asked for it.
    n_cyrillic * 2 > tokens.len() && text::language(text) == Some(meaning::LANGUAGE)
}

/// A text that was read whole: its vector, and which words it comes from.
#[derive(Debug)]
pub(super) struct ReadText<'t> {
    pub(super) vector: Vector,
    tokens: Vec<Token<'t>>,
    counts: Counts,
}

/// What is known of all texts together, and weighs the features of each.
#[derive(Debug, Clone, Default)]
pub(super) struct Features {
    idf: HashMap<u32, f32>,
    meaning: Option<Meaning>,
}

#[derive(Debug, Clone)]
struct Meaning {
    n_texts: usize,
    /// Texts that have a word.
    n_with: HashMap<u32, u32>,
    /// The middle of all texts.
    centre: [f32; DIMENSIONS],
}

impl Features {
    /// Weighs features by the texts they stand in. `sorted` are numbers of texts of one topic each: by these it is told
    /// whether meaning helps.
    pub(super) fn fit(texts: &[Counts], sorted: &[Vec<usize>]) -> Self {
        let plain = Self { idf: idf(texts), meaning: None };
        let Some(meaning) = Meaning::fit(texts) else { return plain };
        let meant = Self { meaning: Some(meaning), ..plain.clone() };
        // Topics that share their subject are told better by words alone.
        if meant.told(texts, sorted) > plain.told(texts, sorted) { meant } else { plain }
    }

    /// How many of the sorted texts are nearer to the others of their topic than to any other topic.
    fn told(&self, texts: &[Counts], sorted: &[Vec<usize>]) -> usize {
        let vector = |it: &usize| Some((*it, self.vector(texts.get(*it)?)));
        let topics = sorted.iter().map(|it| it.iter().filter_map(vector).collect::<Vec<_>>()).collect::<Vec<_>>();
        let direction = |of: &Vec<(usize, Vector)>| {
            let mut sum = Direction::new();
            for (_, text) in of {
                add(&mut sum, text, 1.0);
            }
            let square = square(&sum);
            (sum, square)
        };
        let directions = topics.iter().map(direction).collect::<Vec<_>>();
        let is_told = |own: usize, number: usize, text: &Vector| {
            let mut nearness = None;
            let mut most = 0.0_f32;
            for (topic, ((sum, square), texts)) in directions.iter().zip(&topics).enumerate() {
                let dot = dot(text, sum);
                if topic == own {
                    // Without the text itself.
                    nearness = Some((dot - 1.0) / (square - 2.0 * dot + 1.0).max(f32::EPSILON).sqrt());
                } else if !texts.iter().any(|it| it.0 == number) {
                    most = most.max(dot / square.max(f32::EPSILON).sqrt());
                }
            }
            nearness > Some(most)
        };
        let each = topics.iter().enumerate().filter(|(_, it)| it.len() > 1);
        each.map(|(own, of)| of.iter().filter(|(number, text)| is_told(own, *number, text)).count()).sum()
    }

    /// A text as these features tell it.
    pub(super) fn vector(&self, counts: &Counts) -> Vector {
        let weighed =
            counts.features.iter().filter_map(|(hash, n)| Some((*hash, (1.0 + n).ln() * self.idf.get(hash)?)));
        let mut res = weighed.collect::<Vector>();
        // Sums of rounded numbers depend on their order; it must not depend on the run.
        res.sort_unstable_by_key(|it| Reverse(it.0));
        let meaning = self.meaning.as_ref().and_then(|it| it.of(counts));
        let norm = res.iter().map(|it| it.1 * it.1).sum::<f32>().sqrt().max(f32::EPSILON);
        let share = if meaning.is_some() { 1.0 - MEANING } else { 1.0 };
        for it in &mut res {
            it.1 *= share.sqrt() / norm;
        }
        if let Some((meaning, length)) = meaning {
            res.extend((0..).zip(meaning.map(|it| it * MEANING.sqrt() / length)));
        }
        res
    }

    /// A text as these features tell it, for [`Self::shares`].
    pub(super) fn read<'t>(&self, text: &'t str) -> ReadText<'t> {
        let tokens = first_tokens(text);
        let counts = Counts::of_tokens(&tokens, text);
        ReadText { vector: self.vector(&counts), tokens, counts }
    }

    /// What each word of a text adds to how near it is to a direction: those that add something, in their order, and of words with
    /// the same start the first.
    pub(super) fn shares<'r, 't>(&self, text: &'r ReadText<'t>, direction: &Direction) -> Vec<(&'r Token<'t>, f32)> {
        let ReadText { tokens, counts, vector } = text;
        let of = vector.iter().copied().collect::<HashMap<_, _>>();
        let meaning = self.meaning.as_ref().and_then(|it| Some((it, it.of(counts)?.1)));
        let mut seen = HashSet::new();
        let mut res = Vec::new();
        for token in tokens {
            let stem = hash(text::stem(&token.word), 0);
            let mut share = of.get(&stem).zip(direction.get(&stem)).map_or(0.0, |(a, b)| a * b);
            if let Some((meaning, length)) = meaning {
                let own = meaning.of_word(hash(&token.word, 0), counts).unwrap_or([0.0; DIMENSIONS]);
                let towards = (0..).zip(own).filter_map(|(feature, it)| Some(it * direction.get(&feature)?));
                share += towards.sum::<f32>() * MEANING.sqrt() / length;
            }
            if share > 0.0 && seen.insert(stem) {
                res.push((token, share));
            }
        }
        res
    }
}

impl Meaning {
    /// `None` where no text has any.
    fn fit(texts: &[Counts]) -> Option<Self> {
        let all = texts.iter().filter(|it| !it.words.is_empty()).collect::<Vec<_>>();
        let mut n_with = HashMap::new();
        for hash in all.iter().flat_map(|it| it.words.keys()) {
            *n_with.entry(*hash).or_default() += 1;
        }
        let mut res = Self { n_texts: all.len(), n_with, centre: [0.0; DIMENSIONS] };
        let mut centre = [0.0; DIMENSIONS];
        for text in &all {
            centre.iter_mut().zip(res.sum(text)).for_each(|(to, it)| *to += it);
        }
        #[expect(clippy::cast_precision_loss, reason = "a count of texts")]
        let n = all.len() as f32;
        res.centre = centre.map(|it| it / n.max(1.0));
        (!all.is_empty()).then_some(res)
    }

    /// Where a text stands, seen from the middle of all, and how far off; `None` where its words have no meaning.
    fn of(&self, counts: &Counts) -> Option<([f32; DIMENSIONS], f32)> {
        if counts.words.is_empty() {
            return None;
        }
        let mut res = self.sum(counts);
        res.iter_mut().zip(self.centre).for_each(|(it, centre)| *it -= centre);
        let length = res.iter().map(|it| it * it).sum::<f32>().sqrt();
        (length > f32::EPSILON).then_some((res, length))
    }

    fn sum(&self, counts: &Counts) -> [f32; DIMENSIONS] {
        let mut res = [0.0; DIMENSIONS];
        for vector in counts.words.keys().filter_map(|it| self.of_word(*it, counts)) {
            res.iter_mut().zip(vector).for_each(|(to, it)| *to += it);
        }
        res
    }

    /// The part of a word in the sum of a text.
    fn of_word(&self, hash: u32, counts: &Counts) -> Option<[f32; DIMENSIONS]> {
        let n = counts.words.get(&hash)?;
        let n_with = self.n_with.get(&hash).copied().unwrap_or_default();
        let weight = (1.0 + n).ln() * weight(self.n_texts, n_with);
        meaning::of(hash).map(|it| it.map(|it| weight * it))
    }
}

/// What a feature in so many of all texts weighs.
#[expect(clippy::cast_precision_loss, reason = "counts of texts")]
fn weight(n_texts: usize, n_with: u32) -> f32 {
    ((n_texts as f32 + 1.0) / (n_with as f32 + 0.5)).ln().max(0.0)
}

fn idf(texts: &[Counts]) -> HashMap<u32, f32> {
    let mut n = HashMap::<u32, u32>::new();
    for hash in texts.iter().flat_map(|it| it.features.keys()) {
        *n.entry(*hash).or_default() += 1;
    }
    let all = n.into_iter().filter(|(_, it)| *it >= MIN_TEXTS || texts.len() < 50);
    all.map(|(hash, it)| (hash, weight(texts.len(), it))).collect()
}

/// Adds a text to a sum, so often.
pub(super) fn add(sum: &mut Direction, text: &Vector, times: f32) {
    for (hash, weight) in text {
        *sum.entry(*hash).or_default() += times * weight;
    }
}

/// How far a text reaches in a direction.
pub(super) fn dot(text: &Vector, direction: &Direction) -> f32 {
    text.iter().filter_map(|(hash, weight)| Some(weight * direction.get(hash)?)).sum()
}

/// The square of a direction's length.
pub(super) fn square(of: &Direction) -> f32 {
    // In order of size: the sum must not depend on the run.
    let mut all = of.values().map(|it| it * it).collect::<Vec<_>>();
    all.sort_unstable_by(f32::total_cmp);
    all.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPORT: [&str; 4] = [
        "Форвард столичного клуба забил два гола в ворота соперников.",
        "Теннисистка вышла в полуфинал турнира после трудного сета.",
        "Хоккейная сборная выиграла серебро на чемпионате мира.",
        "Тренер футболистов доволен игрой защитников в матче кубка.",
    ];
    const MONEY: [&str; 4] = [
        "Центробанк поднял ключевую ставку из-за роста инфляции.",
        "Курс рубля снизился на бирже вслед за нефтяными котировками.",
        "Министерство финансов разместило облигации для покрытия дефицита.",
        "Акции компании подешевели после отчета о квартальной прибыли.",
    ];

    fn fitted(topics: [&[&str]; 2]) -> (Features, Vec<Counts>) {
        let texts = topics.concat().into_iter().map(Counts::of).collect::<Vec<_>>();
        let first = topics[0].len();
        let features = Features::fit(&texts, &[(0..first).collect(), (first..texts.len()).collect()]);
        (features, texts)
    }

    #[test]
    fn meaning_tells_russian_texts_that_share_no_word() {
        let (features, texts) = fitted([&SPORT, &MONEY]);
        assert!(features.meaning.is_some());
        let direction = |of: &[Counts]| {
            let mut sum = Direction::new();
            for it in of {
                add(&mut sum, &features.vector(it), 1.0);
            }
            sum
        };
        let [sport, money] = [direction(&texts[..4]), direction(&texts[4..])];
        for (text, own, other) in [
            ("Вратарь отбил пенальти, и хозяева поля стали победителями: это был красивый финал.", &sport, &money),
            ("Банки повысили проценты по вкладам, и доллар подорожал: рынки ждали этого.", &money, &sport),
        ] {
            let text = features.read(text);
            let vector = &text.vector;
            assert!((square(&vector.iter().copied().collect()) - 1.0).abs() < 1e-4);
            assert!(dot(vector, own) > dot(vector, other) + 0.05, "{text:?}");
            let shares = features.shares(&text, own);
            assert!(shares.len() > 2 && shares.iter().all(|it| it.1 > 0.0), "{text:?} {shares:?}");
        }
    }

    #[test]
    fn meaning_is_left_out_where_it_tells_no_more() {
        let half = |of: &[&'static str; 4], word: &str| of.map(|it| format!("{word} {word}: {it}"));
        // The same subject on both sides: the first word alone tells them apart.
        let mixed = [SPORT[0], MONEY[1], SPORT[2], MONEY[3]];
        let other = [MONEY[0], SPORT[1], MONEY[2], SPORT[3]];
        let [red, blue] = [half(&mixed, "Тбилиси"), half(&other, "Ереван")];
        let (features, _) = fitted([&red.each_ref().map(String::as_str), &blue.each_ref().map(String::as_str)]);
        assert!(features.meaning.is_none());
        let english = "The striker scored two goals in the cup final of the league.";
        let (features, texts) = fitted([&[english, english], &[english]]);
        assert!(features.meaning.is_none() && texts.iter().all(|it| it.words.is_empty()), "no table for English");
        assert!(
            Counts::of("Президент підписав закон про єдиний реєстр та нові правила.").words.is_empty(),
            "nor for Ukrainian"
        );
        let (features, _) = fitted([&[], &[]]);
        assert!(features.vector(&Counts::of("word")).is_empty());
    }

    #[test]
    fn a_text_is_the_same_vector_each_time() {
        let (features, texts) = fitted([&SPORT, &MONEY]);
        assert_eq!(features.vector(&texts[2]), features.vector(&Counts::of(SPORT[2])));
        let (again, _) = fitted([&SPORT, &MONEY]);
        assert_eq!(features.vector(&texts[2]), again.vector(&texts[2]));
    }
}
