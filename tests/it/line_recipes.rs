//! Site recipes at work: articles of several pages, what pages are asked with, and recipes that no longer fit.

use std::collections::BTreeSet;

use sitrepd::model::{Article, Condition, Method, Page};

use crate::support::{
    daemon::{Daemon, Home},
    site::{Item, Site, prose},
};

const RECIPE: &str = "[recipe]\nname = \"paper\"\nhosts = [\"127.0.0.1\"]\nbody = \".text\"\nnext = \"a.next\"\n\
    [recipe.headers]\naccept-language = \"ka\"\ncookie = \"consent=yes\"\n";

fn home(site: &Site) -> Home {
    let mut home = Home::new(&[site.server.address().to_string()]);
    home.set("POLL__PAGE_RETRIES", "2");
    home.sources(&[("paper", site.url("/feed").as_str())]);
    home.write("sites/paper.toml", RECIPE);
    home
}

fn list(site: &Site, paths: &[&str]) {
    let items: Vec<Item> = paths.iter().map(|it| Item::new(it, &site.url(it), "")).collect();
    site.feed("/feed", &items);
}

/// A page of an article, which leads to the next.
fn part(seed: u32, next: &str) -> String {
    let text = prose(seed).join("</p><p>");
    format!("<title>Talks</title><h1>Talks begin</h1><div class=text><p>The lead.</p><p>{text}</p></div>{next}")
}

fn link(to: &str) -> String {
    format!("<a class=next href='{to}'>next</a>")
}

async fn read(site: &Site) -> (Home, Daemon, Article) {
    list(site, &["/a"]);
    let home = home(site);
    let daemon = home.start();
    daemon.poll("paper").await;
    let article = daemon.report().article;
    (home, daemon, article)
}

#[tokio::test]
async fn an_article_of_several_pages_is_one() {
    let site = Site::start().await;
    site.page("/a", part(1, &link("/a?page=2")));
    site.page("/a?page=2", part(2, &link("/a?page=3")));
    // The last one leads back to the first.
    site.page("/a?page=3", part(3, &link("/a")));
    let (_home, _daemon, article) = read(&site).await;
    let lead = ["The lead.".to_owned()];
    assert_eq!(article.body, [&lead[..], &prose(1), &prose(2), &prose(3)].concat().join("\n"));
    assert_eq!(article.method, Method::Recipe("paper".to_owned()));
    assert_eq!(article.version, 1);
    assert_eq!(["/a", "/a?page=2", "/a?page=3"].map(|it| site.count(it)), [1, 1, 1]);
}

#[tokio::test]
async fn pages_without_end_are_read_to_a_limit() {
    let site = Site::start().await;
    for it in 1..30 {
        let path = if it == 1 { "/a".to_owned() } else { format!("/a?page={it}") };
        site.page(&path, part(it, &link(&format!("/a?page={}", it + 1))));
    }
    let (_home, _daemon, article) = read(&site).await;
    assert_eq!((site.count("/a?page=10"), site.count("/a?page=11")), (1, 0));
    assert!(article.body.contains(prose(10).first().unwrap()));
    let reason = article.reading.judgement.unwrap().reason;
    assert!(reason.ends_with("; it has more than 10 pages, the rest is not read"), "{reason}");
}

#[tokio::test]
async fn a_page_that_robots_txt_withholds_is_left_out_and_told() {
    let site = Site::start().await;
    site.put("/robots.txt", 200, &["content-type: text/plain"], "User-agent: *\nDisallow: /b\n");
    site.page("/a", part(1, &link("/b")));
    site.page("/b", part(2, ""));
    let (_home, _daemon, article) = read(&site).await;
    assert_eq!(site.count("/b"), 0);
    let reason = article.reading.judgement.unwrap().reason;
    assert!(reason.contains("; page 2 of the article: ") && reason.contains("robots.txt"), "{reason}");
    assert!(matches!(article.page, Page::Fetched(_)));
}

#[tokio::test]
async fn a_page_that_fails_is_read_again_with_the_whole_article() {
    let site = Site::start().await;
    site.page("/a", part(1, &link("/b")));
    site.put("/b", 503, &[], "");
    let (home, daemon, article) = read(&site).await;
    let Page::Unreachable(reason) = &article.page else { panic!("{:?}", article.page) };
    assert!(reason.starts_with("page 2 of the article: "), "{reason}");
    assert!(article.body.contains(prose(1).first().unwrap()));
    site.page("/b", part(2, ""));
    home.clock.advance(chrono::TimeDelta::hours(2));
    daemon.poll("paper").await;
    let article = daemon.report().article;
    assert_eq!((article.version, matches!(article.page, Page::Fetched(_))), (2, true));
    assert!(article.body.contains(prose(2).first().unwrap()));
}

#[tokio::test]
async fn pages_are_asked_with_what_the_recipe_says() {
    let site = Site::start().await;
    let other = Site::start().await;
    site.redirect("/a", other.url("/away").as_str());
    other.page("/away", part(1, ""));
    let mut home = home(&site);
    let addresses = [site.server.address().to_string(), other.server.address().to_string()];
    home.set("FETCH__ALLOW_PRIVATE", &format!("{addresses:?}"));
    list(&site, &["/a"]);
    home.start().poll("paper").await;
    let sent = |site: &Site, path: &str| {
        let requests = site.server.requests();
        let request = requests.iter().find(|it| it.target == path).unwrap();
        ["accept-language", "cookie"].map(|it| request.header(it).map(str::to_owned))
    };
    let (language, cookie) = (Some("ka".to_owned()), Some("consent=yes".to_owned()));
    assert_eq!(sent(&site, "/a"), [language.clone(), cookie]);
    assert_eq!(sent(&other, "/away"), [language, None], "a cookie stays with its host");
    for path in ["/feed", "/robots.txt"] {
        assert_eq!(sent(&site, path), [None, None], "{path}");
    }
}

#[tokio::test]
async fn a_recipe_that_no_longer_fits_is_told() {
    let site = Site::start().await;
    let paths = ["/1", "/2", "/3"];
    for (seed, path) in (1..).zip(paths) {
        site.page(path, part(seed, "").replace("class=text", "class=story"));
    }
    list(&site, &paths);
    let home = home(&site);
    let daemon = home.start();
    let report = daemon.poll("paper").await;
    assert_eq!(report.health.condition, Condition::Repaired);
    assert_eq!(report.health.reason, "the recipe paper found no text on 3 of 3 pages; they were read without it");
    let methods: BTreeSet<_> = daemon.reports().iter().map(|it| format!("{:?}", it.article.method)).collect();
    assert_eq!(methods, ["Readability".to_owned()].into());
    // It fits again.
    site.page("/4", part(4, ""));
    list(&site, &["/4"]);
    assert_eq!(daemon.poll("paper").await.health.condition, Condition::Fine);
}
