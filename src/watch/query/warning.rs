use std::fmt;

use crate::text::{self, names::NameTerm};

/// A term is found by fewer letters than this too often.
const FEW_LETTERS: usize = 5;

/// Something that makes a query wider than its writer may think.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// A name of few letters sounds like many words.
    Short(String),
    /// One of the most frequent words of a language.
    Frequent(String),
    /// A name that sounds like a word of everyday language: the term, the word, its language.
    Everyday(String, String, &'static str),
}

impl Warning {
    /// What there is to say of a term.
    pub(super) fn of(written: &str, term: &NameTerm) -> Vec<Self> {
        let mut res = Vec::new();
        if term.is_name() && term.letters() < FEW_LETTERS {
            res.push(Self::Short(written.to_owned()));
        }
        if text::is_stop_word(&text::fold(written)) {
            res.push(Self::Frequent(written.to_owned()));
        } else if let Some((word, language)) = term.everyday() {
            res.push(Self::Everyday(written.to_owned(), word.to_owned(), language));
        }
        res
    }
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
            Self::Frequent(term) => {
                write!(f, "“{term}” is a word of nearly every text; a second word would tell what is meant")
            }
            Self::Everyday(term, word, language) => {
                write!(
                    f,
                    "“{term}” sounds like “{word}”, an everyday word of {language}; a second word would tell them apart"
                )
            }
        }
    }
}
