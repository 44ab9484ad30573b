//! The messages that were given up of late, for `sitrepd healthcheck`: whoever looks at the machine should not have to
//! wait for the next digest to hear of them.

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::TimeDelta;

use crate::{
    model::{Attempt, MessageId, Outcome, Timestamp},
    store::{Store, StoreError},
};

/// How far back they are told. Digests tell of older ones too, until a person resends or drops them.
const LATELY: TimeDelta = TimeDelta::hours(24);

/// The messages that stand given up, with when. Bounded by what is given up in a day.
#[derive(Debug, Clone, Default)]
pub(super) struct GivenUp(Arc<Mutex<BTreeMap<MessageId, Timestamp>>>);

impl GivenUp {
    /// Takes up what was given up before the daemon was started. The archive knows when such a message was last due,
    /// which is about the time.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub(super) fn take_up(&self, store: &dyn Store) -> Result<(), StoreError> {
        let mut found = BTreeMap::new();
        store.outbox(&mut |it| {
            if it.parked {
                found.insert(it.message.id, it.message.due);
            }
            ControlFlow::Continue(())
        })?;
        self.with(|all| all.extend(found));
        Ok(())
    }

    /// Takes note of what became of a message.
    pub(super) fn note(&self, attempt: &Attempt) {
        self.with(|all| match attempt.outcome {
            Outcome::Parked { .. } => drop(all.insert(attempt.message.clone(), attempt.at)),
            // A person has it tried again, or has dropped it.
            Outcome::Sent | Outcome::Retry { .. } | Outcome::Dropped { .. } => drop(all.remove(&attempt.message)),
        });
    }

    /// How many were given up in the 24 hours before `now` and still are.
    pub(super) fn lately(&self, now: Timestamp) -> usize {
        self.with(|all| {
            all.retain(|_, at| now.signed_duration_since(*at) < LATELY);
            all.len()
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<MessageId, Timestamp>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Change, Content, DigestIssue, Outgoing, Rendered, Slot},
        store::MemoryStore,
    };

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_timestamp(1_795_305_600 + 3_600 * hours, 0).unwrap()
    }

    fn attempt(id: &str, hours: i64, outcome: Outcome) -> Attempt {
        Attempt { message: MessageId(id.to_owned()), at: at(hours), outcome }
    }

    fn parked() -> Outcome {
        Outcome::Parked { reason: "no such user".to_owned() }
    }

    #[test]
    fn counts_those_of_a_day_that_nobody_has_dealt_with() {
        let given_up = GivenUp::default();
        for (id, hours) in [("a", 0), ("b", 2), ("c", 3)] {
            given_up.note(&attempt(id, hours, parked()));
        }
        assert_eq!(given_up.lately(at(4)), 3);
        given_up.note(&attempt("b", 5, Outcome::Dropped { reason: "by hand".to_owned() }));
        given_up.note(&attempt("d", 5, Outcome::Retry { due: at(6), reason: "busy".to_owned() }));
        assert_eq!((given_up.lately(at(23)), given_up.lately(at(24)), given_up.lately(at(27))), (2, 1, 0));
        // Given up once more.
        given_up.note(&attempt("c", 30, parked()));
        assert_eq!(given_up.lately(at(31)), 1);
    }

    #[test]
    fn a_restart_forgets_none() {
        let store = MemoryStore::new();
        let content = || {
            let (subject, text) = ("Digest".to_owned(), "text".to_owned());
            Content::Digest(Rendered { subject, text, html: None, documents: Vec::new() })
        };
        let message = |id: &str, hours| {
            let id = MessageId(id.to_owned());
            Outgoing { id, channel: "desk".to_owned(), content: content(), due: at(hours) }
        };
        let issue = DigestIssue {
            slot: Slot { digest: "daily".to_owned(), at: at(0) },
            since: at(-24),
            until: at(0),
            articles: Vec::new(),
            outbox: vec![message("old", 0), message("new", 20), message("waits", 20)],
        };
        store.commit(&Change::Digest(Box::new(issue))).unwrap();
        for id in ["old", "new"] {
            store.commit(&Change::Delivery(attempt(id, 20, parked()))).unwrap();
        }
        let given_up = GivenUp::default();
        given_up.take_up(&store).unwrap();
        assert_eq!((given_up.lately(at(23)), given_up.lately(at(25))), (2, 1));
    }
}
