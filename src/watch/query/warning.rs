//! Warnings about queries that are valid but find more, or less, than their writer may expect. A warning must never
//! refuse a query.

use std::fmt;

use crate::text::{
    self,
    names::{Manner, NameTerm, Script},
};

use super::QueryTerm;

/// A term of fewer letters than this is found too often.
const FEW_LETTERS: usize = 5;

/// Acronyms of so few letters stand for many things.
const SHORT_ACRONYM: usize = 3;

/// A term in capitals of so many letters is likely a name, or an acronym that much of the news writes like one:
/// Interpol.
const LONG_ACRONYM: usize = 6;

/// Words that stand in much of the news, in the languages of the region.
const COMMON: &str = include_str!("common.txt");

/// Something that makes a query wider than its writer may think, or narrower.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// A name of few letters sounds like many words, and a word of few is one of many meanings.
    Short(String),
    /// An acronym of few letters, which stands for many things.
    ShortAcronym(String),
    /// One of the most frequent words of a language.
    Frequent(String),
    /// A word of much of the news.
    Common(String),
    /// A name that is a word of everyday language, or sounds like one: the term, the word, its language.
    Everyday(String, String, &'static str),
    /// A term that is looked for in its letters, so that ~ changes nothing.
    Loose(String),
    /// A word in small letters, which is found in its script only: the term, the script, the term as a name.
    OneScript(String, &'static str, String),
    /// A long term in capitals, which is found in capitals only, and the term as a name.
    Capitals(String, String),
    /// An excluded term that is found wherever a required one is, so that the query never fires by that.
    Excluded(String, String),
}

impl Warning {
    /// The warnings about a term.
    pub(super) fn of(written: &QueryTerm) -> Vec<Self> {
        let QueryTerm { text, term, manner } = written;
        let mut res = Vec::new();
        let folded = text::fold(text);
        if (term.is_name() || term.is_plain()) && term.letters() < FEW_LETTERS {
            res.push(Self::Short(text.clone()));
        }
        if *manner == Manner::Loose && !term.is_name() {
            res.push(Self::Loose(text.clone()));
        }
        if text::is_stop_word(&folded) {
            res.push(Self::Frequent(text.clone()));
        } else if COMMON.split_whitespace().any(|it| text::fold(it) == folded) {
            res.push(Self::Common(text.clone()));
        } else if term.is_acronym() && *manner == Manner::Name && term.letters() <= SHORT_ACRONYM {
            res.push(Self::ShortAcronym(text.clone()));
        } else if term.is_acronym()
            && *manner == Manner::Name
            && term.letters() >= LONG_ACRONYM
            && let Some(name) = as_name(text)
        {
            res.push(Self::Capitals(text.clone(), name));
        } else if let Some((word, language)) = term.everyday() {
            res.push(Self::Everyday(text.clone(), word.to_owned(), language));
        } else if term.is_word()
            && *manner == Manner::Name
            && let Some((script, name)) = small(text)
        {
            res.push(Self::OneScript(text.clone(), script, name));
        }
        res
    }
}

/// A word in capitals, written as a name; `None` if that would be no name either, as with digits: COVID19.
fn as_name(word: &str) -> Option<String> {
    let rest = word.chars().skip(1).flat_map(char::to_lowercase);
    let name: String = word.chars().take(1).chain(rest).collect();
    NameTerm::parse(&name, Manner::Name).is_ok_and(|it| it.is_name()).then_some(name)
}

/// The script of a word in small letters, and the word as a name is written; none of another word.
fn small(word: &str) -> Option<(&'static str, String)> {
    let first = word.chars().next().filter(|it| it.is_lowercase())?;
    let script = match Script::of(first) {
        Script::Latin => "Latin",
        Script::Cyrillic => "Cyrillic",
        Script::Armenian => "Armenian",
        Script::Georgian | Script::Arabic | Script::Other => return None,
    };
    Some((script, first.to_uppercase().chain(word.chars().skip(1)).collect()))
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short(term) => {
                write!(
                    f,
                    "“{term}” has fewer than {FEW_LETTERS} letters and will be found where it is not meant; a second word would tell them apart"
                )
            }
            Self::ShortAcronym(term) => {
                write!(f, "“{term}”: so few letters stand for many things; a second word would tell what is meant")
            }
            Self::Frequent(term) => {
                write!(f, "“{term}” is a word of nearly every text; a second word would tell what is meant")
            }
            Self::Common(term) => {
                write!(f, "“{term}” is a common word of the news; a second word would tell what is meant")
            }
            Self::Everyday(term, word, language) if text::fold(term) == *word => {
                write!(f, "“{term}” is an everyday word of {language}; a second word would tell what is meant")
            }
            Self::Everyday(term, word, language) => {
                write!(
                    f,
                    "“{term}” sounds like “{word}”, an everyday word of {language}; a second word would tell them apart"
                )
            }
            Self::Loose(term) => {
                write!(f, "~ changes nothing: “{term}” is no name, and found in its own letters only")
            }
            Self::OneScript(term, script, name) => {
                write!(
                    f,
                    "“{term}” is found in {script} letters only; written “{name}” it is taken for a name and found in all scripts"
                )
            }
            Self::Capitals(term, name) => {
                write!(
                    f,
                    "“{term}” is found in capitals only; written “{name}” it is taken for a name and found in all scripts"
                )
            }
            // In other scripts the name may still be found.
            Self::Excluded(excluded, asked) if excluded.ends_with('*') => {
                write!(
                    f,
                    "“{excluded}” is found wherever “{asked}” is in these letters, and excluded, so this would never fire for it"
                )
            }
            Self::Excluded(excluded, asked) => {
                write!(f, "“{excluded}” is found wherever “{asked}” is, and excluded, so this would never fire")
            }
        }
    }
}
