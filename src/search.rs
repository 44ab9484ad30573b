//! Finds words in held articles. Reads one article after the other; an index may be added if that is too slow.

use std::ops::Range;

use crate::{
    model::{Article, Field},
    text::{self, Token},
};

/// A query on title and body, ignoring case and order. Of one of the parts separated by `OR`, every word and every
/// quoted phrase must occur, and nothing preceded by `-`. A word that ends in `*` stands for all words that begin like
/// it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Part {
    all: Vec<Phrase>,
    none: Vec<Phrase>,
}

/// Words in a row; one, where there are no quotes.
type Phrase = Vec<Word>;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    folded: String,
    is_prefix: bool,
}

/// Where something of a query was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The part of the article that `span` points into.
    pub field: Field,
    /// Byte range of the word or phrase.
    pub span: Range<usize>,
    /// Byte range of the sentence around it.
    pub sentence: Range<usize>,
}

/// The sign before something that must not occur: a hyphen, or the minus sign that some programs make of it.
const NOT: [char; 2] = ['-', '\u{2212}'];

impl Query {
    /// Parses a query; `None` if a part of `text` has no word that must occur.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = vec![Part::default()];
        let mut before = "";
        for (at, piece) in text.split('"').enumerate() {
            if at % 2 == 1 {
                add(&mut parts, words(piece), before.ends_with(NOT));
                continue;
            }
            before = piece;
            for word in piece.split_whitespace() {
                match word {
                    "OR" => parts.push(Part::default()),
                    "AND" => (),
                    _ if word.starts_with(NOT) => add(&mut parts, words(word), true),
                    _ => words(word).into_iter().for_each(|it| add(&mut parts, vec![it], false)),
                }
            }
        }
        parts.iter().all(|it| !it.all.is_empty()).then_some(Self(parts))
    }

    /// Where the article matches, if it does. The body is preferred, since it gives a sentence.
    pub fn find(&self, article: &Article) -> Option<Found> {
        let (field, span) = self.place([Field::Body, Field::Title].map(|it| (it, it.of(article))))?;
        let sentence = text::sentence(field.of(article), span.clone());
        Some(Found { field, span, sentence })
    }

    fn place(&self, texts: [(Field, &str); 2]) -> Option<(Field, Range<usize>)> {
        let fields = texts.map(|(field, text)| (field, text::tokens(text)));
        let place = |phrase: &Phrase| {
            fields.iter().find_map(|(field, tokens)| {
                let found = tokens.windows(phrase.len()).find(|it| is_at(phrase, it))?;
                Some((*field, found.first()?.span.start..found.last()?.span.end))
            })
        };
        let of_part = |it: &Part| {
            let places = it.all.iter().map(place).collect::<Option<Vec<_>>>()?;
            let is_excluded = it.none.iter().any(|it| place(it).is_some());
            places.into_iter().filter(|_| !is_excluded).min_by_key(|(field, span)| (*field == Field::Title, span.start))
        };
        self.0.iter().find_map(of_part)
    }
}

fn add(parts: &mut [Part], phrase: Phrase, is_excluded: bool) {
    let Some(part) = parts.last_mut().filter(|_| !phrase.is_empty()) else { return };
    if is_excluded { part.none.push(phrase) } else { part.all.push(phrase) }
}

fn words(text: &str) -> Vec<Word> {
    let word = |it: &Token<'_>| Word {
        folded: it.word.to_string(),
        is_prefix: text.get(it.span.end..).is_some_and(|rest| rest.starts_with('*')),
    };
    text::tokens(text).iter().map(word).collect()
}

fn is_at(phrase: &Phrase, tokens: &[Token<'_>]) -> bool {
    phrase.iter().zip(tokens).all(|(word, token)| word.is(&token.word))
}

impl Word {
    fn is(&self, word: &str) -> bool {
        if self.is_prefix { word.starts_with(&self.folded) } else { word == self.folded }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TITLE: &str = "Ministers sign a peace treaty";
    const BODY: &str = "The talks were long. Baku and Yerevan agreed on the treaty of peace.";

    #[track_caller]
    fn check(query: &str, expected: Option<&str>) {
        let texts = [(Field::Body, BODY), (Field::Title, TITLE)];
        let found = Query::parse(query).and_then(|it| it.place(texts));
        let text = found.map(|(field, span)| &if field == Field::Body { BODY } else { TITLE }[span]);
        assert_eq!(text, expected, "{query}");
    }

    #[test]
    fn words_phrases_alternatives_and_what_must_not_occur() {
        for (query, expected) in [
            ("baku", Some("Baku")),
            ("Yerevan sign", Some("Yerevan")),
            ("agree*", Some("agreed")),
            ("agree", None),
            ("\"peace treaty\"", Some("peace treaty")),
            ("\"treaty peace\"", None),
            ("\"treat* of\" baku", Some("Baku")),
            ("baku -tbilisi", Some("Baku")),
            ("baku -yerevan", None),
            ("baku \u{2212}yerevan", None),
            ("baku \u{2212}tbilisi", Some("Baku")),
            ("baku -\"peace treaty\"", None),
            ("baku -\"peace talks\"", Some("Baku")),
            ("tbilisi OR ministers", Some("Ministers")),
            ("tbilisi OR baku -treaty", None),
            ("baku AND ministers", Some("Baku")),
            ("-tbilisi", None),
            ("baku OR", None),
            ("\"", None),
            ("...", None),
        ] {
            check(query, expected);
        }
    }
}
