//! One item of a source, as a parser returns it. Plain data; nothing in it is checked, and its dates are the
//! publisher's claims.

use url::Url;

use super::{Article, CanonicalUrl, Origin, Provenance, SourceId, Timestamp};

/// One item of a source, as the publisher wrote it. Every text is plain: markup removed, entities decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The source it came from.
    pub source: SourceId,
    /// The article's address; `None` where the feed gives no usable one.
    pub link: Option<CanonicalUrl>,
    /// Whether the link may name the entry. Not where different entries of its document have the same link, nor where
    /// it is a front page: such a link is shown, but it identifies nothing, and its page is not the entry's.
    pub link_is_own: bool,
    /// The address that the guid says to be the page's (RSS `isPermaLink`), where the link is another.
    pub permalink: Option<CanonicalUrl>,
    /// RSS `guid` or Atom `id`, verbatim; `None` where absent or made up by the parser. Where it is absent and the link
    /// has a fragment, the link as it is written: live blogs tell their posts apart by that alone.
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
    /// As the feed claims. Where guid and link leave open which article an entry is, it decides with the rest.
    pub published: Option<Timestamp>,
    /// As the feed claims.
    pub updated: Option<Timestamp>,
    /// Whether `updated` stands for the date of publication where nothing else gives one. So in feeds, since Atom
    /// requires `updated` and not `published` (RFC 4287 §4.1.2). Not in sitemaps: sites renew `lastmod` on old pages.
    pub is_dated_by_update: bool,
    /// BCP 47 code that the feed or the entry claims.
    pub language: Option<String>,
    /// Attached media.
    pub enclosures: Vec<Enclosure>,
}

impl Entry {
    /// Where the date of an article is that of its entry's last change, and how far that is believed to be the date of
    /// publication: most entries are never changed.
    pub const BY_UPDATE: Provenance = Provenance { origin: Origin::Feed, confidence: 60 };

    /// The entry that an article was made from, as far as the article tells, for when its page is read again: the
    /// feed's own values again take precedence over the page's. The feed's text is known only as far as it is the
    /// article's.
    pub fn of_article(article: &Article) -> Self {
        let reading = &article.reading;
        let is_of_feed = |it: Option<Provenance>| it.is_some_and(|it| it.origin == Origin::Feed);
        let is_dated_by_update = reading.published.is_some_and(|it| it == Self::BY_UPDATE);
        let modified = reading.modified.filter(|_| is_of_feed(reading.modified_from));
        Self {
            source: article.source.clone(),
            link: article.link.clone(),
            link_is_own: true,
            permalink: None,
            guid: article.guid.clone(),
            guid_is_unique: article.guid_is_unique,
            title: article.feed_title.clone(),
            text: article.text_of_feed().unwrap_or_default().to_owned(),
            authors: if is_of_feed(reading.authors) { article.authors.clone() } else { Vec::new() },
            published: article.published.filter(|_| is_of_feed(reading.published) && !is_dated_by_update),
            updated: if is_dated_by_update { article.published } else { modified },
            is_dated_by_update,
            language: article.language.clone(),
            enclosures: Vec::new(),
        }
    }

    /// When it was published, as far as the feed says.
    pub fn date(&self) -> Option<Timestamp> {
        self.published.or(self.updated.filter(|_| self.is_dated_by_update))
    }

    /// Where it stands among others in time: the date of its last change, if there is no better.
    pub fn order_date(&self) -> Option<Timestamp> {
        self.published.or(self.updated)
    }

    /// Whether its link leads to a page that may be its own.
    pub fn has_page(&self) -> bool {
        self.link.is_some() && self.link_is_own
    }

    /// Whether its guid is a place within the page of its link, as those of a live blog's posts are.
    pub fn is_part_of_page(&self) -> bool {
        let address = self.guid.as_ref().and_then(|it| Url::parse(it).ok());
        let address = address.filter(|it| it.fragment().is_some_and(|it| !it.is_empty()));
        let page = address.and_then(CanonicalUrl::new);
        page.zip(self.link.as_ref()).is_some_and(|(page, link)| page.key() == link.key())
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
