//! Tends the store beside its readers and its writer: deletes what is older than retention keeps, and moves rows from
//! sled to the sorted rows once sled has more than it may keep in memory. Both build a new index beside the one in use
//! and then swap.

use std::{
    fmt, fs,
    io::ErrorKind,
    path::PathBuf,
    sync::{PoisonError, TryLockError},
};

use chrono::TimeDelta;

use super::{
    LedgerStore, View,
    open::Opened,
    paths::IndexPaths,
    replay::{disorder, learn_missing, replay},
    rest,
};
use crate::{
    model::{Timestamp, earlier},
    store::{
        IndexError, Reserve, Room, StoreError,
        index::{
            Index, key,
            row::{BaseRow, Meta},
        },
        io,
        ledger::{Damage, End, GivenUp, Ledger, Notice},
    },
};

/// What tending did, and what it found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tended {
    /// What retention has deleted in all, if this tending deleted more.
    pub given_up: Option<GivenUp>,
    /// Bytes of the index before and after, if it was rebuilt.
    pub index: Option<(u64, u64)>,
    /// Whether it was built from the rows of the previous index, and not from the ledger.
    pub is_sorted_alone: bool,
    /// Damage in the part of the ledger that was read. It is left as it is and skipped.
    pub damage: Vec<Damage>,
    /// Changes missing there by their numbers, without those that the ledger itself reports lost.
    pub missing: u64,
    /// Frames there that do not follow the one before them.
    pub unchained: u64,
    /// Changes that are in the index but can no longer be read from the ledger. If there are any, nothing is deleted,
    /// and the index in use is not replaced by one built from the ledger, since it knows more: its rows are sorted as
    /// they are.
    pub only_indexed: u64,
}

impl Tended {
    /// Whether the ledger was found damaged or incomplete.
    pub fn is_loss(&self) -> bool {
        !self.damage.is_empty() || self.missing > 0 || self.unchained > 0 || self.only_indexed > 0
    }
}

impl fmt::Display for Tended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(it) = &self.given_up {
            write!(f, "{it}; ")?;
        }
        match self.index {
            Some((before, after)) if self.is_sorted_alone => {
                write!(f, "rows of the index sorted: {before} bytes before, {after} after")?;
            }
            Some((before, after)) => write!(f, "index made anew: {before} bytes before, {after} after")?,
            None if self.only_indexed > 0 => write!(f, "nothing was done, and the index stays in use")?,
            None => write!(f, "nothing to be done")?,
        }
        if self.only_indexed > 0 {
            write!(f, "; {} changes that are in the index are in the ledger no more", self.only_indexed)?;
        }
        if self.missing > 0 || self.unchained > 0 {
            write!(f, "; {} changes missing, {} out of the chain", self.missing, self.unchained)?;
        }
        for damage in &self.damage {
            write!(f, "; damaged: {damage}")?;
        }
        Ok(())
    }
}

impl LedgerStore {
    /// Deletes what is older than retention keeps, and rebuilds the index, whether that is due or not.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; the store goes on as it was.
    pub fn compact(&self) -> Result<Tended, StoreError> {
        self.put_in_order(true)
    }

    /// Does what is due, or all.
    pub(super) fn put_in_order(&self, is_asked: bool) -> Result<Tended, StoreError> {
        let _one_at_a_time = match self.tending.try_lock() {
            Ok(it) => it,
            // A tending that panicked left nothing incomplete in use.
            Err(TryLockError::Poisoned(it)) => it.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(Tended::default()),
        };
        self.writer()?.check()?;
        let view = self.view();
        // sled's rows are measured by its files.
        view.index.flush()?;
        let Some(now) = view.index.settings() else { return Ok(Tended::default()) };
        let mut base = self.due(&view.ledger, is_asked);
        let is_suspect = now.suspect.exists();
        let is_due =
            || Ok::<_, StoreError>(view.index.sled_bytes()? > now.cache_bytes.max(self.settings.min_sort_bytes));
        if base.is_none() && !is_asked && !is_suspect && !is_due()? {
            return Ok(Tended::default());
        }
        let is_out_of_order = disorder(&view.index)?.is_some() || view.ledger.is_out_of_order()?;
        if is_out_of_order {
            view.ledger.close_files();
            // The file that retention leaves ends with the record after which the chain continues. With files out of
            // order by name that would be another record.
            if base.take().is_some() {
                tracing::error!(
                    "nothing is given up while files of the ledger are out of order; sitrepd verify tells which"
                );
            }
            if !is_asked && !is_suspect && !is_due()? {
                return Ok(Tended::default());
            }
        }
        // Retention frees room, so it may use the reserve that is left for articles and alerts.
        let reserve = if base.is_some() || is_asked { Reserve { bytes: 0, share: 0.0 } } else { self.settings.reserve };
        let missing = Room::of(&self.settings.dir)?.missing_beside(reserve, most_written(&view.index)?);
        if missing > 0 && is_asked {
            return Err(io("put in order what is in", &self.settings.dir)(ErrorKind::StorageFull.into()));
        }
        if missing > 0 {
            tracing::warn!(missing, "the disk has no room to put the archive in order");
            return Ok(Tended::default());
        }
        // The rows of a failed index are not copied to the next, nor those of one whose files have other names now.
        let is_whole = base.is_some() || is_asked || is_suspect || is_out_of_order;
        let paths = IndexPaths::after(&self.settings.dir, now)?;
        let tended = self.replace(&view, base, is_whole, &paths).and_then(|it| {
            // Otherwise one damaged record would let sled grow forever.
            let is_in_the_way = it.only_indexed > 0 && !is_asked && !is_suspect && is_due()?;
            if is_in_the_way { self.sort_rows(&view, &paths, it) } else { Ok(it) }
        });
        if let Err(StoreError::Index { source: IndexError::SortedDamaged(_), .. }) = &tended {
            // The rows to be copied are damaged.
            view.index.suspect();
        }
        // The new index is in use from the moment it was put in place. A failure before that leaves it unused.
        if !tended.as_ref().is_ok_and(|it| it.index.is_some())
            && let Err(error) = paths.remove()
        {
            tracing::warn!(%error, "an index that does not count is left");
        }
        tended
    }

    /// Builds the next index and puts it in place of the one in use. After an error it is not used.
    fn replace(
        &self,
        view: &View,
        base: Option<u32>,
        is_whole: bool,
        paths: &IndexPaths,
    ) -> Result<Tended, StoreError> {
        let left = base.map(|it| rest::write(view, it, (self.settings.clock)())).transpose()?;
        let ledger = match (base, &left) {
            (Some(base), Some(left)) => view.ledger.replaced(base, left.path.clone()),
            _ => view.ledger.clone(),
        };
        let mut found = Opened::default();
        let index = view.index.successor(&paths.settings, !is_whole)?;
        let mut end = End { tail: index.meta()?.map(|it| it.tail), ..End::default() };
        // Each round has less to catch up on; the writer waits only for the last.
        for _ in 0..4 {
            ledger.catch_up(&view.ledger);
            end = replay(&ledger, &index, end.tail, &mut found)?;
        }
        let before = view.index.bytes()?;
        let proof =
            base.map(|base| Ok::<_, StoreError>(Notice::Left { base, sha256: ledger.left_hash()? })).transpose()?;
        let mut writer = self.writer()?;
        writer.sync()?;
        ledger.catch_up(&view.ledger);
        end = replay(&ledger, &index, end.tail, &mut found)?;
        let (new, old) = (index.meta()?, view.index.meta()?);
        let mut tended = told(found, new.as_ref(), old.as_ref(), left.as_ref().map_or(0, |it| it.given_up));
        // The ledger is trusted over an index that failed.
        if tended.only_indexed > 0 && !view.index.settings().is_some_and(|it| it.suspect.exists()) {
            if let Some(it) = &left {
                fs::remove_file(&it.path).map_err(io("remove", &it.path))?;
            }
            learn_missing(&view.index, &index)?;
            return Ok(tended);
        }
        let reached = |it: &Option<Meta>| it.as_ref().map(|it| it.tail.seq);
        if reached(&new) != reached(&old) {
            return Err(StoreError::Index { doing: "making it anew", source: IndexError::Behind });
        }
        if let Some(notice) = &proof {
            // Written first, so that no file is ever in place that the chain does not prove.
            writer.notice(notice, (self.settings.clock)())?;
            writer.sync()?;
            ledger.catch_up(&view.ledger);
            replay(&ledger, &index, end.tail, &mut Opened::default())?;
        }
        index.flush()?;
        let after = index.bytes()?;
        index.apply(vec![index.put(key::base(), &BaseRow { base: ledger.base() })?])?;
        index.sync()?;
        if base.is_some() {
            // From here on the old segments no longer count, whatever happens.
            ledger.put_in_place()?;
            tended.given_up = left.map(|it| it.told);
        }
        let is_durable = put_in_place(paths)?;
        writer.move_to(&ledger);
        let files = base.map_or_else(Vec::new, |_| ledger.superseded().to_vec());
        let doomed = files.into_iter().chain(of_index(view)).filter(|_| is_durable);
        self.swap(View::new(ledger, index), doomed);
        drop(writer);
        tended.index = Some((before, after));
        tracing::info!(%tended, "store put in order");
        Ok(tended)
    }

    /// Builds an index from the rows of the one in use, all of them sorted, and puts it in place. Nothing is read from
    /// the ledger, so that it knows everything that the previous index knew.
    fn sort_rows(&self, view: &View, paths: &IndexPaths, found: Tended) -> Result<Tended, StoreError> {
        paths.remove()?;
        // Nothing comes in meanwhile.
        let mut writer = self.writer()?;
        writer.sync()?;
        let before = view.index.bytes()?;
        let index = view.index.sorted_copy(&paths.settings)?;
        index.sync()?;
        let after = index.bytes()?;
        let is_durable = put_in_place(paths)?;
        self.swap(View::new(view.ledger.clone(), index), of_index(view).filter(|_| is_durable));
        drop(writer);
        let tended = Tended { index: Some((before, after)), is_sorted_alone: true, ..found };
        tracing::info!(%tended, "store put in order");
        Ok(tended)
    }

    /// Lets readers use `new` from now on. The files that it replaces are removed once the last reader has finished
    /// with them.
    fn swap(&self, new: View, doomed: impl Iterator<Item = PathBuf>) {
        let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *view, std::sync::Arc::new(new));
        old.doomed.add(doomed);
    }

    /// The segment up to which everything is older than retention keeps. Unless asked for, deletion waits for a tenth
    /// of that time more, since it rebuilds the whole index.
    fn due(&self, ledger: &Ledger, is_asked: bool) -> Option<u32> {
        let keep = self.settings.keep?;
        let now: Timestamp = (self.settings.clock)();
        let last = ledger.last_before(earlier(now, keep).date_naive(), now.date_naive())?;
        let longer = earlier(now, keep + keep / 10) - TimeDelta::days(1);
        // A segment of a future day was begun while the clock was ahead.
        let is_long_due = |day| day < longer.date_naive() || day > now.date_naive();
        match is_asked || ledger.first_day().is_some_and(is_long_due) {
            true => Some(last),
            false => None,
        }
    }
}

/// Makes an index the one in use. Until this is durable, a power cut may bring the old one back; the old one then
/// stays, with the files that it needs, until the next start. Returns whether it is durable.
fn put_in_place(paths: &IndexPaths) -> Result<bool, StoreError> {
    paths.put_in_place()?;
    let durable = paths.sync().inspect_err(|error| {
        tracing::warn!(error = error as &dyn std::error::Error, "the old index is left until the next start");
    });
    Ok(durable.is_ok())
}

/// The files of the index of a view.
fn of_index(view: &View) -> impl Iterator<Item = PathBuf> {
    view.index.settings().into_iter().flat_map(|it| [it.dir.clone(), it.suspect.clone()])
}

/// Upper bound of the bytes written before anything is removed: all rows, and two files of sorted rows while one
/// replaces the other.
fn most_written(index: &Index) -> Result<u64, StoreError> {
    Ok(index.bytes()?.saturating_add(index.sorted_bytes()))
}

/// What was found in the ledger while an index was built up to `new`; the one in use is at `old`.
fn told(found: Opened, new: Option<&Meta>, old: Option<&Meta>, given_up: u64) -> Tended {
    let Opened { mut damage, missing, known_lost, unchained, .. } = found;
    // Losses recorded in the ledger were reported when they were noticed, and verify repeats them.
    let missing = missing.saturating_sub(known_lost);
    // Damage at the end may be found in each round.
    damage.dedup();
    for damage in &damage {
        tracing::error!(%damage, "the ledger is damaged");
    }
    if missing > 0 || unchained > 0 {
        tracing::error!(missing, unchained, "changes of the ledger are missing");
    }
    let changes = |it: Option<&Meta>| it.map_or(0, |it| it.changes);
    let only_indexed = changes(old).saturating_sub(changes(new).saturating_add(given_up));
    if only_indexed > 0 {
        tracing::error!(only_indexed, "changes that are in the index are in the ledger no more");
    }
    Tended { damage, missing, unchained, only_indexed, ..Tended::default() }
}
