//! Which tool the files of a folder are of.

use std::fs;
use std::path::{Path, PathBuf};

use super::files::OldPath;
use super::migration::Part;
use super::tools::Evidence;
use super::{AdoptError, OldFile, Tool};
use crate::sql::{LineMarkers, meant};

/// What the files of some folders say about their tool.
struct Looked<'a> {
    files: &'a [OldPath],
    texts: Vec<String>,
    /// The tools whose markers they have.
    marked: Vec<&'static str>,
}

impl<'a> Looked<'a> {
    fn at(files: &'a [OldPath]) -> Self {
        let sql = files.iter().filter(|file| file.is_sql());
        let texts = sql.filter_map(|file| Some(file.read().ok()?.1)).collect::<Vec<_>>();
        let marked = texts.iter().flat_map(|text| {
            let mut markers = LineMarkers::default();
            markers.take(text);
            meant(&markers.finish()).map(|(_, marker)| marker.tool).collect::<Vec<_>>()
        });
        Self { files, marked: marked.collect(), texts }
    }

    fn has_file(&self, name: &str) -> bool {
        self.files.iter().any(|file| file.below.rsplit('/').next() == Some(name))
    }

    /// How many of the files have a meaning for a tool, if one of them is a migration.
    fn known(&self, tool: Tool) -> Option<usize> {
        let looks = self.files.iter().filter(|file| file.is_sql()).filter_map(|file| tool.look(&file.below));
        let looks = looks.collect::<Vec<_>>();
        let is_migration = |look: &OldFile| matches!(look, OldFile::Script { .. } | OldFile::Repeatable { .. });
        looks.iter().any(is_migration).then_some(looks.len())
    }

    /// Returns the tool that keeps its migrations in another language, if they are here without their SQL.
    fn in_code(&self) -> Option<Tool> {
        let is_code =
            |tool: &Tool| self.files.iter().any(|file| matches!(tool.look(&file.below), Some(OldFile::Code { .. })));
        Tool::ALL.into_iter().find(|tool| tool.traits().first.is_some() && is_code(tool))
    }

    /// Whether more than names speaks for a tool; `None` if only names can.
    fn speaks_for(&self, tool: Tool) -> Option<bool> {
        match tool.traits().evidence {
            Evidence::Names => None,
            Evidence::Marked(file) => {
                let is_marked = self.marked.iter().any(|name| name.eq_ignore_ascii_case(tool.title()));
                Some(is_marked || self.has_file(file))
            }
            Evidence::Contains(text) => {
                let has_some =
                    |text: &String| !(tool.traits().parts)(&Part { text: text.clone(), ..Part::default() }).is_empty();
                Some(self.texts.iter().any(|one| one.contains(text) && has_some(one)))
            }
            Evidence::Has(file) => Some(self.has_file(file)),
            Evidence::Nothing => Some(false),
        }
    }
}

/// Returns the tool whose files these are: by their names, by what is in them, by the journals that a database has, and at last
/// by the dependencies of the project.
pub(super) fn recognized(files: &[OldPath], folders: &[PathBuf], journals: &[Tool]) -> Result<Tool, AdoptError> {
    let looked = Looked::at(files);
    let candidates = Tool::ALL.into_iter().filter_map(|tool| Some((tool, looked.known(tool)?)));
    let candidates = candidates.filter(|(tool, _)| looked.speaks_for(*tool) != Some(false)).collect::<Vec<_>>();
    let certain = candidates.iter().filter(|(tool, _)| looked.speaks_for(*tool) == Some(true)).copied();
    let certain = certain.collect::<Vec<_>>();
    let candidates = if certain.is_empty() { candidates } else { certain };
    let most = candidates.iter().map(|(_, known)| *known).max();
    let candidates = candidates.iter().filter(|(_, known)| Some(*known) == most).map(|(tool, _)| *tool);
    let mut candidates = candidates.collect::<Vec<_>>();
    if candidates.is_empty() {
        // every file may be one of a tool that has no names of its own
        let named = |tool: &Tool| looked.known(*tool).is_some() && tool.traits().evidence == Evidence::Nothing;
        candidates.extend(journals.iter().copied().filter(named));
    } else if candidates.iter().any(|tool| journals.contains(tool)) {
        candidates.retain(|tool| journals.contains(tool));
    }
    if candidates.len() > 1 {
        let manifests = manifests(folders);
        let needed = |tool: &Tool| manifests.iter().any(|text| text.contains(tool.traits().package));
        if candidates.iter().any(needed) {
            candidates.retain(needed);
        }
    }
    match *candidates {
        [tool] => Ok(tool),
        [] => Err(AdoptError::NoFiles { folders: folders.to_vec(), tool: looked.in_code() }),
        _ => Err(AdoptError::Ambiguous { candidates }),
    }
}

/// The files in which projects name what they depend on.
const MANIFESTS: [&str; 9] = [
    "Cargo.toml",
    "go.mod",
    "package.json",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "Gemfile",
    "pyproject.toml",
    "requirements.txt",
];

/// Returns what the project says about its dependencies, in lower case: in the folders, and in those above them up to the
/// repository's.
fn manifests(folders: &[PathBuf]) -> Vec<String> {
    let mut texts = Vec::new();
    for folder in folders {
        let Ok(folder) = std::path::absolute(folder) else { continue };
        for above in folder.ancestors() {
            let named = MANIFESTS.iter().map(|name| above.join(name));
            let projects = fs::read_dir(above).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
            let projects = projects.filter(|path| path.extension().is_some_and(|extension| extension == "csproj"));
            texts.extend(named.chain(projects).filter_map(|path| read(&path)));
            if above.join(".git").exists() {
                break;
            }
        }
    }
    texts
}

fn read(path: &Path) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.to_lowercase())
}
