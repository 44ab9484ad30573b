//! Retention under the whole line: what is given up is neither read nor told again while a feed lists it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use sitrepd::{
    model::Timestamp,
    store::{LedgerReader, LedgerStore, Settings},
};

use crate::support::{
    daemon::{Daemon, Home},
    site::{Item, Site, page, prose},
};

/// The stores' clocks: days since the tests' beginning.
static DAY: AtomicI64 = AtomicI64::new(0);
static LATER_DAY: AtomicI64 = AtomicI64::new(0);

fn clock() -> Timestamp {
    clock_of(&DAY)
}

fn clock_of(day: &AtomicI64) -> Timestamp {
    let start: Timestamp = crate::support::daemon::START.parse().unwrap();
    start + TimeDelta::days(day.load(Ordering::Relaxed))
}

fn settings(home: &Home) -> Settings {
    Settings { clock, keep: Some(Duration::from_secs(40 * 24 * 3600)), ..Settings::new(home.state_dir()) }
}

fn start(home: &Home) -> Daemon {
    home.start_over(Arc::new(LedgerStore::open(&settings(home)).unwrap().0))
}

#[tokio::test]
async fn what_was_given_up_is_no_news() {
    let site = Site::start().await;
    let home = Home::new(&[site.server.address().to_string()]);
    home.sources(&[("feed", site.url("/feed").as_str())]);
    let item = |n: u32, title: &str| {
        site.page(&format!("/{n}"), page(title, &prose(n)));
        Item { title: title.to_owned(), link: Some(site.url(&format!("/{n}"))), ..Item::default() }
    };
    let old = [item(1, "Vinnikov in Tbilisi"), item(2, "A bridge is opened"), item(3, "Vinnikov in Baku")];
    site.feed("/feed", &old);
    let daemon = start(&home);
    assert_eq!(daemon.poll("feed").await.new.len(), 3);
    let alerts = daemon.alerts().len();
    assert!(alerts > 0);

    DAY.store(60, Ordering::Relaxed);
    home.clock.advance(TimeDelta::days(60));
    let fresh = [item(4, "Something else")];
    site.feed("/feed", &[&fresh[..], &old].concat());
    assert_eq!(daemon.poll("feed").await.new.len(), 1);
    let given_up = daemon.store.tend().unwrap().given_up.unwrap();
    assert!(given_up.articles > 0, "{given_up:?}");
    let held = daemon.reports().len();
    assert!(held < 4);

    // Listed still, beside something new, after a restart and after the index was lost.
    drop(daemon);
    for (round, n) in [(0, 5), (1, 6)] {
        home.clock.advance(TimeDelta::hours(2));
        site.feed("/feed", &[&[item(n, &format!("News of round {round}"))][..], &fresh, &old].concat());
        if round == 1 {
            std::fs::remove_dir_all(home.state_dir().join("index-2")).unwrap();
        }
        let daemon = start(&home);
        let polled = daemon.poll("feed").await;
        assert_eq!((polled.new.len(), polled.alerts.len(), site.count("/2")), (1, 0, 1), "{polled:?}");
    }
    let verified = LedgerReader::open(&settings(&home)).unwrap().verify().unwrap();
    assert!(verified.damage.is_empty() && verified.first_break.is_none() && verified.missing == 0, "{verified:?}");
}

/// Found by a reader: when the first briefing at an address was given up, all later ones were taken for it.
#[tokio::test]
async fn the_next_briefing_at_the_address_of_one_that_was_given_up_is_news() {
    let site = Site::start().await;
    let home = Home::new(&[site.server.address().to_string()]);
    home.sources(&[("feed", site.url("/feed").as_str())]);
    let settings = Settings { clock: || clock_of(&LATER_DAY), ..settings(&home) };
    let daemon = home.start_over(Arc::new(LedgerStore::open(&settings).unwrap().0));
    for day in [0, 30, 60, 61] {
        LATER_DAY.store(day, Ordering::Relaxed);
        home.clock.set(&clock_of(&LATER_DAY).to_rfc3339());
        daemon.store.tend().unwrap();
        site.page("/briefing", page("Briefing", &prose(u32::try_from(day).unwrap())));
        let published = (home.clock.now() - TimeDelta::hours(1)).to_rfc2822();
        let feed = format!(
            "<rss version=\"2.0\"><channel><item><title>Briefing</title><link>{}</link><guid>b{day}</guid>\
             <pubDate>{published}</pubDate></item></channel></rss>",
            site.url("/briefing")
        );
        site.put("/feed", 200, &["content-type: application/rss+xml"], feed);
        assert_eq!(daemon.poll("feed").await.new.len(), 1, "day {day}");
        assert_eq!(daemon.poll("feed").await.new.len(), 0, "day {day}");
    }
    assert!(daemon.reports().len() < 4);
}
