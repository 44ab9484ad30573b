//! `sitrepd.toml` and the files of `conf.d` beside it, which are laid over it in the order of their names: later ones
//! override keys of earlier ones, and lists of tables, such as `[[channel]]`, add up.

use std::path::Path;

use super::{
    files::{self, Text},
    read::{self, ConfigError},
};

/// The files, the one that all others are laid over first. Never empty.
#[derive(Debug, Clone)]
pub(super) struct Layers {
    first: Text,
    over: Vec<Text>,
}

impl Layers {
    /// The files of a directory; without a directory, or with an empty one, every default holds.
    pub(super) fn read(dir: Option<&Path>) -> Result<Self, ConfigError> {
        let first = match dir {
            None => Text { path: "built-in sitrepd.toml".into(), text: String::new() },
            Some(_) => files::read(dir, &files::MAIN)?,
        };
        Ok(Self { first, over: files::read_conf_d(dir)? })
    }

    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let mut files = files.iter().map(|(path, text)| Text { path: path.into(), text: (*text).to_owned() });
        Self { first: files.next().unwrap(), over: files.collect() }
    }

    /// From the lowest to the highest.
    pub(super) fn files(&self) -> impl DoubleEndedIterator<Item = &Text> {
        std::iter::once(&self.first).chain(&self.over)
    }

    /// An error at the key to which a path leads in all files together, in the file that has it and by the path within
    /// that file.
    pub(super) fn error(&self, path: &[&str], problem: impl Into<String>) -> ConfigError {
        let (file, path) = self.place(path);
        ConfigError::at(&file.path, &file.text, &path.iter().map(String::as_str).collect::<Vec<_>>(), problem)
    }

    /// The file that has the key to which a path leads, or most of the way to it.
    pub(super) fn file_of(&self, path: &[&str]) -> &Path {
        &self.place(path).0.path
    }

    fn place(&self, path: &[&str]) -> (&Text, Vec<String>) {
        if let Some(it) = self.element(path) {
            return it;
        }
        // Of several files that have it, the last one counts.
        let ranked = self.files().map(|it| (read::depth(&it.text, path), it)).filter(|it| it.0 > 0);
        let file = ranked.max_by_key(|it| it.0).map_or(&self.first, |it| it.1);
        (file, path.iter().map(ToString::to_string).collect())
    }

    /// The file and the path of an element of a list that is joined from several files: its number in its own file
    /// differs.
    fn element(&self, path: &[&str]) -> Option<(&Text, Vec<String>)> {
        let [list, number, rest @ ..] = path else { return None };
        let number = number.parse::<usize>().ok()?;
        let mut places = Vec::new();
        for file in self.files() {
            match read::tables(&file.text, list) {
                None => (),
                // Not a list of tables, or an empty one: it replaces those before it.
                Some(0) => places.clear(),
                Some(n) => places.extend((0..n).map(|it| (file, it))),
            }
        }
        let (file, number) = places.get(number)?;
        let rest = rest.iter().map(ToString::to_string);
        Some((*file, [(*list).to_owned(), number.to_string()].into_iter().chain(rest).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_file_that_has_the_key() {
        let layers = Layers::of(&[
            ("sitrepd.toml", "[poll]\ninterval = \"1h\"\n[[channel]]\nname = \"a\"\n[[channel]]\nname = \"b\"\n"),
            ("conf.d/10.toml", "[poll]\njitter = 0.5\n\ninterval = \"2h\"\n[[channel]]\nname = \"c\"\n"),
            ("conf.d/20.toml", "[mail]\nto = []\n[[channel]]\n\nname = \"d\"\n"),
        ]);
        for (path, expected) in [
            (&["poll", "interval"][..], "conf.d/10.toml line 4"),
            (&["poll", "jitter"], "conf.d/10.toml line 2"),
            (&["mail", "host"], "conf.d/20.toml line 1"),
            (&["channel", "1", "name"], "sitrepd.toml line 6"),
            (&["channel", "2", "name"], "conf.d/10.toml line 6"),
            (&["channel", "3", "name"], "conf.d/20.toml line 5"),
            (&["channel", "3"], "conf.d/20.toml line 3"),
            (&["digest", "zone"], "sitrepd.toml"),
        ] {
            assert_eq!(layers.error(path, "wrong").to_string(), format!("{expected}: wrong"), "{path:?}");
        }
        assert_eq!(layers.file_of(&["channel", "2"]), Path::new("conf.d/10.toml"));
        let emptied = Layers::of(&[
            ("sitrepd.toml", "[[channel]]\nname = \"a\"\n"),
            ("conf.d/10.toml", "channel = []\n"),
            ("conf.d/20.toml", "\n[[channel]]\nname = \"b\"\n"),
        ]);
        assert_eq!(emptied.error(&["channel", "0"], "x").to_string(), "conf.d/20.toml line 2: x");
    }
}
