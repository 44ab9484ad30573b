//! Reads the value of a text field as HTML, in whatever way its feed wrote it.

use std::borrow::Cow;

use crate::{parse::draft::MAX_TEXT, text::capped};

use super::{
    addresses,
    element::{Element, Node, VOID},
    mojibake,
    names::Space,
};

/// The field's value as a fragment of HTML with absolute addresses.
pub(super) fn html(element: &Element<'_>) -> String {
    let value = match element.space {
        Space::Atom => atom(element),
        _ if element.has_elements() => inner(element, true),
        _ => text(element).into_owned(),
    };
    let value = mojibake::repaired(&value).unwrap_or(value);
    let trimmed = value.trim();
    let value = if trimmed.len() == value.len() { value } else { trimmed.to_owned() };
    addresses::in_html(value, element.base.as_deref())
}

/// The text within, without tags: as much of it as an entry keeps.
fn text<'a>(element: &'a Element<'_>) -> Cow<'a, str> {
    match element.text() {
        Cow::Borrowed(it) => Cow::Borrowed(capped(it, MAX_TEXT)),
        Cow::Owned(mut it) => {
            it.truncate(capped(&it, MAX_TEXT).len());
            Cow::Owned(it)
        }
    }
}

/// The elements within, as HTML. Some feeds mix escaped markup with naked tags: `is_mixed` reads both.
pub(super) fn inner(element: &Element<'_>, is_mixed: bool) -> String {
    let mut res = String::new();
    write_inner(element, is_mixed, &mut res);
    res
}

/// A text construct of Atom 1.0 (RFC 4287 §3.1, §4.1.3.3) or 0.3 (with `mode`).
fn atom(element: &Element<'_>) -> String {
    let kind = element.attribute("type").unwrap_or_default().trim().to_ascii_lowercase();
    let mode = element.attribute("mode").unwrap_or_default().trim().to_ascii_lowercase();
    let is_html = matches!(kind.as_str(), "html" | "text/html" | "application/xhtml+xml");
    if element.has_elements() {
        // The one `div` around XHTML is not part of the text: RFC 4287 §3.1.1.3.
        let mut elements = element.elements();
        let only = elements.next().filter(|it| it.local == "div" && elements.next().is_none());
        let has_text = element.children.iter().any(|it| matches!(it, Node::Text(it) if !it.trim().is_empty()));
        return match only.filter(|_| kind == "xhtml" && !has_text) {
            Some(div) => inner(div, false),
            None => inner(element, matches!(kind.as_str(), "html" | "text/html")),
        };
    }
    let text = text(element);
    let is_binary = !kind.is_empty()
        && kind.contains('/')
        && !kind.starts_with("text/")
        && !kind.ends_with("+xml")
        && !kind.ends_with("/xml");
    if (mode == "base64" || (mode.is_empty() && is_binary))
        && let Some(decoded) = base64(&text)
    {
        return if is_html || !kind.starts_with("text/") { decoded } else { escaped(&decoded) };
    }
    let is_markup = match (kind.as_str(), mode.as_str()) {
        ("html", _) | ("" | "text/html" | "application/xhtml+xml", "escaped") => true,
        ("text/html" | "application/xhtml+xml", _) => text.contains('<'),
        ("text" | "text/plain" | "xhtml", _) => false,
        // The type is missing or odd: many feeds forget it.
        _ => looks_like_markup(&text),
    };
    if is_markup { text.into_owned() } else { escaped(&text) }
}

fn looks_like_markup(text: &str) -> bool {
    ["</", "/>", "<p", "<br"].iter().any(|it| text.contains(it))
}

fn write_inner(element: &Element<'_>, is_mixed: bool, res: &mut String) {
    for it in &element.children {
        if res.len() > MAX_TEXT {
            break;
        }
        match it {
            Node::Text(it) if is_mixed && looks_like_markup(it) => res.push_str(it),
            Node::Text(it) => escape(it, res),
            Node::Element(it) => write_element(it, is_mixed, res),
        }
    }
}

fn write_element(element: &Element<'_>, is_mixed: bool, res: &mut String) {
    let name = element.name.rsplit(':').next().unwrap_or_default();
    res.push('<');
    res.push_str(name);
    for (name, value) in element.attributes.iter().filter(|(name, _)| !name.starts_with("xml")) {
        // A quote or bracket in a name would let its value escape from the attribute.
        if name.contains(['"', '\'', '<', '>', '&', '`']) {
            continue;
        }
        res.push(' ');
        res.push_str(name);
        res.push_str("=\"");
        escape(value, res);
        res.push('"');
    }
    if element.children.is_empty() && VOID.contains(&name) {
        res.push_str(" />");
        return;
    }
    res.push('>');
    let start = res.len();
    write_inner(element, is_mixed, res);
    // An inner `xml:base` holds within its element.
    if element.attributes.iter().any(|(name, _)| *name == "xml:base")
        && let Some(written) = res.get(start..)
    {
        let resolved = addresses::in_html(written.to_owned(), element.base.as_deref());
        res.truncate(start);
        res.push_str(&resolved);
    }
    res.push_str("</");
    res.push_str(name);
    res.push('>');
}

/// Text as HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut res = String::with_capacity(text.len() + 16);
    escape(text, &mut res);
    res
}

/// Appends text so that neither HTML nor XML reads markup in it.
pub(super) fn escape(text: &str, res: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|it| matches!(it, b'&' | b'<' | b'>' | b'"')) {
        let (before, special) = rest.split_at_checked(at).unwrap_or_default();
        res.push_str(before);
        res.push_str(match capped(special, 1) {
            "&" => "&amp;",
            "<" => "&lt;",
            ">" => "&gt;",
            _ => "&quot;",
        });
        rest = special.get(1..).unwrap_or_default();
    }
    res.push_str(rest);
}

/// RFC 4648 §4, white space ignored; `None` where it is not base64 or not UTF-8.
fn base64(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut n_bits) = (0_u32, 0);
    for it in text.bytes().filter(|it| !it.is_ascii_whitespace() && *it != b'=') {
        let value = match it {
            b'A'..=b'Z' => it - b'A',
            b'a'..=b'z' => it - b'a' + 26,
            b'0'..=b'9' => it - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            bytes.push(u8::try_from(bits >> n_bits & 0xff).ok()?);
        }
    }
    String::from_utf8(bytes).ok().filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::canonical::tree;

    #[track_caller]
    fn check(document: &str, expected: &str) {
        let tree = tree::read(document, None, &mut |_, _| false);
        let root = tree.root.elements().next().unwrap();
        assert_eq!(html(root), expected, "{document}");
    }

    fn atom(field: &str) -> String {
        field.replacen('>', " xmlns='http://www.w3.org/2005/Atom'>", 1)
    }

    #[test]
    fn rss_is_html_however_it_is_written() {
        check("<description> a &lt;b&gt;c&lt;/b&gt; </description>", "a <b>c</b>");
        check("<description><![CDATA[a <b>c</b> &amp; d]]></description>", "a <b>c</b> &amp; d");
        check("<description>a <b x='\"1\"'>c</b> &amp; d</description>", "a <b x=\"&quot;1&quot;\">c</b> &amp; d");
        check("<description>&lt;p>a&lt;/p><br/><i>b</i></description>", "<p>a</p><br /><i>b</i>");
    }

    #[test]
    fn atom_says_what_it_is() {
        check(&atom("<title>AT&amp;T &lt; B</title>"), "AT&amp;T &lt; B");
        check(&atom("<title>a &lt;b>c&lt;/b></title>"), "a <b>c</b>");
        check(&atom("<title type='text'>a &lt;b>c&lt;/b></title>"), "a &lt;b&gt;c&lt;/b&gt;");
        check(&atom("<title type='html'>a &lt;b>c&lt;/b></title>"), "a <b>c</b>");
        check(&atom("<content type='xhtml'><div>a <b>c</b> &amp;</div></content>"), "a <b>c</b> &amp;");
        check(&atom("<content type='html'><div>&lt;p>a&lt;/p></div></content>"), "<div><p>a</p></div>");
        check(&atom("<content type='strange'>plain</content>"), "plain");
    }

    #[test]
    fn atom_of_2003_has_modes() {
        check(&atom("<content type='text/html' mode='escaped'>a &lt;b></content>"), "a <b>");
        check(&atom("<content type='text/html' mode='base64'>YSA8Yj5jPC9iPg==</content>"), "a <b>c</b>");
        check(&atom("<content type='text/plain' mode='base64'>YSA8Yj5jPC9iPg==</content>"), "a &lt;b&gt;c&lt;/b&gt;");
        check(&atom("<content type='application/octet-stream'>not base64!</content>"), "not base64!");
    }

    #[test]
    fn an_inner_base_holds_within_its_element() {
        check(
            "<description xml:base='https://a.example/x/'>z<p xml:base='y/'><a href='1'>b</a></p><a href='2'>c</a></description>",
            "z<p><a href=\"https://a.example/x/y/1\">b</a></p><a href=\"https://a.example/x/2\">c</a>",
        );
    }

    #[test]
    fn no_name_gets_out_of_its_attribute() {
        check("<description><a b\"onclick='1' c='2'>d</a></description>", "<a c=\"2\">d</a>");
    }
}
