//! Whether an entry is held already, and whether an article copies one that is. Pure.
//!
//! An entry is recognised by its link first, then by its guid, then by its title within its source. A
//! guid alone is never trusted: one real feed gives every item the same guid, others number the items of
//! each document from 1.

use crate::model::{ArticleId, Fingerprint, SourceId, StoryId, Timestamp};

/// What an article can be looked up by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// [`crate::model::CanonicalUrl::key`], over all sources.
    Link(String),
    /// The guid within a source.
    Guid(SourceId, String),
    /// The folded title within a source.
    Title(SourceId, String),
}

/// An article that is held under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The article.
    pub article: ArticleId,
    /// Its version.
    pub version: u32,
    /// Its folded feed title.
    pub title: String,
    /// Whether its page could not be had when it was last read, so that it is worth another reading.
    pub unreachable: bool,
}

/// An article that may be the original of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The article.
    pub article: ArticleId,
    /// Its story.
    pub story: StoryId,
    /// Where it was found.
    pub source: SourceId,
    /// When it was first held.
    pub first_seen: Timestamp,
    /// By which it is compared.
    pub fingerprint: Fingerprint,
}
