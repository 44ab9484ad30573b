//! What goes into a digest, read from the store.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::{ControlFlow, Range},
    time::Duration,
};

use super::late;
use crate::{
    config::{Config, DigestPlan},
    decide::{labels::Labels, timing},
    digest::{self, History, Limits, Replaced},
    model::{Alert, ArticleId, Event, Finding, Report, SourceId, SourceState, Timestamp, earlier, later},
    store::{Store, StoreError, readable},
};

/// What goes into a digest, read from the store.
#[derive(Debug)]
pub(super) struct Material {
    pub(super) reports: Vec<Report>,
    /// The reports among them that [`late`] returned.
    pub(super) late: BTreeSet<ArticleId>,
    pub(super) alerts: Vec<Alert>,
    /// See [`alerts_before`].
    pub(super) alerts_before: Vec<Alert>,
    pub(super) events: Vec<Event>,
    pub(super) replaced: Vec<Replaced>,
    pub(super) states: Vec<Option<SourceState>>,
}

/// What people said of the topics of articles: see [`Labels::correct`].
///
/// # Errors
///
/// The store failed.
pub fn labels(store: &dyn Store) -> Result<Labels, StoreError> {
    let mut res = Vec::new();
    store.labels(&mut |it| {
        res.push(it);
        ControlFlow::Continue(())
    })?;
    Ok(res.into_iter().collect())
}

/// Reads the reports and alerts of a window, the late reports, the other reports of the same stories, and the sources'
/// states.
pub(super) fn material(
    store: &dyn Store,
    plan: &DigestPlan,
    window: &Range<Timestamp>,
    sources: &[SourceId],
) -> Result<Material, StoreError> {
    let mut reports = Vec::new();
    store.reports(window.clone(), &mut |it| {
        reports.push(it);
        ControlFlow::Continue(())
    })?;
    let mut alerts = Vec::new();
    store.alerts(window.clone(), &mut |it| {
        alerts.push(it);
        ControlFlow::Continue(())
    })?;
    let mut events = Vec::new();
    // A continuing story may hold reports withdrawn days ago.
    store.events(earlier(window.start, days(digest::DAYS))..window.end, &mut |it| {
        events.push(it);
        ControlFlow::Continue(())
    })?;
    let late = late::reports(store, plan, window, &events)?;
    let late_ids = late.iter().map(|it| it.article.id).collect();
    reports.extend(late);
    let of_window = || events.iter().filter(|it| window.contains(&it.at));
    let held: BTreeSet<_> = reports.iter().map(|it| it.article.id).collect();
    let mut missing: BTreeSet<_> = alerts.iter().map(|it| it.article).collect();
    missing.extend(of_window().map(|it| it.article));
    for story in reports.iter().map(Report::story).collect::<BTreeSet<_>>() {
        missing.extend(store.story(story)?);
    }
    for id in missing.difference(&held) {
        // A digest that is made again must not show reports newer than its window.
        reports.extend(readable(store.report(*id))?.filter(|it| it.article.first_seen < window.end));
    }
    let alerts_before = alerts_before(store, plan, window, &reports)?;
    let states = sources.iter().map(|it| store.source_state(it)).collect::<Result<_, _>>()?;
    let replaced = replaced(store, of_window())?;
    Ok(Material { reports, late: late_ids, alerts, alerts_before, events, replaced, states })
}

/// The alerts that the watches of a digest raised before a window for the stories of `reports`.
fn alerts_before(
    store: &dyn Store,
    plan: &DigestPlan,
    window: &Range<Timestamp>,
    reports: &[Report],
) -> Result<Vec<Alert>, StoreError> {
    let watches = &plan.audience.watches;
    let mut res = Vec::new();
    if watches.is_empty() {
        return Ok(res);
    }
    for story in reports.iter().map(Report::story).collect::<BTreeSet<_>>() {
        // The index knows which watches have fired. For most stories none has, so alerts are read only where one did.
        if store.fired(story)?.iter().any(|it| watches.contains(it)) {
            res.extend(store.alerts_of(story)?.into_iter().filter(|it| it.raised < window.start));
        }
    }
    Ok(res)
}

/// The versions before and after the last change of each changed article, for as many articles as a digest shows.
fn replaced<'e>(store: &dyn Store, events: impl Iterator<Item = &'e Event>) -> Result<Vec<Replaced>, StoreError> {
    let changed = digest::newest_events(events).into_iter().filter_map(|it| match it.finding {
        Finding::Changed(version) => Some((it.article, version)),
        _ => None,
    });
    let mut res = Vec::new();
    for (article, version) in changed.take(Limits::default().events) {
        let mut versions = store.versions(article)?;
        versions.sort_by_key(|it| it.version);
        let Some(at) = versions.iter().position(|it| it.version == version) else { continue };
        let Some(before) = at.checked_sub(1) else { continue };
        let (new, old) = (versions.swap_remove(at), versions.swap_remove(before));
        res.push(Replaced { old, new });
    }
    Ok(res)
}

/// Maximum earlier alerts searched to see whether a term is new.
const MAX_ALERTS_BEFORE: usize = 10_000;

/// What came before the window of `material`.
pub(super) fn history(
    config: &Config,
    store: &dyn Store,
    window: &Range<Timestamp>,
    material: &Material,
) -> Result<History, StoreError> {
    let month = days(digest::DAYS);
    let volume = volume(store, window, &material.reports)?;
    let before = earlier(window.start, month)..window.start;
    let watches = config.rules.watchlist.names().to_vec();
    let mut heard = BTreeMap::new();
    for watch in &watches {
        heard.extend(store.raised(watch, before.clone(), 1)?.first().map(|at| (watch.clone(), *at)));
    }
    let found = found_before(store, before, &material.alerts)?;
    let days_held = days_held(store, window.end)?;
    let is_deep = goes_back_to(store, earlier(window.start, days(7)))?;
    Ok(History { volume, watches, heard, found, days_held, is_deep })
}

/// For each topic, the number of reports on each of the days up to the end of a window. `reports` include those of the
/// window.
fn volume(
    store: &dyn Store,
    window: &Range<Timestamp>,
    reports: &[Report],
) -> Result<BTreeMap<String, Vec<u32>>, StoreError> {
    let mut res = BTreeMap::<String, Vec<u32>>::new();
    let mut add = |topic: &str, back: usize, n: u32| {
        let days = res.entry(topic.to_owned()).or_insert_with(|| vec![0; digest::DAYS]);
        if let Some(day) = days.iter_mut().rev().nth(back) {
            *day = day.saturating_add(n);
        }
    };
    // Counts are stored by the hour, so the earlier days begin and end at the nearest hour.
    let end = nearest_hour(window.end);
    store.volume(earlier(end, days(digest::DAYS))..earlier(end, days(1)), &mut |hour, topic, n| {
        let back = usize::try_from((end - hour).num_seconds() - 1).unwrap_or_default() / DAY_SECONDS_USIZE;
        add(topic, back, n);
        ControlFlow::Continue(())
    })?;
    // The last 24 hours are counted exactly: rounded to the hour, a digest at seven could miss an hour.
    let last_day = earlier(window.end, days(1))..window.end;
    let mut add_report = |it: &Report| {
        let topics: BTreeSet<_> = it.tags.iter().map(|it| it.topic.as_str()).collect();
        for topic in topics {
            add(topic, 0, 1);
        }
    };
    let of_both = |at: &Timestamp| window.contains(at) && last_day.contains(at);
    reports.iter().filter(|it| of_both(&it.article.first_seen)).for_each(&mut add_report);
    if last_day.start < window.start {
        store.reports(last_day.start..window.start, &mut |it| {
            add_report(&it);
            ControlFlow::Continue(())
        })?;
    }
    Ok(res)
}

/// How many whole days the archive goes back from `end`, at most [`digest::DAYS`]. Retention keeps at least that long.
fn days_held(store: &dyn Store, end: Timestamp) -> Result<usize, StoreError> {
    // Binary search: an archive that goes back some days also goes back fewer.
    let (mut held, mut over) = (0, digest::DAYS + 1);
    while held + 1 < over {
        let middle = usize::midpoint(held, over);
        match goes_back_to(store, earlier(end, days(middle)))? {
            true => held = middle,
            false => over = middle,
        }
    }
    Ok(held)
}

/// Whether the archive has a report of that time or an earlier one.
fn goes_back_to(store: &dyn Store, at: Timestamp) -> Result<bool, StoreError> {
    let mut res = false;
    // The range includes the instant itself.
    store.reports(Timestamp::MIN_UTC..later(at, Duration::from_nanos(1)), &mut |_| {
        res = true;
        ControlFlow::Break(())
    })?;
    Ok(res)
}

fn days(n: usize) -> Duration {
    Duration::from_secs(n as u64 * DAY_SECONDS)
}

/// The terms of `alerts` that were also found within `before`, each with its watch. If there are too many alerts to
/// tell, a term counts as found before, so that it is not called new.
fn found_before(
    store: &dyn Store,
    before: Range<Timestamp>,
    alerts: &[Alert],
) -> Result<BTreeSet<(String, String)>, StoreError> {
    let terms = |it: &Alert| it.hits.iter().map(|hit| (it.watch.clone(), hit.term.clone())).collect::<Vec<_>>();
    let mut open: BTreeSet<_> = alerts.iter().flat_map(terms).collect();
    let mut found = BTreeSet::new();
    let mut seen = 0;
    store.alerts(before, &mut |it| {
        seen += 1;
        if it.kind.is_finding() {
            found.extend(terms(&it).into_iter().filter(|it| open.remove(it)));
        }
        if open.is_empty() || seen >= MAX_ALERTS_BEFORE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if seen >= MAX_ALERTS_BEFORE {
        found.append(&mut open);
    }
    Ok(found)
}

const DAY_SECONDS: u64 = 24 * 60 * 60;
const DAY_SECONDS_USIZE: usize = 24 * 60 * 60;

/// The full hour nearest to an instant.
fn nearest_hour(at: Timestamp) -> Timestamp {
    timing::hour(later(at, timing::HOUR / 2))
}
