//! The changes that the store commits, each whole or not at all, and the messages that they queue. Plain data: deciding
//! what to change is the work of `decide`, and writing it that of `store`.

use std::{fmt, ops::Range};

use super::{
    Alert, AlertId, ArticleId, Fingerprint, Label, Page, Regrouping, Report, Rereading, Snapshot, SourceState,
    Timestamp,
};

/// One atomic write to the store.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Everything one article changes.
    Article(Box<Intent>),
    /// The state of a source after a poll.
    Polled(Box<SourceState>),
    /// A digest for a slot, rendered, with its messages.
    Digest(Box<DigestIssue>),
    /// What became of a message.
    Delivery(Attempt),
    /// An attempt to send a message begins.
    Sending(Box<Sending>),
    /// Reports put into other stories.
    Regrouped(Box<Regrouping>),
    /// A person's label: whether an article has a topic.
    Labelled(Label),
    /// What a later reading of an article's page showed, with the new version that it made.
    Reread(Box<Rereading>),
    /// An article's page as it came in.
    Page(Box<Snapshot>),
}

impl Change {
    /// What it changes of an article.
    pub fn intent(&self) -> Option<&Intent> {
        match self {
            Self::Article(it) => Some(it),
            Self::Reread(it) => it.intent.as_deref(),
            _ => None,
        }
    }

    /// What it changes of stories.
    pub fn regrouping(&self) -> Option<&Regrouping> {
        match self {
            Self::Regrouped(it) => Some(it),
            _ => self.intent()?.regrouping.as_ref(),
        }
    }

    /// What it changes of an article, to be changed.
    pub fn intent_mut(&mut self) -> Option<&mut Intent> {
        match self {
            Self::Article(it) => Some(it),
            Self::Reread(it) => it.intent.as_deref_mut(),
            _ => None,
        }
    }

    /// What it changes of an article, without the rest.
    pub fn into_intent(self) -> Option<Intent> {
        match self {
            Self::Article(it) => Some(*it),
            Self::Reread(it) => it.intent.map(|it| *it),
            _ => None,
        }
    }
}

/// Everything one article changes, decided in full before anything is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// The article and what was decided about it. A report whose article is held already replaces it.
    pub report: Report,
    /// The fingerprint by which later articles find it.
    pub fingerprint: Fingerprint,
    /// Stories that turned out to be one, now that the article fits both; or reports that fit its story better than
    /// their own.
    pub regrouping: Option<Regrouping>,
    /// Watches that fired now; those that fired before for the same story are not repeated.
    pub alerts: Vec<Alert>,
    /// Messages for the alerts.
    pub outbox: Vec<Outgoing>,
}

impl Intent {
    /// Whether the article is kept as evidence: its page was read, and it has a topic or raises an alert.
    pub fn is_exhibit(&self) -> bool {
        let is_of_interest = !self.report.tags.is_empty() || !self.alerts.is_empty();
        is_of_interest && matches!(self.report.article.page, Page::Fetched(_))
    }
}

/// Names a message over all its attempts, so that a receiver can drop a repeat.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub String);

impl MessageId {
    /// The id of the message that tells of an alert, or of several of which this is the first, on a channel.
    pub fn of_alert(alert: AlertId, channel: &str) -> Self {
        Self(format!("alert-{alert}-{channel}"))
    }

    /// The id of the message on a channel that collects or counts alerts; `number` is unique to it.
    pub fn of_many_alerts(number: u64, channel: &str) -> Self {
        Self(format!("alerts-{number:016x}-{channel}"))
    }

    /// Whether it is one of these two kinds, which must not wait.
    pub fn is_of_alerts(&self) -> bool {
        self.0.starts_with("alert")
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A message that waits for delivery.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// Names it.
    pub id: MessageId,
    /// The channel it goes out by, as configured.
    pub channel: String,
    /// What it carries.
    pub content: Content,
    /// Not to be sent earlier.
    pub due: Timestamp,
}

/// What a message carries.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Alerts for one article, the most urgent first; rendered when they are sent for the first time, see [`Sending`].
    Alerts(Vec<Alert>),
    /// The collected alerts of a watch; rendered when first sent.
    Held(Held),
    /// A count of alerts over the hourly limit of a watch; rendered when first sent.
    More(More),
    /// A digest, rendered once: every attempt sends the same bytes.
    Digest(Rendered),
}

impl Content {
    /// Whether its content grows until it is sent: many changes add to it, and each queues it again.
    pub fn gathers(&self) -> bool {
        matches!(self, Self::Held(_) | Self::More(_))
    }
}

/// Alerts of a watch that are collected until the end of quiet hours or of a cool-down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The watch's name.
    pub watch: String,
    /// When the first of them was raised.
    pub since: Timestamp,
    /// When they are sent; it collects those raised before.
    pub until: Timestamp,
}

/// A count of a watch's alerts within an hour that have no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct More {
    /// The watch's name.
    pub watch: String,
    /// Beginning of the hour or, if another message has counted the first part of it, the time of the first alert after
    /// that.
    pub hour: Timestamp,
    /// The limit of messages in an hour.
    pub told: u32,
}

/// A rendered message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The content as HTML.
    pub html: Option<String>,
    /// The content in other formats, each a file of its own.
    pub documents: Vec<Document>,
}

/// A rendering that stands as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// File name without a directory: letters, digits, `.`, `-` and `_` only.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// UTF-8 text.
    pub body: String,
}

/// A digest's place in its schedule. There is one issue for each slot, whatever crashes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    /// The digest's name.
    pub digest: String,
    /// The instant the schedule names.
    pub at: Timestamp,
}

impl Slot {
    /// What the name of a digest that a person asked for ends with.
    const ON_DEMAND: &str = "-on-demand";

    /// That of a digest that a person asks for now, by the plan of one that is scheduled.
    pub fn on_demand(digest: &str, at: Timestamp) -> Self {
        Self { digest: [digest, Self::ON_DEMAND].concat(), at }
    }

    /// The scheduled digest by whose plan one on demand was made; `None` where `digest` is scheduled itself.
    pub fn scheduled(digest: &str) -> Option<&str> {
        digest.strip_suffix(Self::ON_DEMAND)
    }
}

/// A digest as it was issued.
#[derive(Debug, Clone, PartialEq)]
pub struct DigestIssue {
    /// Which one.
    pub slot: Slot,
    /// Start of its window (inclusive): it covers articles first seen from this instant on.
    pub since: Timestamp,
    /// End of its window (exclusive). The next issue's window begins here.
    pub until: Timestamp,
    /// The articles it was made of: those first seen within its window, and older ones that a later reading made
    /// relevant.
    pub articles: Vec<ArticleId>,
    /// Its messages.
    pub outbox: Vec<Outgoing>,
}

/// What an issue of a digest covers, and what it was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// By first-seen time.
    pub window: Range<Timestamp>,
    /// As in [`DigestIssue::articles`].
    pub articles: Vec<ArticleId>,
}

/// An attempt to deliver a message begins. It is durable before the first byte goes out: where no [`Attempt`] follows,
/// the message was perhaps delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// The message.
    pub message: MessageId,
    /// When.
    pub at: Timestamp,
    /// The content of this attempt and all later ones; `None` if it was known before: a digest is rendered when it is
    /// issued, anything else at the first attempt.
    pub rendered: Option<Rendered>,
}

/// What became of one attempt to deliver a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The message.
    pub message: MessageId,
    /// When.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
}

/// How an attempt to deliver ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver took it.
    Sent,
    /// Not this time.
    Retry {
        /// When to try again.
        due: Timestamp,
        /// What the receiver said.
        reason: String,
    },
    /// Refused for good, kept for a person to look at.
    Parked {
        /// What the receiver said.
        reason: String,
    },
    /// Given up by a person: it is not sent any more.
    Dropped {
        /// Who or what for, in plain words.
        reason: String,
    },
}
