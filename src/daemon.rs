//! Wiring: poll, collect, settle, outbox, digests, shutdown. Decides nothing about articles.

pub mod collect;
pub mod demo_site;
pub mod digests;
pub mod discover;
pub mod documents;
pub mod evidence;
mod given_up;
pub mod hooks;
mod outage;
pub mod outbox;
mod owed;
pub mod pulse;
pub mod requests;
pub mod service;
pub mod settle;
mod templates;
mod threads;
pub mod unsubscribe;
pub mod window;

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    config::Config,
    digest::render::RenderError,
    fetch::Client,
    model::{ArticleId, Timestamp},
    store::{Store, StoreError},
};

use self::{
    given_up::GivenUp,
    outage::Outage,
    outbox::Resting,
    owed::Owed,
    settle::{SettleError, Settler},
    templates::Templates,
};

/// Tells the time. The only clock there is: everything below takes `now` as an argument.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The system's clock.
pub fn system_clock() -> Clock {
    Arc::new(chrono::Utc::now)
}

/// What every task works with. A reloaded configuration makes a new one over the same store.
#[derive(Clone)]
pub struct Context {
    /// The configuration it was made from.
    pub config: Arc<Config>,
    /// For reading. Every write goes through `settler`.
    pub store: Arc<dyn Store>,
    /// The one writer.
    pub settler: Settler,
    /// For every outgoing request.
    pub client: Client,
    /// Tells the time.
    pub clock: Clock,
    claims: Claims,
    given_up: GivenUp,
    outage: Outage,
    owed: Owed,
    resting: Resting,
    templates: Templates,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Context {
    /// Puts the parts together.
    pub fn new(config: Arc<Config>, store: Arc<dyn Store>, settler: Settler, client: Client, clock: Clock) -> Self {
        settler.take_up(&config.rules);
        let (claims, given_up, outage, owed) = Default::default();
        let (resting, templates) = (Resting::default(), Templates::default());
        Self { config, store, settler, client, clock, claims, given_up, outage, owed, resting, templates }
    }

    /// A context for a reloaded configuration and the client made from it, over the same store.
    #[must_use]
    pub fn reloaded(&self, config: Arc<Config>, client: Client) -> Self {
        self.settler.take_up(&config.rules);
        Self { config, client, owed: self.owed.reloaded(), resting: Resting::default(), ..self.clone() }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Reads the store off the async threads.
    ///
    /// # Errors
    ///
    /// [`DaemonError::Store`] from the read; [`DaemonError::Panicked`] where it panicked.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, DaemonError> {
        let store = Arc::clone(&self.store);
        let result = tokio::task::spawn_blocking(move || work(&*store)).await;
        Ok(result.map_err(|_| DaemonError::Panicked)??)
    }
}

/// A failure of the daemon itself. Failures of sources and channels are never reported this way.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum DaemonError {
    /// The store failed.
    #[error("the store failed")]
    Store(#[source] Arc<StoreError>),
    /// The change is larger than one commit may be. It was not made, and everything else goes on.
    #[error("it is more than the archive takes at once")]
    TooLarge(#[source] Arc<StoreError>),
    /// The settling thread is gone.
    #[error("the settling thread has ended")]
    Stopped,
    /// A defect of the program.
    #[error("a digest or an alert could not be rendered")]
    Render(#[source] Arc<RenderError>),
    /// The system gave no signal handlers.
    #[error("cannot listen for signals")]
    Signals(#[source] Arc<std::io::Error>),
    /// A defect of the program.
    #[error("a task panicked")]
    Panicked,
}

impl From<Arc<StoreError>> for DaemonError {
    fn from(error: Arc<StoreError>) -> Self {
        if error.is_too_large() { Self::TooLarge(error) } else { Self::Store(error) }
    }
}

impl From<StoreError> for DaemonError {
    fn from(error: StoreError) -> Self {
        Arc::new(error).into()
    }
}

impl From<SettleError> for DaemonError {
    fn from(error: SettleError) -> Self {
        match error {
            SettleError::Store(it) => it.into(),
            SettleError::Stopped => Self::Stopped,
            SettleError::Panicked => Self::Panicked,
        }
    }
}

/// Runs CPU-heavy pure work off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, DaemonError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| DaemonError::Panicked)
}

/// The articles that are being read now, so that two sources that carry the same new link ask for it once.
#[derive(Debug, Clone, Default)]
struct Claims(Arc<Mutex<HashSet<ArticleId>>>);

impl Claims {
    /// Claims an article; `None` if another source is reading it.
    fn claim(&self, id: ArticleId) -> Option<Claim> {
        let fresh = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        fresh.then(|| Claim { claims: self.clone(), id })
    }
}

/// Given back when dropped.
#[derive(Debug)]
struct Claim {
    claims: Claims,
    id: ArticleId,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.claims.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}
