//! An incoming webhook of Slack, or of Mattermost, which takes the same.

use serde_json::json;

use super::{JSON, Posting, Secret, within};
use crate::model::Rendered;

/// Slack cuts longer texts by itself, in the middle of a word; Mattermost refuses those over 16,383.
const MAX_CHARS: usize = 12_000;

pub(super) fn posting(url: &Secret, message: &Rendered) -> Result<Posting, String> {
    // The parse error would show the address, which is a password.
    let url = url.reveal().parse().map_err(|_| "its address is no web address".to_owned())?;
    let text = within(&message.text, MAX_CHARS, |_| 1);
    let body = super::json(&json!({ "text": format!("*{}*\n{}", escaped(&message.subject), escaped(&text)) }));
    Ok(Posting { url, is_put: false, headers: vec![(JSON.0, JSON.1.to_owned())], body })
}

/// The three characters that Slack reads as markup of links and mentions ("<!channel>" would wake everybody), and those
/// of emphasis are left: titles rarely have them, and they do no harm.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_called_by_a_title() {
        assert_eq!(escaped("<!channel> & <https://a.example|b>"), "&lt;!channel&gt; &amp; &lt;https://a.example|b&gt;");
    }
}
