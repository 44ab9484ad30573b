//! The cookies of one chain of redirects. Pure.
//!
//! Sites that ask for a cookie send the client back to the same address with one; without it that is a loop. Cookies
//! are kept while one document is asked for and sent to the origin that set them. None is stored.

use url::{Origin, Url};

/// Maximum cookies kept.
const MAX_COOKIES: usize = 20;
/// Maximum bytes of one, its name included: RFC 6265 §6.1.
const MAX_BYTES: usize = 4_096;

/// What the answers of one chain have set so far.
#[derive(Debug, Default)]
pub(super) struct Cookies(Vec<Cookie>);

#[derive(Debug)]
struct Cookie {
    /// Narrower than RFC 6265, which sends cookies to other ports and schemes too, and with `Domain` to other hosts.
    origin: Origin,
    name: String,
    value: String,
}

impl Cookies {
    /// Takes what an answer of `url` sets in its `Set-Cookie` fields.
    pub(super) fn take<'a>(&mut self, url: &Url, fields: impl IntoIterator<Item = &'a [u8]>) {
        let origin = url.origin();
        for field in fields {
            let Some((name, value, attributes)) = parts(field) else { continue };
            self.0.retain(|it| !(it.origin == origin && it.name == name));
            if !is_removal(attributes) && self.0.len() < MAX_COOKIES {
                self.0.push(Cookie { origin: origin.clone(), name: name.to_owned(), value: value.to_owned() });
            }
        }
    }

    /// The `Cookie` field for `url`; `None` where it has none.
    pub(super) fn of(&self, url: &Url) -> Option<String> {
        let origin = url.origin();
        let own = self.0.iter().filter(|it| it.origin == origin);
        let field = own.map(|it| format!("{}={}", it.name, it.value)).collect::<Vec<_>>().join("; ");
        (!field.is_empty()).then_some(field)
    }
}

/// Name, value and the attributes of a field: RFC 6265 §5.2. One with bytes that cannot be sent back is none.
fn parts(field: &[u8]) -> Option<(&str, &str, &str)> {
    let text = std::str::from_utf8(field).ok().filter(|it| it.bytes().all(|it| (b' '..=b'~').contains(&it)))?;
    let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
    let (name, value) = pair.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    (!name.is_empty() && pair.len() <= MAX_BYTES).then_some((name, value, attributes))
}

/// Whether the attributes end the cookie at once. Servers write the beginning of Unix time for "expired".
fn is_removal(attributes: &str) -> bool {
    attributes.split(';').filter_map(|it| it.split_once('=')).any(|(name, value)| {
        match name.trim().to_ascii_lowercase().as_str() {
            "max-age" => value.trim().parse::<i64>().is_ok_and(|it| it <= 0),
            "expires" => ["1970", "-70 "].iter().any(|it| value.contains(it)),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is sent to `url` after answers of an address with these fields.
    #[track_caller]
    fn check(fields: &[(&str, &str)], url: &str, expected: Option<&str>) {
        let mut cookies = Cookies::default();
        for (from, field) in fields {
            cookies.take(&from.parse().unwrap(), [field.as_bytes()]);
        }
        assert_eq!(cookies.of(&url.parse().unwrap()).as_deref(), expected, "{fields:?}");
    }

    #[test]
    fn cookies_go_back_to_where_they_came_from() {
        let (a, here) = ("https://a.example/x", "https://a.example/y?z");
        check(&[], here, None);
        check(&[(a, "k=1; Path=/; HttpOnly; Secure; SameSite=Lax")], here, Some("k=1"));
        check(&[(a, "k=1"), (a, "l=a=b"), (a, "k=2")], here, Some("l=a=b; k=2"));
        check(&[(a, "k=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT; Max-Age=60")], here, Some("k=1"));
        for elsewhere in ["http://a.example/y", "https://b.example/", "https://x.a.example/", "https://a.example:8443/"]
        {
            check(&[(a, "k=1; Domain=a.example")], elsewhere, None);
        }
    }

    #[test]
    fn cookies_are_taken_back() {
        let a = "https://a.example/";
        for removal in ["k=; Max-Age=0", "k=x; max-age=-1", "k=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT"] {
            check(&[(a, "k=1"), (a, removal)], a, None);
        }
    }

    #[test]
    fn what_is_no_cookie_is_left() {
        let a = "https://a.example/";
        for field in ["", "k", "=1", "k\u{e9}=1", "k=\u{7f}", &format!("k={}", "x".repeat(5_000))] {
            check(&[(a, field)], a, None);
        }
        let many: Vec<_> = (0..50).map(|it| format!("k{it}=1")).collect();
        let many: Vec<_> = many.iter().map(|it| (a, it.as_str())).collect();
        let expected: Vec<_> = (0..20).map(|it| format!("k{it}=1")).collect();
        check(&many, a, Some(&expected.join("; ")));
    }
}
