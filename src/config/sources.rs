//! `sources.toml`: what is polled.

mod block;
mod write;

use std::{collections::HashSet, path::Path};

use serde::Deserialize;

use crate::model::Source;

use super::read::{self, ConfigError};
use block::Block;
pub use write::{block, with_enabled, with_source, without_source};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    source: Vec<Block>,
}

/// Reads the sources of a file.
pub(super) fn parse(file: &Path, text: &str) -> Result<Vec<Source>, ConfigError> {
    let blocks = read::parse::<File>(file, text)?.source;
    let mut ids = HashSet::new();
    let mut sources = Vec::new();
    for (at, block) in blocks.into_iter().enumerate() {
        let id = block.id.clone();
        let error = |keys: &[&str], problem: String| {
            let at = at.to_string();
            let path: Vec<&str> = ["source", &at].into_iter().chain(keys.iter().copied()).collect();
            ConfigError::at(file, text, &path, format!("source {id:?}: {problem}"))
        };
        let source = block.source().map_err(|(keys, problem)| error(&keys, problem))?;
        if !ids.insert(source.id.clone()) {
            return Err(error(&["id"], "the id is used twice".to_owned()));
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono_tz::Tz;
    use url::Url;

    use super::*;
    use crate::model::{Cadence, Ownership, SourceId, SourceKind};

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
        check_error(
            &format!("{BLOCK}interval = \"18446744073709551615s\"\n"),
            "sources.toml line 6: interval: \"18446744073709551615s\" is too long, 100 years at most",
        );
        check_error(
            &format!("{BLOCK}languages = [\"en\", \"english\"]\n"),
            "sources.toml line 6: source \"a-b\": languages: \"english\" is no language code (BCP 47) such as \"en\", \"hy\" or \"sr-Latn\"",
        );
        for wrong in ["", "e", "deutsch", "en_US", "en-", "т", "12", "en-latinscript"] {
            let error = read(&format!("{BLOCK}languages = [{wrong:?}]\n")).unwrap_err();
            assert!(error.contains("is no language code"), "{wrong:?}: {error}");
        }
        for right in ["en", "EN", "ckb", "sr-Latn", "zh-Hant-TW", "az-x-mine"] {
            assert_eq!(read(&format!("{BLOCK}languages = [{right:?}]\n")).unwrap()[0].languages, [right]);
        }
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
        let new = Source::feed(id.clone(), "New \"one\"".to_owned(), Url::parse("https://n.example/rss?a=1").unwrap());
        let added = with_source(&text, &new);
        let sources = read(&added).unwrap();
        assert_eq!((sources[1].id.as_str(), sources[1].name.as_str()), ("new-one", "New \"one\""));
        assert!(added.starts_with(&text));
        assert_eq!(without_source(&added, &id).unwrap().trim_end(), text.trim_end());
        assert_eq!(without_source(&text, &id), None);
    }

    #[test]
    fn switches_a_source_off_and_on() {
        let id = SourceId::new("a-b").unwrap();
        let text = format!("# head\n\n{BLOCK}");
        let off = with_enabled(&text, &id, false).unwrap();
        assert!(!read(&off).unwrap()[0].enabled);
        assert_eq!(with_enabled(&off, &id, true).unwrap(), text);
        assert_eq!(with_enabled(&text, &SourceId::new("other").unwrap(), true), None);
    }

    /// Everything that a block can say.
    const KINDS: &[&str] = &[
        "kind = \"syndication\"\nlanguages = [\"ka\", \"en\"]\ncountry = \"GE\"\nownership = \"exile\"\ntier = 1\ninterval = \"1h\"\n\
         expected_every = \"1day\"\nsibling = \"b\"\nrecipe = \"r\"\nuser_agent = \"Mozilla/5.0 ({agent})\"\npages = false\nguids = false\n\
         verified = false\nenabled = false\n",
        "kind = \"listing\"\nzone = \"Asia/Baku\"\n[source.listing]\nitem = \"div.card\"\nlink = \"h3 > a\"\ntitle = \"h3\"\n\
         date = \"time@datetime\"\nsummary = \"p\"\nnext = \"a.next\"\n",
        "kind = \"sitemap\"\n[source.sitemap]\ninclude = [\"/en/\"]\nexclude = [\"/tag/\"]\nmax_age = \"2days\"\n",
        "kind = \"json\"\n[source.json]\nwithin = \"#app@data-page\"\nitems = \"/props/news\"\nlink = \"https://a.example/{/id}\"\n\
         title = \"/title\"\ndate = \"/at\"\ntext = \"/text\"\nguid = \"/id\"\n",
        "kind = \"wordpress\"\n",
        "kind = \"telegram\"\n",
        "kind = \"telegram\"\npages = true\n",
        "kind = \"syndication\"\ncron = \"0 7 * * *\"\nzone = \"Asia/Baku\"\n",
    ];

    #[test]
    fn what_is_read_is_written_the_same() {
        for kind in KINDS {
            let text = BLOCK.replace("kind = \"syndication\"\n", kind);
            let sources = read(&text).unwrap_or_else(|error| panic!("{text}\n{error}"));
            assert_eq!(block(&sources[0]), text);
        }
        assert_eq!(read(BLOCK).unwrap()[0].kind, SourceKind::Syndication);
    }

    #[test]
    fn says_what_is_wrong_with_a_kind() {
        let with = |kind: &str| BLOCK.replace("kind = \"syndication\"\n", kind);
        check_error(
            &with("kind = \"listing\"\n"),
            "sources.toml line 5: source \"a-b\": a listing needs a table [source.listing] with item = \"…\"",
        );
        check_error(
            &with("kind = \"listing\"\n[source.listing]\nitem = \"div[\"\n"),
            "sources.toml line 7: source \"a-b\": \"div[\" is not a CSS selector: Unexpected EOL",
        );
        check_error(
            &with("kind = \"telegram\"\n[source.listing]\nitem = \"a\"\n"),
            "sources.toml line 6: source \"a-b\": a table for another kind than kind = \"telegram\"",
        );
        check_error(
            &with("kind = \"json\"\n[source.json]\nitems = \"news\"\nlink = \"/url\"\n"),
            "sources.toml line 7: source \"a-b\": \"news\" is not a JSON pointer: it must begin with / (RFC 6901)",
        );
        check_error(
            &format!("{BLOCK}user_agent = \"a\\nb\"\n"),
            "sources.toml line 6: source \"a-b\": \"a\\nb\" cannot stand in a header field: use printable ASCII",
        );
        check_error(
            &format!("{BLOCK}sibling = \"A\"\n"),
            "sources.toml line 6: source \"a-b\": source id \"A\" is not 1–64 of the characters a–z, 0–9 and -",
        );
    }
}
