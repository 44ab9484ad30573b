//! Which held article an entry is, by what was found under its keys. Pure.
//!
//! An address often stands for several articles: a live blog, a bulletin that is written anew each evening, the page of
//! a programme, the front page. No article may be lost for that. On the other hand an article whose headline is
//! corrected, and one whose guid changes at each poll, must not be new again: that would be told again.

use std::{cell::OnceCell, collections::HashSet};

use chrono::TimeDelta;

use crate::{
    model::{Article, ArticleId, Entry, Method, Origin, SourceId, Timestamp},
    text,
};

use super::{Held, HeldUnder, Key, entry_keys, folded_title};

/// Minimum share (0–1) of the words of the shorter text that are in the longer one for the two to be near copies.
const NEAR: f64 = 0.8;
/// Minimum words of a text that a page does not have for it to be proof that two entries are one article. "Read more"
/// and "Continue reading on our site" stand in every entry of some feeds, and on none of their pages.
const MIN_PROOF_WORDS: usize = 8;
/// Maximum bytes of a text that are compared.
const MAX_TEXT: usize = 64_000;
/// Minimum entries of a document that are held under other guids, none having the same, for the guids to be those of a
/// session. One may be an article whose guid was changed, beside a bulletin that is another.
const MIN_CHANGED: usize = 2;
/// The same, where the dates have changed too, and all are those of the poll.
const MIN_CHANGED_WITH_DATES: usize = 3;
/// How far from the time of a poll a date may be, either way, to be no date of publication: some programs give all
/// entries the time at which the document is made.
const JUST_NOW: TimeDelta = TimeDelta::minutes(5);

/// What an entry or an article is compared by.
#[derive(Debug)]
pub struct Profile {
    source: SourceId,
    link: Option<String>,
    guid: Option<String>,
    guid_is_unique: bool,
    /// Folded.
    title: String,
    /// The date of publication, as the feed claims.
    date: Option<Timestamp>,
    text: String,
    /// Whether the text is the page's.
    is_of_page: bool,
    /// What the page leaves out of the feed's text, folded, a sentence each. None where that is too little to be proof.
    left_out: Vec<String>,
    /// The text, folded when it is first needed.
    folded: OnceCell<Folded>,
}

impl Profile {
    /// Of an entry.
    pub fn of_entry(entry: &Entry) -> Self {
        Self {
            source: entry.source.clone(),
            link: entry.link.as_ref().map(|it| it.key().to_owned()),
            guid: entry.guid.clone(),
            guid_is_unique: entry.guid_is_unique,
            title: folded_title(&entry.title),
            date: entry.date(),
            text: text::capped(&entry.text, MAX_TEXT).to_owned(),
            is_of_page: false,
            left_out: Vec::new(),
            folded: OnceCell::new(),
        }
    }

    /// Of an article.
    pub fn of_article(article: &Article) -> Self {
        let left_out = article.text_of_feed().filter(|_| article.method != Method::Feed);
        let left_out = left_out.filter(|it| has_substance(it)).into_iter().flat_map(str::lines);
        // A page's date is none of the feed's.
        let has_own_date = article.reading.published.is_some_and(|it| it.origin != Origin::Feed);
        Self {
            source: article.source.clone(),
            link: article.link.as_ref().map(|it| it.key().to_owned()),
            guid: article.guid.clone(),
            guid_is_unique: article.guid_is_unique,
            title: folded_title(&article.feed_title),
            date: article.published.filter(|_| !has_own_date),
            text: text::capped(article.text_of_page(), MAX_TEXT).to_owned(),
            is_of_page: article.method != Method::Feed,
            left_out: left_out.map(folded_title).collect(),
            folded: OnceCell::new(),
        }
    }

    fn folded(&self) -> &Folded {
        self.folded.get_or_init(|| Folded::new(&self.text))
    }
}

/// A text, folded.
#[derive(Debug)]
struct Folded {
    text: String,
    /// The hash of each different word.
    words: HashSet<u32>,
}

impl Folded {
    fn new(text: &str) -> Self {
        let text = folded_title(text);
        Self { words: text.split_whitespace().map(|it| text::term_hash(it, 0)).collect(), text }
    }

    /// The share (0–1) of the words of the shorter text that are in the longer one. 0 if one has none.
    fn share(&self, other: &Self) -> f64 {
        let number = |it: usize| f64::from(u32::try_from(it).unwrap_or(u32::MAX));
        let shorter = self.words.len().min(other.words.len());
        if shorter == 0 { 0.0 } else { number(self.words.intersection(&other.words).count()) / number(shorter) }
    }
}

/// Whether a text says enough to be proof.
fn has_substance(text: &str) -> bool {
    text.split_whitespace().nth(MIN_PROOF_WORDS - 1).is_some()
}

/// How an entry compares with a held article that has one of its keys.
#[expect(clippy::struct_excessive_bools, reason = "each is one comparison")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Likeness {
    /// Whether the article came from the entry's source.
    pub is_of_source: bool,
    /// Whether the article has the entry's link; `None` if it has none.
    pub has_link: Option<bool>,
    /// Whether the guids are equal; `None` where one is missing, or where they differ but one does not identify an
    /// entry.
    pub has_guid: Option<bool>,
    /// Whether the folded titles are equal.
    pub has_title: bool,
    /// Whether the claimed dates of publication are equal; `None` where one is missing.
    pub has_date: Option<bool>,
    /// How the texts compare.
    pub text: TextLikeness,
    /// Whether the article's text is its page's.
    pub is_of_page: bool,
    /// Whether the entry's text has what the article has of the feed's beside its page's; not if that is nothing.
    pub has_left_out: bool,
}

/// How the feed's text of an entry compares with the text of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextLikeness {
    /// Word for word, but for lines that cleaning removed.
    Same,
    /// Most of the shorter text is in the longer one.
    Near,
    /// They differ.
    Other,
    /// One is missing, or the article's text is its page's, which need not contain the feed's.
    Unknown,
}

impl Likeness {
    /// Compares an entry with an article.
    pub fn new(entry: &Profile, article: &Profile) -> Self {
        let guids = entry.guid.as_ref().zip(article.guid.as_ref());
        let are_unique = entry.guid_is_unique && article.guid_is_unique;
        Self {
            is_of_source: entry.source == article.source,
            has_link: article.link.as_ref().map(|it| entry.link.as_ref() == Some(it)),
            has_guid: guids.map(|(one, other)| one == other).filter(|is_equal| *is_equal || are_unique),
            has_title: entry.title == article.title,
            has_date: entry.date.zip(article.date).map(|(one, other)| one == other),
            text: TextLikeness::new(entry, article),
            is_of_page: article.is_of_page,
            has_left_out: !article.left_out.is_empty()
                && article.left_out.iter().all(|it| entry.folded().text.contains(it)),
        }
    }

    /// Whether the entry came from the article's source under another guid.
    fn has_other_guid(self) -> bool {
        self.is_of_source && self.has_guid == Some(false)
    }

    /// Whether the entry is another article than the one that has its link: it came from the same source under another
    /// guid, and says something else. An equal title is no proof of the same article ("Daily briefing"), nor is another
    /// title proof of another one: headlines are corrected.
    fn is_another(self) -> bool {
        self.has_other_guid() && !self.is_same_report()
    }

    /// Whether the entry is the article under another guid.
    fn is_of_other_guid(self) -> bool {
        self.has_other_guid() && self.is_same_report()
    }

    /// Whether the entry may be the article under another guid, whatever their dates.
    fn may_be_of_other_guid(self) -> bool {
        let is_near_page = self.is_of_page && self.text == TextLikeness::Near;
        let may_be = self.text == TextLikeness::Unknown || is_near_page;
        self.has_other_guid() && (self.is_same_report() || (self.has_title && may_be))
    }

    fn is_same_report(self) -> bool {
        match (self.has_title, self.has_date, self.text) {
            (true, Some(is_same), text) => is_same || text == TextLikeness::Same,
            (true, None, text) => !matches!(text, TextLikeness::Near | TextLikeness::Other),
            // Posts of a live blog repeat much of each other.
            (false, Some(false), _) | (false, _, TextLikeness::Other) => false,
            (false, has_date, text) => has_date == Some(true) || text != TextLikeness::Unknown,
        }
    }

    /// Whether the entry is an article of the same guid under a corrected title. A guid and a link of its own are proof
    /// enough. Where the link is another, or many have it, the rest must agree, since some feeds number the entries of
    /// each day from 1, or their entries from the top.
    fn is_corrected(self, entry: &Entry) -> bool {
        let is_same_text = matches!(self.text, TextLikeness::Same | TextLikeness::Near);
        let is_proven = self.has_date == Some(true)
            && (self.has_left_out || is_same_text)
            && !(entry.guid.as_deref().is_some_and(is_numbered) && entry.date().is_some_and(is_of_day));
        self.has_guid == Some(true)
            && match self.has_link {
                Some(true) => is_proven || has_own_link(entry),
                _ => is_proven && !may_reuse_guid(entry),
            }
    }

    /// Whether the entry is another article than the one that has its guid and its title too: all else differs. So it is
    /// where a feed numbers the entries of each day from 1, and the first is always the daily briefing.
    fn is_of_reused_guid(self) -> bool {
        let is_said = matches!(self.text, TextLikeness::Same | TextLikeness::Near);
        self.has_link == Some(false) && self.has_date == Some(false) && !is_said
    }

    /// Whether the entry is the article of the same title that has its link too, beside another one. A briefing of each
    /// day may have one title and one teaser, and its own date.
    fn is_beside_the_same(self) -> bool {
        let is_proven = match self.has_date {
            Some(is_same) => is_same && self.text != TextLikeness::Other,
            None => self.text == TextLikeness::Same,
        };
        self.is_of_source && self.has_link == Some(true) && is_proven
    }

    /// Whether the entry, of which no link or guid is known, is the article of the same title in its source.
    fn is_namesake(self, entry: &Entry) -> bool {
        if has_own_link(entry) {
            // Other entries had its link then.
            let may_be = self.has_link != Some(false) && self.has_guid != Some(false);
            return may_be && self.has_date == Some(true) && self.text != TextLikeness::Other;
        }
        if entry.guid_is_unique {
            // Another entry had its guid then, or all but the guid is the same.
            return self.has_guid == Some(true) || (self.has_date == Some(true) && self.text == TextLikeness::Same);
        }
        self.has_date.unwrap_or(matches!(self.text, TextLikeness::Same | TextLikeness::Unknown))
    }
}

impl TextLikeness {
    fn new(entry: &Profile, article: &Profile) -> Self {
        let is_of_page = article.is_of_page;
        let (of_entry, of_article) = (entry.folded(), article.folded());
        if of_entry.text.is_empty() || of_article.text.is_empty() {
            return Self::Unknown;
        }
        // Cleaning removes the title and notes around the text: what is left is a part of it.
        let is_part = || of_entry.text.contains(&of_article.text) && of_article.text.len() * 2 > of_entry.text.len();
        let is_within = || of_article.text.contains(&of_entry.text);
        if of_entry.text == of_article.text || (!is_of_page && is_part()) || (is_of_page && is_within()) {
            return Self::Same;
        }
        match (of_entry.share(of_article) >= NEAR, is_of_page) {
            (true, _) => Self::Near,
            (false, false) => Self::Other,
            (false, true) => Self::Unknown,
        }
    }
}

/// What was found under the keys of one entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Met {
    /// The articles.
    pub under: HeldUnder,
    /// How the entry compares with them, where [`HeldUnder::unclear`] asks for that.
    pub likeness: Likenesses,
}

/// How an entry compares with the articles under its keys; `None` where that need not or cannot be known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Likenesses {
    /// With the one under its link.
    pub link: Option<Likeness>,
    /// With the one under its guid.
    pub guid: Option<Likeness>,
    /// With the one under its title.
    pub title: Option<Likeness>,
}

/// The articles whose content decides whether an entry is one of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unclear {
    /// The one under its link.
    pub link: Option<ArticleId>,
    /// The one under its guid.
    pub guid: Option<ArticleId>,
    /// The one under its title.
    pub title: Option<ArticleId>,
}

impl HeldUnder {
    /// The articles that an entry must be compared with. None for most: their guid or link says it.
    pub fn unclear(&self, entry: &Entry) -> Unclear {
        let id = |it: &Option<Held>| it.as_ref().map(|it| it.article);
        if self.link.is_some() && (!entry.guid_is_unique || id(&self.guid) == id(&self.link)) {
            return Unclear::default();
        }
        let is_of_guid = self.guid.as_ref().is_some_and(|it| has_title(it, entry));
        let is_clear = is_of_guid && !may_reuse_guid(entry);
        Unclear {
            link: id(&self.link),
            guid: id(&self.guid).filter(|_| !is_clear),
            title: id(&self.title).filter(|_| !is_of_guid),
        }
    }
}

fn has_own_link(entry: &Entry) -> bool {
    entry.link.is_some() && entry.link_is_own
}

/// Maximum digits of a guid that numbers the entries of a document. Longer numbers are those of a database.
const MAX_PLACE_DIGITS: usize = 3;

/// Whether an entry's guid may have been another one's before: its place in the document.
fn may_reuse_guid(entry: &Entry) -> bool {
    let is_place = |it: &String| it.len() <= MAX_PLACE_DIGITS && it.bytes().all(|it| it.is_ascii_digit());
    has_own_link(entry) && entry.guid.as_ref().is_some_and(is_place)
}

/// Whether a guid is a short number after a word or none, such as "item-1". It may count the articles of the site, or
/// the entries of the document.
fn is_numbered(guid: &str) -> bool {
    let word = guid.trim_end_matches(|it: char| it.is_ascii_digit());
    let is_word = !word.contains("://") && !word.contains(char::is_numeric);
    is_word && (1..=MAX_PLACE_DIGITS).contains(&(guid.len() - word.len()))
}

/// Whether a date is that of a day rather than of an instant, as far as it shows: midnight, in UTC or up to four hours to
/// the east. All articles of a day have it.
fn is_of_day(date: Timestamp) -> bool {
    const DAY: i64 = 24 * 3600;
    let to_midnight = (-date.timestamp()).rem_euclid(DAY);
    to_midnight <= 4 * 3600 && to_midnight % 1800 == 0
}

// A damaged title equals no title, not even an empty one.
fn has_title(held: &Held, entry: &Entry) -> bool {
    held.title.as_ref().is_some_and(|it| *it == folded_title(&entry.title))
}

/// Whether the guids of a source change from one document to the next, as session numbers do: some articles of these
/// entries have other guids than before, and none has the same. Such guids tell no articles apart.
pub fn guids_change<'a>(entries: impl Iterator<Item = (&'a Entry, &'a Met)>, now: Timestamp) -> bool {
    let (mut n_sure, mut n_possible, mut has_other_dates) = (0, 0, false);
    for (entry, Met { under, likeness }) in entries.filter(|it| it.0.guid_is_unique) {
        let is_kept = |it: &Held| {
            has_title(it, entry) || under.link.as_ref().is_some_and(|of_link| of_link.article == it.article)
        };
        if under.guid.as_ref().is_some_and(is_kept) {
            return false;
        }
        n_sure += usize::from(likeness.link.is_some_and(Likeness::is_of_other_guid));
        n_possible += usize::from(likeness.link.is_some_and(Likeness::may_be_of_other_guid));
        has_other_dates |= entry.date().is_some_and(|it| (now - it).abs() > JUST_NOW);
    }
    n_sure >= MIN_CHANGED || (n_possible >= MIN_CHANGED_WITH_DATES && !has_other_dates)
}

/// The held article that an entry is, if it is one. `guids_change` is [`guids_change`] of all entries of its document.
///
/// An article that has its link is it, unless it is known to be another. A known guid counts if the title is the same
/// too, or the rest is, but not if it may be a place in the document and all but the title differs: feeds reuse guids.
/// An entry without link and guid is identified by its title and date, or its text if it has no date. An entry with a
/// link of its own is not dropped because of its title: "Weekly digest" is a new one each week.
pub fn recognise(entry: &Entry, met: Met, guids_change: bool) -> Option<Held> {
    let Met { under: HeldUnder { link, guid, title }, likeness } = met;
    let is_at_link = link.is_some();
    let is_it = |it: &Held| {
        let is_of_guid = guid.as_ref().is_some_and(|guid| guid.article == it.article);
        is_of_guid || guids_change || !likeness.link.is_some_and(Likeness::is_another)
    };
    if let Some(link) = link.filter(is_it) {
        return Some(link);
    }
    let has_own_link = has_own_link(entry);
    let is_corrected = likeness.guid.is_some_and(|it| it.is_corrected(entry));
    let is_reused = may_reuse_guid(entry) && likeness.guid.is_some_and(Likeness::is_of_reused_guid);
    if let Some(guid) = guid.filter(|it| (has_title(it, entry) && !is_reused) || is_corrected) {
        return Some(guid);
    }
    let is_namesake = match likeness.title {
        Some(likeness) if is_at_link => likeness.is_beside_the_same(),
        Some(likeness) => likeness.is_namesake(entry),
        None => !has_own_link && !entry.guid_is_unique,
    };
    title.filter(|it| is_namesake && has_title(it, entry))
}

/// Whether an entry is dated between `since` and `now`, if only by its last change, and not just now, which is what some
/// programs say of all entries.
pub fn is_dated_within(entry: &Entry, since: Timestamp, now: Timestamp) -> bool {
    entry.date().is_some_and(|it| since < it && it < now - JUST_NOW)
}

/// Whether two new entries are different articles though their link is the same: their guids differ, and they say
/// different things.
pub fn are_different(one: &Entry, other: &Entry) -> bool {
    let said = |it: &Entry| (folded_title(&it.title), it.text.clone());
    one.guid_is_unique && other.guid_is_unique && one.guid != other.guid && said(one) != said(other)
}

/// Names an article by what identifies its entry, so that it is the same on every run.
pub fn article_id(entry: &Entry) -> ArticleId {
    match entry_keys(entry).link {
        Some(Key::Link(link)) => ArticleId(text::short_hash(&format!("link\n{link}"))),
        _ => id_without_link(entry),
    }
}

/// Names an article whose link another article has.
pub fn id_without_link(entry: &Entry) -> ArticleId {
    let keys = entry_keys(entry);
    let identity = match keys.guid.or(keys.title) {
        Some(Key::Guid(source, guid)) => of_guid(source.as_str(), &guid, &entry.title),
        Some(Key::Title(source, title)) => match (entry.date(), text::one_line(&text::fold_for_keys(&entry.text))) {
            (Some(date), _) => of_title(source.as_str(), &title, date.timestamp()),
            (None, text) if !text.is_empty() => format!("title\n{source}\n{title}\ntext\n{text}"),
            (None, _) => format!("title\n{source}\n{title}"),
        },
        _ => format!("source\n{}", entry.source),
    };
    ArticleId(text::short_hash(&identity))
}

/// Whether an article is named by its guid or its title, because its link is not its own: the address has had several.
/// It is not to be found by that link, but beside it.
pub fn is_beside_its_link(article: &Article) -> bool {
    let source = article.source.as_str();
    let by_guid = article.guid.as_ref().filter(|_| article.guid_is_unique);
    let identity = match (by_guid, article.published) {
        (Some(guid), _) => of_guid(source, guid, &article.feed_title),
        (None, Some(date)) => of_title(source, &folded_title(&article.feed_title), date.timestamp()),
        (None, None) => return false,
    };
    article.link.is_some() && article.id == ArticleId(text::short_hash(&identity))
}

fn of_guid(source: &str, guid: &str, title: &str) -> String {
    format!("guid\n{source}\n{guid}\n{}", folded_title(title))
}

fn of_title(source: &str, title: &str, date: i64) -> String {
    format!("title\n{source}\n{title}\ndate\n{date}")
}

#[cfg(test)]
mod tests;
