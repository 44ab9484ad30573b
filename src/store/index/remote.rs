//! An index that another process has open, read by asking that process.
//!
//! The process that holds the store answers at a socket beside it (`ledger_store::serve`), so that a command beside a
//! running daemon needs neither the lock nor the archive in memory. It asks only for rows of the index; the ledger is
//! read from its files.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Index, KeyValue, Listing as _, Order, PAGE_ROWS, row};
use crate::store::{self, StoreError};

/// What the answering process sends first: the versions of the protocol and of the rows. Other versions are not
/// understood.
pub(in crate::store) const GREETING: [u8; 2] = [1, row::VERSION];

/// Maximum bytes of a question.
const MAX_QUESTION: usize = 64 << 10;
/// Maximum bytes of an answer: a page of the largest rows.
const MAX_ANSWER: usize = 2 << 20;

/// How long each side waits for the other to send or receive. Reading a row takes about a millisecond, but the disk may
/// be busy.
pub(in crate::store) const PATIENCE: Duration = Duration::from_secs(60);

/// What is asked of an index.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store) enum Question {
    /// The row under a key.
    Row(Vec<u8>),
    /// A page of keys; see [`super::Listing::page`].
    Keys { from: Vec<u8>, to: Vec<u8>, is_down: bool, limit: u32 },
    /// A page of rows, upwards.
    Rows { from: Vec<u8>, to: Vec<u8>, limit: u32 },
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store) struct Answer {
    /// The number up to which retention deleted the ledger's oldest segments: the rows hold positions in that ledger.
    base: u32,
    /// Keys, and values if requested; or the reason why there are none.
    rows: Result<Vec<KeyValue>, String>,
}

impl Question {
    /// Answers from an open index over the ledger with this `base`.
    pub(in crate::store) fn answer(self, index: &Index, base: u32) -> Answer {
        let size = |limit: u32| PAGE_ROWS.min(limit as usize);
        let rows = match self {
            Self::Row(key) => index.value(&key).map(|it| it.map(|value| (key, value)).into_iter().collect()),
            Self::Keys { from, to, is_down, limit } => {
                let order = if is_down { Order::Down } else { Order::Up };
                let keys = index.page(&from, &to, order, size(limit));
                keys.map(|it| it.into_iter().map(|key| (key, Vec::new())).collect())
            }
            Self::Rows { from, to, limit } => index.entries(&from, &to, size(limit)),
        };
        Answer { base, rows: rows.map_err(|it| it.to_string()) }
    }
}

/// The connection to the process that has the index open.
pub(super) struct Remote {
    socket: PathBuf,
    stream: Mutex<UnixStream>,
    /// See [`Answer::base`].
    base: u32,
}

impl Remote {
    /// Connects to the process that answers at `socket` for the ledger with this `base`; `None` if none does, or it has
    /// another version.
    pub(super) fn connect(socket: &Path, base: u32) -> Option<Self> {
        let mut stream = UnixStream::connect(socket).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).and_then(|()| stream.set_write_timeout(Some(PATIENCE))).ok()?;
        let mut greeting = [0; GREETING.len()];
        stream.read_exact(&mut greeting).ok()?;
        (greeting == GREETING).then(|| Self { socket: socket.to_owned(), stream: Mutex::new(stream), base })
    }

    /// Asks, and waits for the answer.
    pub(super) fn ask(&self, question: &Question) -> Result<Vec<KeyValue>, StoreError> {
        let answer = self.exchange(question).and_then(|it| match it {
            Answer { base, .. } if base != self.base => {
                Err(io::Error::other("the archive was put in order meanwhile; run this again"))
            }
            Answer { rows, .. } => rows.map_err(io::Error::other),
        });
        answer
            .map_err(|source| match source.kind() {
                ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => {
                    io::Error::new(source.kind(), "the process that holds the archive ended meanwhile; run this again")
                }
                _ => source,
            })
            .map_err(store::io("read the index at", &self.socket))
    }

    fn exchange(&self, question: &Question) -> io::Result<Answer> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = send(&mut *stream, question).and_then(|()| receive(&mut *stream, MAX_ANSWER));
        if answer.is_err() {
            // A late answer must not be taken for that to the next question.
            drop(stream.shutdown(Shutdown::Both));
        }
        answer
    }
}

/// The next question; `None` if the other side has closed the connection.
pub(in crate::store) fn next_question(from: &mut impl Read) -> io::Result<Option<Question>> {
    match receive(from, MAX_QUESTION) {
        Ok(question) => Ok(Some(question)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a question or an answer: its length as four bytes, the lowest first, then postcard.
pub(in crate::store) fn send(to: &mut impl Write, what: &impl Serialize) -> io::Result<()> {
    let mut bytes = postcard::to_extend(what, vec![0; 4]).map_err(io::Error::other)?;
    let length = u32::try_from(bytes.len().saturating_sub(4)).map_err(io::Error::other)?;
    if let Some(it) = bytes.first_chunk_mut() {
        *it = length.to_le_bytes();
    }
    to.write_all(&bytes)
}

fn receive<T: DeserializeOwned>(from: &mut impl Read, limit: usize) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > limit {
        return Err(io::Error::new(ErrorKind::InvalidData, format!("{length} bytes, more than {limit}")));
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes)?;
    postcard::from_bytes(&bytes).map_err(|it| io::Error::new(ErrorKind::InvalidData, it))
}
