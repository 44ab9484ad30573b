//! Classifies a text partly by its nearest texts. Pure.
//!
//! A word of a topic that is in none of its examples may be in texts near to them. So a text is classified half by
//! itself and half by its neighbours, which are classified the same way (label spreading, Zhou et al. 2004).

use std::collections::HashMap;

use crate::classify::features::{Vector, is_meaning};

/// Neighbours of a text.
const NEAREST: usize = 5;
/// Minimum texts for neighbours to be used.
const MIN_TEXTS: usize = 4 * NEAREST;
/// Maximum texts that serve as neighbours, the first. Each is compared with those that share something rare with it
/// and, if texts have meanings, with all that have one.
const MAX_TEXTS: usize = 3_000;
/// A word in more than one of this many texts distinguishes none, and would make every text be compared with all.
const MAX_SHARE: usize = 3;
/// The weight (0–1) of the neighbours; the text itself has the rest.
const SHARE: f32 = 0.5;
/// Number of rounds in which shares spread between neighbours: what is further off counts less than a thousandth.
const ROUNDS: usize = 10;
/// Minimum nearness at which two texts count as the same: a text is no neighbour of itself.
const SAME: f32 = 0.9999;

/// Texts with the share of each topic in them.
#[derive(Debug, Clone, Default)]
pub(super) struct Neighbours {
    /// For each feature the texts that have it, with its weight.
    by_feature: HashMap<u32, Vec<(u32, f32)>>,
    /// For each text its nearness to itself by the features kept.
    itself: Vec<f32>,
    /// For each text its share of each topic.
    shares: Vec<Vec<f32>>,
}

impl Neighbours {
    /// Takes texts with their own shares; the first `n_given` got their topics from people and keep them.
    pub(super) fn new(texts: &[Vector], own: Vec<Vec<f32>>, n_given: usize) -> Self {
        let mut res = Self { shares: own, ..Self::default() };
        let texts = texts.get(..MAX_TEXTS).unwrap_or(texts);
        res.shares.truncate(texts.len());
        if texts.len() < MIN_TEXTS {
            return Self::default();
        }
        for (number, text) in (0..).zip(texts) {
            for (feature, weight) in text {
                res.by_feature.entry(*feature).or_default().push((number, *weight));
            }
        }
        // With few texts, nothing is rare.
        let most = (texts.len() / MAX_SHARE).max(MIN_TEXTS);
        res.by_feature.retain(|feature, it| it.len() <= most || is_meaning(*feature));
        res.itself = texts.iter().map(|it| res.itself(it)).collect();
        let mut scores = Vec::new();
        let nearest = texts.iter().map(|it| res.nearest(it, &mut scores)).collect::<Vec<_>>();
        let own = res.shares.clone();
        for _ in 0..ROUNDS {
            let asked = own.iter().zip(&nearest).enumerate();
            let next = asked.map(|(n, (own, near))| if n < n_given { own.clone() } else { res.mixed(own, near) });
            res.shares = next.collect();
        }
        res
    }

    /// The share of each topic in a text, from itself and its neighbours.
    pub(super) fn asked(&self, text: &Vector, own: &[f32]) -> Vec<f32> {
        self.mixed(own, &self.nearest(text, &mut Vec::new()))
    }

    fn mixed(&self, own: &[f32], nearest: &[(usize, f32)]) -> Vec<f32> {
        let all = nearest.iter().map(|it| it.1).sum::<f32>();
        if all <= 0.0 {
            return own.to_vec();
        }
        let mut res = own.iter().map(|it| (1.0 - SHARE) * it).collect::<Vec<_>>();
        for (number, nearness) in nearest {
            let theirs = self.shares.get(*number).into_iter().flatten();
            res.iter_mut().zip(theirs).for_each(|(it, theirs)| *it += SHARE * nearness / all * theirs);
        }
        res
    }

    /// The nearness of a text to itself by the features kept.
    fn itself(&self, text: &Vector) -> f32 {
        text.iter().filter(|it| self.by_feature.contains_key(&it.0)).map(|it| it.1 * it.1).sum()
    }

    /// The nearest texts with their nearness. `scores` is a buffer.
    fn nearest(&self, text: &Vector, scores: &mut Vec<f32>) -> Vec<(usize, f32)> {
        scores.clear();
        scores.resize(self.shares.len(), 0.0);
        for (feature, weight) in text {
            for (number, other) in self.by_feature.get(feature).into_iter().flatten() {
                if let Some(it) = scores.get_mut(*number as usize) {
                    *it += weight * other;
                }
            }
        }
        let itself = self.itself(text);
        let mut res = Vec::<(usize, f32)>::with_capacity(NEAREST + 1);
        for (number, (nearness, theirs)) in scores.iter().copied().zip(&self.itself).enumerate() {
            let is_near = res.len() < NEAREST || res.last().is_some_and(|it| it.1 < nearness);
            if nearness > 0.0 && nearness < SAME * itself.max(*theirs) && is_near {
                let at = res.partition_point(|it| it.1 >= nearness);
                res.insert(at, (number, nearness));
                res.truncate(NEAREST);
            }
        }
        res
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_does_not_say_its_neighbours_do() {
        // Each text shares a feature with the next; the first is given, and it is told from one to the other.
        let chain = (0_u32..).take(MIN_TEXTS).map(|n| vec![(n + 1, 0.8), (n, 0.6)]).collect::<Vec<Vector>>();
        let mut own = vec![vec![0.5, 0.5]; chain.len()];
        own[0] = vec![1.0, 0.0];
        let held = Neighbours::new(&chain, own, 1);
        let told = |n: usize| held.asked(&chain[n], &[0.5, 0.5])[0];
        assert!(held.shares[0] == [1.0, 0.0], "what is given stays");
        assert!(told(1) > 0.6 && told(1) > told(2) && told(2) > told(4) && told(4) > 0.5, "{:?}", held.shares);
        let alone = held.asked(&vec![(900, 1.0)], &[0.1, 0.9]);
        assert_eq!(alone, [0.1, 0.9], "without a neighbour a text speaks for itself");
    }

    #[test]
    fn what_stands_in_most_texts_makes_no_neighbours() {
        // All share a feature; the first two share another, and the first has its topic from a person.
        let texts = (0_u32..).take(3 * MIN_TEXTS).map(|n| vec![(1_000, 0.8), (n.max(1), 0.6)]).collect::<Vec<Vector>>();
        let mut own = vec![vec![0.0]; texts.len()];
        own[0] = vec![1.0];
        let held = Neighbours::new(&texts, own, 1);
        assert_eq!(held.asked(&texts[0], &[0.5]), [0.5], "a text is no neighbour of itself, and of its copy");
        assert_eq!(held.asked(&vec![(1_000, 1.0)], &[0.5]), [0.5]);
        assert!(held.asked(&vec![(1_000, 0.9), (1, 0.3)], &[0.5])[0] > 0.25, "only the first two are near");
        assert_eq!(held.asked(&vec![(1_000, 0.9), (7, 0.3)], &[0.5]), [0.25]);
    }

    #[test]
    fn texts_of_one_meaning_are_neighbours_though_all_have_one() {
        // One half goes one way, the other the other; no two share a word. The first of the one is given.
        let way = |n: u32| if n.is_multiple_of(2) { 0.6 } else { -0.6 };
        let texts = (0_u32..).take(2 * MIN_TEXTS).map(|n| vec![(100 + n, 0.8), (0, way(n))]).collect::<Vec<Vector>>();
        let mut own = vec![vec![0.5]; texts.len()];
        own[0] = vec![1.0];
        let held = Neighbours::new(&texts, own, 1);
        let asked = |way: f32| held.asked(&vec![(900, 0.8), (0, way)], &[0.5])[0];
        assert!(asked(0.6) > asked(-0.6) + 0.01 && (asked(-0.6) - 0.5).abs() < 1e-5, "{} {}", asked(0.6), asked(-0.6));
    }

    #[test]
    fn few_texts_are_no_neighbourhood() {
        let texts = vec![vec![(1, 1.0)]; MIN_TEXTS - 1];
        let held = Neighbours::new(&texts, vec![vec![1.0]; texts.len()], 0);
        assert_eq!(held.asked(&vec![(1, 1.0)], &[0.3]), [0.3]);
    }
}
