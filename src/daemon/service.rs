//! The daemon: polls what is due, sends what is due, issues digests, until it is told to stop.

use std::{
    collections::{HashMap, HashSet},
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sd_notify::NotifyState;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::{
    config::{Config, Polled},
    fetch::Client,
    model::{SourceId, SourceState, Timestamp},
};

use super::{
    Context, DaemonError,
    collect::{self, PollReport},
    digests::{self, Run},
    evidence, outbox, requests,
    settle::SettleError,
    unsubscribe,
};

/// The longest a loop sleeps: clocks may be set, and configurations reloaded.
const MAX_SLEEP: Duration = Duration::from_secs(30);
/// Between two looks into the outbox. An alert waits no longer.
const OUTBOX_PAUSE: Duration = Duration::from_secs(2);
/// Between two looks at what people ask for: they wait for it.
const REQUEST_PAUSE: Duration = Duration::from_millis(500);
/// Between two looks at the digest's schedule.
const DIGEST_PAUSE: Duration = Duration::from_secs(5);
/// Between two looks which pages are to be read again.
const EVIDENCE_PAUSE: Duration = Duration::from_secs(30);
/// Between two looks whether the archive is to be put in order.
const TEND_PAUSE: Duration = Duration::from_secs(3600);
/// Until a digest that could not be made is tried again.
const FAILED_DIGEST_PAUSE: Duration = Duration::from_secs(300);
/// What is under way has this long to finish when the daemon stops; the rest of the 10 s is for the store.
const GRACE: Duration = Duration::from_secs(6);
/// A loop that has not come round for this long hangs: the watchdog is not fed any more.
const MAX_SILENCE: Duration = Duration::from_secs(600);

/// Makes a new configuration and a client from it, for a reload. The message says what is wrong.
pub type Reload = Arc<dyn Fn() -> Result<(Arc<Config>, Client), String> + Send + Sync>;

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
    match reload() {
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

/// Polls each enabled source when it is due.
async fn poll_loop(
    mut contexts: watch::Receiver<Context>,
    stop: CancellationToken,
    beats: Beats,
) -> Result<(), DaemonError> {
    let mut running = JoinSet::new();
    let mut busy = HashSet::new();
    let mut had_room = true;
    loop {
        let ctx = contexts.borrow_and_update().clone();
        let now = ctx.now();
        beats.beat(Loop::Poll);
        let has_room = has_room(&ctx, had_room);
        had_room = has_room;
        let mut waiting = if has_room { due_times(&ctx, now).await? } else { Vec::new() };
        waiting.retain(|(_, it)| !busy.contains(&it.source.id));
        let mut pause = MAX_SLEEP;
        for (due, polled) in waiting {
            if running.len() >= ctx.config.poll.concurrency {
                break;
            }
            if due > now {
                pause = (due - now).to_std().unwrap_or(MAX_SLEEP).min(MAX_SLEEP);
                break;
            }
            busy.insert(polled.source.id.clone());
            running.spawn(poll(ctx.clone(), polled));
        }
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = running.join_next() => finish(&mut busy, ended)?,
            () = sleep(pause) => (),
            changed = contexts.changed() => if changed.is_err() { break },
        }
    }
    while let Some(ended) = running.join_next().await {
        finish(&mut busy, ended)?;
    }
    Ok(())
}

/// Whether there is room to keep more. Says so where that has changed.
fn has_room(ctx: &Context, had_room: bool) -> bool {
    let settings = &ctx.config.store;
    match settings.missing_room() {
        Ok(0) => {
            if !had_room {
                info!("there is room on the disk again: polling goes on");
            }
            true
        }
        Ok(missing) => {
            if had_room {
                let dir = settings.dir.display();
                error!(%dir, missing, "too little room on the disk: nothing is polled until there is more ([store] min_free_bytes)");
                notify(&[NotifyState::Status("waiting for room on the disk")]);
            }
            false
        }
        // A disk that cannot be measured may still be written to, and says so itself where not.
        Err(error) => {
            warn!(error = &error as &dyn std::error::Error, "the disk could not be measured");
            true
        }
    }
}

async fn poll(ctx: Context, polled: Arc<Polled>) -> (SourceId, Result<PollReport, DaemonError>) {
    (polled.source.id.clone(), collect::source(&ctx, &polled).await)
}

type Ended = Result<(SourceId, Result<PollReport, DaemonError>), tokio::task::JoinError>;

fn finish(busy: &mut HashSet<SourceId>, ended: Ended) -> Result<(), DaemonError> {
    let (source, result) = ended.map_err(|_| DaemonError::Panicked)?;
    busy.remove(&source);
    match result {
        Ok(_) => Ok(()),
        Err(error) => {
            error!(%source, error = &error as &dyn std::error::Error, "the poll could not be recorded");
            Err(error)
        }
    }
}

/// The enabled sources with the instants they are due, the longest due first.
async fn due_times(ctx: &Context, now: Timestamp) -> Result<Vec<(Timestamp, Arc<Polled>)>, DaemonError> {
    let sources: Vec<_> = ctx.config.enabled().cloned().collect();
    let mut res = ctx
        .read(move |store| {
            let due = |polled: Arc<Polled>| {
                let state = store.source_state(&polled.source.id)?;
                // A last poll in the future means that the clock was set back; a new address owes nothing to the old one.
                let counts = |it: &SourceState| it.polled <= now && it.url == polled.source.url.as_str();
                let due = state.filter(counts).map_or(now, |it| it.due);
                Ok((due, polled))
            };
            sources.into_iter().map(due).collect::<Result<Vec<_>, _>>()
        })
        .await?;
    res.sort_by_key(|it| it.0);
    Ok(res)
}

async fn outbox_loop(
    contexts: watch::Receiver<Context>,
    stop: CancellationToken,
    beats: Beats,
) -> Result<(), DaemonError> {
    loop {
        let ctx = contexts.borrow().clone();
        beats.beat(Loop::Outbox);
        // One message, then a look at `stop`: what a server has taken must be marked before the daemon ends.
        if outbox::next(&ctx).await?.is_none() {
            tokio::select! {
                () = stop.cancelled() => (),
                () = sleep(OUTBOX_PAUSE) => (),
            }
        }
        if stop.is_cancelled() {
            return Ok(());
        }
    }
}

/// What people ask for waits for no server.
async fn request_loop(
    contexts: watch::Receiver<Context>,
    stop: CancellationToken,
    beats: Beats,
) -> Result<(), DaemonError> {
    loop {
        let ctx = contexts.borrow().clone();
        beats.beat(Loop::Requests);
        requests::take(&ctx).await?;
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = sleep(REQUEST_PAUSE) => (),
        }
    }
}

async fn digest_loop(
    contexts: watch::Receiver<Context>,
    stop: CancellationToken,
    beats: Beats,
    started: Timestamp,
) -> Result<(), DaemonError> {
    // By digest, what this run knows of it; and until when one that could not be made is left alone.
    let mut runs = HashMap::<String, Run>::new();
    let mut has_looked = false;
    let mut resting = HashMap::<String, Instant>::new();
    loop {
        let ctx = contexts.borrow().clone();
        for plan in ctx.config.digests() {
            // The machines that one is made with may take minutes.
            beats.beat(Loop::Digest);
            if resting.get(&plan.name).is_some_and(|it| it.elapsed() < FAILED_DIGEST_PAUSE) {
                continue;
            }
            // One that a reload has brought owes nothing for the time before.
            let began = if has_looked { ctx.now() } else { started };
            let run = runs.entry(plan.name.clone()).or_insert(Run::since(began));
            let Some(slot) = digests::due(&ctx, plan, *run).await? else { continue };
            match digests::issue(&ctx, slot.clone()).await {
                Ok(_) => run.issued = Some(slot.at),
                // A defect of the program: alerts and polls go on, and the digest is tried again.
                Err(error @ (DaemonError::Render(_) | DaemonError::Panicked)) => {
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
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = sleep(DIGEST_PAUSE) => (),
        }
    }
}

/// Reads pages again, beside everything else and after it: it takes few of the client's turns.
async fn evidence_loop(contexts: watch::Receiver<Context>, stop: CancellationToken) -> Result<(), DaemonError> {
    loop {
        let ctx = contexts.borrow().clone();
        // Polling tells of a disk that is full.
        let read = match ctx.config.store.missing_room() {
            Ok(0) | Err(_) => evidence::read_due(&ctx, || stop.is_cancelled()).await?,
            Ok(_) => 0,
        };
        // Where something was read, more may be due.
        let pause = if read > 0 { Duration::from_secs(1) } else { EVIDENCE_PAUSE };
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = sleep(pause) => (),
        }
    }
}

/// Puts the archive in order, beside everything else.
async fn tend_loop(contexts: watch::Receiver<Context>, stop: CancellationToken) -> Result<(), DaemonError> {
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = sleep(TEND_PAUSE) => (),
        }
        let store = Arc::clone(&contexts.borrow().store);
        let (done, end) = tokio::sync::oneshot::channel();
        // A thread that nobody waits for at the end: it takes minutes of a large archive, and a crash at any moment leaves
        // the archive as it was or as it is to be.
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

/// Feeds systemd's watchdog as long as every loop comes round and the settling thread answers.
async fn watchdog_loop(
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
enum Loop {
    Poll,
    Outbox,
    Digest,
    Requests,
}

/// When each loop last came round, by a clock that nobody sets.
#[derive(Debug, Clone)]
struct Beats(Arc<Mutex<[Instant; 4]>>);

impl Beats {
    fn new() -> Self {
        Self(Arc::new(Mutex::new([Instant::now(); 4])))
    }

    fn beat(&self, which: Loop) {
        if let Some(it) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(which as usize) {
            *it = Instant::now();
        }
    }

    /// The first loop that has not come round for too long.
    fn silent(&self) -> Option<Loop> {
        let beats = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let loops = [Loop::Poll, Loop::Outbox, Loop::Digest, Loop::Requests].into_iter().zip(beats);
        loops.filter(|(_, beat)| beat.elapsed() > MAX_SILENCE).map(|(it, _)| it).next()
    }
}

/// What a signal asks for.
enum Told {
    Reload,
    Stop,
}

struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.hangup.recv() => Told::Reload,
            _ = self.terminate.recv() => Told::Stop,
            _ = self.interrupt.recv() => Told::Stop,
        }
    }
}

/// Tells systemd; without systemd nobody listens, and that is no error.
fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        warn!(%error, "systemd could not be told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Origin, daemon::settle::Settler, store::MemoryStore};

    /// Time stands still and jumps to the next timer whenever nothing else is to be done.
    #[tokio::test(start_paused = true)]
    async fn polls_that_take_long_are_no_hang() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = silent.local_addr().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let source = |id: &str| {
            format!("[[source]]\nid = \"{id}\"\nname = \"{id}\"\nurl = \"http://{address}/\"\nkind = \"syndication\"\n")
        };
        std::fs::write(dir.path().join("sources.toml"), source("one") + &source("two")).unwrap();
        let setting = |key: &str, value: String| (format!("SITREPD__{key}"), value);
        let env = vec![
            setting("POLL__CONCURRENCY", "1".to_owned()),
            setting("FETCH__TIMEOUT", "10h".to_owned()),
            setting("FETCH__ALLOW_PRIVATE", format!("[\"{address}\"]")),
        ];
        let origin = Origin { dir: Some(dir.path().to_owned()), state_dir: Some(dir.path().to_owned()), env };
        let config = Arc::new(Config::load(&origin).unwrap());
        let client = Client::new(config.fetch.clone()).unwrap();
        let began = tokio::time::Instant::now();
        let clock: crate::daemon::Clock = Arc::new(move || Timestamp::UNIX_EPOCH + began.elapsed());
        let store = Arc::new(MemoryStore::new());
        let (settler, _) = Settler::start(store.clone(), clock.clone(), Timestamp::UNIX_EPOCH).unwrap();
        let ctx = Context::new(config, store, settler, client, clock);

        let beats = Beats::new();
        let (_contexts, current) = watch::channel(ctx.clone());
        let polling = tokio::spawn(poll_loop(current, CancellationToken::new(), beats.clone()));
        sleep(Duration::from_secs(2_000)).await;
        assert!(!matches!(beats.silent(), Some(Loop::Poll)), "the watchdog would end the daemon");
        polling.abort();
    }
}
