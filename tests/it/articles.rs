//! Pages and the articles read from them: every folder of `tests/fixtures/articles` holds a `source` (html,
//! txt, or bin where it is not UTF-8), `meta.toml` and `expected.toml`. Pages too large to keep are made here.

use std::fs;

use serde::Deserialize;
use sitrepd::{
    extract::{self, Document, ExtractError, Extracted, Pattern, Recipe, RecipeRule, Standing},
    model::{Article, ArticleId, Entry, FetchRecord, Method, Page, SourceId, Timestamp},
    parse,
    text::html::TooComplex,
};
use url::Url;

use crate::feeds::{folders, source_file};

/// How a fixture's page came in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Meta {
    /// What the fixture shows, and what is wrong with today's reading.
    #[serde(default)]
    note: String,
    url: Url,
    content_type: Option<String>,
    recipe: Option<Rule>,
    #[serde(default)]
    feed_title: String,
    #[serde(default)]
    feed_text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    name: String,
    body: String,
    title: String,
    author: String,
    date: String,
    strip: Vec<String>,
}

/// What the article has to be. A key that is left out must be empty, but for the title: not every page has one of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    title: Option<String>,
    #[serde(default)]
    authors: Vec<String>,
    published: Option<String>,
    language: Option<String>,
    site_name: Option<String>,
    canonical: Option<String>,
    /// `readability`, `feed` or `recipe NAME`.
    method: String,
    /// Its paragraphs.
    body: Vec<String>,
    /// Words of what stands around the article.
    #[serde(default)]
    must_not: Vec<String>,
}

#[test]
fn articles_are_read_as_expected() {
    let mut wrong = Vec::new();
    let folders = folders("articles");
    for folder in &folders {
        let meta: Meta = toml_edit::de::from_str(&fs::read_to_string(folder.join("meta.toml")).unwrap()).unwrap();
        let expected = fs::read_to_string(folder.join("expected.toml")).unwrap();
        let expected: Expected = toml_edit::de::from_str(&expected).unwrap();
        let bytes = fs::read(source_file(folder)).unwrap();
        let differences = differences(&meta, &read(&meta, &bytes), &expected);
        if !differences.is_empty() {
            wrong.push(format!("{} ({})\n  {}", folder.display(), meta.note, differences.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {} pages are read otherwise:\n{}", wrong.len(), folders.len(), wrong.join("\n"));
}

fn read(meta: &Meta, bytes: &[u8]) -> Extracted {
    let one = |css: &str| vec![Pattern::from(css)];
    let rule = meta.recipe.as_ref().map(|it| RecipeRule {
        name: it.name.clone(),
        hosts: Vec::new(),
        body: one(&it.body),
        title: one(&it.title),
        author: one(&it.author),
        date: one(&it.date),
        strip: it.strip.iter().map(|it| Pattern::from(it.as_str())).collect(),
        ..RecipeRule::default()
    });
    let recipe = rule.map(|it| Recipe::compile(&it).unwrap());
    let document = Document::of(bytes, meta.content_type.as_deref(), &meta.url, parse::page_text);
    extract::document(&document, &meta.url, recipe.as_ref(), None).unwrap()
}

/// The article of a feed entry with the fixture's title and text.
fn article(meta: &Meta, page: Extracted) -> Article {
    let entry = Entry {
        source: SourceId::new("test").unwrap(),
        link: None,
        link_is_own: true,
        permalink: None,
        guid: None,
        guid_is_unique: false,
        title: meta.feed_title.clone(),
        text: meta.feed_text.clone(),
        authors: Vec::new(),
        published: None,
        updated: None,
        is_dated_by_update: false,
        language: None,
        enclosures: Vec::new(),
    };
    let at = Timestamp::UNIX_EPOCH;
    let record = Page::Fetched(FetchRecord { status: 200, url: meta.url.to_string(), bytes: 1, at });
    extract::article(&entry, &Standing::default(), ArticleId(1), record, Some(page), at)
}

fn differences(meta: &Meta, page: &Extracted, expected: &Expected) -> Vec<String> {
    let article = article(meta, page.clone());
    let method = match &article.method {
        Method::Recipe(name) => format!("recipe {name}"),
        Method::Readability => "readability".to_owned(),
        Method::Feed => "feed".to_owned(),
    };
    let mut res = Vec::new();
    let mut compare = |what: &str, actual: String, expected: String| {
        if actual != expected {
            res.push(format!("{what}: {actual}\n    expected {expected}"));
        }
    };
    if let Some(title) = &expected.title {
        compare("title", article.title.clone(), title.clone());
    }
    compare("method", method, expected.method.clone());
    compare("body", article.body.clone(), expected.body.join("\n"));
    // The rest is of no interest where the page is no article.
    if article.method != Method::Feed {
        let time = |it: Timestamp| it.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let canonical = page.canonical.as_ref().map(sitrepd::model::CanonicalUrl::as_str);
        compare("authors", format!("{:?}", page.authors), format!("{:?}", expected.authors));
        compare("published", format!("{:?}", page.published.map(time)), format!("{:?}", expected.published));
        compare("language", format!("{:?}", page.language), format!("{:?}", expected.language));
        compare("site name", format!("{:?}", page.site_name), format!("{:?}", expected.site_name));
        compare("canonical", format!("{canonical:?}"), format!("{:?}", expected.canonical.as_deref()));
    }
    for it in expected.must_not.iter().filter(|it| article.body.contains(*it)) {
        compare("clutter in the body", it.clone(), String::new());
    }
    res
}

#[track_caller]
fn check_refused(markup: &str, expected: TooComplex) {
    let url = Url::parse("https://news.example/1").unwrap();
    assert_eq!(extract::page(markup, &url, None), Err(ExtractError::TooComplex(expected)));
}

#[test]
fn costly_pages_are_refused() {
    let text = "<p>The delegation arrived on Monday, and the talks began at once.</p>".repeat(20);
    check_refused(&format!("<html><body>{}{text}", "<div>".repeat(2_000)), TooComplex::Depth);
    check_refused(&format!("<html><body>{}{text}", "<div></i>".repeat(2_000)), TooComplex::Depth);
    check_refused(&format!("<html><body>{text}<p {}>", "a b='c' ".repeat(2_000)), TooComplex::Attributes);
}

#[test]
fn a_page_as_deep_as_bad_templates_make_them_is_read() {
    let text = |day| {
        format!(
            "<p>The delegation arrived on day {day}, and the talks about the harbour and the bridge began at once.</p>"
        )
    };
    let text = (1..=20).map(text).collect::<String>();
    let url = Url::parse("https://news.example/1").unwrap();
    let markup = format!("<html><body>{}{text}{}", "<div>".repeat(200), "</div>".repeat(200));
    assert_eq!(extract::page(&markup, &url, None).unwrap().body.lines().count(), 20);
}

#[test]
fn what_is_no_page_gives_no_body() {
    let url = Url::parse("https://news.example/1").unwrap();
    for markup in
        ["", "<html></html>", "\0\0\0", "%PDF-1.7 \u{fffd}\u{fffd}", "{\"a\": 1}", "<?xml version='1.0'?><rss/>"]
    {
        let page = extract::page(markup, &url, None).unwrap();
        assert!(page.body.len() <= markup.len(), "{markup:?}: {:?}", page.body);
    }
}

/// Pages that cost much for their size. Each was over a second, or over 100 MB, at one time; what bounds them is counted, not timed.
#[test]
fn costly_pages_that_are_read_are_read_in_part() {
    let url = Url::parse("https://news.example/1").unwrap();
    let line = |it| format!("<p>{}.{}.2020 posted by Some Name", it % 28 + 1, it % 12 + 1);
    let dates = (0..60_000).map(line).collect::<Vec<_>>().concat();
    let cards = "<div class='card item list'><a href='/a'>T</a><p>text here with some words</p></div>".repeat(20_000);
    let links = "<a href=/x>link text of some length here 2020-01-02</a><br>".repeat(40_000);
    // As long as one may be that is read, and longer.
    let state = format!("<script id=__NEXT_DATA__>[{}1]</script>", "{},".repeat(700_000));
    let structured =
        format!("<script type='application/ld+json'>[{}1]</script>", "{\"@type\":\"NewsArticle\"},".repeat(60_000));
    let many_values =
        format!("<script type='application/ld+json'>[{}1]</script>", "{\"@type\":\"NewsArticle\"},".repeat(40_000));
    let text = "its text is read in part: it is too long";
    let programs = "what it says to programs is read in part: it is too long";
    for (markup, note) in [
        (dates, text),
        (cards, text),
        (links, text),
        (state, programs),
        (structured, programs),
        (many_values, programs),
    ] {
        let read = extract::page(&markup, &url, None).unwrap();
        assert!(read.verdict.1.ends_with(note), "{}: {markup:.60}", read.verdict.1);
        assert!(read.cut.len() <= 12_000, "{} lines of {markup:.60}", read.cut.len());
    }
    let short = extract::page("<script id=__NEXT_DATA__>[]</script><p>Talks begin.", &url, None).unwrap();
    assert!(!short.verdict.1.contains("in part"), "{}", short.verdict.1);
}
