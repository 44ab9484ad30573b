//! The questions a store answers, from the index and one read of the ledger each.

use std::{
    cmp::Reverse,
    collections::HashMap,
    ops::{ControlFlow, Range},
};

use super::LedgerStore;
use crate::{
    dedup::{Candidate, Held, Key, folded_title},
    model::{
        Alert, AlertId, ArticleId, Change, DigestIssue, Fingerprint, Intent, MessageId, Outcome, Outgoing, Report,
        Slot, SourceId, SourceState, StoryId, Timestamp,
    },
    store::{
        Pending, StoreError, Visit,
        index::{
            Order, key,
            row::{ArticleRow, IssueRow, Kept, MessageRow},
        },
        leading,
        ledger::Position,
        record::{RecordError, SourceStateRecord, Time},
    },
};

/// The most articles looked at for one fingerprint hash, the newest ones. A hash that more articles share
/// is of words that many pages of one site carry, and tells little.
const POSTINGS: usize = 64;

impl LedgerStore {
    pub(super) fn read_held(&self, by: &Key) -> Result<Option<Held>, StoreError> {
        let Some(id) = self.index.get::<u64>(&self.index.names().held(by))? else {
            return Ok(None);
        };
        let article = ArticleId(id);
        let Some(row) = self.index.get::<ArticleRow>(&key::article(article))? else {
            return Err(self.index.broken("reading", "a key leads to an article that is not there"));
        };
        let title = match row.title {
            Kept::Here(title) => title,
            Kept::At(at) => folded_title(&self.intent(at, article)?.report.article.feed_title),
        };
        Ok(Some(Held { article, version: row.version, title, unreachable: row.unreachable }))
    }

    pub(super) fn read_candidates(&self, print: &Fingerprint, limit: usize) -> Result<Vec<Candidate>, StoreError> {
        // Hashes shared, by the commit of the version that has them and its article.
        let mut shared: HashMap<(u64, u64), usize> = HashMap::new();
        for hash in leading(print) {
            let prefix = key::print_prefix(hash);
            for posting in self.index.page(&prefix, &key::after(&prefix), Order::Down, POSTINGS)? {
                if let (Some(seq), Some(id)) = (key::seq(&posting), key::last_u64(&posting)) {
                    *shared.entry((seq, id)).or_default() += 1;
                }
            }
        }
        let mut ranked = shared.into_iter().collect::<Vec<_>>();
        ranked.sort_unstable_by_key(|(commit, count)| (Reverse(*count), *commit));
        let mut res = Vec::new();
        for ((seq, id), _) in ranked {
            if res.len() == limit {
                break;
            }
            let id = ArticleId(id);
            match self.index.get::<ArticleRow>(&key::article(id))? {
                Some(row) if row.seq == seq => match self.intent(row.at, id) {
                    Ok(intent) => res.push(Candidate {
                        article: id,
                        story: StoryId(ArticleId(row.story)),
                        source: intent.report.article.source,
                        first_seen: intent.report.article.first_seen,
                        fingerprint: intent.fingerprint,
                    }),
                    // An article that cannot be compared must not keep a new one out.
                    Err(error) => pass_over("candidate", error)?,
                },
                // Left behind by a version that is damaged.
                _ => (),
            }
        }
        Ok(res)
    }

    pub(super) fn read_report(&self, id: ArticleId) -> Result<Option<Report>, StoreError> {
        let row = self.index.get::<ArticleRow>(&key::article(id))?;
        row.map(|row| Ok(self.intent(row.at, id)?.report)).transpose()
    }

    pub(super) fn list_reports(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Report) -> Visit,
    ) -> Result<(), StoreError> {
        self.reports_between(&key::time_prefix(range.start.into()), &key::time_prefix(range.end.into()), visit)
    }

    pub(super) fn list_possible(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Report) -> Visit,
    ) -> Result<(), StoreError> {
        self.reports_between(&key::possible_prefix(range.start.into()), &key::possible_prefix(range.end.into()), visit)
    }

    /// Visits the reports that end the keys from `from` up to and without `to`, the last first.
    fn reports_between(
        &self,
        from: &[u8],
        to: &[u8],
        visit: &mut dyn FnMut(Report) -> Visit,
    ) -> Result<(), StoreError> {
        self.index.list(from, to, Order::Down, &mut |key| match key::last_u64(key)
            .map(|id| self.read_report(ArticleId(id)))
            .transpose()
        {
            Ok(Some(Some(report))) => Ok(visit(report)),
            Ok(_) => Ok(ControlFlow::Continue(())),
            Err(error) => pass_over("report", error).map(ControlFlow::Continue),
        })
    }

    pub(super) fn list_story(&self, id: StoryId) -> Result<Vec<ArticleId>, StoreError> {
        let prefix = key::story_prefix(id);
        let mut res = Vec::new();
        self.index.list(&prefix, &key::after(&prefix), Order::Up, &mut |key| {
            res.extend(key::last_u64(key).map(ArticleId));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(res)
    }

    pub(super) fn list_alerts(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Alert) -> Visit,
    ) -> Result<(), StoreError> {
        let (from, to) = (key::raised_prefix(range.start.into()), key::raised_prefix(range.end.into()));
        self.index.list(&from, &to, Order::Down, &mut |key| match key::last_u64(key)
            .map(|id| self.alert(AlertId(id)))
            .transpose()
        {
            Ok(Some(Some(alert))) => Ok(visit(alert)),
            Ok(_) => Ok(ControlFlow::Continue(())),
            Err(error) => pass_over("alert", error).map(ControlFlow::Continue),
        })
    }

    pub(super) fn list_alerts_of(&self, story: StoryId) -> Result<Vec<Alert>, StoreError> {
        let prefix = key::fired_prefix(story);
        let mut res = Vec::new();
        self.index.list(&prefix, &key::after(&prefix), Order::Up, &mut |key| {
            match key::last_u64(key).map(|id| self.alert(AlertId(id))).transpose() {
                Ok(alert) => res.extend(alert.flatten()),
                Err(error) => pass_over("alert", error)?,
            }
            Ok(ControlFlow::Continue(()))
        })?;
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
            if let Some(time) = key::time_of_raising(key) {
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
                    let alert = key::last_u64(key).map(|id| self.alert(AlertId(id))).transpose()?;
                    res.extend(alert.flatten().map(|it| it.watch));
                }
                None => (),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        res.sort_unstable();
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

    pub(super) fn list_due(&self, now: Timestamp, visit: &mut dyn FnMut(Pending) -> Visit) -> Result<(), StoreError> {
        let (from, to) = (vec![key::Kind::Due as u8], key::after(&key::due_prefix(now.into())));
        self.index.list(&from, &to, Order::Up, &mut |key| {
            let row = key::message_of_due(key).map(|it| self.index.get::<MessageRow>(&it)).transpose()?.flatten();
            match row.map(|it| self.message(&it)).transpose() {
                Ok(Some(pending)) => Ok(visit(pending)),
                Ok(None) => Ok(ControlFlow::Continue(())),
                // One message that cannot be read must not hold up the others.
                Err(error) => pass_over("message", error).map(ControlFlow::Continue),
            }
        })
    }

    pub(super) fn read_pending(&self, id: &MessageId) -> Result<Option<Pending>, StoreError> {
        let row = self.index.get::<MessageRow>(&self.index.names().message(id))?;
        row.map(|it| self.message(&it)).transpose()
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

    /// The commit of an article's version.
    fn intent(&self, at: Position, id: ArticleId) -> Result<Intent, StoreError> {
        match self.ledger.change(at)? {
            Change::Article(intent) if intent.report.article.id == id => Ok(*intent),
            _ => Err(self.position_damaged(at, &format!("it does not hold article {id}"))),
        }
    }

    fn alert(&self, id: AlertId) -> Result<Option<Alert>, StoreError> {
        let Some(at) = self.index.get::<Position>(&key::alert(id))? else {
            return Ok(None);
        };
        match self.ledger.change(at)? {
            Change::Article(intent) => match intent.alerts.into_iter().find(|it| it.id == id) {
                Some(alert) => Ok(Some(alert)),
                None => Err(self.position_damaged(at, &format!("it does not hold alert {id}"))),
            },
            _ => Err(self.position_damaged(at, &format!("it does not hold alert {id}"))),
        }
    }

    fn message(&self, row: &MessageRow) -> Result<Pending, StoreError> {
        let outbox = match self.ledger.change(row.at)? {
            Change::Article(intent) => intent.outbox,
            Change::Digest(issue) => {
                let DigestIssue { outbox, .. } = *issue;
                outbox
            }
            Change::Polled(_) | Change::Delivery(_) => Vec::new(),
        };
        let Some(message) = outbox.into_iter().nth(row.nth as usize) else {
            return Err(self.position_damaged(row.at, &format!("it does not hold message {}", row.nth)));
        };
        let last_error = match &row.last_error {
            Some(Kept::Here(text)) => Some(text.clone()),
            Some(Kept::At(at)) => Some(self.reason(*at)?),
            None => None,
        };
        let message = Outgoing { due: self.instant(row.due)?, ..message };
        Ok(Pending { message, attempts: row.attempts, last_error, parked: row.parked })
    }

    /// What the receiver said in the attempt of this commit.
    fn reason(&self, at: Position) -> Result<String, StoreError> {
        match self.ledger.change(at)? {
            Change::Delivery(attempt) => match attempt.outcome {
                Outcome::Retry { reason, .. } | Outcome::Parked { reason } => Ok(reason),
                Outcome::Sent => Err(self.position_damaged(at, "no failed attempt")),
            },
            _ => Err(self.position_damaged(at, "no failed attempt")),
        }
    }

    fn instant(&self, time: Time) -> Result<Timestamp, StoreError> {
        time.try_into().map_err(|it| self.record_error(&it))
    }

    fn record_error(&self, error: &RecordError) -> StoreError {
        self.index.broken("reading", &error.to_string())
    }
}

/// Logs damage, so that a listing goes on after it; any other error ends the listing.
fn pass_over(what: &'static str, error: StoreError) -> Result<(), StoreError> {
    match error {
        StoreError::Damaged { .. } => {
            tracing::error!(what, %error, "passed over, as it is damaged");
            Ok(())
        }
        other => Err(other),
    }
}
