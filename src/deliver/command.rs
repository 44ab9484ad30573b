//! A program of the user's own, with the message as JSON on its standard input.

use std::{path::PathBuf, pin::pin, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, ChildStderr, Command},
    time::timeout,
};

use super::{DeliverError, json};
use crate::{
    digest::one_line,
    model::{MessageId, Rendered},
};

/// The longest reason kept, in characters.
const MAX_REASON_CHARS: usize = 300;
/// What a program says on standard error is read so far; the rest is thrown away.
const MAX_SAID_BYTES: usize = 4096;
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
        let transient = |reason: String| DeliverError::Transient {
            reason: one_line(&format!("{shown}: {reason}"), MAX_REASON_CHARS),
            source: None,
        };
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| transient(format!("cannot be started: {error}")))?;
        let group = child.id().and_then(|it| rustix::process::Pid::from_raw(i32::try_from(it).ok()?));
        let input = json::message(id, message);
        let mut said = Vec::new();
        let status = match timeout(self.timeout, talk(&mut child, &input, &mut said)).await {
            Ok(status) => status.map_err(|error| transient(error.to_string()))?,
            Err(_) => {
                if let Some(group) = group {
                    // It may have ended in this moment.
                    let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
                }
                return Err(transient(format!("still running after {:?}, killed", self.timeout)));
            }
        };
        let said = String::from_utf8_lossy(&said);
        match status.code() {
            Some(0) => Ok(()),
            Some(EX_DATAERR) => Err(DeliverError::Permanent {
                reason: one_line(&format!("{shown}: refused it: {said}"), MAX_REASON_CHARS),
                source: None,
            }),
            _ => Err(transient(format!("ended with {status}: {said}"))),
        }
    }
}

/// Writes and listens at once, until the program has ended: one that talks before it reads, does not read to the end, or
/// leaves another one behind that holds its standard error keeps nobody waiting.
async fn talk(child: &mut Child, input: &[u8], said: &mut Vec<u8>) -> std::io::Result<std::process::ExitStatus> {
    let (mut stdin, mut stderr) = (child.stdin.take(), child.stderr.take());
    let status = {
        let mut both = pin!(async {
            let write = async {
                if let Some(mut stdin) = stdin.take() {
                    // The exit code says whether it has done its work, not whether it has read all.
                    let _ = stdin.write_all(input).await;
                }
            };
            tokio::join!(write, listen(stderr.as_mut(), said))
        });
        let mut has_talked = false;
        loop {
            tokio::select! {
                status = child.wait() => break status,
                _ = &mut both, if !has_talked => has_talked = true,
            }
        }
    };
    // Its end may be noticed before its last words, which say why it failed.
    if let Some(stderr) = &stderr {
        drain(stderr, said);
    }
    status
}

async fn listen(stderr: Option<&mut ChildStderr>, said: &mut Vec<u8>) {
    let Some(stderr) = stderr else { return };
    let mut chunk = [0; 1024];
    while let Ok(n @ 1..) = stderr.read(&mut chunk).await {
        let room = MAX_SAID_BYTES.saturating_sub(said.len());
        said.extend(chunk.iter().take(n.min(room)));
    }
}

/// Reads what is in the pipe and waits for no more: all that an ended program has said is there, and another one that it left behind
/// may never fall silent.
fn drain(stderr: &ChildStderr, said: &mut Vec<u8>) {
    let mut chunk = [0; 1024];
    // The pipe does not block.
    while said.len() < MAX_SAID_BYTES
        && let Ok(n @ 1..) = rustix::io::read(stderr, &mut chunk)
    {
        said.extend(chunk.iter().take(n.min(MAX_SAID_BYTES - said.len())));
    }
}
