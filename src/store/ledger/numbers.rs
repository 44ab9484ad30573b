//! Tells which records are missing, by their numbers. Opening, tending, proving, reading and measuring all use this one
//! count.
//!
//! Every number is used once and none is left out, so that a number below the highest that was found nowhere is that of
//! a missing record. The order of the files does not matter: a record in the wrong place is not missing.

use std::collections::BTreeMap;

use super::{notice::Notice, walk::Found};

/// What is known of the numbers of a ledger, or of its part up to some record.
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct Numbers {
    highest: u64,
    missing: Ranges,
    /// The missing numbers that the ledger itself reports lost.
    told: Ranges,
    out_of_order: u64,
}

impl Numbers {
    /// Restores what was known when `highest` was the highest number: ranges of missing numbers, and of those reported
    /// lost.
    pub(in crate::store) fn known(highest: u64, missing: &[(u64, u64)], told: &[(u64, u64)]) -> Self {
        let mut res = Self { highest, ..Self::default() };
        for it in missing.iter().chain(told) {
            res.missing.insert(*it);
        }
        for it in told {
            res.told.insert(*it);
        }
        drop(res.changes());
        res
    }

    /// Takes in what a walk finds, in a ledger with this `base`.
    pub(in crate::store) fn see(&mut self, found: &Found, base: u32) {
        match found {
            Found::Frame { at, frame, .. } | Found::Notice { at, frame, .. } if at.segment == base => {
                self.pass(frame.seq);
            }
            Found::Frame { frame, .. } => self.number(frame.seq),
            Found::Notice { frame, notice, .. } => {
                self.number(frame.seq);
                if let Notice::Lost(lost) = &**notice {
                    // Some records reported lost may be elsewhere, because a file was put back.
                    let missing = self.missing.within(lost.from, lost.to);
                    for it in missing {
                        self.told.insert(it);
                    }
                }
            }
            Found::Checkpoint { checkpoint, .. } => self.pass(checkpoint.last_seq),
            Found::Damage(_) => (),
        }
    }

    /// Raises the highest number without marking anything before it missing: all of it was read, or retention removed
    /// it.
    pub(in crate::store) fn pass(&mut self, seq: u64) {
        self.highest = self.highest.max(seq);
    }

    /// Whether a record was found before by the walk, in a ledger with this `base`, or was deleted by retention: then a
    /// file was copied.
    pub(in crate::store) fn has(&self, found: &Found, base: u32) -> bool {
        match found {
            Found::Frame { at, frame, .. } | Found::Notice { at, frame, .. } => {
                at.segment > base && frame.seq <= self.highest && !self.is_missing(frame.seq)
            }
            Found::Checkpoint { .. } | Found::Damage(_) => false,
        }
    }

    fn number(&mut self, seq: u64) {
        if seq > self.highest {
            let next = self.highest + 1;
            if next < seq {
                self.missing.insert((next, seq - 1));
            }
            self.highest = seq;
        } else {
            self.out_of_order += 1;
            self.missing.remove(seq);
            self.told.remove(seq);
        }
    }

    /// Adds ranges of records that have disappeared since these numbers were taken in.
    pub(in crate::store) fn lose(&mut self, gone: &[(u64, u64)]) {
        for it in gone {
            self.missing.insert(*it);
        }
    }

    /// First and last numbers of what is missing.
    pub(in crate::store) fn ranges(&self) -> Vec<(u64, u64)> {
        self.missing.last.iter().map(|(from, to)| (*from, *to)).collect()
    }

    /// Whether a number is among what is missing.
    pub(in crate::store) fn is_missing(&self, seq: u64) -> bool {
        !self.missing.within(seq, seq).is_empty()
    }

    /// The highest number.
    pub(in crate::store) fn highest(&self) -> u64 {
        self.highest
    }

    /// How many records are missing.
    pub(in crate::store) fn missing(&self) -> u64 {
        self.missing.count()
    }

    /// How many of the missing records the ledger itself reports lost.
    pub(in crate::store) fn told(&self) -> u64 {
        self.told.count()
    }

    /// How many records come after one with a higher number, or occur twice, since these numbers were begun or
    /// restored.
    pub(in crate::store) fn out_of_order(&self) -> u64 {
        self.out_of_order
    }

    /// The changes since the last call: for each changed range of missing numbers its first number with the last, or
    /// with `None` if no range begins there any more; and the same for the numbers reported lost.
    pub(in crate::store) fn changes(&mut self) -> (Changed, Changed) {
        (std::mem::take(&mut self.missing.changed), std::mem::take(&mut self.told.changed))
    }
}

/// See [`Numbers::changes`].
pub(in crate::store) type Changed = BTreeMap<u64, Option<u64>>;

/// Numbers as ranges that neither overlap nor touch.
#[derive(Debug, Clone, Default)]
struct Ranges {
    /// The last number of each by its first.
    last: BTreeMap<u64, u64>,
    changed: Changed,
}

impl Ranges {
    fn insert(&mut self, (mut from, mut to): (u64, u64)) {
        if from > to {
            return;
        }
        // Ranges that it touches are merged with it.
        let near = self.last.range(..=to.saturating_add(1)).rev();
        let near: Vec<_> = near.map(|it| (*it.0, *it.1)).take_while(|it| it.1.saturating_add(1) >= from).collect();
        for (first, last) in near {
            (from, to) = (from.min(first), to.max(last));
            self.set(first, None);
        }
        self.set(from, Some(to));
    }

    fn remove(&mut self, number: u64) {
        let Some((&from, &to)) = self.last.range(..=number).next_back().filter(|it| *it.1 >= number) else { return };
        self.set(from, (from < number).then(|| number - 1));
        if number < to {
            self.set(number + 1, Some(to));
        }
    }

    fn set(&mut self, from: u64, to: Option<u64>) {
        match to {
            Some(to) => drop(self.last.insert(from, to)),
            None => drop(self.last.remove(&from)),
        }
        self.changed.insert(from, to);
    }

    /// The parts that lie within a range.
    fn within(&self, from: u64, to: u64) -> Vec<(u64, u64)> {
        let near = self.last.range(..=to).rev().take_while(|it| *it.1 >= from);
        near.map(|it| (from.max(*it.0), to.min(*it.1))).collect()
    }

    fn count(&self) -> u64 {
        self.last.iter().map(|(from, to)| (to - from).saturating_add(1)).fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::{collection::vec, prelude::*};

    use super::*;

    proptest! {
        #[test]
        fn ranges_are_sets_of_numbers(steps in vec((1_u64..40, 0_u64..9, any::<bool>()), 0..30), from in 1_u64..50, length in 0_u64..20) {
            let (mut ranges, mut numbers, mut rows) = (Ranges::default(), BTreeSet::new(), BTreeMap::new());
            for (from, length, is_in) in steps {
                if is_in {
                    ranges.insert((from, from + length));
                    numbers.extend(from..=from + length);
                } else {
                    ranges.remove(from);
                    numbers.remove(&from);
                }
                // What was told of changes makes the same.
                for (from, to) in std::mem::take(&mut ranges.changed) {
                    match to {
                        Some(to) => drop(rows.insert(from, to)),
                        None => drop(rows.remove(&from)),
                    }
                }
                prop_assert_eq!(&rows, &ranges.last);
                prop_assert_eq!(ranges.count(), numbers.len() as u64);
                let all: BTreeSet<_> = ranges.last.iter().flat_map(|(from, to)| *from..=*to).collect();
                prop_assert_eq!(&all, &numbers);
            }
            let within: BTreeSet<_> = ranges.within(from, from + length).into_iter().flat_map(|(from, to)| from..=to).collect();
            prop_assert_eq!(within, numbers.range(from..=from + length).copied().collect());
        }

        #[test]
        fn what_stands_anywhere_is_not_missing(mut seqs in vec(1_u64..30, 1..30)) {
            let mut numbers = Numbers::default();
            for it in &seqs {
                numbers.number(*it);
            }
            seqs.sort_unstable();
            seqs.dedup();
            let highest = seqs.last().copied().unwrap_or_default();
            prop_assert_eq!((numbers.highest(), numbers.missing()), (highest, highest - seqs.len() as u64));
        }
    }
}
