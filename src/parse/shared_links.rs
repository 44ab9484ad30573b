//! Links that identify no entry: those that different entries of a document share, and front pages. No article may be
//! lost to them.

use std::collections::{BTreeMap, HashSet};

use chrono::TimeDelta;

use crate::model::{CanonicalUrl, Entry};

/// How far apart the dates of two reports of one title are that are not one.
const APART: TimeDelta = TimeDelta::hours(23);

/// Notes which links are not their entries' own, and returns those that different entries share, with the number of
/// these: some feeds give every entry the address of the front page, or addresses that differ only after `#`.
///
/// A feed's entry with a front page for its link is a shared one too: its document may have only one entry at a time.
///
/// Such an entry has the address that its guid says to be the page's, if that is another. If entries share a guid too,
/// they are one article under its new and its old headline: the first keeps the link.
pub(super) fn untangle(entries: &mut [Entry], is_feed: bool) -> Vec<(CanonicalUrl, usize)> {
    let is_front = |it: &Entry| is_feed && is_front_page(it);
    let before = shared(entries);
    for it in entries.iter_mut().filter(|it| it.guid_is_unique) {
        let is_shared = it.link.as_ref().is_some_and(|it| before.contains_key(it));
        if (is_shared || is_front(it))
            && let Some(own) = it.permalink.take()
        {
            it.link = Some(own);
        }
    }
    let shared = shared(entries);
    let mut kept = HashSet::new();
    for it in entries {
        let Some(link) = &it.link else { continue };
        let is_shared = shared.get(link).is_some_and(|group| !(group.is_one && kept.insert(link.clone())));
        if is_shared || is_front(it) {
            disown(it);
        }
    }
    shared.into_iter().map(|(link, group)| (link, group.n_articles)).collect()
}

/// The entries of one link.
struct Group {
    n_articles: usize,
    /// Whether all have one guid.
    is_one: bool,
}

/// The links that different articles share, in their order, so that the same document has the same problems at each
/// reading.
fn shared(entries: &[Entry]) -> BTreeMap<CanonicalUrl, Group> {
    let mut at_link = BTreeMap::<CanonicalUrl, Vec<&Entry>>::new();
    for it in entries {
        if let Some(link) = &it.link {
            at_link.entry(link.clone()).or_default().push(it);
        }
    }
    let groups = at_link.into_iter().map(|(link, group)| {
        let guid = group.first().and_then(|it| it.guid.as_ref());
        let is_one = guid.is_some() && group.iter().all(|it| it.guid.as_ref() == guid);
        (link, Group { n_articles: distinct(&group), is_one })
    });
    groups.filter(|(_, group)| group.n_articles > 1).collect()
}

/// How many different articles the entries of one link are: by their titles; by their guids, where they also say
/// different things, since one article may be listed twice under two guids; or, without guids, by their texts where
/// they are of different days: an article listed twice has its hour once and only its day the other time.
fn distinct(group: &[&Entry]) -> usize {
    let titles: HashSet<_> = group.iter().map(|it| &it.title).collect();
    let unique = group.iter().filter(|it| it.guid_is_unique);
    let contents = unique.map(|it| (&it.title, &it.text, it.date().filter(|_| it.text.is_empty())));
    let dated = group.iter().filter(|it| it.guid.is_none() && !it.text.is_empty());
    let mut dated: Vec<_> = dated.filter_map(|it| Some((it.date()?, &it.text))).collect();
    dated.sort_unstable();
    dated.dedup_by(|next, it| next.0 - it.0 < APART || next.1 == it.1);
    titles.len().max(contents.collect::<HashSet<_>>().len()).max(dated.len())
}

/// Whether a titled entry's link is a site's front page, which is no article's.
fn is_front_page(entry: &Entry) -> bool {
    let url = entry.link.as_ref().map(CanonicalUrl::as_url);
    !entry.title.is_empty() && url.is_some_and(|it| it.path() == "/" && it.query().is_none())
}

/// Takes an entry's link for one that is not its own.
fn disown(entry: &mut Entry) {
    entry.link_is_own = false;
    if !entry.guid_is_unique && entry.date().is_none() {
        // An article is held without its link only if its guid or its date names it: `dedup::article_keys`.
        entry.link = None;
    }
}
