//! What is left of what was given up: told when it is damaged, changed or gone, and known to a copy.

use super::*;

#[test]
fn damage_in_what_is_left_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    store.tend().unwrap();
    drop(store);
    let path = dir.path().join("ledger/00000002-2026-12-12.kept");
    let sound = fs::read(&path).unwrap();
    let frames: Vec<_> =
        sound.windows(4).enumerate().filter(|(_, it)| *it == [0xff, b'S', b'L', b'F']).map(|it| it.0).collect();
    // A flipped bit, a frame cut out whole, the checkpoint gone.
    let mut flipped = sound.clone();
    flipped[frames[1] + 70] ^= 4;
    let without = [&sound[..frames[1]], &sound[frames[2]..]].concat();
    let headless = sound[..*frames.last().unwrap()].to_vec();
    for bytes in [flipped, without, headless] {
        fs::write(&path, bytes).unwrap();
        let verified = verify(dir.path());
        assert!(!is_whole(&verified), "{verified:?}");
    }
    fs::write(&path, sound).unwrap();
    assert!(is_whole(&verify(dir.path())));
}

/// Changes when the second record that retention left was written, and makes all anew that is checked within the file.
fn forge(dir: &Path) {
    let ledger = Ledger::open(&dir.join("ledger")).unwrap();
    let (mut frames, mut end) = (Vec::new(), None);
    let visit = &mut |found| {
        match found {
            Found::Frame { at, frame, .. } if at.segment == ledger.base() => frames.push(frame),
            Found::Checkpoint { checkpoint, .. } => end = Some(*checkpoint),
            _ => (),
        }
        Ok(ControlFlow::Continue(()))
    };
    ledger.walk(None, visit).unwrap();
    let mut rest = ledger.rest(ledger.base()).unwrap();
    for (n, frame) in frames.iter().enumerate() {
        let mut bytes = frame.bytes().to_vec();
        bytes[24] ^= u8::from(n == 1);
        let end = bytes.len() - 4;
        let crc = crc32c::crc32c(&bytes[..end]).to_le_bytes();
        bytes[end..].copy_from_slice(&crc);
        rest.add(&Frame::check(bytes).unwrap()).unwrap();
    }
    let (part, _) = rest.end(end.unwrap(), at(0)).unwrap();
    fs::rename(&part, part.with_extension("")).unwrap();
}

#[test]
fn what_is_left_is_proved_by_the_chain() {
    let dir = tempfile::tempdir().unwrap();
    let (forged, old) = (dir.path().join("forged"), dir.path().join("old"));
    let store = filled(&forged);
    store.tend().unwrap();
    drop(store);
    copied(&forged, &old);
    let proofs = |of: &Path| LedgerReader::open(&Settings::new(of)).unwrap().proofs(ArticleId(3)).unwrap();
    let sound = proofs(&forged);
    assert!(sound.is_whole() && sound.left_proved == Some(sound.last_seq), "{sound:?}");
    assert!(sound.records[0].is_left && sound.records[0].seq < sound.last_seq);

    forge(&forged);
    let verified = verify(&forged);
    assert_eq!((verified.damage.len(), verified.missing, &verified.first_break), (1, 0, &None), "{verified:?}");
    assert!(verified.damage[0].to_string().contains("another hash"), "{}", verified.damage[0]);
    assert!(!proofs(&forged).is_whole());
    for name in ["", "index-2"] {
        let _ = (!name.is_empty()).then(|| fs::remove_dir_all(forged.join(name)).unwrap());
        let (store, opened) = open(&forged, 5);
        assert!(opened.is_loss() && opened.to_string().contains("another hash"), "{opened}");
        assert!(store.report(ArticleId(3)).unwrap().is_some(), "what is there is read");
    }

    // As a sitrepd left it that did not prove it: the notice is the last record.
    let last = old.join("ledger/00000003-2026-12-22.ledger");
    let bytes = fs::read(&last).unwrap();
    let start = bytes.windows(4).rposition(|it| it == [0xff, b'S', b'L', b'F']).unwrap();
    fs::write(&last, &bytes[..start]).unwrap();
    let verified = verify(&old);
    assert!(is_whole(&verified) && verified.left_proved.is_none(), "{verified:?}");
    assert!(proofs(&old).is_whole() && proofs(&old).left_proved.is_none());
    let (store, opened) = open(&old, 5);
    assert!(!opened.is_loss(), "{opened}");
    // The next time it is.
    NOW.set(60 * DAY);
    put(&store, intent(60));
    store.tend().unwrap().given_up.unwrap();
    assert!(verify(&old).left_proved.is_some());
}

#[test]
fn a_proof_of_what_never_came_into_place_is_no_alarm() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    store.tend().unwrap();
    // Retention began once more, and died before it put its file in the place of the first.
    let notice = Notice::Left { base: 2, sha256: [7; 32] };
    store.writer().unwrap().notice(&notice, at(NOW.get())).unwrap();
    store.sync().unwrap();
    drop(store);
    let proofs = || LedgerReader::open(&Settings::new(dir.path())).unwrap().proofs(ArticleId(3)).unwrap();
    let verified = verify(dir.path());
    assert!(is_whole(&verified) && verified.left_proved == Some(verified.last_seq - 1), "{verified:?}");
    assert!(proofs().is_whole() && proofs().left_proved == verified.left_proved);
    let reopened = |is_forged| {
        for keeps_index in [true, false] {
            let _ = (!keeps_index).then(|| fs::remove_dir_all(dir.path().join("index-2")).unwrap());
            let (_, opened) = open(dir.path(), 5);
            assert_eq!(opened.is_loss(), is_forged, "{opened}");
        }
    };
    reopened(false);
    forge(dir.path());
    assert!(!is_whole(&verify(dir.path())) && !proofs().is_whole());
    reopened(true);
}

#[test]
fn what_was_lost_long_ago_hides_no_other_loss() {
    // It is told among what is given up, or at the very beginning of what is not.
    for (noticed, number) in [(0, 0), (30, 1)] {
        let dir = tempfile::tempdir().unwrap();
        NOW.set(0);
        let (store, _) = open(dir.path(), 5);
        (1..=3).for_each(|n| put(&store, intent(n)));
        NOW.set(noticed * DAY);
        store.sync().unwrap();
        drop(store);
        acknowledged::write(dir.path(), 8).unwrap();
        let (store, opened) = open(dir.path(), 5);
        assert_eq!(opened.lost.map(|it| it.count()), Some(5), "{opened}");
        for n in [30, 31] {
            NOW.set(30 * DAY);
            put(&store, intent(n));
        }
        store.sync().unwrap();
        let segment = dir.path().join("ledger/00000002-2026-12-22.ledger");
        let sound = fs::read(&segment).unwrap();
        let frames: Vec<_> =
            sound.windows(4).enumerate().filter(|(_, it)| *it == [0xff, b'S', b'L', b'F']).map(|it| it.0).collect();
        assert_eq!(frames.len(), 2 + number);
        let mut bytes = sound.clone();
        bytes[frames[number] + 80] ^= 4;
        fs::write(&segment, bytes).unwrap();
        NOW.set(32 * DAY);
        let tended = store.compact().unwrap();
        assert_eq!((&tended.given_up, tended.only_indexed, tended.damage.len()), (&None, 1, 1), "{tended}");
        fs::write(&segment, sound).unwrap();
        // What the ledger says itself is no loss of now.
        let tended = store.compact().unwrap();
        assert!(tended.given_up.is_some() && !tended.is_loss(), "{tended}");
        drop(store);
        assert!(verify(dir.path()).damage.is_empty());
    }
}

#[test]
fn a_copy_by_lines_knows_what_was_given_up() {
    let dir = tempfile::tempdir().unwrap();
    let (home, away, third) = (dir.path().join("home"), dir.path().join("away"), dir.path().join("third"));
    let store = filled(&home);
    let last_issue = |store: &LedgerStore| store.last_issue("daily").unwrap().map(|it| it.0.at);
    store.tend().unwrap();
    let lines = |of: &Path| {
        let mut res = Vec::new();
        let visit = &mut |line: Result<String, _>| {
            res.push(line.unwrap());
            ControlFlow::Continue(())
        };
        LedgerReader::open(&Settings::new(of)).unwrap().lines(visit).unwrap();
        res
    };
    let take = |store: &LedgerStore, lines: &[String]| {
        let mut taken = 0;
        for line in lines {
            if let Line::GivenUp(items) = Line::read(line).unwrap() {
                taken += u32::from(store.remember(&items).unwrap());
            }
        }
        taken
    };
    let check = |store: &LedgerStore| {
        for n in [2, 5, 7, 8, 10, 20, 21] {
            assert!(store.is_forgotten(ArticleId(n)).unwrap(), "article {n}");
        }
        assert!(!store.is_forgotten(ArticleId(77)).unwrap());
        assert!(store.was_queued(&id(2)).unwrap() && !store.was_queued(&id(77)).unwrap());
        assert!(last_issue(store).is_some());
    };
    let (copy, _) = open(&away, 5);
    assert_eq!((take(&copy, &lines(&home)), take(&copy, &lines(&home))), (1, 0));
    check(&copy);
    copy.sync().unwrap();
    drop(copy);
    // Made anew, in memory, exported once more, and given up once more.
    fs::remove_dir_all(away.join("index")).unwrap();
    check(&open(&away, 5).0);
    let memory = LedgerReader::open(&Settings::new(&away)).unwrap().into_memory().unwrap();
    assert!(memory.is_forgotten(ArticleId(20)).unwrap());
    let (again, _) = open(&third, 5);
    assert_eq!(take(&again, &lines(&away)), 1);
    NOW.set(60 * DAY);
    put(&again, intent(60));
    again.tend().unwrap().given_up.unwrap();
    check(&again);
    assert!(is_whole(&verify(&third)) && is_whole(&verify(&away)));
}

#[test]
fn what_is_left_must_be_there() {
    let dir = tempfile::tempdir().unwrap();
    let (home, away) = (dir.path().join("home"), dir.path().join("away"));
    let store = filled(&home);
    let last = store.tend().unwrap().given_up.unwrap().last_seq;
    drop(store);
    LedgerReader::open(&Settings::new(&home)).unwrap().back_up(&away).unwrap();
    for it in [&home, &away] {
        fs::remove_file(it.join("ledger/00000002-2026-12-12.kept")).unwrap();
        let verified = verify(it);
        assert_eq!((verified.missing, verified.first_break.map(|it| it.seq)), (last, Some(last + 1)));
    }
    let again = dir.path().join("again");
    assert_eq!(crate::store::restore(&away, &Settings::new(&again)).unwrap().missing, last);
    // It opens all the same, and says what is gone.
    for it in [&home, &again] {
        let (store, opened) = open(it, 5);
        assert!(opened.is_loss(), "{opened}");
        assert_eq!((opened.missing, opened.absent), (last, 2), "{opened}");
        assert!(store.report(ArticleId(30)).unwrap().is_some());
    }
}

#[test]
fn a_message_that_was_queued_and_sent_in_files_given_up_one_after_the_other_is_not_sent_again() {
    let dir = tempfile::tempdir().unwrap();
    NOW.set(0);
    let (store, _) = open(dir.path(), 1);
    store.commit(&digest(0, vec![message(6, rendered("one"))])).unwrap();
    store.commit(&digest(1, vec![])).unwrap();
    NOW.set(DAY);
    put(&store, intent(1));
    store.commit(&delivery(6, Outcome::Sent)).unwrap();
    for day in [2, 4, 6] {
        NOW.set(day * DAY);
        put(&store, intent(u64::try_from(day).unwrap()));
        store.compact().unwrap();
    }
    let again = with(7, |it| it.outbox = vec![message(6, rendered("one"))]);
    put(&store, again);
    store.sync().unwrap();
    assert!(store.pending(&id(6)).unwrap().is_none());
    drop(store);
    for name in ["index", "index-2"] {
        let _ = fs::remove_dir_all(dir.path().join(name));
    }
    let (store, _) = open(dir.path(), 1);
    assert!(store.pending(&id(6)).unwrap().is_none());
}
