//! The real client and article pages: robots.txt, and pages that are none.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use sitrepd::fetch::{DocumentRequest, FetchError, PageRequest, PageResponse, Wanted};

use crate::{
    fetch::NOW,
    support::http::{Answer, Request, Server, client},
};

/// A site with this robots.txt and a page at any other path.
async fn site(robots: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Server {
    Server::start(move |request| match request.target.as_str() {
        "/robots.txt" => robots(request),
        _ => Answer::ok("<p>article"),
    })
    .await
}

fn text(body: &'static str) -> impl Fn(&Request) -> Answer {
    move |_| Answer::new(200, &["content-type: text/plain"], body)
}

#[tokio::test]
async fn allowed_pages_are_fetched() {
    let server =
        site(text("User-agent: *\nDisallow: /private\n\nUser-agent: sitrepd\nDisallow: /no\nAllow: /no/but")).await;
    let client = client(&[&server]);
    for path in ["/private", "/no/but/this"] {
        let page = client.page(&server.url(path), PageRequest::default(), NOW).await.unwrap();
        let expected = PageResponse {
            url: server.url(path),
            status: 200,
            content_type: Some("text/html".into()),
            body: b"<p>article".to_vec(),
            trail: page.trail.clone(),
        };
        assert_eq!((page.trail.asked.as_str(), page.trail.redirects.len()), (server.url(path).as_str(), 0));
        assert_eq!(page, expected);
    }
    let error = client.page(&server.url("/no/2"), PageRequest::default(), NOW).await.unwrap_err();
    assert!(matches!(error, FetchError::Robots { .. }) && !error.is_transient(), "{error:?}");
    assert_eq!((server.count("/robots.txt"), server.count("/no/2")), (1, 0));
}

#[tokio::test]
async fn answers_other_than_rules() {
    for (status, allowed) in
        [(404, true), (401, true), (403, true), (410, true), (429, false), (500, false), (503, false)]
    {
        let server = site(move |_| Answer::new(status, &["retry-after: 7200"], "User-agent: *\nDisallow: /")).await;
        match client(&[&server]).page(&server.url("/page"), PageRequest::default(), NOW).await {
            Ok(_) => assert!(allowed, "{status}"),
            Err(error) => {
                assert!(!allowed, "{status}: {error}");
                assert!(matches!(error, FetchError::RobotsUnreachable { .. }) && error.is_transient());
                assert_eq!(error.retry_after(), Some(Duration::from_secs(7_200)));
                assert_eq!(server.count("/page"), 0);
            }
        }
    }
    let server = site(|_| Answer::raw("HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\nUser-agent: *")).await;
    let error = client(&[&server]).page(&server.url("/page"), PageRequest::default(), NOW).await.unwrap_err();
    assert!(matches!(error, FetchError::RobotsUnreachable { .. }), "a cut file is no file: {error:?}");
}

#[tokio::test]
async fn robots_txt_behind_redirects() {
    let behind = |hops: u32| site_of_hops(hops, "User-agent: *\nDisallow: /");
    let server = behind(5).await;
    let error = client(&[&server]).page(&server.url("/page"), PageRequest::default(), NOW).await.unwrap_err();
    assert!(matches!(error, FetchError::Robots { .. }), "{error:?}");
    // RFC 9309 §2.3.1.2: after five redirects the file may be taken for absent.
    let server = behind(6).await;
    client(&[&server]).page(&server.url("/page"), PageRequest::default(), NOW).await.unwrap();
}

async fn site_of_hops(hops: u32, robots: &'static str) -> Server {
    Server::start(move |request| {
        let left = match request.target.as_str() {
            "/robots.txt" => Some(hops),
            other => other.strip_prefix("/robots/").map(|it| it.parse().unwrap()),
        };
        match left {
            Some(0) => Answer::ok(robots),
            Some(left) => Answer::redirect(302, format!("/robots/{}", left - 1)),
            None => Answer::ok("<p>article"),
        }
    })
    .await
}

#[tokio::test]
async fn an_endless_robots_txt_is_cut() {
    let head = "HTTP/1.1 200 X\r\n\r\nUser-agent: *\nDisallow: /private\n";
    let server = site(move |_| Answer::raw(head).then_for_ever()).await;
    let client = client(&[&server]);
    client.page(&server.url("/page"), PageRequest::default(), NOW).await.unwrap();
    let error = client.page(&server.url("/private"), PageRequest::default(), NOW).await.unwrap_err();
    assert!(matches!(error, FetchError::Robots { .. }), "{error:?}");
}

#[tokio::test]
async fn read_once_a_day_however_many_pages_wait() {
    let server = site(text("User-agent: *\nAllow: /")).await;
    let client = client(&[&server]);
    let page = server.url("/page");
    for res in join_all((0..8).map(|_| client.page(&page, PageRequest::default(), NOW))).await {
        res.unwrap();
    }
    assert_eq!((server.count("/robots.txt"), server.count("/page")), (1, 8));
    client.page(&page, PageRequest::default(), NOW + TimeDelta::hours(23)).await.unwrap();
    assert_eq!(server.count("/robots.txt"), 1);
    client.page(&page, PageRequest::default(), NOW + TimeDelta::hours(24)).await.unwrap();
    assert_eq!(server.count("/robots.txt"), 2);
}

#[tokio::test]
async fn a_redirect_does_not_lead_around_robots_txt() {
    let closed = site(text("User-agent: *\nDisallow: /")).await;
    let location = closed.url("/page").to_string();
    let open = Server::start(move |request| match request.target.as_str() {
        "/robots.txt" => Answer::new(404, &[], ""),
        _ => Answer::redirect(302, &location),
    })
    .await;
    let error = client(&[&open, &closed]).page(&open.url("/page"), PageRequest::default(), NOW).await.unwrap_err();
    assert!(matches!(error, FetchError::Robots { .. }), "{error:?}");
    assert_eq!((closed.count("/robots.txt"), closed.count("/page")), (1, 0));
}

#[tokio::test]
async fn feeds_do_not_ask_robots_txt() {
    let server = site(text("User-agent: *\nDisallow: /")).await;
    client(&[&server]).document(&server.url("/feed"), DocumentRequest::default(), NOW).await.unwrap();
    assert_eq!(server.count("/robots.txt"), 0);
}

#[tokio::test]
async fn listing_pages_obey_robots_txt() {
    let server = site(text("User-agent: *\nDisallow: /news")).await;
    let request = DocumentRequest { wanted: Wanted::Page, obeys_robots: true, ..DocumentRequest::default() };
    let client = client(&[&server]);
    client.document(&server.url("/open"), request, NOW).await.unwrap();
    let error = client.document(&server.url("/news"), request, NOW).await.unwrap_err();
    assert!(matches!(error, FetchError::Robots { .. }), "{error:?}");
    assert_eq!((server.count("/robots.txt"), server.count("/news")), (1, 0));
}

#[tokio::test]
async fn pages_that_are_none() {
    let head = "HTTP/1.1 200 X\r\ncontent-type: video/mp4\r\n\r\n";
    let cases = [
        ("declared and endless", Answer::raw(head).then_for_ever(), "video/mp4"),
        ("MP4 named html", Answer::ok(b"\0\0\0\x20ftypisom"), "an MP4 film"),
        ("ZIP named html", Answer::ok(b"PK\x03\x04rest"), "a ZIP or office file"),
        ("no type", Answer::new(200, &[], b"\x00\x01\x02"), "binary data"),
    ];
    for (name, answer, expected) in cases {
        let answer = std::sync::Mutex::new(Some(answer));
        let server = Server::start(move |request| match request.target.as_str() {
            "/robots.txt" => Answer::new(404, &[], ""),
            _ => answer.lock().unwrap().take().unwrap(),
        })
        .await;
        let error = client(&[&server]).page(&server.url("/a.html"), PageRequest::default(), NOW).await.unwrap_err();
        assert!(!error.is_transient());
        assert!(matches!(&error, FetchError::NotHtml { found, .. } if found == expected), "{name}: {error:?}");
    }
    let server = Server::start(|request| match request.target.as_str() {
        "/robots.txt" => Answer::new(404, &[], ""),
        _ => Answer::ok("x".repeat(100_001)),
    })
    .await;
    let error = client(&[&server]).page(&server.url("/"), PageRequest::default(), NOW).await.unwrap_err();
    assert!(matches!(error, FetchError::TooLarge { limit: 100_000, .. }), "{error:?}");
}
