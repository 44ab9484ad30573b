//! The wide half of the line: polls one source, reads its documents and article pages, and hands what it read to the
//! settling thread. It must not write to the store itself.

mod known;
mod outcome;
pub(super) mod pages;

use std::{cmp::Reverse, collections::HashSet, panic::AssertUnwindSafe, time::Duration};

use futures_util::{FutureExt, StreamExt, stream};
use tracing::{debug, error, info, warn};
use url::Url;

use crate::{
    config::Polled,
    decide::{
        self,
        source::{Answer, Lesson, Poll, after_defect, after_poll, read_as},
    },
    extract,
    model::{
        Alert, Article, ArticleId, Change, Entry, Fault, Health, Older, Page, Snapshot, Source, SourceId, SourceState,
        Timestamp, earlier,
    },
    schedule::Next,
    store::{Store, StoreError, readable},
};

use self::{
    known::Known,
    outcome::{ReadEntries, RecipeUse},
    pages::{PageRead, page},
};
use super::{Claim, Context, DaemonError, blocking, documents, owed, settle::Settled};

/// The outcome of polling one source.
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
    /// How the source does now.
    pub health: Health,
    /// When it is due again, and why then.
    pub next: Next,
}

/// Maximum further pages of older entries read in one poll, where entries may have been missed.
const MAX_OLDER: usize = 5;
/// Maximum further pages read for one gap, over several polls. A longer walk would read the site's archive.
const MAX_GAP: u32 = 20;
/// Maximum attempts for a further page that cannot be fetched.
const MAX_TRIES: u32 = 5;
/// Minimum entries of a document of which all are new, for that to show that some were missed.
const MIN_ALL_NEW: usize = 5;
/// A further page whose newest entry is older than the last good poll by this much was not missed. The margin allows
/// for dates that are hours off and for entries that appear late.
const MISSED_BEFORE: Duration = Duration::from_secs(2 * 24 * 3600);

/// The reason shown for a source whose poll failed because of a defect of sitrepd.
const DEFECT: &str = "sitrepd itself failed on this source; please report it";

/// Polls a source: documents, entries that are not held, their pages, and what was learnt about the source.
///
/// # Errors
///
/// [`DaemonError`] where the store failed. Whatever the source does is in the report.
pub async fn source(ctx: &Context, polled: &Polled) -> Result<PollReport, DaemonError> {
    let done = AssertUnwindSafe(poll(ctx, polled)).catch_unwind().await;
    match done.unwrap_or(Err(DaemonError::Panicked)) {
        // A defect outside of reading the source. What was stored before it stays stored.
        Err(DaemonError::Panicked | DaemonError::TooLarge(_)) => given_up(ctx, polled).await,
        done => done,
    }
}

/// Ends a poll that panicked, or whose state is too large to store. The source then waits as after a failed poll; other
/// sources are not affected.
async fn given_up(ctx: &Context, polled: &Polled) -> Result<PollReport, DaemonError> {
    let (now, source) = (ctx.now(), &polled.source);
    // The stored state itself may be what makes sitrepd panic.
    let before = match states(ctx, source).await {
        Ok([before, _]) => before,
        Err(DaemonError::Panicked) => None,
        Err(error) => return Err(error),
    };
    let (state, next) = after_defect(source, before.as_ref(), ctx.config.schedule.max_backoff, DEFECT, now);
    let health = state.health.clone();
    ctx.settler.commit(Change::Polled(Box::new(state))).await?;
    error!(source = %source.id, due = %next.at, "the poll of a source could not be completed");
    Ok(PollReport {
        source: source.id.clone(),
        answer: Answer::Failed { fault: Fault::Defect, reason: DEFECT.to_owned() },
        new: Vec::new(),
        reread: 0,
        pages: 0,
        pages_missing: 0,
        alerts: Vec::new(),
        health,
        next,
    })
}

async fn poll(ctx: &Context, polled: &Polled) -> Result<PollReport, DaemonError> {
    let now = ctx.now();
    let source = &polled.source;
    let [before, sibling] = states(ctx, source).await?;
    let read = AssertUnwindSafe(read(ctx, polled, before.as_ref(), now)).catch_unwind().await;
    let read = match read.unwrap_or(Err(DaemonError::Panicked)) {
        // A defect of the program, met by this source: it backs off like any failure, and the others go on.
        Err(DaemonError::Panicked) => Read {
            answer: Answer::Failed { fault: Fault::Defect, reason: DEFECT.to_owned() },
            asked: source.url.clone(),
            lesson: Lesson { older: before.as_ref().and_then(|it| it.older.clone()), ..Lesson::default() },
            retry_after: None,
            found: ReadEntries::default(),
        },
        read => read?,
    };
    let Read { answer, asked, lesson, retry_after, found } = read;
    let hosts = ctx.config.enabled().filter_map(|it| it.source.url.host_str()).collect::<HashSet<_>>().len();
    let poll = Poll {
        answer: &answer,
        asked: &asked,
        new: found.new.len(),
        lesson,
        retry_after,
        sibling: sibling.as_ref(),
        is_cut_off: ctx.outage.note(source, &answer, hosts),
    };
    let (state, next) = after_poll(source, &polled.timetable, &ctx.config.schedule, before.as_ref(), &poll, now);
    let health = state.health.clone();
    ctx.settler.commit(Change::Polled(Box::new(state))).await?;
    let (id, due, condition) = (&source.id, next.at, health.condition.word());
    match &answer {
        Answer::Failed { reason, .. } => warn!(source = %id, condition, reason, %due, "poll failed"),
        Answer::LeftAlone { reason } => info!(source = %id, condition, reason, %due, "not polled"),
        _ => info!(source = %id, condition, new = found.new.len(), alerts = found.alerts.len(), %due, "polled"),
    }
    Ok(PollReport {
        source: id.clone(),
        answer,
        new: found.new,
        reread: found.reread,
        pages: found.pages,
        pages_missing: found.pages_missing,
        alerts: found.alerts,
        health,
        next,
    })
}

/// The stored state of a source, if it is for the configured address, and the state of its sibling.
async fn states(ctx: &Context, source: &Source) -> Result<[Option<SourceState>; 2], DaemonError> {
    let (id, url, sibling) = (source.id.clone(), source.url.to_string(), source.sibling.clone());
    ctx.read(move |store| {
        let own = store.source_state(&id)?.filter(|it| it.url == url);
        Ok([own, sibling.map_or(Ok(None), |it| store.source_state(&it))?])
    })
    .await
}

/// The outcome of reading a source's documents.
struct Read {
    answer: Answer,
    asked: Url,
    lesson: Lesson,
    retry_after: Option<Duration>,
    found: ReadEntries,
}

/// Reads a source's documents, and reads and settles their entries.
async fn read(
    ctx: &Context,
    polled: &Polled,
    before: Option<&SourceState>,
    now: Timestamp,
) -> Result<Read, DaemonError> {
    let mut reading = documents::read(&ctx.client, &polled.source, before, ctx.config.parse, now).await?;
    let first_older = fill_gap(ctx, polled, before, &mut reading, now).await?;
    let documents::Reading { mut answer, asked, entries, mut lesson, retry_after, .. } = reading;
    let found = articles(ctx, polled, entries, tries_pages(&answer), now).await?;
    if let (Answer::Read { problems, .. }, Some(problem)) = (&mut answer, found.recipe.problem()) {
        // The first is what the health of the source tells.
        problems.insert(0, problem);
    }
    if !found.complete {
        // The documents are not stored, so that the next poll gets them whole, with the entries that are left.
        lesson.documents.clear();
        lesson.older = lesson.older.or(first_older.map(|url| Older { url: url.to_string(), pages: 0, tries: 0 }));
    }
    Ok(Read { answer, asked, lesson, retry_after, found })
}

/// Whether pages that are owed may be tried after this answer. Where the source cannot be reached, or turns sitrepd away,
/// they are left for when it answers, and lose no attempt by that.
fn tries_pages(answer: &Answer) -> bool {
    match answer {
        Answer::Read { .. } | Answer::Unchanged => true,
        Answer::LeftAlone { .. } => false,
        Answer::Failed { fault, .. } => {
            !matches!(fault, Fault::Network | Fault::Blocked | Fault::Refused | Fault::Throttled)
        }
    }
}

/// Reads further pages of older entries while a page does not reach back to held entries: more may have appeared since
/// the last poll than the first page shows. All pages are read before any entry is stored, and the oldest entry is
/// stored first, so that a crash leaves the gap detectable. The next poll continues where this one stopped. Returns the
/// first further page.
async fn fill_gap(
    ctx: &Context,
    polled: &Polled,
    before: Option<&SourceState>,
    reading: &mut documents::Reading,
    now: Timestamp,
) -> Result<Option<Url>, DaemonError> {
    let left = before.and_then(|it| it.older.clone());
    // After a first poll or a change of settings no entry is held, which does not mean that entries were missed.
    let known = before.filter(|it| it.entries > 0 && it.read_as == read_as(&polled.source));
    if matches!(reading.answer, Answer::Failed { .. } | Answer::LeftAlone { .. }) || known.is_none() {
        reading.lesson.older = left;
        return Ok(None);
    }
    let is_gap = !reaches_held(ctx, &reading.entries).await?;
    note_if_all_new(ctx, reading, is_gap).await?;
    // Pages shift as entries appear. A new gap is read from its beginning, which leads over what an earlier poll left.
    let (start, mut pages, mut tries) = match (reading.next.take().filter(|_| is_gap), &left) {
        (Some(next), _) => (Some(next), 0, 0),
        (None, Some(left)) => (Url::parse(&left.url).ok(), left.pages, left.tries),
        (None, None) => (None, 0, 0),
    };
    // What was published long before the last good poll was not missed since.
    let oldest = known.and_then(|it| it.succeeded).map(|it| earlier(it, MISSED_BEFORE));
    let (mut next, mut is_first) = (start.clone(), true);
    for _ in 0..MAX_OLDER {
        let Some(url) = next.take() else { break };
        let older = documents::older(&ctx.client, &polled.source, &url, ctx.config.parse, now).await?;
        // Whether the fault may pass by itself, and the number of attempts so far. A page that was not requested does
        // not count as an attempt.
        let missed = match &older.answer {
            Answer::Failed { fault, reason } => {
                let may_pass =
                    matches!(fault, Fault::Network | Fault::Server | Fault::Throttled) && tries + 1 < MAX_TRIES;
                Some((reason, may_pass, tries + 1))
            }
            Answer::LeftAlone { reason } => Some((reason, true, tries)),
            Answer::Read { .. } | Answer::Unchanged => None,
        };
        if let Some((reason, may_pass, tries)) = missed {
            reading.note(format!("older entries could not be read: {reason}"));
            reading.retry_after = reading.retry_after.max(older.retry_after);
            reading.lesson.older = may_pass.then(|| Older { url: url.to_string(), pages, tries });
            return Ok(start);
        }
        pages += 1;
        tries = 0;
        let newest = older.entries.iter().filter_map(|it| it.published.or(it.updated)).max();
        let is_old = newest.zip(oldest).is_some_and(|(newest, oldest)| newest < oldest);
        // The page at which the last poll stopped may by now begin with entries that were already held.
        let goes_on = if is_first && !is_gap {
            held(ctx, older.entries.clone()).await? < older.entries.len()
        } else {
            !reaches_held(ctx, &older.entries).await?
        };
        is_first = false;
        if is_old || older.entries.is_empty() {
            break;
        }
        reading.add(older.entries);
        next = older.next.filter(|_| goes_on);
    }
    if next.is_some() && pages >= MAX_GAP {
        reading.note(format!("more than {MAX_GAP} pages of older entries are new, the rest is not read"));
        next = None;
    }
    reading.lesson.older = next.map(|url| Older { url: url.to_string(), pages, tries: 0 });
    Ok(start)
}

/// Tells where all entries of a source are new and nothing leads to older ones.
async fn note_if_all_new(ctx: &Context, reading: &mut documents::Reading, is_gap: bool) -> Result<(), DaemonError> {
    let n = reading.entries.len();
    // Where a document of several has not changed, its entries are not among these.
    let are_all = reading.lesson.entries.and_then(|it| usize::try_from(it).ok()) == Some(n);
    if is_gap && are_all && reading.next.is_none() && n >= MIN_ALL_NEW && held(ctx, reading.entries.clone()).await? == 0
    {
        reading.note(format!("all of its {n} entries are new: others may have come and gone since the last poll"));
    }
    Ok(())
}

/// Whether a page of entries reaches back to held ones: at least half of its older half are held. A few held entries do
/// not show it, since one may be pinned to the top, and others may be held through another source.
async fn reaches_held(ctx: &Context, entries: &[Entry]) -> Result<bool, DaemonError> {
    let mut entries = entries.to_vec();
    // Feeds list the newest first, previews of Telegram the oldest.
    if entries.iter().all(|it| it.published.is_some()) {
        entries.sort_by_key(|it| Reverse(it.published));
    }
    let older = entries.split_off(entries.len() / 2);
    let n_older = older.len();
    Ok(2 * held(ctx, older).await? >= n_older)
}

/// How many of these entries are held.
async fn held(ctx: &Context, entries: Vec<Entry>) -> Result<usize, DaemonError> {
    ctx.read(move |store| count_held(store, &entries)).await
}

/// How many of these entries a store holds.
///
/// # Errors
///
/// [`StoreError`] from the look-ups.
pub fn count_held(store: &dyn Store, entries: &[Entry]) -> Result<usize, StoreError> {
    Ok(known::all(store, entries)?.iter().filter(|it| matches!(it, Known::Held(_))).count())
}

/// Reads and settles the entries that are not held, and the articles whose page could not be had before, whether their
/// entries are still listed or not.
async fn articles(
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
    let Wanted { entries, owed } = ctx.read(move |store| wanted(store, entries, owed, retries, now)).await?;
    ctx.owed.replace(source, owed);
    let mut found = ReadEntries::default();
    let mut readings = stream::iter(entries)
        .map(|(entry, id, version)| async move {
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
            // Page not requested, because the host asked us to wait, or because there is none to ask for: an article
            // already held is retried at the next poll; a new one is stored with the feed's text.
            if !asked && version > 0 {
                return Ok(Reading::Later { version });
            }
            let mut recipe = RecipeUse::default();
            if let Some(it) = &extracted {
                recipe.note(it);
            }
            let article = blocking(move || extract::article(&entry, id, page, extracted, now)).await?;
            let page = came.and_then(|it| it.snapshot(id, ctx.config.evidence.max_page_bytes)).map(Box::new);
            debug!(source = %article.source, article = %id, page = ?article.page, "read");
            Ok::<_, DaemonError>(Reading::Made { article: Box::new(article), page, asked, recipe, claim })
        })
        .buffered(ctx.config.poll.pages_at_once);
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

/// The entries to read.
struct Wanted {
    /// Entries with the article's id and the version held (0 for none), oldest first. Without dates the reversed order
    /// of the feed counts, since feeds list the newest first.
    entries: Vec<(Entry, ArticleId, u32)>,
    /// The articles whose page is still to be fetched, now or later.
    owed: Vec<ArticleId>,
}

/// `owed` are the articles whose page was still to be fetched before this poll.
fn wanted(
    store: &dyn Store,
    entries: Vec<Entry>,
    owed: Vec<ArticleId>,
    retries: u32,
    now: Timestamp,
) -> Result<Wanted, StoreError> {
    let mut res = Wanted { entries: Vec::new(), owed: Vec::new() };
    let mut listed = HashSet::new();
    let mut entries: Vec<Entry> = entries.into_iter().rev().collect();
    entries.sort_by_key(|it| it.published.or(it.updated));
    let known = known::all(store, &entries)?;
    for (mut entry, known) in entries.into_iter().zip(known) {
        let held = match known {
            Known::Held(held) => held,
            Known::New { id, is_beside } => {
                // The page of a live blog is not its post's.
                entry.link_is_own &= !(is_beside && entry.is_part_of_page());
                res.entries.push((entry, id, 0));
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
                res.entries.push((entry, held.article, held.version));
            }
        }
    }
    // What is not listed any more, or not again since the document has not changed.
    for id in owed.into_iter().filter(|it| !listed.contains(it)) {
        let Some(report) = readable(store.report(id))? else { continue };
        if let Some(due) = decide::rereading_due(&report.article, retries) {
            res.owed.push(id);
            if due <= now {
                res.entries.push((Entry::of_article(&report.article), id, report.article.version));
            }
        }
    }
    Ok(res)
}
