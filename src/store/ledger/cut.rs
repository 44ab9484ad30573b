//! Sets aside bytes before they are cut from the end of the ledger: the rest of an unfinished write, or what damage
//! left of changes.
//!
//! `cut-00000163-1.bytes` was in place of the change with that number. The last few such files are kept, large ones
//! truncated. Only people read them.

use std::{
    fs::{self, File},
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use super::{Damage, segment::sync_dir};
use crate::store::{StoreError, io};

/// Maximum bytes set aside of one cut.
const MAX_BYTES: u64 = 16 << 20;
/// Files that are kept.
const MAX_FILES: usize = 8;

/// Sets aside, durably and beside the segment, bytes that will be cut. `seq` is the number that the first change in
/// them should have. `None` if they are all zeros.
pub(in crate::store) fn set_aside(torn: &Damage, seq: u64) -> Result<Option<PathBuf>, StoreError> {
    let Damage { path, offset, bytes, .. } = torn;
    let mut cut = Vec::new();
    let mut file = File::open(path).map_err(io("open", path))?;
    file.seek(SeekFrom::Start(*offset)).map_err(io("read", path))?;
    file.take((*bytes).min(MAX_BYTES)).read_to_end(&mut cut).map_err(io("read", path))?;
    if cut.iter().all(|it| *it == 0) {
        return Ok(None);
    }
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut held = held(dir)?;
    let number = held.iter().filter(|it| it.0 == seq).map(|it| it.1).max().unwrap_or(0) + 1;
    let to = dir.join(format!("cut-{seq:08}-{number}.bytes"));
    fs::write(&to, &cut).and_then(|()| File::open(&to)?.sync_all()).map_err(io("write", &to))?;
    held.push((seq, number, to.clone()));
    held.sort();
    for (.., old) in held.iter().rev().skip(MAX_FILES) {
        fs::remove_file(old).map_err(io("remove", old))?;
    }
    sync_dir(dir)?;
    Ok(Some(to))
}

/// The files that are there, by their numbers.
fn held(dir: &Path) -> Result<Vec<(u64, u32, PathBuf)>, StoreError> {
    let mut res = Vec::new();
    for item in fs::read_dir(dir).map_err(io("list", dir))? {
        let path = item.map_err(io("list", dir))?.path();
        res.extend(numbers(&path).map(|(seq, number)| (seq, number, path)));
    }
    Ok(res)
}

fn numbers(path: &Path) -> Option<(u64, u32)> {
    let name = path.file_name()?.to_str()?.strip_prefix("cut-")?.strip_suffix(".bytes")?;
    let (seq, number) = name.split_once('-')?;
    Some((seq.parse().ok()?, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_few_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("00000001-2026-11-22.ledger");
        fs::write(&path, b"whole torn").unwrap();
        let torn = |offset, bytes| Damage { path: path.clone(), offset, bytes, reason: String::new() };
        for seq in [9, 9, 10, 11, 12, 13, 14, 15, 16, 17] {
            set_aside(&torn(6, 4), seq).unwrap().unwrap();
        }
        let mut left = held(dir.path()).unwrap();
        left.sort();
        let numbers = left.iter().map(|it| (it.0, it.1)).collect::<Vec<_>>();
        assert_eq!(numbers, (10..=17).map(|it| (it, 1)).collect::<Vec<_>>());
        assert_eq!(fs::read(&left[0].2).unwrap(), b"torn");
        fs::write(&path, [0; 100]).unwrap();
        assert_eq!(set_aside(&torn(6, 94), 18).unwrap(), None);
    }
}
