//! Settles one article: reads what is known of it, decides, and commits the decision.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::{ControlFlow, Range},
    time::Duration,
};

use tracing::error;

use crate::{
    decide::{
        self, Findings, Known, Now, Past, Rules, Side,
        evidence::{self, Reread, Seen, ToldAlert},
        timing,
    },
    dedup::{
        self,
        placing::{self, Placing},
        sketch::Sketch,
        stories::{Held, Stories},
    },
    model::{
        Alert, AlertKind, Article, ArticleId, Cause, Change, Content, Fingerprint, Intent, MessageId, Outgoing, Page,
        Regrouping, Report, Rereading, Severity, StoryId, Timestamp, Trail, earlier,
    },
    store::{Pending, Store, StoreError, Teller, readable},
};

use super::{Memory, Settled};

/// Maximum recent reports searched for those that came after a person's decision: a request may have waited for days.
const MAX_SINCE: usize = 10_000;

/// Reads what is known, decides, and commits the decision. Durable once [`Store::sync`] has returned. The memory is
/// updated after the commit.
///
/// # Errors
///
/// [`StoreError`]; nothing was committed.
pub(super) fn article(
    store: &dyn Store,
    rules: &Rules,
    memory: &mut Memory,
    article: Article,
    now: Now,
) -> Result<Settled, StoreError> {
    let held = match store.report(article.id) {
        // The held article cannot be read. It stays as it is, and the ledger reports the damage.
        Err(StoreError::Damaged { .. }) => return Ok(Settled::Held),
        held => held?,
    };
    let Some(article) = decide::version(held.as_ref(), article, now.stamp) else { return Ok(Settled::Held) };
    settled(store, rules, memory, Version { held, article, outbox: Vec::new() }, now, |it| {
        Change::Article(Box::new(it))
    })
}

/// Decides what a later reading of an article's page shows, and commits the decision. `None` where the article is not
/// held, cannot be read, or its page was not read before.
///
/// # Errors
///
/// [`StoreError`]; nothing was committed.
pub(super) fn reread(
    store: &dyn Store,
    rules: &Rules,
    memory: &mut Memory,
    again: Again,
    now: Now,
) -> Result<Option<Rereading>, StoreError> {
    let Again { article: id, seen, trail } = again;
    let Some(held) = readable(store.report(id))?.filter(|it| matches!(it.article.page, Page::Fetched(_))) else {
        return Ok(None);
    };
    let Reread { finding, attempts, version } = evidence::reread(&held.article, store.last_reading(id)?, seen);
    let mut outbox = Vec::new();
    if finding.is_event() {
        let mut alerts = store.alerts_of(held.story())?;
        alerts.retain(|it| it.article == id);
        let told = told(store, alerts)?;
        outbox = evidence::sequel(rules, &held.article, &told, &finding, version.as_ref(), now);
    }
    let mut rereading = Rereading { article: id, at: now.stamp, finding, attempts, trail, intent: None };
    match version {
        None => {
            if !outbox.is_empty() {
                let (report, fingerprint) = (held, Fingerprint::default());
                let intent = Intent { report, fingerprint, regrouping: None, alerts: Vec::new(), outbox };
                rereading.intent = Some(Box::new(intent));
            }
            store.commit(&Change::Reread(Box::new(rereading.clone())))?;
        }
        Some(article) => {
            let version = Version { held: Some(held), article, outbox };
            let change = |it| Change::Reread(Box::new(Rereading { intent: Some(Box::new(it)), ..rereading.clone() }));
            if let Settled::New(intent) | Settled::Reread(intent) = settled(store, rules, memory, version, now, change)?
            {
                rereading.intent = Some(intent);
            }
        }
    }
    Ok(Some(rereading))
}

/// The channels by which each alert was told. An alert whose message was not rendered yet is not included: that message
/// will also tell what became of its article. An alert whose message is gone counts as told, even if the message was
/// dropped by hand, because the archive holds only that it was queued. So does an alert that its message had no room to
/// show: the message refers to `sitrepd alerts`.
fn told(store: &dyn Store, alerts: Vec<Alert>) -> Result<Vec<ToldAlert>, StoreError> {
    let ids: Vec<_> = alerts.iter().map(|it| it.id).collect();
    // One message may tell of many.
    let mut known = BTreeMap::new();
    let mut res = Vec::new();
    for (alert, tellers) in alerts.into_iter().zip(store.told_by(&ids)?) {
        let mut by = BTreeSet::new();
        for Teller { message, channel } in tellers {
            let is_told = match known.get(&message) {
                Some(is_told) => *is_told,
                None => match readable(store.pending(&message))? {
                    Some(it) => it.rendered.is_some() || it.sending.is_some(),
                    None => store.was_queued(&message)?,
                },
            };
            known.insert(message, is_told);
            by.extend(is_told.then_some(channel));
        }
        res.push(ToldAlert { alert, by });
    }
    Ok(res)
}

/// Time after which a collecting message that a person sent early is certainly under way.
const UNDER_WAY: Duration = Duration::from_secs(600);

/// For each firing watch, the time until which its collecting message waits. Messages long due, or given up, are not
/// read for this.
fn waiting(
    store: &dyn Store,
    rules: &Rules,
    findings: &Findings,
    now: Now,
) -> Result<BTreeMap<String, Timestamp>, StoreError> {
    let mut res = BTreeMap::new();
    let can_wait = |watch: &str| {
        let timing = rules.timings.get(watch).copied().unwrap_or_default();
        timing.severity == Severity::Normal && (rules.quiet.is_some() || !timing.cooldown.is_zero())
    };
    if findings.sure().any(can_wait) {
        store.due_within(earlier(now.clock, UNDER_WAY)..Timestamp::MAX_UTC, &mut |it| {
            if let Content::Held(held) = &it.message.content
                && is_open(&it)
                && held.until > now.clock
            {
                res.entry(held.watch.clone()).or_insert(held.until);
            }
            ControlFlow::Continue(())
        })?;
    }
    Ok(res)
}

/// Whether the content of a message is not fixed yet.
fn is_open(it: &Pending) -> bool {
    !it.parked && it.sending.is_none() && it.rendered.is_none()
}

/// The messages of an intent that were queued before and will report nothing more.
fn gone(store: &dyn Store, intent: &Intent) -> Result<BTreeSet<MessageId>, StoreError> {
    let mut res = BTreeSet::new();
    for it in intent.outbox.iter().filter(|it| it.content.gathers()) {
        // A damaged message reports nothing.
        let is_gone = match readable(store.pending(&it.id))? {
            Some(pending) => !is_open(&pending),
            None => store.was_queued(&it.id)?,
        };
        if is_gone {
            res.insert(it.id.clone());
        }
    }
    Ok(res)
}

/// A page that was asked for again.
#[derive(Debug, Clone, PartialEq)]
pub struct Again {
    /// The article.
    pub article: ArticleId,
    /// What came of it.
    pub seen: Seen,
    /// How it came in.
    pub trail: Option<Trail>,
}

/// A new version of an article, and the one held.
struct Version {
    held: Option<Report>,
    article: Article,
    /// Messages for those who were told of the version before.
    outbox: Vec<Outgoing>,
}

/// Decides about a version and commits it as the change that `change` makes of it.
fn settled(
    store: &dyn Store,
    rules: &Rules,
    memory: &mut Memory,
    Version { held, article, outbox }: Version,
    now: Now,
    change: impl Fn(Intent) -> Change,
) -> Result<Settled, StoreError> {
    let Memory { stories, lessons, is_behind } = memory;
    *is_behind = true;
    stories.forget(now.stamp);
    *is_behind = false;
    let sketch = Sketch::new(placing::text(&article));
    let namesake = dedup::namesake_key(&article).map_or(Ok(None), |it| store.held(&it))?;
    let known = Known { namesake: namesake.map_or(Ok(None), |it| readable(store.report(it.article)))?, held };
    let (mut placing, alerts) = placed(store, stories, &article, &sketch, &known)?;
    let own = placing.story(article.id);
    let mut past = past_of(store, stories, &article, &placing)?;
    let regrouping = match placing.merges {
        Some(other) => {
            let sides = [side(store, own)?, side(store, other)?];
            decide::merge(sides, Cause::Bridged(article.id), now.stamp).filter(|it| !it.moves.is_empty())
        }
        None => decide::drawn(&placing.draws, &alerts, (own, article.id), now.stamp),
    };
    if let (Some(it), Some(other)) = (&regrouping, placing.merges) {
        extend(&mut past, store, other, |it| decide::is_told(article.id, &placing, it))?;
        placing.assignment = it.moves.iter().fold(placing.assignment, |res, step| res.into_story(step.to));
    }
    let findings = decide::findings(rules, &lessons.models, &article);
    look_back(&mut past, store, rules, &findings, now)?;
    past.held = waiting(store, rules, &findings, now)?;
    let first_seen = article.first_seen;
    let fingerprint = placing.fingerprint.clone();
    let mut intent = decide::intent(rules, article, placing, findings, &past, now);
    // Ends, because each message found gone was sent or dropped by a person.
    loop {
        let gone = gone(store, &intent)?;
        if !decide::part(&mut intent, &gone) {
            break;
        }
    }
    intent.regrouping = regrouping;
    intent.outbox.extend(outbox);
    let (id, story) = (intent.report.article.id, intent.report.story());
    *is_behind = true;
    if let Err(error) = commit(store, &mut intent, change) {
        // Nothing is written of what is too large.
        *is_behind = !error.is_too_large();
        return Err(error);
    }
    if let Some(it) = &intent.regrouping {
        stories.regroup(it);
    }
    // A new version stays in the story of the first, and in memory only if the first is there.
    if known.held.is_none() || stories.get(id).is_some() {
        stories.hold(Held { id, story, first_seen, fingerprint, sketch });
    }
    *is_behind = false;
    Ok(match known.held {
        Some(_) => Settled::Reread(Box::new(intent)),
        None => Settled::New(Box::new(intent)),
    })
}

/// What alerts told before of the events that the article reports: those of its story, and of the story it founded or
/// joined if the program has moved it since.
fn past_of(store: &dyn Store, stories: &Stories, article: &Article, placing: &Placing) -> Result<Past, StoreError> {
    let mut res = Past::default();
    let own = placing.story(article.id);
    extend(&mut res, store, own, |it| decide::is_told(article.id, placing, it))?;
    if placing.moved.is_some() && !stories.is_by_hand(own) {
        let before = Placing { moved: None, ..placing.clone() };
        let tells = |it: &Alert| it.raised <= article.first_seen && decide::is_told(article.id, &before, it);
        extend(&mut res, store, before.story(article.id), tells)?;
    }
    Ok(res)
}

/// Commits a decision. While it is too large for one ledger frame, what readers can do without best is left out of it.
fn commit(store: &dyn Store, intent: &mut Intent, change: impl Fn(Intent) -> Change) -> Result<(), StoreError> {
    while let Err(error) = store.commit(&change(intent.clone())) {
        let Some(left_out) = error.is_too_large().then(|| decide::cut(intent)).flatten() else { return Err(error) };
        let article = intent.report.article.id;
        error!(%article, %error, left_out, "an article was more than the archive takes at once");
    }
    Ok(())
}

/// Adapts a person's decision to the present state. It was made outside of this thread, on a reading of the archive
/// that may be seconds old. It keeps its id, by which it can be undone.
///
/// # Errors
///
/// [`StoreError`].
pub(super) fn regrouping(store: &dyn Store, of: &Regrouping) -> Result<Regrouping, StoreError> {
    if of.cause == Cause::Merged {
        let Some(step) = of.moves.first() else { return Ok(of.clone()) };
        // The program may have moved either report into another story meanwhile.
        let now = |it: StoryId| Ok::<_, StoreError>(readable(store.report(it.0))?.map_or(it, |held| held.story()));
        let (from, to) = (now(step.from)?, now(step.to)?);
        // If both are one story by now, nothing moves: the original moves would split it.
        let members = if from == to { Vec::new() } else { store.story(from)? };
        return Ok(decide::merged_late(of, &members, from, to));
    }
    let mut of = of.clone();
    if let Some((article, from)) = decide::parted(&of) {
        let now = readable(store.report(article))?.map_or(from, |it| it.story());
        if now != from {
            of = decide::split_late(&of, now, &store.story(now)?);
        }
    }
    let mut since = Vec::new();
    store.reports(of.at..Timestamp::MAX_UTC, &mut |it| {
        since.push(it);
        if since.len() < MAX_SINCE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    since.reverse();
    Ok(decide::followed(&of, &since))
}

/// Where an article belongs, with the alerts of the stories that it draws reports out of.
fn placed(
    store: &dyn Store,
    stories: &Stories,
    article: &Article,
    sketch: &Sketch,
    known: &Known,
) -> Result<(Placing, BTreeMap<StoryId, Vec<Alert>>), StoreError> {
    let placing = decide::placing(article, sketch, known, stories);
    let left = placing.draws.iter().map(|it| it.from).collect::<BTreeSet<_>>();
    let alerts = left.into_iter().map(|it| Ok((it, store.alerts_of(it)?))).collect::<Result<_, StoreError>>()?;
    let fired = if placing.draws.is_empty() { Vec::new() } else { store.fired(placing.story(article.id))? };
    let kept = decide::kept(&alerts, &fired);
    Ok((decide::keeping(placing, &kept), alerts))
}

/// The properties of a story that decide whether and how it merges with another.
fn side(store: &dyn Store, story: StoryId) -> Result<Side, StoreError> {
    let first_seen = readable(store.report(story.0))?.map(|it| it.article.first_seen);
    Ok(Side { story, first_seen, members: store.small_story(story, decide::MAX_MERGED)? })
}

/// Adds the watches that have fired for a story, counting only alerts that cover this article.
fn extend(
    past: &mut Past,
    store: &dyn Store,
    story: StoryId,
    tells: impl Fn(&Alert) -> bool,
) -> Result<(), StoreError> {
    let mut fired = store.fired(story)?;
    if fired.is_empty() {
        return Ok(());
    }
    let (alerts, silent): (Vec<_>, Vec<_>) = store.alerts_of(story)?.into_iter().partition(tells);
    // If some alerts do not cover the article, an unreadable alert may be one of them, so its watch does not count as
    // fired.
    fired.retain(|it| silent.is_empty() || alerts.iter().any(|alert| alert.watch == *it));
    let (found, old): (Vec<_>, Vec<_>) = alerts.into_iter().partition(|it| it.kind != AlertKind::Old);
    // Watches that have fired for the other of two merging stories count as well.
    let is_only_old = |it: &String| {
        old.iter().any(|alert| alert.watch == *it)
            && !found.iter().any(|alert| alert.watch == *it)
            && (!past.fired.contains(it) || past.filed.contains(it))
    };
    let filed: Vec<_> = fired.iter().filter(|it| is_only_old(it)).cloned().collect();
    past.filed.retain(|it| !fired.contains(it) || filed.contains(it));
    past.filed.extend(filed);
    past.fired.extend(fired);
    Ok(())
}

/// Reads the earlier alert times of the watches that may fire.
fn look_back(
    past: &mut Past,
    store: &dyn Store,
    rules: &Rules,
    findings: &Findings,
    now: Now,
) -> Result<(), StoreError> {
    let since = earlier(now.stamp, rules.memory());
    for watch in findings.sure() {
        let may_fire = !past.fired.iter().any(|it| it == watch) || past.filed.iter().any(|it| it == watch);
        if may_fire {
            past.raised.insert(watch.to_owned(), raised(store, watch, since..now.stamp)?);
        }
    }
    Ok(())
}

/// When a watch raised alerts in a period, and the last time before it; newest first.
///
/// # Errors
///
/// [`StoreError`].
pub fn raised(store: &dyn Store, watch: &str, period: Range<Timestamp>) -> Result<Vec<Timestamp>, StoreError> {
    let before = store.raised(watch, Timestamp::MIN_UTC..period.start, 1)?;
    Ok([store.raised(watch, period, timing::COUNTED)?, before].concat())
}
