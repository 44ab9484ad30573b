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
    /// `usual` are those of watches that have none in `own`, which has them by the watch's name. A watch with an empty
    /// list there sends nothing.
    pub fn new(usual: Vec<String>, own: BTreeMap<String, Vec<String>>) -> Self {
        let (usual, own) =
            (once(usual), own.into_iter().map(|(watch, it)| (watch, once(it))).collect::<BTreeMap<_, _>>());
        let all = once(usual.iter().chain(own.values().flatten()).cloned().collect());
        Self { usual, own, all }
    }

    /// Those of a watch, or of one that is not configured any more.
    pub fn of(&self, watch: &str) -> &[String] {
        self.own.get(watch).unwrap_or(&self.usual)
    }

    /// Whether a watch has channels of its own.
    pub fn has_own(&self, watch: &str) -> bool {
        self.own.contains_key(watch)
    }

    /// All that alerts of some watch go out by, each once: the usual ones first.
    pub fn all(&self) -> &[String] {
        &self.all
    }
}

/// Nobody is told twice because they are named twice, as by `"mail"` and by their address.
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
