//! Git repositories, read with the `git` program.

use std::io;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use dbmigrate_files::OBJECTS;

use super::{SqlFile, work_tree};

/// The repository that a folder of scripts belongs to.
///
/// The `git` program answers every question, so worktrees, shallow and bare repositories work as they do in Git.
///
/// ```no_run
/// use dbmigrate::Repository;
///
/// let repository = Repository::of("migrations")?;
/// let scripts = repository.scripts("v1.2")?;
/// assert!(scripts.highest() <= repository.scripts("main")?.highest());
/// # Ok::<(), dbmigrate::error::GitError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Repository {
    /// An existing folder of the repository.
    at: PathBuf,
    /// The scripts folder relative to the root, with `/` after each part.
    folder: String,
    /// The folder of object files, like `folder`; `None` for `objects/` in it.
    objects: Option<String>,
}

/// An error of a repository or of the `git` program.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are what the variant's own line names")]
pub enum GitError {
    /// The `git` program is not installed.
    #[error("the program git is not installed, or not in PATH")]
    NoProgram,
    /// The folder is not in a repository.
    #[error("{} is not in a Git repository{}", dir.display(), said_behind(said))]
    NoRepository { dir: PathBuf, said: String },
    /// No commit has this name.
    #[error("there is no commit {revision:?} in the repository")]
    UnknownRevision { revision: String, shallow: bool },
    /// The commit does not have the folder.
    #[error("there is no folder {} in {revision}", shown(folder))]
    NoFolder { folder: String, revision: String },
    /// The two commits have no common ancestor in the repository.
    #[error("{first} and {second} have no common commit in the repository")]
    Unrelated { first: String, second: String },
    /// The program failed.
    #[error("git {command} failed: {}", without_fatal(said))]
    Failed { command: String, said: String },
}

impl GitError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoProgram => "install git, or do without the options and commands that need it",
            Self::NoRepository { .. } => "name a folder of a repository",
            Self::UnknownRevision { revision, .. } if revision == "@{upstream}" => {
                "the branch has no upstream: name a branch such as origin/main, or run git branch --set-upstream-to"
            }
            Self::UnknownRevision { shallow: true, .. } => {
                "the clone is shallow: fetch all of it (git fetch --unshallow; in CI, a fetch depth of 0)"
            }
            Self::UnknownRevision { shallow: false, .. } => {
                "name a commit, a tag or a branch that git log knows; git fetch brings in what others have pushed"
            }
            Self::NoFolder { .. } => "name a folder that the commit has",
            Self::Unrelated { .. } => "fetch the history of both: in CI, a fetch depth of 0",
            Self::Failed { .. } => "fix the clone: a partial clone may lack what its remote has (git fetch, git fsck)",
        }
    }
}

fn said_behind(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

fn shown(folder: &str) -> &str {
    if folder.is_empty() { "." } else { folder.trim_end_matches('/') }
}

impl Repository {
    /// Returns the repository of a folder. The folder itself may exist in some of the commits only.
    ///
    /// # Errors
    ///
    /// [`GitError::NoRepository`], [`GitError::NoProgram`].
    pub fn of(dir: impl AsRef<Path>) -> Result<Self, GitError> {
        let dir = plain(&std::path::absolute(dir.as_ref()).unwrap_or_else(|_| dir.as_ref().into()));
        let at = dir.ancestors().find(|folder| folder.is_dir()).unwrap_or(&dir).to_owned();
        let repository = Self::at(&at);
        let answer = repository.ask(&["rev-parse", "--show-prefix"])?;
        let prefix = answer.map_err(|said| GitError::NoRepository { dir: dir.clone(), said: without_fatal(&said) })?;
        let below = dir.strip_prefix(&repository.at).unwrap_or(Path::new(""));
        let below = below.components().map(|part| part.as_os_str().to_string_lossy() + "/").collect::<String>();
        Ok(Self { folder: prefix.trim_end_matches('\n').to_owned() + &below, ..repository })
    }

    /// Returns the repository around an existing folder, for questions that are not about its scripts.
    pub(super) fn at(dir: &Path) -> Self {
        Self { at: dir.into(), folder: String::new(), objects: None }
    }

    /// Returns the path of a file that Git keeps for the work tree, such as `HEAD`.
    pub(crate) fn git_path(&self, name: &str) -> Option<PathBuf> {
        let path = self.ask(&["rev-parse", "--git-path", name]).ok()?.ok()?;
        Some(self.at.join(path.trim_end_matches('\n')))
    }

    /// Reads the object files from another folder of the repository, which need not exist in a commit.
    ///
    /// # Errors
    ///
    /// [`GitError::NoRepository`], [`GitError::NoProgram`].
    pub fn with_objects(mut self, dir: impl AsRef<Path>) -> Result<Self, GitError> {
        self.objects = Some(Self::of(dir)?.folder);
        Ok(self)
    }

    /// Returns the files in a folder with uncommitted changes, and those that Git does not know.
    #[cfg(feature = "adopt")]
    pub(crate) fn uncommitted(&self, folder: &Path) -> Result<Vec<String>, GitError> {
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.into());
        let arguments = ["status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--"].map(Into::into);
        let answer = self.ask(&arguments.into_iter().chain([folder.into_os_string()]).collect::<Vec<_>>())?;
        let answer = answer.map_err(|said| GitError::Failed { command: "status".into(), said })?;
        Ok(answer.split('\0').filter_map(|line| line.get(3..)).map(ToOwned::to_owned).collect())
    }

    /// Returns the files in a folder that Git does not track, those that it ignores included.
    #[cfg(feature = "adopt")]
    pub(crate) fn untracked(&self, folder: &Path) -> Result<Vec<PathBuf>, GitError> {
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.into());
        let arguments = ["ls-files", "--others", "-z", "--"].map(Into::into);
        let answer = self.ask(&arguments.into_iter().chain([folder.into_os_string()]).collect::<Vec<_>>())?;
        let answer = answer.map_err(|said| GitError::Failed { command: "ls-files".into(), said })?;
        Ok(answer.split('\0').filter(|path| !path.is_empty()).map(|path| self.at.join(path)).collect())
    }

    /// Returns the top of the work tree.
    #[cfg(feature = "adopt")]
    pub(crate) fn top(&self) -> Option<PathBuf> {
        let top = self.ask(&["rev-parse", "--show-toplevel"]).ok()?.ok()?;
        Some(top.trim_end_matches('\n').into())
    }

    /// Whether Git would not take a file.
    #[cfg(feature = "adopt")]
    pub(crate) fn ignores(&self, file: &Path) -> bool {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.into());
        let arguments: [std::ffi::OsString; 4] = ["check-ignore".into(), "--quiet".into(), "--".into(), file.into()];
        self.ask(&arguments).is_ok_and(|answer| answer.is_ok())
    }

    /// Stages everything in these folders, if they exist.
    #[cfg(feature = "adopt")]
    pub(crate) fn stage(&self, folders: &[PathBuf]) -> Result<(), GitError> {
        let folders = folders.iter().filter(|folder| folder.is_dir());
        let folders =
            folders.map(|folder| std::path::absolute(folder).unwrap_or_else(|_| folder.clone()).into_os_string());
        let arguments = ["add", "--all", "--"].map(Into::into);
        let answer = self.ask(&arguments.into_iter().chain(folders).collect::<Vec<std::ffi::OsString>>())?;
        answer.map(drop).map_err(|said| GitError::Failed { command: "add".into(), said })
    }

    /// Returns the full hash of the commit that a revision names: a commit, a tag, a branch, `HEAD~3`.
    ///
    /// # Errors
    ///
    /// [`GitError::UnknownRevision`].
    pub fn commit(&self, revision: &str) -> Result<String, GitError> {
        let commit = format!("{revision}^{{commit}}");
        let known = if revision.starts_with('-') || revision.is_empty() {
            None
        } else {
            self.ask(&["rev-parse", "--verify", "--quiet", &commit])?.ok()
        };
        match known {
            Some(commit) => Ok(commit.trim().to_owned()),
            None => Err(GitError::UnknownRevision { revision: revision.into(), shallow: self.is_shallow()? }),
        }
    }

    fn is_shallow(&self) -> Result<bool, GitError> {
        Ok(self.ask(&["rev-parse", "--is-shallow-repository"])?.is_ok_and(|answer| answer.trim() == "true"))
    }

    /// Returns the last common ancestor of two revisions.
    ///
    /// # Errors
    ///
    /// [`GitError::Unrelated`]; [`GitError::UnknownRevision`].
    pub fn merge_base(&self, first: &str, second: &str) -> Result<String, GitError> {
        let (one, other) = (self.commit(first)?, self.commit(second)?);
        let base = self.ask(&["merge-base", &one, &other])?;
        let unrelated = |_| GitError::Unrelated { first: first.into(), second: second.into() };
        base.map(|base| base.trim().to_owned()).map_err(unrelated)
    }

    /// Describes, in a few words, the last commit up to a revision that changed a file.
    pub(super) fn last_change(&self, revision: &str, path: &str) -> Option<String> {
        let format = "--format=commit %h of %ad by %an: %s";
        let answer =
            self.ask(&["log", "-1", "--no-show-signature", "--date=short", format, revision, "--", path]).ok()?.ok()?;
        answer.lines().next().map(ToOwned::to_owned)
    }

    /// Returns the last commit, up to a revision, that has a file of this name below a folder.
    pub(super) fn last_with(&self, revision: &str, below: &str, name: &str) -> Option<String> {
        let below = below.replace(['\\', '*', '?', '['], "?");
        let path = format!(":(top,glob){below}**/{name}");
        let log = |more: &[&str]| {
            let arguments = [&["log", "-1", "--no-show-signature"], more, &[revision, "--", &path]].concat();
            let answer = self.ask(&arguments).ok()?.ok()?;
            answer.split_whitespace().next().map(ToOwned::to_owned)
        };
        // the parent of the commit that deleted the file; or the file is deleted in the work tree only
        log(&["--diff-filter=D", "--format=%p"]).or_else(|| {
            log(&["--format=%h"])?;
            self.ask(&["rev-parse", "--short", revision]).ok()?.ok().map(|commit| commit.trim().to_owned())
        })
    }

    /// Renames a file, also in the index if Git tracks the file.
    ///
    /// # Errors
    ///
    /// If the file cannot be renamed.
    pub fn rename(&self, from: &Path, to: &Path) -> Result<(), GitError> {
        let [from, to] = [from, to].map(|path| std::path::absolute(path).unwrap_or_else(|_| path.into()));
        let [from_shown, to_shown] = [&from, &to].map(|path| path.to_string_lossy());
        let failed = |said: String| GitError::Failed { command: "mv".into(), said };
        if self.ask(&["ls-files", "--error-unmatch", "--", &from_shown])?.is_ok() {
            return self
                .ask(&["mv", "--", &from_shown, &to_shown])?
                .map(drop)
                .map_err(|said| failed(without_fatal(&said)));
        }
        if to.exists() {
            return Err(failed(format!("{to_shown} exists")));
        }
        std::fs::rename(&from, &to).map_err(|error| failed(error.to_string()))
    }

    /// The scripts folder, relative to the root, with `/` after each part.
    pub(super) fn folder(&self) -> &str {
        &self.folder
    }

    /// The folder of object files, like [`Repository::folder`].
    pub(super) fn objects(&self) -> String {
        self.objects.clone().unwrap_or_else(|| format!("{}{}/", self.folder, OBJECTS))
    }

    /// Runs git. Returns its output, or its error text if it fails.
    pub(super) fn ask<A: AsRef<std::ffi::OsStr>>(&self, arguments: &[A]) -> Result<Result<String, String>, GitError> {
        let output = self.command().args(arguments).stdin(Stdio::null()).output();
        let output = output.map_err(|error| self.not_started(&error))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr).trim().to_owned()) })
    }

    pub(super) fn not_started(&self, error: &io::Error) -> GitError {
        match error.kind() {
            io::ErrorKind::NotFound if self.at.is_dir() => GitError::NoProgram,
            _ => GitError::Failed { command: "itself".into(), said: error.to_string() },
        }
    }

    /// Returns a git command that runs in the repository. In a hook, environment variables name the repository by paths
    /// relative to the hook's folder, so these are made absolute.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.current_dir(&self.at).env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0");
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR"] {
            if let Some(path) = std::env::var_os(name) {
                command.env(name, std::path::absolute(&path).unwrap_or_else(|_| path.into()));
            }
        }
        if std::env::var_os("GIT_DIR").is_some() && std::env::var_os("GIT_WORK_TREE").is_none() {
            command.env("GIT_WORK_TREE", std::path::absolute(".").unwrap_or_default());
        }
        command
    }
}

/// Describes the last change to the file of a script in the work tree, if its repository knows it.
pub(super) fn last_change(dir: &Path, script: &SqlFile) -> Option<String> {
    if work_tree::commits(dir, &[script])?.into_values().any(|commit| commit.ends_with("-dirty")) {
        return Some("an uncommitted edit".into());
    }
    let repository = Repository::at(dir);
    repository.last_change("HEAD", &std::path::absolute(script.path()).ok()?.to_string_lossy())
}

/// Returns the last commit of the work tree's branch that has a script of this name.
pub(super) fn last_with(dir: &Path, name: &str) -> Option<String> {
    let repository = Repository::of(dir).ok()?;
    repository.last_with("HEAD", repository.folder(), name)
}

/// Returns the first line of git's error text without the prefix `fatal: `.
fn without_fatal(said: &str) -> String {
    said.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned()
}

/// Returns a path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}
