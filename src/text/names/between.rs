//! What may stand between a given name and a surname: initials and patronymics.

use super::{
    Script,
    line::{Word, is_short},
};

/// The most initials in a row.
const MAX_INITIALS: usize = 3;

/// Endings of patronymics, of either sex in every case, folded. A surname with such an ending does not stand between
/// two other names.
const PATRONYMICS: &[&str] = &[
    "ич",
    "ича",
    "ичу",
    "ичем",
    "иче",
    "ичі",
    "ичеві",
    "вна",
    "вны",
    "вне",
    "вну",
    "вной",
    "вною",
    "вни",
    "вні",
    "ична",
    "ичны",
    "ичне",
    "ичну",
    "ичной",
    "ичною",
    "ични",
    "ичні",
    "vich",
    "vych",
    "vitch",
    "wicz",
    "yich",
    "vna",
    "chna",
    "yi",
    "оглы",
    "oğlu",
    "oglu",
    "oghlu",
    "qizi",
];

/// Words for son and daughter, after the name of the father, folded.
pub(super) const SONS: &[&str] = &[
    "оглы",
    "оглу",
    "огли",
    "кызы",
    "гызы",
    "кизи",
    "oğlu",
    "oglu",
    "oghlu",
    "ogly",
    "qizi",
    "kizi",
    "gizi",
    "kyzy",
    "օղլու",
    "օղլի",
    "ოღლი",
    "ოღლუ",
    "ოღლის",
    "اوغلو",
    "اوغلی",
    "قیزی",
    "ძე",
    "ასული",
];

/// How many words from `at` on are initials, or a patronymic; 0 where they are neither.
pub(super) fn between(line: &str, words: &[Word<'_>], at: usize) -> usize {
    let rest = words.get(at..).unwrap_or_default();
    let initials = rest.iter().take(MAX_INITIALS).take_while(|it| is_initial(line, it)).count();
    if initials > 0 {
        return initials;
    }
    match rest {
        [father, son, ..] if father.is_capital && SONS.contains(&son.folded.as_ref()) => 2,
        [word, ..] => usize::from(is_patronymic(word)),
        [] => 0,
    }
}

/// Whether a word is a letter, or two that stand for a name as one does and have a stop after them.
pub(super) fn is_initial(line: &str, word: &Word<'_>) -> bool {
    let is_letter = word.form.chars().nth(1).is_none();
    let has_stop = || line.get(word.span.end..).is_some_and(|it| it.starts_with('.'));
    word.is_capital && (is_letter || is_short(word) && has_stop())
}

fn is_patronymic(word: &Word<'_>) -> bool {
    word.is_capital
        && match word.script {
            // The father's name in the genitive.
            Script::Armenian => word.folded.ends_with('ի'),
            _ => PATRONYMICS.iter().any(|it| word.folded.ends_with(it)),
        }
}
