//! What is in doubt by itself, and confirmed by the rest of the text.

use std::collections::{HashMap, HashSet};

use super::{Closeness, Doubt, Sighting};

/// A word that is in no list is a name where a text has it so often: of 57 reports in Persian with some 450 names that
/// they do not have none has an alarm more for it. A word of everyday language is not: it is what the report is about.
const OFTEN: usize = 3;

/// A word in doubt is sure where the same stands elsewhere in the text with something that confirms it, in whatever
/// case, or where it is in no list and stands there often.
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

/// What a sighting is of, folded and without its ending.
pub(super) fn stem(text: &str, it: &Sighting) -> String {
    let mut res = crate::text::fold(text.get(it.span.clone()).unwrap_or_default());
    let ending = it.ending.as_deref().filter(|ending| res.ends_with(ending));
    res.truncate(res.len() - ending.map_or(0, str::len));
    res
}
