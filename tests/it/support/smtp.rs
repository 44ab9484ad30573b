//! A mail server that keeps what it gets, and that misbehaves when told to.

use std::{
    collections::VecDeque,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

/// The server's certificate, to be trusted as a root.
pub(crate) const CERTIFICATE: &str = include_str!("smtp/cert.pem");
/// A certificate for the same name that the server does not have.
pub(crate) const OTHER_CERTIFICATE: &str = include_str!("smtp/other.pem");
const KEY: &str = include_str!("smtp/key.pem");

/// How connections are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encryption {
    None,
    Implicit,
    StartTls,
}

/// A moment of an SMTP conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Greeting,
    SignIn,
    Sender,
    Recipient,
    Data,
    /// After the final dot.
    Message,
    Goodbye,
}

/// What one connection meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Every command is answered well.
    Accept,
    /// This reply at this moment.
    Reply(Moment, &'static str),
    /// The connection ends at this moment; for [`Moment::Message`] the message is taken and not answered for.
    Disconnect(Moment),
    /// No answer at this moment, until the client goes.
    Hang(Moment),
}

/// A message as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    /// As on the wire, up to and without the final dot.
    pub(crate) wire: Vec<u8>,
    pub(crate) encrypted: bool,
    pub(crate) user: Option<String>,
}

impl Received {
    /// The message without dot-stuffing (RFC 5321 §4.5.2).
    pub(crate) fn message(&self) -> Vec<u8> {
        let mut res = Vec::new();
        for line in self.wire.split_inclusive(|it| *it == b'\n') {
            res.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        }
        res
    }
}

/// Runs until it is dropped.
pub(crate) struct SmtpServer {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    encryption: Encryption,
    /// Who may sign in; nobody has to where `None`.
    user: Option<(&'static str, &'static str)>,
    /// For the connections to come, in order; then [`Act::Accept`].
    script: Mutex<VecDeque<Act>>,
    received: Mutex<Vec<Received>>,
    /// What was told in full and not taken.
    refused: Mutex<Vec<Received>>,
    stopped: AtomicBool,
}

impl SmtpServer {
    /// In the clear, for everybody.
    pub(crate) fn start(script: &[Act]) -> Self {
        Self::start_with(Encryption::None, None, script)
    }

    pub(crate) fn start_with(
        encryption: Encryption,
        user: Option<(&'static str, &'static str)>,
        script: &[Act],
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let script = Mutex::new(script.iter().copied().collect());
        let shared = Arc::new(Shared {
            encryption,
            user,
            script,
            received: Mutex::default(),
            refused: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let thread = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Self { address, shared, thread: Some(thread) }
    }

    /// What has been taken so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// What came in whole so far and was refused then.
    pub(crate) fn refused(&self) -> Vec<Received> {
        self.shared.refused.lock().unwrap().clone()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { return };
        let act = shared.script.lock().unwrap().pop_front().unwrap_or(Act::Accept);
        let shared = Arc::clone(shared);
        // A broken conversation is what the test wanted, or shows in what the client says.
        thread::spawn(move || Conversation::hold(stream, &shared, act));
    }
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

struct Conversation<'a> {
    stream: BufReader<Box<dyn Stream>>,
    shared: &'a Shared,
    act: Act,
    encrypted: bool,
    user: Option<String>,
}

/// The conversation ended before its end.
struct Over;

impl From<io::Error> for Over {
    fn from(_: io::Error) -> Self {
        Self
    }
}

impl<'a> Conversation<'a> {
    fn hold(tcp: TcpStream, shared: &'a Shared, act: Act) -> Result<(), Over> {
        // No client of a test is silent for so long: the thread ends in any case.
        tcp.set_read_timeout(Some(Duration::from_secs(30)))?;
        let raw = tcp.try_clone()?;
        let encrypted = shared.encryption == Encryption::Implicit;
        let stream: Box<dyn Stream> = if encrypted { Box::new(encrypt(tcp)?) } else { Box::new(tcp) };
        let mut it = Self { stream: BufReader::new(stream), shared, act, encrypted, user: None };
        it.answer(Moment::Greeting, "220 localhost ready")?;
        it.commands(&raw)
    }

    fn commands(&mut self, raw: &TcpStream) -> Result<(), Over> {
        let (mut from, mut to) = (String::new(), Vec::new());
        loop {
            let line = self.line()?;
            let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => self.hello()?,
                "STAR" => {
                    self.say("220 go ahead")?;
                    self.stream = BufReader::new(Box::new(encrypt(raw.try_clone()?)?));
                    self.encrypted = true;
                }
                "AUTH" => self.sign_in(&line)?,
                "MAIL" if self.shared.user.is_some() && self.user.is_none() => self.say("530 5.7.0 sign in first")?,
                "MAIL" => {
                    from = address(&line);
                    self.answer(Moment::Sender, "250 ok")?;
                }
                "RCPT" => {
                    to.push(address(&line));
                    self.answer(Moment::Recipient, "250 ok")?;
                }
                "DATA" => {
                    self.answer(Moment::Data, "354 go ahead")?;
                    if matches!(self.act, Act::Reply(Moment::Data, _)) {
                        continue;
                    }
                    let wire = self.data()?;
                    let is_refused = matches!(self.act, Act::Reply(Moment::Message, _));
                    let (from, to) = (from.clone(), std::mem::take(&mut to));
                    let received = Received { from, to, wire, encrypted: self.encrypted, user: self.user.clone() };
                    let kept = if is_refused { &self.shared.refused } else { &self.shared.received };
                    kept.lock().unwrap().push(received);
                    self.answer(Moment::Message, "250 taken")?;
                }
                "QUIT" => return self.answer(Moment::Goodbye, "221 bye"),
                _ => self.say("500 what?")?,
            }
        }
    }

    fn hello(&mut self) -> Result<(), Over> {
        let starttls = self.shared.encryption == Encryption::StartTls && !self.encrypted;
        let mut lines = vec!["localhost"];
        lines.extend(starttls.then_some("STARTTLS"));
        lines.extend(self.shared.user.map(|_| "AUTH PLAIN LOGIN"));
        lines.push("8BITMIME");
        let last = lines.len() - 1;
        for (n, line) in lines.iter().enumerate() {
            self.say(&format!("250{}{line}", if n == last { ' ' } else { '-' }))?;
        }
        Ok(())
    }

    /// AUTH PLAIN (RFC 4616): the base64 of NUL, user, NUL, password.
    fn sign_in(&mut self, line: &str) -> Result<(), Over> {
        let Some((user, password)) = self.shared.user else { return self.say("503 no need") };
        let given = line.split(' ').nth(2).unwrap_or_default();
        match given == base64(format!("\0{user}\0{password}").as_bytes()) {
            true => {
                self.user = Some(user.to_owned());
                self.answer(Moment::SignIn, "235 welcome")
            }
            false => self.say("535 5.7.8 wrong password"),
        }
    }

    fn data(&mut self) -> Result<Vec<u8>, Over> {
        let mut wire = Vec::new();
        while !wire.ends_with(b"\r\n.\r\n") {
            if self.stream.read_until(b'\n', &mut wire)? == 0 {
                return Err(Over);
            }
        }
        wire.truncate(wire.len() - 3);
        Ok(wire)
    }

    fn answer(&mut self, moment: Moment, usual: &str) -> Result<(), Over> {
        match self.act {
            Act::Reply(at, line) if at == moment => self.say(line),
            Act::Disconnect(at) if at == moment => Err(Over),
            Act::Hang(at) if at == moment => {
                self.stream.read_to_end(&mut Vec::new())?;
                Err(Over)
            }
            _ => self.say(usual),
        }
    }

    fn say(&mut self, line: &str) -> Result<(), Over> {
        let stream = self.stream.get_mut();
        stream.write_all(format!("{line}\r\n").as_bytes())?;
        Ok(stream.flush()?)
    }

    fn line(&mut self) -> Result<String, Over> {
        let mut line = String::new();
        match self.stream.read_line(&mut line)? {
            0 => Err(Over),
            _ => Ok(line.trim_end().to_owned()),
        }
    }
}

fn encrypt(tcp: TcpStream) -> io::Result<StreamOwned<ServerConnection, TcpStream>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).map_err(io::Error::other)?;
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).map_err(io::Error::other)?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|it| it.with_no_client_auth().with_single_cert(vec![certificate], key))
        .map_err(io::Error::other)?;
    let connection = ServerConnection::new(Arc::new(config)).map_err(io::Error::other)?;
    Ok(StreamOwned::new(connection, tcp))
}

/// What stands between `<` and `>`.
fn address(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut res = String::new();
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, n| bits << 8 | u32::from(group.get(n).copied().unwrap_or(0)));
        for n in 0..4 {
            let letter = char::from(LETTERS[(bits >> (18 - 6 * n) & 63) as usize]);
            res.push(if n > group.len() { '=' } else { letter });
        }
    }
    res
}
