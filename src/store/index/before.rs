//! What the store holds of the things a change is about, read before it is applied.

use std::collections::HashSet;

use super::{
    Index, key,
    row::{ArticleRow, MessageRow, Meta},
};
use crate::{
    dedup::article_keys,
    model::{AlertId, Article, ArticleId, Assignment, Change, DigestIssue, Intent, MessageId, Outgoing, StoryId},
    store::{StoreError, ledger::Ledger},
};

/// The state that a change replaces. What a kind of change does not touch is left empty.
#[derive(Debug, Default)]
pub(in crate::store) struct Before {
    pub(super) meta: Option<Meta>,
    /// The article, where it is held.
    pub(super) held: Option<ArticleRow>,
    /// Its newest version, where it can be read.
    pub(super) version: Option<Box<Intent>>,
    /// Keys under which it was found and that the new version does not have.
    pub(super) stale_keys: Vec<Vec<u8>>,
    /// Whether the story it joins has members.
    pub(super) story_known: bool,
    /// Those of the alerts that were raised before.
    pub(super) alerts: HashSet<AlertId>,
    /// Those of the messages that wait, are parked or were sent.
    pub(super) messages: HashSet<MessageId>,
    /// Whether the digest of this slot was issued.
    pub(super) slot_taken: bool,
    /// The message an attempt was made at.
    pub(super) message: Option<MessageRow>,
}

impl Before {
    /// Reads it.
    pub(in crate::store) fn read(index: &Index, ledger: &Ledger, change: &Change) -> Result<Self, StoreError> {
        let mut res = Self { meta: index.meta()?, ..Self::default() };
        match change {
            Change::Article(intent) => res.read_article(index, ledger, intent)?,
            Change::Digest(issue) => {
                let DigestIssue { slot, outbox, .. } = issue.as_ref();
                res.slot_taken = index.has(&index.names().issue(&slot.digest, slot.at.into()))?;
                res.messages = known_messages(index, outbox)?;
            }
            Change::Delivery(attempt) => res.message = index.get(&index.names().message(&attempt.message))?,
            Change::Polled(_) => (),
        }
        Ok(res)
    }

    fn read_article(&mut self, index: &Index, ledger: &Ledger, intent: &Intent) -> Result<(), StoreError> {
        let article = &intent.report.article;
        self.held = index.get::<ArticleRow>(&key::article(article.id))?;
        match &self.held {
            Some(row) if article.version > row.version => match ledger.change(row.at) {
                Ok(Change::Article(old)) => {
                    self.stale_keys = stale_keys(index, &old.report.article, article)?;
                    self.version = Some(old);
                }
                // Entries of the unreadable version stay behind. They lead to this article all the same.
                Ok(_) | Err(StoreError::Damaged { .. }) => {
                    tracing::warn!(article = %article.id, "the version before is damaged; the new one replaces it");
                }
                Err(error) => return Err(error),
            },
            Some(_) => (),
            None => self.story_known = index.has_any(&key::story_prefix(intent.report.story()))?,
        }
        for alert in &intent.alerts {
            if index.has(&key::alert(alert.id))? {
                self.alerts.insert(alert.id);
            }
        }
        self.messages = known_messages(index, &intent.outbox)?;
        Ok(())
    }

    /// The change as it is written: a new version of an article keeps what the first one settled.
    pub(in crate::store) fn settle(&self, change: &Change) -> Change {
        let mut change = change.clone();
        if let (Change::Article(intent), Some(row)) = (&mut change, &self.held) {
            let report = &mut intent.report;
            report.assignment = match &self.version {
                Some(old) => old.report.assignment.clone(),
                None if row.story == report.article.id.0 => Assignment::New,
                None => {
                    let first = ArticleId(row.story);
                    let why = "an earlier version of it was found to be a copy".to_owned();
                    Assignment::Copy { story: StoryId(first), of: first, why }
                }
            };
            report.article.first_seen = row.first_seen.try_into().unwrap_or(report.article.first_seen);
        }
        change
    }
}

/// Keys of `old` that are still its own and that `new` does not have. Links stay: an address that named
/// the article once names it for good.
fn stale_keys(index: &Index, old: &Article, new: &Article) -> Result<Vec<Vec<u8>>, StoreError> {
    let new_keys = article_keys(new);
    let mut res = Vec::new();
    for old_key in article_keys(old) {
        if matches!(old_key, crate::dedup::Key::Link(_)) || new_keys.contains(&old_key) {
            continue;
        }
        let key = index.names().held(&old_key);
        if index.get::<u64>(&key)? == Some(old.id.0) {
            res.push(key);
        }
    }
    Ok(res)
}

fn known_messages(index: &Index, outbox: &[Outgoing]) -> Result<HashSet<MessageId>, StoreError> {
    let names = index.names();
    let mut res = HashSet::new();
    for message in outbox {
        if index.has(&names.message(&message.id))? || index.has(&names.sent(&message.id))? {
            res.insert(message.id.clone());
        }
    }
    Ok(res)
}
