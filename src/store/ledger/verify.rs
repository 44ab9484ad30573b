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
    /// What the reading showed, without what stands after the last whole frame: that may be a write that is under way.
    pub(in crate::store) found: Verified,
}

/// How long a file of a ledger is.
#[derive(Debug)]
pub(in crate::store) struct Length {
    pub(in crate::store) path: PathBuf,
    /// Up to the end of the last whole frame. Damage before it is whole as far as a copy is concerned.
    pub(in crate::store) whole: u64,
    /// Up to the end of the last frame that was acknowledged.
    pub(in crate::store) acknowledged: u64,
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
    /// The record of the chain that has the SHA-256 of what retention left; `None` where nothing was given up, or where
    /// a sitrepd before this version left it: it is not proved then.
    pub left_proved: Option<u64>,
    /// Frames that stand behind one of a higher number, or twice: a file was renamed or copied. They are there, and
    /// count as no more missing than they are.
    pub out_of_order: u64,
    /// Records that were lost though they were acknowledged, as far as the ledger says so itself. They count as missing
    /// too, but for those that are there again.
    pub lost: Vec<Lost>,
    /// How many of the missing the ledger says itself are lost.
    pub known_lost: u64,
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

    /// The same, and how long each file is of which a copy is to be made. In the last one, which may be written to
    /// meanwhile, no more than `acknowledged` counts as that, where it is known; those before it are complete and
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

    /// How much of a file there is up to the end of its last whole frame, after a walk that came to `end`.
    fn whole(&self, path: &Path, end: &End) -> Result<u64, StoreError> {
        match (&end.torn, end.tail) {
            (Some(torn), _) if torn.path == path => Ok(torn.offset),
            // It may have grown since it was read; what was read is whole frames.
            (None, Some(tail)) if self.segments.last().is_some_and(|it| it.0 == tail.at.segment && it.1 == path) => {
                Ok(tail.at.end())
            }
            _ => Ok(fs::metadata(path).map_err(io("read", path))?.len()),
        }
    }
}
