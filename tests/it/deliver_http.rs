//! The suite of every channel, for those over HTTP and for programs: sends, transient, permanent, repeat.

use std::{fs, sync::Arc, time::Duration};

use serde_json::Value;
use sitrepd::{
    daemon::outbox::{self, poster},
    deliver::{Channel, CommandChannel, DeliverError, HttpChannel, Poster, Program, Secret},
    fetch::{Client, Settings},
    model::{Document, MessageId, Rendered, Timestamp},
};

use crate::support::{
    daemon::Home,
    http::{Answer, Request, Server, client, settings},
    site::{Item, Site, page, prose},
};

const TOKEN: &str = "t0ken";

fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn id() -> MessageId {
    MessageId("alert-00ff-desk".to_owned())
}

fn message() -> Rendered {
    Rendered {
        subject: "Вин\u{ad}ников: <!channel> & Tbilisi".to_owned(),
        text: "Vinnikov has come.\nՎիննիկովը եկավ։".to_owned(),
        html: Some("<p>Vinnikov</p>".to_owned()),
        documents: vec![Document {
            name: "alert-00ff.json".to_owned(),
            media_type: "application/json".to_owned(),
            body: "{\"watch\":\"Vinnikov\"}".to_owned(),
        }],
    }
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// Every kind, at a server.
pub(crate) fn kinds(server: &Server) -> Vec<HttpChannel> {
    vec![
        HttpChannel::Webhook { url: server.url("/hook?desk=1"), secret: Some(secret(TOKEN)) },
        HttpChannel::Ntfy { url: server.url("/desk-alerts"), token: Some(secret(TOKEN)) },
        HttpChannel::Slack { url: server.url(&format!("/services/{TOKEN}")) },
        HttpChannel::Mattermost { url: server.url(&format!("/hooks/{TOKEN}")) },
        HttpChannel::Matrix { url: server.url("/"), room: "!room:m.example".to_owned(), token: secret(TOKEN) },
        HttpChannel::Telegram { url: server.url("/"), chat: "-100".to_owned(), token: secret(TOKEN) },
    ]
}

async fn send(channel: &HttpChannel, poster: &Poster) -> Result<(), DeliverError> {
    Channel::Http(channel.clone()).send(&id(), &message(), poster, now()).await
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

#[tokio::test]
async fn each_kind_says_it_as_its_receiver_wants() {
    let server = Server::start(|_| Answer::new(200, &[], "ok")).await;
    let poster = poster(&client(&[&server]));
    for channel in kinds(&server) {
        send(&channel, &poster).await.unwrap();
    }
    let requests = server.requests();
    let lines: Vec<_> = requests.iter().map(|it| format!("{} {}", it.method, it.target)).collect();
    let room = "/_matrix/client/v3/rooms/!room:m.example/send/m.room.message/alert-00ff-desk";
    assert_eq!(
        lines,
        [
            "POST /hook?desk=1",
            "POST /",
            &format!("POST /services/{TOKEN}"),
            &format!("POST /hooks/{TOKEN}"),
            &format!("PUT {room}"),
            &format!("POST /bot{TOKEN}/sendMessage")
        ]
    );
    let [webhook, ntfy, slack, mattermost, matrix, telegram] = &requests[..] else { panic!("{lines:?}") };
    for it in &requests {
        assert_eq!(it.header("content-type"), Some("application/json"));
        assert!(it.header("user-agent").unwrap().starts_with("sitrepd/"));
    }
    assert_eq!(webhook.header("idempotency-key"), Some("alert-00ff-desk"));
    assert!(webhook.header("x-sitrepd-signature").unwrap().starts_with("t=1795305600,v1="));
    assert_eq!(body(webhook)["documents"][0]["body"]["watch"], "Vinnikov");
    assert_eq!(body(webhook)["text"], message().text);
    assert_eq!((&body(ntfy)["topic"], &body(ntfy)["title"]), (&"desk-alerts".into(), &message().subject.into()));
    assert_eq!(ntfy.header("authorization"), Some("Bearer t0ken"));
    assert!(body(slack)["text"].as_str().unwrap().contains("&lt;!channel&gt; &amp; Tbilisi"));
    assert!(body(mattermost)["text"].as_str().unwrap().contains("\\<\\!channel\\> & Tbilisi"));
    assert_eq!(matrix.header("authorization"), Some("Bearer t0ken"));
    assert!(body(matrix)["body"].as_str().unwrap().ends_with("Վիննիկովը եկավ։"));
    assert_eq!(body(matrix)["msgtype"], "m.text", "no client tells of a notice, and this is an alert");
    assert_eq!((&body(telegram)["chat_id"], &body(telegram)["parse_mode"]), (&"-100".into(), &Value::Null));
}

#[tokio::test]
async fn what_may_be_taken_later_is_transient_and_tells_no_secret() {
    for status in [302, 400, 401, 404, 429, 500, 503] {
        // Many a server repeats what it was asked for.
        let echo = move |request: &Request| format!("come\r\nback {} {:?}", request.target, request.headers);
        let server = Server::start(move |it| Answer::new(status, &["location: /elsewhere"], echo(it))).await;
        let poster = poster(&client(&[&server]));
        for channel in kinds(&server) {
            let error = send(&channel, &poster).await.unwrap_err();
            assert!(error.is_transient(), "{error}");
            let reason = error.reason();
            assert!(reason.contains(&format!("status {status}: come back")) && !reason.contains(TOKEN), "{reason}");
            assert!(!format!("{error:?}{channel:?}").contains(TOKEN));
        }
        // No redirect was followed.
        assert_eq!((server.count("/elsewhere"), server.requests().len()), (0, 6));
    }
}

#[tokio::test]
async fn what_is_refused_is_permanent() {
    for status in [413, 422] {
        let server = Server::start(move |_| Answer::new(status, &[], "no")).await;
        let poster = poster(&client(&[&server]));
        for channel in kinds(&server) {
            assert!(!send(&channel, &poster).await.unwrap_err().is_transient(), "{status} {channel:?}");
        }
    }
}

/// It has the message; what becomes of its answer is no reason to send it again.
#[tokio::test]
async fn a_receiver_that_does_not_end_its_answer() {
    for status in [200, 503] {
        let head = format!("HTTP/1.1 {status} X\r\ncontent-length: 9\r\n\r\nok");
        let server = Server::start(move |_| Answer::raw(head.clone()).then_hang()).await;
        let limit = Duration::from_millis(300);
        let client = Client::new(Settings { total_timeout: limit, ..settings(&[&server]) }).unwrap();
        let sent = send(&kinds(&server)[0], &poster(&client)).await;
        assert_eq!(sent.is_ok(), status == 200, "{sent:?}");
    }
}

#[tokio::test]
async fn a_repeat_says_that_it_is_one() {
    let server = Server::start(|_| Answer::new(200, &[], "")).await;
    let poster = poster(&client(&[&server]));
    for channel in kinds(&server) {
        send(&channel, &poster).await.unwrap();
        send(&channel, &poster).await.unwrap();
        let requests = server.requests();
        let [.., first, second] = &requests[..] else { panic!("{channel:?}") };
        assert_eq!((&first.target, &first.body), (&second.target, &second.body));
        assert_eq!(first.header("idempotency-key"), second.header("idempotency-key"));
    }
}

#[tokio::test]
async fn nobody_there_or_nobody_to_be_reached() {
    let victim = Server::start(|_| Answer::ok("secret")).await;
    // Bound and not listening: nobody is there, and nobody else can be.
    let gone = tokio::net::TcpSocket::new_v4().unwrap();
    gone.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let allowed_hosts = vec![gone.local_addr().unwrap().to_string().parse().unwrap()];
    let allowed = poster(&Client::new(Settings { allowed_hosts, ..settings(&[]) }).unwrap());
    for channel in kinds(&victim) {
        let error = send(&channel, &poster(&client(&[]))).await.unwrap_err();
        assert!(error.is_transient() && error.reason().contains("not public"), "{error}");
        assert!(!error.reason().contains(TOKEN), "{error}");
    }
    assert_eq!(victim.connections(), 0);
    let url = format!("http://{}/{TOKEN}", gone.local_addr().unwrap()).parse().unwrap();
    let error = send(&HttpChannel::Slack { url }, &allowed).await.unwrap_err();
    assert!(error.is_transient() && !error.reason().contains(TOKEN), "{error}");
}

/// A program that is a script: the shell's, since a file that was written a moment ago may not run yet.
fn script(text: &str) -> Channel {
    Channel::Command(CommandChannel(Program {
        program: "/bin/sh".into(),
        arguments: ["-c", text, "sh", "desk; rm -rf /"].map(str::to_owned).to_vec(),
        timeout: Duration::from_secs(20),
    }))
}

#[tokio::test]
async fn programs_are_told_on_standard_input() {
    let dir = tempfile::tempdir().unwrap();
    let no_http: Poster = Arc::new(|posting| panic!("{posting:?}"));
    let out = dir.path().join("out");
    let told = |channel: Channel| {
        let no_http = Arc::clone(&no_http);
        async move { channel.send(&id(), &message(), &no_http, now()).await }
    };
    told(script(&format!("cat > {0}; echo \"$1\" >> {0}", out.display()))).await.unwrap();
    let written = fs::read_to_string(&out).unwrap();
    let (json, argument) = written.rsplit_once('}').unwrap();
    assert_eq!(argument.trim(), "desk; rm -rf /");
    let json: Value = serde_json::from_str(&format!("{json}}}")).unwrap();
    assert_eq!((&json["id"], &json["subject"]), (&id().0.into(), &message().subject.into()));
    // One that reads nothing has done its work all the same.
    told(script("exit 0")).await.unwrap();
    // Nor does one keep anybody waiting that leaves another behind, or talks more than anybody wants to hear.
    told(script("sleep 600 & exit 0")).await.unwrap();
    told(script("head -c 3000000 /dev/zero >&2; cat > /dev/null")).await.unwrap();
    let error = told(script("echo busy >&2; exit 75")).await.unwrap_err();
    assert!(error.is_transient() && error.reason().contains("busy"), "{error}");
    let error = told(script("sleep 600 & echo busy >&2; exit 75")).await.unwrap_err();
    assert!(error.reason().contains("busy"), "{error}");
    assert!(!told(script("exit 65")).await.unwrap_err().is_transient());
    let hanging = Channel::Command(CommandChannel(Program {
        program: "/bin/sleep".into(),
        arguments: vec!["600".to_owned()],
        timeout: Duration::from_millis(50),
    }));
    let error = told(hanging).await.unwrap_err();
    assert!(error.is_transient() && error.reason().contains("killed"), "{error}");
    let missing = Channel::Command(CommandChannel(Program {
        program: "/none".into(),
        arguments: vec![],
        timeout: Duration::from_secs(1),
    }));
    assert!(told(missing).await.unwrap_err().is_transient());
}

#[tokio::test]
async fn an_alert_reaches_a_configured_channel() {
    let site = Site::start().await;
    let receiver = Server::start({
        let busy = std::sync::atomic::AtomicBool::new(true);
        move |_| Answer::new(if busy.swap(false, std::sync::atomic::Ordering::SeqCst) { 503 } else { 200 }, &[], "")
    })
    .await;
    let home = Home::new(&[site.server.address().to_string(), receiver.address().to_string()]);
    home.sources(&[("feed", site.url("/feed").as_str())]);
    let url = receiver.url("/in");
    home.write(
        "sitrepd.toml",
        &format!(
            "[alerts]\nchannels = [\"desk\"]\n[[channel]]\nname = \"desk\"\nkind = \"webhook\"\nurl = \"{url}\"\n"
        ),
    );
    site.page("/p", page("Vinnikov in Tbilisi", &prose(1)));
    site.feed("/feed", &[Item::new("Vinnikov in Tbilisi", &site.url("/p"), "In brief.")]);
    let daemon = home.start();
    daemon.poll("feed").await;
    // Busy at first; then it has it, once.
    for expected in [(0, 1), (1, 0), (0, 0)] {
        let sent = outbox::round(&daemon).await.unwrap();
        assert_eq!((sent.sent, sent.retried), expected);
        home.clock.advance(chrono::TimeDelta::hours(1));
    }
    let [first, second] = &receiver.requests()[..] else { panic!("{:?}", receiver.requests()) };
    assert_eq!(first.header("idempotency-key"), second.header("idempotency-key"));
    assert_eq!(body(second)["documents"][1]["body"]["alert"]["watch"], "Vinnikov");
}

/// The example of deploy/README.md, on a real post.
#[tokio::test]
async fn a_receiver_checks_signatures_as_is_shown() {
    let readme = include_str!("../../deploy/README.md");
    let example = readme.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let server = Server::start(|_| Answer::new(200, &[], "")).await;
    let channel = HttpChannel::Webhook { url: server.url("/in"), secret: Some(secret(TOKEN)) };
    send(&channel, &poster(&client(&[&server]))).await.unwrap();
    let request = &server.requests()[0];
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("body");
    fs::write(&file, &request.body).unwrap();
    let check = format!(
        "{example}\nbody = open({file:?}, 'rb').read()\nheader, secret, then = {header:?}, {TOKEN:?}.encode(), {then}\n\
         print(is_genuine(secret, header, body, then + 60), is_genuine(secret, header, body, then - 60),\
         is_genuine(b'other', header, body, then), is_genuine(secret, header, body + b' ', then),\
         is_genuine(secret, header.replace('t=', 't=1'), body, then), is_genuine(secret, header, body, then + 600),\
         is_genuine(secret, header, body), *(is_genuine(secret, it, body, then) for it in (None, '', 'v1=', 't=x,v1=y', 't=%d' % then, 'é')))",
        header = request.header("x-sitrepd-signature").unwrap(),
        then = now().timestamp(),
    );
    // Where there is no Python the example cannot be tried; .ci/run needs one.
    let Ok(ran) = std::process::Command::new("python3").args(["-c", &check]).output() else { return };
    let (out, err) = (String::from_utf8(ran.stdout).unwrap(), String::from_utf8(ran.stderr).unwrap());
    let expected = ["True"; 2].into_iter().chain(["False"; 11]).collect::<Vec<_>>().join(" ");
    assert_eq!(out.trim(), expected, "{err}");
}
