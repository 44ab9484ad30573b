use std::{fmt, ops::Range};

use super::{Article, ArticleId, Hit, Possible, Timestamp};

/// Names a story by its first report.
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
    /// The story it belongs to.
    pub assignment: Assignment,
    /// Its topics.
    pub tags: Vec<Tag>,
    /// What watches may have found in it, one of each watch that has not fired for its story.
    pub possible: Vec<Possible>,
}

impl Report {
    /// The story, new or joined.
    pub fn story(&self) -> StoryId {
        self.assignment.story(self.article.id)
    }
}

/// Where an article belongs among the stories.
#[derive(Debug, Clone, PartialEq)]
pub enum Assignment {
    /// First report of a story, which is named by it.
    New,
    /// Almost the same text as a report already held.
    Copy {
        /// The story it joins.
        story: StoryId,
        /// The report it copies.
        of: ArticleId,
        /// Why, in one plain sentence.
        why: String,
    },
}

impl Assignment {
    /// The story of the article that was assigned.
    pub fn story(&self, article: ArticleId) -> StoryId {
        match self {
            Self::New => StoryId(article),
            Self::Copy { story, .. } => *story,
        }
    }
}

/// A sample of an article's word shingles by which copies are found: the smallest hashes, ascending.
///
/// Empty for a text too short to compare.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fingerprint(pub Vec<u64>);

/// A topic found in an article, with the words that show it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tag {
    /// Topic id from the configuration.
    pub topic: String,
    /// Sum of the weights that counted; at least the topic's threshold.
    pub score: f32,
    /// Why. Never empty.
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
    /// Where `span` points.
    pub field: Field,
    /// Byte range, on character boundaries.
    pub span: Range<usize>,
    /// The phrase that matched, as configured.
    pub rule: String,
    /// What it counted; 0 for a phrase that was required and carries no weight.
    pub weight: f32,
}

/// Names an alert: a hash of watch and story, or of watch and day, so that a repeat carries the same id.
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
    /// The watch fires more than it is wont to: at most once for each watch and day.
    Spike {
        /// Its alerts in the last 24 hours, the one that showed the spike included.
        today: u32,
        /// Its alerts a day in the two weeks before.
        usual: f32,
    },
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

impl Alert {
    /// Why it was raised, where that is not said by its hits.
    pub fn reason(&self) -> Option<String> {
        match self.kind {
            AlertKind::Found => None,
            AlertKind::Spike { today, usual } => {
                Some(format!("a spike: {today} alerts in the last 24 hours, usually {usual:.1} a day"))
            }
        }
    }
}
