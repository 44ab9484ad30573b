//! A store that forgets at exit.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Counts, Pending, Store, StoreError, Visit};
use crate::{
    decide::timing::hour,
    dedup::{Held, Key, article_keys, folded_title},
    model::{
        Alert, AlertId, AlertKind, Article, ArticleId, Attempt, Change, DigestIssue, Event, Exhibit, Finding,
        Fingerprint, Intent, Label, LastReading, MessageId, Outcome, Outgoing, Page, Regrouping, RegroupingId,
        Relocated, Report, Rereading, Sending, Slot, SourceId, SourceState, StoryId, Timestamp,
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
    /// Of the ledger that it was read from.
    bytes: u64,
    /// Number of the last change, where it was committed.
    seq: u64,
    articles: HashMap<ArticleId, Version>,
    keys: HashMap<Key, ArticleId>,
    /// By the change in which each joined.
    stories: HashMap<StoryId, BTreeMap<u64, ArticleId>>,
    alerts: BTreeMap<AlertId, Alert>,
    /// The story that each alert counts for.
    fired: BTreeMap<AlertId, StoryId>,
    regroupings: BTreeMap<u64, Regrouping>,
    regrouped: HashSet<RegroupingId>,
    labels: BTreeMap<(ArticleId, String), Label>,
    sources: HashMap<SourceId, SourceState>,
    issues: BTreeMap<Slot, Timestamp>,
    outbox: BTreeMap<MessageId, Pending>,
    sent: HashSet<MessageId>,
    forgotten: HashSet<ArticleId>,
    /// Versions that are not the newest, oldest first.
    versions: HashMap<ArticleId, Vec<Article>>,
    exhibits: BTreeSet<(Timestamp, ArticleId)>,
    readings: HashMap<ArticleId, LastReading>,
    events: BTreeMap<(Timestamp, ArticleId), Finding>,
}

/// The newest version of an article.
#[derive(Debug)]
struct Version {
    /// As it was settled.
    report: Report,
    fingerprint: Fingerprint,
    /// Number of the change in which this version came.
    seq: u64,
    /// The change in which the first came.
    joined: u64,
    /// The story it is in now.
    story: StoryId,
    /// Why it is in another than it was settled in.
    moved: String,
}

impl Version {
    /// As it is read.
    fn report(&self) -> Report {
        let mut res = Report { moved: None, ..self.report.clone() };
        if res.story() != self.story {
            res.moved = Some(Relocated { story: self.story, why: self.moved.clone() });
        }
        res
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Has it say how large the ledger is that it is read from.
    pub(super) fn read_from(&self, bytes: u64) {
        self.state().bytes = bytes;
    }

    /// Has the next change numbered so.
    pub(super) fn number_next(&self, seq: u64) {
        self.state().seq = seq.saturating_sub(1);
    }

    /// Has articles known that were held once, and messages that were sent.
    pub(super) fn forget(&self, articles: impl Iterator<Item = ArticleId>, sent: impl Iterator<Item = MessageId>) {
        let mut state = self.state();
        state.forgotten.extend(articles);
        state.sent.extend(sent);
    }

    /// Has a digest known that was issued once.
    pub(super) fn issued(&self, slot: Slot, until: Timestamp) {
        self.state().issues.entry(slot).or_insert(until);
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
                self.alerts.insert(alert.id, alert.clone());
            }
        }
        if let Some(merge) = &intent.merge {
            self.regroup(merge, Some(id));
        }
        self.queue(&intent.outbox);
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

    fn reread(&mut self, rereading: &Rereading) {
        let Rereading { article, at, finding, attempts, intent, .. } = rereading;
        if let Some(intent) = intent {
            self.article(intent);
        }
        if self.readings.get(article).is_some_and(|it| it.at >= *at) {
            return;
        }
        self.readings.insert(*article, LastReading { at: *at, state: finding.into(), attempts: *attempts });
        if finding.is_event() {
            self.events.insert((*at, *article), finding.clone());
        }
    }

    /// `but` stands where it is put.
    fn regroup(&mut self, regrouping: &Regrouping, but: Option<ArticleId>) {
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

    /// An alert as it is read: its article may be in another story by now.
    fn alert(&self, alert: &Alert) -> Alert {
        let story = self.articles.get(&alert.article).map_or(alert.story, |it| it.story);
        Alert { story, ..alert.clone() }
    }

    fn queue(&mut self, outbox: &[Outgoing]) {
        for message in outbox {
            if !self.sent.contains(&message.id) {
                let queued = message.due;
                let pending = || Pending {
                    message: message.clone(),
                    queued,
                    attempts: 0,
                    last_error: None,
                    parked: false,
                    sending: None,
                    rendered: None,
                };
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

    fn sending(&mut self, sending: &Sending) {
        if let Some(pending) = self.outbox.get_mut(&sending.message).filter(|it| !it.parked) {
            pending.sending = Some(sending.at);
            if pending.rendered.is_none() {
                pending.rendered.clone_from(&sending.rendered);
            }
        }
    }

    fn delivery(&mut self, attempt: &Attempt) {
        let Some(pending) = self.outbox.get_mut(&attempt.message) else {
            return;
        };
        let is_released = pending.parked && matches!(attempt.outcome, Outcome::Retry { .. });
        pending.attempts = if is_released { 0 } else { pending.attempts + 1 };
        pending.sending = None;
        match &attempt.outcome {
            Outcome::Sent | Outcome::Dropped { .. } => {
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
        state.seq += 1;
        match change {
            Change::Article(intent) => state.article(intent),
            Change::Reread(rereading) => state.reread(rereading),
            // Nobody asks for it here.
            Change::Page(_) => (),
            Change::Polled(source) => {
                state.sources.insert(source.source.clone(), source.as_ref().clone());
            }
            Change::Digest(issue) => state.digest(issue),
            Change::Delivery(attempt) => state.delivery(attempt),
            Change::Sending(sending) => state.sending(sending),
            Change::Regrouped(regrouping) => state.regroup(regrouping, None),
            Change::Labelled(label) => {
                let key = (label.article, label.topic.clone());
                if state.labels.get(&key).is_none_or(|it| it.at < label.at) {
                    state.labels.insert(key, label.clone());
                }
            }
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

    fn report(&self, id: ArticleId) -> Result<Option<Report>, StoreError> {
        Ok(self.state().articles.get(&id).map(Version::report))
    }

    fn reports(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Report) -> Visit) -> Result<(), StoreError> {
        self.recent(range, &mut |report, _| visit(report))
    }

    fn recent(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Report, Fingerprint) -> Visit,
    ) -> Result<(), StoreError> {
        let state = self.state();
        let within = state.articles.values().filter(|it| range.contains(&it.report.article.first_seen));
        let mut found = within.map(|it| (it.report(), it.fingerprint.clone())).collect::<Vec<_>>();
        // A visitor may ask the store.
        drop(state);
        found.sort_by_key(|(it, _)| Reverse((it.article.first_seen, it.article.id)));
        let _ = found.into_iter().try_for_each(|(report, fingerprint)| visit(report, fingerprint));
        Ok(())
    }

    fn regroupings(&self, visit: &mut dyn FnMut(Regrouping) -> Visit) -> Result<(), StoreError> {
        let found = self.state().regroupings.values().rev().cloned().collect::<Vec<_>>();
        let _ = found.into_iter().try_for_each(visit);
        Ok(())
    }

    fn regroupings_by_hand(&self, visit: &mut dyn FnMut(Regrouping) -> Visit) -> Result<(), StoreError> {
        self.regroupings(&mut |it| if it.cause.is_by_hand() { visit(it) } else { Visit::Continue(()) })
    }

    fn is_regrouped(&self, id: RegroupingId) -> Result<bool, StoreError> {
        Ok(self.state().regrouped.contains(&id))
    }

    fn label(&self, article: ArticleId, topic: &str) -> Result<Option<Label>, StoreError> {
        Ok(self.state().labels.get(&(article, topic.to_owned())).cloned())
    }

    fn labels(&self, visit: &mut dyn FnMut(Label) -> Visit) -> Result<(), StoreError> {
        let found = self.state().labels.values().cloned().collect::<Vec<_>>();
        let _ = found.into_iter().try_for_each(visit);
        Ok(())
    }

    fn story(&self, id: StoryId) -> Result<Vec<ArticleId>, StoreError> {
        Ok(self.state().stories.get(&id).into_iter().flat_map(BTreeMap::values).copied().collect())
    }

    fn small_story(&self, id: StoryId, limit: usize) -> Result<Option<Vec<ArticleId>>, StoreError> {
        Ok(Some(self.story(id)?).filter(|it| it.len() <= limit))
    }

    fn alerts(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Alert) -> Visit) -> Result<(), StoreError> {
        let state = self.state();
        let found = state.alerts.values().filter(|it| range.contains(&it.raised));
        let mut found = found.map(|it| state.alert(it)).collect::<Vec<_>>();
        drop(state);
        found.sort_by_key(|it| Reverse((it.raised, it.id)));
        let _ = found.into_iter().try_for_each(visit);
        Ok(())
    }

    fn possible(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Report) -> Visit) -> Result<(), StoreError> {
        self.reports(range, &mut |it| if it.possible.is_empty() { Visit::Continue(()) } else { visit(it) })
    }

    fn alerts_of(&self, story: StoryId) -> Result<Vec<Alert>, StoreError> {
        let state = self.state();
        let fired = state.fired.iter().filter(|(_, it)| **it == story).filter_map(|(id, _)| state.alerts.get(id));
        Ok(fired.map(|it| state.alert(it)).collect())
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
        watches.dedup();
        Ok(watches)
    }

    fn volume(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Timestamp, &str, u32) -> Visit,
    ) -> Result<(), StoreError> {
        let mut counts = BTreeMap::<(Timestamp, String), u32>::new();
        for it in self.state().articles.values() {
            let hour = hour(it.report.article.first_seen);
            let topics: BTreeSet<_> = it.report.tags.iter().map(|it| &it.topic).collect();
            for topic in topics.into_iter().filter(|_| range.contains(&hour)) {
                *counts.entry((hour, topic.clone())).or_default() += 1;
            }
        }
        let _ = counts.into_iter().try_for_each(|((hour, topic), n)| visit(hour, &topic, n));
        Ok(())
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

    fn outbox(&self, visit: &mut dyn FnMut(Pending) -> Visit) -> Result<(), StoreError> {
        let held = self.state().outbox.values().cloned().collect::<Vec<_>>();
        let _ = held.into_iter().try_for_each(visit);
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

    fn issues(&self, digest: &str, visit: &mut dyn FnMut(Slot, Timestamp) -> Visit) -> Result<(), StoreError> {
        let issues: Vec<_> = {
            let state = self.state();
            let of_digest = state.issues.iter().rev().filter(|(slot, _)| slot.digest == digest);
            of_digest.map(|(slot, until)| (slot.clone(), *until)).collect()
        };
        let _ = issues.into_iter().try_for_each(|(slot, until)| visit(slot, until));
        Ok(())
    }

    fn versions(&self, id: ArticleId) -> Result<Vec<Article>, StoreError> {
        let state = self.state();
        let newest = state.articles.get(&id).map(|it| &it.report.article);
        Ok(state.versions.get(&id).into_iter().flatten().chain(newest).cloned().collect())
    }

    fn record_number(&self, id: ArticleId) -> Result<Option<u64>, StoreError> {
        Ok(self.state().articles.get(&id).map(|it| it.seq))
    }

    fn exhibits(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Exhibit) -> Visit) -> Result<(), StoreError> {
        let state = self.state();
        let found = state.exhibits.iter().rev().filter(|(at, _)| range.contains(at)).map(|(first_seen, article)| {
            let last = state.readings.get(article).copied();
            Exhibit { article: *article, first_seen: *first_seen, last }
        });
        let found = found.collect::<Vec<_>>();
        drop(state);
        let _ = found.into_iter().try_for_each(visit);
        Ok(())
    }

    fn last_reading(&self, id: ArticleId) -> Result<Option<LastReading>, StoreError> {
        Ok(self.state().readings.get(&id).copied())
    }

    fn events(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Event) -> Visit) -> Result<(), StoreError> {
        let state = self.state();
        let found = state
            .events
            .iter()
            .rev()
            .filter(|((at, _), _)| range.contains(at))
            .map(|((at, article), finding)| Event { article: *article, at: *at, finding: finding.clone() });
        let found = found.collect::<Vec<_>>();
        drop(state);
        let _ = found.into_iter().try_for_each(visit);
        Ok(())
    }

    fn is_forgotten(&self, id: ArticleId) -> Result<bool, StoreError> {
        let state = self.state();
        Ok(state.forgotten.contains(&id) && !state.articles.contains_key(&id))
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
            bytes: state.bytes,
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
