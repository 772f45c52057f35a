//! The first rule: a script that others have never changes. What later scripts owe to those of a commit.

use super::Problem;
use crate::script::{FolderProblem, GitError, Kind, Number, Repository, Script, Scripts};

/// The scripts of a commit that others have: what is there must stay as it is.
///
/// ```no_run
/// use dbmigrate::{Repository, Scripts};
///
/// let since = Repository::of("migrations")?.since("origin/main", "HEAD")?;
/// for problem in since.offences(&Scripts::from_dir("migrations")?) {
///     println!("{problem}: {}", problem.hint());
/// }
/// # Ok::<(), dbmigrate::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Since {
    pub(crate) revision: String,
    pub(crate) scripts: Scripts,
    /// Those of the commit from which both have come apart, where that is another one.
    pub(crate) base: Option<Scripts>,
}

/// What is against the first rule.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Offence {
    /// The commit has the script with another text.
    Changed {
        /// The difference, where the texts are not very long.
        diff: Option<String>,
    },
    /// The commit has a script of the same number that came from somebody else at the same time.
    Collided {
        /// The number to take instead.
        free: Number,
    },
    /// It is not among the commit's scripts, and its number is not behind theirs.
    Below {
        /// The commit's highest number.
        highest: Number,
        /// The number to take instead.
        free: Number,
    },
    /// The commit has the script, and it is not here any more.
    Removed,
    /// The commit has got the script since both have come apart.
    NotMerged,
}

impl Repository {
    /// What the scripts of a revision demand of those that come after it, up to `head`, which may not be committed yet.
    ///
    /// # Errors
    ///
    /// When there is no such revision. One that lacks the folder demands nothing.
    pub fn since(&self, revision: &str, head: &str) -> Result<Since, GitError> {
        let scripts = |revision: &str| match self.scripts(revision) {
            Err(GitError::NoFolder { .. }) => Ok(Scripts::default()),
            scripts => scripts,
        };
        let theirs = scripts(revision)?;
        // before the first commit, and in a shallow clone, it is unknown
        let base = self.merge_base(revision, head).ok().map(|base| scripts(&base)).transpose()?;
        Ok(Since { revision: revision.into(), scripts: theirs, base })
    }
}

impl Since {
    /// The revision, as it was named.
    #[must_use]
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// The scripts of the revision.
    #[must_use]
    pub const fn scripts(&self) -> &Scripts {
        &self.scripts
    }

    /// Everything about these scripts that is against the rule.
    #[must_use]
    pub fn offences(&self, scripts: &Scripts) -> Vec<Problem> {
        let moves = self.moves(scripts);
        let theirs = self.scripts.all().filter_map(|theirs| self.kept(theirs, scripts, &moves));
        let ours = scripts.all().filter_map(|ours| self.added(ours, &moves));
        theirs.chain(ours).chain(self.unknown()).collect()
    }

    /// Files of the revision, and of the commit from which both have come apart, that are there and whose scripts are not
    /// known: nothing can be said of their numbers.
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

    /// The scripts that only we have, and the numbers that put them behind those of the commit, in the same order. Those
    /// whose number stays are left out.
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

    /// Nobody else has it, nor has had it: its number is free there, or was taken by somebody else since both have come
    /// apart. What they have deleted, under a newer baseline, is not ours.
    fn is_ours(&self, script: &Script) -> bool {
        match (self.scripts.script(script.kind(), script.number()), &self.base) {
            (None, Some(base)) => base.script(script.kind(), script.number()).is_none(),
            (None, None) => Some(script.number()) > self.scripts.baselines().last().map(Script::number),
            (Some(theirs), _) => self.is_new(theirs) && !same(theirs, script),
        }
    }

    /// It is in the commit and was not where both have come apart.
    fn is_new(&self, theirs: &Script) -> bool {
        self.base.as_ref().is_some_and(|base| base.script(theirs.kind(), theirs.number()).is_none())
    }

    /// What became of one of the commit's scripts.
    fn kept(&self, theirs: &Script, scripts: &Scripts, moves: &[(&Script, Number)]) -> Option<Problem> {
        let broken = || scripts.problems().iter().any(|problem| problem.number() == Some(theirs.number()));
        let Some(ours) = scripts.script(theirs.kind(), theirs.number()) else {
            let covered = scripts.baselines().last().map(Script::number);
            let is_covered =
                covered > self.scripts.baselines().last().map(Script::number) && Some(theirs.number()) <= covered;
            let why = if self.is_new(theirs) { Offence::NotMerged } else { Offence::Removed };
            return (!is_covered && !broken()).then(|| self.problem(theirs, why));
        };
        if same(theirs, ours) {
            return None;
        }
        let free = moves.iter().find(|(script, _)| script.path() == ours.path()).map(|(_, free)| *free);
        let why = match free.filter(|_| self.is_new(theirs)) {
            Some(free) => Offence::Collided { free },
            None => Offence::Changed { diff: difference(theirs, ours, &self.revision) },
        };
        Some(self.problem(ours, why))
    }

    /// What is wrong with a script that the commit lacks.
    fn added(&self, ours: &Script, moves: &[(&Script, Number)]) -> Option<Problem> {
        let highest = self.scripts.highest()?;
        if self.scripts.script(ours.kind(), ours.number()).is_some() {
            return None;
        }
        if ours.kind() == Kind::Baseline {
            // a newer baseline may hold whatever there is
            let newest = self.scripts.baselines().last().map(Script::number);
            let free = highest.next();
            return (newest.is_some() && Some(ours.number()) <= newest)
                .then(|| self.problem(ours, Offence::Below { highest, free }));
        }
        let (_, free) = moves.iter().find(|(script, _)| script.path() == ours.path())?;
        (ours.number() <= highest).then(|| self.problem(ours, Offence::Below { highest, free: *free }))
    }

    fn problem(&self, script: &Script, why: Offence) -> Problem {
        let (path, revision) = (script.path().into(), self.revision.clone());
        Problem::Since { path, kind: script.kind(), revision, why }
    }
}

fn same(one: &Script, other: &Script) -> bool {
    // what cannot be read is a problem of its own
    let (one, other) = (one.checksum(), other.checksum());
    one.is_err() || other.is_err() || one.ok() == other.ok()
}

/// Longer texts are not compared line by line.
const LONG: u64 = 1024 * 1024;

fn difference(theirs: &Script, ours: &Script, revision: &str) -> Option<String> {
    if theirs.bytes().max(ours.bytes()) > LONG {
        return None;
    }
    let (theirs, ours) = (theirs.read().ok()?, ours.read().ok()?);
    Some(super::difference((revision, &theirs.canonical()), ("here", &ours.canonical())))
}

impl Offence {
    /// A word for programs: stable, lower case, with dashes.
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
            Self::Changed { .. } => format!(
                "take it back (git checkout {revision} -- {path}) and put the change into a new script (dbmigrate new)"
            ),
            Self::Below { highest, .. } if kind == Kind::Baseline => {
                format!("a new baseline holds what there is through {highest}: name it {}", highest.baseline_name())
            }
            Self::Collided { free } | Self::Below { free, .. } => {
                format!("renumber it to {}: dbmigrate renumber --since {revision}", free.script_name())
            }
            Self::Removed => {
                let path = path.split_once(':').map_or(path, |(_, path)| path.trim_start_matches("./"));
                format!(
                    "bring it back (git checkout {revision} -- :/{path}): scripts go only under a newer Baseline-NNNN.sql"
                )
            }
            Self::NotMerged => format!("bring it here: git merge {revision}, or git rebase {revision}"),
        }
    }

    pub(super) fn message(&self, path: &str, revision: &str) -> String {
        match self {
            Self::Changed { .. } => {
                format!("{path} is not as {revision} has it: a script that others have never changes")
            }
            Self::Collided { .. } => {
                format!("{path} is another script than that of {revision}, with the same number")
            }
            Self::Below { highest, .. } => {
                format!("{path} is new, and its number is not behind {highest}, the highest of {revision}")
            }
            Self::Removed => format!("{path} is not here any more"),
            Self::NotMerged => format!("{path} is not here yet"),
        }
    }
}
