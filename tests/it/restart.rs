//! What a crash leaves behind: nothing lost, nothing told twice without saying so.

use std::{
    collections::BTreeMap,
    env,
    ops::ControlFlow,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::TimeDelta;
use futures_util::future::join_all;
use mail_parser::MessageParser;
use sitrepd::{
    daemon::{
        digests::{self, Making, Run},
        outbox::{self, Sent},
        settle::Settled,
    },
    model::{Article, ArticleId, CanonicalUrl, Change, Fingerprint, Intent, Slot, SourceId, Timestamp},
    store::{Pending, StoreError},
};

use crate::support::{
    daemon::{Daemon, Home},
    hooked::Hooked,
    site::prose,
    smtp::{Act, Moment, SmtpServer},
};
use crate::unsubscribe::Page;

/// A home whose alerts and digests go to a mail server on this port.
fn home(port: u16) -> Home {
    let mut home = Home::new(&[]);
    set_up(&mut home, port);
    home
}

fn set_up(home: &mut Home, port: u16) {
    home.set("DIGEST__SCHEDULE", "0 7 * * *");
    home.set("DIGEST__ZONE", "UTC");
    home.mail_by(port);
    home.set("ALERTS__CHANNELS", "[\"mail\"]");
    home.set("DIGEST__CHANNELS", "[\"mail\"]");
}

/// An article with words of its own, so that it is a story of its own. Those with odd numbers are about Vinnikov.
pub(crate) fn article(n: u32) -> Article {
    let start = ["ba", "de", "fi", "go", "hu", "ky", "la", "me", "ni"];
    let start = format!("{}{}", start[n as usize % 9], start[n as usize / 9 % 9]);
    let own = |line: String| line.split(' ').map(|it| format!("{start}{it}")).collect::<Vec<_>>().join(" ");
    let mut body = prose(n).into_iter().map(own).collect::<Vec<_>>().join("\n");
    if n % 2 == 1 {
        body.push_str("\nVinnikov was there.");
    }
    Article {
        link: CanonicalUrl::parse(&format!("https://paper.example/{n}")),
        language: Some("en".to_owned()),
        ..Article::of_text(ArticleId(u64::from(n)), SourceId::new("paper").unwrap(), &format!("Report {n}"), &body)
    }
}

async fn settle(daemon: &Daemon, n: u32) {
    let settled = daemon.settler.article(article(n), daemon.config.rules.clone()).await.unwrap();
    assert!(matches!(settled, Settled::New(_)), "{settled:?}");
}

/// Has the only article held in a new version, with another title.
async fn edit(daemon: &Daemon) {
    let mut report = daemon.report();
    report.article.version += 1;
    report.article.title = "Another title".to_owned();
    let fingerprint = Fingerprint(Vec::new());
    let intent = Intent { report, fingerprint, regrouping: None, alerts: Vec::new(), outbox: Vec::new() };
    daemon.settler.commit(Change::Article(Box::new(intent))).await.unwrap();
    assert_eq!(daemon.report().article.title, "Another title");
}

async fn send(daemon: &Daemon) -> Sent {
    outbox::round(daemon).await.unwrap()
}

const ONE_SENT: Sent = Sent { sent: 1, retried: 0, parked: 0 };
const NOTHING: Sent = Sent { sent: 0, retried: 0, parked: 0 };

/// The Message-ID of each mail.
fn mail_ids(server: &SmtpServer) -> Vec<String> {
    let id = |raw: &[u8]| MessageParser::default().parse(raw).unwrap().message_id().unwrap().to_owned();
    server.received().iter().map(|it| id(&it.message())).collect()
}

/// What waits in the outbox, whenever it is due.
fn waiting(daemon: &Daemon) -> Vec<Pending> {
    let mut res = Vec::new();
    let visit = &mut |it| {
        res.push(it);
        ControlFlow::Continue(())
    };
    daemon.store.due(Timestamp::MAX_UTC, visit).unwrap();
    res
}

/// Tells a process of this binary that it is to die: the directory of its home, and the port of its mail server.
const HOME: &str = "SITREPD_TEST_HOME";
const PORT: &str = "SITREPD_TEST_PORT";

/// Runs a test of this binary again in a process of its own, which is to end itself.
async fn run_and_die(test: &str, home: &Home, port: u16) {
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture"]).env(HOME, home.dir()).env(PORT, port.to_string());
    let output = tokio::task::spawn_blocking(move || child.output()).await.unwrap().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(6), "it did not abort: {:?} {told}", output.status);
}

/// The home that this process is to die in, if it is to.
fn home_to_die_in() -> Option<Home> {
    let mut home = Home::of_another(Path::new(&env::var_os(HOME)?));
    set_up(&mut home, env::var(PORT).unwrap().parse().unwrap());
    Some(home)
}

/// The alert of article 1 goes out once, and then never again.
async fn check_delivered_once(home: &Home, server: &SmtpServer) {
    let daemon = home.start();
    let waiting = waiting(&daemon);
    assert_eq!((waiting.len(), waiting[0].attempts, daemon.reports().len()), (1, 0, 1));
    assert_eq!(send(&daemon).await, ONE_SENT);
    assert_eq!(send(&daemon).await, NOTHING);
    drop(daemon);
    let daemon = home.start();
    assert_eq!(send(&daemon).await, NOTHING);
    let [mail] = &server.received()[..] else { panic!("{} mails", server.received().len()) };
    assert!(String::from_utf8_lossy(&mail.wire).contains("Vinnikov"));
    // What a Message-ID cannot hold (RFC 5322 §3.2.3) stands in it as its code.
    let id = waiting[0].message.id.0.replace(':', "=3a").replace('@', "=40");
    assert_eq!(mail_ids(server), [format!("{id}@desk.example")]);
}

#[tokio::test]
async fn stopped_between_commit_and_delivery() {
    let server = SmtpServer::start(&[]);
    let home = home(server.address.port());
    let daemon = home.start();
    settle(&daemon, 1).await;
    drop(daemon);
    assert_eq!(server.received().len(), 0);
    check_delivered_once(&home, &server).await;
}

#[tokio::test]
async fn killed_between_commit_and_delivery() {
    if let Some(home) = home_to_die_in() {
        let daemon = home.start();
        settle(&daemon, 1).await;
        // The change is acknowledged; nothing else is written or closed.
        std::process::abort();
    }
    let server = SmtpServer::start(&[]);
    let home = home(server.address.port());
    run_and_die("restart::killed_between_commit_and_delivery", &home, server.address.port()).await;
    assert_eq!(server.received().len(), 0);
    check_delivered_once(&home, &server).await;
}

#[tokio::test]
async fn killed_after_the_server_took_it() {
    if let Some(home) = home_to_die_in() {
        let store = Hooked::new(home.store()).on_commit(|change| match change {
            Change::Delivery(_) => std::process::abort(),
            _ => Ok(()),
        });
        let daemon = home.start_over(Arc::new(store));
        settle(&daemon, 1).await;
        send(&daemon).await;
    }
    let server = SmtpServer::start(&[]);
    let home = home(server.address.port());
    run_and_die("restart::killed_after_the_server_took_it", &home, server.address.port()).await;
    assert_eq!(server.received().len(), 1, "the server has it");

    let daemon = home.start();
    let [pending] = &waiting(&daemon)[..] else { panic!("{:?}", waiting(&daemon)) };
    assert!(pending.sending.is_some() && pending.rendered.is_some(), "perhaps delivered: {pending:?}");
    // Its article is read again meanwhile, under another title.
    edit(&daemon).await;
    assert_eq!(send(&daemon).await, ONE_SENT);
    assert_eq!(send(&daemon).await, NOTHING);
    check_same_mail_twice(&server);
}

/// A receiver can tell a repeat by its Message-ID, and every other byte is the same too.
#[track_caller]
fn check_same_mail_twice(server: &SmtpServer) {
    let [first, second] = &server.received()[..] else { panic!("{} mails", server.received().len()) };
    assert_eq!(String::from_utf8_lossy(&first.wire), String::from_utf8_lossy(&second.wire));
}

/// The server cannot take the alert at first; the article has a new title when it can.
#[tokio::test]
async fn a_retried_alert_is_the_same_mail() {
    let server = SmtpServer::start(&[Act::Reply(Moment::Message, "451 4.7.1 later")]);
    let home = home(server.address.port());
    let daemon = home.start();
    settle(&daemon, 1).await;
    assert_eq!(send(&daemon).await, Sent { retried: 1, ..NOTHING });
    let [pending] = &waiting(&daemon)[..] else { panic!("{:?}", waiting(&daemon)) };
    let first = pending.rendered.clone().unwrap();
    assert_eq!((pending.sending, pending.attempts), (None, 1), "it is known how the attempt ended");
    edit(&daemon).await;
    drop(daemon);
    let daemon = home.start();
    home.clock.advance(TimeDelta::minutes(5));
    assert_eq!(send(&daemon).await, ONE_SENT);
    // Byte for byte what the server refused, Message-ID, date and boundary included.
    let ([refused], [taken]) = (&server.refused()[..], &server.received()[..]) else {
        panic!("{} refused, {} taken", server.refused().len(), server.received().len())
    };
    assert_eq!(String::from_utf8_lossy(&refused.wire), String::from_utf8_lossy(&taken.wire));
    assert_eq!((&refused.from, &refused.to), (&taken.from, &taken.to));
    let mail = MessageParser::default().parse(&taken.message()).unwrap().into_owned();
    assert_eq!(mail.subject(), Some(first.subject.as_str()));
    assert!(mail.subject().unwrap().contains("Report 1"), "the title of the first attempt");
}

#[tokio::test]
async fn a_mail_server_that_is_down() {
    let port = SmtpServer::start(&[]).address.port();
    let mut home = home(port);
    let daemon = home.start();
    settle(&daemon, 1).await;
    settle(&daemon, 3).await;
    // Settled later than the first by no more than the clock can show.
    home.clock.advance(TimeDelta::seconds(1));
    let once = Sent { retried: 1, ..NOTHING };
    assert_eq!(send(&daemon).await, once, "a server that is down is asked once, not once for each message");
    assert_eq!(send(&daemon).await, NOTHING, "it is left alone for a minute");
    let reason = format!("mail server 127.0.0.1:{port} cannot be used");
    let both = waiting(&daemon);
    let tried = both.iter().find(|it| it.attempts == 1).unwrap();
    assert!(tried.last_error.as_ref().unwrap().starts_with(&reason), "{tried:?}");
    assert!((54..=66).contains(&(tried.message.due - home.clock.now()).num_seconds()), "{tried:?}");
    assert!(both.iter().all(|it| !it.parked) && both.iter().any(|it| it.attempts == 0), "{both:?}");
    home.clock.advance(TimeDelta::seconds(70));
    assert_eq!(send(&daemon).await, once, "it is asked again");
    drop(daemon);

    let server = SmtpServer::start(&[]);
    set_up(&mut home, server.address.port());
    let daemon = home.start();
    home.clock.advance(TimeDelta::minutes(5));
    assert_eq!(send(&daemon).await, Sent { sent: 2, ..NOTHING });
    assert_eq!((server.received().len(), waiting(&daemon)), (2, vec![]));
}

#[tokio::test]
async fn a_mark_that_cannot_be_made_repeats_the_mail() {
    let server = SmtpServer::start(&[]);
    let home = home(server.address.port());
    let broken = AtomicBool::new(true);
    let store = Hooked::new(home.store()).on_commit(move |change| match change {
        Change::Delivery(_) if broken.swap(false, Ordering::SeqCst) => {
            Err(StoreError::Stopped { why: "the disk is full".to_owned() })
        }
        _ => Ok(()),
    });
    let daemon = home.start_over(Arc::new(store));
    settle(&daemon, 1).await;
    outbox::round(&daemon).await.unwrap_err();
    assert_eq!(send(&daemon).await, ONE_SENT);
    let ids = mail_ids(&server);
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn slot(text: &str) -> Slot {
    Slot { digest: "daily".to_owned(), at: at(text) }
}

/// The slot that is due at this time, for a daemon that has run since the tests' beginning.
async fn due(home: &Home, daemon: &Daemon, now: &str) -> Option<Slot> {
    home.clock.set(now);
    digests::due(daemon, &daemon.config.digest, Run::since(at("2026-11-22T00:00:00Z"))).await.unwrap()
}

#[tokio::test]
async fn a_slot_is_issued_once() {
    let server = SmtpServer::start(&[]);
    let home = home(server.address.port());
    let daemon = home.start();
    settle(&daemon, 2).await;
    assert_eq!(due(&home, &daemon, "2026-11-22T06:59:59Z").await, None);
    let first = due(&home, &daemon, "2026-11-22T07:00:00Z").await.unwrap();
    assert_eq!(first, slot("2026-11-22T07:00:00Z"));
    let digest = digests::issue(&daemon, first.clone()).await.unwrap();
    assert_eq!(digest.articles, [ArticleId(2)]);
    assert_eq!(due(&home, &daemon, "2026-11-22T07:00:05Z").await, None);
    drop(daemon);

    // Stopped before it was sent: it is sent, and not issued again.
    let daemon = home.start();
    assert_eq!(due(&home, &daemon, "2026-11-22T07:01:00Z").await, None);
    assert_eq!(send(&daemon).await, ONE_SENT);
    assert_eq!(mail_ids(&server), ["digest-daily-20261122T070000Z-mail=3areader=40reader.example@desk.example"]);
    // Even whoever asks for the same slot again gets nothing sent.
    digests::issue(&daemon, first).await.unwrap();
    assert_eq!(send(&daemon).await, NOTHING);
    assert_eq!(due(&home, &daemon, "2026-11-23T07:00:00Z").await, Some(slot("2026-11-23T07:00:00Z")));
}

#[tokio::test]
async fn a_daemon_that_dies_over_its_first_slot_catches_it_up() {
    let server = SmtpServer::start(&[]);
    let home = home(server.address.port());
    let daemon = home.start();
    settle(&daemon, 2).await;
    // It looks once, a minute before, and is gone when the time comes.
    assert_eq!(due(&home, &daemon, "2026-11-22T06:59:00Z").await, None);
    drop(daemon);
    let daemon = home.start();
    home.clock.set("2026-11-22T07:10:00Z");
    let started = Run::since(daemon.now());
    let due = digests::due(&daemon, &daemon.config.digest, started).await.unwrap();
    assert_eq!(due, Some(slot("2026-11-22T07:00:00Z")));
    // A digest that is new has no times before it.
    let other = sitrepd::config::DigestPlan { name: "other".to_owned(), ..daemon.config.digest.clone() };
    assert_eq!(digests::due(&daemon, &other, started).await.unwrap(), None);
}

#[tokio::test]
async fn a_clock_that_was_set_back_has_no_slot_issued_again_and_again() {
    let server = SmtpServer::start(&[]);
    let home = home(server.address.port());
    let daemon = home.start();
    settle(&daemon, 2).await;
    assert_eq!(due(&home, &daemon, "2026-11-22T06:00:00Z").await, None);
    // The clock is a day ahead.
    let ahead = due(&home, &daemon, "2026-11-23T07:00:00Z").await.unwrap();
    digests::issue(&daemon, ahead).await.unwrap();
    let now = due(&home, &daemon, "2026-11-22T08:00:00Z").await.unwrap();
    assert_eq!(now, slot("2026-11-22T07:00:00Z"));
    digests::issue(&daemon, now.clone()).await.unwrap();
    let run = Run { started: at("2026-11-22T00:00:00Z"), issued: Some(now.at) };
    assert_eq!(digests::due(&daemon, &daemon.config.digest, run).await.unwrap(), None);
}

/// Found in a review: what a run had issued while the clock was ahead kept it from issuing anything until that time came again.
#[tokio::test]
async fn a_run_whose_clock_was_ahead_issues_what_is_due_after_it() {
    let server = SmtpServer::start(&[]);
    let home = home(server.address.port());
    let daemon = home.start();
    let mut run = Run::since(at("2026-11-22T00:00:00Z"));
    // As the loop does.
    let mut look = async |now: &str| {
        home.clock.set(now);
        let slot = digests::due(&daemon, &daemon.config.digest, run).await.unwrap()?;
        digests::issue(&daemon, slot.clone()).await.unwrap();
        run.issued = Some(slot.at);
        Some(slot)
    };
    assert_eq!(look("2026-11-22T07:00:01Z").await, Some(slot("2026-11-22T07:00:00Z")));
    assert_eq!(look("2026-12-24T07:00:01Z").await, Some(slot("2026-12-24T07:00:00Z")));
    assert_eq!(look("2026-11-22T07:05:00Z").await, None, "it was issued before the clock was ahead");
    assert_eq!(look("2026-11-23T07:00:01Z").await, Some(slot("2026-11-23T07:00:00Z")));
    assert_eq!(look("2026-11-23T07:00:06Z").await, None);
    assert_eq!(look("2026-11-24T07:00:01Z").await, Some(slot("2026-11-24T07:00:00Z")));
}

/// Found in a review: stamps began anew within a window that was issued, and the next one had nothing of it.
#[tokio::test]
async fn what_comes_after_a_clock_that_was_ahead_is_in_an_issue() {
    let server = SmtpServer::start(&[]);
    let home = home(server.address.port());
    let daemon = home.start();
    settle(&daemon, 2).await;
    home.clock.set("2026-11-23T07:00:00Z");
    digests::issue(&daemon, slot("2026-11-23T07:00:00Z")).await.unwrap();
    home.clock.set("2026-11-22T07:00:00Z");
    // Signs of life.
    for _ in 0..3 {
        daemon.settler.mark().await.unwrap();
    }
    digests::issue(&daemon, slot("2026-11-22T07:00:00Z")).await.unwrap();
    drop(daemon);
    let daemon = home.start();
    settle(&daemon, 4).await;
    home.clock.set("2026-11-24T07:00:00Z");
    let next = digests::issue(&daemon, slot("2026-11-24T07:00:00Z")).await.unwrap();
    assert_eq!(next.articles, [ArticleId(4)]);
}

#[tokio::test]
async fn each_audience_has_its_own_slots_and_windows() {
    let server = SmtpServer::start(&[]);
    let home = home(server.address.port());
    let text = std::fs::read_to_string(home.config_dir().join("sitrepd.toml")).unwrap_or_default();
    home.write("sitrepd.toml", &format!("{text}\n[[audience]]\nname = \"evening\"\nschedule = \"0 19 * * *\"\n"));
    let daemon = home.start();
    let evening = daemon.config.digest_named("evening").unwrap();
    settle(&daemon, 2).await;
    let first = due(&home, &daemon, "2026-11-22T07:00:00Z").await.unwrap();
    assert_eq!(digests::issue(&daemon, first).await.unwrap().articles, [ArticleId(2)]);
    let began = Run::since(at("2026-11-22T00:00:00Z"));
    assert_eq!(digests::due(&daemon, evening, began).await.unwrap(), None);
    settle(&daemon, 3).await;
    home.clock.set("2026-11-22T19:00:01Z");
    let slot = digests::due(&daemon, evening, began).await.unwrap().unwrap();
    assert_eq!(slot, Slot { digest: "evening".to_owned(), at: at("2026-11-22T19:00:00Z") });
    // Its first window begins before what the other digest has told.
    assert_eq!(digests::issue(&daemon, slot).await.unwrap().articles, [ArticleId(2), ArticleId(3)]);
    assert_eq!(digests::due(&daemon, evening, began).await.unwrap(), None);
    let next = due(&home, &daemon, "2026-11-23T07:00:00Z").await.unwrap();
    assert_eq!(digests::issue(&daemon, next).await.unwrap().articles, [ArticleId(3)]);
    send(&daemon).await;
    let ids = mail_ids(&server);
    assert_eq!(
        ids.iter().filter(|it| it.starts_with("digest-evening-20261122T190000Z-evening-mail")).count(),
        1,
        "{ids:?}"
    );
    assert_eq!(ids.iter().filter(|it| it.starts_with("digest-daily-")).count(), 2, "{ids:?}");
}

/// What a mail program or a browser does at the link of a mail.
async fn asks(daemon: &Daemon, method: &str, path: &str) -> String {
    let body = "List-Unsubscribe=One-Click";
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: desk.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let page = Page::of(daemon).await;
    let answer = page.answer(request).await;
    page.close().await;
    answer
}

#[tokio::test]
async fn one_click_ends_the_mails_to_one_recipient() {
    let server = SmtpServer::start(&[]);
    let mut home = home(server.address.port());
    home.write("key", "0123456789abcdef0123");
    home.set("MAIL__TO", "[\"reader@reader.example\", \"other@reader.example\"]");
    home.set("DIGEST__TITLE", "R&D <daily>");
    home.set("MAIL__UNSUBSCRIBE_URL", "https://desk.example/leave");
    home.set("MAIL__UNSUBSCRIBE_KEY_FILE", home.config_dir().join("key").to_str().unwrap());
    home.set("MAIL__UNSUBSCRIBE_TO", "desk@desk.example");
    let daemon = home.start();
    settle(&daemon, 1).await;
    assert_eq!(send(&daemon).await.sent, 2);
    let link = |n: usize| {
        let raw = server.received()[n].message();
        let mail = MessageParser::default().parse(&raw).unwrap();
        let header = |name| mail.header_raw(name).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
        let to = mail.to().unwrap().first().unwrap().address().unwrap().to_owned();
        let ways = header("List-Unsubscribe");
        assert!(ways.ends_with(">, <mailto:desk@desk.example?subject=unsubscribe%20daily>"), "{ways}");
        (to, ways.strip_prefix("<https://desk.example/leave").unwrap().split('>').next().unwrap().to_owned())
    };
    let (mut links, gone) = ([link(0), link(1)], "reader@reader.example");
    links.sort();
    assert_ne!(links[0].1, links[1].1);
    let path = &links.iter().find(|it| it.0 == gone).unwrap().1;

    // Looking changes nothing, and neither does a guess. A web server in front may leave the path of the links as it is.
    for path in [path, &format!("/leave{path}")] {
        let answer = asks(&daemon, "GET", path).await;
        assert!(answer.contains("<form method=\"post\">"), "{path}: {answer}");
        let asked = "Do you want to leave the list “R&amp;D &lt;daily&gt;”? The alerts to your address end too.";
        assert!(answer.contains(asked), "{answer}");
    }
    for path in [format!("/other{path}"), format!("/leave/leave{path}"), "/leave".to_owned(), "/leave/".to_owned()] {
        assert!(asks(&daemon, "GET", &path).await.starts_with("HTTP/1.1 404"), "{path}");
    }
    for guess in ["/", "/0123456789abcdef0123456789abcdef", "/ж", &path[..path.len() - 1], "/../../etc/passwd"] {
        assert!(asks(&daemon, "POST", guess).await.starts_with("HTTP/1.1 404"), "{guess}");
    }
    settle(&daemon, 3).await;
    assert_eq!(send(&daemon).await.sent, 2);
    // A click does, and twice is as once.
    for path in [path, &format!("/leave{path}")] {
        let answer = asks(&daemon, "POST", path).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(", and no more alerts."), "{path}: {answer}");
    }
    let list = std::fs::read_to_string(home.state_dir().join("unsubscribed")).unwrap();
    assert_eq!(list.lines().count(), 1, "{list}");
    assert!(list.starts_with("mail:reader@reader.example\t"), "{list}");
    settle(&daemon, 5).await;
    assert_eq!(send(&daemon).await, Sent { sent: 1, retried: 0, parked: 0 });
    assert!(waiting(&daemon).is_empty());
    let to = |it: &crate::support::smtp::Received| String::from_utf8(it.message()).unwrap();
    assert!(to(server.received().last().unwrap()).contains("To: other@reader.example"));
}

#[tokio::test]
async fn killed_before_a_digest_is_committed() {
    if let Some(home) = home_to_die_in() {
        let store = Hooked::new(home.store()).on_commit(|change| match change {
            Change::Digest(_) => std::process::abort(),
            _ => Ok(()),
        });
        let daemon = home.start_over(Arc::new(store));
        settle(&daemon, 2).await;
        let slot = due(&home, &daemon, "2026-11-22T07:00:00Z").await.unwrap();
        digests::issue(&daemon, slot).await.unwrap();
    }
    let server = SmtpServer::start(&[]);
    let home = home(server.address.port());
    run_and_die("restart::killed_before_a_digest_is_committed", &home, server.address.port()).await;
    let daemon = home.start();
    let slot = due(&home, &daemon, "2026-11-22T07:00:30Z").await.expect("the slot is still to be issued");
    assert_eq!(slot.at, at("2026-11-22T07:00:00Z"));
    assert_eq!(digests::issue(&daemon, slot).await.unwrap().articles, [ArticleId(2)]);
    assert_eq!(due(&home, &daemon, "2026-11-22T07:00:35Z").await, None);
    assert_eq!(send(&daemon).await, ONE_SENT);
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn missed_slots_make_one_digest() {
    let home = home(9);
    let daemon = home.start();
    settle(&daemon, 2).await;
    let first = due(&home, &daemon, "2026-11-22T07:00:00Z").await.unwrap();
    let before = digests::issue(&daemon, first).await.unwrap();
    home.clock.set("2026-11-22T12:00:00Z");
    settle(&daemon, 4).await;
    drop(daemon);

    // Down for three slots.
    home.clock.set("2026-11-25T09:30:00Z");
    let daemon = home.start();
    settle(&daemon, 6).await;
    let slot = due(&home, &daemon, "2026-11-25T09:31:00Z").await.unwrap();
    assert_eq!(slot.at, at("2026-11-25T07:00:00Z"), "the last of them");
    let digest = digests::issue(&daemon, slot).await.unwrap();
    assert_eq!(digest.articles, [ArticleId(4), ArticleId(6)]);
    assert_eq!((digest.window.start, digest.window.end), (before.window.end, at("2026-11-25T09:31:00Z")));
    assert_eq!(due(&home, &daemon, "2026-11-26T06:59:00Z").await, None);
    assert_eq!(due(&home, &daemon, "2026-11-26T07:00:00Z").await.unwrap().at, at("2026-11-26T07:00:00Z"));
}

#[tokio::test]
async fn a_digest_made_again_says_nothing_of_what_came_later() {
    let home = home(9);
    let daemon = home.start();
    settle(&daemon, 2).await;
    let slot = due(&home, &daemon, "2026-11-22T07:00:00Z").await.unwrap();
    let issued = digests::issue(&daemon, slot.clone()).await.unwrap();
    home.clock.set("2026-11-22T12:00:00Z");
    let link = CanonicalUrl::parse("https://paper.example/copied");
    let copy = Article { id: ArticleId(50), link, ..article(2) };
    daemon.settler.article(copy, daemon.config.rules.clone()).await.unwrap();
    let plan = digests::plan(&daemon.config, &slot);
    let making = Making { plan, slot: &slot, window: &issued.window, now: issued.issued_at };
    let (again, _) = digests::chosen(&daemon.config, &*daemon.store, making).unwrap();
    assert_eq!(again, issued);
}

#[tokio::test]
async fn a_slot_long_missed_is_left_to_the_next() {
    let mut home = home(9);
    home.set("DIGEST__SCHEDULE", "0 7 * * 1");
    home.set("DIGEST__CATCH_UP", "2d");
    let daemon = home.start();
    settle(&daemon, 2).await;
    let monday = due(&home, &daemon, "2026-11-23T07:00:00Z").await.unwrap();
    let before = digests::issue(&daemon, monday).await.unwrap();
    home.clock.set("2026-11-24T12:00:00Z");
    settle(&daemon, 4).await;
    // Down until the middle of the week after.
    let due = async |home: &Home, daemon: &Daemon, now: &str| {
        home.clock.set(now);
        digests::due(daemon, &daemon.config.digest, Run::since(at(now))).await.unwrap()
    };
    assert_eq!(due(&home, &daemon, "2026-12-02T07:00:01Z").await, None);
    let slot = due(&home, &daemon, "2026-12-02T07:00:00Z").await.unwrap();
    assert_eq!(slot.at, at("2026-11-30T07:00:00Z"), "two days late is not too late");
    assert_eq!(due(&home, &daemon, "2026-12-07T06:59:59Z").await, None);
    let slot = due(&home, &daemon, "2026-12-07T07:00:00Z").await.unwrap();
    let digest = digests::issue(&daemon, slot).await.unwrap();
    assert_eq!(digest.window.start, before.window.end);
    assert_eq!(digest.articles, [ArticleId(4)]);
}

/// Articles that come in while digests are issued are each in one digest, whatever the clock does meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_article_falls_between_two_digests() {
    const ARTICLES: u32 = 120;
    const WRITERS: u32 = 6;
    const DIGESTS: u32 = 12;
    let home = home(9);
    let daemon = home.start();
    let settling = join_all((0..WRITERS).map(|first| {
        let (settler, rules) = (daemon.settler.clone(), daemon.config.rules.clone());
        tokio::spawn(async move {
            for n in (first..ARTICLES).step_by(WRITERS as usize) {
                settler.article(article(2 * n), rules.clone()).await.unwrap();
            }
        })
    }));
    let issuing = async {
        let mut res = Vec::new();
        for n in 0..DIGESTS {
            // Back and forth by an hour.
            home.clock.advance(TimeDelta::hours(if n % 2 == 0 { -1 } else { 1 }));
            let slot =
                Slot { at: at("2026-11-22T07:00:00Z") + TimeDelta::days(n.into()), ..slot("2026-11-22T07:00:00Z") };
            res.push(digests::issue(&daemon, slot).await.unwrap());
        }
        res
    };
    let (settled, mut digests) = tokio::join!(settling, issuing);
    assert!(settled.iter().all(Result::is_ok), "{settled:?}");
    let last = Slot { at: at("2027-01-01T07:00:00Z"), ..slot("2026-11-22T07:00:00Z") };
    digests.push(digests::issue(&daemon, last).await.unwrap());

    let mut times = BTreeMap::new();
    for id in digests.iter().flat_map(|it| &it.articles) {
        *times.entry(*id).or_insert(0) += 1;
    }
    assert_eq!(times.len(), ARTICLES as usize);
    assert!(times.values().all(|it| *it == 1), "{times:?}");
    for pair in digests.windows(2) {
        assert_eq!(pair[0].window.end, pair[1].window.start);
    }
}
