//! Finds the instant from which a start stamps what it settles.

use std::{ops::ControlFlow, time::Duration};

use crate::{
    daemon::digests::covered,
    model::{Timestamp, earlier},
    store::{Store, StoreError},
};

/// The longest pause that `[evidence] reread` allows, plus some days.
const MAX_REREAD: Duration = Duration::from_secs(100 * 24 * 60 * 60);

/// The newest instant in the archive. Articles, later readings and alerts settled from now on get later stamps,
/// whatever the clock says.
///
/// # Errors
///
/// [`StoreError`].
pub fn floor(store: &dyn Store, digests: &[&str]) -> Result<Timestamp, StoreError> {
    let ever = || Timestamp::MIN_UTC..Timestamp::MAX_UTC;
    let mut newest = Timestamp::UNIX_EPOCH;
    // After the clock was set back, the newest slot need not end last. Each sign of life also takes a stamp, so that
    // the last window may end well after the newest article.
    for name in digests {
        newest = covered(store, name)?.map_or(newest, |until| newest.max(until));
    }
    store.reports(ever(), &mut |it| {
        newest = newest.max(it.article.first_seen);
        ControlFlow::Break(())
    })?;
    store.alerts(ever(), &mut |it| {
        newest = newest.max(it.raised);
        ControlFlow::Break(())
    })?;
    // The time of a later reading is stored under its article only, and no older article is read again.
    let mut last = newest;
    store.exhibits(earlier(newest, MAX_REREAD)..Timestamp::MAX_UTC, &mut |it| {
        last = it.last.map_or(last, |it| last.max(it.at));
        ControlFlow::Continue(())
    })?;
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{
            Alert, AlertId, AlertKind, Article, ArticleId, Assignment, Change, DigestIssue, FetchRecord, Finding,
            Fingerprint, Intent, Page, Report, Rereading, Slot, SourceId, StoryId,
        },
        store::MemoryStore,
    };

    #[test]
    fn nothing_is_stamped_before_what_is_held() {
        let at = |seconds: i64| Timestamp::from_timestamp(1_795_305_600 + seconds, 0).unwrap();
        let store = MemoryStore::new();
        assert_eq!(floor(&store, &["daily"]).unwrap(), Timestamp::UNIX_EPOCH);
        let (id, source) = (ArticleId(1), SourceId::new("paper").unwrap());
        let page = FetchRecord { status: 200, url: "https://paper.example/1".to_owned(), bytes: 9, at: at(0) };
        let article =
            Article { first_seen: at(0), page: Page::Fetched(page), ..Article::of_text(id, source, "Title", "Text.") };
        let report =
            Report { article, assignment: Assignment::New, moved: None, tags: Vec::new(), possible: Vec::new() };
        let alert = Alert {
            id: AlertId(1),
            watch: "Watch".to_owned(),
            article: id,
            story: StoryId(id),
            hits: Vec::new(),
            raised: at(5),
            kind: AlertKind::Found,
        };
        let fingerprint = Fingerprint(Vec::new());
        let intent = Intent { report, fingerprint, regrouping: None, alerts: vec![alert], outbox: Vec::new() };
        store.commit(&Change::Article(Box::new(intent))).unwrap();
        assert_eq!(floor(&store, &["daily"]).unwrap(), at(5), "an alert");
        let again =
            Rereading { article: id, at: at(90), finding: Finding::Same, attempts: 0, trail: None, intent: None };
        store.commit(&Change::Reread(Box::new(again))).unwrap();
        assert_eq!(floor(&store, &["daily"]).unwrap(), at(90), "a later reading that showed nothing new");
    }

    /// Found in a review: a digest's newest slot was of when the clock was ahead, and the one that was issued after it
    /// went further.
    #[test]
    fn nothing_is_stamped_within_a_window_that_was_issued() {
        let at = |seconds: i64| Timestamp::from_timestamp(1_795_305_600 + seconds, 0).unwrap();
        let store = MemoryStore::new();
        let issue = |digest: &str, slot: i64, until: i64| {
            let slot = Slot { digest: digest.to_owned(), at: at(slot) };
            let issue = DigestIssue { slot, since: at(0), until: at(until), articles: Vec::new(), outbox: Vec::new() };
            store.commit(&Change::Digest(Box::new(issue))).unwrap();
        };
        issue("daily", 86_400, 86_401);
        issue("border", 86_400, 86_402);
        issue("daily", 0, 86_403);
        assert_eq!(floor(&store, &["daily", "border"]).unwrap(), at(86_403));
        issue("border", 0, 86_404);
        assert_eq!(floor(&store, &["daily", "border"]).unwrap(), at(86_404));
    }
}
