//! Sitemaps (sitemaps.org), with the tags of Google News, and indexes of them.

use std::{
    cmp::Reverse,
    collections::{HashSet, VecDeque},
};

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
        res.sort_by_key(|it| Reverse(it.date()));
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
    let location = location(url)?;
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

/// An address as it is written. Megabytes are none, and are not to be copied and searched.
fn location(element: &Element<'_>) -> Option<String> {
    const MAX_BYTES: usize = 65_536;
    let text = child(element, "loc")?.text();
    Some(text.trim()).filter(|it| it.len() <= MAX_BYTES).map(str::to_owned)
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

/// Chooses the sitemaps of an index that may have something new: those for news first, then the newest by date, then by
/// the year and month in their names.
///
/// Of those that are equal by all this it is unknown which end is the new one, since some sites append and others list
/// the newest first: both ends are read in turn. A number does not tell either: `page=1` is the newest of many a site.
fn parts(listed: Vec<(Url, Option<Timestamp>)>, oldest: Timestamp, parsed: &mut Parsed) {
    let mut seen = HashSet::new();
    let recent =
        listed.into_iter().filter(|(url, date)| date.is_none_or(|it| it >= oldest) && seen.insert(url.clone()));
    let mut all: Vec<_> = recent.map(|(url, date)| (rank(&url), date, Name::of(&url), url)).collect();
    if all.len() > MAX_PARTS {
        parsed.problems.push(format!("{} sitemaps may hold something new, {MAX_PARTS} are read", all.len()));
    }
    all.sort_by_key(|(rank, date, ..)| Reverse((*rank, *date)));
    for equals in all.chunk_by_mut(|a, b| (a.0, a.1) == (b.0, b.1)) {
        if equals.iter().all(|(_, _, name, _)| !name.numbers.is_empty()) {
            // As a list in the order of text has them: 1, 10, 11, 2.
            equals.sort_by(|a, b| a.2.numbers.cmp(&b.2.numbers));
        }
        let is_by_month = equals.iter().all(|(_, _, name, _)| name.month.is_some());
        equals.sort_by_key(|(_, _, name, _)| Reverse(name.month.filter(|_| is_by_month)));
        for equals in equals.chunk_by(|a, b| !is_by_month || a.2.month == b.2.month) {
            parsed.parts.extend(from_both_ends(equals).map(|(.., url)| url.clone()));
        }
    }
    parsed.parts.truncate(MAX_PARTS);
}

/// The last, the first, the last but one and so on.
fn from_both_ends<T>(items: &[T]) -> impl Iterator<Item = &T> {
    let mut rest = items.iter();
    (0..items.len()).filter_map(move |n| if n % 2 == 0 { rest.next_back() } else { rest.next() })
}

/// What the name of a sitemap says about its place among others.
struct Name {
    /// All its numbers.
    numbers: Vec<u32>,
    /// Year, month and day, as far as it has them; 0 for the others.
    month: Option<[u32; 3]>,
}

impl Name {
    fn of(url: &Url) -> Self {
        let text = [url.path(), url.query().unwrap_or_default()].join("?");
        let numbers = text.split(|c: char| !c.is_ascii_digit()).filter_map(|it| it.parse().ok()).collect::<Vec<u32>>();
        Self { month: Self::month(&numbers), numbers }
    }

    /// `2026-11`, `2026`, `202611`, `20261130`, `11-2026`.
    fn month(numbers: &[u32]) -> Option<[u32; 3]> {
        const YEARS: std::ops::RangeInclusive<u32> = 1990..=2100;
        let (at, unit) = numbers
            .iter()
            .enumerate()
            .find_map(|(at, it)| Some((at, [1, 100, 10_000].into_iter().find(|unit| YEARS.contains(&(it / unit)))?)))?;
        let number = |at: usize| numbers.get(at).copied().unwrap_or(0);
        let it = number(at);
        Some(match (unit, at.checked_sub(1).map(number)) {
            (10_000, _) => [it / 10_000, it / 100 % 100, it % 100],
            (100, _) => [it / 100, it % 100, number(at + 1)],
            (_, Some(before @ 1..=12)) if numbers.len() == at + 1 => [it, before, 0],
            _ => [it, number(at + 1), number(at + 2)],
        })
    }
}

/// A sitemap of an index, with its date.
fn part(sitemap: &Element<'_>, base: &Url) -> Option<(Url, Option<Timestamp>)> {
    let url = base.join(&location(sitemap)?).ok()?;
    Some((url, child(sitemap, "lastmod").and_then(date)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the sitemaps that are read of an index which lists these, with `date`.
    #[track_caller]
    fn check(names: impl IntoIterator<Item = String>, date: Option<Timestamp>, expected: &[&str]) {
        let url = |name: &str| Url::parse(&format!("https://news.example/{name}")).unwrap();
        let listed = names.into_iter().map(|it| (url(&it), date)).collect();
        let mut parsed = Parsed::default();
        parts(listed, Timestamp::UNIX_EPOCH, &mut parsed);
        let expected: Vec<_> = expected.iter().map(|it| url(it)).collect();
        assert_eq!(parsed.parts, expected);
    }

    /// Found in a test with indexes that list the newest first: what was new was never read.
    #[test]
    fn both_ends_of_an_index_are_read_where_nothing_tells_the_new_one() {
        let named = |n: u32| format!("s{n}.xml");
        let ends = ["s20.xml", "s1.xml", "s19.xml", "s2.xml", "s18.xml", "s3.xml", "s17.xml", "s4.xml"];
        check((1..=20).map(named), None, &ends);
        check((1..=20).rev().map(named), None, &ends);
        check((1..=20).rev().map(named), Some(Timestamp::UNIX_EPOCH), &ends);
        let mut as_text: Vec<_> = (1..=20).map(named).collect();
        as_text.sort();
        check(as_text, None, &ends);
        // One has no number: as they are listed.
        let some = ["main.xml".to_owned()].into_iter().chain((1..=9).map(named));
        check(some, None, &["s9.xml", "main.xml", "s8.xml", "s1.xml", "s7.xml", "s2.xml", "s6.xml", "s3.xml"]);
    }

    /// The name of a sitemap of this year and month.
    type Form = fn((u32, u32)) -> String;

    #[test]
    fn the_newest_months_of_an_index_are_read_in_whatever_order() {
        let months = || (2025..=2026).flat_map(|year| (1..=12).map(move |month| (year, month)));
        let forms: [Form; 4] = [
            |(year, month)| format!("m-{year}-{month:02}.xml"),
            |(year, month)| format!("m{year}{month:02}.xml"),
            |(year, month)| format!("{month}-{year}.xml.gz"),
            |(year, month)| format!("map.xml?yyyy={year}&mm={month}"),
        ];
        for form in forms {
            let expected: Vec<_> = (5..=12).rev().map(|month| form((2026, month))).collect();
            let expected: Vec<_> = expected.iter().map(String::as_str).collect();
            check(months().map(form), None, &expected);
            check(months().rev().map(form), None, &expected);
        }
        let days = (1..=30).map(|day| format!("day-202611{day:02}.xml"));
        let newest = ["30", "29", "28", "27", "26", "25", "24", "23"].map(|it| format!("day-202611{it}.xml"));
        check(days, None, &newest.each_ref().map(String::as_str));
    }
}
