//! What was found out of words before: a few thousand words make up most of the news, and few of them are new.

use std::{
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

use siphasher::sip128::SipHasher13;

use super::index::Query;

/// So many words are remembered of each kind; then all are forgotten, which costs less than choosing.
const MAX_WORDS: usize = 50_000;

/// Answers by word. It never changes an answer, only how soon it is there.
#[derive(Debug)]
pub(super) struct Memo<T>(Mutex<Kinds<T>>);

/// Words by how they are read: the same letters end differently in two languages, and in capitals they may be only letters.
#[derive(Debug)]
pub(super) struct Kinds<T> {
    /// Of this run only: whoever writes a text chooses the words, so that their hashes must not be known beforehand.
    key: (u64, u64),
    words: Vec<Words<T>>,
}

/// The words are known by 128 bits, of which no two are alike for as long as there is news: what matters here is how many places in
/// memory are asked for, and the letters of a word would be one more.
#[derive(Debug)]
struct Words<T> {
    /// Where the answer on a word begins, and how long it is.
    places: HashMap<u128, (u32, u32), BuildHasherDefault<First64>>,
    answers: Vec<T>,
}

/// A hash, of a hash.
#[derive(Debug, Default)]
struct First64(u64);

impl Hasher for First64 {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.first_chunk().map_or(self.0, |it| u64::from_ne_bytes(*it));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        let random = RandomState::new();
        Self(Mutex::new(Kinds { key: (random.hash_one(0), random.hash_one(1)), words: Vec::new() }))
    }
}

impl<T> Clone for Memo<T> {
    /// Remembers nothing yet.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<T> Memo<T> {
    /// To be held while a text is read.
    pub(super) fn lock(&self) -> MutexGuard<'_, Kinds<T>> {
        // A reader that panicked has left whole answers behind, or none.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer for a word, from memory or found now.
pub(super) fn recall<'k, T>(kinds: &'k mut Kinds<T>, query: &Query<'_>, find: impl FnOnce(&mut Vec<T>)) -> &'k [T] {
    let kind =
        usize::from(query.inflection as u8) << 2 | usize::from(query.is_acronym) << 1 | usize::from(query.is_spelled);
    if kinds.words.len() <= kind {
        kinds.words.resize_with(kind + 1, || Words { places: HashMap::default(), answers: Vec::new() });
    }
    let word = SipHasher13::new_with_keys(kinds.key.0, kinds.key.1).hash(query.form.as_bytes()).as_u128();
    let Some(Words { places, answers }) = kinds.words.get_mut(kind) else { return &[] };
    let (start, len) = match places.get(&word) {
        Some(place) => *place,
        None => {
            if places.len() >= MAX_WORDS {
                places.clear();
                answers.clear();
            }
            let start = answers.len();
            find(answers);
            let place = u32::try_from(start).ok().zip(u32::try_from(answers.len() - start).ok()).unwrap_or_default();
            places.insert(word, place);
            place
        }
    };
    answers.get(start as usize..).and_then(|it| it.get(..len as usize)).unwrap_or_default()
}
