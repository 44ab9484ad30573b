//! What a digest says of the time before it, over a store.

use std::time::Duration;

use chrono::TimeDelta;
use sitrepd::{
    daemon::digests,
    digest::{Digest, render::Format},
    model::{Article, Assignment, Change, Fingerprint, Intent, Report, Tag, Timestamp},
};

use crate::{
    digest_fixture::at,
    restart::article,
    support::daemon::{Daemon, Home},
};

/// Has an article held that was first seen at that time and is about the topic "nato".
async fn hold(daemon: &Daemon, n: u32, seen: Timestamp) {
    let tag = Tag { topic: "nato".to_owned(), score: 2.0, evidence: Vec::new() };
    let report = Report {
        article: Article { first_seen: seen, ..article(2 * n) },
        assignment: Assignment::New,
        moved: None,
        tags: vec![tag],
        possible: Vec::new(),
    };
    let fingerprint = Fingerprint(Vec::new());
    let intent = Intent { report, fingerprint, regrouping: None, alerts: Vec::new(), outbox: Vec::new() };
    daemon.settler.commit(Change::Article(Box::new(intent))).await.unwrap();
}

fn home() -> Home {
    let mut home = Home::new(&[]);
    home.set("DIGEST__ZONE", "UTC");
    let watch = |name: &str| format!("[[watch]]\nname = {name:?}\nterms = [{name:?}]\n");
    home.write("watches.toml", &[watch("Vinnikov"), watch("Karabakh")].concat());
    home
}

async fn issued(home: &Home, daemon: &Daemon, now: &str, hours: u64) -> Digest {
    home.clock.set(now);
    digests::issue_now(daemon, &daemon.config.digest, Duration::from_secs(hours * 3_600)).await.unwrap()
}

fn text(daemon: &Daemon, digest: &Digest) -> String {
    digests::rendered(&daemon.config, digest, &[Format::Text]).unwrap().text
}

/// Found in a review: an archive of nine days divided by the 29 before the last, and spoke of a month.
#[tokio::test]
async fn an_archive_of_nine_days_speaks_of_nine() {
    let home = home();
    let daemon = home.start();
    // Nine days and an hour; then one report a day, and one of which the hour is not yet the last day's.
    hold(&daemon, 1, at("2026-11-13T06:00:00Z")).await;
    for n in 0..8 {
        hold(&daemon, 2 + n, at("2026-11-13T12:00:00Z") + TimeDelta::days(n.into())).await;
    }
    hold(&daemon, 10, at("2026-11-21T06:30:00Z")).await;
    // The last 24 hours: from the first hour of them to the moment the window ends.
    for (n, seen) in (11..).zip(["2026-11-21T07:30:00Z", "2026-11-22T06:50:00Z", "2026-11-22T07:00:00.200Z"]) {
        hold(&daemon, n, at(seen)).await;
    }
    home.clock.set("2026-11-22T06:55:00Z");
    daemon.settler.article(article(33), daemon.config.rules.clone()).await.unwrap();
    let digest = issued(&home, &daemon, "2026-11-22T07:00:00.400Z", 24).await;
    assert_eq!((digest.days_held, digest.is_deep), (9, true));
    let volume = &digest.volume.items[0];
    assert_eq!((volume.topic.as_str(), volume.today, volume.usual), ("nato", 3, Some(9.0 / 8.0)));
    let text = text(&daemon, &digest);
    for said in [
        "Reports a day, 9 days\n",
        "3 in the last 24 hours, usually 1.1 a day",
        "First mentions in 9 days\n",
        "Quiet watches: Karabakh (not in the 9 days held)",
    ] {
        assert!(text.contains(said), "{said:?} is not in {text}");
    }
}

/// Found in a review: a digest at seven told of the hours from eight on.
#[tokio::test]
async fn the_last_24_hours_are_24() {
    let home = home();
    let daemon = home.start();
    // On each hour of two days.
    for n in 0..48 {
        hold(&daemon, 1 + n, at("2026-11-20T07:10:00Z") + TimeDelta::hours(n.into())).await;
    }
    // The first window is shorter than a day.
    for (now, hours, expected) in
        [("2026-11-22T06:55:00Z", 3, 24), ("2026-11-22T07:00:00.400Z", 24, 24), ("2026-11-22T07:20:00Z", 48, 23)]
    {
        let digest = issued(&home, &daemon, now, hours).await;
        let days = &digest.volume.items[0].days;
        assert_eq!(*days.last().unwrap(), expected, "{now}");
        assert_eq!(days[28], 24, "{now}");
        assert!(!text(&daemon, &digest).contains("usually"), "two days make nothing usual");
    }
}
