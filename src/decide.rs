//! The one decision about an article, composed from the stages. Pure: the same input gives the same intent.

pub mod source;
pub mod timing;

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use self::timing::{QuietHours, Timing};
use crate::{
    classify::{Topics, examples::Seed, models::Models},
    dedup::{
        self,
        placing::{self, Placing},
        sketch::Sketch,
        stories::Stories,
    },
    model::{
        Alert, AlertId, Article, ArticleId, Assignment, Cause, Content, Hit, Intent, MessageId, Method, Move, Outgoing,
        Page, Regrouping, RegroupingId, Report, SourceId, StoryId, Timestamp, later,
    },
    text,
    watch::{self, Surroundings, Watchlist},
};

/// What decisions depend on besides the article. Built once from the configuration.
#[derive(Debug)]
pub struct Rules {
    /// What to tag.
    pub topics: Topics,
    /// Topics that are given by examples.
    pub seeds: Vec<Seed>,
    /// What to watch for.
    pub watchlist: Watchlist,
    /// What counts as a copy.
    pub copies: dedup::Settings,
    /// Where sources are, for watches that ask.
    pub countries: HashMap<SourceId, String>,
    /// Channels that alerts go out by.
    pub alert_channels: Vec<String>,
    /// How watches tell of their alerts; those that are not here as usual.
    pub timings: HashMap<String, Timing>,
    /// When messages that are not urgent wait.
    pub quiet: Option<QuietHours>,
}

impl Rules {
    /// The longest time for which a watch's last alert matters.
    pub fn longest_cooldown(&self) -> Duration {
        self.timings.values().map(|it| it.cooldown).max().unwrap_or_default()
    }
}

/// The time of a decision.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// Later than that of every decision before, whatever the system's clock does. Orders articles and alerts.
    pub stamp: Timestamp,
    /// What the clock shows. Messages are due by it: they must not wait for a clock that was set back.
    pub clock: Timestamp,
}

/// What the store holds that bears on where an article belongs.
#[derive(Debug, Default)]
pub struct Known {
    /// The article itself, from an earlier reading.
    pub held: Option<Report>,
    /// The article of the same source with the same title.
    pub namesake: Option<Report>,
}

/// Between the first reading of an article whose page could not be had and the second.
const FIRST_REREADING: Duration = Duration::from_secs(15 * 60);

/// Whether an entry that is held is read again: its page could not be had, and it is time. The pause doubles with
/// each attempt.
pub fn is_read_again(article: &Article, retries: u32, now: Timestamp) -> bool {
    let attempts = article.version;
    let pause = FIRST_REREADING.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1)));
    is_owed(article, retries) && now >= later(article.first_seen, pause)
}

/// Whether an article's page is still to be had at later polls.
pub fn is_owed(article: &Article, retries: u32) -> bool {
    matches!(article.page, Page::Unreachable(_)) && article.version <= retries
}

/// What a reading makes of an article; `None` where it adds nothing to what is held. Only a page that could not be
/// had before is worth a new version, had now or not: the version counts attempts.
pub fn version(held: Option<&Report>, reading: Article, now: Timestamp) -> Option<Article> {
    match held.map(|it| &it.article) {
        None => Some(Article { version: 1, first_seen: now, ..reading }),
        Some(held) if matches!(held.page, Page::Unreachable(_)) => Some(next_version(held, reading)),
        Some(_) => None,
    }
}

/// The next version of an article that is held. It stays what it was found as: another source that carries the
/// same link brings the page, and puts neither its name nor its title on it.
fn next_version(held: &Article, reading: Article) -> Article {
    let version = held.version + 1;
    if reading.source == held.source {
        return Article { version, first_seen: held.first_seen, ..reading };
    }
    let held = held.clone();
    match reading.method {
        Method::Feed => Article { version, page: reading.page, ..held },
        method => Article {
            version,
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

/// Where the article belongs. One that is held already stays in its story: people may have been told of it.
pub fn placing(article: &Article, sketch: &Sketch, known: &Known, stories: &Stories) -> Placing {
    if let Some(held) = &known.held {
        let fingerprint = stories.fingerprint(sketch);
        return Placing { assignment: held.assignment.clone(), fingerprint, merges: None };
    }
    let placing = placing::place(stories, article, sketch);
    let of_namesake = || dedup::copy_of_namesake(article, sketch.words, known.namesake.as_ref()?);
    match (&placing.assignment, of_namesake()) {
        // The same text says more than the same title.
        (Assignment::Copy { .. }, _) | (_, None) => placing,
        (_, Some(assignment)) => Placing { assignment, merges: None, ..placing },
    }
}

/// Two stories as one, under the name of `to`. `members` are the reports of `from`.
pub fn regrouping(members: &[ArticleId], from: StoryId, to: StoryId, cause: Cause, at: Timestamp) -> Regrouping {
    let moves = members.iter().map(|it| Move { article: *it, from, to }).collect();
    identified(at, cause, moves)
}

/// Takes a report out of its story. One that the story is named by leaves it to the next report, which names it
/// then. `None` where the story has no other report.
pub fn split(article: ArticleId, story: StoryId, members: &[ArticleId], at: Timestamp) -> Option<Regrouping> {
    let others = members.iter().copied().filter(|it| *it != article).collect::<Vec<_>>();
    let next = *others.first()?;
    let moves = match story.0 == article {
        false => vec![Move { article, from: story, to: StoryId(article) }],
        true => others.into_iter().map(|it| Move { article: it, from: story, to: StoryId(next) }).collect(),
    };
    Some(identified(at, Cause::Split, moves))
}

/// Takes a regrouping back.
pub fn undo(of: &Regrouping, at: Timestamp) -> Regrouping {
    let back = |it: &Move| Move { article: it.article, from: it.to, to: it.from };
    identified(at, Cause::Undone(of.id), of.moves.iter().map(back).collect())
}

fn identified(at: Timestamp, cause: Cause, moves: Vec<Move>) -> Regrouping {
    let id = RegroupingId(text::short_hash(&format!("regrouping\n{at}\n{cause:?}\n{moves:?}")));
    Regrouping { id, at, cause, moves }
}

/// Decides everything the article changes. `fired` names the watches that have fired for its story: none
/// of them fires again, so that a copy, or a second reading, wakes nobody twice. `told` is when watches raised their
/// last alerts.
pub fn intent(
    rules: &Rules,
    models: &Models,
    article: Article,
    Placing { assignment, fingerprint, .. }: Placing,
    fired: &[String],
    told: &BTreeMap<String, Timestamp>,
    now: Now,
) -> Intent {
    let tags = models.tags(&rules.topics, &article);
    let topics: Vec<String> = tags.iter().map(|it| it.topic.clone()).collect();
    let surroundings =
        Surroundings { country: rules.countries.get(&article.source).map(String::as_str), topics: &topics };
    let hits = watch::sure(watch::firings(&rules.watchlist, &article, surroundings));
    let report = Report { article, assignment, tags };
    let fresh = hits.into_iter().filter(|(name, _)| !fired.contains(name));
    let alerts: Vec<Alert> = fresh.map(|(name, hits)| alert(&report, name, hits, now.stamp)).collect();
    let due = |it: &Alert| {
        let timing = rules.timings.get(&it.watch).copied().unwrap_or_default();
        timing::due(timing, rules.quiet.as_ref(), told.get(&it.watch).copied(), now.clock)
    };
    let outbox = alerts
        .iter()
        .filter_map(|it| Some((it, due(it)?)))
        .flat_map(|(it, due)| rules.alert_channels.iter().map(move |channel| message(it, channel, due)))
        .collect();
    Intent { report, fingerprint, merge: None, alerts, outbox }
}

fn alert(report: &Report, watch: String, hits: Vec<Hit>, now: Timestamp) -> Alert {
    let story = report.story();
    Alert { id: alert_id(&watch, story), watch, article: report.article.id, story, hits, raised: now }
}

/// One watch and one story make one alert, whatever crashes in between.
fn alert_id(watch: &str, story: StoryId) -> AlertId {
    AlertId(text::short_hash(&format!("alert\n{watch}\n{story}")))
}

fn message(alert: &Alert, channel: &str, due: Timestamp) -> Outgoing {
    Outgoing {
        id: MessageId(format!("alert-{}-{channel}", alert.id)),
        channel: channel.to_owned(),
        content: Content::Alert(Box::new(alert.clone())),
        due,
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::{timing::Severity, *};
    use crate::watch::WatchRule;

    #[test]
    fn messages_go_out_when_their_watch_says() {
        let rule = |name: &str| WatchRule {
            name: name.to_owned(),
            query: Some("Vinnikov".to_owned()),
            ..WatchRule::default()
        };
        let timing = |severity| Timing { severity, cooldown: Duration::ZERO };
        let rules = Rules {
            topics: Topics::compile(Vec::new()).unwrap(),
            seeds: Vec::new(),
            watchlist: Watchlist::compile(["low", "normal", "urgent"].map(rule).to_vec()).unwrap(),
            copies: dedup::Settings::default(),
            countries: HashMap::new(),
            alert_channels: vec!["files".to_owned()],
            timings: [("low".to_owned(), timing(Severity::Low)), ("urgent".to_owned(), timing(Severity::Urgent))]
                .into(),
            quiet: Some(QuietHours::parse("22:00-07:00", Tz::UTC).unwrap()),
        };
        let night: Timestamp = "2026-11-26T23:00:00Z".parse().unwrap();
        let now = Now { stamp: night, clock: night };
        let article = Article::sample("Винников в Тбилиси", "");
        let (assignment, fingerprint) = (Assignment::New, crate::model::Fingerprint::default());
        let placing = Placing { assignment, fingerprint, merges: None };
        let res = intent(&rules, &Models::default(), article, placing, &[], &BTreeMap::new(), now);
        // Every alert is kept, whether it is told or not.
        assert_eq!(res.alerts.iter().map(|it| it.watch.as_str()).collect::<Vec<_>>(), ["low", "normal", "urgent"]);
        let morning: Timestamp = "2026-11-27T07:00:00Z".parse().unwrap();
        assert_eq!(res.outbox.iter().map(|it| it.due).collect::<Vec<_>>(), [morning, night]);
    }
}
