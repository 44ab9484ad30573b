//! A store that lets a test act first: fail, panic, or end the process.

use std::ops::Range;

use sitrepd::{
    dedup::{Held, Key},
    model::{
        Alert, AlertId, Article, ArticleId, Change, Event, Exhibit, Fingerprint, Issue, Label, LastReading, MessageId,
        Outgoing, Regrouping, RegroupingId, Report, Slot, SourceId, SourceState, StoryId, Timestamp,
    },
    store::{Counts, Pending, Store, StoreError, Visit},
};

type Hook<T> = Box<dyn Fn(&T) -> Result<(), StoreError> + Send + Sync>;

/// Calls its hooks, and then the store below it.
pub(crate) struct Hooked<S> {
    store: S,
    on_commit: Hook<Change>,
    after_commit: Hook<Change>,
    on_held: Hook<Key>,
    on_recent: Hook<Range<Timestamp>>,
    after_events: Box<dyn Fn() + Send + Sync>,
    on_source_state: Hook<SourceId>,
    on_issue: Hook<Slot>,
    is_endless: bool,
}

impl<S: Store> Hooked<S> {
    pub(crate) fn new(store: S) -> Self {
        Self {
            store,
            on_commit: Box::new(|_| Ok(())),
            after_commit: Box::new(|_| Ok(())),
            on_held: Box::new(|_| Ok(())),
            on_recent: Box::new(|_| Ok(())),
            after_events: Box::new(|| ()),
            on_source_state: Box::new(|_| Ok(())),
            on_issue: Box::new(|_| Ok(())),
            is_endless: false,
        }
    }

    /// Before a change is committed. It is not, where the hook fails.
    pub(crate) fn on_commit(self, hook: impl Fn(&Change) -> Result<(), StoreError> + Send + Sync + 'static) -> Self {
        Self { on_commit: Box::new(hook), ..self }
    }

    /// After a change was committed. It is, even where the hook fails.
    pub(crate) fn after_commit(self, hook: impl Fn(&Change) -> Result<(), StoreError> + Send + Sync + 'static) -> Self {
        Self { after_commit: Box::new(hook), ..self }
    }

    /// Before the window is filled.
    pub(crate) fn on_recent(
        self,
        hook: impl Fn(&Range<Timestamp>) -> Result<(), StoreError> + Send + Sync + 'static,
    ) -> Self {
        Self { on_recent: Box::new(hook), ..self }
    }

    /// Has the window hold what it holds over and over.
    pub(crate) fn endless(self) -> Self {
        Self { is_endless: true, ..self }
    }

    /// After it was read what happened to articles.
    pub(crate) fn after_events(self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self { after_events: Box::new(hook), ..self }
    }

    /// Before it is read what is remembered of a source.
    pub(crate) fn on_source_state(
        self,
        hook: impl Fn(&SourceId) -> Result<(), StoreError> + Send + Sync + 'static,
    ) -> Self {
        Self { on_source_state: Box::new(hook), ..self }
    }

    /// Before an issue is read.
    pub(crate) fn on_issue(self, hook: impl Fn(&Slot) -> Result<(), StoreError> + Send + Sync + 'static) -> Self {
        Self { on_issue: Box::new(hook), ..self }
    }

    /// Before something is looked up by a key.
    pub(crate) fn on_held(self, hook: impl Fn(&Key) -> Result<(), StoreError> + Send + Sync + 'static) -> Self {
        Self { on_held: Box::new(hook), ..self }
    }
}

impl<S: Store> Store for Hooked<S> {
    fn commit(&self, change: &Change) -> Result<(), StoreError> {
        (self.on_commit)(change)?;
        self.store.commit(change)?;
        (self.after_commit)(change)
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.store.sync()
    }

    fn kept_since(&self, now: Timestamp) -> Option<Timestamp> {
        self.store.kept_since(now)
    }

    fn held(&self, key: &Key) -> Result<Option<Held>, StoreError> {
        (self.on_held)(key)?;
        self.store.held(key)
    }

    fn recent(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Report, Fingerprint) -> Visit,
    ) -> Result<(), StoreError> {
        (self.on_recent)(&range)?;
        let mut is_over = !self.is_endless;
        loop {
            self.store.recent(range.clone(), &mut |report, print| {
                let said = visit(report, print);
                is_over |= said.is_break();
                said
            })?;
            if is_over {
                return Ok(());
            }
        }
    }

    fn regroupings(&self, visit: &mut dyn FnMut(Regrouping) -> Visit) -> Result<(), StoreError> {
        self.store.regroupings(visit)
    }

    fn regroupings_by_hand(&self, visit: &mut dyn FnMut(Regrouping) -> Visit) -> Result<(), StoreError> {
        self.store.regroupings_by_hand(visit)
    }

    fn is_regrouped(&self, id: RegroupingId) -> Result<bool, StoreError> {
        self.store.is_regrouped(id)
    }

    fn label(&self, article: ArticleId, topic: &str) -> Result<Option<Label>, StoreError> {
        self.store.label(article, topic)
    }

    fn labels(&self, visit: &mut dyn FnMut(Label) -> Visit) -> Result<(), StoreError> {
        self.store.labels(visit)
    }

    fn report(&self, id: ArticleId) -> Result<Option<Report>, StoreError> {
        self.store.report(id)
    }

    fn reports(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Report) -> Visit) -> Result<(), StoreError> {
        self.store.reports(range, visit)
    }

    fn story(&self, id: StoryId) -> Result<Vec<ArticleId>, StoreError> {
        self.store.story(id)
    }

    fn small_story(&self, id: StoryId, limit: usize) -> Result<Option<Vec<ArticleId>>, StoreError> {
        self.store.small_story(id, limit)
    }

    fn alerts(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Alert) -> Visit) -> Result<(), StoreError> {
        self.store.alerts(range, visit)
    }

    fn possible(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Report) -> Visit) -> Result<(), StoreError> {
        self.store.possible(range, visit)
    }

    fn alerts_of(&self, story: StoryId) -> Result<Vec<Alert>, StoreError> {
        self.store.alerts_of(story)
    }

    fn telling(&self, alert: AlertId) -> Result<Vec<Outgoing>, StoreError> {
        self.store.telling(alert)
    }

    fn raised(&self, watch: &str, range: Range<Timestamp>, limit: usize) -> Result<Vec<Timestamp>, StoreError> {
        self.store.raised(watch, range, limit)
    }

    fn fired(&self, story: StoryId) -> Result<Vec<String>, StoreError> {
        self.store.fired(story)
    }

    fn volume(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Timestamp, &str, u32) -> Visit,
    ) -> Result<(), StoreError> {
        self.store.volume(range, visit)
    }

    fn source_state(&self, id: &SourceId) -> Result<Option<SourceState>, StoreError> {
        (self.on_source_state)(id)?;
        self.store.source_state(id)
    }

    fn due(&self, now: Timestamp, visit: &mut dyn FnMut(Pending) -> Visit) -> Result<(), StoreError> {
        self.store.due(now, visit)
    }

    fn due_of(
        &self,
        now: Timestamp,
        wanted: &mut dyn FnMut(&str) -> bool,
        visit: &mut dyn FnMut(Pending) -> Visit,
    ) -> Result<(), StoreError> {
        self.store.due_of(now, wanted, visit)
    }

    fn outbox(&self, visit: &mut dyn FnMut(Pending) -> Visit) -> Result<(), StoreError> {
        self.store.outbox(visit)
    }

    fn pending(&self, id: &MessageId) -> Result<Option<Pending>, StoreError> {
        self.store.pending(id)
    }

    fn was_queued(&self, id: &MessageId) -> Result<bool, StoreError> {
        self.store.was_queued(id)
    }

    fn last_issue(&self, digest: &str) -> Result<Option<(Slot, Timestamp)>, StoreError> {
        self.store.last_issue(digest)
    }

    fn issues(&self, digest: &str, visit: &mut dyn FnMut(Slot, Timestamp) -> Visit) -> Result<(), StoreError> {
        self.store.issues(digest, visit)
    }

    fn issue(&self, slot: &Slot) -> Result<Option<Issue>, StoreError> {
        (self.on_issue)(slot)?;
        self.store.issue(slot)
    }

    fn versions(&self, id: ArticleId) -> Result<Vec<Article>, StoreError> {
        self.store.versions(id)
    }

    fn record_number(&self, id: ArticleId) -> Result<Option<u64>, StoreError> {
        self.store.record_number(id)
    }

    fn exhibits(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Exhibit) -> Visit) -> Result<(), StoreError> {
        self.store.exhibits(range, visit)
    }

    fn last_reading(&self, id: ArticleId) -> Result<Option<LastReading>, StoreError> {
        self.store.last_reading(id)
    }

    fn events(&self, range: Range<Timestamp>, visit: &mut dyn FnMut(Event) -> Visit) -> Result<(), StoreError> {
        self.store.events(range, visit)?;
        (self.after_events)();
        Ok(())
    }

    fn is_forgotten(&self, id: ArticleId) -> Result<bool, StoreError> {
        self.store.is_forgotten(id)
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        self.store.counts()
    }
}
