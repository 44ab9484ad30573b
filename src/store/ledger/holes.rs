//! Finds segment files that are absent or empty although later ones exist, and which records they held. Only reads.

use std::{ops::ControlFlow, path::Path};

use super::{
    Ledger, Position,
    frame::Hash,
    walk::{Found, Tail},
};
use crate::store::StoreError;

impl Ledger {
    /// First and last numbers of records missing because segment files up to `until` are absent or empty, without those
    /// the ledger already reports lost. Only valid while files are in order. Reads the files beside each hole; nothing
    /// if there is none.
    pub(in crate::store) fn holes(&self, until: u32) -> Result<Vec<(u64, u64)>, StoreError> {
        let mut holes = Vec::new();
        let mut before = None;
        let is_empty = |path: &Path| std::fs::metadata(path).is_ok_and(|it| it.len() == 0);
        for (number, path) in self.segments.from(0).into_iter().take_while(|it| it.0 <= until) {
            // An empty file is a hole too if others follow it.
            if is_empty(&path) {
                continue;
            }
            if before.unwrap_or(0) + 1 < number && number > self.base() {
                holes.extend(self.hole(before, number)?);
            }
            before = Some(number);
        }
        Ok(holes)
    }

    /// The numbers missing between the last frame of one file and the first of the next file that has any.
    fn hole(&self, before: Option<u32>, next: u32) -> Result<Option<(u64, u64)>, StoreError> {
        let (mut hole, mut found_any) = (None, before.is_none());
        let start = |segment| Tail { at: Position { segment, offset: 0, len: 0 }, seq: 0, hash: Hash::default() };
        self.walk(before.map(start), &mut |found| {
            let (at, seq, gap, told) = match &found {
                Found::Frame { at, frame, gap, .. } => (at, frame.seq, *gap, 0),
                // The numbers that a notice reports lost come right before its own.
                Found::Notice { at, frame, gap, notice, .. } => (at, frame.seq, *gap, notice.lost()),
                Found::Checkpoint { .. } => {
                    found_any = true;
                    return Ok(ControlFlow::Continue(()));
                }
                Found::Damage(_) => return Ok(ControlFlow::Continue(())),
            };
            if at.segment < next {
                found_any = true;
                return Ok(ControlFlow::Continue(()));
            }
            // If nothing of the file before can be read, no number says where the hole begins.
            hole = (found_any && gap > told).then(|| (seq.saturating_sub(gap), seq.saturating_sub(1 + told)));
            Ok(ControlFlow::Break(()))
        })?;
        Ok(hole)
    }
}
