//! When an alert is sent, and when a watch fires unusually often. Pure.

use std::time::Duration;

use chrono::{NaiveTime, TimeDelta};
use chrono_tz::Tz;

use crate::{
    model::{Severity, Timestamp, later},
    schedule,
};

/// How urgent a watch is and how long it cools down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timing {
    /// How loud it is.
    pub severity: Severity,
    /// How long the next message of the watch waits after an alert. Zero for no wait.
    pub cooldown: Duration,
}

/// Hours in which messages wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// When they begin, every day.
    pub from: NaiveTime,
    /// When they end: on the next day if this is earlier than their beginning.
    pub until: NaiveTime,
    /// The zone in which they are read.
    pub zone: Tz,
}

/// Quiet hours that make no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("quiet hours {0:?} are not like \"22:00-07:00\"")]
pub struct QuietHoursError(String);

impl QuietHours {
    /// Reads `22:00-07:00`.
    ///
    /// # Errors
    ///
    /// [`QuietHoursError`] for anything else, and for hours that never end.
    pub fn parse(text: &str, zone: Tz) -> Result<Self, QuietHoursError> {
        let time = |it: &str| NaiveTime::parse_from_str(it.trim(), "%H:%M").ok();
        let ends = text.split_once(['-', '–']).and_then(|(from, until)| Some((time(from)?, time(until)?)));
        match ends {
            Some((from, until)) if from != until => Ok(Self { from, until, zone }),
            _ => Err(QuietHoursError(text.to_owned())),
        }
    }

    /// The end of the quiet hours at `now`; `None` outside of quiet hours.
    pub fn end(&self, now: Timestamp) -> Option<Timestamp> {
        let wall = now.with_timezone(&self.zone).naive_local();
        let (time, spans_midnight) = (wall.time(), self.from > self.until);
        let is_evening = time >= self.from;
        let is_morning = time < self.until;
        let is_quiet = if spans_midnight { is_evening || is_morning } else { is_evening && is_morning };
        let day = if spans_midnight && is_evening { wall.date().succ_opt()? } else { wall.date() };
        is_quiet.then(|| schedule::instant(day.and_time(self.until), self.zone))
    }
}

/// When the message of an alert is due if it does not join a waiting one; `None` if no message is sent. `told` is when
/// the watch raised its last alert.
pub fn due(timing: Timing, quiet: Option<&QuietHours>, told: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    match timing.severity {
        Severity::Low => None,
        Severity::Urgent => Some(now),
        Severity::Normal => {
            // A last alert in the future dates from before the clock was set back. It delays a message no longer than
            // the cool-down.
            let cool = told
                .map(|it| later(it.min(now), timing.cooldown.min(MAX_COOLDOWN)))
                .filter(|it| *it > now)
                .unwrap_or(now);
            Some(quiet.and_then(|it| it.end(cool)).unwrap_or(cool))
        }
    }
}

/// The longest cool-down; a longer one is shortened to it.
const MAX_COOLDOWN: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Limits that keep a burst of articles from sending a burst of messages. All alerts are filed in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// An article older than this, by its own dates, raises an alert without a message. Zero: articles of any age send
    /// messages.
    pub max_age: Duration,
    /// Maximum messages for alerts of one watch within an hour of the clock; one more message counts the rest. Zero: no
    /// limit.
    pub max_per_hour: u32,
}

impl Limits {
    /// Whether an article is old at `now` by the dates it claims: the later of publication and last change counts. An
    /// article without a date is never old.
    pub fn is_old(&self, published: Option<Timestamp>, modified: Option<Timestamp>, now: Timestamp) -> bool {
        let is_old = |at: Timestamp| later(at.max(modified.unwrap_or(at)), self.max_age) < now;
        !self.max_age.is_zero() && published.is_some_and(is_old)
    }

    /// Whether an alert at `now` exceeds the hourly limit of a watch that raised alerts at the times `before`, newest
    /// first.
    pub fn is_over(&self, before: &[Timestamp], now: Timestamp) -> bool {
        let hour = hour(now);
        let most = usize::try_from(self.max_per_hour).unwrap_or(usize::MAX);
        most > 0 && before.iter().take_while(|it| **it >= hour).count() >= most
    }
}

/// The beginning of the clock hour that contains `at`.
pub fn hour(at: Timestamp) -> Timestamp {
    let seconds = at.timestamp();
    Timestamp::from_timestamp(seconds - seconds.rem_euclid(3_600), 0).unwrap_or(at)
}

/// An hour of the clock.
pub const HOUR: Duration = Duration::from_secs(3_600);

/// The number of days from which a watch's usual number of alerts is computed.
pub const BASE_DAYS: usize = 14;

/// How far back alerts matter for the beginning of a spike: the day in which it may have begun, the day before, over
/// which that one is counted, and the days it is compared with.
pub const BASE: Duration = Duration::from_secs((BASE_DAYS as u64 + 2) * 24 * 60 * 60);

/// Maximum alerts of a watch that are read. If a watch raised as many within [`BASE`], the oldest of them are no fair
/// sample of its days, and it has no spikes worth reporting.
pub const COUNTED: usize = 4_096;

/// Minimum alerts in a day for a spike.
const FEWEST: u32 = 5;

/// A watch that fires unusually often.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spike {
    /// Alerts in the last day.
    pub today: u32,
    /// Alerts a day before that.
    pub usual: f32,
}

/// Whether a watch that raised alerts at these times, newest first and none later than `now`, spikes at `now`: in the
/// last 24 hours it fired at least five times, and more often than three standard deviations above its own mean of the
/// 14 days before, or of as many as have passed since its first alert (the standard deviation of a count is its square
/// root, after Poisson). No spike if no alert is older than a day: a new archive or watch takes in at once what had
/// gathered. Never if [`COUNTED`] times are given.
pub fn spike(raised: &[Timestamp], now: Timestamp) -> Option<Spike> {
    if raised.len() >= COUNTED {
        return None;
    }
    let most = i64::try_from(BASE_DAYS).unwrap_or(i64::MAX);
    let base_days = raised.last().map(|it| (now - *it).num_days()).filter(|it| *it > 0)?.min(most);
    let within = |days: i64| raised.partition_point(|it| now - *it < TimeDelta::days(days));
    let today = u32::try_from(within(1)).unwrap_or(u32::MAX);
    let number = |it: usize| u16::try_from(it).map_or(f32::from(u16::MAX), f32::from);
    let usual = number(within(base_days + 1) - within(1)) / number(usize::try_from(base_days).unwrap_or(BASE_DAYS));
    // Little is known of a watch that hardly ever fires: one alert a day counts as usual.
    let expected = usual.max(1.0);
    let is_spike = today >= FEWEST && number(within(1)) > expected + 3.0 * expected.sqrt();
    is_spike.then_some(Spike { today, usual })
}

/// The spike that begins with an alert at `now`, for a watch that raised alerts at the times `before`, newest first. A
/// spike present at any alert of the last 24 hours began then and was reported then. Each alert is judged at its own
/// time, because the usual number changes.
pub fn begun(before: &[Timestamp], now: Timestamp) -> Option<Spike> {
    if before.len() >= COUNTED {
        return None;
    }
    let with: Vec<_> = [now].into_iter().chain(before.iter().copied()).collect();
    let spike = spike(&with, now)?;
    let lately = before.iter().enumerate().take_while(|(_, at)| now - **at < TimeDelta::days(1));
    let mut lately = lately.filter_map(|(nth, at)| Some((before.get(nth..)?, *at)));
    lately.all(|(raised, at)| self::spike(raised, at).is_none()).then_some(spike)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn quiet_hours_end_in_their_zone() {
        let quiet = QuietHours::parse("22:00-07:00", Tz::Asia__Tbilisi).unwrap();
        for (now, end) in [
            ("2026-11-26T17:59:00Z", None),
            ("2026-11-26T18:00:00Z", Some("2026-11-27T03:00:00Z")),
            ("2026-11-26T23:30:00Z", Some("2026-11-27T03:00:00Z")),
            ("2026-11-27T02:59:59Z", Some("2026-11-27T03:00:00Z")),
            ("2026-11-27T03:00:00Z", None),
        ] {
            assert_eq!(quiet.end(at(now)), end.map(at), "{now}");
        }
        let noon = QuietHours::parse("12:00 – 13:30", Tz::UTC).unwrap();
        assert_eq!(noon.end(at("2026-11-26T12:10:00Z")), Some(at("2026-11-26T13:30:00Z")));
        assert_eq!(noon.end(at("2026-11-26T14:10:00Z")), None);
        // The hour from two to three is left out that night.
        let berlin = QuietHours::parse("23:00-02:30", Tz::Europe__Berlin).unwrap();
        assert_eq!(berlin.end(at("2026-03-29T00:30:00Z")), Some(at("2026-03-29T01:00:00Z")));
    }

    #[test]
    fn odd_hours_are_refused() {
        for text in ["", "22", "22:00", "22:00-22:00", "25:00-07:00", "night"] {
            assert!(QuietHours::parse(text, Tz::UTC).is_err(), "{text}");
        }
    }

    #[test]
    fn messages_wait_for_quiet_and_cool_down_unless_urgent() {
        let quiet = QuietHours::parse("22:00-07:00", Tz::UTC).unwrap();
        let hours = |it: u64| Duration::from_secs(it * 3_600);
        let timing = |severity, cooldown| Timing { severity, cooldown: hours(cooldown) };
        let day = at("2026-11-26T12:00:00Z");
        let night = at("2026-11-26T23:00:00Z");
        let told = Some(at("2026-11-26T11:00:00Z"));
        for (timing, told, now, expected) in [
            (timing(Severity::Normal, 0), None, day, Some(day)),
            (timing(Severity::Normal, 0), told, day, Some(day)),
            (timing(Severity::Normal, 3), told, day, Some(at("2026-11-26T14:00:00Z"))),
            (timing(Severity::Normal, 3), None, day, Some(day)),
            (timing(Severity::Normal, 0), None, night, Some(at("2026-11-27T07:00:00Z"))),
            // The cool-down ends within the quiet hours.
            (timing(Severity::Normal, 12), told, day, Some(at("2026-11-27T07:00:00Z"))),
            (timing(Severity::Urgent, 12), told, night, Some(night)),
            (timing(Severity::Low, 0), None, day, None),
            // The clock was set back.
            (timing(Severity::Normal, 1), Some(night), day, Some(at("2026-11-26T13:00:00Z"))),
        ] {
            assert_eq!(due(timing, Some(&quiet), told, now), expected, "{timing:?} {now}");
        }
    }

    #[test]
    fn what_says_that_it_is_old_is_old() {
        let days = |it: u64| Duration::from_secs(it * 86_400);
        let week = Limits { max_age: days(7), ..Limits::default() };
        let now = at("2026-11-26T12:00:00Z");
        let ago = |it: i64| Some(now - TimeDelta::days(it));
        for (limits, published, modified, expected) in [
            (week, ago(8), None, true),
            (week, ago(7), None, false),
            (week, ago(-3000), None, false),
            (week, None, None, false),
            (week, None, ago(900), false),
            (week, ago(900), ago(8), true),
            (week, ago(900), ago(1), false),
            (week, ago(1), ago(900), false),
            (week, Some(Timestamp::MIN_UTC), None, true),
            (Limits::default(), ago(9000), None, false),
            (Limits { max_age: Duration::MAX, ..week }, ago(9000), None, false),
        ] {
            assert_eq!(limits.is_old(published, modified, now), expected, "{published:?} {modified:?}");
        }
    }

    #[test]
    fn so_many_in_an_hour_of_the_clock() {
        let limits = Limits { max_per_hour: 2, ..Limits::default() };
        let (last, first) = (at("2026-11-26T11:59:59Z"), at("2026-11-26T12:00:00Z"));
        let now = at("2026-11-26T12:40:00Z");
        assert!(!limits.is_over(&[first, last, last], now));
        assert!(limits.is_over(&[now, first, last], now));
        assert!(!limits.is_over(&[now, first, last], at("2026-11-26T13:00:00Z")));
        assert!(!Limits::default().is_over(&[now; 9], now));
        assert_eq!(hour(at("1969-12-31T23:59:59.9Z")), at("1969-12-31T23:00:00Z"));
    }

    #[test]
    fn a_spike_is_above_the_watch_s_own_base() {
        let now = at("2026-11-26T12:00:00Z");
        let raised = |today: i64, a_day: i64| {
            let mut res: Vec<_> = (0..today).map(|it| now - TimeDelta::minutes(it)).collect();
            for day in 1..=14 {
                res.extend((0..a_day).map(|it| now - TimeDelta::days(day) - TimeDelta::minutes(it)));
            }
            res
        };
        let quiet = |today| [raised(today, 0), vec![now - TimeDelta::days(90)]].concat();
        assert_eq!(spike(&quiet(5), now), Some(Spike { today: 5, usual: 0.0 }));
        assert_eq!(spike(&quiet(4), now), None);
        assert_eq!(spike(&raised(50, 0), now), None, "of a new watch nothing is usual");
        let young = [raised(20, 0), vec![now - TimeDelta::days(2); 30]].concat();
        assert_eq!(spike(&young, now), None, "fifteen a day so far");
        assert_eq!(spike(&raised(20, 10), now), Some(Spike { today: 20, usual: 10.0 }));
        assert_eq!(spike(&raised(19, 10), now), None);
        // Older alerts are no part of the base.
        let old = vec![now - TimeDelta::days(30); 500];
        assert_eq!(spike(&old, now), None);
    }

    #[test]
    fn a_spike_begins_once_and_is_told_whenever_it_was_not() {
        // A new watch: one alert, and twenty within the first day, of which nothing was usual yet.
        let first = at("2026-11-23T09:00:00Z");
        let morning = at("2026-11-24T05:00:00Z");
        let mut before: Vec<_> = (0..20).map(|it| morning + TimeDelta::minutes(12 * it)).rev().chain([first]).collect();
        let now = at("2026-11-24T09:01:00Z");
        assert_eq!(begun(&before, now), Some(Spike { today: 21, usual: 1.0 }), "told as soon as there is a base");
        before.insert(0, now);
        assert_eq!(begun(&before, at("2026-11-24T09:02:00Z")), None, "it has been told");
        // It lasts, and is one.
        for hour in 1..40 {
            let now = now + TimeDelta::hours(hour);
            assert_eq!(begun(&before, now), None, "{now}");
            before.insert(0, now);
        }
    }

    #[test]
    fn a_watch_that_fires_all_the_time_has_no_spikes() {
        let now = at("2026-11-26T12:00:00Z");
        let every = |seconds: i64| (1..).map(move |it| now - TimeDelta::seconds(seconds * it));
        // Thirty days at a steady pace, of which the newest were read: seven days, and one from before.
        let read = every(150).take(COUNTED).chain([now - TimeDelta::days(30)]).collect::<Vec<_>>();
        assert_eq!((spike(&read, now), begun(&read, now)), (None, None));
        let all = every(600).take(16 * 144).collect::<Vec<_>>();
        assert_eq!(spike(&all, now), None);
    }

    #[test]
    fn another_spike_begins_when_the_last_is_a_day_past() {
        let begin = at("2026-11-01T12:00:00Z");
        let mut before = vec![begin - TimeDelta::days(20)];
        let mut told = Vec::new();
        for (day, minute) in [0, 3].into_iter().flat_map(|day| (0..9).map(move |minute| (day, minute))) {
            let now = begin + TimeDelta::days(day) + TimeDelta::minutes(minute);
            told.extend(begun(&before, now).map(|_| (day, minute)));
            before.insert(0, now);
        }
        assert_eq!(told, [(0, 4), (3, 4)]);
    }
}
