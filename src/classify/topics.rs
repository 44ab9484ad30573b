//! Checks configured topics and makes their phrases ready to be looked for. Must not look at an article.

use std::collections::{HashMap, HashSet};

use super::{named::Names, score::MAX_GAIN};
use crate::{
    model::Evidence,
    text::{CaseRule, Phrase, PhraseError, PhraseSet},
};

/// A topic as it is configured.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicRule {
    /// Names it: letters `a`–`z`, digits and `-`, 1–64 characters.
    pub id: String,
    /// Shown to people.
    pub name: String,
    /// The id of the topic above it; topics have two levels.
    pub parent: Option<String>,
    /// What speaks for the topic.
    pub phrases: Vec<PhraseGroup>,
    /// In every group, one phrase at least has to occur.
    pub required: Vec<Vec<String>>,
    /// None of these may occur.
    pub excluded: Vec<String>,
    /// The score from which on the topic holds, over 0.
    pub threshold: f32,
    /// Whether it is also given by examples. It then needs no phrases; what it requires and excludes still holds.
    pub is_learned: bool,
}

/// Phrases that speak for a topic with the same weight.
#[derive(Debug, Clone, PartialEq)]
pub struct PhraseGroup {
    /// What each counts: over 0, at most 100.
    pub weight: f32,
    /// Maximum weight of all of them together, over 0. Keeps the many forms and languages of one notion, or one notion
    /// that fills a text, from replacing the others that the topic needs.
    pub at_most: Option<f32>,
    /// The phrases.
    pub any: Vec<String>,
}

/// Topics that can't be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TopicError {
    /// An id of other characters, or none.
    #[error("topic id {0:?} is not 1–64 of the characters a–z, 0–9 and -")]
    Id(String),
    /// Two topics of one id.
    #[error("topic {0:?} is there twice")]
    Duplicate(String),
    /// A parent that is no topic.
    #[error("topic {id:?} has the parent {parent:?}, which is no topic")]
    UnknownParent {
        /// The topic.
        id: String,
        /// Its parent.
        parent: String,
    },
    /// A third level, or a circle.
    #[error("topic {id:?} has the parent {parent:?}, which has a parent itself; topics have two levels")]
    NestedParent {
        /// The topic.
        id: String,
        /// Its parent.
        parent: String,
    },
    /// It has no phrases and is not a heading over other topics.
    #[error("topic {0:?} has no phrases and no topics under it")]
    Empty(String),
    /// A required group that nothing can meet.
    #[error("topic {0:?} has an empty group in `required`")]
    EmptyGroup(String),
    /// A phrase that can't be looked for.
    #[error("topic {id:?} has a phrase that can't be looked for")]
    Phrase {
        /// The topic.
        id: String,
        /// Why not.
        source: PhraseError,
    },
    /// A phrase in two groups.
    #[error("topic {id:?} weighs the phrase {phrase:?} in two groups")]
    Repeated {
        /// The topic.
        id: String,
        /// The phrase.
        phrase: String,
    },
    /// A phrase that ends like the remark with which evidence says how a phrase was found.
    #[error(
        "topic {id:?} has the phrase {phrase:?}; leave out the brackets at its end, which tell in evidence how a phrase was found"
    )]
    Ambiguous {
        /// The topic.
        id: String,
        /// The phrase.
        phrase: String,
    },
    /// A weight or a limit out of range.
    #[error("topic {id:?}: the {what} {value} is not over 0 and at most 100")]
    Weight {
        /// The topic.
        id: String,
        /// The key of the number.
        what: &'static str,
        /// The number.
        value: f32,
    },
    /// A threshold out of range.
    #[error("topic {id:?}: the threshold {threshold} is not over 0 and at most 10000")]
    Threshold {
        /// The topic.
        id: String,
        /// Its threshold.
        threshold: f32,
    },
    /// A threshold that no article can reach.
    #[error("topic {id:?} can never reach its threshold {threshold}: its phrases count {most} at most")]
    Unreachable {
        /// The topic.
        id: String,
        /// Its threshold.
        threshold: f32,
        /// The score if every phrase were in the title and repeated.
        most: f32,
    },
    /// More phrases over all topics than a set takes.
    #[error("the topics have too many phrases together")]
    TooMany(#[source] PhraseError),
}

impl TopicError {
    /// The id of the wrong topic; `None` if the error concerns no single topic.
    pub fn topic(&self) -> Option<&str> {
        match self {
            Self::Id(id)
            | Self::Duplicate(id)
            | Self::Empty(id)
            | Self::EmptyGroup(id)
            | Self::UnknownParent { id, .. }
            | Self::NestedParent { id, .. }
            | Self::Phrase { id, .. }
            | Self::Repeated { id, .. }
            | Self::Ambiguous { id, .. }
            | Self::Weight { id, .. }
            | Self::Threshold { id, .. }
            | Self::Unreachable { id, .. } => Some(id),
            Self::TooMany(_) => None,
        }
    }
}

/// A topic, ready for use.
#[derive(Debug, Clone)]
pub struct Topic {
    /// Names it.
    pub id: String,
    /// Shown to people.
    pub name: String,
    /// The id of the topic above it.
    pub parent: Option<String>,
    /// The score from which on it holds.
    pub threshold: f32,
    /// For each group of phrases its maximum weight. Empty for a topic that is only a heading over others, or learned.
    pub(super) limits: Vec<Option<f32>>,
    pub(super) required: Vec<Vec<String>>,
    pub(super) is_learned: bool,
}

impl Topic {
    /// Whether it has phrases that can make it hold.
    pub fn has_phrases(&self) -> bool {
        !self.limits.is_empty()
    }
}

/// What a phrase means to a topic.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role {
    /// Speaks for it, as one of the phrase group of this number.
    Weight { group: usize, weight: f32 },
    /// Meets the required group of this number.
    Required(usize),
    /// Rules it out.
    Excluded,
}

/// A phrase with the topics that use it, by their number.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) text: String,
    pub(super) uses: Vec<(usize, Role)>,
}

/// All topics, ready for use. Their phrases are one set, and those that are names another, so that an article is read
/// once for all.
#[derive(Debug, Clone, Default)]
pub struct Topics {
    pub(super) all: Vec<Topic>,
    pub(super) rules: Vec<Rule>,
    pub(super) set: PhraseSet,
    pub(super) names: Names,
}

impl Topics {
    /// Checks the rules and makes them ready.
    ///
    /// # Errors
    ///
    /// Every [`TopicError`]; the first that is found, with the topic in it.
    pub fn compile(rules: Vec<TopicRule>) -> Result<Self, TopicError> {
        check_family(&rules)?;
        let mut builder = Builder::default();
        let mut topics = Vec::with_capacity(rules.len());
        for (number, rule) in rules.into_iter().enumerate() {
            builder.add(number, &rule)?;
            topics.push(Topic {
                limits: rule.phrases.iter().map(|it| it.at_most).collect(),
                id: rule.id,
                name: rule.name,
                parent: rule.parent,
                threshold: rule.threshold,
                required: rule.required,
                is_learned: rule.is_learned,
            });
        }
        let set = PhraseSet::new(builder.phrases).map_err(TopicError::TooMany)?;
        let names = Names::of(builder.rules.iter().map(|it| it.text.as_str()));
        Ok(Self { all: topics, rules: builder.rules, set, names })
    }

    /// All topics in the order of the configuration, those that are only headings included.
    pub fn all(&self) -> &[Topic] {
        &self.all
    }

    /// The topic of this id.
    pub fn get(&self, id: &str) -> Option<&Topic> {
        self.all.iter().find(|it| it.id == id)
    }
}

/// Checks what does not concern the phrases: ids, parents, thresholds.
fn check_family(rules: &[TopicRule]) -> Result<(), TopicError> {
    let mut parents = HashMap::new();
    for rule in rules {
        let id = || rule.id.clone();
        let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        if !(1..=64).contains(&rule.id.len()) || !rule.id.bytes().all(fits) {
            return Err(TopicError::Id(id()));
        }
        if !(rule.threshold > 0.0 && rule.threshold <= 10_000.0) {
            return Err(TopicError::Threshold { id: id(), threshold: rule.threshold });
        }
        if parents.insert(rule.id.as_str(), rule.parent.as_deref()).is_some() {
            return Err(TopicError::Duplicate(id()));
        }
    }
    let mut with_children = HashSet::new();
    for rule in rules {
        let Some(parent) = rule.parent.as_deref() else { continue };
        let names = || (rule.id.clone(), parent.to_owned());
        match parents.get(parent) {
            None => {
                let (id, parent) = names();
                return Err(TopicError::UnknownParent { id, parent });
            }
            Some(Some(_)) => {
                let (id, parent) = names();
                return Err(TopicError::NestedParent { id, parent });
            }
            Some(None) => with_children.insert(parent),
        };
    }
    let is_empty = |it: &&TopicRule| it.phrases.is_empty() && !it.is_learned && !with_children.contains(it.id.as_str());
    match rules.iter().find(is_empty) {
        Some(empty) => Err(TopicError::Empty(empty.id.clone())),
        None => Ok(()),
    }
}

fn in_range(rule: &TopicRule, what: &'static str, value: f32) -> Result<f32, TopicError> {
    match value > 0.0 && value <= 100.0 {
        true => Ok(value),
        false => Err(TopicError::Weight { id: rule.id.clone(), what, value }),
    }
}

#[derive(Default)]
struct Builder {
    phrases: Vec<Phrase>,
    rules: Vec<Rule>,
    /// Indexes in both of the above by the phrase's text: topics share many phrases.
    places: HashMap<String, usize>,
}

impl Builder {
    fn add(&mut self, number: usize, rule: &TopicRule) -> Result<(), TopicError> {
        let id = || rule.id.clone();
        let mut weighed = HashMap::new();
        let mut most = 0.0;
        for (number_of_group, group) in rule.phrases.iter().enumerate() {
            let weight = in_range(rule, "weight", group.weight)?;
            let limit = group.at_most.map(|it| in_range(rule, "at_most", it)).transpose()?;
            for phrase in &group.any {
                match weighed.insert(phrase, number_of_group) {
                    None => (),
                    // Lists overlap; the phrase counts only once.
                    Some(known) if known == number_of_group => continue,
                    Some(_) => return Err(TopicError::Repeated { id: id(), phrase: phrase.clone() }),
                }
                self.note(number, rule, phrase, Role::Weight { group: number_of_group, weight })?;
            }
            let all = std::iter::repeat_n(weight * MAX_GAIN, group.any.len()).sum::<f32>();
            most += limit.map_or(all, |it| it.min(all));
        }
        if !rule.phrases.is_empty() && most < rule.threshold {
            return Err(TopicError::Unreachable { id: id(), threshold: rule.threshold, most });
        }
        for (group, phrases) in rule.required.iter().enumerate() {
            if phrases.is_empty() {
                return Err(TopicError::EmptyGroup(id()));
            }
            for phrase in phrases {
                self.note(number, rule, phrase, Role::Required(group))?;
            }
        }
        for phrase in &rule.excluded {
            self.note(number, rule, phrase, Role::Excluded)?;
        }
        Ok(())
    }

    fn note(&mut self, number: usize, rule: &TopicRule, text: &str, role: Role) -> Result<(), TopicError> {
        if let Some(known) = self.places.get(text).and_then(|place| self.rules.get_mut(*place)) {
            known.uses.push((number, role));
            return Ok(());
        }
        if Evidence::found_by(text).1.is_some() {
            return Err(TopicError::Ambiguous { id: rule.id.clone(), phrase: text.to_owned() });
        }
        let phrase =
            Phrase::parse(text, CaseRule::Auto).map_err(|source| TopicError::Phrase { id: rule.id.clone(), source })?;
        self.places.insert(text.to_owned(), self.phrases.len());
        self.phrases.push(phrase);
        self.rules.push(Rule { text: text.to_owned(), uses: vec![(number, role)] });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    fn rule(id: &str, parent: Option<&str>, phrases: &[&str]) -> TopicRule {
        TopicRule {
            id: id.to_owned(),
            name: id.to_owned(),
            parent: parent.map(str::to_owned),
            phrases: phrases
                .iter()
                .map(|it| PhraseGroup { weight: 1.0, at_most: None, any: vec![(*it).to_owned()] })
                .collect(),
            required: Vec::new(),
            excluded: Vec::new(),
            threshold: 1.0,
            is_learned: false,
        }
    }

    #[track_caller]
    fn refused(rules: Vec<TopicRule>, message: &str) {
        let error = Topics::compile(rules).unwrap_err();
        let cause = error.source().map(|it| format!(": {it}")).unwrap_or_default();
        assert_eq!(format!("{error}{cause}"), message);
    }

    #[test]
    fn refuses_what_makes_no_sense_and_names_the_topic() {
        refused(vec![rule("NATO", None, &["x1"])], "topic id \"NATO\" is not 1–64 of the characters a–z, 0–9 and -");
        refused(vec![rule("", None, &["x1"])], "topic id \"\" is not 1–64 of the characters a–z, 0–9 and -");
        refused(vec![rule("a", None, &["x1"]), rule("a", None, &["x2"])], "topic \"a\" is there twice");
        refused(vec![rule("a", Some("b"), &["x1"])], "topic \"a\" has the parent \"b\", which is no topic");
        refused(
            vec![rule("a", None, &["x1"]), rule("b", Some("a"), &["x1"]), rule("c", Some("b"), &["x1"])],
            "topic \"c\" has the parent \"b\", which has a parent itself; topics have two levels",
        );
        refused(
            vec![rule("a", Some("a"), &["x1"])],
            "topic \"a\" has the parent \"a\", which has a parent itself; topics have two levels",
        );
        refused(vec![rule("a", None, &[])], "topic \"a\" has no phrases and no topics under it");
        refused(
            vec![rule("a", None, &["Az*"])],
            "topic \"a\" has a phrase that can't be looked for: phrase \"Az*\" has fewer than 3 letters before *",
        );
        refused(
            vec![rule("a", None, &[" "])],
            "topic \"a\" has a phrase that can't be looked for: phrase \" \" has no word of two letters or more",
        );
        for phrase in ["Vinnikov (transliterated)", "x1 (inflected)", "x1 (respelled)"] {
            let message = format!(
                "topic \"a\" has the phrase {phrase:?}; leave out the brackets at its end, which tell in evidence how a phrase was found"
            );
            refused(vec![rule("a", None, &[phrase])], &message);
            refused(vec![TopicRule { excluded: vec![phrase.to_owned()], ..rule("a", None, &["x1"]) }], &message);
        }
        assert!(Topics::compile(vec![rule("a", None, &["x1 (Tbilisi)", "transliterated"])]).is_ok());
        refused(vec![rule("a", None, &["x1", "x1"])], "topic \"a\" weighs the phrase \"x1\" in two groups");
    }

    #[test]
    fn refuses_numbers_out_of_range() {
        for weight in [0.0, -1.0, f32::NAN, f32::INFINITY, 101.0] {
            let mut it = rule("a", None, &["x1"]);
            it.phrases[0].weight = weight;
            refused(vec![it], &format!("topic \"a\": the weight {weight} is not over 0 and at most 100"));
            let mut it = rule("a", None, &["x1"]);
            it.phrases[0].at_most = Some(weight);
            refused(vec![it], &format!("topic \"a\": the at_most {weight} is not over 0 and at most 100"));
        }
        for threshold in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            let it = TopicRule { threshold, ..rule("a", None, &["x1"]) };
            refused(vec![it], &format!("topic \"a\": the threshold {threshold} is not over 0 and at most 10000"));
        }
        let it = TopicRule { threshold: 7.0, ..rule("a", None, &["x1", "x2"]) };
        refused(vec![it], "topic \"a\" can never reach its threshold 7: its phrases count 6 at most");
        let it = TopicRule { required: vec![vec!["x2".to_owned()], vec![]], ..rule("a", None, &["x1"]) };
        refused(vec![it], "topic \"a\" has an empty group in `required`");
    }

    #[test]
    fn keeps_headings_and_order() {
        let topics = Topics::compile(vec![rule("b", Some("h"), &["x1"]), rule("h", None, &[])]).unwrap();
        assert_eq!(topics.all().iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["b", "h"]);
        assert_eq!(topics.get("b").unwrap().parent.as_deref(), Some("h"));
        assert!(topics.get("x").is_none());
        assert!(Topics::compile(Vec::new()).unwrap().all().is_empty());
    }
}
