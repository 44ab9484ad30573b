//! Text tools shared by the stages: folding, tokens, phrases, names, sentences, plain words, shingles, language, plain
//! text from markup, JSON within limits. Pure.
//!
//! Every span is a byte range into the original text, on character boundaries: what is shown to people is
//! always the publisher's own letters, never a folded form.

use std::{error::Error, iter, sync::LazyLock};

use sha2::{Digest, Sha256};

pub mod cited;
mod diff;
mod fnv;
mod fold;
pub mod html;
pub mod json;
mod language;
mod marks;
mod masked;
pub mod names;
mod phrase;
mod plain;
mod recipient;
mod reprint;
mod sentence;
mod shingles;
mod skeleton;
mod tokens;

pub use self::{
    diff::{Run, Side, word_diff},
    fold::{fold, fold_for_keys},
    language::{is_language_code, language, language_of, without_region},
    marks::Marks,
    masked::without_addresses,
    phrase::{CaseRule, MAX_PHRASE_BYTES, MAX_PHRASES, MIN_PREFIX_LETTERS, Phrase, PhraseError, PhraseSet},
    plain::{Said, plain_words},
    recipient::{is_same_channel, mail_address},
    reprint::{Reprint, reprint, reprints},
    sentence::{MAX_SENTENCE_BYTES, Sentences, ends_sentence, is_line_break, is_sentence_end, sentence},
    shingles::{shingles, term_hash},
    skeleton::skeleton,
    tokens::{Token, tokens},
};

/// The longest start of `text` that has at most `max_bytes` bytes and ends on a character boundary.
pub fn capped(text: &str, max_bytes: usize) -> &str {
    text.get(..floor_boundary(text, max_bytes)).unwrap_or(text)
}

/// `text` on one line: every run of white space is one space, none at the ends, and nothing [hidden](is_hidden).
pub fn one_line(text: &str) -> String {
    let mut res = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let before = res.len();
        res.extend(word.chars().filter(|c| !is_hidden(*c)));
        if before > 0 && res.len() > before {
            res.insert(before, ' ');
        }
    }
    res
}

/// The start of a word, which its forms share: six letters of it, five where endings are many (Cyrillic) or letters
/// stand for consonants alone (Arabic).
pub fn stem(word: &str) -> &str {
    let letters = match word.chars().next() {
        Some('\u{400}'..='\u{52f}' | '\u{600}'..='\u{6ff}') => 5,
        _ => 6,
    };
    word.char_indices().nth(letters).and_then(|(at, _)| word.get(..at)).unwrap_or(word)
}

/// Made once, from a list that no one may change while the program runs.
static STOP_WORDS: LazyLock<fnv::Set<&str>> =
    LazyLock::new(|| include_str!("text/stop_words.txt").split_whitespace().collect());

/// Whether a folded word is among the most frequent of a language of the region with capital letters. Such words say
/// nothing about an event, and no watch looks for them.
pub fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.contains(word)
}

/// The first 64 bits of the SHA-256 of a text: stable over releases, and a hostile feed cannot aim at a given one.
pub fn short_hash(text: &str) -> u64 {
    Sha256::digest(text.as_bytes()).iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

/// An error and what caused it, on one line.
pub fn error_chain(error: &dyn Error) -> String {
    let causes = iter::successors(error.source(), |it| (*it).source());
    one_line(&iter::once(error.to_string()).chain(causes.map(ToString::to_string)).collect::<Vec<_>>().join(": "))
}

/// Whether a character must not be shown in a text from outside: control characters (ESC and C1 control terminals),
/// bidirectional embeddings, overrides and isolates (they display another text than is there), and characters that XML
/// forbids. Joiners and direction marks are allowed: Persian needs both.
pub fn is_hidden(c: char) -> bool {
    let is_noncharacter = u32::from(c) & 0xFFFE == 0xFFFE;
    c.is_control()
        || is_noncharacter
        || matches!(c,
            // Bidirectional embeddings and overrides; isolates and deprecated format characters.
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{206F}'
            // Byte order mark; interlinear annotation; noncharacters; tags, which spell out hidden text.
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{FDD0}'..='\u{FDEF}' | '\u{E0000}'..='\u{E007F}')
}

/// The last character boundary at or before `at`.
pub(crate) fn floor_boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0)
}

/// The first character boundary at or after `at`.
pub(crate) fn ceil_boundary(text: &str, at: usize) -> usize {
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
