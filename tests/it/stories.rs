//! Reports of one event, settled by the daemon: in other words, in another script, before and after a restart.

use std::{collections::BTreeMap, fs};

use chrono::TimeDelta;
use sitrepd::{
    daemon::{digests, requests, settle::Settled},
    decide,
    model::{
        Article, ArticleId, Assignment, CanonicalUrl, Cause, Change, CopyLevel, Intent, Label, Method, Page, Slot,
        SourceId, StoryId, Timestamp,
    },
};

use crate::support::daemon::{Daemon, Home};

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
const VOTE: (&str, &str, &str) = (
    "en",
    "New speaker elected in Yerevan",
    "Parliament in Yerevan elected a new speaker on Tuesday. Ruben Sargsyan of the ruling party had 71 votes. The opposition \
     left the hall before the count and called the vote a farce.",
);

fn article(n: u64, source: &str, (language, title, body): (&str, &str, &str)) -> Article {
    Article {
        id: ArticleId(n),
        version: 1,
        source: SourceId::new(source).unwrap(),
        link: CanonicalUrl::parse(&format!("https://{source}.example/{n}")),
        guid: None,
        guid_is_unique: false,
        feed_title: title.to_owned(),
        title: title.to_owned(),
        body: body.to_owned(),
        authors: vec![],
        language: Some(language.to_owned()),
        site_name: None,
        canonical: None,
        published: None,
        first_seen: Timestamp::UNIX_EPOCH,
        method: Method::Feed,
        page: Page::None,
        reading: sitrepd::model::Reading::default(),
    }
}

async fn settle(daemon: &Daemon, article: Article) -> Intent {
    let now = daemon.now();
    let article = Article { first_seen: now, ..article };
    match daemon.settler.article(article, daemon.config.rules.clone()).await.unwrap() {
        Settled::New(intent) => *intent,
        other => panic!("{other:?}"),
    }
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
    let merge = decide::regrouping(&[ArticleId(2)], two, one, Cause::Merged, home.clock.now());
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
    let undo = decide::undo(&merge, home.clock.now());
    daemon.settler.commit(Change::Regrouped(Box::new(undo))).await.unwrap();
    assert_eq!(stories(&daemon), BTreeMap::from([(1, 1), (2, 2), (3, 1), (4, 1)]));
    assert_eq!(daemon.store.story(two).unwrap(), [ArticleId(2)]);
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

#[tokio::test]
async fn what_is_asked_for_beside_the_daemon_is_committed_once() {
    let home = Home::new(&[]);
    let daemon = home.start();
    settle(&daemon, article(1, "herald", FLOOD)).await;
    settle(&daemon, article(2, "herald", VOTE)).await;
    let [one, two] = [1, 2].map(|it| StoryId(ArticleId(it)));
    let merge = decide::regrouping(&[ArticleId(2)], two, one, Cause::Merged, home.clock.now());
    let change = Change::Regrouped(Box::new(merge));
    let path = requests::put(&home.state_dir(), &change).unwrap();
    // As after a crash between the commit and the removal of the file.
    requests::put(&home.state_dir(), &change).unwrap();
    fs::write(home.state_dir().join("requests/odd.json"), "{}").unwrap();
    let article = Change::Article(Box::new(settle(&daemon, article(3, "herald", RUSSIAN)).await));
    requests::put(&home.state_dir(), &article).unwrap();
    assert_eq!(requests::take(&daemon).await.unwrap(), 2, "an article is no correction");
    assert!(!path.exists() && fs::read_dir(home.state_dir().join("requests")).unwrap().next().is_none());
    assert_eq!(daemon.store.story(one).unwrap(), [1, 2, 3].map(ArticleId));
    assert_eq!(requests::take(&daemon).await.unwrap(), 0);
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
