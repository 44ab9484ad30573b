//! A topic of an ntfy server (<https://docs.ntfy.sh/publish/>): a push message on a telephone.

use url::Url;

use super::{Posting, Secret, within};
use crate::model::{MessageId, Rendered};

/// A longer text is made a file by the server.
const MAX_BYTES: usize = 4096;

/// Published as JSON to the server's root, since headers would hold no titles outside ASCII.
pub(super) fn posting(
    url: &Url,
    token: Option<&Secret>,
    id: &MessageId,
    message: &Rendered,
    is_urgent: bool,
) -> Posting {
    let topic = url.path_segments().and_then(|mut it| it.next_back()).unwrap_or_default();
    let mut root = url.clone();
    root.set_path(url.path().strip_suffix(topic).unwrap_or("/"));
    let body = super::json(&serde_json::json!({
        "topic": topic,
        "title": message.subject,
        "message": within(&message.text, MAX_BYTES, char::len_utf8),
        // The highest of five priorities rings and vibrates long, whatever the telephone's settings; the third is the
        // default.
        "priority": if is_urgent { 5 } else { 3 },
        "tags": [if id.is_of_alerts() { "rotating_light" } else { "newspaper" }],
    }));
    let mut headers = vec![(super::JSON.0, super::JSON.1.to_owned())];
    headers.extend(token.map(|it| ("authorization", format!("Bearer {}", it.reveal()))));
    Posting { url: root, is_put: false, headers, body }
}
