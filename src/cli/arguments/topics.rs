//! What follows `sitrepd topics`.

use std::time::Duration;

use clap::Subcommand;

use super::period;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TopicsCommand {
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
