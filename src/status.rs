//! The status: what is applied, what is pending, what is wrong.

use std::collections::HashSet;
use std::time::Duration;

use crate::engine::Server;
use crate::journal::{Entry, Journal, State, Timestamp};
use crate::plan::{Guarantee, Plan, Problem, Warning};
use crate::script::{Checksum, Kind, Number, Script, Scripts};

/// The state of a database compared with its scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Name and version of the database product.
    pub product: String,
    /// Every script of the folder and every row of the journal, by number.
    pub scripts: Vec<ScriptStatus>,
    /// How many are applied.
    pub applied: usize,
    /// How many are pending.
    pub pending: usize,
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
        let count = |wanted: fn(ScriptState) -> bool| rows.iter().filter(|row| wanted(row.state)).count();
        Self {
            product: server.product.clone(),
            applied: count(|state| matches!(state, ScriptState::Recorded(state) if state.is_done())),
            pending: count(|state| match state {
                ScriptState::Pending => true,
                ScriptState::Recorded(state) => !state.is_done(),
                ScriptState::Covered | ScriptState::Held => false,
            }),
            at: journal.at(),
            problems,
            warnings: unfinished(journal).chain(plan.iter().flat_map(|plan| plan.warnings.clone())).collect(),
            guarantee: plan.map(|plan| plan.guarantee),
            scripts: rows,
        }
    }
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
