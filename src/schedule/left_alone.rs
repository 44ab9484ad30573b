//! Sources of which nothing is read for long, because their servers ask for that.

use std::time::Duration;

use super::Timetable;
use crate::model::{Cadence, Condition, Source, SourceState, Timestamp, later};

/// The reason shown for a healthy source that is not requested for a while.
pub const LEFT_ALONE: &str = "its host wants to be left alone";
/// If a source was due this long ago, it is not being polled: no daemon runs, or it hangs. Sources of one site may wait
/// minutes for each other.
const OVERDUE: Duration = Duration::from_secs(3600);

/// Whether a source that was due at `due` is so late that nobody polls it: no daemon runs, it hangs, or it has no room.
pub fn is_overdue(due: Timestamp, now: Timestamp) -> bool {
    later(due, OVERDUE) < now
}

/// How long after its due reading a source may be left alone before that is reported.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// Since when nothing was read of a source, or since when it is known, if that is so long that people should be told:
/// it is not polled because its server, or that of another source on its host, asked for that, which is no failure.
/// `None` for a failing source, which is reported anyway, and for one that may be requested but is not. `interval`
/// applies to sources without one of their own.
pub fn left_alone(source: &Source, state: &SourceState, interval: Duration, now: Timestamp) -> Option<Timestamp> {
    let health = &state.health;
    let since = state.succeeded.unwrap_or(health.since);
    // If the last poll was skipped, nothing was read. A source that was read and then rests is healthy and says so.
    let is_left = state.polled > since || (health.condition == Condition::Fine && !health.reason.is_empty());
    let is_failing = matches!(health.condition, Condition::Failing(_));
    if !is_left || is_failing || is_overdue(state.due, now) {
        return None;
    }
    let timetable = Timetable::new(source.cadence.as_ref().unwrap_or(&Cadence::Every(interval))).ok()?;
    (later(timetable.next(since)?, PATIENCE) < now).then_some(since)
}
