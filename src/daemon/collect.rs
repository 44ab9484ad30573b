//! The wide half of the line: polls one source, reads its documents and article pages, and hands what it read to the
//! settling thread. It must not write to the store itself.

mod articles;
mod gap;
mod known;
mod outcome;
pub(super) mod pages;

use std::{collections::HashSet, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tracing::{error, info, warn};
use url::Url;

use crate::{
    config::Polled,
    decide::source::{Answer, Lesson, Poll, after_defect, after_poll},
    model::{Alert, ArticleId, Change, Fault, Health, Older, Source, SourceId, SourceState, Timestamp},
    schedule::Next,
};

pub use self::known::are_held;
use self::outcome::ReadEntries;
use super::{Context, DaemonError, documents};

/// The outcome of polling one source.
#[derive(Debug, Clone, PartialEq)]
pub struct PollReport {
    /// The source.
    pub source: SourceId,
    /// What the answer was.
    pub answer: Answer,
    /// Articles that were not held before.
    pub new: Vec<ArticleId>,
    /// Articles read again because their page could not be had before.
    pub reread: usize,
    /// Pages asked for.
    pub pages: usize,
    /// Pages of these that could not be had. Their articles have the feed's own text.
    pub pages_missing: usize,
    /// Alerts raised.
    pub alerts: Vec<Alert>,
    /// How the source does now.
    pub health: Health,
    /// When it is due again, and why then.
    pub next: Next,
}

/// The reason shown for a source whose poll failed because of a defect of sitrepd.
const DEFECT: &str = "sitrepd itself failed on this source; please report it";

/// Polls a source: documents, entries that are not held, their pages, and what was learnt about the source.
///
/// # Errors
///
/// [`DaemonError`] where the store failed. Whatever the source does is in the report.
pub async fn source(ctx: &Context, polled: &Polled) -> Result<PollReport, DaemonError> {
    let done = AssertUnwindSafe(poll(ctx, polled)).catch_unwind().await;
    match done.unwrap_or(Err(DaemonError::Panicked)) {
        // A defect outside of reading the source. What was stored before it stays stored.
        Err(DaemonError::Panicked | DaemonError::TooLarge(_)) => given_up(ctx, polled).await,
        done => done,
    }
}

/// Ends a poll that panicked, or whose state is too large to store. The source then waits as after a failed poll; other
/// sources are not affected.
async fn given_up(ctx: &Context, polled: &Polled) -> Result<PollReport, DaemonError> {
    let (now, source) = (ctx.now(), &polled.source);
    // The stored state itself may be what makes sitrepd panic.
    let before = match states(ctx, source).await {
        Ok([before, _]) => before,
        Err(DaemonError::Panicked) => None,
        Err(error) => return Err(error),
    };
    let (state, next) = after_defect(source, before.as_ref(), ctx.config.schedule.max_backoff, DEFECT, now);
    let health = state.health.clone();
    ctx.settler.commit(Change::Polled(Box::new(state))).await?;
    error!(source = %source.id, due = %next.at, "the poll of a source could not be completed");
    Ok(PollReport {
        source: source.id.clone(),
        answer: Answer::Failed { fault: Fault::Defect, reason: DEFECT.to_owned() },
        new: Vec::new(),
        reread: 0,
        pages: 0,
        pages_missing: 0,
        alerts: Vec::new(),
        health,
        next,
    })
}

async fn poll(ctx: &Context, polled: &Polled) -> Result<PollReport, DaemonError> {
    let now = ctx.now();
    let source = &polled.source;
    let [before, sibling] = states(ctx, source).await?;
    let read = AssertUnwindSafe(read(ctx, polled, before.as_ref(), now)).catch_unwind().await;
    let read = match read.unwrap_or(Err(DaemonError::Panicked)) {
        // A defect of the program, met by this source: it backs off like any failure, and the others go on.
        Err(DaemonError::Panicked) => Read {
            answer: Answer::Failed { fault: Fault::Defect, reason: DEFECT.to_owned() },
            asked: source.url.clone(),
            lesson: Lesson { older: before.as_ref().and_then(|it| it.older.clone()), ..Lesson::default() },
            retry_after: None,
            found: ReadEntries::default(),
        },
        read => read?,
    };
    let Read { answer, asked, lesson, retry_after, found } = read;
    let hosts = ctx.config.enabled().filter_map(|it| it.source.url.host_str()).collect::<HashSet<_>>().len();
    let poll = Poll {
        answer: &answer,
        asked: &asked,
        new: found.new.len(),
        lesson,
        retry_after,
        sibling: sibling.as_ref(),
        is_cut_off: ctx.outage.note(source, &answer, hosts),
    };
    let (state, next) = after_poll(source, &polled.timetable, &ctx.config.schedule, before.as_ref(), &poll, now);
    let health = state.health.clone();
    ctx.settler.commit(Change::Polled(Box::new(state))).await?;
    let (id, due, condition) = (&source.id, next.at, health.condition.word());
    match &answer {
        Answer::Failed { reason, .. } => warn!(source = %id, condition, reason, %due, "poll failed"),
        Answer::LeftAlone { reason } => info!(source = %id, condition, reason, %due, "not polled"),
        _ => info!(source = %id, condition, new = found.new.len(), alerts = found.alerts.len(), %due, "polled"),
    }
    Ok(PollReport {
        source: id.clone(),
        answer,
        new: found.new,
        reread: found.reread,
        pages: found.pages,
        pages_missing: found.pages_missing,
        alerts: found.alerts,
        health,
        next,
    })
}

/// The stored state of a source, if it is for the configured address, and the state of its sibling.
async fn states(ctx: &Context, source: &Source) -> Result<[Option<SourceState>; 2], DaemonError> {
    let (id, url, sibling) = (source.id.clone(), source.url.to_string(), source.sibling.clone());
    ctx.read(move |store| {
        let own = store.source_state(&id)?.filter(|it| it.url == url);
        Ok([own, sibling.map_or(Ok(None), |it| store.source_state(&it))?])
    })
    .await
}

/// The outcome of reading a source's documents.
struct Read {
    answer: Answer,
    asked: Url,
    lesson: Lesson,
    retry_after: Option<Duration>,
    found: ReadEntries,
}

/// Reads a source's documents, and reads and settles their entries.
async fn read(
    ctx: &Context,
    polled: &Polled,
    before: Option<&SourceState>,
    now: Timestamp,
) -> Result<Read, DaemonError> {
    let mut reading = documents::read(&ctx.client, &polled.source, before, ctx.config.parse, now).await?;
    let first_older = gap::fill(ctx, polled, before, &mut reading, now).await?;
    let documents::Reading { mut answer, asked, entries, mut lesson, retry_after, .. } = reading;
    let found = articles::read(ctx, polled, entries, tries_pages(&answer), now).await?;
    if let (Answer::Read { problems, .. }, Some(problem)) = (&mut answer, found.recipe.problem()) {
        // The first is what the health of the source tells.
        problems.insert(0, problem);
    }
    if !found.complete {
        // The documents are not stored, so that the next poll gets them whole, with the entries that are left.
        lesson.documents.clear();
        lesson.older = lesson.older.or(first_older.map(|url| Older { url: url.to_string(), pages: 0, tries: 0 }));
    }
    Ok(Read { answer, asked, lesson, retry_after, found })
}

/// Whether pages that are owed may be tried after this answer. Where the source cannot be reached, or turns sitrepd away,
/// they are left for when it answers, and lose no attempt by that.
fn tries_pages(answer: &Answer) -> bool {
    match answer {
        Answer::Read { .. } | Answer::Unchanged => true,
        Answer::LeftAlone { .. } => false,
        Answer::Failed { fault, .. } => {
            !matches!(fault, Fault::Network | Fault::Blocked | Fault::Refused | Fault::Throttled)
        }
    }
}
