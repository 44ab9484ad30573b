//! The sentence that shows why a story stands under a topic.

use std::{collections::BTreeMap, ops::Range};

use crate::{
    model::{Article, Evidence, Field},
    text::sentence,
};

use super::{Marked, Quote};

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
