//! Who waits for whom in the outbox: a channel that is slow or down keeps its own messages, and no others.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use chrono::TimeDelta;
use mail_parser::MessageParser;
use sitrepd::{
    daemon::{
        outbox::{self, Sent},
        settle::Settled,
    },
    model::Article,
};
use tokio::time::{sleep, timeout};

use crate::{
    restart::article,
    support::{
        daemon::{Daemon, Home},
        http::{Answer, Server},
        smtp::{Act, Moment, SmtpServer},
    },
};

/// What goes on beside a test is done within this time.
const DEADLINE: Duration = Duration::from_secs(30);

/// How many messages an article brings.
async fn settle(daemon: &Daemon, article: Article) -> usize {
    match daemon.settler.article(article, daemon.config.rules.clone()).await.unwrap() {
        Settled::New(it) => it.outbox.len(),
        settled => panic!("{settled:?}"),
    }
}

async fn round(daemon: &Daemon) -> Sent {
    outbox::round(daemon).await.unwrap()
}

/// Alerts that were written to files.
fn written(home: &Home) -> usize {
    let Ok(files) = fs::read_dir(home.state_dir().join("out")) else { return 0 };
    files.filter(|it| it.as_ref().unwrap().path().extension().is_some_and(|it| it == "txt")).count()
}

async fn until_written(home: &Home, n: usize) {
    let wait = async {
        while written(home) < n {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(DEADLINE, wait).await.unwrap_or_else(|_| panic!("{} of {n} were written", written(home)));
}

/// The subjects of the mails that a server has taken, in their order.
fn subjects(server: &SmtpServer) -> Vec<String> {
    let subject = |raw: &[u8]| MessageParser::default().parse(raw).unwrap().subject().unwrap().to_owned();
    server.received().iter().map(|it| subject(&it.message())).collect()
}

/// Mails to so many readers, by a server on this port, beside what else is written.
fn mails_to(home: &mut Home, port: u16, readers: usize) {
    home.mail_by(port);
    let readers: Vec<_> = (0..readers).map(|n| format!("reader-{n}@reader.example")).collect();
    home.set("MAIL__TO", &format!("{readers:?}"));
}

/// A channel "desk" that is a program: it takes messages once there is a file.
fn program(home: &Home, file: &Path) {
    let script = format!("cat > /dev/null; while ! test -e '{}'; do sleep 0.01; done", file.display());
    home.write(
        "sitrepd.toml",
        &format!("[[channel]]\nname = \"desk\"\nkind = \"command\"\ncommand = [\"/bin/sh\", \"-c\", {script:?}]\n"),
    );
}

/// Found in a review: files waited for minutes for a program that slept.
#[tokio::test]
async fn a_program_that_sleeps_keeps_nothing_from_the_others() {
    let mut home = Home::new(&[]);
    let open = home.dir().join("open");
    program(&home, &open);
    home.set("ALERTS__CHANNELS", "[\"desk\", \"files\"]");
    let daemon = home.start();
    for n in [1, 3, 5] {
        assert_eq!(settle(&daemon, article(n)).await, 2);
    }
    let mut going = pin!(round(&daemon));
    tokio::select! {
        sent = &mut going => panic!("{sent:?}"),
        () = until_written(&home, 3) => (),
    }
    fs::write(&open, "").unwrap();
    assert_eq!(going.await, Sent { sent: 6, retried: 0, parked: 0 });
}

/// Likewise for recipients whose server takes connections and says nothing.
#[tokio::test]
async fn a_server_that_hangs_keeps_nothing_from_the_others() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut home = Home::new(&[]);
    mails_to(&mut home, silent.local_addr().unwrap().port(), 2);
    home.set("ALERTS__CHANNELS", "[\"mail\", \"files\"]");
    let daemon = home.start();
    for n in [1, 3, 5] {
        assert_eq!(settle(&daemon, article(n)).await, 3);
    }
    tokio::select! {
        sent = round(&daemon) => panic!("{sent:?}"),
        () = until_written(&home, 3) => (),
    }
}

#[tokio::test]
async fn a_server_that_is_down_is_not_asked_for_each_recipient() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut home = Home::new(&[]);
    mails_to(&mut home, port, 9);
    home.set("ALERTS__CHANNELS", "[\"mail\"]");
    let daemon = home.start();
    assert_eq!(settle(&daemon, article(1)).await, 9);
    // Some were under way beside the first.
    let tried = round(&daemon).await;
    assert!((1..=3).contains(&tried.retried) && tried.sent + tried.parked == 0, "{tried:?}");
    assert_eq!(round(&daemon).await, Sent::default(), "it rests");
    home.clock.advance(TimeDelta::minutes(2));
    let tried = round(&daemon).await;
    assert!((1..=3).contains(&tried.retried), "{tried:?}");
}

/// Found in a review: a channel that asked for ten minutes was asked again for each message after one.
#[tokio::test]
async fn a_channel_that_asks_to_wait_is_left_alone() {
    let is_busy = Arc::new(AtomicBool::new(true));
    let busy = Arc::clone(&is_busy);
    let server = Server::start(move |_| match busy.load(Relaxed) {
        true => Answer::new(429, &["retry-after: 600"], "slow down"),
        false => Answer::ok(""),
    })
    .await;
    let mut home = Home::new(&[server.address().to_string()]);
    home.write(
        "sitrepd.toml",
        &format!("[[channel]]\nname = \"desk\"\nkind = \"webhook\"\nurl = \"{}\"\n", server.url("/hook")),
    );
    home.set("ALERTS__CHANNELS", "[\"desk\"]");
    let daemon = home.start();
    for n in [1, 3] {
        assert_eq!(settle(&daemon, article(n)).await, 1);
    }
    assert_eq!(round(&daemon).await, Sent { sent: 0, retried: 1, parked: 0 });
    home.clock.advance(TimeDelta::minutes(9));
    assert_eq!((round(&daemon).await, server.count("/hook")), (Sent::default(), 1));
    is_busy.store(false, Relaxed);
    home.clock.advance(TimeDelta::minutes(1));
    assert_eq!((round(&daemon).await.sent, server.count("/hook")), (2, 3));
}

#[tokio::test]
async fn one_recipient_is_told_to_come_back_and_the_others_get_their_mail() {
    for act in [
        Act::Reply(Moment::Recipient, "451 4.7.1 Come back later"),
        Act::Reply(Moment::Recipient, "550 5.1.1 No such user"),
        Act::Disconnect(Moment::Data),
    ] {
        let server = SmtpServer::start(&[act]);
        let mut home = Home::new(&[]);
        mails_to(&mut home, server.address.port(), 5);
        home.set("ALERTS__CHANNELS", "[\"mail\"]");
        let daemon = home.start();
        settle(&daemon, article(1)).await;
        let tried = round(&daemon).await;
        assert_eq!((tried.sent, tried.retried + tried.parked), (4, 1), "{act:?}");
    }
}

#[tokio::test]
async fn what_is_urgent_goes_first_to_each_recipient() {
    let server = SmtpServer::start(&[]);
    let mut home = Home::new(&[]);
    home.mail_by(server.address.port());
    home.set("ALERTS__CHANNELS", "[\"mail\"]");
    home.write(
        "watches.toml",
        "[[watch]]\nname = \"Vinnikov\"\nterms = [\"Vinnikov\"]\n[[watch]]\nname = \"Ferry\"\nterms = [\"ferry boat\"]\n\
         severity = \"urgent\"\n",
    );
    let daemon = home.start();
    for n in [1, 3, 5] {
        settle(&daemon, article(n)).await;
        home.clock.advance(TimeDelta::minutes(1));
    }
    let ferry = Article { body: format!("{}\nThe ferry boat has left.", article(8).body), ..article(8) };
    assert_eq!(settle(&daemon, ferry).await, 1);
    assert_eq!(round(&daemon).await.sent, 4);
    let subjects = subjects(&server);
    let order: Vec<_> = [8, 1, 3, 5].map(|n| article(n).title).into();
    let has = |(subject, title): (&String, &String)| subject.contains(title.as_str());
    assert!(subjects.iter().zip(&order).all(has), "{subjects:?}");
}

/// Found in a review: a channel that a reload brings waited for up to ten minutes.
#[tokio::test]
async fn a_reload_ends_the_rest_of_channels() {
    let mut home = Home::new(&[]);
    let open = home.dir().join("open");
    fs::write(&open, "").unwrap();
    program(&home, &open);
    home.set("ALERTS__CHANNELS", "[\"desk\"]");
    let daemon = home.start();
    assert_eq!(settle(&daemon, article(1)).await, 1);
    drop(daemon);
    home.set("ALERTS__CHANNELS", "[]");
    home.write("sitrepd.toml", "");
    let mut daemon = home.start();
    assert_eq!(round(&daemon).await, Sent::default(), "there is no such channel");
    program(&home, &open);
    assert_eq!(round(&daemon).await, Sent::default(), "it is not known yet");
    daemon.reload(&home);
    assert_eq!(round(&daemon).await.sent, 1);
}
