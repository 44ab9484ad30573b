//! A program of the user's own, with the message as JSON on its standard input.

use super::{DeliverError, json, program::Program};
use crate::model::{MessageId, Rendered};

/// sysexits.h: the program refuses this message for good.
const EX_DATAERR: i32 = 65;

/// Runs a program for each message. Exit code 0 accepts it, 65 (`EX_DATAERR`) refuses it for good, and any other code
/// means that it may be accepted later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandChannel(pub Program);

impl CommandChannel {
    pub(super) async fn send(&self, id: &MessageId, message: &Rendered) -> Result<(), DeliverError> {
        self.0.take(&json::message(id, message), &[EX_DATAERR]).await
    }
}
