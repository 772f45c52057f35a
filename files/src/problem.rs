//! Problems with individual files of a folder: every kind, its message and its remedy.

use std::path::{Path, PathBuf};

use crate::{DecodeError, FileName, Kind, Location, Number};

/// One file that cannot be used as a script. `Display` is the message, [`FolderProblem::hint`] the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are what the variant's own line names")]
pub enum FolderProblem {
    /// A file looks like a script but is misnamed; with the right name, if it is clear.
    #[error("{} looks like a script but is misnamed", path.display())]
    Misnamed { path: PathBuf, right_name: Option<String> },
    /// A folder or a device has the name of a script.
    #[error("{} is named like a script but is not a file", path.display())]
    NotAFile { path: PathBuf },
    /// A file or a folder cannot be read.
    #[error("{} cannot be read: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: String },
    /// The file is a pointer: Git LFS stores the content elsewhere.
    #[error("{} is a Git LFS pointer, not the script", path.display())]
    Pointer { path: PathBuf },
    /// The file's content cannot be taken from the commit.
    #[error("{} cannot be used: {reason}", path.display())]
    NotInCommit { path: PathBuf, reason: String },
    /// A file is not text.
    #[error("{} is not text: {source}", path.display())]
    Undecodable { path: PathBuf, source: DecodeError },
    /// A number is above the highest possible.
    #[error("the number of {} is too large", path.display())]
    NumberTooLarge { path: PathBuf },
    /// A directive is unknown.
    #[error("unknown directive {name:?}")]
    UnknownDirective { name: String, known: &'static str, location: Location },
    /// More than one file has the same number.
    #[error("number {number} is used more than once: {}", listed(paths))]
    Duplicate { number: Number, paths: Vec<PathBuf> },
    /// A file among the objects is named like a script.
    #[error("{} is named like a script but is among the objects", path.display())]
    NumberedObject { path: PathBuf },
    /// An SQL file is not run because it is not named like a script.
    #[error("{} is not run: its name is not Script-NNNN.sql{}", path.display(), of_tool(" but in the style of", *tool))]
    Unrecognized { path: PathBuf, tool: Option<&'static str> },
    /// A migration of the tool that the project was adopted from was added later.
    #[error("{} is a migration of {tool}, which {} replaces", path.display(), map.display())]
    Late { path: PathBuf, tool: &'static str, map: PathBuf },
}

/// The advice for a file that is not run.
const UNRECOGNIZED: &str = "to run it, make it the next Script-NNNN.sql; otherwise move it out of the folder";

impl FolderProblem {
    /// Every code.
    #[doc(hidden)]
    pub const CODES: [&'static str; 12] = [
        "misnamed",
        "not-a-file",
        "unreadable",
        "pointer",
        "not-in-commit",
        "undecodable",
        "number-too-large",
        "unknown-directive",
        "duplicate",
        "numbered-object",
        "unrecognized",
        "late",
    ];

    /// A word for programs: stable, lower case, with dashes. A new one is added to [`FolderProblem::CODES`].
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Misnamed { .. } => "misnamed",
            Self::NotAFile { .. } => "not-a-file",
            Self::Unreadable { .. } => "unreadable",
            Self::Pointer { .. } => "pointer",
            Self::NotInCommit { .. } => "not-in-commit",
            Self::Undecodable { .. } => "undecodable",
            Self::NumberTooLarge { .. } => "number-too-large",
            Self::UnknownDirective { .. } => "unknown-directive",
            Self::Duplicate { .. } => "duplicate",
            Self::NumberedObject { .. } => "numbered-object",
            Self::Unrecognized { .. } => "unrecognized",
            Self::Late { .. } => "late",
        }
    }

    /// The place of the problem, if it is at one place of the file.
    #[must_use]
    pub const fn location(&self) -> Option<&Location> {
        if let Self::UnknownDirective { location, .. } = self { Some(location) } else { None }
    }

    /// The number of a file that exists but is not a script because of this problem.
    #[must_use]
    pub fn number(&self) -> Option<Number> {
        let name = match self {
            Self::Duplicate { number, .. } => return Some(*number),
            Self::Misnamed { right_name, .. } => FileName::parse(right_name.as_deref()?),
            Self::NotAFile { path }
            | Self::Unreadable { path, .. }
            | Self::Pointer { path }
            | Self::NotInCommit { path, .. }
            | Self::Undecodable { path, .. } => FileName::of(path),
            _ => return None,
        };
        match name {
            FileName::Named(_, number) => Some(number),
            _ => None,
        }
    }

    /// The file with the problem.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Misnamed { path, .. }
            | Self::NotAFile { path }
            | Self::Unreadable { path, .. }
            | Self::Pointer { path }
            | Self::NotInCommit { path, .. }
            | Self::Undecodable { path, .. }
            | Self::NumberTooLarge { path }
            | Self::NumberedObject { path }
            | Self::Unrecognized { path, .. }
            | Self::Late { path, .. } => Some(path),
            Self::Duplicate { paths, .. } => paths.last().map(PathBuf::as_path),
            Self::UnknownDirective { location, .. } => Some(location.path()),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Misnamed { right_name: Some(name), .. } => {
                format!("a script is named like {name}, without a description; rename or remove the file")
            }
            Self::Misnamed { right_name: None, .. } => {
                "a script is named Script-NNNN.sql with four or more digits; rename or remove the file".into()
            }
            Self::NotAFile { .. } => "rename it: only a script may have this name".into(),
            Self::Unreadable { .. } => "fix its permissions or the symlink, or remove it".into(),
            Self::Pointer { .. } => "fetch the files with git lfs pull, or keep scripts out of Git LFS".into(),
            Self::NotInCommit { .. } => "commit the file itself at this path, or run dbmigrate in a checkout".into(),
            Self::Undecodable { path, source } => undecodable(path, source),
            Self::NumberTooLarge { .. } => format!("the highest number is {}", Number::MAX),
            Self::UnknownDirective { known, .. } => format!("the directives are: {known}"),
            Self::Duplicate { .. } => "renumber the one that is not applied anywhere yet".into(),
            Self::NumberedObject { .. } => {
                "name it after what it creates, such as views/totals.sql; or, if it is a script, move it out of that folder".into()
            }
            Self::Unrecognized { .. } => UNRECOGNIZED.into(),
            Self::Late { .. } => "dbmigrate adopt takes it over, with the next number, or says why not".into(),
        }
    }
}

fn undecodable(path: &Path, source: &DecodeError) -> String {
    let binary = source.reason == "invalid UTF-8" && is_baseline(path);
    let dump = if binary { "; for binary data, the dump tool has --hex-blob" } else { "" };
    format!("save it as UTF-8, or as UTF-16 with a byte order mark{dump}")
}

/// Whether the file is a baseline, which a dump tool may have written.
fn is_baseline(path: &Path) -> bool {
    matches!(FileName::of(path), FileName::Named(Kind::Baseline, _))
}

fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// Returns `before` and the tool whose naming the files follow; an empty text without a tool.
#[doc(hidden)]
#[must_use]
pub fn of_tool(before: &str, tool: Option<&str>) -> String {
    tool.map_or_else(String::new, |tool| format!("{before} {tool}"))
}
