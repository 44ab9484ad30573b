//! Evaluates a query on the terms found in an article.

use std::{cmp::Ordering, collections::HashMap, ops::Range};

use crate::{
    model::{Article, Field},
    text::{
        self,
        names::{Closeness, Sighting},
    },
};

use super::{
    Surroundings,
    query::{About, Expr},
};

/// The longest word assumed when a distance in words is estimated from bytes.
const MAX_WORD_BYTES: usize = 80;

/// Maximum places of one term that count, the first ones: NEAR compares each with each, and a hostile text has many.
const MAX_PLACES: usize = 500;

/// An article with what was found in it.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) article: &'a Article,
    pub(super) surroundings: &'a Surroundings<'a>,
    /// The language of the article, as it says itself or as its text tells.
    language: Option<&'a str>,
    /// For each term of queries its sightings in title and body.
    found: HashMap<usize, Vec<(Field, Sighting)>>,
}

/// Which sightings count, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'v> {
    /// Whether weak ones do not.
    pub(super) only_sure: bool,
    /// Only those of this part.
    pub(super) field: Option<Field>,
    /// The exceptions that exclude places for this watch.
    pub(super) except: &'v [Exception],
}

/// A place where an exception of a watch stands.
#[derive(Debug)]
pub(super) struct Exception {
    field: Field,
    span: Range<usize>,
    closeness: Closeness,
    score: f32,
}

impl Exception {
    /// The place of an exception; `None` if the exception is one word and the sighting another spelling of it:
    /// excluding a spelling must exclude no name that merely sounds like it.
    pub(super) fn of(field: Field, sighting: &Sighting, is_word: bool) -> Option<Self> {
        let Sighting { span, closeness, score, .. } = sighting;
        let is_meant = !is_word || *closeness <= Closeness::Inflected;
        is_meant.then(|| Self { field, span: span.clone(), closeness: *closeness, score: *score })
    }

    /// Whether it excludes a sighting. A longer exception always does (`Vinnikov Street`); another must be as close to
    /// the text as the sighting is.
    fn rules_out(&self, field: Field, it: &Sighting) -> bool {
        let contains = self.span.start <= it.span.start && it.span.end <= self.span.end;
        let is_as_close = match self.closeness.cmp(&it.closeness) {
            Ordering::Less => true,
            Ordering::Equal => self.score >= it.score,
            Ordering::Greater => false,
        };
        self.field == field
            && overlap(&self.span, &it.span)
            && (contains && self.span.len() > it.span.len() || is_as_close)
    }
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

impl<'a> Facts<'a> {
    pub(super) fn new(
        article: &'a Article,
        surroundings: &'a Surroundings<'a>,
        language: Option<&'a str>,
        sightings: impl IntoIterator<Item = (usize, Field, Sighting)>,
    ) -> Self {
        let mut found = HashMap::<usize, Vec<(Field, Sighting)>>::new();
        for (term, field, it) in sightings {
            let places = found.entry(term).or_default();
            if places.len() < MAX_PLACES {
                places.push((field, it));
            }
        }
        Self { article, surroundings, language, found }
    }

    /// The terms that occur.
    pub(super) fn terms(&self) -> impl Iterator<Item = usize> {
        self.found.keys().copied()
    }

    /// Where a term occurs, title first, in the order of the text.
    pub(super) fn of<'s>(&'s self, term: usize, view: View<'s>) -> impl Iterator<Item = &'s (Field, Sighting)> {
        self.found.get(&term).into_iter().flatten().filter(move |(field, it)| {
            view.field.is_none_or(|it| it == *field)
                && (!view.only_sure || it.closeness.is_sure())
                && !view.except.iter().any(|except| except.rules_out(*field, it))
        })
    }

    /// Whether an expression holds.
    pub(super) fn hold(&self, expr: &Expr, view: View<'_>) -> bool {
        match expr {
            Expr::Term(term) => self.of(*term, view).next().is_some(),
            Expr::And(all) => all.iter().all(|it| self.hold(it, view)),
            Expr::Or(all) => all.iter().any(|it| self.hold(it, view)),
            // A weak sighting is no reason to stay silent.
            Expr::Not(inner) => !self.hold(inner, View { only_sure: true, ..view }),
            Expr::Near { left, right, within, is_ordered } => left.iter().any(|left| {
                right.iter().any(|right| {
                    self.of(*left, view)
                        .any(|left| self.of(*right, view).any(|right| self.are_near(left, right, *within, *is_ordered)))
                })
            }),
            Expr::In(field, inner) => self.hold(inner, View { field: Some(*field), ..view }),
            Expr::Is(about, value) => self.is(*about, value),
            Expr::Weighted { items, at_least } => {
                let sum: i32 = items.iter().filter(|it| self.hold(&it.1, view)).map(|it| it.0).sum();
                sum >= *at_least
            }
        }
    }

    /// The sightings that an expression which holds rests on, each with its term.
    pub(super) fn shown<'s>(&'s self, expr: &Expr, view: View<'s>, res: &mut Vec<(usize, &'s (Field, Sighting))>) {
        match expr {
            Expr::Term(term) => res.extend(self.of(*term, view).map(|it| (*term, it))),
            Expr::And(all) | Expr::Or(all) => all.iter().for_each(|it| self.shown(it, view, res)),
            Expr::Not(_) | Expr::Is(..) => (),
            Expr::Near { left, right, within, is_ordered } => {
                for (a, b) in left.iter().flat_map(|a| right.iter().map(move |b| (*a, *b))) {
                    for (one, other) in self.of(a, view).flat_map(|one| self.of(b, view).map(move |it| (one, it))) {
                        if self.are_near(one, other, *within, *is_ordered) {
                            res.extend([(a, one), (b, other)]);
                        }
                    }
                }
            }
            Expr::In(field, inner) => self.shown(inner, View { field: Some(*field), ..view }, res),
            Expr::Weighted { items, .. } => {
                items.iter().filter(|it| it.0 > 0).for_each(|it| self.shown(&it.1, view, res));
            }
        }
    }

    fn is(&self, about: About, value: &str) -> bool {
        let same = |it: &str| it.to_lowercase() == value;
        match about {
            About::Source => same(self.article.source.as_str()),
            About::Language => self.language.is_some_and(same),
            About::Country => self.surroundings.country.is_some_and(same),
            About::Topic => self.surroundings.topics.iter().any(|it| same(it)),
        }
    }

    fn are_near(
        &self,
        (field, left): &(Field, Sighting),
        (other, right): &(Field, Sighting),
        within: usize,
        is_ordered: bool,
    ) -> bool {
        let is_first = left.span.start <= right.span.start;
        if field != other || overlap(&left.span, &right.span) || is_ordered && !is_first {
            return false;
        }
        let (first, second) = if is_first { (left, right) } else { (right, left) };
        let gap = first.span.end..second.span.start.max(first.span.end);
        gap.len() <= within * MAX_WORD_BYTES
            && field.of(self.article).get(gap).is_some_and(|it| text::tokens(it).len() < within)
    }
}
