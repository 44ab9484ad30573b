//! What people, or later articles, correct: the grouping of reports into stories, and the topics of an article. Plain
//! data; each correction can be repeated without effect.

use std::fmt;

use chrono::TimeDelta;

use super::{ArticleId, StoryId, Timestamp};

/// Names a regrouping: a hash of what it does and when, so that a repeat carries the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegroupingId(pub u64);

impl fmt::Display for RegroupingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Reports put into other stories than they were in, all in one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regrouping {
    /// Names it.
    pub id: RegroupingId,
    /// When.
    pub at: Timestamp,
    /// Who decided so, and what.
    pub cause: Cause,
    /// The moves, each report once. A report that is no longer in the story it is moved from stays where it is.
    pub moves: Vec<Move>,
}

/// One report from one story to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// The report.
    pub article: ArticleId,
    /// The story it is in.
    pub from: StoryId,
    /// The story it goes to.
    pub to: StoryId,
}

/// What a regrouping is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A person put two stories together.
    Merged,
    /// A person took a report out of its story.
    Split,
    /// A person took a regrouping back.
    Undone(RegroupingId),
    /// The program merged two stories because this report fitted both.
    Bridged(ArticleId),
    /// The program moved reports that fit the story of this new report better than their own.
    Drawn(ArticleId),
}

impl Cause {
    /// Whether a person decided it.
    pub fn is_by_hand(self) -> bool {
        !matches!(self, Self::Bridged(_) | Self::Drawn(_))
    }

    /// Why a report is where it is, in one plain sentence.
    pub fn sentence(self) -> String {
        match self {
            Self::Merged => "its story was merged by hand".to_owned(),
            Self::Split => "it was taken out of its story by hand".to_owned(),
            Self::Undone(of) => format!("the change {of} was taken back by hand"),
            Self::Bridged(by) => format!("article {by} fits both stories, which turned out to be one"),
            Self::Drawn(by) => {
                format!("article {by} and what is in its story are nearer to it than the story it was in")
            }
        }
    }
}

/// A person's statement whether an article has a topic. A later statement on the same two replaces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The article.
    pub article: ArticleId,
    /// The topic's id.
    pub topic: String,
    /// Whether it is about it.
    pub is_right: bool,
    /// When it was said.
    pub at: Timestamp,
}

impl Label {
    /// A label made now. Its time is later than that of the label it replaces, whatever the clock shows: the later one
    /// counts, and the clock may have been set back.
    pub fn said(article: ArticleId, topic: String, is_right: bool, replaced: Option<&Self>, clock: Timestamp) -> Self {
        let least = replaced.map(|it| it.at.checked_add_signed(TimeDelta::microseconds(1)).unwrap_or(it.at));
        let at = least.map_or(clock, |it| it.max(clock));
        Self { article, topic, is_right, at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_later_than_the_one_that_it_replaces() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let said =
            |replaced: Option<&Label>, clock| Label::said(ArticleId(1), "ports".to_owned(), true, replaced, clock);
        let (early, late) = (at("2026-11-20T10:00:00Z"), at("2026-11-27T10:00:00Z"));
        assert_eq!(said(None, late).at, late);
        let held = said(None, late);
        assert_eq!(said(Some(&held), early).at, at("2026-11-27T10:00:00.000001Z"), "the clock was set back");
        assert_eq!(said(Some(&held), at("2026-11-28T10:00:00Z")).at, at("2026-11-28T10:00:00Z"));
    }
}
