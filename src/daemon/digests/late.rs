//! Articles that an issue of a digest passed over, and that a later reading may have made one of its own: a feed's
//! summary alone says too little to have a topic, and the page came when the issue had gone out.

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

/// How long before a window articles are looked at. A page is tried again for 32 hours, and longer where its feed
/// rests.
const REACH: Duration = Duration::from_secs(4 * 24 * 3600);
/// What a poll reads is dated by its beginning, and it may go on for hours over the end of a window.
const SLOW_POLL: Duration = Duration::from_secs(24 * 3600);

/// The reports from before a window that have a later version, read about the time of the window, and that no issue
/// before it told of. `events` are those of the window and of the time before it: what a publisher changed is told by
/// them.
///
/// None where the window does not begin with the end of an issue: a person has chosen it. Nor of a time of which is not
/// known any more what the issue for it was made of: nothing is told twice.
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
    // Issues are read whole, and there may be hundreds of the time.
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

/// The slots of a digest whose windows ended in the time before `start` in which articles are looked at, or with it,
/// each with that end.
fn slots_before(store: &dyn Store, digest: &str, start: Timestamp) -> Result<Vec<(Slot, Timestamp)>, StoreError> {
    let from = earlier(start, REACH);
    let mut res = Vec::new();
    store.issues(digest, &mut |slot, until| {
        res.extend((until > from && until <= start).then_some((slot, until)));
        ControlFlow::Continue(())
    })?;
    Ok(res)
}

/// The reports from before a window that a later version, read about the time of the window, may have made of interest.
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

/// The issues of the time before a window, and what was regrouped since the first of them.
struct Issues {
    /// From when on is known what they were made of.
    from: Timestamp,
    made: Vec<Issued>,
    /// Newest first.
    regrouped: Vec<Regrouping>,
}

/// What an issue was made of.
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

    /// Whether one of them was for the time of a report.
    fn cover(&self, report: &Report) -> bool {
        let at = report.article.first_seen;
        at >= self.from && self.made.iter().any(|it| it.window.contains(&at))
    }

    /// Whether one of them told of a report: it shows with the new reports of a story the older ones, those that the
    /// story had then.
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

    /// The story that a report was in at an instant, where it is in the story `now`: the first move since took it out
    /// of that.
    fn story_then(&self, article: ArticleId, now: StoryId, at: Timestamp) -> StoryId {
        self.moves_since(at).filter(|it| it.article == article).last().map_or(now, |it| it.from)
    }

    /// Newest first.
    fn moves_since(&self, at: Timestamp) -> impl Iterator<Item = &Move> {
        self.regrouped.iter().filter(move |it| it.at >= at).flat_map(|it| &it.moves)
    }
}

/// So many changes from before are looked at for newer ones: an import brings old ones last, and what people decide
/// bears the time of a clock that may be behind that of the archive.
const MAX_OLDER: usize = 2_000;

/// What was regrouped since an instant, newest first.
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

/// Whether what a publisher changed was a page that came late. Of any other what was changed is told, as it may be of
/// interest for that alone.
fn was_late_before(versions: Vec<Article>, change: u32, read: &Range<Timestamp>) -> bool {
    let before = versions.into_iter().filter(|it| it.version < change).max_by_key(|it| it.version);
    // A first version is the one that an issue passed over.
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
