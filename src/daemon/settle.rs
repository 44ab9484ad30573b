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
    decide::{self, Findings, Known, Now, Past, Rules},
    dedup,
    model::{Article, Change, Intent, StoryId, Timestamp, earlier},
    store::{Store, StoreError},
};

use super::Clock;

/// Changes that may wait. Past that, collecting waits: back-pressure.
const QUEUE: usize = 256;
/// Changes made durable by one `fdatasync` at most.
const BATCH: usize = 64;
/// Articles compared with a new one at most.
const CANDIDATES: usize = 32;
/// Alerts of a watch that are counted at most. A watch that raises more in two weeks has no spikes worth telling.
const ALERTS: usize = 4_096;

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

/// Reads what is known, decides, and commits the decision. Durable once [`Store::sync`] has returned.
///
/// # Errors
///
/// [`StoreError`]; nothing was committed.
pub fn article(store: &dyn Store, rules: &Rules, article: Article, now: Now) -> Result<Settled, StoreError> {
    let held = match store.report(article.id) {
        // What is held cannot be read: it stays as it is, and the ledger tells of the damage.
        Err(StoreError::Damaged { .. }) => return Ok(Settled::Held),
        held => held?,
    };
    let Some(article) = decide::version(held.as_ref(), article, now.stamp) else { return Ok(Settled::Held) };
    let print = dedup::fingerprint(&article, &rules.copies);
    let namesake = dedup::namesake_key(&article).map_or(Ok(None), |it| store.held(&it))?;
    let known = Known {
        candidates: store.candidates(&print, CANDIDATES)?,
        namesake: namesake.map_or(Ok(None), |it| readable(store.report(it.article)))?,
        held,
    };
    let assignment = decide::assignment(rules, &article, &print, &known);
    let findings = decide::findings(rules, &article);
    let past = past(store, rules, assignment.story(article.id), &findings, now)?;
    let intent = decide::intent(rules, article, print, assignment, findings, &past, now);
    store.commit(&Change::Article(Box::new(intent.clone())))?;
    Ok(match known.held {
        Some(_) => Settled::Reread(Box::new(intent)),
        None => Settled::New(Box::new(intent)),
    })
}

/// What the watches that fire did before.
fn past(store: &dyn Store, rules: &Rules, story: StoryId, findings: &Findings, now: Now) -> Result<Past, StoreError> {
    let since = earlier(now.stamp, rules.memory());
    let mut res = Past { fired: store.fired(story)?, ..Past::default() };
    for watch in findings.sure().filter(|it| !res.fired.iter().any(|fired| fired == it)) {
        res.raised.insert(watch.to_owned(), raised(store, watch, since..now.stamp)?);
    }
    Ok(res)
}

/// When a watch raised alerts in a period, and the last time before it; newest first.
///
/// # Errors
///
/// [`StoreError`].
pub fn raised(store: &dyn Store, watch: &str, period: Range<Timestamp>) -> Result<Vec<Timestamp>, StoreError> {
    let before = store.raised(watch, Timestamp::MIN_UTC..period.start, 1)?;
    Ok([store.raised(watch, period, ALERTS)?, before].concat())
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
    while let Some(first) = jobs.blocking_recv() {
        batch.push(first);
        while batch.len() < BATCH
            && let Ok(job) = jobs.try_recv()
        {
            batch.push(job);
        }
        let done: Vec<Done> = batch.drain(..).map(|job| perform(store, &mut stamps, job)).collect();
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

fn perform(store: &dyn Store, stamps: &mut Stamps, job: Job) -> Done {
    match job {
        Job::Article { article: it, rules, reply } => {
            let now = stamps.next();
            // The store answers for itself after a panic; an article that trips a stage must not stop the daemon.
            let settled = panic::catch_unwind(AssertUnwindSafe(|| article(store, &rules, *it, now)));
            let settled = settled.map_err(|_| SettleError::Panicked).and_then(|it| it.map_err(SettleError::from));
            Done::Article(settled, reply)
        }
        Job::Change { change, reply } => Done::Change(store.commit(&change).map_err(SettleError::from), reply),
        Job::Mark { reply } => Done::Mark(stamps.next().stamp, reply),
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
