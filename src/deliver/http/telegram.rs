//! A chat that a Telegram bot is in (Bot API, `sendMessage`).

use serde_json::json;
use url::Url;

use super::{JSON, Posting, Secret, below, within};
use crate::model::Rendered;

/// Maximum length of one message, in UTF-16 code units.
const MAX_UNITS: usize = 4096;

/// Plain text: without `parse_mode` nothing in it is markup.
pub(super) fn posting(url: &Url, chat: &str, token: &Secret, message: &Rendered) -> Posting {
    let url = below(url, &[&format!("bot{}", token.reveal()), "sendMessage"]);
    let text = format!("{}\n\n{}", message.subject, message.text);
    let body = super::json(&json!({
        "chat_id": chat,
        "text": within(&text, MAX_UNITS, char::len_utf16),
        "link_preview_options": { "is_disabled": true },
    }));
    Posting { url, is_put: false, headers: vec![(JSON.0, JSON.1.to_owned())], body }
}
