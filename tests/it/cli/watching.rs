//! `sitrepd watch …`: watches written, tried on the archive, explained.

use std::fs;

use serde_json::json;

use super::desk::{Desk, site};

fn watches(desk: &Desk) -> String {
    fs::read_to_string(desk.config_dir().join("watches.toml")).unwrap()
}

#[test]
fn watches_are_added_and_removed() {
    let desk = Desk::new("");
    desk.run_args(&["watch", "add", "Envoy", "Vinnikov AND (ITPP OR \"liaison office\")"]).ok().says("added Envoy to");
    assert!(watches(&desk).contains("name = \"Keeper\""), "what was there stays");
    desk.run("watch list").ok().says("Envoy").says("Vinnikov AND (ITPP").says("2 watches");
    let listed = desk.run("--json watch list").ok().records();
    assert_eq!(listed[1]["query"], "Vinnikov AND (ITPP OR \"liaison office\")");
    desk.run_args(&["watch", "add", "Envoy", "ITPP"]).exits(64).warns("there is a watch \"Envoy\" already");
    desk.run_args(&["watch", "add", "x", "ITPP or Vinnikov"])
        .exits(65)
        .warns("at character 6, “or”: write OR in capitals");
    desk.run_args(&["watch", "add", "short", "Orb"]).ok().says("fewer than 5 letters");
    desk.run("check").ok();
    desk.run_args(&["watch", "add", "lost", "Vinnikov AND topic:prots"])
        .ok()
        .says("waits for topic:prots, which there is not; did you mean \"ports\"?");
    desk.run("watch remove Envoy").ok().says("removed Envoy");
    desk.run("watch remove Envoy").exits(66).warns("there is no watch \"Envoy\"");
    assert!(!watches(&desk).contains("Envoy"));
}

#[test]
fn a_watch_is_explained() {
    let desk = Desk::new("");
    desk.run_args(&["watch", "add", "Envoy", "Vinnikov"]).ok();
    let text = "Встреча\nГлава офиса встретился с Винниковым.";
    desk.run_with("watch explain Envoy -", text, &[])
        .ok()
        .says("fires  Envoy")
        .says("“Винниковым” sounds like “Vinnikov” in another script");
    let record = desk.run_with("--json watch explain Envoy -", text, &[]).ok().record();
    assert_eq!((&record["fires"], &record["hits"][0]["class"]), (&json!(true), &json!("transliterated")));
    desk.run_with("watch explain Envoy -", "Винокуров\nприехал", &[]).ok().says("nothing is found");
    desk.run_with("watch explain nobody -", text, &[]).exits(66);

    // The glossary has what a machine translation made of the name; half of that alone is nobody.
    for (text, says) in [
        ("Yerevan\nNikola Pashin spoke.", "for “Pashinyan”"),
        ("Yerevan\nPashin spoke, and Ivan Pashin.", "nothing is found"),
    ] {
        fs::write(desk.dir.path().join("text.txt"), text).unwrap();
        desk.run_args(&["try", "watch", "--query", "Pashinyan", "text.txt"]).ok().says(says);
    }

    fs::write(desk.dir.path().join("text.txt"), text).unwrap();
    desk.run_args(&["try", "watch", "--query", "Vinnikov -Aliyev", "text.txt"]).ok().says("fires");
    desk.run_args(&["try", "watch", "--query", "Vinnikov AND", "text.txt"])
        .exits(65)
        .warns("something must stand after");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_watch_silent_is_told() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.write(
        "watches.toml",
        "[[watch]]\nname = \"Envoy\"\nquery = \"Vinnikov AND (ITPP OR Baku)\"\nseverity = \"urgent\"\ncooldown = \"2h\"\n\
         [[watch]]\nname = \"Local\"\nquery = \"Marlinov AND source:gazette\"\nchannels = []\n",
    );
    let text = "Встреча\nГлава офиса встретился с Винниковым.";
    desk.run_with("watch explain Envoy -", text, &[])
        .ok()
        .says("there is Vinnikov: “Винниковым”")
        .says("missing: ITPP OR Baku");
    desk.run_with("watch explain Local -", "x\nMarlinov spoke", &[])
        .ok()
        .says("missing: source:gazette")
        .says("not known of a text: source");
    desk.run("watch list").ok().says("urgent, messages wait 2h after an alert");
    let listed = desk.run("--json watch list").ok().records();
    assert_eq!((&listed[0]["cooldown_seconds"], &listed[0]["channels"]), (&json!(7200), &json!(["files"])));
    assert_eq!(listed[1]["channels"], json!([]));
    desk.run("watch list").ok().says("its alerts go to nobody");

    // An article of the archive has its source.
    desk.run("poll").ok();
    let alerts = desk.run("--json alerts").ok().records();
    let article = alerts[0]["article"].as_str().unwrap();
    desk.run_args(&["watch", "explain", "Local", article]).ok().says("fires");
    desk.write("text.txt", text);
    let file = desk.config_dir().join("text.txt");
    desk.run_args(&["try", "watch", "--query", "-NATO Vinnikov", file.to_str().unwrap()])
        .exits(65)
        .warns("write AND or OR before this");
    desk.run_args(&["watch", "test", "-Vinnikov"]).exits(65).warns("what is only not there is everywhere");
    desk.run_args(&["watch", "add", "Tongue", "Vinnikov AND lang:xx"])
        .ok()
        .says("lang:xx, which is no code of a language");
}

#[test]
fn spellings_are_accepted_and_banned() {
    let desk = Desk::new("");
    desk.run_args(&["watch", "add", "Premier", "\"Nikol Pashinyan\""]).ok();
    let text = "Text\nNikola Pashka spoke";
    desk.run_with("watch explain Premier -", text, &[]).ok().says("nothing");
    desk.run_args(&["watch", "alias", "accept", "Premier", "Nikola Pashka"]).ok().says("accepted Nikola Pashka");
    desk.run_with("watch explain Premier -", text, &[]).ok().says("for “Nikol Pashinyan”");
    desk.run_args(&["watch", "alias", "ban", "Premier", "Nikola Pashka"]).ok().says("banned");
    desk.run_with("watch explain Premier -", text, &[]).ok().says("nothing");
    // A spelling that is banned bans neither the name nor other spellings of it.
    desk.run_args(&["watch", "add", "Envoy", "Vinnikov"]).ok();
    desk.run_args(&["watch", "alias", "ban", "Envoy", "Виников"]).ok();
    for (text, says) in [
        ("x\nпозвал Виникова и Виников пришёл", "nothing"),
        ("x\nпозвал Винникова в Баку", "fires"),
        ("x\nthe envoy Vinnikov spoke", "fires"),
        ("x\nthe envoy Vinikov spoke", "fires"),
    ] {
        desk.run_with("watch explain Envoy -", text, &[]).ok().says(says);
    }
    desk.run_args(&["watch", "alias", "ban", "Envoy", "vinnikov"]).exits(64).warns("would find nothing of it");
    desk.run_args(&["watch", "alias", "ban", "Envoy", "Igor Vinnikov"]).ok();
    desk.run_args(&["watch", "alias", "ban", "Envoy", "Winterberg"]).ok().says("mind:");
    desk.run_with("watch explain Envoy -", "x\nпозвал Игоря Винникова в Баку", &[]).ok().says("nothing");

    desk.run_args(&["watch", "alias", "accept", "Keeper", "x"]).exits(64).warns("has no query");
    desk.run_args(&["watch", "add", "Two", "Vinnikov OR Colomina"]).ok();
    desk.run_args(&["watch", "alias", "accept", "Two", "Winnikow"])
        .exits(64)
        .warns("--term; the query has Vinnikov, Colomina");
    desk.run_args(&["watch", "alias", "accept", "Two", "Winnikow", "--term", "Vinnikov"]).ok();
}

/// A spelling that is too far off for an alert is possible; one for which a spelling was accepted fires.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_only_possible_is_filed_and_may_be_accepted() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.write("watches.toml", "[[watch]]\nname = \"Far\"\nquery = \"Marlinof\"\n");
    desk.run("poll").ok();
    desk.run("alerts --since 99999d").ok().says("no alert in this time");
    let possible = desk.run("--json alerts --possible").ok().records();
    assert_eq!(possible.len(), 3, "the lamp, its copy and the harbour: {possible:?}");
    assert_eq!(possible, desk.run("--json watch possible").ok().records());
    let hit = &possible[0]["hits"][0];
    assert_eq!((&possible[0]["watch"], &hit["class"]), (&json!("Far"), &json!("weak")));
    assert_eq!(hit["why"], "“Marlinov” sounds only roughly like “Marlinof”.");
    let article = possible[0]["article"].as_str().unwrap();
    desk.run("alerts --possible").ok().says(article).says("sounds only roughly like “Marlinof”");
    desk.run(&format!("show {article}")).ok().says("possible").says("Far: “Marlinov” sounds only roughly");
    assert_eq!(desk.run(&format!("--json show {article}")).ok().record()["possible"][0]["watch"], "Far");

    // It is listed as a spelling, with how often and where, and stays with the watch when it is accepted.
    let seen = desk.run("--json watch alias list Far").ok().records();
    assert_eq!((&seen[0]["form"], &seen[0]["class"]), (&json!("Marlinov"), &json!("weak")));
    assert!(seen[0]["times"].as_u64().unwrap() >= 3, "{seen:?}");
    assert_eq!(seen[0]["sources"], json!(["gazette", "mirror"]));
    desk.run_args(&["watch", "alias", "accept", "Far", "Marlinov"]).ok();
    let seen = desk.run("--json watch alias list Far").ok().records();
    assert_eq!((&seen[0]["form"], &seen[0]["accepted"]), (&json!("Marlinov"), &json!(true)));

    // A new archive is read with what was accepted, and its later reports stand under the alert.
    std::fs::remove_dir_all(desk.state_dir()).unwrap();
    desk.run("poll").ok();
    let alerts = desk.run("--json alerts").ok().records();
    assert!(!alerts.is_empty() && alerts.iter().all(|it| it["kind"] == "found"), "{alerts:?}");
    assert_eq!(alerts[0]["hits"][0]["class"], "exact");
    let later: Vec<_> = alerts.iter().flat_map(|it| it["later"].as_array().unwrap()).collect();
    assert_eq!(later.len(), 1, "the copy: {alerts:?}");
    desk.run("alerts").ok().says("1 later report of the story:").says("“Marlinov” — stands for Marlinof");
    desk.run("alerts --possible").ok().says("nothing that a watch was unsure of");

    // What was banned is found no more, and not listed.
    desk.run_args(&["watch", "alias", "ban", "Far", "Marlinov"]).ok();
    std::fs::remove_dir_all(desk.state_dir()).unwrap();
    desk.run("poll").ok();
    desk.run("alerts").ok().says("no alert in this time");
    desk.run("watch alias list Far").ok().says("no spelling but those of the query");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_tried_on_the_archive_before_it_is_saved() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let tested = desk.run_args(&["--json", "watch", "test", "Marlinov OR harbour"]).ok().record();
    assert_eq!(tested["articles"], 4);
    assert!(tested["fires"].as_u64().unwrap() >= 2, "{tested}");
    let n_stories = |query: &str| desk.run_args(&["--json", "watch", "test", query]).ok().record()["stories"].clone();
    assert_eq!(n_stories("lamp AND lighthouse"), 1, "two articles of one story");
    desk.run_args(&["watch", "test", "lamp AND lighthouse"])
        .ok()
        .says("fires for 2 of 4 articles")
        .says("in 1 story: each raises an alert");
    assert!(tested["by_source"]["gazette"].as_u64().unwrap() >= 1, "{tested}");
    assert!(!tested["weakest"].as_array().unwrap().is_empty());
    desk.run_args(&["watch", "test", "Marlinov"]).ok().says("of 4 articles").says("sources: ").says("the least sure:");
    desk.run_args(&["watch", "test", "NOT Marlinov"]).exits(65).warns("what is only not there is everywhere");

    desk.run("alerts --possible").ok().says("nothing that a watch was unsure of");
    desk.run_args(&["watch", "add", "Lamps", "Marlinoff"]).ok();
    desk.run("watch alias list Lamps").ok().says("SPELLING").says("Marlinov");
    let seen = desk.run("--json watch alias list Lamps").ok().records();
    assert_eq!((&seen[0]["form"], &seen[0]["term"]), (&json!("Marlinov"), &json!("Marlinoff")));
}
