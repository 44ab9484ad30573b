//! The real client against a local server: feeds, bodies, statuses, deadlines, turns.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta};
use futures_util::future::join_all;
use sitrepd::{
    fetch::{Client, DocumentRequest, FetchError, Fetched, PageRequest},
    model::{Timestamp, Validators},
};
use tokio::sync::Barrier;
use url::Url;

use crate::support::http::{Answer, Server, client, settings, timers_pass};

pub(crate) const NOW: Timestamp = DateTime::UNIX_EPOCH;

async fn feed(client: &Client, url: &Url) -> Result<Fetched, FetchError> {
    client.document(url, DocumentRequest::default(), NOW).await
}

/// The body of a feed that answers so.
async fn body_of(answer: impl Fn() -> Answer + Send + Sync + 'static) -> Result<Vec<u8>, FetchError> {
    let server = Server::start(move |_| answer()).await;
    Ok(feed(&client(&[&server]), &server.url("/")).await?.body.expect("not modified"))
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn zlib(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn brotli(plain: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut encoded, 4_096, 1, 22);
    encoder.write_all(plain).unwrap();
    drop(encoder);
    encoded
}

fn zstd(plain: &[u8]) -> Vec<u8> {
    zstd::encode_all(plain, 1).unwrap()
}

#[tokio::test]
async fn conditional_round_trip() {
    let server = Server::start(|request| match request.header("if-none-match") {
        Some("W/\"a  b\"") => Answer::new(304, &["last-modified: later"], ""),
        Some(other) => panic!("validator {other:?}"),
        None => Answer::new(
            200,
            &[
                "etag: W/\"a  b\"",
                "last-modified: Tue, 1 Jan 2030",
                "content-type: application/rss+xml",
                "cache-control: max-age=300",
            ],
            "<rss/>",
        ),
    })
    .await;
    let client = client(&[&server]);
    let held = Validators { etag: Some("W/\"a  b\"".into()), last_modified: Some("Tue, 1 Jan 2030".into()) };
    let first = feed(&client, &server.url("/feed?x=1#part")).await.unwrap();
    assert_eq!(first.body.as_deref(), Some(b"<rss/>".as_slice()));
    assert_eq!(first.content_type.as_deref(), Some("application/rss+xml"));
    assert_eq!((first.url, &first.validators, first.moved_to), (server.url("/feed?x=1"), &held, None));
    assert_eq!(first.fresh_for, Some(Duration::from_secs(300)));
    let request =
        DocumentRequest { validators: Some(&held), user_agent: Some("Other/1"), ..DocumentRequest::default() };
    let second = client.document(&server.url("/feed?x=1"), request, NOW).await.unwrap();
    assert_eq!((second.body, second.moved_to), (None, None));
    assert_eq!(second.validators, Validators { last_modified: Some("later".into()), ..held });
    let requests = server.requests();
    assert_eq!(requests[0].header("user-agent"), Some("sitrepd/0.0 (+https://contact.example)"));
    assert_eq!(requests[1].header("user-agent"), Some("Other/1"));
    assert_eq!(requests[0].header("if-modified-since"), None);
    assert_eq!(requests[1].header("if-modified-since"), Some("Tue, 1 Jan 2030"));
    for unwanted in ["cookie", "referer", "authorization"] {
        assert_eq!(requests[1].header(unwanted), None);
    }
}

#[tokio::test]
async fn not_modified_unasked_is_an_error() {
    let server = Server::start(|_| Answer::new(304, &["etag: \"a\""], "")).await;
    let client = client(&[&server]);
    for validators in [None, Some(&Validators::default())] {
        let request = DocumentRequest { validators, ..DocumentRequest::default() };
        let error = client.document(&server.url("/"), request, NOW).await.unwrap_err();
        assert!(matches!(error, FetchError::Status { status: 304, .. }), "{error}");
    }
}

#[tokio::test]
async fn encodings_are_undone() {
    let plain = b"<rss>text</rss>".as_slice();
    for (name, encoded) in [
        ("gzip", gzip(plain)),
        ("br", brotli(plain)),
        ("zstd", zstd(plain)),
        ("identity", plain.into()),
        ("x-gzip", gzip(plain)),
        ("GZIP", gzip(plain)),
        ("gzip, gzip", gzip(&gzip(plain))),
        ("deflate", zlib(plain)),
        ("none", plain.into()),
        ("utf-8", plain.into()),
        ("", plain.into()),
        ("", gzip(plain)),
    ] {
        let answer = move || Answer::new(200, &[&format!("content-encoding: {name}")], &encoded);
        assert_eq!(body_of(answer).await.unwrap(), plain, "{name}");
    }
}

#[tokio::test]
async fn encodings_that_are_not_read() {
    let plain = b"<rss>text</rss>".as_slice();
    let thrice = gzip(&gzip(&gzip(plain)));
    for (headers, encoded) in [
        (vec!["content-encoding: BR"], brotli(plain)),
        (vec!["content-encoding: nonsense"], zlib(plain)),
        (vec!["content-encoding: gzip"], thrice),
        (vec![], zstd(plain)),
    ] {
        let told = headers.clone();
        let error = body_of(move || Answer::new(200, &headers, &encoded)).await.unwrap_err();
        assert!(matches!(error, FetchError::Encoding { .. }) && !error.is_transient(), "{told:?}: {error:?}");
    }
}

#[tokio::test]
async fn bodies_that_break_are_not_returned() {
    let plain = "text ".repeat(1_000);
    let mut cut = gzip(plain.as_bytes());
    cut.truncate(cut.len() / 2);
    let cases = [
        ("lies about gzip", Answer::new(200, &["content-encoding: gzip"], "<rss/>")),
        ("gzip cut", Answer::new(200, &["content-encoding: gzip"], cut)),
        ("shorter than it says", Answer::raw("HTTP/1.1 200 X\r\ncontent-length: 1000\r\n\r\n<rss>")),
        ("chunk size garbled", Answer::raw("HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n-5\r\n<rss>")),
        ("chunk size huge", Answer::raw("HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n<")),
        ("chunks end early", Answer::raw("HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n5\r\n<rss>\r\n")),
        ("no HTTP", Answer::raw("220 mail.example ESMTP\r\n")),
        ("nothing", Answer::raw("")),
        ("10,000 headers", Answer::raw(format!("HTTP/1.1 200 X\r\n{}\r\n", "a: b\r\n".repeat(10_000)))),
        ("1 MB of headers", Answer::raw(format!("HTTP/1.1 200 X\r\na: {}\r\n\r\n", "b".repeat(1_000_000)))),
    ];
    for (name, answer) in cases {
        let answer = std::sync::Mutex::new(Some(answer));
        let error = body_of(move || answer.lock().unwrap().take().unwrap()).await.unwrap_err();
        assert!(matches!(error, FetchError::Broken { .. }) && error.is_transient(), "{name}: {error:?}");
    }
}

#[tokio::test]
async fn large_bodies_stop_at_the_limit() {
    let zeros = vec![0; 8 << 20];
    let head = "HTTP/1.1 200 X\r\nconnection: close\r\n";
    let encoded = |name: &str, body: Vec<u8>| Answer::new(200, &[&format!("content-encoding: {name}")], body);
    let cases = [
        ("endless", Answer::raw(format!("{head}\r\n")).then_for_ever()),
        ("endless after gzip", encoded("gzip", gzip(&zeros)).then_for_ever()),
        ("10 TB claimed", Answer::raw(format!("{head}content-length: 10000000000000\r\n\r\nshort"))),
        ("one byte too long", Answer::ok("x".repeat(1_000_001))),
        ("gzip bomb", encoded("gzip", gzip(&zeros))),
        ("brotli bomb", encoded("br", brotli(&zeros))),
        ("zstd bomb", encoded("zstd", zstd(&zeros))),
        ("gzip bomb by its old name", encoded("x-gzip", gzip(&zeros))),
        ("deflate bomb", encoded("deflate", zlib(&zeros))),
        ("gzip bomb within another", encoded("gzip", gzip(&gzip(&zeros)))),
    ];
    for (name, answer) in cases {
        let answer = std::sync::Mutex::new(Some(answer));
        let error = body_of(move || answer.lock().unwrap().take().unwrap()).await.unwrap_err();
        assert!(matches!(error, FetchError::TooLarge { limit: 1_000_000, .. }), "{name}: {error:?}");
    }
    assert_eq!(body_of(|| Answer::ok("x".repeat(1_000_000))).await.unwrap().len(), 1_000_000);
}

#[tokio::test]
async fn statuses() {
    for (status, transient) in [(202, false), (404, false), (410, false), (429, true), (500, true), (503, true)] {
        let error = body_of(move || Answer::new(status, &[], "<rss/>")).await.unwrap_err();
        assert!(matches!(error, FetchError::Status { status: it, .. } if it == status), "{error:?}");
        assert_eq!(error.is_transient(), transient, "{status}");
        assert_eq!(error.retry_after(), None);
    }
}

#[tokio::test]
async fn retry_after_is_bounded() {
    for (text, expected) in [
        ("120", Some(120)),
        ("Thu, 01 Jan 1970 00:10:00 GMT", Some(600)),
        ("315360000", Some(86_400)),
        ("-1", None),
        ("Wed, 31 Dec 1969 00:00:00 GMT", Some(60)),
    ] {
        let error = body_of(move || Answer::new(429, &[&format!("retry-after: {text}")], "")).await.unwrap_err();
        assert_eq!(error.retry_after(), expected.map(Duration::from_secs), "{text}");
    }
}

/// Found in a test with a server whose clock was wrong: it was left alone for a day, or not at all.
#[tokio::test]
async fn a_date_to_wait_for_is_read_by_the_servers_clock() {
    let headers = ["date: Tue, 01 Jan 2030 00:00:00 GMT", "retry-after: Tue, 01 Jan 2030 00:10:00 GMT"];
    let error = body_of(move || Answer::new(503, &headers, "")).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(600)));
}

/// Found in a test with a server that closes what it has kept open: the poll failed.
#[tokio::test]
async fn a_connection_that_was_kept_open_and_is_closed_is_made_anew_once() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const ANSWER: &[u8] = b"HTTP/1.1 200 X\r\ncontent-length: 6\r\n\r\n<rss/>";
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let request = async |stream: &mut tokio::net::TcpStream| {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
    };
    let server = async {
        let mut n_connections = 0;
        // Each connection answers so many requests, and is closed at the next.
        for n_answers in [1, 1, 0] {
            let (mut stream, _) = listener.accept().await.unwrap();
            n_connections += 1;
            for _ in 0..n_answers {
                request(&mut stream).await;
                stream.write_all(ANSWER).await.unwrap();
            }
            request(&mut stream).await;
        }
        n_connections
    };
    let allowed_hosts = vec![address.to_string().parse().unwrap()];
    let client = Client::new(sitrepd::fetch::Settings { allowed_hosts, ..settings(&[]) }).unwrap();
    let url = format!("http://{address}/").parse().unwrap();
    let asks = async {
        // Over the first connection, which is closed at the second request; over the second.
        for _ in 0..2 {
            assert_eq!(feed(&client, &url).await.unwrap().body.unwrap(), b"<rss/>");
        }
        // The new one is closed unanswered too: that is meant, and is not asked again.
        feed(&client, &url).await.unwrap_err()
    };
    let (n_connections, error) = tokio::join!(server, asks);
    assert!(matches!(error, FetchError::Broken { .. }), "{error:?}");
    assert_eq!(n_connections, 3);
}

/// Found in a review: the wait was counted from when the poll had begun, and was over by then.
#[tokio::test]
async fn a_wait_is_counted_from_the_answer_on() {
    let server = Server::start(|request| match request.target.as_str() {
        "/robots.txt" => Answer::new(404, &[], ""),
        "/1" => Answer::new(429, &["retry-after: 300"], ""),
        _ => Answer::ok("<p>article"),
    })
    .await;
    let client = client(&[&server]);
    let page = async |path: &str, now| client.page(&server.url(path), PageRequest::default(), now).await;
    page("/1", NOW).await.unwrap_err();
    // Another poll began later, by a clock that was set forward meanwhile.
    for now in [NOW, NOW + TimeDelta::hours(9)] {
        let error = page("/2", now).await.unwrap_err();
        assert!(matches!(error, FetchError::Waiting { .. }), "{error:?}");
        let left = error.retry_after().unwrap();
        assert!(left > Duration::from_secs(270) && left.subsec_nanos() == 0, "{left:?}");
    }
    timers_pass(Duration::from_secs(280)).await;
    assert!(matches!(page("/2", NOW).await.unwrap_err(), FetchError::Waiting { .. }));
    timers_pass(Duration::from_secs(20)).await;
    // And set back.
    page("/2", NOW - TimeDelta::days(1)).await.unwrap();
    assert_eq!(server.count("/2"), 1);
}

/// Found in a review: feeds were asked for all the same, and so were pages that stood in line already.
#[tokio::test]
async fn a_host_that_asks_to_wait_is_asked_for_nothing_more() {
    let is_busy = Arc::new(AtomicBool::new(true));
    let busy = Arc::clone(&is_busy);
    let server = Server::start(move |request| match request.target.as_str() {
        _ if busy.load(Relaxed) => Answer::new(503, &["retry-after: 300"], ""),
        "/robots.txt" => Answer::new(404, &[], ""),
        _ => Answer::ok("<p>article"),
    })
    .await;
    let delay = Duration::from_millis(60);
    let settings = sitrepd::fetch::Settings { per_host: 1, min_delay: delay, ..settings(&[&server]) };
    let client = Client::new(settings).unwrap();
    let page = async |path: &str| client.page(&server.url(path), PageRequest::default(), NOW).await.map(drop);
    let document = async |path: &str| feed(&client, &server.url(path)).await.map(drop);
    let began = Instant::now();
    let first = document("/feed");
    let pages = join_all((0..100).map(async |_| page("/page").await));
    let documents = join_all((0..100).map(async |_| document("/other").await));
    let (first, pages, documents) = tokio::join!(first, pages, documents);
    assert!(matches!(first, Err(FetchError::Status { status: 503, .. })), "{first:?}");
    for res in pages.into_iter().chain(documents) {
        assert!(matches!(&res, Err(it @ FetchError::Waiting { .. }) if it.is_transient()), "{res:?}");
    }
    assert_eq!(server.requests().len(), 1);
    assert!(began.elapsed() < 100 * delay, "what is not asked takes no turn");
    // Nothing is remembered of a robots.txt that was not asked for.
    is_busy.store(false, Relaxed);
    timers_pass(Duration::from_secs(300)).await;
    page("/page").await.unwrap();
    document("/other").await.unwrap();
}

#[tokio::test]
async fn slow_bodies_meet_the_deadline() {
    let server = Server::start(|request| match request.target.as_str() {
        "/hop" => Answer::redirect(302, "/body"),
        "/head" => Answer::raw("HTTP/1.1 200 X\r\na: b\r\n").then_hang(),
        _ => Answer::raw("HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n<rss>").then_hang(),
    })
    .await;
    let limit = Duration::from_millis(200);
    let client = Client::new(sitrepd::fetch::Settings { total_timeout: limit, ..settings(&[&server]) }).unwrap();
    for path in ["/hop", "/head", "/body"] {
        let error = feed(&client, &server.url(path)).await.unwrap_err();
        assert!(matches!(error, FetchError::Timeout { limit: it, .. } if it == limit), "{path}: {error:?}");
        assert!(error.is_transient());
    }
}

/// The clock jumps to the next timer whenever nothing else is to be done.
#[tokio::test(start_paused = true)]
async fn headers_that_never_end_are_waited_for_ten_seconds() {
    let server = Server::start(|request| match request.target.as_str() {
        "/nothing" => Answer::raw("").then_hang(),
        "/hop" => Answer::redirect(302, "/head"),
        "/body" => Answer::raw("HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n<rss>").then_hang(),
        _ => Answer::raw("HTTP/1.1 200 X\r\na: b\r\n").then_hang(),
    })
    .await;
    // As shipped.
    let home = crate::support::daemon::Home::new(&[server.address().to_string()]);
    let client = Client::new(home.config().fetch.clone()).unwrap();
    for (path, seconds) in [("/nothing", 10), ("/head", 10), ("/hop", 10), ("/body", 30)] {
        let began = tokio::time::Instant::now();
        let error = feed(&client, &server.url(path)).await.unwrap_err();
        assert!(matches!(error, FetchError::Timeout { .. }), "{path}: {error:?}");
        let took = began.elapsed();
        let expected = Duration::from_secs(seconds);
        assert!(took >= expected && took < expected + Duration::from_secs(1), "{path}: {took:?}");
    }
    // A receiver may work on a message before it answers.
    let request =
        sitrepd::fetch::PostRequest { url: &server.url("/nothing"), is_put: false, headers: &[], body: Vec::new() };
    let began = tokio::time::Instant::now();
    assert!(client.post(request).await.is_err());
    assert!(began.elapsed() >= Duration::from_secs(30));
}

#[tokio::test]
async fn connections_that_fail() {
    let server = Server::start(|_| Answer::raw("")).await;
    let short = Duration::from_millis(200);
    let client = Client::new(sitrepd::fetch::Settings { connect_timeout: short, ..settings(&[&server]) }).unwrap();
    let mut https = server.url("/");
    https.set_scheme("https").unwrap();

    // The server waits for the end of a request line that never comes.
    let error = feed(&client, &https).await.unwrap_err();
    assert!(matches!(error, FetchError::Timeout { limit, .. } if limit == short), "{error:?}");

    let plain = tokio::net::TcpListener::bind(server.address().ip().to_string() + ":0").await.unwrap();
    let address = plain.local_addr().unwrap();
    let allowed = vec![address.to_string().parse().unwrap()];
    let client = Client::new(sitrepd::fetch::Settings { allowed_hosts: allowed, ..settings(&[]) }).unwrap();
    let https = format!("https://{address}/").parse().unwrap();
    let (answered, error) = tokio::join!(
        async {
            let (mut stream, _) = plain.accept().await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 X\r\n\r\n").await
        },
        feed(&client, &https)
    );
    answered.unwrap();
    let error = error.unwrap_err();
    assert!(matches!(error, FetchError::Tls { .. }), "{error:?}");

    drop(plain);
    let error = feed(&client, &format!("http://{address}/").parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, FetchError::Connect { .. }), "{error:?}");
    assert!(error.is_transient());
    let shown = sitrepd::text::error_chain(&error);
    assert!(shown.starts_with(&format!("could not connect to http://{address}/: Connection refused")), "{shown}");
}

#[tokio::test]
async fn few_requests_at_once() {
    let barrier = Arc::new(Barrier::new(2));
    let server = Server::start(move |_| Answer::ok("").after(&barrier)).await;
    let client = Client::new(sitrepd::fetch::Settings { per_host: 2, ..settings(&[&server]) }).unwrap();
    let url = server.url("/");
    for res in join_all((0..10).map(|_| feed(&client, &url))).await {
        res.unwrap();
    }
    assert_eq!(server.most_at_once(), 2);
    assert_eq!(server.count("/"), 10);
}

#[tokio::test]
async fn requests_are_apart() {
    let server = Server::start(|request| match request.target.as_str() {
        "/a" => Answer::redirect(302, "/b"),
        _ => Answer::ok(""),
    })
    .await;
    let min_delay = Duration::from_millis(60);
    let client = Client::new(sitrepd::fetch::Settings { min_delay, ..settings(&[&server]) }).unwrap();
    let (a, b) = (server.url("/a"), server.url("/b"));
    let began = Instant::now();
    let (first, second) = tokio::join!(feed(&client, &a), feed(&client, &b));
    first.unwrap();
    second.unwrap();
    assert!(began.elapsed() >= 2 * min_delay, "three requests in {:?}", began.elapsed());
}
