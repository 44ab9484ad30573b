//! Markup to plain text, with limits that hold before the markup is parsed.
//!
//! `html5ever` is quadratic in the depth of nesting: 200 KB of `<div>` took 8.4 s and 40 KB of
//! mis-nested `<b><i>` took 676 MB (html5ever issue 788). [`check`] reads the bytes once and refuses such
//! documents before the parser sees them.

use scraper::{ElementRef, Html, Node};

/// Bytes of markup.
const MAX_BYTES: usize = 5 * 1024 * 1024;
/// Elements open at once. Real pages stay under 100.
const MAX_DEPTH: usize = 400;
/// Start tags.
const MAX_TAGS: usize = 200_000;
/// Bytes of one tag: 100,000 attributes on one tag took 10.5 s.
const MAX_TAG_BYTES: usize = 64 * 1024;

/// Elements that have no end tag, and those whose end tag authors leave out: neither says anything about depth.
const NOT_NESTING: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr", "p",
    "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "optgroup", "colgroup", "html", "head",
    "body",
];

/// Elements whose content is never text for a reader.
const UNSEEN: &[&str] = &[
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "head", "select", "textarea",
    "button", "canvas", "audio", "video",
];

/// Elements that stay within a line.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
    "time", "tt", "u", "var", "wbr", "img",
];

/// A document that is not parsed, since parsing it would cost too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooComplex {
    /// Larger than the limit.
    #[error("markup of {0} bytes is larger than {MAX_BYTES}")]
    Bytes(usize),
    /// Nested deeper than the limit.
    #[error("markup is nested deeper than {MAX_DEPTH} elements")]
    Depth,
    /// More tags than the limit.
    #[error("markup has more than {MAX_TAGS} tags")]
    Tags,
    /// A tag longer than the limit.
    #[error("markup has a tag longer than {MAX_TAG_BYTES} bytes")]
    Tag,
}

/// A line of text with the block element it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Lower-case name of the nearest block element, such as `p`, `li`, `h2`, `div`.
    pub block: String,
    /// The text, white space folded. Never empty.
    pub text: String,
    /// Whether more than half of its letters belong to links.
    pub is_link: bool,
    /// Whether it stands inside a form.
    pub in_form: bool,
}

/// Parses a document within the limits.
///
/// # Errors
///
/// [`TooComplex`]: the document was not parsed.
pub fn document(markup: &str) -> Result<Html, TooComplex> {
    check(markup)?;
    Ok(Html::parse_document(markup))
}

/// The plain text of a fragment of markup, one line a block. Markup past the limits loses its tags only.
pub fn plain(markup: &str) -> String {
    if !markup.contains(['<', '&']) {
        return fold_lines(markup);
    }
    match check(markup) {
        Ok(()) => join(&lines(Html::parse_fragment(markup).root_element())),
        Err(_) => fold_lines(&without_tags(markup)),
    }
}

/// The lines of text under an element, in order.
pub fn lines(root: ElementRef<'_>) -> Vec<Line> {
    lines_without(root, &|_| false)
}

/// The lines of text under an element, in order, without those under the elements that `unwanted` names.
pub fn lines_without(root: ElementRef<'_>, unwanted: &dyn Fn(ElementRef<'_>) -> bool) -> Vec<Line> {
    let mut collector = Collector { block: root.value().name().to_owned(), ..Collector::default() };
    // A stack of its own: recursion over fetched markup could overflow the thread's stack.
    let mut stack = vec![Step::Enter(*root)];
    while let Some(step) = stack.pop() {
        match step {
            Step::Leave(block) => collector.enter(block),
            Step::LeaveLink => collector.links = collector.links.saturating_sub(1),
            Step::LeaveForm => {
                collector.flush();
                collector.forms = collector.forms.saturating_sub(1);
            }
            Step::Enter(node) => match node.value() {
                Node::Text(text) => collector.push(text),
                Node::Element(element) if UNSEEN.contains(&element.name()) => (),
                Node::Element(_) if ElementRef::wrap(node).is_some_and(unwanted) => (),
                Node::Element(element) => {
                    if element.name() == "br" {
                        collector.flush();
                    } else if element.name() == "a" {
                        collector.links += 1;
                        stack.push(Step::LeaveLink);
                    } else if !INLINE.contains(&element.name()) {
                        let outer = collector.block.clone();
                        collector.enter(element.name().to_owned());
                        stack.push(Step::Leave(outer));
                        if element.name() == "form" {
                            collector.forms += 1;
                            stack.push(Step::LeaveForm);
                        }
                    }
                    stack.extend(node.children().rev().map(Step::Enter));
                }
                Node::Fragment | Node::Document => stack.extend(node.children().rev().map(Step::Enter)),
                _ => (),
            },
        }
    }
    collector.flush();
    collector.lines
}

/// The lines as one text, a line each.
pub fn join(lines: &[Line]) -> String {
    lines.iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join("\n")
}

enum Step<'a> {
    Enter(NodeRef<'a>),
    Leave(String),
    LeaveLink,
    LeaveForm,
}

/// `scraper` gives nodes of the crate `ego-tree`, which it does not re-export.
type NodeRef<'a> = <ElementRef<'a> as std::ops::Deref>::Target;

#[derive(Default)]
struct Collector {
    lines: Vec<Line>,
    text: String,
    block: String,
    /// Links and forms that are open.
    links: usize,
    forms: usize,
    /// Letters of `text` that belong to links.
    linked: usize,
}

impl Collector {
    fn enter(&mut self, block: String) {
        self.flush();
        self.block = block;
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        if self.links > 0 {
            self.linked += letters(text);
        }
    }

    fn flush(&mut self) {
        let text = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            let is_link = self.linked * 2 > letters(&text);
            self.lines.push(Line { block: self.block.clone(), text, is_link, in_form: self.forms > 0 });
        }
        self.text.clear();
        self.linked = 0;
    }
}

fn letters(text: &str) -> usize {
    text.chars().filter(|it| it.is_alphanumeric()).count()
}

/// Whether a document can be parsed at a bearable cost. One pass, no allocation but for names.
///
/// # Errors
///
/// [`TooComplex`] with the limit that was passed.
pub fn check(markup: &str) -> Result<(), TooComplex> {
    if markup.len() > MAX_BYTES {
        return Err(TooComplex::Bytes(markup.len()));
    }
    let mut depth = 0_usize;
    let mut tags = 0_usize;
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..).unwrap_or_default();
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.find("-->").and_then(|end| comment.get(end + 3..)).unwrap_or_default();
            continue;
        }
        let closing = rest.starts_with('/');
        let tag = rest.trim_start_matches('/');
        if !tag.starts_with(|it: char| it.is_ascii_alphabetic()) {
            continue;
        }
        let length = tag_length(tag);
        if length > MAX_TAG_BYTES {
            return Err(TooComplex::Tag);
        }
        let name_end = tag.find(|it: char| !it.is_ascii_alphanumeric() && it != '-').unwrap_or(tag.len());
        let name = tag.get(..name_end).unwrap_or_default().to_ascii_lowercase();
        rest = tag.get(length..).unwrap_or_default();
        if NOT_NESTING.contains(&name.as_str()) {
            tags += 1;
        } else if closing {
            depth = depth.saturating_sub(1);
        } else {
            tags += 1;
            depth += 1;
            if matches!(name.as_str(), "script" | "style") {
                // Their content is not markup; the end tag that follows lowers the depth again.
                let end = find_end_tag(rest, &name);
                rest = rest.get(end..).unwrap_or_default();
            }
        }
        if depth > MAX_DEPTH {
            return Err(TooComplex::Depth);
        }
        if tags > MAX_TAGS {
            return Err(TooComplex::Tags);
        }
    }
    Ok(())
}

/// Bytes up to and with the `>` that ends a tag, `>` in quoted attribute values left aside.
fn tag_length(tag: &str) -> usize {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => (),
        }
        if at > MAX_TAG_BYTES {
            return at;
        }
    }
    tag.len()
}

fn find_end_tag(text: &str, name: &str) -> usize {
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|it| it.find("</")) {
        let start = from + at;
        let found = text.get(start + 2..start + 2 + name.len());
        if found.is_some_and(|it| it.eq_ignore_ascii_case(name)) {
            return start;
        }
        from = start + 2;
    }
    text.len()
}

/// Drops everything between `<` and `>`. For markup too costly to parse.
fn without_tags(markup: &str) -> String {
    let mut res = String::with_capacity(markup.len());
    let mut inside = false;
    for c in markup.chars() {
        match c {
            '<' => {
                inside = true;
                res.push(' ');
            }
            '>' => inside = false,
            c if !inside => res.push(c),
            _ => (),
        }
    }
    res
}

fn fold_lines(text: &str) -> String {
    text.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_plain(markup: &str, expected: &str) {
        assert_eq!(plain(markup), expected, "input: {markup}");
    }

    #[test]
    fn blocks_are_lines() {
        check_plain("<p>One <b>two</b>\n three</p><p>four</p>", "One two three\nfour");
        check_plain("a<br>b<div>c<ul><li>d</li><li>e</ul></div>f", "a\nb\nc\nd\ne\nf");
        check_plain("no markup\n\n  at   all ", "no markup\nat all");
        check_plain("AT&amp;T &lt;b&gt; &nbsp; x", "AT&T <b> x");
        check_plain("<p>რეზერვი</p><p>Ադրբեջան <i>և</i> Հայաստան</p>", "რეზერვი\nԱդրբեջան և Հայաստան");
    }

    #[test]
    fn what_is_not_read_is_not_text() {
        check_plain("a<script>var x='<p>no</p>'</script><style>p{}</style>b", "ab");
        check_plain("<p>a<svg><text>no</text></svg></p><button>no</button>", "a");
    }

    #[test]
    fn names_the_block_of_each_line() {
        let html = Html::parse_fragment("<h2>Head</h2><div>loose <span>text</span><p>para</p>tail</div>");
        let blocks: Vec<_> = lines(html.root_element()).into_iter().map(|it| (it.block, it.text)).collect();
        let expected = [("h2", "Head"), ("div", "loose text"), ("p", "para"), ("div", "tail")];
        assert_eq!(blocks, expected.map(|(block, text)| (block.to_owned(), text.to_owned())));
    }

    #[test]
    fn tells_links_and_forms() {
        let html = Html::parse_fragment(
            "<p>See <a href='/x'>it</a> in full</p><p><a>Read</a> on</p><form><p>Comment</p></form><p>End</p>",
        );
        let told: Vec<_> = lines(html.root_element()).into_iter().map(|it| (it.is_link, it.in_form)).collect();
        assert_eq!(told, [(false, false), (true, false), (false, true), (false, false)]);
    }

    #[test]
    fn refuses_costly_markup_before_parsing() {
        assert_eq!(check(&"<div>".repeat(40_000)), Err(TooComplex::Depth));
        assert_eq!(check(&"<ul><li>".repeat(20_000)), Err(TooComplex::Depth));
        assert_eq!(check(&"<b i><i i>x</b>".repeat(2_000)), Err(TooComplex::Depth));
        assert_eq!(check(&"<p>x</p>".repeat(MAX_TAGS + 1)), Err(TooComplex::Tags));
        assert_eq!(check(&format!("<p {}>", "a=1 ".repeat(20_000))), Err(TooComplex::Tag));
        assert_eq!(check(&"x".repeat(MAX_BYTES + 1)), Err(TooComplex::Bytes(MAX_BYTES + 1)));
        assert_eq!(plain(&format!("{}text", "<div>".repeat(5_000))), "text");
    }

    #[test]
    fn passes_what_pages_do() {
        for markup in [
            "<p>x".repeat(5_000),
            "<div><a href='a>b'>x</a></div>".repeat(2_000),
            format!("<script>{}</script>", "if (a < b) { '<div>' }".repeat(2_000)),
            format!("<!-- {} -->", "<div>".repeat(1_000)),
            "1 < 2 <3 </ >".repeat(1_000),
        ] {
            assert_eq!(check(&markup), Ok(()), "input: {markup:.60}");
        }
    }
}
