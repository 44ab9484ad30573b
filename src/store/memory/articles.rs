//! Applies changes of articles to the state: new articles and versions, pages that were read again, and regroupings.

use std::collections::{BTreeMap, HashMap};

use super::{State, Version};
use crate::{
    decide::tells,
    dedup::{Key, article_keys},
    model::{AlertId, ArticleId, Intent, LastReading, Regrouping, Report, Rereading, StoryId},
};

impl State {
    pub(super) fn article(&mut self, intent: &Intent) {
        let mut report = intent.report.clone();
        let id = report.article.id;
        match self.articles.get(&id) {
            Some(old) if report.article.version > old.report.article.version => {
                report.assignment = old.report.assignment.clone();
                report.article.first_seen = old.report.article.first_seen;
                let (joined, story, moved) = (old.joined, old.story, old.moved.clone());
                self.versions.entry(id).or_default().push(old.report.article.clone());
                for key in article_keys(&old.report.article) {
                    if !matches!(key, Key::Link(_)) && self.keys.get(&key) == Some(&id) {
                        self.keys.remove(&key);
                    }
                }
                self.newest(report, intent, joined, (story, moved));
            }
            Some(_) => (),
            None => {
                let story = report.story();
                self.stories.entry(story).or_default().insert(self.changes, id);
                self.newest(report, intent, self.changes, (story, String::new()));
            }
        }
        for alert in &intent.alerts {
            if !self.alerts.contains_key(&alert.id) {
                if alert.kind.is_finding() {
                    self.fired.insert(alert.id, alert.story);
                }
                let telling = intent.outbox.iter().filter(|it| tells(&it.content, alert));
                self.telling.insert(alert.id, telling.cloned().collect());
                self.alerts.insert(alert.id, alert.clone());
            }
        }
        if let Some(it) = &intent.regrouping {
            self.regroup(it, Some(id));
        }
        self.outbox.queue(&intent.outbox);
    }

    fn newest(&mut self, report: Report, intent: &Intent, joined: u64, (story, moved): (StoryId, String)) {
        let id = report.article.id;
        if intent.is_exhibit() {
            self.exhibits.insert((report.article.first_seen, id));
        }
        self.keys.extend(article_keys(&report.article).into_iter().map(|key| (key, id)));
        self.articles.insert(
            id,
            Version { report, fingerprint: intent.fingerprint.clone(), seq: self.seq, joined, story, moved },
        );
    }

    pub(super) fn reread(&mut self, rereading: &Rereading) {
        let Rereading { article, at, finding, attempts, trail, intent } = rereading;
        if let Some(intent) = intent {
            self.article(intent);
        }
        if self.readings.get(article).is_some_and(|it| it.at >= *at) {
            return;
        }
        self.readings.insert(*article, LastReading { at: *at, state: finding.into(), attempts: *attempts });
        if finding.is_event() {
            self.events.insert((*at, *article), (finding.clone(), trail.clone()));
        }
    }

    /// Applies a regrouping, except to the article `but`, which its own commit places.
    pub(super) fn regroup(&mut self, regrouping: &Regrouping, but: Option<ArticleId>) {
        if !self.regrouped.insert(regrouping.id) {
            return;
        }
        let mut alerts = HashMap::<ArticleId, Vec<AlertId>>::new();
        for it in self.alerts.values() {
            alerts.entry(it.article).or_default().push(it.id);
        }
        for it in regrouping.moves.iter().filter(|it| it.from != it.to && Some(it.article) != but) {
            let Some(version) = self.articles.get_mut(&it.article).filter(|held| held.story == it.from) else {
                continue;
            };
            version.story = it.to;
            version.moved = regrouping.cause.sentence();
            let joined = version.joined;
            if let Some(members) = self.stories.get_mut(&it.from) {
                members.remove(&joined);
            }
            self.stories.entry(it.to).or_default().insert(joined, it.article);
            if self.stories.get(&it.from).is_some_and(BTreeMap::is_empty) {
                self.stories.remove(&it.from);
            }
            for alert in alerts.get(&it.article).into_iter().flatten() {
                if let Some(story) = self.fired.get_mut(alert).filter(|story| **story == it.from) {
                    *story = it.to;
                }
            }
        }
        self.regroupings.insert(self.changes, regrouping.clone());
    }
}
