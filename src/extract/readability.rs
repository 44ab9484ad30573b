//! The readability-class extractor.

use std::panic::{self, AssertUnwindSafe};

use dom_smoothie::{Config, Readability};
use scraper::{Html, Selector};
use url::Url;

use crate::{
    model::{CanonicalUrl, Method, Timestamp},
    text::{html, one_line},
};

use super::{ExtractError, Extracted, clean};

pub(super) fn read(markup: &str, document: &Html, url: &Url) -> Result<Extracted, ExtractError> {
    // A panic in the engine must cost this page only.
    let article = panic::catch_unwind(AssertUnwindSafe(|| {
        let mut engine = Readability::new(markup, Some(url.as_str()), Some(Config::default())).ok()?;
        let metadata = engine.get_article_metadata(engine.parse_json_ld());
        // The engine finds a byline in the page itself only while it looks for the content.
        let (content, byline) = engine.parse().map_or((None, None), |it| (Some(it.content.to_string()), it.byline));
        Some((metadata, content, byline))
    }))
    .map_err(|_| ExtractError::Panicked)?;
    let Some((metadata, content, byline)) = article else {
        return Ok(Extracted { canonical: canonical(document, url), ..Extracted::nothing(Method::Readability) });
    };
    let site_name = metadata.site_name.as_deref().and_then(line);
    let title = line(&metadata.title).map(|it| clean::without_site_name(&it, site_name.as_deref()));
    let content = content.and_then(|it| html::fragment(&it).ok());
    let lines = content.map(|it| html::lines(it.root_element())).unwrap_or_default();
    Ok(Extracted {
        body: clean::body(lines, title.as_deref().unwrap_or_default()),
        title,
        authors: byline.or(metadata.byline).as_deref().and_then(line).map(|it| clean::names(&it)).unwrap_or_default(),
        published: metadata.published_time.as_deref().and_then(timestamp),
        language: metadata.lang.as_deref().and_then(line).map(|it| it.to_ascii_lowercase()),
        site_name,
        canonical: canonical(document, url),
        method: Method::Readability,
    })
}

fn canonical(document: &Html, url: &Url) -> Option<CanonicalUrl> {
    let selector = Selector::parse(r#"link[rel="canonical"][href]"#).ok()?;
    let href = document.select(&selector).next()?.attr("href")?;
    CanonicalUrl::new(url.join(href).ok()?)
}

/// A date as pages give it in `article:published_time` and JSON-LD: RFC 3339, or ISO 8601 without a zone
/// (read as UTC), or a date alone.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(it) = chrono::DateTime::parse_from_rfc3339(text) {
        return Some(it.to_utc());
    }
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M"];
    let local = local.iter().find_map(|it| chrono::NaiveDateTime::parse_from_str(text, it).ok());
    let offset = || chrono::DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z").ok().map(|it| it.to_utc());
    let date = || chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    local.map(|it| it.and_utc()).or_else(offset).or_else(|| date().map(|it| it.and_utc()))
}

fn line(text: &str) -> Option<String> {
    let text = one_line(&html::plain(text));
    (!text.is_empty()).then_some(text)
}
