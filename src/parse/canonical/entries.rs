//! The entries of a feed while it is read: few are held, however many it has.

use std::collections::HashSet;

use crate::{parse::newest::Newest, text::short_hash};

use super::record::Record;

/// The newest entries, and which ids belong to several.
#[derive(Debug)]
pub(super) struct Entries {
    newest: Newest<Record>,
    ids: HashSet<u64>,
    shared: SharedIds,
}

impl Entries {
    /// Holds twice `limit` and keeps `limit`.
    pub(super) fn new(limit: usize) -> Self {
        Self { newest: Newest::new(limit), ids: HashSet::new(), shared: SharedIds::default() }
    }

    pub(super) fn has_room(&self) -> bool {
        self.newest.has_room()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.newest.n_added() == 0
    }

    pub(super) fn add(&mut self, record: Record) {
        if let Some(id) = record.id.get().map(SharedIds::hash)
            && !self.ids.insert(id)
        {
            self.shared.0.insert(id);
        }
        let published = record.published.or(record.created).or(record.date);
        self.newest.add(published.or(record.updated), record);
    }

    /// What to tell where not all are kept.
    pub(super) fn problem(&self) -> Option<String> {
        self.newest.problem()
    }

    /// The newest in document order, and the ids that several have.
    pub(super) fn kept(self) -> (Vec<Record>, SharedIds) {
        (self.newest.kept().collect(), self.shared)
    }
}

/// The ids that several entries of a document carry. An entry that is not kept counts too: at the next poll it may be.
#[derive(Debug, Default)]
pub(in crate::parse) struct SharedIds(HashSet<u64>);

impl SharedIds {
    pub(in crate::parse) fn contains(&self, id: &str) -> bool {
        !self.0.is_empty() && self.0.contains(&Self::hash(id))
    }

    fn hash(id: &str) -> u64 {
        short_hash(id.trim())
    }
}
