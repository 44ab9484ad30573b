//! Reads and settles a source's entries that are not held, and the articles that still lack their page.

use std::{collections::HashSet, sync::Arc};

use futures_util::{StreamExt, stream};
use tracing::{debug, error};

use crate::{
    config::Polled,
    decide,
    extract::{self, Standing},
    model::{Article, ArticleId, Entry, Page, Snapshot, Timestamp},
    store::{Store, StoreError, readable},
};

use super::{
    known::{self, Known},
    outcome::{ReadEntries, RecipeUse},
    pages::{PageRead, page},
};
use crate::daemon::{Claim, Context, DaemonError, blocking, owed, settle::Settled};

/// Reads and settles the entries that are not held, and the articles whose page could not be had before, whether their
/// entries are still listed or not.
pub(super) async fn read(
    ctx: &Context,
    polled: &Polled,
    entries: Vec<Entry>,
    tries_pages: bool,
    now: Timestamp,
) -> Result<ReadEntries, DaemonError> {
    if !tries_pages && entries.is_empty() {
        return Ok(ReadEntries::default());
    }
    let retries = if polled.source.reads_pages { ctx.config.poll.page_retries } else { 0 };
    let source = &polled.source.id;
    let max_retries = ctx.config.poll.page_retries;
    ctx.owed.fill(ctx.read(move |store| owed::find(store, max_retries, now))).await?;
    let owed = ctx.owed.of(source);
    let Wanted { entries, owed, standing } = ctx.read(move |store| wanted(store, entries, owed, retries, now)).await?;
    ctx.owed.replace(source, owed);
    let mut found = ReadEntries::default();
    let readings = stream::iter(entries).map(|it| one(ctx, polled, it, standing.clone(), now));
    let mut readings = readings.buffered(ctx.config.poll.pages_at_once);
    // Pages are read concurrently and settled in order: of two reports of one story, the earlier founds it.
    while let Some(reading) = readings.next().await {
        let settled = match reading {
            Ok(Reading::Held) => continue,
            Ok(Reading::Later { version }) => {
                // An article that is held is found again without its entry.
                found.complete &= version > 0;
                continue;
            }
            Ok(Reading::Made { article, page, asked, recipe, claim: _claim }) => {
                found.recipe.add(recipe);
                found.pages += usize::from(asked);
                let rules = ctx.config.rules.clone();
                ctx.settler.article_with_page(*article, page, rules).await.map_err(DaemonError::from)
            }
            Err(error) => Err(error),
        };
        match settled {
            Ok(settled) => {
                if let Settled::New(intent) | Settled::Reread(intent) = &settled {
                    ctx.owed.note(source, &intent.report.article, retries);
                }
                found.note(settled);
            }
            // A defect of sitrepd on this article: the others are still read, and this one is retried at the next poll.
            Err(DaemonError::Panicked) => {
                error!(source = %polled.source.id, "reading an article panicked");
                found.complete = false;
            }
            // Not retried: the article would be as large at each poll.
            Err(error @ DaemonError::TooLarge(_)) => {
                error!(source = %polled.source.id, error = &error as &dyn std::error::Error, "an article is not kept");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// What became of an entry that was to be read.
enum Reading {
    /// It was read, its page asked for or not. The claim lasts until the article is settled.
    Made { article: Box<Article>, page: Option<Box<Snapshot>>, asked: bool, recipe: RecipeUse, claim: Claim },
    /// It is held by now.
    Held,
    /// It is left for a later poll. The version held, 0 for none.
    Later { version: u32 },
}

/// Reads the page of one entry, and makes the article of both.
async fn one(
    ctx: &Context,
    polled: &Polled,
    wanted: WantedEntry,
    standing: Arc<Standing>,
    now: Timestamp,
) -> Result<Reading, DaemonError> {
    let WantedEntry { entry, id, version } = wanted;
    // Another source has the same link and is reading it now. If that fails, the next poll tries again.
    let Some(claim) = ctx.claims.claim(id) else { return Ok(Reading::Later { version }) };
    let held = ctx.read(move |store| readable(store.report(id))).await?;
    if held.is_some_and(|it| it.article.version > version) {
        return Ok(Reading::Held);
    }
    let read = match page(ctx, polled, &entry, now).await {
        // A defect of sitrepd on this page: the feed's own text is stored all the same.
        Err(DaemonError::Panicked) => {
            error!(source = %polled.source.id, article = %id, "reading a page panicked");
            PageRead::nothing(Page::Withheld("sitrepd itself failed on this page".to_owned()), true)
        }
        read => read?,
    };
    let PageRead { page, extracted, was_asked: asked, came, .. } = read;
    // Page not requested, because the host asked us to wait, or because there is none to ask for: an article already
    // held is retried at the next poll; a new one is stored with the feed's text.
    if !asked && version > 0 {
        return Ok(Reading::Later { version });
    }
    let mut recipe = RecipeUse::default();
    if let Some(it) = &extracted {
        recipe.note(it);
    }
    let article = blocking(move || extract::article(&entry, &standing, id, page, extracted, now)).await?;
    let page = came.and_then(|it| it.snapshot(id, ctx.config.evidence.max_page_bytes)).map(Box::new);
    debug!(source = %article.source, article = %id, page = ?article.page, "read");
    Ok(Reading::Made { article: Box::new(article), page, asked, recipe, claim })
}

/// What is to be read.
struct Wanted {
    /// The entries, oldest first. Without dates the reversed order of the feed counts, since feeds list the newest
    /// first.
    entries: Vec<WantedEntry>,
    /// The articles whose page is still to be fetched, now or later.
    owed: Vec<ArticleId>,
    /// What half of the entries say.
    standing: Arc<Standing>,
}

/// An entry to read.
struct WantedEntry {
    entry: Entry,
    /// The article's id.
    id: ArticleId,
    /// The version held, 0 for none.
    version: u32,
}

/// `owed` are the articles whose page was still to be fetched before this poll.
fn wanted(
    store: &dyn Store,
    entries: Vec<Entry>,
    owed: Vec<ArticleId>,
    retries: u32,
    now: Timestamp,
) -> Result<Wanted, StoreError> {
    let mut res = Wanted { entries: Vec::new(), owed: Vec::new(), standing: Arc::default() };
    let mut listed = HashSet::new();
    let mut entries: Vec<Entry> = entries.into_iter().rev().collect();
    entries.sort_by_key(Entry::order_date);
    let known = known::all(store, &entries, now)?;
    // All texts are compared only where one of them is used.
    if known.iter().any(|it| !matches!(it, Known::Held(it) if !it.unreachable)) {
        res.standing = Arc::new(Standing::of(&entries));
    }
    for (mut entry, known) in entries.into_iter().zip(known) {
        let held = match known {
            Known::Held(held) => held,
            Known::New { id, is_beside } => {
                // The page of a live blog is not its post's.
                entry.link_is_own &= !(is_beside && entry.is_part_of_page());
                // Some documents list an entry twice.
                if listed.insert(id) {
                    res.entries.push(WantedEntry { entry, id, version: 0 });
                }
                continue;
            }
        };
        if !held.unreachable || !entry.has_page() {
            continue;
        }
        let Some(report) = readable(store.report(held.article))? else { continue };
        if let Some(due) = decide::rereading_due(&report.article, retries).filter(|_| listed.insert(held.article)) {
            res.owed.push(held.article);
            if due <= now {
                res.entries.push(WantedEntry { entry, id: held.article, version: held.version });
            }
        }
    }
    // What is not listed any more, or not again since the document has not changed.
    for id in owed.into_iter().filter(|it| !listed.contains(it)) {
        let Some(report) = readable(store.report(id))? else { continue };
        if let Some(due) = decide::rereading_due(&report.article, retries) {
            res.owed.push(id);
            if due <= now {
                let (entry, version) = (Entry::of_article(&report.article), report.article.version);
                res.entries.push(WantedEntry { entry, id, version });
            }
        }
    }
    Ok(res)
}
