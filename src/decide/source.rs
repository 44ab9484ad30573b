//! What a poll teaches about its source. Pure.

use std::time::Duration;

use crate::{
    model::{Health, Source, SourceState, Timestamp, Validators},
    schedule::{self, Timetable},
};

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
    /// Nothing readable, and why.
    Failed(String),
}

/// A poll, as far as the source's state depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Poll<'a> {
    /// What the source answered.
    pub answer: &'a Answer,
    /// Whether it brought an article that was not held.
    pub brought_new: bool,
    /// For the next conditional GET.
    pub validators: &'a Validators,
    /// How long the server asked to be left alone.
    pub retry_after: Option<Duration>,
}

/// What is remembered of a source after a poll at `now`.
pub fn after_poll(
    source: &Source,
    timetable: &Timetable,
    settings: &schedule::Settings,
    before: Option<&SourceState>,
    poll: Poll<'_>,
    now: Timestamp,
) -> SourceState {
    let polls = before.map_or(0, |it| it.polls) + 1;
    let failures = match poll.answer {
        Answer::Failed(_) => before.map_or(0, |it| it.failures) + 1,
        _ => 0,
    };
    // Another value for each source and each poll, and the same one on every run.
    let seed = source.id.as_str().bytes().fold(polls, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
    SourceState {
        source: source.id.clone(),
        url: source.url.to_string(),
        validators: poll.validators.clone(),
        polled: now,
        succeeded: if failures == 0 { Some(now) } else { before.and_then(|it| it.succeeded) },
        brought_new: if poll.brought_new { Some(now) } else { before.and_then(|it| it.brought_new) },
        failures,
        polls,
        entries: match poll.answer {
            Answer::Read { entries, .. } => u32::try_from(*entries).unwrap_or(u32::MAX),
            _ => before.map_or(0, |it| it.entries),
        },
        due: match failures {
            0 => timetable.after_success(settings, now, seed),
            _ => timetable.after_failure(settings, failures, poll.retry_after, now, seed),
        },
        health: health(poll.answer, before.map(|it| &it.health), now),
    }
}

fn health(answer: &Answer, before: Option<&Health>, now: Timestamp) -> Health {
    match (answer, before) {
        (Answer::Failed(reason), Some(Health::Failing { since, .. })) => {
            Health::Failing { reason: reason.clone(), since: *since }
        }
        (Answer::Failed(reason), _) => Health::Failing { reason: reason.clone(), since: now },
        // The document is the one that was troubled before.
        (Answer::Unchanged, Some(health @ Health::Troubled { .. })) => health.clone(),
        (Answer::Unchanged, _) => Health::Fine,
        (Answer::Read { entries: 0, .. }, _) => Health::Troubled { reason: "the feed has no entries".to_owned() },
        (Answer::Read { problems, .. }, _) => match problems.first() {
            None => Health::Fine,
            Some(reason) => Health::Troubled { reason: reason.clone() },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cadence, Ownership, SourceId, SourceKind};

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_timestamp(minute * 60, 0).unwrap()
    }

    /// The states after answers at minutes 0, 100, 200 …
    fn states(answers: &[Answer]) -> Vec<SourceState> {
        let source = Source {
            id: SourceId::new("s").unwrap(),
            name: "S".into(),
            url: "https://s.example/feed".parse().unwrap(),
            kind: SourceKind::Syndication,
            languages: vec![],
            country: "XX".into(),
            ownership: Ownership::Unknown,
            tier: 2,
            cadence: None,
            recipe: None,
            enabled: true,
        };
        let timetable = Timetable::new(&Cadence::Every(Duration::from_secs(1800))).unwrap();
        let settings =
            schedule::Settings { min_interval: Duration::ZERO, max_backoff: Duration::from_secs(7200), jitter: 0.0 };
        let mut res: Vec<SourceState> = vec![];
        for (at_minute, answer) in (0_i64..).step_by(100).zip(answers) {
            let poll = Poll { answer, brought_new: false, validators: &Validators::default(), retry_after: None };
            res.push(after_poll(&source, &timetable, &settings, res.last(), poll, at(at_minute)));
        }
        res
    }

    fn read(entries: usize, problems: &[&str]) -> Answer {
        Answer::Read { entries, problems: problems.iter().map(|it| (*it).to_owned()).collect() }
    }

    #[test]
    fn failures_count_and_back_off_until_a_success() {
        let failed = || Answer::Failed("down".into());
        let states = states(&[read(5, &[]), failed(), failed(), failed(), Answer::Unchanged]);
        assert_eq!(states.iter().map(|it| it.failures).collect::<Vec<_>>(), [0, 1, 2, 3, 0]);
        let pauses: Vec<_> = states.iter().map(|it| (it.due - it.polled).num_minutes()).collect();
        assert_eq!(pauses, [30, 30, 60, 120, 30]);
        assert_eq!(states[3].health, Health::Failing { reason: "down".into(), since: at(100) });
        assert_eq!(states[3].succeeded, Some(at(0)));
        assert_eq!((&states[4].health, states[4].entries, states[4].polls), (&Health::Fine, 5, 5));
    }

    #[test]
    fn trouble_stays_while_the_document_does() {
        let states = states(&[read(0, &[]), Answer::Unchanged, read(2, &["odd"]), Answer::Unchanged, read(2, &[])]);
        let troubled = |reason: &str| Health::Troubled { reason: reason.into() };
        let expected = [
            troubled("the feed has no entries"),
            troubled("the feed has no entries"),
            troubled("odd"),
            troubled("odd"),
            Health::Fine,
        ];
        assert_eq!(states.into_iter().map(|it| it.health).collect::<Vec<_>>(), expected);
    }
}
