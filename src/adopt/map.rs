//! `adopted.toml`: which script was which of the old tool's.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files::OldPath;
use super::migration::{Migration, Part};
use super::{OldFile, Tool};
use crate::script::{FolderProblem, Number};

/// The file's name, in the folder of the scripts.
pub(crate) const MAP: &str = "adopted.toml";

/// What an adoption has done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Map {
    pub(crate) tool: String,
    /// The old folders, relative to that of the scripts.
    pub(crate) folders: Vec<PathBuf>,
    /// Files in them that stay: migrations in a programming language, and without Git what undoes a script.
    /// Relative to the folder of the scripts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) kept: Vec<PathBuf>,
    #[serde(default, rename = "script")]
    pub(crate) scripts: Vec<MappedScript>,
    #[serde(default, rename = "object", skip_serializing_if = "Vec::is_empty")]
    pub(crate) objects: Vec<MappedObject>,
}

/// A script and what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MappedScript {
    pub(crate) number: u32,
    pub(crate) old_version: String,
    /// The path below its old folder.
    pub(crate) old_name: String,
    /// The checksum of the untouched text by the tool's rule, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) old_checksum: Option<String>,
    /// Those that it would have with other line ends, or by an older rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) other_checksums: Vec<String>,
    /// The versions that it follows directly, where the tool says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) after: Vec<String>,
}

/// An object file and what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MappedObject {
    /// The path in the folder of objects.
    pub(crate) path: String,
    /// The version, if it is a part of a file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) old_version: String,
    pub(crate) old_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) old_checksum: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) other_checksums: Vec<String>,
}

impl MappedScript {
    /// Whether a recorded checksum is its own; `None` if there is nothing to compare.
    pub(crate) fn has_checksum(&self, recorded: Option<&str>) -> Option<bool> {
        has_checksum(self.old_checksum.as_ref(), &self.other_checksums, recorded)
    }
}

impl MappedObject {
    /// Returns it as if it ran once.
    pub(crate) fn as_script(&self) -> MappedScript {
        MappedScript {
            number: 0,
            old_version: self.old_version.clone(),
            old_name: self.old_name.clone(),
            old_checksum: None,
            other_checksums: Vec::new(),
            after: Vec::new(),
        }
    }

    /// Whether a recorded checksum is its own; `None` if there is nothing to compare.
    pub(crate) fn has_checksum(&self, recorded: Option<&str>) -> Option<bool> {
        has_checksum(self.old_checksum.as_ref(), &self.other_checksums, recorded)
    }
}

fn has_checksum(first: Option<&String>, others: &[String], recorded: Option<&str>) -> Option<bool> {
    let (first, recorded) = (first?, recorded.filter(|recorded| !recorded.is_empty())?);
    // a version of the tool's rule that was not computed: `8:...`
    let rule = |sum: &str| sum.split_once(':').map(|(rule, _)| rule.to_owned());
    if rule(first) != rule(recorded) {
        return None;
    }
    Some([first].into_iter().chain(others).any(|own| own.eq_ignore_ascii_case(recorded)))
}

/// The error for a map that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} cannot be used: {why}", path.display())]
pub struct MapError {
    /// The file.
    pub path: PathBuf,
    why: String,
}

impl Map {
    /// Reads the map of a folder; `None` if there is none.
    pub(crate) fn of_dir(dir: &Path) -> Result<Option<Self>, MapError> {
        let path = dir.join(MAP);
        let failed = |error: std::io::Error| MapError { path: path.clone(), why: error.to_string() };
        match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            text => Self::read(&path, &text.map_err(failed)?).map(Some),
        }
    }

    /// Reads the text of a map.
    pub(crate) fn read(path: &Path, text: &str) -> Result<Self, MapError> {
        let failed = |why: String| MapError { path: path.into(), why };
        let map: Self = toml::from_str(text).map_err(|error| failed(error.message().to_owned()))?;
        map.tool().map_err(|error| failed(error.to_string()))?;
        Ok(map)
    }

    pub(crate) fn tool(&self) -> Result<Tool, super::UnknownTool> {
        self.tool.parse()
    }

    /// Whether a file in an old folder, or in that of the scripts, is a migration that came after the adoption. `dir` is the folder
    /// of the scripts.
    pub(crate) fn is_late(&self, dir: &Path, folder: &Path, file: &Path) -> bool {
        let (Ok(tool), Some(below)) = (self.tool(), super::files::below(file, &[folder.to_owned()])) else {
            return false;
        };
        let is_kept = self.kept.contains(&super::files::relative(file, dir));
        match tool.look(&below) {
            Some(OldFile::Script { .. }) if tool.traits().dumps => false,
            Some(OldFile::Script { version, description }) if is_kept => {
                let whole = Part { version, description, ..Part::default() };
                let found = Migration::of(tool, &OldPath { path: file.into(), below }, whole).unwrap_or_default();
                found.iter().any(|one| one.part.left.is_none() && one.known(self).is_none())
            }
            Some(OldFile::Script { .. } | OldFile::Repeatable { .. } | OldFile::Code { .. }) => !is_kept,
            _ => false,
        }
    }

    /// Whether a recorded checksum is that of the migration's text when it was adopted; `None` if there is nothing to compare.
    pub(crate) fn has_text(&self, one: &Migration, sum: Option<&str>) -> Option<bool> {
        let is_own = |name: &str, version: &str| name == one.file.below && version == one.part.version;
        let script = self.scripts.iter().find(|script| is_own(&script.old_name, &script.old_version));
        let object = self.objects.iter().find(|object| is_own(&object.old_name, &object.old_version));
        script.and_then(|script| script.has_checksum(sum)).or_else(|| object?.has_checksum(sum))
    }

    /// Returns the problem of such a file.
    pub(crate) fn late(&self, dir: &Path, path: PathBuf) -> FolderProblem {
        let tool = self.tool().map_or("the old tool", Tool::title);
        FolderProblem::Late { path, tool, map: dir.join(MAP) }
    }

    /// Returns the text of the file.
    pub(crate) fn text(&self) -> String {
        let head = "# What dbmigrate adopt has made of the old migrations. baseline --import reads it, and check refuses\n\
                    # further files of the old kind because of it: dbmigrate adopt takes them over, too.\n";
        format!("{head}{}", toml::to_string(self).expect("a map has only texts, numbers and lists of them"))
    }

    /// The highest number.
    pub(crate) fn highest(&self) -> Option<Number> {
        self.scripts.iter().filter_map(|script| Number::new(script.number.into()).ok()).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let map = Map {
            tool: "flyway".into(),
            folders: vec!["../db".into()],
            kept: Vec::new(),
            scripts: vec![
                MappedScript {
                    number: 1,
                    old_version: "1.2".into(),
                    old_name: "V1.2__a \"b\".sql".into(),
                    old_checksum: Some("-7".into()),
                    other_checksums: vec!["8".into()],
                    after: Vec::new(),
                },
                MappedScript {
                    number: 2,
                    old_version: "2".into(),
                    old_name: "V2__c.sql".into(),
                    old_checksum: None,
                    other_checksums: Vec::new(),
                    after: Vec::new(),
                },
            ],
            objects: Vec::new(),
        };
        let dir = tempfile::tempdir().expect("a folder");
        assert_eq!(Map::of_dir(dir.path()), Ok(None));
        std::fs::write(dir.path().join(MAP), map.text()).expect("written");
        assert_eq!(Map::of_dir(dir.path()), Ok(Some(map)));
        std::fs::write(dir.path().join(MAP), "tool = \"ant\"\nfolders = []\n").expect("written");
        let error = Map::of_dir(dir.path()).expect_err("no tool").to_string();
        assert!(error.contains("adopted.toml cannot be used: \"ant\" is not a tool"), "{error}");
    }
}
