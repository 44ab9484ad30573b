mod flowed;

use std::{
    fmt::Write,
    net::IpAddr,
    time::{Duration, SystemTime},
};

use hmac::{Hmac, KeyInit as _, Mac as _};
use lettre::{
    Message,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        self,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        extension::ClientId,
    },
};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::{
    digest::one_line,
    model::{MessageId, Rendered},
};

use super::{DeliverError, Envelope, Secret};

/// Characters of a subject; the renderers keep below it.
const MAX_SUBJECT_CHARS: usize = 200;
/// Of a name in a header, whose line must stay below 998 octets (RFC 5322 §2.1.1).
const MAX_ATOM_CHARS: usize = 300;

/// Characters of a reason, which holds what a server said.
const MAX_REASON_CHARS: usize = 400;

/// How long the goodbye may take, after which nobody waits for it.
const QUIT_TIMEOUT: Duration = Duration::from_secs(10);

/// How to reach a mail server, and as whom.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server's name, which its certificate must carry.
    pub host: String,
    /// 465 for implicit TLS and 587 for STARTTLS, as a rule.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Who signs in; nobody does where `None`.
    pub user: Option<String>,
    /// The password for `user`.
    pub password: Option<Secret>,
    /// The sender: `sitrepd@example.org` or `Desk <sitrepd@example.org>`.
    pub from: String,
    /// The receivers, written like the sender; one message goes to all.
    pub to: Vec<String>,
    /// For the whole of one delivery.
    pub timeout: Duration,
    /// Right-hand side of Message-ID and List-Id, and the name given in EHLO.
    pub domain: String,
    /// The left-hand side of List-Id, by which receivers sort: the channel's name.
    pub list: String,
    /// How a receiver leaves the list; in no other way than by asking a person where `None`.
    pub unsubscribe: Option<Unsubscribe>,
    /// Certificates of a private authority in PEM, trusted beside those of the system.
    pub extra_root_pem: Option<String>,
}

/// How a receiver leaves the list (RFC 2369, RFC 8058). The mail server must sign these headers (DKIM) for large services to show a
/// button.
#[derive(Debug, Clone)]
pub struct Unsubscribe {
    /// Where a token is added to the end, and the key that makes it.
    pub page: Option<(Url, Secret)>,
    /// Who reads requests by mail.
    pub address: Option<String>,
}

/// How a connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte (RFC 8314).
    Implicit,
    /// After STARTTLS (RFC 3207), without which nothing is sent.
    StartTls,
    /// Not at all; only to this machine.
    None,
}

/// Settings that no mail can be sent with.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// An address that cannot be read.
    #[error("mail address {text:?} cannot be read")]
    Address {
        /// As configured.
        text: String,
        /// What is wrong with it.
        source: lettre::address::AddressError,
    },
    /// Nobody to send to.
    #[error("no mail address to send to")]
    NoReceiver,
    /// Would send in the clear over a network.
    #[error("mail server {host} is not on this machine: tls = \"none\" is allowed only for localhost")]
    Unencrypted {
        /// The server.
        host: String,
    },
    /// Not a domain name.
    #[error("{domain:?} is no domain name for Message-ID")]
    Domain {
        /// As configured.
        domain: String,
    },
    /// One of user and password without the other.
    #[error("mail server {host} has a user without a password or a password without a user")]
    Credentials {
        /// The server.
        host: String,
    },
    /// The certificates cannot be used.
    #[error("cannot set up TLS for mail server {host}")]
    Certificates {
        /// The server.
        host: String,
        /// What is wrong with them.
        source: smtp::Error,
    },
}

/// Sends messages by SMTP, text and HTML in one.
pub struct MailChannel {
    settings: Settings,
    from: Mailbox,
    to: Vec<Mailbox>,
    credentials: Option<Credentials>,
    /// `None` for a connection in the clear.
    tls: Option<TlsParameters>,
}

impl std::fmt::Debug for MailChannel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailChannel").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl MailChannel {
    /// Checks the settings; does not connect.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] for the first thing that is wrong.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let host = settings.host.clone();
        let domain = settings.domain.clone();
        let is_domain =
            !domain.is_empty() && domain.bytes().all(|it| it.is_ascii_alphanumeric() || b".-".contains(&it));
        if !is_domain {
            return Err(SettingsError::Domain { domain });
        }
        let from = mailbox(&settings.from)?;
        let to = settings.to.iter().map(|it| mailbox(it)).collect::<Result<Vec<_>, _>>()?;
        if to.is_empty() {
            return Err(SettingsError::NoReceiver);
        }
        let credentials = match (&settings.user, &settings.password) {
            (Some(user), Some(password)) => Some(Credentials::new(user.clone(), password.reveal().to_owned())),
            (None, None) => None,
            _ => return Err(SettingsError::Credentials { host }),
        };
        let tls = match settings.tls {
            Tls::None if is_loopback(&host) => None,
            Tls::None => return Err(SettingsError::Unencrypted { host }),
            Tls::Implicit | Tls::StartTls => {
                let tls = tls_parameters(&settings);
                Some(tls.map_err(|source| SettingsError::Certificates { host, source })?)
            }
        };
        Ok(Self { settings, from, to, credentials, tls })
    }

    pub(super) async fn send(
        &self,
        id: &MessageId,
        message: &Rendered,
        envelope: &Envelope,
    ) -> Result<(), DeliverError> {
        let mail = self.compose(id, message, envelope).map_err(|source| DeliverError::Permanent {
            reason: format!("message {id} makes no mail: {source}"),
            source: Some(source.into()),
        })?;
        let timeout = self.settings.timeout;
        match tokio::time::timeout(timeout, self.transfer(&mail)).await {
            Ok(Ok(mut connection)) => {
                // The message is the server's now. A server that hangs at the goodbye must not turn it into a
                // failure and so into a second mail.
                tokio::spawn(async move { tokio::time::timeout(QUIT_TIMEOUT, connection.quit()).await.is_ok() });
                Ok(())
            }
            Ok(Err(refusal)) => Err(self.error(refusal)),
            Err(elapsed) => Err(DeliverError::Transient {
                reason: format!("mail server {} did not finish within {timeout:?}", self.server()),
                source: Some(elapsed.into()),
            }),
        }
    }

    /// The mail as it goes out, the same at every attempt. Its date is that of the message (RFC 5322 §3.6.1), not of the attempt.
    fn compose(
        &self,
        id: &MessageId,
        message: &Rendered,
        envelope: &Envelope,
    ) -> Result<Message, lettre::error::Error> {
        let domain = &self.settings.domain;
        let mut mail = Message::builder()
            .from(self.from.clone())
            .date(SystemTime::from(envelope.queued))
            .message_id(Some(self.message_id(id)))
            .subject(subject(&message.subject))
            // RFC 3834: no out-of-office replies to a machine.
            .raw_header(header(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated"))
            // RFC 2919.
            .raw_header(header(
                HeaderName::new_from_ascii_str("List-Id"),
                &format!("<{}.{domain}>", dot_atom(&self.settings.list)),
            ));
        for to in &self.to {
            mail = mail.to(to.clone());
        }
        // RFC 5322 §3.6.4: an answer to the last of them, in the thread of all.
        if let Some(last) = envelope.earlier.last() {
            let all = envelope.earlier.iter().map(|it| self.message_id(it)).collect::<Vec<_>>();
            mail = mail.in_reply_to(self.message_id(last)).references(all.join(" "));
        }
        let (ways, is_one_click) = self.ways_out();
        if !ways.is_empty() {
            mail = mail.raw_header(header(HeaderName::new_from_ascii_str("List-Unsubscribe"), &ways.join(", ")));
        }
        if is_one_click {
            let name = HeaderName::new_from_ascii_str("List-Unsubscribe-Post");
            mail = mail.raw_header(header(name, "List-Unsubscribe=One-Click"));
        }
        let text = SinglePart::builder().header(flowing_text()).body(flowed::flowed(&line_feeds(&message.text)));
        match &message.html {
            None => mail.singlepart(text),
            Some(html) => {
                let html = line_feeds(html);
                // Made of the content, so that no content can hold it and every attempt has the same.
                let boundary = format!("sitrepd-{}", hex(&Sha256::digest(format!("{id}\n{}\n{html}", message.text))));
                let parts = MultiPart::alternative().boundary(boundary);
                mail.multipart(parts.singlepart(text).singlepart(SinglePart::html(html)))
            }
        }
    }

    fn message_id(&self, id: &MessageId) -> String {
        format!("<{}@{}>", dot_atom(&id.0), self.settings.domain)
    }

    /// The addresses by which the receiver leaves the list, and whether one of them takes a click: the page, by https alone.
    fn ways_out(&self) -> (Vec<String>, bool) {
        let Some(unsubscribe) = &self.settings.unsubscribe else { return (Vec::new(), false) };
        let page = unsubscribe.page.as_ref().map(|(url, _)| url).zip(self.token());
        let is_one_click = page.as_ref().is_some_and(|(url, _)| url.scheme() == "https");
        let page = page.map(|(url, token)| format!("<{}/{token}>", url.as_str().trim_end_matches('/')));
        let list = dot_atom(&self.settings.list);
        let mail = unsubscribe.address.as_ref().map(|it| format!("<mailto:{it}?subject=unsubscribe%20{list}>"));
        (page.into_iter().chain(mail).collect(), is_one_click)
    }

    /// Names the receiver and the list to whom has the key.
    fn token(&self) -> Option<String> {
        let (_, key) = self.settings.unsubscribe.as_ref()?.page.as_ref()?;
        Some(hex(&self.mac(key)?.finalize().into_bytes()))
    }

    /// Whether this is the token of its receiver. Takes as long for any token.
    pub fn is_token(&self, token: &str) -> bool {
        let key = self.settings.unsubscribe.as_ref().and_then(|it| it.page.as_ref());
        let expected = key.and_then(|(_, key)| self.mac(key));
        let given: Option<Vec<u8>> = (token.len() == 32 && token.is_ascii())
            .then(|| (0..16).map(|at| u8::from_str_radix(token.get(2 * at..2 * at + 2)?, 16).ok()).collect())
            .flatten();
        expected.zip(given).is_some_and(|(mac, given)| mac.verify_truncated_left(&given).is_ok())
    }

    fn mac(&self, key: &Secret) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes()).ok()?;
        mac.update(format!("unsubscribe\n{}\n{}", self.settings.list, self.settings.to.join("\n")).as_bytes());
        Some(mac)
    }

    /// Connects, signs in and hands the mail over.
    async fn transfer(&self, mail: &Message) -> Result<AsyncSmtpConnection, Refusal> {
        let mut connection = self.connect().await.map_err(Refusal::Channel)?;
        connection.send(mail.envelope(), &mail.formatted()).await.map_err(Refusal::Message)?;
        Ok(connection)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, smtp::Error> {
        let server = (self.settings.host.as_str(), self.settings.port);
        let timeout = Some(self.settings.timeout);
        let hello = ClientId::Domain(self.settings.domain.clone());
        let implicit = self.tls.clone().filter(|_| self.settings.tls == Tls::Implicit);
        let mut connection = AsyncSmtpConnection::connect_tokio1(server, timeout, &hello, implicit, None).await?;
        if let Some(tls) = self.tls.clone().filter(|_| self.settings.tls == Tls::StartTls) {
            connection.starttls(tls, &hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
        }
        Ok(connection)
    }

    /// A refusal before the mail was offered (greeting, TLS, signing in) is the channel's fault, so the message
    /// waits until somebody has mended it. Once the mail is offered, a 5xx reply is about the mail (RFC 5321 §4.2.1).
    fn error(&self, refusal: Refusal) -> DeliverError {
        let (doing, is_permanent, source) = match refusal {
            Refusal::Channel(source) => ("cannot be used", false, source),
            Refusal::Message(source) => {
                // 530, "authentication required", comes in answer to MAIL (RFC 4954 §6).
                let unsigned = source.status().is_some_and(|code| code.to_string() == "530");
                ("did not take the message", source.is_permanent() && !unsigned, source)
            }
        };
        let reason = one_line(&format!("mail server {} {doing}: {source}", self.server()), MAX_REASON_CHARS);
        let source = Some(source.into());
        match is_permanent {
            true => DeliverError::Permanent { reason, source },
            false => DeliverError::Transient { reason, source },
        }
    }

    fn server(&self) -> String {
        format!("{}:{}", self.settings.host, self.settings.port)
    }
}

/// When a server said no.
enum Refusal {
    /// Before the mail was offered.
    Channel(smtp::Error),
    /// After.
    Message(smtp::Error),
}

fn mailbox(text: &str) -> Result<Mailbox, SettingsError> {
    text.parse::<Mailbox>().map_err(|source| SettingsError::Address { text: text.to_owned(), source })
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|it| it.is_loopback())
}

fn tls_parameters(settings: &Settings) -> Result<TlsParameters, smtp::Error> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.extra_root_pem {
        builder = builder.add_root_certificate(Certificate::from_pem(pem.as_bytes())?);
    }
    builder.build_rustls()
}

/// One line, and none of it read as an encoded word (RFC 2047) that a title brought along.
fn subject(text: &str) -> String {
    one_line(text, MAX_SUBJECT_CHARS).replace("=?", "= ?")
}

/// RFC 3676. A constant that a test composes mails with.
fn flowing_text() -> ContentType {
    ContentType::parse("text/plain; charset=utf-8; format=flowed").unwrap_or(ContentType::TEXT_PLAIN)
}

fn header(name: HeaderName, value: &str) -> HeaderValue {
    HeaderValue::new(name, value.to_owned())
}

/// Line feeds only, which lettre sends as CRLF: a bare CR or LF is how mails are smuggled.
fn line_feeds(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// What RFC 5322 allows to the left of the `@`, two names never becoming one. What is too long for a line of a mail is cut
/// and told apart by a hash.
fn dot_atom(text: &str) -> String {
    let mut res = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => res.push(char::from(byte)),
            // A dot may stand neither first, nor last, nor beside another.
            b'.' if !res.is_empty() && !res.ends_with('.') => res.push('.'),
            _ => {
                let _ = write!(res, "={byte:02x}");
            }
        }
    }
    if res.ends_with('.') {
        res.pop();
        res.push_str("=2e");
    }
    if res.len() > MAX_ATOM_CHARS {
        res.truncate(MAX_ATOM_CHARS);
        let _ = write!(res, "={}", hex(&Sha256::digest(text)));
    }
    res
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(16).fold(String::new(), |mut res, byte| {
        let _ = write!(res, "{byte:02x}");
        res
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    #[test]
    fn ids_are_dot_atoms() {
        for (text, expected) in [
            ("digest-daily-2026-11-22T0400Z", "digest-daily-2026-11-22T0400Z"),
            ("a.b", "a.b"),
            (".a..b.", "=2ea.=2eb=2e"),
            ("a b>\r\nBcc: x", "a=20b=3e=0d=0aBcc=3a=20x"),
            ("ж", "=d0=b6"),
        ] {
            assert_eq!(dot_atom(text), expected);
        }
    }

    /// Found by `any_title_is_one_subject`: a long name made a header of more than 998 octets.
    #[test]
    fn long_names_fit_into_a_line() {
        let [one, other] = ["\u{57f}".repeat(400), "\u{57f}".repeat(401)].map(|it| dot_atom(&it));
        assert!(one.len() < 400 && one != other, "{one}");
        assert_eq!(dot_atom(&"a".repeat(300)), "a".repeat(300));
    }

    #[test]
    fn subjects_bring_no_encoded_words() {
        assert_eq!(subject("=?utf-8?q?=0ABcc:?= x\r\ny"), "= ?utf-8?q?=0ABcc:?= x y");
    }

    #[test]
    fn any_title_is_one_subject() {
        let channel = MailChannel::new(Settings {
            host: "localhost".to_owned(),
            port: 25,
            tls: Tls::None,
            user: None,
            password: None,
            from: "sitrepd@desk.example".to_owned(),
            to: vec!["desk@desk.example".to_owned()],
            timeout: Duration::from_secs(1),
            domain: "desk.example".to_owned(),
            list: "daily".to_owned(),
            unsubscribe: None,
            extra_root_pem: None,
        });
        let channel = std::panic::AssertUnwindSafe(channel.unwrap());
        let date: Timestamp = "2026-11-22T10:15:00Z".parse().unwrap();
        let corpus: Vec<_> = include_str!("../../tests/fixtures/fuzz/titles.txt").lines().collect();
        let cases = bolero::check!().with_iterations(1_000).with_type::<(u8, Vec<u8>, String)>();
        cases.for_each(|(which, pieces, text)| {
            const PIECES: &[&str] = &[
                "\r\n",
                "\n",
                "\r",
                "Bcc: x@y.example",
                " ",
                "=?utf-8?q?",
                "?=",
                "\0",
                "\u{2028}",
                "\u{85}",
                "Винников",
                "a",
                "\u{202e}",
                ".\r\n",
            ];
            let title: String = pieces.iter().map(|it| PIECES[usize::from(*it) % PIECES.len()]).collect();
            let title = format!("{}{title}", corpus.get(usize::from(*which)).unwrap_or(&""));
            let message = Rendered {
                subject: format!("{title}{text}"),
                text: format!("{text}{title}"),
                html: None,
                documents: Vec::new(),
            };
            let earlier = vec![MessageId(text.clone()); pieces.len().min(10)];
            let n_earlier = earlier.len();
            let mail =
                channel.compose(&MessageId(title), &message, &Envelope { earlier, ..date.into() }).unwrap().formatted();
            let parsed = mail_parser::MessageParser::default().parse(&mail).unwrap();
            let names: Vec<_> = parsed.headers().iter().map(|it| it.name().to_ascii_lowercase()).collect();
            for name in ["subject", "from", "to", "date", "message-id", "list-id", "auto-submitted"] {
                assert_eq!(names.iter().filter(|it| *it == name).count(), 1, "{name} in {names:?}");
            }
            assert!(!names.iter().any(|it| it == "bcc"), "{names:?}");
            let n_references = parsed.references().as_text_list().map_or(0, <[_]>::len);
            assert_eq!(n_references, n_earlier, "{:?}", parsed.references());
            // RFC 5321 §4.5.3.1.6, and CRLF alone ends a line (§2.3.8).
            let lines: Vec<&[u8]> = mail.split(|it| *it == b'\n').collect();
            assert!(lines.iter().all(|it| it.len() <= 999), "a line is too long");
            assert!(lines.iter().rev().skip(1).all(|it| it.ends_with(b"\r")), "a line feed alone");
        });
    }
}
