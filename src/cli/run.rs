//! `sitrepd run`.

use std::sync::Arc;

use tracing::warn;

use crate::{
    config::{Config, Origin},
    daemon::service::{self, Reload, Signals},
    text::{error_chain, without_addresses},
};

use super::{
    CliError, logging,
    setup::{self, Parts},
};

/// Runs the daemon until it is told to stop.
pub(super) fn run(origin: &Origin) -> Result<(), CliError> {
    let runtime = setup::runtime()?;
    // First of all: a SIGHUP that comes early is a reload too, and no reason to end.
    let mut signals = runtime.block_on(async { Signals::new() })?;
    let place = origin.clone();
    let Some(opened) = runtime.block_on(service::opened(&mut signals, move || opened(&place)))? else {
        // Its thread may be at it for minutes.
        runtime.shutdown_background();
        return Ok(());
    };
    let parts = opened?;
    let reload = reload(origin.clone(), &parts.ctx.config);
    let result = runtime.block_on(service::run(parts.ctx.clone(), reload, signals));
    // Polls that outlived their grace must not hold the archive open.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    parts.close();
    Ok(result?)
}

/// Reads the configuration, begins to log as it says, and opens the archive.
fn opened(origin: &Origin) -> Result<Parts, CliError> {
    let config = Arc::new(Config::load(origin)?);
    logging::daemon(&config.log)?;
    for it in &config.warnings {
        warn!("{}", without_addresses(it));
    }
    Parts::new(config)
}

/// Reads the configuration again. The archive stays where it is; of `[store]` the room that the disk has to have is
/// looked up anew.
fn reload(origin: Origin, first: &Config) -> Reload {
    let state_dir = first.state_dir.clone();
    Arc::new(move |client| {
        let read = |origin: &Origin| Config::load(origin).map_err(|it| error_chain(&it));
        let mut config = read(&origin)?;
        if config.state_dir != state_dir {
            let (asked, used) = (config.state_dir.display(), state_dir.display());
            warn!(%asked, %used, "another state directory takes a restart; the one in use stays");
            config = read(&Origin { state_dir: Some(state_dir.clone()), ..origin.clone() })?;
        }
        let client = client.renewed(config.fetch.clone()).map_err(|it| error_chain(&it))?;
        Ok((Arc::new(config), client))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::Client;

    #[test]
    fn the_archive_stays_where_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let write = |to: &str| {
            let state_dir = dir.path().join(to);
            std::fs::write(dir.path().join("sitrepd.toml"), format!("[daemon]\nstate_dir = {state_dir:?}\n")).unwrap();
            state_dir
        };
        let first = write("first");
        let origin = Origin { dir: Some(dir.path().to_owned()), state_dir: None, env: Vec::new() };
        let config = Config::load(&origin).unwrap();
        let client = Client::new(config.fetch.clone()).unwrap();
        let reload = reload(origin, &config);
        write("second");
        let (config, _) = reload(&client).unwrap();
        assert_eq!(config.state_dir, first);
        assert_eq!(config.store.dir, first);
    }
}
