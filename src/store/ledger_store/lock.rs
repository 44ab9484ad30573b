//! The lock that keeps a store open for one process at a time. The system releases it when the process ends.

use std::{
    fs::{File, TryLockError},
    path::Path,
    time::Duration,
};

use crate::store::{StoreError, io};

/// Number of attempts, over one second, to lock a store that other processes only check.
const LOOKS: u32 = 100;

/// Locks the store until the returned file is dropped.
///
/// # Errors
///
/// [`StoreError::Locked`] where another has it.
pub(in crate::store) fn lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io("create", &path))?;
    for attempt in 1.. {
        match file.try_lock() {
            Ok(()) => break,
            // A process that only checks the store shares the lock for a moment; a process that has the store open does
            // not.
            Err(TryLockError::WouldBlock) if attempt < LOOKS && look(dir).is_some() => {
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(TryLockError::WouldBlock) => return Err(StoreError::Locked { dir: dir.to_owned() }),
            Err(TryLockError::Error(error)) => return Err(io("lock", &path)(error)),
        }
    }
    Ok(file)
}

/// Whether nobody has the store open, as far as that can be told.
pub(in crate::store) fn is_free(dir: &Path) -> bool {
    look(dir).is_some()
}

/// A share of the lock of a store that nobody has open. Hold it only for a moment.
pub(super) fn look(dir: &Path) -> Option<File> {
    let file = File::open(dir.join("lock")).ok()?;
    file.try_lock_shared().is_ok().then_some(file)
}
