//! Changes that people ask for while the daemon holds the archive: files in `requests/` of the state directory, each
//! one change as a line of an export. The command line puts one there and waits for what becomes of it ([`fate`]).
//!
//! The daemon claims a request by renaming it (`.json` to `.taken`) before it commits the change, and removes it after.
//! What is not claimed may be withdrawn; what is claimed is committed, at the latest after a restart. A request that is
//! refused leaves the reason in a file of its name (`.refused`).
//!
//! A crash between the commit and the removal repeats the commit, which changes nothing: a regrouping is made once, a
//! label says the same again, and a message that is to be tried again waits for that already.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    hash::{BuildHasher as _, Hasher as _, RandomState},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tracing::{error, info};

use crate::{
    model::{Change, Outcome, Timestamp, earlier},
    store,
};

use super::{Context, DaemonError, blocking};

/// A longer file is not a request: one for a story of a hundred thousand reports is far shorter.
const MAX_BYTES: u64 = 32 << 20;
/// Requests taken at a time.
const MAX_TAKEN: usize = 64;
/// How long a file is left alone that could not be read or removed.
const REST: Duration = Duration::from_secs(60);
/// An older draft was abandoned, and an older reason will not be read any more.
const STALE: Duration = Duration::from_secs(60 * 60);
/// Bytes of a reason that are read.
const MAX_REASON_BYTES: u64 = 4096;

/// What has become of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Nobody has claimed it: it can be withdrawn.
    Waiting,
    /// It is being committed.
    Taken,
    /// It was not made, for this reason.
    Refused(String),
    /// It is committed and durable.
    Done,
}

/// Puts a change where the daemon takes it from.
///
/// # Errors
///
/// The file cannot be written.
pub fn put(state_dir: &Path, change: &Change) -> io::Result<PathBuf> {
    let dir = state_dir.join("requests");
    fs::create_dir_all(&dir)?;
    let line = store::to_json(change).map_err(io::Error::other)?;
    // Named by time, so that requests are taken in order, and by a random part, since two containers may share one
    // process id.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let name = format!("{now:020}-{:016x}", RandomState::new().build_hasher().finish());
    let (draft, path) = (dir.join(format!("{name}.new")), dir.join(format!("{name}.json")));
    // Renamed when complete, so that no partial request is taken.
    let mut file = OpenOptions::new().write(true).create_new(true).open(&draft)?;
    file.write_all(line.as_bytes()).and_then(|()| fs::rename(&draft, &path)).inspect_err(|_| {
        let _ = fs::remove_file(&draft);
    })?;
    Ok(path)
}

/// What became of the request that was put at `path`. The reason of a refusal can be read once.
///
/// # Errors
///
/// The directory or the reason cannot be read.
pub fn fate(path: &Path) -> io::Result<Fate> {
    // Checked in the order in which the daemon creates the files, so that none is missed between two checks.
    if path.try_exists()? {
        return Ok(Fate::Waiting);
    }
    if path.with_extension("taken").try_exists()? {
        return Ok(Fate::Taken);
    }
    let refused = path.with_extension("refused");
    if !refused.try_exists()? {
        return Ok(Fate::Done);
    }
    let mut reason = Vec::new();
    File::open(&refused)?.take(MAX_REASON_BYTES).read_to_end(&mut reason)?;
    fs::remove_file(&refused)?;
    Ok(Fate::Refused(String::from_utf8_lossy(&reason).trim().to_owned()))
}

/// Takes back a request that nobody has claimed; `false` where it was claimed.
///
/// # Errors
///
/// The file cannot be removed.
pub fn withdraw(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Commits what people ask for, poll after poll.
#[derive(Debug, Default)]
pub struct Taker {
    /// Files that could not be read or removed, and when that was.
    resting: HashMap<PathBuf, Timestamp>,
}

impl Taker {
    /// Commits the waiting requests and returns their number. An invalid request is refused. A file that cannot be
    /// read or removed is left alone for a minute: its disk may be failing.
    ///
    /// # Errors
    ///
    /// [`DaemonError`] where the store failed; what was not committed is still asked for.
    pub async fn take(&mut self, ctx: &Context) -> Result<usize, DaemonError> {
        let dir = ctx.config.state_dir.join("requests");
        let now = ctx.now();
        let mut found = blocking(move || waiting(&dir, earlier(now, STALE))).await?;
        self.resting.retain(|path, since| *since > earlier(now, REST) && found.contains(path));
        found.retain(|it| !self.resting.contains_key(it));
        found.truncate(MAX_TAKEN);
        let mut taken = 0;
        for path in found {
            match one(ctx, path).await? {
                Ok(is_made) => taken += usize::from(is_made),
                Err((path, error)) => {
                    error!(path = %path.display(), %error, "a request cannot be read or removed; it is looked at again in a minute");
                    self.resting.insert(path, now);
                }
            }
        }
        Ok(taken)
    }
}

/// Commits one request, or refuses it; `false` if nothing was committed. The inner error has the file that could not be
/// read or removed. Committing the same request again changes nothing.
async fn one(ctx: &Context, path: PathBuf) -> Result<Result<bool, (PathBuf, io::Error)>, DaemonError> {
    let claimed = blocking(move || claim(&path).map_err(|it| (path, it))).await?;
    let (claimed, change) = match claimed {
        Ok(Some(it)) => it,
        // Withdrawn meanwhile.
        Ok(None) => return Ok(Ok(false)),
        Err(failed) => return Ok(Err(failed)),
    };
    let refused = match change {
        Ok(change) => match committed(ctx, change).await {
            Err(DaemonError::TooLarge(cause)) => Some(cause.to_string()),
            // It would be met again after each restart.
            Err(DaemonError::Panicked) => {
                Some("sitrepd itself failed on it, and it may have been made all the same; please report it".to_owned())
            }
            done => done.map(|()| None)?,
        },
        Err(reason) => Some(reason),
    };
    match &refused {
        None => info!(request = %claimed.display(), "a request was committed"),
        Some(reason) => error!(request = %claimed.display(), reason, "a request is refused"),
    }
    let is_made = refused.is_none();
    let finished = blocking(move || finish(&claimed, refused.as_deref()).map_err(|it| (claimed, it))).await?;
    Ok(finished.map(|()| is_made))
}

/// Commits a change, which may say what is to become of a message that was given up.
async fn committed(ctx: &Context, change: Change) -> Result<(), DaemonError> {
    let attempt = if let Change::Delivery(it) = &change { Some(it.clone()) } else { None };
    ctx.settler.commit(change).await?;
    if let Some(attempt) = attempt {
        ctx.given_up.note(&attempt);
    }
    Ok(())
}

/// The waiting requests, first those claimed before a crash. Removes files that nobody waits for.
fn waiting(dir: &Path, oldest: Timestamp) -> Vec<PathBuf> {
    let Ok(items) = fs::read_dir(dir) else { return Vec::new() };
    let mut res = Vec::new();
    for item in items.filter_map(Result::ok) {
        let path = item.path();
        // The metadata of the item itself: a symbolic link is not a request.
        let Ok(metadata) = item.metadata() else { continue };
        if !metadata.is_file() {
            continue;
        }
        match path.extension().and_then(|it| it.to_str()) {
            Some("taken") => res.push((false, path)),
            Some("json") => res.push((true, path)),
            Some("new" | "refused") if metadata.modified().is_ok_and(|it| Timestamp::from(it) < oldest) => {
                let _ = fs::remove_file(path);
            }
            _ => (),
        }
    }
    res.sort();
    res.into_iter().map(|(_, path)| path).collect()
}

type Claimed = (PathBuf, Result<Change, String>);

/// Claims a request, so that it cannot be withdrawn any more. `None` if it was withdrawn.
fn claim(path: &Path) -> io::Result<Option<Claimed>> {
    let claimed = path.with_extension("taken");
    if path != claimed {
        match fs::rename(path, &claimed) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            done => done?,
        }
    }
    let change = match read(&claimed) {
        // A request without read permission will not become readable later.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(format!("the daemon may not read it ({error}): make it as the user that the daemon runs as"))
        }
        read => read?,
    };
    Ok(Some((claimed, change)))
}

/// The change in a file, or why there is none.
fn read(path: &Path) -> io::Result<Result<Change, String>> {
    let mut line = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut line)?;
    if line.len() as u64 > MAX_BYTES {
        return Ok(Err(format!("it has more than {MAX_BYTES} bytes")));
    }
    let change = str::from_utf8(&line).map_err(|it| it.to_string());
    Ok(change.and_then(|it| store::from_json(it).map_err(|it| it.to_string())).and_then(|change| match change {
        change @ (Change::Regrouped(_) | Change::Labelled(_)) => Ok(change),
        // A person may have a message retried or dropped. Only its channel may say that it was sent.
        Change::Delivery(attempt) if matches!(attempt.outcome, Outcome::Retry { .. } | Outcome::Dropped { .. }) => {
            Ok(Change::Delivery(attempt))
        }
        _ => Err("it is no correction".to_owned()),
    }))
}

/// Removes a committed request, or leaves in its place the reason why it was refused.
fn finish(claimed: &Path, refused: Option<&str>) -> io::Result<()> {
    if let Some(reason) = refused {
        let draft = claimed.with_extension("new");
        fs::write(&draft, reason)?;
        fs::rename(&draft, claimed.with_extension("refused"))?;
    }
    fs::remove_file(claimed)
}
