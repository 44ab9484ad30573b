//! Article pages that cannot be had, now or ever, and links that several entries share.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures_util::future::{Either, join, select};
use sitrepd::{
    decide::source::Answer,
    model::{Article, Condition, Fault, Health, Method, Page},
};
use tokio::sync::Barrier;

use crate::support::{
    daemon::{Daemon, Home},
    hooked::Hooked,
    site::{Item, Site, page, prose},
};

const BRIEF: &str = "Vinnikov met the ministers, the feed says.";

/// A home with the source "paper", whose pages are read one at a time.
fn home(site: &Site) -> Home {
    let mut home = Home::new(&[site.server.address().to_string()]);
    home.set("POLL__PAGES_AT_ONCE", "1");
    home.set("POLL__PAGE_RETRIES", "2");
    home.sources(&[("paper", site.url("/feed").as_str())]);
    home.write(
        "watches.toml",
        "[[watch]]\nname = \"Vinnikov\"\nterms = [\"Vinnikov\"]\n[[watch]]\nname = \"ITPP\"\nterms = [\"ITPP\"]\n",
    );
    home
}

/// The feed's items, newest first, as feeds have them.
fn list(site: &Site, paths: &[&str]) {
    let items: Vec<Item> = paths.iter().map(|it| Item::new(it, &site.url(it), BRIEF)).collect();
    site.feed("/feed", &items);
}

fn article(daemon: &Daemon, title: &str) -> Article {
    daemon.reports().into_iter().map(|it| it.article).find(|it| it.title == title).unwrap()
}

fn watches(daemon: &Daemon) -> Vec<String> {
    let mut res: Vec<String> = daemon.alerts().into_iter().map(|it| it.watch).collect();
    res.sort();
    res
}

/// The page is never asked for again, and the article has the feed's text.
async fn check_withheld(site: &Site, expected: &str) {
    list(site, &["/p"]);
    let home = home(site);
    let daemon = home.start();
    let report = daemon.poll("paper").await;
    assert_eq!((report.new.len(), report.alerts.len()), (1, 1), "{expected}");
    let article = daemon.report().article;
    let Page::Withheld(reason) = &article.page else { panic!("{expected}: {:?}", article.page) };
    assert!(reason.contains(expected), "{expected:?} is not in {reason:?}");
    assert_eq!((article.body.as_str(), article.method, article.version), (BRIEF, Method::Feed, 1));

    let asked = site.count("/p");
    assert_eq!(daemon.poll("paper").await.answer, Answer::Unchanged, "{expected}");
    list(site, &["/p", "/p"]);
    assert_eq!(daemon.poll("paper").await.pages, 0, "{expected}");
    assert_eq!((site.count("/p"), daemon.report().article.version), (asked, 1), "{expected}");
}

#[tokio::test]
async fn a_text_file_is_an_article() {
    let site = Site::start().await;
    let text = "Bridge opens\n\nThe bridge over the gorge opened on Wednesday, and\nVinnikov of the ITPP was the first to \
        cross it on foot.\n\nLorries may use it from May, the road office said, and\nbuses from June.\n";
    site.put("/p.txt", 200, &["content-type: text/plain; charset=utf-8"], text);
    list(&site, &["/p.txt"]);
    let home = home(&site);
    let daemon = home.start();
    assert_eq!(daemon.poll("paper").await.new.len(), 1);
    let body = "The bridge over the gorge opened on Wednesday, and Vinnikov of the ITPP was the first to cross it on foot.\n\
        Lorries may use it from May, the road office said, and buses from June.";
    assert_eq!(daemon.report().article.body, format!("{BRIEF}\n{body}"), "of the feed, what the file leaves out");
    assert_eq!(watches(&daemon), ["ITPP", "Vinnikov"]);
}

#[tokio::test]
async fn a_pdf_document_is_an_article() {
    const LINES: [&str; 5] = [
        "Bridge opens",
        "",
        "The bridge over the gorge opened on Wednesday, and Vinnikov",
        "of the ITPP was the first to cross it on foot, while the minis-",
        "ters waited on the other bank in the heavy rain of November.",
    ];
    let site = Site::start().await;
    let content = format!("BT /F 12 Tf 14 TL 72 700 Td\n({}) Tj ET", LINES.join(") Tj T*\n("));
    let document = format!(
        "%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n2 0 obj << /Type /Pages /Kids [3 0 R] >> endobj\n\
        3 0 obj << /Type /Page /Contents 4 0 R /Resources << /Font << /F << /Subtype /Type1 >> >> >> >> endobj\n\
        4 0 obj << /Length {} >> stream\n{content}\nendstream endobj\n",
        content.len()
    );
    site.put("/p.pdf", 200, &["content-type: application/pdf"], document);
    site.put("/q.pdf", 200, &["content-type: application/pdf"], "%PDF-1.7 Vinnikov");
    list(&site, &["/q.pdf", "/p.pdf"]);
    let home = home(&site);
    let daemon = home.start();
    assert_eq!(daemon.poll("paper").await.new.len(), 2);
    let body = "The bridge over the gorge opened on Wednesday, and Vinnikov of the ITPP was the first to cross it on foot, \
        while the ministers waited on the other bank in the heavy rain of November.";
    let read = article(&daemon, "/p.pdf");
    assert_eq!((read.body, read.method), (format!("{BRIEF}\n{body}"), Method::Readability));
    assert_eq!(read.reading.judgement.unwrap().reason, "it is a PDF document, pages: 1");
    // Of one that says nothing the feed's own text is kept.
    let unread = article(&daemon, "/q.pdf");
    assert_eq!((unread.body.as_str(), unread.method), (BRIEF, Method::Feed));
    assert_eq!(unread.reading.judgement.unwrap().reason, "it is a PDF document without text that can be read");
}

#[tokio::test]
async fn what_recurs_on_a_sources_pages_is_cut() {
    let site = Site::start().await;
    let notice =
        "This newsroom of the ITPP is funded by its readers, who give what they can in every month of the year.";
    let paths: Vec<String> = (0..8).map(|it| format!("/{it}")).collect();
    for (seed, path) in (0..).zip(&paths) {
        let mut paragraphs = prose(seed);
        paragraphs.insert(1, notice.to_owned());
        site.page(path, page(path, &paragraphs));
    }
    // The newest first.
    list(&site, &paths.iter().rev().map(String::as_str).collect::<Vec<_>>());
    let mut home = home(&site);
    let mut daemon = home.start();
    daemon.poll("paper").await;
    for (number, path) in paths.iter().enumerate() {
        assert_eq!(article(&daemon, path).body.contains(notice), number < 5, "page {number}");
    }
    // What was learnt outlives a reload.
    site.page("/9", page("/9", &[prose(9), vec![notice.to_owned()], prose(10)].concat()));
    list(&site, &["/9"]);
    home.set("POLL__PAGE_RETRIES", "1");
    daemon.reload(&home);
    daemon.poll("paper").await;
    assert!(!article(&daemon, "/9").body.contains(notice));
}

#[tokio::test]
async fn pages_that_are_not_to_be_had() {
    let site = Site::start().await;
    site.put("/p", 410, &[], "");
    check_withheld(&site, "answered with status 410").await;
    site.put("/p", 200, &["content-type: application/zip"], "PK\x03\x04 Vinnikov");
    check_withheld(&site, "application/zip, not an HTML page").await;
    site.put("/p", 200, &["content-type: text/html"], "PK\x03\x04 Vinnikov");
    check_withheld(&site, "a ZIP or office file, not an HTML page").await;
    site.put("/p", 301, &["location: http://10.0.0.1/"], "");
    check_withheld(&site, "refused to fetch http://10.0.0.1/").await;
}

#[tokio::test]
async fn pages_that_robots_txt_forbids() {
    let site = Site::start().await;
    site.put("/robots.txt", 200, &["content-type: text/plain"], "User-agent: sitrepd\nDisallow: /p\n");
    site.page("/p", page("Full", &prose(1)));
    check_withheld(&site, "robots.txt of the site forbids").await;
    assert_eq!(site.count("/p"), 0);
}

#[tokio::test]
async fn a_page_without_an_article() {
    let site = Site::start().await;
    for markup in ["", "<html><body><form><button>Accept all</button></form></body></html>"] {
        site.page("/p", markup);
        list(&site, &["/p"]);
        let home = home(&site);
        let daemon = home.start();
        daemon.poll("paper").await;
        let article = daemon.report().article;
        assert!(matches!(&article.page, Page::Fetched(_)), "{:?}", article.page);
        assert_eq!((article.body.as_str(), article.method), (BRIEF, Method::Feed), "{markup}");
        assert_eq!(watches(&daemon), ["Vinnikov"]);
    }
}

/// A page about Vinnikov and ITPP.
fn full() -> (String, String) {
    let mut paragraphs = prose(7);
    paragraphs[1].push_str(" Vinnikov spoke of the ITPP at length.");
    (page("/p", &paragraphs), paragraphs.join("\n"))
}

#[tokio::test]
async fn a_page_that_is_down_is_read_later() {
    let site = Site::start().await;
    site.put("/p", 503, &[], "");
    list(&site, &["/p"]);
    let home = home(&site);
    let daemon = home.start();
    let first = daemon.poll("paper").await;
    assert_eq!((first.new.len(), first.reread, first.alerts.len()), (1, 0, 1));
    let before = daemon.report();
    assert!(matches!(&before.article.page, Page::Unreachable(it) if it.contains("status 503")), "{before:?}");
    assert_eq!((before.article.body.as_str(), &before.article.method), (BRIEF, &Method::Feed));
    assert_eq!(watches(&daemon), ["Vinnikov"]);

    home.clock.set("2026-11-22T01:00:00Z");
    let (markup, text) = full();
    site.page("/p", markup);
    let second = daemon.poll("paper").await;
    assert_eq!((second.new.len(), second.reread, second.pages), (0, 1, 1));
    let alerts: Vec<&str> = second.alerts.iter().map(|it| it.watch.as_str()).collect();
    assert_eq!(alerts, ["ITPP"], "Vinnikov has been told");
    let after = daemon.report();
    assert_eq!((after.article.version, after.article.body.clone()), (2, format!("{BRIEF}\n{text}")));
    assert_eq!((&after.article.method, &after.assignment), (&Method::Readability, &before.assignment));
    assert_eq!((after.article.id, after.article.first_seen), (before.article.id, before.article.first_seen));
    assert_eq!(watches(&daemon), ["ITPP", "Vinnikov"]);

    assert_eq!(daemon.poll("paper").await.answer, Answer::Unchanged);
    assert_eq!((site.count("/p"), daemon.report()), (2, after));
}

/// Found by a tester: an article that had left the feed before the first retry was never read, and its alert never came.
#[tokio::test]
async fn a_page_that_was_down_is_read_though_its_entry_has_left_the_feed() {
    let site = Site::start().await;
    site.put("/p", 503, &[], "");
    site.page("/q", page("/q", &prose(9)));
    list(&site, &["/p"]);
    let home = home(&site);
    let daemon = home.start();
    daemon.poll("paper").await;
    let before = article(&daemon, "/p");
    list(&site, &["/q"]);
    daemon.poll("paper").await;
    // Neither a restart nor a feed that is down itself is in the way.
    drop(daemon);
    site.put("/feed", 500, &[], "");
    home.clock.set("2026-11-22T01:00:00Z");
    let daemon = home.start();
    assert_eq!((daemon.poll("paper").await.reread, site.count("/p")), (1, 2));
    assert_eq!(article(&daemon, "/p"), Article { version: 2, ..before.clone() }, "the feed's text and date are kept");
    home.clock.set("2026-11-22T02:00:00Z");
    let (markup, text) = full();
    site.page("/p", markup);
    let report = daemon.poll("paper").await;
    let alerts: Vec<&str> = report.alerts.iter().map(|it| it.watch.as_str()).collect();
    assert_eq!((report.reread, alerts), (1, vec!["ITPP"]), "Vinnikov has been told");
    let after = article(&daemon, "/p");
    assert_eq!((after.version, after.body), (3, format!("{BRIEF}\n{text}")));
    assert_eq!((after.published, &after.guid, &after.title), (before.published, &before.guid, &before.title));
    home.clock.set("2026-11-24T02:00:00Z");
    daemon.poll("paper").await;
    assert_eq!(site.count("/p"), 3);
}

/// Found in a review: a feed with one such page was sent whole at each poll, for days.
#[tokio::test]
async fn a_feed_whose_pages_are_down_stays_conditional() {
    let site = Site::start().await;
    let mut home = home(&site);
    home.set("POLL__PAGE_RETRIES", "3");
    site.put("/p", 503, &[], "");
    site.page("/q", page("/q", &prose(9)));
    list(&site, &["/p"]);
    let mut daemon = home.start();
    let polls = async |daemon: &Daemon, minutes: i64, expected: (bool, usize)| {
        home.clock.set(&format!("2026-11-22T{:02}:{:02}:00Z", minutes / 60, minutes % 60));
        let (asked, report) = (site.count("/p"), daemon.poll("paper").await);
        let requests = site.server.requests();
        let feed = requests.iter().rfind(|it| it.target == "/feed").unwrap();
        let found = (feed.header("if-none-match").is_some(), site.count("/p") - asked);
        assert_eq!(found, expected, "minute {minutes}: {report:?}");
        report
    };
    polls(&daemon, 0, (false, 1)).await;
    // It is due after 15, 30 and 60 minutes.
    assert_eq!(polls(&daemon, 5, (true, 0)).await.answer, Answer::Unchanged);
    polls(&daemon, 14, (true, 0)).await;
    polls(&daemon, 15, (true, 1)).await;
    // What is new meanwhile, a poll that fails, and one that the host wants put off change nothing about that.
    list(&site, &["/q", "/p"]);
    assert_eq!(polls(&daemon, 16, (true, 0)).await.new.len(), 1);
    polls(&daemon, 17, (true, 0)).await;
    site.put("/feed", 500, &[], "");
    assert!(matches!(polls(&daemon, 18, (true, 0)).await.answer, Answer::Failed { .. }));
    list(&site, &["/q", "/p"]);
    assert_eq!(polls(&daemon, 20, (true, 0)).await.answer, Answer::Unchanged);
    daemon.reload(&home);
    polls(&daemon, 29, (true, 0)).await;
    polls(&daemon, 30, (true, 1)).await;
    drop(daemon);
    let daemon = home.start();
    polls(&daemon, 40, (true, 0)).await;
    polls(&daemon, 50, (true, 0)).await;
    site.page("/p", full().0);
    assert_eq!(polls(&daemon, 60, (true, 1)).await.reread, 1);
    assert_eq!(article(&daemon, "/p").method, Method::Readability);
    // Nothing is owed any more.
    assert_eq!(polls(&daemon, 61, (true, 0)).await.answer, Answer::Unchanged);
    assert!(!daemon.state("paper").documents.is_empty());
    drop(daemon);
    polls(&home.start(), 62, (true, 0)).await;
}

#[tokio::test]
async fn a_page_that_stays_down_is_given_up() {
    let site = Site::start().await;
    site.put("/p", 503, &[], "");
    list(&site, &["/p"]);
    let home = home(&site);
    for n in 1..=3 {
        // Attempts are counted over restarts.
        let daemon = home.start();
        home.clock.set(&format!("2026-11-22T0{n}:00:00Z"));
        let report = daemon.poll("paper").await;
        assert_eq!((report.new.len(), report.reread), if n == 1 { (1, 0) } else { (0, 1) });
        assert_eq!((site.count("/p"), daemon.report().article.version), (n, u32::try_from(n).unwrap()));
    }
    let daemon = home.start();
    assert_eq!(daemon.poll("paper").await.answer, Answer::Unchanged, "nothing is left to be had");
    site.page("/p", full().0);
    list(&site, &["/p", "/p"]);
    daemon.poll("paper").await;
    assert_eq!(site.count("/p"), 3, "the first reading and two retries");
    assert_eq!((daemon.report().article.body.as_str(), watches(&daemon)), (BRIEF, vec!["Vinnikov".to_owned()]));
}

/// Found in a review: it was to be read at each poll for ever, and the feed was asked for whole each time.
#[tokio::test]
async fn a_page_that_is_no_longer_to_be_read_is_not_waited_for() {
    let site = Site::start().await;
    site.put("/p", 503, &[], "");
    list(&site, &["/p"]);
    let home = home(&site);
    let daemon = home.start();
    daemon.poll("paper").await;
    drop(daemon);
    let url = site.url("/feed");
    home.write(
        "sources.toml",
        &format!(
            "[[source]]\nid = \"paper\"\nname = \"Paper\"\nurl = \"{url}\"\nkind = \"syndication\"\npages = false\n"
        ),
    );
    home.clock.advance(chrono::TimeDelta::hours(2));
    let daemon = home.start();
    daemon.poll("paper").await;
    home.clock.advance(chrono::TimeDelta::hours(2));
    assert_eq!(daemon.poll("paper").await.answer, Answer::Unchanged);
    assert_eq!(site.count("/p"), 1);
}

#[tokio::test]
async fn a_site_that_asks_to_wait_is_left_alone_for_this_poll() {
    let site = Site::start().await;
    let other = Site::start().await;
    let mut home = home(&site);
    let elsewhere = format!("localhost:{}", other.server.address().port());
    home.set("FETCH__ALLOW_PRIVATE", &format!("{:?}", [site.server.address().to_string(), elsewhere.clone()]));
    site.put("/1", 429, &["retry-after: 3600"], "");
    other.page("/4", page("/4", &prose(4)));
    let paths = ["/3", "/2", "/1"];
    for path in &paths[..2] {
        site.page(path, page(path, &prose(u32::from(path.as_bytes()[1]))));
    }
    let mut items: Vec<Item> = paths.iter().map(|it| Item::new(it, &site.url(it), BRIEF)).collect();
    items.insert(0, Item::new("/4", &format!("http://{elsewhere}/4").parse().unwrap(), BRIEF));
    site.feed("/feed", &items);

    let daemon = home.start();
    let report = daemon.poll("paper").await;
    assert_eq!((report.new.len(), report.pages), (4, 2));
    assert_eq!(paths.map(|it| site.count(it)), [0, 0, 1]);
    for path in ["/2", "/3"] {
        let page = article(&daemon, path).page;
        assert!(matches!(&page, Page::Unreachable(it) if it.contains("wants to be left alone")), "{path}: {page:?}");
    }
    assert_eq!(article(&daemon, "/4").method, Method::Readability, "another site did not ask");

    // The first page goes on asking to wait until it is given up; the others lose no attempt by that.
    for n in 2..=3 {
        home.clock.pass(TimeDelta::hours(if n == 2 { 2 } else { 1 })).await;
        assert_eq!(daemon.poll("paper").await.reread, 1);
        assert_eq!(paths.map(|it| site.count(it)), [0, 0, n]);
    }
    home.clock.pass(TimeDelta::hours(2)).await;
    let report = daemon.poll("paper").await;
    assert_eq!((report.reread, report.pages), (2, 2));
    assert_eq!(paths.map(|it| article(&daemon, it).version), [2, 2, 3]);
    assert_eq!(paths.map(|it| site.count(it)), [1, 1, 3]);
    assert_eq!(daemon.poll("paper").await.pages, 0);
    assert_eq!(daemon.poll("paper").await.answer, Answer::Unchanged);
}

/// Found in a review: after a reload pages of a site were asked for that had asked to be left alone, and its robots.txt again.
#[tokio::test]
async fn a_site_that_asks_to_wait_is_left_alone_after_a_reload() {
    let site = Site::start().await;
    let mut home = home(&site);
    site.put("/1", 429, &["retry-after: 7200"], "");
    site.page("/2", page("/2", &prose(2)));
    let items = |paths: &[&str]| paths.iter().map(|it| Item::new(it, &site.url(it), BRIEF)).collect::<Vec<_>>();
    site.feed("/feed", &items(&["/1"]));
    let mut daemon = home.start();
    daemon.poll("paper").await;
    for (key, value) in [("FETCH__TIMEOUT", "20s"), ("FETCH__PER_HOST", "3")] {
        home.set(key, value);
        daemon.reload(&home);
        home.clock.pass(TimeDelta::minutes(10)).await;
        site.feed("/feed", &items(&["/2", "/1"]));
        daemon.poll("paper").await;
        assert_eq!(["/1", "/2", "/robots.txt"].map(|it| site.count(it)), [1, 0, 1], "{key}");
    }
    site.page("/1", page("/1", &prose(1)));
    home.clock.pass(TimeDelta::hours(3)).await;
    daemon.poll("paper").await;
    assert_eq!(["/1", "/2"].map(|it| site.count(it)), [2, 1]);
}

/// A home with the sources "paper" and "mesh", both with the link `/p` under titles of their own.
fn shared(site: &Site) -> Home {
    let home = home(site);
    home.sources(&[("paper", site.url("/feed").as_str()), ("mesh", site.url("/mesh").as_str())]);
    list(site, &["/p"]);
    let mut link = site.url("/p");
    link.set_query(Some("utm_source=mesh"));
    site.feed("/mesh", &[Item::new("From the mesh", &link, "Shared.")]);
    home
}

#[tokio::test]
async fn a_link_of_two_sources_is_asked_for_once() {
    let site = Site::start().await;
    let home = shared(&site);
    let barrier = Arc::new(Barrier::new(2));
    site.page("/p", full().0);
    site.hold("/p", &barrier);
    let daemon = home.start();
    let (paper, mesh) = (Box::pin(daemon.poll("paper")), Box::pin(daemon.poll("mesh")));
    let both = async {
        // Whichever asks for the page waits; the other one has nothing to wait for.
        let (first, second) = match select(paper, mesh).await {
            Either::Left((first, second)) | Either::Right((first, second)) => (first, second),
        };
        assert_eq!((first.new.len(), first.pages), (0, 0), "{first:?}");
        // Together: the second may not have asked yet, and goes on only while it is polled.
        join(barrier.wait(), second).await.1
    };
    let second = tokio::time::timeout(Duration::from_secs(20), both).await.expect("both ask for the page");
    assert_eq!((second.new.len(), second.pages), (1, 1), "{second:?}");
    assert_eq!(site.count("/p"), 1);
    // The source that left the page to the other looks once more whether that went well.
    for source in ["paper", "mesh"] {
        daemon.poll(source).await;
        assert_eq!(daemon.poll(source).await.answer, Answer::Unchanged);
    }
    assert_eq!((site.count("/p"), daemon.reports().len()), (1, 1));
}

#[tokio::test]
async fn a_later_source_does_not_take_an_article_over() {
    let site = Site::start().await;
    let home = shared(&site);
    site.put("/p", 503, &[], "");
    let daemon = home.start();
    daemon.poll("paper").await;
    let before = daemon.report().article;
    assert_eq!(daemon.poll("mesh").await.reread, 0, "too early");
    home.clock.set("2026-11-22T01:00:00Z");
    assert_eq!(daemon.poll("mesh").await.reread, 1);
    let still = daemon.report().article;
    assert_eq!(
        (still.version, &still.source, &still.body, &still.title),
        (2, &before.source, &before.body, &before.title)
    );
    site.page("/p", full().0);
    home.clock.set("2026-11-22T02:00:00Z");
    assert_eq!(daemon.poll("mesh").await.reread, 1);
    let after = daemon.report().article;
    assert_eq!((after.version, after.method), (3, Method::Readability));
    assert_eq!((&after.source, &after.link, &after.guid), (&before.source, &before.link, &before.guid));
    assert_eq!((after.feed_title, after.title), (before.feed_title, before.title));
    assert_eq!((daemon.poll("paper").await.pages, daemon.reports().len()), (0, 1));
}

#[tokio::test]
async fn a_link_that_redirects_is_held_under_both_addresses() {
    let site = Site::start().await;
    let home = home(&site);
    site.redirect("/short", "/p");
    site.page("/p", full().0);
    list(&site, &["/short"]);
    let daemon = home.start();
    daemon.poll("paper").await;
    let article = daemon.report().article;
    assert_eq!(article.link.unwrap().as_url(), &site.url("/short"));
    assert!(matches!(&article.page, Page::Fetched(it) if it.url == site.url("/p").as_str()), "{:?}", article.page);
    // A new document with the same entry, and then with the address that it led to.
    for paths in [["/short", "/short"], ["/p", "/short"]] {
        list(&site, &paths);
        let report = daemon.poll("paper").await;
        assert!(matches!(report.answer, Answer::Read { entries: 2, .. }));
        assert_eq!((report.new.len(), report.pages), (0, 0));
    }
    assert_eq!((site.count("/short"), site.count("/p")), (1, 1));
}

#[tokio::test]
async fn a_panic_is_a_failure_of_its_source() {
    let site = Site::start().await;
    let home = home(&site);
    list(&site, &["/p"]);
    let store = Hooked::new(home.store()).on_held(|_| panic!("a defect"));
    let daemon = home.start_over(Arc::new(store));
    let report = daemon.poll("paper").await;
    let reason = "sitrepd itself failed on this source; please report it".to_owned();
    assert_eq!(report.answer, Answer::Failed { fault: Fault::Defect, reason: reason.clone() });
    let state = daemon.state("paper");
    let condition = Condition::Failing(Fault::Defect);
    assert_eq!(state.health, Health { condition, reason, since: home.clock.now() });
    assert_eq!((state.due - home.clock.now()).num_minutes(), 30, "it is not polled again at once");
    drop(daemon);
    let daemon = home.start();
    assert_eq!(daemon.poll("paper").await.new.len(), 1, "nothing was marked as read");
}
