//! How the words of a term may follow each other in a line.

use std::ops::Range;

use super::{
    between::between,
    context::is_given_name,
    line::{Word, are_joined, is_ending, whole},
    pass::Found,
};

/// The places of the next word of a term, if its words so far end before `after`: there, after an ending with a hyphen,
/// or after initials or a patronymic.
pub(super) fn places(line: &str, words: &[Word<'_>], after: usize) -> [Option<usize>; 3] {
    // Whether words from one to another are joined to each other and to the one before.
    let are_joined = |from: usize, to: usize| {
        let words = from.checked_sub(1).and_then(|it| words.get(it..=to));
        words.is_some_and(|it| it.windows(2).all(|it| matches!(it, [a, b] if are_joined(line, a, b))))
    };
    if !are_joined(after, after) {
        return [None; 3];
    }
    let is_ending = matches!(words.get(after - 1..=after), Some([a, b]) if is_ending(line, a, b));
    let ending = (is_ending && are_joined(after + 1, after + 1)).then_some(after + 1);
    if is_ending && ending.is_none() {
        return [Some(after), None, None];
    }
    let from = ending.unwrap_or(after);
    let skipped = between(line, words, from);
    let to = (skipped > 0 && are_joined(from + 1, from + skipped)).then_some(from + skipped);
    [Some(after), ending, to]
}

/// Whether the next word of a term was found after those of `chain`; if so, it is added to `chain`.
pub(super) fn goes_on<'h>(
    line: &str,
    words: &[Word<'_>],
    chain: &mut Vec<(usize, Found)>,
    number: u32,
    at_word: &impl Fn(usize) -> &'h [Found],
) -> bool {
    let after = chain.last().map_or(0, |it| it.0 + it.1.width);
    let mut places = places(line, words, after).into_iter().flatten();
    let next = places.find_map(|at| at_word(at).iter().find(|it| it.hit.word == number).map(|it| (at, *it)));
    chain.extend(next);
    next.is_some()
}

/// Whether a term ends with the first half of a word that Persian writes as one: Ahmad Amir is not احمد امیرعبداللهیان.
pub(super) fn ends_in_word(line: &str, words: &[Word<'_>], chain: &[(usize, Found)]) -> bool {
    let last = chain.last().map_or(0, |it| it.0 + it.1.width - 1);
    matches!(words.get(last..=last + 1), Some([before, after]) if whole(line, before, after).is_some())
}

/// Whether a term begins with the second half of such a word: محمدرضا پهلوی is the father of Reza Pahlavi. A form of
/// address before it is allowed: سیدعلی.
pub(super) fn begins_in_word(line: &str, words: &[Word<'_>], chain: &[(usize, Found)]) -> bool {
    let pair = chain.first().and_then(|it| words.get(it.0.checked_sub(1)?..=it.0));
    matches!(pair, Some([before, after]) if before.folded != "سید" && whole(line, before, after).is_some())
}

/// Whether a surname and the given name after it belong to two people, or another name continues with the surname:
/// another part of a name precedes them, or something other than a patronymic follows.
pub(super) fn is_of_others(line: &str, words: &[Word<'_>], surname: Range<usize>) -> bool {
    let word = |at: usize| words.get(at);
    let are_joined =
        |before, after| matches!((word(before), word(after)), (Some(a), Some(b)) if are_joined(line, a, b));
    let (before, after) = (surname.start.checked_sub(1), surname.end + 1);
    let has_more_before = before.is_some_and(|at| {
        let is_of_name = |it: &Word<'_>| it.is_capital && is_given_name(&it.folded);
        are_joined(at, surname.start) && (between(line, words, at) > 0 || word(at).is_some_and(is_of_name))
    });
    let has_more_after = || {
        are_joined(surname.end, after)
            && word(after).is_some_and(|it| it.is_capital)
            && between(line, words, after) == 0
    };
    has_more_before || has_more_after()
}
