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
    daemon::outbox,
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
static DAY_OF_UPDATES: AtomicI64 = AtomicI64::new(0);
static DAY_OF_TITLES: AtomicI64 = AtomicI64::new(0);

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

/// An entry of an Atom feed that says only when it was last changed.
fn updated(site: &Site, path: &str, id: &str, title: &str, day: i64) -> String {
    let start: Timestamp = crate::support::daemon::START.parse().unwrap();
    let (link, updated) = (site.url(path), (start + TimeDelta::days(day) - TimeDelta::hours(1)).to_rfc3339());
    format!("<entry><id>{id}</id><title>{title}</title><link href=\"{link}\"/><updated>{updated}</updated></entry>")
}

/// Found by a reader: from the day on which the first briefing was given up, all others were lost where the feed says
/// only when they were last changed. What is changed later under its guid is no other article.
#[tokio::test]
async fn the_date_of_a_change_shows_that_the_next_briefing_is_news() {
    let site = Site::start().await;
    let home = Home::new(&[site.server.address().to_string()]);
    home.sources(&[("feed", site.url("/feed").as_str())]);
    let settings = Settings { clock: || clock_of(&DAY_OF_UPDATES), ..settings(&home) };
    let daemon = home.start_over(Arc::new(LedgerStore::open(&settings).unwrap().0));
    let put = |entries: &[String]| {
        let feed = format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>A</title>{}</feed>", entries.concat());
        site.put("/feed", 200, &["content-type: application/atom+xml"], feed);
    };
    site.page("/once", page("Vinnikov in Baku", &prose(99)));
    for day in [0, 1, 30, 60, 61, 62] {
        DAY_OF_UPDATES.store(day, Ordering::Relaxed);
        home.clock.set(&clock_of(&DAY_OF_UPDATES).to_rfc3339());
        daemon.store.tend().unwrap();
        let n = u32::try_from(day).unwrap();
        site.page("/briefing", page("Briefing", &[format!("Vinnikov came on day {n}."), prose(n).concat()]));
        let briefing = updated(&site, "/briefing", &format!("urn:b{day}"), "Briefing", day);
        // On the last day its date is renewed, and its title corrected.
        let once = match day {
            62 => updated(&site, "/once", "urn:once", "Vinnikov in Baku, updated", 62),
            _ => updated(&site, "/once", "urn:once", "Vinnikov in Baku", 0),
        };
        put(&[briefing, once]);
        let (polled, expected) = (daemon.poll("feed").await, if day == 0 { 2 } else { 1 });
        assert_eq!((polled.new.len(), polled.alerts.len()), (expected, expected), "day {day}");
        assert_eq!((daemon.poll("feed").await.new.len(), site.count("/once")), (0, 1), "day {day}");
        // That the message of the first was sent is remembered: this is another one.
        assert_eq!(outbox::round(&daemon).await.unwrap().sent, expected, "day {day}");
    }
    // The alert of the second day is the last of its watch that was given up, and stays.
    let held: Vec<_> = daemon.reports().into_iter().map(|it| it.article.guid.unwrap_or_default()).collect();
    assert_eq!(held, ["urn:b1", "urn:b30", "urn:b60", "urn:b61", "urn:b62"]);
}

/// Found by a reader: so were bulletins whose titles differ, with dates of publication.
#[tokio::test]
async fn another_title_at_the_address_of_what_was_given_up_is_news() {
    let site = Site::start().await;
    let home = Home::new(&[site.server.address().to_string()]);
    home.sources(&[("feed", site.url("/feed").as_str())]);
    let settings = Settings { clock: || clock_of(&DAY_OF_TITLES), ..settings(&home) };
    let daemon = home.start_over(Arc::new(LedgerStore::open(&settings).unwrap().0));
    let item = |day: i64, hour: i64, has_guid: bool| {
        let start: Timestamp = crate::support::daemon::START.parse().unwrap();
        let published = (start + TimeDelta::days(day) - TimeDelta::hours(hour)).to_rfc2822();
        let guid = if has_guid { format!("<guid>b{day}</guid>") } else { String::new() };
        format!(
            "<item><title>Bulletin of day {day}</title><link>{}</link>{guid}<pubDate>{published}</pubDate></item>",
            site.url("/bulletin")
        )
    };
    let put = |items: &[String]| {
        let feed = format!("<rss version=\"2.0\"><channel>{}</channel></rss>", items.concat());
        site.put("/feed", 200, &["content-type: application/rss+xml"], feed);
    };
    for (day, hour) in [(0, 1), (1, 1), (30, 1), (60, 1), (61, 1), (62, 1)] {
        DAY_OF_TITLES.store(day, Ordering::Relaxed);
        home.clock.set(&clock_of(&DAY_OF_TITLES).to_rfc3339());
        daemon.store.tend().unwrap();
        site.page("/bulletin", page("Bulletin", &prose(u32::try_from(day).unwrap())));
        put(&[item(day, hour, true)]);
        assert_eq!(daemon.poll("feed").await.new.len(), 1, "day {day}");
        assert_eq!(daemon.poll("feed").await.new.len(), 0, "day {day}");
    }
    let held = daemon.reports().len();
    assert!(held < 6);
    // What was given up is none, nor is it in a feed that gives no guids.
    for items in [vec![item(0, 1, true)], vec![item(1, 1, false)]] {
        put(&items);
        assert_eq!(daemon.poll("feed").await.new.len(), 0, "{items:?}");
    }
    assert_eq!(daemon.reports().len(), held);
}
