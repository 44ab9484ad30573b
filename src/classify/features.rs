//! Texts as vectors, in which topics are directions: their words, runs of letters and, where it helps, what Russian
//! words mean. Pure.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
};

use super::meaning::{self, DIMENSIONS, Meaning, Point};
use crate::text::{self, Token};

/// Letters in a run.
const RUN_LETTERS: usize = 4;
/// Maximum words read of a text.
const MAX_WORDS: usize = 400;
/// Maximum runs of letters read of one word. No real word has as many, but an endless one in a hostile text would.
const MAX_RUNS: usize = 60;
/// Minimum texts that a feature must stand in to say something of a topic, once there are 50 texts.
const MIN_TEXTS: u32 = 2;
/// The weight of a run of letters; a word weighs 1.
const RUNS: f32 = 0.2;
/// The weight (0–1) of the meaning of words against the words themselves. With 0.2 to 0.4, categories of Russian news
/// are recognised almost equally well.
const MEANING: f32 = 0.2;
/// Maximum texts of each topic by which it is decided whether meaning helps.
const MAX_JUDGED: usize = 40;

/// Features of a text with their weights, of length 1; empty if no feature is known.
pub(super) type Vector = Vec<(u32, f32)>;
/// A direction among the features.
pub(super) type Direction = HashMap<u32, f32>;

/// The feature of a word, or of something about it as `kind` says.
pub(super) fn hash(word: &str, kind: u32) -> u32 {
    text::term_hash(word, kind).max(N_DIRECTIONS)
}

/// Features below this number are directions of meaning.
#[expect(clippy::cast_possible_truncation, reason = "64")]
const N_DIRECTIONS: u32 = DIMENSIONS as u32;

/// Whether a feature is a direction of meaning. All texts with a meaning have all of these.
pub(super) fn is_meaning(feature: u32) -> bool {
    feature < N_DIRECTIONS
}

/// The counted features of a text.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    /// Stems and runs of letters.
    features: HashMap<u32, f32>,
    /// Forms of words that have a meaning.
    words: meaning::Words,
}

impl Counts {
    /// Counts the features of a text.
    pub(super) fn of(text: &str) -> Self {
        Self::of_tokens(&first_tokens(text))
    }

    fn of_tokens(tokens: &[Token<'_>]) -> Self {
        let mut res = Self::of_whole_words(tokens);
        for token in telling(tokens) {
            let bounds = token.word.char_indices().map(|(at, _)| at).chain([token.word.len()]);
            let bounds = bounds.take(MAX_RUNS + RUN_LETTERS).collect::<Vec<_>>();
            for run in bounds.windows(RUN_LETTERS + 1) {
                if let (Some(from), Some(to)) = (run.first(), run.last()) {
                    let run = token.word.get(*from..*to).unwrap_or_default();
                    *res.features.entry(hash(run, 1)).or_default() += RUNS;
                }
            }
        }
        res
    }

    /// Counts words that are not a text: their runs of letters say nothing more.
    pub(super) fn of_keywords(words: &str) -> Self {
        Self::of_whole_words(&first_tokens(words))
    }

    fn of_whole_words(tokens: &[Token<'_>]) -> Self {
        let mut features = HashMap::new();
        for token in telling(tokens).filter(|it| it.word.chars().nth(1).is_some()) {
            *features.entry(hash(text::stem(&token.word), 0)).or_default() += 1.0;
        }
        Self { features, words: meaning::words(tokens) }
    }
}

/// The tokens that are not stop words.
fn telling<'a, 't>(tokens: &'a [Token<'t>]) -> impl Iterator<Item = &'a Token<'t>> {
    tokens.iter().filter(|it| !text::is_stop_word(&it.word))
}

/// The words of a text that are read.
fn first_tokens(text: &str) -> Vec<Token<'_>> {
    let mut res = text::tokens(text);
    res.truncate(MAX_WORDS);
    res
}

/// A text with its vector and the words that it comes from.
#[derive(Debug)]
pub(super) struct ReadText<'t> {
    pub(super) vector: Vector,
    tokens: Vec<Token<'t>>,
    /// The vector by feature.
    values: Direction,
    /// The contribution of each word form to the directions of meaning.
    parts: BTreeMap<u32, Point>,
}

/// The contribution of a word to the nearness of a text to a direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share<'r, 't> {
    /// The first occurrence of the word, in one of its forms.
    pub(super) token: &'r Token<'t>,
    /// As a word.
    by_word: f32,
    /// The contribution of its meaning, over all its forms.
    by_meaning: f32,
}

impl Share<'_, '_> {
    /// In all.
    pub(super) fn sum(&self) -> f32 {
        self.by_word + self.by_meaning
    }

    /// Whether it counts more by its meaning than as a word.
    pub(super) fn is_by_meaning(&self) -> bool {
        self.by_meaning > self.by_word
    }
}

/// Weights of features, learned from all texts together.
#[derive(Debug, Clone, Default)]
pub(super) struct Features {
    idf: HashMap<u32, f32>,
    meaning: Option<Meaning>,
}

impl Features {
    /// Weighs features by the number of texts that have them. `sorted` groups numbers of texts by topic, no text under
    /// two topics; by these it is decided whether meaning helps.
    pub(super) fn fit<'a>(texts: impl IntoIterator<Item = &'a Counts>, sorted: &[Vec<usize>]) -> Self {
        let texts = texts.into_iter().collect::<Vec<_>>();
        let texts = texts.as_slice();
        let plain = Self { idf: idf(texts), meaning: None };
        let Some(meaning) = Meaning::fit(texts.iter().map(|it| &it.words)) else { return plain };
        let meant = Self { meaning: Some(meaning), ..plain.clone() };
        // Topics of one subject are told apart better by words alone.
        if meant.told(texts, sorted) > plain.told(texts, sorted) { meant } else { plain }
    }

    /// How many of the sorted texts, of equally many for each topic, are nearer to the others of their topic than to
    /// any other topic.
    fn told(&self, texts: &[&Counts], sorted: &[Vec<usize>]) -> usize {
        let vector = |it: &usize| Some(self.vector(texts.get(*it)?));
        let vectors = |it: &Vec<usize>| it.iter().filter_map(vector).take(MAX_JUDGED).collect::<Vec<_>>();
        let topics = sorted.iter().map(vectors).collect::<Vec<_>>();
        let direction = |of: &Vec<Vector>| {
            let mut sum = Direction::new();
            for text in of {
                add(&mut sum, text, 1.0);
            }
            let square = square(&sum);
            (sum, square)
        };
        let directions = topics.iter().map(direction).collect::<Vec<_>>();
        let is_told = |own: usize, text: &Vector| {
            let itself = text.iter().map(|it| it.1 * it.1).sum::<f32>();
            let mut nearness = None;
            let mut most = 0.0_f32;
            for (topic, (sum, square)) in directions.iter().enumerate() {
                let dot = dot(text, sum);
                if topic == own {
                    // Without the text itself.
                    nearness = Some((dot - itself) / (square - 2.0 * dot + itself).max(f32::EPSILON).sqrt());
                } else {
                    most = most.max(dot / square.max(f32::EPSILON).sqrt());
                }
            }
            nearness > Some(most)
        };
        let each = topics.iter().enumerate().filter(|(_, it)| it.len() > 1);
        each.map(|(own, of)| of.iter().filter(|text| is_told(own, text)).count()).sum()
    }

    /// The vector of a text.
    pub(super) fn vector(&self, counts: &Counts) -> Vector {
        self.placed(counts).0
    }

    /// The vector of a text, with the contribution of each word form to the directions of meaning.
    fn placed(&self, counts: &Counts) -> (Vector, BTreeMap<u32, Point>) {
        let weighed =
            counts.features.iter().filter_map(|(hash, n)| Some((*hash, (1.0 + n).ln() * self.idf.get(hash)?)));
        let mut res = weighed.filter(|it| it.1 > 0.0).collect::<Vector>();
        // Sorted, because sums of rounded numbers depend on their order, and must be the same on every run.
        res.sort_unstable_by_key(|it| Reverse(it.0));
        let mut parts = self.meaning.as_ref().map(|it| it.parts(&counts.words)).unwrap_or_default();
        let (by_words, by_meaning) = match (res.is_empty(), parts.is_empty()) {
            (_, true) => (1.0, 0.0),
            (true, false) => (0.0, 1.0),
            (false, false) => (1.0 - MEANING, MEANING),
        };
        let norm = res.iter().map(|it| it.1 * it.1).sum::<f32>().sqrt().max(f32::EPSILON);
        for it in &mut res {
            it.1 *= f32::sqrt(by_words) / norm;
        }
        if !parts.is_empty() {
            parts.values_mut().flatten().for_each(|it| *it *= f32::sqrt(by_meaning));
            res.extend((0..).zip(meaning::sum(parts.values())));
        }
        (res, parts)
    }

    /// Reads a text, for [`ReadText::shares`].
    pub(super) fn read<'t>(&self, text: &'t str) -> ReadText<'t> {
        let tokens = first_tokens(text);
        let (vector, parts) = self.placed(&Counts::of_tokens(&tokens));
        let values = vector.iter().copied().collect();
        ReadText { vector, tokens, values, parts }
    }
}

impl<'t> ReadText<'t> {
    /// The contributions of the text's words to its nearness to a direction: positive ones only, in order, with words
    /// of the same stem as one. The contributions of runs of letters are not included.
    pub(super) fn shares(&self, direction: &Direction) -> Vec<Share<'_, 't>> {
        let mut places = HashMap::new();
        let mut forms = HashSet::new();
        let mut res = Vec::<Share<'_, 't>>::new();
        for token in &self.tokens {
            let stem = hash(text::stem(&token.word), 0);
            let place = *places.entry(stem).or_insert_with(|| {
                let by_word = self.values.get(&stem).zip(direction.get(&stem)).map_or(0.0, |(a, b)| a * b);
                res.push(Share { token, by_word, by_meaning: 0.0 });
                res.len() - 1
            });
            let form = hash(&token.word, 0);
            let part = self.parts.get(&form).filter(|_| forms.insert(form));
            if let Some((share, part)) = res.get_mut(place).zip(part) {
                let towards = (0..).zip(part).filter_map(|(feature, it)| Some(it * direction.get(&feature)?));
                share.by_meaning += towards.sum::<f32>();
            }
        }
        res.retain(|it| it.sum() > 0.0);
        res
    }
}

/// The weight of a feature that `n_with` of `n_texts` texts have.
#[expect(clippy::cast_precision_loss, reason = "counts of texts")]
pub(super) fn weight(n_texts: usize, n_with: u32) -> f32 {
    ((n_texts as f32 + 1.0) / (n_with as f32 + 0.5)).ln().max(0.0)
}

fn idf(texts: &[&Counts]) -> HashMap<u32, f32> {
    let mut n = HashMap::<u32, u32>::new();
    for hash in texts.iter().flat_map(|it| it.features.keys()) {
        *n.entry(*hash).or_default() += 1;
    }
    let all = n.into_iter().filter(|(_, it)| *it >= MIN_TEXTS || texts.len() < 50);
    all.map(|(hash, it)| (hash, weight(texts.len(), it))).collect()
}

/// Adds a text, multiplied by `times`, to a sum.
pub(super) fn add(sum: &mut Direction, text: &Vector, times: f32) {
    for (hash, weight) in text {
        *sum.entry(*hash).or_default() += times * weight;
    }
}

/// The dot product of a text and a direction.
pub(super) fn dot(text: &Vector, direction: &Direction) -> f32 {
    text.iter().filter_map(|(hash, weight)| Some(weight * direction.get(hash)?)).sum()
}

/// A direction, multiplied by a number.
pub(super) fn scaled(mut direction: Direction, by: f32) -> Direction {
    for it in direction.values_mut() {
        *it *= by;
    }
    direction
}

/// A direction of length 1.
pub(super) fn unit(direction: Direction) -> Direction {
    let length = square(&direction).sqrt().max(f32::EPSILON);
    scaled(direction, 1.0 / length)
}

/// The square of a direction's length.
pub(super) fn square(of: &Direction) -> f32 {
    // Sorted, so that the sum is the same on every run.
    let mut all = of.values().map(|it| it * it).collect::<Vec<_>>();
    all.sort_unstable_by(f32::total_cmp);
    all.iter().sum()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::classify) const SPORT: [&str; 4] = [
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
            assert!((square(&text.values) - 1.0).abs() < 1e-4);
            assert!(dot(vector, own) > dot(vector, other) + 0.05, "{text:?}");
            assert!(text.shares(own).iter().any(Share::is_by_meaning));
        }
    }

    #[test]
    fn the_words_of_a_text_add_up() {
        let (features, texts) = fitted([&SPORT, &MONEY]);
        let mut direction = Direction::new();
        texts[..4].iter().for_each(|it| add(&mut direction, &features.vector(it), 1.0));
        // Two forms of one word, one of them twice.
        let text = features.read("Вратарь клуба и вратаря сборной: вратарь стал героем матча чемпионата");
        let runs = |it: &&(u32, f32)| {
            !is_meaning(it.0) && !text.tokens.iter().any(|token| hash(text::stem(&token.word), 0) == it.0)
        };
        let by_runs = dot(&text.vector.iter().filter(runs).copied().collect(), &direction);
        // What speaks against it is not shown.
        let against = direction.iter().map(|(feature, it)| (*feature, -it)).collect::<Direction>();
        let [own, other] = [&direction, &against].map(|it| text.shares(it).iter().map(Share::sum).sum::<f32>());
        assert!((own - other + by_runs - dot(&text.vector, &direction)).abs() < 1e-4);
        let shown = text.shares(&direction);
        assert_eq!(shown.iter().filter(|it| it.token.word.starts_with("врата")).count(), 1);
    }

    #[test]
    fn a_word_without_end_costs_no_more_than_a_long_one() {
        assert!(Counts::of(&"щ".repeat(1_000_000)).features.len() < 10);
        let letters = ('a'..='z').cycle().zip(1..).map(|(c, n)| format!("{c}{n}")).take(100_000).collect::<String>();
        assert!(Counts::of(&letters).features.len() <= MAX_RUNS + 1);
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
