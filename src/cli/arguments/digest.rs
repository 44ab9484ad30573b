//! What follows `sitrepd digest`.

use std::{path::PathBuf, time::Duration};

use chrono::{NaiveDate, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use clap::{Args, Subcommand};

use super::period;
use crate::{
    digest::render::Format,
    model::{Timestamp, earlier},
};

/// A time as it is given: so long ago, or the beginning of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Moment {
    Ago(Duration),
    Day(NaiveDate),
}

impl Moment {
    fn parse(text: &str) -> Result<Self, String> {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Self::Day);
        day.or_else(|_| period(text).map(Self::Ago)).map_err(|it| format!("{it}, or a day, such as 2026-11-20"))
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

#[derive(Debug, Args)]
pub(in crate::cli) struct DigestOptions {
    /// How far back it goes, such as 7d, or the day it begins with, such as 2026-11-20, in the zone of the digest
    /// [default: 24h; with --preview and --send-test as far as the next one at its time]
    #[arg(long, value_name = "TIME", value_parser = Moment::parse)]
    pub(in crate::cli) since: Option<Moment>,
    /// The day before which it ends, or how far back that is [default: now]
    #[arg(long, value_name = "TIME", value_parser = Moment::parse, requires = "since")]
    pub(in crate::cli) until: Option<Moment>,
    /// The digest of this [[audience]] [default: that of [digest]]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) audience: Option<String>,
    /// html, text, md, json, atom, rss or jsonfeed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: Format,
    /// Write it to a file
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Send it through its channels
    #[arg(long, conflicts_with_all = ["format", "out"])]
    pub(in crate::cli) send: bool,
    /// Print what would go out if its time were now; nothing is sent or marked
    #[arg(long, conflicts_with = "send")]
    pub(in crate::cli) preview: bool,
    /// Send the preview, marked as a test, through its channels, or by mail to one address; nothing is marked as sent
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["send", "preview", "format", "out"])]
    pub(in crate::cli) send_test: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum IssuesCommand {
    /// List the digests that were issued, newest first
    List,
    /// Print a digest that was issued, as it went out; made again from the archive where it was not made in this format
    Show {
        /// Its slot as list prints it, or the beginning of it, such as 2026-11-27 or weekly/2026-11
        slot: String,
        /// html, text, md, json, atom, rss or jsonfeed
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Write the built-in layouts of page, text and Markdown out, for you to change
    Templates {
        /// Where to [default: templates/ beside sitrepd.toml, from where they are used]
        dir: Option<PathBuf>,
    },
    /// List the articles that one issued digest has and another has not
    Diff {
        /// Slot of the one, as list prints it, or the beginning of it
        before: String,
        /// Slot of the other
        after: String,
    },
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
