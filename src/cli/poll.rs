//! `sitrepd poll`.

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use serde_json::json;

use crate::{
    api,
    config::{Config, Origin, Polled},
    daemon::{
        Context, DaemonError,
        collect::{self, PollReport},
        outbox,
    },
    decide::source::Answer,
};

use super::{
    CliError, Output, logging,
    output::{ALARM, FAINT, shown},
    setup::{self, Parts},
};

/// Polls the named sources, or all enabled ones, once.
pub(super) fn run(origin: &Origin, ids: &[String], out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin, out)?;
    let sources = chosen(&config, ids)?;
    let parts = Parts::new(config)?;
    let runtime = setup::runtime()?;
    let result = runtime.block_on(async {
        let reports = round(&parts.ctx, &sources, out).await?;
        outbox::round(&parts.ctx).await?;
        Ok::<_, DaemonError>(reports)
    });
    drop(runtime);
    parts.close();
    let reports = result?;
    print(&reports, out)?;
    match reports.iter().all(|it| matches!(it.answer, Answer::Failed(_))) && !reports.is_empty() {
        true => Err(CliError::Unavailable("no source could be read".to_owned())),
        false => Ok(()),
    }
}

/// The sources of these ids, enabled or not; all enabled ones where there are none.
pub(super) fn chosen(config: &Config, ids: &[String]) -> Result<Vec<Arc<Polled>>, CliError> {
    if ids.is_empty() {
        return Ok(config.enabled().cloned().collect());
    }
    let find = |id: &String| {
        let found = config.source(id).cloned();
        found.ok_or_else(|| CliError::NotFound(format!("there is no source {id:?}; see sitrepd source list")))
    };
    ids.iter().map(find).collect()
}

/// Polls sources, several at once, with a progress bar. The reports stand in the order of the sources.
pub(super) async fn round(
    ctx: &Context,
    sources: &[Arc<Polled>],
    out: &Output,
) -> Result<Vec<PollReport>, DaemonError> {
    let bar = out.progress(sources.len(), "sources");
    let polls = stream::iter(sources).map(|polled| {
        let bar = &bar;
        async move {
            let report = collect::source(ctx, polled).await;
            bar.inc(1);
            bar.set_message(polled.source.id.to_string());
            report
        }
    });
    let reports: Vec<_> = polls.buffered(ctx.config.poll.concurrency).collect().await;
    bar.finish_and_clear();
    reports.into_iter().collect()
}

/// The JSON of a poll.
fn record(it: &PollReport) -> serde_json::Value {
    let (answer, entries, problems, reason) = match &it.answer {
        Answer::Unchanged => ("unchanged", None, &[] as &[String], None),
        Answer::Read { entries, problems } => ("read", Some(*entries), problems.as_slice(), None),
        Answer::Failed(reason) => ("failed", None, &[] as &[String], Some(reason)),
    };
    json!({
        "source": it.source.as_str(),
        "answer": answer,
        "entries": entries,
        "problems": problems,
        "reason": reason,
        "new": it.new.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "reread": it.reread,
        "pages": it.pages,
        "alerts": it.alerts.iter().map(api::Alert::from).collect::<Vec<_>>(),
        "due": api::instant(it.due),
    })
}

/// A table, or a record a line.
pub(super) fn print(reports: &[PollReport], out: &Output) -> Result<(), CliError> {
    if out.is_json() {
        return reports.iter().try_for_each(|it| out.record(&record(it)));
    }
    let row = |it: &PollReport| {
        let (entries, remark) = match &it.answer {
            Answer::Unchanged => ("–".to_owned(), format!("{FAINT}unchanged{FAINT:#}")),
            Answer::Read { entries, problems } => (entries.to_string(), shown(&problems.join("; "))),
            Answer::Failed(reason) => ("–".to_owned(), format!("{ALARM}failed:{ALARM:#} {}", shown(reason))),
        };
        vec![it.source.to_string(), entries, it.new.len().to_string(), it.alerts.len().to_string(), remark]
    };
    out.table(&["SOURCE", "ENTRIES", "NEW", "ALERTS", ""], &reports.iter().map(row).collect::<Vec<_>>())?;
    let total = |count: fn(&PollReport) -> usize| reports.iter().map(count).sum::<usize>();
    let failed = reports.iter().filter(|it| matches!(it.answer, Answer::Failed(_))).count();
    out.line(format!(
        "{} sources, {failed} failed; {} new articles, {} pages fetched, {} alerts",
        reports.len(),
        total(|it| it.new.len()),
        total(|it| it.pages),
        total(|it| it.alerts.len()),
    ))
}
