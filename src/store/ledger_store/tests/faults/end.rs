//! What is missing at the end of the ledger: told as lost where it was acknowledged.

use super::*;
use crate::store::ledger_store::Opened;

/// A store with `n` acknowledged articles, closed.
fn acknowledged(dir: &Path, n: u64) {
    let (store, _) = open(dir);
    (1..=n).for_each(|n| put(&store, alarming(n)));
    store.sync().unwrap();
}

#[test]
fn what_was_acknowledged_and_is_gone_is_told_for_good() {
    let damages: [(&str, Damaging, usize); 4] = [
        ("a bit of the last is flipped", |bytes, last| bytes[last + 80] ^= 4, 1),
        ("it is cut", |bytes, last| bytes.truncate(last + 80), 1),
        ("the end is zeros", |bytes, last| bytes[last - 80..].fill(0), 2),
        ("all is gone", |bytes, _| bytes.clear(), 6),
    ];
    for (name, damage, count) in damages {
        let (n, dir) = (count as u64, tempfile::tempdir().unwrap());
        acknowledged(dir.path(), 6);
        let starts = frames(dir.path());
        let mut bytes = fs::read(segment(dir.path())).unwrap();
        damage(&mut bytes, starts[5]);
        fs::write(segment(dir.path()), &bytes).unwrap();
        // Whatever the index knows: the numbers are in a file of their own.
        for keeps_index in [true, false] {
            let away = tempfile::tempdir().unwrap();
            super::super::copied(dir.path(), away.path());
            if !keeps_index {
                fs::remove_dir_all(away.path().join("index")).unwrap();
            }
            let (store, opened) = open(away.path());
            let lost = opened.lost.unwrap();
            assert_eq!((lost.from, lost.to, opened.missing), (7 - n, 6, n), "{name}: {opened}");
            assert!(opened.is_loss() && opened.to_string().contains("had been acknowledged"), "{name}: {opened}");
            assert_eq!(opened.torn_bytes, bytes.len().saturating_sub(starts[6 - count]) as u64, "{name}");
            let kept = opened.set_aside.as_ref().map(|it| fs::read(it).unwrap());
            assert_eq!(kept, bytes.get(starts[6 - count]..).filter(|it| !it.is_empty()).map(<[u8]>::to_vec), "{name}");
            // No number is given twice, and it is told again and again.
            put(&store, alarming(9));
            store.sync().unwrap();
            assert_eq!(store.record_number(ArticleId(9)).unwrap(), Some(8), "{name}");
            drop(store);
            for round in 0..2 {
                let (store, opened) = open(away.path());
                assert_eq!((opened.lost, opened.torn_bytes, opened.beyond), (None, 0, 0), "{name}: {opened}");
                let verified = store.verify().unwrap();
                assert_eq!((verified.missing, &verified.lost[..]), (n, &[lost][..]), "{name}: {verified:?}");
                assert_eq!((verified.first_break, verified.damage), (None, vec![]), "{name}");
                assert_eq!(store.counts().unwrap().lost, n, "{name}, round {round}");
                drop(store);
                let _ = fs::remove_dir_all(away.path().join("index"));
            }
            let memory = LedgerReader::open(&Settings::new(away.path())).unwrap().into_memory().unwrap();
            assert_eq!(memory.counts().unwrap().lost, n, "{name}");
        }
    }
}

#[test]
fn only_what_was_noted_is_told_as_lost() {
    // An archive of an older release has no note, and its index is ahead after a power cut: nothing in it was
    // acknowledged.
    for (noted, lost) in [(None, None), (Some(2), None), (Some(4), Some((3, 4)))] {
        let dir = tempfile::tempdir().unwrap();
        acknowledged(dir.path(), 5);
        fs::remove_file(dir.path().join("acknowledged")).unwrap();
        if let Some(noted) = noted {
            crate::store::acknowledged::write(dir.path(), noted).unwrap();
        }
        let starts = frames(dir.path());
        let bytes = fs::read(segment(dir.path())).unwrap();
        fs::write(segment(dir.path()), &bytes[..starts[2]]).unwrap();
        let (store, opened) = open(dir.path());
        assert_eq!(opened.lost.map(|it| (it.from, it.to)), lost, "{opened}");
        assert_eq!((opened.beyond, opened.is_loss()), (3, lost.is_some()), "{opened}");
        assert!(opened.rebuilt.is_some() && opened.to_string().contains("3 changes"), "{opened}");
        assert_eq!(opened.missing, lost.map_or(0, |_| 2), "{opened}");
        assert_eq!(seen(&store, 0..100), [2, 1]);
        put(&store, alarming(9));
        store.sync().unwrap();
        drop(store);
        let (store, opened) = open(dir.path());
        assert_eq!((opened.lost, opened.beyond), (None, 0), "{opened}");
        assert_eq!(store.counts().unwrap().lost, lost.map_or(0, |_| 2));
    }
}

#[test]
fn a_note_that_cannot_be_read_or_written_keeps_no_store_shut() {
    let dir = tempfile::tempdir().unwrap();
    acknowledged(dir.path(), 3);
    let note = dir.path().join("acknowledged");
    fs::remove_file(&note).unwrap();
    fs::create_dir(&note).unwrap();
    let (store, opened) = open(dir.path());
    assert!(!opened.is_loss() && opened.beyond == 0, "{opened}");
    put(&store, alarming(4));
    store.sync().unwrap();
    drop(store);
    // Once it can be written again, it is.
    fs::remove_dir(&note).unwrap();
    assert_eq!(seen(&open(dir.path()).0, 0..100), [4, 3, 2, 1]);
    assert_eq!(LedgerStore::acknowledged(&Settings::new(dir.path())), Some(4));
}

#[test]
fn an_index_of_the_version_before_is_made_anew_and_believed() {
    let (dir, away) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    acknowledged(dir.path(), 3);
    let (store, _) = open(dir.path());
    let view = store.view();
    let index = &view.index;
    // The rows that are read first, as version 6 has them.
    let names = index.put(key::hash_key(), &index.get::<[u8; 16]>(&key::hash_key()).unwrap().unwrap()).unwrap();
    let meta = index.put(key::meta(), &index.meta().unwrap().unwrap()).unwrap();
    let older = [names, meta].map(|(key, value)| {
        let mut value = value.unwrap();
        let end = value.len() - 4;
        value[0] = 6;
        let crc = crc32c::crc32c_append(crc32c::crc32c(&key), &value[..end]).to_le_bytes();
        value[end..].copy_from_slice(&crc);
        (key, Some(value))
    });
    index.apply(older).unwrap();
    drop((view, store));
    fs::remove_file(dir.path().join("acknowledged")).unwrap();
    super::super::copied(dir.path(), away.path());
    assert_eq!(LedgerStore::reached(&small(dir.path())).unwrap().map(|it| it.seq), Some(3));
    let (_store, opened) = open(dir.path());
    assert!(opened.rebuilt.as_ref().is_some_and(|it| it.contains("row version 6")) && !opened.is_loss(), "{opened}");
    // Its end is cut.
    let starts = frames(away.path());
    let bytes = fs::read(segment(away.path())).unwrap();
    fs::write(segment(away.path()), &bytes[..starts[2]]).unwrap();
    let (_store, opened) = open(away.path());
    // What it had come to was perhaps never acknowledged: it is told, and not as a loss.
    assert_eq!((opened.lost.map(|it| (it.from, it.to)), opened.beyond), (None, 1), "{opened}");
}

/// Changes the time at which the last record was written, and seals it again.
fn forge(dir: &Path) {
    let starts = frames(dir);
    let [.., start, end] = starts[..] else { panic!("{starts:?}") };
    let mut bytes = fs::read(segment(dir)).unwrap();
    bytes[start + 24] ^= 1;
    let crc = crc32c::crc32c(&bytes[start..end - 4]).to_le_bytes();
    bytes[end - 4..end].copy_from_slice(&crc);
    fs::write(segment(dir), bytes).unwrap();
}

#[test]
fn an_acknowledged_record_that_was_changed_is_told() {
    let dir = tempfile::tempdir().unwrap();
    acknowledged(dir.path(), 3);
    let reached = |dir: &Path| LedgerStore::reached(&small(dir)).unwrap().map(|it| (it.seq, it.is_altered));
    assert_eq!(reached(dir.path()), Some((3, false)));
    forge(dir.path());
    assert_eq!(reached(dir.path()), Some((3, true)));
    // What was not acknowledged may be another after a power cut.
    let away = tempfile::tempdir().unwrap();
    super::super::copied(dir.path(), away.path());
    crate::store::acknowledged::write(away.path(), 2).unwrap();
    assert_eq!(reached(away.path()), Some((3, false)));
    let (_store, opened) = open(away.path());
    assert!(opened.altered.is_none() && opened.rebuilt.is_some() && !opened.is_loss(), "{opened}");
    let sound = tempfile::tempdir().unwrap();
    super::super::copied(dir.path(), sound.path());
    forge(sound.path());
    // It is told once by opening: from then on the index has what the ledger has.
    let (store, opened) = open(dir.path());
    assert_eq!((opened.altered, opened.is_loss(), opened.beyond), (Some(3), true, 0), "{opened}");
    assert!(opened.to_string().contains("record 3 was changed"), "{opened}");
    assert_eq!(seen(&store, 0..100), [3, 2, 1]);
    drop(store);
    let (store, opened) = open(dir.path());
    assert_eq!((opened.altered, opened.is_loss()), (None, false), "{opened}");
    // It is not forgotten, whatever is written after it, and wherever it is copied.
    let altered = |dir: &Path| LedgerStore::altered(&Settings::new(dir)).unwrap();
    put(&store, alarming(4));
    store.sync().unwrap();
    let (copy, again) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    LedgerReader::open(&small(dir.path())).unwrap().back_up(copy.path()).unwrap();
    crate::store::restore(copy.path(), &small(again.path())).unwrap();
    assert_eq!([dir.path(), copy.path(), again.path()].map(altered), [Some(3); 3]);
    // What was not acknowledged is not noted, and what was put right is told no more.
    assert_eq!(altered(away.path()), None);
    drop(store);
    fs::copy(segment(sound.path()), segment(dir.path())).unwrap();
    assert_eq!(altered(dir.path()), None);
}

/// Found in a review: once it was put right, the index that had been made from the changed one was believed, for good.
#[test]
fn an_acknowledged_record_that_was_changed_and_put_right_is_told_no_more() {
    let dir = tempfile::tempdir().unwrap();
    acknowledged(dir.path(), 3);
    let note = dir.path().join("altered.jsonl");
    let altered = || LedgerStore::altered(&small(dir.path())).unwrap();
    let reached = || LedgerStore::reached(&small(dir.path())).unwrap().map(|it| it.is_altered);
    // What does not read in the note is passed over, and left.
    fs::write(&note, b"\xff\xfe{ nothing").unwrap();
    for _ in 0..2 {
        forge(dir.path());
        assert_eq!(open(dir.path()).1.altered, Some(3));
        assert_eq!((altered(), reached()), (Some(3), Some(false)));
        forge(dir.path());
        assert_eq!((altered(), reached()), (None, Some(false)));
        let (_, opened) = open(dir.path());
        assert_eq!((opened.altered, opened.is_loss(), opened.rebuilt.is_some()), (None, false, true), "{opened}");
        assert_eq!((altered(), open(dir.path()).1), (None, Opened::default()));
        let lines = fs::read(&note).unwrap();
        assert!(lines.starts_with(b"\xff\xfe{ nothing\n") && lines.split(|it| *it == b'\n').count() == 3);
    }
}

/// Found in a review: what the ledger tells itself as lost was counted again by each opening, since a file before it is
/// empty.
#[test]
fn what_is_told_as_lost_behind_an_empty_file_is_told_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut settings = in_files(dir.path(), 5);
    let last = file(dir.path(), 5);
    fs::write(&last, vec![0; usize::try_from(fs::metadata(&last).unwrap().len()).unwrap()]).unwrap();
    // On another day the ledger goes on in another file.
    settings.clock = || at(86_400);
    let (store, opened) = LedgerStore::open(&settings).unwrap();
    assert_eq!((opened.lost.map(|it| (it.from, it.to)), opened.missing), (Some((5, 5)), 1), "{opened}");
    put(&store, alarming(6));
    put(&store, alarming(7));
    store.sync().unwrap();
    drop(store);
    assert_eq!(fs::metadata(&last).unwrap().len(), 0);
    for _ in 0..2 {
        let (store, opened) = LedgerStore::open(&settings).unwrap();
        assert_eq!((opened.missing, opened.is_loss(), store.counts().unwrap().lost), (0, false, 1), "{opened}");
    }
}

/// `/dev/null` takes everything and refuses to be synced.
#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_synced_at_the_start_stops_the_writer_and_no_reader() {
    // There is no note of what is acknowledged, or it says less or more than there is.
    for note in [None, Some(2)] {
        let dir = tempfile::tempdir().unwrap();
        drop(open(dir.path()));
        let away = |name: &str| drop(fs::remove_file(dir.path().join(name)));
        away("acknowledged");
        if let Some(note) = note {
            crate::store::acknowledged::write(dir.path(), note).unwrap();
        }
        std::os::unix::fs::symlink("/dev/null", segment(dir.path())).unwrap();
        let (store, opened) = open(dir.path());
        assert_eq!(opened.lost.map(|it| it.to), note, "{opened}");
        assert_eq!((seen(&store, 0..100), store.counts().unwrap().lost), (vec![], note.unwrap_or(0)));
        let error = store.commit(&Change::Article(Box::new(alarming(1)))).unwrap_err();
        assert!(matches!(error, StoreError::Stopped { .. }), "{error}");
        assert_eq!(LedgerStore::acknowledged(&Settings::new(dir.path())), note);
    }
}

#[test]
fn a_note_that_was_left_behind_is_brought_up_to_date() {
    // As after a power cut: it is not synced.
    let dir = tempfile::tempdir().unwrap();
    acknowledged(dir.path(), 5);
    crate::store::acknowledged::write(dir.path(), 2).unwrap();
    drop(open(dir.path()));
    assert_eq!(LedgerStore::acknowledged(&Settings::new(dir.path())), Some(5));
}

/// What was written to a file that nobody finds again is not acknowledged.
#[test]
fn a_segment_that_is_removed_or_replaced_in_use_stops_the_store() {
    type Away = fn(&Path);
    let ways: [(&str, Away); 4] = [
        ("removed", |it| fs::remove_file(it).unwrap()),
        ("removed, and linked elsewhere", |it| {
            fs::hard_link(it, it.with_extension("copy")).unwrap();
            fs::remove_file(it).unwrap();
        }),
        ("renamed", |it| fs::rename(it, it.with_extension("away")).unwrap()),
        ("replaced", |it| {
            fs::copy(it, it.with_extension("copy")).unwrap();
            fs::rename(it.with_extension("copy"), it).unwrap();
        }),
    ];
    for (name, away) in ways {
        let dir = tempfile::tempdir().unwrap();
        acknowledged(dir.path(), 2);
        let (store, _) = open(dir.path());
        put(&store, alarming(3));
        store.sync().unwrap();
        away(&segment(dir.path()));
        // Nothing was written since that could be lost.
        store.sync().unwrap();
        put(&store, alarming(4));
        let error = store.sync().unwrap_err();
        assert!(matches!(&error, StoreError::Io { doing: "go on in", .. }), "{name}: {error}");
        assert_eq!(LedgerStore::acknowledged(&Settings::new(dir.path())), Some(3), "{name}");
        let error = store.commit(&Change::Article(Box::new(alarming(5)))).unwrap_err();
        assert!(matches!(error, StoreError::Stopped { .. }), "{name}: {error}");
        drop(store);
        let (store, opened) = open(dir.path());
        assert_eq!(opened.lost.map(|it| it.to), if name == "replaced" { None } else { Some(3) }, "{name}: {opened}");
        drop(store);
    }
}

/// A store with `n` acknowledged articles, each in a file of its own, closed.
pub(super) fn in_files(dir: &Path, n: u64) -> Settings {
    let settings = Settings { segment_bytes: 1, clock: || at(0), ..small(dir) };
    let (store, _) = LedgerStore::open(&settings).unwrap();
    (1..=n).for_each(|n| put(&store, alarming(n)));
    store.sync().unwrap();
    settings
}

pub(super) fn file(dir: &Path, n: u64) -> std::path::PathBuf {
    dir.join(format!("ledger/{n:08}-2026-11-22.ledger"))
}

pub(super) fn swap(dir: &Path, one: u64, other: u64) {
    fs::rename(file(dir, one), dir.join("x")).unwrap();
    fs::rename(file(dir, other), file(dir, one)).unwrap();
    fs::rename(dir.join("x"), file(dir, other)).unwrap();
}

/// Found in a review: what stood in another file was told as lost for good, and its numbers were given again.
#[test]
fn files_with_each_others_names_at_the_end_lose_nothing() {
    for (keeps_index, keeps_note) in [(true, true), (false, true), (true, false), (false, false)] {
        let name = format!("index {keeps_index}, note {keeps_note}");
        let dir = tempfile::tempdir().unwrap();
        let settings = in_files(dir.path(), 6);
        swap(dir.path(), 5, 6);
        let _ = (!keeps_index).then(|| fs::remove_dir_all(dir.path().join("index")).unwrap());
        let _ = (!keeps_note).then(|| fs::remove_file(dir.path().join("acknowledged")).unwrap());
        for round in 0..2 {
            let (store, opened) = LedgerStore::open(&settings).unwrap();
            assert_eq!((opened.lost, opened.missing, opened.beyond), (None, 0, 0), "{name}: {opened}");
            // That the files are out of order is told.
            assert_eq!(
                (opened.is_loss(), opened.unchained),
                (round == 0, if round == 0 { 2 } else { 0 }),
                "{name}: {opened}"
            );
            assert_eq!(seen(&store, 0..100).len(), 6, "{name}");
            assert_eq!(store.counts().unwrap().lost, 0, "{name}");
        }
        let (store, _) = LedgerStore::open(&settings).unwrap();
        put(&store, alarming(7));
        store.sync().unwrap();
        assert_eq!(store.record_number(ArticleId(7)).unwrap(), Some(7), "{name}");
        drop(store);
        let (store, opened) = LedgerStore::open(&settings).unwrap();
        assert_eq!((opened.lost, opened.missing, opened.is_loss()), (None, 0, false), "{name}: {opened}");
        let verified = store.verify().unwrap();
        assert_eq!((verified.missing, verified.out_of_order, verified.lost.len()), (0, 1, 0), "{name}: {verified:?}");
        assert!(verified.first_break.is_some(), "{name}");
        drop(store);
        // Their names given back, all is as it would have been.
        swap(dir.path(), 5, 6);
        let (store, opened) = LedgerStore::open(&settings).unwrap();
        assert!(opened.rebuilt.is_some() && !opened.is_loss(), "{name}: {opened}");
        let verified = store.verify().unwrap();
        assert_eq!((verified.missing, verified.out_of_order, verified.first_break), (0, 0, None), "{name}");
        (1..=7).for_each(|n| assert!(store.report(ArticleId(n)).unwrap().is_some(), "{name}: {n}"));
        drop(store);
        assert_eq!(LedgerStore::open(&settings).unwrap().1, Opened::default(), "{name}");
    }
}

#[test]
fn of_a_file_copied_over_another_at_the_end_only_what_no_file_has_is_lost() {
    // Where the copy is, and what is lost with it: changes 4 to 6 stand in files of these numbers, or 6 stands in
    // file 5.
    for (swapped, from, to, lost, missing) in [(false, 5, 6, Some((6, 6)), 0), (true, 4, 6, None, 1)] {
        let dir = tempfile::tempdir().unwrap();
        let settings = in_files(dir.path(), 6);
        let _ = swapped.then(|| swap(dir.path(), 5, 6));
        fs::copy(file(dir.path(), from), file(dir.path(), to)).unwrap();
        let missing = missing + lost.map_or(0, |(from, to)| to + 1 - from);
        let (store, opened) = LedgerStore::open(&settings).unwrap();
        assert_eq!((opened.lost.map(|it| (it.from, it.to)), opened.missing), (lost, missing), "{opened}");
        put(&store, alarming(9));
        store.sync().unwrap();
        assert_eq!(store.record_number(ArticleId(9)).unwrap(), Some(if lost.is_some() { 8 } else { 7 }));
        drop(store);
        for _ in 0..2 {
            let (store, opened) = LedgerStore::open(&settings).unwrap();
            assert_eq!(opened.lost, None, "{opened}");
            assert_eq!((store.verify().unwrap().missing, store.counts().unwrap().lost), (missing, missing));
            drop(store);
            fs::remove_dir_all(dir.path().join("index")).unwrap();
        }
    }
}
