//! The wide half: a source's document and its article pages, nothing written but through the settler.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::{FutureExt, StreamExt, stream};
use tracing::{debug, error, info, warn};

use crate::{
    config::Polled,
    decide::{
        self,
        source::{Answer, Poll, after_poll},
    },
    dedup::{self, HeldUnder},
    extract::{self, Extracted},
    fetch::{FetchError, Fetched, PageResponse},
    model::{
        Alert, Article, ArticleId, CanonicalUrl, Change, Entry, FetchRecord, Page, SourceId, Timestamp, Validators,
    },
    parse::{self, Parsed},
    store::{Store, StoreError},
    text::error_chain,
};

use super::{
    Claim, Context, DaemonError,
    settle::{Settled, readable},
};

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
    /// Pages of these that could not be had. Their articles have the feed's own text.
    pub pages_missing: usize,
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

    let read = AssertUnwindSafe(read(ctx, polled, validators.as_ref(), now)).catch_unwind().await;
    let read = read.unwrap_or(Err(DaemonError::Panicked));
    let Read { answer, validators, retry_after, found } = match read {
        // A defect of the program, met by this source: it backs off like any failure, and the others go on.
        Err(DaemonError::Panicked) => Read {
            answer: Answer::Failed("sitrepd itself failed on this source; please report it".to_owned()),
            validators: Validators::default(),
            retry_after: None,
            found: Found::default(),
        },
        read => read?,
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
        pages_missing: found.pages_missing,
        alerts: found.alerts,
        due,
    })
}

/// What came of reading a source.
struct Read {
    answer: Answer,
    validators: Validators,
    retry_after: Option<Duration>,
    found: Found,
}

/// Fetches the document, and reads and settles its entries.
async fn read(ctx: &Context, polled: &Polled, held: Option<&Validators>, now: Timestamp) -> Result<Read, DaemonError> {
    let plain = |answer, validators| Read { answer, validators, retry_after: None, found: Found::default() };
    match ctx.client.feed(&polled.source.url, held, now).await {
        Err(error) => Ok(Read {
            retry_after: error.retry_after(),
            ..plain(Answer::Failed(error_chain(&error)), held.cloned().unwrap_or_default())
        }),
        Ok(Fetched::NotModified { validators, .. }) => Ok(plain(Answer::Unchanged, validators)),
        Ok(Fetched::Document { body, content_type, url, validators, .. }) => {
            let (source, settings) = (polled.source.clone(), ctx.config.parse);
            let parsed = blocking(move || {
                let document = parse::Document { bytes: &body, content_type: content_type.as_deref(), url: &url };
                parse::source(&source, document, settings)
            });
            let Parsed { entries, problems, .. } = match parsed.await? {
                Ok(parsed) => parsed,
                Err(error) => return Ok(plain(Answer::Failed(error.to_string()), Validators::default())),
            };
            let n_entries = entries.len();
            let found = articles(ctx, polled, entries, now).await?;
            // Without validators the next poll brings the whole document again, and with it the entries
            // whose pages are still to be had.
            let validators = if found.complete { validators } else { Validators::default() };
            Ok(Read { answer: Answer::Read { entries: n_entries, problems }, validators, retry_after: None, found })
        }
    }
}

/// What the entries of one document became.
#[derive(Debug)]
struct Found {
    new: Vec<ArticleId>,
    reread: usize,
    pages: usize,
    pages_missing: usize,
    alerts: Vec<Alert>,
    /// Whether nothing is left to be had at a later poll.
    complete: bool,
}

impl Default for Found {
    fn default() -> Self {
        Self { new: Vec::new(), reread: 0, pages: 0, pages_missing: 0, alerts: Vec::new(), complete: true }
    }
}

impl Found {
    fn note(&mut self, settled: Settled, retries: u32) {
        let (intent, is_new) = match settled {
            Settled::Held => return,
            Settled::New(intent) => (intent, true),
            Settled::Reread(intent) => (intent, false),
        };
        let article = &intent.report.article;
        self.pages_missing += usize::from(matches!(article.page, Page::Unreachable(_) | Page::Withheld(_)));
        self.complete &= !decide::is_owed(article, retries);
        if is_new {
            self.new.push(article.id);
        } else {
            self.reread += 1;
        }
        self.alerts.extend(intent.alerts);
    }
}

/// Reads and settles the entries that are not held, and those whose page could not be had before.
async fn articles(ctx: &Context, polled: &Polled, entries: Vec<Entry>, now: Timestamp) -> Result<Found, DaemonError> {
    let retries = ctx.config.poll.page_retries;
    let Wanted { entries, owed } = ctx.read(move |store| wanted(store, entries, retries, now)).await?;
    let mut found = Found { complete: !owed, ..Found::default() };
    let mut readings = stream::iter(entries)
        .map(|(entry, id, version)| async move {
            // Another source has the same link and reads it now. Should that come to nothing, the next poll brings it again.
            let Some(claim) = ctx.claims.claim(id) else { return Ok(Reading::Later) };
            let held = ctx.read(move |store| readable(store.report(id))).await?;
            if held.is_some_and(|it| it.article.version > version) {
                return Ok(Reading::Held);
            }
            let (page, extracted) = page(ctx, polled, &entry, now).await?;
            let asked = !matches!(page, PageRead::NotAsked(_));
            let page = match page {
                // A second attempt that is not made is not counted; a first one is kept with the feed's text.
                PageRead::NotAsked(_) if version > 0 => return Ok(Reading::Later),
                PageRead::Asked(page) | PageRead::NotAsked(page) => page,
            };
            let article = blocking(move || extract::article(&entry, id, page, extracted, now)).await?;
            debug!(source = %article.source, article = %id, page = ?article.page, "read");
            Ok::<_, DaemonError>(Reading::Made { article: Box::new(article), asked, claim })
        })
        .buffered(ctx.config.poll.pages_at_once);
    // Read at once, settled in order: of two reports of one story the earlier founds it.
    while let Some(reading) = readings.next().await {
        let settled = match reading {
            Ok(Reading::Held) => continue,
            Ok(Reading::Later) => {
                found.complete = false;
                continue;
            }
            Ok(Reading::Made { article, asked, claim: _claim }) => {
                found.pages += usize::from(asked);
                ctx.settler.article(*article, ctx.config.rules.clone()).await.map_err(DaemonError::from)
            }
            Err(error) => Err(error),
        };
        match settled {
            Ok(settled) => found.note(settled, retries),
            // A defect of the program, met by this article: the others are read, and it is tried again.
            Err(DaemonError::Panicked) => {
                error!(source = %polled.source.id, "reading an article panicked");
                found.complete = false;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// What became of an entry that was to be read.
enum Reading {
    /// It was read, its page asked for or not. The claim lasts until the article is settled.
    Made { article: Box<Article>, asked: bool, claim: Claim },
    /// It is held by now.
    Held,
    /// It is left for the next poll.
    Later,
}

/// The entries to read.
struct Wanted {
    /// With the article's id and the version that is held (0 for none), oldest first: by their dates, and by the
    /// order of a feed, which lists the newest first, where dates are missing.
    entries: Vec<(Entry, ArticleId, u32)>,
    /// Whether pages of articles that are held are to be tried again later.
    owed: bool,
}

fn wanted(store: &dyn Store, entries: Vec<Entry>, retries: u32, now: Timestamp) -> Result<Wanted, StoreError> {
    let mut res = Wanted { entries: Vec::new(), owed: false };
    let mut entries: Vec<Entry> = entries.into_iter().rev().collect();
    entries.sort_by_key(|it| it.published.or(it.updated));
    for entry in entries {
        let keys = dedup::entry_keys(&entry);
        let held = |key: &Option<dedup::Key>| key.as_ref().map_or(Ok(None), |it| store.held(it));
        let under = HeldUnder { link: held(&keys.link)?, guid: held(&keys.guid)?, title: held(&keys.title)? };
        let Some(held) = dedup::recognise(&entry, under) else {
            let id = dedup::article_id(&entry);
            res.entries.push((entry, id, 0));
            continue;
        };
        if !held.unreachable {
            continue;
        }
        let Some(report) = readable(store.report(held.article))? else { continue };
        if decide::is_read_again(&report.article, retries, now) {
            res.entries.push((entry, held.article, held.version));
        } else {
            res.owed |= decide::is_owed(&report.article, retries);
        }
    }
    Ok(res)
}

/// What became of an entry's page.
enum PageRead {
    /// The site was asked for it.
    Asked(Page),
    /// It was not: there is no address, or the site wants to be left alone.
    NotAsked(Page),
}

/// Reads an entry's page.
async fn page(
    ctx: &Context,
    polled: &Polled,
    entry: &Entry,
    now: Timestamp,
) -> Result<(PageRead, Option<Extracted>), DaemonError> {
    let Some(link) = &entry.link else { return Ok((PageRead::NotAsked(Page::None), None)) };
    match ctx.client.page(link.as_url(), now).await {
        Ok(response) => {
            let (page, extracted) = read_page(ctx, polled, link, response, now).await?;
            Ok((PageRead::Asked(page), extracted))
        }
        Err(error) => {
            let reason = error_chain(&error);
            let page = if may_come(&error) { Page::Unreachable(reason) } else { Page::Withheld(reason) };
            match error {
                FetchError::Waiting { .. } => Ok((PageRead::NotAsked(page), None)),
                _ => Ok((PageRead::Asked(page), None)),
            }
        }
    }
}

/// Whether a page that could not be had may be had later. Firewalls answer 403 and feeds are ahead of their
/// pages, so that every status but 410 (Gone) may change.
fn may_come(error: &FetchError) -> bool {
    error.is_transient() || matches!(error, FetchError::Status { status, .. } if *status != 410)
}

async fn read_page(
    ctx: &Context,
    polled: &Polled,
    link: &CanonicalUrl,
    response: PageResponse,
    now: Timestamp,
) -> Result<(Page, Option<Extracted>), DaemonError> {
    // Sites send readers of a dead link to their front page, which is no article.
    if response.url.path() == "/" && response.url.query().is_none() && link.as_url().path() != "/" {
        return Ok((Page::Withheld("the address leads to the site's front page".to_owned()), None));
    }
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
