//! Reading the ledger from one end to the other, past damage.

use std::{
    cell::Cell,
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
    kept::Checkpoint,
    notice::{Gone, Notice},
    numbers::Numbers,
};
use crate::{
    model::Change,
    store::{StoreError, Visit, io},
};

/// A damaged stretch of the ledger.
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
        /// Whether it follows the previous frame: number and hash both fit. In a file that retention left: whether its
        /// number is higher.
        chained: bool,
        /// Number of frames missing before it; 0 if retention deleted them.
        gap: u64,
    },
    /// A notice. Frames that it reports lost do not break the chain, but count as missing.
    Notice { at: Position, frame: Frame, notice: Box<Notice>, chained: bool, gap: u64 },
    /// The end of a file that retention left.
    Checkpoint { at: Position, checkpoint: Box<Checkpoint> },
    /// Bytes that are no frame, before another frame or in a segment that is not the last.
    Damage(Damage),
}

/// The last frame of a ledger or of a part of it.
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
    /// Bytes after the last frame of the last segment: an unfinished write.
    pub(in crate::store) torn: Option<Damage>,
}

impl Ledger {
    /// Visits what follows `from`, or everything, in the order of the names of the files.
    pub(in crate::store) fn walk(
        &self,
        from: Option<Tail>,
        visit: &mut dyn FnMut(Found) -> Result<Visit, StoreError>,
    ) -> Result<End, StoreError> {
        self.walk_in(self.files_since(from), from, visit)
    }

    /// Visits what follows `from` in these files, or all that is in them, in their order.
    pub(in crate::store) fn walk_in(
        &self,
        files: Vec<(u32, PathBuf)>,
        from: Option<Tail>,
        visit: &mut dyn FnMut(Found) -> Result<Visit, StoreError>,
    ) -> Result<End, StoreError> {
        let mut end = End { tail: from, torn: None };
        let last = self.segments.last().map(|(number, _)| number);
        for (segment, path) in files {
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
    /// Classifies a sound frame by what was found before it, as `end` says.
    fn found(&self, at: Position, frame: Frame, end: &mut End) -> Found {
        let before = end.tail;
        if frame.kind == Kind::Checkpoint {
            return match Checkpoint::read(&frame) {
                Ok(checkpoint) => {
                    // The chain continues after the last frame that retention covered.
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
            // Retention leaves a checkpoint in place of what it deletes. A ledger that otherwise begins later than 1
            // has lost something.
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

/// The next offset, from `offset` on, of a whole frame of this or a newer version.
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
        // A magic number may span two chunks.
        offset += (chunk.len() - MAGIC.len() + 1) as u64;
    }
    Ok(None)
}

/// An item of a ledger, for a reader of everything.
pub(in crate::store) enum Entry<'l> {
    /// A change with its number.
    Change(u64, Change),
    /// What was deleted and is remembered.
    GivenUp(&'l Gone),
    /// The number of missing records, once everything was read.
    Missing(u64),
    /// A damaged record, or several in a row.
    Damaged,
}

impl Ledger {
    /// Visits every change once, in the order of the numbers, also if files were renamed. Damaged records are skipped
    /// and reported by an error at the end.
    pub(in crate::store) fn changes(&self, visit: &mut dyn FnMut(u64, Change) -> Visit) -> Result<(), StoreError> {
        self.all(&mut |entry| match entry {
            Entry::Change(seq, change) => visit(seq, change),
            _ => ControlFlow::Continue(()),
        })
    }

    /// Visits every change like [`Ledger::changes`], and also what is remembered of deleted records.
    pub(in crate::store) fn all(&self, visit: &mut dyn FnMut(Entry<'_>) -> Visit) -> Result<(), StoreError> {
        let (mut damaged, mut numbers, is_over) = (None, Numbers::default(), Cell::new(false));
        let mut visit = |entry: Entry<'_>| {
            let res = visit(entry);
            is_over.set(is_over.get() || res.is_break());
            res
        };
        self.walk_in(self.by_number()?.since(None), None, &mut |found| {
            let is_again = numbers.has(&found, self.base());
            numbers.see(&found, self.base());
            let change = match found {
                Found::Frame { .. } | Found::Notice { .. } if is_again => return Ok(ControlFlow::Continue(())),
                Found::Checkpoint { checkpoint, .. } => {
                    return Ok(visit(Entry::GivenUp(&checkpoint.gone)));
                }
                Found::Notice { notice, .. } => {
                    return Ok(match &*notice {
                        Notice::Gone(gone) => visit(Entry::GivenUp(gone)),
                        Notice::Lost(_) | Notice::Left { .. } => ControlFlow::Continue(()),
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
        if !is_over.get() && numbers.missing() > 0 {
            let _ = visit(Entry::Missing(numbers.missing()));
        }
        damaged.map_or(Ok(()), Err)
    }
}
