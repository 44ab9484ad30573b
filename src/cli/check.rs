//! `sitrepd check` and `sitrepd schedule`.

use chrono::{SecondsFormat, Utc};
use serde_json::json;

use crate::{
    api,
    config::{self, Config, ConfigError, DigestPlan, Origin},
    model::{SourceId, Timestamp},
    store::{LedgerReader, LedgerStore, Opened, StoreError, Verified},
};

use super::{
    CliError, Output,
    keeping::{self, Beyond},
    logging, outbox,
    output::{ALARM, HEADING, WELL, count, shown},
    setup,
};

/// Reads every file of the configuration and every frame of the archive.
pub(super) fn run(origin: &Origin, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = Config::load(origin).map_err(|first| last_of(origin, first, out))?;
    let ledger = ledger(&config)?;
    let mut damage = keeping::places(&ledger.verified);
    damage.extend(keeping::cut(ledger.verified.last_seq, ledger.beyond));
    damage.extend(ledger.altered.map(keeping::changed));
    // Records lost from the end are missing too, although no later number shows it.
    let missing = ledger.verified.missing.saturating_add(ledger.beyond.acknowledged);
    let warnings: Vec<_> = config.warnings.iter().chain(&ledger.outbox).cloned().chain(without_room(&config)).collect();
    match out.is_json() {
        true => out.record(&json!({
            "sources": config.polled.len(),
            "enabled": config.enabled().count(),
            "topics": config.topics.len(),
            "watches": config.rules.watchlist.names().len(),
            "warnings": warnings,
            "state_dir": config.state_dir,
            "in_use_elsewhere": matches!(ledger.state, State::Beside),
            "frames": ledger.verified.frames,
            "missing": missing,
            "damage": damage,
        }))?,
        false => print(origin, &config, &ledger, &warnings, out)?,
    }
    match damage.first() {
        None => Ok(()),
        Some(first) => Err(CliError::BadData(format!(
            "the archive is damaged: {}, {} missing; the first: {}",
            count(damage.len(), "place"),
            count(usize::try_from(missing).unwrap_or(usize::MAX), "record"),
            shown(first)
        ))),
    }
}

/// Reports all mistakes in the files except the last, which is returned to be reported like any failure.
fn last_of(origin: &Origin, first: ConfigError, out: &Output) -> ConfigError {
    let mut mistakes = Config::mistakes(origin);
    let last = mistakes.pop().unwrap_or(first);
    for it in &mistakes {
        out.error(it);
    }
    last
}

/// Prints the effective configuration.
pub(super) fn config(origin: &Origin, out: &Output) -> Result<(), CliError> {
    let held = config::effective(origin)?;
    if out.is_json() {
        return out.record(&held);
    }
    let text = toml_edit::ser::to_string_pretty(&held).map_err(|it| CliError::BadData(it.to_string()))?;
    text.lines().try_for_each(|it| out.line(it))
}

/// How the archive was found.
enum State {
    /// Before the first poll.
    Missing,
    Opened(Opened),
    /// In use by another process, or another user's: its ledger was read and nothing else.
    Beside,
}

struct Checked {
    state: State,
    verified: Verified,
    /// Records after its end, without those of which the ledger says itself that they are lost.
    beyond: Beyond,
    /// A record that was changed after it had been acknowledged.
    altered: Option<u64>,
    /// Warnings about messages.
    outbox: Vec<String>,
}

fn ledger(config: &Config) -> Result<Checked, CliError> {
    if !config.store.is_there()? {
        setup::refuse_half_restored(&config.store)?;
        let beyond = Beyond::new(0, 0, LedgerStore::acknowledged(&config.store).unwrap_or_default());
        return Ok(Checked {
            state: State::Missing,
            verified: Verified::default(),
            beyond,
            altered: None,
            outbox: Vec::new(),
        });
    }
    let opened = match setup::others(&config.store) {
        Some(_) => None,
        None => match LedgerStore::open(&config.store) {
            Ok(it) => Some(it),
            Err(StoreError::Locked { .. }) => None,
            Err(error) => return Err(error.into()),
        },
    };
    if let Some((store, opened)) = opened {
        let verified = store.verify()?;
        // On a full disk the ledger cannot say what is lost.
        let untold =
            opened.lost.filter(|it| !verified.lost.iter().any(|told| (told.from, told.to) == (it.from, it.to)));
        let beyond = Beyond {
            acknowledged: untold.map_or(0, |it| it.count()),
            indexed: if opened.lost.is_some() { 0 } else { opened.beyond },
        };
        let altered = LedgerStore::altered(&config.store)?.or(opened.altered);
        let outbox = outbox::warnings(config, &store);
        return Ok(Checked { state: State::Opened(opened), verified, beyond, altered, outbox });
    }
    // Read first, so that the records read afterwards include everything it counts.
    let acknowledged = LedgerStore::acknowledged(&config.store).unwrap_or_default();
    let reader = LedgerReader::open(&config.store)?;
    let verified = reader.verify()?;
    // Apparent damage may be a write that is under way, complete a moment later.
    let verified = if verified.damage.is_empty() { verified } else { reader.verify()? };
    let beyond = Beyond::new(verified.last_seq, 0, acknowledged);
    // Where nobody answers, the whole archive would have to be taken into memory for this.
    let outbox = match LedgerStore::remote(&config.store) {
        Ok(Some(store)) => outbox::warnings(config, &store),
        Ok(None) | Err(_) => Vec::new(),
    };
    Ok(Checked { state: State::Beside, verified, beyond, altered: LedgerStore::altered(&config.store)?, outbox })
}

/// That the disk has too little room, if so.
fn without_room(config: &Config) -> Option<String> {
    let missing = config.store.missing_room().ok().filter(|it| *it > 0)?;
    Some(format!(
        "the disk of {} has {} MB less room than [store] min_free_bytes and min_free_share want: nothing is polled",
        config.state_dir.display(),
        missing.div_ceil(1_000_000)
    ))
}

fn print(
    origin: &Origin,
    config: &Config,
    checked: &Checked,
    warnings: &[String],
    out: &Output,
) -> Result<(), CliError> {
    let dir = origin.dir.as_ref().filter(|it| it.is_dir());
    let place =
        dir.map_or("the built-in files (sitrepd init writes your own)".to_owned(), |it| it.display().to_string());
    out.line(format!("{WELL}configuration{WELL:#}  {place}"))?;
    let (topics, watches) = (config.topics.len(), config.rules.watchlist.names().len());
    out.line(format!(
        "               {}, {} of them polled; {}; {}",
        count(config.polled.len(), "source"),
        config.enabled().count(),
        count(topics, "topic"),
        count(watches, "watch"),
    ))?;
    for it in warnings {
        out.wrapped(&format!("               {ALARM}warning:{ALARM:#} "), it)?;
    }
    let dir = config.state_dir.display();
    let frames = checked.verified.frames;
    match &checked.state {
        State::Missing if checked.beyond.all() > 0 => {
            return out.line(format!("{ALARM}archive{ALARM:#}        {dir}, without its records"));
        }
        State::Missing => {
            return out.line(format!("{WELL}archive{WELL:#}        none yet; sitrepd poll makes it in {dir}"));
        }
        State::Beside => out.line(format!("{WELL}archive{WELL:#}        {dir}, in use by another sitrepd or user"))?,
        State::Opened(_) => out.line(format!("{WELL}archive{WELL:#}        {dir}"))?,
    }
    let is_whole = keeping::places(&checked.verified).is_empty() && checked.beyond.acknowledged == 0;
    match is_whole && checked.altered.is_none() {
        true => out.line(format!("               {frames} records, each whole and in its place"))?,
        false => out.line(format!("               {frames} records that are whole, and damage"))?,
    }
    match &checked.state {
        State::Opened(it) if it.rebuilt.is_some() || it.torn_bytes > 0 => {
            out.wrapped("               put right: ", &shown(&it.to_string()))
        }
        _ => Ok(()),
    }
}

/// The next instants at which the digest is issued, and the sources that are due next.
pub(super) fn schedule(origin: &Origin, n: usize, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    let now = Utc::now();
    let slots = |plan: &DigestPlan| -> Vec<Timestamp> {
        let timetable = plan.timetable.as_ref();
        let next = |after| timetable.and_then(|it| it.next(after));
        std::iter::successors(next(now), |it| next(*it)).take(n).collect()
    };
    let polls = due(&config, now)?;
    if out.is_json() {
        for plan in config.digests() {
            for slot in slots(plan) {
                let local = slot.with_timezone(&plan.zone).to_rfc3339_opts(SecondsFormat::Secs, false);
                out.record(&json!({ "digest": plan.name, "at": api::instant(slot), "local": local }))?;
            }
        }
        for (due, id) in polls.into_iter().take(n) {
            out.record(&json!({ "source": id.as_str(), "at": api::instant(due) }))?;
        }
        return Ok(());
    }
    let zone = config.digest.zone;
    let shown = |at: Timestamp| at.with_timezone(&zone).format("%a %Y-%m-%d %H:%M").to_string();
    for plan in config.digests() {
        out.line(format!("{HEADING}Digest {:?}{HEADING:#}, times in {}", plan.name, plan.zone))?;
        let slots = slots(plan);
        if slots.is_empty() {
            out.line("  never: its schedule is empty, or names a day that does not come")?;
        }
        // With the offset, which distinguishes slots in a night when an hour repeats.
        let with_offset = |at: Timestamp| at.with_timezone(&plan.zone).format("%a %Y-%m-%d %H:%M %:z").to_string();
        slots.iter().try_for_each(|it| out.line(format!("  {}", with_offset(*it))))?;
    }
    out.line(format!("{HEADING}Polls{HEADING:#}, while sitrepd run is running"))?;
    let overdue = polls.iter().filter(|(due, _)| *due <= now).count();
    if overdue > 0 {
        out.line(format!("  now               {}", count(overdue, "source")))?;
    }
    let mut later = polls.iter().filter(|(due, _)| *due > now).take(n);
    later.try_for_each(|(due, id)| out.line(format!("  {}  {id}", shown(*due))))
}

/// The enabled sources with the instants at which they are due; those that were never polled are due now.
fn due(config: &Config, now: Timestamp) -> Result<Vec<(Timestamp, SourceId)>, CliError> {
    let store = setup::archive(config)?;
    let due = |id: &SourceId| Ok::<_, CliError>((store.source_state(id)?.map_or(now, |it| it.due), id.clone()));
    let mut res = config.enabled().map(|it| due(&it.source.id)).collect::<Result<Vec<_>, _>>()?;
    res.sort();
    Ok(res)
}
