//! Articles that an issue of a digest passed over, and that a later reading may have made one of its own: a feed's summary alone says too
//! little to have a topic, and the page came when the issue had gone out.

use std::{
    collections::{BTreeMap, HashSet},
    ops::{ControlFlow, Range},
    time::Duration,
};

use crate::{
    config::DigestPlan,
    model::{Article, ArticleId, Event, Finding, Page, Report, Timestamp, earlier},
    store::{Store, StoreError, readable},
};

/// How long before a window articles are looked at. A page is tried again for 32 hours, and longer where its feed rests.
const REACH: Duration = Duration::from_secs(4 * 24 * 3600);
/// What a poll reads is dated by its beginning, and it may go on for hours over the end of a window.
const SLOW_POLL: Duration = Duration::from_secs(24 * 3600);

/// The reports from before a window that have a later version, read about the time of the window, and that no issue before it was made of.
/// `events` are those of the window and of the time before it: what a publisher changed is told by them.
///
/// None where the window does not begin with the end of an issue: a person has chosen it. Nor of a time of which is not known any more what
/// the issue for it was made of: nothing is told twice.
pub(super) fn reports(
    store: &dyn Store,
    plan: &DigestPlan,
    window: &Range<Timestamp>,
    events: &[Event],
) -> Result<Vec<Report>, StoreError> {
    let mut res = Vec::new();
    if !plan.audience.depends_on_text() {
        return Ok(res);
    }
    let mut from = earlier(window.start, REACH);
    let mut slots = Vec::new();
    store.issues(&plan.name, &mut |slot, until| {
        slots.extend((until > from && until <= window.start).then_some((slot, until)));
        ControlFlow::Continue(())
    })?;
    if !slots.iter().any(|it| it.1 == window.start) {
        return Ok(res);
    }
    let changed = first_changes(events);
    let read = earlier(window.start, SLOW_POLL)..window.end;
    let mut candidates = Vec::new();
    store.reread_reports(from..window.start, &mut |it| {
        let article = &it.article;
        let may_be_late = changed.contains_key(&article.id) || was_read(&article.page, &read);
        candidates.extend(may_be_late.then_some(it));
        ControlFlow::Continue(())
    })?;
    for it in candidates {
        let is_late = match changed.get(&it.article.id) {
            Some(change) => was_late_before(store.versions(it.article.id)?, *change, &read),
            None => true,
        };
        res.extend(is_late.then_some(it));
    }
    // Issues are read whole, and there may be hundreds of the time.
    if res.is_empty() {
        return Ok(res);
    }
    let mut issues = Vec::new();
    for (slot, until) in slots {
        match readable(store.issue(&slot))? {
            Some(it) => issues.push(Issued { window: it.window, told: it.articles.into_iter().collect() }),
            None => from = from.max(until),
        }
    }
    let is_covered = |it: &Timestamp| *it >= from && issues.iter().any(|issue| issue.window.contains(it));
    res.retain(|it| is_covered(&it.article.first_seen));
    let mut untold = Vec::new();
    for it in res {
        if !was_told(&issues, &it, &store.story(it.story())?) {
            untold.push(it);
        }
    }
    Ok(untold)
}

/// What an issue was made of.
struct Issued {
    window: Range<Timestamp>,
    told: HashSet<ArticleId>,
}

/// Whether an issue told of a report, `story` being all reports of its story: it shows with the new reports of a story the older ones.
fn was_told(issues: &[Issued], report: &Report, story: &[ArticleId]) -> bool {
    let was_held = |it: &&Issued| report.article.first_seen < it.window.end;
    issues.iter().filter(was_held).any(|issue| story.iter().any(|it| issue.told.contains(it)))
}

/// The first version of each article that its publisher changed.
fn first_changes(events: &[Event]) -> BTreeMap<ArticleId, u32> {
    let mut res = BTreeMap::new();
    for it in events {
        if let Finding::Changed(version) = it.finding {
            let first = res.entry(it.article).or_insert(version);
            *first = version.min(*first);
        }
    }
    res
}

/// Whether a page came about the time of the window, as far as is known.
fn was_read(page: &Page, read: &Range<Timestamp>) -> bool {
    match page {
        Page::Fetched(page) => read.contains(&page.at),
        // The feed says more than it did. Nobody knows since when, but these attempts come to an end.
        Page::Withheld(_) | Page::Unreachable(_) | Page::None => true,
    }
}

/// Whether what a publisher changed was a page that came late. Of any other what was changed is told, as it may be of interest for that alone.
fn was_late_before(versions: Vec<Article>, change: u32, read: &Range<Timestamp>) -> bool {
    let before = versions.into_iter().filter(|it| it.version < change).max_by_key(|it| it.version);
    // A first version is the one that an issue passed over.
    before.is_some_and(|it| it.version > 1 && matches!(it.page, Page::Fetched(_)) && was_read(&it.page, read))
}
