//! Pages of articles of interest, read again: what was changed, what was withdrawn, and what was neither.

use std::{ops::ControlFlow, time::Duration};

use chrono::TimeDelta;
use sitrepd::{
    daemon::{
        digests,
        evidence::{due, read_due},
        outbox,
    },
    model::{ArticleId, Event, Finding, PageState, Snapshot, Timestamp},
    store::LedgerReader,
};

use crate::support::{
    daemon::{Daemon, Home},
    site::{Item, Site, page, prose},
};

const TOPICS: &str =
    "[[topic]]\nid = \"border\"\nname = \"Border\"\nphrases = [{ weight = 10, any = [\"opened the border\"] }]\n";

/// A home with the source "paper"; the topic is in each prose.
fn home(site: &Site, paths: &[&str]) -> Home {
    let items: Vec<Item> = paths.iter().map(|it| Item::new(it, &site.url(it), "Brief.")).collect();
    site.feed("/feed", &items);
    let home = Home::new(&[site.server.address().to_string()]);
    home.sources(&[("paper", site.url("/feed").as_str())]);
    home.write("topics.toml", TOPICS);
    home
}

/// Prose that is about the border, changed in one word.
fn text(word: &str) -> Vec<String> {
    let mut res = prose(7);
    res.insert(
        1,
        format!("The ministers opened the border on Wednesday, and {word} people crossed it, the office said."),
    );
    res
}

async fn read_again(daemon: &Daemon) -> usize {
    read_due(daemon, || false).await.unwrap()
}

fn events(daemon: &Daemon) -> Vec<(ArticleId, Finding)> {
    let mut res = Vec::new();
    let visit = &mut |it: Event| {
        res.push((it.article, it.finding));
        ControlFlow::Continue(())
    };
    daemon.store.events(Timestamp::MIN_UTC..Timestamp::MAX_UTC, visit).unwrap();
    res
}

fn pages(home: &Home) -> Vec<Snapshot> {
    let mut res = Vec::new();
    let visit = &mut |_, it| {
        res.push(it);
        ControlFlow::Continue(())
    };
    LedgerReader::open(&home.config().store).unwrap().pages(visit).unwrap();
    res
}

#[tokio::test]
async fn a_page_that_is_another_articles_too_is_not_compared() {
    let site = Site::start().await;
    site.page("/live", page("Live", &text("twelve")));
    let home = home(&site, &[]);
    let daemon = home.start();
    let posts = [("p1", "Border opens", "The border was opened at noon."), ("p2", "Guard resigns", "He left at one.")];
    for (guid, title, text) in posts {
        let item = Item { guid: Some(guid.to_owned()), ..Item::new(title, &site.url("/live"), text) };
        site.feed("/feed", &[item]);
        assert_eq!(daemon.poll("paper").await.new.len(), 1, "{title}");
    }
    home.clock.advance(TimeDelta::hours(2));
    let all = due(&daemon).await.unwrap();
    // Nor is that of the first: what it says now may be said of the second.
    assert_eq!((all.len(), read_again(&daemon).await, site.count("/live")), (2, 0, 2));
    assert_eq!(events(&daemon), Vec::new());
}

/// Found by a reader: yesterday's briefing was told as changed, and today's name a second time.
#[tokio::test]
async fn the_briefing_of_the_next_day_is_no_change_of_the_first() {
    next_briefing(["Briefing", "Briefing"]).await;
    next_briefing(["Bulletin: morning", "Bulletin: evening"]).await;
}

async fn next_briefing(titles: [&str; 2]) {
    let site = Site::start().await;
    let home = home(&site, &[]);
    let daemon = home.start();
    for (day, name, title) in [(1, "the envoy", titles[0]), (2, "Vinnikov", titles[1])] {
        let body = [format!("The ministers opened the border, and {name} was there."), prose(day).concat()];
        site.page("/briefing", page("Daily briefing", &body));
        let (link, published) = (site.url("/briefing"), home.clock.now().to_rfc2822());
        let feed = format!(
            "<rss version=\"2.0\"><channel><item><title>{title}</title><link>{link}</link><guid>b{day}</guid>\
             <pubDate>{published}</pubDate><description>In brief.</description></item></channel></rss>"
        );
        site.put("/feed", 200, &["content-type: application/rss+xml"], feed);
        assert_eq!(daemon.poll("paper").await.new.len(), 1, "day {day}");
        home.clock.advance(TimeDelta::hours(24));
    }
    assert_eq!(daemon.alerts().len(), 1);
    assert_eq!(read_again(&daemon).await, 0);
    assert_eq!((events(&daemon), daemon.alerts().len()), (Vec::new(), 1));
}

/// The feed's text stands before the page's, and again does when the page is read again.
#[tokio::test]
async fn a_page_that_leaves_out_a_name_of_the_feed_is_not_changed() {
    let site = Site::start().await;
    site.page("/a", page("Border opens", &text("twelve")));
    let home = home(&site, &[]);
    site.feed("/feed", &[Item::new("Border opens", &site.url("/a"), "Vinnikov was there.")]);
    let daemon = home.start();
    assert_eq!(daemon.poll("paper").await.new.len(), 1);
    let article = daemon.report().article;
    assert!(article.body.starts_with("Vinnikov was there.\n"), "{}", article.body);
    assert_eq!(daemon.alerts().len(), 1);
    home.clock.advance(TimeDelta::hours(2));
    assert_eq!((read_again(&daemon).await, events(&daemon)), (1, Vec::new()));
    site.page("/a", page("Border opens", &text("thirteen")));
    home.clock.advance(TimeDelta::hours(24));
    assert_eq!((read_again(&daemon).await, events(&daemon)), (1, vec![(article.id, Finding::Changed(2))]));
    assert!(daemon.report().article.body.starts_with("Vinnikov was there.\n"));
    assert_eq!(daemon.alerts().len(), 1);
}

#[tokio::test]
async fn a_changed_page_makes_a_version_that_is_kept_with_the_old() {
    let site = Site::start().await;
    site.page("/a", page("Border opens", &text("twelve")));
    let home = home(&site, &["/a"]);
    let daemon = home.start();
    assert_eq!(daemon.poll("paper").await.new.len(), 1);
    let id = daemon.report().article.id;
    assert_eq!(daemon.report().tags.len(), 1);

    // Not yet.
    home.clock.advance(TimeDelta::minutes(59));
    assert_eq!((read_again(&daemon).await, site.count("/a")), (0, 1));
    // The same page, and once only.
    home.clock.advance(TimeDelta::minutes(2));
    assert_eq!(due(&daemon).await.unwrap(), [id]);
    assert_eq!((read_again(&daemon).await, site.count("/a")), (1, 2));
    assert_eq!((read_again(&daemon).await, events(&daemon)), (0, Vec::new()));
    assert_eq!(daemon.store.last_reading(id).unwrap().unwrap().state, PageState::There);

    // Another text after a day, by way of a redirect.
    site.redirect("/a", "/b");
    site.page("/b", page("Border opens", &text("Vinnikov and 15")));
    home.clock.advance(TimeDelta::hours(24));
    assert_eq!(read_again(&daemon).await, 1);
    assert_eq!(events(&daemon), [(id, Finding::Changed(2))]);
    let versions = daemon.store.versions(id).unwrap();
    assert_eq!(versions.iter().map(|it| it.version).collect::<Vec<_>>(), [1, 2]);
    assert!(versions[0].body.contains("and twelve people") && versions[1].body.contains("and Vinnikov and 15 people"));
    assert_eq!((versions[1].first_seen, &versions[1].link), (versions[0].first_seen, &versions[0].link));
    // A digest of the time says which words.
    let digest = digests::issue_now(&daemon, &daemon.config.digest, Duration::from_secs(48 * 3_600)).await.unwrap();
    let words = digest.events.items[0].words.clone().unwrap();
    assert_eq!((words.out.as_str(), words.put_in.as_str()), ("twelve", "Vinnikov and 15"));
    // A name that a watch waits for came with the new version.
    assert_eq!(daemon.alerts().iter().map(|it| it.watch.as_str()).collect::<Vec<_>>(), ["Vinnikov"]);
    // An entry that still is in the feed is the same article.
    assert_eq!(daemon.poll("paper").await.new.len(), 0);

    // Both pages are kept, as they came in and how.
    let kept = pages(&home);
    assert_eq!(kept.iter().map(|it| (it.article, it.version)).collect::<Vec<_>>(), [(id, 1), (id, 2)]);
    assert_eq!(kept[0].body, page("Border opens", &text("twelve")).into_bytes());
    let trail = &kept[1].trail;
    assert_eq!((trail.asked.as_str(), trail.url.as_str()), (site.url("/a").as_str(), site.url("/b").as_str()));
    assert_eq!((trail.redirects.len(), trail.redirects[0].status, trail.status), (1, 301, 200));
    assert!(trail.headers.iter().any(|(name, value)| name == "etag" && value.starts_with('"')), "{trail:?}");

    // After a restart the last reading is still to come.
    drop(daemon);
    let daemon = home.start();
    assert_eq!((read_again(&daemon).await, events(&daemon).len()), (0, 1));
    home.clock.advance(TimeDelta::days(6));
    assert_eq!((read_again(&daemon).await, read_again(&daemon).await), (1, 0));
    home.clock.advance(TimeDelta::days(90));
    assert_eq!(read_again(&daemon).await, 0);
    assert_eq!((events(&daemon).len(), daemon.store.versions(id).unwrap().len()), (1, 2));
}

#[tokio::test]
async fn what_is_gone_twice_is_withdrawn() {
    let site = Site::start().await;
    for path in ["/deleted", "/gone", "/front", "/blip", "/broken"] {
        site.page(path, page(&format!("Border opens at {path}"), &text(path)));
    }
    site.page("/", page("Front page", &prose(1)));
    let home = home(&site, &["/deleted", "/gone", "/front", "/blip", "/broken"]);
    let daemon = home.start();
    assert_eq!(daemon.poll("paper").await.new.len(), 5);
    let ids = |daemon: &Daemon, path: &str| {
        let reports = daemon.reports();
        reports.iter().find(|it| it.article.link.as_ref().unwrap().as_str().ends_with(path)).unwrap().article.id
    };
    site.redirect("/deleted", "/lost");
    site.put("/lost", 404, &["content-type: text/html"], "no such page");
    site.put("/gone", 410, &["content-type: text/html"], "gone");
    site.redirect("/front", "/");
    site.put("/blip", 404, &["content-type: text/html"], "no such page");
    site.put("/broken", 500, &["content-type: text/html"], "oops");
    home.clock.advance(TimeDelta::minutes(61));
    assert_eq!(read_again(&daemon).await, 5);
    // One reading may be an error of the site's.
    assert_eq!(events(&daemon), []);
    site.page("/blip", page("Border opens at /blip", &text("/blip")));
    home.clock.advance(TimeDelta::minutes(61));
    assert_eq!(read_again(&daemon).await, 5);
    let mut told = events(&daemon);
    told.sort_by_key(|it| it.0);
    let mut withdrawn = ["/deleted", "/gone", "/front"].map(|it| ids(&daemon, it));
    withdrawn.sort();
    assert_eq!(told.iter().map(|it| it.0).collect::<Vec<_>>(), withdrawn);
    // How each site said so is on record, by way of a redirect too.
    let mut trails = Vec::new();
    let visit = &mut |it: Event| {
        let trail = it.trail.unwrap();
        trails.push((trail.status, trail.redirects.len(), trail.headers.iter().any(|it| it.0 == "content-type")));
        ControlFlow::Continue(())
    };
    daemon.store.events(Timestamp::MIN_UTC..Timestamp::MAX_UTC, visit).unwrap();
    trails.sort_unstable();
    assert_eq!(trails, [(200, 1, true), (404, 1, true), (410, 0, true)]);
    for (id, finding) in &told {
        let Finding::Withdrawn(why) = finding else { panic!("{finding:?}") };
        let expected = if *id == ids(&daemon, "/front") { "front page" } else { "answered with status 4" };
        assert!(why.contains(expected), "{why}");
    }
    // What was held is held, and is not asked for any more.
    let asked = site.count("/gone");
    home.clock.advance(TimeDelta::hours(24));
    assert!(read_again(&daemon).await > 0);
    assert_eq!((site.count("/gone"), events(&daemon).len(), daemon.reports().len()), (asked, 3, 5));
    assert!(daemon.reports().iter().all(|it| it.article.version == 1 && !it.article.body.is_empty()));
}

#[tokio::test]
async fn only_what_is_of_interest_is_read_again() {
    let site = Site::start().await;
    let dull = ["The ministry planted trees along the road on Wednesday, the office said, and birds came.".to_owned()];
    site.page("/dull", page("Trees planted", &[dull.as_slice(), &dull].concat()));
    site.page("/watched", page("Trees", &["Vinnikov planted the first tree.".to_owned(), dull[0].clone()]));
    site.page("/tagged", page("Border", &text("nine")));
    let mut home = home(&site, &["/dull", "/watched", "/tagged", "/never"]);
    let daemon = home.start();
    daemon.poll("paper").await;
    home.clock.advance(TimeDelta::hours(2));
    assert_eq!(read_again(&daemon).await, 2);
    assert_eq!(["/dull", "/watched", "/tagged"].map(|it| site.count(it)), [1, 2, 2]);
    let mut kept: Vec<_> = pages(&home).into_iter().map(|it| it.trail.asked).collect();
    kept.sort();
    assert_eq!(kept, [site.url("/tagged").to_string(), site.url("/watched").to_string()]);
    // Nor where that is switched off, or the source is.
    drop(daemon);
    home.clock.advance(TimeDelta::days(1));
    home.set("EVIDENCE__REREAD", "[]");
    let daemon = home.start();
    assert_eq!(read_again(&daemon).await, 0);
    drop(daemon);
    home.set("EVIDENCE__REREAD", "[\"1h\", \"24h\"]");
    home.sources(&[]);
    let daemon = home.start();
    assert_eq!((due(&daemon).await.unwrap().len(), read_again(&daemon).await), (2, 0));
}

/// What a command says, with the settings of a home.
fn run(home: &Home, arguments: &[&str]) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_sitrepd"));
    command.env_clear().envs(home.settings().iter().cloned());
    command.arg("--config-dir").arg(home.config_dir()).arg("--state-dir").arg(home.state_dir()).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A home whose one article was changed, and withdrawn after that; its id.
async fn changed_and_withdrawn(site: &Site) -> (Home, ArticleId) {
    site.page("/a", page("Border opens", &text("twelve")));
    let home = home(site, &["/a"]);
    let daemon = home.start();
    daemon.poll("paper").await;
    let id = daemon.report().article.id;
    site.page("/a", page("Border opens", &text("Vinnikov\u{1b}[31m and fifteen")));
    home.clock.advance(TimeDelta::hours(2));
    assert_eq!(read_again(&daemon).await, 1);
    site.put("/a", 410, &["content-type: text/html"], "gone");
    home.clock.advance(TimeDelta::hours(24));
    assert_eq!(read_again(&daemon).await, 1);
    home.clock.advance(TimeDelta::hours(2));
    assert_eq!(read_again(&daemon).await, 1);
    assert_eq!(events(&daemon).len(), 2);
    (home, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_shown() {
    let site = Site::start().await;
    let (home, id) = changed_and_withdrawn(&site).await;
    let id = id.to_string();
    let told = run(&home, &["show", &id]);
    let link = site.url("/a").to_string();
    for part in
        ["version     1, ", "version     2, ", "changed by ", "withdrawn by ", ", status 410", "“/a”, The paper", &link]
    {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
    let record: serde_json::Value = serde_json::from_str(&run(&home, &["--json", "show", &id])).unwrap();
    assert_eq!(record["versions"].as_array().unwrap().len(), 2);
    assert_eq!((&record["events"][0]["what"], &record["events"][1]["what"]), (&"changed".into(), &"withdrawn".into()));
    let fetch = &record["events"][1]["fetch"];
    assert_eq!((&fetch["status"], &fetch["asked"]), (&410.into(), &site.url("/a").as_str().into()));
    assert_eq!(fetch["headers"]["content-type"], "text/html");
    let citation = &record["citation"];
    assert_eq!(
        (&citation["url"], &citation["version"], &citation["outlet"]),
        (&link.into(), &2.into(), &"The paper".into())
    );
    assert_eq!(citation["text_sha256"], record["versions"][1]["text_sha256"]);
    // The record that the citation names is the one that the proof leads to.
    let proof: serde_json::Value = serde_json::from_str(&run(&home, &["--json", "show", &id, "--proof"])).unwrap();
    let records = proof["records"].as_array().unwrap();
    let of_version = records.iter().find(|it| it["version"] == 2 && it["what"] == "version").unwrap();
    assert_eq!(of_version["record"], citation["record"]);

    // The digest of that time tells of it.
    let told = run(&home, &["digest", "--since", "36500d", "--format", "text"]);
    assert!(told.contains("Changed and withdrawn") && told.contains("· withdrawn: "), "{told}");

    let told = run(&home, &["show", &id, "--diff"]);
    assert!(told.contains("[-twelve-] {+Vinnikov") && !told.contains('\u{1b}'), "{told}");
    let runs: serde_json::Value = serde_json::from_str(&run(&home, &["--json", "show", &id, "--diff"])).unwrap();
    let sides: Vec<_> = runs["runs"].as_array().unwrap().iter().map(|it| it["side"].as_str().unwrap()).collect();
    assert_eq!(sides, ["both", "old", "new", "both"]);

    let file = home.dir().join("page.html");
    let path = file.to_str().unwrap();
    run(&home, &["show", &id, "--page", path]);
    assert!(std::fs::read_to_string(&file).unwrap().contains("Vinnikov"));
    let told = run(&home, &["--json", "show", &id, "--page", path, "--version", "1"]);
    assert_eq!(std::fs::read(&file).unwrap(), page("Border opens", &text("twelve")).into_bytes());
    assert!(told.contains("\"status\":200") && told.contains("\"etag\""), "{told}");

    // The whole record can be taken elsewhere, and twice is once.
    let (all, warc) = (home.dir().join("all.jsonl"), home.dir().join("pages.warc.gz"));
    run(&home, &["export", all.to_str().unwrap()]);
    let other = Home::new(&[]);
    let told = run(&other, &["--json", "import", all.to_str().unwrap()]);
    assert!(!told.contains("\"taken\":0"), "{told}");
    assert_eq!(pages(&other), pages(&home));
    let told = run(&other, &["--json", "import", all.to_str().unwrap()]);
    assert!(told.contains("\"taken\":0"), "{told}");
    let there: serde_json::Value = serde_json::from_str(&run(&other, &["--json", "show", &id])).unwrap();
    assert_eq!((&there["versions"], &there["events"]), (&record["versions"], &record["events"]));

    let told = run(&home, &["--json", "export", "--warc", warc.to_str().unwrap(), "--article", &id]);
    assert!(told.contains("\"pages\":2,\"records\":8,\"withdrawals\":1"), "{told}");
    // For a reader that somebody else wrote: tests/warc.py.
    if let Some(path) = std::env::var_os("SITREPD_WARC") {
        std::fs::copy(&warc, path).unwrap();
    }
    let mut text = String::new();
    let file = std::io::BufReader::new(std::fs::File::open(&warc).unwrap());
    std::io::Read::read_to_string(&mut flate2::bufread::MultiGzDecoder::new(file), &mut text).unwrap();
    assert_eq!(text.matches("WARC/1.1\r\n").count(), 8);
    // That it was withdrawn stands there with the answer that said so.
    let gone = text.split("WARC/1.1\r\n").find(|it| it.contains("\r\nwithdrawn: ")).unwrap();
    for part in
        ["http-status: 410\r\n", "http-header: content-type: text/html\r\n", &format!("asked: {}", site.url("/a"))]
    {
        assert!(gone.contains(part), "{part:?} is not in {gone}");
    }
    assert!(text.contains(&page("Border opens", &self::text("twelve"))) && text.contains("http-status: 200"));
}

#[tokio::test]
async fn robots_and_large_pages() {
    let site = Site::start().await;
    site.page("/a", page("Border opens", &text("nine")));
    let mut home = home(&site, &["/a"]);
    home.set("EVIDENCE__MAX_PAGE_BYTES", "100");
    let daemon = home.start();
    daemon.poll("paper").await;
    assert_eq!(pages(&home), []);
    site.put("/robots.txt", 200, &["content-type: text/plain"], "User-agent: *\nDisallow: /a");
    home.clock.advance(TimeDelta::hours(25));
    let asked = site.count("/a");
    assert_eq!(read_again(&daemon).await, 1);
    assert_eq!((site.count("/a"), events(&daemon)), (asked, Vec::new()));
    let last = daemon.store.last_reading(daemon.report().article.id).unwrap().unwrap();
    assert_eq!((last.state, last.attempts), (PageState::Failed, 1));
}

/// Where messages of the channel "files" lie, and what is in those of alerts.
fn alerts_told(home: &Home) -> Vec<String> {
    let mut res = Vec::new();
    for it in std::fs::read_dir(home.state_dir().join("out")).into_iter().flatten() {
        let path = it.unwrap().path();
        if path.extension().is_some_and(|it| it == "txt") {
            res.push(std::fs::read_to_string(path).unwrap());
        }
    }
    res.sort();
    res
}

#[tokio::test]
async fn who_was_alerted_is_told_what_became_of_it() {
    let site = Site::start().await;
    let watched = |sentence: &str| page("Border opens", &[vec![sentence.to_owned()], text("nine")].concat());
    site.page("/a", watched("Vinnikov came to the opening, the office said."));
    let mut home = home(&site, &["/a"]);
    home.set("ALERTS__QUIET", "22:00-07:00");
    home.set("DIGEST__ZONE", "UTC");
    // Both find it: still it is one message.
    home.write("watches.toml", "[[watch]]\nname = \"Vinnikov\"\nterms = [\"Vinnikov\"]\n[[watch]]\nname = \"Opening\"\nterms = [\"the opening\"]\n");
    home.clock.set("2026-11-22T08:00:00Z");
    let daemon = home.start();
    daemon.poll("paper").await;
    outbox::round(&daemon).await.unwrap();
    assert_eq!((daemon.alerts().len(), alerts_told(&home).len()), (2, 1));

    // Something else was changed: the alerts still say what it says.
    site.page(
        "/a",
        watched("Vinnikov came to the opening, the office said.").replace("and nine people", "and ten people"),
    );
    home.clock.set("2026-11-22T09:30:00Z");
    assert_eq!(read_again(&daemon).await, 1);
    assert_eq!(outbox::round(&daemon).await.unwrap().sent, 0);

    // The sentence is gone, in the night: it is told in the morning, once.
    site.page("/a", watched("The mayor came, the office said."));
    home.clock.set("2026-11-23T23:00:00Z");
    assert_eq!(read_again(&daemon).await, 1);
    assert_eq!((events(&daemon).len(), outbox::round(&daemon).await.unwrap().sent), (2, 0));
    drop(daemon);
    let daemon = home.start();
    home.clock.set("2026-11-24T07:00:00Z");
    assert_eq!((outbox::round(&daemon).await.unwrap().sent, alerts_told(&home).len()), (1, 2));
    let told = alerts_told(&home).concat();
    assert!(told.contains("version 3 does not say any more") && told.contains("*Vinnikov* came"), "{told}");

    // It is withdrawn, which two readings have to agree on.
    site.put("/a", 404, &["content-type: text/html"], "no such page");
    home.clock.set("2026-11-29T09:30:00Z");
    assert_eq!((read_again(&daemon).await, outbox::round(&daemon).await.unwrap().sent), (1, 0));
    home.clock.set("2026-11-29T10:31:00Z");
    assert_eq!(read_again(&daemon).await, 1);
    drop(daemon);
    let daemon = home.start();
    assert_eq!((outbox::round(&daemon).await.unwrap().sent, alerts_told(&home).len()), (1, 3));
    assert!(alerts_told(&home).concat().contains("the article was withdrawn"), "{:?}", alerts_told(&home));
    // Nothing else is changed by that: it is held as it was, and its alerts are.
    assert_eq!((daemon.alerts().len(), daemon.report().article.version, pages(&home).len()), (2, 3, 3));
    home.clock.advance(TimeDelta::days(3));
    assert_eq!((read_again(&daemon).await, outbox::round(&daemon).await.unwrap().sent), (0, 0));
    // Another archive takes the record over, and tells nobody.
    let all = home.dir().join("all.jsonl");
    run(&home, &["export", all.to_str().unwrap()]);
    let other = Home::new(&[]);
    run(&other, &["import", all.to_str().unwrap()]);
    let other = other.start();
    assert_eq!((events(&other).len(), other.store.counts().unwrap().pending), (3, 0));
}
