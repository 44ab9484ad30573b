//! The public preview of a Telegram channel, `https://t.me/s/…`. A post is a whole text; it has no page of its own
//! that would say more.

use scraper::{ElementRef, Html};
use url::Url;

use crate::{
    model::{Selector, SourceId},
    text::capped,
};

use super::{
    Document, ParseError, Parsed, canonical, charset,
    draft::{self, Draft},
    page, selected,
};

/// Bytes of a post's markup; it has 4,096 letters at most, and posts may lie in each other.
const MAX_POST: usize = 100_000;

/// Reads the posts of a preview.
pub(super) fn read(source: &SourceId, document: Document<'_>) -> Result<Parsed, ParseError> {
    let markup = charset::decode_page(document.bytes, document.content_type);
    if markup.trim().is_empty() {
        return Err(ParseError::Empty);
    }
    let html = selected::page(&markup)
        .map_err(|it| ParseError::Unreadable { what: "channel preview", reason: it.to_string() })?;
    let posts = selected::all(&html, &css(".tgme_widget_message[data-post]"));
    if posts.is_empty() {
        // A channel whose owner has switched the preview off answers 200 with an empty page, or with its front page.
        return Err(match page::is_challenge(&markup) {
            true => page::instead(&markup),
            false => ParseError::NoEntries { reason: "the channel has no public preview".to_owned() },
        });
    }
    Ok(Parsed {
        title: channel(&html),
        entries: posts.into_iter().filter_map(|it| entry(source, document.url, it)).collect(),
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
    let inner = text.inner_html();
    let draft = Draft {
        link: draft::link(&format!("/{id}"), base),
        guid: Some(id),
        texts: [capped(&inner, MAX_POST), ""],
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
