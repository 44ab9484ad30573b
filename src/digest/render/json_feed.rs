//! JSON Feed 1.1, with the entries and the ids of the Atom feed.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{
    super::Digest,
    Format, Look, RenderError,
    feed_entries::{Entry, entries},
    json,
    view::View,
};

/// A feed with its items as `T`.
#[derive(Serialize, Deserialize)]
pub(super) struct JsonFeed<'a, T> {
    version: Cow<'a, str>,
    title: Cow<'a, str>,
    /// Where it is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    feed_url: Option<Cow<'a, str>>,
    description: Cow<'a, str>,
    language: Cow<'a, str>,
    /// JSON Feed has no date for a feed.
    #[serde(rename = "_sitrepd")]
    pub(super) extension: Extension,
    pub(super) items: Vec<T>,
}

/// Extension fields, which the standard allows.
#[derive(Serialize, Deserialize)]
pub(super) struct Extension {
    /// RFC 3339, to the second.
    pub(super) issued: String,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    title: &'a str,
    content_html: &'a str,
    date_published: String,
    date_modified: String,
    authors: [Author<'a>; 1],
    tags: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
}

pub(super) fn render(digest: &Digest, view: &View, look: Look<'_>) -> Result<String, RenderError> {
    let entries = entries(digest, view, look.domain);
    json::write(&JsonFeed {
        version: "https://jsonfeed.org/version/1.1".into(),
        title: view.title.as_str().into(),
        feed_url: look.files.address(&digest.slot, Format::JsonFeed).map(Into::into),
        description: view.intro.join(" · ").into(),
        language: "en".into(),
        extension: Extension { issued: json::instant(digest.issued_at) },
        items: entries.iter().map(item).collect(),
    })
}

fn item<'a>(it: &'a Entry<'_>) -> Item<'a> {
    Item {
        id: &it.id,
        url: it.link,
        title: &it.title,
        content_html: &it.content,
        date_published: json::instant(it.published),
        date_modified: json::instant(it.updated),
        authors: [Author { name: it.author }],
        tags: it.categories.iter().map(|it| it.tag).collect(),
        language: it.lang,
    }
}
