//! The audience of a digest: which part of the archive goes into it.

use std::collections::{BTreeSet, HashMap};

use crate::{
    model::{Alert, Report, Source, SourceId, Tag},
    text,
};

use super::TopicName;

/// What a digest is about. An empty list excludes nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Audience {
    /// Topics by id; each includes the topics below it.
    pub topics: Vec<String>,
    /// Watches by name: their alerts, and the stories for which they fired, as long as those continue.
    pub watches: Vec<String>,
    /// BCP 47 primary codes, in small letters. A story goes in for a report in one of them.
    pub languages: Vec<String>,
    /// Countries of sources, as in [`Source::country`]. A story goes in for a report from one of them.
    pub countries: Vec<String>,
    /// Minimum score at which a topic counts; 0 for any.
    pub min_score: f32,
    /// Minimum confidence (0–1) of one of its hits for an alert to be included.
    pub min_confidence: f32,
}

impl Audience {
    /// Whether a later reading may make an article relevant. Conditions on the source alone are known from the first
    /// reading.
    pub fn depends_on_text(&self) -> bool {
        let Self { topics, watches, languages, min_score, countries: _, min_confidence: _ } = self;
        !(topics.is_empty() && watches.is_empty() && languages.is_empty() && *min_score <= 0.0)
    }
}

/// An [`Audience`] prepared for queries.
pub(super) struct Filter<'a> {
    audience: &'a Audience,
    /// The wanted topics and those below them; `None` for all.
    topics: Option<BTreeSet<&'a str>>,
}

impl<'a> Filter<'a> {
    pub(super) fn new(audience: &'a Audience, known: &'a [TopicName]) -> Self {
        let wanted = |it: &str| audience.topics.iter().any(|wanted| wanted == it);
        let above: HashMap<&str, &str> =
            known.iter().filter_map(|it| Some((it.id.as_str(), it.parent.as_deref()?))).collect();
        let is_below = |id: &'a str| {
            // A cycle of topics must end: no chain is longer than the number of topics.
            let line = std::iter::successors(Some(id), |it| above.get(it).copied()).take(known.len() + 1);
            line.into_iter().any(wanted)
        };
        let below = known.iter().map(|it| it.id.as_str()).filter(|it| is_below(it));
        let named = audience.topics.iter().map(String::as_str);
        let topics = (!audience.topics.is_empty()).then(|| named.chain(below).collect());
        Self { audience, topics }
    }

    /// Whether a source is one of those that it is about.
    pub(super) fn source(&self, source: &Source) -> bool {
        self.audience.countries.is_empty() || self.audience.countries.contains(&source.country)
    }

    /// Whether a report is in a language and from a country that it is about.
    pub(super) fn report(&self, report: &Report, sources: &HashMap<&SourceId, &Source>) -> bool {
        let Audience { languages, countries, .. } = self.audience;
        let from = || sources.get(&report.article.source).is_some_and(|it| self.source(it));
        let is_wanted = |it: &str| languages.iter().any(|wanted| wanted.eq_ignore_ascii_case(it));
        let read = || report.article.language.as_deref().is_some_and(|it| is_wanted(text::without_region(it)));
        (countries.is_empty() || from()) && (languages.is_empty() || read())
    }

    /// Whether it is about some languages alone.
    pub(super) fn names_languages(&self) -> bool {
        !self.audience.languages.is_empty()
    }

    /// Whether a topic is one of those that it is about.
    pub(super) fn topic(&self, id: &str) -> bool {
        self.topics.as_ref().is_none_or(|it| it.contains(id))
    }

    /// Whether a topic counts.
    pub(super) fn tag(&self, tag: &Tag) -> bool {
        self.topic(&tag.topic) && tag.score >= self.audience.min_score
    }

    /// Whether stories without any topic are of interest.
    pub(super) fn untagged(&self) -> bool {
        self.topics.is_none() && self.audience.watches.is_empty() && self.audience.min_score <= 0.0
    }

    /// Whether every report of a topic goes in.
    pub(super) fn takes_whole_topics(&self) -> bool {
        let Audience { languages, countries, min_score, .. } = self.audience;
        self.by_topic() && languages.is_empty() && countries.is_empty() && *min_score <= 0.0
    }

    /// Whether a story's topics alone can include it.
    pub(super) fn by_topic(&self) -> bool {
        self.topics.is_some() || self.audience.watches.is_empty()
    }

    /// Whether a watch is one of those that it is about.
    pub(super) fn watch(&self, name: &str) -> bool {
        self.audience.watches.is_empty() || self.audience.watches.iter().any(|it| it == name)
    }

    /// Whether an alert is sure enough, and of a watch that it is about.
    pub(super) fn alert(&self, alert: &Alert) -> bool {
        let least = self.audience.min_confidence;
        self.watch(&alert.watch) && (least <= 0.0 || alert.hits.iter().any(|it| it.score >= least))
    }

    /// Whether alerts are included for their watch alone, and not for their story.
    pub(super) fn by_watch(&self) -> bool {
        !self.audience.watches.is_empty() || self.topics.is_none()
    }

    /// Whether an alert alone can include a story.
    pub(super) fn names_watches(&self) -> bool {
        !self.audience.watches.is_empty()
    }
}
