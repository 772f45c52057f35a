//! Walks a folder of scripts, and tells its files by their names.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::{FileName, FolderProblem, Kind, Number};

/// The folder of object files in a folder of scripts, unless another is named.
pub const OBJECTS: &str = "objects";

/// A file of a folder of scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its path.
    pub path: PathBuf,
    /// What it is, by its name.
    pub what: What,
}

/// What a file is, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A script or a baseline.
    Script(Kind, Number),
    /// An object file with its name: its path below the folder of objects, with `/`.
    Object(String),
    /// A file that cannot be what its name says.
    Wrong(FolderProblem),
    /// A file with SQL that is not run.
    Unrecognized,
}

/// Returns the files of a folder and the folders below it. Files and folders whose names start with a dot are skipped.
/// The object files are in the folder `objects`; without one, they are in the folder's own.
#[must_use]
pub fn files_of(dir: &Path, objects: Option<&Path>) -> Vec<Found> {
    let objects = objects.map_or_else(|| dir.join(OBJECTS), |objects| within(dir, objects));
    let mut files = walk(dir, &objects);
    if !objects.starts_with(dir) && objects.exists() {
        files.extend(walk(&objects, &objects));
    }
    files
}

fn walk(dir: &Path, objects: &Path) -> Vec<Found> {
    let visible = |entry: &DirEntry| entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".");
    let entries = WalkDir::new(dir).follow_links(true).sort_by_file_name().into_iter().filter_entry(visible);
    let unreadable = |error: walkdir::Error| {
        let path = error.path().unwrap_or(dir).to_owned();
        let what = What::Wrong(FolderProblem::Unreadable { path: path.clone(), reason: walk_error(&error) });
        Some(Found { path, what })
    };
    let found = |entry: DirEntry| Some(Found { what: visit(&entry, objects)?, path: entry.into_path() });
    entries.filter_map(|entry| entry.map_or_else(unreadable, found)).collect()
}

/// Returns the path of the folder of object files as the walk through the folder of scripts has it, if it is below that
/// one.
fn within(dir: &Path, objects: &Path) -> PathBuf {
    let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.into());
    let objects = canonical(objects);
    objects.strip_prefix(canonical(dir)).map_or_else(|_| objects.clone(), |below| dir.join(below))
}

/// Looks at the name of a file; `None` for a file that is neither a script nor an SQL file.
#[must_use]
pub fn look(path: &Path) -> Option<What> {
    let path = path.to_owned();
    match FileName::of(&path) {
        FileName::Named(kind, number) => Some(What::Script(kind, number)),
        FileName::NearMiss(right_name) => Some(What::Wrong(FolderProblem::Misnamed { path, right_name })),
        FileName::TooLarge => Some(What::Wrong(FolderProblem::NumberTooLarge { path })),
        FileName::Other => is_sql(&path).then_some(What::Unrecognized),
    }
}

/// Looks at the name of a file of the folder of objects, which is at `below` in it; `None` for a file that is not SQL.
#[must_use]
pub fn look_at_object(path: &Path, below: &Path) -> Option<What> {
    match () {
        () if !is_sql(path) => None,
        () if is_numbered(path) => Some(What::Wrong(FolderProblem::NumberedObject { path: path.into() })),
        () => Some(What::Object(name(below))),
    }
}

/// Whether a file is SQL.
#[must_use]
pub fn is_sql(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql"))
}

/// Looks at an entry of the folder of scripts; `objects` is the folder of objects.
fn visit(entry: &DirEntry, objects: &Path) -> Option<What> {
    let path = entry.path();
    if let Ok(below) = path.strip_prefix(objects) {
        return if entry.file_type().is_file() { look_at_object(path, below) } else { None };
    }
    match FileName::of(path) {
        _ if entry.depth() == 0 => None,
        _ if entry.file_type().is_file() => look(path),
        FileName::Named(..) => Some(What::Wrong(FolderProblem::NotAFile { path: path.into() })),
        _ => None,
    }
}

/// Whether a file has a name by which it would be taken for a numbered script.
fn is_numbered(path: &Path) -> bool {
    match FileName::of(path) {
        FileName::Named(..) | FileName::TooLarge => true,
        FileName::NearMiss(name) => name.is_some_and(|name| name.starts_with("Script-")),
        FileName::Other => false,
    }
}

/// Returns the name of an object file: its path below the folder of objects, with `/`.
fn name(below: &Path) -> String {
    let parts = below.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    parts.collect::<Vec<_>>().join("/")
}

fn walk_error(error: &walkdir::Error) -> String {
    match (error.loop_ancestor(), error.io_error()) {
        (Some(ancestor), _) => format!("a symbolic link that leads back to {}", ancestor.display()),
        (None, Some(io)) => io.to_string(),
        (None, None) => error.to_string(),
    }
}
