//! Whether a reading makes a new version of an article, and which.

use std::time::Duration;

use crate::model::{Article, Flag, FlagKind, Method, Page, Reading, Report, Timestamp, later};

/// Pause between the first and the second reading of an article whose page could not be fetched.
const FIRST_REREADING: Duration = Duration::from_secs(15 * 60);

/// When a held entry whose page could not be fetched is to be read again; `None` if never. The pause doubles with each
/// attempt.
pub fn rereading_due(article: &Article, retries: u32) -> Option<Timestamp> {
    let attempts = article.version;
    let is_owed = matches!(article.page, Page::Unreachable(_)) && attempts <= retries;
    is_owed.then(|| later(article.first_seen, rereading_after(attempts)))
}

/// How long after an article was first seen its page is due again, after so many attempts.
pub fn rereading_after(attempts: u32) -> Duration {
    FIRST_REREADING.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1)))
}

/// The new version that a reading makes of an article; `None` if it adds nothing. A held article gets a new version
/// only if its page could not be fetched before, whether it was fetched now or not: the version counts attempts.
pub fn version(held: Option<&Report>, reading: Article, now: Timestamp) -> Option<Article> {
    match held.map(|it| &it.article) {
        None => Some(Article { version: 1, first_seen: now, ..reading }),
        Some(held) if matches!(held.page, Page::Unreachable(_)) => Some(next_version(held, reading)),
        Some(_) => None,
    }
}

/// The next version of a held article. Its source stays, and so does its feed title where another source that carries
/// the same link fetched the page: that must not put its own name and title on the article. What was read of a page
/// stays where this time only the feed's text was to be had: a page may be fetched in part.
fn next_version(held: &Article, reading: Article) -> Article {
    let version = held.version + 1;
    if reading.source == held.source && (reading.method != Method::Feed || held.method == Method::Feed) {
        let reading = with_provenance(held, reading);
        return Article { version, first_seen: held.first_seen, ..reading };
    }
    let held = held.clone();
    match reading.method {
        Method::Feed => Article {
            version,
            page: reading.page,
            reading: Reading { judgement: reading.reading.judgement, ..held.reading },
            ..held
        },
        method => Article {
            version,
            reading: merged(&held, reading.reading),
            body: reading.body,
            authors: if held.authors.is_empty() { reading.authors } else { held.authors.clone() },
            language: reading.language,
            site_name: reading.site_name,
            canonical: reading.canonical,
            published: held.published.or(reading.published),
            method,
            page: reading.page,
            ..held
        },
    }
}

/// Keeps what the feed's text said of where it first appeared: that line is no part of the held text, and is not seen
/// again where the article is read anew from that.
fn with_provenance(held: &Article, mut reading: Article) -> Article {
    let is_syndicated = |it: &&Flag| it.kind == FlagKind::Syndicated;
    if !reading.reading.flags.iter().any(|it| is_syndicated(&it)) {
        reading.reading.flags.extend(held.reading.flags.iter().filter(is_syndicated).cloned());
    }
    reading
}

/// Merges the page's reading into that of an article that keeps its own title, authors and date.
fn merged(held: &Article, page: Reading) -> Reading {
    let own = held.reading.clone();
    let changed = own.modified.map(|at| (at, own.modified_from));
    Reading {
        title: own.title,
        authors: if held.authors.is_empty() { page.authors } else { own.authors },
        published: if held.published.is_none() { page.published } else { own.published },
        modified: changed.map(|it| it.0).or(page.modified),
        modified_from: changed.map_or(page.modified_from, |it| it.1),
        ..page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceId;

    #[test]
    fn a_page_that_another_source_brings_leaves_what_the_first_said() {
        use crate::model::{Judgement, Origin, Provenance, Reading, Verdict};

        let told = |origin| Some(Provenance { origin, confidence: 90 });
        let judged = |verdict| Some(Judgement { verdict, reason: String::new() });
        let held = Article {
            authors: vec!["A. Author".to_owned()],
            page: Page::Unreachable("timeout".to_owned()),
            reading: Reading { title: told(Origin::Feed), authors: told(Origin::Feed), ..Reading::default() },
            ..Article::sample("Talks", "Short.")
        };
        let reading = Article {
            source: SourceId::new("other").unwrap(),
            authors: vec!["B. Author".to_owned()],
            published: Some(Timestamp::UNIX_EPOCH),
            method: Method::Readability,
            reading: Reading {
                judgement: judged(Verdict::Article),
                title: told(Origin::Heading),
                authors: told(Origin::Meta),
                published: told(Origin::JsonLd),
                modified: Some(Timestamp::MAX_UTC),
                modified_from: told(Origin::Script),
                ..Reading::default()
            },
            ..Article::sample("Talks | Other", "Long.")
        };
        let res = next_version(&held, reading.clone());
        assert_eq!((res.title.as_str(), res.authors.as_slice()), ("Talks", ["A. Author".to_owned()].as_slice()));
        let expected = Reading { title: told(Origin::Feed), authors: told(Origin::Feed), ..reading.reading.clone() };
        assert_eq!(res.reading, expected);
        // Its page was a wall: that is told, and the rest stays.
        let wall = Reading { judgement: judged(Verdict::ConsentWall), ..reading.reading.clone() };
        let res = next_version(&held, Article { method: Method::Feed, reading: wall, ..reading });
        assert_eq!(res.reading, Reading { judgement: judged(Verdict::ConsentWall), ..held.reading });
    }

    /// Found in a review: the first page of an article of two was read, and the second try emptied it.
    #[test]
    fn a_second_try_takes_nothing_away() {
        let first = Flag { kind: FlagKind::Syndicated, evidence: "first appeared on Harbour Daily".to_owned() };
        let held = Article {
            page: Page::Unreachable("timeout".to_owned()),
            published: Some(Timestamp::UNIX_EPOCH),
            method: Method::Readability,
            ..Article::sample("Talks", "The first of two pages.")
        };
        let nothing = Article { method: Method::Feed, page: held.page.clone(), ..Article::sample("Talks", "") };
        assert_eq!(next_version(&held, nothing.clone()), Article { version: 2, ..held.clone() });
        // What the feed said of the origin stays with what the page says.
        let reading = Reading { flags: vec![first.clone()], ..Reading::default() };
        let held = Article { method: Method::Feed, reading, ..held };
        let whole = Article { method: Method::Readability, ..Article::sample("Talks", "Both pages.") };
        for reading in [whole, nothing] {
            let res = next_version(&held, reading.clone());
            assert_eq!((&res.body, &res.reading.flags), (&reading.body, &vec![first.clone()]));
        }
    }
}
