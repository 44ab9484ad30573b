//! What follows `sitrepd topics`.

use clap::Subcommand;

use super::moment::Moment;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TopicsCommand {
    /// Print precision, recall and F1 of each topic on your labels, by rules alone and with what is learned
    Eval,
    /// Propose terms that set a topic's articles apart and are not in its rule
    Suggest {
        /// The topic's id
        topic: String,
        /// How far back, or the first day, such as 2026-11-20
        #[arg(long, value_name = "TIME", default_value = "90d", value_parser = Moment::parse)]
        since: Moment,
    },
}
