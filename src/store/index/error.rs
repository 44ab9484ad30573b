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
    /// The file of sorted rows is damaged.
    #[error("the file of sorted rows is damaged: {0}")]
    SortedDamaged(String),
    /// A row is damaged, or rows contradict each other.
    #[error("{0}")]
    Row(String),
    /// Another process has the index open and only answers questions.
    #[error("another process has it open")]
    Remote,
    /// The index is being closed.
    #[error("it is closed")]
    Closed,
    /// A rebuilt index lacks the end of the one that it should replace.
    #[error("it does not reach as far as the one in use")]
    Behind,
}
