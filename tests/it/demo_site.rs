//! The sample site as a client sees it: pages, feeds, conditional requests.

use reqwest::{Response, StatusCode, header};
use sitrepd::daemon::demo_site;

use crate::support::sample::{Gold, SampleSite, gold};

async fn get(url: &str) -> Response {
    client().get(url).send().await.unwrap()
}

fn client() -> reqwest::Client {
    // The real client brings its own provider; where another test has installed one already, that one stays.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn media_type(response: &Response) -> String {
    response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_text_is_a_page_with_clutter_around_it() {
    let site = SampleSite::start().await;
    let base = &site.base;
    let gold = gold();
    assert!((8..=12).contains(&gold.len()), "{} articles", gold.len());
    for Gold { slug, outlet, title, paragraphs, .. } in &gold {
        let response = get(&format!("{base}/{outlet}/{slug}.html?utm_source=rss")).await;
        assert_eq!(response.status(), StatusCode::OK, "{slug}");
        assert_eq!(media_type(&response), "text/html; charset=utf-8", "{slug}");
        let page = scraper::Html::parse_document(&response.text().await.unwrap());
        let text = page.root_element().text().collect::<String>();
        assert!(text.contains(title), "{slug} shows no title");
        for paragraph in paragraphs {
            assert!(text.contains(paragraph), "{slug} lacks {paragraph}");
        }
        let words: usize = paragraphs.iter().map(|it| it.split_whitespace().count()).sum();
        assert!((150..=400).contains(&words), "{slug} has {words} words");
        assert!(text.len() > paragraphs.iter().map(String::len).sum::<usize>() + 1000, "{slug} has too little clutter");
        let others = gold.iter().filter(|it| it.slug != *slug && text.contains(&it.title)).count();
        assert!(others >= 3, "{slug} has {others} teasers of other articles");
    }
}

#[tokio::test]
async fn the_copy_is_the_same_text_under_another_title() {
    let site = SampleSite::start().await;
    let base = &site.base;
    let copy = get(&format!("{base}/south-mesh/programme-copy.html")).await.text().await.unwrap();
    let page = scraper::Html::parse_document(&copy);
    let origin = scraper::Selector::parse("p.origin").unwrap();
    let line: String = page.select(&origin).next().unwrap().text().collect();
    assert_eq!(
        line,
        "The post Partnership programme with Azerbaijan enters second year, liaison office says first appeared on Caspian Wire."
    );
    let original = get(&format!("{base}/caspian-wire/partnership-programme.html")).await.text().await.unwrap();
    assert!(!original.contains("first appeared on"));
}

#[track_caller]
fn check_feed(body: &str, kind: &feed_rs::model::FeedType, links: &[String]) {
    let feed = feed_rs::parser::parse(body.as_bytes()).unwrap();
    assert_eq!(&feed.feed_type, kind);
    let found: Vec<&str> = feed.entries.iter().map(|it| it.links[0].href.as_str()).collect();
    assert_eq!(found, links);
    for entry in &feed.entries {
        assert!(entry.title.as_ref().is_some_and(|it| !it.content.is_empty()), "{}", entry.id);
        assert!(entry.summary.is_some(), "{}", entry.id);
        assert!(entry.published.is_some() || entry.updated.is_some(), "{}", entry.id);
        assert!(!entry.authors.is_empty(), "{}", entry.id);
    }
}

#[tokio::test]
async fn feeds_come_in_four_formats() {
    use feed_rs::model::FeedType;
    let site = SampleSite::start().await;
    let base = &site.base;
    let rss = "utm_source=rss&utm_medium=feed&utm_campaign=sample";
    let shared = "utm_source=south-mesh&fbclid=sample";
    let cases = [
        (
            "caspian-wire/feed.rss",
            "application/rss+xml; charset=utf-8",
            FeedType::RSS2,
            vec![
                format!("caspian-wire/pomegranate-fair.html?{rss}"),
                format!("caspian-wire/qara-deniz-kabeli.html?{rss}"),
                format!("caspian-wire/test-train.html?{rss}"),
                format!("caspian-wire/partnership-programme.html?{rss}"),
            ],
        ),
        (
            "mtkvari-observer/feed.atom",
            "application/atom+xml; charset=utf-8",
            FeedType::Atom,
            vec![
                "mtkvari-observer/hapk-qvearkutyun.html".to_owned(),
                "mtkvari-observer/sazghvari-khazi.html".to_owned(),
            ],
        ),
        (
            "black-sea-ledger/feed.rdf",
            "application/rdf+xml; charset=utf-8",
            FeedType::RSS1,
            vec![
                "black-sea-ledger/kiberataka-porty.html".to_owned(),
                "black-sea-ledger/karadeniz-mayin.html".to_owned(),
                "black-sea-ledger/odkb-uchenia.html".to_owned(),
            ],
        ),
        (
            "south-mesh/feed.json",
            "application/feed+json; charset=utf-8",
            FeedType::JSON,
            vec![
                "south-mesh/gozargah-aras.html".to_owned(),
                format!("black-sea-ledger/karadeniz-mayin.html?{shared}"),
                format!("caspian-wire/test-train.html?{shared}"),
                "south-mesh/programme-copy.html".to_owned(),
            ],
        ),
    ];
    for (path, expected, kind, links) in cases {
        let response = get(&format!("{base}/{path}")).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(media_type(&response), expected);
        let links: Vec<String> = links.iter().map(|it| format!("{base}/{it}")).collect();
        check_feed(&response.text().await.unwrap(), &kind, &links);
        assert!(demo_site::sources(base).contains(&format!("\"{base}/{path}\"")), "{path} is not configured");
    }
}

#[tokio::test]
async fn answers_conditional_requests() {
    let site = SampleSite::start().await;
    let base = &site.base;
    let feed = format!("{base}/caspian-wire/feed.rss");
    let etag = get(&feed).await.headers()[header::ETAG].to_str().unwrap().to_owned();
    for (held, expected) in [
        (etag.clone(), StatusCode::NOT_MODIFIED),
        (format!("\"other\", W/{etag}"), StatusCode::NOT_MODIFIED),
        ("*".to_owned(), StatusCode::NOT_MODIFIED),
        ("\"other\"".to_owned(), StatusCode::OK),
    ] {
        let response = client().get(&feed).header(header::IF_NONE_MATCH, &held).send().await.unwrap();
        assert_eq!(response.status(), expected, "If-None-Match: {held}");
        assert_eq!(response.headers()[header::ETAG], etag.as_str(), "RFC 9110 §15.4.5 asks for the tag in a 304 too");
        assert_eq!(response.text().await.unwrap().is_empty(), expected == StatusCode::NOT_MODIFIED);
    }
}

#[tokio::test]
async fn the_rest_of_the_site() {
    let site = SampleSite::start().await;
    let base = &site.base;
    let robots = get(&format!("{base}/robots.txt")).await;
    assert_eq!(media_type(&robots), "text/plain; charset=utf-8");
    assert!(robots.text().await.unwrap().starts_with("User-agent: *"));

    let index = get(base).await.text().await.unwrap();
    assert_eq!(index.matches("rel=\"alternate\"").count(), 4);

    assert_eq!(get(&format!("{base}/caspian-wire/no-such-page.html")).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(client().post(base).send().await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn the_address_stands_wherever_it_belongs() {
    let text = demo_site::sources("http://127.0.0.1:9/");
    assert!(!text.contains("{{"), "{text}");
    assert_eq!(text.matches("\"http://127.0.0.1:9/").count(), 4, "{text}");
}
