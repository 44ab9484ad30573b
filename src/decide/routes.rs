//! By which channels the alerts of each watch go out. Pure.

use std::collections::{BTreeMap, BTreeSet};

/// The channels that alerts go out by, each list without repeats.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Routes {
    usual: Vec<String>,
    own: BTreeMap<String, Vec<String>>,
    all: Vec<String>,
}

impl Routes {
    /// Makes the routes. `usual` are the channels of watches not named in `own`. A watch with an empty list in `own`
    /// sends nothing.
    pub fn new(usual: Vec<String>, own: BTreeMap<String, Vec<String>>) -> Self {
        let (usual, own) =
            (once(usual), own.into_iter().map(|(watch, it)| (watch, once(it))).collect::<BTreeMap<_, _>>());
        let all = once(usual.iter().chain(own.values().flatten()).cloned().collect());
        Self { usual, own, all }
    }

    /// The channels of a watch. A watch that is no longer configured has the usual ones.
    pub fn of(&self, watch: &str) -> &[String] {
        self.own.get(watch).unwrap_or(&self.usual)
    }

    /// Whether a watch has channels of its own.
    pub fn has_own(&self, watch: &str) -> bool {
        self.own.contains_key(watch)
    }

    /// All channels that alerts of any watch go out by, each once, the usual ones first.
    pub fn all(&self) -> &[String] {
        &self.all
    }
}

/// Removes repeats, also where a recipient is named both by `"mail"` and by their address.
fn once(mut channels: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    channels.retain(|it| seen.insert(it.clone()));
    channels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_has_its_own_channels_or_the_usual_ones() {
        let list = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let own = [("a", list(&["phone", "files", "phone"])), ("silent", Vec::new())];
        let routes =
            Routes::new(list(&["files", "mail:x", "mail:x"]), own.map(|(watch, it)| (watch.to_owned(), it)).into());
        for (watch, expected, has_own) in [
            ("a", list(&["phone", "files"]), true),
            ("silent", Vec::new(), true),
            ("any other", list(&["files", "mail:x"]), false),
        ] {
            assert_eq!((routes.of(watch), routes.has_own(watch)), (expected.as_slice(), has_own), "{watch}");
        }
        assert_eq!(routes.all(), ["files", "mail:x", "phone"]);
    }
}
