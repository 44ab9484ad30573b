//! What can be written on the command line: the commands, and what follows each that has commands of its own in a
//! module for it.

pub(super) mod digest;
pub(super) mod moment;
pub(super) mod outbox;
pub(super) mod source;
pub(super) mod stories;
pub(super) mod topics;
pub(super) mod trying;
pub(super) mod watch;

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, CommandFactory as _, Parser, Subcommand};

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
        /// Every word must occur, letter by letter; `word*` stands for all words that begin like it, `port OR harbour`
        /// for one of two, '"peace treaty"', in both kinds of quotes, for words in a row, and nothing is shown that has
        /// a `-word` or a '-"peace treaty"'. Options, which begin with --, stand before the words, between or after
        /// them. A name in every script and case ending is found by sitrepd watch test
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
    /// Say whether the daemon is alive and polls: exit code 0, else 69 with the reason. For container engines and
    /// monitoring
    Healthcheck {
        /// End with exit code 69 also where messages were given up in the last 24 hours. Not for what restarts the
        /// daemon, which mends none of them
        #[arg(long)]
        fail_on_given_up: bool,
    },
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
        /// Write the pages that are kept as they came in, as a WARC file (ISO 28500), in place of the record; - as above
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

/// The arguments of the program, its name first, where `-word` after `search` is a word with a minus sign before it:
/// clap would take it for options by their letters, or, told to take it for a word, take `--json` after it for one too.
pub(super) fn with_excluded_words(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let command = Arguments::command();
    let all = command
        .get_arguments()
        .chain(command.find_subcommand(SEARCH).into_iter().flat_map(clap::Command::get_arguments));
    let with_value: Vec<_> = all
        .filter(|it| it.get_action().takes_values())
        .filter_map(|it| Some(format!("--{}", it.get_long()?)))
        .collect();
    let mut place = Place::Value { in_search: false };
    let one = |argument: OsString| {
        let Some(text) = argument.to_str() else { return argument };
        let (next, excluded) = place.after(text, &with_value);
        place = next;
        excluded.map_or(argument, OsString::from)
    };
    arguments.into_iter().map(one).collect()
}

const SEARCH: &str = "search";

/// What an argument is by those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A command, or an option before it.
    Command,
    /// A word to look for, or an option.
    Word,
    /// What belongs to an option, or the name of the program.
    Value { in_search: bool },
    /// Nothing that is of interest here.
    Other,
}

impl Place {
    /// The place after an argument, and what stands for that argument where it is a word to be excluded.
    fn after(self, argument: &str, with_value: &[String]) -> (Self, Option<String>) {
        let in_search = self == Self::Word;
        match (self, argument) {
            (Self::Other, _) | (Self::Command | Self::Word, "--") => (Self::Other, None),
            (Self::Value { in_search: true }, _) => (Self::Word, None),
            (Self::Value { in_search: false }, _) => (Self::Command, None),
            (_, it) if it.starts_with("--") => {
                (if with_value.iter().any(|known| known == it) { Self::Value { in_search } } else { self }, None)
            }
            (Self::Command, SEARCH) => (Self::Word, None),
            (Self::Command, it) => (if it.starts_with('-') { self } else { Self::Other }, None),
            (Self::Word, "-h") => (self, None),
            (Self::Word, it) => (self, it.strip_prefix('-').map(|it| format!("\u{2212}{it}"))),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The words, and whether JSON is asked for and how many.
    #[track_caller]
    fn check(line: &str, words: &[&str], json: bool, limit: usize) {
        let arguments = std::iter::once("sitrepd").chain(line.split(' ')).map(OsString::from);
        let read =
            Arguments::try_parse_from(with_excluded_words(arguments)).unwrap_or_else(|it| panic!("{line}: {it}"));
        let Command::Search { query, options } = read.command else { panic!("{line}") };
        let words: Vec<_> = words.iter().map(|it| it.replace('-', "\u{2212}")).collect();
        assert_eq!((query, read.json, options.limit), (words, json, limit), "{line}");
    }

    /// Found in a review: `search Vinnikov -Gori`, as README has it, was an error.
    #[test]
    fn words_to_exclude_and_options_stand_in_any_order() {
        check("search Vinnikov -Gori", &["Vinnikov", "-Gori"], false, 20);
        check("search -Gori Vinnikov", &["-Gori", "Vinnikov"], false, 20);
        check("search Vinnikov -Gori --json", &["Vinnikov", "-Gori"], true, 20);
        check("search --json --limit 3 Vinnikov -hy -V", &["Vinnikov", "-hy", "-V"], true, 3);
        check("--json search Vinnikov --limit=3 -Gori --source a -Баку", &["Vinnikov", "-Gori", "-Баку"], true, 3);
        check("--state-dir search search -x y", &["-x", "y"], false, 20);
        check("--color never search a -b OR c -d", &["a", "-b", "OR", "c", "-d"], false, 20);
    }

    #[test]
    fn nothing_else_is_changed() {
        for line in [
            "search x -h",
            "watch test -Vinnikov",
            "--version",
            "search a --limit -5",
            "export -",
            "search a -- -b",
            "-h",
        ] {
            let arguments: Vec<_> = std::iter::once("sitrepd").chain(line.split(' ')).map(OsString::from).collect();
            assert_eq!(with_excluded_words(arguments.clone()), arguments, "{line}");
        }
    }
}
