//! The files of a configuration directory: reading them, with the shipped ones where they are missing, and
//! writing the shipped ones for a user to edit.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::read::ConfigError;

/// A configuration file of the shipped set: its path in the configuration directory and its text.
pub(super) struct Shipped {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

pub(super) const MAIN: Shipped = Shipped { name: "sitrepd.toml", text: super::file::DEFAULTS };
pub(super) const SOURCES: Shipped = Shipped { name: "sources.toml", text: include_str!("../../config/sources.toml") };
pub(super) const TOPICS: Shipped = Shipped { name: "topics.toml", text: include_str!("../../config/topics.toml") };
pub(super) const WATCHES: Shipped = Shipped { name: "watches.toml", text: include_str!("../../config/watches.toml") };
const WORDPRESS: Shipped =
    Shipped { name: "sites/wordpress.toml", text: include_str!("../../config/sites/wordpress.toml") };
const DEMO: Shipped = Shipped { name: "sites/demo.toml", text: include_str!("../../config/sites/demo.toml") };
const SITES: [&Shipped; 2] = [&WORDPRESS, &DEMO];

/// A file's path and text.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// The file of a directory, or the shipped one where it, or the directory, is missing.
pub(super) fn read(dir: Option<&Path>, shipped: &Shipped) -> Result<Text, ConfigError> {
    let Some(dir) = dir else { return Ok(built_in(shipped)) };
    let path = dir.join(shipped.name);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Text { path, text }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(built_in(shipped)),
        Err(source) => Err(ConfigError::Io { doing: "read", path, source }),
    }
}

/// The recipes of a directory, or the shipped ones where its `sites` is missing.
pub(super) fn read_sites(dir: Option<&Path>) -> Result<Vec<Text>, ConfigError> {
    let shipped = || SITES.iter().map(|it| built_in(it)).collect();
    let Some(dir) = dir.map(|it| it.join("sites")) else { return Ok(shipped()) };
    let listing = match fs::read_dir(&dir) {
        Ok(listing) => listing,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(shipped()),
        Err(source) => return Err(ConfigError::Io { doing: "read", path: dir, source }),
    };
    let mut paths: Vec<PathBuf> = listing.flatten().map(|it| it.path()).collect();
    paths.retain(|it| it.extension().is_some_and(|ext| ext == "toml"));
    paths.sort();
    let read = |path: PathBuf| match fs::read_to_string(&path) {
        Ok(text) => Ok(Text { path, text }),
        Err(source) => Err(ConfigError::Io { doing: "read", path, source }),
    };
    paths.into_iter().map(read).collect()
}

/// Writes the shipped files into a directory. Nothing is overwritten.
///
/// # Errors
///
/// [`ConfigError::Exists`] where one of them is there already: nothing was written.
/// [`ConfigError::Io`] where the directory cannot be written to.
pub fn write_shipped(dir: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let files: Vec<&Shipped> = [&MAIN, &SOURCES, &TOPICS, &WATCHES].into_iter().chain(SITES).collect();
    if let Some(path) = files.iter().map(|it| dir.join(it.name)).find(|it| it.exists()) {
        return Err(ConfigError::Exists { path });
    }
    let mut written = Vec::new();
    for file in files {
        let path = dir.join(file.name);
        let parent = path.parent().unwrap_or(dir);
        fs::create_dir_all(parent).map_err(|source| ConfigError::Io {
            doing: "create",
            path: parent.to_owned(),
            source,
        })?;
        fs::write(&path, file.text).map_err(|source| ConfigError::Io { doing: "write", path: path.clone(), source })?;
        written.push(path);
    }
    Ok(written)
}

fn built_in(shipped: &Shipped) -> Text {
    Text { path: PathBuf::from(format!("built-in {}", shipped.name)), text: shipped.text.to_owned() }
}
