//! How a source does, with the evidence.

use std::time::Duration;

use crate::model::{Condition, Fault, Health, Source, SourceState, Timestamp, earlier};

use super::{Answer, CONFIRMED, Poll};

/// A source counts as frozen only after this many times its usual gap between entries, and after [`FROZEN_AT_LEAST`].
const FROZEN_PACES: u32 = 8;
/// A source counts as frozen only after this long: newsrooms rest at night and on holidays.
const FROZEN_AT_LEAST: Duration = Duration::from_secs(3 * 24 * 3600);
/// Delay with which entries of a rarely updated source are seen, since it is polled every few hours.
const SEEN_LATE: Duration = Duration::from_secs(6 * 3600);
/// A source this long behind its sibling edition counts as behind. One English edition was three days behind the
/// Russian one.
const BEHIND: Duration = Duration::from_secs(24 * 3600);
/// Answers that take longer are slow.
const SLOW: Duration = Duration::from_secs(10);

/// The condition after a poll. `state` is what is known after it, but for its health.
pub(super) fn health(
    source: &Source,
    before: Option<&SourceState>,
    state: &SourceState,
    poll: &Poll<'_>,
    now: Timestamp,
) -> Health {
    let (condition, reason, met) = condition(source, state, poll, now);
    let is_same = |it: &Health| match (it.condition, condition) {
        // The reason of a failure may change from day to day; the time since when it fails does not.
        (Condition::Failing(_), Condition::Failing(_)) => true,
        (old, new) => old == new,
    };
    let held = before.map(|it| &it.health).filter(|it| is_same(it));
    Health { condition, reason, since: held.map_or(met.min(now), |it| it.since) }
}

/// The gravest condition that holds, its evidence, and when it began as far as this poll can tell.
fn condition(source: &Source, state: &SourceState, poll: &Poll<'_>, now: Timestamp) -> (Condition, String, Timestamp) {
    if let Answer::Failed { fault, reason } = poll.answer {
        return (Condition::Failing(*fault), failed(*fault, reason), now);
    }
    if state.entries == 0 {
        return (Condition::Empty, "it answers, and has no entries".to_owned(), now);
    }
    if let Some(reason) = behind(source, state, poll.sibling) {
        return (Condition::Behind, reason, now);
    }
    if let Some((reason, since)) = frozen(source, state, now) {
        return (Condition::Frozen, reason, since);
    }
    if state.same_guid {
        return (Condition::SameGuid, "its guids do not tell its entries apart".to_owned(), now);
    }
    if let Some(moved) = &state.moved {
        let now_asked = if moved.polls >= CONFIRMED { ", where it is asked now" } else { "" };
        let reason = format!("it has moved for good to {}{now_asked}; put that address into sources.toml", moved.to);
        return (Condition::Redirected, reason, moved.since);
    }
    if let Some(took) = state.took.filter(|it| *it > SLOW) {
        return (Condition::Slow, format!("it takes {} s to answer", took.as_secs()), now);
    }
    match &state.problem {
        Some(reason) => (Condition::Repaired, reason.clone(), now),
        None => (Condition::Fine, String::new(), now),
    }
}

/// The evidence of a failure, with what the reader can do.
fn failed(fault: Fault, reason: &str) -> String {
    match fault {
        Fault::Gone => format!(
            "{reason}: it is gone for good, and only looked at now and then; remove it, or find its new address"
        ),
        Fault::Blocked => format!("{reason}: it refuses readers like this one here"),
        _ => reason.to_owned(),
    }
}

fn behind(source: &Source, state: &SourceState, sibling: Option<&SourceState>) -> Option<String> {
    let sibling = sibling?;
    let (own, other) = (state.newest?, sibling.newest?);
    // An edition that appears twice a week is not behind a daily one for that reason.
    let usual = source.expected_every.or(state.pace.map(|it| it.saturating_mul(FROZEN_PACES)));
    let lag = (other - own).to_std().ok().filter(|it| *it >= BEHIND.max(usual.unwrap_or_default()))?;
    Some(format!("its newest entry is {} older than that of {}", span(lag), sibling.source))
}

/// Evidence that no new entries appear any more, and the last sign of life.
fn frozen(source: &Source, state: &SourceState, now: Timestamp) -> Option<(String, Timestamp)> {
    let last = state.brought_new.max(state.newest)?;
    let silence = (now - last).to_std().ok()?;
    let (limit, usual) = match (source.expected_every, state.pace) {
        // An entry published on time is still seen some hours later.
        (Some(expected), _) => {
            (expected.saturating_add(SEEN_LATE), format!("it should have something new every {}", span(expected)))
        }
        (None, Some(pace)) => {
            let limit = pace.saturating_mul(FROZEN_PACES).max(FROZEN_AT_LEAST);
            (limit, format!("it usually has something new every {}", span(pace)))
        }
        (None, None) => return None,
    };
    // The condition counts from the last sign of life.
    (silence > limit).then(|| (format!("nothing new for {}; {usual}", span(silence)), earlier(now, silence)))
}

/// A duration for people, in the largest unit of which it has at least two.
fn span(it: Duration) -> String {
    let minutes = it.as_secs() / 60;
    match minutes {
        0..120 => format!("{} minutes", minutes.max(1)),
        120..2880 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / (60 * 24)),
    }
}
