//! Retention: what is given up is told and stays known, what matters stays, whatever crashes.

mod left;

use std::{cell::Cell, fs, ops::ControlFlow, path::Path, time::Duration};

use proptest::{collection::vec, prelude::*};

use super::{Contents, LedgerStore, Opened, copied, model, small};
use crate::{
    model::{ArticleId, Change, Outcome, Snapshot, Timestamp},
    store::{
        LedgerReader, Line, Settings, Store, Verified, acknowledged,
        contract::samples::{
            alarming, at, copy, delivery, digest, due, going_out, held, id, intent, label, link, message, polled, put,
            rendered, snapshot, source, story, with,
        },
        ledger::{Found, Frame, Ledger, Notice},
    },
};

const DAY: i64 = 86_400;

thread_local! {
    static NOW: Cell<i64> = const { Cell::new(0) };
}

fn clock() -> Timestamp {
    at(NOW.get())
}

fn settings(dir: &Path, days: u64) -> Settings {
    Settings { clock, keep: Some(Duration::from_secs(days * 86_400)), ..small(dir) }
}

fn open(dir: &Path, days: u64) -> (LedgerStore, Opened) {
    LedgerStore::open(&settings(dir, days)).unwrap()
}

fn verify(dir: &Path) -> Verified {
    LedgerReader::open(&small(dir)).unwrap().verify().unwrap()
}

fn pages(dir: &Path) -> Vec<ArticleId> {
    let mut res = Vec::new();
    let visit = &mut |_, it: Snapshot| {
        res.push(it.article);
        ControlFlow::Continue(())
    };
    LedgerReader::open(&small(dir)).unwrap().pages(visit).unwrap();
    res
}

fn is_whole(it: &Verified) -> bool {
    it.damage.is_empty() && it.first_break.is_none() && it.missing == 0
}

/// A store with something of everything on day 0, something newer on days 20 and 30.
fn filled(dir: &Path) -> LedgerStore {
    NOW.set(0);
    let (store, _) = open(dir, 5);
    // 1 is left for a copy on day 30, 3 for its label, 4 for its message, 6 and 9 as the last that their watches fired
    // for.
    for n in 1..=9 {
        let is_shared = [2, 5, 7, 8, 9].contains(&n);
        let mut intent = alarming(n);
        intent.alerts.iter_mut().filter(|_| is_shared).for_each(|it| it.watch = "shared".to_owned());
        put(&store, intent);
    }
    for n in [1, 2, 3, 5, 6, 7, 8, 9] {
        store.commit(&delivery(n, Outcome::Sent)).unwrap();
    }
    store.commit(&going_out(4, 30, None)).unwrap();
    store.commit(&delivery(4, Outcome::Retry { due: at(40), reason: "busy".to_owned() })).unwrap();
    for n in 10..=20 {
        put(&store, intent(n));
    }
    for n in [1, 2] {
        store.commit(&Change::Page(Box::new(snapshot(n, 1)))).unwrap();
    }
    store.commit(&Change::Labelled(label(3, "peace", true, 0))).unwrap();
    store.commit(&polled(3, "\"etag\"")).unwrap();
    store.commit(&digest(0, vec![message(90, rendered("one"))])).unwrap();
    store.commit(&digest(1, vec![message(91, rendered("two"))])).unwrap();
    store.commit(&delivery(91, Outcome::Sent)).unwrap();
    NOW.set(20 * DAY);
    put(&store, copy(21, 2));
    NOW.set(30 * DAY);
    put(&store, copy(30, 1));
    put(&store, with(31, |it| it.report.article.first_seen = at(30 * DAY)));
    store.sync().unwrap();
    store
}

fn files(dir: &Path) -> Vec<String> {
    let mut res: Vec<_> =
        fs::read_dir(dir.join("ledger")).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    res.sort();
    res
}

/// What [`filled`] must say after retention.
fn check_filled(store: &dyn Store) {
    let is_held = |n| store.report(ArticleId(n)).unwrap().is_some();
    let is_forgotten = |n| store.is_forgotten(ArticleId(n)).unwrap();
    for n in [1, 3, 4, 6, 9, 30, 31] {
        assert!(is_held(n) && !is_forgotten(n), "article {n}");
    }
    for n in [2, 5, 7, 8, 10, 20, 21] {
        assert!(!is_held(n) && is_forgotten(n) && held(store, &link(n)).is_none(), "article {n}");
    }
    assert!(!is_forgotten(77));
    // No watch fires again, no message is lost, and none goes out twice.
    assert_eq!(store.fired(story(1)).unwrap(), ["watch-1"]);
    assert_eq!(store.story(story(1)).unwrap(), [ArticleId(1), ArticleId(30)]);
    assert_eq!(store.raised("shared", at(-9)..at(DAY), 9).unwrap(), [at(9)]);
    assert_eq!(due(store, 100), [id(4), id(90)]);
    let waiting = store.pending(&id(4)).unwrap().unwrap();
    assert_eq!((waiting.attempts, waiting.last_error.as_deref()), (1, Some("busy")));
    for n in [1, 2] {
        put(store, with(70 + n, |it| it.outbox = alarming(n).outbox));
        assert_eq!(store.pending(&id(n)).unwrap(), None, "message {n} was sent");
    }
    assert_eq!(store.last_issue("daily").unwrap().unwrap().0.at, at(DAY));
    assert_eq!(store.source_state(&source()).unwrap().unwrap().polls, 3);
    assert!(store.label(ArticleId(3), "peace").unwrap().is_some());
}

/// Found in a review: by the names of the files the chain went on after another record than it does, and what stood in
/// the last was lost for good.
#[test]
fn nothing_is_given_up_while_files_are_out_of_order() {
    for keeps_index in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let store = filled(dir.path());
        let contents = Contents::of(&store);
        drop(store);
        let names = files(dir.path());
        let swap = || {
            let [one, other] = [0, 1].map(|n| dir.path().join("ledger").join(&names[n]));
            fs::rename(&one, dir.path().join("x")).unwrap();
            fs::rename(&other, &one).unwrap();
            fs::rename(dir.path().join("x"), &other).unwrap();
        };
        swap();
        let _ = (!keeps_index).then(|| fs::remove_dir_all(dir.path().join("index")).unwrap());
        let (store, _) = open(dir.path(), 5);
        store.tend().unwrap();
        let tended = store.compact().unwrap();
        assert_eq!((&tended.given_up, tended.only_indexed, tended.is_loss()), (&None, 0, true), "{tended}");
        assert_eq!((files(dir.path()), Contents::of(&store) == contents), (names.clone(), true));
        drop(store);
        swap();
        let (store, opened) = open(dir.path(), 5);
        assert!(opened.rebuilt.is_some() && !opened.is_loss(), "{opened}");
        assert!(store.tend().unwrap().given_up.is_some());
        check_filled(&store);
        assert!(is_whole(&verify(dir.path())));
    }
}

#[test]
fn what_is_older_than_is_kept_goes_and_what_matters_stays() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    assert_eq!(files(dir.path()).len(), 3);
    let bytes = store.counts().unwrap().bytes;
    let tended = store.tend().unwrap();
    let given_up = tended.given_up.clone().unwrap();
    assert_eq!(files(dir.path()), ["00000002-2026-12-12.kept", "00000003-2026-12-22.ledger"], "{tended}");
    assert!(given_up.frames == 21 && given_up.articles == 16, "{given_up:?}");
    assert!(store.counts().unwrap().bytes < bytes);
    check_filled(&store);
    let contents = Contents::of(&store);
    drop(store);

    let verified = verify(dir.path());
    assert!(is_whole(&verified), "{verified:?}");
    assert_eq!(verified.given_up, Some(given_up));
    assert!(verified.left_proved.is_some());
    assert_eq!(pages(dir.path()), [ArticleId(1)], "a kept page stays as long as its article");
    // Opened as it is, from the ledger alone, and in memory.
    let (store, opened) = open(dir.path(), 5);
    assert_eq!((&opened.rebuilt, opened.is_loss()), (&None, false), "{opened}");
    assert_eq!(Contents::of(&store), contents);
    drop(store);
    fs::remove_dir_all(dir.path().join("index-2")).unwrap();
    let (store, opened) = open(dir.path(), 5);
    assert!(opened.rebuilt.is_some() && !opened.is_loss(), "{opened}");
    assert_eq!(Contents::of(&store), contents);
    let memory = LedgerReader::open(&small(dir.path())).unwrap().into_memory().unwrap();
    assert_eq!(Contents::of(&memory), contents);
    assert!(memory.is_forgotten(ArticleId(20)).unwrap());
    assert!(
        (1..store.counts().unwrap().bytes).contains(&memory.counts().unwrap().bytes),
        "the ledger without the index"
    );
    // Nothing more to be done, and later there is.
    assert_eq!(store.tend().unwrap(), super::super::Tended::default());
    NOW.set(60 * DAY);
    put(&store, intent(60));
    let again = store.tend().unwrap().given_up.unwrap();
    assert!(again.articles > 16 && is_whole(&verify(dir.path())), "{again:?}");
    assert!(store.is_forgotten(ArticleId(20)).unwrap() && store.is_forgotten(ArticleId(31)).unwrap());
    assert_eq!(due(&store, 100), [id(4), id(90)]);
    assert_eq!(files(dir.path()), ["00000003-2026-12-22.kept", "00000004-2027-01-21.ledger"]);
}

#[test]
fn kept_for_ever_unless_told() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path()));
    let (store, _) = LedgerStore::open(&Settings { clock, ..small(dir.path()) }).unwrap();
    let contents = Contents::of(&store);
    assert_eq!(store.tend().unwrap(), super::super::Tended::default());
    // The index alone is made anew.
    let tended = store.compact().unwrap();
    assert!(tended.given_up.is_none() && tended.index.is_some());
    assert_eq!(Contents::of(&store), contents);
    put(&store, intent(40));
    drop(store);
    let (store, opened) = LedgerStore::open(&Settings { clock, ..small(dir.path()) }).unwrap();
    assert_eq!((opened.rebuilt, opened.replayed), (None, 0));
    assert!(store.report(ArticleId(40)).unwrap().is_some());
    assert!(dir.path().join("index-2").exists() && !dir.path().join("index").exists());
}

#[test]
fn a_reader_is_not_disturbed() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    let mut seen = 0;
    store
        .reports(at(-1000)..at(100 * DAY), &mut |_| {
            if seen == 0 {
                store.tend().unwrap();
            }
            seen += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(seen, 23);
    assert_eq!(files(dir.path()).len(), 2);
    check_filled(&store);
}

type Step<'a> = (&'a str, &'a dyn Fn(&Path), bool);

#[test]
fn a_crash_at_any_step_leaves_the_old_or_the_new() {
    let dir = tempfile::tempdir().unwrap();
    let (old, new) = (dir.path().join("old"), dir.path().join("new"));
    drop(filled(&old));
    copied(&old, &new);
    open(&new, 5).0.tend().unwrap();
    let [before, after] = [&old, &new].map(|it| Contents::of(&open(it, 5).0));
    assert_ne!(before, after);
    let kept = "ledger/00000002-2026-12-12.kept";
    let last = "ledger/00000003-2026-12-22.ledger";
    let prove = |it: &Path| fs::copy(new.join(last), it.join(last)).map(|_| ()).unwrap();
    let steps: [Step<'_>; 8] = [
        (
            "half of what is left is written",
            &|it| {
                let bytes = fs::read(new.join(kept)).unwrap();
                fs::write(it.join(format!("{kept}.part")), &bytes[..bytes.len() / 2]).unwrap();
            },
            false,
        ),
        (
            "and an index beside",
            &|it| {
                fs::copy(new.join(kept), it.join(format!("{kept}.part"))).unwrap();
                copied(&new.join("index-2"), &it.join("index-2"));
            },
            false,
        ),
        (
            "the chain proves what is not in place",
            &|it| {
                fs::copy(new.join(kept), it.join(format!("{kept}.part"))).unwrap();
                prove(it);
            },
            false,
        ),
        (
            "it is renamed",
            &|it| {
                fs::copy(new.join(kept), it.join(kept)).unwrap();
                prove(it);
            },
            true,
        ),
        ("it is renamed by an older sitrepd", &|it| fs::copy(new.join(kept), it.join(kept)).map(|_| ()).unwrap(), true),
        (
            "the index is there and does not count",
            &|it| {
                fs::copy(new.join(kept), it.join(kept)).unwrap();
                prove(it);
                copied(&new.join("index-2"), &it.join("index-2"));
                fs::write(it.join("index.now.part"), "index").unwrap();
            },
            true,
        ),
        (
            "it counts",
            &|it| {
                fs::copy(new.join(kept), it.join(kept)).unwrap();
                prove(it);
                copied(&new.join("index-2"), &it.join("index-2"));
                fs::write(it.join("index.now"), "index-2").unwrap();
            },
            true,
        ),
        (
            "some segments are gone",
            &|it| {
                fs::copy(new.join(kept), it.join(kept)).unwrap();
                prove(it);
                fs::remove_file(it.join("ledger/00000001-2026-11-22.ledger")).unwrap();
                fs::write(it.join("index.now"), "index-2").unwrap();
            },
            true,
        ),
    ];
    for (n, (name, step, is_new)) in steps.iter().enumerate() {
        let crashed = dir.path().join(format!("crashed-{n}"));
        copied(&old, &crashed);
        step(&crashed);
        let (store, opened) = open(&crashed, 5);
        assert!(!opened.is_loss(), "{name}: {opened}");
        assert_eq!(Contents::of(&store) == after, *is_new, "{name}");
        assert_eq!(Contents::of(&store) == before, !*is_new, "{name}");
        // It can be done again, and comes to the same.
        store.compact().unwrap();
        assert_eq!(Contents::of(&store), after, "{name}");
        drop(store);
        assert_eq!(files(&crashed), files(&new), "{name}");
        let verified = verify(&crashed);
        assert!(is_whole(&verified), "{name}");
        assert_eq!(verified.left_proved.is_some(), !name.contains("older"), "{name}");
        let indexes = fs::read_dir(&crashed).unwrap().filter(|it| {
            let name = it.as_ref().unwrap().file_name().into_string().unwrap();
            name == "index" || name.starts_with("index-")
        });
        assert_eq!(indexes.count(), 1, "{name}");
    }
}

#[test]
fn what_only_the_index_has_is_not_given_up() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    NOW.set(40 * DAY);
    put(&store, intent(40));
    let segment = dir.path().join("ledger/00000003-2026-12-22.ledger");
    let before = store.fired(story(1)).unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    bytes[80] ^= 4;
    fs::write(&segment, bytes).unwrap();
    // What is newer than what is given up would be lost to the index.
    let names = files(dir.path());
    NOW.set(32 * DAY);
    let tended = store.tend().unwrap();
    assert_eq!((&tended.given_up, tended.only_indexed, tended.damage.len()), (&None, 1, 1), "{tended}");
    assert_eq!((files(dir.path()), store.fired(story(1)).unwrap()), (names, before));
    // Where it is given up itself it is in nobody's way.
    NOW.set(45 * DAY);
    let tended = store.tend().unwrap();
    assert!(tended.given_up.is_some() && tended.only_indexed == 0, "{tended}");
    drop(store);
    assert!(is_whole(&verify(dir.path())));
}

#[test]
fn a_backup_follows() {
    let dir = tempfile::tempdir().unwrap();
    let (home, away) = (dir.path().join("home"), dir.path().join("away"));
    let store = filled(&home);
    let reader = || LedgerReader::open(&small(&home)).unwrap();
    reader().back_up(&away).unwrap();
    store.tend().unwrap();
    let contents = Contents::of(&store);
    let made = reader().back_up(&away).unwrap();
    assert_eq!(made.segments, 2);
    assert_eq!(files(&away), files(&home));
    let again = small(dir.path().join("again"));
    assert!(is_whole(&crate::store::restore(&away, &again).unwrap()));
    assert_eq!(Contents::of(&LedgerStore::open(&again).unwrap().0), contents);
}

/// What must survive retention, whatever else goes.
fn lasting(store: &dyn Store) -> Vec<String> {
    let mut res =
        vec![format!("{:?} {:?}", store.last_issue("daily").unwrap(), store.source_state(&source()).unwrap())];
    let mut waiting = due(store, 1000);
    waiting.sort();
    res.push(format!("{waiting:?}"));
    for n in 1..10 {
        res.push(format!("{n}: {:?}", store.pending(&id(n)).unwrap()));
        res.push(format!("{:?}", store.label(ArticleId(n), "t1").unwrap()));
        let watch = format!("watch-{n}");
        res.push(format!("{:?}", store.raised(&watch, at(-9)..at(1000), 1).unwrap()));
    }
    res
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_stores_agree_on_what_is_left(changes in vec((model::change(), 0_i64..2), 1..40), keep in 1_u64..6, later in vec(model::change(), 0..10)) {
        let dir = tempfile::tempdir().unwrap();
        NOW.set(0);
        let (store, _) = open(dir.path(), keep);
        for (change, days) in &changes {
            NOW.set(NOW.get() + days * DAY);
            store.commit(change).unwrap();
        }
        let before = lasting(&store);
        store.compact().unwrap();
        prop_assert_eq!(lasting(&store), before);
        // What goes on is entered into one that was put in order as into one that is read anew.
        for change in &later {
            store.commit(change).unwrap();
        }
        store.sync().unwrap();
        let contents = Contents::of(&store);
        let memory = LedgerReader::open(&small(dir.path())).unwrap().into_memory().unwrap();
        prop_assert_eq!(&Contents::of(&memory), &contents);
        drop(store);
        prop_assert!(is_whole(&verify(dir.path())));
        for name in ["index", "index-2"] {
            let _ = std::fs::remove_dir_all(dir.path().join(name));
        }
        let (store, opened) = open(dir.path(), keep);
        prop_assert!(!opened.is_loss(), "{}", opened);
        prop_assert_eq!(&Contents::of(&store), &contents);
    }
}
