//! `sitrepd run`.

use std::sync::Arc;

use tracing::warn;

use crate::{
    config::{Config, Log, Origin},
    daemon::{
        pulse,
        service::{self, Reload, Signals},
    },
    store::Settings,
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
    // What a killed daemon left would call this one well, or hung, while it is starting. One that runs keeps its own.
    if config.store.is_free() {
        pulse::remove(&config.state_dir);
    }
    Parts::new(config)
}

/// Reads the configuration again. The archive stays where it is; of `[store]` the room that the disk has to have is
/// looked up anew.
fn reload(origin: Origin, first: &Config) -> Reload {
    let (state_dir, log, store) = (first.state_dir.clone(), first.log.clone(), first.store.clone());
    Arc::new(move |client| {
        let read = |origin: &Origin| Config::load(origin).map_err(|it| error_chain(&it));
        let mut config = read(&origin)?;
        if config.state_dir != state_dir {
            let (asked, used) = (config.state_dir.display(), state_dir.display());
            warn!(%asked, %used, "another state directory takes a restart; the one in use stays");
            config = read(&Origin { state_dir: Some(state_dir.clone()), ..origin.clone() })?;
        }
        let changed = for_a_restart(&log, &store, &config);
        if !changed.is_empty() {
            warn!("what was changed of {} takes a restart; the values in use stay", changed.join(" and "));
        }
        let client = client.renewed(config.fetch.clone()).map_err(|it| error_chain(&it))?;
        Ok((Arc::new(config), client))
    })
}

/// The keys that were changed and are read at the start alone.
fn for_a_restart(log: &Log, store: &Settings, new: &Config) -> Vec<&'static str> {
    let changed = [
        ("[log] format", log.format != new.log.format),
        ("[log] level", log.level != new.log.level),
        ("[store] keep", store.keep != new.store.keep),
        ("[store] cache_bytes", store.cache_bytes != new.store.cache_bytes),
        ("[store] min_sort_bytes", store.min_sort_bytes != new.store.min_sort_bytes),
    ];
    changed.into_iter().filter(|it| it.1).map(|it| it.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::Client;

    /// Found in a review: they were passed over without a word.
    #[test]
    fn keys_that_take_a_restart_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let load = |text: &str| {
            std::fs::write(dir.path().join("sitrepd.toml"), text).unwrap();
            let origin =
                Origin { dir: Some(dir.path().to_owned()), state_dir: Some(dir.path().into()), env: Vec::new() };
            Config::load(&origin).unwrap()
        };
        let first = load("");
        for (text, expected) in [
            ("[poll]\ninterval = \"2h\"\n[store]\nmin_free_bytes = 7\n", &[][..]),
            ("[store]\nkeep = \"90d\"\n", &["[store] keep"]),
            ("[log]\nlevel = \"debug\"\n[store]\ncache_bytes = 9000000\n", &["[log] level", "[store] cache_bytes"]),
        ] {
            assert_eq!(for_a_restart(&first.log, &first.store, &load(text)), expected, "{text}");
        }
    }

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
