//! `[summary]` and `[translate]` of `sitrepd.toml`: machines that a digest is made with.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use url::Url;

use crate::deliver::{
    Program, Secret,
    hooks::{Summarizer, Translator, Way},
};

use super::{file::duration, paths, secrets};

/// A digest waits for them, and the service manager for the digest.
const MAX_TIMEOUT: Duration = Duration::from_secs(300);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SummaryEntry {
    command: Vec<String>,
    url: String,
    model: String,
    token_file: String,
    #[serde(deserialize_with = "duration")]
    timeout: Duration,
    language: String,
    max_chars: usize,
    max_stories: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TranslateEntry {
    command: Vec<String>,
    url: String,
    token_file: String,
    #[serde(deserialize_with = "duration")]
    timeout: Duration,
    to: String,
}

/// Machines that digests are made with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hooks {
    /// Writes summaries.
    pub summary: Option<Summarizer>,
    /// Translates.
    pub translate: Option<Translator>,
}

/// A key that is wrong, and why.
type Wrong = (&'static str, String);

impl SummaryEntry {
    /// The machine, if one is named, and the file with its key where others can read that.
    pub(super) fn hook(&self) -> Result<(Option<Summarizer>, Option<PathBuf>), Wrong> {
        if !(40..=10_000).contains(&self.max_chars) {
            return Err(("max_chars", format!("{} is not between 40 and 10000", self.max_chars)));
        }
        let (way, open) = way(&self.command, &self.url, &self.token_file, self.timeout)?;
        if matches!(way, Some(Way::Http { .. })) && self.model.is_empty() {
            return Err(("model", "it is empty: a service needs the name of a model".to_owned()));
        }
        let hook = |way| Summarizer {
            way,
            model: self.model.clone(),
            language: self.language.clone(),
            max_chars: self.max_chars,
            max_stories: self.max_stories,
        };
        Ok((way.map(hook), open))
    }
}

impl TranslateEntry {
    /// Likewise.
    pub(super) fn hook(&self) -> Result<(Option<Translator>, Option<PathBuf>), Wrong> {
        let (way, open) = way(&self.command, &self.url, &self.token_file, self.timeout)?;
        if !(2..=3).contains(&self.to.len()) || !self.to.bytes().all(|it| it.is_ascii_lowercase()) {
            return Err(("to", format!("{:?} is no language code such as \"en\"", self.to)));
        }
        Ok((way.map(|way| Translator { way, to: self.to.clone() }), open))
    }
}

fn way(
    command: &[String],
    url: &str,
    token_file: &str,
    timeout: Duration,
) -> Result<(Option<Way>, Option<PathBuf>), Wrong> {
    if timeout.is_zero() || timeout > MAX_TIMEOUT {
        return Err(("timeout", "it is not between 1s and 5m".to_owned()));
    }
    match (command, url) {
        ([], "") => Ok((None, None)),
        (words, "") => {
            let program = Program::new(words, timeout).ok_or_else(|| ("command", "it names no program".to_owned()))?;
            Ok((Some(Way::Command(program)), None))
        }
        ([], url) => {
            let url = Url::parse(url).ok().filter(|it| matches!(it.scheme(), "http" | "https") && it.has_host());
            let url =
                url.ok_or_else(|| ("url", "it is no web address, which begins with https:// or http://".to_owned()))?;
            let file = (!token_file.is_empty()).then(|| PathBuf::from(token_file));
            let token = file.as_deref().map(secret).transpose().map_err(|it| ("token_file", it))?;
            Ok((Some(Way::Http { url, token, timeout }), file.filter(|it| paths::is_open_to_others(it))))
        }
        ([_, ..], _) => Err(("command", "command and url are both given; use one of them".to_owned())),
    }
}

fn secret(path: &Path) -> Result<Secret, String> {
    let text = std::fs::read_to_string(path).map_err(|it| secrets::unreadable(path, &it))?;
    match text.trim() {
        "" => Err(format!("{} is empty", path.display())),
        text => Ok(Secret::new(text.to_owned())),
    }
}
