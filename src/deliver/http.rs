//! Channels over HTTP: webhooks, and services that people read messages in.
//!
//! Each makes a [`Posting`] from a message; the one guarded client for every outgoing request sends it (a receiver on a
//! private address must be named in `[fetch] allow_private`, and no redirect is followed: a message for one address
//! is not for another). What the receiver's status means is the same for all, see [`judge`].

mod matrix;
mod ntfy;
mod slack;
mod telegram;
mod webhook;

use std::{fmt, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use url::Url;

use super::{DeliverError, Envelope, Secret};
use crate::{
    digest::one_line,
    model::{MessageId, Rendered},
};

/// The longest reason kept, in characters.
const MAX_REASON_CHARS: usize = 300;

/// One request to a receiver.
#[derive(Clone, PartialEq, Eq)]
pub struct Posting {
    /// The address that is requested.
    pub url: Url,
    /// `PUT` where the receiver wants that, else `POST`.
    pub is_put: bool,
    /// Besides those of every request.
    pub headers: Vec<(&'static str, String)>,
    /// As it is sent.
    pub body: Vec<u8>,
}

impl fmt::Debug for Posting {
    /// Without addresses and headers, which hold tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Posting")
            .field("host", &self.url.host_str())
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What a receiver answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// HTTP status.
    pub status: u16,
    /// How long it asks to be left alone.
    pub retry_after: Option<Duration>,
    /// The beginning of what came with it.
    pub body: String,
}

/// No answer came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotPosted {
    /// What was tried and what went wrong, on one line and without secrets.
    pub reason: String,
}

/// The guarded client's way out, which belongs to another adapter.
pub type Poster = Arc<dyn Fn(Posting) -> BoxFuture<'static, Result<Posted, NotPosted>> + Send + Sync>;

/// A receiver over HTTP, as configured.
#[derive(Clone, PartialEq, Eq)]
pub enum HttpChannel {
    /// Any program that takes JSON.
    Webhook {
        /// The address that is requested.
        url: Url,
        /// Signs each request, where there is one.
        secret: Option<Secret>,
    },
    /// A topic of an ntfy server, with its address.
    Ntfy {
        /// The address of the topic: `https://ntfy.example/topic`.
        url: Url,
        /// Access token, where the server wants one.
        token: Option<Secret>,
    },
    /// An incoming webhook of Slack; its address is its password.
    Slack {
        /// The address.
        url: Url,
    },
    /// An incoming webhook of Mattermost; its address is its password.
    Mattermost {
        /// The address.
        url: Url,
    },
    /// A room on a Matrix homeserver.
    Matrix {
        /// The homeserver.
        url: Url,
        /// The room's id, as `!abc:example.org`.
        room: String,
        /// Access token of the account that posts.
        token: Secret,
    },
    /// A chat that a Telegram bot is in.
    Telegram {
        /// The bot server, `https://api.telegram.org` for almost everybody.
        url: Url,
        /// The chat's number, or `@name` of a channel.
        chat: String,
        /// The bot's token.
        token: Secret,
    },
}

impl HttpChannel {
    /// Where it sends to. May hold a secret.
    pub fn url(&self) -> &Url {
        match self {
            Self::Webhook { url, .. }
            | Self::Ntfy { url, .. }
            | Self::Slack { url }
            | Self::Mattermost { url }
            | Self::Matrix { url, .. }
            | Self::Telegram { url, .. } => url,
        }
    }

    pub(super) async fn send(
        &self,
        id: &MessageId,
        message: &Rendered,
        poster: &Poster,
        envelope: &Envelope,
    ) -> Result<(), DeliverError> {
        let posting = self.posting(id, message, envelope);
        let secrets = secrets(&posting);
        let answer = poster(posting).await.map(|it| Posted { body: without(&secrets, it.body), ..it });
        judge(&format!("{} {}", self.kind(), self.host()), answer)
    }

    /// The request that carries a message.
    fn posting(&self, id: &MessageId, message: &Rendered, envelope: &Envelope) -> Posting {
        match self {
            Self::Webhook { url, secret } => webhook::posting(url, secret.as_ref(), id, message, envelope.now),
            Self::Ntfy { url, token } => ntfy::posting(url, token.as_ref(), id, message, envelope.is_urgent),
            Self::Slack { url } => slack::posting(url, message, slack::escaped),
            Self::Mattermost { url } => slack::posting(url, message, slack::escaped_markdown),
            Self::Matrix { url, room, token } => matrix::posting(url, room, token, id, message),
            Self::Telegram { url, chat, token } => telegram::posting(url, chat, token, message),
        }
    }

    fn host(&self) -> &str {
        let (Self::Webhook { url, .. }
        | Self::Ntfy { url, .. }
        | Self::Slack { url }
        | Self::Mattermost { url }
        | Self::Matrix { url, .. }
        | Self::Telegram { url, .. }) = self;
        url.host_str().unwrap_or_default()
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Webhook { .. } => "webhook",
            Self::Ntfy { .. } => "ntfy server",
            Self::Slack { .. } | Self::Mattermost { .. } => "chat server",
            Self::Matrix { .. } => "Matrix server",
            Self::Telegram { .. } => "Telegram server",
        }
    }
}

impl fmt::Debug for HttpChannel {
    /// Without addresses and tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpChannel({} {})", self.kind(), self.host())
    }
}

/// The parts of a request that must not be logged: receivers often repeat in an error what they were sent.
fn secrets(posting: &Posting) -> Vec<String> {
    let path = posting.url.path();
    let mut res = vec![path.to_owned()];
    res.extend(posting.url.query().map(str::to_owned));
    res.extend(path.split('/').map(str::to_owned));
    res.extend(posting.headers.iter().flat_map(|(_, value)| [value.clone(), value.replace("Bearer ", "")]));
    let decoded = res.iter().map(|it| percent_decoded(it)).collect::<Vec<_>>();
    res.extend(decoded);
    // Shorter ones are words such as "api", and no secrets.
    res.retain(|it| it.len() > 3 && it != JSON.1);
    // Longest first: removing a part first would leave the rest of the whole.
    res.sort_by_key(|it| std::cmp::Reverse(it.len()));
    res
}

fn percent_decoded(text: &str) -> String {
    let pairs = url::form_urlencoded::parse(text.replace('+', "%2B").as_bytes()).into_owned().collect::<Vec<_>>();
    pairs.into_iter().flat_map(|(name, value)| [name, value]).collect()
}

fn without(secrets: &[String], text: String) -> String {
    secrets.iter().fold(text, |it, secret| it.replace(secret.as_str(), "…"))
}

/// Maximum time for which a receiver is left alone at its own request: an alert a day late is useless.
const MAX_WAIT: Duration = Duration::from_secs(3600);

/// Interprets an answer. 2xx means delivered. 413, 414, 415 and 422 concern this message, which would be refused again
/// (RFC 9110 §15.5). Everything else is a fault of the channel or temporary, so the message waits until somebody has
/// repaired it. That includes 400, with which Telegram says that a chat is gone and nginx that a port expects TLS.
fn judge(receiver: &str, answer: Result<Posted, NotPosted>) -> Result<(), DeliverError> {
    let (is_permanent, wait, what) = match answer {
        Ok(Posted { status: 200..=299, .. }) => return Ok(()),
        Ok(Posted { status, retry_after, body }) => (
            matches!(status, 413 | 414 | 415 | 422),
            retry_after.filter(|_| matches!(status, 429 | 503)),
            format!("answered with status {status}: {body}"),
        ),
        Err(NotPosted { reason }) => (false, None, reason),
    };
    let reason = one_line(&format!("{receiver}: {what}"), MAX_REASON_CHARS);
    Err(match (is_permanent, wait) {
        (true, _) => DeliverError::Permanent { reason, source: None },
        (false, Some(wait)) => DeliverError::Busy { reason, wait: wait.min(MAX_WAIT) },
        (false, None) => DeliverError::Transient { reason, source: None },
    })
}

/// `application/json` of a value.
fn json(value: &serde_json::Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

const JSON: (&str, &str) = ("content-type", "application/json");

/// Shortens a text to a receiver's limit, in bytes or characters as `size` counts, and says so if anything was cut.
fn within(text: &str, limit: usize, size: fn(char) -> usize) -> String {
    const CUT: &str = "\n… (cut; the digest has it in full)";
    if text.chars().map(size).sum::<usize>() <= limit {
        return text.to_owned();
    }
    let mut left = limit.saturating_sub(CUT.chars().map(size).sum());
    let mut res: String = text
        .chars()
        .take_while(|it| match left.checked_sub(size(*it)) {
            Some(rest) => {
                left = rest;
                true
            }
            None => false,
        })
        .collect();
    res.push_str(CUT);
    res
}

/// An address with more segments, each percent-encoded. A web address can always have some.
fn below(url: &Url, segments: &[&str]) -> Url {
    let mut res = url.clone();
    if let Ok(mut path) = res.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_fit_their_limits() {
        let bytes = char::len_utf8;
        assert_eq!(within("short", 5, bytes), "short");
        for limit in [60, 61, 62, 63] {
            let cut = within(&"Վիննիկով ".repeat(20), limit, bytes);
            assert!(cut.len() <= limit && cut.ends_with("in full)"), "{cut}");
        }
        assert_eq!(within(&"ж".repeat(90), 50, |_| 1).chars().count(), 50);
    }

    #[test]
    fn secrets_are_taken_out_of_answers() {
        let posting = Posting {
            url: "https://a.example/hooks/T0%2FKEN?key=abcd".parse().unwrap(),
            is_put: false,
            headers: vec![(JSON.0, JSON.1.to_owned()), ("authorization", "Bearer t0ken".to_owned())],
            body: Vec::new(),
        };
        let said =
            "Cannot POST /hooks/T0%2FKEN?key=abcd with T0/KEN, Bearer t0ken or t0ken as application/json".to_owned();
        let kept = without(&secrets(&posting), said);
        for secret in ["T0", "abcd", "t0ken"] {
            assert!(!kept.contains(secret), "{kept}");
        }
        assert!(kept.starts_with("Cannot POST ") && kept.ends_with("as application/json"), "{kept}");
    }

    fn posted(status: u16, retry_after: Option<Duration>) -> Posted {
        Posted { status, retry_after, body: "why\nnot".to_owned() }
    }

    #[test]
    fn receivers_are_left_alone_for_an_hour_at_most() {
        let wait = |status, seconds| {
            let asked = Some(Duration::from_secs(seconds));
            judge("webhook a.example", Ok(posted(status, asked))).unwrap_err().wait().as_secs()
        };
        assert_eq!((wait(429, 300), wait(503, 300), wait(429, 86_400)), (300, 300, 3_600));
        assert_eq!((wait(500, 300), wait(422, 300)), (0, 0));
    }

    #[test]
    fn what_answers_mean() {
        let answer = |status| judge("webhook a.example", Ok(posted(status, None)));
        assert!(answer(200).is_ok() && answer(204).is_ok());
        for status in [413, 414, 415, 422] {
            assert!(!answer(status).unwrap_err().is_transient(), "{status}");
        }
        for status in [301, 302, 400, 401, 403, 404, 408, 410, 429, 500, 502, 503] {
            let error = answer(status).unwrap_err();
            assert!(error.is_transient(), "{status}");
            assert_eq!(error.reason(), format!("webhook a.example: answered with status {status}: why not"));
        }
        let error = judge("webhook a.example", Err(NotPosted { reason: "refused".to_owned() })).unwrap_err();
        assert!(error.is_transient());
    }
}
