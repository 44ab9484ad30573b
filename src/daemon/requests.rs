//! Changes that people ask for while the daemon holds the archive: files in `requests/` of the state directory, each one
//! change as a line of an export. The command line puts one there and waits until it is gone.
//!
//! A crash between the commit and the removal repeats the commit, which changes nothing: a regrouping is made once, and
//! a label says the same again.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use tracing::{error, info};

use crate::{model::Change, store};

use super::{Context, DaemonError, blocking, settle::SettleError};

/// A longer file is no request: a story of a hundred thousand reports is far below.
const MAX_BYTES: u64 = 32 << 20;
/// Requests taken at a time.
const MAX_TAKEN: usize = 64;

/// Puts a change where the daemon takes it from. The file is gone once the change is committed.
///
/// # Errors
///
/// The file cannot be written.
pub fn put(state_dir: &Path, change: &Change) -> io::Result<PathBuf> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let dir = state_dir.join("requests");
    fs::create_dir_all(&dir)?;
    let line = store::to_json(change).map_err(io::Error::other)?;
    let name = format!("{:010}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let (draft, path) = (dir.join(format!("{name}.new")), dir.join(format!("{name}.json")));
    // Renamed when it is whole, so that no half of it is taken.
    fs::write(&draft, line)?;
    fs::rename(&draft, &path)?;
    Ok(path)
}

/// Commits what was asked for, and says how many that were. A file that is no request is told and removed.
///
/// # Errors
///
/// [`DaemonError`] where the store failed; what was not committed is still asked for.
pub async fn take(ctx: &Context) -> Result<usize, DaemonError> {
    let dir = ctx.config.state_dir.join("requests");
    let found = blocking(move || waiting(&dir)).await?;
    let mut taken = 0;
    for (path, change) in found {
        match change {
            Ok(change) => {
                match ctx.settler.commit(change).await {
                    Err(SettleError::Store(cause)) if matches!(*cause, store::StoreError::TooLarge { .. }) => {
                        error!(path = %path.display(), error = %cause, "a request is too large");
                    }
                    done => done?,
                }
                taken += 1;
                info!("a correction was taken up");
            }
            Err(reason) => error!(path = %path.display(), reason, "a file in requests is no request"),
        }
        if let Err(error) = fs::remove_file(&path) {
            error!(path = %path.display(), %error, "a request cannot be removed");
        }
    }
    Ok(taken)
}

type Found = (PathBuf, Result<Change, String>);

fn waiting(dir: &Path) -> Vec<Found> {
    let Ok(items) = fs::read_dir(dir) else { return Vec::new() };
    let paths = items.filter_map(|it| Some(it.ok()?.path()));
    let mut paths = paths.filter(|it| it.extension().is_some_and(|it| it == "json")).collect::<Vec<_>>();
    paths.sort();
    paths.truncate(MAX_TAKEN);
    paths.into_iter().map(|path| (path.clone(), read(&path))).collect()
}

fn read(path: &Path) -> Result<Change, String> {
    let size = fs::metadata(path).map_err(|it| it.to_string())?.len();
    if size > MAX_BYTES {
        return Err(format!("{size} bytes are too many"));
    }
    let line = fs::read_to_string(path).map_err(|it| it.to_string())?;
    match store::from_json(&line).map_err(|it| it.to_string())? {
        change @ (Change::Regrouped(_) | Change::Labelled(_)) => Ok(change),
        _ => Err("it is no correction".to_owned()),
    }
}
