//! Confirms doubtful sightings by the rest of the text.

use std::collections::{HashMap, HashSet};

use super::{Closeness, Doubt, Sighting};

/// A word in no list counts as a name if a text has it this often. Of 57 Persian reports, with some 450 names that they
/// do not contain, none raises a further alert for that. An everyday word does not become a name so: it may be what the
/// report is about.
const OFTEN: usize = 3;

/// Makes a doubtful sighting sure if the same word, in any case, is elsewhere in the text with something that confirms
/// it, or if it is in no list and occurs often.
pub(super) fn confirm_repeated(text: &str, res: &mut [Sighting]) {
    let stem = |it: &Sighting| (it.term, stem(text, it));
    let is_doubtful = |it: &Sighting| matches!(it.doubt, Some(Doubt::Everyday | Doubt::Unconfirmed));
    if !res.iter().any(is_doubtful) {
        return;
    }
    let mut sure: HashSet<_> = res.iter().filter(|it| it.closeness.is_sure()).map(stem).collect();
    let mut times = HashMap::new();
    for it in res.iter().filter(|it| it.doubt == Some(Doubt::Unconfirmed)) {
        let n = times.entry(stem(it)).or_insert(0);
        *n += 1;
        if *n == OFTEN {
            sure.insert(stem(it));
        }
    }
    for it in res.iter_mut().filter(|it| is_doubtful(it)) {
        if sure.contains(&stem(it)) {
            it.closeness = Closeness::Respelled;
            it.doubt = None;
        }
    }
}

/// The word of a sighting, folded and without its ending.
pub(super) fn stem(text: &str, it: &Sighting) -> String {
    let mut res = crate::text::fold(text.get(it.span.clone()).unwrap_or_default());
    let ending = it.ending.as_deref().filter(|ending| res.ends_with(ending));
    res.truncate(res.len() - ending.map_or(0, str::len));
    res
}
