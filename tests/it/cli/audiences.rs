//! Digests for some people: by command, before they go out, and at their times.

use std::fs;

use serde_json::Value;

use super::desk::{Desk, site};

/// What the two outlets call it; the one that was read first gives the title.
const LAMP: [&str; 2] = ["A new lamp for the lighthouse", "The lighthouse has a new lamp"];

const AUDIENCES: &str = r#"
[digest]
schedule = "0 7 * * *"
[[audience]]
name = "sea"
title = "The sea"
schedule = "0 8 * * MON"
zone = "Europe/Berlin"
topics = ["ports"]
formats = ["html", "json"]
[[audience]]
name = "nobody"
watches = ["Keeper"]
languages = ["fa"]
schedule = ""
channels = []
"#;

fn desk_with_audiences(site: &crate::support::http::Server) -> Desk {
    let desk = Desk::reading(site);
    let settings = fs::read_to_string(desk.config_dir().join("sitrepd.toml")).unwrap();
    desk.write("sitrepd.toml", &format!("{settings}{AUDIENCES}"));
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn each_audience_has_a_digest_of_its_own() {
    let site = site().await;
    let desk = desk_with_audiences(&site);
    desk.run("poll").ok();

    desk.run("digest").ok().says("Situation report").says("Baker wins a prize");
    let sea = desk.run("digest --audience sea").ok().says("The sea");
    assert!(!sea.out.contains("Baker"), "{}", sea.out);
    desk.run("digest --audience nobody").ok().says("Nothing new in this period");
    desk.run("digest --audience other").exits(66).warns("\"daily\", \"sea\", \"nobody\"");

    // A preview marks nothing, and holds what the next issue holds.
    let before = desk.run("--json stats").ok().record();
    let preview = desk.run("--json digest --audience sea --preview").ok().record();
    assert_eq!(desk.run("--json stats").ok().record(), before);
    assert_eq!(preview["digest"], "sea");
    let stories = preview["groups"][0]["topics"][0]["stories"].as_array().unwrap();
    let title = |it: &Value| it["headline"]["text"].as_str().unwrap().to_owned();
    let lamp = stories.iter().find(|it| LAMP.contains(&title(it).as_str())).expect("a story about the lamp");
    assert_eq!(lamp["sources"], 2);
    assert!(sea.out.contains(&format!("* {}\n", title(lamp))), "{}", sea.out);
    desk.run("digest --audience sea --send").ok().warns("1 message sent through files");
    let issued = desk.run("--json digest show sea-on-demand/").ok().record();
    assert_eq!(preview["groups"], issued["groups"]);
    desk.run("digest list").ok().says("sea-on-demand/");

    let sent = |desk: &Desk| {
        let mut names: Vec<_> = fs::read_dir(desk.state_dir().join("out"))
            .unwrap()
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .filter(|it| it.contains("-test-"))
            .collect();
        names.sort();
        names
    };
    let before = desk.run("--json stats").ok().record();
    desk.run("digest --audience sea --send-test").ok().warns("files: sent");
    assert_eq!(desk.run("--json stats").ok().record(), before);
    let names = sent(&desk);
    assert_eq!(names.len(), 2, "{names:?}");
    let html = fs::read_to_string(desk.state_dir().join("out").join(&names[0])).unwrap();
    assert!(names[0].starts_with("sea-test-") && html.contains("<title>TEST: The sea, "), "{names:?}");
    desk.run("digest --audience nobody --send-test").exits(64).warns("no channels");
    desk.run("digest --send-test a@example.org").exits(64).warns("[mail] host is empty");

    let times = desk.run("--json schedule --next 2").ok().records();
    let digests: Vec<_> = times.iter().filter_map(|it| it["digest"].as_str()).collect();
    assert_eq!(digests, ["daily", "daily", "sea", "sea"]);
    let local = times[2]["local"].as_str().unwrap();
    assert!(local.contains("T08:00:00+0"), "{local}");
    desk.run("schedule").ok().says("Digest \"nobody\"").says("never");
}
