//! Reads the pages of articles that are kept as evidence again, when that is due.

use std::{
    ops::ControlFlow,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::{FutureExt as _, StreamExt as _, stream};
use tracing::{debug, error, info};

use crate::{
    config::Polled,
    decide::evidence::Seen,
    dedup,
    extract::{self, Standing},
    model::{Article, ArticleId, Entry, Finding, Page, Report, Rereading, Timestamp, earlier},
    store::{Store, StoreError, readable},
};

use super::{
    Context, DaemonError, blocking,
    collect::pages::{PageRead, page},
    settle::Again,
};

/// Maximum pages read again at the same time. Polls come first and get most of the client's turns.
const AT_ONCE: usize = 2;
/// Pages read again before the list of due pages is made anew.
const BATCH: usize = 20;

/// The articles whose pages are to be read again by now, the longest due first.
///
/// # Errors
///
/// [`DaemonError::Store`].
pub async fn due(ctx: &Context) -> Result<Vec<ArticleId>, DaemonError> {
    let (settings, now) = (ctx.config.evidence.clone(), ctx.now());
    let Some(reach) = settings.reach() else { return Ok(Vec::new()) };
    let mut res = ctx
        .read(move |store| {
            let mut res = Vec::new();
            store.exhibits(earlier(now, reach)..Timestamp::MAX_UTC, &mut |it| {
                res.extend(settings.due(&it).filter(|due| *due <= now).map(|due| (due, it.article)));
                ControlFlow::Continue(())
            })?;
            Ok(res)
        })
        .await?;
    res.sort_unstable();
    Ok(res.into_iter().map(|it| it.1).collect())
}

/// Reads pages again that are due, a few at once, and says how many were. `is_over` ends it early.
///
/// # Errors
///
/// [`DaemonError`] where the store failed. What pages do is recorded.
pub async fn read_due(ctx: &Context, is_over: impl Fn() -> bool) -> Result<usize, DaemonError> {
    let (is_over, read) = (&is_over, &AtomicUsize::new(0));
    // Readings that are under way are completed even if the batch is full: their requests have been sent.
    let mut readings = stream::iter(due(ctx).await?)
        .map(|id| async move {
            let is_enough = read.load(Ordering::Relaxed) >= BATCH;
            if is_enough || is_over() { Ok(None) } else { one(ctx, id).await }
        })
        .buffer_unordered(AT_ONCE);
    while let Some(reading) = readings.next().await {
        read.fetch_add(usize::from(reading?.is_some()), Ordering::Relaxed);
    }
    Ok(read.load(Ordering::Relaxed))
}

/// Reads one page again.
async fn one(ctx: &Context, id: ArticleId) -> Result<Option<Rereading>, DaemonError> {
    let Some((article, polled)) = candidate(ctx, id).await? else { return Ok(None) };
    let res = AssertUnwindSafe(read_again(ctx, article, &polled)).catch_unwind().await;
    match res.unwrap_or(Err(DaemonError::Panicked)) {
        // A defect of sitrepd on this page, or a page too large to store. It counts as a reading, so that it is not
        // repeated endlessly.
        Err(error @ (DaemonError::Panicked | DaemonError::TooLarge(_))) => {
            error!(article = %id, error = &error as &dyn std::error::Error, "a page could not be read again");
            let seen = Seen::Failed("sitrepd itself failed on this page".to_owned());
            let again = Again { article: id, seen, trail: None };
            Ok(ctx.settler.reread(again, None, ctx.config.rules.clone()).await?)
        }
        res => res,
    }
}

/// The article, if its page was read before, is no other article's too, and its source is still one whose pages are
/// read. What the page of a live blog or of a daily briefing says now tells nothing of one post or of yesterday.
async fn candidate(ctx: &Context, id: ArticleId) -> Result<Option<(Article, Arc<Polled>)>, DaemonError> {
    let found = ctx.read(move |store| {
        let Some(Report { article, .. }) = readable(store.report(id))? else { return Ok(None) };
        Ok(Some((has_shared_page(store, &article)?, article)))
    });
    let Some((has_shared_page, article)) = found.await? else { return Ok(None) };
    let polled = ctx.config.source(article.source.as_str()).filter(|it| it.source.enabled && it.source.reads_pages);
    let is_read = matches!(article.page, Page::Fetched(_)) && !has_shared_page;
    Ok(polled.filter(|_| is_read && article.link.is_some()).map(|it| (article, Arc::clone(it))))
}

/// Whether an article's page is another one's too: articles are held beside its link, of which it may be one. A page that
/// is replaced under the link and guid of its article, as by a retraction, is none of these.
fn has_shared_page(store: &dyn Store, article: &Article) -> Result<bool, StoreError> {
    let beside = article.link.as_ref().map(dedup::beside_key);
    Ok(beside.map_or(Ok(None), |it| store.held(&it))?.is_some() || dedup::is_beside_its_link(article))
}

async fn read_again(ctx: &Context, article: Article, polled: &Polled) -> Result<Option<Rereading>, DaemonError> {
    let (id, now) = (article.id, ctx.now());
    let Some(_claim) = ctx.claims.claim(id) else { return Ok(None) };
    // What its page says now is compared with what it said: neither the feed's text nor its time of the last change may
    // take the place of the page's.
    let entry = Entry { text: String::new(), updated: None, is_dated_by_update: false, ..Entry::of_article(&article) };
    let PageRead { page, extracted, was_asked, is_gone, came, refusal } = page(ctx, polled, &entry, now).await?;
    if !was_asked {
        // Its host wants to be left alone: later.
        return Ok(None);
    }
    let trail = came.as_ref().map(|it| it.trail.clone()).or(refusal.map(|it| *it));
    let snapshot = came.and_then(|it| it.snapshot(id, ctx.config.evidence.max_page_bytes)).map(Box::new);
    let seen = match page {
        Page::Withheld(why) | Page::Unreachable(why) if is_gone => Seen::Gone(why),
        Page::Withheld(why) | Page::Unreachable(why) => Seen::Failed(why),
        Page::None => return Ok(None),
        page @ Page::Fetched(_) => {
            let read =
                blocking(move || extract::article(&entry, &Standing::default(), id, page, extracted, now)).await?;
            Seen::Read(Box::new(read))
        }
    };
    let again = Again { article: id, seen, trail };
    let res = ctx.settler.reread(again, snapshot, ctx.config.rules.clone()).await?;
    match res.as_ref().map(|it| &it.finding) {
        Some(finding @ (Finding::Changed(_) | Finding::Withdrawn(_))) => info!(article = %id, ?finding, "read again"),
        finding => debug!(article = %id, ?finding, "read again"),
    }
    Ok(res)
}
