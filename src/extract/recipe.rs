//! Site recipes: CSS selectors that say where a site keeps what.

use std::{borrow::Cow, collections::HashSet};

use chrono::TimeZone;
use chrono_tz::Tz;
use scraper::{ElementRef, Html, Selector};
use url::Url;

use crate::{
    model::{Method, Origin, Timestamp, Verdict},
    text::{capped, html},
};

use super::{Extracted, Told, blocks::MAX_TEXT_BYTES, clean, dates::written};

/// Elements beyond this many that name an author are not looked at.
const MAX_TEXTS: usize = 20;

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// A CSS selector.
    pub css: String,
    /// Only the first of the elements that it finds is meant.
    pub only_first: bool,
}

impl From<&str> for Pattern {
    fn from(css: &str) -> Self {
        Self { css: css.to_owned(), only_first: false }
    }
}

/// A recipe as written in a configuration file. Of several patterns for one thing, the first that finds it counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecipeRule {
    /// Names it.
    pub name: String,
    /// Hosts it is for, including subdomains, if a source does not name it.
    pub hosts: Vec<String>,
    /// The elements that hold the body, in document order.
    pub body: Vec<Pattern>,
    /// The element that holds the title, as text or in `content`.
    pub title: Vec<Pattern>,
    /// The elements that hold author names, as text or in `content`.
    pub author: Vec<Pattern>,
    /// The element that holds the publication date, as text or in `datetime` or `content`.
    pub date: Vec<Pattern>,
    /// The zone of a time that names none. UTC where absent.
    pub zone: Option<Tz>,
    /// Elements inside the body that are no part of it.
    pub strip: Vec<Pattern>,
    /// The link to the next page of the same article, by its `href`.
    pub next: Vec<Pattern>,
    /// Header values with which its pages are requested.
    pub asks: Asks,
}

/// Header values that a site's pages require. Only these: everything else in a request is the client's to decide.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asks {
    /// `Accept`.
    pub accept: Option<String>,
    /// `Accept-Language`.
    pub accept_language: Option<String>,
    /// `Cookie`: the answer to a question about consent, never an account.
    pub cookie: Option<String>,
}

/// A recipe that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
    /// Not a CSS selector.
    #[error("recipe {recipe}: {field} = {selector:?} is not a CSS selector: {reason}")]
    Selector {
        /// The recipe.
        recipe: String,
        /// Which key.
        field: &'static str,
        /// What stands there.
        selector: String,
        /// What the parser said.
        reason: String,
    },
    /// Without it the recipe does nothing.
    #[error("recipe {recipe}: body is empty")]
    NoBody {
        /// The recipe.
        recipe: String,
    },
}

/// A recipe, ready for use.
#[derive(Debug, Clone)]
pub struct Recipe {
    name: String,
    hosts: Vec<String>,
    body: Vec<Pick>,
    title: Vec<Pick>,
    author: Vec<Pick>,
    date: Vec<Pick>,
    zone: Option<Tz>,
    strip: Vec<Pick>,
    next: Vec<Pick>,
    asks: Asks,
}

/// A [`Pattern`], ready for use.
#[derive(Debug, Clone)]
struct Pick {
    selector: Selector,
    only_first: bool,
}

impl Pick {
    fn of<'a>(&'a self, document: &'a Html) -> impl Iterator<Item = ElementRef<'a>> {
        document.select(&self.selector).take(if self.only_first { 1 } else { usize::MAX })
    }

    /// The elements that are not inside another match: those would give the same text again, up to hundreds of times.
    fn outermost<'a>(&'a self, document: &'a Html) -> impl Iterator<Item = ElementRef<'a>> {
        let mut last = None;
        self.of(document).filter(move |it| {
            // In document order, an element inside any of them is inside the last one.
            let is_inside = last.is_some_and(|last| it.ancestors().any(|it| it.id() == last));
            if !is_inside {
                last = Some(it.id());
            }
            !is_inside
        })
    }
}

impl Recipe {
    /// Checks the selectors.
    ///
    /// # Errors
    ///
    /// [`RecipeError`] with the recipe and the key.
    pub fn compile(rule: &RecipeRule) -> Result<Self, RecipeError> {
        let pick = |field, pattern: &Pattern| {
            let selector = Selector::parse(&pattern.css).map_err(|error| RecipeError::Selector {
                recipe: rule.name.clone(),
                field,
                selector: pattern.css.clone(),
                reason: error.to_string(),
            })?;
            Ok(Pick { selector, only_first: pattern.only_first })
        };
        let picks = |field, all: &[Pattern]| all.iter().map(|it| pick(field, it)).collect::<Result<Vec<_>, _>>();
        if rule.body.is_empty() {
            return Err(RecipeError::NoBody { recipe: rule.name.clone() });
        }
        Ok(Self {
            name: rule.name.clone(),
            hosts: rule.hosts.iter().map(|it| it.to_ascii_lowercase()).collect(),
            body: picks("body", &rule.body)?,
            title: picks("title", &rule.title)?,
            author: picks("author", &rule.author)?,
            date: picks("date", &rule.date)?,
            zone: rule.zone,
            strip: picks("strip", &rule.strip)?,
            next: picks("next", &rule.next)?,
            asks: rule.asks.clone(),
        })
    }

    /// Names it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Header values with which its pages are requested.
    pub fn asks(&self) -> &Asks {
        &self.asks
    }

    /// Whether it is for pages of this host.
    pub fn covers(&self, host: &str) -> bool {
        self.hosts.iter().any(|it| host == it || host.strip_suffix(it.as_str()).is_some_and(|sub| sub.ends_with('.')))
    }

    /// Replaces values in `res` by what the recipe finds; others stay. If it does not find the text, that is recorded
    /// in [`Extracted::missed`].
    pub(super) fn apply(&self, document: &Html, url: &Url, res: &mut Extracted) {
        let text = |element: ElementRef<'_>| match html::join(&html::lines(element)).replace('\n', " ") {
            it if it.is_empty() => crate::text::one_line(element.attr("content").unwrap_or_default()),
            it => it,
        };
        let texts = |pick: &Pick| {
            let texts = pick.outermost(document).map(text).filter(|it| !it.is_empty());
            texts.take(MAX_TEXTS).collect::<Vec<_>>()
        };
        if let Some(title) = self.title.iter().find_map(|it| texts(it).into_iter().next()) {
            res.title = Some(title);
            res.origins.title = Some(Told::new((), Origin::Recipe, 1.0));
        }
        if let Some(authors) = self.author.iter().map(texts).find(|it| !it.is_empty()) {
            res.authors = authors;
            res.origins.authors = Some(Told::new((), Origin::Recipe, 1.0));
        }
        let date = self.date.iter().filter_map(|it| it.of(document).next()).find_map(|it| {
            let attribute = it.attr("datetime").or_else(|| it.attr("content"));
            let text = attribute.map_or_else(|| text(it), str::to_owned);
            written::value(&text)
        });
        if let Some(date) = date {
            res.published = Some(self.moment(&date));
            res.origins.published = Some(Told::new(date.day, Origin::Recipe, 1.0));
        }
        // A title made from the text must not remove its first line.
        let is_own = res.origins.title.as_ref().is_some_and(|it| it.origin != Origin::Inferred);
        let title = res.title.clone().filter(|_| is_own).unwrap_or_default();
        let bodies = self.body.iter().map(|it| clean::body(self.body_lines(document, it), &title));
        let Some(clean::Cleaned { text: body, cut }) = bodies.into_iter().find(|it| !it.text.is_empty()) else {
            res.missed = Some(self.name.clone());
            return;
        };
        let kept: HashSet<&str> = body.lines().collect();
        res.cut.retain(|(line, _)| !kept.contains(line.as_str()));
        let left_out = res.body.lines().filter(|it| !kept.contains(it));
        res.cut.extend(left_out.map(|it| (it.to_owned(), Cow::Borrowed("left out by the recipe"))));
        let cut: Vec<_> = cut.into_iter().filter(|(line, _)| !res.cut.iter().any(|it| it.0 == *line)).collect();
        res.cut.extend(cut.into_iter().map(|(line, reason)| (line, Cow::Borrowed(reason))));
        res.body = body;
        res.method = Method::Recipe(self.name.clone());
        res.verdict = (Verdict::Article, format!("the recipe {} found its text", self.name));
        res.next = self.next.iter().find_map(|it| it.of(document).find_map(|link| next(link.attr("href")?, url)));
    }

    fn moment(&self, date: &written::Written) -> Timestamp {
        let local = date.time.filter(|_| date.offset.is_none()).map(|time| date.day.and_time(time));
        let zoned = local.zip(self.zone).and_then(|(local, zone)| zone.from_local_datetime(&local).earliest());
        zoned.map_or_else(|| date.at(), |it| it.to_utc())
    }

    fn body_lines(&self, document: &Html, body: &Pick) -> Vec<html::Line> {
        let stripped: HashSet<_> = self.strip.iter().flat_map(|it| it.of(document)).map(|it| it.id()).collect();
        let elements = body.outermost(document);
        let lines = elements.flat_map(|it| html::lines_without(it, &|it| stripped.contains(&it.id())));
        // The same limit as for a page without a recipe.
        let mut left = MAX_TEXT_BYTES;
        let lines = lines.map_while(|mut it| {
            it.text.truncate(capped(&it.text, left).len());
            left -= it.text.len();
            (!it.text.is_empty()).then_some(it)
        });
        lines.collect()
    }
}

/// The address of a further page of the article at `url`: on the same host, and another page.
fn next(href: &str, url: &Url) -> Option<Url> {
    let mut res = url.join(href.trim()).ok()?;
    res.set_fragment(None);
    let mut own = url.clone();
    own.set_fragment(None);
    let is_web = matches!(res.scheme(), "http" | "https");
    (is_web && res.host_str().is_some() && res.host_str() == url.host_str() && res != own).then_some(res)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> RecipeRule {
        RecipeRule {
            name: "sample".into(),
            hosts: vec!["example.org".into()],
            body: vec![".text".into()],
            title: vec!["h1".into()],
            author: vec![".by a".into()],
            date: vec!["time".into()],
            zone: Some(chrono_tz::Asia::Tbilisi),
            strip: vec![".share".into(), "aside".into()],
            next: vec!["a.next".into()],
            asks: Asks::default(),
        }
    }

    const PAGE: &str = r#"<html><head><title>T | Site</title></head><body><h1>The title</h1>
        <p class="by">By <a>A. Author</a>, <a>B. Author</a></p><time datetime="2026-01-12T09:30:00+04:00">12 January</time>
        <div class="text"><p>First paragraph of the article.</p><div class="share">Share this</div><p>Second paragraph, longer.</p>
        <aside>Read also</aside></div><div class="text"><p>A second block.</p></div></body></html>"#;

    fn apply(rule: &RecipeRule, markup: &str) -> Extracted {
        let url = Url::parse("https://example.org/a").unwrap();
        super::super::page(markup, &url, Some(&Recipe::compile(rule).unwrap())).unwrap()
    }

    #[test]
    fn takes_what_the_selectors_say() {
        let res = apply(&rule(), PAGE);
        assert_eq!(res.body, "First paragraph of the article.\nSecond paragraph, longer.\nA second block.");
        assert_eq!(res.title.as_deref(), Some("The title"));
        assert_eq!(res.authors, ["A. Author", "B. Author"]);
        assert_eq!(res.published.unwrap().to_rfc3339(), "2026-01-12T05:30:00+00:00");
        assert_eq!(res.method, Method::Recipe("sample".into()));
    }

    #[test]
    fn a_time_without_a_zone_is_one_of_the_recipes() {
        let published = |date: &str| {
            let page = PAGE.replace("2026-01-12T09:30:00+04:00", date);
            apply(&rule(), &page).published.unwrap().to_rfc3339()
        };
        assert_eq!(published("12.01.2026 09:30"), "2026-01-12T05:30:00+00:00");
        assert_eq!(published("2026-01-12T09:30:00+01:00"), "2026-01-12T08:30:00+00:00");
        assert_eq!(published("12.01.2026"), "2026-01-12T00:00:00+00:00");
        assert_eq!(published("09:30, 12 января 2026"), "2026-01-12T05:30:00+00:00");
        assert_eq!(published("9:30 12.01.2026"), "2026-01-12T05:30:00+00:00");
    }

    #[test]
    fn falls_back_where_the_body_is_not_found() {
        let res = apply(&RecipeRule { body: vec![".no-such".into()], ..rule() }, PAGE);
        assert_eq!(res.method, Method::Readability);
        assert_eq!(res.missed.as_deref(), Some("sample"));
        assert_eq!(apply(&rule(), PAGE).missed, None);
    }

    #[test]
    fn what_is_cut_is_what_is_not_in_the_text() {
        let text =
            "<p>A paragraph that is long enough for any reader to keep, with a full stop at its end.</p>".repeat(4);
        let page = format!(
            "<h1>T</h1><article><div class=text><p>The recipe takes this sentence, which is one of some length, and nothing else.</p></div>{text}</article>"
        );
        let res = apply(&RecipeRule { strip: Vec::new(), title: Vec::new(), ..rule() }, &page);
        assert_eq!((&res.missed, &res.method), (&None, &Method::Recipe("sample".into())), "{:?}", res.cut);
        assert_eq!(res.body, "The recipe takes this sentence, which is one of some length, and nothing else.");
        assert!(
            res.cut
                .iter()
                .all(|(line, _)| line
                    != "The recipe takes this sentence, which is one of some length, and nothing else."),
            "{:?}",
            res.cut
        );
        assert!(res.cut.iter().any(|(line, why)| line.starts_with("A paragraph") && why == "left out by the recipe"));
    }

    #[test]
    fn a_next_page_is_another_one_of_the_same_host() {
        let next = |link: &str| {
            let page = PAGE.replace("</body>", &format!("<a class=next href='{link}'>2</a></body>"));
            apply(&rule(), &page).next.map(|it| it.to_string())
        };
        assert_eq!(next("/a?page=2").as_deref(), Some("https://example.org/a?page=2"));
        assert_eq!(next("?page=2#text").as_deref(), Some("https://example.org/a?page=2"));
        for link in ["#more", "/a", "https://other.example/a?page=2", "javascript:next()", "mailto:a@example.org", ""] {
            assert_eq!(next(link), None, "{link}");
        }
        let page = PAGE.replace("</body>", "<a class=next href='#'>1</a><a class=next href='/a/2'>2</a></body>");
        assert_eq!(apply(&rule(), &page).next.unwrap().path(), "/a/2");
    }

    #[test]
    fn further_pages_go_on_where_the_first_ends() {
        let mut first = apply(&rule(), PAGE);
        let second = PAGE.replace("First paragraph", "Third paragraph").replace("2026-01-12", "2027-01-12");
        let (published, lines) = (first.published, first.body.lines().count());
        first.go_on(apply(&rule(), &second));
        assert_eq!((first.published, first.body.lines().count()), (published, lines + 1));
        assert!(first.body.ends_with("\nThird paragraph of the article."), "{}", first.body);
    }

    #[test]
    fn what_lies_inside_what_was_found_is_not_found_again() {
        let page = "<div class=by><a>Anna</a><div class=by><a>Petra</a></div></div><b class=by>Deniz</b>".repeat(9);
        let rule = RecipeRule { author: vec![".by".into()], ..rule() };
        assert_eq!(apply(&rule, &page).authors, ["Anna Petra", "Deniz"].repeat(9));
        assert_eq!(apply(&rule, &page.repeat(9)).authors.len(), MAX_TEXTS);
        let text = "The delegation arrived on Monday evening.";
        let page = format!("<div class=text><div class=text><p>{text}</p></div></div>");
        assert_eq!(apply(&rule, &page).body, text);
    }

    #[test]
    fn of_several_patterns_the_first_that_finds_it_holds() {
        let first = Pattern { only_first: true, ..".text".into() };
        let rule = RecipeRule {
            body: vec![".no-such".into(), first, "h1".into()],
            title: vec!["h6".into(), "title".into()],
            ..rule()
        };
        let res = apply(&rule, PAGE);
        assert_eq!(res.body, "First paragraph of the article.\nSecond paragraph, longer.");
    }

    #[test]
    fn covers_a_host_and_its_subdomains_only() {
        let recipe = Recipe::compile(&rule()).unwrap();
        assert!(recipe.covers("example.org") && recipe.covers("www.example.org"));
        assert!(!recipe.covers("notexample.org") && !recipe.covers("example.org.evil.net"));
    }

    #[test]
    fn says_what_is_wrong_with_it() {
        let error = Recipe::compile(&RecipeRule { title: vec!["h1[".into()], ..rule() }).unwrap_err().to_string();
        assert!(error.starts_with("recipe sample: title = \"h1[\" is not a CSS selector"), "{error}");
        assert_eq!(
            Recipe::compile(&RecipeRule { body: Vec::new(), ..rule() }).unwrap_err().to_string(),
            "recipe sample: body is empty"
        );
    }
}
