//! Recognises answers with which firewalls test whether a human asks. Pure.

use reqwest::header::HeaderMap;

/// Whether an answer of this status is a firewall's challenge. Challenge pages change from week to week; their header
/// fields are documented or have been stable for years.
pub(super) fn is_sent_by(status: u16, headers: &HeaderMap) -> bool {
    let field = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    // Cloudflare says so itself. The rest answer the statuses below, and add a field of their own.
    if field("cf-mitigated") == "challenge" || !field("x-amzn-waf-action").is_empty() {
        return true;
    }
    let is_guard = ["ddos-guard", "sucuri", "qrator", "imperva", "incapsula", "stormwall", "variti"]
        .iter()
        .any(|it| field("server").contains(it))
        || ["x-sucuri-block", "x-iinfo", "x-datadome"].iter().any(|it| headers.contains_key(*it));
    is_guard && matches!(status, 202 | 401 | 403 | 405 | 429 | 503)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, field: (&'static str, &str), expected: bool) {
        let headers = HeaderMap::from_iter([(field.0.parse().unwrap(), field.1.parse().unwrap())]);
        assert_eq!(is_sent_by(status, &headers), expected, "{status} {field:?}");
    }

    #[test]
    fn knows_guards_by_their_fields() {
        check(403, ("cf-mitigated", "challenge"), true);
        check(202, ("x-amzn-waf-action", "challenge"), true);
        check(403, ("server", "ddos-guard"), true);
        check(403, ("x-iinfo", "1-2"), true);
        check(404, ("server", "ddos-guard"), false);
        check(403, ("server", "nginx"), false);
        check(503, ("server", "cloudflare"), false);
    }
}
