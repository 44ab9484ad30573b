//! Hosts that asked to be left alone: nothing is requested from them until then, neither documents nor pages, for any
//! source. A wait demanded in answer to a page request delays documents for minutes only: without pages news is late,
//! without documents it is lost.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use url::Url;

use super::{
    error::{FetchError, shown},
    hosts::host,
};

/// How long a host is left alone that answers 429 (Too Many Requests) without a time; and the maximum wait for its
/// documents if it answered a page request.
const UNTOLD_WAIT: Duration = Duration::from_secs(600);

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// A feed or another list of what is new.
    Document,
    /// An article's page, or robots.txt.
    Page,
}

/// Until when a host is left alone.
#[derive(Debug, Clone, Copy)]
struct Until {
    documents: Instant,
    pages: Instant,
}

/// Until when each host is left alone. A `Retry-After` is limited by the settings. The wait counts from the answer, by
/// the monotonic clock: the poll that asked may have begun long before.
#[derive(Debug, Default)]
pub(super) struct Waits(Mutex<HashMap<String, Until>>);

impl Waits {
    /// Refuses a request to a host that asked to wait.
    pub(super) fn check(&self, url: &Url, asked: Asked) -> Result<(), FetchError> {
        match self.left(url, asked) {
            Some(left) => Err(FetchError::Waiting { url: shown(url), left }),
            None => Ok(()),
        }
    }

    /// How long the host of an address is still to be left alone, in full seconds, so that a request after them is
    /// allowed.
    pub(super) fn left(&self, url: &Url, asked: Asked) -> Option<Duration> {
        let waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = waits.get(host(url))?;
        let until = if asked == Asked::Document { until.documents } else { until.pages };
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then(|| Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0)))
    }

    /// Notes the wait that a failed request's answer demands. Of two concurrent answers the longer wait counts.
    pub(super) fn note(&self, url: &Url, asked: Asked, error: &FetchError) {
        let wait = match error {
            // With another status it is about that address (RFC 9110 §10.2.3, RFC 6585 §4).
            FetchError::Status { status: 429 | 503, retry_after: Some(wait), .. } => *wait,
            FetchError::Status { status: 429, .. } => UNTOLD_WAIT,
            _ => return,
        };
        let now = Instant::now();
        // The settings allow no wait that is past all time.
        let of_documents = if asked == Asked::Document { wait } else { wait.min(UNTOLD_WAIT) };
        let Some((pages, documents)) = now.checked_add(wait).zip(now.checked_add(of_documents)) else { return };
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waits.retain(|_, it| it.pages.max(it.documents) > now);
        let held = waits.entry(host(url).to_owned()).or_insert(Until { documents, pages });
        *held = Until { documents: held.documents.max(documents), pages: held.pages.max(pages) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(seconds: Option<u64>) -> FetchError {
        FetchError::Status {
            url: String::new(),
            status: 429,
            retry_after: seconds.map(Duration::from_secs),
            is_challenge: false,
            trail: None,
        }
    }

    #[test]
    fn the_longer_wait_holds_and_a_page_keeps_no_document_for_long() {
        let url: Url = "https://a.example/feed".parse().unwrap();
        let check = |answers: &[(Asked, Option<u64>)], expected: (u64, u64)| {
            let waits = Waits::default();
            for (asked, seconds) in answers {
                waits.note(&url, *asked, &busy(*seconds));
            }
            let left = |asked| waits.left(&url, asked).unwrap().as_secs();
            assert_eq!((left(Asked::Document), left(Asked::Page)), expected, "{answers:?}");
        };
        check(&[(Asked::Document, Some(7200))], (7200, 7200));
        check(&[(Asked::Document, Some(7200)), (Asked::Document, None)], (7200, 7200));
        check(&[(Asked::Page, Some(86_400))], (600, 86_400));
        check(&[(Asked::Page, Some(60)), (Asked::Document, None)], (600, 600));
    }
}
