//! Reads a folder of scripts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dbmigrate_files::{Found, OBJECTS, What, distinct, files_of, look, look_at_object};

use super::commit::Commit;
use super::later::{Later, side_by_side};
use super::{BadDirective, FolderProblem, Kind, Number, ObjectFile, ReadError, Script, Source, SqlFile, Unrecognized};
#[cfg(feature = "adopt")]
use crate::adopt::Map;

/// The error for a folder of scripts that cannot be read.
#[derive(Debug)]
pub struct FolderError {
    /// The folder.
    pub dir: PathBuf,
    /// What the operating system says.
    pub source: std::io::Error,
}

impl std::error::Error for FolderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl fmt::Display for FolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.source.kind() {
            std::io::ErrorKind::NotFound => {
                let absolute = std::path::absolute(&self.dir);
                write!(f, "there is no folder {}", absolute.as_deref().unwrap_or(&self.dir).display())
            }
            _ => write!(f, "the folder {} cannot be read: {}", self.dir.display(), self.source),
        }
    }
}

/// All scripts and baselines of a folder, and the problems of the folder.
///
/// ```
/// use dbmigrate::Scripts;
///
/// let scripts = Scripts::from_files([("Script-0001.sql", b"CREATE TABLE item (id integer);")]);
/// assert_eq!(scripts.highest().map(|number| number.to_string()).as_deref(), Some("0001"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Scripts {
    pub(super) dir: PathBuf,
    /// The commit that the scripts come from.
    pub(super) commit: Option<Arc<Commit>>,
    /// The commit of each embedded file, by name.
    pub(super) built_from: Option<Arc<BTreeMap<String, String>>>,
    contents: Arc<Later<Contents>>,
}

/// The contents of a folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Contents {
    baselines: Vec<Script>,
    numbered: Vec<Script>,
    objects: Vec<ObjectFile>,
    problems: Vec<FolderProblem>,
    unrecognized: Vec<Unrecognized>,
}

impl Scripts {
    /// Reads a folder and the folders below it. Files and folders whose names start with a dot are skipped.
    ///
    /// Problems *in* the folder (a misnamed file, a number that is used twice, a file that is not text) are not errors
    /// here: every plan made from these scripts reports them, together with everything else that is wrong.
    ///
    /// # Errors
    ///
    /// If the folder does not exist or cannot be read.
    pub fn from_dir(dir: impl AsRef<Path>) -> Result<Self, FolderError> {
        let dir = dir.as_ref().to_owned();
        std::fs::read_dir(&dir).map_err(|source| FolderError { dir: dir.clone(), source })?;
        // a connection to the database can be opened while this thread reads the folder
        let contents = Arc::new(Later::begin({
            let dir = dir.clone();
            move || Contents::of(&dir, None)
        }));
        Ok(Self { dir, contents, ..Self::default() })
    }

    /// Reads a folder of scripts whose object files are in another folder.
    ///
    /// # Errors
    ///
    /// If one of the folders does not exist or cannot be read.
    pub fn from_dirs(dir: impl AsRef<Path>, objects: impl AsRef<Path>) -> Result<Self, FolderError> {
        let (dir, objects) = (dir.as_ref().to_owned(), objects.as_ref().to_owned());
        for folder in [&dir, &objects] {
            std::fs::read_dir(folder).map_err(|source| FolderError { dir: folder.clone(), source })?;
        }
        let contents = Arc::new(Later::begin({
            let dir = dir.clone();
            move || Contents::of(&dir, Some(&objects))
        }));
        Ok(Self { dir, contents, ..Self::default() })
    }

    /// Returns scripts that are part of the program, from `include_str!`, `include_bytes!` or a crate that embeds
    /// folders. Each item is a file name, with or without its folders, and the file's contents. A file below
    /// `objects/` is an object file.
    pub fn from_files<N, B>(files: impl IntoIterator<Item = (N, B)>) -> Self
    where
        N: AsRef<Path>,
        B: Into<Cow<'static, [u8]>>,
    {
        let files = files.into_iter().filter_map(|(name, bytes)| {
            let path = name.as_ref();
            let what = below_objects(path).map_or_else(|| look(path), |below| look_at_object(path, below))?;
            Some(File { found: Found { path: path.into(), what }, source: Source::Memory(bytes.into()) })
        });
        Self::of_files(files.collect())
    }

    /// Reads one file, whatever its name.
    pub(crate) fn of_file(kind: Kind, number: Number, path: &Path) -> Self {
        let found = Found { path: path.into(), what: What::Script(kind, number) };
        Self::of_files(vec![File { found, source: Source::File }])
    }

    pub(super) fn of_files(files: Vec<File>) -> Self {
        Self { contents: Arc::new(Later::of(Contents::read(files))), ..Self::default() }
    }

    /// Returns the scripts of a commit.
    pub(super) fn of_commit(dir: PathBuf, commit: Commit, contents: Contents) -> Self {
        Self { dir, commit: Some(Arc::new(commit)), contents: Arc::new(Later::of(contents)), ..Self::default() }
    }

    /// The folder that the scripts were read from. For a commit, it has the form that `git show` accepts
    /// (`v1.2:migrations`); for embedded scripts, it is empty.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The baselines, by number.
    #[must_use]
    pub fn baselines(&self) -> &[Script] {
        &self.contents.get().baselines
    }

    /// The scripts without the baselines, by number.
    #[must_use]
    pub fn scripts(&self) -> &[Script] {
        &self.contents.get().numbered
    }

    /// The object files, by name.
    #[must_use]
    pub fn objects(&self) -> &[ObjectFile] {
        &self.contents.get().objects
    }

    /// Returns the scripts through a number, with some of the object files.
    pub(crate) fn through(&self, number: Number, keeps: impl Fn(&ObjectFile) -> bool) -> Self {
        let mut contents = self.contents.get().clone();
        contents.numbered.retain(|script| script.number <= number);
        contents.baselines.retain(|baseline| baseline.number <= number);
        contents.objects.retain(keeps);
        Self { contents: Arc::new(Later::of(contents)), ..self.clone() }
    }

    /// The problems with individual files of the folder.
    #[must_use]
    pub fn problems(&self) -> &[FolderProblem] {
        &self.contents.get().problems
    }

    /// SQL files that dbmigrate does not run because they are not named like scripts.
    #[must_use]
    pub fn unrecognized(&self) -> &[Unrecognized] {
        &self.contents.get().unrecognized
    }

    /// Makes each SQL file that dbmigrate does not run a problem of the folder.
    #[must_use]
    pub fn strict(mut self) -> Self {
        let mut contents = self.contents.get().clone();
        let wrong = |file: Unrecognized| FolderProblem::Unrecognized { path: file.path, tool: file.tool };
        contents.problems.extend(contents.unrecognized.drain(..).map(wrong));
        self.contents = Arc::new(Later::of(contents));
        self
    }

    /// The highest number, of a script or of a baseline.
    #[must_use]
    pub fn highest(&self) -> Option<Number> {
        self.scripts().last().into_iter().chain(self.baselines().last()).map(Script::number).max()
    }

    /// Whether there is no script, no baseline and no file problem.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.highest().is_none() && self.problems().is_empty()
    }

    /// Returns all baselines and scripts of the folder.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Script> {
        self.baselines().iter().chain(self.scripts())
    }

    /// Returns all files of the folder: baselines, scripts and object files.
    pub(crate) fn files(&self) -> impl Iterator<Item = &SqlFile> {
        self.all().map(|script| &**script).chain(self.objects().iter().map(|object| &**object))
    }

    /// Returns the problem of each wanted file that cannot be read to its end. A file that was read to its end is not
    /// read again.
    pub(crate) fn unreadable(&self, wanted: impl Fn(&SqlFile) -> bool) -> Vec<FolderProblem> {
        let unread = self.files().filter(|file| !file.is_read() && wanted(file));
        unread.filter_map(|file| file.checksum().err()).map(FolderProblem::from).collect()
    }

    pub(crate) fn script(&self, kind: Kind, number: Number) -> Option<&Script> {
        let list = if kind == Kind::Script { self.scripts() } else { self.baselines() };
        list.binary_search_by_key(&number, Script::number).ok().map(|at| &list[at])
    }
}

/// A file of the folder, with the source of its bytes.
pub(super) struct File {
    pub(super) found: Found,
    pub(super) source: Source,
}

/// Returns the path below the folder of objects, if a path is in it.
fn below_objects(path: &Path) -> Option<&Path> {
    path.strip_prefix(OBJECTS).ok().filter(|below| !below.as_os_str().is_empty())
}

/// Reads from a script what the plan needs, and its problems.
fn opened<T>(file: Result<(T, Vec<BadDirective>), ReadError>) -> (Option<T>, Vec<FolderProblem>) {
    let unknown = |BadDirective { name, known, location }| FolderProblem::UnknownDirective { name, known, location };
    match file {
        Ok((file, bad)) => (Some(file), bad.into_iter().map(unknown).collect()),
        Err(error) => (None, vec![error.into()]),
    }
}

/// A file that was read.
enum Read {
    Script(Script),
    Object(ObjectFile),
}

impl Read {
    fn file(&self) -> &SqlFile {
        match self {
            Self::Script(script) => script,
            Self::Object(object) => object,
        }
    }
}

/// The limit on what is kept of a folder's scripts until they are inspected.
#[derive(Default)]
struct Budget {
    bytes: AtomicU64,
    files: AtomicU64,
}

/// The number of bytes that are kept in memory.
const KEPT_BYTES: u64 = 16 * 1024 * 1024;

/// The number of files that are kept open.
const KEPT_FILES: u64 = 64;

impl Budget {
    fn covers(&self, file: &SqlFile) -> bool {
        let (bytes, files) = file.kept();
        let bytes = bytes + self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let files = files + self.files.fetch_add(files, Ordering::Relaxed);
        bytes <= KEPT_BYTES && files <= KEPT_FILES
    }
}

impl Contents {
    /// Reads a folder. Without another folder of objects, they are in its own.
    fn of(dir: &Path, objects: Option<&Path>) -> Self {
        let files = files_of(dir, objects).into_iter();
        let contents = Self::read(files.map(|found| File { found, source: Source::File }).collect());
        #[cfg(feature = "adopt")]
        let contents = contents.without_late(dir, || Map::of_dir(dir).ok().flatten());
        contents
    }

    /// Makes a migration of the tool that the project was adopted from a problem. `map` is that of the folder.
    #[cfg(feature = "adopt")]
    pub(super) fn without_late(mut self, dir: &Path, map: impl FnOnce() -> Option<Map>) -> Self {
        if !self.unrecognized.is_empty()
            && let Some(map) = map()
        {
            let late = self.unrecognized.extract_if(.., |file| map.is_late(dir, dir, &file.path));
            let problem = |file: Unrecognized| map.late(dir, file.path);
            self.problems.extend(late.collect::<Vec<_>>().into_iter().map(problem));
        }
        self
    }

    /// Reads files in the given order.
    pub(super) fn read(mut files: Vec<File>) -> Self {
        let mut contents = Self::default();
        let unrecognized = files.extract_if(.., |file| file.found.what == What::Unrecognized);
        contents.unrecognized.extend(unrecognized.map(|file| Unrecognized::new(file.found.path)));
        let budget = Budget::default();
        let read = |File { found: Found { path, what }, source }| {
            let (read, problems) = match what {
                What::Unrecognized => (None, Vec::new()),
                What::Wrong(problem) => (None, vec![problem]),
                What::Script(kind, number) => {
                    let (script, problems) = opened(Script::open(kind, number, &path, source));
                    (script.map(Read::Script), problems)
                }
                What::Object(name) => {
                    let (object, problems) = opened(ObjectFile::open(name, &path, source));
                    (object.map(Read::Object), problems)
                }
            };
            read.iter().map(Read::file).filter(|file| !budget.covers(file)).for_each(SqlFile::release);
            (read, problems)
        };
        for (read, problems) in side_by_side(files, read) {
            contents.problems.extend(problems);
            match read {
                Some(Read::Script(script)) if script.kind == Kind::Script => contents.numbered.push(script),
                Some(Read::Script(baseline)) => contents.baselines.push(baseline),
                Some(Read::Object(object)) => contents.objects.push(object),
                None => {}
            }
        }
        contents.checked()
    }

    /// Sorts the files. Keeps the first script of each number, and reports duplicates.
    fn checked(mut self) -> Self {
        self.objects.sort_by_key(|object| object.name());
        for list in [&mut self.baselines, &mut self.numbered] {
            let (kept, problems) = distinct(std::mem::take(list), Script::number, |script| script.path());
            *list = kept;
            self.problems.extend(problems);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Checksum;

    fn codes(scripts: &Scripts) -> Vec<&'static str> {
        scripts.problems().iter().map(FolderProblem::code).collect()
    }

    #[test]
    fn a_folder_is_walked_and_sorted() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
            std::fs::write(path, text).expect("written");
        };
        write("Script-0002.sql", "-- Two\nSELECT 2;");
        write("old/deep/Script-0001.sql", "SELECT 1;");
        write("Baseline.sql", "");
        write("notes.txt", "");
        write(".git/Script-0009.sql", "SELECT 9;");
        let scripts = Scripts::from_dir(dir.path()).expect("readable");
        let numbers =
            scripts.scripts().iter().map(|script| (script.number().get(), script.title())).collect::<Vec<_>>();
        assert_eq!(numbers, [(1, None), (2, Some("Two"))]);
        assert_eq!(scripts.baselines().len(), 1);
        assert!(scripts.problems().is_empty());
    }

    #[test]
    fn whatever_is_wrong_in_a_folder_is_reported_at_once() {
        let files: [(&str, &[u8]); 7] = [
            ("Script-0001.sql", b"SELECT 1;"),
            ("sub/Script-0001.sql", b"SELECT 1;"),
            ("script-2.sql", b""),
            ("Script-0003.sql", b"\xff"),
            ("Script-99999999999.sql", b""),
            ("Script-0004.sql", b"-- dbmigrate: turbo\n"),
            ("readme.md", b"\xff"),
        ];
        let scripts = Scripts::from_files(files);
        assert_eq!(codes(&scripts), ["misnamed", "undecodable", "number-too-large", "unknown-directive", "duplicate"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_named_like_a_script_and_a_loop_are_problems() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(dir.path().join("Script-0001.sql")).expect("a folder");
        std::os::unix::fs::symlink(dir.path(), dir.path().join("again")).expect("a link");
        let scripts = Scripts::from_dir(dir.path()).expect("readable");
        assert_eq!(codes(&scripts), ["not-a-file", "unreadable"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_hidden_files_are_not_read() {
        let (dir, elsewhere) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        std::fs::write(elsewhere.path().join("Script-0002.sql"), "SELECT 2;").expect("written");
        std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("more")).expect("a link");
        std::os::unix::fs::symlink("nowhere", dir.path().join("Script-0003.sql")).expect("a link");
        std::fs::write(dir.path().join("Script-0001.sql"), "SELECT 1;").expect("written");
        std::fs::write(dir.path().join(".Script-0001.sql.swp"), "").expect("written");
        let scripts = Scripts::from_dir(dir.path()).expect("readable");
        assert_eq!(scripts.scripts().iter().map(|script| script.number().get()).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(codes(&scripts), ["unreadable"], "a link to nothing");
        assert_eq!(scripts.problems()[0].number().map(Number::get), Some(3), "it is not a gap");
    }

    #[test]
    fn a_file_in_place_of_the_folder_is_an_error() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        assert!(Scripts::from_dir(file.path()).is_err());
    }

    #[test]
    fn an_empty_script_is_a_script() {
        let scripts = Scripts::from_files([("Script-0001.sql", b"".as_slice()), ("a/b/Script-00002.sql", b"\r\n")]);
        let names = scripts.scripts().iter().map(|script| script.name()).collect::<Vec<_>>();
        assert_eq!((names, codes(&scripts)), (vec!["Script-0001.sql".into(), "Script-0002.sql".into()], Vec::new()));
    }

    #[test]
    fn one_number_in_two_spellings_is_a_duplicate() {
        let scripts = Scripts::from_files([("Script-0001.sql", b"".as_slice()), ("Script-00001.sql", b"")]);
        assert_eq!(codes(&scripts), ["duplicate"]);
        let baselines = Scripts::from_files([("Baseline.sql", b"".as_slice()), ("Baseline-0000.sql", b"")]);
        assert_eq!(codes(&baselines), ["duplicate"]);
    }

    #[test]
    fn only_a_folder_without_anything_like_a_script_is_empty() {
        let empty = |name: &'static str| Scripts::from_files([(name, b"".as_slice())]).is_empty();
        assert!(Scripts::default().is_empty() && empty("readme.md"));
        assert!(!empty("script-1.sql") && !empty("Baseline.sql"));
    }

    #[test]
    fn a_script_that_changes_while_it_is_due_is_an_error() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("Script-0001.sql");
        std::fs::write(&path, "SELECT 1;\n").expect("written");
        let scripts = Scripts::from_dir(dir.path()).expect("readable");
        assert!(scripts.scripts()[0].read().is_ok(), "from now on, the text is known");
        std::fs::write(&path, "SELECT 1;\r\n").expect("written");
        assert!(scripts.scripts()[0].read().is_ok(), "line ends are no change");
        std::fs::write(&path, "SELECT 2;\n").expect("written");
        let error = scripts.scripts()[0].read().expect_err("it changed");
        assert_eq!(error.to_string(), format!("{} changed while dbmigrate was running", path.display()));
        std::fs::remove_file(&path).expect("removed");
        assert!(scripts.scripts()[0].read().expect_err("it is gone").to_string().contains("cannot be read"));
    }

    #[test]
    fn a_long_script_is_read_to_its_end_when_somebody_asks() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("Script-0001.sql");
        let text = "-- Title\r\nSELECT 1;\n".repeat(100_000);
        let read = || Scripts::from_dir(dir.path()).expect("readable");
        let changed = |script: &Script| script.checksum().expect_err("it changed").to_string();

        std::fs::write(&path, &text).expect("written");
        let scripts = read();
        let script = &scripts.scripts()[0];
        assert_eq!((script.title(), script.is_read()), (Some("Title"), false));
        assert_eq!(script.checksum().expect("readable"), Checksum::of(&text));
        std::fs::write(&path, text.replace('1', "2")).expect("written");
        assert_eq!(script.checksum().expect("known"), Checksum::of(&text));
        assert!(script.read().is_err(), "the file has another text now");

        let scripts = read();
        let script = &scripts.scripts()[0];
        assert!(!script.is_read());
        std::fs::write(&path, "-- dbmigrate: no-transaction\n".to_owned() + &text).expect("written");
        assert_eq!(changed(script), format!("{} changed while dbmigrate was running", path.display()));

        std::fs::write(&path, [text.as_bytes(), b"\xff"].concat()).expect("written");
        let scripts = read();
        assert_eq!(codes(&scripts), [""; 0]);
        let problems = scripts.unreadable(|_| true);
        assert_eq!(problems.iter().map(FolderProblem::code).collect::<Vec<_>>(), ["undecodable"]);
        let place = format!("invalid UTF-8 at byte offset {}", text.len());
        assert!(problems[0].to_string().ends_with(&place), "{}", problems[0]);
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let error = Scripts::from_dir("no/such/folder").expect_err("there is none");
        assert!(
            error.to_string().starts_with("there is no folder /") && error.to_string().ends_with("no/such/folder"),
            "{error}"
        );
    }
}
