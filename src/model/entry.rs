//! One item of a source, as a parser returns it. Plain data; nothing in it is checked, and its dates are the
//! publisher's claims.

use super::{CanonicalUrl, SourceId, Timestamp};

/// One item of a source, as the publisher wrote it. Every text is plain: markup removed, entities decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The source it came from.
    pub source: SourceId,
    /// The article's address; `None` where the feed gives no usable one.
    pub link: Option<CanonicalUrl>,
    /// RSS `guid` or Atom `id`, verbatim; `None` where absent or made up by the parser.
    pub guid: Option<String>,
    /// Whether no other entry of the same document carries this guid. One real feed (Qafqazinfo) gives
    /// every item the same guid: a guid that is not unique identifies nothing.
    pub guid_is_unique: bool,
    /// One line; empty where the feed gives none.
    pub title: String,
    /// The longest text the feed gives for the entry (content before summary), paragraphs apart by `\n`.
    pub text: String,
    /// Author names.
    pub authors: Vec<String>,
    /// As the feed claims. Shown to people; never used to decide whether an entry is new.
    pub published: Option<Timestamp>,
    /// As the feed claims.
    pub updated: Option<Timestamp>,
    /// BCP 47 code that the feed or the entry claims.
    pub language: Option<String>,
    /// Attached media.
    pub enclosures: Vec<Enclosure>,
}

/// Attached media of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosure {
    /// Where it is.
    pub url: CanonicalUrl,
    /// The claimed media type.
    pub media_type: Option<String>,
}
