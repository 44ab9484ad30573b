//! `sitrepd source check`: reads sources once, now, as the daemon would; nothing is kept.

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use serde_json::json;

use crate::{
    api,
    config::{Config, Origin, Polled},
    daemon::{
        collect,
        documents::{self, Reading},
    },
    decide::source::{Answer, Poll, after_poll},
    fetch::Client,
    model::{Condition, SourceState, Timestamp},
    schedule::Next,
    store::Store,
};

use super::super::{
    CliError, Output, archive,
    output::{count, shown},
    poll, setup,
};
use super::coloured;

/// What became of a source.
struct Verdict {
    answer: Answer,
    state: SourceState,
    next: Next,
    newest: Option<Timestamp>,
}

pub(super) fn run(origin: &Origin, ids: &[String], all: bool, out: &Output) -> Result<(), CliError> {
    let config = setup::config(origin)?;
    setup::warn(&config, out);
    let sources = if all { config.polled.clone() } else { poll::chosen(&config, ids)? };
    let store = setup::archive(&config)?;
    // What is remembered tells a quiet source from a frozen one.
    let state = |id| store.source_state(id);
    let known = sources
        .iter()
        .map(|it| Ok((state(&it.source.id)?, it.source.sibling.as_ref().map_or(Ok(None), state)?)))
        .collect::<Result<Vec<_>, CliError>>()?;
    let client = setup::client(&config)?;
    let store = &*store;
    let bar = out.progress(sources.len(), "sources");
    let verdicts = setup::runtime()?.block_on(async {
        let verdicts = sources.iter().zip(&known).map(|(polled, (before, sibling))| {
            let (client, config, bar) = (&client, &config, &bar);
            async move {
                let verdict = verdict(client, store, config, polled, before.as_ref(), sibling.as_ref()).await;
                bar.inc(1);
                verdict
            }
        });
        stream::iter(verdicts).buffered(config.poll.concurrency).collect::<Vec<_>>().await
    });
    bar.finish_and_clear();
    let verdicts = verdicts.into_iter().collect::<Result<Vec<_>, _>>()?;
    print(&sources, &verdicts, &config, out)?;
    match verdicts.iter().all(|it| matches!(it.answer, Answer::Failed { .. } | Answer::LeftAlone { .. })) {
        true => Err(CliError::Unavailable("no source could be read".to_owned())),
        false => Ok(()),
    }
}

async fn verdict(
    client: &Client,
    store: &dyn Store,
    config: &Config,
    polled: &Polled,
    before: Option<&SourceState>,
    sibling: Option<&SourceState>,
) -> Result<Verdict, CliError> {
    let now = chrono::Utc::now();
    let source = &polled.source;
    let before = before.filter(|it| it.url == source.url.as_str());
    // Everything is requested without conditions: held documents say nothing of what is there now.
    let asked_anew = before.map(|it| SourceState { documents: Vec::new(), ..it.clone() });
    let reading = documents::read(client, source, asked_anew.as_ref(), config.parse, now).await?;
    let Reading { answer, asked, entries, lesson, retry_after, .. } = reading;
    let new = collect::are_held(store, &entries, now)?.iter().filter(|it| !**it).count();
    let newest = lesson.dates.iter().max().copied();
    let poll = Poll { answer: &answer, asked: &asked, new, lesson, retry_after, sibling, is_cut_off: false };
    let (state, next) = after_poll(source, &polled.timetable, &config.schedule, before, &poll, now);
    Ok(Verdict { answer, state, next, newest })
}

fn print(sources: &[Arc<Polled>], verdicts: &[Verdict], config: &Config, out: &Output) -> Result<(), CliError> {
    let both = || sources.iter().zip(verdicts);
    if out.is_json() {
        return both().try_for_each(|(polled, it)| {
            let (entries, problems, error) = match &it.answer {
                Answer::Read { entries, problems } => (Some(entries), Some(problems), None),
                Answer::Failed { reason, .. } | Answer::LeftAlone { reason } => (None, None, Some(reason)),
                Answer::Unchanged => (None, None, None),
            };
            out.record(&json!({
                "source": polled.source.id.as_str(),
                "kind": polled.source.kind.word(),
                "enabled": polled.source.enabled,
                "condition": it.state.health.condition.word(),
                "reason": it.state.health.reason,
                "since": api::instant(it.state.health.since),
                "entries": entries,
                "problems": problems,
                "newest": it.newest.map(api::instant),
                "error": error,
                "due": api::instant(it.next.at),
                "due_because": it.next.because.to_string(),
            }))
        });
    }
    let row = |(polled, it): (&Arc<Polled>, &Verdict)| {
        let entries = match &it.answer {
            Answer::Read { entries, .. } => entries.to_string(),
            Answer::Failed { .. } | Answer::LeftAlone { .. } | Answer::Unchanged => "–".to_owned(),
        };
        vec![
            polled.source.id.to_string(),
            polled.source.kind.word().to_owned(),
            coloured(it.state.health.condition),
            entries,
            it.newest.map_or_else(|| "–".to_owned(), |it| archive::when(it, config)),
            archive::when(it.next.at, config),
        ]
    };
    out.table(&["SOURCE", "KIND", "HEALTH", "ENTRIES", "NEWEST", "NEXT POLL"], &both().map(row).collect::<Vec<_>>())?;
    for (polled, it) in both() {
        let health = &it.state.health;
        let mut reasons = vec![health.reason.as_str()];
        if let Answer::Read { problems, .. } = &it.answer {
            reasons.extend(problems.iter().map(String::as_str).filter(|it| *it != health.reason));
        }
        for reason in reasons.into_iter().filter(|it| !it.is_empty()) {
            out.wrapped(&format!("{}: ", polled.source.id), &shown(reason))?;
        }
    }
    let works = |it: &Verdict| !matches!(it.state.health.condition, Condition::Failing(_) | Condition::Empty);
    let ready: Vec<&str> = both()
        .filter(|(polled, it)| !polled.source.enabled && works(it))
        .map(|(it, _)| it.source.id.as_str())
        .collect();
    if !ready.is_empty() {
        let ready_ids = ready.join(" ");
        out.wrapped(
            "",
            &format!(
                "{} that are off could be read; to switch them on: sitrepd source enable {ready_ids}",
                count(ready.len(), "source")
            ),
        )?;
    }
    Ok(())
}
