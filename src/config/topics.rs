//! Reads `topics.toml`. Must not compile topics itself: it hands their rules to `classify`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    classify::{PhraseGroup, TopicRule, examples::Seed},
    digest::TopicName,
};

/// `topics.toml`, as it is written. Its own comment explains the format.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicsFile {
    #[serde(default)]
    lists: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    topic: Vec<TopicEntry>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicEntry {
    id: String,
    name: String,
    parent: Option<String>,
    #[serde(default = "default_threshold")]
    threshold: f32,
    #[serde(default)]
    required: Vec<Vec<String>>,
    #[serde(default)]
    excluded: Vec<String>,
    #[serde(default)]
    phrases: Vec<PhraseEntry>,
    description: Option<String>,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default)]
    examples: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PhraseEntry {
    weight: f32,
    at_most: Option<f32>,
    any: Vec<String>,
}

/// The default threshold of ten points. Documented in the file's comment.
fn default_threshold() -> f32 {
    10.0
}

/// A list that is used but not defined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("topic {topic:?} uses the list \"@{list}\", which is not under [lists]")]
pub struct TopicsFileError {
    /// The topic that uses it.
    pub topic: String,
    /// Its name.
    pub list: String,
}

impl TopicsFile {
    /// The rules, every `@list` replaced by the phrases of the list.
    ///
    /// # Errors
    ///
    /// [`TopicsFileError`] for a list that is not there.
    pub fn rules(self) -> Result<Vec<TopicRule>, TopicsFileError> {
        let lists = self.lists;
        // A topic that is only learned has no rule, unless it rules something out.
        let is_ruled = |it: &TopicEntry| !(it.phrases.is_empty() && it.required.is_empty() && it.excluded.is_empty());
        let (ruled, learned): (Vec<_>, Vec<_>) =
            self.topic.into_iter().partition(|it| is_ruled(it) || !it.is_learned());
        let mut res = ruled.into_iter().map(|it| it.rule(&lists)).collect::<Result<Vec<_>, _>>()?;
        for rule in &mut res {
            // Such a topic is not in the rules, and a parent only for people.
            rule.parent.take_if(|it| learned.iter().any(|other| other.id == *it));
        }
        Ok(res)
    }

    /// All topics as people know them, in the order in which they are written.
    pub fn names(&self) -> Vec<TopicName> {
        let name = |it: &TopicEntry| TopicName { id: it.id.clone(), name: it.name.clone(), parent: it.parent.clone() };
        self.topic.iter().map(name).collect()
    }

    /// The topics that are learned, with their examples and keywords.
    pub fn seeds(&self) -> Vec<Seed> {
        self.topic.iter().filter(|it| it.is_learned()).map(TopicEntry::seed).collect()
    }
}

impl TopicEntry {
    fn is_learned(&self) -> bool {
        !self.examples.is_empty() || !self.keywords.is_empty() || self.description.is_some()
    }

    fn seed(&self) -> Seed {
        Seed {
            id: self.id.clone(),
            examples: self.examples.clone(),
            keywords: self.keywords.iter().chain(&self.description).cloned().collect(),
        }
    }

    fn rule(self, lists: &BTreeMap<String, Vec<String>>) -> Result<TopicRule, TopicsFileError> {
        let spread = |phrases: &[String]| spread(&self.id, lists, phrases);
        let mut phrases = Vec::new();
        for group in &self.phrases {
            phrases.push(PhraseGroup { weight: group.weight, at_most: group.at_most, any: spread(&group.any)? });
        }
        let required = self.required.iter().map(|it| spread(it)).collect::<Result<Vec<_>, _>>()?;
        let excluded = spread(&self.excluded)?;
        let is_learned = self.is_learned();
        let Self { id, name, parent, threshold, .. } = self;
        Ok(TopicRule { id, name, parent, phrases, required, excluded, threshold, is_learned })
    }
}

/// The phrases with every `@list` replaced.
fn spread(
    topic: &str,
    lists: &BTreeMap<String, Vec<String>>,
    phrases: &[String],
) -> Result<Vec<String>, TopicsFileError> {
    let mut res = Vec::with_capacity(phrases.len());
    for phrase in phrases {
        match phrase.strip_prefix('@') {
            None => res.push(phrase.clone()),
            Some(list) => match lists.get(list) {
                Some(of_list) => res.extend_from_slice(of_list),
                None => return Err(TopicsFileError { topic: topic.to_owned(), list: list.to_owned() }),
            },
        }
    }
    Ok(res)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<TopicsFile, toml_edit::de::Error> {
        toml_edit::de::from_str(text)
    }

    #[test]
    fn reads_topics_and_lists() {
        let text = r#"
            [lists]
            nato = ["NATO", "НАТО"]

            [[topic]]
            id = "nato-armenia"
            name = "NATO and Armenia"
            parent = "nato"
            threshold = 3
            required = [["@nato"], ["Armenia*"]]
            excluded = ["chemistry"]

            [[topic.phrases]]
            weight = 2
            any = ["ITPP", "IPAP"]

            [[topic.phrases]]
            weight = 0.5
            at_most = 1.5
            any = ["@nato", "reform*"]

            [[topic]]
            id = "nato"
            name = "NATO"
        "#;
        let rules = read(text).unwrap().rules().unwrap();
        let [first, second] = rules.as_slice() else { panic!("{rules:?}") };
        let owned = |it: &str| it.to_owned();
        assert_eq!(
            first,
            &TopicRule {
                id: owned("nato-armenia"),
                name: owned("NATO and Armenia"),
                parent: Some(owned("nato")),
                phrases: vec![
                    PhraseGroup { weight: 2.0, at_most: None, any: ["ITPP", "IPAP"].map(owned).to_vec() },
                    PhraseGroup {
                        weight: 0.5,
                        at_most: Some(1.5),
                        any: ["NATO", "НАТО", "reform*"].map(owned).to_vec()
                    },
                ],
                required: vec![vec![owned("NATO"), owned("НАТО")], vec![owned("Armenia*")]],
                excluded: vec![owned("chemistry")],
                threshold: 3.0,
                is_learned: false,
            }
        );
        assert!((second.threshold - 10.0).abs() < f32::EPSILON && second.phrases.is_empty());
        assert!(read("").unwrap().rules().unwrap().is_empty());
    }

    #[test]
    fn topics_may_be_learned() {
        let text = "[[topic]]\nid = 'a'\nname = 'A'\ndescription = 'flood relief'\nexamples = ['x', 'y']";
        let file = read(text).unwrap();
        let [seed] = &file.seeds()[..] else { panic!("{file:?}") };
        assert_eq!((seed.examples.len(), seed.keywords.as_slice()), (2, &["flood relief".to_owned()][..]));
        assert!(file.rules().unwrap().is_empty());
        let rules = read(&format!("{text}\nexcluded = ['insurance']")).unwrap().rules().unwrap();
        assert_eq!((rules.len(), rules[0].is_learned, rules[0].excluded.len()), (1, true, 1));
    }

    #[test]
    fn names_what_is_wrong() {
        let unknown_list = "[[topic]]\nid = 'a'\nname = 'A'\nexcluded = ['@b']";
        assert_eq!(
            read(unknown_list).unwrap().rules().unwrap_err().to_string(),
            "topic \"a\" uses the list \"@b\", which is not under [lists]"
        );
        for (text, word) in [
            ("[[topic]]\nid = 'a'\nname = 'A'\nphrase = []", "phrase"),
            ("[[topic]]\nid = 'a'\nname = 'A'\n[[topic.phrases]]\nweight = 1\nany = ['x1']\nall = []", "all"),
            ("[[topic]]\nid = 'a'", "name"),
            ("[[topic]]\nid = 'a'\nname = 'A'\nrequired = ['x1']", "sequence"),
            ("[topics]", "topics"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(word), "{word}: {error}");
        }
    }
}
