//! The sentence that shows why a story stands under a topic.

use std::{collections::BTreeMap, ops::Range};

use unicode_segmentation::UnicodeSegmentation;

use crate::model::{Article, Evidence, Field};

use super::{Marked, Quote};

/// Bytes of text kept on either side of a span in a sentence without an end.
const MAX_REACH_BYTES: usize = 300;

/// The sentence of the body with the most evidence in it; `None` where the body holds none.
pub(super) fn quote(article: &Article, evidence: &[Evidence], max_chars: usize) -> Option<Quote> {
    let body = article.body.as_str();
    let mut sentences = BTreeMap::<(usize, usize), (f32, Vec<Range<usize>>)>::new();
    for it in evidence.iter().filter(|it| it.field == Field::Body && body.get(it.span.clone()).is_some()) {
        let sentence = sentence(body, it.span.clone());
        let (weight, spans) = sentences.entry((sentence.start, sentence.end)).or_default();
        *weight += it.weight;
        spans.push(it.span.clone());
    }
    let mut best = None::<(&(usize, usize), &(f32, Vec<Range<usize>>))>;
    for candidate in &sentences {
        // The earlier of two equals: news puts the weight at the top.
        if best.is_none_or(|(_, (weight, _))| candidate.1.0 > *weight) {
            best = Some(candidate);
        }
    }
    let (&(start, end), (_, spans)) = best?;
    let spans = spans.iter().map(|span| span.start - start..span.end.min(end) - start).collect::<Vec<_>>();
    Some(Quote {
        sentence: Marked::new(body.get(start..end)?, &spans, max_chars),
        language: article.language.clone(),
        article: article.id,
    })
}

/// The title with its evidence marked.
pub(super) fn marked_title(article: &Article, evidence: &[Evidence], max_chars: usize) -> Marked {
    let spans = evidence.iter().filter(|it| it.field == Field::Title).map(|it| it.span.clone()).collect::<Vec<_>>();
    Marked::new(&article.title, &spans, max_chars)
}

/// The sentence around `span`, within its paragraph, by the Unicode rules (UAX 29).
fn sentence(text: &str, span: Range<usize>) -> Range<usize> {
    let start = text.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let end = text.get(span.end..).and_then(|after| after.find('\n')).map_or(text.len(), |at| span.end + at);
    let paragraph = text.get(start..end).unwrap_or_default();
    let mut res = span.clone();
    for (at, piece) in paragraph.split_sentence_bound_indices() {
        let piece = start + at..start + at + piece.len();
        if piece.start <= span.start && span.start < piece.end {
            res = piece.start..piece.end.max(span.end);
        }
    }
    let from = res.start.max(span.start.saturating_sub(MAX_REACH_BYTES));
    let to = res.end.min(span.end + MAX_REACH_BYTES);
    let from = (from..=span.start).find(|&at| text.is_char_boundary(at)).unwrap_or(span.start);
    let to = (span.end..=to).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(span.end);
    from..to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, word: &str, expected: &str) {
        let at = text.find(word).unwrap();
        assert_eq!(text[sentence(text, at..at + word.len())].trim(), expected);
    }

    #[test]
    fn finds_the_sentence() {
        check("First one. The ITPP is signed. Last.", "ITPP", "The ITPP is signed.");
        check("Заголовок\nПервое. Второе с ПДЧ! Третье.", "ПДЧ", "Второе с ПДЧ!");
        check("ITPP", "ITPP", "ITPP");
        check("Ա։ Բ ԱԳԾԾ գ։ Դ։", "ԱԳԾԾ", "Բ ԱԳԾԾ գ։");
    }

    #[test]
    fn caps_text_without_an_end() {
        let text = format!("{} ITPP {}", "ж".repeat(5_000), "ж".repeat(5_000));
        let at = text.find("ITPP").unwrap();
        let found = sentence(&text, at..at + 4);
        assert!(found.len() <= 2 * MAX_REACH_BYTES + 4);
        assert!(found.start <= at && at + 4 <= found.end);
    }
}
