//! What a site's robots.txt allows (RFC 9309), and for how long that is remembered.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use robotxt::Robots;
use tokio::sync::Mutex as AsyncMutex;
use url::Url;

use super::error::{FetchError, shown};
use crate::model::Timestamp;

/// One byte more than is parsed, which tells the parser that the last line was cut.
pub(super) const MAX_BYTES: u64 = robotxt::BYTE_LIMIT as u64 + 1;

/// RFC 9309 §2.3.1.2: at least five redirects are followed.
pub(super) const MAX_REDIRECTS: usize = 5;

/// RFC 9309 §2.4: not to be used for longer than a day.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// How soon a site whose robots.txt could not be read is asked for it again.
const UNREACHABLE_AGE: Duration = Duration::from_secs(10 * 60);

/// `Crawl-delay` is no part of RFC 9309 and has no bound; sites write days into it, which would mean "never".
const MAX_CRAWL_DELAY: Duration = Duration::from_secs(30);

/// Maximum rules remembered over all sites; each site counts [`SITE_WEIGHT`] more. About 20 MB.
const MAX_WEIGHT: usize = 200_000;
const SITE_WEIGHT: usize = 16;

/// What is known of one site.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Its rules, or those that follow from its having none.
    Rules(Robots),
    /// Not readable, which forbids everything for now.
    Unreachable(Arc<FetchError>),
    /// Never requested, by sitrepd's own rule.
    Refused(&'static str),
}

impl Verdict {
    /// RFC 9309 §2.3.1: what follows from how the request for robots.txt ended.
    pub(super) fn new(robots_url: &Url, fetched: Result<Vec<u8>, FetchError>, product: &str) -> Self {
        match fetched {
            Ok(body) => Self::Rules(Robots::parse(&body, product)),
            // Too many redirects may be read as "unavailable", and a 4xx must be. The RFC means any 4xx, but one
            // that says "not now" (429, 408, 425) is no permission; Google makes the same exception.
            Err(FetchError::Redirects { .. }) => Self::Rules(Robots::allow_all()),
            Err(error @ FetchError::Status { .. }) if !error.is_transient() => Self::Rules(Robots::allow_all()),
            // The site itself, and not something that robots.txt redirects to.
            Err(FetchError::Refused { url, reason }) if url == shown(robots_url) => Self::Refused(reason),
            Err(error) => Self::Unreachable(Arc::new(error)),
        }
    }

    /// The time to leave the site alone after a request, if the page may be fetched.
    pub(super) fn allow(&self, page: &Url) -> Result<Duration, FetchError> {
        match self {
            Self::Rules(robots) if robots.is_url_allowed(page) => {
                Ok(robots.crawl_delay().unwrap_or_default().min(MAX_CRAWL_DELAY))
            }
            Self::Rules(_) => Err(FetchError::Robots { url: shown(page) }),
            Self::Unreachable(error) => Err(match **error {
                // Neither was asked for.
                FetchError::Waiting { left, .. } => FetchError::Waiting { url: shown(page), left },
                _ => FetchError::RobotsUnreachable { url: shown(page), source: Arc::clone(error) },
            }),
            Self::Refused(reason) => Err(FetchError::Refused { url: shown(page), reason }),
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Rules(robots) => SITE_WEIGHT + robots.rules().len(),
            Self::Unreachable(_) | Self::Refused(_) => SITE_WEIGHT,
        }
    }

    fn max_age(&self, keep: Duration) -> Duration {
        match self {
            Self::Rules(_) => keep.min(MAX_AGE),
            // It was not requested, which says nothing about the time after the wait.
            Self::Unreachable(error) if matches!(**error, FetchError::Waiting { .. }) => Duration::ZERO,
            Self::Unreachable(_) | Self::Refused(_) => keep.min(UNREACHABLE_AGE),
        }
    }
}

/// The name that groups of robots.txt are matched with: `sitrepd` of `sitrepd/0.1 (+https://…)`. RFC 9309 §2.2.1.
pub(super) fn product_token(user_agent: &str) -> &str {
    let end = user_agent.find(|c: char| !(c.is_ascii_alphabetic() || c == '-' || c == '_'));
    end.and_then(|end| user_agent.get(..end)).unwrap_or(user_agent)
}

/// Remembers verdicts by origin.
#[derive(Debug)]
pub(super) struct Cache {
    keep: Duration,
    sites: Arc<Mutex<HashMap<String, Site>>>,
}

#[derive(Debug)]
struct Site {
    weight: usize,
    /// Locked while robots.txt is fetched, so that a site is asked once for all the pages that wait.
    known: Arc<AsyncMutex<Option<Known>>>,
}

#[derive(Debug)]
struct Known {
    at: Timestamp,
    verdict: Arc<Verdict>,
}

impl Cache {
    pub(super) fn new(keep: Duration) -> Self {
        Self { keep, sites: Arc::default() }
    }

    /// A cache with the remembered verdicts and another lifetime. Refusals by sitrepd's own rules are dropped, since
    /// the rules may have changed.
    pub(super) fn renewed(&self, keep: Duration) -> Self {
        let is_refused = |it: &Site| {
            let known = it.known.try_lock().ok();
            known.is_some_and(|it| it.as_ref().is_some_and(|it| matches!(*it.verdict, Verdict::Refused(_))))
        };
        self.sites.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, it| !is_refused(it));
        Self { keep, sites: Arc::clone(&self.sites) }
    }

    /// The verdict on `origin`; `fetch` is run only if none is remembered or it is too old at `now`.
    pub(super) async fn verdict(
        &self,
        origin: &str,
        now: Timestamp,
        fetch: impl Future<Output = Verdict>,
    ) -> Arc<Verdict> {
        let site = self.site(origin);
        let mut known = site.lock().await;
        if let Some(known) = known.as_ref() {
            // `to_std` fails where `now` is the earlier one: a clock that was set back must not make a verdict last.
            let age = (now - known.at).to_std();
            if age.is_ok_and(|age| age < known.verdict.max_age(self.keep)) {
                return Arc::clone(&known.verdict);
            }
        }
        let verdict = Arc::new(fetch.await);
        *known = Some(Known { at: now, verdict: Arc::clone(&verdict) });
        self.weigh(origin, verdict.weight());
        verdict
    }

    /// The time between two requests that a site asks for, as far as that is known without asking.
    pub(super) fn crawl_delay(&self, origin: &str) -> Duration {
        let sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        let known = sites.get(origin).and_then(|it| it.known.try_lock().ok());
        match known.as_ref().and_then(|it| it.as_ref()).map(|it| &*it.verdict) {
            Some(Verdict::Rules(it)) => it.crawl_delay().unwrap_or_default().min(MAX_CRAWL_DELAY),
            _ => Duration::ZERO,
        }
    }

    fn site(&self, origin: &str) -> Arc<AsyncMutex<Option<Known>>> {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(site) = sites.get(origin) {
            return Arc::clone(&site.known);
        }
        let known = Arc::new(AsyncMutex::new(None));
        sites.insert(origin.to_owned(), Site { weight: SITE_WEIGHT, known: Arc::clone(&known) });
        known
    }

    /// Notes what a site weighs and, over the bound, forgets the heaviest: a robots.txt made to fill the memory is
    /// read again before anybody else's is.
    fn weigh(&self, origin: &str, weight: usize) {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(site) = sites.get_mut(origin) {
            site.weight = weight;
        }
        let mut total: usize = sites.values().map(|it| it.weight).sum();
        while total > MAX_WEIGHT {
            let heaviest = sites.iter().max_by_key(|(_, it)| it.weight).map(|(name, _)| name.clone());
            let Some(removed) = heaviest.and_then(|it| sites.remove(&it)) else { break };
            total -= removed.weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;

    const PAGE: &str = "https://a.example/news/1?x=2";

    /// What follows from how the request for robots.txt ended.
    fn verdict(fetched: Result<Vec<u8>, FetchError>) -> Verdict {
        Verdict::new(&"https://a.example/robots.txt".parse().unwrap(), fetched, "sitrepd")
    }

    #[track_caller]
    fn check(robots: &str, allowed: bool) {
        assert_eq!(verdict(Ok(robots.into())).allow(&PAGE.parse().unwrap()).is_ok(), allowed, "{robots}");
    }

    #[test]
    fn rules() {
        check("", true);
        check("User-agent: *\nDisallow: /", false);
        check("User-agent: *\nDisallow:", true);
        check("User-agent: *\nDisallow: /news\nAllow: /news/1", true);
        check("User-agent: *\nAllow: /news\nDisallow: /news/1", false);
        check("User-agent: *\nDisallow: /news/1\nAllow: /news/1", true);
        check("User-agent: *\nDisallow: /*?x=", false);
        check("User-agent: *\nDisallow: /1$", true);
        check("User-agent: SitRepD\nDisallow: /\n\nUser-agent: *\nAllow: /", false);
        check("User-agent: sitrepd\nAllow: /\n\nUser-agent: *\nDisallow: /", true);
        check("User-agent: other\nDisallow: /", true);
        check("User-agent: *\nDisallow: /a\n\nUser-agent: *\nDisallow: /news", false);
        check("<!doctype html><p>User-agent: *</p>", true);
    }

    #[test]
    fn nothing_after_500_kib_counts() {
        let filler = "# filler\n".repeat(robotxt::BYTE_LIMIT / 9 + 1);
        check(&format!("{filler}User-agent: *\nDisallow: /"), true);
        check(&format!("User-agent: *\nDisallow: /\n{filler}"), false);
    }

    #[test]
    fn answers_other_than_a_file() {
        let status = |status| {
            Err(FetchError::Status { url: String::new(), status, retry_after: None, is_challenge: false, trail: None })
        };
        let allows = |fetched| verdict(fetched).allow(&PAGE.parse().unwrap());
        for permission in [204, 401, 403, 404, 410, 451] {
            allows(status(permission)).unwrap();
        }
        allows(Err(FetchError::Redirects { url: String::new(), problem: String::new() })).unwrap();
        for silence in [408, 429, 500, 503] {
            let error = allows(status(silence)).unwrap_err();
            assert!(matches!(error, FetchError::RobotsUnreachable { .. }) && error.is_transient());
        }
        let timeout = FetchError::Timeout { url: String::new(), limit: Duration::ZERO };
        assert!(allows(Err(timeout)).unwrap_err().is_transient());
        let forbidden = allows(Ok(b"User-agent: *\nDisallow: /".to_vec())).unwrap_err();
        assert!(matches!(forbidden, FetchError::Robots { .. }) && !forbidden.is_transient());
    }

    #[test]
    fn crawl_delay_is_capped() {
        let delay = |text: &str| {
            verdict(Ok(format!("User-agent: *\nCrawl-delay: {text}").into())).allow(&PAGE.parse().unwrap()).unwrap()
        };
        assert_eq!(delay("2.5"), Duration::from_millis(2_500));
        assert_eq!(delay("86400"), MAX_CRAWL_DELAY);
        assert_eq!(delay("-1"), Duration::ZERO);
        assert_eq!(delay("1e300"), Duration::ZERO);
    }

    #[test]
    fn product_tokens() {
        assert_eq!(product_token("sitrepd/0.1 (+https://a.example)"), "sitrepd");
        assert_eq!(product_token("sitrepd"), "sitrepd");
        assert_eq!(product_token("My-Bot_x 1"), "My-Bot_x");
    }

    /// Asks for `origin` as many `minutes` after the epoch; whether it was fetched.
    async fn fetches(cache: &Cache, origin: &str, minutes: i64, found: Verdict) -> bool {
        let mut fetched = false;
        let now = DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let fetch = async {
            fetched = true;
            found
        };
        cache.verdict(origin, now, fetch).await;
        fetched
    }

    #[tokio::test]
    async fn remembers_for_a_day_at_most() {
        let cache = Cache::new(Duration::from_secs(7 * 86_400));
        let free = || Verdict::Rules(Robots::allow_all());
        assert!(fetches(&cache, "a", 0, free()).await);
        assert!(!fetches(&cache, "a", 1_439, free()).await);
        assert!(fetches(&cache, "b", 1_439, free()).await);
        assert!(fetches(&cache, "a", 1_440, free()).await);
        assert!(fetches(&cache, "a", 60, free()).await, "the clock was set back");
    }

    #[tokio::test]
    async fn asks_again_soon_where_it_could_not_read() {
        let cache = Cache::new(MAX_AGE);
        let down = || verdict(Err(FetchError::Timeout { url: String::new(), limit: MAX_AGE }));
        assert!(fetches(&cache, "a", 0, down()).await);
        assert!(!fetches(&cache, "a", 9, down()).await);
        assert!(fetches(&cache, "a", 10, down()).await);
    }

    #[tokio::test]
    async fn forgets_the_heaviest_first() {
        let cache = Cache::new(MAX_AGE);
        assert!(fetches(&cache, "small", 0, Verdict::Rules(Robots::allow_all())).await);
        for site in 0..5 {
            let many = format!("User-agent: *\n{}", "Allow:a\n".repeat(60_000));
            assert!(fetches(&cache, &format!("large {site}"), 0, verdict(Ok(many.into()))).await);
        }
        assert!(!fetches(&cache, "small", 1, Verdict::Rules(Robots::allow_all())).await);
        let total: usize = cache.sites.lock().unwrap().values().map(|it| it.weight).sum();
        assert!(total <= MAX_WEIGHT);
    }
}
