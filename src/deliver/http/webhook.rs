//! JSON for any program.
//!
//! The body is that of [`json::message`]. `Idempotency-Key` is the message's id, the same at each attempt: who keeps it
//! gets each message once. With a secret, `X-Sitrepd-Signature: t=SECONDS,v1=HEX` signs time and body with HMAC-SHA-256
//! (RFC 2104) over `SECONDS.BODY`; a receiver refuses what is older than some minutes, so that nobody can send it
//! again.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use url::Url;

use super::{JSON, Posting, Secret};
use crate::{
    deliver::json,
    model::{MessageId, Rendered, Timestamp},
};

pub(super) fn posting(
    url: &Url,
    secret: Option<&Secret>,
    id: &MessageId,
    message: &Rendered,
    now: Timestamp,
) -> Posting {
    let body = json::message(id, message);
    let mut headers = vec![(JSON.0, JSON.1.to_owned()), ("idempotency-key", id.0.clone())];
    if let Some(secret) = secret {
        headers.push(("x-sitrepd-signature", signature(secret, now.timestamp(), &body)));
    }
    Posting { url: url.clone(), is_put: false, headers, body }
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
