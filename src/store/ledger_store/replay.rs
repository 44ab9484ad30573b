//! Entering what the ledger has into the index.

use std::ops::ControlFlow;

use super::{enter, open::Opened};
use crate::{
    model::{ArticleId, MessageId},
    store::{
        StoreError,
        index::{
            Index,
            before::Before,
            draft::Draft,
            key,
            row::{BaseRow, IssueRow},
        },
        ledger::{Damage, End, Found, Gone, Ledger, Notice, Tail},
    },
};

/// Enters what follows `from` into the index, as many changes at a time as a draft takes.
pub(super) fn replay(
    ledger: &Ledger,
    index: &Index,
    from: Option<Tail>,
    opened: &mut Opened,
) -> Result<End, StoreError> {
    let mut draft = Draft::new(index);
    let end = ledger.walk(from, &mut |found| {
        match found {
            Found::Damage(damage) => opened.damage.push(damage),
            Found::Checkpoint { checkpoint, .. } => {
                enter_gone(&mut draft, &checkpoint.gone)?;
                draft.put(key::base(), &BaseRow { base: ledger.base() })?;
            }
            // How far the index has come is told by changes alone: a notice may be entered again.
            Found::Notice { notice, chained, gap, .. } => {
                opened.unchained += u64::from(!chained);
                opened.missing += gap;
                opened.known_lost += notice.lost().min(gap);
                enter_notice(&mut draft, &notice)?;
            }
            Found::Frame { at, frame, chained, gap } => {
                opened.unchained += u64::from(!chained);
                opened.missing += gap;
                match ledger.decode(at, &frame) {
                    Ok(change) => {
                        let before = Before::read(&draft, ledger, &change)?;
                        enter(&mut draft, &change, before, Tail { at, seq: frame.seq, hash: frame.hash() })?;
                        apply_full(&mut draft)?;
                        opened.replayed += 1;
                    }
                    Err(StoreError::Damaged { path, offset, reason, .. }) => {
                        opened.damage.push(Damage { path, offset, bytes: at.len, reason });
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    draft.apply()?;
    Ok(end)
}

/// Enters what the ledger says of itself.
pub(super) fn enter_notice(draft: &mut Draft<'_>, notice: &Notice) -> Result<(), StoreError> {
    match notice {
        Notice::Left { base, sha256 } => draft.put(key::left(*base, sha256), sha256),
        Notice::Lost(lost) => draft.put(key::lost(lost.from), &lost.to),
        Notice::Gone(gone) => enter_gone(draft, gone),
    }
}

/// Enters what is no more and known for it.
fn enter_gone(draft: &mut Draft<'_>, gone: &Gone) -> Result<(), StoreError> {
    for it in &gone.articles {
        draft.add([(key::forgotten(ArticleId(*it)), Some(Vec::new()))]);
        apply_full(draft)?;
    }
    for it in &gone.sent {
        draft.add([(draft.names().sent(&MessageId(it.clone())), Some(Vec::new()))]);
        apply_full(draft)?;
    }
    // An older sitrepd took any time from an import; one that is no instant would be an error whenever it is read.
    for it in gone.issued.iter().filter(|it| it.times().is_ok()) {
        let row = IssueRow { slot: it.at, until: it.until };
        draft.put(draft.names().issue(&it.digest, it.at), &row)?;
        apply_full(draft)?;
    }
    Ok(())
}

fn apply_full(draft: &mut Draft<'_>) -> Result<(), StoreError> {
    if draft.is_full() { draft.apply() } else { Ok(()) }
}
