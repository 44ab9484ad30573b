//! The AMP version of an article whose own page gives but a poor text.

use std::net::TcpListener;

use sitrepd::model::{Article, Method, Page};

use crate::support::{
    daemon::{Daemon, Home},
    site::{Item, Site, prose},
};

fn stub(amp: &str) -> String {
    format!("<title>Talks begin</title>{amp}<h1>Talks begin</h1><p>The rest is for our readers.</p>")
}

fn whole(link: &str) -> String {
    format!("<title>Talks begin</title>{link}<h1>Talks begin</h1><p>{}</p>", prose(1).join("</p><p>"))
}

const LINK: &str = "<link rel=amphtml href=/amp>";

async fn read(site: &Site) -> (Home, Daemon, Article) {
    read_with(site, &[]).await
}

async fn read_with(site: &Site, allowed: &[String]) -> (Home, Daemon, Article) {
    site.feed("/feed", &[Item::new("/a", &site.url("/a"), "")]);
    let mut home = Home::new(&[&[site.server.address().to_string()], allowed].concat());
    home.set("POLL__PAGE_RETRIES", "2");
    home.sources(&[("paper", site.url("/feed").as_str())]);
    let daemon = home.start();
    daemon.poll("paper").await;
    let article = daemon.report().article;
    (home, daemon, article)
}

fn reason(article: &Article) -> &str {
    article.reading.judgement.as_ref().map_or("", |it| it.reason.as_str())
}

fn address(article: &Article) -> &str {
    let Page::Fetched(record) = &article.page else { panic!("{:?}", article.page) };
    &record.url
}

#[tokio::test]
async fn the_amp_version_is_read_where_the_page_has_hardly_any_text() {
    let site = Site::start().await;
    site.page("/a", stub(LINK));
    site.page("/amp", whole("<link rel=canonical href=/a>"));
    let (_home, _daemon, article) = read(&site).await;
    assert_eq!(article.body, prose(1).join("\n"));
    assert_eq!((address(&article), article.method.clone()), (site.url("/amp").as_str(), Method::Readability));
    let expected = format!("; the text is that of its AMP version, {}", site.url("/amp"));
    assert!(reason(&article).ends_with(&expected), "{}", reason(&article));
    assert_eq!(["/a", "/amp"].map(|it| site.count(it)), [1, 1]);
}

#[tokio::test]
async fn it_is_not_asked_for_where_the_page_has_the_text_or_it_is_of_another_site() {
    let site = Site::start().await;
    site.page("/a", whole(LINK));
    site.page("/amp", whole(""));
    let (_home, _daemon, article) = read(&site).await;
    assert_eq!((address(&article), site.count("/amp")), (site.url("/a").as_str(), 0));

    let (site, other) = (Site::start().await, Site::start().await);
    let elsewhere = other.url("/amp").to_string().replace("127.0.0.1", "localhost");
    site.page("/a", stub(&format!("<link rel=amphtml href='{elsewhere}'>")));
    other.page("/amp", whole(""));
    let (_home, _daemon, article) = read(&site).await;
    assert_eq!((address(&article), other.server.requests().len()), (site.url("/a").as_str(), 0));
}

#[tokio::test]
async fn it_is_left_where_robots_txt_withholds_it() {
    let site = Site::start().await;
    site.put("/robots.txt", 200, &["content-type: text/plain"], "User-agent: *\nDisallow: /amp\n");
    site.page("/a", stub(LINK));
    site.page("/amp", whole(""));
    let (_home, _daemon, article) = read(&site).await;
    assert_eq!((address(&article), site.count("/amp")), (site.url("/a").as_str(), 0));
    assert!(reason(&article).contains("; its AMP version: ") && reason(&article).contains("robots.txt"));
}

#[tokio::test]
async fn what_is_no_better_is_not_used() {
    for (status, headers, body) in
        [(301, &["location: /a"][..], String::new()), (404, &[], String::new()), (200, &[], stub(""))]
    {
        let site = Site::start().await;
        site.page("/a", stub(LINK));
        let headers = [headers, &["content-type: text/html"]].concat();
        site.put("/amp", status, &headers, body);
        let (_home, _daemon, article) = read(&site).await;
        assert_eq!(address(&article), site.url("/a").as_str(), "{status}");
        assert!(!reason(&article).contains("the text is that of"), "{status}: {}", reason(&article));
        assert_eq!(site.count("/amp"), 1, "{status}");
    }
}

#[tokio::test]
async fn one_that_fails_is_asked_for_again_with_its_article() {
    let site = Site::start().await;
    site.page("/a", stub(LINK));
    site.put("/amp", 503, &[], "");
    let (home, daemon, article) = read(&site).await;
    let Page::Unreachable(why) = &article.page else { panic!("{:?}", article.page) };
    assert!(why.starts_with("its AMP version: "), "{why}");
    site.page("/amp", whole(""));
    home.clock.advance(chrono::TimeDelta::hours(2));
    daemon.poll("paper").await;
    let article = daemon.report().article;
    assert_eq!((article.version, article.body.as_str()), (2, prose(1).join("\n").as_str()));
    assert_eq!(address(&article), site.url("/amp").as_str());
}

#[tokio::test]
async fn a_host_that_is_not_there_is_noted() {
    let site = Site::start().await;
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    site.page("/a", stub(&format!("<link rel=amphtml href='http://{nobody}/amp'>")));
    let (_home, _daemon, article) = read_with(&site, &[nobody]).await;
    assert_eq!((address(&article), site.count("/a")), (site.url("/a").as_str(), 1));
    assert!(reason(&article).contains("; its AMP version: "), "{}", reason(&article));
}

#[tokio::test]
async fn another_article_in_its_place_is_not_used() {
    let site = Site::start().await;
    site.page("/a", stub(LINK));
    site.put("/amp", 302, &["location: /newest"], "");
    site.page("/newest", whole("<link rel=canonical href=/b>"));
    let (_home, _daemon, article) = read(&site).await;
    assert_eq!((address(&article), site.count("/newest")), (site.url("/a").as_str(), 1));
    assert!(!reason(&article).contains("the text is that"), "{}", reason(&article));
}
