//! An incoming webhook of Slack, or of Mattermost, which takes the same JSON and reads other markup.

use serde_json::json;
use url::Url;

use super::{JSON, Posting, within};
use crate::model::Rendered;

/// Slack cuts longer texts by itself, in the middle of a word; Mattermost refuses those over 16,383.
const MAX_CHARS: usize = 15_000;

pub(super) fn posting(url: &Url, message: &Rendered, escaped: fn(&str) -> String) -> Posting {
    let text = format!("*{}*\n{}", escaped(&message.subject), escaped(&message.text));
    // What is cut within an escape shows half of it, and calls nobody.
    let body = super::json(&json!({ "text": within(&text, MAX_CHARS, |_| 1) }));
    Posting { url: url.clone(), is_put: false, headers: vec![(JSON.0, JSON.1.to_owned())], body }
}

/// The three characters that Slack reads as markup of links and mentions: "<!channel>" would wake everybody. Those of
/// emphasis are left: titles rarely have them, and they do no harm.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Escapes for Mattermost, which reads Markdown, including pictures, and notifies whoever a plain `@` names, even in an
/// address. Addresses are left as they are, since they would otherwise lead elsewhere, except that `@` becomes its
/// percent code, which leads to the same place.
pub(super) fn escaped_markdown(text: &str) -> String {
    let mut res = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        if word.starts_with("https://") || word.starts_with("http://") {
            res.push_str(&word.replace('@', "%40"));
        } else {
            escape(word, &mut res);
        }
    }
    res
}

fn escape(text: &str, res: &mut String) {
    for it in text.chars() {
        if matches!(it, '\\' | '`' | '*' | '_' | '~' | '[' | ']' | '(' | ')' | '!' | '#' | '|' | '<' | '>') {
            res.push('\\');
        }
        res.push(it);
        if it == '@' {
            // A zero-width space keeps the sign from naming anybody.
            res.push('\u{200b}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_called_by_a_title() {
        assert_eq!(escaped("<!channel> & <https://a.example|b>"), "&lt;!channel&gt; &amp; &lt;https://a.example|b&gt;");
        assert_eq!(
            escaped_markdown("@channel ![x](http://a.example)"),
            "@\u{200b}channel \\!\\[x\\]\\(http://a.example\\)"
        );
        assert_eq!(escaped_markdown("a_b\nhttps://a.example/@c/d_e(f)\n"), "a\\_b\nhttps://a.example/%40c/d_e(f)\n");
    }
}
