//! Answering other processes beside the one that holds the store: see [`remote`](crate::store::index::remote).

use std::{
    fs, io,
    os::unix::{
        fs::{DirBuilderExt as _, PermissionsExt as _},
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use super::LedgerStore;
use crate::store::index::remote::{GREETING, PATIENCE, next_question, send};

/// The socket in the state directory.
const SOCKET: &str = "index.socket";

/// Maximum readers at a time. Further readers read the ledger by themselves.
const MAX_READERS: usize = 16;

/// A directory that only its owner can enter, in which the socket is made.
const WORKSHOP: &str = "serving";

/// The path of the socket at which the holder of a store answers.
pub(super) fn socket(dir: &Path) -> PathBuf {
    dir.join(SOCKET)
}

/// Stops answering when dropped.
#[derive(Debug)]
pub(super) struct Serving {
    socket: PathBuf,
    is_over: Arc<AtomicBool>,
    readers: Arc<Readers>,
}

impl Serving {
    /// Takes no more readers.
    fn close(&self) {
        if !self.is_over.swap(true, Ordering::Relaxed) {
            // Wakes the thread that waits for a reader.
            drop(UnixStream::connect(&self.socket));
            drop(fs::remove_file(&self.socket));
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.close();
    }
}

/// How many are answered now.
#[derive(Debug, Default)]
struct Readers {
    count: Mutex<usize>,
    one_left: Condvar,
}

impl Readers {
    fn count(&self) -> MutexGuard<'_, usize> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a reader for as long as the returned value is kept; `None` if there are enough.
    fn admit(self: &Arc<Self>) -> Option<Reader> {
        let mut count = self.count();
        (*count < MAX_READERS).then(|| {
            *count += 1;
            Reader(Arc::clone(self))
        })
    }
}

struct Reader(Arc<Readers>);

impl Drop for Reader {
    fn drop(&mut self) {
        *self.0.count() -= 1;
        self.0.one_left.notify_all();
    }
}

impl LedgerStore {
    /// Answers other processes of the same user that read the store, in threads of their own, until it is closed.
    ///
    /// # Errors
    ///
    /// What the system says where there can be no socket; a state directory with a path of over about 90 bytes, say.
    /// Readers then take the ledger into their memory.
    pub fn serve(self: &Arc<Self>) -> io::Result<()> {
        let socket = socket(&self.settings.dir);
        let listener = bind(&self.settings.dir, &socket)?;
        let serving = Serving { socket, is_over: Arc::default(), readers: Arc::default() };
        let (is_over, readers) = (Arc::clone(&serving.is_over), Arc::clone(&serving.readers));
        let store = Arc::downgrade(self);
        thread::Builder::new().name("serve".into()).spawn(move || accept(&listener, &store, &is_over, &readers))?;
        *self.serving.lock().unwrap_or_else(PoisonError::into_inner) = Some(serving);
        Ok(())
    }

    /// Accepts no more readers, and waits at most `patience` for the present ones to leave. A reader that continues
    /// after that is told that the store was closed.
    pub fn see_readers_out(&self, patience: Duration) {
        let Some(serving) = self.serving.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        serving.close();
        let left = serving.readers.one_left.wait_timeout_while(serving.readers.count(), patience, |it| *it > 0);
        drop(left);
    }
}

/// Makes a socket that only its owner can connect to from the first moment, replacing one that a killed process left.
fn bind(dir: &Path, socket: &Path) -> io::Result<UnixListener> {
    let workshop = dir.join(WORKSHOP);
    // Nobody else has the store.
    if let Err(error) = fs::remove_dir_all(&workshop)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    fs::DirBuilder::new().mode(0o700).create(&workshop)?;
    // This path is no longer than that of the socket, whose length the system limits.
    let made = workshop.join("s");
    let listener = UnixListener::bind(&made)?;
    fs::set_permissions(&made, fs::Permissions::from_mode(0o600))?;
    fs::rename(&made, socket)?;
    fs::remove_dir(&workshop)?;
    Ok(listener)
}

fn accept(listener: &UnixListener, store: &Weak<LedgerStore>, is_over: &AtomicBool, readers: &Arc<Readers>) {
    for stream in listener.incoming() {
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        let stream = match stream {
            Ok(it) => it,
            Err(error) => {
                // No descriptor is free, for example. The reader asks again, or reads by itself.
                tracing::warn!(%error, "a reader beside this process could not be answered");
                thread::sleep(Duration::from_millis(100));
                continue;
            }
        };
        let Some(reader) = readers.admit() else { continue };
        let store = store.clone();
        let work = move || {
            if let Err(error) = answer(stream, &store) {
                tracing::debug!(%error, "a reader beside this process is answered no more");
            }
            drop(reader);
        };
        if let Err(error) = thread::Builder::new().name("serve".into()).spawn(work) {
            tracing::warn!(%error, "a reader beside this process could not be answered");
        }
    }
}

/// Answers one reader until it leaves or the store is closed. A waiting reader must not delay the closing.
fn answer(mut stream: UnixStream, store: &Weak<LedgerStore>) -> io::Result<()> {
    use std::io::Write as _;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(&GREETING)?;
    while let Some(question) = next_question(&mut stream)? {
        let Some(store) = store.upgrade() else { return Ok(()) };
        let view = store.view();
        drop(store);
        let answer = question.answer(&view.index, view.ledger.base());
        drop(view);
        send(&mut stream, &answer)?;
    }
    Ok(())
}
