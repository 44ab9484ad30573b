//! Delivers messages as files in a directory. Must not leave a half-written file.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::{
    digest::render,
    model::{Document, Rendered},
};

use super::DeliverError;

/// Writes each document of a message to a file in one directory.
///
/// A file appears whole or not at all, and writing the same message again leaves the same file. A feed, whose name is
/// the same for every issue, keeps what its file held of the issues before ([`render::joined`]).
#[derive(Debug, Clone)]
pub struct FileChannel {
    dir: PathBuf,
}

impl FileChannel {
    /// A channel into `dir`, which is made when the first message comes.
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    pub(super) async fn send(&self, message: &Rendered) -> Result<(), DeliverError> {
        if message.documents.is_empty() {
            let reason = "the message has no document to write; name a format for this channel".to_owned();
            return Err(DeliverError::Permanent { reason, source: None });
        }
        if let Some(document) = message.documents.iter().find(|it| !is_safe(&it.name)) {
            let reason = format!("{:?} is no file name", document.name);
            return Err(DeliverError::Permanent { reason, source: None });
        }
        let dir = self.dir.clone();
        let documents = message.documents.clone();
        let write = move || write_all(&dir, &documents);
        match tokio::task::spawn_blocking(write).await {
            Ok(res) => res,
            Err(source) => {
                let reason = format!("writing to {} was interrupted", self.dir.display());
                Err(DeliverError::Transient { reason, source: Some(source.into()) })
            }
        }
    }
}

/// Whether a name stays in its directory on every file system. The renderers make no other.
fn is_safe(name: &str) -> bool {
    let fits = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-' | b'_');
    !name.is_empty() && name.len() <= 200 && !name.starts_with('.') && name.bytes().all(fits)
}

fn write_all(dir: &Path, documents: &[Document]) -> Result<(), DeliverError> {
    fs::create_dir_all(dir).map_err(|source| failed("create the directory", dir, source))?;
    for document in documents {
        let path = dir.join(&document.name);
        write(dir, document).map_err(|source| failed("write", &path, source))?;
    }
    // The files survive a power cut only once their directory is synced.
    File::open(dir).and_then(|it| it.sync_all()).map_err(|source| failed("sync the directory", dir, source))
}

/// Maximum bytes of a file whose earlier content is kept.
const MAX_HELD_BYTES: u64 = 20 * 1024 * 1024;

/// The content of a file; empty if it is absent, or not written by this channel.
fn held(path: &Path) -> io::Result<String> {
    let bytes = match fs::symlink_metadata(path) {
        Ok(it) if it.is_file() && it.len() <= MAX_HELD_BYTES => fs::read(path)?,
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => Vec::new(),
    };
    Ok(String::from_utf8(bytes).unwrap_or_default())
}

fn write(dir: &Path, document: &Document) -> io::Result<()> {
    let path = dir.join(&document.name);
    let joined = render::joined(document, &held(&path)?);
    let body = joined.as_ref().unwrap_or(&document.body);
    let temporary = dir.join(format!(".{}.tmp", document.name));
    // Left by a crash, or a link put there by someone else: only the name is removed, not what it points to.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => (),
    }
    // `create_new` is O_EXCL: it follows no link.
    let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
    file.write_all(body.as_bytes())?;
    file.sync_all()?;
    // Replaces a link of this name and does not follow it.
    fs::rename(&temporary, path)
}

/// Always transient: a full disk or a missing permission is a matter of the channel, and the message can wait.
fn failed(doing: &str, path: &Path, source: io::Error) -> DeliverError {
    let reason = format!("cannot {doing} {}: {source}", path.display());
    DeliverError::Transient { reason, source: Some(source.into()) }
}

#[cfg(test)]
mod tests {
    use std::path::Component;

    use super::*;

    #[test]
    fn any_name_stays_in_its_directory() {
        let corpus: Vec<_> = include_str!("../../tests/fixtures/fuzz/names.txt").lines().collect();
        let cases = bolero::check!().with_iterations(5_000).with_type::<(u8, u8, Vec<u8>, String)>();
        cases.for_each(|(which, at, pieces, text)| {
            const PIECES: &[&str] =
                &["/", "..", ".", "\\", "\0", "~", "-", "a", "CON", ":", " ", "\n", "\u{202e}", "%2f", "ж"];
            let piece: String = pieces.iter().take(40).map(|it| PIECES[usize::from(*it) % PIECES.len()]).collect();
            let line = corpus[usize::from(*which) % corpus.len()];
            let at = usize::from(*at) % (line.len() + 1);
            let name = match at % 2 {
                0 => [&line[..at], &piece, &line[at..]].concat(),
                _ => [&piece, text.as_str()].concat(),
            };
            if is_safe(&name) {
                let path = Path::new(&name);
                let parts: Vec<_> = path.components().collect();
                assert!(matches!(parts[..], [Component::Normal(it)] if it == path.as_os_str()), "{name:?}");
                assert!(name.is_ascii() && !name.contains(|it: char| it.is_ascii_control() || " \\:".contains(it)));
                assert!(!name.starts_with('.') && name.len() <= 200, "{name:?}");
            }
        });
    }
}
