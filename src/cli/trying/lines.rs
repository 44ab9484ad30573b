//! `sitrepd try … --jsonl`: a record a line from standard input, and one a line back, in order. A record that
//! is of no use gets an answer with `error`; it never ends the run.

use std::{
    fs,
    io::{self, BufRead},
    path::{Path, PathBuf},
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use url::Url;

use crate::{api, config::Config, extract, model::Timestamp, parse};

use super::{CliError, Output, names, of_file, page_record, sample_source, text_article, watch_records};

#[derive(Deserialize)]
struct FeedLine {
    file: PathBuf,
    url: Option<String>,
    content_type: Option<String>,
}

#[derive(Deserialize)]
struct PageLine {
    #[serde(default)]
    id: Value,
    path: PathBuf,
    url: Option<String>,
}

#[derive(Deserialize)]
struct TextLine {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    title: String,
    #[serde(default, alias = "body")]
    text: String,
    /// Looked for instead of the configured watches.
    term: Option<String>,
    /// The language of the text, for the endings of `term`.
    text_lang: Option<String>,
}

/// More entries of one feed are not shown.
const SHOWN: parse::Settings = parse::Settings { max_entries: 5_000 };

/// `{"file","url","content_type"}` to `{"ok","error","feed","entries","problems"}`, the feed as its publisher wrote it.
pub(super) fn feeds(out: &Output) -> Result<(), CliError> {
    let failed = |_: &Value, error: &str| json!({ "ok": false, "error": error, "entries": [], "problems": [] });
    each(out, failed, |line: FeedLine| {
        let (bytes, url) = document(&line.file, line.url.as_deref())?;
        let document = parse::Document {
            bytes: &bytes,
            content_type: line.content_type.as_deref(),
            url: &url,
            now: Timestamp::UNIX_EPOCH,
        };
        let feed = parse::feed(document, SHOWN).map_err(|it| it.to_string())?;
        let mut record = serde_json::to_value(api::feed::Document::from(&feed)).map_err(|it| it.to_string())?;
        if let Some(fields) = record.as_object_mut() {
            fields.insert("ok".to_owned(), json!(true));
            fields.insert("error".to_owned(), Value::Null);
        }
        Ok(record)
    })
}

/// `{"id","path","url"}` to what [`page_record`] says, with the id.
pub(super) fn pages(config: &Config, out: &Output) -> Result<(), CliError> {
    each(out, with_id, |line: PageLine| {
        let (bytes, url) = document(&line.path, line.url.as_deref())?;
        let recipe = config.recipe(&sample_source(&url), &url);
        let document = extract::Document::of(&bytes, None, &url, parse::page_text);
        let it = extract::document(&document, &url, recipe.as_deref(), None);
        let mut record = page_record(&it.map_err(|it| it.to_string())?);
        if let Some(fields) = record.as_object_mut() {
            fields.insert("id".to_owned(), line.id);
        }
        Ok(record)
    })
}

/// `{"id","title","text"}` to `{"id","watches"}`, the watches that fire with their hits; with a `term`, what
/// [`names::verdict`] says of it.
pub(super) fn watches(config: &Config, out: &Output) -> Result<(), CliError> {
    each(out, with_id, |line: TextLine| {
        if let Some(term) = &line.term {
            return names::verdict(&line.id, term, &line.text, line.text_lang.as_deref());
        }
        let article = text_article(&line.title, &line.text);
        Ok(json!({ "id": line.id, "watches": watch_records(config, &article) }))
    })
}

pub(super) fn with_id(id: &Value, error: &str) -> Value {
    json!({ "id": id, "error": error })
}

/// Answers each line; `failed` makes the answer of an id and what is wrong.
pub(super) fn each<T: DeserializeOwned>(
    out: &Output,
    failed: impl Fn(&Value, &str) -> Value,
    answer: impl FnMut(T) -> Result<Value, String>,
) -> Result<(), CliError> {
    answered(failed, answer, |it| out.record(&it))
}

/// Passes on the answer to each line; `failed` makes the answer for an id and an error.
pub(super) fn answered<T: DeserializeOwned>(
    failed: impl Fn(&Value, &str) -> Value,
    mut answer: impl FnMut(T) -> Result<Value, String>,
    mut tell: impl FnMut(Value) -> Result<(), CliError>,
) -> Result<(), CliError> {
    for line in io::stdin().lock().split(b'\n') {
        let line = line.map_err(|source| CliError::Io { doing: "read standard input", source })?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let value = serde_json::from_slice::<Value>(&line).map_err(|it| format!("not JSON: {it}"));
        let id = value.as_ref().ok().and_then(|it| it.get("id")).cloned().unwrap_or_default();
        // An array would do for a struct.
        let value = value.and_then(|it| if it.is_object() { Ok(it) } else { Err("not an object".to_owned()) });
        let typed = value.and_then(|it| serde_json::from_value(it).map_err(|it| it.to_string()));
        tell(typed.and_then(&mut answer).unwrap_or_else(|error| failed(&id, &error)))?;
    }
    Ok(())
}

/// A file and its address; one that has none, or none of use, gets that of the file, which says nothing about the
/// addresses in it.
fn document(path: &Path, url: Option<&str>) -> Result<(Vec<u8>, Url), String> {
    let bytes = fs::read(path).map_err(|it| format!("cannot read {}: {it}", path.display()))?;
    let url = url.and_then(|it| Url::parse(it).ok()).map_or_else(|| of_file(path), Ok).map_err(|it| it.to_string())?;
    Ok((bytes, url))
}
