//! The index over the ledger: everything in it follows from the ledger and can be made again.
//!
//! sled 0.34.7 is never trusted. It panics on damage, so every call is made under `catch_unwind`; it may forget what it
//! was told, so it keeps the place in the ledger that it has come to, in the same atomic batch as the rows. One tree
//! holds all rows: a batch is atomic within a tree only. Over sled lie the rows of the last changes, in memory, which
//! go into it together; under it, a file of sorted rows, to which all of sled's go when they are too many for memory:
//! see [`layers`]. The index that another process has open is read by asking that process: see [`remote`].

pub(super) mod before;
pub(super) mod draft;
pub(super) mod effects;
mod error;
pub(super) mod key;
mod layers;
pub(super) mod remote;
pub(super) mod row;
mod sorted;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

pub use self::error::IndexError;
use self::{
    draft::DraftSizes,
    key::Names,
    layers::Layers,
    remote::{Question, Remote},
    row::{BaseRow, Meta, RowError},
};
use super::{StoreError, Visit, io, ledger::Tail};

/// How many rows a listing reads at a time.
const PAGE_ROWS: usize = 256;

/// A change of the index: a key with its new value, or `None` to remove it.
pub(super) type Op = (Vec<u8>, Option<Vec<u8>>);

/// A key with its value.
pub(super) type KeyValue = (Vec<u8>, Vec<u8>);

/// The order of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Up,
    Down,
}

/// Keys in their order: those of the index, with or without changes that are not yet written.
pub(super) trait Listing {
    /// At most `limit` keys from `from` up to and without `to`.
    fn page(&self, from: &[u8], to: &[u8], order: Order, limit: usize) -> Result<Vec<Vec<u8>>, StoreError>;

    /// Whether there is a row whose key begins with `prefix`.
    fn has_any(&self, prefix: &[u8]) -> Result<bool, StoreError> {
        Ok(!self.page(prefix, &key::after(prefix), Order::Up, 1)?.is_empty())
    }

    /// Visits the keys from `from` up to and without `to`.
    fn list(
        &self,
        from: &[u8],
        to: &[u8],
        order: Order,
        visit: &mut dyn FnMut(&[u8]) -> Result<Visit, StoreError>,
    ) -> Result<(), StoreError> {
        let (mut from, mut to) = (from.to_vec(), to.to_vec());
        while from < to {
            let page = self.page(&from, &to, order, PAGE_ROWS)?;
            for key in &page {
                if visit(key)? == ControlFlow::Break(()) {
                    return Ok(());
                }
            }
            match (page.last(), order) {
                (Some(last), _) if page.len() < PAGE_ROWS || last.is_empty() => break,
                // The shortest key that is past `last`.
                (Some(last), Order::Up) => from = [last.as_slice(), &[0]].concat(),
                (Some(last), Order::Down) => to.clone_from(last),
                (None, _) => break,
            }
        }
        Ok(())
    }
}

/// An open index.
pub(super) struct Index {
    db: Db,
    names: Names,
}

/// Where its rows are.
enum Db {
    Own {
        rows: Layers,
        settings: IndexSettings,
    },
    /// Another process has it open. It is read only.
    Remote(Remote),
    /// While it is being dropped.
    Closed,
}

/// Where an index is and how it is opened.
#[derive(Debug, Clone)]
pub(super) struct IndexSettings {
    /// The directory of sled's files and of the sorted rows.
    pub(super) dir: PathBuf,
    /// A file that marks a failed index, so that it is rebuilt at the next start or the next tending.
    pub(super) suspect: PathBuf,
    /// Maximum bytes of rows that sled keeps in memory, measured as on disk.
    pub(super) cache_bytes: u64,
    /// How many bytes of changes are gathered before they are written.
    pub(super) drafts: DraftSizes,
}

impl Index {
    /// Opens what is there, or makes an empty index.
    pub(super) fn open(settings: &IndexSettings) -> Result<Self, StoreError> {
        Self::open_named(settings, Names::random)
    }

    /// The last change entered into an index, also one of the previous version, which is not opened otherwise. `None`
    /// if that cannot be read, which does not mark the index as failed.
    pub(super) fn reached(settings: &IndexSettings) -> Option<Tail> {
        let value = guard("opening", || Self::layers(settings)?.get(&key::meta())).ok()??;
        row::decode_meta(&key::meta(), &value).ok().map(|it| it.tail)
    }

    fn layers(settings: &IndexSettings) -> Result<Layers, IndexError> {
        let config =
            sled::Config::new().path(&settings.dir).cache_capacity(settings.cache_bytes).flush_every_ms(Some(500));
        Layers::open(open_unlocked(&config)?, &settings.dir)
    }

    fn open_named(settings: &IndexSettings, new: impl FnOnce() -> Names) -> Result<Self, StoreError> {
        let rows = guard("opening", || Self::layers(settings))?;
        let db = Db::Own { rows, settings: settings.clone() };
        let mut index = Self { db, names: Names([0; 16]) };
        index.names = match index.get::<[u8; 16]>(&key::hash_key())? {
            Some(key) => Names(key),
            None if index.page(&[], &[0xff], Order::Up, 1)?.is_empty() => {
                let names = new();
                index.apply(vec![index.put(key::hash_key(), &names.0)?])?;
                names
            }
            None => return Err(no_names()),
        };
        Ok(index)
    }

    /// Begins an index that is to replace this one, in an empty directory. It starts empty or, if `is_linked`, with the
    /// sorted rows of this one, without those in sled. It hashes names to the same keys, since another process may
    /// continue a listing with them.
    pub(super) fn successor(&self, settings: &IndexSettings, is_linked: bool) -> Result<Self, StoreError> {
        fs::create_dir_all(&settings.dir).map_err(io("create", &settings.dir))?;
        if let (true, Db::Own { rows, .. }) = (is_linked, &self.db) {
            rows.link_sorted(&settings.dir).map_err(io("link the rows of the index into", &settings.dir))?;
        }
        Self::open_named(settings, || self.names)
    }

    /// Begins an index that is to replace this one and has all of its rows sorted.
    pub(super) fn sorted_copy(&self, settings: &IndexSettings) -> Result<Self, StoreError> {
        fs::create_dir_all(&settings.dir).map_err(io("create", &settings.dir))?;
        if let Db::Own { rows, .. } = &self.db {
            let sorted = guard("sorting", || rows.copy_sorted(&settings.dir));
            // Errors of the disk, such as no room, are no fault of this index.
            if let Err(StoreError::Index { source: IndexError::Sled(_) | IndexError::Panicked(_), .. }) = &sorted {
                self.suspect();
            }
            sorted?;
        }
        Self::open_named(settings, || self.names)
    }

    /// Where the index is; `None` if another process has it open.
    pub(super) fn settings(&self) -> Option<&IndexSettings> {
        match &self.db {
            Db::Own { settings, .. } => Some(settings),
            Db::Remote(_) | Db::Closed => None,
        }
    }

    /// Bytes of the sorted rows.
    pub(super) fn sorted_bytes(&self) -> u64 {
        match &self.db {
            Db::Own { rows, .. } => rows.sorted_bytes(),
            Db::Remote(_) | Db::Closed => 0,
        }
    }

    /// The index that another process has open over the ledger with this `base`; `None` if no process answers at
    /// `socket`.
    pub(super) fn remote(socket: &Path, base: u32) -> Result<Option<Self>, StoreError> {
        let Some(remote) = Remote::connect(socket, base) else { return Ok(None) };
        let mut index = Self { db: Db::Remote(remote), names: Names([0; 16]) };
        let names = index.get::<[u8; 16]>(&key::hash_key())?;
        index.names = Names(names.ok_or_else(no_names)?);
        Ok(Some(index))
    }

    /// How the index makes names into keys.
    pub(super) fn names(&self) -> Names {
        self.names
    }

    /// How far the index has come; `None` where it is empty.
    pub(super) fn meta(&self) -> Result<Option<Meta>, StoreError> {
        self.get(&key::meta())
    }

    /// What it was made from.
    pub(super) fn base(&self) -> Result<BaseRow, StoreError> {
        Ok(self.get(&key::base())?.unwrap_or_default())
    }

    /// Whether sled holds no change, so that [`Index::write_sorted`] is possible.
    pub(super) fn is_sled_empty(&self) -> bool {
        matches!(&self.db, Db::Own { rows, .. } if rows.is_sled_empty())
    }

    /// The row under a key.
    pub(super) fn get<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, StoreError> {
        self.value(key)?.map(|it| self.decoded(key, &it)).transpose()
    }

    /// The row under a key as it is written.
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match &self.db {
            Db::Remote(remote) => Ok(remote.ask(&Question::Row(key.to_vec()))?.pop().map(|it| it.1)),
            _ => self.call("reading", |rows| rows.get(key)),
        }
    }

    fn decoded<T: DeserializeOwned>(&self, key: &[u8], value: &[u8]) -> Result<T, StoreError> {
        row::decode(key, value).map_err(|it| self.row_error("reading", &it))
    }

    /// Whether there is a row under a key.
    pub(super) fn has(&self, key: &[u8]) -> Result<bool, StoreError> {
        Ok(self.value(key)?.is_some())
    }

    /// Visits the rows from `from` up to and without `to`, upwards, without looking each up again.
    pub(super) fn rows<T: DeserializeOwned>(
        &self,
        from: &[u8],
        to: &[u8],
        mut visit: impl FnMut(&[u8], T) -> Result<Visit, StoreError>,
    ) -> Result<(), StoreError> {
        let mut from = from.to_vec();
        while from.as_slice() < to {
            let page = self.entries(&from, to, PAGE_ROWS)?;
            for (key, value) in &page {
                let row = row::decode(key, value).map_err(|it| self.row_error("listing", &it))?;
                if visit(key, row)? == ControlFlow::Break(()) {
                    return Ok(());
                }
            }
            match page.last() {
                // The shortest key that is past the last.
                Some((last, _)) if page.len() == PAGE_ROWS => from = [last.as_slice(), &[0]].concat(),
                _ => break,
            }
        }
        Ok(())
    }

    /// At most `limit` rows from `from` up to and without `to`, upwards, with their keys.
    fn entries(&self, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<KeyValue>, StoreError> {
        if from >= to {
            return Ok(Vec::new());
        }
        if let Db::Remote(remote) = &self.db {
            return remote.ask(&Question::Rows { from: from.to_vec(), to: to.to_vec(), limit: rows_asked(limit) });
        }
        self.call("listing", |rows| rows.page(from, to, Order::Up, limit))
    }

    /// The operation that writes a row.
    pub(super) fn put<T: Serialize>(&self, key: Vec<u8>, row: &T) -> Result<Op, StoreError> {
        let value = row::encode(&key, row).map_err(|it| self.row_error("writing", &it))?;
        Ok((key, Some(value)))
    }

    /// Applies all or none.
    pub(super) fn apply(&self, ops: impl IntoIterator<Item = Op>) -> Result<(), StoreError> {
        self.call("writing", |rows| rows.apply(ops))
    }

    /// Applies all changes or none to the sorted rows, which are rewritten. Meant for many changes, and only while sled
    /// is empty: rows in sled would hide them.
    pub(super) fn write_sorted(&self, mut changes: BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> Result<(), StoreError> {
        debug_assert!(self.is_sled_empty(), "rows in sled would hide newer ones");
        let (key, value) = self.put(key::hash_key(), &self.names.0)?;
        changes.insert(key, value);
        self.call("writing", |rows| rows.write_sorted(changes))
    }

    /// Writes applied changes into sled. Until then they are in memory only, so that later changes can be written
    /// together with them. Not needed for safety: it saves a replay.
    pub(super) fn write_out(&self) -> Result<(), StoreError> {
        match &self.db {
            Db::Remote(_) => Ok(()),
            _ => self.call("writing", Layers::write_out),
        }
    }

    /// Writes everything in memory to disk, including sled's. Not needed for safety: it saves a replay.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        match &self.db {
            Db::Remote(_) => Ok(()),
            _ => self.call("flushing", Layers::flush),
        }
    }

    /// Writes everything in memory to disk and syncs it, which sled never does by itself. Needed for a new index: a
    /// power cut may leave half of a file that sled has just made, and sled does not open over that.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        self.call("syncing", Layers::sync)
    }

    /// Size on disk in bytes; 0 if another process has the index open.
    pub(super) fn bytes(&self) -> Result<u64, StoreError> {
        match &self.db {
            Db::Remote(_) => Ok(0),
            _ => self.call("measuring", Layers::bytes),
        }
    }

    /// Bytes that sled has on disk.
    pub(super) fn sled_bytes(&self) -> Result<u64, StoreError> {
        self.call("measuring", Layers::sled_bytes)
    }

    /// Marks the index as failed, so that it is rebuilt at the next start or the next tending. An index of another
    /// process is left to that process.
    pub(super) fn suspect(&self) {
        if let Db::Own { settings, .. } = &self.db {
            mark_suspect(&settings.suspect);
        }
    }

    /// The error for a row that is damaged or contradicts others.
    pub(super) fn broken(&self, doing: &'static str, why: &str) -> StoreError {
        self.suspect();
        StoreError::Index { doing, source: IndexError::Row(why.to_owned()) }
    }

    fn row_error(&self, doing: &'static str, error: &RowError) -> StoreError {
        self.broken(doing, &error.to_string())
    }

    fn call<T>(
        &self,
        doing: &'static str,
        run: impl FnOnce(&Layers) -> Result<T, IndexError>,
    ) -> Result<T, StoreError> {
        let res = match &self.db {
            Db::Own { rows, .. } => guard(doing, || run(rows)),
            Db::Remote(_) => Err(StoreError::Index { doing, source: IndexError::Remote }),
            Db::Closed => Err(StoreError::Index { doing, source: IndexError::Closed }),
        };
        if res.is_err() {
            self.suspect();
        }
        res
    }
}

impl Listing for Index {
    fn page(&self, from: &[u8], to: &[u8], order: Order, limit: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        if from >= to {
            return Ok(Vec::new());
        }
        if let Db::Remote(remote) = &self.db {
            let is_down = order == Order::Down;
            let (from, to, limit) = (from.to_vec(), to.to_vec(), rows_asked(limit));
            return Ok(remote.ask(&Question::Keys { from, to, is_down, limit })?.into_iter().map(|it| it.0).collect());
        }
        let rows = self.call("listing", |rows| rows.page(from, to, order, limit))?;
        Ok(rows.into_iter().map(|it| it.0).collect())
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // sled flushes here, and panics where the disk refuses.
        if let Db::Own { rows, settings } = std::mem::replace(&mut self.db, Db::Closed)
            && catch_unwind(AssertUnwindSafe(|| drop(rows))).is_err()
        {
            mark_suspect(&settings.suspect);
        }
    }
}

impl std::fmt::Debug for Index {
    /// Without the rows, which sled would print.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").finish_non_exhaustive()
    }
}

fn mark_suspect(path: &Path) {
    if let Err(error) = File::create(path) {
        tracing::error!(path = %path.display(), %error, "cannot mark the index for a rebuild");
    }
}

/// Another process is asked for at most [`PAGE_ROWS`] rows.
fn rows_asked(limit: usize) -> u32 {
    u32::try_from(limit).unwrap_or(u32::MAX)
}

/// Removes incomplete snapshots, which a full disk leaves: sled does not open over them. Snapshots only speed up
/// opening.
pub(super) fn remove_stray_snapshots(dir: &Path) -> Result<u64, StoreError> {
    let items = match fs::read_dir(dir) {
        Ok(items) => items,
        // A file in place of the directory is not an index, and is set aside like a failed one.
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Ok(0);
        }
        Err(error) => return Err(io("list", dir)(error)),
    };
    let mut removed = 0;
    for item in items {
        let path = item.map_err(io("list", dir))?.path();
        let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(&path).map_err(io("remove", &path))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Opens sled. After a store was closed in this process, sled's file lock may remain until its threads have ended. No
/// other process can hold it, since it would hold the lock of the whole store.
pub(super) fn open_unlocked(config: &sled::Config) -> sled::Result<sled::Db> {
    for _ in 0..100 {
        match config.open() {
            Err(sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") => {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            other => return other,
        }
    }
    config.open()
}

/// Calls sled and makes a panic an error.
fn guard<T>(doing: &'static str, run: impl FnOnce() -> Result<T, IndexError>) -> Result<T, StoreError> {
    let res = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        Err(IndexError::Panicked(text.to_owned()))
    });
    res.map_err(|source| StoreError::Index { doing, source })
}

fn no_names() -> StoreError {
    let source = IndexError::Row("the key of its hashes is missing".to_owned());
    StoreError::Index { doing: "opening", source }
}
