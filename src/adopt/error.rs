//! Why nothing was adopted, and what to do about it.

use std::io;
use std::path::PathBuf;

use super::{MapError, Tool};
use crate::error::GitError;

/// Why nothing was adopted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are what the variant's own line names")]
pub enum AdoptError {
    /// No folder was named, and there was no adoption before.
    #[error("no folder with old migrations was named")]
    NoFolder,
    /// There is no such folder.
    #[error("there is no folder {}", path.display())]
    NoSuchFolder { path: PathBuf },
    /// The folders have no file that looks like a migration.
    #[error("there is no {}", missing(folders, *tool))]
    NoFiles { folders: Vec<PathBuf>, tool: Option<Tool> },
    /// The files may be of several tools.
    #[error("the files look like those of {}", named(candidates))]
    Ambiguous { candidates: Vec<Tool> },
    /// The folder was adopted from another tool.
    #[error("{} was adopted from {}, not from {}", dir.display(), before, tool)]
    OtherTool { dir: PathBuf, before: Tool, tool: Tool },
    /// The folder already has scripts, and not by an adoption.
    #[error("{} already has scripts, the first is {}", dir.display(), first.display())]
    NotEmpty { dir: PathBuf, first: PathBuf },
    /// Git has uncommitted changes in the folders.
    #[error("there are uncommitted changes in {}", shown(paths))]
    Dirty { paths: Vec<String> },
    /// Git does not have files that would be removed.
    #[error("Git does not track {}", shown(paths))]
    Untracked { paths: Vec<String> },
    /// A folder is in another repository.
    #[error("{} is not in the repository of {}", folder.display(), dir.display())]
    OtherRepository { folder: PathBuf, dir: PathBuf },
    /// Git ignores the folder of the scripts.
    #[error("Git ignores {}", dir.display())]
    Ignored { dir: PathBuf },
    /// Two files have the same version.
    #[error("{} and {} have the same version", first.display(), second.display())]
    Twice { first: PathBuf, second: PathBuf },
    /// A file is not text.
    #[error("{}: {source}", path.display())]
    Undecodable { path: PathBuf, source: crate::script::DecodeError },
    /// A file says of itself that it cannot be taken over.
    #[error("{}: {why}", path.display())]
    Unreadable { path: PathBuf, why: &'static str },
    /// The object file that a file would become exists, or another file would become it, too.
    #[error("{} would become {}, which there is already", path.display(), to.display())]
    Taken { path: PathBuf, to: PathBuf },
    /// The map of an earlier adoption cannot be used.
    #[error(transparent)]
    Map(#[from] MapError),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl AdoptError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NoFolder => "name it: `AdoptOptions::new`".into(),
            Self::NoSuchFolder { path } if path.is_file() => "it is a file: name its folder".into(),
            Self::NoSuchFolder { .. } => "check the path".into(),
            Self::NoFiles { tool: Some(tool), .. } if tool.traits().first.is_some() => {
                tool.traits().first.unwrap_or_default().into()
            }
            Self::NoFiles { .. } => "name the folder of the old migrations, and the tool with `AdoptOptions::from`; \
                                     dbup takes every .sql file, in the order of the names"
                .into(),
            Self::Ambiguous { candidates } => {
                let names = candidates.iter().map(|tool| tool.as_str()).collect::<Vec<_>>();
                format!(
                    "pass `AdoptOptions::from` {}, or let the journal in a database decide: `AdoptOptions::journals`",
                    names.join(" or ")
                )
            }
            Self::OtherTool { .. } => "leave out `AdoptOptions::from`, or adopt into an empty folder".into(),
            Self::NotEmpty { .. } => "adopt into an empty folder".into(),
            Self::Dirty { .. } => {
                "commit them first; git reset --hard takes back an adoption that is only staged".into()
            }
            Self::Untracked { .. } => {
                "add them with git add --force and commit them, or move them out of the folder".into()
            }
            Self::OtherRepository { .. } => "adopt into a folder of the same repository".into(),
            Self::Ignored { .. } => "take it out of .gitignore, or adopt into an empty folder".into(),
            Self::Twice { .. } => "give one of them another version with the old tool first".into(),
            Self::Undecodable { .. } => "save it as UTF-8".into(),
            Self::Unreadable { .. } => "write it again, or move it out of the folder".into(),
            Self::Taken { .. } => "merge the two files, rename one of them, or adopt it into an empty folder".into(),
            Self::Map(_) => "restore it from Git".into(),
            Self::Io { .. } => "fix that; git checkout and git clean bring back what was".into(),
            Self::Git(error) => error.hint().into(),
        }
    }
}

fn listed(folders: &[PathBuf]) -> String {
    folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn missing(folders: &[PathBuf], tool: Option<Tool>) -> String {
    let folders = listed(folders);
    match tool {
        None => format!("migration in {folders}"),
        Some(tool) if tool.traits().first.is_some() => format!("SQL of {tool} in {folders}"),
        Some(tool) => format!("migration in {folders} that is named as {tool} names them"),
    }
}

fn named(tools: &[Tool]) -> String {
    tools.iter().map(|tool| tool.title()).collect::<Vec<_>>().join(" and of ")
}

/// How many paths are named.
const SHOWN: usize = 3;

fn shown(paths: &[String]) -> String {
    let more = paths.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more files") } else { String::new() };
    format!("{}{more}", paths[..paths.len().min(SHOWN)].join(", "))
}
