//! Reading the ledger from one end to the other, past damage.

use std::{
    fmt,
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    Ledger, Position,
    frame::{self, Flaw, Frame, Hash, Kind, MAGIC},
    kept::{Checkpoint, GivenUp, Left},
    notice::{Gone, Lost, Notice},
};
use crate::{
    model::Change,
    store::{StoreError, Visit, io},
};

/// A stretch of the ledger that is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The segment.
    pub path: PathBuf,
    /// Where it begins in the segment.
    pub offset: u64,
    /// How long it is.
    pub bytes: u64,
    /// What does not fit.
    pub reason: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, offset, bytes, reason } = self;
        write!(f, "{bytes} bytes at {} offset {offset}: {reason}", path.display())
    }
}

impl From<Damage> for StoreError {
    fn from(Damage { path, offset, reason, .. }: Damage) -> Self {
        Self::Damaged { what: "frame", path, offset, reason }
    }
}

/// What a walk comes upon.
#[derive(Debug)]
pub(in crate::store) enum Found {
    /// A frame whose checksum fits.
    Frame {
        at: Position,
        frame: Frame,
        /// Whether it follows the frame that was found before it: number and hash both fit. In what is left of files
        /// that were given up: whether its number is higher.
        chained: bool,
        /// Frames that are missing before it by their number; none where they were given up.
        gap: u64,
    },
    /// What the ledger says of itself. Frames that it tells the loss of are no break of the chain, and missing all the same.
    Notice { at: Position, frame: Frame, notice: Box<Notice>, chained: bool, gap: u64 },
    /// What is left of files that were given up is read up to its end.
    Checkpoint { at: Position, checkpoint: Box<Checkpoint> },
    /// Something else, with a frame after it or in a segment that is not the last.
    Damage(Damage),
}

/// The last frame of a ledger or of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct Tail {
    pub(in crate::store) at: Position,
    pub(in crate::store) seq: u64,
    pub(in crate::store) hash: Hash,
}

/// Where a walk ended.
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct End {
    /// The last frame, or the one the walk started from.
    pub(in crate::store) tail: Option<Tail>,
    /// Bytes after the last frame of the last segment: a write that was cut short.
    pub(in crate::store) torn: Option<Damage>,
}

impl Ledger {
    /// Visits what follows `from`, or everything, in order.
    pub(in crate::store) fn walk(
        &self,
        from: Option<Tail>,
        visit: &mut dyn FnMut(Found) -> Result<Visit, StoreError>,
    ) -> Result<End, StoreError> {
        let mut end = End { tail: from, torn: None };
        let last = self.segments.last().map(|(number, _)| number);
        for (segment, path) in self.segments.from(from.map_or(0, |it| it.at.segment)) {
            let mut file = File::open(&path).map_err(io("open", &path))?;
            let size = file.metadata().map_err(io("read", &path))?.len();
            let mut offset = from.filter(|it| it.at.segment == segment).map_or(0, |it| it.at.end());
            while offset < size {
                let flaw = match Frame::read(&mut file, offset, size).map_err(io("read", &path))? {
                    Ok(frame) => {
                        let at = Position { segment, offset, len: frame.bytes().len() as u64 };
                        let found = self.found(at, frame, &mut end);
                        offset = at.end();
                        if visit(found)? == ControlFlow::Break(()) {
                            return Ok(end);
                        }
                        continue;
                    }
                    Err(Flaw::Newer(found)) => {
                        return Err(StoreError::TooNew { path, found, known: frame::newest() });
                    }
                    Err(flaw) => flaw,
                };
                let next = next_frame(&mut file, offset + 1, size, &path)?;
                let until = next.unwrap_or(size);
                let damage = Damage { path: path.clone(), offset, bytes: until - offset, reason: flaw.to_string() };
                if next.is_none() && last == Some(segment) {
                    end.torn = Some(damage);
                    break;
                }
                if visit(Found::Damage(damage))? == ControlFlow::Break(()) {
                    return Ok(end);
                }
                offset = until;
            }
        }
        Ok(end)
    }
}

impl Ledger {
    /// What a sound frame is, after what `end` says was found before it.
    fn found(&self, at: Position, frame: Frame, end: &mut End) -> Found {
        let before = end.tail;
        if frame.kind == Kind::Checkpoint {
            return match Checkpoint::read(&frame) {
                Ok(checkpoint) => {
                    // The chain goes on after the last frame that was given up.
                    end.tail = Some(Tail { at, seq: frame.seq, hash: frame.before });
                    Found::Checkpoint { at, checkpoint: Box::new(checkpoint) }
                }
                Err(reason) => Found::Damage(Damage { path: self.path(at), offset: at.offset, bytes: at.len, reason }),
            };
        }
        end.tail = Some(Tail { at, seq: frame.seq, hash: frame.hash() });
        let (mut chained, gap) = match before {
            Some(tail) if at.segment == self.base() => (frame.seq > tail.seq, 0),
            Some(tail) => {
                (frame.seq == tail.seq + 1 && frame.before == tail.hash, frame.seq.saturating_sub(tail.seq + 1))
            }
            None if self.base() > 0 && at.segment == self.base() => (frame.seq > 0, 0),
            // Retention leaves a checkpoint in the place of what it gives up; anything else that begins later is a loss.
            None => (frame.seq == 1 && frame.before == Hash::default(), frame.seq.saturating_sub(1)),
        };
        if frame.kind != Kind::Notice {
            return Found::Frame { at, frame, chained, gap };
        }
        match Notice::read(&frame) {
            Ok(notice) => {
                if let Notice::Lost(lost) = &notice {
                    let (seq, hash) = before.map_or((0, Hash::default()), |it| (it.seq, it.hash));
                    chained = (lost.from, lost.to, frame.before) == (seq + 1, frame.seq.saturating_sub(1), hash);
                }
                Found::Notice { at, frame, notice: Box::new(notice), chained, gap }
            }
            Err(reason) => Found::Damage(Damage { path: self.path(at), offset: at.offset, bytes: at.len, reason }),
        }
    }
}

/// The next offset from `offset` on at which a whole frame stands, of this or of a newer version.
fn next_frame(file: &mut File, mut offset: u64, size: u64, path: &Path) -> Result<Option<u64>, StoreError> {
    const CHUNK: usize = 1 << 20;
    while offset < size {
        let mut chunk = Vec::with_capacity(CHUNK);
        file.seek(SeekFrom::Start(offset)).map_err(io("read", path))?;
        file.by_ref().take(CHUNK as u64).read_to_end(&mut chunk).map_err(io("read", path))?;
        for (at, window) in chunk.windows(MAGIC.len()).enumerate() {
            if window == MAGIC {
                let at = offset + at as u64;
                if let Ok(_) | Err(Flaw::Newer(_)) = Frame::read(file, at, size).map_err(io("read", path))? {
                    return Ok(Some(at));
                }
            }
        }
        if chunk.len() < MAGIC.len() {
            return Ok(None);
        }
        // A magic number may lie across two chunks.
        offset += (chunk.len() - MAGIC.len() + 1) as u64;
    }
    Ok(None)
}

/// What stands in a ledger, for who reads all of it.
pub(in crate::store) enum Entry<'l> {
    /// A change with its number.
    Change(u64, Change),
    /// What is no more and known for it.
    GivenUp(&'l Gone),
    /// Changes that are no more.
    Lost(Lost),
    /// One that is damaged, or several in a row.
    Damaged,
}

/// How far a ledger reaches.
#[derive(Debug)]
pub(in crate::store) struct Ends {
    pub(in crate::store) segments: Vec<(PathBuf, u64)>,
    pub(in crate::store) last_seq: u64,
}

/// What a reading of the whole ledger showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Frames whose checksum fits.
    pub frames: u64,
    /// Segment files.
    pub segments: u64,
    /// Number of the first frame; more than 1 where the oldest segments were given up.
    pub first_seq: u64,
    /// Number of the last frame.
    pub last_seq: u64,
    /// Frames that are missing by their number.
    pub missing: u64,
    /// What is damaged, a torn end included.
    pub damage: Vec<Damage>,
    /// The first place where the chain of hashes does not hold.
    pub first_break: Option<Break>,
    /// What retention gave up, and where the chain begins since.
    pub given_up: Option<GivenUp>,
    /// The record of the chain that has the SHA-256 of what retention left; `None` where nothing was given up, or where a sitrepd before
    /// this version left it: it is not proved then.
    pub left_proved: Option<u64>,
    /// Records that were lost though they were acknowledged, as far as the ledger says so itself. They count as missing too.
    pub lost: Vec<Lost>,
}

impl Verified {
    /// How many records the ledger says itself are lost.
    pub fn known_lost(&self) -> u64 {
        self.lost.iter().map(Lost::count).fold(0, u64::saturating_add)
    }
}

/// A frame that does not follow the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// The segment.
    pub path: PathBuf,
    /// The frame's place in it.
    pub offset: u64,
    /// The frame's number.
    pub seq: u64,
    /// The number it should have.
    pub expected_seq: u64,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, offset, seq, expected_seq } = self;
        write!(f, "frame {seq} at {} offset {offset} ", path.display())?;
        match expected_seq.saturating_sub(1) {
            0 => write!(f, "has no beginning of the ledger before it"),
            before => write!(f, "does not follow frame {before}"),
        }
    }
}

impl Ledger {
    /// Visits every change, oldest first, with its number. What is damaged is passed over, and told by an
    /// error at the end.
    pub(in crate::store) fn changes(&self, visit: &mut dyn FnMut(u64, Change) -> Visit) -> Result<(), StoreError> {
        self.all(&mut |entry| match entry {
            Entry::Change(seq, change) => visit(seq, change),
            _ => ControlFlow::Continue(()),
        })
    }

    /// The same, with what is known of those that are no more.
    pub(in crate::store) fn all(&self, visit: &mut dyn FnMut(Entry<'_>) -> Visit) -> Result<(), StoreError> {
        let mut damaged = None;
        self.walk(None, &mut |found| {
            let change = match found {
                Found::Checkpoint { checkpoint, .. } => {
                    return Ok(visit(Entry::GivenUp(&checkpoint.gone)));
                }
                Found::Notice { notice, .. } => {
                    return Ok(match &*notice {
                        Notice::Gone(gone) => visit(Entry::GivenUp(gone)),
                        Notice::Lost(lost) => visit(Entry::Lost(*lost)),
                        Notice::Left { .. } => ControlFlow::Continue(()),
                    });
                }
                Found::Frame { at, frame, .. } => self.decode(at, &frame).map(|it| (frame.seq, it)),
                Found::Damage(it) => Err(it.into()),
            };
            match change {
                Ok((seq, change)) => Ok(visit(Entry::Change(seq, change))),
                Err(error @ StoreError::Damaged { .. }) => {
                    tracing::error!(%error, "a damaged change is passed over");
                    damaged.get_or_insert(error);
                    Ok(visit(Entry::Damaged))
                }
                Err(error) => Err(error),
            }
        })?;
        damaged.map_or(Ok(()), Err)
    }

    /// The segments with the length of what is whole in each, and the number of the last frame. Damage within is whole
    /// as far as a copy is concerned; a torn end is not.
    pub(in crate::store) fn ends(&self) -> Result<Ends, StoreError> {
        let mut last_seq = 0;
        let end = self.walk(None, &mut |found| {
            match found {
                Found::Frame { frame, .. } | Found::Notice { frame, .. } => last_seq = frame.seq,
                Found::Checkpoint { checkpoint, .. } => last_seq = checkpoint.last_seq,
                Found::Damage(_) => (),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let mut segments = Vec::new();
        for (_, path) in self.segments.from(0) {
            let torn = end.torn.as_ref().filter(|it| it.path == path).map(|it| it.offset);
            let length = match torn {
                Some(it) => it,
                None => std::fs::metadata(&path).map_err(io("read", &path))?.len(),
            };
            segments.push((path, length));
        }
        // The last one may have grown since it was read; what was read is whole frames.
        if let (Some(last), Some(tail), None) = (segments.last_mut(), end.tail, &end.torn)
            && last.0 == self.path(tail.at)
        {
            last.1 = tail.at.end();
        }
        Ok(Ends { segments, last_seq })
    }

    /// Reads every frame and checks checksum, number and chain.
    pub(in crate::store) fn verify(&self) -> Result<Verified, StoreError> {
        let mut res = Verified { segments: self.segments.from(0).len() as u64, ..Verified::default() };
        let (mut left, mut proofs) = (Left::default(), Vec::new());
        let end = self.walk(None, &mut |found| {
            if let Found::Notice { frame, notice, .. } = &found {
                match **notice {
                    Notice::Left { base, sha256 } if base == self.base() => proofs.push((sha256, frame.seq)),
                    Notice::Lost(lost) => res.lost.push(lost),
                    _ => (),
                }
            }
            match found {
                Found::Frame { at, frame, chained, gap } | Found::Notice { at, frame, chained, gap, .. } => {
                    if res.frames == 0 {
                        res.first_seq = frame.seq;
                    }
                    if at.segment == self.base() {
                        left.add(&frame);
                    }
                    res.missing += gap;
                    if !chained && res.first_break.is_none() {
                        res.first_break = Some(Break {
                            path: self.path(at),
                            offset: at.offset,
                            seq: frame.seq,
                            expected_seq: res.last_seq + 1,
                        });
                    }
                    res.frames += 1;
                    res.last_seq = frame.seq;
                }
                Found::Checkpoint { at, checkpoint } => {
                    res.damage.extend(left.flaw(&checkpoint).map(|reason| Damage {
                        path: self.path(at),
                        offset: 0,
                        bytes: at.end(),
                        reason,
                    }));
                    res.first_seq = res.first_seq.max(1);
                    res.last_seq = checkpoint.last_seq;
                    res.given_up = Some(checkpoint.given_up());
                }
                Found::Damage(damage) => res.damage.push(damage),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let (proved, changed) = self.left_proof(proofs)?;
        res.left_proved = proved;
        res.damage.extend(changed);
        res.damage.extend(end.torn);
        Ok(res)
    }
}
