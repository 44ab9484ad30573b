//! What people and programs read on standard output and standard error.

use std::{
    error::Error,
    io::{self, IsTerminal, Write},
    sync::Mutex,
};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use unicode_normalization::char::is_combining_mark;

use crate::text;

use super::CliError;

/// For headings.
pub(super) const HEADING: Style = Style::new().bold();
/// For what is beside the point.
pub(super) const FAINT: Style = Style::new().dimmed();
/// For what needs a look.
pub(super) const ALARM: Style = AnsiColor::Red.on_default().bold();
/// For what is well.
pub(super) const WELL: Style = AnsiColor::Green.on_default();

/// Standard output, coloured only on a terminal.
#[derive(Debug)]
pub(super) struct Output {
    json: bool,
    out: Mutex<AutoStream<io::Stdout>>,
    choice: anstream::ColorChoice,
}

impl Output {
    pub(super) fn new(json: bool, color: clap::ColorChoice) -> Self {
        let choice = match color {
            clap::ColorChoice::Auto => anstream::ColorChoice::Auto,
            clap::ColorChoice::Always => anstream::ColorChoice::Always,
            clap::ColorChoice::Never => anstream::ColorChoice::Never,
        };
        Self { json, out: Mutex::new(AutoStream::new(io::stdout(), choice)), choice }
    }

    /// Whether JSON was asked for.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// A line for people. Fetched text in it must have passed [`shown`].
    pub(super) fn line(&self, line: impl AsRef<str>) -> Result<(), CliError> {
        self.write(|to| writeln!(to, "{}", line.as_ref()))
    }

    /// A JSON object on a line of its own.
    pub(super) fn record(&self, record: &impl Serialize) -> Result<(), CliError> {
        let json = serde_json::to_string(record).map_err(|it| CliError::Defect(it.to_string()))?;
        self.write(|to| writeln!(to, "{json}"))
    }

    /// Rows under headings, aligned, columns two spaces apart.
    pub(super) fn table(&self, headings: &[&str], rows: &[Vec<String>]) -> Result<(), CliError> {
        let mut widths: Vec<usize> = headings.iter().map(|it| width(it)).collect();
        for row in rows {
            for (column, cell) in widths.iter_mut().zip(row) {
                *column = (*column).max(width(cell));
            }
        }
        let aligned = |cells: &mut dyn Iterator<Item = &str>| {
            let padded = cells
                .zip(&widths)
                .map(|(cell, column)| format!("{cell}{}", " ".repeat(column - width(cell).min(*column))));
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        self.line(format!("{HEADING}{}{HEADING:#}", aligned(&mut headings.iter().copied())))?;
        rows.iter().try_for_each(|row| self.line(aligned(&mut row.iter().map(String::as_str))))
    }

    /// What `write` makes of the output stream, for results that are not lines.
    pub(super) fn raw_with<T>(&self, write: impl FnOnce(&mut dyn Write) -> Result<T, CliError>) -> Result<T, CliError> {
        let mut out = self.out.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        write(&mut *out)
    }

    /// Bytes as they are.
    pub(super) fn raw(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CliError> {
        self.write(|to| write(to))
    }

    /// A failure, with what caused it, on standard error.
    pub(super) fn error(&self, error: &dyn Error) {
        self.note(&format!("{ALARM}error:{ALARM:#} {}", shown(&text::error_chain(error))));
    }

    /// A remark beside the result, on standard error.
    pub(super) fn note(&self, line: &str) {
        let mut to = AutoStream::new(io::stderr(), self.choice);
        // There is nowhere left to tell that standard error is closed.
        let _ = writeln!(to, "{line}");
    }

    /// A progress bar on standard error, where that is a terminal and no JSON was asked for.
    pub(super) fn progress(&self, length: usize, what: &'static str) -> ProgressBar {
        if self.json || !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {prefix}  {wide_msg}");
        let bar = ProgressBar::new(length as u64).with_prefix(what);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar
    }

    fn write(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CliError> {
        let mut out = self.out.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        write(&mut *out).map_err(|source| match source.kind() {
            io::ErrorKind::BrokenPipe => CliError::ClosedPipe,
            _ => CliError::Io { doing: "write to standard output", source },
        })
    }
}

/// Fetched text as it may go to a terminal: one line, no control characters, nothing that reorders text.
pub(super) fn shown(text: &str) -> String {
    text::one_line(text)
}

/// The same, cut to a number of characters.
pub(super) fn short(text: &str, chars: usize) -> String {
    let text = shown(text);
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Columns that a text takes, marks not counted. The scripts of the region have no double-width characters.
fn width(text: &str) -> usize {
    text.chars().filter(|it| !is_combining_mark(*it) && !matches!(it, '\u{200b}'..='\u{200f}')).count()
}
