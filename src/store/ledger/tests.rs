use std::{fs, ops::ControlFlow};

use chrono::TimeDelta;

use super::*;
use crate::store::contract::samples::{at, delivery};

fn change(n: u64) -> Change {
    delivery(n, crate::model::Outcome::Sent)
}

/// A ledger with changes 1 to `n`, a segment for each `per_day` of them.
fn written(dir: &Path, n: u64, per_day: u64) -> Vec<Tail> {
    let ledger = Ledger::open(dir).unwrap();
    let mut writer = Writer::open(&ledger, &End::default(), 1 << 20).unwrap();
    let day = |n: u64| at(0) + TimeDelta::days(((n - 1) / per_day).try_into().unwrap());
    let res = (1..=n).map(|n| writer.append(&change(n), day(n)).unwrap()).collect();
    writer.sync().unwrap();
    res
}

/// Numbers of the frames found, the damage, and the end.
fn read(dir: &Path, from: Option<Tail>) -> (Vec<u64>, Vec<Damage>, End) {
    let ledger = Ledger::open(dir).unwrap();
    let (mut seqs, mut damage) = (Vec::new(), Vec::new());
    let end = ledger
        .walk(from, &mut |found| {
            match found {
                Found::Frame { at, frame, .. } => {
                    assert_eq!(ledger.decode(at, &frame).unwrap(), change(frame.seq));
                    seqs.push(frame.seq);
                }
                Found::Damage(it) => damage.push(it),
                Found::Checkpoint { .. } | Found::Notice { .. } => unreachable!(),
            }
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
    (seqs, damage, end)
}

fn flip(path: &Path, offset: u64) {
    let mut bytes = fs::read(path).unwrap();
    bytes[usize::try_from(offset).unwrap()] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

fn upto(n: u64) -> Vec<u64> {
    (1..=n).collect()
}

#[test]
fn reads_what_was_written_over_segments() {
    let dir = tempfile::tempdir().unwrap();
    let tails = written(dir.path(), 7, 3);
    let mut names =
        fs::read_dir(dir.path()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
    names.sort();
    assert_eq!(names, ["00000001-2026-11-22.ledger", "00000002-2026-11-23.ledger", "00000003-2026-11-24.ledger"]);
    let (seqs, damage, end) = read(dir.path(), None);
    assert_eq!((seqs, damage, end.tail, end.torn), (upto(7), vec![], tails.last().copied(), None));
    assert_eq!(read(dir.path(), Some(tails[3])).0, [5, 6, 7]);
    assert_eq!(read(dir.path(), Some(tails[6])).0, [0; 0]);
    let ledger = Ledger::open(dir.path()).unwrap();
    assert_eq!(ledger.change(tails[4].at).unwrap(), change(5));
    let verified = ledger.verify().unwrap();
    let expected = Verified { frames: 7, segments: 3, first_seq: 1, last_seq: 7, ..Verified::default() };
    assert_eq!(verified, expected);
}

#[test]
fn a_full_segment_is_followed_by_another() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let mut writer = Writer::open(&ledger, &End::default(), 100).unwrap();
    // The clock goes back a day: order is by number.
    for (n, seconds) in [(1, 0), (2, 0), (3, -86_400)] {
        writer.append(&change(n), at(seconds)).unwrap();
    }
    assert_eq!(ledger.segments.from(0).len(), 3);
    assert_eq!(read(dir.path(), None).0, upto(3));
}

#[test]
fn a_write_cut_short_anywhere_is_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    let tails = written(dir.path(), 3, 9);
    let path = Ledger::open(dir.path()).unwrap().path(tails[2].at);
    let whole = fs::read(&path).unwrap();
    let start = tails[2].at.offset;
    for len in start..whole.len() as u64 {
        fs::write(&path, &whole[..usize::try_from(len).unwrap()]).unwrap();
        let (seqs, damage, end) = read(dir.path(), None);
        assert_eq!((seqs, damage), (upto(2), vec![]), "cut to {len}");
        assert_eq!(end.torn.as_ref().map_or(0, |it| it.bytes), len - start, "cut to {len}");
        let ledger = Ledger::open(dir.path()).unwrap();
        let mut writer = Writer::open(&ledger, &end, 1 << 20).unwrap();
        assert_eq!(writer.append(&change(3), at(0)).unwrap(), tails[2], "cut to {len}");
        assert_eq!(fs::read(&path).unwrap().len(), whole.len(), "cut to {len}");
    }
}

#[test]
fn zeros_after_the_end_are_cut_off() {
    // What a file system leaves that had grown the file but not written it.
    let dir = tempfile::tempdir().unwrap();
    let tails = written(dir.path(), 2, 9);
    let path = Ledger::open(dir.path()).unwrap().path(tails[0].at);
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend([0; 5000]);
    fs::write(&path, bytes).unwrap();
    let (seqs, damage, end) = read(dir.path(), None);
    assert_eq!((seqs, damage, end.torn.unwrap().bytes), (upto(2), vec![], 5000));
}

#[test]
fn a_flipped_byte_anywhere_costs_one_frame_and_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let tails = written(dir.path(), 4, 3);
    let ledger = Ledger::open(dir.path()).unwrap();
    let path = ledger.path(tails[0].at);
    let hit = tails[1].at;
    for offset in hit.offset..hit.end() {
        flip(&path, offset);
        let (seqs, damage, end) = read(dir.path(), None);
        assert_eq!(seqs, [1, 3, 4], "offset {offset}");
        assert_eq!((damage.len(), damage[0].offset, damage[0].bytes), (1, hit.offset, hit.len), "offset {offset}");
        assert_eq!(end.torn, None, "offset {offset}");
        assert!(matches!(ledger.change(hit), Err(StoreError::Damaged { .. })), "offset {offset}");
        flip(&path, offset);
    }
    flip(&path, hit.offset);
    let verified = ledger.verify().unwrap();
    assert_eq!((verified.frames, verified.missing, verified.damage.len()), (3, 1, 1));
    let first = verified.first_break.unwrap();
    assert_eq!((first.seq, first.expected_seq, first.offset), (3, 2, tails[2].at.offset));
}

#[test]
fn the_end_of_a_segment_that_is_not_the_last_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    let tails = written(dir.path(), 4, 3);
    let ledger = Ledger::open(dir.path()).unwrap();
    let path = ledger.path(tails[2].at);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 9]).unwrap();
    let (seqs, damage, end) = read(dir.path(), None);
    assert_eq!((seqs, damage.len(), end.torn), (vec![1, 2, 4], 1, None));
    Writer::open(&ledger, &End { tail: end.tail, torn: None }, 1 << 20).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), whole.len() as u64 - 9);
}

#[test]
fn a_beginning_that_is_gone_is_told_with_its_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let tails = written(dir.path(), 7, 3);
    let ledger = Ledger::open(dir.path()).unwrap();
    assert_eq!(ledger.absent(), 0);
    // The first file, then the second too; what is there is read.
    for gone in [3, 6] {
        fs::remove_file(ledger.path(tails[gone - 1].at)).unwrap();
        let ledger = Ledger::open(dir.path()).unwrap();
        let verified = ledger.verify().unwrap();
        let gone = gone as u64;
        assert_eq!((verified.missing, verified.frames, verified.first_seq), (gone, 7 - gone, gone + 1));
        let first = verified.first_break.unwrap();
        assert_eq!((first.seq, first.expected_seq), (gone + 1, 1));
        assert!(first.to_string().contains("no beginning of the ledger"), "{first}");
        assert_eq!(ledger.absent(), gone / 3);
    }
}

#[test]
fn files_with_each_others_names_are_out_of_order_and_not_missing() {
    let dir = tempfile::tempdir().unwrap();
    let tails = written(dir.path(), 12, 3);
    let ledger = Ledger::open(dir.path()).unwrap();
    let path = |n: usize| ledger.path(tails[n].at);
    let swap = |a: usize, b: usize| {
        fs::rename(path(a), dir.path().join("x")).unwrap();
        fs::rename(path(b), path(a)).unwrap();
        fs::rename(dir.path().join("x"), path(b)).unwrap();
    };
    let read = || {
        let it = Ledger::open(dir.path()).unwrap().verify().unwrap();
        assert!(it.first_break.is_some() || it.out_of_order == 0, "{it:?}");
        (it.missing, it.out_of_order, it.frames, it.last_seq)
    };
    assert_eq!(read(), (0, 0, 12, 12));
    swap(3, 6);
    assert_eq!(read(), (0, 3, 12, 12));
    swap(3, 6);
    swap(6, 9);
    assert_eq!(read(), (0, 3, 12, 12), "the last");
    swap(6, 9);
    swap(0, 9);
    assert_eq!(read(), (0, 9, 12, 12));
    // One is gone besides, one is there twice.
    fs::remove_file(path(6)).unwrap();
    assert_eq!(read(), (3, 6, 9, 12));
    swap(0, 9);
    fs::copy(path(3), path(6)).unwrap();
    assert_eq!(read(), (3, 3, 12, 12));
}

#[test]
fn a_changed_record_breaks_the_chain_though_its_checksum_fits() {
    let dir = tempfile::tempdir().unwrap();
    let tails = written(dir.path(), 3, 9);
    let ledger = Ledger::open(dir.path()).unwrap();
    let path = ledger.path(tails[0].at);
    let mut bytes = fs::read(&path).unwrap();
    // The time of writing of frame 2, with a checksum that fits.
    let (start, end) = (usize::try_from(tails[1].at.offset).unwrap(), usize::try_from(tails[1].at.end()).unwrap());
    bytes[start + 24] ^= 1;
    let crc = crc32c::crc32c(&bytes[start..end - 4]).to_le_bytes();
    bytes[end - 4..end].copy_from_slice(&crc);
    fs::write(&path, bytes).unwrap();
    let verified = ledger.verify().unwrap();
    assert_eq!((verified.frames, verified.missing, verified.damage.len()), (3, 0, 0));
    assert_eq!(verified.first_break.map(|it| it.seq), Some(3));
}

#[test]
fn a_newer_frame_is_neither_read_nor_cut() {
    let dir = tempfile::tempdir().unwrap();
    let tails = written(dir.path(), 2, 9);
    let ledger = Ledger::open(dir.path()).unwrap();
    let path = ledger.path(tails[0].at);
    let mut bytes = fs::read(&path).unwrap();
    let start = usize::try_from(tails[1].at.offset).unwrap();
    bytes[start + 4] = 9;
    let end = bytes.len();
    let crc = crc32c::crc32c(&bytes[start..end - 4]).to_le_bytes();
    bytes[end - 4..].copy_from_slice(&crc);
    fs::write(&path, &bytes).unwrap();
    let error = ledger.verify().unwrap_err();
    assert!(matches!(error, StoreError::TooNew { found: 9, .. }), "{error}");
    // Also where it is come upon in search of the frame after damage.
    flip(&path, 70);
    let error = ledger.verify().unwrap_err();
    assert!(matches!(error, StoreError::TooNew { found: 9, .. }), "{error}");
}

#[test]
fn a_change_over_the_limit_is_refused_and_the_next_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let mut writer = Writer::open(&ledger, &End::default(), 1 << 20).unwrap();
    let reason = "x".repeat(MAX_PLAIN as usize);
    let error = writer.append(&delivery(1, crate::model::Outcome::Parked { reason }), at(0)).unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { .. }), "{error}");
    assert_eq!(writer.append(&change(1), at(0)).unwrap().seq, 1);
}

/// `/dev/full` refuses every write as a full disk does.
#[cfg(target_os = "linux")]
#[test]
fn nothing_is_written_after_a_failed_write() {
    let dir = tempfile::tempdir().unwrap();
    let segment = dir.path().join("00000001-2026-11-22.ledger");
    std::os::unix::fs::symlink("/dev/full", &segment).unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let mut writer = Writer::open(&ledger, &End::default(), 1 << 20).unwrap();
    let error = writer.append(&change(1), at(0)).unwrap_err();
    assert!(matches!(&error, StoreError::Io { path, .. } if *path == segment), "{error}");
    for error in [writer.append(&change(1), at(0)).map(|_| ()).unwrap_err(), writer.sync().unwrap_err()] {
        assert!(matches!(&error, StoreError::Stopped { why } if why.contains("No space left")), "{error}");
    }
    fs::remove_file(&segment).unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let mut writer = Writer::open(&ledger, &End::default(), 1 << 20).unwrap();
    assert_eq!(writer.append(&change(1), at(0)).unwrap().seq, 1);
}
