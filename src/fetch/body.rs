//! The body of an answer: read within a limit, decoded, and known for what it is.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;
use reqwest::{
    Response,
    header::{CONTENT_ENCODING, HeaderMap},
};
use url::Url;

use super::error::{FetchError, shown};

/// What happens to a body over the limit. Limits count bytes after decoding.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limit {
    /// It is an error.
    Refuse(u64),
    /// The rest is not read.
    Cut(u64),
}

/// What happens to a body that is itself a gzip file. Some sitemaps are published that way (`sitemap.xml.gz`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GzipFile {
    /// It is an error.
    Refuse,
    /// It is unpacked, within the same limit.
    Unpack,
}

/// Reads the whole body or nothing: a partial body from a broken connection is not returned.
///
/// Memory follows what has arrived. The claimed length is used only to refuse early.
pub(super) async fn read(
    mut response: Response,
    url: &Url,
    limit: Limit,
    gzip: GzipFile,
) -> Result<Vec<u8>, FetchError> {
    if let Some(encoding) = left_over_encoding(response.headers()) {
        return Err(FetchError::Encoding { url: shown(url), encoding });
    }
    if let Limit::Refuse(limit) = limit
        && response.content_length().is_some_and(|claimed| claimed > limit)
    {
        return Err(FetchError::TooLarge { url: shown(url), limit });
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| FetchError::from_reading(error, url))? {
        let size = (body.len() + chunk.len()) as u64;
        match limit {
            Limit::Refuse(limit) if size > limit => return Err(FetchError::TooLarge { url: shown(url), limit }),
            Limit::Cut(limit) if size > limit => {
                let room = usize::try_from(limit).unwrap_or(usize::MAX).saturating_sub(body.len());
                body.extend(chunk.iter().take(room));
                break;
            }
            Limit::Refuse(_) | Limit::Cut(_) => body.extend_from_slice(&chunk),
        }
    }
    if gzip == GzipFile::Unpack && body.starts_with(&[0x1f, 0x8b, 8]) {
        body = unpacked(&body, url, limit)?;
    }
    match still_compressed(&body) {
        Some(encoding) => Err(FetchError::Encoding { url: shown(url), encoding: encoding.to_owned() }),
        None => Ok(body),
    }
}

/// The contents of a gzip file. Of a broken one the readable part is returned: the reader of sitemaps copes with a
/// truncated document.
fn unpacked(packed: &[u8], url: &Url, limit: Limit) -> Result<Vec<u8>, FetchError> {
    let (Limit::Refuse(max) | Limit::Cut(max)) = limit;
    let mut res = Vec::new();
    // One byte more distinguishes a body of exactly the limit from a longer one.
    let _ = MultiGzDecoder::new(packed).take(max.saturating_add(1)).read_to_end(&mut res);
    match limit {
        Limit::Refuse(limit) if res.len() as u64 > limit => Err(FetchError::TooLarge { url: shown(url), limit }),
        Limit::Refuse(_) | Limit::Cut(_) => Ok(res),
    }
}

/// A coding that the HTTP library did not undo. It removes the field if it knows the one coding named.
fn left_over_encoding(headers: &HeaderMap) -> Option<String> {
    let named = headers.get_all(CONTENT_ENCODING).iter().map(|it| it.to_str().unwrap_or("unreadable text").trim());
    // RFC 9110 §12.5.3: `identity` means none; it should not be sent, but is.
    let unknown = named.filter(|it| !it.is_empty() && !it.eq_ignore_ascii_case("identity"));
    let list = unknown.collect::<Vec<_>>().join(", ");
    (!list.is_empty()).then(|| list.chars().take(80).collect())
}

/// A compression seen in a body that should be plain. With two `Content-Encoding` lines the HTTP library
/// undoes the first coding and forgets the second.
fn still_compressed(body: &[u8]) -> Option<&'static str> {
    match body {
        [0x1f, 0x8b, 8, ..] => Some("gzip, once more than it says"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd, once more than it says"),
        _ => None,
    }
}

/// A name for what a page is, if it cannot be read. `None` if it may be HTML, plain text or PDF.
pub(super) fn not_html(content_type: Option<&str>, body: &[u8]) -> Option<String> {
    if body.trim_ascii_start().starts_with(b"%PDF-") {
        return None;
    }
    let by_type = not_html_type(content_type);
    by_type.or_else(|| binary_format(body).map(str::to_owned)).or_else(|| {
        // Without a type that says text, the bytes must: no controls that text never holds, as browsers
        // judge it (WHATWG MIME Sniffing §3, "binary data byte"). UTF-16 is text full of zeros.
        let says_text = content_type.is_some_and(|it| TEXT.contains(&essence(it).as_str()));
        let utf16 = body.starts_with(b"\xff\xfe") || body.starts_with(b"\xfe\xff");
        let binary = |it: &u8| matches!(it, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
        (!says_text && !utf16 && body.iter().take(1_445).any(binary)).then(|| "binary data".to_owned())
    })
}

/// Types that an article page may have.
const TEXT: &[&str] = &["text/html", "application/xhtml+xml", "text/plain"];

/// Types that say nothing, or that other things are called too: the bytes decide.
const UNKNOWN: &[&str] =
    &["", "application/octet-stream", "unknown/unknown", "application/unknown", "application/pdf", "application/x-pdf"];

/// The media type, if it is not that of a page. Checked first, so that no film is downloaded.
pub(super) fn not_html_type(content_type: Option<&str>) -> Option<String> {
    let essence = essence(content_type?);
    let fits = TEXT.contains(&essence.as_str()) || UNKNOWN.contains(&essence.as_str());
    (!fits).then(|| essence.chars().take(80).collect())
}

/// `text/html` of `Text/HTML; charset=utf-8`.
fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn binary_format(body: &[u8]) -> Option<&'static str> {
    let shows = |(at, mark, _): &&(usize, &[u8], _)| body.get(*at..).is_some_and(|it| it.starts_with(mark));
    BINARY.iter().find(shows).map(|(_, _, name)| *name)
}

/// Formats that stand behind links to articles, whatever the server calls them: place and bytes of their
/// marks, and their names. From WHATWG MIME Sniffing §6 and the formats' own definitions.
const BINARY: &[(usize, &[u8], &str)] = &[
    (0, b"PK\x03\x04", "a ZIP or office file"),
    (0, b"PK\x05\x06", "a ZIP or office file"),
    (0, b"\xd0\xcf\x11\xe0", "an office file"),
    (4, b"ftyp", "an MP4 film"),
    (0, b"\x1a\x45\xdf\xa3", "a WebM film"),
    (0, b"ID3", "a sound file"),
    (0, b"OggS", "a sound file"),
    (0, b"RIFF", "an image, film or sound file"),
    (0, b"\x89PNG", "an image"),
    (0, b"GIF8", "an image"),
    (0, b"\xff\xd8\xff", "an image"),
    (0, b"Rar!", "an archive"),
    (0, b"7z\xbc\xaf", "an archive"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ\x90", "a program"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content_type: Option<&str>, body: &[u8], expected: Option<&str>) {
        assert_eq!(not_html(content_type, body).as_deref(), expected, "{content_type:?}");
    }

    #[test]
    fn pages() {
        let html = b"<!doctype html><p>text";
        check(Some("text/html"), html, None);
        check(Some("Text/HTML; charset=utf-8"), html, None);
        check(Some("application/xhtml+xml"), html, None);
        check(Some("text/plain"), b"text", None);
        check(None, html, None);
        check(Some("application/octet-stream"), html, None);
        check(None, b"\xff\xfe<\0p\0>\0", None);
        // A stray control is no reason to lose an article that says what it is.
        check(Some("text/html"), b"<p>\x01text", None);
        check(Some("text/html"), b"", None);
    }

    #[test]
    fn other_things() {
        check(Some("application/pdf"), b"%PDF-1.7", None);
        check(Some("application/pdf"), b"\x00\x01", Some("binary data"));
        check(Some("image/png"), b"", Some("image/png"));
        check(Some("application/json"), b"{}", Some("application/json"));
        check(Some("text/html"), b"%PDF-1.7", None);
        check(Some("text/html"), b"\0\0\0\x20ftypisom", Some("an MP4 film"));
        check(Some("text/html"), b"PK\x03\x04rest", Some("a ZIP or office file"));
        check(Some("text/html"), b"\x89PNG\r\n\x1a\n", Some("an image"));
        check(None, b"\x00\x01\x02", Some("binary data"));
    }

    #[test]
    fn encodings_left_over() {
        let left = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_ENCODING, reqwest::header::HeaderValue::from_static(value));
            }
            left_over_encoding(&headers)
        };
        assert_eq!(left(&[]), None);
        assert_eq!(left(&["Identity", ""]), None);
        assert_eq!(left(&["deflate"]).as_deref(), Some("deflate"));
        assert_eq!(left(&["gzip, gzip"]).as_deref(), Some("gzip, gzip"));
    }
}
