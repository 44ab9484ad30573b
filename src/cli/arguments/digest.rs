//! What follows `sitrepd digest`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::moment::Moment;
use crate::digest::render::Format;

#[derive(Debug, Args)]
pub(in crate::cli) struct DigestOptions {
    /// How far back it goes, such as 7d, or the day it begins with, such as 2026-11-20, in the zone of the digest
    /// [default: 24h; with --preview and --send-test as far as the next one at its time]
    #[arg(long, value_name = "TIME", value_parser = Moment::parse)]
    pub(in crate::cli) since: Option<Moment>,
    /// The day before which it ends, or how far back that is [default: now]
    #[arg(long, value_name = "TIME", value_parser = Moment::parse, requires = "since")]
    pub(in crate::cli) until: Option<Moment>,
    /// The digest of this [[audience]] [default: that of [digest]]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) audience: Option<String>,
    /// html, text, md, json, atom, rss or jsonfeed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: Format,
    /// Write it to a file
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Send it through its channels
    #[arg(long, conflicts_with_all = ["format", "out"])]
    pub(in crate::cli) send: bool,
    /// Print what would go out if its time were now; nothing is sent or marked
    #[arg(long, conflicts_with = "send")]
    pub(in crate::cli) preview: bool,
    /// Send the preview, marked as a test, through its channels, or by mail to one address; nothing is marked as sent
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["send", "preview", "format", "out"])]
    pub(in crate::cli) send_test: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum IssuesCommand {
    /// List the digests that were issued, newest first
    List,
    /// Print a digest that was issued, as it went out; made again from the archive where it was not made in this format
    Show {
        /// Its slot as list prints it, or the beginning of it, such as 2026-11-27 or weekly/2026-11
        slot: String,
        /// html, text, md, json, atom, rss or jsonfeed
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
