//! Which messages go out at the same time. Each channel takes one after the other, beside all other channels, so that
//! one that is slow or down keeps nothing from them. Those that go by one mail server go beside each other too, as far
//! as it lets them.

use std::{collections::BTreeMap, ops::ControlFlow, sync::Arc, time::Duration};

use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Sent, attempt, is_urgent};
use crate::{
    config::Config,
    daemon::{Context, DaemonError, threads},
    decide::Rules,
    deliver,
    model::{MessageId, Timestamp},
    store::{Pending, Store, StoreError, readable},
};

/// Channels that one mail server is asked for at once. Large services allow three connections of one user.
const MAX_BY_SERVER: usize = 3;
/// Messages of one channel that are found at one look into the outbox, and as many urgent ones.
const MAX_FOUND: usize = 64;
/// How long a channel goes on with what one look has found. What has come in since may be urgent, or of a channel that
/// waits for its turn at the same server.
const FRESH: Duration = Duration::from_secs(2);

/// The attempts that are under way: one of each channel at most, and so one of each message.
pub(in crate::daemon) struct Lanes {
    running: FuturesUnordered<BoxFuture<'static, (String, Result<Sent, DaemonError>)>>,
    /// The channels of these, each with the server that it goes by.
    busy: BTreeMap<String, Option<String>>,
    stop: CancellationToken,
}

impl Lanes {
    /// With none under way. Once it is told to stop, what is under way comes to its end and nothing more begins.
    pub(in crate::daemon) fn new(stop: CancellationToken) -> Self {
        Self { running: FuturesUnordered::new(), busy: BTreeMap::new(), stop }
    }

    /// Begins with what is due at `by`, for each channel that is free and does not rest. Goes on only while
    /// [`Lanes::ended`] is waited for.
    ///
    /// # Errors
    ///
    /// [`DaemonError`] where the store failed.
    pub(in crate::daemon) async fn begin(&mut self, ctx: &Context, by: Timestamp) -> Result<(), DaemonError> {
        if self.stop.is_cancelled() {
            return Ok(());
        }
        for Found { channel, messages } in look(ctx, self.busy.clone(), by).await? {
            let server = server(&ctx.config, &channel);
            if !has_room(&self.busy, server.as_deref()) {
                continue;
            }
            let (ctx, stop, name) = (ctx.clone(), self.stop.clone(), channel.clone());
            self.busy.insert(channel, server);
            self.running.push(Box::pin(async move {
                let ended = lane(&ctx, &name, messages, by, &stop).await;
                (name, ended)
            }));
        }
        Ok(())
    }

    /// Waits until a channel has come to an end with what was found for it; `None` where nothing is under way.
    pub(in crate::daemon) async fn ended(&mut self) -> Option<Result<Sent, DaemonError>> {
        let (channel, ended) = self.running.next().await?;
        self.busy.remove(&channel);
        Some(ended)
    }
}

/// What is due of the channels that can begin beside those that are busy.
async fn look(ctx: &Context, busy: BTreeMap<String, Option<String>>, by: Timestamp) -> Result<Vec<Found>, DaemonError> {
    let (config, resting, now) = (Arc::clone(&ctx.config), ctx.resting.clone(), ctx.now());
    let read = move |store: &dyn Store| {
        let can_begin = |channel: &str| {
            let server = server(&config, channel);
            let is_free = !busy.contains_key(channel) && has_room(&busy, server.as_deref());
            is_free && !resting.is_at_rest(channel, server.as_deref(), now)
        };
        found(store, &config.rules, by, can_begin)
    };
    ctx.read(read).await
}

fn server(config: &Config, channel: &str) -> Option<String> {
    deliver::channel(&config.channels, channel)?.1.server()
}

/// Whether a server can be asked for another channel beside those that are busy.
fn has_room(busy: &BTreeMap<String, Option<String>>, server: Option<&str>) -> bool {
    server.is_none() || busy.values().filter(|it| it.as_deref() == server).count() < MAX_BY_SERVER
}

/// Messages of one channel that are due, in the order in which they are tried.
struct Found {
    channel: String,
    messages: Vec<MessageId>,
}

/// What is due of one channel, the longest due first.
#[derive(Default)]
struct Queue {
    urgent: Vec<(Timestamp, MessageId)>,
    others: Vec<(Timestamp, MessageId)>,
}

/// The messages that are due, of the channels that can begin: for each the urgent ones, then the longest due, and in
/// the same order the channels themselves, of which some may have to wait for others. None that has to wait for another
/// message is among them.
fn found(
    store: &dyn Store,
    rules: &Rules,
    by: Timestamp,
    can_begin: impl Fn(&str) -> bool,
) -> Result<Vec<Found>, StoreError> {
    // By channel; `None` where it cannot begin.
    let mut queues = BTreeMap::<String, Option<Queue>>::new();
    let mut failed = Ok(());
    store.due(by, &mut |it| {
        let message = it.message;
        let channel = &message.channel;
        let queue = match queues.get_mut(channel) {
            Some(known) => known,
            None => queues.entry(channel.clone()).or_insert_with(|| can_begin(channel).then(Default::default)),
        };
        let Some(Queue { urgent, others }) = queue else { return ControlFlow::Continue(()) };
        let queue = if is_urgent(rules, &message) { urgent } else { others };
        if queue.len() < MAX_FOUND {
            match threads::is_early(store, &message) {
                Ok(true) => (),
                Ok(false) => queue.push((message.due, message.id)),
                Err(error) => {
                    failed = Err(error);
                    return ControlFlow::Break(());
                }
            }
        }
        ControlFlow::Continue(())
    })?;
    failed?;
    let begins = |(channel, queue): (String, Option<Queue>)| {
        let Queue { urgent, others } = queue?;
        let has_urgent = !urgent.is_empty();
        let mut all = urgent.into_iter().chain(others).peekable();
        let due = all.peek()?.0;
        Some(((!has_urgent, due), Found { channel, messages: all.map(|it| it.1).collect() }))
    };
    let mut res: Vec<_> = queues.into_iter().filter_map(begins).collect();
    res.sort_by_key(|it| it.0);
    Ok(res.into_iter().map(|it| it.1).collect())
}

/// Tries the messages of one channel one after the other, until it rests or others may have to go first.
async fn lane(
    ctx: &Context,
    channel: &str,
    messages: Vec<MessageId>,
    by: Timestamp,
    stop: &CancellationToken,
) -> Result<Sent, DaemonError> {
    let server = server(&ctx.config, channel);
    let (mut res, began) = (Sent::default(), Instant::now());
    for id in messages {
        let rests = ctx.resting.is_at_rest(channel, server.as_deref(), ctx.now());
        if rests || stop.is_cancelled() || began.elapsed() > FRESH {
            break;
        }
        let pending = ctx.read(move |store| still_due(store, &id, by)).await?;
        let Some(pending) = pending else { continue };
        if let Some(outcome) = attempt(ctx, &pending).await? {
            res.note(&outcome);
        }
    }
    Ok(res)
}

/// A message, where nothing has changed that since it was found: a person may have dropped it.
fn still_due(store: &dyn Store, id: &MessageId, by: Timestamp) -> Result<Option<Pending>, StoreError> {
    let Some(pending) = readable(store.pending(id))?.filter(|it| !it.parked && it.message.due <= by) else {
        return Ok(None);
    };
    Ok((!threads::is_early(store, &pending.message)?).then_some(pending))
}
