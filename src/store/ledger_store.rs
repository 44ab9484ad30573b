//! The store that keeps: the ledger is the truth, sled the index over it.
//!
//! A commit is appended to the ledger first and then entered into the index, with its place in the ledger
//! in the same atomic batch; `sync` makes the ledger durable and leaves sled to write when it likes. So an
//! index may be behind the ledger after a crash, or ahead of it after a power cut, and opening puts both
//! right. [`open`] is that; [`read`] answers the questions.

mod open;
mod read;

#[cfg(test)]
mod tests;

use std::{
    fmt, fs,
    fs::File,
    io,
    ops::Range,
    os::unix::fs::MetadataExt,
    path::PathBuf,
    sync::{Mutex, MutexGuard},
};

pub use self::open::Opened;
use super::{
    Counts, Pending, Reserve, Room, Store, StoreError, Visit,
    index::{Index, before::Before, effects::effects, key},
    ledger::{Ledger, Position, Tail, Verified, Writer},
};
use crate::{
    dedup::{Held, Key},
    model::{
        Alert, ArticleId, Change, Fingerprint, Label, MessageId, Regrouping, RegroupingId, Report, Slot, SourceId,
        SourceState, StoryId, Timestamp,
    },
};

/// Where and how a [`LedgerStore`] keeps its data.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The state directory; made where it is missing.
    pub dir: PathBuf,
    /// The most memory the index keeps of its rows, in bytes.
    pub cache_bytes: u64,
    /// What is left free on the disk; see [`Settings::missing_room`].
    pub reserve: Reserve,
    /// A new ledger segment is begun past this size, as on each new UTC day.
    pub segment_bytes: u64,
    /// The time of day, for the date of a segment. Never used for order.
    pub clock: fn() -> Timestamp,
}

impl Settings {
    /// With 64 MiB of cache, segments of 64 MiB and no reserve, by the system's clock.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            cache_bytes: 64 << 20,
            reserve: Reserve { bytes: 0, share: 0.0 },
            segment_bytes: 64 << 20,
            clock: chrono::Utc::now,
        }
    }

    /// Bytes that the disk has less than the reserve; 0 where there is enough. The store itself goes on writing: what is
    /// committed and delivered meanwhile is little.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] where the system does not say.
    pub fn missing_room(&self) -> Result<u64, StoreError> {
        Ok(Room::of(&self.dir)?.missing(self.reserve))
    }

    /// Whether there is a store in the directory. Nothing is made.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] where that cannot be told.
    pub fn is_there(&self) -> Result<bool, StoreError> {
        let path = self.dir.join("ledger");
        match fs::metadata(&path) {
            Ok(it) => Ok(it.is_dir()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(super::io("read", &path)(error)),
        }
    }

    /// The user that has opened the store, by number; `None` where it was never opened.
    pub fn owner(&self) -> Option<u32> {
        fs::metadata(self.dir.join("lock")).ok().map(|it| it.uid())
    }
}

/// A ledger with a sled index over it.
pub struct LedgerStore {
    dir: PathBuf,
    ledger: Ledger,
    index: Index,
    writer: Mutex<Writer>,
    clock: fn() -> Timestamp,
    /// Released last.
    _lock: File,
}

impl fmt::Debug for LedgerStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LedgerStore").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl LedgerStore {
    /// Opens the store in a directory, or makes it, and says what was found.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`] where another process has it, [`StoreError::Io`] where the directory cannot be
    /// used, [`StoreError::TooNew`] where a newer sitrepd wrote to it. Damage is not an error: it is told in
    /// [`Opened`].
    pub fn open(settings: &Settings) -> Result<(Self, Opened), StoreError> {
        open::open(settings)
    }

    /// Visits every change ever committed, oldest first, with its number in the ledger. What is damaged is
    /// passed over, and told by an error at the end.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; [`StoreError::Damaged`] only after all that can be read was visited.
    pub fn changes(&self, visit: &mut dyn FnMut(u64, Change) -> Visit) -> Result<(), StoreError> {
        self.ledger.changes(visit)
    }

    /// Reads every frame and checks checksums, numbers and the chain of hashes.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] or [`StoreError::TooNew`]; what is damaged is told in [`Verified`].
    pub fn verify(&self) -> Result<Verified, StoreError> {
        // No change is half written while this is held.
        let _writer = self.writer()?;
        self.ledger.verify()
    }

    fn writer(&self) -> Result<MutexGuard<'_, Writer>, StoreError> {
        self.writer.lock().map_err(|_| StoreError::Stopped { why: "a commit panicked".to_owned() })
    }

    fn position_damaged(&self, at: Position, reason: &str) -> StoreError {
        self.ledger.damaged("record", at, reason.to_owned())
    }
}

/// Enters a change of the ledger into the index.
fn enter(index: &Index, change: &Change, before: Before, tail: Tail) -> Result<(), StoreError> {
    let ops = effects(index.names(), change, before, tail).map_err(|it| index.broken("writing", &it.to_string()))?;
    index.apply(ops)
}

impl Store for LedgerStore {
    fn commit(&self, change: &Change) -> Result<(), StoreError> {
        let mut writer = self.writer()?;
        writer.check()?;
        let before = Before::read(&self.index, &self.ledger, change)?;
        let change = before.settle(change);
        let tail = writer.append(&change, (self.clock)())?;
        enter(&self.index, &change, before, tail).inspect_err(|error| {
            // Another commit would carry the index past this one.
            writer.stop(format!("{error} after change {} was written", tail.seq));
        })
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.writer()?.sync()
    }

    fn held(&self, key: &Key) -> Result<Option<Held>, StoreError> {
        self.read_held(key)
    }

    fn report(&self, id: ArticleId) -> Result<Option<Report>, StoreError> {
        self.read_report(id)
    }

    fn reports(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Report) -> Visit) -> Result<(), StoreError> {
        self.list_reports(range, visit)
    }

    fn recent(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Report, Fingerprint) -> Visit,
    ) -> Result<(), StoreError> {
        self.list_recent(range, visit)
    }

    fn regroupings(&self, visit: &mut dyn FnMut(Regrouping) -> Visit) -> Result<(), StoreError> {
        self.list_regroupings(visit)
    }

    fn regroupings_by_hand(&self, visit: &mut dyn FnMut(Regrouping) -> Visit) -> Result<(), StoreError> {
        self.list_regroupings_by_hand(visit)
    }

    fn is_regrouped(&self, id: RegroupingId) -> Result<bool, StoreError> {
        self.index.has(&key::regrouped(id))
    }

    fn label(&self, article: ArticleId, topic: &str) -> Result<Option<Label>, StoreError> {
        self.read_label(article, topic)
    }

    fn labels(&self, visit: &mut dyn FnMut(Label) -> Visit) -> Result<(), StoreError> {
        self.list_labels(visit)
    }

    fn story(&self, id: StoryId) -> Result<Vec<ArticleId>, StoreError> {
        self.list_story(id, usize::MAX)
    }

    fn small_story(&self, id: StoryId, limit: usize) -> Result<Option<Vec<ArticleId>>, StoreError> {
        Ok(Some(self.list_story(id, limit.saturating_add(1))?).filter(|it| it.len() <= limit))
    }

    fn alerts(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Alert) -> Visit) -> Result<(), StoreError> {
        self.list_alerts(range, visit)
    }

    fn possible(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Report) -> Visit) -> Result<(), StoreError> {
        self.list_possible(range, visit)
    }

    fn alerts_of(&self, story: StoryId) -> Result<Vec<Alert>, StoreError> {
        self.list_alerts_of(story)
    }

    fn raised(&self, watch: &str, range: Range<Timestamp>, limit: usize) -> Result<Vec<Timestamp>, StoreError> {
        self.list_raised(watch, range, limit)
    }

    fn fired(&self, story: StoryId) -> Result<Vec<String>, StoreError> {
        self.list_fired(story)
    }

    fn source_state(&self, id: &SourceId) -> Result<Option<SourceState>, StoreError> {
        self.read_source_state(id)
    }

    fn due(&self, now: Timestamp, visit: &mut dyn FnMut(Pending) -> Visit) -> Result<(), StoreError> {
        self.list_due(now, visit)
    }

    fn outbox(&self, visit: &mut dyn FnMut(Pending) -> Visit) -> Result<(), StoreError> {
        self.list_outbox(visit)
    }

    fn pending(&self, id: &MessageId) -> Result<Option<Pending>, StoreError> {
        self.read_pending(id)
    }

    fn last_issue(&self, digest: &str) -> Result<Option<(Slot, Timestamp)>, StoreError> {
        self.read_last_issue(digest)
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        let bytes = self.ledger.bytes() + self.index.bytes()?;
        let meta = self.index.meta()?;
        Ok(meta.map_or(Counts { bytes, ..Counts::default() }, |it| it.counts(bytes)))
    }
}

impl Drop for LedgerStore {
    fn drop(&mut self) {
        if let Err(error) = self.index.flush() {
            tracing::warn!(%error, "the index was not written out; it is brought up to date at the next start");
        }
    }
}
