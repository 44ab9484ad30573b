//! Articles to hits of watched names and terms. Pure.
//!
//! A watch waits for a query, for terms, or for both.
//!
//! - A [query] names people and things once; they are found in every script and case ending, and each hit says
//!   how sure it is ([`Closeness`]). What is not sure is filed as possible and alarms nobody.
//! - Terms are found as whole words as they are spelled; a word that ends with `*` stands for all words that start so.
//!   Terms in capitals are acronyms and keep their case (see [`CaseRule`]).
//!
//! All terms of all watches are searched for in one pass. Then only those watches are evaluated for which a term
//! occurred that they cannot do without (`plan`).

mod compile;
mod evaluate;
mod explain;
mod glossary;
mod plan;
pub mod query;

use std::{
    collections::{BTreeMap, HashSet},
    ops::Range,
};

use crate::{
    model::{Article, Field, Hit},
    text::{self, names::Sighting},
};

use self::{
    compile::Waiting,
    evaluate::{Exception, Facts, View},
};

pub use self::{
    compile::{WatchError, WatchRule, Watchlist},
    explain::{Lack, Silence, silence},
    glossary::{Glossary, GlossaryError},
};
pub use crate::text::{CaseRule, names::Closeness};

/// The most hits one watch gives for an article: the first ones, title before body. More would make an
/// alert longer, not clearer.
pub const MAX_HITS: usize = 10;

/// What is known of an article besides its text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// The country of its source, as a code.
    pub country: Option<&'a str>,
    /// The ids of its topics.
    pub topics: &'a [String],
}

/// A watch that found what it waits for.
#[derive(Debug, Clone, PartialEq)]
pub struct Firing {
    /// Its name.
    pub watch: String,
    /// Whether its hits are sure enough for an alert. If not, it is possible that what it waits for is there.
    pub is_sure: bool,
    /// In the order of the text, title first. Never empty.
    pub hits: Vec<Hit>,
    /// Uncertain hits of further terms, of which no hit is sure. Empty if `hits` are not sure either.
    pub weak: Vec<Hit>,
}

/// The watches that fire for sure for an article, in the order of the configuration, each with its hits in the
/// order of the text. No watch is given without a hit.
///
/// Where terms of a watch overlap (`Vinnikov*` in `A.Vinnikov`), the hit that starts first counts, of two
/// that start together the longer one.
pub fn hits(watchlist: &Watchlist, article: &Article) -> Vec<(String, Vec<Hit>)> {
    sure(firings(watchlist, article, Surroundings::default()))
}

/// The watches among these that fire for sure, with their hits.
pub fn sure(firings: Vec<Firing>) -> Vec<(String, Vec<Hit>)> {
    let sure = firings.into_iter().filter(|it| it.is_sure);
    sure.map(|it| (it.watch, it.hits)).collect()
}

/// The watches that fire for an article, surely or possibly, in the order of the configuration.
pub fn firings(watchlist: &Watchlist, article: &Article, surroundings: Surroundings<'_>) -> Vec<Firing> {
    let mut found = BTreeMap::<usize, Verdict>::new();
    for field in [Field::Title, Field::Body] {
        watchlist.set.scan(field.of(article), |term, span| {
            if let Some(it) = watchlist.terms.get(term) {
                let verdict = found.entry(it.watch).or_default();
                verdict.sure.push(Raw::spelled(&it.text, field, span, article));
            }
        });
    }
    for (watch, verdict) in queries(watchlist, article, surroundings) {
        let all = found.entry(watch).or_default();
        all.sure.extend(verdict.sure);
        all.weak.extend(verdict.weak);
    }
    let mut res = Vec::new();
    for (watch, verdict) in found {
        let Some(name) = watchlist.watches.get(watch) else { continue };
        res.push(verdict.firing(name, article));
    }
    res
}

/// The hits of a watch; at least one of the lists is not empty.
#[derive(Debug, Default)]
struct Verdict {
    /// What it fires on.
    sure: Vec<Raw>,
    /// What is only possible.
    weak: Vec<Raw>,
}

impl Verdict {
    fn firing(mut self, watch: &str, article: &Article) -> Firing {
        let hits = |raw: Vec<Raw>| first_of_each_place(raw).into_iter().map(|it| it.found(article)).collect();
        if self.sure.is_empty() {
            return Firing { watch: watch.to_owned(), is_sure: false, hits: hits(self.weak), weak: Vec::new() };
        }
        // If a term has a sure hit, its weak hits add nothing.
        let terms: HashSet<&str> = self.sure.iter().map(|it| it.term.as_str()).collect();
        self.weak.retain(|it| !terms.contains(it.term.as_str()));
        let sure = first_of_each_place(self.sure);
        self.weak.retain(|it| !sure.iter().any(|sure| sure.overlaps(it)));
        Firing { watch: watch.to_owned(), is_sure: true, hits: hits(sure), weak: hits(self.weak) }
    }
}

/// The queries that hold: their watch, and what they found.
fn queries(watchlist: &Watchlist, article: &Article, surroundings: Surroundings<'_>) -> Vec<(usize, Verdict)> {
    if watchlist.queries.is_empty() {
        return Vec::new();
    }
    let facts = facts(watchlist, article, &surroundings);
    let triggered = facts.terms().filter_map(|it| watchlist.triggered.get(it)).flatten();
    let mut candidates: Vec<usize> = triggered.chain(&watchlist.always).copied().collect();
    candidates.sort_unstable();
    candidates.dedup();
    let verdict = |at: &usize| {
        let query = watchlist.queries.get(*at)?;
        Some((query.watch, verdict(query, &facts, watchlist)?))
    };
    candidates.iter().filter_map(verdict).collect()
}

/// The terms of the watchlist found in an article.
fn facts<'a>(watchlist: &Watchlist, article: &'a Article, surroundings: &'a Surroundings<'a>) -> Facts<'a> {
    let language = text::language_of(article);
    let atom = |it: &Sighting| watchlist.looked_for.get(it.term).map_or(usize::MAX, |it| it.atom);
    let scan = |field: Field| {
        let found = watchlist.names.scan(field.of(article), language).into_iter();
        found.map(move |it| (atom(&it), field, it))
    };
    Facts::new(article, surroundings, language, scan(Field::Title).chain(scan(Field::Body)))
}

/// The hits of a query, sure or possible; `None` if it does not hold, or shows no hit.
fn verdict(query: &Waiting, facts: &Facts<'_>, watchlist: &Watchlist) -> Option<Verdict> {
    let mut view = View { only_sure: true, field: None, except: &[] };
    let places = |(term, is_word): &(usize, bool)| {
        let is_word = *is_word;
        facts.of(*term, view).filter_map(move |(field, it)| Exception::of(*field, it, is_word)).collect::<Vec<_>>()
    };
    let except: Vec<_> = query.except.iter().flat_map(places).collect();
    view.except = &except;
    let shown = |view| {
        let mut res = Vec::new();
        facts.shown(&query.root, view, &mut res);
        res.into_iter().map(|(term, (field, it))| raw(term, *field, it, facts, watchlist)).collect::<Vec<_>>()
    };
    let all = View { only_sure: false, ..view };
    let res = if facts.hold(&query.root, view) {
        let mut weak = shown(all);
        weak.retain(|it| !it.closeness.is_sure());
        Verdict { sure: shown(view), weak }
    } else if facts.hold(&query.root, all) {
        Verdict { sure: Vec::new(), weak: shown(all) }
    } else {
        return None;
    };
    (!res.sure.is_empty() || !res.weak.is_empty()).then_some(res)
}

fn raw(term: usize, field: Field, sighting: &Sighting, facts: &Facts<'_>, watchlist: &Watchlist) -> Raw {
    let term = watchlist.texts.get(term).map(String::as_str).unwrap_or_default();
    let looked_for = watchlist.looked_for.get(sighting.term).map(|it| it.form.as_str()).unwrap_or_default();
    let form = field.of(facts.article).get(sighting.span.clone()).unwrap_or_default();
    Raw {
        term: term.to_owned(),
        field,
        span: sighting.span.clone(),
        closeness: sighting.closeness,
        score: sighting.score,
        ending: sighting.ending.clone(),
        why: why(sighting, term, looked_for, &text::one_line(form)),
    }
}

/// Why the words `found` are a hit of a term: how they stand to the form looked for, and that to the term.
fn why(sighting: &Sighting, term: &str, form: &str, found: &str) -> String {
    let why = sighting.why(form, found);
    // “Liaison Office” of the glossary is the term “liaison office”.
    if form == term || text::fold(form) == text::fold(term) {
        why
    } else {
        format!("{why} “{form}” stands for “{term}”.")
    }
}

/// A hit before its sentence is looked up.
#[derive(Debug, Clone)]
struct Raw {
    term: String,
    field: Field,
    span: Range<usize>,
    closeness: Closeness,
    score: f32,
    ending: Option<String>,
    why: String,
}

impl Raw {
    fn overlaps(&self, other: &Self) -> bool {
        self.field == other.field && self.span.start < other.span.end && other.span.start < self.span.end
    }

    fn spelled(term: &str, field: Field, span: Range<usize>, article: &Article) -> Self {
        let form = text::one_line(field.of(article).get(span.clone()).unwrap_or_default());
        let why = format!("“{form}” is spelled like “{term}”.");
        Self { term: term.to_owned(), field, span, closeness: Closeness::Exact, score: 1.0, ending: None, why }
    }

    fn found(self, article: &Article) -> Hit {
        let whole = self.field.of(article);
        let form = text::one_line(whole.get(self.span.clone()).unwrap_or_default());
        let around = text::sentence(whole, self.span.clone());
        let sentence = text::one_line(whole.get(around).unwrap_or_default());
        Hit {
            term: self.term,
            field: self.field,
            span: self.span,
            form,
            sentence,
            closeness: self.closeness,
            score: self.score,
            ending: self.ending,
            why: self.why,
        }
    }
}

/// The first [`MAX_HITS`] hits without overlap: of overlapping hits the one that starts first, and of two that start
/// together the longer one.
fn first_of_each_place(mut hits: Vec<Raw>) -> Vec<Raw> {
    hits.sort_by(|a, b| (a.field, a.span.start).cmp(&(b.field, b.span.start)).then(b.span.end.cmp(&a.span.end)));
    let mut res: Vec<Raw> = Vec::new();
    for it in hits {
        if res.last().is_none_or(|last| last.field != it.field || last.span.end <= it.span.start) {
            res.push(it);
        }
        if res.len() == MAX_HITS {
            break;
        }
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
            ..WatchRule::default()
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

    fn queried(query: &str) -> Watchlist {
        let rule = WatchRule { name: "q".to_owned(), query: Some(query.to_owned()), ..WatchRule::default() };
        Watchlist::compile(vec![rule]).unwrap()
    }

    fn forms(query: &str, title: &str, body: &str) -> Vec<String> {
        let found = hits(&queried(query), &Article::sample(title, body));
        found.into_iter().flat_map(|it| it.1).map(|it| it.form).collect()
    }

    #[test]
    fn operators_hold_as_they_are_written() {
        let body = "Глава офиса НАТО Винников встретил Пашиняна в Ереване. Потом о хоккее.";
        for (query, expected) in [
            ("Vinnikov", vec!["Винников"]),
            ("ITPP OR Vinnikov", vec!["Винников"]),
            ("ITPP AND Vinnikov", vec![]),
            ("Vinnikov AND Pashinyan", vec!["Винников", "Пашиняна"]),
            ("Vinnikov AND NOT Aliyev", vec!["Винников"]),
            ("Vinnikov -Pashinyan", vec![]),
            ("Vinnikov NEAR/2 Pashinyan", vec!["Винников", "Пашиняна"]),
            ("Vinnikov NEAR/1 Pashinyan", vec![]),
            ("Pashinyan ONEAR/5 Vinnikov", vec![]),
            ("Vinnikov ONEAR/5 (Aliyev OR Pashinyan)", vec!["Винников", "Пашиняна"]),
            ("body:Vinnikov", vec!["Винников"]),
            ("title:Vinnikov", vec![]),
            ("Vinnikov AND lang:ru", vec!["Винников"]),
            ("Vinnikov AND lang:ka", vec![]),
            ("[3] Vinnikov, [1] Yerevan >= 4", vec!["Винников", "Ереване"]),
            ("[3] Vinnikov, [1] Yerevan, [-1] Pashinyan >= 4", vec![]),
            ("!НАТО AND =Винников", vec!["НАТО", "Винников"]),
            ("офис*", vec!["офиса"]),
        ] {
            let mut article = Article::sample("Встреча", body);
            article.language = Some("ru".to_owned());
            let found: Vec<_> =
                hits(&queried(query), &article).into_iter().flat_map(|it| it.1).map(|it| it.form).collect();
            assert_eq!(found, expected, "{query}");
        }
    }

    #[test]
    fn the_language_of_a_text_that_names_none_is_told_from_it() {
        let text = "Министр Винников прибыл сегодня в Тбилиси и встретился с журналистами, чтобы объяснить программу.";
        assert_eq!(forms("Vinnikov AND lang:ru", "", text), ["Винников"]);
        assert_eq!(forms("Vinnikov AND lang:uk", "", text), [""; 0]);
        let mut article = Article::sample("", text);
        article.language = Some("RU-ru".to_owned());
        assert_eq!(hits(&queried("Vinnikov AND lang:ru"), &article).len(), 1);
    }

    #[test]
    fn sources_countries_and_topics_count() {
        let article = Article::sample("Vinnikov in Baku", "");
        let topics = ["ports".to_owned()];
        let surroundings = Surroundings { country: Some("ge"), topics: &topics };
        let fires = |query: &str| !firings(&queried(query), &article, surroundings).is_empty();
        assert!(fires("Vinnikov AND country:ge AND topic:ports"));
        assert!(fires(&format!("Vinnikov AND source:{}", article.source.as_str())));
        assert!(!fires("Vinnikov AND country:am"));
        assert!(!fires("Vinnikov AND NOT topic:ports"));
    }

    #[test]
    fn what_is_not_sure_is_possible_and_alarms_nobody() {
        let body = "ეს კარგი სახლი იყო და დარჩა";
        let list = queried("Darcha");
        let article = Article::sample("", body);
        assert!(hits(&list, &article).is_empty());
        let possible = firings(&list, &article, Surroundings::default());
        assert!(possible.iter().all(|it| !it.is_sure && it.hits.iter().all(|it| it.closeness == Closeness::Weak)));
        // Beside something sure, it is no hit, but is not lost either.
        let found = firings(
            &queried("Darcha OR Vinnikov"),
            &Article::sample("", &format!("{body}. ვინიკოვმა")),
            Surroundings::default(),
        );
        assert!(found[0].is_sure);
        assert_eq!(found[0].hits.iter().map(|it| it.form.as_str()).collect::<Vec<_>>(), ["ვინიკოვმა"]);
        assert_eq!(found[0].weak.iter().map(|it| it.form.as_str()).collect::<Vec<_>>(), ["დარჩა"]);
    }

    #[test]
    fn where_a_term_is_sure_its_weak_hits_are_dropped() {
        let list = queried("Darcha OR Vinnikov");
        let body = "ეს კარგი სახლი იყო და დარჩა. Darcha";
        let found = firings(&list, &Article::sample("", body), Surroundings::default());
        assert!(found[0].is_sure && found[0].weak.is_empty(), "{found:?}");
    }

    #[test]
    fn the_term_in_capitals_stands_for_nothing() {
        let article = Article::sample("", "The Liaison Office in Tbilisi.");
        let found = hits(&queried("\"liaison office\""), &article);
        let hit = &found[0].1[0];
        assert!(!hit.why.contains("stands for") && hit.relation().is_none(), "{hit:?}");
    }

    #[test]
    fn exceptions_are_no_hits() {
        let rule = WatchRule {
            name: "q".to_owned(),
            query: Some("Vinnikov".to_owned()),
            except: vec!["Vinnikov Street".to_owned()],
            ..WatchRule::default()
        };
        let list = Watchlist::compile(vec![rule]).unwrap();
        assert!(hits(&list, &Article::sample("", "a shop in Vinnikov Street")).is_empty());
        let found = hits(&list, &Article::sample("", "Vinnikov lives in Vinnikov Street"));
        assert_eq!(found[0].1.len(), 1);
        assert_eq!(found[0].1[0].span, 0..8);
    }

    #[test]
    fn a_query_and_terms_go_together() {
        let rule = WatchRule {
            name: "q".to_owned(),
            terms: vec!["liaison office*".to_owned()],
            query: Some("Vinnikov".to_owned()),
            ..WatchRule::default()
        };
        let list = Watchlist::compile(vec![rule]).unwrap();
        let found = hits(&list, &Article::sample("liaison offices", "Vinnikov"));
        assert_eq!(found[0].1.iter().map(|it| it.form.as_str()).collect::<Vec<_>>(), ["liaison offices", "Vinnikov"]);
    }

    #[test]
    fn phrases_with_alternatives() {
        let query = "ITPP OR \"Individually (Tailored|Adapted) Partnership (Program|Programme)?\"";
        assert_eq!(
            forms(query, "The ITPP", "or Individually Adapted Partnership program; Individually Tailored Partnership."),
            ["ITPP", "Individually Adapted Partnership program", "Individually Tailored Partnership"]
        );
    }
}
