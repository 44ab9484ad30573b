//! The `Retry-After` field, RFC 9110 §10.2.3. Pure.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime};

use crate::model::Timestamp;

/// How long a server asks to wait, between `min` and `max`; `None` where `text` says nothing that can be read.
pub(super) fn retry_after(text: &str, now: Timestamp, min: Duration, max: Duration) -> Option<Duration> {
    let text = text.trim();
    let wait = match !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit()) {
        // More digits than a u64 holds still mean "very long".
        true => Duration::from_secs(text.parse().unwrap_or(u64::MAX)),
        // A date that is past means "now".
        false => (http_date(text)? - now).to_std().unwrap_or_default(),
    };
    Some(wait.max(min).min(max))
}

/// The three forms of RFC 9110 §5.6.7.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    if let Ok(date) = DateTime::parse_from_rfc2822(text) {
        return Some(date.to_utc());
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|date| date.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIN: Duration = Duration::from_secs(60);
    const MAX: Duration = Duration::from_secs(86_400);

    #[track_caller]
    fn check(text: &str, expected: Option<u64>) {
        let now = DateTime::parse_from_rfc3339("1994-11-06T08:39:37Z").unwrap().to_utc();
        let wait = retry_after(text, now, MIN, MAX);
        assert_eq!(wait, expected.map(Duration::from_secs), "input: {text:?}");
    }

    #[test]
    fn seconds() {
        check("120", Some(120));
        check(" 3600 ", Some(3_600));
        check("0", Some(60));
        check("315360000", Some(86_400));
        check("99999999999999999999999999", Some(86_400));
    }

    #[test]
    fn dates() {
        check("Sun, 06 Nov 1994 08:49:37 GMT", Some(600));
        check("Sunday, 06-Nov-94 08:49:37 GMT", Some(600));
        check("Sun Nov  6 08:49:37 1994", Some(600));
        check("Thu, 01 Jan 1970 00:00:00 GMT", Some(60));
        check("Fri, 31 Dec 9999 23:59:59 GMT", Some(86_400));
    }

    #[test]
    fn garbage() {
        for text in ["", "-1", "1.5", "soon", "1e9", "\u{661}", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            check(text, None);
        }
    }
}
