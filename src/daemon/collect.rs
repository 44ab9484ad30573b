//! The wide half: a source's document and its article pages, nothing written but through the settler.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{StreamExt, stream};
use tracing::{debug, info, warn};

use crate::{
    config::Polled,
    decide::source::{Answer, Poll, after_poll},
    dedup::{self, Held, HeldUnder},
    extract::{self, Extracted},
    fetch::{FetchError, Fetched, PageResponse},
    model::{
        Alert, Article, ArticleId, CanonicalUrl, Change, Entry, FetchRecord, Page, SourceId, Timestamp, Validators,
    },
    parse::{self, Parsed},
    store::{Store, StoreError},
    text::error_chain,
};

use super::{Context, DaemonError, settle::Settled};

/// What a poll of one source brought.
#[derive(Debug, Clone, PartialEq)]
pub struct PollReport {
    /// The source.
    pub source: SourceId,
    /// What the answer was.
    pub answer: Answer,
    /// Articles that were not held before.
    pub new: Vec<ArticleId>,
    /// Articles read again because their page could not be had before.
    pub reread: usize,
    /// Pages asked for.
    pub pages: usize,
    /// Alerts raised.
    pub alerts: Vec<Alert>,
    /// When it is due again.
    pub due: Timestamp,
}

/// Polls a source: document, entries that are not held, their pages, and what was learnt about the source.
///
/// # Errors
///
/// [`DaemonError`] where the store failed. Whatever the source does is in the report.
pub async fn source(ctx: &Context, polled: &Polled) -> Result<PollReport, DaemonError> {
    let now = ctx.now();
    let id = polled.source.id.clone();
    let before = ctx
        .read({
            let id = id.clone();
            move |store| store.source_state(&id)
        })
        .await?;
    let validators = before.as_ref().filter(|it| it.url == polled.source.url.as_str()).map(|it| it.validators.clone());

    let fetched = ctx.client.feed(&polled.source.url, validators.as_ref(), now).await;
    let retry_after = fetched.as_ref().err().and_then(FetchError::retry_after);
    let mut found = Found::default();
    let (answer, validators) = match fetched {
        Err(error) => (Answer::Failed(error_chain(&error)), validators.unwrap_or_default()),
        Ok(Fetched::NotModified { validators, .. }) => (Answer::Unchanged, validators),
        Ok(Fetched::Document { body, content_type, url, validators, .. }) => {
            let (source, settings) = (polled.source.clone(), ctx.config.parse);
            let parsed = blocking(move || {
                let document = parse::Document { bytes: &body, content_type: content_type.as_deref(), url: &url };
                parse::source(&source, document, settings)
            });
            match parsed.await? {
                Err(error) => (Answer::Failed(error.to_string()), Validators::default()),
                Ok(Parsed { entries, problems, .. }) => {
                    let n_entries = entries.len();
                    found = articles(ctx, polled, entries, now).await?;
                    // Without validators the next poll brings the whole document again, and with it the
                    // entries whose pages are still to be had.
                    let validators = if found.complete { validators } else { Validators::default() };
                    (Answer::Read { entries: n_entries, problems }, validators)
                }
            }
        }
    };

    let poll = Poll { answer: &answer, brought_new: !found.new.is_empty(), validators: &validators, retry_after };
    let state = after_poll(&polled.source, &polled.timetable, &ctx.config.schedule, before.as_ref(), poll, now);
    let due = state.due;
    ctx.settler.commit(Change::Polled(state)).await?;
    match &answer {
        Answer::Failed(reason) => warn!(source = %id, reason, %due, "poll failed"),
        _ => info!(source = %id, new = found.new.len(), alerts = found.alerts.len(), %due, "polled"),
    }
    Ok(PollReport {
        source: id,
        answer,
        new: found.new,
        reread: found.reread,
        pages: found.pages,
        alerts: found.alerts,
        due,
    })
}

/// What the entries of one document became.
#[derive(Debug)]
struct Found {
    new: Vec<ArticleId>,
    reread: usize,
    pages: usize,
    alerts: Vec<Alert>,
    /// Whether nothing is left to be had at a later poll.
    complete: bool,
}

impl Default for Found {
    fn default() -> Self {
        Self { new: Vec::new(), reread: 0, pages: 0, alerts: Vec::new(), complete: true }
    }
}

/// Reads and settles the entries that are not held, and those whose page could not be had before.
async fn articles(ctx: &Context, polled: &Polled, entries: Vec<Entry>, now: Timestamp) -> Result<Found, DaemonError> {
    let retries = ctx.config.poll.page_retries;
    let wanted = ctx.read(move |store| wanted(store, entries, retries)).await?;
    let mut found = Found::default();
    let told_to_wait = &AtomicBool::new(false);
    let mut readings = stream::iter(wanted)
        .map(|Wanted { entry, id, version }| async move {
            // Another source has the same link and reads it now, or has read it since this list was made.
            let Some(claim) = ctx.claims.claim(id) else { return Ok(None) };
            if ctx.read(move |store| store.report(id)).await?.is_some_and(|it| it.article.version > version) {
                return Ok(None);
            }
            let article = article(ctx, polled, &entry, id, told_to_wait, now).await?;
            Ok::<_, DaemonError>(Some((claim, article)))
        })
        .buffered(ctx.config.poll.pages_at_once);
    // Read at once, settled in order: of two reports of one story the earlier founds it.
    while let Some(reading) = readings.next().await {
        let Some((_claim, article)) = reading? else { continue };
        found.pages += usize::from(article.link.is_some());
        let unreachable = matches!(article.page, Page::Unreachable(_));
        match ctx.settler.article(article, ctx.config.rules.clone()).await? {
            Settled::Held => (),
            Settled::New(intent) => {
                found.complete &= !unreachable;
                found.new.push(intent.report.article.id);
                found.alerts.extend(intent.alerts);
            }
            Settled::Reread(intent) => {
                found.complete &= !(unreachable && intent.report.article.version <= retries);
                found.reread += 1;
                found.alerts.extend(intent.alerts);
            }
        }
    }
    Ok(found)
}

/// An entry to read.
#[derive(Debug)]
struct Wanted {
    entry: Entry,
    id: ArticleId,
    /// The version that is held; 0 for none.
    version: u32,
}

/// The entries to read, oldest first: by their dates, and by the order of a feed, which lists the newest
/// first, where dates are missing.
fn wanted(store: &dyn Store, entries: Vec<Entry>, retries: u32) -> Result<Vec<Wanted>, StoreError> {
    let mut res = Vec::new();
    let mut entries: Vec<Entry> = entries.into_iter().rev().collect();
    entries.sort_by_key(|it| it.published.or(it.updated));
    for entry in entries {
        let keys = dedup::entry_keys(&entry);
        let held = |key: &Option<dedup::Key>| key.as_ref().map_or(Ok(None), |it| store.held(it));
        let under = HeldUnder { link: held(&keys.link)?, guid: held(&keys.guid)?, title: held(&keys.title)? };
        match dedup::recognise(&entry, under) {
            None => {
                let id = dedup::article_id(&entry);
                res.push(Wanted { entry, id, version: 0 });
            }
            Some(Held { article: id, version, unreachable: true, .. }) if version <= retries => {
                res.push(Wanted { entry, id, version });
            }
            Some(_) => (),
        }
    }
    Ok(res)
}

/// Reads an entry's page and makes the article of both. Once the site has said `Retry-After`, its other
/// pages are left for later polls: `told_to_wait`.
async fn article(
    ctx: &Context,
    polled: &Polled,
    entry: &Entry,
    id: ArticleId,
    told_to_wait: &AtomicBool,
    now: Timestamp,
) -> Result<Article, DaemonError> {
    let (page, extracted) = match &entry.link {
        None => (Page::None, None),
        Some(_) if told_to_wait.load(Ordering::Relaxed) => {
            (Page::Unreachable("the site asked to wait".to_owned()), None)
        }
        Some(link) => match ctx.client.page(link.as_url(), now).await {
            Ok(response) => read_page(ctx, polled, response, now).await?,
            Err(error) if error.is_transient() => {
                told_to_wait.fetch_or(error.retry_after().is_some(), Ordering::Relaxed);
                (Page::Unreachable(error_chain(&error)), None)
            }
            Err(error) => (Page::Withheld(error_chain(&error)), None),
        },
    };
    debug!(source = %entry.source, article = %id, link = entry.link.as_ref().map(CanonicalUrl::as_str), ?page, "read");
    let entry = entry.clone();
    blocking(move || extract::article(&entry, id, page, extracted, now)).await
}

async fn read_page(
    ctx: &Context,
    polled: &Polled,
    response: PageResponse,
    now: Timestamp,
) -> Result<(Page, Option<Extracted>), DaemonError> {
    let recipe = ctx.config.recipe(&polled.source, &response.url);
    blocking(move || {
        let PageResponse { url, status, content_type, body } = response;
        let bytes = body.len() as u64;
        let markup = parse::page_text(&body, content_type.as_deref());
        match extract::page(&markup, &url, recipe.as_deref()) {
            Ok(it) => (Page::Fetched(FetchRecord { status, url: url.to_string(), bytes, at: now }), Some(it)),
            Err(error) => (Page::Withheld(error.to_string()), None),
        }
    })
    .await
}

/// Runs CPU-heavy pure work off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, DaemonError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| DaemonError::Panicked)
}
