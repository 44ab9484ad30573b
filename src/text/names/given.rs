//! Given names, after which a surname is likely.

mod forms;

use std::sync::LazyLock;

use super::{
    Script,
    common::{Words, ready},
};

pub(super) use self::forms::other_forms;

/// Given names of the region and of its news, in Latin letters, one a line; found in the other scripts by sound.
pub(super) const LATIN: &str = include_str!("given/latin.txt");

/// Persian given names, folded, one a line.
static PERSIAN: Words = LazyLock::new(|| ready(include_str!("given/fa.txt")));

/// Persian given names that are also words: کمال is a man and perfection.
static PERSIAN_WORDS: Words = LazyLock::new(|| ready(include_str!("given/fa-words.txt")));

/// Given names of Russian and Ukrainian, and of the Caucasus as Russian writes them, folded, one a line.
static CYRILLIC: Words = LazyLock::new(|| ready(include_str!("given/cyrillic.txt")));

/// Words after which such a name is taken for the word: in, with, from, to, on, every, this, that, for, up to, without,
/// under, by, having, and God, who is great.
const MEANT: &[&str] =
    &["در", "با", "از", "به", "بر", "هر", "این", "ان", "برای", "تا", "بی", "بدون", "تحت", "طبق", "دارای", "الله"];

/// Given names that begin phrases of everyday language: charity, free, inspiration, faith, spring, glory, beauty,
/// wisdom, mercy, order, dawn, light, dignity, birth, call, blessing, good news, guidance, permit, pact, perfection and
/// world.
const BEGIN_PHRASES: &[&str] = &[
    "احسان",
    "ازاد",
    "الهام",
    "ایمان",
    "بهار",
    "جلال",
    "جمال",
    "حکمت",
    "رحمت",
    "سامان",
    "سحر",
    "ضیا",
    "عزت",
    "میلاد",
    "ندا",
    "نعمت",
    "نوید",
    "هدایت",
    "پروانه",
    "پیمان",
    "کمال",
    "گیتی",
];

/// Whether a folded Persian word is a given name and nothing else.
pub(super) fn is_of_nothing_else(word: &str) -> bool {
    PERSIAN.contains(word)
}

/// Whether a folded word of Cyrillic letters is a given name as it stands. In other cases many are those of a surname
/// too: Косту, Ваном.
pub(super) fn is_in_cyrillic(word: &str) -> bool {
    CYRILLIC.contains(word)
}

/// Whether it is both a given name and a word.
pub(super) fn is_word(word: &str) -> bool {
    PERSIAN_WORDS.contains(word)
}

/// Whether a folded word is a Persian given name, or one with an ending that makes it a surname.
pub(super) fn is_made_of_one(word: &str, script: Script) -> bool {
    let is_given = |it: &str| is_of_nothing_else(it) || is_word(it);
    script == Script::Arabic && (is_given(word) || word.strip_suffix('ی').is_some_and(is_given))
}

/// Whether it is a given name that also begins phrases, as in بهار عربی, Arab spring.
pub(super) fn begins_phrases(word: &str) -> bool {
    BEGIN_PHRASES.contains(&word)
}

/// Whether a given name after this word is meant as an everyday word.
pub(super) fn is_meant_after(word: &str) -> bool {
    MEANT.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_in_cyrillic_is_folded_and_in_order() {
        let lines = include_str!("given/cyrillic.txt").lines().collect::<Vec<_>>();
        assert!(lines.is_sorted_by(|a, b| a < b), "each once");
        assert!(lines.iter().all(|it| crate::text::fold(it) == *it));
    }

    #[test]
    fn what_begins_phrases_is_a_given_name_and_a_word() {
        for word in BEGIN_PHRASES {
            assert!(is_word(word), "{word}");
        }
    }
}
