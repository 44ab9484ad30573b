//! JSON for any program.
//!
//! The body is `{"id", "subject", "text", "html", "documents": [{"name", "media_type", "body"}]}`, where a document in JSON
//! stands as JSON. `Idempotency-Key` is the message's id, the same at each attempt: who keeps it gets each message once.
//! With a secret, `X-Sitrepd-Signature: t=SECONDS,v1=HEX` signs time and body with HMAC-SHA-256 (RFC 2104) over
//! `SECONDS.BODY`; a receiver refuses what is older than some minutes, so that nobody can send it again.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use super::{JSON, Posting, Secret};
use crate::model::{Document, MessageId, Rendered, Timestamp};

pub(super) fn posting(
    url: &Url,
    secret: Option<&Secret>,
    id: &MessageId,
    message: &Rendered,
    now: Timestamp,
) -> Posting {
    let body = body(id, message);
    let mut headers = vec![(JSON.0, JSON.1.to_owned()), ("idempotency-key", header(&id.0))];
    if let Some(secret) = secret {
        headers.push(("x-sitrepd-signature", signature(secret, now.timestamp(), &body)));
    }
    Posting { url: url.clone(), is_put: false, headers, body }
}

/// A message as JSON.
pub(in crate::deliver) fn body(id: &MessageId, message: &Rendered) -> Vec<u8> {
    let documents: Vec<Value> = message.documents.iter().map(document).collect();
    super::json(&json!({
        "id": id.0,
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "documents": documents,
    }))
}

fn document(it: &Document) -> Value {
    let body = match it.media_type.as_str() {
        "application/json" => serde_json::from_str(&it.body).unwrap_or_else(|_| Value::from(it.body.as_str())),
        _ => Value::from(it.body.as_str()),
    };
    json!({ "name": it.name, "media_type": it.media_type, "body": body })
}

/// Ids are made of the names of digests and channels, which a person may write in any script.
fn header(text: &str) -> String {
    text.bytes().map(|it| if it.is_ascii_graphic() { char::from(it) } else { '_' }).collect()
}

fn signature(secret: &Secret, seconds: i64, body: &[u8]) -> String {
    use std::fmt::Write as _;

    let mut res = format!("t={seconds},v1=");
    // An HMAC takes a key of any length.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()) {
        mac.update(format!("{seconds}.").as_bytes());
        mac.update(body);
        for byte in mac.finalize().into_bytes() {
            let _ = write!(res, "{byte:02x}");
        }
    }
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By `printf '1795305600.{}' | openssl dgst -sha256 -hmac secret`.
    #[test]
    fn signs_time_and_body() {
        let secret = Secret::new("secret".to_owned());
        let expected = "t=1795305600,v1=588e64e106d8f20bb707eb4cb5f069b9b9179c65775e646cd2dfdf2fb91809a0";
        assert_eq!(signature(&secret, 1_795_305_600, b"{}"), expected);
        assert_ne!(signature(&secret, 1_795_305_601, b"{}").split_once(",v1="), expected.split_once(",v1="));
    }
}
