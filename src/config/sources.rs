//! `sources.toml`: what is polled.

use std::{collections::HashSet, path::Path, time::Duration};

use chrono_tz::Tz;
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::{
    model::{Cadence, Ownership, Source, SourceId, SourceKind},
    schedule::Timetable,
};

use super::read::{self, ConfigError};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    source: Vec<Block>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    id: String,
    name: String,
    url: String,
    kind: Kind,
    #[serde(default)]
    languages: Vec<String>,
    #[serde(default)]
    country: String,
    #[serde(default)]
    ownership: OwnershipWord,
    #[serde(default = "middle_tier")]
    tier: u8,
    #[serde(default, deserialize_with = "interval")]
    interval: Option<Duration>,
    #[serde(default)]
    cron: Option<String>,
    #[serde(default)]
    zone: Option<String>,
    #[serde(default)]
    recipe: Option<String>,
    #[serde(default = "yes")]
    enabled: bool,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Syndication,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OwnershipWord {
    Official,
    State,
    Public,
    Independent,
    Exile,
    Research,
    #[default]
    Unknown,
}

fn middle_tier() -> u8 {
    2
}

fn yes() -> bool {
    true
}

fn interval<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    super::file::duration(deserializer).map(Some)
}

/// Reads the sources of a file.
pub(super) fn parse(file: &Path, text: &str) -> Result<Vec<Source>, ConfigError> {
    let blocks = read::parse::<File>(file, text)?.source;
    let mut ids = HashSet::new();
    let mut sources = Vec::new();
    for (at, block) in blocks.into_iter().enumerate() {
        let id = block.id.clone();
        let error = |key: &str, problem: String| {
            ConfigError::at(file, text, &["source", &at.to_string(), key], format!("source {id:?}: {problem}"))
        };
        let source = source(block).map_err(|(key, problem)| error(key, problem))?;
        if !ids.insert(source.id.clone()) {
            return Err(error("id", "the id is used twice".to_owned()));
        }
        sources.push(source);
    }
    Ok(sources)
}

/// Whether `text` can stand in the sources file `file`.
///
/// # Errors
///
/// [`ConfigError::Invalid`] with the line and what is wrong.
pub fn check_sources(file: &Path, text: &str) -> Result<(), ConfigError> {
    parse(file, text).map(|_| ())
}

/// The source a block describes, or the key that is wrong and why.
fn source(block: Block) -> Result<Source, (&'static str, String)> {
    let url = Url::parse(&block.url).map_err(|it| ("url", format!("{:?} is not a web address: {it}", block.url)))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(("url", format!("{:?} is not a web address: it must begin with http:// or https://", block.url)));
    }
    if !(1..=3).contains(&block.tier) {
        return Err(("tier", format!("tier {} is not 1, 2 or 3", block.tier)));
    }
    let zone = match &block.zone {
        Some(name) => name
            .parse::<Tz>()
            .map_err(|_| ("zone", format!("{name:?} is not an IANA time zone such as \"Asia/Tbilisi\"")))?,
        None => Tz::UTC,
    };
    let cadence = match (block.interval, block.cron) {
        (Some(_), Some(_)) => return Err(("cron", "interval and cron are both given; use one of them".to_owned())),
        (Some(interval), None) => Some(("interval", Cadence::Every(interval))),
        (None, Some(expression)) => Some(("cron", Cadence::Cron { expression, zone })),
        (None, None) => None,
    };
    if let Some((key, cadence)) = &cadence {
        Timetable::new(cadence).map_err(|it| (*key, it.to_string()))?;
    }
    Ok(Source {
        id: SourceId::new(&block.id).map_err(|it| ("id", it.to_string()))?,
        name: block.name,
        url,
        kind: match block.kind {
            Kind::Syndication => SourceKind::Syndication,
        },
        languages: block.languages,
        country: block.country,
        ownership: match block.ownership {
            OwnershipWord::Official => Ownership::Official,
            OwnershipWord::State => Ownership::State,
            OwnershipWord::Public => Ownership::Public,
            OwnershipWord::Independent => Ownership::Independent,
            OwnershipWord::Exile => Ownership::Exile,
            OwnershipWord::Research => Ownership::Research,
            OwnershipWord::Unknown => Ownership::Unknown,
        },
        tier: block.tier,
        cadence: cadence.map(|(_, it)| it),
        recipe: block.recipe,
        enabled: block.enabled,
    })
}

/// `text` with a block for a new source at its end; comments and order of the rest are kept.
pub fn with_source(text: &str, id: &SourceId, name: &str, url: &Url) -> String {
    let quoted = |it: &str| toml_edit::Value::from(it).to_string().trim().to_owned();
    let block = format!(
        "[[source]]\nid = {}\nname = {}\nurl = {}\nkind = \"syndication\"\n",
        quoted(id.as_str()),
        quoted(name),
        quoted(url.as_str())
    );
    let gap = if text.is_empty() || text.ends_with("\n\n") { "" } else { "\n" };
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{end}{gap}{block}")
}

/// `text` without the block of a source and the comment right above it; `None` where there is no such block.
pub fn without_source(text: &str, id: &SourceId) -> Option<String> {
    let mut document: toml_edit::DocumentMut = text.parse().ok()?;
    let blocks = document.get_mut("source")?.as_array_of_tables_mut()?;
    let at = blocks.iter().position(|it| it.get("id").and_then(toml_edit::Item::as_str) == Some(id.as_str()))?;
    blocks.remove(at);
    Some(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str =
        "[[source]]\nid = \"a-b\"\nname = \"A\"\nurl = \"https://a.example/feed\"\nkind = \"syndication\"\n";

    fn read(text: &str) -> Result<Vec<Source>, String> {
        parse(Path::new("sources.toml"), text).map_err(|it| it.to_string())
    }

    #[test]
    fn reads_a_block_with_and_without_the_rest() {
        let sources = read(&format!(
            "{BLOCK}cron = \"0 7 * * *\"\nzone = \"Asia/Baku\"\nownership = \"state\"\ntier = 1\nenabled = false\n"
        ))
        .unwrap();
        let source = &sources[0];
        assert_eq!((source.ownership, source.tier, source.enabled), (Ownership::State, 1, false));
        assert_eq!(source.cadence, Some(Cadence::Cron { expression: "0 7 * * *".into(), zone: Tz::Asia__Baku }));
        assert_eq!(read(BLOCK).unwrap()[0].cadence, None);
        assert_eq!(
            read(&format!("{BLOCK}interval = \"2h\"\n")).unwrap()[0].cadence,
            Some(Cadence::Every(Duration::from_secs(7200)))
        );
    }

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        assert_eq!(read(text).unwrap_err(), expected);
    }

    #[test]
    fn says_which_source_and_line() {
        check_error(&format!("{BLOCK}\n{BLOCK}"), "sources.toml line 8: source \"a-b\": the id is used twice");
        check_error(
            &BLOCK.replace("a-b", "A b"),
            "sources.toml line 2: source \"A b\": source id \"A b\" is not 1–64 of the characters a–z, 0–9 and -",
        );
        check_error(
            &BLOCK.replace("https://a.example/feed", "ftp://a.example"),
            "sources.toml line 4: source \"a-b\": \"ftp://a.example\" is not a web address: it must begin with http:// or https://",
        );
        check_error(
            &format!("{BLOCK}zone = \"Tiflis\"\n"),
            "sources.toml line 6: source \"a-b\": \"Tiflis\" is not an IANA time zone such as \"Asia/Tbilisi\"",
        );
        check_error(
            &format!("{BLOCK}interval = \"soon\"\n"),
            "sources.toml line 6: interval: \"soon\" is not a time such as \"30s\", \"15m\", \"6h\" or \"7d\"",
        );
        check_error(&format!("{BLOCK}tier = 4\n"), "sources.toml line 6: source \"a-b\": tier 4 is not 1, 2 or 3");
        check_error(
            &format!("{BLOCK}interval = \"1h\"\ncron = \"@daily\"\n"),
            "sources.toml line 7: source \"a-b\": interval and cron are both given; use one of them",
        );
        check_error(
            &BLOCK.replace("kind", "kynd"),
            "sources.toml line 5: unknown key \"kynd\"; did you mean \"kind\"?",
        );
    }

    #[test]
    fn adds_and_removes_a_block_and_keeps_the_rest() {
        let id = SourceId::new("new-one").unwrap();
        let text = format!("# head\n\n{BLOCK}");
        let added = with_source(&text, &id, "New \"one\"", &Url::parse("https://n.example/rss?a=1").unwrap());
        let sources = read(&added).unwrap();
        assert_eq!((sources[1].id.as_str(), sources[1].name.as_str()), ("new-one", "New \"one\""));
        assert!(added.starts_with(&text));
        assert_eq!(without_source(&added, &id).unwrap().trim_end(), text.trim_end());
        assert_eq!(without_source(&text, &id), None);
    }
}
