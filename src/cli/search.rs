//! `sitrepd search`: articles that have words in their titles and bodies, the newest first.

use std::ops::ControlFlow;

use chrono::Utc;

use crate::{
    api,
    config::{Config, Origin},
    model::{FlagKind, Report, SourceId},
    search::Query,
};

use super::{
    CliError, Output, archive,
    arguments::SearchOptions,
    damage,
    output::{ALARM, FAINT, HEADING, short, shown},
    poll,
};

pub(super) fn run(origin: &Origin, query: &str, options: &SearchOptions, out: &Output) -> Result<(), CliError> {
    let query = Query::parse(query).ok_or_else(|| CliError::Usage(
        "there is no word to look for: each part of a search needs one that is to occur, besides those with - before them".to_owned(),
    ))?;
    let (config, store) = archive::open(origin, out)?;
    let limit = options.limit;
    let mut range = options.since.map_or(archive::EVER, |it| archive::period(it, &config));
    if let Some(until) = options.until {
        range.end = until.at(Utc::now(), config.digest.zone);
    }
    if range.is_empty() {
        return Err(CliError::Usage("the time is empty: --since is to be before --until".to_owned()));
    }
    let is_asked = |it: &SourceId| options.sources.is_empty() || options.sources.iter().any(|id| id == it.as_str());
    let mut printed = Ok(());
    let mut found = 0;
    store.reports(range, &mut |report| {
        let place = Some(&report.article).filter(|it| is_asked(&it.source)).and_then(|it| query.find(it));
        if let Some(place) = place {
            found += 1;
            if found > limit {
                return ControlFlow::Break(());
            }
            let text = place.field.of(&report.article);
            printed = match out.is_json() {
                true => out.record(&api::Report::from(&report)),
                false => hit(&report, text.get(place.sentence).unwrap_or_default(), &config, out),
            };
        }
        if printed.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    printed?;
    if let (0, Some(id)) = (found, options.sources.iter().find(|id| config.source(id).is_none())) {
        return Err(poll::unknown(&config, id));
    }
    match found {
        0 if !out.is_json() => out.line("nothing found")?,
        n if n > limit => out.note(&format!("only the newest {limit} of them; --limit shows more")),
        _ => (),
    }
    damage::ended(&store)
}

fn hit(report: &Report, sentence: &str, config: &Config, out: &Output) -> Result<(), CliError> {
    let article = &report.article;
    out.wrapped("", &format!("{HEADING}{}{HEADING:#}", shown(&article.title)))?;
    out.wrapped("  ", &short(sentence, 300))?;
    let (id, time) = (article.id, archive::when(article.first_seen, config));
    let warnings = article.reading.flags.iter().map(|it| it.kind).filter(|it| it.is_warning());
    let flags: Vec<&str> = warnings.map(FlagKind::as_str).collect();
    let flags = if flags.is_empty() { String::new() } else { format!("  {ALARM}{}{ALARM:#}", flags.join(", ")) };
    out.line(format!("  {FAINT}{id}  {time}  {}{FAINT:#}{flags}\n", article.source))
}
