//! The messages that are not sent yet, and the ids of those that were.

use std::collections::{BTreeMap, HashSet};

use crate::{
    model::{Attempt, MessageId, Outcome, Outgoing, Sending},
    store::{Pending, Tried},
};

/// The outbox: a message that was sent or dropped once is never queued again.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: BTreeMap<MessageId, Pending>,
    sent: HashSet<MessageId>,
}

impl Outbox {
    /// The messages that wait or were given up, in the order of their ids.
    pub(super) fn pending(&self) -> impl Iterator<Item = &Pending> {
        self.waiting.values()
    }

    pub(super) fn get(&self, id: &MessageId) -> Option<&Pending> {
        self.waiting.get(id)
    }

    /// Whether a message waits, was given up, dropped or sent.
    pub(super) fn was_queued(&self, id: &MessageId) -> bool {
        self.waiting.contains_key(id) || self.sent.contains(id)
    }

    /// Remembers messages that were sent.
    pub(super) fn sent(&mut self, messages: impl Iterator<Item = MessageId>) {
        self.sent.extend(messages);
    }

    pub(super) fn queue(&mut self, outbox: &[Outgoing]) {
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
                self.waiting.entry(message.id.clone()).or_insert_with(pending);
            }
        }
    }

    pub(super) fn sending(&mut self, sending: &Sending) {
        if let Some(pending) = self.waiting.get_mut(&sending.message).filter(|it| !it.parked) {
            pending.sending = Some(sending.at);
            if pending.rendered.is_none() {
                pending.rendered.clone_from(&sending.rendered);
            }
        }
    }

    pub(super) fn delivery(&mut self, attempt: &Attempt) {
        let Some(pending) = self.waiting.get_mut(&attempt.message) else {
            return;
        };
        let (attempts, is_parked, is_begun) = (pending.attempts, pending.parked, pending.sending.is_some());
        pending.attempts = Tried { attempts, is_parked, is_begun }.after(&attempt.outcome);
        pending.sending = None;
        match &attempt.outcome {
            Outcome::Sent | Outcome::Dropped { .. } => {
                self.waiting.remove(&attempt.message);
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
