//! The object files of a plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Problem;
use crate::journal::{ObjectEntry, ObjectJournal};
use crate::objects::{Candidate, Compared, ObjectState, Unordered, is_named, order, unordered};
use crate::schema::Object;
use crate::script::{ObjectFile, ScriptFacts};
use crate::sql::Created;

/// An object file in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectStep {
    pub(crate) file: ObjectFile,
    pub(crate) facts: Arc<ScriptFacts>,
    pub(crate) state: ObjectState,
    /// What was applied of it.
    pub(crate) entry: Option<ObjectEntry>,
}

/// The object files of a plan: those that are due, and those that a script may make due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ObjectPlan {
    /// All files, in the order in which they are applied.
    pub(crate) steps: Vec<ObjectStep>,
    /// The rows of files that were deleted.
    pub(crate) gone: Vec<ObjectEntry>,
    /// The key by which the values of variables are hashed.
    pub(crate) key: Option<String>,
    /// Whether the journal has a table of objects.
    pub(crate) has_table: bool,
    /// Whether scripts run before.
    pub(crate) follows_scripts: bool,
    /// Whether the files share the transaction of the last scripts.
    pub(crate) joins: bool,
}

impl ObjectStep {
    /// Returns the names by which others may mention what the file creates.
    pub(crate) fn creations(&self) -> impl Iterator<Item = Creation> {
        let created = self.facts.object.created.iter().filter(|created| created.has_users());
        let exists = self.entry.is_some() && self.state != ObjectState::Missing;
        created.map(move |created| Creation { name: created.name.clone(), file: self.file.name(), exists })
    }
}

impl ObjectPlan {
    /// Returns the plan for files whose facts are known, which are in the order of the files.
    pub(crate) fn new(compared: Compared<'_>, facts: &[Arc<ScriptFacts>], journal: &ObjectJournal) -> Self {
        let candidates = compared.files.iter().zip(facts).map(|((file, state, entry), facts)| Candidate {
            file,
            text: &facts.object,
            place: entry.map(|entry| entry.place),
            is_unchanged: matches!(state, ObjectState::Applied | ObjectState::Missing),
        });
        let order = order(&candidates.collect::<Vec<_>>());
        let step = |at: usize| {
            let ((file, state, entry), facts) = (compared.files[at], Arc::clone(&facts[at]));
            ObjectStep { file: file.clone(), facts, state, entry: entry.cloned() }
        };
        let steps = order.into_iter().map(step).collect();
        let (gone, key, has_table) =
            (compared.gone.into_iter().cloned().collect(), journal.key.clone(), journal.exists);
        Self { steps, gone, key, has_table, follows_scripts: false, joins: false }
    }

    /// Returns why an object need not be as the last run has left it: the values of variables have changed, and its text may
    /// contain one that is secret no longer.
    pub(crate) fn has_other_values(&self, object: &Object) -> Option<String> {
        let named = |entry: &ObjectEntry| entry.names.iter().any(|name| is_named(&object.kind, &object.name, name));
        let changed = self.steps.iter().filter(|step| step.state == ObjectState::Changed);
        let mut with_values = changed.filter(|step| !step.facts.object.variables.is_empty());
        with_values
            .find(|step| step.entry.as_ref().is_some_and(named))
            .map(|step| format!("{} is pending", step.file.name()))
    }

    /// Whether a file is due whatever the scripts do.
    pub(crate) fn is_due(&self) -> bool {
        self.steps.iter().any(|step| step.state.is_pending())
    }

    /// Returns the places of the files that are due when the database has these objects: those that are always applied are
    /// if anything is.
    pub(crate) fn due(&self, has: impl Fn(&str) -> bool) -> Vec<usize> {
        let is_missing = |step: &ObjectStep| step.entry.iter().flat_map(|entry| &entry.names).any(|name| !has(name));
        let is_due = |step: &ObjectStep| step.state.is_pending() || is_missing(step);
        let any = self.follows_scripts || self.steps.iter().any(is_due);
        let due = self.steps.iter().enumerate();
        due.filter(|(_, step)| is_due(step) || any && step.file.is_always_applied()).map(|(at, _)| at).collect()
    }
}

/// A name that an object file creates.
#[derive(Debug)]
pub(crate) struct Creation {
    pub(crate) name: String,
    pub(crate) file: String,
    /// An earlier run has created it.
    pub(crate) exists: bool,
}

/// An object file whose objects a database has although it was not applied.
#[derive(Debug)]
pub(crate) struct HeldObject {
    pub(crate) file: ObjectFile,
    /// The names of the objects.
    pub(crate) names: Vec<String>,
    pub(crate) facts: Arc<ScriptFacts>,
}

/// Returns what is wrong with object files together: their order, and objects that more than one creates.
pub(crate) fn object_problems(files: &[ObjectFile], facts: &[Arc<ScriptFacts>]) -> Vec<Problem> {
    let ordered = unordered(files).into_iter().map(|wrong| match wrong {
        Unordered::Unknown(at, directive) => {
            let (span, path) = &files[at].after()[directive];
            Problem::ObjectUnknown { name: path.clone(), location: files[at].locate(span.clone()) }
        }
        Unordered::Cycle(files_in_it) => {
            Problem::ObjectCycle { files: files_in_it.into_iter().map(|at| files[at].name()).collect() }
        }
    });
    let mut problems = ordered.collect::<Vec<_>>();
    let mut known = BTreeMap::<&str, Vec<(&Created, &ObjectFile)>>::new();
    for (file, facts) in files.iter().zip(facts) {
        for created in &facts.object.created {
            let same = known.entry(&created.name).or_default();
            let first = same.iter().find(|(other, first)| other.is_same(created) && first.name() != file.name());
            if let Some((_, first)) = first {
                let (object, location) = (created.to_string(), file.locate(created.at.clone()));
                problems.push(Problem::ObjectTwice { object, first: first.name(), second: file.name(), location });
            }
            same.push((created, file));
        }
    }
    problems
}
