//! What was read from a page.

use std::{borrow::Cow, collections::HashSet};

use chrono::NaiveDate;
use url::Url;

use crate::model::{CanonicalUrl, Flag, Method, Repeated, Timestamp, Verdict};

use super::Told;

/// What was read from a page. Texts are plain, the body one paragraph a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Extracted {
    /// The body; empty where none was found.
    pub body: String,
    /// One line.
    pub title: Option<String>,
    /// Author names.
    pub authors: Vec<String>,
    /// As the page claims.
    pub published: Option<Timestamp>,
    /// BCP 47 code as the page claims.
    pub language: Option<String>,
    /// The outlet as the page names itself.
    pub site_name: Option<String>,
    /// The address that the page calls its own, on this site.
    pub canonical: Option<CanonicalUrl>,
    /// How the body was found.
    pub method: Method,
    /// What the page is, with the reason.
    pub verdict: (Verdict, String),
    /// What is said about how the text came to be.
    pub flags: Vec<Flag>,
    /// The picture that is shown where the page is shared.
    pub image: Option<Url>,
    /// When it was changed last, as the page claims.
    pub modified: Option<Timestamp>,
    /// The places where title, authors and dates were found.
    pub origins: Origins,
    /// Text of the page that is no part of the body, and why.
    pub cut: Vec<(String, Cow<'static, str>)>,
    /// The lines among these that were cut because they recur on other pages of the source.
    pub repeated: Vec<Repeated>,
    /// The recipe that found no text on the page, which was then read without it.
    pub missed: Option<String>,
    /// The next page of the same article, on the same host, as its recipe says.
    pub next: Option<Url>,
    /// The AMP version of the page that it names, on the same site.
    pub amp: Option<Url>,
}

/// Where title, authors and dates were found, and how reliable each is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Origins {
    /// The place of the title.
    pub title: Option<Told<()>>,
    /// The place of the authors.
    pub authors: Option<Told<()>>,
    /// The place of the date of publication, with the day as the page writes it, in the publisher's own zone.
    pub published: Option<Told<NaiveDate>>,
    /// The place of the date of the last change.
    pub modified: Option<Told<NaiveDate>>,
}

impl Extracted {
    /// Nothing was found.
    pub(super) fn nothing(method: Method) -> Self {
        Self {
            body: String::new(),
            title: None,
            authors: Vec::new(),
            published: None,
            language: None,
            site_name: None,
            canonical: None,
            method,
            verdict: (Verdict::TooShort, "there is no text".to_owned()),
            flags: Vec::new(),
            image: None,
            modified: None,
            origins: Origins::default(),
            cut: Vec::new(),
            repeated: Vec::new(),
            missed: None,
            next: None,
            amp: None,
        }
    }

    /// Adds to the reason of the verdict.
    pub fn note(&mut self, reason: &str) {
        self.verdict.1.push_str("; ");
        self.verdict.1.push_str(reason);
    }

    /// Appends a further page of the same article: the lines of its text that are not here already, since sites repeat
    /// the lead.
    pub fn go_on(&mut self, page: Self) {
        let held: HashSet<&str> = self.body.lines().collect();
        let more: Vec<&str> = page.body.lines().filter(|it| !held.contains(it)).collect();
        let body = [self.body.as_str()].into_iter().chain(more).collect::<Vec<_>>().join("\n");
        self.body = body;
        self.cut.extend(page.cut);
        self.next = page.next;
    }
}
