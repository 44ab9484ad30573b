//! Scores an article for each topic by the phrases found in it. Pure; the evidence explains each score.

use std::collections::BTreeMap;

use super::{
    places::{Place, Places},
    topics::{Role, Topic, Topics},
};
use crate::model::{Article, Evidence, Field, Tag};

/// Maximum pieces of evidence of a tag: one for every required group, then those with the most weight.
pub const MAX_EVIDENCE: usize = 20;

/// Factor of a phrase's weight for an occurrence in the title.
const TITLE_GAIN: f32 = 2.0;

/// Share of a phrase's weight that each repeat adds.
const REPEAT_GAIN: f32 = 0.25;

/// Repeats beyond this many add nothing: a word on every line is a running title, not a stronger sign.
pub(super) const MAX_REPEATS: u8 = 4;

/// Maximum factor of a phrase's weight.
pub(super) const MAX_GAIN: f32 = TITLE_GAIN + REPEAT_GAIN * MAX_REPEATS as f32;

/// How an article scores for a topic, whether the topic holds or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Topic id.
    pub topic: String,
    /// The sum of the weights of the phrases found, rounded to thousandths.
    pub score: f32,
    /// What is needed.
    pub threshold: f32,
    /// What was found for it, at most [`MAX_EVIDENCE`], in the order of the text.
    pub evidence: Vec<Evidence>,
    /// The required groups of which no phrase occurs.
    pub missing: Vec<Vec<String>>,
    /// What rules it out, in the order of the text.
    pub excluded_by: Vec<Evidence>,
}

impl Explanation {
    /// Whether the article gets the topic's tag.
    pub fn holds(&self) -> bool {
        self.score >= self.threshold && !self.is_ruled_out()
    }

    /// Whether it misses what the topic requires, or has what the topic excludes.
    pub fn is_ruled_out(&self) -> bool {
        !(self.missing.is_empty() && self.excluded_by.is_empty())
    }
}

/// The topics of an article in the order of the configuration, each with its evidence.
///
/// A phrase counts its weight once, or twice if it is in the title, plus a quarter of its weight for each repeat up to
/// four: at most three times its weight. A group of phrases that exceeds its limit counts the limit, and each piece of
/// its evidence is reduced in proportion. A topic does not bring its parent with it.
///
/// A phrase that is a name, by a capital letter, is also found like watched names: with case endings and in other
/// scripts. The less sure the find, the less it counts: 0.8 times its weight if it sounds the same in another script,
/// half if it is spelled otherwise. Each place counts once for a group, and not at all where a phrase of the group is
/// found as spelled.
pub fn tags(topics: &Topics, article: &Article) -> Vec<Tag> {
    let drafts = drafts(topics, article);
    let explained = drafts.iter().filter_map(|(number, draft)| Some(draft.explanation(topics.all.get(*number)?)));
    explained
        .filter(Explanation::holds)
        .map(|it| Tag { topic: it.topic, score: it.score, evidence: it.evidence })
        .collect()
}

/// How an article scores for every topic that is not only a heading, in the order of the configuration. A topic given
/// by examples, without phrases, never holds here but may be ruled out.
pub fn explain(topics: &Topics, article: &Article) -> Vec<Explanation> {
    let drafts = drafts(topics, article);
    let nothing = Draft::default();
    let own = topics.all.iter().enumerate().filter(|(_, topic)| topic.has_phrases() || topic.is_learned);
    own.map(|(number, topic)| drafts.get(&number).unwrap_or(&nothing).explanation(topic)).collect()
}

/// What was found for one topic.
#[derive(Default)]
struct Draft {
    /// With the number of the phrase group they belong to.
    weighed: Vec<(usize, Evidence)>,
    /// With the number of the group they meet.
    required: Vec<(usize, Evidence)>,
    excluded_by: Vec<Evidence>,
}

/// Drafts of all topics for which anything was found, by the topic's number.
fn drafts(topics: &Topics, article: &Article) -> BTreeMap<usize, Draft> {
    let mut res = BTreeMap::<usize, Draft>::new();
    let found = Places::of(topics, article);
    for (phrase, rule) in found.phrases().filter_map(|it| Some((it, topics.rules.get(it)?))) {
        for (number, role) in &rule.uses {
            let places = found.counting(phrase, *number, *role);
            let Some(first) = places.first() else { continue };
            let evidence = |it: &Place, weight: f32| it.evidence(&rule.text, weight);
            let draft = res.entry(*number).or_default();
            match *role {
                Role::Weight { group, weight } => {
                    let gain = if first.field == Field::Title { TITLE_GAIN } else { 1.0 };
                    let repeats = places.iter().skip(1).take(usize::from(MAX_REPEATS));
                    let repeats = repeats.map(|it| evidence(it, weight * REPEAT_GAIN));
                    let all = [evidence(first, weight * gain)].into_iter().chain(repeats);
                    draft.weighed.extend(all.map(|it| (group, it)));
                }
                Role::Required(group) => draft.required.push((group, evidence(first, 0.0))),
                Role::Excluded => draft.excluded_by.push(evidence(first, 0.0)),
            }
        }
    }
    res
}

impl Draft {
    fn explanation(&self, topic: &Topic) -> Explanation {
        let is_met = |group: usize| self.required.iter().any(|(it, _)| *it == group);
        let groups = topic.required.iter().enumerate();
        let missing = groups.filter(|(group, _)| !is_met(*group)).map(|(_, phrases)| phrases.clone()).collect();
        let weighed = self.limited(&topic.limits);
        let score = weighed.iter().map(|it| it.weight).sum::<f32>();
        let mut excluded_by = self.excluded_by.clone();
        in_text_order(&mut excluded_by);
        Explanation {
            topic: topic.id.clone(),
            // Rounded, because weights such as 0.1 leave rounding errors that must not decide. An empty sum is -0.
            score: (score * 1000.0).round() / 1000.0 + 0.0,
            threshold: topic.threshold,
            evidence: self.shown(weighed, topic.required.len()),
            missing,
            excluded_by,
        }
    }

    /// The weighted evidence, with the weights of groups over their limit reduced in proportion.
    fn limited(&self, limits: &[Option<f32>]) -> Vec<Evidence> {
        let shares = limits.iter().enumerate().map(|(group, limit)| {
            let sum = self.weighed.iter().filter(|(it, _)| *it == group).map(|(_, it)| it.weight).sum::<f32>();
            limit.filter(|it| *it < sum).map_or(1.0, |it| it / sum)
        });
        let shares = shares.collect::<Vec<_>>();
        let share = |group: usize| shares.get(group).copied().unwrap_or(1.0);
        self.weighed.iter().map(|(group, it)| Evidence { weight: it.weight * share(*group), ..it.clone() }).collect()
    }

    /// The evidence to show: one piece for every required group, then what weighs most.
    fn shown(&self, mut weighed: Vec<Evidence>, groups: usize) -> Vec<Evidence> {
        weighed.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        let mut res = Vec::<Evidence>::new();
        let mut add = |it: &Evidence| {
            let is_shown = |shown: &Evidence| (shown.field, &shown.span, &shown.rule) == (it.field, &it.span, &it.rule);
            if res.len() < MAX_EVIDENCE && !res.iter().any(is_shown) {
                res.push(it.clone());
            }
        };
        for group in 0..groups {
            let mut meeting = self.required.iter().filter(|(it, _)| *it == group).map(|(_, evidence)| evidence);
            let Some(first) = meeting.next() else { continue };
            // If the phrase also has a weight, that is what it counted.
            let same = |it: &&Evidence| (it.field, &it.span, &it.rule) == (first.field, &first.span, &first.rule);
            add(weighed.iter().find(same).unwrap_or(first));
        }
        weighed.iter().for_each(&mut add);
        in_text_order(&mut res);
        res
    }
}

fn in_text_order(evidence: &mut [Evidence]) {
    evidence.sort_by_key(|it| (it.field, it.span.start, it.span.end));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::{PhraseGroup, TopicRule};

    fn owned(phrases: &[&str]) -> Vec<String> {
        phrases.iter().map(|it| (*it).to_owned()).collect()
    }

    fn rule(phrases: &[(&str, f32)], required: &[&[&str]], excluded: &[&str]) -> TopicRule {
        TopicRule {
            id: "nato-armenia".to_owned(),
            name: "NATO and Armenia".to_owned(),
            parent: None,
            phrases: phrases
                .iter()
                .map(|(text, weight)| PhraseGroup { weight: *weight, at_most: None, any: owned(&[text]) })
                .collect(),
            required: required.iter().map(|it| owned(it)).collect(),
            excluded: owned(excluded),
            threshold: 2.0,
            is_learned: false,
        }
    }

    fn nato_armenia() -> Topics {
        let rule = rule(
            &[("ITPP", 2.0), ("reform*", 0.5), ("Armenia*", 1.0)],
            &[&["NATO", "НАТО"], &["Armenia*", "Армени*"]],
            &["chemistry"],
        );
        Topics::compile(vec![rule]).unwrap()
    }

    /// Score, whether it holds, how many groups are missing, and what excludes it.
    #[track_caller]
    fn check(title: &str, body: &str, score: f32, holds: bool, missing: usize, excluded_by: &[&str]) {
        let topics = nato_armenia();
        let article = Article::sample(title, body);
        let res = explain(&topics, &article);
        let [it] = res.as_slice() else { panic!("{res:?}") };
        assert_eq!((it.score, it.holds(), it.missing.len()), (score, holds, missing), "{title} / {body}");
        assert_eq!(it.excluded_by.iter().map(|it| it.rule.as_str()).collect::<Vec<_>>(), excluded_by);
        let tags = tags(&topics, &article);
        assert_eq!(tags.len(), usize::from(holds), "tags and explain disagree: {title} / {body}");
        for evidence in it.evidence.iter().chain(&it.excluded_by) {
            assert!(evidence.field.of(&article).get(evidence.span.clone()).is_some());
        }
        assert!(tags.iter().all(|it| !it.evidence.is_empty()));
    }

    #[test]
    fn weights_add_up_to_the_threshold() {
        check("Talks", "NATO and Armenia agreed an ITPP.", 3.0, true, 0, &[]);
        check("Talks", "NATO and Armenia agreed reforms.", 1.5, false, 0, &[]);
        check("", "", 0.0, false, 2, &[]);
    }

    #[test]
    fn the_title_counts_double_and_repeats_a_little() {
        check("Armenia", "NATO", 2.0, true, 0, &[]);
        check("NATO", "Armenia", 1.0, false, 0, &[]);
        check("Armenia", "NATO, Armenian army", 2.25, true, 0, &[]);
        check("", &format!("NATO {}", "Armenia, ".repeat(90)), 2.0, true, 0, &[]);
        check("Armenia", &format!("NATO {}", "Armenia, ".repeat(90)), 3.0, true, 0, &[]);
    }

    #[test]
    fn every_group_is_required() {
        check("ITPP", "in Armenia", 5.0, false, 1, &[]);
        check("ITPP", "НАТО", 4.0, false, 1, &[]);
        check("ITPP", "НАТО и Армения", 4.0, true, 0, &[]);
        check("ITPP", "itpp nato armeni", 4.0, false, 2, &[]);
    }

    #[test]
    fn what_is_excluded_rules_it_out() {
        check("ITPP", "NATO Armenia: Chemistry", 5.0, false, 0, &["chemistry"]);
    }

    #[test]
    fn evidence_is_what_counted() {
        let topics = nato_armenia();
        let article = Article::sample("Armenia", "НАТО: reforms in Armenia, an ITPP");
        let tags = tags(&topics, &article);
        let evidence = tags[0].evidence.iter().map(|it| {
            let text = &it.field.of(&article)[it.span.clone()];
            (it.field, text, it.rule.as_str(), it.weight)
        });
        assert_eq!(
            evidence.collect::<Vec<_>>(),
            [
                (Field::Title, "Armenia", "Armenia*", 2.0),
                (Field::Body, "НАТО", "НАТО", 0.0),
                (Field::Body, "reforms", "reform*", 0.5),
                (Field::Body, "Armenia", "Armenia*", 0.25),
                (Field::Body, "ITPP", "ITPP", 2.0),
            ]
        );
        assert!((tags[0].score - 4.75).abs() < 1e-6, "{}", tags[0].score);
    }

    #[test]
    fn a_group_counts_no_more_than_its_limit() {
        let mut rule = rule(&[("NATO", 2.0)], &[], &[]);
        rule.phrases.push(PhraseGroup { weight: 1.0, at_most: Some(1.5), any: owned(&["Armenia*", "Yerevan"]) });
        let topics = Topics::compile(vec![rule]).unwrap();
        let score = |title: &str, body: &str| explain(&topics, &Article::sample(title, body))[0].score;
        for (title, body, expected) in [
            ("", "Armenia", 1.0),
            ("", "Armenia and Yerevan", 1.5),
            ("Armenia", "Yerevan, Yerevan, Armenian", 1.5),
            ("Armenia", "NATO in Yerevan", 3.5),
        ] {
            assert!((score(title, body) - expected).abs() < 1e-6, "{title} / {body}: {}", score(title, body));
        }
        let tags = tags(&topics, &Article::sample("Armenia", "NATO in Yerevan"));
        let sum = tags[0].evidence.iter().map(|it| it.weight).sum::<f32>();
        assert!((sum - tags[0].score).abs() < 1e-3, "evidence counts {sum}");
    }

    #[test]
    fn evidence_has_an_end_and_keeps_what_matters() {
        let words = (0..60).map(|it| format!("word{it}")).collect::<Vec<_>>();
        let mut phrases = words.iter().map(|it| (it.as_str(), 0.1)).collect::<Vec<_>>();
        phrases.push(("summit", 5.0));
        let topics = Topics::compile(vec![rule(&phrases, &[&["NATO"]], &[])]).unwrap();
        let tags = tags(&topics, &Article::sample("", &format!("{} summit NATO", words.join(" "))));
        assert!((tags[0].score - 11.0).abs() < 1e-6, "{}", tags[0].score);
        assert_eq!(tags[0].evidence.len(), MAX_EVIDENCE);
        for rule in ["NATO", "summit"] {
            assert!(tags[0].evidence.iter().any(|it| it.rule == rule), "{rule}");
        }
    }

    #[test]
    fn crumbs_do_not_decide() {
        let words = (0..20).map(|it| format!("word{it}")).collect::<Vec<_>>();
        let phrases = words.iter().map(|it| (it.as_str(), 0.1)).collect::<Vec<_>>();
        let topics = Topics::compile(vec![rule(&phrases, &[], &[])]).unwrap();
        assert_eq!(tags(&topics, &Article::sample("", &words.join(" "))).len(), 1);
    }
}
