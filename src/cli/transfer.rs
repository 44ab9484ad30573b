//! `sitrepd export` and `sitrepd import`: the whole record as JSON lines.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Write},
    ops::ControlFlow,
    path::Path,
};

use crate::{
    config::Origin,
    model::Change,
    store::{self, LedgerReader, LedgerStore, Store, StoreError},
};

use super::{CliError, Output, logging, setup};

/// A longer line is no record: the largest body and a rendered digest are far below.
const MAX_LINE: usize = 64 * 1024 * 1024;
/// Records made durable at once.
const BATCH: usize = 500;

/// Writes every change of the ledger, oldest first.
pub(super) fn export(origin: &Origin, path: Option<&Path>, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin, out)?;
    let written = match path {
        None => out.raw_with(|to| lines(&config.store, to))?,
        Some(path) => {
            let failed = |source| CliError::File { doing: "create", path: path.to_owned(), source };
            let mut to = BufWriter::new(File::create(path).map_err(failed)?);
            let written = lines(&config.store, &mut to)?;
            to.flush().and_then(|()| to.get_ref().sync_all()).map_err(failed)?;
            written
        }
    };
    out.note(&format!("{written} records"));
    Ok(())
}

fn lines(settings: &store::Settings, to: &mut dyn Write) -> Result<u64, CliError> {
    let mut written = 0;
    let mut result = Ok(());
    LedgerReader::open(settings)?.changes(&mut |_, change| {
        result = store::to_json(&change).map_err(|it| CliError::Defect(it.to_string())).and_then(|line| {
            writeln!(to, "{line}").map_err(|source| match source.kind() {
                io::ErrorKind::BrokenPipe => CliError::ClosedPipe,
                _ => CliError::Io { doing: "write the record", source },
            })
        });
        written += 1;
        if result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    result.map(|()| written)
}

/// Commits the records of a file that are not held. Messages in it are not sent: they were, where it was written.
pub(super) fn import(origin: &Origin, path: &Path, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let failed = |source| CliError::File { doing: "read", path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let config = setup::config(origin, out)?;
    let (archive, _) = LedgerStore::open(&config.store)?;
    let bar = out.progress(usize::try_from(size).unwrap_or(usize::MAX), "bytes");
    let mut reader = BufReader::new(file);
    let (mut number, mut taken) = (0_u64, 0_u64);
    let mut line = String::new();
    loop {
        line.clear();
        let read = io::Read::take(&mut reader, MAX_LINE as u64).read_line(&mut line).map_err(failed)?;
        if read == 0 {
            break;
        }
        number += 1;
        bar.inc(read as u64);
        if line.trim().is_empty() {
            continue;
        }
        let change = store::from_json(&line).map_err(|error| {
            CliError::BadData(format!(
                "{} line {number} is not a record of sitrepd export: {error}; {taken} records before it were taken",
                path.display()
            ))
        })?;
        taken += u64::from(take(&archive, change)?);
        if number.is_multiple_of(BATCH as u64) {
            archive.sync()?;
        }
    }
    archive.sync()?;
    bar.finish_and_clear();
    out.note(&format!("{taken} of {number} records taken; the others were held already, or told of messages"));
    Ok(())
}

/// Commits a record without its messages. `false` where there is nothing to commit.
fn take(archive: &LedgerStore, change: Change) -> Result<bool, StoreError> {
    let change = match change {
        Change::Article(mut intent) => {
            let article = &intent.report.article;
            if archive.report(article.id)?.is_some_and(|it| it.article.version >= article.version) {
                return Ok(false);
            }
            intent.outbox.clear();
            Change::Article(intent)
        }
        Change::Digest(mut issue) => {
            issue.outbox.clear();
            Change::Digest(issue)
        }
        Change::Polled(state) => match archive.source_state(&state.source)? {
            Some(held) if held.polled >= state.polled => return Ok(false),
            _ => Change::Polled(state),
        },
        Change::Delivery(_) => return Ok(false),
    };
    archive.commit(&change).map(|()| true)
}
