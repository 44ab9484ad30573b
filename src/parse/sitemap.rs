//! Sitemaps (sitemaps.org), with the tags of Google News, and indexes of them.

use std::collections::HashSet;

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
    page,
};

/// Sitemaps of an index that are read at one poll.
const MAX_PARTS: usize = 8;

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
    let tree = tree::read(text.trim_start_matches('\u{feff}').trim_start(), None);
    let mut parsed =
        Parsed { problems: tree.problems.iter().map(|it| (*it).to_owned()).collect(), ..Parsed::default() };
    let Some(root) = tree.root.elements().find(|it| matches!(it.local.as_ref(), "urlset" | "sitemapindex")) else {
        return Err(match page::is_one(&text) {
            true => page::instead(&text),
            false => ParseError::Unreadable { what: "sitemap", reason: "it has no <urlset>".to_owned() },
        });
    };
    let oldest = earlier(document.now, sitemap.max_age);
    if root.local == "sitemapindex" {
        parts(root, document, oldest, &mut parsed);
        return Ok(parsed);
    }
    let mut drafts: Vec<Address> = root
        .elements()
        // Half an address is a wrong one.
        .filter(|it| it.local == "url" && !it.is_cut)
        .filter_map(address)
        .filter(|it| is_wanted(sitemap, &it.location))
        .filter(|it| it.date().is_none_or(|it| it >= oldest))
        .collect();
    // The newest first. Nothing says which end of those without a date is new: both ends are kept.
    let undated: Vec<_> = drafts.extract_if(.., |it| it.date().is_none()).collect();
    drafts.sort_by_key(|it| std::cmp::Reverse(it.date()));
    let room = settings.max_entries.saturating_sub(drafts.len());
    if undated.len() > room || drafts.len() > settings.max_entries {
        parsed.problems.push(super::too_many(drafts.len() + undated.len(), settings.max_entries));
    }
    drafts.truncate(settings.max_entries);
    let tail = undated.len().saturating_sub(room - room / 2);
    let kept = undated.into_iter().enumerate().filter(|(at, _)| *at < room / 2 || *at >= tail).map(|(_, it)| it);
    drafts.extend(kept);
    parsed.entries = drafts.into_iter().filter_map(|it| it.draft(document.url).entry(source)).collect();
    Ok(parsed)
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

/// What a sitemap holds, by its name: 2 news, 0 the lists and people of a site, 1 anything else.
fn rank(url: &Url) -> u8 {
    const NO_ARTICLES: &[&str] = &["taxonom", "tag", "categor", "author", "user", "page-", "pages"];
    match url.path() {
        it if it.contains("news") => 2,
        it if NO_ARTICLES.iter().any(|word| it.contains(word)) => 0,
        _ => 1,
    }
}

/// Chooses the sitemaps of an index that may hold something new: those for news first, then the newest by their dates,
/// then the last ones, since sites number them as they grow.
fn parts(root: &Element<'_>, document: Document<'_>, oldest: Timestamp, parsed: &mut Parsed) {
    let listed = root.elements().filter(|it| it.local == "sitemap").filter_map(|it| {
        let url = document.url.join(&child(it, "loc")?.trimmed()).ok()?;
        Some((url, child(it, "lastmod").and_then(date)))
    });
    let mut seen = HashSet::new();
    let recent = listed.filter(|(url, date)| date.is_none_or(|it| it >= oldest) && seen.insert(url.clone()));
    let mut all: Vec<_> = recent.enumerate().map(|(at, (url, date))| (rank(&url), date, at, url)).collect();
    all.sort_by_key(|(rank, date, at, _)| std::cmp::Reverse((*rank, *date, *at)));
    if all.len() > MAX_PARTS {
        parsed.problems.push(format!("{} sitemaps may hold something new, {MAX_PARTS} are read", all.len()));
    }
    parsed.parts = all.into_iter().take(MAX_PARTS).map(|(.., url)| url).collect();
}
