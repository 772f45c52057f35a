//! A proxy that cuts connections at the worst moments, and counts round trips.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use url::Url;

use crate::database::Database;
use crate::engine::Wire;

/// When the proxy cuts the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// When the test says so.
    OnDemand,
    /// Before it hands on a `COMMIT`.
    BeforeCommit,
    /// When it has handed on a `COMMIT`, before the server has answered.
    DuringCommit,
    /// When the server has answered a `COMMIT`; others may still connect.
    AfterCommit,
    /// The same, and no client can connect any more.
    AfterCommitForGood,
}

/// A proxy between dbmigrate and the server.
pub(crate) struct Proxy {
    told: watch::Sender<bool>,
    trips: Arc<AtomicUsize>,
    queries: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Puts a proxy between; dbmigrate connects through it from now on.
    pub(crate) async fn between(db: &mut Database, cut: Cut) -> Self {
        let wire = db.texts().wire.expect("a server");
        let mut url = db.url.parse::<Url>().expect("a URL");
        let server = (url.host_str().expect("a host").to_owned(), url.port().unwrap_or(wire.port));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        url.set_host(Some("127.0.0.1")).expect("a URL with a host");
        url.set_port(Some(listener.local_addr().expect("it listens").port())).expect("a URL with a host");
        url.set_query(Some(wire.plain));
        db.url = url.into();
        let told = watch::Sender::new(false);
        let closed = Arc::new(watch::Sender::new(false));
        let trips = Arc::new(AtomicUsize::new(0));
        let queries = Arc::default();
        let proxy = Self { told: told.clone(), trips: Arc::clone(&trips), queries: Arc::clone(&queries) };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !*closed.borrow() {
                    let server = TcpStream::connect(&server).await.expect("the server answers");
                    let cut = (wire, cut);
                    let watched = (told.subscribe(), Arc::clone(&closed), Arc::clone(&trips), Arc::clone(&queries));
                    tokio::spawn(forward(client, server, cut, watched));
                }
            }
        });
        proxy
    }

    /// How often dbmigrate has said something that was answered, on all of its connections.
    pub(crate) fn round_trips(&self) -> usize {
        self.trips.load(Ordering::SeqCst)
    }

    /// What dbmigrate has sent to be run, on all of its connections, in the order of arrival.
    pub(crate) fn queries(&self) -> Vec<String> {
        self.queries.lock().expect("no thread has panicked").clone()
    }

    pub(crate) fn cut(&self) {
        self.told.send_replace(true);
    }
}

type Watched = (watch::Receiver<bool>, Arc<watch::Sender<bool>>, Arc<AtomicUsize>, Arc<Mutex<Vec<String>>>);

async fn forward(
    mut client: TcpStream,
    mut server: TcpStream,
    (wire, cut): (Wire, Cut),
    (mut told, closed, trips, queries): Watched,
) {
    let (mut up, mut down) = (vec![0; 65536], vec![0; 65536]);
    let (mut sent, commit) = (Vec::new(), wire.commit);
    let (mut committing, mut asked) = (false, false);
    loop {
        tokio::select! {
            () = async { drop(told.wait_for(|told| *told).await) } => return,
            read = client.read(&mut up) => {
                let Ok(length @ 1..) = read else { return };
                asked = true;
                sent.extend_from_slice(&up[..length]);
                queries.lock().expect("no thread has panicked").extend((wire.queries)(&mut sent));
                committing = up[..length].windows(commit.len()).any(|bytes| bytes == commit);
                if committing && cut == Cut::BeforeCommit {
                    return;
                }
                server.write_all(&up[..length]).await.expect("the server reads");
                if committing && cut == Cut::DuringCommit {
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Ok(length @ 1..) = read else { return };
                trips.fetch_add(usize::from(std::mem::take(&mut asked)), Ordering::SeqCst);
                if committing && matches!(cut, Cut::AfterCommit | Cut::AfterCommitForGood) {
                    closed.send_replace(cut == Cut::AfterCommitForGood);
                    return;
                }
                if client.write_all(&down[..length]).await.is_err() { return }
            }
        }
    }
}
