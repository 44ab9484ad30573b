//! Which servers may have left a connection open to be used again.
//!
//! A server may close one just as it is used. Nothing answers then, and RFC 9110 §9.2.2 has a client ask again on its
//! own. A server that closes a new connection unanswered means it, and is not asked again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use reqwest::header::{CONNECTION, HeaderMap};
use tokio::time::Instant;
use url::{Origin, Url};

/// How long the HTTP client keeps a connection that is not used.
pub(super) const KEPT_FOR: Duration = Duration::from_secs(90);

/// When each origin last answered and did not say that it closes the connection.
#[derive(Debug, Default)]
pub(super) struct Idle(Mutex<HashMap<Origin, Instant>>);

impl Idle {
    /// Notes an answer.
    pub(super) fn note(&self, url: &Url, headers: &HeaderMap) {
        let closes = headers.get_all(CONNECTION).iter().filter_map(|it| it.to_str().ok());
        let closes = closes.flat_map(|it| it.split(',')).any(|it| it.trim().eq_ignore_ascii_case("close"));
        let now = Instant::now();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, at| now.duration_since(*at) < KEPT_FOR);
        if closes {
            known.remove(&url.origin());
        } else {
            known.insert(url.origin(), now);
        }
    }

    /// Whether a request that was not answered may have gone over an old connection. Several may at once: the server
    /// closes all that it has.
    pub(super) fn may_be_old(&self, url: &Url) -> bool {
        let at = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&url.origin()).copied();
        at.is_some_and(|at| at.elapsed() < KEPT_FOR)
    }

    /// Notes that a server closed a new connection unanswered.
    pub(super) fn forget(&self, url: &Url) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&url.origin());
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_connection_may_be_old_after_an_answer_over_it() {
        let (url, other) = ("https://a.example/1".parse().unwrap(), "https://a.example:8443/1".parse().unwrap());
        let (idle, open) = (Idle::default(), HeaderMap::new());
        assert!(!idle.may_be_old(&url));
        idle.note(&url, &open);
        assert!(!idle.may_be_old(&other));
        assert!(idle.may_be_old(&url) && idle.may_be_old(&url), "two requests at once");
        idle.forget(&url);
        assert!(!idle.may_be_old(&url));
        idle.note(&url, &open);
        idle.note(&url, &HeaderMap::from_iter([(CONNECTION, HeaderValue::from_static("x, Close"))]));
        assert!(!idle.may_be_old(&url));
        idle.note(&url, &open);
        tokio::time::advance(KEPT_FOR).await;
        assert!(!idle.may_be_old(&url));
    }
}
