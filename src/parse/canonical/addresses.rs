//! Relative addresses made absolute, in fields and within HTML.

use std::borrow::Cow;

use url::Url;

/// Attributes of HTML that hold one address. From feedparser's list.
const ATTRIBUTES: &[&str] = &[
    "href",
    "src",
    "cite",
    "action",
    "longdesc",
    "background",
    "profile",
    "codebase",
    "data",
    "usemap",
    "classid",
    "poster",
];

/// Maximum bytes of a base, by which every relative address grows.
const MAX_BASE: usize = 500;
/// Maximum bytes that absolute addresses may add to one HTML text. Not a share of its length: elements with their own
/// bases may be nested, and nine of them would make a text five hundred times as long.
const MAX_GROWTH: usize = 256 * 1024;

/// The address that `xml:base` sets: RFC 3986 §5.1.1.
pub(super) fn base(written: &str, outer: Option<&Url>) -> Option<Url> {
    if written.len() > MAX_BASE {
        return None;
    }
    let base = match outer {
        Some(outer) => outer.join(written).ok(),
        None => Url::parse(written).ok(),
    };
    base.filter(|it| it.as_str().len() <= MAX_BASE)
}

/// The absolute address, or the address as written if it is unknown what it is relative to.
pub(super) fn absolute(written: &str, base: Option<&Url>) -> String {
    let written = written.trim();
    let written = match written.contains(['\n', '\r', '\t']) {
        true => Cow::Owned(written.replace(['\n', '\r', '\t'], "")),
        false => Cow::Borrowed(written),
    };
    if has_scheme(&written) {
        return written.into_owned();
    }
    base.and_then(|it| it.join(&written).ok()).map_or_else(|| written.into_owned(), String::from)
}

/// Whether the text starts as an absolute address does: RFC 3986 §3.1.
pub(super) fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'-' | b'.'))
}

/// Makes the addresses in HTML absolute.
pub(super) fn in_html(html: String, base: Option<&Url>) -> String {
    let Some(base) = base else { return html };
    let mut res = String::new();
    // The end of the part of `html` that is copied to `res`.
    let mut copied = 0;
    let mut at = 0;
    while let Some(start) = html.get(at..).and_then(|it| it.find('<')).map(|it| at + it) {
        at = start + 1;
        let Some(tag) = html.get(at..).filter(|it| it.starts_with(|c: char| c.is_ascii_alphabetic())) else { continue };
        let tag = tag.get(..tag.find('>').unwrap_or(tag.len())).unwrap_or_default();
        for (offset, value) in address_values(tag) {
            let plain = value.replace("&amp;", "&");
            let is_too_long = res.len() > copied + MAX_GROWTH;
            if has_scheme(plain.trim()) || is_too_long {
                continue;
            }
            let Ok(url) = base.join(plain.trim()) else { continue };
            res.push_str(html.get(copied..at + offset).unwrap_or_default());
            res.push_str(&url.as_str().replace('&', "&amp;"));
            copied = at + offset + value.len();
        }
        at += tag.len();
    }
    if copied == 0 {
        return html;
    }
    res.push_str(html.get(copied..).unwrap_or_default());
    res
}

/// The quoted values of the tag's address attributes, each with where it starts.
fn address_values(tag: &str) -> Vec<(usize, &str)> {
    let mut res = Vec::new();
    let mut from = 0;
    while let Some(equals) = tag.get(from..).and_then(|it| it.find('=')).map(|it| from + it) {
        // Only back to the previous value: searching further for each would take quadratic time.
        let name = tag.get(from..equals).unwrap_or_default().trim_end();
        let name = name.rsplit(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '/')).next().unwrap_or_default();
        let rest = tag.get(equals + 1..).unwrap_or_default();
        let value = rest.trim_start();
        let start = equals + 1 + (rest.len() - value.len());
        let Some(quote) = value.chars().next().filter(|it| matches!(it, '"' | '\'')) else {
            from = equals + 1;
            continue;
        };
        let inner = value.get(1..).unwrap_or_default();
        let Some(end) = inner.find(quote) else { break };
        if ATTRIBUTES.iter().any(|it| it.eq_ignore_ascii_case(name)) {
            res.push((start + 1, inner.get(..end).unwrap_or_default()));
        }
        from = start + 1 + end + 1;
    }
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: &str) {
        let base = Url::parse("https://a.example/x/y").unwrap();
        assert_eq!(in_html(html.to_owned(), Some(&base)), expected);
    }

    #[test]
    fn resolves_within_html() {
        check("<a href=\"/b\">c</a>", "<a href=\"https://a.example/b\">c</a>");
        check("<A class='k' HREF = 'b?c&amp;d'>", "<A class='k' HREF = 'https://a.example/x/b?c&amp;d'>");
        check("<img alt=\"a = b\" src='../i.png'/>", "<img alt=\"a = b\" src='https://a.example/i.png'/>");
        check("<a href='mailto:a@b.example'>1 < 2</a>", "<a href='mailto:a@b.example'>1 < 2</a>");
        check("a < b href=\"/c\"", "a < b href=\"/c\"");
        check("<a title=\"src='/x'\" href=\"\">", "<a title=\"src='/x'\" href=\"https://a.example/x/y\">");
    }

    #[test]
    fn bases_in_each_other_add_up_and_multiply_nothing() {
        let base = Url::parse(&format!("https://a.example/{}/", "x".repeat(400))).unwrap();
        let html = "<a href=\"c\"></a>".repeat(20_000);
        let nested = (0..9).fold(html.clone(), |it, _| in_html(it, Some(&base)));
        assert!(nested.len() < html.len() + 9 * (MAX_GROWTH + MAX_BASE), "{}", nested.len());
    }

    #[test]
    fn resolves_one_address() {
        let base = Url::parse("https://a.example/x/y").unwrap();
        assert_eq!(absolute(" /b\n/c ", Some(&base)), "https://a.example/b/c");
        assert_eq!(absolute("tag:a.example,2024:1", Some(&base)), "tag:a.example,2024:1");
        assert_eq!(absolute("/b", None), "/b");
    }
}
