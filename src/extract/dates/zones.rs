//! One moment that a page writes with its zone and without.

use chrono::{NaiveDateTime, TimeDelta, Timelike};

use super::written::Written;

/// No clock on earth is further from UTC.
const MAX_OFFSET: TimeDelta = TimeDelta::hours(14);

/// Whether the first of two writings gives with its zone the moment that the second one gives without.
pub(super) fn is_zoned(zoned: &Written, other: &Written) -> bool {
    let apart = || {
        let offset = TimeDelta::seconds(zoned.offset.filter(|_| other.offset.is_none())?.local_minus_utc().into());
        Some((minute(other)? - minute(zoned)?, offset))
    };
    // What is in no zone is read in the same one, or, where that is UTC, in any: all are whole quarters of an hour from
    // it.
    apart().is_some_and(|(apart, offset)| {
        let may_be_local = offset.is_zero() && apart.abs() <= MAX_OFFSET && apart.num_minutes() % 15 == 0;
        apart.is_zero() || may_be_local
    })
}

/// The local time to the minute, where there is a time.
fn minute(written: &Written) -> Option<NaiveDateTime> {
    Some(written.day.and_time(written.time?.with_second(0)?.with_nanosecond(0)?))
}

#[cfg(test)]
mod tests {
    use crate::extract::dates::written::value;

    use super::*;

    #[test]
    fn one_moment_may_be_written_in_two_zones() {
        for (zoned, other, expected) in [
            ("2026-02-15T20:01:00Z", "2026-02-16 00:01", true),
            ("2026-02-15T20:01:30Z", "2026-02-15 20:01", true),
            ("2026-02-15T20:01:00Z", "2026-02-16 01:46", true),
            ("2026-02-15T20:01:00Z", "2026-02-16 00:05", false),
            ("2026-02-15T20:01:00Z", "2026-02-16 20:01", false),
            ("2026-02-15T20:01:00+04:00", "2026-02-15 20:01", true),
            ("2026-02-15T20:01:00+04:00", "2026-02-15 16:01", false),
            ("2026-02-15T20:01:00Z", "2026-02-16", false),
            ("2026-02-15 20:01", "2026-02-16 00:01", false),
        ] {
            assert_eq!(is_zoned(&value(zoned).unwrap(), &value(other).unwrap()), expected, "{zoned} {other}");
        }
    }
}
