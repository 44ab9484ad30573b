//! Small files beside ledger and index, which are replaced as a whole: a crash leaves either the old or the new
//! content.

use std::{
    fs::{self, File, Metadata},
    os::unix::fs::{MetadataExt as _, fchown},
    path::Path,
};

use super::{StoreError, io as failed, ledger::sync_dir};

/// Lets those access a copy who may access the original, as far as the file system and the process's rights allow.
pub(super) fn share_access(copy: &File, original: &Metadata) {
    let _ = fchown(copy, Some(original.uid()), Some(original.gid()));
    let _ = copy.set_permissions(original.permissions());
}

/// Replaces the content of a file, durably.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    fs::write(part, bytes).and_then(|()| File::open(part)?.sync_all()).map_err(failed("write", part))?;
    fs::rename(part, path).map_err(failed("write", path))?;
    path.parent().map_or(Ok(()), sync_dir)
}
