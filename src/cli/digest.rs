//! `sitrepd digest`.

use std::{fs, path::Path, sync::Arc, time::Duration};

use chrono::TimeDelta;
use serde_json::json;

use crate::{
    config::{Config, Origin},
    daemon::{
        digests::{self, Made},
        outbox::{self, Sent},
    },
    digest::render::Format,
    model::{Document, Rendered, Slot, Timestamp},
};

use super::{
    CliError, Output, logging,
    output::count,
    setup::{self, Parts},
};

/// Makes a digest of the last `since`, and prints, writes or sends it.
pub(super) fn run(
    origin: &Origin,
    since: Duration,
    format: Format,
    file: Option<&Path>,
    send: bool,
    out: &Output,
) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    if send {
        return self::send(config, since, out);
    }
    let store = setup::articles(&config, out)?;
    let now = chrono::Utc::now();
    let since = TimeDelta::from_std(since).ok().and_then(|it| now.checked_sub_signed(it)).unwrap_or(Timestamp::MIN_UTC);
    let slot = Slot { digest: config.digest.name.clone(), at: now };
    // A digest on demand looks a moment ahead, since a daemon beside it may be a moment ahead too.
    let window = since..now + TimeDelta::seconds(1);
    let format = if out.is_json() { Format::Json } else { format };
    let Made { rendered, .. } = digests::make(&config, &*store, &slot, &window, &[format], now)?;
    let document = document(rendered)?;
    match file {
        None if out.is_json() => {
            // On one line, as every record.
            let value: serde_json::Value =
                serde_json::from_str(&document.body).map_err(|it| CliError::Defect(it.to_string()))?;
            out.record(&value)
        }
        None => out.raw(|to| to.write_all(document.body.as_bytes())),
        Some(path) => {
            fs::write(path, document.body).map_err(|source| CliError::File {
                doing: "write",
                path: path.to_owned(),
                source,
            })?;
            out.done(&format!("wrote {}", path.display()), &json!({ "written": path }))
        }
    }
}

/// The only document of a digest rendered in one format.
fn document(rendered: Rendered) -> Result<Document, CliError> {
    rendered.documents.into_iter().next().ok_or_else(|| CliError::Defect("a digest without a document".to_owned()))
}

fn send(config: Arc<Config>, since: Duration, out: &Output) -> Result<(), CliError> {
    if config.digest.channels.is_empty() {
        return Err(CliError::Usage("[digest] channels is empty: there is no way to send it".to_owned()));
    }
    let parts = Parts::new(config)?;
    let runtime = setup::runtime()?;
    let result = runtime.block_on(async {
        digests::issue_now(&parts.ctx, since).await?;
        outbox::round(&parts.ctx).await
    });
    let channels = parts.ctx.config.digest.channels.join(", ");
    drop(runtime);
    parts.close();
    let sent = result?;
    if sent.retried + sent.parked > 0 {
        return Err(CliError::Unavailable(not_sent(sent)));
    }
    out.done(&format!("{} sent through {channels}", count(sent.sent, "message")), &json!({ "sent": sent.sent }))
}

/// What became of messages of which some were not sent.
pub(super) fn not_sent(sent: Sent) -> String {
    let (done, left) = (count(sent.sent, "message"), sent.retried + sent.parked);
    format!("{done} sent, {left} not: they stay in the outbox, see sitrepd outbox list")
}
