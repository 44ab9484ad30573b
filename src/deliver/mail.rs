//! Mail by SMTP, or through a program: how a server is reached, and whose fault it is that it refuses.

mod compose;
mod flowed;
mod sendmail;
mod unsubscribe;

use std::{
    error::Error as _,
    fmt::Write,
    net::IpAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use lettre::{
    Message,
    message::Mailbox,
    transport::smtp::{
        self,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        extension::ClientId,
    },
};
use url::Url;

use crate::{
    digest::one_line,
    model::{MessageId, Rendered},
};

use super::{DeliverError, Envelope, Secret, program::Program};

/// Characters of a reason, which holds what a server said.
const MAX_REASON_CHARS: usize = 400;

/// How long the goodbye may take, after which nobody waits for it.
const QUIT_TIMEOUT: Duration = Duration::from_secs(10);

/// How to reach a mail server, and as whom.
#[derive(Debug, Clone)]
pub struct Settings {
    /// A program that takes mails in place of a server, of which nothing below counts then.
    pub sendmail: Option<Program>,
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

/// How a receiver leaves the list (RFC 2369, RFC 8058). The mail server must sign these headers (DKIM) for large
/// services to show a button.
#[derive(Debug, Clone)]
pub struct Unsubscribe {
    /// The address to which a token is appended, and the key that makes the token.
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
    #[error("{text:?} is no mail address such as \"desk@example.org\" or \"The desk <desk@example.org>\"")]
    Address {
        /// As configured.
        text: String,
        /// Whether it is that of the sender.
        is_sender: bool,
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
    #[error(
        "mail server {host} has a user without a password or a password without a user: set both user and password_file, or neither"
    )]
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

/// Sends messages by SMTP or through a program, text and HTML in one.
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
        let from = mailbox(&settings.from, true)?;
        let to = settings.to.iter().map(|it| mailbox(it, false)).collect::<Result<Vec<_>, _>>()?;
        if to.is_empty() {
            return Err(SettingsError::NoReceiver);
        }
        if settings.sendmail.is_some() {
            return Ok(Self { settings, from, to, credentials: None, tls: None });
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
        if let Some(program) = &self.settings.sendmail {
            return sendmail::pipe(program, &mail).await;
        }
        let timeout = self.settings.timeout;
        let is_connected = AtomicBool::new(false);
        match tokio::time::timeout(timeout, self.transfer(&mail, &is_connected)).await {
            Ok(Ok(mut connection)) => {
                // The message is the server's now. A server that hangs at the goodbye must not turn it into a
                // failure and so into a second mail.
                tokio::spawn(async move { tokio::time::timeout(QUIT_TIMEOUT, connection.quit()).await.is_ok() });
                Ok(())
            }
            Ok(Err(refusal)) => Err(self.error(refusal)),
            Err(elapsed) => {
                let server = self.server();
                let (is_connected, source) = (is_connected.into_inner(), Some(elapsed.into()));
                let reason = match is_connected {
                    true => format!("mail server {server} did not finish within {timeout:?}"),
                    // A server that expects TLS sends no greeting, so a client waiting for one hangs.
                    false if self.settings.tls != Tls::Implicit => format!(
                        "mail server {server} did not greet within {timeout:?}: is it one for tls = \"implicit\" of [mail], as most are at \
                         port 465?"
                    ),
                    false => format!("mail server {server} did not answer within {timeout:?}"),
                };
                Err(match is_connected {
                    // Some servers look up a sender or recipient at this point, and hang over one of them.
                    true => DeliverError::Transient { reason, source },
                    false => DeliverError::Down { reason, source },
                })
            }
        }
    }

    /// Connects, signs in and hands the mail over.
    async fn transfer(&self, mail: &Message, is_connected: &AtomicBool) -> Result<AsyncSmtpConnection, Refusal> {
        let mut connection = self.connect().await.map_err(Refusal::Channel)?;
        is_connected.store(true, Ordering::Relaxed);
        if let Some(credentials) = &self.credentials {
            let ways = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&ways, credentials).await.map_err(Refusal::SignIn)?;
        }
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
        Ok(connection)
    }

    /// A refusal before the mail was offered (greeting, TLS, signing in) is the channel's fault, so the message waits
    /// until somebody has mended it. Once the mail is offered, a 5xx reply may be about the mail
    /// ([`is_about_the_mail`]).
    fn error(&self, refusal: Refusal) -> DeliverError {
        let is_sign_in = matches!(refusal, Refusal::SignIn(_));
        let (doing, is_of_channel, source) = match refusal {
            Refusal::Channel(source) => ("cannot be used", true, source),
            Refusal::SignIn(source) => ("did not let user and password in", true, source),
            Refusal::Message(source) => {
                // 530, "authentication required", comes in answer to MAIL (RFC 4954 §6), and 421 of a server that
                // closes in answer to anything (RFC 5321 §3.8).
                let code = source.status().map(|it| it.to_string());
                ("did not take the message", matches!(code.as_deref(), Some("530" | "421")), source)
            }
        };
        let is_permanent = source.status().is_some_and(|code| {
            let text = source.source().map(ToString::to_string).unwrap_or_default();
            is_about_the_mail(&code.to_string(), &text)
        });
        // One error within another, both of the same name.
        let told = source.to_string().replace("Connection error: Connection error: ", "Connection error: ");
        let told = one_line(&told, MAX_REASON_CHARS);
        let remedy = self.remedy(is_sign_in, &told);
        let reason = format!("mail server {} {doing}: {told}{remedy}", self.server());
        let source = Some(source.into());
        match (is_of_channel, is_permanent) {
            (true, _) => DeliverError::Down { reason, source },
            (false, true) => DeliverError::Permanent { reason, source },
            (false, false) => DeliverError::Transient { reason, source },
        }
    }

    /// What a person should check, by how the attempt failed.
    fn remedy(&self, is_sign_in: bool, told: &str) -> &'static str {
        if is_sign_in {
            return "; see user and password_file of [mail]";
        }
        // If a trusted authority happens to have the same name, the error is about the signature.
        let is_foreign = told.contains("UnknownIssuer") || told.contains("Signature");
        match self.settings.tls {
            Tls::Implicit | Tls::StartTls if is_foreign => {
                "; nobody that this machine trusts vouches for its certificate: ca_file of [mail] names an authority"
            }
            Tls::Implicit if told.contains("InvalidContentType") => {
                "; it does not begin with TLS: tls = \"starttls\" of [mail] is for such, mostly at port 587"
            }
            _ => "",
        }
    }

    /// The server, or the program in its place.
    pub(super) fn server(&self) -> String {
        match &self.settings.sendmail {
            Some(it) => it.program.display().to_string(),
            None => format!("{}:{}", self.settings.host, self.settings.port),
        }
    }
}

/// Whether a reply says that this mail to this address will never be accepted: the address is wrong, or the mail is too
/// large or in an unacceptable form. Decided by the enhanced status code (RFC 3463) with which most replies begin,
/// otherwise by the basic one.
///
/// RFC 5321 §4.2.1 has no client repeat a command that got a 5xx reply. But most that are met in practice are about the
/// sender or this machine and end when somebody mends that: "554 5.7.1 blocked using …", "550 5.4.5 daily limit". To
/// give up at the first of those would lose every alert of the hour.
fn is_about_the_mail(code: &str, text: &str) -> bool {
    if !code.starts_with('5') {
        return false;
    }
    let first = text.split_whitespace().next().unwrap_or_default();
    let enhanced = first.split('.').map(|it| it.parse::<u16>().ok()).collect::<Option<Vec<_>>>();
    match enhanced.as_deref() {
        // No such mailbox or domain, no address by its syntax, one that moved or takes no mail (RFC 7505). 5.1.0 and
        // 5.1.8 are said of senders, and 5.1.90 of those that sent too much today.
        Some([5, 1, detail]) => matches!(detail, 1 | 2 | 3 | 6 | 10),
        // Longer than this mailbox takes. One that is full (5.2.2) is emptied some day, and 5.2.1 is said to who sends
        // fast, too.
        Some([5, 2, detail]) => *detail == 3,
        Some([5, 3, detail]) => *detail == 4,
        Some([5, subject, _]) => *subject == 6,
        // Not the syntax of an address. 552 is a full mailbox as well (RFC 5321 §4.2.3).
        _ => code == "553",
    }
}

/// When a server said no.
enum Refusal {
    /// Before the mail was offered.
    Channel(smtp::Error),
    /// When it was told who asks.
    SignIn(smtp::Error),
    /// After.
    Message(smtp::Error),
}

fn mailbox(text: &str, is_sender: bool) -> Result<Mailbox, SettingsError> {
    text.parse::<Mailbox>().map_err(|_| SettingsError::Address { text: text.to_owned(), is_sender })
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

/// The first 16 bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(16).fold(String::new(), |mut res, byte| {
        let _ = write!(res, "{byte:02x}");
        res
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_about_the_mail_is_given_up_at_once() {
        let check =
            |code: &str, text: &str, expected| assert_eq!(is_about_the_mail(code, text), expected, "{code} {text}");
        check("550", "5.1.1 <reader@reader.example>: no such user", true);
        check("552", "5.3.4 Message size exceeds fixed limit", true);
        check("554", "5.6.0 looks like spam", true);
        check("553", "mailbox name not allowed", true);
        check("552", "exceeded storage allocation", false);
        check("550", "5.1.90 daily limit exceeded", false);
        check("450", "5.2.1 receiving mail too fast", false);
        check("552", "5.2.2 mailbox full", false);
        check("550", "5.1.8 sender address rejected: domain not found", false);
        check("554", "5.7.1 service unavailable; client host [192.0.2.1] blocked using zen.example", false);
        check("550", "5.4.5 daily sending quota exceeded", false);
        check("550", "no", false);
        check("554", "", false);
        check("451", "4.1.8 try later", false);
        check("421", "5.1.1", false);
    }
}
