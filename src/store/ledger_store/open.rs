//! Opening: what a crash, a power cut, a full disk or a flipped bit left behind is found, put right and told.

use std::{
    fmt, fs,
    fs::{File, TryLockError},
    ops::ControlFlow,
    path::Path,
    sync::{Arc, Mutex, RwLock, atomic::AtomicU64},
};

use super::{Doomed, LedgerStore, Settings, View, enter, paths::IndexPaths};
use crate::{
    model::{ArticleId, MessageId},
    store::{
        StoreError,
        index::{
            Index,
            before::Before,
            key, remove_stray_snapshots,
            row::{BaseRow, IssueRow},
        },
        io,
        ledger::{Damage, End, Found, Ledger, Tail, Writer, sync_dir},
    },
};

/// What opening a store found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// Bytes of an unfinished write that were cut from the end of the ledger.
    pub torn_bytes: u64,
    /// Why the index was made anew from the ledger; `None` where it was not.
    pub rebuilt: Option<String>,
    /// Changes of the ledger that were entered into the index.
    pub replayed: u64,
    /// Half-written snapshots of the index that were removed.
    pub removed_snapshots: u64,
    /// What is damaged in the part of the ledger that was read. It is left as it is and passed over.
    pub damage: Vec<Damage>,
    /// Changes that are missing by their number, because of the damage or of a segment that is not there.
    pub missing: u64,
    /// Frames that do not follow the one before them.
    pub unchained: u64,
}

impl Opened {
    /// Whether something was lost.
    pub fn is_loss(&self) -> bool {
        !self.damage.is_empty() || self.missing > 0 || self.unchained > 0
    }
}

impl fmt::Display for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} changes read from the ledger", self.replayed)?;
        if let Some(reason) = &self.rebuilt {
            write!(f, "; index rebuilt: {reason}")?;
        }
        if self.torn_bytes > 0 {
            write!(f, "; {} bytes of an unfinished write cut off", self.torn_bytes)?;
        }
        if self.removed_snapshots > 0 {
            write!(f, "; {} half-written index snapshots removed", self.removed_snapshots)?;
        }
        if self.missing > 0 || self.unchained > 0 {
            write!(f, "; {} changes missing, {} out of the chain", self.missing, self.unchained)?;
        }
        for damage in &self.damage {
            write!(f, "; damaged: {damage}")?;
        }
        Ok(())
    }
}

/// See [`LedgerStore::open`].
pub(super) fn open(settings: &Settings) -> Result<(LedgerStore, Opened), StoreError> {
    let dir = settings.dir.as_path();
    fs::create_dir_all(dir).map_err(io("create", dir))?;
    let lock = lock(dir)?;
    let mut opened = Opened::default();
    let ledger = Ledger::open(&dir.join("ledger"))?;
    sync_dir(dir)?;

    ledger.clear()?;
    let paths = IndexPaths::open(settings)?;
    paths.clear()?;
    opened.removed_snapshots = remove_stray_snapshots(&paths.settings.dir)?;
    let (mut index, mut from) = open_index(&paths, &ledger, &mut opened.rebuilt)?;
    if from.is_none() && opened.rebuilt.is_none() && ledger.bytes() > 0 {
        opened.rebuilt = Some("it was missing or empty".to_owned());
    }
    let end = loop {
        match replay(&ledger, &index, from, &mut opened) {
            // A rebuilt index that fails too is no fault of the old one.
            Err(error @ StoreError::Index { .. }) if opened.rebuilt.is_none() => {
                drop(index);
                let reason = with_cause(&error);
                opened = Opened { removed_snapshots: opened.removed_snapshots, ..Opened::default() };
                index = paths.anew()?;
                from = None;
                opened.rebuilt = Some(reason);
            }
            res => break res?,
        }
    };
    let writer = Writer::open(&ledger, &end, settings.segment_bytes)?;
    opened.torn_bytes = end.torn.map_or(0, |it| it.bytes);
    if opened.replayed > 0 {
        index.flush()?;
    }
    log(dir, &opened);
    let store = LedgerStore {
        settings: settings.clone(),
        view: RwLock::new(Arc::new(View { ledger, index, doomed: Doomed::default() })),
        writer: Mutex::new(writer),
        tending: Mutex::new(()),
        measured: AtomicU64::new(0),
        _lock: lock,
    };
    Ok((store, opened))
}

fn lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io("create", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { dir: dir.to_owned() }),
        Err(TryLockError::Error(error)) => Err(io("lock", &path)(error)),
    }
}

/// The index with the place it has come to, after a check that the ledger has that place.
fn open_index(
    paths: &IndexPaths,
    ledger: &Ledger,
    rebuilt: &mut Option<String>,
) -> Result<(Index, Option<Tail>), StoreError> {
    let reason = match paths.settings.suspect.exists() {
        true => "it failed while it was last in use".to_owned(),
        false => match Index::open(&paths.settings).and_then(|index| Ok((index.meta()?, index))) {
            Ok((None, index)) => return Ok((index, None)),
            Ok((Some(meta), index)) => match mismatch(ledger, &index, meta.tail)? {
                None => return Ok((index, Some(meta.tail))),
                Some(reason) => reason,
            },
            Err(error) => with_cause(&error),
        },
    };
    let index = paths.anew()?;
    *rebuilt = Some(reason);
    Ok((index, None))
}

/// Why the ledger does not have the frame an index ends with; `None` where it has.
fn mismatch(ledger: &Ledger, index: &Index, tail: Tail) -> Result<Option<String>, StoreError> {
    match index.base() {
        Ok(row) if row.base == ledger.base() => (),
        Ok(_) => return Ok(Some("it was made before retention gave up the oldest changes".to_owned())),
        Err(error) => return Ok(Some(with_cause(&error))),
    }
    let Tail { at, seq, hash } = tail;
    let place = format!("it ends with change {seq} at {} offset {}", ledger.path(at).display(), at.offset);
    match ledger.frame(at) {
        Ok(frame) if frame.hash() == hash => Ok(None),
        Ok(frame) => Ok(Some(format!("{place}, but the ledger has another change {} there", frame.seq))),
        Err(error) if is_absent(&error) => {
            Ok(Some(format!("{place}, which the ledger does not have: {}", with_cause(&error))))
        }
        // Too many open files, say, is no fault of the index.
        Err(error) => Err(error),
    }
}

fn is_absent(error: &StoreError) -> bool {
    match error {
        StoreError::Damaged { .. } => true,
        StoreError::Io { source, .. } => source.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

/// Enters what follows `from` into the index.
pub(super) fn replay(
    ledger: &Ledger,
    index: &Index,
    from: Option<Tail>,
    opened: &mut Opened,
) -> Result<End, StoreError> {
    ledger.walk(from, &mut |found| {
        match found {
            Found::Damage(damage) => opened.damage.push(damage),
            Found::Checkpoint { checkpoint, .. } => {
                for ids in checkpoint.forgotten.chunks(10_000) {
                    let mark = |it: &u64| (key::forgotten(ArticleId(*it)), Some(Vec::new()));
                    index.apply(ids.iter().map(mark).collect())?;
                }
                for ids in checkpoint.sent.chunks(10_000) {
                    let mark = |it: &String| (index.names().sent(&MessageId(it.clone())), Some(Vec::new()));
                    index.apply(ids.iter().map(mark).collect())?;
                }
                for it in &checkpoint.issued {
                    let row = IssueRow { slot: it.at, until: it.until };
                    index.apply(vec![index.put(index.names().issue(&it.digest, it.at), &row)?])?;
                }
                let row = BaseRow { base: ledger.base(), ..index.base()? };
                index.apply(vec![index.put(key::base(), &row)?])?;
            }
            Found::Frame { at, frame, chained, gap } => {
                opened.unchained += u64::from(!chained);
                opened.missing += gap;
                match ledger.decode(at, &frame) {
                    Ok(change) => {
                        let before = Before::read(index, ledger, &change)?;
                        enter(index, &change, before, Tail { at, seq: frame.seq, hash: frame.hash() })?;
                        opened.replayed += 1;
                    }
                    Err(StoreError::Damaged { path, offset, reason, .. }) => {
                        opened.damage.push(Damage { path, offset, bytes: at.len, reason });
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    })
}

fn with_cause(error: &StoreError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn log(dir: &Path, opened: &Opened) {
    let dir = dir.display();
    for damage in &opened.damage {
        tracing::error!(%damage, "the ledger is damaged");
    }
    let Opened { torn_bytes, replayed, removed_snapshots, missing, unchained, .. } = opened;
    match &opened.rebuilt {
        _ if opened.is_loss() => {
            tracing::error!(%dir, missing, unchained, replayed, torn_bytes, "store opened, with loss");
        }
        Some(reason) => tracing::warn!(%dir, %reason, replayed, torn_bytes, "store opened, index rebuilt"),
        None if *torn_bytes > 0 || *removed_snapshots > 0 => {
            tracing::warn!(%dir, replayed, torn_bytes, removed_snapshots, "store opened after an unclean end");
        }
        None => tracing::info!(%dir, replayed, "store opened"),
    }
}
