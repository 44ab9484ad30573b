//! Selects the watches to evaluate for an article: those with a term, without which they cannot fire, that occurs in
//! it.

use super::query::Expr;

/// Terms of which at least one must occur for an expression to hold; `None` if it can hold without any.
///
/// Of several such sets the one with the longest terms is chosen, because long terms are rare. So a watch for a
/// minister and a village is evaluated only when the village is named, and ten thousand watches cost hardly more than
/// one.
pub(super) fn trigger(expr: &Expr, letters: &impl Fn(usize) -> usize) -> Option<Vec<usize>> {
    // The shortest term is the most frequent; of two equal sets, the smaller is better.
    let rarity = |set: &Vec<usize>| (set.iter().map(|it| letters(*it)).min(), std::cmp::Reverse(set.len()));
    let rarest = |sets: Vec<Option<Vec<usize>>>| sets.into_iter().flatten().max_by_key(rarity);
    match expr {
        Expr::Term(term) => Some(vec![*term]),
        Expr::And(all) => rarest(all.iter().map(|it| trigger(it, letters)).collect()),
        Expr::Or(all) => all.iter().map(|it| trigger(it, letters)).collect::<Option<Vec<_>>>().map(|it| it.concat()),
        Expr::Not(_) | Expr::Is(..) => None,
        Expr::Near { left, right, .. } => rarest(vec![Some(left.clone()), Some(right.clone())]),
        Expr::In(_, inner) => trigger(inner, letters),
        Expr::Weighted { items, at_least } => {
            let free: i32 = items.iter().filter(|it| trigger(&it.1, letters).is_none()).map(|it| it.0.max(0)).sum();
            // If items that need no term suffice, there is no trigger. The grammar refuses lists of such items only.
            let sets = items.iter().filter(|it| it.0 > 0).filter_map(|it| trigger(&it.1, letters));
            (free < *at_least).then(|| sets.flatten().collect())
        }
    }
}

/// The expression with other numbers for its terms.
pub(super) fn renumbered(expr: &Expr, number: &impl Fn(usize) -> usize) -> Expr {
    let all = |all: &[Expr]| all.iter().map(|it| renumbered(it, number)).collect();
    let terms = |terms: &[usize]| terms.iter().map(|it| number(*it)).collect();
    match expr {
        Expr::Term(term) => Expr::Term(number(*term)),
        Expr::And(inner) => Expr::And(all(inner)),
        Expr::Or(inner) => Expr::Or(all(inner)),
        Expr::Not(inner) => Expr::Not(Box::new(renumbered(inner, number))),
        Expr::Near { left, right, within, is_ordered } => {
            Expr::Near { left: terms(left), right: terms(right), within: *within, is_ordered: *is_ordered }
        }
        Expr::In(field, inner) => Expr::In(*field, Box::new(renumbered(inner, number))),
        Expr::Is(about, value) => Expr::Is(*about, value.clone()),
        Expr::Weighted { items, at_least } => Expr::Weighted {
            items: items.iter().map(|(weight, it)| (*weight, renumbered(it, number))).collect(),
            at_least: *at_least,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::query;

    #[track_caller]
    fn check(text: &str, expected: Option<&[&str]>) {
        let query = query::parse(text).unwrap();
        let found = trigger(&query.root, &|it| query.terms[it].term.letters());
        let found = found.map(|it| it.iter().map(|it| query.terms[*it].text.as_str()).collect::<Vec<_>>());
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn the_rarest_term_triggers() {
        check("Vinnikov", Some(&["Vinnikov"]));
        check("NATO AND Vinnikov", Some(&["Vinnikov"]));
        check("NATO AND lang:ru AND NOT Vinnikov", Some(&["NATO"]));
        check("(NATO OR Vinnikov) AND Tbilisi", Some(&["Tbilisi"]));
        check("NATO OR Vinnikov", Some(&["NATO", "Vinnikov"]));
        check("NATO NEAR/5 Vinnikov", Some(&["Vinnikov"]));
        check("title:Vinnikov AND NATO", Some(&["Vinnikov"]));
        check("[3] Vinnikov, [1] NATO, [-5] hockey >= 4", Some(&["Vinnikov", "NATO"]));
        check("[3] lang:ru, [1] NATO >= 3", None);
    }
}
