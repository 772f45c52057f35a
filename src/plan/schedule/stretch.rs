//! The parts of a plan that are scheduled one after the other.

use std::ops::Range;

use super::{Capabilities, Checkpoints, Operation};
use crate::plan::{Group, ObjectPlan, Plan, Step};

/// Scripts that are scheduled together: those of one transaction, or consecutive ones without a common transaction.
#[derive(Debug)]
pub(crate) struct Stretch<'p> {
    pub(crate) steps: Vec<&'p Step>,
    pub(crate) in_transaction: bool,
    /// Other scripts follow.
    pub(crate) is_followed: bool,
    /// The object files that follow the scripts in their transaction.
    pub(crate) objects: Option<&'p ObjectPlan>,
    /// For each script, the range of scripts that share its transaction within a stretch without a common one.
    groups: Vec<Option<Range<usize>>>,
}

impl<'p> Stretch<'p> {
    /// Returns a stretch that is one transaction.
    pub(crate) fn transaction(steps: impl Iterator<Item = &'p Step>) -> Self {
        let steps = steps.collect::<Vec<_>>();
        Self { groups: vec![None; steps.len()], steps, in_transaction: true, is_followed: false, objects: None }
    }

    /// Returns a stretch of groups without a common transaction.
    pub(super) fn of(groups: &'p [Group]) -> Self {
        let (mut steps, mut ranges) = (Vec::new(), Vec::new());
        for group in groups {
            let range = steps.len()..steps.len() + group.steps.len();
            ranges.extend(range.clone().map(|_| group.in_transaction().then(|| range.clone())));
            steps.extend(&group.steps);
        }
        Self { steps, in_transaction: false, is_followed: false, objects: None, groups: ranges }
    }

    /// Returns the stretch with these object files after its scripts.
    pub(crate) fn with_objects(self, objects: Option<&'p ObjectPlan>) -> Self {
        Self { objects, ..self }
    }

    /// Returns the range of scripts that share a transaction with this script within a stretch without a common one.
    pub(crate) fn group(&self, step: usize) -> Option<Range<usize>> {
        self.groups.get(step).cloned().flatten()
    }

    /// Returns how many rows the scripts before this one add to the journal: scripts that an earlier run began already
    /// have theirs.
    pub(crate) fn rows_before(&self, step: usize) -> u64 {
        self.steps[..step].iter().filter(|step| step.resume.is_none()).count() as u64
    }
}

impl Plan {
    /// Splits the plan into stretches, which are scheduled one after the other.
    pub(crate) fn stretches<'p>(&'p self, capabilities: &Capabilities, operation: &Operation) -> Vec<Stretch<'p>> {
        if capabilities.checkpoints == Checkpoints::InBand && *operation == Operation::Apply && !self.is_empty() {
            return vec![Stretch::of(&self.groups)];
        }
        let groups = self.groups.chunk_by(|one, next| !one.in_transaction() && !next.in_transaction());
        let stretch = |groups: &'p [Group]| match groups {
            [group] if Group::in_transaction(group) => Stretch::transaction(group.steps.iter()),
            groups => Stretch::of(groups),
        };
        let mut stretches = groups.map(stretch).collect::<Vec<_>>();
        let rolls_back = !capabilities.dialect.commits_at_ddl() && !matches!(operation, Operation::Record(_));
        if let Some(objects) = self.objects.as_ref().filter(|_| rolls_back) {
            let last = stretches.pop_if(|_| objects.joins).unwrap_or_else(|| Stretch::transaction(std::iter::empty()));
            stretches.push(last.with_objects(Some(objects)));
        }
        let last = stretches.len().saturating_sub(1);
        stretches[..last].iter_mut().for_each(|stretch| stretch.is_followed = true);
        stretches
    }
}

/// How the scripts of a stretch run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunMode {
    /// In one transaction.
    Transaction,
    /// Statement by statement, with checkpoints on a side connection.
    Aside,
    /// In messages with checkpoints among the statements.
    InBand,
}

/// Returns how the scripts of a stretch run on this engine.
pub(crate) fn run_mode(stretch: &Stretch<'_>, capabilities: &Capabilities) -> RunMode {
    match capabilities.checkpoints {
        _ if stretch.in_transaction => RunMode::Transaction,
        Checkpoints::Aside => RunMode::Aside,
        Checkpoints::InBand => RunMode::InBand,
    }
}
