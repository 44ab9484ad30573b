//! Small files beside ledger and index, which are replaced as a whole: a crash leaves either the old or the new
//! content.

use std::{
    fs::{self, File},
    path::Path,
};

use super::{StoreError, io as failed, ledger::sync_dir};

/// Replaces the content of a file, durably.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    fs::write(part, bytes).and_then(|()| File::open(part)?.sync_all()).map_err(failed("write", part))?;
    fs::rename(part, path).map_err(failed("write", path))?;
    path.parent().map_or(Ok(()), sync_dir)
}
