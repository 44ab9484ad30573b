//! Decides which story an article belongs to, which other story turns out to be the same, and which reports belong with
//! the article rather than where they are. Pure.
//!
//! The article and the reports of the stories near it are grouped anew. The article's story is the one whose naming
//! report is in its group, or that has at least half of its reports there and the rest not far from these. If there is
//! none, and reports of the group fit it better than the rest of their story, the article founds a story with them. If
//! these may not leave, it joins their story if it fits the whole of it, and otherwise founds a story alone.

use std::collections::{HashMap, HashSet};

use super::{
    Comparison, Draw, Pair, Place, Stories,
    linkage::{self, Mean},
};
use crate::{
    dedup::{
        closeness::{Weighed, Weights},
        overlap::Level,
    },
    model::{ArticleId, StoryId},
};

/// A story with more reports than this is never taken apart.
const MAX_TAKEN_APART: usize = 24;
/// Maximum members compared of a story that is too large to take apart: the oldest held, and the newest of the others.
const MAX_MEMBERS: usize = 12;
/// Maximum stories compared with an article: those of the nearest reports.
const MAX_STORIES: usize = 4;
/// Minimum nearness of a report, in log-odds, for its story to be compared.
const MIN_NEAREST: f32 = -2.0;
/// By how much, in log-odds, a report must fit the article's group better than the rest of its story before it leaves
/// that story. Without a margin, two stories of one affair would pass it to and fro.
const MARGIN: f32 = 0.25;
/// Minimum nearness, in log-odds as in [`Mean::odds`], between the rest of a story and those of its reports in the
/// article's group, for the article to join the story where its naming report is among the rest. Below this the reports
/// went in by mistake and are parted.
const MIN_REST: f32 = -1.0;

/// A story near an article.
#[derive(Debug)]
struct Near {
    story: StoryId,
    /// The report that names it, or the oldest held report if that one is not held.
    head: Place,
    /// The members compared.
    members: Vec<Place>,
    /// Whether it is never taken apart, because it is too large or a person grouped it.
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

/// The outcome of grouping an article with the stories near it.
#[derive(Debug, Default)]
pub(super) struct Grouped {
    /// The story that it fits.
    pub(super) fitting: Option<Fitting>,
    /// Whether it founds a story with reports that it draws, most of which leave the fitting story.
    pub(super) is_founding: bool,
    /// Another story that turns out to be one with it.
    pub(super) merges: Option<StoryId>,
    /// Reports of other stories that belong with the article. The head of a story stays.
    pub(super) draws: Vec<Draw>,
}

/// The stories near an article, with all that is needed to tell how near their members are to each other.
pub(super) struct Neighbourhood<'s> {
    stories: &'s Stories,
    /// The near stories, that of the nearest report first.
    near: Vec<Near>,
    /// The log-odds of the article and each member.
    odds: HashMap<Place, f32>,
    /// The comparison of each two members, the older first. Members of a story that is not taken apart are not compared
    /// with each other.
    pairs: HashMap<(Place, Place), Pair>,
}

impl<'s> Neighbourhood<'s> {
    /// `compared` are the articles that share most with the new one; `weighed` holds their weighed sketches.
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
        let near = nearest.into_iter().map(|(story, _)| Near::new(stories, story)).collect::<Vec<_>>();
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

    /// See [`Verdict::compared`](super::Verdict::compared).
    pub(super) fn compared(&self) -> Vec<(ArticleId, f32)> {
        let known = self.odds.iter().filter(|it| it.1.is_finite());
        let known = known.filter_map(|(place, odds)| Some((self.stories.window.get(*place)?.id, *odds)));
        let mut res = known.collect::<Vec<_>>();
        res.sort_unstable_by_key(|it| it.0);
        res
    }

    /// Groups the article with the stories near it. The `text` with which it shares a part is always in its group.
    pub(super) fn grouped(&self, text: Option<Place>) -> Grouped {
        let own = self.group(text);
        let count = |it: &Near| it.members.iter().filter(|place| own.contains(place)).count();
        // Of two stories with equally many, the one with the nearest report.
        let most = |at: &dyn Fn(&Near) -> bool| self.near.iter().rev().filter(|it| at(it)).max_by_key(|it| count(it));
        let home =
            most(&|it| own.contains(&it.head) || (2 * count(it) >= it.members.len() && self.holds_together(it, &own)));
        let others = self.near.iter().filter(|it| home.is_none_or(|home| it.story != home.story));
        let others = others.filter(|it| !self.stories.is_by_hand(it.story)).collect::<Vec<_>>();
        let merges = others.iter().find(|it| count(it) == it.members.len()).map(|it| it.story);
        // A story whose head belongs with the article merges, or stays as it is.
        let left = others.iter().filter(|it| merges.is_none() && !own.contains(&it.head));
        let draws = left.flat_map(|it| self.drawn(it, &own)).collect::<Vec<_>>();
        let is_founding = home.is_none() && !draws.is_empty();
        // If these reports may not leave their story, the article joins them if it fits the whole story. Otherwise the
        // event would be told again.
        let companions = most(&|it| count(it) > 0).and_then(|it| self.fitting(it));
        let fitting = home.and_then(|it| self.fitting(it)).or(companions.filter(|it| it.odds >= linkage::THRESHOLD));
        Grouped { fitting, is_founding, merges, draws }
    }

    /// The members that are in one group with the article.
    fn group(&self, text: Option<Place>) -> HashSet<Place> {
        let mut items = self.near.iter().flat_map(|it| self.inseparable(it)).collect::<Vec<_>>();
        let with_text = items.iter().position(|it| text.is_some_and(|text| it.contains(&text)));
        let with_text = with_text.map(|at| items.remove(at)).unwrap_or_default();
        items.insert(0, with_text);
        let groups = linkage::groups(items.len(), |a, b| match (items.get(a), items.get(b)) {
            (Some(ours), Some(theirs)) => self.mean(ours, theirs, a == 0),
            _ => Mean::default(),
        });
        items.iter().zip(groups).filter(|(_, group)| *group == 0).flat_map(|(item, _)| item).copied().collect()
    }

    /// Whether the reports of a story that are of the article's group are near the others.
    fn holds_together(&self, story: &Near, own: &HashSet<Place>) -> bool {
        let (ours, rest) = story.members.iter().copied().partition::<Vec<_>, _>(|it| own.contains(it));
        self.mean(&ours, &rest, false).odds() >= MIN_REST
    }

    /// The reports of a story that fit the article and its group better than the rest of the story.
    fn drawn(&self, story: &Near, own: &HashSet<Place>) -> Vec<Draw> {
        let rest = story.members.iter().copied().filter(|it| !own.contains(it)).collect::<Vec<_>>();
        // Sorted, so that floating-point sums are the same each time.
        let mut own_in_order = own.iter().copied().collect::<Vec<_>>();
        own_in_order.sort_unstable();
        let goes = |item: &Vec<Place>| {
            let others = own_in_order.iter().copied().filter(|it| !item.contains(it)).collect::<Vec<_>>();
            // If none of the rest is comparable, nothing is known of how it fits its story.
            let here = Some(self.mean(&rest, item, false).odds()).filter(|it| it.is_finite());
            here.is_some_and(|it| self.mean(&others, item, true).odds() >= it + MARGIN)
        };
        let items = self.inseparable(story).into_iter().filter(|it| it.iter().all(|place| own.contains(place)));
        let articles = |item: Vec<Place>| item.iter().filter_map(|it| Some(self.stories.window.get(*it)?.id)).collect();
        items.filter(goes).map(|item| Draw { from: story.story, articles: articles(item) }).collect()
    }

    /// The parts of a story that stay together in any case: all of a story that is never taken apart, and reports that
    /// share a text.
    fn inseparable(&self, story: &Near) -> Vec<Vec<Place>> {
        let mut res = Vec::<Vec<Place>>::new();
        for place in &story.members {
            let is_copy = |other: &Place| self.pair(*place, *other).is_some_and(|it| it.level != Level::Independent);
            let (with, apart) = res.into_iter().partition(|it: &Vec<Place>| story.is_whole || it.iter().any(is_copy));
            res = apart;
            res.push(with.into_iter().flatten().chain([*place]).collect());
        }
        res
    }

    /// The mean over all pairs of two items. With `with_new`, the new article counts among `ours`.
    fn mean(&self, ours: &[Place], theirs: &[Place], with_new: bool) -> Mean {
        let pairs = ours.iter().flat_map(|a| theirs.iter().filter_map(|b| self.pair(*a, *b))).map(|it| it.odds);
        let new = theirs.iter().filter(|_| with_new).filter_map(|it| self.odds.get(it).copied());
        pairs.chain(new).collect()
    }

    fn fitting(&self, story: &Near) -> Option<Fitting> {
        let odds = story.members.iter().filter_map(|it| Some((*it, *self.odds.get(it)?))).collect::<Vec<_>>();
        let (nearest, _) = odds.iter().copied().max_by(|(a, x), (b, y)| x.total_cmp(y).then(b.cmp(a)))?;
        Some(Fitting { story: story.story, nearest, odds: odds.iter().map(|it| it.1).collect::<Mean>().odds() })
    }

    fn pair(&self, a: Place, b: Place) -> Option<&Pair> {
        self.pairs.get(&(a.min(b), a.max(b)))
    }
}

impl Near {
    fn new(stories: &Stories, story: StoryId) -> Self {
        let mut members = stories.window.members(story, MAX_TAKEN_APART + 1).collect::<Vec<_>>();
        let is_large = members.len() > MAX_TAKEN_APART;
        if is_large {
            members.truncate(MAX_MEMBERS);
        }
        let names = |place: &Place| stories.window.get(*place).is_some_and(|it| StoryId(it.id) == story);
        let head = members.iter().copied().find(names).or(members.first().copied()).unwrap_or_default();
        Self { story, head, members, is_whole: is_large || stories.is_by_hand(story) }
    }
}
