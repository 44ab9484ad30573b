//! Issues digests: reads what they need, has them made, and commits each with its messages.

mod late;
mod material;

use std::{
    collections::BTreeMap,
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
    deliver::Channel,
    digest::{
        self, Digest, GivenUp, Input, Limits,
        render::{self, Format},
    },
    model::{Change, Content, DigestIssue, MessageId, Outgoing, Rendered, Slot, Timestamp, earlier, later},
    store::{Store, StoreError},
    text::is_same_channel,
};

pub use self::material::labels;
use self::material::{history, material};
use super::{
    Context, DaemonError, blocking,
    hooks::{self, Texts},
};

/// What a run of the daemon knows of a digest beside the archive.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// The time from which this run has the digest: its start, or the reload that added the digest.
    pub started: Timestamp,
    /// The slot issued last in this run.
    pub issued: Option<Timestamp>,
}

impl Run {
    /// A run that has the digest since `started`.
    pub fn since(started: Timestamp) -> Self {
        Self { started, issued: None }
    }
}

/// The slot of a digest that is due now, if any. Slots missed while the daemon was down become one, the last of them,
/// whose window begins at the end of the last issue. A slot longer ago than [`DigestPlan::catch_up`] is skipped.
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

/// The newest issued slot of a digest that is not in the future. A slot in the future was issued while the clock was
/// ahead, and says nothing about what is due now.
fn last_by(store: &dyn Store, digest: &str, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let mut last = None;
    store.issues(digest, &mut |slot, _| {
        last = Some(slot.at).filter(|it| *it <= now);
        if last.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(last)
}

/// The latest end of any issue's window. The issue with the newest slot need not have it: that slot may be from when
/// the clock was ahead, and others have followed.
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

/// When the daemon first ran with a digest of this name. Kept in a file, so that a daemon that stops before its first
/// issue catches up on that slot too; the archive holds no trace of it.
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
    // A crash may have left an incomplete line.
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

/// Issues a digest beside the schedule over the window that `window` returns for the present time.
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
    let slot = Slot::on_demand(&plan.name, now);
    publish(ctx, plan, slot, window(now)).await
}

/// The digest that a slot belongs to; a digest no longer configured is made like that of `[digest]`.
pub fn plan<'a>(config: &'a Config, slot: &Slot) -> &'a DigestPlan {
    let name = slot.digest.as_str();
    let named = || config.digest_named(Slot::scheduled(name)?);
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

/// Commits an issue. If it is larger than one commit may be, the parts of its messages that readers can best do without
/// are left out.
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

/// Removes from the messages of a digest the part that is least missed of what is left, and says what it was. `None` if
/// nothing is left to remove.
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

/// Chooses the content of a digest, before any summaries or translations are added, and the texts that those are made
/// from. Blocks.
///
/// # Errors
///
/// [`DaemonError`] where the store failed.
pub fn chosen(config: &Config, store: &dyn Store, making: Making<'_>) -> Result<(Digest, Texts), DaemonError> {
    let Making { plan, slot, window, now } = making;
    let ids: Vec<_> = config.polled.iter().map(|it| it.source.id.clone()).collect();
    let mut material = material(store, plan, window, &ids)?;
    // Uses the tags as found, because the index counts the earlier days by them.
    let history = history(config, store, window, &material)?;
    let labels = labels(store)?;
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
        interval: config.poll.interval,
        reports: &material.reports,
        late: &material.late,
        alerts: &material.alerts,
        alerts_before: &material.alerts_before,
        severities: &severities,
        events: &material.events,
        replaced: &material.replaced,
        topics: &config.topics,
        sources: &sources,
        given_up: given_up(config, store, making)?,
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

/// The messages that were given up of late, before the digest was made, other than by a person: on any channel for that
/// of `[digest]`, which is for whoever runs it all, and on its own channels for an audience's.
fn given_up(config: &Config, store: &dyn Store, making: Making<'_>) -> Result<Option<GivenUp>, StoreError> {
    let Making { plan, now, .. } = making;
    let is_told = |channel: &str| {
        plan.name == config.digest.name || plan.channels.iter().any(|own| is_same_channel(own, channel))
    };
    let mut queued = Vec::new();
    store.outbox(&mut |it| {
        if it.parked && it.queued < now && is_told(&it.message.channel) {
            queued.push(it.queued);
        }
        ControlFlow::Continue(())
    })?;
    Ok(queued.iter().min().map(|oldest| GivenUp { messages: queued.len(), oldest: *oldest }))
}

/// Renders a digest. Blocks: a user's own templates may take their time.
///
/// # Errors
///
/// [`DaemonError::Render`], a defect of the program.
pub fn rendered(config: &Config, digest: &Digest, formats: &[Format]) -> Result<Rendered, DaemonError> {
    render::digest(digest, formats, config.look()).map_err(|it| DaemonError::Render(Arc::new(it)))
}

/// The id of the message that carries a digest on a channel. Two digests on demand within one second are different
/// messages, so a fraction of a second is part of the id; scheduled slots have none.
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
