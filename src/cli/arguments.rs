//! What can be written on the command line.

use std::{path::PathBuf, time::Duration};

use clap::{Parser, Subcommand};

use crate::digest::render::Format;

/// Reads regional security news, groups it into stories, tags it with evidence, and sends digests and alerts.
#[derive(Debug, Parser)]
#[command(name = "sitrepd", version, max_term_width = 100, after_long_help = EXIT_CODES)]
pub(super) struct Arguments {
    /// Directory of the configuration files [default: $CONFIGURATION_DIRECTORY, else ~/.config/sitrepd]
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) config_dir: Option<PathBuf>,
    /// Directory of the archive [default: as configured, else $STATE_DIRECTORY, else ~/.local/state/sitrepd]
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) state_dir: Option<PathBuf>,
    /// Print JSON: one object, or one a line for lists
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// When to colour the output
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: clap::ColorChoice,
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes (sysexits.h):
   0  done
  64  wrong arguments
  65  input that is not what it should be, or a damaged archive
  66  no such file, article or source
  69  no source could be read, a page cannot be had, or a message could not be sent
  70  a defect of the program
  73  a file that cannot be created, or exists already
  74  reading or writing failed
  75  another process uses the archive: try again later
  77  no permission, or the archive belongs to another user
  78  a wrong configuration";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write the documented configuration to your directory
    Init,
    /// Run as a daemon, in the foreground
    Run,
    /// Show the whole line at work on a bundled sample site, without a network
    Demo {
        /// Where the digest is written
        #[arg(long, value_name = "DIR", default_value = ".")]
        out: PathBuf,
    },
    /// Poll sources once, now, and exit
    Poll {
        /// Ids of the sources; all enabled ones where none is named
        #[arg(value_name = "SOURCE")]
        sources: Vec<String>,
    },
    /// Make a digest of what came in lately; list, show and compare those that were issued
    #[command(args_conflicts_with_subcommands = true)]
    Digest {
        #[command(flatten)]
        options: DigestOptions,
        #[command(subcommand)]
        command: Option<IssuesCommand>,
    },
    /// Find words in titles and bodies, newest first
    Search {
        /// Every word must occur; `word*` stands for all words that begin like it
        #[arg(required = true, value_name = "WORD")]
        query: Vec<String>,
        /// At most this many
        #[arg(long, default_value_t = 20, value_parser = at_least_one())]
        limit: usize,
    },
    /// Show an article: text, tags with evidence, how it was read
    Show {
        /// Its id, or the beginning of it
        article: String,
        /// How to cite it, and what shows that it was recorded so: place and hashes in the archive
        #[arg(long)]
        proof: bool,
        /// The words that were changed from each version to the next
        #[arg(long, conflicts_with = "proof")]
        diff: bool,
        /// Write its page, as it came in, to a file; kept of articles that have a topic or raised an alert
        #[arg(long, value_name = "FILE", conflicts_with_all = ["proof", "diff"])]
        page: Option<PathBuf>,
        /// The version whose page it is; the newest that is kept, where left out
        #[arg(long, value_name = "NUMBER", requires = "page")]
        version: Option<u32>,
    },
    /// List alerts, newest first
    Alerts {
        /// How far back
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = period)]
        since: Duration,
        /// What watches were not sure enough of for an alert, instead
        #[arg(long)]
        possible: bool,
    },
    /// List stories, newest first; put them together or take them apart
    #[command(args_conflicts_with_subcommands = true)]
    Stories {
        /// How far back
        #[arg(long, value_name = "TIME", default_value = "24h", value_parser = period)]
        since: Duration,
        #[command(subcommand)]
        command: Option<StoriesCommand>,
    },
    /// Say whether an article has a topic; topics learn from it
    Label {
        /// The article's id, or the beginning of it
        article: String,
        /// The topic's id
        topic: String,
        /// Whether the article is about it
        verdict: LabelVerdict,
    },
    /// Messages that wait or were given up: list, resend, drop
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Topics: how well they are told by your labels, and terms they could look for
    #[command(subcommand)]
    Topics(TopicsCommand),
    /// Count what is held
    Stats {
        /// Period of the counts by source, topic and language
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = period)]
        since: Duration,
    },
    /// Print counts and the health of sources for a monitoring system (Prometheus' text format)
    Metrics,
    /// Sources: list, add, remove, check, discover, enable, disable, import, export
    #[command(subcommand)]
    Source(SourceCommand),
    /// Watches: list, add, remove, test on the archive, explain, aliases
    #[command(subcommand)]
    Watch(WatchCommand),
    /// Run one stage on a file or address and explain what it does
    #[command(subcommand)]
    Try(TryCommand),
    /// Check configuration and archive
    Check,
    /// Show when the digest is issued and sources are polled next
    Schedule {
        /// How many of each
        #[arg(long, default_value_t = 5, value_parser = at_least_one())]
        next: usize,
    },
    /// Prove that no record of the archive was changed and none is missing
    Verify {
        /// A backup instead of the archive
        #[arg(long, value_name = "DIR")]
        backup: Option<PathBuf>,
        /// One record that show --proof led to, saved as a file
        #[arg(long, value_name = "FILE", conflicts_with = "backup")]
        record: Option<PathBuf>,
    },
    /// Give up what is older than [store] keep, and make the index anew. The daemon does both by itself where it is due
    Compact,
    /// Copy the archive to a directory, or bring the copy there up to date; a daemon may run meanwhile
    Backup {
        /// The directory
        dir: PathBuf,
    },
    /// Make the archive anew from a backup; there must be none yet
    Restore {
        /// The directory of the backup
        dir: PathBuf,
    },
    /// Write the whole record as JSON lines
    Export {
        /// The file; standard output where left out
        file: Option<PathBuf>,
        /// Write the pages that are kept as they came in, as a WARC file (ISO 28500), in place of the record
        #[arg(long, value_name = "FILE", conflicts_with = "file")]
        warc: Option<PathBuf>,
        /// Only those of this article, by its id or the beginning of it
        #[arg(long, value_name = "ID", requires = "warc")]
        article: Option<String>,
    },
    /// Read a record that `export` wrote. Nothing in it is sent again
    Import {
        /// The file, or - for standard input
        file: PathBuf,
    },
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Debug, Subcommand)]
pub(super) enum OutboxCommand {
    /// List the messages that were not sent, with what the receiver said last
    List {
        /// Only those that were given up
        #[arg(long)]
        parked: bool,
    },
    /// Try messages again at once, once more where they were given up; a receiver sees the same id
    Resend(WhichMessages),
    /// Give messages up for good
    Drop(WhichMessages),
}

#[derive(Debug, clap::Args)]
pub(super) struct WhichMessages {
    /// Their ids as list prints them, or the beginning of one
    #[arg(required_unless_present = "parked", value_name = "ID")]
    pub(super) ids: Vec<String>,
    /// All that were given up
    #[arg(long, conflicts_with = "ids")]
    pub(super) parked: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum TopicsCommand {
    /// Print precision, recall and F1 of each topic on your labels, by rules alone and with what is learned
    Eval,
    /// Propose terms that set a topic's articles apart and are not in its rule
    Suggest {
        /// The topic's id
        topic: String,
        /// How far back
        #[arg(long, value_name = "TIME", default_value = "90d", value_parser = period)]
        since: Duration,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum LabelVerdict {
    Right,
    Wrong,
}

#[derive(Debug, clap::Args)]
pub(super) struct DigestOptions {
    /// How far back it goes [default: 24h; with --preview and --send-test as far as the next one at its time]
    #[arg(long, value_name = "TIME", value_parser = period)]
    pub(super) since: Option<Duration>,
    /// The digest of this [[audience]] [default: that of [digest]]
    #[arg(long, value_name = "NAME")]
    pub(super) audience: Option<String>,
    /// html, text, md, json, atom or jsonfeed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: Format,
    /// Write it to a file
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Send it through its channels
    #[arg(long, conflicts_with_all = ["format", "out"])]
    pub(super) send: bool,
    /// Print what would go out if its time were now; nothing is sent or marked
    #[arg(long, conflicts_with = "send")]
    pub(super) preview: bool,
    /// Send the preview, marked as a test, through its channels, or by mail to one address; nothing is marked as sent
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["send", "preview", "format", "out"])]
    pub(super) send_test: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum IssuesCommand {
    /// List the digests that were issued, newest first
    List,
    /// Print a digest that was issued, as it went out
    Show {
        /// Its slot as list prints it, or the beginning of it, such as 2026-11-27 or weekly/2026-11
        slot: String,
        /// html, text, md, json, atom or jsonfeed, as far as it was made so
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Write the built-in layouts of page, text and Markdown out, for you to change
    Templates {
        /// Where to [default: templates/ beside sitrepd.toml, from where they are used]
        dir: Option<PathBuf>,
    },
    /// List the articles that one issued digest has and another has not
    Diff {
        /// Slot of the one, as list prints it, or the beginning of it
        before: String,
        /// Slot of the other
        after: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum StoriesCommand {
    /// Make two stories one, the older. Each is named by its id or that of an article in it
    Merge {
        /// One story
        a: String,
        /// The other
        b: String,
    },
    /// Take an article out of its story
    Split {
        /// Its id, or the beginning of it
        article: String,
    },
    /// Take a merge or split back
    Undo {
        /// The change, as `stories changes` lists it [default: the last that was made by hand and not taken back]
        change: Option<String>,
    },
    /// List what was put together and taken apart, by hand and by the program, newest first
    Changes,
    /// Write what was decided by hand as training data for benches/stories/fit.py
    Export {
        /// The directory
        dir: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum SourceCommand {
    /// List sources and how they do
    List,
    /// Add a feed to sources.toml
    Add {
        /// Its address
        url: String,
        /// Its id [default: made of the name]
        #[arg(long)]
        id: Option<String>,
        /// Its name [default: the host]
        #[arg(long)]
        name: Option<String>,
    },
    /// Remove a source from sources.toml; what it brought stays in the archive
    Remove {
        /// Its id
        id: String,
    },
    /// Switch sources on
    Enable {
        /// Their ids
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Switch sources off; what they brought stays in the archive
    Disable {
        /// Their ids
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Read sources now and say what is in them and how they do; nothing is kept
    Check {
        /// Ids of the sources; all enabled ones where none is named
        ids: Vec<String>,
        /// Those that are switched off too
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
    /// Find out how a site can be read: feeds, sitemaps, WordPress, lists in its pages
    Discover {
        /// The address of the site, or of one of its pages
        url: String,
        /// Add the first of what is found to sources.toml
        #[arg(long)]
        add: bool,
    },
    /// Add the feeds of an OPML file to sources.toml
    Import {
        /// The file
        file: PathBuf,
    },
    /// Write the sources as OPML
    Export {
        /// The file; standard output where left out
        file: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum WatchCommand {
    /// List watches with what they wait for
    List,
    /// Add a watch to watches.toml
    Add {
        /// Its name, which stands in alerts
        name: String,
        /// What it waits for; the head of watches.toml explains how it is written
        query: String,
    },
    /// Remove a watch from watches.toml; its alerts stay in the archive
    Remove {
        /// Its name
        name: String,
    },
    /// Run a query over the archive: how often it fires, where, and its least sure hits. Nothing is kept
    Test {
        /// The query
        query: String,
        /// How far back
        #[arg(long, value_name = "TIME", default_value = "30d", value_parser = period)]
        since: Duration,
    },
    /// Another name for `alerts --possible`
    #[command(hide = true)]
    Possible {
        /// How far back
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = period)]
        since: Duration,
    },
    /// Say what a watch finds in a text, how sure it is and why
    Explain {
        /// Its name
        name: String,
        /// A text file, the address of a page, or - for standard input
        input: String,
        /// The language of the text, for the endings of its words; told by its letters and words where left out
        #[arg(long, value_name = "CODE", value_parser = language)]
        lang: Option<String>,
    },
    /// Spellings that a watch has met: list, accept, ban
    #[command(subcommand)]
    Alias(AliasCommand),
}

#[derive(Debug, Subcommand)]
pub(super) enum AliasCommand {
    /// List the spellings that a watch has met, with count and sources
    List {
        /// The watch
        name: String,
        /// How far back
        #[arg(long, value_name = "TIME", default_value = "30d", value_parser = period)]
        since: Duration,
    },
    /// Take a spelling for a term of the watch from now on
    Accept {
        /// The watch
        name: String,
        /// The spelling
        form: String,
        /// The term of its query [default: the only one]
        #[arg(long)]
        term: Option<String>,
    },
    /// Count a spelling as no hit of the watch
    Ban {
        /// The watch
        name: String,
        /// The spelling, or a phrase with it
        form: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum TryCommand {
    /// Read a feed or another source's document, and say when it would be polled again
    Feed {
        /// A file, an address, or - for standard input
        #[arg(required_unless_present_any = ["jsonl", "source"])]
        input: Option<String>,
        /// Read it as this source of sources.toml is read; from its own address where there is no input
        #[arg(long, value_name = "ID", conflicts_with = "jsonl")]
        source: Option<String>,
        /// Records {"file","url","content_type"} to {"ok","error","feed","entries","problems"}
        #[arg(long, conflicts_with = "input")]
        jsonl: bool,
    },
    /// Read an article page
    Page {
        /// A file, an address, or - for standard input
        #[arg(required_unless_present = "jsonl")]
        input: Option<String>,
        /// The page's address, by which its recipe is found [default: the input, where it is one]
        #[arg(long, conflicts_with = "jsonl")]
        url: Option<String>,
        /// Records {"id","path","url"} to {"id","title","authors","published","language","body",…}
        #[arg(long, conflicts_with = "input")]
        jsonl: bool,
    },
    /// Look for the watched terms in a text
    Watch {
        /// A text file, the address of a page, or - for standard input
        #[arg(required_unless_present_any = ["jsonl", "terms"])]
        input: Option<String>,
        /// Records {"id","title","text"} to {"id","watches"}, {"id","term","text","text_lang"} to {"id","match","score","class","spans",…}
        #[arg(long, conflicts_with = "input")]
        jsonl: bool,
        /// Look for the terms of this file, one a line, instead of the watches
        #[arg(long, value_name = "FILE", requires = "lines", conflicts_with_all = ["input", "jsonl"])]
        terms: Option<PathBuf>,
        /// The text to look for them in, each line for itself
        #[arg(long, value_name = "FILE", requires = "terms")]
        lines: Option<PathBuf>,
        /// The language of the text, for the endings of its words; told by its letters and words where left out
        #[arg(long, value_name = "CODE", value_parser = language, conflicts_with = "jsonl")]
        lang: Option<String>,
        /// Look for this query instead of the watches, and explain every hit
        #[arg(long, value_name = "QUERY", conflicts_with_all = ["jsonl", "terms"])]
        query: Option<String>,
        /// Show weak hits too, of which no watch would tell
        #[arg(long, requires = "terms")]
        possible: bool,
    },
    /// Say which topics a text has, and why or why not. The first line of a file is its title
    Topic {
        /// A text file, the address of a page, or - for standard input
        #[arg(required_unless_present = "jsonl")]
        input: Option<String>,
        /// One topic
        #[arg(long, value_name = "ID", conflicts_with = "jsonl")]
        topic: Option<String>,
        /// Records {"id","title","text"} to {"id","topics","traces"}
        #[arg(long, conflicts_with = "input")]
        jsonl: bool,
        /// The topics of this file instead of those of the configuration; topics given by examples learn from the records too
        #[arg(long, value_name = "FILE", requires = "jsonl")]
        topics: Option<PathBuf>,
    },
    /// Tell copies and stories among articles, in the order in which they come
    Story {
        /// Records {"id","title","text","lang","date","source"} to {"id","story","duplicate_of","level","why",…}
        #[arg(long, required = true)]
        jsonl: bool,
        /// Say with what each article was compared, and how near that was, in numbers
        #[arg(long)]
        features: bool,
        /// Know from all records what is rare, as a daemon does after some days; else it is learned on the way
        #[arg(long)]
        warm: bool,
    },
}

/// How far back something goes.
fn period(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| "give a number with its unit, such as 24h, 7d or 90d".to_owned())
}

fn language(text: &str) -> Result<String, String> {
    let is_code = matches!(text.len(), 2 | 3) && text.bytes().all(|it| it.is_ascii_lowercase());
    is_code
        .then(|| text.to_owned())
        .ok_or_else(|| "give a code of two or three letters, such as ru, hy or fa".to_owned())
}

fn at_least_one() -> impl clap::builder::TypedValueParser<Value = usize> {
    clap::builder::RangedU64ValueParser::<usize>::new().range(1..)
}
