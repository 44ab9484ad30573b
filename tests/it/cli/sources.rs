//! `sitrepd source …`: the file a user edits is changed, not rewritten.

use std::fs;

use super::desk::{Desk, page, site};
use crate::support::site::{Item, Site};

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
    let listing = "[[source]]\nid = \"channel\"\nname = \"A channel\"\nurl = \"https://t.me/s/channel\"\nkind = \"telegram\"\n\
                   user_agent = \"{agent} reader\"\n";
    let desk = Desk::new(&format!("{OWN}{listing}"));
    let opml = desk.dir.path().join("list.opml");
    fs::write(
        &opml,
        "<opml version=\"2.0\"><body><outline text=\"One\" xmlUrl=\"https://one.example/rss\"/>\
         <outline text=\"Own\" xmlUrl=\"https://own.example/rss\"/><outline text=\"Bad\" xmlUrl=\"javascript:x\"/></body></opml>",
    )
    .unwrap();
    let import = format!("source import {}", opml.display());
    desk.run(&import).ok().says("added one").warns("1 source added, 1 there already, 1 left out");
    desk.run(&import).ok().warns("0 sources added, 2 there already");
    let out = desk.dir.path().join("out.opml");
    desk.run(&format!("source export {}", out.display())).ok().warns("3 sources");
    assert_eq!(fs::read_to_string(&out).unwrap(), desk.run("source export").ok().out);

    let other = Desk::new("");
    other.run(&format!("source import {}", out.display())).ok();
    assert_eq!(other.run("source export").ok().out, desk.run("source export").ok().out);
    assert!(file(&other).contains(listing), "{}", file(&other));

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

#[tokio::test(flavor = "multi_thread")]
async fn sources_that_are_off_are_tried_and_switched_on() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("source disable mirror gazette").ok().says("disabled gazette, mirror");
    desk.run("source list").ok().says("off");
    desk.run("source check").exits(66).warns("no source is enabled");
    desk.run("source check --all").ok().says("sitrepd source enable gazette");
    desk.run("source enable gazette").ok().says("enabled gazette");
    desk.run("source check").ok().says("gazette");
    desk.run("source enable nobody").exits(66).warns("there is no source");
}

#[tokio::test(flavor = "multi_thread")]
async fn discover_finds_a_way_and_writes_the_block() {
    let site = Site::start().await;
    let titles = [
        "The river rises above the lower bridge",
        "Կամրջի վերանորոգումը կսկսվի գարնանը",
        "ხიდის რემონტი გაზაფხულზე დაიწყება",
    ];
    let mut cards = Vec::new();
    let others = ["Мост через реку закрыт для грузовиков", "Çayın üzərindəki körpü bağlanıb"];
    for (n, it) in titles.into_iter().chain(others).enumerate() {
        let date = format!("<time datetime=\"2026-11-2{n}\">x</time>");
        cards.push(format!("<div class=\"story\"><h3><a href=\"/story/{n}\">{it}</a></h3>{date}</div>"));
    }
    let cards = cards.concat();
    site.page(
        "/en/",
        format!("<!doctype html><html><head><title>River Post</title></head><body>{cards}</body></html>"),
    );
    let desk = Desk::allowing("", &site.server);
    let found = desk.run(&format!("source discover {}", site.url("/en/"))).ok();
    let found = found.says("found: listing, 5 entries").says("item = \"div.story\"").says(titles[0]).says("[[source]]");
    assert!(!found.out.contains('\u{1b}'), "{}", found.out);
    // The block is one that can be used.
    desk.run(&format!("source discover {} --add", site.url("/en/"))).ok().warns("added 127-0-0-1");
    desk.run("source check").ok().says("listing");
    desk.run(&format!("source discover {}", site.url("/none"))).exits(69).warns("no way to read");
    // A feed that the page names is better.
    site.feed("/feed.xml", &[Item::new("One", &site.url("/story/1"), "In brief.")]);
    let head = "<link rel=alternate type=\"application/rss+xml\" href=\"/feed.xml\">";
    site.page("/en/", format!("<!doctype html><html><head>{head}</head><body>{cards}</body></html>"));
    let records = desk.run(&format!("--json source discover {}", site.url("/en/"))).ok().records();
    assert_eq!((records[0]["kind"].as_str(), records[1]["kind"].as_str()), (Some("syndication"), Some("listing")));
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_what_a_scraper_reads() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let version = format!("sitrepd_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"));
    let text = desk.run("metrics").ok().says("sitrepd_source_up{source=\"gazette\"} 1").says(&version).out;
    for line in text.lines().filter(|it| !it.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("sitrepd_") && value.parse::<f64>().is_ok(), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_that_bring_no_news_fail_the_list_where_that_is_asked() {
    let site = Site::start().await;
    site.feed("/feed", &[Item::new("One", &site.url("/one"), "In brief.")]);
    site.page("/one", page("One", "In full."));
    let block = |id: &str, path: &str| {
        let url = site.url(path);
        format!("[[source]]\nid = \"{id}\"\nname = \"{id}\"\nurl = \"{url}\"\nkind = \"syndication\"\n\n")
    };
    let desk = Desk::allowing(&block("post", "/feed"), &site.server);
    let list = "source list --fail-on-stale";
    desk.run(list).exits(69).says("post").warns("1 source is not up to date: post (never polled)");
    desk.run("poll").ok();
    desk.run(list).ok().says("post");
    desk.write("sources.toml", &[block("post", "/feed"), block("lost", "/lost")].concat());
    desk.run("poll").ok();
    desk.run("source list").ok();
    desk.run(&format!("--json {list}")).exits(69).says("post").warns("1 source is not up to date: lost (not-found)");
    desk.run("source disable lost").ok();
    desk.run(list).ok();
}
