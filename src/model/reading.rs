//! What was read from an article's page besides its text: what kind of page it is, and where each value was found.
//! Plain data; must not judge a page itself.

use super::Timestamp;

/// What was read from an article's page besides its text: how reliable it is, and where each value was found.
///
/// All of it is empty if no page was read, and in records from before it was stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// What the page is.
    pub judgement: Option<Judgement>,
    /// What is said about how the text came to be.
    pub flags: Vec<Flag>,
    /// When it was changed last, as the page or the feed claims.
    pub modified: Option<Timestamp>,
    /// The picture shown when the page is shared. An address of the publisher's, never fetched.
    pub image: Option<url::Url>,
    /// Provenance of the title.
    pub title: Option<Provenance>,
    /// Provenance of the authors.
    pub authors: Option<Provenance>,
    /// Provenance of the date of publication.
    pub published: Option<Provenance>,
    /// Provenance of the date of the last change.
    pub modified_from: Option<Provenance>,
    /// Lines that were cut from the text because they recur on pages of the source.
    pub repeated: Vec<Repeated>,
}

/// What a page is, and what that rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What it is.
    pub verdict: Verdict,
    /// The reason in plain words.
    pub reason: String,
}

/// What a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// An article.
    Article,
    /// A page that lists articles.
    ListPage,
    /// An article of which a part is for subscribers.
    Paywalled,
    /// A page that asks for consent first.
    ConsentWall,
    /// A page that wants to know whether a person reads it.
    ChallengePage,
    /// A film with hardly any text.
    VideoStub,
    /// Less text than an article has.
    TooShort,
    /// No web page.
    NotHtml,
}

impl Verdict {
    /// In plain words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::ListPage => "list page",
            Self::Paywalled => "paywalled",
            Self::ConsentWall => "consent wall",
            Self::ChallengePage => "challenge page",
            Self::VideoStub => "video stub",
            Self::TooShort => "too short",
            Self::NotHtml => "not HTML",
        }
    }

    /// Whether its text is an article's, if only the beginning of one.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Article | Self::Paywalled | Self::TooShort | Self::VideoStub)
    }
}

/// What is said about how a text came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// What.
    pub kind: FlagKind,
    /// The words or the address that say so.
    pub evidence: String,
}

/// What may be said about how a text came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagKind {
    /// A machine translated it.
    MachineTranslated,
    /// A machine wrote it. Only where the page says so, or holds a link that such programs leave; never a guess by
    /// style.
    MachineWritten,
    /// It comes from another outlet.
    Syndicated,
    /// It begins with what the feed says and the page does not, which is the evidence.
    BeginsWithFeed,
}

impl FlagKind {
    /// In plain words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MachineTranslated => "machine-translated",
            Self::MachineWritten => "machine-written",
            Self::Syndicated => "syndicated",
            Self::BeginsWithFeed => "begins-with-feed",
        }
    }

    /// Whether it is a reason to trust the text less.
    pub fn is_warning(self) -> bool {
        self != Self::BeginsWithFeed
    }
}

/// The place where a value was found, and how reliable it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Provenance {
    /// The kind of place.
    pub origin: Origin,
    /// How reliable it is, in percent.
    pub confidence: u8,
}

/// Where a value was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The site recipe.
    Recipe,
    /// Structured data, JSON-LD.
    JsonLd,
    /// A `<meta>` element.
    Meta,
    /// A heading of the page.
    Heading,
    /// An element that is marked as holding it, by name, attribute or class.
    Markup,
    /// The address of the page.
    Address,
    /// A script.
    Script,
    /// The text that a reader sees.
    Text,
    /// Nowhere: it was made of the body.
    Inferred,
    /// The source's own document: its feed or list.
    Feed,
}

impl Origin {
    /// In plain words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recipe => "recipe",
            Self::JsonLd => "json-ld",
            Self::Meta => "meta",
            Self::Heading => "heading",
            Self::Markup => "markup",
            Self::Address => "address",
            Self::Script => "script",
            Self::Text => "text",
            Self::Inferred => "inferred",
            Self::Feed => "feed",
        }
    }
}

/// A line that recurs on the pages of one source, and so is no part of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeated {
    /// The line, or the beginning of a long one.
    pub line: String,
    /// The number of pages that have it.
    pub on: u32,
    /// The number of pages compared.
    pub of: u32,
}
