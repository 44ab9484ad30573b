//! What Russian words mean: for each of the 100,000 most frequent forms a vector, near to those of words that stand among the same
//! words. Pure.
//!
//! Texts of a topic share its words in English more often than in Russian, where a word has a dozen forms and `text::stem`
//! makes one of many. The table is made by `benches/topics/words.py` from Navec (natasha project, MIT licence), GloVe vectors
//! (Pennington et al. 2014) of a billion words of Russian news, cut down to 64 directions and 16 bytes a word.
//!
//! The GloVe vectors of English were tried in the same way. They told the topics of Reuters, which are all of trade, much worse (macro
//! F1 0.59 for 0.68) and those of the BBC no better: English has no table.

/// Numbers that a vector has.
pub(super) const DIMENSIONS: usize = 64;
/// The language that has a table.
pub(super) const LANGUAGE: &str = "ru";

/// A vector is made of pieces,
const PIECES: usize = 16;
/// of so many numbers,
const PIECE: usize = DIMENSIONS / PIECES;
/// each piece one of so many.
const CODES: usize = 256;
/// Bytes of a key.
const KEY: usize = 4;

/// What each piece can be, as signed bytes; the keys of all words, little-endian and in order; and for each key which pieces it has.
static TABLE: &[u8] = include_bytes!("meaning/ru.bin");

/// The vector of the word with this [hash](super::features::hash), of no certain length; `None` where the word is not in the table.
pub(super) fn of(hash: u32) -> Option<[f32; DIMENSIONS]> {
    let (centres, rest) = TABLE.split_at_checked(PIECES * CODES * PIECE)?;
    let n_words = rest.len() / (KEY + PIECES);
    let (keys, codes) = rest.split_at_checked(n_words * KEY)?;
    let (keys, _) = keys.as_chunks::<KEY>();
    let number = keys.binary_search_by_key(&hash, |it| u32::from_le_bytes(*it)).ok()?;
    let mut res = [0.0; DIMENSIONS];
    let own = codes.chunks_exact(PIECES).nth(number)?;
    for ((piece, code), centres) in res.chunks_exact_mut(PIECE).zip(own).zip(centres.chunks_exact(CODES * PIECE)) {
        let centre = centres.chunks_exact(PIECE).nth(usize::from(*code))?;
        piece.iter_mut().zip(centre).for_each(|(to, from)| *to = f32::from(from.cast_signed()));
    }
    Some(res)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::features::hash;

    fn nearness(a: &str, b: &str) -> f32 {
        let [a, b] = [a, b].map(|it| of(hash(it, 0)).unwrap());
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt()
    }

    #[test]
    fn words_of_one_subject_are_near() {
        for (word, near, far) in [
            ("матч", "футболист", "инфляция"),
            ("инфляция", "банк", "футболист"),
            ("ракета", "спутник", "концерт"),
            ("концерт", "певица", "нефть"),
        ] {
            assert!(nearness(word, near) > nearness(word, far) + 0.2, "{word}");
        }
        assert_eq!(of(hash("ыыыъ", 0)), None);
    }

    #[test]
    fn the_table_is_whole() {
        let rest = TABLE.len() - PIECES * CODES * PIECE;
        assert_eq!((rest % (KEY + PIECES), rest / (KEY + PIECES)), (0, 100_000));
        let keys = &TABLE[PIECES * CODES * PIECE..][..100_000 * KEY];
        assert!(keys.as_chunks::<KEY>().0.is_sorted_by_key(|it| u32::from_le_bytes(*it)));
    }
}
