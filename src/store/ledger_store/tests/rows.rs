//! Rows that go from sled to the file of sorted rows, and an index that takes the place of another.

use std::{fs, ops::ControlFlow, path::Path};

use proptest::{collection::vec, prelude::*};

use super::{Contents, LedgerStore, Opened, Tended, copied, model, small};
use crate::{
    dedup::{HeldUnder, Met, recognise},
    model::{ArticleId, Change, Entry, Outcome},
    store::{
        MemoryStore, Reserve, Settings, Store, StoreError,
        contract::samples::{
            alarming, at, copy, delivery, held, id, link, pending_due, polled, put, seen, source, story, with,
        },
    },
};

/// With so little for sled that all it has is put to the sorted rows whenever the store is put in order.
fn open_small(dir: &Path) -> (LedgerStore, Opened) {
    LedgerStore::open(&Settings { clock: || at(0), cache_bytes: 1 << 10, ..small(dir) }).unwrap()
}

/// Found in a review: with one damaged record nothing was put in order any more, and the same was told every hour.
#[test]
fn a_damaged_record_keeps_nothing_from_being_sorted_and_is_known_as_before() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_small(dir.path());
    (1..=10).for_each(|n| put(&store, alarming(n)));
    store.commit(&delivery(3, Outcome::Sent)).unwrap();
    let segment = dir.path().join("ledger/00000001-2026-11-22.ledger");
    let sound = fs::read(&segment).unwrap();
    let frames: Vec<_> =
        sound.windows(4).enumerate().filter(|(_, it)| *it == [0xff, b'S', b'L', b'F']).map(|it| it.0).collect();
    let mut bytes = sound.clone();
    bytes[frames[2] + 80] ^= 4;
    fs::write(&segment, bytes).unwrap();
    let tended = store.tend().unwrap();
    assert_eq!((tended.only_indexed, tended.damage.len(), tended.is_loss()), (1, 1, true), "{tended}");
    assert!(tended.index.is_some() && tended.to_string().contains("rows of the index sorted"), "{tended}");
    assert!(store.view().index.is_sled_empty());
    // The article is held, its message was sent, and reading it tells the damage.
    assert_eq!(seen(&store, 0..100).len(), 9);
    assert!(held(&store, &link(3)).is_some() && store.was_queued(&id(3)).unwrap());
    assert!(store.report(ArticleId(3)).is_err());
    // It is told once, and what comes after it is sorted too.
    assert_eq!(store.counts().unwrap().lost, 1);
    (11..=30).for_each(|n| put(&store, alarming(n)));
    let tended = store.tend().unwrap();
    assert!(tended.index.is_some() && !tended.is_loss(), "{tended}");
    drop(store);
    let (store, opened) = open_small(dir.path());
    assert_eq!((opened.rebuilt, opened.replayed), (None, 0));
    assert_eq!(store.verify().unwrap().damage.len(), 1);
    assert_eq!((seen(&store, 0..100).len(), store.counts().unwrap().lost), (29, 1));
    drop(store);
    // Nothing that the index knew is gone: put right, all is read as before.
    let later = fs::read(&segment).unwrap();
    fs::write(&segment, [&sound[..], &later[sound.len()..]].concat()).unwrap();
    let (store, _) = open_small(dir.path());
    (1..=30).for_each(|n| assert!(store.report(ArticleId(n)).unwrap().is_some(), "{n}"));
    assert_eq!(store.alerts_of(story(3)).unwrap().len(), 1);
}

/// Found in a review: the damaged state of one source ended the daemon, at each start.
#[test]
fn a_damaged_state_of_a_source_counts_as_none() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_small(dir.path());
    // So large that it is kept in the ledger alone.
    store.commit(&polled(3, &"e".repeat(4_000))).unwrap();
    store.commit(&polled(4, &"f".repeat(4_000))).unwrap();
    store.sync().unwrap();
    assert_eq!(store.source_state(&source()).unwrap().map(|it| it.polls), Some(4));
    let segment = dir.path().join("ledger/00000001-2026-11-22.ledger");
    let mut bytes = fs::read(&segment).unwrap();
    let at = bytes.len() - 20;
    bytes[at] ^= 4;
    fs::write(&segment, bytes).unwrap();
    assert_eq!(store.source_state(&source()).unwrap(), None);
}

#[test]
fn what_sled_has_too_much_of_goes_to_the_sorted_rows() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_small(dir.path());
    (1..=20).for_each(|n| put(&store, alarming(n)));
    let before = Contents::of(&store);
    let tended = store.tend().unwrap();
    assert!(tended.given_up.is_none() && tended.index.is_some(), "{tended}");
    assert_eq!(Contents::of(&store), before);
    let rows = dir.path().join("index-2/rows");
    let size = fs::metadata(&rows).unwrap().len();
    // What goes on hides what is there, and goes there in its turn.
    store.commit(&delivery(1, Outcome::Sent)).unwrap();
    put(&store, with(2, |it| it.report.article.version = 2));
    (21..=30).for_each(|n| put(&store, alarming(n)));
    let before = Contents::of(&store);
    drop(store);
    let (store, opened) = open_small(dir.path());
    assert_eq!((&opened.rebuilt, opened.replayed), (&None, 0));
    assert_eq!(Contents::of(&store), before);
    store.tend().unwrap();
    assert_eq!(Contents::of(&store), before);
    assert!(!rows.exists());
    assert!(fs::metadata(dir.path().join("index-3/rows")).unwrap().len() > size);
    drop(store);

    // sled has lost everything: what the sorted rows do not have is read again.
    for item in fs::read_dir(dir.path().join("index-3")).unwrap().map(|it| it.unwrap().path()) {
        match (item.is_dir(), item.ends_with("rows")) {
            (true, _) => fs::remove_dir_all(item).unwrap(),
            (false, false) => fs::remove_file(item).unwrap(),
            (false, true) => (),
        }
    }
    let (store, opened) = open_small(dir.path());
    assert_eq!(opened.rebuilt, None, "{opened}");
    assert_eq!(Contents::of(&store), before);
    drop(store);

    // They are damaged, or not there.
    let rows = dir.path().join("index-3/rows");
    let sound = fs::read(&rows).unwrap();
    for bytes in [&sound[..sound.len() - 1], &sound[..100], &[]] {
        fs::write(dir.path().join("index-3/rows"), bytes).unwrap();
        let (store, opened) = open_small(dir.path());
        assert!(opened.rebuilt.is_some() && !opened.is_loss(), "{opened}");
        assert_eq!(Contents::of(&store), before);
    }
}

#[test]
fn an_index_that_fails_once_the_ledger_is_durable_stops_commits_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_small(dir.path());
    (1..=10).for_each(|n| put(&store, alarming(n)));
    store.tend().unwrap();
    // It takes sorted rows away, which are looked for when sled is written to.
    store.commit(&delivery(1, Outcome::Sent)).unwrap();
    let rows = dir.path().join("index-2/rows");
    let damaged = fs::read(&rows).unwrap().into_iter().map(|it| !it).collect::<Vec<_>>();
    fs::write(&rows, damaged).unwrap();
    let error = store.sync().unwrap_err();
    assert!(matches!(error, StoreError::Index { .. }), "{error}");
    for error in [store.commit(&delivery(2, Outcome::Sent)).unwrap_err(), store.sync().unwrap_err()] {
        assert!(matches!(error, StoreError::Stopped { .. }), "{error}");
    }
    drop(store);
    let (store, opened) = open_small(dir.path());
    assert!(opened.rebuilt.is_some() && !opened.is_loss(), "{opened}");
    let expected = MemoryStore::default();
    (1..=10).for_each(|n| put(&expected, alarming(n)));
    expected.commit(&delivery(1, Outcome::Sent)).unwrap();
    assert_eq!(Contents::of(&store), Contents::of(&expected));
    store.commit(&delivery(2, Outcome::Sent)).unwrap();
    store.sync().unwrap();
}

/// What a crash leaves, and how it comes about.
type Left<'a> = (&'a str, &'a dyn Fn(&Path));

#[test]
fn a_crash_while_rows_are_put_away_costs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (old, new) = (dir.path().join("old"), dir.path().join("new"));
    let (store, _) = open_small(&old);
    (1..=10).for_each(|n| put(&store, alarming(n)));
    store.tend().unwrap();
    (11..=20).for_each(|n| put(&store, alarming(n)));
    let before = Contents::of(&store);
    drop(store);
    copied(&old, &new);
    open_small(&new).0.tend().unwrap();
    let steps: [Left<'_>; 5] = [
        ("a directory is made", &|it| fs::create_dir(it.join("index-3")).unwrap()),
        ("the old rows are linked", &|it| {
            fs::create_dir(it.join("index-3")).unwrap();
            fs::hard_link(it.join("index-2/rows"), it.join("index-3/rows")).unwrap();
        }),
        ("half of the new rows are written", &|it| {
            copied(&new.join("index-3"), &it.join("index-3"));
            let rows = fs::read(new.join("index-3/rows")).unwrap();
            fs::write(it.join("index-3/rows.part"), &rows[..rows.len() / 2]).unwrap();
        }),
        ("it is whole and does not count", &|it| {
            copied(&new.join("index-3"), &it.join("index-3"));
            fs::write(it.join("index.now.part"), "index").unwrap();
        }),
        ("it counts, and the old one is there", &|it| {
            copied(&new.join("index-3"), &it.join("index-3"));
            fs::write(it.join("index.now"), "index-3").unwrap();
        }),
    ];
    for (n, (name, step)) in steps.iter().enumerate() {
        let crashed = dir.path().join(format!("crashed-{n}"));
        copied(&old, &crashed);
        step(&crashed);
        let (store, opened) = open_small(&crashed);
        assert_eq!((&opened.rebuilt, opened.is_loss()), (&None, false), "{name}");
        assert_eq!(Contents::of(&store), before, "{name}");
        put(&store, alarming(21));
        store.tend().unwrap();
        assert_eq!(seen(&store, 0..100).len(), 21, "{name}");
    }
}

#[test]
fn an_index_that_cannot_be_made_is_no_fault_of_the_one_in_use() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_small(dir.path());
    (1..=10).for_each(|n| put(&store, alarming(n)));
    let before = Contents::of(&store);
    // Its place is taken.
    fs::create_dir(dir.path().join("index-2.suspect")).unwrap();
    assert!(store.tend().is_err());
    assert_eq!(Contents::of(&store), before);
    fs::remove_dir(dir.path().join("index-2.suspect")).unwrap();
    drop(store);
    let (store, opened) = open_small(dir.path());
    assert_eq!(opened.rebuilt, None);
    store.tend().unwrap();
    drop(store);

    // The rows it would go on from are damaged where nobody has looked: it is made from the ledger.
    let (store, _) = open_small(dir.path());
    (11..=200).for_each(|n| put(&store, alarming(n)));
    store.tend().unwrap();
    drop(store);
    let home = tempfile::tempdir().unwrap();
    let size = fs::metadata(dir.path().join("index-3/rows")).unwrap().len();
    let is_healed = (0..size / 4096).any(|block| {
        let copy = home.path().join(format!("{block}"));
        copied(dir.path(), &copy);
        let mut bytes = fs::read(copy.join("index-3/rows")).unwrap();
        bytes[usize::try_from(block).unwrap() * 4096 + 2000] ^= 1;
        fs::write(copy.join("index-3/rows"), bytes).unwrap();
        let (store, opened) = open_small(&copy);
        let is_unseen = opened.rebuilt.is_none()
            && (201..=210).all(|n| store.commit(&Change::Article(Box::new(alarming(n)))).is_ok());
        if is_unseen {
            assert!(store.tend().is_err());
            store.tend().unwrap();
            assert_eq!(seen(&store, 0..1000).len(), 210);
            assert!(!copy.join("index-3.suspect").exists());
        }
        is_unseen
    });
    assert!(is_healed);
}

#[test]
fn without_room_the_index_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let reserve = Reserve { bytes: u64::MAX, share: 0.0 };
    let settings = Settings { clock: || at(0), cache_bytes: 1 << 10, reserve, ..small(dir.path()) };
    let (store, _) = LedgerStore::open(&settings).unwrap();
    (1..=10).for_each(|n| put(&store, alarming(n)));
    assert_eq!(store.tend().unwrap(), Tended::default());
    // One that failed is made anew when there is room, or at the next start.
    fs::write(dir.path().join("index.suspect"), "").unwrap();
    assert_eq!(store.tend().unwrap(), Tended::default());
    drop(store);
    fs::remove_file(dir.path().join("index.suspect")).unwrap();
    let (store, _) = open_small(dir.path());
    fs::write(dir.path().join("index.suspect"), "").unwrap();
    let before = Contents::of(&store);
    assert!(store.tend().unwrap().index.is_some());
    assert_eq!(Contents::of(&store), before);
    assert!(!dir.path().join("index.suspect").exists());
}

#[test]
fn what_does_not_count_is_removed_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_small(dir.path());
    (1..=10).for_each(|n| put(&store, alarming(n)));
    store.tend().unwrap();
    drop(store);
    let made = |name: &str| fs::write(dir.path().join(name), "").unwrap();
    ["index.suspect", "index-7.suspect", "index-x.suspect", "notes.suspect"].into_iter().for_each(made);
    fs::create_dir(dir.path().join("index-7")).unwrap();
    let (_store, opened) = open_small(dir.path());
    assert_eq!(opened.rebuilt, None);
    let is_there = |name: &str| dir.path().join(name).exists();
    assert!(!["index", "index-7", "index.suspect", "index-7.suspect"].into_iter().any(is_there));
    assert!(["index-2", "index-x.suspect", "notes.suspect"].into_iter().all(is_there));
}

/// Damages the change of article `n` in the ledger.
fn flip(dir: &Path, n: u64) {
    let file = fs::read_dir(dir.join("ledger")).unwrap().map(|it| it.unwrap().path()).next().unwrap();
    let mut bytes = fs::read(&file).unwrap();
    let frames = bytes.windows(4).enumerate().filter(|(_, it)| *it == [0xff, b'S', b'L', b'F']).map(|it| it.0);
    let at = frames.collect::<Vec<_>>()[usize::try_from(n - 1).unwrap()];
    bytes[at + 80] ^= 1;
    fs::write(file, bytes).unwrap();
}

/// Found in a review: such a value was an error for whoever asked, at each poll of the source, for each report of the
/// story, and for ever.
#[test]
fn a_long_value_that_is_damaged_in_the_ledger_counts_as_none() {
    let long = "long ".repeat(400);
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_small(dir.path());
    put(&store, with(1, |it| it.report.article.feed_title.clone_from(&long)));
    let mut loud = alarming(2);
    loud.alerts[0].watch.clone_from(&long);
    put(&store, loud);
    put(&store, alarming(3));
    store.commit(&delivery(3, Outcome::Retry { due: at(60), reason: long.clone() })).unwrap();
    put(&store, copy(4, 2));
    let reason = || store.pending(&id(3)).unwrap().unwrap().last_error;
    assert_eq!((held(&store, &link(1)), reason()), (Some(1), Some(long.clone())));
    assert_eq!(store.fired(story(2)).unwrap(), [long]);
    for n in [1, 2, 4] {
        flip(dir.path(), n);
    }
    let of_one = store.held(&link(1)).unwrap().unwrap();
    assert_eq!((of_one.article, of_one.title.as_ref()), (ArticleId(1), None));
    // Under a guid that is used again stands another article; one without a title was taken for it.
    let again = Entry {
        source: source(),
        link: None,
        link_is_own: true,
        permalink: None,
        guid: Some("guid-1".to_owned()),
        guid_is_unique: true,
        title: String::new(),
        text: String::new(),
        authors: Vec::new(),
        published: None,
        updated: None,
        is_dated_by_update: false,
        language: None,
        enclosures: Vec::new(),
    };
    let met = Met { under: HeldUnder { guid: Some(of_one), ..HeldUnder::default() }, ..Met::default() };
    assert_eq!(recognise(&again, met, false), None);
    assert_eq!(store.fired(story(2)).unwrap(), Vec::<String>::new());
    assert_eq!(reason(), None);
    assert_eq!(pending_due(&store, 100, 9).iter().filter(|it| it.message.id == id(3)).count(), 1, "it goes out");
    assert_eq!(store.passed_over(), 3);
}

/// Found in a review: while a mail server was down for a day, its thousands of messages were read every two seconds.
#[test]
fn messages_of_a_channel_that_rests_are_read_once() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_small(dir.path());
    let due = |is_wanted: bool| {
        let mut res = 0;
        let visit = &mut |_| {
            res += 1;
            ControlFlow::Continue(())
        };
        store.due_of(at(100), &mut |channel| channel == "desk" && is_wanted, visit).unwrap();
        (res, store.passed_over())
    };
    (1..=20).for_each(|n| put(&store, alarming(n)));
    assert_eq!(due(false), (0, 0));
    // Whoever reads one of them from here on meets the damage.
    (1..=20).for_each(|n| flip(dir.path(), n));
    put(&store, alarming(21));
    assert_eq!((due(false), due(false)), ((0, 0), (0, 0)));
    // Where the rows go elsewhere, names stay or are made anew: either way nothing is lost.
    (1..=20).for_each(|n| flip(dir.path(), n));
    store.tend().unwrap();
    assert_eq!((due(false), due(true)), ((0, 0), (21, 0)));
}

#[test]
fn an_index_that_has_what_the_ledger_has_no_more_stays_in_use() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_small(dir.path());
    (1..=20).for_each(|n| put(&store, alarming(n)));
    flip(dir.path(), 3);
    for _ in 0..2 {
        let tended = store.compact().unwrap();
        assert_eq!(
            (tended.index, tended.only_indexed, tended.missing, tended.damage.len()),
            (None, 1, 1, 1),
            "{tended}"
        );
        // What was found is counted from then on.
        assert_eq!(store.counts().unwrap().lost, 1);
        assert!(
            tended.is_loss()
                && tended.to_string().contains(
                    "stays in use; 1 changes that are in the index are in the ledger no more; 1 changes missing"
                ),
            "{tended}"
        );
        assert!(!dir.path().join("index-2").exists());
    }
    // No article is taken for new, and no alert is raised again.
    assert!(held(&store, &link(3)).is_some() && store.fired(story(3)).unwrap() == ["watch-3"]);
    put(&store, alarming(21));
    drop(store);
    let (store, opened) = open_small(dir.path());
    assert_eq!((opened.rebuilt, held(&store, &link(3))), (None, Some(3)));
    // The last change cannot be read.
    drop(store);
    let sound = tempfile::tempdir().unwrap();
    copied(dir.path(), sound.path());
    let (store, _) = open_small(sound.path());
    flip(sound.path(), 20);
    let tended = store.compact().unwrap();
    assert!(tended.index.is_none() && tended.only_indexed > 0, "{tended}");

    // One that failed is worth less than the ledger.
    let failed = tempfile::tempdir().unwrap();
    copied(dir.path(), failed.path());
    let (store, _) = open_small(failed.path());
    fs::write(failed.path().join("index.suspect"), "").unwrap();
    let tended = store.tend().unwrap();
    assert!(tended.index.is_some() && tended.only_indexed == 1, "{tended}");

    // Once the index is made anew it lacks no more than the next one.
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    let (store, opened) = open_small(dir.path());
    assert!(opened.is_loss());
    put(&store, alarming(22));
    let tended = store.compact().unwrap();
    assert!(tended.index.is_some() && tended.is_loss() && tended.only_indexed == 0, "{tended}");
    assert_eq!(seen(&store, 0..100).len(), 21);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_stores_agree_wherever_rows_are(changes in vec((model::change(), 0..4), 1..60)) {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open_small(dir.path());
        let memory = MemoryStore::new();
        for (change, n) in &changes {
            store.commit(change).unwrap();
            memory.commit(change).unwrap();
            match *n {
                0 => drop(store.tend().unwrap()),
                1 => store.sync().unwrap(),
                _ => (),
            }
        }
        let expected = Contents::of(&memory);
        prop_assert_eq!(&Contents::of(&store), &expected);
        // What a kill leaves, without the rows that were in memory alone and what sled had not written.
        let killed = tempfile::tempdir().unwrap();
        copied(dir.path(), killed.path());
        let (again, opened) = open_small(killed.path());
        prop_assert!(!opened.is_loss(), "{}", opened);
        prop_assert_eq!(&Contents::of(&again), &expected);
        drop(store);
        let (store, opened) = open_small(dir.path());
        prop_assert_eq!((&opened.rebuilt, opened.replayed), (&None, 0));
        prop_assert_eq!(&Contents::of(&store), &expected);
        store.compact().unwrap();
        prop_assert_eq!(&Contents::of(&store), &expected);
    }
}
