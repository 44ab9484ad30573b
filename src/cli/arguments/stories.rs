//! What follows `sitrepd stories`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum StoriesCommand {
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
