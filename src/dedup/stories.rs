//! Stories held in memory: each article joins the story it is nearest to, or founds one. Pure.
//!
//! Articles come in one after another. An index of the most characteristic words finds what to compare an article with,
//! the newest articles first, so that an article costs the same whether a thousand or a million are held. What is held
//! is bounded by age and by number. Together with people's decisions it is all that a verdict depends on: filled again
//! with the same articles in the same order, [`Stories`] gives the same verdicts.

mod candidates;
mod joining;
mod linkage;
mod window;

use std::collections::{HashMap, HashSet};

pub use self::window::Held;
use self::{
    candidates::fingerprint,
    joining::{Grouped, Neighbourhood},
    window::{Place, Window},
};
use super::{
    Settings,
    closeness::{FEATURES, Weighed, Weights, features, odds},
    overlap::{Level, Overlap},
    sketch::Sketch,
};
use crate::model::{ArticleId, Fingerprint, StoryId, Timestamp, earlier};

/// Log-odds of two texts of one source that follow one template: yesterday's bulletin is not today's.
const TEMPLATE_ODDS: f32 = -5.0;

/// Minimum log-odds of two texts with the same words if a date is missing, such as one headline of two outlets. The
/// weights for texts without a date were fitted to whole reports, which have all words in common only as copies.
const SAME_WORDS_ODDS: f32 = 1.2;

/// Where an article belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The story it joins; `None` where it founds one.
    pub story: Option<StoryId>,
    /// How much of its text is in the nearest held text.
    pub level: Level,
    /// The text it copies in whole or part.
    pub duplicate_of: Option<ArticleId>,
    /// What the two share.
    pub overlap: Overlap,
    /// All held texts with which it shares a part, the largest share first.
    pub copies: Vec<(ArticleId, Level, Overlap)>,
    /// The member that is nearest, with the log-odds that the article is of its story.
    pub nearest: Option<(ArticleId, f32)>,
    /// If it founds a story with reports that it draws: the story that most of them leave, and the nearest report
    /// there, with the log-odds. The article belongs there if these may not leave.
    pub companions: Option<(StoryId, (ArticleId, f32))>,
    /// Another story that turned out to be the same.
    pub merges: Option<StoryId>,
    /// Reports of other stories that fit the article's story better than their own.
    pub draws: Vec<Draw>,
    /// The articles it was compared with, including reports of near stories, each with the log-odds that the two,
    /// judged by themselves, tell of one event. Without articles too old to compare.
    pub compared: Vec<(ArticleId, f32)>,
    /// By which later articles find it.
    pub fingerprint: Fingerprint,
}

/// Reports that leave their story for another, all or none: they share a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    /// The story that they leave.
    pub from: StoryId,
    /// They themselves.
    pub articles: Vec<ArticleId>,
}

/// What is held.
#[derive(Debug, Default)]
pub struct Stories {
    settings: Settings,
    window: Window,
    /// Stories that a person has merged or split. The program merges none of them, and moves nothing into or out of
    /// them.
    by_hand: HashSet<StoryId>,
}

/// A held article that a new one was compared with.
#[derive(Debug, Clone, Copy)]
pub struct Comparison {
    /// The held article.
    pub article: ArticleId,
    /// How near it is.
    pub features: [f32; FEATURES],
    /// What the texts share.
    pub overlap: Overlap,
    place: Place,
    story: StoryId,
    level: Level,
    odds: f32,
}

/// The comparison of two articles.
#[derive(Debug, Clone, Copy)]
struct Pair {
    features: [f32; FEATURES],
    overlap: Overlap,
    level: Level,
    odds: f32,
}

impl Stories {
    /// Holds nothing yet.
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// By which it was made.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How many articles are held.
    pub fn len(&self) -> usize {
        self.window.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A held article.
    pub fn get(&self, id: ArticleId) -> Option<&Held> {
        self.window.find(id)
    }

    /// Counts the words of an article without holding it. In a daemon that has run for some time earlier reports are
    /// counted, and only so is it known which words are rare.
    pub fn count(&mut self, sketch: &Sketch) {
        self.window.frequencies.add(sketch);
    }

    /// Removes the words of such an article from the counts. Call it before holding the article, which counts them.
    pub fn discount(&mut self, sketch: &Sketch) {
        self.window.frequencies.remove(sketch);
    }

    /// The weights of words, with those of a new article counted.
    pub fn weights<'a>(&'a self, new: &'a Sketch) -> Weights<'a> {
        self.window.frequencies.with(new, self.window.dates.around(new.at))
    }

    /// The held articles nearest to one, compared with it.
    pub fn compare(&self, sketch: &Sketch) -> Vec<Comparison> {
        let weights = self.weights(sketch);
        let new = weights.weigh(sketch);
        let candidates = self.candidates(&new, &fingerprint(&new));
        self.compared(&new, &candidates, &self.weighed(&weights, &candidates))
    }

    fn weighed<'s>(&'s self, weights: &Weights<'s>, places: &[Place]) -> HashMap<Place, Weighed<'s>> {
        let each = places.iter().filter_map(|place| Some((*place, weights.weigh(&self.window.get(*place)?.sketch))));
        each.collect()
    }

    fn compared(
        &self,
        new: &Weighed<'_>,
        candidates: &[Place],
        weighed: &HashMap<Place, Weighed<'_>>,
    ) -> Vec<Comparison> {
        let each = candidates.iter().filter_map(|place| {
            let held = self.window.get(*place)?;
            let Pair { features, overlap, level, odds } = self.pair(new, weighed.get(place)?);
            Some(Comparison { article: held.id, features, overlap, place: *place, story: held.story, level, odds })
        });
        each.collect()
    }

    fn pair(&self, new: &Weighed<'_>, held: &Weighed<'_>) -> Pair {
        let overlap = new.sketch.print.overlap(&held.sketch.print);
        let features = features(new, held, &overlap);
        let is_one_source = held.sketch.source != 0 && held.sketch.source == new.sketch.source;
        let is_short = held.sketch.words.min(new.sketch.words) < self.settings.min_words;
        let is_undated = new.sketch.at.is_none() || held.sketch.at.is_none();
        let level = match is_one_source {
            _ if is_short => Level::Independent,
            true => overlap.level_within_source(self.settings.min_containment),
            false => overlap.level(self.settings.min_containment),
        };
        let odds = match level {
            _ if is_one_source && overlap.is_template() => TEMPLATE_ODDS,
            // An event is reported within days; later the same people appear in other events.
            Level::Independent if self.is_long_ago(new.sketch, held.sketch) => f32::NEG_INFINITY,
            _ if is_undated && new.sketch.has_words_of(held.sketch) => odds(&features).max(SAME_WORDS_ODDS),
            _ => odds(&features),
        };
        Pair { features, overlap, level, odds }
    }

    /// Whether the dates of two articles are too far apart to compare them.
    fn is_long_ago(&self, a: &Sketch, b: &Sketch) -> bool {
        let gap = a.at.zip(b.at).map(|(a, b)| (a - b).abs());
        gap.and_then(|it| it.to_std().ok()).is_some_and(|it| it > self.settings.window)
    }

    /// Removes articles that are too old at `now` or too many. Call it before a verdict.
    pub fn forget(&mut self, now: Timestamp) {
        let oldest = earlier(now, self.settings.window);
        while self.len() > self.settings.max_held || self.window.oldest().is_some_and(|it| it.first_seen < oldest) {
            self.window.drop_oldest();
        }
    }

    /// Adds an article, or a new version of one that is held.
    pub fn hold(&mut self, mut held: Held) {
        if held.fingerprint.0.is_empty() {
            // It was stored by a version without fingerprints.
            held.fingerprint = self.fingerprint(&held.sketch);
        }
        self.window.put(held);
        while self.len() > self.settings.max_held {
            self.window.drop_oldest();
        }
    }

    /// The fingerprint by which later articles find this one.
    pub fn fingerprint(&self, sketch: &Sketch) -> Fingerprint {
        fingerprint(&self.weights(sketch).weigh(sketch))
    }

    /// Puts held articles into other stories.
    pub fn regroup(&mut self, regrouping: &crate::model::Regrouping) {
        for it in &regrouping.moves {
            if self.window.find(it.article).is_some_and(|held| held.story == it.from) {
                self.window.put_into(it.article, it.to);
            }
        }
        self.remember(regrouping);
    }

    /// Remembers which stories a person has decided on, without moving anything.
    pub fn remember(&mut self, regrouping: &crate::model::Regrouping) {
        if regrouping.cause.is_by_hand() {
            self.by_hand.extend(regrouping.moves.iter().flat_map(|it| [it.from, it.to]));
        }
    }

    /// Whether a person has put the story together or taken it apart.
    pub fn is_by_hand(&self, story: StoryId) -> bool {
        self.by_hand.contains(&story)
    }

    /// Where an article belongs. This does not add it.
    pub fn verdict(&self, sketch: &Sketch) -> Verdict {
        let weights = self.weights(sketch);
        let new = weights.weigh(sketch);
        let fingerprint = fingerprint(&new);
        let candidates = self.candidates(&new, &fingerprint);
        let weighed = self.weighed(&weights, &candidates);
        let mut compared = self.compared(&new, &candidates, &weighed);
        let neighbourhood = Neighbourhood::new(self, &weights, &new, &compared, weighed);
        compared.retain(|it| it.level != Level::Independent);
        compared.sort_by(|a, b| b.overlap.containment.total_cmp(&a.overlap.containment).then(a.place.cmp(&b.place)));
        let text = compared.first().copied();
        let Grouped { fitting, is_founding, merges, draws } = neighbourhood.grouped(text.map(|it| it.place));
        let fits = fitting.map(|it| it.story).filter(|_| !is_founding);
        let nearest = fitting.and_then(|it| Some((it.story, (self.window.get(it.nearest)?.id, it.odds))));
        let copied = text.filter(|it| it.level == Level::Copy).map(|it| it.story);
        // A text partly taken from another belongs to that one's story if it fits no story better.
        let story = copied.or(fits).or(text.map(|it| it.story));
        // A copy shows nothing new about what belongs together, unless it fits the story it is in.
        let may_regroup = story == fits && story.is_none_or(|it| !self.is_by_hand(it));
        Verdict {
            story,
            level: text.map_or(Level::Independent, |it| it.level),
            duplicate_of: text.map(|it| it.article),
            overlap: text.map_or_else(Overlap::default, |it| it.overlap),
            copies: compared.iter().map(|it| (it.article, it.level, it.overlap)).collect(),
            nearest: nearest.filter(|_| !is_founding).map(|it| it.1),
            companions: nearest.filter(|_| is_founding && story.is_none()),
            merges: merges.filter(|_| may_regroup),
            draws: if may_regroup && copied.is_none() { draws } else { Vec::new() },
            compared: neighbourhood.compared(),
            fingerprint,
        }
    }
}

#[cfg(test)]
mod tests;
