//! What follows `sitrepd source`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SourceCommand {
    /// List sources and how they do
    List {
        /// Fail (69) where a source that is polled is failing, empty, frozen or behind, was never polled, or was due
        /// more than an hour ago, as where no daemon runs
        #[arg(long)]
        fail_on_stale: bool,
    },
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
    /// Add the feeds of an OPML file to sources.toml, and what else `export` wrote into it
    Import {
        /// The file
        file: PathBuf,
    },
    /// Write the sources as OPML. Other readers find the feeds in it, `import` finds all, with their settings
    Export {
        /// The file; standard output where left out
        file: Option<PathBuf>,
    },
}
