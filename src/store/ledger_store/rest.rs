//! Decides what of the oldest segments still matters when retention deletes them.
//!
//! Kept, byte for byte: articles of stories with a newer report, with the alerts raised for them, so that no watch
//! fires again for the same story; articles that were labelled, that have an unsent message, or for which a watch fired
//! last; everything that became of the messages of these; the newest state of each source and the newest issue of each
//! digest; and every correction and label by a person. Of all other articles the ids are kept, so that an entry still
//! listed is not taken for new, and of all other messages and digests that they were sent and issued.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher as _, RandomState},
    ops::ControlFlow,
    path::PathBuf,
};

use super::View;
use crate::{
    model::{
        AlertKind, ArticleId, Change, DigestIssue, Intent, MessageId, Outgoing, Slot, SourceId, StoryId, Timestamp,
    },
    store::{
        StoreError,
        index::{Listing as _, Order, key, row::ArticleRow},
        ledger::{
            Checkpoint, Found, Frame, GivenUp, Gone, Issued, MAX_FORGOTTEN, MAX_ISSUED, MAX_SENT, Notice, Position,
        },
    },
};

/// The file written for the segments that are deleted.
pub(super) struct Written {
    /// The file that it is in.
    pub(super) path: PathBuf,
    /// Changes that are not in it, including those now damaged or missing.
    pub(super) given_up: u64,
    /// What will be deleted in all, once the file is in place.
    pub(super) told: GivenUp,
}

/// Writes the file that will replace the segments up to `base`. Nothing is deleted yet.
pub(super) fn write(view: &View, base: u32, now: Timestamp) -> Result<Written, StoreError> {
    let mut choice = Choice::new(view, base);
    let mut changes = 0;
    view.ledger.walk(None, &mut |found| match found {
        Found::Frame { at, gap, .. } if at.segment > base => {
            // Records missing before the first frame of a file were in earlier files.
            changes += if at.offset == 0 { gap } else { 0 };
            Ok(ControlFlow::Break(()))
        }
        Found::Notice { at, gap, notice, .. } if at.segment > base => {
            changes += if at.offset == 0 { gap.saturating_sub(notice.lost()) } else { 0 };
            Ok(ControlFlow::Break(()))
        }
        Found::Checkpoint { at, .. } if at.segment > base => Ok(ControlFlow::Break(())),
        Found::Frame { at, frame, gap, .. } => {
            changes += gap + 1;
            choice.passed(&frame);
            match view.ledger.decode(at, &frame) {
                Ok(change) => choice.add(at, change)?,
                Err(error @ StoreError::Damaged { .. }) => {
                    tracing::error!(%error, "a damaged change is given up with its segment");
                }
                Err(error) => return Err(error),
            }
            Ok(ControlFlow::Continue(()))
        }
        Found::Notice { frame, notice, gap, .. } => {
            // Records that the ledger itself reports lost were never in the index.
            changes += gap.saturating_sub(notice.lost());
            choice.passed(&frame);
            if let Notice::Gone(Gone { articles, sent, issued }) = *notice {
                let gone = &mut choice.last.gone;
                gone.articles.extend(articles);
                gone.sent.extend(sent);
                gone.issued.extend(issued);
            }
            Ok(ControlFlow::Continue(()))
        }
        Found::Checkpoint { checkpoint, .. } => {
            changes = changes.max(checkpoint.kept);
            choice.last = *checkpoint;
            Ok(ControlFlow::Continue(()))
        }
        Found::Damage(_) => Ok(ControlFlow::Continue(())),
    })?;
    choice.close();
    let mut rest = view.ledger.rest(base)?;
    let mut left = 0;
    for item in &choice.items {
        if choice.is_left(&item.what) {
            rest.add(&view.ledger.frame(item.at)?)?;
            left += 1;
        }
    }
    let (path, told) = rest.end(choice.checkpoint(), now)?;
    Ok(Written { path, given_up: changes.saturating_sub(left), told })
}

/// A change in the segments to be deleted.
struct Item {
    at: Position,
    what: What,
}

/// What decides whether the change is kept.
enum What {
    /// Nothing: it is.
    Left,
    Article(u64),
    Source,
    /// What became of a message, by a hash of its id.
    Delivery(u64),
    Digest,
}

/// What a message is about.
#[derive(Clone, Copy)]
enum Creator {
    Article(u64),
    /// By the number of its item.
    Digest(usize),
}

struct Choice<'v> {
    view: &'v View,
    base: u32,
    items: Vec<Item>,
    /// Articles that are left.
    articles: HashSet<u64>,
    /// All others, oldest first; some may still turn out to be kept.
    others: Vec<u64>,
    known: HashSet<u64>,
    /// Whether a story has a newer report.
    alive: HashMap<StoryId, bool>,
    /// Articles that moved others into their story.
    regroupings: Vec<(u64, Vec<ArticleId>)>,
    /// The newest alert of each watch.
    raised: HashMap<String, (Timestamp, u64)>,
    /// The newest state of each source, by number of its item.
    sources: HashMap<SourceId, usize>,
    /// The newest issue of each digest, by its slot and the number of its item.
    digests: HashMap<String, (Timestamp, usize)>,
    /// All issues, the first for each slot, oldest first.
    issued: Vec<Issued>,
    slots: HashSet<Slot>,
    /// Digests that are kept for their unsent messages.
    waiting: HashSet<usize>,
    messages: HashMap<u64, Vec<Creator>>,
    /// Sent messages, in the order in which they were queued. The record of the sending may be in a newer segment, and
    /// means nothing once the record that queued the message is deleted.
    sent: Vec<MessageId>,
    hasher: RandomState,
    last: Checkpoint,
}

impl<'v> Choice<'v> {
    fn new(view: &'v View, base: u32) -> Self {
        Self {
            view,
            base,
            items: Vec::new(),
            articles: HashSet::new(),
            others: Vec::new(),
            known: HashSet::new(),
            alive: HashMap::new(),
            regroupings: Vec::new(),
            raised: HashMap::new(),
            sources: HashMap::new(),
            digests: HashMap::new(),
            issued: Vec::new(),
            slots: HashSet::new(),
            waiting: HashSet::new(),
            messages: HashMap::new(),
            sent: Vec::new(),
            hasher: RandomState::new(),
            last: Checkpoint::default(),
        }
    }

    /// Notes that the chain continues after a frame.
    fn passed(&mut self, frame: &Frame) {
        let (last_seq, last_hash, until_ms) = (frame.seq, frame.hash(), frame.written_ms());
        self.last = Checkpoint { last_seq, last_hash, until_ms, ..std::mem::take(&mut self.last) };
    }

    fn add(&mut self, at: Position, change: Change) -> Result<(), StoreError> {
        let number = self.items.len();
        let what = match change {
            Change::Article(intent) => self.article(&intent)?,
            Change::Polled(state) => {
                self.sources.insert(state.source, number);
                What::Source
            }
            Change::Digest(issue) => self.digest(&issue, number)?,
            Change::Delivery(attempt) => {
                let hash = self.hash(&attempt.message);
                if !self.messages.contains_key(&hash) {
                    return Ok(());
                }
                What::Delivery(hash)
            }
            Change::Sending(it) => match self.hash(&it.message) {
                hash if self.messages.contains_key(&hash) => What::Delivery(hash),
                _ => return Ok(()),
            },
            Change::Reread(it) => match it.intent {
                Some(intent) => self.article(&intent)?,
                None => What::Article(it.article.0),
            },
            Change::Page(it) => What::Article(it.article.0),
            Change::Regrouped(_) | Change::Labelled(_) => What::Left,
        };
        self.items.push(Item { at, what });
        Ok(())
    }

    fn hash(&self, id: &MessageId) -> u64 {
        self.hasher.hash_one(id)
    }

    fn article(&mut self, intent: &Intent) -> Result<What, StoreError> {
        let id = intent.report.article.id;
        for it in intent.alerts.iter().filter(|it| it.kind == AlertKind::Found) {
            let newest = self.raised.entry(it.watch.clone()).or_insert((it.raised, id.0));
            *newest = (*newest).max((it.raised, id.0));
        }
        self.queued(&intent.outbox, Creator::Article(id.0))?;
        if let Some(it) = &intent.regrouping {
            self.regroupings.push((id.0, it.moves.iter().map(|step| step.article).collect()));
        }
        if self.known.insert(id.0) {
            self.others.push(id.0);
        }
        if !self.articles.contains(&id.0) && (self.is_needed(id)? || self.has_waiting(&intent.outbox)?) {
            self.articles.insert(id.0);
        }
        Ok(What::Article(id.0))
    }

    fn is_needed(&mut self, id: ArticleId) -> Result<bool, StoreError> {
        let index = &self.view.index;
        let Some(row) = index.get::<ArticleRow>(&key::article(id))? else { return Ok(false) };
        let is_newer = row.at.segment > self.base;
        Ok(is_newer || self.is_alive(StoryId(ArticleId(row.story)))? || index.has_any(&key::labels_prefix(id))?)
    }

    /// Whether anything newer belongs to a story.
    fn is_alive(&mut self, story: StoryId) -> Result<bool, StoreError> {
        if let Some(known) = self.alive.get(&story) {
            return Ok(*known);
        }
        let (prefix, mut res) = (key::story_prefix(story), false);
        self.view.index.list(&prefix, &key::after(&prefix), Order::Down, &mut |it| {
            res = key::last_u64(it).map_or(Ok(false), |member| self.is_newer(ArticleId(member)))?;
            Ok(if res { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        self.alive.insert(story, res);
        Ok(res)
    }

    /// Whether the newest version of an article is in a segment that stays.
    fn is_newer(&self, id: ArticleId) -> Result<bool, StoreError> {
        let row = self.view.index.get::<ArticleRow>(&key::article(id))?;
        Ok(row.is_some_and(|it| it.at.segment > self.base))
    }

    fn has_waiting(&self, outbox: &[Outgoing]) -> Result<bool, StoreError> {
        let index = &self.view.index;
        outbox.iter().try_fold(false, |res, it| Ok(res || index.has(&index.names().message(&it.id))?))
    }

    fn queued(&mut self, outbox: &[Outgoing], by: Creator) -> Result<(), StoreError> {
        let index = &self.view.index;
        for it in outbox {
            let creators = self.messages.entry(self.hasher.hash_one(&it.id)).or_default();
            if creators.is_empty() && index.has(&index.names().sent(&it.id))? {
                self.sent.push(it.id.clone());
            }
            creators.push(by);
        }
        Ok(())
    }

    fn digest(&mut self, issue: &DigestIssue, number: usize) -> Result<What, StoreError> {
        // A second issue for the same slot was never sent.
        if !self.slots.insert(issue.slot.clone()) {
            return Ok(What::Digest);
        }
        let Slot { digest, at } = issue.slot.clone();
        self.issued.push(Issued { digest, at: at.into(), until: issue.until.into() });
        let newest = self.digests.entry(issue.slot.digest.clone()).or_insert((issue.slot.at, number));
        *newest = (*newest).max((issue.slot.at, number));
        if self.has_waiting(&issue.outbox)? {
            self.waiting.insert(number);
        }
        self.queued(&issue.outbox, Creator::Digest(number))?;
        Ok(What::Digest)
    }

    /// Decides what can be decided only after everything was read.
    fn close(&mut self) {
        self.articles.extend(self.raised.values().map(|it| it.1));
        let digests = self.digests.values().map(|it| it.1).chain(self.waiting.iter().copied()).collect::<Vec<_>>();
        self.waiting.extend(digests);
        for number in self.sources.values() {
            if let Some(item) = self.items.get_mut(*number) {
                item.what = What::Left;
            }
        }
        // Keeps also the articles whose commits moved kept articles into their stories, those that moved these, and so
        // on; and every record that queued a message of a kept record.
        let shared = self.messages.values().filter(|it| it.len() > 1).cloned().collect::<Vec<_>>();
        loop {
            let before = (self.articles.len(), self.waiting.len());
            for creators in &shared {
                if creators.iter().any(|it| self.has(*it)) {
                    for it in creators {
                        self.leave(*it);
                    }
                }
            }
            for (id, moved) in &self.regroupings {
                if moved.iter().any(|it| self.articles.contains(&it.0)) {
                    self.articles.insert(*id);
                }
            }
            if (self.articles.len(), self.waiting.len()) == before {
                break;
            }
        }
        for number in &self.waiting {
            if let Some(item) = self.items.get_mut(*number) {
                item.what = What::Left;
            }
        }
    }

    fn has(&self, creator: Creator) -> bool {
        match creator {
            Creator::Article(id) => self.articles.contains(&id),
            Creator::Digest(number) => self.waiting.contains(&number),
        }
    }

    fn leave(&mut self, creator: Creator) {
        match creator {
            Creator::Article(id) => self.articles.insert(id),
            Creator::Digest(number) => self.waiting.insert(number),
        };
    }

    fn is_message_left(&self, hash: u64) -> bool {
        self.messages.get(&hash).is_some_and(|it| it.iter().any(|it| self.has(*it)))
    }

    fn is_left(&self, what: &What) -> bool {
        match what {
            What::Left => true,
            What::Article(id) => self.articles.contains(id),
            What::Delivery(hash) => self.is_message_left(*hash),
            What::Source | What::Digest => false,
        }
    }

    /// The checkpoint, which remembers what is not kept.
    fn checkpoint(&self) -> Checkpoint {
        let gone = self.others.iter().filter(|it| !self.articles.contains(it)).copied();
        let known = &self.last.gone;
        let mut articles: Vec<u64> = known.articles.iter().copied().chain(gone).collect();
        articles.drain(..articles.len().saturating_sub(MAX_FORGOTTEN));
        let gone = self.sent.iter().filter(|it| !self.is_message_left(self.hash(it))).map(|it| it.0.clone());
        let mut sent: Vec<String> = known.sent.iter().cloned().chain(gone).collect();
        sent.drain(..sent.len().saturating_sub(MAX_SENT));
        let mut issued: Vec<_> = known.issued.iter().chain(&self.issued).cloned().collect();
        issued.drain(..issued.len().saturating_sub(MAX_ISSUED));
        Checkpoint { gone: Gone { articles, sent, issued }, ..self.last.clone() }
    }
}
