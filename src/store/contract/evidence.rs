//! Promises about versions, later readings and events.

use std::ops::ControlFlow;

use super::{
    Case,
    samples::{alarming, at, exhibit, intent, put, rereading, snapshot, with},
};
use crate::{
    model::{Article, ArticleId, Change, Event, Exhibit, Finding, Intent, LastReading, Page, PageState, Rereading},
    store::Store,
};

pub(super) const CASES: &[Case] = &[
    ("versions: all of them, oldest first", versions),
    ("a new version that a later reading brings is held as any", reread_version),
    ("exhibits: of any version, half-open range, newest first", exhibits),
    ("later readings: the last one counts", readings),
    ("events: half-open range, newest first", events),
    ("a page changes nothing but the count", page),
];

fn commit(store: &dyn Store, it: Rereading) {
    store.commit(&Change::Reread(Box::new(it))).unwrap();
}

fn numbers(versions: &[Article]) -> Vec<u32> {
    versions.iter().map(|it| it.version).collect()
}

fn versions(store: &dyn Store) {
    assert_eq!(store.versions(ArticleId(1)).unwrap(), []);
    put(store, intent(1));
    assert_eq!(store.versions(ArticleId(1)).unwrap(), [intent(1).report.article]);
    for version in [2, 5, 3, 5] {
        put(store, with(1, |it| it.report.article.version = version));
    }
    put(store, intent(2));
    assert_eq!(store.record_number(ArticleId(1)).unwrap(), Some(3));
    assert_eq!(store.record_number(ArticleId(2)).unwrap(), Some(6));
    assert_eq!(store.record_number(ArticleId(3)).unwrap(), None);
    assert_eq!(numbers(&store.versions(ArticleId(1)).unwrap()), [1, 2, 5]);
    assert_eq!(numbers(&store.versions(ArticleId(2)).unwrap()), [1]);
}

fn reread_version(store: &dyn Store) {
    put(store, exhibit(1));
    let mut it = rereading(1, 50, Finding::Changed(2));
    let found = alarming(1);
    let intent = it.intent.as_mut().unwrap();
    (intent.alerts, intent.outbox) = (found.alerts, found.outbox.clone());
    commit(store, it);
    let report = store.report(ArticleId(1)).unwrap().unwrap();
    assert_eq!((report.article.version, report.article.first_seen), (2, at(1)));
    assert_eq!(report.article.body, "The text of version 2.");
    let bodies: Vec<_> = store.versions(ArticleId(1)).unwrap().into_iter().map(|it| it.body).collect();
    assert_eq!(bodies, [exhibit(1).report.article.body, "The text of version 2.".to_owned()]);
    // Its alerts and messages are those of an article.
    assert_eq!(store.fired(report.story()).unwrap(), ["watch-1"]);
    assert_eq!(store.alerts_of(report.story()).unwrap().len(), 1);
    assert_eq!(store.pending(&found.outbox[0].id).unwrap().unwrap().message, found.outbox[0]);
    // And a version after it replaces it.
    put(store, with(1, |it| it.report.article.version = 3));
    assert_eq!(numbers(&store.versions(ArticleId(1)).unwrap()), [1, 2, 3]);
    // A version that is held already is not held again.
    commit(store, rereading(1, 60, Finding::Changed(2)));
    assert_eq!(numbers(&store.versions(ArticleId(1)).unwrap()), [1, 2, 3]);
}

fn listed(store: &dyn Store, range: std::ops::Range<i64>) -> Vec<Exhibit> {
    let mut res = Vec::new();
    let visit = &mut |it| {
        res.push(it);
        ControlFlow::Continue(())
    };
    store.exhibits(at(range.start)..at(range.end), visit).unwrap();
    res
}

fn exhibits(store: &dyn Store) {
    for it in [exhibit(3), exhibit(1), intent(2), alarming(4)] {
        put(store, it);
    }
    let ids = |store: &dyn Store, range| listed(store, range).iter().map(|it| it.article.0).collect::<Vec<_>>();
    assert_eq!(ids(store, 0..100), [3, 1]);
    assert_eq!(ids(store, 1..3), [1]);
    assert_eq!(listed(store, 3..4), [Exhibit { article: ArticleId(3), first_seen: at(3), last: None }]);
    // A later version may be the first whose page is read, or has no topic any more: what was kept stays of interest.
    put(store, later(exhibit(2), 2));
    put(store, later(with(1, |it| it.report.tags.clear()), 2));
    assert_eq!(ids(store, 0..100), [3, 2, 1]);
    let fetched = exhibit(5).report.article.page;
    put(store, with(5, |it| (it.report.article.page, it.report.tags) = (fetched, Vec::new())));
    assert_eq!(ids(store, 5..6), Vec::<u64>::new());
    assert!(matches!(store.report(ArticleId(2)).unwrap().unwrap().article.page, Page::Fetched(_)));
}

fn later(mut it: Intent, version: u32) -> Intent {
    it.report.article.version = version;
    it.report.article.first_seen = at(90);
    it
}

fn readings(store: &dyn Store) {
    put(store, exhibit(1));
    assert_eq!(store.last_reading(ArticleId(1)).unwrap(), None);
    let check = |state| {
        let last = store.last_reading(ArticleId(1)).unwrap();
        assert_eq!(last.map(|it| it.state), Some(state));
        assert_eq!(listed(store, 0..9)[0].last, last);
    };
    commit(store, rereading(1, 10, Finding::Failed("timed out".to_owned())));
    check(PageState::Failed);
    commit(store, Rereading { attempts: 2, ..rereading(1, 20, Finding::Missing("status 404".to_owned())) });
    check(PageState::Missing);
    let last = LastReading { at: at(20), state: PageState::Missing, attempts: 2 };
    assert_eq!(store.last_reading(ArticleId(1)).unwrap(), Some(last));
    // An earlier one, and the same again.
    for seconds in [15, 20] {
        commit(store, rereading(1, seconds, Finding::Same));
        check(PageState::Missing);
    }
    commit(store, rereading(1, 21, Finding::Withdrawn("status 404, twice".to_owned())));
    check(PageState::Withdrawn);
    commit(store, rereading(1, 30, Finding::Same));
    check(PageState::There);
    assert_eq!(store.last_reading(ArticleId(2)).unwrap(), None);
}

fn events(store: &dyn Store) {
    for n in 1..=3 {
        put(store, exhibit(n));
    }
    let gone = || Finding::Withdrawn("status 410".to_owned());
    let findings = [
        (1, 10, Finding::Changed(2)),
        (2, 20, gone()),
        (3, 20, Finding::Changed(2)),
        (2, 30, Finding::Same),
        (1, 40, Finding::Missing("status 404".to_owned())),
        (2, 50, gone()),
        // Told already.
        (2, 50, Finding::Changed(7)),
    ];
    for (n, seconds, finding) in findings {
        commit(store, rereading(n, seconds, finding));
    }
    let listed = |range: std::ops::Range<i64>, limit: usize| {
        let mut res = Vec::new();
        let visit = &mut |it: Event| {
            res.push((it.article.0, it.at, it.finding));
            if res.len() == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        store.events(at(range.start)..at(range.end), visit).unwrap();
        res
    };
    let all =
        [(2, at(50), gone()), (3, at(20), Finding::Changed(2)), (2, at(20), gone()), (1, at(10), Finding::Changed(2))];
    assert_eq!(listed(0..100, 9), all);
    assert_eq!(listed(0..100, 2), all[..2]);
    assert_eq!(listed(10..50, 9), all[1..]);
}

fn page(store: &dyn Store) {
    put(store, exhibit(1));
    let before = store.counts().unwrap();
    store.commit(&Change::Page(Box::new(snapshot(1, 1)))).unwrap();
    assert_eq!(store.counts().unwrap().changes, before.changes + 1);
    assert_eq!(numbers(&store.versions(ArticleId(1)).unwrap()), [1]);
}
