//! The public preview of a Telegram channel, `https://t.me/s/…`. A post is a whole text; it has no page of its own
//! that would say more.

use scraper::{ElementRef, Html};
use url::Url;

use crate::model::{Selector, SourceId};

use super::{
    Document, ParseError, Parsed, canonical, charset,
    draft::{self, Draft},
    page, selected,
};

/// Reads the posts of a preview.
pub(super) fn read(source: &SourceId, document: Document<'_>) -> Result<Parsed, ParseError> {
    let markup = charset::decode_page(document.bytes, document.content_type);
    if markup.trim().is_empty() {
        return Err(ParseError::Empty);
    }
    let html = selected::page(&markup)
        .map_err(|it| ParseError::Unreadable { what: "channel preview", reason: it.to_string() })?;
    let posts = selected::all(&html, &css(".tgme_widget_message[data-post]"));
    // A post inside another is not one, and would be read once for each level of nesting.
    let is_inner =
        |it: &ElementRef<'_>| it.ancestors().filter_map(ElementRef::wrap).any(|it| it.attr("data-post").is_some());
    if posts.is_empty() {
        // A channel whose owner has switched the preview off answers 200 with an empty page, or with its front page.
        return Err(match page::is_challenge(&markup) {
            true => page::instead(&markup),
            false => ParseError::NoEntries { reason: "the channel has no public preview".to_owned() },
        });
    }
    Ok(Parsed {
        title: channel(&html),
        entries: posts
            .into_iter()
            .filter(|it| !is_inner(it))
            .filter_map(|it| entry(source, document.url, it))
            .collect(),
        next: older(&html, document.url),
        ..Parsed::default()
    })
}

fn css(text: &str) -> Selector {
    Selector { css: text.to_owned(), attribute: None }
}

fn channel(html: &Html) -> Option<String> {
    let title = selected::all(html, &css(".tgme_channel_info_header_title"));
    title.first().map(|it| selected::text(*it)).filter(|it| !it.is_empty())
}

/// A post with a text: pictures alone say nothing that could be read, and notes such as "channel created" no news.
fn entry(source: &SourceId, base: &Url, post: ElementRef<'_>) -> Option<crate::model::Entry> {
    if post.attr("class").is_some_and(|it| it.contains("service_message")) {
        return None;
    }
    // The answer's own text: what it replies to stands in an element of another class.
    let text = selected::first(post, &css(".tgme_widget_message_text.js-message_text"))
        .or_else(|| selected::first(post, &css(".tgme_widget_message_text")))?;
    let id = post.attr("data-post")?;
    let date = selected::first(post, &css(".tgme_widget_message_date time[datetime]"));
    let draft = Draft {
        link: draft::link(&format!("/{id}"), base),
        guid: Some(id),
        texts: [&text.inner_html(), ""],
        published: date.and_then(|it| canonical::date(it.attr("datetime")?, chrono_tz::Tz::UTC)),
        ..Draft::default()
    };
    draft.entry(source).filter(|it| !it.text.is_empty())
}

/// The page of older posts.
fn older(html: &Html, base: &Url) -> Option<Url> {
    let more = selected::all(html, &css("a.tme_messages_more[data-before]"));
    base.join(more.first()?.attr("href")?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_in_each_other_are_one() {
        let open = |n: usize| {
            format!(
                "<div class=\"tgme_widget_message\" data-post=\"desk/{n}\"><div class=\"tgme_widget_message_text\">"
            )
        };
        let page = format!(
            "{}The bridge is open.{}{}The road is closed.",
            (0..50).map(open).collect::<Vec<_>>().concat(),
            "</div></div>".repeat(50),
            open(99)
        );
        let url = Url::parse("https://t.example/s/desk").unwrap();
        let document = Document {
            bytes: page.as_bytes(),
            content_type: Some("text/html"),
            url: &url,
            now: crate::model::Timestamp::UNIX_EPOCH,
        };
        let read = read(&SourceId::sample(), document).unwrap();
        assert_eq!(read.entries.iter().filter_map(|it| it.guid.as_deref()).collect::<Vec<_>>(), ["desk/0", "desk/99"]);
    }
}
