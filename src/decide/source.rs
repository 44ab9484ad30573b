//! What a poll teaches about its source. Pure.

mod health;
mod pace;

use std::time::Duration;

use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    model::{Condition, Fault, Health, HeldDocument, Moved, Older, Source, SourceState, Timestamp, Wishes, later},
    schedule::{self, Failure, LEFT_ALONE, Next, Observed, Reason, Timetable},
};

/// Number of readable answers at the new address of a source before that address is requested first. Parking pages and
/// walls for foreign visitors also redirect permanently.
const CONFIRMED: u32 = 5;
/// Every this many polls the document is requested unconditionally: some sites keep an `ETag` although the document
/// changed.
const UNCONDITIONAL: u64 = 20;

/// What a source answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing has changed since the last poll.
    Unchanged,
    /// A document.
    Read {
        /// Entries in it.
        entries: usize,
        /// What was wrong with it, in plain words.
        problems: Vec<String>,
    },
    /// Not requested: its host asked, for this source or another, to be left alone.
    LeftAlone {
        /// In plain words.
        reason: String,
    },
    /// Nothing readable.
    Failed {
        /// The kind of failure, by what can be done about it.
        fault: Fault,
        /// In plain words.
        reason: String,
    },
}

/// A poll, as far as the source's state depends on it.
#[derive(Debug, Clone)]
pub struct Poll<'a> {
    /// What the source answered.
    pub answer: &'a Answer,
    /// The address that was requested.
    pub asked: &'a Url,
    /// Articles in it that were not held.
    pub new: usize,
    /// What was learnt from its documents.
    pub lesson: Lesson,
    /// How long the server asked to be left alone.
    pub retry_after: Option<Duration>,
    /// The state of its sibling edition.
    pub sibling: Option<&'a SourceState>,
    /// Whether no other host could be reached either.
    pub is_cut_off: bool,
}

/// What the documents of a source say, beside their entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lesson {
    /// The documents it was read from, including those still to be read, for the next conditional GET.
    pub documents: Vec<HeldDocument>,
    /// The page of older entries to go on from at the next poll.
    pub older: Option<Older>,
    /// Whether its own document was read and had changed.
    pub is_own_new: bool,
    /// Number of entries in its documents, including unchanged documents; `None` if it was not read.
    pub entries: Option<u32>,
    /// The address to which every redirect said that it has moved permanently.
    pub moved_to: Option<Url>,
    /// The dates of its entries.
    pub dates: Vec<Timestamp>,
    /// Whether its guids do not tell its entries apart.
    pub same_guid: bool,
    /// What it asks of readers; `None` where it was not read.
    pub wishes: Option<Wishes>,
    /// How long the server declares the document fresh.
    pub fresh_for: Option<Duration>,
    /// How long it took to answer; `None` if it did not.
    pub took: Option<Duration>,
}

/// The address at which a source is requested: the configured one, or a new one to which it has certainly moved. While
/// it fails, both are tried in turn, since either may come back.
pub fn address(source: &Source, before: Option<&SourceState>) -> Url {
    let is_turn = |it: &&SourceState| it.failures.is_multiple_of(2);
    let moved = before.filter(is_turn).and_then(|it| it.moved.as_ref()).filter(|it| it.polls >= CONFIRMED);
    moved.and_then(|it| Url::parse(&it.to).ok()).unwrap_or_else(|| source.url.clone())
}

/// Whether the next poll asks for what has changed alone.
pub fn is_conditional(before: &SourceState) -> bool {
    !(before.polls + 1).is_multiple_of(UNCONDITIONAL)
}

/// Whether a person may have a source polled before it is due. Not one that turned sitrepd away, asked to be left
/// alone, or is gone for good: it is left alone until it is due.
pub fn may_be_hurried(state: &SourceState) -> bool {
    use Fault::{Blocked, Gone, Refused, Throttled};
    !matches!(state.health.condition, Condition::Failing(Blocked | Gone | Refused | Throttled))
}

/// Why an enabled source brings no news, in a few words for monitoring; `None` if it works. Oddities that do not keep
/// it from being read, such as a permanent redirect, are no reason. `interval` applies to sources without one of their
/// own.
pub fn staleness(
    source: &Source,
    state: Option<&SourceState>,
    interval: Duration,
    now: Timestamp,
) -> Option<&'static str> {
    // State learnt at another address does not apply to this one.
    let Some(state) = state.filter(|it| it.url == source.url.as_str()) else { return Some("never polled") };
    let condition = state.health.condition;
    match condition {
        Condition::Failing(_) | Condition::Empty | Condition::Behind | Condition::Frozen => Some(condition.word()),
        _ if schedule::is_overdue(state.due, now) => Some("overdue"),
        _ if schedule::left_alone(source, state, interval, now).is_some() => Some("left alone, as its host asks"),
        Condition::SameGuid | Condition::Redirected | Condition::Slow | Condition::Repaired | Condition::Fine => None,
    }
}

/// A hash of the settings by which a source's documents are read: the beginning of their SHA-256. With other settings,
/// even an unchanged document must be read again.
pub fn read_as(source: &Source) -> [u8; 8] {
    let settings = format!("{:?}", source.kind);
    let mut res = [0; 8];
    res.iter_mut().zip(Sha256::digest(settings)).for_each(|(to, from)| *to = from);
    res
}

/// The state of a source after a poll at `now`, and why its next poll is due when it is.
pub fn after_poll(
    source: &Source,
    timetable: &Timetable,
    settings: &schedule::Settings,
    before: Option<&SourceState>,
    poll: &Poll<'_>,
    now: Timestamp,
) -> (SourceState, Next) {
    if matches!(poll.answer, Answer::LeftAlone { .. }) {
        return after_none(source, before, poll.retry_after.unwrap_or_default(), now);
    }
    let polls = before.map_or(0, |it| it.polls) + 1;
    let has_failed = matches!(poll.answer, Answer::Failed { .. });
    let failures = if has_failed { before.map_or(0, |it| it.failures) + 1 } else { 0 };
    // A date in the future is a mistake or an announced event, and says nothing about when the source was alive.
    let dated = poll.lesson.dates.iter().filter(|it| **it <= now).max().copied();
    let newest = dated.max(before.and_then(|it| it.newest));
    let problems = match poll.answer {
        Answer::Read { problems, .. } => Some(problems),
        Answer::Unchanged | Answer::LeftAlone { .. } | Answer::Failed { .. } => None,
    };
    let mut state = SourceState {
        source: source.id.clone(),
        url: source.url.to_string(),
        moved: moved(before, poll, now),
        documents: poll.lesson.documents.clone(),
        read_as: read_as(source),
        older: poll.lesson.older.clone(),
        polled: now,
        succeeded: if has_failed { before.and_then(|it| it.succeeded) } else { Some(now) },
        brought_new: match (poll.new, before.and_then(|it| it.succeeded)) {
            (0, _) => before.and_then(|it| it.brought_new),
            // At the first poll all entries are new, which does not show when they appeared.
            (_, None) => newest.or(Some(now)),
            _ => Some(now),
        },
        newest,
        pace: pace::pace(before, poll.new, &poll.lesson.dates, now),
        took: pace::smoothed(before.and_then(|it| it.took), poll.lesson.took),
        wishes: poll.lesson.wishes.clone().or_else(|| before.map(|it| it.wishes.clone())).unwrap_or_default(),
        failures,
        polls,
        entries: poll.lesson.entries.or(before.map(|it| it.entries)).unwrap_or(0),
        problem: match problems.and_then(|it| it.first()) {
            Some(it) => Some(it.clone()),
            None if poll.lesson.is_own_new => None,
            // The document has not changed, so its problem is still the same.
            None => before.and_then(|it| it.problem.clone()),
        },
        same_guid: poll.lesson.same_guid || (!poll.lesson.is_own_new && before.is_some_and(|it| it.same_guid)),
        due: now,
        health: Health { condition: Condition::Fine, reason: String::new(), since: now },
    };
    state.health = health::health(source, before, &state, poll, now);
    // Differs for each source and each poll, and is the same on every run.
    let seed = source.id.as_str().bytes().fold(polls, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let next = match poll.answer {
        Answer::Failed { fault, .. } => {
            // Pauses grow for the sake of publishers. None was reached, and all are to be read soon after.
            let in_a_row = if poll.is_cut_off { 1 } else { failures };
            let failure = Failure { fault: *fault, in_a_row, retry_after: poll.retry_after };
            timetable.after_failure(settings, failure, now, seed)
        }
        _ => {
            // A configured interval of the source is a person's choice, which a guess must not overrule.
            let pace = state.pace.filter(|_| source.cadence.is_none());
            let interval = timetable.interval().unwrap_or_default();
            let reach = pace::reach(&state, &poll.lesson.dates, interval, now);
            // Two of the intervals that a person chose for it, which no guess overrules.
            let reach = reach.map(|it| if source.cadence.is_some() { it.max(interval.saturating_mul(2)) } else { it });
            let observed = Observed { pace, wishes: &state.wishes, fresh_for: poll.lesson.fresh_for, reach };
            let next = timetable.after_success(settings, observed, now, seed);
            // One of its parts, or a page of older entries, may have asked to be left alone.
            match poll.retry_after.map(|it| later(now, it)).filter(|it| *it > next.at) {
                Some(at) => Next { at, because: Reason::RetryAfter },
                None => next,
            }
        }
    };
    state.due = next.at;
    if next.because == Reason::RetryAfter && state.health.condition == Condition::Fine {
        LEFT_ALONE.clone_into(&mut state.health.reason);
    }
    (state, next)
}

/// The state after a poll at which the source was not requested, because its host is to be left alone for another
/// `wait`. This is not a failure of the source, and nothing was learnt: it waits as if it had asked for that itself.
fn after_none(source: &Source, before: Option<&SourceState>, wait: Duration, now: Timestamp) -> (SourceState, Next) {
    let next = Next { at: later(now, wait), because: Reason::RetryAfter };
    let health = match before.map(|it| &it.health) {
        // A known problem of the source takes precedence.
        Some(it) if it.condition != Condition::Fine => it.clone(),
        it => {
            Health { condition: Condition::Fine, reason: LEFT_ALONE.to_owned(), since: it.map_or(now, |it| it.since) }
        }
    };
    let state = before.cloned().unwrap_or_else(|| unread(source, health.clone(), now));
    // `polled` is set along with `due`, so that a clock that was set back is noticed.
    (SourceState { polled: now, due: next.at, health, ..state }, next)
}

/// The state after a poll that a defect of sitrepd ended, perhaps in [`after_poll`] itself. Nothing was learnt, and the
/// source is due again after `pause`.
pub fn after_defect(
    source: &Source,
    before: Option<&SourceState>,
    pause: Duration,
    reason: &str,
    now: Timestamp,
) -> (SourceState, Next) {
    let next = Next { at: later(now, pause), because: Reason::Backoff };
    let condition = Condition::Failing(Fault::Defect);
    let since = before.map(|it| &it.health).filter(|it| matches!(it.condition, Condition::Failing(_)));
    let health = Health { condition, reason: reason.to_owned(), since: since.map_or(now, |it| it.since) };
    let state = match before {
        Some(it) => SourceState {
            polled: now,
            failures: it.failures.saturating_add(1),
            polls: it.polls.saturating_add(1),
            due: next.at,
            health,
            ..it.clone()
        },
        None => SourceState { failures: 1, polls: 1, due: next.at, ..unread(source, health, now) },
    };
    (state, next)
}

/// The state of a source of which nothing was learnt.
fn unread(source: &Source, health: Health, now: Timestamp) -> SourceState {
    SourceState {
        source: source.id.clone(),
        url: source.url.to_string(),
        moved: None,
        documents: Vec::new(),
        read_as: read_as(source),
        older: None,
        polled: now,
        succeeded: None,
        brought_new: None,
        newest: None,
        pace: None,
        took: None,
        wishes: Wishes::default(),
        failures: 0,
        polls: 0,
        entries: 0,
        problem: None,
        same_guid: false,
        due: now,
        health,
    }
}

/// Counts the polls at which a permanent redirect held.
fn moved(before: Option<&SourceState>, poll: &Poll<'_>, now: Timestamp) -> Option<Moved> {
    let held = before.and_then(|it| it.moved.clone());
    let is_asked_there = held.as_ref().is_some_and(|it| it.to == poll.asked.as_str());
    if matches!(poll.answer, Answer::Failed { .. }) {
        return held;
    }
    match (&poll.lesson.moved_to, held) {
        // A redirect at the new address is followed each time; the permanent one that led there still holds.
        (_, Some(held)) if is_asked_there => Some(held),
        (Some(to), Some(held)) if held.to == to.as_str() => Some(Moved { polls: held.polls.saturating_add(1), ..held }),
        (Some(to), _) => Some(Moved { to: to.to_string(), since: now, polls: 1 }),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests;
