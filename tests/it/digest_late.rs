//! Articles whose page came when the issue for their time had gone out, and brought what the issue would have had them for.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use sitrepd::{
    config::DigestPlan,
    daemon::{
        digests::{self, Making},
        evidence,
    },
    decide::{self, Side},
    digest::{Digest, render::Format},
    model::{Article, ArticleId, Cause, Change, FetchRecord, Method, Page, Regrouping, Slot, StoryId, Timestamp},
};

use crate::{
    digest_fixture::{Archive, Made, at},
    restart::article,
    support::{
        daemon::{Daemon, Home},
        hooked::Hooked,
        site::{Item, Site, page, prose},
    },
};

const TOPICS: &str = "
[[topic]]
id = \"border\"
name = \"Border\"
phrases = [{ weight = 10, any = [\"opened the border\"] }]

[[topic]]
id = \"harvest\"
name = \"Harvest\"
phrases = [{ weight = 10, any = [\"brought the harvest in\"] }]
";

/// A home with the audience "border", and a source whose feed says as much of each article.
fn home(site: &Site, items: &[(&str, &str)]) -> Home {
    let items: Vec<_> = items.iter().map(|(path, brief)| Item::new(path, &site.url(path), brief)).collect();
    site.feed("/feed", &items);
    let mut home = Home::new(&[site.server.address().to_string()]);
    home.set("DIGEST__ZONE", "UTC");
    home.sources(&[("paper", site.url("/feed").as_str())]);
    home.write("topics.toml", TOPICS);
    let audience = "[[audience]]\nname = \"border\"\ntopics = [\"border\"]\nschedule = \"0 7 * * *\"\n";
    home.write("sitrepd.toml", audience);
    home
}

fn about(sentence: &str) -> Vec<String> {
    let mut res = prose(7);
    res.insert(1, format!("The ministers {sentence} on Wednesday, and twelve people were there, the office said."));
    res
}

fn plan(daemon: &Daemon) -> &DigestPlan {
    daemon.config.digest_named("border").unwrap()
}

async fn issue(home: &Home, daemon: &Daemon, now: &str) -> Digest {
    home.clock.set(now);
    digests::issue(daemon, Slot { digest: "border".to_owned(), at: at(now) }).await.unwrap()
}

/// Found in a review: the issue of the next day began when the article was long held, and no issue ever had it.
#[tokio::test]
async fn a_page_that_comes_after_the_issue_brings_its_article_into_the_next() {
    let site = Site::start().await;
    site.put("/a", 503, &[], "");
    let home = home(&site, &[("/a", "Brief.")]);
    let daemon = home.start();
    home.clock.set("2026-11-22T06:00:00Z");
    assert_eq!(daemon.poll("paper").await.new.len(), 1);
    let first = issue(&home, &daemon, "2026-11-22T07:00:00Z").await;
    assert!(first.is_empty() && first.articles.is_empty(), "{first:?}");

    site.page("/a", page("Border opens", &about("opened the border")));
    home.clock.set("2026-11-22T09:00:00Z");
    assert_eq!(daemon.poll("paper").await.reread, 1);
    // One whose time a person chose tells what was first seen in that time.
    let chosen = digests::issue_now(&daemon, plan(&daemon), Duration::from_secs(3_600)).await.unwrap();
    assert!(chosen.articles.is_empty());
    drop(daemon);

    let daemon = home.start();
    let id = daemon.report().article.id;
    let second = issue(&home, &daemon, "2026-11-23T07:00:00Z").await;
    assert_eq!((second.articles.as_slice(), second.totals.stories), ([id].as_slice(), 1));
    let text = digests::rendered(&daemon.config, &second, &[Format::Text]).unwrap().text;
    assert!(text.contains("opened the border") && text.contains("1 story · "), "{text}");
    assert!(!text.contains("earlier story"), "nobody was told of it: {text}");
    drop(daemon);

    let daemon = home.start();
    let third = issue(&home, &daemon, "2026-11-24T07:00:00Z").await;
    assert!(third.is_empty() && third.articles.is_empty(), "{third:?}");
    let plan = plan(&daemon);
    let making = Making { plan, slot: &second.slot, window: &second.window, now: second.issued_at };
    let (again, _) = digests::chosen(&daemon.config, &*daemon.store, making).unwrap();
    assert_eq!(again, second, "made again it is what it was");
}

#[tokio::test]
async fn an_issue_that_makes_up_for_missed_ones_has_it_too() {
    let site = Site::start().await;
    site.put("/a", 503, &[], "");
    let home = home(&site, &[("/a", "Brief.")]);
    let daemon = home.start();
    home.clock.set("2026-11-22T06:00:00Z");
    daemon.poll("paper").await;
    issue(&home, &daemon, "2026-11-22T07:00:00Z").await;
    drop(daemon);
    site.page("/a", page("Border opens", &about("opened the border")));
    home.clock.set("2026-11-25T09:00:00Z");
    let daemon = home.start();
    assert_eq!(daemon.poll("paper").await.reread, 1);
    assert_eq!(issue(&home, &daemon, "2026-11-25T09:30:00Z").await.articles.len(), 1);
    assert!(issue(&home, &daemon, "2026-11-26T07:00:00Z").await.articles.is_empty());
}

#[tokio::test]
async fn what_an_issue_has_told_is_not_told_again_for_its_page() {
    let site = Site::start().await;
    site.put("/a", 503, &[], "");
    site.put("/b", 503, &[], "");
    let home = home(&site, &[("/a", "They opened the border."), ("/b", "Brief.")]);
    let daemon = home.start();
    home.clock.set("2026-11-22T06:00:00Z");
    daemon.poll("paper").await;
    assert_eq!(issue(&home, &daemon, "2026-11-22T07:00:00Z").await.articles.len(), 1);
    site.page("/a", page("Border opens", &about("opened the border")));
    site.page("/b", page("Harvest", &about("brought the harvest in")));
    home.clock.set("2026-11-22T09:00:00Z");
    assert_eq!(daemon.poll("paper").await.reread, 2);
    let second = issue(&home, &daemon, "2026-11-23T07:00:00Z").await;
    assert!(second.is_empty() && second.articles.is_empty(), "{second:?}");
}

#[tokio::test]
async fn what_a_publisher_changed_is_told_as_changed() {
    let site = Site::start().await;
    site.page("/a", page("Harvest", &about("brought the harvest in")));
    let home = home(&site, &[("/a", "Brief.")]);
    let daemon = home.start();
    home.clock.set("2026-11-22T06:00:00Z");
    daemon.poll("paper").await;
    assert!(issue(&home, &daemon, "2026-11-22T06:30:00Z").await.articles.is_empty());
    site.page("/a", page("Border opens", &about("opened the border")));
    home.clock.set("2026-11-22T07:30:00Z");
    assert_eq!(evidence::read_due(&daemon, || false).await.unwrap(), 1);
    let second = issue(&home, &daemon, "2026-11-23T07:00:00Z").await;
    assert_eq!((second.totals.changed, second.totals.stories, second.articles.len()), (1, 0, 0));
    let third = issue(&home, &daemon, "2026-11-24T07:00:00Z").await;
    assert!(third.is_empty(), "{third:?}");
}

/// Found in a review: pages are read again after a day, and so before the next issue; what was changed then was in no issue.
#[tokio::test]
async fn a_late_page_that_is_changed_before_the_next_issue_is_in_it() {
    let site = Site::start().await;
    site.put("/a", 503, &[], "");
    let home = home(&site, &[("/a", "Brief.")]);
    let daemon = home.start();
    home.clock.set("2026-11-22T05:00:00Z");
    daemon.poll("paper").await;
    assert!(issue(&home, &daemon, "2026-11-22T07:00:00Z").await.articles.is_empty());
    site.page("/a", page("Border opens", &about("opened the border")));
    home.clock.set("2026-11-22T08:00:00Z");
    assert_eq!(daemon.poll("paper").await.reread, 1);
    for (now, place) in [("2026-11-23T05:30:00Z", "at noon"), ("2026-11-23T06:45:00Z", "at night")] {
        let mut text = about("opened the border");
        text.insert(2, format!("A correction says that it was {place}, and that nobody was turned away there at all."));
        site.page("/a", page("Border opens", &text));
        home.clock.set(now);
        evidence::read_due(&daemon, || false).await.unwrap();
    }
    assert!(daemon.store.versions(daemon.report().article.id).unwrap().len() > 2, "it was changed");
    let second = issue(&home, &daemon, "2026-11-23T07:00:00Z").await;
    assert_eq!(second.articles, [daemon.report().article.id]);
    assert!(issue(&home, &daemon, "2026-11-24T07:00:00Z").await.articles.is_empty());
}

/// Found in a review: an issue is made of the new reports of a story, and shows the older ones below them.
#[tokio::test]
async fn what_was_a_line_of_a_story_is_not_told_again_for_its_page() {
    let site = Site::start().await;
    let home = home(&site, &[]);
    let daemon = home.start();
    let settle = async |article: Article| {
        daemon.settler.article(article, daemon.config.rules.clone()).await.unwrap();
    };
    let unread = Article { page: Page::Unreachable("status 503".to_owned()), ..article(2) };
    home.clock.set("2026-11-22T06:00:00Z");
    settle(unread.clone()).await;
    assert!(issue(&home, &daemon, "2026-11-22T07:00:00Z").await.articles.is_empty());
    let body = format!("{}\nThey opened the border.", unread.body);
    home.clock.set("2026-11-22T08:00:00Z");
    settle(Article { body: body.clone(), title: unread.title.clone(), ..article(4) }).await;
    let reports = daemon.reports();
    assert!(reports.len() == 2 && reports[0].story() == reports[1].story(), "{reports:?}");
    let second = issue(&home, &daemon, "2026-11-23T07:00:00Z").await;
    assert_eq!(second.articles, [ArticleId(4)]);
    assert_eq!(second.groups[0].sections[0].stories.items[0].reports.items.len(), 2);

    let read =
        FetchRecord { status: 200, url: "https://paper.example/".to_owned(), bytes: 1, at: at("2026-11-23T09:00:00Z") };
    home.clock.set("2026-11-23T09:00:00Z");
    settle(Article { body, page: Page::Fetched(read), method: Method::Readability, ..unread }).await;
    assert!(daemon.reports().iter().all(|it| !it.tags.is_empty()));
    let third = issue(&home, &daemon, "2026-11-24T07:00:00Z").await;
    assert!(third.articles.is_empty(), "{third:?}");
}

/// Found in a review: the topic is told by another report of the story, which is in a language that those do not read.
#[tokio::test]
async fn a_page_that_brings_the_language_alone_brings_its_story() {
    let site = Site::start().await;
    let home = home(&site, &[]);
    home.write(
        "sitrepd.toml",
        "[[audience]]\nname = \"border\"\ntopics = [\"border\"]\nlanguages = [\"uk\"]\nschedule = \"0 7 * * *\"\n",
    );
    let daemon = home.start();
    home.clock.set("2026-11-22T06:00:00Z");
    let brief = Article { language: None, page: Page::Unreachable("status 503".to_owned()), ..article(2) };
    settle(&daemon, Article { body: format!("{}\nThey opened the border.", brief.body), ..with_id(4, &article(2)) })
        .await;
    settle(&daemon, brief.clone()).await;
    let reports = daemon.reports();
    assert!(reports[0].story() == reports[1].story() && reports[1].tags.is_empty(), "{reports:?}");
    assert!(issue(&home, &daemon, "2026-11-22T07:00:00Z").await.articles.is_empty());
    let body = format!("{}\nThe office said no more than that.", brief.body);
    settle(&daemon, Article { body, language: Some("uk".to_owned()), ..read("2026-11-22T09:00:00Z", brief) }).await;
    assert_eq!(issue(&home, &daemon, "2026-11-23T07:00:00Z").await.articles, [ArticleId(2)]);
    assert!(issue(&home, &daemon, "2026-11-24T07:00:00Z").await.articles.is_empty());
}

/// An article in the words of another.
fn with_id(n: u32, words: &Article) -> Article {
    Article { title: words.title.clone(), body: words.body.clone(), ..article(n) }
}

/// An article with its page.
fn read(when: &str, it: Article) -> Article {
    let page = FetchRecord { status: 200, url: "https://paper.example/".to_owned(), bytes: 1, at: at(when) };
    Article { page: Page::Fetched(page), method: Method::Readability, ..it }
}

async fn settle(daemon: &Daemon, article: Article) {
    daemon.settler.article(article, daemon.config.rules.clone()).await.unwrap();
}

async fn regroup(daemon: &Daemon, it: Regrouping) {
    daemon.settler.commit(Change::Regrouped(Box::new(it))).await.unwrap();
}

/// Two articles of stories of their own, of which the first issue told of the first, and the second is late.
async fn told_and_late(home: &Home, daemon: &Daemon) -> Article {
    home.clock.set("2026-11-22T06:00:00Z");
    let told = Article { body: format!("{}\nThey opened the border.", article(2).body), ..article(2) };
    settle(daemon, told).await;
    let late = Article { page: Page::Unreachable("status 503".to_owned()), ..article(4) };
    settle(daemon, late.clone()).await;
    assert_eq!(issue(home, daemon, "2026-11-22T07:00:00Z").await.articles, [ArticleId(2)]);
    Article { body: format!("{}\nThey opened the border.", late.body), ..read("2026-11-22T09:00:00Z", late) }
}

/// Found in a review: an article that was put into a story which had been told was taken for told with it.
#[tokio::test]
async fn what_was_put_into_a_story_after_its_issue_was_not_told_with_it() {
    for is_put_before_its_page in [true, false] {
        let site = Site::start().await;
        let home = home(&site, &[]);
        let daemon = home.start();
        let late = told_and_late(&home, &daemon).await;
        home.clock.set("2026-11-22T08:00:00Z");
        let side = |n| Side { story: StoryId(ArticleId(n)), first_seen: None, members: Some(vec![ArticleId(n)]) };
        let merge = decide::merge([side(2), side(4)], Cause::Merged, home.clock.now()).unwrap();
        if is_put_before_its_page {
            regroup(&daemon, merge.clone()).await;
        }
        home.clock.set("2026-11-22T09:00:00Z");
        settle(&daemon, late).await;
        regroup(&daemon, merge).await;
        assert!(daemon.reports().iter().all(|it| it.story() == StoryId(ArticleId(2))));
        let second = issue(&home, &daemon, "2026-11-23T07:00:00Z").await;
        assert_eq!((second.articles.as_slice(), second.totals.stories), ([ArticleId(4)].as_slice(), 1));
        assert!(issue(&home, &daemon, "2026-11-24T07:00:00Z").await.articles.is_empty());
    }
}

/// And one that was taken out of a story after its issue was told with it.
#[tokio::test]
async fn what_was_taken_out_of_a_story_after_its_issue_was_told_with_it() {
    let site = Site::start().await;
    let home = home(&site, &[]);
    let daemon = home.start();
    home.clock.set("2026-11-22T06:00:00Z");
    let late = Article { page: Page::Unreachable("status 503".to_owned()), ..with_id(4, &article(2)) };
    settle(&daemon, Article { body: format!("{}\nThey opened the border.", late.body), ..article(2) }).await;
    settle(&daemon, late.clone()).await;
    let first = issue(&home, &daemon, "2026-11-22T07:00:00Z").await;
    assert_eq!(first.articles, [ArticleId(2), ArticleId(4)]);
    let third = Article { page: Page::Unreachable("status 503".to_owned()), ..with_id(6, &article(2)) };
    settle(&daemon, third).await;
    let members = [2, 4, 6].map(ArticleId);
    home.clock.set("2026-11-22T08:00:00Z");
    let split = decide::split(ArticleId(4), StoryId(ArticleId(2)), &members, home.clock.now()).unwrap();
    regroup(&daemon, split).await;
    home.clock.set("2026-11-22T09:00:00Z");
    let body = format!("{}\nThey opened the border.", late.body);
    settle(&daemon, Article { body, ..read("2026-11-22T09:00:00Z", late) }).await;
    let second = issue(&home, &daemon, "2026-11-23T07:00:00Z").await;
    assert_eq!(second.articles, [ArticleId(6)], "new in a story that goes on");
}

/// Each issue is to be read whole: there may be hundreds in four days.
#[tokio::test]
async fn issues_are_read_where_an_article_may_be_late_alone() {
    let site = Site::start().await;
    site.put("/a", 503, &[], "");
    let home = home(&site, &[("/a", "Brief.")]);
    let n_read = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&n_read);
    let store = Hooked::new(home.store()).on_issue(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    let daemon = home.start_over(Arc::new(store));
    home.clock.set("2026-11-22T06:00:00Z");
    daemon.poll("paper").await;
    issue(&home, &daemon, "2026-11-22T07:00:00Z").await;
    issue(&home, &daemon, "2026-11-23T07:00:00Z").await;
    assert_eq!(n_read.load(Ordering::SeqCst), 0);
    site.page("/a", page("Border opens", &about("opened the border")));
    home.clock.set("2026-11-23T09:00:00Z");
    assert_eq!(daemon.poll("paper").await.reread, 1);
    assert_eq!(issue(&home, &daemon, "2026-11-24T07:00:00Z").await.articles.len(), 1);
    assert_eq!(n_read.load(Ordering::SeqCst), 2);
}

/// A page is dated by the beginning of its poll; what the poll brings may be settled when an issue has gone out.
#[tokio::test]
async fn a_poll_that_goes_on_over_the_end_of_a_window_loses_nothing() {
    let site = Site::start().await;
    let home = home(&site, &[]);
    let daemon = home.start();
    let settle = async |article: Article| {
        daemon.settler.article(article, daemon.config.rules.clone()).await.unwrap();
    };
    let version = |n: u32, text: &str, page: Page| Article {
        body: format!("{}\n{text}", article(2 * n).body),
        page,
        method: Method::Readability,
        ..article(2 * n)
    };
    let unreachable = || Page::Unreachable("status 503".to_owned());
    let read_at = |text: &str| {
        let at: Timestamp = at(text);
        Page::Fetched(FetchRecord { status: 200, url: "https://paper.example/".to_owned(), bytes: 1, at })
    };
    home.clock.set("2026-11-22T06:00:00Z");
    for n in 1..=3 {
        settle(version(n, "Brief.", unreachable())).await;
    }
    // Still in time, and of the first issue.
    settle(version(1, "They opened the border.", read_at("2026-11-22T06:30:00Z"))).await;
    assert_eq!(issue(&home, &daemon, "2026-11-22T07:00:00Z").await.articles, [ArticleId(2)]);
    settle(version(2, "They opened the border.", read_at("2026-11-22T06:59:00Z"))).await;
    // The page is still not to be had, and the feed says more by now.
    settle(version(3, "They opened the border.", unreachable())).await;
    let second = issue(&home, &daemon, "2026-11-23T07:00:00Z").await;
    assert_eq!(second.articles, [ArticleId(4), ArticleId(6)]);
    assert!(issue(&home, &daemon, "2026-11-24T07:00:00Z").await.articles.is_empty());
}

/// A report that came late is told by itself, and brings its story; one that is of interest for its story alone was told with that.
#[test]
fn what_came_late_is_new_to_whom_the_digest_is_for() {
    let mut archive = Archive::empty();
    archive.audience.topics = vec!["nato".to_owned()];
    let made = |id: u64, seen: &str| Made::new(id, "a", "en", seen).text("Talks", "The NATO talks ended.");
    archive.reports = vec![
        made(1, "2026-11-20T05:00:00Z").tag("nato", 2.0, &["NATO"]).report(),
        made(2, "2026-11-20T06:00:00Z").same_as(1).report(),
        made(3, "2026-11-20T07:00:00Z").tag("iran", 2.0, &["talks"]).report(),
    ];
    assert!(archive.digest().articles.is_empty());
    archive.late = [2, 3].map(ArticleId).into();
    assert!(archive.digest().articles.is_empty(), "neither is of the topic by itself");
    archive.late = [1, 3].map(ArticleId).into();
    let digest = archive.digest();
    assert_eq!(digest.articles, [ArticleId(1)]);
    assert_eq!((digest.totals.stories, digest.totals.new_stories, digest.totals.reports), (1, 1, 1));
    let story = &digest.groups[0].sections[0].stories.items[0];
    assert_eq!((story.rank.novelty, story.begun), (0.5, archive.window.start - TimeDelta::hours(23)));
    assert!(story.is_new);
    // With one that is older than what is new in it, it may have been told.
    archive.reports.push(made(4, "2026-11-20T04:00:00Z").same_as(1).report());
    assert_eq!(archive.digest().totals.new_stories, 0);
}
