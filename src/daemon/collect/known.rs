//! Which of a source's entries are held: reads what the store has under their keys, and leaves the rest to
//! [`crate::dedup`].

use std::{
    collections::{HashMap, hash_map},
    rc::Rc,
};

use crate::{
    dedup::{self, Deleted, Held, HeldUnder, Key, Likeness, Likenesses, Met, Profile, Unclear},
    model::{ArticleId, Entry, Timestamp},
    store::{Store, StoreError, readable},
};

/// Maximum held articles kept ready to be compared with further entries.
const MAX_PROFILES: usize = 64;

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

/// What each of a source's entries is, in their order, at a poll `now`.
///
/// # Errors
///
/// [`StoreError`] from the look-ups.
pub(super) fn all(store: &dyn Store, entries: &[Entry], now: Timestamp) -> Result<Vec<Known>, StoreError> {
    let mut profiles = Profiles { store, of_articles: HashMap::new() };
    let met = entries.iter().map(|it| met(store, &mut profiles, it)).collect::<Result<Vec<_>, _>>()?;
    let guids_change = dedup::guids_change(entries.iter().zip(&met), now);
    let of_document = OfDocument { guids_change, are_dated_by_poll: dedup::are_dated_by_poll(entries, now), now };
    let mut named = HashMap::new();
    let mut res = Vec::with_capacity(entries.len());
    for (entry, met) in entries.iter().zip(met) {
        let mut known = known(store, entry, met, of_document)?;
        if let Known::New { id, is_beside } = &mut known {
            // Two documents of one poll may each have an entry with the same link: pages of a live blog's feed.
            let first = *named.entry(dedup::article_id(entry)).or_insert(entry);
            if dedup::are_different(first, entry) {
                (*id, *is_beside) = (dedup::id_without_link(entry), true);
            }
        }
        res.push(known);
    }
    Ok(res)
}

/// Held articles as they are compared. Many entries of a document may have the title of one: reading and folding its
/// text for each would take milliseconds a time.
struct Profiles<'s> {
    store: &'s dyn Store,
    of_articles: HashMap<ArticleId, Option<Rc<Profile>>>,
}

impl Profiles<'_> {
    /// An article; `None` if it cannot be read.
    fn of(&mut self, id: ArticleId) -> Result<Option<Rc<Profile>>, StoreError> {
        if self.of_articles.len() >= MAX_PROFILES && !self.of_articles.contains_key(&id) {
            self.of_articles.clear();
        }
        Ok(match self.of_articles.entry(id) {
            hash_map::Entry::Occupied(it) => it.get().clone(),
            hash_map::Entry::Vacant(it) => {
                let report = readable(self.store.report(id))?;
                it.insert(report.map(|it| Rc::new(Profile::of_article(&it.article)))).clone()
            }
        })
    }
}

/// Which of the entries of a document a store holds, in their order, at a poll `now`. It takes all of a document: how
/// its guids change shows in all of them alone.
///
/// # Errors
///
/// [`StoreError`] from the look-ups.
pub fn are_held(store: &dyn Store, entries: &[Entry], now: Timestamp) -> Result<Vec<bool>, StoreError> {
    Ok(all(store, entries, now)?.iter().map(|it| matches!(it, Known::Held(_))).collect())
}

/// What is held under an entry's keys.
fn met(store: &dyn Store, profiles: &mut Profiles<'_>, entry: &Entry) -> Result<Met, StoreError> {
    let keys = dedup::entry_keys(entry);
    let held = |key: &Option<Key>| key.as_ref().map_or(Ok(None), |it| store.held(it));
    let under = HeldUnder { link: held(&keys.link)?, guid: held(&keys.guid)?, title: held(&keys.title)? };
    let unclear = under.unclear(entry);
    if unclear == Unclear::default() {
        return Ok(Met { under, likeness: Likenesses::default() });
    }
    let own = Profile::of_entry(entry);
    let mut likeness = |id: Option<ArticleId>| {
        let article = id.map_or(Ok(None), |it| profiles.of(it))?;
        Ok::<_, StoreError>(article.map(|it| Likeness::new(&own, &it)))
    };
    let likeness =
        Likenesses { link: likeness(unclear.link)?, guid: likeness(unclear.guid)?, title: likeness(unclear.title)? };
    Ok(Met { under, likeness })
}

/// What all entries of a document have in common.
#[derive(Clone, Copy)]
struct OfDocument {
    /// Whether the guids change from one document to the next.
    guids_change: bool,
    /// Whether all are dated at the time of the poll.
    are_dated_by_poll: bool,
    /// The time of the poll.
    now: Timestamp,
}

fn known(store: &dyn Store, entry: &Entry, met: Met, of_document: OfDocument) -> Result<Known, StoreError> {
    let is_beside = met.under.link.is_some();
    if let Some(held) = dedup::recognise(entry, met, of_document.guids_change) {
        return Ok(Known::Held(held));
    }
    let (beside, after) = (dedup::id_without_link(entry), dedup::id_after(entry));
    let id = if is_beside { beside } else { dedup::article_id(entry) };
    // Of several articles with one title, the newest alone is found by that. The link may not have been its own then.
    for article in [id, beside, after] {
        if let Some(report) = readable(store.report(article))? {
            return Ok(Known::Held(Held::of(&report.article)));
        }
    }
    // Retention deleted the article, but the feed still lists the entry: it is not new.
    let held = |article| {
        let title = Some(dedup::folded_title(&entry.title));
        Known::Held(Held { article, version: 1, title, unreachable: false })
    };
    for article in [beside, after] {
        if store.is_forgotten(article)? {
            return Ok(held(article));
        }
    }
    // Nor is it at the address of a deleted one, unless it shows that it is another.
    let Some(link) = &entry.link else { return Ok(Known::New { id, is_beside }) };
    let (first, is_own) = (dedup::id_of_link(link), entry.link_is_own && !is_beside);
    if !store.is_forgotten(first)? {
        return Ok(Known::New { id, is_beside });
    }
    let OfDocument { guids_change, are_dated_by_poll, now } = of_document;
    let guids_tell = !guids_change && !are_dated_by_poll;
    let has_others = store.held(&dedup::beside_key(link))?.is_some();
    let deleted = |kept_since| Deleted { kept_since, now, is_own, guids_tell, has_others };
    let is_after = store.kept_since(now).map_or(!is_own, |it| dedup::is_after(entry, deleted(it)));
    Ok(match (is_after, is_own) {
        (true, true) => Known::New { id: after, is_beside: true },
        (true, false) => Known::New { id, is_beside },
        (false, _) => held(first),
    })
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
        let ids =
            all(&MemoryStore::default(), &entries, Timestamp::UNIX_EPOCH).unwrap().into_iter().map(|it| match it {
                Known::New { id, is_beside } => (id, is_beside),
                Known::Held(held) => panic!("{held:?}"),
            });
        let (first, second) = (dedup::article_id(&entries[0]), dedup::id_without_link(&entries[1]));
        assert_eq!(ids.collect::<Vec<_>>(), [(first, false), (second, true), (first, false), (first, false)]);
    }
}
