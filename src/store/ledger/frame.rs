//! One frame of the ledger, byte for byte.
//!
//! | offset | bytes | |
//! | --- | --- | --- |
//! | 0 | 4 | magic `ff 53 4c 46`; `ff` never occurs in UTF-8, so that no stored text can imitate a frame |
//! | 4 | 1 | format version |
//! | 5 | 1 | kind, see below |
//! | 6 | 2 | zero |
//! | 8 | 4 | length *n* of the payload |
//! | 12 | 4 | length of the payload once decompressed |
//! | 16 | 8 | sequence number, 1 for the first frame of the first segment, one more for each next |
//! | 24 | 8 | when it was written, milliseconds since 1970; told to people, never used for order |
//! | 32 | 32 | SHA-256 of the whole frame before; zero in the first |
//! | 64 | *n* | payload: zstd |
//! | 64 + *n* | 4 | CRC-32C of everything before |
//!
//! Kinds and the format versions that introduced them: 3 is a commit, of version 1; 2 is a page and 5 a checkpoint, of
//! version 2; 6 is a notice, of version 3. 1 (body) and 4 (tombstone) are reserved.
//!
//! Numbers are little-endian. Every later version keeps magic, version, length and checksum in their places, so that an
//! old reader can tell a newer frame from a damaged one. A sitrepd that writes another kind raises the version, because
//! an old reader must not silently skip a tombstone. Commits are still written as version 1. A checkpoint is not a
//! change: it has the number of the last frame that it replaces and, in place of the hash of the frame before, the hash
//! of that last frame. A notice is in the chain like a commit, but is not a change either: see `notice`.

use std::{
    cell::RefCell,
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    os::unix::fs::FileExt as _,
};

use sha2::{Digest as _, Sha256};
use zstd::bulk::{Compressor, Decompressor};

pub(super) const MAGIC: [u8; 4] = [0xff, b'S', b'L', b'F'];
pub(super) const HEADER: usize = 64;
const TRAILER: usize = 4;
const VERSION: u8 = 3;
const COMMIT: u8 = 3;
const COMMIT_VERSION: u8 = 1;
const PAGE: u8 = 2;
const PAGE_VERSION: u8 = 2;
const CHECKPOINT: u8 = 5;
const CHECKPOINT_VERSION: u8 = 2;
const NOTICE: u8 = 6;
const NOTICE_VERSION: u8 = 3;

/// Maximum bytes of a payload in the file. Checked before anything is allocated.
pub(super) const MAX_STORED: u32 = 32 << 20;
/// Maximum bytes of a decompressed payload.
pub(super) const MAX_PLAIN: u32 = 64 << 20;

/// The newest format version this build reads.
pub(super) const fn newest() -> u8 {
    VERSION
}

/// SHA-256 of a frame.
pub(in crate::store) type Hash = [u8; 32];

/// What is wrong with a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::store) enum Flaw {
    #[error("the file ends within the frame")]
    Short,
    #[error("no frame begins here")]
    Magic,
    #[error("a payload of {0} bytes is over the limit")]
    TooLong(u32),
    #[error("the checksum does not fit")]
    Checksum,
    #[error("frame kind {0} is not known to format version {VERSION}")]
    Kind(u8),
    #[error("format version {0} is newer")]
    Newer(u8),
    #[error("the payload does not decompress: {0}")]
    Payload(String),
}

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Kind {
    /// A change.
    Commit,
    /// A page as received, which is a change too. It has its own kind, so that a search for pages, or for all else,
    /// need not decompress the others.
    Page,
    /// Replaces frames that retention deleted.
    Checkpoint,
    /// What the ledger says of itself.
    Notice,
}

impl Kind {
    fn bytes(self) -> [u8; 4] {
        match self {
            Self::Commit => [COMMIT_VERSION, COMMIT, 0, 0],
            Self::Page => [PAGE_VERSION, PAGE, 0, 0],
            Self::Checkpoint => [CHECKPOINT_VERSION, CHECKPOINT, 0, 0],
            Self::Notice => [NOTICE_VERSION, NOTICE, 0, 0],
        }
    }
}

/// A frame whose checksum is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Frame {
    pub(in crate::store) kind: Kind,
    pub(in crate::store) seq: u64,
    /// Hash of the frame before; in a checkpoint, of the last frame that it stands for.
    pub(in crate::store) before: Hash,
    plain_len: u32,
    bytes: Vec<u8>,
}

/// What one writes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draft<'a> {
    pub(super) kind: Kind,
    pub(super) seq: u64,
    pub(super) before: Hash,
    pub(super) written_ms: i64,
    /// Not yet compressed.
    pub(super) plain: &'a [u8],
}

impl Frame {
    /// Compresses and seals. The caller keeps to the limits.
    pub(super) fn new(draft: Draft<'_>) -> io::Result<Self> {
        let plain_len = u32::try_from(draft.plain.len()).map_err(io::Error::other)?;
        let payload = packed(draft.plain)?;
        let stored_len = u32::try_from(payload.len()).map_err(io::Error::other)?;
        let mut bytes = Vec::with_capacity(HEADER + payload.len() + TRAILER);
        bytes.extend(MAGIC);
        bytes.extend(draft.kind.bytes());
        bytes.extend(stored_len.to_le_bytes());
        bytes.extend(plain_len.to_le_bytes());
        bytes.extend(draft.seq.to_le_bytes());
        bytes.extend(draft.written_ms.to_le_bytes());
        bytes.extend(draft.before);
        bytes.extend(payload);
        bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
        Ok(Self { kind: draft.kind, seq: draft.seq, before: draft.before, plain_len, bytes })
    }

    /// Checks bytes that should be exactly one frame.
    pub(in crate::store) fn check(bytes: Vec<u8>) -> Result<Self, Flaw> {
        let header = Header::read(&bytes)?;
        if bytes.len() != header.frame_len() {
            return Err(Flaw::Short);
        }
        let (covered, crc) = bytes.split_last_chunk::<TRAILER>().ok_or(Flaw::Short)?;
        if crc32c::crc32c(covered) != u32::from_le_bytes(*crc) {
            return Err(Flaw::Checksum);
        }
        let kind = match (header.version, header.kind) {
            (COMMIT_VERSION, COMMIT) => Kind::Commit,
            (PAGE_VERSION, PAGE) => Kind::Page,
            (CHECKPOINT_VERSION, CHECKPOINT) => Kind::Checkpoint,
            (NOTICE_VERSION, NOTICE) => Kind::Notice,
            (..=VERSION, kind) => return Err(Flaw::Kind(kind)),
            (version, _) => return Err(Flaw::Newer(version)),
        };
        Ok(Self { kind, seq: header.seq, before: header.before, plain_len: header.plain_len, bytes })
    }

    /// The frame at `offset`, where it is `len` bytes long and sound.
    pub(super) fn read_whole(file: &File, offset: u64, len: u64) -> Option<Self> {
        let len = usize::try_from(len).ok().filter(|it| *it <= HEADER + MAX_STORED as usize + TRAILER)?;
        let mut bytes = vec![0; len];
        file.read_exact_at(&mut bytes, offset).ok()?;
        Self::check(bytes).ok()
    }

    /// The frame at `offset` of a file that is `size` bytes long.
    pub(super) fn read(file: &mut File, offset: u64, size: u64) -> io::Result<Result<Self, Flaw>> {
        let room = size.saturating_sub(offset);
        if room < (HEADER + TRAILER) as u64 {
            return Ok(Err(Flaw::Short));
        }
        let mut bytes = vec![0; HEADER];
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut bytes)?;
        let header = match Header::read(&bytes) {
            Ok(header) => header,
            Err(flaw) => return Ok(Err(flaw)),
        };
        if header.frame_len() as u64 > room {
            return Ok(Err(Flaw::Short));
        }
        bytes.resize(header.frame_len(), 0);
        file.read_exact(bytes.get_mut(HEADER..).unwrap_or_default())?;
        Ok(Self::check(bytes))
    }

    /// Length of the payload as stored.
    pub(super) fn stored_len(&self) -> usize {
        self.bytes.len() - HEADER - TRAILER
    }

    /// The whole frame as it stands in the file.
    pub(in crate::store) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// When it was written, in milliseconds since 1970.
    pub(in crate::store) fn written_ms(&self) -> i64 {
        const AT: usize = 24;
        self.bytes.get(AT..).and_then(|it| it.first_chunk()).map_or(0, |it| i64::from_le_bytes(*it))
    }

    /// By which the next frame names this one.
    pub(in crate::store) fn hash(&self) -> Hash {
        Sha256::digest(&self.bytes).into()
    }

    /// The payload, decompressed.
    pub(in crate::store) fn plain(&self) -> Result<Vec<u8>, Flaw> {
        if self.plain_len > MAX_PLAIN {
            return Err(Flaw::TooLong(self.plain_len));
        }
        let payload = self.bytes.get(HEADER..self.bytes.len() - TRAILER).ok_or(Flaw::Short)?;
        let plain = unpacked(payload, self.plain_len as usize).map_err(|it| Flaw::Payload(it.to_string()))?;
        match plain.len() == self.plain_len as usize {
            true => Ok(plain),
            false => Err(Flaw::Payload(format!("{} bytes instead of {}", plain.len(), self.plain_len))),
        }
    }
}

thread_local! {
    // Making a compressor takes longer than compressing an article with it.
    static PACKING: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKING: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

fn packed(plain: &[u8]) -> io::Result<Vec<u8>> {
    PACKING.with_borrow_mut(|held| match held {
        Some(it) => it.compress(plain),
        None => held.insert(Compressor::new(zstd::DEFAULT_COMPRESSION_LEVEL)?).compress(plain),
    })
}

fn unpacked(payload: &[u8], plain_len: usize) -> io::Result<Vec<u8>> {
    UNPACKING.with_borrow_mut(|held| match held {
        Some(it) => it.decompress(payload, plain_len),
        None => held.insert(Decompressor::new()?).decompress(payload, plain_len),
    })
}

/// The first [`HEADER`] bytes of a frame.
#[derive(Debug)]
struct Header {
    version: u8,
    kind: u8,
    stored_len: u32,
    plain_len: u32,
    seq: u64,
    before: Hash,
}

impl Header {
    fn read(mut bytes: &[u8]) -> Result<Self, Flaw> {
        if take(&mut bytes)? != MAGIC {
            return Err(Flaw::Magic);
        }
        let [version, kind, _, _] = take(&mut bytes)?;
        let stored_len = u32::from_le_bytes(take(&mut bytes)?);
        if stored_len > MAX_STORED {
            return Err(Flaw::TooLong(stored_len));
        }
        let plain_len = u32::from_le_bytes(take(&mut bytes)?);
        let seq = u64::from_le_bytes(take(&mut bytes)?);
        let _written_ms: [u8; 8] = take(&mut bytes)?;
        let before = take(&mut bytes)?;
        Ok(Self { version, kind, stored_len, plain_len, seq, before })
    }

    fn frame_len(&self) -> usize {
        HEADER + self.stored_len as usize + TRAILER
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Flaw> {
    let (head, rest) = bytes.split_first_chunk().ok_or(Flaw::Short)?;
    *bytes = rest;
    Ok(*head)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(plain: &[u8]) -> Frame {
        Frame::new(Draft { kind: Kind::Commit, seq: 7, before: [3; 32], written_ms: 1_795_305_600_000, plain }).unwrap()
    }

    /// Seals bytes again after a change.
    fn reseal(mut bytes: Vec<u8>) -> Vec<u8> {
        bytes.truncate(bytes.len() - TRAILER);
        let crc = crc32c::crc32c(&bytes).to_le_bytes();
        bytes.extend(crc);
        bytes
    }

    #[test]
    fn reads_what_it_wrote() {
        let frame = frame(b"some payload");
        let read = Frame::check(frame.bytes().to_vec()).unwrap();
        assert_eq!(read, frame);
        assert_eq!((read.seq, read.before, read.plain().unwrap()), (7, [3; 32], b"some payload".to_vec()));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let good = frame(b"some payload").bytes().to_vec();
        for bit in 0..good.len() * 8 {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let flaw = Frame::check(bytes).unwrap_err();
            assert!(!matches!(flaw, Flaw::Newer(_) | Flaw::Kind(_)), "bit {bit}: {flaw}");
        }
        for len in 0..good.len() {
            Frame::check(good[..len].to_vec()).unwrap_err();
        }
    }

    #[test]
    fn a_newer_version_is_told_from_damage() {
        let mut bytes = frame(b"x").bytes().to_vec();
        bytes[4] = 9;
        assert_eq!(Frame::check(reseal(bytes)), Err(Flaw::Newer(9)));
        let mut bytes = frame(b"x").bytes().to_vec();
        bytes[5] = 4;
        assert_eq!(Frame::check(reseal(bytes)), Err(Flaw::Kind(4)));
    }

    #[test]
    fn a_length_over_the_limit_is_refused_before_it_is_allocated() {
        let mut bytes = frame(b"x").bytes().to_vec();
        bytes[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(Frame::check(bytes), Err(Flaw::TooLong(u32::MAX)));
    }

    #[test]
    fn a_payload_that_claims_another_size_is_refused() {
        let bytes = frame(&vec![0; 1 << 20]).bytes().to_vec();
        for claim in [10_u32, (1 << 20) + 1, MAX_PLAIN + 1] {
            let mut bytes = bytes.clone();
            bytes[12..16].copy_from_slice(&claim.to_le_bytes());
            let frame = Frame::check(reseal(bytes)).unwrap();
            assert!(matches!(frame.plain(), Err(Flaw::Payload(_) | Flaw::TooLong(_))), "claim {claim}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut framed = MAGIC.to_vec();
            framed.extend(&bytes);
            let _ = Frame::check(bytes);
            let _ = Frame::check(framed);
        }
    }

    #[test]
    fn any_bytes_are_a_frame_or_flawed() {
        let sound = frame(&b"some payload ".repeat(20)).bytes().to_vec();
        let cases = bolero::check!().with_iterations(2_000).with_type::<(u16, u8, Vec<u8>, bool)>();
        cases.for_each(|(at, cut, insert, sealed)| {
            let mut bytes = sound.clone();
            let at = usize::from(*at) % bytes.len();
            let end = (at + usize::from(*cut)).min(bytes.len());
            bytes.splice(at..end, insert.iter().copied());
            let is_changed = bytes != sound;
            if *sealed && bytes.len() > TRAILER {
                bytes = reseal(bytes);
            }
            match Frame::check(bytes) {
                // A checksum that fits says that it was written so; what it holds may still be no text of ours.
                Ok(read) => drop(read.plain()),
                Err(_) => assert!(is_changed),
            }
        });
    }
}
