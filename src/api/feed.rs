//! A feed as its publisher wrote it, for people and programs that look at the reader itself: `try feed`.
//!
//! Unlike the rest, this view has the publisher's own markup. It leaves the program here and only here, so it is
//! cleaned here: what comes out may be put into a page.

use std::{borrow::Cow, sync::LazyLock};

use feed_rs::model as feed;
use serde::Serialize;

use crate::{parse, text::html};

use super::instant;

/// A feed with its entries.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    feed: Channel<'a>,
    entries: Vec<Item<'a>>,
    problems: &'a [String],
}

#[derive(Debug, Serialize)]
struct Channel<'a> {
    id: Option<&'a str>,
    title: Option<String>,
    /// The site's address.
    link: Option<&'a str>,
    links: Vec<Link<'a>>,
    lang: Option<&'a str>,
    subtitle: Option<String>,
    rights: Option<String>,
    published: Option<String>,
    updated: Option<String>,
    authors: Vec<Author<'a>>,
    tags: Vec<&'a str>,
    /// Minutes that the feed may be held.
    ttl: Option<u64>,
    image: Option<&'a str>,
    /// A WebSub hub.
    hub: Option<&'a str>,
    /// The page of older entries (RFC 5005).
    older: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Item<'a> {
    id: Option<&'a str>,
    title: Option<String>,
    /// The article's address.
    link: Option<&'a str>,
    links: Vec<Link<'a>>,
    published: Option<String>,
    updated: Option<String>,
    summary: Option<String>,
    content: Option<String>,
    authors: Vec<Author<'a>>,
    tags: Vec<&'a str>,
    lang: Option<&'a str>,
    enclosures: Vec<Enclosure<'a>>,
}

#[derive(Debug, Serialize)]
struct Link<'a> {
    href: &'a str,
    rel: Option<&'a str>,
    #[serde(rename = "type")]
    media_type: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Enclosure<'a> {
    href: &'a str,
    #[serde(rename = "type")]
    media_type: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Author<'a> {
    name: Option<&'a str>,
    email: Option<&'a str>,
    url: Option<&'a str>,
}

impl<'a> From<&'a parse::Feed> for Document<'a> {
    fn from(it: &'a parse::Feed) -> Self {
        Self { feed: channel(it), entries: it.model.entries.iter().map(item).collect(), problems: &it.problems }
    }
}

fn channel(it: &parse::Feed) -> Channel<'_> {
    let model = &it.model;
    Channel {
        id: some(&model.id),
        title: text(model.title.as_ref()),
        link: page(&model.links),
        links: links(&model.links),
        lang: model.language.as_deref(),
        subtitle: text(model.description.as_ref()),
        rights: text(model.rights.as_ref()),
        published: model.published.map(instant),
        updated: model.updated.map(instant),
        authors: authors(&model.authors),
        tags: model.categories.iter().map(|it| it.term.as_str()).collect(),
        ttl: it.hints.ttl.map(|it| it.as_secs() / 60),
        image: model.logo.as_ref().or(model.icon.as_ref()).and_then(|it| address(&it.uri)),
        hub: it.hints.hub.as_ref().map(url::Url::as_str),
        older: it.hints.older.as_ref().map(url::Url::as_str),
    }
}

fn item(it: &feed::Entry) -> Item<'_> {
    let enclosures = it.links.iter().filter(|it| it.rel.as_deref() == Some("enclosure"));
    Item {
        id: some(&it.id),
        title: text(it.title.as_ref()),
        link: page(&it.links),
        links: links(&it.links),
        published: it.published.map(instant),
        updated: it.updated.map(instant),
        summary: text(it.summary.as_ref()),
        content: it.content.as_ref().and_then(|it| it.body.as_deref()).map(|it| clean(it).into_owned()),
        authors: authors(&it.authors),
        tags: it.categories.iter().map(|it| it.term.as_str()).collect(),
        lang: it.language.as_deref(),
        enclosures: enclosures.map(|it| Enclosure { href: &it.href, media_type: it.media_type.as_deref() }).collect(),
    }
}

/// An address that may stand in a page: relative, or of a scheme that does nothing by itself.
fn address(href: &str) -> Option<&str> {
    const SCHEMES: &[&str] = &["http", "https", "ftp", "mailto", "magnet", "feed", "urn", "tag", "nntp", "news"];
    let scheme = href.trim().split_once(':').map(|(scheme, _)| scheme.trim().to_ascii_lowercase());
    let is_name = |it: &String| it.bytes().all(|it| it.is_ascii_alphanumeric() || b"+-.".contains(&it));
    // Without a colon before the first slash it is relative, and so is what has no name before the colon.
    match scheme {
        Some(scheme) if !scheme.contains('/') => {
            (is_name(&scheme) && SCHEMES.contains(&scheme.as_str())).then_some(href)
        }
        _ => Some(href),
    }
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|it| !it.is_empty())
}

fn text(it: Option<&feed::Text>) -> Option<String> {
    it.map(|it| clean(&it.content).into_owned())
}

/// The page behind a feed or entry: its alternate (RFC 4287 §4.2.7.2: a link without `rel` is one), else the first
/// address that it gives at all, which may be the feed itself or an attached file.
fn page(links: &[feed::Link]) -> Option<&str> {
    let is_alternate = |it: &&feed::Link| it.rel.as_deref().is_none_or(|it| it == "alternate");
    let is_page = |it: &&feed::Link| !matches!(it.rel.as_deref(), Some("hub" | "next" | "prev-archive"));
    let mut alternates = links.iter().filter(is_alternate).filter_map(|it| address(&it.href));
    alternates.next().or_else(|| links.iter().filter(is_page).find_map(|it| address(&it.href)))
}

fn links(all: &[feed::Link]) -> Vec<Link<'_>> {
    all.iter().map(|it| Link { href: &it.href, rel: it.rel.as_deref(), media_type: it.media_type.as_deref() }).collect()
}

fn authors(all: &[feed::Person]) -> Vec<Author<'_>> {
    all.iter()
        .map(|it| Author {
            name: it.name.as_deref(),
            email: it.email.as_deref(),
            url: it.uri.as_deref().and_then(address),
        })
        .collect()
}

/// Markup with nothing active left in it. Markup that would cost too much to parse loses all its tags.
fn clean(markup: &str) -> Cow<'_, str> {
    static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(cleaner);
    if !markup.contains(['<', '&']) {
        return Cow::Borrowed(markup);
    }
    // What is judged is what is cleaned.
    let closed = html::with_closed_comments(markup);
    let markup = without_frames(&closed);
    match html::fragment(&markup) {
        Ok(_) => Cow::Owned(CLEANER.clean(&markup).to_string()),
        Err(_) => Cow::Owned(ammonia::clean_text(&html::plain(&markup))),
    }
}

/// Markup without the tags of frames. A parser takes what stands in a frame for text, tags and all, up to an end tag
/// that may never come; without them it is markup like the rest, and is cleaned like the rest.
fn without_frames(markup: &str) -> Cow<'_, str> {
    let is_frame = |tag: &str| {
        let name = tag.strip_prefix('/').unwrap_or(tag);
        ["iframe", "noembed", "noframes"]
            .iter()
            .any(|it| name.get(..it.len()).is_some_and(|n| n.eq_ignore_ascii_case(it)))
    };
    if !markup.split('<').skip(1).any(is_frame) {
        return Cow::Borrowed(markup);
    }
    let mut pieces = markup.split('<');
    let mut res = pieces.next().unwrap_or_default().to_owned();
    for it in pieces {
        if is_frame(it) {
            res.push_str(it.split_once('>').map_or("", |(_, after)| after));
        } else {
            res.push('<');
            res.push_str(it);
        }
    }
    Cow::Owned(res)
}

/// The allow list: that of `ammonia`, with the drawings and formulas that publishers put into texts.
fn cleaner() -> ammonia::Builder<'static> {
    let mut res = ammonia::Builder::default();
    res.link_rel(None).add_tags(SVG).add_tags(MATHML).add_generic_attributes(DRAWN);
    // MathML 3 §2.1.6: parts of a formula may be links. Their schemes are held to the same list as all.
    res.add_tag_attributes("mrow", ["href", "show", "type"]);
    res
}

/// Elements of SVG that draw and neither load, link nor move.
const SVG: &[&str] = &[
    "svg",
    "g",
    "defs",
    "path",
    "circle",
    "ellipse",
    "rect",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "desc",
    "title",
    "linearGradient",
    "radialGradient",
    "stop",
];

/// Elements of presentational MathML, without those in which HTML may stand.
const MATHML: &[&str] = &[
    "math",
    "mrow",
    "mi",
    "mn",
    "mo",
    "mfrac",
    "msup",
    "msub",
    "msubsup",
    "msqrt",
    "mroot",
    "mspace",
    "mtable",
    "mtr",
    "mtd",
    "mover",
    "munder",
    "munderover",
    "mfenced",
    "mpadded",
    "mphantom",
    "none",
];

/// Attributes of the two. None holds an address or a style.
const DRAWN: &[&str] = &[
    "baseProfile",
    "cx",
    "cy",
    "d",
    "display",
    "dx",
    "dy",
    "fill-opacity",
    "fill-rule",
    "fill",
    "font-family",
    "font-size",
    "font-weight",
    "fx",
    "fy",
    "gradientTransform",
    "gradientUnits",
    "height",
    "mathvariant",
    "offset",
    "opacity",
    "points",
    "preserveAspectRatio",
    "r",
    "rx",
    "ry",
    "stop-color",
    "stop-opacity",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-opacity",
    "stroke-width",
    "stroke",
    "text-anchor",
    "transform",
    "version",
    "viewBox",
    "width",
    "x",
    "x1",
    "x2",
    "xmlns",
    "y",
    "y1",
    "y2",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_active_leaves() {
        for markup in [
            "a<script>alert(1)</script>",
            "a<img src=x onerror=alert(1)>",
            "a<a href=\"javascript:alert(1)\">b</a>",
            "a<iframe srcdoc='<script>'></iframe>",
            "a<form action=x><button formaction=javascript:x>b</button></form>",
            "a<svg><animate onbegin=alert(1) attributeName=x>",
            "a<p style=\"background:url(javascript:x)\">b</p>",
            "a<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        ] {
            let clean = clean(markup);
            for bad in ["script", "onerror=", "iframe", "form", "onbegin", "style"] {
                // What stands escaped in a title is text.
                assert!(!clean.replace("&lt;img src=1 onerror=", "").contains(bad), "{markup} -> {clean}");
            }
            assert!(clean.starts_with('a'), "{clean}");
        }
    }

    #[test]
    fn markup_past_the_limits_loses_its_tags() {
        let deep = format!("{}<b onclick=x>text", "<div>".repeat(10_000));
        assert_eq!(clean(&deep), "text");
    }

    #[test]
    fn addresses_that_do_something_are_left_out() {
        for bad in ["javascript:alert(1)", " JaVaScRiPt:x", "data:text/html,x", "vbscript:x", "java\nscript:x"] {
            assert_eq!(address(bad), None, "{bad}");
        }
        for good in ["https://a.example/?x=javascript:1", "/a:b", "a/b:c", "?q=1", "mailto:a@b.example", ""] {
            assert_eq!(address(good), Some(good), "{good}");
        }
    }

    #[test]
    fn a_frame_hides_nothing_from_the_limits() {
        let deep = format!("<iframe>{}</iframe>text", "<div>".repeat(10_000));
        assert_eq!(clean(&deep), "text");
    }

    #[test]
    fn plain_text_stays() {
        assert_eq!(clean("Tbilisi"), "Tbilisi");
        assert_eq!(clean("a &amp; b <b>c</b>"), "a &amp; b <b>c</b>");
    }
}
