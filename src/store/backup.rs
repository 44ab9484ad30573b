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
mod tests;
