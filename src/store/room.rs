//! Room on the disk. A full disk loses nothing, but nothing more can be stored and other programs suffer; so collecting
//! stops while there is little room.

use std::path::Path;

use super::{StoreError, io};

/// The room to be left free on the archive's disk: the larger of the two.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reserve {
    /// In bytes.
    pub bytes: u64,
    /// As a share of the disk, 0 to 1.
    pub share: f64,
}

/// How much room a disk has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes that this user may still write.
    pub free: u64,
    /// Bytes of the whole disk.
    pub total: u64,
}

impl Room {
    /// The room on the disk that holds a directory.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] where the system does not say.
    pub fn of(dir: &Path) -> Result<Self, StoreError> {
        let found = rustix::fs::statvfs(dir).map_err(|it| io("measure", dir)(it.into()))?;
        Ok(Self {
            free: found.f_bavail.saturating_mul(found.f_frsize),
            total: found.f_blocks.saturating_mul(found.f_frsize),
        })
    }

    /// Bytes missing from a reserve; 0 if there is enough room.
    pub fn missing(self, reserve: Reserve) -> u64 {
        self.missing_beside(reserve, 0)
    }

    /// Bytes missing to write `bytes` and leave the reserve; 0 if there is enough room.
    pub fn missing_beside(self, reserve: Reserve, bytes: u64) -> u64 {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a disk, roughly"
        )]
        let share = (self.total as f64 * reserve.share.clamp(0.0, 1.0)) as u64;
        reserve.bytes.max(share).saturating_add(bytes).saturating_sub(self.free)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_reserve_counts() {
        let reserve = Reserve { bytes: 1_000, share: 0.05 };
        let missing = |free, total| Room { free, total }.missing(reserve);
        assert_eq!((missing(1_000, 10_000), missing(999, 10_000)), (0, 1));
        assert_eq!((missing(5_000, 100_000), missing(4_000, 100_000)), (0, 1_000));
        assert_eq!(Room { free: 0, total: 9 }.missing(Reserve { bytes: 0, share: 0.0 }), 0);
        // What is to be written comes on top, of whichever counts.
        let beside = |free, total, bytes| Room { free, total }.missing_beside(reserve, bytes);
        assert_eq!((beside(1_500, 10_000, 500), beside(1_500, 10_000, 501)), (0, 1));
        assert_eq!((beside(5_500, 100_000, 500), beside(5_499, 100_000, 500)), (0, 1));
        assert_eq!(beside(9, 9, u64::MAX), u64::MAX - 9);
    }

    #[test]
    fn a_disk_is_measured() {
        let room = Room::of(&std::env::temp_dir()).unwrap();
        assert!(room.total >= room.free && room.total > 0, "{room:?}");
        assert!(matches!(Room::of(Path::new("/none")), Err(StoreError::Io { .. })));
    }
}
