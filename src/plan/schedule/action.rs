//! What a schedule consists of.

use std::collections::BTreeMap;

use crate::journal::{Clock, Progress, State};
use crate::script::{Hasher, Number};
use crate::sql::{Mode, Piece};

/// One thing that a run does.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    /// Creates the journal's table.
    CreateJournal,
    /// Sends a statement of a script that has an effect only before the transaction.
    Prepare(String),
    /// Begins the transaction of the run.
    Begin,
    /// Begins a transaction of scripts among others.
    BeginGroup,
    /// Commits it, if it is still the same.
    CommitGroup,
    /// What follows is of this script.
    Open(usize),
    /// Repeats a setting that an earlier run made in its session.
    Repeat(Piece, String),
    /// Runs a statement of the script.
    Run(Box<Run>),
    /// Begins a transaction between two checkpoints.
    BeginUnit,
    /// Commits it, with this checkpoint.
    CommitUnit(Progress),
    /// Begins a transaction of the journal's rows, which a statement of a script commits before it runs.
    BeginNotes,
    /// Commits it where no such statement follows.
    CommitNotes,
    /// Writes down how far the script is; without progress, that its next statement is under way.
    Checkpoint(Option<Progress>, State),
    /// Takes back what the script has set in the session.
    ResetSession(Mode, Vec<String>),
    /// Goes on in another session: what the script has left in this one is not seen in its text.
    Renew,
    /// Writes the script's row.
    Record(Row),
    /// Makes sure that all is as it should be.
    Prove(Proof),
    /// Checks at once what would wait for the commit.
    Settle,
    /// Looks at what a rehearsed script has locked.
    Observe,
    Commit,
    Rollback,
    /// Sends what is packed so far.
    Send,
}

/// A statement of a script, as its source gives it.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) piece: Piece,
    pub(crate) sql: String,
    /// The blanks and comments before it.
    pub(crate) lead: String,
    /// How many bytes of the file are read.
    pub(crate) bytes: u64,
    /// The text through it, where a checkpoint can follow.
    pub(crate) through: Hasher,
}

/// A statement that runs.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) statement: Statement,
    /// What stays of the script once it has run, whatever follows.
    pub(crate) stays: Option<Progress>,
    /// The statement with which the run may begin again when this one gets no lock.
    pub(crate) restart: Option<usize>,
}

/// A row of the journal.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) state: State,
    pub(crate) clock: Clock,
    pub(crate) progress: Option<Progress>,
    pub(crate) body: Option<String>,
    /// The script has a row already.
    pub(crate) replaces: bool,
}

/// What is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// The server runs what it is sent, and the session is still the run's, after a statement outside a transaction.
    Statement,
    /// The same after a script.
    Script,
    /// The transaction is the one that was begun, and the journal has the rows of its scripts.
    Transaction,
    /// The same of a transaction of scripts among others: so many rows more than before the run.
    Group(u64),
    /// The journal has the rows of the scripts outside a transaction: so many more than before the run.
    Journal(u64),
}

/// What a run does with scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Runs and records them.
    Apply,
    /// Runs them in a transaction that is rolled back.
    Rehearse,
    /// Records them and runs nothing. Of some, another tool has said who applied them.
    Record(BTreeMap<Number, String>),
}
