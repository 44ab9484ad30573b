//! Mails that belong to others: alerts of one story, and a digest that tells what became of what an earlier one told.

use chrono::TimeDelta;
use mail_parser::MessageParser;
use sitrepd::{
    daemon::{
        digests, outbox,
        settle::{Again, Settled},
    },
    decide::evidence::Seen,
    model::{Article, ArticleId, CanonicalUrl, Change, FetchRecord, Finding, Page, Rereading, Slot},
};

use crate::{
    restart::article,
    support::{
        daemon::{Daemon, Home},
        smtp::SmtpServer,
    },
};

/// With the channels of alerts and those of the digest.
fn home(server: &SmtpServer, [alerts, digest]: [&str; 2]) -> Home {
    let mut home = Home::new(&[]);
    home.write(
        "watches.toml",
        "[[watch]]\nname = \"Vinnikov\"\nterms = [\"Vinnikov\"]\n[[watch]]\nname = \"Ferry\"\nterms = [\"ferry boat\"]\n\
         [[watch]]\nname = \"Filed only\"\nterms = [\"was there\"]\nseverity = \"low\"\n",
    );
    home.mail_by(server.address.port());
    home.set("ALERTS__CHANNELS", alerts);
    home.set("DIGEST__CHANNELS", digest);
    home
}

async fn settle(daemon: &Daemon, article: Article) -> Settled {
    daemon.settler.article(article, daemon.config.rules.clone()).await.unwrap()
}

/// Message-ID, In-Reply-To and References of the mails that came in, oldest first.
async fn heads(daemon: &Daemon, server: &SmtpServer) -> Vec<(String, Vec<String>, Vec<String>)> {
    outbox::round(daemon).await.unwrap();
    let head = |raw: Vec<u8>| {
        let mail = MessageParser::default().parse(&raw).unwrap();
        let list = |it: &mail_parser::HeaderValue<'_>| {
            it.as_text_list().unwrap_or_default().iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        (mail.message_id().unwrap().to_owned(), list(mail.in_reply_to()), list(mail.references()))
    };
    server.received().iter().map(|it| head(it.message())).collect()
}

#[tokio::test]
async fn alerts_of_one_story_are_one_thread() {
    let server = SmtpServer::start(&[]);
    let home = home(&server, ["[\"mail\"]", "[]"]);
    let daemon = home.start();
    // A watch of low severity fires for it too: no mail went out for that, and so none is named.
    let Settled::New(first) = settle(&daemon, article(1)).await else { panic!("it is new") };
    assert_eq!((first.alerts.len(), first.outbox.len()), (2, 1));
    home.clock.advance(TimeDelta::minutes(1));
    settle(&daemon, article(3)).await;
    home.clock.advance(TimeDelta::minutes(1));
    let copy = Article {
        id: ArticleId(50),
        link: CanonicalUrl::parse("https://paper.example/50"),
        feed_title: "Another title".to_owned(),
        body: format!("{}\nThe ferry boat has left.", article(1).body),
        ..article(1)
    };
    settle(&daemon, copy).await;
    let heads = heads(&daemon, &server).await;
    let [(first, none, nothing), (_, other, _), (_, reply, references)] = heads.as_slice() else { panic!("{heads:?}") };
    assert!(first.starts_with("alert-") && none.is_empty() && nothing.is_empty() && other.is_empty(), "{heads:?}");
    assert_eq!((reply, references), (&vec![first.clone()], &vec![first.clone()]));
}

#[tokio::test]
async fn a_correction_answers_the_digest_that_told_the_story() {
    let server = SmtpServer::start(&[]);
    let home = home(&server, ["[]", "[\"mail\"]"]);
    let daemon = home.start();
    let issue = async |day: u32| {
        let at = format!("2026-11-{day}T07:00:00Z");
        home.clock.set(&at);
        digests::issue(&daemon, Slot { digest: "daily".to_owned(), at: at.parse().unwrap() }).await.unwrap();
    };
    // The first tells one article, the second another; the third says that the first is gone and the second changed; what happened to
    // an article that no digest has told by its link is nothing to answer.
    settle(&daemon, article(1)).await;
    issue(22).await;
    settle(&daemon, article(3)).await;
    issue(23).await;
    issue(24).await;
    for (n, finding) in [(1, Finding::Withdrawn("gone".to_owned())), (3, Finding::Changed(2))] {
        let at = daemon.settler.mark().await.unwrap();
        let it = Rereading { article: ArticleId(n), at, finding, attempts: 0, trail: None, intent: None };
        daemon.settler.commit(Change::Reread(Box::new(it))).await.unwrap();
    }
    issue(25).await;
    issue(26).await;
    let heads = heads(&daemon, &server).await;
    let ids: Vec<_> = heads.iter().map(|it| it.0.clone()).collect();
    assert_eq!(heads.len(), 5);
    assert!(ids[0].starts_with("digest-daily-20261122T070000Z-"), "{ids:?}");
    for (n, (_, reply, references)) in heads.iter().enumerate() {
        match n {
            3 => assert_eq!((reply, references), (&vec![ids[1].clone()], &ids[..2].to_vec())),
            _ => assert!(reply.is_empty() && references.is_empty(), "{n}: {reply:?}"),
        }
    }
}

#[tokio::test]
async fn what_became_of_an_article_answers_its_alert() {
    let server = SmtpServer::start(&[]);
    let home = home(&server, ["[\"mail\"]", "[]"]);
    let daemon = home.start();
    let page = FetchRecord { status: 200, url: "https://paper.example/1".to_owned(), bytes: 9, at: home.clock.now() };
    // Two watches find something in it.
    let body = format!("{}\nThe ferry boat has left.", article(1).body);
    let settled = settle(&daemon, Article { page: Page::Fetched(page), body, ..article(1) }).await;
    let Settled::New(first) = settled else { panic!("it is new") };
    home.clock.advance(TimeDelta::minutes(1));
    settle(&daemon, article(3)).await;
    assert_eq!(heads(&daemon, &server).await.len(), 2);
    let gone = || Again { article: first.report.article.id, seen: Seen::Gone("status 410".to_owned()), trail: None };
    for _ in 0..2 {
        home.clock.advance(TimeDelta::hours(1));
        daemon.settler.reread(gone(), None, daemon.config.rules.clone()).await.unwrap();
    }
    let heads = heads(&daemon, &server).await;
    let [(first, ..), _, (id, reply, _)] = heads.as_slice() else { panic!("{heads:?}") };
    assert!(id.starts_with("alert-") && reply == &vec![first.clone()], "{heads:?}");
    let raw = server.received().last().unwrap().message();
    let mail = MessageParser::default().parse(&raw).unwrap();
    let subject = mail.subject().unwrap();
    assert!(subject.starts_with(&format!("Withdrawn after alert Vinnikov, Ferry: {}", article(1).title)), "{subject}");
    let text = mail.body_text(0).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.starts_with(&format!("Withdrawn: {} Noticed on ", article(1).title)), "{text}");
    assert_eq!(text.matches("! [Vinnikov, Ferry] ").count(), 1, "{text}");
    assert!(text.contains("It is no new alert") && !text.contains("raise no further alert"), "{text}");
}

/// Found in a review: what waited goes out as one message, and what became of a report of it answered nothing.
#[tokio::test]
async fn what_became_of_an_article_answers_the_message_that_told_it_with_others() {
    let server = SmtpServer::start(&[]);
    let mut home = home(&server, ["[\"mail\"]", "[]"]);
    home.set("DIGEST__ZONE", "UTC");
    home.set("ALERTS__QUIET", "22:00-07:00");
    let daemon = home.start();
    home.clock.set("2026-11-22T23:00:00Z");
    let url = "https://paper.example/1".to_owned();
    let page = FetchRecord { status: 200, url, bytes: 9, at: home.clock.now() };
    // Another watch finds something in one of them too, and tells it in a message of its own.
    let body = format!("{}\nThe ferry boat has left.", article(1).body);
    settle(&daemon, Article { page: Page::Fetched(page), body, ..article(1) }).await;
    settle(&daemon, article(3)).await;
    home.clock.set("2026-11-23T07:00:00Z");
    assert_eq!(heads(&daemon, &server).await.len(), 2);
    let gone = || Again { article: article(1).id, seen: Seen::Gone("status 410".to_owned()), trail: None };
    for _ in 0..2 {
        home.clock.advance(TimeDelta::hours(1));
        daemon.settler.reread(gone(), None, daemon.config.rules.clone()).await.unwrap();
    }
    let heads = heads(&daemon, &server).await;
    let [(first, none, _), (second, nothing, _), (sequel, reply, references)] = heads.as_slice() else {
        panic!("{heads:?}")
    };
    assert!(none.is_empty() && nothing.is_empty() && sequel.starts_with("alert-"), "{heads:?}");
    assert!([first, second].iter().all(|it| it.starts_with("alerts-") && references.contains(it)), "{heads:?}");
    assert_eq!((references.len(), reply), (2, &vec![references[1].clone()]));
}
