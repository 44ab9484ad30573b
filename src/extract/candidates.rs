//! Bodies that a page holds besides its lines: in structured data, and in the state that scripts draw it from.

use serde_json::Value;

use crate::text::html;

use super::{blocks::weight, body::Body, clean, head::Head};

/// A text of fewer letters is no candidate.
const LEAST: f32 = 300.0;

/// Values of a page's state beyond this many are not looked at.
const MAX_VALUES: usize = 20_000;

/// The better of the body that was read from the lines and what else the page holds.
///
/// Where both agree the lines are taken: they have the paragraphs and the headings. Structured data is the publisher's own text,
/// and wins where the lines give less than half of it, as on pages that scripts draw.
pub(super) fn better(body: Body, head: &Head, title: &str) -> Body {
    let of_lines = weight(&body.text);
    if let Some(text) = head.article_body() {
        let letters = weight(&text);
        if letters >= LEAST && of_lines < 0.5 * letters {
            return Body { text: clean::body_text(&text, title), ..body };
        }
    }
    if of_lines < LEAST
        && let Some(text) = head.state.as_ref().and_then(of_state)
        && weight(&text) >= LEAST.max(2.0 * of_lines)
    {
        return Body { text: clean::body_text(&text, title), ..body };
    }
    body
}

/// The longest text in the state: one string, or the strings of one list.
fn of_state(state: &Value) -> Option<String> {
    let mut best = String::new();
    let mut stack = vec![state];
    let mut n_values = 0;
    while let Some(value) = stack.pop() {
        n_values += 1;
        if n_values > MAX_VALUES {
            break;
        }
        match value {
            Value::String(it) if it.len() > best.len() && is_prose(it) => best = html::plain(it),
            Value::Array(items) => {
                let parts: Vec<String> =
                    items.iter().filter_map(text_of).map(html::plain).filter(|it| !it.is_empty()).collect();
                let prose = parts.iter().filter(|it| is_prose(it)).count();
                let length: usize = parts.iter().map(String::len).sum();
                if prose >= 2 && prose * 2 >= parts.len() && length > best.len() {
                    best = parts.join("\n");
                }
                stack.extend(items);
            }
            Value::Object(map) => stack.extend(map.values()),
            _ => (),
        }
    }
    (!best.is_empty()).then_some(best)
}

/// The text of an item of a list: the item, or what it has under a usual name.
fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::String(it) => Some(it),
        Value::Object(map) => ["text", "content", "value", "html", "body"].iter().find_map(|it| map.get(*it)?.as_str()),
        _ => None,
    }
}

/// Whether a string is sentences, and no code, address or list of names.
fn is_prose(text: &str) -> bool {
    text.len() > 60
        && text.split_whitespace().count() >= 8
        && text.contains(['.', '!', '?', '։', '؟', '…', '。'])
        && !text.trim_start().starts_with(['{', '[', '@', '#'])
        && !text.contains("function")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENTENCE: &str =
        "The delegation arrived on Monday evening, and the talks about the bridge began at once in the old town hall.";

    fn head(markup: &str) -> Head {
        Head::read(&html::document(markup).unwrap())
    }

    fn body_of(markup: &str) -> String {
        better(Body::default(), &head(markup), "Title").text
    }

    #[test]
    fn structured_data_serves_where_the_page_is_empty() {
        let page = format!(
            r#"<script type="application/ld+json">{{"@type":"NewsArticle","articleBody":"{}"}}</script>"#,
            [SENTENCE; 5].join(" ")
        );
        assert_eq!(body_of(&page), [SENTENCE; 5].join(" "));
        let read = Body { text: [SENTENCE; 4].join("\n"), ..Body::default() };
        assert_eq!(better(read, &head(&page), "Title").text, [SENTENCE; 4].join("\n"));
    }

    #[test]
    fn the_state_of_a_page_serves_where_nothing_else_does() {
        let paragraphs = vec![format!("{{\"type\":\"p\",\"text\":\"{SENTENCE}\"}}"); 5].join(",");
        let page = format!(
            r#"<script id="__NEXT_DATA__" type="application/json">{{"props":{{"blocks":[{paragraphs}]}}}}</script>"#
        );
        assert_eq!(body_of(&page), [SENTENCE; 5].join("\n"));
        let code = r#"<script id="__NEXT_DATA__" type="application/json">{"a":"function x() { return 1; } and so on. And so on. And so on."}</script>"#;
        assert_eq!(body_of(code), "");
    }
}
