//! The number of the last change that was acknowledged, in a small file beside ledger and index.
//!
//! A ledger whose end is missing looks like one whose last write was never finished. This number tells them apart: it
//! is written after the `fdatasync` of the ledger and not synced itself, so that it may be lower than what was
//! acknowledged, but never higher.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use super::{StoreError, io as failed, small_file};
use crate::text::error_chain;

/// In the state directory, and in a backup.
const NAME: &str = "acknowledged";

/// The file, open to be written.
#[derive(Debug)]
pub(super) struct Acknowledged {
    file: File,
    path: PathBuf,
}

impl Acknowledged {
    /// Opens the file in the state directory. If it is missing, damaged or not writable (because it belongs to another
    /// user, say), it is made anew, durably and with this number. `None` if that fails, which is only logged: the store
    /// works without it.
    pub(super) fn open(dir: &Path, seq: u64) -> Option<Self> {
        let path = dir.join(NAME);
        let made = if is_sound(dir) { Ok(()) } else { write(dir, seq) };
        let open = || OpenOptions::new().write(true).open(&path).map_err(failed("open", &path));
        let anew = |error| match read(dir) {
            Ok(Some(noted)) => write(dir, noted).and_then(|()| open()),
            _ => Err(error),
        };
        match made.and_then(|()| open().or_else(anew)) {
            Ok(file) => Some(Self { file, path }),
            Err(error) => {
                warn(
                    &error,
                    "what is acknowledged is not noted: a ledger whose end is gone will look like an unfinished write",
                );
                None
            }
        }
    }

    /// Notes that everything up to a change is acknowledged. If that fails, it is logged and nothing more is noted. The
    /// changes are safe, but a backup must not take an old note for the current one.
    pub(super) fn note(&self, seq: u64) {
        if let Err(error) = self.file.write_all_at(line(seq).as_bytes(), 0) {
            tracing::warn!(path = %self.path.display(), %error, "cannot note what is acknowledged");
            if let Err(error) = fs::remove_file(&self.path) {
                tracing::warn!(path = %self.path.display(), %error, "cannot remove the old note of what is acknowledged");
            }
        }
    }
}

/// The number in a directory's file; `None` if there is no file, as in archives from before it existed. A damaged file
/// counts as 0, which says nothing.
pub(super) fn read(dir: &Path) -> Result<Option<u64>, StoreError> {
    let path = dir.join(NAME);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(parsed(&bytes).unwrap_or(0))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", &path)(error)),
    }
}

/// The number in a directory's file. A file that cannot be read is logged and counts as absent.
pub(super) fn noted(dir: &Path) -> Option<u64> {
    read(dir).unwrap_or_else(|error| {
        warn(&error, "what was acknowledged cannot be told: a ledger whose end is gone looks like an unfinished write");
        None
    })
}

fn warn(error: &StoreError, what: &str) {
    tracing::warn!(error = error_chain(error), "{what}");
}

/// Whether there is a file with a valid number.
pub(super) fn is_sound(dir: &Path) -> bool {
    fs::read(dir.join(NAME)).is_ok_and(|it| parsed(&it).is_some())
}

/// Makes the file say this number, durably.
pub(super) fn write(dir: &Path, seq: u64) -> Result<(), StoreError> {
    small_file::replace(&dir.join(NAME), line(seq).as_bytes())
}

/// The number for people, always of one length, with the CRC-32C of it.
fn line(seq: u64) -> String {
    let number = format!("{seq:020}");
    format!("{number} {:08x}\n", crc32c::crc32c(number.as_bytes()))
}

fn parsed(bytes: &[u8]) -> Option<u64> {
    let seq = str::from_utf8(bytes).ok()?.split_once(' ')?.0.parse().ok()?;
    (bytes == line(seq).as_bytes()).then_some(seq)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found in a review: a note that could not be written was left as it was, and a backup ended there.
    #[test]
    fn an_old_note_is_not_left_where_it_cannot_be_written() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), 7).unwrap();
        // Open to be read only: what is written fails.
        let path = dir.path().join(NAME);
        let file = Acknowledged { file: File::open(&path).unwrap(), path };
        file.note(12);
        assert_eq!(read(dir.path()).unwrap(), None);
    }

    #[test]
    fn says_what_was_noted_and_nothing_where_it_is_damaged() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()).unwrap(), None);
        let file = Acknowledged::open(dir.path(), 7).unwrap();
        assert_eq!(read(dir.path()).unwrap(), Some(7));
        file.note(u64::MAX);
        assert_eq!(read(dir.path()).unwrap(), Some(u64::MAX));
        file.note(12);
        drop(Acknowledged::open(dir.path(), 3).unwrap());
        assert_eq!(read(dir.path()).unwrap(), Some(12));
        for (at, byte) in [(18, b'3'), (25, b'x')] {
            let mut bytes = line(12).into_bytes();
            bytes[at] = byte;
            fs::write(dir.path().join(NAME), bytes).unwrap();
            assert_eq!(read(dir.path()).unwrap(), Some(0));
        }
        for bytes in ["", "a long line that nobody wrote, and more of it"] {
            fs::write(dir.path().join(NAME), bytes).unwrap();
            assert_eq!(read(dir.path()).unwrap(), Some(0));
            Acknowledged::open(dir.path(), 20).unwrap().note(21);
            assert_eq!(read(dir.path()).unwrap(), Some(21));
        }
    }
}
