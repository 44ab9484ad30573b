//! The files of the ledger: `00000001-2026-11-22.ledger`.
//!
//! The number comes first and alone determines the order, so that a clock that jumps back changes nothing. The date is
//! for people, and for retention by day. `00000041-2026-11-22.kept` replaces all segments up to that number with what
//! retention left of them (see `kept`). Once it is renamed into place, they no longer count.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use chrono::NaiveDate;

use crate::store::{StoreError, io};

pub(super) const EXTENSION: &str = "ledger";
const KEPT: &str = "kept";
/// The end of the name of a file that is still being written.
pub(super) const PART: &str = "part";
/// Maximum files held open for reading: a digest reads some thousand records of a day or two in turn.
const MAX_OPEN: usize = 4;

/// The segments of a ledger by number.
#[derive(Debug)]
pub(super) struct Segments {
    dir: PathBuf,
    files: RwLock<BTreeMap<u32, PathBuf>>,
    /// The number up to which a file that retention left replaces the segments; 0 if there is none.
    base: u32,
    /// Segments that it replaces but that still exist, and files that were never finished.
    superseded: Vec<PathBuf>,
    /// Files that are open for reading, the one opened last at the end.
    open: Mutex<Vec<(u32, Arc<File>)>>,
}

impl Segments {
    /// Lists the directory, and makes it if it is missing.
    pub(super) fn open(dir: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(dir).map_err(io("create", dir))?;
        let (mut files, mut kept, mut superseded) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for item in fs::read_dir(dir).map_err(io("list", dir))? {
            let path = item.map_err(io("list", dir))?.path();
            if let Some((number, _)) = parse_name(&path) {
                files.insert(number, path);
            } else if let Some((number, _)) = parse(&path, KEPT) {
                kept.insert(number, path);
            } else if path.extension().is_some_and(|it| it == PART) {
                superseded.push(path);
            }
        }
        sync_dir(dir)?;
        let Some((base, newest)) = kept.pop_last() else {
            return Ok(Self {
                dir: dir.to_owned(),
                files: RwLock::new(files),
                base: 0,
                superseded,
                open: Mutex::default(),
            });
        };
        let after = base.checked_add(1).map(|it| files.split_off(&it)).unwrap_or_default();
        superseded.extend(files.into_values().chain(kept.into_values()));
        let files = after.into_iter().chain([(base, newest)]).collect();
        Ok(Self { dir: dir.to_owned(), files: RwLock::new(files), base, superseded, open: Mutex::default() })
    }

    /// These segments with `file` in place of those up to `base`.
    pub(super) fn replaced(&self, base: u32, file: PathBuf) -> Self {
        let files = self.from(base.saturating_add(1)).into_iter().chain([(base, file)]).collect();
        let superseded = self.from(0).into_iter().filter(|(number, _)| *number <= base).map(|it| it.1).collect();
        Self { dir: self.dir.clone(), files: RwLock::new(files), base, superseded, open: Mutex::default() }
    }

    /// Adds the segments that `other` has made since.
    pub(super) fn catch_up(&self, other: &Self) {
        let newer = other.from(self.base.saturating_add(1));
        self.files.write().unwrap_or_else(PoisonError::into_inner).extend(newer);
    }

    /// Puts the file that replaces the oldest segments in place, durably: from here on they no longer count.
    pub(super) fn put_in_place(&self) -> Result<(), StoreError> {
        let part = self.path(self.base);
        let file = part.with_extension("");
        fs::rename(&part, &file).map_err(io("rename", &part))?;
        sync_dir(&self.dir)?;
        self.files.write().unwrap_or_else(PoisonError::into_inner).insert(self.base, file);
        Ok(())
    }

    /// The name of such a file until it is in place.
    pub(super) fn part(&self, base: u32) -> PathBuf {
        let day = parse_name(&self.path(base)).map(|(_, day)| day).unwrap_or_default();
        self.dir.join(format!("{base:08}-{day}.{KEPT}.{PART}"))
    }

    /// The number up to which a file that retention left replaces the segments; 0 if there is none.
    pub(super) fn base(&self) -> u32 {
        self.base
    }

    /// Files that count no more.
    pub(super) fn superseded(&self) -> &[PathBuf] {
        &self.superseded
    }

    /// The number of the newest segment that, like all before it, was begun and ended before a day; never that of the
    /// last segment.
    pub(super) fn last_before(&self, day: NaiveDate, today: NaiveDate) -> Option<u32> {
        let files = self.from(self.base.saturating_add(1));
        let days: Vec<_> = files.iter().map(|(number, path)| (*number, parse_name(path).map(|it| it.1))).collect();
        last_old(&days, day, today)
    }

    /// How many segments are absent, by their numbers: none is left out from the first, or from the file that retention
    /// left, to the last.
    pub(super) fn absent(&self) -> u64 {
        let there = self.from(self.base.saturating_add(1));
        let last = there.last().map_or(self.base, |it| it.0);
        u64::from(last.saturating_sub(self.base)).saturating_sub(there.len() as u64)
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

    /// The file of a segment, also if another process has begun it since. If there is none, the name that it would have
    /// by its number.
    pub(super) fn path(&self, number: u32) -> PathBuf {
        let known = self.files.read().unwrap_or_else(PoisonError::into_inner).get(&number).cloned();
        let known = known.or_else(|| {
            self.look_for_newer(number);
            self.files.read().unwrap_or_else(PoisonError::into_inner).get(&number).cloned()
        });
        known.unwrap_or_else(|| self.dir.join(format!("{number:08}-.{EXTENSION}")))
    }

    /// Adds segments that another process has begun since, if `number` may be among them.
    fn look_for_newer(&self, number: u32) {
        let last = self.last().map_or(0, |it| it.0);
        if number > last
            && let Ok(items) = fs::read_dir(&self.dir)
        {
            let paths = items.filter_map(|it| Some(it.ok()?.path()));
            let newer = paths.filter_map(|it| Some((parse_name(&it)?.0, it))).filter(|it| it.0 > last);
            self.files.write().unwrap_or_else(PoisonError::into_inner).extend(newer);
        }
    }

    /// Opens a segment for reading, or returns the open one.
    pub(super) fn open_file(&self, number: u32) -> Result<Arc<File>, StoreError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, file)) = open.iter().find(|it| it.0 == number) {
            return Ok(Arc::clone(file));
        }
        let path = self.path(number);
        let file = Arc::new(File::open(&path).map_err(io("open", &path))?);
        if open.len() == MAX_OPEN {
            open.remove(0);
        }
        open.push((number, Arc::clone(&file)));
        Ok(file)
    }

    /// Closes the files open for reading.
    pub(super) fn close_files(&self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clear();
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

/// The number of the newest of these segments that, like all before it, was begun before `day`; never that of the last.
/// A segment dated after today was begun while the clock was ahead: it counts with the date of the next segment that is
/// not, unless the clock seems to have been wrong there too. In doubt a segment is kept.
fn last_old(segments: &[(u32, Option<NaiveDate>)], day: NaiveDate, today: NaiveDate) -> Option<u32> {
    let (mut last, mut newest) = (None, None);
    for (at, (number, own)) in segments.iter().enumerate().take(segments.len().saturating_sub(1)) {
        let later = segments.get(at..).unwrap_or_default().iter().map(|it| it.1);
        let counts = if own.is_some() { later.flatten().find(|it| *it <= today) } else { None };
        let is_ahead = counts != *own;
        if !counts.is_some_and(|it| it < day && (!is_ahead || newest.is_none_or(|newest| it >= newest))) {
            break;
        }
        (last, newest) = (Some(*number), newest.max(counts));
    }
    last
}

/// Number and date of a segment file.
pub(super) fn parse_name(path: &Path) -> Option<(u32, NaiveDate)> {
    parse(path, EXTENSION)
}

/// The number of any file of a ledger.
pub(in crate::store) fn number(path: &Path) -> Option<u32> {
    parse(path, EXTENSION).or_else(|| parse(path, KEPT)).map(|(number, _)| number)
}

fn parse(path: &Path, extension: &str) -> Option<(u32, NaiveDate)> {
    let name = path.file_name()?.to_str()?.strip_suffix(extension)?.strip_suffix('.')?;
    let (number, day) = name.split_once('-')?;
    Some((number.parse().ok()?, day.parse().ok()?))
}

/// Syncs a directory: a new file survives a power cut only if its directory was synced.
pub(in crate::store) fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    File::open(dir).and_then(|it| it.sync_all()).map_err(io("sync", dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found in a review: one jump of the clock, and nothing was given up until that day had come.
    #[test]
    fn a_date_that_is_to_come_holds_nothing_up() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (dates, expected) in [
            (vec!["2026-01-01", "2026-01-02", "2026-06-01", "2026-06-02"], Some(2)),
            (vec!["2026-01-01", "2038-01-19", "2026-01-02", "2026-06-01", "2026-06-02"], Some(3)),
            (vec!["2038-01-19", "2038-01-20", "2026-01-02", "2026-06-01"], Some(3)),
            (vec!["2026-01-01", "2038-01-19", "2026-05-02", "2026-06-01"], Some(1)),
            (vec!["2026-01-01", "2026-05-30", "1970-01-01", "2026-06-01"], Some(1)),
            (vec!["2026-01-01", "2038-01-19", "1970-01-01", "2026-06-01"], Some(1)),
            (vec!["2026-01-01", "2038-01-19"], Some(1)),
            (vec!["2026-01-01"], None),
            (vec!["2026-05-01", "2026-01-01"], None),
        ] {
            let segments: Vec<_> = (1..).zip(dates.iter().map(|it| Some(date(it)))).collect();
            assert_eq!(last_old(&segments, date("2026-04-01"), date("2026-06-03")), expected, "{dates:?}");
        }
    }

    #[test]
    fn names() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        assert_eq!(parse_name(Path::new("x/00000012-2026-11-22.ledger")), Some((12, day)));
        for other in ["00000012-2026-11-22.ledger.bak", "00000012.ledger", "x-2026-11-22.ledger", "lock", ".ledger"] {
            assert_eq!(parse_name(Path::new(other)), None, "{other}");
        }
    }
}
