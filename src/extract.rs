//! An article page to an article. Pure: the caller fetched the page.
//!
//! Three ways, best first, each recorded as the article's [`Method`]: the site recipe, the
//! readability-class extractor (`dom_smoothie`: MIT, released every few weeks, the fastest and most robust
//! of the Rust engines measured), the feed's own text.

mod clean;
mod readability;
mod recipe;

use url::Url;

use crate::{
    model::{Article, ArticleId, CanonicalUrl, Entry, Method, Page, Timestamp},
    text::{self, html::TooComplex},
};

pub use self::recipe::{Recipe, RecipeError, RecipeRule};

/// A body shorter than this many characters does not displace a longer text that the feed itself gives, and no
/// body one that is more than twice as long: it is more often a consent wall or a teaser than an article.
const SHORT_BODY: usize = 250;

/// What was read from a page. Texts are plain, the body one paragraph a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extracted {
    /// The body; empty where none was found.
    pub body: String,
    /// One line.
    pub title: Option<String>,
    /// Author names.
    pub authors: Vec<String>,
    /// As the page claims.
    pub published: Option<Timestamp>,
    /// BCP 47 code as the page claims.
    pub language: Option<String>,
    /// The outlet as the page names itself.
    pub site_name: Option<String>,
    /// The address that the page calls its own.
    pub canonical: Option<CanonicalUrl>,
    /// How the body was found.
    pub method: Method,
}

impl Extracted {
    /// Nothing was found.
    fn nothing(method: Method) -> Self {
        Self {
            body: String::new(),
            title: None,
            authors: Vec::new(),
            published: None,
            language: None,
            site_name: None,
            canonical: None,
            method,
        }
    }
}

/// The page gives nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// Parsing would cost too much.
    #[error("the page is not read: {0}")]
    TooComplex(#[from] TooComplex),
    /// The extractor broke on it. The feed's own text is used.
    #[error("the extractor failed on this page")]
    Panicked,
}

/// Reads a page: by the recipe where one is given and finds a body, else by the readability-class extractor.
///
/// # Errors
///
/// [`ExtractError`] where the page cannot be read at all. A page without an article gives an empty body.
pub fn page(markup: &str, url: &Url, recipe: Option<&Recipe>) -> Result<Extracted, ExtractError> {
    let document = text::html::document(markup)?;
    let mut res = readability::read(markup, &document, url)?;
    if let Some(recipe) = recipe {
        recipe.apply(&document, &mut res);
    }
    Ok(res)
}

/// Makes the article of its entry, what became of its page, and what was read from that.
///
/// Version and time are those of a first reading; settling corrects them where the article is held already.
pub fn article(entry: &Entry, id: ArticleId, page: Page, extracted: Option<Extracted>, now: Timestamp) -> Article {
    let state = page;
    let page = extracted.unwrap_or_else(|| Extracted::nothing(Method::Feed));
    let (of_page, of_feed) = (page.body.chars().count(), entry.text.chars().count());
    let from_feed = page.body.is_empty() || (of_page < SHORT_BODY && of_feed > of_page) || of_feed > 2 * of_page;
    let (body, method) = match from_feed {
        true => (clean::body_text(&entry.text, &entry.title), Method::Feed),
        false => (page.body, page.method),
    };
    let title = best_title(&entry.title, page.title.as_deref());
    let detected = text::language(&body).or_else(|| text::language(&title)).map(str::to_owned);
    Article {
        id,
        version: 1,
        source: entry.source.clone(),
        link: entry.link.clone(),
        guid: entry.guid.clone(),
        guid_is_unique: entry.guid_is_unique,
        feed_title: entry.title.clone(),
        title,
        body,
        authors: if entry.authors.is_empty() { page.authors } else { entry.authors.clone() },
        language: detected.or(page.language).or_else(|| entry.language.clone()),
        site_name: page.site_name,
        canonical: page.canonical,
        published: entry.published.or(page.published),
        first_seen: now,
        method,
        page: state,
    }
}

/// The feed's title is the publisher's own for this entry; the page's serves where the feed gives none or
/// cuts it short with an ellipsis.
fn best_title(feed: &str, page: Option<&str>) -> String {
    let page = page.unwrap_or_default();
    let cut_short = feed.strip_suffix('…').or_else(|| feed.strip_suffix("..."));
    let page_is_better = feed.is_empty() || cut_short.is_some_and(|start| page.starts_with(start.trim_end()));
    if page_is_better && !page.is_empty() { page.to_owned() } else { feed.to_owned() }
}
