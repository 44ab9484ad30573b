//! Finds the held articles to compare a new one with: those that share the most characteristic words. Pure.

use std::collections::HashMap;

use super::{Place, Stories};
use crate::{dedup::closeness::Weighed, model::Fingerprint};

/// Number of terms by which an article is found.
const KEYS: usize = 24;
/// Maximum articles that a new one is compared with.
const MAX_COMPARED: usize = 24;
/// Weight of a shared shingle in choosing candidates, in units of word weights.
const SHINGLE_WEIGHT: f32 = 30.0;

impl Stories {
    /// The held articles that share the most weight in words and shingles, the best first.
    pub(super) fn candidates(&self, new: &Weighed<'_>, keys: &Fingerprint) -> Vec<Place> {
        let weights = keys.0.iter().map(|hash| new.said(*hash)).collect::<Vec<_>>();
        let mut found = HashMap::<Place, f32>::new();
        self.window.lookup(&keys.0, new.sketch, |place, term| {
            let weight = term.map_or(SHINGLE_WEIGHT, |it| weights.get(it).copied().unwrap_or_default());
            *found.entry(place).or_default() += weight;
        });
        let mut res = found.into_iter().collect::<Vec<_>>();
        let nearer = |a: &(Place, f32), b: &(Place, f32)| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0));
        if res.len() > MAX_COMPARED {
            res.select_nth_unstable_by(MAX_COMPARED, nearer);
            res.truncate(MAX_COMPARED);
        }
        res.sort_unstable_by(nearer);
        res.into_iter().map(|(place, _)| place).collect()
    }
}

/// The most characteristic terms of an article, the best first.
pub(super) fn fingerprint(it: &Weighed<'_>) -> Fingerprint {
    let mut res = it.sketch.terms.iter().map(|term| (term.hash, it.said(term.hash))).collect::<Vec<_>>();
    let more = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if res.len() > KEYS {
        res.select_nth_unstable_by(KEYS, more);
        res.truncate(KEYS);
    }
    res.sort_unstable_by(more);
    Fingerprint(res.into_iter().map(|it| it.0).collect())
}
