//! Sources and their entries.

use serde::Serialize;

use crate::model::{self, CanonicalUrl, Condition};

use super::instant;

/// A source with what is remembered about it.
#[derive(Debug, Serialize)]
pub struct Source<'a> {
    id: &'a str,
    name: &'a str,
    url: &'a str,
    enabled: bool,
    state_owned: bool,
    languages: &'a [String],
    country: &'a str,
    kind: &'static str,
    /// Whether it was seen to work on the live web.
    verified: bool,
    /// `fine`, `troubled`, `failing`, or `new` where it was never polled.
    health: &'static str,
    /// The condition in more detail: `fine`, `repaired`, `slow`, `redirected`, `same-guid`, `frozen`, `behind`,
    /// `empty`, or why it fails: `blocked`, `web-page`, `gone`, `not-found`, `unreadable`, `throttled`, `server-error`,
    /// `unreachable`, `refused`, `defect`.
    condition: Option<&'static str>,
    reason: Option<&'a str>,
    since: Option<String>,
    failing_since: Option<String>,
    moved_to: Option<&'a str>,
    polled: Option<String>,
    succeeded: Option<String>,
    brought_new: Option<String>,
    newest: Option<String>,
    /// Seconds that usually lie between two new entries.
    pace: Option<u64>,
    /// Seconds that it usually takes to answer.
    took: Option<f64>,
    due: Option<String>,
    entries: Option<u32>,
}

impl<'a> Source<'a> {
    /// Joins the two.
    pub fn new(source: &'a model::Source, state: Option<&'a model::SourceState>) -> Self {
        let health = state.map(|it| &it.health);
        let is_failing = |it: &&model::Health| matches!(it.condition, Condition::Failing(_));
        Self {
            id: source.id.as_str(),
            name: &source.name,
            url: source.url.as_str(),
            enabled: source.enabled,
            state_owned: source.ownership == model::Ownership::State,
            languages: &source.languages,
            country: &source.country,
            kind: source.kind.word(),
            verified: source.is_verified,
            health: match health.map(|it| it.condition) {
                None => "new",
                Some(Condition::Fine) => "fine",
                Some(Condition::Failing(_)) => "failing",
                Some(_) => "troubled",
            },
            condition: health.map(|it| it.condition.word()),
            reason: health.map(|it| it.reason.as_str()).filter(|it| !it.is_empty()),
            since: health.map(|it| instant(it.since)),
            failing_since: health.filter(is_failing).map(|it| instant(it.since)),
            moved_to: state.and_then(|it| it.moved.as_ref()).map(|it| it.to.as_str()),
            polled: state.map(|it| instant(it.polled)),
            succeeded: state.and_then(|it| it.succeeded).map(instant),
            brought_new: state.and_then(|it| it.brought_new).map(instant),
            newest: state.and_then(|it| it.newest).map(instant),
            pace: state.and_then(|it| it.pace).map(|it| it.as_secs()),
            took: state.and_then(|it| it.took).map(|it| it.as_secs_f64()),
            due: state.map(|it| instant(it.due)),
            entries: state.map(|it| it.entries),
        }
    }
}

/// An entry of a source.
#[derive(Debug, Serialize)]
pub struct Entry<'a> {
    title: &'a str,
    link: Option<&'a str>,
    guid: Option<&'a str>,
    guid_is_unique: bool,
    published: Option<String>,
    updated: Option<String>,
    authors: &'a [String],
    language: Option<&'a str>,
    enclosures: Vec<&'a str>,
    text: &'a str,
}

impl<'a> From<&'a model::Entry> for Entry<'a> {
    fn from(it: &'a model::Entry) -> Self {
        Self {
            title: &it.title,
            link: it.link.as_ref().map(CanonicalUrl::as_str),
            guid: it.guid.as_deref(),
            guid_is_unique: it.guid_is_unique,
            published: it.published.map(instant),
            updated: it.updated.map(instant),
            authors: &it.authors,
            language: it.language.as_deref(),
            enclosures: it.enclosures.iter().map(|it| it.url.as_str()).collect(),
            text: &it.text,
        }
    }
}
