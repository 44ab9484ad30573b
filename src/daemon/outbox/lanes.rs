//! Decides which messages are sent at the same time. Each channel sends one message after the other, independently of
//! other channels, so that a slow or broken channel holds up none. Channels on one mail server run in parallel as far
//! as the server allows.

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

/// Maximum channels served by one mail server at once. Large services allow three connections per user.
const MAX_BY_SERVER: usize = 3;
/// Maximum messages of one channel taken per look into the outbox, and as many urgent ones.
const MAX_FOUND: usize = 64;
/// How long a channel works on the result of one look. Newer messages may be urgent, or belong to a channel that waits
/// for its turn at the same server.
const FRESH: Duration = Duration::from_secs(2);

/// The attempts under way: at most one for each channel, and so one for each message.
pub(in crate::daemon) struct Lanes {
    running: FuturesUnordered<BoxFuture<'static, (String, Result<Sent, DaemonError>)>>,
    /// The channels with an attempt under way, each with its server.
    busy: BTreeMap<String, Option<String>>,
    stop: CancellationToken,
}

impl Lanes {
    /// Starts with no attempts. After `stop`, running attempts are completed and no new ones begin.
    pub(in crate::daemon) fn new(stop: CancellationToken) -> Self {
        Self { running: FuturesUnordered::new(), busy: BTreeMap::new(), stop }
    }

    /// Begins the attempts due at `by` for each channel that is free and not resting. They make progress only while
    /// [`Lanes::ended`] is awaited.
    ///
    /// # Errors
    ///
    /// [`DaemonError`] where the store failed.
    pub(in crate::daemon) async fn begin(&mut self, ctx: &Context, by: Timestamp) -> Result<(), DaemonError> {
        if self.stop.is_cancelled() {
            return Ok(());
        }
        for DueMessages { channel, messages } in look(ctx, self.busy.clone(), by).await? {
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

    /// Waits until a channel has worked off its messages; `None` if nothing is under way.
    pub(in crate::daemon) async fn ended(&mut self) -> Option<Result<Sent, DaemonError>> {
        let (channel, ended) = self.running.next().await?;
        self.busy.remove(&channel);
        Some(ended)
    }
}

/// The due messages of the channels that can begin beside the busy ones.
async fn look(
    ctx: &Context,
    busy: BTreeMap<String, Option<String>>,
    by: Timestamp,
) -> Result<Vec<DueMessages>, DaemonError> {
    let (config, resting, now) = (Arc::clone(&ctx.config), ctx.resting.clone(), ctx.now());
    let read = move |store: &dyn Store| {
        let can_begin = |channel: &str| {
            let server = server(&config, channel);
            let is_free = !busy.contains_key(channel) && has_room(&busy, server.as_deref());
            is_free && !resting.is_at_rest(channel, server.as_deref(), now)
        };
        due_messages(store, &config.rules, by, can_begin)
    };
    ctx.read(read).await
}

fn server(config: &Config, channel: &str) -> Option<String> {
    deliver::channel(&config.channels, channel)?.1.server()
}

/// Whether a server can serve another channel beside the busy ones.
fn has_room(busy: &BTreeMap<String, Option<String>>, server: Option<&str>) -> bool {
    server.is_none() || busy.values().filter(|it| it.as_deref() == server).count() < MAX_BY_SERVER
}

/// Messages of one channel that are due, in the order in which they are tried.
struct DueMessages {
    channel: String,
    messages: Vec<MessageId>,
}

/// What is due of one channel, the longest due first.
#[derive(Default)]
struct Queue {
    urgent: Vec<(Timestamp, MessageId)>,
    others: Vec<(Timestamp, MessageId)>,
}

/// The due messages of the channels that can begin; those of the others are not read. Each channel's urgent messages
/// come first, then those longest due; the channels are in the same order, since some may have to wait for others.
/// Messages that have to wait for another message are left out.
fn due_messages(
    store: &dyn Store,
    rules: &Rules,
    by: Timestamp,
    can_begin: impl Fn(&str) -> bool,
) -> Result<Vec<DueMessages>, StoreError> {
    let mut queues = BTreeMap::<String, Queue>::new();
    let mut failed = Ok(());
    // Whether each channel can begin, asked once for all of its messages.
    let mut asked = BTreeMap::<String, bool>::new();
    let mut wanted = |channel: &str| match asked.get(channel) {
        Some(known) => *known,
        None => *asked.entry(channel.to_owned()).or_insert(can_begin(channel)),
    };
    store.due_of(by, &mut wanted, &mut |it| {
        let message = it.message;
        let Queue { urgent, others } = queues.entry(message.channel.clone()).or_default();
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
    let begins = |(channel, Queue { urgent, others }): (String, Queue)| {
        let has_urgent = !urgent.is_empty();
        let mut all = urgent.into_iter().chain(others).peekable();
        let due = all.peek()?.0;
        Some(((!has_urgent, due), DueMessages { channel, messages: all.map(|it| it.1).collect() }))
    };
    let mut res: Vec<_> = queues.into_iter().filter_map(begins).collect();
    res.sort_by_key(|it| it.0);
    Ok(res.into_iter().map(|it| it.1).collect())
}

/// Tries the messages of one channel in turn, until the channel rests or a new look is due.
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

/// A message, if it is still due: a person may have dropped it since it was found.
fn still_due(store: &dyn Store, id: &MessageId, by: Timestamp) -> Result<Option<Pending>, StoreError> {
    let Some(pending) = readable(store.pending(id))?.filter(|it| !it.parked && it.message.due <= by) else {
        return Ok(None);
    };
    Ok((!threads::is_early(store, &pending.message)?).then_some(pending))
}
