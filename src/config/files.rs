//! The files of a configuration directory: reading them, with the shipped ones where they are missing, and
//! writing the shipped ones for a user to edit.

use std::{
    fs,
    fs::File,
    io,
    io::Write,
    path::{Path, PathBuf},
};

use crate::digest::render::BUILT_IN;

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
pub(super) const GLOSSARY: Shipped =
    Shipped { name: "glossary.toml", text: include_str!("../../config/glossary.toml") };

/// The names of the files of a configuration.
pub(super) const NAMES: [&str; 5] = [MAIN.name, SOURCES.name, TOPICS.name, GLOSSARY.name, WATCHES.name];

macro_rules! sites {
    ($($name:literal,)*) => {
        &[$(Shipped {
            name: concat!("sites/", $name, ".toml"),
            text: include_str!(concat!("../../config/sites/", $name, ".toml")),
        }),*]
    };
}

/// The shipped recipes. A test compares the list with the folder.
const SITES: &[Shipped] = sites![
    "al-jazeera",
    "anadolu",
    "apa",
    "azernews",
    "azertac",
    "bbc",
    "bm-ge",
    "dw",
    "foreign-policy",
    "france-24",
    "hurriyet",
    "interfax-ru",
    "iran-agencies",
    "kommersant",
    "kremlin",
    "lenta",
    "meduza",
    "minval",
    "moscow-times",
    "news-am",
    "oc-media",
    "on-ge",
    "politico-eu",
    "qafqazinfo",
    "rbc",
    "report-az",
    "rferl",
    "ria",
    "tass",
    "vedomosti",
    "wordpress",
];

/// A file's path and text.
#[derive(Debug, Clone, Default)]
pub(super) struct Text {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// The file of a directory, or the shipped one if the file or the directory is missing.
pub(super) fn read(dir: Option<&Path>, shipped: &Shipped) -> Result<Text, ConfigError> {
    let Some(dir) = dir else { return Ok(built_in(shipped)) };
    let path = dir.join(shipped.name);
    match fs::read(&path) {
        Ok(bytes) => text(path, bytes),
        // The built-in file in place of one's own would be a silent loss of watches.
        Err(source) if source.kind() == io::ErrorKind::NotFound && path.is_symlink() => {
            Err(ConfigError::Io { doing: "follow the link", path, source })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(built_in(shipped)),
        Err(source) => Err(ConfigError::Io { doing: "read", path, source }),
    }
}

/// The names of the files and directories of a configuration that are there. Where one is not, what is built in holds.
pub(super) fn own(dir: Option<&Path>) -> Vec<&'static str> {
    let all = NAMES.into_iter().chain(["conf.d", "sites"]);
    all.filter(|name| dir.is_some_and(|dir| dir.join(name).exists())).collect()
}

/// The text in a file, which is UTF-8 as all TOML is.
fn text(path: PathBuf, bytes: Vec<u8>) -> Result<Text, ConfigError> {
    let wrong = |place, problem: &str| ConfigError::Invalid { place, problem: problem.to_owned() };
    // Recognised by its byte order mark, or by the zero byte of a first letter that is Latin.
    let is_utf_16 = match bytes.as_slice() {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [first, second, ..] => (*first == 0) != (*second == 0),
        _ => false,
    };
    if is_utf_16 {
        return Err(wrong(path.display().to_string(), "the file is UTF-16; save it as UTF-8"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Text { path, text }),
        Err(error) => {
            let valid = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
            let line = valid.filter(|it| **it == b'\n').count() + 1;
            Err(wrong(format!("{} line {line}", path.display()), "the file is not UTF-8; save it as UTF-8"))
        }
    }
}

/// The files of `conf.d` of a directory, in the order of their names.
pub(super) fn read_conf_d(dir: Option<&Path>) -> Result<Vec<Text>, ConfigError> {
    let Some(dir) = dir.map(|it| it.join("conf.d")) else { return Ok(Vec::new()) };
    let is_ours = |it: &Path| it.extension().is_some_and(|it| it == "toml") && !is_hidden(it);
    files(&dir, is_ours)?.into_iter().map(|(path, bytes)| text(path, bytes)).collect()
}

/// The recipes of a directory, or the shipped ones if its `sites` has none: it may exist for `sites/ftr` alone.
pub(super) fn read_sites(dir: Option<&Path>) -> Result<Vec<Text>, ConfigError> {
    let is_ours = |it: &Path| it.extension().is_some_and(|it| it == "toml") && !is_hidden(it);
    let own = dir.map_or(Ok(Vec::new()), |it| files(&it.join("sites"), is_ours))?;
    match own.is_empty() {
        true => Ok(SITES.iter().map(built_in).collect()),
        false => own.into_iter().map(|(path, bytes)| text(path, bytes)).collect(),
    }
}

/// The site patterns of `sites/ftr` of a directory, those of longer hosts first; a file that is not UTF-8 is read as
/// far as it can be. The name of one for all hosts below a domain begins with a dot.
pub(super) fn read_ftr(dir: Option<&Path>) -> Result<Vec<Text>, ConfigError> {
    let Some(dir) = dir.map(|it| it.join("sites").join("ftr")) else { return Ok(Vec::new()) };
    let mut found = files(&dir, |it| it.extension().is_some_and(|it| it == "txt"))?;
    // A host's own file goes before that of the domain it belongs to.
    found.sort_by_key(|(path, _)| std::cmp::Reverse(path.as_os_str().len()));
    let text = |(path, bytes): (PathBuf, Vec<u8>)| Text { text: String::from_utf8_lossy(&bytes).into_owned(), path };
    Ok(found.into_iter().map(text).collect())
}

/// Editors leave drafts whose names begin with a dot.
pub(super) fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|it| it.as_encoded_bytes().starts_with(b"."))
}

/// The files of a directory that are `wanted`, in the order of their names; none where it is missing.
fn files(dir: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<(PathBuf, Vec<u8>)>, ConfigError> {
    let failed = |path: &Path, source| ConfigError::Io { doing: "read", path: path.to_owned(), source };
    let listing = match fs::read_dir(dir) {
        Ok(listing) => listing,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(dir, error)),
    };
    let mut paths: Vec<PathBuf> = listing.flatten().map(|it| it.path()).filter(|it| wanted(it)).collect();
    paths.sort();
    let read = |path: PathBuf| match fs::read(&path) {
        Ok(bytes) => Ok((path, bytes)),
        Err(error) => Err(failed(&path, error)),
    };
    paths.into_iter().map(read).collect()
}

/// What [`write_shipped`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippedFiles {
    /// Files that are new.
    pub written: Vec<PathBuf>,
    /// Files that existed and were left unchanged.
    pub kept: Vec<PathBuf>,
}

impl ShippedFiles {
    /// Writes a file that is not there.
    fn write(&mut self, path: PathBuf, text: &str) -> Result<(), ConfigError> {
        let failed = |path: &Path, source| ConfigError::Io { doing: "create", path: path.to_owned(), source };
        let parent = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(|it| failed(parent, it))?;
        match File::create_new(&path) {
            Ok(mut new) => match new.write_all(text.as_bytes()) {
                Ok(()) => self.written.push(path),
                Err(error) => {
                    // A partial file would be taken for the user's own the next time.
                    let _ = fs::remove_file(&path);
                    return Err(failed(&path, error));
                }
            },
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.kept.push(path),
            Err(error) => return Err(failed(&path, error)),
        }
        Ok(())
    }
}

/// Writes the shipped files that are missing into a directory. Nothing is overwritten.
///
/// # Errors
///
/// [`ConfigError::Exists`] where all of them are there already. [`ConfigError::Io`] where the directory
/// cannot be written to.
pub fn write_shipped(dir: &Path) -> Result<ShippedFiles, ConfigError> {
    let mut res = ShippedFiles { written: Vec::new(), kept: Vec::new() };
    for file in [&MAIN, &SOURCES, &TOPICS, &WATCHES, &GLOSSARY].into_iter().chain(SITES) {
        res.write(dir.join(file.name), file.text)?;
    }
    match res.written.is_empty() {
        true => Err(ConfigError::Exists { path: dir.join(MAIN.name) }),
        false => Ok(res),
    }
}

/// Writes the built-in templates into a directory, for a user to change. Nothing is overwritten.
///
/// # Errors
///
/// [`ConfigError::Io`] where the directory cannot be written to.
pub fn write_templates(dir: &Path) -> Result<ShippedFiles, ConfigError> {
    let mut res = ShippedFiles { written: Vec::new(), kept: Vec::new() };
    for (name, text) in BUILT_IN {
        res.write(dir.join(name), text)?;
    }
    Ok(res)
}

/// Path and text of the sources file in effect: that of the directory, or the shipped one, with the path
/// that it would have there.
///
/// # Errors
///
/// [`ConfigError::Io`] where it cannot be read.
pub fn sources_text(dir: &Path) -> Result<(PathBuf, String), ConfigError> {
    Ok((dir.join(SOURCES.name), read(Some(dir), &SOURCES)?.text))
}

/// Path and text of the watches file in effect, the same way.
///
/// # Errors
///
/// [`ConfigError::Io`] where it cannot be read.
pub fn watches_text(dir: &Path) -> Result<(PathBuf, String), ConfigError> {
    Ok((dir.join(WATCHES.name), read(Some(dir), &WATCHES)?.text))
}

fn built_in(shipped: &Shipped) -> Text {
    Text { path: PathBuf::from(format!("built-in {}", shipped.name)), text: shipped.text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<&str, &str>) {
        let read = text("f.toml".into(), bytes.to_vec()).map(|it| it.text).map_err(|it| it.to_string());
        assert_eq!(read.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn a_file_is_utf_8() {
        check("a = \"Երևան\"".as_bytes(), Ok("a = \"Երևան\""));
        check(b"", Ok(""));
        check(b"x", Ok("x"));
        let utf_16 = Err("f.toml: the file is UTF-16; save it as UTF-8");
        for units in [&[0xfeff, 0x5b, 0x61][..], &[0x5b, 0x61], &[0xfeff, 0x547]] {
            check(&units.iter().flat_map(|it: &u16| it.to_le_bytes()).collect::<Vec<_>>(), utf_16);
            check(&units.iter().flat_map(|it| it.to_be_bytes()).collect::<Vec<_>>(), utf_16);
        }
        check(b"a = 1\nb = \"\xcf\xf0\"\n", Err("f.toml line 2: the file is not UTF-8; save it as UTF-8"));
    }
}
