//! Finds out what is to be moved, and what is changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::files::{self, OldPath};
use super::migration::{Migration, Part, Role, mentions};
use super::recognize::recognized;
use super::translate::{Translated, Translator};
use super::{AdoptError, AdoptOptions, Adopted, Adoption, Change, LeftOver, Map, MappedObject, MappedScript, OldFile};
use crate::error::GitError;
use crate::preflight;
use crate::script::{Number, Repository, Script, Scripts};
use crate::sql::{Context, FindingKind};

const WRITE: &str = "write what it does as SQL in its script, which says $(to_be_written) until then";
const NEW: &str = "write what it does as SQL in a new script (dbmigrate new), and delete it";
const NOT_IN_DUMP: &str = "the dump does not have it: run it, and dump again first";
const CODE: &str = "a file in a programming language: what it does to the database has to be written as SQL";

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
        // Git drops a folder that an adoption has emptied
        let is_known =
            |folder: &Path| before.as_ref().is_some_and(|map| map.folders.contains(&files::relative(folder, dir)));
        if let Some(path) = folders.iter().find(|folder| !folder.is_dir() && !is_known(folder)) {
            return Err(AdoptError::NoSuchFolder { path: path.clone() });
        }
        let folders = folders.into_iter().filter(|folder| folder.is_dir()).collect::<Vec<_>>();
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
            removed: Vec::new(),
            left: Vec::new(),
            variables: BTreeSet::new(),
            placeholders: BTreeMap::new(),
            in_git: repository.is_some(),
            again: former.is_some(),
            dir: dir.into(),
            map,
            repository,
            engine: options.engine,
            touched,
        };
        adoption.expect_one_repository()?;
        if !options.unclean {
            adoption.expect_clean()?;
        }
        adoption.sort(old, &folders, &objects)?;
        Ok(adoption)
    }

    /// Decides about each old file.
    fn sort(&mut self, old: Vec<OldPath>, folders: &[PathBuf], objects: &Path) -> Result<(), AdoptError> {
        let (mut found, mut code) = (Vec::new(), Vec::new());
        for file in old {
            let is_kept = self.is_kept(&file);
            match self.tool.look(&file.below) {
                Some(OldFile::Script { version, description }) => {
                    found.extend(self.new_in(&file, Part { version, description, ..Part::default() })?);
                }
                Some(OldFile::Repeatable { path, is_always }) => {
                    found.extend(
                        self.new_in(&file, Part { role: Role::Object { path, is_always }, ..Part::default() })?,
                    );
                }
                Some(OldFile::Unneeded) if !is_kept && file.has_further_settings(self.tool) => {
                    self.leave(
                        &file.path,
                        "it has settings that are not taken over: change the script by hand, and delete it",
                    );
                    self.keep(&file);
                }
                Some(OldFile::Unneeded) if !is_kept => self.removed.push(file.path),
                Some(OldFile::Code { version, description }) if !is_kept => {
                    code.push(Migration::of_code(&file, version, description));
                }
                Some(OldFile::Left(what)) => self.leave(&file.path, what),
                None if file.is_sql() => {
                    self.leave(
                        &file.path,
                        format!("{} does not run a file of this name: nothing was done with it", self.tool),
                    );
                }
                Some(OldFile::Unneeded | OldFile::Code { .. }) | None => {}
            }
        }
        self.with_code(code, &mut found)?;
        (self.tool.traits().arrange)(&mut found);
        let (left, found) = found.into_iter().partition::<Vec<_>, _>(|one| one.part.left.is_some());
        for (file, what) in left.iter().filter_map(|one| Some((&one.file, one.part.left?))) {
            if !self.is_kept(file) {
                self.leave(&file.path, what);
            }
            // a file of which another part is taken over is removed, unless that would lose this part
            if !self.in_git || !found.iter().any(|one| one.file == *file) {
                self.keep(file);
            }
        }
        for (path, note) in found.iter().flat_map(|one| one.part.notes.iter().map(|note| (&one.file.path, note))) {
            self.leave(path, note);
        }
        let is_object = |one: &Migration| matches!(one.part.role, Role::Object { .. });
        let (repeatable, scripts) = found.into_iter().partition::<Vec<_>, _>(is_object);
        self.expect_different(&scripts)?;
        self.number(&scripts)?;
        self.place(&repeatable, objects)?;
        if self.scripts.is_empty() && self.objects.is_empty() && !self.again {
            return Err(AdoptError::NoFiles { folders: folders.to_vec(), tool: Some(self.tool) });
        }
        for folder in folders {
            let relative = files::relative(folder, &self.dir);
            // the scripts' own folder is looked at anyway
            let is_own = self.again && relative.as_os_str() == ".";
            if !is_own && !self.map.folders.contains(&relative) {
                self.map.folders.push(relative);
            }
        }
        if !self.in_git {
            // the old text would be lost
            let kept = &self.map.kept;
            for adopted in self.scripts.iter_mut().chain(&mut self.objects) {
                let path = files::relative(&adopted.from, &self.dir);
                adopted.stays |= !adopted.changes.is_empty() || kept.contains(&path);
            }
            let stay = self.scripts.iter().chain(&self.objects).filter(|adopted| adopted.stays);
            let stay = stay.map(|adopted| &adopted.from).chain(&self.removed);
            let stay = stay.map(|path| files::relative(path, &self.dir)).collect::<BTreeSet<_>>();
            self.map.kept.extend(stay.into_iter().filter(|path| !self.map.kept.contains(path)).collect::<Vec<_>>());
        }
        self.expect_tracked()
    }

    /// Keeps a file of the old kind where it is: it is not late.
    fn keep(&mut self, file: &OldPath) {
        if !self.is_kept(file) {
            self.map.kept.push(files::relative(&file.path, &self.dir));
        }
    }

    fn is_kept(&self, file: &OldPath) -> bool {
        self.map.kept.contains(&files::relative(&file.path, &self.dir))
    }

    /// Puts something on the list of what is left to do.
    fn leave(&mut self, path: &Path, what: impl Into<String>) {
        self.left.push(LeftOver { path: path.into(), what: what.into() });
    }

    /// Returns the migrations of a file that the map does not have yet.
    fn new_in(&mut self, file: &OldPath, whole: Part) -> Result<Vec<Migration>, AdoptError> {
        // a dump may be written again and again
        if self.again && self.tool.traits().dumps {
            return Ok(Vec::new());
        }
        let found = Migration::of(self.tool, file, whole)?;
        if found.is_empty() && file.is_sql() && !self.is_kept(file) {
            self.leave(&file.path, "it has no migration: nothing was done with it");
            self.keep(file);
        }
        let (known, found) = found.into_iter().partition::<Vec<_>, _>(|one| one.known(&self.map).is_some());
        if !self.is_kept(file) {
            self.again(file, &known, found.is_empty());
        }
        Ok(found)
    }

    /// Lists the migrations of a file that were adopted before, and may have changed since. `alone` says that it has no others.
    fn again(&mut self, file: &OldPath, known: &[Migration], alone: bool) {
        for one in known {
            let path = one.known(&self.map).unwrap_or_default();
            let sums = (self.tool.traits().checksums)(&[one]).concat();
            let what = match self.map.has_text(one, sums.first().map(String::as_str)) {
                Some(true) if alone => format!("it was adopted before, as {path}: delete it"),
                Some(true) => continue,
                Some(false) => {
                    format!("it has changed since it was adopted as {path}: take the change over, and delete it")
                }
                None => format!("it was adopted before, as {path}: take over what has changed in it, and delete it"),
            };
            self.leave(&file.path, what);
        }
        // what has changed in them would be lost
        if !known.is_empty() && !alone {
            self.keep(file);
        }
    }

    /// Takes over migrations in a programming language: the SQL of some is among the files, the others have to be written.
    fn with_code(&mut self, code: Vec<Migration>, found: &mut Vec<Migration>) -> Result<(), AdoptError> {
        for migration in code {
            match found.iter_mut().find(|one| one.contains(&migration)) {
                Some(same) => {
                    self.keep(&migration.file);
                    if same.part.description.is_empty() {
                        same.part.description = migration.part.description;
                    }
                }
                None if migration.part.version.is_empty() => {
                    self.keep(&migration.file);
                    self.leave(&migration.file.path, CODE);
                }
                None if self.again && self.tool.traits().dumps => self.leave(&migration.file.path, NEW),
                None if self.tool.traits().dumps => {
                    return Err(AdoptError::Unreadable { path: migration.file.path, why: NOT_IN_DUMP });
                }
                None => match self.tool.traits().first {
                    Some(first) => self.leave(&migration.file.path, format!("its SQL is missing: {first}")),
                    None => found.push(migration),
                },
            }
        }
        Ok(())
    }

    /// Gives each script the next number; a dump, which builds a new database, is the baseline.
    fn number(&mut self, scripts: &[Migration]) -> Result<(), AdoptError> {
        let sums = (self.tool.traits().checksums)(&scripts.iter().collect::<Vec<_>>());
        let mut next = self.highest().next();
        for (script, sums) in scripts.iter().zip(sums) {
            let is_code = script.part.role == Role::Code;
            let (number, name, further) = match &script.part.role {
                Role::Dump { further } => (Number::BASELINE, Number::BASELINE.baseline_name(), further.as_slice()),
                _ => (next, next.script_name(), [].as_slice()),
            };
            next = if number == next { next.next() } else { next };
            let Translated { text, mut changes, notes, names, .. } = self.translated(script, &name);
            self.take_names(&script.file.path, names);
            changes.extend(is_code.then_some(Change::ToBeWritten));
            changes.splice(0..0, script.place.map(|(number, of)| Change::Part { number, of }));
            for note in notes {
                self.leave(&script.file.path, note);
            }
            let mut sums = sums.into_iter().filter(|_| !is_code);
            let mapped = MappedScript {
                number: number.get(),
                old_version: script.part.version.clone(),
                old_name: script.file.below.clone(),
                old_checksum: sums.next(),
                other_checksums: sums.collect(),
                after: script.part.after.clone(),
            };
            let further = further.iter().map(|version| MappedScript { old_version: version.clone(), ..mapped.clone() });
            self.map.scripts.extend(further.collect::<Vec<_>>());
            self.map.scripts.push(mapped);
            let to = self.dir.join(name);
            // nothing is overwritten
            if to.exists() || self.scripts.iter().any(|other| other.to == to) {
                return Err(AdoptError::Taken { path: script.file.path.clone(), to });
            }
            let tables = self.tool.traits().journal.tables.iter().copied();
            if let Some(table) = tables.filter(|_| number > Number::BASELINE).find(|table| mentions(&text, table)) {
                self.leave(&script.file.path, format!("it uses {table}, which a new database does not have"));
            }
            if is_code {
                self.keep(&script.file);
                self.leave(&script.file.path, WRITE);
            }
            self.scripts.push(Adopted {
                from: script.file.path.clone(),
                to,
                changes,
                text,
                stays: is_code || self.is_kept(&script.file),
            });
        }
        Ok(())
    }

    /// Takes the variables that placeholders have become. Two placeholders with one name are listed.
    fn take_names(&mut self, path: &Path, names: BTreeMap<String, String>) {
        for (name, old) in names {
            match self.placeholders.get(&name) {
                Some(other) if *other != old => {
                    self.leave(path, format!("{old} and {other} are both $({name}) now: rename one if they differ"));
                }
                _ => {
                    self.placeholders.insert(name.clone(), old);
                }
            }
            self.variables.insert(name);
        }
    }

    /// The highest number that is used: by the map, or by scripts that were written since.
    fn highest(&self) -> Number {
        let scripts = Scripts::from_dir(&self.dir).unwrap_or_default();
        let numbers = scripts.baselines().iter().chain(scripts.scripts()).map(Script::number);
        numbers.chain(self.map.highest()).max().unwrap_or(Number::BASELINE)
    }

    fn translated(&self, script: &Migration, name: &str) -> Translated {
        let translator = Translator { tool: self.tool, engine: self.engine };
        let (title, text) = (script.title(), &script.part.text);
        let translated = translator.script(text, title, script.part.no_transaction);
        if !translated.changes.contains(&Change::NoTransaction) && self.needs_none(name, &translated.text) {
            return translator.script(text, title, true);
        }
        translated
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

    /// Gives each file that runs again whenever it changes its place among the object files.
    fn place(&mut self, found: &[Migration], folder: &Path) -> Result<(), AdoptError> {
        let sums = (self.tool.traits().checksums)(&found.iter().collect::<Vec<_>>());
        for (migration, sums) in found.iter().zip(sums) {
            let Role::Object { path, is_always } = &migration.part.role else { continue };
            let name = format!("{path}.sql");
            let (from, to) = (migration.file.path.clone(), folder.join(&name));
            // nothing is overwritten
            if to.exists() || self.objects.iter().any(|other| other.to == to) {
                return Err(AdoptError::Taken { path: from, to });
            }
            let translator = Translator { tool: self.tool, engine: self.engine };
            let Translated { text, changes, notes, names, .. } = translator.object(&migration.part.text, *is_always);
            self.take_names(&from, names);
            for note in notes {
                self.leave(&from, note);
            }
            // the tool may have put the values of placeholders into the text first
            let has_placeholders = changes.iter().any(|change| matches!(change, Change::Placeholders(_)));
            let mut sums = sums.into_iter().filter(|_| !has_placeholders);
            self.map.objects.retain(|object| object.path != name);
            self.map.objects.push(MappedObject {
                path: name,
                old_version: migration.part.version.clone(),
                old_name: migration.file.below.clone(),
                old_checksum: sums.next(),
                other_checksums: sums.collect(),
            });
            let stays = self.is_kept(&migration.file);
            self.objects.push(Adopted { from, to, changes, text, stays });
        }
        Ok(())
    }
}
