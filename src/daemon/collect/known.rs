//! Which of a source's entries are held: reads what the store has under their keys, and leaves the rest to
//! [`crate::dedup`].

use std::collections::HashMap;

use crate::{
    dedup::{self, Held, HeldUnder, Key, Likeness, Likenesses, Met},
    model::{ArticleId, Entry},
    store::{Store, StoreError, readable},
};

/// What an entry is.
#[derive(Debug)]
pub(super) enum Known {
    /// A held article.
    Held(Held),
    /// A new article.
    New {
        /// The id to hold it under.
        id: ArticleId,
        /// Whether its link is another article's.
        is_beside: bool,
    },
}

/// What each of a source's entries is, in their order.
///
/// # Errors
///
/// [`StoreError`] from the look-ups.
pub(super) fn all(store: &dyn Store, entries: &[Entry]) -> Result<Vec<Known>, StoreError> {
    let met = entries.iter().map(|it| met(store, it)).collect::<Result<Vec<_>, _>>()?;
    let guids_change = dedup::guids_change(entries.iter().zip(&met));
    let mut named = HashMap::new();
    let mut res = Vec::with_capacity(entries.len());
    for (entry, met) in entries.iter().zip(met) {
        let mut known = known(store, entry, met, guids_change)?;
        if let Known::New { id, is_beside } = &mut known {
            // Two documents of one poll may each have an entry with the same link: pages of a live blog's feed.
            let first = *named.entry(*id).or_insert(entry);
            if dedup::are_different(first, entry) {
                (*id, *is_beside) = (dedup::id_without_link(entry), true);
            }
        }
        res.push(known);
    }
    Ok(res)
}

/// How many of these entries a store holds.
///
/// # Errors
///
/// [`StoreError`] from the look-ups.
pub fn count_held(store: &dyn Store, entries: &[Entry]) -> Result<usize, StoreError> {
    Ok(all(store, entries)?.iter().filter(|it| matches!(it, Known::Held(_))).count())
}

/// What is held under an entry's keys.
fn met(store: &dyn Store, entry: &Entry) -> Result<Met, StoreError> {
    let keys = dedup::entry_keys(entry);
    let held = |key: &Option<Key>| key.as_ref().map_or(Ok(None), |it| store.held(it));
    let under = HeldUnder { link: held(&keys.link)?, guid: held(&keys.guid)?, title: held(&keys.title)? };
    let unclear = under.unclear(entry);
    let likeness = |id: Option<ArticleId>| {
        let report = id.map_or(Ok(None), |it| readable(store.report(it)))?;
        Ok::<_, StoreError>(report.map(|it| Likeness::new(entry, &it.article)))
    };
    let likeness =
        Likenesses { link: likeness(unclear.link)?, guid: likeness(unclear.guid)?, title: likeness(unclear.title)? };
    Ok(Met { under, likeness })
}

fn known(store: &dyn Store, entry: &Entry, met: Met, guids_change: bool) -> Result<Known, StoreError> {
    let is_beside = met.under.link.is_some();
    if let Some(held) = dedup::recognise(entry, met, guids_change) {
        return Ok(Known::Held(held));
    }
    let beside = dedup::id_without_link(entry);
    let id = if is_beside { beside } else { dedup::article_id(entry) };
    // Of several articles with one title, the newest alone is found by that.
    if let Some(report) = readable(store.report(id))? {
        return Ok(Known::Held(Held::of(&report.article)));
    }
    // Retention deleted the article, but the feed still lists the entry: it is not new. The link may not have been its
    // own then.
    for article in [id, beside] {
        if store.is_forgotten(article)? {
            let title = Some(dedup::folded_title(&entry.title));
            return Ok(Known::Held(Held { article, version: 1, title, unreachable: false }));
        }
    }
    Ok(Known::New { id, is_beside })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{CanonicalUrl, SourceId},
        store::MemoryStore,
    };

    fn entry(guid: &str, title: &str) -> Entry {
        Entry {
            source: SourceId::sample(),
            link: CanonicalUrl::parse("https://a.example/live"),
            link_is_own: true,
            permalink: None,
            guid: Some(guid.to_owned()),
            guid_is_unique: true,
            title: title.to_owned(),
            text: String::new(),
            authors: Vec::new(),
            published: None,
            updated: None,
            is_dated_by_update: true,
            language: None,
            enclosures: Vec::new(),
        }
    }

    #[test]
    fn entries_of_one_link_in_several_documents_have_ids_of_their_own() {
        let entries = [("1", "Blast"), ("2", "Fire out"), ("1", "Blast"), ("3", "Blast")].map(|(a, b)| entry(a, b));
        let ids = all(&MemoryStore::default(), &entries).unwrap().into_iter().map(|it| match it {
            Known::New { id, is_beside } => (id, is_beside),
            Known::Held(held) => panic!("{held:?}"),
        });
        let (first, second) = (dedup::article_id(&entries[0]), dedup::id_without_link(&entries[1]));
        assert_eq!(ids.collect::<Vec<_>>(), [(first, false), (second, true), (first, false), (first, false)]);
    }
}
