//! What retention leaves of deleted segments: one file in place of all of them.
//!
//! It holds the frames that still matter, byte for byte and in their order. At its end is a checkpoint: the number up
//! to which frames were deleted; the hash of the last of them, after which the chain continues; the SHA-256 of the
//! frames left; and the ids of deleted articles, so that an entry still listed somewhere is not taken for a new one.
//! Whoever noted a hash before can still check every frame written after it. A notice in the chain holds the SHA-256 of
//! the whole file, so that it is as tamper-evident as the chain; a file left by an older sitrepd has no such notice.

use std::{
    fmt,
    fs::File,
    io::{BufWriter, Write as _},
    path::PathBuf,
};

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Draft, Frame, Hash, Kind, MAX_PLAIN, MAX_STORED, StoreError, notice::Gone, segment::Segments};
use crate::{
    model::Timestamp,
    store::{
        io,
        record::{RecordError, Time},
    },
};

/// Maximum ids of deleted articles that are remembered, the newest. One frame holds them.
pub(in crate::store) const MAX_FORGOTTEN: usize = 3_000_000;
/// Maximum deleted messages that are remembered as sent, the newest.
pub(in crate::store) const MAX_SENT: usize = 100_000;
/// Maximum deleted digests that are remembered as issued, the newest.
pub(in crate::store) const MAX_ISSUED: usize = 10_000;

/// The checkpoint at the end of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::store) struct Checkpoint {
    /// Number of the last frame that retention covered.
    pub(in crate::store) last_seq: u64,
    /// Its hash, which the first frame after it carries.
    pub(in crate::store) last_hash: Hash,
    /// Frames up to there that were deleted, in all.
    pub(in crate::store) dropped: u64,
    /// Frames up to there that are left.
    pub(in crate::store) kept: u64,
    /// When the last frame covered was written, in milliseconds since 1970.
    pub(in crate::store) until_ms: i64,
    /// SHA-256 of the frames that are left, one after the other.
    pub(in crate::store) kept_hash: Hash,
    /// What was deleted and is remembered.
    pub(in crate::store) gone: Gone,
}

/// That a digest was issued for a slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct Issued {
    pub(in crate::store) digest: String,
    /// The instant of the slot.
    pub(in crate::store) at: Time,
    /// The end of its window.
    pub(in crate::store) until: Time,
}

impl Issued {
    /// The instant of the slot and the end of its window.
    pub(in crate::store) fn times(&self) -> Result<(Timestamp, Timestamp), RecordError> {
        Ok((self.at.try_into()?, self.until.try_into()?))
    }
}

/// Version 1 of [`Checkpoint`], without what the frame itself says.
#[derive(Serialize, Deserialize)]
struct CheckpointRecord {
    version: u8,
    dropped: u64,
    kept: u64,
    until_ms: i64,
    kept_hash: Hash,
    /// Eight bytes each, little-endian: hashes would take more as variable-length numbers.
    forgotten: Vec<u8>,
    sent: Vec<String>,
    issued: Vec<Issued>,
}

impl Checkpoint {
    const VERSION: u8 = 1;

    /// Out of a frame.
    pub(super) fn read(frame: &Frame) -> Result<Self, String> {
        let plain = frame.plain().map_err(|it| it.to_string())?;
        let record: CheckpointRecord = postcard::from_bytes(&plain).map_err(|it| it.to_string())?;
        if record.version != Self::VERSION {
            return Err(format!("checkpoint version {} is not known", record.version));
        }
        let (ids, []) = record.forgotten.as_chunks() else {
            return Err("the ids of a checkpoint are cut off".to_owned());
        };
        let articles = ids.iter().map(|it| u64::from_le_bytes(*it)).collect();
        let CheckpointRecord { version: _, dropped, kept, until_ms, kept_hash, sent, issued, .. } = record;
        Ok(Self {
            last_seq: frame.seq,
            last_hash: frame.before,
            dropped,
            kept,
            until_ms,
            kept_hash,
            gone: Gone { articles, sent, issued },
        })
    }

    fn frame(&self, now: Timestamp) -> std::io::Result<Frame> {
        let record = CheckpointRecord {
            version: Self::VERSION,
            dropped: self.dropped,
            kept: self.kept,
            until_ms: self.until_ms,
            kept_hash: self.kept_hash,
            forgotten: self.gone.articles.iter().flat_map(|it| it.to_le_bytes()).collect(),
            sent: self.gone.sent.clone(),
            issued: self.gone.issued.clone(),
        };
        let plain = postcard::to_stdvec(&record).map_err(std::io::Error::other)?;
        let written_ms = now.timestamp_millis();
        let draft =
            Draft { kind: Kind::Checkpoint, seq: self.last_seq, before: self.last_hash, written_ms, plain: &plain };
        let frame = Frame::new(draft)?;
        match plain.len() <= MAX_PLAIN as usize && frame.stored_len() <= MAX_STORED as usize {
            true => Ok(frame),
            false => Err(std::io::Error::other("a checkpoint does not fit into a frame")),
        }
    }

    /// As it is told.
    pub(super) fn given_up(&self) -> GivenUp {
        GivenUp {
            frames: self.dropped,
            kept: self.kept,
            articles: self.gone.articles.len() as u64,
            last_seq: self.last_seq,
            until: DateTime::from_timestamp_millis(self.until_ms).unwrap_or_default(),
        }
    }
}

/// What retention deleted from a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// Records that are no more.
    pub frames: u64,
    /// Records of that time that are kept because something newer needs them.
    pub kept: u64,
    /// Deleted articles that are remembered.
    pub articles: u64,
    /// Number of the last record that retention covered: the chain begins after it.
    pub last_seq: u64,
    /// When that one was written.
    pub until: Timestamp,
}

impl fmt::Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { frames, kept, last_seq, until, .. } = self;
        write!(
            f,
            "{frames} records up to {last_seq} ({}) given up by retention, {kept} of that time left",
            until.format("%Y-%m-%d")
        )
    }
}

/// Checks the frames of the file against its checkpoint while they are read.
#[derive(Debug, Default)]
pub(super) struct Left {
    hasher: Sha256,
    frames: u64,
}

impl Left {
    pub(super) fn add(&mut self, frame: &Frame) {
        self.hasher.update(frame.bytes());
        self.frames += 1;
    }

    /// What does not fit.
    pub(super) fn flaw(&self, checkpoint: &Checkpoint) -> Option<String> {
        let hash: Hash = self.hasher.clone().finalize().into();
        let is_whole = self.frames == checkpoint.kept && hash == checkpoint.kept_hash;
        (!is_whole)
            .then(|| format!("{} of {} records that retention left are what they were", self.frames, checkpoint.kept))
    }
}

/// A file for the remaining frames, being written. It takes effect once it is put in place.
#[derive(Debug)]
pub(in crate::store) struct Rest {
    path: PathBuf,
    file: BufWriter<File>,
    left: Left,
}

impl Rest {
    /// Begins the file that is to replace the segments up to `base`.
    pub(super) fn begin(segments: &Segments, base: u32) -> Result<Self, StoreError> {
        let path = segments.part(base);
        let file = BufWriter::new(File::create(&path).map_err(io("create", &path))?);
        Ok(Self { path, file, left: Left::default() })
    }

    /// Adds a frame, in the order of their numbers.
    pub(in crate::store) fn add(&mut self, frame: &Frame) -> Result<(), StoreError> {
        self.left.add(frame);
        self.file.write_all(frame.bytes()).map_err(io("write to", &self.path))
    }

    /// Completes the file durably. The counts and the hash of the frames left are filled in here.
    pub(in crate::store) fn end(
        mut self,
        checkpoint: Checkpoint,
        now: Timestamp,
    ) -> Result<(PathBuf, GivenUp), StoreError> {
        let (kept, kept_hash) = (self.left.frames, self.left.hasher.finalize().into());
        // Every number up to the last was used exactly once.
        let dropped = checkpoint.last_seq.saturating_sub(kept);
        let checkpoint = Checkpoint { dropped, kept, kept_hash, ..checkpoint };
        let frame = checkpoint.frame(now).map_err(io("write to", &self.path))?;
        let written = self.file.write_all(frame.bytes()).and_then(|()| self.file.flush());
        written.and_then(|()| self.file.get_ref().sync_all()).map_err(io("write to", &self.path))?;
        Ok((self.path, checkpoint.given_up()))
    }
}
