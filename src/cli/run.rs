//! `sitrepd run`.

use std::sync::Arc;

use tracing::warn;

use crate::{
    config::{Config, Origin},
    daemon::service::{self, Reload},
    text::{error_chain, without_addresses},
};

use super::{
    CliError, logging,
    setup::{self, Parts},
};

/// Runs the daemon until it is told to stop.
pub(super) fn run(origin: &Origin) -> Result<(), CliError> {
    let config = Arc::new(Config::load(origin)?);
    logging::daemon(&config.log)?;
    for it in &config.warnings {
        warn!("{}", without_addresses(it));
    }
    let origin = origin.clone();
    let reload: Reload = Arc::new(move |client| {
        let config = Config::load(&origin).map_err(|it| error_chain(&it))?;
        let client = client.renewed(config.fetch.clone()).map_err(|it| error_chain(&it))?;
        Ok((Arc::new(config), client))
    });
    let parts = Parts::new(config)?;
    let runtime = setup::runtime()?;
    let result = runtime.block_on(service::run(parts.ctx.clone(), reload));
    // Polls that outlived their grace must not hold the archive open.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    parts.close();
    Ok(result?)
}
