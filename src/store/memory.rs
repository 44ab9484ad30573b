//! A store that forgets at exit.

mod articles;
mod outbox;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

use self::outbox::Outbox;
use super::{Counts, Pending, Store, StoreError, Visit};
use crate::{
    decide::timing::hour,
    dedup::{Held, Key},
    model::{
        Alert, AlertId, AlertKind, Article, ArticleId, Change, DigestIssue, Event, Exhibit, Finding, Fingerprint,
        Issue, Label, LastReading, MessageId, Outgoing, Regrouping, RegroupingId, Relocated, Report, Slot, SourceId,
        SourceState, StoryId, Timestamp, Trail,
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
    /// Size in bytes of the ledger that it was read from.
    bytes: u64,
    /// Changes missing from the ledger, by its own report or by their numbers.
    lost: u64,
    /// Damaged records of the ledger.
    damaged: u64,
    /// Number of the last change.
    seq: u64,
    articles: HashMap<ArticleId, Version>,
    keys: HashMap<Key, ArticleId>,
    /// The members of each story, by the number of the change in which each joined.
    stories: HashMap<StoryId, BTreeMap<u64, ArticleId>>,
    alerts: BTreeMap<AlertId, Alert>,
    /// The messages that were to tell of each alert.
    telling: BTreeMap<AlertId, Vec<Outgoing>>,
    /// The story that each alert counts for.
    fired: BTreeMap<AlertId, StoryId>,
    regroupings: BTreeMap<u64, Regrouping>,
    regrouped: HashSet<RegroupingId>,
    labels: BTreeMap<(ArticleId, String), Label>,
    sources: HashMap<SourceId, SourceState>,
    /// For each issue the end of its window, and its content if known.
    issues: BTreeMap<Slot, (Timestamp, Option<Issue>)>,
    outbox: Outbox,
    forgotten: HashSet<ArticleId>,
    /// Versions that are not the newest, oldest first.
    versions: HashMap<ArticleId, Vec<Article>>,
    exhibits: BTreeSet<(Timestamp, ArticleId)>,
    readings: HashMap<ArticleId, LastReading>,
    events: BTreeMap<(Timestamp, ArticleId), (Finding, Option<Trail>)>,
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
    /// Why it is in another story than the one it was settled in.
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

    /// Sets the size of the ledger that it is read from, in bytes.
    pub(super) fn read_from(&self, bytes: u64) {
        self.state().bytes = bytes;
    }

    /// Sets the number of the next change.
    pub(super) fn number_next(&self, seq: u64) {
        self.state().seq = seq.saturating_sub(1);
    }

    /// Adds to the count of lost changes of the ledger.
    pub(super) fn lost(&self, count: u64) {
        self.state().lost += count;
    }

    /// Counts a damaged record of the ledger.
    pub(super) fn pass_over(&self) {
        self.state().damaged += 1;
    }

    /// Remembers deleted articles, and messages that were sent.
    pub(super) fn forget(&self, articles: impl Iterator<Item = ArticleId>, sent: impl Iterator<Item = MessageId>) {
        let mut state = self.state();
        state.forgotten.extend(articles);
        state.outbox.sent(sent);
    }

    /// Remembers a digest that was issued.
    pub(super) fn issued(&self, slot: Slot, until: Timestamp) {
        self.state().issues.entry(slot).or_insert((until, None));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No panic below can leave the state inconsistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn digest(&mut self, issue: &DigestIssue) {
        if !self.issues.contains_key(&issue.slot) {
            let of = Issue { window: issue.since..issue.until, articles: issue.articles.clone() };
            self.issues.insert(issue.slot.clone(), (issue.until, Some(of)));
            self.outbox.queue(&issue.outbox);
        }
    }

    /// An alert as it is read, with its article's present story.
    fn alert(&self, alert: &Alert) -> Alert {
        let story = self.articles.get(&alert.article).map_or(alert.story, |it| it.story);
        Alert { story, ..alert.clone() }
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
            Change::Delivery(attempt) => state.outbox.delivery(attempt),
            Change::Sending(sending) => state.outbox.sending(sending),
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
        Ok(version.map(|it| Held::of(&it.report.article)))
    }

    fn report(&self, id: ArticleId) -> Result<Option<Report>, StoreError> {
        Ok(self.state().articles.get(&id).map(Version::report))
    }

    fn passed_over(&self) -> u64 {
        self.state().damaged
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
        // Unlocked first: the visitor may use the store.
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

    fn telling(&self, alert: AlertId) -> Result<Vec<Outgoing>, StoreError> {
        Ok(self.state().telling.get(&alert).cloned().unwrap_or_default())
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
            let waiting = state.outbox.pending().filter(|it| !it.parked && it.message.due <= now);
            waiting.cloned().collect::<Vec<_>>()
        };
        due.sort_by_key(|it| it.message.due);
        let _ = due.into_iter().try_for_each(visit);
        Ok(())
    }

    fn outbox(&self, visit: &mut dyn FnMut(Pending) -> Visit) -> Result<(), StoreError> {
        let held = self.state().outbox.pending().cloned().collect::<Vec<_>>();
        let _ = held.into_iter().try_for_each(visit);
        Ok(())
    }

    fn pending(&self, id: &MessageId) -> Result<Option<Pending>, StoreError> {
        Ok(self.state().outbox.get(id).cloned())
    }

    fn was_queued(&self, id: &MessageId) -> Result<bool, StoreError> {
        Ok(self.state().outbox.was_queued(id))
    }

    fn last_issue(&self, digest: &str) -> Result<Option<(Slot, Timestamp)>, StoreError> {
        let state = self.state();
        let newest = state.issues.iter().rev().find(|(slot, _)| slot.digest == digest);
        Ok(newest.map(|(slot, (until, _))| (slot.clone(), *until)))
    }

    fn issues(&self, digest: &str, visit: &mut dyn FnMut(Slot, Timestamp) -> Visit) -> Result<(), StoreError> {
        let issues: Vec<_> = {
            let state = self.state();
            let of_digest = state.issues.iter().rev().filter(|(slot, _)| slot.digest == digest);
            of_digest.map(|(slot, (until, _))| (slot.clone(), *until)).collect()
        };
        let _ = issues.into_iter().try_for_each(|(slot, until)| visit(slot, until));
        Ok(())
    }

    fn issue(&self, slot: &Slot) -> Result<Option<Issue>, StoreError> {
        Ok(self.state().issues.get(slot).and_then(|it| it.1.clone()))
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
        let found = state.events.iter().rev().filter(|((at, _), _)| range.contains(at)).map(
            |((at, article), (finding, trail))| Event {
                article: *article,
                at: *at,
                finding: finding.clone(),
                trail: trail.clone(),
            },
        );
        let found = found.collect::<Vec<_>>();
        drop(state);
        let _ = found.into_iter().try_for_each(visit);
        Ok(())
    }

    fn is_forgotten(&self, id: ArticleId) -> Result<bool, StoreError> {
        let state = self.state();
        Ok(state.forgotten.contains(&id) && !state.articles.contains_key(&id))
    }

    fn kept_since(&self, _: Timestamp) -> Option<Timestamp> {
        None
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        let state = self.state();
        let parked = state.outbox.pending().filter(|it| it.parked).count() as u64;
        Ok(Counts {
            articles: state.articles.len() as u64,
            stories: state.stories.len() as u64,
            alerts: state.alerts.len() as u64,
            pending: state.outbox.pending().count() as u64 - parked,
            parked,
            changes: state.changes,
            bytes: state.bytes,
            lost: state.lost,
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
