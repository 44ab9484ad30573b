//! Cuts texts into words. Positions are always those of the original text.

use std::{borrow::Cow, ops::Range};

use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

use super::{
    fold::{fold_word, is_apostrophe, is_ignorable},
    names::Script,
};

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token<'t> {
    /// Where it stands in the original text, in bytes.
    pub span: Range<usize>,
    /// As it stands there.
    pub form: &'t str,
    /// Folded. Never empty.
    pub word: Cow<'t, str>,
    /// Whether only an apostrophe parts it from the word before: `un` of `Vinnikov'un`.
    pub is_suffix: bool,
}

impl Token<'_> {
    /// Whether it begins with a small letter, in a script that writes names with capitals. Georgian has capitals, for
    /// whole lines alone.
    pub fn is_small(&self) -> bool {
        self.form.chars().next().is_some_and(|it| it.is_lowercase() && Script::of(it) != Script::Georgian)
    }
}

impl AsRef<str> for Token<'_> {
    /// The folded word.
    fn as_ref(&self) -> &str {
        &self.word
    }
}

/// The words of a text in order.
///
/// A word is a run of letters, digits and marks. For alphabets these are the words of Unicode Annex 29 but for
/// names with a sign inside, which the annex keeps together and which are split here (`A.Vinnikov`, `NATO’s`,
/// `Vinnikov'un`, `civil.ge`, `#NATO_Georgia`, Armenian `ՆԱՏՕ֊ի`); and a zero-width space inside a word is
/// passed over, since pages put it there to break lines. Runs of scripts without spaces are left to the annex.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut res = Vec::with_capacity(text.len() / 7);
    let mut run = Run::default();
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if is_core(c) {
            if run.end == 0 {
                run = Run {
                    start: at,
                    end: at,
                    is_suffix: is_apostrophe(before) && follows_word(&res, at, before),
                    has_other: false,
                };
            }
            run.end = at + c.len_utf8();
            run.has_other |= c >= FIRST_OTHER && !is_georgian(c);
        } else if run.end > 0 && !c.is_ascii() && is_combining_mark(c) {
            run.end = at + c.len_utf8();
        } else if run.end == 0 || c.is_ascii() || !is_ignorable(c) {
            run.close(text, &mut res);
            before = c;
        }
    }
    run.close(text, &mut res);
    res
}

/// From Thai on, there are scripts that write no spaces.
const FIRST_OTHER: char = '\u{e00}';

fn is_georgian(c: char) -> bool {
    matches!(c, '\u{10a0}'..='\u{10ff}' | '\u{1c90}'..='\u{1cbf}')
}

/// Letters and digits. Superscripts are not part of a word: footnote marks are attached to words.
fn is_core(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphanumeric(),
        // What most text of the region is made of needs no tables: Latin with marks, Cyrillic, Armenian, Georgian,
        // Persian.
        '\u{c0}'..='\u{d6}'
        | '\u{d8}'..='\u{f6}'
        | '\u{f8}'..='\u{24f}'
        | '\u{410}'..='\u{44f}'
        | '\u{531}'..='\u{556}'
        | '\u{561}'..='\u{586}'
        | '\u{10d0}'..='\u{10f0}'
        | '\u{621}'..='\u{63a}'
        | '\u{641}'..='\u{64a}'
        | '\u{671}'..='\u{6d3}'
        | '٠'..='٩'
        | '۰'..='۹' => true,
        // The Arabic stretch of a line; and the Armenian half ring, a letter to Unicode, which texts that were set in
        // old fonts have for an opening quote.
        '\u{640}' | '\u{559}' => false,
        _ => is_letter(c),
    }
}

/// The same test by the tables of Unicode, which takes much longer.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !is_apostrophe(c) && !is_ignorable(c) && !is_combining_mark(c)
}

/// Whether the last word ends where the sign before `at` starts.
fn follows_word(words: &[Token<'_>], at: usize, sign: char) -> bool {
    words.last().is_some_and(|it| it.span.end + sign.len_utf8() == at)
}

/// A run of word characters that is being read; none where `end` is 0.
#[derive(Default)]
struct Run {
    start: usize,
    end: usize,
    is_suffix: bool,
    /// Whether it may hold several words.
    has_other: bool,
}

impl Run {
    fn close<'t>(&mut self, text: &'t str, words: &mut Vec<Token<'t>>) {
        let Self { start, end, is_suffix, has_other } = std::mem::take(self);
        let form = text.get(start..end).unwrap_or_default();
        let mut push = |at: usize, form: &'t str| {
            let word = fold_word(form);
            if !word.is_empty() {
                words.push(Token { span: at..at + form.len(), form, word, is_suffix });
            }
        };
        if has_other {
            form.unicode_word_indices().for_each(|(at, word)| push(start + at, word));
        } else {
            push(start, form);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let res = tokens(text);
        let words = res.iter().map(AsRef::as_ref).collect::<Vec<&str>>();
        assert_eq!(words, expected, "text: {text}");
        for token in &res {
            assert_eq!(&text[token.span.clone()], token.form, "text: {text}");
        }
    }

    #[test]
    fn what_is_told_without_the_tables_agrees_with_them() {
        let odd = ['\u{640}', '\u{559}'];
        for c in ('\u{80}'..'\u{10f1}').filter(|c| !odd.contains(c) && !c.is_numeric()) {
            assert_eq!(is_core(c), is_letter(c), "{c:?}");
        }
    }

    #[test]
    fn words_of_every_script() {
        check("Talks in Baku, today.", &["talks", "in", "baku", "today"]);
        check("Встреча с Винниковым", &["встреча", "с", "винниковым"]);
        check("зустріч із Вінніковим", &["зустріч", "із", "вінніковим"]);
        check("Bakıda İTPP müzakirəsi", &["bakida", "itpp", "müzakirəsi"]);
        check("Վիննիկովը Երևանում էր։", &["վիննիկովը", "երեւանում", "էր"]);
        check("ვინიკოვმა თქვა", &["ვინიკოვმა", "თქვა"]);
        check("Vinnikov Tiflis'te", &["vinnikov", "tiflis", "te"]);
        check("وینیکوف در ایروان", &["وینیکوف", "در", "ایروان"]);
    }

    #[test]
    fn signs_inside_words_split() {
        check("A.Vinnikov", &["a", "vinnikov"]);
        check("NATO’s NATO-Georgia", &["nato", "s", "nato", "georgia"]);
        check("ՆԱՏՕ-ի ՆԱՏՕ֊ի", &["նատօ", "ի", "նատօ", "ի"]);
        check("#NATO_Georgia civil.ge", &["nato", "georgia", "civil", "ge"]);
        check("S-400 COP29 24,3", &["s", "400", "cop29", "24", "3"]);
        check("об'єднання обʼєднання", &["об", "єднання", "об", "єднання"]);
        check("🇬🇪Georgia…NATO", &["georgia", "nato"]);
    }

    #[test]
    fn marks_inside_words_do_not() {
        check("Vin\u{ad}nikov Vin\u{200b}nikov", &["vinnikov", "vinnikov"]);
        check("می\u{200c}خواهد نَاتُو", &["میخواهد", "ناتو"]);
        check("Ви\u{301}нников", &["винников"]);
        check("Ինչո՞ւ", &["ինչու"]);
        check("\u{559}Վիննիկովն ասաց\u{55a}", &["վիննիկովն", "ասաց"]);
        check("i\u{307}ran", &["iran"]);
        check("\u{feff}NATO\u{ad} membership²", &["nato", "membership"]);
    }

    #[test]
    fn scripts_without_spaces_are_left_to_the_annex() {
        check("北约NATO", &["北", "约", "nato"]);
        check("नाटो की", &["नाटो", "की"]);
    }

    #[test]
    fn only_words() {
        check("", &[]);
        check(" – … !? ــ ' _ \u{200b}", &[]);
    }

    #[test]
    fn an_ending_after_an_apostrophe_is_marked() {
        let marked = |text| tokens(text).iter().filter(|it| it.is_suffix).count();
        assert_eq!(marked("Vinnikov'un NATO’s ‘quoted’ 'word'"), 2);
        assert_eq!(marked("A.Vinnikov civil.ge"), 0);
    }

    proptest! {
        #[test]
        fn agrees_with_the_annex_on_plain_words(text in "[a-zA-ZəşğİıА-яёіїҐԱ-Ֆա-և ა-ჰء-غف-يپچژکگی ,!?()\n-]{0,60}") {
            let expected = text.unicode_words().map(str::to_owned).collect::<Vec<_>>();
            let forms = tokens(&text).iter().map(|it| it.form.to_owned()).collect::<Vec<_>>();
            prop_assert_eq!(forms, expected);
        }

        #[test]
        fn spans_are_in_order_and_on_boundaries(text in "\\PC{0,60}") {
            let mut end = 0;
            for token in tokens(&text) {
                prop_assert!(token.span.start >= end && token.span.start < token.span.end);
                prop_assert_eq!(text.get(token.span.clone()), Some(token.form));
                end = token.span.end;
            }
        }
    }
}
