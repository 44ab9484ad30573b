//! Log records to standard error, as JSON, or to the system's journal.

use std::{env, io};

use anstream::{AutoStream, ColorChoice};

use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{Log, LogFormat};

use super::CliError;

/// For commands that end: only what went wrong. A failed poll is in their own output.
pub(super) fn quiet() {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,sitrepd::daemon::collect=error"));
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(is_coloured())
        .with_target(false)
        .without_time();
    // A second call, as in tests, finds a subscriber in place; that one serves.
    let _ = Registry::default().with(layer.with_filter(filter)).try_init();
}

/// For the daemon, as configured.
pub(super) fn daemon(log: &Log) -> Result<(), CliError> {
    let filter = EnvFilter::try_new(&log.level)
        .map_err(|error| CliError::Usage(format!("[log] level = {:?} is not a filter: {error}", log.level)))?;
    let human = || tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(is_coloured()).boxed();
    let layer = match log.format {
        LogFormat::Json => tracing_subscriber::fmt::layer().json().with_writer(io::stderr).boxed(),
        LogFormat::Journald => journald()?,
        // systemd sets it where standard error goes to the journal.
        LogFormat::Auto if env::var_os("JOURNAL_STREAM").is_some() => journald().unwrap_or_else(|_| human()),
        LogFormat::Auto | LogFormat::Human => human(),
    };
    let _ = Registry::default().with(layer.with_filter(filter)).try_init();
    Ok(())
}

/// As `--color`, `NO_COLOR` and the terminal say.
fn is_coloured() -> bool {
    AutoStream::choice(&io::stderr()) != ColorChoice::Never
}

fn journald() -> Result<Box<dyn Layer<Registry> + Send + Sync>, CliError> {
    let layer =
        tracing_journald::layer().map_err(|source| CliError::Io { doing: "reach the system's journal", source })?;
    Ok(layer.with_syslog_identifier("sitrepd".to_owned()).boxed())
}
