//! `sitrepd verify`, `compact`, `backup` and `restore`: that what was kept stays kept, and no longer than it should.

use std::path::Path;

use serde_json::json;

use crate::{
    config::{Config, Origin},
    store::{self, GivenUp, LedgerReader, Settings, Verified},
};

use super::{
    CliError, Output, logging,
    output::{ALARM, WELL, count, shown},
    setup,
};

/// Reads every frame of the archive, or of a backup of it, and proves that none is changed and none is missing.
pub(super) fn verify(origin: &Origin, backup: Option<&Path>, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    let settings = match backup {
        Some(dir) => Settings::new(dir),
        None => config.store.clone(),
    };
    if !settings.is_there()? {
        return Err(CliError::NotFound(format!("there is no ledger in {}", settings.dir.display())));
    }
    let reader = LedgerReader::open(&settings)?;
    let verified = reader.verify()?;
    // What looks damaged may be a write that is under way; a moment later it is done.
    let verified = if verified.damage.is_empty() { verified } else { reader.verify()? };
    report(&verified, &settings.dir, out)
}

fn report(it: &Verified, dir: &Path, out: &Output) -> Result<(), CliError> {
    let is_whole = it.damage.is_empty() && it.first_break.is_none() && it.missing == 0;
    if out.is_json() {
        out.record(&json!({
            "whole": is_whole,
            "frames": it.frames,
            "segments": it.segments,
            "first": it.first_seq,
            "last": it.last_seq,
            "missing": it.missing,
            "given_up": it.given_up.as_ref().map(given_up),
            "damage": it.damage.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "first_break": it.first_break.as_ref().map(ToString::to_string),
        }))?;
    } else {
        let (frames, segments) = (it.frames, it.segments);
        let word = if is_whole { format!("{WELL}whole{WELL:#}") } else { format!("{ALARM}damaged{ALARM:#}") };
        out.line(format!("{word}  {frames} records, {} to {}, in {segments} files", it.first_seq, it.last_seq))?;
        if let Some(it) = &it.given_up {
            out.wrapped("  ", &it.to_string())?;
        }
        let broken = it.first_break.iter().map(ToString::to_string);
        for place in it.damage.iter().map(ToString::to_string).chain(broken) {
            out.wrapped("  ", &shown(&place))?;
        }
    }
    match is_whole {
        true => Ok(()),
        false => Err(CliError::BadData(format!(
            "the ledger in {} is not as it was written: {}, {} missing",
            dir.display(),
            count(it.damage.len(), "damaged place"),
            count(usize::try_from(it.missing).unwrap_or(usize::MAX), "record")
        ))),
    }
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

/// Puts the archive in order at once.
pub(super) fn compact(origin: &Origin, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    if !config.store.is_there()? {
        let dir = config.state_dir.display();
        return Err(CliError::NotFound(format!("there is no archive in {dir}; sitrepd poll makes one")));
    }
    let done = setup::own_archive(&config)?.compact()?;
    let index = done.index.map(|(before, after)| json!({ "before": before, "after": after }));
    let record = json!({ "given_up": done.given_up.as_ref().map(given_up), "index": index });
    out.done(&done.to_string(), &record)
}

/// Copies the archive, beside a running daemon too.
pub(super) fn backup(origin: &Origin, dir: &Path, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    if !config.store.is_there()? {
        let dir = config.state_dir.display();
        return Err(CliError::NotFound(format!("there is no archive in {dir}; sitrepd poll makes one")));
    }
    if is_within(dir, &config.state_dir) {
        let (dir, own) = (dir.display(), config.state_dir.display());
        return Err(CliError::Usage(format!(
            "{dir} is in the archive itself, {own}: name a directory elsewhere, best on another disk"
        )));
    }
    let made = LedgerReader::open(&config.store)?.back_up(dir)?;
    let text = format!(
        "{} up to record {} in {}; sitrepd verify --backup {} proves it",
        count(usize::try_from(made.segments).unwrap_or(usize::MAX), "file"),
        made.last_seq,
        dir.display(),
        dir.display()
    );
    let record = json!({ "segments": made.segments, "held": made.held, "bytes": made.bytes, "last": made.last_seq });
    out.done(&text, &record)
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
    let config = Config::load(origin)?;
    if config.store.is_there()? {
        let dir = config.state_dir.display();
        return Err(CliError::Usage(format!(
            "there is an archive in {dir} already: move it away, or name another place with --state-dir"
        )));
    }
    let verified = store::restore(dir, &config.store)?;
    report(&verified, &config.store.dir, out)
}
