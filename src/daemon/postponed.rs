//! Documents with article pages still to fetch at a later poll. Held in memory only: the store must not depend on them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::model::{HeldDocument, SourceId, SourceState, Timestamp};

/// Documents of sources with pages still to fetch. They are not stored, so that after a restart the next poll fetches
/// them whole. While this process lives they are requested conditionally until the first page is due.
#[derive(Debug, Clone, Default)]
pub(super) struct Postponed(Arc<Mutex<HashMap<SourceId, Postponement>>>);

/// What is postponed of one source.
#[derive(Debug, Clone)]
pub(super) struct Postponement {
    /// The documents, as the store would hold them.
    pub(super) documents: Vec<HeldDocument>,
    /// When the first of the entries is due.
    pub(super) until: Timestamp,
    /// Number of the poll that read them. A later poll makes them out of date.
    pub(super) poll: u64,
}

impl Postponed {
    /// The postponed documents of a source, if they are from the poll that left it in this state and no page is due at
    /// `now`.
    pub(super) fn of(&self, state: &SourceState, now: Timestamp) -> Option<Postponement> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&state.source).filter(|it| it.poll == state.polls && it.until > now).cloned()
    }

    /// Replaces what is remembered of a source by what its last poll postponed, which may be nothing.
    pub(super) fn note(&self, source: &SourceId, postponed: Option<Postponement>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match postponed {
            Some(it) => all.insert(source.clone(), it),
            None => all.remove(source),
        };
    }
}
