//! Which story an article belongs to, which story turns out to be one with it, and which reports belong with the article rather
//! than where they are. Pure.
//!
//! The article and the reports of the stories near it are grouped anew. Its story is the one whose oldest report is in its group.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    Comparison, Pair, Place, Stories,
    linkage::{self, Mean},
};
use crate::{
    dedup::{
        closeness::{Weighed, Weights},
        overlap::Level,
    },
    model::{ArticleId, StoryId},
};

/// A story of more reports is never taken apart,
const MAX_TAKEN_APART: usize = 24;
/// and so many of its members are looked at: the oldest held, and the newest of the others.
const MAX_MEMBERS: usize = 12;
/// Stories that are looked at: those of the nearest articles,
const MAX_STORIES: usize = 4;
/// where these are as near as this, in log-odds.
const MIN_NEAREST: f32 = -2.0;

/// A story near an article.
#[derive(Debug)]
struct Near {
    story: StoryId,
    /// Those looked at, the oldest first.
    members: Vec<Place>,
    /// Whether it stays as it is, whatever its reports have to do with each other.
    is_whole: bool,
}

/// The story that an article fits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fitting {
    pub(super) story: StoryId,
    /// The member that is nearest.
    pub(super) nearest: Place,
    /// The log-odds that the article is of the story.
    pub(super) odds: f32,
}

/// What an article has to do with the stories near it.
#[derive(Debug, Default)]
pub(super) struct Grouped {
    /// The story that it fits.
    pub(super) fitting: Option<Fitting>,
    /// Another story that turns out to be one with it.
    pub(super) merges: Option<StoryId>,
    /// Reports of other stories that belong with the article, each with the story that it leaves. The oldest of a story stays.
    pub(super) draws: Vec<(ArticleId, StoryId)>,
}

/// The stories near an article, with all that is needed to tell how near their members are to each other.
pub(super) struct Neighbourhood<'s> {
    stories: &'s Stories,
    /// That of the nearest report first.
    near: Vec<Near>,
    /// The log-odds of the article and each member.
    odds: HashMap<Place, f32>,
    /// What the members have to do with each other, the older first; those of a story that is not taken apart are not asked.
    pairs: HashMap<(Place, Place), Pair>,
}

impl<'s> Neighbourhood<'s> {
    /// `compared` are the articles that share most with the new one, `weighed` they themselves. Stories `kept` are not taken apart.
    pub(super) fn new(
        stories: &'s Stories,
        weights: &Weights<'s>,
        new: &Weighed<'s>,
        compared: &[Comparison],
        mut weighed: HashMap<Place, Weighed<'s>>,
        kept: &BTreeSet<StoryId>,
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
        let near =
            nearest.into_iter().map(|(story, _)| Near::new(stories, story, kept.contains(&story))).collect::<Vec<_>>();
        let mut odds = compared.iter().map(|it| (it.place, it.odds)).collect::<HashMap<_, _>>();
        for place in near.iter().flat_map(|it| &it.members) {
            let Some(held) = stories.window.get(*place) else { continue };
            let held = weighed.entry(*place).or_insert_with(|| weights.weigh(&held.sketch));
            odds.entry(*place).or_insert_with(|| stories.pair(new, held).odds);
        }
        let mut pairs = HashMap::new();
        for (at, story) in near.iter().enumerate() {
            for (number, a) in story.members.iter().enumerate() {
                let others = near.iter().take(at).flat_map(|it| &it.members);
                let own = story.members.iter().take(if story.is_whole { 0 } else { number });
                for b in others.chain(own) {
                    if let (Some(older), Some(newer)) = (weighed.get(a.min(b)), weighed.get(a.max(b))) {
                        pairs.insert((*a.min(b), *a.max(b)), stories.pair(older, newer));
                    }
                }
            }
        }
        Self { stories, near, odds, pairs }
    }

    /// What the article has to do with the stories near it. It goes where the `text` is that it shares a part with.
    pub(super) fn grouped(&self, text: Option<Place>) -> Grouped {
        let mut items = self.near.iter().flat_map(|it| self.inseparable(it)).collect::<Vec<_>>();
        let with_text = items.iter().position(|it| text.is_some_and(|text| it.contains(&text)));
        let with_text = with_text.map(|at| items.remove(at)).unwrap_or_default();
        items.insert(0, with_text);
        let groups = linkage::groups(items.len(), |a, b| match (items.get(a), items.get(b)) {
            (Some(ours), Some(theirs)) => self.mean(ours, theirs, a == 0),
            _ => Mean::default(),
        });
        let own = items.iter().zip(groups).filter(|(_, group)| *group == 0);
        let own = own.flat_map(|(item, _)| item).copied().collect::<HashSet<_>>();
        let of = |it: &Near| it.members.iter().copied().filter(|place| own.contains(place)).collect::<Vec<_>>();
        let is_held = |it: &&Near| it.members.first().is_some_and(|oldest| own.contains(oldest));
        // Of two that have as many the one that has the nearest report.
        let home = self.near.iter().rev().filter(is_held).max_by_key(|it| of(it).len());
        let others = self.near.iter().filter(|it| home.is_none_or(|home| it.story != home.story));
        let others = others.filter(|it| !self.stories.by_hand.contains(&it.story)).collect::<Vec<_>>();
        let merges = others.iter().find(|it| of(it).len() == it.members.len()).map(|it| it.story);
        let drawn = |it: &&Near| {
            let places = of(it).into_iter().filter(|place| it.members.first() != Some(place));
            let ids = places.filter_map(|place| Some(self.stories.window.get(place)?.id));
            ids.map(|id| (id, it.story)).collect::<Vec<_>>()
        };
        Grouped {
            fitting: home.and_then(|it| self.fitting(it.story, &of(it))),
            merges,
            draws: if merges.is_none() { others.iter().flat_map(drawn).collect() } else { Vec::new() },
        }
    }

    /// What of a story goes together in any case: all of one that is never taken apart, and reports that share a text.
    fn inseparable(&self, story: &Near) -> Vec<Vec<Place>> {
        let mut res = Vec::<Vec<Place>>::new();
        for place in &story.members {
            let is_copy = |other: &Place| self.pair(*place, *other).is_some_and(|it| it.level != Level::Independent);
            match res.iter_mut().find(|it| story.is_whole || it.iter().any(is_copy)) {
                Some(it) => it.push(*place),
                None => res.push(vec![*place]),
            }
        }
        res
    }

    /// What all pairs of two items say; the new article is one of `ours` too, where it is asked for.
    fn mean(&self, ours: &[Place], theirs: &[Place], with_new: bool) -> Mean {
        let pairs = ours.iter().flat_map(|a| theirs.iter().filter_map(|b| self.pair(*a, *b))).map(|it| it.odds);
        let new = theirs.iter().filter(|_| with_new).filter_map(|it| self.odds.get(it).copied());
        pairs.chain(new).collect()
    }

    fn fitting(&self, story: StoryId, members: &[Place]) -> Option<Fitting> {
        let odds = members.iter().filter_map(|it| Some((*it, *self.odds.get(it)?))).collect::<Vec<_>>();
        let (nearest, _) = odds.iter().copied().max_by(|(a, x), (b, y)| x.total_cmp(y).then(b.cmp(a)))?;
        Some(Fitting { story, nearest, odds: odds.iter().map(|it| it.1).collect::<Mean>().odds() })
    }

    fn pair(&self, a: Place, b: Place) -> Option<&Pair> {
        self.pairs.get(&(a.min(b), a.max(b)))
    }
}

impl Near {
    fn new(stories: &Stories, story: StoryId, is_kept: bool) -> Self {
        let mut members = stories.window.members(story, MAX_TAKEN_APART + 1).collect::<Vec<_>>();
        let is_large = members.len() > MAX_TAKEN_APART;
        if is_large {
            members.truncate(MAX_MEMBERS);
        }
        Self { story, members, is_whole: is_kept || is_large || stories.by_hand.contains(&story) }
    }
}
