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
    ledger_store::{is_free, lock, remove_indexes},
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

/// What a restore writes before it is done: it becomes `ledger` as a whole, so that nobody takes a part of an archive for
/// the archive.
pub(super) const RESTORING: &str = "ledger.restoring";

/// One thing that a backup does. Wherever the steps are cut off, the copy is whole up to the record that it notes or a
/// later one, or it lacks that record and so tells that it is not finished.
#[derive(Debug)]
enum Step {
    /// Notes the last record that the copy is to hold.
    Note(u64),
    /// Carries who has unsubscribed, and which records were altered.
    Lists,
    Copy {
        file: Length,
        to: PathBuf,
        may_link: bool,
    },
    /// Makes durable which files there are.
    Sync,
    Remove(PathBuf),
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
        let (made, steps) = self.plan(to)?;
        steps.into_iter().try_for_each(|it| self.perform(it, to))?;
        Ok(made)
    }

    /// The directory of the archive.
    fn state_dir(&self) -> &Path {
        self.0.dir().parent().unwrap_or(Path::new("."))
    }

    /// What is to be done, after a check that everything in `to` is of this ledger. No file there is changed.
    fn plan(&self, to: &Path) -> Result<(BackedUp, Vec<Step>), StoreError> {
        let dir = to.join("ledger");
        fs::create_dir_all(&dir).map_err(io("create", &dir))?;
        // Read before the files are listed, so that they hold everything it counts as acknowledged.
        let state_dir = self.state_dir();
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
        let (mut steps, mut replaced, mut is_first) = (Vec::new(), Vec::new(), true);
        for item in fs::read_dir(&dir).map_err(io("list", &dir))? {
            let item = item.map_err(io("list", &dir))?;
            is_first &= super::ledger::number(&item.path()).is_none();
            // What retention deleted is removed from the backup too, once the file that replaces it is there.
            if super::ledger::number(&item.path())
                .is_some_and(|it| it < base || it == base && !names.contains(&item.file_name().as_os_str()))
            {
                replaced.push(Step::Remove(item.path()));
                continue;
            }
            if is_half_copied(&item.path()) {
                steps.push(Step::Remove(item.path()));
                continue;
            }
            if !names.contains(&item.file_name().as_os_str()) && item.path().extension().is_none_or(|it| it != "part") {
                return Err(StoreError::Foreign { path: item.path() });
            }
        }
        let mut copies = Vec::new();
        let n_files = ends.files.len();
        for (at, file) in ends.files.into_iter().enumerate() {
            let target = dir.join(file.path.file_name().unwrap_or_default());
            let is_full = at + 1 < n_files;
            // An empty segment in the middle is damaged, and so is its copy.
            if file.acknowledged == 0 && !is_full && !target.exists() {
                continue;
            }
            res.segments += 1;
            res.bytes += file.acknowledged;
            match is_held(&file, &target)? {
                true => res.held += 1,
                false => copies.push(Step::Copy { file, to: target, may_link: is_full }),
            }
        }
        // So that a missing end of the backup is noticed too, and what was already missing when it was made.
        let last = res.last_seq.max(noted.filter(|_| beyond > 0).unwrap_or(0));
        // A copy that already holds something stays whole while more is added; the first one is not finished until it
        // holds everything.
        if is_first {
            steps.push(Step::Note(last));
        }
        steps.push(Step::Lists);
        steps.extend(copies);
        steps.push(Step::Sync);
        steps.extend(replaced);
        steps.extend([Step::Sync, Step::Note(last)]);
        Ok((res, steps))
    }

    fn perform(&self, step: Step, to: &Path) -> Result<(), StoreError> {
        match step {
            Step::Note(last) => acknowledged::write(to, last),
            Step::Lists => {
                altered::carry(self.state_dir(), to)?;
                add_unsubscribed(self.state_dir(), to)
            }
            Step::Copy { file, to, may_link } => copy(&file, &to, may_link),
            Step::Sync => sync_dir(&to.join("ledger")),
            Step::Remove(path) => fs::remove_file(&path).map_err(io("remove", &path)),
        }
    }
}

/// Whether a file is the beginning of a ledger file that a backup was writing when it was interrupted.
fn is_half_copied(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "part") && super::ledger::number(&path.with_extension("")).is_some()
}

/// A file in a backup that is half written, because a backup into it was interrupted or is under way. What was there
/// before is not changed by it.
///
/// # Errors
///
/// [`StoreError::Io`].
pub fn half_copied(backup: &Path) -> Result<Option<PathBuf>, StoreError> {
    let dir = backup.join("ledger");
    let items = fs::read_dir(&dir).map_err(io("list", &dir))?.map(|it| it.map(|it| it.path()));
    let paths = items.collect::<Result<Vec<_>, _>>().map_err(io("list", &dir))?;
    Ok(paths.into_iter().find(|it| is_half_copied(it)))
}

/// Restores the ledger of a backup, as far as it is sound, to where an archive is to be, and returns what the backup
/// holds and what of it is damaged. The index is rebuilt when the archive is opened; an existing one is removed. What an
/// interrupted restore left is replaced.
///
/// # Errors
///
/// [`StoreError::Io`]; [`StoreError::Empty`] where the backup holds no record; [`StoreError::Foreign`] where an archive
/// is there already; [`StoreError::Fixed`] where the directory of the ledger cannot be replaced;
/// [`StoreError::Locked`] where a process has it open.
pub fn restore(from: &Path, settings: &Settings) -> Result<Verified, StoreError> {
    let source = from.join("ledger");
    // A missing directory must not become an empty archive.
    fs::read_dir(&source).map_err(io("read", &source))?;
    let reader = Ledger::open(&source)?;
    let found = reader.verify()?;
    if found.is_empty() {
        return Err(StoreError::Empty { dir: from.to_owned() });
    }
    let dir = settings.dir.as_path();
    fs::create_dir_all(dir).map_err(io("create", dir))?;
    let _lock = lock(dir)?;
    let target = dir.join("ledger");
    let is_link = fs::symlink_metadata(&target).is_ok_and(|it| it.is_symlink());
    let mut left = Vec::new();
    match fs::read_dir(&target) {
        Ok(items) => {
            for item in items {
                match item.map_err(io("list", &target))?.path() {
                    // An earlier version restored into the directory itself.
                    path if is_half_copied(&path) => left.push(path),
                    path => return Err(StoreError::Foreign { path }),
                }
            }
        }
        Err(error) if error.kind() == std_io::ErrorKind::NotFound => (),
        Err(error) => return Err(io("list", &target)(error)),
    }
    if is_link {
        return Err(StoreError::Fixed { path: target });
    }
    // Made first and renamed last: while it is there, nobody takes what is beside it for an archive.
    let begun = dir.join(RESTORING);
    match fs::create_dir(&begun) {
        Err(error) if error.kind() == std_io::ErrorKind::AlreadyExists => empty(&begun)?,
        made => made.map_err(io("create", &begun))?,
    }
    left.into_iter().try_for_each(|it| fs::remove_file(&it).map_err(io("remove", &it)))?;
    match fs::remove_dir(&target) {
        Err(error) if error.kind() == std_io::ErrorKind::ResourceBusy => {
            fs::remove_dir(&begun).map_err(io("remove", &begun))?;
            return Err(StoreError::Fixed { path: target });
        }
        Err(error) if error.kind() != std_io::ErrorKind::NotFound => return Err(io("replace", &target)(error)),
        _ => (),
    }
    sync_dir(dir)?;
    // An index left there belongs to another ledger, and so does the note of altered records.
    remove_indexes(dir)?;
    altered::carry(from, dir)?;
    add_unsubscribed(from, dir)?;
    acknowledged::write(dir, acknowledged::noted(from).unwrap_or(found.last_seq))?;
    for file in reader.ends(None)?.files {
        copy(&file, &begun.join(file.path.file_name().unwrap_or_default()), false)?;
    }
    sync_dir(&begun)?;
    fs::rename(&begun, &target).map_err(io("write", &target))?;
    sync_dir(dir)?;
    let written = Ledger::open(&target)?.verify()?;
    // A backup whose last file was truncated is sound once it is copied.
    Ok(if found.damage.is_empty() { written } else { found })
}

/// Removes all that is in a directory.
fn empty(dir: &Path) -> Result<(), StoreError> {
    for item in fs::read_dir(dir).map_err(io("list", dir))? {
        let item = item.map_err(io("list", dir))?;
        let is_dir = item.file_type().map_err(io("read", &item.path()))?.is_dir();
        let removed = if is_dir { fs::remove_dir_all(item.path()) } else { fs::remove_file(item.path()) };
        removed.map_err(io("remove", &item.path()))?;
    }
    Ok(())
}

/// Whether the acknowledged part of a segment is in `to` already. What is there is the beginning of that segment, or it
/// is foreign.
fn is_held(file: &Length, to: &Path) -> Result<bool, StoreError> {
    match fs::metadata(to).map(|it| it.len()) {
        Ok(held) if held <= file.whole && begins_alike(&file.path, to, held)? => Ok(held >= file.acknowledged),
        Ok(_) => Err(StoreError::Foreign { path: to.to_owned() }),
        Err(error) if error.kind() == std_io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(io("read", to)(error)),
    }
}

/// Copies the acknowledged part of a segment to `to`. Never leaves a partial file under that name.
fn copy(file: &Length, to: &Path, may_link: bool) -> Result<(), StoreError> {
    let (from, length) = (file.path.as_path(), file.acknowledged);
    // Refused where there is a shorter copy.
    if may_link && fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    let part = PathBuf::from(format!("{}.part", to.display()));
    let source = File::open(from).map_err(io("open", from))?;
    let mut target = File::create(&part).map_err(io("create", &part))?;
    small_file::share_access(&target, &source.metadata().map_err(io("read", from))?);
    std_io::copy(&mut source.take(length), &mut target).map_err(io("write", &part))?;
    target.flush().and_then(|()| target.sync_all()).map_err(io("sync", &part))?;
    fs::rename(&part, to).map_err(io("write", to))
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
        drop(store);
        assert!(matches!(restore(&away, &again), Err(StoreError::Foreign { .. })));
    }

    /// Found in a review: the copy was made, and could not be put in place, for ever.
    #[test]
    fn a_directory_that_cannot_be_replaced_is_told_before_anything_is_done() {
        let dir = tempfile::tempdir().unwrap();
        let (home, away) = (settings(&dir.path().join("home")), dir.path().join("away"));
        let (store, _) = LedgerStore::open(&home).unwrap();
        commit(&store, 1..20);
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
        let dir = tempfile::tempdir().unwrap();
        let (home, away) = (settings(&dir.path().join("home")), dir.path().join("away"));
        let (store, _) = LedgerStore::open(&home).unwrap();
        commit(&store, 1..20);
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
        let dir = tempfile::tempdir().unwrap();
        let (home, away) = (settings(&dir.path().join("home")), dir.path().join("away"));
        let (store, _) = LedgerStore::open(&home).unwrap();
        commit(&store, 1..20);
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
        let dir = tempfile::tempdir().unwrap();
        let (home, away) = (settings(&dir.path().join("home")), dir.path().join("away"));
        let (store, _) = LedgerStore::open(&home).unwrap();
        commit(&store, 1..20);
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
