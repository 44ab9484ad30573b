//! The parts of a daemon, put together as the command line does it, and a place where they live.

use std::{
    fs,
    ops::{ControlFlow, Deref},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

use chrono::TimeDelta;
use sitrepd::{
    config::{Config, Origin},
    daemon::{
        Context,
        collect::{self, PollReport},
        settle::{self, Settler},
    },
    fetch::Client,
    model::{Alert, Report, SourceId, SourceState, Timestamp},
    store::{LedgerStore, Store},
};
use tempfile::TempDir;

use super::http::timers_pass;

/// When tests begin.
pub(crate) const START: &str = "2026-11-22T00:00:00Z";

/// Shows what a test sets.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<Mutex<Timestamp>>);

impl TestClock {
    pub(crate) fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    pub(crate) fn set(&self, now: &str) {
        *self.0.lock().unwrap() = now.parse().unwrap();
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }

    /// The same for timers as well: what hosts ask for is waited for by those.
    pub(crate) async fn pass(&self, by: TimeDelta) {
        self.advance(by);
        timers_pass(by.to_std().unwrap()).await;
    }
}

/// Configuration and state of a daemon: what is left when it dies.
pub(crate) struct Home {
    dir: Place,
    settings: Vec<(String, String)>,
    pub(crate) clock: TestClock,
}

enum Place {
    Own(TempDir),
    Shared(PathBuf),
}

impl Home {
    /// With no source and no topic, the watch "Vinnikov", and a client that may reach `addresses`.
    pub(crate) fn new(addresses: &[String]) -> Self {
        let home = Self::with(Place::Own(tempfile::tempdir().unwrap()), addresses);
        fs::create_dir(home.config_dir()).unwrap();
        home.write("sources.toml", "");
        home.write("topics.toml", "");
        home.write("watches.toml", "[[watch]]\nname = \"Vinnikov\"\nterms = [\"Vinnikov\"]\n");
        home
    }

    /// Mails go to a reader by a server on this port of this machine.
    pub(crate) fn mail_by(&mut self, port: u16) {
        self.set("MAIL__HOST", "127.0.0.1");
        self.set("MAIL__PORT", &port.to_string());
        self.set("MAIL__TLS", "none");
        self.set("MAIL__FROM", "Desk <desk@desk.example>");
        self.set("MAIL__TO", "[\"reader@reader.example\"]");
    }

    /// The home that another process made.
    pub(crate) fn of_another(dir: &Path) -> Self {
        Self::with(Place::Shared(dir.to_owned()), &[])
    }

    fn with(dir: Place, addresses: &[String]) -> Self {
        let clock = TestClock(Arc::new(Mutex::new(START.parse().unwrap())));
        let mut home = Self { dir, settings: Vec::new(), clock };
        home.set("FETCH__ALLOW_PRIVATE", &format!("{addresses:?}"));
        home.set("FETCH__HOST_DELAY", "0s");
        home.set("FETCH__PER_HOST", "8");
        home.set("POLL__JITTER", "0.0");
        // Processes run by the system's clock, and must not meet an hour at which a digest is due.
        home.set("DIGEST__SCHEDULE", "");
        // They tell stories apart by a handful of articles.
        home.set("COPIES__BACKGROUND", "0");
        // Nor a disk that is nearly full.
        home.set("STORE__MIN_FREE_BYTES", "0");
        home.set("STORE__MIN_FREE_SHARE", "0.0");
        // Nor are they to find that the sample site has grown old.
        home.set("ALERTS__MAX_AGE", "0s");
        home.set("DAEMON__CONTACT", "test");
        home.set("DAEMON__DOMAIN", "desk.example");
        home
    }

    pub(crate) fn dir(&self) -> &Path {
        match &self.dir {
            Place::Own(it) => it.path(),
            Place::Shared(it) => it,
        }
    }

    pub(crate) fn config_dir(&self) -> PathBuf {
        self.dir().join("config")
    }

    pub(crate) fn state_dir(&self) -> PathBuf {
        self.dir().join("state")
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.config_dir().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The built-in file serves.
    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.config_dir().join(name)).unwrap();
    }

    /// Id and address of each source.
    pub(crate) fn sources(&self, sources: &[(&str, &str)]) {
        let block = |(id, url): &(&str, &str)| {
            format!("[[source]]\nid = \"{id}\"\nname = \"The {id}\"\nurl = \"{url}\"\nkind = \"syndication\"\n\n")
        };
        self.write("sources.toml", &sources.iter().map(block).collect::<String>());
    }

    /// A setting of `sitrepd.toml`, as an environment variable has it: `POLL__INTERVAL`.
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        self.settings.push((format!("SITREPD__{key}"), value.to_owned()));
    }

    /// All of them.
    pub(crate) fn settings(&self) -> &[(String, String)] {
        &self.settings
    }

    pub(crate) fn config(&self) -> Arc<Config> {
        let origin =
            Origin { dir: Some(self.config_dir()), state_dir: Some(self.state_dir()), env: self.settings.clone() };
        Arc::new(Config::load(&origin).unwrap())
    }

    /// The store, opened.
    pub(crate) fn store(&self) -> LedgerStore {
        LedgerStore::open(&self.config().store).unwrap().0
    }

    pub(crate) fn start(&self) -> Daemon {
        self.start_over(Arc::new(self.store()))
    }

    pub(crate) fn start_over(&self, store: Arc<dyn Store>) -> Daemon {
        let config = self.config();
        let client = Client::new(config.fetch.clone()).unwrap();
        let clock: sitrepd::daemon::Clock = {
            let clock = self.clock.clone();
            Arc::new(move || clock.now())
        };
        let digests = config.digests().map(|it| it.name.as_str()).collect::<Vec<_>>();
        let floor = settle::floor(&*store, &digests).unwrap();
        let (settler, settling) = Settler::start(Arc::clone(&store), clock.clone(), floor).unwrap();
        let ctx = Context::new(config, store, settler, client, clock);
        Daemon { ctx: Some(ctx), settling: Some(settling) }
    }
}

/// A daemon's parts. Closes its store when dropped, which waits until no clone of its context is left.
pub(crate) struct Daemon {
    ctx: Option<Context>,
    settling: Option<JoinHandle<()>>,
}

impl Deref for Daemon {
    type Target = Context;

    fn deref(&self) -> &Context {
        self.ctx.as_ref().unwrap()
    }
}

impl Daemon {
    /// Takes the configuration up anew, as a reload does.
    pub(crate) fn reload(&mut self, home: &Home) {
        let config = home.config();
        let client = self.client.renewed(config.fetch.clone()).unwrap();
        self.ctx = Some(self.reloaded(config, client));
    }

    pub(crate) async fn poll(&self, source: &str) -> PollReport {
        let polled = Arc::clone(self.config.source(source).unwrap());
        collect::source(self, &polled).await.unwrap()
    }

    pub(crate) fn state(&self, source: &str) -> SourceState {
        self.store.source_state(&SourceId::new(source).unwrap()).unwrap().unwrap()
    }

    /// All reports, in the order they were first seen.
    pub(crate) fn reports(&self) -> Vec<Report> {
        let mut res = Vec::new();
        let mut visit = |it| {
            res.push(it);
            ControlFlow::Continue(())
        };
        self.store.reports(Timestamp::MIN_UTC..Timestamp::MAX_UTC, &mut visit).unwrap();
        res.reverse();
        res
    }

    /// The only report.
    pub(crate) fn report(&self) -> Report {
        let reports = self.reports();
        assert_eq!(reports.len(), 1, "{reports:?}");
        reports.into_iter().next().unwrap()
    }

    /// All alerts, newest first.
    pub(crate) fn alerts(&self) -> Vec<Alert> {
        let mut res = Vec::new();
        let mut visit = |it| {
            res.push(it);
            ControlFlow::Continue(())
        };
        self.store.alerts(Timestamp::MIN_UTC..Timestamp::MAX_UTC, &mut visit).unwrap();
        res
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.ctx = None;
        if let Some(settling) = self.settling.take().filter(|_| !thread::panicking()) {
            settling.join().unwrap();
        }
    }
}
