//! Groups of what belongs together, by average linkage. Pure.
//!
//! The two groups that fit best are merged, repeatedly, as long as any two fit (Sokal and Michener 1958). How well two
//! fit is the mean over all pairs of their reports: two stories told with one background are near in single reports,
//! not in all.

use std::collections::HashMap;

/// Two groups fit from these log-odds on. Chosen over all development sets together with [`LIFT`], [`SURE`] and
/// [`SURE_NOT`].
pub(super) const THRESHOLD: f32 = -0.3;
/// Added to the mean log-odds of more than one pair. A story has many sides, so that the mean of its pairs is lower
/// than the odds of one pair of the same event; it is also surer.
const LIFT: f32 = 0.75;
/// Upper bound of a pair's log-odds, at which two reports surely tell of one event. Nothing counts above it: one
/// near-copy does not make up for all the others.
const SURE: f32 = 2.0;
/// Lower bound of a pair's log-odds, at which two reports surely tell of different events: one report of another side
/// does not part the others.
const SURE_NOT: f32 = -3.0;

/// What pairs of reports say together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Mean {
    sum: f32,
    pairs: f32,
}

impl FromIterator<f32> for Mean {
    fn from_iter<T: IntoIterator<Item = f32>>(odds: T) -> Self {
        // A report too old to compare says nothing of a story that goes on.
        let odds = odds.into_iter().filter(|it| it.is_finite()).map(|it| it.clamp(SURE_NOT, SURE));
        odds.fold(Self::default(), |it, odds| it.and(Self { sum: odds, pairs: 1.0 }))
    }
}

impl Mean {
    fn and(self, other: Self) -> Self {
        Self { sum: self.sum + other.sum, pairs: self.pairs + other.pairs }
    }

    /// The log-odds that all pairs tell of one event, on the scale of a single pair; negative infinity if there are
    /// none.
    pub(super) fn odds(self) -> f32 {
        if self.pairs == 0.0 {
            return f32::NEG_INFINITY;
        }
        self.sum / self.pairs + if self.pairs > 1.0 { LIFT } else { 0.0 }
    }
}

/// Two groups.
struct Two {
    groups: [usize; 2],
    mean: Mean,
    odds: f32,
}

impl Two {
    /// The group paired with `group`.
    fn other(&self, group: usize) -> Option<usize> {
        let [a, b] = self.groups;
        if a == group { Some(b) } else { (b == group).then_some(a) }
    }
}

/// For each of `n` items the first item of its group. `between(a, b)` is called once for each `a < b` and returns what
/// their pairs say.
pub(super) fn groups(n: usize, mut between: impl FnMut(usize, usize) -> Mean) -> Vec<usize> {
    let all = (0..n).flat_map(|b| (0..b).map(move |a| [a, b]));
    let mut pairs = all
        .map(|[a, b]| {
            let mean = between(a, b);
            Two { groups: [a, b], mean, odds: mean.odds() }
        })
        .collect::<Vec<_>>();
    let mut res = (0..n).collect::<Vec<_>>();
    loop {
        let best = pairs.iter().reduce(|best, it| if it.odds > best.odds { it } else { best });
        let Some(&Two { groups: [a, b], .. }) = best.filter(|it| it.odds >= THRESHOLD) else { return res };
        res.iter_mut().filter(|it| **it == b).for_each(|it| *it = a);
        let of_b = pairs.iter().filter_map(|it| Some((it.other(b)?, it.mean))).collect::<HashMap<_, _>>();
        pairs.retain(|it| it.other(b).is_none());
        for it in &mut pairs {
            if let Some(mean) = it.other(a).and_then(|other| of_b.get(&other)) {
                it.mean = it.mean.and(*mean);
                it.odds = it.mean.odds();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_come_together_first() {
        // Two events of three reports each; the third report of the first tells what went before both.
        let odds = |a: usize, b: usize| match (a, b) {
            (0 | 1, 2) => 0.4,
            (2, 3) => 0.3,
            (2, _) => -2.0,
            _ if (a < 3) == (b < 3) => 1.0,
            _ => -3.0,
        };
        assert_eq!(groups(6, |a, b| Mean::from_iter([odds(a, b)])), [0, 0, 0, 3, 3, 3]);
    }

    #[test]
    fn many_pairs_are_surer_than_one() {
        let near = THRESHOLD - LIFT / 2.0;
        assert_eq!(groups(2, |_, _| Mean::from_iter([near])), [0, 1]);
        assert_eq!(groups(2, |_, _| Mean::from_iter([near; 4])), [0, 0]);
    }

    #[test]
    fn what_is_sure_makes_up_for_no_other() {
        let sure = |others| groups(2, |_, _| Mean::from_iter([9.0, others]));
        assert_eq!(sure(THRESHOLD), [0, 0]);
        assert_eq!(sure(-20.0), sure(SURE_NOT));
        assert_eq!(groups(2, |_, _| Mean::from_iter([30.0, SURE_NOT, SURE_NOT, SURE_NOT])), [0, 1]);
    }

    #[test]
    fn nothing_known_is_no_reason() {
        assert_eq!(groups(2, |_, _| Mean::from_iter([f32::NEG_INFINITY])), [0, 1]);
        assert_eq!(groups(1, |_, _| Mean::default()), [0]);
        assert_eq!(groups(0, |_, _| Mean::default()), [0; 0]);
    }
}
