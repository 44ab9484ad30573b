//! The truth: every commit in order, in append-only files that are never rewritten.
//!
//! A frame is appended by one `write` and made durable by one `fdatasync`. Each frame carries a checksum, which reveals
//! damage, and the hash of the frame before, which reveals tampering. [`frame`] is the format and [`segment`] the
//! files; [`writer`] appends, [`walk`] reads from end to end, [`verify`] proves, [`numbers`] counts missing records,
//! [`order`] handles files out of order, [`holes`] finds what was in absent files, [`kept`] is the file that retention
//! leaves, [`notice`] what the ledger says of itself, [`cut`] sets aside bytes cut from its end, and [`unsynced`]
//! handles segments that could not be synced.

mod cut;
mod frame;
mod holes;
mod kept;
mod notice;
mod numbers;
mod order;
mod segment;
mod unsynced;
mod verify;
mod walk;
mod writer;

#[cfg(test)]
mod tests;

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub(super) use self::{
    cut::set_aside,
    frame::{Frame, Hash, Kind},
    kept::{Checkpoint, Issued, MAX_FORGOTTEN, MAX_ISSUED, MAX_SENT, Rest},
    notice::{Gone, Notice},
    numbers::Numbers,
    order::Disorder,
    segment::{number, sync_dir},
    unsynced::write_anew,
    verify::Length,
    walk::{End, Entry, Found, Tail},
    writer::Writer,
};
use self::{
    frame::{Draft, Flaw, MAX_PLAIN, MAX_STORED},
    segment::Segments,
};
pub use self::{
    kept::GivenUp,
    notice::Lost,
    verify::{Break, Verified},
    walk::Damage,
};
use super::{
    StoreError, io,
    record::{self, RecordError},
};
use crate::model::Change;

/// Where a frame stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct Position {
    /// Number of the segment.
    pub(super) segment: u32,
    /// Its first byte in it.
    pub(super) offset: u64,
    /// Its length.
    pub(super) len: u64,
}

impl Position {
    fn end(self) -> u64 {
        self.offset + self.len
    }
}

/// The reading side. Any number of threads read while one writes.
#[derive(Debug, Clone)]
pub(super) struct Ledger {
    segments: Arc<Segments>,
}

impl Ledger {
    /// Lists the segments in `dir`; reads none.
    pub(super) fn open(dir: &Path) -> Result<Self, StoreError> {
        Ok(Self { segments: Arc::new(Segments::open(dir)?) })
    }

    /// The number up to which a file that retention left replaces the segments; 0 if there is none.
    pub(super) fn base(&self) -> u32 {
        self.segments.base()
    }

    /// The number of the newest segment that, with all before it, ended before a day.
    pub(super) fn last_before(&self, day: NaiveDate, today: NaiveDate) -> Option<u32> {
        self.segments.last_before(day, today)
    }

    /// The day on which the oldest complete segment was begun.
    pub(super) fn first_day(&self) -> Option<NaiveDate> {
        let files = self.segments.from(self.base().saturating_add(1));
        files.first().and_then(|(_, path)| segment::parse_name(path)).map(|(_, day)| day)
    }

    /// The SHA-256 of the whole file that retention left.
    pub(super) fn left_hash(&self) -> Result<Hash, StoreError> {
        let path = self.segments.path(self.base());
        let mut hasher = Sha256::new();
        let copied = File::open(&path).and_then(|mut file| std::io::copy(&mut file, &mut HashWriter(&mut hasher)));
        copied.map_err(io("read", &path))?;
        Ok(hasher.finalize().into())
    }

    /// Which of the hashes that the chain holds of the file that retention left is its own, or damage if none is. There
    /// may be several: a file is proved before it replaces another, and may never be put in place.
    pub(super) fn left_proof<T>(&self, known: Vec<(Hash, T)>) -> Result<(Option<T>, Option<Damage>), StoreError> {
        if known.is_empty() {
            return Ok((None, None));
        }
        let sha256 = self.left_hash()?;
        let mut last = None;
        for (hash, by) in known {
            if hash == sha256 {
                return Ok((Some(by), None));
            }
            last = Some(by);
        }
        let path = self.segments.path(self.base());
        let bytes = std::fs::metadata(&path).map_err(io("read", &path))?.len();
        let reason = "what retention left is not what it was: the chain has another hash of the file".to_owned();
        Ok((last, Some(Damage { path, offset: 0, bytes, reason })))
    }

    /// Begins the file that is to replace the segments up to `base`.
    pub(super) fn rest(&self, base: u32) -> Result<Rest, StoreError> {
        Rest::begin(&self.segments, base)
    }

    /// This ledger with a file that retention left in place of the segments up to `base`. Nothing is changed on disk.
    pub(super) fn replaced(&self, base: u32, file: PathBuf) -> Self {
        Self { segments: Arc::new(self.segments.replaced(base, file)) }
    }

    /// Adds the segments that `other` has begun since.
    pub(super) fn catch_up(&self, other: &Self) {
        self.segments.catch_up(&other.segments);
    }

    /// Performs [`Ledger::replaced`] on disk, durably. The replaced segments stay until [`Ledger::clear`].
    pub(super) fn put_in_place(&self) -> Result<(), StoreError> {
        self.segments.put_in_place()
    }

    /// Files that count no more.
    pub(super) fn superseded(&self) -> &[PathBuf] {
        self.segments.superseded()
    }

    /// Removes files that retention replaced or left unfinished. Only the holder of the store may call it.
    pub(super) fn clear(&self) -> Result<(), StoreError> {
        for path in self.segments.superseded() {
            std::fs::remove_file(path).map_err(io("remove", path))?;
        }
        Ok(())
    }

    /// The frame at a position.
    pub(super) fn frame(&self, at: Position) -> Result<Frame, StoreError> {
        // One read at the known position; if that fails, the cause is found out step by step.
        if let Some(frame) = Frame::read_whole(&*self.segments.open_file(at.segment)?, at.offset, at.len) {
            return Ok(frame);
        }
        let path = self.path(at);
        let mut file = File::open(&path).map_err(io("open", &path))?;
        let size = file.metadata().map_err(io("read", &path))?.len();
        Frame::read(&mut file, at.offset, size).map_err(io("read", &path))?.map_err(|flaw| self.flawed(at, &flaw))
    }

    /// Whether another frame with the same number is in this one's place.
    pub(super) fn has_another(&self, than: Tail) -> bool {
        let is_left = than.at.segment > self.base();
        is_left && self.frame(than.at).is_ok_and(|it| it.seq == than.seq && it.hash() != than.hash)
    }

    /// Whether this frame stands where it was.
    pub(super) fn has(&self, it: Tail) -> bool {
        self.frame(it.at).is_ok_and(|found| found.hash() == it.hash)
    }

    /// Closes the files that are open for reading: they may have other names now.
    pub(super) fn close_files(&self) {
        self.segments.close_files();
    }

    /// The change at a position.
    pub(super) fn change(&self, at: Position) -> Result<Change, StoreError> {
        self.decode(at, &self.frame(at)?)
    }

    /// The change in a frame that was read from `at`.
    pub(super) fn decode(&self, at: Position, frame: &Frame) -> Result<Change, StoreError> {
        let plain = frame.plain().map_err(|flaw| self.flawed(at, &flaw))?;
        record::decode(&plain).map_err(|error| match error {
            RecordError::Newer(found) => StoreError::TooNew { path: self.path(at), found, known: record::newest() },
            RecordError::Broken(reason) => self.damaged("record", at, reason),
        })
    }

    /// The error for damaged bytes at `at`.
    pub(super) fn damaged(&self, what: &'static str, at: Position, reason: String) -> StoreError {
        StoreError::Damaged { what, path: self.path(at), offset: at.offset, reason }
    }

    /// The file of a position.
    pub(super) fn path(&self, at: Position) -> PathBuf {
        self.segments.path(at.segment)
    }

    /// Makes the newest segment durable, for a caller that does not hold the store and knows that nobody does.
    pub(super) fn sync_last(&self) -> Result<(), StoreError> {
        match self.segments.last() {
            Some((number, path)) if number > self.base() => {
                let synced = File::open(&path).and_then(|it| it.sync_data());
                synced.inspect_err(|_| unsynced::mark(&path)).map_err(io("sync", &path))
            }
            _ => Ok(()),
        }
    }

    /// How many segments are absent, by their numbers.
    pub(super) fn absent(&self) -> u64 {
        self.segments.absent()
    }

    /// Where the segments are.
    pub(super) fn dir(&self) -> &Path {
        self.segments.dir()
    }

    /// Size of all segments.
    pub(super) fn bytes(&self) -> u64 {
        self.segments.bytes()
    }

    fn flawed(&self, at: Position, flaw: &Flaw) -> StoreError {
        match flaw {
            Flaw::Newer(found) => StoreError::TooNew { path: self.path(at), found: *found, known: frame::newest() },
            flaw => self.damaged("frame", at, flaw.to_string()),
        }
    }
}

/// Hashes what is written to it.
struct HashWriter<'h>(&'h mut Sha256);

impl std::io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
