//! Reading the whole ledger to prove it, and to say how far a copy of it reaches.

use std::{
    fmt, fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use super::{
    Hash, Ledger,
    kept::{GivenUp, Left},
    notice::{Lost, Notice},
    numbers::Numbers,
    walk::{Damage, End, Found},
};
use crate::store::{StoreError, io};

/// How far a ledger reaches.
#[derive(Debug)]
pub(in crate::store) struct Ends {
    pub(in crate::store) files: Vec<Length>,
    /// The last frame that is in the acknowledged part of the files.
    pub(in crate::store) last_seq: u64,
    /// What the reading showed, without bytes after the last whole frame: a write may be under way there.
    pub(in crate::store) found: Verified,
}

/// How long a file of a ledger is.
#[derive(Debug)]
pub(in crate::store) struct Length {
    pub(in crate::store) path: PathBuf,
    /// Bytes up to the end of the last whole frame. A copy includes damage before it.
    pub(in crate::store) whole: u64,
    /// Bytes up to the end of the last acknowledged frame.
    pub(in crate::store) acknowledged: u64,
}

/// The result of reading the whole ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Frames whose checksum fits.
    pub frames: u64,
    /// Segment files.
    pub segments: u64,
    /// Number of the first frame; more than 1 if retention deleted the oldest segments.
    pub first_seq: u64,
    /// Number of the last frame.
    pub last_seq: u64,
    /// Frames that are missing by their number.
    pub missing: u64,
    /// What is damaged, a torn end included.
    pub damage: Vec<Damage>,
    /// The first place where the chain of hashes is broken.
    pub first_break: Option<Break>,
    /// What retention deleted, and where the chain begins since.
    pub given_up: Option<GivenUp>,
    /// The number of the notice with the SHA-256 of the file that retention left. `None` if nothing was deleted, or if
    /// an older sitrepd left the file, which is then not proved.
    pub left_proved: Option<u64>,
    /// Frames that come after one with a higher number, or occur twice, because a file was renamed or copied. They are
    /// not missing.
    pub out_of_order: u64,
    /// Acknowledged records that the ledger itself reports lost. They also count as missing, unless they are there
    /// again.
    pub lost: Vec<Lost>,
    /// How many of the missing records the ledger itself reports lost.
    pub known_lost: u64,
}

impl Verified {
    /// Whether there is no record, and none is known to have been.
    pub fn is_empty(&self) -> bool {
        self.frames == 0 && self.last_seq == 0
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

/// A reading of the ledger under way.
struct Reading<'l> {
    ledger: &'l Ledger,
    res: Verified,
    left: Left,
    proofs: Vec<(Hash, u64)>,
    /// The number of the frame before.
    before: u64,
    numbers: Numbers,
}

impl<'l> Reading<'l> {
    fn new(ledger: &'l Ledger) -> Self {
        let res = Verified { segments: ledger.segments.from(0).len() as u64, ..Verified::default() };
        Self { ledger, res, left: Left::default(), proofs: Vec::new(), before: 0, numbers: Numbers::default() }
    }

    fn see(&mut self, found: Found) {
        let base = self.ledger.base();
        self.numbers.see(&found, base);
        if let Found::Notice { frame, notice, .. } = &found {
            match **notice {
                Notice::Left { base: of, sha256 } if of == base => self.proofs.push((sha256, frame.seq)),
                Notice::Lost(lost) => self.res.lost.push(lost),
                _ => (),
            }
        }
        match found {
            Found::Frame { at, frame, chained, .. } | Found::Notice { at, frame, chained, .. } => {
                if self.res.frames == 0 {
                    self.res.first_seq = frame.seq;
                }
                if at.segment == base {
                    self.left.add(&frame);
                }
                if !chained && self.res.first_break.is_none() {
                    self.res.first_break = Some(Break {
                        path: self.ledger.path(at),
                        offset: at.offset,
                        seq: frame.seq,
                        expected_seq: self.before.saturating_add(1),
                    });
                }
                self.res.frames += 1;
                self.before = frame.seq;
            }
            Found::Checkpoint { at, checkpoint } => {
                self.res.damage.extend(self.left.flaw(&checkpoint).map(|reason| Damage {
                    path: self.ledger.path(at),
                    offset: 0,
                    bytes: at.end(),
                    reason,
                }));
                self.res.first_seq = self.res.first_seq.max(1);
                self.before = checkpoint.last_seq;
                self.res.given_up = Some(checkpoint.given_up());
            }
            Found::Damage(damage) => self.res.damage.push(damage),
        }
    }

    fn end(mut self) -> Result<Verified, StoreError> {
        let numbers = &self.numbers;
        (self.res.last_seq, self.res.out_of_order) = (numbers.highest(), numbers.out_of_order());
        (self.res.missing, self.res.known_lost) = (numbers.missing(), numbers.told());
        let (proved, changed) = self.ledger.left_proof(self.proofs)?;
        self.res.left_proved = proved;
        self.res.damage.extend(changed);
        Ok(self.res)
    }
}

impl Ledger {
    /// Reads every frame and checks checksum, number and chain.
    pub(in crate::store) fn verify(&self) -> Result<Verified, StoreError> {
        let mut reading = Reading::new(self);
        let end = self.walk(None, &mut |found| {
            reading.see(found);
            Ok(ControlFlow::Continue(()))
        })?;
        let mut res = reading.end()?;
        res.damage.extend(end.torn);
        Ok(res)
    }

    /// Reads every frame like [`Ledger::verify`], and returns how much of each file a copy includes. In the last file,
    /// which may be being written, at most `acknowledged` counts if it is known; earlier files are complete and
    /// durable.
    pub(in crate::store) fn ends(&self, acknowledged: Option<u64>) -> Result<Ends, StoreError> {
        let last = self.segments.last().map(|it| it.0);
        let (mut reading, mut open_until, mut last_seq) = (Reading::new(self), 0, 0);
        let end = self.walk(None, &mut |found| {
            match &found {
                Found::Frame { at, frame, .. } | Found::Notice { at, frame, .. } => {
                    let is_open = last == Some(at.segment) && at.segment > self.base();
                    if !is_open || acknowledged.is_none_or(|it| frame.seq <= it) {
                        last_seq = frame.seq.max(last_seq);
                        open_until = if is_open { at.end() } else { 0 };
                    }
                }
                Found::Checkpoint { checkpoint, .. } => last_seq = checkpoint.last_seq,
                Found::Damage(_) => (),
            }
            reading.see(found);
            Ok(ControlFlow::Continue(()))
        })?;
        let files = self.segments.from(0).into_iter().map(|(number, path)| {
            let whole = self.whole(&path, &end)?;
            let is_open = last == Some(number) && number > self.base() && acknowledged.is_some();
            Ok(Length { path, whole, acknowledged: if is_open { open_until.min(whole) } else { whole } })
        });
        Ok(Ends { files: files.collect::<Result<_, StoreError>>()?, last_seq, found: reading.end()? })
    }

    /// The bytes of a file up to the end of its last whole frame, after a walk that reached `end`.
    fn whole(&self, path: &Path, end: &End) -> Result<u64, StoreError> {
        match (&end.torn, end.tail) {
            (Some(torn), _) if torn.path == path => Ok(torn.offset),
            // The file may have grown since it was read; what was read is whole frames.
            (None, Some(tail)) if self.segments.last().is_some_and(|it| it.0 == tail.at.segment && it.1 == path) => {
                Ok(tail.at.end())
            }
            _ => Ok(fs::metadata(path).map_err(io("read", path))?.len()),
        }
    }
}
