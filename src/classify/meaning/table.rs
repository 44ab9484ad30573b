//! The meaning of Russian words: a vector for each of the 100,000 most frequent forms, near to those of words that
//! occur among the same words. Pure.
//!
//! Made by `benches/topics/words.py` from Navec (natasha project, MIT licence), GloVe vectors (Pennington et al. 2014)
//! of a billion words of Russian news, cut down to 64 directions and 16 bytes a word.
//!
//! The GloVe vectors of English were tried in the same way. They told the topics of Reuters, which are all of trade,
//! much worse (macro F1 0.59 for 0.68) and those of the BBC no better: English has no table.

/// Numbers that a vector has.
pub(in crate::classify) const DIMENSIONS: usize = 64;

/// Pieces that a vector is made of.
const PIECES: usize = 16;
/// Numbers in a piece.
const PIECE: usize = DIMENSIONS / PIECES;
/// Possible values of each piece.
const CODES: usize = 256;
/// Bytes of the key of a word.
const KEY: usize = 4;

/// The possible values of each piece, as signed bytes; the keys of all words, little-endian and in order; and for each
/// key the pieces of its vector.
static TABLE: &[u8] = include_bytes!("ru.bin");

struct Table {
    centres: &'static [u8],
    keys: &'static [[u8; KEY]],
    codes: &'static [[u8; PIECES]],
}

fn table() -> Option<Table> {
    let (centres, rest) = TABLE.split_at_checked(PIECES * CODES * PIECE)?;
    let (keys, codes) = rest.split_at_checked(rest.len() / (KEY + PIECES) * KEY)?;
    Some(Table { centres, keys: keys.as_chunks().0, codes: codes.as_chunks().0 })
}

fn number(keys: &[[u8; KEY]], hash: u32) -> Option<usize> {
    keys.binary_search_by_key(&hash, |it| u32::from_le_bytes(*it)).ok()
}

/// Whether the word with this [hash](crate::classify::features::hash) has a vector.
pub(super) fn has(hash: u32) -> bool {
    table().is_some_and(|it| number(it.keys, hash).is_some())
}

/// The vector of the word with this hash, not normalised; `None` if the word is not in the table.
pub(super) fn of(hash: u32) -> Option<[f32; DIMENSIONS]> {
    let Table { centres, keys, codes } = table()?;
    let own = codes.get(number(keys, hash)?)?;
    let mut res = [0.0; DIMENSIONS];
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
        assert!(of(hash("ыыыъ", 0)).is_none() && !has(hash("ыыыъ", 0)) && has(hash("матч", 0)));
    }

    #[test]
    fn the_table_is_whole() {
        let Table { centres, keys, codes } = table().unwrap();
        assert_eq!((keys.len(), codes.len()), (100_000, 100_000));
        assert_eq!(centres.len() + keys.as_flattened().len() + codes.as_flattened().len(), TABLE.len());
        let keys = keys.iter().map(|it| u32::from_le_bytes(*it)).collect::<Vec<_>>();
        assert!(keys.is_sorted_by(|a, b| a < b), "in order, and each once");
        // Smaller ones are features that are no words.
        assert!(keys[0] >= 64);
    }
}
