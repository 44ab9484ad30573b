//! Removes numbers of footnotes that are attached to words: "the bridge1 was closed, the town2 said".

use std::collections::HashSet;

/// A series of fewer is none.
const LEAST: usize = 3;

/// Minimum letters of a word with a footnote: `km2` is a measure, `art.1` a paragraph of a law.
const LEAST_LETTERS: usize = 4;

/// Minimum letters in the Arabic script, which omits vowels.
const LEAST_CONSONANTS: usize = 3;

/// A number at the end of a word.
struct Marker<'a> {
    /// Bytes of the text.
    start: usize,
    end: usize,
    number: u32,
    word: &'a str,
}

/// The text without footnote numbers. Only a series that counts up from one, each number at another word, counts as
/// footnotes: a single number belongs to its word (`COP29`, `Covid19`).
pub(super) fn without(text: String) -> String {
    let series = series(markers(&text));
    if series.len() < LEAST {
        return text;
    }
    let mut res = String::with_capacity(text.len());
    let mut from = 0;
    for it in &series {
        res.push_str(text.get(from..it.start).unwrap_or_default());
        from = it.end;
    }
    res.push_str(text.get(from..).unwrap_or_default());
    res
}

/// The markers that count up from one. Of two with the expected number, one at a lower-case word is preferred to one at
/// a name.
fn series(markers: Vec<Marker<'_>>) -> Vec<Marker<'_>> {
    let mut res: Vec<Marker<'_>> = Vec::new();
    let mut words = HashSet::new();
    let mut waiting = None;
    let mut due = 1;
    for it in markers {
        if it.number == due && is_name(it.word) {
            waiting.get_or_insert(it);
            continue;
        }
        // A number at a name belongs to the series only if the series would break without it.
        if it.number == due + 1
            && let Some(name) = waiting.take()
        {
            if words.insert(name.word) {
                res.push(name);
            }
            due += 1;
        }
        if it.number == due && words.insert(it.word) {
            waiting = None;
            due += 1;
            res.push(it);
        }
    }
    res
}

fn is_name(word: &str) -> bool {
    word.chars().any(char::is_uppercase)
}

fn markers(text: &str) -> Vec<Marker<'_>> {
    let mut res = Vec::new();
    let (mut word, mut letters) = (0..0, 0_usize);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c.is_alphabetic() {
            if word.end != at {
                (word, letters) = (at..at, 0);
            }
            word.end = at + c.len_utf8();
            letters += 1;
        } else if let Some(digit) = digit(c) {
            let (start, mut end, mut number) = (at, at + c.len_utf8(), digit);
            while let Some((at, digit)) = chars.peek().and_then(|(at, c)| Some((*at, self::digit(*c)?))) {
                number = number.saturating_mul(10).saturating_add(digit);
                end = at + chars.next().map_or(0, |(_, it)| it.len_utf8());
            }
            let rest = text.get(end..).unwrap_or_default();
            // A number that runs into the next word is not a footnote, although pages lose the space after one
            // ("agreement.1The"); if it is the first number, the whole series stays. Clauses and versions of programs
            // are written like that too ("4.1The"), and readers of such pages take the numbers for text: the gold of
            // the one known page keeps them (issue 4: F1 1.000, and 0.876 without them).
            let is_end = !rest.starts_with(|it: char| it.is_alphanumeric() || "-–%°/№$€".contains(it));
            // `word1,5` and `word1.5` are no footnotes.
            let is_fraction = rest.starts_with(['.', ',', ':']) && rest.chars().nth(1).is_some_and(char::is_numeric);
            let gap = text.get(word.end..start).unwrap_or_default();
            let is_glued = gap.is_empty()
                || matches!(gap, "." | "," | "”" | "»" | "\"" | ")" | "։" | "؟" | "،" | ".”" | ".\"" | "».");
            let of_word = text.get(word.clone()).unwrap_or_default();
            let is_arabic = of_word.ends_with(|it| matches!(it, '\u{600}'..='\u{6ff}'));
            let is_word = letters >= if is_arabic { LEAST_CONSONANTS } else { LEAST_LETTERS };
            if is_glued && is_end && !is_fraction && is_word && (1..=99).contains(&number) {
                res.push(Marker { start, end, number, word: of_word });
            }
            (word, letters) = (end..end, 0);
        }
    }
    res
}

/// The value of a digit in any script used for footnotes, including superscripts.
fn digit(c: char) -> Option<u32> {
    let from = |first: char| Some(u32::from(c) - u32::from(first));
    match c {
        '0'..='9' => from('0'),
        '۰'..='۹' => from('۰'),
        '٠'..='٩' => from('٠'),
        '⁰' | '⁴'..='⁹' => from('⁰'),
        '¹' => Some(1),
        '²' => Some(2),
        '³' => Some(3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(without(text.to_owned()), expected);
    }

    #[test]
    fn a_rising_series_is_cut() {
        for (text, expected) in [
            (
                "The bridge1 was closed. The town2 waited.\nNobody came,3 they said.",
                "The bridge was closed. The town waited.\nNobody came, they said.",
            ),
            ("Мост1 закрыт, город2 ждёт, дорога3 пуста.", "Мост закрыт, город ждёт, дорога пуста."),
            ("Дорога1 закрита, місто2 чекає, школа3 теж.", "Дорога закрита, місто чекає, школа теж."),
            ("Kənd1 gözləyir, şəhər2 susur, körpü3 bağlıdır.", "Kənd gözləyir, şəhər susur, körpü bağlıdır."),
            (
                "Կամուրջը1 փակ է, քաղաքը2 սպասում է, դպրոցը3 նույնպես։",
                "Կամուրջը փակ է, քաղաքը սպասում է, դպրոցը նույնպես։",
            ),
            ("ხიდი1 დაკეტილია, ქალაქი2 ელოდება, სკოლაც3 აგრეთვე.", "ხიდი დაკეტილია, ქალაქი ელოდება, სკოლაც აგრეთვე."),
            ("Köprü1 kapandı, şehir2 bekliyor, okul3 da öyle.", "Köprü kapandı, şehir bekliyor, okul da öyle."),
            ("جاده۱ بسته شد، مدرسه۲ تعطیل است، مردم۳ منتظرند.", "جاده بسته شد، مدرسه تعطیل است، مردم منتظرند."),
            ("او چنین کرد۱. جاده باز شد، مدرسه۲ نیز. مردم می‌رود۳.", "او چنین کرد. جاده باز شد، مدرسه نیز. مردم می‌رود."),
            ("The bridge¹ of Georgia² and the road³ stay.", "The bridge of Georgia and the road stay."),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn numbers_that_belong_to_their_words_stay() {
        for text in [
            "COP29, G20 and MH17 after Covid19.",
            "Only bridge1 and town2.",
            "Minsk1, Minsk2 and Minsk3 were signed.",
            "bridge3, town2, road1",
            "art.1, par.2 and sec.3 of the law; km2, cm3",
            "word1,5 town2,5 road3,5",
            "site1.example town2-b road3a",
            "The bridge.1The town waits.2 The road is long.3 Nobody came.4",
            "Clause 4.1The parties, clause 4.2The towns, clause 4.3The roads.",
            "After the G7The talks.1Then Covid19The tests.2Release 3.5The end.3",
            "",
        ] {
            check(text, text);
        }
        check("bridge1, Covid19, COP29, town2, Minsk3, road3", "bridge, Covid19, COP29, town, Minsk3, road");
        check("bridge1, town2, Georgia3, road4, Minsk2", "bridge, town, Georgia, road, Minsk2");
    }
}
