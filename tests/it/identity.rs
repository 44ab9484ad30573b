//! Which entries are new articles, where feeds share addresses, guids and titles.

use std::fmt::Write as _;

use chrono::TimeDelta;
use sitrepd::{
    daemon::settle::Settled,
    decide::source::Answer,
    model::{AlertKind, Article, ArticleId, CanonicalUrl, Method, Page, SourceId, Timestamp},
    text,
};

use crate::support::{
    daemon::{Daemon, Home},
    site::{Site, page, prose},
};

/// A home with the source "s" at `/feed`.
fn home(site: &Site, reads_pages: bool) -> Home {
    let home = Home::new(&[site.server.address().to_string()]);
    let url = site.url("/feed");
    home.write(
        "sources.toml",
        &format!(
            "[[source]]\nid = \"s\"\nname = \"S\"\nkind = \"syndication\"\nurl = \"{url}\"\npages = {reads_pages}\n"
        ),
    );
    home
}

/// An item of an RSS feed: title, link, guid, hour of 21 November 2026, text. What is empty is left out.
type Item<'a> = (&'a str, &'a str, &'a str, u32, &'a str);

fn put(site: &Site, items: &[Item<'_>]) {
    let mut res = "<rss version=\"2.0\"><channel><title>A feed</title>".to_owned();
    for (title, link, guid, hour, text) in items {
        write!(res, "<item><title>{title}</title><description>{text}</description>").unwrap();
        for (name, value) in [("link", *link), ("guid", *guid)].into_iter().filter(|it| !it.1.is_empty()) {
            let value = if value.starts_with('/') { site.url(value).to_string() } else { value.to_owned() };
            write!(res, "<{name}>{value}</{name}>").unwrap();
        }
        if *hour < 24 {
            write!(res, "<pubDate>Sat, 21 Nov 2026 {hour:02}:00:00 GMT</pubDate>").unwrap();
        }
        res.push_str("</item>");
    }
    site.put("/feed", 200, &["content-type: application/rss+xml"], res + "</channel></rss>");
}

/// How many articles are new in each of some documents.
async fn new(site: &Site, daemon: &Daemon, documents: &[&[Item<'_>]]) -> Vec<usize> {
    let mut res = Vec::new();
    for items in documents {
        put(site, items);
        res.push(daemon.poll("s").await.new.len());
    }
    res
}

#[track_caller]
fn links(daemon: &Daemon, expected: &[Option<&str>]) {
    let links = daemon.reports().into_iter().map(|it| it.article.link.map(|it| it.as_url().path().to_owned()));
    assert_eq!(links.collect::<Vec<_>>(), expected.iter().map(|it| it.map(str::to_owned)).collect::<Vec<_>>());
}

const FIRST: &str = "The parliament voted on the budget while protesters gathered at the gates of the old building.";
const SECOND: &str = "A ferry ran aground off Poti, and Vinnikov had its passengers taken to the harbour by tugs.";
const THIRD: &str = "Snow closed the pass above the tunnel, where forty lorries wait for the plough since noon.";

#[tokio::test]
async fn different_articles_of_one_address() {
    let site = Site::start().await;
    let home = home(&site, true);
    let daemon = home.start();
    site.page("/briefing", page("Briefing", &prose(1)));
    let item = |n, hour, text| ("Daily briefing", "/briefing", n, hour, text);
    let [a, b, c] = [item("b1", 8, FIRST), item("b2", 9, SECOND), item("b3", 10, THIRD)];
    assert_eq!(new(&site, &daemon, &[&[c, b, a], &[c, b], &[a], &[c, b, a]]).await, [3, 0, 0, 0]);
    assert_eq!(daemon.alerts().len(), 1);
    // Which of them the page shows is not known.
    assert!(daemon.reports().iter().all(|it| it.article.page == Page::None && it.article.method == Method::Feed));
    links(&daemon, &[Some("/briefing"); 3]);
    assert_eq!(site.count("/briefing"), 0);
}

/// Found by a reader: the page, which is written by a script, took the place of what the feed says of the second post.
#[tokio::test]
async fn a_post_of_a_live_blog_keeps_what_its_page_does_not_say() {
    let site = Site::start().await;
    let home = home(&site, true);
    let daemon = home.start();
    site.page("/live", page("Live: talks", &prose(1)));
    let posts = [("Talks open in the city", "/live", "p1", 8, FIRST), ("New arrival", "/live", "p2", 9, SECOND)];
    assert_eq!(new(&site, &daemon, &[&posts[..1], &posts[1..]]).await, [1, 1]);
    assert_eq!(daemon.alerts().len(), 1);
    let body = |n: usize| daemon.reports()[n].article.body.clone();
    let of_page = body(0).strip_prefix(FIRST).unwrap().to_owned();
    assert_eq!(body(1), format!("{SECOND}{of_page}"));
    // A post that the page has is read with it, and nothing is there twice.
    site.page("/live", page("Live: talks", &[prose(1).concat(), THIRD.to_owned()]));
    assert_eq!(new(&site, &daemon, &[&[("Snow", "/live", "p3", 10, THIRD)]]).await, [1]);
    assert_eq!(body(2).matches("forty lorries").count(), 1);
}

/// Found by a reader: a hand-made feed that lists the reports of three days at one address lost two of them.
#[tokio::test]
async fn different_articles_of_one_address_and_title_without_guids() {
    let site = Site::start().await;
    let home = home(&site, true);
    let daemon = home.start();
    let link = site.url("/daily");
    let report = |day: u32, text: &str| {
        format!(
            "<item><title>Situation report</title><link>{link}</link><pubDate>{day} Nov 2026 08:00:00 GMT</pubDate>\
             <description>{text}</description></item>"
        )
    };
    let [a, b, c] = [report(19, FIRST), report(20, SECOND), report(21, THIRD)];
    for (items, expected) in [(format!("{c}{b}{a}"), 3), (format!("{c}{b}"), 0), (b, 0), (a, 0)] {
        let feed = format!("<rss version=\"2.0\"><channel>{items}</channel></rss>");
        site.put("/feed", 200, &["content-type: application/rss+xml"], feed);
        assert_eq!(daemon.poll("s").await.new.len(), expected);
    }
    assert_eq!((daemon.alerts().len(), site.count("/daily")), (1, 0));
    // One that is listed twice, with its hour and its day alone, with its date and without.
    site.page("/once", page("Once", &prose(1)));
    let once = |hour, text| ("Listed twice", "/once", "", hour, text);
    let documents: &[&[Item<'_>]] = &[
        &[once(8, "In brief."), once(0, FIRST)],
        &[once(8, "In brief."), once(24, FIRST)],
        &[once(8, ""), once(9, FIRST)],
    ];
    assert_eq!(new(&site, &daemon, documents).await, [1, 0, 0]);
    assert_eq!(site.count("/once"), 1);
}

#[tokio::test]
async fn one_article_listed_twice() {
    let site = Site::start().await;
    let home = home(&site, false);
    let daemon = home.start();
    let item = |guid| ("Budget passed", "/budget", guid, 8, FIRST);
    assert_eq!(new(&site, &daemon, &[&[item("home-1"), item("politics-1")], &[item("economy-1")]]).await, [1, 0]);
    // The poll is complete all the same: the document is asked for conditionally.
    let twice = ("Pass closed", "/pass", "", 9, THIRD);
    assert_eq!(new(&site, &daemon, &[&[twice, twice]]).await, [1]);
    assert_eq!(daemon.poll("s").await.answer, Answer::Unchanged);
}

#[tokio::test]
async fn the_next_bulletin_at_the_address_of_the_last() {
    let site = Site::start().await;
    let home = home(&site, true);
    let daemon = home.start();
    let (morning, evening) = (("Bulletin, morning", "b-1", 8, FIRST), ("Bulletin, evening", "b-2", 18, "In brief."));
    let item = |(title, guid, hour, text)| (title, "/bulletin", guid, hour, text);
    site.page("/bulletin", page("Bulletin", &prose(1)));
    assert_eq!(new(&site, &daemon, &[&[item(morning)]]).await, [1]);
    // It is there alone, so that the page is its own.
    site.page("/bulletin", page("Bulletin", &[SECOND.to_owned(), prose(2).concat()]));
    assert_eq!(
        new(&site, &daemon, &[&[item(evening)], &[item(evening), item(morning)], &[item(evening)]]).await,
        [1, 0, 0]
    );
    assert_eq!((daemon.alerts().len(), site.count("/bulletin")), (1, 2));
    // A corrected title is no new article.
    let corrected = ("Evening bulletin", "b-2", 18, "In brief.");
    assert_eq!(new(&site, &daemon, &[&[item(corrected)], &[item(morning)]]).await, [0, 0]);
    links(&daemon, &[Some("/bulletin"); 2]);
}

#[tokio::test]
async fn the_posts_of_a_live_blog() {
    let site = Site::start().await;
    let home = home(&site, true);
    let daemon = home.start();
    site.page("/live", page("Live", &prose(1)));
    let posts = [("Blast at the port", FIRST), ("Minister resigns", SECOND), ("Pass closed", THIRD)];
    let url = site.url("/live");
    for (n, (title, text)) in posts.iter().enumerate() {
        let entry = format!(
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Live</title><entry><id>{url}#{n}</id><title>{title}</title>\
             <link href=\"{url}#{n}\"/><updated>2026-11-21T0{n}:00:00Z</updated><content>{text}</content></entry></feed>"
        );
        site.put("/feed", 200, &["content-type: application/atom+xml"], entry);
        assert_eq!(daemon.poll("s").await.new.len(), 1, "{title}");
    }
    // The page is all of them. The first could be an article like any other.
    assert_eq!((site.count("/live"), daemon.alerts().len()), (1, 1));
    // Without guids.
    let item = |title, link, hour, text| (title, link, "", hour, text);
    let (a, b) = (item("Goal", "/match#m1", 8, "One to nil."), item("Red card", "/match#m2", 9, "Vinnikov leaves."));
    assert_eq!(new(&site, &daemon, &[&[a], &[b], &[a], &[b, a]]).await, [1, 1, 0, 0]);
    // A fragment that counts readers tells nothing apart.
    let (c, d) = (item("Gaol", "/x#xtor=RSS-1", 8, FIRST), item("Goal!", "/x#xtor=RSS-2", 8, FIRST));
    assert_eq!(new(&site, &daemon, &[&[c], &[d]]).await, [1, 0]);
}

#[tokio::test]
async fn the_front_page_is_the_link_of_all() {
    let site = Site::start().await;
    let home = home(&site, true);
    let daemon = home.start();
    site.page("/", page("Front page", &prose(9)));
    // One at a time, with guids and without.
    let item = |title, guid, hour, text| (title, "/", guid, hour, text);
    let documents: [&[Item<'_>]; 3] =
        [&[item("One", "g1", 8, FIRST)], &[item("Two", "g2", 9, SECOND)], &[item("Three", "", 10, THIRD)]];
    assert_eq!(new(&site, &daemon, &documents).await, [1, 1, 1]);
    assert_eq!(new(&site, &daemon, &documents).await, [0, 0, 0]);
    // Where the guid is the article's address, that is its link, and its page is read.
    site.page("/4", page("Four", &prose(4)));
    assert_eq!(
        new(&site, &daemon, &[&[item("Four", "/4", 11, "In brief.")], &[item("4!", "/4", 11, "")]]).await,
        [1, 0]
    );
    links(&daemon, &[Some("/"), Some("/"), Some("/"), Some("/4")]);
    // Where these are places within one page, they share that.
    let places = [item("Five", "/all#5", 12, FIRST), item("Six", "/all#6", 13, THIRD)];
    assert_eq!(new(&site, &daemon, &[&places, &places]).await, [2, 0]);
    assert_eq!(["/", "/4"].map(|it| site.count(it)), [0, 1]);
    assert_eq!(daemon.alerts().len(), 1);
}

#[tokio::test]
async fn guids_that_change_bring_nothing_twice() {
    let site = Site::start().await;
    let home = home(&site, false);
    let daemon = home.start();
    let text = format!("{SECOND} {}", prose(1).concat());
    let item = |title, guid, hour| (title, "/x1", guid, hour, text.as_str());
    let [first, other_guid] = ["s1", "s2"].map(|it| item("Ferry agruond", it, 8));
    assert_eq!(new(&site, &daemon, &[&[first], &[other_guid]]).await, [1, 0]);
    let (corrected, dated_anew) = (item("Ferry aground", "s3", 8), item("Ferry aground off Poti", "s4", 9));
    assert_eq!(new(&site, &daemon, &[&[corrected], &[dated_anew]]).await, [0, 1]);
    // Where it cannot be known, the article is there twice, and its alert is not.
    assert_eq!((daemon.reports().len(), daemon.alerts().len()), (2, 1));
}

/// Found by a reader: half of a document did not show that its guids change, and at each poll five pages of the site's
/// archive were read.
#[tokio::test]
async fn guids_that_change_are_no_gap() {
    let site = Site::start().await;
    let home = home(&site, false);
    let daemon = home.start();
    for round in 0..3 {
        let now = home.clock.now().to_rfc2822();
        let items = (0..4).map(|n| {
            let link = site.url(&format!("/{n}"));
            format!("<item><title>Report {n}</title><link>{link}</link><guid>{round}-{n}</guid><pubDate>{now}</pubDate></item>")
        });
        let next = format!("<atom:link rel=\"next\" href=\"{}\"/>", site.url("/older"));
        let feed = format!(
            "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel>{next}{}</channel></rss>",
            items.collect::<String>()
        );
        site.put("/feed", 200, &["content-type: application/rss+xml"], feed);
        assert_eq!(daemon.poll("s").await.new.len(), if round == 0 { 4 } else { 0 });
        home.clock.advance(TimeDelta::minutes(30));
    }
    assert_eq!(site.count("/older"), 0);
}

#[tokio::test]
async fn entries_of_one_title_without_link_and_guid() {
    let site = Site::start().await;
    let home = home(&site, false);
    let daemon = home.start();
    let item = |hour, text| ("Air alert", "", "", hour, text);
    let [a, b] = [item(8, "In the Kyiv region"), item(9, "In the Odesa region: Vinnikov")];
    assert_eq!(new(&site, &daemon, &[&[b, a], &[b, a], &[a], &[b]]).await, [2, 0, 0, 0]);
    assert_eq!(daemon.alerts().len(), 1);
    let [c, d] = [item(24, "In the Lviv region"), item(24, "In the Poltava region")];
    assert_eq!(new(&site, &daemon, &[&[d, c], &[d, c], &[c, b, a]]).await, [2, 0, 0]);
}

#[tokio::test]
async fn an_entry_whose_guid_or_link_becomes_its_own() {
    let site = Site::start().await;
    let home = home(&site, false);
    let daemon = home.start();
    let item = |title, link, guid| (title, link, guid, 8, FIRST);
    assert_eq!(new(&site, &daemon, &[&[item("Dup", "", "d"); 2], &[item("Dup", "", "d")]]).await, [1, 0]);
    let [a, b] = [item("D1", "", "e"), item("D2", "", "e")];
    assert_eq!(new(&site, &daemon, &[&[a, b], &[b], &[a]]).await, [2, 0, 0]);
    let [a, b] = [item("H1", "/show", ""), item("H2", "/show", "")];
    assert_eq!(new(&site, &daemon, &[&[a, b], &[b], &[a]]).await, [2, 0, 0]);
}

/// An article as versions before named and stored it.
fn of_old(site: &Site, identity: &str, (title, link, guid, hour, text): Item<'_>) -> Article {
    Article {
        link: (!link.is_empty()).then(|| CanonicalUrl::new(site.url(link)).unwrap()),
        guid: (!guid.is_empty()).then(|| guid.to_owned()),
        guid_is_unique: !guid.is_empty(),
        published: Timestamp::from_timestamp(1_795_219_200 + i64::from(hour) * 3_600, 0),
        ..Article::of_text(ArticleId(text::short_hash(identity)), SourceId::new("s").unwrap(), title, text)
    }
}

#[tokio::test]
async fn what_older_versions_stored_is_not_new() {
    let site = Site::start().await;
    let home = home(&site, false);
    let daemon = home.start();
    let front = CanonicalUrl::new(site.url("/")).unwrap();
    let entries = [
        ("Front page", "/", "g1", 8, FIRST),
        ("Shared link", "/", "g2", 9, SECOND),
        ("Alone", "", "", 10, THIRD),
        ("No guid", "/", "", 11, FIRST),
        ("Permalink", "/", "/5", 12, SECOND),
    ];
    let [front_page, shared, alone, no_guid, own] = entries;
    let permalink = site.url("/5").to_string();
    let bare = |(title, _, guid, hour, text): Item<'static>| (title, "", guid, hour, text);
    let held = [
        of_old(&site, &format!("link\n{}", front.key()), front_page),
        of_old(&site, "guid\ns\ng2\nshared link", bare(shared)),
        of_old(&site, "title\ns\nalone", alone),
        of_old(&site, "title\ns\nno guid", bare(no_guid)),
        of_old(&site, &format!("guid\ns\n{permalink}\npermalink"), ("Permalink", "", &permalink, 12, SECOND)),
    ];
    for it in held {
        let settled = daemon.settler.article(it, daemon.config.rules.clone()).await.unwrap();
        assert!(matches!(settled, Settled::New(_)), "{settled:?}");
    }
    assert_eq!(new(&site, &daemon, &[&entries, &[no_guid, own], &[front_page], &[own]]).await, [0, 0, 0, 0]);
}

fn atom(entries: &[(&str, &str)]) -> String {
    let entries = entries.iter().map(|(url, updated)| {
        format!(
            "<entry><id>{url}</id><title>Vinnikov at {url}</title><link href=\"{url}\"/><updated>{updated}</updated></entry>"
        )
    });
    format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>A</title>{}</feed>", entries.collect::<String>())
}

#[tokio::test]
async fn an_entry_is_as_old_as_its_last_change() {
    let site = Site::start().await;
    let mut home = home(&site, true);
    home.set("ALERTS__MAX_AGE", "7d");
    let daemon = home.start();
    let dated = page("Dated", &prose(2))
        .replace("<head>", "<head><meta property=\"article:published_time\" content=\"2026-11-20T10:00:00Z\">");
    site.page("/dated", dated);
    site.page("/bare", page("Bare", &prose(3)));
    let [bare, dated] = ["/bare", "/dated"].map(|it| site.url(it).to_string());
    let feed = atom(&[(&bare, "2019-01-02T03:04:05Z"), (&dated, "2026-11-21T12:00:00Z")]);
    site.put("/feed", 200, &["content-type: application/atom+xml"], feed);
    assert_eq!(daemon.poll("s").await.new.len(), 2);
    let of = |path: &str| {
        let url = CanonicalUrl::new(site.url(path));
        let report = daemon.reports().into_iter().find(|it| it.article.link == url).unwrap();
        let kind = daemon.alerts().into_iter().find(|it| it.article == report.article.id).unwrap().kind;
        (report.article.published.map(|it| it.to_rfc3339()), kind)
    };
    assert_eq!(of("/bare"), (Some("2019-01-02T03:04:05+00:00".to_owned()), AlertKind::Old));
    assert_eq!(of("/dated"), (Some("2026-11-20T10:00:00+00:00".to_owned()), AlertKind::Found), "the page says it");
    // What is held without a date, from before, is not read again for it.
    home.clock.advance(TimeDelta::hours(1));
    let feed = atom(&[(&bare, "2019-01-02T03:04:06Z"), (&dated, "2026-11-21T12:00:00Z")]);
    site.put("/feed", 200, &["content-type: application/atom+xml"], feed);
    let report = daemon.poll("s").await;
    assert_eq!((report.new.len(), report.reread, report.pages), (0, 0, 0));
}
