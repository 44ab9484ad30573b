//! Finds out how a site can be read, by trying what its page suggests and what is usual.

use url::Url;

use crate::{
    decide::source::Answer,
    fetch::{Client, DocumentRequest, Wanted},
    model::{Entry, Source, SourceId, SourceKind, Timestamp},
    parse::{
        self, Document,
        discover::{self, Lead},
    },
    text::error_chain,
};

use super::{DaemonError, documents};

/// The search ends when this many ways are found.
const ENOUGH: usize = 3;

/// A way in which a site was read.
#[derive(Debug)]
pub struct Found {
    /// The source, with a placeholder id.
    pub source: Source,
    /// Why it was tried.
    pub why: &'static str,
    /// The source's own title.
    pub title: Option<String>,
    /// What was read, in the order of the document.
    pub entries: Vec<Entry>,
    /// What was wrong, in plain words.
    pub problems: Vec<String>,
}

/// What came of looking.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The best first.
    pub found: Vec<Found>,
    /// Addresses that were tried in vain, and why they failed.
    pub tried: Vec<(Url, String)>,
}

/// Looks for ways to read the site behind `url`. `progress` receives each address before it is requested.
///
/// # Errors
///
/// [`DaemonError::Panicked`]. Failures of the site are in the result.
pub async fn discover(
    client: &Client,
    url: &Url,
    settings: parse::Settings,
    now: Timestamp,
    progress: &(dyn Fn(&Url) + Sync),
) -> Result<Discovery, DaemonError> {
    let search = Search { client, settings, now, progress };
    let mut res = Discovery::default();
    // The address may be a feed's own.
    search.attempt(discover::itself(url), &mut res).await?;
    if !res.found.is_empty() {
        return Ok(res);
    }
    // A front page that refuses says nothing about the site's feeds, so the usual addresses are still tried.
    let (page, leads) = match search.page(url).await? {
        Ok(it) => it,
        Err(reason) => {
            res.tried.push((url.clone(), reason));
            (url.clone(), Vec::new())
        }
    };
    let (feeds, lists): (Vec<_>, Vec<_>) =
        leads.into_iter().partition(|it| matches!(it.kind, SourceKind::Syndication | SourceKind::Telegram));
    search.attempt(feeds, &mut res).await?;
    if res.found.is_empty() {
        search.attempt(discover::usual_feeds(&page), &mut res).await?;
    }
    if res.found.is_empty() {
        let robots = search.robots(&page).await;
        search.attempt(discover::beside_feeds(&page, &robots), &mut res).await?;
    }
    search.attempt(lists, &mut res).await?;
    Ok(res)
}

struct Search<'a> {
    client: &'a Client,
    settings: parse::Settings,
    now: Timestamp,
    progress: &'a (dyn Fn(&Url) + Sync),
}

impl Search<'_> {
    /// The page's address after redirects and the addresses it suggests, or why it could not be fetched.
    async fn page(&self, url: &Url) -> Result<Result<(Url, Vec<Lead>), String>, DaemonError> {
        (self.progress)(url);
        let request = DocumentRequest { wanted: Wanted::Page, obeys_robots: true, ..DocumentRequest::default() };
        let fetched = match self.client.document(url, request, self.now).await {
            Ok(it) => it,
            Err(error) => return Ok(Err(error_chain(&error))),
        };
        let (body, now) = (fetched.body.unwrap_or_default(), self.now);
        let url = fetched.url.clone();
        let leads = super::blocking(move || {
            let content_type = fetched.content_type.as_deref();
            discover::of_page(Document { bytes: &body, content_type, url: &fetched.url, now })
        });
        Ok(Ok((url, leads.await?)))
    }

    async fn robots(&self, page: &Url) -> String {
        let Ok(url) = page.join("/robots.txt") else { return String::new() };
        (self.progress)(&url);
        let fetched = self.client.document(&url, DocumentRequest::default(), self.now).await;
        let body = fetched.ok().and_then(|it| it.body).unwrap_or_default();
        String::from_utf8_lossy(&body).into_owned()
    }

    /// Tries each lead until enough is found.
    async fn attempt(&self, leads: Vec<Lead>, res: &mut Discovery) -> Result<(), DaemonError> {
        for Lead { url, kind, why } in leads {
            let is_known = res.found.iter().any(|it| it.source.url == url && it.source.kind == kind)
                || (kind == SourceKind::Syndication && res.tried.iter().any(|it| it.0 == url));
            if res.found.len() >= ENOUGH || is_known {
                continue;
            }
            (self.progress)(&url);
            let reads_pages = kind != SourceKind::Telegram;
            let name = url.host_str().unwrap_or_default().to_owned();
            let source = Source { kind, reads_pages, ..Source::feed(SourceId::sample(), name, url.clone()) };
            let reading = documents::read(self.client, &source, None, self.settings, self.now).await?;
            match reading.answer {
                Answer::Read { problems, .. } if !reading.entries.is_empty() => {
                    let (title, entries) = (reading.title, reading.entries);
                    res.found.push(Found { source, why, title, entries, problems });
                }
                Answer::Failed { reason, .. } | Answer::LeftAlone { reason } => res.tried.push((url, reason)),
                Answer::Read { .. } | Answer::Unchanged => res.tried.push((url, "it has no entries".to_owned())),
            }
        }
        Ok(())
    }
}
