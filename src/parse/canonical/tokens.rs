//! Cuts a document into tags and text. Any string can be cut: what is not a tag is text.

/// Bytes of a DOCTYPE that are read.
const MAX_DOCTYPE: usize = 64 * 1024;
/// Attributes of one tag that are read.
const MAX_ATTRIBUTES: usize = 100;

/// A piece of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Text with its references unresolved.
    Text(&'a str),
    /// Text without references.
    Verbatim(&'a str),
    Start(Tag<'a>),
    /// The name in an end tag.
    End(&'a str),
    Doctype(&'a str),
}

/// A start tag.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    /// Names and unresolved values, each name once.
    pub(super) attributes: Vec<(&'a str, &'a str)>,
    /// `<name/>`.
    pub(super) is_empty: bool,
}

/// The pieces in document order.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    comment_end: Finder,
    section_end: Finder,
    instruction_end: Finder,
    /// Whether a DOCTYPE had no end within the limit. Further ones then end at their first `>`, since each would be
    /// searched as far.
    has_endless_doctype: bool,
    /// Whether something that XML forbids was found.
    pub(super) is_broken: bool,
}

/// Remembers the place of the next mark, so that a thousand openings before one mark cost one search.
#[derive(Debug)]
struct Finder {
    mark: &'static str,
    found: Option<usize>,
    gone: bool,
}

impl Finder {
    fn new(mark: &'static str) -> Self {
        Self { mark, found: None, gone: false }
    }

    /// Where the next mark at or behind `from` starts.
    fn next(&mut self, text: &str, from: usize) -> Option<usize> {
        if self.gone {
            return None;
        }
        if self.found.is_none_or(|it| it < from) {
            self.found = text.get(from..)?.find(self.mark).map(|it| from + it);
            self.gone = self.found.is_none();
        }
        self.found
    }
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            comment_end: Finder::new("-->"),
            section_end: Finder::new("]]>"),
            instruction_end: Finder::new("?>"),
            has_endless_doctype: false,
            is_broken: false,
        }
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Skips a construct that ends at the finder's mark or, if there is none, at the next `>`.
    fn skip(&mut self, opening: usize, end: fn(&mut Self) -> &mut Finder) {
        let (text, from) = (self.text, self.at + opening);
        let finder = end(self);
        let length = finder.mark.len();
        self.at = match finder.next(text, from) {
            Some(it) => it + length,
            None => {
                self.is_broken = true;
                text.get(from..).and_then(|it| it.find('>')).map_or(text.len(), |it| from + it + 1)
            }
        };
    }

    /// The text of a CDATA section. An unclosed one ends with its field, or with the document.
    fn section(&mut self) -> &'a str {
        const OPENING: &str = "<![CDATA[";
        let from = self.at + OPENING.len();
        let end = self.section_end.next(self.text, from);
        let section = self.slice(from, end.unwrap_or(self.text.len()));
        // A section that runs over the end of an entry into the next section was never closed.
        let entry_end = section
            .find(OPENING)
            .and_then(|it| section.get(..it))
            .and_then(|it| it.find("</item>").or_else(|| it.find("</entry>")));
        let own = entry_end.and_then(|it| section.get(..it)).map(|it| it.rfind("</").map_or(it.len(), |end| end));
        self.is_broken |= own.is_some() || end.is_none();
        match own {
            Some(length) => {
                self.at = from + length;
                self.slice(from, from + length)
            }
            None => {
                self.at = end.map_or(self.text.len(), |it| it + "]]>".len());
                section
            }
        }
    }

    fn doctype(&mut self) -> &'a str {
        let from = self.at;
        let mut brackets = 0_i32;
        let mut quote = None;
        let rest = self.text.get(from..).unwrap_or_default();
        let length = if self.has_endless_doctype { 0 } else { MAX_DOCTYPE };
        for (at, byte) in rest.bytes().enumerate().take(length) {
            match (quote, byte) {
                (Some(it), _) => quote = quote.filter(|_| it != byte),
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'[') => brackets += 1,
                (None, b']') => brackets -= 1,
                (None, b'>') if brackets <= 0 => {
                    self.at = from + at + 1;
                    return self.slice(from, from + at);
                }
                _ => (),
            }
        }
        (self.is_broken, self.has_endless_doctype) = (true, true);
        self.at = rest.find('>').map_or(self.text.len(), |it| from + it + 1);
        ""
    }

    fn end_tag(&mut self) -> &'a str {
        let from = self.at + 2;
        let rest = self.text.get(from..).unwrap_or_default();
        let end = rest.find(['>', '<']).unwrap_or(rest.len());
        let is_closed = rest.get(end..).is_some_and(|it| it.starts_with('>'));
        self.is_broken |= !is_closed;
        self.at = from + end + usize::from(is_closed);
        self.slice(from, from + end).trim()
    }

    /// A start tag, or `None` where the `<` only looks like one.
    fn start_tag(&mut self) -> Option<Tag<'a>> {
        let mut rest = self.text.get(self.at + 1..)?;
        let name_end =
            rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/' | '<')).unwrap_or(rest.len());
        let name;
        (name, rest) = rest.split_at_checked(name_end)?;
        if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') || name.contains(['"', '\'', '&', '=', ',', ';'])
        {
            return None;
        }
        let mut tag = Tag { name, ..Tag::default() };
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix('>') {
                rest = after;
                break;
            }
            if let Some(after) = rest.strip_prefix("/>") {
                tag.is_empty = true;
                rest = after;
                break;
            }
            if rest.is_empty() || rest.starts_with('<') {
                // `a <b and c` in a text. With an attribute it is a tag that lost its `>`.
                self.is_broken = true;
                if tag.attributes.iter().all(|(_, value)| value.is_empty()) {
                    return None;
                }
                break;
            }
            rest = self.attribute(rest, &mut tag);
        }
        self.at = self.text.len() - rest.len();
        Some(tag)
    }

    /// Reads one attribute and returns what follows; always shorter than `rest`.
    fn attribute(&mut self, rest: &'a str, tag: &mut Tag<'a>) -> &'a str {
        let end =
            rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/' | '<')).unwrap_or(rest.len());
        let Some((name, after)) = rest.split_at_checked(end).filter(|(name, _)| !name.is_empty()) else {
            self.is_broken = true;
            let mut chars = rest.chars();
            chars.next();
            return chars.as_str();
        };
        let Some(value) = after.trim_start().strip_prefix('=').map(str::trim_start) else {
            self.is_broken = true;
            push(tag, name, "");
            return after;
        };
        let (value, after) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(value, quote),
            _ => {
                self.is_broken = true;
                let end =
                    value.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '<')).unwrap_or(value.len());
                // `<link href=https://a.example/b/>`: the slash is the tag's.
                let slash = value.get(..end).is_some_and(|it| it.ends_with('/'))
                    && value.get(end..).is_some_and(|it| it.starts_with('>'));
                value.split_at_checked(end - usize::from(slash)).unwrap_or_default()
            }
        };
        self.is_broken |= !push(tag, name, value);
        after
    }

    fn quoted(&mut self, value: &'a str, quote: char) -> (&'a str, &'a str) {
        let inner = value.get(1..).unwrap_or_default();
        let (inside, after) = inner.split_once(quote).unwrap_or((inner, ""));
        // A `>` and then a `<` within a value: its end quote is missing, and the tag ended at the `>`.
        let tag_end = inside.find('>').filter(|end| inside.get(*end..).is_some_and(|it| it.contains('<')));
        match tag_end {
            Some(end) => {
                self.is_broken = true;
                inner.split_at_checked(end).unwrap_or_default()
            }
            None => (inside, after),
        }
    }
}

/// Adds an attribute, unless the tag has it already: the first one counts, as in HTML.
fn push<'a>(tag: &mut Tag<'a>, name: &'a str, value: &'a str) -> bool {
    let is_new = !tag.attributes.iter().any(|(known, _)| *known == name);
    if is_new && tag.attributes.len() < MAX_ATTRIBUTES {
        tag.attributes.push((name, value));
    }
    is_new
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = self.text.get(self.at..).filter(|it| !it.is_empty())?;
            let Some(markup) = rest.strip_prefix('<') else {
                let end = rest.find('<').unwrap_or(rest.len());
                self.at += end;
                return Some(Token::Text(rest.get(..end).unwrap_or_default()));
            };
            if markup.starts_with("!--") {
                self.skip(4, |it| &mut it.comment_end);
            } else if markup.starts_with("![CDATA[") {
                return Some(Token::Verbatim(self.section()));
            } else if markup.starts_with('?') {
                self.skip(2, |it| &mut it.instruction_end);
            } else if markup.starts_with('!') {
                return Some(Token::Doctype(self.doctype()));
            } else if markup.starts_with('/') {
                return Some(Token::End(self.end_tag()));
            } else if let Some(tag) = self.start_tag() {
                return Some(Token::Start(tag));
            } else {
                self.is_broken = true;
                self.at += 1;
                return Some(Token::Text(self.slice(self.at - 1, self.at)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let tokens = Tokens::new(text).map(|it| match it {
            Token::Text(it) => format!("text {it}"),
            Token::Verbatim(it) => format!("verbatim {it}"),
            Token::End(it) => format!("end {it}"),
            Token::Doctype(it) => format!("doctype {it}"),
            Token::Start(it) => {
                let attributes: Vec<_> = it.attributes.iter().map(|(name, value)| format!(" {name}={value}")).collect();
                format!("start {}{}{}", it.name, attributes.concat(), if it.is_empty { " /" } else { "" })
            }
        });
        assert_eq!(tokens.collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn cuts_sound_documents() {
        check(
            "<?xml version='1.0'?><!-- c --><!DOCTYPE a [<!ENTITY b '>'>]><a x=\"1\" y='2'>t<b/></a>",
            &["doctype <!DOCTYPE a [<!ENTITY b '>'>]", "start a x=1 y=2", "text t", "start b /", "end a"],
        );
        check("<a><![CDATA[x <b> & ]]></a>", &["start a", "verbatim x <b> & ", "end a"]);
    }

    #[test]
    fn doctypes_without_an_end_hide_nothing_behind_them() {
        let tokens = Tokens::new(&format!("{}<a>t</a>", "<![>".repeat(50_000)))
            .filter(|it| !matches!(it, Token::Doctype(_)))
            .count();
        assert_eq!(tokens, 3);
    }

    #[test]
    fn a_lone_angle_bracket_is_text() {
        check("<t>1 < 2</t>", &["start t", "text 1 ", "text <", "text  2", "end t"]);
        check("<t>a <3 b</t>", &["start t", "text a ", "text <", "text 3 b", "end t"]);
        check("<t>if a <b and c</t>", &["start t", "text if a ", "text <", "text b and c", "end t"]);
        check("<t>a <", &["start t", "text a ", "text <"]);
    }

    #[test]
    fn reads_broken_attributes() {
        check("<a x=1 y=2/>", &["start a x=1 y=2 /"]);
        check("<a x=\"1\" x=\"2\" checked>", &["start a x=1 checked="]);
        check("<a href=https://a.example/b/c>", &["start a href=https://a.example/b/c"]);
        check("<a href=\"b>c</a><d e=\"f\">", &["start a href=b", "text c", "end a", "start d e=f"]);
        check("<a x=\"1\"y=\"2\">", &["start a x=1 y=2"]);
        check("<a x=\"1\" <b>", &["start a x=1", "start b"]);
    }

    #[test]
    fn ends_what_was_never_ended() {
        check("<a><!-- x > b", &["start a", "text  b"]);
        check("<a><![CDATA[x", &["start a", "verbatim x"]);
        check(
            "<item><t><![CDATA[x</t></item><item><t><![CDATA[y]]></t>",
            &[
                "start item",
                "start t",
                "verbatim x",
                "end t",
                "end item",
                "start item",
                "start t",
                "verbatim y",
                "end t",
            ],
        );
        check("</a <b>", &["end a", "start b"]);
    }
}
