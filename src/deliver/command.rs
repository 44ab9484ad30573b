//! A program of the user's own, with the message as JSON on its standard input.

use std::{path::PathBuf, time::Duration};

use super::{DeliverError, json, program::Program};
use crate::{
    digest::one_line,
    model::{MessageId, Rendered},
};

/// The longest reason kept, in characters.
const MAX_REASON_CHARS: usize = 300;
/// sysexits.h: the program is there and says that it is of no use to try again.
const EX_DATAERR: i32 = 65;

/// Runs a program for each message. Exit code 0 takes it, 65 (`EX_DATAERR`) refuses it for good, any other
/// means that it may be taken later. A program that is still running after the time limit is killed, with what it has
/// started. What it leaves running after it has ended is let be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandChannel {
    /// The program.
    pub program: PathBuf,
    /// Its arguments. No shell reads them, and nothing fetched is ever among them.
    pub arguments: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
}

impl CommandChannel {
    pub(super) async fn send(&self, id: &MessageId, message: &Rendered) -> Result<(), DeliverError> {
        let shown = self.program.display();
        let reason = |what: String| one_line(&format!("{shown}: {what}"), MAX_REASON_CHARS);
        let transient = |what: String| DeliverError::Transient { reason: reason(what), source: None };
        let Self { program, arguments, timeout } = self.clone();
        let ran = Program { program, arguments, timeout }.run(&json::message(id, message), 0).await;
        let ran = ran.map_err(transient)?;
        match ran.status.code() {
            Some(0) => Ok(()),
            Some(EX_DATAERR) => {
                Err(DeliverError::Permanent { reason: reason(format!("refused it: {}", ran.said)), source: None })
            }
            _ => Err(transient(format!("ended with {}: {}", ran.status, ran.said))),
        }
    }
}
