//! A store that forgets at exit.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Counts, Pending, Store, StoreError, Visit, leading};
use crate::{
    dedup::{Candidate, Held, Key, article_keys, folded_title},
    model::{
        Alert, AlertId, AlertKind, ArticleId, Attempt, Change, DigestIssue, Fingerprint, Intent, MessageId, Outcome,
        Outgoing, Page, Report, Slot, SourceId, SourceState, StoryId, Timestamp,
    },
};

/// A store that forgets at exit. For tests and for trying things out.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    changes: u64,
    articles: HashMap<ArticleId, Version>,
    keys: HashMap<Key, ArticleId>,
    stories: HashMap<StoryId, Vec<ArticleId>>,
    alerts: BTreeMap<AlertId, Alert>,
    sources: HashMap<SourceId, SourceState>,
    issues: BTreeMap<Slot, Timestamp>,
    outbox: BTreeMap<MessageId, Pending>,
    sent: HashSet<MessageId>,
}

/// The newest version of an article and the change that brought it.
#[derive(Debug)]
struct Version {
    change: u64,
    report: Report,
    fingerprint: Fingerprint,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing below panics between two changes of the state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn article(&mut self, intent: &Intent) {
        let mut report = intent.report.clone();
        let id = report.article.id;
        match self.articles.get(&id) {
            Some(old) if report.article.version > old.report.article.version => {
                report.assignment = old.report.assignment.clone();
                report.article.first_seen = old.report.article.first_seen;
                for key in article_keys(&old.report.article) {
                    if !matches!(key, Key::Link(_)) && self.keys.get(&key) == Some(&id) {
                        self.keys.remove(&key);
                    }
                }
                self.newest(report, intent);
            }
            Some(_) => (),
            None => {
                self.stories.entry(report.story()).or_default().push(id);
                self.newest(report, intent);
            }
        }
        for alert in &intent.alerts {
            self.alerts.entry(alert.id).or_insert_with(|| alert.clone());
        }
        self.queue(&intent.outbox);
    }

    fn newest(&mut self, report: Report, intent: &Intent) {
        let id = report.article.id;
        self.keys.extend(article_keys(&report.article).into_iter().map(|key| (key, id)));
        let version = Version { change: self.changes, report, fingerprint: intent.fingerprint.clone() };
        self.articles.insert(id, version);
    }

    fn queue(&mut self, outbox: &[Outgoing]) {
        for message in outbox {
            if !self.sent.contains(&message.id) {
                let pending = || Pending { message: message.clone(), attempts: 0, last_error: None, parked: false };
                self.outbox.entry(message.id.clone()).or_insert_with(pending);
            }
        }
    }

    fn digest(&mut self, issue: &DigestIssue) {
        if !self.issues.contains_key(&issue.slot) {
            self.issues.insert(issue.slot.clone(), issue.until);
            self.queue(&issue.outbox);
        }
    }

    fn delivery(&mut self, attempt: &Attempt) {
        let Some(pending) = self.outbox.get_mut(&attempt.message) else {
            return;
        };
        pending.attempts += 1;
        match &attempt.outcome {
            Outcome::Sent => {
                self.outbox.remove(&attempt.message);
                self.sent.insert(attempt.message.clone());
            }
            Outcome::Retry { due, reason } => {
                pending.message.due = *due;
                pending.last_error = Some(reason.clone());
                pending.parked = false;
            }
            Outcome::Parked { reason } => {
                pending.last_error = Some(reason.clone());
                pending.parked = true;
            }
        }
    }
}

impl Store for MemoryStore {
    fn commit(&self, change: &Change) -> Result<(), StoreError> {
        let mut state = self.state();
        state.changes += 1;
        match change {
            Change::Article(intent) => state.article(intent),
            Change::Polled(source) => {
                state.sources.insert(source.source.clone(), source.as_ref().clone());
            }
            Change::Digest(issue) => state.digest(issue),
            Change::Delivery(attempt) => state.delivery(attempt),
        }
        Ok(())
    }

    fn sync(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn held(&self, key: &Key) -> Result<Option<Held>, StoreError> {
        let state = self.state();
        let version = state.keys.get(key).and_then(|id| state.articles.get(id));
        Ok(version.map(|Version { report: Report { article, .. }, .. }| Held {
            article: article.id,
            version: article.version,
            title: folded_title(&article.feed_title),
            unreachable: matches!(article.page, Page::Unreachable(_)),
        }))
    }

    fn candidates(&self, print: &Fingerprint, limit: usize) -> Result<Vec<Candidate>, StoreError> {
        let wanted = leading(print).collect::<BTreeSet<_>>();
        let state = self.state();
        let shared = |it: &Version| leading(&it.fingerprint).filter(|it| wanted.contains(it)).count();
        let mut ranked = state.articles.values().map(|it| (shared(it), it)).filter(|it| it.0 > 0).collect::<Vec<_>>();
        ranked.sort_by_key(|(count, it)| (Reverse(*count), it.change));
        let candidates = ranked.into_iter().take(limit).map(|(_, it)| Candidate {
            article: it.report.article.id,
            story: it.report.story(),
            source: it.report.article.source.clone(),
            first_seen: it.report.article.first_seen,
            fingerprint: it.fingerprint.clone(),
        });
        Ok(candidates.collect())
    }

    fn report(&self, id: ArticleId) -> Result<Option<Report>, StoreError> {
        Ok(self.state().articles.get(&id).map(|it| it.report.clone()))
    }

    fn reports(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Report) -> Visit) -> Result<(), StoreError> {
        let state = self.state();
        let reports = state.articles.values().map(|it| &it.report);
        let mut found = reports.filter(|it| range.contains(&it.article.first_seen)).cloned().collect::<Vec<_>>();
        // A visitor may ask the store.
        drop(state);
        found.sort_by_key(|it| Reverse((it.article.first_seen, it.article.id)));
        let _ = found.into_iter().try_for_each(visit);
        Ok(())
    }

    fn story(&self, id: StoryId) -> Result<Vec<ArticleId>, StoreError> {
        Ok(self.state().stories.get(&id).cloned().unwrap_or_default())
    }

    fn alerts(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Alert) -> Visit) -> Result<(), StoreError> {
        let state = self.state();
        let mut found = state.alerts.values().filter(|it| range.contains(&it.raised)).cloned().collect::<Vec<_>>();
        drop(state);
        found.sort_by_key(|it| Reverse((it.raised, it.id)));
        let _ = found.into_iter().try_for_each(visit);
        Ok(())
    }

    fn possible(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Report) -> Visit) -> Result<(), StoreError> {
        self.reports(range, &mut |it| if it.possible.is_empty() { Visit::Continue(()) } else { visit(it) })
    }

    fn alerts_of(&self, story: StoryId) -> Result<Vec<Alert>, StoreError> {
        let of_story = |it: &&Alert| it.story == story && it.kind == AlertKind::Found;
        Ok(self.state().alerts.values().filter(of_story).cloned().collect())
    }

    fn raised(&self, watch: &str, range: Range<Timestamp>, limit: usize) -> Result<Vec<Timestamp>, StoreError> {
        let state = self.state();
        let found = state.alerts.values().filter(|it| it.watch == watch && it.kind == AlertKind::Found);
        let mut res: Vec<_> = found.map(|it| it.raised).filter(|it| range.contains(it)).collect();
        res.sort_unstable_by_key(|it| Reverse(*it));
        res.truncate(limit);
        Ok(res)
    }

    fn fired(&self, story: StoryId) -> Result<Vec<String>, StoreError> {
        let mut watches: Vec<_> = self.alerts_of(story)?.into_iter().map(|it| it.watch).collect();
        watches.sort_unstable();
        Ok(watches)
    }

    fn source_state(&self, id: &SourceId) -> Result<Option<SourceState>, StoreError> {
        Ok(self.state().sources.get(id).cloned())
    }

    fn due(&self, now: Timestamp, visit: &mut dyn FnMut(Pending) -> Visit) -> Result<(), StoreError> {
        let mut due = {
            let state = self.state();
            let waiting = state.outbox.values().filter(|it| !it.parked && it.message.due <= now);
            waiting.cloned().collect::<Vec<_>>()
        };
        due.sort_by_key(|it| it.message.due);
        let _ = due.into_iter().try_for_each(visit);
        Ok(())
    }

    fn pending(&self, id: &MessageId) -> Result<Option<Pending>, StoreError> {
        Ok(self.state().outbox.get(id).cloned())
    }

    fn last_issue(&self, digest: &str) -> Result<Option<(Slot, Timestamp)>, StoreError> {
        let state = self.state();
        let newest = state.issues.iter().rev().find(|(slot, _)| slot.digest == digest);
        Ok(newest.map(|(slot, until)| (slot.clone(), *until)))
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        let state = self.state();
        let parked = state.outbox.values().filter(|it| it.parked).count() as u64;
        Ok(Counts {
            articles: state.articles.len() as u64,
            stories: state.stories.len() as u64,
            alerts: state.alerts.len() as u64,
            pending: state.outbox.len() as u64 - parked,
            parked,
            changes: state.changes,
            bytes: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract;

    #[test]
    fn keeps_the_contract() {
        contract::check(&mut || Box::new(MemoryStore::new()));
    }
}
