//! A program of the user's own, with the message as JSON on its standard input.

use std::{path::PathBuf, process::Stdio, time::Duration};

use tokio::{io::AsyncWriteExt as _, process::Command, time::timeout};

use super::{DeliverError, http::webhook_body};
use crate::{
    digest::one_line,
    model::{MessageId, Rendered},
};

/// The longest reason kept, in characters.
const MAX_REASON_CHARS: usize = 300;
/// sysexits.h: the program is there and says that it is of no use to try again.
const EX_DATAERR: i32 = 65;

/// Runs a program for each message. Exit code 0 takes it, 65 (`EX_DATAERR`) refuses it for good, any other
/// means that it may be taken later. A program that is still running after the time limit is killed.
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
        let transient = |reason: String| DeliverError::Transient {
            reason: one_line(&format!("{shown}: {reason}"), MAX_REASON_CHARS),
            source: None,
        };
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| transient(format!("cannot be started: {error}")))?;
        let input = webhook_body(id, message);
        let mut stdin = child.stdin.take();
        let talk = async {
            if let Some(stdin) = stdin.as_mut() {
                // A program that does not read to the end may still have done its work: the exit code says.
                let _ = stdin.write_all(&input).await;
            }
            drop(stdin.take());
            child.wait_with_output().await
        };
        let ended = match timeout(self.timeout, talk).await {
            Ok(ended) => ended.map_err(|error| transient(error.to_string()))?,
            Err(_) => return Err(transient(format!("still running after {:?}, killed", self.timeout))),
        };
        let said = String::from_utf8_lossy(&ended.stderr);
        match ended.status.code() {
            Some(0) => Ok(()),
            Some(EX_DATAERR) => Err(DeliverError::Permanent {
                reason: one_line(&format!("{shown}: refused it: {said}"), MAX_REASON_CHARS),
                source: None,
            }),
            _ => Err(transient(format!("ended with {}: {said}", ended.status))),
        }
    }
}
