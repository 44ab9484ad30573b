//! The newest of many entries, held while they are read.

use std::cmp::Reverse;

use crate::model::Timestamp;

/// Maximum entries read of one document: six times what any feed has.
const MAX_READ: usize = 300_000;

/// Keeps the newest items, in the order in which they were added. Undated ones count as newest: losing one is worse
/// than keeping an old one. Of equal ones the first are kept.
#[derive(Debug)]
pub(super) struct Newest<T> {
    limit: usize,
    /// At most twice the limit, so that old items are removed now and then and not for each new one.
    held: Vec<Held<T>>,
    n_added: usize,
}

#[derive(Debug)]
struct Held<T> {
    at: usize,
    date: Option<Timestamp>,
    it: T,
}

impl<T> Newest<T> {
    /// Keeps `limit`.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, held: Vec::new(), n_added: 0 }
    }

    /// Adds one that says that it is of `date`.
    pub(super) fn add(&mut self, date: Option<Timestamp>, it: T) {
        self.held.push(Held { at: self.n_added, date, it });
        self.n_added += 1;
        if self.held.len() > self.limit.saturating_mul(2) {
            self.drop_old();
        }
    }

    /// What is held so far.
    pub(super) fn held(&self) -> impl Iterator<Item = &T> {
        self.held.iter().map(|it| &it.it)
    }

    /// How many were added.
    pub(super) fn n_added(&self) -> usize {
        self.n_added
    }

    /// Whether more items may be read: each costs time, kept or not.
    pub(super) fn has_room(&self) -> bool {
        self.n_added < MAX_READ
    }

    /// The problem to report if not all are kept; `None` if they are.
    pub(super) fn problem(&self) -> Option<String> {
        match (self.has_room(), self.n_added > self.limit) {
            (false, _) => Some(format!(
                "{MAX_READ} entries and more in one document, of these the newest {} are read",
                self.limit
            )),
            (true, true) => Some(super::too_many(self.n_added, self.limit)),
            (true, false) => None,
        }
    }

    /// The newest, in the order in which they were added.
    pub(super) fn kept(mut self) -> impl Iterator<Item = T> {
        self.drop_old();
        self.held.into_iter().map(|it| it.it)
    }

    fn drop_old(&mut self) {
        if self.held.len() > self.limit {
            self.held.sort_by_key(|it| (it.date.map(Reverse), it.at));
            self.held.truncate(self.limit);
            self.held.sort_by_key(|it| it.at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept_wherever_they_stand() {
        let check = |dates: &[i64], expected: &[usize]| {
            let mut newest = Newest::new(3);
            for (at, it) in dates.iter().enumerate() {
                // 0: none.
                newest.add(Timestamp::from_timestamp(*it, 0).filter(|it| it.timestamp() != 0), at);
            }
            assert_eq!(
                (newest.n_added(), newest.kept().collect::<Vec<_>>().as_slice()),
                (dates.len(), expected),
                "{dates:?}"
            );
        };
        check(&[], &[]);
        check(&[1, 2], &[0, 1]);
        check(&[1, 2, 3, 4, 5, 6, 7, 8, 9], &[6, 7, 8]);
        check(&[9, 8, 7, 6, 5, 4, 3, 2, 1], &[0, 1, 2]);
        check(&[5, 1, 9, 0, 1, 2, 3, 4, 8], &[2, 3, 8]);
        check(&[1, 1, 1, 1, 1, 1, 1, 1], &[0, 1, 2]);
        check(&[0, 0, 0, 0, 0, 0, 0, 9], &[0, 1, 2]);
    }
}
