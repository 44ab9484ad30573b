//! Resolves character and entity references of a document's text, as far as possible.

use std::{borrow::Cow, collections::HashMap};

use super::entities;

/// Maximum bytes to which the entities of a document's own DOCTYPE may expand: "a billion laughs" stops here.
const MAX_EXPANSION: usize = 100_000;
/// Entities within entities.
const MAX_DEPTH: u32 = 4;
/// Bytes of one declared value.
const MAX_VALUE: usize = 2_000;
/// Entities that one document may declare.
const MAX_DECLARED: usize = 1_000;
/// No name is longer.
const MAX_NAME: usize = 40;

/// Names that occur without their `;` in real documents. No others: `?a=1&copy=2` is an address.
const WITHOUT_SEMICOLON: &[&str] = &["amp", "lt", "gt", "quot", "nbsp"];

/// What windows-1252 has at 0x80 to 0x9F. Feeds give these as `&#146;`, and HTML 5 reads them so (§13.2.5.80).
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The entities that a document declares, and how far they may still expand.
#[derive(Debug)]
pub(super) struct References<'a> {
    declared: HashMap<&'a str, &'a str>,
    budget: usize,
    /// Whether an entity exceeded the limits: no further one is expanded.
    exhausted: bool,
    /// A bare `&`, or an entity that neither XML nor the document knows, was met.
    pub(super) is_broken: bool,
}

impl<'a> References<'a> {
    pub(super) fn new() -> Self {
        Self { declared: HashMap::new(), budget: MAX_EXPANSION, exhausted: false, is_broken: false }
    }

    /// Reads the internal entities of a DOCTYPE. External ones are never fetched.
    pub(super) fn declare(&mut self, doctype: &'a str) {
        for declaration in doctype.split("<!ENTITY").skip(1) {
            let Some((name, rest)) = declaration.trim_start().split_once(char::is_whitespace) else { continue };
            let rest = rest.trim_start();
            let Some(quote) = rest.chars().next().filter(|it| matches!(it, '"' | '\'')) else { continue };
            let Some(value) = rest.split(quote).nth(1) else { continue };
            if name != "%" && value.len() <= MAX_VALUE && self.declared.len() < MAX_DECLARED {
                self.declared.entry(name).or_insert(value);
            }
        }
    }

    /// The text with its references resolved. Unknown ones stay as they are written.
    pub(super) fn resolve(&mut self, text: &'a str) -> Cow<'a, str> {
        if !text.contains('&') {
            return Cow::Borrowed(text);
        }
        let mut res = String::with_capacity(text.len());
        self.append(text, &mut res, 0);
        Cow::Owned(res)
    }

    fn append(&mut self, text: &'a str, res: &mut String, depth: u32) {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('&') {
            res.push_str(before);
            rest = match self.reference(after, res, depth) {
                Some(rest) => rest,
                None => {
                    self.is_broken = true;
                    res.push('&');
                    after
                }
            };
        }
        res.push_str(rest);
    }

    /// Appends the text of the reference at the start of `after`, and returns the rest.
    fn reference(&mut self, after: &'a str, res: &mut String, depth: u32) -> Option<&'a str> {
        let end = after
            .bytes()
            .take(MAX_NAME)
            .position(|it| !(it.is_ascii_alphanumeric() || matches!(it, b'#' | b'_' | b'.' | b'-')))
            .unwrap_or_else(|| after.len().min(MAX_NAME));
        let (name, rest) = after.split_at_checked(end)?;
        let closed = rest.strip_prefix(';');
        if let Some(number) = name.strip_prefix('#') {
            let digits = number.strip_prefix(['x', 'X']);
            let code = match digits {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            res.extend(character(code.ok()?));
            return Some(closed.unwrap_or(rest));
        }
        if let Some(rest) = closed {
            if let Some(value) = self.declared.get(name).copied() {
                return self.expand(value, res, depth).then_some(rest);
            }
            res.push_str(entities::text_of(name)?);
            self.is_broken |= !matches!(name, "amp" | "lt" | "gt" | "quot" | "apos");
            return Some(rest);
        }
        let known = WITHOUT_SEMICOLON.contains(&name) && !rest.starts_with('=');
        res.push_str(entities::text_of(name).filter(|_| known)?);
        self.is_broken = true;
        Some(rest)
    }

    /// Appends a declared entity's text, or nothing if it exceeds the limits.
    fn expand(&mut self, value: &'a str, res: &mut String, depth: u32) -> bool {
        if self.exhausted || depth >= MAX_DEPTH || value.len() > self.budget {
            self.exhausted = true;
            return false;
        }
        self.budget -= value.len();
        let start = res.len();
        self.append(value, res, depth + 1);
        if self.exhausted {
            res.truncate(start);
        }
        !self.exhausted
    }
}

/// The character of a numeric reference, or none where XML has no such character.
fn character(code: u32) -> Option<char> {
    let c = char::from_u32(code)?;
    (!is_forbidden(c)).then(|| windows_1252(c))
}

/// The text with C1 control characters replaced by the characters that were meant.
pub(super) fn without_c1(text: &str) -> Cow<'_, str> {
    // In UTF-8 these are 0xC2 0x80 to 0xC2 0x9F.
    let bytes = text.as_bytes();
    let is_c1 = bytes.contains(&0xc2) && bytes.windows(2).any(|it| matches!(it, [0xc2, 0x80..0xa0]));
    if is_c1 { Cow::Owned(text.chars().map(windows_1252).collect()) } else { Cow::Borrowed(text) }
}

/// The character that was meant by a C1 control character, which no feed means literally.
fn windows_1252(c: char) -> char {
    let at = u32::from(c).checked_sub(0x80).and_then(|it| usize::try_from(it).ok());
    at.and_then(|it| WINDOWS_1252.get(it)).copied().unwrap_or(c)
}

/// The byte that windows-1252 has for a character.
pub(super) fn windows_1252_byte(c: char) -> Option<u8> {
    match u8::try_from(u32::from(c)) {
        Ok(byte) => Some(byte),
        Err(_) => (0x80..).zip(WINDOWS_1252).find(|(_, it)| *it == c).map(|(byte, _)| byte),
    }
}

/// The text without the characters that XML forbids.
pub(super) fn without_forbidden(mut text: String) -> String {
    // All of them are control characters or start with 0xEF; most documents have neither.
    let may_have = |it: u8| (it < b' ' && !matches!(it, b'\t' | b'\n' | b'\r')) || it == 0xef;
    if text.bytes().any(may_have) {
        text.retain(|c| !is_forbidden(c));
    }
    text
}

/// Whether XML 1.0 §2.2 forbids the character.
fn is_forbidden(c: char) -> bool {
    (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(References::new().resolve(text), expected, "{text}");
    }

    #[test]
    fn resolves_what_it_knows() {
        check("a &amp; b &lt;i&gt; &quot;&apos;", "a & b <i> \"'");
        check("&nbsp;&mdash;&Scaron;&#8212;&#x2014;", "\u{a0}—Š——");
        check("don&#146;t, don&#x92;t", "don’t, don’t");
        check("bell &#8; null &#0; end &#xFFFF;", "bell  null  end ");
    }

    #[test]
    fn keeps_what_it_does_not_know() {
        check("AT&T", "AT&T");
        check("AT&", "AT&");
        check("R&D; &unknown; &#; &#xZZ; &;", "R&D; &unknown; &#; &#xZZ; &;");
        check("?page=1&copy=2&amp=3", "?page=1&copy=2&amp=3");
        check("a &amp b &lt", "a & b <");
    }

    #[test]
    fn expands_declared_entities_within_a_budget() {
        let mut references = References::new();
        references.declare(r#"<!DOCTYPE rss [<!ENTITY who "Ministry"><!ENTITY both '&who; &amp; staff'>]"#);
        assert_eq!(references.resolve("&both; &who;"), "Ministry & staff Ministry");

        let laughs: Vec<_> =
            (1..9).map(|it| format!("<!ENTITY l{it} \"{}\">", format!("&l{};", it - 1).repeat(10))).collect();
        let laughs = laughs.concat();
        let doctype = format!("<!DOCTYPE rss [<!ENTITY l0 \"{}\">{laughs}]", "ha".repeat(500));
        let mut references = References::new();
        references.declare(&doctype);
        let text = "&l8;&l3;&l2;".repeat(50);
        assert!(references.resolve(&text).len() <= MAX_EXPANSION);

        let mut references = References::new();
        references.declare("<!DOCTYPE rss [<!ENTITY a '&b;'><!ENTITY b '&a;'>]");
        assert_eq!(references.resolve("x&a;y"), "x&a;y");
    }
}
