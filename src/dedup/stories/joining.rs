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

/// An article joins a story where that is more likely than not.
const THRESHOLD: f32 = 0.0;
/// How much the nearest member counts against the mean of the nearest few, 0–1.
const NEAREST: f32 = 0.5;
/// Two stories that an article fits become one where their reports, each with each, come to these log-odds on average. The
/// nearest two say little here: one report of either may be of both.
const MERGE: f32 = 0.2;
/// Stories that are looked at for one to merge with.
const MAX_MERGE_CANDIDATES: usize = 3;

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

    /// The story of those that an article fits that turns out to be the same as the one it joins.
    pub(super) fn same(
        &self,
        weights: &Weights<'_>,
        new: &Weighed<'_>,
        story: StoryId,
        joined: &[(StoryId, Place, f32)],
    ) -> Option<StoryId> {
        let others = joined.iter().map(|it| it.0).filter(|it| *it != story).take(MAX_MERGE_CANDIDATES);
        if self.by_hand.contains(&story) {
            return None;
        }
        let others = others.filter(|it| !self.by_hand.contains(it));
        let others = others.map(|it| (self.mean_between(weights, new, story, it), it));
        let nearest = others.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))?;
        (nearest.0 >= MERGE).then_some(nearest.1)
    }

    /// The mean log-odds of the reports of two stories, each with each; `new` counts as one of the first.
    fn mean_between(&self, weights: &Weights<'_>, new: &Weighed<'_>, a: StoryId, b: StoryId) -> f32 {
        let (mut sum, mut n) = (0.0, 0.0);
        let mut add = |one: &Weighed<'_>| {
            let compared = self.window.members(b, MAX_MEMBERS).filter_map(|it| self.comparison(weights, one, it));
            for it in compared.filter(|it| it.odds.is_finite()) {
                sum += it.odds;
                n += 1.0;
            }
        };
        add(new);
        for place in self.window.members(a, MAX_MEMBERS) {
            if let Some(held) = self.window.get(place) {
                add(&weights.weigh(&held.sketch));
            }
        }
        if n > 0.0 { sum / n } else { f32::NEG_INFINITY }
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
