//! The questions about messages: which are due, which wait, and which tell of an alert.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    ops::{ControlFlow, Range},
};

use super::{View, channels::Known};
use crate::{
    decide::tells,
    model::{AlertId, Change, Content, DigestIssue, Intent, MessageId, Outcome, Outgoing, Rendered, Timestamp},
    store::{
        Pending, StoreError, Teller, Unreadable, Visit,
        index::{
            Listing as _, Order, key,
            row::{Kept, MessageRow, SendingRow},
        },
        ledger::Position,
    },
};

impl View {
    pub(super) fn list_due(&self, now: Timestamp, visit: &mut dyn FnMut(Pending) -> Visit) -> Result<(), StoreError> {
        self.list_due_between(&[key::Kind::Due as u8], &key::after(&key::due_prefix(now.into())), visit)
    }

    pub(super) fn list_due_within(
        &self,
        range: Range<Timestamp>,
        visit: &mut dyn FnMut(Pending) -> Visit,
    ) -> Result<(), StoreError> {
        self.list_due_between(&key::due_prefix(range.start.into()), &key::due_prefix(range.end.into()), visit)
    }

    pub(super) fn list_due_of(
        &self,
        now: Timestamp,
        wanted: &mut dyn FnMut(&str) -> bool,
        visit: &mut dyn FnMut(Pending) -> Visit,
    ) -> Result<(), StoreError> {
        let (from, to) = ([key::Kind::Due as u8], key::after(&key::due_prefix(now.into())));
        // Only what is still due is remembered on.
        let (before, mut known) = (self.channels.take(), Known::default());
        let listed = self.index.list(&from, &to, Order::Up, &mut |key| {
            let Some(name) = key::name_of_due(key) else { return Ok(ControlFlow::Continue(())) };
            if let Some(channel) = before.channel(name) {
                known.add(*name, channel);
                if !wanted(channel) {
                    return Ok(ControlFlow::Continue(()));
                }
            }
            let Some(pending) = self.message_due(key)? else { return Ok(ControlFlow::Continue(())) };
            let channel = &pending.message.channel;
            known.add(*name, channel);
            Ok(if wanted(channel) { visit(pending) } else { ControlFlow::Continue(()) })
        });
        self.channels.put(known);
        listed
    }

    fn list_due_between(
        &self,
        from: &[u8],
        to: &[u8],
        visit: &mut dyn FnMut(Pending) -> Visit,
    ) -> Result<(), StoreError> {
        self.index.list(from, to, Order::Up, &mut |key| {
            Ok(self.message_due(key)?.map_or(ControlFlow::Continue(()), &mut *visit))
        })
    }

    /// The message of a key under [`key::Kind::Due`]. One that cannot be read is passed over: it must not hold up the
    /// others.
    fn message_due(&self, key: &[u8]) -> Result<Option<Pending>, StoreError> {
        let row = key::message_of_due(key).map(|it| self.index.get::<MessageRow>(&it)).transpose()?.flatten();
        match row.map(|it| self.message(&it)).transpose() {
            Err(error) => self.pass_over("message", error).map(|()| None),
            read => read,
        }
    }

    pub(super) fn list_outbox(&self, visit: &mut dyn FnMut(Pending) -> Visit) -> Result<(), StoreError> {
        let (from, to) = (vec![key::Kind::Message as u8], key::after(&[key::Kind::Message as u8]));
        self.index.list(&from, &to, Order::Up, &mut |key| match self
            .index
            .get::<MessageRow>(key)?
            .map(|it| self.message(&it))
            .transpose()
        {
            Ok(Some(pending)) => Ok(visit(pending)),
            Ok(None) => Ok(ControlFlow::Continue(())),
            Err(error) => self.pass_over("message", error).map(ControlFlow::Continue),
        })
    }

    pub(super) fn list_unreadable(&self, visit: &mut dyn FnMut(Unreadable) -> Visit) -> Result<(), StoreError> {
        let (from, to) = (vec![key::Kind::Message as u8], key::after(&[key::Kind::Message as u8]));
        self.index.list(&from, &to, Order::Up, &mut |key| {
            let (Some(row), Some(id)) = (self.index.get::<MessageRow>(key)?, key::unreadable(key)) else {
                return Ok(ControlFlow::Continue(()));
            };
            match self.message(&row) {
                Err(StoreError::Damaged { .. }) => {
                    let due = self.instant(row.due)?;
                    Ok(visit(Unreadable { id, due, attempts: row.attempts, parked: row.parked }))
                }
                Ok(_) => Ok(ControlFlow::Continue(())),
                Err(error) => Err(error),
            }
        })
    }

    pub(super) fn read_pending(&self, id: &MessageId) -> Result<Option<Pending>, StoreError> {
        let row = self.index.get::<MessageRow>(&self.index.names().message(id))?;
        row.map(|it| self.message(&it)).transpose()
    }

    pub(super) fn list_telling(&self, alert: AlertId) -> Result<Vec<Outgoing>, StoreError> {
        let Some(at) = self.index.get::<Position>(&key::alert(alert))? else { return Ok(Vec::new()) };
        let Intent { alerts, mut outbox, .. } = self.raising(at, alert)?;
        match alerts.iter().find(|it| it.id == alert) {
            Some(alert) => outbox.retain(|it| tells(&it.content, alert)),
            None => outbox.clear(),
        }
        Ok(outbox)
    }

    pub(super) fn list_told_by(&self, alerts: &[AlertId]) -> Result<Vec<Vec<Teller>>, StoreError> {
        let mut told = HashMap::<AlertId, Vec<Teller>>::new();
        for of_one in self.by_commit(alerts)?.chunk_by(|a, b| a.0 == b.0) {
            let Some((at, first)) = of_one.first() else { continue };
            let Intent { alerts, outbox, .. } = match self.raising(*at, *first) {
                Ok(intent) => intent,
                Err(error) => {
                    self.pass_over("alert", error)?;
                    continue;
                }
            };
            let asked: HashSet<_> = of_one.iter().map(|it| it.1).collect();
            let waiting: Vec<_> = alerts.iter().filter(|it| asked.contains(&it.id)).collect();
            for it in &outbox {
                // Each message is read once: there may be thousands of alerts.
                let named = match &it.content {
                    Content::Alerts(all) => all.iter().map(|it| it.id).filter(|it| asked.contains(it)).collect(),
                    content => waiting.iter().filter(|it| tells(content, it)).map(|it| it.id).collect::<BTreeSet<_>>(),
                };
                for alert in named {
                    let teller = Teller { message: it.id.clone(), channel: it.channel.clone() };
                    told.entry(alert).or_default().push(teller);
                }
            }
        }
        Ok(alerts.iter().map(|it| told.get(it).cloned().unwrap_or_default()).collect())
    }

    fn message(&self, row: &MessageRow) -> Result<Pending, StoreError> {
        let outbox = match self.ledger.change(row.at)? {
            Change::Digest(issue) => {
                let DigestIssue { outbox, .. } = *issue;
                outbox
            }
            other => other.into_intent().map(|it| it.outbox).unwrap_or_default(),
        };
        let Some(message) = outbox.into_iter().nth(row.nth as usize) else {
            return Err(self.position_damaged(row.at, &format!("it does not hold message {}", row.nth)));
        };
        let last_error = match &row.last_error {
            Some(Kept::Here(text)) => Some(text.clone()),
            Some(Kept::At(at)) => match self.reason(*at) {
                Ok(text) => Some(text),
                // The message is usable without it.
                Err(error) => self.pass_over("answer of a receiver", error).map(|()| None)?,
            },
            None => None,
        };
        let queued = message.due;
        let message = Outgoing { due: self.instant(row.due)?, ..message };
        let sending = self.index.get::<SendingRow>(&self.index.names().sending(&message.id))?;
        let rendered = sending.as_ref().and_then(|it| it.rendered).map(|at| self.rendered(at)).transpose()?.flatten();
        let sending = sending.and_then(|it| it.began).map(|it| self.instant(it)).transpose()?;
        Ok(Pending { message, queued, attempts: row.attempts, last_error, parked: row.parked, sending, rendered })
    }

    /// The content that the attempt begun with this commit sends; `None` if that is damaged, and is then rendered
    /// again.
    fn rendered(&self, at: Position) -> Result<Option<Rendered>, StoreError> {
        let error = match self.ledger.change(at) {
            Ok(Change::Sending(it)) => return Ok(it.rendered),
            Ok(_) => self.position_damaged(at, "nothing rendered"),
            Err(error) => error,
        };
        self.pass_over("rendering of a message", error).map(|()| None)
    }

    /// The receiver's answer in the attempt of this commit.
    fn reason(&self, at: Position) -> Result<String, StoreError> {
        match self.ledger.change(at)? {
            Change::Delivery(attempt) => match attempt.outcome {
                Outcome::Retry { reason, .. } | Outcome::Parked { reason } => Ok(reason),
                Outcome::Sent | Outcome::Dropped { .. } => Err(self.position_damaged(at, "no failed attempt")),
            },
            _ => Err(self.position_damaged(at, "no failed attempt")),
        }
    }
}
