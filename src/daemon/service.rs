//! The daemon: polls what is due, sends what is due, issues digests, until it is told to stop.

mod loops;
mod polling;
mod signals;
mod watchdog;

use std::{mem, sync::Arc, time::Duration};

use sd_notify::NotifyState;
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

pub use self::signals::Signals;
use self::{
    loops::{digest_loop, evidence_loop, outbox_loop, request_loop, tend_loop},
    polling::poll_loop,
    signals::Command,
    watchdog::{Beats, notify, watchdog_loop},
};
use super::{Context, DaemonError, blocking, pulse, settle::SettleError, unsubscribe};
use crate::{config::Config, fetch::Client, text::without_addresses};

/// How long running work may take to finish when the daemon stops. The rest of the 10 s is for the store.
const GRACE: Duration = Duration::from_secs(6);

/// Makes a new configuration, and a new client from it and the previous client, for a reload. The error message says
/// what is wrong.
pub type Reload = Arc<dyn Fn(&Client) -> Result<(Arc<Config>, Client), String> + Send + Sync>;

/// Reads the configuration and opens the archive, in a thread of its own: an index that has to be made anew takes
/// minutes, and signals are listened to meanwhile. `None` if one of them says to stop; whatever the thread is at then
/// ends with the process, as in a crash, which leaves the archive whole.
///
/// # Errors
///
/// [`DaemonError::Panicked`] where `open` did.
pub async fn opened<T: Send + 'static>(
    signals: &mut Signals,
    open: impl FnOnce() -> T + Send + 'static,
) -> Result<Option<T>, DaemonError> {
    notify(&[NotifyState::Status("opening the archive")]);
    match signals.until_stopped(blocking(open)).await {
        Some(opened) => opened.map(Some),
        None => {
            stopped_early();
            Ok(None)
        }
    }
}

/// Runs until SIGTERM, SIGINT or SIGQUIT. SIGHUP reloads the configuration; if the new one is invalid, the old one
/// stays. SIGUSR1 polls all sources that have not asked to be left alone. What `signals` asked for before is done once
/// the start is over.
///
/// # Errors
///
/// [`DaemonError`] where the store failed: nothing is acknowledged any more, and a restart recovers.
pub async fn run(ctx: Context, reload: Reload, mut signals: Signals) -> Result<(), DaemonError> {
    let started = ctx.now();
    // Filling the memory takes minutes for a large archive, and no article is settled meanwhile.
    notify(&[NotifyState::Status("reading what is held")]);
    match signals.until_stopped(ctx.settler.fill(Arc::clone(&ctx.config.rules))).await {
        None => {
            ctx.settler.give_up_filling();
            stopped_early();
            return Ok(());
        }
        Some(Err(SettleError::Panicked)) => {
            error!("what is held in memory could not be filled; it is tried again");
        }
        Some(filled) => filled?,
    }
    let given_up = ctx.given_up.clone();
    match ctx.read(move |store| given_up.take_up(store)).await {
        Err(DaemonError::Panicked) => error!("what was given up could not be counted"),
        counted => counted?,
    }
    let settler = ctx.settler.clone();
    let state_dir = ctx.config.state_dir.clone();
    let stop = CancellationToken::new();
    let beats = Beats::new();
    let hurry = Arc::new(Notify::new());
    let (contexts, current) = watch::channel(ctx);
    let mut loops = JoinSet::new();
    loops.spawn(poll_loop(current.clone(), stop.clone(), beats.clone(), Arc::clone(&hurry)));
    loops.spawn(outbox_loop(current.clone(), stop.clone(), beats.clone()));
    loops.spawn(request_loop(current.clone(), stop.clone(), beats.clone()));
    loops.spawn(digest_loop(current.clone(), stop.clone(), beats.clone(), started));
    loops.spawn(evidence_loop(current.clone(), stop.clone()));
    loops.spawn(tend_loop(current.clone(), stop.clone()));
    loops.spawn(unsubscribe::serve(current.clone(), stop.clone()));
    loops.spawn(watchdog_loop(current, stop.clone(), beats));
    notify(&[NotifyState::Ready]);
    info!("started");

    let mut result = Ok(());
    loop {
        if mem::take(&mut signals.asked.reload) {
            reload_into(&contexts, &reload);
        }
        if mem::take(&mut signals.asked.poll) {
            hurry.notify_one();
        }
        tokio::select! {
            // A loop ends by itself only where the store failed, or the program on what every round reads.
            Some(ended) = loops.join_next() => {
                result = ended.unwrap_or(Err(DaemonError::Panicked)).and(result);
                stop.cancel();
                break;
            }
            signal = signals.next() => match signal {
                Command::Reload => signals.asked.reload = true,
                Command::Poll => signals.asked.poll = true,
                Command::Stop => {
                    info!("stopping");
                    notify(&[NotifyState::Stopping]);
                    stop.cancel();
                    break;
                }
            },
        }
    }
    // Running work may finish. An interrupted page is fetched again after the restart, and a message to a hanging
    // server is sent again under the same id; neither leaves anything incomplete.
    let rest = async {
        let mut result = Ok(());
        while let Some(ended) = loops.join_next().await {
            result = result.and(ended.unwrap_or(Err(DaemonError::Panicked)));
        }
        result
    };
    let rest = timeout(GRACE, rest).await.unwrap_or_else(|_| {
        warn!("what is still under way is cut off");
        Ok(())
    });
    settler.give_up_filling();
    pulse::remove(&state_dir);
    result.and(rest)
}

fn stopped_early() {
    info!("stopped before the start was over");
    notify(&[NotifyState::Stopping]);
}

/// A file of the configuration that was there and is not any more. It may be on a disk that is not mounted.
fn gone_file(old: &Config, new: &Config) -> Option<&'static str> {
    old.own_files.iter().copied().find(|it| !new.own_files.contains(it))
}

fn reload_into(contexts: &watch::Sender<Context>, reload: &Reload) {
    // Includes the time, by which `Type=notify-reload` tells this reload from an earlier one (sd_notify(3)).
    let began = NotifyState::monotonic_usec_now();
    began.map_or_else(|_| notify(&[NotifyState::Reloading]), |it| notify(&[NotifyState::Reloading, it]));
    let (client, old) = (contexts.borrow().client.clone(), Arc::clone(&contexts.borrow().config));
    let read = reload(&client).and_then(|(new, client)| match gone_file(&old, &new) {
        None => Ok((new, client)),
        Some(name) => Err(format!("{name} is gone; put it back, or restart to go on without it")),
    });
    match read {
        Ok((config, client)) => {
            for it in &config.warnings {
                warn!("{}", without_addresses(it));
            }
            let (watches, topics) = (config.watches.len(), config.topics.len());
            info!(sources = config.enabled().count(), watches, topics, "configuration reloaded");
            contexts.send_modify(|ctx| *ctx = ctx.reloaded(config, client));
        }
        // It may quote a recipient.
        Err(reason) => {
            error!(reason = &*without_addresses(&reason), "the configuration was not reloaded, the old one stays");
        }
    }
    notify(&[NotifyState::Ready]);
}
