//! Reads `watches.toml`. Must not compile watches itself: it hands their rules to `watch`.

mod write;

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use serde::Deserialize;

use crate::{
    decide::timing::Timing,
    model,
    watch::{CaseRule, WatchRule},
};

use super::file::duration;

pub use self::write::{Verdict, with_alias, with_watch, without_watch};

/// `watches.toml`, as it is written. Its own comment explains the format.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchesFile {
    #[serde(default)]
    watch: Vec<WatchEntry>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct WatchEntry {
    name: String,
    #[serde(default)]
    terms: Vec<String>,
    #[serde(default)]
    case: Case,
    query: Option<String>,
    #[serde(default)]
    severity: Severity,
    /// Zero where left out.
    #[serde(default, deserialize_with = "duration")]
    cooldown: Duration,
    /// Channels of its alerts; those of `[alerts]` if left out.
    channels: Option<Vec<String>>,
    #[serde(default)]
    except: Vec<String>,
    /// By term of the query.
    #[serde(default)]
    aliases: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Low,
    #[default]
    Normal,
    Urgent,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Case {
    #[default]
    Auto,
    Exact,
    Ignore,
}

impl WatchesFile {
    /// The severity and cool-down of each watch, by name.
    pub fn timings(&self) -> HashMap<String, Timing> {
        self.watch.iter().map(|it| (it.name.clone(), it.timing())).collect()
    }

    /// The channels that watches name for their alerts, by the number of each in the file and its name.
    pub fn channels(&self) -> Vec<(usize, String, Vec<String>)> {
        let named = |(n, it): (usize, &WatchEntry)| Some((n, it.name.clone(), it.channels.clone()?));
        self.watch.iter().enumerate().filter_map(named).collect()
    }

    /// The rules, in the order of the file.
    pub fn rules(self) -> Vec<WatchRule> {
        self.watch.into_iter().map(WatchEntry::rule).collect()
    }
}

impl WatchEntry {
    fn timing(&self) -> Timing {
        let severity = match self.severity {
            Severity::Low => model::Severity::Low,
            Severity::Normal => model::Severity::Normal,
            Severity::Urgent => model::Severity::Urgent,
        };
        Timing { severity, cooldown: self.cooldown }
    }

    fn rule(self) -> WatchRule {
        let case = match self.case {
            Case::Auto => CaseRule::Auto,
            Case::Exact => CaseRule::Exact,
            Case::Ignore => CaseRule::Ignore,
        };
        WatchRule {
            name: self.name,
            terms: self.terms,
            case,
            query: self.query,
            except: self.except,
            aliases: self.aliases.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<WatchesFile, toml_edit::de::Error> {
        toml_edit::de::from_str(text)
    }

    #[test]
    fn reads_watches() {
        let text = "[[watch]]\nname = 'ITPP'\nterms = ['ITPP', 'ITPPs']\n\
                    [[watch]]\nname = 'b'\nterms = []\ncase = 'ignore'\n\
                    [[watch]]\nname = 'c'\nterms = ['x']\ncase = 'exact'";
        let rules = read(text).unwrap().rules();
        let rules = rules.iter().map(|it| (it.name.as_str(), it.terms.len(), it.case)).collect::<Vec<_>>();
        assert_eq!(rules, [("ITPP", 2, CaseRule::Auto), ("b", 0, CaseRule::Ignore), ("c", 1, CaseRule::Exact)]);
        assert!(read("").unwrap().rules().is_empty());
    }

    #[test]
    fn reads_how_loud_watches_are() {
        let text = "[[watch]]\nname = 'a'\nquery = 'ITPP'\nseverity = 'urgent'\ncooldown = '2h'\n\
                    [[watch]]\nname = 'b'\nquery = 'ITPP'";
        let timings = read(text).unwrap().timings();
        assert_eq!(timings["a"], Timing { severity: model::Severity::Urgent, cooldown: Duration::from_secs(7_200) });
        assert_eq!(timings["b"], Timing::default());
    }

    #[test]
    fn reads_where_watches_go_out() {
        let text = "[[watch]]\nname = 'a'\nquery = 'ITPP'\n[[watch]]\nname = 'b'\nquery = 'ITPP'\nchannels = ['files', 'mail']\n\
                    [[watch]]\nname = 'c'\nquery = 'ITPP'\nchannels = []";
        let channels = read(text).unwrap().channels();
        let own =
            |n, name: &str, channels: &[&str]| (n, name.to_owned(), channels.iter().map(ToString::to_string).collect());
        assert_eq!(channels, [own(1, "b", &["files", "mail"]), own(2, "c", &[])]);
    }

    #[test]
    fn names_what_is_wrong() {
        for (text, word) in [
            ("[[watch]]\nname = 'a'\nterm = ['x']", "term"),
            ("[[watch]]\nterms = ['x']", "name"),
            ("[[watch]]\nname = 'a'\nquery = ['x']", "query"),
            ("[[watch]]\nname = 'a'\nterms = ['x']\ncase = 'upper'", "upper"),
            ("[watches]", "watches"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(word), "{word}: {error}");
        }
    }
}
