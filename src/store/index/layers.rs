//! The rows of an index: those of sled over those of a file of sorted rows, read and written as one.
//!
//! The rows of several changes go into sled together. sled 0.34 writes each batch to disk at once, in two pieces that
//! its threads wait for (`sync_file_range`): one batch per change took more than half the cost of storing an article.
//! Until then the rows are in memory, over those of sled, and a crash loses them together, which leaves the index
//! behind the ledger.
//!
//! sled's memory grows with its rows, whatever its cache. So all of them are moved to the file now and then, of which
//! memory holds one key per block. A row in sled hides the one under it in the file. The file is the index as it was
//! after some change, and says which. If sled is empty, or has forgotten everything, the index continues from there.

use std::{
    cmp::Ordering,
    collections::BTreeMap,
    fs::{self, File},
    io,
    iter::Peekable,
    ops::Bound,
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use super::{
    IndexError, KeyValue, Op, Order, key,
    sorted::{Sorted, Writer},
};

/// The file of sorted rows, beside those of sled.
const FILE: &str = "rows";

/// sled's value for a key whose row in the file is deleted. No row has this value: a row has at least a version and a
/// checksum, or is empty.
const GONE: &[u8] = &[0];

/// Bytes of keys and values at which unwritten rows are put into sled before more are added.
const MAX_UNWRITTEN_BYTES: usize = 512 << 10;

/// Rows that are not in sled yet; `None` for a deleted row.
#[derive(Default)]
struct Unwritten {
    rows: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// Upper bound of the bytes of keys and values: an overwritten row is counted twice.
    bytes: usize,
}

/// See the module's documentation.
pub(super) struct Layers {
    unwritten: RwLock<Unwritten>,
    sled: sled::Db,
    sorted: RwLock<Option<Arc<Sorted>>>,
    /// Whether no change was written to sled, nor is to be. Only a change writes the row of the index's position; other
    /// rows may be there.
    is_sled_empty: AtomicBool,
    dir: PathBuf,
}

impl Layers {
    /// The layers of an opened sled and the file in its directory.
    pub(super) fn open(sled: sled::Db, dir: &Path) -> Result<Self, IndexError> {
        let sorted = RwLock::new(Sorted::open(&dir.join(FILE))?.map(Arc::new));
        let is_sled_empty = AtomicBool::new(!sled.contains_key(key::meta())?);
        Ok(Self { unwritten: RwLock::default(), sled, sorted, is_sled_empty, dir: dir.to_owned() })
    }

    /// Whether no change was written to sled, nor is to be.
    pub(super) fn is_sled_empty(&self) -> bool {
        self.is_sled_empty.load(Relaxed)
    }

    fn sorted(&self) -> Option<Arc<Sorted>> {
        self.sorted.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn unwritten(&self) -> RwLockReadGuard<'_, Unwritten> {
        self.unwritten.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value under a key.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        // Checked first: rows move from here to sled, never back.
        if let Some(row) = self.unwritten().rows.get(key) {
            return Ok(row.clone());
        }
        match self.sled.get(key)? {
            Some(value) if value == GONE => Ok(None),
            Some(value) => Ok(Some(value.to_vec())),
            None => self.sorted_value(key),
        }
    }

    fn sorted_value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        Ok(self.sorted().map(|it| it.get(key)).transpose()?.flatten())
    }

    /// At most `limit` rows from `from` up to and without `to`.
    pub(super) fn page(&self, from: &[u8], to: &[u8], order: Order, limit: usize) -> Result<Vec<KeyValue>, IndexError> {
        let range = (Bound::Included(from), Bound::Excluded(to));
        // Locked to the end: rows moved into sled meanwhile would be missed.
        let unwritten = self.unwritten();
        let newest = unwritten.rows.range::<[u8], _>(range).map(|(key, value)| Ok(row(key.clone(), value.clone())));
        let newest = ordered(newest, order);
        let above = ordered(self.sled.range::<&[u8], _>(range).map(owned), order);
        let sorted = self.sorted();
        let below = sorted.iter().flat_map(|it| it.range(from, to, order));
        let is_there = |it: &Result<KeyValue, IndexError>| it.as_ref().map_or(true, |(_, value)| value != GONE);
        Merged::new(newest, Merged::new(above, below, order), order).filter(is_there).take(limit).collect()
    }

    /// Adds all operations or none to the rows that are not in sled yet.
    pub(super) fn apply(&self, ops: impl IntoIterator<Item = Op>) -> Result<(), IndexError> {
        let mut unwritten = self.unwritten.write().unwrap_or_else(PoisonError::into_inner);
        // Done first: if it fails, none of the new rows is visible.
        if unwritten.bytes >= MAX_UNWRITTEN_BYTES {
            self.put_into_sled(&mut unwritten)?;
        }
        let meta = key::meta();
        for (key, value) in ops {
            if key == meta {
                self.is_sled_empty.store(false, Relaxed);
            }
            unwritten.bytes += key.len() + value.as_ref().map_or(0, Vec::len);
            unwritten.rows.insert(key, value);
        }
        Ok(())
    }

    /// Puts the unwritten rows into sled, all or none.
    pub(super) fn write_out(&self) -> Result<(), IndexError> {
        self.put_into_sled(&mut self.unwritten.write().unwrap_or_else(PoisonError::into_inner))
    }

    fn put_into_sled(&self, unwritten: &mut Unwritten) -> Result<(), IndexError> {
        if unwritten.rows.is_empty() {
            return Ok(());
        }
        let mut batch = sled::Batch::default();
        for (key, value) in &unwritten.rows {
            match value {
                Some(value) => batch.insert(key.as_slice(), value.as_slice()),
                None if self.sorted_value(key)?.is_some() => batch.insert(key.as_slice(), GONE),
                None => batch.remove(key.as_slice()),
            }
        }
        self.sled.apply_batch(batch)?;
        *unwritten = Unwritten::default();
        Ok(())
    }

    /// Applies all changes or none to the sorted rows, which are rewritten.
    pub(super) fn write_sorted(&self, changes: BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> Result<(), IndexError> {
        let path = self.dir.join(FILE);
        let changes = changes.into_iter().map(|(key, value)| Ok(row(key, value)));
        write(&path, self.sorted().as_deref(), changes)?;
        let sorted = Sorted::open(&path)?.map(Arc::new);
        *self.sorted.write().unwrap_or_else(PoisonError::into_inner) = sorted;
        Ok(())
    }

    /// Writes all rows to a file of sorted rows in another directory, one after the other: they may be many.
    pub(super) fn copy_sorted(&self, dir: &Path) -> Result<(), IndexError> {
        self.write_out()?;
        write(&dir.join(FILE), self.sorted().as_deref(), self.sled.iter().map(owned))
    }

    /// Links or copies the file of sorted rows, if there is one, into another directory, durably. The file is never
    /// written to again.
    pub(super) fn link_sorted(&self, dir: &Path) -> io::Result<()> {
        if self.sorted().is_none() {
            return Ok(());
        }
        let (from, to) = (self.dir.join(FILE), dir.join(FILE));
        if fs::hard_link(&from, &to).is_err() {
            // Not every file system has links.
            fs::copy(&from, &to)?;
            File::open(&to)?.sync_all()?;
        }
        File::open(dir)?.sync_all()
    }

    pub(super) fn sorted_bytes(&self) -> u64 {
        self.sorted().map_or(0, |it| it.bytes())
    }

    /// Puts the unwritten rows into sled and has sled write everything to disk.
    pub(super) fn flush(&self) -> Result<(), IndexError> {
        self.write_out()?;
        self.sled.flush()?;
        Ok(())
    }

    /// Writes out what is in memory, durably.
    pub(super) fn sync(&self) -> Result<(), IndexError> {
        self.flush()?;
        for item in fs::read_dir(&self.dir)? {
            let path = item?.path();
            if path.is_file() {
                File::open(path)?.sync_all()?;
            }
        }
        Ok(File::open(&self.dir)?.sync_all()?)
    }

    /// Size on the disk.
    pub(super) fn bytes(&self) -> Result<u64, IndexError> {
        Ok(self.sled_bytes()? + self.sorted_bytes())
    }

    /// Bytes that sled alone has on disk.
    pub(super) fn sled_bytes(&self) -> Result<u64, IndexError> {
        Ok(self.sled.size_on_disk()?)
    }
}

/// A row of sled.
fn owned(row: sled::Result<(sled::IVec, sled::IVec)>) -> Result<KeyValue, IndexError> {
    let (key, value) = row?;
    Ok((key.to_vec(), value.to_vec()))
}

/// A row that hides those under it.
fn row(key: Vec<u8>, value: Option<Vec<u8>>) -> KeyValue {
    (key, value.unwrap_or_else(|| GONE.to_vec()))
}

fn ordered<'i, T>(rows: impl DoubleEndedIterator<Item = T> + 'i, order: Order) -> Box<dyn Iterator<Item = T> + 'i> {
    match order {
        Order::Up => Box::new(rows),
        Order::Down => Box::new(rows.rev()),
    }
}

/// Merges two listings in the same order. If both have a key, the upper one counts.
struct Merged<A: Iterator, B: Iterator> {
    above: Peekable<A>,
    below: Peekable<B>,
    order: Order,
}

impl<A: Iterator, B: Iterator> Merged<A, B> {
    fn new(above: A, below: B, order: Order) -> Self {
        Self { above: above.peekable(), below: below.peekable(), order }
    }
}

impl<A, B, E> Iterator for Merged<A, B>
where
    A: Iterator<Item = Result<KeyValue, E>>,
    B: Iterator<Item = Result<KeyValue, E>>,
{
    type Item = Result<KeyValue, E>;

    fn next(&mut self) -> Option<Self::Item> {
        let first = match (self.above.peek(), self.below.peek()) {
            (Some(Ok((above, _))), Some(Ok((below, _)))) => match self.order {
                Order::Up => above.cmp(below),
                Order::Down => below.cmp(above),
            },
            (None, _) | (_, Some(Err(_))) => Ordering::Greater,
            (Some(_), _) => Ordering::Less,
        };
        match first {
            Ordering::Less => self.above.next(),
            Ordering::Greater => self.below.next(),
            Ordering::Equal => {
                self.below.next();
                self.above.next()
            }
        }
    }
}

/// Writes a file of sorted rows from those of another file with further rows over them. It may replace that file.
fn write(
    path: &Path,
    below: Option<&Sorted>,
    above: impl Iterator<Item = Result<KeyValue, IndexError>>,
) -> Result<(), IndexError> {
    // No key begins so.
    let below = below.map(|it| it.range(&[], &[0xff], Order::Up)).into_iter().flatten();
    let mut writer = Writer::new(path)?;
    for row in Merged::new(above, below, Order::Up) {
        let (key, value) = row?;
        if value != GONE {
            writer.add(&key, &value)?;
        }
    }
    writer.put_in_place()
}
