//! Feeds that misbehave, and what is remembered of their sources.

use chrono::TimeDelta;
use sitrepd::{
    decide::source::Answer,
    model::{Condition, Fault, Health, Method, Page, SourceState},
    schedule::Reason,
};

use crate::support::{
    daemon::{Daemon, Home},
    site::{Item, Site, page, prose, rss},
};

/// A home with a source "good" and a source "bad", which has brought one article.
fn home(site: &Site) -> Home {
    let mut home = Home::new(&[site.server.address().to_string()]);
    home.set("POLL__INTERVAL", "30m");
    home.set("FETCH__MAX_FEED_BYTES", "20000");
    home.sources(&[("good", site.url("/good").as_str()), ("bad", site.url("/bad").as_str())]);
    site.page("/one", page("One", &prose(1)));
    site.feed("/bad", &[Item::new("One", &site.url("/one"), "In brief.")]);
    home
}

/// What the source "bad" is like when it answers so, three times.
async fn check(status: u16, headers: &[&str], body: impl AsRef<[u8]>, fault: Fault, expected: &str) {
    let site = Site::start().await;
    let home = home(&site);
    let daemon = home.start();
    daemon.poll("bad").await;
    let (held, before) = (daemon.reports(), daemon.state("bad"));
    assert_eq!((held.len(), before.failures, before.health.condition), (1, 0, Condition::Fine));

    site.put("/bad", status, headers, body);
    let mut pauses = Vec::new();
    for n in 1..=3 {
        home.clock.advance(TimeDelta::hours(3));
        let report = daemon.poll("bad").await;
        let Answer::Failed { fault: met, reason } = &report.answer else { panic!("{expected}: {report:?}") };
        assert_eq!(*met, fault, "{reason}");
        assert!(reason.contains(expected), "{expected:?} is not in {reason:?}");
        let state = daemon.state("bad");
        let since = before.polled + TimeDelta::hours(3);
        assert_eq!((state.health.condition, state.health.since), (Condition::Failing(fault), since), "{expected}");
        assert!(state.health.reason.starts_with(reason.as_str()), "{}", state.health.reason);
        assert_eq!((state.failures, state.succeeded, state.entries), (n, Some(before.polled), 1), "{expected}");
        assert_eq!(report.next.at, state.due);
        pauses.push((state.due - state.polled).num_minutes());
    }
    let expected_pauses = match fault {
        // What a human must mend is asked for less often from the start.
        Fault::Blocked | Fault::WebPage | Fault::Refused => [60, 120, 240],
        _ => [30, 60, 120],
    };
    assert_eq!(pauses, expected_pauses, "{expected}");
    assert_eq!(daemon.reports(), held, "{expected}");

    // The others do not notice.
    site.page("/two", page("Two", &prose(2)));
    site.feed("/good", &[Item::new("Two", &site.url("/two"), "In brief.")]);
    assert_eq!(daemon.poll("good").await.new.len(), 1);
    assert_eq!(daemon.state("good").health.condition, Condition::Fine);

    // And it comes back.
    let items = ["/three", "/one"].map(|it| Item::new(it, &site.url(it), "In brief."));
    site.feed("/bad", &items);
    let report = daemon.poll("bad").await;
    assert_eq!(report.answer, Answer::Read { entries: 2, problems: vec![] }, "{expected}");
    assert_eq!(report.new.len(), 1, "{expected}");
    let state = daemon.state("bad");
    let pause = (state.due - state.polled).num_minutes();
    assert_eq!((state.failures, state.health.condition, pause), (0, Condition::Fine, 30));
}

const XML: &[&str] = &["content-type: application/rss+xml"];

#[tokio::test]
async fn an_empty_feed() {
    check(200, XML, "", Fault::Unreadable, "the document is empty").await;
    check(200, XML, " \r\n\t\u{feff}", Fault::Unreadable, "the document is empty").await;
}

#[tokio::test]
async fn a_web_page_instead_of_a_feed() {
    let wall = "<!doctype html><html><head><title>Are you human?</title></head><body><p>Wait.</p></body></html>";
    check(200, &["content-type: text/html"], wall, Fault::Blocked, "that asks for a human: \"Are you human?\"").await;
    let moved = wall.replace("Are you human?", "Page not found");
    check(200, &["content-type: text/html"], moved, Fault::WebPage, "a web page came instead: \"Page not found\"")
        .await;
}

#[tokio::test]
async fn a_broken_feed() {
    check(200, XML, "<rss version=\"2.0\"><chan", Fault::Unreadable, "no feed in the document").await;
    check(200, XML, "{\"error\": \"quota\"}", Fault::Unreadable, "no feed in the document").await;
    check(200, XML, [0_u8, 159, 146, 150].repeat(100), Fault::Unreadable, "no feed in the document").await;
}

#[tokio::test]
async fn a_feed_that_breaks_off() {
    // The server ends the connection in the middle of what it announced.
    let whole = rss(&[Item::new("One", &"https://a.example/1".parse().unwrap(), "In brief.")]);
    let announced = format!("content-length: {}", whole.len() + 100);
    check(200, &["content-type: application/rss+xml", &announced], &whole, Fault::Network, "malformed or broke off")
        .await;
}

#[tokio::test]
async fn a_feed_that_is_too_large() {
    let large = rss(&[Item::new("One", &"https://a.example/1".parse().unwrap(), &"word ".repeat(5_000))]);
    check(200, XML, large, Fault::Refused, "is larger than 20000 bytes").await;
}

#[tokio::test]
async fn a_server_that_refuses() {
    check(500, &[], "", Fault::Server, "answered with status 500").await;
    check(403, &[], "", Fault::Blocked, "answered with status 403").await;
}

#[tokio::test]
async fn a_server_that_asks_to_wait_is_left_alone() {
    let site = Site::start().await;
    let home = home(&site);
    let daemon = home.start();
    site.put("/bad", 429, &["retry-after: 7200"], "");
    let report = daemon.poll("bad").await;
    assert_eq!((report.next.at - home.clock.now()).num_minutes(), 120);
}

/// Found in a review: the other feeds of its host were asked for all the same.
#[tokio::test]
async fn what_a_server_asks_for_holds_for_all_sources_of_its_host() {
    let site = Site::start().await;
    let mut home = home(&site);
    let daemon = home.start();
    let items = ["/one", "/two"].map(|it| Item::new(it, &site.url(it), "In brief."));
    site.page("/two", page("Two", &prose(2)));
    site.feed("/good", &items[..1]);
    daemon.poll("good").await;
    let before = daemon.state("good");
    site.put("/bad", 429, &["retry-after: 7200"], "");
    daemon.poll("bad").await;
    site.feed("/good", &items);
    home.clock.pass(TimeDelta::minutes(30)).await;
    let report = daemon.poll("good").await;
    assert!(matches!(&report.answer, Answer::LeftAlone { reason } if reason.contains("/good is not asked for")));
    let wait = (report.next.at - home.clock.now()).num_seconds();
    assert!((5_370..=5_400).contains(&wait), "{wait} s");
    assert_eq!(report.next.because, Reason::RetryAfter);
    // It is no failure, and nothing is forgotten.
    let health = Health { reason: "its host wants to be left alone".to_owned(), ..before.health.clone() };
    assert_eq!(daemon.state("good"), SourceState { polled: home.clock.now(), due: report.next.at, health, ..before });
    assert_eq!((site.count("/good"), site.count("/bad")), (1, 1));
    // A reload asks for nothing sooner, and a new source of this host is left alone too.
    home.set("FETCH__PER_HOST", "3");
    home.sources(&[("good", site.url("/good").as_str()), ("new", site.url("/new").as_str())]);
    let mut daemon = daemon;
    daemon.reload(&home);
    for source in ["good", "new"] {
        let report = daemon.poll(source).await;
        assert!(matches!(report.answer, Answer::LeftAlone { .. }), "{report:?}");
        assert_eq!((daemon.state(source).failures, daemon.state(source).due), (0, report.next.at), "{source}");
        assert_eq!(daemon.state(source).health.condition, Condition::Fine, "{source}");
    }
    assert_eq!((site.count("/good"), site.count("/new")), (1, 0));
    home.clock.pass(TimeDelta::minutes(90)).await;
    let report = daemon.poll("good").await;
    assert_eq!((report.new.len(), report.health.condition, report.health.reason.as_str()), (1, Condition::Fine, ""));
}

#[tokio::test]
async fn a_document_cut_short_on_the_server() {
    let site = Site::start().await;
    let home = home(&site);
    let daemon = home.start();
    let whole = rss(&["/one", "/two", "/three"].map(|it| Item::new(it, &site.url(it), "In brief.")));
    site.put("/bad", 200, XML, &whole[..whole.find("<title>/three").unwrap()]);
    let report = daemon.poll("bad").await;
    // What stands before the cut is read; the rest comes with the whole document.
    assert!(matches!(&report.answer, Answer::Read { entries: 2, problems } if !problems.is_empty()), "{report:?}");
    site.put("/bad", 200, XML, &whole);
    assert_eq!(daemon.poll("bad").await.answer, Answer::Read { entries: 3, problems: vec![] });
    assert_eq!(daemon.reports().len(), 3);
}

#[tokio::test]
async fn a_feed_without_entries_is_troubled() {
    let site = Site::start().await;
    let home = home(&site);
    let daemon = home.start();
    site.feed("/bad", &[]);
    for _ in 0..2 {
        daemon.poll("bad").await;
        assert_eq!(daemon.state("bad").health.condition, Condition::Empty);
    }
}

/// The `If-None-Match` of each request for a path.
fn conditions(site: &Site, path: &str) -> Vec<Option<String>> {
    let requests = site.server.requests().into_iter().filter(|it| it.target == path);
    requests.map(|it| it.header("if-none-match").map(str::to_owned)).collect()
}

#[tokio::test]
async fn a_new_address_is_asked_without_the_old_validators() {
    let site = Site::start().await;
    let home = home(&site);
    let mut daemon = home.start();
    daemon.poll("bad").await;
    daemon.poll("bad").await;
    assert!(matches!(conditions(&site, "/bad").as_slice(), [None, Some(_)]));

    // The same bytes, and so the same tag, at another address.
    site.feed("/moved", &[Item::new("One", &site.url("/one"), "In brief.")]);
    home.sources(&[("bad", site.url("/moved").as_str())]);
    daemon.reload(&home);
    let report = daemon.poll("bad").await;
    assert_eq!(report.answer, Answer::Read { entries: 1, problems: vec![] });
    assert_eq!(daemon.poll("bad").await.answer, Answer::Unchanged);
    assert!(matches!(conditions(&site, "/moved").as_slice(), [None, Some(_)]));
    assert_eq!((daemon.reports().len(), site.count("/one")), (1, 1));
}

#[tokio::test]
async fn a_reload_brings_the_new_source() {
    let site = Site::start().await;
    let home = home(&site);
    let mut daemon = home.start();
    daemon.poll("bad").await;
    site.page("/two", page("Two", &prose(2)));
    site.feed("/new", &[Item::new("Two", &site.url("/two"), "In brief.")]);
    home.sources(&[("bad", site.url("/bad").as_str()), ("new", site.url("/new").as_str())]);
    daemon.reload(&home);
    assert_eq!(daemon.config.enabled().count(), 2);
    assert_eq!(daemon.poll("new").await.new.len(), 1);
    assert_eq!(daemon.poll("bad").await.answer, Answer::Unchanged);
    assert_eq!(daemon.reports().len(), 2);
}

fn titles(daemon: &Daemon) -> Vec<String> {
    daemon.reports().into_iter().map(|it| it.article.title).collect()
}

#[tokio::test]
async fn entries_without_a_link() {
    let site = Site::start().await;
    let home = home(&site);
    let daemon = home.start();
    let item = |title: &str, guid: Option<&str>| Item {
        title: title.to_owned(),
        link: None,
        guid: guid.map(str::to_owned),
        text: format!("{title}: the patrol came back at noon."),
    };
    let first = [item("With a guid", Some("n-1")), item("With a title alone", None)];
    site.feed("/bad", &first);
    let report = daemon.poll("bad").await;
    assert_eq!((report.new.len(), report.pages), (2, 0));
    for it in daemon.reports() {
        assert_eq!((&it.article.page, &it.article.method, &it.article.link), (&Page::None, &Method::Feed, &None));
        assert!(it.article.body.ends_with("the patrol came back at noon."), "{}", it.article.body);
    }
    // Another document with the same entries, and one that has the guid of another: feeds number their items anew.
    site.feed("/bad", &[item("New", None), item("Numbered anew", Some("n-1")), item("With a title alone", None)]);
    assert_eq!(daemon.poll("bad").await.new.len(), 2);
    assert_eq!(titles(&daemon), ["With a title alone", "With a guid", "Numbered anew", "New"]);
}

#[tokio::test]
async fn one_guid_for_all() {
    let site = Site::start().await;
    let home = home(&site);
    let daemon = home.start();
    let item = |n: u32, link: bool| {
        let path = format!("/p{n}");
        site.page(&path, page(&format!("Report {n}"), &prose(n)));
        let link = link.then(|| site.url(&path));
        Item { title: format!("Report {n}"), link, guid: Some("qafqaz".to_owned()), text: format!("In brief, {n}.") }
    };
    site.feed("/bad", &[item(3, false), item(2, true), item(1, true)]);
    let report = daemon.poll("bad").await;
    let problem = "the guids do not tell the entries apart".to_owned();
    assert_eq!(report.answer, Answer::Read { entries: 3, problems: vec![problem] });
    let health = daemon.state("bad").health;
    let reason = "its guids do not tell its entries apart".to_owned();
    assert_eq!((health.condition, health.reason), (Condition::SameGuid, reason));
    assert_eq!(titles(&daemon), ["Report 1", "Report 2", "Report 3"]);
    // The next document has one entry alone, and its guid is known.
    site.feed("/bad", &[item(4, true)]);
    assert_eq!(daemon.poll("bad").await.new.len(), 1);
    site.feed("/bad", &[item(6, false), item(5, true), item(4, true), item(3, false)]);
    assert_eq!(daemon.poll("bad").await.new.len(), 2);
    assert_eq!(daemon.reports().len(), 6);
}
