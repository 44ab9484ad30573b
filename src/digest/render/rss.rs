//! RSS 2.0, with the entries and the ids of the Atom feed, for readers that know no other.
//!
//! What RSS 2.0 has no element for stands in elements of other namespaces, as the recommendations of the RSS Advisory Board (Best Practices
//! Profile) have it: an author who has no address in `dc:creator`, the address of the feed and the time of the last change in `atom:`.

use std::fmt::Write;

use crate::model::Timestamp;

use super::{
    super::Digest,
    Format, Look, escape,
    feed_entries::{Entry, authority, entries},
    json::instant,
    markup::{Layout, element},
    view::View,
};

/// How this feed is laid out.
pub(super) const LAYOUT: Layout = Layout {
    end: "  </channel>\n</rss>\n",
    entry: "    <item>\n",
    entry_end: "    </item>\n",
    id: ("\n      <guid isPermaLink=\"false\">", "</guid>"),
    issued: ("\n    <atom:updated>", "</atom:updated>"),
    updated: ("\n      <atom:updated>", "</atom:updated>"),
};

/// Renders as an RSS 2.0 feed.
pub(super) fn render(digest: &Digest, view: &View, look: Look<'_>) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    out.push_str(
        "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n  <channel>\n",
    );
    element(&mut out, 2, "title", &view.title);
    let address = look.files.address(&digest.slot, Format::Rss);
    // It is required, and there is no page that tells the same: the feed where it is served, the domain of the operator else.
    let home = || format!("https://{}/", authority(look.domain));
    element(&mut out, 2, "link", &address.clone().unwrap_or_else(home));
    element(&mut out, 2, "description", &view.intro.join(" · "));
    element(&mut out, 2, "language", "en");
    if let Some(address) = address {
        let media_type = Format::Rss.media_type();
        let _ = writeln!(out, "    <atom:link rel=\"self\" type=\"{media_type}\" href=\"{}\"/>", escape(&address));
    }
    element(&mut out, 2, "lastBuildDate", &date(digest.issued_at));
    element(&mut out, 2, "atom:updated", &instant(digest.issued_at));
    element(&mut out, 2, "generator", "sitrepd");
    for it in entries(digest, view, look.domain) {
        entry(&mut out, &it);
    }
    out.push_str(LAYOUT.end);
    out
}

fn entry(out: &mut String, entry: &Entry<'_>) {
    out.push_str(LAYOUT.entry);
    element(out, 3, "title", &entry.title);
    if let Some(link) = entry.link {
        element(out, 3, "link", link);
    }
    let _ = writeln!(out, "      <guid isPermaLink=\"false\">{}</guid>", escape(&entry.id));
    element(out, 3, "dc:creator", entry.author);
    element(out, 3, "pubDate", &date(entry.published));
    element(out, 3, "atom:updated", &instant(entry.updated));
    for it in &entry.categories {
        element(out, 3, "category", it.label);
    }
    // HTML, escaped once more as XML.
    element(out, 3, "description", &entry.content);
    out.push_str(LAYOUT.entry_end);
}

/// RFC 822 with a year of four digits, as RSS 2.0 has it.
fn date(at: Timestamp) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
