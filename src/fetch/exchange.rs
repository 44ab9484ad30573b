//! One document, asked for and received.

use std::{error::Error, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use reqwest::{
    Method, Response,
    header::{
        ACCEPT, ACCEPT_LANGUAGE, AGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, COOKIE, DATE, ETAG, EXPIRES,
        HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED, LINK, LOCATION, RETRY_AFTER, SERVER, SET_COOKIE, USER_AGENT,
        VIA,
    },
    redirect,
};
use tokio::time::{Instant, timeout};
use tracing::{debug, warn};
use url::Url;

use super::{
    DocumentRequest, PageRequest, PostRequest, PostResponse, Settings, Wanted,
    body::{self, Limit},
    challenge,
    error::{FetchError, is_unanswered, shown},
    freshness,
    guard::{Guard, Passage, PublicResolver},
    hosts::{Hosts, Limits, host},
    idle::{self, Idle},
    redirects::Trail,
    retry_after::{http_date, retry_after},
    robots::{self, Verdict},
    text_field, validators,
    waits::{Asked, Waits},
};
use crate::model::{self, Redirect, Timestamp, Validators};

/// Longer media types are nonsense.
const MAX_CONTENT_TYPE_BYTES: usize = 256;

/// Maximum messages to receivers under way at once, in all. A receiver that does not answer keeps its turn up to its
/// time limit, which must not delay the others.
const MAX_POSTS: usize = 256;
/// Maximum messages to receivers of one host under way at once.
const MAX_POSTS_TO_HOST: usize = 8;

/// The client's parts.
#[derive(Debug)]
pub(super) struct Exchange {
    settings: Settings,
    guard: Guard,
    /// Connects to public addresses only.
    public: reqwest::Client,
    /// Connects anywhere: for hosts that the settings allow. A client of its own, since a resolver is told the
    /// name alone and could not hold an allowance to its port.
    allowed: Option<reqwest::Client>,
    idle: Idle,
    hosts: Arc<Hosts>,
    /// For messages to receivers.
    posts: Arc<Hosts>,
    robots: robots::Cache,
    waits: Arc<Waits>,
}

/// What a document is fetched for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose<'a> {
    /// To be read for entries.
    Document(DocumentRequest<'a>),
    /// To be read for an article.
    Page(PageRequest<'a>),
    /// To learn what may be fetched.
    Robots,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) url: Url,
    pub(super) moved_to: Option<Url>,
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    pub(super) validators: Validators,
    pub(super) fresh_for: Option<Duration>,
    pub(super) took: Duration,
    /// The redirects that were followed.
    pub(super) redirects: Vec<Redirect>,
    /// The header fields that are stored with a page.
    pub(super) head: Vec<(String, String)>,
    /// `None` where the document is not modified.
    pub(super) body: Option<Vec<u8>>,
}

/// The `Cookie` field: what the configuration has for the first host, and what redirects have set.
fn cookies(purpose: Purpose<'_>, is_first_host: bool, set: Option<String>) -> Option<String> {
    let own = match purpose {
        Purpose::Page(it) => it.cookie.filter(|_| is_first_host),
        Purpose::Document(_) | Purpose::Robots => None,
    };
    match (own, set) {
        (Some(own), Some(set)) => Some(format!("{own}; {set}")),
        (own, set) => own.map(str::to_owned).or(set),
    }
}

fn limits(settings: &Settings) -> Limits {
    Limits { total: settings.total, per_host: settings.per_host, min_delay: settings.min_delay }
}

/// How one request of several ended.
enum Hop {
    Arrived(Box<Answer>),
    Redirected {
        status: u16,
        location: Option<HeaderValue>,
        set_cookie: Vec<HeaderValue>,
    },
    /// A connection that had been open before was closed unanswered.
    Closed(FetchError),
}

impl Exchange {
    pub(super) fn new(settings: Settings) -> Result<Self, FetchError> {
        let hosts = Arc::new(Hosts::new(limits(&settings)));
        let posts = Limits { total: MAX_POSTS, per_host: MAX_POSTS_TO_HOST, min_delay: Duration::ZERO };
        let robots = robots::Cache::new(settings.robots_cache);
        Self::with(settings, hosts, Arc::new(Hosts::new(posts)), robots, Arc::default())
    }

    /// An exchange with other settings that keeps what hosts have asked for.
    pub(super) fn renewed(&self, settings: Settings) -> Result<Self, FetchError> {
        let hosts = self.hosts.renewed(limits(&settings));
        let product = |it: &Settings| robots::product_token(&it.user_agent).to_owned();
        let robots = match product(&settings) == product(&self.settings) {
            true => self.robots.renewed(settings.robots_cache),
            // Under another user agent other rules of robots.txt apply.
            false => robots::Cache::new(settings.robots_cache),
        };
        Self::with(settings, hosts, Arc::clone(&self.posts), robots, Arc::clone(&self.waits))
    }

    fn with(
        settings: Settings,
        hosts: Arc<Hosts>,
        posts: Arc<Hosts>,
        robots: robots::Cache,
        waits: Arc<Waits>,
    ) -> Result<Self, FetchError> {
        // An error says that the process has a provider already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let guard = Guard::new(settings.allowed_hosts.clone());
        let public = client(&settings, Passage::Public)?;
        let allowed = match guard.allows_any() {
            true => Some(client(&settings, Passage::Allowed)?),
            false => None,
        };
        Ok(Self { settings, guard, public, allowed, idle: Idle::default(), hosts, posts, robots, waits })
    }

    /// Fetches `url` through all its redirects.
    pub(super) async fn fetch(&self, url: &Url, purpose: Purpose<'_>, now: Timestamp) -> Result<Answer, FetchError> {
        let limit = self.settings.total_timeout;
        let asked = if matches!(purpose, Purpose::Document(_)) { Asked::Document } else { Asked::Page };
        let (mut left, mut is_repeated) = (limit, false);
        let mut trail = Trail::new(url, purpose.max_redirects(&self.settings));
        loop {
            let here = trail.here();
            let http = self.passage(here)?;
            self.waits.check(here, asked)?;
            let crawl_delay = match purpose {
                Purpose::Page(_) | Purpose::Document(DocumentRequest { obeys_robots: true, .. }) => {
                    self.robots_of(here, now).await.allow(here)?
                }
                // robots.txt is not read for it. Where it is known from the site's pages, its pace holds for all.
                Purpose::Document(_) => self.robots.crawl_delay(&here.origin().ascii_serialization()),
                Purpose::Robots => Duration::ZERO,
            };
            // The host may have asked to be left alone while this request was queued.
            let _pass = self.hosts.enter_if(host(here), crawl_delay, || self.waits.check(here, asked)).await?;
            // Time is measured from here: a long queue at a host is not the host's fault.
            let began = Instant::now();
            let cookies = cookies(purpose, here.origin() == url.origin(), trail.cookies());
            let hop = timeout(left, self.hop(http, here, purpose, cookies, now));
            let hop = hop.await.map_err(|_| FetchError::Timeout { url: shown(here), limit })?;
            let hop = hop.inspect_err(|error| self.waits.note(here, asked, error));
            left = left.saturating_sub(began.elapsed());
            match hop.map_err(|error| error.by_way_of(url, &trail))? {
                Hop::Redirected { status, location, set_cookie } => {
                    let location = location.as_ref().map(HeaderValue::as_bytes);
                    trail.follow(status, location, set_cookie.iter().map(HeaderValue::as_bytes))?;
                }
                Hop::Closed(error) if is_repeated => {
                    self.idle.forget(trail.here());
                    return Err(error);
                }
                // RFC 9110 §9.2.2: a GET may be sent again. It waits for its turn as any other request does.
                Hop::Closed(_) => {
                    debug!(url = shown(trail.here()), "an open connection was closed, asking again");
                    is_repeated = true;
                }
                Hop::Arrived(answer) => {
                    let bytes = answer.body.as_ref().map(Vec::len);
                    debug!(url = shown(&answer.url), status = answer.status, bytes, "fetched");
                    let (moved_to, took) = (trail.moved_to(), limit.saturating_sub(left));
                    return Ok(Answer { moved_to, took, redirects: trail.into_hops(), ..*answer });
                }
            }
        }
    }

    /// Whether the host of a document asked to be left alone, and still is.
    pub(super) fn is_left_alone(&self, url: &Url) -> bool {
        self.waits.left(url, Asked::Document).is_some()
    }

    /// Sends one request with a body and reads the beginning of its answer; with `asked`, all of it, up to the given
    /// size and within the given time.
    pub(super) async fn post(
        &self,
        request: PostRequest<'_>,
        asked: Option<(u64, Duration)>,
    ) -> Result<PostResponse, FetchError> {
        const MAX_ANSWER_BYTES: u64 = 1024;
        const BODY_LIMIT: Duration = Duration::from_secs(5);
        // Paths of webhooks are passwords: what is said of the receiver is its origin.
        let mut origin = request.url.clone();
        origin.set_path("/");
        origin.set_query(None);
        origin.set_fragment(None);
        let http = self.passage(request.url).map_err(|error| match error {
            FetchError::Refused { reason, .. } => FetchError::Refused { url: shown(&origin), reason },
            error => error,
        })?;
        let method = if request.is_put { Method::PUT } else { Method::POST };
        let sent = request
            .headers
            .iter()
            .fold(http.request(method, request.url.clone()), |it, (name, value)| it.header(*name, value));
        let begun = Instant::now();
        let limit = asked.map_or(self.settings.total_timeout, |(_, limit)| limit);
        let answered = async {
            // In a queue of its own, so that an alert does not wait behind page requests to the same host.
            let _pass = self.posts.enter(host(request.url), Duration::ZERO).await;
            let failed = |error| FetchError::from_sending(error, &origin, self.settings.connect_timeout);
            sent.body(request.body).send().await.map_err(failed)
        };
        let response = timeout(limit, answered).await;
        let response = response.map_err(|_| FetchError::Timeout { url: shown(&origin), limit })??;
        let status = response.status().as_u16();
        // One that tells no time is asked again soon.
        let retry_after = self.asked_wait(&response, Timestamp::MAX_UTC);
        // The status alone says what became of the message: a body that does not come makes no error of it.
        let body = match (response.status().is_success(), asked) {
            (true, None) => Vec::new(),
            (true, Some((max_bytes, _))) => {
                let read = body::read(response, &origin, Limit::Refuse(max_bytes));
                let read = timeout(limit.saturating_sub(begun.elapsed()), read).await;
                read.map_err(|_| FetchError::Timeout { url: shown(&origin), limit })??
            }
            (false, _) => {
                let read = body::read(response, &origin, Limit::Cut(MAX_ANSWER_BYTES));
                timeout(BODY_LIMIT, read).await.ok().and_then(Result::ok).unwrap_or_default()
            }
        };
        Ok(PostResponse { status, retry_after, body })
    }

    /// The HTTP client that may connect to `url`, if any may.
    fn passage(&self, url: &Url) -> Result<&reqwest::Client, FetchError> {
        Ok(match self.guard.check(url)? {
            Passage::Public => &self.public,
            Passage::Allowed => self.allowed.as_ref().unwrap_or(&self.public),
        })
    }

    /// What robots.txt of the site of `page` says. Boxed, because reading robots.txt is fetching too.
    fn robots_of<'a>(&'a self, page: &'a Url, now: Timestamp) -> BoxFuture<'a, Arc<Verdict>> {
        Box::pin(async move {
            let origin = page.origin().ascii_serialization();
            let read = async {
                let mut url = page.clone();
                url.set_path("/robots.txt");
                url.set_query(None);
                let answer = self.fetch(&url, Purpose::Robots, now).await;
                let body = answer.map(|it| it.body.unwrap_or_default());
                Verdict::new(&url, body, robots::product_token(&self.settings.user_agent))
            };
            self.robots.verdict(&origin, now, read).await
        })
    }

    /// One request and its answer.
    async fn hop(
        &self,
        http: &reqwest::Client,
        url: &Url,
        purpose: Purpose<'_>,
        cookies: Option<String>,
        now: Timestamp,
    ) -> Result<Hop, FetchError> {
        let (held, user_agent) = match purpose {
            Purpose::Document(it) => (it.validators.cloned().unwrap_or_default(), it.user_agent),
            Purpose::Page(it) => (Validators::default(), it.user_agent),
            Purpose::Robots => (Validators::default(), None),
        };
        let conditions = validators::conditions(&held);
        let conditional = !conditions.is_empty();
        let request = http.get(url.clone()).header(ACCEPT, purpose.accept()).headers(conditions.into_iter().collect());
        let request = match user_agent {
            Some(it) => request.header(USER_AGENT, it),
            None => request,
        };
        let request = match purpose {
            Purpose::Page(it) => {
                it.accept_language.into_iter().fold(request, |request, it| request.header(ACCEPT_LANGUAGE, it))
            }
            Purpose::Document(_) | Purpose::Robots => request,
        };
        let request = cookies.into_iter().fold(request, |request, it| request.header(COOKIE, it));
        // A body may take its time as long as it arrives; headers that never end are not a slow page.
        let limit = self.settings.head_timeout;
        let response = timeout(limit, request.send()).await;
        let response = response.map_err(|_| FetchError::Timeout { url: shown(url), limit })?;
        let response = match response {
            Ok(response) => response,
            Err(error) => {
                let is_closed = is_unanswered(&error) && self.idle.may_be_old(url);
                let error = FetchError::from_sending(error, url, self.settings.connect_timeout);
                return if is_closed { Ok(Hop::Closed(error)) } else { Err(error) };
            }
        };
        self.idle.note(url, response.headers());
        let status = response.status().as_u16();
        let validators = validators::validators(response.headers());
        let content_type = text_field(response.headers(), &CONTENT_TYPE, MAX_CONTENT_TYPE_BYTES);
        let answer = Answer {
            url: url.clone(),
            moved_to: None,
            status,
            content_type,
            validators,
            fresh_for: freshness::fresh_for(response.headers()),
            took: Duration::ZERO,
            redirects: Vec::new(),
            head: match purpose {
                Purpose::Page(_) => head(response.headers()),
                Purpose::Document(_) | Purpose::Robots => Vec::new(),
            },
            body: None,
        };
        match status {
            // 203 is a 200 through a proxy that changed something. Other 2xx bring no whole document: firewalls
            // answer a challenge with 202.
            200 | 203 => Ok(Hop::Arrived(Box::new(self.receive(response, answer, purpose).await?))),
            304 if conditional => {
                let validators = validators::after_not_modified(&held, answer.validators);
                Ok(Hop::Arrived(Box::new(Answer { validators, ..answer })))
            }
            _ if Trail::is_redirect(status) => {
                let set_cookie = response.headers().get_all(SET_COOKIE).iter().cloned().collect();
                Ok(Hop::Redirected { status, location: response.headers().get(LOCATION).cloned(), set_cookie })
            }
            _ => Err(FetchError::Status {
                url: shown(url),
                status,
                retry_after: self.asked_wait(&response, now),
                is_challenge: challenge::is_sent_by(status, response.headers()),
                trail: matches!(purpose, Purpose::Page(_)).then(|| {
                    Box::new(model::Trail {
                        asked: url.to_string(),
                        redirects: Vec::new(),
                        url: url.to_string(),
                        status,
                        headers: head(response.headers()),
                        at: now,
                    })
                }),
            }),
        }
    }

    async fn receive(&self, response: Response, answer: Answer, purpose: Purpose<'_>) -> Result<Answer, FetchError> {
        let not_html = |found| FetchError::NotHtml { url: shown(&answer.url), found };
        let is_page = matches!(purpose, Purpose::Page(_));
        if is_page && let Some(found) = body::not_html_type(answer.content_type.as_deref()) {
            return Err(not_html(found));
        }
        let body = body::read(response, &answer.url, purpose.limit(&self.settings)).await?;
        if is_page && let Some(found) = body::not_html(answer.content_type.as_deref(), &body) {
            return Err(not_html(found));
        }
        Ok(Answer { body: Some(body), ..answer })
    }

    /// The wait that an answer demands, by the server's own clock; by `now` where it tells no time.
    fn asked_wait(&self, response: &Response, now: Timestamp) -> Option<Duration> {
        let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
        let clock = response.headers().get(DATE).and_then(|it| http_date(it.to_str().ok()?));
        retry_after(text, clock.unwrap_or(now), self.settings.min_retry_after, self.settings.max_retry_after)
    }
}

impl Purpose<'_> {
    fn accept(&self) -> &str {
        match self {
            Self::Document(it) => it.wanted.accept(),
            Self::Page(it) => it.accept.unwrap_or(Wanted::Page.accept()),
            Self::Robots => "text/plain, */*;q=0.1",
        }
    }

    fn limit(self, settings: &Settings) -> Limit {
        match self {
            Self::Document(_) => Limit::Refuse(settings.max_feed_bytes),
            Self::Page(_) => Limit::Refuse(settings.max_page_bytes),
            Self::Robots => Limit::Cut(robots::MAX_BYTES),
        }
    }

    fn max_redirects(self, settings: &Settings) -> usize {
        match self {
            Self::Document(_) | Self::Page(_) => settings.max_redirects,
            Self::Robots => robots::MAX_REDIRECTS,
        }
    }
}

impl Wanted {
    fn accept(self) -> &'static str {
        match self {
            Self::Feed => {
                "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, \
                 application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
            }
            Self::Page => "text/html, application/xhtml+xml;q=0.9, text/plain;q=0.5, application/pdf;q=0.5, */*;q=0.1",
            Self::Sitemap => "application/xml, text/xml;q=0.9, application/gzip;q=0.8, */*;q=0.1",
            Self::Json => "application/json, text/html;q=0.5, */*;q=0.1",
        }
    }
}

/// The fields that are kept of the head of a page: what it is, when it was made, and who answered. Nothing that a
/// session hangs on.
fn head(headers: &HeaderMap) -> Vec<(String, String)> {
    const MAX_FIELD_BYTES: usize = 1024;
    let kept =
        [DATE, CONTENT_TYPE, CONTENT_LANGUAGE, LAST_MODIFIED, ETAG, AGE, EXPIRES, CACHE_CONTROL, SERVER, VIA, LINK];
    let field = |it| Some((HeaderName::as_str(it).to_owned(), text_field(headers, it, MAX_FIELD_BYTES)?));
    kept.iter().filter_map(field).collect()
}

fn client(settings: &Settings, passage: Passage) -> Result<reqwest::Client, FetchError> {
    let builder = || {
        let builder = reqwest::Client::builder()
            .user_agent(&settings.user_agent)
            .connect_timeout(settings.connect_timeout)
            .pool_max_idle_per_host(settings.per_host)
            .pool_idle_timeout(idle::KEPT_FOR)
            // Each hop is judged here, not there.
            .redirect(redirect::Policy::none())
            .referer(false)
            // A repeated request would pass by the turns.
            .retry(reqwest::retry::never())
            // A proxy from the environment would connect in this process's stead, unjudged.
            .no_proxy();
        match passage {
            Passage::Public => builder.dns_resolver(PublicResolver),
            Passage::Allowed => builder,
        }
    };
    match builder().build() {
        Ok(client) => Ok(client),
        // A machine without root certificates can still read `http`, and the demonstration needs no more.
        Err(error) => {
            let client = builder().tls_certs_only([]).build().map_err(FetchError::Setup)?;
            warn!(error = &error as &dyn Error, "no root certificates found, every https address will fail");
            Ok(client)
        }
    }
}
