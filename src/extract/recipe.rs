//! Site recipes: CSS selectors that say where a site keeps what.

use scraper::{ElementRef, Html, Selector};

use crate::{
    model::{Method, Origin, Verdict},
    text::html,
};

use super::{Extracted, Told, clean, dates::written};

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

/// A recipe as it is written in a configuration file. Of several patterns for one thing the first that finds it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecipeRule {
    /// Names it.
    pub name: String,
    /// Hosts it is for, subdomains included, where a source does not name it.
    pub hosts: Vec<String>,
    /// The elements that hold the body, in document order.
    pub body: Vec<Pattern>,
    /// The element that holds the title, as text or in `content`.
    pub title: Vec<Pattern>,
    /// The elements that hold author names, as text or in `content`.
    pub author: Vec<Pattern>,
    /// The element that holds the publication date, as text or in `datetime` or `content`.
    pub date: Vec<Pattern>,
    /// Elements inside the body that are no part of it.
    pub strip: Vec<Pattern>,
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
    strip: Vec<Pick>,
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
            strip: picks("strip", &rule.strip)?,
        })
    }

    /// Names it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is for pages of this host.
    pub fn covers(&self, host: &str) -> bool {
        self.hosts.iter().any(|it| host == it || host.strip_suffix(it.as_str()).is_some_and(|sub| sub.ends_with('.')))
    }

    /// Puts what the recipe finds in place of what stands in `res`; what it does not find stays.
    pub(super) fn apply(&self, document: &Html, res: &mut Extracted) {
        let text = |element: ElementRef<'_>| match html::join(&html::lines(element)).replace('\n', " ") {
            it if it.is_empty() => crate::text::one_line(element.attr("content").unwrap_or_default()),
            it => it,
        };
        let texts = |pick: &Pick| pick.of(document).map(text).filter(|it| !it.is_empty()).collect::<Vec<_>>();
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
            written::value(&attribute.map_or_else(|| text(it), str::to_owned))
        });
        if let Some(date) = date {
            res.published = Some(date.at());
            res.origins.published = Some(Told::new(date.day, Origin::Recipe, 1.0));
        }
        let title = res.title.clone().unwrap_or_default();
        let bodies = self.body.iter().map(|it| clean::body(self.body_lines(document, it), &title));
        if let Some(body) = bodies.into_iter().find(|it| !it.is_empty()) {
            res.body = body;
            res.method = Method::Recipe(self.name.clone());
            res.verdict = (Verdict::Article, format!("the recipe {} found its text", self.name));
        }
    }

    fn body_lines(&self, document: &Html, body: &Pick) -> Vec<html::Line> {
        let stripped: std::collections::HashSet<_> =
            self.strip.iter().flat_map(|it| it.of(document)).map(|it| it.id()).collect();
        let mut taken = std::collections::HashSet::new();
        let mut lines = Vec::new();
        for element in body.of(document) {
            // A selector that matches an element and one inside it must not give the text twice.
            if !element.ancestors().any(|it| taken.contains(&it.id())) {
                taken.insert(element.id());
                lines.extend(html::lines_without(element, &|it| stripped.contains(&it.id())));
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn rule() -> RecipeRule {
        RecipeRule {
            name: "sample".into(),
            hosts: vec!["example.org".into()],
            body: vec![".text".into()],
            title: vec!["h1".into()],
            author: vec![".by a".into()],
            date: vec!["time".into()],
            strip: vec![".share".into(), "aside".into()],
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
    fn falls_back_where_the_body_is_not_found() {
        let res = apply(&RecipeRule { body: vec![".no-such".into()], ..rule() }, PAGE);
        assert_eq!(res.method, Method::Readability);
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
