//! Records that were changed after they had been acknowledged, in a small file beside ledger and index.
//!
//! Of the newest record no other has the hash yet: only the index does, which is made anew from what the ledger has once that is noticed.
//! This keeps what the index knew, a line of JSON for each, so that the change is told for as long as it stands. It is no part of what is
//! proved: whoever can change the ledger can remove it.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

use super::{
    StoreError, io as failed,
    ledger::{Ledger, Tail, sync_dir},
};

/// In the state directory, and in a backup.
const NAME: &str = "altered.jsonl";

/// Notes what an index knew of a record, durably.
pub(super) fn note(dir: &Path, tail: Tail) -> Result<(), StoreError> {
    if read(dir)?.contains(&tail) {
        return Ok(());
    }
    let path = dir.join(NAME);
    let mut line =
        serde_json::to_string(&tail).map_err(io::Error::other).map_err(failed("encode a line for", &path))?;
    line.push('\n');
    let open = || File::options().create(true).append(true).open(&path);
    let written = open().and_then(|mut it| it.write_all(line.as_bytes()).and_then(|()| it.sync_all()));
    written.map_err(failed("write", &path))?;
    sync_dir(dir)
}

/// What is noted in a directory. Lines that do not read are passed over.
fn read(dir: &Path) -> Result<Vec<Tail>, StoreError> {
    let path = dir.join(NAME);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.lines().filter_map(|it| serde_json::from_str(it).ok()).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed("read", &path)(error)),
    }
}

/// The number of the first noted record that the ledger still has another in the place of; `None` where there is none, as where retention
/// gave it up or somebody put it right.
pub(super) fn first(dir: &Path) -> Result<Option<u64>, StoreError> {
    let noted = read(dir)?;
    if noted.is_empty() {
        return Ok(None);
    }
    let ledger = Ledger::open(&dir.join("ledger"))?;
    Ok(noted.into_iter().filter(|it| ledger.has_another(*it)).map(|it| it.seq).min())
}

/// Has `to` know what `from` knows, and nothing else.
pub(super) fn carry(from: &Path, to: &Path) -> Result<(), StoreError> {
    let (source, target) = (from.join(NAME), to.join(NAME));
    match fs::read(&source) {
        Ok(bytes) => {
            let part = to.join(format!("{NAME}.part"));
            fs::write(&part, bytes).and_then(|()| File::open(&part)?.sync_all()).map_err(failed("write", &part))?;
            fs::rename(&part, &target).map_err(failed("write", &target))?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => match fs::remove_file(&target) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed("remove", &target)(error)),
            _ => (),
        },
        Err(error) => return Err(failed("read", &source)(error)),
    }
    sync_dir(to)
}
