//! Lines of JSON, which `sitrepd export` writes and `import` reads. Most are changes; some list what the archive
//! deleted but still remembers, so that a copy does not take it for new.

use serde::{Deserialize, Serialize, de::IgnoredAny};

use super::{
    LedgerReader, LedgerStore, Store as _, StoreError, Visit,
    ledger::{Entry, Gone, Issued},
    record::{self, RecordError},
};
use crate::model::{ArticleId, Change, MessageId};

/// Version in lines of deleted items: an older sitrepd reports that such a line is too new for it.
const GIVEN_UP_VERSION: u8 = 6;

/// Maximum items of each kind in one line.
const MAX_ITEMS: usize = 10_000;

/// Maximum bytes of the name of a message or a digest.
const MAX_NAME: usize = 1_000;

/// The content of a line.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// A change.
    Change(Box<Change>),
    /// Deleted items.
    GivenUp(GivenUpItems),
}

/// Deleted articles, and messages and digests that were sent: for [`LedgerStore::remember`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUpItems(Gone);

#[derive(Serialize, Deserialize)]
struct GivenUpLine {
    version: u8,
    given_up: GivenUpRecord,
}

#[derive(Serialize, Deserialize)]
struct GivenUpRecord {
    articles: Vec<u64>,
    sent: Vec<String>,
    issued: Vec<Issued>,
}

impl Line {
    /// Reads a line.
    ///
    /// # Errors
    ///
    /// [`RecordError`] where it is none, or one of a newer sitrepd; where a time is no instant, a name has more than
    /// 1,000 bytes, or there are more than 10,000 of a kind.
    pub fn read(line: &str) -> Result<Self, RecordError> {
        #[derive(Deserialize)]
        struct Head {
            given_up: Option<IgnoredAny>,
        }
        let broken = |it: serde_json::Error| RecordError::Broken(it.to_string());
        let Head { given_up } = serde_json::from_str(line).map_err(broken)?;
        if given_up.is_none() {
            return record::from_json(line).map(|it| Self::Change(Box::new(it)));
        }
        let GivenUpLine { version, given_up } = serde_json::from_str(line).map_err(broken)?;
        if version > GIVEN_UP_VERSION {
            return Err(RecordError::Newer(version));
        }
        let GivenUpRecord { articles, sent, issued } = given_up;
        let most = articles.len().max(sent.len()).max(issued.len());
        if most > MAX_ITEMS {
            return Err(RecordError::broken(format_args!(
                "{most} of a kind given up, of which {MAX_ITEMS} may be in a line"
            )));
        }
        sent.iter().try_for_each(|it| check_name(it))?;
        for it in &issued {
            check_name(&it.digest)?;
            it.times()?;
        }
        Ok(Self::GivenUp(GivenUpItems(Gone { articles, sent, issued })))
    }
}

fn check_name(name: &str) -> Result<(), RecordError> {
    match name.len() {
        ..=MAX_NAME => Ok(()),
        n => Err(RecordError::broken(format_args!("a name of {n} bytes, of which it may have {MAX_NAME}"))),
    }
}

fn given_up_lines(gone: &Gone) -> impl Iterator<Item = Result<String, RecordError>> {
    gone.parts(MAX_ITEMS).map(|Gone { articles, sent, mut issued }| {
        // An older sitrepd accepted any time, but no other would accept the line.
        issued.retain(|it| it.times().is_ok());
        let given_up = GivenUpRecord { articles, sent, issued };
        let line = GivenUpLine { version: GIVEN_UP_VERSION, given_up };
        serde_json::to_string(&line).map_err(|it| RecordError::Broken(it.to_string()))
    })
}

impl LedgerReader {
    /// Visits everything in the ledger as lines that [`Line::read`] reads, in its order. What is damaged is passed
    /// over, and told by an error at the end.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; [`StoreError::Damaged`] only after all that can be read was visited.
    pub fn lines(&self, visit: &mut dyn FnMut(Result<String, RecordError>) -> Visit) -> Result<(), StoreError> {
        self.0.all(&mut |entry| match entry {
            Entry::Change(_, change) => visit(record::to_json(&change)),
            Entry::GivenUp(gone) => given_up_lines(gone).try_for_each(&mut *visit),
            Entry::Missing(_) | Entry::Damaged => Visit::Continue(()),
        })
    }
}

impl LedgerStore {
    /// Records what another archive deleted, as if this one had held it: its articles are not taken for new, its
    /// messages not sent again and its digests not issued again. `false` if all of it was known, or is held.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`], as from [`Store::commit`](super::Store::commit).
    pub fn remember(&self, items: &GivenUpItems) -> Result<bool, StoreError> {
        let GivenUpItems(Gone { articles, sent, issued }) = items;
        let mut new = Gone::default();
        for it in articles.iter().map(|it| ArticleId(*it)) {
            if self.report(it)?.is_none() && !self.is_forgotten(it)? {
                new.articles.push(it.0);
            }
        }
        for it in sent {
            if !self.was_queued(&MessageId(it.clone()))? {
                new.sent.push(it.clone());
            }
        }
        for it in issued {
            if !self.has_issue(&it.digest, it.at)? {
                new.issued.push(it.clone());
            }
        }
        if new.is_empty() {
            return Ok(false);
        }
        self.note_gone(new).map(|()| true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_more_comes_in_lines_that_can_be_read() {
        let gone = Gone {
            articles: (0..25_000).map(|it| u64::MAX - it).collect(),
            sent: vec!["message \"1\"".to_owned()],
            issued: Vec::new(),
        };
        let lines: Vec<_> = given_up_lines(&gone).map(Result::unwrap).collect();
        assert_eq!(lines.len(), 3);
        let mut read = Gone::default();
        for line in &lines {
            let Line::GivenUp(GivenUpItems(part)) = Line::read(line).unwrap() else { panic!("{line}") };
            read.articles.extend(part.articles);
            read.sent.extend(part.sent);
        }
        assert_eq!(read, gone);
        record::from_json(&lines[0]).unwrap_err();
        assert_eq!(given_up_lines(&Gone::default()).count(), 0);
        for bad in ["{}", "{\"version\":6}", "{\"version\":7,\"given_up\":{}}", "no"] {
            Line::read(bad).unwrap_err();
        }
    }

    #[test]
    fn what_no_archive_could_have_given_up_is_refused() {
        let line = |articles: usize, sent: &str, digest: &str, times: &str| {
            let articles = vec![1_u64; articles];
            format!(
                r#"{{"version":6,"given_up":{{"articles":{articles:?},"sent":["{sent}"],"issued":[{{"digest":"{digest}",{times}}}]}}}}"#
            )
        };
        let (name, good) = ("m".repeat(MAX_NAME), r#""at":[1,0],"until":[0,0]"#);
        Line::read(&line(MAX_ITEMS, &name, &name, good)).unwrap();
        let long = format!("{name}m");
        for bad in [
            line(MAX_ITEMS + 1, "", "", good),
            line(0, &long, "", good),
            line(0, "", &long, good),
            line(0, "", "daily", r#""at":[9223372036854775807,0],"until":[0,0]"#),
            line(0, "", "daily", r#""at":[0,0],"until":[0,2000000000]"#),
        ] {
            assert!(matches!(Line::read(&bad), Err(RecordError::Broken(_))), "{bad}");
        }
    }
}
