//! Whether an entry is held already, and whether an article copies one that is. Pure.
//!
//! An entry is recognised by its link first, then by its guid, then by its title within its source. None is trusted
//! alone: one real feed gives every item the same guid, others number the items of each document from 1, and an
//! address may show another bulletin each evening. See [`recognise`].
//!
//! Copies are found by containment: how much of the shorter text is in the longer. The similarity of two
//! whole sets (Jaccard) misses most real copies, since outlets cut wire texts short or pad them. Reports of one event
//! are found by the names, numbers and words they share; see [`stories`].

pub mod closeness;
pub mod dates;
mod identity;
pub mod origins;
pub mod overlap;
pub mod placing;
pub mod provenance;
pub mod sketch;
mod sorted;
pub mod stories;
mod weights;
pub mod why;

use std::time::Duration;

use chrono::TimeDelta;

use crate::{
    model::{Article, ArticleId, Assignment, CanonicalUrl, CopyLevel, Entry, Page, Report, SourceId},
    text,
};

pub use identity::{
    Likeness, Likenesses, Met, Profile, TextLikeness, Unclear, are_different, article_id, guids_change,
    id_without_link, is_beside_its_link, is_dated_within, recognise,
};

/// Texts of fewer words are too short to show whether they are the same.
const TOO_SHORT_WORDS: u32 = 30;
/// How long an equal title within one source means the same article.
const NAMESAKE_LASTS: TimeDelta = TimeDelta::days(3);

/// What counts as a copy, and how much is held in memory to compare with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Minimum share (0–1) of the shorter text's shingles that the longer one contains for the two to be copies.
    pub min_containment: f64,
    /// Texts of fewer words never count as copies.
    pub min_words: u32,
    /// An article joins no story whose newest report is older than this.
    pub window: Duration,
    /// Maximum articles held in memory, the newest.
    pub max_held: usize,
    /// While fewer articles are held, only copies join stories: it is not yet known which words are rare, and a name
    /// found everywhere would merge everything. 0 for `try story`, which takes its input as it is.
    pub background: usize,
}

impl Default for Settings {
    /// On the development pairs the nearest independent pair has a containment of 0.46 and the most distant copy 0.56.
    fn default() -> Self {
        Self { min_containment: 0.51, min_words: 20, window: Duration::MAX, max_held: 50_000, background: 0 }
    }
}

/// What an article can be looked up by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// [`CanonicalUrl::key`], over all sources.
    Link(String),
    /// The guid within a source.
    Guid(SourceId, String),
    /// The folded title within a source.
    Title(SourceId, String),
    /// [`CanonicalUrl::key`], of the newest article whose link that is though it is not its own.
    Beside(String),
}

/// An article that is held under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The article.
    pub article: ArticleId,
    /// Its version.
    pub version: u32,
    /// Its folded feed title; `None` if that is damaged.
    pub title: Option<String>,
    /// Whether its page could not be fetched when it was last read, so that another reading is worthwhile.
    pub unreachable: bool,
}

impl Held {
    /// What is known of an article that is held.
    pub fn of(article: &Article) -> Self {
        Self {
            article: article.id,
            version: article.version,
            title: Some(folded_title(&article.feed_title)),
            unreachable: matches!(article.page, Page::Unreachable(_)),
        }
    }
}

/// The keys an entry is looked up by. Those it has not are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryKeys {
    /// By its link.
    pub link: Option<Key>,
    /// By its guid, where it names one entry alone.
    pub guid: Option<Key>,
    /// By its title.
    pub title: Option<Key>,
}

/// What the store holds under each of an entry's keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeldUnder {
    /// Under its link.
    pub link: Option<Held>,
    /// Under its guid.
    pub guid: Option<Held>,
    /// Under its title.
    pub title: Option<Held>,
}

/// The keys to look an entry up by.
pub fn entry_keys(entry: &Entry) -> EntryKeys {
    EntryKeys {
        link: entry.link.as_ref().filter(|_| entry.link_is_own).map(|it| Key::Link(it.key().to_owned())),
        guid: entry
            .guid
            .as_ref()
            .filter(|_| entry.guid_is_unique)
            .map(|it| Key::Guid(entry.source.clone(), it.clone())),
        title: title_key(&entry.source, &entry.title),
    }
}

/// The keys an article is held under: those of its entry, and the address that answered. Where that is not the
/// article's own, it is held beside it.
pub fn article_keys(article: &Article) -> Vec<Key> {
    let answered = match &article.page {
        Page::Fetched(record) => CanonicalUrl::parse(&record.url),
        _ => None,
    };
    let mut links: Vec<Key> = article.link.iter().chain(&answered).map(|it| Key::Link(it.key().to_owned())).collect();
    links.dedup();
    if is_beside_its_link(article) {
        links = article.link.iter().map(beside_key).collect();
    }
    let guid = article.guid.iter().filter(|_| article.guid_is_unique);
    let guid = guid.map(|it| Key::Guid(article.source.clone(), it.clone()));
    links.into_iter().chain(guid).chain(title_key(&article.source, &article.feed_title)).collect()
}

/// The key under which the newest of the articles beside an address is found: there is one where the address has had
/// several.
pub fn beside_key(link: &CanonicalUrl) -> Key {
    Key::Beside(link.key().to_owned())
}

/// The form in which titles are compared.
pub fn folded_title(title: &str) -> String {
    text::one_line(&text::fold_for_keys(title))
}

fn title_key(source: &SourceId, title: &str) -> Option<Key> {
    Some(folded_title(title)).filter(|it| !it.is_empty()).map(|it| Key::Title(source.clone(), it))
}

/// Whether an article is a copy of its namesake, the article of the same source with the same title.
///
/// A title counts only if there is too little text to compare, and only for some days: "Weekly digest" is a new story
/// each week.
pub fn copy_of_namesake(article: &Article, words: u32, namesake: &Report) -> Option<Assignment> {
    let of = namesake.article.id;
    let is_recent = article.first_seen - namesake.article.first_seen < NAMESAKE_LASTS;
    let is_copy = words < TOO_SHORT_WORDS && of != article.id && is_recent;
    let why = "the same source gave the same title lately, and there is too little text to compare".to_owned();
    is_copy.then(|| Assignment::Copy { story: namesake.story(), of, level: CopyLevel::Copy, why })
}

/// The key of the article that has the same title in the same source.
pub fn namesake_key(article: &Article) -> Option<Key> {
    title_key(&article.source, &article.feed_title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    fn entry(link: &str, guid: &str, title: &str) -> Entry {
        Entry {
            source: SourceId::new("s").unwrap(),
            link: CanonicalUrl::parse(link),
            link_is_own: true,
            permalink: None,
            guid: (!guid.is_empty()).then(|| guid.to_owned()),
            guid_is_unique: !guid.is_empty(),
            title: title.to_owned(),
            text: String::new(),
            authors: vec![],
            published: None,
            updated: None,
            is_dated_by_update: false,
            language: None,
            enclosures: vec![],
        }
    }

    fn held(title: &str) -> Held {
        Held { article: ArticleId(1), version: 1, title: Some(title.to_owned()), unreachable: false }
    }

    #[track_caller]
    fn check(entry: &Entry, under: HeldUnder, expected: bool) {
        let met = Met { under, ..Met::default() };
        assert_eq!(recognise(entry, met, false).is_some(), expected, "{entry:?}");
    }

    #[test]
    fn a_known_link_is_enough() {
        check(
            &entry("https://a.example/1", "g", "New title"),
            HeldUnder { link: Some(held("old")), ..HeldUnder::default() },
            true,
        );
    }

    #[test]
    fn a_known_guid_is_not_enough_where_the_link_is_new() {
        let under = |title| HeldUnder { guid: Some(held(title)), title: Some(held(title)), ..HeldUnder::default() };
        check(&entry("https://a.example/2", "1", "Second"), under("first"), false);
        check(&entry("https://a.example/moved", "1", "First"), under("first"), true);
        check(&entry("", "1", "First"), under("first"), true);
        check(&entry("", "1", "Another first of the day"), under("first"), false);
    }

    #[test]
    fn a_title_counts_only_where_nothing_else_does() {
        let under = || HeldUnder { title: Some(held("weekly digest")), ..HeldUnder::default() };
        check(&entry("https://a.example/3", "", "Weekly digest"), under(), false);
        check(&entry("", "new-guid", "Weekly digest"), under(), false);
        check(&entry("", "", "Weekly digest"), under(), true);
    }

    #[test]
    fn ids_depend_on_identity_alone() {
        let id = |link, guid, title| article_id(&entry(link, guid, title));
        assert_eq!(id("https://a.example/1", "g", "x"), id("http://a.example/1?utm_source=y", "h", "z"));
        assert_ne!(id("https://a.example/1", "g", "x"), id("https://a.example/2", "g", "x"));
        assert_eq!(id("", "g", "x"), id("", "g", "X "));
        assert_ne!(id("", "g", "x"), id("", "g", "y"), "feeds number their entries anew each day");
        assert_eq!(id("", "", "Ընդլայնում"), id("", "", " ընդլայնում "));
        assert_eq!(
            id("https://a.example/1", "", ""),
            ArticleId(0xdc7d_5f3b_5b07_bbce),
            "an id must never change between releases"
        );
    }

    fn article(id: u64, day: i64) -> Article {
        Article {
            id: ArticleId(id),
            version: 1,
            source: SourceId::new("s").unwrap(),
            link: None,
            guid: None,
            guid_is_unique: false,
            feed_title: "Briefing".into(),
            title: "Briefing".into(),
            body: String::new(),
            authors: vec![],
            language: None,
            site_name: None,
            canonical: None,
            published: None,
            first_seen: Timestamp::from_timestamp(day * 86_400, 0).unwrap(),
            method: crate::model::Method::Feed,
            page: Page::None,
            reading: crate::model::Reading::default(),
        }
    }

    #[test]
    fn a_namesake_counts_only_without_text_and_for_some_days() {
        let namesake =
            Report { article: article(1, 0), assignment: Assignment::New, moved: None, tags: vec![], possible: vec![] };
        let is_copy = |id, day, words| copy_of_namesake(&article(id, day), words, &namesake).is_some();
        assert!(is_copy(2, 1, 0));
        assert!(!is_copy(2, 7, 0), "another week");
        assert!(!is_copy(2, 1, 200), "there is text to compare");
        assert!(!is_copy(1, 1, 0), "itself");
    }
}
