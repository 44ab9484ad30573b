//! Words of everyday language that sound like names.

mod georgian;

use std::{hash::BuildHasherDefault, sync::LazyLock};

use crate::text::fnv::Set;

use super::Script;

pub(super) use self::georgian::{is_dative, is_genitive, is_name as is_georgian_name};

/// Folded words, prepared on first use. The lists are built in, so that the hasher need not resist attacks.
pub(super) type Words = LazyLock<Set<&'static str>>;

pub(super) fn ready(lines: &'static str) -> Set<&'static str> {
    let n_words = lines.bytes().filter(|it| *it == b'\n').count() + 1;
    let mut res = Set::with_capacity_and_hasher(n_words, BuildHasherDefault::default());
    res.extend(lines.lines());
    res
}

/// Persian words, folded, one a line.
static PERSIAN: Words = LazyLock::new(|| ready(include_str!("common/fa.txt")));

/// Names of Persian that are no such words, the same way.
static PERSIAN_NAMES: Words = LazyLock::new(|| ready(include_str!("common/fa-names.txt")));

/// Georgian words, the same way.
static GEORGIAN: Words = LazyLock::new(|| ready(include_str!("common/ka.txt")));

/// The most frequent Persian words.
const PERSIAN_OFTEN: &str = include_str!("common/fa-often.txt");
/// The most frequent Georgian words.
const GEORGIAN_OFTEN: &str = include_str!("common/ka-often.txt");

/// The most frequent words, with the code and the name of the language.
pub(super) const FREQUENT: [(&str, &str, &str); 2] =
    [(PERSIAN_OFTEN, "fa", "Persian"), (GEORGIAN_OFTEN, "ka", "Georgian")];

/// Whether a folded word is so frequent that nothing beside it can make it a name. False in scripts with capitals.
pub(super) fn is_frequent(word: &str, script: Script) -> bool {
    match script {
        Script::Arabic => PERSIAN_FREQUENT.contains(word),
        Script::Georgian => GEORGIAN_FREQUENT.contains(word),
        _ => false,
    }
}

/// Words of the scripts with capitals that begin many sentences or stand in capitals in titles of office, the same way.
static CAPITALISED: Words = LazyLock::new(|| ready(include_str!("common/capitals.txt")));

/// Words of scripts with capitals that are in lower case except at the start of a sentence, folded, one a line.
static SMALL: Words = LazyLock::new(|| ready(include_str!("common/small.txt")));

static PERSIAN_FREQUENT: Words = LazyLock::new(|| ready(PERSIAN_OFTEN));
static GEORGIAN_FREQUENT: Words = LazyLock::new(|| ready(GEORGIAN_OFTEN));

/// A folded word of everyday Persian or Georgian, as listed, with the name of its language.
pub(super) fn everyday(word: &str) -> Option<(&'static str, &'static str)> {
    [(&PERSIAN, "Persian"), (&PERSIAN_FREQUENT, "Persian"), (&GEORGIAN, "Georgian"), (&GEORGIAN_FREQUENT, "Georgian")]
        .into_iter()
        .find_map(|(words, language)| words.get(word).map(|it| (*it, language)))
}

/// Whether a folded word is one of everyday language; in the scripts that have capital letters, one that often has one.
pub(super) fn is_common(word: &str, script: Script) -> bool {
    match script {
        Script::Latin | Script::Cyrillic | Script::Armenian => CAPITALISED.contains(word),
        Script::Arabic => PERSIAN.contains(word),
        Script::Georgian => GEORGIAN.contains(word),
        Script::Other => false,
    }
}

/// Whether a folded word is a name that is no word of everyday language: of Georgian in any case, of Persian as it
/// stands.
pub(super) fn is_name(word: &str, script: Script) -> bool {
    match script {
        Script::Georgian => is_georgian_name(word),
        Script::Arabic => PERSIAN_NAMES.contains(word),
        _ => false,
    }
}

/// Whether a folded word of a script with capitals is so seldom a name that it is one only where it is spelled as that.
pub(super) fn is_written_small(word: &str) -> bool {
    SMALL.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_persian_is_an_everyday_word() {
        let names: Vec<_> = include_str!("common/fa-names.txt").lines().collect();
        assert!(names.is_sorted_by(|a, b| a < b));
        for name in names {
            assert_eq!(crate::text::fold(name), name);
            assert!(!PERSIAN.contains(name) && !PERSIAN_FREQUENT.contains(name), "{name}");
        }
    }
}
