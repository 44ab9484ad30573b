//! Whether any of the sources can bring what a query waits for, as far as it asks for sources and countries.

use super::{About, Expr};

/// A source, as queries ask for it.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its country.
    pub country: &'a str,
}

/// Whether an article of a source can meet an expression. For what is not known of a source, such as the words of its
/// articles, the answer is yes.
pub(super) fn may_hold(expr: &Expr, source: Origin<'_>) -> bool {
    let is = |about: &About, value: &str| match about {
        About::Source => Some(source.id.to_lowercase() == value),
        About::Country => Some(source.country.to_lowercase() == value),
        About::Language | About::Topic => None,
    };
    match expr {
        Expr::Is(about, value) => is(about, value).unwrap_or(true),
        Expr::Not(inner) => match inner.as_ref() {
            Expr::Is(about, value) => !is(about, value).unwrap_or(false),
            _ => true,
        },
        Expr::And(all) => all.iter().all(|it| may_hold(it, source)),
        Expr::Or(all) => all.iter().any(|it| may_hold(it, source)),
        Expr::In(_, inner) => may_hold(inner, source),
        Expr::Weighted { items, at_least } => {
            let possible = items.iter().filter(|it| it.0 > 0 && may_hold(&it.1, source));
            possible.map(|it| it.0).sum::<i32>() >= *at_least
        }
        Expr::Term(_) | Expr::Near { .. } => true,
    }
}
