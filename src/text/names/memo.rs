//! What was found out of words before: a few thousand words make up most of the news, and few of them are new.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::index::Query;

/// So many words are remembered of each kind; then all are forgotten, which costs less than choosing.
const MAX_WORDS: usize = 50_000;

/// Answers by word. It never changes an answer, only how soon it is there.
#[derive(Debug)]
pub(super) struct Memo<T>(Mutex<Kinds<T>>);

/// Words by how they are read: the same letters end differently in two languages, and in capitals they may be only letters.
#[derive(Debug)]
pub(super) struct Kinds<T>(Vec<Words<T>>);

#[derive(Debug)]
struct Words<T> {
    /// The places of the answers. Whoever writes a text chooses the words, so that their hashes must not be known beforehand:
    /// fifty thousand of one hash would be compared with each other.
    places: HashMap<Box<str>, usize>,
    answers: Vec<T>,
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(Mutex::new(Kinds(Vec::new())))
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
pub(super) fn recall<'k, T>(kinds: &'k mut Kinds<T>, query: &Query<'_>, find: impl FnOnce() -> T) -> Option<&'k T> {
    let kind =
        usize::from(query.inflection as u8) << 2 | usize::from(query.is_acronym) << 1 | usize::from(query.is_spelled);
    if kinds.0.len() <= kind {
        kinds.0.resize_with(kind + 1, || Words { places: HashMap::new(), answers: Vec::new() });
    }
    let Words { places, answers } = kinds.0.get_mut(kind)?;
    let place = match places.get(query.form) {
        Some(place) => *place,
        None => {
            if answers.len() >= MAX_WORDS {
                places.clear();
                answers.clear();
            }
            let answer = find();
            places.insert(query.form.into(), answers.len());
            answers.push(answer);
            answers.len() - 1
        }
    };
    answers.get(place)
}
