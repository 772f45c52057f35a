//! A server that speaks just enough of SQL Server's protocol (TDS 7.4) to record what a client sends and to answer
//! as a test says. It cannot encrypt, so it tells the client that encryption is not supported.

use std::io;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Types of message, as MS-TDS numbers them.
const BATCH: u8 = 1;
const ANSWER: u8 = 4;
const ATTENTION: u8 = 6;
const LOGIN: u8 = 16;
const PRELOGIN: u8 = 18;

/// Bits in the status of a DONE token: an error came before; an Attention was heard; rows are counted and more follows.
const FAILED: u16 = 0x02;
const CANCELLED: u16 = 0x20;
const ROWS: u16 = 0x11;

/// The bit in the header of a packet that ends a message.
const LAST: u8 = 1;
/// The feature of a login that carries an access token, and what follows the last feature or option.
const FEDERATED: u8 = 2;
const NO_MORE: u8 = 0xFF;
/// The length and the descriptor of the transaction that every [`Reply::Begin`] begins.
const TRANSACTION: &[u8] = &[8, 1, 0, 0, 0, 0, 0, 0, 0];

/// A part of an answer. The answer to a batch is any number of them, and a DONE that follows by itself.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// A result set of text columns; `None` is NULL. Every row has a value for each column.
    Rows { columns: &'static [&'static str], rows: Vec<Vec<Option<String>>> },
    /// A message of class 0.
    Info { number: u32, message: String },
    /// An error; the answer continues after it.
    Error { number: u32, state: u8, class: u8, message: String, procedure: String, line: u32 },
    /// The current database is now this one.
    Database(String),
    /// A transaction has begun.
    Begin,
    /// The transaction is committed.
    Commit,
    /// The transaction is rolled back.
    Rollback,
    /// The client is let in, and is to go to another server. For a login only.
    Routing { host: String, port: u16 },
    /// The answer stops here until the client sends an Attention; it ends with the acknowledgement of that.
    Hang,
    /// The connection is closed here, within the answer.
    Close,
}

/// What a client said of itself at login; empty where it said nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) application: String,
    pub(crate) database: String,
    /// The access token of a federated login.
    pub(crate) token: Option<String>,
}

/// Says whether a connection is accepted, or with which errors it is refused.
type Greet = dyn Fn(usize, &Login) -> Result<(), Vec<Reply>> + Send + Sync;
/// Says what is replied to a batch of a connection.
type Answer = dyn Fn(usize, &str) -> Vec<Reply> + Send + Sync;

/// A running server. Dropping it closes its port and all its connections.
pub(crate) struct Recorder {
    port: u16,
    desk: Arc<Desk>,
    listening: JoinHandle<()>,
}

impl Recorder {
    /// Listens on a free port of 127.0.0.1. `greet` says who gets in: `Err` is sent in place of the acknowledgement, and the
    /// connection is closed. `answer` is asked what to reply to each batch of each connection (counted from 1).
    pub(crate) async fn start(
        greet: impl Fn(usize, &Login) -> Result<(), Vec<Reply>> + Send + Sync + 'static,
        answer: impl Fn(usize, &str) -> Vec<Reply> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("the loopback address has a free port");
        let port = listener.local_addr().expect("a listener has an address").port();
        let (batches, logins) = (Mutex::default(), Mutex::default());
        let desk = Arc::new(Desk { greet: Box::new(greet), answer: Box::new(answer), batches, logins });
        Self { port, listening: tokio::spawn(listen(listener, Arc::clone(&desk))), desk }
    }

    /// The port on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The batches so far with the number of their connection, in the order of arrival.
    pub(crate) fn batches(&self) -> Vec<(usize, String)> {
        self.desk.batches.lock().expect("nothing panics under this lock").clone()
    }

    /// The logins so far with the number of their connection, also the refused ones, in the order of arrival.
    pub(crate) fn logins(&self) -> Vec<(usize, Login)> {
        self.desk.logins.lock().expect("nothing panics under this lock").clone()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Serves each client in a task of its own, until it is dropped itself.
async fn listen(listener: TcpListener, desk: Arc<Desk>) {
    let mut clients = JoinSet::new();
    for connection in 1.. {
        let (stream, _) = listener.accept().await.expect("a loopback connection can be accepted");
        let desk = Arc::clone(&desk);
        clients.spawn(async move { desk.serve(connection, stream).await });
    }
}

/// What all connections share: the test's say, and the record.
struct Desk {
    greet: Box<Greet>,
    answer: Box<Answer>,
    batches: Mutex<Vec<(usize, String)>>,
    logins: Mutex<Vec<(usize, Login)>>,
}

impl Desk {
    /// Serves one client until it leaves, breaks the protocol or is to be left.
    async fn serve(&self, connection: usize, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let prelogin = receive_as(PRELOGIN, &mut stream).await?;
        send(&mut stream, &prelogin_answer(&prelogin), LAST).await?;
        let login = Login::parse(&receive_as(LOGIN, &mut stream).await?);
        self.logins.lock().expect("nothing panics under this lock").push((connection, login.clone()));
        match (self.greet)(connection, &login) {
            Ok(()) => send(&mut stream, &welcome(&login), LAST).await?,
            Err(refusal) => return reply(&mut stream, &refusal).await,
        }
        loop {
            match receive(&mut stream).await? {
                (BATCH, message) => reply(&mut stream, &self.take_batch(connection, &message)).await?,
                (ATTENTION, _) => send(&mut stream, &done(CANCELLED, 0), LAST).await?,
                _ => reply(&mut stream, &[unsupported()]).await?,
            }
        }
    }

    /// Records a batch and asks for its answer. The text follows headers that start with their own length.
    fn take_batch(&self, connection: usize, message: &[u8]) -> Vec<Reply> {
        let text = text(&message[long(message, 0)..]);
        self.batches.lock().expect("nothing panics under this lock").push((connection, text.clone()));
        (self.answer)(connection, &text)
    }
}

/// Sends an answer; an error means that the connection is to be closed.
async fn reply(stream: &mut TcpStream, replies: &[Reply]) -> io::Result<()> {
    let cut = replies.iter().position(|part| matches!(part, Reply::Hang | Reply::Close)).unwrap_or(replies.len());
    let failed = replies.iter().any(|part| matches!(part, Reply::Error { .. }));
    let mut tokens: Vec<u8> = replies[..cut].iter().flat_map(Reply::tokens).collect();
    match replies.get(cut) {
        None => {
            tokens.extend(done(if failed { FAILED } else { 0 }, 0));
            send(stream, &tokens, LAST).await
        }
        Some(Reply::Hang) => {
            send(stream, &tokens, 0).await?;
            receive_as(ATTENTION, stream).await?;
            send(stream, &done(CANCELLED, 0), LAST).await
        }
        Some(_) => {
            send(stream, &tokens, 0).await?;
            Err(io::ErrorKind::ConnectionAborted.into())
        }
    }
}

/// What is said to a request other than a batch.
fn unsupported() -> Reply {
    let message = "not supported by the recorder".to_owned();
    Reply::Error { number: 50000, state: 1, class: 16, message, procedure: String::new(), line: 1 }
}

/// Reads a message, of one packet or more, and gives its type with it.
async fn receive(stream: &mut TcpStream) -> io::Result<(u8, Vec<u8>)> {
    let mut message = Vec::new();
    loop {
        let mut header = [0; 8];
        stream.read_exact(&mut header).await?;
        let start = message.len();
        message.resize(start + usize::from(u16::from_be_bytes([header[2], header[3]])) - header.len(), 0);
        stream.read_exact(&mut message[start..]).await?;
        if header[1] & LAST != 0 {
            return Ok((header[0], message));
        }
    }
}

/// Reads a message that must be of this type. A client that wants encryption sends another type, and goes no further.
async fn receive_as(kind: u8, stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let (got, message) = receive(stream).await?;
    if got == kind { Ok(message) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// Sends in packets; `end` is [`LAST`] where the message ends, 0 where it continues.
async fn send(stream: &mut TcpStream, tokens: &[u8], end: u8) -> io::Result<()> {
    let mut chunks = tokens.chunks(4096 - 8).peekable();
    let mut packets = Vec::new();
    while let Some(chunk) = chunks.next() {
        let status = if chunks.peek().is_none() { end } else { 0 };
        let [high, low] = count16(chunk.len() + 8).to_be_bytes();
        packets.extend([ANSWER, status, high, low, 0, 0, 1, 0]);
        packets.extend(chunk);
    }
    stream.write_all(&packets).await
}

/// Version 16, no encryption (2), and federated login if the client offers it (option 6).
fn prelogin_answer(asked: &[u8]) -> Vec<u8> {
    let offers = asked.chunks(5).take_while(|option| option[0] != NO_MORE).any(|option| option[0] == 6);
    let options = [0, 0, 16, 0, 6, 1, 0, 22, 0, 1, 6, 0, 23, 0, 1, NO_MORE];
    [&options[..], &[16, 0, 0, 0, 0, 0, 2, u8::from(offers)]].concat()
}

/// Lets a client in.
fn welcome(login: &Login) -> Vec<u8> {
    let database = if login.database.is_empty() { "master" } else { &login.database };
    let mut tokens = Reply::Database(database.to_owned()).tokens();
    tokens.extend(login_ack());
    if login.token.is_some() {
        tokens.extend([0xAE, FEDERATED, 0, 0, 0, 0, NO_MORE]);
    }
    tokens.extend(done(0, 0));
    tokens
}

/// Acknowledges a login by TDS 7.4.
fn login_ack() -> Vec<u8> {
    token(0xAD, &[&[1, 0x74, 0, 0, 4], &*named("Microsoft SQL Server"), &[16, 0, 0, 0]].concat())
}

impl Login {
    /// Reads a login record: a table of offsets (in bytes) and lengths (in UTF-16 units), and what they point to.
    fn parse(record: &[u8]) -> Self {
        let field = |at| &record[short(record, at)..][..2 * short(record, at + 2)];
        let password: Vec<u8> = field(44).iter().map(|byte| (byte ^ 0xA5).rotate_left(4)).collect();
        let has_features = short(record, 58) != 0;
        Self {
            user: text(field(40)),
            password: text(&password),
            application: text(field(48)),
            database: text(field(68)),
            token: has_features.then(|| access_token(&record[long(record, short(record, 56))..])).flatten(),
        }
    }
}

/// The access token among the features of a login, if it is there.
fn access_token(features: &[u8]) -> Option<String> {
    match features[0] {
        NO_MORE => None,
        FEDERATED => Some(text(&features[10..][..long(features, 6)])),
        _ => access_token(&features[5 + long(features, 1)..]),
    }
}

impl Reply {
    /// The bytes on the wire.
    fn tokens(&self) -> Vec<u8> {
        match self {
            Self::Rows { columns, rows } => result_set(columns, rows),
            Self::Info { number, message } => token(0xAB, &notice(*number, [1, 0], message, "", 1)),
            Self::Error { number, state, class, message, procedure, line } => {
                token(0xAA, &notice(*number, [*state, *class], message, procedure, *line))
            }
            Self::Database(name) => token(0xE3, &[&[1], &*named(name), &[0]].concat()),
            Self::Begin => token(0xE3, &[&[8], TRANSACTION, &[0]].concat()),
            Self::Commit => token(0xE3, &[&[9, 0], TRANSACTION].concat()),
            Self::Rollback => token(0xE3, &[&[10, 0], TRANSACTION].concat()),
            Self::Routing { host, port } => [login_ack(), token(0xE3, &route(host, *port))].concat(),
            Self::Hang | Self::Close => Vec::new(),
        }
    }
}

/// A token with its length.
fn token(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], &count16(body.len()).to_le_bytes()[..], body].concat()
}

/// The end of a result or of an answer.
fn done(status: u16, rows: usize) -> Vec<u8> {
    [&[0xFD], &status.to_le_bytes()[..], &[0, 0], &(rows as u64).to_le_bytes()].concat()
}

/// The body of an error or an information.
fn notice(number: u32, state_and_class: [u8; 2], message: &str, procedure: &str, line: u32) -> Vec<u8> {
    let (message, server) = (utf16(message), named("recorder"));
    let length = count16(message.len() / 2).to_le_bytes();
    let head = [&number.to_le_bytes()[..], &state_and_class, &length, &message].concat();
    [head, server, named(procedure), line.to_le_bytes().to_vec()].concat()
}

/// The body of a change of server.
fn route(host: &str, port: u16) -> Vec<u8> {
    let host = utf16(host);
    let [length, units] = [host.len() + 5, host.len() / 2].map(|count| count16(count).to_le_bytes());
    [&[20], &length[..], &[0], &port.to_le_bytes(), &units, &host, &[0, 0]].concat()
}

/// The columns (all NVARCHAR(MAX), nullable, `Latin1_General_CI_AS`), the rows, and their number.
fn result_set(columns: &[&str], rows: &[Vec<Option<String>>]) -> Vec<u8> {
    let mut tokens = vec![0x81];
    tokens.extend(count16(columns.len()).to_le_bytes());
    for name in columns {
        tokens.extend([0, 0, 0, 0, 9, 0, 0xE7, 0xFF, 0xFF, 0x09, 0x04, 0xD0, 0x00, 0x34]);
        tokens.extend(named(name));
    }
    for row in rows {
        assert_eq!(row.len(), columns.len(), "a row must have a value for each column: {row:?}");
        tokens.push(0xD1);
        tokens.extend(row.iter().flat_map(|value| cell(value.as_deref())));
    }
    tokens.extend(done(ROWS, rows.len()));
    tokens
}

/// A value in a row: its length, itself in one chunk, and the empty chunk that ends it.
fn cell(value: Option<&str>) -> Vec<u8> {
    let Some(value) = value.map(utf16) else { return vec![0xFF; 8] };
    let length = u32::try_from(value.len()).expect("a test has less than 4 GB of text");
    let chunk = if value.is_empty() { Vec::new() } else { [&length.to_le_bytes(), &*value].concat() };
    [&u64::from(length).to_le_bytes(), &*chunk, &[0; 4]].concat()
}

/// A name: the number of its UTF-16 units in a byte, and these.
fn named(name: &str) -> Vec<u8> {
    let name = utf16(name);
    let units = u8::try_from(name.len() / 2).expect("a name has at most 255 characters");
    [&[units], &*name].concat()
}

/// A number that the protocol counts in 16 bits.
fn count16(count: usize) -> u16 {
    u16::try_from(count).expect("a token or a packet has less than 64 KB")
}

/// Text as UTF-16, low byte first.
fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Reads UTF-16, low byte first.
fn text(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
    String::from_utf16(&units).expect("a client sends valid text")
}

/// The number of 16 bits at `at`, low byte first.
fn short(bytes: &[u8], at: usize) -> usize {
    usize::from(bytes[at]) + (usize::from(bytes[at + 1]) << 8)
}

/// The number of 32 bits at `at`, low byte first.
fn long(bytes: &[u8], at: usize) -> usize {
    short(bytes, at) + (short(bytes, at + 2) << 16)
}
