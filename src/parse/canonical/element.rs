//! An element of a document's tree.

use std::{borrow::Cow, rc::Rc};

use url::Url;

use super::names::Space;

/// Elements of HTML that have no end tag.
pub(super) const VOID: &[&str] = &["br", "hr", "img", "input", "meta", "wbr"];
/// Elements that contain entries or are entries: an end tag inside one never closes one.
const CONTAINERS: &[&str] = &["item", "entry", "channel", "feed", "rss", "rdf", "items"];
/// Text or an element.
#[derive(Debug)]
pub(super) enum Node<'a> {
    Text(Cow<'a, str>),
    Element(Element<'a>),
}

/// An element with everything that it inherits from its ancestors.
#[derive(Debug)]
pub(in crate::parse) struct Element<'a> {
    pub(super) space: Space,
    /// As it is written, with its prefix.
    pub(super) name: &'a str,
    /// Lower case, without prefix.
    pub(in crate::parse) local: Cow<'a, str>,
    pub(super) attributes: Vec<(&'a str, Cow<'a, str>)>,
    pub(super) children: Vec<Node<'a>>,
    /// The base of relative addresses.
    pub(super) base: Option<Rc<Url>>,
    pub(super) language: Option<Rc<str>>,
    /// The document ended within it.
    pub(in crate::parse) is_cut: bool,
    /// Whether children of it were removed from the tree.
    pub(super) is_plucked: bool,
}

impl<'a> Element<'a> {
    /// The attribute's value: by its exact name, else under any prefix or in any case.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let exact = self.attributes.iter().find(|(it, _)| *it == name);
        let found = exact.or_else(|| {
            self.attributes.iter().find(|(it, _)| {
                let (prefix, local) = it.split_once(':').unwrap_or(("", it));
                prefix != "xmlns" && local.eq_ignore_ascii_case(name)
            })
        });
        found.map(|(_, value)| value.as_ref())
    }

    pub(in crate::parse) fn elements(&self) -> impl Iterator<Item = &Element<'a>> {
        self.children.iter().filter_map(|it| match it {
            Node::Element(it) => Some(it),
            Node::Text(_) => None,
        })
    }

    pub(super) fn has_elements(&self) -> bool {
        self.is_plucked || self.elements().next().is_some()
    }

    /// Its size in memory with its content, in elements with few attributes.
    pub(super) fn weight(&self) -> usize {
        self.own_weight() + self.elements().map(Element::weight).sum::<usize>()
    }

    pub(super) fn own_weight(&self) -> usize {
        1 + self.attributes.len() / 4
    }

    /// All text within, without tags.
    pub(in crate::parse) fn text(&self) -> Cow<'_, str> {
        if let [Node::Text(it)] = self.children.as_slice() {
            return Cow::Borrowed(it);
        }
        let mut res = String::new();
        self.append_text(&mut res);
        Cow::Owned(res)
    }

    fn append_text(&self, res: &mut String) {
        for it in &self.children {
            match it {
                Node::Text(it) => res.push_str(it),
                Node::Element(it) => it.append_text(res),
            }
        }
    }

    /// The text without white space around it.
    pub(in crate::parse) fn trimmed(&self) -> String {
        self.text().trim().to_owned()
    }

    pub(super) fn is_item(&self) -> bool {
        matches!(self.space, Space::Rss | Space::Atom) && matches!(self.local.as_ref(), "item" | "entry")
    }

    /// Whether it is an element of a foreign vocabulary without content of its own: what is in it is not the feed's.
    pub(super) fn is_wrapper(&self) -> bool {
        let is_blank = |it: &Node<'_>| matches!(it, Node::Text(it) if it.trim().is_empty());
        self.space == Space::Other && !self.is_plucked && self.children.iter().all(is_blank)
    }

    pub(super) fn is_container(&self) -> bool {
        matches!(self.space, Space::Rss | Space::Atom | Space::Rdf) && CONTAINERS.contains(&self.local.as_ref())
    }
}
