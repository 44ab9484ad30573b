//! Finds the sentence around a place in a text. Must stay cheap for a text that has no line breaks.

use std::ops::Range;

use unicode_segmentation::{USentenceBoundIndices, UnicodeSegmentation};

use super::{ceil_boundary, floor_boundary};

/// The longest sentence that [`sentence`] gives, unless the span itself is longer.
pub const MAX_SENTENCE_BYTES: usize = 400;

/// How far around a span the ends of a sentence are searched for, so that a body without a line break stays cheap. A
/// longer sentence is cut.
const REACH_BYTES: usize = 2 * MAX_SENTENCE_BYTES;
/// The searched part is extended to a multiple of this.
const STEP_BYTES: usize = 1024;

/// Short words whose full stop ends no sentence. A single letter counts as an initial anyway.
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "gen", "lt", "col", "maj", "capt", "sgt", "adm", "st", "no", "vs", "gov", "sen",
    "rep", "им", "ген", "проф", "гр", "тыс", "млн", "млрд",
];

/// Whether a sign ends sentences, in any script.
pub fn is_sentence_end(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '։' | '؟' | '۔' | '。' | '！' | '？')
}

/// Whether a text ends with the end of a sentence.
pub fn ends_sentence(text: &str) -> bool {
    text.ends_with(is_sentence_end)
}

/// The sentence around `span`, as a byte range of `text` without white space at its ends.
///
/// A sentence ends where Unicode Annex 29 says, or with the line; but not after an initial or an
/// abbreviation such as "Gen.". One that is too long is cut at white space around the span.
pub fn sentence(text: &str, span: Range<usize>) -> Range<usize> {
    Sentences::new(text).around(span)
}

/// The sentences of a text, for several queries: the sentence ends of a line are found only once.
#[derive(Debug)]
pub struct Sentences<'t> {
    text: &'t str,
    line: Range<usize>,
    /// The sentence ends of the line found so far.
    bounds: Vec<usize>,
    rest: Option<USentenceBoundIndices<'t>>,
}

impl<'t> Sentences<'t> {
    /// Looks at nothing yet.
    pub fn new(text: &'t str) -> Self {
        Self { text, line: 0..0, bounds: Vec::new(), rest: None }
    }

    /// As [`sentence`].
    pub fn around(&mut self, span: Range<usize>) -> Range<usize> {
        let text = self.text;
        let span = floor_boundary(text, span.start)..ceil_boundary(text, span.end.max(span.start));
        // Rounded to whole steps, so that nearby spans share one part of a long line.
        let (from, to) = (span.start.saturating_sub(REACH_BYTES), span.end + REACH_BYTES);
        let reach =
            floor_boundary(text, from - from % STEP_BYTES)..ceil_boundary(text, to.next_multiple_of(STEP_BYTES));
        let part = |range: Range<usize>| text.get(range).unwrap_or_default();
        let line_start = part(reach.start..span.start).rfind(is_line_break).map_or(reach.start, |at| reach.start + at);
        let line_end = part(span.end..reach.end).find(is_line_break).map_or(reach.end, |at| span.end + at);
        let line = line_start..line_end;
        if self.rest.is_none() || self.line != line {
            self.rest = Some(part(line.clone()).split_sentence_bound_indices());
            self.bounds.clear();
            self.line = line;
        }
        let (mut start, mut end) = (line_start, line_end);
        let mut nth = 0;
        while let Some(bound) = self.bound(nth) {
            if bound <= span.start {
                start = bound;
            } else if bound >= span.end {
                end = bound;
                break;
            }
            nth += 1;
        }
        trimmed(text, cut(text, start..end, &span), &span)
    }

    /// Where the `nth` sentence of the line ends.
    fn bound(&mut self, nth: usize) -> Option<usize> {
        while self.bounds.len() <= nth {
            let (at, piece) = self.rest.as_mut()?.next()?;
            if !ends_with_abbreviation(piece) {
                self.bounds.push(self.line.start + at + piece.len());
            }
        }
        self.bounds.get(nth).copied()
    }
}

/// Whether a sign ends lines.
pub fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn ends_with_abbreviation(piece: &str) -> bool {
    let Some(before_stop) = piece.trim_end().strip_suffix('.') else { return false };
    let word = before_stop.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        (Some(only), None) => only.is_uppercase(),
        (Some(_), Some(_)) => ABBREVIATIONS.contains(&word.to_lowercase().as_str()),
        _ => false,
    }
}

/// Shortens `range` to the limit, the span in its middle, the ends at white space where there is some.
fn cut(text: &str, range: Range<usize>, span: &Range<usize>) -> Range<usize> {
    if range.len() <= MAX_SENTENCE_BYTES {
        return range;
    }
    let spare = MAX_SENTENCE_BYTES.saturating_sub(span.len());
    let before = (spare / 2).max(spare.saturating_sub(range.end - span.end)).min(span.start - range.start);
    let start = ceil_boundary(text, span.start - before);
    let end = floor_boundary(text, (span.end + spare - before).min(range.end)).max(span.end);
    let part = |range: Range<usize>| text.get(range).unwrap_or_default();
    let start = match start > range.start {
        true => part(start..span.start).find(char::is_whitespace).map_or(start, |at| start + at),
        false => start,
    };
    let end = match end < range.end {
        true => part(span.end..end).rfind(char::is_whitespace).map_or(end, |at| span.end + at),
        false => end,
    };
    start..end
}

/// `range` without white space at its ends, but never less than `span`.
fn trimmed(text: &str, range: Range<usize>, span: &Range<usize>) -> Range<usize> {
    let head = text.get(range.start..span.start).unwrap_or_default();
    let tail = text.get(span.end..range.end).unwrap_or_default();
    let start = range.start + (head.len() - head.trim_start().len());
    start..span.end + tail.trim_end().len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, word: &str, expected: &str) {
        let at = text.find(word).unwrap();
        assert_eq!(&text[sentence(text, at..at + word.len())], expected, "{word} in {text}");
    }

    #[test]
    fn sentences_of_every_script() {
        check("It rained. Vinnikov spoke in Baku. Then all left.", "Vinnikov", "Vinnikov spoke in Baku.");
        check("Шёл дождь. Выступил Винников! Все ушли.", "Винников", "Выступил Винников!");
        check("Йшов дощ. Виступив Вінніков? Всі пішли.", "Вінніков", "Виступив Вінніков?");
        check("Yağış yağdı. Vinnikov danışdı. Getdilər.", "Vinnikov", "Vinnikov danışdı.");
        check("Անձրև էր։ Վիննիկովը խոսեց։ Գնացին։", "Վիննիկովը", "Վիննիկովը խոսեց։");
        check("წვიმდა. ვინიკოვმა თქვა. წავიდნენ.", "ვინიკოვმა", "ვინიკოვმა თქვა.");
        check("Yağmur yağdı. Vinnikov'un sözü. Gittiler.", "Vinnikov", "Vinnikov'un sözü.");
        check("باران آمد. وینیکوف گفت؟ رفتند.", "وینیکوف", "وینیکوف گفت؟");
    }

    #[test]
    fn lines_end_sentences() {
        check("A heading\nVinnikov spoke\nA trailer", "Vinnikov", "Vinnikov spoke");
        check("A heading\r\n  Vinnikov \u{2028}x", "Vinnikov", "Vinnikov");
        check("Vinnikov", "Vinnikov", "Vinnikov");
    }

    #[test]
    fn initials_and_titles_do_not() {
        check("Late. Gen. A. Vinnikov spoke to Mr. Smith. Left.", "Vinnikov", "Gen. A. Vinnikov spoke to Mr. Smith.");
        check("Поздно. А. Винников из им. Ленина. Ушёл.", "Винников", "А. Винников из им. Ленина.");
    }

    #[test]
    fn a_span_over_two_sentences_takes_both() {
        check("One. Two here. Three.", "here. Three", "Two here. Three.");
    }

    #[test]
    fn long_sentences_are_cut_around_the_span() {
        let text = format!("{} Vinnikov {}", "word ".repeat(9_000), "слово ".repeat(9_000));
        let at = text.find("Vinnikov").unwrap();
        let range = sentence(&text, at..at + 8);
        let res = &text[range.clone()];
        assert!(range.len() <= MAX_SENTENCE_BYTES && range.len() > MAX_SENTENCE_BYTES / 2, "{} bytes", range.len());
        assert!(res.starts_with("word") && res.ends_with("слово") && res.contains(" Vinnikov "), "{res}");
    }

    #[test]
    fn wrong_spans_do_no_harm() {
        assert_eq!(sentence("", 5..9), 0..0);
        assert_eq!(sentence("ნატო", 1..2), 0..12);
        assert_eq!(sentence("abc", 7..9), 3..3);
    }

    proptest! {
        #[test]
        fn holds_the_span(text in "[a-zА-я .!?\n]{0,900}", a in 0usize..900, b in 0usize..30) {
            let start = floor_boundary(&text, a);
            let end = floor_boundary(&text, start + b);
            let res = sentence(&text, start..end);
            prop_assert!(res.start <= start && res.end >= end && text.get(res.clone()).is_some());
            prop_assert!(res.len() <= MAX_SENTENCE_BYTES.max(end - start));
        }

        #[test]
        fn asked_for_several_it_gives_the_same(text in "[a-zА-я .!?\n]{0,900}", spans in prop::collection::vec((0usize..900, 0usize..30), 1..6)) {
            let mut all = Sentences::new(&text);
            for (at, len) in spans {
                prop_assert_eq!(all.around(at..at + len), sentence(&text, at..at + len));
            }
        }
    }
}
