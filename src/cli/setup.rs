//! What commands need: configuration, archive, daemon parts.

use std::{env, path::PathBuf, sync::Arc};

use crate::{
    config::{self, Config, Origin},
    daemon::{Clock, Context, settle::Settler, system_clock},
    fetch::Client,
    model::Timestamp,
    store::{LedgerReader, LedgerStore, Store, StoreError},
};

use super::{CliError, Output};

/// Where this run's configuration comes from.
pub(super) fn origin(config_dir: Option<PathBuf>, state_dir: Option<PathBuf>) -> Origin {
    let dir = config_dir.or_else(config::config_dir);
    Origin {
        dir,
        state_dir,
        env: env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect(),
    }
}

/// `sitrepd init`.
pub(super) fn init(origin: &Origin, out: &Output) -> Result<(), CliError> {
    let dir = origin
        .dir
        .as_deref()
        .ok_or_else(|| CliError::Usage("there is no home directory; name one with --config-dir".to_owned()))?;
    for path in config::write_shipped(dir)? {
        match out.is_json() {
            true => out.record(&serde_json::json!({ "written": path }))?,
            false => out.line(format!("wrote {}", path.display()))?,
        }
    }
    if !out.is_json() {
        out.line("Set [daemon] contact in sitrepd.toml, then try: sitrepd check, sitrepd poll, sitrepd digest")?;
    }
    Ok(())
}

/// Reads the configuration and passes its warnings on.
pub(super) fn config(origin: &Origin, out: &Output) -> Result<Arc<Config>, CliError> {
    let config = Config::load(origin)?;
    for it in &config.warnings {
        out.note(&format!("warning: {it}"));
    }
    Ok(Arc::new(config))
}

/// The archive for reading. Where a daemon holds it, the ledger is read beside it.
pub(super) fn archive(config: &Config) -> Result<Arc<dyn Store>, CliError> {
    match LedgerStore::open(&config.store) {
        Ok((store, _)) => Ok(Arc::new(store)),
        Err(StoreError::Locked { .. }) => Ok(Arc::new(LedgerReader::open(&config.store)?.into_memory()?)),
        Err(error) => Err(error.into()),
    }
}

/// The parts of a running daemon, over the archive that it alone holds.
pub(super) struct Parts {
    pub(super) ctx: Context,
    settling: std::thread::JoinHandle<()>,
}

impl Parts {
    pub(super) fn new(config: Arc<Config>) -> Result<Self, CliError> {
        let (store, _) = LedgerStore::open(&config.store)?;
        Self::over(config, Arc::new(store), system_clock())
    }

    pub(super) fn over(config: Arc<Config>, store: Arc<dyn Store>, clock: Clock) -> Result<Self, CliError> {
        let client = client(&config)?;
        let floor = floor(&*store, &config.digest.name)?;
        let (settler, settling) = Settler::start(Arc::clone(&store), clock.clone(), floor)
            .map_err(|source| CliError::Io { doing: "start a thread", source })?;
        Ok(Self { ctx: Context::new(config, store, settler, client, clock), settling })
    }

    /// Ends the settling thread after what it was given, and closes the archive.
    pub(super) fn close(self) {
        drop(self.ctx);
        // A panic there was told to whoever waited for an answer.
        let _ = self.settling.join();
    }
}

pub(super) fn client(config: &Config) -> Result<Client, CliError> {
    Client::new(config.fetch.clone()).map_err(CliError::Client)
}

/// The newest instant in the archive: articles settled from now on are seen after it, whatever the clock says.
fn floor(store: &dyn Store, digest: &str) -> Result<Timestamp, StoreError> {
    let mut newest = store.last_issue(digest)?.map_or(Timestamp::UNIX_EPOCH, |(_, until)| until);
    store.reports(Timestamp::MIN_UTC..Timestamp::MAX_UTC, &mut |it| {
        newest = newest.max(it.article.first_seen);
        std::ops::ControlFlow::Break(())
    })?;
    Ok(newest)
}

/// A runtime for the commands that need one.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|source| CliError::Io { doing: "start the runtime", source })
}
