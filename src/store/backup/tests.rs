use std::ops::Range;

use tempfile::TempDir;

use super::*;
use crate::{
    model::Change,
    store::{
        LedgerStore, Store,
        contract::samples::{alarming, polled},
    },
};

fn settings(dir: &Path) -> Settings {
    Settings { segment_bytes: 3_000, ..Settings::new(dir) }
}

fn commit(store: &LedgerStore, ids: Range<u64>) {
    for id in ids {
        store.commit(&Change::Article(Box::new(alarming(id)))).unwrap();
    }
    store.sync().unwrap();
}

/// A directory, in it an archive of these articles, where its backup is to be, and the writer of the archive.
fn archive(ids: Range<u64>) -> (TempDir, Settings, PathBuf, LedgerStore) {
    let dir = tempfile::tempdir().unwrap();
    let (home, away) = (settings(&dir.path().join("home")), dir.path().join("away"));
    let (store, _) = LedgerStore::open(&home).unwrap();
    commit(&store, ids);
    (dir, home, away, store)
}

fn changes(settings: &Settings) -> Vec<Change> {
    let mut res = Vec::new();
    let mut visit = |_, change| {
        res.push(change);
        std::ops::ControlFlow::Continue(())
    };
    LedgerReader::open(settings).unwrap().changes(&mut visit).unwrap();
    res
}

#[test]
fn a_backup_beside_the_writer_comes_back_whole() {
    let (dir, home, away, store) = archive(1..20);
    let first = LedgerReader::open(&home).unwrap().back_up(&away).unwrap();
    assert!(first.segments > 2 && first.held == 0, "{first:?}");
    commit(&store, 20..40);
    let second = LedgerReader::open(&home).unwrap().back_up(&away).unwrap();
    assert!(second.held >= first.segments - 1 && second.last_seq == 39, "{second:?}");
    let whole = changes(&home);
    drop(store);

    let again = settings(&dir.path().join("again"));
    let verified = restore(&away, &again).unwrap();
    assert_eq!((verified.frames, verified.first_break, verified.damage), (39, None, vec![]));
    assert_eq!(changes(&again), whole);
    let (store, _) = LedgerStore::open(&again).unwrap();
    assert_eq!(store.counts().unwrap().articles, 39);
    // It goes on where it was.
    commit(&store, 40..41);
    drop(store);
    assert!(matches!(restore(&away, &again), Err(StoreError::Foreign { .. })));
}

/// Found in a review: the copy was made, and could not be put in place, for ever.
#[test]
fn a_directory_that_cannot_be_replaced_is_told_before_anything_is_done() {
    let (dir, home, away, _store) = archive(1..20);
    LedgerReader::open(&home).unwrap().back_up(&away).unwrap();
    let again = settings(&dir.path().join("again"));
    let (disk, ledger) = (dir.path().join("disk"), again.dir.join("ledger"));
    fs::create_dir_all(&again.dir).unwrap();
    std::os::unix::fs::symlink(&disk, &ledger).unwrap();
    for is_there in [false, true] {
        if is_there {
            fs::create_dir(&disk).unwrap();
        }
        assert!(matches!(restore(&away, &again), Err(StoreError::Fixed { .. })), "{is_there}");
        assert!(!again.is_half_restored().unwrap());
    }
    // What an earlier version left half copied is in nobody's way.
    fs::remove_file(&ledger).unwrap();
    fs::create_dir(&ledger).unwrap();
    fs::write(ledger.join("00000001-2026-11-22.ledger.part"), "half").unwrap();
    restore(&away, &again).unwrap();
    assert_eq!(changes(&again), changes(&home));
}

/// Found in a review: an interruption of what went on made it lack records that it had never had.
#[test]
fn a_copy_without_a_note_stays_whole_while_more_is_added() {
    let (_dir, home, away, store) = archive(1..20);
    LedgerReader::open(&home).unwrap().back_up(&away).unwrap();
    // As versions without it made it.
    fs::remove_file(away.join("acknowledged")).unwrap();
    commit(&store, 20..40);
    let reader = LedgerReader::open(&home).unwrap();
    let (_, steps) = reader.plan(&away).unwrap();
    let begun = steps.into_iter().take_while(|it| !matches!(it, Step::Copy { .. }));
    begun.for_each(|it| reader.perform(it, &away).unwrap());
    assert_eq!(LedgerStore::acknowledged(&Settings::new(&away)), None);
}

/// Found in a review: what a killed restore left was taken for an archive, and everything was told again.
#[test]
fn an_interrupted_restore_is_no_archive() {
    let (dir, home, away, _store) = archive(1..20);
    fs::write(home.dir.join(UNSUBSCRIBED), "mail:a@example.org\t2026-11-22T07:00:00Z\n").unwrap();
    LedgerReader::open(&home).unwrap().back_up(&away).unwrap();
    let again = settings(&dir.path().join("again"));
    // Each is in the way of another step.
    for name in ["altered.jsonl", UNSUBSCRIBED, "acknowledged"] {
        let obstacle = again.dir.join(name);
        fs::create_dir_all(&obstacle).unwrap();
        restore(&away, &again).unwrap_err();
        assert!(again.is_half_restored().unwrap() && !again.is_there().unwrap(), "{name}");
        assert!(!again.dir.join("ledger").exists());
        // What the next one finds is not taken for what it writes.
        fs::write(again.dir.join(RESTORING).join("00000001-2026-11-22.ledger"), "half").unwrap();
        fs::remove_dir(&obstacle).unwrap();
        restore(&away, &again).unwrap();
        assert!(again.is_there().unwrap() && !again.is_half_restored().unwrap());
        assert_eq!(changes(&again), changes(&home), "{name}");
        assert!(matches!(restore(&away, &again), Err(StoreError::Foreign { .. })));
        fs::remove_dir_all(&again.dir).unwrap();
    }
    // The end of the ledger is missed as before.
    restore(&away, &again).unwrap();
    let last = fs::read_dir(again.dir.join("ledger")).unwrap().map(|it| it.unwrap().path()).max().unwrap();
    fs::remove_file(last).unwrap();
    let (store, opened) = LedgerStore::open(&again).unwrap();
    assert_eq!(opened.lost.map(|it| it.to), Some(19), "{opened}");
    // Nobody restores below a process that has the archive open, even if it has nothing yet.
    fs::remove_dir_all(again.dir.join("ledger")).unwrap();
    assert!(matches!(restore(&away, &again), Err(StoreError::Locked { .. })));
    drop(store);
    // An empty directory is no archive.
    fs::create_dir(again.dir.join("ledger")).unwrap();
    assert_eq!(restore(&away, &again).unwrap().last_seq, 19);
}

#[test]
fn what_holds_no_record_is_not_restored() {
    let dir = tempfile::tempdir().unwrap();
    let (away, again) = (dir.path().join("away"), settings(&dir.path().join("again")));
    fs::create_dir_all(away.join("ledger")).unwrap();
    assert!(matches!(restore(&away, &again), Err(StoreError::Empty { .. })));
    assert!(!again.dir.exists());
}

/// Whether a copy is whole as far as it says that it goes.
fn is_whole(copy: &Path) -> bool {
    let found = LedgerReader::open(&Settings::new(copy)).unwrap().verify().unwrap();
    let is_as_written = found.damage.is_empty() && found.missing == 0 && found.first_break.is_none();
    assert!(is_as_written, "{found:?}");
    !found.is_empty() && acknowledged::noted(copy).is_some_and(|it| it <= found.last_seq)
}

/// Found in a review: a first backup that a full disk had ended was proved whole, and had no list of who has
/// unsubscribed.
#[test]
fn wherever_a_backup_ends_the_copy_is_whole_or_tells_that_it_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let home = settings(&dir.path().join("home"));
    let reader = || LedgerReader::open(&home).unwrap();
    let perform = |copy: &Path, n: usize| {
        let (_, steps) = reader().plan(copy).unwrap();
        let n_steps = steps.len();
        steps.into_iter().take(n).for_each(|it| reader().perform(it, copy).unwrap());
        n >= n_steps
    };
    let (store, _) = LedgerStore::open(&home).unwrap();
    commit(&store, 1..20);
    fs::write(home.dir.join(UNSUBSCRIBED), "mail:a@example.org\t2026-11-22T07:00:00Z\n").unwrap();
    let first: Vec<_> = (0..100).map(|n| dir.path().join(format!("first-{n}"))).collect();
    let n_first = first.iter().enumerate().position(|(n, copy)| {
        let is_done = perform(copy, n);
        let found = LedgerReader::open(&Settings::new(copy)).unwrap().verify().unwrap();
        assert_eq!(is_whole(copy), found.last_seq == 19, "after {n} steps: {found:?}");
        assert!(found.is_empty() || copy.join(UNSUBSCRIBED).exists(), "after {n} steps");
        is_done
    });
    assert!(n_first.unwrap() > 5, "{n_first:?}");

    // One that goes on is whole at every step.
    let later: Vec<_> = (0..n_first.unwrap() + 20).map(|n| dir.path().join(format!("later-{n}"))).collect();
    for copy in &later {
        reader().back_up(copy).unwrap();
    }
    commit(&store, 20..40);
    let is_done: Vec<_> = later.iter().enumerate().map(|(n, copy)| perform(copy, n)).collect();
    assert!(is_done.last().unwrap());
    assert!(later.iter().all(|it| is_whole(it)));
    // And whatever was left is finished by the next.
    for copy in first.iter().take(n_first.unwrap()).chain(&later) {
        assert_eq!(reader().back_up(copy).unwrap().last_seq, 39);
        assert!(is_whole(copy));
        assert_eq!(changes(&settings(copy)), changes(&home));
    }
}

#[test]
fn what_an_interrupted_backup_left_half_written_is_removed() {
    let (_dir, home, away, _store) = archive(1..20);
    let made = LedgerReader::open(&home).unwrap().back_up(&away).unwrap();
    assert_eq!(half_copied(&away).unwrap(), None);
    // Of a file that can be linked now, or that is there.
    let half = away.join("ledger/00000001-2026-11-22.ledger.part");
    fs::write(&half, "half").unwrap();
    assert_eq!(half_copied(&away).unwrap(), Some(half));
    assert_eq!(LedgerReader::open(&home).unwrap().back_up(&away).unwrap().held, made.segments);
    assert_eq!(half_copied(&away).unwrap(), None);
}

#[test]
fn a_torn_end_stays_behind() {
    let dir = tempfile::tempdir().unwrap();
    let home = settings(&dir.path().join("home"));
    let (store, _) = LedgerStore::open(&home).unwrap();
    commit(&store, 1..3);
    drop(store);
    let segment = fs::read_dir(home.dir.join("ledger")).unwrap().map(|it| it.unwrap().path()).max().unwrap();
    let whole = fs::read(&segment).unwrap();
    fs::write(&segment, [&whole[..], b"half a frame"].concat()).unwrap();
    let away = dir.path().join("away");
    LedgerReader::open(&home).unwrap().back_up(&away).unwrap();
    assert_eq!(fs::read(away.join("ledger").join(segment.file_name().unwrap())).unwrap(), whole);
}

#[test]
fn what_is_not_acknowledged_stays_behind_while_somebody_writes() {
    let dir = tempfile::tempdir().unwrap();
    let (home, away) = (Settings::new(dir.path().join("home")), dir.path().join("away"));
    let (store, _) = LedgerStore::open(&home).unwrap();
    let back_up = || LedgerReader::open(&home).unwrap().back_up(&away).unwrap();
    store.commit(&Change::Article(Box::new(alarming(1)))).unwrap();
    // There is a note, and it says that nothing is acknowledged yet.
    store.sync().unwrap();
    store.commit(&Change::Article(Box::new(alarming(2)))).unwrap();
    let made = back_up();
    assert_eq!((made.last_seq, made.found.last_seq, made.beyond), (1, 2, 0));
    assert_eq!(changes(&Settings::new(&away)).len(), 1);
    store.sync().unwrap();
    assert_eq!(back_up().last_seq, 2);
    // Nobody has it open: a note that was left behind, as after a power cut, holds nothing back.
    drop(store);
    acknowledged::write(&home.dir, 1).unwrap();
    assert_eq!((back_up().last_seq, changes(&Settings::new(&away)).len()), (2, 2));
    // What is in the copy already stays there, though the note says less than it.
    let (store, _) = LedgerStore::open(&home).unwrap();
    acknowledged::write(&home.dir, 1).unwrap();
    let made = back_up();
    assert_eq!((made.held, changes(&Settings::new(&away)).len()), (1, 2));
    drop(store);
}

#[test]
fn a_damaged_ledger_is_copied_and_told() {
    let dir = tempfile::tempdir().unwrap();
    let home = settings(&dir.path().join("home"));
    let (store, _) = LedgerStore::open(&home).unwrap();
    commit(&store, 1..20);
    drop(store);
    let mut files: Vec<_> = fs::read_dir(home.dir.join("ledger")).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    let back_up = |name: &str| LedgerReader::open(&home).unwrap().back_up(&dir.path().join(name)).unwrap();
    let whole = back_up("whole");
    assert_eq!((whole.found.frames, whole.found.damage, whole.beyond), (19, vec![], 0));
    let mut bytes = fs::read(&files[1]).unwrap();
    bytes[100] ^= 1;
    fs::remove_file(&files[1]).unwrap();
    fs::write(&files[1], bytes).unwrap();
    let made = back_up("damaged");
    assert_eq!((made.found.frames, made.found.missing, made.found.damage.len()), (18, 1, 1));
    // The end is gone too, and the copy misses it as the archive does.
    fs::remove_file(files.last().unwrap()).unwrap();
    let made = back_up("cut");
    assert_eq!(made.beyond + made.last_seq, 19);
    assert_eq!(acknowledged::noted(&dir.path().join("cut")), Some(19));
    let error = LedgerReader::open(&home).unwrap().back_up(&dir.path().join("whole")).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert_eq!(changes(&settings(&dir.path().join("whole"))).len(), 19);
}

#[test]
fn an_empty_file_in_the_middle_is_copied_as_it_is() {
    let (_dir, home, away, store) = archive(1..20);
    drop(store);
    let files = |dir: &Path| {
        let names = fs::read_dir(dir.join("ledger")).unwrap().map(|it| it.unwrap().file_name());
        names.collect::<std::collections::BTreeSet<_>>()
    };
    fs::write(home.dir.join("ledger").join(files(&home.dir).iter().nth(1).unwrap()), "").unwrap();
    let made = LedgerReader::open(&home).unwrap().back_up(&away).unwrap();
    assert_eq!(files(&away), files(&home.dir));
    let [own, copy] = [&home, &settings(&away)].map(|it| LedgerReader::open(it).unwrap().verify().unwrap());
    assert!(own.missing > 0 && made.found == own, "{made:?}, {own:?}");
    assert_eq!((own.segments, own.missing, own.frames), (copy.segments, copy.missing, copy.frames));
}

#[test]
fn an_index_that_was_left_behind_misleads_nobody() {
    let (dir, home, away, store) = archive(1..5);
    LedgerReader::open(&home).unwrap().back_up(&away).unwrap();
    drop(store);
    // Of another archive, which had come further; and what else may stand beside it.
    let again = settings(&dir.path().join("again"));
    let (store, _) = LedgerStore::open(&again).unwrap();
    store.commit(&polled(1, "e")).unwrap();
    commit(&store, 1..20);
    store.compact().unwrap();
    drop(store);
    fs::remove_dir_all(again.dir.join("ledger")).unwrap();
    fs::create_dir(again.dir.join("index.bad-1")).unwrap();
    fs::write(again.dir.join("index-2.suspect"), "").unwrap();
    fs::write(again.dir.join("altered.jsonl"), "{}\n").unwrap();
    restore(&away, &again).unwrap();
    let names = fs::read_dir(&again.dir).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    assert_eq!(names, ["acknowledged", "ledger", "lock"]);
    let (store, opened) = LedgerStore::open(&again).unwrap();
    assert_eq!((opened.beyond, opened.altered, opened.is_loss()), (0, None, false), "{opened}");
    assert_eq!(store.counts().unwrap().articles, 4);
}

/// `/dev/null` takes everything and refuses to be synced.
#[cfg(target_os = "linux")]
#[test]
fn what_a_killed_process_wrote_is_durable_before_it_is_copied() {
    let (_dir, home, away, store) = archive(1..3);
    let last = home.dir.join("ledger/99999999-2026-11-22.ledger");
    std::os::unix::fs::symlink("/dev/null", &last).unwrap();
    let back_up = || LedgerReader::open(&home).unwrap().back_up(&away);
    // Whoever has it syncs it before it acknowledges anything.
    back_up().unwrap();
    drop(store);
    // A disk that fails keeps nothing that was acknowledged from being copied; the file is written anew before it
    // is gone on with.
    let made = back_up().unwrap();
    assert!(last.with_extension("ledger.unsynced").exists());
    assert_eq!((made.last_seq, made.beyond, changes(&settings(&away)).len()), (2, 0, 2));
}

#[test]
fn the_backup_of_another_archive_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (one, other) = (settings(&dir.path().join("one")), settings(&dir.path().join("other")));
    let away = dir.path().join("away");
    let (store, _) = LedgerStore::open(&one).unwrap();
    commit(&store, 1..5);
    LedgerReader::open(&one).unwrap().back_up(&away).unwrap();
    let before = changes(&settings(&away));
    let (store, _) = LedgerStore::open(&other).unwrap();
    store.commit(&polled(1, "e")).unwrap();
    commit(&store, 5..20);
    let error = LedgerReader::open(&other).unwrap().back_up(&away).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert_eq!(changes(&settings(&away)), before);
    assert!(matches!(restore(&dir.path().join("none"), &one), Err(StoreError::Io { .. })));
}

#[test]
fn who_has_unsubscribed_stays_so_after_a_restore() {
    use std::os::unix::fs::PermissionsExt as _;

    let dir = tempfile::tempdir().unwrap();
    let (state, copy, again) = (dir.path().join("a"), dir.path().join("b"), dir.path().join("c"));
    let store = LedgerStore::open(&settings(&state)).unwrap().0;
    commit(&store, 1..3);
    let [anna, ben] = ["anna", "ben"].map(|it| format!("mail:{it}@example.org\t2026-11-22T07:00:00Z\n"));
    let list = |dir: &Path| fs::read_to_string(dir.join(UNSUBSCRIBED)).unwrap();
    let back_up = || LedgerReader::open(&settings(&state)).unwrap().back_up(&copy).unwrap();
    fs::write(state.join(UNSUBSCRIBED), &anna).unwrap();
    fs::set_permissions(state.join(UNSUBSCRIBED), fs::Permissions::from_mode(0o600)).unwrap();
    back_up();
    assert_eq!(list(&copy), anna);
    assert_eq!(fs::metadata(copy.join(UNSUBSCRIBED)).unwrap().permissions().mode() & 0o777, 0o600);
    // A list that is lost takes nobody out of the copy, nor a copy anybody out of a list.
    fs::remove_file(state.join(UNSUBSCRIBED)).unwrap();
    back_up();
    fs::create_dir(&again).unwrap();
    fs::write(again.join(UNSUBSCRIBED), &ben).unwrap();
    restore(&copy, &settings(&again)).unwrap();
    assert_eq!((list(&copy), list(&again)), (anna.clone(), ben + &anna));
}
