//! Ledger files that were renamed or copied: the order in which they are read, and how far they are out of order.
//!
//! File names give the order of writing as long as nobody renames or copies a file. The numbers of the records always
//! do.

use std::{collections::BTreeMap, iter::once, ops::ControlFlow, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::{
    Ledger,
    walk::{Found, Tail},
};
use crate::store::StoreError;

/// The files, ordered by the number of their first record.
#[derive(Debug)]
pub(in crate::store) struct ByNumber {
    files: Vec<(u32, PathBuf)>,
    begins: Vec<(u32, u64)>,
}

impl ByNumber {
    /// How many files are out of order by name, or are copies; 0 if all are in their places.
    pub(in crate::store) fn misplaced(&self) -> u64 {
        misplaced(&self.begins)
    }

    /// How they stand.
    pub(in crate::store) fn disorder(&self, last: Option<Tail>) -> Disorder {
        Disorder { last, files: Files::of(&self.begins) }
    }

    /// The files from the one that holds `from` on.
    pub(in crate::store) fn since(self, from: Option<Tail>) -> Vec<(u32, PathBuf)> {
        let files = self.files.into_iter();
        files.skip_while(|it| from.is_some_and(|from| from.at.segment != it.0)).collect()
    }
}

fn misplaced(begins: &[(u32, u64)]) -> u64 {
    let mut sorted = begins.to_vec();
    sorted.sort_unstable_by_key(|(segment, seq)| (*seq, *segment));
    let with_before = |files: &[(u32, u64)]| -> BTreeMap<u32, Option<(u32, u64)>> {
        let before = once(None).chain(files.iter().copied().map(Some));
        files.iter().map(|it| it.0).zip(before).collect()
    };
    let by_number = with_before(&sorted);
    let by_name = with_before(begins);
    let is_misplaced = |(segment, seq): &&(u32, u64)| {
        let before = by_name.get(segment).copied().flatten();
        by_number.get(segment).copied().flatten() != before || before.is_some_and(|it| it.1 == *seq)
    };
    begins.iter().filter(is_misplaced).count() as u64
}

/// Says that records come after one with a higher number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct Disorder {
    /// The frame with the highest number, if any was found.
    pub(in crate::store) last: Option<Tail>,
    /// How the files stood.
    files: Files,
}

impl Disorder {
    /// Whether the files are arranged as before, by their own numbers and those of their first records.
    pub(in crate::store) fn is_of(&self, begins: &[(u32, u64)]) -> bool {
        let known: Vec<_> = begins.iter().copied().filter(|it| it.0 <= self.files.last).collect();
        Files::of(&known).crc == self.files.crc
    }
}

/// A fingerprint of the files and their first records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Files {
    /// The number of the last one.
    last: u32,
    /// CRC-32C over the numbers of the files, and of the records that they begin with.
    crc: u32,
}

impl Files {
    fn of(begins: &[(u32, u64)]) -> Self {
        begins.iter().fold(Self::default(), |Self { crc, .. }, (segment, seq)| {
            let crc = crc32c::crc32c_append(crc, &segment.to_le_bytes());
            Self { last: *segment, crc: crc32c::crc32c_append(crc, &seq.to_le_bytes()) }
        })
    }
}

impl Ledger {
    /// The files, ordered by the number of their first record. Reads the first record of each.
    pub(in crate::store) fn by_number(&self) -> Result<ByNumber, StoreError> {
        let begins = self.first_numbers(0)?;
        let numbers: BTreeMap<_, _> = begins.iter().copied().collect();
        let mut seq = 0;
        let mut files: Vec<_> = self
            .segments
            .from(0)
            .into_iter()
            .map(|(segment, path)| {
                // An unreadable file keeps its place after the one before it; the file that retention left comes first.
                seq = numbers.get(&segment).copied().unwrap_or(seq);
                (seq, segment, path)
            })
            .collect();
        files.sort_unstable_by_key(|(seq, segment, _)| (*seq, *segment));
        Ok(ByNumber { files: files.into_iter().map(|(_, segment, path)| (segment, path)).collect(), begins })
    }

    /// The files by name, from the one with the frame `from` on, or all of them.
    pub(in crate::store) fn files_since(&self, from: Option<Tail>) -> Vec<(u32, PathBuf)> {
        self.segments.from(from.map_or(0, |it| it.at.segment))
    }

    /// Whether any file is not in its place.
    pub(in crate::store) fn is_out_of_order(&self) -> Result<bool, StoreError> {
        Ok(misplaced(&self.first_numbers(0)?) > 0)
    }

    /// Whether the files after that of a frame were written after it and are in order.
    pub(in crate::store) fn goes_on_in_order(&self, after: Tail) -> Result<bool, StoreError> {
        let firsts = self.first_numbers(after.at.segment.saturating_add(1))?;
        Ok(once(after.seq).chain(firsts.into_iter().map(|it| it.1)).is_sorted_by(|a, b| a < b))
    }

    /// The number of the first readable record in each file from `first` on. Files without one are left out.
    pub(in crate::store) fn first_numbers(&self, first: u32) -> Result<Vec<(u32, u64)>, StoreError> {
        let mut res = Vec::new();
        for (segment, path) in self.segments.from(first.max(self.base().saturating_add(1))) {
            self.walk_in(vec![(segment, path)], None, &mut |found| match found {
                Found::Frame { frame, .. } | Found::Notice { frame, .. } => {
                    res.push((segment, frame.seq));
                    Ok(ControlFlow::Break(()))
                }
                Found::Checkpoint { .. } | Found::Damage(_) => Ok(ControlFlow::Continue(())),
            })?;
        }
        Ok(res)
    }

    /// The frame with the highest number, wherever it is. Reads everything.
    pub(in crate::store) fn last_by_number(&self) -> Result<Option<Tail>, StoreError> {
        let mut last: Option<Tail> = None;
        self.walk(None, &mut |found| {
            let tail = match &found {
                Found::Frame { at, frame, .. } | Found::Notice { at, frame, .. } => {
                    Tail { at: *at, seq: frame.seq, hash: frame.hash() }
                }
                Found::Checkpoint { at, checkpoint } => {
                    Tail { at: *at, seq: checkpoint.last_seq, hash: checkpoint.last_hash }
                }
                Found::Damage(_) => return Ok(ControlFlow::Continue(())),
            };
            if last.is_none_or(|it| it.seq < tail.seq) {
                last = Some(tail);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_not_in_their_places_are_counted_as_the_breaks_of_the_chain_that_they_make() {
        for (seqs, count) in [
            (&[][..], 0),
            (&[1], 0),
            (&[4, 9, 30], 0),
            (&[1, 2, 3, 4, 6, 5], 2),
            (&[1, 2, 3, 4, 6, 5, 7], 3),
            (&[4, 2, 3, 1, 5, 6], 4),
            (&[1, 2, 3, 3], 1),
            (&[1, 1, 3], 1),
        ] {
            let begins: Vec<_> = (1..).zip(seqs.iter().copied()).collect();
            assert_eq!(misplaced(&begins), count, "{seqs:?}");
        }
    }
}
