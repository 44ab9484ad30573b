//! Watched terms found in an article, and how sure each find is. Plain data and its wording; must not decide whether a
//! watch fires.

use std::{collections::HashSet, ops::Range};

use super::{Alert, Field};

/// The relation of a word to the term for which it was taken, from surest to least sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Closeness {
    /// The same letters.
    Exact,
    /// The same letters with a case ending.
    Inflected,
    /// The same sounds in the letters of another script.
    Transliterated,
    /// Another spelling that sounds much the same.
    Respelled,
    /// It may be the name, an everyday word or another name. Never enough for an alert.
    Weak,
}

impl Closeness {
    /// The word for it in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Inflected => "inflected",
            Self::Transliterated => "transliterated",
            Self::Respelled => "respelled",
            Self::Weak => "weak",
        }
    }

    /// Whether it is sure enough for an alert.
    pub fn is_sure(self) -> bool {
        self != Self::Weak
    }
}

/// A watched term found in an article, and how sure it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The term, as configured.
    pub term: String,
    /// The part of the article that `span` points into.
    pub field: Field,
    /// Byte range, on character boundaries.
    pub span: Range<usize>,
    /// The words as they stand in the text.
    pub form: String,
    /// The sentence they stand in.
    pub sentence: String,
    /// How the words stand to the term.
    pub closeness: Closeness,
    /// From 0, nothing in common, to 1, the same letters.
    pub score: f32,
    /// The case ending that was cut off, folded.
    pub ending: Option<String>,
    /// Why the words were taken for the term, in one plain sentence.
    pub why: String,
}

impl Hit {
    /// How the form stands to the term in a few words, to be set after the form: `inflected form of Vinnikov`. None
    /// where both are the same.
    pub fn relation(&self) -> Option<String> {
        relation(self.closeness, self.ending.is_some(), &self.form, &self.term)
    }
}

/// See [`Hit::relation`].
pub fn relation(closeness: Closeness, has_ending: bool, form: &str, term: &str) -> Option<String> {
    let words = match closeness {
        Closeness::Weak => "possibly",
        Closeness::Respelled => "another spelling of",
        // The surname before the given name.
        Closeness::Inflected if is_turned_round(form, term) => return None,
        Closeness::Inflected => "inflected form of",
        Closeness::Transliterated | Closeness::Exact if has_ending => "inflected form of",
        Closeness::Transliterated => "transliteration of",
        // The same words, whatever their case: a phrase at the start of a sentence.
        Closeness::Exact if form == term || form.to_lowercase() == term.to_lowercase() => return None,
        Closeness::Exact => "stands for",
    };
    Some(format!("{words} {term}"))
}

/// Whether a form has the same two words as a term, the other way round.
fn is_turned_round(form: &str, term: &str) -> bool {
    let words = |text: &str| text.to_lowercase().split_once(' ').map(|(a, b)| [a.to_owned(), b.to_owned()]);
    matches!((words(form), words(term)), (Some([a, b]), Some([c, d])) if a == d && b == c)
}

/// What a watch may have found in an article, not sure enough for an alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Possible {
    /// The watch's name.
    pub watch: String,
    /// What was found, in the order of the text. Never empty.
    pub hits: Vec<Hit>,
}

impl Possible {
    /// The hits for terms for which its watch has not fired in the story; `None` if there are none. Most possible hits
    /// are in scripts without capitals, and a report in another script confirms the name.
    pub fn open(&self, alerts: &[Alert]) -> Option<Self> {
        let told = alerts.iter().filter(|it| it.watch == self.watch).flat_map(|it| &it.hits);
        let told: HashSet<&str> = told.map(|it| it.term.as_str()).collect();
        let hits: Vec<_> = self.hits.iter().filter(|it| !told.contains(it.term.as_str())).cloned().collect();
        (!hits.is_empty()).then(|| Self { watch: self.watch.clone(), hits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_possible_is_open_until_its_term_is_found() {
        use crate::model::{AlertId, AlertKind, ArticleId, StoryId, Timestamp};

        let hit = |term: &str| Hit {
            term: term.to_owned(),
            field: Field::Body,
            span: 0..1,
            form: "x".to_owned(),
            sentence: "x".to_owned(),
            closeness: Closeness::Weak,
            score: 0.5,
            ending: None,
            why: String::new(),
        };
        let alert = |watch: &str, term: &str| Alert {
            id: AlertId(1),
            watch: watch.to_owned(),
            article: ArticleId(1),
            story: StoryId(ArticleId(1)),
            hits: vec![hit(term)],
            raised: Timestamp::UNIX_EPOCH,
            kind: AlertKind::Found,
        };
        let possible = Possible { watch: "w".to_owned(), hits: vec![hit("Darcha"), hit("Nora")] };
        let open = |alerts: &[Alert]| possible.open(alerts).map_or(0, |it| it.hits.len());
        assert_eq!(open(&[]), 2);
        assert_eq!(open(&[alert("w", "ITPP"), alert("other", "Darcha")]), 2);
        assert_eq!(open(&[alert("w", "Darcha")]), 1);
        assert_eq!(open(&[alert("w", "Darcha"), alert("w", "Nora")]), 0);
    }

    #[test]
    fn says_how_a_form_stands_to_its_term() {
        use Closeness::{Exact, Inflected, Respelled, Transliterated, Weak};

        for (closeness, has_ending, form, expected) in [
            (Exact, false, "Vinnikov", None),
            (Exact, false, "VINNIKOV", None),
            (Exact, false, "ВИННИКОВ", Some("stands for Vinnikov")),
            (Inflected, true, "Vinnikovun", Some("inflected form of Vinnikov")),
            (Transliterated, true, "Винниковым", Some("inflected form of Vinnikov")),
            (Transliterated, false, "Винников", Some("transliteration of Vinnikov")),
            (Respelled, false, "Winikow", Some("another spelling of Vinnikov")),
            (Weak, true, "Винокова", Some("possibly Vinnikov")),
        ] {
            assert_eq!(relation(closeness, has_ending, form, "Vinnikov").as_deref(), expected, "{form}");
        }
        assert_eq!(relation(Inflected, false, "PASHINYAN Nikol", "Nikol Pashinyan"), None);
    }
}
