//! `sitrepd source discover`: how a site can be read, as a block for sources.toml with a sample.

use std::collections::HashSet;

use serde_json::json;
use url::Url;

use crate::{
    api,
    config::{self, Config, Origin, opml},
    daemon::discover::{Found, discover},
    model::{Source, SourceId},
};

use super::super::{
    CliError, Output, archive,
    output::{FAINT, HEADING, count, short, shown},
    setup,
};
use super::{RELOAD, edit, web_address};

/// Entries shown of what is found.
const SAMPLE: usize = 3;

pub(super) fn run(origin: &Origin, url: &str, add: bool, out: &Output) -> Result<(), CliError> {
    let url = web_address(url)?;
    let config = setup::config(origin)?;
    setup::warn(&config, out);
    let client = setup::client(&config)?;
    let bar = out.progress(0, "looking");
    let progress = |url: &url::Url| {
        bar.inc(1);
        bar.set_message(url.to_string());
    };
    let discovery = discover(&client, &url, config.parse, chrono::Utc::now(), &progress);
    let mut discovery = setup::runtime()?.block_on(discovery)?;
    bar.finish_and_clear();
    let mut given = HashSet::new();
    for it in &mut discovery.found {
        name(&config, it, &given)?;
        given.insert(it.source.id.clone());
    }
    if out.is_json() {
        for it in &discovery.found {
            let entries: Vec<_> = it.entries.iter().map(api::Entry::from).collect();
            out.record(&json!({
                "block": config::block(&it.source),
                "kind": it.source.kind.word(),
                "url": it.source.url.as_str(),
                "why": it.why,
                "problems": it.problems,
                "entries": entries,
            }))?;
        }
    } else {
        for (at, it) in discovery.found.iter().enumerate() {
            print(&config, it, at == 0, out)?;
        }
    }
    let Some(best) = discovery.found.first() else {
        for (reason, first, more) in in_vain(&discovery.tried) {
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            out.note(&format!("{}{more}: {}", shown(first.as_str()), shown(&reason)));
        }
        return Err(CliError::Unavailable(format!("no way to read {url} was found")));
    };
    if add {
        if let Some(held) = config.polled.iter().find(|it| it.source.url == best.source.url) {
            return Err(CliError::Usage(format!("{} is source {} already", best.source.url, held.source.id)));
        }
        let file = edit(origin, |text| config::with_source(text, &best.source))?;
        let added = format!("added {} to {}; {RELOAD}", best.source.id, file.display());
        out.note(&added);
    } else if !out.is_json() {
        out.wrapped("", "put a block into sources.toml, or let --add put the first one there")?;
    }
    Ok(())
}

/// Why something was tried in vain, the first address for which that was so, and how many more there are; in the order
/// of the attempts.
fn in_vain(tried: &[(Url, String)]) -> Vec<(String, &Url, usize)> {
    let mut res: Vec<(String, &Url, usize)> = Vec::new();
    for (url, reason) in tried {
        let reason = reason.replace(url.as_str(), "it");
        match res.iter_mut().find(|it| it.0 == reason) {
            Some(it) => it.2 += 1,
            None => res.push((reason, url, 0)),
        }
    }
    res
}

/// Gives a source its name and a free id, which is none of `given`.
fn name(config: &Config, found: &mut Found, given: &HashSet<SourceId>) -> Result<(), CliError> {
    let source = &mut found.source;
    if let Some(title) = &found.title {
        source.name = short(title, 60);
    }
    let taken = |id: &SourceId| config.source(id.as_str()).is_some() || given.contains(id);
    let host = source.url.host_str().unwrap_or("source").trim_start_matches("www.").to_owned();
    source.id = opml::free_id(&host, &source.url, &taken)
        .ok_or_else(|| CliError::Usage("no free id could be made for the source".to_owned()))?;
    let languages = found.entries.iter().filter_map(language).take(1);
    source.languages = languages.collect();
    Ok(())
}

/// What the entry claims, as `sources.toml` has it; else what its words look like.
fn language(entry: &crate::model::Entry) -> Option<String> {
    let claimed = entry.language.as_deref().map(crate::text::without_region);
    let guessed = || crate::text::language(&format!("{}\n{}", entry.title, entry.text));
    claimed
        .filter(|it| it.len() == 2 && it.bytes().all(|it| it.is_ascii_alphabetic()))
        .or_else(guessed)
        .map(str::to_owned)
}

fn print(config: &Config, it: &Found, is_best: bool, out: &Output) -> Result<(), CliError> {
    let rank = if is_best { "found" } else { "also" };
    let (kind, entries) = (it.source.kind.word(), count(it.entries.len(), "entry"));
    out.wrapped("", &format!("{HEADING}{rank}: {kind}, {entries}{HEADING:#}  {FAINT}{}{FAINT:#}", it.why))?;
    for problem in &it.problems {
        out.wrapped("problem: ", &shown(problem))?;
    }
    out.line("")?;
    for line in block_lines(&it.source) {
        out.line(format!("    {}", shown(&line)))?;
    }
    out.line("")?;
    for entry in it.entries.iter().take(SAMPLE) {
        let date = entry.order_date().map_or_else(|| "no date".to_owned(), |it| archive::when(it, config));
        out.wrapped("  ", &format!("{FAINT}{date}{FAINT:#}  {}", shown(&entry.title)))?;
        out.line(format!("    {FAINT}{}{FAINT:#}", entry.link.as_ref().map_or("no link", |it| it.as_str())))?;
    }
    out.line("")
}

fn block_lines(source: &Source) -> Vec<String> {
    config::block(source).lines().map(str::to_owned).collect()
}
