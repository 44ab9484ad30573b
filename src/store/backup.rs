//! Copies of the ledger in another directory, made beside a running daemon, and the way back.
//!
//! Only the ledger is copied: the index is made anew from it. Full segments are never written to again, so a hard link
//! is a copy that costs nothing; of the last one, what stands before the end of its last whole frame is copied.

use std::{
    fs::{self, File},
    io::{self as std_io, Read as _, Write as _},
    path::{Path, PathBuf},
};

use super::{
    LedgerReader, Settings, StoreError, Verified, acknowledged, io,
    ledger::{Ledger, sync_dir},
};

/// What a backup holds now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BackedUp {
    /// Segments in it.
    pub segments: u64,
    /// Segments that were there already.
    pub held: u64,
    /// Bytes in it.
    pub bytes: u64,
    /// The number of the last change in it.
    pub last_seq: u64,
}

impl LedgerReader {
    /// Brings the backup in `to` up to date with this ledger, or makes it. What is acknowledged when this is called is
    /// in it when this returns, durably.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`]; [`StoreError::Foreign`] where `to` holds something else than an earlier state of this
    /// ledger.
    pub fn back_up(&self, to: &Path) -> Result<BackedUp, StoreError> {
        let dir = to.join("ledger");
        fs::create_dir_all(&dir).map_err(io("create", &dir))?;
        let ends = self.0.ends()?;
        let mut res = BackedUp { last_seq: ends.last_seq, ..BackedUp::default() };
        let names: Vec<_> = ends.segments.iter().map(|(path, _)| path.file_name().unwrap_or_default()).collect();
        let base = self.0.base();
        let mut replaced = Vec::new();
        for item in fs::read_dir(&dir).map_err(io("list", &dir))? {
            let item = item.map_err(io("list", &dir))?;
            // What retention gave up goes from the backup too, once what is left of it is there.
            if super::ledger::number(&item.path())
                .is_some_and(|it| it < base || it == base && !names.contains(&item.file_name().as_os_str()))
            {
                replaced.push(item.path());
                continue;
            }
            // What an interrupted backup left behind is written over; nothing else is.
            if !names.contains(&item.file_name().as_os_str()) && item.path().extension().is_none_or(|it| it != "part") {
                return Err(StoreError::Foreign { path: item.path() });
            }
        }
        for (at, (from, length)) in ends.segments.iter().enumerate() {
            let target = dir.join(from.file_name().unwrap_or_default());
            let is_full = at + 1 < ends.segments.len();
            res.held += u64::from(copy(from, &target, *length, is_full)?);
            res.segments += 1;
            res.bytes += length;
        }
        sync_dir(&dir)?;
        for path in replaced {
            fs::remove_file(&path).map_err(io("remove", &path))?;
        }
        sync_dir(&dir)?;
        // So that the end of a backup is missed too.
        acknowledged::write(to, res.last_seq)?;
        Ok(res)
    }
}

/// Puts the ledger of a backup where an archive is to be, as far as it is whole, and says what the backup holds and
/// what of it is damaged. The index is made anew when the archive is opened.
///
/// # Errors
///
/// [`StoreError::Io`]; [`StoreError::Foreign`] where an archive is there already.
pub fn restore(from: &Path, settings: &Settings) -> Result<Verified, StoreError> {
    let source = from.join("ledger");
    // A directory that is not there must not become an empty archive.
    fs::read_dir(&source).map_err(io("read", &source))?;
    let reader = Ledger::open(&source)?;
    let target = settings.dir.join("ledger");
    fs::create_dir_all(&target).map_err(io("create", &target))?;
    if let Some(item) = fs::read_dir(&target).map_err(io("list", &target))?.next() {
        return Err(StoreError::Foreign { path: item.map_err(io("list", &target))?.path() });
    }
    let found = reader.verify()?;
    // First, so that what is missing is told where this is interrupted.
    acknowledged::write(&settings.dir, acknowledged::noted(from).unwrap_or(found.last_seq))?;
    for (path, length) in reader.ends()?.segments {
        copy(&path, &target.join(path.file_name().unwrap_or_default()), length, false)?;
    }
    sync_dir(&target)?;
    sync_dir(&settings.dir)?;
    let written = Ledger::open(&target)?.verify()?;
    // A backup whose last file was cut is whole where it was copied to.
    Ok(if found.damage.is_empty() { written } else { found })
}

/// Puts the first `length` bytes of a segment to `to`; whether they were there already. Never leaves half a file under
/// the name.
fn copy(from: &Path, to: &Path, length: u64, may_link: bool) -> Result<bool, StoreError> {
    match fs::metadata(to).map(|it| it.len()) {
        Ok(held) if held <= length => {
            if !begins_alike(from, to, held)? {
                return Err(StoreError::Foreign { path: to.to_owned() });
            }
            if held == length {
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
    std_io::copy(&mut source.take(length), &mut target).map_err(io("write", &part))?;
    target.flush().and_then(|()| target.sync_all()).map_err(io("sync", &part))?;
    fs::rename(&part, to).map_err(io("write", to))?;
    Ok(false)
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
}
