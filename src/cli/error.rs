//! Why a command failed, with its exit code and what the user can do.

use std::{io, path::PathBuf};

use crate::{config::ConfigError, daemon::DaemonError, fetch::FetchError, store::StoreError};

/// sysexits.h `EX_USAGE`.
pub(super) const USAGE: u8 = 64;
const DATA: u8 = 65;
const NO_INPUT: u8 = 66;
const UNAVAILABLE: u8 = 69;
const SOFTWARE: u8 = 70;
const CANNOT_CREATE: u8 = 73;
const IO: u8 = 74;
const TEMPORARY: u8 = 75;
const NO_PERMISSION: u8 = 77;
const CONFIG: u8 = 78;

/// A command failed. The message says what to do where something can be done.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// For a command that needs nothing else of the configuration.
    #[error("the configuration does not tell where the archive is; --state-dir DIR does without it")]
    Place(#[source] ConfigError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Daemon(#[from] DaemonError),
    #[error("the HTTP client could not be made")]
    Client(#[source] FetchError),
    #[error("cannot {doing} {path}")]
    File { doing: &'static str, path: PathBuf, source: io::Error },
    #[error("cannot {doing}")]
    Io { doing: &'static str, source: io::Error },
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    NotFound(String),
    #[error("{0}")]
    Exists(String),
    #[error("{0}")]
    BadData(String),
    #[error("{0}")]
    Unavailable(String),
    #[error("{0}")]
    NotAllowed(String),
    #[error(
        "the archive in {dir} is in use by another sitrepd: a daemon, which polls and sends by itself and would have to be stopped first, \
         or a command that ends soon; then try again"
    )]
    Busy { dir: PathBuf },
    /// A command that does many things stopped half way.
    #[error("stopped after {done} of {all} messages {word}")]
    Partly { done: usize, all: usize, word: &'static str, source: Box<CliError> },
    #[error("a defect of the program: {0}")]
    Defect(String),
    /// Nobody reads the output any more.
    #[error("the output is closed")]
    ClosedPipe,
}

impl CliError {
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Config(error) | Self::Place(error) => match error {
                ConfigError::Io { source, doing, .. } => of_io(source, doing),
                ConfigError::Exists { .. } => CANNOT_CREATE,
                _ => CONFIG,
            },
            Self::Store(error) => of_store(error),
            Self::Daemon(DaemonError::Store(error)) => of_store(error),
            Self::File { source, doing, .. } | Self::Io { source, doing } => of_io(source, doing),
            Self::Usage(_) => USAGE,
            Self::NotFound(_) => NO_INPUT,
            Self::Exists(_) => CANNOT_CREATE,
            Self::BadData(_) => DATA,
            Self::Unavailable(_) => UNAVAILABLE,
            Self::NotAllowed(_) => NO_PERMISSION,
            Self::Busy { .. } => TEMPORARY,
            Self::Partly { source, .. } => source.exit_code(),
            Self::Client(_) => CONFIG,
            Self::Daemon(_) | Self::Defect(_) => SOFTWARE,
            Self::ClosedPipe => 0,
        }
    }
}

fn of_store(error: &StoreError) -> u8 {
    match error {
        StoreError::Locked { .. } => TEMPORARY,
        StoreError::Io { source, doing, .. } => of_io(source, doing),
        StoreError::TooNew { .. } | StoreError::Damaged { .. } | StoreError::Empty { .. } => DATA,
        StoreError::Foreign { .. } | StoreError::Fixed { .. } => CANNOT_CREATE,
        _ => IO,
    }
}

/// The exit code of a file error: a missing file, or a file in place of a directory, means different things for reading
/// and writing.
fn of_io(error: &io::Error, doing: &str) -> u8 {
    let writes = matches!(doing, "create" | "write");
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => NO_PERMISSION,
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::AlreadyExists => {
            if writes {
                CANNOT_CREATE
            } else {
                NO_INPUT
            }
        }
        _ => IO,
    }
}
