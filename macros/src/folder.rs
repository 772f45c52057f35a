//! Reads and checks the folder that is embedded.

use std::path::{Path, PathBuf};

use dbmigrate_files::{
    Checkout, Directive, FolderProblem, Found, GAP_HINT, Kind, Location, Number, POINTER, Role, Text, What, absent,
    comments, distinct, files_of, known_directives,
};

/// The files of a folder: baselines, scripts and object files.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) files: Vec<File>,
}

/// A file that is embedded.
#[derive(Debug)]
pub(crate) struct File {
    /// Its path as messages show it: relative to the crate.
    pub(crate) shown: String,
    /// Its whole path.
    pub(crate) watched: String,
    /// The name of an object file.
    pub(crate) object: Option<String>,
    pub(crate) bytes: Vec<u8>,
    /// The commit that it comes from.
    pub(crate) commit: Option<String>,
    path: PathBuf,
    numbered: Option<(Kind, Number)>,
}

impl Folder {
    /// Reads a folder of the crate at `root`. The error is everything that is wrong with it.
    pub(crate) fn read(root: &Path, folder: &str, objects: Option<&str>) -> Result<Self, String> {
        let dir = root.join(folder);
        for dir in [Some(dir.clone()), objects.map(|objects| root.join(objects))].into_iter().flatten() {
            std::fs::read_dir(&dir).map_err(|error| format!("the folder {} cannot be read: {error}", dir.display()))?;
        }
        let place = Place { root, folder, objects };
        let (mut files, mut problems) = (Vec::new(), Vec::new());
        for found in files_of(&dir, objects.map(|objects| root.join(objects)).as_deref()) {
            match place.open(found) {
                Ok(file) => files.extend(file),
                Err(problem) => problems.push(problem),
            }
        }
        let (files, used_twice) = in_order(files);
        problems.extend(used_twice);
        let mut said = problems.iter().map(said).collect::<Vec<_>>();
        said.extend(gaps(&files, &problems));
        if files.is_empty() && said.is_empty() {
            said.push(format!("no Baseline.sql and no Script-NNNN.sql in {folder}\n  add Script-0001.sql"));
        }
        if said.is_empty() {
            Ok(Self { files })
        } else {
            Err(format!("{folder} cannot be embedded:\n{}", said.join("\n")))
        }
    }
}

/// Returns a problem with its place and its remedy.
fn said(problem: &FolderProblem) -> String {
    let place = problem.location().map(|place| format!("{place}: ")).unwrap_or_default();
    format!("{place}{problem}\n  {}", problem.hint())
}

/// Where the files are.
struct Place<'a> {
    root: &'a Path,
    folder: &'a str,
    objects: Option<&'a str>,
}

impl Place<'_> {
    /// Reads a file and checks its text; `None` for one that is not run.
    fn open(&self, Found { path, what }: Found) -> Result<Option<File>, FolderProblem> {
        let (role, numbered, object) = match what {
            What::Script(Kind::Baseline, number) => (Role::Baseline, Some((Kind::Baseline, number)), None),
            What::Script(kind, number) => (Role::Script, Some((kind, number)), None),
            What::Object(name) => (Role::Object, None, Some(name)),
            What::Wrong(problem) => return Err(problem),
            What::Unrecognized => return Ok(None),
        };
        let unreadable = |reason: String| FolderProblem::Unreadable { path: path.clone(), reason };
        let bytes = std::fs::read(&path).map_err(|error| unreadable(error.to_string()))?;
        check(&path, &bytes, role)?;
        let watched = path.to_str().ok_or_else(|| unreadable("its path is not UTF-8".into()))?.to_owned();
        let shown = match (&object, self.objects) {
            (Some(name), Some(objects)) => format!("{objects}/{name}"),
            _ => path.strip_prefix(self.root).unwrap_or(&path).to_string_lossy().replace('\\', "/"),
        };
        let commit = self.commit(&path, object.as_deref());
        Ok(Some(File { shown, watched, object, bytes, commit, path, numbered }))
    }

    /// Returns the commit that the build script knows for a file.
    fn commit(&self, path: &Path, object: Option<&str>) -> Option<String> {
        let (folder, below) = match (self.objects, object) {
            (Some(objects), Some(name)) => (objects, name.to_owned()),
            _ => {
                (self.folder, path.strip_prefix(self.root.join(self.folder)).ok()?.to_string_lossy().replace('\\', "/"))
            }
        };
        let known = std::env::var(Checkout::variable(folder)).ok()?;
        Some(Checkout::parse(&known).commit_of(&below))
    }
}

/// Checks the text of a file.
fn check(path: &Path, bytes: &[u8], role: Role) -> Result<(), FolderProblem> {
    let text = Text::decode(bytes).map_err(|source| FolderProblem::Undecodable { path: path.into(), source })?;
    let text = text.as_str();
    if text.starts_with(POINTER) {
        return Err(FolderProblem::Pointer { path: path.into() });
    }
    for comment in comments(text) {
        if let Some(Directive::Unknown(name)) = Directive::of(&comment, role) {
            let (known, location) = (known_directives(role), Location::new(path, text, comment.span));
            return Err(FolderProblem::UnknownDirective { name: name.into(), known, location });
        }
    }
    Ok(())
}

/// Returns the baselines, the scripts and the object files, each in their order.
fn in_order(files: Vec<File>) -> (Vec<File>, Vec<FolderProblem>) {
    let (numbered, mut objects) = files.into_iter().partition::<Vec<_>, _>(|file| file.numbered.is_some());
    let is_baseline = |file: &File| matches!(file.numbered, Some((Kind::Baseline, _)));
    let (baselines, scripts) = numbered.into_iter().partition::<Vec<_>, _>(is_baseline);
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for list in [baselines, scripts] {
        let (kept, used_twice) = distinct(list, File::number, |file| &file.path);
        files.extend(kept);
        problems.extend(used_twice);
    }
    objects.sort_by(|one, other| one.object.cmp(&other.object));
    files.extend(objects);
    (files, problems)
}

impl File {
    /// The number of a script or a baseline.
    fn number(&self) -> Number {
        self.numbered.map_or(Number::BASELINE, |(_, number)| number)
    }
}

/// Says which numbers are missing after the newest baseline. A file that cannot be used is not missing.
fn gaps(files: &[File], problems: &[FolderProblem]) -> Vec<String> {
    let of_kind = |wanted: Kind| {
        files.iter().filter_map(|file| file.numbered).filter(move |(kind, _)| *kind == wanted).map(|(_, number)| number)
    };
    let from = of_kind(Kind::Baseline).max().map_or(Number::BASELINE, |number| number).next();
    let to = of_kind(Kind::Script).max().unwrap_or(Number::BASELINE);
    let known = of_kind(Kind::Script).chain(problems.iter().filter_map(FolderProblem::number));
    absent(from, to, known).iter().map(|gap| format!("{gap}\n  {GAP_HINT}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &[u8])]) -> Result<Folder, String> {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(root.path().join("migrations")).expect("a folder");
        for (name, bytes) in files {
            let path = root.path().join("migrations").join(name);
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
            std::fs::write(path, bytes).expect("written");
        }
        let shown = |error: String| error.replace(&format!("{}/", root.path().display()), "");
        Folder::read(root.path(), "migrations", None).map_err(shown)
    }

    #[test]
    fn files_are_in_the_order_of_an_upgrade() {
        let folder = read(&[
            ("Script-0002.sql", b"SELECT 2;"),
            ("old/Script-0001.sql", b"SELECT 1;"),
            ("Baseline.sql", b""),
            ("objects/views/b.sql", b"b"),
            ("objects/a.sql", b"a"),
            ("notes.sql", b"\xff"),
            (".hidden/Script-0009.sql", b""),
        ]);
        let folder = folder.expect("nothing is wrong");
        let files = folder.files.iter().map(|file| (file.shown.as_str(), file.object.as_deref()));
        assert_eq!(
            files.collect::<Vec<_>>(),
            [
                ("migrations/Baseline.sql", None),
                ("migrations/old/Script-0001.sql", None),
                ("migrations/Script-0002.sql", None),
                ("migrations/objects/a.sql", Some("a.sql")),
                ("migrations/objects/views/b.sql", Some("views/b.sql")),
            ]
        );
    }

    #[test]
    fn an_error_names_each_file_and_the_remedy() {
        for (files, error) in [
            (
                vec![("script-1.sql", b"".as_slice())],
                "migrations/script-1.sql looks like a script but is misnamed\n  \
                 a script is named like Script-0001.sql, without a description; rename or remove the file",
            ),
            (
                vec![("Script-0001.sql", b""), ("Script-0003.sql", b"")],
                "Script-0002.sql is missing, but higher numbers exist\n  numbers must have no gaps: restore the missing \
                 scripts or renumber those after the gap",
            ),
            (
                vec![("Script-0001.sql", b""), ("more/Script-00001.sql", b"")],
                "number 0001 is used more than once: migrations/Script-0001.sql, migrations/more/Script-00001.sql\n  \
                 renumber the one that is not applied anywhere yet",
            ),
            (
                vec![("Script-0001.sql", b"SELECT '\xe9';")],
                "migrations/Script-0001.sql is not text: invalid UTF-8 at byte offset 8\n  save it as UTF-8, or as UTF-16 \
                 with a byte order mark",
            ),
            (
                vec![("Script-0001.sql", b"version https://git-lfs.github.com/spec/v1\n")],
                "migrations/Script-0001.sql is a Git LFS pointer, not the script\n  fetch the files with git lfs pull, or \
                 keep scripts out of Git LFS",
            ),
            (
                vec![("Script-0001.sql", b"-- Index\n-- dbmigrate: no-transactions\n")],
                "migrations/Script-0001.sql:2:1: unknown directive \"no-transactions\"\n  the directives are: -- dbmigrate: \
                 no-transaction and -- dbmigrate: no-variables",
            ),
            (
                vec![("Script-0001.sql", b""), ("objects/Script-0002.sql", b"")],
                "migrations/objects/Script-0002.sql is named like a script but is among the objects\n  name it after what it \
                 creates, such as views/totals.sql; or, if it is a script, move it out of that folder",
            ),
            (vec![("notes.sql", b"")], "no Baseline.sql and no Script-NNNN.sql in migrations\n  add Script-0001.sql"),
        ] {
            let found = read(&files).expect_err("it is wrong");
            assert_eq!(found, format!("migrations cannot be embedded:\n{error}"));
        }
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let error = read(&[("Script-0001.sql", b"\xff"), ("script-2.sql", b""), ("Script-0004.sql", b"")]);
        let error = error.expect_err("it is wrong");
        assert_eq!(error.lines().filter(|line| !line.starts_with(' ')).count(), 4, "{error}");
        assert!(
            error.contains("Script-0003.sql is missing") && !error.contains("Script-0002.sql is missing"),
            "{error}"
        );
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let error = Folder::read(Path::new("/nowhere"), "migrations", None).expect_err("there is none");
        assert!(error.starts_with("the folder /nowhere/migrations cannot be read: "), "{error}");
    }
}
