//! The one decision about an article, composed from the stages. Pure: the same input gives the same intent.

pub mod source;
pub mod timing;

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use self::timing::{QuietHours, Timing};
use crate::{
    classify::{self, Topics},
    dedup::{self, Candidate},
    model::{
        Alert, AlertId, Article, Assignment, Content, Fingerprint, Hit, Intent, MessageId, Method, Outgoing, Page,
        Reading, Report, SourceId, StoryId, Timestamp, later,
    },
    text,
    watch::{self, Surroundings, Watchlist},
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
    /// Articles that it may copy.
    pub candidates: Vec<Candidate>,
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
        Method::Feed => Article {
            version,
            page: reading.page,
            reading: Reading { judgement: reading.reading.judgement, ..held.reading },
            ..held
        },
        method => Article {
            version,
            reading: merged(&held, reading.reading),
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

/// What a page says of an article that keeps its title, and the authors and the date that it has.
fn merged(held: &Article, page: Reading) -> Reading {
    let own = held.reading.clone();
    let changed = own.modified.map(|at| (at, own.modified_from));
    Reading {
        title: own.title,
        authors: if held.authors.is_empty() { page.authors } else { own.authors },
        published: if held.published.is_none() { page.published } else { own.published },
        modified: changed.map(|it| it.0).or(page.modified),
        modified_from: changed.map_or(page.modified_from, |it| it.1),
        ..page
    }
}

/// Where the article belongs. One that is held already stays in its story: people may have been told of it.
pub fn assignment(rules: &Rules, article: &Article, print: &Fingerprint, known: &Known) -> Assignment {
    if let Some(held) = &known.held {
        return held.assignment.clone();
    }
    let of_namesake = || dedup::copy_of_namesake(article, print, known.namesake.as_ref()?);
    dedup::copy(article, print, &known.candidates, &rules.copies).or_else(of_namesake).unwrap_or(Assignment::New)
}

/// Decides everything the article changes. `fired` names the watches that have fired for its story: none
/// of them fires again, so that a copy, or a second reading, wakes nobody twice. `told` is when watches raised their
/// last alerts.
pub fn intent(
    rules: &Rules,
    article: Article,
    fingerprint: Fingerprint,
    assignment: Assignment,
    fired: &[String],
    told: &BTreeMap<String, Timestamp>,
    now: Now,
) -> Intent {
    let tags = classify::tags(&rules.topics, &article);
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
    Intent { report, fingerprint, alerts, outbox }
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
    fn a_page_that_another_source_brings_leaves_what_the_first_said() {
        use crate::model::{Judgement, Origin, Provenance, Reading, Verdict};

        let told = |origin| Some(Provenance { origin, confidence: 90 });
        let judged = |verdict| Some(Judgement { verdict, reason: String::new() });
        let held = Article {
            authors: vec!["A. Author".to_owned()],
            page: Page::Unreachable("timeout".to_owned()),
            reading: Reading { title: told(Origin::Feed), authors: told(Origin::Feed), ..Reading::default() },
            ..Article::sample("Talks", "Short.")
        };
        let reading = Article {
            source: SourceId::new("other").unwrap(),
            authors: vec!["B. Author".to_owned()],
            published: Some(Timestamp::UNIX_EPOCH),
            method: Method::Readability,
            reading: Reading {
                judgement: judged(Verdict::Article),
                title: told(Origin::Heading),
                authors: told(Origin::Meta),
                published: told(Origin::JsonLd),
                modified: Some(Timestamp::MAX_UTC),
                modified_from: told(Origin::Script),
                ..Reading::default()
            },
            ..Article::sample("Talks | Other", "Long.")
        };
        let res = next_version(&held, reading.clone());
        assert_eq!((res.title.as_str(), res.authors.as_slice()), ("Talks", ["A. Author".to_owned()].as_slice()));
        let expected = Reading { title: told(Origin::Feed), authors: told(Origin::Feed), ..reading.reading.clone() };
        assert_eq!(res.reading, expected);
        // Its page was a wall: that is told, and the rest stays.
        let wall = Reading { judgement: judged(Verdict::ConsentWall), ..reading.reading.clone() };
        let res = next_version(&held, Article { method: Method::Feed, reading: wall, ..reading });
        assert_eq!(res.reading, Reading { judgement: judged(Verdict::ConsentWall), ..held.reading });
    }

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
            watchlist: Watchlist::compile(["low", "normal", "urgent"].map(rule).to_vec()).unwrap(),
            copies: dedup::Settings { min_containment: 0.5, min_words: 20, window: Duration::MAX },
            countries: HashMap::new(),
            alert_channels: vec!["files".to_owned()],
            timings: [("low".to_owned(), timing(Severity::Low)), ("urgent".to_owned(), timing(Severity::Urgent))]
                .into(),
            quiet: Some(QuietHours::parse("22:00-07:00", Tz::UTC).unwrap()),
        };
        let night: Timestamp = "2026-11-26T23:00:00Z".parse().unwrap();
        let now = Now { stamp: night, clock: night };
        let article = Article::sample("Винников в Тбилиси", "");
        let print = dedup::fingerprint(&article, &rules.copies);
        let res = intent(&rules, article, print, Assignment::New, &[], &BTreeMap::new(), now);
        // Every alert is kept, whether it is told or not.
        assert_eq!(res.alerts.iter().map(|it| it.watch.as_str()).collect::<Vec<_>>(), ["low", "normal", "urgent"]);
        let morning: Timestamp = "2026-11-27T07:00:00Z".parse().unwrap();
        assert_eq!(res.outbox.iter().map(|it| it.due).collect::<Vec<_>>(), [morning, night]);
    }
}
