//! Entries that appeared between two polls and have left the first page of a source's document by now.

use std::{cmp::Reverse, time::Duration};

use url::Url;

use crate::{
    config::Polled,
    decide::source::{Answer, read_as},
    model::{Entry, Fault, Older, SourceState, Timestamp, earlier},
};

use super::known;
use crate::daemon::{Context, DaemonError, documents};

/// Maximum further pages of older entries read in one poll, where entries may have been missed.
const MAX_OLDER: usize = 5;
/// Maximum further pages read for one gap, over several polls. A longer walk would read the site's archive.
const MAX_GAP: u32 = 20;
/// Bytes of the entries' texts above which the next poll reads the rest: all wait in memory until the last page is
/// read.
const MAX_BYTES: usize = 20_000_000;
/// Maximum attempts for a further page that cannot be fetched.
const MAX_TRIES: u32 = 5;
/// Minimum entries of a document of which all are new, for that to show that some were missed.
const MIN_ALL_NEW: usize = 5;
/// A further page whose newest entry is older than the last good poll by this much was not missed. The margin allows
/// for dates that are hours off and for entries that appear late.
const MISSED_BEFORE: Duration = Duration::from_secs(2 * 24 * 3600);

/// Reads further pages of older entries while a page does not reach back to held entries: more may have appeared since
/// the last poll than the first page shows. All pages are read before any entry is stored, and the oldest entry is
/// stored first, so that a crash leaves the gap detectable. The next poll continues where this one stopped. Returns the
/// first further page.
pub(super) async fn fill(
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
    let is_gap = !reaches_held(ctx, &reading.entries, now).await?;
    note_if_all_new(ctx, reading, is_gap, now).await?;
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
        if !is_first && reading.bytes() > MAX_BYTES {
            break;
        }
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
        let newest = older.entries.iter().filter_map(Entry::order_date).max();
        let is_old = newest.zip(oldest).is_some_and(|(newest, oldest)| newest < oldest);
        // The page at which the last poll stopped may by now begin with entries that were already held.
        let goes_on = if is_first && !is_gap {
            !held(ctx, older.entries.clone(), now).await?.into_iter().all(|it| it)
        } else {
            !reaches_held(ctx, &older.entries, now).await?
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
async fn note_if_all_new(
    ctx: &Context,
    reading: &mut documents::Reading,
    is_gap: bool,
    now: Timestamp,
) -> Result<(), DaemonError> {
    let n = reading.entries.len();
    // Where a document of several has not changed, its entries are not among these.
    let are_all = reading.lesson.entries.and_then(|it| usize::try_from(it).ok()) == Some(n);
    if is_gap
        && are_all
        && reading.next.is_none()
        && n >= MIN_ALL_NEW
        && !held(ctx, reading.entries.clone(), now).await?.into_iter().any(|it| it)
    {
        reading.note(format!("all of its {n} entries are new: others may have come and gone since the last poll"));
    }
    Ok(())
}

/// Whether a page of entries reaches back to held ones: at least half of its older half are held. A few held entries do
/// not show it, since one may be pinned to the top, and others may be held through another source.
async fn reaches_held(ctx: &Context, entries: &[Entry], now: Timestamp) -> Result<bool, DaemonError> {
    let mut entries = entries.to_vec();
    // Feeds list the newest first, previews of Telegram the oldest.
    if entries.iter().all(|it| it.published.is_some()) {
        entries.sort_by_key(|it| Reverse(it.published));
    }
    let newer = entries.len() / 2;
    let older = held(ctx, entries, now).await?.split_off(newer);
    Ok(2 * older.iter().filter(|it| **it).count() >= older.len())
}

/// Which of the entries of a document are held.
async fn held(ctx: &Context, entries: Vec<Entry>, now: Timestamp) -> Result<Vec<bool>, DaemonError> {
    ctx.read(move |store| known::are_held(store, &entries, now)).await
}
