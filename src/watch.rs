//! Articles to hits of watched names and terms. Pure.
//!
//! A watch is a name and some terms. A term is found as whole words in the title and in the body, in any
//! script; a word that ends with `*` stands for all words that start so, which covers case endings. Terms
//! in capitals are acronyms and keep their case (see [`CaseRule`]).

mod compile;
pub mod query;

use std::collections::BTreeMap;

use crate::{
    model::{Article, Field, Hit},
    text,
};

pub use self::compile::{WatchError, WatchRule, Watchlist};
pub use crate::text::CaseRule;

/// The most hits one watch gives for an article: the first ones, title before body. More would make an
/// alert longer, not clearer.
pub const MAX_HITS: usize = 10;

/// The watches that fire for an article, in the order of the configuration, each with its hits in the
/// order of the text. No watch is given without a hit.
///
/// Where terms of a watch overlap (`Vinnikov*` in `A.Vinnikov`), the hit that starts first counts, of two
/// that start together the longer one.
pub fn hits(watchlist: &Watchlist, article: &Article) -> Vec<(String, Vec<Hit>)> {
    let mut found = BTreeMap::<usize, Vec<Hit>>::new();
    for field in [Field::Title, Field::Body] {
        let whole = field.of(article);
        watchlist.set.scan(whole, |term, span| {
            let Some(term) = watchlist.terms.get(term) else { return };
            let hits = found.entry(term.watch).or_default();
            let form = whole.get(span.clone()).unwrap_or_default();
            if let Some(last) = hits.last_mut().filter(|it| it.field == field && it.span.end > span.start) {
                // Places come in the order of the text, so a longer one from the same start may come second.
                if last.span.start == span.start && last.span.end < span.end {
                    last.term.clone_from(&term.text);
                    last.span = span;
                    form.clone_into(&mut last.form);
                }
            } else if hits.len() < MAX_HITS {
                let (term, form) = (term.text.clone(), form.to_owned());
                hits.push(Hit { term, field, span, form, sentence: String::new() });
            }
        });
    }
    let mut res = Vec::new();
    for (watch, mut hits) in found {
        for hit in &mut hits {
            let whole = hit.field.of(article);
            let around = text::sentence(whole, hit.span.clone());
            hit.form = text::one_line(&hit.form);
            hit.sentence = text::one_line(whole.get(around).unwrap_or_default());
        }
        res.extend(watchlist.watches.get(watch).map(|name| (name.clone(), hits)));
    }
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(watches: &[(&str, &[&str])]) -> Watchlist {
        let rules = watches.iter().map(|(name, terms)| WatchRule {
            name: (*name).to_owned(),
            terms: terms.iter().map(|it| (*it).to_owned()).collect(),
            case: CaseRule::Auto,
        });
        Watchlist::compile(rules.collect()).unwrap()
    }

    #[test]
    fn hits_carry_form_and_sentence() {
        let list = list(&[("Vinnikov", &["Vinnikov", "Винников*"]), ("ITPP", &["ITPP"]), ("none", &["TRIPP"])]);
        let article =
            Article::sample("A.Vinnikov\u{7}  in Baku", "It rained. Talks with Винниковым on ITPP. All left.");
        let res = hits(&list, &article);
        let res = res.iter().map(|(name, hits)| {
            let hits = hits.iter().map(|it| (it.term.as_str(), it.form.as_str(), it.sentence.as_str()));
            (name.as_str(), hits.collect::<Vec<_>>())
        });
        let sentence = "Talks with Винниковым on ITPP.";
        assert_eq!(
            res.collect::<Vec<_>>(),
            [
                (
                    "Vinnikov",
                    vec![("Vinnikov", "Vinnikov", "A.Vinnikov in Baku"), ("Винников*", "Винниковым", sentence)]
                ),
                ("ITPP", vec![("ITPP", "ITPP", sentence)]),
            ]
        );
    }

    #[test]
    fn of_overlapping_terms_one_counts() {
        let list = list(&[("office", &["liaison office*", "liaison", "NATO liaison", "office* in Tbilisi"])]);
        let forms = |body| {
            hits(&list, &Article::sample("", body)).remove(0).1.into_iter().map(|it| it.form).collect::<Vec<_>>()
        };
        assert_eq!(forms("the liaison offices, a liaison"), ["liaison offices", "liaison"]);
        assert_eq!(forms("NATO liaison office in Tbilisi"), ["NATO liaison", "office in Tbilisi"]);
    }

    #[test]
    fn hits_have_an_end() {
        let list = list(&[("ITPP", &["ITPP"])]);
        let article = Article::sample("ITPP", &"ITPP. ".repeat(50_000));
        let res = hits(&list, &article);
        assert_eq!(res[0].1.len(), MAX_HITS);
        assert_eq!(res[0].1[0].field, Field::Title);
    }

    #[test]
    fn spans_point_into_the_article() {
        let list = list(&[("ნატო", &["ნატო*"])]);
        let article = Article::sample("", "წვიმდა.\nნატოს ოფისი");
        let hit = &hits(&list, &article)[0].1[0];
        assert_eq!(&article.body[hit.span.clone()], "ნატოს");
        assert_eq!(hit.sentence, "ნატოს ოფისი");
    }
}
