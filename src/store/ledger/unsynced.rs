//! Handles segments whose `fsync` failed. What the system's cache holds of such a segment may never have reached the
//! disk, and a later `fsync` may report success (Rebello et al., "Can Applications Recover from fsync Failures?",
//! USENIX ATC 2020). So before anybody builds on what is read from it, the segment is rewritten.
//!
//! A mark beside it, `00000003-2026-11-24.ledger.unsynced`, says so. The mark need not be durable: after a power cut,
//! what is read is what is on the disk.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::segment::{EXTENSION, PART, sync_dir};
use crate::store::{StoreError, io as failed};

const UNSYNCED: &str = "unsynced";

/// Leaves the mark beside a segment.
pub(super) fn mark(segment: &Path) {
    let path = with_suffix(segment, UNSYNCED);
    if let Err(error) = File::create(&path) {
        tracing::error!(path = %path.display(), %error, "cannot mark the file for being written anew");
    }
}

/// Rewrites the marked segments as they are read now, and removes the marks. Returns how many.
pub(in crate::store) fn write_anew(dir: &Path) -> Result<u64, StoreError> {
    let items = match fs::read_dir(dir) {
        Ok(items) => items,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(failed("list", dir)(error)),
    };
    let mut written = 0;
    for item in items {
        let mark = item.map_err(failed("list", dir))?.path();
        let segment = mark.with_extension("");
        if mark.extension().is_none_or(|it| it != UNSYNCED) || segment.extension().is_none_or(|it| it != EXTENSION) {
            continue;
        }
        if segment.exists() {
            let part = with_suffix(&segment, PART);
            copy(&segment, &part).map_err(failed("write anew", &segment))?;
            fs::rename(&part, &segment).map_err(failed("write anew", &segment))?;
            sync_dir(dir)?;
            tracing::warn!(path = %segment.display(), "written anew, since it could not be synced while it was last in use");
            written += 1;
        }
        fs::remove_file(&mark).map_err(failed("remove", &mark))?;
        sync_dir(dir)?;
    }
    Ok(written)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut target = File::create(to)?;
    io::copy(&mut File::open(from)?, &mut target)?;
    target.flush()?;
    target.sync_all()
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut res = path.as_os_str().to_owned();
    res.push(".");
    res.push(suffix);
    res.into()
}
