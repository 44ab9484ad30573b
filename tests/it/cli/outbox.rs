//! Messages that wait or were given up, by command.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, ChildStderr, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    damage::damage,
    desk::{Desk, json_feed, site},
};
use crate::support::http::{Request, Server};

/// A desk whose alerts go to a program that refuses everything until there is a file `open`, and then keeps what it gets.
fn desk_behind_a_door(site: &Server) -> Desk {
    let desk = Desk::reading(site);
    let dir = desk.dir.path();
    let script = format!("test -e {0}/open || {{ echo nobody >&2; exit 65; }}; cat >>{0}/got", dir.display());
    let settings = fs::read_to_string(desk.config_dir().join("sitrepd.toml")).unwrap();
    let door = format!(
        "{settings}[alerts]\nchannels = [\"door\"]\n[digest]\nschedule = \"\"\nchannels = [\"door\"]\n\
         [[channel]]\nname = \"door\"\nkind = \"command\"\ncommand = [\"/bin/sh\", \"-c\", {script:?}]\n"
    );
    desk.write("sitrepd.toml", &door);
    desk
}

fn listed(desk: &Desk) -> Vec<Value> {
    desk.run("--json outbox list").ok().records()
}

fn id(it: &Value) -> &str {
    it["id"].as_str().unwrap()
}

/// A daemon that ends with the test, and its log.
struct Running {
    child: Child,
    // A daemon that cannot write its log ends.
    _log: BufReader<ChildStderr>,
}

impl Running {
    /// Returns when it holds the archive.
    fn start(desk: &Desk) -> Self {
        let mut child = desk.command("run").stdout(Stdio::null()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("started") {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the daemon has ended");
        }
        Self { child, _log: log }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < end, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_is_sent_again_under_the_same_id_or_dropped() {
    let site = site().await;
    let desk = desk_behind_a_door(&site);
    desk.run("outbox list").ok().says("no message waits");
    desk.run("poll").warns("outbox list");
    let parked = listed(&desk);
    assert_eq!(parked.len(), 2, "{parked:?}");
    assert_eq!((&parked[0]["state"], &parked[0]["attempts"]), (&"parked".into(), &1.into()));
    assert!(parked[0]["reason"].as_str().unwrap().contains("nobody"), "{parked:?}");
    desk.run("digest --send").exits(69).warns("outbox list");
    assert_eq!(listed(&desk).len(), 3);
    desk.run("outbox list")
        .ok()
        .says("digest “Situation report")
        .says("”, through door")
        .says("alert Keeper, through door");
    desk.run("outbox list --parked").ok().says("given up after 1 attempt").says("alert Keeper").says("nobody");

    desk.run("outbox drop nothing-of-that-name").exits(66);
    desk.run("outbox resend").exits(64).warns("--parked").warns("--channel");
    let all = listed(&desk);
    let digest = all.iter().map(id).find(|it| it.starts_with("digest-")).unwrap();
    desk.run(&format!("outbox drop {}", &digest[..12])).ok().warns("will not be sent");
    assert_eq!(listed(&desk).iter().map(id).collect::<Vec<_>>(), [id(&parked[0]), id(&parked[1])]);

    // Beside a running daemon: it is told, and sends under the same id.
    let daemon = Running::start(&desk);
    fs::write(desk.dir.path().join("open"), "").unwrap();
    desk.run("outbox resend --parked").ok().warns("same id");
    until("the message is sent", || listed(&desk).is_empty());
    drop(daemon);
    // What was dropped does not come back.
    desk.run("poll").ok();
    assert_eq!(listed(&desk), [] as [Value; 0]);
    let got = fs::read_to_string(desk.dir.path().join("got")).unwrap();
    assert!(parked.iter().all(|it| got.matches(id(it)).count() == 1), "{got}");
    assert!(!got.contains(digest), "{got}");
    desk.run("verify").ok();
}

/// Found in a review: each `resend` of a message that waited brought it nearer to being given up, and wrote over what the
/// receiver had said.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_can_be_sent_again_at_once_any_number_of_times() {
    let site = site().await;
    let desk = desk_behind_a_door(&site);
    // The receiver is busy for now: EX_TEMPFAIL.
    let settings = fs::read_to_string(desk.config_dir().join("sitrepd.toml")).unwrap().replace("exit 65", "exit 75");
    desk.write("sitrepd.toml", &settings);
    desk.run("poll").warns("outbox list");
    let before = listed(&desk);
    let tried = before.iter().find(|it| it["attempts"] == 1).unwrap();
    assert_eq!(tried["state"], "waiting");
    for _ in 0..25 {
        desk.run("outbox resend --channel door").ok();
    }
    let after = listed(&desk);
    let tried = after.iter().find(|it| it["id"] == tried["id"]).unwrap();
    assert_eq!((&tried["state"], &tried["attempts"]), (&"waiting".into(), &1.into()));
    let reason = tried["reason"].as_str().unwrap();
    assert!(reason.contains("nobody") && reason.matches("sent again by hand").count() == 1, "{reason}");
}

/// Found in a review: what was for a channel that was removed waited for ever, without a reason in JSON, and each message
/// had to be dropped by its id.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_a_channel_that_was_removed_is_told_and_dropped_at_once() {
    let site = site().await;
    let desk = desk_behind_a_door(&site);
    desk.run("poll");
    assert_eq!(listed(&desk).len(), 2);
    let settings = fs::read_to_string(desk.config_dir().join("sitrepd.toml")).unwrap();
    let (without_door, _) = settings.split_once("[alerts]").unwrap();
    desk.write("sitrepd.toml", &format!("{without_door}[digest]\nschedule = \"\"\n"));
    // What was given up has the reason for which it was.
    let parked = listed(&desk);
    assert!(parked.iter().all(|it| it["configured"] == false && it["reason"].as_str().unwrap().contains("nobody")));
    let warnings = |expected: usize| {
        let checked = desk.run("--json check").ok().record();
        let warnings = checked["warnings"].as_array().unwrap().clone();
        assert_eq!(warnings.iter().filter(|it| it.as_str().unwrap().contains("--channel \"door\"")).count(), expected);
    };
    warnings(0);
    desk.run("check").ok().says("2 messages were given up");
    desk.run("outbox resend --channel door").ok().warns("2 messages for door wait to be sent again");
    let waiting = listed(&desk);
    let reason = waiting[0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("the channel \"door\" is not configured any more; before that: sent again"), "{reason}");
    desk.run("outbox list").ok().says("the channel \"door\" is not configured any more: it waits").warns("--channel");
    warnings(1);
    desk.run("check").ok().says("2 messages wait for it");

    desk.run("outbox drop --channel dor").exits(66).warns("no message waits for channel \"dor\"");
    desk.run("outbox drop --channel door --parked").exits(66).warns("no message for channel \"door\" was given up");
    desk.run(&format!("outbox drop --channel door {}", id(&waiting[0]))).exits(64);
    let daemon = Running::start(&desk);
    warnings(1);
    desk.run("outbox drop --channel door").ok().warns("2 messages for door are dropped and will not be sent");
    assert_eq!(listed(&desk), [] as [Value; 0]);
    drop(daemon);
    warnings(0);
}

/// Found in a review: a message whose record is damaged was counted for ever, listed nowhere, and could not be dropped.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_record_is_damaged_is_listed_and_can_be_dropped() {
    let site = site().await;
    let desk = desk_behind_a_door(&site);
    desk.run("poll");
    assert_eq!(listed(&desk).len(), 2);
    let alerts = desk.run("--json alerts --since 36500d").ok().records();
    let article = alerts[0]["article"].as_str().unwrap();
    let shown = desk.run(&format!("--json show {article}")).ok().record();
    damage(&desk.state_dir(), shown["citation"]["record"].as_u64().unwrap());

    desk.run("outbox list").exits(65).says("damaged").says("is lost").warns("outbox drop ID");
    let listed = desk.run("--json outbox list").exits(65).records();
    let [whole, damaged] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!(
        (&whole["state"], &damaged["state"], &damaged["channel"]),
        (&"parked".into(), &"damaged".into(), &Value::Null)
    );
    desk.run(&format!("outbox resend {}", id(damaged))).exits(65).warns("can only be dropped");
    desk.run(&format!("outbox drop {}", &id(damaged)[..12])).ok().warns("will not be sent");
    let left = desk.run("--json outbox list").ok().records();
    assert_eq!(left.iter().map(id).collect::<Vec<_>>(), [id(whole)]);
    desk.run("stats").says("0 messages waiting, 1 given up");
}

/// Found in a review: where the message in which a watch collects its alerts was damaged, the next alert of the watch ended the daemon, at each start.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_message_that_collects_alerts_stops_no_other_alert() {
    let n_polls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&n_polls);
    let site = Server::start(move |_: &Request| {
        let texts = [
            "Keeper Anna Petrosyan met fishermen in the harbour.",
            "In Poti a court heard Petrosyan on a lease.",
            "Storms kept Petrosyan from the island for a week.",
        ];
        let entry = |(n, text): (usize, &&str)| json!({ "id": n.to_string(), "title": format!("News {n}"), "content_text": text });
        let entries: Vec<_> = texts.iter().enumerate().take(counted.load(Ordering::SeqCst)).map(entry).collect();
        json_feed(&entries)
    })
    .await;
    let desk = Desk::of_feed(&site);
    desk.write("watches.toml", "[[watch]]\nname = \"Keeper\"\nquery = \"Petrosyan\"\n");
    // It is night for some hours yet, whenever the test runs: all alerts wait in one message.
    let hour = |from_now| (Utc::now() + TimeDelta::hours(from_now)).format("%H:%M").to_string();
    let settings = fs::read_to_string(desk.config_dir().join("sitrepd.toml")).unwrap();
    let quiet = format!("{}-{}", hour(-3), hour(3));
    desk.write("sitrepd.toml", &format!("{settings}[alerts]\nquiet = \"{quiet}\"\n[digest]\nzone = \"UTC\"\n"));
    let poll = || {
        n_polls.fetch_add(1, Ordering::SeqCst);
        desk.run("poll")
    };
    let n_alerts = || desk.run("--json alerts --since 36500d").records().len();
    poll().ok();
    poll().ok();
    assert_eq!(n_alerts(), 2);
    assert_eq!(listed(&desk).len(), 1, "both wait in one message: {:?}", listed(&desk));
    // The message stands in the record of the first.
    let search = desk.run("--json search fishermen").ok().records();
    let shown = desk.run(&format!("--json show {}", search[0]["id"].as_str().unwrap())).ok().record();
    damage(&desk.state_dir(), shown["citation"]["record"].as_u64().unwrap());

    poll().ok();
    let found = desk.run("--json search island").records();
    let alerts = desk.run("--json alerts --since 36500d").records();
    assert!(alerts.iter().any(|it| it["article"] == found[0]["id"]), "{alerts:?}");
    // It does not wait in the message that nobody can read.
    let waiting = desk.run("--json outbox list").records();
    assert_eq!(waiting.iter().filter(|it| it["state"] != "damaged").count(), 1, "{waiting:?}");
}
