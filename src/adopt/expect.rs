//! What must be so before anything moves.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::migration::Migration;
use super::{AdoptError, Adoption, MappedScript, Order, files};
use crate::script::{FileName, Number, Repository};

impl Adoption {
    /// Fails if the folder has scripts of its own.
    pub(super) fn expect_empty(dir: &Path) -> Result<(), AdoptError> {
        let Ok(entries) = std::fs::read_dir(dir) else { return Ok(()) };
        let mut named = entries.filter_map(|entry| Some(entry.ok()?.path())).collect::<Vec<_>>();
        named.retain(|path| matches!(FileName::of(path), FileName::Named(..)));
        named.sort();
        match named.into_iter().next() {
            Some(first) => Err(AdoptError::NotEmpty { dir: dir.into(), first }),
            None => Ok(()),
        }
    }

    /// Fails if the folders are in different repositories, or Git would not take the scripts.
    pub(super) fn expect_one_repository(&self) -> Result<(), AdoptError> {
        let Some(repository) = &self.repository else { return Ok(()) };
        let top = repository.top();
        for folder in self.touched.iter().filter(|folder| folder.is_dir()) {
            if Repository::of(folder).ok().and_then(|other| other.top()) != top {
                return Err(AdoptError::OtherRepository { folder: folder.clone(), dir: self.dir.clone() });
            }
        }
        let script = self.dir.join(Number::BASELINE.next().script_name());
        if repository.ignores(&script) { Err(AdoptError::Ignored { dir: self.dir.clone() }) } else { Ok(()) }
    }

    /// Fails if Git has uncommitted changes in the folders.
    pub(super) fn expect_clean(&self) -> Result<(), AdoptError> {
        let Some(repository) = &self.repository else { return Ok(()) };
        let mut paths = Vec::new();
        for folder in self.touched.iter().filter(|folder| folder.is_dir()) {
            paths.extend(repository.uncommitted(folder)?);
        }
        paths.sort();
        paths.dedup();
        if paths.is_empty() { Ok(()) } else { Err(AdoptError::Dirty { paths }) }
    }

    /// Fails if Git does not have a file that would be removed, for instance because it ignores it.
    pub(super) fn expect_tracked(&self) -> Result<(), AdoptError> {
        let Some(repository) = &self.repository else { return Ok(()) };
        let moved = self.scripts.iter().chain(&self.objects).filter(|adopted| !adopted.stays);
        let gone = moved.map(|adopted| &adopted.from).chain(&self.removed).map(|path| files::plain(path));
        let gone = gone.collect::<BTreeSet<_>>();
        let mut paths = Vec::new();
        for folder in self.touched.iter().filter(|folder| folder.is_dir()) {
            let untracked = repository.untracked(folder)?.into_iter().filter(|path| gone.contains(&files::plain(path)));
            paths.extend(untracked.map(|path| files::relative(&path, Path::new(".")).display().to_string()));
        }
        if paths.is_empty() { Ok(()) } else { Err(AdoptError::Untracked { paths }) }
    }

    /// Fails if two migrations have the same version, one of which may have been adopted before.
    pub(super) fn expect_different(&self, scripts: &[Migration]) -> Result<(), AdoptError> {
        // where the file is a part of the key, equal versions in two files are different
        let key = |version: &str, file: &str| {
            (Order::of(version), if self.tool.traits().keyed_by_file { file.to_owned() } else { String::new() })
        };
        let adopted =
            |script: &MappedScript| (key(&script.old_version, &script.old_name), PathBuf::from(&script.old_name));
        let mut known = self.map.scripts.iter().map(adopted).collect::<BTreeMap<_, _>>();
        for script in scripts {
            let key = key(&script.part.version, &script.file.below);
            if let Some(first) = known.insert(key, script.file.path.clone()) {
                return Err(AdoptError::Twice { first, second: script.file.path.clone() });
            }
        }
        Ok(())
    }
}
