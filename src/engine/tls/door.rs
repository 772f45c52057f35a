//! How the driver is connected to an encryption that is not its own.

use std::io;
#[cfg(unix)]
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::{Problem, Stream};

/// A listener for one connection of this process.
#[cfg(unix)]
pub(in crate::engine) struct Door {
    /// Nobody else may enter it.
    pub(in crate::engine) folder: PathBuf,
    listener: tokio::net::UnixListener,
}

#[cfg(unix)]
pub(in crate::engine) type LocalStream = tokio::net::UnixStream;

#[cfg(unix)]
impl Door {
    /// A socket of this name.
    pub(in crate::engine) fn open(name: &str) -> io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        // the path of a socket has 104 bytes at most
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

/// A listener for one connection of this machine: Windows has no sockets in files for the driver.
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

/// Hands on what both sides send until one of them ends; gives the place where a problem of the encryption is noted.
pub(in crate::engine) fn relay(
    mut local: impl Stream + 'static,
    mut server: impl Stream + 'static,
) -> Arc<OnceLock<Problem>> {
    const BUFFER: usize = 64 * 1024;
    let problem = Arc::new(OnceLock::new());
    let noted = Arc::clone(&problem);
    tokio::spawn(async move {
        let relayed = tokio::io::copy_bidirectional_with_sizes(&mut local, &mut server, BUFFER, BUFFER).await;
        // a server that ends without a farewell has said what it had to say
        if let Err(error) = relayed.map_err(|error| Problem::of(&error))
            && !matches!(error, Problem::Lost(_))
        {
            let _ = noted.set(error);
        }
    });
    problem
}
