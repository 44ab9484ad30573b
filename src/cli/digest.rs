//! `sitrepd digest`.

use std::{fs, path::Path, sync::Arc, time::Duration};

use chrono::TimeDelta;

use crate::{
    config::{Config, Origin},
    daemon::{
        digests::{self, Made},
        outbox,
    },
    digest::render::Format,
    model::{Document, Rendered, Slot, Timestamp},
};

use super::{
    CliError, Output, logging,
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
    let config = setup::config(origin, out)?;
    if send {
        return self::send(config, since, out);
    }
    let store = setup::archive(&config)?;
    let now = chrono::Utc::now();
    let since = TimeDelta::from_std(since).ok().and_then(|it| now.checked_sub_signed(it)).unwrap_or(Timestamp::MIN_UTC);
    let slot = Slot { digest: config.digest.name.clone(), at: now };
    // A digest on demand looks a moment ahead, since a daemon beside it may be a moment ahead too.
    let window = since..now + TimeDelta::seconds(1);
    let format = if out.is_json() { Format::Json } else { format };
    let Made { rendered, .. } = digests::make(&config, &*store, &slot, &window, &[format], now)?;
    let document = document(rendered)?;
    match file {
        None => out.raw(|to| to.write_all(document.body.as_bytes())),
        Some(path) => {
            fs::write(path, document.body).map_err(|source| CliError::File {
                doing: "write",
                path: path.to_owned(),
                source,
            })?;
            out.note(&format!("wrote {}", path.display()));
            Ok(())
        }
    }
}

/// The only document of a digest rendered in one format.
pub(super) fn document(rendered: Rendered) -> Result<Document, CliError> {
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
    drop(runtime);
    parts.close();
    let sent = result?;
    if sent.retried + sent.parked > 0 {
        let problem = format!(
            "{} messages sent, {} not: they stay in the outbox, and sitrepd run tries them again",
            sent.sent,
            sent.retried + sent.parked
        );
        return Err(CliError::Unavailable(problem));
    }
    out.note(&format!("{} messages sent", sent.sent));
    Ok(())
}
