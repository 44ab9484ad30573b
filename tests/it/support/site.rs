//! A small news site whose documents a test sets as it goes.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use tokio::sync::Barrier;
use url::Url;

use super::http::{Answer, Server};

/// Serves what was put, with an `ETag`; answers 404 to the rest, robots.txt included.
pub(crate) struct Site {
    documents: Arc<Mutex<HashMap<String, Document>>>,
    pub(crate) server: Server,
}

#[derive(Clone)]
struct Document {
    status: u16,
    headers: Vec<String>,
    body: Vec<u8>,
    barrier: Option<Arc<Barrier>>,
    has_etag: bool,
    /// The bytes that the `ETag` was made of, where they are not those that are sent.
    etag_of: Option<Vec<u8>>,
}

impl Site {
    pub(crate) async fn start() -> Self {
        let documents = Arc::new(Mutex::new(HashMap::<String, Document>::new()));
        let held = Arc::clone(&documents);
        let server = Server::start(move |request| {
            let Some(document) = held.lock().unwrap().get(&request.target).cloned() else {
                return Answer::new(404, &[], "");
            };
            let etag = format!("\"{:08x}\"", crc32c::crc32c(document.etag_of.as_ref().unwrap_or(&document.body)));
            if document.has_etag && document.status == 200 && request.header("if-none-match") == Some(&etag) {
                return Answer::new(304, &[&format!("etag: {etag}")], "");
            }
            let mut headers: Vec<&str> = document.headers.iter().map(String::as_str).collect();
            let etag = format!("etag: {etag}");
            if document.has_etag {
                headers.push(&etag);
            }
            let answer = Answer::new(document.status, &headers, &document.body);
            match &document.barrier {
                Some(barrier) => answer.after(barrier),
                None => answer,
            }
        })
        .await;
        Self { documents, server }
    }

    /// Answers so at `path` from now on.
    pub(crate) fn put(&self, path: &str, status: u16, headers: &[&str], body: impl AsRef<[u8]>) {
        let headers = headers.iter().map(|it| (*it).to_owned()).collect();
        let document =
            Document { status, headers, body: body.as_ref().to_vec(), barrier: None, has_etag: true, etag_of: None };
        self.documents.lock().unwrap().insert(path.to_owned(), document);
    }

    pub(crate) fn feed(&self, path: &str, items: &[Item]) {
        self.put(path, 200, &["content-type: application/rss+xml"], rss(items));
    }

    pub(crate) fn page(&self, path: &str, markup: impl AsRef<[u8]>) {
        self.put(path, 200, &["content-type: text/html; charset=utf-8"], markup);
    }

    pub(crate) fn redirect(&self, path: &str, to: &str) {
        self.put(path, 301, &[&format!("location: {to}")], "");
    }

    /// Another document at `path` under the `ETag` of the one that is there: some servers keep it over a change.
    pub(crate) fn put_under_old_etag(&self, path: &str, body: impl AsRef<[u8]>) {
        let mut documents = self.documents.lock().unwrap();
        let document = documents.get_mut(path).unwrap();
        document.etag_of = Some(std::mem::replace(&mut document.body, body.as_ref().to_vec()));
    }

    /// The document at `path` is sent whole at each request from now on.
    pub(crate) fn forget_validators(&self, path: &str) {
        self.documents.lock().unwrap().get_mut(path).unwrap().has_etag = false;
    }

    /// The answer at `path` is sent when as many requests wait as the barrier counts.
    pub(crate) fn hold(&self, path: &str, barrier: &Arc<Barrier>) {
        self.documents.lock().unwrap().get_mut(path).unwrap().barrier = Some(Arc::clone(barrier));
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        self.server.url(path)
    }

    pub(crate) fn count(&self, path: &str) -> usize {
        self.server.count(path)
    }
}

/// An item of a feed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Item {
    pub(crate) title: String,
    pub(crate) link: Option<Url>,
    pub(crate) guid: Option<String>,
    pub(crate) text: String,
}

impl Item {
    pub(crate) fn new(title: &str, link: &Url, text: &str) -> Self {
        Self { title: title.to_owned(), link: Some(link.clone()), guid: None, text: text.to_owned() }
    }
}

/// An RSS 2.0 document.
pub(crate) fn rss(items: &[Item]) -> String {
    let mut res = "<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>A feed</title>\n".to_owned();
    for it in items {
        let link = it.link.as_ref().map(|it| format!("<link>{}</link>", it.as_str().replace('&', "&amp;")));
        let guid = it.guid.as_ref().map(|it| format!("<guid isPermaLink=\"false\">{it}</guid>"));
        let (link, guid) = (link.unwrap_or_default(), guid.unwrap_or_default());
        let description = format!("<description>{}</description>", it.text);
        writeln!(res, "<item><title>{}</title>{link}{guid}{description}</item>", it.title).unwrap();
    }
    res + "</channel></rss>\n"
}

/// An article page with some clutter.
pub(crate) fn page(title: &str, paragraphs: &[String]) -> String {
    let body = paragraphs.join("</p>\n<p>");
    format!(
        "<!doctype html><html lang=\"en\"><head><title>{title}</title></head><body>\
         <nav><a href=\"/\">Front page</a> <a href=\"/all\">All news</a></nav>\
         <article><h1>{title}</h1>\n<p>{body}</p></article><footer>Imprint</footer></body></html>"
    )
}

/// Paragraphs of plain English, other ones for each seed.
pub(crate) fn prose(seed: u32) -> Vec<String> {
    const WORDS: [&str; 48] = [
        "the",
        "minister",
        "said",
        "that",
        "border",
        "officers",
        "would",
        "meet",
        "in",
        "the",
        "capital",
        "before",
        "winter",
        "and",
        "discuss",
        "a",
        "new",
        "road",
        "between",
        "both",
        "towns",
        "which",
        "had",
        "been",
        "closed",
        "for",
        "years",
        "while",
        "observers",
        "of",
        "the",
        "mission",
        "counted",
        "vehicles",
        "at",
        "each",
        "crossing",
        "with",
        "great",
        "care",
        "but",
        "nobody",
        "expected",
        "an",
        "agreement",
        "so",
        "soon",
        "there",
    ];
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut word = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        WORDS[(state >> 16) as usize % WORDS.len()]
    };
    let mut sentence = || {
        let words: Vec<&str> = (0..14).map(|_| word()).collect();
        format!("Yesterday, {}.", words.join(" "))
    };
    (0..4).map(|_| (0..4).map(|_| sentence()).collect::<Vec<_>>().join(" ")).collect()
}
