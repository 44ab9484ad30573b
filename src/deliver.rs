//! Ways out for alerts and digests: e-mail, files, services over HTTP, and programs of the user.
//!
//! A channel carries a message that is rendered already and says how it went. It decides nothing: when to try again is
//! [`outcome`], a pure function. The promise is *at least once under one id*: a crash between the receiver's answer and
//! our mark repeats the message with the same [`MessageId`], by which the receiver can drop it (SMTP itself allows no
//! more, RFC 1047). Files are written exactly once whatever crashes; a Matrix room, and a webhook that keeps the
//! `Idempotency-Key`, show each message once.
//!
//! Adding a channel adds a variant of [`Channel`] and a file here; it must pass the suite in `tests/it/deliver.rs` and
//! `tests/it/deliver_http.rs`.

mod command;
mod files;
pub mod hooks;
mod http;
mod json;
mod mail;
mod program;
mod recipient;
mod retry;
mod secret;

use std::time::Duration;

use crate::model::{MessageId, Rendered, Timestamp};

pub use self::{
    command::CommandChannel,
    files::FileChannel,
    http::{HttpChannel, NotPosted, Posted, Poster, Posting},
    mail::{MailChannel, Settings as MailSettings, SettingsError as MailSettingsError, Tls, Unsubscribe},
    program::Program,
    recipient::channel,
    retry::{MAX_ATTEMPTS, next_try, outcome},
    secret::Secret,
};

/// What caused a [`DeliverError`].
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A message was not delivered.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// Not this time: the channel is down, or the receiver asks to come back.
    #[error("not delivered this time: {reason}")]
    Transient {
        /// One line: what was tried, and what the receiver said.
        reason: String,
        /// The error below, if there is one.
        source: Option<Cause>,
    },
    /// The receiver asks to be left alone for a while.
    #[error("not delivered this time: {reason}")]
    Busy {
        /// One line: what was tried, and what the receiver said.
        reason: String,
        /// How long, within bounds of our own.
        wait: Duration,
    },
    /// The server cannot be reached now, so every other message through it would fail too.
    #[error("not delivered this time: {reason}")]
    Down {
        /// One line: what was tried, and what the server said.
        reason: String,
        /// The error below, if there is one.
        source: Option<Cause>,
    },
    /// The receiver refuses this message; sending it again would change nothing.
    #[error("refused for good: {reason}")]
    Permanent {
        /// One line: what was tried, and what the receiver said.
        reason: String,
        /// The error below, if there is one.
        source: Option<Cause>,
    },
}

impl DeliverError {
    /// Whether the same message may be taken later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Transient { .. } | Self::Busy { .. } | Self::Down { .. })
    }

    /// Minimum time for which the receiver asks that nothing be sent this way.
    pub fn wait(&self) -> Duration {
        match self {
            Self::Busy { wait, .. } => *wait,
            Self::Transient { .. } | Self::Down { .. } | Self::Permanent { .. } => Duration::ZERO,
        }
    }

    /// What was tried, and what the receiver said, on one line.
    pub fn reason(&self) -> &str {
        match self {
            Self::Transient { reason, .. }
            | Self::Busy { reason, .. }
            | Self::Down { reason, .. }
            | Self::Permanent { reason, .. } => reason,
        }
    }
}

/// What an attempt has beside the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// When it is made. Goes into signatures.
    pub now: Timestamp,
    /// When the message was to be sent at first: its date, the same at every attempt.
    pub queued: Timestamp,
    /// Earlier messages by the same channel that it belongs to, oldest first: a mail refers to them.
    pub earlier: Vec<MessageId>,
    /// Whether it may break into somebody's night.
    pub is_urgent: bool,
}

impl From<Timestamp> for Envelope {
    /// The envelope of a first attempt with a message that answers no other.
    fn from(now: Timestamp) -> Self {
        Self { now, queued: now, earlier: Vec::new(), is_urgent: false }
    }
}

/// A way out, as configured.
#[derive(Debug)]
pub enum Channel {
    /// E-mail.
    Mail(Box<MailChannel>),
    /// Files in a directory.
    Files(FileChannel),
    /// A receiver over HTTP.
    Http(HttpChannel),
    /// A program.
    Command(CommandChannel),
}

impl Channel {
    /// The server that several channels go by, which is not to be asked for all of them at once: that of mail. `None`
    /// where a channel has its way for itself.
    pub fn server(&self) -> Option<String> {
        match self {
            Self::Mail(channel) => Some(channel.server()),
            Self::Files(_) | Self::Http(_) | Self::Command(_) => None,
        }
    }

    /// Hands one message over, with `poster` where that takes HTTP. After `Ok` the receiver has
    /// it; after an error it may have it all the same.
    ///
    /// # Errors
    ///
    /// Any [`DeliverError`]: [`outcome`] says what follows.
    pub async fn send(
        &self,
        id: &MessageId,
        message: &Rendered,
        poster: &Poster,
        envelope: impl Into<Envelope>,
    ) -> Result<(), DeliverError> {
        let envelope = envelope.into();
        match self {
            Self::Mail(channel) => channel.send(id, message, &envelope).await,
            Self::Files(channel) => channel.send(message).await,
            Self::Http(channel) => channel.send(id, message, poster, &envelope).await,
            Self::Command(channel) => channel.send(id, message).await,
        }
    }
}
