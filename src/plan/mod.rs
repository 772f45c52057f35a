//! The plan: what an upgrade will do, or everything that keeps it from being done. Pure: no I/O, no engine.

mod disagreement;
mod guarantee;
mod history;
mod problem;
mod schedule;
mod since;
#[cfg(test)]
mod tests;
mod unimportable;
mod warning;

pub use disagreement::Disagreement;
pub use guarantee::Guarantee;
pub(crate) use history::History;
pub use problem::Problem;
pub(crate) use schedule::{
    Action, Batching, Capabilities, Checkpoints, Open, Opened, Operation, Proof, Row, Run as Running, Schedule, Source,
    Start, Statement, Stretch, Way, way,
};
pub use since::{Offence, Since};
pub use unimportable::Unimportable;
pub use warning::Warning;

use std::sync::Arc;

use crate::journal::Progress;
use crate::script::{Checksum, Facts, Kind, Location, Number, Script};
use crate::sql::{FindingKind, Piece};

/// What is wanted of an upgrade.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Goal {
    /// Go to this number; `None` is the highest.
    pub to: Option<Number>,
    /// How scripts are bound together.
    pub transaction: TransactionMode,
    /// Continue an unfinished script at this statement, from 1.
    pub resume_at: Option<usize>,
}

impl Goal {
    /// Everything there is, in one transaction.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Up to a number.
    #[must_use]
    pub const fn to(mut self, to: Option<Number>) -> Self {
        self.to = to;
        self
    }

    /// In one transaction, or one for each script.
    #[must_use]
    pub const fn transaction(mut self, transaction: TransactionMode) -> Self {
        self.transaction = transaction;
        self
    }

    /// Continue the unfinished script at this statement, counted from 1.
    #[must_use]
    pub const fn resume_at(mut self, statement: Option<usize>) -> Self {
        self.resume_at = statement;
        self
    }
}

/// How scripts are bound together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TransactionMode {
    /// One transaction for everything pending: all or nothing.
    #[default]
    Single,
    /// A transaction for each script: what is before the failing script stays.
    PerScript,
}

/// One script that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub(crate) script: Script,
    pub(crate) resume: Option<Resume>,
    pub(crate) facts: Arc<Facts>,
}

impl Step {
    pub(crate) fn new(script: Script, resume: Option<Resume>) -> Self {
        Self { script, resume, facts: Arc::default() }
    }

    /// What may be meant otherwise in it.
    fn warnings(&self) -> impl Iterator<Item = Warning> {
        let warning = |(kind, location): &(FindingKind, Location)| Warning::Script {
            kind: kind.clone(),
            location: location.clone(),
            others: 0,
        };
        self.facts.warnings.iter().map(warning)
    }

    /// The script.
    #[must_use]
    pub const fn script(&self) -> &Script {
        &self.script
    }

    /// How many of its statements an earlier run has finished and this one leaves out.
    #[must_use]
    pub fn skip(&self) -> usize {
        self.resume.as_ref().map_or(0, |resume| resume.done)
    }

    /// The same with the text through them.
    pub(crate) fn progress(&self) -> Option<Progress> {
        self.resume.as_ref().and_then(|resume| resume.progress)
    }

    /// The settings among them that a session needs that goes on.
    pub(crate) fn repeats(&self) -> &[(Piece, String)] {
        self.resume.as_ref().map_or(&[], |resume| &resume.repeats)
    }
}

/// How far an earlier run came with a script outside a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resume {
    pub(crate) done: usize,
    pub(crate) done_checksum: Option<Checksum>,
    /// The statement behind those is known not to have run.
    pub(crate) known: bool,
    /// The script is the one that stopped, to its end.
    pub(crate) unchanged: bool,
    /// What the journal has of the statements that are left out.
    pub(crate) progress: Option<Progress>,
    /// The settings among them that can be made again, with their texts.
    pub(crate) repeats: Vec<(Piece, String)>,
}

/// Scripts that commit together, or one script that commits statement by statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub(crate) steps: Vec<Step>,
    pub(crate) transaction: bool,
}

impl Group {
    /// Its scripts, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// They run in a transaction: all of them or none.
    #[must_use]
    pub const fn in_transaction(&self) -> bool {
        self.transaction
    }
}

/// Where a rebuild puts the new database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NewDatabase {
    /// Beside the old one, whose place it takes at the end.
    Beside,
    /// In the place of the old one, which is dropped first.
    InPlace,
}

/// What an upgrade will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub(crate) groups: Vec<Group>,
    pub(crate) guarantee: Guarantee,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) at: Option<Number>,
}

impl Plan {
    /// Binds the pending scripts together. A script outside a transaction stands alone; a script behind which the
    /// engine needs a commit ends its group when more is pending.
    pub(crate) fn new(history: History, mode: TransactionMode) -> Self {
        let mut groups = Vec::<Group>::new();
        let mut guarantee = Guarantee::new(mode);
        let mut open = false;
        let count = history.pending.len();
        let is_empty = |step: &&Step| step.facts.statements == 0 && step.script.kind() == Kind::Script;
        let empty = history.pending.iter().filter(is_empty).map(|step| Warning::Empty { script: step.script.name() });
        let meant = Warning::gathered(history.pending.iter().flat_map(Step::warnings));
        let warnings = history.warnings.into_iter().chain(empty).chain(meant).collect();
        for (i, step) in history.pending.into_iter().enumerate() {
            let facts = Arc::clone(&step.facts);
            let transaction = !step.script.no_transaction() && facts.commits.is_none();
            match &facts.commits {
                _ if step.script.no_transaction() => guarantee.except(&step.script),
                Some(statement) => guarantee.commits_at_once(&step.script, statement),
                None if open => {}
                None => guarantee.begin_transaction(),
            }
            let commit_after = facts.commit_after.as_deref().filter(|_| transaction && i + 1 < count);
            match groups.last_mut().filter(|_| open && transaction) {
                Some(group) => group.steps.push(step),
                None => groups.push(Group { steps: vec![step], transaction }),
            }
            if let (Some(statement), Some(step)) = (commit_after, groups.last().and_then(|group| group.steps.last())) {
                guarantee.commits_after(&step.script, statement);
            }
            open = transaction && commit_after.is_none() && mode == TransactionMode::Single;
        }
        Self { groups, guarantee, warnings, at: history.at }
    }

    /// One transaction for all of it, whatever the scripts would need if they ran.
    pub(crate) fn recording(history: History) -> Self {
        let mut guarantee = Guarantee::new(TransactionMode::Single);
        guarantee.begin_transaction();
        let groups = vec![Group { steps: history.pending, transaction: true }];
        Self { groups, guarantee, warnings: history.warnings, at: history.at }
    }

    /// The same plan for a new database.
    pub(crate) const fn in_new_database(mut self, place: NewDatabase) -> Self {
        self.guarantee.in_new_database(place);
        self
    }

    /// The groups, in order.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The same steps, to be checked for another database.
    pub(crate) fn steps_mut(&mut self) -> impl Iterator<Item = &mut Step> {
        self.groups.iter_mut().flat_map(|group| &mut group.steps)
    }

    /// All scripts that are due, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.groups.iter().flat_map(|group| &group.steps)
    }

    /// What of it would stay if it ran in one transaction that is rolled back.
    pub(crate) fn lasting(&self) -> Vec<Problem> {
        let first = self.groups.first().filter(|group| group.transaction);
        let others = self.groups.iter().skip(usize::from(first.is_some()));
        let of_group = |group: &Group| {
            let why = if group.transaction {
                "the scripts before it have to be committed before it runs: that"
            } else {
                "it does not run in a transaction: what it does"
            };
            let problem = |step: &Step| Problem::Lasting { script: Some(step.script.name()), why: why.into() };
            group.steps.iter().map(problem).collect::<Vec<_>>()
        };
        others.flat_map(of_group).collect()
    }

    /// What is promised about it.
    #[must_use]
    pub const fn guarantee(&self) -> &Guarantee {
        &self.guarantee
    }

    /// What a person should know before.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The highest number that is applied already.
    #[must_use]
    pub const fn at(&self) -> Option<Number> {
        self.at
    }

    /// There is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}

/// What became of a text, as a unified diff; each with the name that stands above it.
pub(crate) fn difference(before: (&str, &str), after: (&str, &str)) -> String {
    similar::TextDiff::from_lines(before.1, after.1).unified_diff().header(before.0, after.0).to_string()
}
