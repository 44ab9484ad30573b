//! `sitrepd check` and `sitrepd schedule`.

use chrono::Utc;
use serde_json::json;

use crate::{
    api,
    config::{Config, Origin},
    store::{LedgerReader, LedgerStore, StoreError},
};

use super::{
    CliError, Output, logging,
    output::{WELL, shown},
    setup,
};

/// Reads every file of the configuration and every frame of the archive.
pub(super) fn run(origin: &Origin, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = Config::load(origin)?;
    if !out.is_json() {
        for it in &config.warnings {
            out.line(format!("warning: {it}"))?;
        }
        let origin = origin
            .dir
            .as_ref()
            .filter(|it| it.is_dir())
            .map_or("the built-in files".to_owned(), |it| it.display().to_string());
        out.line(format!(
            "{WELL}configuration{WELL:#}  {origin}: {} sources ({} enabled), {} topics, {} watches",
            config.polled.len(),
            config.enabled().count(),
            config.topics.len(),
            config.rules.watchlist.names().len(),
        ))?;
    }
    let (held, ledger) = match LedgerStore::open(&config.store) {
        Ok((store, opened)) => {
            if !out.is_json() {
                out.line(format!("{WELL}archive{WELL:#}        {}: {opened}", config.state_dir.display()))?;
            }
            (true, store.verify()?)
        }
        Err(StoreError::Locked { .. }) => {
            if !out.is_json() {
                out.line(format!(
                    "archive        {} is in use by another sitrepd; its ledger is read beside it",
                    config.state_dir.display()
                ))?;
            }
            (false, LedgerReader::open(&config.store)?.verify()?)
        }
        Err(error) => return Err(error.into()),
    };
    let broken = ledger.first_break.iter().map(ToString::to_string);
    let damage: Vec<String> = ledger.damage.iter().map(ToString::to_string).chain(broken).collect();
    if out.is_json() {
        out.record(&json!({
            "sources": config.polled.len(),
            "enabled": config.enabled().count(),
            "topics": config.topics.len(),
            "watches": config.rules.watchlist.names().len(),
            "warnings": config.warnings,
            "state_dir": config.state_dir,
            "in_use_elsewhere": !held,
            "frames": ledger.frames,
            "missing": ledger.missing,
            "damage": damage,
        }))?;
    }
    match damage.first() {
        None if out.is_json() => Ok(()),
        None => out.line(format!(
            "{WELL}ledger{WELL:#}         {} frames, each with its checksum and the hash of the one before",
            ledger.frames
        )),
        Some(first) => Err(CliError::BadData(format!(
            "the ledger is damaged in {} places, {} changes are missing; the first: {}",
            damage.len(),
            ledger.missing,
            shown(first)
        ))),
    }
}

/// The next instants at which the digest is issued.
pub(super) fn schedule(origin: &Origin, n: usize, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin, out)?;
    let Some(timetable) = &config.digest.timetable else {
        return out.line("[digest] schedule is empty: the digest is never issued by itself");
    };
    let slots = std::iter::successors(timetable.next(Utc::now()), |it| timetable.next(*it)).take(n);
    for slot in slots {
        match out.is_json() {
            true => out.record(&json!({ "digest": config.digest.name, "at": api::instant(slot) }))?,
            false => out.line(format!(
                "{}  {}",
                slot.with_timezone(&config.digest.zone).format("%a %Y-%m-%d %H:%M:%S %:z %Z"),
                config.digest.name
            ))?,
        }
    }
    Ok(())
}
