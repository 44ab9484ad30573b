use std::fmt::Write;

use crate::model::Timestamp;

use super::{
    super::{AlertLine, Digest, EventLine, Story},
    escape,
    view::{AlertView, FormView, ItemView, Piece, StoryView, View},
};

/// How a feed ends.
pub(super) const END: &str = "</feed>\n";
/// How an entry begins.
pub(super) const ENTRY: &str = "  <entry>\n";
/// How an entry ends.
pub(super) const ENTRY_END: &str = "  </entry>\n";

/// Renders as an Atom feed (RFC 4287): an entry for each alert, each article that was changed or withdrawn, and each story under a topic.
///
/// Ids are `tag:` URIs (RFC 4151): the same story has the same id in every digest, so that a reader shows it once
/// and takes a later `updated` for what it is.
pub(super) fn render(digest: &Digest, view: &View, domain: &str) -> String {
    let domain = authority(domain);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    out.push_str("<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
    element(&mut out, 1, "id", &format!("tag:{domain},2026:sitrepd/digest/{}", path_part(&digest.slot.digest)));
    element(&mut out, 1, "title", &view.title);
    element(&mut out, 1, "subtitle", &view.intro.join(" · "));
    element(&mut out, 1, "updated", &instant(digest.issued_at));
    out.push_str("  <author><name>sitrepd</name></author>\n  <generator>sitrepd</generator>\n");
    for (line, shown) in digest.alerts.items.iter().zip(&View::each_alert(digest)) {
        alert_entry(&mut out, &domain, line, shown);
    }
    for (line, shown) in digest.events.items.iter().zip(&view.events) {
        event_entry(&mut out, &domain, line, shown);
    }
    for (group, shown_group) in digest.groups.iter().zip(&view.groups) {
        for (section, shown) in group.sections.iter().zip(&shown_group.sections) {
            let topic = shown.name.as_ref().unwrap_or(&shown_group.name);
            for (story, shown) in section.stories.items.iter().zip(&shown.stories) {
                let category = Category { term: &section.topic, label: topic };
                story_entry(&mut out, &domain, story, shown, &category);
            }
        }
    }
    out.push_str(END);
    out
}

struct Category<'a> {
    term: &'a str,
    label: &'a str,
}

/// The same in every digest. The day of the first report is part of a story's name for good.
pub(super) fn story_id(domain: &str, story: &Story) -> String {
    format!("tag:{},{}:sitrepd/story/{}", authority(domain), story.lead.first_seen.format("%Y-%m-%d"), story.id)
}

/// The same in every digest.
pub(super) fn alert_id(domain: &str, alert: &AlertLine) -> String {
    format!("tag:{},{}:sitrepd/alert/{}", authority(domain), alert.raised.format("%Y-%m-%d"), alert.id)
}

/// What is said of a story, as HTML.
pub(super) fn story_content(shown: &StoryView) -> String {
    let mut content = String::new();
    machine_made(&mut content, shown.translation.as_deref());
    paragraph(&mut content, &escape(&shown.meta.join(" · ")));
    machine_made(&mut content, shown.summary.as_deref());
    for quote in &shown.quotes {
        let _ = write!(content, "<blockquote dir=\"auto\">{}</blockquote>", marked(&quote.sentence));
        machine_made(&mut content, quote.translation.as_deref());
    }
    if let Some(also) = &shown.also {
        paragraph(&mut content, &escape(&format!("Other topics: {also}")));
    }
    content.push_str("<ul>");
    for report in &shown.reports {
        let _ =
            write!(content, "<li>{}, {}</li>", anchor(&report.outlet, report.link.as_deref()), escape(&report.note));
    }
    if let Some(more) = &shown.reports_more {
        let _ = write!(content, "<li>{}</li>", escape(more));
    }
    content.push_str("</ul>");
    content
}

fn story_entry(out: &mut String, domain: &str, story: &Story, shown: &StoryView, category: &Category<'_>) {
    let content = story_content(shown);
    entry(
        out,
        &Entry {
            id: story_id(domain, story),
            title: &story.headline.text,
            author: &story.lead.outlet,
            link: shown.link.as_deref(),
            published: story.lead.first_seen,
            updated: story.updated,
            category,
            content: &content,
        },
    );
}

/// What is said of an alert, as HTML.
pub(super) fn alert_content(shown: &AlertView) -> String {
    let mut content = String::new();
    machine_made(&mut content, shown.translation.as_deref());
    paragraph(&mut content, &escape(&shown.meta.join(" · ")));
    for hit in &shown.hits {
        let _ = write!(content, "<blockquote dir=\"auto\">{}</blockquote>", marked(&hit.sentence));
        machine_made(&mut content, hit.translation.as_deref());
        paragraph(&mut content, &format!("Found: {}", forms(&hit.forms)));
    }
    content
}

fn alert_entry(out: &mut String, domain: &str, alert: &AlertLine, shown: &AlertView) {
    let content = alert_content(shown);
    entry(
        out,
        &Entry {
            id: alert_id(domain, alert),
            title: &format!("Alert {}: {}", shown.watch, shown.title),
            author: alert.report.as_ref().map_or("sitrepd", |it| &it.outlet),
            link: shown.link.as_deref(),
            published: alert.raised,
            updated: alert.raised,
            category: &Category { term: "alert", label: "Alert" },
            content: &content,
        },
    );
}

/// The same in every digest; another change of the article is another event.
pub(super) fn event_id(domain: &str, event: &EventLine) -> String {
    let (domain, report) = (authority(domain), &event.report);
    let seen = report.first_seen.format("%Y-%m-%d");
    format!("tag:{domain},{seen}:sitrepd/event/{}/{}", report.article, event.at.format("%Y%m%dT%H%M%SZ"))
}

/// "Withdrawn: The title".
pub(super) fn event_title(event: &EventLine) -> String {
    let what = if event.is_withdrawn { "Withdrawn" } else { "Changed" };
    format!("{what}: {}", event.report.title)
}

/// What is said of an article that was changed or withdrawn, as HTML.
pub(super) fn event_content(shown: &ItemView) -> String {
    let mut content = String::new();
    machine_made(&mut content, shown.translation.as_deref());
    paragraph(&mut content, &escape(&shown.meta));
    content
}

fn event_entry(out: &mut String, domain: &str, event: &EventLine, shown: &ItemView) {
    let (term, label) = if event.is_withdrawn { ("withdrawn", "Withdrawn") } else { ("changed", "Changed") };
    entry(
        out,
        &Entry {
            id: event_id(domain, event),
            title: &event_title(event),
            author: &event.report.outlet,
            link: shown.link.as_deref(),
            published: event.at,
            updated: event.at,
            category: &Category { term, label },
            content: &event_content(shown),
        },
    );
}

struct Entry<'a> {
    id: String,
    title: &'a str,
    author: &'a str,
    link: Option<&'a str>,
    published: Timestamp,
    updated: Timestamp,
    category: &'a Category<'a>,
    /// HTML.
    content: &'a str,
}

fn entry(out: &mut String, entry: &Entry<'_>) {
    out.push_str(ENTRY);
    element(out, 2, "id", &entry.id);
    element(out, 2, "title", entry.title);
    let _ = writeln!(out, "    <author><name>{}</name></author>", escape(entry.author));
    if let Some(link) = entry.link {
        let _ = writeln!(out, "    <link rel=\"alternate\" href=\"{}\"/>", escape(link));
    }
    element(out, 2, "published", &instant(entry.published));
    element(out, 2, "updated", &instant(entry.updated));
    let (term, label) = (escape(entry.category.term), escape(entry.category.label));
    let _ = writeln!(out, "    <category term=\"{term}\" label=\"{label}\"/>");
    // Escaped twice, once as HTML and once as XML: `type="html"` says so (RFC 4287 §3.1.1.2).
    let _ = writeln!(out, "    <content type=\"html\">{}</content>", escape(entry.content));
    out.push_str(ENTRY_END);
}

fn element(out: &mut String, depth: usize, name: &str, text: &str) {
    let _ = writeln!(out, "{:indent$}<{name}>{}</{name}>", "", escape(text), indent = depth * 2);
}

/// What says of itself that it is made by a machine.
fn machine_made(out: &mut String, text: Option<&str>) {
    if let Some(text) = text {
        let _ = write!(out, "<p dir=\"auto\"><em>{}</em></p>", escape(text));
    }
}

fn paragraph(out: &mut String, html: &str) {
    let _ = write!(out, "<p>{html}</p>");
}

fn anchor(text: &str, link: Option<&str>) -> String {
    match link {
        Some(link) => format!("<a href=\"{}\">{}</a>", escape(link), escape(text)),
        None => escape(text),
    }
}

/// Each form by itself: one that runs from right to left must not turn round what is said of it.
fn forms(all: &[FormView]) -> String {
    let one = |it: &FormView| {
        let relation = it.relation.as_ref().map(|it| format!(" — {}", escape(it)));
        format!("<bdi>{}</bdi>{}", escape(&it.form), relation.unwrap_or_default())
    };
    all.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn marked(pieces: &[Piece]) -> String {
    let piece = |it: &Piece| if it.marked { format!("<mark>{}</mark>", escape(&it.text)) } else { escape(&it.text) };
    pieces.iter().map(piece).collect()
}

fn instant(at: Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The characters that RFC 4151 allows in the authority; the reserved name of RFC 2606 where none is left.
fn authority(domain: &str) -> String {
    let fits = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let res = domain.chars().filter(fits).collect::<String>().to_ascii_lowercase();
    if res.is_empty() { "sitrepd.invalid".to_owned() } else { res }
}

fn path_part(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect()
}
