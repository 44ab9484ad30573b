//! State kept while one text is read, and decisions that need the whole text.

use std::{
    collections::{HashMap, HashSet},
    hash::Hasher,
};

use crate::text::fnv::Fnv;

use super::{Closeness, Sighting, confirm::stem, found::Doubt, index::WordHit, judge::Judge, stems::Stems};

/// One possible meaning of a word, and whether it is then an everyday word.
pub(super) type Answer = (WordHit, bool);

/// What a word of a line may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) hit: WordHit,
    /// Whether the word is one of everyday language.
    pub(super) is_everyday: bool,
    pub(super) frequent: Frequent,
    /// How many words of the line it is: Persian writes some surnames as two.
    pub(super) width: usize,
}

/// Whether what only sounds like a word of a term is one of the most frequent words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frequent {
    No,
    /// It is, and a given name and nothing else: محمد.
    Given,
    Word,
}

/// Whether a hit means nothing: the most frequent words alone make no name, unless a given name begins it.
pub(super) fn is_only_frequent(chain: &[(usize, Found)]) -> bool {
    let is_named = chain.len() > 1 && chain.first().is_some_and(|it| it.1.frequent == Frequent::Given);
    !is_named && chain.iter().all(|it| it.1.frequent != Frequent::No)
}

/// What one pass over a text keeps.
#[derive(Debug, Default)]
pub(super) struct Pass {
    pub(super) stems: Stems,
    pub(super) judge: Judge,
    pub(super) found: Vec<WordHit>,
    pub(super) hits: Vec<Found>,
    /// Where the hits of each word end.
    pub(super) ends: Vec<usize>,
    /// Whether the sighting that was made last is inexact and at the start of a sentence, and then whether it is
    /// distant.
    pub(super) first_word: Option<bool>,
    /// Inexact sightings at the start of a sentence: where and of which term, and whether they are distant.
    pub(super) first_words: HashMap<(usize, usize), bool>,
    /// The words that are written small, as hashes.
    small: Vec<u64>,
}

impl Pass {
    /// Remembers a word that is written small.
    pub(super) fn note_small(&mut self, word: &str) {
        self.small.push(hash(word));
    }

    /// A capital letter at the start of a sentence says nothing: there a word must be near, or be found within a
    /// sentence too, and not be written small elsewhere in the text.
    pub(super) fn doubt_first_words(&mut self, text: &str, res: &mut [Sighting]) {
        if self.first_words.is_empty() {
            return;
        }
        let small: HashSet<u64> = self.small.iter().copied().collect();
        let mut within = HashSet::new();
        if self.first_words.values().any(|is_distant| *is_distant) {
            let is_within =
                |it: &&Sighting| it.closeness.is_sure() && !self.first_words.contains_key(&(it.span.start, it.term));
            within.extend(res.iter().filter(is_within).map(|it| (it.term, stem(text, it))));
        }
        for it in res.iter_mut().filter(|it| matches!(it.closeness, Closeness::Transliterated | Closeness::Respelled)) {
            let Some(is_distant) = self.first_words.get(&(it.span.start, it.term)) else { continue };
            let form = text.get(it.span.clone()).unwrap_or_default();
            let is_doubtful = *is_distant && !within.contains(&(it.term, stem(text, it)));
            if is_doubtful || small.contains(&hash(&crate::text::fold(form))) {
                it.closeness = Closeness::Weak;
                it.doubt = Some(Doubt::FirstWord);
            }
        }
    }
}

/// A fast hash for words of a text. It may be predictable: a collision has only the effect that writing the word in
/// lower case would have.
fn hash(word: &str) -> u64 {
    let mut hasher = Fnv::default();
    hasher.write(word.as_bytes());
    hasher.finish()
}
