//! Ways in which a site may be read, guessed from one of its pages. Each is a guess until it has been tried.

mod items;
mod state;

use scraper::Html;
use url::Url;

use crate::model::{JsonList, Selector, Sitemap, SourceKind};

use super::{Document, charset, selected};

/// Usual paths of feeds on sites that do not name theirs: the list of Miniflux, and paths used by sites of the region.
const USUAL_FEEDS: &[&str] = &["feed/", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "rss/", "index.rss"];
/// Usual paths of sitemaps, those for news first.
const USUAL_SITEMAPS: &[&str] = &["/news-sitemap.xml", "/sitemap-news.xml", "/sitemap.xml", "/sitemap_index.xml"];
/// Links of one page that are taken for feeds.
const MAX_LINKS: usize = 10;
/// How long an address of a sitemap counts as new.
const SITEMAP_AGE: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 3600);

/// A way in which a site may be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// The source's address.
    pub url: Url,
    /// How it would be read.
    pub kind: SourceKind,
    /// Why it is tried, in plain words.
    pub why: &'static str,
}

/// The guesses for the address itself: a feed, a sitemap, or the interface of WordPress.
pub fn itself(url: &Url) -> Vec<Lead> {
    let lead = |kind, why| Lead { url: url.clone(), kind, why };
    let mut leads = vec![lead(SourceKind::Syndication, "it is a feed itself")];
    if url.path().contains("sitemap") {
        leads.push(lead(SourceKind::Sitemap(any_sitemap()), "it is a sitemap itself"));
    }
    if url.path().contains("/wp-json/") {
        leads.push(lead(SourceKind::Json(JsonList::wordpress()), "it is WordPress' interface itself"));
    }
    leads
}

fn any_sitemap() -> Sitemap {
    Sitemap { include: Vec::new(), exclude: Vec::new(), max_age: SITEMAP_AGE }
}

/// The guesses from a page: the feeds that it names, then the lists in it.
pub fn of_page(document: Document<'_>) -> Vec<Lead> {
    if let Some(url) = channel_preview(document.url) {
        return vec![Lead { url, kind: SourceKind::Telegram, why: "the public preview of a Telegram channel" }];
    }
    let markup = charset::decode_page(document.bytes, document.content_type);
    let Ok(html) = selected::page(&markup) else { return Vec::new() };
    let mut leads = feeds(&html, document.url);
    leads.extend(state::list(&html, document.url));
    leads.extend(items::listing(&html, document.url));
    leads
}

/// Usual addresses of feeds, below the page and below the site's root.
pub fn usual_feeds(page: &Url) -> Vec<Lead> {
    let mut bases = vec![page.clone()];
    if let Some(below) = bases.first_mut().filter(|it| !it.path().ends_with('/')) {
        below.set_path(&format!("{}/", page.path()));
    }
    bases.extend(page.join("/"));
    let mut leads = Vec::<Lead>::new();
    for url in bases.iter().flat_map(|base| USUAL_FEEDS.iter().filter_map(|path| base.join(path).ok())) {
        if leads.iter().all(|it| it.url != url) {
            leads.push(Lead { url, kind: SourceKind::Syndication, why: "a usual place for feeds" });
        }
    }
    leads
}

/// The interface of WordPress, and sitemaps: those that robots.txt names, then the usual ones.
pub fn beside_feeds(page: &Url, robots: &str) -> Vec<Lead> {
    let wordpress = page.join("/wp-json/wp/v2/posts?per_page=50").ok();
    let wordpress = wordpress.map(|url| Lead {
        url,
        kind: SourceKind::Json(JsonList::wordpress()),
        why: "the interface that WordPress sites have",
    });
    let named = robots.lines().filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case("sitemap").then(|| Url::parse(value.trim()).ok())?
    });
    let mut named: Vec<Url> = named.take(MAX_LINKS).collect();
    // Those for news first: they are short, and have titles and dates.
    named.sort_by_key(|it| !it.path().contains("news"));
    let usual = USUAL_SITEMAPS.iter().filter_map(|it| page.join(it).ok());
    let mut sitemaps = Vec::<Lead>::new();
    for (url, why) in named
        .into_iter()
        .map(|it| (it, "named in robots.txt"))
        .chain(usual.map(|it| (it, "a usual place for sitemaps")))
    {
        let kind = SourceKind::Sitemap(any_sitemap());
        if sitemaps.iter().all(|it| it.url != url) {
            sitemaps.push(Lead { url, kind, why });
        }
    }
    wordpress.into_iter().chain(sitemaps).collect()
}

/// `https://t.me/s/channel` for any address of a public channel.
fn channel_preview(url: &Url) -> Option<Url> {
    if !matches!(url.host_str(), Some("t.me" | "telegram.me")) {
        return None;
    }
    let name = url.path_segments()?.find(|it| !it.is_empty() && *it != "s")?;
    Url::parse(&format!("https://t.me/s/{name}")).ok()
}

/// The feeds that a page names: `<link rel="alternate">`, then links that look like feeds.
fn feeds(html: &Html, base: &Url) -> Vec<Lead> {
    const TYPES: &[&str] = &["rss+xml", "atom+xml", "feed+json", "rdf+xml"];
    let css = |text: &str| Selector { css: text.to_owned(), attribute: None };
    let named = selected::all(html, &css("link[rel~=alternate][href]")).into_iter().filter_map(|it| {
        let media_type = it.attr("type").unwrap_or_default().to_ascii_lowercase();
        let is_feed = TYPES.iter().any(|known| media_type.contains(known));
        Some((it.attr("href").filter(|_| is_feed)?, "the page names it as its feed"))
    });
    let linked = selected::all(html, &css("a[href]")).into_iter().filter_map(|it| {
        let href = it.attr("href")?;
        let path = href.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let is_feed =
            matches!(last, "rss" | "feed" | "feeds" | "atom") || last.contains("rss") || last.ends_with("feed.xml");
        is_feed.then_some((href, "the page links to it"))
    });
    let mut leads = Vec::<Lead>::new();
    for (href, why) in named.chain(linked) {
        // WordPress names a feed of the comments on each page, and interfaces that are no feeds.
        let Ok(url) = base.join(href.trim()) else { continue };
        let is_other = url.path().contains("/comments/") || url.path().contains("/wp-json/oembed");
        if !is_other && leads.len() < MAX_LINKS && leads.iter().all(|it| it.url != url) {
            leads.push(Lead { url, kind: SourceKind::Syndication, why });
        }
    }
    leads
}

#[cfg(test)]
mod tests;
