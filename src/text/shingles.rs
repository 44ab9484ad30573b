//! Hashes of words and of runs of words. The store keeps them, so that they must never change between releases or
//! machines.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

/// A hash for every run of `n` words, in the order of the text, repeats included; none where the text has
/// fewer words than `n`, or `n` is 0.
///
/// Give it folded words, as [`super::tokens`] makes them. The hashes are kept in stored fingerprints, so
/// they never change between releases or machines: SipHash-1-3 with keys 0, 0 over the words' own hashes
/// (the same function over their UTF-8 bytes), each as eight bytes, little-endian.
pub fn shingles<W: AsRef<str>>(words: &[W], n: usize) -> Vec<u64> {
    if n == 0 {
        return Vec::new();
    }
    let hashes = words.iter().map(|it| hash(it.as_ref().as_bytes())).collect::<Vec<_>>();
    hashes.windows(n).map(shingle).collect()
}

/// A 32-bit hash of a word, or of a property of it given by `kind`. Stored fingerprints hold these, so they never
/// change. For kind 0 it is half of what [`shingles`] gives for the word alone.
pub fn term_hash(word: &str, kind: u32) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
    let hash = shingle(&[hash(word.as_bytes())]) as u32;
    hash.wrapping_add(kind.wrapping_mul(0x9E37_79B9))
}

fn shingle(run: &[u64]) -> u64 {
    let mut state = SipHasher13::new_with_keys(0, 0);
    for word in run {
        state.write(&word.to_le_bytes());
    }
    state.finish()
}

fn hash(bytes: &[u8]) -> u64 {
    let mut state = SipHasher13::new_with_keys(0, 0);
    state.write(bytes);
    state.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokens;

    fn of(text: &str, n: usize) -> Vec<u64> {
        shingles(&tokens(text), n)
    }

    #[test]
    fn one_for_each_run() {
        for (text, n, expected) in [
            ("one two three four", 3, 2),
            ("one two three", 3, 1),
            ("one two", 3, 0),
            ("", 1, 0),
            ("one two", 0, 0),
            ("a b a b a b", 2, 5),
        ] {
            assert_eq!(of(text, n).len(), expected, "{text} by {n}");
        }
    }

    #[test]
    fn the_same_for_what_reads_the_same() {
        assert_eq!(of("“NATO’s talks”, in BAKU", 3), of("nato's talks – in Baku", 3));
        assert_eq!(of("Её слова", 2), of("ее слова", 2));
        assert_ne!(of("one two", 2), of("two one", 2));
        assert_ne!(of("ab c", 2), of("a bc", 2));
    }

    #[test]
    fn never_change() {
        assert_eq!(
            of("talks in baku", 2),
            [9_635_484_674_081_737_990, 13_490_054_704_260_889_743],
            "stored fingerprints hold these hashes"
        );
        assert_eq!(of("baku", 1)[0] & u64::from(u32::MAX), u64::from(term_hash("baku", 0)));
        assert_eq!(term_hash("baku", 1), term_hash("baku", 0).wrapping_add(0x9E37_79B9));
    }
}
