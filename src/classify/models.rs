//! What is learned from labels: a logistic model for each topic on words, runs of letters and the score of the topic's
//! own rule. Pure.
//!
//! A model adds a topic where it is sure and takes one away only where many labels say so. It never brings back what a
//! rule excludes, or requires and misses. Its probabilities are calibrated on labels that it was not fitted to (Platt's
//! method, five folds), and each tag carries the words that count most for it.

mod fit;

use std::collections::BTreeMap;

use fit::Data;

use super::{
    examples::Seed,
    features::{Counts, Direction, Features, ReadText, Share, Vector},
    score::{Explanation, explain},
    topics::Topics,
};
use crate::{
    model::{Article, Evidence, Field, Report, Tag},
    text::Token,
};

/// A topic is added from this probability on,
const ADDED: f32 = 0.6;
/// and taken away below this one.
const TAKEN: f32 = 0.1;
/// Parts in which labels are left out in turn.
const FOLDS: usize = 5;
/// What the rule's score counts as a feature, in times of its threshold, at most.
const MAX_RULE: f32 = 2.0;
/// Words shown as evidence.
const MAX_SHOWN: usize = 6;

/// A text of which a person said whether it has a topic.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// The article.
    pub article: Article,
    /// The topic's id.
    pub topic: String,
    /// Whether it has it.
    pub is_right: bool,
}

/// What was learned, by topic.
#[derive(Debug, Clone, Default)]
pub struct Models {
    features: Features,
    topics: BTreeMap<String, Model>,
}

#[derive(Debug, Clone)]
struct Model {
    weights: Direction,
    rule: f32,
    bias: f32,
    /// Makes a sum a log-odds.
    scale: (f32, f32),
    may_take: bool,
}

/// How well a topic is told, on labels that were left out of the fit. Only what is known of all texts together is made of them
/// too: how rare words are, and whether what Russian words mean is used at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Labels that say "right", and the topic was given.
    pub found: usize,
    /// Labels that say "right", and it was not.
    pub missed: usize,
    /// Labels that say "wrong", and it was given.
    pub false_alarms: usize,
    /// Labels that say "wrong", and it was not.
    pub rejected: usize,
}

impl Outcome {
    fn count(&mut self, is_right: bool, is_given: bool) {
        *match (is_right, is_given) {
            (true, true) => &mut self.found,
            (true, false) => &mut self.missed,
            (false, true) => &mut self.false_alarms,
            (false, false) => &mut self.rejected,
        } += 1;
    }

    /// The share (0–1) of what was given that is right; `None` where nothing was given.
    pub fn precision(&self) -> Option<f64> {
        share(self.found, self.found + self.false_alarms)
    }

    /// The share (0–1) of what is right that was given; `None` where nothing is.
    pub fn recall(&self) -> Option<f64> {
        share(self.found, self.found + self.missed)
    }

    /// The harmonic mean of the two; `None` where nothing is right and nothing was given.
    pub fn f1(&self) -> Option<f64> {
        share(2 * self.found, 2 * self.found + self.missed + self.false_alarms)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of labels")]
fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Models {
    /// Learns each topic of which enough is known. `background` are texts that nobody labelled.
    pub fn fit(topics: &Topics, seeds: &[Seed], labels: &[Labelled], background: &[Report]) -> Self {
        let data = Data::new(topics, seeds, labels, background);
        let fitted = data.names().into_iter().filter_map(|topic| Some((topic.clone(), data.model(&topic, None)?)));
        let topics = fitted.collect();
        Self { features: data.features, topics }
    }

    /// Whether nothing was learned.
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    /// How likely an article has a topic, 0–1; `None` where the topic is not learned.
    pub fn probability(&self, topic: &str, article: &Article, rule: Option<&Explanation>) -> Option<f32> {
        let model = self.topics.get(topic)?;
        Some(model.probability(&self.features.vector(&Counts::of(&whole(article))), ratio(rule)))
    }

    /// The tags of an article: those of the rules, with what was learned added and taken away.
    pub fn tags(&self, topics: &Topics, article: &Article) -> Vec<Tag> {
        let explained = explain(topics, article);
        let tag = |it: &Explanation| Tag { topic: it.topic.clone(), score: it.score, evidence: it.evidence.clone() };
        if self.is_empty() {
            return explained.iter().filter(|it| it.holds()).map(tag).collect();
        }
        let text = whole(article);
        let text = self.features.read(&text);
        let learned = |rule: Option<&Explanation>, model: &Model| {
            let probability = model.probability(&text.vector, ratio(rule));
            match rule {
                Some(it) if it.holds() => (!model.may_take || probability >= TAKEN).then(|| tag(it)),
                Some(it) if !it.missing.is_empty() || !it.excluded_by.is_empty() => None,
                _ if probability < ADDED => None,
                _ => {
                    let evidence = model.evidence(article, &text);
                    let topic = rule.map_or_else(String::new, |it| it.topic.clone());
                    // No more than the least that a rule gives: what was found by a rule comes first.
                    let score = rule.map_or(probability, |it| it.threshold);
                    (!evidence.is_empty()).then_some(Tag { topic, score, evidence })
                }
            }
        };
        let mut res = Vec::new();
        for it in &explained {
            match self.topics.get(&it.topic) {
                Some(model) => res.extend(learned(Some(it), model)),
                None if it.holds() => res.push(tag(it)),
                None => (),
            }
        }
        for (topic, model) in &self.topics {
            if !explained.iter().any(|it| it.topic == *topic) {
                res.extend(learned(None, model).map(|it| Tag { topic: topic.clone(), ..it }));
            }
        }
        res
    }

    /// How well the rules alone tell each labelled topic, and how well with what is learned from the other labels.
    pub fn evaluate(
        topics: &Topics,
        seeds: &[Seed],
        labels: &[Labelled],
        background: &[Report],
    ) -> BTreeMap<String, (Outcome, Outcome)> {
        let data = Data::new(topics, seeds, labels, background);
        let mut res = BTreeMap::<String, (Outcome, Outcome)>::new();
        for topic in data.names() {
            let own = labels.iter().filter(|it| it.topic == topic).collect::<Vec<_>>();
            for fold in 0..FOLDS {
                let model = data.model(&topic, Some(fold));
                let models = Self {
                    features: data.features.clone(),
                    topics: model.map(|it| (topic.clone(), it)).into_iter().collect(),
                };
                for it in own.iter().skip(fold).step_by(FOLDS) {
                    let is_given = |models: &Self| models.tags(topics, &it.article).iter().any(|it| it.topic == topic);
                    let outcome = res.entry(topic.clone()).or_default();
                    outcome.0.count(it.is_right, is_given(&Self::default()));
                    outcome.1.count(it.is_right, is_given(&models));
                }
            }
        }
        res
    }
}

fn whole(article: &Article) -> String {
    format!("{}\n{}", article.title, article.body)
}

/// The rule's score in times of its threshold.
fn ratio(rule: Option<&Explanation>) -> f32 {
    rule.map_or(0.0, |it| (it.score / it.threshold.max(f32::EPSILON)).clamp(0.0, MAX_RULE))
}

fn logistic(odds: f32) -> f32 {
    1.0 / (1.0 + (-odds).exp())
}

impl Model {
    fn sum(&self, vector: &Vector, rule: f32) -> f32 {
        let words = vector.iter().filter_map(|(hash, value)| Some(value * self.weights.get(hash)?)).sum::<f32>();
        words + self.rule * rule + self.bias
    }

    fn probability(&self, vector: &Vector, rule: f32) -> f32 {
        logistic(self.scale.0 * self.sum(vector, rule) + self.scale.1)
    }

    /// The words that count most for the topic, where they first stand.
    fn evidence(&self, article: &Article, text: &ReadText<'_>) -> Vec<Evidence> {
        let mut res = text.shares(&self.weights);
        res.sort_by(|a, b| b.sum().total_cmp(&a.sum()));
        res.truncate(MAX_SHOWN);
        res.sort_by_key(|it| it.token.span.start);
        // The text is the title, a line break, and the body: see `whole`.
        let body = article.title.len() + 1;
        let evidence = |it: Share<'_, '_>| {
            let Token { span, word, .. } = it.token;
            let (field, from) = if span.start < body { (Field::Title, 0) } else { (Field::Body, body) };
            // Such a word may stand in nothing that was labelled.
            let how = if it.is_by_meaning() { " (by its meaning)" } else { "" };
            Evidence {
                field,
                span: span.start - from..span.end - from,
                rule: format!("learned: {word}{how}"),
                weight: it.sum(),
            }
        };
        res.into_iter().map(evidence).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        classify::{PhraseGroup, TopicRule},
        text,
    };

    fn topics() -> Topics {
        let rule = TopicRule {
            id: "floods".to_owned(),
            name: "Floods".to_owned(),
            parent: None,
            phrases: vec![PhraseGroup { weight: 10.0, at_most: None, any: vec!["flood*".to_owned()] }],
            required: vec![],
            excluded: vec!["insurance".to_owned()],
            threshold: 10.0,
            is_learned: false,
        };
        Topics::compile(vec![rule]).unwrap()
    }

    const RIVERS: [&str; 8] = [
        "The Rioni rose over its banks and took three bridges.",
        "Rescuers brought people from the valley after the river rose.",
        "The river took the road and two bridges near the town.",
        "High water in the valley: rescuers reached the last village.",
        "Bridges on the Kura are closed as the water rises.",
        "The banks of the river gave way and rescuers were called.",
        "Water stood in the streets after the river rose over its banks.",
        "Rescuers closed the bridges as the river rose in the valley.",
    ];
    const OTHER: [&str; 8] = [
        "A flood of complaints reached the ministry of trade.",
        "The market was flooded with cheap phones from abroad.",
        "The ministry of trade met importers of phones.",
        "The parliament voted on the budget of the ministry.",
        "Complaints about prices reached the parliament.",
        "Importers said that trade with the neighbours grew.",
        "The budget for trade was cut by the parliament.",
        "A new minister of trade was named in the capital.",
    ];

    fn labels(times: usize) -> Vec<Labelled> {
        let label =
            |text: &&str, is_right| Labelled { article: Article::sample("", text), topic: "floods".into(), is_right };
        let each = || RIVERS.iter().map(|it| label(it, true)).zip(OTHER.iter().map(|it| label(it, false)));
        (0..times).flat_map(|_| each().flat_map(|(a, b)| [a, b])).collect()
    }

    #[track_caller]
    fn check(models: &Models, text: &str, expected: bool) {
        let article = Article::sample("", text);
        let tags = models.tags(&topics(), &article);
        assert_eq!(!tags.is_empty(), expected, "{text} {tags:?} {:?}", models.probability("floods", &article, None));
        for it in tags.iter().flat_map(|it| &it.evidence) {
            assert!(it.field.of(&article).get(it.span.clone()).is_some_and(|it| !it.is_empty()));
        }
    }

    #[test]
    fn labels_add_and_take_away_but_never_bring_back() {
        let none = Models::default();
        check(&none, "The flood reached the town.", true);
        check(&none, "The river rose over its banks and rescuers came.", false);
        let learned = Models::fit(&topics(), &[], &labels(2), &[]);
        check(&learned, "The flood reached the town and rescuers closed the bridges.", true);
        check(&learned, "The river rose over its banks and rescuers came.", true);
        check(&learned, "The river rose over its banks and rescuers came, an insurance said.", false);
        check(&learned, "The market was flooded with phones, importers said.", false);
        check(&learned, "The parliament met.", false);
    }

    #[test]
    fn evidence_is_where_its_word_stands_in_title_and_body() {
        let seed = |id: &str, texts: &[&str]| Seed {
            id: id.to_owned(),
            examples: texts.iter().map(|it| (*it).to_owned()).collect(),
            keywords: vec![],
        };
        let sport = [
            "Форвард столичного клуба забил два гола в ворота соперников.",
            "Теннисистка вышла в полуфинал турнира после трудного сета.",
            "Хоккейная сборная выиграла серебро на чемпионате мира.",
            "Тренер футболистов доволен игрой защитников в матче кубка.",
        ];
        let money = [
            "Центробанк поднял ключевую ставку из-за роста инфляции.",
            "Курс рубля снизился на бирже вслед за нефтяными котировками.",
            "Министерство финансов разместило облигации для покрытия дефицита.",
            "Акции компании подешевели после отчета о квартальной прибыли.",
        ];
        let learned = Models::fit(&topics(), &[seed("sport", &sport), seed("money", &money)], &[], &[]);
        let article = Article::sample(
            "Вратарь отбил пенальти: «Это\u{301} был матч!»",
            "\u{301}Хозяева поля стали победителями чемпионата, болельщики ждали этого 20 лет.",
        );
        let tags = learned.tags(&topics(), &article);
        assert_eq!(tags.iter().map(|it| it.topic.as_str()).collect::<Vec<_>>(), ["sport"]);
        let evidence = &tags[0].evidence;
        for it in evidence {
            let word = it.rule.trim_start_matches("learned: ").trim_end_matches(" (by its meaning)");
            assert_eq!(text::fold(&it.field.of(&article)[it.span.clone()]), word);
        }
        for field in [Field::Title, Field::Body] {
            assert!(evidence.iter().any(|it| it.field == field), "{evidence:?}");
        }
        assert!(evidence.iter().any(|it| it.rule.ends_with("(by its meaning)")), "{evidence:?}");
    }

    #[test]
    fn a_few_labels_take_nothing_away() {
        let learned = Models::fit(&topics(), &[], &labels(1)[..8], &[]);
        check(&learned, "The market was flooded with phones, importers said.", true);
        assert!(Models::fit(&topics(), &[], &labels(1)[..4], &[]).is_empty(), "too few to learn");
    }

    #[test]
    fn a_topic_may_be_given_by_examples_alone() {
        let seed = |id: &str, texts: &[&str]| Seed {
            id: id.to_owned(),
            examples: texts.iter().map(|it| (*it).to_owned()).collect(),
            keywords: vec![],
        };
        let seeds = [seed("rivers", &RIVERS[..5]), seed("trade", &OTHER[..5])];
        let learned = Models::fit(&topics(), &seeds, &[], &[]);
        let tags = learned.tags(&topics(), &Article::sample("", "The river rose and rescuers closed two bridges."));
        assert_eq!(tags.iter().map(|it| it.topic.as_str()).collect::<Vec<_>>(), ["rivers"]);
    }

    #[test]
    fn what_a_topic_of_examples_excludes_is_not_brought_back() {
        let rule = |id: &str, excluded: &[&str]| TopicRule {
            id: id.to_owned(),
            name: id.to_owned(),
            parent: None,
            phrases: vec![],
            required: vec![],
            excluded: excluded.iter().map(|it| (*it).to_owned()).collect(),
            threshold: 10.0,
            is_learned: true,
        };
        let topics = Topics::compile(vec![rule("rivers", &["insurance"])]).unwrap();
        let seed = |id: &str, texts: &[&str]| Seed {
            id: id.to_owned(),
            examples: texts.iter().map(|it| (*it).to_owned()).collect(),
            keywords: vec![],
        };
        let learned = Models::fit(&topics, &[seed("rivers", &RIVERS[..5]), seed("trade", &OTHER[..5])], &[], &[]);
        let found = |text: &str| {
            let tags = learned.tags(&topics, &Article::sample("", text));
            tags.into_iter().map(|it| it.topic).collect::<Vec<_>>()
        };
        assert_eq!(found("The river rose and rescuers closed two bridges."), ["rivers"]);
        assert!(found("The river rose and rescuers closed two bridges, an insurance said.").is_empty());
    }

    #[test]
    fn labels_that_were_left_out_judge() {
        let all = Models::evaluate(&topics(), &[], &labels(2), &[]);
        let (rules, learned) = all["floods"];
        assert_eq!((rules.found, rules.missed, rules.false_alarms, rules.rejected), (0, 16, 4, 12));
        assert!(learned.f1() > Some(0.9), "{learned:?}");
        assert_eq!((Outcome::default().f1(), rules.precision(), rules.recall()), (None, Some(0.0), Some(0.0)));
    }

    #[test]
    fn the_same_labels_give_the_same_model() {
        let article = Article::sample("", RIVERS[2]);
        let p = || Models::fit(&topics(), &[], &labels(1), &[]).probability("floods", &article, None);
        assert!((p().unwrap() - p().unwrap()).abs() < 1e-4);
    }
}
