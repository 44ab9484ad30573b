//! The suite every channel passes (sends, transient, permanent, repeat), and what each must do besides.

use std::{fs, path::Path, sync::Arc, time::Duration};

use mail_parser::{MessageParser, MimeHeaders};
use sitrepd::{
    deliver::{
        Channel, DeliverError, Envelope, FileChannel, MailChannel, MailSettings, MailSettingsError, Poster, Program,
        Secret, Tls,
    },
    digest::render::{self, Format},
    model::{Document, MessageId, Rendered, Timestamp},
};

use crate::{
    digest_fixture::{Archive, LOOK},
    support::smtp::{Act, CERTIFICATE, Encryption, Moment, OTHER_CERTIFICATE, SmtpServer},
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// Mail and files ask for no HTTP.
pub(crate) fn no_http() -> Poster {
    Arc::new(|posting| panic!("{posting:?}"))
}

fn id() -> MessageId {
    MessageId("digest-daily-2026-11-22T0400Z-desk".to_owned())
}

fn digest() -> Rendered {
    render::digest(&Archive::sample().digest(), &[Format::Html, Format::Json], LOOK.get()).unwrap()
}

fn short(subject: &str, text: &str) -> Rendered {
    Rendered {
        subject: subject.to_owned(),
        text: text.to_owned(),
        html: None,
        documents: vec![Document {
            name: "note.txt".to_owned(),
            media_type: "text/plain".to_owned(),
            body: text.to_owned(),
        }],
    }
}

fn settings(port: u16) -> MailSettings {
    MailSettings {
        host: "127.0.0.1".to_owned(),
        sendmail: None,
        port,
        tls: Tls::None,
        user: None,
        password: None,
        from: "Sitrep desk <desk@desk.example>".to_owned(),
        to: vec!["a@reader.example".to_owned(), "Ви <b@reader.example>".to_owned()],
        timeout: Duration::from_secs(20),
        domain: "desk.example".to_owned(),
        list: "daily mail".to_owned(),
        unsubscribe: None,
        extra_root_pem: None,
    }
}

fn mail(settings: MailSettings) -> Channel {
    Channel::Mail(Box::new(MailChannel::new(settings).unwrap()))
}

pub(crate) fn mail_to(server: &SmtpServer) -> Channel {
    mail(settings(server.address.port()))
}

fn files(dir: &Path) -> Channel {
    Channel::Files(FileChannel::new(dir.to_owned()))
}

// The suite: mail.

#[tokio::test]
async fn mail_sends_every_part() {
    let server = SmtpServer::start(&[]);
    let message = digest();
    mail_to(&server).send(&id(), &message, &no_http(), NOW).await.unwrap();
    let received = server.received();
    let [received] = received.as_slice() else { panic!("{} messages", received.len()) };
    assert_eq!(received.from, "desk@desk.example");
    assert_eq!(received.to, ["a@reader.example", "b@reader.example"]);
    let raw = received.message();
    let parsed = MessageParser::default().parse(&raw).unwrap();
    assert_eq!(parsed.subject(), Some(message.subject.as_str()));
    assert_eq!(parsed.message_id(), Some("digest-daily-2026-11-22T0400Z-desk@desk.example"));
    assert_eq!(parsed.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
    assert_eq!(parsed.header_raw("List-Id").map(str::trim), Some("<daily=20mail.desk.example>"));
    assert!(parsed.date().is_some());
    assert_eq!(parsed.to().unwrap().iter().nth(1).unwrap().name(), Some("Ви"));
    assert!(parsed.content_type().unwrap().ctype() == "multipart");
    let kinds = parsed.parts.iter().filter_map(|it| it.content_type()).map(|it| it.subtype().unwrap_or_default());
    assert_eq!(kinds.collect::<Vec<_>>(), ["alternative", "plain", "html"]);
    let plain = parsed.text_part(0).unwrap().content_type().unwrap();
    assert_eq!((plain.attribute("format"), plain.attribute("charset")), (Some("flowed"), Some("utf-8")));
    assert_eq!(unflowed(&parsed.body_text(0).unwrap()), paragraphs(&message.text));
    assert!(parsed.in_reply_to().is_empty() && parsed.references().is_empty());
    assert_eq!(parsed.body_html(0).unwrap().replace("\r\n", "\n"), message.html.unwrap());
}

/// The paragraphs that a mail program makes of a flowed text (RFC 3676 §4.5), each without its quote mark and indentation.
fn unflowed(text: &str) -> Vec<String> {
    let mut res = Vec::<String>::new();
    let (mut goes_on, mut before) = (false, 0);
    for line in text.lines() {
        let depth = line.len() - line.trim_start_matches('>').len();
        let line = &line[depth..];
        let line = line.strip_prefix(' ').unwrap_or(line);
        match res.last_mut() {
            Some(last) if goes_on && depth == before => last.push_str(line),
            _ => res.push(line.trim_start().to_owned()),
        }
        goes_on = line.ends_with(' ') && line != "-- ";
        before = depth;
    }
    res
}

fn paragraphs(text: &str) -> Vec<String> {
    text.lines().map(|it| it.trim_start().strip_prefix("> ").unwrap_or(it).trim_start().to_owned()).collect()
}

#[tokio::test]
async fn a_mail_that_belongs_to_others_says_so() {
    let server = SmtpServer::start(&[]);
    let earlier = ["alert-1-desk", "alert 2\r\nBcc: x"].map(|it| MessageId(it.to_owned()));
    let envelope = Envelope { earlier: earlier.to_vec(), ..NOW.into() };
    mail_to(&server).send(&id(), &digest(), &no_http(), envelope).await.unwrap();
    let raw = server.received()[0].message();
    let parsed = MessageParser::default().parse(&raw).unwrap();
    let (first, last) = ("alert-1-desk@desk.example", "alert=202=0d=0aBcc=3a=20x@desk.example");
    assert_eq!(parsed.in_reply_to().as_text_list().unwrap(), [last]);
    assert_eq!(parsed.references().as_text_list().unwrap(), [first, last]);
    assert!(parsed.header("Bcc").is_none());
}

#[tokio::test]
async fn mail_that_may_be_taken_later_is_transient() {
    for act in [
        Act::Reply(Moment::Greeting, "421 4.3.2 closing"),
        Act::Reply(Moment::Greeting, "554 5.3.2 no service here"),
        Act::Reply(Moment::Sender, "451 4.3.0 greylisted"),
        Act::Reply(Moment::Sender, "530 5.7.0 sign in first"),
        Act::Reply(Moment::Sender, "550 5.7.1 not from you"),
        Act::Reply(Moment::Recipient, "452 4.2.2 mailbox full"),
        Act::Reply(Moment::Recipient, "554 5.7.1 service unavailable; client host [192.0.2.1] blocked"),
        Act::Reply(Moment::Recipient, "550 5.4.5 daily sending quota exceeded"),
        Act::Reply(Moment::Message, "451 4.7.1 try\u{1b}[2J later"),
        Act::Reply(Moment::Data, "gibberish"),
        Act::Disconnect(Moment::Greeting),
        Act::Disconnect(Moment::Data),
    ] {
        let server = SmtpServer::start(&[act]);
        let channel = mail_to(&server);
        let error = channel.send(&id(), &short("s", "t"), &no_http(), NOW).await.unwrap_err();
        assert!(error.is_transient(), "{act:?}: {error}");
        assert!(error.reason().contains(&server.address.to_string()), "{act:?}: {error}");
        assert!(!error.reason().contains('\u{1b}'), "{act:?}: {error}");
        assert!(server.received().is_empty(), "{act:?}");
        channel.send(&id(), &short("s", "t"), &no_http(), NOW).await.unwrap();
        assert_eq!(server.received().len(), 1, "{act:?}");
    }
}

#[tokio::test]
async fn nobody_listening_is_transient() {
    let port = SmtpServer::start(&[]).address.port();
    let error = mail(settings(port)).send(&id(), &short("s", "t"), &no_http(), NOW).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert!(error.reason().contains("cannot be used"), "{error}");
}

#[tokio::test]
async fn a_server_that_hangs_is_transient() {
    for moment in [Moment::Greeting, Moment::Message] {
        let server = SmtpServer::start(&[Act::Hang(moment)]);
        let channel = mail(MailSettings { timeout: Duration::from_millis(150), ..settings(server.address.port()) });
        let error = channel.send(&id(), &short("s", "t"), &no_http(), NOW).await.unwrap_err();
        assert!(error.is_transient(), "{moment:?}: {error}");
        assert!(error.reason().contains("within 150ms"), "{error}");
        // What a server does that waits for TLS.
        assert!(moment != Moment::Greeting || error.reason().contains("is it one for tls = \"implicit\""), "{error}");
    }
}

#[tokio::test]
async fn mail_that_is_refused_is_permanent() {
    for act in [
        Act::Reply(Moment::Recipient, "550 5.1.1 no such user"),
        Act::Reply(Moment::Message, "552 5.3.4 too large"),
        Act::Reply(Moment::Message, "554 5.6.0 looks like spam"),
    ] {
        let server = SmtpServer::start(&[act]);
        let error = mail_to(&server).send(&id(), &short("s", "t"), &no_http(), NOW).await.unwrap_err();
        assert!(!error.is_transient(), "{act:?}: {error}");
        let Act::Reply(_, reply) = act else { unreachable!() };
        assert!(error.reason().contains(&reply[4..]), "{error}");
        assert!(server.received().is_empty(), "{act:?}");
    }
}

#[tokio::test]
async fn a_repeated_mail_carries_the_same_id() {
    // The server takes the first one and dies before it says so: the case in which a repeat cannot be avoided.
    let server = SmtpServer::start(&[Act::Disconnect(Moment::Message)]);
    let channel = mail_to(&server);
    assert!(channel.send(&id(), &digest(), &no_http(), NOW).await.unwrap_err().is_transient());
    // An hour later it is the same, to the last byte.
    let later = Envelope { now: NOW + chrono::TimeDelta::hours(1), ..NOW.into() };
    channel.send(&id(), &digest(), &no_http(), later).await.unwrap();
    let received = server.received();
    let [first, second] = received.as_slice() else { panic!("{} messages", received.len()) };
    assert_eq!(String::from_utf8_lossy(&first.message()), String::from_utf8_lossy(&second.message()));
    let text = String::from_utf8(first.message()).unwrap();
    assert!(text.contains("Message-ID: <digest-daily-2026-11-22T0400Z-desk@desk.example>\r\n"));
    assert!(text.contains("Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"), "{text}");
}

#[tokio::test]
async fn a_hanging_goodbye_is_no_failure() {
    let server = SmtpServer::start(&[Act::Hang(Moment::Goodbye)]);
    mail_to(&server).send(&id(), &short("s", "t"), &no_http(), NOW).await.unwrap();
    assert_eq!(server.received().len(), 1);
}

// The suite: files.

#[tokio::test]
async fn files_are_written_whole() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("made/on/demand");
    let message = digest();
    files(&dir).send(&id(), &message, &no_http(), NOW).await.unwrap();
    assert_eq!(listing(&dir), ["daily-2026-11-22T0400Z.html", "daily-2026-11-22T0400Z.json"]);
    for document in &message.documents {
        assert_eq!(fs::read_to_string(dir.join(&document.name)).unwrap(), document.body);
    }
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_transient() {
    let root = tempfile::tempdir().unwrap();
    let blocked = root.path().join("blocked");
    fs::write(&blocked, "a file").unwrap();
    let error = files(&blocked).send(&id(), &digest(), &no_http(), NOW).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert!(error.reason().contains(blocked.to_str().unwrap()), "{error}");
    assert_eq!(fs::read_to_string(&blocked).unwrap(), "a file");
}

#[tokio::test]
async fn a_name_that_leaves_the_directory_is_permanent() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("out");
    let long = "x".repeat(300);
    for name in ["../x", "a/b", ".", "..", ".hidden", "", "nul\0", "a b", "CON:", &long] {
        let mut message = short("s", "t");
        message.documents[0].name = name.to_owned();
        let error = files(&dir).send(&id(), &message, &no_http(), NOW).await.unwrap_err();
        assert!(!error.is_transient(), "{name}: {error}");
    }
    let none = Rendered { documents: Vec::new(), ..short("s", "t") };
    assert!(matches!(files(&dir).send(&id(), &none, &no_http(), NOW).await, Err(DeliverError::Permanent { .. })));
    assert_eq!(listing(root.path()), Vec::<String>::new());
}

#[tokio::test]
async fn a_repeated_file_is_the_same_file() {
    let root = tempfile::tempdir().unwrap();
    let channel = files(root.path());
    channel.send(&id(), &digest(), &no_http(), NOW).await.unwrap();
    // What a crash in the middle leaves.
    fs::write(root.path().join(".daily-2026-11-22T0400Z.html.tmp"), "half").unwrap();
    let first = fs::read(root.path().join("daily-2026-11-22T0400Z.html")).unwrap();
    channel.send(&id(), &digest(), &no_http(), NOW).await.unwrap();
    assert_eq!(listing(root.path()), ["daily-2026-11-22T0400Z.html", "daily-2026-11-22T0400Z.json"]);
    assert_eq!(fs::read(root.path().join("daily-2026-11-22T0400Z.html")).unwrap(), first);
}

#[tokio::test]
async fn a_feed_goes_on_from_issue_to_issue() {
    let root = tempfile::tempdir().unwrap();
    let issue = |archive: Archive| render::digest(&archive.digest(), &[Format::Atom], LOOK.get()).unwrap();
    let path = root.path().join("daily.atom");
    for (archive, n_entries) in [(Archive::sample(), 11), (Archive::empty(), 11)] {
        files(root.path()).send(&id(), &issue(archive), &no_http(), NOW).await.unwrap();
        assert_eq!(feed_rs::parser::parse(&*fs::read(&path).unwrap()).unwrap().entries.len(), n_entries);
    }
    // What somebody else put there is replaced.
    for held in [&b"\xff"[..], b"<feed/>"] {
        fs::write(&path, held).unwrap();
        files(root.path()).send(&id(), &issue(Archive::sample()), &no_http(), NOW).await.unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), issue(Archive::sample()).documents[0].body);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn links_are_replaced_and_not_followed() {
    let root = tempfile::tempdir().unwrap();
    let victim = root.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    let dir = root.path().join("out");
    fs::create_dir(&dir).unwrap();
    for name in ["note.txt", ".note.txt.tmp"] {
        std::os::unix::fs::symlink(&victim, dir.join(name)).unwrap();
    }
    files(&dir).send(&id(), &short("s", "new"), &no_http(), NOW).await.unwrap();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
    assert!(fs::symlink_metadata(dir.join("note.txt")).unwrap().is_file());
    assert_eq!(fs::read_to_string(dir.join("note.txt")).unwrap(), "new");
    assert_eq!(listing(&dir), ["note.txt"]);
}

fn listing(dir: &Path) -> Vec<String> {
    let mut res =
        fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
    res.sort();
    res
}

// The suite: mail through a program.

/// A program in place of a server: the shell's, which gets what sendmail gets.
fn sendmail(script: &str, dir: &Path) -> Channel {
    let words = ["/bin/sh", "-c", script, dir.to_str().unwrap()].map(str::to_owned);
    mail(MailSettings { sendmail: Program::new(&words, Duration::from_secs(20)), ..settings(0) })
}

#[tokio::test]
async fn a_program_takes_mails_as_sendmail_does() {
    let dir = tempfile::tempdir().unwrap();
    let send = async |script: &str| sendmail(script, dir.path()).send(&id(), &digest(), &no_http(), NOW).await;
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    send("cat > \"$0/mail\"; echo \"$@\" > \"$0/words\"").await.unwrap();
    assert_eq!(read("words"), "-i -f desk@desk.example -- a@reader.example b@reader.example\n");
    let mail = read("mail");
    assert!(!mail.contains('\r'), "the line ends of the system");
    let parsed = MessageParser::default().parse(mail.as_bytes()).unwrap();
    assert_eq!(parsed.message_id(), Some("digest-daily-2026-11-22T0400Z-desk@desk.example"));
    assert_eq!((parsed.text_body_count(), parsed.html_body_count()), (1, 1));
    // A repeat is the same mail.
    send("cat > \"$0/again\"").await.unwrap();
    assert_eq!(read("again"), mail);
    for (script, is_transient) in [
        ("echo busy >&2; exit 75", true),
        ("echo 'no route' >&2; exit 69", true),
        ("echo 'no such user' >&2; exit 67", false),
        ("kill -9 $$", true),
    ] {
        let error = send(script).await.unwrap_err();
        assert_eq!(error.is_transient(), is_transient, "{error}");
        let said = script.split(['\'', ' ']).find(|it| ["busy", "no"].contains(it)).unwrap_or_default();
        assert!(error.reason().starts_with("/bin/sh: ") && error.reason().contains(said), "{error}");
    }
    let program = Program::new(&["/none/sendmail".to_owned()], Duration::from_secs(20));
    let missing = MailSettings { sendmail: program, ..settings(0) };
    let error = self::mail(missing).send(&id(), &digest(), &no_http(), NOW).await.unwrap_err();
    assert!(error.is_transient() && error.reason().contains("cannot be started"), "{error}");
}

// What only mail must do.

#[tokio::test]
async fn mail_is_encrypted() {
    for (encryption, tls) in [(Encryption::Implicit, Tls::Implicit), (Encryption::StartTls, Tls::StartTls)] {
        let server = SmtpServer::start_with(encryption, Some(("desk", "hunter2")), &[]);
        let trusting = MailSettings {
            host: "localhost".to_owned(),
            tls,
            user: Some("desk".to_owned()),
            password: Some(Secret::new("hunter2".to_owned())),
            extra_root_pem: Some(CERTIFICATE.to_owned()),
            ..settings(server.address.port())
        };
        mail(trusting.clone()).send(&id(), &digest(), &no_http(), NOW).await.unwrap();
        let received = server.received();
        assert!(received[0].encrypted, "{tls:?}");
        assert_eq!(received[0].user.as_deref(), Some("desk"), "{tls:?}");

        // The right server under a name that its certificate does not carry.
        let elsewhere = MailSettings { host: "127.0.0.1".to_owned(), ..trusting.clone() };
        let error = mail(elsewhere).send(&id(), &digest(), &no_http(), NOW).await.unwrap_err();
        assert!(error.is_transient() && error.reason().contains("certificate"), "{tls:?}: {error}");

        let wrong = MailSettings { password: Some(Secret::new("guess".to_owned())), ..trusting };
        let error = mail(wrong).send(&id(), &digest(), &no_http(), NOW).await.unwrap_err();
        assert!(error.is_transient(), "{tls:?}: {error}");
        assert!(error.reason().contains("wrong password") && !error.reason().contains("guess"), "{error}");
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn what_a_person_can_mend_is_said() {
    let told = async |server: &SmtpServer, settings: MailSettings| {
        let settings = MailSettings { port: server.address.port(), host: "localhost".to_owned(), ..settings };
        let error = mail(settings).send(&id(), &short("s", "t"), &no_http(), NOW).await.unwrap_err();
        assert!(error.is_transient() && server.received().is_empty(), "{error}");
        error.reason().to_owned()
    };
    let secret = |text: &str| Some(Secret::new(text.to_owned()));
    let server = SmtpServer::start_with(Encryption::None, Some(("desk", "right")), &[]);
    let wrong = MailSettings { user: Some("desk".to_owned()), password: secret("wrong"), ..settings(0) };
    let reason = told(&server, wrong).await;
    assert!(reason.contains("did not let user and password in") && reason.contains("password_file"), "{reason}");
    let server = SmtpServer::start(&[]);
    let reason = told(&server, MailSettings { tls: Tls::Implicit, ..settings(0) }).await;
    assert!(reason.contains("tls = \"starttls\" of [mail]"), "{reason}");
    let server = SmtpServer::start_with(Encryption::StartTls, None, &[]);
    let reason = told(&server, MailSettings { tls: Tls::StartTls, ..settings(0) }).await;
    assert!(reason.contains("ca_file of [mail]"), "{reason}");
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_is_refused() {
    for (encryption, tls) in [(Encryption::Implicit, Tls::Implicit), (Encryption::StartTls, Tls::StartTls)] {
        let server = SmtpServer::start_with(encryption, None, &[]);
        let wary = MailSettings {
            host: "localhost".to_owned(),
            tls,
            extra_root_pem: Some(OTHER_CERTIFICATE.to_owned()),
            ..settings(server.address.port())
        };
        let error = mail(wary).send(&id(), &digest(), &no_http(), NOW).await.unwrap_err();
        assert!(error.is_transient() && error.reason().contains("certificate"), "{tls:?}: {error}");
        assert!(server.received().is_empty());
    }
}

#[tokio::test]
async fn a_server_without_starttls_gets_nothing() {
    let server = SmtpServer::start(&[]);
    let settings = MailSettings {
        host: "localhost".to_owned(),
        tls: Tls::StartTls,
        extra_root_pem: Some(CERTIFICATE.to_owned()),
        ..settings(server.address.port())
    };
    let error = mail(settings).send(&id(), &digest(), &no_http(), NOW).await.unwrap_err();
    assert!(error.is_transient() && error.reason().contains("STARTTLS"), "{error}");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn titles_add_no_header() {
    for title in [
        "a\r\nBcc: victim@example.org\r\n\r\nbody",
        "a\nBcc: victim@example.org",
        "a\rBcc: victim@example.org",
        "a\u{2028}Bcc: victim@example.org\u{85}",
        "=?utf-8?q?a=0D=0ABcc:_victim@example.org?=",
        "Винников\r\nBcc: victim@example.org",
        &"x".repeat(10_000),
        &"ж ".repeat(10_000),
    ] {
        let server = SmtpServer::start(&[]);
        let mut id = id();
        id.0.push_str("\r\nBcc: x");
        mail_to(&server).send(&id, &short(title, "text"), &no_http(), NOW).await.unwrap();
        let received = server.received();
        assert_eq!(received[0].to.len(), 2, "{title:?}");
        let raw = received[0].message();
        let parsed = MessageParser::default().parse(&raw).unwrap();
        let names = parsed.headers().iter().map(mail_parser::Header::name).collect::<Vec<_>>();
        assert_eq!(names.iter().filter(|it| it.eq_ignore_ascii_case("subject")).count(), 1, "{title:?}: {names:?}");
        assert!(!names.iter().any(|it| it.eq_ignore_ascii_case("bcc")), "{title:?}: {names:?}");
        assert!(!parsed.subject().unwrap().contains(['\r', '\n']), "{title:?}");
        assert_eq!(parsed.body_text(0).unwrap().trim(), "text", "{title:?}");
        assert_lines(&received[0].wire);
    }
}

#[tokio::test]
async fn bodies_end_no_message() {
    for text in [
        ".",
        "a\n.\nMAIL FROM:<x@y>\n",
        "a\r\n.\r\nQUIT\r\n",
        "a\n.\r\nb",
        "a\r.\rb\r.\r\nc",
        "..\n...\n",
        &format!("{}\n.", "x".repeat(1_000_000)),
    ] {
        let server = SmtpServer::start(&[]);
        let mut message = short("s", text);
        message.html = Some(text.to_owned());
        mail_to(&server).send(&id(), &message, &no_http(), NOW).await.unwrap();
        let received = server.received();
        assert_eq!(received.len(), 1);
        assert_lines(&received[0].wire);
        let raw = received[0].message();
        let parsed = MessageParser::default().parse(&raw).unwrap();
        let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n").trim_end().to_owned();
        assert_eq!(lines(&parsed.body_text(0).unwrap()), lines(text), "{:?}", &text[..text.len().min(40)]);
        assert_eq!(lines(&parsed.body_html(0).unwrap()), lines(text), "{:?}", &text[..text.len().min(40)]);
    }
}

/// Lines end in CRLF and nothing else, are no longer than RFC 5321 §4.5.3.1.6 allows, and no lone dot is among them.
#[track_caller]
pub(crate) fn assert_lines(wire: &[u8]) {
    for line in wire.split_inclusive(|it| *it == b'\n') {
        assert!(line.ends_with(b"\r\n"), "bare LF: {}", String::from_utf8_lossy(line));
        let content = &line[..line.len() - 2];
        assert!(!content.contains(&b'\r'), "bare CR: {}", String::from_utf8_lossy(line));
        assert!(content.len() <= 998 && content != b".", "{}", String::from_utf8_lossy(line));
        assert!(content.is_ascii(), "not 7 bit: {}", String::from_utf8_lossy(line));
    }
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let error = |settings: MailSettings| MailChannel::new(settings).unwrap_err();
    let base = || settings(25);
    for host in ["mail.example.org", "192.0.2.1", "localhost.example.org", "127.0.0.1.example.org", ""] {
        let settings = MailSettings { host: host.to_owned(), ..base() };
        assert!(matches!(error(settings), MailSettingsError::Unencrypted { .. }), "{host}");
    }
    for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1", "[::1]"] {
        assert!(MailChannel::new(MailSettings { host: host.to_owned(), ..base() }).is_ok(), "{host}");
    }
    let bad = |text: &str| MailSettings { to: vec![text.to_owned()], ..base() };
    for text in ["", "nobody", "a@b@c", "a@reader.example\r\nBcc: x@y.example"] {
        assert!(matches!(error(bad(text)), MailSettingsError::Address { .. }), "{text:?}");
    }
    assert!(matches!(error(MailSettings { to: Vec::new(), ..base() }), MailSettingsError::NoReceiver));
    let domain = MailSettings { domain: "a b>".to_owned(), ..base() };
    assert!(matches!(error(domain), MailSettingsError::Domain { .. }));
    let half = MailSettings { user: Some("desk".to_owned()), ..base() };
    assert!(matches!(error(half), MailSettingsError::Credentials { .. }));
    let pem = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n".to_owned();
    let rooted = MailSettings { tls: Tls::Implicit, extra_root_pem: Some(pem), ..base() };
    assert!(matches!(error(rooted), MailSettingsError::Certificates { .. }));
}

#[test]
fn passwords_reach_no_log() {
    let settings = MailSettings {
        user: Some("desk".to_owned()),
        password: Some(Secret::new("hunter2".to_owned())),
        ..settings(25)
    };
    let shown = format!("{:?} {:?}", settings, mail(settings.clone()));
    assert!(!shown.contains("hunter2"), "{shown}");
}
