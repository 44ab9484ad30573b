//! `sitrepd healthcheck`: whether the daemon of a state directory does its work, for container engines and monitoring.

use serde_json::json;

use crate::{
    config::{self, Origin},
    daemon::{pulse, system_clock},
};

use super::{CliError, Output, logging};

/// Fails with a reason where no daemon runs on the state directory, or the one that does hangs or waits. The archive is
/// not opened, and of the configuration nothing is read but what says where the archive is: a mistake in what is to be
/// reloaded is no illness of the daemon.
pub(super) fn run(origin: &Origin, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let dir = config::state_dir_of(origin)?;
    let pulse = pulse::read(&dir).map_err(|source| CliError::File { doing: "read", path: dir.clone(), source })?;
    pulse::judged(pulse, system_clock()()).map_err(|it| CliError::Unavailable(format!("{}: {it}", dir.display())))?;
    let heard = pulse.map(|it| it.at);
    out.done("the daemon is alive and polls", &json!({ "alive": true, "polling": true, "heard": heard }))
}
