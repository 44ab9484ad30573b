//! `sitrepd export` and `sitrepd import`: the whole record as JSON lines.

use std::{
    collections::HashSet,
    fs::File,
    io::{self, BufRead, BufReader, Read, Write},
    ops::ControlFlow,
    path::Path,
};

use crate::{
    config::Origin,
    model::{ArticleId, Change, Intent},
    store::{self, LedgerReader, LedgerStore, Line, Store, StoreError},
};

use serde_json::json;

use super::{
    CliError, Output, logging,
    output::{count, escaped},
    setup,
};

/// A longer line is no record: the largest body and a rendered digest are far below.
const MAX_LINE: usize = 64 * 1024 * 1024;
/// Records made durable at once.
const BATCH: usize = 500;

/// Articles and versions whose page is held.
type Pages = HashSet<(ArticleId, u32)>;

/// Writes every change of the ledger, oldest first, and what is known of those that retention gave up.
pub(super) fn export(origin: &Origin, path: Option<&Path>, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let place = setup::place(origin)?;
    if !setup::is_there(&place)? {
        let dir = place.dir.display();
        return Err(CliError::NotFound(format!("there is no archive in {dir}; sitrepd poll makes one")));
    }
    let written = match path {
        None => out.raw_with(|to| lines(&place, to))?,
        Some(path) => setup::write_file(path, |to| lines(&place, to))?,
    };
    match path {
        None => {
            out.note(&format!("{} written", count(written, "record")));
            Ok(())
        }
        Some(path) => out.done(
            &format!("{} written to {}", count(written, "record"), path.display()),
            &json!({ "written": path, "records": written }),
        ),
    }
}

fn lines(settings: &store::Settings, to: &mut dyn Write) -> Result<usize, CliError> {
    let mut written = 0;
    let mut result = Ok(());
    LedgerReader::open(settings)?.lines(&mut |line| {
        result = line.map_err(|it| CliError::Defect(it.to_string())).and_then(|line| {
            writeln!(to, "{}", escaped(&line)).map_err(|source| match source.kind() {
                io::ErrorKind::BrokenPipe => CliError::ClosedPipe,
                _ => CliError::Io { doing: "write the record", source },
            })
        });
        written += 1;
        if result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    result.map(|()| written)
}

/// Commits the records of a file that are not held, and remembers what its archive deleted. Messages are not sent: the
/// archive that wrote them has sent them.
pub(super) fn import(origin: &Origin, path: &Path, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let failed = |source| CliError::File { doing: "read", path: path.to_owned(), source };
    let (input, size): (Box<dyn Read>, u64) = match path == Path::new("-") {
        true => (Box::new(io::stdin()), 0),
        false => {
            let file = File::open(path).map_err(failed)?;
            let size = file.metadata().map_err(failed)?.len();
            (Box::new(file), size)
        }
    };
    let config = setup::config(origin)?;
    let archive = setup::own_archive(&config)?;
    let mut pages = Pages::new();
    match LedgerReader::open(&config.store)?.pages(&mut |_, it| {
        pages.insert((it.article, it.version));
        ControlFlow::Continue(())
    }) {
        // What cannot be read is not held.
        Ok(()) | Err(StoreError::Damaged { .. }) => (),
        Err(error) => return Err(error.into()),
    }
    let bar = out.progress(usize::try_from(size).unwrap_or(usize::MAX), "bytes");
    let mut reader = BufReader::new(input);
    let (mut number, mut taken) = (0_usize, 0_usize);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = Read::take(&mut reader, MAX_LINE as u64).read_until(b'\n', &mut line).map_err(failed)?;
        if read == 0 {
            break;
        }
        bar.inc(read as u64);
        if line.trim_ascii().is_empty() {
            continue;
        }
        number += 1;
        let change = str::from_utf8(&line).map_err(|it| it.to_string());
        let change = change.and_then(|it| Line::read(it).map_err(|it| it.to_string()));
        let change = change.map_err(|error| {
            CliError::BadData(format!(
                "record {number} of {} is not one of sitrepd export: {error}; {taken} before it were taken",
                path.display()
            ))
        })?;
        taken += usize::from(match change {
            Line::Change(change) => take(&archive, &mut pages, *change)?,
            Line::GivenUp(items) => archive.remember(&items)?,
        });
        if number.is_multiple_of(BATCH) {
            archive.sync()?;
        }
    }
    archive.sync()?;
    bar.finish_and_clear();
    let rest = match number - taken {
        0 => String::new(),
        n => format!(", {n} left out: held already, or about messages that were sent elsewhere"),
    };
    out.done(
        &format!("{taken} of {} taken{rest}", count(number, "record")),
        &json!({ "records": number, "taken": taken }),
    )
}

/// Whether the archive has this version of an article, or a later one.
fn has_version(archive: &LedgerStore, intent: &Intent) -> Result<bool, StoreError> {
    let article = &intent.report.article;
    Ok(archive.report(article.id)?.is_some_and(|it| it.article.version >= article.version))
}

/// Commits a record without its messages. `false` where there is nothing to commit. `pages` are those that are held.
fn take(archive: &LedgerStore, pages: &mut Pages, change: Change) -> Result<bool, StoreError> {
    let change = match change {
        Change::Article(mut intent) => {
            if has_version(archive, &intent)? {
                return Ok(false);
            }
            intent.outbox.clear();
            Change::Article(intent)
        }
        Change::Reread(mut rereading) => {
            if archive.last_reading(rereading.article)?.is_some_and(|held| held.at >= rereading.at) {
                return Ok(false);
            }
            if let Some(intent) = &mut rereading.intent {
                intent.outbox.clear();
            }
            Change::Reread(rereading)
        }
        Change::Page(page) => {
            if !pages.insert((page.article, page.version)) {
                return Ok(false);
            }
            Change::Page(page)
        }
        Change::Digest(mut issue) => {
            // Not whether a newer one is held: where a clock was set back, an older slot was issued later.
            if archive.was_issued(&issue.slot)? {
                return Ok(false);
            }
            issue.outbox.clear();
            Change::Digest(issue)
        }
        Change::Polled(state) => match archive.source_state(&state.source)? {
            Some(held) if held.polled >= state.polled => return Ok(false),
            _ => Change::Polled(state),
        },
        Change::Regrouped(regrouping) => {
            if archive.is_regrouped(regrouping.id)? {
                return Ok(false);
            }
            Change::Regrouped(regrouping)
        }
        Change::Labelled(label) => {
            if archive.label(label.article, &label.topic)?.is_some_and(|held| held.at >= label.at) {
                return Ok(false);
            }
            Change::Labelled(label)
        }
        Change::Delivery(_) | Change::Sending(_) => return Ok(false),
    };
    archive.commit(&change).map(|()| true)
}
