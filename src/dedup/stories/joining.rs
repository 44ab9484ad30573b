//! Which stories an article fits, and which stories turn out to be one. Pure.

use std::collections::HashMap;

use super::{Comparison, Place, Stories};
use crate::{
    dedup::closeness::{Weighed, Weights},
    model::StoryId,
};

/// Members of a story that a new article is compared with.
const MAX_MEMBERS: usize = 8;
/// Of these the nearest count, so that a story may have more than one side.
const NEAREST_MEMBERS: usize = 4;

/// An article joins a story from these log-odds on. Chosen over all development sets at once, a little above the best sum of
/// their figures: a report that joins a wrong story may silence an alert.
const THRESHOLD: f32 = -0.25;
/// How much the nearest member counts against the mean of the nearest few, 0–1.
const NEAREST: f32 = 0.5;
/// Two stories that an article fits become one from these log-odds on.
const MERGE: f32 = 0.3;

impl Stories {
    /// The stories that an article fits, the nearest first, each with its nearest member and the log-odds.
    pub(super) fn joined(
        &self,
        weights: &Weights<'_>,
        new: &Weighed<'_>,
        compared: &[Comparison],
    ) -> Vec<(StoryId, Place, f32)> {
        if self.len() < self.settings.background {
            return Vec::new();
        }
        let mut stories = HashMap::<StoryId, (f32, Place)>::new();
        for it in compared {
            let best = stories.entry(it.story).or_insert((it.odds, it.place));
            if it.odds > best.0 {
                *best = (it.odds, it.place);
            }
        }
        let joined = stories.into_iter().filter_map(|(story, (nearest, place))| {
            // The mean is below the nearest: a story that cannot reach the threshold needs no second look.
            if nearest < THRESHOLD {
                return None;
            }
            let odds = NEAREST * nearest + (1.0 - NEAREST) * self.mean_odds(weights, new, story, compared);
            (odds >= THRESHOLD).then_some((story, place, odds))
        });
        let mut joined = joined.collect::<Vec<_>>();
        joined.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.1.cmp(&b.1)));
        joined
    }

    /// Whether two stories turn out to be one, now that an article fits both.
    pub(super) fn are_one(&self, weights: &Weights<'_>, a: StoryId, b: StoryId) -> bool {
        let mut nearest = f32::NEG_INFINITY;
        let (mut sum, mut n) = (0.0, 0.0);
        for x in self.window.members(a, MAX_MEMBERS) {
            let Some(held) = self.window.get(x) else { continue };
            let weighed = weights.weigh(&held.sketch);
            let others = self.window.members(b, MAX_MEMBERS);
            let compared = others.filter_map(|y| self.comparison(weights, &weighed, y));
            for it in compared.filter(|it| it.odds.is_finite()) {
                nearest = nearest.max(it.odds);
                sum += it.odds;
                n += 1.0;
            }
        }
        n > 0.0 && NEAREST * nearest + (1.0 - NEAREST) * sum / n >= MERGE
    }

    fn mean_odds(&self, weights: &Weights<'_>, new: &Weighed<'_>, story: StoryId, compared: &[Comparison]) -> f32 {
        let each = self.window.members(story, MAX_MEMBERS).filter_map(|place| {
            let known = compared.iter().find(|it| it.place == place).copied();
            known.or_else(|| self.comparison(weights, new, place)).map(|it| it.odds)
        });
        // A member of long ago says nothing of a story that goes on.
        let mut each = each.filter(|it| it.is_finite()).collect::<Vec<_>>();
        each.sort_unstable_by(|a, b| b.total_cmp(a));
        each.truncate(NEAREST_MEMBERS);
        let (sum, n) = each.iter().fold((0.0, 0.0), |(sum, n), it| (sum + it, n + 1.0));
        if n > 0.0 { sum / n } else { f32::NEG_INFINITY }
    }
}
