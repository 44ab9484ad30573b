//! `sitrepd healthcheck`: whether the daemon of a state directory does its work, for container engines and monitoring.

use serde_json::json;

use crate::{
    config::{self, Origin},
    daemon::{
        pulse::{self, Unwell},
        system_clock,
    },
};

use super::{CliError, Output, logging, output::count};

/// Fails with a reason if no daemon runs on the state directory, or if the daemon hangs or waits. The archive is not
/// opened, and of the configuration only the place of the archive is read: a mistake in a configuration that is yet to
/// be loaded is no failure of the daemon. Nor are messages that were given up, unless `fail_on_given_up` asks for them:
/// a container engine would restart the daemon for them again and again, which delivers none.
pub(super) fn run(origin: &Origin, fail_on_given_up: bool, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let dir = config::state_dir_of(origin)?;
    let pulse = pulse::read(&dir).map_err(|source| CliError::File { doing: "read", path: dir.clone(), source })?;
    let judged = pulse::judged(pulse, system_clock()());
    let (heard, given_up) = (pulse.map(|it| it.at), pulse.map_or(0, |it| it.given_up));
    let is_alive = matches!(judged, Ok(()) | Err(Unwell::NoRoom));
    let record = json!({ "alive": is_alive, "polling": judged.is_ok(), "heard": heard, "given_up": given_up });
    if let Err(unwell) = judged {
        if out.is_json() {
            out.record(&record)?;
        }
        return Err(CliError::Unavailable(format!("{}: {unwell}", dir.display())));
    }
    let told = match given_up {
        0 => None,
        1 => Some("1 message was given up in the last 24 hours".to_owned()),
        n => Some(format!("{} were given up in the last 24 hours", count(n, "message"))),
    };
    let told = told.map(|it| format!("{it}; sitrepd outbox list --parked tells which, and why"));
    let Some(told) = told else { return out.done("the daemon is alive and polls", &record) };
    if !fail_on_given_up {
        return out.done(&format!("the daemon is alive and polls; {told}"), &record);
    }
    if out.is_json() {
        out.record(&record)?;
    }
    Err(CliError::Unavailable(format!("{}: {told}", dir.display())))
}
