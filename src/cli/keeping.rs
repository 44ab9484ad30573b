//! `sitrepd verify`, `compact`, `backup` and `restore`: that what was kept stays kept, and no longer than it should.

use std::{fmt::Write as _, path::Path};

use serde_json::json;

use crate::{
    config::Origin,
    store::{self, GivenUp, LedgerReader, LedgerStore, Lost, Settings, StoreError, Verified},
};

use super::{
    CliError, Output, logging,
    output::{ALARM, WELL, count, shown},
    setup,
};

/// Reads every frame of the archive, or of a backup of it, and proves that none is changed and none is missing.
pub(super) fn verify(origin: &Origin, backup: Option<&Path>, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let settings = match backup {
        Some(dir) => Settings::new(dir),
        None => setup::place(origin)?,
    };
    // What a backup lacks is told below.
    if !(backup.is_some_and(|it| it.join("ledger").is_dir()) || setup::is_there(&settings)?) {
        return Err(CliError::NotFound(format!("there is no ledger in {}", settings.dir.display())));
    }
    // Read first, so that the records read afterwards include everything that another process acknowledged by then.
    let acknowledged = LedgerStore::acknowledged(&settings).unwrap_or_default();
    let reader = LedgerReader::open(&settings)?;
    let verified = reader.verify()?;
    // What looks damaged may be a write that is under way; a moment later it is done.
    let verified = if verified.damage.is_empty() { verified } else { reader.verify()? };
    let reached = match backup {
        None if setup::others(&settings).is_none() => LedgerStore::reached(&settings)?,
        _ => None,
    };
    let index = reached.map_or(0, |it| it.seq);
    let beyond = Beyond::new(verified.last_seq, index, acknowledged);
    let altered = LedgerStore::altered(&settings)?.or(reached.filter(|it| it.is_altered).map(|it| it.seq));
    let half_copied = backup.map_or(Ok(None), store::half_copied)?;
    let is_unfinished = half_copied.is_some() || backup.is_some() && verified.is_empty();
    report(&verified, beyond, altered, !is_unfinished, out)?;
    let dir = settings.dir.display();
    let advice = "what is whole is read all the same; a backup may hold the rest, see sitrepd verify --backup DIR and sitrepd restore";
    let mut told = Vec::new();
    if !is_whole(&verified) {
        told.push(format!("the ledger in {dir} is not as it was written: {}; {advice}", losses(&verified)));
    }
    told.extend(cut(verified.last_seq, beyond));
    if let Some(path) = half_copied {
        told.push(unfinished(&settings.dir, &path));
    } else if let Some(to) = backup.filter(|_| beyond.acknowledged > 0) {
        told.push(format!("if a first backup into {dir} was interrupted, sitrepd backup {} finishes it", to.display()));
    } else if let Some(to) = backup.filter(|_| is_unfinished) {
        told.push(StoreError::Empty { dir: to.to_owned() }.to_string());
    }
    told.extend(altered.map(changed));
    match told.is_empty() {
        true => Ok(()),
        false => Err(CliError::BadData(told.join(". Besides, "))),
    }
}

/// The message that a backup has a file that is half written.
fn unfinished(dir: &Path, half: &Path) -> String {
    let (dir, half) = (dir.display(), half.display());
    format!(
        "a backup into {dir} was interrupted, or is under way: {half} is half written. What is older than that is there; sitrepd backup {dir} \
         brings it up to date"
    )
}

/// The message that the newest record known to the index was changed.
pub(super) fn changed(seq: u64) -> String {
    format!(
        "record {seq} was changed after it had been acknowledged: the index had another hash of it. A backup may have it as it was \
         (sitrepd verify --backup DIR)"
    )
}

fn out_of_order(n: usize) -> String {
    let (records, stand) = (count(n, "record"), if n == 1 { "stands" } else { "stand" });
    format!("{records} {stand} out of order or twice: files in the directory ledger were renamed or copied")
}

/// Records after the end of the ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Beyond {
    /// Acknowledged records, which are lost.
    pub(super) acknowledged: u64,
    /// Further records known only to the index. A power cut leaves such records, and nothing is lost then.
    pub(super) indexed: u64,
}

impl Beyond {
    /// The records after `last`, of an archive whose index had reached `index` and in which everything up to
    /// `acknowledged` was acknowledged.
    pub(super) fn new(last: u64, index: u64, acknowledged: u64) -> Self {
        let after = acknowledged.max(last);
        Self { acknowledged: after.saturating_sub(last), indexed: index.saturating_sub(after) }
    }

    pub(super) fn all(self) -> u64 {
        self.acknowledged.saturating_add(self.indexed)
    }
}

pub(super) fn records(n: u64) -> String {
    count(usize::try_from(n).unwrap_or(usize::MAX), "record")
}

/// The message that the end of the ledger is missing, and what can be done; `None` if it is not.
pub(super) fn cut(last: u64, beyond: Beyond) -> Option<String> {
    let are = |n| if n == 1 { "is" } else { "are" };
    let Beyond { acknowledged, indexed } = beyond;
    let how = match (acknowledged, indexed) {
        (0, 0) => return None,
        (0, n) => format!(
            "{} after it that the index had come to {} not there. If the power was cut, nothing is lost: they were never acknowledged. If a \
             file in the directory ledger was cut or removed, put",
            records(n),
            are(n)
        ),
        (n, more) => {
            let of_index = match more {
                0 => String::new(),
                more => {
                    format!(", nor {} after these that the index had come to and nobody acknowledged", records(more))
                }
            };
            format!(
                "{} after it that had been acknowledged {} not there{of_index}. A file in the directory ledger was cut, damaged or removed: \
                 put",
                records(n),
                are(n)
            )
        }
    };
    Some(format!(
        "the ledger ends with record {last}, and {how} it back, or move the archive away and make it anew from a backup with sitrepd restore"
    ))
}

fn is_whole(it: &Verified) -> bool {
    it.damage.is_empty() && it.first_break.is_none() && it.missing == 0
}

/// Whether nothing is wrong except losses that the ledger itself reports: a copy of it can have no more.
fn is_as_told(it: &Verified) -> bool {
    it.damage.is_empty() && it.first_break.is_none() && it.missing <= it.known_lost
}

fn losses(it: &Verified) -> String {
    let missing = usize::try_from(it.missing).unwrap_or(usize::MAX);
    let mut res = format!("{}, {} missing", count(it.damage.len(), "damaged place"), count(missing, "record"));
    if it.out_of_order > 0 {
        let n = usize::try_from(it.out_of_order).unwrap_or(usize::MAX);
        let _ = write!(res, "; {}", out_of_order(n));
    }
    // Damage and what is missing break the chain too; a break alone is a change that nobody should have made.
    if let (Some(it), true, 0) = (&it.first_break, it.damage.is_empty(), missing) {
        let _ = write!(res, "; the chain of hashes is broken at record {}", it.seq);
    }
    if let Some(it) = it.lost.first() {
        let _ = write!(res, "; {it}");
    }
    res
}

/// `is_finished` is false of a backup that was interrupted.
fn report(
    it: &Verified,
    beyond: Beyond,
    altered: Option<u64>,
    is_finished: bool,
    out: &Output,
) -> Result<(), CliError> {
    let is_sound = is_whole(it) && beyond.all() == 0 && altered.is_none();
    let is_whole = is_sound && is_finished;
    if out.is_json() {
        out.record(&json!({
            "whole": is_whole,
            "frames": it.frames,
            "segments": it.segments,
            "first": it.first_seq,
            "last": it.last_seq,
            "missing": it.missing,
            "out_of_order": it.out_of_order,
            "beyond": beyond.all(),
            "beyond_acknowledged": beyond.acknowledged,
            "altered": altered,
            "given_up": it.given_up.as_ref().map(given_up),
            "left_proved": it.left_proved,
            "lost": it.lost.iter().map(lost).collect::<Vec<_>>(),
            "damage": it.damage.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "first_break": it.first_break.as_ref().map(ToString::to_string),
        }))?;
    } else {
        let (frames, segments) = (it.frames, it.segments);
        let word = match is_whole {
            true => format!("{WELL}whole{WELL:#}"),
            false if is_sound => format!("{ALARM}not finished{ALARM:#}"),
            false if is_as_told(it) && beyond.all() == 0 && altered.is_none() => {
                format!("{ALARM}whole but for what was lost before{ALARM:#}")
            }
            false => format!("{ALARM}damaged{ALARM:#}"),
        };
        out.line(format!(
            "{word}  {}, {} to {}, in {}",
            records(frames),
            it.first_seq,
            it.last_seq,
            count(usize::try_from(segments).unwrap_or(usize::MAX), "file")
        ))?;
        if let Some(given_up) = &it.given_up {
            out.wrapped("  ", &given_up.to_string())?;
            out.wrapped("  ", &left(it))?;
        }
        let broken = it.first_break.iter().filter(|_| !it.damage.is_empty()).map(ToString::to_string);
        for place in places(it).into_iter().chain(broken) {
            out.wrapped("  ", &shown(&place))?;
        }
    }
    Ok(())
}

/// The damaged places. Damage breaks the chain; a break without damage is a change that nobody should have made.
pub(super) fn places(it: &Verified) -> Vec<String> {
    let damage = it.damage.iter().map(ToString::to_string);
    let broken = it.first_break.iter().filter(|_| it.damage.is_empty()).map(ToString::to_string);
    let order =
        Some(it.out_of_order).filter(|it| *it > 0).map(|it| out_of_order(usize::try_from(it).unwrap_or(usize::MAX)));
    damage.chain(broken).chain(order).chain(it.lost.iter().map(ToString::to_string)).collect()
}

/// Whether what retention left is proved.
fn left(it: &Verified) -> String {
    match it.left_proved {
        Some(seq) => format!("what is left of that time is proved by record {seq}"),
        None => {
            "what is left of that time is not proved: an older sitrepd left it; the next retention proves it".to_owned()
        }
    }
}

fn lost(it: &Lost) -> serde_json::Value {
    json!({ "from": it.from, "to": it.to, "noticed": it.noticed.to_rfc3339() })
}

fn given_up(it: &GivenUp) -> serde_json::Value {
    json!({
        "records": it.frames,
        "left": it.kept,
        "articles": it.articles,
        "last": it.last_seq,
        "until": it.until.to_rfc3339(),
    })
}

/// Tends the archive at once.
pub(super) fn compact(origin: &Origin, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    if !setup::is_there(&config.store)? {
        let dir = config.state_dir.display();
        return Err(CliError::NotFound(format!("there is no archive in {dir}; sitrepd poll makes one")));
    }
    let done = setup::own_archive(&config)?.compact()?;
    let index = done.index.map(|(before, after)| json!({ "before": before, "after": after }));
    let damage = done.damage.iter().map(ToString::to_string).collect::<Vec<_>>();
    let record = json!({
        "given_up": done.given_up.as_ref().map(given_up),
        "index": index,
        "damage": damage,
        "missing": done.missing,
        "only_indexed": done.only_indexed,
    });
    out.done(&done.to_string(), &record)?;
    match done.is_loss() {
        false => Ok(()),
        true => Err(CliError::BadData("the archive is not as it was written; sitrepd verify tells where".to_owned())),
    }
}

/// Copies the archive, beside a running daemon too.
pub(super) fn backup(origin: &Origin, dir: &Path, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let place = setup::place(origin)?;
    if !setup::is_there(&place)? {
        let dir = place.dir.display();
        return Err(CliError::NotFound(format!("there is no archive in {dir}; sitrepd poll makes one")));
    }
    if is_within(dir, &place.dir) {
        let (dir, own) = (dir.display(), place.dir.display());
        return Err(CliError::Exists(format!(
            "{dir} is in the archive itself, {own}: name a directory elsewhere, best on another disk"
        )));
    }
    let made = match LedgerReader::open(&place)?.back_up(dir) {
        Err(StoreError::Foreign { path }) => return Err(differing(&place, dir, &path)?),
        made => made?,
    };
    let altered = LedgerStore::altered(&place)?;
    let is_good = is_as_told(&made.found) && made.beyond == 0 && altered.is_none();
    if made.last_seq == 0 && made.beyond == 0 {
        out.note("the archive holds no record yet: nothing can be restored from this backup");
    }
    let text = format!(
        "{} up to record {} in {}; sitrepd verify --backup {} {}",
        count(usize::try_from(made.segments).unwrap_or(usize::MAX), "file"),
        made.last_seq,
        dir.display(),
        dir.display(),
        if is_good && made.last_seq > 0 { "proves it" } else { "tells what is amiss with it" }
    );
    let record = json!({
        "segments": made.segments,
        "held": made.held,
        "bytes": made.bytes,
        "last": made.last_seq,
        "damage": made.found.damage.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "missing": made.found.missing,
        "out_of_order": made.found.out_of_order,
        "first_break": made.found.first_break.as_ref().map(ToString::to_string),
        "lost": made.found.lost.iter().map(lost).collect::<Vec<_>>(),
        "beyond": made.beyond,
        "altered": altered,
    });
    out.done(&text, &record)?;
    if is_good {
        return Ok(());
    }
    let (own, dir) = (place.dir.display(), dir.display());
    Err(CliError::BadData(format!(
        "the archive in {own} is not as it was written, and the copy in {dir} is no better: {}; if another backup is whole (sitrepd verify \
         --backup DIR), keep it",
        altered.map_or_else(String::new, |it| changed(it) + "; ") + &all_losses(&made.found, made.beyond)
    )))
}

/// Why a backup is not brought up to date: at `path` it differs from the archive.
fn differing(place: &Settings, dir: &Path, path: &Path) -> Result<CliError, CliError> {
    // A process that has the archive may be writing to it; what was acknowledged before is in what is read.
    let acknowledged = LedgerStore::acknowledged(place).unwrap_or_default();
    let reader = LedgerReader::open(place)?;
    let own = reader.verify()?;
    let own = if own.damage.is_empty() { own } else { reader.verify()? };
    let beyond = acknowledged.saturating_sub(own.last_seq);
    let held = LedgerReader::open(&Settings::new(dir))?.verify()?;
    let (dir, own_dir, path) = (dir.display(), place.dir.display(), path.display());
    if is_whole(&own) && beyond == 0 {
        return Ok(CliError::Exists(format!(
            "{path} is in the way: {dir} is the backup of another archive than {own_dir}, or of what this one was before it was made anew \
             from an older backup. Nothing in it was changed; name another directory"
        )));
    }
    let which = match is_whole(&held) {
        true => "the backup is the whole one of the two".to_owned(),
        false => format!("the backup is not whole either: {}", losses(&held)),
    };
    Ok(CliError::Exists(format!(
        "from {path} on, the backup in {dir} and the archive in {own_dir} differ. The archive is not as it was written: {}; {which}, if it is \
         of this archive. Nothing in it was changed: keep it, and back up to another directory, or move the archive away and make it anew \
         (sitrepd restore {dir})",
        all_losses(&own, beyond)
    )))
}

/// Everything that [`losses`] lists, and what is missing at the end.
fn all_losses(it: &Verified, beyond: u64) -> String {
    match usize::try_from(beyond).unwrap_or(usize::MAX) {
        0 => losses(it),
        n => format!("{}, and {} after record {}", losses(it), count(n, "acknowledged record"), it.last_seq),
    }
}

/// Whether a directory, which need not be there yet, is another one or in it.
fn is_within(dir: &Path, other: &Path) -> bool {
    let real = |it: &Path| {
        let it = std::path::absolute(it).ok()?;
        let there = it.ancestors().find(|it| it.exists())?;
        Some(there.canonicalize().ok()?.join(it.strip_prefix(there).ok()?))
    };
    real(dir).zip(real(other)).is_some_and(|(dir, other)| dir.starts_with(other))
}

/// Makes the archive anew from a backup. Nothing in it is sent again that was sent.
pub(super) fn restore(origin: &Origin, dir: &Path, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let place = setup::place(origin)?;
    if place.has_files()? {
        let dir = place.dir.display();
        return Err(CliError::Exists(format!(
            "there is an archive in {dir} already: move it away, or name another place with --state-dir"
        )));
    }
    if !dir.join("ledger").is_dir() {
        return Err(CliError::NotFound(format!("there is no backup in {}: it has no directory ledger", dir.display())));
    }
    let found = store::restore(dir, &place)?;
    let acknowledged = LedgerStore::acknowledged(&Settings::new(dir)).unwrap_or_default();
    let beyond = acknowledged.saturating_sub(found.last_seq);
    let altered = LedgerStore::altered(&place)?;
    let half_copied = store::half_copied(dir)?;
    report(&found, Beyond { acknowledged: beyond, indexed: 0 }, altered, half_copied.is_none(), out)?;
    out.note(&format!("what is whole of the backup is in {} now", place.dir.display()));
    match is_as_told(&found) {
        true if beyond > 0 => Err(CliError::BadData(format!(
            "the end of the backup in {} is not there: {} after record {}; what is whole of it is in {} now",
            dir.display(),
            count(usize::try_from(beyond).unwrap_or(usize::MAX), "record"),
            found.last_seq,
            place.dir.display()
        ))),
        true => match (half_copied, altered) {
            (Some(half), _) => Err(CliError::BadData(format!(
                "{}. What is whole of it, {}, is in {} now",
                unfinished(dir, &half),
                records(found.frames),
                place.dir.display()
            ))),
            (None, Some(seq)) => Err(CliError::BadData(changed(seq))),
            (None, None) => Ok(()),
        },
        false => {
            let (from, to) = (dir.display(), place.dir.display());
            Err(CliError::BadData(format!(
                "the backup in {from} is damaged: {}; what is whole of it, {}, is in {to} now. If another backup is whole \
                 (sitrepd verify --backup DIR), move {to} away and restore that one",
                losses(&found),
                count(usize::try_from(found.frames).unwrap_or(usize::MAX), "record"),
            )))
        }
    }
}
