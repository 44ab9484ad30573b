//! One item of a source, as a parser returns it. Plain data; nothing in it is checked, and its dates are the
//! publisher's claims.

use super::{Article, CanonicalUrl, Method, Origin, Provenance, SourceId, Timestamp};

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

impl Entry {
    /// The entry that an article was made from, as far as the article tells, for when its page is read again: the
    /// feed's own values again take precedence over the page's. The feed's text is known only where it is the article's.
    pub fn of_article(article: &Article) -> Self {
        let reading = &article.reading;
        let is_of_feed = |it: Option<Provenance>| it.is_some_and(|it| it.origin == Origin::Feed);
        Self {
            source: article.source.clone(),
            link: article.link.clone(),
            guid: article.guid.clone(),
            guid_is_unique: article.guid_is_unique,
            title: article.feed_title.clone(),
            text: if article.method == Method::Feed { article.body.clone() } else { String::new() },
            authors: if is_of_feed(reading.authors) { article.authors.clone() } else { Vec::new() },
            published: article.published.filter(|_| is_of_feed(reading.published)),
            updated: reading.modified.filter(|_| is_of_feed(reading.modified_from)),
            language: article.language.clone(),
            enclosures: Vec::new(),
        }
    }
}

/// Attached media of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosure {
    /// Where it is.
    pub url: CanonicalUrl,
    /// The claimed media type.
    pub media_type: Option<String>,
}
