//! Which of a source's entries are held: reads what the store has under their keys, and leaves the rest to
//! [`crate::dedup`].

use std::{
    collections::{HashMap, hash_map},
    rc::Rc,
};

use crate::{
    dedup::{self, Held, HeldUnder, Key, Likeness, Likenesses, Met, Profile, Unclear},
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
    let mut named = HashMap::new();
    let mut res = Vec::with_capacity(entries.len());
    for (entry, met) in entries.iter().zip(met) {
        let mut known = known(store, entry, met, guids_change, now)?;
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

fn known(store: &dyn Store, entry: &Entry, met: Met, guids_change: bool, now: Timestamp) -> Result<Known, StoreError> {
    let is_beside = met.under.link.is_some();
    if let Some(held) = dedup::recognise(entry, met, guids_change) {
        return Ok(Known::Held(held));
    }
    let beside = dedup::id_without_link(entry);
    let id = if is_beside { beside } else { dedup::article_id(entry) };
    // Of several articles with one title, the newest alone is found by that. The link may not have been its own then.
    let ids = || [id, beside].into_iter().take(if is_beside { 1 } else { 2 });
    for article in ids() {
        if let Some(report) = readable(store.report(article))? {
            return Ok(Known::Held(Held::of(&report.article)));
        }
    }
    // Retention deleted the article, but the feed still lists the entry: it is not new. At an address of several
    // articles, what is dated later than all that was deleted is another one, such as today's briefing. It has a name of
    // its own: that the alerts of the deleted one were sent is remembered.
    let is_later = store.kept_since(now).is_some_and(|since| dedup::is_dated_within(entry, since, now));
    if is_later && is_at_shared_address(store, entry)? {
        return Ok(Known::New { id: beside, is_beside: true });
    }
    for article in ids() {
        if store.is_forgotten(article)? {
            let title = Some(dedup::folded_title(&entry.title));
            return Ok(Known::Held(Held { article, version: 1, title, unreachable: false }));
        }
    }
    Ok(Known::New { id, is_beside })
}

/// Whether an entry's link has had several articles, as those that are held beside it show.
fn is_at_shared_address(store: &dyn Store, entry: &Entry) -> Result<bool, StoreError> {
    let beside = entry.link.as_ref().map(dedup::beside_key);
    Ok(beside.map_or(Ok(None), |it| store.held(&it))?.is_some())
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
