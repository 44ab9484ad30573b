//! Hosts that asked to be left alone: nothing is asked of them until then, neither documents nor pages, whichever source they are for.

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

/// How long a host is left alone that says 429 (Too Many Requests) and not for how long.
const UNTOLD_WAIT: Duration = Duration::from_secs(600);

/// Until when each host is left alone. What a server asks for with `Retry-After` is within the settings' bounds. It is counted from the answer on,
/// whatever the clock is set to meanwhile: a poll that asks may have begun long before.
#[derive(Debug, Default)]
pub(super) struct Waits(Mutex<HashMap<String, Instant>>);

impl Waits {
    /// Refuses a request to a host that asked to wait.
    pub(super) fn check(&self, url: &Url) -> Result<(), FetchError> {
        match self.left(url) {
            Some(left) => Err(FetchError::Waiting { url: shown(url), left }),
            None => Ok(()),
        }
    }

    /// How long the host of an address is still to be left alone, in full seconds: whoever comes back after them finds it ready.
    pub(super) fn left(&self, url: &Url) -> Option<Duration> {
        let waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = waits.get(host(url))?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then(|| Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0)))
    }

    /// Notes what a failed request to a host asks for.
    pub(super) fn note(&self, url: &Url, error: &FetchError) {
        let wait = match error {
            // With another status it is about that address (RFC 9110 §10.2.3, RFC 6585 §4).
            FetchError::Status { status: 429 | 503, retry_after: Some(wait), .. } => *wait,
            FetchError::Status { status: 429, .. } => UNTOLD_WAIT,
            _ => return,
        };
        let now = Instant::now();
        // The settings allow no wait that is past all time.
        let Some(until) = now.checked_add(wait) else { return };
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waits.retain(|_, until| *until > now);
        waits.insert(host(url).to_owned(), until);
    }
}
