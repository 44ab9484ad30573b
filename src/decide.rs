//! The one decision about an article, composed from the stages. Pure: the same input gives the same intent.

pub mod source;
pub mod timing;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use self::timing::{Limits, QuietHours, Timing};
use crate::{
    classify::{Topics, examples::Seed, models::Models},
    dedup::{
        self,
        placing::{self, Placing},
        sketch::Sketch,
        stories::Stories,
    },
    model::{
        Alert, AlertId, AlertKind, Article, ArticleId, Assignment, Cause, Content, Hit, Intent, MessageId, Method,
        More, Move, Outgoing, Page, Possible, Reading, Regrouping, RegroupingId, Report, SourceId, StoryId, Tag,
        Timestamp, later,
    },
    text,
    watch::{self, Firing, Surroundings, Watchlist},
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
    /// How many alerts are told.
    pub limits: Limits,
}

impl Rules {
    /// How long the alerts of a watch matter for its next ones: for cool-downs and for what is usual.
    pub fn memory(&self) -> Duration {
        self.timings.values().map(|it| it.cooldown).fold(timing::BASE, Duration::max)
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
pub fn placing(article: &Article, sketch: &Sketch, known: &Known, stories: &Stories) -> Placing {
    if let Some(held) = &known.held {
        let fingerprint = stories.fingerprint(sketch);
        return Placing { assignment: held.assignment.clone(), moved: held.moved.clone(), fingerprint, merges: None };
    }
    let placing = placing::place(stories, article, sketch);
    let of_namesake = || dedup::copy_of_namesake(article, sketch.words, known.namesake.as_ref()?);
    match (&placing.assignment, of_namesake()) {
        // The same text says more than the same title.
        (Assignment::Copy { .. }, _) | (_, None) => placing,
        (_, Some(assignment)) => Placing { assignment, merges: None, ..placing },
    }
}

/// Reports that the program puts into another story at once, at most: what a merge costs must not grow with the archive. A
/// person may merge any two.
pub const MAX_MERGED: usize = 200;

/// One of two stories that are to become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The story.
    pub story: StoryId,
    /// When its first report was seen; `None` where that cannot be read, and it is then taken for the older.
    pub first_seen: Option<Timestamp>,
    /// Its reports; `None` where they are more than may move.
    pub members: Option<Vec<ArticleId>>,
}

/// Two stories as one: the smaller goes into the larger, of two of a size the younger into the older. `None` where both are
/// too large.
pub fn merge(sides: [Side; 2], cause: Cause, at: Timestamp) -> Option<Regrouping> {
    let rank = |it: &Side| (Reverse(it.members.as_ref().map_or(usize::MAX, Vec::len)), it.first_seen, it.story);
    let [a, b] = sides;
    let (to, from) = if rank(&a) <= rank(&b) { (a, b) } else { (b, a) };
    Some(regrouping(&from.members?, from.story, to.story, cause, at))
}

/// Two stories as one, under the name of `to`. `members` are the reports of `from`.
fn regrouping(members: &[ArticleId], from: StoryId, to: StoryId, cause: Cause, at: Timestamp) -> Regrouping {
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

/// Takes a regrouping back. `members` are the reports that are in the stories now that it moved reports into, in the order
/// in which they came: one that has gone elsewhere since stays there, and one that joined since because of a report that
/// moves back goes with it.
pub fn undo(of: &Regrouping, members: &[Report], at: Timestamp) -> Regrouping {
    let moved = of.moves.iter().map(|it| (it.article, it)).collect::<HashMap<_, _>>();
    let mut back = BTreeMap::<ArticleId, Move>::new();
    let mut moves = Vec::new();
    for it in members {
        let (article, story) = (it.article.id, it.story());
        let joined_since = || it.assignment.nearest().filter(|_| it.article.first_seen >= of.at);
        let to = match moved.get(&article) {
            Some(step) => Some(step.from).filter(|_| step.to == story),
            None => joined_since().and_then(|of| back.get(&of)).filter(|step| step.from == story).map(|step| step.to),
        };
        if let Some(to) = to.filter(|it| *it != story) {
            let step = Move { article, from: story, to };
            back.insert(article, step);
            moves.push(step);
        }
    }
    identified(at, Cause::Undone(of.id), moves)
}

fn identified(at: Timestamp, cause: Cause, moves: Vec<Move>) -> Regrouping {
    let id = RegroupingId(text::short_hash(&format!("regrouping\n{at}\n{cause:?}\n{moves:?}")));
    Regrouping { id, at, cause, moves }
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
    /// Those that have fired for the article's story. None of them fires again, so that a copy, or a second reading,
    /// wakes nobody twice.
    pub fired: Vec<String>,
    /// Those of them that have fired for what was old only. They fire again, once, for what is not.
    pub filed: Vec<String>,
    /// When those that fire now raised alerts, newest first, as far back as [`Rules::memory`], and the last one before.
    pub raised: BTreeMap<String, Vec<Timestamp>>,
}

/// Decides everything the article changes.
pub fn intent(rules: &Rules, article: Article, placing: Placing, findings: Findings, past: &Past, now: Now) -> Intent {
    let Placing { assignment, moved, fingerprint, .. } = placing;
    let Findings { tags, firings } = findings;
    let (mut sure, possible): (Vec<_>, Vec<_>) = firings.into_iter().partition(|it| it.is_sure);
    let is_old = rules.limits.is_old(article.published, article.reading.modified, now.clock);
    sure.retain(|it| !past.fired.contains(&it.watch) || (past.filed.contains(&it.watch) && !is_old));
    let kind = if is_old { AlertKind::Old } else { AlertKind::Found };
    // What is only possible is kept also where its watch has fired for the story: for what, and whether that is the same, is
    // for the listing to say.
    let possible = possible.into_iter().map(|it| Possible { watch: it.watch, hits: it.hits }).collect();
    let report = Report { article, assignment, moved, tags, possible };
    let found = sure.into_iter().map(|it| Alert { kind, ..alert(&report, it.watch, it.hits, now.stamp) });
    let alerts: Vec<Alert> = found
        .flat_map(|it| {
            let spike = spike(&it, past);
            [Some(it), spike]
        })
        .flatten()
        .collect();
    let outbox = alerts.iter().flat_map(|it| messages(it, rules, past, now)).collect();
    Intent { report, fingerprint, merge: None, alerts, outbox }
}

fn alert(report: &Report, watch: String, hits: Vec<Hit>, now: Timestamp) -> Alert {
    let story = report.story();
    // By the article, not by the story: that a watch fires once for a story is what `Past::fired` says, and a report that
    // leaves the story takes its alert along. The next one in the story must not be taken for it.
    let id = AlertId(text::short_hash(&format!("alert\n{watch}\n{}", report.article.id)));
    Alert { id, watch, article: report.article.id, story, hits, raised: now, kind: AlertKind::Found }
}

/// The messages that go out for an alert, one for each channel. What is old has none. What is over the limit of an hour has
/// one that counts it, when the hour is over: its id is the same each time, so that the first is kept.
fn messages(alert: &Alert, rules: &Rules, past: &Past, now: Now) -> Vec<Outgoing> {
    let timing = rules.timings.get(&alert.watch).copied().unwrap_or_default();
    let raised = past.raised.get(&alert.watch).map(Vec::as_slice).unwrap_or_default();
    let due = |told, at| timing::due(timing, rules.quiet.as_ref(), told, at);
    let (name, content, due) = match alert.kind {
        AlertKind::Old => return Vec::new(),
        AlertKind::Found if rules.limits.is_over(raised, alert.raised) => {
            let hour = timing::hour(alert.raised);
            let id = text::short_hash(&format!("more\n{}\n{hour}", alert.watch));
            let more = More { watch: alert.watch.clone(), hour, told: rules.limits.max_per_hour };
            // The hour may be one that the clock has not reached again since it was set back.
            let end = later(hour, timing::HOUR).min(later(now.clock, timing::HOUR));
            (format!("alerts-{id:016x}"), Content::More(more), due(None, end))
        }
        AlertKind::Found | AlertKind::Spike { .. } => {
            let content = Content::Alert(Box::new(alert.clone()));
            (format!("alert-{}", alert.id), content, due(raised.first().copied(), now.clock))
        }
    };
    let Some(due) = due else { return Vec::new() };
    let message = |channel: &String| Outgoing {
        id: MessageId(format!("{name}-{channel}")),
        channel: channel.clone(),
        content: content.clone(),
        due,
    };
    rules.alert_channels.iter().map(message).collect()
}

/// The alert for a spike, where one begins with this alert. One watch and one day make one.
fn spike(alert: &Alert, past: &Past) -> Option<Alert> {
    if alert.kind == AlertKind::Old {
        return None;
    }
    let before = past.raised.get(&alert.watch)?;
    let spike = timing::begun(before, alert.raised)?;
    let id = AlertId(text::short_hash(&format!("spike\n{}\n{}", alert.watch, alert.raised.date_naive())));
    let kind = AlertKind::Spike { today: spike.today, usual: spike.usual };
    Some(Alert { id, kind, ..alert.clone() })
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::{timing::Severity, *};
    use crate::{model::Fingerprint, watch::WatchRule};

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
            alert_channels: vec!["files".to_owned()],
            timings: HashMap::new(),
            quiet: None,
            limits: Limits::default(),
        }
    }

    fn decided(rules: &Rules, article: Article, past: &Past, at: &str) -> Intent {
        let now = at.parse().unwrap();
        let found = findings(rules, &Models::default(), &article);
        let placing =
            Placing { assignment: Assignment::New, moved: None, fingerprint: Fingerprint::default(), merges: None };
        intent(rules, article, placing, found, past, Now { stamp: now, clock: now })
    }

    #[test]
    fn the_larger_story_stays_then_the_older() {
        let side = |story: u64, seconds: Option<i64>, n: Option<u64>| Side {
            story: StoryId(ArticleId(story)),
            first_seen: seconds.and_then(|it| Timestamp::from_timestamp(it, 0)),
            members: n.map(|n| (0..n).map(|it| ArticleId(100 * story + it)).collect()),
        };
        let into = |a: &Side, b: &Side| {
            let both = [[a.clone(), b.clone()], [b.clone(), a.clone()]];
            let [one, other] = both.map(|it| merge(it, Cause::Merged, Timestamp::UNIX_EPOCH));
            assert_eq!(one, other, "whichever comes first");
            one.map(|it| it.moves.into_iter().map(|it| (it.from.0.0, it.to.0.0)).collect::<Vec<_>>())
        };
        assert_eq!(into(&side(1, Some(5), Some(1)), &side(2, Some(9), Some(2))), Some(vec![(1, 2)]));
        assert_eq!(into(&side(1, Some(5), Some(1)), &side(2, Some(4), Some(1))), Some(vec![(1, 2)]));
        assert_eq!(into(&side(1, Some(5), Some(1)), &side(2, None, Some(1))), Some(vec![(1, 2)]));
        assert_eq!(into(&side(1, Some(5), Some(1)), &side(2, Some(5), Some(1))), Some(vec![(2, 1)]));
        assert_eq!(into(&side(1, Some(5), Some(2)), &side(2, Some(6), None)), Some(vec![(1, 2), (1, 2)]));
        assert_eq!(into(&side(1, Some(5), None), &side(2, Some(6), None)), None);
    }

    #[test]
    fn what_joined_because_of_a_report_goes_back_with_it() {
        let story = |it| StoryId(ArticleId(it));
        let report = |n: u64, of: Option<u64>, now: u64| Report {
            article: Article {
                id: ArticleId(n),
                first_seen: Timestamp::from_timestamp(n.try_into().unwrap(), 0).unwrap(),
                ..Article::sample("Talks", "")
            },
            assignment: of.map_or(Assignment::New, |of| Assignment::Joined {
                story: story(now),
                of: ArticleId(of),
                likelihood: 0.9,
                why: crate::model::Shared::default(),
            }),
            moved: None,
            tags: vec![],
            possible: vec![],
        };
        let at = Timestamp::from_timestamp(5, 0).unwrap();
        let merge = regrouping(&[2, 4].map(ArticleId), story(2), story(1), Cause::Merged, at);
        // 3 was there before; 5 to 7 came since, 4 has gone elsewhere.
        let reports = [(1, None), (2, None), (3, Some(2)), (5, Some(2)), (6, Some(5)), (7, Some(1))];
        let reports = reports.map(|(n, of)| Report {
            moved: (n == 2).then(|| crate::model::Relocated { story: story(1), why: String::new() }),
            ..report(n, of, 1)
        });
        let undone = undo(&merge, &reports, at);
        assert_eq!(undone.cause, Cause::Undone(merge.id));
        let step = |article| Move { article: ArticleId(article), from: story(1), to: story(2) };
        assert_eq!(undone.moves, [2, 5, 6].map(step));
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
        assert!(matches!(decided(&before[1..], "2026-11-26T12:20:00Z").content, Content::Alert(_)));
        let over = decided(&before, "2026-11-26T12:30:00Z");
        let hour = "2026-11-26T12:00:00Z".parse().unwrap();
        assert_eq!(over.content, Content::More(More { watch: "v".to_owned(), hour, told: 3 }));
        assert_eq!(over.due, later(hour, timing::HOUR));
        assert_eq!(decided(&before, "2026-11-26T12:59:59Z").id, over.id);
        assert!(matches!(decided(&before, "2026-11-26T13:00:00Z").content, Content::Alert(_)));
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
