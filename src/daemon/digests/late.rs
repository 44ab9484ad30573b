//! Articles that an issue of a digest passed over, and that a later reading may have made one of its own: a feed's summary alone says too
//! little to have a topic, and the page came when the issue had gone out.

use std::{
    collections::{BTreeSet, HashSet},
    ops::{ControlFlow, Range},
    time::Duration,
};

use crate::{
    config::DigestPlan,
    model::{Event, Finding, Page, Report, Timestamp, earlier},
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
    let (mut covered, mut told) = (Vec::new(), HashSet::new());
    for (slot, until) in slots {
        match readable(store.issue(&slot))? {
            Some(issue) => {
                covered.push(issue.window);
                told.extend(issue.articles);
            }
            None => from = from.max(until),
        }
    }
    let changed: BTreeSet<_> =
        events.iter().filter(|it| matches!(it.finding, Finding::Changed(_))).map(|it| it.article).collect();
    let read = earlier(window.start, SLOW_POLL)..window.end;
    let is_late = |it: &Report| {
        let article = &it.article;
        let was_read = match &article.page {
            Page::Fetched(page) => read.contains(&page.at),
            // The feed says more than it did. Nobody knows since when, but these attempts come to an end.
            Page::Withheld(_) | Page::Unreachable(_) | Page::None => true,
        };
        let is_passed_over = covered.iter().any(|it| it.contains(&article.first_seen)) && !told.contains(&article.id);
        was_read && is_passed_over && !changed.contains(&article.id)
    };
    store.reread_reports(from..window.start, &mut |it| {
        res.extend(is_late(&it).then_some(it));
        ControlFlow::Continue(())
    })?;
    Ok(res)
}
