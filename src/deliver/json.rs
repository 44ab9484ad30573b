//! A message as JSON, for programs.

use serde_json::{Value, json};

use crate::model::{Document, MessageId, Rendered};

/// `{"id", "subject", "text", "html", "documents": [{"name", "media_type", "body"}]}`, where a document in JSON stands
/// as JSON.
pub(super) fn message(id: &MessageId, message: &Rendered) -> Vec<u8> {
    let documents: Vec<Value> = message.documents.iter().map(document).collect();
    let value = json!({
        "id": id.0,
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "documents": documents,
    });
    value.to_string().into_bytes()
}

fn document(it: &Document) -> Value {
    let body = match it.media_type.as_str() {
        "application/json" => serde_json::from_str(&it.body).unwrap_or_else(|_| Value::from(it.body.as_str())),
        _ => Value::from(it.body.as_str()),
    };
    json!({ "name": it.name, "media_type": it.media_type, "body": body })
}
