//! Alerts over the real store: what is told, how often, and what is only filed.

use std::{
    collections::BTreeSet,
    fs,
    ops::ControlFlow,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use chrono::TimeDelta;
use sitrepd::{
    daemon::{
        digests, outbox,
        settle::{Settled, Settler},
    },
    decide::Rules,
    model::{AlertKind, Article, ArticleId, Attempt, CanonicalUrl, Change, Outcome, Slot},
};

use crate::{
    restart::article,
    support::{
        daemon::{Daemon, Home},
        hooked::Hooked,
        site::Site,
    },
};

/// How many alerts and how many messages an article brings.
async fn settle(daemon: &Daemon, article: Article) -> (usize, usize) {
    match daemon.settler.article(article, daemon.config.rules.clone()).await.unwrap() {
        Settled::New(it) => (it.alerts.len(), it.outbox.len()),
        settled => panic!("{settled:?}"),
    }
}

fn spikes(daemon: &Daemon) -> usize {
    daemon.alerts().iter().filter(|it| matches!(it.kind, AlertKind::Spike { .. })).count()
}

async fn sent(daemon: &Daemon) -> usize {
    let sent = outbox::round(daemon).await.unwrap();
    assert_eq!((sent.retried, sent.parked), (0, 0));
    sent.sent
}

#[tokio::test]
async fn a_spike_is_told_once_and_survives_a_restart() {
    let home = Home::new(&[]);
    let daemon = home.start();
    settle(&daemon, article(1)).await;
    home.clock.advance(TimeDelta::days(5));
    for n in [3, 5, 7, 9] {
        assert_eq!(settle(&daemon, article(n)).await, (1, 1));
    }
    drop(daemon);

    let daemon = home.start();
    home.clock.advance(TimeDelta::hours(1));
    assert_eq!(settle(&daemon, article(11)).await, (2, 2), "the fifth within a day, and what it shows");
    assert_eq!(spikes(&daemon), 1);
    drop(daemon);

    let daemon = home.start();
    home.clock.advance(TimeDelta::hours(1));
    assert_eq!(settle(&daemon, article(13)).await, (1, 1), "it was told");
    assert_eq!((spikes(&daemon), sent(&daemon).await), (1, 8));
}

/// Of a new watch nothing is usual on its first day. What came then is no reason to keep silent on the second.
#[tokio::test]
async fn a_spike_of_a_new_watch_is_told_when_there_is_a_base() {
    let home = Home::new(&[]);
    let daemon = home.start();
    settle(&daemon, article(1)).await;
    home.clock.advance(TimeDelta::hours(20));
    for n in 1..=20 {
        assert_eq!(settle(&daemon, article(2 * n + 1)).await.0, 1);
        home.clock.advance(TimeDelta::minutes(11));
    }
    home.clock.advance(TimeDelta::minutes(30));
    assert_eq!(settle(&daemon, article(51)).await.0, 2);
    assert_eq!(settle(&daemon, article(53)).await.0, 1);
}

#[tokio::test]
async fn a_site_that_moves_raises_no_storm() {
    let site = Site::start().await;
    let mut home = Home::new(&[site.server.address().to_string()]);
    home.sources(&[("moved", site.url("/feed").as_str())]);
    home.set("DIGEST__ZONE", "UTC");
    home.set("ALERTS__MAX_AGE", "7d");
    let daemon = home.start();
    let item = |n: u32| {
        let Article { title, body, .. } = article(2 * n + 1);
        format!(
            "<item><title>{title}</title><guid>moved-{n}</guid><pubDate>Tue, 05 Mar 2019 10:00:00 GMT</pubDate>\
             <description>{body}</description></item>"
        )
    };
    let feed = (0..60).map(item).collect::<String>();
    let feed = format!("<rss version=\"2.0\"><channel><title>A feed</title>{feed}</channel></rss>");
    site.put("/feed", 200, &["content-type: application/rss+xml"], feed);
    assert_eq!(daemon.poll("moved").await.new.len(), 60);
    let old = daemon.alerts();
    assert!(old.len() > 50 && old.iter().all(|it| it.kind == AlertKind::Old), "{}", old.len());
    assert_eq!(sent(&daemon).await, 0);

    // What is new, or bears no date, is told, up to a number in an hour; what is over is counted.
    home.clock.advance(TimeDelta::minutes(10));
    for n in 100..125 {
        settle(&daemon, article(2 * n + 1)).await;
    }
    let fresh = daemon.alerts().iter().filter(|it| it.kind == AlertKind::Found).count();
    assert_eq!((fresh, sent(&daemon).await), (25, 20));
    drop(daemon);
    let daemon = home.start();
    home.clock.advance(TimeDelta::hours(1));
    settle(&daemon, article(301)).await;
    assert_eq!(sent(&daemon).await, 2, "the first of the next hour, and the count of the last");
    let out = home.state_dir().join("out");
    let files = fs::read_dir(&out).unwrap().map(|it| it.unwrap().path());
    let is_text = |it: &PathBuf| it.extension().is_some_and(|it| it == "txt");
    let is_summary = |it: &PathBuf| it.file_name().unwrap().to_str().unwrap().starts_with("alerts-");
    let summary = files.filter(|it| is_text(it) && is_summary(it)).collect::<Vec<_>>();
    let [summary] = summary.as_slice() else { panic!("{summary:?}") };
    let text = fs::read_to_string(summary).unwrap();
    assert!(
        text.contains("From 22 Nov 2026, 00:00 to 01:00, this watch raised 5 more alerts than the\n20 that"),
        "{text}"
    );

    // Nothing is lost: the digest has all of them, what is old last.
    let slot = Slot { digest: "daily".to_owned(), at: "2026-11-22T07:00:00Z".parse().unwrap() };
    home.clock.set("2026-11-22T07:00:00Z");
    let digest = digests::issue(&daemon, slot).await.unwrap();
    assert_eq!(digest.alerts.items.len() + digest.alerts.more, old.len() + 26);
    let kinds = digest.alerts.items.iter().map(|it| it.kind == AlertKind::Old).collect::<Vec<_>>();
    assert!(kinds.is_sorted(), "{kinds:?}");
}

/// A home whose messages wait from ten to seven.
fn quiet_at_night() -> Home {
    let mut home = Home::new(&[]);
    home.set("DIGEST__ZONE", "UTC");
    home.set("ALERTS__QUIET", "22:00-07:00");
    home
}

/// The texts of the alerts that were written to files since `seen` was filled.
fn told(home: &Home, seen: &mut BTreeSet<PathBuf>) -> Vec<String> {
    let files = fs::read_dir(home.state_dir().join("out")).unwrap().map(|it| it.unwrap().path());
    let new = files.filter(|it| it.extension().is_some_and(|it| it == "txt") && seen.insert(it.clone()));
    new.map(|it| fs::read_to_string(it).unwrap()).collect()
}

#[tokio::test]
async fn what_waits_is_told_together_and_once() {
    let home = quiet_at_night();
    let (daemon, mut seen) = (home.start(), BTreeSet::new());
    home.clock.set("2026-11-22T23:00:00Z");
    for n in [1, 3] {
        assert_eq!(settle(&daemon, article(n)).await, (1, 1));
        home.clock.advance(TimeDelta::hours(1));
    }
    assert_eq!(sent(&daemon).await, 0, "it is night");
    drop(daemon);
    let daemon = home.start();
    settle(&daemon, article(5)).await;
    home.clock.set("2026-11-23T07:00:00Z");
    assert_eq!(sent(&daemon).await, 1);
    let texts = told(&home, &mut seen);
    let [text] = texts.as_slice() else { panic!("{texts:?}") };
    for n in [1, 3, 5] {
        assert!(text.contains(&article(n).title), "{text}");
    }
    // What comes at once goes at once; when the clock is set back into the night, what comes then waits for another seven.
    settle(&daemon, article(7)).await;
    assert_eq!(sent(&daemon).await, 1);
    home.clock.set("2026-11-23T06:50:00Z");
    settle(&daemon, article(9)).await;
    assert_eq!(sent(&daemon).await, 0);
    home.clock.set("2026-11-23T07:00:00Z");
    assert_eq!(sent(&daemon).await, 1);
    let texts = told(&home, &mut seen).concat();
    assert!(texts.contains(&article(7).title) && texts.contains(&article(9).title), "{texts}");
    assert!(!texts.contains(&article(5).title), "{texts}");
}

/// Each alert is told once, whatever the cool-down, and what waits goes out with what came before it.
#[tokio::test]
async fn a_cool_down_tells_each_alert_once() {
    let home = quiet_at_night();
    home.write("watches.toml", "[[watch]]\nname = \"Vinnikov\"\nterms = [\"Vinnikov\"]\ncooldown = \"2h\"\n");
    let mut daemon = home.start();
    home.clock.set("2026-11-22T08:00:00Z");
    let (mut seen, mut texts) = (BTreeSet::new(), Vec::new());
    for n in 0..60 {
        settle(&daemon, article(2 * n + 101)).await;
        if n % 7 == 0 {
            drop(daemon);
            daemon = home.start();
        }
        for _ in 0..5 {
            home.clock.advance(TimeDelta::minutes(9));
            sent(&daemon).await;
        }
        texts.extend(told(&home, &mut seen));
    }
    home.clock.advance(TimeDelta::hours(12));
    sent(&daemon).await;
    texts.extend(told(&home, &mut seen));
    let found = |n: u32| texts.iter().map(|it| it.matches(&article(2 * n + 101).title).count()).sum::<usize>();
    // A spike is told beside the alert that shows it.
    let times: Vec<_> = (0..60).map(found).collect();
    assert!(times.iter().all(|it| *it > 0) && times.iter().sum::<usize>() == 60 + spikes(&daemon), "{times:?}");
    assert!(texts.len() < 30, "{} messages", texts.len());
}

/// Found in a review: what one message had told for all was counted again as what no message told.
#[tokio::test]
async fn what_was_told_together_is_no_more_alert() {
    let mut home = quiet_at_night();
    home.set("ALERTS__QUIET", "22:00-07:30");
    home.set("ALERTS__MAX_PER_HOUR", "3");
    let (daemon, mut seen) = (home.start(), BTreeSet::new());
    home.clock.set("2026-11-22T07:10:00Z");
    for n in [1, 3, 5, 7] {
        settle(&daemon, article(n)).await;
    }
    home.clock.set("2026-11-22T07:30:00Z");
    assert_eq!(sent(&daemon).await, 1);
    for n in [9, 11] {
        settle(&daemon, article(n)).await;
    }
    home.clock.set("2026-11-22T08:00:00Z");
    assert_eq!(sent(&daemon).await, 1);
    let texts = told(&home, &mut seen).concat().replace('\n', " ");
    assert!(texts.contains("this watch raised 2 more alerts than the 4 that messages tell of"), "{texts}");
}

/// Found in a review: what came in the rest of the hour was counted by no message.
#[tokio::test]
async fn what_comes_after_a_count_was_sent_by_hand_is_counted() {
    let mut home = Home::new(&[]);
    home.set("DIGEST__ZONE", "UTC");
    home.set("ALERTS__MAX_PER_HOUR", "1");
    let (daemon, mut seen) = (home.start(), BTreeSet::new());
    let mut at = async |minutes: &str, articles: &[u32], is_asked: bool| {
        home.clock.set(&format!("2026-11-22T{minutes}:00Z"));
        for n in articles {
            settle(&daemon, article(*n)).await;
        }
        if is_asked {
            ask_for_what_waits(&daemon).await;
        }
        sent(&daemon).await;
        told(&home, &mut seen).concat().replace('\n', " ")
    };
    assert!(at("12:05", &[1], false).await.contains(&article(1).title));
    assert_eq!(at("12:10", &[3, 5], false).await, "");
    let first = at("12:20", &[], true).await;
    assert!(first.contains("From 22 Nov 2026, 12:00 to 12:20, this watch raised 2 more alerts than the 1 "), "{first}");
    assert_eq!(at("12:30", &[7, 9, 11], false).await, "");
    let second = at("12:40", &[], true).await;
    assert!(second.contains("12:30 to 12:40, this watch raised 3 more alerts than the 0 "), "{second}");
    assert_eq!(at("12:50", &[13], false).await, "");
    let last = at("13:00", &[], false).await;
    assert!(last.contains("12:50 to 13:00, this watch raised 1 more alert than the 0 "), "{last}");
    assert_eq!(at("14:00", &[], false).await, "");
}

/// Has the one message that waits go out now, as by hand.
async fn ask_for_what_waits(daemon: &Daemon) {
    let mut waiting = Vec::new();
    daemon
        .store
        .outbox(&mut |it| {
            waiting.push(it.message.id);
            ControlFlow::Continue(())
        })
        .unwrap();
    let [id] = waiting.as_slice() else { panic!("{waiting:?}") };
    let outcome = Outcome::Retry { due: daemon.now(), reason: "by hand".to_owned() };
    let attempt = Attempt { message: id.clone(), at: daemon.now(), outcome };
    daemon.settler.commit(Change::Delivery(attempt)).await.unwrap();
}

/// A message that waited was asked for by hand before its time: what comes after it is told all the same.
#[tokio::test]
async fn what_comes_after_a_message_was_sent_by_hand_is_told() {
    let home = quiet_at_night();
    let (daemon, mut seen) = (home.start(), BTreeSet::new());
    home.clock.set("2026-11-22T23:00:00Z");
    settle(&daemon, article(1)).await;
    ask_for_what_waits(&daemon).await;
    assert_eq!(sent(&daemon).await, 1);
    home.clock.set("2026-11-23T02:00:00Z");
    settle(&daemon, article(3)).await;
    assert_eq!(sent(&daemon).await, 0);
    home.clock.set("2026-11-23T07:00:00Z");
    assert_eq!(sent(&daemon).await, 1);
    let texts = told(&home, &mut seen).concat();
    assert!([1, 3].iter().all(|n| texts.matches(&article(*n).title).count() == 1), "{texts}");
}

/// Found in a review: what was filed between the rendering of such a message and its attempt counted as told by it.
#[tokio::test]
async fn what_comes_while_a_message_is_sent_by_hand_is_told() {
    let home = quiet_at_night();
    let way = Arc::new(Mutex::new(None::<(Settler, Arc<Rules>)>));
    let (runtime, taken) = (tokio::runtime::Handle::current(), Arc::clone(&way));
    let store = Hooked::new(home.store()).after_events(move || {
        if let Some((settler, rules)) = taken.lock().unwrap().take() {
            let settled = runtime.block_on(settler.article(article(3), rules)).unwrap();
            assert!(matches!(settled, Settled::New(it) if it.alerts.len() == 1));
        }
    });
    let (daemon, mut seen) = (home.start_over(Arc::new(store)), BTreeSet::new());
    home.clock.set("2026-11-22T23:00:00Z");
    settle(&daemon, article(1)).await;
    ask_for_what_waits(&daemon).await;
    *way.lock().unwrap() = Some((daemon.settler.clone(), Arc::clone(&daemon.config.rules)));
    assert_eq!(sent(&daemon).await, 1);
    assert!(way.lock().unwrap().is_none());
    home.clock.set("2026-11-23T07:00:00Z");
    sent(&daemon).await;
    let texts = told(&home, &mut seen).concat();
    assert!([1, 3].iter().all(|n| texts.matches(&article(*n).title).count() == 1), "{texts}");
}

/// Found in a review: in a flood each alert of any watch had what waits rendered again, though its time was over.
#[tokio::test]
async fn what_comes_when_the_time_of_a_message_is_over_has_it_rendered_once() {
    let home = quiet_at_night();
    let way = Arc::new(Mutex::new(None::<(Settler, Arc<Rules>)>));
    let n_rendered = Arc::new(AtomicUsize::new(0));
    let (runtime, taken, counter) = (tokio::runtime::Handle::current(), Arc::clone(&way), Arc::clone(&n_rendered));
    let store = Hooked::new(home.store()).after_events(move || {
        counter.fetch_add(1, Ordering::SeqCst);
        if let Some((settler, rules)) = taken.lock().unwrap().take() {
            let settled = runtime.block_on(settler.article(article(3), rules)).unwrap();
            assert!(matches!(settled, Settled::New(it) if it.outbox.iter().any(|it| it.content.gathers())));
        }
    });
    let daemon = home.start_over(Arc::new(store));
    home.clock.set("2026-11-22T23:00:00Z");
    settle(&daemon, article(1)).await;
    // It goes out when the next night has begun, and what comes then waits for another morning.
    home.clock.set("2026-11-23T22:30:00Z");
    *way.lock().unwrap() = Some((daemon.settler.clone(), Arc::clone(&daemon.config.rules)));
    n_rendered.store(0, Ordering::SeqCst);
    assert_eq!(sent(&daemon).await, 1);
    assert!(way.lock().unwrap().is_none());
    assert_eq!(n_rendered.load(Ordering::SeqCst), 1);
    home.clock.set("2026-11-24T07:00:00Z");
    assert_eq!(sent(&daemon).await, 1);
}

/// A watch that has fired for an old report of a story fires again for a new one, once.
#[tokio::test]
async fn a_new_report_of_an_old_story_is_told() {
    let mut home = Home::new(&[]);
    home.set("ALERTS__MAX_AGE", "7d");
    let daemon = home.start();
    let report = |n: u64, published: Option<&str>| Article {
        id: ArticleId(n),
        link: CanonicalUrl::parse(&format!("https://paper.example/again/{n}")),
        feed_title: format!("Again {n}"),
        published: published.map(|it| it.parse().unwrap()),
        ..article(1)
    };
    assert_eq!(settle(&daemon, report(1, Some("2019-03-05T10:00:00Z"))).await, (1, 0));
    assert_eq!(settle(&daemon, report(2, Some("2019-03-05T11:00:00Z"))).await, (0, 0));
    assert_eq!(settle(&daemon, report(3, Some("2026-11-21T10:00:00Z"))).await, (1, 1));
    assert_eq!(settle(&daemon, report(4, None)).await, (0, 0));
    let stories: BTreeSet<_> = daemon.reports().iter().map(|it| it.story().to_string()).collect();
    assert_eq!(stories.len(), 1);
}
