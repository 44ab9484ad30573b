//! An article page to an article. Pure: the caller fetched the page.
//!
//! One parse, one walk. The lines of text that a reader sees (`blocks`) get features (`features`), and a scorer learned
//! offline says which belong to the article (`body`). Structured data and the state of scripts are further candidates
//! (`candidates`); a site recipe takes precedence over all of it. The text of the page's AMP version (`amp`) and the
//! feed's own text (`article`) are used where they are better. The source of the text is recorded as the article's
//! [`Method`].

mod amp;
mod article;
mod blocks;
mod body;
mod candidates;
mod clean;
mod context;
mod cues;
mod dates;
mod extracted;
mod features;
mod flags;
mod flight;
mod form;
mod head;
mod ld;
mod left_out;
mod meta;
mod pdf;
mod plain;
mod recipe;
mod samples;
mod scorer;
mod standing;
mod state;
mod template;
mod verdict;
mod weights;
mod words;

use url::Url;

use crate::{
    model::{Method, Origin, Timestamp, Verdict},
    text::{self, html::TooComplex},
};

pub use self::{
    amp::is_of_amp,
    article::article,
    extracted::{Extracted, Origins},
    form::Document,
    meta::Told,
    recipe::{Asks, Pattern, Recipe, RecipeError, RecipeRule},
    samples::{Sample, context_samples, date_samples, page_judged, samples},
    standing::Standing,
    template::{MAX_PAGES, Template},
};

/// The page gives nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// Parsing would cost too much. The feed's own text is used.
    #[error("the page is not read: {0}")]
    TooComplex(#[from] TooComplex),
}

/// Reads a page whose time of fetching is unknown: as [`page_at`], but relative dates are not read.
///
/// # Errors
///
/// [`ExtractError`] where the page cannot be read at all. A page without an article gives an empty body.
pub fn page(markup: &str, url: &Url, recipe: Option<&Recipe>) -> Result<Extracted, ExtractError> {
    page_at(markup, url, recipe, None)
}

/// Reads a page that was fetched `now`: by the recipe where one is given and finds a body, else by what was learnt.
///
/// # Errors
///
/// [`ExtractError`] where the page cannot be read at all. A page without an article gives an empty body.
pub fn page_at(
    markup: &str,
    url: &Url,
    recipe: Option<&Recipe>,
    now: Option<Timestamp>,
) -> Result<Extracted, ExtractError> {
    page_by(markup, url, recipe, now, body::judged)
}

/// Reads a page with the lines judged by `judge`.
fn page_by(
    markup: &str,
    url: &Url,
    recipe: Option<&Recipe>,
    now: Option<Timestamp>,
    judge: impl FnOnce(&blocks::Blocks, &head::Head) -> Vec<f32>,
) -> Result<Extracted, ExtractError> {
    if let Some(what) = verdict::foreign(markup) {
        let verdict = (Verdict::NotHtml, format!("it is {what}"));
        return Ok(Extracted { verdict, ..Extracted::nothing(Method::Readability) });
    }
    let document = text::html::document(markup)?;
    let (head, blocks) = (head::Head::read(&document), blocks::Blocks::read(&document));
    let site_name = meta::site_name(&head);
    let mut title = meta::title(&head, &blocks, url, site_name.as_deref());
    let judged = judge(&blocks, &head);
    let read = |title: &Option<Told<String>>| {
        let name = title.as_ref().map_or("", |it| it.value.as_str());
        candidates::better(body::read(&blocks, &judged, name), &head, &blocks, name)
    };
    let mut body = read(&title);
    if let Some(above) = meta::above(&blocks, &body.text, title.as_ref(), site_name.as_deref()) {
        title = Some(above);
        body = read(&title);
    }
    let name = title.as_ref().map_or("", |it| it.value.as_str()).to_owned();
    let verdict = verdict::of(&head, &blocks, &body, url);
    let flags =
        flags::of(&head, title.as_ref().map(|it| it.value.as_str()), &body.text, &body.cut, site_name.as_deref(), url);
    if !verdict.0.is_text() {
        body.text.clear();
    }
    let title = title.or_else(|| meta::inferred(&body.text));
    let mut authors = meta::authors(&head, &blocks, site_name.as_deref(), &name);
    let mut dates = dates::Candidates::of(&head, &blocks, url, &name, now).judged();
    if let Some(post) = clean::only_post(&blocks, &body.text) {
        // What the page states for machines is said of the post too.
        let is_weak = |it: Origin| !matches!(it, Origin::JsonLd | Origin::Meta);
        if authors.as_ref().is_none_or(|it| is_weak(it.origin)) {
            authors = Some(Told::new(vec![post.name], Origin::Text, 0.8));
        }
        if dates.published.as_ref().is_none_or(|it| is_weak(it.origin)) {
            let dated = dates::Dated { day: post.written.day, at: post.written.at() };
            dates.published = Some(Told::new(dated, Origin::Text, 0.8));
        }
    }
    let origin = |it: &Told<dates::Dated>| Told::new(it.value.day, it.origin, it.confidence);
    let mut res = Extracted {
        origins: Origins {
            title: title.as_ref().map(|it| Told::new((), it.origin, it.confidence)),
            authors: authors.as_ref().map(|it| Told::new((), it.origin, it.confidence)),
            published: dates.published.as_ref().map(origin),
            modified: dates.modified.as_ref().map(origin),
        },
        body: body.text,
        title: title.map(|it| it.value),
        authors: authors.map(|it| it.value).unwrap_or_default(),
        published: dates.published.map(|it| it.value.at),
        modified: dates.modified.map(|it| it.value.at),
        language: meta::language(&head),
        canonical: meta::canonical(&head, url),
        image: meta::image(&head, url),
        site_name,
        method: Method::Readability,
        verdict,
        flags,
        cut: body.cut.into_iter().map(|(text, reason)| (text, reason.into())).collect(),
        repeated: Vec::new(),
        missed: None,
        next: None,
        amp: amp::address(&head, url),
    };
    if head.is_cut {
        res.note("what it says to programs is read in part: it is too long");
    }
    if blocks.is_cut {
        res.note("its text is read in part: it is too long");
    }
    if let Some(recipe) = recipe {
        recipe.apply(&document, url, &mut res);
    }
    Ok(res)
}

/// Reads a document of any kind that is read, fetched `now` where that is known. Recipes are for pages alone.
///
/// # Errors
///
/// [`ExtractError`] where it cannot be read at all. A document without an article gives an empty body.
pub fn document(
    document: &Document<'_>,
    url: &Url,
    recipe: Option<&Recipe>,
    now: Option<Timestamp>,
) -> Result<Extracted, ExtractError> {
    match document {
        Document::Html(markup) => page_at(markup, url, recipe, now),
        Document::Text(text) => Ok(plain::read(text, url)),
        Document::Pdf(bytes) => Ok(match pdf::text(bytes) {
            Ok(pdf::Text { title, paragraphs, pages }) => {
                plain::of_paragraphs(title, &paragraphs, &format!("it is a PDF document, pages: {pages}"), url)
            }
            Err(reason) => {
                let verdict = (Verdict::NotHtml, reason.to_owned());
                Extracted { verdict, ..Extracted::nothing(Method::Readability) }
            }
        }),
    }
}
