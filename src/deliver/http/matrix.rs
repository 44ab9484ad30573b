//! A room on a Matrix homeserver (client-server API v1.11, §"Sending events to a room").

use serde_json::json;
use url::Url;

use super::{JSON, Posting, Secret, below, within};
use crate::model::{MessageId, Rendered};

/// An event holds 65,536 bytes, all of it counted, and JSON may double a text's size.
const MAX_BYTES: usize = 24_000;

/// The transaction id is the message's: a homeserver takes the same one once only, so that nothing is said twice.
pub(super) fn posting(url: &Url, room: &str, token: &Secret, id: &MessageId, message: &Rendered) -> Posting {
    let url = below(url, &["_matrix", "client", "v3", "rooms", room, "send", "m.room.message", &id.0]);
    let text = format!("{}\n\n{}", message.subject, message.text);
    // By an account's default rules no client notifies of a notice, so an alert is not one. And if the message lists
    // whom it mentions, a title with "@room" or somebody's name notifies nobody.
    let kind = if id.is_of_alerts() { "m.text" } else { "m.notice" };
    let body = within(&text, MAX_BYTES, char::len_utf8);
    let body = super::json(&json!({ "msgtype": kind, "body": body, "m.mentions": {} }));
    let headers = vec![(JSON.0, JSON.1.to_owned()), ("authorization", format!("Bearer {}", token.reveal()))];
    Posting { url, is_put: true, headers, body }
}
