//! Feeds that continue from issue to issue. With only the newest issue in it, a feed would withhold the issues between
//! from a reader that was off over a weekend.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::model::{Document, Timestamp};

use super::{Format, atom, json, json_feed::JsonFeed, markup::Layout, rss};

/// Entries of earlier issues.
const MAX_EARLIER: usize = 300;
/// Maximum age of kept entries, against the newest issue.
const MAX_AGE: TimeDelta = TimeDelta::days(30);

/// Joins the feed `new` with `held`, the present content of its file: the later of the two issues as it is, followed by
/// up to 300 entries of the other, at most 30 days old, that the later one lacks. So an issue that comes late or twice
/// removes nothing. `None` if `new` is not a feed, or `held` is not a feed of the same kind as
/// [`digest`](super::digest) writes it.
pub fn joined(new: &Document, held: &str) -> Option<String> {
    let layouts = [(Format::Atom, &atom::LAYOUT), (Format::Rss, &rss::LAYOUT)];
    if let Some((_, layout)) = layouts.iter().find(|(format, _)| new.media_type == format.media_type()) {
        let (head, entries) = join(of_xml(&new.body, layout)?, of_xml(held, layout)?);
        Some([head, &entries.concat(), layout.end].concat())
    } else if new.media_type == Format::JsonFeed.media_type() {
        let (mut head, items) = join(of_json(&new.body)?, of_json(held)?);
        head.items = items;
        json::write(&head).ok()
    } else {
        None
    }
}

/// A feed in a file: `Head` is everything but the entries.
struct Feed<'a, Head, Text: ?Sized> {
    issued: Timestamp,
    head: Head,
    entries: Vec<Entry<'a, Text>>,
}

struct Entry<'a, Text: ?Sized> {
    id: &'a str,
    updated: Timestamp,
    text: &'a Text,
}

fn join<'a, Head, Text: ?Sized>(new: Feed<'a, Head, Text>, held: Feed<'a, Head, Text>) -> (Head, Vec<&'a Text>) {
    let (later, earlier) = if held.issued > new.issued { (held, new) } else { (new, held) };
    let own: BTreeSet<_> = later.entries.iter().map(|it| it.id).collect();
    let oldest = later.issued.checked_sub_signed(MAX_AGE).unwrap_or(Timestamp::MIN_UTC);
    let kept = earlier.entries.iter().filter(|it| !own.contains(it.id) && it.updated >= oldest).take(MAX_EARLIER);
    (later.head, later.entries.iter().chain(kept).map(|it| it.text).collect())
}

fn of_xml<'a>(feed: &'a str, layout: &Layout) -> Option<Feed<'a, &'a str, str>> {
    let body = feed.strip_suffix(layout.end)?;
    let head = body.split(layout.entry).next()?;
    let element = |text: &'a str, (start, end): (&str, &str)| Some(text.split_once(start)?.1.split_once(end)?.0);
    let mut entries = Vec::new();
    for (at, _) in body.match_indices(layout.entry) {
        let text = body.get(at..)?;
        let text = text.get(..text.find(layout.entry_end)? + layout.entry_end.len())?;
        let updated = element(text, layout.updated)?.parse().ok()?;
        entries.push(Entry { id: element(text, layout.id)?, updated, text });
    }
    Some(Feed { issued: element(head, layout.issued)?.parse().ok()?, head, entries })
}

fn of_json(feed: &str) -> Option<Feed<'_, JsonFeed<'_, &RawValue>, RawValue>> {
    #[derive(Deserialize)]
    struct Item<'a> {
        id: &'a str,
        date_modified: &'a str,
    }

    let mut head: JsonFeed<'_, &RawValue> = serde_json::from_str(feed).ok()?;
    let mut entries = Vec::new();
    for text in std::mem::take(&mut head.items) {
        let Item { id, date_modified } = serde_json::from_str(text.get()).ok()?;
        entries.push(Entry { id, updated: date_modified.parse().ok()?, text });
    }
    Some(Feed { issued: head.extension.issued.parse().ok()?, head, entries })
}
