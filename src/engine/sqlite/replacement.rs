//! Builds a database file beside another, which it then replaces.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use tokio::task::spawn_blocking;

use super::file::{File, Opening};
use super::lock::{LockFile, beside};
use super::templates::{Cache, LockedDraft, synced};
use super::{PRODUCT, error, opening};
use crate::engine::Target;
use crate::engine::{Access, Connection, NoLock, Replacement, Settings};
use crate::error::{Error, ErrorKind, ServerError};
use crate::plan::Warning;
use crate::template::TemplateStore;

pub(super) struct Swap {
    settings: Settings,
    pub(super) path: PathBuf,
    pub(super) new: PathBuf,
    /// Where templates are, if there can be some.
    pub(super) cache: Option<Cache>,
    /// The copy of the new file that is to become a template.
    pub(super) draft: Option<LockedDraft>,
    /// The old file's journal mode, which a failed rebuild leaves unchanged.
    journal_mode: String,
    /// Keeps every other run of the old file away.
    _lock: LockFile,
}

/// The files that SQLite keeps beside a database.
const COMPANIONS: [&str; 4] = ["", "-wal", "-shm", "-journal"];

pub(super) async fn replacement(path: &Path, settings: &Settings) -> Result<Box<dyn Replacement>, Error> {
    let failed =
        |error| Error::Database { doing: "preparing the new file beside the old one".into(), error, state: None };
    let lock = match LockFile::acquire(path) {
        Ok(lock) => lock,
        Err(NoLock::Held(holder)) => return Err(Error::Locked { holder, waited: std::time::Duration::ZERO }),
        Err(NoLock::Failed(error)) => return Err(failed(error)),
    };
    let path = beside(path, "");
    let new = beside(&path, "-dbmigrate-new");
    remove(&new).map_err(|error| failed(file_error(&new, &error)))?;
    let journal_mode = look(&path, settings).await.map_err(failed)?;
    let (settings, cache) = (settings.clone(), Cache::of(settings));
    Ok(Box::new(Swap { settings, path, new, cache, draft: None, journal_mode, _lock: lock }))
}

pub(super) fn file_error(path: &Path, error: &std::io::Error) -> ServerError {
    ServerError::new(PRODUCT, format!("{}: {error}", path.display()), ErrorKind::Plain)
}

pub(super) fn remove(database: &Path) -> std::io::Result<()> {
    for suffix in COMPANIONS {
        match std::fs::remove_file(beside(database, suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

impl Swap {
    /// Opens the old file so that no other program reads or writes it: out of WAL mode, so that it is a single file,
    /// and locked exclusively. This fails while another program has the file open in WAL mode, or reads or writes it.
    async fn seize(&self) -> Result<File, ServerError> {
        let mut old = open(&self.path, &self.settings).await?;
        execute(&mut old, "PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE").await?;
        Ok(old)
    }

    /// Waits until the new file is on the disk.
    async fn sync(&self) -> Result<(), ServerError> {
        let new = self.new.clone();
        let synced = spawn_blocking(move || synced(&new)).await.map_err(|_| error::lost())?;
        synced.map_err(|error| file_error(&self.new, &error))
    }

    fn rename(&self) -> std::io::Result<()> {
        if let Ok(old) = std::fs::metadata(&self.path) {
            std::fs::set_permissions(&self.new, old.permissions())?;
            give(&self.new, &old);
        }
        // a database that the scripts left in WAL mode is complete in its one file once it is closed
        std::fs::rename(&self.new, &self.path)?;
        // the file has its new name even if the sync fails: only a power cut within the next seconds could undo that
        let folder = self.path.parent().filter(|_| cfg!(unix)).map(std::fs::File::open);
        let _ = folder.map(|folder| folder.and_then(|folder| folder.sync_all()));
        Ok(())
    }

    /// Puts the new file into WAL mode if the old one was in it: the mode is stored in the file.
    async fn keep_journal_mode(&self) -> Result<(), ServerError> {
        if self.journal_mode.eq_ignore_ascii_case("wal") {
            let mut new = open(&self.new, &self.settings).await?;
            new.query("PRAGMA journal_mode = WAL").await?;
            new.close().await;
        }
        Ok(())
    }

    async fn take_place(&self) -> Result<(), ServerError> {
        if beside(&self.new, "-wal").exists() {
            return Err(ServerError::new(PRODUCT, "another program has the new file open", ErrorKind::Plain));
        }
        let renamed = |answer: std::io::Result<()>| answer.map_err(|error| file_error(&self.path, &error));
        self.keep_journal_mode().await?;
        self.sync().await?;
        if !self.path.exists() {
            return renamed(self.rename());
        }
        let mut old = self.seize().await?;
        if cfg!(windows) {
            // an open file cannot be replaced on Windows
            old.close().await;
            return renamed(self.rename());
        }
        let answer = renamed(self.rename());
        if answer.is_err() {
            let _ = execute(&mut old, &format!("ROLLBACK; PRAGMA journal_mode = {}", self.journal_mode)).await;
        }
        // the old file no longer has a name, or its lock ends here
        old.close().await;
        answer
    }
}

/// Gives a file the owner of another, if that is allowed: a rebuild by root must not lock the application out.
#[cfg(unix)]
fn give(file: &Path, like: &std::fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, chown};
    let _ = chown(file, Some(like.uid()), Some(like.gid()));
}

#[cfg(not(unix))]
fn give(_: &Path, _: &std::fs::Metadata) {}

async fn open(path: &Path, settings: &Settings) -> Result<File, ServerError> {
    File::open(&Opening { create: false, ..opening(path, false, settings) }).await
}

async fn execute(old: &mut File, sql: &str) -> Result<(), ServerError> {
    old.query(sql).await.map(drop).map_err(|error| {
        let message = format!("another program has the old file open: {}", error.message);
        if error.kind == ErrorKind::LockTimeout { ServerError { message, ..error } } else { error }
    })
}

/// Checks, before everything is built, that the old file is a database to which no other program is writing. Returns
/// its journal mode.
async fn look(path: &Path, settings: &Settings) -> Result<String, ServerError> {
    if !path.exists() {
        return Ok("DELETE".into());
    }
    let mut old = open(path, settings).await?;
    execute(&mut old, "BEGIN EXCLUSIVE; ROLLBACK").await?;
    let mode = old.query("PRAGMA journal_mode").await;
    old.close().await;
    Ok(mode?.into_iter().flatten().flatten().next().unwrap_or_default())
}

#[async_trait]
impl Replacement for Swap {
    fn target(&self) -> Target {
        Target::sqlite(&self.new)
    }

    async fn connection(&mut self) -> Result<Option<Box<dyn Connection>>, Error> {
        let settings = Settings { access: Access::Create, ..self.settings.clone() };
        let mut connection = self.target().connect(&settings).await?;
        // the whole file is synced once, before it takes the old one's place
        let refused = |error| Error::Connect { target: self.target().to_string(), error };
        connection.query("PRAGMA synchronous = OFF").await.map_err(refused)?;
        Ok(Some(connection))
    }

    fn templates(&mut self) -> Option<&mut dyn TemplateStore> {
        if self.cache.is_some() { Some(self) } else { None }
    }

    async fn swap(self: Box<Self>) -> Result<Option<Warning>, ServerError> {
        let answer = self.take_place().await;
        if answer.is_err() {
            self.discard().await;
        }
        answer.map(|()| None)
    }

    async fn discard(mut self: Box<Self>) {
        self.reject().await;
        // the next rebuild removes what is left
        let _ = remove(&self.new);
    }
}
