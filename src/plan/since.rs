//! The first rule: once others have a script, it never changes. Checks scripts against those of a commit.

use super::Problem;
use crate::script::{FolderProblem, GitError, Kind, Number, Repository, Script, Scripts};

/// The scripts of a commit that others have: they must stay as they are.
///
/// ```no_run
/// use dbmigrate::{Repository, Scripts};
///
/// let since = Repository::of("migrations")?.since("origin/main", "HEAD")?;
/// for problem in since.violations(&Scripts::from_dir("migrations")?) {
///     println!("{problem}: {}", problem.hint());
/// }
/// # Ok::<(), dbmigrate::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Since {
    pub(crate) revision: String,
    pub(crate) scripts: Scripts,
    /// The scripts of the merge base, if it is known.
    pub(crate) base: Option<Scripts>,
}

/// How a script breaks the first rule.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HistoryViolation {
    /// The commit has the script with a different text.
    Changed {
        /// The difference, unless the texts are very long.
        diff: Option<String>,
    },
    /// The commit has another script with the same number, which was added there since the merge base.
    Collided {
        /// The number to take instead.
        free: Number,
    },
    /// The commit does not have the script, and its number is not above the commit's highest.
    Below {
        /// The commit's highest number.
        highest: Number,
        /// The number to take instead.
        free: Number,
    },
    /// The commit has the script, but it is missing here.
    Removed,
    /// The script was added to the commit's branch since the merge base and is not here yet.
    NotMerged,
}

impl Repository {
    /// Returns the scripts of a revision, against which the scripts of `head`, committed or not, are checked.
    ///
    /// # Errors
    ///
    /// If there is no such revision. A revision without the folder has no scripts.
    pub fn since(&self, revision: &str, head: &str) -> Result<Since, GitError> {
        let scripts = |revision: &str| match self.scripts(revision) {
            Err(GitError::NoFolder { .. }) => Ok(Scripts::default()),
            scripts => scripts,
        };
        let theirs = scripts(revision)?;
        // before the first commit, and in a shallow clone, the merge base is unknown
        let base = self.merge_base(revision, head).ok().map(|base| scripts(&base)).transpose()?;
        Ok(Since { revision: revision.into(), scripts: theirs, base })
    }
}

impl Since {
    /// Returns the revision as the caller named it.
    #[must_use]
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// Returns the scripts of the revision.
    #[must_use]
    pub const fn scripts(&self) -> &Scripts {
        &self.scripts
    }

    /// Returns every way in which these scripts break the rule.
    #[must_use]
    pub fn violations(&self, scripts: &Scripts) -> Vec<Problem> {
        let moves = self.moves(scripts);
        let theirs = self.scripts.all().filter_map(|theirs| self.kept(theirs, scripts, &moves));
        let ours = scripts.all().filter_map(|ours| self.added(ours, &moves));
        theirs.chain(ours).chain(self.unknown()).collect()
    }

    /// Returns the files of the revision and of the merge base whose scripts could not be read: nothing is known about
    /// their numbers.
    #[must_use]
    pub fn unknown(&self) -> Vec<Problem> {
        let hides = |problem: &&FolderProblem| {
            matches!(problem, FolderProblem::NotInCommit { .. })
                || problem.number().is_some() && !matches!(problem, FolderProblem::Misnamed { .. })
        };
        let of = |scripts: &Scripts| {
            let unreadable = scripts.unreadable(|_| true);
            scripts.problems().iter().filter(hides).cloned().chain(unreadable).collect::<Vec<_>>()
        };
        let unknown = of(&self.scripts);
        let base = self.base.iter().flat_map(of);
        let other = |problem: &FolderProblem| !unknown.iter().any(|known| known.number() == problem.number());
        let others = base.filter(other).collect::<Vec<_>>();
        unknown.into_iter().chain(others).map(Problem::from).collect()
    }

    /// Returns the scripts that the commit does not have, with numbers that follow the commit's highest, in the same
    /// order. Scripts that keep their number are left out.
    #[must_use]
    pub fn moves<'a>(&self, scripts: &'a Scripts) -> Vec<(&'a Script, Number)> {
        let ours = scripts.scripts().iter().filter(|script| self.is_ours(script)).collect::<Vec<_>>();
        let Some(highest) = self.scripts.highest().filter(|highest| ours.iter().any(|own| own.number() <= *highest))
        else {
            return Vec::new();
        };
        let free = std::iter::successors(Some(highest.next()), |number| Some(number.next()));
        ours.into_iter().zip(free).filter(|(script, free)| script.number() != *free).collect()
    }

    /// Whether only this branch has the script: its number is free in the commit, or another script took it there since
    /// the merge base. A script that the commit deleted after a newer baseline replaced it does not count.
    fn is_ours(&self, script: &Script) -> bool {
        match (self.scripts.script(script.kind(), script.number()), &self.base) {
            (None, Some(base)) => base.script(script.kind(), script.number()).is_none(),
            (None, None) => Some(script.number()) > self.scripts.baselines().last().map(Script::number),
            (Some(theirs), _) => self.is_new(theirs) && !same(theirs, script),
        }
    }

    /// Whether the script was added to the commit since the merge base.
    fn is_new(&self, theirs: &Script) -> bool {
        self.base.as_ref().is_some_and(|base| base.script(theirs.kind(), theirs.number()).is_none())
    }

    /// Checks one of the commit's scripts.
    fn kept(&self, theirs: &Script, scripts: &Scripts, moves: &[(&Script, Number)]) -> Option<Problem> {
        let broken = || scripts.problems().iter().any(|problem| problem.number() == Some(theirs.number()));
        let Some(ours) = scripts.script(theirs.kind(), theirs.number()) else {
            let covered = scripts.baselines().last().map(Script::number);
            let is_covered =
                covered > self.scripts.baselines().last().map(Script::number) && Some(theirs.number()) <= covered;
            let why = if self.is_new(theirs) { HistoryViolation::NotMerged } else { HistoryViolation::Removed };
            return (!is_covered && !broken()).then(|| self.problem(theirs, why));
        };
        if same(theirs, ours) {
            return None;
        }
        let free = moves.iter().find(|(script, _)| script.path() == ours.path()).map(|(_, free)| *free);
        let why = match free.filter(|_| self.is_new(theirs)) {
            Some(free) => HistoryViolation::Collided { free },
            None => HistoryViolation::Changed { diff: difference(theirs, ours, &self.revision) },
        };
        Some(self.problem(ours, why))
    }

    /// Checks a script that the commit lacks.
    fn added(&self, ours: &Script, moves: &[(&Script, Number)]) -> Option<Problem> {
        let highest = self.scripts.highest()?;
        if self.scripts.script(ours.kind(), ours.number()).is_some() {
            return None;
        }
        if ours.kind() == Kind::Baseline {
            // a baseline above the newest one may contain scripts that others have
            let newest = self.scripts.baselines().last().map(Script::number);
            let free = highest.next();
            return (newest.is_some() && Some(ours.number()) <= newest)
                .then(|| self.problem(ours, HistoryViolation::Below { highest, free }));
        }
        let (_, free) = moves.iter().find(|(script, _)| script.path() == ours.path())?;
        (ours.number() <= highest).then(|| self.problem(ours, HistoryViolation::Below { highest, free: *free }))
    }

    fn problem(&self, script: &Script, why: HistoryViolation) -> Problem {
        let (path, revision) = (script.path().into(), self.revision.clone());
        Problem::Since { path, kind: script.kind(), revision, why }
    }
}

fn same(one: &Script, other: &Script) -> bool {
    // a file that cannot be read is a problem of its own
    let (one, other) = (one.checksum(), other.checksum());
    one.is_err() || other.is_err() || one.ok() == other.ok()
}

/// The length in bytes above which texts are not compared line by line.
const LONG: u64 = 1024 * 1024;

fn difference(theirs: &Script, ours: &Script, revision: &str) -> Option<String> {
    if theirs.bytes().max(ours.bytes()) > LONG {
        return None;
    }
    let (theirs, ours) = (theirs.read().ok()?, ours.read().ok()?);
    Some(crate::diff::unified((revision, &theirs.canonical()), ("here", &ours.canonical())))
}

impl HistoryViolation {
    /// Returns a word for programs: stable, lower case, with dashes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Changed { .. } => "since-changed",
            Self::Collided { .. } => "since-collided",
            Self::Below { .. } => "since-below",
            Self::Removed => "since-removed",
            Self::NotMerged => "since-not-merged",
        }
    }

    pub(super) fn hint(&self, path: &str, kind: Kind, revision: &str) -> String {
        match self {
            Self::Changed { .. } => {
                format!("undo the change (git checkout {revision} -- {path}) and put it into a new script")
            }
            Self::Below { highest, .. } if kind == Kind::Baseline => {
                format!("a new baseline contains everything through {highest}: name it {}", highest.baseline_name())
            }
            Self::Collided { free } | Self::Below { free, .. } => {
                format!("renumber it to {}", free.script_name())
            }
            Self::Removed => {
                let path = path.split_once(':').map_or(path, |(_, path)| path.trim_start_matches("./"));
                format!(
                    "restore it (git checkout {revision} -- :/{path}): only a newer Baseline-NNNN.sql may replace scripts"
                )
            }
            Self::NotMerged => format!("get it with git merge {revision} or git rebase {revision}"),
        }
    }

    pub(super) fn message(&self, path: &str, revision: &str) -> String {
        match self {
            Self::Changed { .. } => {
                format!("{path} differs from {revision}: once others have a script, it never changes")
            }
            Self::Collided { .. } => format!("{path} has the same number as another script in {revision}"),
            Self::Below { highest, .. } => {
                format!("{path} is new, and its number is not above {highest}, the highest of {revision}")
            }
            Self::Removed => format!("{path} is missing here"),
            Self::NotMerged => format!("{path} is not here yet"),
        }
    }
}
