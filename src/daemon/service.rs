//! The daemon: polls what is due, sends what is due, issues digests, until it is told to stop.

mod loops;
mod polling;
mod signals;
mod watchdog;

use std::{pin::pin, sync::Arc, time::Duration};

use sd_notify::NotifyState;
use tokio::{sync::watch, task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use self::{
    loops::{digest_loop, evidence_loop, outbox_loop, request_loop, tend_loop},
    polling::poll_loop,
    signals::{Signals, Told},
    watchdog::{Beats, notify, watchdog_loop},
};
use super::{Context, DaemonError, settle::SettleError, unsubscribe};
use crate::{config::Config, fetch::Client};

/// What is under way has this long to finish when the daemon stops; the rest of the 10 s is for the store.
const GRACE: Duration = Duration::from_secs(6);

/// Makes a new configuration, and from it and the client of before a new client, for a reload. The message says what is wrong.
pub type Reload = Arc<dyn Fn(&Client) -> Result<(Arc<Config>, Client), String> + Send + Sync>;

/// Runs until SIGTERM or SIGINT; SIGHUP reloads the configuration, which is kept as it was where the new
/// one is wrong.
///
/// # Errors
///
/// [`DaemonError`] where the store failed: nothing is acknowledged any more, and a restart recovers.
pub async fn run(ctx: Context, reload: Reload) -> Result<(), DaemonError> {
    let mut signals = Signals::new().map_err(|it| DaemonError::Signals(Arc::new(it)))?;
    let started = ctx.now();
    // Of a large archive that takes minutes, in which no article would be settled.
    let Some(is_changed) = filled(&ctx, &mut signals).await? else {
        info!("stopped before the start was over");
        return Ok(());
    };
    let settler = ctx.settler.clone();
    let stop = CancellationToken::new();
    let beats = Beats::new();
    let (contexts, current) = watch::channel(ctx);
    let mut loops = JoinSet::new();
    loops.spawn(poll_loop(current.clone(), stop.clone(), beats.clone()));
    loops.spawn(outbox_loop(current.clone(), stop.clone(), beats.clone()));
    loops.spawn(request_loop(current.clone(), stop.clone(), beats.clone()));
    loops.spawn(digest_loop(current.clone(), stop.clone(), beats.clone(), started));
    loops.spawn(evidence_loop(current.clone(), stop.clone()));
    loops.spawn(tend_loop(current.clone(), stop.clone()));
    loops.spawn(unsubscribe::serve(current.clone(), stop.clone()));
    loops.spawn(watchdog_loop(current, stop.clone(), beats));
    notify(&[NotifyState::Ready, NotifyState::Status("polling")]);
    info!("started");

    if is_changed {
        reload_into(&contexts, &reload);
    }
    let mut result = Ok(());
    loop {
        tokio::select! {
            // A loop ends by itself only where the store failed.
            Some(ended) = loops.join_next() => {
                result = ended.unwrap_or(Err(DaemonError::Panicked)).and(result);
                stop.cancel();
                break;
            }
            signal = signals.next() => match signal {
                Told::Reload => reload_into(&contexts, &reload),
                Told::Stop => {
                    info!("stopping");
                    notify(&[NotifyState::Stopping]);
                    stop.cancel();
                    break;
                }
            },
        }
    }
    // What is under way may finish. A page that is cut off is fetched again after the restart, and a message whose
    // server hangs is sent again under the same id; nothing of either was kept half.
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
    result.and(rest)
}

/// Fills what is held in memory. Says whether the configuration is to be read again after it; `None` where the daemon was told
/// to stop meanwhile.
async fn filled(ctx: &Context, signals: &mut Signals) -> Result<Option<bool>, DaemonError> {
    let mut filling = pin!(ctx.settler.fill(Arc::clone(&ctx.config.rules)));
    let mut is_changed = false;
    loop {
        tokio::select! {
            done = &mut filling => match done {
                Err(SettleError::Panicked) => error!("what is held in memory could not be filled; it is tried again"),
                done => done?,
            },
            signal = signals.next() => match signal {
                Told::Reload => {
                    is_changed = true;
                    continue;
                }
                Told::Stop => {
                    info!("stopping");
                    notify(&[NotifyState::Stopping]);
                    ctx.settler.give_up_filling();
                    return Ok(None);
                }
            },
        }
        return Ok(Some(is_changed));
    }
}

fn reload_into(contexts: &watch::Sender<Context>, reload: &Reload) {
    let client = contexts.borrow().client.clone();
    match reload(&client) {
        Ok((config, client)) => {
            for it in &config.warnings {
                warn!("{it}");
            }
            info!(sources = config.enabled().count(), "configuration reloaded");
            contexts.send_modify(|ctx| *ctx = ctx.reloaded(config, client));
        }
        Err(reason) => error!(reason, "the configuration was not reloaded, the old one stays"),
    }
}
