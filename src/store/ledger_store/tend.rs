//! Putting the store in order beside its readers and its writer: what is older than is kept is given up, and what has come
//! into the index since is put to its sorted rows once sled has more of it than it may keep in memory. Both make a new index
//! beside the one in use, from the ledger, and swap.

use std::{
    fmt,
    io::ErrorKind,
    path::PathBuf,
    sync::{PoisonError, TryLockError},
};

use chrono::TimeDelta;

use super::{Doomed, LedgerStore, View, open::Opened, paths::IndexPaths, replay::replay, rest};
use crate::{
    model::{Timestamp, earlier},
    store::{
        StoreError,
        index::{Index, key, row::BaseRow},
        ledger::{End, GivenUp, Ledger, Notice},
    },
};

/// With less in it, sled is left alone: an empty one takes some.
const MIN_BYTES: u64 = if cfg!(test) { 1 } else { 4 << 20 };

/// What was put in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tended {
    /// What is given up by now, where more was than before.
    pub given_up: Option<GivenUp>,
    /// Bytes of the index before and after, where it was made anew.
    pub index: Option<(u64, u64)>,
}

impl fmt::Display for Tended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(it) = &self.given_up {
            write!(f, "{it}; ")?;
        }
        match self.index {
            Some((before, after)) => write!(f, "index made anew: {before} bytes before, {after} after"),
            None => write!(f, "nothing to be done"),
        }
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
        let base = self.due(&view.ledger, is_asked);
        let now = IndexPaths::open(&self.settings)?;
        // One that failed is not trusted with the rows of the next.
        let is_whole = base.is_some() || is_asked || now.settings.suspect.exists();
        let is_due = || Ok::<_, StoreError>(view.index.sled_bytes()? > self.settings.cache_bytes.max(MIN_BYTES));
        // All rows are written once more before the old ones go; what is left of the disk is for articles and alerts.
        if !is_whole && (!is_due()? || self.settings.missing_room()? > 0) {
            return Ok(Tended::default());
        }
        let paths = now.next()?;
        let tended = self.replace(&view, base, is_whole, &paths);
        if let Err(StoreError::Index { source: sled::Error::Io(error), .. }) = &tended
            && error.kind() == ErrorKind::InvalidData
        {
            // The rows to go on from are damaged.
            view.index.suspect();
        }
        if tended.is_err()
            && let Err(error) = paths.remove()
        {
            tracing::warn!(%error, "an index that could not be made is left");
        }
        tended
    }

    /// Makes the next index and puts it in the place of the one in use.
    fn replace(
        &self,
        view: &View,
        base: Option<u32>,
        is_whole: bool,
        paths: &IndexPaths,
    ) -> Result<Tended, StoreError> {
        let ledger = match base {
            Some(base) => view.ledger.replaced(base, rest::write(view, base, (self.settings.clock)())?),
            None => view.ledger.clone(),
        };
        let old = IndexPaths::open(&self.settings)?.settings;
        let mut opened = Opened::default();
        let index = view.index.successor(&paths.settings, !is_whole)?;
        let mut end = End { tail: index.meta()?.map(|it| it.tail), ..End::default() };
        // What came in meanwhile is less each time; the writer waits for the last of it only.
        for _ in 0..4 {
            ledger.catch_up(&view.ledger);
            end = replay(&ledger, &index, end.tail, &mut opened)?;
        }
        let before = view.index.bytes()?;
        let left =
            base.map(|base| Ok::<_, StoreError>(Notice::Left { base, sha256: ledger.left_hash()? })).transpose()?;
        let tended = {
            let mut writer = self.writer()?;
            writer.sync()?;
            ledger.catch_up(&view.ledger);
            end = replay(&ledger, &index, end.tail, &mut opened)?;
            if let Some(notice) = &left {
                // First, so that no file is ever in place that the chain does not prove.
                writer.notice(notice, (self.settings.clock)())?;
                writer.sync()?;
                ledger.catch_up(&view.ledger);
                replay(&ledger, &index, end.tail, &mut opened)?;
            }
            let reached = |it: &Index| Ok::<_, StoreError>(it.meta()?.map(|it| it.tail.seq));
            if reached(&index)? != reached(&view.index)? {
                return Err(index.broken("making it anew", "it does not reach as far as the one in use"));
            }
            index.flush()?;
            let bytes = index.bytes()?;
            index.apply(vec![index.put(key::base(), &BaseRow { base: ledger.base() })?])?;
            index.flush()?;
            let given_up = match base {
                Some(_) => {
                    // From here on the old segments count no more, whatever happens.
                    ledger.put_in_place()?;
                    ledger.given_up()?
                }
                None => None,
            };
            paths.put_in_place()?;
            writer.move_to(&ledger);
            let files = base.map_or_else(Vec::new, |_| ledger.superseded().to_vec());
            self.swap(
                View { ledger, index, doomed: Doomed::default() },
                files.into_iter().chain([old.dir, old.suspect]),
            );
            Tended { given_up, index: Some((before, bytes)) }
        };
        tracing::info!(%tended, "store put in order");
        Ok(tended)
    }

    /// Has readers read `new` from now on. What it stands for goes once the last of them is done with it.
    fn swap(&self, new: View, doomed: impl Iterator<Item = PathBuf>) {
        let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *view, std::sync::Arc::new(new));
        old.doomed.add(doomed);
    }

    /// Up to which segment everything is older than is kept. Unasked, a tenth of that time is waited for, since all of the
    /// index is made anew.
    fn due(&self, ledger: &Ledger, is_asked: bool) -> Option<u32> {
        let keep = self.settings.keep?;
        let now: Timestamp = (self.settings.clock)();
        let last = ledger.last_before(earlier(now, keep).date_naive())?;
        let longer = earlier(now, keep + keep / 10) - TimeDelta::days(1);
        match is_asked || ledger.first_day().is_some_and(|it| it < longer.date_naive()) {
            true => Some(last),
            false => None,
        }
    }
}
