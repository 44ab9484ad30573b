//! The title of an article.

#![expect(clippy::cast_precision_loss, reason = "counts of lines and words are small")]

use url::Url;

use crate::extract::{
    blocks::{Block, Blocks, FAR, LONG, weight},
    head::Head,
    words::Kind,
};

use super::{Origin, Told, line};

/// A title longer than this many characters is none.
const MAX_TITLE: usize = 400;

/// Headings beyond this many are not compared with the title.
const MAX_HEADINGS: usize = 1_000;

/// Separators between a title and the name of an outlet.
const SEPARATORS: &[&str] =
    &[" | ", " – ", " — ", " - ", " :: ", " · ", " » ", " « ", " • ", "｜", " / ", " ‹ ", " › ", " ― ", " >> "];

/// The title. A heading that matches the page's title is the publisher's own; otherwise the page's title is used,
/// without the outlet's name.
pub(in crate::extract) fn title(
    head: &Head,
    blocks: &Blocks,
    url: &Url,
    site_name: Option<&str>,
) -> Option<Told<String>> {
    let short = |it: &str| Some(line(it)).filter(|it| !it.is_empty() && it.chars().count() <= MAX_TITLE);
    let og = head.meta(&["og:title", "twitter:title", "dc.title", "dcterms.title", "sailthru.title"]).and_then(short);
    let ld =
        head.ld.articles().filter_map(|it| it.get("headline").or_else(|| it.get("name"))?.as_str()).find_map(short);
    let page = head.title.as_deref().and_then(short);
    let told: Vec<&str> = [&og, &ld, &page].into_iter().flatten().map(String::as_str).collect();
    let likeness = |text: &str| told.iter().map(|it| likeness(text, it)).fold(0.0, f32::max);
    let headings = headings(blocks);
    let best = |level: &dyn Fn(&str) -> bool, least: f32| {
        let all = headings.iter().filter(|(tag, _)| level(tag)).map(|(_, text)| (*text, likeness(text)));
        // Of equals the first.
        let best = all.reduce(|a, b| if b.1 > a.1 + 0.01 { b } else { a });
        best.filter(|(_, it)| *it >= least).map(|(text, _)| text.to_owned())
    };
    let is_site = |it: &str| site_name.is_some_and(|name| likeness_of(it, name) > 0.8);
    let is_title = |it: &str| it.split_whitespace().count() >= 3 && it.chars().count() > 15 && !is_site(it);
    let mut firsts = headings.iter().filter(|(tag, _)| *tag == "h1").map(|(_, it)| *it);
    let only = firsts.next().filter(|it| firsts.next().is_none() && is_title(it)).map(str::to_owned);
    let (first, any) = (best(&|tag| tag == "h1", 0.55), best(&|_| true, 0.7));
    // On blogs the first heading names the blog.
    let better = any.clone().filter(|it| first.as_ref().is_some_and(|first| likeness(it) > likeness(first) + 0.1));
    if let Some(it) = better.or(first).or_else(|| any.filter(|it| likeness(it) >= 0.8)).or(only) {
        return Some(Told::new(without_kicker(&it, &told), Origin::Heading, 0.95));
    }
    let short_lines = blocks.lines.iter().filter(|it| it.text.len() <= MAX_TITLE && it.linked == 0.0);
    let lines: Vec<String> = short_lines.map(|it| bare(&it.text)).filter(|it| it.len() > 20).collect();
    let bare = |it: String| without_outlet(&it, site_name, url, &lines);
    if let Some(it) = og {
        return Some(Told::new(bare(it), Origin::Meta, 0.8));
    }
    if let Some(it) = ld {
        return Some(Told::new(bare(it), Origin::JsonLd, 0.8));
    }
    let first = headings.iter().find(|(tag, it)| *tag == "h1" && it.chars().count() > 12 && !is_site(it));
    if let Some((_, it)) = first {
        return Some(Told::new((*it).to_owned(), Origin::Heading, 0.6));
    }
    page.map(|it| Told::new(bare(it), Origin::Meta, OF_PAGE))
}

/// How far a title is to be believed that is the page's alone.
const OF_PAGE: f32 = 0.6;

/// The heading right above the text, where the page gives no title but one that it says nowhere, or that is the site's:
/// `Print version`, `Ministry of Defence`.
pub(in crate::extract) fn above(
    blocks: &Blocks,
    body: &str,
    told: Option<&Told<String>>,
    site_name: Option<&str>,
) -> Option<Told<String>> {
    let of_page = told.map(|it| it.value.as_str());
    if told.is_some_and(|it| it.origin != Origin::Meta || it.confidence > OF_PAGE) {
        return None;
    }
    let is_site = |it: &str| site_name.is_some_and(|name| likeness_of(it, name) > 0.8);
    let stands_in_frame = |it: &Block| {
        let near = blocks.element(it.element).near;
        [Kind::Header, Kind::HeaderTag, Kind::Footer, Kind::FooterTag, Kind::Nav].iter().any(|it| near.to(*it) < FAR)
    };
    let says = |it: &Block, title: &str| it.linked == 0.0 && likeness_of(&it.text, title) > 0.8;
    let is_said = |title: &str| blocks.lines.iter().any(|it| says(it, title) && !stands_in_frame(it));
    if of_page.is_some_and(|it| !is_site(it) && is_said(it)) {
        return None;
    }
    let first = body.lines().find(|it| weight(it) >= LONG)?;
    let end = blocks.lines.iter().position(|it| it.text == first)?;
    let near = blocks.lines.get(end.saturating_sub(MAX_ABOVE)..end).unwrap_or_default();
    let is_title = |it: &&Block| {
        let element = blocks.element(it.element);
        let is_marked = element.near.with(it.inline).is(Kind::Title);
        (matches!(element.tag.as_str(), "h1" | "h2" | "h3" | "h4") || is_marked)
            && it.linked == 0.0
            && it.text.split_whitespace().count() >= 3
            && it.text.chars().count() <= MAX_TITLE
            && !is_site(&it.text)
            && !it.is_long()
    };
    // The highest heading, and of two the nearer: a subheading may stand between the title and the text.
    let rank = |it: &Block| match blocks.element(it.element).tag.as_str() {
        tag @ ("h1" | "h2" | "h3" | "h4") => tag.as_bytes().last().copied().unwrap_or_default(),
        _ => u8::MAX,
    };
    let found = near.iter().rev().filter(is_title).min_by_key(|it| rank(it))?;
    Some(Told::new(found.text.clone(), Origin::Heading, OF_PAGE))
}

/// A heading stands at most so many lines above the text.
const MAX_ABOVE: usize = 5;

/// The line of the title: of several the one with the highest heading.
pub(in crate::extract) fn line_of(title: &str, blocks: &Blocks) -> Option<usize> {
    let rank = |it: &Block| match blocks.element(it.element).tag.as_str() {
        "h1" => Some(0),
        "h2" | "h3" | "h4" => Some(1),
        // A link leads there, from a list of articles.
        _ => (it.linked == 0.0).then_some(2),
    };
    // A heading may have a kicker before the title.
    let says = |it: &Block| it.text.ends_with(title) && it.text.len() <= 2 * title.len();
    let found = blocks.lines.iter().enumerate().filter(|(_, it)| !title.is_empty() && says(it));
    found.filter_map(|(at, it)| Some((rank(it)?, at))).min().map(|it| it.1)
}

/// A title made of the beginning of the body, where the page has none.
pub(in crate::extract) fn inferred(body: &str) -> Option<Told<String>> {
    let first = body.lines().next()?;
    let sentence = crate::text::sentence(first, 0..0);
    let text = first.get(sentence).filter(|it| !it.trim().is_empty()).unwrap_or(first).trim();
    let text = match text.char_indices().nth(120) {
        None => text.to_owned(),
        Some((at, _)) => {
            let start = text.get(..at).unwrap_or(text);
            format!("{}…", start.rsplit_once(' ').map_or(start, |(it, _)| it))
        }
    };
    (!text.is_empty()).then(|| Told::new(text, Origin::Inferred, 0.3))
}

/// A heading without the kicker above it inside the same element, if a title of the page lacks those words.
fn without_kicker(heading: &str, told: &[&str]) -> String {
    let whole = bare(heading);
    let parts = told
        .iter()
        .flat_map(|it| [*it].into_iter().chain(SEPARATORS.iter().filter_map(|sep| Some(it.split_once(sep)?.0))));
    let shorter = parts.filter(|it| {
        let part = bare(it);
        part.len() * 2 > whole.len()
            && part.len() < whole.len()
            && whole.ends_with(&part)
            && it.split_whitespace().count() >= 3
    });
    shorter.max_by_key(|it| it.len()).map_or_else(|| heading.to_owned(), |it| it.trim().to_owned())
}

fn headings(blocks: &Blocks) -> Vec<(&str, &str)> {
    let all = blocks.lines.iter().map(|it| (blocks.element(it.element), it));
    let all = all.filter(|(element, it)| {
        let is_heading = matches!(element.tag.as_str(), "h1" | "h2" | "h3" | "h4");
        let is_marked = element.near.with(it.inline).is(Kind::Title);
        (is_heading || is_marked) && it.text.chars().count() <= MAX_TITLE
    });
    all.take(MAX_HEADINGS).map(|(element, it)| (element.tag.as_str(), it.text.as_str())).collect()
}

/// The text without the outlet's name at its end or start.
fn without_outlet(title: &str, site_name: Option<&str>, url: &Url, lines: &[String]) -> String {
    let host = url.host_str().unwrap_or_default().trim_start_matches("www.");
    let label = host.split('.').next().unwrap_or_default();
    let is_outlet = |part: &str| {
        let part = part.trim();
        let bare = bare(part);
        let names = site_name.map(self::bare).filter(|it| !it.is_empty());
        names.is_some_and(|it| {
            it == bare || (bare.contains(&it) && bare.len() < 2 * it.len()) || (it.contains(&bare) && bare.len() > 2)
        }) || (label.len() > 2 && bare.contains(&self::bare(label)))
            || (bare.len() > 2 && self::bare(host).contains(&bare))
    };
    let mut res = title.trim();
    // Twice: `Title | Section | Outlet`.
    for _ in 0..2 {
        let cuts = SEPARATORS.iter().flat_map(|it| {
            let end = res.rsplit_once(it);
            let start = res.split_once(it).map(|(part, rest)| (rest, part));
            [end, start].into_iter().flatten()
        });
        let is_said = |rest: &str| lines.contains(&bare(rest));
        // `Title - 22 January 2026 - Outlet`.
        if let Some((first, _)) = SEPARATORS.iter().filter_map(|it| res.split_once(it)).find(|it| is_said(it.0)) {
            return first.trim().to_owned();
        }
        let Some((rest, _)) = cuts.into_iter().find(|(rest, part)| {
            !rest.trim().is_empty()
                && !bare(rest).is_empty()
                && (is_outlet(part) && rest.chars().count() > 8 || is_said(rest))
        }) else {
            break;
        };
        res = rest.trim();
    }
    res.to_owned()
}

fn bare(text: &str) -> String {
    text.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Share (0–1) of a title that a heading contains. The title may also have an outlet's name.
fn likeness(heading: &str, title: &str) -> f32 {
    let (part, whole) = (bare(heading), bare(title));
    let is_most = part.len() > 8 && part.len() * 2 > whole.len() && whole.starts_with(&part);
    likeness_of(heading, title).max(if is_most { 0.9 } else { 0.0 })
}

fn likeness_of(a: &str, b: &str) -> f32 {
    let words = |text: &str| -> std::collections::HashSet<String> {
        text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()).map(str::to_lowercase).collect()
    };
    let (a, b) = (words(a), words(b));
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    2.0 * a.intersection(&b).count() as f32 / (a.len() + b.len()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(markup: &str) -> Option<(String, Origin)> {
        let document = crate::text::html::document(markup).unwrap();
        let (head, blocks) = (Head::read(&document), Blocks::read(&document));
        let url = Url::parse("https://www.gazette.example/a").unwrap();
        let site = super::super::site_name(&head);
        title(&head, &blocks, &url, site.as_deref()).map(|it| (it.value, it.origin))
    }

    #[test]
    fn a_heading_is_the_publishers_own() {
        let page = "<title>Bridge reopens after repairs - Gazette</title><h2>News of the day</h2><h1>Bridge reopens after repairs</h1>";
        assert_eq!(of(page), Some(("Bridge reopens after repairs".to_owned(), Origin::Heading)));
    }

    #[test]
    fn the_outlet_is_cut_off() {
        for title in
            ["Bridge reopens | The Gazette", "The Gazette – Bridge reopens", "Bridge reopens - gazette.example"]
        {
            let page = format!("<title>{title}</title><meta property=og:site_name content='The Gazette'><p>x");
            assert_eq!(of(&page).unwrap().0, "Bridge reopens", "{title}");
        }
        assert_eq!(of("<title>A - B visit the harbour</title>").unwrap().0, "A - B visit the harbour");
    }

    #[test]
    fn the_heading_above_the_text_is_the_title_where_the_page_gives_that_of_the_site() {
        let text =
            "The delegation arrived on Monday evening, and the talks about the bridge began in the old town hall.";
        let read = |title: &str, before: &str| {
            let page = format!(
                "<title>{title}</title><div class=header><span>Ministry of Rain</span></div>{before}<p>{text}</p>"
            );
            let document = crate::text::html::document(&page).unwrap();
            let (head, blocks) = (Head::read(&document), Blocks::read(&document));
            let url = Url::parse("https://rain.example/a").unwrap();
            let title = super::title(&head, &blocks, &url, None);
            above(&blocks, text, title.as_ref(), None).map(|it| it.value)
        };
        for title in ["Ministry of Rain", "Print version", ""] {
            assert_eq!(read(title, "<h3>The talks begin</h3><p>3 May 2026</p>").as_deref(), Some("The talks begin"));
            assert_eq!(read(title, "<h3><a>The talks begin</a></h3><h4>More news</h4>"), None, "{title}");
        }
        assert_eq!(read("The talks begin - Rain", "<h3>The talks begin</h3>"), None);
        assert_eq!(read("The talks begin", "<p><b>The talks begin</b></p><h4>What happened on Monday</h4>"), None);
    }

    #[test]
    fn the_line_of_a_title_is_its_highest_heading() {
        let page = "<p>Talks begin</p><h1>Gazette</h1><h2>Talks begin</h2><h3>Talks begin</h3>";
        let blocks = Blocks::read(&crate::text::html::document(page).unwrap());
        assert_eq!(line_of("Talks begin", &blocks), Some(2));
        assert_eq!(line_of("Talks end", &blocks), None);
        let list = "<p>More articles of the week:</p><li><a href=/1>Talks begin</a></li>";
        let list = Blocks::read(&crate::text::html::document(list).unwrap());
        assert_eq!(line_of("Talks begin", &list), None);
    }

    #[test]
    fn a_title_is_made_of_the_body() {
        let it = inferred("The bridge reopened on Monday. Traffic was light.\nMore.").unwrap();
        assert_eq!((it.value.as_str(), it.origin), ("The bridge reopened on Monday.", Origin::Inferred));
        assert_eq!(inferred(""), None);
    }
}
