//! The articles held in memory, and by what each is found. Pure.
//!
//! Everything here follows from the held articles and their order, and a removed article leaves no trace. So a window
//! that is filled again from the store finds the same.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
};

use crate::{
    dedup::{closeness::Frequencies, dates::Dates, sketch::Sketch},
    model::{ArticleId, Fingerprint, StoryId, Timestamp},
};

/// Shingles by which an article's copies are found.
const SHINGLE_KEYS: usize = 12;
/// Articles looked at under one key, the newest.
const MAX_POSTINGS: usize = 64;

/// The place of an article in the order in which they came.
pub(super) type Place = u32;

/// An article as it is held.
#[derive(Debug, Clone)]
pub struct Held {
    /// Names it.
    pub id: ArticleId,
    /// The story it is in.
    pub story: StoryId,
    /// When it was first held. Decides how long it stays.
    pub first_seen: Timestamp,
    /// By which it is found.
    pub fingerprint: Fingerprint,
    /// By which it is compared.
    pub sketch: Sketch,
}

#[derive(Debug, Default)]
pub(super) struct Window {
    /// The place of the oldest.
    first: Place,
    articles: VecDeque<Held>,
    places: HashMap<ArticleId, Place>,
    lists: Lists,
    pub(super) frequencies: Frequencies,
    pub(super) dates: Dates,
}

/// Places in rising order. Only the newest are read, but all are kept, so that removing one leaves no gap.
#[derive(Debug, Default)]
struct Lists {
    by_term: HashMap<u32, List>,
    by_shingle: HashMap<u32, List>,
    members: HashMap<StoryId, List>,
}

/// Most terms and shingles lead to one article, which needs no allocation.
#[derive(Debug)]
enum List {
    One(Place),
    #[expect(clippy::box_collection, reason = "there are a million lists, and few of them are many")]
    Many(Box<VecDeque<Place>>),
}

impl List {
    fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(it) => it.len(),
        }
    }

    fn get(&self, at: usize) -> Option<Place> {
        match self {
            Self::One(it) => Some(*it).filter(|_| at == 0),
            Self::Many(it) => it.get(at).copied(),
        }
    }

    /// From place `from` on.
    fn iter(&self, from: usize) -> impl DoubleEndedIterator<Item = Place> + '_ {
        (from..self.len()).filter_map(|at| self.get(at))
    }

    fn insert(&mut self, place: Place) {
        let mut many = match std::mem::replace(self, Self::One(place)) {
            Self::One(it) if it == place => return,
            Self::One(it) => Box::new(VecDeque::from([it])),
            Self::Many(it) => it,
        };
        match many.back() {
            // Most added articles are the newest.
            Some(last) if *last < place => many.push_back(place),
            _ => {
                if let Err(at) = many.binary_search(&place) {
                    many.insert(at, place);
                }
            }
        }
        *self = Self::Many(many);
    }

    /// Whether nothing is left.
    fn remove(&mut self, place: Place) -> bool {
        match self {
            Self::One(it) => *it == place,
            Self::Many(it) => {
                if let Ok(at) = it.binary_search(&place) {
                    it.remove(at);
                }
                if let (Some(last), 1) = (it.front().copied(), it.len()) {
                    *self = Self::One(last);
                }
                self.len() == 0
            }
        }
    }
}

impl Window {
    pub(super) fn len(&self) -> usize {
        self.articles.len()
    }

    pub(super) fn oldest(&self) -> Option<&Held> {
        self.articles.front()
    }

    pub(super) fn get(&self, place: Place) -> Option<&Held> {
        self.articles.get(place.checked_sub(self.first)? as usize)
    }

    pub(super) fn find(&self, id: ArticleId) -> Option<&Held> {
        self.get(*self.places.get(&id)?)
    }

    /// The oldest report of a story that is held, and the newest of the others, at most `n` together.
    pub(super) fn members(&self, story: StoryId, n: usize) -> impl Iterator<Item = Place> + '_ {
        let all = self.lists.members.get(&story);
        let first = all.and_then(|it| it.get(0));
        let others = all.into_iter().flat_map(|it| it.iter(1).rev());
        first.into_iter().chain(others.take(n.saturating_sub(1)))
    }

    /// Calls `found` for each of the newest articles under each of the terms, with the number of the term, and under
    /// each of the leading shingles, with `None`.
    pub(super) fn lookup(&self, terms: &[u32], sketch: &Sketch, mut found: impl FnMut(Place, Option<usize>)) {
        for (number, hash) in terms.iter().enumerate() {
            for place in newest(self.lists.by_term.get(hash)) {
                found(place, Some(number));
            }
        }
        for hash in sketch.print.leading(SHINGLE_KEYS) {
            for place in newest(self.lists.by_shingle.get(&hash)) {
                found(place, None);
            }
        }
    }

    /// Adds an article as the newest, or replaces its earlier version if that is held.
    pub(super) fn put(&mut self, held: Held) {
        let known = self.places.get(&held.id).copied();
        let next = || self.first.checked_add(u32::try_from(self.articles.len()).ok()?);
        let Some(place) = known.or_else(next) else { return };
        self.frequencies.add(&held.sketch);
        self.dates.add(held.sketch.at);
        if let Some(old) = self.get(place).cloned() {
            self.lists.remove(place, &old);
            self.frequencies.remove(&old.sketch);
            self.dates.remove(old.sketch.at);
        }
        self.lists.insert(place, &held);
        self.places.insert(held.id, place);
        match self.articles.get_mut(place.saturating_sub(self.first) as usize) {
            Some(slot) => *slot = held,
            None => self.articles.push_back(held),
        }
    }

    /// Lets the oldest go.
    pub(super) fn drop_oldest(&mut self) {
        if let Some(old) = self.articles.pop_front() {
            self.places.remove(&old.id);
            self.lists.remove(self.first, &old);
            self.frequencies.remove(&old.sketch);
            self.dates.remove(old.sketch.at);
            self.first = self.first.saturating_add(1);
        }
    }

    /// Puts an article into another story.
    pub(super) fn put_into(&mut self, id: ArticleId, story: StoryId) {
        let Some(place) = self.places.get(&id).copied() else { return };
        let Some(held) = self.articles.get_mut(place.saturating_sub(self.first) as usize) else { return };
        let before = std::mem::replace(&mut held.story, story);
        remove(&mut self.lists.members, &before, place);
        insert(&mut self.lists.members, story, place);
    }
}

impl Lists {
    fn insert(&mut self, place: Place, held: &Held) {
        for hash in &held.fingerprint.0 {
            insert(&mut self.by_term, *hash, place);
        }
        for hash in held.sketch.print.leading(SHINGLE_KEYS) {
            insert(&mut self.by_shingle, hash, place);
        }
        insert(&mut self.members, held.story, place);
    }

    fn remove(&mut self, place: Place, held: &Held) {
        for hash in &held.fingerprint.0 {
            remove(&mut self.by_term, hash, place);
        }
        for hash in held.sketch.print.leading(SHINGLE_KEYS) {
            remove(&mut self.by_shingle, &hash, place);
        }
        remove(&mut self.members, &held.story, place);
    }
}

fn newest(list: Option<&List>) -> impl Iterator<Item = Place> + '_ {
    list.into_iter().flat_map(|it| it.iter(0).rev().take(MAX_POSTINGS))
}

fn insert<K: Hash + Eq>(lists: &mut HashMap<K, List>, key: K, place: Place) {
    lists.entry(key).or_insert(List::One(place)).insert(place);
}

fn remove<K: Hash + Eq>(lists: &mut HashMap<K, List>, key: &K, place: Place) {
    if lists.get_mut(key).is_some_and(|it| it.remove(place)) {
        lists.remove(key);
    }
}
