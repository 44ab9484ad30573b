use std::ops::ControlFlow;

use super::*;
use crate::{
    model::{Finding, Outcome},
    store::{
        contract::{
            self,
            samples::{
                alarming, at, copy, delivery, digest, exhibit, going_out, guid, id, intent, link, message, pending_due,
                polled, put, rendered, rereading, seen, snapshot, source, story, title, with,
            },
        },
        index::open_unlocked,
    },
};

mod damage;
mod faults;
mod gone;
mod model;
mod remote;
mod rows;
mod tend;

/// Settings by which a small store does what a large one does: it has sorted rows, and all of sled goes to them when it
/// is put in order.
fn small(dir: impl Into<PathBuf>) -> Settings {
    let drafts = DraftSizes { min_sorted_bytes: 1 << 10, full_sorted_bytes: 4 << 10, ..DraftSizes::default() };
    Settings { min_sort_bytes: 1, drafts, ..Settings::new(dir) }
}

fn open(dir: &std::path::Path) -> (LedgerStore, Opened) {
    LedgerStore::open(&Settings { clock: || at(0), ..small(dir) }).unwrap()
}

/// The index of a store that was closed, as sled has it.
fn index_of(dir: &std::path::Path) -> sled::Db {
    open_unlocked(&sled::Config::new().path(dir.join("index"))).unwrap()
}

/// Commits some of everything.
fn fill(store: &dyn Store) {
    for n in 1..=4 {
        put(store, alarming(n));
    }
    put(store, copy(5, 1));
    put(store, with(2, |it| it.report.article.version = 2));
    put(
        store,
        with(3, |it| {
            it.report.article.version = 2;
            it.report.article.feed_title = "Renamed".to_owned();
        }),
    );
    store.commit(&polled(3, "\"etag\"")).unwrap();
    store.commit(&polled(4, &"long".repeat(2000))).unwrap();
    store.commit(&digest(1, vec![message(9, rendered(&"A long digest. ".repeat(1000)))])).unwrap();
    store.commit(&going_out(4, 30, Some("rendered"))).unwrap();
    store.commit(&delivery(1, Outcome::Sent)).unwrap();
    store.commit(&delivery(2, Outcome::Parked { reason: "no".repeat(3000) })).unwrap();
    store.commit(&delivery(3, Outcome::Retry { due: at(40), reason: "busy".to_owned() })).unwrap();
    put(store, exhibit(7));
    store.commit(&Change::Page(Box::new(snapshot(7, 1)))).unwrap();
    for (seconds, finding) in [(50, Finding::Changed(2)), (60, Finding::Withdrawn("gone".to_owned()))] {
        store.commit(&Change::Reread(Box::new(rereading(7, seconds, finding)))).unwrap();
    }
    put(store, with(6, |it| it.report.article.body = "Long body. ".repeat(1000)));
    store.sync().unwrap();
}

/// Copies a directory as a crash at this moment would leave it.
fn copied(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let target = to.join(item.file_name());
        if item.path().is_dir() {
            copied(&item.path(), &target);
        } else {
            fs::copy(item.path(), target).map(|_| ()).unwrap();
        }
    }
}

/// All that a store answers, to be compared.
#[derive(Debug, PartialEq)]
struct Contents(Vec<String>);

impl Contents {
    fn of(store: &dyn Store) -> Self {
        let mut res = vec![format!("{:?}", Counts { bytes: 0, ..store.counts().unwrap() })];
        let list = &mut |it, print| {
            res.push(format!("{it:?} {print:?}"));
            ControlFlow::Continue(())
        };
        store.recent(at(-1000)..at(1000), list).unwrap();
        let list = &mut |it| {
            res.push(format!("{it:?}"));
            ControlFlow::Continue(())
        };
        store.regroupings(list).unwrap();
        let mut labels = Vec::new();
        let list = &mut |it| {
            labels.push(format!("{it:?}"));
            ControlFlow::Continue(())
        };
        store.labels(list).unwrap();
        // In any order.
        labels.sort();
        res.extend(labels);
        let list = &mut |it| {
            res.push(format!("{it:?}"));
            ControlFlow::Continue(())
        };
        store.alerts(at(-1000)..at(1000), list).unwrap();
        let list = &mut |it| {
            res.push(format!("{it:?}"));
            ControlFlow::Continue(())
        };
        store.exhibits(at(-1000)..at(1000), list).unwrap();
        let list = &mut |it| {
            res.push(format!("{it:?}"));
            ControlFlow::Continue(())
        };
        store.events(at(-1000)..at(1000), list).unwrap();
        for n in 1..10 {
            let id = ArticleId(n);
            res.push(format!("{n}: {:?} {:?}", store.versions(id).unwrap(), store.last_reading(id).unwrap()));
            res.push(format!("{n}: {:?}", store.record_number(id).unwrap()));
        }
        for n in 1..model::MESSAGES {
            res.push(format!("{n}: {:?}", store.pending(&id(n)).unwrap()));
        }
        for n in 1..10 {
            res.push(format!("{n}: {:?}", store.report(ArticleId(n)).unwrap()));
            res.push(format!("{n}: {:?} {:?}", store.story(story(n)).unwrap(), store.fired(story(n)).unwrap()));
            for key in [link(n), guid(&format!("guid-{n}")), title(&format!("title {n}"))] {
                res.push(format!("{key:?}: {:?}", store.held(&key).unwrap()));
            }
        }
        let list = &mut |hour: Timestamp, topic: &str, n| {
            res.push(format!("{hour} {topic} {n}"));
            ControlFlow::Continue(())
        };
        store.volume(at(-1_000_000)..at(1_000_000), list).unwrap();
        res.push(format!("{:?}", store.held(&title("renamed")).unwrap()));
        res.push(format!("{:?}", pending_due(store, 100_000, 99)));
        res.push(format!("{:?}", store.last_issue("daily").unwrap()));
        res.push(format!("{:?}", store.source_state(&source()).unwrap()));
        Self(res)
    }
}

#[test]
fn keeps_the_contract() {
    let mut dirs = Vec::new();
    contract::check(&mut || {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(dir.path());
        dirs.push(dir);
        Box::new(store)
    });
}

#[test]
fn answers_as_the_memory_store_does() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    let memory = crate::store::MemoryStore::new();
    fill(&store);
    fill(&memory);
    assert_eq!(Contents::of(&store), Contents::of(&memory));
}

#[test]
fn opening_again_keeps_everything() {
    let dir = tempfile::tempdir().unwrap();
    let (store, opened) = open(dir.path());
    assert_eq!(opened, Opened::default());
    fill(&store);
    let before = Contents::of(&store);
    drop(store);
    let (store, opened) = open(dir.path());
    assert_eq!(opened, Opened::default());
    assert_eq!(Contents::of(&store), before);
    let verified = store.verify().unwrap();
    assert_eq!((verified.frames, verified.first_break), (19, None));
}

#[test]
fn a_missing_index_is_rebuilt_with_the_same_contents() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    fill(&store);
    let before = Contents::of(&store);
    drop(store);
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    let (store, opened) = open(dir.path());
    assert_eq!(
        (opened.rebuilt.as_deref(), opened.replayed, opened.is_loss()),
        (Some("it was missing or empty"), 19, false)
    );
    assert_eq!(Contents::of(&store), before);
}

#[test]
fn every_change_can_be_read_again_in_order() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (store, _) = open(one.path());
    fill(&store);
    let (other, _) = open(two.path());
    let mut seqs = Vec::new();
    store
        .changes(&mut |seq, change| {
            seqs.push(seq);
            other.commit(&change).unwrap();
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(seqs, (1..=19).collect::<Vec<_>>());
    assert_eq!(Contents::of(&other), Contents::of(&store));
    let mut visited = 0;
    let stop = &mut |_, _| {
        visited += 1;
        ControlFlow::Break(())
    };
    store.changes(stop).unwrap();
    assert_eq!(visited, 1);
}

#[test]
fn nothing_large_goes_into_the_index() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    fill(&store);
    let long = "слово ".repeat(4000);
    put(
        &store,
        with(20, |it| {
            it.report.article.feed_title.clone_from(&long);
            it.report.article.guid = Some(long.clone());
            it.report.article.body = long.repeat(100);
            it.fingerprint.0 = (0..10_000).collect();
        }),
    );
    drop(store);
    let db = index_of(dir.path());
    let largest = db.iter().map(|it| it.unwrap()).map(|(key, value)| key.len().max(value.len())).max().unwrap();
    assert!(largest <= 4096, "{largest}");
    let blobs = std::fs::read_dir(dir.path().join("index/blobs")).map_or(0, Iterator::count);
    assert_eq!(blobs, 0);
}

#[test]
fn a_second_opening_is_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    let error = LedgerStore::open(&small(dir.path())).unwrap_err();
    assert!(matches!(&error, StoreError::Locked { dir: it } if it == dir.path()), "{error}");
    put(&store, intent(1));
    drop(store);
    assert_eq!(seen(&open(dir.path()).0, 0..10), [1]);
}

/// Found in a review: a daemon that started while a backup looked whether there is one ended there.
#[test]
fn whoever_only_looks_keeps_nobody_out() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let looking = super::lock::look(dir.path()).unwrap();
    assert!(super::lock::is_free(dir.path()));
    std::thread::scope(|scope| {
        let opening = scope.spawn(|| LedgerStore::open(&small(dir.path())).map(|it| it.0));
        // Before it has the lock or while it waits for it.
        drop(looking);
        let store = opening.join().unwrap().unwrap();
        assert!(super::lock::look(dir.path()).is_none() && !super::lock::is_free(dir.path()));
        assert!(matches!(LedgerStore::open(&small(dir.path())), Err(StoreError::Locked { .. })));
        drop(store);
    });
}

#[test]
fn a_directory_that_cannot_be_used_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let dir = file.path().join("state");
    let error = LedgerStore::open(&small(&dir)).unwrap_err();
    assert!(matches!(&error, StoreError::Io { path, .. } if *path == dir), "{error}");
    assert!(error.to_string().contains(dir.to_str().unwrap()), "{error}");
}

#[test]
fn readers_see_whole_articles_while_one_writes() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| (1..=150).for_each(|n| put(&store, alarming(n))));
        while !writing.is_finished() {
            for n in seen(&store, 0..1000) {
                assert_eq!(store.report(ArticleId(n)).unwrap(), Some(alarming(n).report));
                assert_eq!(store.fired(story(n)).unwrap(), [format!("watch-{n}")]);
            }
        }
    });
    assert_eq!(seen(&store, 0..1000).len(), 150);
}
