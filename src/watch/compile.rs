use std::collections::HashSet;

use crate::text::{CaseRule, Phrase, PhraseError, PhraseSet};

/// A watch as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchRule {
    /// Names it, in alerts too.
    pub name: String,
    /// Any of these fires it.
    pub terms: Vec<String>,
    /// When the case of their letters counts.
    pub case: CaseRule,
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
    /// No terms.
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
    /// More terms over all watches than a set takes.
    #[error("the watches have too many terms together")]
    TooMany(#[source] PhraseError),
}

#[derive(Debug, Clone)]
pub(super) struct Term {
    pub(super) text: String,
    /// The number of its watch.
    pub(super) watch: usize,
}

/// All watches, ready for use. Their terms are one set, so that an article is read once for all.
#[derive(Debug, Clone, Default)]
pub struct Watchlist {
    /// Names.
    pub(super) watches: Vec<String>,
    /// By their place in the set.
    pub(super) terms: Vec<Term>,
    pub(super) set: PhraseSet,
}

impl Watchlist {
    /// Checks the rules and makes them ready.
    ///
    /// # Errors
    ///
    /// Every [`WatchError`]; the first that is found, with the watch in it.
    pub fn compile(rules: Vec<WatchRule>) -> Result<Self, WatchError> {
        let mut names = HashSet::new();
        let mut res = Self::default();
        let mut phrases = Vec::new();
        for (number, rule) in rules.into_iter().enumerate() {
            if rule.name.trim().is_empty() {
                return Err(WatchError::Unnamed(number + 1));
            }
            if !names.insert(rule.name.clone()) {
                return Err(WatchError::Duplicate(rule.name));
            }
            if rule.terms.is_empty() {
                return Err(WatchError::NoTerms(rule.name));
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
        Ok(res)
    }

    /// The names of all watches in the order of the configuration.
    pub fn names(&self) -> &[String] {
        &self.watches
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    fn rule(name: &str, terms: &[&str]) -> WatchRule {
        let terms = terms.iter().map(|it| (*it).to_owned()).collect();
        WatchRule { name: name.to_owned(), terms, case: CaseRule::Auto }
    }

    #[track_caller]
    fn refused(rules: Vec<WatchRule>, message: &str) {
        let error = Watchlist::compile(rules).unwrap_err();
        let cause = error.source().map(|it| format!(": {it}")).unwrap_or_default();
        assert_eq!(format!("{error}{cause}"), message);
    }

    #[test]
    fn refuses_what_makes_no_sense_and_names_the_watch() {
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
        ] {
            refused(rules, message);
        }
    }

    #[test]
    fn too_many_terms_are_refused() {
        let terms = vec!["NATO".to_owned(); 200_001];
        let rule = WatchRule { name: "a".to_owned(), terms, case: CaseRule::Auto };
        refused(vec![rule], "the watches have too many terms together: 200001 phrases are more than 200000");
    }

    #[test]
    fn keeps_names_in_order() {
        let list = Watchlist::compile(vec![rule("b", &["NATO"]), rule("a", &["ITPP"])]).unwrap();
        assert_eq!(list.names(), ["b", "a"]);
        assert!(Watchlist::compile(Vec::new()).unwrap().names().is_empty());
    }
}
