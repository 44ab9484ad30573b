//! HTTP out: the one guarded client for every outgoing request.
//!
//! Whatever is fetched (feeds, article pages, robots.txt) goes through [`Client`], because each way around
//! it would be a way into the private network. The client refuses addresses that are not public, bounds
//! size and time, waits its turn at each host, and obeys robots.txt for pages. It decides nothing about
//! what it brings, and it never retries: [`FetchError::is_transient`] and [`FetchError::retry_after`] tell
//! the caller whether and when to.

mod body;
mod error;
mod exchange;
mod guard;
mod hosts;
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
    guard::{AllowedHost, AllowedHostError, is_public},
};
use crate::model::{Timestamp, Validators};

/// How the client behaves. It has no defaults of its own: the configuration gives them all.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Sent with each request, with an address that a publisher can write to. Its first word is the name
    /// that robots.txt is matched with.
    pub user_agent: String,
    /// For resolving the name, connecting and agreeing on encryption, at each hop.
    pub connect_timeout: Duration,
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

/// How a feed came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// It is the one that the validators belong to.
    NotModified {
        /// For the next request: those sent, or newer ones.
        validators: Validators,
        /// Where it lives now, if every redirect on the way was permanent. One answer is no proof: a parking page
        /// says the same.
        moved_to: Option<Url>,
    },
    /// It is new, or the server does not tell.
    Document {
        /// Decoded. Nothing is known of what is in it.
        body: Vec<u8>,
        /// `Content-Type` as sent.
        content_type: Option<String>,
        /// The address that answered, after redirects: relative links start from it.
        url: Url,
        /// For the next request.
        validators: Validators,
        /// As for [`Fetched::NotModified`].
        moved_to: Option<Url>,
    },
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
    /// Decoded. HTML, XHTML or plain text by its type, and no known binary format by its first bytes.
    pub body: Vec<u8>,
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

    /// Fetches a feed, conditionally if `validators` from an earlier answer are given. `now` is what a
    /// `Retry-After` date is compared with.
    ///
    /// # Errors
    ///
    /// Any [`FetchError`] but those about robots.txt and HTML.
    pub async fn feed(
        &self,
        url: &Url,
        validators: Option<&Validators>,
        now: Timestamp,
    ) -> Result<Fetched, FetchError> {
        let answer = self.0.fetch(url, Purpose::Feed(validators), now).await?;
        Ok(match answer.body {
            None => Fetched::NotModified { validators: answer.validators, moved_to: answer.moved_to },
            Some(body) => Fetched::Document {
                body,
                content_type: answer.content_type,
                url: answer.url,
                validators: answer.validators,
                moved_to: answer.moved_to,
            },
        })
    }

    /// Fetches an article page if robots.txt allows it, there and wherever it redirects to. `now` is what a
    /// `Retry-After` date and the age of a remembered robots.txt are compared with.
    ///
    /// # Errors
    ///
    /// Any [`FetchError`].
    pub async fn page(&self, url: &Url, now: Timestamp) -> Result<PageResponse, FetchError> {
        let answer = self.0.fetch(url, Purpose::Page, now).await?;
        Ok(PageResponse {
            url: answer.url,
            status: answer.status,
            content_type: answer.content_type,
            body: answer.body.unwrap_or_default(),
        })
    }
}

/// A field of one line of ASCII, as sent; `None` where it is absent, empty, longer than `max` bytes or not text.
fn text_field(headers: &HeaderMap, name: &HeaderName, max: usize) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    (!text.is_empty() && text.len() <= max).then(|| text.to_owned())
}
