//! The narrow half: one article at a time, so that two first reports cannot both found a story.
//!
//! One thread writes. It takes what has gathered as a batch, commits each change, makes the batch durable
//! with one `fdatasync`, and only then answers: an answer is an acknowledgement.

mod decision;
mod floor;

use std::{
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use chrono::TimeDelta;
use tokio::sync::{mpsc, oneshot};
use tracing::error;

use crate::{
    decide::{Now, Rules},
    dedup::stories::Stories,
    model::{Article, Change, Finding, Intent, Outgoing, Rereading, Sending, Snapshot, Timestamp},
    store::{Store, StoreError, readable},
};

use self::decision::{article, reread};
pub use self::{
    decision::{Again, raised},
    floor::floor,
};
use super::{
    Clock,
    window::{self, Filling, Lessons},
};

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
    /// A defect of the program, met by this article or change. The others go on.
    #[error("settling it panicked")]
    Panicked,
}

impl From<StoreError> for SettleError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

/// The way to the settling thread. The thread ends when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Settler {
    jobs: mpsc::Sender<Job>,
    filling: Arc<Filling>,
    order: Order,
    filed: Arc<Filed>,
}

/// Counts what was committed since the start. A message compares them before and after rendering; if one rose, the
/// rendering may be out of date.
#[derive(Debug, Default)]
struct Filed {
    /// Later events: an article was withdrawn or changed.
    events: AtomicU64,
    /// Alerts that wait in a collecting message or are counted in one.
    waiting: AtomicU64,
}

/// The counts at the time when a message was rendered, for [`Settler::going_out`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noticed {
    events: u64,
    /// `None` unless the message collects or counts alerts.
    waiting: Option<u64>,
}

impl Noticed {
    /// The same, ignoring alerts filed from here on: the message's collecting period had ended at a mark taken after
    /// [`Settler::noticed`], so later alerts belong to another message.
    #[must_use]
    pub fn complete(self) -> Self {
        Self { waiting: None, ..self }
    }
}

impl Filed {
    fn noticed(&self, is_waiting: bool) -> Noticed {
        let waiting = is_waiting.then(|| self.waiting.load(Ordering::SeqCst));
        Noticed { events: self.events.load(Ordering::SeqCst), waiting }
    }
}

/// The rules of the configurations that came into force, in that order.
#[derive(Debug, Clone, Default)]
struct Order(Arc<Mutex<Vec<Weak<Rules>>>>);

impl Order {
    fn add(&self, rules: &Arc<Rules>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|it| it.strong_count() > 0);
        known.push(Arc::downgrade(rules));
    }

    /// The current rules; `rules` themselves if they never came into force, as in a command that runs once.
    ///
    /// An article is settled by the current rules, whichever rules it was collected under: an alert for a channel that
    /// is no longer configured would never be sent.
    fn newest(&self, rules: &Arc<Rules>) -> Arc<Rules> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = known.iter().any(|it| it.as_ptr() == Arc::as_ptr(rules));
        let newest = known.last().filter(|_| is_known).and_then(Weak::upgrade);
        newest.unwrap_or_else(|| Arc::clone(rules))
    }
}

#[derive(Debug)]
enum Job {
    Article { article: Box<Article>, page: Option<Box<Snapshot>>, rules: Arc<Rules>, reply: Reply<Settled> },
    Reread { again: Box<Again>, page: Option<Box<Snapshot>>, rules: Arc<Rules>, reply: Reply<Option<Rereading>> },
    Change { change: Box<Change>, reply: Reply<()> },
    GoingOut { sending: Box<Sending>, noticed: Noticed, reply: Reply<bool> },
    Fill { rules: Arc<Rules>, reply: Reply<()> },
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
        let settler = Self { jobs: sender, filling: Arc::default(), order: Order::default(), filed: Arc::default() };
        let (filling, order, filed) = (Arc::clone(&settler.filling), settler.order.clone(), Arc::clone(&settler.filed));
        let settle = move || {
            let settling = Settling {
                store: &*store,
                memory: None,
                rules: None,
                order,
                has_new_labels: false,
                filling: &filling,
                filed: &filed,
            };
            work(settling, stamps, jobs);
        };
        let thread = thread::Builder::new().name("settle".into()).spawn(settle)?;
        Ok((settler, thread))
    }

    /// Settles an article and waits until that is durable.
    ///
    /// # Errors
    ///
    /// [`SettleError`]; the article is not acknowledged.
    pub async fn article(&self, article: Article, rules: Arc<Rules>) -> Result<Settled, SettleError> {
        self.article_with_page(article, None, rules).await
    }

    /// Settles an article, and stores its page as received if the article is kept as evidence.
    ///
    /// # Errors
    ///
    /// [`SettleError`]; neither is acknowledged.
    pub async fn article_with_page(
        &self,
        article: Article,
        page: Option<Box<Snapshot>>,
        rules: Arc<Rules>,
    ) -> Result<Settled, SettleError> {
        self.ask(|reply| Job::Article { article: Box::new(article), page, rules, reply }).await
    }

    /// Settles a later reading of an article's page, and stores the page if the article was changed. `None` if the
    /// article's page is not one to read again.
    ///
    /// # Errors
    ///
    /// [`SettleError`]; the reading is not acknowledged.
    pub async fn reread(
        &self,
        again: Again,
        page: Option<Box<Snapshot>>,
        rules: Arc<Rules>,
    ) -> Result<Option<Rereading>, SettleError> {
        self.ask(|reply| Job::Reread { again: Box::new(again), page, rules, reply }).await
    }

    /// Commits a change and waits until it is durable.
    ///
    /// # Errors
    ///
    /// [`SettleError`]; the change is not acknowledged.
    pub async fn commit(&self, change: Change) -> Result<(), SettleError> {
        self.ask(|reply| Job::Change { change: Box::new(change), reply }).await
    }

    /// The current counts of what a message may have to report. Call this before rendering it.
    pub fn noticed(&self, message: &Outgoing) -> Noticed {
        self.filed.noticed(message.content.gathers())
    }

    /// Commits that a message is about to be sent, and waits until that is durable. The message was rendered after
    /// [`Settler::noticed`] returned `noticed`. `false` if more was filed since: nothing was committed, because the
    /// recipient might hear of that neither in this message nor in a later one.
    ///
    /// # Errors
    ///
    /// [`SettleError`]; the message must not be sent.
    pub async fn going_out(&self, sending: Sending, noticed: Noticed) -> Result<bool, SettleError> {
        self.ask(|reply| Job::GoingOut { sending: Box::new(sending), noticed, reply }).await
    }

    /// Fills the memory that articles are settled with, as the first article would. Lets a start report that it is
    /// complete.
    ///
    /// # Errors
    ///
    /// [`SettleError`]; the next article fills it again.
    pub async fn fill(&self, rules: Arc<Rules>) -> Result<(), SettleError> {
        self.ask(|reply| Job::Fill { rules, reply }).await
    }

    /// A number that rises while the memory is being filled. For a large archive that takes minutes and is not a hang.
    pub fn progress(&self) -> u64 {
        self.filling.steps()
    }

    /// Stops filling the memory, so that the daemon need not wait minutes to end. What waits for the memory fails with
    /// [`SettleError::Stopped`], and nothing that needs the memory is settled any more.
    pub fn give_up_filling(&self) {
        self.filling.give_up();
    }

    /// Makes these the current rules. Articles already being fetched under older rules are settled by these too.
    pub fn take_up(&self, rules: &Arc<Rules>) {
        self.order.add(rules);
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
        self.jobs.send(job(reply)).await.map_err(|_| SettleError::Stopped)?;
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

fn work(mut settling: Settling<'_>, mut stamps: Stamps, mut jobs: mpsc::Receiver<Job>) {
    let store = settling.store;
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(first) = jobs.blocking_recv() {
        batch.push(first);
        while batch.len() < BATCH
            && let Ok(job) = jobs.try_recv()
        {
            batch.push(job);
        }
        let done: Vec<Done> = batch.drain(..).map(|job| settling.perform(&mut stamps, job)).collect();
        let synced = store.sync().map_err(|it| {
            error!(error = &it as &dyn std::error::Error, "changes could not be completed");
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
    Reread(Result<Option<Rereading>, SettleError>, Reply<Option<Rereading>>),
    Change(Result<(), SettleError>, Reply<()>),
    GoingOut(Result<bool, SettleError>, Reply<bool>),
    Mark(Timestamp, Reply<Timestamp>),
}

/// What the settling thread works with.
struct Settling<'s> {
    store: &'s dyn Store,
    /// `None` until it is first needed. Filled again from the store if something failed between a commit and the update
    /// of the memory, so that the memory never disagrees with the store.
    memory: Option<Memory>,
    /// The current rules, by which the memory was filled. Articles still under way by older rules are settled by these
    /// too.
    rules: Option<Arc<Rules>>,
    order: Order,
    /// Whether labels were added, so that the models are learned anew with the next article.
    has_new_labels: bool,
    filling: &'s Filling,
    filed: &'s Filed,
}

/// What is held in memory.
#[derive(Debug)]
pub struct Memory {
    /// The recent reports, by story.
    pub stories: Stories,
    /// What was learned from labels and examples.
    pub lessons: Lessons,
    /// Whether the memory may disagree with the store: set while a change is committed and applied to the memory.
    pub is_behind: bool,
}

impl Settling<'_> {
    fn perform(&mut self, stamps: &mut Stamps, job: Job) -> Done {
        match job {
            Job::Article { article, page, rules, reply } => {
                let now = stamps.next();
                let rules = self.order.newest(&rules);
                let settled = caught(|| self.article(&rules, *article, page, now));
                self.note_article(settled.as_ref());
                Done::Article(settled, reply)
            }
            Job::Reread { again, page, rules, reply } => {
                let now = stamps.next();
                let rules = self.order.newest(&rules);
                let reread = caught(|| self.reread(&rules, *again, page, now));
                self.note_reread(reread.as_ref());
                Done::Reread(reread, reply)
            }
            Job::Change { change, reply } => Done::Change(caught(|| self.change(&change)), reply),
            Job::GoingOut { sending, noticed, reply } => {
                Done::GoingOut(caught(|| self.going_out(*sending, noticed)), reply)
            }
            Job::Fill { rules, reply } => {
                let now = stamps.next();
                let rules = self.order.newest(&rules);
                Done::Change(caught(|| self.memory(&rules, now).map(|_| ())), reply)
            }
            Job::Mark { reply } => Done::Mark(stamps.next().stamp, reply),
        }
    }

    /// Commits a change that is not made yet, and only such a one changes what is held.
    fn change(&mut self, change: &Change) -> Result<(), SettleError> {
        let is_known = match change {
            Change::Regrouped(it) => self.store.is_regrouped(it.id)?,
            Change::Labelled(it) => {
                readable(self.store.label(it.article, &it.topic))?.is_some_and(|held| held.at >= it.at)
            }
            _ => false,
        };
        if is_known {
            return Ok(());
        }
        let renewed = match change {
            Change::Regrouped(it) => Some(Change::Regrouped(Box::new(decision::regrouping(self.store, it)?))),
            _ => None,
        };
        let change = renewed.as_ref().unwrap_or(change);
        match (change, &mut self.memory) {
            (Change::Regrouped(it), Some(memory)) => {
                memory.is_behind = true;
                let committed = self.store.commit(change);
                if committed.is_ok() {
                    memory.stories.regroup(it);
                }
                // One that no frame holds is not made.
                memory.is_behind = committed.as_ref().is_err_and(|it| !it.is_too_large());
                committed?;
            }
            _ => self.store.commit(change)?,
        }
        self.has_new_labels |= matches!(change, Change::Labelled(_));
        Ok(())
    }

    /// Commits a rendered message unless something was filed since it was rendered. While a message is not committed as
    /// rendered, later events about its articles are left for it to report, so an older rendering must not go out.
    fn going_out(&self, sending: Sending, noticed: Noticed) -> Result<bool, SettleError> {
        let is_up_to_date = self.filed.noticed(noticed.waiting.is_some()) == noticed;
        if is_up_to_date {
            self.store.commit(&Change::Sending(Box::new(sending)))?;
        }
        Ok(is_up_to_date)
    }

    /// Counts a settled article that queued a collecting message. A failed commit counts too, since it may have been
    /// written all the same.
    fn note_article(&self, settled: Result<&Settled, &SettleError>) {
        let waits = |it: &Settled| match it {
            Settled::New(intent) | Settled::Reread(intent) => intent.outbox.iter().any(|it| it.content.gathers()),
            Settled::Held => false,
        };
        if settled.map_or(true, waits) {
            self.filed.waiting.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Counts a page that was read again and brought an event. If the article was changed, watches may have found more.
    fn note_reread(&self, reread: Result<&Option<Rereading>, &SettleError>) {
        if reread.map_or(true, |it| it.as_ref().is_some_and(|it| it.finding.is_event())) {
            self.filed.events.fetch_add(1, Ordering::SeqCst);
            self.filed.waiting.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn article(
        &mut self,
        rules: &Arc<Rules>,
        it: Article,
        page: Option<Box<Snapshot>>,
        now: Now,
    ) -> Result<Settled, SettleError> {
        let store = self.store;
        let settled = article(store, rules, self.memory(rules, now)?, it, now)?;
        if let (Settled::New(_), Some(memory)) = (&settled, &mut self.memory) {
            memory.lessons.n_since += 1;
        }
        if let Settled::New(intent) | Settled::Reread(intent) = &settled
            && intent.is_exhibit()
        {
            self.keep_page(intent, page)?;
        }
        Ok(settled)
    }

    fn reread(
        &mut self,
        rules: &Arc<Rules>,
        again: Again,
        page: Option<Box<Snapshot>>,
        now: Now,
    ) -> Result<Option<Rereading>, SettleError> {
        let store = self.store;
        let res = reread(store, rules, self.memory(rules, now)?, again, now)?;
        // What the site sends for a withdrawn article is not a page of it.
        let changed = res.as_ref().filter(|it| matches!(it.finding, Finding::Changed(_)));
        if let Some(intent) = changed.and_then(|it| it.intent.as_deref()) {
            self.keep_page(intent, page)?;
        }
        Ok(res)
    }

    /// Stores a page beside the article version that was read from it.
    fn keep_page(&self, intent: &Intent, page: Option<Box<Snapshot>>) -> Result<(), StoreError> {
        let article = &intent.report.article;
        let Some(page) = page else { return Ok(()) };
        let page = Snapshot { article: article.id, version: article.version, ..*page };
        match self.store.commit(&Change::Page(Box::new(page))) {
            Err(StoreError::TooLarge { bytes, limit }) => {
                error!(article = %article.id, bytes, limit, "a page is too large to be kept");
                Ok(())
            }
            res => res,
        }
    }

    /// The memory, filled if necessary.
    fn memory(&mut self, rules: &Arc<Rules>, now: Now) -> Result<&mut Memory, SettleError> {
        let held = self.memory.take().filter(|it| !it.is_behind);
        let has_new_rules = !self.rules.as_ref().is_some_and(|it| Arc::ptr_eq(it, rules));
        let memory = match held.filter(|it| *it.stories.settings() == rules.copies) {
            Some(memory) if !has_new_rules && !self.has_new_labels && !memory.lessons.is_due() => memory,
            Some(memory) => Memory { lessons: memory.lessons.renewed(self.store, rules), ..memory },
            None => Memory {
                stories: window::filled(self.store, rules.copies, now.stamp, self.filling)?
                    .ok_or(SettleError::Stopped)?,
                lessons: Lessons::default().renewed(self.store, rules),
                is_behind: false,
            },
        };
        self.has_new_labels = false;
        self.rules = Some(Arc::clone(rules));
        Ok(self.memory.insert(memory))
    }
}

/// Turns a panic into an error: an article that trips a stage must not stop the daemon. The store stays consistent
/// after a panic.
fn caught<T>(work: impl FnOnce() -> Result<T, SettleError>) -> Result<T, SettleError> {
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(SettleError::Panicked))
}

impl Done {
    fn answer(self, synced: &Result<(), SettleError>) {
        fn reply<T>(to: Reply<T>, result: Result<T, SettleError>, synced: &Result<(), SettleError>) {
            // Whoever asked may have been stopped meanwhile; the change stands all the same.
            let _ = to.send(result.and_then(|it| synced.clone().map(|()| it)));
        }
        match self {
            Self::Article(result, to) => reply(to, result, synced),
            Self::Reread(result, to) => reply(to, result, synced),
            Self::Change(result, to) => reply(to, result, synced),
            Self::GoingOut(result, to) => reply(to, result, synced),
            Self::Mark(stamp, to) => reply(to, Ok(stamp), synced),
        }
    }
}
