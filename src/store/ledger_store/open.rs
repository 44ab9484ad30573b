//! Opening: what a crash, a power cut, a full disk or a flipped bit left behind is found, put right and told.

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
use crate::store::{
    IndexError, StoreError,
    acknowledged::{self, Acknowledged},
    altered,
    index::{Index, key, remove_stray_snapshots},
    io,
    ledger::{Damage, End, Hash, Ledger, Lost, Notice, Numbers, Tail, Writer, set_aside, sync_dir, write_anew},
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
    /// Files of the ledger that could not be synced while they were last in use, and were written anew before anything
    /// was read.
    pub rewritten: u64,
    /// Half-written snapshots of the index that were removed.
    pub removed_snapshots: u64,
    /// What is damaged in the part of the ledger that was read. It is left as it is and passed over.
    pub damage: Vec<Damage>,
    /// Changes that were found to be missing by their number, because of the damage or of a segment that is not there.
    /// Those of damage that an index had come to before are not told again; [`Counts::lost`](crate::store::Counts) has
    /// them all.
    pub missing: u64,
    /// How many of these the ledger says itself are lost.
    pub known_lost: u64,
    /// Frames that do not follow the one before them.
    pub unchained: u64,
    /// Files of the ledger that are not there though one of a higher number is.
    pub absent: u64,
    /// Changes after the end of the ledger that the index had come to, or that were acknowledged.
    pub beyond: u64,
    /// Whether some of these were acknowledged, so that they are lost: a file of the ledger was cut, damaged or
    /// removed. The ledger says so from now on, and they count as missing. Else the power was cut before they were.
    pub lost: Option<Lost>,
    /// The last change that the index had come to, where the ledger has another in its place though it was
    /// acknowledged: somebody changed it. What the ledger has counts. It is told once here, and by
    /// [`LedgerStore::altered`] as long as it stands.
    pub altered: Option<u64>,
    /// Where the bytes are now that were cut from the end of the ledger; `None` where there were none but zeros.
    pub set_aside: Option<PathBuf>,
}

impl Opened {
    /// Whether something was found to be lost that the ledger does not tell itself, or that it has told from now on.
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
    /// Whether the ledger has another in its place though it was acknowledged.
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
            // A rebuilt index that fails too is no fault of the old one.
            Err(error @ StoreError::Index { .. }) if opened.rebuilt.is_none() => {
                drop(index);
                let reason = with_cause(&error);
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
    // What was read above tells what is missing after it.
    let mut holes = from.map_or_else(|| Ok(Vec::new()), |from| holes(&ledger, &index, from.at.segment))?;
    if !holes.is_empty() {
        let mut of_holes = Numbers::default();
        of_holes.lose(&holes);
        opened.missing += of_holes.missing();
    }
    opened.damage.extend(ledger.left_proof(left_hashes(&index, ledger.base())?)?.1);
    let mut writer = go_on(settings, &ledger, &index, &end, reached, noted, &mut opened)?;
    // Where the ledger cannot say it, they are missing all the same.
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

/// The note of what is acknowledged, brought up to date: it may say less, after a power cut, and what is read now is
/// what others go by from here on. What is noted must be durable. Where it cannot be made so, nothing is noted and
/// nothing is written any more, as after any failed sync; what is held can be read all the same, so that it keeps no
/// store shut.
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
    tracing::error!(error = with_cause(error), "nothing can be written to the ledger; what it holds can be read");
}

/// The writer that goes on after the end of the ledger, which is cut to its last whole frame and whose bytes are set
/// aside first. Where changes are not there that were acknowledged, the ledger says so before anything else is written.
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
    // What the index had come to is no proof: after a power cut it may be ahead of the ledger, of which no more was
    // acknowledged.
    let lost = noted.filter(|it| *it > seq).map(|to| Lost { from: seq + 1, to, noticed: (settings.clock)() });
    if let Some(torn) = &end.torn {
        opened.torn_bytes = torn.bytes;
        opened.set_aside = match set_aside(torn, stands_last + 1) {
            Err(error) if lost.is_none() => {
                // A full disk, say. Nothing in it was acknowledged.
                tracing::warn!(error = with_cause(&error), %torn, "what an unfinished write left could not be set aside");
                None
            }
            res => res?,
        };
    }
    let mut writer = Writer::open(ledger, end, settings.segment_bytes)?;
    // A daemon that refused to start would catch no news. In a file of its own, and after the frame with the number
    // before it, what is written from now on stays in its place when somebody gives the other files their names again:
    // then the chain holds.
    if let Some(last) = last.filter(|it| disorder.is_some() || it.seq > stands_last)
        && writer.go_on_after(last)
    {
        tracing::error!(seq, "the last files of the ledger are out of order: it is gone on with in a new one");
    }
    if let Some(lost) = lost {
        // Where that fails nothing is written any more, and it is found again at the next start.
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
    // What is told as lost is told for good, so it is looked for everywhere first.
    match last.map_or(0, |it| it.seq) < noted.unwrap_or(0) {
        true => ledger.last_by_number(),
        false => Ok(last),
    }
}

/// What the chain has of the file of what is left up to `base`.
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

/// See [`Ledger::holes`]. That they cannot be told keeps no store shut. What stands beside a hole tells what was in it
/// only where files are in order.
fn holes(ledger: &Ledger, index: &Index, until: u32) -> Result<Vec<(u64, u64)>, StoreError> {
    if disorder(index)?.is_some() {
        return Ok(Vec::new());
    }
    Ok(ledger.holes(until).unwrap_or_else(|error| {
        tracing::warn!(error = with_cause(&error), "what is missing with files of the ledger cannot be told");
        Vec::new()
    }))
}

/// How far the index has come, where nobody has the store open and the index opens.
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

/// Whether the ledger has another change in the place of this one, though it was acknowledged. After a power cut an
/// index may have come to one that never was, and whose number and place another has since: it is made anew then,
/// before that other is written. An index that was made from the changed one is wrong where somebody has put the first
/// back since.
fn is_altered(dir: &Path, ledger: &Ledger, tail: Tail, noted: Option<u64>) -> bool {
    noted.is_some_and(|it| tail.seq <= it) && ledger.has_another(tail) && !altered::is_put_right(dir, ledger, tail)
}

/// The index with the place it has come to, after a check that the ledger has that place; and the number of the last
/// change that it had come to, which the ledger may not have.
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
                        // Before the index goes that alone knows it.
                        altered::note(&dir, meta.tail).unwrap_or_else(|error| {
                            let error = with_cause(&error);
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
                // It may be of the version before.
                if let StoreError::Index { source: IndexError::Row(_), .. } = &error {
                    reached = Index::reached(&paths.settings).map_or(0, |it| it.seq);
                }
                with_cause(&error)
            }
        },
    };
    let index = paths.anew()?;
    opened.rebuilt = Some(reason);
    Ok((index, None, reached))
}

/// Why the ledger does not have the frame an index ends with; `None` where it has.
fn mismatch(ledger: &Ledger, index: &Index, tail: Tail) -> Result<Option<String>, StoreError> {
    match index.base() {
        Ok(row) if row.base == ledger.base() => (),
        Ok(_) => return Ok(Some("it was made before retention gave up the oldest changes".to_owned())),
        Err(error) => return Ok(Some(with_cause(&error))),
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
            Ok(Some(format!("{place}, which the ledger does not have: {}", with_cause(&error))))
        }
        // Too many open files, say, is no fault of the index.
        Err(error) => Err(error),
    }
}

/// Why what an index that ends with `tail` knows of damage is true no more: somebody has put the files of the ledger
/// right, or out of order. Unless it is made anew, it does not know what is in a file that was not there, and looks for
/// records in the wrong ones. Of each file only the first record is looked at: one that is put right in its middle is
/// noticed when the index is next made anew.
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
