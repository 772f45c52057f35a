//! Moves a project from another migration tool: its files here, each of its databases by
//! [`Migrator::baseline`](crate::Migrator::baseline) with an import.

mod checksum;
mod error;
mod files;
mod journal;
mod map;
mod moment;
mod tool;
mod translate;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub(crate) use self::checksum::checksums;
pub use self::error::AdoptError;
use self::files::{OldPath, recognized};
pub(crate) use self::journal::{OldHistory, read_history};
pub use self::map::MapError;
pub(crate) use self::map::{MAP, Map, MappedObject, MappedScript};
pub(crate) use self::tool::{OldFile, Order, numbers};
pub use self::tool::{Tool, UnknownTool};
pub use self::translate::Change;
use self::translate::{Said, Translated};
use crate::engine::Engine;
use crate::error::GitError;
use crate::preflight;
use crate::script::{FileName, FolderProblem, Number, Repository, Scripts};
use crate::sql::{Context, FindingKind};

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
    /// The files that undo a script. They are removed, or stay where there is no Git.
    pub down: Vec<PathBuf>,
    /// What is left to do by hand.
    pub left: Vec<LeftOver>,
    /// The variables that the placeholders of scripts have become.
    pub variables: BTreeSet<String>,
    /// Whether the changes will be staged in Git.
    pub in_git: bool,
    /// Whether the folder of the scripts has been adopted before: only what was added since is moved.
    pub again: bool,
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
    /// Finds out what is to be moved into a folder of scripts, and what is changed. Writes nothing.
    ///
    /// # Errors
    ///
    /// [`AdoptError`] says why the folders cannot be adopted.
    pub fn plan(dir: impl AsRef<Path>, options: &AdoptOptions) -> Result<Self, AdoptError> {
        let dir = dir.as_ref();
        let before = Map::of_dir(dir)?;
        let folders = match (&before, &*options.folders) {
            (Some(map), []) => {
                let old = map.folders.iter().map(|folder| files::joined(dir, folder)).filter(|folder| folder.is_dir());
                // someone may have put a migration where the scripts are
                let mut folders = old.collect::<Vec<_>>();
                if !folders.iter().any(|folder| folder == dir) {
                    folders.push(dir.to_owned());
                }
                folders
            }
            (None, []) => return Err(AdoptError::NoFolder),
            (_, folders) => folders.to_vec(),
        };
        let objects = options.objects.clone().unwrap_or_else(|| dir.join(dbmigrate_files::OBJECTS));
        let old = OldPath::of_folders(&folders, dir, &objects)?;
        let former = before.as_ref().and_then(|map| map.tool().ok());
        let tool = match options.from.or(former) {
            Some(tool) => tool,
            None => recognized(&old, &folders, &options.journals)?,
        };
        match (former, &before) {
            (Some(before), _) if before != tool => {
                return Err(AdoptError::OtherTool { dir: dir.into(), before, tool });
            }
            (None, _) => Self::expect_empty(dir)?,
            _ => {}
        }
        let repository = match Repository::of(dir) {
            Ok(repository) => Some(repository),
            Err(GitError::NoRepository { .. } | GitError::NoProgram) => None,
            Err(error) => return Err(error.into()),
        };
        let map = before.unwrap_or_else(|| Map {
            tool: tool.as_str().into(),
            folders: Vec::new(),
            kept: Vec::new(),
            scripts: Vec::new(),
            objects: Vec::new(),
        });
        let touched = folders.iter().cloned().chain([dir.to_owned(), objects.clone()]).collect();
        let mut adoption = Self {
            tool,
            scripts: Vec::new(),
            objects: Vec::new(),
            down: Vec::new(),
            left: Vec::new(),
            variables: BTreeSet::new(),
            in_git: repository.is_some(),
            again: former.is_some(),
            dir: dir.into(),
            map,
            repository,
            engine: options.engine,
            touched,
        };
        adoption.expect_clean()?;
        adoption.sort(old, &folders, &objects)?;
        Ok(adoption)
    }

    /// Fails if the folder has scripts of its own.
    fn expect_empty(dir: &Path) -> Result<(), AdoptError> {
        let Ok(entries) = std::fs::read_dir(dir) else { return Ok(()) };
        let mut named = entries.filter_map(|entry| Some(entry.ok()?.path())).collect::<Vec<_>>();
        named.retain(|path| matches!(FileName::of(path), FileName::Named(..)));
        named.sort();
        match named.into_iter().next() {
            Some(first) => Err(AdoptError::NotEmpty { dir: dir.into(), first }),
            None => Ok(()),
        }
    }

    /// Fails if Git has uncommitted changes in the folders.
    fn expect_clean(&self) -> Result<(), AdoptError> {
        let Some(repository) = &self.repository else { return Ok(()) };
        let mut paths = Vec::new();
        for folder in self.touched.iter().filter(|folder| folder.is_dir()) {
            paths.extend(repository.uncommitted(folder)?);
        }
        paths.sort();
        paths.dedup();
        if paths.is_empty() { Ok(()) } else { Err(AdoptError::Dirty { paths }) }
    }

    /// Decides about each old file.
    fn sort(&mut self, old: Vec<OldPath>, folders: &[PathBuf], objects: &Path) -> Result<(), AdoptError> {
        let mut scripts = BTreeMap::<Order, (OldPath, String, String)>::new();
        let mut repeatable = Vec::new();
        let known = self.map.scripts.iter().map(|script| script.old_name.clone()).collect::<BTreeSet<_>>();
        let adopted = self.map.scripts.iter().filter_map(|script| match self.tool.look(&script.old_name) {
            Some(OldFile::Script { order, .. }) => Some((order, PathBuf::from(&script.old_name))),
            _ => None,
        });
        let adopted = adopted.collect::<BTreeMap<_, _>>();
        for file in old {
            match self.tool.look(&file.below) {
                Some(OldFile::Script { version, order, description }) if !known.contains(&file.below) => {
                    let other = scripts.get(&order).map(|(other, ..)| &other.path).or_else(|| adopted.get(&order));
                    if let Some(first) = other.cloned() {
                        return Err(AdoptError::Twice { first, second: file.path });
                    }
                    scripts.insert(order, (file, version, description));
                }
                Some(OldFile::Down) if !self.map.kept.contains(&file.below) => self.down.push(file.path),
                Some(OldFile::Repeatable { description }) => repeatable.push((file, description)),
                Some(OldFile::Left(what)) => self.left.push(LeftOver { path: file.path, what: what.into() }),
                None if file.is_sql() => {
                    let what = format!("{} does not run a file of this name: nothing was done with it", self.tool);
                    self.left.push(LeftOver { path: file.path, what });
                }
                Some(OldFile::Script { .. } | OldFile::Down) | None => {}
            }
        }
        let mut number = self.map.highest().map_or(Number::BASELINE, |highest| highest).next();
        for (file, version, description) in scripts.into_values() {
            let adopted = self.adopted(&file, &version, &description, number)?;
            self.scripts.push(adopted);
            number = number.next();
        }
        for (file, description) in repeatable {
            let adopted = self.adopted_object(&file, &description, objects)?;
            // nothing is overwritten
            if adopted.to.exists() || self.objects.iter().any(|other| other.to == adopted.to) {
                return Err(AdoptError::Taken { path: adopted.from, to: adopted.to });
            }
            self.objects.push(adopted);
        }
        if self.scripts.is_empty() && self.objects.is_empty() && !self.again {
            return Err(AdoptError::NoFiles { folders: folders.to_vec(), tool: Some(self.tool) });
        }
        for folder in folders {
            let relative = files::relative(folder, &self.dir);
            if !self.map.folders.contains(&relative) {
                self.map.folders.push(relative);
            }
        }
        if !self.in_git {
            let below = |path: &PathBuf| files::below(path, folders);
            self.map.kept.extend(self.down.iter().filter_map(below));
        }
        Ok(())
    }

    fn adopted(
        &mut self,
        file: &OldPath,
        version: &str,
        description: &str,
        number: Number,
    ) -> Result<Adopted, AdoptError> {
        let (bytes, text) = file.read()?;
        let description = if description.is_empty() { file.below.clone() } else { description.to_owned() };
        let said = Said { no_transaction: file.runs_outside_a_transaction(self.tool) };
        let name = number.script_name();
        let mut translated = translate::script(self.tool, &text, &description, said);
        if !translated.changes.contains(&Change::NoTransaction) && self.needs_none(&name, &translated.text) {
            translated = translate::script(self.tool, &text, &description, Said { no_transaction: true });
        }
        let Translated { text, changes } = translated;
        self.variables.extend(used(&changes));
        self.map.scripts.push(MappedScript {
            number: number.get(),
            old_version: version.to_owned(),
            old_name: file.below.clone(),
            old_checksum: checksums(self.tool, &bytes).into_iter().next(),
        });
        Ok(Adopted { from: file.path.clone(), to: self.dir.join(name), changes, text })
    }

    /// Whether a script has a statement that the engine cannot run in a transaction.
    fn needs_none(&self, name: &str, text: &str) -> bool {
        let Some(engine) = self.engine else { return false };
        let scripts = Scripts::from_files([(name, text.as_bytes().to_vec())]);
        let context = Context::new(engine.dialect);
        let facts = scripts.scripts().first().map(|script| preflight::facts(script, &context));
        let is_one = |(kind, _): &(FindingKind, _)| matches!(kind, FindingKind::NotInTransaction { .. });
        facts.and_then(Result::ok).is_some_and(|facts| facts.findings.iter().any(is_one))
    }

    fn adopted_object(&mut self, file: &OldPath, description: &str, objects: &Path) -> Result<Adopted, AdoptError> {
        let (bytes, text) = file.read()?;
        let Translated { text, changes } = translate::object(self.tool, &text);
        self.variables.extend(used(&changes));
        let name = format!("{}.sql", description.replace(' ', "_"));
        self.map.objects.retain(|object| object.path != name);
        self.map.objects.push(MappedObject {
            path: name.clone(),
            old_name: file.below.clone(),
            old_checksum: checksums(self.tool, &bytes).into_iter().next(),
        });
        Ok(Adopted { from: file.path.clone(), to: objects.join(name), changes, text })
    }

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
        let moved = self.scripts.iter().chain(&self.objects).map(|adopted| &adopted.from);
        let removed = if self.in_git { &*self.down } else { &[] };
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

/// Returns the migrations that were added later to the folders that a folder of scripts was adopted from.
pub(crate) fn late_in_old_folders(dir: &Path) -> Vec<FolderProblem> {
    let Ok(Some(map)) = Map::of_dir(dir) else { return Vec::new() };
    let objects = dir.join(dbmigrate_files::OBJECTS);
    let mut late = Vec::new();
    for folder in map.folders.iter().map(|folder| files::joined(dir, folder)).filter(|folder| folder.is_dir()) {
        // what is in the folder of the scripts itself is already a problem of it
        let is_own = files::relative(&folder, dir).as_os_str() == ".";
        let old = OldPath::of_folders(std::slice::from_ref(&folder), dir, &objects).unwrap_or_default();
        let found = old.into_iter().filter(|file| !is_own && file.is_sql() && map.is_late(&folder, &file.path));
        late.extend(found.map(|file| map.late(dir, file.path)));
    }
    late
}

/// Returns the variables that changes have made.
fn used(changes: &[Change]) -> Vec<String> {
    let names = changes.iter().filter_map(|change| match change {
        Change::Placeholders(names) => Some(names.clone()),
        _ => None,
    });
    names.flatten().collect()
}
