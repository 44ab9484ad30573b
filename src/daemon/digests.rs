//! Issues digests: reads what they need, has them made, and commits each with its messages.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, OpenOptions},
    io::{self, Write as _},
    ops::{ControlFlow, Range},
    path::Path,
    sync::Arc,
    time::Duration,
};

use tracing::{error, info, warn};

use crate::{
    config::{Config, DigestPlan},
    decide::{labels::Labels, timing},
    deliver::Channel,
    digest::{
        self, Digest, History, Input, Limits, Replaced,
        render::{self, Format},
    },
    model::{
        Alert, Change, Content, DigestIssue, Event, Finding, MessageId, Outgoing, Rendered, Report, Slot, SourceId,
        SourceState, Timestamp, earlier, later,
    },
    store::{Store, StoreError, readable},
};

use super::{
    Context, DaemonError, blocking,
    hooks::{self, Texts},
};

/// What goes into a digest, read from the store.
#[derive(Debug)]
struct Material {
    reports: Vec<Report>,
    alerts: Vec<Alert>,
    events: Vec<Event>,
    replaced: Vec<Replaced>,
    states: Vec<Option<SourceState>>,
}

/// What a run of the daemon knows of a digest besides the archive.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// Since when it has the digest: its start, or the reload that brought the digest.
    pub started: Timestamp,
    /// The slot that it issued last.
    pub issued: Option<Timestamp>,
}

impl Run {
    /// One that has the digest since `started`.
    pub fn since(started: Timestamp) -> Self {
        Self { started, issued: None }
    }
}

/// The slot of a digest that is to be issued now, if one is due. Slots missed while the daemon was down are one: the
/// last of them, whose window goes back to the end of the last issue; one that is longer ago than [`DigestPlan::catch_up`] is passed over.
///
/// # Errors
///
/// [`DaemonError`] where the store failed.
pub async fn due(ctx: &Context, plan: &DigestPlan, run: Run) -> Result<Option<Slot>, DaemonError> {
    let Some(timetable) = &plan.timetable else { return Ok(None) };
    let name = plan.name.clone();
    let now = ctx.now();
    let last = ctx
        .read({
            let name = name.clone();
            move |store| last_by(store, &name, now)
        })
        .await?;
    let Run { started, issued } = run;
    let since = match last.or(issued.filter(|it| *it <= now)) {
        Some(at) => at,
        None => {
            let (dir, name) = (ctx.config.state_dir.clone(), name.clone());
            let begun = blocking(move || begun(&dir, &name, started)).await?;
            started
                .min(begun.inspect_err(|error| warn!(%error, "when digests began cannot be kept")).unwrap_or(started))
        }
    };
    let due = timetable.last_due(since, now).filter(|(at, _)| *at >= started || later(*at, plan.catch_up) >= now);
    if let Some((at, missed)) = due.filter(|(_, missed)| *missed > 0) {
        info!(digest = name, %at, missed, "slots were missed; the digest covers them all");
    }
    Ok(due.map(|(at, _)| Slot { digest: name, at }))
}

/// The newest slot of a digest that was issued for a time by now. One in the future was issued while the clock was ahead: it says nothing
/// about what is due now.
fn last_by(store: &dyn Store, digest: &str, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let mut last = None;
    store.issues(digest, &mut |slot, _| {
        last = Some(slot.at).filter(|it| *it <= now);
        if last.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(last)
}

/// Until when the issues of a digest go, all of them: the one with the newest slot may be from when the clock was ahead, and others have come since.
///
/// # Errors
///
/// The store failed.
pub fn covered(store: &dyn Store, digest: &str) -> Result<Option<Timestamp>, StoreError> {
    let mut last = None;
    store.issues(digest, &mut |_, until| {
        last = last.max(Some(until));
        ControlFlow::Continue(())
    })?;
    Ok(last)
}

/// When the daemon first ran with a digest of this name. Kept in a file, so that one that dies over its very first slot catches that
/// up too: nothing was issued then that would tell.
fn begun(state_dir: &Path, name: &str, started: Timestamp) -> io::Result<Timestamp> {
    let path = state_dir.join("digests-begun");
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read?,
    };
    let at = |line: &str| line.split_once('\t').filter(|it| it.0 == name)?.1.trim().parse::<Timestamp>().ok();
    if let Some(at) = text.lines().find_map(at) {
        return Ok(at);
    }
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    // A crash may have left half a line.
    let start = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    file.write_all(format!("{start}{name}\t{}\n", started.to_rfc3339()).as_bytes())?;
    file.sync_all()?;
    Ok(started)
}

/// Issues the digest of a slot: its window begins where the last one ended, and ends on a mark of the
/// settling thread, so that no article falls between two digests and none is in both.
///
/// # Errors
///
/// [`DaemonError`] where the store failed; the slot is still to be issued.
pub async fn issue(ctx: &Context, slot: Slot) -> Result<Digest, DaemonError> {
    let until = ctx.settler.mark().await?;
    let last = ctx
        .read({
            let name = slot.digest.clone();
            move |store| covered(store, &name)
        })
        .await?;
    let plan = plan(&ctx.config, &slot);
    let since = last.unwrap_or_else(|| earlier(until, plan.max_period));
    publish(ctx, plan, slot, since..until).await
}

/// Issues a digest over a period that ends now, beside the schedule: it takes no slot of it.
///
/// # Errors
///
/// [`DaemonError`] where the store failed.
pub async fn issue_now(ctx: &Context, plan: &DigestPlan, period: Duration) -> Result<Digest, DaemonError> {
    issue_over(ctx, plan, |until| earlier(until, period)..until).await
}

/// The same over the window that `window` makes of now.
///
/// # Errors
///
/// [`DaemonError`] where the store failed.
pub async fn issue_over(
    ctx: &Context,
    plan: &DigestPlan,
    window: impl Fn(Timestamp) -> Range<Timestamp>,
) -> Result<Digest, DaemonError> {
    let now = ctx.settler.mark().await?;
    let slot = Slot { digest: [&plan.name, ON_DEMAND].concat(), at: now };
    publish(ctx, plan, slot, window(now)).await
}

/// After the name of a digest whose window was chosen by a caller.
const ON_DEMAND: &str = "-on-demand";

/// The digest that a slot is of; one that has left the configuration is made as that of `[digest]`.
pub fn plan<'a>(config: &'a Config, slot: &Slot) -> &'a DigestPlan {
    let name = slot.digest.as_str();
    let named = || config.digest_named(name.strip_suffix(ON_DEMAND)?);
    config.digest_named(name).or_else(named).unwrap_or(&config.digest)
}

async fn publish(
    ctx: &Context,
    plan: &DigestPlan,
    slot: Slot,
    window: Range<Timestamp>,
) -> Result<Digest, DaemonError> {
    let (config, store, now) = (Arc::clone(&ctx.config), Arc::clone(&ctx.store), ctx.now());
    let (mut digest, texts) = {
        let (config, plan, slot, window) = (Arc::clone(&config), plan.clone(), slot.clone(), window.clone());
        blocking(move || {
            let making = Making { plan: &plan, slot: &slot, window: &window, now };
            chosen(&config, &*store, making)
        })
        .await??
    };
    hooks::add(&mut digest, &texts, &config.hooks, &ctx.client).await;
    let formats = plan.formats.clone();
    let (digest, rendered) = blocking(move || {
        let rendered = rendered(&config, &digest, &formats);
        rendered.map(|it| (digest, it))
    })
    .await??;
    let outbox = plan.channels.iter().map(|channel| message(&slot, channel, &rendered, now)).collect();
    let issue = DigestIssue { slot, since: window.start, until: window.end, articles: digest.articles.clone(), outbox };
    kept(ctx, issue).await?;
    info!(digest = digest.slot.digest, slot = %digest.slot.at, stories = digest.totals.stories, alerts = digest.totals.alerts, "digest issued");
    Ok(digest)
}

/// Keeps an issue. Where it is more than the archive takes at once, its messages go without what their readers can do without best.
async fn kept(ctx: &Context, mut issue: DigestIssue) -> Result<(), DaemonError> {
    let is_file = |channel: &str| matches!(ctx.config.channels.get(channel), Some(Channel::Files(_)));
    loop {
        let error = match ctx.settler.commit(Change::Digest(Box::new(issue.clone()))).await.map_err(DaemonError::from) {
            Err(error @ DaemonError::TooLarge(_)) => error,
            done => return done,
        };
        let Some(left_out) = lightened(&mut issue.outbox, is_file) else { return Err(error) };
        let (digest, slot) = (&issue.slot.digest, issue.slot.at);
        error!(digest, %slot, error = &error as &dyn std::error::Error, left_out, "a digest was too large");
    }
}

/// Takes something out of the messages of a digest: each time it is called, what is missed least of what is left. Says what; `None` where
/// nothing is left to take.
fn lightened(outbox: &mut Vec<Outgoing>, is_file: impl Fn(&str) -> bool) -> Option<&'static str> {
    let others = outbox.iter_mut().filter(|it| !is_file(&it.channel));
    let mut others: Vec<_> = others
        .filter_map(|it| match &mut it.content {
            Content::Digest(rendered) => Some(rendered),
            Content::Alerts(_) | Content::Held(_) | Content::More(_) => None,
        })
        .collect();
    if others.iter().any(|it| !it.documents.is_empty()) {
        for it in &mut others {
            it.documents.clear();
        }
        return Some("its further formats go to files alone");
    }
    if others.iter().any(|it| it.html.is_some()) {
        for it in &mut others {
            it.html = None;
        }
        return Some("all but files get its text alone");
    }
    if !others.is_empty() {
        outbox.retain(|it| is_file(&it.channel));
        return Some("it goes to files alone");
    }
    let has_any = !outbox.is_empty();
    outbox.clear();
    has_any.then_some("it goes nowhere; sitrepd digest show makes it")
}

/// What a digest is made of.
#[derive(Debug, Clone, Copy)]
pub struct Making<'a> {
    /// The digest as configured.
    pub plan: &'a DigestPlan,
    /// Its name and its place in the schedule.
    pub slot: &'a Slot,
    /// What it covers, by first-seen time.
    pub window: &'a Range<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

/// What a digest says without machines, and the texts that these are asked about. Blocks.
///
/// # Errors
///
/// [`DaemonError`] where the store failed.
pub fn chosen(config: &Config, store: &dyn Store, making: Making<'_>) -> Result<(Digest, Texts), DaemonError> {
    let Making { plan, slot, window, now } = making;
    let ids: Vec<_> = config.polled.iter().map(|it| it.source.id.clone()).collect();
    let mut material = material(store, window, &ids).map_err(|it| DaemonError::Store(Arc::new(it)))?;
    // By the tags that were found, as the index counts those of the days before.
    let history = history(config, store, window, &material).map_err(|it| DaemonError::Store(Arc::new(it)))?;
    let labels = labels(store).map_err(|it| DaemonError::Store(Arc::new(it)))?;
    for it in &mut material.reports {
        labels.correct(it, &config.rules.topics);
    }
    let sources: Vec<_> = config.polled.iter().map(|it| it.source.clone()).zip(material.states).collect();
    let severities =
        config.rules.timings.iter().map(|(watch, timing)| (watch.clone(), timing.severity)).collect::<BTreeMap<_, _>>();
    let digest = digest::select(Input {
        slot,
        title: &plan.title,
        window,
        issued_at: now,
        zone: plan.zone,
        reports: &material.reports,
        alerts: &material.alerts,
        severities: &severities,
        events: &material.events,
        replaced: &material.replaced,
        topics: &config.topics,
        sources: &sources,
        history: &history,
        audience: &plan.audience,
        limits: Limits::default(),
    });
    let texts = match config.hooks.summary {
        Some(_) => hooks::texts(&digest, &material.reports),
        None => Texts::default(),
    };
    Ok((digest, texts))
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

/// How a digest looks. Blocks: templates of a user's own may take their time.
///
/// # Errors
///
/// [`DaemonError::Render`], a defect of the program.
pub fn rendered(config: &Config, digest: &Digest, formats: &[Format]) -> Result<Rendered, DaemonError> {
    render::digest(digest, formats, config.look()).map_err(|it| DaemonError::Render(Arc::new(it)))
}

/// The reports and alerts of a window, the other reports of the same stories, and the sources' states.
fn material(store: &dyn Store, window: &Range<Timestamp>, sources: &[SourceId]) -> Result<Material, StoreError> {
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
    // A story that goes on may hold what was withdrawn days ago.
    store.events(earlier(window.start, days(digest::DAYS))..window.end, &mut |it| {
        events.push(it);
        ControlFlow::Continue(())
    })?;
    let of_window = || events.iter().filter(|it| window.contains(&it.at));
    let held: BTreeSet<_> = reports.iter().map(|it| it.article.id).collect();
    let mut missing: BTreeSet<_> = alerts.iter().map(|it| it.article).collect();
    missing.extend(of_window().map(|it| it.article));
    for story in reports.iter().map(Report::story).collect::<BTreeSet<_>>() {
        missing.extend(store.story(story)?);
    }
    for id in missing.difference(&held) {
        // A digest made again says nothing of what came after it.
        reports.extend(readable(store.report(*id))?.filter(|it| it.article.first_seen < window.end));
    }
    let states = sources.iter().map(|it| readable(store.source_state(it))).collect::<Result<_, _>>()?;
    let replaced = replaced(store, of_window())?;
    Ok(Material { reports, alerts, events, replaced, states })
}

/// The versions between which articles changed last, of as many as a digest shows.
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

/// Alerts of the time before that are looked at at most for whether a term is new.
const MAX_ALERTS_BEFORE: usize = 10_000;

/// What came before a window that `material` is of.
fn history(
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

/// By topic, the reports of the days up to the end of a window, `reports` being those of the window and perhaps others.
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
    // Counts are kept by the hour: those of the days before begin and end with the hour that is nearest.
    let end = nearest_hour(window.end);
    store.volume(earlier(end, days(digest::DAYS))..earlier(end, days(1)), &mut |hour, topic, n| {
        let back = usize::try_from((end - hour).num_seconds() - 1).unwrap_or_default() / DAY_SECONDS_USIZE;
        add(topic, back, n);
        ControlFlow::Continue(())
    })?;
    // The last 24 hours are those to the moment: a digest at seven that ends with the hour counts one hour too few.
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

/// How many whole days the archive goes back from `end`, [`digest::DAYS`] at most: no less is kept, wherever articles are given up.
fn days_held(store: &dyn Store, end: Timestamp) -> Result<usize, StoreError> {
    // One that goes back for some days goes back for fewer.
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
    // Up to an instant, that instant among them.
    store.reports(Timestamp::MIN_UTC..later(at, Duration::from_nanos(1)), &mut |_| {
        res = true;
        ControlFlow::Break(())
    })?;
    Ok(res)
}

fn days(n: usize) -> Duration {
    Duration::from_secs(n as u64 * DAY_SECONDS)
}

/// The terms of `alerts` that were found within `before` too, each with its watch. What cannot be told, since there are too many alerts, is
/// not called new.
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

/// The beginning of the hour of the clock that is nearest to an instant.
fn nearest_hour(at: Timestamp) -> Timestamp {
    timing::hour(later(at, timing::HOUR / 2))
}

/// The name of the message that brings a digest by a channel. What is asked for twice within a second is two digests, so that a
/// fraction of a second is named too where there is one; a timetable has none.
pub fn message_id(slot: &Slot, channel: &str) -> MessageId {
    MessageId(format!("digest-{}-{}-{channel}", slot.digest, slot.at.format("%Y%m%dT%H%M%S%.fZ")))
}

fn message(slot: &Slot, channel: &str, rendered: &Rendered, due: Timestamp) -> Outgoing {
    Outgoing {
        id: message_id(slot, channel),
        channel: channel.to_owned(),
        content: Content::Digest(rendered.clone()),
        due,
    }
}
