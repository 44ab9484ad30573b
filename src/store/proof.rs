//! What shows that one article was recorded as it is, and when: its place in the chain of hashes.

use std::{ops::ControlFlow, path::PathBuf};

use chrono::DateTime;

use super::{
    LedgerReader, StoreError,
    ledger::{Found, Hash},
};
use crate::model::{ArticleId, Change, Timestamp};

/// One version of an article in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Of the article.
    pub version: u32,
    /// The segment file.
    pub path: PathBuf,
    /// Where the record begins in it, in bytes.
    pub offset: u64,
    /// The record as it stands there.
    pub frame: Vec<u8>,
    /// Its number in the ledger.
    pub seq: u64,
    /// When it was written, by this machine's clock.
    pub written: Timestamp,
    /// SHA-256 of the record.
    pub hash: [u8; 32],
    /// SHA-256 of the record before, which this one carries; zero in the first.
    pub before: [u8; 32],
    /// Whether the record after it carries `hash`; `None` where it is the last.
    pub confirmed: Option<bool>,
}

impl LedgerReader {
    /// The records of an article, oldest first, and SHA-256 of the last record of the ledger: whoever has noted that
    /// at some time can tell that nothing before was changed since.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] or [`StoreError::TooNew`]. What is damaged is passed over.
    pub fn proofs(&self, article: ArticleId) -> Result<(Vec<Proof>, Option<Hash>), StoreError> {
        let mut proofs: Vec<Proof> = Vec::new();
        let mut last: Option<Hash> = None;
        self.0.walk(None, &mut |found| {
            let Found::Frame { at, frame, .. } = found else { return Ok(ControlFlow::Continue(())) };
            if let Some(proof) = proofs.last_mut().filter(|it| it.seq + 1 == frame.seq) {
                proof.confirmed = Some(frame.before == proof.hash);
            }
            last = Some(frame.hash());
            match self.0.decode(at, &frame) {
                Ok(Change::Article(intent)) if intent.report.article.id == article => proofs.push(Proof {
                    version: intent.report.article.version,
                    path: self.0.path(at),
                    offset: at.offset,
                    seq: frame.seq,
                    written: DateTime::from_timestamp_millis(frame.written_ms()).unwrap_or_default(),
                    hash: frame.hash(),
                    before: frame.before,
                    frame: frame.bytes().to_vec(),
                    confirmed: None,
                }),
                Ok(_) | Err(StoreError::Damaged { .. }) => (),
                Err(error) => return Err(error),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok((proofs, last))
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
        let (proofs, last) = LedgerReader::open(&settings).unwrap().proofs(ArticleId(1)).unwrap();
        assert_eq!(proofs.iter().map(|it| (it.version, it.seq)).collect::<Vec<_>>(), [(1, 1), (2, 3)]);
        assert_eq!(proofs.iter().map(|it| it.confirmed).collect::<Vec<_>>(), [Some(true), None]);
        assert_eq!((proofs[0].before, last), ([0; 32], Some(proofs[1].hash)));
        for it in &proofs {
            let file = std::fs::read(&it.path).unwrap();
            let start = usize::try_from(it.offset).unwrap();
            let bytes = &file[start..start + it.frame.len()];
            assert_eq!((bytes, <[u8; 32]>::from(Sha256::digest(bytes))), (it.frame.as_slice(), it.hash));
            assert!(it.written.timestamp() > 1_700_000_000);
        }
        assert_eq!(LedgerReader::open(&settings).unwrap().proofs(ArticleId(9)).unwrap().0, []);
    }
}
