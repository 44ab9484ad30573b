//! Files of the ledger that have each other's names, or stand there twice.

use super::{
    end::{file, in_files, swap},
    *,
};
use crate::{
    model::Cause,
    store::{
        contract::samples::{polled, regrouping},
        ledger_store::Opened,
    },
};

/// Whether every article from 1 to `n` is read.
fn are_read(store: &LedgerStore, n: u64) -> bool {
    (1..=n).all(|n| store.report(ArticleId(n)).unwrap().is_some_and(|it| it.article.id == ArticleId(n)))
}

/// Found in a review: an attempt to deliver that is read before its message was entered for nothing, and the message
/// was sent again.
#[test]
fn an_index_made_from_files_out_of_order_is_the_one_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let settings = in_files(dir.path(), 2);
    let (store, _) = LedgerStore::open(&settings).unwrap();
    let moved = Change::Regrouped(Box::new(regrouping(1, Cause::Merged, &[5], 5, 1)));
    store.commit(&delivery(2, Outcome::Sent)).unwrap();
    store.commit(&polled(3, "a")).unwrap();
    store.commit(&polled(4, "b")).unwrap();
    put(&store, alarming(5));
    store.commit(&moved).unwrap();
    store.commit(&delivery(5, Outcome::Retry { due: at(40), reason: "busy".to_owned() })).unwrap();
    store.sync().unwrap();
    let before = Contents::of(&store);
    drop(store);
    // What queued a message after what became of it, an older state of a source after the newer, a move before its
    // article.
    let swaps = [(2, 3), (4, 5), (6, 7)];
    for (one, other) in swaps {
        swap(dir.path(), one, other);
    }
    // One stands there twice.
    fs::copy(file(dir.path(), 8), file(dir.path(), 9)).unwrap();
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    let (store, opened) = LedgerStore::open(&settings).unwrap();
    assert!(opened.is_loss() && opened.unchained > 0 && opened.missing == 0, "{opened}");
    assert_eq!(store.pending(&id(2)).unwrap(), None);
    assert_eq!(Contents::of(&store), before);
    assert_eq!(Contents::of(&LedgerReader::open(&settings).unwrap().into_memory().unwrap()), before);
    let mut seqs = Vec::new();
    let visit = &mut |seq, _| {
        seqs.push(seq);
        std::ops::ControlFlow::Continue(())
    };
    store.changes(visit).unwrap();
    assert_eq!(seqs, (1..=8).collect::<Vec<_>>());
    put(&store, alarming(9));
    store.sync().unwrap();
    let before = Contents::of(&store);
    assert_eq!(store.record_number(ArticleId(9)).unwrap(), Some(9));
    let tended = store.compact().unwrap();
    assert_eq!((tended.only_indexed, tended.index.is_some(), tended.is_loss()), (0, true, true), "{tended}");
    assert_eq!(Contents::of(&store), before);
    drop(store);
    // That is known from then on.
    let (store, opened) = LedgerStore::open(&settings).unwrap();
    assert_eq!((opened, Contents::of(&store) == before), (Opened::default(), true));
    drop(store);
    for (one, other) in swaps {
        swap(dir.path(), one, other);
    }
    let (store, opened) = LedgerStore::open(&settings).unwrap();
    assert!(opened.rebuilt.is_some(), "{opened}");
    assert_eq!(Contents::of(&store), before);
}

#[test]
fn files_that_are_swapped_while_they_are_in_use_are_seen_to_be_put_right() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings { cache_bytes: 1 << 10, ..in_files(dir.path(), 6) };
    let (store, _) = LedgerStore::open(&settings).unwrap();
    assert!(store.tend().unwrap().index.is_some());
    (7..=12).for_each(|n| put(&store, alarming(n)));
    store.sync().unwrap();
    swap(dir.path(), 9, 10);
    let tended = store.tend().unwrap();
    assert_eq!((tended.only_indexed, tended.index.is_some(), tended.is_loss()), (0, true, true), "{tended}");
    assert!(are_read(&store, 12));
    drop(store);
    swap(dir.path(), 9, 10);
    let (store, opened) = LedgerStore::open(&settings).unwrap();
    assert_eq!((opened.rebuilt.is_some(), opened.is_loss()), (true, false), "{opened}");
    assert!(are_read(&store, 12));
    drop(store);
    assert_eq!(LedgerStore::open(&settings).unwrap().1, Opened::default());
}

#[test]
fn an_index_does_not_go_on_with_files_out_of_order() {
    let (dir, away) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let settings = in_files(dir.path(), 4);
    copy_dir(&dir.path().join("index"), away.path());
    let (store, _) = LedgerStore::open(&settings).unwrap();
    put(&store, alarming(5));
    store.commit(&delivery(5, Outcome::Sent)).unwrap();
    store.sync().unwrap();
    drop(store);
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    copy_dir(away.path(), &dir.path().join("index"));
    swap(dir.path(), 5, 6);
    let (store, opened) = LedgerStore::open(&settings).unwrap();
    assert_eq!((opened.rebuilt.is_some(), opened.unchained, opened.missing), (true, 2, 0), "{opened}");
    assert_eq!((are_read(&store, 5), store.pending(&id(5)).unwrap()), (true, None));
    drop(store);
    assert_eq!(LedgerStore::open(&settings).unwrap().1, Opened::default());
}

#[test]
fn an_empty_file_at_the_end_is_gone_on_with_behind_files_out_of_order() {
    let dir = tempfile::tempdir().unwrap();
    let settings = in_files(dir.path(), 5);
    swap(dir.path(), 4, 5);
    // It was begun, and the power was cut.
    fs::write(file(dir.path(), 6), "").unwrap();
    let (store, _) = LedgerStore::open(&settings).unwrap();
    put(&store, alarming(6));
    put(&store, alarming(7));
    store.sync().unwrap();
    drop(store);
    assert!(fs::metadata(file(dir.path(), 6)).unwrap().len() > 0 && !file(dir.path(), 8).exists());
    let (store, opened) = LedgerStore::open(&settings).unwrap();
    assert_eq!((opened, store.counts().unwrap().lost), (Opened::default(), 0));
    drop(store);
    swap(dir.path(), 4, 5);
    let (store, opened) = LedgerStore::open(&settings).unwrap();
    assert!(!opened.is_loss() && are_read(&store, 7), "{opened}");
    assert_eq!(store.verify().unwrap().first_break, None);
}
