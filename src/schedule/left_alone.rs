//! Sources that nothing is read of for long, since their servers want it so.

use std::time::Duration;

use crate::model::{Cadence, Condition, Source, SourceState, Timestamp, later};

/// For so long beyond its own interval a source may be left alone before that is told.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);
/// Taken for the interval of one that is polled by cron.
const BY_CRON: Duration = Duration::from_secs(7 * 24 * 3600);

/// Since when nothing was read of a source, or it is known, where that is for longer than people should have to guess: it is not polled, as
/// its server or that of another source on its host has asked, which is no failure. `None` of one that fails: that is told anyway.
pub fn left_alone(source: &Source, state: &SourceState, now: Timestamp) -> Option<Timestamp> {
    let health = &state.health;
    let since = state.succeeded.unwrap_or(health.since);
    // At a poll that was none nothing was read; one that was read and is to rest does well, and says so.
    let is_left = state.polled > since || (health.condition == Condition::Fine && !health.reason.is_empty());
    let interval = match &source.cadence {
        Some(Cadence::Every(it)) => *it,
        Some(Cadence::Cron { .. }) => BY_CRON,
        None => Duration::ZERO,
    };
    let is_long = later(since, interval.saturating_add(PATIENCE)) < now;
    (is_left && is_long && !matches!(health.condition, Condition::Failing(_))).then_some(since)
}
