//! What a schedule does on the days on which clocks are changed, in three zones: one that changes them at two and at
//! three in the morning, one at two, and one that did at midnight and has stopped. And what it does where the clock of
//! the machine is set.

use chrono_tz::Tz::{self, America__New_York as NEW_YORK, Asia__Tbilisi as TBILISI, Europe__Berlin as BERLIN};

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn table(expression: &str, zone: Tz) -> Timetable {
    Timetable::new(&Cadence::Cron { expression: expression.to_owned(), zone }).unwrap()
}

#[test]
fn a_slot_of_a_gap_runs_once_right_after_it_and_a_repeated_hour_counts_once() {
    let cases: &[(&str, Tz, &str, &[&str])] = &[
        // 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
        ("30 2 * * *", BERLIN, "2026-03-28T12:00:00Z", &["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]),
        ("0 3 * * *", BERLIN, "2026-03-28T12:00:00Z", &["2026-03-29T01:00:00Z", "2026-03-30T01:00:00Z"]),
        ("59 1 * * *", BERLIN, "2026-03-28T12:00:00Z", &["2026-03-29T00:59:00Z", "2026-03-29T23:59:00Z"]),
        ("*/30 * * * *", BERLIN, "2026-03-29T00:30:00Z", &["2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"]),
        ("15 2 * * 0", BERLIN, "2026-03-23T12:00:00Z", &["2026-03-29T01:00:00Z", "2026-04-05T00:15:00Z"]),
        // 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
        ("30 2 * * *", BERLIN, "2026-10-24T12:00:00Z", &["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]),
        ("0 2,3 * * *", BERLIN, "2026-10-24T23:00:00Z", &["2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z"]),
        ("*/30 * * * *", BERLIN, "2026-10-25T00:00:00Z", &["2026-10-25T00:30:00Z", "2026-10-25T02:00:00Z"]),
        // Asked within the hour that comes again.
        ("30 2 * * *", BERLIN, "2026-10-25T01:10:00Z", &["2026-10-26T01:30:00Z"]),
        // 8 March 2026: 02:00 becomes 03:00 at 07:00 UTC.
        ("30 2 * * *", NEW_YORK, "2026-03-07T12:00:00Z", &["2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"]),
        ("0 7 * * *", NEW_YORK, "2026-03-07T13:00:00Z", &["2026-03-08T11:00:00Z", "2026-03-09T11:00:00Z"]),
        // 1 November 2026: 02:00 becomes 01:00 at 06:00 UTC.
        ("0 1 * * *", NEW_YORK, "2026-10-31T12:00:00Z", &["2026-11-01T05:00:00Z", "2026-11-02T06:00:00Z"]),
        ("59 1 * * *", NEW_YORK, "2026-10-31T12:00:00Z", &["2026-11-01T05:59:00Z", "2026-11-02T06:59:00Z"]),
        ("0 2 * * *", NEW_YORK, "2026-10-31T12:00:00Z", &["2026-11-01T07:00:00Z", "2026-11-02T07:00:00Z"]),
        // No clock is changed there any more.
        ("0 7 * * *", TBILISI, "2026-03-28T12:00:00Z", &["2026-03-29T03:00:00Z", "2026-03-30T03:00:00Z"]),
        ("30 2 * * *", TBILISI, "2026-10-24T12:00:00Z", &["2026-10-24T22:30:00Z", "2026-10-25T22:30:00Z"]),
        // 30 March 2003: midnight became one o'clock.
        ("30 0 * * *", TBILISI, "2003-03-28T21:00:00Z", &["2003-03-29T20:00:00Z", "2003-03-30T19:30:00Z"]),
        ("@daily", TBILISI, "2003-03-29T12:00:00Z", &["2003-03-29T20:00:00Z", "2003-03-30T19:00:00Z"]),
        // 25 October 2003: midnight became eleven in the evening.
        ("30 23 * * *", TBILISI, "2003-10-24T20:00:00Z", &["2003-10-25T18:30:00Z", "2003-10-26T19:30:00Z"]),
        ("@daily", TBILISI, "2003-10-25T12:00:00Z", &["2003-10-25T20:00:00Z", "2003-10-26T20:00:00Z"]),
    ];
    for (expression, zone, after, expected) in cases {
        let table = table(expression, *zone);
        let slots = std::iter::successors(table.next(at(after)), |it| table.next(*it)).take(expected.len());
        let expected: Vec<_> = expected.iter().map(|it| at(it)).collect();
        assert_eq!(slots.collect::<Vec<_>>(), expected, "{expression} {zone} after {after}");
    }
}

#[test]
fn one_slot_is_due_whatever_was_missed_and_however_the_clock_is_set() {
    type Case<'a> = (&'a str, Tz, &'a str, &'a str, Option<(&'a str, usize)>);
    let cases: &[Case<'_>] = &[
        // Up to the gap, at its end, and once.
        ("30 2 * * *", BERLIN, "2026-03-28T01:30:00Z", "2026-03-29T00:59:59Z", None),
        ("30 2 * * *", BERLIN, "2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", Some(("2026-03-29T01:00:00Z", 0))),
        ("30 2 * * *", BERLIN, "2026-03-29T01:00:00Z", "2026-03-29T23:00:00Z", None),
        // The hour that comes again.
        ("30 2 * * *", BERLIN, "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", None),
        ("30 1 * * *", NEW_YORK, "2026-11-01T05:30:00Z", "2026-11-01T06:45:00Z", None),
        // A daemon that was down over such days has one to make up for, and knows how many it stands for.
        ("30 2 * * *", BERLIN, "2026-03-27T01:30:00Z", "2026-03-30T12:00:00Z", Some(("2026-03-30T00:30:00Z", 2))),
        ("30 1 * * *", NEW_YORK, "2026-10-30T05:30:00Z", "2026-11-02T12:00:00Z", Some(("2026-11-02T06:30:00Z", 2))),
        ("*/30 * * * *", BERLIN, "2026-10-25T00:00:00Z", "2026-10-25T02:10:00Z", Some(("2026-10-25T02:00:00Z", 1))),
        ("@daily", TBILISI, "2003-10-24T19:00:00Z", "2003-10-26T19:59:59Z", Some(("2003-10-25T20:00:00Z", 0))),
        ("0 8 * * MON", TBILISI, "2026-11-02T04:00:00Z", "2026-11-20T00:00:00Z", Some(("2026-11-16T04:00:00Z", 1))),
        // Set back: what was issued is not due again, and nothing is before its time comes again.
        ("0 7 * * *", TBILISI, "2026-11-22T03:00:00Z", "2026-11-22T02:10:00Z", None),
        ("0 7 * * *", TBILISI, "2026-11-22T03:00:00Z", "2026-11-22T03:00:00Z", None),
        ("0 7 * * *", TBILISI, "2026-11-22T03:00:00Z", "2026-11-23T03:00:00Z", Some(("2026-11-23T03:00:00Z", 0))),
        // Set forward by an hour over a slot, and by a year.
        ("0 7 * * *", TBILISI, "2026-11-21T03:00:00Z", "2026-11-22T03:59:00Z", Some(("2026-11-22T03:00:00Z", 0))),
        ("0 7 * * *", TBILISI, "2026-01-01T03:00:00Z", "2027-01-01T12:00:00Z", Some(("2027-01-01T03:00:00Z", 364))),
        // Never.
        ("0 0 30 2 *", TBILISI, "2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z", None),
    ];
    for (expression, zone, since, now, expected) in cases {
        let due = table(expression, *zone).last_due(at(since), at(now));
        let expected = expected.map(|(slot, missed)| (at(slot), missed));
        assert_eq!(due, expected, "{expression} {zone} since {since} now {now}");
    }
}
