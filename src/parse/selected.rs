//! Places in markup that a source's settings name.

use scraper::{ElementRef, Html};

use crate::{
    model::Selector,
    text::html::{self, TooComplex},
};

/// What is wrong with a CSS selector, if anything.
pub(super) fn flaw(css: &str) -> Option<String> {
    scraper::Selector::parse(css).err().map(|it| it.to_string())
}

/// A page, parsed within limits.
pub(super) fn page(markup: &str) -> Result<Html, TooComplex> {
    html::document(markup)
}

/// The elements under the root of `page` that `selector` names. One that is no CSS names none; the configuration has
/// refused it.
pub(super) fn all<'a>(page: &'a Html, selector: &Selector) -> Vec<ElementRef<'a>> {
    scraper::Selector::parse(&selector.css).map(|css| page.select(&css).collect()).unwrap_or_default()
}

/// The first element within `element` that `selector` names, or the element itself.
pub(super) fn first<'a>(element: ElementRef<'a>, selector: &Selector) -> Option<ElementRef<'a>> {
    if selector.css.is_empty() {
        return Some(element);
    }
    let css = scraper::Selector::parse(&selector.css).ok()?;
    element.select(&css).next()
}

/// The value of `selector` at an element that it selects: an attribute, or the text.
pub(super) fn value(element: ElementRef<'_>, selector: &Selector) -> Option<String> {
    let value = match &selector.attribute {
        Some(name) => element.attr(name)?.trim().to_owned(),
        None => text(element),
    };
    Some(value).filter(|it| !it.is_empty())
}

/// Maximum bytes of text: no title or summary of a list is longer, and items may be nested.
const MAX_TEXT: usize = 50_000;

/// An element's text, in one line.
pub(super) fn text(element: ElementRef<'_>) -> String {
    html::first_lines(element, MAX_TEXT).into_iter().map(|it| it.text).collect::<Vec<_>>().join(" ")
}
