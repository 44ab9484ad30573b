//! The page of an entry, with the further pages of an article that is cut into several, or its AMP version.

use std::{collections::HashSet, sync::Arc};

use url::Url;

use crate::{
    config::{Config, Polled},
    extract::{self, ExtractError, Extracted},
    fetch::{FetchError, PageResponse},
    model::{ArticleId, Entry, FetchRecord, Method, Page, Snapshot, Timestamp, Trail},
    parse,
    text::error_chain,
};

use crate::daemon::{Context, DaemonError, blocking};

/// Maximum pages of one article. More pages mean a gallery.
const MAX_PARTS: usize = 10;

/// What became of an article's page.
pub(in crate::daemon) struct PageRead {
    /// As the article has it.
    pub(in crate::daemon) page: Page,
    /// What was read from it.
    pub(in crate::daemon) extracted: Option<Extracted>,
    /// Whether the page was requested. It is not if there is no address, or if the site asked to be left alone.
    pub(in crate::daemon) was_asked: bool,
    /// Whether the site says that there is no such page: status 404 or 410, or it leads to the front page.
    pub(in crate::daemon) is_gone: bool,
    /// The page as received; for an article of several pages, the first.
    pub(in crate::daemon) came: Option<Came>,
    /// The site's answer that there is no such page.
    pub(in crate::daemon) refusal: Option<Box<Trail>>,
}

/// A page as it came in.
#[derive(Debug)]
pub(in crate::daemon) struct Came {
    pub(in crate::daemon) trail: Trail,
    pub(in crate::daemon) body: Vec<u8>,
}

impl Came {
    /// The page as it is stored; `None` if it is larger than the limit.
    pub(in crate::daemon) fn snapshot(self, article: ArticleId, max_bytes: u64) -> Option<Snapshot> {
        let Self { trail, body } = self;
        let is_kept = max_bytes > 0 && body.len() as u64 <= max_bytes;
        // The version is set when the article is settled.
        is_kept.then_some(Snapshot { article, version: 0, trail, body })
    }
}

impl PageRead {
    /// Without anything read.
    pub(super) fn nothing(page: Page, was_asked: bool) -> Self {
        Self { page, extracted: None, was_asked, is_gone: false, came: None, refusal: None }
    }
}

/// Reads an entry's page.
pub(in crate::daemon) async fn page(
    ctx: &Context,
    polled: &Polled,
    entry: &Entry,
    now: Timestamp,
) -> Result<PageRead, DaemonError> {
    let link = entry.link.as_ref().filter(|_| polled.source.reads_pages && entry.has_page());
    let Some(link) = link else { return Ok(PageRead::nothing(Page::None, false)) };
    match ask(ctx, polled, link.as_url(), now).await {
        Ok(mut response) => {
            let trail = response.trail.clone();
            // Sites send readers of a dead link to their front page, which is no article.
            if response.url.path() == "/" && response.url.query().is_none() && link.as_url().path() != "/" {
                let page = Page::Withheld("the address leads to the site's front page".to_owned());
                let came = Some(Came { trail, body: std::mem::take(&mut response.body) });
                return Ok(PageRead { is_gone: true, came, ..PageRead::nothing(page, true) });
            }
            let (page, extracted, body) = read_page(ctx, polled, response, now).await?;
            let (page, extracted) = further_pages(ctx, polled, page, extracted, now).await?;
            let came = Some(Came { trail, body });
            let read = PageRead { extracted, came, ..PageRead::nothing(page, true) };
            or_amp(ctx, polled, read, now).await
        }
        Err(error) => {
            let reason = error_chain(&error);
            let page = if may_come(&error) { Page::Unreachable(reason) } else { Page::Withheld(reason) };
            let is_gone = matches!(error, FetchError::Status { status: 404 | 410, .. });
            let was_asked = !matches!(error, FetchError::Waiting { .. });
            let refusal = match error {
                FetchError::Status { trail, .. } => trail,
                _ => None,
            };
            Ok(PageRead { is_gone, refusal, ..PageRead::nothing(page, was_asked) })
        }
    }
}

/// Requests a page with the settings of its source and of its host's recipe.
async fn ask(ctx: &Context, polled: &Polled, url: &Url, now: Timestamp) -> Result<PageResponse, FetchError> {
    let recipe = ctx.config.recipe(&polled.source, url);
    ctx.client.page(url, Config::page_request(&polled.source, recipe.as_deref(), url), now).await
}

/// Reads the further pages of an article, as far as its recipe finds them. If one cannot be fetched this time, the
/// article counts as unreachable, and a later poll reads all of it again.
async fn further_pages(
    ctx: &Context,
    polled: &Polled,
    page: Page,
    extracted: Option<Extracted>,
    now: Timestamp,
) -> Result<(Page, Option<Extracted>), DaemonError> {
    let (Page::Fetched(record), Some(mut whole)) = (&page, extracted) else { return Ok((page, None)) };
    let mut seen = HashSet::from([record.url.clone()]);
    let mut number = 1;
    while let Some(url) = whole.next.take().filter(|it| seen.insert(it.to_string())) {
        number += 1;
        if number > MAX_PARTS {
            whole.note(&format!("it has more than {MAX_PARTS} pages, the rest is not read"));
            break;
        }
        let response = match ask(ctx, polled, &url, now).await {
            Ok(response) => response,
            Err(error) => {
                let reason = format!("page {number} of the article: {}", error_chain(&error));
                if may_come(&error) {
                    return Ok((Page::Unreachable(reason), Some(whole)));
                }
                whole.note(&reason);
                break;
            }
        };
        let is_elsewhere = response.url.host() != url.host();
        // After the last page some sites redirect to the first.
        if is_elsewhere || (response.url != url && !seen.insert(response.url.to_string())) {
            break;
        }
        match read_markup(ctx, polled, response, now).await?.1 {
            Ok(more) if matches!(more.method, Method::Recipe(_)) => whole.go_on(more),
            _ => {
                whole.note(&format!("page {number} of the article has no text"));
                break;
            }
        }
    }
    Ok((page, Some(whole)))
}

/// Reads the AMP version of an article whose own page has only a poor text, if the page names one on its site and its
/// text is better. This is one more request, as polite as the first. If the site asks to come back later, the article
/// counts as unreachable and a later poll reads it again. A host that does not answer at all may never do so; the text
/// already read is kept then.
async fn or_amp(ctx: &Context, polled: &Polled, read: PageRead, now: Timestamp) -> Result<PageRead, DaemonError> {
    let PageRead { page: Page::Fetched(own), extracted: Some(mut extracted), came, .. } = read else {
        return Ok(read);
    };
    let as_it_is =
        |page, extracted, came| Ok(PageRead { extracted: Some(extracted), came, ..PageRead::nothing(page, true) });
    let address = Url::parse(&own.url).ok();
    let Some((url, address)) = extracted.wants_amp().cloned().zip(address) else {
        return as_it_is(Page::Fetched(own), extracted, came);
    };
    let response = match ask(ctx, polled, &url, now).await {
        Ok(response) => response,
        Err(error) => {
            let reason = format!("its AMP version: {}", error_chain(&error));
            // An answer for AMP pages that the site no longer makes is final: no retry.
            if error.is_transient() && matches!(error, FetchError::Status { .. } | FetchError::Waiting { .. }) {
                return as_it_is(Page::Unreachable(reason), extracted, came);
            }
            extracted.note(&reason);
            return as_it_is(Page::Fetched(own), extracted, came);
        }
    };
    // Sites that gave up AMP redirect to the page, or anywhere else.
    if response.url.host() != url.host() || response.url == address {
        return as_it_is(Page::Fetched(own), extracted, came);
    }
    let (at, trail) = (response.url.clone(), response.trail.clone());
    let (record, amp, body) = read_markup(ctx, polled, response, now).await?;
    match amp.is_ok_and(|it| extracted.take_amp(it, &at, &address)) {
        // What is kept as evidence is the page that the text was read from.
        true => as_it_is(Page::Fetched(record), extracted, Some(Came { trail, body })),
        false => as_it_is(Page::Fetched(own), extracted, came),
    }
}

/// Whether a page that could not be fetched may be fetched later. Firewalls answer 403, and feeds are ahead of their
/// pages, so that any status but 410 (Gone) may change.
fn may_come(error: &FetchError) -> bool {
    error.is_transient() || matches!(error, FetchError::Status { status, .. } if *status != 410)
}

async fn read_page(
    ctx: &Context,
    polled: &Polled,
    response: PageResponse,
    now: Timestamp,
) -> Result<(Page, Option<Extracted>, Vec<u8>), DaemonError> {
    let (templates, store, source) = (ctx.templates.clone(), Arc::clone(&ctx.store), polled.source.id.clone());
    let (record, read, body) = read_markup(ctx, polled, response, now).await?;
    let mut extracted = match read {
        Ok(it) => it,
        Err(error) => return Ok((Page::Withheld(error.to_string()), None, body)),
    };
    blocking(move || {
        templates.apply(&*store, &source, &record.url, &mut extracted, now);
        (Page::Fetched(record), Some(extracted), body)
    })
    .await
}

/// Extracts the text of a page that was received, with the recipe of its host.
async fn read_markup(
    ctx: &Context,
    polled: &Polled,
    response: PageResponse,
    now: Timestamp,
) -> Result<(FetchRecord, Result<Extracted, ExtractError>, Vec<u8>), DaemonError> {
    let recipe = ctx.config.recipe(&polled.source, &response.url);
    blocking(move || {
        let PageResponse { url, status, content_type, body, trail: _ } = response;
        let record = FetchRecord { status, url: url.to_string(), bytes: body.len() as u64, at: now };
        let document = extract::Document::of(&body, content_type.as_deref(), &url, parse::page_text);
        let read = extract::document(&document, &url, recipe.as_deref(), Some(now));
        drop(document);
        (record, read, body)
    })
    .await
}
