//! Reads the state that a change replaces, before the change is applied. Must not change anything.

use std::{
    collections::{HashMap, HashSet},
    ops::ControlFlow,
};

use super::{
    Listing as _, Order,
    draft::Draft,
    key,
    row::{ArticleRow, Kept, MessageRow, Meta, ReadingRow, SendingRow},
};
use crate::{
    dedup::article_keys,
    model::{
        AlertId, Article, ArticleId, Assignment, Attempt, Change, DigestIssue, Intent, Label, MessageId, Outgoing,
        Regrouping, StoryId, Timestamp,
    },
    store::{
        StoreError,
        ledger::{Ledger, Position},
    },
};

/// The state that a change replaces. Parts that the kind of change does not affect are empty.
#[derive(Debug, Default)]
pub(in crate::store) struct Before {
    pub(super) meta: Option<Meta>,
    /// The article, where it is held.
    pub(super) held: Option<ArticleRow>,
    /// Its newest version, where it can be read.
    pub(super) version: Option<Box<Intent>>,
    /// The assignment of the held article when it was settled, if the change is of the same version or an older one.
    settled: Option<Assignment>,
    /// Keys under which it was found and that the new version does not have.
    pub(super) stale_keys: Vec<Vec<u8>>,
    /// Whether the story it joins has members.
    pub(super) story_known: bool,
    /// The change's alerts that were raised before.
    pub(super) alerts: HashSet<AlertId>,
    /// The change's messages that were queued before: waiting, parked or sent.
    pub(super) messages: HashSet<MessageId>,
    /// Whether the digest of this slot was issued.
    pub(super) slot_taken: bool,
    /// The message an attempt was made at.
    pub(super) message: Option<MessageRow>,
    /// How far the attempts before had come.
    pub(super) sending: Option<SendingRow>,
    /// The time of the current label.
    pub(super) label_at: Option<Timestamp>,
    /// The last later reading of the article's page.
    pub(super) reading: Option<ReadingRow>,
    /// Whether the regrouping was made before.
    pub(super) regrouping_known: bool,
    /// The reports that it moves.
    pub(super) moving: HashMap<ArticleId, Moving>,
    /// Number of reports by hour and topic, where the change affects it, by key.
    pub(super) volume: HashMap<Vec<u8>, u32>,
    /// Number of members of the affected stories, counted only as far as needed to know whether any is left.
    pub(super) sizes: HashMap<StoryId, u64>,
}

/// A report that goes into another story.
#[derive(Debug)]
pub(super) struct Moving {
    pub(super) row: ArticleRow,
    /// The alerts raised for it, with their watches.
    pub(super) fired: Vec<(AlertId, Kept<String>)>,
}

impl Before {
    /// Reads it.
    pub(in crate::store) fn read(index: &Draft<'_>, ledger: &Ledger, change: &Change) -> Result<Self, StoreError> {
        let mut res = Self { meta: index.meta()?, ..Self::default() };
        match change {
            Change::Article(intent) => res.read_article(index, ledger, intent)?,
            Change::Digest(issue) => {
                let DigestIssue { slot, outbox, .. } = issue.as_ref();
                res.slot_taken = index.has(&index.names().issue(&slot.digest, slot.at.into()))?;
                res.messages = known_messages(index, outbox)?;
            }
            Change::Delivery(Attempt { message, .. }) => res.read_message(index, message)?,
            Change::Sending(it) => res.read_message(index, &it.message)?,
            Change::Regrouped(regrouping) => res.read_regrouping(index, ledger, regrouping)?,
            Change::Labelled(label) => res.label_at = label_at(index, ledger, label)?,
            Change::Reread(rereading) => {
                res.reading = index.get(&key::reading(rereading.article))?;
                if let Some(intent) = &rereading.intent {
                    res.read_article(index, ledger, intent)?;
                }
            }
            Change::Polled(_) | Change::Page(_) => (),
        }
        Ok(res)
    }

    fn read_message(&mut self, index: &Draft<'_>, id: &MessageId) -> Result<(), StoreError> {
        self.message = index.get(&index.names().message(id))?;
        self.sending = index.get(&index.names().sending(id))?;
        Ok(())
    }

    fn read_article(&mut self, index: &Draft<'_>, ledger: &Ledger, intent: &Intent) -> Result<(), StoreError> {
        let article = &intent.report.article;
        self.held = index.get::<ArticleRow>(&key::article(article.id))?;
        match &self.held {
            Some(row) if article.version <= row.version => {
                let settled = undamaged(ledger, row.at)?.and_then(Change::into_intent);
                self.settled = settled.map(|it| it.report.assignment);
            }
            Some(row) => {
                match undamaged(ledger, row.at)?.and_then(Change::into_intent) {
                    Some(old) => {
                        self.stale_keys = stale_keys(index, &old.report.article, article)?;
                        self.version = Some(Box::new(old));
                    }
                    // Keys of the unreadable version remain. They lead to this article all the same.
                    None => {
                        tracing::warn!(article = %article.id, "the version before is damaged; the new one replaces it");
                    }
                }
            }
            None => self.story_known = index.has_any(&key::story_prefix(intent.report.story()))?,
        }
        let first_seen = self.held.as_ref().map_or(article.first_seen.into(), |it| it.first_seen);
        let old = self.version.iter().flat_map(|it| &it.report.tags);
        for tag in old.chain(&intent.report.tags) {
            let key = key::volume(first_seen.hour(), &tag.topic);
            if let Some(n) = index.get(&key)? {
                self.volume.insert(key, n);
            }
        }
        for alert in &intent.alerts {
            if index.has(&key::alert(alert.id))? {
                self.alerts.insert(alert.id);
            }
        }
        self.messages = known_messages(index, &intent.outbox)?;
        match &intent.regrouping {
            Some(it) => {
                self.read_regrouping(index, ledger, it)?;
                // The article itself is placed by its own commit.
                self.moving.remove(&article.id);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn read_regrouping(&mut self, index: &Draft<'_>, ledger: &Ledger, it: &Regrouping) -> Result<(), StoreError> {
        self.regrouping_known = index.has(&key::regrouped(it.id))?;
        if self.regrouping_known {
            return Ok(());
        }
        let stories = it.moves.iter().flat_map(|it| [it.from, it.to]).collect::<HashSet<_>>();
        let left = it.moves.iter().map(|it| it.from).collect::<HashSet<_>>();
        let mut fired = HashMap::<ArticleId, Vec<_>>::new();
        let mut raised = Raised::default();
        for story in stories {
            let prefix = key::story_prefix(story);
            let mut size = 0;
            index.list(&prefix, &key::after(&prefix), Order::Up, &mut |_| {
                size += 1;
                // If the story has more members than are moved, one is left.
                Ok(if size <= it.moves.len() as u64 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
            })?;
            self.sizes.insert(story, size);
            if !left.contains(&story) {
                continue;
            }
            let prefix = key::fired_prefix(story);
            index.list(&prefix, &key::after(&prefix), Order::Up, &mut |key| {
                let alert = key::last_u64(key).map(AlertId);
                if let (Some(alert), Some(watch)) = (alert, index.get::<Kept<String>>(key)?)
                    && let Some(article) = raised.article_of(index, ledger, alert)?
                {
                    fired.entry(article).or_default().push((alert, watch));
                }
                Ok(ControlFlow::Continue(()))
            })?;
        }
        for step in it.moves.iter().filter(|step| step.from != step.to) {
            let row = index.get::<ArticleRow>(&key::article(step.article))?.filter(|row| row.story == step.from.0.0);
            if let Some(row) = row {
                let fired = fired.remove(&step.article).unwrap_or_default();
                self.moving.insert(step.article, Moving { row, fired });
            }
        }
        Ok(())
    }

    /// The change as it is written: a new version of an article keeps what the first version settled.
    pub(in crate::store) fn settle(&self, change: &Change) -> Change {
        let mut change = change.clone();
        if let (Some(intent), Some(row)) = (change.intent_mut(), &self.held) {
            let report = &mut intent.report;
            report.assignment = match self.version.as_ref().map(|it| &it.report.assignment).or(self.settled.as_ref()) {
                Some(assignment) => assignment.clone(),
                None if row.story == report.article.id.0 => Assignment::New,
                None => {
                    let why = "an earlier version of it, which is damaged, was put there".to_owned();
                    Assignment::Lost { story: StoryId(ArticleId(row.story)), why }
                }
            };
            report.article.first_seen = row.first_seen.try_into().unwrap_or(report.article.first_seen);
        }
        change
    }
}

/// Keys of `old` that still lead to it and that `new` does not have. Links stay: an address that once named the article
/// names it for good.
fn stale_keys(index: &Draft<'_>, old: &Article, new: &Article) -> Result<Vec<Vec<u8>>, StoreError> {
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

/// The articles for which alerts were raised, by the commits read for them: one commit may have raised many.
#[derive(Default)]
struct Raised {
    read: HashSet<Position>,
    articles: HashMap<AlertId, ArticleId>,
}

impl Raised {
    /// The article for which an alert was raised; `None` if that cannot be read any more.
    fn article_of(
        &mut self,
        index: &Draft<'_>,
        ledger: &Ledger,
        alert: AlertId,
    ) -> Result<Option<ArticleId>, StoreError> {
        let Some(at) = index.get::<Position>(&key::alert(alert))? else { return Ok(None) };
        if self.read.insert(at) {
            let change = undamaged(ledger, at)?;
            let alerts = change.as_ref().and_then(Change::intent).map(|it| it.alerts.as_slice()).unwrap_or_default();
            self.articles.extend(alerts.iter().map(|it| (it.id, it.article)));
        }
        Ok(self.articles.get(&alert).copied())
    }
}

/// The time of the current label; `None` if there is none that can be read.
fn label_at(index: &Draft<'_>, ledger: &Ledger, of: &Label) -> Result<Option<Timestamp>, StoreError> {
    let Some(at) = index.get::<Position>(&index.names().label(of.article, &of.topic))? else { return Ok(None) };
    Ok(match undamaged(ledger, at)? {
        Some(Change::Labelled(it)) => Some(it.at),
        _ => None,
    })
}

/// The change at a position; `None` if its frame is damaged, which the ledger reports by itself.
fn undamaged(ledger: &Ledger, at: Position) -> Result<Option<Change>, StoreError> {
    match ledger.change(at) {
        Ok(change) => Ok(Some(change)),
        Err(StoreError::Damaged { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn known_messages(index: &Draft<'_>, outbox: &[Outgoing]) -> Result<HashSet<MessageId>, StoreError> {
    let names = index.names();
    let mut res = HashSet::new();
    for message in outbox {
        if index.has(&names.message(&message.id))? || index.has(&names.sent(&message.id))? {
            res.insert(message.id.clone());
        }
    }
    Ok(res)
}
