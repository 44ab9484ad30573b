//! The genitive of many of a weapon or vehicle in Russian and Ukrainian, which looks like a surname: колонна
//! «Леопардов», десятки Байрактаров. Its quotation marks, or what counts it, say that it is none.

use super::{
    NameSet, Script,
    context::is_given_name,
    line::{Word, is_space},
    pass::Pass,
};

/// What makes the genitive of many and surnames.
const ENDINGS: &[&str] = &["ов", "ев", "ів", "їв"];

/// The fewest letters before it: «Азов» is no plural.
const MIN_STEM: usize = 4;

/// What is followed by nothing but a genitive of many: a few, many, tens, hundreds, a swarm, a wave.
const COUNTS: &[&str] = &[
    "несколько",
    "кілька",
    "декілька",
    "десяток",
    "десятки",
    "десятков",
    "десятків",
    "сотни",
    "сотен",
    "сотні",
    "сотень",
    "дюжина",
    "дюжину",
    "рой",
    "роя",
    "рою",
    "волна",
    "волну",
    "волны",
    "хвиля",
    "хвилю",
    "хвилі",
];

/// What is called by the surname of a person, quoted: ships, works of art, parties, clubs. Without endings.
const CALLED_AFTER_PERSONS: &[&str] = &[
    "фрегат",
    "крейсер",
    "корабел",
    "корабл",
    "эсминец",
    "эсминц",
    "есмінец",
    "корвет",
    "ледокол",
    "теплоход",
    "судно",
    "танкер",
    "катер",
    "лодк",
    "подлодк",
    "фильм",
    "фільм",
    "сериал",
    "серіал",
    "спектакл",
    "вистав",
    "роман",
    "пьес",
    "опер",
    "книг",
    "клуб",
    "групп",
    "гурт",
    "театр",
];

/// The most digits of a number that counts and is no year.
const MAX_DIGITS: usize = 3;

impl NameSet {
    /// What a genitive of many may be of, by its stem.
    pub(super) fn many(&self, word: &Word<'_>, stem: &str, pass: &mut Pass) {
        // «Иванов» is a play, and many of Ivan are told of in no news.
        self.derived(word, stem, &|it| is_given_name(it), pass);
    }
}

/// The stem of a word that is the genitive of many.
pub(super) fn stem<'w>(line: &str, words: &'w [Word<'_>], at: usize) -> Option<&'w str> {
    let word = words.get(at).filter(|it| it.script == Script::Cyrillic && it.is_capital)?;
    let stem = ENDINGS.iter().find_map(|it| word.folded.strip_suffix(it))?;
    stem.chars().nth(MIN_STEM - 1)?;
    let is_after = |before: &Word<'_>| is_space(line, before, word) && counts(line, before);
    let before = at.checked_sub(1).and_then(|it| words.get(it));
    let is_called = |it: &Word<'_>| CALLED_AFTER_PERSONS.iter().any(|stem| it.folded.starts_with(stem));
    let is_many = is_quoted(line, word) && !before.is_some_and(is_called) || before.is_some_and(is_after);
    is_many.then_some(stem)
}

fn counts(line: &str, word: &Word<'_>) -> bool {
    // № 10 is a player, and so is 17 after the score.
    let is_of_other = || line.get(..word.span.start).is_some_and(|it| it.trim_end().ends_with(['№', ',', ':', '#']));
    let is_number = || word.form.chars().all(|c| c.is_ascii_digit()) && word.form.len() <= MAX_DIGITS;
    COUNTS.contains(&word.folded.as_ref()) || is_number() && !is_of_other()
}

/// Whether a word stands in quotation marks by itself.
fn is_quoted(line: &str, word: &Word<'_>) -> bool {
    let is_mark = |c: char| matches!(c, '«' | '»' | '"' | '\u{201c}'..='\u{201f}');
    let before = line.get(..word.span.start).and_then(|it| it.chars().next_back());
    let after = line.get(word.span.end..).and_then(|it| it.chars().next());
    before.is_some_and(is_mark) && after.is_some_and(is_mark)
}
