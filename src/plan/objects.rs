//! The object files of a plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Problem, Step, Warning};
use crate::journal::{ObjectEntry, ObjectJournal};
use crate::objects::{Candidate, Compared, ObjectState, Unordered, is_named, order, unordered};
use crate::schema::Object;
use crate::script::{ObjectFile, Script, ScriptFacts};
use crate::sql::{Created, ObjectText};

/// An object file in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectStep {
    pub(crate) file: ObjectFile,
    pub(crate) facts: Arc<ScriptFacts>,
    pub(crate) state: ObjectState,
    /// What was applied of it.
    pub(crate) entry: Option<ObjectEntry>,
    /// Whether a script that is due may replace something that it creates.
    pub(crate) is_replaced: bool,
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
    /// Whether the file is due whatever the scripts drop.
    fn is_due(&self) -> bool {
        self.state.is_pending() || self.is_replaced
    }

    /// Returns the names by which others may mention what the file creates.
    pub(crate) fn creations<'s>(&'s self, scripts: &'s [&Step]) -> impl Iterator<Item = Creation> + 's {
        let exists = self.entry.is_some() && self.state != ObjectState::Missing;
        self.facts.object.created.iter().filter_map(move |created| {
            let drops = |step: &&&Step| step.facts.object.dropped.iter().any(|dropped| dropped.fails_without(created));
            let dropped_in = scripts.iter().filter(drops).map(|step| step.script().name()).collect::<Vec<_>>();
            let is_told = created.has_users() || !dropped_in.is_empty();
            is_told.then(|| Creation { name: created.name.clone(), file: self.file.name(), exists, dropped_in })
        })
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
            ObjectStep { file: file.clone(), facts, state, entry: entry.cloned(), is_replaced: false }
        };
        let steps = order.into_iter().map(step).collect();
        let (gone, key, has_table) =
            (compared.gone.into_iter().cloned().collect(), journal.key.clone(), journal.exists);
        Self { steps, gone, key, has_table, follows_scripts: false, joins: false }
    }

    /// Adds what scripts that are due do to the objects.
    pub(crate) fn after_scripts<'a>(mut self, scripts: impl Iterator<Item = &'a ScriptFacts>) -> Self {
        let created = scripts.flat_map(|facts| &facts.object.created).collect::<Vec<_>>();
        for step in self.steps.iter_mut().filter(|step| step.entry.is_some()) {
            let mut own = step.facts.object.created.iter();
            step.is_replaced = own.any(|own| created.iter().any(|created| created.may_replace(own)));
        }
        self
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

    /// Whether a file is due whatever the scripts drop.
    pub(crate) fn is_due(&self) -> bool {
        self.steps.iter().any(ObjectStep::is_due)
    }

    /// Returns the places of the files that are due when the database has these objects: those that are always applied are
    /// if anything is.
    pub(crate) fn due(&self, has: impl Fn(&str) -> bool) -> Vec<usize> {
        let is_missing = |step: &ObjectStep| step.entry.iter().flat_map(|entry| &entry.names).any(|name| !has(name));
        let is_due = |step: &ObjectStep| step.is_due() || is_missing(step);
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
    /// The scripts that drop it without asking whether it exists.
    pub(crate) dropped_in: Vec<String>,
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

/// Returns a warning for each object that a script drops although only an object file creates it, after all scripts: that fails
/// in a new database.
pub(crate) fn object_warnings<'a>(
    scripts: &'a [(&Script, Arc<ScriptFacts>)],
    files: &'a [ObjectFile],
    facts: &'a [Arc<ScriptFacts>],
) -> Vec<Warning> {
    let created =
        |(file, facts): (&'a ObjectFile, &'a Arc<ScriptFacts>)| facts.object.created.iter().map(move |own| (file, own));
    let of_files = files.iter().zip(facts).flat_map(created).collect::<Vec<_>>();
    let (mut known, mut warnings) = (Vec::<&Created>::new(), Vec::new());
    for (script, facts) in scripts {
        let ScriptFacts { object: ObjectText { created, dropped, .. }, .. } = &**facts;
        let mut created = created.iter().peekable();
        for dropped in dropped {
            known.extend(std::iter::from_fn(|| created.next_if(|created| created.at.start < dropped.at.start)));
            let exists = known.iter().any(|created| dropped.may_be(created));
            known.retain(|created| !dropped.may_be(created));
            let late = of_files.iter().find(|(_, own)| !exists && dropped.fails_without(own));
            warnings.extend(late.map(|(file, own)| Warning::ObjectNotYet {
                object: own.to_string(),
                file: file.name(),
                location: script.locate(dropped.at.clone()),
            }));
        }
        known.extend(created);
    }
    warnings
}
