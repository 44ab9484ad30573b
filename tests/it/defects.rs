//! A defect of the program, and what is more than the archive takes, stay with what they were met by: the daemon goes on.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::TimeDelta;
use sitrepd::{
    daemon::{DaemonError, digests, outbox, settle::Settled},
    decide::source::Answer,
    model::{Change, Condition, Content, Fault, Intent, Outgoing, Slot},
    store::StoreError,
};

use crate::{
    restart::article,
    support::{
        daemon::{Daemon, Home},
        hooked::Hooked,
        site::{Item, Site, rss},
    },
};

/// A daemon whose archive takes no change that is too large by this measure.
fn with_bounds(home: &Home, is_too_large: impl Fn(&Change) -> bool + Send + Sync + 'static) -> Daemon {
    let bound = move |change: &Change| match is_too_large(change) {
        true => Err(StoreError::TooLarge { bytes: 100 << 20, limit: 64 << 20 }),
        false => Ok(()),
    };
    home.start_over(Arc::new(Hooked::new(home.store()).on_commit(bound)))
}

/// The most alerts that a message names.
fn most_named(outbox: &[Outgoing]) -> usize {
    let named = outbox.iter().map(|it| match &it.content {
        Content::Alerts(all) => all.len(),
        _ => 0,
    });
    named.max().unwrap_or_default()
}

/// With so many watches that find something in the same articles.
fn watching(watches: usize) -> Home {
    let home = Home::new(&[]);
    let watch = |n| format!("[[watch]]\nname = \"Watch {n}\"\nterms = [\"Vinnikov\"]\n\n");
    home.write("watches.toml", &(0..watches).map(watch).collect::<String>());
    home
}

async fn settled(daemon: &Daemon) -> Intent {
    match daemon.settler.article(article(1), daemon.config.rules.clone()).await.unwrap() {
        Settled::New(it) => *it,
        settled => panic!("{settled:?}"),
    }
}

/// Found in a review: an article with thousands of alerts for dozens of recipients ended the daemon, again after each restart.
#[tokio::test]
async fn an_article_that_is_too_large_is_held_and_told_in_part() {
    let home = watching(70);
    let daemon = with_bounds(&home, |it| it.intent().is_some_and(|it| most_named(&it.outbox) > 50));
    let intent = settled(&daemon).await;
    assert_eq!((intent.alerts.len(), intent.outbox.len(), most_named(&intent.outbox)), (70, 1, 50));
    assert_eq!(daemon.alerts().len(), 70);
    assert_eq!(outbox::round(&daemon).await.unwrap().sent, 1);
    let files = fs::read_dir(home.state_dir().join("out")).unwrap().map(|it| it.unwrap().path());
    let text =
        files.filter(|it| it.extension().is_some_and(|it| it == "txt")).map(|it| fs::read_to_string(it).unwrap());
    let text = text.collect::<String>();
    assert!(text.contains("20 more"), "{text}");
    // The next one is whole.
    let two = daemon.settler.article(article(3), daemon.config.rules.clone()).await.unwrap();
    assert!(matches!(two, Settled::New(_)));
}

#[tokio::test]
async fn of_an_article_is_held_what_the_archive_takes() {
    for (most, expected) in [(10, (30, 1)), (9, (30, 0))] {
        let home = watching(30);
        let daemon = with_bounds(&home, move |it| it.intent().is_some_and(|it| most_named(&it.outbox) > most));
        let intent = settled(&daemon).await;
        assert_eq!((intent.alerts.len(), intent.outbox.len()), expected, "{most}");
    }
    let home = watching(30);
    let daemon = with_bounds(&home, |it| it.intent().is_some_and(|it| !it.alerts.is_empty()));
    assert_eq!(settled(&daemon).await.alerts.len(), 0);
    assert_eq!(daemon.reports().len(), 1);
}

#[tokio::test]
async fn what_the_archive_never_takes_stops_nothing_else() {
    let site = Site::start().await;
    let home = Home::new(&[site.server.address().to_string()]);
    home.sources(&[("paper", site.url("/feed").as_str())]);
    let is_large = |it: &Change| it.intent().is_some_and(|it| it.report.article.title.contains("large"));
    let daemon = with_bounds(&home, is_large);
    let item = |title: &str| Item::new(title, &site.url(&format!("/{title}")), "What it says.");
    site.feed("/feed", &[item("a-large-one"), item("another")]);
    let report = daemon.poll("paper").await;
    assert_eq!((report.new.len(), report.health.condition), (1, Condition::Fine));
    assert_eq!(daemon.report().article.title, "another");
}

/// Found in a review: likewise a digest for dozens of recipients.
#[tokio::test]
async fn a_digest_that_is_too_large_is_issued_with_less() {
    let mut home = Home::new(&[]);
    home.mail_by(25);
    home.set("DIGEST__CHANNELS", "[\"mail\", \"files\"]");
    let large = |it: &Outgoing| match &it.content {
        Content::Digest(it) => it.html.is_some() && it.subject.len() < 1_000,
        _ => false,
    };
    let of_mail = move |it: &Outgoing| it.channel != "files" && large(it);
    let daemon = with_bounds(&home, move |it| match it {
        Change::Digest(it) => it.outbox.iter().any(of_mail),
        _ => false,
    });
    let slot = Slot { digest: "daily".to_owned(), at: "2026-11-22T07:00:00Z".parse().unwrap() };
    digests::issue(&daemon, slot.clone()).await.unwrap();
    assert_eq!(daemon.store.last_issue("daily").unwrap().unwrap().0, slot);
    assert_eq!(daemon.store.counts().unwrap().pending, 2);
    drop(daemon);

    let home = Home::new(&[]);
    let daemon = with_bounds(&home, |it| matches!(it, Change::Digest(_)));
    let refused = digests::issue(&daemon, slot).await.unwrap_err();
    assert!(matches!(refused, DaemonError::TooLarge(_)), "{refused}");
}

/// Found in a review: a panic beside the reading of a source ended the daemon, again after each restart.
#[tokio::test]
async fn a_source_whose_poll_panics_waits_and_is_polled_again() {
    let site = Site::start().await;
    let home = Home::new(&[site.server.address().to_string()]);
    home.sources(&[("paper", site.url("/feed").as_str())]);
    let is_broken = Arc::new(AtomicBool::new(false));
    let hook = Arc::clone(&is_broken);
    let store = Hooked::new(home.store()).on_source_state(move |_| {
        assert!(!hook.swap(false, Ordering::SeqCst), "a defect of the program");
        Ok(())
    });
    let daemon = home.start_over(Arc::new(store));
    site.put("/feed", 200, &[], rss(&[]));
    let first = daemon.poll("paper").await;
    let read = daemon.state("paper");
    is_broken.store(true, Ordering::SeqCst);
    home.clock.advance(TimeDelta::hours(1));
    let report = daemon.poll("paper").await;
    assert!(matches!(report.answer, Answer::Failed { fault: Fault::Defect, .. }), "{report:?}");
    let state = daemon.state("paper");
    assert_eq!((state.failures, state.health.condition), (1, Condition::Failing(Fault::Defect)));
    assert_eq!((state.succeeded, state.polls), (read.succeeded, 2), "what was known of it is known");
    assert!(state.due > home.clock.now() + TimeDelta::minutes(30), "{}", state.due);
    home.clock.advance(TimeDelta::days(1));
    assert_eq!(daemon.poll("paper").await.health.condition, first.health.condition);
}
