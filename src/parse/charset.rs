//! Bytes to Unicode text.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    Encoding, ISO_2022_JP, ISO_8859_2, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1252, WINDOWS_1257,
    WINDOWS_1258,
};

use crate::text::{capped, language};

/// Maximum bytes of a text from which its encoding is guessed.
const ENOUGH: usize = 20_000;

/// Decodes a document. Never fails: bytes that no encoding explains become replacement characters.
///
/// In this order: byte order mark, or the zero bytes of UTF-16 and UTF-32; valid UTF-8, which beats a wrong
/// label (text of another encoding is almost never valid UTF-8 by chance); UTF-8 with a few bad bytes; the HTTP
/// charset and the XML declaration, where they decode cleanly; a guess.
///
/// Latin-1 is the last of the labels. RFC 7303 §3.2 and the web give HTTP's the precedence, but servers add Latin-1 to
/// whatever they send, and all bytes decode by it: feeds in windows-1251 became accented letters, without one name of
/// a watch in them.
pub(super) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    by_labels(bytes, &[content_type.and_then(http_charset), xml_charset(bytes)])
}

/// Decodes by what the bytes show, then by the labels in their order.
fn by_labels<'a>(bytes: &'a [u8], labels: &[Option<&str>]) -> Cow<'a, str> {
    if let Some(text) = utf_32(bytes) {
        return Cow::Owned(text);
    }
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0;
    }
    match bytes {
        [0, b'<', 0, ..] => return UTF_16BE.decode_without_bom_handling(bytes).0,
        [b'<', 0, _, 0, ..] => return UTF_16LE.decode_without_bom_handling(bytes).0,
        _ => (),
    }
    // A document that is read byte by byte is not in UTF-16, whatever its label says.
    let named = labels.iter().flatten().filter_map(|label| Encoding::for_label(label.as_bytes()));
    let mut labelled: Vec<_> = named.filter(|it| ![UTF_8, UTF_16BE, UTF_16LE].contains(it)).collect();
    // By this name the web knows Latin-1 and ASCII too (WHATWG Encoding §4.2).
    labelled.sort_by_key(|it| *it == WINDOWS_1252);
    if bytes.contains(&0x1b) && labelled.contains(&ISO_2022_JP) {
        return ISO_2022_JP.decode_without_bom_handling(bytes).0;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    if let Some(text) = mostly_utf_8(bytes) {
        return Cow::Owned(text);
    }
    if let Some(text) = labelled.iter().find_map(|it| it.decode_without_bom_handling_and_without_replacement(bytes)) {
        return text;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(None, Utf8Detection::Allow);
    let text = guess.decode_without_bom_handling(bytes).0;
    // An English text has too few other letters to tell the Latin encodings apart: it is the one of the West, which the
    // web takes for the default (WHATWG HTML §13.2.3.2).
    let is_eastern = [WINDOWS_1250, WINDOWS_1257, WINDOWS_1258, ISO_8859_2].contains(&guess);
    match is_eastern && language(capped(&text, ENOUGH)) == Some("en") {
        true => WINDOWS_1252.decode_without_bom_handling(bytes).0,
        false => text,
    }
}

/// UTF-32, which the web standards have given up: by its byte order mark or by the zeros beside the first `<`.
fn utf_32(bytes: &[u8]) -> Option<String> {
    let read: fn([u8; 4]) -> u32 = match bytes {
        [0, 0, 0xfe, 0xff, ..] | [0, 0, 0, b'<', ..] => u32::from_be_bytes,
        [0xff, 0xfe, 0, 0, ..] | [b'<', 0, 0, 0, ..] => u32::from_le_bytes,
        _ => return None,
    };
    let (units, _) = bytes.as_chunks::<4>();
    Some(units.iter().filter_map(|it| char::from_u32(read(*it))).collect())
}

/// UTF-8 with a few bytes of windows-1252 in it: a feed put together from sources in two encodings. `None`
/// where the bad bytes are more than a fifth of what is not ASCII, since that is another encoding.
fn mostly_utf_8(bytes: &[u8]) -> Option<String> {
    let (mut n_good, mut n_bad) = (0, 0);
    for it in bytes.utf8_chunks() {
        n_good += it.valid().chars().filter(|c| !c.is_ascii()).count();
        n_bad += it.invalid().len();
    }
    if n_good < 4 * n_bad {
        return None;
    }
    let mut res = String::with_capacity(bytes.len());
    for it in bytes.utf8_chunks() {
        res.push_str(it.valid());
        res.push_str(&WINDOWS_1252.decode_without_bom_handling(it.invalid()).0);
    }
    Some(res)
}

/// Decodes a web page: as [`decode`], with `<meta charset>` before the XML declaration.
pub(super) fn decode_page<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    let http = content_type.and_then(http_charset);
    // Templates have Latin-1 as often as servers do: against another label of HTTP it says nothing.
    let meta = meta_charset(bytes).filter(|it| http.is_none() || !is_western(it));
    by_labels(bytes, &[http, meta, xml_charset(bytes)])
}

fn is_western(label: &str) -> bool {
    Encoding::for_label(label.as_bytes()) == Some(WINDOWS_1252)
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
        check(b"<\0a\0/\0>\0", None, "<a/>");
        check(b"\0<\0a\0/\0>", None, "<a/>");
        check(b"<\0\0\0a\0\0\0/\0\0\0>\0\0\0", None, "<a/>");
        check(b"\0\0\xfe\xff\0\0\0<\0\0\0a\0\0\0/\0\0\0>", None, "\u{feff}<a/>");
        check(b"<a>\x1b$B%K%e\x1b(B</a>", Some("text/xml; charset=iso-2022-jp"), "<a>ニュ</a>");
    }

    #[test]
    fn a_few_bad_bytes_do_not_spoil_utf8() {
        let mut bytes = "<?xml version='1.0' encoding='iso-8859-1'?>Gürcüstan Müdafiə Nazirliyi ".as_bytes().to_vec();
        bytes.push(0x96);
        let text = decode(&bytes, None);
        assert!(text.ends_with("Gürcüstan Müdafiə Nazirliyi –"), "{text}");
    }

    #[test]
    fn a_label_counts_where_it_decodes_cleanly() {
        let (bytes, ..) = encoding_rs::GB18030.encode("新闻中心");
        check(&bytes, Some("text/xml; charset=gb2312"), "新闻中心");
        let text = "Министерство обороны сообщило о начале учений в регионе";
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(text);
        check(&bytes, Some("text/xml; charset=utf-8"), text);
        check(&bytes, Some("text/xml; charset=utf-16"), text);
    }

    /// Found in a test of real servers: no name of a watch was found in such a feed.
    #[test]
    fn latin_1_by_http_is_a_servers_default() {
        for (label, encoding, text) in [
            ("windows-1251", encoding_rs::WINDOWS_1251, "Совет «Министров»"),
            ("koi8-r", encoding_rs::KOI8_R, "Совет министров"),
            ("iso-8859-9", encoding_rs::WINDOWS_1254, "Türkiye şehrinde çıkış İstanbul ığdır"),
            ("gbk", encoding_rs::GBK, "新闻中心"),
        ] {
            for http in ["ISO-8859-1", "latin1", "us-ascii", "windows-1252"] {
                let (xml, html) =
                    (Some(format!("text/xml; charset={http}")), Some(format!("text/html; charset={http}")));
                let feed = format!("<?xml version='1.0' encoding='{label}'?><a>{text}</a>");
                check(&encoding.encode(&feed).0, xml.as_deref(), &feed);
                let page = format!("<html><head><meta charset={label}></head><body>{text}</body>");
                assert_eq!(decode_page(&encoding.encode(&page).0, html.as_deref()), page, "{http}");
            }
        }
        // The document's own Latin-1 says nothing beside another label of HTTP's. HTTP's stands where it is the only one.
        let page = "<html><head><meta charset=iso-8859-1></head><body>Совет</body>";
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(page);
        assert_eq!(decode_page(&bytes, Some("text/html; charset=windows-1251")), page);
        let feed = "<?xml version='1.0'?><a>Déjà vu à Évian</a>";
        check(&WINDOWS_1252.encode(feed).0, Some("text/xml; charset=ISO-8859-1"), feed);
        // A label that the bytes contradict does not count, even before Latin-1.
        let feed = "<?xml version='1.0' encoding='shift_jis'?><a>Déjà vu à Évian, où ça</a>";
        check(&WINDOWS_1252.encode(feed).0, Some("text/xml; charset=ISO-8859-1"), feed);
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
    fn an_unlabelled_english_text_is_western() {
        let text = "The minister said that this was the raison d\u{2019}\u{ea}tre of the forum \u{2014} a \u{201c}new\u{201d} \
                    road between both towns, which had been closed for years while observers counted vehicles.";
        let (bytes, ..) = WINDOWS_1252.encode(text);
        check(&bytes, None, text);
        let polish = "W stolicy odbyło się spotkanie ministrów, którzy omówili współpracę przy budowie nowej drogi między miastami.";
        let (bytes, ..) = WINDOWS_1250.encode(polish);
        check(&bytes, None, polish);
    }

    #[test]
    fn unlabelled_text_is_guessed_and_never_lost() {
        let text = "Министерство обороны сообщило о начале учений в регионе, передают источники";
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(text);
        check(&bytes, None, text);
        assert!(decode(b"ok \xff\xfe\x00\xd8 tail", None).contains("tail"));
    }
}
