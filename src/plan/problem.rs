//! What keeps a plan from being made: every kind of problem, its message and its remedy.

use std::path::{Path, PathBuf};

use super::{Disagreement, Offence, Unimportable};
use crate::journal::range;
use crate::script::{Checksum, FolderProblem, Kind, Location, Number, of_tool};
use crate::sql::FindingKind;

/// One thing that is wrong with the folder, with the journal or with a script that is due. Nothing is applied while
/// there is one. `Display` is the message, [`Problem::hint`] the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are what the variant's own line names")]
pub enum Problem {
    /// A file of the folder cannot be used.
    #[error(transparent)]
    Folder(FolderProblem),
    /// Numbers are not there.
    #[error("{} not there, but higher numbers are", missing(*first, *last))]
    Gap { first: Number, last: Number },
    /// There is neither a script nor a baseline.
    #[error("no Baseline.sql and no Script-NNNN.sql in {}{}", dir.display(), of_tool(": its files are named as those of", *tool))]
    Empty { dir: PathBuf, tool: Option<&'static str> },
    /// An applied script has another text now; the difference where the journal has the text, else who changed it.
    #[error("{} has changed since it was applied ({applied_at})", path.display())]
    Changed {
        path: PathBuf,
        applied: Checksum,
        on_disk: Checksum,
        applied_at: String,
        diff: Option<String>,
        by: Option<String>,
    },
    /// An applied script is not on disk, and no baseline covers it.
    #[error("{script} was applied ({applied_at}) but is not there any more")]
    Missing { script: String, applied_at: String },
    /// A pending script has a number below the highest applied one.
    #[error("{} is out of order: the database is already at {at}", path.display())]
    OutOfOrder { path: PathBuf, at: Number, free: Number },
    /// A script stopped in the middle, and it is unknown whether its statement `next` ran.
    #[error("{script} stopped in the middle{}", unfinished(*next, *statements))]
    Unfinished { script: String, next: usize, statements: usize, location: Option<Location> },
    /// A script stopped in the middle and is not on disk.
    #[error("{script} stopped in the middle and is not there any more")]
    UnfinishedMissing { script: String },
    /// The part of a script that ran already has another text now.
    #[error("{} has changed in its {} applied already", path.display(), first_statements(*done))]
    PrefixChanged { path: PathBuf, done: usize },
    /// A script cannot go on in a new session: its statement `used` needs what statement `made` left in the old one.
    #[error(
        "{script} cannot just go on: statement {used} uses {what}, which statement {made} left in a session that has ended"
    )]
    SessionLost { script: String, next: usize, what: String, made: usize, used: usize, location: Location },
    /// `--resume-at` names no statement of the unfinished script, or there is none.
    #[error("there is no statement {at} of an unfinished script to resume at")]
    NothingToResume { at: usize },
    /// There is no journal, and the database is not empty.
    #[error("the database is not empty and has no journal")]
    NoJournal,
    /// The journal has no row, and the database is not empty.
    #[error("the database is not empty, and its journal has no row")]
    EmptyJournal,
    /// The scripts that an older database lacks were deleted under a newer baseline; the commit that had them last.
    #[error("the database {}, but {} under {}", standing(*at), deleted(*first, *last), baseline.baseline_name())]
    BehindBaseline { at: Option<Number>, first: Number, last: Number, baseline: Number, commit: Option<String> },
    /// `--to` is below what is applied.
    #[error("--to {to} is below what is applied: the database is at {at}")]
    GoalBelow { to: Number, at: Number },
    /// `--to` is above what exists.
    #[error("--to {to} is above the highest script, which is {highest}")]
    GoalAbove { to: Number, highest: Number },
    /// `--to` is below the lowest baseline, for a new database.
    #[error("--to {to} is below {}, from which a new database starts", baseline.baseline_name())]
    GoalBelowBaseline { to: Number, baseline: Number },
    /// A script that another tool has recorded, or should have, cannot be taken over.
    #[error("{}", why.message(name))]
    Unimportable { name: String, why: Unimportable },
    /// The journal of another tool does not agree with what is to be recorded.
    #[error("{}", why.message(tool, table))]
    OldJournal { tool: &'static str, table: String, why: Disagreement },
    /// A rehearsal could not take back what a script does.
    #[error("{} cannot be rehearsed: {why} cannot be rolled back", script.as_deref().unwrap_or("the first script"))]
    Lasting { script: Option<String>, why: String },
    /// A script is against the rule that what others have in a commit never changes.
    #[error("{}", why.message(&path.to_string_lossy(), revision))]
    Since { path: PathBuf, kind: Kind, revision: String, why: Offence },
    /// A pending script holds something that must not or cannot run.
    #[error("{kind}")]
    Refused { kind: FindingKind, location: Location },
}

/// What to do about a changed script.
const CHANGED: &str = "an applied script never changes: take the change back (git checkout) and put it into a new script; \
                       a new script that has taken its number needs another one; \
                       a change without an effect is accepted by dbmigrate repair";

/// What to do about a database that has tables, but no journal.
const NO_JOURNAL: &str = "if it is at the state of the baseline, record that: dbmigrate baseline (--to N when scripts are \
                          applied, too; --import dbup when DbUp applied them; --to 0 when all scripts are to be applied to it \
                          as it is); otherwise check the URL";

const EMPTY_JOURNAL: &str = "a script may have committed the first run's transaction, or the rows were deleted: find out what is \
                             there, then record it with dbmigrate baseline --to N, or start over with dbmigrate rebuild";

impl Problem {
    /// A word for programs: stable, lower case, with dashes.
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
            Self::Refused { kind, .. } => kind.code(),
        }
    }

    /// It is the request that is wrong, not the folder or the history.
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

    /// Another run that is under way can look like this: it may be gone when that run has ended.
    pub(crate) const fn may_pass(&self) -> bool {
        matches!(self, Self::Unfinished { .. } | Self::SessionLost { .. } | Self::NoJournal | Self::EmptyJournal)
    }

    /// Where it is, when it is at one place of one file.
    #[must_use]
    pub const fn location(&self) -> Option<&Location> {
        match self {
            Self::Folder(problem) => problem.location(),
            Self::Refused { location, .. } | Self::SessionLost { location, .. } => Some(location),
            Self::Unfinished { location, .. } => location.as_ref(),
            _ => None,
        }
    }

    /// The file that it is about, where it is one.
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

    /// What was there before against what is there now, as a unified diff.
    #[must_use]
    pub fn diff(&self) -> Option<&str> {
        match self {
            Self::Changed { diff, .. } | Self::Since { why: Offence::Changed { diff }, .. } => diff.as_deref(),
            _ => None,
        }
    }

    /// What else is known about it, a line each.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        match self {
            Self::Changed { by: Some(by), .. } => vec![format!("changed by {by}")],
            _ => Vec::new(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Folder(problem) => problem.hint(),
            Self::Gap { .. } => "numbers have no gaps: bring the scripts back or renumber those behind".into(),
            Self::Empty { tool: Some(_), .. } => {
                "rename the files to Script-0001.sql, Script-0002.sql, ... in their order, without what undoes them; \
                 dbmigrate baseline records what a database has already"
                    .into()
            }
            Self::Empty { .. } => {
                "dbmigrate new writes the first script, dbmigrate init a whole project; or name the folder with --dir"
                    .into()
            }
            Self::Changed { .. } => CHANGED.into(),
            Self::Missing { .. } => {
                "bring it back from source control: an applied script stays until a newer baseline holds it".into()
            }
            Self::OutOfOrder { free, .. } if *free > Number::MAX => "there is no number behind the highest".into(),
            Self::OutOfOrder { free, .. } => format!("renumber it to {}", free.script_name()),
            Self::Unfinished { next, .. } => format!(
                "make sure that no run is under way, look into the database, then run upgrade --resume-at {next} \
                 to run that statement again, or --resume-at {} to go on behind it",
                next + 1
            ),
            Self::UnfinishedMissing { .. } => "bring it back from source control, so that it can go on".into(),
            Self::PrefixChanged { .. } => {
                "take the change to that part back; what stands behind it may be changed".into()
            }
            Self::SessionLost { next, .. } => format!(
                "change the rest so that it does without, or, when it is right as it is, run upgrade --resume-at {next}"
            ),
            Self::NothingToResume { .. } => "leave --resume-at out".into(),
            Self::NoJournal => NO_JOURNAL.into(),
            Self::EmptyJournal => EMPTY_JOURNAL.into(),
            Self::Unimportable { why, .. } => why.hint(),
            Self::OldJournal { tool, table, why } => why.hint(tool, table),
            Self::Lasting { .. } => {
                "rehearse it on a copy of the database, by an upgrade of that; or go --to a script before it".into()
            }
            Self::Since { path, kind, revision, why } => why.hint(&path.to_string_lossy(), *kind, revision),
            Self::Refused { kind, .. } => kind.hint(),
            goal => goal.goal_hint(),
        }
    }

    /// What to do about what keeps a database from a goal.
    fn goal_hint(&self) -> String {
        match self {
            Self::BehindBaseline { commit: Some(commit), .. } => {
                format!(
                    "upgrade it first with the scripts of commit {commit}, the last that had them: dbmigrate upgrade --at {commit}"
                )
            }
            Self::BehindBaseline { last, .. } => {
                format!("upgrade it first from a checkout that still has the scripts up to {last}")
            }
            Self::GoalBelow { .. } => "scripts only go up: name a number that is not below it".into(),
            Self::GoalAbove { .. } => "check out the commit that has it, or leave --to out".into(),
            Self::GoalBelowBaseline { .. } => "name a number at or above the baseline's".into(),
            _ => String::new(),
        }
    }
}

impl<E: Into<FolderProblem>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::Folder(error.into())
    }
}

/// In its first statement, in its first statements.
fn first_statements(done: usize) -> String {
    match done {
        1 => "first statement, which is".into(),
        done => format!("first {done} statements, which are"),
    }
}

fn unfinished(next: usize, statements: usize) -> String {
    if next > statements {
        return ", and the statement that was under way is not in it any more".into();
    }
    format!(": it is unknown whether statement {next} of {statements} ran")
}

fn standing(at: Option<Number>) -> String {
    at.map_or_else(|| "has no applied scripts".into(), |at| format!("is at {at}"))
}

fn missing(first: Number, last: Number) -> String {
    if first == last {
        format!("{} is", first.script_name())
    } else {
        format!("scripts {} are", range(&(first..=last)))
    }
}

fn deleted(first: Number, last: Number) -> String {
    if first == last {
        format!("{} was deleted", first.script_name())
    } else {
        format!("the scripts {} were deleted", range(&(first..=last)))
    }
}
