//! The files of a Git work tree, compared with its commit.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use dbmigrate_files::Checkout;

use super::{Repository, SqlFile};

/// A work tree, and what of it differs from its commit.
struct WorkTree {
    /// Its root, canonical.
    root: PathBuf,
    /// The commit's full hash.
    head: String,
    /// The files that the commit lacks or has with another text, relative to the root. Git names an ignored folder instead
    /// of the files in it.
    changed: Vec<PathBuf>,
}

impl WorkTree {
    /// Returns the work tree of a folder, and what differs in some folders of it. Those outside it are left out.
    fn of(dir: &Path, folders: BTreeSet<PathBuf>) -> Option<Self> {
        let repository = Repository::at(dir);
        let answer = repository.ask(&["rev-parse", "--show-toplevel", "HEAD"]).ok()?.ok()?;
        let (root, head) = answer.trim_end().rsplit_once('\n')?;
        let root = Path::new(root).canonicalize().ok()?;
        let folders = folders.into_iter().filter(|folder| folder.starts_with(&root));
        let status =
            ["status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--ignored=matching", "--"];
        let arguments = status.map(OsString::from).into_iter().chain(folders.map(PathBuf::into_os_string));
        let answer = repository.ask(&arguments.collect::<Vec<_>>()).ok()?.ok()?;
        let changed = answer.split('\0').filter_map(|line| line.get(3..)).map(PathBuf::from).collect();
        Some(Self { root, head: head.to_owned(), changed })
    }

    /// Returns what the journal records for a file: the commit, and whether the file differs from it.
    fn commit_of(&self, file: Option<&Path>) -> String {
        let below = file.and_then(|file| file.strip_prefix(&self.root).ok());
        let is_clean = below.is_some_and(|below| !self.changed.iter().any(|changed| below.starts_with(changed)));
        if is_clean { self.head.clone() } else { format!("{}-dirty", self.head) }
    }
}

/// Returns the commit of the work tree for each of these files, by name.
pub(super) fn commits(dir: &Path, files: &[&SqlFile]) -> Option<BTreeMap<String, String>> {
    let place = |file: &SqlFile| Some(file.path().parent()?.canonicalize().ok()?.join(file.path().file_name()?));
    let places = files.iter().map(|file| place(file)).collect::<Vec<_>>();
    let folders = places.iter().flatten().filter_map(|path| Some(path.parent()?.to_owned())).collect();
    let tree = WorkTree::of(dir, folders)?;
    Some(files.iter().zip(&places).map(|(file, place)| (file.name(), tree.commit_of(place.as_deref()))).collect())
}

/// Returns what the macro `embed!` needs to know about a folder's files.
pub(crate) fn checkout(dir: &Path) -> Option<Checkout> {
    let dir = dir.canonicalize().ok()?;
    let tree = WorkTree::of(&dir, BTreeSet::from([dir.clone()]))?;
    let below = |changed: &PathBuf| {
        let changed = tree.root.join(changed);
        let below = changed.strip_prefix(&dir).ok().or_else(|| dir.starts_with(&changed).then_some(Path::new("")))?;
        Some(below.to_string_lossy().replace('\\', "/"))
    };
    Some(Checkout { changed: tree.changed.iter().filter_map(below).collect(), head: tree.head })
}
