//! What can be written on the command line: the commands, and what follows each that has commands of its own in a module for it.

pub(super) mod digest;
pub(super) mod moment;
pub(super) mod outbox;
pub(super) mod source;
pub(super) mod stories;
pub(super) mod topics;
pub(super) mod trying;
pub(super) mod watch;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use self::{
    digest::{DigestOptions, IssuesCommand},
    moment::Moment,
    outbox::OutboxCommand,
    source::SourceCommand,
    stories::StoriesCommand,
    topics::TopicsCommand,
    trying::TryCommand,
    watch::WatchCommand,
};

/// Reads regional security news, groups it into stories, tags it with evidence, and sends digests and alerts.
#[derive(Debug, Parser)]
#[command(name = "sitrepd", version, max_term_width = 100, after_long_help = SIGNALS_AND_EXIT_CODES)]
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

const SIGNALS_AND_EXIT_CODES: &str = "\
Signals to a running daemon:
  HUP   reads the configuration again; where that is wrong, the old one stays
  USR1  polls all enabled sources now, but for those that asked to be left alone or turned it away
  TERM, INT, QUIT  end it within 10 seconds

Exit codes (sysexits.h):
   0  done
  64  wrong arguments
  65  input that is not what it should be, or a damaged archive
  66  no such file, article or source
  69  no source could be read, a page cannot be had, a message could not be sent, or what is
      monitored is not well (healthcheck, source list --fail-on-stale)
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
        /// Every word must occur, letter by letter; `word*` stands for all words that begin like it. 'port OR harbour', '"peace treaty"' and
        /// 'NATO -Georgia' do what they do elsewhere. A name in every script and case ending is found by sitrepd watch test
        #[arg(required = true, value_name = "WORD")]
        query: Vec<String>,
        #[command(flatten)]
        options: SearchOptions,
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
        /// How far back, or the first day, such as 2026-11-20
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = Moment::parse)]
        since: Moment,
        /// What watches were not sure enough of for an alert, instead
        #[arg(long)]
        possible: bool,
    },
    /// List stories, newest first; put them together or take them apart
    #[command(args_conflicts_with_subcommands = true)]
    Stories {
        /// How far back, or the first day, such as 2026-11-20
        #[arg(long, value_name = "TIME", default_value = "24h", value_parser = Moment::parse)]
        since: Moment,
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
        /// How far back counts by source, topic and language go, or their first day, such as 2026-11-20
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = Moment::parse)]
        since: Moment,
    },
    /// Print counts and the health of sources for a monitoring system (Prometheus' text format)
    Metrics,
    /// Say whether the daemon is alive and polls: exit code 0, else 69 with the reason. For container engines and monitoring
    Healthcheck,
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
    /// The configuration as it holds
    #[command(subcommand)]
    Config(ConfigCommand),
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
        /// The file; standard output where it is - or left out
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
pub(super) enum ConfigCommand {
    /// Print sitrepd.toml as it holds, with defaults, conf.d and environment, as TOML; what may be a secret is left out
    Show,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum LabelVerdict {
    Right,
    Wrong,
}

/// How far back something goes.
/// Where to search, and how much of it to show.
#[derive(Debug, Args)]
pub(super) struct SearchOptions {
    /// At most this many
    #[arg(long, default_value_t = 20, value_parser = at_least_one())]
    pub(super) limit: usize,
    /// How far back, or the first day, such as 2026-11-20 [default: all that is held]
    #[arg(long, value_name = "TIME", value_parser = Moment::parse)]
    pub(super) since: Option<Moment>,
    /// The day before which it ends, or how far back that is [default: now]
    #[arg(long, value_name = "TIME", value_parser = Moment::parse)]
    pub(super) until: Option<Moment>,
    /// Only of this source; may be given several times
    #[arg(long = "source", value_name = "ID")]
    pub(super) sources: Vec<String>,
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
