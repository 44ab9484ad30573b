//! The entries of feeds of every format: one for each report in which watches found something, for each article that
//! was changed or withdrawn, and for each story.
//!
//! Ids are `tag:` URIs (RFC 4151). A story has the same id in every digest, so that a reader shows it once and takes a
//! later `updated` for an update. The alerts for a report have an entry of their own, even if their story is new: the
//! next issue replaces the story's entry, and alerts in it would be lost.

use std::fmt::Write;

use crate::model::{StoryId, Timestamp};

use super::{
    super::{AlertLine, Digest, EventLine, ReportLine},
    escape,
    view::{AlertView, FormView, HitView, ItemView, Piece, ReportView, StoryView, View},
};

/// An entry of a feed.
pub(super) struct Entry<'a> {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) author: &'a str,
    pub(super) link: Option<&'a str>,
    pub(super) lang: Option<&'a str>,
    pub(super) published: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) categories: Vec<Category<'a>>,
    /// HTML.
    pub(super) content: String,
}

/// What an entry is filed under.
#[derive(Clone, Copy)]
pub(super) struct Category<'a> {
    pub(super) term: &'a str,
    pub(super) label: &'a str,
    /// The one word that a JSON Feed has for both.
    pub(super) tag: &'a str,
}

const ALERT: Category<'static> = Category { term: "alert", label: "Alert", tag: "alert" };
const WITHDRAWN: Category<'static> = Category { term: "withdrawn", label: "Withdrawn", tag: "withdrawn" };
const CHANGED: Category<'static> = Category { term: "changed", label: "Changed", tag: "changed" };

/// The entries of a digest: alerts, what happened to articles, stories.
pub(super) fn entries<'a>(digest: &'a Digest, view: &'a View, domain: &str) -> Vec<Entry<'a>> {
    let domain = authority(domain);
    let groups = View::groups(&digest.alerts.items);
    let mut res: Vec<_> =
        groups.iter().zip(&view.alerts).filter_map(|(lines, shown)| alert(lines, shown, &domain)).collect();
    res.extend(digest.events.items.iter().zip(&view.events).map(|(it, shown)| event(it, shown, &domain)));
    res.extend(stories(digest, view, &domain));
    res
}

fn stories<'a>(digest: &'a Digest, view: &'a View, domain: &str) -> Vec<Entry<'a>> {
    let mut res = Vec::new();
    for (group, shown_group) in digest.groups.iter().zip(&view.groups) {
        for (section, shown) in group.sections.iter().zip(&shown_group.sections) {
            let label = shown.name.as_ref().unwrap_or(&shown_group.name);
            for (it, shown) in section.stories.items.iter().zip(&shown.stories) {
                res.push(Entry {
                    title: it.headline.text.clone(),
                    link: shown.link.as_deref(),
                    lang: shown.lang.as_deref(),
                    updated: it.updated,
                    categories: vec![Category { term: &section.topic, label, tag: label }],
                    content: story_content(shown),
                    ..story(it.id, &it.lead, it.begun, domain)
                });
            }
        }
    }
    for (it, shown) in digest.others.items.iter().zip(&view.others) {
        res.push(Entry {
            link: shown.link.as_deref(),
            lang: shown.lang.as_deref(),
            updated: it.updated,
            content: item_content(shown),
            ..story(it.id, &it.lead, it.begun, domain)
        });
    }
    res
}

/// The entry of a story. The day on which the story began is a permanent part of its id.
fn story<'a>(id: StoryId, lead: &'a ReportLine, begun: Timestamp, domain: &str) -> Entry<'a> {
    Entry {
        id: format!("tag:{domain},{}:sitrepd/story/{id}", begun.format("%Y-%m-%d")),
        title: lead.title.clone(),
        author: &lead.outlet,
        link: None,
        lang: None,
        published: begun,
        updated: begun,
        categories: Vec::new(),
        content: String::new(),
    }
}

/// Alerts for one report, under the id of the first that was raised.
fn alert<'a>(lines: &[&'a AlertLine], shown: &'a AlertView, domain: &str) -> Option<Entry<'a>> {
    let first = lines.iter().min_by_key(|it| (it.raised, it.id))?;
    let mut content = String::new();
    machine_made(&mut content, shown.translation.as_deref());
    paragraph(&mut content, &escape(&shown.meta.join(" · ")));
    hits(&mut content, &shown.hits);
    if !shown.later.is_empty() {
        paragraph(&mut content, "Since:");
        reports(&mut content, &shown.later, None);
    }
    // A spike is beside the alert that showed it, on the same report.
    let what = first.reason.as_ref().filter(|_| !first.kind.is_finding()).unwrap_or(&shown.title);
    Some(Entry {
        id: format!("tag:{domain},{}:sitrepd/alert/{}", first.raised.format("%Y-%m-%d"), first.id),
        title: format!("Alert {}: {what}", shown.watch),
        author: first.report.as_ref().map_or("sitrepd", |it| &it.outlet),
        link: shown.link.as_deref(),
        lang: shown.lang.as_deref(),
        published: first.raised,
        updated: lines.iter().map(|it| it.raised).fold(first.raised, Timestamp::max),
        categories: vec![ALERT],
        content,
    })
}

/// The entry of an event. Each change of an article is an event of its own.
fn event<'a>(it: &'a EventLine, shown: &'a ItemView, domain: &str) -> Entry<'a> {
    let seen = it.report.first_seen.format("%Y-%m-%d");
    let category = if it.is_withdrawn { WITHDRAWN } else { CHANGED };
    Entry {
        id: format!("tag:{domain},{seen}:sitrepd/event/{}/{}", it.report.article, it.at.format("%Y%m%dT%H%M%SZ")),
        title: format!("{}: {}", category.label, it.report.title),
        author: &it.report.outlet,
        link: shown.link.as_deref(),
        lang: shown.lang.as_deref(),
        published: it.at,
        updated: it.at,
        categories: vec![category],
        content: item_content(shown),
    }
}

fn story_content(shown: &StoryView) -> String {
    let mut content = String::new();
    machine_made(&mut content, shown.translation.as_deref());
    paragraph(&mut content, &escape(&shown.meta.join(" · ")));
    machine_made(&mut content, shown.summary.as_deref());
    for quote in &shown.quotes {
        let _ = write!(content, "<blockquote dir=\"auto\">{}</blockquote>", marked(&quote.sentence));
        machine_made(&mut content, quote.translation.as_deref());
    }
    if let Some(it) = &shown.quoted {
        paragraph(&mut content, &format!("— {}", anchor(&it.outlet, it.link.as_deref())));
    }
    if let Some(also) = &shown.also {
        paragraph(&mut content, &escape(&format!("Other topics: {also}")));
    }
    reports(&mut content, &shown.reports, shown.reports_more.as_deref());
    content
}

fn reports(out: &mut String, reports: &[ReportView], more: Option<&str>) {
    out.push_str("<ul>");
    for it in reports {
        let title = it.title.as_ref().map(|it| format!(": <bdi>{}</bdi>", escape(it))).unwrap_or_default();
        let outlet = anchor(&it.outlet, it.link.as_deref());
        let _ = write!(out, "<li>{outlet}, {}{title}</li>", escape(&it.note));
    }
    if let Some(more) = more {
        let _ = write!(out, "<li>{}</li>", escape(more));
    }
    out.push_str("</ul>");
}

/// What is said in one line.
fn item_content(shown: &ItemView) -> String {
    let mut content = String::new();
    machine_made(&mut content, shown.translation.as_deref());
    paragraph(&mut content, &escape(&shown.meta));
    content
}

fn hits(out: &mut String, hits: &[HitView]) {
    for hit in hits {
        let _ = write!(out, "<blockquote dir=\"auto\">{}</blockquote>", marked(&hit.sentence));
        machine_made(out, hit.translation.as_deref());
        paragraph(out, &format!("Found: {}", forms(&hit.forms)));
    }
}

/// Writes text that says itself that a machine made it.
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

/// Writes each form separately: a right-to-left form must not reverse what is said of it.
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

/// The characters that RFC 4151 allows in the authority; the reserved name of RFC 2606 where none is left.
pub(super) fn authority(domain: &str) -> String {
    let fits = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let res = domain.chars().filter(fits).collect::<String>().to_ascii_lowercase();
    if res.is_empty() { "sitrepd.invalid".to_owned() } else { res }
}
