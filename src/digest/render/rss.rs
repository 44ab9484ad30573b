//! RSS 2.0, with the entries and the ids of the Atom feed, for readers that know no other.
//!
//! As the RSS Advisory Board recommends (RSS Best Practices Profile), an author who has no address stands in
//! `dc:creator` and the address of the feed in `atom:link`, and in plain text `&` and `<` are written as hexadecimal
//! references, since readers were seen to take others for HTML. The time of the last change, for which RSS has no
//! element, stands in `atom:updated`.

use std::fmt::Write;

use crate::model::Timestamp;

use super::{
    super::Digest,
    Format, Look, escape,
    feed_entries::{Entry, authority, entries},
    json::instant,
    markup::{Layout, element, own_address},
    view::View,
};

/// The beginning of an id, which is not an address.
const GUID: &str = "<guid isPermaLink=\"false\">";

/// How this feed is laid out.
pub(super) const LAYOUT: Layout = Layout {
    end: "  </channel>\n</rss>\n",
    entry: "    <item>\n",
    entry_end: "    </item>\n",
    id: (GUID, "</guid>"),
    issued: ("\n    <atom:updated>", "</atom:updated>"),
    updated: ("\n      <atom:updated>", "</atom:updated>"),
};

/// Renders as an RSS 2.0 feed.
pub(super) fn render(digest: &Digest, view: &View, look: Look<'_>) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    out.push_str(
        "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n  <channel>\n",
    );
    plain(&mut out, 2, "title", &view.title);
    // Required by RSS: the address at which the files are served, or else the operator's domain.
    let home = || format!("https://{}/", authority(look.domain));
    element(&mut out, 2, "link", &look.files.served_from().map_or_else(home, str::to_owned));
    plain(&mut out, 2, "description", &view.intro.join(" · "));
    element(&mut out, 2, "language", "en");
    own_address(&mut out, 2, "atom:link", look, (&digest.slot, Format::Rss));
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
    plain(out, 3, "title", &entry.title);
    if let Some(link) = entry.link {
        element(out, 3, "link", link);
    }
    let _ = writeln!(out, "      {GUID}{}</guid>", escape(&entry.id));
    plain(out, 3, "dc:creator", entry.author);
    element(out, 3, "pubDate", &date(entry.published));
    element(out, 3, "atom:updated", &instant(entry.updated));
    for it in &entry.categories {
        plain(out, 3, "category", it.label);
    }
    // HTML, escaped once more as XML.
    element(out, 3, "description", &entry.content);
    out.push_str(LAYOUT.entry_end);
}

/// Writes an element with a text that is no HTML.
fn plain(out: &mut String, depth: usize, name: &str, text: &str) {
    let text = escape(text).replace("&amp;", "&#x26;").replace("&lt;", "&#x3C;");
    let _ = writeln!(out, "{:indent$}<{name}>{text}</{name}>", "", indent = depth * 2);
}

/// RFC 822 with a year of four digits, as RSS 2.0 has it.
fn date(at: Timestamp) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
