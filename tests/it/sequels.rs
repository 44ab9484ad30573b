//! What becomes of an article after an alert for it: who was told of the alert is told, and nobody else, and never before the alert.

use std::{
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::TimeDelta;
use mail_parser::MessageParser;
use sitrepd::{
    daemon::{
        outbox::{self, Sent},
        settle::{Again, Settled, Settler},
    },
    decide::{Rules, evidence::Seen},
    model::{Article, ArticleId, FetchRecord, Method, Page},
};

use crate::{
    restart::article,
    support::{
        daemon::{Daemon, Home},
        hooked::Hooked,
        smtp::{Act, Moment, SmtpServer},
    },
};

const NIGHT: &str = "2026-11-22T23:00:00Z";
const MORNING: &str = "2026-11-23T07:00:00Z";

/// A home whose messages wait from ten to seven.
fn quiet_at_night() -> Home {
    let mut home = Home::new(&[]);
    home.set("DIGEST__ZONE", "UTC");
    home.set("ALERTS__QUIET", "22:00-07:00");
    home
}

/// One whose page was read.
fn of_page(n: u32) -> Article {
    let article = article(n);
    let url = article.link.as_ref().unwrap().as_str().to_owned();
    let page = FetchRecord { status: 200, url, bytes: 9, at: article.first_seen };
    Article { page: Page::Fetched(page), method: Method::Readability, ..article }
}

/// How many alerts and how many messages it brings.
async fn settle(daemon: &Daemon, article: Article) -> (usize, usize) {
    match daemon.settler.article(article, daemon.config.rules.clone()).await.unwrap() {
        Settled::New(it) => (it.alerts.len(), it.outbox.len()),
        settled => panic!("{settled:?}"),
    }
}

fn again(n: u32, seen: Seen) -> Again {
    Again { article: ArticleId(u64::from(n)), seen, trail: None }
}

async fn seen(settler: &Settler, rules: &Arc<Rules>, n: u32, seen: Seen) -> usize {
    let rereading = settler.reread(again(n, seen), None, Arc::clone(rules)).await.unwrap().unwrap();
    rereading.intent.map_or(0, |it| it.outbox.len())
}

/// Has it withdrawn, an hour later, and says how many messages that brings.
async fn withdraw(home: &Home, daemon: &Daemon, n: u32) -> usize {
    let gone = || Seen::Gone("status 410".to_owned());
    assert_eq!(seen(&daemon.settler, &daemon.config.rules, n, gone()).await, 0);
    home.clock.advance(TimeDelta::hours(1));
    seen(&daemon.settler, &daemon.config.rules, n, gone()).await
}

/// Has it say nothing any more of whom the watch waits for.
async fn change(daemon: &Daemon, n: u32) -> usize {
    let mut other = of_page(n);
    other.body = other.body.replace("Vinnikov was there.", "Nobody was there.");
    seen(&daemon.settler, &daemon.config.rules, n, Seen::Read(Box::new(other))).await
}

async fn sent(daemon: &Daemon) -> usize {
    let Sent { sent, retried, parked } = outbox::round(daemon).await.unwrap();
    assert_eq!((retried, parked), (0, 0));
    sent
}

/// The texts of the alerts that were written to files.
fn told(home: &Home) -> Vec<String> {
    let files = fs::read_dir(home.state_dir().join("out")).into_iter().flatten().map(|it| it.unwrap().path());
    let mut texts: Vec<_> = files.filter(|it| it.extension().is_some_and(|it| it == "txt")).collect();
    texts.sort();
    texts.iter().map(|it| fs::read_to_string(it).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// Found in a review: who was to hear of an alert in the morning was told in the night that its report was withdrawn, and in the morning of
/// the report as if it stood.
#[tokio::test]
async fn an_alert_that_waits_is_told_once_with_what_became_of_its_report() {
    let home = quiet_at_night();
    let daemon = home.start();
    home.clock.set(NIGHT);
    for n in [1, 3, 5] {
        assert_eq!(settle(&daemon, of_page(n)).await, (1, 1));
    }
    assert_eq!((withdraw(&home, &daemon, 1).await, change(&daemon, 3).await), (0, 0));
    assert_eq!(sent(&daemon).await, 0);
    drop(daemon);
    let daemon = home.start();
    home.clock.set(MORNING);
    assert_eq!(sent(&daemon).await, 1);
    let texts = told(&home);
    let [text] = texts.as_slice() else { panic!("{texts:?}") };
    let entry = |n: u32| text.split("! [").find(|it| it.contains(&format!("Report {n} "))).unwrap().to_owned();
    assert!(entry(1).contains("withdrawn since"), "{text}");
    assert!(entry(3).contains("changed since"), "{text}");
    assert!(!entry(5).contains("since"), "{text}");
    // From then on they are told who were told before.
    home.clock.advance(TimeDelta::hours(1));
    assert_eq!((withdraw(&home, &daemon, 5).await, sent(&daemon).await), (1, 1));
    assert_eq!(told(&home).len(), 2);
}

/// The subject is all that some people read.
#[tokio::test]
async fn the_subject_of_an_alert_that_waited_says_what_became_of_its_report() {
    let server = SmtpServer::start(&[]);
    let mut home = quiet_at_night();
    to_mail(&mut home, &server, "[\"mail\"]");
    let daemon = home.start();
    home.clock.set(NIGHT);
    settle(&daemon, of_page(1)).await;
    withdraw(&home, &daemon, 1).await;
    home.clock.set(MORNING);
    assert_eq!(sent(&daemon).await, 1);
    let raw = server.received()[0].message();
    let mail = MessageParser::default().parse(&raw).unwrap();
    assert_eq!(mail.subject(), Some("Alert Vinnikov: Report 1 (paper, withdrawn since)"));
}

#[tokio::test]
async fn in_a_cool_down_what_was_told_has_a_sequel_and_what_waits_has_a_mark() {
    let home = Home::new(&[]);
    home.write("watches.toml", "[[watch]]\nname = \"Vinnikov\"\nterms = [\"Vinnikov\"]\ncooldown = \"6h\"\n");
    let daemon = home.start();
    settle(&daemon, of_page(1)).await;
    assert_eq!(sent(&daemon).await, 1);
    home.clock.advance(TimeDelta::hours(1));
    settle(&daemon, of_page(3)).await;
    assert_eq!((withdraw(&home, &daemon, 3).await, withdraw(&home, &daemon, 1).await), (0, 1));
    assert_eq!((sent(&daemon).await, told(&home).len()), (1, 2));
    home.clock.advance(TimeDelta::hours(6));
    assert_eq!(sent(&daemon).await, 1);
    let texts = told(&home);
    let marked = texts.iter().find(|it| it.contains("Report 3 ")).unwrap();
    assert!(texts.len() == 3 && marked.contains("withdrawn since"), "{texts:?}");
}

fn to_mail(home: &mut Home, server: &SmtpServer, channels: &str) {
    home.mail_by(server.address.port());
    home.set("ALERTS__CHANNELS", channels);
}

/// A channel that came later has not told of the alert; one whose attempt failed may have.
#[tokio::test]
async fn a_sequel_goes_by_the_channels_that_told_of_the_alert() {
    let server = SmtpServer::start(&[Act::Reply(Moment::Data, "451 4.3.0 try later")]);
    let mut home = Home::new(&[]);
    home.set("ALERTS__CHANNELS", "[\"files\"]");
    let daemon = home.start();
    settle(&daemon, of_page(1)).await;
    assert_eq!(sent(&daemon).await, 1);
    drop(daemon);
    to_mail(&mut home, &server, "[\"files\", \"mail\"]");
    let daemon = home.start();
    assert_eq!((withdraw(&home, &daemon, 1).await, sent(&daemon).await), (1, 1));
    assert_eq!((told(&home).len(), server.received().len()), (2, 0));

    settle(&daemon, of_page(3)).await;
    assert_eq!(outbox::round(&daemon).await.unwrap(), Sent { sent: 1, retried: 1, parked: 0 });
    assert_eq!(change(&daemon, 3).await, 2);
    home.clock.advance(TimeDelta::hours(1));
    assert_eq!(sent(&daemon).await, 3);
    let subjects: Vec<_> = server
        .received()
        .iter()
        .filter_map(|it| Some(MessageParser::default().parse(&it.message())?.subject()?.to_owned()))
        .collect();
    let [.., alert, sequel] = subjects.as_slice() else { panic!("{subjects:?}") };
    assert!(alert.starts_with("Alert ") && sequel.starts_with("Changed "), "{subjects:?}");
}

/// An alert for what a new version says quotes that version: nothing has become of it since.
#[tokio::test]
async fn an_alert_of_a_new_version_has_no_mark() {
    let home = quiet_at_night();
    let daemon = home.start();
    home.clock.set(NIGHT);
    let plain = Article { body: of_page(1).body.replace("Vinnikov was there.", "Nobody was there."), ..of_page(1) };
    assert_eq!(settle(&daemon, plain).await, (0, 0));
    let read = seen(&daemon.settler, &daemon.config.rules, 1, Seen::Read(Box::new(of_page(1)))).await;
    assert_eq!((read, daemon.alerts().len()), (1, 1));
    home.clock.set(MORNING);
    assert_eq!(sent(&daemon).await, 1);
    let text = told(&home).concat();
    assert!(text.contains("Vinnikov") && !text.contains("since"), "{text}");
}

/// A message counts as one that will tell until it is rendered: what is noticed between that and the attempt is rendered again.
#[tokio::test]
async fn what_is_noticed_while_an_alert_goes_out_is_told_in_it() {
    let home = quiet_at_night();
    let way = Arc::new(Mutex::new(None::<(Settler, Arc<Rules>)>));
    let is_noticed = Arc::new(AtomicBool::new(false));
    let (runtime, taken, flag) = (tokio::runtime::Handle::current(), Arc::clone(&way), Arc::clone(&is_noticed));
    let store = Hooked::new(home.store()).after_events(move || {
        if let Some((settler, rules)) = taken.lock().unwrap().take() {
            flag.store(true, Ordering::SeqCst);
            let gone = Seen::Gone("status 410".to_owned());
            assert_eq!(runtime.block_on(seen(&settler, &rules, 1, gone)), 0);
        }
    });
    let daemon = home.start_over(Arc::new(store));
    home.clock.set(NIGHT);
    settle(&daemon, of_page(1)).await;
    seen(&daemon.settler, &daemon.config.rules, 1, Seen::Gone("status 410".to_owned())).await;
    home.clock.set(MORNING);
    *way.lock().unwrap() = Some((daemon.settler.clone(), Arc::clone(&daemon.config.rules)));
    assert_eq!(sent(&daemon).await, 1);
    assert!(is_noticed.load(Ordering::SeqCst));
    let text = told(&home).concat();
    assert!(text.contains("withdrawn since"), "{text}");
}

/// Found in a review: of more alerts than a message shows, the oldest were cut, those of withdrawn reports too.
#[tokio::test]
async fn of_many_alerts_that_wait_those_of_withdrawn_reports_are_shown() {
    let home = quiet_at_night();
    let daemon = home.start();
    home.clock.set(NIGHT);
    for n in 0..52 {
        settle(&daemon, of_page(2 * n + 101)).await;
    }
    assert_eq!(withdraw(&home, &daemon, 101).await, 0);
    home.clock.set(MORNING);
    assert_eq!(sent(&daemon).await, 1);
    let text = told(&home).concat();
    assert!(text.contains("Report 101 ") && text.contains("withdrawn since"), "{text}");
    assert!(!text.contains("Report 103 ") && text.contains("sitrepd alerts lists all"), "{text}");
}

/// What a watch was told at once in another's message does not wait: the other names that message.
#[tokio::test]
async fn what_was_told_at_once_beside_another_watch_is_not_told_again_with_what_waited() {
    let home = quiet_at_night();
    let watches = |severity: &str| {
        let watch = |name: &str, term: &str, severity: &str| {
            format!("[[watch]]\nname = \"{name}\"\nterms = [\"{term}\"]\nseverity = \"{severity}\"\n")
        };
        home.write(
            "watches.toml",
            &[watch("First", "Kraskin", "urgent"), watch("Second", "Vinnikov", severity)].concat(),
        );
        home.start()
    };
    let daemon = watches("normal");
    home.clock.set("2026-11-22T22:30:00Z");
    assert_eq!(settle(&daemon, of_page(1)).await, (1, 1));
    drop(daemon);
    let daemon = watches("urgent");
    home.clock.set(NIGHT);
    let both = Article { body: format!("{}\nKraskin was there.", of_page(3).body), ..of_page(3) };
    assert_eq!((settle(&daemon, both).await, sent(&daemon).await), ((2, 1), 1));
    drop(daemon);
    let daemon = watches("normal");
    home.clock.set(MORNING);
    assert_eq!(sent(&daemon).await, 1);
    let texts = told(&home);
    let n = |report: &str| texts.iter().filter(|it| it.contains(report)).count();
    assert_eq!((texts.len(), n("Report 1 "), n("Report 3 ")), (2, 1, 1), "{texts:?}");
}
