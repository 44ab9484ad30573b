//! Runs a program of the user's with input and a time limit. It must never leave that program running when nobody waits
//! for it any more.

use std::{
    os::fd::AsFd,
    path::PathBuf,
    pin::pin,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use super::DeliverError;
use crate::digest::one_line;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, Command},
    time::timeout,
};

/// Maximum bytes kept of a program's standard error; the rest is discarded.
const MAX_SAID_BYTES: usize = 4096;

/// The longest reason kept, in characters.
const MAX_REASON_CHARS: usize = 400;

/// A program of the user's own. If it still runs after the time limit, it is killed with everything it has started.
/// Processes that it leaves running after it has ended are left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The program.
    pub program: PathBuf,
    /// Its arguments. No shell reads them, and nothing fetched is ever among them.
    pub arguments: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
}

/// A program that has ended.
pub(super) struct Ran {
    pub(super) status: ExitStatus,
    /// What it wrote, up to a byte more than was asked for.
    pub(super) written: Vec<u8>,
    /// What it said on standard error, or the beginning of it.
    pub(super) said: String,
}

impl Program {
    /// From a program and its arguments; `None` where no program is named.
    pub fn new(words: &[String], timeout: Duration) -> Option<Self> {
        let (program, arguments) = words.split_first().filter(|it| !it.0.is_empty())?;
        Some(Self { program: PathBuf::from(program), arguments: arguments.to_vec(), timeout })
    }

    /// Passes a message to its standard input. Exit code 0 accepts it, one of `refusals` refuses it for good, and any
    /// other code means that it may be accepted later.
    pub(super) async fn take(&self, message: &[u8], refusals: &[i32]) -> Result<(), DeliverError> {
        let shown = self.program.display();
        let reason = |what: String| one_line(&format!("{shown}: {what}"), MAX_REASON_CHARS);
        let transient = |what: String| DeliverError::Transient { reason: reason(what), source: None };
        let ran = self.run(message, 0).await.map_err(transient)?;
        match ran.status.code() {
            Some(0) => Ok(()),
            Some(code) if refusals.contains(&code) => {
                Err(DeliverError::Permanent { reason: reason(format!("refused it: {}", ran.said)), source: None })
            }
            _ => Err(transient(format!("ended with {}: {}", ran.status, ran.said))),
        }
    }

    /// Runs it with `input` on its standard input, and reads at most `max_written` bytes of its output; 0 if the output
    /// is not wanted.
    ///
    /// # Errors
    ///
    /// Why it did not come to an end of its own, in plain words without its name.
    pub(super) async fn run(&self, input: &[u8], max_written: usize) -> Result<Ran, String> {
        let stdout = if max_written > 0 { Stdio::piped() } else { Stdio::null() };
        let mut command = Command::new(&self.program);
        // Passwords in the environment are not passed on. Settings, named `SITREPD__…`, may hold some.
        for (name, _) in std::env::vars_os() {
            let bytes = name.as_encoded_bytes();
            if bytes.starts_with(b"SITREPD_") && !bytes.starts_with(b"SITREPD__") {
                command.env_remove(name);
            }
        }
        let mut child = command
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(stdout)
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("cannot be started: {error}"))?;
        let mut group = Group::of(&child);
        let (mut written, mut said) = (Vec::new(), Vec::new());
        let talk = talk(&mut child, input, (&mut written, max_written.saturating_add(1)), &mut said);
        match timeout(self.timeout, talk).await {
            Ok(status) => {
                let status = status.map_err(|error| error.to_string())?;
                group.0 = None;
                Ok(Ran { status, written, said: String::from_utf8_lossy(&said).into_owned() })
            }
            Err(_) => Err(format!("still running after {:?}, killed", self.timeout)),
        }
    }
}

/// A program with its children, killed together when nobody waits for them any more: at the time limit, or if the
/// caller gives up.
struct Group(Option<Pid>);

impl Group {
    fn of(leader: &Child) -> Self {
        Self(leader.id().and_then(|it| Pid::from_raw(i32::try_from(it).ok()?)))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may have ended at this moment.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Writes and reads at the same time until the program has ended, so that no program blocks the caller: not one that
/// writes before it reads, does not read everything, or leaves a child that keeps its standard error open.
async fn talk(
    child: &mut Child,
    input: &[u8],
    (written, max_written): (&mut Vec<u8>, usize),
    said: &mut Vec<u8>,
) -> std::io::Result<ExitStatus> {
    let (mut stdin, mut stdout, mut stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let status = {
        let mut all = pin!(async {
            let write = async {
                if let Some(mut stdin) = stdin.take() {
                    // The exit code says whether it has done its work, not whether it has read all.
                    let _ = stdin.write_all(input).await;
                }
            };
            tokio::join!(
                write,
                listen(stdout.as_mut(), written, max_written),
                listen(stderr.as_mut(), said, MAX_SAID_BYTES)
            )
        });
        let mut has_talked = false;
        loop {
            tokio::select! {
                status = child.wait() => break status,
                _ = &mut all, if !has_talked => has_talked = true,
            }
        }
    };
    // Its end may be noticed before its last output, which says why it failed.
    drain(stdout.as_ref(), written, max_written);
    drain(stderr.as_ref(), said, MAX_SAID_BYTES);
    status
}

async fn listen(from: Option<&mut (impl AsyncRead + Unpin)>, said: &mut Vec<u8>, max_bytes: usize) {
    let Some(from) = from else { return };
    let mut chunk = [0; 1024];
    while let Ok(n @ 1..) = from.read(&mut chunk).await {
        let room = max_bytes.saturating_sub(said.len());
        said.extend(chunk.iter().take(n.min(room)));
    }
}

/// Reads what is in the pipe without waiting for more: all output of an ended program is there, and a child that it
/// left may keep the pipe open forever.
fn drain(from: Option<&impl AsFd>, said: &mut Vec<u8>, max_bytes: usize) {
    let Some(from) = from else { return };
    let mut chunk = [0; 1024];
    // The pipe does not block.
    while said.len() < max_bytes
        && let Ok(n @ 1..) = rustix::io::read(from, &mut chunk)
    {
        said.extend(chunk.iter().take(n.min(max_bytes - said.len())));
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Read, process, thread};

    use tokio::sync::oneshot;

    use super::*;

    /// Whoever asked has no time left: nothing goes on, not even what the program has started.
    #[tokio::test]
    async fn what_nobody_waits_for_is_killed_with_its_children() {
        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("alive");
        assert!(process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let arguments = vec!["-c".to_owned(), format!("sleep 1000 3>'{}' & wait", fifo.display())];
        let program = Program { program: "/bin/sh".into(), arguments, timeout: Duration::from_secs(1000) };
        let (opened, is_open) = oneshot::channel();
        let reader = thread::spawn(move || {
            let mut file = fs::File::open(fifo).unwrap();
            opened.send(()).unwrap();
            // Ends when nobody is left who could write.
            file.read_to_end(&mut Vec::new()).unwrap()
        });
        tokio::select! {
            ran = program.run(b"", 0) => panic!("{:?}", ran.map(|it| it.status)),
            open = is_open => open.unwrap(),
        }
        let written = tokio::task::spawn_blocking(|| reader.join().unwrap()).await.unwrap();
        assert_eq!(written, 0);
    }
}
