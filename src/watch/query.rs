//! What a watch waits for, as an analyst writes it.
//!
//! ```text
//! Vinnikov                           any script, any case ending        ="Vinnikov"  these letters only
//! ITPP                               capitals: this case only           ~Vinnikov    more spellings
//! "Nikol Pashinyan"                  words in a row, each inflected     !Nato        this case only
//! partner*                           all words that start so            "(Tailored|Adapted) Partnership Programme?"
//! (Aliyev OR Əliyev) AND Yerevan     AND, OR, NOT or -, brackets        Pashinyan NEAR/10 Vinnikov, ONEAR/10 in order
//! title:ITPP body: source: lang:ru country:ge topic:"…"                 [3] Vinnikov, [1] NATO, [-5] hockey >= 4
//! ```
//!
//! A query that makes no sense is refused with a place and a reason; a query that is likely too wide causes a warning.
//! Nothing is dropped silently.

mod contradiction;
mod error;
mod parse;
mod phrase;
mod reach;
mod token;
mod warning;

use std::collections::BTreeSet;

use crate::{
    model::Field,
    text::names::{Manner, NameTerm},
};

pub use self::{
    error::{QueryError, Reason},
    parse::parse,
    reach::Origin,
    warning::Warning,
};

/// The longest query.
pub const MAX_BYTES: usize = 4_000;

/// The most terms of a query, alternatives counted one by one.
pub const MAX_TERMS: usize = 300;

/// The deepest brackets.
pub const MAX_DEPTH: usize = 20;

/// The most phrases that the alternatives of one quotation make.
pub const MAX_FORMS: usize = 64;

/// The widest `NEAR`, in words.
pub const MAX_NEAR: usize = 100;

/// The greatest weight.
pub const MAX_WEIGHT: i32 = 100;

/// A query, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Its terms; expressions name them by number.
    pub terms: Vec<QueryTerm>,
    /// What must hold.
    pub root: Expr,
}

impl Query {
    /// The conditions on an article besides its text, as written, in lower case: `source:civil-ge`.
    pub fn asked(&self) -> Vec<(About, &str)> {
        self.parts(true).into_iter().filter_map(fact).collect()
    }

    /// The conditions besides the text, without excluded ones.
    pub fn wanted(&self) -> Vec<(About, &str)> {
        self.parts(false).into_iter().filter_map(fact).collect()
    }

    /// The terms that it looks for, without those that it excludes, each once.
    pub fn wanted_terms(&self) -> Vec<&QueryTerm> {
        let numbers = |it: &Expr| match it {
            Expr::Term(term) => vec![*term],
            Expr::Near { left, right, .. } => [left.as_slice(), right.as_slice()].concat(),
            _ => Vec::new(),
        };
        let numbers: BTreeSet<_> = self.parts(false).into_iter().flat_map(numbers).collect();
        numbers.into_iter().filter_map(|it| self.terms.get(it)).collect()
    }

    /// The innermost expressions, with or without excluded ones.
    fn parts(&self, with_excluded: bool) -> Vec<&Expr> {
        let (mut res, mut left) = (Vec::new(), vec![&self.root]);
        while let Some(it) = left.pop() {
            match it {
                Expr::And(all) | Expr::Or(all) => left.extend(all),
                Expr::Not(it) if with_excluded => left.push(it),
                Expr::Not(_) => (),
                Expr::In(_, it) => left.push(it),
                Expr::Weighted { items, .. } => {
                    left.extend(items.iter().filter(|it| with_excluded || it.0 > 0).map(|it| &it.1));
                }
                Expr::Term(_) | Expr::Near { .. } | Expr::Is(..) => res.push(it),
            }
        }
        res
    }

    /// Whether an article from one of these sources can meet the query's conditions on source and country.
    pub fn may_come_from<'a>(&self, mut sources: impl Iterator<Item = Origin<'a>>) -> bool {
        sources.any(|it| reach::may_hold(&self.root, it))
    }

    /// Terms that the query both asks for and excludes.
    pub fn contradictions(&self) -> Vec<Warning> {
        let text = |it: usize| self.terms.get(it).map(|it| format!("{}{}", it.mark(), it.text)).unwrap_or_default();
        let spoilers = contradiction::spoilers(&self.root, &self.terms).into_iter();
        spoilers.map(|(excluded, asked)| Warning::Excluded(text(excluded), text(asked))).collect()
    }

    /// Warnings for the query's writer. They take some milliseconds a term, so they are for editing, not for a start.
    pub fn warnings(&self) -> Vec<Warning> {
        self.terms.iter().flat_map(Warning::of).chain(self.contradictions()).collect()
    }
}

fn fact(expr: &Expr) -> Option<(About, &str)> {
    if let Expr::Is(about, value) = expr { Some((*about, value.as_str())) } else { None }
}

/// A term of a query.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryTerm {
    /// As it is written, without its mark and quotation.
    pub text: String,
    /// Ready to be looked for.
    pub term: NameTerm,
    /// By its mark.
    pub manner: Manner,
}

impl QueryTerm {
    /// Its mark; empty for the start of a word, whose `*` is part of the text.
    pub fn mark(&self) -> &'static str {
        match self.manner {
            Manner::Name | Manner::Prefix => "",
            Manner::Letters => "=",
            Manner::Loose => "~",
            Manner::Case => "!",
        }
    }
}

/// All phrases that a quotation with alternatives stands for.
///
/// # Errors
///
/// What is wrong with its brackets.
pub fn forms(quotation: &str) -> Result<Vec<String>, Reason> {
    phrase::forms(quotation).map_err(|it| it.1)
}

/// What must hold of an article.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// The term occurs.
    Term(usize),
    /// All hold. Not empty.
    And(Vec<Expr>),
    /// One holds. Not empty.
    Or(Vec<Expr>),
    /// It does not hold. Stands only within `And`.
    Not(Box<Expr>),
    /// A term of one side occurs near a term of the other.
    Near {
        /// The first.
        left: Vec<usize>,
        /// The second.
        right: Vec<usize>,
        /// The most words from one to the other.
        within: usize,
        /// Whether the first must come first.
        is_ordered: bool,
    },
    /// It holds within this part of the article alone.
    In(Field, Box<Expr>),
    /// The article is so.
    Is(About, String),
    /// The weights of the items that hold add up to enough.
    Weighted {
        /// Each with its weight.
        items: Vec<(i32, Expr)>,
        /// What is enough.
        at_least: i32,
    },
}

/// A property of an article besides its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The id of its source.
    Source,
    /// Its language.
    Language,
    /// The country of its source.
    Country,
    /// One of its topics.
    Topic,
}

#[cfg(test)]
mod tests;
