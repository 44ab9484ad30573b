//! An article: an entry with its extracted body, and how its page was fetched. Plain data.

use std::{fmt, str::FromStr};

use chrono::TimeDelta;

use super::{CanonicalUrl, FlagKind, Reading, SourceId, Timestamp};

/// Names an article: a hash of what identifies its entry, so that it is the same on every run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArticleId(pub u64);

impl fmt::Display for ArticleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for ArticleId {
    type Err = std::num::ParseIntError;

    /// Reads what [`fmt::Display`] writes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

/// An entry with its extracted body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// Names it.
    pub id: ArticleId,
    /// 1 for the first reading, one more for each later one.
    pub version: u32,
    /// The source that it came from.
    pub source: SourceId,
    /// Its address as the feed gives it; where redirects led stands in [`FetchRecord::url`].
    pub link: Option<CanonicalUrl>,
    /// The publisher's id of the entry.
    pub guid: Option<String>,
    /// Whether the guid identified one entry alone when it was read.
    pub guid_is_unique: bool,
    /// The title in the feed, by which the entry is recognised again.
    pub feed_title: String,
    /// One line, shown to people.
    pub title: String,
    /// Plain text, one paragraph a line.
    pub body: String,
    /// Author names.
    pub authors: Vec<String>,
    /// BCP 47 code, detected or claimed.
    pub language: Option<String>,
    /// The outlet as the page names itself.
    pub site_name: Option<String>,
    /// The address the page itself calls canonical. Shown, never trusted for identity: pages point it at their front
    /// page.
    pub canonical: Option<CanonicalUrl>,
    /// As the page or the feed claims.
    pub published: Option<Timestamp>,
    /// When the daemon first held it. Orders digests and lists.
    pub first_seen: Timestamp,
    /// What the body was made of.
    pub method: Method,
    /// What became of the article page.
    pub page: Page,
    /// What else was read from the page.
    pub reading: Reading,
}

/// What an article's body was made of, best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    /// The site recipe of this name.
    Recipe(String),
    /// The extractor, with learned weights.
    Readability,
    /// The feed's own text.
    Feed,
}

/// What became of an article's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// It was fetched.
    Fetched(FetchRecord),
    /// It cannot be fetched, and trying again will not help: robots.txt, 404, not HTML. The reason in plain words.
    Withheld(String),
    /// It could not be fetched this time; the article is read again at a later poll. The reason in plain words.
    Unreachable(String),
    /// The entry has no link.
    None,
}

/// How a page came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchRecord {
    /// HTTP status.
    pub status: u16,
    /// The address that answered, after redirects.
    pub url: String,
    /// Decoded size in bytes.
    pub bytes: u64,
    /// When.
    pub at: Timestamp,
}

/// How far a publisher's clock may be ahead. Later dates are wrong: feeds date entries years ahead.
const FAST_CLOCK: TimeDelta = TimeDelta::hours(1);

impl Article {
    /// When it was published, if the claimed date is credible.
    pub fn believed_date(&self) -> Option<Timestamp> {
        self.published.filter(|it| *it <= self.first_seen + FAST_CLOCK)
    }

    /// The claimed date of publication if it is not credible: more than an hour after the article was first seen.
    pub fn disbelieved_date(&self) -> Option<Timestamp> {
        self.published.filter(|it| *it > self.first_seen + FAST_CLOCK)
    }

    /// As much of the feed's text as it has; `None` if it has nothing of it.
    pub fn text_of_feed(&self) -> Option<&str> {
        if self.method == Method::Feed {
            return Some(&self.body);
        }
        let flag = self.reading.flags.iter().find(|it| it.kind == FlagKind::BeginsWithFeed);
        flag.map(|it| it.evidence.as_str())
    }

    /// Its body without what of the feed's text stands before the page's.
    pub fn text_of_page(&self) -> &str {
        let before = self.text_of_feed().and_then(|it| self.body.strip_prefix(it)?.strip_prefix('\n'));
        before.unwrap_or(&self.body)
    }

    /// An article from a bare text, of which nothing else is known.
    pub fn of_text(id: ArticleId, source: SourceId, title: &str, body: &str) -> Self {
        Self {
            id,
            version: 1,
            source,
            link: None,
            guid: None,
            guid_is_unique: false,
            feed_title: title.to_owned(),
            title: title.to_owned(),
            body: body.to_owned(),
            authors: Vec::new(),
            language: None,
            site_name: None,
            canonical: None,
            published: None,
            first_seen: Timestamp::UNIX_EPOCH,
            method: Method::Feed,
            page: Page::None,
            reading: Reading::default(),
        }
    }

    /// For the unit tests of the stages.
    #[cfg(test)]
    pub(crate) fn sample(title: &str, body: &str) -> Self {
        Self::of_text(ArticleId(1), SourceId::new("test").unwrap(), title, body)
    }
}
