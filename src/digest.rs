//! The periodic summary: [`select`] chooses what goes in, [`render`] writes it out. Pure.
//!
//! A digest says what is new within a window of *first seen* times: alerts first, then stories by topic, each
//! with the sentence that shows why it is there, then what fell under no topic, and last the sources that are
//! sick. Every text that came from a publisher passes [`Marked`] or [`one_line`] on its way in, so a [`Digest`]
//! holds single lines without control characters; the renderers add only the escapes of their format.

mod audience;
mod events;
mod health;
mod history;
mod line;
pub mod render;
mod select;
mod shortened;
mod texts;
mod why;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    time::Duration,
};

use chrono_tz::Tz;

use crate::model::{
    Alert, AlertId, AlertKind, ArticleId, CanonicalUrl, Closeness, Condition, CopyLevel, Event, Report, Severity, Slot,
    Source, SourceId, SourceState, StoryId, Timestamp,
};

pub use self::{
    audience::Audience,
    events::{EventLine, Fates, Replaced, WordChange, newest as newest_events},
    health::GivenUp,
    history::{DAYS, History},
    line::{Marked, one_line},
    select::{best_of, select},
    shortened::Cut,
    texts::Visit,
};

/// What a digest is made from.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Its name and its place in the schedule.
    pub slot: &'a Slot,
    /// Shown at its head.
    pub title: &'a str,
    /// Bounds of [`Article::first_seen`](crate::model::Article::first_seen): a story is included if it has a report
    /// from this window, or a `late` one.
    pub window: &'a Range<Timestamp>,
    /// Now.
    pub issued_at: Timestamp,
    /// In which times are shown.
    pub zone: Tz,
    /// Polling interval of sources without one of their own.
    pub interval: Duration,
    /// The reports of the window, the older reports of the same stories, and those for which alerts fired, in any
    /// order.
    pub reports: &'a [Report],
    /// The `reports` from before the window that may be included all the same: no earlier issue was made of them, and a
    /// later reading changed what they say.
    pub late: &'a BTreeSet<ArticleId>,
    /// Raised in the window.
    pub alerts: &'a [Alert],
    /// Alerts raised before the window for stories of `reports`, if the digest is about watches: a watch fires once for
    /// a story, and these show which stories it covers. Alerts of late reports are shown; the others were shown before.
    pub alerts_before: &'a [Alert],
    /// The severities of watches; a watch that is not in the map has the default.
    pub severities: &'a BTreeMap<String, Severity>,
    /// Events of articles in the window and in the [`DAYS`] before it. The reports of those in the window are among
    /// `reports`.
    pub events: &'a [Event],
    /// The versions before and after the changes that are shown, as far as available.
    pub replaced: &'a [Replaced],
    /// In the order in which they are shown.
    pub topics: &'a [TopicName],
    /// All configured sources, with what is remembered of them.
    pub sources: &'a [(Source, Option<SourceState>)],
    /// The messages on the digest's channels that were given up.
    pub given_up: Option<GivenUp>,
    /// What came before the window.
    pub history: &'a History,
    /// What of it all goes in.
    pub audience: &'a Audience,
    /// How much is shown.
    pub limits: Limits,
}

/// A topic as people know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicName {
    /// As in [`Tag::topic`](crate::model::Tag::topic).
    pub id: String,
    /// Shown to people.
    pub name: String,
    /// The topic that it is part of: an id, or a plain heading where no topic has that id.
    pub parent: Option<String>,
}

/// Maximum number of each thing that a digest shows. What is left out is counted ([`Capped::more`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Alerts.
    pub alerts: usize,
    /// Hits of one alert.
    pub hits: usize,
    /// Stories under one topic.
    pub stories: usize,
    /// Reports of one story.
    pub reports: usize,
    /// Stories under no topic.
    pub others: usize,
    /// Articles that were changed or withdrawn.
    pub events: usize,
    /// Sick sources.
    pub sick: usize,
    /// Sentences of one story.
    pub quotes: usize,
    /// Quiet topics, and quiet watches.
    pub quiet: usize,
    /// Terms mentioned for the first time.
    pub mentions: usize,
    /// Topics whose volume is shown.
    pub volume: usize,
    /// Characters of a title.
    pub title_chars: usize,
    /// Characters of a sentence.
    pub sentence_chars: usize,
}

impl Default for Limits {
    /// Limits that keep an ordinary day below the 100 KB at which large mail services clip a message.
    fn default() -> Self {
        Self {
            alerts: 30,
            hits: 3,
            stories: 10,
            reports: 8,
            others: 20,
            events: 20,
            sick: 30,
            quotes: 2,
            quiet: 30,
            mentions: 20,
            volume: 15,
            title_chars: 200,
            sentence_chars: 400,
        }
    }
}

/// A list cut to its limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capped<T> {
    /// What is shown.
    pub items: Vec<T>,
    /// How many are not.
    pub more: usize,
}

impl<T> Capped<T> {
    /// Keeps the first `limit` of `items`.
    pub fn new(mut items: Vec<T>, limit: usize) -> Self {
        let more = items.len().saturating_sub(limit);
        items.truncate(limit);
        Self { items, more }
    }

    /// At most the first `limit` of these.
    fn first(&self, limit: usize) -> Self
    where
        T: Clone,
    {
        let items: Vec<_> = self.items.iter().take(limit).cloned().collect();
        Self { more: self.more + self.items.len() - items.len(), items }
    }

    /// How many there are, shown or not.
    pub fn total(&self) -> usize {
        self.items.len() + self.more
    }
}

/// What a digest says, ready to be rendered.
#[derive(Debug, Clone, PartialEq)]
pub struct Digest {
    /// Its name and its place in the schedule.
    pub slot: Slot,
    /// Shown at its head.
    pub title: String,
    /// Its window, by first-seen time.
    pub window: Range<Timestamp>,
    /// When it was made.
    pub issued_at: Timestamp,
    /// In which times are shown.
    pub zone: Tz,
    /// Newest first.
    pub alerts: Capped<AlertLine>,
    /// Stories under topics, in the configured order of the topics; none is empty.
    pub groups: Vec<Group>,
    /// Stories under no topic, by number of independent origins, then by novelty, then the newest first.
    pub others: Capped<OtherStory>,
    /// Articles that were withdrawn, then those that were changed, the newest first.
    pub events: Capped<EventLine>,
    /// Watched terms found for the first time within the days held, in the order in which they were found.
    pub first_mentions: Capped<FirstMention>,
    /// Topics without reports.
    pub quiet_topics: Capped<Quiet>,
    /// Watches that did not fire.
    pub quiet_watches: Capped<Quiet>,
    /// How many whole days the archive goes back from the end of the window, [`DAYS`] at most.
    pub days_held: usize,
    /// Whether the archive goes back far enough that what it lacks is rare. Otherwise nothing is said of what is usual.
    pub is_deep: bool,
    /// How much is reported, by topic.
    pub volume: Capped<VolumeLine>,
    /// The gravest first.
    pub sick: Capped<SickSource>,
    /// What did not work as configured when the digest was made, in plain sentences.
    pub notes: Vec<String>,
    /// Counts.
    pub totals: Totals,
    /// The articles that the digest was made of: those of the window and late ones, oldest first.
    pub articles: Vec<ArticleId>,
}

impl Digest {
    /// Whether it has no alerts, no stories and no events. Such a digest is valid: it says that there is nothing new.
    pub fn is_empty(&self) -> bool {
        self.totals.alerts == 0 && self.totals.stories == 0 && self.events.total() == 0
    }
}

/// A watched term that was not found before, within the days held, or within a month.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstMention {
    /// The watch's name.
    pub watch: String,
    /// The term, as configured.
    pub term: String,
    /// The words as they stand in the text.
    pub form: String,
    /// The report that mentions it, if it is at hand.
    pub report: Option<ReportLine>,
}

/// A topic without reports, or a watch that did not fire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quiet {
    /// Shown to people.
    pub name: String,
    /// Whole days since the last report or alert. `None` for longer than [`DAYS`] or than the archive goes back, and if
    /// days are not counted.
    pub days: Option<u32>,
    /// Whether the days are counted. They are not if the audience gets only a part of these reports or alerts.
    pub is_counted: bool,
}

/// How much is reported on a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct VolumeLine {
    /// The topic's id.
    pub topic: String,
    /// Shown to people.
    pub name: String,
    /// Reports of each of the last [`DAYS`] days, oldest first; 0 for days before [`Digest::days_held`].
    pub days: Vec<u32>,
    /// Reports of the last 24 hours.
    pub today: u32,
    /// The mean of the earlier days held; `None` if these are too few to call anything usual.
    pub usual: Option<f32>,
}

/// Counts over the whole digest, shown or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Alerts raised.
    pub alerts: usize,
    /// Stories with a report in the window, or a late one.
    pub stories: usize,
    /// The stories among them whose reports are all of the window or late.
    pub new_stories: usize,
    /// Reports in the window and late ones, copies included.
    pub reports: usize,
    /// Sources they came from.
    pub reporting_sources: usize,
    /// Sources that are polled.
    pub sources: usize,
    /// Articles that were withdrawn.
    pub withdrawn: usize,
    /// Articles that were changed.
    pub changed: usize,
}

/// A top-level heading.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Shown to people.
    pub name: String,
    /// Never empty.
    pub sections: Vec<Section>,
}

/// A topic with its stories.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// The topic's id.
    pub topic: String,
    /// The heading; `None` if the topic heads its group.
    pub name: Option<String>,
    /// By [`Rank`], then newest first. Never empty.
    pub stories: Capped<Story>,
}

/// A story under its best topic.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// Names it.
    pub id: StoryId,
    /// The title of the leading report, with marks if only the title shows why the story is here.
    pub headline: Marked,
    /// The report that names the story, or else the one seen first; if possible one for the digest's audience.
    pub lead: ReportLine,
    /// The report that is oldest by the time shown with it, for any audience.
    pub first_by_date: ReportLine,
    /// The report that was held first, for any audience: outlets claim any date, and not all are polled equally often.
    pub first_seen: ReportLine,
    /// When the report that names the story was first held, or the oldest available report if that one is not
    /// available; for any audience.
    pub begun: Timestamp,
    /// Whether all of its reports are of the window or late.
    pub is_new: bool,
    /// Distinct sources over all its reports.
    pub n_sources: usize,
    /// Number of independent origins behind these sources (see [`origins`](crate::dedup::origins)).
    pub n_origins: usize,
    /// All reports, ordered by the times shown. The first ones, the leading one and the newest are left out last.
    pub reports: Capped<ReportLine>,
    /// A summary of its reports, by a machine.
    pub summary: Option<String>,
    /// The sentences that show why it is under this topic, in the order of the text. If only the title shows it, one
    /// unmarked sentence that says more than the title.
    pub quotes: Vec<Quote>,
    /// The report that contains the sentences, if it is not the leading one, so that they are not taken for the leading
    /// report's.
    pub quoted: Option<ReportLine>,
    /// BCP 47 codes of its reports, each once.
    pub languages: Vec<String>,
    /// Number of outlets that are owned or directed by a state.
    pub n_state_owned: usize,
    /// The values that decide its place.
    pub rank: Rank,
    /// Its other topics, by name.
    pub also: Vec<String>,
    /// Its score for the topic it stands under.
    pub score: f32,
    /// When its newest report was seen.
    pub updated: Timestamp,
}

/// What a story is ranked by, each from 0 to 1 among the stories of its section.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rank {
    /// Its score for the topic.
    pub relevance: f32,
    /// Its independent origins.
    pub origins: f32,
    /// The share of its reports that are of the window, or came late.
    pub novelty: f32,
}

impl Rank {
    /// The sum by which stories are ordered.
    pub fn total(self) -> f32 {
        0.5 * self.origins + 0.3 * self.relevance + 0.2 * self.novelty
    }
}

/// One report of a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLine {
    /// The article.
    pub article: ArticleId,
    /// The source.
    pub source: SourceId,
    /// The source's name.
    pub outlet: String,
    /// One line.
    pub title: String,
    /// Where it is.
    pub link: Option<CanonicalUrl>,
    /// BCP 47 code.
    pub language: Option<String>,
    /// The time shown: the publisher's claim if credible, otherwise when it was first seen.
    pub at: Timestamp,
    /// Whether `at` is the publisher's claim.
    pub at_is_claimed: bool,
    /// When the daemon first held it.
    pub first_seen: Timestamp,
    /// How much of another report it copies, if it copies one.
    pub copy: Option<CopyLevel>,
    /// Whether its source is owned or directed by a state.
    pub is_state_owned: bool,
    /// Whether it was changed or withdrawn since it was first held.
    pub fate: Option<Fate>,
    /// The title in the digest's language, by a machine.
    pub translation: Option<String>,
}

impl ReportLine {
    /// Whether it copies another report as a whole and so says nothing more. A partial copy does.
    pub fn is_whole_copy(&self) -> bool {
        self.copy == Some(CopyLevel::Copy)
    }
}

/// What became of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is there no more.
    Withdrawn,
    /// Its text was changed.
    Changed,
}

impl Fate {
    /// The word for it, for people and in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::Changed => "changed",
        }
    }
}

/// A sentence of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The sentence, with the words that count marked.
    pub sentence: Marked,
    /// Its BCP 47 code.
    pub language: Option<String>,
    /// The report it stands in.
    pub article: ArticleId,
    /// The sentence in the digest's language, by a machine.
    pub translation: Option<String>,
}

/// A watch that fired.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertLine {
    /// Names it.
    pub id: AlertId,
    /// The watch's name.
    pub watch: String,
    /// When it fired.
    pub raised: Timestamp,
    /// The article's story.
    pub story: StoryId,
    /// The report it fired for; `None` if that is not available.
    pub report: Option<ReportLine>,
    /// What for.
    pub kind: AlertKind,
    /// How loud its watch is.
    pub severity: Severity,
    /// What else is to be said of it: that it is a spike, or for an old article.
    pub reason: Option<String>,
    /// What was found, each form once.
    pub hits: Capped<HitLine>,
    /// Whether the report was changed since and still contains everything found in it.
    pub is_still_said: bool,
    /// The later reports of the story, in the order in which they came, as far as available.
    pub later: Capped<ReportLine>,
}

/// A watched term as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct HitLine {
    /// The term, as configured.
    pub term: String,
    /// The words as they stand in the text.
    pub form: String,
    /// How the words stand to the term.
    pub closeness: Closeness,
    /// From 0 to 1, the same letters.
    pub score: f32,
    /// The case ending that was cut off.
    pub ending: Option<String>,
    /// Why, in one sentence.
    pub why: String,
    /// The sentence they stand in, the words marked.
    pub sentence: Marked,
    /// The sentence in the digest's language, by a machine.
    pub translation: Option<String>,
}

/// A story under no topic, in brief.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherStory {
    /// Names it.
    pub id: StoryId,
    /// Its leading report; see [`Story::lead`].
    pub lead: ReportLine,
    /// See [`Story::begun`].
    pub begun: Timestamp,
    /// Distinct sources.
    pub n_sources: usize,
    /// Distinct origins.
    pub n_origins: usize,
    /// The share of its reports that are of the window, from 0 to 1.
    pub novelty: f32,
    /// When its newest report was seen.
    pub updated: Timestamp,
}

/// A source in trouble, or one that is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SickSource {
    /// Names it.
    pub id: SourceId,
    /// Shown to people.
    pub name: String,
    /// What is wrong.
    pub condition: Condition,
    /// Since when nothing was read because its host asked to be left alone, if that is long. Its condition is then not
    /// a failure and may be fine.
    pub left_alone: Option<Timestamp>,
    /// The evidence, in plain words.
    pub reason: String,
    /// Since when it is in that condition without a break.
    pub since: Timestamp,
    /// When it last answered with something readable.
    pub succeeded: Option<Timestamp>,
}

impl SickSource {
    /// Since when it is left alone, where that is what there is to say of it: one that brings nothing new, or is to be
    /// had elsewhere, is in trouble that does not end with the wait.
    pub fn merely_left_alone(&self) -> Option<Timestamp> {
        use Condition::{Behind, Empty, Frozen, Redirected};
        self.left_alone.filter(|_| !matches!(self.condition, Behind | Empty | Frozen | Redirected))
    }
}
