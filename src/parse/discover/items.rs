//! Guesses the list of articles in a page from what repeats.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use scraper::{ElementRef, Html};
use url::Url;

use crate::model::{Listing, Selector, SourceKind};

use super::super::{canonical, selected};
use super::Lead;

/// Minimum characters of a link's text for it to be a headline rather than a menu entry.
const MIN_HEADLINE: usize = 20;
/// Fewer items are no list.
const MIN_ITEMS: usize = 4;
/// Headlines looked at: a list shows itself in fewer.
const MAX_HEADLINES: usize = 500;
/// Elements around a headline that may be its item.
const MAX_LEVELS: usize = 5;
/// Elements whose links are for navigation.
const FRAME: &[&str] = &["nav", "footer", "aside", "header", "form"];

/// The elements that match one selector.
#[derive(Default)]
struct Form<'a> {
    items: Vec<ElementRef<'a>>,
    links: BTreeSet<String>,
}

/// The most likely list of a page.
pub(super) fn listing(html: &Html, base: &Url) -> Option<Lead> {
    let anchors = selected::all(html, &css("a[href]"));
    let mut forms = BTreeMap::<String, Form<'_>>::new();
    for (anchor, link) in anchors.into_iter().filter_map(|it| Some((it, headline(it, base)?))).take(MAX_HEADLINES) {
        let around = anchor.ancestors().filter_map(ElementRef::wrap);
        let levels: Vec<_> = std::iter::once(anchor).chain(around).take(MAX_LEVELS).collect();
        for element in levels {
            let Some(form) = form(element) else { continue };
            let entry = forms.entry(form).or_default();
            if !entry.items.iter().any(|it| it.id() == element.id()) {
                entry.items.push(element);
            }
            entry.links.insert(link.clone());
        }
    }
    let mut best: Option<(usize, String, Form<'_>)> = None;
    for (form, found) in forms {
        // One headline an item, so that an item is neither a whole list nor a part of an article's card.
        let (items, links) = (found.items.len(), found.links.len());
        if items < MIN_ITEMS || links * 10 < items * 8 || links > items {
            continue;
        }
        let dated = found.items.iter().filter(|it| date_of(**it).is_some()).count();
        let score = 2 * links + dated;
        if best.as_ref().is_none_or(|(most, ..)| score > *most) {
            best = Some((score, form, found));
        }
    }
    let (_, form, found) = best?;
    let sample: Vec<_> = found.items.iter().take(MIN_ITEMS).copied().collect();
    let heading = ["h2", "h3", "h4", "h1"].into_iter().find(|it| sample.iter().all(|item| has(*item, it)));
    let date = sample.iter().find_map(|it| date_of(*it));
    let listing = Listing {
        item: css(&form),
        link: None,
        title: heading.map(css),
        // A `<time>` is looked for anyway.
        date: date.filter(|it| it.css != "time"),
        summary: None,
        next: None,
        zone: Tz::UTC,
    };
    Some(Lead {
        url: base.clone(),
        kind: SourceKind::Listing(listing),
        why: "what repeats in the page looks like a list",
    })
}

fn css(text: &str) -> Selector {
    Selector { css: text.to_owned(), attribute: None }
}

fn has(element: ElementRef<'_>, name: &str) -> bool {
    selected::first(element, &css(name)).is_some()
}

/// The address of a link that has a headline, or stands around one, on the page's own site.
fn headline(anchor: ElementRef<'_>, base: &Url) -> Option<String> {
    let is_framed = anchor.ancestors().filter_map(ElementRef::wrap).any(|it| FRAME.contains(&it.value().name()));
    if is_framed || selected::text(anchor).chars().count() < MIN_HEADLINE {
        return None;
    }
    let url = base.join(anchor.attr("href")?.trim()).ok()?;
    let is_own = url.host_str() == base.host_str() && url.path().len() > 1 && url.path() != base.path();
    is_own.then(|| url.into())
}

/// A selector for elements that are made like this one.
fn form(element: ElementRef<'_>) -> Option<String> {
    let name = element.value().name();
    if matches!(name, "html" | "body" | "main") {
        return None;
    }
    // Names with digits, or with what only a style sheet generator writes, differ from item to item and week to week.
    let is_plain = |it: &&str| {
        !it.is_empty() && it.len() <= 40 && it.bytes().all(|it| it.is_ascii_alphabetic() || it == b'-' || it == b'_')
    };
    let classes: Vec<&str> = element.value().classes().filter(is_plain).take(2).collect();
    match (classes.as_slice(), name) {
        ([], "article" | "li" | "tr") => Some(name.to_owned()),
        ([], _) => None,
        (classes, name) => Some(format!("{name}.{}", classes.join("."))),
    }
}

/// Where an item has its date, if it has one.
fn date_of(item: ElementRef<'_>) -> Option<Selector> {
    const PLACES: &[&str] = &["time", "[class*=date]", "[class*=time]"];
    PLACES.iter().map(|it| css(it)).find(|it| {
        let Some(element) = selected::first(item, it) else { return false };
        element.attr("datetime").is_some() || canonical::date(&selected::text(element), Tz::UTC).is_some()
    })
}
