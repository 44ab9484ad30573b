//! Confirms doubtful sightings by the rest of the text.

use std::collections::{HashMap, HashSet};

use super::{Closeness, Doubt, Sighting, given::is_in_cyrillic};

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

/// What stands before places, and never before the genitive of a woman's name.
const BEFORE_PLACES: &[&str] = &["в", "из", "із", "через"];

/// Doubts what may be the genitive of a woman's given name in Cyrillic letters where the text has her name itself: in a
/// text on Галя, у Гали is at her place and not in Gali.
pub(super) fn doubt_women(text: &str, res: &mut [Sighting]) {
    // Asked once for each name: a hostile text may have one of them many times.
    let mut known = HashMap::<String, bool>::new();
    for it in res.iter_mut().filter(|it| it.closeness.is_sure() && it.ending.is_none()) {
        let form = text.get(it.span.clone()).unwrap_or_default();
        let Some(stem) = ['и', 'і'].iter().find_map(|last| form.strip_suffix(*last)) else { continue };
        let name = format!("{stem}я");
        let is_woman = *known
            .entry(name)
            .or_insert_with_key(|name| is_in_cyrillic(&crate::text::fold(name)) && has_word(text, name));
        let before = text.get(..it.span.start).unwrap_or_default().trim_end();
        let word = before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        if is_woman && !BEFORE_PLACES.contains(&crate::text::fold(word).as_str()) {
            it.closeness = Closeness::Weak;
            it.doubt = Some(Doubt::OfWoman);
        }
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|it| it.chars().next());
        !is_letter(before) && !is_letter(after)
    })
}

/// The word of a sighting, folded and without its ending.
pub(super) fn stem(text: &str, it: &Sighting) -> String {
    let mut res = crate::text::fold(text.get(it.span.clone()).unwrap_or_default());
    let ending = it.ending.as_deref().filter(|ending| res.ends_with(ending));
    res.truncate(res.len() - ending.map_or(0, str::len));
    res
}
