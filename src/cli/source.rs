//! `sitrepd source …`.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use futures_util::{StreamExt, stream};
use serde_json::json;
use url::Url;

use crate::{
    api,
    config::{self, Config, Origin, Polled, opml},
    fetch::{Client, Fetched},
    model::{Health, Source, SourceId, SourceState},
    parse,
};

use super::{
    CliError, Output, SourceCommand, logging,
    output::{ALARM, FAINT, WELL, short, shown},
    poll, setup,
};

pub(super) fn run(origin: &Origin, command: SourceCommand, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    match command {
        SourceCommand::List => list(origin, out),
        SourceCommand::Add { url, id, name } => add(origin, &url, id.as_deref(), name, out),
        SourceCommand::Remove { id } => remove(origin, &id, out),
        SourceCommand::Check { ids } => check(origin, &ids, out),
        SourceCommand::Import { file } => import(origin, &file, out),
        SourceCommand::Export { file } => export(origin, file.as_deref(), out),
    }
}

fn list(origin: &Origin, out: &Output) -> Result<(), CliError> {
    let config = setup::config(origin, out)?;
    // Before the first poll there is no archive; looking at sources must not make one.
    let store = if config.state_dir.is_dir() { Some(setup::archive(&config)?) } else { None };
    let state = |id: &SourceId| store.as_ref().map_or(Ok(None), |it| it.source_state(id));
    let mut rows = Vec::new();
    for polled in &config.polled {
        let source = &polled.source;
        let state = state(&source.id)?;
        match out.is_json() {
            true => out.record(&api::Source::new(source, state.as_ref()))?,
            false => rows.push(row(source, state.as_ref())),
        }
    }
    if out.is_json() { Ok(()) } else { out.table(&["SOURCE", "HEALTH", "NAME", "LANGUAGES", "COUNTRY", ""], &rows) }
}

fn row(source: &Source, state: Option<&SourceState>) -> Vec<String> {
    let (health, remark) = match state.map(|it| &it.health) {
        _ if !source.enabled => ("off", String::new()),
        None => ("new", String::new()),
        Some(Health::Fine) => ("fine", String::new()),
        Some(Health::Troubled { reason }) => ("troubled", short(reason, 80)),
        Some(Health::Failing { reason, since }) => {
            ("failing", format!("since {}: {}", since.format("%Y-%m-%d %H:%M"), short(reason, 80)))
        }
    };
    vec![
        source.id.to_string(),
        health.to_owned(),
        short(&source.name, 40),
        source.languages.join(","),
        source.country.clone(),
        remark,
    ]
}

fn add(origin: &Origin, url: &str, id: Option<&str>, name: Option<String>, out: &Output) -> Result<(), CliError> {
    let url = web_address(url)?;
    let config = setup::config(origin, out)?;
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
    edit(origin, |text| Some(config::with_source(text, &id, &name, &url)))?;
    report(out, "added", &id)
}

fn remove(origin: &Origin, id: &str, out: &Output) -> Result<(), CliError> {
    let missing = || CliError::NotFound(format!("there is no source {id:?}; see sitrepd source list"));
    let id = SourceId::new(id).map_err(|_| missing())?;
    match edit(origin, |text| config::without_source(text, &id))? {
        true => report(out, "removed", &id),
        false => Err(missing()),
    }
}

fn report(out: &Output, what: &str, id: &SourceId) -> Result<(), CliError> {
    match out.is_json() {
        true => out.record(&json!({ what: id.as_str() })),
        false => out.line(format!("{what} {id}; a running daemon takes it up with SIGHUP (systemctl reload sitrepd)")),
    }
}

/// Changes sources.toml in the configuration directory; `false` where `change` says that there is nothing to do.
fn edit(origin: &Origin, change: impl FnOnce(&str) -> Option<String>) -> Result<bool, CliError> {
    let path = sources_file(origin)?;
    let text =
        fs::read_to_string(&path).map_err(|source| CliError::File { doing: "read", path: path.clone(), source })?;
    let Some(changed) = change(&text) else { return Ok(false) };
    // A new file in place of the old one: a crash leaves one of the two, whole.
    let beside = path.with_extension("toml.new");
    let write = fs::write(&beside, changed).and_then(|()| fs::rename(&beside, &path));
    write.map_err(|source| CliError::File { doing: "write", path, source })?;
    Ok(true)
}

fn sources_file(origin: &Origin) -> Result<PathBuf, CliError> {
    let path = origin.dir.as_ref().map(|it| it.join("sources.toml")).filter(|it| it.is_file());
    path.ok_or_else(|| {
        CliError::NotFound("there is no sources.toml of yours to change yet; sitrepd init writes one".to_owned())
    })
}

fn import(origin: &Origin, file: &Path, out: &Output) -> Result<(), CliError> {
    let text = fs::read(file).map_err(|source| CliError::File { doing: "read", path: file.to_owned(), source })?;
    let config = setup::config(origin, out)?;
    let found = opml::read(&String::from_utf8_lossy(&text), &|id| config.source(id.as_str()).is_some());
    for it in &found.problems {
        out.note(&format!("left out: {}", shown(it)));
    }
    let known = |url: &Url| config.polled.iter().any(|it| it.source.url == *url);
    let new: Vec<_> = found.feeds.iter().filter(|it| !known(&it.url)).collect();
    if found.feeds.is_empty() {
        return Err(CliError::BadData(format!("{} has no feed in it: is it an OPML file?", file.display())));
    }
    edit(origin, |text| {
        Some(new.iter().fold(text.to_owned(), |text, it| config::with_source(&text, &it.id, &it.name, &it.url)))
    })?;
    for it in &new {
        report(out, "added", &it.id)?;
    }
    let held = found.feeds.len() - new.len();
    out.note(&format!("{} feeds added, {held} were there already, {} left out", new.len(), found.problems.len()));
    Ok(())
}

fn export(origin: &Origin, file: Option<&Path>, out: &Output) -> Result<(), CliError> {
    let config = setup::config(origin, out)?;
    let sources: Vec<Source> = config.enabled().map(|it| it.source.clone()).collect();
    let text = opml::write("sitrepd sources", &sources);
    match file {
        None => out.raw(|to| to.write_all(text.as_bytes())),
        Some(path) => {
            fs::write(path, text).map_err(|source| CliError::File { doing: "write", path: path.to_owned(), source })
        }
    }
}

/// Fetches and reads each source once; nothing is kept.
fn check(origin: &Origin, ids: &[String], out: &Output) -> Result<(), CliError> {
    let config = setup::config(origin, out)?;
    let sources = poll::chosen(&config, ids)?;
    let client = setup::client(&config)?;
    let bar = out.progress(sources.len(), "sources");
    let runtime = setup::runtime()?;
    let verdicts: Vec<_> = runtime.block_on(async {
        let verdict = |polled: &Arc<Polled>| {
            let (client, config, polled, bar) = (client.clone(), Arc::clone(&config), Arc::clone(polled), bar.clone());
            async move {
                let verdict = verdict(&client, &config, &polled.source).await;
                bar.inc(1);
                verdict
            }
        };
        stream::iter(&sources).map(verdict).buffered(config.poll.concurrency).collect().await
    });
    bar.finish_and_clear();
    let mut rows = Vec::new();
    for (polled, verdict) in sources.iter().zip(&verdicts) {
        let id = polled.source.id.as_str();
        if out.is_json() {
            let (entries, problems, newest) = verdict
                .as_ref()
                .map_or((None, None, None), |it| (Some(it.entries), Some(&it.problems), it.newest.as_ref()));
            out.record(&json!({ "source": id, "entries": entries, "problems": problems, "newest": newest, "error": verdict.as_ref().err() }))?;
            continue;
        }
        rows.push(match verdict {
            Err(reason) => vec![id.to_owned(), format!("{ALARM}failed{ALARM:#}"), String::new(), shown(reason)],
            Ok(it) => {
                let word = if it.problems.is_empty() && it.entries > 0 {
                    format!("{WELL}fine{WELL:#}")
                } else {
                    format!("{FAINT}troubled{FAINT:#}")
                };
                vec![id.to_owned(), word, it.entries.to_string(), shown(&it.problems.join("; "))]
            }
        });
    }
    if !out.is_json() {
        out.table(&["SOURCE", "VERDICT", "ENTRIES", ""], &rows)?;
    }
    match verdicts.iter().all(Result::is_err) && !verdicts.is_empty() {
        true => Err(CliError::Unavailable("no source could be read".to_owned())),
        false => Ok(()),
    }
}

struct Verdict {
    entries: usize,
    problems: Vec<String>,
    newest: Option<String>,
}

async fn verdict(client: &Client, config: &Config, source: &Source) -> Result<Verdict, String> {
    let fetched =
        client.feed(&source.url, None, chrono::Utc::now()).await.map_err(|it| crate::text::error_chain(&it))?;
    let Fetched::Document { body, content_type, url, .. } = fetched else {
        return Err("the server answered 304 to a plain request".to_owned());
    };
    let document = parse::Document { bytes: &body, content_type: content_type.as_deref(), url: &url };
    let parsed = parse::source(source, document, config.parse).map_err(|it| it.to_string())?;
    let newest = parsed.entries.iter().filter_map(|it| it.published.or(it.updated)).max();
    Ok(Verdict { entries: parsed.entries.len(), problems: parsed.problems, newest: newest.map(api::instant) })
}

/// An absolute `http` or `https` address.
pub(super) fn web_address(text: &str) -> Result<Url, CliError> {
    let url = Url::parse(text).ok().filter(|it| matches!(it.scheme(), "http" | "https"));
    url.ok_or_else(|| CliError::Usage(format!("{text:?} is not a web address: it must begin with http:// or https://")))
}
