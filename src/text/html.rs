//! Turns markup into plain text, parsed within limits.

mod attributes;
mod bounded;

use std::borrow::Cow;

use scraper::{ElementRef, Node};

pub use self::bounded::{TooComplex, document, fragment};

use super::capped;

/// Elements whose content is never text for a reader.
const UNSEEN: &[&str] = &[
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "math",
    "iframe",
    "object",
    "head",
    "select",
    "textarea",
    "button",
    "canvas",
    "audio",
    "video",
    "amp-ad",
    "amp-consent",
    "amp-embed",
    "amp-sidebar",
];

/// Elements that stay within a line.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
    "time", "tt", "u", "var", "wbr", "img",
];

/// Whether the content of this element is never text for a reader.
pub fn is_unseen(name: &str) -> bool {
    UNSEEN.contains(&name)
}

/// Whether this element stays within a line.
pub fn is_inline(name: &str) -> bool {
    INLINE.contains(&name)
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

/// The plain text of a fragment of markup, one line a block. Markup past the limits loses its tags only.
pub fn plain(markup: &str) -> String {
    if !markup.contains(['<', '&']) {
        return fold_lines(markup);
    }
    match fragment(&with_closed_comments(markup)) {
        Ok(fragment) => join(&lines(fragment.root_element())),
        Err(_) => fold_lines(&without_tags(markup)),
    }
}

/// Markup in which every comment ends. A comment without `-->` would hide the rest of the text from readers and
/// watches; here it ends at its first `>`.
pub fn with_closed_comments(markup: &str) -> Cow<'_, str> {
    let (ended, mut rest) = markup.split_at(markup.rfind("-->").unwrap_or(0));
    if !rest.contains("<!--") {
        return Cow::Borrowed(markup);
    }
    let mut res = ended.to_owned();
    while let Some((before, comment)) = rest.split_once("<!--") {
        res.push_str(before);
        rest = comment.split_once('>').map_or("", |(_, after)| after);
    }
    res.push_str(rest);
    Cow::Owned(res)
}

/// The beginning of the text under an element, at most `max_bytes`. Meant for tests of many elements: nested elements
/// each hold the text of all those inside them.
pub fn beginning(element: ElementRef<'_>, max_bytes: usize) -> String {
    let mut res = String::new();
    for text in element.text() {
        let room = max_bytes.saturating_sub(res.len());
        res.push_str(capped(text, room));
        if text.len() >= room {
            break;
        }
    }
    res
}

/// The lines of text under an element, in order.
pub fn lines(root: ElementRef<'_>) -> Vec<Line> {
    lines_without(root, &|_| false)
}

/// The lines of text under an element, in order, without those under the elements that `unwanted` names.
pub fn lines_without(root: ElementRef<'_>, unwanted: &dyn Fn(ElementRef<'_>) -> bool) -> Vec<Line> {
    some_lines(root, unwanted, usize::MAX)
}

/// The lines of text under an element, in order, up to `max_bytes`: the last line is cut, and the rest is not read.
pub fn first_lines(root: ElementRef<'_>, max_bytes: usize) -> Vec<Line> {
    some_lines(root, &|_| false, max_bytes)
}

fn some_lines(root: ElementRef<'_>, unwanted: &dyn Fn(ElementRef<'_>) -> bool, room: usize) -> Vec<Line> {
    let mut collector = Collector { block: root.value().name().to_owned(), room, ..Collector::default() };
    // A stack of its own: recursion over fetched markup could overflow the thread's stack.
    let mut stack = vec![Step::Enter(*root)];
    while let Some(step) = stack.pop().filter(|_| collector.room > 0) {
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
    /// Bytes that may still come.
    room: usize,
}

impl Collector {
    fn enter(&mut self, block: String) {
        self.flush();
        self.block = block;
    }

    fn push(&mut self, text: &str) {
        let read = capped(text, self.room);
        self.room = if read.len() < text.len() { 0 } else { self.room - read.len() };
        self.text.push_str(read);
        if self.links > 0 {
            self.linked += letters(read);
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

/// Plain text with its white space folded, without empty lines.
pub fn fold_lines(text: &str) -> String {
    text.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    #[test]
    fn the_first_lines_end_where_they_are_told_to() {
        let page = Html::parse_fragment("<script>let x</script><p>Հայաստան one</p><p>two</p>");
        let first = |n: usize| join(&first_lines(page.root_element(), n));
        assert_eq!(
            [first(0), first(1), first(4), first(20), first(100)].map(|it| it.replace('\n', "/")),
            ["", "", "Հա", "Հայաստան one", "Հայաստան one/two"]
        );
    }

    #[track_caller]
    fn check_plain(markup: &str, expected: &str) {
        assert_eq!(plain(markup), expected, "input: {markup}");
    }

    #[test]
    fn the_beginning_ends_on_a_character() {
        let html = document("<p>Աբգ <b>one</b> two</p>").unwrap();
        for (max, expected) in [(0, ""), (1, ""), (7, "Աբգ "), (8, "Աբգ o"), (99, "Աբգ one two")] {
            assert_eq!(beginning(html.root_element(), max), expected, "{max}");
        }
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
    fn a_comment_without_an_end_hides_nothing() {
        check_plain("a<!-- b > c -->d", "ad");
        check_plain("a<!-- b --><!-- never ends>c", "ac");
        check_plain("a<!-- x>b<!-- y>c<!-- z", "abc");
        check_plain(&"<!--".repeat(100_000), "");
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
}
