//! Sources that nothing is read of for long, since their servers want it so.

use std::time::Duration;

use super::Timetable;
use crate::model::{Cadence, Condition, Source, SourceState, Timestamp, later};

/// Why a source that does well is not asked for a while.
pub const LEFT_ALONE: &str = "its host wants to be left alone";
/// A source that was due so long ago is not polled: no daemon runs, or it hangs. One site's sources wait for each other
/// for minutes.
pub const OVERDUE: Duration = Duration::from_secs(3600);

/// For so long after it would have been read a source may be left alone before that is told.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// Since when nothing was read of a source, or it is known, where that is for longer than people should have to guess:
/// it is not polled, as its server or that of another source on its host has asked, which is no failure. `None` of one
/// that fails: that is told anyway; and of one that might be asked again, and is not. `interval` is that of sources
/// without one of their own.
pub fn left_alone(source: &Source, state: &SourceState, interval: Duration, now: Timestamp) -> Option<Timestamp> {
    let health = &state.health;
    let since = state.succeeded.unwrap_or(health.since);
    // At a poll that was none nothing was read; one that was read and is to rest does well, and says so.
    let is_left = state.polled > since || (health.condition == Condition::Fine && !health.reason.is_empty());
    let is_failing = matches!(health.condition, Condition::Failing(_));
    if !is_left || is_failing || later(state.due, OVERDUE) < now {
        return None;
    }
    let timetable = Timetable::new(source.cadence.as_ref().unwrap_or(&Cadence::Every(interval))).ok()?;
    (later(timetable.next(since)?, PATIENCE) < now).then_some(since)
}
