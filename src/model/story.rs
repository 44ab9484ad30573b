//! Stories, their reports and how a report came into its story, with tags and alerts. Plain data; must not decide where
//! a report belongs.

use std::{fmt, ops::Range};

use super::{Article, ArticleId, Closeness, Hit, Possible, Timestamp};

/// Names a story by the report that founded it. This need not be its oldest report: older ones may have been moved in
/// later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoryId(pub ArticleId);

impl fmt::Display for StoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A held article with what was decided about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The article.
    pub article: Article,
    /// The story it was settled in, and why. Does not change when the report is moved later.
    pub assignment: Assignment,
    /// The story it was moved to; `None` if it is where it was settled. Only the store knows this: it is in no record.
    pub moved: Option<Relocated>,
    /// Its topics.
    pub tags: Vec<Tag>,
    /// Possible finds of watches, one for each watch that has not fired for its story.
    pub possible: Vec<Possible>,
}

impl Report {
    /// The story it is in now.
    pub fn story(&self) -> StoryId {
        self.moved.as_ref().map_or_else(|| self.settled_in(), |it| it.story)
    }

    /// The story it was settled in, new or joined.
    pub fn settled_in(&self) -> StoryId {
        self.assignment.story(self.article.id)
    }

    /// Why it is where it is, in plain words: as it was settled, and why it was put elsewhere since.
    pub fn reason(&self) -> String {
        let moved = self.moved.iter().map(|it| it.why.clone());
        moved.chain([self.assignment.reason()]).filter(|it| !it.is_empty()).collect::<Vec<_>>().join("; ")
    }

    /// Whether its story is named by it.
    pub fn is_first(&self) -> bool {
        self.story().0 == self.article.id
    }
}

/// A move to another story after settling: by a person, or because a later report showed that two stories are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relocated {
    /// The story it is in now.
    pub story: StoryId,
    /// Why, in one plain sentence.
    pub why: String,
}

/// Where an article belongs among the stories.
#[derive(Debug, Clone, PartialEq)]
pub enum Assignment {
    /// First report of a story, which is named by it.
    New,
    /// The text of a report already held, whole or in part.
    Copy {
        /// The story it joins.
        story: StoryId,
        /// The report it copies.
        of: ArticleId,
        /// How much of it.
        level: CopyLevel,
        /// Why, in one plain sentence.
        why: String,
    },
    /// The event of a report already held, in other words or another language.
    Joined {
        /// The story it joins.
        story: StoryId,
        /// The report that it is nearest to.
        of: ArticleId,
        /// How likely it tells of the event of the story, 0–1.
        likelihood: f32,
        /// What the two have in common.
        why: Shared,
    },
    /// Unknown: the version that recorded it is damaged, and this version stays where that one was.
    Lost {
        /// The story it is in.
        story: StoryId,
        /// Why, in one plain sentence.
        why: String,
    },
}

/// How much of a text is taken from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CopyLevel {
    /// A good part of the shorter text.
    Partial,
    /// The whole, cut, padded or lightly edited.
    Copy,
}

/// What two reports have in common, as it is written in the newer one, what says most first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shared {
    /// Names of people, places and bodies.
    pub names: Vec<String>,
    /// Numbers.
    pub numbers: Vec<String>,
    /// Other words.
    pub words: Vec<String>,
}

impl Shared {
    /// The content as sentences, without empty ones.
    pub fn sentences(&self) -> Vec<String> {
        let parts = [("names", &self.names), ("numbers", &self.numbers), ("words", &self.words)];
        let parts = parts.into_iter().filter(|(_, list)| !list.is_empty());
        parts.map(|(what, list)| format!("shared {what}: {}", list.join(", "))).collect()
    }
}

impl Assignment {
    /// The story of the article that was assigned.
    pub fn story(&self, article: ArticleId) -> StoryId {
        match self {
            Self::New => StoryId(article),
            Self::Copy { story, .. } | Self::Joined { story, .. } | Self::Lost { story, .. } => *story,
        }
    }

    /// The same assignment with another story; an assignment that founds a story is unchanged.
    #[must_use]
    pub fn into_story(mut self, other: StoryId) -> Self {
        match &mut self {
            Self::New => (),
            Self::Copy { story, .. } | Self::Joined { story, .. } | Self::Lost { story, .. } => *story = other,
        }
        self
    }

    /// The report held before that it was put together with.
    pub fn nearest(&self) -> Option<ArticleId> {
        match self {
            Self::New | Self::Lost { .. } => None,
            Self::Copy { of, .. } | Self::Joined { of, .. } => Some(*of),
        }
    }

    /// How much of the text is another report's; `None` where none is.
    pub fn copy_level(&self) -> Option<CopyLevel> {
        match self {
            Self::Copy { level, .. } => Some(*level),
            Self::New | Self::Joined { .. } | Self::Lost { .. } => None,
        }
    }

    /// Why it is where it is, in plain words; empty where it founded a story.
    pub fn reason(&self) -> String {
        match self {
            Self::New => String::new(),
            Self::Copy { why, .. } | Self::Lost { why, .. } => why.clone(),
            Self::Joined { likelihood, why, of, .. } => {
                [vec![fits_story(&of.to_string(), *likelihood)], why.sentences()].concat().join("; ")
            }
        }
    }
}

/// That a report fits the story of the article `of`, with how likely (0–1) that is, in plain words.
pub fn fits_story(of: &str, likelihood: f32) -> String {
    format!("fits the story of article {of} ({:.0} % sure)", likelihood * 100.0)
}

/// The terms by which later articles find an article: hashes of its most characteristic terms when it was settled.
/// Stored, so that a restart finds the same.
///
/// Empty for a text without words, and in what versions before 3 wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fingerprint(pub Vec<u32>);

/// A topic found in an article, with the words that show it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tag {
    /// Topic id from the configuration.
    pub topic: String,
    /// Sum of the weights that counted; at least the topic's threshold.
    pub score: f32,
    /// Why. Empty where a person said so, and only there.
    pub evidence: Vec<Evidence>,
}

/// The part of an article that a span points into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// [`Article::title`].
    Title,
    /// [`Article::body`].
    Body,
}

impl Field {
    /// The text that spans of this field point into.
    pub fn of(self, article: &Article) -> &str {
        match self {
            Self::Title => &article.title,
            Self::Body => &article.body,
        }
    }
}

/// A stretch of article text that supports a tag.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The part of the article that `span` points into.
    pub field: Field,
    /// Byte range, on character boundaries.
    pub span: Range<usize>,
    /// The phrase that matched, as configured; followed in brackets by how it was found, if not as spelled:
    /// `Vinnikov (transliterated)`.
    pub rule: String,
    /// What it counted; 0 for a phrase that was required and carries no weight.
    pub weight: f32,
}

impl Evidence {
    /// The rule of a phrase that was found so; `None` where it is spelled as it is configured.
    pub fn rule_of(phrase: &str, closeness: Option<Closeness>) -> String {
        match closeness {
            Some(it) if it != Closeness::Exact => format!("{phrase} ({})", it.as_str()),
            _ => phrase.to_owned(),
        }
    }

    /// The phrase, and how it was found where it is not spelled so.
    pub fn found(&self) -> (&str, Option<Closeness>) {
        Self::found_by(&self.rule)
    }

    /// The phrase of a rule, and how it was found. No phrase may itself end like such a remark.
    pub fn found_by(rule: &str) -> (&str, Option<Closeness>) {
        let ways = [Closeness::Inflected, Closeness::Transliterated, Closeness::Respelled];
        let split = |way: Closeness| {
            let phrase = rule.strip_suffix(')')?.strip_suffix(way.as_str())?.strip_suffix(" (")?;
            Some((phrase, Some(way)))
        };
        ways.into_iter().find_map(split).unwrap_or((rule, None))
    }
}

/// Names an alert: a hash of the watch and of the article that it fired for, or of watch and day, so that a repeat
/// carries the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AlertId(pub u64);

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// What an alert is raised for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AlertKind {
    /// The watch found what it waits for: at most once for each watch and story.
    Found,
    /// The watch found what it waits for in an article that is old by its own dates. No message is sent, it does not
    /// count as usual activity of the watch, and a later, current report of the story raises another alert.
    Old,
    /// The watch fires unusually often: at most once for each watch and day.
    Spike {
        /// Its alerts in the last 24 hours, the one that showed the spike included.
        today: u32,
        /// Its alerts a day in the two weeks before.
        usual: f32,
    },
    /// The article that raised an alert was withdrawn: at most once for each article. Sent but not filed, because the
    /// withdrawal is an event of the article.
    Withdrawn,
    /// The article no longer says what an alert quotes: at most once for each version. Sent but not filed, like
    /// [`AlertKind::Withdrawn`].
    Changed {
        /// The new version.
        version: u32,
    },
}

/// How loud a watch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Severity {
    /// Its alerts stand in the list and in the digest; no message goes out for them.
    Low,
    /// Its messages keep quiet hours and cool-down.
    #[default]
    Normal,
    /// Its messages go out at once, at any hour.
    Urgent,
}

impl Severity {
    /// The word for it in the configuration and in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::Urgent => "urgent",
        }
    }
}

/// One firing of a watch.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Names it.
    pub id: AlertId,
    /// The watch's name.
    pub watch: String,
    /// The article it fired for.
    pub article: ArticleId,
    /// That article's story.
    pub story: StoryId,
    /// What was found. Never empty.
    pub hits: Vec<Hit>,
    /// When.
    pub raised: Timestamp,
    /// What for.
    pub kind: AlertKind,
}

impl AlertKind {
    /// The word for it in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Old => "old",
            Self::Spike { .. } => "spike",
            Self::Withdrawn => "withdrawn",
            Self::Changed { .. } => "changed",
        }
    }

    /// Whether it is a follow-up to an earlier alert for the article.
    pub fn is_sequel(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Changed { .. })
    }

    /// Whether it stands for something that was found in an article.
    pub fn is_finding(self) -> bool {
        matches!(self, Self::Found | Self::Old) || self.is_sequel()
    }
}

impl Alert {
    /// Why it was raised, where that is not said by its hits.
    pub fn reason(&self) -> Option<String> {
        match self.kind {
            AlertKind::Found => None,
            AlertKind::Old => Some("no message went out for it: the article says that it is old".to_owned()),
            AlertKind::Spike { today, usual } => {
                Some(format!("a spike: {today} alerts in the last 24 hours, usually {usual:.1} a day"))
            }
            AlertKind::Withdrawn => {
                Some("the article was withdrawn: its page is gone, as two readings an hour apart agree".to_owned())
            }
            AlertKind::Changed { version } => {
                Some(format!("the article was changed: version {version} does not say any more what is quoted"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_story_it_fits() {
        assert_eq!(fits_story("12", 0.847), "fits the story of article 12 (85 % sure)");
    }
}
