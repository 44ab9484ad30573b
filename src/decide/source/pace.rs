//! How often a source has something new, and how fast it answers.

use std::time::Duration;

use crate::model::{SourceState, Timestamp};

/// Maximum dates used for a first guess.
const MAX_DATES: usize = 30;
/// Minimum dates for a guess.
const MIN_DATES: usize = 3;
/// The longest pace: nothing depends on longer ones.
const MAX_PACE: Duration = Duration::from_secs(365 * 24 * 3600);

/// The usual time between two new entries: first what the dates say, and then, smoothed, what is observed.
pub(super) fn pace(before: Option<&SourceState>, new: usize, dates: &[Timestamp], now: Timestamp) -> Option<Duration> {
    let known = before.and_then(|it| it.pace);
    // In the first document all entries are new, and after a long failure many arrive at once. In both cases the dates
    // decide.
    let last = before.filter(|it| it.failures == 0).and_then(|it| it.brought_new.filter(|_| it.succeeded.is_some()));
    let observed = match (last, u32::try_from(new)) {
        (Some(last), Ok(new)) if new > 0 => (now - last).to_std().ok().map(|it| it / new),
        _ => None,
    };
    match (known, observed) {
        (None, observed) => of_dates(dates, now).or(observed),
        (known, None) => known,
        (known, observed) => smoothed(known, observed),
    }
    .map(|it| it.min(MAX_PACE))
}

/// The mean gap between the newest dates.
fn of_dates(dates: &[Timestamp], now: Timestamp) -> Option<Duration> {
    let mut dates: Vec<_> = dates.iter().copied().filter(|it| *it <= now).collect();
    dates.sort_unstable();
    dates.dedup();
    let newest: Vec<_> = dates.into_iter().rev().take(MAX_DATES).collect();
    let gaps = u32::try_from(newest.len().checked_sub(1)?).ok()?;
    match (newest.first(), newest.last()) {
        (Some(newest_date), Some(oldest)) if newest.len() >= MIN_DATES => {
            (*newest_date - *oldest).to_std().ok().map(|it| it / gaps)
        }
        _ => None,
    }
}

/// How long an entry stays in the documents of a source that is polled at this interval, as far as their dates tell, or
/// else its pace.
pub(super) fn reach(state: &SourceState, dates: &[Timestamp], interval: Duration, now: Timestamp) -> Option<Duration> {
    // The pace is a mean over days and nights, and says little of this hour.
    let by_dates = span(dates, now);
    // Where ids change at each poll all seem new, and the pace that is observed follows the polls.
    let by_pace = || state.pace.map(|it| it.saturating_mul(state.entries.max(1)).max(interval));
    // Dates may say that all came within a minute, where a site was moved, or wrote its feed anew. That nothing has come
    // since then is known better.
    let idle = state.brought_new.and_then(|it| (now - it).to_std().ok()).unwrap_or_default();
    by_dates.or_else(by_pace).map(|it| it.max(idle.saturating_mul(state.entries.max(1))))
}

/// The time that the dates of a document span, as the newer half of them has it: older entries may be pinned to it.
fn span(dates: &[Timestamp], now: Timestamp) -> Option<Duration> {
    let mut dates: Vec<_> = dates.iter().copied().filter(|it| *it <= now).collect();
    dates.sort_unstable_by(|a, b| b.cmp(a));
    // Many that share a date are dated by the day, or all at once.
    dates.dedup();
    let (newest, median) = (dates.first()?, dates.get(dates.len() / 2)?);
    (dates.len() >= MIN_DATES).then(|| (*newest - *median).to_std().unwrap_or_default().saturating_mul(2))
}

/// A quarter of the new value and three of the old.
pub(super) fn smoothed(old: Option<Duration>, new: Option<Duration>) -> Option<Duration> {
    match (old, new) {
        (Some(old), Some(new)) => Some(old.saturating_mul(3).saturating_add(new) / 4),
        (old, new) => new.or(old),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_timestamp(hour * 3600, 0).unwrap()
    }

    #[test]
    fn dates_make_a_first_guess() {
        let hours = |dates: &[i64]| {
            let dates: Vec<_> = dates.iter().map(|it| at(*it)).collect();
            of_dates(&dates, at(100)).map(|it| it.as_secs_f64() / 3600.0)
        };
        assert_eq!(hours(&[90, 80, 70, 60]), Some(10.0));
        assert_eq!(hours(&[60, 90, 80, 70]), Some(10.0));
        // A date in the future says nothing, nor do equal ones.
        assert_eq!(hours(&[90, 80, 70, 4000]), Some(10.0));
        assert_eq!(hours(&[90, 90, 90]), None);
        assert_eq!(hours(&[]), None);
    }
}
