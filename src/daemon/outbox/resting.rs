//! Channels and servers that failed a moment ago and are left alone for a while.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::TimeDelta;

use crate::model::Timestamp;

/// Channels, and servers shared by channels, that are left alone for a time. A new configuration ends the rest, since
/// it may be the repair. So does a clock that was set back to before the rest began, since that time may be hours away.
#[derive(Debug, Clone, Default)]
pub(in crate::daemon) struct Resting(Arc<Mutex<BTreeMap<Place, Range<Timestamp>>>>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Channel(String),
    Server(String),
}

impl Resting {
    /// Whether a channel, or the server that it goes by, rests at `now`.
    pub(super) fn is_at_rest(&self, channel: &str, server: Option<&str>, now: Timestamp) -> bool {
        let resting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let rests = |it: Place| resting.get(&it).is_some_and(|it| it.contains(&now));
        rests(Place::Channel(channel.to_owned())) || server.is_some_and(|it| rests(Place::Server(it.to_owned())))
    }

    /// Leaves a channel alone from `now` on.
    pub(super) fn channel(&self, channel: &str, now: Timestamp, time: TimeDelta) {
        self.put(Place::Channel(channel.to_owned()), now, time);
    }

    /// Leaves all channels alone that go by a server.
    pub(super) fn server(&self, server: &str, now: Timestamp, time: TimeDelta) {
        self.put(Place::Server(server.to_owned()), now, time);
    }

    /// Bounded: one time for each channel and server ever configured.
    fn put(&self, place: Place, now: Timestamp, time: TimeDelta) {
        let until = now.checked_add_signed(time).unwrap_or(now);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place, now..until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_for_a_time_and_no_longer_where_the_clock_is_set_back() {
        let at = |minute: i64| Timestamp::from_timestamp(1_790_000_000 + minute * 60, 0).unwrap();
        let resting = Resting::default();
        resting.channel("phone", at(120), TimeDelta::minutes(1));
        resting.server("mail:25", at(120), TimeDelta::minutes(5));
        let rests = |channel, server, minute| resting.is_at_rest(channel, server, at(minute));
        assert!(rests("phone", None, 120) && !rests("phone", None, 121));
        assert!(rests("a", Some("mail:25"), 124) && !rests("a", Some("mail:25"), 125));
        assert!(!rests("other", None, 120) && !rests("a", None, 120));
        assert!(!rests("phone", Some("mail:25"), 0), "two hours before");
    }
}
