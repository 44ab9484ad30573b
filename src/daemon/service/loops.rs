//! The work beside polling, each in its own loop: messages, requests, digests, evidence and tending the archive.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use super::{
    polling::has_overdue,
    watchdog::{Beats, Loop},
};
use crate::{
    config::DigestPlan,
    daemon::{
        Context, DaemonError,
        digests::{self, Run},
        evidence, outbox, requests,
    },
    model::Timestamp,
};

/// Pause between two looks into the outbox, whatever is under way. An alert waits no longer than this.
const OUTBOX_PAUSE: Duration = Duration::from_secs(2);
/// Pause between two looks for requests, for which people wait.
const REQUEST_PAUSE: Duration = Duration::from_millis(500);
/// Pause between two looks at the digests' schedule.
const DIGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a digest that is due waits for sources that are overdue: after a night without power it would say that
/// nothing was new.
const PATIENCE: Duration = Duration::from_secs(600);
/// Pause before a digest that could not be made is retried.
const FAILED_DIGEST_PAUSE: Duration = Duration::from_secs(300);
/// Pause between two looks for pages to read again.
const EVIDENCE_PAUSE: Duration = Duration::from_secs(30);
/// Pause between two checks whether the archive needs tending.
const TEND_PAUSE: Duration = Duration::from_secs(3600);

pub(super) async fn outbox_loop(
    contexts: watch::Receiver<Context>,
    stop: CancellationToken,
    beats: Beats,
) -> Result<(), DaemonError> {
    let mut lanes = outbox::Lanes::new(stop.clone());
    loop {
        let ctx = contexts.borrow().clone();
        beats.beat(Loop::Outbox);
        lanes.begin(&ctx, ctx.now()).await?;
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = lanes.ended() => drop(ended?),
            () = sleep(OUTBOX_PAUSE) => (),
        }
    }
    // What a server has taken must be marked before the daemon ends.
    while let Some(ended) = lanes.ended().await {
        ended?;
    }
    Ok(())
}

/// Commits people's requests, without waiting for any server.
pub(super) async fn request_loop(
    contexts: watch::Receiver<Context>,
    stop: CancellationToken,
    beats: Beats,
) -> Result<(), DaemonError> {
    let mut taker = requests::Taker::default();
    loop {
        let ctx = contexts.borrow().clone();
        beats.beat(Loop::Requests);
        match taker.take(&ctx).await {
            Err(DaemonError::Panicked) => error!("requests could not be taken: sitrepd itself failed"),
            done => drop(done?),
        }
        if stop.run_until_cancelled(sleep(REQUEST_PAUSE)).await.is_none() {
            return Ok(());
        }
    }
}

pub(super) async fn digest_loop(
    contexts: watch::Receiver<Context>,
    stop: CancellationToken,
    beats: Beats,
    started: Timestamp,
) -> Result<(), DaemonError> {
    // For each digest, what this run knows of it, and until when one that could not be made is left alone.
    let mut runs = HashMap::<String, Run>::new();
    let mut has_looked = false;
    // Since when each waits for sources, if it does.
    let mut waiting = HashMap::<String, Option<Instant>>::new();
    let mut resting = HashMap::<String, Instant>::new();
    loop {
        let ctx = contexts.borrow().clone();
        for plan in ctx.config.digests() {
            // Summaries and translations may take minutes.
            beats.beat(Loop::Digest);
            if resting.get(&plan.name).is_some_and(|it| it.elapsed() < FAILED_DIGEST_PAUSE) {
                continue;
            }
            // A digest added by a reload owes nothing for the time before.
            let began = if has_looked { ctx.now() } else { started };
            let run = runs.entry(plan.name.clone()).or_insert(Run::since(began));
            match issued(&ctx, plan, *run, waiting.entry(plan.name.clone()).or_default()).await {
                Ok(None) => (),
                Ok(at) => run.issued = at,
                // A defect of the program: alerts and polls go on, and the digest is tried again.
                Err(error @ (DaemonError::Render(_) | DaemonError::Panicked | DaemonError::TooLarge(_))) => {
                    error!(
                        digest = plan.name,
                        error = &error as &dyn std::error::Error,
                        "the digest could not be made"
                    );
                    resting.insert(plan.name.clone(), Instant::now());
                }
                Err(error) => return Err(error),
            }
        }
        has_looked = true;
        if stop.run_until_cancelled(sleep(DIGEST_PAUSE)).await.is_none() {
            return Ok(());
        }
    }
}

/// Issues a digest if it is due, and says for when. While sources are overdue it waits for them, [`PATIENCE`] at most.
pub(super) async fn issued(
    ctx: &Context,
    plan: &DigestPlan,
    run: Run,
    waits_since: &mut Option<Instant>,
) -> Result<Option<Timestamp>, DaemonError> {
    if waits_since.is_some_and(|it| it.elapsed() < PATIENCE) && has_overdue(ctx).await? {
        return Ok(None);
    }
    let slot = digests::due(ctx, plan, run).await?;
    let waited = waits_since.take();
    let Some(slot) = slot else { return Ok(None) };
    if waited.is_none() && has_overdue(ctx).await? {
        *waits_since = Some(Instant::now());
        return Ok(None);
    }
    let at = slot.at;
    digests::issue(ctx, slot).await?;
    Ok(Some(at))
}

/// Reads pages again, beside everything else and after it: it takes few of the client's turns.
pub(super) async fn evidence_loop(
    contexts: watch::Receiver<Context>,
    stop: CancellationToken,
) -> Result<(), DaemonError> {
    loop {
        let ctx = contexts.borrow().clone();
        // The polling loop reports a full disk.
        let read = match ctx.config.store.missing_room() {
            Ok(0) | Err(_) => match evidence::read_due(&ctx, || stop.is_cancelled()).await {
                Err(DaemonError::Panicked) => {
                    error!("pages could not be read again: sitrepd itself failed");
                    0
                }
                read => read?,
            },
            Ok(_) => 0,
        };
        // If pages were read, more may be due.
        let pause = if read > 0 { Duration::from_secs(1) } else { EVIDENCE_PAUSE };
        if stop.run_until_cancelled(sleep(pause)).await.is_none() {
            return Ok(());
        }
    }
}

/// Puts the archive in order, beside everything else.
pub(super) async fn tend_loop(contexts: watch::Receiver<Context>, stop: CancellationToken) -> Result<(), DaemonError> {
    // Also at the start: a daemon that is restarted often would otherwise never get to it.
    let mut pause = Duration::ZERO;
    loop {
        if stop.run_until_cancelled(sleep(pause)).await.is_none() {
            return Ok(());
        }
        pause = TEND_PAUSE;
        let store = Arc::clone(&contexts.borrow().store);
        let (done, end) = tokio::sync::oneshot::channel();
        // Runs in a thread that is not waited for at the end. It takes minutes for a large archive, and a crash at any
        // moment leaves the archive either as it was or as it should become.
        let work = move || drop(done.send(store.tend()));
        if let Err(error) = std::thread::Builder::new().name("tend".into()).spawn(work) {
            warn!(%error, "the archive could not be put in order");
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            done = end => match done {
                Ok(Ok(_)) => (),
                Ok(Err(error)) => error!(error = &error as &dyn std::error::Error, "the archive could not be put in order"),
                Err(_) => error!("putting the archive in order panicked"),
            },
        }
    }
}
