//! Enters the ledger's changes into the index, and which records are missing.

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
        ledger::{Damage, Disorder, End, Found, Gone, Ledger, Notice, Numbers, Tail},
    },
};

/// Enters the changes after `from` into the index, in drafts. If files were renamed, they are read in the order of
/// their first numbers: otherwise a delivery would be entered before its message, or a move before its article, without
/// effect. Copied records are entered once.
pub(super) fn replay(
    ledger: &Ledger,
    index: &Index,
    from: Option<Tail>,
    opened: &mut Opened,
) -> Result<End, StoreError> {
    let mut draft = Draft::new(index);
    let mut numbers = match from {
        Some(from) => {
            let mut known = numbers(index)?;
            // The index's position is that of a change; the walk may be past a notice after it.
            known.pass(from.seq);
            known
        }
        None => Numbers::default(),
    };
    let before = (numbers.missing(), numbers.told());
    let known = if from.is_some() { disorder(index)? } else { None };
    let mut found_out = known;
    let order = if from.is_none() || known.is_some() { Some(ledger.by_number()?) } else { None };
    if let (None, Some(order)) = (from, &order)
        && order.misplaced() > 0
    {
        // By name they break the chain, although not in the order in which they are read.
        opened.unchained += order.misplaced();
        let it = order.disorder(None);
        draft.put(key::disorder(), &it)?;
        found_out = Some(it);
    }
    let files = order.map_or_else(|| ledger.files_since(from), |it| it.since(from));
    let end = ledger.walk_in(files, from, &mut |found| {
        let (is_again, highest) = (numbers.has(&found, ledger.base()), numbers.highest());
        numbers.see(&found, ledger.base());
        enter_numbers(&mut draft, &mut numbers)?;
        if let Some(it) = &mut found_out
            && numbers.highest() > highest
        {
            it.last = tail(&found).or(it.last);
        }
        match found {
            Found::Frame { .. } | Found::Notice { .. } if is_again => (),
            Found::Damage(damage) => opened.damage.push(damage),
            Found::Checkpoint { checkpoint, .. } => {
                enter_gone(&mut draft, &checkpoint.gone)?;
                draft.put(key::base(), &BaseRow { base: ledger.base() })?;
            }
            // Only changes set the index's position, so a notice may be entered again.
            Found::Notice { notice, chained, .. } => {
                opened.unchained += u64::from(!chained);
                enter_notice(&mut draft, &notice)?;
            }
            Found::Frame { at, frame, chained, .. } => {
                opened.unchained += u64::from(!chained);
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
    if found_out.is_none() && numbers.out_of_order() > 0 {
        found_out = Some(ledger.by_number()?.disorder(ledger.last_by_number()?));
    }
    if let Some(it) = found_out.filter(|it| known != Some(*it)) {
        draft.put(key::disorder(), &it)?;
    }
    draft.apply()?;
    // Missing records may have been found.
    opened.missing = (opened.missing + numbers.missing()).saturating_sub(before.0);
    opened.known_lost = (opened.known_lost + numbers.told()).saturating_sub(before.1);
    Ok(end)
}

/// The position, number and hash of a frame found by a walk.
fn tail(found: &Found) -> Option<Tail> {
    match found {
        Found::Frame { at, frame, .. } | Found::Notice { at, frame, .. } => {
            Some(Tail { at: *at, seq: frame.seq, hash: frame.hash() })
        }
        Found::Checkpoint { .. } | Found::Damage(_) => None,
    }
}

/// What an index knows of ledger files out of order; `None` if there were none when it was built.
pub(super) fn disorder(index: &Index) -> Result<Option<Disorder>, StoreError> {
    index.get(&key::disorder())
}

/// What an index knows of the ledger's record numbers, up to its position.
pub(super) fn numbers(index: &Index) -> Result<Numbers, StoreError> {
    let ranges = |from: Vec<u8>| {
        let mut res = Vec::new();
        index.rows(&from, &key::after(&from), |key, to: u64| {
            res.extend(key::last_u64(key).map(|from| (from, to)));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok::<_, StoreError>(res)
    };
    // With files out of order, the last change need not have the highest number.
    let last = disorder(index)?.and_then(|it| it.last).map_or(0, |it| it.seq);
    let highest = index.meta()?.map_or(0, |it| it.tail.seq).max(last);
    Ok(Numbers::known(highest, &ranges(key::missing_prefix())?, &ranges(key::lost_prefix())?))
}

/// Copies to an index what another, made later from the same ledger, knows to be missing.
pub(super) fn learn_missing(index: &Index, later: &Index) -> Result<(), StoreError> {
    let mut known = numbers(index)?;
    known.lose(&numbers(later)?.ranges());
    let mut draft = Draft::new(index);
    enter_numbers(&mut draft, &mut known)?;
    draft.apply()
}

/// Enters what was learnt of the numbers, last in the draft, so that the index knows it as soon as it reaches the
/// record that shows it.
fn enter_numbers(draft: &mut Draft<'_>, numbers: &mut Numbers) -> Result<(), StoreError> {
    let (missing, told) = numbers.changes();
    let missing = missing.into_iter().map(|(from, to)| (key::missing(from), to));
    for (key, to) in missing.chain(told.into_iter().map(|(from, to)| (key::lost(from), to))) {
        match to {
            Some(to) => draft.put(key, &to)?,
            None => draft.add([(key, None)]),
        }
    }
    Ok(())
}

/// Enters a notice of the ledger.
pub(super) fn enter_notice(draft: &mut Draft<'_>, notice: &Notice) -> Result<(), StoreError> {
    match notice {
        Notice::Left { base, sha256 } => draft.put(key::left(*base, sha256), sha256),
        // It is among the numbers.
        Notice::Lost(_) => Ok(()),
        Notice::Gone(gone) => enter_gone(draft, gone),
    }
}

/// Enters what was deleted and is remembered.
fn enter_gone(draft: &mut Draft<'_>, gone: &Gone) -> Result<(), StoreError> {
    for it in &gone.articles {
        draft.add([(key::forgotten(ArticleId(*it)), Some(Vec::new()))]);
        apply_full(draft)?;
    }
    for it in &gone.sent {
        draft.add([(draft.names().sent(&MessageId(it.clone())), Some(Vec::new()))]);
        apply_full(draft)?;
    }
    // An older sitrepd accepted any time from an import. One that is no instant would cause an error whenever it is
    // read.
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
