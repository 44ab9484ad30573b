//! Later readings of pages of articles that are kept as evidence. Plain data; when a page is read again is decided by
//! `decide::evidence`.

use super::{ArticleId, Intent, Timestamp};

/// What a later reading of an article's page showed.
#[derive(Debug, Clone, PartialEq)]
pub struct Rereading {
    /// The article.
    pub article: ArticleId,
    /// When it was settled. Rises from one change to the next, so that no digest misses one.
    pub at: Timestamp,
    /// What it showed.
    pub finding: Finding,
    /// Number of readings in a row, including this one, that showed neither the article nor a confirmed change.
    pub attempts: u32,
    /// How the page was received, or the answer that there is none; `None` if no answer came.
    pub trail: Option<Trail>,
    /// The new version of the article if it was changed. If it was withdrawn and somebody had an alert for it, the held
    /// version with the messages that tell them.
    pub intent: Option<Box<Intent>>,
}

/// What a later reading of an article's page showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The same text.
    Same,
    /// Another text, kept as this version.
    Changed(u32),
    /// It may have been withdrawn; a second reading decides. The reason in plain words.
    Missing(String),
    /// It was withdrawn: two readings agree. The reason in plain words.
    Withdrawn(String),
    /// The page could not be fetched or read this time. The reason in plain words.
    Failed(String),
}

impl Finding {
    /// Whether people are told of it.
    pub fn is_event(&self) -> bool {
        matches!(self, Self::Changed(_) | Self::Withdrawn(_))
    }
}

/// Something that happened to an article after it was first read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The article.
    pub article: ArticleId,
    /// When it was noticed.
    pub at: Timestamp,
    /// [`Finding::Changed`] or [`Finding::Withdrawn`].
    pub finding: Finding,
    /// How the page came in, or the answer that there is none.
    pub trail: Option<Trail>,
}

/// An article that is kept as evidence: its page was read, and it has a topic or raised an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exhibit {
    /// The article.
    pub article: ArticleId,
    /// When it was first held.
    pub first_seen: Timestamp,
    /// What the last later reading showed; `None` before the first.
    pub last: Option<LastReading>,
}

/// What is remembered of the last later reading of an article's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastReading {
    /// When.
    pub at: Timestamp,
    /// What it showed.
    pub state: PageState,
    /// As in [`Rereading::attempts`].
    pub attempts: u32,
}

/// [`Finding`] without its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageState {
    /// It shows the article.
    There,
    /// It may have been withdrawn.
    Missing,
    /// It was withdrawn.
    Withdrawn,
    /// It could not be fetched or read.
    Failed,
}

impl PageState {
    /// In plain words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::There => "as it is held",
            Self::Missing => "missing, to be looked at once more",
            Self::Withdrawn => "withdrawn",
            Self::Failed => "not to be had",
        }
    }
}

impl From<&Finding> for PageState {
    fn from(it: &Finding) -> Self {
        match it {
            Finding::Same | Finding::Changed(_) => Self::There,
            Finding::Missing(_) => Self::Missing,
            Finding::Withdrawn(_) => Self::Withdrawn,
            Finding::Failed(_) => Self::Failed,
        }
    }
}

/// How a page came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// The address that was asked first.
    pub asked: String,
    /// Redirects on the way, first one first.
    pub redirects: Vec<Redirect>,
    /// The address that answered.
    pub url: String,
    /// Its HTTP status.
    pub status: u16,
    /// Fields of the answer that matter: what it is, when it was made, and who answered. Names in lower case.
    pub headers: Vec<(String, String)>,
    /// When.
    pub at: Timestamp,
}

/// A redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// Its HTTP status.
    pub status: u16,
    /// The address that it led to.
    pub to: String,
}

/// A page as it came in, kept beside the version of the article that was read from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The article.
    pub article: ArticleId,
    /// Its version.
    pub version: u32,
    /// How it came in.
    pub trail: Trail,
    /// Without content coding, and otherwise byte for byte. Hostile, as all that is fetched.
    pub body: Vec<u8>,
}
