//! Which sources are polled when, as long as the disk has room.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use sd_notify::NotifyState;
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::watchdog::{Beats, Loop, notify};
use crate::{
    config::Polled,
    daemon::{
        Context, DaemonError,
        collect::{self, PollReport},
    },
    decide::source::may_be_hurried,
    model::{SourceId, SourceState, Timestamp},
    schedule,
};

/// The longest a loop sleeps: clocks may be set, and configurations reloaded.
const MAX_SLEEP: Duration = Duration::from_secs(30);

/// Only one in this many of the concurrent polls may be for one host, so that a host whose pages hang does not hold up
/// the others.
const SHARE_OF_HOST: usize = 4;

/// Polls each enabled source when it is due, and on `hurry` all sources that may be hurried.
pub(super) async fn poll_loop(
    mut contexts: watch::Receiver<Context>,
    stop: CancellationToken,
    beats: Beats,
    hurry: Arc<Notify>,
) -> Result<(), DaemonError> {
    let mut running = JoinSet::new();
    // Sources under way, with their hosts.
    let mut busy = HashMap::new();
    // Sources still to be polled because a person asked for it.
    let mut hurried = HashSet::new();
    let mut had_room = None;
    loop {
        let ctx = contexts.borrow_and_update().clone();
        let now = ctx.now();
        beats.beat(Loop::Poll);
        let has_room = has_room(&ctx, had_room);
        had_room = Some(has_room);
        beats.set_polls(has_room);
        let mut waiting = if has_room { due_times(&ctx, &hurried, now).await? } else { Vec::new() };
        waiting.retain(|(_, it)| !busy.contains_key(&it.source.id));
        if has_room {
            // A source that may not be hurried, perhaps because its host has answered since, is polled when it is due.
            let due: HashSet<_> = waiting.iter().take_while(|it| it.0 <= now).map(|it| &it.1.source.id).collect();
            hurried.retain(|it| due.contains(it));
        }
        let mut pause = MAX_SLEEP;
        for (due, polled) in waiting {
            if running.len() >= ctx.config.poll.concurrency {
                break;
            }
            if due > now {
                pause = (due - now).to_std().unwrap_or(MAX_SLEEP).min(MAX_SLEEP);
                break;
            }
            let host = polled.source.url.host_str().unwrap_or_default().to_owned();
            let share = (ctx.config.poll.concurrency / SHARE_OF_HOST).max(1);
            if busy.values().filter(|it| **it == host).count() >= share {
                continue;
            }
            hurried.remove(&polled.source.id);
            busy.insert(polled.source.id.clone(), host);
            running.spawn(poll(ctx.clone(), polled));
        }
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = running.join_next() => finish(&mut busy, ended)?,
            () = sleep(pause) => (),
            () = hurry.notified() => {
                // A source that is being polled need not be polled again.
                let idle = ctx.config.enabled().map(|it| &it.source.id).filter(|it| !busy.contains_key(*it));
                hurried.extend(idle.cloned());
                info!(sources = hurried.len(), "polling before the time, as a signal asks");
            }
            changed = contexts.changed() => if changed.is_err() { break },
        }
    }
    while let Some(ended) = running.join_next().await {
        finish(&mut busy, ended)?;
    }
    Ok(())
}

/// Whether the disk has room. Logs it if that is unknown or has changed.
fn has_room(ctx: &Context, had_room: Option<bool>) -> bool {
    let settings = &ctx.config.store;
    let polls = || {
        if had_room != Some(true) {
            notify(&[NotifyState::Status("polling")]);
        }
        true
    };
    match settings.missing_room() {
        Ok(0) => {
            if had_room == Some(false) {
                info!("there is room on the disk again: polling goes on");
            }
            polls()
        }
        Ok(missing) => {
            if had_room != Some(false) {
                let dir = settings.dir.display();
                error!(%dir, missing, "too little room on the disk: nothing is polled until there is more ([store] min_free_bytes)");
                notify(&[NotifyState::Status("waiting for room on the disk")]);
            }
            false
        }
        // A disk whose room is unknown may still be writable; writing reports it if not.
        Err(error) => {
            warn!(error = &error as &dyn std::error::Error, "the disk could not be measured");
            polls()
        }
    }
}

async fn poll(ctx: Context, polled: Arc<Polled>) -> (SourceId, Result<PollReport, DaemonError>) {
    (polled.source.id.clone(), collect::source(&ctx, &polled).await)
}

type Ended = Result<(SourceId, Result<PollReport, DaemonError>), tokio::task::JoinError>;

fn finish(busy: &mut HashMap<SourceId, String>, ended: Ended) -> Result<(), DaemonError> {
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

/// The enabled sources with their due times, the longest due first. Sources to be hurried are due now if they may be
/// hurried.
async fn due_times(
    ctx: &Context,
    hurried: &HashSet<SourceId>,
    now: Timestamp,
) -> Result<Vec<(Timestamp, Arc<Polled>)>, DaemonError> {
    let is_hurried = |it: &Arc<Polled>| hurried.contains(&it.source.id) && !ctx.client.is_left_alone(&it.source.url);
    let sources: Vec<_> = ctx.config.enabled().map(|it| (is_hurried(it), Arc::clone(it))).collect();
    let mut res = ctx
        .read(move |store| {
            let due = |(is_hurried, polled): (bool, Arc<Polled>)| {
                let state = store.source_state(&polled.source.id)?;
                // A last poll in the future means that the clock was set back. After a change of address, the old state
                // does not count.
                let counts = |it: &SourceState| it.polled <= now && it.url == polled.source.url.as_str();
                let due = |it: SourceState| if is_hurried && may_be_hurried(&it) { it.due.min(now) } else { it.due };
                let due = state.filter(counts).map_or(now, due);
                Ok((due, polled))
            };
            sources.into_iter().map(due).collect::<Result<Vec<_>, _>>()
        })
        .await?;
    res.sort_by_key(|it| it.0);
    Ok(res)
}

/// Whether a source is overdue: nobody has polled since the machine was off, or there is no room.
pub(super) async fn has_overdue(ctx: &Context) -> Result<bool, DaemonError> {
    let now = ctx.now();
    let longest = due_times(ctx, &HashSet::new(), now).await?.into_iter().next();
    Ok(longest.is_some_and(|(due, _)| schedule::is_overdue(due, now)))
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;
    use crate::{
        config::{Config, Origin},
        daemon::{digests::Run, service::loops, settle::Settler},
        decide::source::after_defect,
        fetch::Client,
        model::Change,
        store::MemoryStore,
    };

    /// A daemon that polls sources at these addresses, so many at once.
    fn context(dir: &std::path::Path, sources: &[(&str, SocketAddr)], concurrency: usize) -> Context {
        let source = |(id, address): &(&str, SocketAddr)| {
            format!("[[source]]\nid = \"{id}\"\nname = \"{id}\"\nurl = \"http://{address}/\"\nkind = \"syndication\"\n")
        };
        std::fs::write(dir.join("sources.toml"), sources.iter().map(source).collect::<Vec<_>>().concat()).unwrap();
        let setting = |key: &str, value: String| (format!("SITREPD__{key}"), value);
        let allowed = sources.iter().map(|it| format!("{:?}", it.1.to_string())).collect::<Vec<_>>().join(", ");
        let env = vec![
            setting("POLL__CONCURRENCY", concurrency.to_string()),
            setting("FETCH__TIMEOUT", "5m".to_owned()),
            setting("FETCH__HEAD_TIMEOUT", "5m".to_owned()),
            setting("FETCH__ALLOW_PRIVATE", format!("[{allowed}]")),
        ];
        let origin = Origin { dir: Some(dir.to_owned()), state_dir: Some(dir.to_owned()), env };
        let config = Arc::new(Config::load(&origin).unwrap());
        let client = Client::new(config.fetch.clone()).unwrap();
        let began = tokio::time::Instant::now();
        let clock: crate::daemon::Clock = Arc::new(move || Timestamp::UNIX_EPOCH + began.elapsed());
        let store = Arc::new(MemoryStore::new());
        let (settler, _) = Settler::start(store.clone(), clock.clone(), Timestamp::UNIX_EPOCH).unwrap();
        Context::new(config, store, settler, client, clock)
    }

    /// After a night without power it would say that nothing was new.
    #[tokio::test(start_paused = true)]
    async fn a_digest_waits_for_sources_that_are_overdue() {
        let dir = tempfile::tempdir().unwrap();
        let settings = "[digest]\nschedule = \"*/30 * * * *\"\nzone = \"UTC\"\n";
        std::fs::write(dir.path().join("sitrepd.toml"), settings).unwrap();
        let ctx = context(dir.path(), &[("one", "127.0.0.1:9".parse().unwrap())], 1);
        let source = &ctx.config.enabled().next().unwrap().source;
        let (state, _) = after_defect(source, None, Duration::from_secs(3600), "none", ctx.now());
        let state = SourceState { due: ctx.now() + Duration::from_secs(1200), ..state };
        ctx.store.commit(&Change::Polled(Box::new(state.clone()))).unwrap();
        let (plan, run, mut waits_since) = (ctx.config.digests().next().unwrap(), Run::since(ctx.now()), None);
        let mut issued = Vec::new();
        // Due at minute 20, the source is overdue from minute 80 on, until it is polled.
        for minute in [31, 61, 91, 96, 102, 121, 122] {
            let rest = Timestamp::UNIX_EPOCH + Duration::from_secs(60 * minute) - ctx.now();
            tokio::time::advance(rest.to_std().unwrap()).await;
            if minute == 122 {
                let state = SourceState { due: ctx.now(), ..state.clone() };
                ctx.store.commit(&Change::Polled(Box::new(state))).unwrap();
            }
            let at = loops::issued(&ctx, plan, run, &mut waits_since).await.unwrap();
            issued.push(at.map_or(0, |it| it.timestamp() / 60));
        }
        assert_eq!(issued, [30, 60, 0, 0, 90, 0, 120]);
    }

    /// Time stands still and jumps to the next timer whenever nothing else is to be done.
    #[tokio::test(start_paused = true)]
    async fn polls_that_take_long_are_no_hang() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = silent.local_addr().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let ctx = context(dir.path(), &[("one", address), ("two", address)], 1);
        let beats = Beats::new();
        let (_contexts, current) = watch::channel(ctx.clone());
        let polling = tokio::spawn(poll_loop(current, CancellationToken::new(), beats.clone(), Arc::default()));
        sleep(Duration::from_secs(2_000)).await;
        assert!(!matches!(beats.silent(), Some(Loop::Poll)), "the watchdog would end the daemon");
        polling.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_hangs_leaves_room_for_others() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let other = tokio::net::TcpListener::bind("127.0.0.2:0").await.unwrap();
        let (at, other_at) = (silent.local_addr().unwrap(), other.local_addr().unwrap());
        let dir = tempfile::tempdir().unwrap();
        let ctx = context(dir.path(), &[("a", at), ("b", at), ("c", at), ("d", other_at)], 2);
        let (_contexts, current) = watch::channel(ctx.clone());
        let polling = tokio::spawn(poll_loop(current, CancellationToken::new(), Beats::new(), Arc::default()));
        let asked = tokio::time::timeout(Duration::from_secs(60), other.accept()).await;
        assert!(asked.is_ok(), "three polls of one host took both places");
        polling.abort();
    }
}
