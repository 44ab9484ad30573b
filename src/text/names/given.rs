//! Given names, which say that a name follows.

mod forms;

use std::sync::LazyLock;

use super::{
    Script,
    common::{Words, ready},
};

pub(super) use self::forms::other_forms;

/// Given names of the region and of its news, in Latin letters, one a line; found in the other scripts by sound.
pub(super) const LATIN: &str = include_str!("given/latin.txt");

/// Those of Persian, folded, one a line.
static PERSIAN: Words = LazyLock::new(|| ready(include_str!("given/fa.txt")));

/// Those of Persian that are words of it too: کمال is a man and perfection.
static PERSIAN_WORDS: Words = LazyLock::new(|| ready(include_str!("given/fa-words.txt")));

/// Words after which such a one is taken for what it means: in, with, from, to, on, every, this, that, for, up to, without, under, by, having,
/// and God, who is great.
const MEANT: &[&str] =
    &["در", "با", "از", "به", "بر", "هر", "این", "ان", "برای", "تا", "بی", "بدون", "تحت", "طبق", "دارای", "الله"];

/// Whether a folded word of Persian is a given name and no word besides.
pub(super) fn is_of_nothing_else(word: &str) -> bool {
    PERSIAN.contains(word)
}

/// Whether it is a given name and a word.
pub(super) fn is_word(word: &str) -> bool {
    PERSIAN_WORDS.contains(word)
}

/// Whether a folded word is a given name of Persian, or one with what makes a surname of it.
pub(super) fn is_made_of_one(word: &str, script: Script) -> bool {
    let is_given = |it: &str| is_of_nothing_else(it) || is_word(it);
    script == Script::Arabic && (is_given(word) || word.strip_suffix('ی').is_some_and(is_given))
}

/// Whether what stands after it is meant as a word, and as no given name.
pub(super) fn is_meant_after(word: &str) -> bool {
    MEANT.contains(&word)
}
