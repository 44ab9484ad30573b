//! `sitrepd watch …`: watches written, tried on the archive, and explained.

mod archive;
mod explain;

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::json;

use crate::{
    config::{self, Config, Origin, Verdict, WatchesFile},
    daemon::settle,
    decide::timing,
    watch::{WatchRule, Watchlist, query},
};

use super::{
    CliError, Output,
    arguments::{
        moment::Moment,
        watch::{AliasCommand, WatchCommand},
    },
    logging,
    output::{ALARM, FAINT, HEADING, count, shown},
    setup, trying,
};

pub(super) use self::explain::run as explain;

pub(super) fn run(origin: &Origin, command: WatchCommand, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    match command {
        WatchCommand::List => list(origin, out),
        WatchCommand::Add { name, query } => add(origin, &name, &query, out),
        WatchCommand::Remove { name } => remove(origin, &name, out),
        WatchCommand::Test { query, since } => archive::test(origin, &query, since, out),
        WatchCommand::Possible { since } => super::alerts::possible(origin, since, out),
        WatchCommand::Explain { name, input, lang } => {
            let config = setup::config(origin)?;
            let rule = named(&config, &name)?.clone();
            match is_id(&input) {
                true => archive::explain(&config, rule, &input, lang, out),
                false => explain::run(&config, rule, &trying::article(&config, &input, lang)?, None, out),
            }
        }
        WatchCommand::Alias(AliasCommand::List { name, since }) => archive::spellings(origin, &name, since, out),
        WatchCommand::Alias(AliasCommand::Accept { name, form, term }) => {
            accept(origin, &name, &form, term.as_deref(), out)
        }
        WatchCommand::Alias(AliasCommand::Ban { name, form }) => ban(origin, &name, &form, out),
    }
}

/// Whether an input is the id of an article, or the beginning of one, and no file.
fn is_id(input: &str) -> bool {
    let is_hex = (4..=16).contains(&input.len()) && input.bytes().all(|it| it.is_ascii_hexdigit());
    is_hex && !std::path::Path::new(input).exists()
}

fn list(origin: &Origin, out: &Output) -> Result<(), CliError> {
    let config = setup::config(origin)?;
    let store = setup::archive(&config)?;
    let now = chrono::Utc::now();
    for rule in &config.watches {
        let raised = settle::raised(&*store, &rule.name, super::archive::period(Moment::Ago(timing::BASE), &config))?;
        let spike = timing::spike(&raised, now);
        let timing = config.rules.timings.get(&rule.name).copied().unwrap_or_default();
        let severity = timing.severity.as_str();
        let routes = &config.rules.routes;
        if out.is_json() {
            out.record(&json!({
                "name": rule.name,
                "query": rule.query,
                "terms": rule.terms,
                "except": rule.except,
                "severity": severity,
                "cooldown_seconds": timing.cooldown.as_secs(),
                "channels": routes.of(&rule.name),
                "aliases": rule.aliases.iter().cloned().collect::<BTreeMap<_, _>>(),
                "spike": spike.map(|it| json!({ "today": it.today, "usual": it.usual })),
            }))?;
            continue;
        }
        out.line(format!("{HEADING}{}{HEADING:#}", shown(&rule.name)))?;
        if let Some(it) = spike {
            let usual = format!("{:.1} a day", it.usual);
            out.line(format!(
                "  {ALARM}spike:{ALARM:#} {} in the last day, usually {usual}",
                count(it.today as usize, "alert")
            ))?;
        }
        let cooldown = match timing.cooldown.is_zero() {
            true => String::new(),
            false => format!(", messages wait {} after an alert", config::spoken(timing.cooldown)),
        };
        if severity != "normal" || !cooldown.is_empty() {
            out.line(format!("  {FAINT}{severity}{cooldown}{FAINT:#}"))?;
        }
        if routes.has_own(&rule.name) {
            let channels = match routes.of(&rule.name) {
                [] => "its alerts go to nobody: they stand in the list and in the digest".to_owned(),
                channels => format!("its alerts go to {}", channels.join(", ")),
            };
            out.wrapped("  ", &shown(&channels))?;
        }
        let query = rule.query.iter().map(|it| ("", shown(it)));
        let terms = (!rule.terms.is_empty()).then(|| ("terms: ", rule.terms.join(", "))).into_iter();
        let except = (!rule.except.is_empty()).then(|| ("except: ", rule.except.join(", "))).into_iter();
        let aliases = rule.aliases.iter().map(|(term, forms)| ("aliases: ", format!("{term}: {}", forms.join(", "))));
        for (start, text) in query.chain(terms).chain(except).chain(aliases) {
            out.wrapped(&format!("  {start}"), &shown(&text))?;
        }
    }
    if !out.is_json() {
        out.line(count(config.watches.len(), "watch"))?;
    }
    Ok(())
}

fn add(origin: &Origin, name: &str, query: &str, out: &Output) -> Result<(), CliError> {
    let config = setup::config(origin)?;
    if name.trim().is_empty() {
        return Err(CliError::Usage("a watch needs a name".to_owned()));
    }
    if config.watches.iter().any(|it| it.name == name) {
        return Err(CliError::Usage(format!("there is a watch {name:?} already; choose another name")));
    }
    let warnings = warnings(&config, name, query)?;
    let file = edit(origin, |text| Some(config::with_watch(text, name, query)), name)?;
    if out.is_json() {
        return out.record(&json!({ "added": name, "file": file, "warnings": warnings }));
    }
    for it in &warnings {
        out.wrapped(&format!("{ALARM}mind:{ALARM:#} "), &shown(it))?;
    }
    out.line(format!("added {} to {}", shown(name), file.display()))?;
    out.line(RELOAD)
}

fn remove(origin: &Origin, name: &str, out: &Output) -> Result<(), CliError> {
    let config = setup::config(origin)?;
    named(&config, name)?;
    let file = edit(origin, |text| config::without_watch(text, name), name)?;
    match out.is_json() {
        true => out.record(&json!({ "removed": name, "file": file })),
        false => {
            out.line(format!("removed {} from {}; its alerts stay in the archive", shown(name), file.display()))?;
            out.line(RELOAD)
        }
    }
}

/// Accepts a spelling for the term that it most likely belongs to: the only one, or the named one.
fn accept(origin: &Origin, name: &str, form: &str, term: Option<&str>, out: &Output) -> Result<(), CliError> {
    let config = setup::config(origin)?;
    let rule = named(&config, name)?;
    let query = rule.query.as_deref().ok_or_else(|| {
        CliError::Usage(format!("watch {name:?} has no query; write the spelling into its terms in watches.toml"))
    })?;
    let terms = query::parse(query).map_err(|it| CliError::BadData(it.to_string()))?.terms;
    let known = |wanted: &str| terms.iter().any(|it| it.text == wanted);
    let term = match (term, terms.as_slice()) {
        (Some(term), _) if known(term) => term.to_owned(),
        (None, [only]) => only.text.clone(),
        _ => {
            let all: Vec<_> = terms.iter().map(|it| it.text.as_str()).collect();
            return Err(CliError::Usage(format!("say for which term with --term; the query has {}", all.join(", "))));
        }
    };
    judge(origin, name, form, Verdict::Accept(&term), None, out)
}

/// Bans a spelling; the term itself can't be one.
fn ban(origin: &Origin, name: &str, form: &str, out: &Output) -> Result<(), CliError> {
    let config = setup::config(origin)?;
    let query = named(&config, name)?.query.as_deref().map(query::parse).transpose();
    let terms = query.map_err(|it| CliError::BadData(it.to_string()))?.map(|it| it.terms).unwrap_or_default();
    if let Some(term) = terms.iter().find(|it| crate::text::fold(&it.text) == crate::text::fold(form.trim())) {
        return Err(CliError::Usage(format!(
            "watch {name:?} waits for {}, and would find nothing of it; change its query in watches.toml, or ban a phrase with the word",
            shown(&term.text)
        )));
    }
    let is_met = is_met(&config, named(&config, name)?, form)?;
    let warning = format!(
        "nothing that {name:?} looks for is found in {form:?}, so that the ban changes nothing; sitrepd watch alias list {name:?} has the \
         spellings that it met"
    );
    judge(origin, name, form, Verdict::Ban, (!is_met).then_some(warning), out)
}

/// Whether a watch can find a spelling at all.
fn is_met(config: &Config, rule: &WatchRule, form: &str) -> Result<bool, CliError> {
    let rule = WatchRule { except: Vec::new(), ..rule.clone() };
    let list = Watchlist::with_glossary(vec![rule], &config.glossary);
    Ok(list.map_err(|it| CliError::BadData(crate::text::error_chain(&it)))?.finds_some(form))
}

fn judge(
    origin: &Origin,
    name: &str,
    form: &str,
    verdict: Verdict<'_>,
    warning: Option<String>,
    out: &Output,
) -> Result<(), CliError> {
    let config = setup::config(origin)?;
    named(&config, name)?;
    let file = edit(origin, |text| config::with_alias(text, name, form, verdict), name)?;
    let word = if verdict == Verdict::Ban { "banned" } else { "accepted" };
    match out.is_json() {
        true => out.record(&json!({ word: form, "watch": name, "file": file, "warnings": Vec::from_iter(warning) })),
        false => {
            if let Some(it) = warning {
                out.wrapped(&format!("{ALARM}mind:{ALARM:#} "), &shown(&it))?;
            }
            out.line(format!("{word} {} for {} in {}", shown(form), shown(name), file.display()))?;
            out.line(RELOAD)
        }
    }
}

const RELOAD: &str = "a running daemon takes it up when told to: systemctl reload sitrepd, or SIGHUP";

/// Warnings for a query's writer; an error if it is refused.
fn warnings(config: &Config, name: &str, query: &str) -> Result<Vec<String>, CliError> {
    let read = query::parse(query).map_err(|it| CliError::BadData(it.to_string()))?;
    let read = config.glossary.applied(read);
    let rule = WatchRule { name: name.to_owned(), query: Some(query.to_owned()), ..WatchRule::default() };
    let never_met = config.never_met(&rule);
    Ok(read.warnings().iter().map(ToString::to_string).chain(never_met).collect())
}

fn named<'c>(config: &'c Config, name: &str) -> Result<&'c WatchRule, CliError> {
    let found = config.watches.iter().find(|it| it.name == name);
    found.ok_or_else(|| CliError::NotFound(format!("there is no watch {name:?}; sitrepd watch list shows all")))
}

/// Changes watches.toml in the configuration directory; the shipped one, where there is none yet.
fn edit(origin: &Origin, change: impl FnOnce(&str) -> Option<String>, name: &str) -> Result<PathBuf, CliError> {
    let dir = origin.dir.as_deref();
    let dir = dir.ok_or_else(|| CliError::Usage("there is no home directory; use --config-dir".to_owned()))?;
    let (path, text) = config::watches_text(dir)?;
    let odd = || CliError::BadData(format!("{} is laid out so that {name:?} can't be changed in it", path.display()));
    let changed = change(&text).ok_or_else(odd)?;
    // A hand-written file may be laid out so that the change breaks it.
    let file = toml_edit::de::from_str::<WatchesFile>(&changed).map_err(|_| odd())?;
    Watchlist::compile(file.rules()).map_err(|it| CliError::BadData(crate::text::error_chain(&it)))?;
    setup::replace_file(&path, &changed)?;
    Ok(path)
}
