//! Hosts that asked to be left alone: their pages are not asked for until then, whichever source carries them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use url::Url;

use super::error::{FetchError, shown};
use crate::model::{Timestamp, later};

/// How long a host is left alone that says 429 (Too Many Requests) and not for how long.
const UNTOLD_WAIT: Duration = Duration::from_secs(600);

/// Until when each host is left alone. What a server asks for with `Retry-After` is within the settings' bounds.
#[derive(Debug, Default)]
pub(super) struct Waits(Mutex<HashMap<String, Timestamp>>);

impl Waits {
    /// Refuses a request to a host that asked to wait.
    pub(super) fn check(&self, url: &Url, now: Timestamp) -> Result<(), FetchError> {
        match self.left(url, now) {
            Some(left) => Err(FetchError::Waiting { url: shown(url), left }),
            None => Ok(()),
        }
    }

    /// How long the host of an address is still to be left alone.
    pub(super) fn left(&self, url: &Url, now: Timestamp) -> Option<Duration> {
        let waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = waits.get(url.host_str()?).filter(|it| **it > now)?;
        Some((*until - now).to_std().unwrap_or_default())
    }

    /// Notes what a failed request to a host asks for.
    pub(super) fn note(&self, url: &Url, error: &FetchError, now: Timestamp) {
        let wait = match error {
            FetchError::Status { retry_after: Some(wait), .. } => *wait,
            FetchError::Status { status: 429, .. } => UNTOLD_WAIT,
            _ => return,
        };
        let Some(host) = url.host_str() else { return };
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waits.retain(|_, until| *until > now);
        waits.insert(host.to_owned(), later(now, wait));
    }
}
