//! The grammar, from the loosest to the tightest: list of weights, OR, AND, NOT, NEAR, field, term.

use std::ops::Range;

use crate::{
    model::Field,
    text::{
        self,
        names::{Manner, NameTerm},
    },
};

use super::{
    About, Expr, MAX_BYTES, MAX_DEPTH, MAX_NEAR, MAX_TERMS, MAX_WEIGHT, Query, QueryError, QueryTerm, Reason,
    contradiction::{asks_for_two, is_contradiction},
    phrase,
    token::{Placed, Token, tokens},
};

/// Reads a query.
///
/// # Errors
///
/// The first thing in it that can't be meant so, with its place.
pub fn parse(query: &str) -> Result<Query, QueryError> {
    let mut parser = Parser { query, tokens: tokens(query), at: 0, depth: 0, in_field: false, terms: Vec::new() };
    let root = parser.query().map_err(|(span, reason)| refusal(query, span, reason))?;
    let all = 0..query.len();
    let only = |reason| refusal(query, all.clone(), reason);
    match wants(&root) {
        Wants::Term => (),
        Wants::Field => return Err(only(Reason::OnlyFields)),
        Wants::Nothing => return Err(only(Reason::OnlyNot)),
    }
    Ok(Query { terms: parser.terms, root })
}

fn refusal(query: &str, span: Range<usize>, reason: Reason) -> QueryError {
    let column = query.get(..span.start).unwrap_or_default().chars().count();
    let text = text::one_line(text::capped(query.get(span.clone()).unwrap_or_default(), 60));
    QueryError { span, column, text, reason }
}

/// What an expression needs of an article to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wants {
    Nothing,
    Field,
    Term,
}

fn wants(expr: &Expr) -> Wants {
    match expr {
        Expr::Term(_) | Expr::Near { .. } | Expr::Weighted { .. } => Wants::Term,
        Expr::Is(..) => Wants::Field,
        Expr::Not(_) => Wants::Nothing,
        Expr::In(_, inner) => wants(inner),
        Expr::And(all) => all.iter().map(wants).max().unwrap_or(Wants::Nothing),
        Expr::Or(all) => all.iter().map(wants).min().unwrap_or(Wants::Nothing),
    }
}

/// The highest possible sum of the weights of a list; an item that occurs twice counts twice.
fn most(items: &[(i32, Expr)]) -> i32 {
    let mut sums: Vec<(i32, &Expr)> = Vec::new();
    for (weight, it) in items {
        match sums.iter_mut().find(|known| known.1 == it) {
            Some(known) => known.0 += weight,
            None => sums.push((*weight, it)),
        }
    }
    sums.iter().map(|it| it.0.max(0)).sum()
}

/// Signs with a meaning in other search languages but not in this one.
const SIGNS: &str = "?!^/\\{}<>";

type Refused = (Range<usize>, Reason);

struct Parser<'q> {
    query: &'q str,
    tokens: Vec<Placed<'q>>,
    at: usize,
    depth: usize,
    in_field: bool,
    terms: Vec<QueryTerm>,
}

impl<'q> Parser<'q> {
    fn query(&mut self) -> Result<Expr, Refused> {
        if self.query.len() > MAX_BYTES {
            return Err((0..0, Reason::Long));
        }
        if self.tokens.is_empty() {
            return Err((0..0, Reason::Empty));
        }
        let is_list = matches!(self.peek(), Some(Token::Weight(_)));
        let root = if is_list { self.list()? } else { self.either()? };
        match self.tokens.get(self.at).cloned() {
            None => Ok(root),
            Some((token, span)) => Err((
                span,
                match token {
                    Token::Close => Reason::Unopened,
                    Token::Comma => Reason::Comma,
                    Token::AtLeast => Reason::ThresholdAlone,
                    Token::Weight(_) => Reason::WeightInside,
                    _ => no_operator(&token, self.rest()),
                },
            )),
        }
    }

    /// `[3] a, [1] b >= 4`.
    fn list(&mut self) -> Result<Expr, Refused> {
        let mut items = Vec::new();
        loop {
            let span = self.span();
            let Some(Token::Weight(weight)) = self.take() else { return Err((span, Reason::Unweighted)) };
            let weight =
                weight.filter(|it| (1..=MAX_WEIGHT).contains(&it.abs())).ok_or((span.clone(), Reason::Weight))?;
            let item = self.either()?;
            if wants(&item) == Wants::Nothing {
                return Err((span, Reason::OnlyNot));
            }
            items.push((weight, item));
            match self.peek() {
                Some(Token::Comma) => {
                    let span = self.span();
                    self.take();
                    self.needs_more(&span)?;
                }
                Some(Token::AtLeast) => break,
                Some(Token::Weight(_)) => (),
                None => return Err((self.span(), Reason::NoThreshold)),
                Some(Token::Close) => return Err((self.span(), Reason::Unopened)),
                Some(token) => return Err((self.span(), no_operator(token, self.rest()))),
            }
        }
        let most = most(&items);
        self.take();
        let span = self.span();
        let number = match self.take() {
            Some(Token::Word(number)) => number.parse().ok(),
            _ => None,
        };
        let at_least: i32 = number.filter(|it| *it >= 1).ok_or((span.clone(), Reason::Threshold(most)))?;
        if at_least > most {
            return Err((span, Reason::Unreachable(most)));
        }
        if items.iter().all(|(weight, it)| *weight < 0 || wants(it) != Wants::Term) {
            return Err((0..self.query.len(), Reason::OnlyFields));
        }
        Ok(Expr::Weighted { items, at_least })
    }

    fn either(&mut self) -> Result<Expr, Refused> {
        let mut all = vec![self.all()?];
        while self.peek() == Some(&Token::Or) {
            let span = self.span();
            self.take();
            self.needs_more(&span)?;
            if matches!(self.peek(), Some(Token::Not | Token::Minus)) {
                return Err((span.start..self.span().end, Reason::OrNot));
            }
            all.push(self.all()?);
        }
        if all.len() > 1 && all.iter().any(|it| wants(it) == Wants::Nothing) {
            return Err((0..self.query.len(), Reason::OrNot));
        }
        Ok(one_or(all, Expr::Or))
    }

    fn all(&mut self) -> Result<Expr, Refused> {
        let start = self.span().start;
        let mut all = vec![self.not()?];
        loop {
            match self.peek() {
                Some(Token::And) => {
                    let span = self.span();
                    self.take();
                    self.needs_more(&span)?;
                    all.push(self.not()?);
                }
                // An exclusion needs no AND before it: Vinnikov -hockey.
                Some(Token::Not | Token::Minus) => all.push(self.not()?),
                _ if asks_for_two(&all) => return Err((start..self.end(), Reason::TwoValues)),
                _ if is_contradiction(&all) => return Err((start..self.end(), Reason::Contradiction)),
                _ => return Ok(one_or(all, Expr::And)),
            }
        }
    }

    fn not(&mut self) -> Result<Expr, Refused> {
        let mut is_negated = false;
        let mut after_sign = None;
        while matches!(self.peek(), Some(Token::Not | Token::Minus)) {
            let span = self.span();
            let is_sign = self.take() == Some(Token::Minus);
            if is_sign && after_sign == Some(span.start) {
                return Err((span.start - 1..span.end, Reason::TwoMinus));
            }
            after_sign = is_sign.then_some(span.end);
            self.needs_more(&span)?;
            if is_sign && self.span().start != span.end {
                return Err((span, Reason::MinusAlone));
            }
            is_negated = !is_negated;
        }
        let it = self.near()?;
        Ok(if is_negated { Expr::Not(Box::new(it)) } else { it })
    }

    fn near(&mut self) -> Result<Expr, Refused> {
        let start = self.span().start;
        let left = self.single()?;
        let Some(Token::Near { is_ordered, within }) = self.peek().cloned() else { return Ok(left) };
        let span = self.span();
        self.take();
        let within = within.ok_or((span.clone(), Reason::NearNumber))?;
        if !(1..=MAX_NEAR).contains(&within) {
            return Err((span, Reason::NearRange));
        }
        self.needs_more(&span)?;
        let left = sides(left).ok_or((start..span.start, Reason::NearOf))?;
        if matches!(self.peek(), Some(Token::Not | Token::Minus)) {
            return Err((self.span(), Reason::NearOf));
        }
        let from = self.span().start;
        let right = self.single()?;
        let right = sides(right).ok_or((from..self.end(), Reason::NearOf))?;
        if let Some(Token::Near { .. }) = self.peek() {
            return Err((self.span(), Reason::NearChain));
        }
        Ok(Expr::Near { left, right, within, is_ordered })
    }

    /// Something in brackets, in a field, or a term.
    fn single(&mut self) -> Result<Expr, Refused> {
        let span = self.span();
        match self.take() {
            Some(Token::Open) => self.group(&span),
            Some(Token::Field(name)) => self.field(name, &span),
            Some(Token::Mark(mark)) => self.marked(mark, &span),
            Some(Token::Quoted(text, is_closed)) => self.quoted(text, is_closed, Manner::Name, &span),
            Some(Token::Word(word)) => self.word(word, Manner::Name, &span),
            Some(Token::Close) => Err((span, Reason::Unopened)),
            Some(Token::Weight(_)) => Err((span, Reason::WeightInside)),
            Some(Token::AtLeast) => Err((span, Reason::ThresholdAlone)),
            Some(Token::And | Token::Or | Token::Near { .. } | Token::Comma) => Err((span, Reason::NothingBefore)),
            Some(Token::Not | Token::Minus) | None => Err((span, Reason::NothingAfter)),
        }
    }

    fn group(&mut self, open: &Range<usize>) -> Result<Expr, Refused> {
        if self.peek() == Some(&Token::Close) {
            return Err((open.start..self.span().end, Reason::EmptyGroup));
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err((open.clone(), Reason::Deep));
        }
        if self.peek().is_none() {
            return Err((open.clone(), Reason::Unclosed));
        }
        let inner = self.either()?;
        self.depth -= 1;
        match self.peek() {
            Some(Token::Close) => {
                self.take();
                Ok(inner)
            }
            None => Err((open.clone(), Reason::Unclosed)),
            Some(Token::Comma) => Err((self.span(), Reason::Comma)),
            Some(Token::AtLeast) => Err((self.span(), Reason::ThresholdAlone)),
            Some(Token::Weight(_)) => Err((self.span(), Reason::WeightInside)),
            Some(token) => Err((self.span(), no_operator(token, self.rest()))),
        }
    }

    fn field(&mut self, name: &str, span: &Range<usize>) -> Result<Expr, Refused> {
        let about = match name.to_lowercase().as_str() {
            "title" => return self.part(Field::Title, span),
            "body" => return self.part(Field::Body, span),
            "source" => About::Source,
            "lang" => About::Language,
            "country" => About::Country,
            "topic" => About::Topic,
            _ => return Err((span.clone(), Reason::UnknownField)),
        };
        self.needs_more(span)?;
        let place = self.span();
        let value = match self.take() {
            Some(Token::Word(text) | Token::Quoted(text, true)) => text.trim().to_lowercase(),
            Some(Token::Quoted(_, false)) => return Err((place, Reason::UnclosedQuote)),
            _ => return Err((place, Reason::FieldTakesWord)),
        };
        let is_code = |letters: std::ops::RangeInclusive<usize>| {
            letters.contains(&value.len()) && value.bytes().all(|it| it.is_ascii_lowercase())
        };
        match about {
            About::Language if !is_code(2..=3) => Err((place, Reason::Language)),
            About::Country if !is_code(2..=2) => Err((place, Reason::Country)),
            _ if value.is_empty() => Err((place, Reason::EmptyQuote)),
            _ => Ok(Expr::Is(about, value)),
        }
    }

    fn part(&mut self, field: Field, span: &Range<usize>) -> Result<Expr, Refused> {
        self.needs_more(span)?;
        if self.in_field {
            return Err((span.clone(), Reason::FieldInField));
        }
        self.in_field = true;
        let inner = self.single();
        self.in_field = false;
        Ok(Expr::In(field, Box::new(inner?)))
    }

    fn marked(&mut self, mark: char, span: &Range<usize>) -> Result<Expr, Refused> {
        let manner = match mark {
            '=' => Manner::Letters,
            '~' => Manner::Loose,
            _ => Manner::Case,
        };
        let place = self.span();
        if place.start != span.end {
            return Err((span.clone(), Reason::MarkAlone));
        }
        match self.take() {
            Some(Token::Word(word)) => self.word(word, manner, &place),
            Some(Token::Quoted(text, is_closed)) => self.quoted(text, is_closed, manner, &place),
            Some(Token::Mark(_)) => Err((span.start..place.end, Reason::TwoMarks)),
            _ => Err((span.clone(), Reason::MarkAlone)),
        }
    }

    fn word(&mut self, word: &'q str, manner: Manner, span: &Range<usize>) -> Result<Expr, Refused> {
        if let Some(small) = small_operator(word).filter(|_| manner == Manner::Name) {
            return Err((span.clone(), Reason::SmallOperator(small)));
        }
        if let Some(at) = word.find(['|', ';']) {
            return Err((span.start + at..span.start + at + 1, Reason::Stroke));
        }
        if let Some(at) = word.find(']') {
            return Err((span.start + at..span.start + at + 1, Reason::WeightUnopened));
        }
        if let Some((at, sign)) = word.char_indices().find(|it| SIGNS.contains(it.1)) {
            return Err((span.start + at..span.start + at + 1, Reason::Sign(sign)));
        }
        let is_inner =
            |it: &(usize, char)| matches!(it.1, '\u{2013}'..='\u{2015}') && word.contains(char::is_alphanumeric);
        if let Some((at, dash)) = word.char_indices().find(is_inner) {
            return Err((span.start + at..span.start + at + dash.len_utf8(), Reason::Dash));
        }
        self.term(word, manner, span).map(Expr::Term)
    }

    fn quoted(&mut self, text: &str, is_closed: bool, manner: Manner, span: &Range<usize>) -> Result<Expr, Refused> {
        if !is_closed {
            return Err((span.clone(), Reason::UnclosedQuote));
        }
        if text.trim().is_empty() {
            return Err((span.clone(), Reason::EmptyQuote));
        }
        let start =
            span.start + self.query.get(span.start..).and_then(|it| it.chars().next()).map_or(0, char::len_utf8);
        let forms = phrase::forms(text).map_err(|(at, reason)| (start + at.start..start + at.end, reason))?;
        let terms =
            forms.iter().map(|it| self.term(it, manner, span).map(Expr::Term)).collect::<Result<Vec<_>, _>>()?;
        Ok(one_or(terms, Expr::Or))
    }

    fn term(&mut self, text: &str, manner: Manner, span: &Range<usize>) -> Result<usize, Refused> {
        let (stem, manner) = match (text.strip_suffix('*'), manner) {
            (None, _) => (text, manner),
            (Some(stem), Manner::Name) => (stem, Manner::Prefix),
            (Some(_), _) => return Err((span.clone(), Reason::MarkedPrefix)),
        };
        if manner == Manner::Prefix && stem.is_empty() {
            return Err((span.clone(), Reason::Star));
        }
        if let Some(at) = stem.find('*') {
            let is_word_end = stem.get(at + 1..).is_some_and(|it| it.starts_with(char::is_whitespace));
            return Err((span.clone(), if is_word_end { Reason::StarInside } else { Reason::Star }));
        }
        let term = NameTerm::parse(stem, manner).map_err(|it| (span.clone(), Reason::Term(it)))?;
        // An acronym is the same term with or without a mark. If one occurrence has none, its forms in other languages
        // are meant too.
        if let Some(known) = self.terms.iter().position(|it| it.term == term && it.manner == manner) {
            return Ok(known);
        }
        if self.terms.len() >= MAX_TERMS {
            return Err((span.clone(), Reason::ManyTerms));
        }
        self.terms.push(QueryTerm { text: text.to_owned(), term, manner });
        Ok(self.terms.len() - 1)
    }

    fn peek(&self) -> Option<&Token<'q>> {
        self.tokens.get(self.at).map(|it| &it.0)
    }

    fn take(&mut self) -> Option<Token<'q>> {
        let res = self.tokens.get(self.at).map(|it| it.0.clone());
        self.at += 1;
        res
    }

    /// Where the next token stands.
    fn span(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.query.len()..self.query.len(), |it| it.1.clone())
    }

    /// The query from the next token on.
    fn rest(&self) -> &'q str {
        self.query.get(self.span().start..).unwrap_or_default()
    }

    /// Where the last token ended.
    fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|it| self.tokens.get(it)).map_or(0, |it| it.1.end)
    }

    fn needs_more(&self, operator: &Range<usize>) -> Result<(), Refused> {
        match self.peek() {
            None | Some(Token::Close | Token::Comma | Token::AtLeast) => Err((operator.clone(), Reason::NothingAfter)),
            Some(_) => Ok(()),
        }
    }
}

/// An operator that is written small, in capitals.
fn small_operator(word: &str) -> Option<String> {
    let capitals = word.to_uppercase();
    match capitals.as_str() {
        "NEAR" | "ONEAR" => Some(format!("{capitals}/10")),
        "AND" | "OR" | "NOT" => Some(capitals),
        _ if capitals.starts_with("NEAR/") || capitals.starts_with("ONEAR/") => Some(capitals),
        _ => None,
    }
}

/// Why a token, from which `rest` goes on, can't stand after a whole expression.
fn no_operator(token: &Token<'_>, rest: &str) -> Reason {
    match token {
        _ if rest.starts_with('>') || rest.starts_with("=>") => Reason::AtLeastSign,
        Token::Word(word) => small_operator(word).map_or(Reason::NoOperator, Reason::SmallOperator),
        _ => Reason::NoOperator,
    }
}

fn one_or(mut all: Vec<Expr>, many: impl FnOnce(Vec<Expr>) -> Expr) -> Expr {
    match (all.len(), all.pop()) {
        (1, Some(one)) => one,
        (_, last) => {
            all.extend(last);
            many(all)
        }
    }
}

/// The terms on a side of NEAR; none where it is more than terms.
fn sides(expr: Expr) -> Option<Vec<usize>> {
    match expr {
        Expr::Term(term) => Some(vec![term]),
        Expr::Or(all) => all.into_iter().map(sides).collect::<Option<Vec<_>>>().map(|it| it.concat()),
        _ => None,
    }
}
