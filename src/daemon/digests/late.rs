//! Articles that an earlier issue left out and a later reading may have made relevant. A feed's summary alone often
//! says too little to have a topic, and the page came after the issue.

use std::{
    collections::{BTreeMap, HashSet, btree_map::Entry},
    ops::{ControlFlow, Range},
    time::Duration,
};

use crate::{
    config::DigestPlan,
    model::{Article, ArticleId, Event, Finding, Move, Page, Regrouping, Report, Slot, StoryId, Timestamp, earlier},
    store::{Store, StoreError, readable},
};

/// How far before the window articles are considered. A page is retried for 32 hours, and longer if its feed rests.
const REACH: Duration = Duration::from_secs(4 * 24 * 3600);
/// What a poll reads is dated by the poll's beginning, and a slow poll may run for hours past the end of a window.
const SLOW_POLL: Duration = Duration::from_secs(24 * 3600);

/// The reports first seen before the window that have a later version, read about the time of the window, and that no
/// earlier issue told of. `events` are those of the window and of the time before it: changes by a publisher are
/// reported by them.
///
/// Empty if a person chose the window (it does not begin where an issue ended), and for times whose issues are no
/// longer stored: nothing is told twice.
pub(super) fn reports(
    store: &dyn Store,
    plan: &DigestPlan,
    window: &Range<Timestamp>,
    events: &[Event],
) -> Result<Vec<Report>, StoreError> {
    if !plan.audience.depends_on_text() {
        return Ok(Vec::new());
    }
    let slots = slots_before(store, &plan.name, window.start)?;
    if !slots.iter().any(|it| it.1 == window.start) {
        return Ok(Vec::new());
    }
    let reread = reread(store, window, events)?;
    // Avoids reading whole issues, of which there may be hundreds.
    if reread.is_empty() {
        return Ok(reread);
    }
    let issues = Issues::read(store, window.start, slots)?;
    let mut res = Vec::new();
    for it in reread.into_iter().filter(|it| issues.cover(it)) {
        if !issues.told(store, &it)? {
            res.push(it);
        }
    }
    Ok(res)
}

/// The slots of a digest whose windows ended within [`REACH`] before `start`, or at it, each with that end.
fn slots_before(store: &dyn Store, digest: &str, start: Timestamp) -> Result<Vec<(Slot, Timestamp)>, StoreError> {
    let from = earlier(start, REACH);
    let mut res = Vec::new();
    store.issues(digest, &mut |slot, until| {
        res.extend((until > from && until <= start).then_some((slot, until)));
        ControlFlow::Continue(())
    })?;
    Ok(res)
}

/// The reports from before a window that a later version, read about the time of the window, may have made relevant.
fn reread(store: &dyn Store, window: &Range<Timestamp>, events: &[Event]) -> Result<Vec<Report>, StoreError> {
    let changed = first_changes(events);
    let read = earlier(window.start, SLOW_POLL)..window.end;
    let mut candidates = Vec::new();
    store.reread_reports(earlier(window.start, REACH)..window.start, &mut |it| {
        let article = &it.article;
        let may_be_late = changed.contains_key(&article.id) || was_read(&article.page, &read);
        candidates.extend(may_be_late.then_some(it));
        ControlFlow::Continue(())
    })?;
    let mut res = Vec::new();
    for it in candidates {
        let is_late = match changed.get(&it.article.id) {
            Some(change) => was_late_before(store.versions(it.article.id)?, *change, &read),
            None => true,
        };
        res.extend(is_late.then_some(it));
    }
    Ok(res)
}

/// The issues before a window, and what was regrouped since the first of them.
struct Issues {
    /// From this time on, every issue's content is known.
    from: Timestamp,
    made: Vec<Issued>,
    /// Newest first.
    regrouped: Vec<Regrouping>,
}

/// The window of an issue, and the articles it told of.
struct Issued {
    window: Range<Timestamp>,
    told: HashSet<ArticleId>,
}

impl Issues {
    fn read(store: &dyn Store, start: Timestamp, slots: Vec<(Slot, Timestamp)>) -> Result<Self, StoreError> {
        let mut from = earlier(start, REACH);
        let regrouped = regrouped(store, from)?;
        let mut made = Vec::new();
        for (slot, until) in slots {
            match readable(store.issue(&slot))? {
                Some(it) => made.push(Issued { window: it.window, told: it.articles.into_iter().collect() }),
                None => from = from.max(until),
            }
        }
        Ok(Self { from, made, regrouped })
    }

    /// Whether one of these issues covers the time at which a report was first seen.
    fn cover(&self, report: &Report) -> bool {
        let at = report.article.first_seen;
        at >= self.from && self.made.iter().any(|it| it.window.contains(&at))
    }

    /// Whether one of these issues told of a report. With new reports of a story an issue also shows the older ones
    /// that the story had then.
    fn told(&self, store: &dyn Store, report: &Report) -> Result<bool, StoreError> {
        let article = &report.article;
        let mut members = BTreeMap::<StoryId, Vec<ArticleId>>::new();
        for issue in self.made.iter().filter(|it| article.first_seen < it.window.end) {
            let end = issue.window.end;
            let story = self.story_then(article.id, report.story(), end);
            let now = match members.entry(story) {
                Entry::Occupied(it) => it.into_mut(),
                Entry::Vacant(it) => it.insert(store.story(story)?),
            };
            let left = self.moves_since(end).filter(|it| it.from == story).map(|it| it.article);
            let mut told = now.iter().copied().chain(left).filter(|it| issue.told.contains(it));
            if told.any(|it| self.story_then(it, story, end) == story) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The story that a report was in at an instant, if it is in the story `now`: the first move since took it out of
    /// that story.
    fn story_then(&self, article: ArticleId, now: StoryId, at: Timestamp) -> StoryId {
        self.moves_since(at).filter(|it| it.article == article).last().map_or(now, |it| it.from)
    }

    /// Newest first.
    fn moves_since(&self, at: Timestamp) -> impl Iterator<Item = &Move> {
        self.regrouped.iter().filter(move |it| it.at >= at).flat_map(|it| &it.moves)
    }
}

/// Maximum older regroupings read in search of newer ones: an import writes old ones last, and those made by people
/// bear the time of a clock that may be behind that of the archive.
const MAX_OLDER: usize = 2_000;

/// The regroupings since an instant, newest first.
fn regrouped(store: &dyn Store, since: Timestamp) -> Result<Vec<Regrouping>, StoreError> {
    let (mut res, mut n_older) = (Vec::new(), 0);
    store.regroupings(&mut |it| {
        if it.at < since {
            n_older += 1;
        } else {
            res.push(it);
        }
        if n_older < MAX_OLDER { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(res)
}

/// For each article that its publisher changed, the number of the first changed version.
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

/// Whether a page was fetched about the time of the window, as far as is known.
fn was_read(page: &Page, read: &Range<Timestamp>) -> bool {
    match page {
        Page::Fetched(page) => read.contains(&page.at),
        // The feed's text has grown, at an unknown time. Attempts to read such a page end after a while, so it is
        // recent.
        Page::Withheld(_) | Page::Unreachable(_) | Page::None => true,
    }
}

/// Whether the version before a publisher's change was a page that came late. Any other change is reported as a change,
/// which may be of interest by itself.
fn was_late_before(versions: Vec<Article>, change: u32, read: &Range<Timestamp>) -> bool {
    let before = versions.into_iter().filter(|it| it.version < change).max_by_key(|it| it.version);
    // A first version is the one that an issue has seen and left out.
    before.is_some_and(|it| it.version > 1 && matches!(it.page, Page::Fetched(_)) && was_read(&it.page, read))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Cause, Change, RegroupingId},
        store::MemoryStore,
    };

    /// An import writes down last what was regrouped long ago.
    #[test]
    fn what_was_regrouped_is_found_behind_older_changes() {
        let at = |seconds: i64| Timestamp::from_timestamp(seconds, 0).unwrap();
        let store = MemoryStore::new();
        for (id, seconds) in [(1, 100), (2, 10), (3, 20)] {
            let of = Regrouping { id: RegroupingId(id), at: at(seconds), cause: Cause::Merged, moves: Vec::new() };
            store.commit(&Change::Regrouped(Box::new(of))).unwrap();
        }
        let found = regrouped(&store, at(50)).unwrap();
        assert_eq!(found.iter().map(|it| it.id.0).collect::<Vec<_>>(), [1]);
    }
}
