//! The plan: what an upgrade will do, or every problem that prevents it. The module is pure: no I/O, no engine.

mod disagreement;
mod guarantee;
mod history;
mod objects;
mod options;
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
pub(crate) use objects::{Creation, HeldObject, ObjectPlan, ObjectStep, object_problems, object_warnings};
pub use options::{Drift, TransactionMode, UpgradeOptions};
pub use problem::Problem;
pub(crate) use schedule::{
    Action, Batching, Capabilities, Checkpoints, Open, Opened, Operation, Packing, Proof, ReadStatement, Row,
    Run as Running, RunMode, Schedule, Source, Start, Stretch, run_mode,
};
pub use since::{HistoryViolation, Since};
pub use unimportable::Unimportable;
pub use warning::Warning;

use std::sync::Arc;

use crate::journal::Progress;
use crate::script::{Checksum, Kind, Number, ObjectFile, Script, ScriptFacts};
use crate::sql::Statement;

/// One script that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub(crate) script: Script,
    pub(crate) resume: Option<Resume>,
    pub(crate) facts: Arc<ScriptFacts>,
}

impl Step {
    pub(crate) fn new(script: Script, resume: Option<Resume>) -> Self {
        Self { script, resume, facts: Arc::default() }
    }

    /// Returns the script.
    #[must_use]
    pub const fn script(&self) -> &Script {
        &self.script
    }

    /// Returns how many of its statements an earlier run has finished, which this run skips.
    #[must_use]
    pub fn skip(&self) -> usize {
        self.resume.as_ref().map_or(0, |resume| resume.done)
    }

    /// Returns how many statements an earlier run has finished, and the checksum of the text through them.
    pub(crate) fn progress(&self) -> Option<Progress> {
        self.resume.as_ref().and_then(|resume| resume.progress)
    }

    /// Returns the settings among the skipped statements that a resumed session needs.
    pub(crate) fn repeats(&self) -> &[(Statement, String)] {
        self.resume.as_ref().map_or(&[], |resume| &resume.repeats)
    }
}

/// How far an earlier run got with a script outside a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resume {
    pub(crate) done: usize,
    pub(crate) done_checksum: Option<Checksum>,
    /// The next statement is known not to have run.
    pub(crate) known: bool,
    /// The whole script is the same as when it stopped.
    pub(crate) unchanged: bool,
    /// The checkpoint of the statements that are skipped.
    pub(crate) progress: Option<Progress>,
    /// The settings among them that can be repeated, with their texts.
    pub(crate) repeats: Vec<(Statement, String)>,
}

/// Scripts that commit together, or one script that commits statement by statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub(crate) steps: Vec<Step>,
    pub(crate) transaction: bool,
}

impl Group {
    /// Returns the scripts of the group, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether the scripts run in a transaction: all of them or none.
    #[must_use]
    pub const fn in_transaction(&self) -> bool {
        self.transaction
    }
}

/// Where a rebuild puts the new database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NewDatabase {
    /// Beside the old one, which it replaces at the end.
    SideConnections,
    /// In place of the old one, which is dropped first.
    InPlace,
}

/// What an upgrade will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub(crate) groups: Vec<Group>,
    pub(crate) guarantee: Guarantee,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) at: Option<Number>,
    /// The object files; `None` if the plan does not apply them.
    pub(crate) objects: Option<ObjectPlan>,
}

impl Plan {
    /// Groups the pending scripts. A script outside a transaction is a group of its own; a script after which the
    /// engine needs a commit ends its group if more is pending.
    pub(crate) fn new(history: History, mode: TransactionMode) -> Self {
        let mut groups = Vec::<Group>::new();
        let mut guarantee = Guarantee::new(mode);
        let mut open = false;
        let count = history.pending.len();
        let is_empty = |step: &&Step| step.facts.statements == 0 && step.script.kind() == Kind::Script;
        let empty = history.pending.iter().filter(is_empty).map(|step| Warning::Empty { script: step.script.name() });
        let meant = Warning::gathered(history.pending.iter().flat_map(|step| Warning::about(&step.facts)));
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
        Self { groups, guarantee, warnings, at: history.at, objects: None }
    }

    /// Returns the plan with these object files, which follow the scripts.
    pub(crate) fn with_objects(mut self, objects: ObjectPlan, mode: TransactionMode, commits_at_once: bool) -> Self {
        let last = self.groups.last();
        // what the last script adds may be usable only after a commit
        let commits = last.and_then(|group| group.steps.last()).and_then(|step| {
            let statement = step.facts.commit_after.as_ref().filter(|_| mode == TransactionMode::Single)?;
            Some((step.script.clone(), statement.clone()))
        });
        let joins = mode == TransactionMode::Single && commits.is_none() && last.is_some_and(Group::in_transaction);
        if let Some((script, statement)) = commits.filter(|_| objects.is_due()) {
            self.guarantee.commits_after(&script, &statement);
        }
        if objects.is_due() {
            self.guarantee.applies_objects(commits_at_once, joins);
        }
        self.objects = Some(ObjectPlan { follows_scripts: !self.groups.is_empty(), joins, ..objects });
        self
    }

    /// Returns a plan with one transaction for all scripts, whatever they would need if they ran.
    pub(crate) fn recording(history: History) -> Self {
        let mut guarantee = Guarantee::new(TransactionMode::Single);
        guarantee.begin_transaction();
        let groups = vec![Group { steps: history.pending, transaction: true }];
        Self { groups, guarantee, warnings: history.warnings, at: history.at, objects: None }
    }

    /// Adapts the plan to a new database.
    pub(crate) const fn in_new_database(mut self, place: NewDatabase) -> Self {
        self.guarantee.in_new_database(place);
        self
    }

    /// Returns the groups, in order.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Returns the steps, so that they can be checked for another database.
    pub(crate) fn steps_mut(&mut self) -> impl Iterator<Item = &mut Step> {
        self.groups.iter_mut().flat_map(|group| &mut group.steps)
    }

    /// Returns all scripts that are due, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.groups.iter().flat_map(|group| &group.steps)
    }

    /// Decides what drift means for the plan: a warning, or a reason not to run. What is unfinished is resumed in any case.
    pub(crate) fn meet_drift(&mut self, summary: String, drift: Drift) -> Result<(), String> {
        let resumes = self.steps().next().is_some_and(|step| step.resume.is_some());
        if drift == Drift::Refuse && !resumes {
            return Err(summary);
        }
        self.warnings.push(Warning::Drift { summary });
        Ok(())
    }

    /// Returns the object files that would stay in spite of a rollback, where each commits as it runs.
    pub(crate) fn lasting_objects(&self) -> Vec<Problem> {
        let problem = |object: &ObjectFile| Problem::Lasting {
            script: Some(object.name()),
            why: "it drops or creates something, which".into(),
        };
        self.objects().map(problem).collect()
    }

    /// Returns what would stay of the plan if it ran in one transaction that is rolled back.
    pub(crate) fn lasting(&self) -> Vec<Problem> {
        let first = self.groups.first().filter(|group| group.transaction);
        let others = self.groups.iter().skip(usize::from(first.is_some()));
        let of_group = |group: &Group| {
            let why = if group.transaction {
                "the scripts before it must be committed before it runs, which"
            } else {
                "it runs outside a transaction, so its changes"
            };
            let problem = |step: &Step| Problem::Lasting { script: Some(step.script.name()), why: why.into() };
            group.steps.iter().map(problem).collect::<Vec<_>>()
        };
        others.flat_map(of_group).collect()
    }

    /// Returns what dbmigrate promises about the plan.
    #[must_use]
    pub const fn guarantee(&self) -> &Guarantee {
        &self.guarantee
    }

    /// Returns what the user should know before the run.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Returns the highest number that is already applied.
    #[must_use]
    pub const fn at(&self) -> Option<Number> {
        self.at
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && !self.objects.as_ref().is_some_and(ObjectPlan::is_due)
    }

    /// Returns the object files that are due, in the order in which they are applied. Further ones are due when a script
    /// has dropped what they create.
    pub fn objects(&self) -> impl Iterator<Item = &ObjectFile> {
        let (objects, any) = (self.objects.iter(), !self.is_empty());
        let steps = objects.flat_map(|objects| &objects.steps);
        let is_due = move |step: &&ObjectStep| step.state.is_pending() || any && step.file.is_always_applied();
        steps.filter(is_due).map(|step| &step.file)
    }
}
