//! `sitrepd source …`.

mod check;
mod discover;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;
use url::Url;

use crate::{
    api,
    config::{self, Config, Origin, opml},
    decide::source::staleness,
    fetch,
    model::{Condition, Source, SourceId, SourceState},
};

use super::{
    CliError, Output, archive,
    arguments::source::SourceCommand,
    logging,
    output::{ALARM, FAINT, WELL, count, short, shown},
    poll, setup,
};

pub(super) fn run(origin: &Origin, command: SourceCommand, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    match command {
        SourceCommand::List { fail_on_stale } => list(origin, fail_on_stale, out),
        SourceCommand::Add { url, id, name } => add(origin, &url, id.as_deref(), name, out),
        SourceCommand::Remove { id } => remove(origin, &id, out),
        SourceCommand::Enable { ids } => switch(origin, &ids, true, out),
        SourceCommand::Disable { ids } => switch(origin, &ids, false, out),
        SourceCommand::Check { ids, all } => check::run(origin, &ids, all, out),
        SourceCommand::Discover { url, add } => discover::run(origin, &url, add, out),
        SourceCommand::Import { file } => import(origin, &file, out),
        SourceCommand::Export { file } => export(origin, file.as_deref(), out),
    }
}

fn list(origin: &Origin, fail_on_stale: bool, out: &Output) -> Result<(), CliError> {
    let config = setup::config(origin)?;
    let store = setup::archive(&config)?;
    let mut rows = Vec::new();
    let mut troubles = Vec::new();
    let mut stale = Vec::new();
    let now = chrono::Utc::now();
    for polled in &config.polled {
        let source = &polled.source;
        let state = store.source_state(&source.id)?;
        let staleness =
            staleness(source, state.as_ref(), config.poll.interval, now).filter(|_| source.enabled && fail_on_stale);
        stale.extend(staleness.map(|it| format!("{} ({it})", source.id)));
        if out.is_json() {
            out.record(&api::Source::new(source, state.as_ref()))?;
            continue;
        }
        troubles.extend(trouble(source, state.as_ref(), &config));
        rows.push(row(source, state.as_ref(), &config));
    }
    let failed = match stale.as_slice() {
        [] => Ok(()),
        all => Err(CliError::Unavailable(format!(
            "{} not up to date: {}",
            if all.len() == 1 { "1 source is".to_owned() } else { format!("{} sources are", all.len()) },
            all.join(", ")
        ))),
    };
    if out.is_json() {
        return failed;
    }
    out.table(&["SOURCE", "KIND", "HEALTH", "LAST NEW", "LANGUAGES", "COUNTRY", "NAME"], &rows)?;
    out.line("")?;
    for (start, reason) in troubles {
        out.wrapped(&start, &reason)?;
    }
    let enabled = config.enabled().count();
    out.line(format!("{}, {enabled} of them polled; \"off\": enabled = false", count(rows.len(), "source")))?;
    failed
}

/// `sitrepd metrics`.
pub(super) fn metrics(origin: &Origin, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let place = setup::place(origin)?;
    let written = config::written_sources(origin)?;
    let store = setup::archive_in(&place)?;
    let sources = written
        .iter()
        .filter(|it| it.enabled)
        .map(|it| Ok((it, store.source_state(&it.id)?)))
        .collect::<Result<Vec<_>, CliError>>()?;
    let counts = store.counts()?;
    if out.is_json() {
        out.record(&json!({
            "articles": counts.articles,
            "stories": counts.stories,
            "alerts": counts.alerts,
            "messages_waiting": counts.pending,
            "messages_given_up": counts.parked,
            "ledger_bytes": counts.bytes,
            "records_lost": counts.lost,
        }))?;
        return sources.iter().try_for_each(|(source, state)| out.record(&api::Source::new(source, state.as_ref())));
    }
    let text = api::metrics::text(&counts, &sources);
    out.raw(|to| to.write_all(text.as_bytes()))
}

fn row(source: &Source, state: Option<&SourceState>, config: &Config) -> Vec<String> {
    let health = match state.map(|it| it.health.condition) {
        _ if !source.enabled => format!("{FAINT}off{FAINT:#}"),
        None => "unpolled".to_owned(),
        Some(it) => coloured(it),
    };
    let last_new = state.and_then(|it| it.brought_new);
    vec![
        source.id.to_string(),
        source.kind.word().to_owned(),
        health,
        last_new.map_or_else(|| "–".to_owned(), |it| archive::day(it, config)),
        source.languages.join(","),
        source.country.clone(),
        short(&source.name, 30),
    ]
}

fn coloured(condition: Condition) -> String {
    let label = condition.label();
    match condition {
        Condition::Fine => format!("{WELL}{label}{WELL:#}"),
        Condition::Failing(_) => format!("{ALARM}{label}{ALARM:#}"),
        _ => label.to_owned(),
    }
}

/// What is wrong with a source that is polled, or why it is not for a while.
fn trouble(source: &Source, state: Option<&SourceState>, config: &Config) -> Option<(String, String)> {
    let state = state.filter(|_| source.enabled)?;
    let health = &state.health;
    let when = match health.condition {
        // It is healthy and is not requested for a while.
        Condition::Fine if health.reason.is_empty() => return None,
        Condition::Fine => format!("until {}", archive::when(state.due, config)),
        _ => format!("since {}", archive::when(health.since, config)),
    };
    Some((format!("{} {}: ", coloured(health.condition), source.id), format!("{when}: {}", shown(&health.reason))))
}

fn add(origin: &Origin, url: &str, id: Option<&str>, name: Option<String>, out: &Output) -> Result<(), CliError> {
    let url = web_address(url)?;
    let config = setup::config(origin)?;
    if let Some(polled) = config.polled.iter().find(|it| it.source.url == url) {
        return Err(CliError::Usage(format!("{url} is source {} already", polled.source.id)));
    }
    let name = name.unwrap_or_else(|| url.host_str().unwrap_or("feed").to_owned());
    let taken = |id: &SourceId| config.source(id.as_str()).is_some();
    let id = match id {
        Some(id) => SourceId::new(id).map_err(|it| CliError::Usage(it.to_string()))?,
        None => opml::free_id(&name, &url, &taken)
            .ok_or_else(|| CliError::Usage("give the source an id with --id".to_owned()))?,
    };
    if taken(&id) {
        return Err(CliError::Usage(format!("there is a source {id} already; choose another id with --id")));
    }
    let source = Source::feed(id.clone(), name, url);
    let file = edit(origin, |text| config::with_source(text, &source))?;
    match out.is_json() {
        true => out.record(&json!({ "added": id.as_str(), "file": file })),
        false => {
            out.line(format!("added {id} to {}; sitrepd source check {id} tries it", file.display()))?;
            if let Some(place) = fetch::private_host(&source.url, &config.fetch.allowed_hosts) {
                out.wrapped("", &format!("it is at {place}"))?;
            }
            out.line(RELOAD)
        }
    }
}

const RELOAD: &str = "a running daemon takes it up when told to: systemctl reload sitrepd, or SIGHUP";

fn remove(origin: &Origin, id: &str, out: &Output) -> Result<(), CliError> {
    let config = setup::config(origin)?;
    let polled = config.source(id).ok_or_else(|| poll::unknown(&config, id))?;
    // The file has the block: the configuration was read from it.
    let file = edit(origin, |text| config::without_source(text, &polled.source.id).unwrap_or_else(|| text.to_owned()))?;
    match out.is_json() {
        true => out.record(&json!({ "removed": id, "file": file })),
        false => {
            out.line(format!("removed {id} from {}; its articles stay in the archive", file.display()))?;
            out.line(RELOAD)
        }
    }
}

/// Switches sources on or off.
fn switch(origin: &Origin, ids: &[String], enabled: bool, out: &Output) -> Result<(), CliError> {
    let config = setup::config(origin)?;
    let sources = poll::chosen(&config, ids)?;
    let ids: Vec<&SourceId> = sources.iter().map(|it| &it.source.id).collect();
    let file = edit(origin, |text| {
        let switched = |text: String, id: &&SourceId| config::with_enabled(&text, id, enabled).unwrap_or(text);
        ids.iter().fold(text.to_owned(), switched)
    })?;
    let word = if enabled { "enabled" } else { "disabled" };
    let names: Vec<&str> = ids.iter().map(|it| it.as_str()).collect();
    match out.is_json() {
        true => out.record(&json!({ word: names, "file": file })),
        false => {
            out.wrapped("", &format!("{word} {} in {}", names.join(", "), file.display()))?;
            out.line(RELOAD)
        }
    }
}

/// Changes sources.toml in the configuration directory; the shipped one, where there is none yet.
fn edit(origin: &Origin, change: impl FnOnce(&str) -> String) -> Result<PathBuf, CliError> {
    let dir = origin.dir.as_deref();
    let dir = dir.ok_or_else(|| CliError::Usage("there is no home directory; use --config-dir".to_owned()))?;
    let (path, text) = config::sources_text(dir)?;
    let changed = change(&text);
    // A hand-written file may be laid out so that a block at its end breaks it.
    config::check_sources(&path, &changed)?;
    setup::replace_file(&path, &changed)?;
    Ok(path)
}

fn import(origin: &Origin, file: &Path, out: &Output) -> Result<(), CliError> {
    let text = fs::read(file).map_err(|source| CliError::File { doing: "read", path: file.to_owned(), source })?;
    let config = setup::config(origin)?;
    let found = opml::read(&String::from_utf8_lossy(&text), &|id| config.source(id.as_str()).is_some());
    for it in &found.problems {
        out.note(&format!("left out: {}", shown(it)));
    }
    if found.sources.is_empty() {
        return Err(CliError::BadData(format!("{} has no source in it: is it an OPML file?", file.display())));
    }
    let known = |url: &Url| config.polled.iter().any(|it| it.source.url == *url);
    let new: Vec<_> = found.sources.iter().filter(|it| !known(&it.url)).collect();
    if !new.is_empty() {
        edit(origin, |text| new.iter().fold(text.to_owned(), |text, it| config::with_source(&text, it)))?;
    }
    for it in &new {
        match out.is_json() {
            true => out.record(&json!({ "added": it.id.as_str(), "url": it.url.as_str() }))?,
            false => out.line(format!("added {}  {}", it.id, short(&it.name, 60)))?,
        }
    }
    let (held, left) = (found.sources.len() - new.len(), found.problems.len());
    out.note(&format!("{} added, {held} there already, {left} left out", count(new.len(), "source")));
    if !new.is_empty() {
        out.note(RELOAD);
    }
    Ok(())
}

fn export(origin: &Origin, file: Option<&Path>, out: &Output) -> Result<(), CliError> {
    // As written in the file: values filled in from the rest of the configuration belong to this installation only.
    let sources: Vec<Source> = config::written_sources(origin)?.into_iter().filter(|it| it.enabled).collect();
    if out.is_json() && file.is_none() {
        return sources.iter().try_for_each(|it| {
            out.record(&json!({
                "id": it.id.as_str(),
                "name": it.name,
                "url": it.url.as_str(),
                "kind": it.kind.word(),
                "languages": it.languages,
                "country": it.country,
            }))
        });
    }
    let text = opml::write("sitrepd sources", &sources);
    match file.filter(|it| *it != Path::new("-")) {
        None => out.raw(|to| to.write_all(text.as_bytes())),
        Some(path) => {
            fs::write(path, text).map_err(|source| CliError::File { doing: "write", path: path.to_owned(), source })?;
            let record = json!({ "written": path, "sources": sources.len() });
            out.done(&format!("wrote {} to {}", count(sources.len(), "source"), path.display()), &record)
        }
    }
}

/// An absolute `http` or `https` address.
pub(super) fn web_address(text: &str) -> Result<Url, CliError> {
    let url = Url::parse(text).ok().filter(|it| matches!(it.scheme(), "http" | "https"));
    url.ok_or_else(|| CliError::Usage(format!("{text:?} is not a web address: it must begin with http:// or https://")))
}
