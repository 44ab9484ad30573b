//! What the daemon remembers. The trait is the seam; the backends live below it.
//!
//! The truth is an append-only, checksummed, hash-chained ledger of [`Change`]s; sled is the index over
//! it and can be rebuilt from it at any time. sled 0.34.7 alone loses acknowledged data on power loss
//! (`flush` never calls `fsync`) and answers a flipped bit with silence or a panic; as an index it may do
//! both without loss. Its 1.0 is an alpha without transactions, so 0.34.7 is pinned.

mod memory;

use std::ops::{ControlFlow, Range};

use crate::{
    dedup::{Candidate, Held, Key},
    model::{
        Alert, ArticleId, Change, Fingerprint, MessageId, Outgoing, Report, Slot, SourceId, SourceState, StoryId,
        Timestamp,
    },
};

pub use self::memory::MemoryStore;

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
    /// The index failed. It can be rebuilt: open the store again.
    #[error("the index failed while {doing}")]
    Index {
        /// What the store was doing.
        doing: &'static str,
        /// sled's own error.
        source: sled::Error,
    },
    /// Bytes that are not what was written. Nothing is overwritten.
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
}

/// A message in the outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    /// The message.
    pub message: Outgoing,
    /// Attempts made so far.
    pub attempts: u32,
    /// What the receiver said last.
    pub last_error: Option<String>,
    /// Whether it was given up and waits for a person.
    pub parked: bool,
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
    /// Bytes on disk.
    pub bytes: u64,
}

/// What a visitor of a listing says after each row.
pub type Visit = ControlFlow<()>;

/// Persistence. Methods block; the daemon calls them off the async threads.
///
/// One thread writes; any number read. Nothing here supposes that only one process uses the data, so that
/// a shared database can stand behind it.
pub trait Store: Send + Sync {
    /// Applies the change whole or not at all. Later reads see it. It is acknowledged, and safe from a
    /// power cut, once [`Store::sync`] has returned.
    ///
    /// An article that is held already gets a new version. An alert or a message whose id is held already,
    /// and a digest whose slot is taken, is left as it stands, so that a repeated change repeats nothing.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; nothing of the change was applied.
    fn commit(&self, change: &Change) -> Result<(), StoreError>;

    /// Makes everything committed so far durable.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`]; what was committed since the last success is not acknowledged.
    fn sync(&self) -> Result<(), StoreError>;

    /// The article held under a key.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn held(&self, key: &Key) -> Result<Option<Held>, StoreError>;

    /// Articles that share part of the fingerprint, at most `limit`, those that share most first.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn candidates(&self, print: &Fingerprint, limit: usize) -> Result<Vec<Candidate>, StoreError>;

    /// The newest version of an article.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn report(&self, id: ArticleId) -> Result<Option<Report>, StoreError>;

    /// Visits the reports first seen in `range`, newest first.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn reports(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Report) -> Visit) -> Result<(), StoreError>;

    /// The articles of a story, first report first.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn story(&self, id: StoryId) -> Result<Vec<ArticleId>, StoreError>;

    /// Visits the alerts raised in `range`, newest first.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn alerts(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Alert) -> Visit) -> Result<(), StoreError>;

    /// The names of the watches that have fired for a story.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn fired(&self, story: StoryId) -> Result<Vec<String>, StoreError>;

    /// What is remembered about a source.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn source_state(&self, id: &SourceId) -> Result<Option<SourceState>, StoreError>;

    /// Messages due by `now`, the longest due first, at most `limit`. Parked ones are left out.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Pending>, StoreError>;

    /// A message that has not been sent: waiting or parked.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn pending(&self, id: &MessageId) -> Result<Option<Pending>, StoreError>;

    /// The newest slot issued for a digest, with the end of its window.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn last_issue(&self, digest: &str) -> Result<Option<(Slot, Timestamp)>, StoreError>;

    /// How much is held.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn counts(&self) -> Result<Counts, StoreError>;
}
