//! Remembers the results for words: a few thousand words make up most of the news, and few of them are new.

use std::{
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState},
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

use siphasher::sip128::SipHasher13;

use super::index::Query;

/// Maximum words remembered of each kind. When full, all are forgotten, which costs less than choosing.
const MAX_WORDS: usize = 50_000;
/// Maximum answers remembered on the words of each kind. When full, words and answers are forgotten.
const MAX_ANSWERS: usize = 200_000;

/// Answers by word. It never changes an answer, only how fast it is available.
#[derive(Debug)]
pub(super) struct Memo<T>(Mutex<Kinds<T>>);

/// Words by how they are read: the same letters end differently in two languages, and in capitals they may be only
/// letters.
#[derive(Debug)]
pub(super) struct Kinds<T> {
    /// A key of this run only: whoever writes a text chooses its words, so their hashes must not be predictable.
    key: (u64, u64),
    words: Vec<Words<T>>,
}

/// The words are known by 128 bits, of which no two are alike for as long as there is news: what matters here is how
/// many places in memory are asked for, and the letters of a word would be one more.
#[derive(Debug)]
struct Words<T> {
    /// Where the answer on a word stands among all.
    places: HashMap<u128, Range<u32>, BuildHasherDefault<Half>>,
    answers: Vec<T>,
}

impl<T> Default for Words<T> {
    fn default() -> Self {
        Self { places: HashMap::default(), answers: Vec::new() }
    }
}

/// The hash of what is a hash already: half of it.
#[derive(Debug, Default)]
struct Half(u64);

impl Hasher for Half {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, it| hash.rotate_left(8) ^ u64::from(*it));
    }

    fn write_u128(&mut self, hash: u128) {
        #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
        let half = hash as u64;
        self.0 = half;
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
    /// Locks the memory; hold it while a text is read.
    pub(super) fn lock(&self) -> MutexGuard<'_, Kinds<T>> {
        // A reader that panicked has left whole answers behind, or none.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer for a word, from memory or found now.
pub(super) fn recall<'k, T>(kinds: &'k mut Kinds<T>, query: &Query<'_>, find: impl FnOnce() -> Vec<T>) -> &'k [T] {
    let kind =
        usize::from(query.inflection as u8) << 2 | usize::from(query.is_acronym) << 1 | usize::from(query.is_spelled);
    if kinds.words.len() <= kind {
        kinds.words.resize_with(kind + 1, Words::default);
    }
    let word = SipHasher13::new_with_keys(kinds.key.0, kinds.key.1).hash(query.form.as_bytes()).as_u128();
    let Some(words) = kinds.words.get_mut(kind) else { return &[] };
    let place = match words.places.get(&word) {
        Some(place) => place.clone(),
        None => {
            let answer = find();
            if words.places.len() >= MAX_WORDS || words.answers.len() >= MAX_ANSWERS {
                *words = Words::default();
            }
            let start = words.answers.len();
            words.answers.extend(answer);
            let place = small(start)..small(words.answers.len());
            words.places.insert(word, place.clone());
            place
        }
    };
    words.answers.get(place.start as usize..place.end as usize).unwrap_or_default()
}

/// A place among the answers, which are few: [`MAX_ANSWERS`] and what one word may be.
fn small(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::names::{Script, endings::Inflection};

    fn query(form: &str, is_spelled: bool) -> Query<'_> {
        Query {
            form,
            word: form,
            script: Script::Latin,
            inflection: Inflection::of(None, Script::Latin),
            is_capital: true,
            is_acronym: false,
            is_spelled,
        }
    }

    #[test]
    fn what_is_remembered_is_what_was_found() {
        let memo = Memo::<usize>::default();
        let mut kinds = memo.lock();
        for round in 0..3 {
            for n in 0..100_usize {
                for is_spelled in [false, true] {
                    let expected = vec![n + usize::from(is_spelled); n % 4];
                    let found = recall(&mut kinds, &query(&format!("word{n}"), is_spelled), || {
                        assert_eq!(round, 0, "asked again");
                        expected.clone()
                    });
                    assert_eq!(found, expected);
                }
            }
        }
    }

    #[test]
    fn many_words_are_forgotten_and_change_no_answer() {
        let memo = Memo::<usize>::default();
        let mut kinds = memo.lock();
        for n in (0..MAX_WORDS + 10).chain(0..10) {
            assert_eq!(recall(&mut kinds, &query(&n.to_string(), false), || vec![n; 5]), [n; 5]);
            assert!(kinds.words.iter().all(|it| it.places.len() <= MAX_WORDS && it.answers.len() < MAX_ANSWERS + 5));
        }
    }
}
