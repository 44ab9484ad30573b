use super::*;
use crate::model::{Cadence, Condition, Health, SourceId};

const HOUR: Duration = Duration::from_secs(3600);

fn at(minute: i64) -> Timestamp {
    Timestamp::from_timestamp(minute * 60, 0).unwrap()
}

fn source() -> Source {
    Source::feed(SourceId::new("s").unwrap(), "S".into(), "https://s.example/feed".parse().unwrap())
}

fn settings() -> schedule::Settings {
    schedule::Settings {
        min_interval: Duration::ZERO,
        max_interval: 3 * HOUR,
        max_backoff: 2 * HOUR,
        parked_interval: 100 * HOUR,
        jitter: 0.0,
    }
}

/// A source that is polled again and again.
struct Course {
    source: Source,
    sibling: Option<SourceState>,
    states: Vec<SourceState>,
}

impl Course {
    fn new() -> Self {
        Self { source: source(), sibling: None, states: Vec::new() }
    }

    fn last(&self) -> &SourceState {
        self.states.last().unwrap()
    }

    /// A poll at `minute`.
    fn poll(&mut self, minute: i64, answer: &Answer, new: usize, mut lesson: Lesson) -> &SourceState {
        if let Answer::Read { entries, .. } = answer {
            lesson.entries = u32::try_from(*entries).ok();
            lesson.is_own_new = true;
        }
        let timetable = Timetable::new(&Cadence::Every(HOUR / 2)).unwrap();
        let asked = address(&self.source, self.states.last());
        let poll = Poll {
            answer,
            asked: &asked,
            new,
            lesson,
            retry_after: None,
            sibling: self.sibling.as_ref(),
            is_cut_off: false,
        };
        let (state, next) = after_poll(&self.source, &timetable, &settings(), self.states.last(), &poll, at(minute));
        assert_eq!(state.due, next.at);
        self.states.push(state);
        self.last()
    }
}

/// The states after answers at minutes 0, 100, 200 …
fn states(answers: &[Answer]) -> Vec<SourceState> {
    let mut course = Course::new();
    for (minute, answer) in (0_i64..).step_by(100).zip(answers) {
        course.poll(minute, answer, 0, Lesson::default());
    }
    course.states
}

fn read(entries: usize, problems: &[&str]) -> Answer {
    Answer::Read { entries, problems: problems.iter().map(|it| (*it).to_owned()).collect() }
}

fn failed(fault: Fault) -> Answer {
    Answer::Failed { fault, reason: "down".into() }
}

#[test]
fn failures_count_and_back_off_until_a_success() {
    let network = || failed(Fault::Network);
    let states = states(&[read(5, &[]), network(), network(), failed(Fault::Server), Answer::Unchanged]);
    assert_eq!(states.iter().map(|it| it.failures).collect::<Vec<_>>(), [0, 1, 2, 3, 0]);
    let pauses: Vec<_> = states.iter().map(|it| (it.due - it.polled).num_minutes()).collect();
    assert_eq!(pauses, [30, 30, 60, 120, 30]);
    let expected = Health { condition: Condition::Failing(Fault::Server), reason: "down".into(), since: at(100) };
    assert_eq!(states[3].health, expected);
    assert_eq!(states[3].succeeded, Some(at(0)));
    assert_eq!((states[4].health.condition, states[4].entries, states[4].polls), (Condition::Fine, 5, 5));
}

#[test]
fn trouble_stays_while_the_document_does() {
    use Condition::{Empty, Fine, Repaired};

    let states = states(&[read(0, &[]), Answer::Unchanged, read(2, &["odd"]), Answer::Unchanged, read(2, &[])]);
    let conditions: Vec<_> = states.iter().map(|it| it.health.condition).collect();
    assert_eq!(conditions, [Empty, Empty, Repaired, Repaired, Fine]);
    assert_eq!((states[3].health.reason.as_str(), states[3].health.since), ("odd", at(200)));
}

#[test]
fn a_source_that_falls_silent_is_frozen() {
    let mut course = Course::new();
    let dates = |newest: i64| Lesson { dates: (0..10).map(|it| at(newest - it * 600)).collect(), ..Lesson::default() };
    course.poll(10_000, &read(10, &[]), 10, dates(10_000));
    assert_eq!((course.last().pace, course.last().brought_new), (Some(10 * HOUR), Some(at(10_000))));
    // Eight gaps are 80 hours, more than three days.
    course.poll(10_000 + 79 * 60, &Answer::Unchanged, 0, Lesson::default());
    assert_eq!(course.last().health.condition, Condition::Fine);
    let health = course.poll(10_000 + 81 * 60, &Answer::Unchanged, 0, Lesson::default()).health.clone();
    assert_eq!((health.condition, health.since), (Condition::Frozen, at(10_000)));
    assert_eq!(health.reason, "nothing new for 3 days; it usually has something new every 10 hours");
    course.poll(16_000, &read(10, &[]), 1, dates(16_000));
    assert_eq!(course.last().health.condition, Condition::Fine);
    // Its own word counts more than what was observed.
    course.source.expected_every = Some(24 * HOUR);
    let health = course.poll(16_000 + 31 * 60, &Answer::Unchanged, 0, Lesson::default()).health.clone();
    assert_eq!(health.reason, "nothing new for 31 hours; it should have something new every 24 hours");
}

#[test]
fn a_feed_that_was_dead_before_it_was_added_is_frozen_at_once() {
    let mut course = Course::new();
    let dates = (0..5).map(|it| at(it * 1440)).collect();
    let health = course.poll(1_000_000, &read(5, &[]), 5, Lesson { dates, ..Lesson::default() }).health.clone();
    assert_eq!((health.condition, health.since), (Condition::Frozen, at(4 * 1440)));
}

#[test]
fn an_edition_behind_its_sibling_is_told() {
    let mut course = Course::new();
    let mut sibling = states(&[read(3, &[])]).remove(0);
    sibling.newest = Some(at(5 * 1440));
    course.sibling = Some(sibling);
    let dates = |newest| Lesson { dates: vec![at(newest)], ..Lesson::default() };
    let health = course.poll(5 * 1440 + 5, &read(3, &[]), 0, dates(2 * 1440)).health.clone();
    assert_eq!(health.condition, Condition::Behind);
    assert_eq!(health.reason, "its newest entry is 3 days older than that of s");
    course.poll(5 * 1440 + 9, &read(3, &[]), 0, dates(5 * 1440 - 60));
    assert_eq!(course.last().health.condition, Condition::Fine);
}

#[test]
fn a_permanent_redirect_is_followed_after_it_has_held() {
    let mut course = Course::new();
    let there: Url = "https://new.example/feed".parse().unwrap();
    let redirected = || Lesson { moved_to: Some(there.clone()), ..Lesson::default() };
    for n in 1..=5 {
        assert_eq!(address(&course.source, course.states.last()), course.source.url);
        let state = course.poll(n, &read(3, &[]), 0, redirected());
        assert_eq!((state.health.condition, state.health.since), (Condition::Redirected, at(1)));
    }
    assert_eq!(address(&course.source, course.states.last()), there);
    assert!(course.last().health.reason.contains("https://new.example/feed, where it is asked now"));
    // It answers there, without a redirect.
    course.poll(6, &read(3, &[]), 0, Lesson::default());
    assert_eq!(address(&course.source, course.states.last()), there);
    // And then no more.
    for n in 7..=9 {
        course.poll(n, &failed(Fault::NotFound), 0, Lesson::default());
    }
    assert_eq!(address(&course.source, course.states.last()), course.source.url);
}

#[test]
fn a_redirect_that_does_not_hold_is_forgotten() {
    let mut course = Course::new();
    let to = |it: &str| Lesson { moved_to: Some(it.parse().unwrap()), ..Lesson::default() };
    for (minute, place) in (1..).zip(["https://a.example/", "https://a.example/", "https://b.example/"]) {
        course.poll(minute, &read(3, &[]), 0, to(place));
    }
    assert_eq!(course.last().moved, Some(Moved { to: "https://b.example/".into(), since: at(3), polls: 1 }));
    assert_eq!(course.poll(4, &read(3, &[]), 0, Lesson::default()).moved, None);
}

#[test]
fn gone_parks_a_source_and_says_so() {
    let mut course = Course::new();
    let state = course.poll(0, &failed(Fault::Gone), 0, Lesson::default());
    assert_eq!((state.due - state.polled).num_hours(), 100);
    assert!(state.health.reason.contains("gone for good"), "{}", state.health.reason);
}

#[test]
fn a_quiet_source_is_polled_less_often_unless_somebody_wants_it() {
    let dates = || Lesson { dates: (0..5).map(|it| at(20_000 - it * 240)).collect(), ..Lesson::default() };
    let mut course = Course::new();
    let state = course.poll(20_000, &read(5, &[]), 5, dates());
    assert_eq!((state.due - state.polled).num_minutes(), 120);
    let mut course = Course::new();
    course.source.cadence = Some(Cadence::Every(HOUR / 2));
    let state = course.poll(20_000, &read(5, &[]), 5, dates());
    assert_eq!((state.due - state.polled).num_minutes(), 30);
}

#[test]
fn wishes_are_remembered_while_nothing_is_read() {
    let mut course = Course::new();
    let wishes = Some(Wishes { pause: Some(HOUR), ..Wishes::default() });
    course.poll(0, &read(5, &[]), 0, Lesson { wishes, ..Lesson::default() });
    let state = course.poll(100, &Answer::Unchanged, 0, Lesson::default());
    assert_eq!((state.due - state.polled).num_minutes(), 60);
}

#[test]
fn every_twentieth_poll_is_unconditional() {
    let mut course = Course::new();
    let conditional: Vec<bool> =
        (0..40).map(|n| is_conditional(course.poll(n, &Answer::Unchanged, 0, Lesson::default()))).collect();
    let unconditional: Vec<_> = (2..).zip(&conditional).filter(|(_, it)| !**it).map(|(n, _)| n).collect();
    assert_eq!(unconditional, [20, 40]);
}

#[test]
fn trouble_outlives_a_failure() {
    let states = states(&[read(2, &["odd"]), failed(Fault::Network), Answer::Unchanged]);
    let last = &states[2].health;
    assert_eq!((last.condition, last.reason.as_str()), (Condition::Repaired, "odd"));
}

#[test]
fn a_date_in_the_future_says_nothing() {
    let mut course = Course::new();
    let dates = |all: &[i64]| Lesson { dates: all.iter().map(|it| at(*it)).collect(), ..Lesson::default() };
    course.poll(10_000, &read(3, &[]), 3, dates(&[9_000, 9_500, 900_000]));
    assert_eq!(course.last().newest, Some(at(9_500)));
    // A document with older entries alone takes nothing back.
    course.poll(10_100, &read(1, &[]), 0, dates(&[100]));
    assert_eq!(course.last().newest, Some(at(9_500)));
}

#[test]
fn a_source_without_dates_has_a_pace_too() {
    let mut course = Course::new();
    course.poll(0, &read(3, &[]), 3, Lesson::default());
    course.poll(600, &read(3, &[]), 2, Lesson::default());
    assert_eq!(course.last().pace, Some(5 * HOUR));
}

#[test]
fn who_asked_to_be_left_alone_is_not_hurried() {
    use Fault::{Blocked, Defect, Gone, Network, NotFound, Refused, Server, Throttled, Unreadable, WebPage};

    for (faults, expected) in [
        (&[Blocked, Gone, Refused, Throttled][..], false),
        (&[Defect, Network, NotFound, Server, Unreadable, WebPage], true),
    ] {
        for fault in faults {
            let states = states(&[read(2, &[]), failed(*fault)]);
            assert!(may_be_hurried(&states[0]));
            assert_eq!(may_be_hurried(&states[1]), expected, "{fault:?}");
        }
    }
}

#[test]
fn a_source_that_brings_no_news_is_stale() {
    let mut course = Course::new();
    let source = course.source.clone();
    assert_eq!(staleness(&source, None, HOUR / 2, at(0)), Some("never polled"));
    course.poll(0, &read(5, &[]), 5, Lesson::default());
    let state = course.last().clone();
    let overdue = later(state.due, HOUR);
    assert_eq!(staleness(&source, Some(&state), HOUR / 2, overdue), None);
    assert_eq!(staleness(&source, Some(&state), HOUR / 2, later(overdue, Duration::from_secs(1))), Some("overdue"));
    let moved = Source { url: "https://new.example/feed".parse().unwrap(), ..source.clone() };
    assert_eq!(staleness(&moved, Some(&state), HOUR / 2, state.due), Some("never polled"));
    for (condition, expected) in [
        (Condition::Failing(Fault::Gone), Some("gone")),
        (Condition::Failing(Fault::Network), Some("unreachable")),
        (Condition::Empty, Some("empty")),
        (Condition::Behind, Some("behind")),
        (Condition::Frozen, Some("frozen")),
        (Condition::SameGuid, None),
        (Condition::Redirected, None),
        (Condition::Slow, None),
        (Condition::Repaired, None),
        (Condition::Fine, None),
    ] {
        let health = Health { condition, ..state.health.clone() };
        assert_eq!(staleness(&source, Some(&SourceState { health, ..state.clone() }), HOUR / 2, state.due), expected);
    }
}

/// Found in a review: one that is left alone for days was fine for all who monitor.
#[test]
fn a_source_that_is_left_alone_for_long_is_stale() {
    let left = |source: &Source, before: Option<&SourceState>, after: i64, hours: u32| {
        let timetable = Timetable::new(&Cadence::Every(HOUR / 2)).unwrap();
        let answer = Answer::LeftAlone { reason: "not asked".into() };
        let (asked, retry_after) = (&source.url, Some(hours * HOUR));
        let poll = Poll {
            answer: &answer,
            asked,
            new: 0,
            lesson: Lesson::default(),
            retry_after,
            sibling: None,
            is_cut_off: false,
        };
        after_poll(source, &timetable, &settings(), before, &poll, at(after)).0
    };
    let check = |source: &Source, state: &SourceState, hours: i64, expected: bool| {
        let expected = expected.then_some("left alone, as its host asks");
        assert_eq!(staleness(source, Some(state), HOUR / 2, at(hours * 60)), expected, "{state:?}");
    };
    let own = source();
    // One that was never read, asked for twice; one that was read; one that is odd besides.
    let never = left(&own, Some(&left(&own, None, 60, 20)), 21 * 60, 100);
    let mut read_once = states(&[read(2, &[])]).remove(0);
    let read_at = read_once.succeeded;
    assert_eq!(read_at, Some(at(0)));
    let was_read = left(&own, Some(&read_once), 60, 100);
    read_once.health.condition = Condition::Redirected;
    let moved = left(&own, Some(&read_once), 60, 100);
    for (state, last) in [(&never, 25), (&was_read, 24), (&moved, 24)] {
        check(&own, state, last, false);
        check(&own, state, last + 1, true);
    }
    assert_eq!(staleness(&own, Some(&was_read), HOUR / 2, later(was_read.due, 2 * HOUR)), Some("overdue"));
    // One that is read every two days is missed later.
    let seldom = Source { cadence: Some(Cadence::Every(48 * HOUR)), ..source() };
    let state = left(&seldom, Some(&states(&[read(2, &[])])[0]), 48 * 60, 100);
    check(&seldom, &state, 72, false);
    check(&seldom, &state, 73, true);
    // Read, and asked to come back in days: so said a page of older entries.
    let timetable = Timetable::new(&Cadence::Every(HOUR / 2)).unwrap();
    let answer = read(2, &[]);
    let lesson = Lesson { entries: Some(2), is_own_new: true, ..Lesson::default() };
    let poll = Poll {
        answer: &answer,
        asked: &own.url,
        new: 2,
        lesson,
        retry_after: Some(50 * HOUR),
        sibling: None,
        is_cut_off: false,
    };
    let (state, _) = after_poll(&own, &timetable, &settings(), None, &poll, at(0));
    assert_eq!((state.health.condition, state.health.reason.as_str()), (Condition::Fine, LEFT_ALONE));
    check(&own, &state, 24, false);
    check(&own, &state, 25, true);
}

/// Found in a review: a source that is read once a month, or by a default of two days, was called stale too soon, one
/// that is read by cron every 15 minutes after a week, and one that was not read as the machine was off stale for its
/// host.
#[test]
fn who_is_left_alone_is_missed_by_its_timetable() {
    let cron = |it: &str| Some(Cadence::Cron { expression: it.to_owned(), zone: chrono_tz::Tz::UTC });
    let day = |it: &str| format!("2026-{it}:00Z").parse::<Timestamp>().unwrap();
    let check = |cadence: Option<Cadence>, interval: u32, read_at: &str, now: &str, expected: Option<&str>| {
        let source = Source { cadence, ..source() };
        let mut state = states(&[read(2, &[])]).remove(0);
        LEFT_ALONE.clone_into(&mut state.health.reason);
        (state.succeeded, state.polled) = (Some(day(read_at)), day(read_at));
        state.due = later(day(now), 5 * HOUR);
        assert_eq!(staleness(&source, Some(&state), interval * HOUR, day(now)), expected, "{source:?}, {now}");
    };
    let left = Some("left alone, as its host asks");
    check(cron("0 6 1 * *"), 1, "10-01T06:00", "11-02T06:00", None);
    check(cron("0 6 1 * *"), 1, "10-01T06:00", "11-02T06:01", left);
    check(cron("0 7 * * 1-5"), 1, "11-20T07:00", "11-24T07:00", None);
    check(cron("0 7 * * 1-5"), 1, "11-20T07:00", "11-24T07:01", left);
    check(cron("*/15 * * * *"), 1, "11-20T07:00", "11-21T07:15", None);
    check(cron("*/15 * * * *"), 1, "11-20T07:00", "11-21T07:16", left);
    check(cron("0 0 31 2 *"), 1, "01-01T00:00", "11-20T07:00", None);
    check(None, 48, "11-20T07:00", "11-23T07:00", None);
    check(None, 48, "11-20T07:00", "11-23T07:01", left);
    check(Some(Cadence::Every(HOUR)), 48, "11-20T07:00", "11-21T08:01", left);
    // The wait ended when nobody was there to read.
    let mut off = states(&[read(2, &[])]).remove(0);
    LEFT_ALONE.clone_into(&mut off.health.reason);
    (off.succeeded, off.due) = (Some(day("11-15T07:00")), day("11-16T07:00"));
    assert!(schedule::left_alone(&source(), &off, HOUR, day("11-16T12:00")).is_none());
    assert_eq!(schedule::left_alone(&source(), &off, HOUR, off.due + HOUR), None, "not before a day has passed");
    off.due = day("11-17T07:00");
    assert_eq!(schedule::left_alone(&source(), &off, HOUR, off.due + HOUR), off.succeeded);
}

#[test]
fn a_source_that_is_left_alone_for_its_host_has_not_failed() {
    let wait = |before: Option<&SourceState>| {
        let (source, answer) = (source(), Answer::LeftAlone { reason: "not asked".into() });
        let timetable = Timetable::new(&Cadence::Every(HOUR / 2)).unwrap();
        let lesson = Lesson::default();
        let poll = Poll {
            answer: &answer,
            asked: &source.url,
            new: 0,
            lesson,
            retry_after: Some(5 * HOUR),
            sibling: None,
            is_cut_off: false,
        };
        let (state, next) = after_poll(&source, &timetable, &settings(), before, &poll, at(200));
        assert_eq!((state.due, next), (at(500), Next { at: at(500), because: Reason::RetryAfter }));
        state
    };
    let told = |since| Health { condition: Condition::Fine, reason: LEFT_ALONE.to_owned(), since };
    // One that was never asked, one that does well, and one that does not.
    let state = wait(None);
    assert_eq!((state.polls, state.failures, state.succeeded, state.health), (0, 0, None, told(at(200))));
    for (answer, is_fine) in [(read(2, &[]), true), (failed(Fault::Network), false)] {
        let before = states(&[answer]).remove(0);
        let health = if is_fine { told(at(0)) } else { before.health.clone() };
        assert_eq!(wait(Some(&before)), SourceState { polled: at(200), due: at(500), health, ..before });
    }
}

/// Found by a tester: a short feed that asks for a pause of an hour lost what left it meanwhile, and was fine.
#[test]
fn a_feed_is_polled_before_its_entries_leave_it() {
    let lesson = |minute: i64| Lesson {
        dates: (0..10).map(|n| at(minute - 2 * n)).collect(),
        wishes: Some(Wishes { pause: Some(HOUR), ..Wishes::default() }),
        ..Lesson::default()
    };
    let pause = |state: &SourceState| (state.due - state.polled).num_minutes();
    let mut course = Course::new();
    // Ten entries, one each two minutes.
    assert_eq!(pause(course.poll(100, &read(10, &[]), 10, lesson(100))), 10);
    assert_eq!(pause(course.poll(110, &read(10, &[]), 5, lesson(110))), 10);
    // At night nothing comes, and its wish counts again; not so after the first poll of the morning.
    assert_eq!(pause(course.poll(125, &Answer::Unchanged, 0, Lesson { entries: Some(10), ..Lesson::default() })), 60);
    assert_eq!(pause(course.poll(600, &read(10, &[]), 10, lesson(600))), 10);
    // What is pinned to it, or announced for later, stretches nothing.
    let mut odd = lesson(610);
    odd.dates.extend([at(1), at(5), at(100_000)]);
    assert_eq!(pause(course.poll(610, &read(13, &[]), 5, odd)), 12);
    // A person's interval stands, and the wish no longer.
    let mut course = Course::new();
    course.source.cadence = Some(Cadence::Every(HOUR / 2));
    assert_eq!(pause(course.poll(100, &read(10, &[]), 10, lesson(100))), 30);
    // All of one minute, as after a move: asked soon at first, and no more when nothing comes.
    let mut course = Course::new();
    let bulk = Lesson { dates: (0..10).map(|n| at(100) - Duration::from_secs(n)).collect(), ..Lesson::default() };
    course.poll(100, &read(10, &[]), 10, bulk);
    assert_eq!(pause(course.poll(106, &Answer::Unchanged, 0, Lesson { entries: Some(10), ..Lesson::default() })), 30);
}

/// Found by a tester: after four hours without a network nothing was asked for until the seventh.
#[test]
fn pauses_do_not_grow_while_no_host_can_be_reached() {
    let (source, answer) = (source(), failed(Fault::Network));
    let timetable = Timetable::new(&Cadence::Every(HOUR / 2)).unwrap();
    let pauses = [true, false].map(|is_cut_off| {
        let before = Course::new().poll(0, &read(5, &[]), 0, Lesson::default()).clone();
        let before = SourceState { failures: 2, ..before };
        let (asked, lesson) = (&source.url, Lesson::default());
        let poll = Poll { answer: &answer, asked, new: 0, lesson, retry_after: None, sibling: None, is_cut_off };
        let (state, next) = after_poll(&source, &timetable, &settings(), Some(&before), &poll, at(30));
        assert_eq!(state.failures, 3);
        (next.at - at(30)).num_minutes()
    });
    assert_eq!(pauses, [30, 120]);
}
