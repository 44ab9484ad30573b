//! What a digest for watches has of their stories when these go on.

use sitrepd::{
    daemon::{digests, evidence},
    digest::Digest,
    model::{Article, ArticleId, CanonicalUrl, FetchRecord, Method, Page, Slot, SourceId},
};

use crate::{
    digest_fixture::at,
    restart::article,
    support::{
        daemon::{Daemon, Home},
        site::{Item, Site, page, prose},
    },
};

/// A home with the audience "desk", as these lines have it, and two outlets: one of Georgia, one of Armenia.
fn home(audience: &str) -> Home {
    let mut home = Home::new(&[]);
    home.set("DIGEST__ZONE", "UTC");
    let source = |(id, country): (&str, &str)| {
        let named = format!("[[source]]\nid = \"{id}\"\nname = \"The {id}\"\ncountry = \"{country}\"\n");
        format!("{named}url = \"https://{id}.example/feed\"\nkind = \"syndication\"\n\n")
    };
    home.write("sources.toml", &[("kura", "GE"), ("arax", "AM")].map(source).concat());
    describe(&home, audience);
    home
}

fn describe(home: &Home, audience: &str) {
    home.write("sitrepd.toml", &format!("[[audience]]\nname = \"desk\"\nschedule = \"0 7 * * *\"\n{audience}\n"));
}

async fn settle(daemon: &Daemon, article: Article) {
    daemon.settler.article(article, daemon.config.rules.clone()).await.unwrap();
}

async fn issue(home: &Home, daemon: &Daemon, now: &str) -> Digest {
    home.clock.set(now);
    digests::issue(daemon, Slot { digest: "desk".to_owned(), at: at(now) }).await.unwrap()
}

/// A report by an outlet, in the words of [`article`] 1, which is about Vinnikov.
fn report(n: u64, outlet: &str) -> Article {
    Article {
        id: ArticleId(n),
        source: SourceId::new(outlet).unwrap(),
        link: CanonicalUrl::parse(&format!("https://{outlet}.example/{n}")),
        ..article(1)
    }
}

/// An article whose page could not be had, and whose language nobody knew.
fn brief(it: Article) -> Article {
    Article { language: None, page: Page::Unreachable("status 503".to_owned()), ..it }
}

/// The same with its page, which is in Ukrainian.
fn with_its_page(it: Article, read: &str) -> Article {
    let url = "https://paper.example/".to_owned();
    let page = Page::Fetched(FetchRecord { status: 200, url, bytes: 1, at: at(read) });
    let body = format!("{}\nThe office said no more than that.", it.body);
    Article { language: Some("uk".to_owned()), page, method: Method::Readability, body, ..it }
}

/// Found in a review: an issue ended between the report that raised the alert and the one that whom it is for reads, and neither had the story.
#[tokio::test]
async fn a_story_is_of_its_watch_after_the_issue_that_had_the_alert() {
    let home = home("countries = [\"AM\"]\nwatches = [\"Vinnikov\"]");
    let daemon = home.start();
    home.clock.set("2026-11-22T06:00:00Z");
    settle(&daemon, report(1, "kura")).await;
    settle(&daemon, article(2)).await;
    assert_eq!(daemon.alerts().len(), 1);
    assert!(issue(&home, &daemon, "2026-11-22T07:00:00Z").await.is_empty(), "no outlet of Armenia has it");

    home.clock.set("2026-11-22T08:00:00Z");
    settle(&daemon, report(3, "arax")).await;
    settle(&daemon, Article { source: SourceId::new("arax").unwrap(), ..article(4) }).await;
    assert_eq!(daemon.alerts().len(), 1, "the watch has fired for the story");
    let second = issue(&home, &daemon, "2026-11-23T07:00:00Z").await;
    assert_eq!((second.articles.as_slice(), second.totals.alerts), ([ArticleId(3)].as_slice(), 0));
    assert!(issue(&home, &daemon, "2026-11-24T07:00:00Z").await.is_empty());
}

/// Found in a review: an alert was raised by what a feed said of an article, whose language its page told after the issue.
#[tokio::test]
async fn a_page_that_tells_the_language_late_brings_its_alert_into_the_next_issue() {
    let home = home("languages = [\"uk\"]\nwatches = [\"Vinnikov\"]");
    let daemon = home.start();
    home.clock.set("2026-11-22T06:00:00Z");
    settle(&daemon, brief(report(1, "kura"))).await;
    assert_eq!(daemon.alerts().len(), 1);
    assert!(issue(&home, &daemon, "2026-11-22T07:00:00Z").await.is_empty());
    home.clock.set("2026-11-22T09:00:00Z");
    settle(&daemon, with_its_page(report(1, "kura"), "2026-11-22T09:00:00Z")).await;
    assert_eq!((daemon.report().article.version, daemon.alerts().len()), (2, 1));
    let second = issue(&home, &daemon, "2026-11-23T07:00:00Z").await;
    assert_eq!(second.articles, [ArticleId(1)]);
    // It is what the story is here for, and no issue has told of it.
    let told: Vec<_> = second.alerts.items.iter().map(|it| (it.watch.as_str(), it.report.is_some())).collect();
    assert_eq!((told.as_slice(), second.totals.alerts), ([("Vinnikov", true)].as_slice(), 1));
    assert!(issue(&home, &daemon, "2026-11-24T07:00:00Z").await.is_empty());
}

/// Found in a review: the alert was for another report of the story, in a language that those do not read.
#[tokio::test]
async fn a_page_that_tells_the_language_late_brings_what_is_known_of_its_story() {
    let home = home("languages = [\"uk\"]\nwatches = [\"Vinnikov\"]");
    let daemon = home.start();
    home.clock.set("2026-11-22T06:00:00Z");
    settle(&daemon, report(1, "kura")).await;
    settle(&daemon, brief(report(3, "arax"))).await;
    assert!(issue(&home, &daemon, "2026-11-22T07:00:00Z").await.is_empty());
    home.clock.set("2026-11-22T09:00:00Z");
    settle(&daemon, with_its_page(report(3, "arax"), "2026-11-22T09:00:00Z")).await;
    assert_eq!(daemon.alerts().len(), 1);
    assert_eq!(issue(&home, &daemon, "2026-11-23T07:00:00Z").await.articles, [ArticleId(3)]);
    assert!(issue(&home, &daemon, "2026-11-24T07:00:00Z").await.is_empty());
}

/// Found in a review: README says that a digest lists what was changed, and one for watches did so on the day of the alert alone.
#[tokio::test]
async fn what_becomes_of_the_article_of_an_alert_is_told_later() {
    let site = Site::start().await;
    let about = |what: &str| {
        let mut text = prose(7);
        text.insert(1, format!("Vinnikov spoke to twelve people on Wednesday {what}, the office said in a note."));
        page("Talks", &text)
    };
    site.page("/a", about("at noon"));
    site.feed("/feed", &[Item::new("/a", &site.url("/a"), "Brief.")]);
    let mut home = Home::new(&[site.server.address().to_string()]);
    home.set("DIGEST__ZONE", "UTC");
    home.sources(&[("paper", site.url("/feed").as_str())]);
    describe(&home, "watches = [\"Vinnikov\"]");
    let daemon = home.start();
    home.clock.set("2026-11-22T06:00:00Z");
    daemon.poll("paper").await;
    assert_eq!(issue(&home, &daemon, "2026-11-22T06:30:00Z").await.totals.alerts, 1);
    site.page("/a", about("at night"));
    home.clock.set("2026-11-22T07:30:00Z");
    assert_eq!(evidence::read_due(&daemon, || false).await.unwrap(), 1);
    let second = issue(&home, &daemon, "2026-11-23T07:00:00Z").await;
    assert_eq!((second.totals.changed, second.events.items.len(), second.totals.stories), (1, 1, 0));
    assert_eq!(daemon.alerts().len(), 1);
    assert!(issue(&home, &daemon, "2026-11-24T07:00:00Z").await.is_empty());
}
