//! The bundled sample site that `sitrepd demo` reads over real HTTP. Everything in it is invented.
//!
//! Content and looks are files in `demo_site/`: one text for each article (`articles/`), one page template for each
//! outlet and one template for each feed format (`templates/`). What an article's text file holds after its
//! header is what an extractor should find on its page.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, SecondsFormat, Utc};
use minijinja::{Environment, Value, context};
use serde_json::json;

/// A sample file that cannot be made into the site.
#[derive(Debug, thiserror::Error)]
pub enum DemoSiteError {
    /// An article's text file is not as it should be.
    #[error("sample article {slug} has no usable {field}")]
    Article {
        /// The file's name without extension.
        slug: &'static str,
        /// What is missing in it.
        field: &'static str,
    },
    /// A template is not as it should be.
    #[error("sample template cannot be rendered")]
    Template(#[from] minijinja::Error),
}

/// The site, ready to be served under `base`, the address that clients see (`http://127.0.0.1:8080`).
///
/// # Errors
///
/// [`DemoSiteError`] where a bundled file is broken.
pub fn router(base: &str) -> Result<Router, DemoSiteError> {
    let site = Arc::new(resources(base.trim_end_matches('/'))?);
    Ok(Router::new().route("/", get(answer)).route("/{*path}", get(answer)).with_state(site))
}

/// The text of a `sources.toml` with the site's four feeds.
pub fn sources(base: &str) -> String {
    include_str!("demo_site/sources.toml").replace("{{BASE}}", base.trim_end_matches('/'))
}

/// The recipe that the site's sources name, to stand as `sites/demo.toml`.
pub const RECIPE: &str = include_str!("demo_site/recipe.toml");

/// One answer of the site.
struct Resource {
    media_type: &'static str,
    etag: String,
    body: Bytes,
}

async fn answer(State(site): State<Arc<HashMap<String, Resource>>>, uri: Uri, request: HeaderMap) -> Response {
    let Some(resource) = site.get(uri.path()) else {
        return (StatusCode::NOT_FOUND, "no such page on the sample site\n").into_response();
    };
    let etag = [(header::ETAG, resource.etag.clone())];
    match is_held(&request, &resource.etag) {
        true => (StatusCode::NOT_MODIFIED, etag).into_response(),
        false => (etag, [(header::CONTENT_TYPE, resource.media_type)], resource.body.clone()).into_response(),
    }
}

/// Whether the client already has this version: `If-None-Match` lists its tag or is `*` (RFC 9110 §13.1.2, weak
/// comparison).
fn is_held(request: &HeaderMap, etag: &str) -> bool {
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

/// An invented outlet. Each has its own page layout and feed format.
struct Outlet {
    id: &'static str,
    name: &'static str,
    format: Format,
    /// Articles of other outlets that its feed lists too, by slug.
    also: &'static [&'static str],
}

impl Outlet {
    fn feed_path(&self) -> String {
        format!("/{}/feed.{}", self.id, self.format.extension())
    }

    /// As the templates see it.
    fn value(&self, base: &str) -> Value {
        let feed_type = self.format.media_type();
        context! {
            id => self.id,
            name => self.name,
            feed_url => unescaped(&format!("{base}{}", self.feed_path())),
            feed_type => unescaped(feed_type.split(';').next().unwrap_or(feed_type)),
        }
    }
}

#[derive(Clone, Copy)]
enum Format {
    Rss,
    Atom,
    Rdf,
    Json,
}

impl Format {
    fn extension(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::Rdf => "rdf",
            Self::Json => "json",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Rdf => "application/rdf+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
        }
    }
}

const OUTLETS: &[Outlet] = &[
    Outlet { id: "caspian-wire", name: "Caspian Wire", format: Format::Rss, also: &[] },
    Outlet { id: "mtkvari-observer", name: "Mtkvari Observer", format: Format::Atom, also: &[] },
    Outlet { id: "black-sea-ledger", name: "Black Sea Ledger", format: Format::Rdf, also: &[] },
    Outlet { id: "south-mesh", name: "South Mesh", format: Format::Json, also: &["test-train", "karadeniz-mayin"] },
];

/// Slug and text of every article, newest first, as the feeds list them.
const ARTICLES: &[(&str, &str)] = &[
    ("hapk-qvearkutyun", include_str!("demo_site/articles/hapk-qvearkutyun.txt")),
    ("kiberataka-porty", include_str!("demo_site/articles/kiberataka-porty.txt")),
    ("gozargah-aras", include_str!("demo_site/articles/gozargah-aras.txt")),
    ("karadeniz-mayin", include_str!("demo_site/articles/karadeniz-mayin.txt")),
    ("sazghvari-khazi", include_str!("demo_site/articles/sazghvari-khazi.txt")),
    ("pomegranate-fair", include_str!("demo_site/articles/pomegranate-fair.txt")),
    ("odkb-uchenia", include_str!("demo_site/articles/odkb-uchenia.txt")),
    ("qara-deniz-kabeli", include_str!("demo_site/articles/qara-deniz-kabeli.txt")),
    ("test-train", include_str!("demo_site/articles/test-train.txt")),
    ("programme-copy", include_str!("demo_site/articles/programme-copy.txt")),
    ("partnership-programme", include_str!("demo_site/articles/partnership-programme.txt")),
];

/// Name and text of every template. Text is escaped in those named `.html` or `.xml`.
const TEMPLATES: &[(&str, &str)] = &[
    ("index.html", include_str!("demo_site/templates/index.html")),
    ("caspian-wire.html", include_str!("demo_site/templates/caspian-wire.html")),
    ("mtkvari-observer.html", include_str!("demo_site/templates/mtkvari-observer.html")),
    ("black-sea-ledger.html", include_str!("demo_site/templates/black-sea-ledger.html")),
    ("south-mesh.html", include_str!("demo_site/templates/south-mesh.html")),
    ("rss.xml", include_str!("demo_site/templates/rss.xml")),
    ("atom.xml", include_str!("demo_site/templates/atom.xml")),
    ("rdf.xml", include_str!("demo_site/templates/rdf.xml")),
];

/// An article as its text file has it.
struct Article {
    slug: &'static str,
    title: &'static str,
    /// Id of its outlet.
    outlet: &'static str,
    author: &'static str,
    language: &'static str,
    published: DateTime<Utc>,
    url: String,
    paragraphs: Vec<&'static str>,
    /// The first words, for lists.
    teaser: String,
    /// Slug of the article that this one copies.
    copy_of: Option<&'static str>,
}

impl Article {
    /// Reads a text file: `name: value` lines, an empty line, then one paragraph a line. A copy has no text of its own.
    fn read(slug: &'static str, text: &'static str, base: &str) -> Result<Self, DemoSiteError> {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let optional = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let field = |name| optional(name).ok_or(DemoSiteError::Article { slug, field: name });
        let copy_of = optional("copy_of");
        let body = match copy_of {
            Some(original) => {
                let found = ARTICLES.iter().find(|(it, _)| *it == original).and_then(|(_, it)| it.split_once("\n\n"));
                found.ok_or(DemoSiteError::Article { slug, field: "copy_of" })?.1
            }
            None => body,
        };
        let paragraphs: Vec<&str> = body.lines().collect();
        let first = paragraphs.first().ok_or(DemoSiteError::Article { slug, field: "text" })?;
        let published = field("published")?.parse().map_err(|_| DemoSiteError::Article { slug, field: "published" })?;
        let outlet = field("outlet")?;
        Ok(Self {
            slug,
            title: field("title")?,
            outlet,
            author: field("author")?,
            language: field("language")?,
            published,
            url: format!("{base}{}", page_path(outlet, slug)),
            teaser: teaser(first),
            paragraphs,
            copy_of,
        })
    }

    fn published_rfc3339(&self) -> String {
        self.published.to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// As the templates see it.
    fn value(&self) -> Value {
        context! {
            slug => self.slug,
            title => self.title,
            outlet => self.outlet,
            author => self.author,
            language => self.language,
            published => self.published_rfc3339(),
            published_rfc2822 => self.published.to_rfc2822(),
            day => self.published.date_naive().to_string(),
            url => unescaped(&self.url),
            paragraphs => self.paragraphs.clone(),
            teaser => self.teaser.as_str(),
        }
    }
}

fn page_path(outlet: &str, slug: &str) -> String {
    format!("/{outlet}/{slug}.html")
}

/// The templates would write `/` as `&#x2f;`: right, but hard to read for a person who looks at the page's source. Only
/// for addresses and media types of this file, which hold nothing to escape.
fn unescaped(text: &str) -> Value {
    Value::from_safe_string(text.to_owned())
}

fn teaser(paragraph: &str) -> String {
    let words: Vec<&str> = paragraph.split(' ').take(14).collect();
    format!("{} …", words.join(" "))
}

/// Everything the site answers, by path. The site never changes while it runs, so it is rendered once.
fn resources(base: &str) -> Result<HashMap<String, Resource>, DemoSiteError> {
    let mut templates = Environment::new();
    for (name, text) in TEMPLATES {
        templates.add_template(name, text)?;
    }
    let articles: Vec<Article> =
        ARTICLES.iter().map(|(slug, text)| Article::read(slug, text, base)).collect::<Result<_, _>>()?;
    let renderer = Renderer { base, templates, articles };

    let mut site = HashMap::new();
    let mut add = |path: String, media_type, body: String| {
        let etag = format!("\"{:08x}\"", crc32c::crc32c(body.as_bytes()));
        site.insert(path, Resource { media_type, etag, body: body.into() });
    };
    for outlet in OUTLETS {
        for article in renderer.articles.iter().filter(|it| it.outlet == outlet.id) {
            add(page_path(outlet.id, article.slug), HTML, renderer.page(outlet, article)?);
        }
        add(outlet.feed_path(), outlet.format.media_type(), renderer.feed(outlet)?);
    }
    add("/".to_owned(), HTML, renderer.index()?);
    add("/robots.txt".to_owned(), "text/plain; charset=utf-8", include_str!("demo_site/robots.txt").to_owned());
    Ok(site)
}

const HTML: &str = "text/html; charset=utf-8";

struct Renderer<'a> {
    base: &'a str,
    templates: Environment<'a>,
    articles: Vec<Article>,
}

impl Renderer<'_> {
    /// The list of all outlets and articles.
    fn index(&self) -> Result<String, DemoSiteError> {
        let outlets: Vec<Value> = OUTLETS.iter().map(|it| it.value(self.base)).collect();
        let articles: Vec<Value> = self.articles.iter().map(Article::value).collect();
        Ok(self.templates.get_template("index.html")?.render(context! { outlets, articles })?)
    }

    /// An article's page in its outlet's layout, crowded by teasers of the other articles.
    fn page(&self, outlet: &Outlet, article: &Article) -> Result<String, DemoSiteError> {
        let others: Vec<Value> =
            self.articles.iter().filter(|it| it.slug != article.slug).map(Article::value).collect();
        let original = self.articles.iter().find(|it| Some(it.slug) == article.copy_of);
        let original_outlet = OUTLETS.iter().find(|it| original.is_some_and(|original| original.outlet == it.id));
        let values = context! {
            base => unescaped(self.base),
            outlet => outlet.value(self.base),
            article => article.value(),
            others,
            original => original.map(Article::value),
            original_outlet => original_outlet.map(|it| it.value(self.base)),
        };
        Ok(self.templates.get_template(&format!("{}.html", outlet.id))?.render(values)?)
    }

    /// An outlet's feed in its format: its own articles and those it lists from others.
    fn feed(&self, outlet: &Outlet) -> Result<String, DemoSiteError> {
        let listed: Vec<&Article> =
            self.articles.iter().filter(|it| it.outlet == outlet.id || outlet.also.contains(&it.slug)).collect();
        let template = match outlet.format {
            Format::Rss => "rss.xml",
            Format::Atom => "atom.xml",
            Format::Rdf => "rdf.xml",
            Format::Json => return Ok(self.json_feed(outlet, &listed)),
        };
        let values = context! {
            base => unescaped(self.base),
            outlet => outlet.value(self.base),
            articles => listed.iter().map(|it| it.value()).collect::<Vec<Value>>(),
            newest => listed.first().map(|it| it.published_rfc3339()),
        };
        Ok(self.templates.get_template(template)?.render(values)?)
    }

    /// A JSON Feed. Links to other outlets carry tracking parameters, as shared links do.
    fn json_feed(&self, outlet: &Outlet, articles: &[&Article]) -> String {
        let item = |it: &&Article| {
            let url = match it.outlet == outlet.id {
                true => it.url.clone(),
                false => format!("{}?utm_source={}&fbclid=sample", it.url, outlet.id),
            };
            json!({
                "id": format!("{}/{}", outlet.id, it.slug),
                "url": url,
                "title": it.title,
                "summary": it.teaser,
                "content_text": it.paragraphs.first(),
                "date_published": it.published_rfc3339(),
                "language": it.language,
                "authors": [{ "name": it.author }],
            })
        };
        json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": outlet.name,
            "home_page_url": format!("{}/", self.base),
            "feed_url": format!("{}{}", self.base, outlet.feed_path()),
            "items": articles.iter().map(item).collect::<Vec<_>>(),
        })
        .to_string()
    }
}
