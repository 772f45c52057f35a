//! The lock between processes: a file beside the database, locked by the operating system.
//!
//! SQLite's own locks end with a transaction, so they cannot cover a script outside one. The operating system lets go of
//! a file lock when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use same_file::Handle;

use super::PRODUCT;
use crate::engine::NoLock;
use crate::error::{ServerError, Trouble};

/// The lock of one database, held.
pub(super) struct LockFile {
    path: PathBuf,
    _file: File,
}

impl LockFile {
    /// Takes the lock or says who has it.
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
            // the last holder may have removed the file between our opening and our locking it
            let file = file.try_clone().map_err(|error| failed(&path, &error))?;
            if is_at(&file, &path) {
                sign(&file);
                return Ok(Self { path, _file: file });
            }
        }
    }
}

impl LockFile {
    /// Who has the lock. Creates nothing.
    pub(super) fn holder(database: &Path) -> Option<String> {
        let file = File::open(beside(database, "-dbmigrate-lock")).ok()?;
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then(|| holder(&file))
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // a file that stays is no harm: its lock is gone
        let _ = std::fs::remove_file(&self.path);
    }
}

/// A file beside the database, wherever a link to it stands.
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
    // who waits is told less when this cannot be written
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
    let trouble = if denied { Trouble::ReadOnly } else { Trouble::Plain };
    ServerError::new(PRODUCT, format!("the lock file {} cannot be written: {error}", path.display()), trouble)
}
