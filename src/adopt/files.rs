//! The files of old folders.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::{AdoptError, MAP, Tool};
use crate::script::{FileName, Text};

/// A file of an old folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OldPath {
    pub(crate) path: PathBuf,
    /// The path below the old folder, with slashes.
    pub(crate) below: String,
}

impl OldPath {
    /// Returns the files of the folders, in the order of their paths, without those of the scripts' own folder.
    pub(super) fn of_folders(folders: &[PathBuf], dir: &Path, objects: &Path) -> Result<Vec<Self>, AdoptError> {
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        let (dir, objects) = (plain(dir), plain(objects));
        for folder in folders {
            let mut paths = Vec::new();
            walk(folder, &mut paths)?;
            paths.retain(|path| !is_own(&plain(path), &dir, &objects) && seen.insert(plain(path)));
            paths.sort();
            found.extend(paths.into_iter().filter_map(|path| {
                let below = below(&path, std::slice::from_ref(folder))?;
                Some(Self { path, below })
            }));
        }
        Ok(found)
    }

    pub(super) fn is_sql(&self) -> bool {
        self.path.extension().is_some_and(|extension| extension.to_string_lossy().to_lowercase().ends_with("sql"))
    }

    /// Returns the bytes and the text.
    pub(super) fn read(&self) -> Result<(Vec<u8>, String), AdoptError> {
        let bytes = fs::read(&self.path).map_err(|source| AdoptError::Io { path: self.path.clone(), source })?;
        let text = Text::decode(&bytes);
        let text = text.map_err(|source| AdoptError::Undecodable { path: self.path.clone(), source })?;
        Ok((bytes, text.as_str().to_owned()))
    }

    /// Whether it has settings other than the one that is taken over.
    pub(super) fn has_further_settings(&self, tool: Tool) -> bool {
        let own = match tool {
            Tool::Flyway => "executeInTransaction",
            Tool::Diesel => "run_in_transaction",
            _ => return false,
        };
        let is_setting = |line: &&str| line.contains('=') && !line.trim_start().starts_with('#');
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        let is_settings = self.path.extension().is_some_and(|extension| extension == "conf" || extension == "toml");
        is_settings && text.lines().filter(is_setting).any(|line| !line.trim_start().starts_with(own))
    }

    /// Whether a file next to it says so: Flyway's `V1__x.sql.conf`, Diesel's `metadata.toml`.
    pub(super) fn runs_outside_a_transaction(&self, tool: Tool) -> bool {
        match tool {
            Tool::Flyway => {
                let mut settings = self.path.clone().into_os_string();
                settings.push(".conf");
                fs::read_to_string(settings).is_ok_and(|text| {
                    text.lines().any(|line| line.replace(' ', "").eq_ignore_ascii_case("executeInTransaction=false"))
                })
            }
            // settings without the key mean false: diesel_migrations/src/file_based_migrations.rs
            Tool::Diesel => fs::read_to_string(self.path.with_file_name("metadata.toml")).is_ok_and(|text| {
                let settings = text.parse::<toml::Table>();
                settings.is_ok_and(|table| table.get("run_in_transaction").and_then(toml::Value::as_bool) != Some(true))
            }),
            _ => false,
        }
    }
}

/// Finds the files of a folder and of those in it.
pub(super) fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), AdoptError> {
    let failed = |source| AdoptError::Io { path: folder.into(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        if entry.file_type().map_err(failed)?.is_dir() {
            walk(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// Whether a file is one of dbmigrate's.
fn is_own(path: &Path, dir: &Path, objects: &Path) -> bool {
    let is_numbered = path.starts_with(dir) && matches!(FileName::of(path), FileName::Named(..));
    is_numbered || path == dir.join(MAP) || path.starts_with(objects)
}

/// Returns the path below the folder that it is in, with slashes.
pub(super) fn below(path: &Path, folders: &[PathBuf]) -> Option<String> {
    let below = folders.iter().find_map(|folder| path.strip_prefix(folder).ok())?;
    Some(below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
}

/// Returns a path in one spelling: from the root, without steps up.
pub(super) fn plain(path: &Path) -> PathBuf {
    joined(Path::new(""), &std::path::absolute(path).unwrap_or_else(|_| path.into()))
}

/// Returns a path as it is from a folder, with slashes.
pub(super) fn relative(path: &Path, from: &Path) -> PathBuf {
    let (path, from) = (plain(path), plain(from));
    let parts = |path: &Path| path.components().map(Component::as_os_str).map(ToOwned::to_owned).collect::<Vec<_>>();
    let (path, from) = (parts(&path), parts(&from));
    let common = path.iter().zip(&from).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - common);
    let down = path[common..].iter().map(|part| part.to_string_lossy().into_owned());
    let relative = up.chain(down).collect::<Vec<_>>().join("/");
    if relative.is_empty() { ".".into() } else { relative.into() }
}

/// Returns a path that is relative to a folder, without the steps up that it need not have.
pub(super) fn joined(from: &Path, relative: &Path) -> PathBuf {
    let mut path = from.to_owned();
    for part in relative.components() {
        let has_name = matches!(path.components().next_back(), Some(Component::Normal(_)));
        match part {
            Component::CurDir => {}
            Component::ParentDir if has_name => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    if path.as_os_str().is_empty() { ".".into() } else { path }
}

/// Removes a folder that has become empty, and those above it, but not the old folders themselves.
pub(super) fn remove_if_empty(folder: Option<&Path>, folders: &[PathBuf]) {
    let mut folder = folder;
    while let Some(one) = folder.filter(|one| !folders.iter().any(|top| top == one)) {
        if fs::remove_dir(one).is_err() {
            return;
        }
        folder = one.parent();
    }
}
