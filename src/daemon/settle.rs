//! The narrow half: one article at a time, so that two first reports cannot both found a story.
//!
//! One thread writes. It takes what has gathered as a batch, commits each change, makes the batch durable
//! with one `fdatasync`, and only then answers: an answer is an acknowledgement.

use std::{
    ops::Range,
    panic::{self, AssertUnwindSafe},
    sync::Arc,
    thread,
};

use chrono::TimeDelta;
use tokio::sync::{mpsc, oneshot};
use tracing::error;

use crate::{
    classify::models::Models,
    decide::{self, Findings, Known, Now, Past, Rules, timing},
    dedup::{
        self,
        placing::{self, Placing},
        stories::{Held, Stories},
    },
    model::{AlertKind, Article, Cause, Change, Intent, StoryId, Timestamp, earlier},
    store::{Store, StoreError},
};

use super::{Clock, window};

/// Changes that may wait. Past that, collecting waits: back-pressure.
const QUEUE: usize = 256;
/// Changes made durable by one `fdatasync` at most.
const BATCH: usize = 64;

/// What became of an article.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// It was not held.
    New(Box<Intent>),
    /// It was held, and this reading is better.
    Reread(Box<Intent>),
    /// It is held, and this reading adds nothing.
    Held,
}

/// A change was not made.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SettleError {
    /// The store failed. What was not acknowledged may be lost, and is fetched again.
    #[error("the store failed")]
    Store(#[source] Arc<StoreError>),
    /// The settling thread is gone.
    #[error("the settling thread has ended")]
    Stopped,
    /// A defect of the program, met by this article. The others go on.
    #[error("settling this article panicked")]
    Panicked,
}

impl From<StoreError> for SettleError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

/// Reads what is known, decides, and commits the decision. Durable once [`Store::sync`] has returned. What is held in
/// memory learns of it once it is committed.
///
/// # Errors
///
/// [`StoreError`]; nothing was committed.
pub fn article(
    store: &dyn Store,
    rules: &Rules,
    memory: &mut Memory,
    article: Article,
    now: Now,
) -> Result<Settled, StoreError> {
    let held = match store.report(article.id) {
        // What is held cannot be read: it stays as it is, and the ledger tells of the damage.
        Err(StoreError::Damaged { .. }) => return Ok(Settled::Held),
        held => held?,
    };
    let Some(article) = decide::version(held.as_ref(), article, now.stamp) else { return Ok(Settled::Held) };
    let Memory { stories, models } = memory;
    stories.forget(now.stamp);
    let sketch = stories.reader().sketch(placing::text(&article));
    let namesake = dedup::namesake_key(&article).map_or(Ok(None), |it| store.held(&it))?;
    let known = Known { namesake: namesake.map_or(Ok(None), |it| readable(store.report(it.article)))?, held };
    let mut placing = decide::placing(&article, &sketch, &known, stories);
    let mut past = Past::default();
    extend(&mut past, store, placing.assignment.story(article.id))?;
    let mut merge = None;
    if let Some(other) = placing.merges {
        let joined = placing.assignment.story(article.id);
        extend(&mut past, store, other)?;
        let (to, from) = older(store, joined, other)?;
        placing.assignment = placing.assignment.into_story(to);
        merge = Some(decide::regrouping(&store.story(from)?, from, to, Cause::Bridged(article.id), now.stamp));
    }
    let findings = decide::findings(rules, models, &article);
    look_back(&mut past, store, rules, &findings, now)?;
    let first_seen = article.first_seen;
    let Placing { assignment, fingerprint, .. } = placing;
    let mut intent = decide::intent(rules, article, fingerprint.clone(), assignment, findings, &past, now);
    intent.merge = merge;
    store.commit(&Change::Article(Box::new(intent.clone())))?;
    let (id, story) = (intent.report.article.id, intent.report.story());
    if let Some(merge) = &intent.merge {
        stories.regroup(merge);
    }
    // A new version stays where the first one was, and is held only where that is.
    if known.held.is_none() || stories.get(id).is_some() {
        stories.hold(Held { id, story, first_seen, fingerprint, sketch });
    }
    Ok(match known.held {
        Some(_) => Settled::Reread(Box::new(intent)),
        None => Settled::New(Box::new(intent)),
    })
}

/// Two stories, the one with the older first report first.
fn older(store: &dyn Store, a: StoryId, b: StoryId) -> Result<(StoryId, StoryId), StoreError> {
    let first_seen = |it: StoryId| readable(store.report(it.0)).map(|it| it.map(|it| it.article.first_seen));
    // One whose first report cannot be read is taken for the older: it was there before.
    Ok(if (first_seen(a)?, a) <= (first_seen(b)?, b) { (a, b) } else { (b, a) })
}

/// Adds the watches that have fired for a story.
fn extend(past: &mut Past, store: &dyn Store, story: StoryId) -> Result<(), StoreError> {
    let fired = store.fired(story)?;
    if fired.is_empty() {
        return Ok(());
    }
    let (found, old): (Vec<_>, Vec<_>) = store.alerts_of(story)?.into_iter().partition(|it| it.kind != AlertKind::Old);
    // Those that have fired for the other of two stories that become one count as well.
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

/// Looks up when the watches that may fire raised alerts.
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

/// What was read, without what is damaged: that is told when it is met, and must not stop what goes on.
pub(super) fn readable<T>(read: Result<Option<T>, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Err(error @ StoreError::Damaged { .. }) => {
            error!(%error, "a damaged record is left out");
            Ok(None)
        }
        read => read,
    }
}

/// The way to the settling thread. The thread ends when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Settler(mpsc::Sender<Job>);

#[derive(Debug)]
enum Job {
    Article { article: Box<Article>, rules: Arc<Rules>, reply: Reply<Settled> },
    Change { change: Box<Change>, reply: Reply<()> },
    Mark { reply: Reply<Timestamp> },
}

type Reply<T> = oneshot::Sender<Result<T, SettleError>>;

impl Settler {
    /// Starts the thread. `floor` is an instant that the store has seen already.
    ///
    /// # Errors
    ///
    /// The system gave no thread.
    pub fn start(
        store: Arc<dyn Store>,
        clock: Clock,
        floor: Timestamp,
    ) -> std::io::Result<(Self, thread::JoinHandle<()>)> {
        let (sender, jobs) = mpsc::channel(QUEUE);
        let stamps = Stamps { last: floor, clock };
        let thread = thread::Builder::new().name("settle".into()).spawn(move || work(&*store, stamps, jobs))?;
        Ok((Self(sender), thread))
    }

    /// Settles an article and waits until that is durable.
    ///
    /// # Errors
    ///
    /// [`SettleError`]; the article is not acknowledged.
    pub async fn article(&self, article: Article, rules: Arc<Rules>) -> Result<Settled, SettleError> {
        self.ask(|reply| Job::Article { article: Box::new(article), rules, reply }).await
    }

    /// Commits a change and waits until it is durable.
    ///
    /// # Errors
    ///
    /// [`SettleError`]; the change is not acknowledged.
    pub async fn commit(&self, change: Change) -> Result<(), SettleError> {
        self.ask(|reply| Job::Change { change: Box::new(change), reply }).await
    }

    /// An instant between what is settled before this call and what is settled after it: every article
    /// first seen before it can be read, and none will be added. Digest windows end on such instants.
    ///
    /// # Errors
    ///
    /// [`SettleError`].
    pub async fn mark(&self) -> Result<Timestamp, SettleError> {
        self.ask(|reply| Job::Mark { reply }).await
    }

    async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, SettleError> {
        let (reply, answer) = oneshot::channel();
        self.0.send(job(reply)).await.map_err(|_| SettleError::Stopped)?;
        answer.await.map_err(|_| SettleError::Stopped)?
    }
}

/// Rising instants, whatever the system's clock does.
struct Stamps {
    last: Timestamp,
    clock: Clock,
}

impl Stamps {
    fn next(&mut self) -> Now {
        let clock = (self.clock)();
        self.last = clock.max(self.last + TimeDelta::microseconds(1));
        Now { stamp: self.last, clock }
    }
}

fn work(store: &dyn Store, mut stamps: Stamps, mut jobs: mpsc::Receiver<Job>) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut settling = Settling { store, memory: None, rules: None, has_new_labels: false };
    while let Some(first) = jobs.blocking_recv() {
        batch.push(first);
        while batch.len() < BATCH
            && let Ok(job) = jobs.try_recv()
        {
            batch.push(job);
        }
        let done: Vec<Done> = batch.drain(..).map(|job| settling.perform(&mut stamps, job)).collect();
        let synced = store.sync().map_err(|it| {
            error!(error = &it as &dyn std::error::Error, "changes could not be made durable");
            SettleError::from(it)
        });
        for it in done {
            it.answer(&synced);
        }
    }
}

/// A change that waits for its acknowledgement.
enum Done {
    Article(Result<Settled, SettleError>, Reply<Settled>),
    Change(Result<(), SettleError>, Reply<()>),
    Mark(Timestamp, Reply<Timestamp>),
}

/// What the settling thread works with.
struct Settling<'s> {
    store: &'s dyn Store,
    /// `None` until the first article, and after anything went wrong: it is then filled from the store again, so that
    /// it never says what the store does not.
    memory: Option<Memory>,
    /// What the memory was filled by.
    rules: Option<Arc<Rules>>,
    /// The models are learned anew with the next article.
    has_new_labels: bool,
}

/// What is held in memory.
#[derive(Debug)]
pub struct Memory {
    /// The reports of late.
    pub stories: Stories,
    /// What was learned from labels.
    pub models: Models,
}

impl Settling<'_> {
    fn perform(&mut self, stamps: &mut Stamps, job: Job) -> Done {
        match job {
            Job::Article { article, rules, reply } => {
                let now = stamps.next();
                // The store answers for itself after a panic; an article that trips a stage must not stop the daemon.
                let settled = panic::catch_unwind(AssertUnwindSafe(|| self.article(&rules, *article, now)));
                let settled = settled.map_err(|_| SettleError::Panicked).and_then(|it| it.map_err(SettleError::from));
                Done::Article(settled, reply)
            }
            Job::Change { change, reply } => {
                let done = self.store.commit(&change).map_err(SettleError::from);
                match (change.as_ref(), &mut self.memory) {
                    (Change::Regrouped(it), Some(memory)) if done.is_ok() => memory.stories.regroup(it),
                    (Change::Labelled(_), _) => self.has_new_labels = true,
                    _ => (),
                }
                Done::Change(done, reply)
            }
            Job::Mark { reply } => Done::Mark(stamps.next().stamp, reply),
        }
    }

    fn article(&mut self, rules: &Arc<Rules>, it: Article, now: Now) -> Result<Settled, StoreError> {
        let is_of_rules = self.rules.as_ref().is_some_and(|it| Arc::ptr_eq(it, rules));
        let mut memory = match self.memory.take() {
            Some(memory) if is_of_rules => memory,
            _ => Memory {
                stories: window::filled(self.store, rules.copies, now.stamp)?,
                models: window::learned(self.store, rules)?,
            },
        };
        if std::mem::take(&mut self.has_new_labels) {
            memory.models = window::learned(self.store, rules)?;
        }
        // Put back only where all went well.
        let settled = article(self.store, rules, &mut memory, it, now)?;
        self.memory = Some(memory);
        self.rules = Some(Arc::clone(rules));
        Ok(settled)
    }
}

impl Done {
    fn answer(self, synced: &Result<(), SettleError>) {
        fn reply<T>(to: Reply<T>, result: Result<T, SettleError>, synced: &Result<(), SettleError>) {
            // Whoever asked may have been stopped meanwhile; the change stands all the same.
            let _ = to.send(result.and_then(|it| synced.clone().map(|()| it)));
        }
        match self {
            Self::Article(result, to) => reply(to, result, synced),
            Self::Change(result, to) => reply(to, result, synced),
            Self::Mark(stamp, to) => reply(to, Ok(stamp), synced),
        }
    }
}
