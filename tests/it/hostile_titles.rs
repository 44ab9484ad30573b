//! Titles made to do harm, through every channel and in every format at once: what each format does to them by itself stands in
//! `digest.rs`, what a mail does in `deliver.rs`.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc, time::Duration};

use chrono_tz::Tz;
use mail_parser::MessageParser;
use serde_json::Value;
use sitrepd::{
    daemon::outbox::poster,
    deliver::{Channel, CommandChannel, Envelope, FileChannel, Poster, Program},
    digest::render::{self, AlertInput, AlertsInput, Format},
    model::{MessageId, Rendered, Severity, Timestamp},
};

use crate::{
    deliver::{assert_lines, mail_to},
    deliver_http::kinds,
    digest::{assert_clean, check_html, hostile},
    digest_fixture::LOOK,
    support::{
        http::{Answer, Server, client},
        smtp::SmtpServer,
    },
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// The digest that holds all of them in every format, and an alert for each, with the ids that the daemon gives.
fn messages() -> Vec<(MessageId, Rendered)> {
    let archive = hostile();
    let digest = render::digest(&archive.digest(), &Format::ALL, LOOK.get()).unwrap();
    let alert = |(alert, report)| {
        let first = AlertInput { alert, severity: Severity::Normal, report: Some(report), source: None, fate: None };
        let (zone, look) = (Tz::UTC, LOOK.get());
        let input = AlertsInput { first, more: &[], left_out: 0, held: None, topics: &[], zone, look };
        (MessageId(format!("alert-{}-desk", alert.id)), render::alerts(input).unwrap())
    };
    let alerts = archive.alerts.iter().zip(archive.reports.iter().step_by(2)).map(alert);
    [(MessageId("digest-daily-20261122T040000Z-desk".to_owned()), digest)].into_iter().chain(alerts).collect()
}

fn no_http() -> Poster {
    Arc::new(|posting| panic!("{posting:?}"))
}

async fn send(channel: &Channel, id: &MessageId, message: &Rendered, poster: &Poster) {
    channel.send(id, message, poster, Envelope::from(NOW)).await.unwrap();
}

/// Every string in it, at any depth.
fn strings(value: &Value, visit: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter().for_each(|it| strings(it, visit)),
        Value::Object(fields) => fields.iter().for_each(|(key, it)| {
            visit(key);
            strings(it, visit);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => (),
    }
}

/// JSON whose texts show what they are.
#[track_caller]
fn check_json(bytes: &[u8], name: &str) -> Value {
    let value: Value = serde_json::from_slice(bytes).unwrap();
    strings(&value, &mut |it| assert_clean(it, name));
    value
}

/// What is left of Markdown without its escaped characters, and without what the channel itself puts around a subject.
fn live(markdown: &str) -> String {
    let subject = markdown.strip_prefix('*').and_then(|it| it.split_once("*\n"));
    let markdown = subject.map_or(markdown.to_owned(), |(subject, text)| format!("{subject}\n{text}"));
    let mut chars = markdown.chars();
    let mut res = String::new();
    while let Some(c) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            c => res.push(c),
        }
    }
    res
}

#[tokio::test]
async fn mails() {
    for (id, message) in messages() {
        let server = SmtpServer::start(&[]);
        send(&mail_to(&server), &id, &message, &no_http()).await;
        let [received] = &server.received()[..] else { panic!("{id:?}") };
        assert_lines(&received.wire);
        assert!(received.wire.len() < 102_000, "{} bytes: large services clip it", received.wire.len());
        let raw = received.message();
        let mail = MessageParser::default().parse(&raw).unwrap();
        for it in mail.headers() {
            let known = [
                "From",
                "To",
                "Date",
                "Subject",
                "Message-ID",
                "Auto-Submitted",
                "List-Id",
                "MIME-Version",
                "Content-Type",
                "Content-Transfer-Encoding",
            ];
            assert!(known.iter().any(|known| known.eq_ignore_ascii_case(it.name())), "header {}", it.name());
        }
        let names: BTreeSet<_> = mail.headers().iter().map(mail_parser::Header::name).collect();
        assert_eq!(names.len(), mail.headers().len(), "a header twice");
        assert_clean(mail.subject().unwrap(), "subject");
        assert!(!mail.subject().unwrap().contains('\n'));
        assert_clean(&mail.body_text(0).unwrap().replace("\r\n", "\n"), "text of a mail");
        check_html(&mail.body_html(0).unwrap());
    }
}

#[tokio::test]
async fn files() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("a/out");
    let channel = Channel::Files(FileChannel::new(out.clone()));
    let messages = messages();
    for (id, message) in &messages {
        send(&channel, id, message, &no_http()).await;
    }
    let names = |dir: &Path| {
        let mut names: Vec<_> =
            fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!((names(dir.path()), names(&dir.path().join("a"))), (vec!["a".to_owned()], vec!["out".to_owned()]));
    let made: usize = messages.iter().map(|it| it.1.documents.len()).sum();
    assert_eq!(names(&out).len(), made, "each document has a file of its own");
    for name in names(&out) {
        let text = fs::read_to_string(out.join(&name)).unwrap();
        assert_clean(&text, &name);
        match name.rsplit_once('.').unwrap().1 {
            "html" => check_html(&text),
            "json" | "jsonfeed" => drop(check_json(text.as_bytes(), &name)),
            "atom" | "rss" => {
                let feed = feed_rs::parser::parse(text.as_bytes()).unwrap();
                let title =
                    |it: &feed_rs::model::Entry| it.title.as_ref().map_or(String::new(), |it| it.content.clone());
                assert!(feed.entries.len() > 20 && feed.entries.iter().all(|it| title(it) != "forged"), "{name}");
            }
            "txt" | "md" => (),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn receivers_over_http() {
    let server = Server::start(|_| Answer::new(200, &[], "ok")).await;
    let poster = poster(&client(&[&server]));
    let messages = messages();
    for (id, message) in &messages {
        for channel in kinds(&server) {
            send(&Channel::Http(channel), id, message, &poster).await;
        }
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 6 * messages.len());
    for (at, request) in requests.iter().enumerate() {
        let kind = ["webhook", "ntfy", "slack", "mattermost", "matrix", "telegram"][at % 6];
        let body = check_json(&request.body, kind);
        let text = |key: &str| body[key].as_str().unwrap().to_owned();
        match kind {
            "webhook" => check_html(&text("html")),
            "ntfy" => assert!(text("message").len() <= 4_096 && !text("title").contains('\n')),
            "slack" => assert!(!text("text").contains(['<', '>'])),
            "mattermost" => assert!(!live(&text("text")).contains(['[', '<', '`', '!', '*']), "{body}"),
            "matrix" => {
                assert!(text("body").len() < 30_000 && body["formatted_body"].is_null());
                assert_eq!(body["m.mentions"], serde_json::json!({}), "no title calls anybody");
            }
            _ => {
                assert!(text("text").encode_utf16().count() <= 4_096 && body["parse_mode"].is_null());
            }
        }
        for (name, value) in &request.headers {
            assert!(!name.eq_ignore_ascii_case("bcc") && !value.contains("victim"), "{kind}: {name}");
        }
    }
}

#[tokio::test]
async fn programs() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let channel = Channel::Command(CommandChannel(Program {
        program: "/bin/sh".into(),
        arguments: ["-c", "cat > \"$1\"", "sh", out.to_str().unwrap()].map(str::to_owned).to_vec(),
        timeout: Duration::from_secs(20),
    }));
    for (id, message) in messages() {
        send(&channel, &id, &message, &no_http()).await;
        let told = check_json(&fs::read(&out).unwrap(), "command");
        assert_eq!(
            (told["id"].as_str(), told["subject"].as_str()),
            (Some(id.0.as_str()), Some(message.subject.as_str()))
        );
        check_html(told["html"].as_str().unwrap());
    }
}
