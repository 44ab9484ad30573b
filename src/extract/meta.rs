//! Reads what a page says about its article: title, authors, outlet, addresses, each with its place.

mod authors;
mod title;

use serde_json::{Map, Value};
use url::Url;

use crate::{
    model::{CanonicalUrl, Provenance},
    text::{capped, html, one_line},
};

use super::{head::Head, ld};

pub(super) use crate::model::Origin;

pub(super) use self::{
    authors::authors,
    title::{above, inferred, line_of, title},
};

/// A value and where it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Told<T> {
    /// The value.
    pub value: T,
    /// The kind of place.
    pub origin: Origin,
    /// How reliable it is (0–1).
    pub confidence: f32,
}

impl<T> Told<T> {
    pub(super) fn new(value: T, origin: Origin, confidence: f32) -> Self {
        Self { value, origin, confidence }
    }

    /// Without the value.
    pub(super) fn provenance(&self) -> Provenance {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100")]
        let confidence = (self.confidence * 100.0).round().clamp(0.0, 100.0) as u8;
        Provenance { origin: self.origin, confidence }
    }
}

/// The outlet as the page names itself.
pub(super) fn site_name(head: &Head) -> Option<String> {
    let of_publisher = || {
        let names = head.ld.articles().filter_map(|it| name_of(it.get("publisher")?));
        names.map(|it| line(&it)).find(|it| !it.is_empty() && it.chars().count() < 60)
    };
    let of_site = || {
        let sites = head.ld.objects().filter(|it| ld::types(it).any(|it| it == "WebSite"));
        sites.filter_map(|it| it.get("name")?.as_str()).map(line).find(|it| !it.is_empty() && it.chars().count() < 60)
    };
    let of_application = || head.meta(&["application-name", "apple-mobile-web-app-title", "twitter:app:name:iphone"]);
    head.meta(&["og:site_name"])
        .map(line)
        .or_else(of_publisher)
        .or_else(of_site)
        .or_else(|| of_application().map(line))
        .filter(|it| !it.is_empty())
}

/// The address that the page calls its own; `None` if it leads to another site or the front page, which pages claim by
/// mistake.
pub(super) fn canonical(head: &Head, url: &Url) -> Option<CanonicalUrl> {
    let links = head.links.iter().filter(|(rel, _)| rel == "canonical").map(|(_, href)| href.as_str());
    let all = links.chain(head.metas("og:url"));
    all.filter_map(|it| CanonicalUrl::new(url.join(it).ok()?)).find(|it| {
        let other = it.as_url();
        let is_front = other.path() == "/" && other.query().is_none() && url.path() != "/";
        // A page that was read from a file has no address to compare with.
        !is_front && (!url.has_host() || same_site(url, other))
    })
}

/// Whether two addresses belong to one site: one host is the other or a part of it, apart from `www`, or both are part
/// of one domain. Two labels longer than those of `com.tr` count as a domain, except those under which everybody has a
/// site.
pub(super) fn same_site(a: &Url, b: &Url) -> bool {
    let bare = |it: &Url| it.host_str().unwrap_or_default().trim_start_matches("www.").to_owned();
    let (a, b) = (bare(a), bare(b));
    // The labels backwards, as they come.
    let domain = |it: &str| it.rsplit('.').take(2).collect::<Vec<_>>().join(".");
    let (of_a, of_b) = (domain(&a), domain(&b));
    a == b
        || (of_a == of_b && of_a.len() > 6 && !SHARED.contains(&of_a.as_str()))
        || a.ends_with(&format!(".{b}"))
        || b.ends_with(&format!(".{a}"))
}

/// Domains under which everybody has a site, with reversed labels.
const SHARED: &[&str] = &[
    "com.blogspot",
    "com.wordpress",
    "com.livejournal",
    "com.substack",
    "com.medium",
    "com.tumblr",
    "com.wixsite",
    "io.github",
    "app.netlify",
    "ru.narod",
    "ru.ucoz",
];

/// The picture that the page shows where it is shared.
pub(super) fn image(head: &Head, url: &Url) -> Option<Url> {
    let of_ld = || {
        let mut values = head.ld.articles().filter_map(|it| it.get("image"));
        values.find_map(first_address)
    };
    let text = head.meta(&["og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src"]);
    let text = text.map(str::to_owned).or_else(of_ld)?;
    url.join(text.trim()).ok().filter(|it| matches!(it.scheme(), "http" | "https"))
}

fn first_address(value: &Value) -> Option<String> {
    match value {
        Value::String(it) => Some(it.clone()),
        Value::Array(items) => items.first().and_then(first_address),
        Value::Object(map) => map.get("url").or_else(|| map.get("contentUrl"))?.as_str().map(str::to_owned),
        _ => None,
    }
}

/// The language that the page claims, as a BCP 47 code in lower case.
pub(super) fn language(head: &Head) -> Option<String> {
    let of_ld = || head.ld.articles().find_map(|it| it.get("inLanguage")?.as_str());
    let metas = ["content-language", "language", "dc.language", "og:locale"];
    let claimed = head.language.as_deref().filter(|it| !it.trim().is_empty());
    let text = claimed.or_else(|| head.meta(&metas)).or_else(of_ld)?;
    let text = text.split([',', ';']).next().unwrap_or_default().trim().replace('_', "-").to_ascii_lowercase();
    let is_code =
        !text.is_empty() && text.len() <= 12 && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
    is_code.then_some(text)
}

/// The name that a value of JSON-LD gives: a text, or an object that has one.
fn name_of(value: &Value) -> Option<String> {
    match value {
        Value::String(it) => Some(it.clone()),
        Value::Object(map) => name_in(map),
        Value::Array(items) => items.first().and_then(name_of),
        _ => None,
    }
}

fn name_in(map: &Map<String, Value>) -> Option<String> {
    match map.get("name")? {
        Value::String(it) => Some(it.clone()),
        Value::Array(items) => items.first()?.as_str().map(str::to_owned),
        _ => None,
    }
}

/// Maximum bytes of a title, a name or the like: each is parsed as markup and compared with many lines.
const MAX_LINE_BYTES: usize = 4_000;

/// A text of a page on one line, its entities decoded.
pub(super) fn line(text: &str) -> String {
    let text = capped(text, MAX_LINE_BYTES);
    let text = if text.contains(['&', '<']) { html::plain(text) } else { text.to_owned() };
    one_line(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_from_a_file_says_itself_where_it_belongs() {
        let markup = "<link rel=canonical href='https://harbour.example/7'>";
        let head = Head::read(&crate::text::html::document(markup).unwrap());
        let of = |url: &str| canonical(&head, &Url::parse(url).unwrap()).map(|it| it.to_string());
        assert_eq!(of("file:///home/desk/7.html").as_deref(), Some("https://harbour.example/7"));
        assert_eq!(of("https://gazette.example/7"), None);
    }

    #[test]
    fn a_site_is_a_domain_with_its_parts() {
        let url = |host: &str| Url::parse(&format!("https://{host}/")).unwrap();
        for (a, b, expected) in [
            ("gazette.example", "www.gazette.example", true),
            ("gazette.example", "amp.gazette.example", true),
            ("news.gazette.example", "amp.gazette.example", true),
            ("gazette.com.tr", "amp.gazette.com.tr", true),
            ("gazette.com.tr", "harbour.com.tr", false),
            ("gazette.example", "harbour.example", false),
            ("anna.blogspot.com", "petra.blogspot.com", false),
            ("anna.blogspot.com", "anna.blogspot.com", true),
        ] {
            assert_eq!(same_site(&url(a), &url(b)), expected, "{a} {b}");
        }
    }
}
