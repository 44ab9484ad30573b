//! A term found in a text, with how sure the find is and why.

use std::ops::Range;

pub use crate::model::Closeness;

/// A term found in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// The number of the term in its set.
    pub term: usize,
    /// Where it stands in the original text, in bytes, on character boundaries. Without an ending after an apostrophe.
    pub span: Range<usize>,
    /// How sure it is.
    pub closeness: Closeness,
    /// From 0, nothing in common, to 1, the same letters.
    pub score: f32,
    /// The case ending of the last word that was found with one, folded.
    pub ending: Option<String>,
    /// How the given name stands to the surname, if the term has both.
    pub given: GivenName,
    /// Why it is weak; `None` if it is sure.
    pub doubt: Option<Doubt>,
}

/// How a text has the given name of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GivenName {
    /// As in the term, or the term has none.
    #[default]
    Written,
    /// After the surname.
    After,
    /// As an initial, before the surname or after it.
    Initial,
}

/// What keeps a sighting from being sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// It sounds only roughly like the term.
    Distant,
    /// It is an everyday word, and nothing beside it says that it is a name.
    Everyday,
    /// It is another spelling in Persian, and nothing beside it says that it is a name.
    Unconfirmed,
    /// It begins a sentence, where any word has a capital letter, and is no exact spelling of the term.
    FirstWord,
}

impl Sighting {
    /// Why the words `form` of a text were taken for `term`, in one plain sentence.
    pub fn why(&self, term: &str, form: &str) -> String {
        let (order, joint) = match self.given {
            GivenName::Written => ("", "with"),
            GivenName::After => (" with the surname first", "and"),
            GivenName::Initial => (" with an initial for the given name", "and"),
        };
        let ending = self.ending.as_ref().map(|it| format!(" {joint} the ending “{it}”")).unwrap_or_default();
        let ending = format!("{order}{ending}");
        match (self.closeness, self.doubt) {
            (Closeness::Exact, _) => format!("“{form}” is “{term}” letter by letter."),
            (Closeness::Inflected, _) => format!("“{form}” is “{term}”{ending}."),
            (Closeness::Transliterated, _) => format!("“{form}” sounds like “{term}” in another script{ending}."),
            (Closeness::Respelled, _) => {
                format!("“{form}” is another spelling that sounds much like “{term}”{ending}.")
            }
            (Closeness::Weak, Some(Doubt::Everyday)) => format!(
                "“{form}” sounds like “{term}”{ending}, but it is an everyday word and no given name or title stands beside it."
            ),
            (Closeness::Weak, Some(Doubt::Unconfirmed)) => {
                format!("“{form}” sounds somewhat like “{term}”{ending}, but no given name or title stands beside it.")
            }
            (Closeness::Weak, Some(Doubt::FirstWord)) => format!(
                "“{form}” sounds somewhat like “{term}”{ending}, but it begins a sentence, where every word has a capital."
            ),
            (Closeness::Weak, _) => format!("“{form}” sounds only roughly like “{term}”{ending}."),
        }
    }
}
