//! What failed a moment ago and is left alone.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::model::Timestamp;

/// Channels, and servers that several channels go by, that are left alone until an instant. By another configuration they are tried anew:
/// it may be what mends them.
#[derive(Debug, Clone, Default)]
pub(in crate::daemon) struct Resting(Arc<Mutex<BTreeMap<Place, Timestamp>>>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Channel(String),
    Server(String),
}

impl Resting {
    /// Whether a channel, or the server that it goes by, rests at `now`.
    pub(super) fn is_at_rest(&self, channel: &str, server: Option<&str>, now: Timestamp) -> bool {
        let resting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let rests = |it: Place| resting.get(&it).is_some_and(|until| *until > now);
        rests(Place::Channel(channel.to_owned())) || server.is_some_and(|it| rests(Place::Server(it.to_owned())))
    }

    /// Leaves a channel alone.
    pub(super) fn channel(&self, channel: &str, until: Timestamp) {
        self.put(Place::Channel(channel.to_owned()), until);
    }

    /// Leaves all channels alone that go by a server.
    pub(super) fn server(&self, server: &str, until: Timestamp) {
        self.put(Place::Server(server.to_owned()), until);
    }

    /// There are as many places as channels and servers were ever configured, and each has one instant.
    fn put(&self, place: Place, until: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place, until);
    }
}
