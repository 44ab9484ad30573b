//! When a source is polled again, and why then.

use std::{fmt, time::Duration};

use chrono::{Datelike, DurationRound, TimeDelta, Timelike};

use super::{Kind, Settings, Timetable};
use crate::model::{Fault, Timestamp, Wishes, later};

/// What is known of a source that was read.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// Its usual time between two new entries; `None` where it must not matter.
    pub pace: Option<Duration>,
    /// What its publisher asks for.
    pub wishes: &'a Wishes,
    /// How long the server says that the document stays as it is.
    pub fresh_for: Option<Duration>,
    /// How long an entry stays in its documents before newer ones take its place; `None` if unknown.
    pub reach: Option<Duration>,
}

/// A poll that failed.
#[derive(Debug, Clone, Copy)]
pub struct Failure {
    /// Why.
    pub fault: Fault,
    /// Failures in a row, this one included; at least 1.
    pub in_a_row: u32,
    /// How long the server asked to be left alone: a lower bound.
    pub retry_after: Option<Duration>,
}

/// The next poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// When.
    pub at: Timestamp,
    /// What made it then.
    pub because: Reason,
}

/// What decided on the time of a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The source's interval.
    Interval,
    /// The source's cron expression.
    Cron,
    /// It rarely has something new.
    Pace,
    /// It has so much new that entries leave its document soon.
    Reach,
    /// `ttl` or `sy:updatePeriod`.
    Wish,
    /// `Cache-Control` or `Expires`.
    Freshness,
    /// `skipHours` or `skipDays`.
    Skipped,
    /// `Retry-After`.
    RetryAfter,
    /// It has failed.
    Backoff,
    /// It is gone for good.
    Parked,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interval => "its interval",
            Self::Cron => "its cron expression",
            Self::Pace => "it rarely has something new",
            Self::Reach => "entries leave it soon after, since it has so much new",
            Self::Wish => "its publisher asks for so long a pause (ttl, sy:updatePeriod)",
            Self::Freshness => "the server says that it stays as it is until then (Cache-Control, Expires)",
            Self::Skipped => "its publisher has no news before that (skipHours, skipDays)",
            Self::RetryAfter => "the server asks to be left alone until then (Retry-After)",
            Self::Backoff => "pauses grow while it fails",
            Self::Parked => "it says that it is gone for good, and is only looked at now and then",
        })
    }
}

/// The fraction (1/n) of the pace that is waited: new entries are then seen after at most half of the usual gap.
const PACE_SHARE: u32 = 2;
/// The fraction (1/n) of the time for which entries stay in a document that is waited at most: half leaves room for a
/// poll that fails, and for hours with more news than usual.
const REACH_SHARE: u32 = 2;
/// The longest first pause after a failure that may pass by itself.
const SOON: Duration = Duration::from_secs(30 * 60);
/// Failures in a row after which a source counts as broken for longer.
const LASTING: u32 = 12;
/// Maximum hours searched for one that is not skipped: a week and one.
const MAX_SKIPPED_HOURS: usize = 7 * 24 + 1;

impl Timetable {
    /// When to poll again after a success: after the longest of the source's own interval, a share of its pace, and
    /// what the publisher and the server ask for, each held to [`Settings::max_interval`]; but before entries leave the
    /// document unread, whatever was asked for: WordPress says `hourly` by default, however short its feed is. A cron
    /// expression is taken at its word.
    pub fn after_success(&self, settings: &Settings, observed: Observed<'_>, now: Timestamp, seed: u64) -> Next {
        let own = match &self.0 {
            Kind::Every(interval) => *interval,
            Kind::Cron(..) => {
                let at = self.next(now).unwrap_or_else(|| later(now, settings.max_backoff));
                return Next { at: at.max(later(now, settings.min_interval)), because: Reason::Cron };
            }
        };
        let asked = [
            (observed.pace.map(|it| it / PACE_SHARE), Reason::Pace),
            (observed.wishes.pause, Reason::Wish),
            (observed.fresh_for, Reason::Freshness),
        ];
        let (mut pause, mut because) = (own, Reason::Interval);
        for (asked, reason) in asked {
            let asked = asked.unwrap_or_default().min(settings.max_interval);
            if asked > pause {
                (pause, because) = (asked, reason);
            }
        }
        if let Some(most) = observed.reach.map(|it| it / REACH_SHARE).filter(|it| *it < pause) {
            (pause, because) = (most, Reason::Reach);
        }
        let at = later(now, spread(pause, settings.jitter, seed).max(settings.min_interval));
        match waking(at, observed.wishes) {
            Some(hour) if hour > at => {
                let latest = later(now, settings.max_interval.max(pause));
                Next {
                    at: later(hour.min(latest), spread_within_hour(seed)).min(latest.max(at)),
                    because: Reason::Skipped,
                }
            }
            _ => Next { at, because },
        }
    }

    /// When to poll again after a failure. The pause doubles with each failure in a row. Faults that a person must
    /// repair are retried less often than those that may pass by themselves, and no source is ever given up.
    pub fn after_failure(&self, settings: &Settings, failure: Failure, now: Timestamp, seed: u64) -> Next {
        let regular = match &self.0 {
            Kind::Every(interval) => *interval,
            Kind::Cron(..) => self.next(now).and_then(|it| (it - now).to_std().ok()).unwrap_or(settings.max_backoff),
        };
        let regular = regular.max(settings.min_interval);
        // A fault that may pass is retried soon: a source that is read once a week must not lose the week.
        let soon = regular.min(SOON);
        // The first pause, the number of doublings that it starts with, and the longest pause.
        let (first, head_start, longest) = match failure.fault {
            Fault::Network | Fault::Server | Fault::Throttled | Fault::Unreadable | Fault::Defect => {
                // A fault that has lasted for days does not pass by itself.
                let is_lasting = failure.in_a_row > LASTING;
                (soon, 0, if is_lasting { settings.max_backoff.max(regular) } else { settings.max_backoff.max(soon) })
            }
            Fault::Blocked | Fault::WebPage | Fault::Refused => {
                (regular, 1, (settings.max_backoff.saturating_mul(4)).max(regular))
            }
            Fault::NotFound => (regular, 2, (settings.max_backoff.saturating_mul(8)).max(regular)),
            Fault::Gone => {
                let pause = settings.parked_interval.max(regular);
                return Next { at: later(now, spread(pause, settings.jitter, seed)), because: Reason::Parked };
            }
        };
        let factor = 2_u32.saturating_pow((failure.in_a_row.saturating_sub(1) + head_start).min(16));
        let pause = spread(first.saturating_mul(factor).min(longest), settings.jitter, seed);
        match failure.retry_after {
            Some(asked) if asked > pause => Next { at: later(now, asked), because: Reason::RetryAfter },
            _ => Next { at: later(now, pause), because: Reason::Backoff },
        }
    }
}

/// The first hour from `at` on that is not skipped, or `at` itself where its hour is not; `None` where all are.
fn waking(at: Timestamp, wishes: &Wishes) -> Option<Timestamp> {
    let is_skipped = |it: &Timestamp| {
        let day = u8::try_from(it.weekday().num_days_from_monday()).unwrap_or_default();
        let hour = u8::try_from(it.hour()).unwrap_or_default();
        wishes.skip_days.contains(&day) || wishes.skip_hours.contains(&hour)
    };
    if wishes.skip_days.is_empty() && wishes.skip_hours.is_empty() || !is_skipped(&at) {
        return Some(at);
    }
    let hour = at.duration_trunc(TimeDelta::hours(1)).ok()?;
    let next = |it: &Timestamp| it.checked_add_signed(TimeDelta::hours(1));
    std::iter::successors(next(&hour), next).take(MAX_SKIPPED_HOURS).find(|it| !is_skipped(it))
}

/// Up to ten minutes, so that not every source wakes on the hour.
fn spread_within_hour(seed: u64) -> Duration {
    spread(Duration::from_secs(600), 1.0, seed).saturating_sub(Duration::from_secs(600))
}

/// `pause` and up to `jitter` of it more, always the same for the same seed.
fn spread(pause: Duration, jitter: f64, seed: u64) -> Duration {
    // SplitMix64's finaliser: neighbouring seeds give unrelated values.
    let mut mixed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let share = f64::from(u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or(0)) / f64::from(u32::MAX);
    let more = Duration::try_from_secs_f64(pause.as_secs_f64() * jitter.clamp(0.0, 1.0) * share);
    pause.saturating_add(more.unwrap_or(Duration::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Cadence;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const MINUTE: Duration = Duration::from_secs(60);
    const HOUR: Duration = Duration::from_secs(3600);
    /// A Sunday.
    const NOW: &str = "2026-11-22T00:00:00Z";

    fn settings() -> Settings {
        Settings {
            min_interval: MINUTE,
            max_interval: 3 * HOUR,
            max_backoff: 6 * HOUR,
            parked_interval: 7 * 24 * HOUR,
            jitter: 0.0,
        }
    }

    fn half_hourly() -> Timetable {
        Timetable::new(&Cadence::Every(30 * MINUTE)).unwrap()
    }

    /// Minutes until the next poll of a half-hourly source, and why.
    #[track_caller]
    fn check(observed: Observed<'_>, minutes: i64, because: Reason) {
        let next = half_hourly().after_success(&settings(), observed, at(NOW), 0);
        assert_eq!(((next.at - at(NOW)).num_minutes(), next.because), (minutes, because), "{observed:?}");
    }

    #[test]
    fn the_longest_wish_within_bounds_decides() {
        let none = Wishes::default();
        let plain = Observed { pace: None, wishes: &none, fresh_for: None, reach: None };
        check(plain, 30, Reason::Interval);
        check(Observed { pace: Some(40 * MINUTE), ..plain }, 30, Reason::Interval);
        check(Observed { pace: Some(4 * HOUR), ..plain }, 120, Reason::Pace);
        check(Observed { pace: Some(1000 * HOUR), ..plain }, 180, Reason::Pace);
        check(Observed { fresh_for: Some(45 * MINUTE), ..plain }, 45, Reason::Freshness);
        let hourly = Wishes { pause: Some(HOUR), ..Wishes::default() };
        check(Observed { wishes: &hourly, fresh_for: Some(45 * MINUTE), ..plain }, 60, Reason::Wish);
        let yearly = Wishes { pause: Some(9000 * HOUR), ..Wishes::default() };
        check(Observed { wishes: &yearly, ..plain }, 180, Reason::Wish);
    }

    #[test]
    fn a_poll_comes_before_entries_leave_the_document() {
        let daily = Wishes { pause: Some(24 * HOUR), ..Wishes::default() };
        let asked = Observed { pace: None, wishes: &daily, fresh_for: Some(HOUR), reach: None };
        check(Observed { reach: Some(20 * MINUTE), ..asked }, 10, Reason::Reach);
        check(Observed { reach: Some(4 * HOUR), ..asked }, 120, Reason::Reach);
        check(Observed { reach: Some(8 * HOUR), ..asked }, 180, Reason::Wish);
        check(Observed { reach: Some(Duration::ZERO), ..asked }, 1, Reason::Reach);
    }

    #[test]
    fn hours_and_days_without_news_are_passed_over_within_bounds() {
        let wake = |wishes: Wishes| {
            let observed = Observed { pace: None, wishes: &wishes, fresh_for: None, reach: None };
            let next = half_hourly().after_success(&settings(), observed, at(NOW), 0);
            ((next.at - at(NOW)).num_minutes(), next.because)
        };
        let hours = |skip_hours: Vec<u8>| wake(Wishes { skip_hours, ..Wishes::default() });
        let (minutes, because) = hours(vec![0, 1]);
        assert!((120..=130).contains(&minutes), "{minutes}");
        assert_eq!(because, Reason::Skipped);
        assert_eq!(hours(vec![5]), (30, Reason::Interval));
        assert_eq!(hours((0..12).collect()), (180, Reason::Skipped));
        // A publisher who skips every hour means nothing by it.
        assert_eq!(hours((0..24).collect()), (30, Reason::Interval));
        let sundays = wake(Wishes { skip_days: vec![6], ..Wishes::default() });
        assert_eq!(sundays, (180, Reason::Skipped));
    }

    #[test]
    fn cron_is_taken_at_its_word() {
        let daily = Timetable::new(&Cadence::Cron { expression: "0 7 * * *".into(), zone: chrono_tz::UTC }).unwrap();
        let wishes = Wishes { pause: Some(9 * HOUR), ..Wishes::default() };
        let observed = Observed { pace: Some(100 * HOUR), wishes: &wishes, fresh_for: None, reach: None };
        let next = daily.after_success(&settings(), observed, at(NOW), 7);
        assert_eq!(next, Next { at: at("2026-11-22T07:00:00Z"), because: Reason::Cron });
    }

    /// Minutes of the pauses after so many failures in a row.
    fn pauses<const N: usize>(fault: Fault, in_a_row: [u32; N], retry_after: Option<Duration>) -> [i64; N] {
        in_a_row.map(|in_a_row| {
            let failure = Failure { fault, in_a_row, retry_after };
            (half_hourly().after_failure(&settings(), failure, at(NOW), 7).at - at(NOW)).num_minutes()
        })
    }

    #[test]
    fn failures_back_off_by_their_class_and_never_stop() {
        assert_eq!(pauses(Fault::Network, [1, 2, 3, 4, 5, 100], None), [30, 60, 120, 240, 360, 360]);
        assert_eq!(pauses(Fault::Blocked, [1, 2, 6, 100], None), [60, 120, 1440, 1440]);
        assert_eq!(pauses(Fault::NotFound, [1, 2, 100], None), [120, 240, 2880]);
        assert_eq!(pauses(Fault::Gone, [1, 100], None), [7 * 1440, 7 * 1440]);
        assert_eq!(pauses(Fault::Throttled, [1, 5], Some(2 * HOUR)), [120, 360]);
    }

    #[test]
    fn a_failure_that_may_pass_costs_a_rare_source_no_period() {
        let weekly = Timetable::new(&Cadence::Cron { expression: "0 7 * * 1".into(), zone: chrono_tz::UTC }).unwrap();
        let pause = |fault| {
            let failure = Failure { fault, in_a_row: 1, retry_after: None };
            (weekly.after_failure(&settings(), failure, at("2026-11-23T07:00:00Z"), 7).at - at("2026-11-23T07:00:00Z"))
                .num_minutes()
        };
        assert_eq!((pause(Fault::Network), pause(Fault::NotFound)), (30, 7 * 1440));
    }

    /// Found in a review: the daemon ended over the poll of such a source, again after each restart.
    #[test]
    fn no_pause_is_too_long() {
        let table = Timetable::new(&Cadence::Every(Duration::MAX)).unwrap();
        let settings = Settings { jitter: 1.0, max_backoff: Duration::MAX, ..settings() };
        let wishes = Wishes::default();
        let observed = Observed { pace: None, wishes: &wishes, fresh_for: Some(Duration::MAX), reach: None };
        assert_eq!(table.after_success(&settings, observed, at(NOW), 7).at, Timestamp::MAX_UTC);
        for fault in [Fault::Network, Fault::Blocked, Fault::NotFound, Fault::Gone] {
            let failure = Failure { fault, in_a_row: 99, retry_after: Some(Duration::MAX) };
            assert_eq!(table.after_failure(&settings, failure, at(NOW), 7).at, Timestamp::MAX_UTC, "{fault:?}");
        }
    }

    #[test]
    fn jitter_is_bounded_and_the_same_for_the_same_seed() {
        let settings = Settings { min_interval: Duration::ZERO, jitter: 0.1, ..settings() };
        let table = Timetable::new(&Cadence::Every(Duration::from_secs(1000))).unwrap();
        let wishes = Wishes::default();
        let observed = Observed { pace: None, wishes: &wishes, fresh_for: None, reach: None };
        let pause = |seed| (table.after_success(&settings, observed, at(NOW), seed).at - at(NOW)).num_seconds();
        let pauses: Vec<_> = (0..100).map(pause).collect();
        assert!(pauses.iter().all(|it| (1000..=1100).contains(it)), "{pauses:?}");
        assert!(pauses.iter().max() > Some(&1080) && pauses.iter().min() < Some(&1020), "{pauses:?}");
        assert_eq!(pause(5), pause(5));
    }
}
