//! Promises about alerts, messages and digests.

use std::ops::ControlFlow;

use super::{
    Case,
    samples::{
        alarming, alert, at, copy, delivery, digest, due, going_out, id, message, pending_due, put, rendered, story,
    },
};
use crate::{
    model::{
        Alert, AlertId, AlertKind, ArticleId, Change, Content, DigestIssue, Held, Issue, More, Outcome, Outgoing, Slot,
    },
    store::{Counts, Pending, Store, Teller},
};

pub(super) const CASES: &[Case] = &[
    ("alerts: half-open range, newest first, early stop", alerts),
    ("watches that fired for a story", fired),
    ("an alert and its message come with the article", together),
    ("the alerts of a story, whole", alerts_of),
    ("what was to tell of an alert", telling),
    ("when a watch raised alerts", raised_by_watch),
    ("a spike is an alert of its own kind", spikes),
    ("alerts for what is old", old_alerts),
    ("a repeated intent queues nothing twice", repeat_queues_once),
    ("nor after the message was sent", repeat_after_sent),
    ("due: longest due first, limit", due_order),
    ("due of some channels", due_of),
    ("a message is tried again when due", retry),
    ("a long answer is kept whole", long_answer),
    ("a parked message waits for a person", parked),
    ("what goes out is rendered once, and it is told that it goes out", sending),
    ("a dropped message is gone for good", dropped),
    ("what became of an unknown message is ignored", unknown_message),
    ("a digest is issued once a slot", one_issue_a_slot),
    ("the last issue is that of the newest slot", last_issue),
    ("an issue says what it covers and was made of", issue),
    ("counts", counts),
];

fn raised(store: &dyn Store, range: std::ops::Range<i64>, limit: usize) -> Vec<u64> {
    let mut res = Vec::new();
    let visit = &mut |it: Alert| {
        res.push(it.id.0);
        if res.len() == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    store.alerts(at(range.start)..at(range.end), visit).unwrap();
    res
}

fn alerts(store: &dyn Store) {
    for n in [2, 1, 3] {
        put(store, alarming(n));
    }
    assert_eq!(raised(store, 0..100, 9), [3, 2, 1]);
    assert_eq!(raised(store, 1..3, 9), [2, 1]);
    assert_eq!(raised(store, 0..100, 2), [3, 2]);
    let (start, end) = (3, 1);
    assert_eq!(raised(store, start..end, 9), [0; 0]);
    let mut first = None;
    let visit = &mut |it| {
        first = Some(it);
        ControlFlow::Break(())
    };
    store.alerts(at(0)..at(100), visit).unwrap();
    assert_eq!(first, Some(alert(3, 3, 3)));
}

fn fired(store: &dyn Store) {
    put(store, alarming(1));
    let mut second = copy(2, 1);
    second.alerts = vec![alert(7, 2, 1), alert(1, 2, 1), alert(7, 2, 1)];
    let long = "w".repeat(9000);
    second.alerts.push(Alert { watch: long.clone(), ..alert(8, 2, 1) });
    put(store, second);
    assert_eq!(store.fired(story(1)).unwrap(), ["watch-1".to_owned(), "watch-7".to_owned(), long]);
    assert_eq!(store.fired(story(2)).unwrap(), Vec::<String>::new());
    assert_eq!(store.counts().unwrap().alerts, 3);
}

fn alerts_of(store: &dyn Store) {
    put(store, alarming(1));
    let mut second = copy(2, 1);
    second.alerts = vec![alert(7, 2, 1)];
    put(store, second);
    assert_eq!(store.alerts_of(story(1)).unwrap(), [alert(1, 1, 1), alert(7, 2, 1)]);
    assert_eq!(store.alerts_of(story(2)).unwrap(), []);
}

fn telling(store: &dyn Store) {
    let mut it = alarming(1);
    let many = |n, content| Outgoing { id: id(n), channel: format!("channel {n}"), ..message(1, content) };
    let (since, until, hour) = (at(1), at(90), at(0));
    it.alerts.push(alert(2, 1, 1));
    it.alerts.push(alert(3, 1, 1));
    let joined = many(2, Content::Alerts(vec![alert(1, 1, 1), alert(2, 1, 1)]));
    let held = many(3, Content::Held(Held { watch: alert(3, 1, 1).watch, since, until }));
    // A number of alerts names none.
    let more = many(4, Content::More(More { watch: alert(1, 1, 1).watch, hour, told: 1 }));
    it.outbox.extend([joined.clone(), held.clone(), more]);
    let first = it.outbox[0].clone();
    put(store, it);
    let told = |n| store.telling(AlertId(n)).unwrap();
    assert_eq!((told(1), told(2), told(3)), (vec![first, joined.clone()], vec![joined], vec![held.clone()]));
    assert_eq!(told(9), []);
    let all = store.told_by(&[3, 9, 1, 2].map(AlertId)).unwrap();
    let by = |it: &Outgoing| Teller { message: it.id.clone(), channel: it.channel.clone() };
    assert_eq!(all, [3, 9, 1, 2].map(|n| told(n).iter().map(by).collect::<Vec<_>>()));
    // It stays so, whatever became of them, and whatever another version brings.
    store.commit(&delivery(3, Outcome::Sent)).unwrap();
    let mut other = alarming(1);
    other.report.article.version = 2;
    other.alerts.push(alert(3, 1, 1));
    put(store, other);
    assert_eq!(told(3), [held]);
}

fn raised_by_watch(store: &dyn Store) {
    let name = "a watch".to_owned();
    for n in 1..=300 {
        let mut it = alarming(n);
        it.alerts[0].watch = if n % 3 == 0 { "another".to_owned() } else { name.clone() };
        put(store, it);
    }
    let times =
        |range: std::ops::Range<i64>, limit| store.raised(&name, at(range.start)..at(range.end), limit).unwrap();
    assert_eq!(times(0..8, 9), [at(7), at(5), at(4), at(2), at(1)]);
    assert_eq!(times(2..5, 9), [at(4), at(2)]);
    assert_eq!(times(0..1000, 2), [at(299), at(298)]);
    assert_eq!(times(0..1000, 1000).len(), 200);
    assert!(times(0..1000, 0).is_empty());
    let (start, end) = (5, 2);
    assert!(times(start..end, 9).is_empty());
    assert!(store.raised("a watc", at(0)..at(1000), 9).unwrap().is_empty());
}

fn spikes(store: &dyn Store) {
    let mut it = alarming(1);
    let spike = Alert { kind: AlertKind::Spike { today: 9, usual: 0.5 }, ..alert(2, 1, 1) };
    it.alerts.push(spike.clone());
    put(store, it);
    assert_eq!(raised(store, 0..100, 9), [2, 1]);
    assert_eq!(store.counts().unwrap().alerts, 2);
    // It is no finding in a story, and adds nothing to what is usual.
    assert_eq!(store.fired(story(1)).unwrap(), ["watch-1"]);
    assert_eq!(store.alerts_of(story(1)).unwrap(), [alert(1, 1, 1)]);
    assert!(store.raised(&spike.watch, at(0)..at(100), 9).unwrap().is_empty());
    let mut newest = None;
    let visit = &mut |it| {
        newest = Some(it);
        ControlFlow::Break(())
    };
    store.alerts(at(0)..at(100), visit).unwrap();
    assert_eq!(newest, Some(spike));
}

fn old_alerts(store: &dyn Store) {
    let mut it = alarming(1);
    it.alerts[0].kind = AlertKind::Old;
    let old = it.alerts[0].clone();
    put(store, it);
    // It is a finding in a story, and adds nothing to what is usual.
    assert_eq!(raised(store, 0..100, 9), [1]);
    assert_eq!(store.fired(story(1)).unwrap(), ["watch-1"]);
    assert_eq!(store.alerts_of(story(1)).unwrap(), std::slice::from_ref(&old));
    assert!(store.raised(&old.watch, at(0)..at(100), 9).unwrap().is_empty());
}

fn together(store: &dyn Store) {
    put(store, alarming(1));
    let message = alarming(1).outbox.remove(0);
    let pending =
        Pending { message, queued: at(1), attempts: 0, last_error: None, parked: false, sending: None, rendered: None };
    assert_eq!(store.pending(&id(1)).unwrap(), Some(pending.clone()));
    assert_eq!(pending_due(store, 1, 9), [pending]);
    assert_eq!(due(store, 0), []);
    assert_eq!(store.pending(&id(2)).unwrap(), None);
}

fn repeat_queues_once(store: &dyn Store) {
    put(store, alarming(1));
    store.commit(&going_out(1, 50, None)).unwrap();
    store.commit(&delivery(1, Outcome::Retry { due: at(90), reason: "busy".to_owned() })).unwrap();
    put(store, alarming(1));
    assert_eq!(due(store, 80), []);
    assert_eq!(due(store, 90), [id(1)]);
    let pending = store.pending(&id(1)).unwrap().unwrap();
    assert_eq!((pending.attempts, pending.message.due, pending.queued), (1, at(90), at(1)));
    assert_eq!(raised(store, 0..100, 9), [1]);
    assert_eq!(store.counts().unwrap().pending, 1);
}

fn repeat_after_sent(store: &dyn Store) {
    put(store, alarming(1));
    store.commit(&delivery(1, Outcome::Sent)).unwrap();
    put(store, alarming(1));
    let mut higher = alarming(1);
    higher.report.article.version = 2;
    put(store, higher);
    assert_eq!(due(store, 1000), []);
    assert_eq!(store.pending(&id(1)).unwrap(), None);
    let counts = store.counts().unwrap();
    assert_eq!((counts.pending, counts.alerts), (0, 1));
}

fn due_order(store: &dyn Store) {
    for n in [3, 1, 2, 4] {
        put(store, alarming(n));
    }
    assert_eq!(due(store, 3), [id(1), id(2), id(3)]);
    let two = pending_due(store, 100, 2);
    assert_eq!(two.into_iter().map(|it| it.message.id).collect::<Vec<_>>(), [id(1), id(2)]);
    let mut within = Vec::new();
    let visit = &mut |it: Pending| {
        within.push(it.message.id);
        ControlFlow::Continue(())
    };
    store.due_within(at(2)..at(4), visit).unwrap();
    assert_eq!(within, [id(2), id(3)]);
}

fn due_of(store: &dyn Store) {
    let to = |n: u64, channel: &str| {
        let mut it = alarming(n);
        it.outbox.iter_mut().for_each(|it| it.channel = channel.to_owned());
        put(store, it);
    };
    let of = |seconds, channels: &[&str]| {
        let mut res = Vec::new();
        let visit = &mut |it: Pending| {
            res.push(it.message.id);
            ControlFlow::Continue(())
        };
        store.due_of(at(seconds), &mut |it| channels.contains(&it), visit).unwrap();
        res
    };
    for (n, channel) in [(3, "a"), (1, "b"), (2, "a"), (4, "a")] {
        to(n, channel);
    }
    // Asked again and again, as the daemon does: what is remembered of one listing changes nothing in the next.
    for _ in 0..2 {
        assert_eq!(of(100, &[]), []);
        assert_eq!(of(100, &["b"]), [id(1)]);
        assert_eq!(of(3, &["a"]), [id(2), id(3)]);
        assert_eq!(of(100, &["a", "b"]), [id(1), id(2), id(3), id(4)]);
    }
    to(5, "b");
    store.commit(&delivery(1, Outcome::Sent)).unwrap();
    store.commit(&delivery(2, Outcome::Retry { due: at(60), reason: "busy".to_owned() })).unwrap();
    store.commit(&delivery(3, Outcome::Parked { reason: "no".to_owned() })).unwrap();
    assert_eq!((of(50, &["a"]), of(50, &["b"]), of(100, &["a"])), (vec![id(4)], vec![id(5)], vec![id(4), id(2)]));
    store.commit(&delivery(3, Outcome::Retry { due: at(70), reason: "released".to_owned() })).unwrap();
    assert_eq!(of(100, &["a"]), [id(4), id(2), id(3)]);
}

fn retry(store: &dyn Store) {
    put(store, alarming(1));
    for (n, when) in [(1, 60), (2, 120), (3, 120)] {
        let reason = format!("attempt {n} refused");
        store.commit(&going_out(1, when - 10, None)).unwrap();
        store.commit(&delivery(1, Outcome::Retry { due: at(when), reason: reason.clone() })).unwrap();
        let pending = store.pending(&id(1)).unwrap().unwrap();
        assert_eq!((pending.attempts, pending.last_error, pending.parked), (n, Some(reason), false));
        assert_eq!(pending.message.due, at(when));
        assert_eq!(due(store, when - 1), []);
        assert_eq!(due(store, when), [id(1)]);
    }
    // A person has it sent again: no attempt was begun, and what is left of them is not used up.
    let again = delivery(1, Outcome::Retry { due: at(130), reason: "by hand".to_owned() });
    (0..2).for_each(|_| store.commit(&again).unwrap());
    assert_eq!(store.pending(&id(1)).unwrap().unwrap().attempts, 3);
    // One that is asked for while an attempt is under way: the attempt counts once.
    store.commit(&going_out(1, 140, None)).unwrap();
    store.commit(&again).unwrap();
    store.commit(&delivery(1, Outcome::Retry { due: at(150), reason: "busy".to_owned() })).unwrap();
    assert_eq!(store.pending(&id(1)).unwrap().unwrap().attempts, 4);
    store.commit(&delivery(1, Outcome::Sent)).unwrap();
    assert_eq!(due(store, 1000), []);
    assert_eq!(store.pending(&id(1)).unwrap(), None);
}

fn long_answer(store: &dyn Store) {
    put(store, alarming(1));
    let reason = "550 refused. ".repeat(1000);
    store.commit(&delivery(1, Outcome::Retry { due: at(60), reason: reason.clone() })).unwrap();
    assert_eq!(store.pending(&id(1)).unwrap().unwrap().last_error, Some(reason));
}

fn parked(store: &dyn Store) {
    put(store, alarming(1));
    store.commit(&delivery(1, Outcome::Parked { reason: "no such user".to_owned() })).unwrap();
    assert_eq!(due(store, 1000), []);
    let pending = store.pending(&id(1)).unwrap().unwrap();
    assert_eq!((pending.attempts, pending.last_error.as_deref(), pending.parked), (1, Some("no such user"), true));
    // The article again: still parked.
    put(store, alarming(1));
    assert_eq!(due(store, 1000), []);
    let counted = |it: Counts| (it.pending, it.parked);
    assert_eq!(counted(store.counts().unwrap()), (0, 1));
    // A person has it tried again.
    store.commit(&delivery(1, Outcome::Retry { due: at(60), reason: "released".to_owned() })).unwrap();
    assert_eq!(due(store, 60), [id(1)]);
    assert_eq!(store.pending(&id(1)).unwrap().unwrap().attempts, 0, "it has all its attempts again");
    assert_eq!(counted(store.counts().unwrap()), (1, 0));
    store.commit(&delivery(1, Outcome::Parked { reason: "again".to_owned() })).unwrap();
    store.commit(&delivery(1, Outcome::Sent)).unwrap();
    assert_eq!(counted(store.counts().unwrap()), (0, 0));
    assert_eq!(store.pending(&id(1)).unwrap(), None);
}

fn sending(store: &dyn Store) {
    let known = |n| store.pending(&id(n)).unwrap().map(|it| (it.sending, it.rendered.map(|it| it.text)));
    assert!(!store.was_queued(&id(1)).unwrap());
    put(store, alarming(1));
    put(store, alarming(2));
    assert_eq!(known(1), Some((None, None)));
    store.commit(&going_out(1, 50, Some("first"))).unwrap();
    assert_eq!(known(1), Some((Some(at(50)), Some("first".to_owned()))));
    assert_eq!(due(store, 1000), [id(1), id(2)], "it is still due");
    // Nobody knows how that ended. What an attempt rendered first stays.
    store.commit(&going_out(1, 60, Some("second"))).unwrap();
    assert_eq!(known(1), Some((Some(at(60)), Some("first".to_owned()))));
    store.commit(&delivery(1, Outcome::Retry { due: at(70), reason: "busy".to_owned() })).unwrap();
    assert_eq!(known(1), Some((None, Some("first".to_owned()))));
    store.commit(&going_out(1, 70, None)).unwrap();
    assert_eq!(known(1), Some((Some(at(70)), Some("first".to_owned()))));
    store.commit(&delivery(1, Outcome::Parked { reason: "no such user".to_owned() })).unwrap();
    assert_eq!(known(1), Some((None, Some("first".to_owned()))));
    // What was given up does not go out, nor does what nobody knows.
    store.commit(&going_out(1, 80, None)).unwrap();
    store.commit(&going_out(9, 80, Some("unknown"))).unwrap();
    assert_eq!((known(1), known(9)), (Some((None, Some("first".to_owned()))), None));
    store.commit(&delivery(1, Outcome::Retry { due: at(90), reason: "released".to_owned() })).unwrap();
    assert_eq!(known(1), Some((None, Some("first".to_owned()))), "a person has the same sent again");
    // A digest is rendered when it is issued.
    store.commit(&digest(1, vec![message(5, rendered("the digest"))])).unwrap();
    store.commit(&going_out(5, 95, None)).unwrap();
    assert_eq!(known(5), Some((Some(at(95)), None)));
    for n in [1, 5] {
        store.commit(&going_out(n, 99, None)).unwrap();
        assert!(store.was_queued(&id(n)).unwrap());
        store.commit(&delivery(n, Outcome::Sent)).unwrap();
        assert_eq!(known(n), None);
        assert!(store.was_queued(&id(n)).unwrap(), "it was sent");
    }
    assert!(!store.was_queued(&id(9)).unwrap(), "nobody ever had it");
    assert_eq!(known(2), Some((None, None)));
    let counts = store.counts().unwrap();
    assert_eq!((counts.pending, counts.parked), (1, 0));
}

fn dropped(store: &dyn Store) {
    let listed = || {
        let mut res = Vec::new();
        store.outbox(&mut |it| {
            res.push((it.message.id, it.parked));
            ControlFlow::Continue(())
        })?;
        res.sort();
        Ok::<_, crate::store::StoreError>(res)
    };
    put(store, alarming(1));
    put(store, alarming(2));
    store.commit(&delivery(1, Outcome::Parked { reason: "no such user".to_owned() })).unwrap();
    assert_eq!(listed().unwrap(), [(id(1), true), (id(2), false)]);
    for n in [1, 2] {
        store.commit(&delivery(n, Outcome::Dropped { reason: "by hand".to_owned() })).unwrap();
        assert_eq!(store.pending(&id(n)).unwrap(), None);
    }
    // What brought them comes again: they stay gone.
    put(store, alarming(1));
    assert_eq!(listed().unwrap(), []);
    let counts = store.counts().unwrap();
    assert_eq!((counts.pending, counts.parked), (0, 0));
}

fn unknown_message(store: &dyn Store) {
    put(store, alarming(1));
    for outcome in [
        Outcome::Sent,
        Outcome::Retry { due: at(1), reason: "x".to_owned() },
        Outcome::Parked { reason: "x".to_owned() },
    ] {
        store.commit(&delivery(9, outcome)).unwrap();
    }
    assert_eq!(store.pending(&id(9)).unwrap(), None);
    assert_eq!(due(store, 1000), [id(1)]);
    let counts = store.counts().unwrap();
    assert_eq!((counts.pending, counts.parked), (1, 0));
}

fn one_issue_a_slot(store: &dyn Store) {
    store.commit(&digest(1, vec![message(1, rendered("the first"))])).unwrap();
    store.commit(&digest(1, vec![message(2, rendered("a second"))])).unwrap();
    assert_eq!(due(store, 1000), [id(1)]);
    let pending = store.pending(&id(1)).unwrap().unwrap();
    assert_eq!(pending.message.content, rendered("the first"));
    store.commit(&delivery(1, Outcome::Sent)).unwrap();
    store.commit(&digest(1, vec![message(1, rendered("the first"))])).unwrap();
    assert_eq!(due(store, 1000), []);
}

fn last_issue(store: &dyn Store) {
    for day in [2, 3, 1] {
        store.commit(&digest(day, Vec::new())).unwrap();
    }
    let slot = Slot { digest: "daily".to_owned(), at: at(3 * 86_400) };
    assert_eq!(store.last_issue("daily").unwrap(), Some((slot, at(3 * 86_400 + 5))));
    assert_eq!(store.last_issue("weekly").unwrap(), None);
    assert_eq!(store.last_issue("dail").unwrap(), None);
    let mut all = Vec::new();
    let mut visit = |slot: Slot, until| {
        all.push((slot.at, until));
        if all.len() < 2 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    store.issues("daily", &mut visit).unwrap();
    assert_eq!(all, [3, 2].map(|day| (at(day * 86_400), at(day * 86_400 + 5))));
}

fn issue(store: &dyn Store) {
    let slot = |day: i64| Slot { digest: "daily".to_owned(), at: at(day * 86_400) };
    let Change::Digest(other) = digest(1, Vec::new()) else { panic!() };
    store.commit(&digest(1, vec![message(1, rendered("the first"))])).unwrap();
    // The slot is taken.
    store.commit(&Change::Digest(Box::new(DigestIssue { articles: Vec::new(), ..*other.clone() }))).unwrap();
    store.commit(&digest(2, Vec::new())).unwrap();
    let expected = Issue { window: at(0)..at(86_405), articles: vec![ArticleId(1)] };
    assert_eq!(store.issue(&slot(1)).unwrap(), Some(expected));
    assert_eq!(store.issue(&slot(3)).unwrap(), None);
    assert_eq!(store.issue(&Slot { digest: "weekly".to_owned(), ..slot(1) }).unwrap(), None);
}

fn counts(store: &dyn Store) {
    put(store, alarming(1));
    put(store, alarming(2));
    put(store, copy(3, 1));
    store.commit(&digest(1, vec![message(5, rendered("x")), message(6, rendered("y"))])).unwrap();
    store.commit(&delivery(1, Outcome::Sent)).unwrap();
    store.commit(&delivery(5, Outcome::Parked { reason: "no".to_owned() })).unwrap();
    let expected = Counts { articles: 3, stories: 2, alerts: 2, pending: 2, parked: 1, changes: 6, bytes: 0, lost: 0 };
    assert_eq!(Counts { bytes: 0, ..store.counts().unwrap() }, expected);
}
