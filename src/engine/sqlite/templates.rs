//! Templates: files in the user's cache folder, each with a card next to it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use etcetera::BaseStrategy;
use tokio::task::spawn_blocking;

use super::PRODUCT;
use super::error;
use super::lock::LockFile;
use super::replacement::{Swap, file_error, remove};
use crate::engine::{BUILT, Settings, Target};
use crate::error::ServerError;
use crate::template::{Card, Draft, PREFIX, Template, TemplateStore};

/// The folder of templates.
#[derive(Debug, Clone)]
pub(super) struct Cache(PathBuf);

/// A copy that is to become a template. Its lock shows other processes that it is not left over.
pub(super) struct LockedDraft {
    path: PathBuf,
    _lock: LockFile,
}

/// The ends of the names of a template, its card, and a copy that is to become one.
const TEMPLATE: &str = "db";
const CARD: &str = "txt";
const DRAFT: &str = "draft";

impl Cache {
    /// Returns the one of the settings, or this user's; `None` if the user has no folder for it.
    pub(super) fn of(settings: &Settings) -> Option<Self> {
        if let Some(folder) = &settings.cache {
            return Some(Self(folder.clone()));
        }
        let base = etcetera::base_strategy::choose_native_strategy().ok()?;
        Some(Self(base.cache_dir().join("dbmigrate")))
    }

    /// Returns the file in whose name templates for tests are built.
    pub(super) fn test_base(&self) -> io::Result<PathBuf> {
        self.create()?;
        Ok(self.file(BUILT, TEMPLATE))
    }

    fn file(&self, name: &str, end: &str) -> PathBuf {
        self.0.join(format!("{name}.{end}"))
    }

    /// Creates the folder, for this user alone.
    fn create(&self) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(&self.0)
    }

    /// Returns the names of the files with this end, without it.
    fn names(&self, end: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let name = path.file_stem().and_then(|name| name.to_str()).filter(|name| name.starts_with(PREFIX));
            let has_end = path.extension().is_some_and(|extension| extension == end);
            names.extend(name.filter(|_| has_end).map(ToOwned::to_owned));
        }
        Ok(names)
    }

    fn list(&self) -> io::Result<Vec<Template>> {
        Ok(self.names(TEMPLATE)?.iter().filter_map(|name| self.find(name)).collect())
    }

    /// Returns the template of this name.
    pub(super) fn find(&self, name: &str) -> Option<Template> {
        let card = Card::read(&fs::read_to_string(self.file(name, CARD)).ok()?)?;
        Some(Template { name: name.to_owned(), card })
    }

    /// Copies a template; `false` if it is gone.
    pub(super) fn copy(&self, name: &str, to: &Path) -> io::Result<bool> {
        match fs::copy(self.file(name, TEMPLATE), to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            copied => copied.map(|_| true),
        }
    }

    fn draft(&self, new: &Path) -> io::Result<LockedDraft> {
        self.create()?;
        self.sweep()?;
        let name = format!("{PREFIX}{}", uuid::Uuid::new_v4().simple());
        let path = self.file(&name, DRAFT);
        let locked = || io::Error::other("another process has this copy");
        let lock = LockFile::acquire(&path).map_err(|_| locked())?;
        fs::copy(new, &path)?;
        synced(&path)?;
        Ok(LockedDraft { path, _lock: lock })
    }

    /// Removes the copies that killed processes have left.
    fn sweep(&self) -> io::Result<()> {
        for name in self.names(DRAFT)? {
            let path = self.file(&name, DRAFT);
            if let Ok(_lock) = LockFile::acquire(&path) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    fn publish(&self, draft: &Path, name: &str, card: &Card) -> io::Result<()> {
        // the card is first, so that no template is without one
        self.note(name, card)?;
        fs::rename(draft, self.file(name, TEMPLATE))
    }

    /// Writes a card, at once: another process may read it.
    pub(super) fn note(&self, name: &str, card: &Card) -> io::Result<()> {
        let part = self.file(&format!("{name}-{}", uuid::Uuid::new_v4().simple()), CARD);
        fs::write(&part, card.text())?;
        fs::rename(part, self.file(name, CARD))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        for end in [TEMPLATE, CARD] {
            match fs::remove_file(self.file(name, end)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Returns what every new database is.
pub(super) fn ground() -> String {
    format!("{PRODUCT} {}", rusqlite::version())
}

/// Waits until the file is on the disk.
pub(super) fn synced(path: &Path) -> io::Result<()> {
    fs::OpenOptions::new().write(true).open(path)?.sync_all()
}

impl Swap {
    /// Works with the cache on a thread that may block.
    async fn cached<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Cache) -> io::Result<T> + Send + 'static,
    ) -> Result<T, ServerError> {
        let Some(cache) = self.cache.clone() else { return Err(error::lost()) };
        let done = spawn_blocking(move || act(&cache).map_err(|error| file_error(&cache.0, &error))).await;
        done.map_err(|_| error::lost())?
    }
}

#[async_trait]
impl TemplateStore for Swap {
    async fn ground(&mut self) -> Result<String, ServerError> {
        Ok(ground())
    }

    async fn list(&mut self) -> Result<Vec<Template>, ServerError> {
        self.cached(Cache::list).await
    }

    async fn copy(&mut self, template: &Template) -> Result<bool, ServerError> {
        let (name, new) = (template.name.clone(), self.new.clone());
        self.cached(move |cache| {
            let copied = cache.copy(&name, &new);
            if copied.is_err() {
                remove(&new)?;
            }
            copied
        })
        .await
    }

    async fn size(&mut self) -> Result<u64, ServerError> {
        let size = fs::metadata(&self.new).map(|metadata| metadata.len());
        size.map_err(|error| file_error(&self.new, &error))
    }

    async fn draft(&mut self) -> Result<Draft, ServerError> {
        let new = self.new.clone();
        let draft = self.cached(move |cache| cache.draft(&new)).await?;
        let target = Target::sqlite(&draft.path);
        self.draft = Some(draft);
        Ok(Draft { target, comment: None })
    }

    async fn publish(&mut self, name: &str, card: &Card) -> Result<(), ServerError> {
        let Some(draft) = self.draft.take() else { return Ok(()) };
        let (name, card) = (name.to_owned(), card.clone());
        self.cached(move |cache| cache.publish(&draft.path, &name, &card)).await
    }

    async fn reject(&mut self) {
        if let Some(draft) = self.draft.take() {
            let _ = remove(&draft.path);
        }
    }

    async fn existing(&mut self, users: &BTreeSet<String>) -> Result<BTreeSet<String>, ServerError> {
        Ok(users.iter().filter(|user| Path::new(user).exists()).cloned().collect())
    }

    async fn note(&mut self, template: &Template) -> Result<(), ServerError> {
        let template = template.clone();
        self.cached(move |cache| cache.note(&template.name, &template.card)).await
    }

    async fn remove(&mut self, name: &str) -> Result<(), ServerError> {
        let name = name.to_owned();
        self.cached(move |cache| cache.remove(&name)).await
    }

    async fn sweep(&mut self) -> Result<(), ServerError> {
        self.cached(Cache::sweep).await
    }
}
