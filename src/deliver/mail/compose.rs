//! A message as a mail (RFC 5322).

use std::{fmt::Write, time::SystemTime};

use lettre::{
    Message,
    message::{
        MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use sha2::{Digest as _, Sha256};

use super::{MailChannel, flowed, hex};
use crate::{
    deliver::Envelope,
    digest::one_line,
    model::{MessageId, Rendered},
};

/// Characters of a subject; the renderers keep below it.
const MAX_SUBJECT_CHARS: usize = 200;
/// Maximum characters of a name in a header, whose line must stay below 998 octets (RFC 5322 §2.1.1).
const MAX_ATOM_CHARS: usize = 300;

impl MailChannel {
    /// The mail as it goes out, the same at every attempt. Its date is that of the message (RFC 5322 §3.6.1), not of
    /// the attempt.
    pub(super) fn compose(
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
        if envelope.is_urgent {
            // RFC 2156 §5.3.4, and what Outlook writes and reads.
            for (name, value) in [("Importance", "high"), ("X-Priority", "1")] {
                mail = mail.raw_header(header(HeaderName::new_from_ascii_str(name), value));
            }
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
                // Derived from the content, so that no content can contain it and every attempt has the same boundary.
                let boundary = format!("sitrepd-{}", hex(&Sha256::digest(format!("{id}\n{}\n{html}", message.text))));
                let parts = MultiPart::alternative().boundary(boundary);
                mail.multipart(parts.singlepart(text).singlepart(SinglePart::html(html)))
            }
        }
    }

    fn message_id(&self, id: &MessageId) -> String {
        format!("<{}@{}>", dot_atom(&id.0), self.settings.domain)
    }
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

/// A text as RFC 5322 allows it to the left of the `@`; different texts stay different. What is too long for a line of
/// a mail is cut and distinguished by a hash.
pub(super) fn dot_atom(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        deliver::mail::{Settings, Tls},
        model::Timestamp,
    };

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
            sendmail: None,
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
        let corpus: Vec<_> = include_str!("../../../tests/fixtures/fuzz/titles.txt").lines().collect();
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
