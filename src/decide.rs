//! The one decision about an article, composed from the stages. Pure: the same input gives the same intent.

mod alerts;
mod cut;
pub mod evidence;
pub mod labels;
pub mod routes;
pub mod source;
mod stories;
pub mod timing;
mod version;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use crate::{
    classify::{Topics, examples::Seed, models::Models},
    dedup::{
        self,
        placing::{self, Placing},
        sketch::Sketch,
        stories::Stories,
    },
    model::{
        Alert, AlertKind, Article, Assignment, Intent, MessageId, Possible, Report, Severity, SourceId, Tag, Timestamp,
    },
    watch::{self, Firing, Surroundings, Watchlist},
};

use self::{
    alerts::{alert, messages, spike},
    routes::Routes,
    timing::{Limits, QuietHours, Timing},
};

pub use self::{
    alerts::{is_told, tells},
    cut::{MAX_SHOWN, cut, goes_with, may_be_cut},
    stories::{MAX_MERGED, Side, drawn, followed, keeping, kept, merge, merged_late, parted, split, split_late, undo},
    version::{rereading_after, rereading_due, version},
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
    /// The countries of sources, for watches that ask for them.
    pub countries: HashMap<SourceId, String>,
    /// Channels that alerts go out by.
    pub routes: Routes,
    /// How urgent each watch is and how long it cools down. A watch that is not in the map has the defaults.
    pub timings: HashMap<String, Timing>,
    /// The hours during which messages that are not urgent wait.
    pub quiet: Option<QuietHours>,
    /// How many alerts are sent in an hour, and which articles are too old for one.
    pub limits: Limits,
}

impl Rules {
    /// The severity of a watch.
    pub fn severity(&self, watch: &str) -> Severity {
        self.timings.get(watch).map(|it| it.severity).unwrap_or_default()
    }

    /// How long the alerts of a watch affect its later ones, through cool-downs and the usual number of alerts.
    pub fn memory(&self) -> Duration {
        self.timings.values().map(|it| it.cooldown).fold(timing::BASE, Duration::max)
    }
}

/// The time of a decision.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// Later than the stamp of every earlier decision, whatever the system's clock does. Orders articles and alerts.
    pub stamp: Timestamp,
    /// The time of the system's clock. Messages are due by it, so that they do not wait after the clock was set back.
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

/// Where the article belongs. An article that is already held stays where it is: people may have been told of it.
pub fn placing(article: &Article, sketch: &Sketch, known: &Known, stories: &Stories) -> Placing {
    if let Some(held) = &known.held {
        return placing::again(stories, sketch, held.assignment.clone(), held.moved.clone());
    }
    let placing = placing::place(stories, article, sketch);
    let of_namesake = || dedup::copy_of_namesake(article, sketch.words, known.namesake.as_ref()?);
    match (&placing.assignment, of_namesake()) {
        // A copied text is stronger evidence than an equal title.
        (Assignment::Copy { .. }, _) | (_, None) => placing,
        (_, Some(assignment)) => Placing { assignment, merges: None, draws: Vec::new(), stays: None, ..placing },
    }
}

/// What topics and watches find in an article.
#[derive(Debug)]
pub struct Findings {
    tags: Vec<Tag>,
    firings: Vec<Firing>,
}

impl Findings {
    /// The watches that fire for sure.
    pub fn sure(&self) -> impl Iterator<Item = &str> {
        self.firings.iter().filter(|it| it.is_sure).map(|it| it.watch.as_str())
    }
}

/// Looks for topics and watches in an article.
pub fn findings(rules: &Rules, models: &Models, article: &Article) -> Findings {
    let tags = models.tags(&rules.topics, article);
    let topics: Vec<String> = tags.iter().map(|it| it.topic.clone()).collect();
    let country = rules.countries.get(&article.source).map(String::as_str);
    let firings = watch::firings(&rules.watchlist, article, Surroundings { country, topics: &topics });
    Findings { tags, firings }
}

/// What watches did before.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// The watches that have fired for the article's story. None of them fires again, so that a copy or a second
    /// reading alerts nobody twice. Only those count that have an alert that tells of this article as well: see
    /// [`is_told`].
    pub fired: Vec<String>,
    /// Of these, the watches that have fired only for old articles. They may fire once more, for a current one.
    pub filed: Vec<String>,
    /// For each watch that fires now, the times of its earlier alerts, newest first: those within [`Rules::memory`],
    /// and the last one before.
    pub raised: BTreeMap<String, Vec<Timestamp>>,
    /// For each watch, the time until which its collecting message waits. Further alerts may join it.
    pub held: BTreeMap<String, Timestamp>,
}

/// Decides everything the article changes.
pub fn intent(rules: &Rules, article: Article, placing: Placing, findings: Findings, past: &Past, now: Now) -> Intent {
    let Placing { assignment, moved, fingerprint, .. } = placing;
    let Findings { tags, firings } = findings;
    // Possible hits are stored even if their watch fires, or has fired for the story: the listing decides whether they
    // add anything.
    let possible = firings.iter().filter_map(possible).collect();
    let mut sure: Vec<_> = firings.into_iter().filter(|it| it.is_sure).collect();
    let is_old = rules.limits.is_old(article.published, article.reading.modified, now.clock);
    sure.retain(|it| !past.fired.contains(&it.watch) || (past.filed.contains(&it.watch) && !is_old));
    let kind = if is_old { AlertKind::Old } else { AlertKind::Found };
    let report = Report { article, assignment, moved, tags, possible };
    let found = sure.into_iter().map(|it| alert(&report, kind, it.watch, it.hits, now.stamp));
    let alerts: Vec<Alert> = found
        .flat_map(|it| {
            let spike = spike(&it, past);
            [Some(it), spike]
        })
        .flatten()
        .collect();
    let outbox = messages(&alerts, rules, past, now);
    Intent { report, fingerprint, regrouping: None, alerts, outbox }
}

/// Gives alerts other messages, where the message that was to carry them is `gone`. `true` if one of the new messages
/// may be gone as well.
pub fn part(intent: &mut Intent, gone: &BTreeSet<MessageId>) -> bool {
    alerts::part(&mut intent.outbox, &intent.alerts, |it| gone.contains(it))
}

/// The hits of a firing that are not sure; `None` if all are.
fn possible(firing: &Firing) -> Option<Possible> {
    let hits = if firing.is_sure { &firing.weak } else { &firing.hits };
    (!hits.is_empty()).then(|| Possible { watch: firing.watch.clone(), hits: hits.clone() })
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::{
        model::{Content, Fingerprint, Held, More, later},
        watch::WatchRule,
    };

    fn rules(watches: &[(&str, &str)]) -> Rules {
        let rule = |(name, query): &(&str, &str)| WatchRule {
            name: (*name).to_owned(),
            query: Some((*query).to_owned()),
            ..WatchRule::default()
        };
        Rules {
            topics: Topics::compile(Vec::new()).unwrap(),
            seeds: Vec::new(),
            watchlist: Watchlist::compile(watches.iter().map(rule).collect()).unwrap(),
            copies: dedup::Settings::default(),
            countries: HashMap::new(),
            routes: Routes::new(vec!["files".to_owned()], BTreeMap::new()),
            timings: HashMap::new(),
            quiet: None,
            limits: Limits::default(),
        }
    }

    fn founding() -> Placing {
        let (assignment, fingerprint) = (Assignment::New, Fingerprint::default());
        Placing::new(assignment, fingerprint)
    }

    fn decided(rules: &Rules, article: Article, past: &Past, at: &str) -> Intent {
        let now = at.parse().unwrap();
        let found = findings(rules, &Models::default(), &article);
        intent(rules, article, founding(), found, past, Now { stamp: now, clock: now })
    }

    #[test]
    fn messages_go_out_when_their_watch_says() {
        let timing = |severity| Timing { severity, cooldown: Duration::ZERO };
        let rules = Rules {
            timings: [("low".to_owned(), timing(Severity::Low)), ("urgent".to_owned(), timing(Severity::Urgent))]
                .into(),
            quiet: Some(QuietHours::parse("22:00-07:00", Tz::UTC).unwrap()),
            ..rules(&["low", "normal", "urgent"].map(|it| (it, "Vinnikov")))
        };
        let article = Article::sample("Винников в Тбилиси", "");
        let res = decided(&rules, article, &Past::default(), "2026-11-26T23:00:00Z");
        // Every alert is kept, whether it is told or not.
        assert_eq!(res.alerts.iter().map(|it| it.watch.as_str()).collect::<Vec<_>>(), ["low", "normal", "urgent"]);
        let morning: Timestamp = "2026-11-27T07:00:00Z".parse().unwrap();
        let night: Timestamp = "2026-11-26T23:00:00Z".parse().unwrap();
        assert_eq!(res.outbox.iter().map(|it| it.due).collect::<Vec<_>>(), [morning, night]);
        let held = Held { watch: "normal".to_owned(), since: night, until: morning };
        assert_eq!(res.outbox[0].content, Content::Held(held));
    }

    #[test]
    fn what_is_found_in_one_article_is_one_message_the_most_urgent_first() {
        let urgent = Timing { severity: Severity::Urgent, cooldown: Duration::ZERO };
        let rules = Rules {
            timings: [("b".to_owned(), urgent)].into(),
            routes: Routes::new(vec!["files".to_owned(), "mail".to_owned()], BTreeMap::new()),
            ..rules(&["a", "b", "c"].map(|it| (it, "Vinnikov")))
        };
        let article = || Article::sample("Винников в Тбилиси", "");
        let res = decided(&rules, article(), &Past::default(), "2026-11-26T12:00:00Z");
        assert_eq!((res.alerts.len(), res.outbox.len()), (3, 2));
        for message in &res.outbox {
            let Content::Alerts(told) = &message.content else { panic!("{message:?}") };
            assert_eq!(told.iter().map(|it| it.watch.as_str()).collect::<Vec<_>>(), ["b", "a", "c"]);
            assert_eq!(message.id, MessageId::of_alert(told[0].id, &message.channel));
        }
    }

    /// The messages of an intent: the channel, and the watches that it tells of.
    fn told(intent: &Intent) -> Vec<(&str, Vec<&str>)> {
        let watches = |content: &'_ Content| match content {
            Content::Alerts(all) => all.iter().map(|it| it.watch.clone()).collect(),
            Content::Held(it) => vec![it.watch.clone()],
            Content::More(it) => vec![it.watch.clone()],
            Content::Digest(_) => Vec::new(),
        };
        let known = |it: &String| intent.alerts.iter().find(|alert| alert.watch == *it).unwrap().watch.as_str();
        intent.outbox.iter().map(|it| (it.channel.as_str(), watches(&it.content).iter().map(known).collect())).collect()
    }

    #[test]
    fn each_channel_is_told_of_the_watches_that_are_its_own() {
        let urgent = Timing { severity: Severity::Urgent, cooldown: Duration::ZERO };
        let own = [("b", vec!["phone"]), ("c", vec!["phone", "files"]), ("silent", vec![])];
        let own = own.map(|(watch, it)| (watch.to_owned(), it.into_iter().map(str::to_owned).collect()));
        let rules = Rules {
            timings: [("c".to_owned(), urgent)].into(),
            routes: Routes::new(vec!["files".to_owned()], own.into()),
            quiet: Some(QuietHours::parse("22:00-07:00", Tz::UTC).unwrap()),
            ..rules(&["a", "b", "c", "silent"].map(|it| (it, "Vinnikov")))
        };
        let article = || Article::sample("Винников в Тбилиси", "");
        let res = decided(&rules, article(), &Past::default(), "2026-11-26T12:00:00Z");
        assert_eq!(told(&res), [("files", vec!["c", "a"]), ("phone", vec!["c", "b"])]);
        assert_eq!(res.alerts.len(), 4, "all are filed");
        // One message is named by its first alert, whichever channel it goes by.
        for it in &res.outbox {
            assert_eq!(it.id, MessageId::of_alert(res.alerts[2].id, &it.channel));
        }
        let night = decided(&rules, article(), &Past::default(), "2026-11-26T23:00:00Z");
        assert_eq!(
            told(&night),
            [("files", vec!["a"]), ("phone", vec!["b"]), ("files", vec!["c"]), ("phone", vec!["c"])]
        );
        let ids: BTreeSet<_> = night.outbox.iter().map(|it| &it.id).collect();
        assert_eq!(ids.len(), night.outbox.len());
    }

    #[test]
    fn what_waits_goes_out_together() {
        let timing = Timing { severity: Severity::Normal, cooldown: Duration::from_secs(3_600) };
        let rules = Rules { timings: [("v".to_owned(), timing)].into(), ..rules(&[("v", "Vinnikov")]) };
        let mut raised: Vec<Timestamp> = Vec::new();
        let mut ids = Vec::new();
        for time in ["12:00", "12:10", "12:50", "13:20", "13:30", "15:00"] {
            let at = format!("2026-11-26T{time}:00Z");
            let waits = ids.last().map(|it: &(Timestamp, MessageId)| it.0);
            let held = waits.map(|it| ("v".to_owned(), it)).into_iter().collect();
            let past = Past { raised: [("v".to_owned(), raised.clone())].into(), held, ..Past::default() };
            let res = decided(&rules, Article::sample("Винников в Тбилиси", ""), &past, &at);
            let [message] = res.outbox.as_slice() else { panic!("{time}: {:?}", res.outbox) };
            ids.push((message.due, message.id.clone()));
            raised.insert(0, at.parse().unwrap());
        }
        let due: Vec<_> = ids.iter().map(|it| it.0.format("%H:%M").to_string()).collect();
        assert_eq!(due, ["12:00", "13:00", "13:00", "13:50", "13:50", "15:00"]);
        ids.dedup();
        assert_eq!(ids.len(), 4, "{ids:?}");
    }

    #[test]
    fn what_waits_while_the_clock_is_behind_has_a_message_of_its_own() {
        let rules =
            Rules { quiet: Some(QuietHours::parse("22:00-07:00", Tz::UTC).unwrap()), ..rules(&[("v", "Vinnikov")]) };
        let article = Article::sample("Винников в Тбилиси", "");
        let found = findings(&rules, &Models::default(), &article);
        // What was told at seven is gone; the clock was set back after it.
        let now =
            Now { stamp: "2026-11-26T07:01:00Z".parse().unwrap(), clock: "2026-11-26T06:50:00Z".parse().unwrap() };
        let res = intent(&rules, article, founding(), found, &Past::default(), now);
        let [message] = res.outbox.as_slice() else { panic!("{:?}", res.outbox) };
        assert_eq!(message.due, "2026-11-26T07:00:00Z".parse::<Timestamp>().unwrap());
        assert_eq!(message.content, Content::Alerts(res.alerts));
    }

    #[test]
    fn what_is_not_sure_is_kept_as_possible() {
        let rules = rules(&[("m", "Darcha")]);
        let article = || Article::sample("", "ეს კარგი სახლი იყო და დარჩა");
        let firings = findings(&rules, &Models::default(), &article()).firings;
        assert!(!firings.is_empty() && firings.iter().all(|it| !it.is_sure), "{firings:?}");
        let res = decided(&rules, article(), &Past::default(), "2026-11-26T12:00:00Z");
        assert_eq!((res.alerts.len(), res.outbox.len()), (0, 0));
        assert_eq!(res.report.possible.len(), firings.len());
        // Also where another report of the story has raised an alert: it may have been for another term.
        let past = Past { fired: vec!["m".to_owned()], ..Past::default() };
        let res = decided(&rules, article(), &past, "2026-11-26T12:00:00Z");
        assert_eq!((res.alerts.len(), res.report.possible.len()), (0, firings.len()));
        // Also where this report is sure of another term of the watch.
        let rules = self::rules(&[("m", "Darcha OR Vinnikov")]);
        let article = Article::sample("", "ეს კარგი სახლი იყო და დარჩა. ვინიკოვმა");
        let res = decided(&rules, article, &Past::default(), "2026-11-26T12:00:00Z");
        assert_eq!((res.alerts.len(), res.report.possible.len()), (1, 1));
        assert_eq!(res.report.possible[0].hits[0].term, "Darcha");
    }

    #[test]
    fn what_is_old_is_filed_and_wakes_nobody() {
        let max_age = Duration::from_secs(7 * 86_400);
        let rules = Rules { limits: Limits { max_age, ..Limits::default() }, ..rules(&[("v", "Vinnikov")]) };
        let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        let dated = |days: i64| Article {
            published: Some(now - chrono::TimeDelta::days(days)),
            ..Article::sample("Винников в Тбилиси", "")
        };
        let decided = |days, past: &Past| decided(&rules, dated(days), past, "2026-11-26T12:00:00Z");
        let raised = [("v".to_owned(), (1..=6).map(|it| now - chrono::TimeDelta::hours(it)).collect())];
        let past = Past { raised: raised.into(), ..Past::default() };
        let res = decided(8, &past);
        assert_eq!((res.alerts.len(), res.alerts[0].kind, res.outbox.len()), (1, AlertKind::Old, 0));
        assert_eq!(decided(1, &past).alerts[0].kind, AlertKind::Found);
        // Another old report of the story adds nothing; one that is not old is told.
        let fired = vec!["v".to_owned()];
        let past = Past { fired: fired.clone(), filed: fired.clone(), ..Past::default() };
        assert_eq!(decided(8, &past).alerts.len(), 0);
        assert_eq!((decided(1, &past).alerts.len(), decided(1, &past).outbox.len()), (1, 1));
        assert_eq!(decided(1, &Past { fired, ..Past::default() }).alerts.len(), 0);
    }

    #[test]
    fn what_is_over_in_an_hour_is_counted_in_one_message() {
        let limits = Limits { max_per_hour: 3, ..Limits::default() };
        let rules = Rules { limits, ..rules(&[("v", "Vinnikov")]) };
        let decided = |raised: &[&str], at: &str| {
            let raised = raised.iter().map(|it| it.parse().unwrap()).collect();
            let past = Past { raised: [("v".to_owned(), raised)].into(), ..Past::default() };
            let res = decided(&rules, Article::sample("Винников в Тбилиси", ""), &past, at);
            assert_eq!(res.alerts.len(), 1, "it is filed in any case");
            res.outbox.into_iter().next().unwrap()
        };
        let before = ["2026-11-26T12:20:00Z", "2026-11-26T12:10:00Z", "2026-11-26T12:00:00Z", "2026-11-26T11:59:00Z"];
        assert!(matches!(decided(&before[1..], "2026-11-26T12:20:00Z").content, Content::Alerts(_)));
        let over = decided(&before, "2026-11-26T12:30:00Z");
        let hour = "2026-11-26T12:00:00Z".parse().unwrap();
        assert_eq!(over.content, Content::More(More { watch: "v".to_owned(), hour, told: 3 }));
        assert_eq!(over.due, later(hour, timing::HOUR));
        assert_eq!(decided(&before, "2026-11-26T12:59:59Z").id, over.id);
        assert!(matches!(decided(&before, "2026-11-26T13:00:00Z").content, Content::Alerts(_)));
    }

    #[test]
    fn a_watch_that_fires_more_than_it_is_wont_to_tells_so_once() {
        let rules = rules(&[("v", "Vinnikov")]);
        let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        let hours = |it: i64| now - chrono::TimeDelta::hours(it);
        let kinds = |raised: Vec<Timestamp>| {
            let past = Past { raised: [("v".to_owned(), raised)].into(), ..Past::default() };
            let res = decided(&rules, Article::sample("Винников в Тбилиси", ""), &past, "2026-11-26T12:00:00Z");
            assert_eq!(res.alerts.len(), res.outbox.len());
            res.alerts
        };
        assert_eq!(kinds(vec![hours(1), hours(2), hours(3), hours(60)]).len(), 1, "four are no spike");
        let spike = kinds(vec![hours(1), hours(2), hours(3), hours(4), hours(60)]);
        let usual = 1.0 / 2.0;
        assert_eq!(spike[1].kind, AlertKind::Spike { today: 5, usual });
        assert_eq!(spike[1].reason().unwrap(), "a spike: 5 alerts in the last 24 hours, usually 0.5 a day");
        assert_eq!(spike[0].kind, AlertKind::Found);
        assert_ne!(spike[0].id, spike[1].id);
        assert_eq!(kinds((1..=5).chain([60]).map(hours).collect()).len(), 1, "it was told before");
        // Of a watch that fires all the time, five are nothing.
        assert_eq!(kinds((1..=4).chain((30..300).step_by(4)).map(hours).collect()).len(), 1);
    }
}
