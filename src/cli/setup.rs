//! Opens what commands need: configuration, archive, daemon parts.

use std::{
    env, fs,
    io::{self, BufWriter, Write as _},
    ops::Deref,
    os::unix::fs::{MetadataExt, fchown},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use crate::{
    config::{self, Config, Origin},
    daemon::{
        Context,
        settle::{self, Settler},
        system_clock,
    },
    fetch::Client,
    model::Timestamp,
    store::{LedgerReader, LedgerStore, MemoryStore, Settings, Store, StoreError},
};

use super::{CliError, Output, keeping};

/// How long a finished command waits for others that read the archive through it.
const READERS_PATIENCE: Duration = Duration::from_secs(5);

/// Where this run's configuration comes from.
pub(super) fn origin(config_dir: Option<PathBuf>, state_dir: Option<PathBuf>) -> Origin {
    let dir = config_dir.or_else(config::config_dir);
    Origin {
        dir,
        state_dir,
        env: env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect(),
    }
}

/// `sitrepd init`.
pub(super) fn init(origin: &Origin, out: &Output) -> Result<(), CliError> {
    let dir = origin
        .dir
        .as_deref()
        .ok_or_else(|| CliError::Usage("there is no home directory; name one with --config-dir".to_owned()))?;
    let files = config::write_shipped(dir)?;
    tell_written(&files, out)?;
    if out.is_json() {
        return Ok(());
    }
    let sitrepd = match config::config_dir().as_deref() == Some(dir) {
        true => "sitrepd".to_owned(),
        false => format!("sitrepd --config-dir {}", dir.display()),
    };
    out.line(format!(
        "\nNext: open {} and set contact under [daemon].\n\
         Then: {sitrepd} check    says whether the files are in order\n      \
         {sitrepd} poll     reads the sources once\n      \
         {sitrepd} digest   shows what came in",
        dir.join("sitrepd.toml").display()
    ))
}

/// Writes a new file in place of an old one, with its owner and mode: a daemon that may read the one reads the other. A
/// link is followed, since people keep such files elsewhere. A crash leaves either file whole.
pub(super) fn replace_file(path: &Path, text: &str) -> Result<(), CliError> {
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let part = path.with_extension("toml.new");
    let write = || {
        let dir = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(dir)?;
        let mut file = fs::File::create(&part)?;
        if let Ok(old) = fs::metadata(path) {
            let new = file.metadata()?;
            if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
                fchown(&file, Some(old.uid()), Some(old.gid())).map_err(|it| {
                    let why =
                        format!("it is another user's, and the new one would not be: run this as that user ({it})");
                    io::Error::new(it.kind(), why)
                })?;
            }
            file.set_permissions(old.permissions())?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, path)?;
        fs::File::open(dir)?.sync_all()
    };
    let written = write().inspect_err(|_| drop(fs::remove_file(&part)));
    written.map_err(|source| CliError::File { doing: "write", path: path.clone(), source })
}

/// Writes a file as a whole: what is there stays until the new one is complete and durable. A device, a pipe, or a file in
/// a directory that nothing can be added to is written to as it is.
pub(super) fn write_file<T>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<fs::File>) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let failed = |source| CliError::File { doing: "write", path: path.to_owned(), source };
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let old = fs::metadata(&place).ok();
    let mut part = place.clone().into_os_string();
    part.push(".part");
    // What a name there leads to is another program's to replace: a shell's redirection. A link that leads nowhere yet
    // stays a link.
    let is_of_system = ["/dev", "/proc"].iter().any(|it| path.starts_with(it));
    let is_link = fs::symlink_metadata(&place).is_ok_and(|it| it.is_symlink());
    let is_replaced = old.as_ref().is_none_or(fs::Metadata::is_file) && !is_of_system && !is_link;
    let draft = match is_replaced.then(|| fs::File::create(&part)) {
        None => None,
        Some(Err(error)) if cannot_add(&error) => None,
        Some(made) => Some(made.map_err(failed)?),
    };
    let is_draft = draft.is_some();
    let file = draft.map_or_else(|| fs::File::create(&place), Ok).map_err(failed)?;
    if let Some(old) = old.filter(|_| is_draft) {
        // As far as that is allowed: who may read the one should read the other.
        let _ = fchown(&file, Some(old.uid()), Some(old.gid()));
        let _ = file.set_permissions(old.permissions());
    }
    let mut to = BufWriter::new(file);
    let written = write(&mut to).and_then(|res| {
        let synced = to.flush().and_then(|()| if is_draft { to.get_ref().sync_all() } else { Ok(()) });
        let placed = synced.and_then(|()| if is_draft { fs::rename(&part, &place) } else { Ok(()) });
        placed.map(|()| res).map_err(failed)
    });
    if written.is_err() && is_draft {
        let _ = fs::remove_file(&part);
    }
    written
}

/// Whether nothing can be added to a directory under that name, though what is there may be writable. A disk that is full
/// is another matter: the file there would be lost to it.
fn cannot_add(error: &io::Error) -> bool {
    use io::ErrorKind::{IsADirectory, PermissionDenied, ReadOnlyFilesystem};

    matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem | IsADirectory)
}

/// Says which files were written.
pub(super) fn tell_written(files: &config::ShippedFiles, out: &Output) -> Result<(), CliError> {
    if out.is_json() {
        return out.record(&serde_json::json!({ "written": files.written, "kept": files.kept }));
    }
    files.written.iter().try_for_each(|it| out.line(format!("wrote {}", it.display())))?;
    files.kept.iter().try_for_each(|it| out.line(format!("kept  {}, which was there", it.display())))
}

/// Reads the configuration.
pub(super) fn config(origin: &Origin) -> Result<Arc<Config>, CliError> {
    Ok(Arc::new(Config::load(origin)?))
}

/// Where the archive is, for commands that need nothing else of the configuration: a mistake in it must not keep anybody
/// from a backup. Of the files only `sitrepd.toml` is read, and none where --state-dir is given.
pub(super) fn place(origin: &Origin) -> Result<Settings, CliError> {
    config::state_dir_of(origin).map(Settings::new).map_err(CliError::Place)
}

/// Passes the warnings of the configuration on, before other people's servers are asked.
pub(super) fn warn(config: &Config, out: &Output) {
    for it in &config.warnings {
        out.note(&format!("warning: {it}"));
    }
}

/// How many hours the newest record of an archive is ahead of the clock, where that is more than a clock that was set
/// right explains. One of the two clocks was or is wrong.
fn hours_ahead(newest: Timestamp, now: Timestamp) -> Option<i64> {
    let hours = (newest - now).num_hours();
    (hours > 0).then_some(hours)
}

/// An archive that is open for reading.
pub(super) enum Archive {
    /// This process holds it, and answers others that read it meanwhile. A loss found when it was opened is reported
    /// once, by this process.
    Own { store: Arc<LedgerStore>, loss: Option<String> },
    /// Another process may hold it.
    Beside(Box<dyn Store>),
}

impl Deref for Archive {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Own { store, .. } => &**store,
            Self::Beside(store) => &**store,
        }
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        // Most commands are done in a moment: one that began later than this one should not fail because this one has
        // ended.
        if let Self::Own { store, .. } = self {
            store.see_readers_out(READERS_PATIENCE);
        }
    }
}

/// Whether there is an archive, or a backup. A missing one of which records were acknowledged is an error that gives
/// their number, and so is one that a restore has not finished.
pub(super) fn is_there(settings: &Settings) -> Result<bool, CliError> {
    if settings.is_there()? {
        return Ok(true);
    }
    refuse_half_restored(settings)?;
    match LedgerStore::acknowledged(settings) {
        Some(acknowledged) => {
            let told = keeping::cut(0, keeping::Beyond::new(0, 0, acknowledged));
            told.map_or(Ok(false), |it| Err(CliError::BadData(it)))
        }
        None => Ok(false),
    }
}

/// Fails where a restore was interrupted before there was an archive.
pub(super) fn refuse_half_restored(settings: &Settings) -> Result<(), CliError> {
    if !settings.is_half_restored()? {
        return Ok(());
    }
    let dir = settings.dir.display();
    Err(CliError::BadData(format!(
        "a restore into {dir} was interrupted, or is under way: run sitrepd restore again, which begins anew; or move {dir} away to begin \
         without an archive"
    )))
}

/// The archive for reading. If another process holds it, or it belongs to another user, it is read through that process
/// if it answers, and otherwise from the ledger. A missing archive is not made.
pub(super) fn archive(config: &Config) -> Result<Archive, CliError> {
    archive_in(&config.store)
}

/// See [`archive`].
pub(super) fn archive_in(place: &Settings) -> Result<Archive, CliError> {
    let beside = || -> Result<Archive, StoreError> {
        match LedgerStore::remote(place)? {
            Some(it) => Ok(Archive::Beside(Box::new(it))),
            None => Ok(Archive::Beside(Box::new(LedgerReader::open(place)?.into_memory()?))),
        }
    };
    if !is_there(place)? {
        return Ok(Archive::Beside(Box::new(MemoryStore::new())));
    }
    if others(place).is_some() {
        return Ok(beside()?);
    }
    match LedgerStore::open(place) {
        Ok((store, opened)) => {
            let store = Arc::new(store);
            if let Err(error) = store.serve() {
                tracing::debug!(%error, "no socket for readers beside this process");
            }
            Ok(Archive::Own { store, loss: opened.is_loss().then(|| opened.to_string()) })
        }
        Err(StoreError::Locked { .. }) => Ok(beside()?),
        Err(StoreError::Io { source, .. }) if is_refused(&source) => Ok(beside()?),
        Err(error) => Err(error.into()),
    }
}

/// The archive for reading articles; says so where there is none in it.
pub(super) fn articles(place: &Settings, out: &Output) -> Result<Archive, CliError> {
    let store = archive_in(place)?;
    if store.counts()?.articles == 0 {
        let (dir, fills) = (place.dir.display(), "sitrepd poll fills it, sitrepd run keeps it up to date");
        out.note(&match is_there(place)? {
            true => format!("the archive in {dir} is empty: {fills}"),
            false => format!("there is no archive in {dir} yet, so that it is empty: {fills}"),
        });
    }
    Ok(store)
}

/// The archive for writing, made where there is none. Where all of an archive is gone, on a disk that is not mounted, say,
/// none is made in its place: everything would be read as new, and every alert told again.
pub(super) fn own_archive(config: &Config) -> Result<LedgerStore, CliError> {
    if let Some(owner) = others(&config.store) {
        // What this user writes the other could not open: root would lock the service out of its own archive.
        return Err(CliError::NotAllowed(format!(
            "the archive in {} belongs to another user (number {owner}); run this as that user",
            config.state_dir.display()
        )));
    }
    if config.store.dir.is_dir() {
        is_there(&config.store)?;
    }
    match LedgerStore::open(&config.store) {
        Ok((store, _)) => Ok(store),
        Err(StoreError::Locked { dir }) => Err(CliError::Busy { dir }),
        Err(error) => Err(error.into()),
    }
}

/// The owner of the archive where that is somebody else.
pub(super) fn others(place: &Settings) -> Option<u32> {
    let us = fs::metadata("/proc/self").ok()?.uid();
    place.owner().filter(|it| *it != us)
}

fn is_refused(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

/// The parts of a running daemon, over the archive that it alone holds.
pub(super) struct Parts {
    pub(super) ctx: Context,
    settling: std::thread::JoinHandle<()>,
}

impl Parts {
    pub(super) fn new(config: Arc<Config>) -> Result<Self, CliError> {
        let store = Arc::new(own_archive(&config)?);
        if let Err(error) = store.serve() {
            let dir = config.state_dir.display();
            tracing::warn!(%dir, %error, "no socket for readers: commands beside this process take the ledger into memory");
        }
        let store: Arc<dyn Store> = store;
        let clock = system_clock();
        let client = client(&config)?;
        let digests = config.digests().map(|it| it.name.as_str()).collect::<Vec<_>>();
        let floor = settle::floor(&*store, &digests)?;
        if let Some(hours) = hours_ahead(floor, clock()) {
            tracing::error!(
                until = %floor,
                "the archive's newest record is {hours} hours ahead of the clock: until then all that comes in is dated at \
                 that time; set the clock right if it is slow, else dates are wrong until then"
            );
        }
        let (settler, settling) = Settler::start(Arc::clone(&store), clock.clone(), floor)
            .map_err(|source| CliError::Io { doing: "start a thread", source })?;
        Ok(Self { ctx: Context::new(config, store, settler, client, clock), settling })
    }

    /// How many messages wait in the outbox, due or not.
    pub(super) fn waiting(&self) -> Result<u64, StoreError> {
        Ok(self.ctx.store.counts()?.pending)
    }

    /// Ends the settling thread after what it was given, and closes the archive.
    pub(super) fn close(self) {
        drop(self.ctx);
        // A panic there was told to whoever waited for an answer.
        let _ = self.settling.join();
    }
}

pub(super) fn client(config: &Config) -> Result<Client, CliError> {
    Client::new(config.fetch.clone()).map_err(CliError::Client)
}

/// A runtime for the commands that need one.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    /// Files that the runtime opens for itself. It panics if it cannot open one.
    const FILES: usize = 10;
    let room = (0..FILES).map(|_| fs::File::open("/dev/null")).collect::<Result<Vec<_>, _>>();
    let runtime = room.and_then(|files| {
        drop(files);
        tokio::runtime::Builder::new_multi_thread().enable_all().build()
    });
    runtime.map_err(|source| CliError::Io { doing: "start the runtime", source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ArticleId, Change, Label, Timestamp};

    #[test]
    fn a_file_that_is_replaced_keeps_its_mode_and_its_place() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let dir = tempfile::tempdir().unwrap();
        let (kept, link) = (dir.path().join("kept.toml"), dir.path().join("sources.toml"));
        for mode in [0o644, 0o600] {
            fs::write(&kept, "old").unwrap();
            fs::set_permissions(&kept, fs::Permissions::from_mode(mode)).unwrap();
            let _ = fs::remove_file(&link);
            symlink(&kept, &link).unwrap();
            replace_file(&link, "new").unwrap();
            assert!(link.is_symlink());
            assert_eq!(fs::read_to_string(&kept).unwrap(), "new");
            assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, mode);
        }
        replace_file(&dir.path().join("none/yet.toml"), "first").unwrap();
    }

    /// Found in a review: an export that was interrupted had destroyed the one before.
    #[test]
    fn a_file_is_whole_or_the_one_before() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let dir = tempfile::tempdir().unwrap();
        let (kept, link) = (dir.path().join("kept.jsonl"), dir.path().join("link.jsonl"));
        let write = |path: &Path, text: &str| {
            write_file(path, |to| {
                to.write_all(text.as_bytes()).unwrap();
                Ok(())
            })
        };
        write(&kept, "first").unwrap();
        fs::set_permissions(&kept, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&kept, &link).unwrap();
        let interrupted = write_file(&link, |to| {
            to.write_all(&vec![b'x'; 100_000]).unwrap();
            Err::<(), _>(CliError::ClosedPipe)
        });
        assert!(interrupted.is_err());
        assert_eq!(fs::read_to_string(&kept).unwrap(), "first");
        write(&link, "second").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&kept).unwrap(), "second");
        assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
        write(Path::new("/dev/null"), "nothing").unwrap();
        assert!(write(&dir.path().join("none/yet"), "x").is_err());
    }

    #[test]
    fn a_clock_far_behind_the_archive_is_told() {
        let at = |hours: i64| Timestamp::from_timestamp(1_795_305_600 + 3_600 * hours, 0).unwrap();
        assert_eq!(hours_ahead(at(9_000), at(0)), Some(9_000));
        assert_eq!(hours_ahead(at(0), at(0)), None);
        assert_eq!(hours_ahead(at(0), at(5)), None);
    }

    #[test]
    fn who_reads_an_archive_lets_others_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let env = vec![("SITREPD__DAEMON__CONTACT".to_owned(), "test".to_owned())];
        let origin = Origin { dir: Some(dir.path().join("config")), state_dir: Some(dir.path().join("state")), env };
        let config = config(&origin).unwrap();
        let label = Label { article: ArticleId(1), topic: "t".to_owned(), is_right: true, at: Timestamp::UNIX_EPOCH };
        let change = Change::Labelled(label);
        own_archive(&config).unwrap().commit(&change).unwrap();
        let first = archive(&config).unwrap();
        let second = archive(&config).unwrap();
        assert!(matches!((&first, &second), (Archive::Own { .. }, Archive::Beside(_))));
        assert!(second.label(ArticleId(1), "t").unwrap().is_some());
        // One in memory would take it.
        assert!(matches!(second.commit(&change), Err(StoreError::Stopped { .. })));
        drop(second);
        drop(first);
        own_archive(&config).unwrap();
    }
}
