//! `sitrepd outbox list`, `resend` and `drop`: messages that wait or were given up.
//!
//! Each is one change, which a running daemon is asked to commit (see [`correcting`]).

use std::{collections::BTreeMap, ops::ControlFlow};

use chrono::Utc;
use serde_json::json;

use crate::{
    api,
    config::{Config, Origin},
    deliver,
    model::{Attempt, Change, Content, MessageId, Outcome},
    store::{Pending, Store, StoreError, Unreadable},
    text::is_same_channel,
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

/// The reason for which a message waits once a person has it sent again.
const BY_HAND: &str = "sent again by hand";
const BEFORE: &str = "; before that: ";

pub(super) fn run(origin: &Origin, command: OutboxCommand, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    match command {
        OutboxCommand::List { parked } => list(&config, parked, out),
        OutboxCommand::Resend(which) => {
            let again = |id: &MessageId, it: Option<&Pending>| {
                let lost = || CliError::BadData(format!("the record of {id} is damaged: it can only be dropped"));
                let reason = by_hand(it.ok_or_else(lost)?.last_error.as_deref());
                Ok(Outcome::Retry { due: Utc::now(), reason })
            };
            let done = Done {
                one: "waits to be sent again under the same id",
                many: "wait to be sent again under the same ids",
                word: "resent",
            };
            each(&config, &which, again, &done, out)
        }
        OutboxCommand::Drop(which) => {
            let dropped =
                |_: &MessageId, _: Option<&Pending>| Ok(Outcome::Dropped { reason: "dropped by hand".to_owned() });
            let done = Done {
                one: "is dropped and will not be sent",
                many: "are dropped and will not be sent",
                word: "dropped",
            };
            each(&config, &which, dropped, &done, out)
        }
    }
}

/// The reason that a message has once a person has it sent again, with what its receiver said last.
fn by_hand(before: Option<&str>) -> String {
    let mut said = before.unwrap_or_default();
    while let Some(rest) = said.strip_prefix(BY_HAND) {
        said = rest.strip_prefix(BEFORE).unwrap_or_default();
    }
    match said {
        "" => BY_HAND.to_owned(),
        said => format!("{BY_HAND}{BEFORE}{said}"),
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
        found.iter().try_for_each(|it| out.record(&record(it, gone(config, &it.message.channel))))?;
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
        if let Some(gone) = gone(config, &message.channel) {
            let waits = if it.parked { "" } else { ": it waits until it is, or until you drop it" };
            out.wrapped("  ", &format!("{}{waits}", shown(&gone)))?;
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
    if found.iter().any(|it| gone(config, &it.message.channel).is_some()) {
        out.note("sitrepd outbox drop --channel CHANNEL gives up all that is for a channel");
    }
    damage::ended(&store)
}

/// That a channel is not configured any more, or a recipient; `None` if it is.
fn gone(config: &Config, channel: &str) -> Option<String> {
    if deliver::channel(&config.channels, channel).is_some() {
        return None;
    }
    Some(match channel.strip_prefix("mail:") {
        Some(recipient) => format!("{recipient} is not a recipient any more, of [mail] or of an audience"),
        None => format!("the channel {channel:?} is not configured any more"),
    })
}

/// What to say of messages that go out no more by themselves: those that were given up, and those that wait for channels
/// that are not configured. A daemon that does not answer is no fault of the archive or the configuration.
pub(super) fn warnings(config: &Config, store: &dyn Store) -> Vec<String> {
    stuck(config, store).unwrap_or_else(|it| vec![format!("the messages that wait could not be read: {it}")])
}

fn stuck(config: &Config, store: &dyn Store) -> Result<Vec<String>, StoreError> {
    let (mut waiting, mut parked) = (BTreeMap::<String, usize>::new(), 0);
    store.outbox(&mut |it| {
        match it.parked {
            true => parked += 1,
            false => *waiting.entry(it.message.channel).or_default() += 1,
        }
        ControlFlow::Continue(())
    })?;
    let left = waiting.iter().filter_map(|(channel, n)| {
        let (gone, messages) = (shown(&gone(config, channel)?), count(*n, "message"));
        let wait = if *n == 1 { "waits" } else { "wait" };
        Some(format!(
            "{gone}, and {messages} {wait} for it: configure it again, or give them up with sitrepd outbox drop \
             --channel {channel:?}"
        ))
    });
    let given_up = (parked > 0).then(|| {
        let were = if parked == 1 { "was" } else { "were" };
        format!("{} {were} given up; sitrepd outbox list --parked tells which, and why", count(parked, "message"))
    });
    Ok(left.chain(given_up).collect())
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

/// The record of a message; `gone` says that its channel is not configured any more.
fn record(it: &Pending, gone: Option<String>) -> serde_json::Value {
    let kind = match &it.message.content {
        Content::Alerts(_) => "alert",
        Content::Held(_) => "held",
        Content::More(_) => "more",
        Content::Digest(_) => "digest",
    };
    let is_configured = gone.is_none();
    let reason = match (gone.filter(|_| !it.parked), &it.last_error) {
        (Some(gone), Some(before)) => Some(format!("{gone}{BEFORE}{before}")),
        (gone, before) => gone.or_else(|| before.clone()),
    };
    json!({
        "id": it.message.id.0,
        "channel": it.message.channel,
        "configured": is_configured,
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
        "reason": reason,
    })
}

fn damaged_record(it: &Unreadable) -> serde_json::Value {
    json!({
        "id": it.id.0,
        "channel": null,
        "configured": null,
        "kind": null,
        "what": null,
        "state": "damaged",
        "sending": null,
        "due": (!it.parked).then(|| api::instant(it.due)),
        "attempts": it.attempts,
        "reason": null,
    })
}

/// Whether a channel is the one that a person names: a recipient of mail by the address alone too.
fn is_meant(channel: &str, named: &str) -> bool {
    is_same_channel(channel, named) || named.contains('@') && is_same_channel(channel, &format!("mail:{named}"))
}

/// The messages that were named, each once.
fn named(store: &dyn Store, which: &WhichMessages) -> Result<Vec<MessageId>, CliError> {
    let mut all = messages(store)?;
    if let Some(channel) = &which.channel {
        all.retain(|it| is_meant(&it.message.channel, channel) && (it.parked || !which.parked));
        if all.is_empty() {
            let text = match which.parked {
                true => format!("no message for channel {channel:?} was given up"),
                false => format!("no message waits for channel {channel:?}"),
            };
            return Err(CliError::NotFound(format!("{text}; sitrepd outbox list tells for which there are")));
        }
        return Ok(all.into_iter().map(|it| it.message.id).collect());
    }
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

/// What is said of messages afterwards.
struct Done {
    one: &'static str,
    many: &'static str,
    /// For programs.
    word: &'static str,
}

/// Commits for each message that was named what becomes of it, by what is held of it: `None` where that is damaged.
fn each(
    config: &Config,
    which: &WhichMessages,
    outcome: impl Fn(&MessageId, Option<&Pending>) -> Result<Outcome, CliError>,
    done: &Done,
    out: &Output,
) -> Result<(), CliError> {
    if which.ids.is_empty() && !which.parked && which.channel.is_none() {
        return Err(CliError::Usage(
            "name messages by their ids, as sitrepd outbox list prints them, or take all that were given up (--parked) or all for a \
             channel (--channel CHANNEL)"
                .to_owned(),
        ));
    }
    let changes = {
        let store = setup::archive(config)?;
        let change = |id: MessageId| {
            let pending = match store.pending(&id) {
                Err(StoreError::Damaged { .. }) => None,
                // It may have been sent meanwhile.
                pending => match pending? {
                    None => return Ok(None),
                    pending => pending,
                },
            };
            let outcome = outcome(&id, pending.as_ref())?;
            Ok(Some(Attempt { message: id, at: Utc::now(), outcome }))
        };
        named(&*store, which)?
            .into_iter()
            .filter_map(|it| change(it).transpose())
            .collect::<Result<Vec<_>, CliError>>()?
    };
    if changes.is_empty() {
        out.note(if which.parked { "no message was given up" } else { "all of them have been sent meanwhile" });
        return Ok(());
    }
    let ids: Vec<_> = changes.iter().map(|it| it.message.clone()).collect();
    let n_all = ids.len();
    let (committed, result) =
        correcting::commit_all(config, &changes.into_iter().map(Change::Delivery).collect::<Vec<_>>());
    let ids: Vec<_> = ids.into_iter().enumerate().filter(|(n, _)| committed.contains(n)).map(|it| it.1).collect();
    if let Err(error) = result {
        // What is done stays done, and a program has to know what that is.
        if out.is_json() {
            ids.iter().try_for_each(|id| out.record(&json!({ "id": id.0, "what": done.word })))?;
        }
        return Err(match ids.len() {
            0 => error,
            n_done => CliError::Partly { done: n_done, all: n_all, word: done.word, source: Box::new(error) },
        });
    }
    match &which.channel {
        Some(channel) if !out.is_json() => {
            let done = if ids.len() == 1 { done.one } else { done.many };
            out.note(&format!("{} for {} {done}", count(ids.len(), "message"), shown(channel)));
            Ok(())
        }
        _ => ids
            .iter()
            .try_for_each(|id| out.done(&format!("{id} {}", done.one), &json!({ "id": id.0, "what": done.word }))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_is_named_by_the_address() {
        for (named, expected) in [
            ("two@desk.example", true),
            ("TWO@desk.example", true),
            ("mail:two@desk.example", true),
            ("mail:Two <two@desk.example>", true),
            ("two@Desk.example", true),
            ("one@desk.example", false),
            ("desk.example", false),
            ("", false),
        ] {
            assert_eq!(is_meant("mail:Desk two <two@desk.example>", named), expected, "{named:?}");
        }
        assert!(is_meant("hook", "hook") && !is_meant("hook", "hok"));
    }

    #[test]
    fn what_the_receiver_said_stays_however_often_a_message_is_sent_again() {
        for (before, expected) in [
            (None, "sent again by hand"),
            (Some("sent again by hand"), "sent again by hand"),
            (Some("HTTP 503"), "sent again by hand; before that: HTTP 503"),
            (Some("sent again by hand; before that: HTTP 503"), "sent again by hand; before that: HTTP 503"),
            (
                Some("sent again by hand; before that: sent again by hand; before that: HTTP 503"),
                "sent again by hand; before that: HTTP 503",
            ),
            (
                Some("HTTP 503; before that: HTTP 500"),
                "sent again by hand; before that: HTTP 503; before that: HTTP 500",
            ),
        ] {
            assert_eq!(by_hand(before), expected, "{before:?}");
        }
    }
}
