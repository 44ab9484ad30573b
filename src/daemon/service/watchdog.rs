//! What systemd is told: how the daemon does, and that it does not hang.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sd_notify::NotifyState;
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use crate::daemon::{Context, DaemonError};

/// A loop that has not come round for this long hangs: the watchdog is not fed any more.
const MAX_SILENCE: Duration = Duration::from_secs(600);

/// Feeds systemd's watchdog as long as every loop comes round and the settling thread answers.
pub(super) async fn watchdog_loop(
    contexts: watch::Receiver<Context>,
    stop: CancellationToken,
    beats: Beats,
) -> Result<(), DaemonError> {
    let Some(limit) = sd_notify::watchdog_enabled() else {
        stop.cancelled().await;
        return Ok(());
    };
    let mut ticks = interval(limit / 3);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            _ = ticks.tick() => (),
        }
        let ctx = contexts.borrow().clone();
        let before = ctx.settler.progress();
        let settling = timeout(limit / 3, ctx.settler.mark()).await;
        let is_filling = ctx.settler.progress() != before;
        match (settling, beats.silent()) {
            (Err(_), None) if is_filling => notify(&[NotifyState::Watchdog]),
            (Ok(Ok(_)), None) => notify(&[NotifyState::Watchdog]),
            (Ok(Ok(_)), Some(it)) => error!(hangs = ?it, "the watchdog is not fed"),
            _ => error!(hangs = "settling", "the watchdog is not fed"),
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Loop {
    Poll,
    Outbox,
    Digest,
    Requests,
}

/// When each loop last came round, by a clock that nobody sets.
#[derive(Debug, Clone)]
pub(super) struct Beats(Arc<Mutex<[Instant; 4]>>);

impl Beats {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new([Instant::now(); 4])))
    }

    pub(super) fn beat(&self, which: Loop) {
        if let Some(it) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(which as usize) {
            *it = Instant::now();
        }
    }

    /// The first loop that has not come round for too long.
    pub(super) fn silent(&self) -> Option<Loop> {
        let beats = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let loops = [Loop::Poll, Loop::Outbox, Loop::Digest, Loop::Requests].into_iter().zip(beats);
        loops.filter(|(_, beat)| beat.elapsed() > MAX_SILENCE).map(|(it, _)| it).next()
    }
}

/// Tells systemd; without systemd nobody listens, and that is no error.
pub(super) fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        warn!(%error, "systemd could not be told");
    }
}
