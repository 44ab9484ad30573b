//! Text tools shared by the stages: folding, tokens, phrases, sentences, shingles, language, plain text from markup. Pure.
//!
//! Every span is a byte range into the original text, on character boundaries: what is shown to people is
//! always the publisher's own letters, never a folded form.

use std::{error::Error, iter};

mod fold;
pub mod html;
mod language;
mod phrase;
mod sentence;
mod shingles;
mod tokens;

pub use self::{
    fold::fold,
    language::language,
    phrase::{CaseRule, MAX_PHRASE_BYTES, MAX_PHRASES, MIN_PREFIX_LETTERS, Phrase, PhraseError, PhraseSet},
    sentence::{MAX_SENTENCE_BYTES, sentence},
    shingles::shingles,
    tokens::{Token, tokens},
};

/// The longest start of `text` that has at most `max_bytes` bytes and ends on a character boundary.
pub fn capped(text: &str, max_bytes: usize) -> &str {
    text.get(..floor_boundary(text, max_bytes)).unwrap_or(text)
}

/// `text` on one line: every run of white space is one space, none at the ends, and no control characters.
///
/// Bidirectional embeddings, overrides and isolates go as well, since they can reorder what stands after
/// the text. Zero-width joiners stay: Persian words need them.
pub fn one_line(text: &str) -> String {
    let mut res = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let before = res.len();
        res.extend(word.chars().filter(|c| !c.is_control() && !is_reordering(*c)));
        if before > 0 && res.len() > before {
            res.insert(before, ' ');
        }
    }
    res
}

/// An error and what caused it, on one line.
pub fn error_chain(error: &dyn Error) -> String {
    let causes = iter::successors(error.source(), |it| (*it).source());
    one_line(&iter::once(error.to_string()).chain(causes.map(ToString::to_string)).collect::<Vec<_>>().join(": "))
}

fn is_reordering(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The last character boundary at or before `at`.
fn floor_boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0)
}

/// The first character boundary at or after `at`.
fn ceil_boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|it| text.is_char_boundary(*it)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capped_cuts_between_characters() {
        for (text, max, expected) in [
            ("NATO", 9, "NATO"),
            ("NATO", 2, "NA"),
            ("НАТО", 3, "Н"),
            ("ნატო", 5, "ნ"),
            ("ناتو", 1, ""),
            ("🇬🇪x", 4, "🇬"),
            ("", 0, ""),
        ] {
            assert_eq!(capped(text, max), expected, "{text} to {max} bytes");
        }
    }

    #[test]
    fn one_line_is_one_line() {
        for (text, expected) in [
            ("  Talks \r\n\tin\u{a0}Baku ", "Talks in Baku"),
            ("a\u{0}b\u{1b}[2J c\u{7f}", "ab[2J c"),
            ("x\u{2028}Bcc: y\u{85}z", "x Bcc: y z"),
            ("\u{202e}abc\u{202c} \u{202d} d\u{2066}e", "abc de"),
            ("می\u{200c}خواهد", "می\u{200c}خواهد"),
            ("\u{0} \u{1}", ""),
        ] {
            assert_eq!(one_line(text), expected, "{text:?}");
        }
    }
}
