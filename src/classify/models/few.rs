//! Learns a topic from a few texts: how near a text is to them, compared with all others. Pure.
//!
//! Nearness is the cosine to the sum of the topic's texts and keywords, minus half of that to the sum of all others
//! (Rocchio 1971). This gives one weight per feature, so that a tag can be explained by words. It is unknown which of
//! the others have the topic, so their nearnesses are modelled as a mixture of two kinds (expectation and
//! maximisation). How near texts of the topic are is measured on the given ones, each left out in turn. Texts that
//! surely have the topic then pull the sum towards them.

use crate::classify::features::{Direction, Vector, add, dot, is_meaning, scaled, square, unit};

/// Minimum texts that have the topic before anything is learned of it.
pub const MIN_RIGHT: usize = 3;
/// Minimum unlabelled texts of the language before anything is learned. Against 25 unlabelled texts a quarter of all
/// texts seem near; against 50, 3 in 100.
pub const MIN_OTHERS: usize = 50;
/// The weight of the keywords against that of all texts that have the topic together.
const KEYWORDS: f32 = 0.4;
/// The share (0–1) of the nearness to all other texts that is subtracted.
const OTHERS: f32 = 0.5;
/// The weight (0–1) of the given texts; the found texts have the rest.
const GIVEN: f32 = 0.65;
/// Minimum probability (0–1) at which an unlabelled text counts as found.
const SURE: f32 = 0.75;
/// Rounds in which found texts pull the sum towards them.
const ROUNDS: usize = 3;
/// Maximum unlabelled texts, those with the most keywords, that are taken for texts of the topic if fewer than
/// [`MIN_RIGHT`] were given.
const MAX_FOUND: usize = 5;
/// Minimum keywords in an unlabelled text that is taken for a text of the topic.
pub const MIN_KEYWORDS: usize = 2;

/// What is known of a topic in one language.
#[derive(Debug)]
pub(super) struct Known<'a> {
    /// Texts that have it.
    pub right: Vec<&'a Vector>,
    /// Words that speak for it.
    pub keywords: &'a Vector,
    /// Texts that have it not.
    pub wrong: Vec<&'a Vector>,
    /// Texts that nobody labelled.
    pub others: &'a [Vector],
    /// The [direction](at_large) of all texts together.
    pub at_large: &'a Direction,
}

/// The direction of all texts together.
pub(super) fn at_large<'a>(texts: impl IntoIterator<Item = &'a Vector>) -> Direction {
    let mut sum = Direction::new();
    for text in texts {
        add(&mut sum, text, 1.0);
    }
    unit(sum)
}

impl Known<'_> {
    /// The weight of each feature, and how sums of weights become probabilities; `None` if too little is known.
    pub(super) fn fit(mut self) -> Option<(Direction, Mixture)> {
        if self.others.len() < MIN_OTHERS {
            return None;
        }
        if self.right.len() < MIN_RIGHT {
            self.right.extend(by_keywords(self.keywords, self.others));
        }
        if self.right.len() < MIN_RIGHT {
            return None;
        }
        let mut others = self.at_large.clone();
        if !self.wrong.is_empty() {
            add_all(&mut others, &at_large(self.wrong.iter().copied()), 1.0);
            others = unit(others);
        }
        let at_large = scaled(others, OTHERS);
        let given = Given::new(&self);
        let mut found = None;
        let mut res = given.fit(&self, found.as_ref(), &at_large);
        for _ in 0..ROUNDS {
            let (weights, mixture) = &res;
            let mut sum = Direction::new();
            for text in self.others {
                let probability = mixture.probability(dot(text, weights));
                if probability > SURE {
                    add(&mut sum, text, probability);
                }
            }
            found = (!sum.is_empty()).then(|| unit(sum));
            res = given.fit(&self, found.as_ref(), &at_large);
        }
        Some(res)
    }
}

/// The texts with the most keywords.
fn by_keywords<'a>(keywords: &Vector, texts: &'a [Vector]) -> Vec<&'a Vector> {
    // Where texts have a meaning, all share its directions.
    let keywords = keywords.iter().copied().filter(|it| !is_meaning(it.0)).collect::<Direction>();
    let has_some = |it: &&Vector| it.iter().filter(|it| keywords.contains_key(&it.0)).nth(MIN_KEYWORDS - 1).is_some();
    let mut res = texts.iter().filter(has_some).map(|it| (dot(it, &keywords), it)).collect::<Vec<_>>();
    res.sort_by(|a, b| b.0.total_cmp(&a.0));
    res.into_iter().take(MAX_FOUND).map(|it| it.1).collect()
}

/// What was given, summed up.
struct Given {
    /// All of it.
    sum: Direction,
    square: f32,
    /// For each text, its nearness to the sum that includes it, and the square of its own length.
    each: Vec<(f32, f32)>,
}

impl Given {
    fn new(known: &Known<'_>) -> Self {
        let mut sum = Direction::new();
        for text in &known.right {
            add(&mut sum, text, 1.0);
        }
        #[expect(clippy::cast_precision_loss, reason = "a count of texts")]
        add(&mut sum, known.keywords, KEYWORDS * known.right.len() as f32);
        let own = |it: &&Vector| (dot(it, &sum), it.iter().map(|it| it.1 * it.1).sum());
        Self { square: square(&sum), each: known.right.iter().map(own).collect(), sum }
    }

    /// The direction of the topic, with the found texts in it, and the distribution of nearnesses.
    fn fit(&self, known: &Known<'_>, found: Option<&Direction>, at_large: &Direction) -> (Direction, Mixture) {
        let mut weights = scaled(self.sum.clone(), 1.0 / self.square.sqrt().max(f32::EPSILON));
        // The nearness of all given texts to the found ones.
        let mut shared = 0.0;
        if let Some(found) = found {
            let mut all =
                found.iter().filter_map(|(feature, it)| Some(it * self.sum.get(feature)?)).collect::<Vec<_>>();
            // In order of size: the sum must not depend on the run.
            all.sort_unstable_by(f32::total_cmp);
            shared = all.iter().sum();
            weights = scaled(weights, GIVEN);
            add_all(&mut weights, found, 1.0 - GIVEN);
            weights = unit(weights);
        }
        // The nearness of each given text to the direction made without it.
        let own = known.right.iter().zip(&self.each).map(|(text, (to_sum, own))| {
            let length = (self.square - 2.0 * to_sum + own).max(f32::EPSILON).sqrt();
            let to_given = (to_sum - own) / length;
            let nearness = match found {
                None => to_given,
                Some(found) => {
                    let to_found = dot(text, found);
                    let cosine = (shared - to_found) / length;
                    let square = GIVEN * GIVEN + (1.0 - GIVEN) * (1.0 - GIVEN) + 2.0 * GIVEN * (1.0 - GIVEN) * cosine;
                    (GIVEN * to_given + (1.0 - GIVEN) * to_found) / square.max(f32::EPSILON).sqrt()
                }
            };
            nearness - dot(text, at_large)
        });
        let own = own.collect::<Vec<_>>();
        add_all(&mut weights, at_large, -1.0);
        let others = known.others.iter().map(|it| dot(it, &weights)).collect::<Vec<_>>();
        (weights, Mixture::fit(&others, &own))
    }
}

fn add_all(sum: &mut Direction, other: &Direction, times: f32) {
    for (feature, weight) in other {
        *sum.entry(*feature).or_default() += times * weight;
    }
}

/// Nearnesses of two kinds of texts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mixture {
    /// The texts without the topic: a logistic distribution, since some are nearer than a normal one would allow.
    others: Spread,
    /// The texts with the topic: a normal distribution.
    own: Spread,
    /// The share of these, 0–1.
    share: f32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    mean: f32,
    /// The standard deviation.
    deviation: f32,
}

/// Steps of the fit.
const STEPS: usize = 20;
/// The assumed share (0–1) of texts that have a topic, before any are counted.
const USUAL_SHARE: f32 = 0.1;
/// The weight of [`USUAL_SHARE`] against the texts counted, as a number of texts.
const USUAL_TEXTS: f32 = 4.0;
/// Minimum distance between the means of the two kinds, in standard deviations of the others.
const MIN_APART: f32 = 2.0;
/// Probabilities are no surer than this, in log-odds.
const MAX_ODDS: f32 = 20.0;

impl Mixture {
    /// Fits the mixture to the nearnesses of `all` unlabelled texts and of its `own` texts, which have the topic.
    #[expect(clippy::cast_precision_loss, reason = "counts of texts")]
    fn fit(all: &[f32], own: &[f32]) -> Self {
        let middle = median(all.to_vec());
        // Of a normal distribution this is the standard deviation.
        let width = (1.4826 * median(all.iter().map(|it| (it - middle).abs()).collect())).max(1e-4);
        let others = Spread { mean: middle, deviation: width };
        let n = own.len() as f32;
        let mean = own.iter().sum::<f32>() / n;
        let deviation = (own.iter().map(|it| (it - mean).powi(2)).sum::<f32>() / n).sqrt().max(width);
        let mut res = Self { others, own: Spread { mean, deviation }, share: USUAL_SHARE };
        for _ in 0..STEPS {
            let shares = all.iter().map(|it| res.probability(*it)).collect::<Vec<_>>();
            let sum = |of: &dyn Fn(f32) -> f32, share: &dyn Fn(f32) -> f32| {
                all.iter().zip(&shares).map(|(it, p)| share(*p) * of(*it)).sum::<f32>()
            };
            let (has, has_not) = (|p: f32| p, |p: f32| 1.0 - p);
            let n_with = shares.iter().sum::<f32>();
            let n_without = (all.len() as f32 - n_with).max(f32::EPSILON);
            let mean = sum(&|it| it, &has_not) / n_without;
            let variance = sum(&|it| (it - mean).powi(2), &has_not) / n_without;
            res.others = Spread { mean, deviation: variance.sqrt().max(1e-6) };
            res.share = (n_with + USUAL_TEXTS * USUAL_SHARE) / (all.len() as f32 + USUAL_TEXTS);
            let mean = (sum(&|it| it, &has) + own.iter().sum::<f32>()) / (n_with + n);
            let mean = mean.max(res.others.mean + MIN_APART * res.others.deviation);
            let squares = sum(&|it| (it - mean).powi(2), &has) + own.iter().map(|it| (it - mean).powi(2)).sum::<f32>();
            // Counts two more texts that are as far off as the others, so that few texts do not seem too alike.
            let variance = (squares + 2.0 * res.others.deviation.powi(2)) / (n_with + n + 2.0);
            res.own = Spread { mean, deviation: variance.sqrt() };
        }
        res
    }

    /// How likely a text of this nearness has the topic, 0–1.
    pub(super) fn probability(&self, nearness: f32) -> f32 {
        if nearness <= self.others.mean {
            return 0.0;
        }
        let (own, others) = (self.own, self.others);
        let logistic = {
            // The scale of a logistic distribution of this standard deviation.
            let scale = others.deviation * 3.0_f32.sqrt() / std::f32::consts::PI;
            let off = (nearness - others.mean) / scale;
            -scale.ln() - off - 2.0 * (-off).exp().ln_1p()
        };
        // A text nearer than the mean is no less likely to have the topic.
        let off = (nearness.min(own.mean) - own.mean) / own.deviation;
        let normal = -own.deviation.ln() - 0.5 * off * off - 0.5 * (2.0 * std::f32::consts::PI).ln();
        let odds = (self.share / (1.0 - self.share)).ln() + normal - logistic;
        1.0 / (1.0 + (-odds.clamp(-MAX_ODDS, MAX_ODDS)).exp())
    }
}

fn median(mut of: Vec<f32>) -> f32 {
    let middle = of.len() / 2;
    if of.is_empty() { 0.0 } else { *of.select_nth_unstable_by(middle, f32::total_cmp).1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nearnesses about a mean, spread evenly.
    fn about(mean: f32, deviation: f32, n: u16) -> Vec<f32> {
        let steps = (0..n).map(|it| 2.0 * (f32::from(it) + 0.5) / f32::from(n) - 1.0);
        steps.map(|it| mean + it * deviation * 3.0_f32.sqrt()).collect()
    }

    #[test]
    fn two_kinds_of_texts_are_told_apart() {
        let all = [about(0.0, 0.05, 180), about(0.5, 0.05, 20)].concat();
        let mixture = Mixture::fit(&all, &about(0.48, 0.06, 5));
        assert!((mixture.share - 0.1).abs() < 0.02 && (mixture.own.mean - 0.5).abs() < 0.03, "{mixture:?}");
        let sure = |it: f32| mixture.probability(it);
        assert!(sure(0.45) > 0.95 && sure(0.9) > 0.95 && sure(0.15) < 0.05 && sure(-0.3) < 1e-6, "{mixture:?}");
        let rising = about(0.3, 0.4, 100).windows(2).all(|it| sure(it[0]) <= sure(it[1]) + 1e-6);
        assert!(rising, "what is nearer is no less sure");
    }

    #[test]
    fn where_none_is_near_no_text_is_taken_for_one() {
        let all = about(0.0, 0.05, 200);
        let mixture = Mixture::fit(&all, &about(0.5, 0.1, 5));
        assert!(all.iter().all(|it| mixture.probability(*it) < 0.5), "{mixture:?}");
        assert!(mixture.share < 0.05, "{mixture:?}");
        let same = Mixture::fit(&[0.1; 30], &[0.1; 3]);
        assert!(same.probability(0.1) < 0.5, "texts that are all alike tell nothing: {same:?}");
    }

    #[test]
    fn a_given_text_is_measured_without_itself() {
        // Three texts that share nothing are no topic, though each is near to the sum of which it is a part.
        let others = (10..70).map(|it| vec![(it, 0.8), (7, 0.6)]).collect::<Vec<Vector>>();
        let right = (0..3).map(|it| vec![(it, 1.0)]).collect::<Vec<Vector>>();
        let middle = at_large(&others);
        let known =
            |right| Known { right, keywords: &Vector::new(), wrong: vec![], others: &others, at_large: &middle }.fit();
        let (weights, mixture) = known(right.iter().collect()).unwrap();
        assert!(dot(&right[0], &weights) > 0.5 && mixture.own.mean < 0.3, "{mixture:?}");
        assert!(known(right[..2].iter().collect()).is_none());
    }

    #[test]
    fn texts_with_the_most_keywords_stand_for_it() {
        // Below 64 stand the directions of meaning, which count for none.
        let keywords = vec![(101, 0.6), (102, 0.6), (103, 0.5), (1, 0.1), (2, 0.1)];
        let texts = [
            vec![(101, 1.0), (1, 0.5), (2, 0.5)],
            vec![(101, 0.5), (102, 0.5)],
            vec![(109, 1.0)],
            vec![(101, 0.6), (102, 0.5), (103, 0.6)],
        ];
        assert_eq!(by_keywords(&keywords, &texts), [&texts[3], &texts[1]]);
    }
}
