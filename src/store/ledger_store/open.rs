//! Opens a store: finds, repairs and reports what a crash, a power cut, a full disk or a flipped bit left behind.

use std::{
    fmt, fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, RwLock},
};

use super::{
    LedgerStore, Settings, View,
    lock::lock,
    paths::IndexPaths,
    replay::{disorder, numbers, replay},
    serve::socket,
};
use crate::{
    store::{
        IndexError, StoreError,
        acknowledged::{self, Acknowledged},
        altered,
        index::{Index, key, remove_stray_snapshots},
        io,
        ledger::{Damage, End, Hash, Ledger, Lost, Notice, Numbers, Tail, Writer, set_aside, sync_dir, write_anew},
    },
    text::error_chain,
};

/// What opening a store found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// Bytes of an unfinished write that were cut from the end of the ledger.
    pub torn_bytes: u64,
    /// Why the index was rebuilt from the ledger; `None` if it was not.
    pub rebuilt: Option<String>,
    /// Changes of the ledger that were entered into the index.
    pub replayed: u64,
    /// Ledger files whose sync had failed, and that were rewritten before anything was read.
    pub rewritten: u64,
    /// Half-written snapshots of the index that were removed.
    pub removed_snapshots: u64,
    /// Damage in the part of the ledger that was read. It is left as it is and skipped.
    pub damage: Vec<Damage>,
    /// Changes found missing by their numbers, because of damage or an absent segment. Damage that the index already
    /// knew is not reported again; [`Counts::lost`](crate::store::Counts) includes all.
    pub missing: u64,
    /// How many of the missing changes the ledger itself reports lost.
    pub known_lost: u64,
    /// Frames that do not follow the one before them.
    pub unchained: u64,
    /// Absent ledger files, with a lower number than an existing one.
    pub absent: u64,
    /// Changes after the end of the ledger that the index had, or that were acknowledged.
    pub beyond: u64,
    /// The acknowledged ones among these, which are lost: a ledger file was cut, damaged or removed. The ledger reports
    /// them from now on, and they count as missing. `None` if none was acknowledged before a power cut.
    pub lost: Option<Lost>,
    /// The number of the index's last change, if the ledger has another in its place although it was acknowledged:
    /// somebody changed it. The ledger counts. It is reported here once, and by [`LedgerStore::altered`] as long as the
    /// difference exists.
    pub altered: Option<u64>,
    /// The file with the bytes cut from the end of the ledger; `None` if there were none but zeros.
    pub set_aside: Option<PathBuf>,
}

impl Opened {
    /// Whether this start found a loss that the ledger did not report before.
    pub fn is_loss(&self) -> bool {
        !self.damage.is_empty()
            || self.missing > self.known_lost
            || self.unchained > 0
            || self.absent > 0
            || self.lost.is_some()
            || self.altered.is_some()
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
        if let Some(path) = &self.set_aside {
            write!(f, ", which are in {} now", path.display())?;
        }
        if let Some(lost) = &self.lost {
            write!(f, "; {lost}")?;
        }
        if self.rewritten > 0 {
            write!(f, "; {} files of the ledger written anew, since they could not be synced", self.rewritten)?;
        }
        if self.removed_snapshots > 0 {
            write!(f, "; {} half-written index snapshots removed", self.removed_snapshots)?;
        }
        if self.missing > 0 || self.unchained > 0 {
            write!(f, "; {} changes missing, {} out of the chain", self.missing, self.unchained)?;
        }
        if self.absent > 0 {
            write!(f, "; {} files of the ledger are not there", self.absent)?;
        }
        if self.beyond > 0 {
            write!(
                f,
                "; {} changes that the index had come to, or that were acknowledged, are not in the ledger",
                self.beyond
            )?;
        }
        if let Some(seq) = self.altered {
            write!(f, "; record {seq} was changed after it had been acknowledged")?;
        }
        for damage in &self.damage {
            write!(f, "; damaged: {damage}")?;
        }
        Ok(())
    }
}

/// How far an index has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The number of the last change.
    pub seq: u64,
    /// Whether the ledger has another change in its place although it was acknowledged.
    pub is_altered: bool,
}

/// See [`LedgerStore::open`].
pub(super) fn open(settings: &Settings) -> Result<(LedgerStore, Opened), StoreError> {
    let dir = settings.dir.as_path();
    fs::create_dir_all(dir).map_err(io("create", dir))?;
    let lock = lock(dir)?;
    let mut opened = Opened { rewritten: write_anew(&dir.join("ledger"))?, ..Opened::default() };
    let ledger = Ledger::open(&dir.join("ledger"))?;
    sync_dir(dir)?;

    ledger.clear()?;
    let paths = IndexPaths::open(settings)?;
    paths.clear()?;
    opened.removed_snapshots = remove_stray_snapshots(&paths.settings.dir)?;
    let noted = acknowledged::noted(dir);
    let (mut index, mut from, reached) = open_index(&paths, &ledger, noted, &mut opened)?;
    if from.is_none() && opened.rebuilt.is_none() && ledger.bytes() > 0 {
        opened.rebuilt = Some("it was missing or empty".to_owned());
    }
    let end = loop {
        match replay(&ledger, &index, from, &mut opened) {
            // If a rebuilt index fails too, the old one is not to blame.
            Err(error @ StoreError::Index { .. }) if opened.rebuilt.is_none() => {
                drop(index);
                let reason = error_chain(&error);
                let Opened { rewritten, removed_snapshots, .. } = opened;
                opened = Opened { rewritten, removed_snapshots, ..Opened::default() };
                index = paths.anew()?;
                from = None;
                opened.rebuilt = Some(reason);
            }
            res => break res?,
        }
    };
    opened.absent = ledger.absent();
    // Only holes before the part read above are searched; the reading itself found those after.
    let mut holes = from.map_or_else(|| Ok(Vec::new()), |from| holes(&ledger, &index, from.at.segment))?;
    if !holes.is_empty() {
        let mut of_holes = Numbers::default();
        of_holes.lose(&holes);
        opened.missing += of_holes.missing();
    }
    opened.damage.extend(ledger.left_proof(left_hashes(&index, ledger.base())?)?.1);
    let mut writer = go_on(settings, &ledger, &index, &end, reached, noted, &mut opened)?;
    // If the ledger cannot record the loss, the changes are missing all the same.
    holes.extend(opened.lost.filter(|_| writer.check().is_err()).map(|it| (it.from, it.to)));
    let acknowledged = note_acknowledged(dir, &mut writer, noted, &opened);
    match opened.replayed {
        _ if opened.rebuilt.is_some() => index.sync()?,
        0 => (),
        _ => index.flush()?,
    }
    log(dir, &opened);
    let store = LedgerStore {
        settings: settings.clone(),
        view: RwLock::new(Arc::new(View::new(ledger, index))),
        writer: Mutex::new(writer),
        acknowledged,
        holes,
        tending: Mutex::new(()),
        serving: Mutex::default(),
        _lock: Some(lock),
    };
    Ok((store, opened))
}

/// Brings the note of the last acknowledged change up to date. After a power cut it may be too low, and what is read
/// now is what others will rely on. What is noted must be durable. If it cannot be made durable, nothing is noted and
/// nothing more is written, as after any failed sync; reading stays possible, so that the store opens.
fn note_acknowledged(dir: &Path, writer: &mut Writer, noted: Option<u64>, opened: &Opened) -> Option<Acknowledged> {
    let is_behind = opened.lost.is_some() || noted.is_none_or(|it| it < writer.seq());
    if is_behind || !acknowledged::is_sound(dir) {
        writer.sync().inspect_err(stopped).ok()?;
    }
    let acknowledged = Acknowledged::open(dir, writer.seq())?;
    if is_behind {
        acknowledged.note(writer.seq());
    }
    Some(acknowledged)
}

fn stopped(error: &StoreError) {
    tracing::error!(error = error_chain(error), "nothing can be written to the ledger; what it holds can be read");
}

/// The writer that continues after the end of the ledger. The end is first cut to its last whole frame, and the bytes
/// cut are set aside. If acknowledged changes are missing, the ledger records that before anything else.
fn go_on(
    settings: &Settings,
    ledger: &Ledger,
    index: &Index,
    end: &End,
    reached: u64,
    noted: Option<u64>,
    opened: &mut Opened,
) -> Result<Writer, StoreError> {
    let stands_last = end.tail.map_or(0, |it| it.seq);
    let disorder = disorder(index)?;
    let last = last(ledger, end.tail, disorder.and_then(|it| it.last), noted)?;
    let seq = last.map_or(0, |it| it.seq);
    opened.beyond = reached.max(noted.unwrap_or(0)).saturating_sub(seq);
    // The index proves no loss: after a power cut it may be ahead of the ledger, with changes that were never
    // acknowledged.
    let lost = noted.filter(|it| *it > seq).map(|to| Lost { from: seq + 1, to, noticed: (settings.clock)() });
    if let Some(torn) = &end.torn {
        opened.torn_bytes = torn.bytes;
        opened.set_aside = match set_aside(torn, stands_last + 1) {
            Err(error) if lost.is_none() => {
                // A full disk, say. Nothing in it was acknowledged.
                tracing::warn!(error = error_chain(&error), %torn, "what an unfinished write left could not be set aside");
                None
            }
            res => res?,
        };
    }
    let mut writer = Writer::open(ledger, end, settings.segment_bytes)?;
    // A daemon that refused to start would miss news. In a file of its own, after the frame with the number before it,
    // what is written from now on stays in its place even if somebody restores the names of the other files: the chain
    // then holds.
    if let Some(last) = last.filter(|it| disorder.is_some() || it.seq > stands_last)
        && writer.go_on_after(last)
    {
        tracing::error!(seq, "the last files of the ledger are out of order: it is gone on with in a new one");
    }
    if let Some(lost) = lost {
        // If this fails, nothing more is written, and the loss is found again at the next start.
        let written = writer.notice(&Notice::Lost(lost), lost.noticed).and_then(|_| writer.sync());
        written.unwrap_or_else(|error| stopped(&error));
        let mut after = Opened::default();
        replay(ledger, index, end.tail, &mut after)?;
        opened.missing += after.missing;
        opened.known_lost += after.known_lost;
        opened.lost = Some(lost);
    }
    Ok(writer)
}

/// The frame with the highest number. If files are out of order it need not be the last frame of the last file. Before
/// anything is declared lost, for good, every file is searched.
///
/// `end` is where the walk ended, `known` what an index knew of files out of order, and `noted` the number last
/// acknowledged.
fn last(
    ledger: &Ledger,
    end: Option<Tail>,
    known: Option<Tail>,
    noted: Option<u64>,
) -> Result<Option<Tail>, StoreError> {
    let last = match known.filter(|it| end.is_none_or(|end| end.seq < it.seq)) {
        None => end,
        Some(it) if ledger.has(it) => Some(it),
        Some(_) => ledger.last_by_number()?,
    };
    // A loss is recorded for good, so every file is searched first.
    match last.map_or(0, |it| it.seq) < noted.unwrap_or(0) {
        true => ledger.last_by_number(),
        false => Ok(last),
    }
}

/// The hashes that the chain holds of the file that retention left up to `base`.
fn left_hashes(index: &Index, base: u32) -> Result<Vec<(Hash, ())>, StoreError> {
    let (from, mut res) = (key::left_prefix(base), Vec::new());
    index.rows(&from, &key::after(&from), |_, sha256: Hash| {
        res.push((sha256, ()));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(res)
}

/// See [`LedgerStore::remote`].
pub(super) fn remote(settings: &Settings) -> Result<Option<LedgerStore>, StoreError> {
    let ledger = Ledger::open(&settings.dir.join("ledger"))?;
    let Some(index) = Index::remote(&socket(&settings.dir), ledger.base())? else { return Ok(None) };
    let writer = Writer::refusing(&ledger, "another process has the store");
    let holes = holes(&ledger, &index, u32::MAX)?;
    Ok(Some(LedgerStore {
        settings: settings.clone(),
        view: RwLock::new(Arc::new(View::new(ledger, index))),
        writer: Mutex::new(writer),
        acknowledged: None,
        holes,
        tending: Mutex::new(()),
        serving: Mutex::default(),
        _lock: None,
    }))
}

/// See [`Ledger::holes`]. A failure to read them does not keep the store from opening. If files are out of order, what
/// is beside a hole does not tell what was in it.
fn holes(ledger: &Ledger, index: &Index, until: u32) -> Result<Vec<(u64, u64)>, StoreError> {
    if disorder(index)?.is_some() {
        return Ok(Vec::new());
    }
    Ok(ledger.holes(until).unwrap_or_else(|error| {
        tracing::warn!(error = error_chain(&error), "what is missing with files of the ledger cannot be told");
        Vec::new()
    }))
}

/// The position of the index, if nobody has the store open and the index can be opened.
pub(super) fn reached(settings: &Settings) -> Result<Option<Reached>, StoreError> {
    let Ok(_lock) = lock(&settings.dir) else { return Ok(None) };
    let paths = IndexPaths::open(settings)?.settings;
    if paths.suspect.exists() || !paths.dir.is_dir() {
        return Ok(None);
    }
    remove_stray_snapshots(&paths.dir)?;
    let Some(tail) = Index::reached(&paths) else { return Ok(None) };
    let is_altered = match settings.is_there()? {
        true => {
            let ledger = Ledger::open(&settings.dir.join("ledger"))?;
            is_altered(&settings.dir, &ledger, tail, acknowledged::noted(&settings.dir))
        }
        false => false,
    };
    Ok(Some(Reached { seq: tail.seq, is_altered }))
}

/// Whether the ledger has another change in place of the index's last one, although that was acknowledged. After a
/// power cut an index may have a change that the ledger never kept, whose number another change gets later; the index
/// is then rebuilt before the other change is written. An index built from the altered change is wrong too, once
/// somebody has restored the original.
fn is_altered(dir: &Path, ledger: &Ledger, tail: Tail, noted: Option<u64>) -> bool {
    noted.is_some_and(|it| tail.seq <= it) && ledger.has_another(tail) && !altered::is_put_right(dir, ledger, tail)
}

/// The index with its position, after a check that the ledger has that position; and the number of the index's last
/// change, which the ledger may not have.
fn open_index(
    paths: &IndexPaths,
    ledger: &Ledger,
    noted: Option<u64>,
    opened: &mut Opened,
) -> Result<(Index, Option<Tail>, u64), StoreError> {
    let mut reached = 0;
    let reason = match paths.settings.suspect.exists() {
        true => "it failed while it was last in use".to_owned(),
        false if paths.is_no_directory() => "it was no directory".to_owned(),
        false => match Index::open(&paths.settings).and_then(|index| Ok((index.meta()?, index))) {
            Ok((None, index)) => return Ok((index, None, 0)),
            Ok((Some(meta), index)) => match mismatch(ledger, &index, meta.tail)? {
                None => return Ok((index, Some(meta.tail), meta.tail.seq)),
                Some(reason) => {
                    reached = meta.tail.seq;
                    let dir = paths.state_dir();
                    if is_altered(&dir, ledger, meta.tail, noted) {
                        opened.altered = Some(reached);
                        // Noted before the index is removed, which alone knows it.
                        altered::note(&dir, meta.tail).unwrap_or_else(|error| {
                            let error = error_chain(&error);
                            tracing::error!(
                                error,
                                seq = reached,
                                "that a record was changed is told this once: it cannot be noted"
                            );
                        });
                    }
                    reason
                }
            },
            Err(error) => {
                // It may be an index of the previous version.
                if let StoreError::Index { source: IndexError::Row(_), .. } = &error {
                    reached = Index::reached(&paths.settings).map_or(0, |it| it.seq);
                }
                error_chain(&error)
            }
        },
    };
    let index = paths.anew()?;
    opened.rebuilt = Some(reason);
    Ok((index, None, reached))
}

/// Why the ledger does not have the last frame of an index; `None` if it has.
fn mismatch(ledger: &Ledger, index: &Index, tail: Tail) -> Result<Option<String>, StoreError> {
    match index.base() {
        Ok(row) if row.base == ledger.base() => (),
        Ok(_) => return Ok(Some("it was made before retention gave up the oldest changes".to_owned())),
        Err(error) => return Ok(Some(error_chain(&error))),
    }
    if let Some(reason) = mended(ledger, index, tail)? {
        return Ok(Some(reason));
    }
    let Tail { at, seq, hash } = tail;
    let place = format!("it ends with change {seq} at {} offset {}", ledger.path(at).display(), at.offset);
    match ledger.frame(at) {
        Ok(frame) if frame.hash() == hash => Ok(None),
        Ok(frame) => Ok(Some(format!("{place}, but the ledger has another change {} there", frame.seq))),
        Err(error) if is_absent(&error) => {
            Ok(Some(format!("{place}, which the ledger does not have: {}", error_chain(&error))))
        }
        // Other errors, such as too many open files, are no fault of the index.
        Err(error) => Err(error),
    }
}

/// Why the damage that an index ending with `tail` knows is no longer current: somebody has repaired the ledger's
/// files, or put them out of order. Such an index must be rebuilt, since it lacks the records of restored files and
/// looks for records in the wrong files. Only the first record of each file is checked: a file repaired in its middle
/// is noticed at the next rebuild.
fn mended(ledger: &Ledger, index: &Index, tail: Tail) -> Result<Option<String>, StoreError> {
    let (numbers, disorder) = (numbers(index)?, disorder(index)?);
    if disorder.is_none() && !ledger.goes_on_in_order(tail)? {
        return Ok(Some("files of the ledger that it had not come to are out of order".to_owned()));
    }
    if numbers.missing() == 0 && disorder.is_none() {
        return Ok(None);
    }
    let firsts = ledger.first_numbers(0)?;
    Ok(if let Some((segment, _)) = firsts.iter().find(|it| numbers.is_missing(it.1)) {
        Some(format!("file {segment} of the ledger is there again"))
    } else if disorder.is_some_and(|it| !it.is_of(&firsts)) {
        Some("files of the ledger have other names than when it was made".to_owned())
    } else {
        None
    })
}

fn is_absent(error: &StoreError) -> bool {
    match error {
        StoreError::Damaged { .. } => true,
        StoreError::Io { source, .. } => source.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

fn log(dir: &Path, opened: &Opened) {
    let dir = dir.display();
    for damage in &opened.damage {
        tracing::error!(%damage, "the ledger is damaged");
    }
    let set_aside = opened.set_aside.as_ref().map(|it| it.display().to_string());
    if let Some(lost) = &opened.lost {
        tracing::error!(%dir, from = lost.from, to = lost.to, set_aside, "records that were acknowledged are lost");
    }
    if let Some(seq) = opened.altered {
        tracing::error!(%dir, seq, "a record was changed after it had been acknowledged");
    }
    let Opened { torn_bytes, replayed, removed_snapshots, missing, unchained, absent, .. } = opened;
    match &opened.rebuilt {
        _ if opened.is_loss() => {
            tracing::error!(%dir, missing, unchained, absent, replayed, torn_bytes, set_aside, "store opened, with loss");
        }
        Some(reason) if opened.beyond > 0 => {
            let beyond = opened.beyond;
            tracing::error!(%dir, %reason, replayed, beyond, torn_bytes, set_aside, "store opened, index rebuilt: it had come to changes that the ledger does not have");
        }
        Some(reason) => tracing::warn!(%dir, %reason, replayed, torn_bytes, set_aside, "store opened, index rebuilt"),
        None if *torn_bytes > 0 || *removed_snapshots > 0 => {
            tracing::warn!(%dir, replayed, torn_bytes, set_aside, removed_snapshots, "store opened after an unclean end");
        }
        None => tracing::info!(%dir, replayed, "store opened"),
    }
}
