//! The actions of a schedule.

use std::collections::BTreeMap;

use crate::import::ForeignOrigin;
use crate::journal::{Clock, Progress, State};
use crate::script::{Hasher, Number};
use crate::sql::{Mode, Statement};

/// One thing that a run does.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    /// Creates the journal's table.
    CreateJournal,
    /// Sends a statement of a script that only takes effect before the transaction.
    Prepare(String),
    /// Begins the transaction of the run.
    Begin,
    /// Begins the transaction of a group within a stretch that has no transaction of its own.
    BeginGroup,
    /// Commits that transaction if it is still the same.
    CommitGroup,
    /// Opens this script: the following actions belong to it.
    Open(usize),
    /// Repeats a setting that an earlier run made in its session.
    Repeat(Statement, String),
    /// Runs a statement of the script.
    Run(Box<Run>),
    /// Begins the transaction of a unit between two checkpoints.
    BeginUnit,
    /// Commits that transaction with this checkpoint.
    CommitUnit(Progress),
    /// Begins a transaction for writes to the journal, which the following statement of a script commits before it
    /// runs.
    BeginNotes,
    /// Commits that transaction if no such statement follows.
    CommitNotes,
    /// Writes a checkpoint; without progress, it says that the next statement is running.
    Checkpoint(Option<Progress>, State),
    /// Resets what the script has set in the session.
    ResetSession(Mode, Vec<String>),
    /// Continues in a new session, because the script's text does not show what it has left in this one.
    Renew,
    /// Writes the script's row.
    Record(Row),
    /// Proves that the run may continue.
    Prove(Proof),
    /// Checks immediately what would otherwise be checked at the commit.
    Settle,
    /// Applies the object files that are due.
    ApplyObjects,
    /// Records the schema that the run leaves.
    RecordSchema,
    /// Observes what a rehearsed script has locked.
    Observe,
    Commit,
    Rollback,
    /// Sends what has been packed so far.
    Send,
}

/// A statement of a script, as its source returns it.
#[derive(Debug, Clone)]
pub(crate) struct ReadStatement {
    pub(crate) parsed: Statement,
    pub(crate) sql: String,
    /// The whitespace and comments before it.
    pub(crate) lead: String,
    /// How many bytes of the file have been read.
    pub(crate) bytes: u64,
    /// The hash of the text through it, if a checkpoint can follow.
    pub(crate) through: Hasher,
}

/// A statement that runs.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) statement: ReadStatement,
    /// The progress that stays once it has run, whatever happens afterwards.
    pub(crate) stays: Option<Progress>,
    /// The statement from which the run may retry if this one cannot acquire a lock.
    pub(crate) restart: Option<usize>,
}

/// A row of the journal.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) state: State,
    pub(crate) clock: Clock,
    pub(crate) progress: Option<Progress>,
    pub(crate) body: Option<String>,
    /// The script already has a row.
    pub(crate) replaces: bool,
}

/// What a proof is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// The server runs what it is sent, and the session is still the run's, after a statement outside a transaction.
    Statement,
    /// The same as [`Proof::Statement`], after a script.
    Script,
    /// The transaction is the one that was begun, and the journal has the rows of its scripts.
    Transaction,
    /// The same as [`Proof::Transaction`] for the transaction of a group: the journal has this many more rows than
    /// before the run.
    Group(u64),
    /// The journal has the rows of the scripts outside a transaction: this many more than were committed before.
    Journal(u64),
}

/// What a run does with scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Runs and records them.
    Apply,
    /// Runs them in a transaction that is rolled back.
    Rehearse,
    /// Records them and runs nothing. The map says who applied a script if another tool has recorded that.
    Record(BTreeMap<Number, ForeignOrigin>),
}
