//! Sitemaps (sitemaps.org), with the tags of Google News, and indexes of them.

use std::collections::{HashSet, VecDeque};

use chrono_tz::Tz;
use url::Url;

use crate::{
    model::{Sitemap, SourceId, Timestamp, earlier},
    text::one_line,
};

use super::{
    Document, ParseError, Parsed, Settings, canonical,
    canonical::{element::Element, tree},
    charset,
    draft::{self, Draft},
    newest::Newest,
    page,
};

/// Sitemaps of an index that are read at one poll.
const MAX_PARTS: usize = 8;
/// Maximum sitemaps read of an index, which may have no more (sitemaps.org).
const MAX_LISTED: usize = 50_000;

/// Reads the entries of a sitemap, or the addresses of the sitemaps in an index.
pub(super) fn read(
    source: &SourceId,
    sitemap: &Sitemap,
    document: Document<'_>,
    settings: Settings,
) -> Result<Parsed, ParseError> {
    let text = charset::decode(document.bytes, document.content_type);
    if text.trim().is_empty() {
        return Err(ParseError::Empty);
    }
    let oldest = earlier(document.now, sitemap.max_age);
    let mut found = Found::new(settings.max_entries);
    // The addresses are read one by one: a sitemap may have 50,000 of them, most of them old.
    let tree = tree::read(text.trim_start_matches('\u{feff}').trim_start(), None, &mut |around, it| {
        let [root] = around else { return false };
        match (root.local.as_ref(), it.local.as_ref()) {
            // A truncated address is wrong.
            ("urlset", "url") if !it.is_cut => {
                let address = address(it).filter(|it| is_wanted(sitemap, &it.location));
                if let Some(it) = address.filter(|it| it.date().is_none_or(|it| it >= oldest)) {
                    found.add(it);
                }
            }
            ("sitemapindex", "sitemap") if found.parts.len() < MAX_LISTED => {
                found.parts.extend(part(it, document.url));
            }
            ("urlset", "url") | ("sitemapindex", "sitemap") => (),
            _ => return false,
        }
        true
    });
    let mut parsed =
        Parsed { problems: tree.problems.iter().map(|it| (*it).to_owned()).collect(), ..Parsed::default() };
    let Some(root) = tree.root.elements().find(|it| matches!(it.local.as_ref(), "urlset" | "sitemapindex")) else {
        return Err(match page::is_one(&text) {
            true => page::instead(&text),
            false => ParseError::Unreadable { what: "sitemap", reason: "it has no <urlset>".to_owned() },
        });
    };
    if root.local == "sitemapindex" {
        parts(found.parts, oldest, &mut parsed);
        return Ok(parsed);
    }
    let (addresses, n_addresses) = found.kept();
    if n_addresses > addresses.len() {
        parsed.problems.push(super::too_many(n_addresses, settings.max_entries));
    }
    parsed.entries = addresses.into_iter().filter_map(|it| it.draft(document.url).entry(source)).collect();
    Ok(parsed)
}

/// The addresses kept of a sitemap while it is read.
struct Found {
    /// Addresses with a date.
    newest: Newest<Address>,
    /// Addresses without a date: the first ones, and the last of the others.
    first: Vec<Address>,
    last: VecDeque<Address>,
    n_undated: usize,
    limit: usize,
    parts: Vec<(Url, Option<Timestamp>)>,
}

impl Found {
    fn new(limit: usize) -> Self {
        Self {
            newest: Newest::new(limit),
            first: Vec::new(),
            last: VecDeque::new(),
            n_undated: 0,
            limit,
            parts: Vec::new(),
        }
    }

    fn add(&mut self, address: Address) {
        if let Some(date) = address.date() {
            self.newest.add(Some(date), address);
            return;
        }
        self.n_undated += 1;
        if self.first.len() < self.limit {
            self.first.push(address);
            return;
        }
        self.last.push_back(address);
        if self.last.len() > self.limit {
            self.last.pop_front();
        }
    }

    /// The newest addresses first, then those without a date. Of these it is unknown at which end the new ones are, so
    /// both ends are kept. Also how many there were.
    fn kept(self) -> (Vec<Address>, usize) {
        let n_addresses = self.newest.n_added() + self.n_undated;
        let mut res: Vec<Address> = self.newest.kept().collect();
        res.sort_by_key(|it| std::cmp::Reverse(it.date()));
        let room = self.limit.saturating_sub(res.len());
        let tail = self.n_undated.saturating_sub(room - room / 2);
        let last = self.n_undated - self.last.len()..;
        let undated = self.first.into_iter().enumerate().chain(last.zip(self.last));
        res.extend(undated.filter(|(at, _)| *at < room / 2 || *at >= tail).map(|(_, it)| it));
        (res, n_addresses)
    }
}

/// What a sitemap says of an address.
struct Address {
    location: String,
    /// HTML.
    title: String,
    language: Option<String>,
    published: Option<Timestamp>,
    modified: Option<Timestamp>,
}

fn address(url: &Element<'_>) -> Option<Address> {
    let location = child(url, "loc")?.trimmed();
    let news = child(url, "news");
    let of_news = |name: &str| news.and_then(|it| child(it, name));
    let publication = of_news("publication");
    Some(Address {
        published: of_news("publication_date").and_then(date).or_else(|| in_path(&location)),
        modified: child(url, "lastmod").and_then(date),
        title: of_news("title").map(|it| one_line(&it.trimmed())).unwrap_or_default(),
        language: publication.and_then(|it| child(it, "language")).map(Element::trimmed),
        location,
    })
}

impl Address {
    fn date(&self) -> Option<Timestamp> {
        self.published.max(self.modified)
    }

    fn draft(&self, base: &Url) -> Draft<'_> {
        Draft {
            link: draft::link(&self.location, base),
            title: &self.title,
            published: self.published,
            updated: self.modified,
            language: self.language.as_deref(),
            ..Draft::default()
        }
    }
}

fn child<'a, 'b>(element: &'a Element<'b>, local: &str) -> Option<&'a Element<'b>> {
    element.elements().find(|it| it.local == local)
}

fn date(element: &Element<'_>) -> Option<Timestamp> {
    canonical::date(&element.text(), Tz::UTC)
}

/// The day that an address has in its path: `/2026/11/22/`, `/2026-11-22-`.
fn in_path(location: &str) -> Option<Timestamp> {
    let numbers: Vec<&str> = location.split(|c: char| !c.is_ascii_digit()).filter(|it| !it.is_empty()).collect();
    numbers.windows(3).find_map(|it| match it {
        [year, month, day] if year.len() == 4 && year.starts_with("20") && month.len() == 2 && day.len() == 2 => {
            canonical::date(&format!("{year}-{month}-{day}"), Tz::UTC)
        }
        _ => None,
    })
}

fn is_wanted(sitemap: &Sitemap, location: &str) -> bool {
    let has = |list: &[String]| list.iter().any(|it| location.contains(it.as_str()));
    (sitemap.include.is_empty() || has(&sitemap.include)) && !has(&sitemap.exclude)
}

/// A rank of a sitemap's content, by its name: 2 for news, 0 for lists and people of a site, 1 for anything else.
fn rank(url: &Url) -> u8 {
    const NO_ARTICLES: &[&str] = &["taxonom", "tag", "categor", "author", "user", "page-", "pages"];
    match url.path() {
        it if it.contains("news") => 2,
        it if NO_ARTICLES.iter().any(|word| it.contains(word)) => 0,
        _ => 1,
    }
}

/// Chooses the sitemaps of an index that may have something new: those for news first, then the newest by date, then
/// the last ones, since sites number them in order.
fn parts(listed: Vec<(Url, Option<Timestamp>)>, oldest: Timestamp, parsed: &mut Parsed) {
    let mut seen = HashSet::new();
    let recent =
        listed.into_iter().filter(|(url, date)| date.is_none_or(|it| it >= oldest) && seen.insert(url.clone()));
    let mut all: Vec<_> = recent.enumerate().map(|(at, (url, date))| (rank(&url), date, at, url)).collect();
    all.sort_by_key(|(rank, date, at, _)| std::cmp::Reverse((*rank, *date, *at)));
    if all.len() > MAX_PARTS {
        parsed.problems.push(format!("{} sitemaps may hold something new, {MAX_PARTS} are read", all.len()));
    }
    parsed.parts = all.into_iter().take(MAX_PARTS).map(|(.., url)| url).collect();
}

/// A sitemap of an index, with its date.
fn part(sitemap: &Element<'_>, base: &Url) -> Option<(Url, Option<Timestamp>)> {
    let url = base.join(&child(sitemap, "loc")?.trimmed()).ok()?;
    Some((url, child(sitemap, "lastmod").and_then(date)))
}
