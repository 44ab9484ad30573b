//! The signals by which the daemon is told to stop, to read its configuration again, or to poll now.

use std::{pin::pin, sync::Arc};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::warn;

use crate::daemon::DaemonError;

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    Reload,
    Poll,
    Stop,
}

/// The signals, listened to from when this is made: before that they end the process at once.
#[derive(Debug)]
pub struct Signals {
    /// What they asked for and is still to be done.
    pub(super) asked: Asked,
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
    user_1: Signal,
    user_2: Signal,
}

/// Actions that are to be done once the start is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) reload: bool,
    pub(super) poll: bool,
}

impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    ///
    /// [`DaemonError::Signals`] where the system gives no handlers.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    pub fn new() -> Result<Self, DaemonError> {
        Self::listening().map_err(|it| DaemonError::Signals(Arc::new(it)))
    }

    fn listening() -> std::io::Result<Self> {
        Ok(Self {
            asked: Asked::default(),
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            user_1: signal(SignalKind::user_defined1())?,
            user_2: signal(SignalKind::user_defined2())?,
        })
    }

    /// Waits for work to be done, and keeps what is asked for meanwhile; `None` if that is to stop.
    pub(super) async fn until_stopped<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Some(done),
                signal = self.next() => match signal {
                    Command::Reload => self.asked.reload = true,
                    Command::Poll => self.asked.poll = true,
                    Command::Stop => return None,
                },
            }
        }
    }

    pub(super) async fn next(&mut self) -> Command {
        loop {
            return tokio::select! {
                _ = self.hangup.recv() => Command::Reload,
                _ = self.user_1.recv() => Command::Poll,
                _ = self.terminate.recv() => Command::Stop,
                _ = self.interrupt.recv() => Command::Stop,
                // Ctrl-\ in a terminal. Settled articles are safe anyway; stopping in order also marks the mails under
                // way.
                _ = self.quit.recv() => Command::Stop,
                // By default this signal would end the daemon, perhaps because of a typing error.
                _ = self.user_2.recv() => {
                    warn!("SIGUSR2 asks for nothing; SIGUSR1 polls now, SIGHUP reads the configuration again");
                    continue;
                }
            };
        }
    }
}
