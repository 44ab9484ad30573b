//! Reading beside the process that has the store open.

use std::{
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
    sync::Arc,
};

use super::*;
use crate::store::ledger_store::serve::socket;

/// A store that is open and answers.
fn served(settings: &Settings) -> Arc<LedgerStore> {
    let store = Arc::new(LedgerStore::open(settings).unwrap().0);
    store.serve().unwrap();
    store
}

fn remote(settings: &Settings) -> LedgerStore {
    LedgerStore::remote(settings).unwrap().unwrap()
}

#[test]
fn reads_what_the_holder_reads() {
    let dir = tempfile::tempdir().unwrap();
    let mut settings = Settings { clock: || at(0), segment_bytes: 2000, ..small(dir.path()) };
    let store = served(&settings);
    let empty = remote(&settings);
    assert_eq!(Contents::of(&empty), Contents::of(&*store));
    fill(&*store);
    for n in 100..700 {
        put(&*store, intent(n));
    }
    // One that was there before, and knows of no segment, and one that comes now.
    assert_eq!(Contents::of(&empty), Contents::of(&*store));
    settings.keep = Some(Duration::from_secs(1));
    let reader = remote(&settings);
    assert_eq!(Contents::of(&reader), Contents::of(&*store));
    assert_eq!(seen(&reader, 0..1000), seen(&*store, 0..1000));
    // The index is made anew, and the ledger is not: keys are what they were.
    store.compact().unwrap();
    assert_eq!(Contents::of(&reader), Contents::of(&*store));
    // Nothing can be changed there.
    assert!(matches!(reader.commit(&polled(9, "etag")), Err(StoreError::Stopped { .. })));
    assert!(matches!(reader.tend(), Err(StoreError::Stopped { .. })));
    assert_eq!(reader.verify().unwrap(), store.verify().unwrap());
    drop((empty, reader));
    assert_eq!(store.counts().unwrap().articles, 607);
}

#[test]
fn says_when_the_holder_has_gone_or_given_segments_up() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings { clock: || at(0), ..small(dir.path()) };
    assert!(LedgerStore::remote(&settings).unwrap().is_none(), "nobody has it");
    let (store, _) = LedgerStore::open(&settings).unwrap();
    assert!(LedgerStore::remote(&settings).unwrap().is_none(), "whoever has it does not answer");
    drop(store);

    let later = || at(10 * 86_400);
    let store = served(&settings);
    fill(&*store);
    drop(store);
    let settings = Settings { clock: later, keep: Some(Duration::from_secs(86_400)), ..settings };
    let store = served(&settings);
    put(&*store, intent(20));
    let reader = remote(&settings);
    store.compact().unwrap();
    let error = reader.report(ArticleId(20)).unwrap_err();
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("run this again"), "{error:?}");
    let reader = remote(&settings);
    assert!(reader.report(ArticleId(20)).unwrap().is_some());

    drop(store);
    let error = reader.report(ArticleId(20)).unwrap_err();
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("run this again"), "{error:?}");
    assert!(!socket(dir.path()).exists());
    assert!(LedgerStore::remote(&settings).unwrap().is_none());
    // Closed whatever readers wait for; what a killed holder left is no obstacle.
    std::fs::write(socket(dir.path()), "").unwrap();
    let _store = served(&settings);
    assert!(remote(&settings).report(ArticleId(20)).unwrap().is_some());
}

#[test]
fn readers_are_seen_out() {
    let dir = tempfile::tempdir().unwrap();
    let settings = small(dir.path());
    let store = served(&settings);
    put(&*store, intent(1));
    let reader = remote(&settings);
    let waits = Arc::clone(&store);
    let waiting = std::thread::spawn(move || waits.see_readers_out(Duration::from_secs(3600)));
    assert!(reader.report(ArticleId(1)).unwrap().is_some());
    assert!(!waiting.is_finished());
    drop(reader);
    waiting.join().unwrap();
    assert!(LedgerStore::remote(&settings).unwrap().is_none());
    assert!(!socket(dir.path()).exists());
    // Who reads on for too long is told.
    store.serve().unwrap();
    let reader = remote(&settings);
    store.see_readers_out(Duration::ZERO);
    assert!(reader.report(ArticleId(1)).unwrap().is_some());
    drop(store);
    assert!(reader.report(ArticleId(1)).is_err());
}

#[test]
fn nobody_else_can_connect() {
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
    let dir = tempfile::tempdir().unwrap();
    // A process that was killed while it made the socket left its directory, for all to enter.
    std::fs::create_dir(dir.path().join("serving")).unwrap();
    std::fs::write(dir.path().join("serving/s"), "").unwrap();
    let store = served(&small(dir.path()));
    let made = std::fs::metadata(socket(dir.path())).unwrap();
    assert!(made.file_type().is_socket());
    assert_eq!(made.permissions().mode() & 0o777, 0o600);
    assert!(!dir.path().join("serving").exists());
    drop(store);
    assert!(!socket(dir.path()).exists());
}

#[test]
fn whoever_asks_what_is_no_question_harms_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings { clock: || at(0), ..small(dir.path()) };
    let store = served(&settings);
    put(&*store, intent(1));
    for said in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 64], &[3, 0, 0, 0, 9, 9, 9], &[0; 4], &[1, 0]] {
        let mut stream = UnixStream::connect(socket(dir.path())).unwrap();
        stream.write_all(said).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut told = Vec::new();
        // The greeting, and that is all.
        let _ = stream.read_to_end(&mut told);
        assert!(told.len() <= 2, "{told:?}");
    }
    // More readers than are answered are sent away, and the others are answered still.
    let many = (0..20).filter_map(|_| LedgerStore::remote(&settings).unwrap()).collect::<Vec<_>>();
    assert!((1..=16).contains(&many.len()), "{}", many.len());
    assert!(many.iter().all(|it| it.report(ArticleId(1)).unwrap().is_some()));
}
