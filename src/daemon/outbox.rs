//! Sends what is due. The store is the queue: a message leaves it when its channel has taken it.

use std::{collections::HashSet, sync::Arc};

use chrono::TimeDelta;
use tracing::{error, info, warn};

use crate::{
    deliver,
    digest::render::{self, AlertInput},
    model::{Alert, Attempt, Change, Content, Outcome, Rendered, Timestamp},
    store::Pending,
};

use super::{Context, DaemonError};

/// Messages sent in one go before shutdown and other work are looked at again.
const ROUND: usize = 32;
/// Until a message for a channel that is not configured is tried again: a person has to act.
const NO_CHANNEL_PAUSE: TimeDelta = TimeDelta::hours(1);

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    /// Taken by their channels.
    pub sent: usize,
    /// To be tried again.
    pub retried: usize,
    /// Given up.
    pub parked: usize,
}

impl Sent {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { sent: self.sent + other.sent, retried: self.retried + other.retried, parked: self.parked + other.parked }
    }
}

/// Tries each message that is due once, oldest first. Where a channel fails for now, its other messages are
/// left for the next round: a server that is down is asked once, not once for each message.
///
/// A message is marked when its channel has taken it. If the daemon dies in between it goes out again with
/// the same id: at least once, and a receiver can tell.
///
/// # Errors
///
/// [`DaemonError`] where the store failed. What a channel does is in the result and stays in the outbox.
pub async fn round(ctx: &Context) -> Result<Sent, DaemonError> {
    let now = ctx.now();
    let pending = ctx.read(move |store| store.due(now, ROUND)).await?;
    let mut res = Sent::default();
    let mut down = HashSet::new();
    for it in pending {
        if down.contains(&it.message.channel) {
            continue;
        }
        let outcome = send(ctx, &it).await?;
        let (id, channel) = (&it.message.id, &it.message.channel);
        match &outcome {
            Outcome::Sent => {
                res.sent += 1;
                info!(message = %id, channel, "sent");
            }
            Outcome::Retry { due, reason } => {
                res.retried += 1;
                down.insert(channel.clone());
                warn!(message = %id, channel, reason, %due, "not sent, will retry");
            }
            Outcome::Parked { reason } => {
                res.parked += 1;
                error!(message = %id, channel, reason, "given up; it is kept");
            }
        }
        ctx.settler.commit(Change::Delivery(Attempt { message: it.message.id, at: ctx.now(), outcome })).await?;
    }
    Ok(res)
}

async fn send(ctx: &Context, pending: &Pending) -> Result<Outcome, DaemonError> {
    let message = &pending.message;
    let now = ctx.now();
    let Some(channel) = ctx.config.channels.get(&message.channel) else {
        let reason = format!("no channel {:?} is configured", message.channel);
        return Ok(Outcome::Retry { due: now + NO_CHANNEL_PAUSE, reason });
    };
    let rendered = match &message.content {
        Content::Digest(rendered) => rendered.clone(),
        Content::Alert(it) => match alert(ctx, it).await? {
            Some(rendered) => rendered,
            None => return Ok(Outcome::Parked { reason: "its article is not held any more".to_owned() }),
        },
    };
    let result = channel.send(&message.id, &rendered).await;
    let now = ctx.now();
    Ok(deliver::outcome(&result, pending.attempts + 1, now, jitter(now)))
}

/// A share (0 to 1) that differs from attempt to attempt, so that messages which failed together do not all come back together.
fn jitter(now: Timestamp) -> f64 {
    f64::from(now.timestamp_subsec_micros()) / 1e6
}

/// Renders an alert from what it and its report hold: the same bytes at every attempt.
async fn alert(ctx: &Context, alert: &Alert) -> Result<Option<Rendered>, DaemonError> {
    let id = alert.article;
    let Some(report) = ctx.read(move |store| store.report(id)).await? else {
        return Ok(None);
    };
    let source = ctx.config.polled.iter().map(|it| &it.source).find(|it| it.id == report.article.source);
    let input = AlertInput { alert, report: &report, source, topics: &ctx.config.topics, zone: ctx.config.digest.zone };
    render::alert(input).map(Some).map_err(|it| DaemonError::Render(Arc::new(it)))
}
