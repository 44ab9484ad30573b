//! Whether an entry is held already, and whether an article copies one that is. Pure.
//!
//! An entry is recognised by its link first, then by its guid, then by its title within its source. A
//! guid alone is never trusted: one real feed gives every item the same guid, others number the items of
//! each document from 1.
//!
//! Copies are found by containment: how much of the shorter text is in the longer. The similarity of two
//! whole sets (Jaccard) misses most real copies, since outlets cut wire texts short or pad them.

pub mod closeness;
pub mod overlap;
pub mod provenance;
pub mod sketch;
pub mod stories;
mod weights;
pub mod why;

use std::time::Duration;

use chrono::TimeDelta;

use crate::{
    model::{
        Article, ArticleId, Assignment, CanonicalUrl, Entry, Fingerprint, Page, Report, SourceId, StoryId, Timestamp,
        earlier,
    },
    text,
};

/// Shared hashes below which a containment says nothing: one formula of five words may be all there is.
const MIN_SHARED: usize = 8;
/// Within one source texts follow a template, such as daily reports: only a text that is all but the same is a copy.
const MIN_CONTAINMENT_WITHIN_SOURCE: f64 = 0.9;
/// Words in one shingle.
const SHINGLE_WORDS: usize = 5;
/// Hashes kept of a text. 64 estimate a containment of a half to within about 0.06.
const SAMPLE: usize = 64;

/// How long a title names one article within its source.
const NAMESAKE_LASTS: TimeDelta = TimeDelta::days(3);

/// What counts as a copy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Two texts are copies from this share (0–1) of the shorter one's shingles on.
    pub min_containment: f64,
    /// Texts of fewer words are not compared.
    pub min_words: usize,
    /// An article is no copy of one that was first seen longer before it.
    pub window: Duration,
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
}

/// An article that is held under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The article.
    pub article: ArticleId,
    /// Its version.
    pub version: u32,
    /// Its folded feed title.
    pub title: String,
    /// Whether its page could not be had when it was last read, so that it is worth another reading.
    pub unreachable: bool,
}

/// An article that may be the original of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The article.
    pub article: ArticleId,
    /// Its story.
    pub story: StoryId,
    /// Where it was found.
    pub source: SourceId,
    /// When it was first held.
    pub first_seen: Timestamp,
    /// By which it is compared.
    pub fingerprint: Fingerprint,
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
        link: entry.link.as_ref().map(|it| Key::Link(it.key().to_owned())),
        guid: entry
            .guid
            .as_ref()
            .filter(|_| entry.guid_is_unique)
            .map(|it| Key::Guid(entry.source.clone(), it.clone())),
        title: title_key(&entry.source, &entry.title),
    }
}

/// The keys an article is held under: those of its entry, and the address that answered.
pub fn article_keys(article: &Article) -> Vec<Key> {
    let answered = match &article.page {
        Page::Fetched(record) => CanonicalUrl::parse(&record.url),
        _ => None,
    };
    let mut links: Vec<Key> = article.link.iter().chain(&answered).map(|it| Key::Link(it.key().to_owned())).collect();
    links.dedup();
    let guid = article.guid.iter().filter(|_| article.guid_is_unique);
    let guid = guid.map(|it| Key::Guid(article.source.clone(), it.clone()));
    links.into_iter().chain(guid).chain(title_key(&article.source, &article.feed_title)).collect()
}

/// The form in which titles are compared.
pub fn folded_title(title: &str) -> String {
    text::one_line(&text::fold(title))
}

fn title_key(source: &SourceId, title: &str) -> Option<Key> {
    Some(folded_title(title)).filter(|it| !it.is_empty()).map(|it| Key::Title(source.clone(), it))
}

/// The held article that an entry is, if it is one.
///
/// A known guid counts only where the title is the same too: feeds reuse guids, and an article must not be lost
/// for that. An entry that has neither link nor guid is what its title says.
/// An entry with a link of its own is never dropped for its title: "Weekly digest" is a new one each week.
pub fn recognise(entry: &Entry, held: HeldUnder) -> Option<Held> {
    if held.link.is_some() {
        return held.link;
    }
    let same_title = |it: &Held| it.title == folded_title(&entry.title);
    match held.guid.filter(same_title) {
        Some(guid) => Some(guid),
        None if entry.link.is_some() || entry.guid_is_unique => None,
        None => held.title,
    }
}

/// Names an article by what identifies its entry, so that it is the same on every run.
pub fn article_id(entry: &Entry) -> ArticleId {
    let keys = entry_keys(entry);
    let identity = match keys.link.or(keys.guid).or(keys.title) {
        Some(Key::Link(link)) => format!("link\n{link}"),
        Some(Key::Guid(source, guid)) => format!("guid\n{source}\n{guid}\n{}", folded_title(&entry.title)),
        Some(Key::Title(source, title)) => format!("title\n{source}\n{title}"),
        None => format!("source\n{}", entry.source),
    };
    ArticleId(text::short_hash(&identity))
}

/// Samples an article's word shingles; empty where the text is too short to compare.
pub fn fingerprint(article: &Article, settings: &Settings) -> Fingerprint {
    let words = text::tokens(&article.body);
    if words.len() < settings.min_words {
        return Fingerprint::default();
    }
    let mut hashes = text::shingles(&words, SHINGLE_WORDS);
    hashes.sort_unstable();
    hashes.dedup();
    hashes.truncate(SAMPLE);
    Fingerprint(hashes)
}

/// The estimated share (0–1) of the shorter text's shingles that the longer text has too; 0 where fewer than
/// eight are seen in both.
///
/// A sample holds the smallest hashes of its text. Below the smaller of two full samples' largest hashes
/// both samples are complete, so that the texts can be compared there as if whole.
pub fn containment(a: &Fingerprint, b: &Fingerprint) -> f64 {
    let reach = |it: &Fingerprint| if it.0.len() < SAMPLE { u64::MAX } else { it.0.last().copied().unwrap_or(0) };
    let limit = reach(a).min(reach(b));
    let within = |it: &Fingerprint| it.0.iter().take_while(|hash| **hash <= limit).count();
    let shorter = within(a).min(within(b));
    let shared = a.0.iter().take_while(|it| **it <= limit).filter(|it| b.0.binary_search(it).is_ok()).count();
    if shared < MIN_SHARED {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "both are at most 64")]
    let share = shared as f64 / shorter as f64;
    share
}

/// The copy that an article is of the nearest candidate, if it is one.
pub fn copy(
    article: &Article,
    print: &Fingerprint,
    candidates: &[Candidate],
    settings: &Settings,
) -> Option<Assignment> {
    let oldest = earlier(article.first_seen, settings.window);
    let recent = candidates.iter().filter(|it| it.first_seen >= oldest && it.article != article.id);
    let shares = recent.map(|it| (containment(print, &it.fingerprint), it));
    let needed = |it: &Candidate| match it.source == article.source {
        true => settings.min_containment.max(MIN_CONTAINMENT_WITHIN_SOURCE),
        false => settings.min_containment,
    };
    let (share, original) = shares
        .filter(|(share, it)| *share >= needed(it))
        // Of equals the oldest: it is nearer to the origin.
        .max_by(|(a, x), (b, y)| {
            a.total_cmp(b).then(y.first_seen.cmp(&x.first_seen)).then(y.article.cmp(&x.article))
        })?;
    let percent = share * 100.0;
    let (of, source) = (original.article, &original.source);
    let why = format!("about {percent:.0} % of the shorter text is also in article {of} of {source}");
    Some(Assignment::Copy { story: original.story, of, why })
}

/// The copy that an article is of its namesake: the article of the same source with the same title.
///
/// A title counts only where there is too little text to compare, and for some days: "Weekly digest" is a new
/// story each week.
pub fn copy_of_namesake(article: &Article, print: &Fingerprint, namesake: &Report) -> Option<Assignment> {
    let of = namesake.article.id;
    let is_recent = article.first_seen - namesake.article.first_seen < NAMESAKE_LASTS;
    let is_copy = print.0.is_empty() && of != article.id && is_recent;
    let why = "the same source gave the same title lately, and there is too little text to compare".to_owned();
    is_copy.then(|| Assignment::Copy { story: namesake.story(), of, why })
}

/// The key of the article that has the same title in the same source.
pub fn namesake_key(article: &Article) -> Option<Key> {
    title_key(&article.source, &article.feed_title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SETTINGS: Settings =
        Settings { min_containment: 0.5, min_words: 30, window: Duration::from_secs(7 * 86_400) };

    fn entry(link: &str, guid: &str, title: &str) -> Entry {
        Entry {
            source: SourceId::new("s").unwrap(),
            link: CanonicalUrl::parse(link),
            guid: (!guid.is_empty()).then(|| guid.to_owned()),
            guid_is_unique: !guid.is_empty(),
            title: title.to_owned(),
            text: String::new(),
            authors: vec![],
            published: None,
            updated: None,
            language: None,
            enclosures: vec![],
        }
    }

    fn held(title: &str) -> Held {
        Held { article: ArticleId(1), version: 1, title: title.to_owned(), unreachable: false }
    }

    #[track_caller]
    fn check(entry: &Entry, under: HeldUnder, expected: bool) {
        assert_eq!(recognise(entry, under).is_some(), expected, "{entry:?}");
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

    fn words(range: std::ops::Range<u32>) -> String {
        range.map(|it| format!("w{}", it.wrapping_mul(2_654_435_761) % 100_003)).collect::<Vec<_>>().join(" ")
    }

    fn print(body: &str) -> Fingerprint {
        let hashes = text::shingles(&text::tokens(body), SHINGLE_WORDS);
        let mut hashes: Vec<u64> = hashes.into_iter().collect::<std::collections::BTreeSet<_>>().into_iter().collect();
        hashes.truncate(SAMPLE);
        Fingerprint(hashes)
    }

    #[test]
    fn a_cut_or_padded_copy_is_contained() {
        let whole = print(&words(0..600));
        assert!(containment(&whole, &print(&words(0..200))) > 0.9, "cut short");
        assert!(containment(&whole, &print(&format!("{} {}", words(5000..5300), words(0..600)))) > 0.9, "padded");
        assert!(containment(&whole, &print(&words(1000..1600))) < 0.05, "another text");
        let half = containment(&whole, &print(&words(300..900)));
        assert!((0.3..0.7).contains(&half), "half in common: {half}");
    }

    #[test]
    fn joins_the_nearest_and_oldest() {
        let candidate = |id, second, body: &str| Candidate {
            article: ArticleId(id),
            story: StoryId(ArticleId(id)),
            source: SourceId::new("other").unwrap(),
            first_seen: Timestamp::from_timestamp(second, 0).unwrap(),
            fingerprint: print(body),
        };
        let candidates =
            [candidate(1, 20, &words(0..500)), candidate(2, 10, &words(0..500)), candidate(3, 5, &words(900..1500))];
        let copied = copy(&article(9, 0), &print(&words(0..400)), &candidates, &SETTINGS);
        assert_eq!(
            copied,
            Some(Assignment::Copy {
                story: StoryId(ArticleId(2)),
                of: ArticleId(2),
                why: "about 100 % of the shorter text is also in article 0000000000000002 of other".to_owned(),
            })
        );
        assert_eq!(copy(&article(9, 0), &print(&words(2000..2400)), &candidates, &SETTINGS), None);
        assert_eq!(copy(&article(9, 0), &Fingerprint::default(), &candidates, &SETTINGS), None);
    }

    #[test]
    fn templates_and_old_texts_are_no_originals() {
        let candidate = |source: &str| Candidate {
            article: ArticleId(1),
            story: StoryId(ArticleId(1)),
            source: SourceId::new(source).unwrap(),
            first_seen: Timestamp::from_timestamp(0, 0).unwrap(),
            fingerprint: print(&words(0..500)),
        };
        let is_copy =
            |source, day, body: &str| copy(&article(9, day), &print(body), &[candidate(source)], &SETTINGS).is_some();
        let most = format!("{} {}", words(0..380), words(7000..7100));
        assert!(is_copy("other", 1, &most) && !is_copy("s", 1, &most), "yesterday's template with new figures");
        assert!(is_copy("s", 1, &words(0..500)), "the same text under a new address");
        assert!(!is_copy("other", 8, &words(0..500)), "too long ago");
        let formula = format!("{} {}", words(0..10), words(9000..9025));
        assert!(!is_copy("other", 1, &formula), "a formula in a short text");
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
        let namesake = Report { article: article(1, 0), assignment: Assignment::New, tags: vec![], possible: vec![] };
        let is_copy = |id, day, print: &Fingerprint| copy_of_namesake(&article(id, day), print, &namesake).is_some();
        assert!(is_copy(2, 1, &Fingerprint::default()));
        assert!(!is_copy(2, 7, &Fingerprint::default()), "another week");
        assert!(!is_copy(2, 1, &print(&words(0..200))), "there is text to compare");
        assert!(!is_copy(1, 1, &Fingerprint::default()), "itself");
    }

    proptest! {
        #[test]
        fn containment_is_symmetric_and_bounded(a in 0_u32..800, n in 0_u32..800, b in 0_u32..800, m in 0_u32..800) {
            let (x, y) = (print(&words(a..a + n)), print(&words(b..b + m)));
            let share = containment(&x, &y);
            prop_assert!((0.0..=1.0).contains(&share));
            prop_assert!((share - containment(&y, &x)).abs() < f64::EPSILON);
        }
    }
}
