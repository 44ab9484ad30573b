//! Watches whose alerts go out by channels of their own: each reader is told of what is theirs, once, whatever is told together.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use mail_parser::MessageParser;
use sitrepd::{
    daemon::{
        outbox::{self, Sent},
        settle::{Again, Settled},
    },
    decide::evidence::Seen,
    model::{Article, ArticleId, FetchRecord, Method, Page},
};

use crate::{
    restart::article,
    support::{
        daemon::{Daemon, Home},
        smtp::{Act, Moment, SmtpServer},
    },
};

const NIGHT: &str = "2026-11-22T23:00:00Z";
const MORNING: &str = "2026-11-23T07:00:00Z";

/// A watch, and where it goes out; by default where left out.
fn watch(name: &str, term: &str, channels: Option<&str>) -> String {
    let channels = channels.map(|it| format!("channels = {it}\n")).unwrap_or_default();
    format!("[[watch]]\nname = \"{name}\"\nterms = [\"{term}\"]\n{channels}")
}

/// With two readers of mail, who get alerts where a watch says so, and quiet nights.
fn home(server: &SmtpServer) -> Home {
    let mut home = Home::new(&[]);
    home.mail_by(server.address.port());
    home.set("MAIL__TO", "[\"anna@reader.example\", \"ben@reader.example\"]");
    home.set("ALERTS__CHANNELS", "[\"files\"]");
    home.set("ALERTS__QUIET", "22:00-07:00");
    home.set("DIGEST__ZONE", "UTC");
    home
}

/// One whose page was read, with these words in it.
fn of_page(n: u32, words: &str) -> Article {
    let article = article(n);
    let url = article.link.as_ref().unwrap().as_str().to_owned();
    let page = FetchRecord { status: 200, url, bytes: 9, at: article.first_seen };
    let body = format!("{}\n{words} was there too.", article.body);
    Article { page: Page::Fetched(page), method: Method::Readability, body, ..article }
}

/// How many alerts and how many messages it brings.
async fn settle(daemon: &Daemon, article: Article) -> (usize, usize) {
    match daemon.settler.article(article, daemon.config.rules.clone()).await.unwrap() {
        Settled::New(it) => (it.alerts.len(), it.outbox.len()),
        settled => panic!("{settled:?}"),
    }
}

async fn withdraw(home: &Home, daemon: &Daemon, n: u32) -> usize {
    let mut messages = 0;
    for _ in 0..2 {
        home.clock.advance(TimeDelta::hours(1));
        let again = Again { article: ArticleId(u64::from(n)), seen: Seen::Gone("status 410".to_owned()), trail: None };
        let rereading = daemon.settler.reread(again, None, daemon.config.rules.clone()).await.unwrap().unwrap();
        messages = rereading.intent.map_or(0, |it| it.outbox.len());
    }
    messages
}

/// What went out since `seen` of each reader's mails, by reader: the subjects and the texts.
async fn mails(daemon: &Daemon, server: &SmtpServer, seen: &mut usize) -> BTreeMap<String, Vec<(String, String)>> {
    let Sent { retried, parked, .. } = outbox::round(daemon).await.unwrap();
    assert_eq!((retried, parked), (0, 0));
    let mut res = BTreeMap::<_, Vec<_>>::new();
    let all = server.received();
    for it in &all[*seen..] {
        let raw = it.message();
        let mail = MessageParser::default().parse(&raw).unwrap();
        let text = mail.body_text(0).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        let reader = it.to[0].split('@').next().unwrap().to_owned();
        res.entry(reader).or_default().push((mail.subject().unwrap().to_owned(), text));
    }
    *seen = all.len();
    res
}

#[tokio::test]
async fn each_reader_is_told_of_their_own_watches_and_of_what_became_of_them() {
    let server = SmtpServer::start(&[]);
    let home = home(&server);
    let watches = [
        watch("Envoy", "Vinnikov", Some("[\"mail:anna@reader.example\"]")),
        watch("Keeper", "Kraskin", Some("[\"mail\", \"mail:ben@reader.example\"]")),
        watch("Lamp", "Kraskin", None),
        watch("Filed", "Kraskin", Some("[]")),
    ];
    home.write("watches.toml", &watches.concat());
    let daemon = home.start();
    home.clock.set("2026-11-22T12:00:00Z");
    let mut seen = 0;
    assert_eq!(settle(&daemon, of_page(1, "Kraskin")).await, (4, 3), "one for each channel, none for who gets nothing");
    let told = mails(&daemon, &server, &mut seen).await;
    let subjects = |reader: &str| told[reader].iter().map(|it| it.0.as_str()).collect::<Vec<_>>();
    assert_eq!(subjects("anna"), ["Alert Envoy, Keeper: Report 1 (paper)"]);
    assert_eq!(subjects("ben"), ["Alert Keeper: Report 1 (paper)"]);
    assert_eq!(daemon.alerts().len(), 4, "all are filed");

    assert_eq!(withdraw(&home, &daemon, 1).await, 3);
    let told = mails(&daemon, &server, &mut seen).await;
    let subjects = |reader: &str| told[reader].iter().map(|it| it.0.as_str()).collect::<Vec<_>>();
    assert_eq!(subjects("anna"), ["Withdrawn after alert Envoy, Keeper: Report 1 (paper)"]);
    assert_eq!(subjects("ben"), ["Withdrawn after alert Keeper: Report 1 (paper)"]);
}

/// What waits for one reader stays theirs; what comes after the change is for the other, at the same time.
#[tokio::test]
async fn a_watch_that_goes_to_another_reader_in_the_night_tells_each_alert_once() {
    let server = SmtpServer::start(&[]);
    let home = home(&server);
    let to = |reader: &str| {
        home.write("watches.toml", &watch("Envoy", "Vinnikov", Some(&format!("[\"mail:{reader}@reader.example\"]"))));
    };
    to("anna");
    let mut daemon = home.start();
    let mut seen = 0;
    home.clock.set(NIGHT);
    for n in [1, 3] {
        assert_eq!(settle(&daemon, of_page(n, "Nobody")).await, (1, 1));
    }
    to("ben");
    daemon.reload(&home);
    assert_eq!(settle(&daemon, of_page(5, "Nobody")).await, (1, 1));
    drop(daemon);
    let daemon = home.start();
    home.clock.set(MORNING);
    let told = mails(&daemon, &server, &mut seen).await;
    let reports = |reader: &str| {
        let texts: Vec<_> = told[reader].iter().map(|it| it.1.as_str()).collect();
        let [text] = texts.as_slice() else { panic!("{reader}: {texts:?}") };
        [1, 3, 5].map(|n| text.contains(&format!("Report {n} ")))
    };
    assert_eq!((reports("anna"), reports("ben")), ([true, true, false], [false, false, true]));

    // Who was told is told what became of it, whoever the next alerts go to.
    assert_eq!(withdraw(&home, &daemon, 1).await, 0, "no alerts go to Anna any more");
    home.write(
        "watches.toml",
        &[
            watch("Envoy", "Vinnikov", Some("[\"mail:ben@reader.example\"]")),
            watch("Keeper", "Kraskin", Some("[\"mail:anna@reader.example\"]")),
        ]
        .concat(),
    );
    drop(daemon);
    let daemon = home.start();
    assert_eq!(withdraw(&home, &daemon, 3).await, 1);
    let told = mails(&daemon, &server, &mut seen).await;
    assert_eq!(told.keys().collect::<Vec<_>>(), ["anna"]);
    assert!(told["anna"][0].0.starts_with("Withdrawn after alert Envoy: Report 3"), "{told:?}");
}

/// A message that waits goes by the channel that it was queued for, whatever the configuration says by then.
#[tokio::test]
async fn what_waits_goes_out_though_its_watch_goes_to_nobody_by_then() {
    let server = SmtpServer::start(&[]);
    let mut home = home(&server);
    home.set("ALERTS__CHANNELS", "[\"mail:anna@reader.example\"]");
    home.write("watches.toml", &watch("Envoy", "Vinnikov", None));
    let daemon = home.start();
    home.clock.set(NIGHT);
    settle(&daemon, of_page(1, "Nobody")).await;
    drop(daemon);
    home.write("watches.toml", &watch("Envoy", "Vinnikov", Some("[]")));
    let daemon = home.start();
    assert_eq!(settle(&daemon, of_page(3, "Nobody")).await, (1, 0));
    home.clock.set(MORNING);
    let told = mails(&daemon, &server, &mut 0).await;
    let [(_, text)] = told["anna"].as_slice() else { panic!("{told:?}") };
    assert!(text.contains("Report 1 ") && !text.contains("Report 3 "), "{text}");
}

/// A recipient who is written in another way is the same: what waits goes out, and who has left has left.
#[tokio::test]
async fn a_recipient_by_another_name_is_the_same() {
    let server = SmtpServer::start(&[Act::Reply(Moment::Recipient, "451 4.3.0 later")]);
    let mut home = home(&server);
    home.set("ALERTS__QUIET", "");
    home.write("watches.toml", &watch("Harbour", "harbour", Some("[\"mail:anna@reader.example\"]")));
    let mut daemon = home.start();
    assert_eq!(settle(&daemon, of_page(1, "The harbour")).await, (1, 1));
    let Sent { retried, .. } = outbox::round(&daemon).await.unwrap();
    assert_eq!(retried, 1);

    home.set("MAIL__TO", "[\"Anna <Anna@reader.example>\", \"ben@reader.example\"]");
    daemon.reload(&home);
    home.clock.advance(TimeDelta::hours(1));
    let mut seen = 0;
    let got = mails(&daemon, &server, &mut seen).await;
    assert_eq!(got.values().map(Vec::len).sum::<usize>(), 1, "{got:?}");

    std::fs::write(home.state_dir().join("unsubscribed"), "mail:anna@reader.example\t2026-11-22T00:00:00Z\n").unwrap();
    assert_eq!(settle(&daemon, of_page(2, "Another harbour")).await, (1, 1));
    assert_eq!(mails(&daemon, &server, &mut seen).await, BTreeMap::new());
}

/// Found in a review: a poll that had begun before a reload queued its alerts for a channel that was no more.
#[tokio::test]
async fn what_was_collected_before_a_reload_is_told_by_the_channels_after_it() {
    let server = SmtpServer::start(&[]);
    let mut home = home(&server);
    home.write("watches.toml", &watch("Harbour", "harbour", None));
    home.set("ALERTS__CHANNELS", "[\"mail:anna@reader.example\"]");
    let mut daemon = home.start();
    let before = daemon.config.rules.clone();
    daemon.reload(&home);
    home.set("MAIL__TO", "[\"ben@reader.example\"]");
    home.set("ALERTS__CHANNELS", "[\"mail\"]");
    daemon.reload(&home);
    let settled = daemon.settler.article(of_page(1, "The harbour"), before).await.unwrap();
    let Settled::New(intent) = settled else { panic!("{settled:?}") };
    let channels: Vec<_> = intent.outbox.iter().map(|it| it.channel.as_str()).collect();
    assert_eq!(channels, ["mail:ben@reader.example"]);
}
