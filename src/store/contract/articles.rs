//! Promises about articles, keys, stories and candidates.

use std::ops::ControlFlow;

use super::{
    Case,
    samples::{at, copy, due, guid, held, intent, link, put, seen, source, story, title, unsure, with},
};
use crate::{
    dedup::{self, Held},
    model::{ArticleId, Assignment, CanonicalUrl, Change, Entry, Fingerprint, Intent, Page, Report, Tag, Timestamp},
    store::{Counts, Store},
};

pub(super) const CASES: &[Case] = &[
    ("an empty store answers", empty),
    ("a commit is seen whole", commit_is_seen),
    ("an article is held under link, guid and title", held_by_keys),
    ("a guid that is not unique and an empty title hold nothing", weak_keys),
    ("an article beside its link is found beside it, the newest", beside_links),
    ("keys belong to their source, links to none", keys_by_source),
    ("the later article has a shared key", shared_key),
    ("long titles and guids are held", long_keys),
    ("a repeated intent changes nothing", repeat),
    ("a higher version replaces", higher_version),
    ("reports that have a later version", reread),
    ("a version keeps story and first sight", version_keeps),
    ("a lower version is left out", lower_version),
    ("fingerprints come with the reports", fingerprints),
    ("reports are counted by hour and topic, as their newest versions say", volume),
    ("reports: half-open range, newest first", range),
    ("reports: an early stop", early_stop),
    ("reports: a visitor may ask the store", visitor_asks),
    ("reports: more than a page", many),
    ("possible hits: of the newest version, half-open range, newest first", possible),
    ("a story lists its articles as they joined", story_order),
    ("a source's state is replaced", source_state),
    ("a large body comes back", large_body),
];

fn possible(store: &dyn Store) {
    for n in [2, 1, 3] {
        put(store, unsure(n));
    }
    put(store, intent(4));
    let listed = |range: std::ops::Range<i64>, limit: usize| {
        let mut res = Vec::new();
        let visit = &mut |it: Report| {
            assert!(!it.possible.is_empty());
            res.push(it.article.id.0);
            if res.len() == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        store.possible(at(range.start)..at(range.end), visit).unwrap();
        res
    };
    assert_eq!(listed(0..100, 9), [3, 2, 1]);
    assert_eq!(listed(1..3, 9), [2, 1]);
    assert_eq!(listed(0..100, 2), [3, 2]);
    assert_eq!(store.report(ArticleId(2)).unwrap(), Some(unsure(2).report));
    // A new version may show it no more, or for the first time; it keeps its place.
    let version = |mut it: Intent| {
        it.report.article.version = 2;
        it.report.article.first_seen = at(90);
        it
    };
    put(store, version(intent(2)));
    put(store, version(unsure(4)));
    put(store, version(unsure(1)));
    assert_eq!(listed(0..100, 9), [4, 3, 1]);
    // An older one changes nothing.
    put(store, unsure(2));
    put(store, intent(4));
    assert_eq!(listed(0..100, 9), [4, 3, 1]);
    assert_eq!(listed(4..5, 9), [4]);
}

fn empty(store: &dyn Store) {
    assert_eq!(held(store, &link(1)), None);
    assert_eq!(store.report(ArticleId(1)).unwrap(), None);
    assert_eq!(recent(store), []);
    assert_eq!(store.story(story(1)).unwrap(), []);
    assert_eq!(store.fired(story(1)).unwrap(), Vec::<String>::new());
    assert_eq!(store.source_state(&source()).unwrap(), None);
    assert_eq!(due(store, 0), []);
    assert_eq!(store.last_issue("daily").unwrap(), None);
    assert_eq!(seen(store, -1000..1000), [0; 0]);
    assert_eq!(Counts { bytes: 0, ..store.counts().unwrap() }, Counts::default());
    store.sync().unwrap();
}

fn commit_is_seen(store: &dyn Store) {
    put(store, intent(1));
    assert_eq!(store.report(ArticleId(1)).unwrap(), Some(intent(1).report));
    assert_eq!(store.story(story(1)).unwrap(), [ArticleId(1)]);
    let counts = Counts { bytes: 0, ..store.counts().unwrap() };
    assert_eq!(counts, Counts { articles: 1, stories: 1, changes: 1, ..Counts::default() });
    store.sync().unwrap();
}

fn held_by_keys(store: &dyn Store) {
    put(store, intent(1));
    put(store, with(2, |it| it.report.article.page = Page::Unreachable("timed out".to_owned())));
    let first = Held { article: ArticleId(1), version: 1, title: Some("title 1".to_owned()), unreachable: false };
    for key in [link(1), guid("guid-1"), title("title 1")] {
        assert_eq!(store.held(&key).unwrap(), Some(first.clone()), "{key:?}");
    }
    let second = Held { article: ArticleId(2), version: 1, title: Some("title 2".to_owned()), unreachable: true };
    assert_eq!(store.held(&link(2)).unwrap(), Some(second));
    assert_eq!(held(store, &link(3)), None);
}

fn weak_keys(store: &dyn Store) {
    put(
        store,
        with(1, |it| {
            it.report.article.guid_is_unique = false;
            it.report.article.feed_title = "  ".to_owned();
        }),
    );
    assert_eq!(held(store, &link(1)), Some(1));
    assert_eq!(held(store, &guid("guid-1")), None);
    assert_eq!(held(store, &title("")), None);
}

fn beside_links(store: &dyn Store) {
    let at_first = CanonicalUrl::parse("https://alpha.example/1");
    put(store, intent(1));
    let beside = dedup::beside_key(at_first.as_ref().unwrap());
    assert_eq!(held(store, &beside), None);
    for n in [2, 3] {
        let entry = Entry { link: at_first.clone(), ..Entry::of_article(&intent(n).report.article) };
        let id = dedup::id_without_link(&entry);
        put(store, with(n, |it| (it.report.article.id, it.report.article.link) = (id, at_first.clone())));
        assert_eq!((held(store, &link(1)), held(store, &beside)), (Some(1), Some(id.0)));
    }
}

fn keys_by_source(store: &dyn Store) {
    put(store, intent(1));
    let other = crate::model::SourceId::new("beta").unwrap();
    assert_eq!(held(store, &crate::dedup::Key::Guid(other.clone(), "guid-1".to_owned())), None);
    assert_eq!(held(store, &crate::dedup::Key::Title(other, "title 1".to_owned())), None);
    // One page under both schemes.
    put(store, with(2, |it| it.report.article.link = CanonicalUrl::parse("http://alpha.example/1")));
    assert_eq!(held(store, &link(1)), Some(2));
}

fn shared_key(store: &dyn Store) {
    put(store, with(1, |it| it.report.article.feed_title = "Morning briefing".to_owned()));
    put(store, with(2, |it| it.report.article.feed_title = "Morning briefing".to_owned()));
    assert_eq!(held(store, &title("morning briefing")), Some(2));
    // A new version of the first takes nothing from the second.
    put(
        store,
        with(1, |it| {
            it.report.article.version = 2;
            it.report.article.feed_title = "Evening briefing".to_owned();
        }),
    );
    assert_eq!(held(store, &title("morning briefing")), Some(2));
    assert_eq!(held(store, &title("evening briefing")), Some(1));
}

fn long_keys(store: &dyn Store) {
    let long = "слово ".repeat(5000);
    put(
        store,
        with(1, |it| {
            it.report.article.feed_title.clone_from(&long);
            it.report.article.guid = Some(long.clone());
        }),
    );
    assert_eq!(held(store, &guid(&long)), Some(1));
    let found = store.held(&title(long.trim_end())).unwrap().unwrap();
    assert_eq!(found.title.as_deref(), Some(long.trim_end()));
}

fn repeat(store: &dyn Store) {
    put(store, intent(1));
    put(store, intent(1));
    assert_eq!(store.report(ArticleId(1)).unwrap(), Some(intent(1).report));
    assert_eq!(store.story(story(1)).unwrap(), [ArticleId(1)]);
    assert_eq!(seen(store, 0..100), [1]);
    assert_eq!(recent(store).len(), 1);
    let counts = store.counts().unwrap();
    assert_eq!((counts.articles, counts.stories), (1, 1));
}

fn higher_version(store: &dyn Store) {
    put(store, with(1, |it| it.report.article.page = Page::Unreachable("timed out".to_owned())));
    let second = with(1, |it| {
        it.report.article.version = 2;
        it.report.article.feed_title = "Another".to_owned();
        it.report.article.guid = Some("another".to_owned());
        it.report.article.link = CanonicalUrl::parse("https://alpha.example/moved");
        it.report.article.body = "Another body.".to_owned();
        it.report.tags.clear();
    });
    put(store, second.clone());
    assert_eq!(store.report(ArticleId(1)).unwrap(), Some(second.report));
    let now = Held { article: ArticleId(1), version: 2, title: Some("another".to_owned()), unreachable: false };
    // Links of all versions lead to it; guid and title are those of the newest.
    let moved = crate::dedup::Key::Link("alpha.example/moved".to_owned());
    for key in [link(1), moved, guid("another"), title("another")] {
        assert_eq!(store.held(&key).unwrap(), Some(now.clone()), "{key:?}");
    }
    assert_eq!(held(store, &guid("guid-1")), None);
    assert_eq!(held(store, &title("title 1")), None);
    assert_eq!(store.counts().unwrap().articles, 1);
}

fn reread(store: &dyn Store) {
    let version = |n: u64, version: u32| with(n, |it| it.report.article.version = version);
    for n in 1..=4 {
        put(store, intent(n));
    }
    for n in [4, 1, 2] {
        put(store, version(n, 2));
    }
    put(store, version(1, 3));
    let listed = |range: std::ops::Range<i64>, limit: usize| {
        let mut res = Vec::new();
        let mut visit = |it: Report| {
            res.push((it.article.id.0, it.article.version));
            if res.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        store.reread_reports(at(range.start)..at(range.end), &mut visit).unwrap();
        res
    };
    assert_eq!(listed(0..100, 9), [(4, 2), (2, 2), (1, 3)]);
    assert_eq!(listed(2..4, 9), [(2, 2)]);
    assert_eq!(listed(0..100, 1), [(4, 2)]);
}

fn version_keeps(store: &dyn Store) {
    put(store, intent(1));
    put(store, copy(2, 1));
    put(
        store,
        with(2, |it| {
            it.report.article.version = 2;
            it.report.article.first_seen = at(500);
            it.report.assignment = Assignment::New;
        }),
    );
    let report = store.report(ArticleId(2)).unwrap().unwrap();
    assert_eq!((report.article.version, report.article.first_seen), (2, at(2)));
    assert_eq!(report.assignment, copy(2, 1).report.assignment);
    assert_eq!(store.story(story(1)).unwrap(), [ArticleId(1), ArticleId(2)]);
    assert_eq!(store.story(story(2)).unwrap(), []);
    assert_eq!(seen(store, 0..1000), [2, 1]);
    assert_eq!(store.counts().unwrap().stories, 1);
}

fn lower_version(store: &dyn Store) {
    put(store, with(1, |it| it.report.article.version = 3));
    put(
        store,
        with(1, |it| {
            it.report.article.version = 2;
            it.report.article.title = "Older".to_owned();
        }),
    );
    let report = store.report(ArticleId(1)).unwrap().unwrap();
    assert_eq!((report.article.version, report.article.title.as_str()), (3, "Title 1, in full"));
}

/// Numbers and fingerprints, newest first.
fn recent(store: &dyn Store) -> Vec<(u64, Fingerprint)> {
    let mut res = Vec::new();
    let visit = &mut |report: crate::model::Report, fingerprint| {
        res.push((report.article.id.0, fingerprint));
        ControlFlow::Continue(())
    };
    store.recent(Timestamp::MIN_UTC..Timestamp::MAX_UTC, visit).unwrap();
    res
}

fn fingerprints(store: &dyn Store) {
    put(store, intent(1));
    put(store, intent(2));
    assert_eq!(recent(store), [(2, intent(2).fingerprint), (1, intent(1).fingerprint)]);
    let again = Fingerprint(vec![3, 1, 2]);
    put(
        store,
        with(1, |it| {
            it.report.article.version = 2;
            it.fingerprint.clone_from(&again);
        }),
    );
    assert_eq!(recent(store), [(2, intent(2).fingerprint), (1, again)]);
}

fn range(store: &dyn Store) {
    for n in [3, 1, 2, 4] {
        put(store, intent(n));
    }
    assert_eq!(seen(store, 1..4), [3, 2, 1]);
    assert_eq!(seen(store, 2..3), [2]);
    assert_eq!(seen(store, 2..2), [0; 0]);
    let (start, end) = (3, 1);
    assert_eq!(seen(store, start..end), [0; 0]);
    assert_eq!(seen(store, -10_000_000_000..10_000_000_000), [4, 3, 2, 1]);
    let mut all = 0;
    let count = &mut |_| {
        all += 1;
        ControlFlow::Continue(())
    };
    store.reports(Timestamp::MIN_UTC..Timestamp::MAX_UTC, count).unwrap();
    assert_eq!(all, 4);
}

fn early_stop(store: &dyn Store) {
    (1..=5).for_each(|n| put(store, intent(n)));
    let mut visited = 0;
    let visit = &mut |_| {
        visited += 1;
        if visited == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    store.reports(at(0)..at(100), visit).unwrap();
    assert_eq!(visited, 2);
}

fn visitor_asks(store: &dyn Store) {
    put(store, intent(1));
    let visit = &mut |report: crate::model::Report| {
        assert_eq!(store.story(report.story()).unwrap(), [ArticleId(1)]);
        put(store, intent(2));
        ControlFlow::Continue(())
    };
    store.reports(at(0)..at(100), visit).unwrap();
    assert_eq!(seen(store, 0..100), [2, 1]);
}

fn many(store: &dyn Store) {
    (1..=600).for_each(|n| put(store, intent(n)));
    assert_eq!(seen(store, 0..1000), (1..=600).rev().collect::<Vec<_>>());
    assert_eq!(seen(store, 100..400), (100..400).rev().collect::<Vec<_>>());
}

fn story_order(store: &dyn Store) {
    put(store, intent(5));
    // The clock went back: order is by joining, never by time.
    put(store, copy(1, 5));
    put(store, copy(9, 5));
    assert_eq!(store.story(story(5)).unwrap(), [ArticleId(5), ArticleId(1), ArticleId(9)]);
    assert_eq!(store.counts().unwrap().stories, 1);
}

fn source_state(store: &dyn Store) {
    for change in [super::samples::polled(1, "\"a\""), super::samples::polled(2, &"long ".repeat(2000))] {
        store.commit(&change).unwrap();
        let Change::Polled(state) = change else { unreachable!() };
        assert_eq!(store.source_state(&source()).unwrap(), Some(*state));
    }
}

fn large_body(store: &dyn Store) {
    let large = with(1, |it| it.report.article.body = "Դիմակայություն. ".repeat(70_000));
    assert!(large.report.article.body.len() > 2_000_000);
    put(store, large.clone());
    assert_eq!(store.report(ArticleId(1)).unwrap(), Some(large.report));
}

fn volume(store: &dyn Store) {
    let counted = |range: std::ops::Range<i64>| {
        let mut res = Vec::new();
        let mut visit = |hour: Timestamp, topic: &str, n| {
            res.push(((hour - at(0)).num_seconds(), topic.to_owned(), n));
            ControlFlow::Continue(())
        };
        store.volume(at(range.start)..at(range.end), &mut visit).unwrap();
        res
    };
    let tagged = |n: u64, seconds: i64, version: u32, topics: &[&str]| {
        with(n, |it| {
            it.report.article.first_seen = at(seconds);
            it.report.article.version = version;
            let tag = |topic: &&str| Tag { topic: (*topic).to_owned(), score: 1.0, evidence: Vec::new() };
            it.report.tags = topics.iter().map(tag).collect();
        })
    };
    let row = |hour: i64, topic: &str, n| (hour * 3_600, topic.to_owned(), n);
    for (n, seconds, topics) in
        [(1, 3_600, &["nato", "iran"][..]), (2, 7_199, &["nato"]), (3, 7_200, &["nato", "nato"]), (4, 7_300, &[])]
    {
        put(store, tagged(n, seconds, 1, topics));
    }
    assert_eq!(counted(0..20_000), [row(1, "iran", 1), row(1, "nato", 2), row(2, "nato", 1)]);
    assert_eq!(counted(3_601..7_200), []);
    assert_eq!(counted(3_600..7_200).len(), 2);
    // A repeat counts nothing, a new version counts for what it says, in the hour of the first.
    put(store, tagged(1, 3_600, 1, &["nato"]));
    put(store, tagged(2, 90_000, 2, &["black-sea", "nato"]));
    put(store, tagged(3, 7_200, 2, &[]));
    assert_eq!(counted(0..200_000), [row(1, "black-sea", 1), row(1, "iran", 1), row(1, "nato", 2)]);
}
