//! Documents of which something is still to be had at a later poll, and at which.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::model::{HeldDocument, SourceId, SourceState, Timestamp};

/// The documents of sources that have entries whose pages are owed. The store holds no such document, so that whatever
/// happens the next poll brings it whole, and with it these entries; as long as this process lives it is asked for
/// conditionally until the first of them is due.
#[derive(Debug, Clone, Default)]
pub(super) struct Postponed(Arc<Mutex<HashMap<SourceId, Postponement>>>);

/// What is postponed of one source.
#[derive(Debug, Clone)]
pub(super) struct Postponement {
    /// The documents, as the store would hold them.
    pub(super) documents: Vec<HeldDocument>,
    /// When the first of the entries is due.
    pub(super) until: Timestamp,
    /// The poll that they are of: another one knows more.
    pub(super) poll: u64,
}

impl Postponed {
    /// What is postponed of a source in this state to later than `now`.
    pub(super) fn of(&self, state: &SourceState, now: Timestamp) -> Option<Postponement> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&state.source).filter(|it| it.poll == state.polls && it.until > now).cloned()
    }

    /// Remembers what a poll postponed, or that it postponed nothing.
    pub(super) fn note(&self, source: &SourceId, postponed: Option<Postponement>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match postponed {
            Some(it) => all.insert(source.clone(), it),
            None => all.remove(source),
        };
    }
}
