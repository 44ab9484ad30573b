//! Finds queries that ask for what they exclude and so would never fire.

use std::collections::BTreeSet;

use crate::{
    model::Field,
    text::names::{Manner, NameSet},
};

use super::{About, Expr, QueryTerm};

/// Whether conditions that must all hold ask for two values of a property that an article has once.
pub(super) fn asks_for_two(all: &[Expr]) -> bool {
    let asked = facts(all);
    let is_other = |a: &(About, &str), b: &(About, &str)| a.0 == b.0 && a.0 != About::Topic && a.1 != b.1;
    asked.iter().any(|a| asked.iter().any(|b| is_other(a, b)))
}

fn facts(all: &[Expr]) -> Vec<(About, &str)> {
    all.iter()
        .flat_map(|it| match it {
            Expr::Is(about, value) => vec![(*about, value.as_str())],
            Expr::And(inner) => facts(inner),
            _ => Vec::new(),
        })
        .collect()
}

/// Excluded terms that are found wherever a required one is, each with that one: `Vinnikov NOT Винников`.
pub(super) fn spoilers(root: &Expr, terms: &[QueryTerm]) -> Vec<(usize, usize)> {
    let (mut asked, mut excluded) = (Vec::new(), Vec::new());
    collect(root, &mut asked, &mut excluded);
    let mut res = Vec::new();
    for out in excluded {
        // A marked term excludes one spelling only; others remain.
        let is_wide = |it: &&QueryTerm| matches!(it.manner, Manner::Name | Manner::Loose | Manner::Prefix);
        let Some(term) = terms.get(out).filter(is_wide) else { continue };
        let set = NameSet::compile(std::slice::from_ref(&term.term));
        let spoils = |it: &&usize| {
            terms.get(**it).is_some_and(|it| set.scan(&it.text, None).iter().any(|it| it.closeness.is_sure()))
        };
        res.extend(asked.iter().find(spoils).map(|it| (out, *it)));
    }
    res
}

fn collect(expr: &Expr, asked: &mut Vec<usize>, excluded: &mut Vec<usize>) {
    match expr {
        Expr::Term(term) => asked.push(*term),
        Expr::And(all) => all.iter().for_each(|it| collect(it, asked, excluded)),
        Expr::Not(inner) => match inner.as_ref() {
            Expr::Term(term) => excluded.push(*term),
            Expr::Or(all) => excluded.extend(all.iter().filter_map(|it| match it {
                Expr::Term(term) => Some(*term),
                _ => None,
            })),
            _ => (),
        },
        _ => (),
    }
}

/// Whether conditions that must all hold never can, because each way to meet one of them finds what another excludes.
///
/// If that is uncertain, the answer is no.
pub(super) fn is_contradiction(all: &[Expr]) -> bool {
    let mut excluded = Excluded::default();
    for it in all {
        excluded.add_all(it, None);
    }
    (!excluded.terms.is_empty() || !excluded.others.is_empty()) && all.iter().any(|it| !excluded.allows(it, None))
}

/// The conditions that must not hold, in a field or in the whole article.
#[derive(Default)]
struct Excluded<'e> {
    terms: BTreeSet<(Option<Field>, usize)>,
    others: Vec<(Option<Field>, &'e Expr)>,
}

impl<'e> Excluded<'e> {
    /// Adds the exclusions of an expression that must hold.
    fn add_all(&mut self, expr: &'e Expr, field: Option<Field>) {
        match expr {
            Expr::And(all) => all.iter().for_each(|it| self.add_all(it, field)),
            Expr::In(field, inner) => self.add_all(inner, Some(*field)),
            Expr::Not(inner) => self.add(inner, field),
            Expr::Term(_) | Expr::Or(_) | Expr::Near { .. } | Expr::Is(..) | Expr::Weighted { .. } => (),
        }
    }

    /// Adds an expression that must not hold: none of its alternatives may.
    fn add(&mut self, expr: &'e Expr, field: Option<Field>) {
        match expr {
            Expr::Term(term) => _ = self.terms.insert((field, *term)),
            Expr::Or(all) => all.iter().for_each(|it| self.add(it, field)),
            Expr::In(field, inner) => self.add(inner, Some(*field)),
            Expr::And(_) | Expr::Not(_) | Expr::Near { .. } | Expr::Is(..) | Expr::Weighted { .. } => {
                self.others.push((field, expr));
            }
        }
    }

    /// Whether an expression can hold, within a field or the whole article, while no exclusion does.
    fn allows(&self, expr: &Expr, field: Option<Field>) -> bool {
        // A term excluded from the whole article is excluded from each field. For expressions of more than terms that
        // does not follow.
        if self.others.iter().any(|(within, it)| *within == field && *it == expr) {
            return false;
        }
        let has = |term: usize| !self.terms.contains(&(None, term)) && !self.terms.contains(&(field, term));
        match expr {
            Expr::Term(term) => has(*term),
            Expr::And(all) => all.iter().all(|it| self.allows(it, field)),
            Expr::Or(all) => all.iter().any(|it| self.allows(it, field)),
            Expr::Near { left, right, .. } => left.iter().any(|it| has(*it)) && right.iter().any(|it| has(*it)),
            Expr::In(field, inner) => self.allows(inner, Some(*field)),
            Expr::Not(_) | Expr::Is(..) | Expr::Weighted { .. } => true,
        }
    }
}
