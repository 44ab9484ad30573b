//! The newest of many entries, held while they are read.

use std::cmp::Reverse;

use crate::model::Timestamp;

/// Maximum entries read of one document: six times what any feed has.
const MAX_READ: usize = 300_000;

/// Keeps the newest items, in the order in which they were added. Undated ones count as newest: losing one is worse
/// than keeping an old one. Of equal ones, of which not all are kept, it is unknown at which end the new ones are: both
/// ends are kept.
#[derive(Debug)]
pub(super) struct Newest<T> {
    limit: usize,
    /// At most twice the limit, so that old items are removed now and then and not for each new one.
    held: Vec<Held<T>>,
    n_added: usize,
}

#[derive(Debug)]
struct Held<T> {
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
        self.held.push(Held { date, it });
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
        // Of what was removed before, nothing was at an end of its equals: the ends of what is left are the same.
        let mut kept = kept(self.held.iter().map(|it| (0, it.date)), self.limit).into_iter();
        self.held.retain(|_| kept.next().unwrap_or(true));
    }
}

/// Which of the items with these documents and dates, in document order, are the `limit` to keep by the rule of
/// [`Newest`]. Of equal ones of several documents each keeps its ends.
pub(super) fn kept(items: impl Iterator<Item = (usize, Option<Timestamp>)>, limit: usize) -> Vec<bool> {
    // `None` is less than anything.
    let items = items.enumerate().map(|(at, (document, date))| (date.map(Reverse), document, at));
    let mut order: Vec<_> = items.collect();
    let mut res = vec![true; order.len()];
    if order.len() <= limit {
        return res;
    }
    order.sort_unstable();
    let equals = order.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1));
    let by_distance = equals.flat_map(|group| {
        let from_an_end = |place: usize| place.min(group.len() - 1 - place);
        group.iter().enumerate().map(move |(place, (date, _, at))| (*date, from_an_end(place), *at))
    });
    let mut order: Vec<_> = by_distance.collect();
    order.sort_unstable();
    for (.., at) in order.into_iter().skip(limit) {
        if let Some(it) = res.get_mut(at) {
            *it = false;
        }
    }
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found in a test with feeds of 700 entries of one date that appended the new ones: none of them was ever read.
    #[test]
    fn of_equals_both_ends_are_kept_however_many_come() {
        for n in [10, 11, 19, 20, 21, 22, 100, 101] {
            for date in [None, Some(Timestamp::UNIX_EPOCH)] {
                let mut newest = Newest::new(10);
                (0..n).for_each(|it| newest.add(date, it));
                let expected: Vec<_> = (0..5).chain(n - 5..n).collect();
                assert_eq!(newest.kept().collect::<Vec<_>>(), expected, "{n}");
                let at_once = kept(std::iter::repeat_n((0, date), n), 10);
                assert_eq!((0..n).filter(|it| at_once[*it]).collect::<Vec<_>>(), expected, "{n}");
            }
        }
    }

    #[test]
    fn of_equals_of_several_documents_each_keeps_its_ends() {
        let documents = [0, 0, 0, 0, 1, 1, 1, 1, 2];
        let kept = kept(documents.into_iter().map(|it| (it, None)), 5);
        assert_eq!((0..9).filter(|it| kept[*it]).collect::<Vec<_>>(), [0, 3, 4, 7, 8]);
    }

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
        check(&[1, 1, 1], &[0, 1, 2]);
        check(&[1, 1, 1, 1], &[0, 1, 3]);
        check(&[1, 1, 1, 1, 1, 1, 1, 1], &[0, 1, 7]);
        check(&[1, 1, 1, 1, 2, 1, 1, 1], &[0, 4, 7]);
        check(&[0, 0, 0, 0, 0, 0, 0, 9], &[0, 1, 6]);
        check(&[1, 2, 2, 2, 2, 2, 2, 1], &[1, 2, 6]);
    }
}
