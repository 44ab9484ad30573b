//! Which story an article fits, which stories turn out to be one, and which reports fit its story better than their own. Pure.
//!
//! Stories are told apart by average linkage (Sokal and Michener 1958): by the mean of what all pairs of their reports say. A
//! story that is near in one report alone, as two that are told with one background, is another story.

use std::{cell::RefCell, collections::HashMap};

use super::{Comparison, Pair, Place, Stories};
use crate::{
    dedup::{
        closeness::{Weighed, Weights},
        overlap::Level,
    },
    model::{ArticleId, StoryId},
};

/// Members of a story that are looked at: the oldest held, and the newest of the others.
const MAX_MEMBERS: usize = 12;
/// Stories that are looked at: those of the nearest articles,
const MAX_STORIES: usize = 4;
/// where these are as near as this, in log-odds.
const MIN_NEAREST: f32 = -2.0;
/// An article joins a story from these log-odds on, and two stories are one. Chosen over all development sets at once, with the next
/// two.
const THRESHOLD: f32 = -0.3;
/// A story has many sides, so that the mean of many pairs is lower than what one pair of the same event has. It is also surer. So much
/// is added where pairs are without number,
const LIFT: f32 = 0.9;
/// and less by their number to this power where they are few.
const DECAY: f32 = 0.3;
/// Log-odds beyond which two articles are of one event for sure. What is above counts no more: one near-copy does not make up for all
/// the others.
const SURE: f32 = 3.0;
/// How much an article may miss a story that is then asked whether it is one with the story it joins.
const SLACK: f32 = 0.5;
/// By how much another story must be nearer to a report than its own: else two stories of one affair would pass it to and fro,
const MARGIN: f32 = 0.25;
/// and from which log-odds on it goes there. What goes counts as told with the story, as what is more likely of it than not.
const MIN_DRAWN: f32 = 0.0;
/// A report is asked whether it goes with a new one where they are as near as this, in log-odds.
const MIN_COMPANION: f32 = -1.0;

/// The mean of log-odds.
#[derive(Debug, Default)]
struct Mean {
    sum: f32,
    n: usize,
}

impl FromIterator<f32> for Mean {
    fn from_iter<T: IntoIterator<Item = f32>>(odds: T) -> Self {
        // A member of long ago says nothing of a story that goes on.
        let odds = odds.into_iter().filter(|it| it.is_finite()).map(|it| it.min(SURE));
        odds.fold(Self::default(), |it, odds| Self { sum: it.sum + odds, n: it.n + 1 })
    }
}

impl Mean {
    /// The log-odds that all are of one event, as those of one pair; `None` of nothing.
    fn odds(&self) -> Option<f32> {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred at most")]
        let n = self.n as f32;
        (self.n > 0).then(|| self.sum / n + LIFT * (1.0 - n.powf(-DECAY)))
    }
}

/// A story near an article.
#[derive(Debug)]
pub(super) struct Near {
    pub(super) story: StoryId,
    /// The member that is nearest.
    pub(super) nearest: Place,
    /// The log-odds that the article is of the story.
    pub(super) odds: f32,
    members: Vec<Place>,
}

/// The stories near an article, with all that is needed to tell how near their members are to each other.
pub(super) struct Neighbourhood<'s> {
    stories: &'s Stories,
    /// Those that fit best first.
    near: Vec<Near>,
    /// The log-odds of the article and each member.
    odds: HashMap<Place, f32>,
    weighed: HashMap<Place, Weighed<'s>>,
    /// What was compared: the same two are asked for once for each story that one of them might go to.
    pairs: RefCell<HashMap<(Place, Place), Pair>>,
}

impl<'s> Neighbourhood<'s> {
    /// `compared` are the articles that share most with the new one, `weighed` they themselves.
    pub(super) fn new(
        stories: &'s Stories,
        weights: &Weights<'s>,
        new: &Weighed<'s>,
        compared: &[Comparison],
        mut weighed: HashMap<Place, Weighed<'s>>,
    ) -> Self {
        let mut nearest = HashMap::<StoryId, (f32, Place)>::new();
        for it in compared.iter().filter(|it| it.odds >= MIN_NEAREST) {
            let best = nearest.entry(it.story).or_insert((it.odds, it.place));
            if it.odds > best.0 {
                *best = (it.odds, it.place);
            }
        }
        let mut nearest = nearest.into_iter().collect::<Vec<_>>();
        nearest.sort_by(|(_, a), (_, b)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        nearest.truncate(if stories.len() < stories.settings.background { 0 } else { MAX_STORIES });
        let mut odds = compared.iter().map(|it| (it.place, it.odds)).collect::<HashMap<_, _>>();
        let mut near = Vec::new();
        for (story, (_, nearest)) in nearest {
            let members = stories.window.members(story, MAX_MEMBERS).collect::<Vec<_>>();
            for place in &members {
                let Some(held) = stories.window.get(*place) else { continue };
                let held = weighed.entry(*place).or_insert_with(|| weights.weigh(&held.sketch));
                odds.entry(*place).or_insert_with(|| stories.pair(new, held).odds);
            }
            let sum = members.iter().filter_map(|it| odds.get(it)).copied().collect::<Mean>();
            near.extend(sum.odds().map(|odds| Near { story, nearest, odds, members }));
        }
        near.sort_by(|a, b| b.odds.total_cmp(&a.odds).then(a.nearest.cmp(&b.nearest)));
        Self { stories, near, odds, weighed, pairs: RefCell::default() }
    }

    /// The story that the article fits best.
    pub(super) fn joined(&self) -> Option<&Near> {
        self.near.first().filter(|it| it.odds >= THRESHOLD)
    }

    /// Another story that turns out to be one with the `joined`, now that there is the article.
    pub(super) fn merged(&self, joined: StoryId) -> Option<StoryId> {
        let own = self.members(joined);
        let is_one = |it: &&Near| {
            let pairs = own.iter().flat_map(|a| it.members.iter().filter_map(|b| self.between(*a, *b)));
            let with_new = it.members.iter().filter_map(|b| self.odds.get(b)).copied();
            pairs.chain(with_new).collect::<Mean>().odds() >= Some(THRESHOLD)
        };
        let others = self.near.iter().filter(|it| it.story != joined && it.odds >= THRESHOLD - SLACK);
        others.filter(|it| !self.stories.by_hand.contains(&it.story)).find(is_one).map(|it| it.story)
    }

    /// Reports of other stories that fit the article, and the story that it joins where it joins one, better than their own, each
    /// with the story that it leaves. The report that a story is named by stays, and so does one that shares a text with another
    /// member that is looked at.
    pub(super) fn drawn(&self, joined: Option<StoryId>) -> Vec<(ArticleId, StoryId)> {
        let own = joined.map_or(&[][..], |it| self.members(it));
        let mut res = Vec::new();
        let others = self.near.iter().filter(|it| Some(it.story) != joined);
        for near in others.filter(|it| !self.stories.by_hand.contains(&it.story)) {
            let mut members = near.members.clone();
            for place in &near.members {
                let companion = self.odds.get(place).copied().filter(|it| *it >= MIN_COMPANION);
                let id = self.stories.window.get(*place).map(|it| it.id).filter(|it| StoryId(*it) != near.story);
                let Some((id, companion)) = id.zip(companion) else { continue };
                let rest = members.iter().copied().filter(|it| it != place).collect::<Vec<_>>();
                let here = rest.iter().filter_map(|it| self.between(*place, *it)).collect::<Mean>();
                let there = own.iter().filter_map(|it| self.between(*place, *it)).chain([companion]).collect::<Mean>();
                // Nothing is known of how it fits a story of which no other is held.
                let Some(here) = here.odds() else { continue };
                let least = (here + MARGIN).max(MIN_DRAWN);
                let is_nearer = there.odds().is_some_and(|it| it > least);
                if is_nearer && !rest.iter().any(|it| self.is_copy(*place, *it)) {
                    res.push((id, near.story));
                    members = rest;
                }
            }
        }
        res
    }

    fn members(&self, story: StoryId) -> &[Place] {
        self.near.iter().find(|it| it.story == story).map_or(&[], |it| &it.members)
    }

    fn pair(&self, a: Place, b: Place) -> Option<Pair> {
        let (first, second) = (self.weighed.get(&a.min(b))?, self.weighed.get(&a.max(b))?);
        let mut pairs = self.pairs.borrow_mut();
        Some(*pairs.entry((a.min(b), a.max(b))).or_insert_with(|| self.stories.pair(first, second)))
    }

    fn between(&self, a: Place, b: Place) -> Option<f32> {
        self.pair(a, b).map(|it| it.odds)
    }

    fn is_copy(&self, a: Place, b: Place) -> bool {
        self.pair(a, b).is_some_and(|it| it.level != Level::Independent)
    }
}
