//! Articles whose pages are still to be fetched. Their entries may have left the feed since: a site that was down for a
//! quarter of an hour must not cost their texts.

use std::{
    collections::HashMap,
    ops::ControlFlow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::OnceCell;

use crate::{
    decide::{rereading_after, rereading_due},
    model::{Article, ArticleId, SourceId, Timestamp, earlier},
    store::{Store, StoreError},
};

/// How long after the last attempt is due its source may be polled: once a week, or after a week without power.
const LATE: Duration = Duration::from_secs(7 * 24 * 3600);
/// The longest time back that is searched for such articles at the start, whatever number of attempts is configured.
const MAX_REACH: Duration = Duration::from_secs(14 * 24 * 3600);

/// The articles of each source whose pages a later poll is to fetch, the oldest first. Held in memory only; the first
/// poll after a start finds them in the archive.
#[derive(Debug, Clone, Default)]
pub(super) struct Owed {
    of_source: Arc<Mutex<HashMap<SourceId, Vec<ArticleId>>>>,
    is_filled: Arc<OnceCell<()>>,
}

impl Owed {
    /// The same under other settings, by which more may be owed: what the archive has is looked for again.
    pub(super) fn reloaded(&self) -> Self {
        Self { of_source: Arc::clone(&self.of_source), is_filled: Arc::default() }
    }

    /// Calls `find` for what the archive has, unless that was done before.
    pub(super) async fn fill<E>(
        &self,
        find: impl Future<Output = Result<Vec<(SourceId, ArticleId)>, E>>,
    ) -> Result<(), E> {
        let fill = async {
            let found = find.await?;
            let mut all = self.all();
            for (source, article) in found {
                let owed = all.entry(source).or_default();
                if !owed.contains(&article) {
                    owed.push(article);
                }
            }
            Ok(())
        };
        self.is_filled.get_or_try_init(|| fill).await.copied()
    }

    /// What is still to be fetched for a source.
    pub(super) fn of(&self, source: &SourceId) -> Vec<ArticleId> {
        self.all().get(source).cloned().unwrap_or_default()
    }

    /// Replaces what is still to be fetched for a source.
    pub(super) fn replace(&self, source: &SourceId, owed: Vec<ArticleId>) {
        let mut all = self.all();
        if owed.is_empty() {
            all.remove(source);
        } else {
            all.insert(source.clone(), owed);
        }
    }

    /// Notes whether the page of an article is still to be fetched for a source, of `retries` attempts.
    pub(super) fn note(&self, source: &SourceId, article: &Article, retries: u32) {
        let is_owed = rereading_due(article, retries).is_some();
        let mut all = self.all();
        let owed = all.entry(source.clone()).or_default();
        if !is_owed {
            owed.retain(|it| *it != article.id);
        } else if !owed.contains(&article.id) {
            owed.push(article.id);
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<SourceId, Vec<ArticleId>>> {
        self.of_source.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The articles in the archive whose pages are still to be fetched, each with its source, the oldest first.
///
/// # Errors
///
/// Any [`StoreError`].
pub(super) fn find(store: &dyn Store, retries: u32, now: Timestamp) -> Result<Vec<(SourceId, ArticleId)>, StoreError> {
    let mut res = Vec::new();
    let reach = rereading_after(retries).saturating_add(LATE).min(MAX_REACH);
    store.reports(earlier(now, reach)..Timestamp::MAX_UTC, &mut |it| {
        if rereading_due(&it.article, retries).is_some() {
            res.push((it.article.source, it.article.id));
        }
        ControlFlow::Continue(())
    })?;
    res.reverse();
    Ok(res)
}
