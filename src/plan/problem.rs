//! The problems that prevent a plan: each kind with its message and its remedy.

use std::path::{Path, PathBuf};

use super::{Disagreement, HistoryViolation, Unimportable};
use crate::journal::{Timestamp, range};
use crate::script::{Checksum, FolderProblem, Kind, Location, Number, of_tool};
use crate::sql::FindingKind;

/// One thing that is wrong with the folder, with the journal or with a script that is due. Nothing is applied as long
/// as there is one. `Display` is the message, [`Problem::hint`] the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are what the variant's own line names")]
pub enum Problem {
    /// A file of the folder cannot be used.
    #[error(transparent)]
    Folder(FolderProblem),
    /// Numbers are missing.
    #[error("{}", dbmigrate_files::Gap { first: *first, last: *last })]
    Gap { first: Number, last: Number },
    /// There is neither a script nor a baseline.
    #[error("no Baseline.sql and no Script-NNNN.sql in {}{}", dir.display(), of_tool(": its files are named like those of", *tool))]
    Empty { dir: PathBuf, tool: Option<&'static str> },
    /// The text of an applied script has changed; `diff` if the journal has the text, otherwise `by` with who changed
    /// it.
    #[error("{} has changed since it was applied ({applied_at})", path.display())]
    Changed {
        path: PathBuf,
        applied: Checksum,
        on_disk: Checksum,
        applied_at: Timestamp,
        diff: Option<String>,
        by: Option<String>,
    },
    /// An applied script is not on disk, and no baseline covers it.
    #[error("{script} was applied ({applied_at}) but its file is missing")]
    Missing { script: String, applied_at: Timestamp },
    /// A pending script has a number below the highest applied one.
    #[error("{} is out of order: the database is already at {at}", path.display())]
    OutOfOrder { path: PathBuf, at: Number, free: Number },
    /// A script stopped in the middle, and it is unknown whether its statement `next` ran.
    #[error("{script} stopped in the middle{}", unfinished(*next, *statements))]
    Unfinished { script: String, next: usize, statements: usize, location: Option<Location> },
    /// A script stopped in the middle, and its file is missing.
    #[error("{script} stopped in the middle, and its file is missing")]
    UnfinishedMissing { script: String },
    /// The text of the part of a script that has already run has changed.
    #[error("{} has changed in its {} already applied", path.display(), first_statements(*done))]
    PrefixChanged { path: PathBuf, done: usize },
    /// A script cannot resume in a new session: its statement `used` needs what statement `made` left in the old one.
    #[error(
        "{script} cannot simply resume: statement {used} uses {what}, which statement {made} left in a session that has ended"
    )]
    SessionLost { script: String, next: usize, what: String, made: usize, used: usize, location: Location },
    /// `--resume-at` names no statement of the unfinished script, or no script is unfinished.
    #[error("there is no statement {at} of an unfinished script to resume at")]
    NothingToResume { at: usize },
    /// There is no journal, and the database is not empty.
    #[error("the database is not empty and has no journal")]
    NoJournal,
    /// The journal has no rows, and the database is not empty.
    #[error("the database is not empty, and its journal has no rows")]
    EmptyJournal,
    /// A newer baseline has replaced scripts that an older database lacks; `commit` is the last commit that has them.
    #[error("the database {}, but {} and replaced by {}", standing(*at), deleted(*first, *last), baseline.baseline_name())]
    BehindBaseline { at: Option<Number>, first: Number, last: Number, baseline: Number, commit: Option<String> },
    /// `--to` is below what is applied.
    #[error("the number {to} is below what is applied: the database is at {at}")]
    GoalBelow { to: Number, at: Number },
    /// `--to` is above what exists.
    #[error("the number {to} is above the highest script, which is {highest}")]
    GoalAbove { to: Number, highest: Number },
    /// `--to` is below the lowest baseline, for a new database.
    #[error("the number {to} is below {}, from which a new database starts", baseline.baseline_name())]
    GoalBelowBaseline { to: Number, baseline: Number },
    /// A script that another tool has recorded, or should have recorded, cannot be imported.
    #[error("{}", why.message(name))]
    Unimportable { name: String, why: Unimportable },
    /// The journal of another tool contradicts what `baseline` would record.
    #[error("{}", why.message(tool, table))]
    OldJournal { tool: &'static str, table: String, why: Disagreement },
    /// A rehearsal could not roll back what a script does.
    #[error("{} cannot be rehearsed: {why} cannot be rolled back", script.as_deref().unwrap_or("the first script"))]
    Lasting { script: Option<String>, why: String },
    /// A script breaks the rule that scripts of a commit that others have never change.
    #[error("{}", why.message(&path.to_string_lossy(), revision))]
    Since { path: PathBuf, kind: Kind, revision: String, why: HistoryViolation },
    /// An object file names another one that does not exist.
    #[error("there is no object file {name:?}")]
    ObjectUnknown { name: String, location: Location },
    /// Object files name each other as those that must be applied before them.
    #[error("object files wait for each other: {}", files.join(", "))]
    ObjectCycle { files: Vec<String> },
    /// An object that a file wants to drop first is needed by something that no file creates.
    #[error("{file} cannot drop its objects first: {}", needed(dependents))]
    ObjectNeeded { file: String, dependents: Vec<String> },
    /// Two object files create the same object.
    #[error("{first} and {second} both create {object}")]
    ObjectTwice { object: String, first: String, second: String, location: Location },
    /// A pending script contains something that must not or cannot run.
    #[error("{kind}")]
    Refused { kind: FindingKind, location: Location },
}

/// The hint for a changed script.
const CHANGED: &str = "an applied script never changes: undo the change (git checkout) and put it into a new script; \
                       if this is a new script with the same number, give it another number; \
                       if the change has no effect, accept it with `Migrator::repair`";

/// The hint for a database that has tables but no journal.
const NO_JOURNAL: &str = "if it matches the baseline, record that with `Migrator::baseline` (`BaselineOptions::to` N if scripts are \
                          applied as well; `BaselineOptions::import` if another tool applied them; `BaselineOptions::to` 0 to apply all scripts to it as it is); \
                          otherwise check the URL";

const EMPTY_JOURNAL: &str = "a script may have committed the first run's transaction, or the rows were deleted: find out \
                             what the database contains, then record it with `BaselineOptions::to` N, or start over \
                             with `Migrator::rebuild`";

impl Problem {
    /// Returns a word for programs: stable, lower case, with dashes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Folder(problem) => problem.code(),
            Self::Gap { .. } => "gap",
            Self::Empty { .. } => "empty",
            Self::Changed { .. } => "changed",
            Self::Missing { .. } => "missing",
            Self::OutOfOrder { .. } => "out-of-order",
            Self::Unfinished { .. } => "unfinished",
            Self::UnfinishedMissing { .. } => "unfinished-missing",
            Self::PrefixChanged { .. } => "prefix-changed",
            Self::SessionLost { .. } => "session-lost",
            Self::NothingToResume { .. } => "nothing-to-resume",
            Self::NoJournal => "no-journal",
            Self::EmptyJournal => "empty-journal",
            Self::BehindBaseline { .. } => "behind-baseline",
            Self::GoalBelow { .. } => "goal-below",
            Self::GoalAbove { .. } => "goal-above",
            Self::GoalBelowBaseline { .. } => "goal-below-baseline",
            Self::Unimportable { why, .. } => why.code(),
            Self::OldJournal { why, .. } => why.code(),
            Self::Lasting { .. } => "lasting",
            Self::Since { why, .. } => why.code(),
            Self::ObjectUnknown { .. } => "object-unknown",
            Self::ObjectCycle { .. } => "object-cycle",
            Self::ObjectNeeded { .. } => "object-needed",
            Self::ObjectTwice { .. } => "object-twice",
            Self::Refused { kind, .. } => kind.code(),
        }
    }

    /// Whether the request is wrong rather than the folder or the history.
    #[must_use]
    pub const fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::GoalBelow { .. }
                | Self::GoalAbove { .. }
                | Self::GoalBelowBaseline { .. }
                | Self::NothingToResume { .. }
        )
    }

    /// Whether another run in progress can look like this: the problem may be gone when that run has ended.
    pub(crate) const fn may_pass(&self) -> bool {
        matches!(self, Self::Unfinished { .. } | Self::SessionLost { .. } | Self::NoJournal | Self::EmptyJournal)
    }

    /// Returns where the problem is, if it is at one place in one file.
    #[must_use]
    pub const fn location(&self) -> Option<&Location> {
        match self {
            Self::Folder(problem) => problem.location(),
            Self::Refused { location, .. }
            | Self::SessionLost { location, .. }
            | Self::ObjectUnknown { location, .. }
            | Self::ObjectTwice { location, .. } => Some(location),
            Self::Unfinished { location, .. } => location.as_ref(),
            _ => None,
        }
    }

    /// Returns the file that the problem is about, if it is about one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Folder(problem) => problem.path(),
            Self::Changed { path, .. }
            | Self::OutOfOrder { path, .. }
            | Self::PrefixChanged { path, .. }
            | Self::Since { path, .. } => Some(path),
            _ => self.location().map(Location::path),
        }
    }

    /// Returns the difference between the old and the new text as a unified diff.
    #[must_use]
    pub fn diff(&self) -> Option<&str> {
        match self {
            Self::Changed { diff, .. } | Self::Since { why: HistoryViolation::Changed { diff }, .. } => diff.as_deref(),
            _ => None,
        }
    }

    /// Returns further facts about the problem, one per line.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        match self {
            Self::Changed { by: Some(by), .. } => vec![format!("changed by {by}")],
            _ => Vec::new(),
        }
    }

    /// Returns what to do about the problem.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Folder(problem) => problem.hint(),
            Self::Gap { .. } => dbmigrate_files::GAP_HINT.into(),
            Self::Empty { tool: Some(_), .. } => {
                "rename the files to Script-0001.sql, Script-0002.sql, ... in their order, and leave out what undoes \
                 them; `Migrator::baseline` records what a database already has"
                    .into()
            }
            Self::Empty { .. } => "add Script-0001.sql, or name the folder that has the scripts".into(),
            Self::Changed { .. } => CHANGED.into(),
            Self::Missing { .. } => {
                "restore it from source control: an applied script stays until a newer baseline replaces it".into()
            }
            Self::OutOfOrder { free, .. } if *free > Number::MAX => "there is no number after the highest".into(),
            Self::OutOfOrder { free, .. } => format!("renumber it to {}", free.script_name()),
            Self::Unfinished { next, .. } => format!(
                "make sure that no run is under way, inspect the database, then run `Migrator::upgrade` with `UpgradeOptions::resume_at` {next} \
                 to run that statement again, or `UpgradeOptions::resume_at` {} to continue after it",
                next + 1
            ),
            Self::UnfinishedMissing { .. } => {
                "restore it from source control so that `Migrator::upgrade` can resume it".into()
            }
            Self::PrefixChanged { .. } => "undo the change to that part; what follows it may be changed".into(),
            Self::SessionLost { next, .. } => format!(
                "change the rest so that it does not need this, or, if it is right as it is, run `Migrator::upgrade` with `UpgradeOptions::resume_at` {next}"
            ),
            Self::NothingToResume { .. } => "leave `UpgradeOptions::resume_at` out".into(),
            Self::NoJournal => NO_JOURNAL.into(),
            Self::EmptyJournal => EMPTY_JOURNAL.into(),
            Self::Unimportable { why, .. } => why.hint(),
            Self::OldJournal { tool, table, why } => why.hint(tool, table),
            Self::Lasting { .. } => {
                "upgrade a copy of the database instead, or rehearse `UpgradeOptions::to` a script before it".into()
            }
            Self::Since { path, kind, revision, why } => why.hint(&path.to_string_lossy(), *kind, revision),
            Self::ObjectUnknown { .. } => {
                "name a file by its path in the folder of objects, such as views/base.sql".into()
            }
            Self::ObjectCycle { .. } => "remove one of their lines -- dbmigrate: after".into(),
            Self::ObjectNeeded { .. } => {
                "make object files of what depends on them; or drop it in a script (DROP ... IF EXISTS) if it is not needed".into()
            }
            Self::ObjectTwice { .. } => "keep it in one of the files".into(),
            Self::Refused { kind, .. } => kind.hint(),
            goal => goal.goal_hint(),
        }
    }

    /// Returns the hint for a problem with the goal.
    fn goal_hint(&self) -> String {
        match self {
            Self::BehindBaseline { commit: Some(commit), .. } => {
                format!(
                    "upgrade it first with the scripts of commit {commit}, the last one that had them: `Repository::scripts` at {commit}"
                )
            }
            Self::BehindBaseline { last, .. } => {
                format!("upgrade it first from a checkout that still has the scripts up to {last}")
            }
            Self::GoalBelow { .. } => "scripts only go up: pass a number that is not below it".into(),
            Self::GoalAbove { .. } => "check out the commit that has it, or leave `UpgradeOptions::to` out".into(),
            Self::GoalBelowBaseline { .. } => "pass a number at or above the baseline's".into(),
            _ => String::new(),
        }
    }
}

impl<E: Into<FolderProblem>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::Folder(error.into())
    }
}

/// Names what would be lost.
fn needed(dependents: &[String]) -> String {
    const NAMED: usize = 5;
    let named = dependents.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match dependents.len() {
        1 => format!("{named} would be dropped, too, and no object file creates it"),
        count if count <= NAMED => format!("{named} would be dropped, too, and no object file creates them"),
        count => format!("{named} and {} more would be dropped, too, and no object file creates them", count - NAMED),
    }
}

/// Completes `in its ... already applied`.
fn first_statements(done: usize) -> String {
    match done {
        1 => "first statement, which is".into(),
        done => format!("first {done} statements, which are"),
    }
}

fn unfinished(next: usize, statements: usize) -> String {
    if next > statements {
        return ", and it no longer contains the statement that was running".into();
    }
    format!(": it is unknown whether statement {next} of {statements} ran")
}

fn standing(at: Option<Number>) -> String {
    at.map_or_else(|| "has no applied scripts".into(), |at| format!("is at {at}"))
}

fn deleted(first: Number, last: Number) -> String {
    if first == last {
        format!("{} was deleted", first.script_name())
    } else {
        format!("the scripts {} were deleted", range(&(first..=last)))
    }
}
