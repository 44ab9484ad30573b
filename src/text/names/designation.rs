//! Designations of a letter or two and a number: S-400, F-16, COP29, Су-35; and formats of two numbers, 3+3. With a
//! hyphen or with nothing between them they are the same.

use super::{
    Script,
    endings::Inflection,
    line::{Word, is_dash},
};

/// The most letters before the number.
const MAX_LETTERS: usize = 4;

/// The most letters and digits of what says which variant it is: Су-35С, Ту-95МС, Т-72Б3.
const MAX_VARIANT: usize = 4;

/// The most letters of what makes an ordinal of a number.
const MAX_ORDINAL: usize = 3;

/// Whether letters may begin a designation: a few, none of them small but in one of two, as in `Су`.
fn are_letters(form: &str) -> bool {
    let count = form.chars().count();
    let is_big = |c: char| c.is_uppercase() || c.is_alphabetic() && !Script::of(c).has_capitals();
    (1..=MAX_LETTERS).contains(&count)
        && form.chars().all(char::is_alphabetic)
        && form.starts_with(is_big)
        && (count <= 2 || form.chars().all(is_big))
}

fn is_number(form: &str) -> bool {
    !form.is_empty() && form.chars().all(char::is_numeric)
}

/// Whether letters and number may be parted so: by nothing, or by a hyphen, whatever its length. With spaces beside it
/// a dash parts sentences: Group F – 16 June.
fn is_joint(gap: &str) -> bool {
    gap.is_empty() || is_dash(gap) || matches!(gap, "\u{2012}" | "\u{2013}" | "\u{2212}")
}

/// Its letters, its number, and what stands behind that.
fn parts(form: &str) -> Option<(&str, &str, &str)> {
    let number = form.find(char::is_numeric)?;
    let (letters, rest) = form.split_at_checked(number)?;
    let end = rest.find(|c: char| !c.is_numeric()).unwrap_or(rest.len());
    let (number, tail) = rest.split_at_checked(end)?;
    are_letters(letters).then_some((letters, number, tail))
}

/// Whether a word is one, of a term or of a text: `TB2`, but not `TB` nor `5G`.
pub(super) fn is_one(form: &str) -> bool {
    parts(form).is_some_and(|it| it.2.is_empty()) || is_format(form)
}

fn is_format(form: &str) -> bool {
    form.split_once('+').is_some_and(|(a, b)| is_number(a) && is_number(b))
}

/// The one that two words of a term are, with what stands between them.
pub(super) fn joined(before: &str, gap: &str, after: &str) -> Option<String> {
    if is_number(before) && is_number(after) && gap.trim() == "+" {
        return Some(format!("{before}+{after}"));
    }
    if !is_joint(gap) || !are_letters(before) {
        return None;
    }
    Some(format!("{before}{after}")).filter(|it| is_one(it))
}

/// Whether the second of two words of a term makes an ordinal of the first: 102-я.
pub(super) fn is_ordinal(before: &str, gap: &str, after: &str) -> bool {
    is_number(before)
        && is_dash(gap)
        && after.chars().count() <= MAX_ORDINAL
        && after.chars().all(|c| c.is_lowercase() && Script::of(c) == Script::Cyrillic)
}

/// The one that two words of a text are. A space may break it only after letters that can be nothing else.
pub(super) fn of_two<'t>(line: &str, before: &Word<'t>, after: &Word<'t>) -> Option<Word<'t>> {
    if !after.form.starts_with(char::is_numeric) {
        return None;
    }
    let gap = line.get(before.span.end..after.span.start)?;
    let is_whole = match joined(&before.form, gap, &after.form) {
        Some(_) => true,
        None => {
            let is_long = before.form.chars().nth(1).is_some() && !is_small(&before.form);
            let is_spaced = is_long && gap == " ";
            (is_joint(gap) || is_spaced) && parts(&format!("{}{}", before.form, after.form)).is_some()
        }
    };
    if !is_whole {
        return None;
    }
    let sign = if gap.trim() == "+" { "+" } else { "" };
    let form = format!("{}{sign}{}", before.form, after.form);
    let folded = format!("{}{sign}{}", before.folded, after.folded);
    Some(Word {
        span: before.span.start..after.span.end,
        form: form.into(),
        folded: folded.into(),
        tail: None,
        // It is no name that sounds like another.
        is_capital: false,
        is_acronym: false,
        ..*before
    })
}

fn is_small(form: &str) -> bool {
    form.chars().any(char::is_lowercase)
}

/// A folded word without what may stand behind a designation: an ending (`F-16s`), or capitals and digits that say
/// which variant it is.
pub(super) fn without_ending<'w>(form: &str, word: &'w str, inflection: Inflection) -> Option<&'w str> {
    let (_, _, tail) = parts(form).filter(|it| !it.2.is_empty())?;
    let is_variant = tail.starts_with(char::is_uppercase)
        && tail.chars().count() <= MAX_VARIANT
        && tail.chars().all(|c| c.is_uppercase() || c.is_numeric());
    let folded = crate::text::fold(tail);
    let is_ending = || folded == "s" || inflection.endings().contains(&folded.as_str());
    (is_variant || is_ending()).then(|| word.strip_suffix(folded.as_str())).flatten()
}
