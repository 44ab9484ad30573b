//! What was found out of words before: a few thousand words make up most of the news, and few of them are new.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{
    endings::Inflection,
    index::{Map, Query},
};

/// So many words are remembered of each kind; then all are forgotten, which costs less than choosing.
const MAX_WORDS: usize = 50_000;

/// Answers by word. It never changes an answer, only how soon it is there.
#[derive(Debug)]
pub(super) struct Memo<T>(Mutex<Kinds<T>>);

/// Words by how they are read: the same letters end differently in two languages, and mean more in a caption.
pub(super) type Kinds<T> = Map<(Inflection, bool, bool), Map<Box<str>, T>>;

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(Mutex::new(Map::default()))
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
    let words = kinds.entry((query.inflection, query.is_acronym, query.is_caption)).or_default();
    if !words.contains_key(query.form) {
        if words.len() >= MAX_WORDS {
            words.clear();
        }
        words.insert(query.form.into(), find());
    }
    words.get(query.form)
}
