//! The signals by which the daemon is told to stop, to read its configuration again, or to poll now.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::warn;

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    Reload,
    Poll,
    Stop,
}

pub(super) struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
    user_1: Signal,
    user_2: Signal,
}

impl Signals {
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            user_1: signal(SignalKind::user_defined1())?,
            user_2: signal(SignalKind::user_defined2())?,
        })
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
