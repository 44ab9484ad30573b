//! HTTP out: the one guarded client for every outgoing request.
//!
//! Whatever is fetched (sources' documents, article pages, robots.txt) goes through [`Client`], because each way around
//! it would be a way into the private network. The client refuses addresses that are not public, bounds
//! size and time, waits its turn at each host, and obeys robots.txt for pages. It decides nothing about
//! what it brings, and it never retries, but once where a connection that had been open was closed unanswered:
//! [`FetchError::is_transient`] and [`FetchError::retry_after`] tell the caller whether and when to.

mod body;
mod challenge;
mod cookies;
mod error;
mod exchange;
mod freshness;
mod guard;
mod hosts;
mod idle;
mod redirects;
mod retry_after;
mod robots;
mod validators;
mod waits;

use std::{sync::Arc, time::Duration};

use reqwest::header::{HeaderMap, HeaderName};
use url::Url;

use self::exchange::{Exchange, Purpose};
pub use self::{
    error::{FetchError, Innermost},
    guard::{AllowedHost, AllowedHostError, is_public, private_host},
};
use crate::model::{Timestamp, Trail, Validators};

/// How the client behaves. It has no defaults of its own: the configuration gives them all.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Sent with each request, with an address that a publisher can write to. Its first word is the name
    /// that robots.txt is matched with.
    pub user_agent: String,
    /// For resolving the name, connecting and agreeing on encryption, at each hop.
    pub connect_timeout: Duration,
    /// For status and headers of each answer, connecting included. A message to a receiver has
    /// [`Settings::total_timeout`]: one that works on it before it answers would else get it twice.
    pub head_timeout: Duration,
    /// For the whole of one document, redirects and body included. Waiting for a turn at a host does not count.
    pub total_timeout: Duration,
    /// Redirects followed for one document; the next one is an error.
    pub max_redirects: usize,
    /// The largest feed that is read, in bytes after decoding.
    pub max_feed_bytes: u64,
    /// The largest page that is read, in bytes after decoding.
    pub max_page_bytes: u64,
    /// Requests to one host at once; 0 is read as 1.
    pub per_host: usize,
    /// Between the starts of two requests to one host. A host's `Crawl-delay` may lengthen it, up to 30 s.
    pub min_delay: Duration,
    /// Requests to all hosts at once; 0 is read as 1.
    pub total: usize,
    /// Hosts that may be reached although their addresses are not public.
    pub allowed_hosts: Vec<AllowedHost>,
    /// The shortest wait that a `Retry-After` is read as.
    pub min_retry_after: Duration,
    /// The longest wait that a `Retry-After` is read as.
    pub max_retry_after: Duration,
    /// How long a robots.txt is used before it is read again; more than 24 h is read as 24 h (RFC 9309 §2.4).
    pub robots_cache: Duration,
}

/// Fetches documents. A clone is cheap and shares connections, turns and what is known of robots.txt.
#[derive(Debug, Clone)]
pub struct Client(Arc<Exchange>);

/// How a source's document is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct DocumentRequest<'a> {
    /// What is looked for: goes into `Accept`.
    pub wanted: Wanted,
    /// The validators of the held document, for a conditional GET.
    pub validators: Option<&'a Validators>,
    /// Stands in place of the client's own user agent.
    pub user_agent: Option<&'a str>,
    /// Whether robots.txt may forbid it. A feed or a sitemap is published for programs; a page is not.
    pub obeys_robots: bool,
}

/// How an article page is asked for. Where a field is missing, the client's own stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct PageRequest<'a> {
    /// `User-Agent`.
    pub user_agent: Option<&'a str>,
    /// `Accept`.
    pub accept: Option<&'a str>,
    /// `Accept-Language`.
    pub accept_language: Option<&'a str>,
    /// `Cookie`. Sent to the host that is asked first, and to none that it redirects to. What redirects on the way set
    /// is sent beside it, to the host that set it.
    pub cookie: Option<&'a str>,
}

/// What a source's document should be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wanted {
    /// RSS, RDF, Atom or JSON Feed.
    #[default]
    Feed,
    /// A web page.
    Page,
    /// A sitemap.
    Sitemap,
    /// JSON.
    Json,
}

/// How a source's document came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Decoded. Nothing is known of what is in it. `None` where it is the one that the validators belong to.
    pub body: Option<Vec<u8>>,
    /// `Content-Type` as sent.
    pub content_type: Option<String>,
    /// The address that answered, after redirects: relative links start from it.
    pub url: Url,
    /// For the next request: those sent, or newer ones.
    pub validators: Validators,
    /// Where it lives now, if every redirect on the way was permanent. One answer is no proof: a parking page
    /// says the same.
    pub moved_to: Option<Url>,
    /// How long the server says that it will stay as it is (RFC 9111 §4.2.1).
    pub fresh_for: Option<Duration>,
    /// From the first request to the last byte, without the time spent waiting for a turn.
    pub took: Duration,
}

/// A message for a receiver that the configuration names.
#[derive(Debug, Clone)]
pub struct PostRequest<'a> {
    /// The receiver's address. It may contain a token, and is in no error and no log.
    pub url: &'a Url,
    /// `PUT` in place of `POST`.
    pub is_put: bool,
    /// Names and values; one that cannot be sent is an error.
    pub headers: &'a [(&'static str, String)],
    /// As it is sent.
    pub body: Vec<u8>,
}

/// What a receiver answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostResponse {
    /// The HTTP status, whatever it is: no redirect is followed.
    pub status: u16,
    /// How long it asks to be left alone, between the bounds of the settings.
    pub retry_after: Option<Duration>,
    /// The first kilobyte of the body; where the status is a 2xx, what was asked for.
    pub body: Vec<u8>,
}

/// An article page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageResponse {
    /// The address that answered, after redirects: relative links start from it.
    pub url: Url,
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type` as sent.
    pub content_type: Option<String>,
    /// Decoded. HTML, XHTML or plain text by its type, or PDF, and no other binary format by its first bytes.
    pub body: Vec<u8>,
    /// The way to it.
    pub trail: Trail,
}

impl Client {
    /// Makes a client. Where the system has no root certificates it is made all the same, and `https` fails
    /// with [`FetchError::Tls`].
    ///
    /// # Errors
    ///
    /// [`FetchError::Setup`] where the user agent cannot be sent.
    pub fn new(settings: Settings) -> Result<Self, FetchError> {
        Ok(Self(Arc::new(Exchange::new(settings)?)))
    }

    /// Makes another by other settings, which knows what this one knows of hosts: which asked to be left alone, when
    /// each may be asked next, and what their robots.txt say. A reload must not make a daemon impolite.
    ///
    /// # Errors
    ///
    /// [`FetchError::Setup`] where the user agent cannot be sent.
    pub fn renewed(&self, settings: Settings) -> Result<Self, FetchError> {
        Ok(Self(Arc::new(self.0.renewed(settings)?)))
    }

    /// Fetches a source's document. `now` is what a `Retry-After` date and the age of a remembered robots.txt are
    /// compared with.
    ///
    /// # Errors
    ///
    /// Any [`FetchError`] but that about HTML.
    pub async fn document(
        &self,
        url: &Url,
        request: DocumentRequest<'_>,
        now: Timestamp,
    ) -> Result<Fetched, FetchError> {
        let answer = self.0.fetch(url, Purpose::Document(request), now).await?;
        Ok(Fetched {
            body: answer.body,
            content_type: answer.content_type,
            url: answer.url,
            validators: answer.validators,
            moved_to: answer.moved_to,
            fresh_for: answer.fresh_for,
            took: answer.took,
        })
    }

    /// Fetches an article page if robots.txt allows it, there and wherever it redirects to. `now` is what a
    /// `Retry-After` date and the age of a remembered robots.txt are compared with.
    ///
    /// # Errors
    ///
    /// Any [`FetchError`].
    pub async fn page(&self, url: &Url, request: PageRequest<'_>, now: Timestamp) -> Result<PageResponse, FetchError> {
        let answer = self.0.fetch(url, Purpose::Page(request), now).await?;
        let trail = Trail {
            asked: url.to_string(),
            redirects: answer.redirects,
            url: answer.url.to_string(),
            status: answer.status,
            headers: answer.head,
            at: now,
        };
        Ok(PageResponse {
            trail,
            url: answer.url,
            status: answer.status,
            content_type: answer.content_type,
            body: answer.body.unwrap_or_default(),
        })
    }

    /// Whether the host of an address asked, by its last answers to this client, to be left alone, and still is.
    pub fn is_left_alone(&self, url: &Url) -> bool {
        self.0.is_left_alone(url)
    }

    /// Sends a message to a receiver, judged by the same guard as what is fetched.
    ///
    /// # Errors
    ///
    /// [`FetchError`] where no answer came. It names the receiver's host and nothing more of its address.
    pub async fn post(&self, request: PostRequest<'_>) -> Result<PostResponse, FetchError> {
        self.0.post(request, None).await
    }

    /// Sends a question to a service that the configuration names, and reads its answer, of `max_bytes` at most, within
    /// `limit`.
    ///
    /// # Errors
    ///
    /// [`FetchError`] where no answer came, or one that is longer. It names the service's host and nothing more of its
    /// address.
    pub async fn ask(
        &self,
        request: PostRequest<'_>,
        max_bytes: u64,
        limit: Duration,
    ) -> Result<PostResponse, FetchError> {
        self.0.post(request, Some((max_bytes, limit))).await
    }
}

/// A field of one line of ASCII, as sent; `None` where it is absent, empty, longer than `max` bytes or not text.
fn text_field(headers: &HeaderMap, name: &HeaderName, max: usize) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    (!text.is_empty() && text.len() <= max).then(|| text.to_owned())
}
