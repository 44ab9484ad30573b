//! The store that keeps: the ledger is the truth, and the index over it is in sled and in a file of sorted rows.
//!
//! A commit is first appended to the ledger and then entered into the index, with its position in the ledger in the
//! same atomic batch. `sync` makes the ledger durable and gives sled the rows entered since the last one, which sled
//! writes when it likes. So the index may be behind the ledger after a crash, or ahead of it after a power cut, and
//! opening repairs both. [`open`] does that; [`read`] answers questions, and [`serve`] those of other processes;
//! [`tend`] deletes what is older than retention keeps, and moves rows from sled to where they take hardly any memory,
//! once there are too many.

mod channels;
mod lock;
mod messages;
mod open;
mod paths;
mod read;
mod replay;
mod rest;
mod serve;
mod tend;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    fmt, fs,
    fs::File,
    io,
    ops::Range,
    os::unix::fs::MetadataExt,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

use self::{channels::Channels, serve::Serving};
pub(super) use self::{
    lock::{is_free, lock},
    paths::remove_all as remove_indexes,
};
pub use self::{
    open::{Opened, Reached},
    tend::Tended,
};
use super::{
    Counts, Pending, Reserve, Room, Store, StoreError, Teller, Unreadable, Visit,
    acknowledged::{self, Acknowledged},
    altered,
    backup::RESTORING,
    index::{
        Index,
        before::Before,
        draft::{Draft, DraftSizes},
        effects::effects,
        key,
        row::ArticleRow,
    },
    ledger::{Gone, Ledger, Notice, Tail, Verified, Writer},
    readable,
    record::Time,
};
use crate::{
    dedup::{Held, Key},
    model::{
        Alert, AlertId, Article, ArticleId, Change, Event, Exhibit, Fingerprint, Issue, Label, LastReading, MessageId,
        Outgoing, Regrouping, RegroupingId, Report, Slot, SourceId, SourceState, StoryId, Timestamp, earlier,
    },
};

/// Where and how a [`LedgerStore`] keeps its data.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The state directory; made where it is missing.
    pub dir: PathBuf,
    /// Maximum bytes of rows that sled keeps in memory, measured as on disk: in memory they take three to four times as
    /// much. When sled has more on disk, [`Store::tend`] moves all of its rows to the sorted rows.
    pub cache_bytes: u64,
    /// Up to this many bytes on disk, sled's rows are not moved, however little it may keep in memory: an empty sled
    /// takes some bytes too.
    pub min_sort_bytes: u64,
    /// How many bytes of changes are gathered before the sorted rows are rewritten.
    pub drafts: DraftSizes,
    /// The room to be left free on the disk; see [`Settings::missing_room`].
    pub reserve: Reserve,
    /// A new ledger segment is begun past this size, as on each new UTC day.
    pub segment_bytes: u64,
    /// The system's time, for the dates of segments and for retention. Never used for order.
    pub clock: fn() -> Timestamp,
    /// How long records are kept; `None` for ever. Retention deletes whole days, in [`Store::tend`].
    pub keep: Option<Duration>,
}

impl Settings {
    /// With 16 MiB of cache, segments of 64 MiB and no reserve, by the system's clock.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            cache_bytes: 16 << 20,
            min_sort_bytes: 4 << 20,
            drafts: DraftSizes::default(),
            reserve: Reserve { bytes: 0, share: 0.0 },
            segment_bytes: 64 << 20,
            clock: chrono::Utc::now,
            keep: None,
        }
    }

    /// Bytes missing from the reserve on the disk; 0 if there is enough room. The store itself continues to write: what
    /// is committed and delivered meanwhile is little.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] where the system does not say.
    pub fn missing_room(&self) -> Result<u64, StoreError> {
        Ok(Room::of(&self.dir)?.missing(self.reserve))
    }

    /// Whether there is a store in the directory: its ledger has files, or nothing was acknowledged yet that they would
    /// hold. Nothing is made.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] where that cannot be told.
    pub fn is_there(&self) -> Result<bool, StoreError> {
        Ok(match self.files()? {
            None => false,
            // The directory that an unmounted disk leaves behind is empty.
            Some(0) => !self.is_half_restored()? && LedgerStore::acknowledged(self).is_none(),
            Some(_) => true,
        })
    }

    /// Whether there are files of a ledger in the directory.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] where that cannot be told.
    pub fn has_files(&self) -> Result<bool, StoreError> {
        Ok(self.files()?.is_some_and(|it| it > 0))
    }

    /// Whether a restore into the directory was interrupted, so that there is no ledger yet.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] where that cannot be told.
    pub fn is_half_restored(&self) -> Result<bool, StoreError> {
        let begun = self.dir.join(RESTORING);
        match begun.try_exists() {
            Ok(true) => Ok(!self.has_files()?),
            Ok(false) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(false),
            Err(error) => Err(super::io("read", &begun)(error)),
        }
    }

    /// How many files the ledger has; `None` if it has no directory.
    fn files(&self) -> Result<Option<usize>, StoreError> {
        let path = self.dir.join("ledger");
        let items = match fs::read_dir(&path) {
            Ok(items) => items,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory && self.dir.is_dir() => return Ok(None),
            Err(error) => return Err(super::io("read", &path)(error)),
        };
        let paths = items.map(|it| it.map(|it| it.path())).collect::<Result<Vec<_>, _>>();
        let paths = paths.map_err(super::io("list", &path))?;
        Ok(Some(paths.iter().filter(|it| super::ledger::number(it).is_some()).count()))
    }

    /// Whether nobody has the store open, as far as that can be told.
    pub fn is_free(&self) -> bool {
        is_free(&self.dir)
    }

    /// The user that has opened the store, by number; `None` where it was never opened.
    pub fn owner(&self) -> Option<u32> {
        fs::metadata(self.dir.join("lock")).ok().map(|it| it.uid())
    }
}

/// A ledger with a sled index over it.
pub struct LedgerStore {
    settings: Settings,
    /// Replaced as a whole by [`Store::tend`], while the writer waits.
    view: RwLock<Arc<View>>,
    writer: Mutex<Writer>,
    /// Written while the writer is held; `None` beside the process that has the store, and where it cannot be written.
    acknowledged: Option<Acknowledged>,
    /// First and last numbers of the records in ledger files that were absent when it was opened, although the index
    /// had passed them.
    holes: Vec<(u64, u64)>,
    tending: Mutex<()>,
    serving: Mutex<Option<Serving>>,
    /// Released last; `None` beside the process that has it.
    _lock: Option<File>,
}

/// A ledger and the index over it, as readers have them.
struct View {
    ledger: Ledger,
    index: Index,
    /// Damaged records that were met: their files and offsets.
    damaged: Mutex<BTreeSet<(PathBuf, u64)>>,
    /// The channels of messages that are due, as far as they were read.
    channels: Channels,
    /// Removed once nobody reads this view any more, after the index is closed.
    doomed: Doomed,
}

impl View {
    fn new(ledger: Ledger, index: Index) -> Self {
        Self { ledger, index, damaged: Mutex::default(), channels: Channels::default(), doomed: Doomed::default() }
    }
}

/// Files and directories that were replaced and are to be removed.
#[derive(Default)]
struct Doomed(Mutex<Vec<PathBuf>>);

impl Doomed {
    fn add(&self, paths: impl IntoIterator<Item = PathBuf>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(paths);
    }
}

impl Drop for Doomed {
    fn drop(&mut self) {
        for path in self.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            // The next start removes it.
            if let Err(error) = removed
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(path = %path.display(), %error, "what counts no more could not be removed");
            }
        }
    }
}

impl fmt::Debug for LedgerStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LedgerStore").field("dir", &self.settings.dir).finish_non_exhaustive()
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

    /// The store that another process has open and answers for ([`LedgerStore::serve`]), for reading: every change is
    /// refused with [`StoreError::Stopped`]. `None` if no process answers; [`LedgerReader`](super::LedgerReader) then
    /// reads the ledger alone.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] where the state directory cannot be read, and from any question once the other process has
    /// ended or given up old segments.
    pub fn remote(settings: &Settings) -> Result<Option<Self>, StoreError> {
        open::remote(settings)
    }

    /// The position of a store's index, by which a missing or altered end of the ledger is noticed. `None` if that is
    /// not known: another process has the store, or the index must be rebuilt.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`].
    pub fn reached(settings: &Settings) -> Result<Option<Reached>, StoreError> {
        open::reached(settings)
    }

    /// The number of the last acknowledged change of a store or a backup, also while another process has it. `None` if
    /// it is unknown, as in older archives, or if the note cannot be read, which is logged.
    pub fn acknowledged(settings: &Settings) -> Option<u64> {
        acknowledged::noted(&settings.dir).filter(|it| *it > 0)
    }

    /// The number of the first record that was found altered after it had been acknowledged, and still is, in a store
    /// or a backup, also while another process has it. `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] where the note of it cannot be read.
    pub fn altered(settings: &Settings) -> Result<Option<u64>, StoreError> {
        altered::first(&settings.dir)
    }

    /// Visits every change ever committed, oldest first, with its number in the ledger. What is damaged is
    /// passed over, and told by an error at the end.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; [`StoreError::Damaged`] only after all that can be read was visited.
    pub fn changes(&self, visit: &mut dyn FnMut(u64, Change) -> Visit) -> Result<(), StoreError> {
        self.view().ledger.changes(visit)
    }

    /// Reads every frame and checks checksums, numbers and the chain of hashes.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] or [`StoreError::TooNew`]; what is damaged is told in [`Verified`].
    pub fn verify(&self) -> Result<Verified, StoreError> {
        // No change is half written while this is held.
        let _writer = self.writer()?;
        self.view().ledger.verify()
    }

    /// Whether a digest was issued for a slot, even if retention deleted the issue.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] where the index cannot be read.
    pub fn was_issued(&self, slot: &Slot) -> Result<bool, StoreError> {
        self.has_issue(&slot.digest, slot.at.into())
    }

    /// [`was_issued`](Self::was_issued) of a slot as a frame has it.
    pub(super) fn has_issue(&self, digest: &str, at: Time) -> Result<bool, StoreError> {
        let index = &self.view().index;
        index.has(&index.names().issue(digest, at))
    }

    /// Records what another archive deleted, in ledger and index, so that an import does not take it for new.
    pub(super) fn note_gone(&self, gone: Gone) -> Result<(), StoreError> {
        let mut writer = self.writer()?;
        let view = self.view();
        let notice = Notice::Gone(gone);
        let tail = writer.notice(&notice, (self.settings.clock)())?;
        // The progress of the index is tracked by changes alone. If a power cut took the notice from the ledger, nobody
        // would notice that the index still knows of it.
        writer.sync()?;
        let mut index = Draft::new(&view.index);
        replay::enter_notice(&mut index, &notice).and_then(|()| index.apply()).inspect_err(|error| {
            writer.stop(format!("{error} after record {} was written", tail.seq));
        })
    }

    fn writer(&self) -> Result<MutexGuard<'_, Writer>, StoreError> {
        self.writer.lock().map_err(|_| StoreError::Stopped { why: "a commit panicked".to_owned() })
    }

    /// The present view. It stays readable for whoever holds it.
    fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Enters a change of the ledger into a draft of the index.
fn enter(index: &mut Draft<'_>, change: &Change, before: Before, tail: Tail) -> Result<(), StoreError> {
    let ops = effects(index.names(), change, before, tail).map_err(|it| index.broken("writing", &it))?;
    index.add(ops);
    Ok(())
}

impl Store for LedgerStore {
    fn commit(&self, change: &Change) -> Result<(), StoreError> {
        let mut writer = self.writer()?;
        writer.check()?;
        let view = self.view();
        let mut index = Draft::new(&view.index);
        let before = Before::read(&index, &view.ledger, change)?;
        let change = before.settle(change);
        let tail = writer.append(&change, (self.settings.clock)())?;
        enter(&mut index, &change, before, tail).and_then(|()| index.apply()).inspect_err(|error| {
            // Another commit would carry the index past this one.
            writer.stop(format!("{error} after change {} was written", tail.seq));
        })
    }

    fn sync(&self) -> Result<(), StoreError> {
        let mut writer = self.writer()?;
        writer.sync()?;
        let seq = writer.seq();
        if let Some(it) = &self.acknowledged {
            it.note(seq);
        }
        // The changes' rows are written out when the changes become durable: a single change does not wait for others.
        self.view()
            .index
            .write_out()
            .inspect_err(|error| writer.stop(format!("{error} after change {seq} was written")))
    }

    fn held(&self, key: &Key) -> Result<Option<Held>, StoreError> {
        self.view().read_held(key)
    }

    fn report(&self, id: ArticleId) -> Result<Option<Report>, StoreError> {
        let view = self.view();
        view.read_report(id).inspect_err(|it| {
            view.note_damage(it);
        })
    }

    fn passed_over(&self) -> u64 {
        self.view().damaged.lock().unwrap_or_else(PoisonError::into_inner).len() as u64
    }

    fn reports(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Report) -> Visit) -> Result<(), StoreError> {
        self.view().list_reports(range, visit)
    }

    fn recent(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Report, Fingerprint) -> Visit,
    ) -> Result<(), StoreError> {
        self.view().list_recent(range, visit)
    }

    fn regroupings(&self, visit: &mut dyn FnMut(Regrouping) -> Visit) -> Result<(), StoreError> {
        self.view().list_regroupings(visit)
    }

    fn regroupings_by_hand(&self, visit: &mut dyn FnMut(Regrouping) -> Visit) -> Result<(), StoreError> {
        self.view().list_regroupings_by_hand(visit)
    }

    fn is_regrouped(&self, id: RegroupingId) -> Result<bool, StoreError> {
        self.view().index.has(&key::regrouped(id))
    }

    fn label(&self, article: ArticleId, topic: &str) -> Result<Option<Label>, StoreError> {
        let view = self.view();
        view.read_label(article, topic).inspect_err(|it| {
            view.note_damage(it);
        })
    }

    fn labels(&self, visit: &mut dyn FnMut(Label) -> Visit) -> Result<(), StoreError> {
        self.view().list_labels(visit)
    }

    fn story(&self, id: StoryId) -> Result<Vec<ArticleId>, StoreError> {
        self.view().list_story(id, usize::MAX)
    }

    fn small_story(&self, id: StoryId, limit: usize) -> Result<Option<Vec<ArticleId>>, StoreError> {
        Ok(Some(self.view().list_story(id, limit.saturating_add(1))?).filter(|it| it.len() <= limit))
    }

    fn alerts(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Alert) -> Visit) -> Result<(), StoreError> {
        self.view().list_alerts(range, visit)
    }

    fn possible(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Report) -> Visit) -> Result<(), StoreError> {
        self.view().list_possible(range, visit)
    }

    fn alerts_of(&self, story: StoryId) -> Result<Vec<Alert>, StoreError> {
        self.view().list_alerts_of(story)
    }

    fn telling(&self, alert: AlertId) -> Result<Vec<Outgoing>, StoreError> {
        self.view().list_telling(alert)
    }

    fn told_by(&self, alerts: &[AlertId]) -> Result<Vec<Vec<Teller>>, StoreError> {
        self.view().list_told_by(alerts)
    }

    fn raised(&self, watch: &str, range: Range<Timestamp>, limit: usize) -> Result<Vec<Timestamp>, StoreError> {
        self.view().list_raised(watch, range, limit)
    }

    fn fired(&self, story: StoryId) -> Result<Vec<String>, StoreError> {
        self.view().list_fired(story)
    }

    fn volume(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Timestamp, &str, u32) -> Visit,
    ) -> Result<(), StoreError> {
        self.view().list_volume(range, visit)
    }

    fn source_state(&self, id: &SourceId) -> Result<Option<SourceState>, StoreError> {
        readable(self.view().read_source_state(id))
    }

    fn due(&self, now: Timestamp, visit: &mut dyn FnMut(Pending) -> Visit) -> Result<(), StoreError> {
        self.view().list_due(now, visit)
    }

    fn due_of(
        &self,
        now: Timestamp,
        wanted: &mut dyn FnMut(&str) -> bool,
        visit: &mut dyn FnMut(Pending) -> Visit,
    ) -> Result<(), StoreError> {
        self.view().list_due_of(now, wanted, visit)
    }

    fn due_within(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Pending) -> Visit) -> Result<(), StoreError> {
        self.view().list_due_within(range, visit)
    }

    fn outbox(&self, visit: &mut dyn FnMut(Pending) -> Visit) -> Result<(), StoreError> {
        self.view().list_outbox(visit)
    }

    fn unreadable(&self, visit: &mut dyn FnMut(Unreadable) -> Visit) -> Result<(), StoreError> {
        self.view().list_unreadable(visit)
    }

    fn pending(&self, id: &MessageId) -> Result<Option<Pending>, StoreError> {
        self.view().read_pending(id)
    }

    fn was_queued(&self, id: &MessageId) -> Result<bool, StoreError> {
        let index = &self.view().index;
        Ok(index.has(&index.names().message(id))? || index.has(&index.names().sent(id))?)
    }

    fn last_issue(&self, digest: &str) -> Result<Option<(Slot, Timestamp)>, StoreError> {
        self.view().read_last_issue(digest)
    }

    fn issues(&self, digest: &str, visit: &mut dyn FnMut(Slot, Timestamp) -> Visit) -> Result<(), StoreError> {
        self.view().list_issues(digest, visit)
    }

    fn issue(&self, slot: &Slot) -> Result<Option<Issue>, StoreError> {
        self.view().read_issue(slot)
    }

    fn reread_reports(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Report) -> Visit,
    ) -> Result<(), StoreError> {
        self.view().list_reread(range, visit)
    }

    fn versions(&self, id: ArticleId) -> Result<Vec<Article>, StoreError> {
        self.view().list_versions(id)
    }

    fn record_number(&self, id: ArticleId) -> Result<Option<u64>, StoreError> {
        Ok(self.view().index.get::<ArticleRow>(&key::article(id))?.map(|it| it.seq))
    }

    fn exhibits(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Exhibit) -> Visit) -> Result<(), StoreError> {
        self.view().list_exhibits(range, visit)
    }

    fn last_reading(&self, id: ArticleId) -> Result<Option<LastReading>, StoreError> {
        self.view().read_last_reading(id)
    }

    fn events(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Event) -> Visit) -> Result<(), StoreError> {
        self.view().list_events(range, visit)
    }

    fn is_forgotten(&self, id: ArticleId) -> Result<bool, StoreError> {
        let index = &self.view().index;
        Ok(index.has(&key::forgotten(id))? && !index.has(&key::article(id))?)
    }

    fn kept_since(&self, now: Timestamp) -> Option<Timestamp> {
        self.settings.keep.map(|it| earlier(now, it))
    }

    fn tend(&self) -> Result<Tended, StoreError> {
        self.put_in_order(false)
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        let view = self.view();
        let bytes = view.ledger.bytes() + view.index.bytes()?;
        let (meta, mut numbers) = (view.index.meta()?, replay::numbers(&view.index)?);
        numbers.lose(&self.holes);
        let lost = numbers.missing();
        let counts = meta.map_or(Counts { bytes, ..Counts::default() }, |it| it.counts(bytes));
        Ok(Counts { lost, ..counts })
    }
}

impl Drop for LedgerStore {
    fn drop(&mut self) {
        if let Err(error) = self.view().index.flush() {
            tracing::warn!(%error, "the index was not written out; it is brought up to date at the next start");
        }
    }
}
