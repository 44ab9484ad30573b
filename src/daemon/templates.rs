//! Remembers what recurs on the pages of each source, across restarts.
//!
//! It is not stored: at the first page that a process reads, it is learnt again from the held articles, which keep the
//! lines that were cut from them. A record of its own would be written for each page and add nothing to these.

use std::{
    collections::HashMap,
    ops::ControlFlow,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use tracing::{debug, warn};

use crate::{
    extract::{Extracted, MAX_PAGES, Template},
    model::{Article, Method, Page, Report, SourceId, Timestamp, earlier, later},
    store::Store,
};

/// Maximum newest articles read, whatever their source.
const MAX_REPORTS: usize = 5_000;

/// Older pages say nothing about what a site shows now.
const SINCE: Duration = Duration::from_secs(30 * 24 * 3600);

/// What recurs on the pages of each source.
#[derive(Debug, Clone, Default)]
pub(super) struct Templates(Arc<OnceLock<Mutex<HashMap<SourceId, Template>>>>);

impl Templates {
    /// Cuts lines that recur on the source's pages from the page read at `address`, and learns the page. Blocks: it may
    /// read the store.
    pub(super) fn apply(
        &self,
        store: &dyn Store,
        source: &SourceId,
        address: &str,
        page: &mut Extracted,
        now: Timestamp,
    ) {
        let all = self.0.get_or_init(|| Mutex::new(learnt(store, now)));
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(source.clone()).or_default().apply(address, page);
    }
}

/// Learns from the held articles.
fn learnt(store: &dyn Store, now: Timestamp) -> HashMap<SourceId, Template> {
    let (mut pages, mut seen) = (HashMap::<SourceId, Vec<Article>>::new(), 0);
    // The newest first.
    let visited = store.reports(earlier(now, SINCE)..later(now, SINCE), &mut |Report { article, .. }| {
        seen += 1;
        if matches!((&article.method, &article.page), (Method::Readability, Page::Fetched(_))) {
            let pages = pages.entry(article.source.clone()).or_default();
            if pages.len() < MAX_PAGES {
                pages.push(article);
            }
        }
        if seen < MAX_REPORTS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    if let Err(error) = visited {
        warn!(
            error = &error as &dyn std::error::Error,
            "what recurs on pages is learnt anew, the archive could not be read"
        );
    }
    debug!(articles = seen, sources = pages.len(), "learnt what recurs on pages from the archive");
    pages.into_iter().map(|(source, pages)| (source, template(&pages))).collect()
}

fn template(newest_first: &[Article]) -> Template {
    let mut res = Template::default();
    for article in newest_first.iter().rev() {
        let Page::Fetched(record) = &article.page else { continue };
        let cut = article.reading.repeated.iter().map(|it| it.line.as_str());
        res.learn(&record.url, article.body.lines().chain(cut));
    }
    res
}
