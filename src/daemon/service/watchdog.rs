//! Tells systemd and other observers how the daemon does, and that it does not hang.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sd_notify::NotifyState;
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use crate::daemon::{
    Context, DaemonError, blocking,
    pulse::{self, Pulse},
};

/// A loop without a beat for this long counts as hanging, and the watchdog is no longer fed.
const MAX_SILENCE: Duration = Duration::from_secs(600);

/// Gives signs of life, also to systemd's watchdog if enabled, as long as every loop beats and the settling thread
/// answers.
pub(super) async fn watchdog_loop(
    contexts: watch::Receiver<Context>,
    stop: CancellationToken,
    beats: Beats,
) -> Result<(), DaemonError> {
    let usual = pulse::PAUSE * 3;
    let watchdog = sd_notify::watchdog_enabled();
    let limit = watchdog.map_or(usual, |it| it.min(usual));
    let mut is_written = true;
    let mut ticks = interval(limit / 3);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            _ = ticks.tick() => (),
        }
        let ctx = contexts.borrow().clone();
        // Read before anything slow: a late sign of life must not look new.
        let (at, polls) = (ctx.now(), beats.polls());
        let before = ctx.settler.progress();
        let settling = timeout(limit / 3, ctx.settler.mark()).await;
        let is_filling = ctx.settler.progress() != before;
        let settles = matches!(settling, Ok(Ok(_))) || (settling.is_err() && is_filling);
        let hangs = match settles {
            // Other loops wait for what is read then.
            true if is_filling => None,
            true => beats.silent().map(|it| format!("{it:?}")),
            false => Some("settling".to_owned()),
        };
        if let Some(hangs) = hangs {
            error!(hangs, "no sign of life is given");
            continue;
        }
        if watchdog.is_some() {
            notify(&[NotifyState::Watchdog]);
        }
        let (dir, given_up) = (ctx.config.state_dir.clone(), ctx.given_up.lately(at));
        let written = blocking(move || pulse::write(&dir, Pulse { at, polls, given_up })).await?;
        if let (Err(error), true) = (&written, is_written) {
            warn!(%error, "the sign of life could not be written: sitrepd healthcheck takes the daemon for dead");
        }
        is_written = written.is_ok();
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Loop {
    Poll,
    Outbox,
    Digest,
    Requests,
}

/// When each loop last beat, by the monotonic clock, and whether sources are polled.
#[derive(Debug, Clone)]
pub(super) struct Beats {
    last: Arc<Mutex<[Instant; 4]>>,
    polls: Arc<AtomicBool>,
}

impl Beats {
    pub(super) fn new() -> Self {
        Self { last: Arc::new(Mutex::new([Instant::now(); 4])), polls: Arc::new(AtomicBool::new(true)) }
    }

    /// Says whether sources are polled.
    pub(super) fn set_polls(&self, polls: bool) {
        self.polls.store(polls, Ordering::Relaxed);
    }

    fn polls(&self) -> bool {
        self.polls.load(Ordering::Relaxed)
    }

    pub(super) fn beat(&self, which: Loop) {
        if let Some(it) = self.last.lock().unwrap_or_else(PoisonError::into_inner).get_mut(which as usize) {
            *it = Instant::now();
        }
    }

    /// The first loop that has been silent for too long.
    pub(super) fn silent(&self) -> Option<Loop> {
        let beats = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
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
