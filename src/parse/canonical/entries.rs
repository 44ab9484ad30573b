//! The entries of a feed while it is read. Few are held, however many the feed has.

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

    /// Those held so far.
    pub(super) fn held(&self) -> impl Iterator<Item = &Record> {
        self.newest.held()
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

    /// The problem to report if not all are kept; `None` if they are.
    pub(super) fn problem(&self) -> Option<String> {
        self.newest.problem()
    }

    /// The newest entries in document order, and the ids shared by several.
    pub(super) fn kept(self) -> (Vec<Record>, SharedIds) {
        (self.newest.kept().collect(), self.shared)
    }
}

/// The ids that several entries of a document share. Entries that are not kept count too: at the next poll they may be.
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
