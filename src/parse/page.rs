//! Recognises web pages that were sent in place of something else.

use crate::text::capped;

use super::{ParseError, draft};

/// Bytes of a page that are looked at.
const HEAD: usize = 20_000;

/// Whether a document is a web page.
pub(super) fn is_one(text: &str) -> bool {
    let head = capped(text, 2_000).to_ascii_lowercase();
    head.contains("<!doctype html") || head.contains("<html")
}

/// The error for a page received in place of something else.
pub(super) fn instead(text: &str) -> ParseError {
    ParseError::WebPage { title: title(text), is_challenge: is_challenge(text) }
}

fn title(text: &str) -> Option<String> {
    let head = capped(text, HEAD);
    let lower = head.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower.get(start..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find("</title")?;
    draft::line(capped(head.get(start..end)?, 200))
}

/// Phrases of challenge pages. Sites behind such a firewall have some of its scripts on every page, so only texts of
/// the challenge itself count.
const MARKS: &[&str] = &[
    "_cf_chl_opt",
    "cf-browser-verification",
    "<title>just a moment",
    "<title>attention required! | cloudflare",
    "<title>ddos-guard",
    "/_incapsula_resource",
    "captcha-delivery.com",
    "px-captcha",
    "awswafintegration",
    "checking your browser",
    "are you human",
    "are you a robot",
    "verify you are human",
    "вы не робот",
    "проверка браузера",
    "smartcaptcha",
];

/// Whether a page asks for a human.
pub(super) fn is_challenge(text: &str) -> bool {
    let head = capped(text, HEAD).to_lowercase();
    MARKS.iter().any(|it| head.contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_challenges_from_other_pages() {
        let page =
            |title: &str| format!("<!DOCTYPE html><html><head><title>{title}</title></head><body>Wait</body></html>");
        for (title, expected) in [("Just a moment...", true), ("Вы не робот?", true), ("Page not found", false)]
        {
            let text = page(title);
            assert!(is_one(&text));
            assert_eq!(
                instead(&text),
                ParseError::WebPage { title: Some(title.to_owned()), is_challenge: expected },
                "{title}"
            );
        }
        // The firewall's script for every visitor.
        assert!(!is_challenge("<html><script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script>"));
    }
}
