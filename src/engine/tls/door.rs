//! Connects the driver to an encryption that is not its own.

use std::io;
#[cfg(unix)]
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::{Problem, Stream};

/// A listener for one connection of this process.
#[cfg(unix)]
pub(in crate::engine) struct Door {
    /// No other user may enter it.
    pub(in crate::engine) folder: PathBuf,
    listener: tokio::net::UnixListener,
}

#[cfg(unix)]
pub(in crate::engine) type LocalStream = tokio::net::UnixStream;

#[cfg(unix)]
impl Door {
    /// Opens a socket of this name.
    pub(in crate::engine) fn open(name: &str) -> io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        // the path of a socket has at most 104 bytes
        let base = std::env::temp_dir();
        let base = if base.as_os_str().len() > 60 { PathBuf::from("/tmp") } else { base };
        let unique = uuid::Uuid::new_v4().simple().to_string();
        let folder = base.join(format!("dbm-{}", &unique[..16]));
        std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
        let listener = tokio::net::UnixListener::bind(folder.join(name));
        if listener.is_err() {
            let _ = std::fs::remove_dir_all(&folder);
        }
        Ok(Self { listener: listener?, folder })
    }

    pub(in crate::engine) async fn accept(&self) -> io::Result<LocalStream> {
        Ok(self.listener.accept().await?.0)
    }
}

#[cfg(unix)]
impl Drop for Door {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A listener for one connection of this machine: on Windows, the driver cannot use sockets in files.
#[cfg(not(unix))]
pub(in crate::engine) struct Door {
    pub(in crate::engine) port: u16,
    listener: tokio::net::TcpListener,
}

#[cfg(not(unix))]
pub(in crate::engine) type LocalStream = tokio::net::TcpStream;

#[cfg(not(unix))]
impl Door {
    pub(in crate::engine) fn open(_name: &str) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        Ok(Self { port, listener: tokio::net::TcpListener::from_std(listener)? })
    }

    pub(in crate::engine) async fn accept(&self) -> io::Result<LocalStream> {
        Ok(self.listener.accept().await?.0)
    }
}

/// Passes on what both sides send until one of them ends. Returns the cell that receives a problem of the encryption.
pub(in crate::engine) fn relay(
    mut local: impl Stream + 'static,
    mut server: impl Stream + 'static,
) -> Arc<OnceLock<Problem>> {
    const BUFFER: usize = 64 * 1024;
    let problem = Arc::new(OnceLock::new());
    let noted = Arc::clone(&problem);
    tokio::spawn(async move {
        let relayed = tokio::io::copy_bidirectional_with_sizes(&mut local, &mut server, BUFFER, BUFFER).await;
        // a server that closes the connection without a goodbye has already sent everything
        if let Err(error) = relayed.map_err(|error| Problem::of(&error))
            && !matches!(error, Problem::Lost(_))
        {
            let _ = noted.set(error);
        }
    });
    problem
}
