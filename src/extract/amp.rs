//! The AMP version of a page, and when it serves better. Sites that cut an article short on the page itself often
//! give all of it there.

use url::Url;

use super::{Extracted, article, head::Head, meta::same_site};

use crate::{
    model::{Article, CanonicalUrl, Origin, Verdict},
    text::fold,
};

/// Marks, in the reason of the verdict, a text that is an AMP version's, before its address. It is the only mark in
/// stored articles, so another wording would make stored ones unrecognisable.
const TAKEN: &str = "the text is that of its AMP version, ";

/// The AMP version that a page names, on the same site.
pub(super) fn address(head: &Head, url: &Url) -> Option<Url> {
    let is_amp = |rel: &str| rel.split_ascii_whitespace().any(|it| it == "amphtml");
    let links = head.links.iter().filter(|(rel, _)| is_amp(rel));
    let mut addresses = links.filter_map(|(_, href)| url.join(href.trim()).ok());
    addresses.find(|it| {
        let mut other = it.clone();
        other.set_fragment(url.fragment());
        matches!(it.scheme(), "http" | "https") && other != *url && same_site(url, it)
    })
}

/// Whether the text of an article is that of an AMP version.
pub fn is_of_amp(article: &Article) -> bool {
    article.reading.judgement.as_ref().is_some_and(|it| it.reason.contains(TAKEN))
}

impl Extracted {
    /// The address of the AMP version, if the page names one and its own text is poor: locked, or hardly any.
    pub fn wants_amp(&self) -> Option<&Url> {
        let is_poor = match self.verdict.0 {
            Verdict::Paywalled | Verdict::TooShort => true,
            Verdict::Article => self.body.chars().count() < article::SHORT_BODY,
            _ => false,
        };
        self.amp.as_ref().filter(|_| is_poor)
    }

    /// Replaces the text by that of the AMP version of `page`, read from `at`, if that is better by the same comparison
    /// as the feed's own text. Returns whether it did. Title, authors and dates stay those of the page, as far as it
    /// has them.
    pub fn take_amp(&mut self, amp: Self, at: &Url, page: &Url) -> bool {
        if !amp.verdict.0.is_text() || !article::is_better(self, &amp.body) || !self.is_same_article(&amp, at, page) {
            return false;
        }
        let Self { body, method, verdict, flags, cut, missed, title, authors, published, modified, origins, .. } = amp;
        if self.title.is_none() {
            (self.title, self.origins.title) = (title, origins.title);
        }
        if self.authors.is_empty() {
            (self.authors, self.origins.authors) = (authors, origins.authors);
        }
        if self.published.is_none() {
            (self.published, self.origins.published) = (published, origins.published);
        }
        if self.modified.is_none() {
            (self.modified, self.origins.modified) = (modified, origins.modified);
        }
        self.repeated.clear();
        (self.body, self.method, self.verdict, self.flags, self.cut) = (body, method, verdict, flags, cut);
        (self.missed, self.next) = (missed, None);
        self.note(&format!("{TAKEN}{at}"));
        true
    }

    /// Whether the document read as an AMP version is of this article: sites that gave up AMP redirect to their newest
    /// story, or to a section. An AMP version names its page as canonical (AMP HTML specification, "required markup");
    /// otherwise the titles decide, if both pages have one.
    fn is_same_article(&self, amp: &Self, at: &Url, page: &Url) -> bool {
        let key = |it: &Url| CanonicalUrl::new(it.clone()).map(|it| it.key().to_owned());
        let named = amp.canonical.as_ref().map(|it| it.key().to_owned()).filter(|it| key(at).as_ref() != Some(it));
        let title = |it: &Self| {
            let is_made = it.origins.title.as_ref().is_none_or(|it| it.origin == Origin::Inferred);
            it.title.as_deref().filter(|_| !is_made).map(fold)
        };
        match (named, title(self), title(amp)) {
            (Some(named), ..) => {
                key(page).as_ref() == Some(&named) || self.canonical.as_ref().is_some_and(|it| it.key() == named)
            }
            (None, Some(own), Some(other)) => own == other,
            (None, ..) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::page;

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[track_caller]
    fn check(link: &str, expected: Option<&str>) {
        let document = crate::text::html::document(link).unwrap();
        let found = address(&Head::read(&document), &url("https://www.gazette.example/news/1"));
        assert_eq!(found.as_ref().map(Url::as_str), expected, "{link}");
    }

    #[test]
    fn the_amp_version_is_another_page_of_the_same_site() {
        check("<link rel=amphtml href='/amp/1'>", Some("https://www.gazette.example/amp/1"));
        check("<link rel='AmpHtml nofollow' href='?amp=1'>", Some("https://www.gazette.example/news/1?amp=1"));
        check("<link rel=amphtml href='//amp.gazette.example/1'>", Some("https://amp.gazette.example/1"));
        for link in [
            "<link rel=amphtml href=''>",
            "<link rel=amphtml href='#amp'>",
            "<link rel=amphtml href='https://cache.example/gazette/1'>",
            "<link rel=amphtml href='javascript:1'>",
            "<link rel=amphtml href='ftp://gazette.example/1'>",
            "<link rel=canonical href='/amp/1'>",
        ] {
            check(link, None);
        }
    }

    fn read(n_sentences: usize, head: &str) -> Extracted {
        let text = "The delegation went over the bridge in the morning, and came back late. ".repeat(n_sentences);
        let markup = format!("{head}<link rel=amphtml href=/amp><h1>Talks begin</h1><p>{text}</p>");
        page(&markup, &url("https://gazette.example/1"), None).unwrap()
    }

    #[test]
    fn it_is_asked_for_where_the_own_text_is_poor() {
        assert!(read(1, "").wants_amp().is_some());
        assert!(read(3, "").wants_amp().is_some());
        assert_eq!(read(20, "").wants_amp(), None);
        assert_eq!(Extracted { amp: None, ..read(1, "") }.wants_amp(), None);
    }

    #[test]
    fn it_is_used_where_it_serves_better() {
        let [at, page] = ["https://gazette.example/amp", "https://gazette.example/1"].map(url);
        let (mut stub, whole) = (read(1, "<title>Talks begin</title>"), read(20, ""));
        assert!(stub.take_amp(whole.clone(), &at, &page));
        assert_eq!((&stub.body, stub.verdict.0), (&whole.body, Verdict::Article));
        assert!(stub.verdict.1.ends_with("; the text is that of its AMP version, https://gazette.example/amp"));
        assert_eq!(stub.title.as_deref(), Some("Talks begin"));
        let mut own = read(3, "");
        assert!(!own.take_amp(read(1, ""), &at, &page));
        assert!(!own.take_amp(Extracted { verdict: (Verdict::ChallengePage, String::new()), ..whole }, &at, &page));
        assert_eq!(own, read(3, ""));
    }

    #[test]
    fn another_article_is_not_taken_for_it() {
        let [at, page] = ["https://gazette.example/amp", "http://gazette.example/1"].map(url);
        let named = |link: &str| read(20, &format!("<title>Talks begin</title><link rel=canonical href='{link}'>"));
        let title = |it: Extracted, title: &str| Extracted { title: Some(title.to_owned()), ..it };
        for (amp, is_taken) in [
            (named("/1"), true),
            (title(named("/1"), "Another wording"), true),
            (named("/2"), false),
            (named("/amp"), true),
            (title(named("/amp"), "The newest story"), false),
            (read(20, "<title>The newest story</title>"), false),
            (read(20, "<title>TALKS BEGIN</title>"), true),
            (read(20, ""), true),
        ] {
            let canonical = amp.canonical.clone();
            let mut stub = Extracted { canonical: None, ..read(1, "<title>Talks begin</title>") };
            assert_eq!(stub.take_amp(amp, &at, &page), is_taken, "{canonical:?}");
        }
    }
}
