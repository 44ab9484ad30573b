//! Decides what kind of document a link leads to.

use std::borrow::Cow;

use url::Url;

/// The first bytes of a document, of which it is judged whether it is HTML.
const SNIFFED: usize = 4_096;

/// Marks of HTML, lower case. Servers call HTML plain text; no plain text holds these by chance near its beginning.
const HTML: &[&str] = &["<!doctype html", "<html", "<head>", "<body", "</p>", "</div>", "<br", "</a>", "<script"];

/// A document, as what it is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Document<'a> {
    /// A web page, decoded.
    Html(Cow<'a, str>),
    /// Plain text, decoded.
    Text(Cow<'a, str>),
    /// A PDF document, as it came.
    Pdf(&'a [u8]),
}

impl<'a> Document<'a> {
    /// Decides by the server's content type, or else by the extension of the address, and corrects both by the bytes.
    /// `decode` decodes the bytes with the help of the content type.
    pub fn of(
        bytes: &'a [u8],
        content_type: Option<&str>,
        url: &Url,
        decode: impl FnOnce(&'a [u8], Option<&str>) -> Cow<'a, str>,
    ) -> Self {
        if is_pdf(bytes) {
            return Self::Pdf(bytes);
        }
        let text = decode(bytes, content_type);
        let says_text = match content_type {
            Some(it) => it.split(';').next().is_some_and(|it| it.trim().eq_ignore_ascii_case("text/plain")),
            None => url.path().rsplit_once('.').is_some_and(|(_, it)| it.eq_ignore_ascii_case("txt")),
        };
        if says_text && !is_html(&text) { Self::Text(text) } else { Self::Html(text) }
    }
}

/// Whatever the server calls it: by the mark that it begins with (ISO 32000-1 §7.5.2).
fn is_pdf(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"%PDF-")
}

fn is_html(text: &str) -> bool {
    let start = crate::text::capped(text, SNIFFED).to_ascii_lowercase();
    HTML.iter().any(|it| start.contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, content_type: Option<&str>, address: &str, expected: &str) {
        let url = Url::parse(address).unwrap();
        let decode = |bytes: &'static [u8], _: Option<&str>| String::from_utf8_lossy(bytes);
        let form = match Document::of(text.to_owned().leak().as_bytes(), content_type, &url, decode) {
            Document::Html(_) => "html",
            Document::Text(_) => "text",
            Document::Pdf(_) => "pdf",
        };
        assert_eq!(form, expected, "{text:?} as {content_type:?} at {address}");
    }

    #[test]
    fn plain_text_is_what_says_so_and_holds_no_markup() {
        let (page, file) = ("https://gazette.example/news/1", "https://gazette.example/release.TXT");
        check("Talks begin", Some("text/plain"), page, "text");
        check("Talks begin", Some("Text/Plain; charset=utf-8"), page, "text");
        check("Talks begin", None, file, "text");
        check("Talks begin", None, page, "html");
        check("Talks begin", Some("text/html"), file, "html");
        check("\n<!DOCTYPE html><p>Talks begin", Some("text/plain"), page, "html");
        check("<div><p>Talks begin</p></div>", None, file, "html");
        check("%PDF-1.7 <p>", Some("text/html"), page, "pdf");
        check("Growth < 3 % and > 1 %", Some("text/plain"), page, "text");
    }
}
