//! Applies people's labels to the topics found in articles.

use std::collections::HashMap;

use crate::{
    classify::Topics,
    model::{ArticleId, Label, Report, Tag},
};

/// Labels by article.
#[derive(Debug, Default)]
pub struct Labels(HashMap<ArticleId, Vec<Label>>);

impl FromIterator<Label> for Labels {
    fn from_iter<T: IntoIterator<Item = Label>>(labels: T) -> Self {
        let mut res = HashMap::<_, Vec<_>>::new();
        labels.into_iter().for_each(|it| res.entry(it.article).or_default().push(it));
        Self(res)
    }
}

impl Labels {
    /// Removes from a report the topics labelled wrong, and adds those labelled right but not found, with the lowest
    /// score that makes them hold and without evidence. Topics no longer configured are not added.
    pub fn correct(&self, report: &mut Report, topics: &Topics) {
        for label in self.0.get(&report.article.id).into_iter().flatten() {
            let has_topic = report.tags.iter().any(|it| it.topic == label.topic);
            match (label.is_right, topics.get(&label.topic)) {
                (false, _) => report.tags.retain(|it| it.topic != label.topic),
                (true, Some(topic)) if !has_topic => {
                    report.tags.push(Tag { topic: topic.id.clone(), score: topic.threshold, evidence: Vec::new() });
                }
                (true, _) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        classify::TopicRule,
        model::{Article, Assignment, Timestamp},
    };

    #[test]
    fn what_a_person_said_stands_over_what_was_found() {
        let rule = |id: &str| TopicRule {
            id: id.to_owned(),
            name: id.to_owned(),
            parent: None,
            phrases: vec![],
            required: vec![],
            excluded: vec![],
            threshold: 7.0,
            is_learned: true,
        };
        let topics = Topics::compile(["ports", "rail"].map(rule).to_vec()).unwrap();
        let tag = |topic: &str| Tag { topic: topic.to_owned(), score: 12.0, evidence: vec![] };
        let said = |article: u64, topic: &str, is_right| Label {
            article: ArticleId(article),
            topic: topic.to_owned(),
            is_right,
            at: Timestamp::UNIX_EPOCH,
        };
        let check = |labels: &[Label], expected: &[(&str, f32)]| {
            let article = Article { id: ArticleId(1), ..Article::sample("Harbour", "") };
            let tags = vec![tag("ports"), tag("gone")];
            let mut report = Report { article, assignment: Assignment::New, moved: None, tags, possible: vec![] };
            labels.iter().cloned().collect::<Labels>().correct(&mut report, &topics);
            let found = report.tags.iter().map(|it| (it.topic.as_str(), it.score)).collect::<Vec<_>>();
            assert_eq!(found, expected);
        };
        check(&[], &[("ports", 12.0), ("gone", 12.0)]);
        check(&[said(1, "ports", false)], &[("gone", 12.0)]);
        check(&[said(1, "gone", false), said(1, "rail", true)], &[("ports", 12.0), ("rail", 7.0)]);
        check(&[said(1, "ports", true), said(1, "unknown", true)], &[("ports", 12.0), ("gone", 12.0)]);
        check(&[said(2, "ports", false)], &[("ports", 12.0), ("gone", 12.0)]);
    }
}
