//! Answers a store's questions, each from the index and at most one read of the ledger per record. Must not change
//! anything.

use std::{
    ops::{ControlFlow, Range},
    sync::PoisonError,
};

use super::View;
use crate::{
    dedup::{Held, Key, folded_title},
    model::{
        Alert, AlertId, Article, ArticleId, Change, Event, Exhibit, Fingerprint, Intent, Issue, Label, LastReading,
        Regrouping, Relocated, Report, Slot, SourceId, SourceState, StoryId, Timestamp,
    },
    store::{
        StoreError, Visit,
        index::{
            Listing as _, Order, key,
            row::{ArticleRow, IssueRow, Kept, ReadingRow},
        },
        ledger::Position,
        record::{RecordError, SourceStateRecord, Time},
    },
};

/// Maximum damaged records remembered. Beyond it, the count says little.
const MAX_DAMAGED: usize = 10_000;

impl View {
    /// Remembers damage that a question met, and says whether it is new.
    pub(super) fn note_damage(&self, error: &StoreError) -> bool {
        let StoreError::Damaged { path, offset, .. } = error else { return false };
        let mut damaged = self.damaged.lock().unwrap_or_else(PoisonError::into_inner);
        damaged.len() < MAX_DAMAGED && damaged.insert((path.clone(), *offset))
    }

    /// Logs damage once and lets a listing continue; any other error ends the listing.
    pub(super) fn pass_over(&self, what: &'static str, error: StoreError) -> Result<(), StoreError> {
        match error {
            StoreError::Damaged { .. } => {
                // The outbox is read every two seconds, so each damage is logged only once.
                if self.note_damage(&error) {
                    tracing::error!(what, %error, "passed over, as it is damaged");
                }
                Ok(())
            }
            other => Err(other),
        }
    }

    pub(super) fn position_damaged(&self, at: Position, reason: &str) -> StoreError {
        self.ledger.damaged("record", at, reason.to_owned())
    }

    pub(super) fn read_held(&self, by: &Key) -> Result<Option<Held>, StoreError> {
        let Some(id) = self.index.get::<u64>(&self.index.names().held(by))? else {
            return Ok(None);
        };
        let article = ArticleId(id);
        let Some(row) = self.index.get::<ArticleRow>(&key::article(article))? else {
            return Err(self.index.broken("reading", "a key leads to an article that is not there"));
        };
        let title = match row.title {
            Kept::Here(title) => Some(title),
            // An entry with a link is recognised without the title. One without is read again rather than lost.
            Kept::At(at) => match self.intent(at, article) {
                Ok(intent) => Some(folded_title(&intent.report.article.feed_title)),
                Err(error) => self.pass_over("title", error).map(|()| None)?,
            },
        };
        Ok(Some(Held { article, version: row.version, title, unreachable: row.unreachable }))
    }

    pub(super) fn read_report(&self, id: ArticleId) -> Result<Option<Report>, StoreError> {
        Ok(self.read_recent(id)?.map(|it| it.0))
    }

    fn read_recent(&self, id: ArticleId) -> Result<Option<(Report, Fingerprint)>, StoreError> {
        let Some(row) = self.index.get::<ArticleRow>(&key::article(id))? else { return Ok(None) };
        let Intent { mut report, fingerprint, .. } = self.intent(row.at, id)?;
        let story = StoryId(ArticleId(row.story));
        if report.story() != story {
            report.moved = Some(Relocated { story, why: row.moved.unwrap_or_default() });
        }
        Ok(Some((report, fingerprint)))
    }

    pub(super) fn list_reports(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Report) -> Visit,
    ) -> Result<(), StoreError> {
        self.list_recent(range, &mut |report, _| visit(report))
    }

    pub(super) fn list_volume(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Timestamp, &str, u32) -> Visit,
    ) -> Result<(), StoreError> {
        let (from, to) = (key::volume_prefix(range.start.into()), key::volume_prefix(range.end.into()));
        self.index.rows(&from, &to, |key, n: u32| match key::of_volume(key) {
            Some((hour, topic)) => Ok(visit(self.instant(hour)?, topic, n)),
            None => Err(self.index.broken("listing", "a key of volume is no hour and topic")),
        })
    }

    pub(super) fn list_possible(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Report) -> Visit,
    ) -> Result<(), StoreError> {
        let (from, to) = (key::possible_prefix(range.start.into()), key::possible_prefix(range.end.into()));
        self.recent_between(&from, &to, &mut |report, _| visit(report))
    }

    pub(super) fn list_recent(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Report, Fingerprint) -> Visit,
    ) -> Result<(), StoreError> {
        self.recent_between(&key::time_prefix(range.start.into()), &key::time_prefix(range.end.into()), visit)
    }

    /// Visits the reports named at the end of the keys from `from` up to and without `to`, the last first.
    fn recent_between(
        &self,
        from: &[u8],
        to: &[u8],
        visit: &mut dyn FnMut(Report, Fingerprint) -> Visit,
    ) -> Result<(), StoreError> {
        self.index.list(from, to, Order::Down, &mut |key| match key::last_u64(key)
            .map(|id| self.read_recent(ArticleId(id)))
            .transpose()
        {
            Ok(Some(Some((report, fingerprint)))) => Ok(visit(report, fingerprint)),
            Ok(_) => Ok(ControlFlow::Continue(())),
            Err(error) => self.pass_over("report", error).map(ControlFlow::Continue),
        })
    }

    pub(super) fn list_reread(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Report) -> Visit,
    ) -> Result<(), StoreError> {
        let (from, to) = (key::time_prefix(range.start.into()), key::time_prefix(range.end.into()));
        self.index.list(&from, &to, Order::Down, &mut |key| {
            let Some(id) = key::last_u64(key).map(ArticleId) else { return Ok(ControlFlow::Continue(())) };
            let row = self.index.get::<ArticleRow>(&key::article(id))?;
            if row.is_none_or(|it| it.version <= 1) {
                return Ok(ControlFlow::Continue(()));
            }
            match self.read_report(id) {
                Ok(report) => Ok(report.map_or(ControlFlow::Continue(()), &mut *visit)),
                Err(error) => self.pass_over("report", error).map(ControlFlow::Continue),
            }
        })
    }

    pub(super) fn list_regroupings(&self, visit: &mut dyn FnMut(Regrouping) -> Visit) -> Result<(), StoreError> {
        let mut read = |at, change| match change {
            Change::Regrouped(it) => Ok(visit(*it)),
            other => match other.into_intent() {
                Some(it) => Ok(it.regrouping.map_or(ControlFlow::Continue(()), &mut *visit)),
                None => Err(self.position_damaged(at, "it holds no regrouping")),
            },
        };
        self.list_changes(key::Kind::Regrouping, Order::Down, "regrouping", &mut read)
    }

    pub(super) fn list_regroupings_by_hand(
        &self,
        visit: &mut dyn FnMut(Regrouping) -> Visit,
    ) -> Result<(), StoreError> {
        let mut read = |at, change| match change {
            Change::Regrouped(it) => Ok(visit(*it)),
            _ => Err(self.position_damaged(at, "it holds no regrouping")),
        };
        self.list_changes(key::Kind::ByHand, Order::Down, "regrouping", &mut read)
    }

    pub(super) fn read_label(&self, article: ArticleId, topic: &str) -> Result<Option<Label>, StoreError> {
        let Some(at) = self.index.get::<Position>(&self.index.names().label(article, topic))? else { return Ok(None) };
        match self.ledger.change(at)? {
            Change::Labelled(it) => Ok(Some(it)),
            _ => Err(self.position_damaged(at, "it holds no label")),
        }
    }

    pub(super) fn list_labels(&self, visit: &mut dyn FnMut(Label) -> Visit) -> Result<(), StoreError> {
        let mut read = |at, change| match change {
            Change::Labelled(it) => Ok(visit(it)),
            _ => Err(self.position_damaged(at, "it holds no label")),
        };
        self.list_changes(key::Kind::Label, Order::Up, "label", &mut read)
    }

    /// Visits the changes to which the rows of a kind point.
    fn list_changes(
        &self,
        kind: key::Kind,
        order: Order,
        what: &'static str,
        read: &mut dyn FnMut(Position, Change) -> Result<Visit, StoreError>,
    ) -> Result<(), StoreError> {
        let from = vec![kind as u8];
        self.index.list(&from, &key::after(&from), order, &mut |key| {
            let Some(at) = self.index.get::<Position>(key)? else { return Ok(ControlFlow::Continue(())) };
            match self.ledger.change(at).and_then(|it| read(at, it)) {
                Err(error) => self.pass_over(what, error).map(ControlFlow::Continue),
                res => res,
            }
        })
    }

    pub(super) fn list_story(&self, id: StoryId, limit: usize) -> Result<Vec<ArticleId>, StoreError> {
        let prefix = key::story_prefix(id);
        let mut res = Vec::new();
        self.index.list(&prefix, &key::after(&prefix), Order::Up, &mut |key| {
            res.extend(key::last_u64(key).map(ArticleId));
            Ok(if res.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok(res)
    }

    pub(super) fn list_alerts(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Alert) -> Visit,
    ) -> Result<(), StoreError> {
        let (from, to) = (key::raised_prefix(range.start.into()), key::raised_prefix(range.end.into()));
        // Rows of one article are consecutive.
        let mut last = None;
        self.index.list(&from, &to, Order::Down, &mut |key| match key::last_u64(key)
            .map(|id| self.alert(AlertId(id), &mut last))
            .transpose()
        {
            Ok(Some(Some(alert))) => Ok(visit(alert)),
            Ok(_) => Ok(ControlFlow::Continue(())),
            Err(error) => self.pass_over("alert", error).map(ControlFlow::Continue),
        })
    }

    pub(super) fn list_alerts_of(&self, story: StoryId) -> Result<Vec<Alert>, StoreError> {
        let prefix = key::fired_prefix(story);
        let mut ids = Vec::new();
        self.index.list(&prefix, &key::after(&prefix), Order::Up, &mut |key| {
            ids.extend(key::last_u64(key).map(AlertId));
            Ok(ControlFlow::Continue(()))
        })?;
        let (mut res, mut last) = (Vec::new(), None);
        for (_, id) in self.by_commit(&ids)? {
            match self.alert(id, &mut last) {
                Ok(alert) => res.extend(alert),
                Err(error) => self.pass_over("alert", error)?,
            }
        }
        res.sort_unstable_by_key(|it| it.id);
        Ok(res)
    }

    pub(super) fn list_raised(
        &self,
        watch: &str,
        range: Range<Timestamp>,
        limit: usize,
    ) -> Result<Vec<Timestamp>, StoreError> {
        let names = self.index.names();
        let (from, to) =
            (names.raising_prefix(watch, range.start.into()), names.raising_prefix(watch, range.end.into()));
        let mut res = Vec::new();
        if limit == 0 {
            return Ok(res);
        }
        self.index.list(&from, &to, Order::Down, &mut |key| {
            if let Some(time) = key::time_before_last(key) {
                res.push(self.instant(time)?);
            }
            Ok(if res.len() == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(res)
    }

    pub(super) fn list_fired(&self, story: StoryId) -> Result<Vec<String>, StoreError> {
        let prefix = key::fired_prefix(story);
        let mut res = Vec::new();
        self.index.list(&prefix, &key::after(&prefix), Order::Up, &mut |key| {
            match self.index.get::<Kept<String>>(key)? {
                Some(Kept::Here(watch)) => res.push(watch),
                Some(Kept::At(_)) => {
                    match key::last_u64(key).map(|id| self.alert(AlertId(id), &mut None)).transpose() {
                        Ok(alert) => res.extend(alert.flatten().map(|it| it.watch)),
                        // Other reports of the story can be settled without this alert.
                        Err(error) => self.pass_over("alert", error)?,
                    }
                }
                None => (),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        res.sort_unstable();
        res.dedup();
        Ok(res)
    }

    pub(super) fn read_source_state(&self, id: &SourceId) -> Result<Option<SourceState>, StoreError> {
        match self.index.get::<Kept<SourceStateRecord>>(&key::source(id))? {
            Some(Kept::Here(record)) => record.try_into().map(Some).map_err(|it| self.record_error(&it)),
            Some(Kept::At(at)) => match self.ledger.change(at)? {
                Change::Polled(state) => Ok(Some(*state)),
                _ => Err(self.position_damaged(at, "no source state")),
            },
            None => Ok(None),
        }
    }

    pub(super) fn read_last_issue(&self, digest: &str) -> Result<Option<(Slot, Timestamp)>, StoreError> {
        let prefix = self.index.names().issues_prefix(digest);
        let last = self.index.page(&prefix, &key::after(&prefix), Order::Down, 1)?;
        let row = last.first().map(|it| self.index.get::<IssueRow>(it)).transpose()?.flatten();
        row.map(|row| {
            let slot = Slot { digest: digest.to_owned(), at: self.instant(row.slot)? };
            Ok((slot, self.instant(row.until)?))
        })
        .transpose()
    }

    pub(super) fn list_issues(
        &self,
        digest: &str,
        visit: &mut dyn FnMut(Slot, Timestamp) -> Visit,
    ) -> Result<(), StoreError> {
        let prefix = self.index.names().issues_prefix(digest);
        self.index.list(&prefix, &key::after(&prefix), Order::Down, &mut |key| {
            let Some(row) = self.index.get::<IssueRow>(key)? else { return Ok(ControlFlow::Continue(())) };
            let slot = Slot { digest: digest.to_owned(), at: self.instant(row.slot)? };
            Ok(visit(slot, self.instant(row.until)?))
        })
    }

    /// Reads an issue; `None` if there is none, or if the index was made by an older sitrepd, which did not record
    /// where issues are.
    pub(super) fn read_issue(&self, slot: &Slot) -> Result<Option<Issue>, StoreError> {
        let key = self.index.names().issue_at(&slot.digest, slot.at.into());
        let Some(at) = self.index.get::<Position>(&key)? else { return Ok(None) };
        match self.ledger.change(at)? {
            Change::Digest(it) if it.slot == *slot => {
                Ok(Some(Issue { window: it.since..it.until, articles: it.articles }))
            }
            _ => Err(self.position_damaged(at, "it does not hold the issue")),
        }
    }

    pub(super) fn list_versions(&self, id: ArticleId) -> Result<Vec<Article>, StoreError> {
        let Some(row) = self.index.get::<ArticleRow>(&key::article(id))? else { return Ok(Vec::new()) };
        let prefix = key::versions_prefix(id);
        let mut places = Vec::new();
        self.index.list(&prefix, &key::after(&prefix), Order::Up, &mut |key| {
            places.extend(self.index.get::<Position>(key)?);
            Ok(ControlFlow::Continue(()))
        })?;
        places.push(row.at);
        let mut res = Vec::new();
        for at in places {
            match self.intent(at, id) {
                Ok(intent) => res.push(intent.report.article),
                Err(error) => self.pass_over("version", error)?,
            }
        }
        Ok(res)
    }

    pub(super) fn list_exhibits(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Exhibit) -> Visit,
    ) -> Result<(), StoreError> {
        let (from, to) = (key::exhibit_prefix(range.start.into()), key::exhibit_prefix(range.end.into()));
        self.index.list(&from, &to, Order::Down, &mut |key| {
            let (Some(first_seen), Some(id)) = (key::time_before_last(key), key::last_u64(key)) else {
                return Err(self.index.broken("reading", "a key has no article"));
            };
            let article = ArticleId(id);
            let (first_seen, last) = (self.instant(first_seen)?, self.read_last_reading(article)?);
            Ok(visit(Exhibit { article, first_seen, last }))
        })
    }

    pub(super) fn read_last_reading(&self, id: ArticleId) -> Result<Option<LastReading>, StoreError> {
        let row = self.index.get::<ReadingRow>(&key::reading(id))?;
        let read = |it: ReadingRow| {
            Ok(LastReading { at: self.instant(it.at)?, state: it.state.into(), attempts: it.attempts })
        };
        row.map(read).transpose()
    }

    pub(super) fn list_events(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Event) -> Visit,
    ) -> Result<(), StoreError> {
        let (from, to) = (key::event_prefix(range.start.into()), key::event_prefix(range.end.into()));
        let mut read = |at| match self.ledger.change(at)? {
            Change::Reread(it) => {
                Ok(visit(Event { article: it.article, at: it.at, finding: it.finding, trail: it.trail }))
            }
            _ => Err(self.position_damaged(at, "no reading of a page")),
        };
        self.index.list(&from, &to, Order::Down, &mut |key| match self.index.get::<Position>(key)?.map(&mut read) {
            None => Ok(ControlFlow::Continue(())),
            Some(Ok(it)) => Ok(it),
            Some(Err(error)) => self.pass_over("event", error).map(ControlFlow::Continue),
        })
    }

    /// The commit of an article's version.
    fn intent(&self, at: Position, id: ArticleId) -> Result<Intent, StoreError> {
        match self.ledger.change(at)?.into_intent() {
            Some(intent) if intent.report.article.id == id => Ok(intent),
            _ => Err(self.position_damaged(at, &format!("it does not hold article {id}"))),
        }
    }

    /// The positions where alerts were raised, ordered by commit, so that a commit that raised many is read once.
    pub(super) fn by_commit(&self, alerts: &[AlertId]) -> Result<Vec<(Position, AlertId)>, StoreError> {
        let mut res = Vec::new();
        for id in alerts {
            res.extend(self.index.get::<Position>(&key::alert(*id))?.map(|at| (at, *id)));
        }
        res.sort_unstable();
        Ok(res)
    }

    /// An alert with its present story, taken from the commit in `last` if that raised it.
    fn alert(&self, id: AlertId, last: &mut Option<(Position, Vec<Alert>)>) -> Result<Option<Alert>, StoreError> {
        let Some(at) = self.index.get::<Position>(&key::alert(id))? else { return Ok(None) };
        let alerts = match last.take() {
            Some((known, alerts)) if known == at => alerts,
            _ => self.raising(at, id)?.alerts,
        };
        let found = alerts.iter().find(|it| it.id == id).cloned();
        *last = Some((at, alerts));
        let alert = found.ok_or_else(|| self.position_damaged(at, &format!("it does not hold alert {id}")))?;
        let row = self.index.get::<ArticleRow>(&key::article(alert.article))?;
        let story = row.map_or(alert.story, |it| StoryId(ArticleId(it.story)));
        Ok(Some(Alert { story, ..alert }))
    }

    /// The commit that raised an alert.
    pub(super) fn raising(&self, at: Position, id: AlertId) -> Result<Intent, StoreError> {
        let intent = self.ledger.change(at)?.into_intent().filter(|it| it.alerts.iter().any(|it| it.id == id));
        intent.ok_or_else(|| self.position_damaged(at, &format!("it does not hold alert {id}")))
    }

    pub(super) fn instant(&self, time: Time) -> Result<Timestamp, StoreError> {
        time.try_into().map_err(|it| self.record_error(&it))
    }

    fn record_error(&self, error: &RecordError) -> StoreError {
        self.index.broken("reading", &error.to_string())
    }
}
