//! Files of the ledger that are not there though one of a higher number is: how many changes were in them.

use std::ops::ControlFlow;

use super::{
    Ledger, Position,
    frame::Hash,
    walk::{Found, Tail},
};
use crate::store::StoreError;

impl Ledger {
    /// How many changes are missing where files are not there before the one with the number `until`, by the numbers of the last frame
    /// before each hole and of the first after it, without those of which the ledger says itself that they are lost. Reads the file before
    /// each hole, and nothing where there is none.
    pub(in crate::store) fn missing_in_holes(&self, until: u32) -> Result<u64, StoreError> {
        if self.absent() == 0 {
            return Ok(0);
        }
        let mut missing = 0;
        let mut before = None;
        for (number, _) in self.segments.from(0).into_iter().take_while(|it| it.0 <= until) {
            if before.unwrap_or(0) + 1 < number && number > self.base() {
                missing += self.missing_after(before, number)?;
            }
            before = Some(number);
        }
        Ok(missing)
    }

    /// How many are missing between the last frame of one file and the first of the next that is there.
    fn missing_after(&self, before: Option<u32>, next: u32) -> Result<u64, StoreError> {
        let (mut missing, mut found_any) = (0, before.is_none());
        let start = |segment| Tail { at: Position { segment, offset: 0, len: 0 }, seq: 0, hash: Hash::default() };
        self.walk(before.map(start), &mut |found| {
            let (at, gap, known) = match &found {
                Found::Frame { at, gap, .. } => (at, *gap, 0),
                Found::Notice { at, gap, notice, .. } => (at, *gap, notice.lost()),
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
            // Where nothing of the file before can be read, no number says where the hole begins.
            missing = if found_any { gap.saturating_sub(known) } else { 0 };
            Ok(ControlFlow::Break(()))
        })?;
        Ok(missing)
    }
}
