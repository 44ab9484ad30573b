//! Whether a query asks for what it excludes, so that it would never fire.

use std::collections::BTreeSet;

use crate::model::Field;

use super::Expr;

/// Whether things that must all hold can never do so, since each way to meet one of them finds what another excludes.
///
/// Of what is not sure, the answer is no.
pub(super) fn is_contradiction(all: &[Expr]) -> bool {
    let mut excluded = Excluded::default();
    for it in all {
        excluded.add_all(it, None);
    }
    (!excluded.terms.is_empty() || !excluded.others.is_empty()) && all.iter().any(|it| !excluded.allows(it, None))
}

/// What must not hold, in a field or in the whole article.
#[derive(Default)]
struct Excluded<'e> {
    terms: BTreeSet<(Option<Field>, usize)>,
    others: Vec<(Option<Field>, &'e Expr)>,
}

impl<'e> Excluded<'e> {
    /// Adds what an expression that must hold excludes.
    fn add_all(&mut self, expr: &'e Expr, field: Option<Field>) {
        match expr {
            Expr::And(all) => all.iter().for_each(|it| self.add_all(it, field)),
            Expr::In(field, inner) => self.add_all(inner, Some(*field)),
            Expr::Not(inner) => self.add(inner, field),
            Expr::Term(_) | Expr::Or(_) | Expr::Near { .. } | Expr::Is(..) | Expr::Weighted { .. } => (),
        }
    }

    /// Adds what must not hold: of alternatives, none may.
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

    /// Whether an expression may hold, within a field or in the whole article, and nothing that is excluded does.
    fn allows(&self, expr: &Expr, field: Option<Field>) -> bool {
        // What is nowhere in the article is in no field of it; of what is not only terms that does not follow.
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
