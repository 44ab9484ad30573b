//! JSON Feed 1.1: an item for each alert, each article that was changed or withdrawn, and each story under a topic, with the ids that they have in the Atom feed.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{
    super::{AlertLine, Digest, EventLine, Story},
    RenderError, atom, json,
    view::{AlertView, ItemView, StoryView, View},
};

/// A feed with its items as `T`.
#[derive(Serialize, Deserialize)]
pub(super) struct JsonFeed<'a, T> {
    version: Cow<'a, str>,
    title: Cow<'a, str>,
    description: Cow<'a, str>,
    language: Cow<'a, str>,
    /// JSON Feed has no date for a feed.
    #[serde(rename = "_sitrepd")]
    pub(super) extension: Extension,
    pub(super) items: Vec<T>,
}

/// What the standard leaves to the writer.
#[derive(Serialize, Deserialize)]
pub(super) struct Extension {
    /// RFC 3339, to the second.
    pub(super) issued: String,
}

#[derive(Serialize)]
struct Item<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    title: String,
    content_html: String,
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

pub(super) fn render(digest: &Digest, view: &View, domain: &str) -> Result<String, RenderError> {
    let shown = View::each_alert(digest);
    let alerts = digest.alerts.items.iter().zip(&shown).map(|(it, shown)| alert(it, shown, domain));
    let events = digest.events.items.iter().zip(&view.events).map(|(it, shown)| event(it, shown, domain));
    let mut items: Vec<_> = alerts.chain(events).collect();
    for (group, shown_group) in digest.groups.iter().zip(&view.groups) {
        for (section, shown) in group.sections.iter().zip(&shown_group.sections) {
            let topic = shown.name.as_ref().unwrap_or(&shown_group.name);
            let stories = section.stories.items.iter().zip(&shown.stories);
            items.extend(stories.map(|(it, shown)| story(it, shown, topic, domain)));
        }
    }
    json::write(&JsonFeed {
        version: "https://jsonfeed.org/version/1.1".into(),
        title: view.title.as_str().into(),
        description: view.intro.join(" · ").into(),
        language: "en".into(),
        extension: Extension { issued: json::instant(digest.issued_at) },
        items,
    })
}

fn alert<'a>(it: &'a AlertLine, shown: &'a AlertView, domain: &str) -> Item<'a> {
    Item {
        id: atom::alert_id(domain, it),
        url: shown.link.as_deref(),
        title: format!("Alert {}: {}", shown.watch, shown.title),
        content_html: atom::alert_content(shown),
        date_published: json::instant(it.raised),
        date_modified: json::instant(it.raised),
        authors: [Author { name: it.report.as_ref().map_or("sitrepd", |it| &it.outlet) }],
        tags: vec!["alert"],
        language: shown.lang.as_deref(),
    }
}

fn event<'a>(it: &'a EventLine, shown: &'a ItemView, domain: &str) -> Item<'a> {
    Item {
        id: atom::event_id(domain, it),
        url: shown.link.as_deref(),
        title: atom::event_title(it),
        content_html: atom::event_content(shown),
        date_published: json::instant(it.at),
        date_modified: json::instant(it.at),
        authors: [Author { name: &it.report.outlet }],
        tags: vec![if it.is_withdrawn { "withdrawn" } else { "changed" }],
        language: shown.lang.as_deref(),
    }
}

fn story<'a>(it: &'a Story, shown: &'a StoryView, topic: &'a str, domain: &str) -> Item<'a> {
    Item {
        id: atom::story_id(domain, it),
        url: shown.link.as_deref(),
        title: it.headline.text.clone(),
        content_html: atom::story_content(shown),
        date_published: json::instant(it.lead.first_seen),
        date_modified: json::instant(it.updated),
        authors: [Author { name: &it.lead.outlet }],
        tags: vec![topic],
        language: shown.lang.as_deref(),
    }
}
