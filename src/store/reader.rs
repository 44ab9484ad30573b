//! The ledger alone, read beside the process that holds the store.

use super::{
    MemoryStore, Settings, Store, StoreError, Verified, Visit,
    ledger::{Entry, Found, Gone, Kind, Ledger},
};
use crate::model::{ArticleId, Change, MessageId, Slot, Snapshot};

/// Reads a ledger without a lock. A ledger only grows, so that everything read was committed.
#[derive(Debug)]
pub struct LedgerReader(pub(super) Ledger);

impl LedgerReader {
    /// Opens the ledger of a store.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] where the state directory cannot be read.
    pub fn open(settings: &Settings) -> Result<Self, StoreError> {
        Ledger::open(&settings.dir.join("ledger")).map(Self)
    }

    /// Visits every change ever committed, oldest first, with its number in the ledger. What is damaged is
    /// passed over, and told by an error at the end.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; [`StoreError::Damaged`] only after all that can be read was visited.
    pub fn changes(&self, visit: &mut dyn FnMut(u64, Change) -> Visit) -> Result<(), StoreError> {
        self.0.changes(visit)
    }

    /// Reads every frame and checks checksums, numbers and the chain of hashes. The end may be a write
    /// that is under way elsewhere.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] or [`StoreError::TooNew`]; what is damaged is told in [`Verified`].
    pub fn verify(&self) -> Result<Verified, StoreError> {
        self.0.verify()
    }

    /// Visits the pages that were kept, as they were committed, with their numbers in the ledger.
    /// What is damaged is passed over, and told by an error at the end.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; [`StoreError::Damaged`] only after all that can be read was visited.
    pub fn pages(&self, visit: &mut dyn FnMut(u64, Snapshot) -> Visit) -> Result<(), StoreError> {
        let mut damaged = None;
        self.0.walk(None, &mut |found| {
            let (at, frame) = match found {
                Found::Frame { at, frame, .. } if frame.kind == Kind::Page => (at, frame),
                // It may have been a page.
                Found::Damage(it) => {
                    damaged.get_or_insert(it.into());
                    return Ok(Visit::Continue(()));
                }
                _ => return Ok(Visit::Continue(())),
            };
            match self.0.decode(at, &frame) {
                Ok(Change::Page(it)) => Ok(visit(frame.seq, *it)),
                Ok(_) => Ok(Visit::Continue(())),
                Err(error @ StoreError::Damaged { .. }) => {
                    damaged.get_or_insert(error);
                    Ok(Visit::Continue(()))
                }
                Err(error) => Err(error),
            }
        })?;
        damaged.map_or(Ok(()), Err)
    }

    /// Reads everything into memory for queries, at about 20 KB an article. If the holder of the store answers,
    /// [`LedgerStore::remote`](super::LedgerStore::remote) takes almost no memory.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] or [`StoreError::TooNew`]. What is damaged is logged and left out.
    pub fn into_memory(self) -> Result<MemoryStore, StoreError> {
        let memory = MemoryStore::new();
        memory.read_from(self.0.bytes());
        let mut failed = Ok(());
        let read = self.0.all(&mut |entry| {
            match entry {
                Entry::Change(seq, change) => {
                    memory.number_next(seq);
                    failed = memory.commit(&change);
                }
                Entry::GivenUp(gone) => remember(&memory, gone),
                Entry::Missing(count) => memory.lost(count),
                Entry::Damaged => memory.pass_over(),
            }
            if failed.is_ok() { Visit::Continue(()) } else { Visit::Break(()) }
        });
        match read {
            Ok(()) | Err(StoreError::Damaged { .. }) => failed.map(|()| memory),
            Err(error) => Err(error),
        }
    }
}

/// Lets a store in memory remember deleted records.
fn remember(memory: &MemoryStore, gone: &Gone) {
    for it in &gone.issued {
        if let Ok((at, until)) = it.times() {
            memory.issued(Slot { digest: it.digest.clone(), at }, until);
        }
    }
    memory.forget(gone.articles.iter().map(|it| ArticleId(*it)), gone.sent.iter().map(|it| MessageId(it.clone())));
}
