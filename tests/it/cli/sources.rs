//! `sitrepd source …`: the file a user edits is changed, not rewritten.

use std::fs;

use super::desk::{Desk, site};

const OWN: &str = "# my list\n\n[[source]]\nid = \"own\" # mine\nname = \"Own\"\nurl = \"https://own.example/rss\"\nkind = \"syndication\"\n";

fn file(desk: &Desk) -> String {
    fs::read_to_string(desk.config_dir().join("sources.toml")).unwrap()
}

#[test]
fn add_and_remove() {
    let desk = Desk::new(OWN);
    desk.run("source add https://new.example/feed --name Newsroom")
        .ok()
        .says("added newsroom to ")
        .says("source check newsroom");
    assert!(file(&desk).starts_with(OWN));
    desk.run("source list").ok().says("own").says("Newsroom");
    desk.run("source add https://new.example/feed").exits(64).warns("is source newsroom already");
    desk.run("source add https://more.example/feed --id newsroom")
        .exits(64)
        .warns("there is a source newsroom already");
    desk.run("source add ftp://more.example/feed").exits(64).warns("http://");
    desk.run("source add https://more.example/feed --id A_B").exits(64).warns("A_B");
    desk.run("source remove newsrom").exits(66).warns("did you mean \"newsroom\"?");
    desk.run("source remove newsroom").ok().says("removed newsroom");
    assert_eq!(file(&desk).trim_end(), OWN.trim_end());
    let added = desk.run("--json source add https://x.example/feed").ok().record();
    assert_eq!(added["added"], "x-example");
}

#[test]
fn before_init_the_shipped_list_is_taken_over() {
    let desk = Desk::new("");
    fs::remove_file(desk.config_dir().join("sources.toml")).unwrap();
    desk.run("source add https://new.example/feed --id new").ok();
    let text = file(&desk);
    assert!(text.starts_with(include_str!("../../../config/sources.toml").trim_end()) && text.contains("\"new\""));
}

#[test]
fn a_file_that_a_block_would_break_is_left_alone() {
    let inline = "source = [{ id = \"a\", name = \"A\", url = \"https://a.example/\", kind = \"syndication\" }]\n";
    let desk = Desk::new(inline);
    desk.run("source add https://new.example/feed").exits(78).warns("sources.toml line");
    assert_eq!(file(&desk), inline);
}

#[test]
fn opml_goes_round() {
    let desk = Desk::new(OWN);
    let opml = desk.dir.path().join("list.opml");
    fs::write(
        &opml,
        "<opml version=\"2.0\"><body><outline text=\"One\" xmlUrl=\"https://one.example/rss\"/>\
         <outline text=\"Own\" xmlUrl=\"https://own.example/rss\"/><outline text=\"Bad\" xmlUrl=\"javascript:x\"/></body></opml>",
    )
    .unwrap();
    let import = format!("source import {}", opml.display());
    desk.run(&import).ok().says("added one").warns("1 feed added, 1 there already, 1 left out");
    desk.run(&import).ok().warns("0 feeds added, 2 there already");
    let out = desk.dir.path().join("out.opml");
    desk.run(&format!("source export {}", out.display())).ok().warns("2 sources");
    assert_eq!(fs::read_to_string(&out).unwrap(), desk.run("source export").ok().out);

    let other = Desk::new("");
    other.run(&format!("source import {}", out.display())).ok();
    assert_eq!(other.run("source export").ok().out, desk.run("source export").ok().out);

    fs::write(&opml, "<html><body>no</body></html>").unwrap();
    desk.run(&import).exits(65).warns("is it an OPML file?");
    desk.run("source import nowhere.opml").exits(66).warns("nowhere.opml");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tries_sources_and_keeps_nothing() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("source check gazette").ok().says("gazette").says("3");
    let record = desk.run("--json source check gazette").ok().record();
    assert_eq!((record["entries"].as_u64(), record["newest"].as_str()), (Some(3), Some("2026-01-03T08:00:00Z")));
    desk.run("source check gazete").exits(66).warns("did you mean \"gazette\"?");
    assert!(!desk.state_dir().exists());
}
