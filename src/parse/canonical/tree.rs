//! Builds the tree of a document's elements. Every document has one, however badly its tags match.

use std::{borrow::Cow, rc::Rc};

use url::Url;

use super::{
    addresses,
    element::{Element, Node, VOID},
    names::{self, Space},
    references::References,
    tokens::{Tag, Token, Tokens},
};

/// Maximum elements open at once; deeper ones lose their tags and keep their text. Real feeds stay under 50.
const MAX_DEPTH: usize = 200;
/// Elements of one document: a feed of 50,000 entries has some 500,000.
const MAX_ELEMENTS: usize = 2_000_000;
/// Maximum elements held at once, by [weight](Element::weight): those of the feed itself and of one entry. About 400
/// bytes each.
const MAX_HELD: usize = 100_000;
/// Maximum unmatched end tags: each is looked up among all open elements. Further ones are ignored.
const MAX_STRAYS: usize = 50_000;
/// Prefixes declared at once: every element looks its own up in them.
const MAX_SCOPES: usize = 200;

/// Fields that hold text only, so that the start of another field ends them.
const LEAVES: &[&str] = &["title", "link", "guid", "pubdate", "published", "updated", "id"];
/// Fields that end a leaf that was left open.
const FIELDS: &[&str] = &[
    "title",
    "link",
    "guid",
    "pubdate",
    "published",
    "updated",
    "id",
    "description",
    "author",
    "category",
    "enclosure",
    "comments",
    "summary",
    "content",
];

/// The problem of a document that ends too early.
pub(in crate::parse) const CUT: &str = "the document ends before its last end tags";

/// A document's root, whose children are the document, and what is wrong with it.
#[derive(Debug)]
pub(in crate::parse) struct Tree<'a> {
    pub(in crate::parse) root: Element<'a>,
    pub(in crate::parse) problems: Vec<&'static str>,
}

/// Called with each element when it ends, and its ancestors, outermost first. Returns whether it has taken what it
/// wants from the element, which is then left out of the tree.
pub(in crate::parse) type Take<'a, 'b> = &'b mut dyn FnMut(&[Element<'a>], &Element<'a>) -> bool;

/// Reads a document. `base` is its own address.
pub(in crate::parse) fn read<'a>(text: &'a str, base: Option<Url>, take: Take<'a, '_>) -> Tree<'a> {
    let root = Element {
        space: Space::Other,
        name: "",
        local: Cow::Borrowed(""),
        attributes: Vec::new(),
        children: Vec::new(),
        base: base.map(Rc::new),
        language: None,
        is_cut: false,
        is_plucked: false,
    };
    let mut builder = Builder {
        take,
        root,
        open: Vec::new(),
        scopes: Vec::new(),
        references: References::new(),
        flattened: 0,
        is_deep: false,
        n_elements: 0,
        n_held: 0,
        n_strays: 0,
        misfits: false,
    };
    let mut tokens = Tokens::new(text);
    let mut is_whole = true;
    for token in tokens.by_ref() {
        match token {
            Token::Text(it) => {
                if !builder.open.is_empty() {
                    let it = builder.references.resolve(it);
                    builder.text(it);
                }
            }
            Token::Verbatim(it) => builder.text(Cow::Borrowed(it)),
            Token::Doctype(it) => builder.references.declare(it),
            Token::End(name) => builder.end(name),
            Token::Start(_) if builder.n_elements >= MAX_ELEMENTS || builder.n_held >= MAX_HELD => {
                is_whole = false;
                break;
            }
            Token::Start(tag) => builder.start(tag),
        }
    }
    let misfits = builder.misfits;
    let has_odd_references = builder.references.is_broken;
    let is_cut = !builder.open.is_empty();
    let (root, is_deep) = builder.finish();
    let problems = [
        (tokens.is_broken, "the markup is broken"),
        (has_odd_references, "a bare & or an entity that XML does not know"),
        (misfits, "end tags are missing or out of place"),
        (is_cut && is_whole, CUT),
        (is_deep, "the markup is nested too deep, inner tags are ignored"),
        (!is_whole, "the document has too many elements, the rest is not read"),
    ];
    Tree { root, problems: problems.into_iter().filter(|(met, _)| *met).map(|(_, it)| it).collect() }
}

struct Builder<'a, 'b> {
    take: Take<'a, 'b>,
    root: Element<'a>,
    open: Vec<Element<'a>>,
    /// Declared prefixes with the depth of their element, innermost last.
    scopes: Vec<(usize, &'a str, Space)>,
    references: References<'a>,
    /// Number of start tags beyond the depth limit that still lack their end tags.
    flattened: usize,
    is_deep: bool,
    n_elements: usize,
    n_held: usize,
    n_strays: usize,
    misfits: bool,
}

impl<'a> Builder<'a, '_> {
    fn parent(&mut self) -> &mut Element<'a> {
        self.open.last_mut().unwrap_or(&mut self.root)
    }

    /// Adds text to what is there: one node for a run of texts.
    fn text(&mut self, text: Cow<'a, str>) {
        let children = &mut self.parent().children;
        match children.last_mut() {
            Some(Node::Text(it)) => it.to_mut().push_str(&text),
            _ => children.push(Node::Text(text)),
        }
    }

    /// Closes the innermost elements until `depth` are open.
    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth
            && let Some(mut it) = self.open.pop()
        {
            // Most have one child, for which room for four was made.
            it.children.shrink_to_fit();
            self.put(it);
        }
        while self.scopes.pop_if(|(at, ..)| *at >= depth).is_some() {}
    }

    /// Puts a whole element where it belongs.
    fn put(&mut self, element: Element<'a>) {
        if (self.take)(&self.open, &element) {
            self.n_held = self.n_held.saturating_sub(element.weight());
            self.parent().is_plucked = true;
        } else {
            self.parent().children.push(Node::Element(element));
        }
    }

    fn start(&mut self, tag: Tag<'a>) {
        self.n_elements += 1;
        let attributes: Vec<_> =
            tag.attributes.into_iter().map(|(name, value)| (name, self.references.resolve(value))).collect();
        let (prefix, local) = tag.name.split_once(':').unwrap_or(("", tag.name));
        let local = match local.bytes().any(|it| it.is_ascii_uppercase()) {
            true => Cow::Owned(local.to_ascii_lowercase()),
            false => Cow::Borrowed(local),
        };
        let declared = attributes.iter().filter_map(|(name, value)| match name.strip_prefix("xmlns") {
            Some("") => Some(("", names::of_address(value))),
            Some(rest) => Some((rest.strip_prefix(':')?, names::of_address(value))),
            None => None,
        });
        let declared: Vec<_> = declared.collect();
        let space = self.space(prefix, &local, &declared);
        self.make_room(space, &local);

        let depth = self.open.len();
        if depth >= MAX_DEPTH {
            self.is_deep = true;
            self.flattened += usize::from(!tag.is_empty);
            return;
        }
        let find = |name: &str| attributes.iter().find(|(it, _)| *it == name).map(|(_, value)| value.trim());
        let parent = self.open.last().unwrap_or(&self.root);
        let base = match find("xml:base").filter(|it| !it.is_empty()) {
            Some(it) => addresses::base(it, parent.base.as_deref()).map(Rc::new).or_else(|| parent.base.clone()),
            None => parent.base.clone(),
        };
        let language = match find("xml:lang") {
            Some(it) => Some(Rc::from(it)).filter(|it: &Rc<str>| !it.is_empty()),
            None => parent.language.clone(),
        };
        let is_void = VOID.contains(&local.as_ref());
        let element = Element {
            space,
            name: tag.name,
            local,
            attributes,
            children: Vec::new(),
            base,
            language,
            is_cut: false,
            is_plucked: false,
        };
        self.n_held += element.own_weight();
        if tag.is_empty || is_void {
            self.put(element);
            return;
        }
        if self.scopes.len() < MAX_SCOPES {
            self.scopes.extend(declared.into_iter().map(|(prefix, space)| (depth, prefix, space)));
        }
        // `<feed>` without a namespace: its elements are Atom's.
        if space == Space::Atom && prefix.is_empty() && element.local == "feed" {
            self.scopes.push((depth, "", Space::Atom));
        }
        self.open.push(element);
    }

    fn space(&self, prefix: &str, local: &str, declared: &[(&str, Space)]) -> Space {
        let own = declared.iter().find(|(it, _)| *it == prefix).map(|(_, space)| *space);
        let found = own.or_else(|| self.scopes.iter().rev().find(|(_, it, _)| *it == prefix).map(|(.., it)| *it));
        match (found, prefix.is_empty()) {
            (None | Some(Space::Rss | Space::Other), true) if local == "feed" => Space::Atom,
            // An unknown default namespace on a feed is some edition of RSS.
            (None | Some(Space::Other), true) if self.open.len() < 4 => Space::Rss,
            (None, true) => Space::Rss,
            (Some(Space::Other) | None, false) => names::of_prefix(prefix),
            (Some(it), _) => it,
        }
    }

    /// Closes elements that cannot contain the one that starts now.
    fn make_room(&mut self, space: Space, local: &str) {
        if !matches!(space, Space::Rss | Space::Atom) {
            return;
        }
        if matches!(local, "item" | "entry") {
            // An entry is a child of a feed, never of an entry or of a field that lost its end tag.
            let within = self.open.iter().position(|it| it.is_item() && it.space == space);
            let holder = self.open.iter().rposition(|it| it.is_container() && !it.is_item()).map(|it| it + 1);
            let holder = holder.filter(|_| !self.open.last().is_some_and(Element::is_wrapper));
            let depth = within.into_iter().chain(holder).min().filter(|it| *it < self.open.len());
            if let Some(depth) = depth {
                self.misfits = true;
                self.flattened = 0;
                self.close_to(depth);
            }
        } else if FIELDS.contains(&local)
            && let Some(last) = self.open.last()
            && last.space == space
            && last.local != local
            && LEAVES.contains(&last.local.as_ref())
            && !last.has_elements()
        {
            self.misfits = true;
            self.close_to(self.open.len() - 1);
        }
    }

    fn end(&mut self, name: &str) {
        if self.n_strays > MAX_STRAYS && self.open.last().is_some_and(|it| it.name != name) {
            return;
        }
        let found = self
            .open
            .iter()
            .rposition(|it| it.name == name)
            .or_else(|| self.open.iter().rposition(|it| it.name.eq_ignore_ascii_case(name)));
        let Some(at) = found else {
            self.n_strays += 1;
            let is_void = VOID.iter().any(|it| it.eq_ignore_ascii_case(name));
            self.misfits |= self.flattened == 0 && !is_void;
            self.flattened = self.flattened.saturating_sub(1);
            return;
        };
        let is_container = self.open.get(at).is_some_and(Element::is_container);
        if self.flattened > 0 && !is_container {
            self.flattened -= 1;
            return;
        }
        let crosses = self.open.iter().skip(at + 1).any(Element::is_container);
        self.misfits |= at + 1 != self.open.len();
        if is_container || !crosses {
            self.flattened = 0;
            self.close_to(at);
        }
    }

    fn finish(mut self) -> (Element<'a>, bool) {
        for it in &mut self.open {
            it.is_cut = true;
        }
        self.close_to(0);
        (self.root, self.is_deep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Tree<'_> {
        read(text, None, &mut |_, _| false)
    }

    fn outline(element: &Element<'_>) -> String {
        let children = element.children.iter().map(|it| match it {
            Node::Text(it) => it.trim().to_owned(),
            Node::Element(it) => outline(it),
        });
        let children: Vec<_> = children.filter(|it| !it.is_empty()).collect();
        format!("{}({})", element.local, children.join(" "))
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(outline(&whole(text).root), expected, "{text}");
    }

    #[test]
    fn a_sound_document_has_no_problems() {
        let tree = whole(
            "<?xml version='1.0'?>\n<rss version='2.0'><channel><item><title>a</title><link>b</link>\
             <description>c &lt;br&gt; d<br/></description></item></channel></rss>\n",
        );
        assert_eq!(outline(&tree.root), "(rss(channel(item(title(a) link(b) description(c <br> d br())))))");
        assert_eq!(tree.problems, [""; 0]);
    }

    #[test]
    fn puts_entries_back_beside_each_other() {
        check("<channel><item><title>a</title><item><title>b", "(channel(item(title(a)) item(title(b))))");
        check("<channel><title>x<item>a</item>", "(channel(title(x) item(a)))");
        check(
            "<rss xmlns:i='http://www.itunes.com/dtds/podcast-1.0.dtd'><i:category text='a'><item>b</item></rss>",
            "(rss(category() item(b)))",
        );
    }

    #[test]
    fn keeps_the_entries_of_a_foreign_vocabulary_apart() {
        check(
            "<feed><x:y xmlns:x='urn:x'><entry>a</entry></x:y><entry>b</entry></feed>",
            "(feed(y(entry(a)) entry(b)))",
        );
    }

    #[test]
    fn a_field_ends_a_field_that_was_left_open() {
        check("<item><title>a<link>b<guid>c</item>", "(item(title(a) link(b) guid(c)))");
        check("<item><description>a <link> b</description></item>", "(item(description(a link(b))))");
    }

    #[test]
    fn stray_end_tags_close_nothing_outside_their_entry() {
        check(
            "<channel><item><title>a</title></p></channel2><link>b</link></item><item>c</item></channel>",
            "(channel(item(title(a) link(b)) item(c)))",
        );
        check("<x><item><b>a</x>b</item>", "(x(item(b(ab))))");
        check("<item><TITLE>a</title><br>b</item>", "(item(title(a) br() b))");
    }

    #[test]
    fn knows_vocabularies_by_address_and_by_prefix() {
        let spaces = |text: &str| {
            let tree = whole(text);
            let root = tree.root.elements().next().unwrap();
            (root.space, root.elements().next().unwrap().space)
        };
        assert_eq!(spaces("<feed><title>"), (Space::Atom, Space::Atom));
        assert_eq!(spaces("<a:feed xmlns:a='http://purl.org/atom/ns#'><a:title>"), (Space::Atom, Space::Atom));
        assert_eq!(spaces("<rss><dc:date>"), (Space::Rss, Space::Dc));
        assert_eq!(spaces("<rss xmlns='urn:unknown'><title>"), (Space::Rss, Space::Rss));
        assert_eq!(spaces("<rss xmlns:q='http://purl.org/dc/elements/1.1/'><q:date>"), (Space::Rss, Space::Dc));
    }

    #[test]
    fn holds_its_limits() {
        let deep = format!("<channel>{}text{}</channel><z>", "<b>".repeat(100_000), "</b>".repeat(100_000));
        let tree = whole(&deep);
        assert!(tree.problems.iter().any(|it| it.contains("nested too deep")), "{:?}", tree.problems);
        assert!(tree.root.elements().nth(1).is_some_and(|it| it.local == "z"));
        assert_eq!(tree.root.text(), "text");
        let many = whole("<<<<<<<<");
        assert!(many.root.children.len() <= 1);
    }
}
