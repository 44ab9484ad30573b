//! Parsing within limits.
//!
//! `html5ever` is quadratic in the depth of nesting and in the attributes of a tag: 200 KB of `<div>` took 8.4 s, 40 KB
//! of mis-nested `<b><i>` took 676 MB (html5ever issue 788), 100,000 attributes 10.5 s. The cost of a document cannot
//! be estimated from its tags, since unmatched end tags are ignored. So it is fed to the parser in small pieces, and
//! the parser's work is counted.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
};

use html5ever::{
    Attribute, ParseOpts, Parser, QualName, local_name, ns,
    tendril::{StrTendril, TendrilSink},
    tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeBuilderOpts, TreeSink},
};
use scraper::{Html, HtmlTreeSink};

use crate::text::ceil_boundary;

use super::attributes;

/// Bytes of markup.
const MAX_BYTES: usize = 5 * 1024 * 1024;
/// Maximum depth of nesting. The deepest of 1,000 news pages had 56.
const MAX_DEPTH: usize = 400;
/// Maximum elements and comments, including those made by repairing mis-nested tags.
const MAX_ELEMENTS: usize = 100_000;
/// Attributes of one tag.
const MAX_ATTRIBUTES: usize = 1_000;
/// Maximum queries of the parser to the tree. The worst of 1,000 news pages took 160,000.
const MAX_STEPS: u64 = 5_000_000;
/// Elements that the parser reopens if they are badly nested (HTML standard §13.2.4.3). Each new one is compared with
/// all open ones, sorting its attributes each time: 3.9 MB of `<b>` with twenty attributes took 11 s.
const FORMATTING: &[&str] =
    &["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
/// Bytes fed at once, and so the most parsed after a limit was exceeded.
const PIECE: usize = 256;

/// A document that is not parsed, since parsing it would cost too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TooComplex {
    /// Larger than the limit.
    #[error("markup of {0} bytes is larger than {MAX_BYTES}")]
    Bytes(usize),
    /// Nested deeper than the limit.
    #[error("markup is nested deeper than {MAX_DEPTH} elements")]
    Depth,
    /// More elements than the limit.
    #[error("markup has more than {MAX_ELEMENTS} elements")]
    Elements,
    /// More attributes on a tag than the limit.
    #[error("markup has a tag of more than {MAX_ATTRIBUTES} attributes")]
    Attributes,
    /// More work than the limit: tags fit together so badly that repairing them takes too long, or text is in too many
    /// pieces.
    #[error(
        "markup takes more than {MAX_STEPS} steps to parse: its tags are badly nested, or it has millions of character references"
    )]
    Nesting,
}

/// Parses a document within the limits.
///
/// # Errors
///
/// [`TooComplex`] with the limit that was passed.
pub fn document(markup: &str) -> Result<Html, TooComplex> {
    let sink = Counting::new(Html::new_document());
    feed(html5ever::parse_document(sink, options()), markup)
}

/// Parses a fragment, as it stands in a `<body>`, within the limits.
///
/// # Errors
///
/// [`TooComplex`] with the limit that was passed.
pub fn fragment(markup: &str) -> Result<Html, TooComplex> {
    let sink = Counting::new(Html::new_fragment());
    let body = QualName::new(None, ns!(html), local_name!("body"));
    feed(html5ever::parse_fragment(sink, options(), body, Vec::new(), false), markup)
}

fn options() -> ParseOpts {
    // With `<noscript>` as elements: its content is counted, and skipped by name.
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    ParseOpts { tree_builder, ..ParseOpts::default() }
}

fn feed(mut parser: Parser<Counting>, markup: &str) -> Result<Html, TooComplex> {
    if markup.len() > MAX_BYTES {
        return Err(TooComplex::Bytes(markup.len()));
    }
    if attributes::exceed(markup, MAX_ATTRIBUTES) {
        return Err(TooComplex::Attributes);
    }
    let mut rest = markup;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(ceil_boundary(rest, PIECE));
        rest = after;
        parser.process(StrTendril::from(piece));
        parser.tokenizer.sink.sink.check()?;
    }
    Ok(parser.finish())
}

type Handle = <HtmlTreeSink as TreeSink>::Handle;

/// The tree of `scraper`, with a count of what is done to it.
struct Counting {
    tree: HtmlTreeSink,
    elements: Cell<usize>,
    steps: Cell<u64>,
    /// The element made last: while much is open, it stands deep.
    last: RefCell<Option<Handle>>,
}

impl Counting {
    fn new(html: Html) -> Self {
        Self { tree: HtmlTreeSink::new(html), elements: Cell::new(0), steps: Cell::new(0), last: RefCell::new(None) }
    }

    fn check(&self) -> Result<(), TooComplex> {
        if self.elements.get() > MAX_ELEMENTS {
            return Err(TooComplex::Elements);
        }
        if self.steps.get() > MAX_STEPS {
            return Err(TooComplex::Nesting);
        }
        let html = self.tree.0.borrow();
        let last = self.last.borrow().as_ref().and_then(|it| html.tree.get(*it));
        match last.is_some_and(|it| it.ancestors().nth(MAX_DEPTH).is_some()) {
            true => Err(TooComplex::Depth),
            false => Ok(()),
        }
    }

    fn made(&self) {
        self.elements.set(self.elements.get() + 1);
    }

    /// Counts the work to compare a new element with open ones of the same name, which are around the last one.
    fn compared(&self, name: &QualName, attributes: usize) {
        if attributes > 0 && FORMATTING.contains(&&*name.local) {
            let html = self.tree.0.borrow();
            let last = self.last.borrow().as_ref().and_then(|it| html.tree.get(*it));
            let around = last.into_iter().flat_map(|it| it.ancestors()).take(MAX_DEPTH);
            let open = around.filter(|it| it.value().as_element().is_some_and(|it| it.name() == &*name.local)).count();
            self.steps.set(self.steps.get() + (attributes * open / 2) as u64);
        }
    }

    fn step(&self) -> &HtmlTreeSink {
        self.steps.set(self.steps.get() + 1);
        &self.tree
    }
}

impl TreeSink for Counting {
    type Handle = Handle;
    type Output = Html;
    type ElemName<'a> = <HtmlTreeSink as TreeSink>::ElemName<'a>;

    fn finish(self) -> Html {
        self.tree.finish()
    }

    fn parse_error(&self, message: Cow<'static, str>) {
        self.tree.parse_error(message);
    }

    fn get_document(&self) -> Handle {
        self.tree.get_document()
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> Self::ElemName<'a> {
        self.step().elem_name(target)
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> Handle {
        self.made();
        self.compared(&name, attributes.len());
        let handle = self.step().create_element(name, attributes, flags);
        self.last.replace(Some(handle));
        handle
    }

    fn create_comment(&self, text: StrTendril) -> Handle {
        self.made();
        self.step().create_comment(text)
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> Handle {
        self.made();
        self.step().create_pi(target, data)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.step().append(parent, child);
    }

    fn append_based_on_parent_node(&self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
        self.step().append_based_on_parent_node(element, previous, child);
    }

    fn append_doctype_to_document(&self, name: StrTendril, public_id: StrTendril, system_id: StrTendril) {
        self.tree.append_doctype_to_document(name, public_id, system_id);
    }

    fn get_template_contents(&self, target: &Handle) -> Handle {
        self.step().get_template_contents(target)
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        self.step().same_node(x, y)
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.tree.set_quirks_mode(mode);
    }

    fn append_before_sibling(&self, sibling: &Handle, new: NodeOrText<Handle>) {
        self.step().append_before_sibling(sibling, new);
    }

    fn add_attrs_if_missing(&self, target: &Handle, attributes: Vec<Attribute>) {
        self.step().add_attrs_if_missing(target, attributes);
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.step().remove_from_parent(target);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        self.step().reparent_children(node, new_parent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(markup: &str, expected: Result<(), TooComplex>) {
        assert_eq!(document(markup).map(|_| ()), expected, "document: {markup:.60}");
        assert_eq!(fragment(markup).map(|_| ()), expected, "fragment: {markup:.60}");
    }

    #[test]
    fn refuses_costly_markup() {
        check(&"<div>".repeat(40_000), Err(TooComplex::Depth));
        check(&"<ul><li>".repeat(20_000), Err(TooComplex::Depth));
        check(&"<div></x>".repeat(20_000), Err(TooComplex::Depth));
        check(&"<div><table></div></table>".repeat(10_000), Err(TooComplex::Depth));
        check(&"<b i><i i>x</b>".repeat(2_000), Err(TooComplex::Depth));
        check(&"<title><script></title><div>".repeat(2_000), Err(TooComplex::Depth));
        check(&format!("<noscript>{}", "<div>".repeat(2_000)), Err(TooComplex::Depth));
        check(&"<p>".repeat(MAX_ELEMENTS + 100), Err(TooComplex::Elements));
        check(&format!("<p {}>", "a=1 ".repeat(20_000)), Err(TooComplex::Attributes));
        check(&"<!---->".repeat(MAX_ELEMENTS + 100), Err(TooComplex::Elements));
        let names = (0..20).map(|it| format!("a{it}")).collect::<Vec<_>>().join(" ");
        let open = (0..300).map(|it| format!("<b {names} id={it}>")).collect::<Vec<_>>().concat();
        check(&format!("{open}{}", format!("<b {names}></b>").repeat(20_000)), Err(TooComplex::Nesting));
        check(&"x".repeat(MAX_BYTES + 1), Err(TooComplex::Bytes(MAX_BYTES + 1)));
        check(&format!("{}{}", "<span>".repeat(300), "</x>".repeat(20_000)), Err(TooComplex::Nesting));
    }

    #[test]
    fn passes_what_pages_do() {
        for markup in [
            "<p>x".repeat(5_000),
            "<li><b><a a b c d e f g h i j k=1>x</a></b> <em class=x>y</em>".repeat(10_000),
            "<!-- x --><p>y".repeat(10_000),
            "<div><a href='a>b'>x</a></div>".repeat(2_000),
            format!("<script>{}</script>", "if (a < b) { '<div>' }".repeat(2_000)),
            format!("<!-- {} -->", "<div>".repeat(1_000)),
            "1 < 2 <3 </ >".repeat(1_000),
            format!("<img src='data:image/png;base64,{}'>", "iVBOR/w0 ".repeat(40_000)),
            format!("<a title='it's'>{}", "<b>it's</b>".repeat(3_000)),
        ] {
            check(&markup, Ok(()));
        }
    }

    #[test]
    fn pieces_are_parsed_as_the_whole() {
        let markup =
            "<p>ნატო <b>Ադրբեջան</b> &amp; &eacute;<table>x<td>y</table><!-- z --><script>a<b</script>".repeat(50);
        let whole = scraper::Html::parse_fragment(&markup).html();
        assert_eq!(fragment(&markup).unwrap().html(), whole);
    }
}
