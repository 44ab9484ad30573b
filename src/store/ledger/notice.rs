//! Notices in the ledger's own chain: of losses, of files beside the chain and their hashes, and of what another
//! archive deleted.

use std::fmt;

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use super::{Frame, Hash, kept::Issued};
use crate::model::Timestamp;

/// What stands in a frame of the kind [`Kind::Notice`](super::Kind).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum Notice {
    /// The SHA-256 of the file that retention left up to segment `base`. The notice comes before the file is put in
    /// place, which may fail. If there are several for one file, any may be that of the existing file.
    Left { base: u32, sha256: Hash },
    /// Acknowledged changes were missing when the store was opened. The notice has the number after theirs, so that no
    /// number is used again.
    Lost(Lost),
    /// What another archive, from which this one imported records, had deleted.
    Gone(Gone),
}

/// Acknowledged changes that were missing from the end of the ledger when the store was next opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// The number of the first.
    pub from: u64,
    /// The number of the last.
    pub to: u64,
    /// When that was noticed.
    pub noticed: Timestamp,
}

impl Lost {
    /// How many they are.
    pub const fn count(&self) -> u64 {
        self.to.saturating_add(1).saturating_sub(self.from)
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to, noticed } = self;
        let noticed = noticed.format("%Y-%m-%d %H:%M");
        match from == to {
            true => write!(f, "record {from} is lost: it")?,
            false => write!(f, "records {from} to {to} are lost: they")?,
        }
        write!(f, " had been acknowledged and not there any more on {noticed} UTC, when the archive was opened")
    }
}

/// What was deleted and is remembered, so that it is neither taken for new nor sent again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::store) struct Gone {
    /// Articles, oldest first.
    pub(in crate::store) articles: Vec<u64>,
    /// Messages that were sent, oldest first.
    pub(in crate::store) sent: Vec<String>,
    /// Digests that were issued, oldest first.
    pub(in crate::store) issued: Vec<Issued>,
}

impl Gone {
    /// Splits it into parts with at most `most` items of each kind.
    pub(in crate::store) fn parts(&self, most: usize) -> impl Iterator<Item = Self> {
        let (mut articles, mut sent, mut issued) =
            (self.articles.chunks(most), self.sent.chunks(most), self.issued.chunks(most));
        std::iter::from_fn(move || {
            let part = Self {
                articles: articles.next().unwrap_or_default().to_vec(),
                sent: sent.next().unwrap_or_default().to_vec(),
                issued: issued.next().unwrap_or_default().to_vec(),
            };
            (!part.is_empty()).then_some(part)
        })
    }

    /// Whether it is nothing.
    pub(in crate::store) fn is_empty(&self) -> bool {
        self.articles.is_empty() && self.sent.is_empty() && self.issued.is_empty()
    }
}

/// Version 1 of [`Notice`]; the time is that of the frame. Another version needs a frame version of its own, so that no
/// older sitrepd skips it.
#[derive(Serialize, Deserialize)]
enum NoticeRecord {
    Left {
        base: u32,
        sha256: Hash,
    },
    Lost {
        from: u64,
        to: u64,
    },
    Gone {
        /// Eight bytes each, little-endian.
        articles: Vec<u8>,
        sent: Vec<String>,
        issued: Vec<Issued>,
    },
}

impl Notice {
    const VERSION: u8 = 1;

    /// How many lost changes it reports.
    pub(in crate::store) const fn lost(&self) -> u64 {
        if let Self::Lost(lost) = self { lost.count() } else { 0 }
    }

    /// Out of a frame.
    pub(super) fn read(frame: &Frame) -> Result<Self, String> {
        let plain = frame.plain().map_err(|it| it.to_string())?;
        let (version, rest) = plain.split_first().ok_or("an empty notice")?;
        if *version != Self::VERSION {
            return Err(format!("notice version {version} is not known"));
        }
        Ok(match postcard::from_bytes(rest).map_err(|it| it.to_string())? {
            NoticeRecord::Left { base, sha256 } => Self::Left { base, sha256 },
            NoticeRecord::Lost { from, to } => {
                let noticed = DateTime::from_timestamp_millis(frame.written_ms()).unwrap_or_default();
                Self::Lost(Lost { from, to, noticed })
            }
            NoticeRecord::Gone { articles, sent, issued } => {
                let (ids, []) = articles.as_chunks() else {
                    return Err("the ids of a notice are cut off".to_owned());
                };
                Self::Gone(Gone { articles: ids.iter().map(|it| u64::from_le_bytes(*it)).collect(), sent, issued })
            }
        })
    }

    /// As it is stored.
    pub(super) fn encode(&self) -> Result<Vec<u8>, postcard::Error> {
        let record = match self.clone() {
            Self::Left { base, sha256 } => NoticeRecord::Left { base, sha256 },
            Self::Lost(Lost { from, to, noticed: _ }) => NoticeRecord::Lost { from, to },
            Self::Gone(Gone { articles, sent, issued }) => {
                let articles = articles.iter().flat_map(|it| it.to_le_bytes()).collect();
                NoticeRecord::Gone { articles, sent, issued }
            }
        };
        postcard::to_extend(&record, vec![Self::VERSION])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_is_what_it_was() {
        let lost = Lost { from: 9, to: 300, noticed: Timestamp::default() };
        assert_eq!(Notice::Lost(lost).encode().unwrap(), [1, 1, 9, 172, 2]);
        let left = Notice::Left { base: 7, sha256: [5; 32] }.encode().unwrap();
        assert_eq!((&left[..3], left.len()), (&[1, 0, 7][..], 35));
        let gone = Gone { articles: vec![1], sent: vec!["m".to_owned()], issued: Vec::new() };
        assert_eq!(Notice::Gone(gone).encode().unwrap(), [1, 2, 8, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, b'm', 0]);
    }
}
