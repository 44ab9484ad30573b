//! `sitrepd poll`.

use std::{collections::BTreeSet, sync::Arc};

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
    CliError, Output, digest, logging,
    output::{ALARM, FAINT, count, shown},
    setup::{self, Parts},
};

/// Polls the named sources, or all enabled ones, once.
pub(super) fn run(origin: &Origin, ids: &[String], out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    setup::warn(&config, out);
    let sources = chosen(&config, ids)?;
    // The directory may not be there yet.
    if let Ok(missing @ 1..) = config.store.missing_room() {
        return Err(CliError::Unavailable(format!(
            "the disk of {} has {} MB less room than [store] min_free_bytes and min_free_share want; nothing was polled",
            config.state_dir.display(),
            missing.div_ceil(1_000_000)
        )));
    }
    let parts = Parts::new(config)?;
    let runtime = setup::runtime()?;
    let result = runtime.block_on(async {
        let reports = round(&parts.ctx, &sources, out).await?;
        let sent = outbox::round(&parts.ctx).await?;
        Ok::<_, DaemonError>((reports, sent))
    });
    drop(runtime);
    let waiting = parts.waiting();
    parts.close();
    let (reports, sent) = result?;
    print(&reports, out)?;
    if sent.retried + sent.parked > 0 {
        out.note(&digest::not_sent(sent, waiting?));
    }
    match reports.iter().all(has_failed) {
        true => Err(CliError::Unavailable("no source could be read".to_owned())),
        false => Ok(()),
    }
}

/// The sources of these ids, enabled or not; all enabled ones where there are none. Never empty.
pub(super) fn chosen(config: &Config, ids: &[String]) -> Result<Vec<Arc<Polled>>, CliError> {
    if ids.is_empty() {
        let enabled: Vec<_> = config.enabled().cloned().collect();
        return match enabled.is_empty() {
            true => Err(CliError::NotFound("no source is enabled; sitrepd source add ADDRESS adds one".to_owned())),
            false => Ok(enabled),
        };
    }
    let ids: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    if let Some(id) = ids.iter().find(|id| config.source(id).is_none()) {
        return Err(unknown(config, id));
    }
    Ok(config.polled.iter().filter(|it| ids.contains(it.source.id.as_str())).cloned().collect())
}

/// There is no source of this id; the nearest one is named.
pub(super) fn unknown(config: &Config, id: &str) -> CliError {
    let ranked = config.polled.iter().map(|it| it.source.id.as_str()).map(|it| (strsim::jaro_winkler(id, it), it));
    let near = ranked.filter(|(likeness, _)| *likeness > 0.8).max_by(|a, b| a.0.total_cmp(&b.0));
    let hint = near.map_or_else(|| "see sitrepd source list".to_owned(), |(_, it)| format!("did you mean {it:?}?"));
    CliError::NotFound(format!("there is no source {id:?}; {hint}"))
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

fn has_failed(it: &PollReport) -> bool {
    matches!(it.answer, Answer::Failed { .. })
}

/// The JSON of a poll.
fn record(it: &PollReport) -> serde_json::Value {
    let (answer, entries, problems, reason) = match &it.answer {
        Answer::Unchanged => ("unchanged", None, &[] as &[String], None),
        Answer::Read { entries, problems } => ("read", Some(*entries), problems.as_slice(), None),
        Answer::LeftAlone { reason } => ("left-alone", None, &[] as &[String], Some(reason)),
        Answer::Failed { reason, .. } => ("failed", None, &[] as &[String], Some(reason)),
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
        "pages_missing": it.pages_missing,
        "alerts": it.alerts.iter().map(api::Alert::from).collect::<Vec<_>>(),
        "condition": it.health.condition.word(),
        "due": api::instant(it.next.at),
        "due_because": it.next.because.to_string(),
    })
}

/// A table, what went wrong, and the sums; or a record a line.
fn print(reports: &[PollReport], out: &Output) -> Result<(), CliError> {
    if out.is_json() {
        return reports.iter().try_for_each(|it| out.record(&record(it)));
    }
    table(reports, out)?;
    out.line("")?;
    for it in reports {
        let (word, reasons) = match &it.answer {
            Answer::Failed { reason, .. } => ("failed", std::slice::from_ref(reason)),
            Answer::LeftAlone { reason } => ("left alone", std::slice::from_ref(reason)),
            Answer::Read { problems, .. } => ("problem", problems.as_slice()),
            Answer::Unchanged => continue,
        };
        for reason in reasons {
            out.wrapped(&format!("{ALARM}{word}{ALARM:#} {}: ", it.source), &shown(reason))?;
        }
    }
    let total = |of: fn(&PollReport) -> usize| reports.iter().map(of).sum::<usize>();
    let failed = reports.iter().filter(|it| has_failed(it)).count();
    let missing = match total(|it| it.pages_missing) {
        0 => String::new(),
        n => format!(" ({n} could not be had, the feed's own text stands for them: see sitrepd show)"),
    };
    out.wrapped(
        "",
        &format!(
            "{}, {failed} failed; {}; {} asked for{missing}; {}",
            count(reports.len(), "source"),
            count(total(|it| it.new.len()), "new article"),
            count(total(|it| it.pages), "article page"),
            count(total(|it| it.alerts.len()), "alert"),
        ),
    )
}

/// A row for each source.
pub(super) fn table(reports: &[PollReport], out: &Output) -> Result<(), CliError> {
    let row = |it: &PollReport| {
        let (entries, answer) = match &it.answer {
            Answer::Unchanged => ("–".to_owned(), format!("{FAINT}unchanged{FAINT:#}")),
            Answer::Read { entries, problems } if problems.is_empty() => (entries.to_string(), "read".to_owned()),
            Answer::Read { entries, .. } => (entries.to_string(), "read, with problems".to_owned()),
            Answer::LeftAlone { .. } => ("–".to_owned(), format!("{FAINT}left alone{FAINT:#}")),
            Answer::Failed { .. } => ("–".to_owned(), format!("{ALARM}failed{ALARM:#}")),
        };
        vec![it.source.to_string(), entries, it.new.len().to_string(), it.alerts.len().to_string(), answer]
    };
    out.table(&["SOURCE", "ENTRIES", "NEW", "ALERTS", "ANSWER"], &reports.iter().map(row).collect::<Vec<_>>())
}
