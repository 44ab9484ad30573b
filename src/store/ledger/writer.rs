//! Appending to the ledger.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    os::unix::fs::MetadataExt as _,
    path::PathBuf,
    sync::Arc,
};

use chrono::NaiveDate;

use super::{
    End, Frame, Hash, Kind, Ledger, Notice, Position, Tail,
    frame::{Draft, MAX_PLAIN, MAX_STORED},
    segment::{self, Segments},
    unsynced,
};
use crate::{
    model::{Change, Timestamp},
    store::{StoreError, io, record},
    text::error_chain,
};

/// The writing side. There is one.
#[derive(Debug)]
pub(in crate::store) struct Writer {
    segments: Arc<Segments>,
    segment_bytes: u64,
    current: Option<Current>,
    /// Number of the first segment to make if there is none.
    first: u32,
    seq: u64,
    hash: Hash,
    /// Why nothing more is written; `None` if writing is possible. After a failed `fsync` the kernel may have dropped
    /// the pages and report success the next time, so `fsync` is never retried on the same file: see [`unsynced`].
    failed: Option<String>,
}

/// The segment that is written to.
#[derive(Debug)]
struct Current {
    number: u32,
    path: PathBuf,
    day: NaiveDate,
    file: File,
    end: u64,
    synced: bool,
}

impl Writer {
    /// Continues after the end of the ledger, which is first cut to its last whole frame.
    pub(in crate::store) fn open(ledger: &Ledger, end: &End, segment_bytes: u64) -> Result<Self, StoreError> {
        let base = ledger.base();
        let current = match ledger.segments.last() {
            // The file that retention left is complete: nothing is appended to it.
            Some((number, path)) if number > base => {
                let file = OpenOptions::new().append(true).open(&path).map_err(io("open", &path))?;
                if let Some(torn) = &end.torn {
                    let cut = file.set_len(torn.offset).and_then(|()| file.sync_all());
                    cut.inspect_err(|_| unsynced::mark(&path)).map_err(io("cut", &path))?;
                }
                let end = file.metadata().map_err(io("read", &path))?.len();
                let day = segment::parse_name(&path).map(|(_, day)| day).unwrap_or_default();
                // What a killed process wrote may be in the system's cache only.
                Some(Current { number, path, day, file, end, synced: false })
            }
            _ => None,
        };
        Ok(Self {
            segments: Arc::clone(&ledger.segments),
            segment_bytes,
            current,
            first: base + 1,
            seq: end.tail.map_or(0, |it| it.seq),
            hash: end.tail.map_or([0; 32], |it| it.hash),
            failed: None,
        })
    }

    /// Continues after the frame `tail`, in a new segment if another frame is the last in the files. The previous
    /// segment is closed and synced for the last time; if that fails, nothing is written any more. Returns whether a
    /// new segment is needed.
    pub(in crate::store) fn go_on_after(&mut self, tail: Tail) -> bool {
        (self.seq, self.hash) = (tail.seq, tail.hash);
        // An empty segment in the middle would look like damage.
        let is_full = |it: &mut Current| it.end > 0 && (it.number, it.end) != (tail.at.segment, tail.at.end());
        let Some(mut full) = self.current.take_if(is_full) else { return false };
        self.first = full.number + 1;
        if let Err(error) = full.sync() {
            drop(self.fail(error));
        }
        true
    }

    /// A writer that refuses every change.
    pub(in crate::store) fn refusing(ledger: &Ledger, why: &str) -> Self {
        Self {
            segments: Arc::clone(&ledger.segments),
            segment_bytes: 0,
            current: None,
            first: 0,
            seq: 0,
            hash: [0; 32],
            failed: Some(why.to_owned()),
        }
    }

    /// Appends a change, not yet durable. After an error nothing more is written.
    pub(in crate::store) fn append(&mut self, change: &Change, now: Timestamp) -> Result<Tail, StoreError> {
        let encoded = record::encode(change).map_err(std::io::Error::other);
        let plain = encoded.map_err(io("encode a change for", self.segments.dir()))?;
        let kind = if matches!(change, Change::Page(_)) { Kind::Page } else { Kind::Commit };
        self.append_frame(kind, self.seq + 1, &plain, now)
    }

    /// Appends a notice, as [`Writer::append`] does a change. A notice of a loss gets the number after the lost ones.
    pub(in crate::store) fn notice(&mut self, notice: &Notice, now: Timestamp) -> Result<Tail, StoreError> {
        let encoded = notice.encode().map_err(std::io::Error::other);
        let plain = encoded.map_err(io("encode a notice for", self.segments.dir()))?;
        let last = if let Notice::Lost(lost) = notice { lost.to.max(self.seq) } else { self.seq };
        self.append_frame(Kind::Notice, last + 1, &plain, now)
    }

    /// The number of the last frame.
    pub(in crate::store) fn seq(&self) -> u64 {
        self.seq
    }

    fn append_frame(&mut self, kind: Kind, seq: u64, plain: &[u8], now: Timestamp) -> Result<Tail, StoreError> {
        self.check()?;
        let dir = self.segments.dir();
        let within = |bytes: usize, limit: u32| match bytes <= limit as usize {
            true => Ok(()),
            false => Err(StoreError::TooLarge { bytes, limit: limit as usize }),
        };
        within(plain.len(), MAX_PLAIN)?;
        let draft = Draft { kind, seq, before: self.hash, written_ms: now.timestamp_millis(), plain };
        let frame = Frame::new(draft).map_err(io("compress a change for", dir))?;
        within(frame.stored_len(), MAX_STORED)?;
        match self.write(&frame, now.date_naive()) {
            Ok(at) => {
                self.seq = seq;
                self.hash = frame.hash();
                Ok(Tail { at, seq, hash: self.hash })
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Makes everything appended durable.
    pub(in crate::store) fn sync(&mut self) -> Result<(), StoreError> {
        self.check()?;
        match self.current.as_mut().map_or(Ok(()), Current::sync) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Continues in a ledger that was made from this one by [`Ledger::replaced`].
    pub(in crate::store) fn move_to(&mut self, ledger: &Ledger) {
        self.segments = Arc::clone(&ledger.segments);
    }

    /// Takes no more changes.
    pub(in crate::store) fn stop(&mut self, why: String) {
        self.failed.get_or_insert(why);
    }

    /// Returns an error if a write failed before.
    pub(in crate::store) fn check(&self) -> Result<(), StoreError> {
        match &self.failed {
            Some(why) => Err(StoreError::Stopped { why: why.clone() }),
            None => Ok(()),
        }
    }

    fn fail(&mut self, error: StoreError) -> StoreError {
        self.stop(error_chain(&error));
        error
    }

    fn write(&mut self, frame: &Frame, day: NaiveDate) -> Result<Position, StoreError> {
        let segment_bytes = self.segment_bytes;
        let mut current = match self.current.take() {
            Some(it) if it.day == day && it.end < segment_bytes => it,
            Some(mut full) => {
                // Only the last segment may end in a torn frame.
                full.sync()?;
                Current::create(&self.segments, full.number + 1, day)?
            }
            None => Current::create(&self.segments, self.first, day)?,
        };
        let at = Position { segment: current.number, offset: current.end, len: frame.bytes().len() as u64 };
        current.synced = false;
        current.file.write_all(frame.bytes()).map_err(io("write to", &current.path))?;
        current.end = at.end();
        self.current = Some(current);
        Ok(at)
    }
}

impl Current {
    fn create(segments: &Segments, number: u32, day: NaiveDate) -> Result<Self, StoreError> {
        let (file, path) = segments.create(number, day)?;
        Ok(Self { number, path, day, file, end: 0, synced: true })
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        if !self.synced {
            self.file.sync_data().inspect_err(|_| unsynced::mark(&self.path)).map_err(io("sync", &self.path))?;
            self.check_in_place().map_err(io("go on in", &self.path))?;
            self.synced = true;
        }
        Ok(())
    }

    /// Returns an error if the file's name no longer leads to it: nobody would find what is written there.
    fn check_in_place(&self) -> std::io::Result<()> {
        let own = self.file.metadata()?;
        match std::fs::metadata(&self.path) {
            Ok(it) if (it.dev(), it.ino()) == (own.dev(), own.ino()) => Ok(()),
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Err(std::io::Error::other("it was removed or replaced while it was in use")),
        }
    }
}
