//! Sends what is due. The store is the queue: a message leaves it when its channel has taken it.

mod lanes;
mod resting;

use std::{collections::BTreeSet, ops::ControlFlow, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::{
    decide::{self, Rules, timing},
    deliver::{self, Channel, DeliverError, Envelope, NotPosted, Posted, Poster, Posting},
    digest::{
        Fates,
        render::{self, AlertInput, AlertsInput, Counted, Pause, Waited},
    },
    fetch::{Client, PostRequest},
    model::{
        Alert, AlertKind, Attempt, Change, Content, Held, MessageId, More, Outcome, Outgoing, Rendered, Sending,
        Severity, Timestamp, earlier, later,
    },
    store::{Pending, Store, StoreError, readable},
    text::{error_chain, without_addresses},
};

use super::{Context, DaemonError, blocking, threads, unsubscribe};

pub(super) use self::{lanes::Lanes, resting::Resting};

/// How long a channel, or a server with all its channels, rests after a failure, so that it is not tried once for every
/// message.
const REST: TimeDelta = TimeDelta::minutes(1);
/// How long messages wait for a channel that is not configured. A person has to act, so this does not count as an
/// attempt. A reload tries again at once.
const NO_CHANNEL_REST: TimeDelta = TimeDelta::hours(1);

/// The number of messages by outcome.
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
    fn note(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Sent => self.sent += 1,
            Outcome::Retry { .. } => self.retried += 1,
            Outcome::Parked { .. } => self.parked += 1,
            // A recipient who has unsubscribed gets nothing more.
            Outcome::Dropped { .. } => (),
        }
    }

    fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.retried += other.retried;
        self.parked += other.parked;
    }
}

/// Tries every message that is due by now, each at most once, until none is left but those for channels that rest.
///
/// # Errors
///
/// [`DaemonError`] where the store failed. What a channel does is in the result and stays in the outbox.
pub async fn round(ctx: &Context) -> Result<Sent, DaemonError> {
    let (mut lanes, mut res) = (Lanes::new(CancellationToken::new()), Sent::default());
    // Messages that fail from here on are due later: a broken channel does not hold up the round.
    let by = ctx.now();
    loop {
        lanes.begin(ctx, by).await?;
        match lanes.ended().await {
            Some(ended) => res.add(ended?),
            None => return Ok(res),
        }
    }
}

/// Tries a message that is due. `None` if its channel is not configured: the message waits.
///
/// A message is marked before its first byte is sent, and again when its channel has accepted it. If the daemon ends in
/// between, it is sent again with the same id and bytes: delivery is at least once, and a receiver can recognise a
/// repeat.
///
/// # Errors
///
/// [`DaemonError`] where the store failed.
async fn attempt(ctx: &Context, pending: &Pending) -> Result<Option<Outcome>, DaemonError> {
    let (id, channel) = (pending.message.id.clone(), pending.message.channel.clone());
    // For the log, without addresses: mail channels are named by their recipients, and message ids contain channels.
    let (id_shown, channel_shown) = (&*without_addresses(&id.0), &*without_addresses(&channel));
    let tried = AssertUnwindSafe(send(ctx, pending)).catch_unwind().await;
    let outcome = match tried.unwrap_or(Err(DaemonError::Panicked)) {
        // A defect of sitrepd on this message: it is parked for a person, and the others go on.
        Err(DaemonError::Panicked) => {
            Outcome::Parked { reason: "sitrepd itself failed on this message; please report it".to_owned() }
        }
        tried => match tried? {
            Some(outcome) => outcome,
            None => {
                error!(
                    id = id_shown,
                    channel = channel_shown,
                    "no channel has this name any more, and its messages wait: configure it again, or give them up with sitrepd outbox drop --channel"
                );
                ctx.resting.channel(&channel, ctx.now(), NO_CHANNEL_REST);
                return Ok(None);
            }
        },
    };
    match &outcome {
        Outcome::Sent => info!(id = id_shown, channel = channel_shown, "sent"),
        Outcome::Retry { due, reason } => {
            let reason = &*without_addresses(reason);
            warn!(id = id_shown, channel = channel_shown, reason, %due, "not sent, will retry");
        }
        Outcome::Parked { reason } => {
            let reason = &*without_addresses(reason);
            error!(id = id_shown, channel = channel_shown, reason, "given up; it is kept");
        }
        Outcome::Dropped { reason } => info!(id = id_shown, channel = channel_shown, reason, "dropped"),
    }
    let attempt = Attempt { message: id, at: ctx.now(), outcome: outcome.clone() };
    ctx.settler.commit(Change::Delivery(attempt.clone())).await?;
    ctx.given_up.note(&attempt);
    Ok(Some(outcome))
}

/// One attempt; `None` where the message's channel is not configured.
async fn send(ctx: &Context, pending: &Pending) -> Result<Option<Outcome>, DaemonError> {
    let message = &pending.message;
    let Some((_, channel)) = deliver::channel(&ctx.config.channels, &message.channel) else { return Ok(None) };
    if has_left(ctx, &message.channel).await? {
        return Ok(Some(Outcome::Dropped { reason: "the recipient has unsubscribed".to_owned() }));
    }
    let rendered = match going_out(ctx, pending).await? {
        Ok(it) => it,
        Err(outcome) => return Ok(Some(outcome)),
    };
    let earlier = match channel {
        Channel::Mail(_) => {
            let pending = pending.clone();
            ctx.read(move |store| threads::earlier(store, &pending)).await?
        }
        _ => Vec::new(),
    };
    let envelope =
        Envelope { now: ctx.now(), queued: pending.queued, earlier, is_urgent: is_urgent(&ctx.config.rules, message) };
    let result = channel.send(&message.id, &rendered, &poster(&ctx.client), envelope).await;
    let now = ctx.now();
    match (&result, channel.server()) {
        (Err(DeliverError::Down { .. }), Some(server)) => ctx.resting.server(&server, now, REST),
        (Err(error), _) if error.is_transient() => {
            let wait = TimeDelta::from_std(error.wait()).unwrap_or(REST);
            ctx.resting.channel(&message.channel, now, wait.max(REST));
        }
        _ => (),
    }
    Ok(Some(deliver::outcome(&result, pending.attempts + 1, now, jitter(now))))
}

/// The content that this attempt sends, or the outcome of an attempt that ends before its first byte. Marks the attempt
/// as begun.
async fn going_out(ctx: &Context, pending: &Pending) -> Result<Result<Rendered, Outcome>, DaemonError> {
    let message = &pending.message;
    let known = match (&message.content, &pending.rendered) {
        (Content::Digest(it), _) | (_, Some(it)) => Some(it),
        _ => None,
    };
    let parked = |reason| Ok(Err(Outcome::Parked { reason }));
    loop {
        let mut noticed = ctx.settler.noticed(message);
        let rendered = match (known, gathering_end(&message.content)) {
            (Some(it), _) => Ok(Some(it.clone())),
            (None, None) => rendered(ctx, message, ctx.now()).await,
            (None, Some(end)) => {
                // Everything being settled now is filed before the mark; whatever comes later has a later stamp.
                let mark = ctx.settler.mark().await?;
                // Otherwise a flood of alerts would make it render again and again for alerts that it does not report.
                if mark >= end {
                    noticed = noticed.complete();
                }
                rendered(ctx, message, mark.min(end)).await
            }
        };
        let rendered = match rendered {
            Ok(None) => return parked("the alerts that it tells cannot be read".to_owned()),
            // A defect of sitrepd: this message is parked for a person, and the others go on.
            Err(error @ (DaemonError::Render(_) | DaemonError::Panicked)) => return parked(error_chain(&error)),
            Ok(Some(it)) => it,
            Err(error) => return Err(error),
        };
        let (id, at) = (message.id.clone(), ctx.now());
        let begun = match known {
            Some(_) => {
                let sending = Sending { message: id, at, rendered: None };
                ctx.settler.commit(Change::Sending(Box::new(sending))).await.map(|()| true)
            }
            None => {
                let sending = Sending { message: id, at, rendered: Some(rendered.clone()) };
                ctx.settler.going_out(sending, noticed).await
            }
        };
        match begun.map_err(DaemonError::from) {
            Ok(true) => return Ok(Ok(rendered)),
            Ok(false) => (),
            Err(DaemonError::TooLarge(cause)) => return parked(cause.to_string()),
            Err(error) => return Err(error),
        }
    }
}

/// End of the period whose alerts this message collects; `None` if its content was fixed when it was queued.
fn gathering_end(content: &Content) -> Option<Timestamp> {
    match content {
        Content::Held(it) => Some(it.until),
        Content::More(it) => Some(later(timing::hour(it.hour), timing::HOUR)),
        Content::Alerts(_) | Content::Digest(_) => None,
    }
}

/// Renders a message from what is held now, including alerts filed up to `until` if it collects them. `None` if none of
/// its alerts can be read.
async fn rendered(ctx: &Context, message: &Outgoing, until: Timestamp) -> Result<Option<Rendered>, DaemonError> {
    match &message.content {
        Content::Alerts(it) => alerts(ctx, it, None).await,
        Content::Held(it) => held(ctx, &message.id, it, until).await,
        Content::More(it) => more(ctx, it, until).await.map(Some),
        Content::Digest(it) => Ok(Some(it.clone())),
    }
}

/// Whether the recipient of a channel has unsubscribed. If the list cannot be read, the message goes out: a damaged
/// list must not silence an alert.
async fn has_left(ctx: &Context, channel: &str) -> Result<bool, DaemonError> {
    let dir = ctx.config.state_dir.clone();
    let gone = blocking(move || unsubscribe::gone(&dir)).await?;
    Ok(gone.inspect_err(|error| error!(%error, "who has unsubscribed cannot be read")).is_ok_and(|it| it.has(channel)))
}

/// Sends for channels over HTTP, through the same address guard as every fetch.
pub fn poster(client: &Client) -> Poster {
    let client = client.clone();
    Arc::new(move |it: Posting| {
        let client = client.clone();
        Box::pin(async move {
            let request = PostRequest { url: &it.url, is_put: it.is_put, headers: &it.headers, body: it.body };
            let answer = client.post(request).await.map_err(|it| NotPosted { reason: error_chain(&it) })?;
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            Ok(Posted { status: answer.status, retry_after: answer.retry_after, body })
        })
    })
}

/// A share (0–1) that differs from attempt to attempt, so that messages that failed together are not all retried
/// together.
fn jitter(now: Timestamp) -> f64 {
    f64::from(now.timestamp_subsec_micros()) / 1e6
}

/// Whether a message tells of a watch that is urgent.
fn is_urgent(rules: &Rules, message: &Outgoing) -> bool {
    let is_urgent = |watch: &str| rules.severity(watch) == Severity::Urgent;
    match &message.content {
        Content::Alerts(all) => all.iter().any(|it| is_urgent(&it.watch)),
        Content::More(it) => is_urgent(&it.watch),
        Content::Held(_) | Content::Digest(_) => false,
    }
}

/// Renders alerts from their own content and the newest versions of their reports; `None` if there are no alerts. An
/// alert whose report is damaged goes out without the report.
async fn alerts(ctx: &Context, alerts: &[Alert], held: Option<Waited>) -> Result<Option<Rendered>, DaemonError> {
    let (all, rules, is_held) = (alerts.to_vec(), Arc::clone(&ctx.config.rules), held.is_some());
    let (shown, reports, fates, unnamed) = ctx
        .read(move |store| {
            let unnamed = if is_held { 0 } else { unnamed(store, &rules, &all)? };
            let fates = became(store, &all)?;
            let shown = shown(all, &fates);
            let reports = shown.iter().map(|it| readable(store.report(it.article))).collect::<Result<Vec<_>, _>>()?;
            Ok((shown, reports, fates, unnamed))
        })
        .await?;
    let config = &ctx.config;
    let inputs: Vec<_> = shown
        .iter()
        .zip(&reports)
        .map(|(alert, report)| AlertInput {
            alert,
            severity: config.rules.severity(&alert.watch),
            report: report.as_ref(),
            source: report.as_ref().and_then(|it| config.source(it.article.source.as_str())).map(|it| &it.source),
            fate: fates.since(alert),
        })
        .collect();
    let Some((first, more)) = inputs.split_first() else { return Ok(None) };
    let input = AlertsInput {
        first: *first,
        more,
        left_out: alerts.len() - shown.len() + unnamed,
        held,
        topics: &config.topics,
        zone: config.digest.zone,
        look: config.look(),
    };
    render::alerts(input).map(Some).map_err(|it| DaemonError::Render(Arc::new(it)))
}

/// Counts alerts of an article that no message names, because naming all would have exceeded the size of one commit.
fn unnamed(store: &dyn Store, rules: &Rules, named: &[Alert]) -> Result<usize, StoreError> {
    let Some(first) = named.first().filter(|_| decide::may_be_cut(named)) else { return Ok(0) };
    let mut all = store.alerts_of(first.story)?;
    all.retain(|it| decide::goes_with(it, first, rules.severity(&it.watch)));
    let ids: Vec<_> = all.iter().map(|it| it.id).collect();
    Ok(store.told_by(&ids)?.iter().filter(|it| it.is_empty()).count())
}

/// At most [`decide::MAX_SHOWN`] alerts, in order. The recipient counts as told of all. Alerts whose report was
/// withdrawn or changed since are dropped last, because no later message reports that.
fn shown(alerts: Vec<Alert>, fates: &Fates) -> Vec<Alert> {
    let mut res: Vec<_> = alerts.into_iter().enumerate().collect();
    res.sort_by_key(|(_, it)| fates.since(it).is_none());
    res.truncate(decide::MAX_SHOWN);
    res.sort_by_key(|(place, _)| *place);
    res.into_iter().map(|(_, it)| it).collect()
}

/// The events about the articles of these alerts since the first alert was raised.
fn became(store: &dyn Store, alerts: &[Alert]) -> Result<Fates, StoreError> {
    let articles: BTreeSet<_> = alerts.iter().map(|it| it.article).collect();
    let since = alerts.iter().map(|it| it.raised).min().unwrap_or(Timestamp::MAX_UTC);
    let mut res = Vec::new();
    store.events(since..Timestamp::MAX_UTC, &mut |it| {
        res.extend(articles.contains(&it.article).then_some(it));
        ControlFlow::Continue(())
    })?;
    Ok(Fates::new(&res))
}

/// Renders the alerts of a watch that a collecting message gathered up to `until`, newest first, as filed in the store.
async fn held(ctx: &Context, id: &MessageId, it: &Held, until: Timestamp) -> Result<Option<Rendered>, DaemonError> {
    let (id, watch, times) = (id.clone(), it.watch.clone(), it.since..until);
    let read = move |store: &dyn Store| {
        let mut found = Vec::new();
        store.alerts(times, &mut |it| {
            found.extend((it.watch == watch).then_some(it));
            ControlFlow::Continue(())
        })?;
        // Other alerts of that period were sent at once, under other settings of the watch, or were old.
        let mut waited = Vec::new();
        for it in found {
            let telling = readable(store.telling(it.id).map(Some))?.unwrap_or_default();
            waited.extend(telling.iter().any(|message| message.id == id).then_some(it));
        }
        Ok(waited)
    };
    let found = ctx.read(read).await?;
    alerts(ctx, &found, Some(waited(ctx, it, &found))).await
}

/// Since when the alerts waited, and why, as far as the current configuration tells.
fn waited(ctx: &Context, it: &Held, alerts: &[Alert]) -> Waited {
    let rules = &ctx.config.rules;
    let just_before = earlier(it.until, Duration::from_secs(1));
    let is_end_of_quiet = rules.quiet.as_ref().is_some_and(|quiet| quiet.end(just_before) == Some(it.until));
    let has_cooldown = rules.timings.get(&it.watch).is_some_and(|it| !it.cooldown.is_zero());
    let pause = match (is_end_of_quiet, has_cooldown) {
        (true, _) => Some(Pause::QuietHours),
        (false, true) => Some(Pause::CoolDown),
        (false, false) => None,
    };
    Waited { since: alerts.iter().map(|it| it.raised).min().unwrap_or(it.since), pause }
}

/// Renders how many alerts of a watch in one hour no message named, neither one of their own nor a collecting one.
/// Counts up to `until`, the end of the hour unless a person sends it early.
async fn more(ctx: &Context, it: &More, until: Timestamp) -> Result<Rendered, DaemonError> {
    let (watch, times) = (it.watch.clone(), it.hour..until);
    let read = move |store: &dyn Store| {
        let mut found = Vec::new();
        store.alerts(times, &mut |it| {
            found.extend((it.watch == watch && it.kind == AlertKind::Found).then_some(it.id));
            ControlFlow::Continue(())
        })?;
        let more = store.told_by(&found)?.iter().filter(|it| it.is_empty()).count();
        Ok(Counted { until, told: found.len() - more, more })
    };
    let counted = ctx.read(read).await?;
    let severity = ctx.config.rules.severity(&it.watch);
    render::more(it, counted, severity, ctx.config.digest.zone).map_err(|it| DaemonError::Render(Arc::new(it)))
}
