//! The one port that is listened at: strangers come in few at once, for a short time, and by its own name.

use std::{mem::ManuallyDrop, net::SocketAddr, time::Duration};

use futures_util::future::join_all;
use sitrepd::daemon::unsubscribe;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::support::daemon::{Daemon, Home};

/// The page of a daemon, at an address.
pub(crate) struct Page {
    pub(crate) address: SocketAddr,
    serving: tokio::task::JoinHandle<()>,
    stop: CancellationToken,
}

impl Page {
    pub(crate) async fn of(daemon: &Daemon) -> Self {
        let (contexts, current) = watch::channel((**daemon).clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let until = stop.clone();
        let serving = tokio::spawn(async move {
            unsubscribe::serve_on(listener, current, until).await;
            drop(contexts);
        });
        Self { address, serving, stop }
    }

    /// Holds nothing of the daemon any more when it returns.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.serving.await.unwrap();
    }

    /// What is answered to these bytes; empty where the connection ends without an answer.
    pub(crate) async fn answer(&self, request: impl AsRef<[u8]>) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_ref()).await.unwrap();
        let mut answer = Vec::new();
        // A connection that is cut off may end in an error.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }
}

/// A daemon that is never dropped: that would wait for the page, which a failed test leaves open.
fn started(home: &Home) -> ManuallyDrop<Daemon> {
    ManuallyDrop::new(home.start())
}

fn home(listen: &str) -> Home {
    let mut home = Home::new(&[]);
    home.write("key", "0123456789abcdef0123");
    home.set("MAIL__HOST", "127.0.0.1");
    home.set("MAIL__FROM", "desk@desk.example");
    home.set("MAIL__TO", "[\"reader@reader.example\"]");
    home.set("MAIL__UNSUBSCRIBE_URL", "https://desk.example:8443/leave");
    home.set("MAIL__UNSUBSCRIBE_LISTEN", listen);
    home.set("MAIL__UNSUBSCRIBE_KEY_FILE", home.config_dir().join("key").to_str().unwrap());
    home
}

#[tokio::test(start_paused = true)]
async fn who_sends_nothing_is_sent_away() {
    let home = home("127.0.0.1:8025");
    let daemon = started(&home);
    let page = Page::of(&daemon).await;
    for half in [
        "",
        "GET / HTTP/1.1\r\nHost: desk.exa",
        "POST /x HTTP/1.1\r\nHost: desk.example\r\nContent-Length: 9\r\n\r\nab",
    ] {
        let began = Instant::now();
        let answer = page.answer(half).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{half:?}: {answer}");
        let took = began.elapsed();
        assert!((Duration::from_secs(9)..Duration::from_secs(11)).contains(&took), "{half:?}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn strangers_come_in_few_at_once() {
    let home = home("127.0.0.1:8025");
    let daemon = started(&home);
    let page = Page::of(&daemon).await;
    let idle = join_all((0..64).map(|_| async {
        let mut stream = TcpStream::connect(page.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        stream
    }))
    .await;
    let began = Instant::now();
    let answer = page.answer("GET / HTTP/1.1\r\nHost: desk.example\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    assert!(began.elapsed() >= Duration::from_secs(9), "it waits until one of them has to go: {:?}", began.elapsed());
    drop(idle);
    let began = Instant::now();
    assert!(page.answer("GET / HTTP/1.1\r\nHost: desk.example\r\n\r\n").await.starts_with("HTTP/1.1 404"));
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn only_its_own_name_is_answered() {
    let home = home("127.0.0.1:8025");
    let daemon = started(&home);
    let page = Page::of(&daemon).await;
    for (asks, expected) in [
        ("GET / HTTP/1.1\r\nHost: desk.example", 404),
        ("GET / HTTP/1.1\r\nHost: DESK.example:443", 404),
        ("GET / HTTP/1.1\r\nHost: 127.0.0.1:8025", 404),
        ("GET https://desk.example/ HTTP/1.1\r\nHost: other.example", 404),
        ("GET / HTTP/1.1\r\nHost: other.example", 421),
        ("GET / HTTP/1.1\r\nHost: desk.example.other.example", 421),
        ("GET / HTTP/1.1\r\nHost: other@", 421),
        ("GET / HTTP/1.1\r\nHost: 127.0.0.2", 421),
        ("GET / HTTP/1.1\r\nHost: localhost", 421),
        ("GET https://other.example/ HTTP/1.1\r\nHost: desk.example", 421),
        ("GET / HTTP/1.0", 421),
        ("POST /x HTTP/1.1\r\nHost: desk.example\r\nContent-Length: 1073741824", 413),
        ("PUT /x HTTP/1.1\r\nHost: desk.example", 405),
    ] {
        let answer = page.answer(format!("{asks}\r\n\r\n")).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.{} {expected} ", u8::from(!asks.contains("1.0")))),
            "{asks}: {answer}"
        );
    }
    let body = "x".repeat(5_000);
    let chunked = format!(
        "POST /x HTTP/1.1\r\nHost: desk.example\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n{body}\r\n0\r\n\r\n"
    );
    assert!(page.answer(chunked).await.starts_with("HTTP/1.1 413 "));
}

/// Found in a review: an address that a reload brought was listened at after the next start only.
#[tokio::test]
async fn the_page_is_where_the_last_reload_put_it() {
    let [first, second] = ["127.0.0.1:0"; 2].map(|it| std::net::TcpListener::bind(it).unwrap());
    let [first, second] = [first, second].map(|it| it.local_addr().unwrap().to_string());
    let mut home = home("");
    let daemon = started(&home);
    let (contexts, current) = watch::channel((**daemon).clone());
    let stop = CancellationToken::new();
    let serving = tokio::spawn(unsubscribe::serve(current, stop.clone()));
    let answers = async |address: &str, is_served: bool| {
        while TcpStream::connect(address).await.is_ok() != is_served {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    for (listen, other) in [(&first, &second), (&second, &first), (&first, &second)] {
        home.set("MAIL__UNSUBSCRIBE_LISTEN", listen);
        let config = home.config();
        let client = daemon.client.renewed(config.fetch.clone()).unwrap();
        contexts.send_modify(|ctx| *ctx = ctx.reloaded(config, client));
        let moved = async {
            answers(listen, true).await;
            answers(other, false).await;
        };
        tokio::time::timeout(Duration::from_secs(30), moved).await.unwrap();
    }
    stop.cancel();
    serving.await.unwrap().unwrap();
}

#[test]
fn a_page_that_others_can_reach_is_told() {
    for (listen, is_told) in
        [("127.0.0.1:8025", false), ("[::1]:8025", false), ("0.0.0.0:8025", true), ("[::]:8025", true)]
    {
        let warnings = home(listen).config().warnings.clone();
        assert_eq!(warnings.iter().any(|it| it.contains("unsubscribe_listen")), is_told, "{listen}: {warnings:?}");
    }
}
