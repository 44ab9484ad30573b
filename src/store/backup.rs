//! Copies of the ledger in another directory, made beside a running daemon, and the way back.
//!
//! Only the ledger is copied; the index is rebuilt from it. Full segments are never written to again, so a hard link is
//! a copy that costs nothing. Of the last segment only the acknowledged part is copied: after a power cut, the archive
//! might otherwise continue differently than the copy.

use std::{
    fs::{self, File},
    io::{self as std_io, Read as _, Write as _},
    path::{Path, PathBuf},
};

use super::{
    LedgerReader, Settings, StoreError, Verified, acknowledged, altered, io,
    ledger::{Ledger, Length, sync_dir},
    ledger_store::{is_free, remove_indexes},
    small_file,
};
use crate::text::error_chain;

/// The file beside the archive with who has unsubscribed, a recipient a line.
pub const UNSUBSCRIBED: &str = "unsubscribed";

/// What a backup holds now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BackedUp {
    /// Segments in it.
    pub segments: u64,
    /// Segments that the backup already had.
    pub held: u64,
    /// Bytes in it.
    pub bytes: u64,
    /// The number of the last change in it.
    pub last_seq: u64,
    /// What reading the ledger showed. The copy is no better.
    pub found: Verified,
    /// Changes that had been acknowledged but are missing from the end of the ledger.
    pub beyond: u64,
}

impl LedgerReader {
    /// Makes the backup in `to`, or brings it up to date with this ledger. On return it durably holds everything
    /// acknowledged at the time of the call.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`]; [`StoreError::Foreign`] where `to` holds something else than an earlier state of this
    /// ledger: another archive's, or what this one was before it was damaged. What is damaged in the ledger is copied
    /// as it is and told in [`BackedUp`].
    pub fn back_up(&self, to: &Path) -> Result<BackedUp, StoreError> {
        let dir = to.join("ledger");
        fs::create_dir_all(&dir).map_err(io("create", &dir))?;
        // Read before the files are listed, so that they hold everything it counts as acknowledged.
        let state_dir = self.0.dir().parent().unwrap_or(Path::new("."));
        let noted = acknowledged::noted(state_dir).filter(|it| *it > 0);
        let ledger = Ledger::open(self.0.dir())?;
        // If nobody has the archive open, no write is under way, and after a power cut the note may be lower than what
        // was acknowledged. What a killed process wrote may be in memory only. If the copy held it and the archive then
        // lost it, the two would continue differently.
        let is_durable = is_free(state_dir)
            && match ledger.sync_last() {
                Ok(()) => true,
                // A backup is wanted most when a disk is failing.
                Err(error) => {
                    tracing::warn!(error = error_chain(&error), "no more than what is noted as acknowledged is copied");
                    false
                }
            };
        let ends = ledger.ends(noted.filter(|_| !is_durable))?;
        let beyond = noted.unwrap_or(0).saturating_sub(ends.found.last_seq);
        let mut res = BackedUp { last_seq: ends.last_seq, found: ends.found, beyond, ..BackedUp::default() };
        let names: Vec<_> = ends.files.iter().map(|it| it.path.file_name().unwrap_or_default()).collect();
        let base = ledger.base();
        let mut replaced = Vec::new();
        for item in fs::read_dir(&dir).map_err(io("list", &dir))? {
            let item = item.map_err(io("list", &dir))?;
            // What retention deleted is removed from the backup too, once the file that replaces it is there.
            if super::ledger::number(&item.path())
                .is_some_and(|it| it < base || it == base && !names.contains(&item.file_name().as_os_str()))
            {
                replaced.push(item.path());
                continue;
            }
            // Only files left by an interrupted backup are overwritten.
            if !names.contains(&item.file_name().as_os_str()) && item.path().extension().is_none_or(|it| it != "part") {
                return Err(StoreError::Foreign { path: item.path() });
            }
        }
        for (at, file) in ends.files.iter().enumerate() {
            let target = dir.join(file.path.file_name().unwrap_or_default());
            let is_full = at + 1 < ends.files.len();
            // An empty segment in the middle is damaged, and so is its copy.
            if file.acknowledged == 0 && !is_full && !target.exists() {
                continue;
            }
            res.held += u64::from(copy(file, &target, is_full)?);
            res.segments += 1;
            res.bytes += file.acknowledged;
        }
        sync_dir(&dir)?;
        for path in replaced {
            fs::remove_file(&path).map_err(io("remove", &path))?;
        }
        sync_dir(&dir)?;
        // So that a missing end of the backup is noticed too, and what was already missing when it was made.
        acknowledged::write(to, res.last_seq.max(noted.filter(|_| beyond > 0).unwrap_or(0)))?;
        altered::carry(state_dir, to)?;
        add_unsubscribed(state_dir, to)?;
        Ok(res)
    }
}

/// Restores the ledger of a backup, as far as it is sound, to where an archive is to be, and returns what the backup
/// holds and what of it is damaged. The index is rebuilt when the archive is opened; an existing one is removed.
///
/// # Errors
///
/// [`StoreError::Io`]; [`StoreError::Foreign`] where an archive is there already.
pub fn restore(from: &Path, settings: &Settings) -> Result<Verified, StoreError> {
    let source = from.join("ledger");
    // A missing directory must not become an empty archive.
    fs::read_dir(&source).map_err(io("read", &source))?;
    let reader = Ledger::open(&source)?;
    let target = settings.dir.join("ledger");
    fs::create_dir_all(&target).map_err(io("create", &target))?;
    if let Some(item) = fs::read_dir(&target).map_err(io("list", &target))?.next() {
        return Err(StoreError::Foreign { path: item.map_err(io("list", &target))?.path() });
    }
    let found = reader.verify()?;
    // An index left there belongs to another ledger, and so does the note of altered records.
    remove_indexes(&settings.dir)?;
    altered::carry(from, &settings.dir)?;
    add_unsubscribed(from, &settings.dir)?;
    // Written first, so that missing changes are noticed if this is interrupted.
    acknowledged::write(&settings.dir, acknowledged::noted(from).unwrap_or(found.last_seq))?;
    for file in reader.ends(None)?.files {
        copy(&file, &target.join(file.path.file_name().unwrap_or_default()), false)?;
    }
    sync_dir(&target)?;
    sync_dir(&settings.dir)?;
    let written = Ledger::open(&target)?.verify()?;
    // A backup whose last file was truncated is sound once it is copied.
    Ok(if found.damage.is_empty() { written } else { found })
}

/// Copies the acknowledged part of a segment to `to`; returns whether it was there already. Never leaves a partial file
/// under that name.
fn copy(file: &Length, to: &Path, may_link: bool) -> Result<bool, StoreError> {
    let (from, length) = (file.path.as_path(), file.acknowledged);
    match fs::metadata(to).map(|it| it.len()) {
        Ok(held) if held <= file.whole => {
            if !begins_alike(from, to, held)? {
                return Err(StoreError::Foreign { path: to.to_owned() });
            }
            if held >= length {
                return Ok(true);
            }
        }
        Ok(_) => return Err(StoreError::Foreign { path: to.to_owned() }),
        Err(error) if error.kind() == std_io::ErrorKind::NotFound => {
            if may_link && fs::hard_link(from, to).is_ok() {
                return Ok(false);
            }
        }
        Err(error) => return Err(io("read", to)(error)),
    }
    let part = PathBuf::from(format!("{}.part", to.display()));
    let source = File::open(from).map_err(io("open", from))?;
    let mut target = File::create(&part).map_err(io("create", &part))?;
    small_file::share_access(&target, &source.metadata().map_err(io("read", from))?);
    std_io::copy(&mut source.take(length), &mut target).map_err(io("write", &part))?;
    target.flush().and_then(|()| target.sync_all()).map_err(io("sync", &part))?;
    fs::rename(&part, to).map_err(io("write", to))?;
    Ok(false)
}

/// Adds to the list in `to` who has unsubscribed by that in `from`. Nobody is taken out: whoever has left may not be
/// written to because a copy is older, or because a list was lost.
fn add_unsubscribed(from: &Path, to: &Path) -> Result<(), StoreError> {
    let (source, target) = (from.join(UNSUBSCRIBED), to.join(UNSUBSCRIBED));
    let read = |path: &Path| match fs::read_to_string(path) {
        Err(error) if error.kind() == std_io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(io("read", path)),
    };
    let (theirs, mut all) = (read(&source)?, read(&target)?);
    let new: Vec<_> = theirs.lines().filter(|line| !all.lines().any(|it| it == *line)).collect();
    if new.is_empty() {
        return Ok(());
    }
    if !all.is_empty() && !all.ends_with('\n') {
        all.push('\n');
    }
    all.extend(new.into_iter().flat_map(|it| [it, "\n"]));
    small_file::replace(&target, all.as_bytes())?;
    let file = File::open(&target).map_err(io("open", &target))?;
    small_file::share_access(&file, &fs::metadata(&source).map_err(io("read", &source))?);
    Ok(())
}

/// Whether two files have the same first `length` bytes.
fn begins_alike(a: &Path, b: &Path, length: u64) -> Result<bool, StoreError> {
    let open = |path| File::open(path).map_err(io("open", path));
    let (mut one, mut other) = (open(a)?.take(length), open(b)?.take(length));
    let (mut left, mut right) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let n = one.read(&mut left).map_err(io("read", a))?;
        if n == 0 {
            return Ok(true);
        }
        let (Some(left), Some(right)) = (left.get(..n), right.get_mut(..n)) else { return Ok(false) };
        if other.read_exact(right).is_err() || left != right {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Change;
    use crate::store::{
        LedgerStore, Store,
        contract::samples::{alarming, polled},
    };

    fn settings(dir: &Path) -> Settings {
        Settings { segment_bytes: 3_000, ..Settings::new(dir) }
    }

    fn commit(store: &LedgerStore, ids: std::ops::Range<u64>) {
        for id in ids {
            store.commit(&Change::Article(Box::new(alarming(id)))).unwrap();
        }
        store.sync().unwrap();
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
        let dir = tempfile::tempdir().unwrap();
        let (home, away) = (settings(&dir.path().join("home")), dir.path().join("away"));
        let (store, _) = LedgerStore::open(&home).unwrap();
        commit(&store, 1..20);
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
        assert!(matches!(restore(&away, &again), Err(StoreError::Foreign { .. })));
    }

    #[test]
    fn an_interrupted_restore_does_not_look_whole() {
        let dir = tempfile::tempdir().unwrap();
        let (home, away) = (settings(&dir.path().join("home")), dir.path().join("away"));
        let (store, _) = LedgerStore::open(&home).unwrap();
        commit(&store, 1..20);
        LedgerReader::open(&home).unwrap().back_up(&away).unwrap();
        // What tells that the end is missing is there before anything else, or nothing is.
        let again = settings(&dir.path().join("again"));
        let note = again.dir.join("acknowledged");
        fs::create_dir_all(&note).unwrap();
        restore(&away, &again).unwrap_err();
        assert_eq!(fs::read_dir(again.dir.join("ledger")).unwrap().count(), 0);
        fs::remove_dir(&note).unwrap();
        restore(&away, &again).unwrap();
        let last = fs::read_dir(again.dir.join("ledger")).unwrap().map(|it| it.unwrap().path()).max().unwrap();
        fs::remove_file(last).unwrap();
        let (_store, opened) = LedgerStore::open(&again).unwrap();
        assert_eq!(opened.lost.map(|it| it.to), Some(19), "{opened}");
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
        let dir = tempfile::tempdir().unwrap();
        let (home, away) = (settings(&dir.path().join("home")), dir.path().join("away"));
        let (store, _) = LedgerStore::open(&home).unwrap();
        commit(&store, 1..20);
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
        let dir = tempfile::tempdir().unwrap();
        let (home, away) = (settings(&dir.path().join("home")), dir.path().join("away"));
        let (store, _) = LedgerStore::open(&home).unwrap();
        commit(&store, 1..5);
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
        let dir = tempfile::tempdir().unwrap();
        let (home, away) = (settings(&dir.path().join("home")), dir.path().join("away"));
        let (store, _) = LedgerStore::open(&home).unwrap();
        commit(&store, 1..3);
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
}
