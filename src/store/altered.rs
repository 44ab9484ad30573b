//! Records that were changed after they had been acknowledged, in a small file beside ledger and index.
//!
//! No other record holds the hash of the newest one yet; only the index does, and the index is rebuilt from the ledger
//! once a difference is noticed. This file keeps what the index knew, one line of JSON for each record, so that the
//! change is reported for as long as it stands. It proves nothing: whoever can change the ledger can remove it.

use std::{fs, io, path::Path};

use super::{
    StoreError, io as failed,
    ledger::{Ledger, Tail, sync_dir},
    small_file,
};

/// In the state directory, and in a backup.
const NAME: &str = "altered.jsonl";

/// Notes durably what an index knew of a record. An earlier note of the same record stays: later the index knows only
/// the changed one.
pub(super) fn note(dir: &Path, tail: Tail) -> Result<(), StoreError> {
    if read(dir)?.iter().any(|it| is_same(it, &tail)) {
        return Ok(());
    }
    let path = dir.join(NAME);
    let line = serde_json::to_string(&tail).map_err(io::Error::other).map_err(failed("encode a line for", &path))?;
    // An unreadable line is left as it is.
    let mut bytes = bytes(&path)?;
    if bytes.last().is_some_and(|it| *it != b'\n') {
        bytes.push(b'\n');
    }
    bytes.extend(line.bytes().chain([b'\n']));
    small_file::replace(&path, &bytes)
}

/// Whether two notes are of the same record.
fn is_same(one: &Tail, other: &Tail) -> bool {
    (one.seq, one.at.segment, one.at.offset) == (other.seq, other.at.segment, other.at.offset)
}

fn bytes(path: &Path) -> Result<Vec<u8>, StoreError> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        res => res.map_err(failed("read", path)),
    }
}

/// The notes in a directory, the first for each record. Unreadable lines are skipped.
fn read(dir: &Path) -> Result<Vec<Tail>, StoreError> {
    let bytes = bytes(&dir.join(NAME))?;
    let mut res: Vec<Tail> = Vec::new();
    for it in bytes.split(|it| *it == b'\n').filter_map(|it| serde_json::from_slice(it).ok()) {
        if !res.iter().any(|noted| is_same(noted, &it)) {
            res.push(it);
        }
    }
    Ok(res)
}

/// Whether the ledger again holds the record as noted.
pub(super) fn is_put_right(dir: &Path, ledger: &Ledger, tail: Tail) -> bool {
    read(dir).is_ok_and(|noted| noted.iter().any(|it| is_same(it, &tail) && ledger.has(*it)))
}

/// The number of the first noted record in whose place the ledger still has another. `None` if there is none, because
/// retention deleted it or somebody restored it.
pub(super) fn first(dir: &Path) -> Result<Option<u64>, StoreError> {
    let noted = read(dir)?;
    if noted.is_empty() {
        return Ok(None);
    }
    let ledger = Ledger::open(&dir.join("ledger"))?;
    Ok(noted.into_iter().filter(|it| ledger.has_another(*it)).map(|it| it.seq).min())
}

/// Makes the notes in `to` those in `from`.
pub(super) fn carry(from: &Path, to: &Path) -> Result<(), StoreError> {
    let (source, target) = (from.join(NAME), to.join(NAME));
    match fs::read(&source) {
        Ok(bytes) => return small_file::replace(&target, &bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => (),
        Err(error) => return Err(failed("read", &source)(error)),
    }
    match fs::remove_file(&target) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", &target)(error)),
        _ => sync_dir(to),
    }
}
