//! A quick test whether any of many phrases may stand in a text. It may say yes wrongly, but never no.

use std::{collections::BTreeSet, ops::Range};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Finds where any of many phrases may occur in a text, without cutting the text into words: a piece of each phrase is
/// searched for in lower case or capitals. Each find must then be checked word by word.
#[derive(Debug)]
pub struct Marks(Option<AhoCorasick>);

impl Marks {
    /// Takes phrases as spelled in running text. A `*` at the end of a word is not one of its letters.
    pub fn of<'p>(phrases: impl IntoIterator<Item = &'p str>) -> Self {
        let pieces: BTreeSet<String> = phrases.into_iter().filter_map(piece).flat_map(in_any_case).collect();
        // Texts are searched from end to end, and the automaton is made once.
        Self(AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(pieces).ok())
    }

    /// Whether any phrase may occur in the text.
    pub fn are_in(&self, text: &str) -> bool {
        self.places(text).next().is_some()
    }

    /// The places of the pieces in the text, in order; the whole text if it has signs within words, which may split a
    /// piece.
    pub fn places<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
        let automaton = self.0.as_ref().filter(|_| !is_broken(text));
        let whole = (automaton.is_none() && !text.is_empty()).then_some(0..text.len());
        automaton.into_iter().flat_map(move |it| it.find_iter(text)).map(|it| it.range()).chain(whole)
    }
}

/// Whether a text has signs within words: optional line breaks, and accents, whose first byte is `cc` or `cd`.
fn is_broken(text: &str) -> bool {
    const SIGNS: [char; 4] = ['\u{ad}', '\u{200b}', '\u{2060}', '\u{feff}'];
    !text.is_ascii() && (text.bytes().any(|it| matches!(it, 0xcc | 0xcd)) || text.contains(SIGNS))
}

/// The longest piece of a phrase in which a text cannot have other letters.
fn piece(phrase: &str) -> Option<&str> {
    let pieces = phrase.split([' ', '*']).flat_map(|word| word.split(is_unsure));
    // Of equals the first.
    pieces.rev().max_by_key(|it| it.len()).filter(|it| !it.is_empty())
}

/// Whether a text may have another letter in place of this one: `е` for `ё`, `և` for `եւ`, or the Arabic keyboard's
/// letters for Persian ones.
fn is_unsure(c: char) -> bool {
    matches!(c, 'е' | 'ё' | 'և' | 'ե' | 'ւ' | 'ی' | 'ک' | 'ه')
}

/// The piece in lower case, with an initial capital, and in capitals, of which Turkish has two for `i`.
fn in_any_case(piece: &str) -> [String; 4] {
    let (first, rest) = piece.split_at(piece.chars().next().map_or(0, char::len_utf8));
    let upper = piece.to_uppercase();
    [piece.to_owned(), first.to_uppercase() + rest, piece.replace('i', "İ").to_uppercase(), upper]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_found_in_any_case() {
        for (phrase, texts) in [
            ("first appeared on", ["It first appeared on", "FIRST APPEARED ON", "First Appeared"]),
            ("передает", ["передаёт", "ПЕРЕДАЁТ", "Передает"]),
            ("dayandırdığı", ["dayandırdığı", "DAYANDIRDIĞI", "Dayandırdığı"]),
            ("haberine göre", ["haberine göre", "HABERİNE GÖRE", "Haberine göre"]),
            ("հղում անելով*", ["հղում անելով", "ՀՂՈՒՄ ԱՆԵԼՈՎ", "Հղում անելով"]),
            ("به گزارش", ["به گزارش", "«به گزارش»", "به گزارش"]),
        ] {
            let marks = Marks::of([phrase]);
            for text in texts {
                assert!(marks.are_in(text), "{phrase} in {text}");
            }
            assert!(!marks.are_in("Nothing of it. Ничего. Ոչինչ։ هیچ"), "{phrase}");
            assert!(!marks.are_in(""));
        }
    }

    #[test]
    fn signs_within_words_hide_nothing() {
        let marks = Marks::of(["со ссылкой на"]);
        let broken = "Со ссыл\u{ad}кой";
        assert_eq!(marks.places(broken).next(), Some(0..broken.len()), "all of it may be one");
        assert_eq!(marks.places("Без неё").count(), 0);
    }
}
