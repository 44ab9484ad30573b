//! `sitrepd outbox list`, `resend` and `drop`: messages that wait or were given up.
//!
//! Each is one change, which a running daemon is asked to commit (see [`correcting`]).

use std::ops::ControlFlow;

use chrono::Utc;
use serde_json::json;

use crate::{
    api,
    config::{Config, Origin},
    deliver,
    model::{Attempt, Change, Content, MessageId, Outcome},
    store::{Pending, Store, StoreError, Unreadable},
};

use super::{
    CliError, Output,
    archive::when,
    arguments::outbox::{OutboxCommand, WhichMessages},
    correcting, damage, logging,
    output::{FAINT, count, short, shown},
    setup,
};

/// Characters of what a receiver said, on a terminal.
const MAX_REASON_CHARS: usize = 300;

pub(super) fn run(origin: &Origin, command: OutboxCommand, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    match command {
        OutboxCommand::List { parked } => list(&config, parked, out),
        OutboxCommand::Resend(which) => {
            let again = |id: &MessageId, it: Option<&Pending>| {
                let lost = || CliError::BadData(format!("the record of {id} is damaged: it can only be dropped"));
                let before = it.ok_or_else(lost)?.last_error.as_deref().map(|it| format!("; before that: {it}"));
                let reason = format!("sent again by hand{}", before.unwrap_or_default());
                Ok(Outcome::Retry { due: Utc::now(), reason })
            };
            each(&config, &which, again, "waits to be sent again under the same id", "resent", out)
        }
        OutboxCommand::Drop(which) => {
            let dropped =
                |_: &MessageId, _: Option<&Pending>| Ok(Outcome::Dropped { reason: "dropped by hand".to_owned() });
            each(&config, &which, dropped, "is dropped and will not be sent", "dropped", out)
        }
    }
}

/// All that were not sent: those that wait first, the longest due first, then those that were given up.
fn messages(store: &dyn Store) -> Result<Vec<Pending>, CliError> {
    let mut res = Vec::new();
    store.outbox(&mut |it| {
        res.push(it);
        ControlFlow::Continue(())
    })?;
    res.sort_by(|a, b| {
        let key = |it: &Pending| (it.parked, it.message.due);
        key(a).cmp(&key(b)).then_with(|| a.message.id.cmp(&b.message.id))
    });
    Ok(res)
}

/// The messages whose records are damaged, the longest due first.
fn unreadable(store: &dyn Store) -> Result<Vec<Unreadable>, CliError> {
    let mut res = Vec::new();
    store.unreadable(&mut |it| {
        res.push(it);
        ControlFlow::Continue(())
    })?;
    res.sort_by(|a, b| a.due.cmp(&b.due).then_with(|| a.id.cmp(&b.id)));
    Ok(res)
}

fn list(config: &Config, only_parked: bool, out: &Output) -> Result<(), CliError> {
    let store = setup::archive(config)?;
    let mut found = messages(&*store)?;
    found.retain(|it| it.parked || !only_parked);
    let mut damaged = unreadable(&*store)?;
    damaged.retain(|it| it.parked || !only_parked);
    if out.is_json() {
        found.iter().try_for_each(|it| out.record(&record(it)))?;
        damaged.iter().try_for_each(|it| out.record(&damaged_record(it)))?;
        return damage::ended(&store);
    }
    if found.is_empty() && damaged.is_empty() {
        out.line(if only_parked { "no message was given up" } else { "no message waits" })?;
    }
    for it in &found {
        let message = &it.message;
        let state = match (it.parked, it.attempts) {
            (false, _) if it.sending.is_some() => {
                let since = it.sending.map(|it| when(it, config)).unwrap_or_default();
                format!("sending since {since}: perhaps delivered")
            }
            (true, n) => format!("given up after {}", count(n as usize, "attempt")),
            (false, 0) => format!("due {}", when(message.due, config)),
            (false, n) => format!("due {} after {}", when(message.due, config), count(n as usize, "attempt")),
        };
        out.line(format!("{}  {state}", shown(&message.id.0)))?;
        out.line(format!("  {FAINT}{}, through {}{FAINT:#}", told(&message.content), shown(&message.channel)))?;
        if deliver::channel(&config.channels, &message.channel).is_none() {
            out.wrapped("  ", "there is no such channel any more: it waits until there is one")?;
        }
        if let Some(reason) = &it.last_error {
            out.wrapped("  ", &short(reason, MAX_REASON_CHARS))?;
        }
    }
    for it in &damaged {
        out.line(format!("{}  damaged", it.id))?;
        out.wrapped(
            "  ",
            "its record cannot be read: what it was to say, and to whom, is lost; sitrepd verify tells where",
        )?;
    }
    if !damaged.is_empty() {
        out.note("sitrepd outbox drop ID gives up a message that is damaged");
    }
    if found.iter().any(|it| it.parked) {
        out.note("sitrepd outbox resend ID tries one again, sitrepd outbox drop ID gives it up for good");
    }
    damage::ended(&store)
}

/// What a message is, for people: the title of a digest may end with any words.
fn told(content: &Content) -> String {
    match content {
        Content::Digest(_) => format!("digest “{}”", what(content)),
        _ => what(content),
    }
}

fn what(content: &Content) -> String {
    match content {
        Content::Alerts(all) => {
            format!("alert {}", shown(&all.iter().map(|it| it.watch.as_str()).collect::<Vec<_>>().join(", ")))
        }
        Content::Held(it) => format!("alerts {}", shown(&it.watch)),
        Content::More(it) => format!("more alerts of {}", shown(&it.watch)),
        Content::Digest(it) => shown(&it.subject),
    }
}

fn record(it: &Pending) -> serde_json::Value {
    let kind = match &it.message.content {
        Content::Alerts(_) => "alert",
        Content::Held(_) => "held",
        Content::More(_) => "more",
        Content::Digest(_) => "digest",
    };
    json!({
        "id": it.message.id.0,
        "channel": it.message.channel,
        "kind": kind,
        "what": what(&it.message.content),
        "state": match (it.parked, it.sending) {
            (true, _) => "parked",
            (false, Some(_)) => "sending",
            (false, None) => "waiting",
        },
        "sending": it.sending.map(api::instant),
        "due": (!it.parked).then(|| api::instant(it.message.due)),
        "attempts": it.attempts,
        "reason": it.last_error,
    })
}

fn damaged_record(it: &Unreadable) -> serde_json::Value {
    json!({
        "id": it.id.0,
        "channel": null,
        "kind": null,
        "what": null,
        "state": "damaged",
        "sending": null,
        "due": (!it.parked).then(|| api::instant(it.due)),
        "attempts": it.attempts,
        "reason": null,
    })
}

/// The messages that were named, each once.
fn named(store: &dyn Store, which: &WhichMessages) -> Result<Vec<MessageId>, CliError> {
    let all = messages(store)?;
    if which.parked {
        return Ok(all.into_iter().filter(|it| it.parked).map(|it| it.message.id).collect());
    }
    let all = all.into_iter().map(|it| it.message.id).chain(unreadable(store)?.into_iter().map(|it| it.id));
    let all: Vec<_> = all.collect();
    let mut res = Vec::<MessageId>::new();
    for id in &which.ids {
        let exact = all.iter().find(|it| it.0 == *id);
        let mut begin = all.iter().filter(|it| it.0.starts_with(id.as_str()));
        let found = match (exact, begin.next(), begin.next()) {
            (Some(it), ..) | (None, Some(it), None) => it,
            (None, None, _) => {
                let text = format!("no message {id:?} waits; sitrepd outbox list tells which do");
                return Err(CliError::NotFound(text));
            }
            (None, Some(_), Some(_)) => {
                return Err(CliError::Usage(format!("more than one message begins with {id:?}; name it in full")));
            }
        };
        if !res.contains(found) {
            res.push(found.clone());
        }
    }
    Ok(res)
}

/// Commits for each message that was named what becomes of it, by what is held of it: `None` where that is damaged.
fn each(
    config: &Config,
    which: &WhichMessages,
    outcome: impl Fn(&MessageId, Option<&Pending>) -> Result<Outcome, CliError>,
    done: &str,
    word: &str,
    out: &Output,
) -> Result<(), CliError> {
    let ids = {
        let store = setup::archive(config)?;
        named(&*store, which)?
    };
    if ids.is_empty() {
        out.note("no message was given up");
    }
    for id in ids {
        correcting::commit(config, |store| {
            // It may have been sent meanwhile.
            let gone = || CliError::NotFound(format!("message {id} has been sent meanwhile"));
            let pending = match store.pending(&id) {
                Err(StoreError::Damaged { .. }) => None,
                pending => Some(pending?.ok_or_else(gone)?),
            };
            let outcome = outcome(&id, pending.as_ref())?;
            Ok((Change::Delivery(Attempt { message: id.clone(), at: Utc::now(), outcome }), ()))
        })?;
        out.done(&format!("{id} {done}"), &json!({ "id": id.0, "what": word }))?;
    }
    Ok(())
}
