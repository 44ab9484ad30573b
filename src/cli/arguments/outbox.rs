//! What follows `sitrepd outbox`.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum OutboxCommand {
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

#[derive(Debug, Args)]
pub(in crate::cli) struct WhichMessages {
    /// Their ids as list prints them, or the beginning of one
    #[arg(value_name = "ID")]
    pub(in crate::cli) ids: Vec<String>,
    /// All that were given up
    #[arg(long, conflicts_with = "ids")]
    pub(in crate::cli) parked: bool,
    /// All for this channel as list prints it, configured or not; with --parked only those of it that were given up
    #[arg(long, conflicts_with = "ids", value_name = "CHANNEL")]
    pub(in crate::cli) channel: Option<String>,
}
