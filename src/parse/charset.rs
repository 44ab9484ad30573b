//! Bytes to Unicode text.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// Decodes a document. Never fails: what no encoding explains becomes replacement characters.
///
/// In this order: byte order mark; valid UTF-8, which beats a wrong label (text of another encoding is
/// almost never valid UTF-8 by chance); the HTTP charset; the XML declaration; a guess.
pub(super) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let labelled = content_type
        .and_then(http_charset)
        .or_else(|| xml_charset(bytes))
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .filter(|encoding| *encoding != UTF_8);
    let encoding = labelled.unwrap_or_else(|| {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(bytes, true);
        detector.guess(None, Utf8Detection::Allow)
    });
    encoding.decode_without_bom_handling(bytes).0
}

/// Decodes a web page: as [`decode`], with `<meta charset>` for the XML declaration.
pub(super) fn decode_page<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    match content_type.and_then(http_charset).or_else(|| meta_charset(bytes)) {
        Some(label) => decode(bytes, Some(&format!("text/html; charset={label}"))),
        None => decode(bytes, content_type),
    }
}

/// The charset that a page names in its first kilobyte, where the HTML standard wants it:
/// `<meta charset=…>` or `<meta http-equiv="Content-Type" content="…; charset=…">`.
fn meta_charset(bytes: &[u8]) -> Option<&str> {
    let head = bytes.get(..bytes.len().min(1024))?;
    let at = head.windows(8).position(|it| it.eq_ignore_ascii_case(b"charset="))?;
    let value = head.get(at + 8..)?;
    let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
    let end = value.iter().position(|it| !it.is_ascii_alphanumeric() && !b"-_:".contains(it)).unwrap_or(value.len());
    std::str::from_utf8(value.get(..end)?).ok()
}

fn http_charset(content_type: &str) -> Option<&str> {
    let (_, parameters) = content_type.split_once(';')?;
    parameters.split(';').find_map(|it| {
        let (name, value) = it.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
    })
}

/// The encoding that `<?xml … encoding="…"?>` names. The declaration is ASCII in every encoding that gets here.
fn xml_charset(bytes: &[u8]) -> Option<&str> {
    let head = bytes.get(..bytes.len().min(256))?;
    let end = head.windows(2).position(|it| it == b"?>")?;
    let declaration = std::str::from_utf8(head.get(..end)?).ok()?;
    let (_, rest) = declaration.split_once("encoding")?;
    rest.trim_start().strip_prefix('=')?.trim_start().split(['"', '\'']).nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], content_type: Option<&str>, expected: &str) {
        assert_eq!(decode(bytes, content_type), expected);
    }

    #[test]
    fn reads_every_way_of_saying_it() {
        let russian = "<?xml version='1.0' encoding='windows-1251'?><a>Совет</a>";
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(russian);
        check(&bytes, None, russian);
        check(&bytes, Some("text/xml"), russian);
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode("<a>Совет</a>");
        check(&bytes, Some("text/xml; charset=\"windows-1251\""), "<a>Совет</a>");
        check("<a>Совет</a>".as_bytes(), None, "<a>Совет</a>");
        check(b"\xef\xbb\xbf<a/>", None, "<a/>");
        check(b"\xff\xfe<\0a\0/\0>\0", None, "<a/>");
    }

    #[test]
    fn a_page_names_its_charset_in_its_head() {
        for meta in [
            "<meta charset=windows-1251>",
            r#"<META http-equiv="Content-Type" content="text/html; charset=windows-1251">"#,
        ] {
            let page = format!("<html><head>{meta}</head><body>Совет</body>");
            let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(&page);
            assert_eq!(decode_page(&bytes, Some("text/html")), page);
        }
    }

    #[test]
    fn valid_utf8_beats_a_wrong_label() {
        check(
            "<?xml version='1.0' encoding='iso-8859-1'?><a>Gürcüstan</a>".as_bytes(),
            Some("text/xml; charset=iso-8859-1"),
            "<?xml version='1.0' encoding='iso-8859-1'?><a>Gürcüstan</a>",
        );
    }

    #[test]
    fn unlabelled_text_is_guessed_and_never_lost() {
        let text = "Министерство обороны сообщило о начале учений в регионе, передают источники";
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(text);
        check(&bytes, None, text);
        assert!(decode(b"ok \xff\xfe\x00\xd8 tail", None).contains("tail"));
    }
}
