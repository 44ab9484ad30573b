//! The files of the ledger: `00000001-2026-11-22.ledger`.
//!
//! The number comes first and alone gives the order, so that a clock that jumps back puts nothing out of
//! order. The date is for people and for retention by day.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
};

use chrono::NaiveDate;

use crate::store::{StoreError, io};

const EXTENSION: &str = "ledger";

/// The segments of a ledger by number.
#[derive(Debug)]
pub(super) struct Segments {
    dir: PathBuf,
    files: RwLock<BTreeMap<u32, PathBuf>>,
}

impl Segments {
    /// Lists the directory, which is made where it is missing.
    pub(super) fn open(dir: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(dir).map_err(io("create", dir))?;
        let mut files = BTreeMap::new();
        for item in fs::read_dir(dir).map_err(io("list", dir))? {
            let path = item.map_err(io("list", dir))?.path();
            if let Some((number, _)) = parse_name(&path) {
                files.insert(number, path);
            }
        }
        sync_dir(dir)?;
        Ok(Self { dir: dir.to_owned(), files: RwLock::new(files) })
    }

    /// Where the segments are.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The segments from `first` on, in order.
    pub(super) fn from(&self, first: u32) -> Vec<(u32, PathBuf)> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        files.range(first..).map(|(number, path)| (*number, path.clone())).collect()
    }

    /// The newest segment.
    pub(super) fn last(&self) -> Option<(u32, PathBuf)> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        files.last_key_value().map(|(number, path)| (*number, path.clone()))
    }

    /// The file of a segment; where there is none, the name it would have had by its number.
    pub(super) fn path(&self, number: u32) -> PathBuf {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        files.get(&number).cloned().unwrap_or_else(|| self.dir.join(format!("{number:08}-.{EXTENSION}")))
    }

    /// Makes the next segment, durably.
    pub(super) fn create(&self, number: u32, day: NaiveDate) -> Result<(File, PathBuf), StoreError> {
        let path = self.dir.join(format!("{number:08}-{day}.{EXTENSION}"));
        let file = OpenOptions::new().create_new(true).append(true).open(&path).map_err(io("create", &path))?;
        sync_dir(&self.dir)?;
        self.files.write().unwrap_or_else(PoisonError::into_inner).insert(number, path.clone());
        Ok((file, path))
    }

    /// Size of all in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.from(0).iter().filter_map(|(_, path)| fs::metadata(path).ok()).map(|it| it.len()).sum()
    }
}

/// Number and date of a segment file.
pub(super) fn parse_name(path: &Path) -> Option<(u32, NaiveDate)> {
    let name = path.file_name()?.to_str()?.strip_suffix(EXTENSION)?.strip_suffix('.')?;
    let (number, day) = name.split_once('-')?;
    Some((number.parse().ok()?, day.parse().ok()?))
}

/// A new file is there after a power cut only if its directory was synced.
pub(in crate::store) fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    File::open(dir).and_then(|it| it.sync_all()).map_err(io("sync", dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        assert_eq!(parse_name(Path::new("x/00000012-2026-11-22.ledger")), Some((12, day)));
        for other in ["00000012-2026-11-22.ledger.bak", "00000012.ledger", "x-2026-11-22.ledger", "lock", ".ledger"] {
            assert_eq!(parse_name(Path::new(other)), None, "{other}");
        }
    }
}
