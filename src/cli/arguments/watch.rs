//! What follows `sitrepd watch`.

use clap::Subcommand;

use super::{language, moment::Moment};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum WatchCommand {
    /// List watches with what they wait for
    List,
    /// Add a watch to watches.toml
    Add {
        /// Its name, which stands in alerts
        name: String,
        /// What it waits for; the head of watches.toml explains how it is written
        #[arg(allow_hyphen_values = true)]
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
        #[arg(allow_hyphen_values = true)]
        query: String,
        /// How far back, or the first day, such as 2026-11-20
        #[arg(long, value_name = "TIME", default_value = "30d", value_parser = Moment::parse)]
        since: Moment,
    },
    /// Another name for `alerts --possible`
    #[command(hide = true)]
    Possible {
        /// How far back, or the first day, such as 2026-11-20
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = Moment::parse)]
        since: Moment,
    },
    /// Say what a watch finds in a text, how sure it is and why
    Explain {
        /// Its name
        name: String,
        /// The id of an article, a text file, a saved page, the address of a page, or - for standard input
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
pub(in crate::cli) enum AliasCommand {
    /// List the spellings that a watch has met, with count and sources
    List {
        /// The watch
        name: String,
        /// How far back, or the first day, such as 2026-11-20
        #[arg(long, value_name = "TIME", default_value = "30d", value_parser = Moment::parse)]
        since: Moment,
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
