//! What the daemon remembers. The trait is the seam; the backends live below it.
//!
//! The truth is an append-only, checksummed, hash-chained ledger of [`Change`]s. Over it lies an index that can be
//! rebuilt from it at any time: new rows are in sled, and when sled has more of them than it may keep in memory, all of
//! them go to a file of sorted rows beside it ([`Store::tend`]). One process holds both; it answers others at a socket
//! ([`LedgerStore::serve`]), so that they read the index through it ([`LedgerStore::remote`]) and the ledger from its
//! files. sled 0.34.7 alone loses acknowledged data on power loss (`flush` never calls `fsync`) and answers a flipped
//! bit with silence or a panic; as an index it may do both without loss. Its 1.0 is an alpha without transactions, so
//! 0.34.7 is pinned.
//!
//! No loss goes unreported. Frames are numbered without a gap from 1, or from where a checkpoint says that retention
//! deleted earlier ones, and each carries the hash of the one before, so that reading shows what is missing or changed
//! in the middle. What is missing at the end is shown by the number of the last acknowledged change, in a file beside
//! the ledger; the ledger then records the loss itself, in a notice in its own chain, and continues numbering after
//! what is lost. What retention left is in no chain; a notice has the hash of its file. The hash of the newest change
//! is in no other frame yet: if that change is altered after it was acknowledged, only the index shows it, and it is
//! noted in a file beside the ledger.
//!
//! Choices, and the reasons for them:
//! - sled's cache is 16 MiB, because its rows take three to four times as much memory as disk. Rows beyond it go to a
//!   file of sorted rows, which takes no memory and is faster to rebuild.
//! - A body is in the frame of its commit, so that one checksum decides whether a change is there, and no frame can be
//!   left without another. A page, which few commands need, has a frame and a kind of its own. The frame kinds "body"
//!   and "tombstone" are reserved and never written: only retention removes anything from the ledger, and leaves a
//!   checkpoint in its place.
//! - A commit frame does not hold index operations. They follow from the record, so that an index of another format can
//!   be built from the oldest ledger, and a ledger holds no rows of an index format that nobody reads any more.

mod acknowledged;
mod altered;
mod backup;
mod index;
mod ledger;
mod ledger_store;
mod line;
mod memory;
mod proof;
mod reader;
mod record;
mod room;
mod small_file;

#[cfg(test)]
mod contract;

use std::ops::{ControlFlow, Range};

use crate::{
    dedup::{Held, Key},
    model::{
        Alert, AlertId, Article, ArticleId, Change, Event, Exhibit, Fingerprint, Issue, Label, LastReading, MessageId,
        Outcome, Outgoing, Regrouping, RegroupingId, Rendered, Report, Slot, SourceId, SourceState, StoryId, Timestamp,
    },
};

pub use self::{
    backup::{BackedUp, UNSUBSCRIBED, half_copied, restore},
    index::{IndexError, draft::DraftSizes},
    ledger::{Break, Damage, GivenUp, Lost, Verified},
    ledger_store::{LedgerStore, Opened, Reached, Settings, Tended},
    line::{GivenUpItems, Line},
    memory::MemoryStore,
    proof::{Proof, Proofs, RecordKind, read_record},
    reader::LedgerReader,
    record::{RecordError, from_json, to_json},
    room::{Reserve, Room},
};

/// The store could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process holds the store.
    #[error("the store in {dir} is in use by another process")]
    Locked {
        /// The state directory.
        dir: std::path::PathBuf,
    },
    /// The operating system refused a file operation.
    #[error("cannot {doing} {path}")]
    Io {
        /// What the store was doing: "write to", "create".
        doing: &'static str,
        /// The file or directory.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The index failed. It is rebuilt when the store is next opened or tended ([`Store::tend`]).
    #[error("the index failed while {doing}")]
    Index {
        /// What the store was doing.
        doing: &'static str,
        /// Why.
        source: IndexError,
    },
    /// Damaged bytes. Nothing is overwritten.
    #[error("{what} at {path} offset {offset} is damaged: {reason}")]
    Damaged {
        /// "frame", "record".
        what: &'static str,
        /// The file.
        path: std::path::PathBuf,
        /// Byte offset in it.
        offset: u64,
        /// What does not fit.
        reason: String,
    },
    /// Written by a newer sitrepd.
    #[error("{path} has format version {found}, this sitrepd reads up to {known}; use the newer sitrepd")]
    TooNew {
        /// The file.
        path: std::path::PathBuf,
        /// Its version.
        found: u8,
        /// The newest known.
        known: u8,
    },
    /// Something else is where a backup or an archive should go. It is left as it is.
    #[error("{path} is in the way: it belongs to something else than this archive")]
    Foreign {
        /// What is there.
        path: std::path::PathBuf,
    },
    /// A backup without a record: there is nothing to restore.
    #[error(
        "the backup in {dir} holds no record that can be read: a first backup into it was interrupted, or it is damaged, or it is of an \
         empty archive; sitrepd backup makes it whole as long as there is the archive"
    )]
    Empty {
        /// The backup.
        dir: std::path::PathBuf,
    },
    /// A directory that is to be replaced by another one.
    #[error(
        "{path} is a link or a disk of its own, and the restored archive is put in its place as a directory: restore to another state \
         directory (--state-dir) and copy its content here, or give the disk the whole state directory"
    )]
    Fixed {
        /// The directory.
        path: std::path::PathBuf,
    },
    /// More than a ledger frame may hold.
    #[error("a change of {bytes} bytes is larger than the {limit} bytes a ledger frame holds")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The most that fits.
        limit: usize,
    },
    /// A write failed before, so that it is unknown what reached the disk. Opening the store again finds out.
    #[error("the store takes no more changes since a write failed: {why}; open it again")]
    Stopped {
        /// The failure that stopped it.
        why: String,
    },
}

impl StoreError {
    /// Whether the change was refused for its size: nothing of it was written, and the store takes others.
    pub fn is_too_large(&self) -> bool {
        matches!(self, Self::TooLarge { .. })
    }
}

/// What was read, `None` where that is damaged: it is logged, and stops nothing of what is whole.
///
/// # Errors
///
/// Any other [`StoreError`].
pub fn readable<T>(read: Result<Option<T>, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Err(error @ StoreError::Damaged { .. }) => {
            tracing::error!(%error, "a damaged record is passed over");
            Ok(None)
        }
        read => read,
    }
}

/// Makes a system error one of the store's.
fn io<'a>(doing: &'static str, path: &'a std::path::Path) -> impl FnOnce(std::io::Error) -> StoreError + 'a {
    move |source| StoreError::Io { doing, path: path.to_owned(), source }
}

/// A message in the outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    /// The message. Its `due` is that of the next attempt.
    pub message: Outgoing,
    /// When it was first to be sent.
    pub queued: Timestamp,
    /// Attempts made so far.
    pub attempts: u32,
    /// What the receiver said last.
    pub last_error: Option<String>,
    /// Whether it was given up and waits for a person.
    pub parked: bool,
    /// When an attempt began whose outcome is not known: it is under way, or the process ended, and the message was
    /// perhaps delivered.
    pub sending: Option<Timestamp>,
    /// What every attempt sends, once an attempt has rendered it.
    pub rendered: Option<Rendered>,
}

/// What was tried with a message before.
struct Tried {
    attempts: u32,
    is_parked: bool,
    /// Whether an attempt was begun whose outcome is not known yet.
    is_begun: bool,
}

impl Tried {
    /// The number of attempts after an outcome.
    fn after(&self, outcome: &Outcome) -> u32 {
        match outcome {
            // A person releases it: it has all its attempts again.
            Outcome::Retry { .. } if self.is_parked => 0,
            // A person has it sent at once, which was no attempt. Each would bring it nearer to being given up.
            Outcome::Retry { .. } if !self.is_begun => self.attempts,
            _ => self.attempts.saturating_add(1),
        }
    }
}

/// A message in the outbox whose record is damaged, so that its content and recipient are unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// An id by which it can be dropped. It is not the message's own, and is void once the index is rebuilt.
    pub id: MessageId,
    /// When its next attempt is due.
    pub due: Timestamp,
    /// Attempts made so far.
    pub attempts: u32,
    /// Whether it was given up.
    pub parked: bool,
}

/// A message that was to tell of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Teller {
    /// Its name.
    pub message: MessageId,
    /// The channel that it was to go by.
    pub channel: String,
}

/// How much is held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Articles, copies included.
    pub articles: u64,
    /// Stories.
    pub stories: u64,
    /// Alerts raised.
    pub alerts: u64,
    /// Messages waiting.
    pub pending: u64,
    /// Messages given up.
    pub parked: u64,
    /// Changes in the ledger.
    pub changes: u64,
    /// Bytes on disk; those of the ledger alone if it is read beside the process that has the index.
    pub bytes: u64,
    /// Acknowledged changes that are missing: from the end of the ledger, as far as it still reports them, or by their
    /// numbers, as far as it was read when it was opened.
    pub lost: u64,
}

/// What a visitor of a listing returns after each row: whether to continue.
pub type Visit = ControlFlow<()>;

/// Persistence. Methods block; the daemon calls them off the async threads.
///
/// One thread writes; any number read. Nothing here assumes that only one process uses the data, so that a shared
/// database can implement it.
pub trait Store: Send + Sync {
    /// Tends the store if that is due, beside readers and the writer: deletes what is older than retention keeps, and
    /// moves what takes too much memory to disk. May take minutes.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; the store goes on as it was.
    fn tend(&self) -> Result<Tended, StoreError> {
        Ok(Tended::default())
    }

    /// How many damaged records reads have met since the store was opened, each counted once: listings leave them out.
    fn passed_over(&self) -> u64 {
        0
    }

    /// Applies the change whole or not at all. Later reads see it. It is acknowledged, and safe from a
    /// power cut, once [`Store::sync`] has returned.
    ///
    /// An article that is held already is replaced by a higher version, and left as it stands by any other.
    /// A new version keeps the story, the assignment and the `first_seen` of the first. It is held under
    /// its own guid and title, and under the links of all versions: an address that named the article
    /// once names it for good. Where two articles share a key, the one committed later has it.
    ///
    /// An alert or a message whose id is held already, sent messages included, and a digest whose slot is taken, is
    /// left as it stands, so that a repeated change repeats nothing. A parked message that is given a new time waits
    /// again, and its attempts are counted anew; a new time for one that waits counts as an attempt only where one was
    /// begun. One that is dropped is gone for good. What an attempt has rendered first is what every later one sends;
    /// where one begins again or is told the end of, the one before is forgotten. What became of a message that is not
    /// held is of no interest and ignored.
    ///
    /// A later reading of a page that is no later than the last one of the same article changes nothing but by its new
    /// version. A page is kept as it came, and read by [`LedgerReader::pages`] alone.
    ///
    /// Of two labels of one article and topic the one with the later time counts, whichever was committed first.
    ///
    /// A regrouping moves those of its reports that are in the story it moves them from, and with each the alerts that
    /// were raised for it: a watch that fired for a report has fired for the story that the report is in. One whose id
    /// is held already moves nothing. One that comes with an article does not move that article itself. A report that
    /// is in another story than it was settled in keeps its assignment and says in [`Report::moved`] where it is; back
    /// in the first one, it reads as it was settled. An alert is read with the story that its report is in.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; readers see nothing of the change. Where a write failed, its bytes may be found
    /// all the same when the store is next opened; it may then safely be committed again.
    fn commit(&self, change: &Change) -> Result<(), StoreError>;

    /// Makes everything committed so far durable.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`]; what was committed since the last success is not acknowledged. [`StoreError::Index`] where
    /// all of it is durable and will be there after the next start, but cannot be entered: the store takes no more.
    fn sync(&self) -> Result<(), StoreError>;

    /// The article held under a key.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn held(&self, key: &Key) -> Result<Option<Held>, StoreError>;

    /// The newest version of an article.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn report(&self, id: ArticleId) -> Result<Option<Report>, StoreError>;

    /// Visits the reports first seen in `range`, newest first. One that is damaged is logged and left out.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn reports(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Report) -> Visit) -> Result<(), StoreError>;

    /// Visits the reports first seen in `range` as [`Store::reports`] does, each with its fingerprint.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn recent(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Report, Fingerprint) -> Visit,
    ) -> Result<(), StoreError>;

    /// Visits the regroupings, newest first. A damaged one is logged and left out.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn regroupings(&self, visit: &mut dyn FnMut(Regrouping) -> Visit) -> Result<(), StoreError>;

    /// Visits those of the regroupings that people made, newest first, without reading the others. One that is damaged
    /// is logged and left out.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn regroupings_by_hand(&self, visit: &mut dyn FnMut(Regrouping) -> Visit) -> Result<(), StoreError>;

    /// Whether a regrouping was committed before. Repeating it moves nothing.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn is_regrouped(&self, id: RegroupingId) -> Result<bool, StoreError>;

    /// The label of an article and a topic.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn label(&self, article: ArticleId, topic: &str) -> Result<Option<Label>, StoreError>;

    /// Visits the labels, one for each article and topic, in no order that means anything.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn labels(&self, visit: &mut dyn FnMut(Label) -> Visit) -> Result<(), StoreError>;

    /// The articles of a story in the order they were committed, first report first; empty where it is not known.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn story(&self, id: StoryId) -> Result<Vec<ArticleId>, StoreError>;

    /// The articles of a story with at most `limit` reports, like [`Store::story`]; `None` if it has more, which costs
    /// no more to find out.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn small_story(&self, id: StoryId, limit: usize) -> Result<Option<Vec<ArticleId>>, StoreError>;

    /// Visits the alerts raised in `range`, newest first. One that is damaged is logged and left out.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn alerts(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Alert) -> Visit) -> Result<(), StoreError>;

    /// Visits the reports first seen in `range` in which watches may have found something, newest first. One that is
    /// damaged is logged and left out.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn possible(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Report) -> Visit) -> Result<(), StoreError>;

    /// The alerts that watches raised for what they found in a story, ordered by id; without spikes. A damaged one is
    /// logged and left out.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn alerts_of(&self, story: StoryId) -> Result<Vec<Alert>, StoreError>;

    /// The messages that were queued for an alert when it was raised, one for each channel, whatever became of them
    /// since. None if nobody was to be told of it by name, or if it is not held.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn telling(&self, alert: AlertId) -> Result<Vec<Outgoing>, StoreError>;

    /// For each of many alerts, the ids of the messages that were queued for it; none if its record is damaged.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn told_by(&self, alerts: &[AlertId]) -> Result<Vec<Vec<Teller>>, StoreError> {
        let tellers = |id: &AlertId| {
            let told = readable(self.telling(*id).map(Some))?.unwrap_or_default();
            Ok(told.into_iter().map(|it| Teller { message: it.id, channel: it.channel }).collect())
        };
        alerts.iter().map(tellers).collect()
    }

    /// When a watch raised alerts for what it found, within `range`: the newest `limit` times, newest first. Spikes do
    /// not count, nor do alerts for what was old. Read from the index alone.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn raised(&self, watch: &str, range: Range<Timestamp>, limit: usize) -> Result<Vec<Timestamp>, StoreError>;

    /// The names of the watches that have fired for what they found in a story.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn fired(&self, story: StoryId) -> Result<Vec<String>, StoreError>;

    /// Visits how many reports of a topic were first seen in each hour of the clock that begins within `range`: when
    /// the hour began, the topic and the number, by the newest versions, in the order of the hours. Read from the index
    /// alone.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn volume(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Timestamp, &str, u32) -> Visit,
    ) -> Result<(), StoreError>;

    /// What is remembered about a source. A damaged state is logged and counts as none: the source is polled anew.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn source_state(&self, id: &SourceId) -> Result<Option<SourceState>, StoreError>;

    /// Visits the messages due by `now`, the longest due first. Parked ones are left out. One that is damaged
    /// is logged and left out.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn due(&self, now: Timestamp, visit: &mut dyn FnMut(Pending) -> Visit) -> Result<(), StoreError>;

    /// Visits the messages due by `now` of the channels that are `wanted`, like [`Store::due`]. The others are not read
    /// each time: there may be thousands while a server is down.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn due_of(
        &self,
        now: Timestamp,
        wanted: &mut dyn FnMut(&str) -> bool,
        visit: &mut dyn FnMut(Pending) -> Visit,
    ) -> Result<(), StoreError> {
        self.due(now, &mut |it| match wanted(&it.message.channel) {
            true => visit(it),
            false => ControlFlow::Continue(()),
        })
    }

    /// Visits the messages due within `range`, like [`Store::due`].
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn due_within(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Pending) -> Visit) -> Result<(), StoreError> {
        self.due(range.end, &mut |it| match range.contains(&it.message.due) {
            true => visit(it),
            false => ControlFlow::Continue(()),
        })
    }

    /// Visits all messages that have not been sent, waiting or parked, in no order that means anything. One that is
    /// damaged is logged and left out.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn outbox(&self, visit: &mut dyn FnMut(Pending) -> Visit) -> Result<(), StoreError>;

    /// Visits the messages that have not been sent and whose records are damaged, in no order that means anything.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn unreadable(&self, _visit: &mut dyn FnMut(Unreadable) -> Visit) -> Result<(), StoreError> {
        Ok(())
    }

    /// A message that has not been sent: waiting or parked.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn pending(&self, id: &MessageId) -> Result<Option<Pending>, StoreError>;

    /// Whether a message was ever queued: it waits, or was parked, dropped or sent.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn was_queued(&self, id: &MessageId) -> Result<bool, StoreError>;

    /// The newest slot issued for a digest, with the end of its window.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn last_issue(&self, digest: &str) -> Result<Option<(Slot, Timestamp)>, StoreError>;

    /// Visits the slots issued for a digest, newest first, each with the end of its window.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn issues(&self, digest: &str, visit: &mut dyn FnMut(Slot, Timestamp) -> Visit) -> Result<(), StoreError>;

    /// What an issue of a digest covers and was made of; `None` if there is none for the slot, or if only the fact that
    /// it was issued is still known.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn issue(&self, slot: &Slot) -> Result<Option<Issue>, StoreError>;

    /// Visits the reports first seen in `range` that have a later version, newest first, without reading the others.
    /// One that is damaged is logged and left out.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn reread_reports(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Report) -> Visit,
    ) -> Result<(), StoreError> {
        self.reports(range, &mut |it| match it.article.version > 1 {
            true => visit(it),
            false => ControlFlow::Continue(()),
        })
    }

    /// The versions of an article, oldest first. One that is damaged is logged and left out.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn versions(&self, id: ArticleId) -> Result<Vec<Article>, StoreError>;

    /// The number in the ledger of the change that brought the newest version of an article.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn record_number(&self, id: ArticleId) -> Result<Option<u64>, StoreError>;

    /// Visits the articles first seen in `range` that are kept as evidence ([`Intent::is_exhibit`], of any version),
    /// newest first, with what the last later reading of their page showed. Read from the index alone.
    ///
    /// [`Intent::is_exhibit`]: crate::model::Intent::is_exhibit
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn exhibits(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Exhibit) -> Visit) -> Result<(), StoreError>;

    /// What the last later reading of an article's page showed.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn last_reading(&self, id: ArticleId) -> Result<Option<LastReading>, StoreError>;

    /// Visits the events of articles that were noticed in `range`, newest first. A damaged one is logged and left out.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn events(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Event) -> Visit) -> Result<(), StoreError>;

    /// Whether an article was held once and then deleted by retention. It is not to be read again as new.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn is_forgotten(&self, id: ArticleId) -> Result<bool, StoreError>;

    /// The time since which everything is kept at `now`: what retention deleted was first seen before it. `None` where
    /// nothing is ever deleted.
    fn kept_since(&self, now: Timestamp) -> Option<Timestamp>;

    /// How much is held.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn counts(&self) -> Result<Counts, StoreError>;
}
