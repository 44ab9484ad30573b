//! Finds words in held articles. Reads one article after another; an index may come where that is too slow.

use std::ops::Range;

use crate::{
    model::{Article, Field},
    text,
};

/// What is looked for: every word must occur, in title or body, in any case and order. A word that ends in
/// `*` stands for all that begin like it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query(Vec<Word>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    folded: String,
    is_prefix: bool,
}

/// Where a query's first word was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where `span` points.
    pub field: Field,
    /// Byte range of the word.
    pub span: Range<usize>,
    /// Byte range of the sentence around it.
    pub sentence: Range<usize>,
}

impl Query {
    /// `None` where there is no word in `text`.
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<Word> = text::tokens(text)
            .iter()
            .map(|it| Word {
                folded: it.word.to_string(),
                is_prefix: text.get(it.span.end..).is_some_and(|rest| rest.starts_with('*')),
            })
            .collect();
        (!words.is_empty()).then_some(Self(words))
    }

    /// Where the article matches, if it does. The body is preferred, since it gives a sentence.
    pub fn find(&self, article: &Article) -> Option<Found> {
        let mut unmet: Vec<&Word> = self.0.iter().collect();
        let mut found = None;
        for field in [Field::Body, Field::Title] {
            let text = field.of(article);
            for token in text::tokens(text) {
                let before = unmet.len();
                unmet.retain(|it| !it.is(&token.word));
                if unmet.len() < before && found.is_none() {
                    let sentence = text::sentence(text, token.span.clone());
                    found = Some(Found { field, span: token.span, sentence });
                }
                if unmet.is_empty() {
                    return found;
                }
            }
        }
        None
    }
}

impl Word {
    fn is(&self, word: &str) -> bool {
        if self.is_prefix { word.starts_with(&self.folded) } else { word == self.folded }
    }
}
