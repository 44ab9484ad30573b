//! An article page to an article. Pure: the caller fetched the page.
//!
//! One parse, one walk. The lines of text that a reader sees (`blocks`) get features (`features`), and a scorer learned
//! offline says which belong to the article (`body`). Structured data and the state of scripts are candidates
//! besides (`candidates`); a site recipe goes before all of it, and the feed's own text is used where it is better. What
//! was read is recorded as the article's [`Method`].

mod blocks;
mod body;
mod candidates;
mod clean;
mod context;
mod cues;
mod dates;
mod features;
mod flags;
mod form;
mod head;
mod meta;
mod pdf;
mod plain;
mod recipe;
mod scorer;
mod template;
mod verdict;
mod weights;
mod words;

use std::{borrow::Cow, collections::HashSet};

use chrono::NaiveDate;
use url::Url;

use crate::{
    model::{
        Article, ArticleId, CanonicalUrl, Entry, Flag, Judgement, Method, Origin, Page, Provenance, Reading, Repeated,
        Timestamp, Verdict,
    },
    text::{self, html::TooComplex},
};

pub use self::{
    form::Document,
    meta::Told,
    recipe::{Asks, Pattern, Recipe, RecipeError, RecipeRule},
    template::{MAX_PAGES, Template},
};

/// A body shorter than this many characters does not displace a longer text that the feed itself gives, and no
/// body one that is more than twice as long: it is more often a consent wall or a teaser than an article.
const SHORT_BODY: usize = 250;

/// Of 100: how far a feed is to be believed about its entry. As far as what a page states for machines.
const FEED_CONFIDENCE: u8 = 95;

/// What was read from a page. Texts are plain, the body one paragraph a line.
#[derive(Debug, Clone, PartialEq)]
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
    /// The address that the page calls its own, on this site.
    pub canonical: Option<CanonicalUrl>,
    /// How the body was found.
    pub method: Method,
    /// What the page is, and what that rests on.
    pub verdict: (Verdict, String),
    /// What is said about how the text came to be.
    pub flags: Vec<Flag>,
    /// The picture that is shown where the page is shared.
    pub image: Option<Url>,
    /// When it was changed last, as the page claims.
    pub modified: Option<Timestamp>,
    /// Where these were found.
    pub origins: Origins,
    /// Text of the page that is no part of the body, and why.
    pub cut: Vec<(String, Cow<'static, str>)>,
    /// Of these, what was cut on the word of other pages of the source.
    pub repeated: Vec<Repeated>,
    /// The recipe that was to read it and found no text; what was learnt read it instead.
    pub missed: Option<String>,
    /// The next page of the same article, on the same host, as its recipe says.
    pub next: Option<Url>,
}

/// Where title, authors and dates were found, and how far they are to be believed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Origins {
    /// Of the title.
    pub title: Option<Told<()>>,
    /// Of the authors.
    pub authors: Option<Told<()>>,
    /// Of the date of publication, with the day as the page writes it, in the publisher's own zone.
    pub published: Option<Told<NaiveDate>>,
    /// Of the date of the last change.
    pub modified: Option<Told<NaiveDate>>,
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
            verdict: (Verdict::TooShort, "there is no text".to_owned()),
            flags: Vec::new(),
            image: None,
            modified: None,
            origins: Origins::default(),
            cut: Vec::new(),
            repeated: Vec::new(),
            missed: None,
            next: None,
        }
    }

    /// Adds to the reason of the verdict.
    pub fn note(&mut self, reason: &str) {
        self.verdict.1.push_str("; ");
        self.verdict.1.push_str(reason);
    }

    /// Goes on with a further page of the same article: with the lines of its text that are not here already, for
    /// sites repeat the lead.
    pub fn go_on(&mut self, page: Self) {
        let held: HashSet<&str> = self.body.lines().collect();
        let more: Vec<&str> = page.body.lines().filter(|it| !held.contains(it)).collect();
        let body = [self.body.as_str()].into_iter().chain(more).collect::<Vec<_>>().join("\n");
        self.body = body;
        self.cut.extend(page.cut);
        self.next = page.next;
    }
}

/// The page gives nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// Parsing would cost too much. The feed's own text is used.
    #[error("the page is not read: {0}")]
    TooComplex(#[from] TooComplex),
}

/// Reads a page whose time of fetching is not known: as [`page_at`], but dates told by their distance from it are not read.
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
    let title = meta::title(&head, &blocks, url, site_name.as_deref());
    let name = title.as_ref().map_or("", |it| it.value.as_str());
    let judged = judge(&blocks, &head);
    let mut body = candidates::better(body::read(&blocks, &judged, name), &head, name);
    let verdict = verdict::of(&head, &blocks, &body, url);
    let flags = flags::of(&head, &body.text, &body.cut, site_name.as_deref(), url);
    if !verdict.0.is_text() {
        body.text.clear();
    }
    let title = title.or_else(|| meta::inferred(&body.text));
    let mut authors = meta::authors(&head, &blocks, site_name.as_deref());
    let mut dates = dates::Candidates::of(&head, &blocks, url, now).judged();
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
    };
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
        Document::Text(text) => Ok(plain::read(text)),
        Document::Pdf(bytes) => Ok(match pdf::text(bytes) {
            Ok(pdf::Text { title, paragraphs, pages }) => {
                plain::of_paragraphs(title, paragraphs, &format!("it is a PDF document, pages: {pages}"))
            }
            Err(reason) => {
                let verdict = (Verdict::NotHtml, reason.to_owned());
                Extracted { verdict, ..Extracted::nothing(Method::Readability) }
            }
        }),
    }
}

/// A line of a page with its features, for whoever makes the weights of the scorer.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The line.
    pub text: String,
    /// Its features.
    pub features: Vec<f32>,
}

/// The lines of a page with their features.
///
/// # Errors
///
/// [`TooComplex`] where parsing would cost too much.
pub fn samples(markup: &str) -> Result<Vec<Sample>, TooComplex> {
    let document = text::html::document(markup)?;
    let blocks = blocks::Blocks::read(&document);
    let rows = features::rows(&blocks, &head::Head::read(&document));
    let sample = |(block, row): (&blocks::Block, &[f32])| Sample { text: block.text.clone(), features: row.to_vec() };
    Ok(blocks.lines.iter().zip(rows.iter()).map(sample).collect())
}

/// What the judgement of all lines of a page says about each, for whoever makes the weights of the second scorer.
///
/// # Errors
///
/// [`TooComplex`] where parsing would cost too much.
pub fn context_samples(markup: &str, judged: &[f32]) -> Result<Vec<Vec<f32>>, TooComplex> {
    let document = text::html::document(markup)?;
    let rows = context::rows(&blocks::Blocks::read(&document), judged);
    Ok(rows.iter().map(<[f32]>::to_vec).collect())
}

/// Reads a page whose [`samples`] were judged elsewhere, each of 1, for whoever measures weights that are not in the tables.
///
/// # Errors
///
/// [`ExtractError`] where the page cannot be read at all.
pub fn page_judged(markup: &str, url: &Url, judged: &[f32]) -> Result<Extracted, ExtractError> {
    page_by(markup, url, None, None, |_, _| judged.to_vec())
}

/// The days that a page names with their features, for whoever makes the weights of the scorer of dates.
///
/// # Errors
///
/// [`TooComplex`] where parsing would cost too much.
pub fn date_samples(markup: &str, url: &Url) -> Result<Vec<Sample>, TooComplex> {
    let document = text::html::document(markup)?;
    let candidates = dates::Candidates::of(&head::Head::read(&document), &blocks::Blocks::read(&document), url, None);
    let rows = candidates.features().into_iter();
    Ok(rows.map(|(it, features)| Sample { text: it.day.to_string(), features }).collect())
}

/// Makes the article of its entry, what became of its page, and what was read from that.
///
/// Version and time are those of a first reading; settling corrects them where the article is held already.
pub fn article(entry: &Entry, id: ArticleId, page: Page, extracted: Option<Extracted>, now: Timestamp) -> Article {
    let state = page;
    let judgement = extracted.as_ref().map(|it| Judgement { verdict: it.verdict.0, reason: it.verdict.1.clone() });
    // A page that is sent instead of an article tells nothing of it: its title and its date are its own.
    let page = extracted.filter(|it| it.verdict.0.is_text()).unwrap_or_else(|| Extracted::nothing(Method::Feed));
    let of_feed = clean::body_text(&entry.text, &entry.title);
    let is_of_feed = feed_is_better(&page, &of_feed);
    let title = best_title(&entry.title, page.title.as_deref());
    let reading = reading(entry, &page, judgement, title == entry.title);
    let (body, method) = if is_of_feed { (of_feed, Method::Feed) } else { (page.body, page.method) };
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
        reading,
    }
}

/// Whether the feed's own text serves better than what the page gave.
fn feed_is_better(page: &Extracted, of_feed: &str) -> bool {
    let (of_page, of_feed) = (page.body.chars().count(), of_feed.chars().count());
    // Of an article that is locked, or a page that has hardly any text, the longer text is the better one.
    let is_part = page.verdict.0 != Verdict::Article;
    page.body.is_empty() || of_feed > 2 * of_page || (of_feed > of_page && (is_part || of_page < SHORT_BODY))
}

/// What the reading says besides the text, of a page that is an article, and of the entry where that has a value of its own.
fn reading(entry: &Entry, page: &Extracted, judgement: Option<Judgement>, is_feed_title: bool) -> Reading {
    let of_feed = Provenance { origin: Origin::Feed, confidence: FEED_CONFIDENCE };
    let origins = &page.origins;
    // Atom wants the date of the last change of every entry; it is one only where it is later than the first.
    let updated = entry.updated.filter(|at| entry.published.is_some_and(|first| *at > first));
    Reading {
        judgement,
        flags: page.flags.clone(),
        modified: updated.or(page.modified),
        image: page.image.clone(),
        title: match is_feed_title {
            true => (!entry.title.is_empty()).then_some(of_feed),
            false => origins.title.as_ref().map(Told::provenance),
        },
        authors: match entry.authors.is_empty() {
            true => origins.authors.as_ref().map(Told::provenance),
            false => Some(of_feed),
        },
        published: match entry.published {
            Some(_) => Some(of_feed),
            None => origins.published.as_ref().map(Told::provenance),
        },
        modified_from: match updated {
            Some(_) => Some(of_feed),
            None => origins.modified.as_ref().map(Told::provenance),
        },
        repeated: page.repeated.clone(),
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

#[cfg(test)]
mod tests {
    use crate::model::SourceId;

    use super::*;

    fn entry(text: &str) -> Entry {
        Entry {
            source: SourceId::new("gazette").unwrap(),
            link: None,
            guid: None,
            guid_is_unique: false,
            title: "Talks begin".to_owned(),
            text: text.to_owned(),
            authors: Vec::new(),
            published: None,
            updated: None,
            language: None,
            enclosures: Vec::new(),
        }
    }

    fn read(verdict: Verdict, body: &str) -> Extracted {
        Extracted {
            body: body.to_owned(),
            title: Some("Talks begin | Gazette".to_owned()),
            published: Some(Timestamp::UNIX_EPOCH),
            verdict: (verdict, "so it says".to_owned()),
            flags: vec![Flag { kind: crate::model::FlagKind::Syndicated, evidence: "Harbour".to_owned() }],
            origins: Origins {
                published: Some(Told::new(NaiveDate::default(), Origin::Text, 0.555)),
                ..Origins::default()
            },
            ..Extracted::nothing(Method::Readability)
        }
    }

    #[track_caller]
    fn check(verdict: Verdict, of_page: usize, of_feed: usize, expected: &Method) {
        let sentence = "The delegation went over the bridge in the morning. ";
        let entry = entry(sentence.repeat(of_feed).trim());
        let page = read(verdict, sentence.repeat(of_page).trim());
        let res = article(&entry, ArticleId(1), Page::None, Some(page), Timestamp::UNIX_EPOCH);
        assert_eq!(&res.method, expected, "{verdict:?}, {of_page} of the page, {of_feed} of the feed");
        assert_eq!(res.reading.judgement.unwrap().verdict, verdict);
    }

    #[test]
    fn the_feeds_own_text_is_used_where_it_is_better() {
        check(Verdict::Article, 10, 15, &Method::Readability);
        check(Verdict::Article, 10, 25, &Method::Feed);
        check(Verdict::TooShort, 1, 2, &Method::Feed);
        check(Verdict::TooShort, 2, 1, &Method::Readability);
        check(Verdict::Paywalled, 10, 15, &Method::Feed);
        check(Verdict::Paywalled, 10, 5, &Method::Readability);
        check(Verdict::ListPage, 0, 1, &Method::Feed);
    }

    #[test]
    fn a_page_that_is_no_article_tells_nothing_of_it() {
        let of =
            |verdict| article(&entry("Text."), ArticleId(1), Page::None, Some(read(verdict, "")), Timestamp::MAX_UTC);
        let res = of(Verdict::ChallengePage);
        assert_eq!((res.published, res.reading.published, res.reading.flags.len()), (None, None, 0));
        let res = of(Verdict::TooShort);
        let told = Provenance { origin: Origin::Text, confidence: 56 };
        assert_eq!((res.published, res.reading.published), (Some(Timestamp::UNIX_EPOCH), Some(told)));
        assert_eq!(res.reading.flags.len(), 1);
    }

    #[test]
    fn what_the_feed_says_is_told_as_its_own() {
        let at = |seconds| Timestamp::from_timestamp(seconds, 0);
        let entry = Entry { published: at(10), updated: at(20), authors: vec!["A. Author".to_owned()], ..entry("") };
        let res = article(&entry, ArticleId(1), Page::None, None, Timestamp::UNIX_EPOCH);
        let feed = Some(Provenance { origin: Origin::Feed, confidence: 95 });
        let reading = Reading {
            modified: at(20),
            title: feed,
            authors: feed,
            published: feed,
            modified_from: feed,
            ..Reading::default()
        };
        assert_eq!(res.reading, reading);
        // Feeds that know no other date give the first as the last one.
        let entry = Entry { published: at(20), updated: at(20), ..entry };
        let res = article(&entry, ArticleId(1), Page::None, None, Timestamp::UNIX_EPOCH);
        assert_eq!((res.reading.modified, res.reading.modified_from), (None, None));
    }
}
