//! Databases for tests: files in the folder of temporary files, each in a folder of its own with a locked file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use tokio::task::spawn_blocking;

use super::PRODUCT;
use super::error;
use super::lock::LockFile;
use super::replacement::file_error;
use super::templates::{Cache, ground};
use crate::engine::{Settings, Target, TestHost, is_test_name, test_name};
use crate::error::ServerError;
use crate::template::Template;

struct Host {
    cache: Option<Cache>,
    /// The folder of the database and its lock, once it exists.
    folder: Option<(PathBuf, LockFile)>,
}

/// The file whose lock shows that the test is running, in the folder of the database. A run locks the database itself.
const HELD: &str = "test";

pub(super) fn test_host(settings: &Settings) -> Box<dyn TestHost> {
    Box::new(Host { cache: Cache::of(settings), folder: None })
}

fn create(cache: Option<&Cache>, template: Option<&str>) -> io::Result<Option<(PathBuf, PathBuf, LockFile)>> {
    let (_, name) = test_name();
    let folder = std::env::temp_dir().join(&name);
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder)?;
    // another test may take the folder for one that was left
    let lock = LockFile::acquire(&folder.join(HELD)).map_err(|_| io::Error::from(io::ErrorKind::Interrupted))?;
    let file = folder.join("test.db");
    let copied = match (cache, template) {
        (Some(cache), Some(template)) => cache.copy(template, &file)?,
        _ => true,
    };
    if copied {
        return Ok(Some((folder, file, lock)));
    }
    drop(lock);
    fs::remove_dir_all(&folder).map(|()| None)
}

fn sweep() -> io::Result<()> {
    for entry in fs::read_dir(std::env::temp_dir())? {
        let path = entry?.path();
        let is_test = path.file_name().and_then(|name| name.to_str()).is_some_and(is_test_name);
        if is_test && let Ok(lock) = LockFile::acquire(&path.join(HELD)) {
            // Windows removes no file that is open
            drop(lock);
            let _ = fs::remove_dir_all(&path);
        }
    }
    Ok(())
}

async fn aside<T: Send + 'static>(act: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, ServerError> {
    let here = |error| file_error(Path::new(PRODUCT), &error);
    spawn_blocking(act).await.map_err(|_| error::lost())?.map_err(here)
}

#[async_trait]
impl TestHost for Host {
    async fn sweep(&mut self) -> Result<(), ServerError> {
        aside(sweep).await
    }

    async fn ground(&mut self) -> Result<Option<String>, ServerError> {
        Ok(self.cache.as_ref().map(|_| ground()))
    }

    async fn template(&mut self, name: &str) -> Result<Option<Template>, ServerError> {
        let (cache, name) = (self.cache.clone(), name.to_owned());
        aside(move || Ok(cache.and_then(|cache| cache.find(&name)))).await
    }

    async fn note(&mut self, template: &Template) -> Result<(), ServerError> {
        let (cache, template) = (self.cache.clone(), template.clone());
        aside(move || cache.map_or(Ok(()), |cache| cache.note(&template.name, &template.card))).await
    }

    async fn create(&mut self, template: Option<&Template>) -> Result<Option<Target>, ServerError> {
        let (cache, template) = (self.cache.clone(), template.map(|template| template.name.clone()));
        let created = aside(move || {
            let create = || create(cache.as_ref(), template.as_deref());
            create().or_else(|_| create())
        });
        let Some((folder, file, lock)) = created.await? else { return Ok(None) };
        self.folder = Some((folder, lock));
        Ok(Some(Target::sqlite(file)))
    }

    async fn drop_database(self: Box<Self>) -> Result<(), ServerError> {
        let Some((folder, lock)) = self.folder else { return Ok(()) };
        aside(move || {
            drop(lock);
            fs::remove_dir_all(folder)
        })
        .await
    }
}
