//! `sitrepd.toml` as it is written. Every key is needed: those that a user leaves out come from the
//! built-in `config/sitrepd.toml`, which is the only list of defaults.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error};

use super::{
    audiences::AudienceEntry,
    channels::ChannelEntry,
    hooks::{SummaryEntry, TranslateEntry},
};

/// The documented defaults.
pub(super) const DEFAULTS: &str = include_str!("../../config/sitrepd.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) daemon: Daemon,
    pub(super) log: Log,
    pub(super) poll: Poll,
    pub(super) fetch: Fetch,
    pub(super) copies: Copies,
    pub(super) evidence: Evidence,
    pub(super) store: Store,
    pub(super) digest: Digest,
    pub(super) alerts: Alerts,
    pub(super) files: Files,
    pub(super) mail: Mail,
    pub(super) summary: SummaryEntry,
    pub(super) translate: TranslateEntry,
    /// No table of the shipped file: TOML allows no `[[channel]]` beside an empty list.
    #[serde(default)]
    pub(super) channel: Vec<ChannelEntry>,
    /// Likewise.
    #[serde(default)]
    pub(super) audience: Vec<AudienceEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Daemon {
    pub(super) contact: String,
    pub(super) state_dir: String,
    pub(super) domain: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Log {
    pub(super) format: String,
    pub(super) level: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Poll {
    #[serde(deserialize_with = "duration")]
    pub(super) interval: Duration,
    #[serde(deserialize_with = "duration")]
    pub(super) min_interval: Duration,
    #[serde(deserialize_with = "duration")]
    pub(super) max_interval: Duration,
    #[serde(deserialize_with = "duration")]
    pub(super) max_backoff: Duration,
    #[serde(deserialize_with = "duration")]
    pub(super) parked_interval: Duration,
    #[serde(deserialize_with = "share")]
    pub(super) jitter: f64,
    #[serde(deserialize_with = "positive")]
    pub(super) concurrency: usize,
    #[serde(deserialize_with = "positive")]
    pub(super) pages_at_once: usize,
    #[serde(deserialize_with = "positive")]
    pub(super) max_entries: usize,
    pub(super) page_retries: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fetch {
    #[serde(deserialize_with = "timeout")]
    pub(super) connect_timeout: Duration,
    #[serde(deserialize_with = "timeout")]
    pub(super) head_timeout: Duration,
    #[serde(deserialize_with = "timeout")]
    pub(super) timeout: Duration,
    pub(super) max_redirects: usize,
    pub(super) max_feed_bytes: u64,
    pub(super) max_page_bytes: u64,
    #[serde(deserialize_with = "positive")]
    pub(super) connections: usize,
    #[serde(deserialize_with = "positive")]
    pub(super) per_host: usize,
    #[serde(deserialize_with = "duration")]
    pub(super) host_delay: Duration,
    #[serde(deserialize_with = "duration")]
    pub(super) robots_cache: Duration,
    #[serde(deserialize_with = "duration")]
    pub(super) min_retry_after: Duration,
    #[serde(deserialize_with = "duration")]
    pub(super) max_retry_after: Duration,
    pub(super) allow_private: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Copies {
    #[serde(deserialize_with = "share")]
    pub(super) min_containment: f64,
    pub(super) min_words: u32,
    #[serde(deserialize_with = "duration")]
    pub(super) window: Duration,
    #[serde(deserialize_with = "held")]
    pub(super) max_held: usize,
    pub(super) background: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Evidence {
    #[serde(deserialize_with = "durations")]
    pub(super) reread: Vec<Duration>,
    #[serde(deserialize_with = "page_bytes")]
    pub(super) max_page_bytes: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Store {
    #[serde(deserialize_with = "cache")]
    pub(super) cache_bytes: u64,
    pub(super) min_sort_bytes: u64,
    pub(super) min_free_bytes: u64,
    #[serde(deserialize_with = "share")]
    pub(super) min_free_share: f64,
    #[serde(deserialize_with = "duration")]
    pub(super) keep: Duration,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Digest {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) schedule: String,
    pub(super) zone: String,
    pub(super) formats: Vec<String>,
    pub(super) channels: Vec<String>,
    #[serde(deserialize_with = "duration")]
    pub(super) max_period: Duration,
    #[serde(deserialize_with = "duration")]
    pub(super) catch_up: Duration,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Alerts {
    pub(super) channels: Vec<String>,
    pub(super) quiet: String,
    #[serde(deserialize_with = "duration")]
    pub(super) max_age: Duration,
    pub(super) max_per_hour: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Files {
    pub(super) directory: String,
    pub(super) name: String,
    pub(super) feed: String,
    pub(super) url: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mail {
    pub(super) host: String,
    pub(super) sendmail: Vec<String>,
    pub(super) port: u16,
    pub(super) tls: String,
    pub(super) user: String,
    pub(super) password_file: String,
    pub(super) from: String,
    pub(super) to: Vec<String>,
    #[serde(deserialize_with = "timeout")]
    pub(super) timeout: Duration,
    pub(super) ca_file: String,
    pub(super) unsubscribe_url: String,
    pub(super) unsubscribe_listen: String,
    pub(super) unsubscribe_key_file: String,
    pub(super) unsubscribe_to: String,
}

/// `"30s"`, `"15m"`, `"1h 30m"`, `"7d"`. The longest is longer than anybody means, and short enough to be reckoned
/// with.
pub(super) fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    const MOST: Duration = Duration::from_secs(100 * 366 * 24 * 3600);
    let text = String::deserialize(deserializer)?;
    match humantime::parse_duration(&text) {
        Ok(it) if it <= MOST => Ok(it),
        Ok(_) => Err(D::Error::custom(format!("{text:?} is too long, 100 years at most"))),
        Err(_) => Err(D::Error::custom(format!("{text:?} is not a time such as \"30s\", \"15m\", \"6h\" or \"7d\""))),
    }
}

/// A duration for people: `30 days`, or else as written in the files.
pub(crate) fn spoken(time: Duration) -> String {
    const DAY: u64 = 24 * 3600;
    match (time.as_secs() / DAY, time.as_secs() % DAY) {
        (1, 0) => "1 day".to_owned(),
        (days @ 2.., 0) => format!("{days} days"),
        _ => humantime::format_duration(time).to_string(),
    }
}

/// A limit for one request or one message. Others may wait meanwhile, and so does the sign of life that a service
/// manager expects.
fn timeout<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    const MOST: Duration = Duration::from_secs(300);
    let value = duration(deserializer)?;
    match value.is_zero() || value > MOST {
        true => {
            let text = spoken(value);
            Err(D::Error::custom(format!("{text} is no time limit: it is to be more than nothing, and 5m at most")))
        }
        false => Ok(value),
    }
}

/// Times after which pages are read again. Shorter ones would burden publishers, and longer ones are not found: due
/// pages are searched for among the articles of that time.
fn durations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Duration>, D::Error> {
    const LEAST: Duration = Duration::from_secs(600);
    const MOST: Duration = Duration::from_secs(90 * 24 * 3600);
    const AT_MOST: usize = 10;
    let texts = Vec::<String>::deserialize(deserializer)?;
    if texts.len() > AT_MOST {
        return Err(D::Error::custom(format!("{} times are too many, {AT_MOST} at most", texts.len())));
    }
    let read = |text: &String| match humantime::parse_duration(text) {
        Ok(it) if (LEAST..=MOST).contains(&it) => Ok(it),
        Ok(_) => Err(D::Error::custom(format!("{text:?} is not between 10 minutes and 90 days"))),
        Err(_) => Err(D::Error::custom(format!("{text:?} is not a time such as \"1h\" or \"7d\""))),
    };
    texts.iter().map(read).collect()
}

/// A frame of the ledger holds no more.
const MAX_PAGE_BYTES: u64 = 20_000_000;

fn page_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let value = u64::deserialize(deserializer)?;
    match value <= MAX_PAGE_BYTES {
        true => Ok(value),
        false => Err(D::Error::custom(format!("{value} is too large, {MAX_PAGE_BYTES} at most"))),
    }
}

fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let value = f64::deserialize(deserializer)?;
    match (0.0..=1.0).contains(&value) {
        true => Ok(value),
        false => Err(D::Error::custom(format!("{value} is not between 0 and 1"))),
    }
}

/// Maximum articles held in memory: more would take gigabytes, and minutes at each start.
const MAX_HELD: usize = 500_000;

fn held<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let value = positive(deserializer)?;
    match value <= MAX_HELD {
        true => Ok(value),
        false => Err(D::Error::custom(format!(
            "{value} is too many, {MAX_HELD} at most: they are held in memory, and read again at each start"
        ))),
    }
}

/// Minimum bytes of the cache: sled divides them, and panics if a share is zero.
const MIN_CACHE: u64 = 64 * 1024;

fn cache<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    match u64::deserialize(deserializer)? {
        value if value >= MIN_CACHE => Ok(value),
        value => Err(D::Error::custom(format!("{value} is too small, at least {MIN_CACHE} bytes are needed"))),
    }
}

fn positive<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    match usize::deserialize(deserializer)? {
        0 => Err(D::Error::custom("0 is too small, at least 1 is needed")),
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::read;

    #[test]
    fn the_documented_defaults_are_complete_and_known() {
        let file: File = read::parse(std::path::Path::new("config/sitrepd.toml"), DEFAULTS).unwrap();
        assert_eq!(file.poll.interval, Duration::from_secs(1800));
    }

    #[test]
    fn nothing_waits_for_hours_for_one_request() {
        for limit in ["0s", "301s", "10h"] {
            for key in ["connect_timeout", "head_timeout", "timeout"] {
                let start = format!("\n{key} = \"");
                let at = DEFAULTS.find(&start).unwrap() + start.len();
                let end = at + DEFAULTS[at..].find('"').unwrap();
                let text = [&DEFAULTS[..at], limit, &DEFAULTS[end..]].concat();
                let read = read::parse::<File>(std::path::Path::new("sitrepd.toml"), &text);
                let error = read.map(|_| ()).unwrap_err().to_string();
                assert!(error.contains("5m at most"), "{key} {limit}: {error}");
            }
        }
    }

    #[test]
    fn every_key_is_documented() {
        let mut documented = false;
        for line in DEFAULTS.lines() {
            match line.trim() {
                "" => documented = false,
                it if it.starts_with('#') => documented = true,
                it if it.starts_with('[') => documented = false,
                it => assert!(documented, "no comment above: {it}"),
            }
        }
    }
}
