//! Times on the command line.

use std::time::Duration;

use chrono::{NaiveDate, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use crate::model::{Timestamp, earlier};

/// A time as it is given: so long ago, or the beginning of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Moment {
    Ago(Duration),
    Day(NaiveDate),
}

impl Moment {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Self::Day);
        let ago = || humantime::parse_duration(text).map(Self::Ago);
        day.or_else(|_| ago())
            .map_err(|_| "give a number with its unit, such as 24h, 7d or 90d, or a day, such as 2026-11-20".to_owned())
    }

    /// A day begins at midnight in `zone`, or where the clock is put forward then, right after.
    pub(in crate::cli) fn at(self, now: Timestamp, zone: Tz) -> Timestamp {
        let day = match self {
            Self::Ago(it) => return earlier(now, it),
            Self::Day(it) => it.and_time(NaiveTime::MIN),
        };
        let begins = |quarters: i64| zone.from_local_datetime(&(day + TimeDelta::minutes(15 * quarters))).earliest();
        (0..=12).find_map(begins).map_or(day.and_utc(), |it| it.to_utc())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_or_so_long_ago() {
        let now: Timestamp = "2026-11-27T12:00:00Z".parse().unwrap();
        let at = |text: &str, zone| Moment::parse(text).map(|it| it.at(now, zone).to_rfc3339());
        for (text, zone, expected) in [
            ("24h", Tz::Asia__Tbilisi, "2026-11-26T12:00:00+00:00"),
            ("2026-11-20", Tz::Asia__Tbilisi, "2026-11-19T20:00:00+00:00"),
            ("2026-11-20", Tz::UTC, "2026-11-20T00:00:00+00:00"),
            // The clock was put forward at midnight, and a day had no beginning of that name.
            ("2018-11-04", Tz::America__Sao_Paulo, "2018-11-04T03:00:00+00:00"),
            // It was put back at midnight: the day before had that hour twice.
            ("2018-02-18", Tz::America__Sao_Paulo, "2018-02-18T03:00:00+00:00"),
        ] {
            assert_eq!(at(text, zone).as_deref(), Ok(expected), "{text} {zone}");
        }
        for text in ["soon", "2026-13-01", "2026-11", "20.11.2026", ""] {
            assert!(Moment::parse(text).unwrap_err().contains("or a day, such as 2026-11-20"), "{text}");
        }
    }
}
