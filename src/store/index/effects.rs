//! What a change does to the index. Pure. Commit and rebuild both use it, so that a rebuilt index equals one that was
//! not.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::{
    Op,
    before::Before,
    key::{self, Names},
    row::{self, ArticleRow, IssueRow, Kept, MessageRow, Meta, ReadingRow, RowError, SendingRow},
};
use crate::{
    dedup::{article_keys, folded_title},
    model::{
        Alert, AlertKind, Attempt, Change, DigestIssue, Intent, Outcome, Outgoing, Page, PageState, Regrouping,
        Rereading, Sending, Tag,
    },
    store::{
        Tried,
        ledger::Tail,
        record::{SourceStateRecord, Time},
    },
};

/// The operations that bring the index from the state `before` to that after `change`, which is at `tail` in the
/// ledger.
pub(in crate::store) fn effects(
    names: Names,
    change: &Change,
    mut before: Before,
    tail: Tail,
) -> Result<Vec<Op>, RowError> {
    let meta = before.meta.take();
    let meta = meta.unwrap_or(Meta { tail, articles: 0, stories: 0, alerts: 0, pending: 0, parked: 0, changes: 0 });
    let mut effects = Effects { names, tail, meta, ops: Vec::new() };
    match change {
        Change::Article(intent) => effects.article(intent, &mut before)?,
        Change::Polled(state) => {
            effects.put(key::source(&state.source), &Kept::record(SourceStateRecord::from(state.as_ref()), tail.at))?;
        }
        Change::Digest(issue) => effects.digest(issue, &mut before)?,
        Change::Delivery(attempt) => effects.delivery(attempt, before.message, before.sending)?,
        Change::Sending(it) => effects.sending(it, before.message.as_ref(), before.sending)?,
        Change::Regrouped(regrouping) => effects.regroup(regrouping, &mut before)?,
        Change::Labelled(label) => {
            if before.label_at.is_none_or(|it| it < label.at) {
                effects.put(names.label(label.article, &label.topic), &tail.at)?;
            }
        }
        Change::Reread(rereading) => effects.reread(rereading, &mut before)?,
        // Pages have no rows: whoever wants one can wait for a search of the ledger, and rows for all would make the
        // index grow.
        Change::Page(_) => (),
    }
    effects.meta.tail = tail;
    effects.meta.changes += 1;
    let meta = effects.meta.clone();
    effects.put(key::meta(), &meta)?;
    Ok(effects.ops)
}

/// What the first version of an article settles for all versions.
struct Standing {
    joined: u64,
    story: u64,
    moved: Option<String>,
    first_seen: Time,
}

struct Effects {
    names: Names,
    tail: Tail,
    meta: Meta,
    ops: Vec<Op>,
}

impl Effects {
    fn put<T: Serialize>(&mut self, key: Vec<u8>, row: &T) -> Result<(), RowError> {
        let value = row::encode(&key, row)?;
        self.ops.push((key, Some(value)));
        Ok(())
    }

    /// Writes a row without a value: its key holds everything.
    fn mark(&mut self, key: Vec<u8>) {
        self.ops.push((key, Some(Vec::new())));
    }

    fn remove(&mut self, key: Vec<u8>) {
        self.ops.push((key, None));
    }

    fn article(&mut self, intent: &Intent, before: &mut Before) -> Result<(), RowError> {
        let article = &intent.report.article;
        match before.held.take() {
            Some(row) if article.version > row.version => {
                for key in before.stale_keys.drain(..) {
                    self.remove(key);
                }
                self.remove(key::possible(row.first_seen, article.id));
                self.put(key::version(article.id, row.version), &row.at)?;
                let ArticleRow { story, moved, first_seen, joined, .. } = row;
                // It is unknown what a damaged version was counted for, so it stays counted.
                if let Some(old) = &before.version {
                    self.recount(&before.volume, first_seen, &old.report.tags, &intent.report.tags)?;
                }
                self.newest(intent, Standing { joined, story, moved, first_seen })?;
            }
            Some(_) => (),
            None => {
                let (story, first_seen) = (intent.report.story(), Time::from(article.first_seen));
                let joined = self.tail.seq;
                self.newest(intent, Standing { joined, story: story.0.0, moved: None, first_seen })?;
                self.recount(&before.volume, first_seen, &[], &intent.report.tags)?;
                self.mark(key::time(first_seen, article.id));
                self.mark(key::story(story, self.tail.seq, article.id));
                self.meta.articles += 1;
                before.sizes.entry(story).and_modify(|it| *it += 1);
                self.meta.stories += u64::from(!before.story_known);
            }
        }
        for alert in &intent.alerts {
            if before.alerts.insert(alert.id) {
                self.alert(alert)?;
            }
        }
        if let Some(it) = &intent.regrouping {
            self.regroup(it, before)?;
        }
        self.queue(&intent.outbox, before)
    }

    /// Counts a report for its new topics, and removes it from the counts of topics that it no longer has.
    fn recount(
        &mut self,
        counts: &HashMap<Vec<u8>, u32>,
        first_seen: Time,
        gone: &[Tag],
        come: &[Tag],
    ) -> Result<(), RowError> {
        let topics = |tags: &[Tag]| tags.iter().map(|it| it.topic.clone()).collect::<BTreeSet<_>>();
        let (gone, come) = (topics(gone), topics(come));
        for topic in gone.symmetric_difference(&come) {
            let key = key::volume(first_seen.hour(), topic);
            let n = counts.get(&key).copied().unwrap_or_default();
            match if come.contains(topic) { n.saturating_add(1) } else { n.saturating_sub(1) } {
                0 => self.remove(key),
                n => self.put(key, &n)?,
            }
        }
        Ok(())
    }

    /// The rows that lead to the newest version of an article.
    fn newest(&mut self, intent: &Intent, standing: Standing) -> Result<(), RowError> {
        let Standing { joined, story, moved, first_seen } = standing;
        let Tail { at, seq, .. } = self.tail;
        let article = &intent.report.article;
        let row = ArticleRow {
            at,
            seq,
            version: article.version,
            joined,
            story,
            moved,
            first_seen,
            unreachable: matches!(article.page, Page::Unreachable(_)),
            title: Kept::text(&folded_title(&article.feed_title), at),
        };
        self.put(key::article(article.id), &row)?;
        for key in article_keys(article) {
            self.put(self.names.held(&key), &article.id.0)?;
        }
        if !intent.report.possible.is_empty() {
            self.mark(key::possible(first_seen, article.id));
        }
        if intent.is_exhibit() {
            self.mark(key::exhibit(first_seen, article.id));
        }
        Ok(())
    }

    fn reread(&mut self, rereading: &Rereading, before: &mut Before) -> Result<(), RowError> {
        let Rereading { article, finding, attempts, intent, .. } = rereading;
        if let Some(intent) = intent {
            self.article(intent, before)?;
        }
        let at = Time::from(rereading.at);
        if before.reading.as_ref().is_some_and(|it| it.at >= at) {
            return Ok(());
        }
        let row = ReadingRow { at, state: PageState::from(finding).into(), attempts: *attempts };
        self.put(key::reading(*article), &row)?;
        if finding.is_event() {
            self.put(key::event(at, *article), &self.tail.at.clone())?;
        }
        Ok(())
    }

    fn regroup(&mut self, regrouping: &Regrouping, before: &mut Before) -> Result<(), RowError> {
        let Tail { at, seq, .. } = self.tail;
        if before.regrouping_known {
            return Ok(());
        }
        self.put(key::regrouping(seq), &at)?;
        if regrouping.cause.is_by_hand() {
            self.put(key::by_hand(seq), &at)?;
        }
        self.mark(key::regrouped(regrouping.id));
        let why = regrouping.cause.sentence();
        for it in &regrouping.moves {
            let Some(moving) = before.moving.remove(&it.article) else { continue };
            self.remove(key::story(it.from, moving.row.joined, it.article));
            self.mark(key::story(it.to, moving.row.joined, it.article));
            self.put(
                key::article(it.article),
                &row::ArticleRow { story: it.to.0.0, moved: Some(why.clone()), ..moving.row },
            )?;
            for (alert, watch) in moving.fired {
                self.remove(key::fired(it.from, alert));
                self.put(key::fired(it.to, alert), &watch)?;
            }
            let sizes = &mut before.sizes;
            let from = sizes.entry(it.from).or_default();
            *from = from.saturating_sub(1);
            self.meta.stories = self.meta.stories.saturating_sub(u64::from(*from == 0));
            let to = sizes.entry(it.to).or_default();
            *to += 1;
            self.meta.stories += u64::from(*to == 1);
        }
        Ok(())
    }

    fn alert(&mut self, alert: &Alert) -> Result<(), RowError> {
        let at = self.tail.at;
        self.put(key::alert(alert.id), &at)?;
        self.mark(key::raised(alert.raised.into(), alert.id));
        if alert.kind.is_finding() {
            self.put(key::fired(alert.story, alert.id), &Kept::text(&alert.watch, at))?;
        }
        if alert.kind == AlertKind::Found {
            self.mark(self.names.raising(&alert.watch, alert.raised.into(), alert.id));
        }
        self.meta.alerts += 1;
        Ok(())
    }

    fn queue(&mut self, outbox: &[Outgoing], before: &mut Before) -> Result<(), RowError> {
        for (nth, message) in (0..).zip(outbox) {
            if before.messages.insert(message.id.clone()) {
                let due = Time::from(message.due);
                let row = MessageRow { at: self.tail.at, nth, due, attempts: 0, last_error: None, parked: false };
                self.put(self.names.message(&message.id), &row)?;
                self.mark(self.names.due(due, &message.id));
                self.meta.pending += 1;
            }
        }
        Ok(())
    }

    fn digest(&mut self, issue: &DigestIssue, before: &mut Before) -> Result<(), RowError> {
        if before.slot_taken {
            return Ok(());
        }
        let slot = Time::from(issue.slot.at);
        let row = IssueRow { slot, until: issue.until.into() };
        self.put(self.names.issue(&issue.slot.digest, slot), &row)?;
        self.put(self.names.issue_at(&issue.slot.digest, slot), &self.tail.at.clone())?;
        self.queue(&issue.outbox, before)
    }

    fn sending(
        &mut self,
        it: &Sending,
        message: Option<&MessageRow>,
        before: Option<SendingRow>,
    ) -> Result<(), RowError> {
        if message.is_none_or(|it| it.parked) {
            return Ok(());
        }
        let here = it.rendered.is_some().then_some(self.tail.at);
        let rendered = before.and_then(|it| it.rendered).or(here);
        self.put(self.names.sending(&it.message), &SendingRow { began: Some(it.at.into()), rendered })
    }

    fn delivery(
        &mut self,
        attempt: &Attempt,
        message: Option<MessageRow>,
        sending: Option<SendingRow>,
    ) -> Result<(), RowError> {
        let Some(mut row) = message else {
            return Ok(());
        };
        let key = self.names.message(&attempt.message);
        let tried = Tried {
            attempts: row.attempts,
            is_parked: row.parked,
            is_begun: sending.as_ref().is_some_and(|it| it.began.is_some()),
        };
        if let Some(sending) = sending {
            let key = self.names.sending(&attempt.message);
            match &attempt.outcome {
                Outcome::Sent | Outcome::Dropped { .. } => self.remove(key),
                Outcome::Retry { .. } | Outcome::Parked { .. } => {
                    self.put(key, &SendingRow { began: None, ..sending })?;
                }
            }
        }
        match row.parked {
            true => self.meta.parked = self.meta.parked.saturating_sub(1),
            false => {
                self.meta.pending = self.meta.pending.saturating_sub(1);
                self.remove(self.names.due(row.due, &attempt.message));
            }
        }
        row.attempts = tried.after(&attempt.outcome);
        match &attempt.outcome {
            Outcome::Sent | Outcome::Dropped { .. } => {
                self.remove(key);
                self.mark(self.names.sent(&attempt.message));
                return Ok(());
            }
            Outcome::Retry { due, reason } => {
                row.due = (*due).into();
                row.last_error = Some(Kept::text(reason, self.tail.at));
                row.parked = false;
                self.mark(self.names.due(row.due, &attempt.message));
                self.meta.pending += 1;
            }
            Outcome::Parked { reason } => {
                row.last_error = Some(Kept::text(reason, self.tail.at));
                row.parked = true;
                self.meta.parked += 1;
            }
        }
        self.put(key, &row)
    }
}
