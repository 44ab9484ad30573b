//! Proves that an article was recorded as it is, and when: the place of its records in the chain of hashes. Only reads
//! the ledger.

use std::{ops::ControlFlow, path::PathBuf};

use chrono::DateTime;

use super::{
    Damage, LedgerReader, StoreError,
    ledger::{self, Found, Hash, Kind, Notice},
    record,
};
use crate::model::{ArticleId, Change, Finding, Timestamp};

/// The kinds of records of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    /// A version of it.
    Version,
    /// The page as received, from which a version was read.
    Page,
}

/// What kind of record of an article a change is, and of which version.
fn version_of(change: &Change, article: ArticleId) -> Option<(RecordKind, u32)> {
    match change {
        Change::Page(it) => (it.article == article).then_some((RecordKind::Page, it.version)),
        // A withdrawal repeats the held version.
        Change::Reread(it) if !matches!(it.finding, Finding::Changed(_)) => None,
        other => {
            let of = &other.intent()?.report.article;
            (of.id == article).then_some((RecordKind::Version, of.version))
        }
    }
}

/// The ledger's record of one version of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What it is.
    pub what: RecordKind,
    /// The version of the article.
    pub version: u32,
    /// The segment file.
    pub path: PathBuf,
    /// Where the record begins in it, in bytes.
    pub offset: u64,
    /// The bytes of the record.
    pub frame: Vec<u8>,
    /// Its number in the ledger.
    pub seq: u64,
    /// When it was written, by this machine's clock.
    pub written: Timestamp,
    /// SHA-256 of the record.
    pub hash: [u8; 32],
    /// SHA-256 of the record before, which this one carries; zero in the first.
    pub before: [u8; 32],
    /// Whether the previous record has the hash that this one carries. True for the first record of the ledger, and for
    /// one from before retention's checkpoint, whose predecessor may be deleted.
    pub follows: bool,
    /// Whether the next record carries `hash`; `None` if there is no next record: this one is the last, or the next was
    /// deleted or is missing.
    pub confirmed: Option<bool>,
    /// Whether it is one that retention left from before its checkpoint. Such a record is no longer in the chain, but
    /// its file is proved by [`Proofs::left_proved`].
    pub is_left: bool,
}

/// What the ledger shows of an article.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proofs {
    /// Its records, oldest first.
    pub records: Vec<Proof>,
    /// SHA-256 of the last record of the ledger. Whoever noted such a hash earlier can tell that nothing before it was
    /// changed since.
    pub last: Option<[u8; 32]>,
    /// The number of that record.
    pub last_seq: u64,
    /// The number of the notice with the SHA-256 of the file that retention left.
    pub left_proved: Option<u64>,
    /// Damaged stretches, in which the article may have had a record.
    pub damage: Vec<Damage>,
}

impl Proofs {
    /// Whether every record fits the chain of hashes and none is damaged.
    pub fn is_whole(&self) -> bool {
        self.damage.is_empty() && self.records.iter().all(|it| it.follows && it.confirmed != Some(false))
    }
}

/// Reads a record that was copied from a ledger: its number, its SHA-256, that of the record before, and its content in
/// the form of [`record::to_json`].
///
/// # Errors
///
/// [`record::RecordError`] where the bytes are no record, or not what was written.
pub fn read_record(bytes: &[u8]) -> Result<(u64, Hash, Hash, String), record::RecordError> {
    let broken = |it: &dyn std::fmt::Display| record::RecordError::Broken(it.to_string());
    let frame = ledger::Frame::check(bytes.to_vec()).map_err(|it| broken(&it))?;
    let change = record::decode(&frame.plain().map_err(|it| broken(&it))?)?;
    Ok((frame.seq, frame.hash(), frame.before, record::to_json(&change)?))
}

impl LedgerReader {
    /// What the ledger shows of an article.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] or [`StoreError::TooNew`]. What is damaged is told in [`Proofs`].
    pub fn proofs(&self, article: ArticleId) -> Result<Proofs, StoreError> {
        let mut res = Proofs::default();
        let (base, mut left) = (self.0.base(), Vec::new());
        let end = self.0.walk(None, &mut |found| {
            if let Found::Notice { frame, notice, .. } = &found
                && let Notice::Left { base: of, sha256 } = **notice
                && of == base
            {
                left.push((sha256, frame.seq));
            }
            let (at, frame, chained) = match found {
                Found::Frame { at, frame, chained, .. } | Found::Notice { at, frame, chained, .. } => {
                    (at, frame, chained)
                }
                Found::Checkpoint { .. } => return Ok(ControlFlow::Continue(())),
                Found::Damage(damage) => {
                    res.damage.push(damage);
                    return Ok(ControlFlow::Continue(()));
                }
            };
            if let Some(proof) = res.records.last_mut().filter(|it| it.seq + 1 == frame.seq) {
                proof.confirmed = Some(frame.before == proof.hash);
            }
            (res.last, res.last_seq) = (Some(frame.hash()), frame.seq);
            if frame.kind == Kind::Notice {
                return Ok(ControlFlow::Continue(()));
            }
            match self.0.decode(at, &frame).map(|it| version_of(&it, article)) {
                Ok(Some((what, version))) => res.records.push(Proof {
                    what,
                    follows: chained,
                    version,
                    path: self.0.path(at),
                    offset: at.offset,
                    seq: frame.seq,
                    written: DateTime::from_timestamp_millis(frame.written_ms()).unwrap_or_default(),
                    hash: frame.hash(),
                    before: frame.before,
                    frame: frame.bytes().to_vec(),
                    confirmed: None,
                    is_left: base > 0 && at.segment == base,
                }),
                Ok(None) => (),
                Err(StoreError::Damaged { path, offset, reason, .. }) => {
                    res.damage.push(Damage { path, offset, bytes: at.len, reason });
                }
                Err(error) => return Err(error),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let (proved, changed) = self.0.left_proof(left)?;
        res.left_proved = proved;
        res.damage.extend(changed);
        res.damage.extend(end.torn);
        Ok(res)
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::store::{
        LedgerStore, Settings, Store as _,
        contract::samples::{intent, put, with},
    };

    #[test]
    fn a_record_can_be_checked_with_other_tools() {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings::new(dir.path());
        let (store, _) = LedgerStore::open(&settings).unwrap();
        put(&store, intent(1));
        put(&store, intent(2));
        put(&store, with(1, |it| it.report.article.version = 2));
        store.sync().unwrap();
        let found = LedgerReader::open(&settings).unwrap().proofs(ArticleId(1)).unwrap();
        assert!(found.is_whole());
        let Proofs { records: proofs, last, .. } = found;
        assert_eq!(proofs.iter().map(|it| (it.version, it.seq)).collect::<Vec<_>>(), [(1, 1), (2, 3)]);
        assert_eq!(proofs.iter().map(|it| it.confirmed).collect::<Vec<_>>(), [Some(true), None]);
        assert_eq!((proofs[0].before, last), ([0; 32], Some(proofs[1].hash)));
        for it in &proofs {
            let file = std::fs::read(&it.path).unwrap();
            let start = usize::try_from(it.offset).unwrap();
            let bytes = &file[start..start + it.frame.len()];
            assert_eq!((bytes, <[u8; 32]>::from(Sha256::digest(bytes))), (it.frame.as_slice(), it.hash));
            assert!(it.written.timestamp() > 1_700_000_000);
            let (seq, hash, before, json) = read_record(&it.frame).unwrap();
            assert_eq!((seq, hash, before), (it.seq, it.hash, it.before));
            assert!(json.contains("Border talks number 1 ended."), "{json}");
            assert!(read_record(&it.frame[1..]).is_err());
        }
        assert_eq!(LedgerReader::open(&settings).unwrap().proofs(ArticleId(9)).unwrap().records, []);
        // A bit of the first version is another: it is told, and nothing is proved.
        let mut bytes = std::fs::read(&proofs[0].path).unwrap();
        bytes[100] ^= 1;
        std::fs::write(&proofs[0].path, bytes).unwrap();
        let found = LedgerReader::open(&settings).unwrap().proofs(ArticleId(1)).unwrap();
        assert_eq!((found.records.len(), found.damage.len(), found.is_whole()), (1, 1, false));
    }
}
