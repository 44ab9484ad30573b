//! Splits words written without a space where a reader sees two, and repairs words with letters of another script.

use std::ops::Range;

use crate::text::{
    Token,
    fold::{fold, fold_word},
    tokens,
};

use super::{
    Script,
    common::is_common,
    given,
    line::{PERSIAN_FORMATIVES, ends_surname},
};

/// The words of a line, without those in web addresses; tags in mixed case are split (`#AlexanderVinnikov`).
pub(super) fn split(line: &str) -> Vec<Token<'_>> {
    let all = tokens(line);
    if !line.contains("://") && !line.contains("www.") && !line.contains('#') {
        return all;
    }
    let addresses = addresses(line);
    let mut res = Vec::with_capacity(all.len());
    let mut at = 0;
    for token in all {
        while addresses.get(at).is_some_and(|it| it.end <= token.span.start) {
            at += 1;
        }
        if addresses.get(at).is_some_and(|it| it.start <= token.span.start) {
            continue;
        }
        let is_tag = line.get(..token.span.start).is_some_and(|it| it.ends_with('#'));
        match is_tag {
            true => tag(&token, &mut res),
            false => res.push(token),
        }
    }
    res
}

/// The web addresses of a line, in order. What looks like the beginning of one inside another is part of that: each
/// letter is examined only a few times.
fn addresses(line: &str) -> Vec<Range<usize>> {
    let mut res: Vec<Range<usize>> = Vec::new();
    let mut starts: Vec<usize> =
        line.match_indices("://").chain(line.match_indices("www.")).map(|(at, _)| at).collect();
    starts.sort_unstable();
    let mut end = 0;
    for at in starts {
        if at < end {
            continue;
        }
        let before = line.get(end..at).unwrap_or_default();
        let start = end + before.trim_end_matches(|c: char| c.is_ascii_alphanumeric()).len();
        let rest = line.get(at..).unwrap_or_default();
        let len = rest.find(|c: char| c.is_whitespace() || "\"<>«»“”()".contains(c)).unwrap_or(rest.len());
        end = at + len;
        res.push(start..end);
    }
    res
}

/// The words of a tag: `NATOGeorgia`, `AlexanderVinnikov`.
fn tag<'t>(token: &Token<'t>, res: &mut Vec<Token<'t>>) {
    let letters: Vec<(usize, char)> = token.form.char_indices().collect();
    let mut push = |from: usize, to: usize| {
        if let Some(form) = token.form.get(from..to).filter(|it| !it.is_empty()) {
            let span = token.span.start + from..token.span.start + to;
            res.push(Token { span, form, word: fold_word(form), is_suffix: false });
        }
    };
    let mut start = 0;
    for (n, (at, c)) in letters.iter().enumerate().skip(1) {
        let before = n.checked_sub(1).and_then(|it| letters.get(it)).map(|it| it.1);
        let goes_on_small = letters.get(n + 1).is_some_and(|it| it.1.is_lowercase());
        let is_begin = c.is_uppercase()
            && before.is_some_and(|it| it.is_lowercase() || it.is_numeric() || it.is_uppercase() && goes_on_small);
        if is_begin {
            push(start, *at);
            start = *at;
        }
    }
    push(start, token.form.len());
}

/// A word, and the ending attached to it in another script: `ITPPს`, `Vinnikovი`.
pub(super) fn parted(token: Token<'_>) -> (Token<'_>, Option<String>) {
    let mut letters = token.form.char_indices().map(|(at, c)| (at, Script::of(c))).filter(|it| it.1 != Script::Other);
    let Some((_, first)) = letters.next() else { return (token, None) };
    let Some((at, other)) = letters.find(|it| it.1 != first) else { return (token, None) };
    let (head, tail) = token.form.split_at_checked(at).unwrap_or((token.form, ""));
    // A single letter of another alphabet is a slip of the keyboard.
    let are_alike = matches!((first, other), (Script::Latin, Script::Cyrillic) | (Script::Cyrillic, Script::Latin));
    let is_acronym = head.chars().all(char::is_uppercase) && tail.chars().all(char::is_lowercase);
    if head.chars().nth(1).is_none() || are_alike && !is_acronym && likened(token.form).is_some() {
        return (token, None);
    }
    let span = token.span.start..token.span.start + at;
    (Token { span, form: head, word: fold_word(head), is_suffix: token.is_suffix }, Some(fold(tail)))
}

/// Given names that begin double names written as one word in Persian: محمدباقر, علی‌اکبر, امیرعبداللهیان.
const FIRST_HALVES: &[&str] = &["محمد", "علی", "امیر", "سید", "غلام"];

/// Endings that a sign keeps apart from a word of Persian: of many, of whose, of verbs.
const APART: &[&str] = &[
    "ها",
    "های",
    "هایی",
    "هایم",
    "هایش",
    "هایشان",
    "هایمان",
    "شان",
    "مان",
    "تان",
    "تر",
    "ترین",
    "تری",
    "اند",
    "ایم",
    "اید",
    "ای",
    "ام",
    "اش",
    "ات",
];

/// Minimum letters of half of a word.
const MIN_HALF: usize = 3;

/// The two words that Persian writes as one, where a given name begins it (محمدباقر, امیرعبداللهیان) or only a half
/// space parts them (باقری‌کنی).
pub(super) fn halves<'t>(token: &Token<'t>) -> Option<(Token<'t>, Token<'t>)> {
    let script = token.form.chars().next().map_or(Script::Other, Script::of);
    if script != Script::Arabic || token.is_suffix || token.form.chars().nth(2 * MIN_HALF - 1).is_none() {
        return None;
    }
    let is_given = |it: &str| given::is_of_nothing_else(it) || given::is_word(it);
    let is_name = |it: &str| {
        let mut made = PERSIAN_FORMATIVES.iter().filter_map(|end| it.strip_suffix(end));
        is_given(it) || made.any(is_given)
    };
    let half = |from: usize, to: usize| {
        let form = token.form.get(from..to)?;
        let span = token.span.start + from..token.span.start + to;
        Some(Token { span, form, word: fold_word(form), is_suffix: false })
    };
    let parted = |first_end: usize, second: usize| Some((half(0, first_end)?, half(second, token.form.len())?));
    if let Some((first, second)) = token.form.split_once('\u{200c}') {
        let (before, after) = parted(first.len(), first.len() + '\u{200c}'.len_utf8())?;
        let is_long = |it: &str, least| it.chars().nth(least - 1).is_some();
        let is_ending = APART.contains(&after.word.as_ref()) || ends_surname(&before.word, &after.word);
        let is_unknown = is_long(second, MIN_HALF + 1) && !is_common(&after.word, script);
        let are_names = FIRST_HALVES.contains(&before.word.as_ref()) && is_name(&after.word)
            || is_long(first, MIN_HALF)
                && is_long(second, MIN_HALF)
                && !is_ending
                && (given::is_made_of_one(&before.word, script) || is_unknown);
        return (are_names && !second.contains('\u{200c}')).then_some((before, after));
    }
    let end = FIRST_HALVES.iter().find(|it| token.form.starts_with(**it))?.len();
    parted(end, end).filter(|(_, after)| is_name(&after.word))
}

/// Whether a word may have letters of two scripts, one of them Latin. A quick test, since most words do not.
pub(super) fn may_mix(form: &str) -> bool {
    !form.is_ascii() && form.bytes().any(|it| it.is_ascii_alphabetic())
}

/// Letters of Latin and Cyrillic that look the same.
const ALIKE: [(char, char); 30] = [
    ('a', 'а'),
    ('c', 'с'),
    ('e', 'е'),
    ('i', 'і'),
    ('j', 'ј'),
    ('k', 'к'),
    ('o', 'о'),
    ('p', 'р'),
    ('s', 'ѕ'),
    ('x', 'х'),
    ('y', 'у'),
    ('A', 'А'),
    ('B', 'В'),
    ('C', 'С'),
    ('E', 'Е'),
    ('H', 'Н'),
    ('I', 'І'),
    ('J', 'Ј'),
    ('K', 'К'),
    ('M', 'М'),
    ('O', 'О'),
    ('P', 'Р'),
    ('S', 'Ѕ'),
    ('T', 'Т'),
    ('X', 'Х'),
    ('Y', 'У'),
    ('ə', 'ә'),
    ('Ə', 'Ә'),
    ('ë', 'ё'),
    ('ï', 'ї'),
];

/// A word of mixed Latin and Cyrillic letters, in the script of most of them, if the others look like letters of it;
/// `None` for other words.
pub(super) fn likened(form: &str) -> Option<String> {
    let count = |script| form.chars().filter(|c| Script::of(*c) == script).count();
    let (latin, cyrillic) = (count(Script::Latin), count(Script::Cyrillic));
    if latin == 0 || cyrillic == 0 {
        return None;
    }
    let letter = |c: char, script| match Script::of(c) {
        Script::Latin if script == Script::Cyrillic => ALIKE.iter().find(|it| it.0 == c).map(|it| it.1),
        Script::Cyrillic if script == Script::Latin => ALIKE.iter().find(|it| it.1 == c).map(|it| it.0),
        _ => Some(c),
    };
    let of = |script| form.chars().map(|c| letter(c, script)).collect::<Option<String>>();
    match latin > cyrillic {
        true => of(Script::Latin).or_else(|| of(Script::Cyrillic)),
        false => of(Script::Cyrillic).or_else(|| of(Script::Latin)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_no_words_and_tags_have_several() {
        let words = |line| split(line).into_iter().map(|it| it.form).collect::<Vec<_>>();
        assert_eq!(
            words("See https://news.example/border-x?y=z, www.a.example and #AlexanderVinnikov"),
            ["See", "and", "Alexander", "Vinnikov"]
        );
        assert_eq!(words("#NATOGeorgia #NATO2030 #нато"), ["NATO", "Georgia", "NATO2030", "нато"]);
        assert_eq!(words("(https://a.example/b) c://"), [""; 0]);
        assert_eq!(words("https://a.example/www.b.example/c://d and www.e.example"), ["and"]);
        // Each of its beginnings was followed to the end of the line.
        assert_eq!(words(&"a://www.".repeat(500_000)), [""; 0]);
    }

    #[test]
    fn names_that_persian_writes_as_one_are_two() {
        for (word, expected) in [
            ("محمدباقر", Some(("محمد", "باقر"))),
            ("محمدجواد", Some(("محمد", "جواد"))),
            ("علی‌اکبر", Some(("علی", "اکبر"))),
            ("امیرعبداللهیان", Some(("امیر", "عبداللهیان"))),
            ("باقری‌کنی", Some(("باقری", "کنی"))),
            ("تخت‌روانچی", Some(("تخت", "روانچی"))),
            ("محمدی", None),
            ("علی‌اف", None),
            ("علی‌اوا", None),
            ("علی‌ها", None),
            ("کتاب‌هایشان", None),
            ("می‌خواهند", None),
            ("رئیس‌جمهور", None),
            ("امیرکبیر", None),
            ("پاشینیان", None),
        ] {
            let token = split(word).remove(0);
            assert_eq!(halves(&token).map(|it| (it.0.form, it.1.form)), expected, "{word}");
        }
    }

    #[test]
    fn look_alikes_are_read_in_the_script_of_most_letters() {
        for (form, expected) in [
            ("Винникoв", Some("Винников")),
            ("Vinnikоv", Some("Vinnikov")),
            ("НАTО", Some("НАТО")),
            ("CШA", Some("США")),
            ("NATOвский", None),
            ("Əliyev", None),
            ("Vinnikov", None),
        ] {
            assert_eq!(likened(form).as_deref(), expected, "{form}");
        }
    }
}
