//! The AMP version of a page, and when it serves better. Sites that cut an article short on the page itself often
//! give all of it there.

use url::Url;

use super::{Extracted, article, head::Head, meta::same_site};

use crate::model::Verdict;

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

impl Extracted {
    /// The address of the AMP version, where the page names one and its own text is poor: locked, or hardly any.
    pub fn wants_amp(&self) -> Option<&Url> {
        let is_poor = match self.verdict.0 {
            Verdict::Paywalled | Verdict::TooShort => true,
            Verdict::Article => self.body.chars().count() < article::SHORT_BODY,
            _ => false,
        };
        self.amp.as_ref().filter(|_| is_poor)
    }

    /// Takes the text of the AMP version, read from `at`, in place of its own where that serves better, by the same
    /// comparison as the feed's own text. Says whether it did. Title, authors and dates stay those of the page, as far as it
    /// gives them.
    pub fn take_amp(&mut self, amp: Self, at: &Url) -> bool {
        if !amp.verdict.0.is_text() || !article::is_better(self, &amp.body) {
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
        self.note(&format!("the text is that of its AMP version, {at}"));
        true
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
        let at = url("https://gazette.example/amp");
        let (mut stub, whole) = (read(1, "<title>Talks begin</title>"), read(20, ""));
        assert!(stub.take_amp(whole.clone(), &at));
        assert_eq!((&stub.body, stub.verdict.0), (&whole.body, Verdict::Article));
        assert!(stub.verdict.1.ends_with("; the text is that of its AMP version, https://gazette.example/amp"));
        assert_eq!(stub.title.as_deref(), Some("Talks begin"));
        let mut own = read(3, "");
        assert!(!own.take_amp(read(1, ""), &at));
        assert!(!own.take_amp(Extracted { verdict: (Verdict::ChallengePage, String::new()), ..whole }, &at));
        assert_eq!(own, read(3, ""));
    }
}
