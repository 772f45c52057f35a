//! The SQL of dbmigrate's own actions, for the messages that are sent and for those that a dry run prints.

use std::time::Duration;

use super::run::Run;
use crate::journal::{Clock, Record};
use crate::plan::{Action, Batching, Proof, Row, RunMode};
use crate::script::Script;

impl Run<'_> {
    /// Whether dbmigrate's own statements travel in the messages of scripts that run this way.
    pub(super) fn packs(&self, run_mode: RunMode) -> bool {
        run_mode != RunMode::Aside && self.connection.server().batching != Batching::Statement
    }

    /// Returns the SQL of one of dbmigrate's own actions. With `answers`, a row that ends a script returns how long it
    /// ran.
    pub(super) fn own_sql(
        &self,
        action: &Action,
        script: Option<&Script>,
        elapsed: Duration,
        answers: bool,
    ) -> Vec<String> {
        let (journal, session) = (&self.connection.server().journal, &self.connection.server().session);
        match (action, script) {
            (Action::CreateJournal, _) => journal.create(),
            (Action::Begin, _) => session.begin.clone(),
            (Action::Settle, _) => session.settle.clone(),
            (Action::BeginGroup, _) => session.begin_group.clone(),
            (Action::CommitGroup, _) => session.proven.iter().cloned().chain([session.commit.into()]).collect(),
            (Action::Commit, _) => vec![session.commit.into()],
            (Action::BeginUnit | Action::BeginNotes, _) => vec![journal.dialect.begin.into()],
            (Action::CommitUnit(_) | Action::CommitNotes, _) => vec!["COMMIT".into()],
            (Action::Renew, _) => session.apart.clone(),
            (Action::ResetSession(mode, undo), _) => session.reset(*mode).iter().chain(undo).cloned().collect(),
            (Action::Checkpoint(Some(progress), state), Some(script)) => {
                vec![journal.progress(script.number(), *progress, *state)]
            }
            (Action::Checkpoint(None, state), Some(script)) => vec![journal.state(script.number(), *state)],
            (Action::Record(row), Some(script)) => self.row_sql(row, script, elapsed, answers),
            (Action::Prove(Proof::Transaction), _) => session.proven.clone().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn row_sql(&self, row: &Row, script: &Script, elapsed: Duration, answers: bool) -> Vec<String> {
        let (journal, author) = (&self.connection.server().journal, &self.author_of(script));
        let clock = if matches!(row.clock, Clock::Ours(_)) { Clock::Ours(elapsed) } else { row.clock };
        let Row { state, progress, ref body, .. } = *row;
        let record = Record { script, state, clock, progress, body: body.as_deref(), author };
        let sql = if row.replaces { journal.update(&record) } else { journal.insert(&record) };
        if !answers || !state.is_done() {
            return vec![sql];
        }
        let restart = journal.dialect.restart.filter(|_| clock != Clock::Row);
        journal.timed(sql, script.number()).into_iter().chain(restart.map(ToOwned::to_owned)).collect()
    }
}
