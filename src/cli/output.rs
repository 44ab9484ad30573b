//! What people and programs read on standard output and standard error.

use std::{
    borrow::Cow,
    error::Error,
    io::{self, IsTerminal, Write},
    sync::Mutex,
};

use anstream::{AutoStream, adapter::strip_str};
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use unicode_normalization::char::is_combining_mark;

use crate::text;

use super::CliError;

/// For headings.
pub(super) const HEADING: Style = Style::new().bold();
/// Style of less important text.
pub(super) const FAINT: Style = Style::new().dimmed();
/// For what needs a look.
pub(super) const ALARM: Style = AnsiColor::Red.on_default().bold();
/// For what is well.
pub(super) const WELL: Style = AnsiColor::Green.on_default();
/// Lines made of sentences are broken at this many columns, or at those of a narrower terminal. Paragraphs of an
/// article never are: they are searched and copied.
const COLUMNS: usize = 100;
/// The narrowest terminal assumed.
const FEWEST_COLUMNS: usize = 40;

/// Standard output, coloured only on a terminal.
#[derive(Debug)]
pub(super) struct Output {
    json: bool,
    columns: usize,
    out: Mutex<AutoStream<io::Stdout>>,
    err: Mutex<AutoStream<io::Stderr>>,
}

impl Output {
    pub(super) fn new(json: bool, color: clap::ColorChoice) -> Self {
        // For standard error and the log too.
        match color {
            clap::ColorChoice::Auto => anstream::ColorChoice::Auto,
            clap::ColorChoice::Always => anstream::ColorChoice::Always,
            clap::ColorChoice::Never => anstream::ColorChoice::Never,
        }
        .write_global();
        // Of standard output, where that is a terminal.
        let terminal = terminal_size::terminal_size_of(io::stdout()).map(|(it, _)| usize::from(it.0));
        let columns = terminal.map_or(COLUMNS, |it| it.clamp(FEWEST_COLUMNS, COLUMNS));
        Self {
            json,
            columns,
            out: Mutex::new(AutoStream::auto(io::stdout())),
            err: Mutex::new(AutoStream::auto(io::stderr())),
        }
    }

    /// Whether JSON was asked for.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// A line for people. Fetched text in it must have passed [`shown`].
    pub(super) fn line(&self, line: impl AsRef<str>) -> Result<(), CliError> {
        self.write(|to| writeln!(to, "{}", line.as_ref()))
    }

    /// A sentence for people after what the line begins with, broken into lines that begin below it.
    pub(super) fn wrapped(&self, start: &str, text: &str) -> Result<(), CliError> {
        let indent = " ".repeat(width(start));
        let (mut line, mut taken) = (start.to_owned(), indent.len());
        for word in text.split(' ') {
            let columns = width(word);
            if taken > indent.len() && taken + 1 + columns > self.columns {
                self.line(&line)?;
                (line, taken) = (indent.clone(), indent.len());
            } else if taken > indent.len() {
                line.push(' ');
                taken += 1;
            }
            line.push_str(word);
            taken += columns;
        }
        self.line(line)
    }

    /// A JSON object on a line of its own.
    pub(super) fn record(&self, record: &impl Serialize) -> Result<(), CliError> {
        let json = serde_json::to_string(record).map_err(|it| CliError::Defect(it.to_string()))?;
        self.write(|to| writeln!(to, "{}", escaped(&json)))
    }

    /// Rows under headings, aligned, columns two spaces apart. Columns of numbers are aligned at the right.
    pub(super) fn table(&self, headings: &[&str], rows: &[Vec<String>]) -> Result<(), CliError> {
        let columns: Vec<Column> = (0..headings.len())
            .map(|at| {
                let cells = || rows.iter().filter_map(|row| row.get(at)).map(String::as_str);
                let widest = headings.get(at).copied().into_iter().chain(cells()).map(width).max();
                Column { width: widest.unwrap_or_default(), is_numeric: cells().all(is_number) }
            })
            .collect();
        let aligned = |cells: &mut dyn Iterator<Item = &str>| {
            let padded = cells.zip(&columns).map(|(cell, column)| column.pad(cell));
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        self.line(format!("{HEADING}{}{HEADING:#}", aligned(&mut headings.iter().copied())))?;
        rows.iter().try_for_each(|row| self.line(aligned(&mut row.iter().map(String::as_str))))
    }

    /// What `write` makes of the output stream, for results that are not lines. All bytes come out as they are, where
    /// the stream for lines takes out what only a terminal understands, and with it a part of what is no text.
    pub(super) fn raw_with<T>(&self, write: impl FnOnce(&mut dyn Write) -> Result<T, CliError>) -> Result<T, CliError> {
        let _lines = self.out.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut to = io::stdout().lock();
        let res = write(&mut to)?;
        match to.flush() {
            Ok(()) => Ok(res),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(CliError::ClosedPipe),
            Err(source) => Err(CliError::Io { doing: "write to standard output", source }),
        }
    }

    /// What a command did that has no other result: a remark for people, a record for programs.
    pub(super) fn done(&self, remark: &str, record: &impl Serialize) -> Result<(), CliError> {
        match self.json {
            true => self.record(record),
            false => {
                self.note(remark);
                Ok(())
            }
        }
    }

    /// Text of several lines, as it is.
    pub(super) fn raw(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CliError> {
        self.write(|to| write(to))
    }

    /// A failure, with what caused it, on standard error.
    pub(super) fn error(&self, error: &dyn Error) {
        self.note(&format!("{ALARM}error:{ALARM:#} {}", shown(&text::error_chain(error))));
    }

    /// A remark beside the result, on standard error.
    pub(super) fn note(&self, line: &str) {
        let mut to = self.err.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // There is nowhere left to tell that standard error is closed.
        let _ = writeln!(to, "{line}");
    }

    /// A progress bar on standard error, where that is a terminal, no JSON was asked for, and the length is
    /// known (not 0).
    pub(super) fn progress(&self, length: usize, what: &'static str) -> ProgressBar {
        if self.json || length == 0 || !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {prefix}  {wide_msg}");
        let bar = ProgressBar::new(length as u64).with_prefix(what);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.tick();
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

/// Fetched text as [`shown`], cut to a number of characters.
pub(super) fn short(text: &str, chars: usize) -> String {
    let text = shown(text);
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// JSON without characters that a terminal acts on: RFC 8259 allows unescaped C1 controls and characters that reorder
/// text. Read back, it is the same.
pub(super) fn escaped(json: &str) -> Cow<'_, str> {
    let acts = |it: char| it.is_control() || matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !json.contains(acts) {
        return Cow::Borrowed(json);
    }
    let one = |it: char| if acts(it) { format!("\\u{:04x}", u32::from(it)) } else { it.to_string() };
    Cow::Owned(json.chars().map(one).collect())
}

/// `1 article`, `2 articles`, `3 watches`.
pub(super) fn count(n: usize, thing: &str) -> String {
    match (n, thing.strip_suffix('y')) {
        (1, _) => format!("1 {thing}"),
        (_, Some(stem)) => format!("{n} {stem}ies"),
        (_, None) if thing.ends_with("ch") => format!("{n} {thing}es"),
        (_, None) => format!("{n} {thing}s"),
    }
}

struct Column {
    width: usize,
    is_numeric: bool,
}

impl Column {
    fn pad(&self, cell: &str) -> String {
        let gap = " ".repeat(self.width.saturating_sub(width(cell)));
        if self.is_numeric { format!("{gap}{cell}") } else { format!("{cell}{gap}") }
    }
}

/// A count, or the dash that stands for none.
fn is_number(cell: &str) -> bool {
    !cell.is_empty() && (cell == "–" || cell.bytes().all(|it| it.is_ascii_digit()))
}

/// Columns that a text takes, colours and marks not counted. The scripts of the region have no double-width characters.
fn width(text: &str) -> usize {
    let is_wide = |it: char| !is_combining_mark(it) && !matches!(it, '\u{200b}'..='\u{200f}');
    strip_str(text).map(|it| it.chars().filter(|it| is_wide(*it)).count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_columns_not_bytes() {
        for (text, expected) in [
            ("NATO", 4),
            ("Հայաստան", 8),
            ("e\u{301}", 1),
            ("می\u{200c}خواهد", 7),
            ("\u{1b}[1m\u{1b}[31mred\u{1b}[0m", 3),
            ("", 0),
        ] {
            assert_eq!(width(text), expected, "{text:?}");
        }
    }

    #[test]
    fn escaped_json_is_the_same_json() {
        let text = "a\u{1b}\u{9b}\u{202e}\u{7f}ж\n\u{2069}";
        let json = serde_json::to_string(text).unwrap();
        let res = escaped(&json);
        assert_eq!(res, "\"a\\u001b\\u009b\\u202e\\u007fж\\n\\u2069\"");
        assert_eq!(serde_json::from_str::<String>(&res).unwrap(), text);
        assert!(matches!(escaped("[1]"), Cow::Borrowed(_)));
    }

    #[test]
    fn counts_things() {
        for (n, thing, expected) in
            [(1, "story", "1 story"), (0, "story", "0 stories"), (2, "alert", "2 alerts"), (1, "alert", "1 alert")]
        {
            assert_eq!(count(n, thing), expected);
        }
    }
}
