//! Putting the store in order beside its readers and its writer: what is older than is kept is given up, and what has
//! come into the index since is put to its sorted rows once sled has more of it than it may keep in memory. Both make a
//! new index beside the one in use, from the ledger, and swap.

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

/// What was put in order, and what was found on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tended {
    /// What is given up by now, where more was than before.
    pub given_up: Option<GivenUp>,
    /// Bytes of the index before and after, where it was made anew.
    pub index: Option<(u64, u64)>,
    /// Whether that was made of the rows of the one before, and not from the ledger.
    pub is_sorted_alone: bool,
    /// What is damaged in the part of the ledger that was read. It is left as it is and passed over.
    pub damage: Vec<Damage>,
    /// Changes that are missing there by their number, without those that the ledger says itself are lost.
    pub missing: u64,
    /// Frames there that do not follow the one before them.
    pub unchained: u64,
    /// Changes that are in the index and can be read in the ledger no more. Where there are any, nothing is given up,
    /// and no index made from the ledger takes the place of the one in use, for what it says of them: its rows are
    /// sorted as they are.
    pub only_indexed: u64,
}

impl Tended {
    /// Whether the ledger is not what was written.
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
    /// Gives up what is older than is kept, and makes the index anew, whether it has to be or not.
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
            // Whoever panicked left nothing half done that counts.
            Err(TryLockError::Poisoned(it)) => it.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(Tended::default()),
        };
        self.writer()?.check()?;
        let view = self.view();
        // What sled has is measured by its files.
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
            // What retention leaves ends with the record after which the chain goes on: by the names of the files that
            // would be another.
            if base.take().is_some() {
                tracing::error!(
                    "nothing is given up while files of the ledger are out of order; sitrepd verify tells which"
                );
            }
            if !is_asked && !is_suspect && !is_due()? {
                return Ok(Tended::default());
            }
        }
        // Giving up makes room, and may take of what is left of the disk for articles and alerts.
        let reserve = if base.is_some() || is_asked { Reserve { bytes: 0, share: 0.0 } } else { self.settings.reserve };
        let missing = Room::of(&self.settings.dir)?.missing_beside(reserve, most_written(&view.index)?);
        if missing > 0 && is_asked {
            return Err(io("put in order what is in", &self.settings.dir)(ErrorKind::StorageFull.into()));
        }
        if missing > 0 {
            tracing::warn!(missing, "the disk has no room to put the archive in order");
            return Ok(Tended::default());
        }
        // One that failed is not trusted with the rows of the next, nor one whose files have other names now.
        let is_whole = base.is_some() || is_asked || is_suspect || is_out_of_order;
        let paths = IndexPaths::after(&self.settings.dir, now)?;
        let tended = self.replace(&view, base, is_whole, &paths).and_then(|it| {
            // Else one damaged record would have sled grow for good.
            let is_in_the_way = it.only_indexed > 0 && !is_asked && !is_suspect && is_due()?;
            if is_in_the_way { self.sort_rows(&view, &paths, it) } else { Ok(it) }
        });
        if let Err(StoreError::Index { source: IndexError::SortedDamaged(_), .. }) = &tended {
            // The rows to go on from are damaged.
            view.index.suspect();
        }
        // It counts from the moment at which it was put in place, and whatever failed before that moment left it
        // without use.
        if !tended.as_ref().is_ok_and(|it| it.index.is_some())
            && let Err(error) = paths.remove()
        {
            tracing::warn!(%error, "an index that does not count is left");
        }
        tended
    }

    /// Makes the next index and puts it in the place of the one in use. After an error it does not count.
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
        // What came in meanwhile is less each time; the writer waits for the last of it only.
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
        // What an index says that failed is worth less than what the ledger says.
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
            // First, so that no file is ever in place that the chain does not prove.
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
            // From here on the old segments count no more, whatever happens.
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

    /// Makes an index of the rows of the one in use, all of them sorted, and puts it in its place: nothing of it is
    /// read from the ledger, so that it knows all that the one before knew.
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

    /// Has readers read `new` from now on. What it stands for goes once the last of them is done with it.
    fn swap(&self, new: View, doomed: impl Iterator<Item = PathBuf>) {
        let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *view, std::sync::Arc::new(new));
        old.doomed.add(doomed);
    }

    /// Up to which segment everything is older than is kept. Unasked, a tenth of that time is waited for, since all of
    /// the index is made anew.
    fn due(&self, ledger: &Ledger, is_asked: bool) -> Option<u32> {
        let keep = self.settings.keep?;
        let now: Timestamp = (self.settings.clock)();
        let last = ledger.last_before(earlier(now, keep).date_naive(), now.date_naive())?;
        let longer = earlier(now, keep + keep / 10) - TimeDelta::days(1);
        // One of a day that is to come was begun while the clock was ahead.
        let is_long_due = |day| day < longer.date_naive() || day > now.date_naive();
        match is_asked || ledger.first_day().is_some_and(is_long_due) {
            true => Some(last),
            false => None,
        }
    }
}

/// Makes an index the one that counts. From here on the old one counts no more. A power cut may bring that back until
/// this is durable: then it stays, with the files that it leads to, until the next start. Says whether it is.
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

/// The most that is written before anything is removed: all rows, and of the sorted ones two files while one takes the
/// place of the other.
fn most_written(index: &Index) -> Result<u64, StoreError> {
    Ok(index.bytes()?.saturating_add(index.sorted_bytes()))
}

/// What was found in the ledger while an index was made that has come to `new`, where the one in use has come to `old`.
fn told(found: Opened, new: Option<&Meta>, old: Option<&Meta>, given_up: u64) -> Tended {
    let Opened { mut damage, missing, known_lost, unchained, .. } = found;
    // What the ledger says itself is lost was told when it was noticed, and verify repeats it.
    let missing = missing.saturating_sub(known_lost);
    // What is at the end may be found each time.
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
