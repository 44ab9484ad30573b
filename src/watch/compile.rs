//! Checks configured watches and makes them ready to be looked for, all in one set. Must not look at an article.

use std::collections::{HashMap, HashSet};

use crate::text::{
    CaseRule, Phrase, PhraseError, PhraseSet,
    names::{Manner, NameSet, NameTerm, TermError},
};

use super::{
    Glossary,
    plan::{renumbered, trigger},
    query::{self, Expr, QueryError, QueryTerm},
};

/// A watch as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WatchRule {
    /// Names it, in alerts too.
    pub name: String,
    /// Terms of which any fires the watch; they are found as spelled.
    pub terms: Vec<String>,
    /// When the case of the letters of `terms` counts.
    pub case: CaseRule,
    /// A query that fires the watch: names in any script and case ending, and how they must be combined.
    pub query: Option<String>,
    /// Exceptions. Where one occurs, a hit of the query does not count unless it is closer to its term than the
    /// exception is to the text. An exception of a single word is found only in its own letters and case endings, a
    /// phrase in every script.
    pub except: Vec<String>,
    /// Other spellings of the query's terms that an analyst accepted: each term with its spellings.
    pub aliases: Vec<(String, Vec<String>)>,
}

/// Watches that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WatchError {
    /// No name.
    #[error("watch number {0} has no name")]
    Unnamed(usize),
    /// Two watches of one name.
    #[error("watch {0:?} is there twice")]
    Duplicate(String),
    /// Neither terms nor query.
    #[error("watch {0:?} has no terms")]
    NoTerms(String),
    /// A term that can't be looked for.
    #[error("watch {watch:?} has a term that can't be looked for")]
    Term {
        /// The watch.
        watch: String,
        /// Why not.
        source: PhraseError,
    },
    /// A query that makes no sense.
    #[error("watch {watch:?} has a query that can't be used")]
    Query {
        /// The watch.
        watch: String,
        /// Why not.
        source: QueryError,
    },
    /// An exception or alias that can't be looked for.
    #[error("watch {watch:?} has an exception or alias that can't be looked for")]
    Except {
        /// The watch.
        watch: String,
        /// Why not.
        source: TermError,
    },
    /// More terms over all watches than a set takes.
    #[error("the watches have too many terms together")]
    TooMany(#[source] PhraseError),
}

impl WatchError {
    /// The index of the wrong watch in `rules`, and the wrong key: `None` for the key if the name is wrong, and for the
    /// index if no single watch is.
    pub fn place(&self, rules: &[WatchRule]) -> (Option<usize>, Option<&'static str>) {
        // Of two watches with one name, the second is wrong.
        let of = |name: &str| rules.iter().rposition(|it| it.name == name);
        match self {
            Self::Unnamed(number) => (number.checked_sub(1), None),
            Self::Duplicate(name) | Self::NoTerms(name) => (of(name), None),
            Self::Term { watch, .. } => (of(watch), Some("terms")),
            Self::Query { watch, .. } => (of(watch), Some("query")),
            Self::Except { watch, .. } => (of(watch), None),
            Self::TooMany(_) => (None, None),
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Term {
    pub(super) text: String,
    /// The number of its watch.
    pub(super) watch: usize,
}

/// The query of a watch, ready for use.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    /// The number of the watch.
    pub(super) watch: usize,
    pub(super) root: Expr,
    /// The exceptions, each with whether it is a single word.
    pub(super) except: Vec<(usize, bool)>,
}

/// A form of a term.
#[derive(Debug, Clone)]
pub(super) struct LookedFor {
    /// The number of the term.
    pub(super) atom: usize,
    /// As it is written.
    pub(super) form: String,
}

/// All watches, ready for use. Their terms are one set, so that an article is read once for all.
#[derive(Debug, Clone, Default)]
pub struct Watchlist {
    /// Names.
    pub(super) watches: Vec<String>,
    /// By their place in the set.
    pub(super) terms: Vec<Term>,
    pub(super) set: PhraseSet,
    pub(super) queries: Vec<Waiting>,
    /// The terms of queries as they are written.
    pub(super) texts: Vec<String>,
    /// Their marks, as they are written.
    pub(super) marks: Vec<&'static str>,
    /// The forms that are searched for in place of the terms, by index in the set of names.
    pub(super) looked_for: Vec<LookedFor>,
    pub(super) names: NameSet,
    /// For each term the queries to evaluate if it occurs.
    pub(super) triggered: Vec<Vec<usize>>,
    /// Queries to evaluate for every article.
    pub(super) always: Vec<usize>,
}

impl Watchlist {
    /// Checks the rules and makes them ready.
    ///
    /// # Errors
    ///
    /// Every [`WatchError`]; the first that is found, with the watch in it.
    pub fn compile(rules: Vec<WatchRule>) -> Result<Self, WatchError> {
        Self::with_glossary(rules, &Glossary::default())
    }

    /// Compiles the rules, with the glossary's other names for terms of queries.
    ///
    /// # Errors
    ///
    /// Every [`WatchError`]; the first that is found, with the watch in it.
    pub fn with_glossary(rules: Vec<WatchRule>, glossary: &Glossary) -> Result<Self, WatchError> {
        let mut names = HashSet::new();
        let mut res = Self::default();
        let mut phrases = Vec::new();
        let mut atoms = Atoms::default();
        for (number, rule) in rules.into_iter().enumerate() {
            if rule.name.trim().is_empty() {
                return Err(WatchError::Unnamed(number + 1));
            }
            if !names.insert(rule.name.clone()) {
                return Err(WatchError::Duplicate(rule.name));
            }
            if rule.terms.is_empty() && rule.query.is_none() {
                return Err(WatchError::NoTerms(rule.name));
            }
            if let Some(query) = &rule.query {
                let query = waiting(number, query, &rule, glossary, &mut atoms)?;
                res.queries.push(query);
            }
            for text in rule.terms {
                let phrase = Phrase::parse(&text, rule.case)
                    .map_err(|source| WatchError::Term { watch: rule.name.clone(), source })?;
                phrases.push(phrase);
                res.terms.push(Term { text, watch: number });
            }
            res.watches.push(rule.name);
        }
        res.set = PhraseSet::new(phrases).map_err(WatchError::TooMany)?;
        res.names = NameSet::compile(&atoms.terms);
        res.plan(&atoms);
        (res.texts, res.marks, res.looked_for) = (atoms.texts, atoms.marks, atoms.looked_for);
        Ok(res)
    }

    fn plan(&mut self, atoms: &Atoms) {
        self.triggered = vec![Vec::new(); atoms.letters.len()];
        for (at, query) in self.queries.iter().enumerate() {
            match trigger(&query.root, &|it| atoms.letters.get(it).copied().unwrap_or_default()) {
                Some(set) => {
                    for term in set {
                        self.triggered.get_mut(term).into_iter().for_each(|it| it.push(at));
                    }
                }
                None => self.always.push(at),
            }
        }
    }

    /// Whether a term of a query, an alias or an exception is found in a text, surely or possibly. The languages of the
    /// region are tried in turn: a spelling by itself is too short to tell its own.
    pub fn finds_some(&self, text: &str) -> bool {
        let languages = [None, Some("az"), Some("tr"), Some("uk")];
        languages.iter().any(|it| !self.names.scan(text, *it).is_empty())
    }

    /// The names of all watches in the order of the configuration.
    pub fn names(&self) -> &[String] {
        &self.watches
    }
}

fn waiting(
    watch: usize,
    query: &str,
    rule: &WatchRule,
    glossary: &Glossary,
    atoms: &mut Atoms,
) -> Result<Waiting, WatchError> {
    let query = query::parse(query).map_err(|source| WatchError::Query { watch: rule.name.clone(), source })?;
    let query = glossary.applied(query);
    let refused = |source| WatchError::Except { watch: rule.name.clone(), source };
    let mut numbers = Vec::with_capacity(query.terms.len());
    for written in query.terms {
        let QueryTerm { text, term, manner } = &written;
        let aliases: Vec<_> = rule.aliases.iter().filter(|it| it.0 == *text).flat_map(|it| &it.1).collect();
        // An alias belongs to its watch, and so does a term that has aliases.
        let owner = (!aliases.is_empty()).then_some(watch);
        if let Some(number) = atoms.numbers.get(&(term.clone(), *manner, owner)) {
            numbers.push(*number);
            continue;
        }
        let number = atoms.add(written.clone(), owner);
        // A marked term means this very spelling.
        let forms = if *manner == Manner::Name { glossary.forms(text) } else { Vec::new() };
        for (form, other) in forms.into_iter().filter(|it| it.1 != *term) {
            atoms.look_for(number, form.clone(), other.clone());
        }
        for form in aliases {
            atoms.look_for(number, form.clone(), NameTerm::parse(form, Manner::Name).map_err(refused)?);
        }
        numbers.push(number);
    }
    let root = renumbered(&query.root, &|it| numbers.get(it).copied().unwrap_or_default());
    let mut except = Vec::new();
    for text in &rule.except {
        let term = NameTerm::parse(text, Manner::Name).map_err(refused)?;
        let is_word = term.is_word();
        // Exceptions are separate from terms of queries, for which the glossary may have other forms.
        let known = atoms.numbers.get(&(term.clone(), Manner::Name, EXCEPTIONS)).copied();
        let add = || atoms.add(QueryTerm { text: text.clone(), term, manner: Manner::Name }, EXCEPTIONS);
        except.push((known.unwrap_or_else(add), is_word));
    }
    Ok(Waiting { watch, root, except })
}

/// The owner under which the exceptions of all watches are stored.
const EXCEPTIONS: Option<usize> = Some(usize::MAX);

/// The terms of all queries, each once, and all forms that are looked for.
#[derive(Debug, Default)]
struct Atoms {
    texts: Vec<String>,
    marks: Vec<&'static str>,
    /// For each term its number of letters, which says how rare it is.
    letters: Vec<usize>,
    /// Also keyed by manner: an acronym with a mark is the same term but has no forms in other languages.
    numbers: HashMap<(NameTerm, Manner, Option<usize>), usize>,
    /// By form.
    terms: Vec<NameTerm>,
    looked_for: Vec<LookedFor>,
}

impl Atoms {
    fn add(&mut self, written: QueryTerm, owner: Option<usize>) -> usize {
        let number = self.texts.len();
        self.letters.push(written.term.letters());
        self.texts.push(written.text.clone());
        self.marks.push(written.mark());
        let QueryTerm { text, term, manner } = written;
        self.numbers.insert((term.clone(), manner, owner), number);
        self.look_for(number, text, term);
        number
    }

    fn look_for(&mut self, atom: usize, form: String, term: NameTerm) {
        for joined in term.joined_in_persian() {
            self.looked_for.push(LookedFor { atom, form: form.clone() });
            self.terms.push(joined);
        }
        self.looked_for.push(LookedFor { atom, form });
        self.terms.push(term);
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    fn rule(name: &str, terms: &[&str]) -> WatchRule {
        let terms = terms.iter().map(|it| (*it).to_owned()).collect();
        WatchRule { name: name.to_owned(), terms, ..WatchRule::default() }
    }

    #[track_caller]
    fn refused(rules: Vec<WatchRule>, message: &str) {
        let error = Watchlist::compile(rules).unwrap_err();
        let cause = error.source().map(|it| format!(": {it}")).unwrap_or_default();
        assert_eq!(format!("{error}{cause}"), message);
    }

    #[test]
    fn refuses_what_makes_no_sense_and_names_the_watch() {
        let queried = |query: &str| vec![WatchRule { query: Some(query.to_owned()), ..rule("a", &[]) }];
        for (rules, message) in [
            (vec![rule("a", &["NATO"]), rule(" ", &["NATO"])], "watch number 2 has no name"),
            (vec![rule("a", &["NATO"]), rule("a", &["ITPP"])], "watch \"a\" is there twice"),
            (vec![rule("a", &[])], "watch \"a\" has no terms"),
            (
                vec![rule("a", &["NATO", ""])],
                "watch \"a\" has a term that can't be looked for: phrase \"\" has no word of two letters or more",
            ),
            (
                vec![rule("a", &["x"])],
                "watch \"a\" has a term that can't be looked for: phrase \"x\" has no word of two letters or more",
            ),
            (
                vec![rule("a", &["Vi*"])],
                "watch \"a\" has a term that can't be looked for: phrase \"Vi*\" has fewer than 3 letters before *",
            ),
            (
                queried("Vinnikov OR"),
                "watch \"a\" has a query that can't be used: at character 10, “OR”: something must stand after this",
            ),
            (
                vec![WatchRule { except: vec!["?".to_owned()], ..queried("Vinnikov").remove(0) }],
                "watch \"a\" has an exception or alias that can't be looked for: \"?\" has no word of two letters or more",
            ),
        ] {
            refused(rules, message);
        }
    }

    #[test]
    fn too_many_terms_are_refused() {
        let terms = vec!["NATO".to_owned(); 200_001];
        let rule = WatchRule { name: "a".to_owned(), terms, ..WatchRule::default() };
        refused(vec![rule], "the watches have too many terms together: 200001 phrases are more than 200000");
    }

    #[test]
    fn a_text_with_a_term_is_told_from_one_without() {
        let rule = WatchRule { query: Some("Vinnikov AND lang:ru".to_owned()), ..rule("a", &[]) };
        let list = Watchlist::compile(vec![rule]).unwrap();
        for text in ["Виников", "Vinnikovun", "Vinnikov Street", "ვინიკოვმა"] {
            assert!(list.finds_some(text), "{text}");
        }
        for text in ["Winterberg", "Сидоров", ""] {
            assert!(!list.finds_some(text), "{text}");
        }
    }

    /// Found in a review: of equal terms with different marks the first one's held for all, in one query and over all
    /// watches.
    #[test]
    fn a_mark_holds_where_it_stands() {
        let glossary = Glossary::new(vec![vec!["NATO".to_owned(), "НАТО".to_owned()]], Vec::new(), Vec::new()).unwrap();
        let queried = |name: &str, query: &str| WatchRule { query: Some(query.to_owned()), ..rule(name, &[]) };
        let fires = |rules: Vec<WatchRule>, text: &str| {
            let list = Watchlist::with_glossary(rules, &glossary).unwrap();
            let found = list.names.scan(text, Some("ru"));
            found.iter().map(|it| list.looked_for[it.term].atom).collect::<HashSet<_>>().len()
        };
        assert_eq!(fires(vec![queried("a", "!NATO"), queried("b", "NATO")], "страны НАТО"), 1);
        assert_eq!(fires(vec![queried("a", "!NATO"), queried("b", "NATO")], "страны NATO"), 2);
        assert_eq!(fires(vec![queried("a", "!NATO OR (NATO AND lang:ru)")], "страны НАТО"), 1);
        assert_eq!(fires(vec![queried("a", "NATO"), queried("b", "!NATO")], "страны НАТО"), 1);
        let list = Watchlist::compile(vec![queried("a", "!NATO AND (=Vinnikov OR NATO)")]).unwrap();
        assert_eq!(list.marks, ["!", "=", ""]);
    }

    #[test]
    fn keeps_names_in_order() {
        let list = Watchlist::compile(vec![rule("b", &["NATO"]), rule("a", &["ITPP"])]).unwrap();
        assert_eq!(list.names(), ["b", "a"]);
        assert!(Watchlist::compile(Vec::new()).unwrap().names().is_empty());
    }
}
