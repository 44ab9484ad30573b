//! What another archive gave up, taken from its lines.

use super::{open, *};
use crate::store::ledger::Issued;

fn issued(at: &str) -> Issued {
    let [at, until] = [at, "[20,0]"].map(|it| serde_json::from_str(it).unwrap());
    Issued { digest: "daily".to_owned(), at, until }
}

#[test]
fn a_time_that_is_no_instant_in_an_older_ledger_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    let all = ["[10,0]", "[9223372036854775807,0]", "[11,2000000000]"].map(issued);
    store.note_gone(Gone { issued: all.to_vec(), ..Gone::default() }).unwrap();
    let check = |store: &dyn Store| {
        let (slot, until) = store.last_issue("daily").unwrap().unwrap();
        assert_eq!((slot.at.timestamp(), until.timestamp()), (10, 20));
    };
    check(&store);
    drop(store);
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    check(&open(dir.path()).0);
    let reader = || crate::store::LedgerReader::open(&Settings::new(dir.path())).unwrap();
    check(&reader().into_memory().unwrap());
    // A copy is taken too.
    let visit = &mut |line: Result<String, _>| {
        crate::store::Line::read(&line.unwrap()).unwrap();
        ControlFlow::Continue(())
    };
    reader().lines(visit).unwrap();
}

/// `/dev/null` takes everything and refuses to be synced.
#[cfg(target_os = "linux")]
#[test]
fn what_is_not_durable_is_not_in_the_index() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    std::os::unix::fs::symlink("/dev/null", dir.path().join("ledger/00000001-2026-11-22.ledger")).unwrap();
    let (store, _) = open(dir.path());
    let gone = Gone { articles: vec![7], sent: vec!["message".to_owned()], ..Gone::default() };
    let error = store.note_gone(gone).unwrap_err();
    assert!(matches!(&error, StoreError::Io { doing: "sync", .. }), "{error}");
    assert!(!store.is_forgotten(ArticleId(7)).unwrap());
    assert!(!store.was_queued(&MessageId("message".to_owned())).unwrap());
}
