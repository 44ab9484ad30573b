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

/// The store's clock: days since the tests' beginning.
static DAY: AtomicI64 = AtomicI64::new(0);

fn clock() -> Timestamp {
    let start: Timestamp = crate::support::daemon::START.parse().unwrap();
    start + TimeDelta::days(DAY.load(Ordering::Relaxed))
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
    // What is dated since is another article at the address of one that was given up: the bulletin of today.
    let published = (home.clock.now() - TimeDelta::hours(1)).to_rfc2822();
    let link = site.url("/2");
    let bulletin =
        format!("<item><title>A bridge is closed</title><link>{link}</link><pubDate>{published}</pubDate></item>");
    let feed = format!("<rss version=\"2.0\"><channel>{bulletin}</channel></rss>");
    site.put("/feed", 200, &["content-type: application/rss+xml"], feed);
    let daemon = start(&home);
    assert_eq!((daemon.poll("feed").await.new.len(), daemon.poll("feed").await.new.len()), (1, 0));
    drop(daemon);
    let verified = LedgerReader::open(&settings(&home)).unwrap().verify().unwrap();
    assert!(verified.damage.is_empty() && verified.first_break.is_none() && verified.missing == 0, "{verified:?}");
}
