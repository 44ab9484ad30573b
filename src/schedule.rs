//! When a source or a digest is due. Pure: `now` is an argument, and jitter comes from a seed.

mod cron_fields;
mod left_alone;
mod polls;
#[cfg(test)]
mod table;

use std::{str::FromStr, time::Duration};

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::model::{Cadence, Timestamp, earlier, later};

pub use left_alone::{LEFT_ALONE, is_overdue, left_alone};
pub use polls::{Failure, Next, Observed, Reason};

/// How polls are spread and failures answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// No source is polled more often, whatever its interval says.
    pub min_interval: Duration,
    /// The longest pause that a publisher's wishes or observations can cause.
    pub max_interval: Duration,
    /// The longest pause after failures that may pass by themselves. A source is never given up.
    pub max_backoff: Duration,
    /// The pause of a source that says it is gone for good.
    pub parked_interval: Duration,
    /// Share of the interval (0–1) by which a poll may come later, so that sources do not all fall due together.
    pub jitter: f64,
}

/// Missed slots that are counted.
const MAX_MISSED: usize = 5_000;

/// A cadence that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// Not a cron expression.
    #[error(
        "{expression:?} is not a cron expression: {reason}. Its fields are minute, hour, day of the month, month and day of the \
         week, as in \"30 7 * * MON-FRI\""
    )]
    Cron {
        /// What was written.
        expression: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An interval of nothing.
    #[error("an interval must be longer than 0s")]
    NoInterval,
}

/// A cadence, ready for use.
#[derive(Debug, Clone)]
pub struct Timetable(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Every(Duration),
    Cron(Box<cron::Schedule>, Tz),
}

impl Timetable {
    /// The interval; `None` for a cron expression.
    pub fn interval(&self) -> Option<Duration> {
        match &self.0 {
            Kind::Every(interval) => Some(*interval),
            Kind::Cron(..) => None,
        }
    }

    /// Checks a cadence.
    ///
    /// # Errors
    ///
    /// [`ScheduleError`] with the expression.
    pub fn new(cadence: &Cadence) -> Result<Self, ScheduleError> {
        match cadence {
            Cadence::Every(interval) if interval.is_zero() => Err(ScheduleError::NoInterval),
            Cadence::Every(interval) => Ok(Self(Kind::Every(*interval))),
            Cadence::Cron { expression, zone } => {
                let error = |reason: String| ScheduleError::Cron { expression: expression.clone(), reason };
                let fields = cron_fields::with_seconds(expression).map_err(error)?;
                // Its own message points into the fields as they were rewritten.
                let unread = |_| error("a field has what it cannot have".to_owned());
                let schedule = cron::Schedule::from_str(&fields).map_err(unread)?;
                Ok(Self(Kind::Cron(Box::new(schedule), *zone)))
            }
        }
    }

    /// The first instant after `after`; `None` if a cron expression has no further one.
    ///
    /// Cron fields are read on the wall clock of their zone, as Vixie cron does: a slot inside the gap when
    /// clocks go forward falls on the first instant after it, and an hour that occurs twice counts once.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        match &self.0 {
            Kind::Every(interval) => Some(later(after, *interval)),
            Kind::Cron(schedule, zone) => {
                // The wall clock is passed to the cron crate as if it were UTC: its own handling of zones has no rule
                // for either change of clocks.
                let wall = after.with_timezone(zone).naive_local().and_utc();
                schedule.after(&wall).map(|it| instant(it.naive_utc(), *zone)).find(|it| *it > after)
            }
        }
    }

    /// Whether it names a day that never comes, such as 31 February: a day that has not come since 1970 never will.
    pub fn is_never(&self) -> bool {
        self.next(Timestamp::UNIX_EPOCH).is_none()
    }

    /// The last instant after `since` and not after `now`, with the number of earlier ones that were missed; `None` if
    /// there is none. Tells a daemon that was down which slot to catch up on.
    pub fn last_due(&self, since: Timestamp, now: Timestamp) -> Option<(Timestamp, usize)> {
        // Slots are counted from `since`. If that would take long, only the last two days are, since the exact number
        // of missed slots then means nothing.
        let recent = earlier(now, Duration::from_secs(2 * 24 * 3600)).max(since);
        let walk = |from| std::iter::successors(self.next(from), |it| self.next(*it)).take_while(|it| *it <= now);
        let slots = walk(since).take(MAX_MISSED).enumerate().last().map(|(missed, at)| (at, missed))?;
        match slots.1 + 1 == MAX_MISSED {
            true => walk(recent).last().map(|at| (at, slots.1)).or(Some(slots)),
            false => Some(slots),
        }
    }
}

/// The instant at which a zone's wall clock shows `wall`: the first of two, or the first after a gap.
pub fn instant(wall: NaiveDateTime, zone: Tz) -> Timestamp {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(it) | LocalResult::Ambiguous(it, _) => it.to_utc(),
        LocalResult::None => after_gap(wall, zone),
    }
}

/// The instant at which the gap that `wall` falls into ends. Gaps are shorter than a day and end on a full minute.
fn after_gap(wall: NaiveDateTime, zone: Tz) -> Timestamp {
    let before: DateTime<Utc> = wall.and_utc() - TimeDelta::days(2);
    let (mut low, mut high) = (before.timestamp() / 60, before.timestamp() / 60 + 4 * 24 * 60);
    // The wall clock never runs backwards over a gap: the first instant at which it shows `wall` or later.
    while low < high {
        let middle = low.midpoint(high);
        let shown = DateTime::from_timestamp(middle * 60, 0).map(|it| it.with_timezone(&zone).naive_local());
        match shown.is_some_and(|it| it >= wall) {
            true => high = middle,
            false => low = middle + 1,
        }
    }
    DateTime::from_timestamp(low * 60, 0).unwrap_or(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn cron(expression: &str, zone: Tz) -> Timetable {
        Timetable::new(&Cadence::Cron { expression: expression.into(), zone }).unwrap()
    }

    #[track_caller]
    fn check(expression: &str, zone: Tz, after: &str, expected: &[&str]) {
        let table = cron(expression, zone);
        let slots: Vec<_> =
            std::iter::successors(table.next(at(after)), |it| table.next(*it)).take(expected.len()).collect();
        assert_eq!(slots, expected.iter().map(|it| at(it)).collect::<Vec<_>>(), "{expression} {zone}");
    }

    #[test]
    fn fields_are_read_in_their_zone() {
        check(
            "0 7 * * *",
            Tz::Asia__Tbilisi,
            "2026-11-22T00:00:00Z",
            &["2026-11-22T03:00:00Z", "2026-11-23T03:00:00Z"],
        );
        check("0 7 * * 1-5", Tz::UTC, "2026-11-21T00:00:00Z", &["2026-11-23T07:00:00Z", "2026-11-24T07:00:00Z"]);
        check("@daily", Tz::Asia__Baku, "2026-11-22T00:00:00Z", &["2026-11-22T20:00:00Z"]);
    }

    #[test]
    fn a_slot_in_the_gap_runs_once_right_after_it() {
        // Berlin, 29 March 2026: 02:00 becomes 03:00 (01:00 UTC).
        check(
            "30 2 * * *",
            Tz::Europe__Berlin,
            "2026-03-28T12:00:00Z",
            &["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
        );
        check(
            "*/20 2,3 * * *",
            Tz::Europe__Berlin,
            "2026-03-29T00:00:00Z",
            &["2026-03-29T01:00:00Z", "2026-03-29T01:20:00Z", "2026-03-29T01:40:00Z", "2026-03-30T00:00:00Z"],
        );
    }

    #[test]
    fn a_repeated_hour_counts_once() {
        // New York, 1 November 2026: 02:00 becomes 01:00 again (06:00 UTC).
        check(
            "30 1 * * *",
            Tz::America__New_York,
            "2026-10-31T12:00:00Z",
            &["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"],
        );
        let between = at("2026-11-01T06:10:00Z");
        assert_eq!(cron("30 1 * * *", Tz::America__New_York).next(between), Some(at("2026-11-02T06:30:00Z")));
    }

    #[test]
    fn missed_slots_are_one() {
        let table = cron("0 7 * * *", Tz::UTC);
        assert_eq!(table.last_due(at("2026-11-20T07:00:00Z"), at("2026-11-20T12:00:00Z")), None);
        assert_eq!(
            table.last_due(at("2026-11-20T07:00:00Z"), at("2026-11-23T08:00:00Z")),
            Some((at("2026-11-23T07:00:00Z"), 2))
        );
    }

    #[test]
    fn the_last_of_very_many_missed_slots_is_the_last() {
        let (last, missed) =
            cron("* * * * *", Tz::UTC).last_due(at("2026-01-01T00:00:00Z"), at("2026-03-01T12:34:56Z")).unwrap();
        assert_eq!((last, missed), (at("2026-03-01T12:34:00Z"), MAX_MISSED - 1));
    }

    #[test]
    fn endless_intervals_end_with_time() {
        let table = Timetable::new(&Cadence::Every(Duration::MAX)).unwrap();
        assert_eq!(table.next(at("2026-01-01T00:00:00Z")), Some(Timestamp::MAX_UTC));
    }

    #[test]
    fn says_what_is_wrong() {
        for expression in ["", "* * *", "61 * * * *", "0 7 * * 8", "0 7 1 * 1", "x y z a b", "0 0 7 * * *"] {
            let error = Timetable::new(&Cadence::Cron { expression: expression.into(), zone: Tz::UTC }).unwrap_err();
            assert!(error.to_string().starts_with(&format!("{expression:?} is not a cron expression: ")), "{error}");
            assert!(error.to_string().ends_with("as in \"30 7 * * MON-FRI\""), "{error}");
        }
        // The second first, as in Quartz, or the year last: once read as the one, it ran an hour's digest every hour
        // for the other.
        let error = Timetable::new(&Cadence::Cron { expression: "0 7 * * * 2026".into(), zone: Tz::UTC }).unwrap_err();
        assert!(error.to_string().contains("6 fields, 5 are needed: leave out the second"), "{error}");
        let error = Timetable::new(&Cadence::Cron { expression: "@dayly".into(), zone: Tz::UTC }).unwrap_err();
        assert!(error.to_string().contains("expression: the names are @hourly, @daily, @weekly, "), "{error}");
        assert_eq!(cron("@Weekly", Tz::UTC).next(at("2026-11-28T00:00:00Z")), Some(at("2026-11-29T00:00:00Z")));
        // What is given as an example is one.
        assert_eq!(
            cron("30 7 * * MON-FRI", Tz::UTC).next(at("2026-11-28T00:00:00Z")),
            Some(at("2026-11-30T07:30:00Z"))
        );
        assert_eq!(Timetable::new(&Cadence::Every(Duration::ZERO)).unwrap_err(), ScheduleError::NoInterval);
    }
}
