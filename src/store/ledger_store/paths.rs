//! The directories of the index: which one is in use, and how another replaces it.
//!
//! An index made beside another has a directory of its own, `index-2`, and is in use once the file `index.now` names
//! it. An open sled keeps creating files by path, so its directory cannot be renamed.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use super::Settings;
use crate::store::{
    StoreError,
    index::{Index, IndexSettings},
    io,
    ledger::sync_dir,
};

/// The directory of the first index.
const FIRST: &str = "index";

/// Suffix of the file that marks an index as failed.
const SUSPECT: &str = ".suspect";

/// Where the index is, and where a bad one goes.
pub(super) struct IndexPaths {
    dir: PathBuf,
    /// The settings of the index in use.
    pub(super) settings: IndexSettings,
}

impl IndexPaths {
    /// Reads which one counts.
    pub(super) fn open(settings: &Settings) -> Result<Self, StoreError> {
        let Settings { dir, cache_bytes, drafts, .. } = settings;
        let now = dir.join("index.now");
        let name = match fs::read_to_string(&now) {
            // Anything else in the file is not sitrepd's, and not a path to follow.
            Ok(name) => Some(name).filter(|it| number(it).is_some()).unwrap_or_else(|| FIRST.to_owned()),
            Err(error) if error.kind() == ErrorKind::NotFound || error.kind() == ErrorKind::InvalidData => {
                FIRST.to_owned()
            }
            Err(error) => return Err(io("read", &now)(error)),
        };
        let settings = IndexSettings {
            suspect: suspect(dir, &name),
            dir: dir.join(name),
            cache_bytes: *cache_bytes,
            drafts: *drafts,
        };
        Ok(Self { dir: dir.clone(), settings })
    }

    /// The state directory.
    pub(super) fn state_dir(&self) -> PathBuf {
        self.dir.clone()
    }

    /// Removes all indexes that are not in use, left by a crash or a failure, and their marks.
    pub(super) fn clear(&self) -> Result<(), StoreError> {
        for item in fs::read_dir(&self.dir).map_err(io("list", &self.dir))? {
            let path = item.map_err(io("list", &self.dir))?.path();
            let Some(name) = name(&path) else { continue };
            let removed = if path == self.settings.dir || path == self.settings.suspect {
                Ok(())
            } else if number(name).is_some() {
                remove_any(&path)
            } else if name.strip_suffix(SUSPECT).is_some_and(|it| number(it).is_some()) {
                fs::remove_file(&path)
            } else {
                Ok(())
            };
            removed.map_err(io("remove", &path))?;
        }
        Ok(())
    }

    /// An empty place for the index that will replace the one at `now`.
    pub(super) fn after(dir: &Path, now: &IndexSettings) -> Result<Self, StoreError> {
        let next = name(&now.dir).and_then(number).unwrap_or(1) + 1;
        let name = format!("{FIRST}-{next}");
        let settings = IndexSettings { suspect: suspect(dir, &name), dir: dir.join(name), ..now.clone() };
        let next = Self { dir: dir.to_owned(), settings };
        next.remove()?;
        Ok(next)
    }

    /// Removes the index there, which is not in use.
    pub(super) fn remove(&self) -> Result<(), StoreError> {
        let IndexSettings { dir, suspect, .. } = &self.settings;
        for (path, removed) in [(dir, remove_any(dir)), (suspect, fs::remove_file(suspect))] {
            if let Err(error) = removed
                && error.kind() != ErrorKind::NotFound
            {
                return Err(io("remove", path)(error));
            }
        }
        Ok(())
    }

    /// Makes this index the one in use; durably once [`IndexPaths::sync`] has returned.
    pub(super) fn put_in_place(&self) -> Result<(), StoreError> {
        let (now, part) = (self.dir.join("index.now"), self.dir.join("index.now.part"));
        let name = name(&self.settings.dir).unwrap_or(FIRST);
        let written = File::create(&part).and_then(|mut it| it.write_all(name.as_bytes()).and_then(|()| it.sync_all()));
        written.and_then(|()| fs::rename(&part, &now)).map_err(io("write", &now))
    }

    /// Makes the choice of the index durable.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        sync_dir(&self.dir)
    }

    /// Whether something else than a directory is in place of the index.
    pub(super) fn is_no_directory(&self) -> bool {
        let dir = &self.settings.dir;
        dir.symlink_metadata().is_ok() && !dir.is_dir()
    }

    /// Sets the index aside, replacing one set aside before, and makes an empty one.
    pub(super) fn anew(&self) -> Result<Index, StoreError> {
        let mut number = 0;
        for item in fs::read_dir(&self.dir).map_err(io("list", &self.dir))? {
            let path = item.map_err(io("list", &self.dir))?.path();
            let old = name(&path).and_then(|it| it.strip_prefix("index.bad-"));
            if let Some(old) = old.and_then(|it| it.parse::<u64>().ok()) {
                number = number.max(old);
                remove_any(&path).map_err(io("remove", &path))?;
            }
        }
        let bad = self.dir.join(format!("index.bad-{}", number + 1));
        if self.settings.dir.symlink_metadata().is_ok() {
            fs::rename(&self.settings.dir, &bad).map_err(io("set aside", &self.settings.dir))?;
            // If it came back after a power cut, it would hold changes that never existed, under numbers that others
            // have by then.
            if let Err(error) = self.sync() {
                tracing::warn!(error = &error as &dyn std::error::Error, "that the index was set aside is not durable");
            }
        }
        let index = Index::open(&self.settings)?;
        match fs::remove_file(&self.settings.suspect) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(io("remove", &self.settings.suspect)(error))
            }
            _ => Ok(index),
        }
    }
}

/// Removes every index in a state directory, including those set aside, because the ledger there will be another. Each
/// can be rebuilt from its own ledger.
pub(in crate::store) fn remove_all(dir: &Path) -> Result<(), StoreError> {
    for item in fs::read_dir(dir).map_err(io("list", dir))? {
        let path = item.map_err(io("list", dir))?.path();
        let is_of_index = name(&path).is_some_and(|it| {
            let it = it.strip_suffix(SUSPECT).unwrap_or(it);
            number(it).is_some() || it.starts_with("index.now") || it.starts_with("index.bad-")
        });
        if is_of_index {
            remove_any(&path).map_err(io("remove", &path))?;
        }
    }
    sync_dir(dir)
}

/// Removes a directory with all that is in it, or a file that stands in its place.
fn remove_any(path: &Path) -> std::io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == ErrorKind::NotADirectory => fs::remove_file(path),
        res => res,
    }
}

/// The file that marks an index as failed. Each index has its own: a failed new index says nothing of the one in use.
fn suspect(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}{SUSPECT}"))
}

fn name(path: &Path) -> Option<&str> {
    path.file_name().and_then(|it| it.to_str())
}

/// The number of the directory of an index: 1 for the first one.
fn number(name: &str) -> Option<u64> {
    match name.strip_prefix(FIRST)? {
        "" => Some(1),
        rest => rest.strip_prefix('-')?.parse().ok(),
    }
}
