//! When a failed delivery is tried again, and when it is given up. Pure.

use std::time::Duration;

use crate::model::{Outcome, Timestamp, later};

use super::DeliverError;

/// Attempts before a message is given up, about three days after the first: long enough for a mail server that
/// breaks on Friday evening.
pub const MAX_ATTEMPTS: u32 = 20;

const FIRST_WAIT: Duration = Duration::from_secs(60);
const LONGEST_WAIT: Duration = Duration::from_secs(6 * 60 * 60);

/// When to try again after `attempts` failed ones, the one just made included; `None` once it is to be given up.
///
/// The wait doubles from one minute to six hours. `jitter`, from 0 to 1, moves it within a tenth to either side, so
/// that messages which failed together do not come back together.
pub fn next_try(attempts: u32, now: Timestamp, jitter: f64) -> Option<Timestamp> {
    if attempts >= MAX_ATTEMPTS {
        return None;
    }
    let doublings = attempts.saturating_sub(1);
    let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST_WAIT);
    let jitter = if (0.0..=1.0).contains(&jitter) { jitter } else { 0.5 };
    now.checked_add_signed(chrono::TimeDelta::from_std(wait.mul_f64(0.9 + 0.2 * jitter)).ok()?)
}

/// What an attempt means for its message. `attempts` counts this one.
pub fn outcome(result: &Result<(), DeliverError>, attempts: u32, now: Timestamp, jitter: f64) -> Outcome {
    let error = match result {
        Ok(()) => return Outcome::Sent,
        Err(error) => error,
    };
    let reason = error.reason().to_owned();
    match next_try(attempts, now, jitter).filter(|_| error.is_transient()) {
        Some(due) => Outcome::Retry { due: due.max(later(now, error.wait())), reason },
        None => Outcome::Parked { reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T04:00:00Z".parse().unwrap()
    }

    #[track_caller]
    fn check(attempts: u32, jitter: f64, minutes: Option<i64>) {
        let wait = next_try(attempts, now(), jitter).map(|due| (due - now()).num_minutes());
        assert_eq!(wait, minutes, "attempts: {attempts}");
    }

    #[test]
    fn waits_double_to_six_hours_and_end() {
        check(0, 0.5, Some(1));
        check(1, 0.5, Some(1));
        check(2, 0.5, Some(2));
        check(5, 0.5, Some(16));
        check(9, 0.5, Some(256));
        check(10, 0.5, Some(360));
        check(19, 0.5, Some(360));
        check(20, 0.5, None);
        check(u32::MAX, 0.5, None);
        check(10, 0.0, Some(324));
        check(10, 1.0, Some(396));
        check(10, f64::NAN, Some(360));
    }

    #[test]
    fn a_message_is_kept_for_about_three_days() {
        let mut at = now();
        for attempts in 1..MAX_ATTEMPTS {
            at = next_try(attempts, at, 0.5).unwrap();
        }
        let hours = (at - now()).num_hours();
        assert!((60..=84).contains(&hours), "{hours} h");
    }

    #[test]
    fn outcomes() {
        let transient = || Err(DeliverError::Transient { reason: "later".to_owned(), source: None });
        let busy = |seconds| Err(DeliverError::Busy { reason: "later".to_owned(), wait: Duration::from_secs(seconds) });
        let permanent = Err(DeliverError::Permanent { reason: "never".to_owned(), source: None });
        let due = "2026-11-22T04:01:00Z".parse().unwrap();
        assert_eq!(outcome(&Ok(()), 1, now(), 0.5), Outcome::Sent);
        assert_eq!(outcome(&transient(), 1, now(), 0.5), Outcome::Retry { due, reason: "later".to_owned() });
        assert_eq!(outcome(&busy(30), 1, now(), 0.5), Outcome::Retry { due, reason: "later".to_owned() });
        let due = "2026-11-22T04:10:00Z".parse().unwrap();
        assert_eq!(outcome(&busy(600), 1, now(), 0.5), Outcome::Retry { due, reason: "later".to_owned() });
        assert_eq!(outcome(&transient(), MAX_ATTEMPTS, now(), 0.5), Outcome::Parked { reason: "later".to_owned() });
        assert_eq!(outcome(&permanent, 1, now(), 0.5), Outcome::Parked { reason: "never".to_owned() });
    }
}
