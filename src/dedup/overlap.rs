//! How much of one text is in another, whole texts compared. Pure.

use super::sorted::in_both;
use crate::text::{self, Token};

/// Words in a shingle.
const SHINGLE_WORDS: usize = 4;
/// Maximum words compared, so that a print takes no more than 24 KB. Later words do not change the answer.
const MAX_WORDS: usize = 6_000;

/// Minimum containment for a copy within one source, whose texts may follow a template, such as daily reports: only an
/// almost equal text is a copy.
const COPY_WITHIN_SOURCE: f64 = 0.9;
/// Minimum share (0–1) from which a text may be partly taken from another. Reports that follow a template also reach
/// it.
const PARTIAL: f64 = 0.3;
/// Minimum shared shingles of texts that are partly alike: a template or a common quotation gives fewer.
const PARTIAL_SHARED: usize = 62;
/// Minimum shared shingles for a share to say anything: fewer may be one set phrase.
const MIN_SHARED: usize = 8;

/// A text made ready to be compared: its word shingles, sorted, each once.
///
/// 32 bits are enough: a thousand shingles collide with a thousand others once in four thousand comparisons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Print(Vec<u32>);

/// What two texts share.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Overlap {
    /// The share (0–1) of the shorter text's word shingles that the longer has too.
    pub containment: f64,
    /// Shingles both have.
    pub shared: usize,
}

/// How much of a text is in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Written apart.
    Independent,
    /// A good part of the shorter is in the longer.
    Partial,
    /// The same text, cut, padded or lightly edited.
    Copy,
}

impl Level {
    /// As it is written in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Independent => "independent",
            Self::Partial => "partial",
            Self::Copy => "copy",
        }
    }
}

impl Print {
    /// The print of the words of a body.
    pub fn new(words: &[Token<'_>]) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
        let mut res = text::shingles(words.get(..MAX_WORDS).unwrap_or(words), SHINGLE_WORDS)
            .into_iter()
            .map(|it| it as u32)
            .collect::<Vec<_>>();
        res.sort_unstable();
        res.dedup();
        // It was made in a vector of 64-bit hashes, and thousands of prints are held.
        res.shrink_to_fit();
        Self(res)
    }

    /// The smallest hashes, by which texts that share some find each other.
    pub fn leading(&self, n: usize) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().copied().take(n)
    }

    /// What this text and another share.
    pub fn overlap(&self, other: &Self) -> Overlap {
        let mut shared = 0;
        in_both(&self.0, &other.0, |it| *it, |_, _| shared += 1);
        Overlap { containment: share(shared, self.0.len().min(other.0.len())), shared }
    }
}

impl Overlap {
    /// The level of two texts, if texts are copies from the share `copy` (0–1) of the shorter one on.
    pub fn level(&self, copy: f64) -> Level {
        match self {
            it if it.shared < MIN_SHARED => Level::Independent,
            it if it.containment >= copy => Level::Copy,
            it if it.containment >= PARTIAL && it.shared >= PARTIAL_SHARED => Level::Partial,
            _ => Level::Independent,
        }
    }

    /// The level of two texts of one source, which may follow a template.
    pub fn level_within_source(&self, copy: f64) -> Level {
        if self.level(copy.max(COPY_WITHIN_SOURCE)) == Level::Copy { Level::Copy } else { Level::Independent }
    }

    /// Whether two texts of one source follow one template: much of one is in the other, but not all.
    pub fn is_template(&self) -> bool {
        self.shared >= MIN_SHARED && (PARTIAL..COPY_WITHIN_SOURCE).contains(&self.containment)
    }
}

#[expect(clippy::cast_precision_loss, reason = "both are counts of words")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(range: std::ops::Range<u32>) -> String {
        range.map(|it| format!("слово{it}")).collect::<Vec<_>>().join(" ")
    }

    fn print(body: &str) -> Print {
        Print::new(&text::tokens(body))
    }

    #[track_caller]
    fn check(a: &str, b: &str, expected: Level) {
        let (a, b) = (print(a), print(b));
        let overlap = a.overlap(&b);
        assert_eq!(overlap.level(0.51), expected, "{overlap:?}");
        assert_eq!(overlap, b.overlap(&a), "not symmetric");
    }

    #[test]
    fn a_print_is_bounded_whatever_the_text() {
        let letters = "q w e r t y u i o p a s d f g h j k l z x c v ".repeat(900);
        let of_letters = print(&letters);
        assert!(of_letters.0.len() <= MAX_WORDS && !of_letters.0.is_empty());
        let numbers = (0..20_000).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(print(&numbers).0.len(), MAX_WORDS + 1 - SHINGLE_WORDS);
    }

    #[test]
    fn a_cut_or_padded_text_is_a_copy() {
        check(&words(0..400), &words(0..90), Level::Copy);
        check(&words(0..100), &format!("{} {}", words(900..990), words(0..100)), Level::Copy);
    }

    #[test]
    fn a_part_is_a_part() {
        let half = format!("{} {}", words(0..100), words(500..640));
        check(&words(0..240), &half, Level::Partial);
    }

    #[test]
    fn a_template_is_no_copy() {
        let report = |n: u32| format!("{} {}", words(0..50), words(n..n + 70));
        check(&report(500), &report(700), Level::Independent);
        check("one two three four five", "one two three four five", Level::Independent);
        check("", "", Level::Independent);
    }
}
