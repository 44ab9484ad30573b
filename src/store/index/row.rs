//! The values of the index: a version byte, postcard, and a CRC-32C over the key and both.
//!
//! The index is rebuilt when its version changes, so only one version is ever read. The one exception is the index's
//! position.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    model::PageState,
    store::{
        Counts,
        ledger::{Position, Tail},
        record::Time,
    },
};

/// Version of the index's keys and values. Raise it when `key.rs`, `row.rs` or `effects.rs` change: the index is then
/// rebuilt from the ledger. Not needed for rows that only a new kind of change writes, nor for rows that only add
/// detail (missing records, places of issues). Needed where an older sitrepd must not continue with this index: 7 made
/// it meet the ledger's notices and refuse. 8 has the articles beside each address.
pub(super) const VERSION: u8 = 8;

/// sled puts larger values into files of their own, which it never syncs and never gives back.
pub(super) const MAX_BYTES: usize = 4096;

/// Maximum bytes of a text that a row holds; a longer text is read from the ledger.
const MAX_TEXT_BYTES: usize = 1024;

/// Why a row cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::store) enum RowError {
    #[error("row version {0}, this sitrepd reads {VERSION}")]
    Version(u8),
    #[error("the checksum of a row does not fit")]
    Checksum,
    #[error("a row does not read: {0}")]
    Broken(String),
    #[error("a row of {0} bytes is over {MAX_BYTES}")]
    TooLong(usize),
}

/// The value of `row` under `key`.
pub(in crate::store) fn encode<T: Serialize>(key: &[u8], row: &T) -> Result<Vec<u8>, RowError> {
    let mut res = postcard::to_extend(row, vec![VERSION]).map_err(|it| RowError::Broken(it.to_string()))?;
    res.extend(checksum(key, &res).to_le_bytes());
    debug_assert!(res.len() <= MAX_BYTES, "{} bytes for the index", res.len());
    match res.len() <= MAX_BYTES {
        true => Ok(res),
        false => Err(RowError::TooLong(res.len())),
    }
}

/// The row in a value.
pub(in crate::store) fn decode<T: DeserializeOwned>(key: &[u8], value: &[u8]) -> Result<T, RowError> {
    decode_from(VERSION, key, value)
}

/// The index's position, also in the two versions before, which have the same row.
pub(super) fn decode_meta(key: &[u8], value: &[u8]) -> Result<Meta, RowError> {
    decode_from(VERSION - 2, key, value)
}

/// The row in a value whose version is between `oldest` and the current one.
fn decode_from<T: DeserializeOwned>(oldest: u8, key: &[u8], value: &[u8]) -> Result<T, RowError> {
    let (covered, crc) = value.split_last_chunk().ok_or(RowError::Checksum)?;
    if checksum(key, covered) != u32::from_le_bytes(*crc) {
        return Err(RowError::Checksum);
    }
    match covered.split_first() {
        Some((version, rest)) if (oldest..=VERSION).contains(version) => {
            postcard::from_bytes(rest).map_err(|it| RowError::Broken(it.to_string()))
        }
        Some((&other, _)) => Err(RowError::Version(other)),
        None => Err(RowError::Checksum),
    }
}

/// The checksum of a value. It covers the key too, so that a value under the wrong key is noticed.
fn checksum(key: &[u8], value: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(key), value)
}

/// How far the index has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct Meta {
    /// The last change in it.
    pub(in crate::store) tail: Tail,
    pub(in crate::store) articles: u64,
    pub(in crate::store) stories: u64,
    pub(in crate::store) alerts: u64,
    pub(in crate::store) pending: u64,
    pub(in crate::store) parked: u64,
    pub(in crate::store) changes: u64,
}

impl Meta {
    /// The counts, with the size on disk, which the index does not know. Lost changes have rows of their own and are
    /// not included.
    pub(in crate::store) fn counts(&self, bytes: u64) -> Counts {
        let Self { tail: _, articles, stories, alerts, pending, parked, changes } = *self;
        Counts { articles, stories, alerts, pending, parked, changes, bytes, lost: 0 }
    }
}

/// What an index was made from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct BaseRow {
    /// The number up to which a file that retention left replaced segments.
    pub(in crate::store) base: u32,
}

/// A value that is in the row if it is small, and otherwise in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) enum Kept<T> {
    Here(T),
    At(Position),
}

impl Kept<String> {
    pub(in crate::store) fn text(text: &str, at: Position) -> Self {
        match text.len() <= MAX_TEXT_BYTES {
            true => Self::Here(text.to_owned()),
            false => Self::At(at),
        }
    }
}

impl<T: Serialize> Kept<T> {
    pub(in crate::store) fn record(record: T, at: Position) -> Self {
        match postcard::to_stdvec(&record) {
            Ok(bytes) if bytes.len() <= MAX_BYTES / 2 => Self::Here(record),
            _ => Self::At(at),
        }
    }
}

/// The newest version of an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct ArticleRow {
    pub(in crate::store) at: Position,
    /// Sequence number of that commit.
    pub(in crate::store) seq: u64,
    pub(in crate::store) version: u32,
    /// Sequence number of its first version: its place among the members of its story.
    pub(in crate::store) joined: u64,
    /// The story it is in now.
    pub(in crate::store) story: u64,
    /// Why it is in another story than the one it was settled in; `None` if it is not.
    pub(in crate::store) moved: Option<String>,
    pub(in crate::store) first_seen: Time,
    pub(in crate::store) unreachable: bool,
    /// The folded feed title.
    pub(in crate::store) title: Kept<String>,
}

/// The last later reading of an article's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct ReadingRow {
    pub(in crate::store) at: Time,
    pub(in crate::store) state: PageStateRow,
    pub(in crate::store) attempts: u32,
}

/// [`PageState`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) enum PageStateRow {
    There,
    Missing,
    Withdrawn,
    Failed,
}

impl From<PageState> for PageStateRow {
    fn from(it: PageState) -> Self {
        match it {
            PageState::There => Self::There,
            PageState::Missing => Self::Missing,
            PageState::Withdrawn => Self::Withdrawn,
            PageState::Failed => Self::Failed,
        }
    }
}

impl From<PageStateRow> for PageState {
    fn from(it: PageStateRow) -> Self {
        match it {
            PageStateRow::There => Self::There,
            PageStateRow::Missing => Self::Missing,
            PageStateRow::Withdrawn => Self::Withdrawn,
            PageStateRow::Failed => Self::Failed,
        }
    }
}

/// A message that waits or is parked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct MessageRow {
    pub(in crate::store) at: Position,
    /// The place of the message among those of that commit.
    pub(in crate::store) nth: u32,
    pub(in crate::store) due: Time,
    pub(in crate::store) attempts: u32,
    /// What the receiver said last; if it is long, the position of the commit of that attempt.
    pub(in crate::store) last_error: Option<Kept<String>>,
    pub(in crate::store) parked: bool,
}

/// The progress of the attempts to send a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct SendingRow {
    /// When the last attempt began, if its outcome is not known.
    pub(in crate::store) began: Option<Time>,
    /// The position of the commit that holds the rendered message.
    pub(in crate::store) rendered: Option<Position>,
}

/// A digest that was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct IssueRow {
    pub(in crate::store) slot: Time,
    pub(in crate::store) until: Time,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_bound_to_its_key_and_its_bytes() {
        let value = encode(b"key", &7_u64).unwrap();
        assert_eq!(decode::<u64>(b"key", &value), Ok(7));
        assert_eq!(decode::<u64>(b"kez", &value), Err(RowError::Checksum));
        for bit in 0..value.len() * 8 {
            let mut bytes = value.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode::<u64>(b"key", &bytes), Err(RowError::Checksum), "bit {bit}");
        }
        for len in 0..value.len() {
            assert_eq!(decode::<u64>(b"key", &value[..len]), Err(RowError::Checksum), "length {len}");
        }
    }

    #[test]
    fn long_values_stay_in_the_ledger() {
        let at = Position { segment: 1, offset: 2, len: 3 };
        assert_eq!(Kept::text("short", at), Kept::Here("short".to_owned()));
        assert_eq!(Kept::text(&"long".repeat(1000), at), Kept::At(at));
        assert_eq!(Kept::record(vec![1_u8; 5000], at), Kept::At(at));
    }
}
