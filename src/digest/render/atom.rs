//! Lays out a digest as an Atom feed. Must not choose what the digest shows.

use std::fmt::Write;

use super::{
    super::Digest,
    Format, Look, escape,
    feed_entries::{Entry, authority, entries},
    json::instant,
    markup::{Layout, element, own_address},
    view::View,
};

/// How this feed is laid out.
pub(super) const LAYOUT: Layout = Layout {
    end: "</feed>\n",
    entry: "  <entry>\n",
    entry_end: "  </entry>\n",
    id: ("\n    <id>", "</id>"),
    issued: ("\n  <updated>", "</updated>"),
    updated: ("\n    <updated>", "</updated>"),
};

/// Renders as an Atom feed (RFC 4287).
pub(super) fn render(digest: &Digest, view: &View, look: Look<'_>) -> String {
    let domain = look.domain;
    let id = format!("tag:{},2026:sitrepd/digest/{}", authority(domain), path_part(&digest.slot.digest));
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    out.push_str("<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
    element(&mut out, 1, "id", &id);
    element(&mut out, 1, "title", &view.title);
    element(&mut out, 1, "subtitle", &view.intro.join(" · "));
    own_address(&mut out, 1, "link", look, (&digest.slot, Format::Atom));
    element(&mut out, 1, "updated", &instant(digest.issued_at));
    out.push_str("  <author><name>sitrepd</name></author>\n  <generator>sitrepd</generator>\n");
    for it in entries(digest, view, domain) {
        entry(&mut out, &it);
    }
    out.push_str(LAYOUT.end);
    out
}

fn entry(out: &mut String, entry: &Entry<'_>) {
    out.push_str(LAYOUT.entry);
    element(out, 2, "id", &entry.id);
    element(out, 2, "title", &entry.title);
    let _ = writeln!(out, "    <author><name>{}</name></author>", escape(entry.author));
    if let Some(link) = entry.link {
        let _ = writeln!(out, "    <link rel=\"alternate\" href=\"{}\"/>", escape(link));
    }
    element(out, 2, "published", &instant(entry.published));
    element(out, 2, "updated", &instant(entry.updated));
    for it in &entry.categories {
        let (term, label) = (escape(it.term), escape(it.label));
        let _ = writeln!(out, "    <category term=\"{term}\" label=\"{label}\"/>");
    }
    // Escaped twice, once as HTML and once as XML: `type="html"` says so (RFC 4287 §3.1.1.2).
    let _ = writeln!(out, "    <content type=\"html\">{}</content>", escape(&entry.content));
    out.push_str(LAYOUT.entry_end);
}

fn path_part(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect()
}
