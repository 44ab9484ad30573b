//! A file of rows in the order of their keys, which is never written to again.
//!
//! sled keeps memory for each page of 16 rows, for good. When it has too many, all rows move here, and memory holds
//! only one key for each block of [`BLOCK_BYTES`]. A row is found by a search among these keys and one read of a block;
//! the system caches blocks that are read often.
//!
//! Layout: blocks; the footer; its place. A block is rows, each the length of what its key shares with the one before
//! (1 byte), of the rest of the key and of the value (2 bytes each, little end first), the rest and the value; and a
//! CRC-32C. A file is made under another name, synced and renamed, so that one that is there is whole; what is damaged
//! later is noticed by a checksum when it is read.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write as _},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{IndexError, KeyValue, Order};

/// A block ends once it has this many bytes.
const BLOCK_BYTES: usize = 4096;

/// Ends the file, and says how it is to be read.
const MAGIC: [u8; 8] = *b"SRows\x00\x00\x01";

/// The place and the length of the footer, its checksum, and [`MAGIC`].
const TRAILER_BYTES: usize = 8 + 8 + 4 + 8;

/// Where a block begins, and its first key. It ends where the next begins.
#[derive(Debug, Serialize, Deserialize)]
struct Block {
    at: u64,
    first: Box<[u8]>,
}

/// An open file.
#[derive(Debug)]
pub(super) struct Sorted {
    file: File,
    blocks: Vec<Block>,
    /// Where the last block ends.
    end: u64,
    bytes: u64,
}

impl Sorted {
    /// Opens a file; `None` where there is none.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, IndexError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let bytes = file.metadata()?.len();
        let mut trailer = [0; TRAILER_BYTES];
        let trailer_at = bytes.checked_sub(TRAILER_BYTES as u64).ok_or_else(|| damaged("it is too short"))?;
        file.read_exact_at(&mut trailer, trailer_at)?;
        let (covered, magic) = trailer.split_last_chunk().ok_or_else(|| damaged("it is too short"))?;
        if *magic != MAGIC {
            return Err(damaged("it has another ending"));
        }
        let place = covered.split_first_chunk().and_then(|(end, rest)| Some((end, rest.split_first_chunk()?)));
        let Some((end, (length, crc))) = place else { return Err(damaged("it is too short")) };
        let (end, length) = (u64::from_le_bytes(*end), u64::from_le_bytes(*length));
        if end.checked_add(length) != Some(trailer_at) {
            return Err(damaged("the footer is not where it should be"));
        }
        let mut footer = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        file.read_exact_at(&mut footer, end)?;
        if crc != crc32c::crc32c(&footer).to_le_bytes() {
            return Err(damaged("the checksum of the footer does not fit"));
        }
        let blocks = postcard::from_bytes(&footer).map_err(|it| damaged(&it.to_string()))?;
        Ok(Some(Self { file, blocks, end, bytes }))
    }

    /// Its size.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The value under a key.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        let Some(number) = self.blocks.partition_point(|it| *it.first <= *key).checked_sub(1) else { return Ok(None) };
        let mut found = None;
        self.read(number, |it, value| {
            let order = it.cmp(key);
            if order.is_eq() {
                found = Some(value.to_vec());
            }
            order.is_lt()
        })?;
        Ok(found)
    }

    /// The rows from `from` up to and without `to`.
    pub(super) fn range(&self, from: &[u8], to: &[u8], order: Order) -> Range<'_> {
        let first = self.blocks.partition_point(|it| *it.first <= *from).saturating_sub(1);
        let last = self.blocks.partition_point(|it| *it.first < *to);
        Range {
            sorted: self,
            from: from.to_vec(),
            to: to.to_vec(),
            order,
            blocks: first..last,
            read: Vec::new().into_iter(),
        }
    }

    /// Visits the rows of a block until `visit` says to stop.
    fn read(&self, number: usize, mut visit: impl FnMut(&[u8], &[u8]) -> bool) -> Result<(), IndexError> {
        let Some(block) = self.blocks.get(number) else { return Ok(()) };
        let end = self.blocks.get(number + 1).map_or(self.end, |it| it.at);
        let length = end.checked_sub(block.at).ok_or_else(|| damaged("a block ends before it begins"))?;
        let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        self.file.read_exact_at(&mut bytes, block.at)?;
        let (mut rest, crc) = bytes.split_last_chunk().ok_or_else(|| damaged("a block is too short"))?;
        if *crc != crc32c::crc32c(rest).to_le_bytes() {
            return Err(damaged(&format!("the checksum of the block at offset {} does not fit", block.at)));
        }
        let mut key = Vec::new();
        while !rest.is_empty() {
            let value = next(&mut rest, &mut key).ok_or_else(|| damaged("a row is longer than its block"))?;
            if !visit(&key, value) {
                break;
            }
        }
        Ok(())
    }
}

/// Takes a row off the beginning of `rest`: changes `key`, which holds the previous row's key, to this row's, and
/// returns its value.
fn next<'b>(rest: &mut &'b [u8], key: &mut Vec<u8>) -> Option<&'b [u8]> {
    let ([shared, key_low, key_high, value_low, value_high], after) = rest.split_first_chunk()?;
    let (own, after) = after.split_at_checked(u16::from_le_bytes([*key_low, *key_high]).into())?;
    let (value, after) = after.split_at_checked(u16::from_le_bytes([*value_low, *value_high]).into())?;
    key.truncate((*shared).into());
    key.extend_from_slice(own);
    *rest = after;
    Some(value)
}

/// Some rows of a file in order.
#[derive(Debug)]
pub(super) struct Range<'s> {
    sorted: &'s Sorted,
    from: Vec<u8>,
    to: Vec<u8>,
    order: Order,
    /// The blocks that are not read yet.
    blocks: std::ops::Range<usize>,
    read: std::vec::IntoIter<KeyValue>,
}

impl Range<'_> {
    fn rows(&self, number: usize) -> Result<Vec<KeyValue>, IndexError> {
        let mut res = Vec::new();
        self.sorted.read(number, |key, value| {
            // Most rows of a block precede the first requested one, and take one comparison each.
            if res.is_empty() && *key < *self.from {
                return true;
            }
            let is_within = *key < *self.to;
            if is_within {
                res.push((key.to_vec(), value.to_vec()));
            }
            is_within
        })?;
        Ok(res)
    }
}

impl Iterator for Range<'_> {
    type Item = Result<KeyValue, IndexError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (row, number) = match self.order {
                Order::Up => (self.read.next(), self.blocks.start),
                Order::Down => (self.read.next_back(), self.blocks.end.saturating_sub(1)),
            };
            if row.is_some() {
                return row.map(Ok);
            }
            if self.blocks.is_empty() {
                return None;
            }
            match self.order {
                Order::Up => self.blocks.start += 1,
                Order::Down => self.blocks.end -= 1,
            }
            match self.rows(number) {
                Ok(rows) => self.read = rows.into_iter(),
                Err(error) => {
                    self.blocks = 0..0;
                    return Some(Err(error));
                }
            }
        }
    }
}

/// A file that is being written. It takes effect with [`Writer::put_in_place`].
#[derive(Debug)]
pub(super) struct Writer {
    file: BufWriter<File>,
    path: PathBuf,
    part: PathBuf,
    blocks: Vec<Block>,
    at: u64,
    block: Vec<u8>,
    /// The key of the last row.
    last: Vec<u8>,
}

impl Writer {
    /// Begins a file that is to replace the one at `path`.
    pub(super) fn new(path: &Path) -> Result<Self, IndexError> {
        let part = path.with_extension("part");
        let file = BufWriter::new(File::create(&part)?);
        let path = path.to_owned();
        Ok(Self { file, path, part, blocks: Vec::new(), at: 0, block: Vec::new(), last: Vec::new() })
    }

    /// Adds a row; the keys come in order.
    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) -> Result<(), IndexError> {
        debug_assert!(self.last.as_slice() < key || self.at == 0 && self.block.is_empty(), "out of order");
        let shared = match self.block.is_empty() {
            true => {
                self.blocks.push(Block { at: self.at, first: key.into() });
                0
            }
            false => key.iter().zip(&self.last).take(u8::MAX.into()).take_while(|(a, b)| a == b).count(),
        };
        let own = key.get(shared..).unwrap_or_default();
        let length = |it: &[u8]| u16::try_from(it.len()).map(u16::to_le_bytes).map_err(io::Error::other);
        self.block.push(u8::try_from(shared).map_err(io::Error::other)?);
        self.block.extend(length(own)?);
        self.block.extend(length(value)?);
        self.block.extend_from_slice(own);
        self.block.extend_from_slice(value);
        self.last.clear();
        self.last.extend_from_slice(key);
        if self.block.len() >= BLOCK_BYTES { self.end_block() } else { Ok(()) }
    }

    fn end_block(&mut self) -> Result<(), IndexError> {
        if self.block.is_empty() {
            return Ok(());
        }
        let crc = crc32c::crc32c(&self.block);
        self.block.extend(crc.to_le_bytes());
        self.file.write_all(&self.block)?;
        self.at += self.block.len() as u64;
        self.block.clear();
        Ok(())
    }

    /// Makes the file durable and puts it in place of the previous one.
    pub(super) fn put_in_place(mut self) -> Result<(), IndexError> {
        self.end_block()?;
        let footer = postcard::to_stdvec(&self.blocks).map_err(io::Error::other)?;
        self.file.write_all(&footer)?;
        self.file.write_all(&self.at.to_le_bytes())?;
        self.file.write_all(&(footer.len() as u64).to_le_bytes())?;
        self.file.write_all(&crc32c::crc32c(&footer).to_le_bytes())?;
        self.file.write_all(&MAGIC)?;
        self.file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&self.part, &self.path)?;
        self.path.parent().map_or(Ok(()), |it| File::open(it)?.sync_all()).map_err(IndexError::from)
    }
}

fn damaged(why: &str) -> IndexError {
    IndexError::SortedDamaged(why.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::{collection::btree_map, prelude::*};

    use super::*;

    fn write(path: &Path, rows: &BTreeMap<Vec<u8>, Vec<u8>>) -> Sorted {
        let mut writer = Writer::new(path).unwrap();
        for (key, value) in rows {
            writer.add(key, value).unwrap();
        }
        writer.put_in_place().unwrap();
        Sorted::open(path).unwrap().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn it_reads_as_what_was_written(
            rows in btree_map(prop::collection::vec(0_u8..4, 0..6), prop::collection::vec(any::<u8>(), 0..900), 0..60),
            ends in prop::collection::vec(prop::collection::vec(0_u8..4, 0..6), 2),
        ) {
            let dir = tempfile::tempdir().unwrap();
            let sorted = write(&dir.path().join("rows"), &rows);
            let (from, to) = (&ends[0], &ends[1]);
            for key in rows.keys().chain(&ends) {
                prop_assert_eq!(sorted.get(key).unwrap(), rows.get(key).cloned());
            }
            let expected = rows.iter().filter(|(key, _)| from <= *key && *key < to).map(|(a, b)| (a.clone(), b.clone()));
            let mut expected = expected.collect::<Vec<_>>();
            prop_assert_eq!(&sorted.range(from, to, Order::Up).map(Result::unwrap).collect::<Vec<_>>(), &expected);
            expected.reverse();
            prop_assert_eq!(&sorted.range(from, to, Order::Down).map(Result::unwrap).collect::<Vec<_>>(), &expected);
        }
    }

    #[test]
    fn what_is_damaged_is_told_and_never_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rows");
        let rows = (0..100_u8).map(|n| (vec![n / 10, n], vec![n; 100])).collect();
        write(&path, &rows);
        let sound = fs::read(&path).unwrap();
        let read = || {
            let Some(sorted) = Sorted::open(&path)? else { return Ok(Vec::new()) };
            sorted.range(&[], &[0xff], Order::Up).collect::<Result<Vec<_>, IndexError>>()
        };
        assert_eq!(read().unwrap(), rows.clone().into_iter().collect::<Vec<_>>());
        for at in 0..sound.len() {
            let mut bytes = sound.clone();
            bytes[at] ^= 1 << (at % 8);
            fs::write(&path, bytes).unwrap();
            assert!(read().is_err(), "a bit of byte {at}");
        }
        for length in 0..sound.len() {
            fs::write(&path, &sound[..length]).unwrap();
            assert!(read().is_err(), "cut to {length}");
        }
    }

    #[test]
    fn none_is_there_until_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rows");
        Writer::new(&path).unwrap().add(b"a", b"b").unwrap();
        assert!(Sorted::open(&path).unwrap().is_none());
        assert_eq!(write(&path, &BTreeMap::new()).get(b"a").unwrap(), None);
    }
}
