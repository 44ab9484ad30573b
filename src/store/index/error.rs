//! Why an index cannot be used.

use std::io;

/// Why the index could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// sled refused.
    #[error(transparent)]
    Sled(#[from] sled::Error),
    /// sled panicked, as it does on damage.
    #[error("sled panicked: {0}")]
    Panicked(String),
    /// The file of sorted rows could not be read or written.
    #[error(transparent)]
    Sorted(#[from] io::Error),
    /// The file of sorted rows is not what was written.
    #[error("the file of sorted rows is damaged: {0}")]
    SortedDamaged(String),
    /// A row is not what was written, or rows do not fit together.
    #[error("{0}")]
    Row(String),
    /// It is another process that has the index open, which only answers questions.
    #[error("another process has it open")]
    Remote,
    /// The index is being closed.
    #[error("it is closed")]
    Closed,
    /// One that was made anew lacks the end of the one that it was to stand for.
    #[error("it does not reach as far as the one in use")]
    Behind,
}
