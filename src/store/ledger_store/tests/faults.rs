//! What crashes, power cuts and failing disks leave behind.

mod end;
mod order;

use std::{fs, path::Path};

use super::{Contents, fill, index_of, open, small};
use crate::{
    model::{ArticleId, Change, Outcome},
    store::{
        LedgerReader, Store as _, StoreError,
        contract::samples::{alarming, at, delivery, due, held, id, intent, link, put, seen, title},
        index::key,
        ledger_store::{LedgerStore, Settings},
    },
};

/// The only segment.
fn segment(dir: &Path) -> std::path::PathBuf {
    dir.join("ledger").join("00000001-2026-11-22.ledger")
}

fn flip(path: &Path, offset: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[offset] ^= 0x04;
    fs::write(path, bytes).unwrap();
}

/// Where each frame begins, and the end.
fn frames(dir: &Path) -> Vec<usize> {
    let bytes = fs::read(segment(dir)).unwrap();
    let begins = bytes.windows(4).enumerate().filter(|(_, it)| *it == [0xff, b'S', b'L', b'F']);
    begins.map(|(at, _)| at).chain([bytes.len()]).collect()
}

#[test]
fn a_torn_tail_is_cut_and_told() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    fill(&store);
    let before = Contents::of(&store);
    drop(store);
    let mut bytes = fs::read(segment(dir.path())).unwrap();
    let whole = bytes.len();
    // Half of a frame: the index has never seen it.
    let half = bytes[..100].to_vec();
    bytes.extend(half);
    fs::write(segment(dir.path()), bytes).unwrap();
    let (store, opened) = open(dir.path());
    assert_eq!((opened.torn_bytes, opened.rebuilt.as_deref(), opened.is_loss()), (100, None, false), "{opened}");
    assert_eq!(fs::read(opened.set_aside.unwrap()).unwrap(), fs::read(segment(dir.path())).unwrap()[..100]);
    assert_eq!(Contents::of(&store), before);
    assert_eq!(fs::metadata(segment(dir.path())).unwrap().len(), whole as u64);
    put(&store, intent(77));
    drop(store);
    assert!(open(dir.path()).0.report(ArticleId(77)).unwrap().is_some());
}

#[test]
fn an_index_ahead_of_the_ledger_is_told_and_rebuilt() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    fill(&store);
    let before = Contents::of(&store);
    put(&store, alarming(70));
    drop(store);
    let starts = frames(dir.path());
    let start = starts[starts.len() - 2];
    let whole = fs::read(segment(dir.path())).unwrap();
    // Before the last commit, and within it.
    for len in [start, start + 1, start + 64, whole.len() - 1] {
        fs::write(segment(dir.path()), &whole[..len]).unwrap();
        let (store, opened) = open(dir.path());
        let reason = opened.rebuilt.clone().unwrap();
        assert!(reason.contains(&format!("change {}", starts.len() - 1)), "{reason}");
        assert!(reason.contains(&format!("offset {start}")), "{reason}");
        assert_eq!(opened.torn_bytes, (len - start) as u64);
        assert_eq!(Contents::of(&store), before, "cut to {len}");
        put(&store, alarming(70));
    }
}

/// Damages a ledger of which the last frame begins there.
type Damaging = fn(&mut Vec<u8>, usize);

#[test]
fn another_ledger_under_the_index_is_noticed() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, _) = open(one.path());
    fill(&first);
    drop(first);
    let (second, _) = open(two.path());
    fill(&second);
    put(&second, intent(50));
    let before = Contents::of(&second);
    drop(second);
    // The ledger of yesterday's backup under today's index, and today's under yesterday's.
    fs::remove_dir_all(two.path().join("index")).unwrap();
    fs::rename(one.path().join("index"), two.path().join("index")).unwrap();
    let (second, opened) = open(two.path());
    assert_eq!((opened.replayed, opened.rebuilt), (1, None));
    assert_eq!(Contents::of(&second), before);
    put(&second, intent(51));
    drop(second);
    fs::rename(two.path().join("index"), one.path().join("index")).unwrap();
    let (first, opened) = open(one.path());
    assert!(opened.rebuilt.is_some(), "{opened}");
    assert_eq!(first.report(ArticleId(51)).unwrap(), None);
}

#[test]
fn damage_in_the_middle_is_told_and_costs_one_change() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    (1..=5).for_each(|n| put(&store, alarming(n)));
    store.commit(&delivery(1, Outcome::Sent)).unwrap();
    drop(store);
    let third = frames(dir.path())[2];
    flip(&segment(dir.path()), third + 80);

    // The index is whole: the article is known to be held, and reading it says that it is damaged.
    let (store, opened) = open(dir.path());
    assert!(!opened.is_loss(), "{opened}");
    let error = store.report(ArticleId(3)).unwrap_err();
    assert!(matches!(&error, StoreError::Damaged { offset, .. } if *offset == third as u64), "{error}");
    assert!(error.to_string().contains(&format!("offset {third}")), "{error}");
    assert_eq!(held(&store, &link(3)), Some(3));
    assert_eq!(seen(&store, 0..100), [5, 4, 2, 1]);
    // Message 1 was sent, message 3 is damaged.
    assert_eq!(due(&store, 100), [id(2), id(4), id(5)]);
    let mut read = Vec::new();
    let error = store
        .changes(&mut |seq, _| {
            read.push(seq);
            std::ops::ControlFlow::Continue(())
        })
        .unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert_eq!(read, [1, 2, 4, 5, 6]);
    let verified = store.verify().unwrap();
    assert_eq!((verified.frames, verified.missing, verified.damage.len()), (5, 1, 1));
    // Read again, it is replaced.
    let mut again = alarming(3);
    again.report.article.version = 2;
    put(&store, again);
    assert_eq!(seen(&store, 0..100), [5, 4, 3, 2, 1]);
    drop(store);

    // The index is lost too: the rest is found again, and the loss is told in numbers.
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    let (store, opened) = open(dir.path());
    assert!(opened.is_loss(), "{opened}");
    assert_eq!((opened.replayed, opened.missing, opened.damage.len()), (6, 1, 1));
    assert_eq!(opened.damage[0].offset, third as u64);
    assert!(opened.to_string().contains(&format!("offset {third}")), "{opened}");
    assert_eq!(seen(&store, 0..100), [5, 4, 3, 2, 1]);
    assert_eq!(store.counts().unwrap().pending, 4);
}

#[test]
fn a_segment_that_is_gone_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let mut settings = Settings { segment_bytes: 1, clock: || at(0), ..small(dir.path()) };
    let (store, _) = LedgerStore::open(&settings).unwrap();
    (1..=4).for_each(|n| put(&store, intent(n)));
    drop(store);
    fs::remove_file(dir.path().join("ledger/00000002-2026-11-22.ledger")).unwrap();
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    settings.clock = || at(86_400);
    let (store, opened) = LedgerStore::open(&settings).unwrap();
    assert_eq!((opened.replayed, opened.missing, opened.unchained), (3, 1, 1));
    assert_eq!(seen(&store, 0..100), [4, 3, 1]);
    put(&store, intent(5));
    assert!(dir.path().join("ledger/00000005-2026-11-23.ledger").exists());
}

#[test]
fn a_first_segment_that_is_gone_is_told_with_an_index_and_without() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings { segment_bytes: 1, clock: || at(0), ..Settings::new(dir.path()) };
    let (store, _) = LedgerStore::open(&settings).unwrap();
    (1..=4).for_each(|n| put(&store, intent(n)));
    drop(store);
    fs::remove_file(dir.path().join("ledger/00000001-2026-11-22.ledger")).unwrap();
    let (store, opened) = LedgerStore::open(&settings).unwrap();
    assert_eq!((opened.is_loss(), opened.absent, opened.replayed), (true, 1, 0), "{opened}");
    assert!(store.report(ArticleId(1)).is_err());
    drop(store);
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    let (store, opened) = LedgerStore::open(&settings).unwrap();
    assert_eq!((opened.missing, opened.unchained, opened.absent, opened.replayed), (1, 1, 1, 3), "{opened}");
    assert_eq!(seen(&store, 0..100), [4, 3, 2]);
}

#[test]
fn what_was_in_a_segment_that_is_gone_is_counted_with_an_index_too() {
    // Which file goes, and what was in it: of each two there is one, and changes 5 and 6 are lost by the ledger's own
    // word.
    for (gone, missing) in [(vec![1], 1), (vec![3], 1), (vec![4], 1), (vec![2, 3], 2), (vec![1, 3], 2), (vec![4, 5], 4)]
    {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings { segment_bytes: 1, clock: || at(0), ..small(dir.path()) };
        let name = |n: u32| dir.path().join(format!("ledger/{n:08}-2026-11-22.ledger"));
        let (store, _) = LedgerStore::open(&settings).unwrap();
        (1..=6).for_each(|n| put(&store, intent(n)));
        store.sync().unwrap();
        drop(store);
        fs::remove_file(name(5)).unwrap();
        fs::remove_file(name(6)).unwrap();
        // In file 5 the ledger says what it lost.
        let (store, opened) = LedgerStore::open(&settings).unwrap();
        assert_eq!(opened.lost.map(|it| it.count()), Some(2), "{opened}");
        (7..=9).for_each(|n| put(&store, intent(n)));
        store.sync().unwrap();
        drop(store);
        let own_word = if gone.contains(&5) { 0 } else { 2 };
        for it in &gone {
            fs::remove_file(name(*it)).unwrap();
        }
        let (store, opened) = LedgerStore::open(&settings).unwrap();
        assert_eq!(
            (opened.missing, opened.absent, opened.rebuilt.as_ref()),
            (missing, gone.len() as u64, None),
            "{opened}"
        );
        assert_eq!(store.counts().unwrap().lost, missing + own_word, "{gone:?}");
        drop(store);
        let memory = LedgerReader::open(&settings).unwrap().into_memory().unwrap();
        assert_eq!(memory.counts().unwrap().lost, missing + own_word, "{gone:?}");
        fs::remove_dir_all(dir.path().join("index")).unwrap();
        let (store, _) = LedgerStore::open(&settings).unwrap();
        assert_eq!(store.counts().unwrap().lost, missing + own_word, "{gone:?}");
    }
}

/// Found in a review: the same damage was 22 records to one and none to another, and what only a rebuild had found was
/// forgotten.
#[test]
fn everybody_counts_the_same_as_missing() {
    type Damaging = fn(&Path);
    let name = |dir: &Path, n: u32| dir.join(format!("ledger/{n:08}-2026-11-22.ledger"));
    let damages: [(&str, Damaging, u64); 5] = [
        ("a bit", |it| flip(&it.join("ledger/00000002-2026-11-22.ledger"), 80), 1),
        ("no file", |it| fs::remove_file(it.join("ledger/00000002-2026-11-22.ledger")).unwrap(), 1),
        ("an empty file", |it| fs::write(it.join("ledger/00000003-2026-11-22.ledger"), "").unwrap(), 1),
        (
            "two files empty",
            |it| {
                fs::write(it.join("ledger/00000001-2026-11-22.ledger"), "").unwrap();
                fs::write(it.join("ledger/00000004-2026-11-22.ledger"), "").unwrap();
            },
            2,
        ),
        (
            "files with each other's names",
            |it| {
                let [one, other] = [1, 4].map(|n| it.join(format!("ledger/{n:08}-2026-11-22.ledger")));
                let bytes = fs::read(&one).unwrap();
                fs::copy(&other, &one).unwrap();
                fs::write(&other, bytes).unwrap();
            },
            0,
        ),
    ];
    for (what, damage, missing) in damages {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings { segment_bytes: 1, clock: || at(0), ..small(dir.path()) };
        let (store, _) = LedgerStore::open(&settings).unwrap();
        (1..=6).for_each(|n| put(&store, intent(n)));
        store.sync().unwrap();
        drop(store);
        let sound = [1, 2, 3, 4].map(|n| fs::read(name(dir.path(), n)).unwrap());
        damage(dir.path());
        // An index that had come past it before counts what is not there at all; one made anew counts everything, and
        // keeps it.
        for round in 0..4 {
            let (store, opened) = LedgerStore::open(&settings).unwrap();
            let (lost, verified) = (store.counts().unwrap().lost, store.verify().unwrap());
            assert_eq!(verified.missing, missing, "{what}, round {round}");
            if round > 0 || !["a bit", "files with each other's names"].contains(&what) {
                assert_eq!(lost, missing, "{what}, round {round}: {opened}");
            }
            if round == 1 {
                assert_eq!(opened.missing, missing, "{what}: {opened}");
            }
            if round == 2 {
                assert_eq!(store.compact().unwrap().missing, missing, "{what}");
                assert_eq!(store.counts().unwrap().lost, missing, "{what}");
            }
            let memory = LedgerReader::open(&settings).unwrap().into_memory().unwrap();
            assert_eq!(memory.counts().unwrap().lost, missing, "{what}, round {round}");
            drop(store);
            let _ = (round == 0).then(|| fs::remove_dir_all(dir.path().join("index")).unwrap());
        }
        // Put right, the index is made anew from what is there again.
        (1..=4).zip(sound).for_each(|(n, bytes)| fs::write(name(dir.path(), n), bytes).unwrap());
        let (store, opened) = LedgerStore::open(&settings).unwrap();
        assert_eq!((opened.missing, store.counts().unwrap().lost, opened.is_loss()), (0, 0, false), "{what}: {opened}");
        assert_eq!(seen(&store, 0..100), [6, 5, 4, 3, 2, 1], "{what}");
        (1..=6).for_each(|n| assert!(store.report(ArticleId(n)).unwrap().is_some(), "{what}: {n}"));
    }
}

#[test]
fn a_file_in_the_place_of_the_index_is_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    fill(&store);
    let before = Contents::of(&store);
    drop(store);
    let index = dir.path().join("index");
    for round in 0..2 {
        fs::remove_dir_all(&index).unwrap();
        match round {
            0 => fs::write(&index, "x").unwrap(),
            _ => std::os::unix::fs::symlink("nowhere", &index).unwrap(),
        }
        // Such a one that does not count is in nobody's way either.
        fs::write(dir.path().join("index-7"), "x").unwrap();
        assert_eq!(LedgerStore::reached(&small(dir.path())).unwrap(), None);
        let (store, opened) = open(dir.path());
        assert!(opened.rebuilt.as_ref().is_some_and(|it| it.contains("no directory")), "{opened}");
        assert_eq!(Contents::of(&store), before);
        drop(store);
    }
    assert!(dir.path().join("index.bad-2").symlink_metadata().is_ok() && !dir.path().join("index.bad-1").exists());
}

#[test]
fn a_flipped_bit_in_the_index_is_never_silent() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    fill(&store);
    let before = Contents::of(&store);
    drop(store);
    let saved = tempfile::tempdir().unwrap();
    copy_dir(&dir.path().join("index"), &saved.path().join("index"));
    let db = dir.path().join("index/db");
    let used =
        fs::read(&db).unwrap().iter().enumerate().filter(|(_, it)| **it != 0).map(|(at, _)| at).collect::<Vec<_>>();
    let files = fs::read_dir(dir.path().join("index")).unwrap().map(|it| it.unwrap().path());
    let mut hits = files.filter(|it| it.is_file() && *it != db).map(|it| (it, 9)).collect::<Vec<_>>();
    hits.extend((0..12).map(|n| (db.clone(), used[used.len() * n / 12])));
    for (path, offset) in hits {
        fs::remove_dir_all(dir.path().join("index")).unwrap();
        copy_dir(&saved.path().join("index"), &dir.path().join("index"));
        flip(&path, offset.min(usize::try_from(fs::metadata(&path).unwrap().len()).unwrap() - 1));
        let (store, opened) = open(dir.path());
        assert!(!opened.is_loss(), "{} offset {offset}: {opened}", path.display());
        let contents = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| Contents::of(&store)));
        drop(store);
        match contents {
            Ok(contents) => assert_eq!(contents, before, "{} offset {offset}: {opened}", path.display()),
            // The damage came to light in use: an error now, a rebuild at the next start.
            Err(_) => {
                let (store, opened) = open(dir.path());
                assert!(opened.rebuilt.is_some(), "{} offset {offset}: {opened}", path.display());
                assert_eq!(Contents::of(&store), before, "{} offset {offset}", path.display());
            }
        }
    }
}

pub(super) fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let path = item.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy_dir(&path, &to),
            false => drop(fs::copy(&path, &to).unwrap()),
        }
    }
}

#[test]
fn a_row_that_is_not_what_was_written_is_an_error_and_then_a_rebuild() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    fill(&store);
    let before = Contents::of(&store);
    drop(store);
    let db = index_of(dir.path());
    let key = [b"a".as_slice(), &1_u64.to_be_bytes()].concat();
    let mut value = db.get(&key).unwrap().unwrap().to_vec();
    value[3] ^= 1;
    db.insert(&key, value).unwrap();
    drop(db);
    let (store, opened) = open(dir.path());
    assert_eq!(opened.rebuilt, None);
    let error = store.report(ArticleId(1)).unwrap_err();
    assert!(matches!(error, StoreError::Index { .. }), "{error}");
    drop(store);
    let (store, opened) = open(dir.path());
    assert!(opened.rebuilt.unwrap().contains("failed while it was last in use"));
    assert_eq!(Contents::of(&store), before);
    assert!(dir.path().join("index.bad-1").exists());
    drop(store);
    assert_eq!(open(dir.path()).1.rebuilt, None);
}

#[test]
fn a_newer_index_format_is_rebuilt() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    fill(&store);
    let before = Contents::of(&store);
    drop(store);
    for round in 1..=2 {
        let db = index_of(dir.path());
        let mut value = vec![99, 1, 2, 3];
        value.extend(crc32c::crc32c_append(crc32c::crc32c(b"m"), &value).to_le_bytes());
        db.insert(b"m", value).unwrap();
        drop(db);
        let (store, opened) = open(dir.path());
        assert!(opened.rebuilt.clone().unwrap().contains("row version 99"), "{opened}");
        assert_eq!(Contents::of(&store), before);
        drop(store);
        // One old index is kept, not one for each mishap.
        let kept = |n: u32| dir.path().join(format!("index.bad-{n}")).exists();
        assert_eq!((kept(1), kept(2)), (round == 1, round == 2));
    }
}

#[test]
fn a_stray_snapshot_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    fill(&store);
    let before = Contents::of(&store);
    drop(store);
    let stray = dir.path().join("index/snap.00000000000000FF.generating");
    fs::write(&stray, [0; 10]).unwrap();
    let (store, opened) = open(dir.path());
    assert_eq!((opened.removed_snapshots, opened.rebuilt), (1, None));
    assert!(!stray.exists());
    assert_eq!(Contents::of(&store), before);
}

#[test]
fn a_newer_ledger_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    put(&store, intent(1));
    put(&store, intent(2));
    drop(store);
    let mut bytes = fs::read(segment(dir.path())).unwrap();
    let start = frames(dir.path())[1];
    bytes[start + 4] = 4;
    let end = bytes.len();
    let crc = crc32c::crc32c(&bytes[start..end - 4]).to_le_bytes();
    bytes[end - 4..].copy_from_slice(&crc);
    fs::write(segment(dir.path()), &bytes).unwrap();
    let error = LedgerStore::open(&small(dir.path())).unwrap_err();
    assert!(matches!(error, StoreError::TooNew { found: 4, known: 3, .. }), "{error}");
    assert_eq!(fs::read(segment(dir.path())).unwrap(), bytes);
}

/// `/dev/null` takes everything and refuses to be synced.
#[cfg(target_os = "linux")]
#[test]
fn a_segment_that_could_not_be_synced_is_written_anew_before_it_is_read() {
    use std::os::unix::fs::MetadataExt as _;
    let dir = tempfile::tempdir().unwrap();
    let (mark, part) =
        (segment(dir.path()).display().to_string() + ".unsynced", segment(dir.path()).with_extension("ledger.part"));
    drop(open(dir.path()));
    std::os::unix::fs::symlink("/dev/null", segment(dir.path())).unwrap();
    let (store, _) = open(dir.path());
    put(&store, intent(1));
    let error = store.sync().unwrap_err();
    assert!(matches!(&error, StoreError::Io { doing: "sync", .. }), "{error}");
    assert!(matches!(store.sync().unwrap_err(), StoreError::Stopped { .. }));
    assert!(fs::exists(&mark).unwrap());
    drop(store);
    let (store, opened) = open(dir.path());
    assert_eq!((opened.rewritten, opened.lost), (1, None), "{opened}");
    put(&store, intent(2));
    store.sync().unwrap();
    drop(store);

    // Wherever the writing anew is cut off: it is done again, and nothing is built on the file that failed.
    let bytes = fs::read(segment(dir.path())).unwrap();
    for half in [None, Some(&bytes[..50])] {
        let failed = fs::metadata(segment(dir.path())).unwrap().ino();
        fs::write(&mark, "").unwrap();
        let _ = half.map(|it| fs::write(&part, it).unwrap());
        let (store, opened) = open(dir.path());
        assert_eq!((opened.rewritten, opened.replayed, &opened.rebuilt), (1, 0, &None), "{opened}");
        assert_ne!(fs::metadata(segment(dir.path())).unwrap().ino(), failed);
        assert_eq!(fs::read(segment(dir.path())).unwrap(), bytes);
        assert!(!fs::exists(&mark).unwrap() && !part.exists());
        assert_eq!(seen(&store, 0..10), [2]);
    }
    assert_eq!(open(dir.path()).1.rewritten, 0);
}

/// `/dev/full` refuses every write as a full disk does.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_stops_commits_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let settings = |clock| Settings { clock, ..small(dir.path()) };
    let (store, _) = LedgerStore::open(&settings(|| at(0))).unwrap();
    put(&store, intent(1));
    store.sync().unwrap();
    drop(store);
    // The segment after this one is on the full disk.
    let full = dir.path().join("ledger/00000002-2026-11-23.ledger");
    std::os::unix::fs::symlink("/dev/full", &full).unwrap();
    let (store, _) = LedgerStore::open(&settings(|| at(86_400))).unwrap();
    let change = Change::Article(Box::new(intent(2)));
    let error = store.commit(&change).unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }), "{error}");
    for error in [store.commit(&change).unwrap_err(), store.sync().unwrap_err()] {
        assert!(matches!(error, StoreError::Stopped { .. }), "{error}");
    }
    // What is held can still be read.
    assert_eq!(held(&store, &title("title 1")), Some(1));
    assert_eq!(held(&store, &title("title 2")), None);
    drop(store);
    fs::remove_file(full).unwrap();
    let (store, opened) = LedgerStore::open(&settings(|| at(86_400))).unwrap();
    assert!(!opened.is_loss() && opened.rebuilt.is_none(), "{opened}");
    store.commit(&change).unwrap();
    store.sync().unwrap();
    assert_eq!(seen(&store, 0..10), [2, 1]);
}
