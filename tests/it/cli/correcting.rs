//! Stories put together and taken apart, and articles labelled, by command.

use serde_json::json;
use sitrepd::{
    model::{Change, Label},
    store::{LedgerStore, Settings, Store as _},
};

use super::desk::{Desk, json_feed, site};
use crate::support::http::{Request, Server};

/// Ids of the stories with the numbers of their reports, in any order.
fn stories(desk: &Desk) -> Vec<(String, usize)> {
    let records = desk.run("--json stories").ok().records();
    let story =
        |it: &serde_json::Value| (it["story"].as_str().unwrap().to_owned(), it["reports"].as_array().unwrap().len());
    let mut res = records.iter().map(story).collect::<Vec<_>>();
    res.sort();
    res
}

#[tokio::test(flavor = "multi_thread")]
async fn stories_are_merged_split_and_put_back() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("stories undo").exits(66);
    desk.run("poll").ok();
    let before = stories(&desk);
    assert!(before.len() > 1, "{before:?}");
    let (a, b) = (&before[0].0, &before[1].0);

    let merged = desk.run(&format!("--json stories merge {a} {b}")).ok().record();
    assert_eq!((&merged["what"], &merged["by_hand"]), (&json!("merged"), &json!(true)));
    assert_eq!(merged["stay"], json!([]));
    // Found in a review: the same change had titles and times where it was listed, and none here.
    let listed = desk.run("--json stories changes").ok().record();
    assert!(listed["into"]["title"].is_string());
    assert!(["into", "moves"].iter().all(|it| merged[it] == listed[it]), "{merged}\n{listed}");
    assert_eq!(stories(&desk).len(), before.len() - 1);
    desk.run(&format!("stories merge {a} {b}")).exits(64).warns("both are in story");
    let moved = merged["moves"][0]["article"].as_str().unwrap();
    desk.run(&format!("show {moved}")).ok().says("its story was merged by hand");
    desk.run("digest").ok();

    desk.run("stories undo").ok().warns("stories undo");
    assert_eq!(stories(&desk), before);
    desk.run("stories undo").exits(64).warns("nothing to take back");

    let joined = before.iter().find(|it| it.1 > 1).expect("a story of two reports");
    desk.run(&format!("stories split {}", joined.0)).ok();
    assert_eq!(stories(&desk).len(), before.len() + 1);
    desk.run(&format!("stories split {}", joined.0)).exits(64).warns("alone");
    let changes = desk.run("--json stories changes").ok().records();
    let what = changes.iter().map(|it| it["what"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(what, ["split", "undone", "merged"]);
    assert!(changes.iter().all(|it| it["into"]["title"].is_string() && it["moves"][0]["title"].is_string()));
    let (moved, into) = (&changes[2]["moves"][0]["title"], &changes[2]["into"]["title"]);
    desk.run("stories changes").ok().says(moved.as_str().unwrap()).says(into.as_str().unwrap());
    desk.run(&format!("stories undo {}", changes[0]["change"].as_str().unwrap())).ok();
    assert_eq!(stories(&desk), before);
    desk.run("stories undo nothing").exits(66);

    let to = desk.state_dir().join("decided");
    desk.run(&format!("stories export {}", to.display())).ok();
    let pairs = std::fs::read_to_string(to.join("pairs.tsv")).unwrap();
    let labels = pairs.lines().map(|it| it.rsplit('\t').next().unwrap()).collect::<Vec<_>>();
    assert!(labels.contains(&"0") && labels.contains(&"1"), "{pairs}");
    // What is known is not committed again.
    let all = desk.state_dir().join("all.jsonl");
    desk.run(&format!("export {}", all.display())).ok();
    let held = desk.run("--json stats").ok().record()["held"].clone();
    desk.run(&format!("import {}", all.display())).ok().warns("0 of ").warns("held already");
    assert_eq!(desk.run("--json stats").ok().record()["held"], held);
    desk.run("verify").ok();
    // Nothing is older than is kept; the index is made anew.
    let compacted = desk.run("--json compact").ok().record();
    assert!(compacted["given_up"].is_null() && compacted["index"]["after"].as_u64() > Some(0), "{compacted}");
    assert_eq!(stories(&desk), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn articles_are_labelled() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let story = &stories(&desk)[0].0;
    desk.run(&format!("label {story} no-such-topic right")).exits(66).warns("no topic");
    desk.run(&format!("label {story} {TOPIC} right")).ok().warns("is right");
    desk.run(&format!("label zzz {TOPIC} wrong")).exits(66);

    let figures = desk.run("--json topics eval").ok().record();
    assert_eq!(figures["topic"], TOPIC);
    let right = figures["rules"]["found"].as_u64().unwrap() + figures["rules"]["missed"].as_u64().unwrap();
    assert_eq!(right, 1, "{figures}");
    // A second word on the same two replaces the first.
    desk.run(&format!("label {story} {TOPIC} wrong")).ok();
    let figures = desk.run("--json topics eval").ok().record();
    assert_eq!(
        figures["rules"]["found"].as_u64().unwrap() + figures["rules"]["missed"].as_u64().unwrap(),
        0,
        "{figures}"
    );
    desk.run("topics eval").ok().says(TOPIC).says("wrong");
    desk.run("topics suggest no-such-topic").exits(66);
    desk.run(&format!("topics suggest {TOPIC}")).ok().says("too few");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_digests_follow_labels() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let with_topic = || {
        let records = desk.run("--json stories").ok().records();
        let has_topic = |it: &&serde_json::Value| it["topics"].as_array().unwrap().contains(&json!(TOPIC));
        records.iter().filter(has_topic).map(|it| it["story"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let in_digest = || {
        let digest = desk.run("--json digest").ok().record();
        (with_topic().len(), digest["other_stories"].as_array().unwrap().len())
    };
    let found = with_topic();
    let before = in_digest();
    let other =
        stories(&desk).into_iter().map(|it| it.0).find(|it| !found.contains(it)).expect("one without the topic");
    desk.run(&format!("label {other} {TOPIC} right")).ok().warns("digests follow it");
    assert_eq!(with_topic().len(), found.len() + 1);
    assert_ne!(in_digest(), before);
    desk.run("digest").ok();
    desk.run(&format!("label {other} {TOPIC} wrong")).ok();
    assert_eq!(in_digest(), before);
    let tagged = || desk.run("--json stats").ok().record()["lately"]["by_topic"][TOPIC].as_u64().unwrap_or_default();
    let all = tagged();
    let records = desk.run("--json stories").ok().records();
    let reports: Vec<_> = records.iter().flat_map(|it| it["reports"].as_array().unwrap()).collect();
    for it in &reports {
        desk.run(&format!("label {} {TOPIC} wrong", it["article"].as_str().unwrap())).ok();
    }
    assert!(all >= found.len() as u64);
    assert_eq!((with_topic().len(), tagged()), (0, 0));
}

/// Found in a review: a story was listed with the topics of its first report alone, and digests had it under those of the others too.
#[tokio::test(flavor = "multi_thread")]
async fn a_story_has_the_topics_of_all_its_reports() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let of_two = || {
        let records = desk.run("--json stories").ok().records();
        records.into_iter().find(|it| it["reports"].as_array().unwrap().len() == 2).expect("a story of two reports")
    };
    let story = of_two();
    assert_eq!(story["topics"], json!([TOPIC]));
    let article = |n: usize| story["reports"][n]["article"].as_str().unwrap();
    desk.run(&format!("label {} {TOPIC} wrong", article(0))).ok();
    assert_eq!(of_two()["topics"], json!([TOPIC]), "of the second report");
    let listed = desk.run("stories").ok().out;
    let title = story["title"].as_str().unwrap();
    assert!(listed.contains(&format!("{title}\n  Ports and the sea\n")), "{listed}");
    desk.run(&format!("label {} {TOPIC} wrong", article(1))).ok();
    assert_eq!(of_two()["topics"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_shown_and_the_last_one_counts_though_the_clock_was_set_back() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let story = &stories(&desk)[0].0;
    assert!(!desk.run(&format!("show {story}")).ok().out.contains(", said "), "nobody labelled it");
    {
        let (store, _) = LedgerStore::open(&Settings::new(desk.state_dir())).unwrap();
        let at = "2199-01-01T00:00:00Z".parse().unwrap();
        let label = Label { article: story.parse().unwrap(), topic: TOPIC.to_owned(), is_right: true, at };
        store.commit(&Change::Labelled(label)).unwrap();
        store.sync().unwrap();
    }
    desk.run(&format!("show {story}")).ok().says("right, said 2199-01-01");
    desk.run(&format!("label {story} {TOPIC} wrong")).ok();
    desk.run(&format!("show {story}")).ok().says("wrong, said 2199-01-01");
    let shown = desk.run(&format!("--json show {story}")).ok().record();
    assert_eq!(shown["labels"][0]["label"], "wrong", "{}", shown["labels"]);
    let figures = desk.run("--json topics eval").ok().record();
    assert_eq!(
        (&figures["labels"][0]["article"], &figures["labels"][0]["label"]),
        (&json!(story), &json!("wrong")),
        "{figures}"
    );
}

/// The desk's own.
const TOPIC: &str = "ports";

/// What a topic by example says of a text, once the archive holds articles to tell it from.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_learned_of_a_topic_is_told() {
    let site = Server::start(|request: &Request| {
        let others = [
            "The coach praised goalkeeper number {} after the cup final against club {}.",
            "Engineers tested satellite {}, which maps the forests of province {} from orbit.",
            "A court sentenced official {} for taking bribes in the case of company {}.",
            "Deputies of group {} spoke of the tax law in session {} of the parliament.",
            "Doctors warned of a wave of flu in school {} and kindergarten {}.",
        ];
        let host = request.header("host").unwrap().to_owned();
        let item = |(n, text): (usize, &&str)| {
            let text = text.replace("{}", &n.to_string());
            json!({ "id": n.to_string(), "url": format!("http://{host}/{n}"), "title": format!("News {n}"), "content_text": text })
        };
        let items = (0..80).zip(others.iter().cycle()).map(item).collect::<Vec<_>>();
        json_feed(&items)
    })
    .await;
    let desk = Desk::of_feed(&site);
    desk.write(
        "topics.toml",
        "[[topic]]\nid = \"floods\"\nname = \"Floods\"\nexcluded = [\"novel\"]\nexamples = [\n\
        \"The Rioni rose over its banks and took three bridges in the valley.\",\n\
        \"Rescuers brought people from the village after the river rose over its banks.\",\n\
        \"The river took the road and two bridges near the town, rescuers said.\"]\n",
    );
    let river = "Rescuers came at night as the river rose over its banks and took two bridges in the valley.";
    let asked = |text: &str, line: &str| desk.run_with(&format!("{line} -"), text, &[]).ok();
    asked(river, "try topic").says("0 of 1 topic found");
    asked(river, "try topic --topic floods").says("not learned: it takes 3 examples").says("(en)");
    desk.run("poll").ok();
    asked(river, "try topic")
        .says("yes  floods (Floods)")
        .says("% sure, so it is added")
        .says("“river”")
        .says("1 of 1 topic");
    asked("Doctors warned of a wave of flu in the schools of the capital.", "try topic --topic floods")
        .says("no   floods (Floods)");
    asked(&format!("{river} So the novel ends."), "try topic").says("ruled out").says("0 of 1 topic");
    let verdict = asked(river, "--json try topic").record();
    assert_eq!((&verdict["holds"], &verdict["learned"][0]["ruling"]), (&json!(true), &json!("added")), "{verdict}");
    assert!(verdict["learned"][0]["evidence"].as_array().unwrap().len() > 2, "{verdict}");
}
