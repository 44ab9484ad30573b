//! How long an answer declares itself fresh. Pure.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, HeaderMap, HeaderName};

/// The remaining freshness lifetime of an answer (RFC 9111 §4.2.1): `max-age` of `Cache-Control`, or else `Expires`
/// minus `Date`, minus its `Age`. `None` if it states none, or forbids reuse without asking.
pub(super) fn fresh_for(headers: &HeaderMap) -> Option<Duration> {
    let fields = headers.get_all(CACHE_CONTROL).iter().filter_map(|it| it.to_str().ok());
    let directives: Vec<_> = fields.flat_map(|it| it.split(',')).map(|it| it.trim().to_ascii_lowercase()).collect();
    if directives.iter().any(|it| it == "no-store" || it == "no-cache" || it.starts_with("no-cache=")) {
        return None;
    }
    let max_age = directives.iter().find_map(|it| it.strip_prefix("max-age=")?.trim_matches('"').parse::<u64>().ok());
    let lifetime = match max_age {
        Some(seconds) => Duration::from_secs(seconds),
        None => (date(headers, &EXPIRES)? - date(headers, &DATE)?).to_std().ok()?,
    };
    let age = headers.get(AGE).and_then(|it| it.to_str().ok()?.trim().parse().ok()).map(Duration::from_secs);
    Some(lifetime.saturating_sub(age.unwrap_or_default())).filter(|it| !it.is_zero())
}

/// RFC 9110 §5.6.7, in the one form that is still written.
fn date(headers: &HeaderMap, name: &HeaderName) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(headers.get(name)?.to_str().ok()?.trim()).ok().map(|it| it.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(fields: &[(HeaderName, &'static str)], seconds: Option<u64>) {
        let headers = fields.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        assert_eq!(fresh_for(&headers).map(|it| it.as_secs()), seconds, "{fields:?}");
    }

    #[test]
    fn reads_what_servers_say() {
        const NOON: &str = "Sun, 22 Nov 2026 12:00:00 GMT";
        const ONE: &str = "Sun, 22 Nov 2026 13:00:00 GMT";
        check(&[], None);
        check(&[(CACHE_CONTROL, "public, max-age=600")], Some(600));
        check(&[(CACHE_CONTROL, "Max-Age=\"600\""), (AGE, "100")], Some(500));
        check(&[(CACHE_CONTROL, "max-age=600"), (AGE, "900")], None);
        check(&[(CACHE_CONTROL, "max-age=600, no-cache")], None);
        check(&[(CACHE_CONTROL, "no-store")], None);
        check(&[(CACHE_CONTROL, "max-age=soon")], None);
        check(&[(CACHE_CONTROL, "max-age=-1")], None);
        check(&[(EXPIRES, ONE), (DATE, NOON)], Some(3600));
        check(&[(EXPIRES, NOON), (DATE, ONE)], None);
        check(&[(EXPIRES, "0"), (DATE, NOON)], None);
        check(&[(EXPIRES, ONE), (DATE, NOON), (CACHE_CONTROL, "max-age=60")], Some(60));
    }
}
