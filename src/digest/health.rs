//! What did not work while the window of a digest passed: sources in trouble or not polled, messages that were given up.
//! Pure.

use chrono::Datelike as _;

use crate::{
    model::{Condition, Timestamp},
    schedule,
};

use super::{Capped, Input, SickSource, audience::Filter, one_line, select::MAX_NAME_CHARS};

/// Messages that were given up, because their receiver could not be reached for days or refused them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GivenUp {
    /// How many, 1 or more.
    pub messages: usize,
    /// When the first of them was queued.
    pub oldest: Timestamp,
}

/// The sources in trouble.
pub(super) fn sick(input: &Input<'_>, filter: &Filter<'_>) -> Capped<SickSource> {
    let polled = input.sources.iter().filter(|(it, _)| it.enabled && filter.source(it));
    let mut res = polled
        .filter_map(|(source, state)| {
            let state = state.as_ref()?;
            let health = &state.health;
            let left_alone = schedule::left_alone(source, state, input.interval, input.issued_at);
            (health.condition != Condition::Fine || left_alone.is_some()).then(|| SickSource {
                id: source.id.clone(),
                name: one_line(&source.name, MAX_NAME_CHARS),
                condition: health.condition,
                left_alone,
                reason: one_line(&health.reason, input.limits.title_chars),
                since: health.since,
                succeeded: state.succeeded,
            })
        })
        .collect::<Vec<_>>();
    // Failing sources and those left alone first, the longest first; then the rest, the gravest first.
    res.sort_by_key(|it| match (it.merely_left_alone(), it.condition) {
        (Some(since), _) => (None, since, it.id.clone()),
        (None, Condition::Failing(_)) => (None, it.since, it.id.clone()),
        (None, condition) => (Some(condition), it.since, it.id.clone()),
    });
    Capped::new(res, input.limits.sick)
}

/// What a reader has to know who takes a short digest for a quiet day.
pub(super) fn notes(input: &Input<'_>, filter: &Filter<'_>) -> Vec<String> {
    let polled: Vec<_> = input.sources.iter().filter(|(it, _)| it.enabled && filter.source(it)).collect();
    let states = polled.iter().filter_map(|(_, state)| state.as_ref());
    let overdue: Vec<_> =
        states.filter(|it| schedule::is_overdue(it.due, input.issued_at)).map(|it| it.polled).collect();
    // Of each it is true that it was not polled since the last of these polls.
    let since = overdue.iter().max().map(|last| {
        let (n, of) = (overdue.len(), polled.len());
        format!(
            "{n} of {of} sources: not polled since {}; what they brought since then is not here",
            when(*last, input)
        )
    });
    let given_up = input.given_up.map(|GivenUp { messages, oldest }| {
        let one = if messages == 1 { "message" } else { "messages" };
        format!(
            "{messages} earlier {one}, the first of {}, could not be delivered; whoever runs sitrepd sees them with \
             sitrepd outbox list",
            when(oldest, input)
        )
    });
    since.into_iter().chain(given_up).collect()
}

fn when(at: Timestamp, input: &Input<'_>) -> String {
    let at = at.with_timezone(&input.zone);
    format!("{} {}", at.day(), at.format("%B, %H:%M"))
}
