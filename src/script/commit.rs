//! The scripts of a commit, read without touching the work tree.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Stdio};
use std::thread;

use dbmigrate_files::{Found, What, look, look_at_object};

use super::folder::{Contents, File};
use super::git::{self, GitError, Repository};
use super::work_tree;
use super::{FolderProblem, Number, Scripts, Source, SqlFile};
#[cfg(feature = "adopt")]
use crate::adopt::{MAP, Map};

/// Files larger than this, in bytes, stay in the repository until a run needs them.
const SMALL: u64 = 64 * 1024;

/// The commit that scripts are read from.
#[derive(Debug)]
pub(super) struct Commit {
    repository: Repository,
    /// The commit's full hash.
    pub(super) id: String,
}

impl Commit {
    /// Returns the last commit, up to this one, that has a script of this name.
    pub(super) fn last_with(&self, name: &str) -> Option<String> {
        self.repository.last_with(&self.id, self.repository.folder(), name)
    }

    /// Describes the last commit that changed the file of a script.
    pub(super) fn last_change(&self, script: &SqlFile) -> Option<String> {
        let shown = script.path().to_string_lossy();
        let (_, path) = shown.split_once(':')?;
        self.repository.last_change(&self.id, &format!(":/{}", path.trim_start_matches("./")))
    }
}

impl Scripts {
    /// Returns the commit that each file comes from, by name. `-dirty` follows the commit when the file differs from it.
    /// The map is empty outside a repository.
    pub(crate) fn commits<'a>(&self, files: impl Iterator<Item = &'a SqlFile>) -> BTreeMap<String, String> {
        match &self.commit {
            Some(commit) => files.map(|file| (file.name(), commit.id.clone())).collect(),
            None if self.dir.as_os_str().is_empty() => self.built_from.as_deref().cloned().unwrap_or_default(),
            None => work_tree::commits(&self.dir, &files.collect::<Vec<_>>()).unwrap_or_default(),
        }
    }

    /// Returns the last commit that has a script of this number, if Git knows one.
    pub(crate) fn last_with(&self, number: Number) -> Option<String> {
        match &self.commit {
            Some(commit) => commit.last_with(&number.script_name()),
            None if self.dir.as_os_str().is_empty() => None,
            None => git::last_with(&self.dir, &number.script_name()),
        }
    }

    /// Describes the last change to the file of a script, if Git knows it.
    pub(crate) fn last_change(&self, script: &SqlFile) -> Option<String> {
        match &self.commit {
            Some(commit) => commit.last_change(script),
            None if self.dir.as_os_str().is_empty() => None,
            None => git::last_change(&self.dir, script),
        }
    }
}

/// The content of a file in a repository.
#[derive(Debug, Clone)]
pub(super) struct Blob {
    repository: Repository,
    id: String,
    pub(super) size: u64,
}

impl PartialEq for Blob {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Blob {}

impl Blob {
    /// Opens the content and reads it from its beginning.
    pub(super) fn open(&self) -> io::Result<impl Read + Send + use<>> {
        let mut command = self.repository.command();
        command.args(["cat-file", "blob", &self.id]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or_else(|| io::Error::other("git has no output"))?;
        Ok(Reading { child, output })
    }
}

/// A blob that a running git writes to its output.
struct Reading {
    child: Child,
    output: ChildStdout,
}

impl Read for Reading {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.output.read(buffer)?;
        if read == 0 && !buffer.is_empty() && !self.child.wait()?.success() {
            return Err(io::Error::other("git could not read the file from the repository"));
        }
        Ok(read)
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One line of a tree.
struct Entry {
    mode: String,
    id: String,
    size: Option<u64>,
    /// The path below the root of the repository.
    path: String,
}

impl Entry {
    /// Parses a line such as `100644 blob 1234abcd...      17\tScript-0001.sql`.
    fn parse(line: &str, below: &str) -> Option<Self> {
        let (head, path) = line.split_once('\t')?;
        let mut words = head.split_ascii_whitespace().map(ToOwned::to_owned);
        let (mode, _, id) = (words.next()?, words.next()?, words.next()?);
        let size = words.next().and_then(|size| size.parse().ok());
        Some(Self { mode, id, size, path: format!("{below}{path}") })
    }

    /// Whether a part of the path below a folder begins with a dot.
    fn is_hidden(&self, below: &str) -> bool {
        self.path[below.len()..].split('/').any(|part| part.starts_with('.'))
    }
}

/// Reads the scripts of one commit.
struct Tree<'a> {
    repository: &'a Repository,
    commit: &'a str,
    /// The prefix of the paths in messages, in the form that `git show` accepts.
    shown: &'a str,
    /// The folder of object files.
    objects: &'a str,
    files: Vec<(Entry, Option<FolderProblem>)>,
    unrecognized: Vec<PathBuf>,
}

impl Repository {
    /// Reads the scripts of a commit, a tag or a branch. It does not touch the work tree, and needs none.
    ///
    /// Every plan made from these scripts reports what is wrong *in* the commit, as for [`Scripts::from_dir`].
    ///
    /// # Errors
    ///
    /// If the commit does not exist, or does not have the folder.
    pub fn scripts(&self, revision: &str) -> Result<Scripts, GitError> {
        let commit = self.commit(revision)?;
        let no_folder = || GitError::NoFolder { folder: self.folder().into(), revision: revision.into() };
        let tree = self.tree(&commit, self.folder())?.ok_or_else(no_folder)?;
        // the form that git show accepts; a plain path in messages must not begin with the revision
        let shown = format!("{revision}:{}", if self.folder().is_empty() { "./" } else { "" });
        let objects = self.objects();
        let mut reading = Tree {
            repository: self,
            commit: &commit,
            shown: &shown,
            objects: &objects,
            files: Vec::new(),
            unrecognized: Vec::new(),
        };
        reading.walk(&tree, self.folder(), &mut Vec::new())?;
        if !objects.starts_with(self.folder())
            && let Some(tree) = self.tree(&commit, &objects)?
        {
            reading.walk(&tree, &objects, &mut Vec::new())?;
        }
        let contents = Contents::read(reading.read()?);
        let dir = PathBuf::from(format!("{shown}{}", self.folder()).trim_end_matches('/'));
        #[cfg(feature = "adopt")]
        let contents = contents.without_late(&dir, || self.map(&commit));
        let commit = Commit { repository: self.clone(), id: commit };
        Ok(Scripts::of_commit(dir, commit, contents))
    }

    /// Returns the map of an adoption that a commit has.
    #[cfg(feature = "adopt")]
    fn map(&self, commit: &str) -> Option<Map> {
        let name = format!("{commit}:{}{MAP}", self.folder());
        let text = self.ask(&["show", &name]).ok()?.ok()?;
        Map::read(Path::new(MAP), &text).ok()
    }

    /// Returns the tree of a folder in a commit; `None` if the commit does not have the folder.
    fn tree(&self, commit: &str, folder: &str) -> Result<Option<String>, GitError> {
        let failed = |command: &str, said: String| GitError::Failed { command: command.into(), said };
        let name = format!("{commit}:{}", folder.trim_end_matches('/'));
        let tree = match self.ask(&["rev-parse", "--verify", "--quiet", &name])? {
            Ok(tree) => tree.trim().to_owned(),
            // for a missing path, git prints nothing; any other failure does not mean that the folder is missing
            Err(said) if said.is_empty() => return Ok(None),
            Err(said) => return Err(failed("rev-parse", said)),
        };
        let kind = self.ask(&["cat-file", "-t", &tree])?.map_err(|said| failed("cat-file", said))?;
        Ok((kind.trim() == "tree").then_some(tree))
    }
}

impl Tree<'_> {
    fn path(&self, entry: &Entry) -> PathBuf {
        PathBuf::from(format!("{}{}", self.shown, entry.path))
    }

    /// Returns the path of a file below the folder of object files, if it is there.
    fn below_objects<'e>(&self, entry: &'e Entry) -> Option<&'e Path> {
        entry.path.strip_prefix(self.objects).map(Path::new)
    }

    /// Looks at the name of a file.
    fn look(&self, entry: &Entry) -> Option<What> {
        let path = self.path(entry);
        self.below_objects(entry).map_or_else(|| look(&path), |below| look_at_object(&path, below))
    }

    /// Lists a tree and the trees that it links to. `below` is its path with a `/` at the end. `above` holds the trees on the way to it.
    fn walk(&mut self, tree: &str, below: &str, above: &mut Vec<String>) -> Result<(), GitError> {
        let listing = self.repository.ask(&["ls-tree", "-r", "-l", "-z", "--full-tree", tree])?;
        let listing = listing.map_err(|said| GitError::Failed { command: "ls-tree".into(), said })?;
        above.push(tree.to_owned());
        let entries = listing.split('\0').filter_map(|line| Entry::parse(line, below));
        for entry in entries.filter(|entry| !entry.is_hidden(below)) {
            match entry.mode.as_str() {
                "120000" => self.follow(entry, above)?,
                "160000" => self.wrong(entry, "it is a submodule, whose files are not in this commit"),
                _ => match self.look(&entry) {
                    Some(What::Unrecognized) => self.unrecognized.push(self.path(&entry)),
                    Some(_) => self.files.push((entry, None)),
                    None => {}
                },
            }
        }
        above.pop();
        Ok(())
    }

    /// Replaces a symbolic link with its target in the same commit.
    fn follow(&mut self, link: Entry, above: &mut Vec<String>) -> Result<(), GitError> {
        let name = format!("{}:{}\n", self.commit, link.path);
        let answer = self.feed(&["cat-file", "--batch-check", "--follow-symlinks"], name.into_bytes())?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        match answer.lines().next().unwrap_or_default().split(' ').collect::<Vec<_>>().as_slice() {
            [id, "blob", size] if self.look(&link).is_some_and(|what| what != What::Unrecognized) => {
                let (id, size) = ((*id).to_owned(), size.parse().ok());
                self.files.push((Entry { id, size, ..link }, None));
            }
            [_, "blob", _] => {}
            [id, "tree", _] if above.iter().any(|tree| tree == id) => {
                self.wrong(link, "a symbolic link that leads back to a folder above it");
            }
            [id, "tree", _] => self.walk(id, &format!("{}/", link.path), above)?,
            _ => self.wrong(link, "a symbolic link whose target is not in this commit"),
        }
        Ok(())
    }

    fn wrong(&mut self, entry: Entry, reason: &str) {
        let problem = FolderProblem::NotInCommit { path: self.path(&entry), reason: reason.into() };
        self.files.push((entry, Some(problem)));
    }

    /// Reads the contents of the files. One run of git reads all small ones.
    fn read(self) -> Result<Vec<File>, GitError> {
        let is_small = |entry: &Entry| entry.size.is_none_or(|size| size <= SMALL);
        let wanted = self.files.iter().filter(|(entry, wrong)| wrong.is_none() && is_small(entry));
        let ids = wanted.flat_map(|(entry, _)| [entry.id.as_bytes(), b"\n"]).collect::<Vec<_>>().concat();
        let answer = if ids.is_empty() { Vec::new() } else { self.feed(&["cat-file", "--batch"], ids)? };
        let mut answer = answer.as_slice();
        let mut files = Vec::with_capacity(self.files.len());
        for (entry, wrong) in &self.files {
            let path = self.path(entry);
            let (what, source) = match wrong.clone().map_or_else(|| self.source(entry, &mut answer), Err) {
                Ok(source) => (self.look(entry), source),
                Err(problem) => (Some(What::Wrong(problem)), Source::File),
            };
            files.extend(what.map(|what| File { found: Found { path, what }, source }));
        }
        let unrecognized = self.unrecognized.into_iter().map(|path| Found { path, what: What::Unrecognized });
        files.extend(unrecognized.map(|found| File { found, source: Source::File }));
        Ok(files)
    }

    /// Returns the source of a file's content. The content of a small file is next in git's answer.
    fn source(&self, entry: &Entry, answer: &mut &[u8]) -> Result<Source, FolderProblem> {
        if let Some(size) = entry.size.filter(|size| *size > SMALL) {
            return Ok(Source::Blob(Blob { repository: self.repository.clone(), id: entry.id.clone(), size }));
        }
        let reason = "the repository lacks the file's content: it is a partial clone, or damaged (git fsck)";
        let lacking = || FolderProblem::NotInCommit { path: self.path(entry), reason: reason.into() };
        next(answer).map(|bytes| Source::Memory(bytes.into())).ok_or_else(lacking)
    }

    /// Runs git with this input and returns its output.
    fn feed(&self, arguments: &[&str], input: Vec<u8>) -> Result<Vec<u8>, GitError> {
        let not_started = |error: io::Error| self.repository.not_started(&error);
        let mut command = self.repository.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(not_started)?;
        let feeding = child.stdin.take().map(|mut stdin| thread::spawn(move || stdin.write_all(&input)));
        let output = child.wait_with_output().map_err(not_started)?;
        // writing fails if git exits before it has read everything
        drop(feeding.map(thread::JoinHandle::join));
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(GitError::Failed { command: arguments.join(" "), said })
    }
}

/// Reads the next object of `git cat-file --batch`: `ID blob SIZE`, the bytes, a line feed; `None` for `ID missing`.
fn next(answer: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut head = String::new();
    answer.read_line(&mut head).ok()?;
    let size = head.trim_end().split(' ').nth(2)?.parse().ok()?;
    let mut bytes = vec![0; size];
    answer.read_exact(&mut bytes).ok()?;
    answer.read_exact(&mut [0]).ok()?;
    Some(bytes)
}
