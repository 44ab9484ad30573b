//! Programs and services that a digest is made with where a user wants them: summaries and translations by a machine.
//!
//! Off unless configured: nothing leaves the machine unasked. What is handed over is data, as JSON on standard input or
//! in the body of a request through the guarded client; what comes back is one line of limited length, and shown as
//! made by a machine.

mod summary;
mod translate;

use std::{fmt, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tracing::warn;
use url::Url;

use super::{NotPosted, Posted, Posting, Program, Secret};
use crate::{digest::one_line, text::without_addresses};

pub use self::{
    summary::{ReportText, StoryText, Summarizer},
    translate::Translator,
};

/// Maximum bytes read of an answer; a longer answer is refused.
pub const MAX_ANSWER_BYTES: usize = 256 << 10;
/// Characters of a reason.
const MAX_REASON_CHARS: usize = 200;

/// The guarded client, for requests whose answer is wanted, within a time limit.
pub type Asker = Arc<dyn Fn(Posting, Duration) -> BoxFuture<'static, Result<Posted, NotPosted>> + Send + Sync>;

/// Where a machine is asked.
#[derive(Clone, PartialEq, Eq)]
pub enum Way {
    /// A program.
    Command(Program),
    /// A service.
    Http {
        /// Its address, to which the path of the interface is added.
        url: Url,
        /// Its key, where it wants one.
        token: Option<Secret>,
        /// How long it may take.
        timeout: Duration,
    },
}

impl fmt::Debug for Way {
    /// Without the path, which may hold a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Way({self})")
    }
}

impl fmt::Display for Way {
    /// The program's file name, or the service's host: it is told to readers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(it) => {
                let name = it.program.file_name().unwrap_or(it.program.as_os_str());
                write!(f, "{}", name.display())
            }
            Self::Http { url, .. } => f.write_str(url.host_str().unwrap_or_default()),
        }
    }
}

/// What a program writes for `input`, read as JSON.
async fn of_program<T: DeserializeOwned>(program: &Program, input: &Value) -> Result<T, String> {
    let ran = program.run(input.to_string().as_bytes(), MAX_ANSWER_BYTES).await.map_err(reason)?;
    match ran.status.success() {
        false => {
            // Its message may repeat its input, so it goes to the log and not to readers.
            warn!(program = %program.program.display(), said = &*without_addresses(&reason(&ran.said)), "a machine failed");
            Err(format!("ended with {}", ran.status))
        }
        true => read(&ran.written),
    }
}

/// What a service answers to a posting with `body`, read as JSON.
async fn of_service<T: DeserializeOwned>(
    asker: &Asker,
    timeout: Duration,
    url: Url,
    headers: Vec<(&'static str, String)>,
    body: &Value,
) -> Result<T, String> {
    let json = ("content-type", "application/json".to_owned());
    let headers = [vec![json], headers].concat();
    let posting = Posting { url, is_put: false, headers, body: body.to_string().into_bytes() };
    let posted = asker(posting, timeout).await.map_err(|it| reason(it.reason))?;
    match posted.status {
        200..=299 => read(posted.body.as_bytes()),
        // Its answer may repeat the request, with keys and texts from outside, so it is not quoted.
        status => Err(format!("answered with status {status}")),
    }
}

fn read<T: DeserializeOwned>(answer: &[u8]) -> Result<T, String> {
    if answer.len() > MAX_ANSWER_BYTES {
        return Err(format!("its answer is longer than {} KB", MAX_ANSWER_BYTES >> 10));
    }
    serde_json::from_slice(answer).map_err(|it| {
        // The error's message may quote the answer, so only the position is given.
        format!("its answer is not what is asked for (line {}, column {})", it.line(), it.column())
    })
}

fn reason(text: impl AsRef<str>) -> String {
    one_line(text.as_ref(), MAX_REASON_CHARS)
}

/// An address with more segments.
fn below(url: &Url, segments: &[&str]) -> Url {
    let mut res = url.clone();
    if let Ok(mut path) = res.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    res
}
