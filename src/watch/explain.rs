//! Why a watch stays silent.

use crate::model::{Article, Field};

use super::{
    Surroundings, Watchlist,
    evaluate::{Facts, View},
    facts,
    query::{About, Expr},
};

/// Why the query of a watch does not fire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// The terms that were found, surely or not, each with the first words taken for it.
    pub found: Vec<(String, String)>,
    /// The part of it that does not hold, as a query is written.
    pub fails: String,
    /// What is wrong with that part.
    pub lack: Lack,
}

/// Why a part of a query does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// It is not there.
    Missing,
    /// It excludes something that is present.
    Excluded,
    /// It would hold, but only by places that the watch excepts.
    Excepted,
}

/// Why the first query of a watchlist does not fire for an article; `None` if it fires, surely or possibly, or if there
/// is no query.
pub fn silence(watchlist: &Watchlist, article: &Article, surroundings: Surroundings<'_>) -> Option<Silence> {
    let query = watchlist.queries.first()?;
    let facts = facts(watchlist, article, &surroundings);
    let view = View { only_sure: false, field: None, except: &[] };
    let part = failing(&facts, &query.root, view);
    let mut terms = Vec::new();
    collect(&query.root, &mut terms);
    let form = |it: &usize| {
        let (field, first) = facts.of(*it, view).next()?;
        let form = field.of(article).get(first.span.clone()).unwrap_or_default();
        Some((text(watchlist, *it), crate::text::one_line(form)))
    };
    Some(Silence {
        found: terms.iter().filter_map(form).collect(),
        fails: written(watchlist, part, false),
        lack: match part {
            _ if facts.hold(&query.root, view) => Lack::Excepted,
            Expr::Not(_) => Lack::Excluded,
            _ => Lack::Missing,
        },
    })
}

/// The smallest part that the expression needs and that does not hold.
fn failing<'e>(facts: &Facts<'_>, expr: &'e Expr, view: View<'_>) -> &'e Expr {
    match expr {
        Expr::And(all) => all.iter().find(|it| !facts.hold(it, view)).map_or(expr, |it| failing(facts, it, view)),
        _ => expr,
    }
}

fn collect(expr: &Expr, res: &mut Vec<usize>) {
    let mut add = |it: usize| {
        if !res.contains(&it) {
            res.push(it);
        }
    };
    match expr {
        Expr::Term(term) => add(*term),
        Expr::Near { left, right, .. } => left.iter().chain(right).for_each(|it| add(*it)),
        Expr::And(all) | Expr::Or(all) => all.iter().for_each(|it| collect(it, res)),
        Expr::Not(inner) | Expr::In(_, inner) => collect(inner, res),
        Expr::Weighted { items, .. } => items.iter().for_each(|it| collect(&it.1, res)),
        Expr::Is(..) => (),
    }
}

/// A term as a query is written, with its mark.
fn text(watchlist: &Watchlist, term: usize) -> String {
    let text = watchlist.texts.get(term).map(String::as_str).unwrap_or_default();
    let mark = watchlist.marks.get(term).copied().unwrap_or_default();
    if text.contains(char::is_whitespace) { format!("{mark}\"{text}\"") } else { format!("{mark}{text}") }
}

/// An expression as a query is written; between brackets where it stands `inside` another.
fn written(watchlist: &Watchlist, expr: &Expr, inside: bool) -> String {
    let all = |all: &[Expr], sign: &str| {
        let joined = all.iter().map(|it| written(watchlist, it, true)).collect::<Vec<_>>().join(sign);
        if inside { format!("({joined})") } else { joined }
    };
    match expr {
        Expr::Term(term) => text(watchlist, *term),
        Expr::And(inner) => all(inner, " AND "),
        Expr::Or(inner) => all(inner, " OR "),
        Expr::Not(inner) => format!("NOT {}", written(watchlist, inner, true)),
        Expr::Near { left, right, within, is_ordered } => {
            let side = |terms: &[usize]| {
                let joined = terms.iter().map(|it| text(watchlist, *it)).collect::<Vec<_>>().join(" OR ");
                if terms.len() > 1 { format!("({joined})") } else { joined }
            };
            let sign = if *is_ordered { "ONEAR" } else { "NEAR" };
            format!("{} {sign}/{within} {}", side(left), side(right))
        }
        Expr::In(field, inner) => {
            let name = if *field == Field::Title { "title" } else { "body" };
            format!("{name}:{}", written(watchlist, inner, true))
        }
        Expr::Is(about, value) => format!("{}:{value}", about.as_str()),
        Expr::Weighted { items, at_least } => {
            let items = items.iter().map(|(weight, it)| format!("[{weight}] {}", written(watchlist, it, false)));
            format!("{} >= {at_least}", items.collect::<Vec<_>>().join(", "))
        }
    }
}

impl About {
    fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Language => "lang",
            Self::Country => "country",
            Self::Topic => "topic",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::WatchRule;

    #[track_caller]
    fn check(query: &str, fails: &str, found: &[(&str, &str)]) {
        let rule = WatchRule { name: "q".to_owned(), query: Some(query.to_owned()), ..WatchRule::default() };
        let list = Watchlist::compile(vec![rule]).unwrap();
        let article = Article::sample("Встреча", "Винников встретил Пашиняна в Ереване. Потом о хоккее.");
        let res = silence(&list, &article, Surroundings::default()).unwrap();
        let met: Vec<_> = res.found.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect();
        assert_eq!((res.fails.as_str(), met.as_slice()), (fails, found), "{query}");
    }

    #[test]
    fn the_part_that_fails_is_told() {
        let both = [("Vinnikov", "Винников"), ("Pashinyan", "Пашиняна")];
        check("ITPP", "ITPP", &[]);
        check("Vinnikov AND ITPP", "ITPP", &both[..1]);
        check("Vinnikov AND (ITPP OR \"liaison office\")", "ITPP OR \"liaison office\"", &both[..1]);
        check("Vinnikov -Pashinyan", "NOT Pashinyan", &both);
        check("=Vinnikov", "=Vinnikov", &[]);
        check("=\"liaison office\" OR ~ITTP", "=\"liaison office\" OR ~ITTP", &[]);
        check("!ITPP AND =Винников", "!ITPP", &[("=Винников", "Винников")]);
        check("Vinnikov NEAR/1 Pashinyan", "Vinnikov NEAR/1 Pashinyan", &both);
        check("title:Vinnikov AND Pashinyan", "title:Vinnikov", &both);
        check("Vinnikov AND lang:ka", "lang:ka", &both[..1]);
        check("[1] Vinnikov, [3] ITPP >= 4", "[1] Vinnikov, [3] ITPP >= 4", &both[..1]);
    }
}
