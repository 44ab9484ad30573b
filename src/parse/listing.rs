//! Web pages that list articles: the sources of sites that have no feed.

use std::collections::HashMap;

use scraper::{ElementRef, Html};

use crate::model::{CanonicalUrl, Listing, Selector, SourceId};

use super::{
    Document, ParseError, Parsed, canonical, charset,
    draft::{self, Draft},
    page, selected,
};

/// Maximum items read: a page with more is not meant for readers.
const MAX_ITEMS: usize = 2_000;

/// Reads the entries that the selectors name.
pub(super) fn read(source: &SourceId, listing: &Listing, document: Document<'_>) -> Result<Parsed, ParseError> {
    let markup = charset::decode_page(document.bytes, document.content_type);
    if markup.trim().is_empty() {
        return Err(ParseError::Empty);
    }
    let html =
        selected::page(&markup).map_err(|it| ParseError::Unreadable { what: "listing", reason: it.to_string() })?;
    let base = base(&html, document.url);
    let document = Document { url: &base, ..document };
    let mut items = selected::all(&html, &listing.item);
    items.truncate(MAX_ITEMS);
    let mut parsed = Parsed { title: title(&html), ..Parsed::default() };
    let mut places = HashMap::<CanonicalUrl, usize>::new();
    let mut without_link = 0_usize;
    for item in &items {
        let Some(entry) = entry(source, listing, document, *item) else {
            without_link += 1;
            continue;
        };
        let Some(link) = entry.link.clone() else { continue };
        // A picture and a headline often link to the same article, each in an item of its own.
        match places.get(&link).and_then(|at| parsed.entries.get_mut(*at)) {
            None => {
                places.insert(link, parsed.entries.len());
                parsed.entries.push(entry);
            }
            Some(held) => {
                if held.title.is_empty() {
                    held.title = entry.title;
                }
                held.published = held.published.or(entry.published);
            }
        }
    }
    if parsed.entries.is_empty() {
        return Err(match (page::is_challenge(&markup), items.len()) {
            (true, _) => page::instead(&markup),
            (false, 0) => ParseError::NoEntries { reason: format!("no element of the page is {:?}", listing.item.css) },
            (false, n) => ParseError::NoEntries { reason: format!("none of the {n} items of the page has a link") },
        });
    }
    if without_link > 0 {
        parsed.problems.push(format!("{without_link} of {} items have no link", items.len()));
    }
    parsed.next = listing.next.as_ref().and_then(|it| next(&html, it, document));
    Ok(parsed)
}

fn entry(
    source: &SourceId,
    listing: &Listing,
    document: Document<'_>,
    item: ElementRef<'_>,
) -> Option<crate::model::Entry> {
    let anchor = match &listing.link {
        Some(it) => selected::first(item, it),
        None if item.attr("href").is_some() => Some(item),
        None => selected::first(item, &any("a[href]")),
    }?;
    let attribute = listing.link.as_ref().and_then(|it| it.attribute.as_deref()).unwrap_or("href");
    let link = draft::link(anchor.attr(attribute)?, document.url)?;
    let at = |selector: &Selector| selected::first(item, selector).and_then(|it| selected::value(it, selector));
    let title = match &listing.title {
        Some(it) => at(it),
        None => {
            Some(selected::text(anchor)).filter(|it| !it.is_empty()).or_else(|| anchor.attr("title").map(str::to_owned))
        }
    };
    let date = match &listing.date {
        Some(it) => at(it),
        None => at(&Selector { attribute: Some("datetime".to_owned()), ..any("time[datetime]") }),
    };
    let summary = listing.summary.as_ref().and_then(at).map(|it| escaped(&it)).unwrap_or_default();
    let draft = Draft {
        link: Some(link),
        title: &title.map(|it| escaped(&it)).unwrap_or_default(),
        texts: [&summary, ""],
        published: date.and_then(|it| canonical::date(&it, listing.zone)),
        ..Draft::default()
    };
    draft.entry(source)
}

/// The base of relative links: `<base href>` if it is within the page's own site. On another site it would make this
/// page list that site's articles.
fn base(html: &Html, page: &url::Url) -> url::Url {
    let written = selected::all(html, &any("base[href]")).first().and_then(|it| it.attr("href").map(str::to_owned));
    let base = written.and_then(|it| page.join(it.trim()).ok());
    base.filter(|it| it.origin() == page.origin()).unwrap_or_else(|| page.clone())
}

fn any(css: &str) -> Selector {
    Selector { css: css.to_owned(), attribute: None }
}

/// Text as the HTML that drafts are made of.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn title(html: &Html) -> Option<String> {
    selected::all(html, &any("title")).first().and_then(|it| draft::line(&escaped(&it.text().collect::<String>())))
}

fn next(html: &Html, selector: &Selector, document: Document<'_>) -> Option<url::Url> {
    let element = *selected::all(html, selector).first()?;
    let address = element.attr(selector.attribute.as_deref().unwrap_or("href"))?;
    document.url.join(address.trim()).ok().filter(|it| it != document.url)
}
