//! The lock between processes: a file beside the database, locked by the operating system.
//!
//! SQLite's own locks end with a transaction, so they cannot cover a script outside one. The operating system releases
//! a file lock when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use same_file::Handle;

use super::PRODUCT;
use crate::engine::NoLock;
use crate::error::{ErrorKind, ServerError};

/// The lock of one database, while it is held.
pub(super) struct LockFile {
    path: PathBuf,
    _file: File,
}

impl LockFile {
    /// Acquires the lock, or says who holds it.
    pub(super) fn acquire(database: &Path) -> Result<Self, NoLock> {
        let path = beside(database, "-dbmigrate-lock");
        loop {
            let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
            let file = file.as_mut().map_err(|error| failed(&path, error))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(NoLock::Held(holder(file))),
                Err(TryLockError::Error(error)) => return Err(failed(&path, &error).into()),
            }
            // the last holder may have removed the file after this run opened it and before it locked it
            let file = file.try_clone().map_err(|error| failed(&path, &error))?;
            if is_at(&file, &path) {
                sign(&file);
                return Ok(Self { path, _file: file });
            }
        }
    }
}

impl LockFile {
    /// Returns who holds the lock, without creating anything.
    pub(super) fn holder(database: &Path) -> Option<String> {
        let file = File::open(beside(database, "-dbmigrate-lock")).ok()?;
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then(|| holder(&file))
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // a file that remains does no harm: its lock is gone
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Returns the path of a file beside the database itself, not beside a link to it.
pub(super) fn beside(database: &Path, suffix: &str) -> PathBuf {
    let resolved = database.canonicalize().or_else(|_| std::path::absolute(database));
    let mut path = resolved.unwrap_or_else(|_| database.into()).into_os_string();
    path.push(suffix);
    path.into()
}

fn is_at(file: &File, path: &Path) -> bool {
    let same = || Ok::<_, std::io::Error>(Handle::from_file(file.try_clone()?)? == Handle::from_path(path)?);
    same().unwrap_or(false)
}

fn sign(mut file: &File) {
    let (user, host) = (whoami::username().unwrap_or_default(), whoami::hostname().unwrap_or_default());
    let since = humantime::format_rfc3339_seconds(std::time::SystemTime::now());
    // if this cannot be written, a waiting run shows less about the holder
    let _ = file.set_len(0);
    let _ = write!(file, "pid {}, user {user}, host {host}, since {since}", std::process::id());
}

fn holder(mut file: &File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    if read.is_ok() && !text.is_empty() { text } else { "another process".into() }
}

fn failed(path: &Path, error: &std::io::Error) -> ServerError {
    let denied = matches!(error.kind(), std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem);
    let kind = if denied { ErrorKind::ReadOnly } else { ErrorKind::Plain };
    ServerError::new(PRODUCT, format!("the lock file {} cannot be written: {error}", path.display()), kind)
}
