//! Reports of one event, settled by the daemon: in other words, in another script, before and after a restart.

use std::{
    collections::BTreeMap,
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use chrono::TimeDelta;
use sitrepd::{
    daemon::{
        digests,
        requests::{self, Fate, Taker},
        settle::Settled,
    },
    decide::{self, Side},
    dedup::{Key, stories::Draw},
    model::{
        Article, ArticleId, Assignment, CanonicalUrl, Cause, Change, CopyLevel, FetchRecord, Intent, Label, Method,
        Page, Regrouping, Shared, Slot, SourceId, StoryId, Timestamp,
    },
    store::{MemoryStore, Store, StoreError},
};

use crate::support::{
    daemon::{Daemon, Home},
    hooked::Hooked,
};

const FLOOD: (&str, &str, &str) = (
    "en",
    "Flood in Kutaisi: 240 rescued",
    "Rescuers in Kutaisi took 240 people from their homes after the Rioni river broke its banks on Sunday night. Governor \
     Davit Lomidze said that three bridges were lost and that the army would bring tents. The road to Tskaltubo stays \
     closed. Schools in Kutaisi will not open before Thursday. Vinnikov was there.",
);
const AGAIN: (&str, &str, &str) = (
    "en",
    "Rioni floods Kutaisi, 240 people rescued",
    "The Rioni flooded parts of Kutaisi overnight, and 240 residents had to be rescued. Three bridges are gone, according to \
     Governor Lomidze. Traffic to Tskaltubo is stopped and schools in Kutaisi are shut until Thursday, Vinnikov said.",
);
const RUSSIAN: (&str, &str, &str) = (
    "ru",
    "Наводнение в Кутаиси",
    "Спасатели в Кутаиси вывезли 240 человек после того, как в ночь на понедельник река Риони вышла из берегов. Губернатор \
     Давит Ломидзе сказал, что разрушены 3 моста. Закрыта дорога на Цхалтубо.",
);
/// It has something of both.
const BRIDGE: (&str, &str, &str) = (
    "en",
    "Kutaisi: 240 rescued as the Rioni floods the city",
    "Rescuers took 240 residents of Kutaisi from their homes overnight, when the Rioni flooded parts of the city. Governor \
     Davit Lomidze said three bridges were lost. The road to Tskaltubo is closed and schools in Kutaisi stay shut until \
     Thursday, Vinnikov said.",
);
const VOTE: (&str, &str, &str) = (
    "en",
    "New speaker elected in Yerevan",
    "Parliament in Yerevan elected a new speaker on Tuesday. Ruben Sargsyan of the ruling party had 71 votes. The opposition \
     left the hall before the count and called the vote a farce.",
);

fn article(n: u64, source: &str, (language, title, body): (&str, &str, &str)) -> Article {
    Article {
        link: CanonicalUrl::parse(&format!("https://{source}.example/{n}")),
        language: Some(language.to_owned()),
        ..Article::of_text(ArticleId(n), SourceId::new(source).unwrap(), title, body)
    }
}

/// The store, and how often what a daemon compares with was read from it.
fn counting_fills(store: Hooked<MemoryStore>) -> (Hooked<MemoryStore>, Arc<AtomicUsize>) {
    let fills = Arc::new(AtomicUsize::new(0));
    let fill = fills.clone();
    let store = store.on_recent(move |_| {
        fill.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    (store, fills)
}

async fn settle(daemon: &Daemon, article: Article) -> Intent {
    let now = daemon.now();
    let article = Article { first_seen: now, ..article };
    match daemon.settler.article(article, daemon.config.rules.clone()).await.unwrap() {
        Settled::New(intent) => *intent,
        other => panic!("{other:?}"),
    }
}

/// What stands in `requests/`.
fn files(home: &Home) -> Vec<String> {
    let items = fs::read_dir(home.state_dir().join("requests")).unwrap();
    let mut res = items.map(|it| it.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
    res.sort();
    res
}

/// The story of article 2 put into that of article 1.
fn merged(home: &Home) -> Regrouping {
    let side = |n| Side {
        story: StoryId(ArticleId(n)),
        first_seen: Timestamp::from_timestamp(n.try_into().unwrap(), 0),
        members: Some(vec![ArticleId(n)]),
    };
    decide::merge([side(1), side(2)], Cause::Merged, home.clock.now()).unwrap()
}

/// Two stories of one event, committed as if nothing had shown yet that they are one: 1 the older, or 2.
async fn apart(store: &dyn Store, is_first_older: bool) {
    for (n, text) in [(1, FLOOD), (2, AGAIN)] {
        let alone = Home::new(&[]);
        if (n == 1) != is_first_older {
            alone.clock.advance(TimeDelta::minutes(1));
        }
        let intent = settle(&alone.start(), article(n, "herald", text)).await;
        assert_eq!(intent.alerts.len(), 1);
        store.commit(&Change::Article(Box::new(intent))).unwrap();
    }
}

/// What is told: the watch and article of each alert.
fn told(daemon: &Daemon) -> Vec<(String, u64)> {
    let mut res = daemon.alerts().iter().map(|it| (it.watch.clone(), it.article.0)).collect::<Vec<_>>();
    res.sort();
    res
}

fn stories(daemon: &Daemon) -> BTreeMap<u64, u64> {
    daemon.reports().iter().map(|it| (it.article.id.0, it.story().0.0)).collect()
}

#[tokio::test]
async fn reports_in_other_words_and_scripts_join_and_wake_nobody_again() {
    let home = Home::new(&[]);
    let daemon = home.start();
    let first = settle(&daemon, article(1, "herald", FLOOD)).await;
    assert_eq!(first.report.assignment, Assignment::New);
    let again = settle(&daemon, article(2, "courier", AGAIN)).await;
    let Assignment::Joined { story, of, likelihood, why } = &again.report.assignment else { panic!("{again:?}") };
    assert_eq!((*story, *of), (StoryId(ArticleId(1)), ArticleId(1)));
    assert!(*likelihood > 0.5 && why.names.contains(&"Rioni".to_owned()) && why.numbers == ["240"], "{why:?}");
    let russian = settle(&daemon, article(3, "vesti", RUSSIAN)).await;
    assert!(matches!(russian.report.assignment, Assignment::Joined { .. }), "{russian:?}");
    settle(&daemon, article(4, "herald", VOTE)).await;
    let copy = settle(&daemon, article(5, "mirror", FLOOD)).await;
    assert!(matches!(copy.report.assignment, Assignment::Copy { level: CopyLevel::Copy, .. }), "{copy:?}");
    assert_eq!(stories(&daemon), BTreeMap::from([(1, 1), (2, 1), (3, 1), (4, 4), (5, 1)]));
    assert_eq!((first.alerts.len(), again.alerts.len(), copy.alerts.len()), (1, 0, 0));
}

#[tokio::test]
async fn a_restart_decides_as_no_restart_would() {
    let texts = [FLOOD, VOTE, AGAIN, RUSSIAN, FLOOD, AGAIN];
    let (steady, shaken) = (Home::new(&[]), Home::new(&[]));
    let daemon = steady.start();
    for (n, text) in (1..).zip(texts) {
        settle(&daemon, article(n, "herald", text)).await;
        let restarted = shaken.start();
        settle(&restarted, article(n, "herald", text)).await;
        drop(restarted);
        for home in [&steady, &shaken] {
            home.clock.advance(TimeDelta::minutes(1));
        }
    }
    assert_eq!(daemon.reports(), shaken.start().reports());
}

#[tokio::test]
async fn what_is_old_is_not_compared_with() {
    let home = Home::new(&[]);
    let daemon = home.start();
    settle(&daemon, article(1, "herald", FLOOD)).await;
    home.clock.advance(TimeDelta::days(8));
    let late = settle(&daemon, article(2, "courier", FLOOD)).await;
    assert_eq!(late.report.assignment, Assignment::New);
    assert_eq!(late.alerts.len(), 1, "an event of this week");
}

#[tokio::test]
async fn later_reports_join_the_story_that_a_person_made() {
    let home = Home::new(&[]);
    let mut daemon = home.start();
    settle(&daemon, article(1, "herald", FLOOD)).await;
    settle(&daemon, article(2, "herald", VOTE)).await;
    let [one, two] = [1, 2].map(|it| StoryId(ArticleId(it)));
    let merge = merged(&home);
    daemon.settler.commit(Change::Regrouped(Box::new(merge.clone()))).await.unwrap();
    for (n, restart) in [(3, false), (4, true)] {
        if restart {
            drop(daemon);
            daemon = home.start();
        }
        let later = settle(&daemon, article(n, "courier", VOTE)).await;
        assert_eq!(later.report.story(), one, "restart: {restart}");
    }
    home.clock.advance(TimeDelta::seconds(1));
    let slot = Slot { digest: "daily".to_owned(), at: home.clock.now() };
    let digest = digests::issue(&daemon, slot).await.unwrap();
    assert_eq!((digest.totals.stories, digest.totals.new_stories, digest.totals.reports), (1, 1, 4));
    let undo = decide::undo(&merge, &daemon.reports(), home.clock.now());
    daemon.settler.commit(Change::Regrouped(Box::new(undo))).await.unwrap();
    // What joined since, for what it shares with the report that goes, goes with it.
    assert_eq!(stories(&daemon), BTreeMap::from([(1, 1), (2, 2), (3, 2), (4, 2)]));
    assert_eq!(daemon.store.story(two).unwrap(), [2, 3, 4].map(ArticleId));
}

/// What a person says of some articles tags the next ones, at once and after a restart.
#[tokio::test]
async fn labels_teach_the_daemon() {
    let home = Home::new(&[]);
    home.write(
        "topics.toml",
        "[[topic]]\nid = \"floods\"\nname = \"Floods\"\nexcluded = [\"novel\"]\n\
        [[topic.phrases]]\nweight = 10\nany = [\"inundation*\"]\n",
    );
    let daemon = home.start();
    let text = |n: u64| match n % 2 {
        0 => format!("Rescuers number {n} came as the river rose over its banks near village {n}."),
        _ => format!("Deputies of group {n} spoke of the tax law in session {n} of the parliament."),
    };
    for n in 1..=10 {
        let settled = settle(&daemon, article(n, "herald", ("en", "News", &text(n)))).await;
        assert!(settled.report.tags.is_empty());
    }
    for n in 1..=10 {
        let label = Label { article: ArticleId(n), topic: "floods".into(), is_right: n % 2 == 0, at: home.clock.now() };
        daemon.settler.commit(Change::Labelled(label)).await.unwrap();
    }
    let tags = |it: Intent| it.report.tags.iter().map(|it| it.topic.clone()).collect::<Vec<_>>();
    let river = "Rescuers came at night as the river rose over its banks.";
    let next = settle(&daemon, article(20, "herald", ("en", "News", river))).await;
    let evidence = &next.report.tags[0].evidence;
    assert!(evidence.iter().all(|it| it.rule.starts_with("learned: ") && it.weight > 0.0), "{evidence:?}");
    assert_eq!(tags(next), ["floods"]);
    let excluded = format!("{river} So the novel ends.");
    assert!(tags(settle(&daemon, article(21, "herald", ("en", "Books", &excluded))).await).is_empty());
    drop(daemon);
    let daemon = home.start();
    assert_eq!(tags(settle(&daemon, article(22, "herald", ("en", "News", river))).await), ["floods"]);
    assert!(tags(settle(&daemon, article(23, "herald", ("en", "News", &text(11)))).await).is_empty());
}

/// Examples tag articles as soon as there are some to tell them from, without a restart.
#[tokio::test]
async fn examples_teach_the_daemon() {
    let home = Home::new(&[]);
    home.write(
        "topics.toml",
        "[[topic]]\nid = \"floods\"\nname = \"Floods\"\nexamples = [\n\
        \"The Rioni rose over its banks and took three bridges in the valley.\",\n\
        \"Rescuers brought people from the village after the river rose over its banks.\",\n\
        \"The river took the road and two bridges near the town, rescuers said.\"]\n",
    );
    let daemon = home.start();
    let others = [
        "The coach praised goalkeeper number {} after the cup final against club {}.",
        "Engineers tested satellite {}, which maps the forests of province {} from orbit.",
        "A court sentenced official {} for taking bribes in the case of company {}.",
        "Deputies of group {} spoke of the tax law in session {} of the parliament.",
        "The central bank kept the rate at {} per cent for the month number {}.",
        "Doctors warned of a wave of flu in school {} and kindergarten {}.",
        "The orchestra played symphony {} at the opening of season {} in the opera.",
    ];
    let tags = |it: Intent| it.report.tags.iter().map(|it| it.topic.clone()).collect::<Vec<_>>();
    let river = "Rescuers came at night as the river rose over its banks and took two bridges in the valley.";
    assert!(tags(settle(&daemon, article(1, "herald", ("en", "News", river))).await).is_empty());
    for (n, text) in (2..=60).zip(others.iter().cycle()) {
        let text = text.replace("{}", &n.to_string());
        assert!(tags(settle(&daemon, article(n, "herald", ("en", "News", &text))).await).is_empty(), "{text}");
    }
    let later =
        settle(&daemon, article(61, "herald", ("en", "Night", &format!("{river} It was the second time.")))).await;
    let evidence = &later.report.tags[0].evidence;
    assert!(evidence.iter().any(|it| it.rule == "learned: river"), "{evidence:?}");
    assert_eq!(tags(later), ["floods"]);
    let russian = "Спасатели прибыли ночью: река вышла из берегов и снесла два моста в долине.";
    assert!(tags(settle(&daemon, article(62, "herald", ("ru", "Ночь", russian))).await).is_empty());
}

/// Found in a review: it ended the daemon, again after each restart.
#[tokio::test]
async fn a_correction_that_the_program_fails_on_stops_nothing() {
    let home = Home::new(&[]);
    let hook = |change: &Change| match change {
        Change::Regrouped(_) => panic!("a defect, met after the change was written"),
        _ => Ok(()),
    };
    let daemon = home.start_over(Arc::new(Hooked::new(home.store()).after_commit(hook)));
    settle(&daemon, article(1, "herald", FLOOD)).await;
    settle(&daemon, article(2, "herald", VOTE)).await;
    let path = requests::put(&home.state_dir(), &Change::Regrouped(Box::new(merged(&home)))).unwrap();
    assert_eq!(Taker::default().take(&daemon).await.unwrap(), 0);
    let Fate::Refused(reason) = requests::fate(&path).unwrap() else { panic!("it is not known to be done") };
    assert!(reason.contains("please report it"), "{reason}");
    // What is held in memory says what the store does.
    let copy = settle(&daemon, article(3, "gazette", VOTE)).await;
    assert_eq!(copy.report.story(), StoryId(ArticleId(1)));
}

#[tokio::test]
async fn requests_that_cannot_be_read_keep_no_others_waiting() {
    let home = Home::new(&[]);
    let daemon = home.start();
    settle(&daemon, article(1, "herald", FLOOD)).await;
    settle(&daemon, article(2, "herald", VOTE)).await;
    let path = requests::put(&home.state_dir(), &Change::Regrouped(Box::new(merged(&home)))).unwrap();
    let dir = home.state_dir().join("requests");
    for n in 0..100 {
        // Where it would be claimed something else is in the way.
        fs::write(dir.join(format!("0-{n:02}.json")), "{}").unwrap();
        fs::create_dir(dir.join(format!("0-{n:02}.taken"))).unwrap();
    }
    let mut taker = Taker::default();
    assert_eq!(taker.take(&daemon).await.unwrap(), 0);
    assert_eq!((taker.take(&daemon).await.unwrap(), requests::fate(&path).unwrap()), (1, Fate::Done));
    // They are looked at again later.
    fs::remove_dir(dir.join("0-00.taken")).unwrap();
    taker.take(&daemon).await.unwrap();
    assert!(dir.join("0-00.json").exists());
    home.clock.advance(TimeDelta::minutes(2));
    taker.take(&daemon).await.unwrap();
    assert!(dir.join("0-00.refused").exists());
}

#[tokio::test]
async fn what_is_asked_for_beside_the_daemon_is_committed_once() {
    let home = Home::new(&[]);
    let daemon = home.start();
    settle(&daemon, article(1, "herald", FLOOD)).await;
    settle(&daemon, article(2, "herald", VOTE)).await;
    let one = StoryId(ArticleId(1));
    let merge = merged(&home);
    let change = Change::Regrouped(Box::new(merge));
    let path = requests::put(&home.state_dir(), &change).unwrap();
    // As after a crash between the commit and the removal of the file.
    requests::put(&home.state_dir(), &change).unwrap();
    fs::write(home.state_dir().join("requests/odd.json"), "{}").unwrap();
    let article = Change::Article(Box::new(settle(&daemon, article(3, "herald", RUSSIAN)).await));
    let article = requests::put(&home.state_dir(), &article).unwrap();
    assert_eq!(Taker::default().take(&daemon).await.unwrap(), 2, "an article is no correction");
    assert_eq!(requests::fate(&path).unwrap(), Fate::Done);
    let Fate::Refused(reason) = requests::fate(&article).unwrap() else { panic!("it is no correction") };
    assert_eq!(reason, "it is no correction");
    assert_eq!(requests::fate(&article).unwrap(), Fate::Done, "a reason is told once");
    assert_eq!(files(&home), ["odd.refused"]);
    assert_eq!(daemon.store.story(one).unwrap(), [1, 2, 3].map(ArticleId));
    assert_eq!(Taker::default().take(&daemon).await.unwrap(), 0);
}

#[tokio::test]
async fn a_story_alarms_again_when_the_report_that_did_has_left_it() {
    let home = Home::new(&[]);
    let daemon = home.start();
    let quiet = FLOOD.2.replace(" Vinnikov was there.", "");
    settle(&daemon, article(1, "herald", (FLOOD.0, FLOOD.1, &quiet))).await;
    let second = settle(&daemon, article(2, "courier", AGAIN)).await;
    assert_eq!((second.report.story(), second.alerts.len()), (StoryId(ArticleId(1)), 1));
    let split = decide::split(ArticleId(2), StoryId(ArticleId(1)), &[1, 2].map(ArticleId), home.clock.now()).unwrap();
    daemon.settler.commit(Change::Regrouped(Box::new(split))).await.unwrap();
    let third = settle(&daemon, article(3, "mirror", FLOOD)).await;
    assert_eq!(stories(&daemon), BTreeMap::from([(1, 1), (2, 2), (3, 1)]));
    assert_eq!((daemon.alerts().len(), third.alerts.len()), (2, 1));
}

#[tokio::test]
async fn a_report_that_fits_two_stories_makes_them_one_and_wakes_nobody_again() {
    for is_first_older in [true, false] {
        let home = Home::new(&[]);
        apart(&home.store(), is_first_older).await;
        home.clock.advance(TimeDelta::minutes(5));
        let older = if is_first_older { 1 } else { 2 };
        let mut daemon = home.start();
        assert_eq!(stories(&daemon), BTreeMap::from([(1, 1), (2, 2)]));
        let bridge = settle(&daemon, article(3, "courier", BRIDGE)).await;
        let merge = bridge.regrouping.as_ref().expect("it fits both");
        assert_eq!((merge.cause, merge.moves.len()), (Cause::Bridged(ArticleId(3)), 1));
        let one = BTreeMap::from([(1, older), (2, older), (3, older)]);
        assert_eq!((stories(&daemon), bridge.report.story().0.0), (one.clone(), older));
        assert_eq!(bridge.alerts, [], "both stories have told of it");
        // None is lost: each alert leads to the story that there is now.
        assert_eq!(told(&daemon), [("Vinnikov".to_owned(), 1), ("Vinnikov".to_owned(), 2)]);
        assert!(daemon.alerts().iter().all(|it| it.story.0.0 == older));
        for (n, restart) in [(4, false), (5, true)] {
            if restart {
                drop(daemon);
                daemon = home.start();
                assert_eq!(stories(&daemon).len(), 4);
            }
            let later = settle(&daemon, article(n, "mirror", AGAIN)).await;
            assert_eq!((later.report.story().0.0, later.alerts.len(), later.regrouping), (older, 0, None), "{restart}");
        }
    }
}

/// It tells of what VOTE does.
const COURT: (&str, &str, &str) = (
    "en",
    "Armenian opposition goes to court",
    "Armenia has a new speaker: Ruben Sargsyan had 71 votes. The opposition did not take part, its leaders told reporters in \
     Yerevan, and will ask the court whether members who were abroad may be counted as present.",
);

#[tokio::test]
async fn a_report_that_joined_the_wrong_story_goes_to_its_own_unless_somebody_was_told_of_it() {
    // Nobody is told of that story, by its first report, or by the one that is in the wrong place.
    for told_by in [0, 1, 2] {
        let home = Home::new(&[]);
        let store = home.store();
        let vote = format!("{} Vinnikov was there.", VOTE.2);
        let vote = (VOTE.0, VOTE.1, vote.as_str());
        for (n, text) in [(1, FLOOD), (2, vote), (3, AGAIN), (4, RUSSIAN), (5, BRIDGE)] {
            let mut intent = settle(&Home::new(&[]).start(), article(n, "herald", text)).await;
            let story = StoryId(ArticleId(1));
            if n > 1 {
                let (of, why) = (ArticleId(1), Shared::default());
                intent.report.assignment = Assignment::Joined { story, of, likelihood: 0.6, why };
            }
            intent.alerts.retain(|_| n == told_by);
            intent.alerts.iter_mut().for_each(|it| it.story = story);
            intent.outbox.clear();
            store.commit(&Change::Article(Box::new(intent))).unwrap();
        }
        drop(store);
        home.clock.advance(TimeDelta::minutes(5));
        let mut daemon = home.start();
        let court = settle(&daemon, article(6, "courier", COURT)).await;
        assert_eq!(court.report.assignment, Assignment::New);
        let moved = court.regrouping.map(|it| (it.cause, it.moves.len()));
        assert_eq!(moved, (told_by == 0).then_some((Cause::Drawn(ArticleId(6)), 1)), "told by {told_by}");
        let own = if told_by == 0 { 6 } else { 1 };
        for restart in [false, true] {
            if restart {
                drop(daemon);
                daemon = home.start();
            }
            let expected = BTreeMap::from([(1, 1), (2, own), (3, 1), (4, 1), (5, 1), (6, 6)]);
            assert_eq!(stories(&daemon), expected, "{restart}");
        }
        let copy = settle(&daemon, article(7, "mirror", vote)).await;
        let news = usize::from(told_by == 0);
        assert_eq!((copy.report.story().0.0, copy.alerts.len()), (own, news), "told by {told_by}");
    }
}

/// One report tells of two events, so that those of the second are near it; of them nobody was told.
#[tokio::test]
async fn a_report_of_another_event_than_the_one_that_was_told_is_told() {
    let home = Home::new(&[]);
    let store = home.store();
    let roundup = format!("{FLOOD_IN_SHORT} {COURT_AGAIN}");
    for (n, text) in [(1, FLOOD), (2, ("en", "The day in the region", roundup.as_str()))] {
        let mut intent = settle(&Home::new(&[]).start(), article(n, "herald", text)).await;
        let story = StoryId(ArticleId(1));
        if n > 1 {
            let (of, why) = (ArticleId(1), Shared::default());
            intent.report.assignment = Assignment::Joined { story, of, likelihood: 0.6, why };
        }
        store.commit(&Change::Article(Box::new(intent))).unwrap();
    }
    drop(store);
    home.clock.advance(TimeDelta::minutes(5));
    let daemon = home.start();
    // It is told when it names whom the watch waits for, which its page may do later.
    let brief = Article { page: Page::Unreachable("status 503".to_owned()), ..article(3, "courier", COURT) };
    let early = settle(&daemon, brief.clone()).await;
    assert_eq!((early.report.story(), early.alerts.len()), (StoryId(ArticleId(1)), 0));
    let page = Page::Fetched(FetchRecord { status: 200, url: String::new(), bytes: 1, at: daemon.now() });
    let body = format!("{} Vinnikov counted the votes.", COURT.2);
    let whole = Article { page, body, method: Method::Readability, first_seen: daemon.now(), ..brief };
    let Settled::Reread(court) = daemon.settler.article(whole, daemon.config.rules.clone()).await.unwrap() else {
        panic!("it has a page now")
    };
    let Assignment::Joined { likelihood, .. } = court.report.assignment else { panic!("{court:?}") };
    assert!(likelihood > 0.55, "{likelihood}");
    assert_eq!((court.report.story(), court.alerts.len()), (StoryId(ArticleId(1)), 1));
}

/// Its story told of it before the program put it into another one, whose alert is far from it.
#[tokio::test]
async fn what_a_report_was_told_by_counts_where_the_program_has_moved_it() {
    let home = Home::new(&[]);
    let store = home.store();
    let vote = format!("{} Vinnikov was there.", VOTE.2);
    let quiet = AGAIN.2.replace(", Vinnikov said", "");
    let brief = Article {
        page: Page::Unreachable("status 503".to_owned()),
        ..article(2, "courier", (AGAIN.0, AGAIN.1, &quiet))
    };
    let [one, three] = [1, 3].map(|it| StoryId(ArticleId(it)));
    for article in [article(1, "herald", FLOOD), brief.clone(), article(3, "mirror", (VOTE.0, VOTE.1, &vote))] {
        let mut intent = settle(&Home::new(&[]).start(), article).await;
        if intent.report.article.id == brief.id {
            let (of, why) = (ArticleId(1), Shared::default());
            intent.report.assignment = Assignment::Joined { story: one, of, likelihood: 0.9, why };
        }
        assert_eq!(intent.alerts.len(), usize::from(intent.report.article.id != brief.id));
        store.commit(&Change::Article(Box::new(intent))).unwrap();
    }
    let draw = Draw { from: one, articles: vec![brief.id] };
    let drawn = decide::drawn(&[draw], &BTreeMap::new(), (three, ArticleId(3)), home.clock.now()).unwrap();
    store.commit(&Change::Regrouped(Box::new(drawn))).unwrap();
    drop(store);
    home.clock.advance(TimeDelta::minutes(5));
    let daemon = home.start();
    assert_eq!(stories(&daemon), BTreeMap::from([(1, 1), (2, 3), (3, 3)]));
    let page = Page::Fetched(FetchRecord { status: 200, url: String::new(), bytes: 1, at: daemon.now() });
    let body = AGAIN.2.to_owned();
    let whole = Article { page, body, method: Method::Readability, first_seen: daemon.now(), ..brief };
    let Settled::Reread(again) = daemon.settler.article(whole, daemon.config.rules.clone()).await.unwrap() else {
        panic!("it has a page now")
    };
    assert_eq!((again.report.story(), again.alerts), (three, vec![]));
}

const COURT_AGAIN: &str = "Ruben Sargsyan is the new speaker in Armenia, by 71 votes. The opposition took no part. Its leaders will ask the court \
    in Yerevan if members abroad at that time counted as present, reporters were told.";
const FLOOD_IN_SHORT: &str = "Rescuers in Kutaisi took 240 people from their homes after the Rioni river broke its banks. \
    Governor Davit Lomidze said that three bridges were lost.";

#[tokio::test]
async fn a_split_counts_where_its_report_has_gone_to_another_story_meanwhile() {
    let home = Home::new(&[]);
    apart(&home.store(), true).await;
    home.clock.advance(TimeDelta::minutes(5));
    let daemon = home.start();
    // Decided while article 4 was of the story of article 2, which the program then puts into that of article 1.
    let copy = settle(&daemon, article(4, "mirror", AGAIN)).await;
    assert_eq!(copy.report.story(), StoryId(ArticleId(2)));
    let split = decide::split(ArticleId(4), StoryId(ArticleId(2)), &[2, 4].map(ArticleId), home.clock.now()).unwrap();
    requests::put(&home.state_dir(), &Change::Regrouped(Box::new(split))).unwrap();
    settle(&daemon, article(3, "courier", BRIDGE)).await;
    let one = stories(&daemon)[&1];
    assert_eq!(stories(&daemon), BTreeMap::from([(1, one), (2, one), (3, one), (4, one)]));
    assert_eq!(Taker::default().take(&daemon).await.unwrap(), 1);
    // Article 3 had come because of it.
    assert_eq!(stories(&daemon), BTreeMap::from([(1, one), (2, one), (3, 4), (4, 4)]));
}

#[test]
fn a_split_of_the_report_that_names_a_story_is_of_that_report_later_too() {
    let [named, merged] = [1, 9].map(|it| StoryId(ArticleId(it)));
    let split = decide::split(ArticleId(1), named, &[1, 2, 3].map(ArticleId), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(decide::parted(&split), Some((ArticleId(1), named)));
    let late = decide::split_late(&split, merged, &[1, 2, 3, 9].map(ArticleId));
    let moves = late.moves.iter().map(|it| (it.article.0, it.from.0.0, it.to.0.0)).collect::<Vec<_>>();
    assert_eq!((late.id, moves), (split.id, vec![(1, 9, 1)]));
}

/// What went wrong after the commit of a merge leaves nothing in memory that the store does not say.
#[tokio::test]
async fn a_merge_whose_commit_is_not_heard_of_counts_all_the_same() {
    for panics in [true, false] {
        let home = Home::new(&[]);
        let failure = AtomicUsize::new(1);
        let failing = move |it: &Change| match it {
            Change::Article(it) if it.regrouping.is_some() && failure.swap(0, Ordering::SeqCst) == 1 => {
                assert!(!panics, "as a defect would");
                Err(StoreError::Stopped { why: "a test".to_owned() })
            }
            _ => Ok(()),
        };
        let (store, fills) = counting_fills(Hooked::new(MemoryStore::new()).after_commit(failing));
        apart(&store, true).await;
        home.clock.advance(TimeDelta::minutes(5));
        let daemon = home.start_over(Arc::new(store));
        let rules = daemon.config.rules.clone();
        assert!(daemon.settler.article(article(3, "courier", BRIDGE), rules).await.is_err());
        assert_eq!(fills.load(Ordering::SeqCst), 1);
        let later = settle(&daemon, article(4, "mirror", AGAIN)).await;
        assert_eq!(fills.load(Ordering::SeqCst), 2, "memory did not know what the store did");
        assert_eq!((later.report.story().0.0, later.alerts.len(), later.regrouping), (1, 0, None));
        assert_eq!(stories(&daemon), BTreeMap::from([(1, 1), (2, 1), (3, 1), (4, 1)]));
        assert_eq!(told(&daemon).len(), 2);
    }
}

#[tokio::test]
async fn an_article_that_fails_costs_the_others_nothing() {
    let home = Home::new(&[]);
    let failing = |it: &Change| match it {
        Change::Article(it) if it.report.article.id == ArticleId(13) => {
            Err(StoreError::TooLarge { bytes: 1 << 30, limit: 1 << 20 })
        }
        _ => Ok(()),
    };
    let on_held = |key: &Key| match key {
        Key::Title(_, title) if title.contains("unlucky") => panic!("as a defect would"),
        _ => Ok(()),
    };
    let (store, fills) = counting_fills(Hooked::new(MemoryStore::new()).on_commit(failing).on_held(on_held));
    let mut daemon = home.start_over(Arc::new(store));
    settle(&daemon, article(1, "herald", FLOOD)).await;
    let old = daemon.config.rules.clone();
    assert!(daemon.settler.article(article(13, "herald", VOTE), old.clone()).await.is_err());
    let unlucky = ("en", "An unlucky article", "Short.");
    assert!(daemon.settler.article(article(14, "herald", unlucky), old.clone()).await.is_err());
    assert_eq!(settle(&daemon, article(2, "courier", AGAIN)).await.report.story().0.0, 1);
    assert_eq!(fills.load(Ordering::SeqCst), 1, "filled once");
    // A reload that changes what counts as a copy fills it once, though polls by the old rules are still under way.
    let mut changed = home;
    changed.set("COPIES__MIN_CONTAINMENT", "0.6");
    daemon.reload(&changed);
    for n in 20..26 {
        let rules = if n % 2 == 0 { daemon.config.rules.clone() } else { old.clone() };
        daemon.settler.article(article(n, "courier", VOTE), rules).await.unwrap();
    }
    assert_eq!(fills.load(Ordering::SeqCst), 2);
}

/// A person decides on a reading of the archive while the daemon goes on: what comes in those seconds goes where the report
/// goes that it joined.
#[tokio::test]
async fn what_joins_while_a_person_decides_is_not_left_behind() {
    let home = Home::new(&[]);
    let daemon = home.start();
    settle(&daemon, article(1, "herald", FLOOD)).await;
    settle(&daemon, article(2, "herald", VOTE)).await;
    let merge = merged(&home);
    assert_eq!(settle(&daemon, article(3, "courier", VOTE)).await.report.story().0.0, 2);
    daemon.settler.commit(Change::Regrouped(Box::new(merge.clone()))).await.unwrap();
    assert_eq!(stories(&daemon), BTreeMap::from([(1, 1), (2, 1), (3, 1)]));

    let members = |daemon: &Daemon| daemon.store.story(StoryId(ArticleId(1))).unwrap();
    let split = decide::split(ArticleId(3), StoryId(ArticleId(1)), &members(&daemon), home.clock.now()).unwrap();
    settle(&daemon, article(4, "mirror", FLOOD)).await;
    let copy = settle(&daemon, article(5, "mirror", VOTE)).await;
    let of = copy.report.assignment.nearest().unwrap();
    daemon.settler.commit(Change::Regrouped(Box::new(split.clone()))).await.unwrap();
    let with = if of == ArticleId(3) { 3 } else { 1 };
    assert_eq!(stories(&daemon), BTreeMap::from([(1, 1), (2, 1), (3, 3), (4, 1), (5, with)]));

    let undo = decide::undo(&merge, &daemon.reports(), home.clock.now());
    assert!(undo.moves.iter().any(|it| it.article == ArticleId(2)));
    let late = settle(&daemon, article(6, "gazette", VOTE)).await;
    let of = late.report.assignment.nearest().unwrap();
    let before = stories(&daemon)[&of.0];
    daemon.settler.commit(Change::Regrouped(Box::new(undo))).await.unwrap();
    let held = stories(&daemon);
    assert_eq!((held[&2], held[&6]), (2, if before == 1 { held[&of.0] } else { before }));
    // Memory says the same as the store.
    let later = settle(&daemon, article(7, "tribune", VOTE)).await;
    let of = later.report.assignment.nearest().unwrap();
    assert_eq!(later.report.story().0.0, held[&of.0]);
}

/// Two reloads, one right after the other: an article that was begun between them comes after one that was begun later.
#[tokio::test]
async fn the_rules_of_the_last_reload_hold() {
    let home = Home::new(&[]);
    let (store, fills) = counting_fills(Hooked::new(MemoryStore::new()));
    let mut daemon = home.start_over(Arc::new(store));
    settle(&daemon, article(1, "herald", FLOOD)).await;
    let mut changed = home;
    changed.set("COPIES__MIN_CONTAINMENT", "0.6");
    daemon.reload(&changed);
    let between = daemon.config.rules.clone();
    changed.set("COPIES__MIN_CONTAINMENT", "0.7");
    daemon.reload(&changed);
    settle(&daemon, article(2, "herald", VOTE)).await;
    for n in 20..24 {
        let rules = if n % 2 == 0 { between.clone() } else { daemon.config.rules.clone() };
        daemon.settler.article(article(n, "courier", VOTE), rules).await.unwrap();
    }
    assert_eq!(fills.load(Ordering::SeqCst), 2, "filled by the first rules and by the last");
}

/// A regrouping that was made before moves nothing, in memory as in the store.
#[tokio::test]
async fn a_repeated_regrouping_moves_nothing() {
    let home = Home::new(&[]);
    let daemon = home.start();
    settle(&daemon, article(1, "herald", FLOOD)).await;
    settle(&daemon, article(2, "herald", VOTE)).await;
    let merge = merged(&home);
    let undo = |daemon: &Daemon| decide::undo(&merge, &daemon.reports(), home.clock.now());
    daemon.settler.commit(Change::Regrouped(Box::new(merge.clone()))).await.unwrap();
    daemon.settler.commit(Change::Regrouped(Box::new(undo(&daemon)))).await.unwrap();
    let changes = daemon.store.counts().unwrap().changes;
    daemon.settler.commit(Change::Regrouped(Box::new(merge.clone()))).await.unwrap();
    assert_eq!(daemon.store.counts().unwrap().changes, changes, "nothing is written again");
    let later = settle(&daemon, article(3, "courier", VOTE)).await;
    assert_eq!(later.report.story().0.0, 2);
}

#[tokio::test]
async fn what_is_claimed_cannot_be_withdrawn_and_is_committed_after_a_crash() {
    let home = Home::new(&[]);
    let daemon = home.start();
    settle(&daemon, article(1, "herald", FLOOD)).await;
    settle(&daemon, article(2, "herald", VOTE)).await;
    let change = Change::Regrouped(Box::new(merged(&home)));
    let path = requests::put(&home.state_dir(), &change).unwrap();
    assert_eq!(requests::fate(&path).unwrap(), Fate::Waiting);
    assert!(requests::withdraw(&path).unwrap() && !requests::withdraw(&path).unwrap());
    assert_eq!((Taker::default().take(&daemon).await.unwrap(), stories(&daemon)[&2]), (0, 2), "it was withdrawn");
    // As a daemon leaves it that dies between claim and commit.
    let path = requests::put(&home.state_dir(), &change).unwrap();
    fs::rename(&path, path.with_extension("taken")).unwrap();
    assert_eq!(requests::fate(&path).unwrap(), Fate::Taken);
    assert!(!requests::withdraw(&path).unwrap());
    assert_eq!((Taker::default().take(&daemon).await.unwrap(), stories(&daemon)[&2]), (1, 1));
    assert_eq!((requests::fate(&path).unwrap(), files(&home).len()), (Fate::Done, 0));
}

#[tokio::test]
async fn only_whole_files_are_requests_and_what_was_given_up_is_swept() {
    let home = Home::new(&[]);
    let daemon = home.start();
    let label = Label { article: ArticleId(1), topic: "floods".into(), is_right: true, at: home.clock.now() };
    let path = requests::put(&home.state_dir(), &Change::Labelled(label)).unwrap();
    let dir = path.parent().unwrap();
    fs::create_dir(dir.join("dir.json")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", dir.join("link.json")).unwrap();
    for (name, minutes) in [("old.new", -61), ("fresh.new", -59), ("old.refused", -61)] {
        let file = fs::File::create(dir.join(name)).unwrap();
        file.set_modified((home.clock.now() + TimeDelta::minutes(minutes)).into()).unwrap();
    }
    assert_eq!(Taker::default().take(&daemon).await.unwrap(), 1);
    assert_eq!(files(&home), ["dir.json", "fresh.new", "link.json"]);
}

/// The daemon is ready once what it compares with is in memory, and the watchdog sees that go on.
#[tokio::test]
async fn the_window_is_filled_before_the_first_article() {
    let home = Home::new(&[]);
    let (store, fills) = counting_fills(Hooked::new(MemoryStore::new()));
    apart(&store, true).await;
    let daemon = home.start_over(Arc::new(store));
    assert_eq!(daemon.settler.progress(), 0);
    daemon.settler.fill(daemon.config.rules.clone()).await.unwrap();
    assert!(daemon.settler.progress() >= 2);
    settle(&daemon, article(3, "courier", VOTE)).await;
    assert_eq!(fills.load(Ordering::SeqCst), 1);
}
