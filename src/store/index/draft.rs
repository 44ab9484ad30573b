//! Rows that are gathered before they are written, and can be read as if they were.
//!
//! Usually one change is one draft. When many changes are entered in a row, as in a rebuild, a draft takes hundreds of
//! them, or tens of thousands if they go to the sorted rows. A row that every change writes is then written only once,
//! and sled gets the keys in order.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use serde::{Serialize, de::DeserializeOwned};

use super::{
    Index, Listing, Op, Order,
    key::{self, Names},
    row::{Meta, RowError},
};
use crate::store::StoreError;

/// Bytes of keys and values at which a draft is written. Larger drafts save no more time and take more memory.
const FULL_BYTES: usize = 128 << 10;

/// A draft between [`DraftSizes::full_sorted_bytes`] and [`DraftSizes::max_sorted_bytes`] is full at this fraction of
/// the sorted rows, so that each row is rewritten at most this many times until the rows have doubled.
const SORTED_PART: u64 = 8;

/// How many bytes of keys and values a draft gathers for the sorted rows, all of which are rewritten each time. In
/// memory they take four times as much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftSizes {
    /// A smaller draft goes into sled.
    pub min_sorted_bytes: usize,
    /// At least this many are gathered, as long as there are more changes.
    pub full_sorted_bytes: usize,
    /// No more are gathered.
    pub max_sorted_bytes: usize,
}

impl DraftSizes {
    /// The default sizes, reduced if rows are to be sorted from fewer bytes on.
    pub fn within(min_sort_bytes: u64) -> Self {
        let usual = Self::default();
        let least = usize::try_from(min_sort_bytes).unwrap_or(usize::MAX);
        Self { min_sorted_bytes: usual.min_sorted_bytes.min(least), ..usual }
    }
}

impl Default for DraftSizes {
    fn default() -> Self {
        Self { min_sorted_bytes: 1 << 20, full_sorted_bytes: 8 << 20, max_sorted_bytes: 32 << 20 }
    }
}

/// Changes of an index that are not written yet.
pub(in crate::store) struct Draft<'i> {
    index: &'i Index,
    sizes: DraftSizes,
    rows: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    bytes: usize,
}

impl<'i> Draft<'i> {
    pub(in crate::store) fn new(index: &'i Index) -> Self {
        let sizes = index.settings().map_or_else(DraftSizes::default, |it| it.drafts);
        Self { index, sizes, rows: BTreeMap::new(), bytes: 0 }
    }

    /// See [`Index::names`].
    pub(in crate::store) fn names(&self) -> Names {
        self.index.names()
    }

    /// See [`Index::meta`].
    pub(super) fn meta(&self) -> Result<Option<Meta>, StoreError> {
        self.get(&key::meta())
    }

    /// See [`Index::get`].
    pub(super) fn get<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, StoreError> {
        match self.rows.get(key) {
            Some(row) => row.as_ref().map(|it| self.index.decoded(key, it)).transpose(),
            None => self.index.get(key),
        }
    }

    /// See [`Index::has`].
    pub(super) fn has(&self, key: &[u8]) -> Result<bool, StoreError> {
        self.rows.get(key).map_or_else(|| self.index.has(key), |it| Ok(it.is_some()))
    }

    /// Takes operations up.
    pub(in crate::store) fn add(&mut self, ops: impl IntoIterator<Item = Op>) {
        for (key, row) in ops {
            self.bytes += key.len() + row.as_ref().map_or(0, Vec::len);
            let length = key.len();
            if let Some(row) = self.rows.insert(key, row) {
                self.bytes -= length + row.map_or(0, |it| it.len());
            }
        }
    }

    /// Adds a row to the draft.
    pub(in crate::store) fn put<T: Serialize>(&mut self, key: Vec<u8>, row: &T) -> Result<(), StoreError> {
        let op = self.index.put(key, row)?;
        self.add([op]);
        Ok(())
    }

    /// Whether the draft must be written before it takes more.
    pub(in crate::store) fn is_full(&self) -> bool {
        let full = || {
            let part = usize::try_from(self.index.sorted_bytes() / SORTED_PART).unwrap_or(usize::MAX);
            part.max(self.sizes.full_sorted_bytes).min(self.sizes.max_sorted_bytes)
        };
        // Most are far from either.
        self.bytes >= FULL_BYTES.min(self.sizes.full_sorted_bytes)
            && self.bytes >= if self.index.is_sled_empty() { full() } else { FULL_BYTES }
    }

    /// Writes all rows or none, and empties the draft.
    pub(in crate::store) fn apply(&mut self) -> Result<(), StoreError> {
        let bytes = std::mem::take(&mut self.bytes);
        match std::mem::take(&mut self.rows) {
            rows if rows.is_empty() => Ok(()),
            rows if bytes >= self.sizes.min_sorted_bytes && self.index.is_sled_empty() => self.index.write_sorted(rows),
            rows => self.index.apply(rows),
        }
    }

    /// See [`Index::broken`].
    pub(in crate::store) fn broken(&self, doing: &'static str, error: &RowError) -> StoreError {
        self.index.row_error(doing, error)
    }
}

impl Listing for Draft<'_> {
    fn page(&self, from: &[u8], to: &[u8], order: Order, limit: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        if from >= to {
            return Ok(Vec::new());
        }
        let drafted = || self.rows.range::<[u8], _>((Bound::Included(from), Bound::Excluded(to)));
        // Each drafted row hides at most one stored row.
        let stored = self.index.page(from, to, order, limit.saturating_add(drafted().count()))?;
        let mut keys = stored.into_iter().collect::<BTreeSet<_>>();
        for (key, row) in drafted() {
            match row {
                Some(_) => keys.insert(key.clone()),
                None => keys.remove(key),
            };
        }
        Ok(match order {
            Order::Up => keys.into_iter().take(limit).collect(),
            Order::Down => keys.into_iter().rev().take(limit).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::index::IndexSettings;

    fn settings(dir: &std::path::Path) -> IndexSettings {
        IndexSettings {
            dir: dir.join("index"),
            suspect: dir.join("suspect"),
            cache_bytes: 1 << 20,
            drafts: DraftSizes::default(),
        }
    }

    /// What is listed of the keys `a` to `z` and one row, before the draft is written and after.
    #[track_caller]
    fn check(stored: &str, changes: &[(&str, bool)], expected: &str) {
        for place in [Place::Memory, Place::Sled, Place::Sorted] {
            check_over(place, stored, changes, expected);
        }
    }

    /// Where the stored rows are.
    #[derive(Clone, Copy, PartialEq)]
    enum Place {
        Memory,
        Sled,
        Sorted,
    }

    #[track_caller]
    fn check_over(place: Place, stored: &str, changes: &[(&str, bool)], expected: &str) {
        let dir = tempfile::tempdir().unwrap();
        let index = Index::open(&settings(dir.path())).unwrap();
        // Of no kind that an index has.
        let key = |it: &str| format!("1{it}").into_bytes();
        let mut draft = Draft::new(&index);
        for it in stored.split(' ').filter(|it| !it.is_empty()) {
            draft.put(key(it), &it.to_owned()).unwrap();
        }
        if place == Place::Sorted {
            index.write_sorted(std::mem::take(&mut draft.rows)).unwrap();
        }
        draft.apply().unwrap();
        if place == Place::Sled {
            index.write_out().unwrap();
        }
        for (it, is_there) in changes {
            match is_there {
                true => draft.put(key(it), &format!("new {it}")).unwrap(),
                false => draft.add([(key(it), None)]),
            }
        }
        let listed = |draft: &Draft<'_>, order, limit| {
            let mut res = Vec::new();
            draft
                .list(b"1a", b"1z", order, &mut |it| {
                    res.push(String::from_utf8(it[1..].to_vec()).unwrap());
                    Ok(match res.len() < limit {
                        true => std::ops::ControlFlow::Continue(()),
                        false => std::ops::ControlFlow::Break(()),
                    })
                })
                .unwrap();
            res
        };
        let expected = expected.split(' ').filter(|it| !it.is_empty()).collect::<Vec<_>>();
        for moment in ["before it is applied", "after", "once it is in sled"] {
            assert_eq!(listed(&draft, Order::Up, usize::MAX), expected, "{moment}");
            let mut down = listed(&draft, Order::Down, usize::MAX);
            down.reverse();
            assert_eq!(down, expected, "downwards, {moment}");
            for (n, it) in expected.iter().enumerate() {
                assert_eq!(draft.page(b"1a", b"1z", Order::Up, n + 1).unwrap().len(), n + 1);
                assert_eq!(draft.page(b"1a", b"1z", Order::Up, n + 1).unwrap().last(), Some(&key(it)));
                assert_eq!(draft.page(&key(it), b"1z", Order::Down, expected.len()).unwrap().last(), Some(&key(it)));
            }
            for (it, is_there) in changes.iter().copied().collect::<BTreeMap<_, _>>() {
                assert_eq!(
                    (draft.has(&key(it)).unwrap(), draft.has_any(&key(it)).unwrap()),
                    (is_there, is_there),
                    "{it}"
                );
                let row = draft.get::<String>(&key(it)).unwrap();
                assert_eq!(row, is_there.then(|| format!("new {it}")), "{moment}");
            }
            match moment {
                "after" => index.write_out().unwrap(),
                _ => draft.apply().unwrap(),
            }
        }
    }

    #[test]
    fn a_change_that_cannot_be_applied_is_not_seen() {
        let dir = tempfile::tempdir().unwrap();
        let index = Index::open(&settings(dir.path())).unwrap();
        let put = |key: &[u8], row: &str| index.put(key.to_vec(), &row.to_owned()).unwrap();
        index.write_sorted(BTreeMap::from([put(b"1a", "sorted")])).unwrap();
        let rows = dir.path().join("index/rows");
        let mut bytes = std::fs::read(&rows).unwrap();
        bytes[5] ^= 1;
        std::fs::write(&rows, bytes).unwrap();
        // Whether a row is there is asked when its end goes into sled.
        index.apply([(b"1a".to_vec(), None), (b"2".to_vec(), Some(vec![0; 600_000]))]).unwrap();
        assert!(index.apply([put(b"0", "new")]).is_err());
        assert!(!index.has(b"0").unwrap() && index.has(b"2").unwrap());
        assert!(index.write_out().is_err() && !index.has(b"1a").unwrap());
    }

    #[test]
    fn what_is_not_written_yet_reads_as_if_it_were() {
        check("", &[], "");
        check("b d f", &[], "b d f");
        check("", &[("b", true), ("d", true)], "b d");
        check("b d f", &[("b", false), ("f", false)], "d");
        check("b d f", &[("d", false), ("d", true)], "b d f");
        check("b d f", &[("a", true), ("c", true), ("y", true), ("zz", true)], "a b c d f y");
        check("b c d e f g h", &[("b", false), ("c", false), ("d", false), ("g", true), ("i", true)], "e f g h i");
    }
}
