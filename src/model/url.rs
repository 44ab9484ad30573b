//! Web addresses in the one form by which entries and articles are compared. Must not drop a parameter that may choose
//! a page.

use std::fmt;

use url::Url;

/// Query parameters that carry campaign tracking and never choose a page.
///
/// From the lists of Miniflux and of the "ClearURLs" rules; only names that mean the same on every site.
const TRACKING: &[&str] = &[
    "fbclid",
    "gclid",
    "dclid",
    "gbraid",
    "wbraid",
    "yclid",
    "ysclid",
    "msclkid",
    "mc_cid",
    "mc_eid",
    "igshid",
    "_openstat",
    "vero_id",
    "oly_anon_id",
    "oly_enc_id",
    "_hsenc",
    "_hsmi",
    "mkt_tok",
    "twclid",
    "wickedid",
    "rb_clickid",
];

/// An `http` or `https` address without tracking parameters, fragment, default port and user name.
///
/// Making one of a canonical URL's own text gives the same URL again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CanonicalUrl(Url);

impl CanonicalUrl {
    /// `None` where the scheme is neither `http` nor `https`, or there is no host: such a link names no page.
    pub fn new(mut url: Url) -> Option<Self> {
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return None;
        }
        url.set_fragment(None);
        // A feed may carry `user:password@`; it must reach neither the store nor a log.
        url.set_username("").ok()?;
        url.set_password(None).ok()?;
        if let Some(query) = url.query() {
            let kept =
                query.split('&').filter(|pair| !pair.is_empty() && !is_tracking(pair)).collect::<Vec<_>>().join("&");
            url.set_query((!kept.is_empty()).then_some(kept.as_str()));
        }
        Some(Self(url))
    }

    /// Reads and canonicalises; `None` where `text` is not an absolute web address.
    pub fn parse(text: &str) -> Option<Self> {
        Self::new(Url::parse(text.trim()).ok()?)
    }

    /// The address to fetch and to show.
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What two addresses of one page have in common: the address without its scheme, since sites give
    /// the same article under `http` in the feed and `https` on the page.
    pub fn key(&self) -> &str {
        self.0.as_str().trim_start_matches("https://").trim_start_matches("http://")
    }
}

impl fmt::Display for CanonicalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// Whether a raw `name=value` pair is tracking only. The raw text is compared and kept, so that the
/// encoding of the other parameters is never changed.
fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or(pair).to_ascii_lowercase();
    name.starts_with("utm_") || TRACKING.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, expected: &str) {
        let url = CanonicalUrl::parse(input).unwrap();
        assert_eq!(url.as_str(), expected, "input: {input}");
        assert_eq!(CanonicalUrl::parse(url.as_str()), Some(url), "not idempotent: {input}");
    }

    #[test]
    fn drops_what_does_not_name_the_page() {
        check("https://a.example/p?id=1&utm_source=x#top", "https://a.example/p?id=1");
        check("https://a.example:443/p?utm_source=x&UTM_MEDIUM=feed", "https://a.example/p");
        check("http://a.example:80/p?fbclid=1&a=%20b&&c", "http://a.example/p?a=%20b&c");
        check("https://user:secret@a.example/p", "https://a.example/p");
        check(" HTTPS://A.Example/P ", "https://a.example/P");
    }

    #[test]
    fn keeps_what_may_name_the_page() {
        check("https://a.example/?p=12&ref=home", "https://a.example/?p=12&ref=home");
        check("https://a.example:8443/x/", "https://a.example:8443/x/");
    }

    #[test]
    fn refuses_what_is_no_page() {
        for input in
            ["", "mailto:a@b.example", "javascript:alert(1)", "file:///etc/passwd", "/relative", "data:text/html,x"]
        {
            assert_eq!(CanonicalUrl::parse(input), None, "input: {input}");
        }
    }

    #[test]
    fn one_key_for_both_schemes() {
        let key = |text| CanonicalUrl::parse(text).unwrap().key().to_owned();
        assert_eq!(key("http://a.example/p"), key("https://a.example/p"));
        assert_ne!(key("http://a.example/p"), key("http://a.example/q"));
    }
}
