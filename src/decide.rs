//! The one decision about an article, composed from the stages. Pure: the same input gives the same intent.

pub mod source;

use crate::{
    classify::{self, Topics},
    dedup::{self, Candidate},
    model::{
        Alert, AlertId, Article, Assignment, Content, Fingerprint, Hit, Intent, MessageId, Outgoing, Page, Report,
        StoryId, Timestamp,
    },
    watch::{self, Watchlist},
};

/// What decisions depend on besides the article. Built once from the configuration.
#[derive(Debug)]
pub struct Rules {
    /// What to tag.
    pub topics: Topics,
    /// What to watch for.
    pub watchlist: Watchlist,
    /// What counts as a copy.
    pub copies: dedup::Settings,
    /// Channels that alerts go out by at once.
    pub alert_channels: Vec<String>,
}

/// Whether a reading of an article that is held already is worth keeping: only where its page could not be
/// had before. Whether it could be had now or not, the new version counts the attempt.
pub fn supersedes(held: &Report) -> bool {
    matches!(held.article.page, Page::Unreachable(_))
}

/// Where the article belongs. One that is held already stays in its story: people may have been told of it.
pub fn assignment(rules: &Rules, held: Option<&Report>, print: &Fingerprint, candidates: &[Candidate]) -> Assignment {
    match held {
        Some(report) => report.assignment.clone(),
        None => dedup::assign(print, candidates, &rules.copies),
    }
}

/// Decides everything the article changes. `fired` names the watches that have fired for its story: none
/// of them fires again, so that a copy, or a second reading, wakes nobody twice.
pub fn intent(
    rules: &Rules,
    article: Article,
    fingerprint: Fingerprint,
    assignment: Assignment,
    fired: &[String],
    now: Timestamp,
) -> Intent {
    let tags = classify::tags(&rules.topics, &article);
    let hits = watch::hits(&rules.watchlist, &article);
    let report = Report { article, assignment, tags };
    let fresh = hits.into_iter().filter(|(name, _)| !fired.contains(name));
    let alerts: Vec<Alert> = fresh.map(|(name, hits)| alert(&report, name, hits, now)).collect();
    let outbox =
        alerts.iter().flat_map(|it| rules.alert_channels.iter().map(|channel| message(it, channel, now))).collect();
    Intent { report, fingerprint, alerts, outbox }
}

fn alert(report: &Report, watch: String, hits: Vec<Hit>, now: Timestamp) -> Alert {
    let story = report.story();
    Alert { id: alert_id(&watch, story), watch, article: report.article.id, story, hits, raised: now }
}

/// One watch and one story make one alert, whatever crashes in between.
fn alert_id(watch: &str, story: StoryId) -> AlertId {
    AlertId(dedup::short_hash(&format!("alert\n{watch}\n{story}")))
}

fn message(alert: &Alert, channel: &str, now: Timestamp) -> Outgoing {
    Outgoing {
        id: MessageId(format!("alert-{}-{channel}", alert.id)),
        channel: channel.to_owned(),
        content: Content::Alert(Box::new(alert.clone())),
        due: now,
    }
}
