//! A small HTTP server on loopback that can misbehave, and a client that may reach it.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use sitrepd::fetch::{Client, Settings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Barrier,
    task::{JoinHandle, JoinSet},
};
use url::Url;

/// Answers on 127.0.0.1 until it is dropped, one request a connection.
pub(crate) struct Server {
    address: SocketAddr,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    waiting: AtomicUsize,
    most_waiting: AtomicUsize,
    requests: Mutex<Vec<Request>>,
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }
}

/// What the server sends.
pub(crate) struct Answer {
    bytes: Vec<u8>,
    then: Then,
    barrier: Option<Arc<Barrier>>,
}

enum Then {
    Close,
    Hang,
    Repeat,
}

impl Answer {
    /// A whole answer; each header is `name: value`. A `content-length` among them stands for the true one.
    pub(crate) fn new(status: u16, headers: &[&str], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let has_length = headers.iter().any(|it| it.starts_with("content-length:"));
        let mut headers = headers.join("\r\n");
        if !headers.is_empty() {
            headers.push_str("\r\n");
        }
        let length = match status {
            304 => String::new(),
            _ if has_length => String::new(),
            _ => format!("content-length: {}\r\n", body.len()),
        };
        let head = format!("HTTP/1.1 {status} X\r\n{headers}{length}connection: close\r\n\r\n");
        Self::raw([head.as_bytes(), body].concat())
    }

    pub(crate) fn ok(body: impl AsRef<[u8]>) -> Self {
        Self::new(200, &["content-type: text/html"], body)
    }

    pub(crate) fn redirect(status: u16, location: impl AsRef<str>) -> Self {
        Self::new(status, &[&format!("location: {}", location.as_ref())], "")
    }

    /// These bytes, and then the end of the connection.
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), then: Then::Close, barrier: None }
    }

    /// Sends the bytes and then nothing, with the connection open.
    pub(crate) fn then_hang(self) -> Self {
        Self { then: Then::Hang, ..self }
    }

    /// Sends the bytes and then zeros until the client goes away.
    pub(crate) fn then_for_ever(self) -> Self {
        Self { then: Then::Repeat, ..self }
    }

    /// Is sent when as many requests are waiting as the barrier counts.
    pub(crate) fn after(self, barrier: &Arc<Barrier>) -> Self {
        Self { barrier: Some(Arc::clone(barrier)), ..self }
    }
}

impl Server {
    pub(crate) async fn start(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let task = tokio::spawn(serve(listener, Arc::clone(&seen), Arc::new(answer)));
        Self { address, seen, task }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        format!("http://{}{path}", self.address).parse().unwrap()
    }

    /// Connections accepted.
    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(SeqCst)
    }

    /// The most requests that waited for their answers at once.
    pub(crate) fn most_at_once(&self) -> usize {
        self.seen.most_waiting.load(SeqCst)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// Requests for this path and query.
    pub(crate) fn count(&self, target: &str) -> usize {
        self.requests().iter().filter(|it| it.target == target).count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    listener: TcpListener,
    seen: Arc<Seen>,
    answer: Arc<impl Fn(&Request) -> Answer + Send + Sync + 'static>,
) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        seen.connections.fetch_add(1, SeqCst);
        let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
        connections.spawn(async move {
            // A client that goes away is no concern of the server.
            let _ = converse(stream, &seen, &*answer).await;
        });
    }
}

async fn converse(
    mut stream: TcpStream,
    seen: &Seen,
    answer: &(impl Fn(&Request) -> Answer + Sync),
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let mut request = read_head(&String::from_utf8(head).unwrap());
    let length = request.header("content-length").map_or(0, |it| it.parse().unwrap());
    request.body = vec![0; length];
    stream.read_exact(&mut request.body).await?;
    let answer = answer(&request);
    seen.requests.lock().unwrap().push(request);

    let waiting = seen.waiting.fetch_add(1, SeqCst) + 1;
    seen.most_waiting.fetch_max(waiting, SeqCst);
    if let Some(barrier) = &answer.barrier {
        barrier.wait().await;
    }
    seen.waiting.fetch_sub(1, SeqCst);

    stream.write_all(&answer.bytes).await?;
    match answer.then {
        Then::Close => stream.shutdown().await,
        Then::Hang => std::future::pending().await,
        Then::Repeat => loop {
            stream.write_all(&[0; 4_096]).await?;
        },
    }
}

fn read_head(head: &str) -> Request {
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ').map(str::to_owned);
    let (method, target) = (first.next().unwrap(), first.next().unwrap());
    let headers =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.into()));
    Request { method, target, headers: headers.collect(), body: Vec::new() }
}

/// Has timers go on by so much at once; nothing else may be under way.
pub(crate) async fn timers_pass(by: Duration) {
    tokio::time::pause();
    tokio::time::advance(by).await;
    tokio::time::resume();
}

/// Settings of a client that may reach these servers and nothing else that is not public.
pub(crate) fn settings(servers: &[&Server]) -> Settings {
    Settings {
        user_agent: "sitrepd/0.0 (+https://contact.example)".to_owned(),
        connect_timeout: Duration::from_secs(10),
        head_timeout: Duration::from_secs(10),
        total_timeout: Duration::from_secs(20),
        max_redirects: 10,
        max_feed_bytes: 1_000_000,
        max_page_bytes: 100_000,
        per_host: 8,
        min_delay: Duration::ZERO,
        total: 16,
        allowed_hosts: servers.iter().map(|it| it.address().to_string().parse().unwrap()).collect(),
        min_retry_after: Duration::from_secs(60),
        max_retry_after: Duration::from_secs(24 * 60 * 60),
        robots_cache: Duration::from_secs(24 * 60 * 60),
    }
}

/// A client with those settings.
pub(crate) fn client(servers: &[&Server]) -> Client {
    Client::new(settings(servers)).unwrap()
}
