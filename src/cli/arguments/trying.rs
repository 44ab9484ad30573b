//! What follows `sitrepd try`.

use std::path::PathBuf;

use clap::Subcommand;

use super::language;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TryCommand {
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
        /// A text file, a saved page, the address of a page, or - for standard input
        #[arg(required_unless_present_any = ["jsonl", "terms"])]
        input: Option<String>,
        /// Records {"id","title","text"} to {"id","watches"}, {"id","term","text","text_lang"} to
        /// {"id","match","score","class","spans",…}
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
        #[arg(long, value_name = "QUERY", conflicts_with_all = ["jsonl", "terms"], allow_hyphen_values = true)]
        query: Option<String>,
        /// With --terms: show weak hits too, of which no watch would tell; --query shows them always
        #[arg(long, requires = "terms")]
        possible: bool,
    },
    /// Say which topics a text has, and why or why not. The first line of a file is its title
    Topic {
        /// A text file, a saved page, the address of a page, or - for standard input
        #[arg(required_unless_present = "jsonl")]
        input: Option<String>,
        /// One topic
        #[arg(long, value_name = "ID", conflicts_with = "jsonl")]
        topic: Option<String>,
        /// Records {"id","title","text"} to {"id","topics","traces"}
        #[arg(long, conflicts_with = "input")]
        jsonl: bool,
        /// The topics of this file instead of those of the configuration; topics given by examples learn from the
        /// records too
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
        /// Know from the first 20,000 records what is rare, as a daemon does after some days; else it is learned on the
        /// way
        #[arg(long)]
        warm: bool,
    },
}
