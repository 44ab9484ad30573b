//! `sitrepd healthcheck`: whether the daemon of a state directory does its work, for container engines and monitoring.

use serde_json::json;

use crate::{
    config::{self, Origin},
    daemon::{pulse, system_clock},
};

use super::{CliError, Output, logging};

/// Fails with a reason if no daemon runs on the state directory, or if the daemon hangs or waits. The archive is not
/// opened, and of the configuration only the place of the archive is read: a mistake in a configuration that is yet to
/// be loaded is no failure of the daemon.
pub(super) fn run(origin: &Origin, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let dir = config::state_dir_of(origin)?;
    let pulse = pulse::read(&dir).map_err(|source| CliError::File { doing: "read", path: dir.clone(), source })?;
    pulse::judged(pulse, system_clock()()).map_err(|it| CliError::Unavailable(format!("{}: {it}", dir.display())))?;
    let heard = pulse.map(|it| it.at);
    out.done("the daemon is alive and polls", &json!({ "alive": true, "polling": true, "heard": heard }))
}
