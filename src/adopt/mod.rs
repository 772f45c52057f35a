//! Moves a project from another migration tool: its files here, each of its databases by
//! [`Migrator::baseline`](crate::Migrator::baseline) with an import.

mod checksum;
mod error;
mod expect;
mod files;
mod frame;
mod journal;
mod map;
mod migration;
mod moment;
mod plan;
mod recognize;
mod tool;
mod tools;
mod translate;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use regex::Regex;

pub use self::error::AdoptError;
use self::files::OldPath;
pub(crate) use self::journal::{OldHistory, read_history};
pub use self::map::MapError;
pub(crate) use self::map::{MAP, Map, MappedObject, MappedScript};
pub(crate) use self::tool::{OldFile, Order, numbers};
pub use self::tool::{Tool, UnknownTool};
pub use self::translate::Change;
use crate::engine::Engine;
use crate::script::{FolderProblem, Repository};

/// What is moved, and where to.
///
/// ```no_run
/// use dbmigrate::adopt::{Adoption, AdoptOptions};
///
/// let adoption = Adoption::plan("migrations", &AdoptOptions::new(["db/migration"]))?;
/// for script in &adoption.scripts {
///     println!("{} -> {}", script.from.display(), script.to.display());
/// }
/// adoption.write()?;
/// # Ok::<(), dbmigrate::adopt::AdoptError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdoptOptions {
    folders: Vec<PathBuf>,
    from: Option<Tool>,
    journals: Vec<Tool>,
    objects: Option<PathBuf>,
    engine: Option<&'static Engine>,
    unclean: bool,
}

impl AdoptOptions {
    /// Returns the options to adopt what is in these folders. Without any, it is the folders of an earlier adoption.
    #[must_use]
    pub fn new(folders: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        Self { folders: folders.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Names the tool, which is otherwise recognized by the files.
    #[must_use]
    pub fn from(mut self, tool: impl Into<Option<Tool>>) -> Self {
        self.from = tool.into();
        self
    }

    /// Names the tools whose journals a database has: they decide between tools whose files look alike.
    #[must_use]
    pub fn journals(mut self, tools: impl IntoIterator<Item = Tool>) -> Self {
        self.journals = tools.into_iter().collect();
        self
    }

    /// Names the engine that the scripts are for: what it cannot run in a transaction gets the directive.
    #[must_use]
    pub const fn engine(mut self, engine: &'static Engine) -> Self {
        self.engine = Some(engine);
        self
    }

    /// Sets whether uncommitted changes in the folders are no reason against a plan that is only to be looked at.
    #[must_use]
    pub const fn unclean(mut self, unclean: bool) -> Self {
        self.unclean = unclean;
        self
    }

    /// Sets the folder of object files, unless it is `objects/` in that of the scripts.
    #[must_use]
    pub fn objects(mut self, folder: impl Into<PathBuf>) -> Self {
        self.objects = Some(folder.into());
        self
    }
}

/// What an adoption does. Nothing is done before [`Adoption::write`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Adoption {
    /// The tool.
    pub tool: Tool,
    /// The scripts, in their order.
    pub scripts: Vec<Adopted>,
    /// The files that become object files.
    pub objects: Vec<Adopted>,
    /// The files that are no longer needed: those that undo a script, and settings that are taken over. They are removed, or stay
    /// where there is no Git.
    pub removed: Vec<PathBuf>,
    /// What is left to do by hand.
    pub left: Vec<LeftOver>,
    /// The variables that the placeholders of scripts have become.
    pub variables: BTreeSet<String>,
    /// Whether the changes will be staged in Git.
    pub in_git: bool,
    /// Whether the folder of the scripts has been adopted before: only what was added since is moved.
    pub again: bool,
    /// The old name of each variable.
    placeholders: BTreeMap<String, String>,
    dir: PathBuf,
    map: Map,
    repository: Option<Repository>,
    engine: Option<&'static Engine>,
    /// The folders that are touched.
    touched: Vec<PathBuf>,
}

/// A file that moves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Adopted {
    /// Where it is.
    pub from: PathBuf,
    /// Where it will be.
    pub to: PathBuf,
    /// What is changed in it.
    pub changes: Vec<Change>,
    text: String,
    /// Whether the old file stays: it is in a programming language.
    stays: bool,
}

/// Something that dbmigrate has no counterpart for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOver {
    /// The file.
    pub path: PathBuf,
    /// What it is, and what to do.
    pub what: String,
}

impl Adoption {
    /// Moves the files, writes the map, and stages the changes in Git. It commits nothing.
    ///
    /// # Errors
    ///
    /// If a file cannot be written, or Git fails.
    pub fn write(&self) -> Result<(), AdoptError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| AdoptError::Io { path, source }
        };
        std::fs::create_dir_all(&self.dir).map_err(at(&self.dir))?;
        for Adopted { to, text, .. } in self.scripts.iter().chain(&self.objects) {
            if let Some(folder) = to.parent() {
                std::fs::create_dir_all(folder).map_err(at(folder))?;
            }
            std::fs::write(to, text).map_err(at(to))?;
        }
        let map = self.dir.join(MAP);
        std::fs::write(&map, self.map.text()).map_err(at(&map))?;
        // everything is written before anything is removed
        let moved = self.scripts.iter().chain(&self.objects).filter(|adopted| !adopted.stays);
        let moved = moved.map(|adopted| &adopted.from).collect::<BTreeSet<_>>().into_iter();
        let removed = if self.in_git { &*self.removed } else { &[] };
        for path in moved.chain(removed) {
            std::fs::remove_file(path).map_err(at(path))?;
            files::remove_if_empty(path.parent(), &self.touched);
        }
        if let Some(repository) = &self.repository {
            repository.stage(&self.touched)?;
        }
        Ok(())
    }
}

/// Compiles a pattern of this code.
fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that the tests compile")
}

/// Returns the migrations that were added later to the folders that a folder of scripts was adopted from.
pub(crate) fn late_in_old_folders(dir: &Path) -> Vec<FolderProblem> {
    let Ok(Some(map)) = Map::of_dir(dir) else { return Vec::new() };
    let objects = dir.join(dbmigrate_files::OBJECTS);
    let mut late = Vec::new();
    for folder in map.folders.iter().map(|folder| files::joined(dir, folder)).filter(|folder| folder.is_dir()) {
        // what is in the folder of the scripts itself is already a problem of it
        let is_own = files::relative(&folder, dir).as_os_str() == ".";
        let old = OldPath::of_folders(std::slice::from_ref(&folder), dir, &objects).unwrap_or_default();
        let found = old.into_iter().filter(|file| !is_own && map.is_late(dir, &folder, &file.path));
        late.extend(found.map(|file| map.late(dir, file.path)));
    }
    late
}
