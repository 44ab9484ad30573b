//! Reads TOML texts into values, with errors that name file, line, key and the nearest valid key.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use super::{files::Text, layers::Layers};
use chrono_tz::{TZ_VARIANTS, Tz};
use serde::de::DeserializeOwned;
use toml_edit::{Document, DocumentMut, Item, Key, Table, TableLike, Value};

/// A configuration that cannot be used. The message says where and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file cannot be read or written.
    #[error("cannot {doing} {path}")]
    Io {
        /// "read", "write", "create".
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file, or an environment variable, that does not say what is needed.
    #[error("{place}: {problem}")]
    Invalid {
        /// `config/sitrepd.toml line 12`, or the environment variable.
        place: String,
        /// What is wrong, with the nearest valid key where one is near.
        problem: String,
    },
    /// A file with the same purpose exists already.
    #[error(
        "{path} exists already, and so do the other files: nothing was written. Edit them, or choose another directory with --config-dir"
    )]
    Exists {
        /// The file.
        path: PathBuf,
    },
}

impl ConfigError {
    /// An error at the table, or table element, that `path` leads to (`["source", "3"]`).
    pub(super) fn at(file: &Path, text: &str, path: &[&str], problem: impl Into<String>) -> Self {
        Self::Invalid { place: place(file, text, path), problem: problem.into() }
    }
}

/// Reads a whole file of its own kind.
pub(super) fn parse<T: DeserializeOwned>(file: &Path, text: &str) -> Result<T, ConfigError> {
    let document: DocumentMut = text.parse().map_err(|error| syntax(file, text, &error))?;
    value(document, |path, problem| {
        ConfigError::at(file, text, &path.iter().map(String::as_str).collect::<Vec<_>>(), problem)
    })
}

/// Reads files laid over defaults, and environment variables laid over both. `env` holds the dotted key of
/// each variable and its value, which is TOML where it parses as such and a string otherwise.
pub(super) fn parse_over<T: DeserializeOwned>(
    defaults: &str,
    layers: &Layers,
    env: &[(String, Vec<String>, String)],
) -> Result<T, ConfigError> {
    value(merged(defaults, layers, env)?, |path, problem| {
        match env.iter().find(|(_, keys, _)| keys == path || path.starts_with(keys)) {
            Some((name, ..)) => ConfigError::Invalid { place: format!("environment variable {name}"), problem },
            None => layers.error(&path.iter().map(String::as_str).collect::<Vec<_>>(), problem),
        }
    })
}

/// What [`parse_over`] reads.
pub(super) fn merged(
    defaults: &str,
    layers: &Layers,
    env: &[(String, Vec<String>, String)],
) -> Result<DocumentMut, ConfigError> {
    let mut merged: DocumentMut =
        defaults.parse().map_err(|error| syntax(Path::new("built-in defaults"), defaults, &error))?;
    for Text { path, text } in layers.files() {
        let user: DocumentMut = text.parse().map_err(|error| syntax(path, text, &error))?;
        overlay(merged.as_table_mut(), user.as_table());
    }
    for (_, keys, raw) in env {
        let parsed = raw.parse::<Value>().unwrap_or_else(|_| Value::from(raw.as_str()));
        set(merged.as_table_mut(), keys, parsed);
    }
    Ok(merged)
}

fn value<T: DeserializeOwned>(
    document: DocumentMut,
    error: impl Fn(&[String], String) -> ConfigError,
) -> Result<T, ConfigError> {
    let deserializer = toml_edit::de::Deserializer::from(document);
    serde_path_to_error::deserialize(deserializer).map_err(|failed| {
        let mut path: Vec<String> = failed.path().iter().filter_map(segment).collect();
        let message = failed.inner().message().to_owned();
        // serde stops at the table that holds an unknown key; the key itself stands in the message.
        if let Some((key, expected)) = unknown_key(&message) {
            if path.last().map(String::as_str) != Some(key) {
                path.push(key.to_owned());
            }
            let near = nearest(key, &expected).map(|it| format!("; did you mean {it:?}?")).unwrap_or_default();
            return error(&path, format!("unknown key {key:?}{near}"));
        }
        let key = path.iter().rev().find(|it| it.parse::<usize>().is_err()).map_or("", String::as_str);
        let colon = if key.is_empty() { "" } else { ": " };
        error(&path, format!("{key}{colon}{}", wanted(key, &message).unwrap_or(message)))
    })
}

/// What is to be written, in place of serde's message about types: ``invalid type: integer `30`, expected a string``.
fn wanted(key: &str, message: &str) -> Option<String> {
    let rest = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "))?;
    let (met, expected) = rest.rsplit_once(", expected ")?;
    Some(match expected {
        "a sequence" if met == "map" => {
            format!("there may be several of these tables: write [[{key}]] in two pairs of brackets")
        }
        "a sequence" => format!("write a list in brackets, as in [\"a\", \"b\"]; it is {met}"),
        "a string" => format!("write it in quotes, as in \"text\", or \"30m\" for a time; it is {met}"),
        "u8" | "u16" | "u32" | "u64" | "usize" => format!("write a whole number from 0 on; it is {met}"),
        _ => return None,
    })
}

fn segment(segment: &serde_path_to_error::Segment) -> Option<String> {
    match segment {
        serde_path_to_error::Segment::Seq { index } => Some(index.to_string()),
        serde_path_to_error::Segment::Map { key } => Some(key.clone()),
        _ => None,
    }
}

/// The key and the valid ones out of serde's message: ``unknown field `a`, expected one of `b`, `c` ``.
fn unknown_key(message: &str) -> Option<(&str, Vec<&str>)> {
    let rest = message.strip_prefix("unknown field `")?;
    let (key, rest) = rest.split_once('`')?;
    Some((key, rest.split('`').skip(1).step_by(2).collect()))
}

/// The valid word that was probably meant by a wrong one.
pub(super) fn nearest<'a>(key: &str, valid: &[&'a str]) -> Option<&'a str> {
    let ranked = valid.iter().map(|it| (strsim::jaro_winkler(key, it), *it));
    ranked.filter(|(likeness, _)| *likeness > 0.75).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, it)| it)
}

/// A time zone by its name; otherwise what is wrong, and which zone was probably meant, since many write only the city.
pub(super) fn zone(name: &str) -> Result<Tz, String> {
    let plain = |it: &str| it.to_lowercase().replace(' ', "_");
    let city = |it: &Tz| plain(it.name().rsplit('/').next().unwrap_or_default());
    let meant = || {
        let written = plain(name);
        let is_meant = |it: &&Tz| city(it) == written || plain(it.name()) == written;
        let names: Vec<_> = TZ_VARIANTS.iter().map(|it| it.name()).collect();
        TZ_VARIANTS.iter().find(is_meant).map(|it| it.name()).or_else(|| nearest(name, &names))
    };
    name.parse().map_err(|_| {
        let near = meant().map(|it| format!("; did you mean {it:?}?")).unwrap_or_default();
        format!("{name:?} is not an IANA time zone such as \"Asia/Tbilisi\"{near}")
    })
}

fn overlay(base: &mut Table, over: &Table) {
    for (key, item) in over {
        match (base.get_mut(key), item) {
            (Some(Item::Table(inner)), Item::Table(table)) => overlay(inner, table),
            (held, _) => {
                let all = held.and_then(|it| joined(it, item)).unwrap_or_else(|| item.clone());
                base.insert(key, all);
            }
        }
    }
}

/// Two lists of tables joined; `None` if either is none, or is empty: the later then replaces the earlier.
fn joined(held: &Item, more: &Item) -> Option<Item> {
    let mut all = held.clone().into_array_of_tables().ok()?;
    all.extend(more.clone().into_array_of_tables().ok()?);
    Some(Item::ArrayOfTables(all))
}

/// The number of tables in the list with this name in a text; 0 if the name is something else, `None` if it is absent.
pub(super) fn tables(text: &str, name: &str) -> Option<usize> {
    let document: DocumentMut = text.parse().ok()?;
    let item = document.get(name)?.clone();
    Some(item.into_array_of_tables().map_or(0, |it| it.len()))
}

/// How many segments of a path are written in a text.
pub(super) fn depth(text: &str, path: &[&str]) -> usize {
    Document::parse(text).ok().and_then(|document| written(document.as_table(), path)).map_or(0, |it| it.0)
}

fn set(table: &mut Table, keys: &[String], value: Value) {
    match keys {
        [] => (),
        [key] => {
            table.insert(key, Item::Value(value));
        }
        [key, rest @ ..] => {
            if let Some(inner) = table.entry(key).or_insert_with(|| Item::Table(Table::new())).as_table_mut() {
                set(inner, rest, value);
            }
        }
    }
}

fn syntax(file: &Path, text: &str, error: &toml_edit::TomlError) -> ConfigError {
    let line = error.span().map_or(1, |it| line_of(text, it.start));
    let written = text.lines().nth(line - 1).unwrap_or_default();
    let problem = match error.message() {
        // What stands after the key may be a secret.
        "duplicate key" => {
            format!("duplicate key: {} is here a second time", written.split('=').next().unwrap_or_default().trim())
        }
        message => unquoted(written, message).unwrap_or_else(|| message.replace('\n', "; ")),
    };
    ConfigError::Invalid { place: format!("{} line {line}", file.display()), problem }
}

/// What is wrong with a line where the parser wants quotes, in plain words.
fn unquoted(line: &str, message: &str) -> Option<String> {
    const CURLY: [char; 8] = ['“', '”', '„', '‟', '‘', '’', '«', '»'];
    if !message.contains("must be quoted") {
        return None;
    }
    let (key, value) = line.split_once('=').map_or(("", line), |(key, value)| (key.trim(), value.trim()));
    Some(if value.contains(CURLY) {
        "the quotes are curly ones (“ ”), which word processors make; write straight ones, as in \"text\"".to_owned()
    } else if value.is_empty() || value.starts_with('#') {
        format!("there is no value after {key} =")
    } else {
        "a text has to stand in quotes, as in \"text\"".to_owned()
    })
}

/// `FILE line N` of the key that `path` leads to, or of the nearest thing around it that is written in the file.
fn place(file: &Path, text: &str, path: &[&str]) -> String {
    let line = Document::parse(text)
        .ok()
        .and_then(|document| written(document.as_table(), path))
        .map(|it| line_of(text, it.1.start));
    line.map_or_else(|| file.display().to_string(), |line| format!("{} line {line}", file.display()))
}

/// How many segments of a path are written, and the place of the last of these.
fn written(root: &Table, path: &[&str]) -> Option<(usize, Range<usize>)> {
    let mut table: Option<&dyn TableLike> = Some(root);
    let mut item: Option<&Item> = None;
    let mut found = None;
    for (nth, segment) in (1..).zip(path) {
        if let Ok(index) = segment.parse::<usize>() {
            let element = item.and_then(Item::as_array_of_tables).and_then(|it| it.get(index));
            let value = item.and_then(Item::as_array).and_then(|it| it.get(index));
            let span = element.and_then(Table::span).or(value.and_then(Value::span));
            found = span.map(|it| (nth, it)).or(found);
            table = element.map(|it| it as &dyn TableLike).or(value.and_then(Value::as_inline_table).map(|it| it as _));
            item = None;
        } else {
            let span = table.and_then(|it| it.key(segment)).and_then(Key::span);
            found = span.map(|it| (nth, it)).or(found);
            item = table.and_then(|it| it.get(segment));
            table = item.and_then(Item::as_table_like);
        }
    }
    found
}

fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|it| *it == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        poll: Poll,
        source: Vec<Source>,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Poll {
        interval: String,
        limit: u32,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Source {
        id: String,
        tags: Vec<String>,
    }

    const DEFAULTS: &str = "source = []\n[poll]\ninterval = \"30m\"\nlimit = 5\n";

    fn read(text: &str, env: &[(&str, &str)]) -> Result<Sample, String> {
        let env: Vec<_> = env
            .iter()
            .map(|(name, value)| {
                ((*name).to_owned(), name.split("__").skip(1).map(str::to_lowercase).collect(), (*value).to_owned())
            })
            .collect();
        parse_over(DEFAULTS, &Layers::of(&[("sitrepd.toml", text)]), &env).map_err(|it| it.to_string())
    }

    #[test]
    fn lays_file_and_environment_over_the_defaults() {
        let res = read("[poll]\nlimit = 7\n", &[("SITREPD__POLL__INTERVAL", "1h")]).unwrap();
        assert_eq!(res.poll, Poll { interval: "1h".into(), limit: 7 });
        assert_eq!(read("", &[("SITREPD__POLL__LIMIT", "9")]).unwrap().poll.limit, 9);
    }

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        assert_eq!(read(text, &[]).unwrap_err(), expected);
    }

    #[test]
    fn names_file_line_key_and_the_nearest_valid_key() {
        check_error(
            "[poll]\n\nintervall = \"1h\"\n",
            "sitrepd.toml line 3: unknown key \"intervall\"; did you mean \"interval\"?",
        );
        check_error("[poll]\nlimit = 1\n[pool]\n", "sitrepd.toml line 3: unknown key \"pool\"; did you mean \"poll\"?");
        check_error("\nxyz = 1\n", "sitrepd.toml line 2: unknown key \"xyz\"");
        check_error(
            "[[source]]\nid = \"a\"\ntags = []\n[[source]]\nid = \"b\"\ntag = []\n",
            "sitrepd.toml line 6: unknown key \"tag\"; did you mean \"tags\"?",
        );
        check_error(
            "[[source]]\nid = \"a\"\ntags = [\n \"x\",\n 5]\n",
            "sitrepd.toml line 5: tags: write it in quotes, as in \"text\", or \"30m\" for a time; it is integer `5`",
        );
        check_error("[[source]]\nid = \"a\"\n", "sitrepd.toml line 1: source: missing field `tags`");
        check_error(
            "[poll]\nlimit = \"many\"\n",
            "sitrepd.toml line 2: limit: write a whole number from 0 on; it is string \"many\"",
        );
        assert!(read("[poll\n", &[]).unwrap_err().starts_with("sitrepd.toml line 1: "));
        let curly = "the quotes are curly ones (“ ”), which word processors make; write straight ones, as in \"text\"";
        check_error("[poll]\ninterval = “1h”\n", &format!("sitrepd.toml line 2: {curly}"));
        check_error("[[source]]\nid = \"a\"\ntags = [\"b\", „c“]\n", &format!("sitrepd.toml line 3: {curly}"));
        check_error("[poll]\n\nlimit = \ninterval = \"1h\"\n", "sitrepd.toml line 3: there is no value after limit =");
        check_error("[poll]\ninterval = # an hour\n", "sitrepd.toml line 2: there is no value after interval =");
        check_error("[poll]\ninterval = often\n", "sitrepd.toml line 2: a text has to stand in quotes, as in \"text\"");
        assert_eq!(
            read("", &[("SITREPD__POLL__LIMIT", "many")]).unwrap_err(),
            "environment variable SITREPD__POLL__LIMIT: limit: write a whole number from 0 on; it is string \"many\""
        );
        assert_eq!(
            read("", &[("SITREPD__POLL__LIMITS", "1")]).unwrap_err(),
            "environment variable SITREPD__POLL__LIMITS: unknown key \"limits\"; did you mean \"limit\"?"
        );
    }
}
