//! Why a document could not be fetched, and whether trying again may help.

use std::{error::Error as _, fmt, io, iter, sync::Arc, time::Duration};

use reqwest::StatusCode;
use url::Url;

use super::guard::{NOT_PUBLIC, NotPublic};
use crate::model::{Fault, Trail};

/// The longest URL shown in a message or a log.
const MAX_SHOWN: usize = 300;

/// Why a document could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The client could not be made from its settings.
    #[error("could not set up the HTTP client")]
    Setup(#[source] reqwest::Error),
    /// This address is never requested, by this daemon's own rules.
    #[error("refused to fetch {url}: {reason}")]
    Refused {
        /// What was asked for, or where a redirect led.
        url: String,
        /// The rule.
        reason: &'static str,
    },
    /// The body is larger than is read.
    #[error("body of {url} is larger than {limit} bytes")]
    TooLarge {
        /// The document.
        url: String,
        /// In bytes, decoded.
        limit: u64,
    },
    /// Connecting, the head of the answer or the whole request took too long.
    #[error("{url} did not answer in full within {limit:?}")]
    Timeout {
        /// The document.
        url: String,
        /// The time it had.
        limit: Duration,
    },
    /// The name did not resolve, or nothing answers at its addresses.
    #[error("could not connect to {url}")]
    Connect {
        /// The document.
        url: String,
        /// What the system says.
        source: Innermost,
    },
    /// The server has no valid certificate, or the two sides agree on no encryption.
    #[error("no trusted connection to {url}")]
    Tls {
        /// The document.
        url: String,
        /// What the TLS library says.
        source: Innermost,
    },
    /// Redirects that lead nowhere.
    #[error("redirects from {url} {problem}")]
    Redirects {
        /// The document.
        url: String,
        /// A loop, too many, or no target.
        problem: String,
    },
    /// The server answered with a status that brings no document.
    #[error("{url} answered with status {status}")]
    Status {
        /// The address that answered, after redirects.
        url: String,
        /// As sent. A 304 stands here if nothing was asked conditionally (RFC 9110 §15.4.5).
        status: u16,
        /// The wait that the server asks for, between the bounds of the settings.
        retry_after: Option<Duration>,
        /// A firewall wants to see a human.
        is_challenge: bool,
        /// How the answer to a request for a page came, for the record.
        trail: Option<Box<Trail>>,
    },
    /// The host has asked to be left alone for a while, and is.
    #[error("{url} is not asked for: its host wants to be left alone for another {left:?}")]
    Waiting {
        /// The document.
        url: String,
        /// How much longer.
        left: Duration,
    },
    /// The site's robots.txt forbids this page.
    #[error("robots.txt of the site forbids {url}")]
    Robots {
        /// The page.
        url: String,
    },
    /// The site's robots.txt could not be read, which forbids all of the site for now (RFC 9309 §2.3.1.4).
    #[error("robots.txt of the site could not be read, so {url} is left alone for now")]
    RobotsUnreachable {
        /// The page.
        url: String,
        /// Why robots.txt could not be read.
        source: Arc<FetchError>,
    },
    /// The page is something else.
    #[error("{url} is {found}, not an HTML page")]
    NotHtml {
        /// The page.
        url: String,
        /// A media type, or what the first bytes show.
        found: String,
    },
    /// The body is encoded in a way that is not read.
    #[error("body of {url} is encoded as {encoding}, which is not read")]
    Encoding {
        /// The document.
        url: String,
        /// As the server names it.
        encoding: String,
    },
    /// The body is not what its encoding allows, or ends within it. Nothing of it is used.
    #[error("body of {url} is encoded as {encoding} and cannot be decoded")]
    Garbled {
        /// The document.
        url: String,
        /// In lower case.
        encoding: String,
    },
    /// The answer is not HTTP, or broke off. Nothing of it is used.
    #[error("answer of {url} is malformed or broke off")]
    Broken {
        /// The document.
        url: String,
        /// What the HTTP library says.
        source: Innermost,
    },
}

impl FetchError {
    /// Whether the same request may well succeed later without anyone changing the configuration.
    pub fn is_transient(&self) -> bool {
        match self {
            // `Tls` too: certificates are renewed; days late, but they are.
            Self::Timeout { .. }
            | Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Broken { .. }
            | Self::Garbled { .. }
            | Self::Waiting { .. }
            | Self::RobotsUnreachable { .. } => true,
            Self::Status { status, .. } => is_transient_status(*status),
            Self::Setup(_)
            | Self::Refused { .. }
            | Self::TooLarge { .. }
            | Self::Redirects { .. }
            | Self::Robots { .. }
            | Self::NotHtml { .. }
            | Self::Encoding { .. } => false,
        }
    }

    /// What can be done about it.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Status { is_challenge: true, .. } | Self::Robots { .. } => Fault::Blocked,
            Self::Status { status, retry_after, .. } => match (status, retry_after) {
                (410, _) => Fault::Gone,
                (404, _) => Fault::NotFound,
                // 406 and 400 are what some firewalls say to a user agent that they do not know.
                (400 | 401 | 403 | 406 | 451, _) => Fault::Blocked,
                (429, _) | (503, Some(_)) => Fault::Throttled,
                (500.., _) => Fault::Server,
                _ => Fault::Unreadable,
            },
            Self::Waiting { .. } => Fault::Throttled,
            Self::Timeout { .. }
            | Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Broken { .. }
            | Self::Garbled { .. } => Fault::Network,
            Self::RobotsUnreachable { source, .. } => source.fault(),
            Self::Refused { .. } | Self::TooLarge { .. } => Fault::Refused,
            Self::Redirects { .. } | Self::NotHtml { .. } | Self::Encoding { .. } => Fault::Unreadable,
            Self::Setup(_) => Fault::Defect,
        }
    }

    /// How long the server asks to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            Self::Waiting { left, .. } => Some(*left),
            Self::RobotsUnreachable { source, .. } => source.retry_after(),
            _ => None,
        }
    }

    /// This error, with the redirects on the way to the answer in its record.
    pub(super) fn by_way_of(mut self, asked: &Url, way: &super::redirects::Trail) -> Self {
        if let Self::Status { trail: Some(trail), .. } = &mut self {
            asked.as_str().clone_into(&mut trail.asked);
            trail.redirects = way.hops().to_vec();
        }
        self
    }

    /// Classifies what the HTTP library reports before a status line has been read.
    pub(super) fn from_sending(error: reqwest::Error, url: &Url, connect_timeout: Duration) -> Self {
        // The message has the URL already.
        let source = error.without_url();
        let url = shown(url);
        if cause::<NotPublic>(&source).is_some() {
            Self::Refused { url, reason: NOT_PUBLIC }
        } else if source.is_timeout() {
            // Only connecting has a time limit within the HTTP library; the total limit is enforced outside of it.
            Self::Timeout { url, limit: connect_timeout }
        } else if cause::<rustls::Error>(&source).is_some() {
            Self::Tls { url, source: Innermost(source) }
        } else if source.is_connect() {
            Self::Connect { url, source: Innermost(source) }
        } else {
            Self::Broken { url, source: Innermost(source) }
        }
    }

    /// What the HTTP library reports while the body is read.
    pub(super) fn from_reading(error: reqwest::Error, url: &Url) -> Self {
        Self::Broken { url: shown(url), source: Innermost(error.without_url()) }
    }
}

/// Whether the HTTP library reports that a connection was closed before anything was answered.
pub(super) fn is_unanswered(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};

    let is_closed =
        |it: &io::Error| matches!(it.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof);
    !error.is_connect()
        && (cause::<hyper::Error>(error).is_some_and(hyper::Error::is_incomplete_message)
            || cause::<io::Error>(error).is_some_and(is_closed))
}

/// An error of the HTTP library that shows what is at its bottom. The layers between ("error sending request:
/// client error (Connect): dns error") tell an analyst nothing; they are in the `Debug` form.
#[derive(Debug)]
pub struct Innermost(reqwest::Error);

impl std::error::Error for Innermost {}

impl fmt::Display for Innermost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match iter::successors(self.0.source(), |it| (*it).source()).last() {
            Some(cause) => write!(f, "{cause}"),
            None => write!(f, "{}", self.0),
        }
    }
}

/// RFC 9110 §15: the request was fine, the moment was not.
fn is_transient_status(status: u16) -> bool {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    status.is_server_error()
        || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS].contains(&status)
}

/// The first error of type `E` among the causes of `error`.
fn cause<E: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    let mut next = error.source();
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            // `io::Error::source` skips the error that it wraps.
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}

/// A URL for messages: without user name and password, and not longer than people read.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // These fail only for URLs that cannot carry credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let mut text = String::from(url);
    if let Some((end, _)) = text.char_indices().nth(MAX_SHOWN) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transient_statuses() {
        let transient = |status| {
            FetchError::Status { url: String::new(), status, retry_after: None, is_challenge: false, trail: None }
                .is_transient()
        };
        for status in [408, 425, 429, 500, 502, 503, 504, 520, 599] {
            assert!(transient(status), "{status}");
        }
        for status in [100, 204, 206, 304, 400, 401, 403, 404, 410, 451, 600, 999] {
            assert!(!transient(status), "{status}");
        }
    }

    #[test]
    fn shown_urls_are_short_and_tell_no_secret() {
        assert_eq!(shown(&"https://user:secret@a.example/p".parse().unwrap()), "https://a.example/p");
        let long = format!("https://a.example/{}", "x".repeat(1_000));
        assert_eq!(shown(&long.parse().unwrap()).chars().count(), MAX_SHOWN + 1);
    }
}
