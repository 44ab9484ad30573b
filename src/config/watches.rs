mod write;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::watch::{CaseRule, WatchRule};

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
    except: Vec<String>,
    /// By term of the query.
    #[serde(default)]
    aliases: BTreeMap<String, Vec<String>>,
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
    /// The rules, in the order of the file.
    pub fn rules(self) -> Vec<WatchRule> {
        self.watch.into_iter().map(WatchEntry::rule).collect()
    }
}

impl WatchEntry {
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
