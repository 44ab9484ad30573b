//! Turns a verdict on where an article belongs into a decision, with the reason. Pure.

use std::collections::BTreeMap;

use super::{
    overlap::Level,
    sketch::{Sketch, Text},
    stories::{Draw, Stories, Verdict},
    why,
};
use crate::model::{Article, ArticleId, Assignment, CopyLevel, Fingerprint, Relocated, StoryId, Timestamp};

/// Where an article goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Placing {
    /// The story, and why.
    pub assignment: Assignment,
    /// The story that an already held article was moved to, if it was.
    pub moved: Option<Relocated>,
    /// By which later articles find it.
    pub fingerprint: Fingerprint,
    /// Another story that turned out to be the same as the one that the article joins.
    pub merges: Option<StoryId>,
    /// Reports that it draws into the story: see [`Verdict::draws`].
    pub draws: Vec<Draw>,
    /// For each article it was compared with, the likelihood (0–1) that both tell of the same event, judged by the two
    /// alone.
    pub compared: BTreeMap<ArticleId, f32>,
    /// Where it goes if the reports drawn into the story that it founds may not leave their own.
    pub stays: Option<Assignment>,
}

impl Placing {
    /// A placing without effect on other articles or stories.
    pub fn new(assignment: Assignment, fingerprint: Fingerprint) -> Self {
        let (compared, draws) = (BTreeMap::new(), Vec::new());
        Self { assignment, moved: None, fingerprint, merges: None, draws, compared, stays: None }
    }

    /// The story that the article is in.
    pub fn story(&self, article: ArticleId) -> StoryId {
        self.moved.as_ref().map_or_else(|| self.assignment.story(article), |it| it.story)
    }
}

/// The parts of an article that are compared.
pub fn text(article: &Article) -> Text<'_> {
    Text {
        title: &article.title,
        body: &article.body,
        language: article.language.as_deref(),
        at: Some(article.believed_date().unwrap_or(article.first_seen)),
        source: article.source.as_str(),
    }
}

/// Where an article goes among the stories held.
pub fn place(stories: &Stories, article: &Article, sketch: &Sketch) -> Placing {
    let verdict = stories.verdict(sketch);
    let assignment = assignment(stories, text(article), sketch, &verdict);
    let is_joining = assignment != Assignment::New;
    let stays = verdict.companions.map(|(story, nearest)| joined(stories, text(article), sketch, nearest, story));
    Placing {
        assignment,
        moved: None,
        fingerprint: verdict.fingerprint,
        merges: verdict.merges.filter(|_| is_joining),
        stays,
        draws: verdict.draws,
        compared: likelihoods(&verdict.compared),
    }
}

/// The placing of an article that is already held, compared with others as it reads now. If a person decided on its
/// story, only this comparison shows whether it belongs there.
pub fn again(stories: &Stories, sketch: &Sketch, assignment: Assignment, moved: Option<Relocated>) -> Placing {
    let verdict = stories.verdict(sketch);
    let is_said = moved.as_ref().is_some_and(|it| stories.is_by_hand(it.story));
    let compared = if is_said { BTreeMap::new() } else { likelihoods(&verdict.compared) };
    Placing { moved, compared, ..Placing::new(assignment, verdict.fingerprint) }
}

fn likelihoods(compared: &[(ArticleId, f32)]) -> BTreeMap<ArticleId, f32> {
    compared.iter().map(|&(article, odds)| (article, likelihood(odds))).collect()
}

/// The decision that a verdict comes to.
pub fn assignment(stories: &Stories, text: Text<'_>, sketch: &Sketch, verdict: &Verdict) -> Assignment {
    let Some(story) = verdict.story else { return Assignment::New };
    let level = match verdict.level {
        Level::Copy => Some(CopyLevel::Copy),
        Level::Partial => Some(CopyLevel::Partial),
        Level::Independent => None,
    };
    if let (Some(of), Some(level)) = (verdict.duplicate_of, level)
        && stories.get(of).is_some_and(|it| it.story == story)
    {
        return Assignment::Copy { story, of, level, why: share(verdict, &of.to_string()) };
    }
    verdict.nearest.map_or(Assignment::New, |it| joined(stories, text, sketch, it, story))
}

fn joined(
    stories: &Stories,
    text: Text<'_>,
    sketch: &Sketch,
    (of, odds): (ArticleId, f32),
    story: StoryId,
) -> Assignment {
    let why = stories.get(of).map(|held| why::shared(text, &stories.weights(sketch).weigh(sketch), &held.sketch));
    Assignment::Joined { story, of, likelihood: likelihood(odds), why: why.unwrap_or_default() }
}

/// How much of a text is in the one it copies, as a sentence.
pub fn share(verdict: &Verdict, of: &str) -> String {
    let percent = verdict.overlap.containment * 100.0;
    format!("{percent:.0} % of the shorter text's runs of four words are also in article {of}")
}

/// The probability (0–1) behind log-odds.
pub fn likelihood(odds: f32) -> f32 {
    1.0 / (1.0 + (-odds).exp())
}

/// The best date of an article: the claimed one if it is believable.
pub fn at(article: &Article) -> Option<Timestamp> {
    text(article).at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dedup::{Settings, stories::Held},
        model::{Cause, Move, Regrouping, RegroupingId},
    };

    #[test]
    fn where_a_person_has_put_a_report_nothing_else_says_whether_it_belongs() {
        let body =
            "The harbour of Batumi was closed on Monday after a storm, Ana Lomidze said. Two ships wait off the coast.";
        let sketch = Sketch::new(Text { body, ..Text::default() });
        let [one, two] = [1, 2].map(ArticleId);
        for (cause, is_compared) in [(Cause::Drawn(one), true), (Cause::Merged, false)] {
            let mut stories = Stories::new(Settings { background: 0, ..Settings::default() });
            for id in [one, two] {
                let (sketch, fingerprint) = (sketch.clone(), stories.fingerprint(&sketch));
                let (story, first_seen) = (StoryId(id), Timestamp::UNIX_EPOCH);
                stories.hold(Held { id, story, first_seen, fingerprint, sketch });
            }
            let step = Move { article: two, from: StoryId(two), to: StoryId(one) };
            let (id, at) = (RegroupingId(1), Timestamp::UNIX_EPOCH);
            stories.regroup(&Regrouping { id, at, cause, moves: vec![step] });
            let moved = Some(Relocated { story: StoryId(one), why: cause.sentence() });
            let found = again(&stories, &sketch, Assignment::New, moved);
            assert_eq!(found.compared.contains_key(&one), is_compared, "{cause:?}");
        }
    }
}
