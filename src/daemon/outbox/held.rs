//! Messages of watches that waited for the same end go out as one: a report that three of them found is told once.
//!
//! The first that is due takes along what the others by its channel have to tell. It is written down as it goes out, then the others leave
//! the outbox, then it is sent. Killed in between, the daemon tells by what is written down which others it takes along, and so no alert is
//! missed or told twice.

use std::{collections::BTreeSet, ops::ControlFlow};

use crate::{
    daemon::{Context, DaemonError},
    digest::render,
    model::{Alert, AlertKind, Attempt, Change, Content, Held, MessageId, Outcome, Rendered, Timestamp},
    store::{Pending, Store, StoreError},
};

use super::MAX_SHOWN;

/// What a message has to tell.
pub(super) enum Telling {
    /// These, newest first; there may be none that can be read.
    Alerts(Vec<Alert>),
    /// Nothing any more: another tells it all.
    Elsewhere(MessageId),
}

/// What a message that waited has to tell, with what the others have that it can take along.
pub(super) async fn telling(ctx: &Context, pending: &Pending, it: &Held) -> Result<Telling, DaemonError> {
    // What is being settled now is filed before they are read, and whatever comes later has a later stamp: it is not of these.
    ctx.settler.mark().await?;
    let (now, own, pending) = (ctx.now(), it.clone(), pending.clone());
    let read = move |store: &dyn Store| {
        let others = others(store, &pending, now)?;
        for (other, _) in &others {
            if let Some(rendered) = &other.rendered
                && tells_all(&render::told(rendered), &waited(store, &[&own], &pending.message.channel)?)
            {
                return Ok(Telling::Elsewhere(other.message.id.clone()));
            }
        }
        let all: Vec<_> = std::iter::once(&own)
            .chain(others.iter().filter(|(it, _)| it.rendered.is_none()).map(|(_, it)| it))
            .collect();
        let mut found = waited(store, &all, &pending.message.channel)?;
        // One that has no place on it tells its own: what is not shown could not be known to be told.
        let mut told = BTreeSet::new();
        let mut n_told = 0;
        for it in all {
            let n = found.iter().filter(|alert| alert.watch == it.watch).count();
            if told.is_empty() || n_told + n <= MAX_SHOWN {
                n_told += n;
                told.insert(&it.watch);
            }
        }
        found.retain(|it| told.contains(&it.watch));
        Ok(Telling::Alerts(found))
    };
    ctx.read(read).await
}

/// Takes out of the outbox what a message that is about to be sent tells as well.
pub(super) async fn take_along(ctx: &Context, pending: &Pending, rendered: &Rendered) -> Result<(), DaemonError> {
    if !matches!(pending.message.content, Content::Held(_)) {
        return Ok(());
    }
    let (now, id, pending) = (ctx.now(), pending.message.id.clone(), pending.clone());
    let told = render::told(rendered);
    let read = move |store: &dyn Store| {
        let mut taken = Vec::new();
        for (other, it) in others(store, &pending, now)? {
            if other.rendered.is_none() && tells_all(&told, &waited(store, &[&it], &pending.message.channel)?) {
                taken.push(other.message.id);
            }
        }
        Ok(taken)
    };
    for message in ctx.read(read).await? {
        let outcome = Outcome::Dropped { reason: format!("{id} tells it") };
        ctx.settler.commit(Change::Delivery(Attempt { message, at: now, outcome })).await?;
    }
    Ok(())
}

/// The other messages by the same channel that waited for the same time: those that have gone out before and are tried again, and those that
/// are due and that nobody has begun to send.
fn others(store: &dyn Store, pending: &Pending, now: Timestamp) -> Result<Vec<(Pending, Held)>, StoreError> {
    let Content::Held(own) = &pending.message.content else { return Ok(Vec::new()) };
    let mut res = Vec::new();
    store.outbox(&mut |it| {
        let is_other = it.message.channel == pending.message.channel && it.message.id != pending.message.id;
        let is_ready = it.rendered.is_some() || (!it.parked && it.sending.is_none() && it.message.due <= now);
        if let Content::Held(held) = &it.message.content
            && is_other
            && is_ready
            && held.until == own.until
        {
            let held = held.clone();
            res.push((it, held));
        }
        ControlFlow::Continue(())
    })?;
    res.sort_by(|a, b| a.1.watch.cmp(&b.1.watch));
    Ok(res)
}

/// The alerts that messages of the same end have to tell, newest first, by what is filed.
fn waited(store: &dyn Store, of: &[&Held], channel: &str) -> Result<Vec<Alert>, StoreError> {
    let (Some(since), Some(until)) = (of.iter().map(|it| it.since).min(), of.iter().map(|it| it.until).max()) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    store.alerts(since..until, &mut |it| {
        let is_theirs = of.iter().any(|held| held.watch == it.watch && it.raised >= held.since);
        if is_theirs && it.kind != AlertKind::Old {
            found.push(it);
        }
        ControlFlow::Continue(())
    })?;
    // One that has a message of its own came while the watch was set to tell at once.
    let mut res = Vec::new();
    for it in found {
        if !store.was_queued(&MessageId::of_alert(it.id, channel))? {
            res.push(it);
        }
    }
    Ok(res)
}

/// Whether there are alerts, and a message tells all of them.
fn tells_all(told: &BTreeSet<String>, alerts: &[Alert]) -> bool {
    !alerts.is_empty() && alerts.iter().all(|it| told.contains(&it.id.to_string()))
}
