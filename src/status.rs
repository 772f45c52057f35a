//! The status: what is applied, what is pending, what is wrong.

use std::collections::HashSet;
use std::time::Duration;

use crate::engine::Server;
use crate::journal::{Entry, Journal, ObjectEntry, State, Timestamp};
use crate::objects::{ObjectState, compare};
use crate::plan::{Guarantee, Plan, Problem, Warning};
use crate::script::{Checksum, Kind, Number, Script, Scripts};
use crate::sql::Variables;

/// The state of a database compared with its scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Name and version of the database product.
    pub product: String,
    /// Every script of the folder and every row of the journal, by number.
    pub scripts: Vec<ScriptStatus>,
    /// The object files, by name, and those that were deleted while what they created still exists.
    pub objects: Vec<ObjectStatus>,
    /// How many are applied.
    pub applied: usize,
    /// How many are pending.
    pub pending: usize,
    /// How many object files are pending.
    pub pending_objects: usize,
    /// The highest number that is applied.
    pub at: Option<Number>,
    /// What is wrong, so that an upgrade would refuse.
    pub problems: Vec<Problem>,
    /// What the user should know.
    pub warnings: Vec<Warning>,
    /// The guarantee of an upgrade; `None` if it would refuse.
    pub guarantee: Option<Guarantee>,
}

/// One script in the [`Status`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScriptStatus {
    /// Its number.
    pub number: Number,
    /// Its canonical name.
    pub script: String,
    /// Its first comment line.
    pub title: Option<String>,
    /// Its state.
    pub state: ScriptState,
    /// The checksum of what was applied, or otherwise of the file; `None` if the file cannot be read.
    pub checksum: Option<Checksum>,
    /// When it was applied, in UTC by the server's clock.
    pub applied_at: Option<Timestamp>,
    /// How long it ran.
    pub duration: Option<Duration>,
    /// Who applied it.
    pub applied_by: Option<String>,
    /// The commit that it came from, with `-dirty` appended if the file differed from the commit; `None` if no commit
    /// is known.
    pub commit: Option<String>,
}

/// One object file in the [`Status`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectStatus {
    /// The file: its path in the folder of objects.
    pub path: String,
    /// Its first comment line.
    pub title: Option<String>,
    /// Its state.
    pub state: ObjectState,
    /// The names of what it has created.
    pub names: Vec<String>,
    /// The checksum of what was applied; `None` if it was never applied.
    pub checksum: Option<Checksum>,
    /// When it was applied last, in UTC by the server's clock.
    pub applied_at: Option<Timestamp>,
    /// Who applied it.
    pub applied_by: Option<String>,
    /// The commit that it came from, as for a script.
    pub commit: Option<String>,
}

/// The state of a script in the [`Status`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScriptState {
    /// The state that the journal has recorded.
    Recorded(State),
    /// It is not applied yet.
    Pending,
    /// It is part of the baseline that the database was or will be built from.
    Covered,
    /// An upgrade would not apply it: it is beyond the goal, or there is a problem with it.
    Held,
}

impl ScriptState {
    /// Whether an upgrade applies the script, or resumes it.
    #[must_use]
    pub const fn is_pending(self) -> bool {
        match self {
            Self::Pending => true,
            Self::Recorded(state) => !state.is_done(),
            Self::Covered | Self::Held => false,
        }
    }

    /// Returns the word for tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recorded(state) => state.as_str(),
            Self::Pending => "pending",
            Self::Covered => "covered",
            Self::Held => "held",
        }
    }
}

impl Status {
    pub(crate) fn new(
        scripts: &Scripts,
        journal: &Journal,
        plan: Option<Plan>,
        problems: Vec<Problem>,
        server: &Server,
        variables: &Variables,
    ) -> Self {
        let mut rows = journal.entries.iter().map(recorded).collect::<Vec<_>>();
        let unrecorded = |script: &&Script| journal.find(script.kind(), script.number()).is_none();
        let built = built(scripts, journal);
        let pending = scripts.scripts().iter().filter(unrecorded);
        // of several baselines, only one is or was used
        let mut baseline = scripts.baselines().iter().filter(unrecorded).filter(|_| journal.entries.is_empty());
        let due = plan.as_ref().map(|plan| plan.steps().map(|step| step.script().path()).collect::<HashSet<_>>());
        rows.extend(
            baseline
                .rfind(|baseline| Some(baseline.number()) == built)
                .map(|script| on_disk(script, ScriptState::Pending)),
        );
        rows.extend(pending.map(|script| {
            let covered = Some(script.number()) <= built;
            let held = due.as_ref().is_some_and(|due| !due.contains(&script.path()));
            let pending = if held { ScriptState::Held } else { ScriptState::Pending };
            on_disk(script, if covered { ScriptState::Covered } else { pending })
        }));
        rows.sort_by_key(|row| row.number);
        let is_held = plan
            .as_ref()
            .is_some_and(|plan| plan.warnings.iter().any(|warning| matches!(warning, Warning::ObjectsHeld { .. })));
        let objects = objects(scripts, journal, variables, is_held);
        let count = |wanted: fn(ScriptState) -> bool| rows.iter().filter(|row| wanted(row.state)).count();
        Self {
            product: server.product.clone(),
            applied: count(|state| matches!(state, ScriptState::Recorded(state) if state.is_done())),
            pending: count(ScriptState::is_pending),
            pending_objects: objects.iter().filter(|object| object.state.is_pending()).count(),
            objects,
            at: journal.at(),
            problems,
            warnings: unfinished(journal).chain(plan.iter().flat_map(|plan| plan.warnings.clone())).collect(),
            guarantee: plan.map(|plan| plan.guarantee),
            scripts: rows,
        }
    }
}

/// Returns the object files with their states.
fn objects(scripts: &Scripts, journal: &Journal, variables: &Variables, is_held: bool) -> Vec<ObjectStatus> {
    let compared = compare(scripts.objects(), &journal.objects, variables);
    let status = |path: String, title: Option<&str>, state: ObjectState, entry: Option<&ObjectEntry>| ObjectStatus {
        path,
        title: title.map(ToOwned::to_owned),
        state: if is_held && state.is_pending() { ObjectState::Held } else { state },
        names: entry.map(|entry| entry.names.clone()).unwrap_or_default(),
        checksum: entry.map(|entry| entry.checksum),
        applied_at: entry.map(|entry| entry.applied_at.clone()),
        applied_by: entry.map(|entry| entry.applied_by.clone()),
        commit: entry.and_then(|entry| entry.git_commit.clone()),
    };
    let files = compared.files.iter().map(|(file, state, entry)| status(file.name(), file.title(), *state, *entry));
    let left = compared.left.iter().map(|(entry, names)| ObjectStatus {
        names: names.iter().map(ToString::to_string).collect(),
        ..status(entry.path.clone(), None, ObjectState::Deleted, Some(entry))
    });
    files.chain(left).collect()
}

/// Returns the scripts that the next upgrade resumes.
fn unfinished(journal: &Journal) -> impl Iterator<Item = Warning> {
    let resumable = journal.entries.iter().filter(|entry| matches!(entry.state, State::Failed | State::Paused));
    resumable.map(|entry| Warning::Resumable {
        script: entry.script.clone(),
        done: entry.statements_done.unwrap_or(0),
        failed: entry.state == State::Failed,
    })
}

/// Returns the number through which the baseline contains the scripts.
fn built(scripts: &Scripts, journal: &Journal) -> Option<Number> {
    if journal.entries.is_empty() {
        return scripts.baselines().last().map(Script::number);
    }
    journal.entries.iter().rfind(|entry| entry.kind() == Kind::Baseline).map(|entry| entry.number)
}

fn recorded(entry: &Entry) -> ScriptStatus {
    ScriptStatus {
        number: entry.number,
        script: entry.script.clone(),
        title: entry.title.clone(),
        state: ScriptState::Recorded(entry.state),
        checksum: Some(entry.checksum),
        applied_at: Some(entry.applied_at.clone()),
        duration: Some(entry.duration),
        applied_by: Some(entry.applied_by.clone()),
        commit: entry.git_commit.clone(),
    }
}

fn on_disk(script: &Script, state: ScriptState) -> ScriptStatus {
    ScriptStatus {
        number: script.number(),
        script: script.name(),
        title: script.title().map(ToOwned::to_owned),
        state,
        checksum: script.checksum().ok(),
        applied_at: None,
        duration: None,
        applied_by: None,
        commit: None,
    }
}
