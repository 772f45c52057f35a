//! What an upgrade would send, as text.

use std::time::Duration;

use super::Run;
use super::stop::Stop;
use crate::error::{Aftermath, Error};
use crate::journal::{Clock, Progress, Record, State};
use crate::plan::{Group, Plan, Step};
use crate::preflight::{prefix, statements};
use crate::sql::{Mode, carried};
use crate::statements::Statements;

/// What an upgrade would do, and the SQL that it would send.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preview {
    /// The plan.
    pub plan: Plan,
    /// The SQL, the journal's rows included.
    pub sql: String,
}

impl Run<'_> {
    pub(super) fn preview(&self, plan: Plan) -> Result<Preview, Error> {
        let mut sql = Vec::new();
        if !plan.is_empty() {
            sql.push(format!("-- {}", plan.guarantee()));
            // where nothing is one transaction, each begins with a session that is as it should be
            let resets = self.connection.server().context.dialect.commits_at_ddl();
            sql.extend(resets.then(|| self.session(Mode::NoTransaction)));
        }
        let mut has_journal = self.has_journal;
        for group in plan.groups() {
            self.preview_group(group, &mut has_journal, &mut sql)?;
        }
        let end = if sql.is_empty() { "" } else { "\n" };
        Ok(Preview { plan, sql: sql.join("\n") + end })
    }

    fn preview_group(&self, group: &Group, has_journal: &mut bool, sql: &mut Vec<String>) -> Result<(), Error> {
        let journal = self.connection.journal_sql();
        let mut start = if std::mem::replace(has_journal, true) { Vec::new() } else { journal.create() };
        if group.in_transaction() {
            // what the engine commits at once would end the transaction
            let commits = self.connection.server().context.dialect.commits_at_ddl();
            start.insert(if commits { start.len() } else { 0 }, journal.flavour.begin.into());
        }
        sql.extend(start.iter().map(|statement| self.terminated(statement)));
        for step in group.steps() {
            self.preview_step(step, group, sql)?;
        }
        if group.in_transaction() {
            sql.push(self.terminated("COMMIT"));
        }
        Ok(())
    }

    fn preview_step(&self, step: &Step, group: &Group, sql: &mut Vec<String>) -> Result<(), Error> {
        let script = step.script();
        let mode = if group.in_transaction() { Mode::InTransaction } else { Mode::NoTransaction };
        let text = script.read()?;
        sql.push(format!("\n-- {}", script.path().display()));
        let dialect = self.connection.server().context.dialect;
        let pieces = statements(script, &self.context());
        let pieces = pieces.map_err(|error| Stop::unreadable(script, error).into_error(Aftermath::default()))?;
        let again = carried(dialect, text.as_str(), &pieces, step.skip()).again;
        let due = again.into_iter().chain(step.skip()..pieces.len());
        for piece in due.filter_map(|piece| pieces.get(piece)) {
            let end = piece.data.as_ref().map_or(piece.statement.end, |data| behind_rows(text.as_str(), data.start));
            let whole = text.as_str()[piece.span.start..end].trim_matches(['\r', '\n']);
            sql.push(match piece.delimiter(text.as_str()) {
                _ if piece.data.is_some() => whole.to_owned(),
                None => self.terminated(whole),
                Some(delimiter) => format!("DELIMITER {delimiter}\n{whole}\n{delimiter}\nDELIMITER ;"),
            });
        }
        sql.push(self.session(mode));
        let body = self.body(&mut Statements::open(script, &self.context())?)?;
        let (state, clock) = (State::Applied, Clock::Ours(Duration::ZERO));
        let checksum = prefix(text.as_str(), &pieces, pieces.len()).filter(|_| !group.in_transaction());
        let progress = checksum.map(|checksum| Progress { statements: pieces.len(), checksum });
        let record = Record { script, state, clock, progress, body: body.as_deref(), author: &self.author };
        sql.push(self.terminated(&self.connection.journal_sql().write(step, &record)));
        Ok(())
    }

    fn session(&self, mode: Mode) -> String {
        self.terminated(&self.connection.session(mode).join("; "))
    }

    /// With what ends a statement for the database's own client.
    fn terminated(&self, statement: &str) -> String {
        format!("{}{}", statement.trim_end(), self.connection.server().context.dialect.terminator())
    }
}

/// Where the rows end that begin here, with the line that closes them.
fn behind_rows(text: &str, start: usize) -> usize {
    let mut end = start;
    for line in text[start..].split_inclusive('\n') {
        end += line.len();
        if line.trim_end_matches(['\r', '\n']) == "\\." {
            break;
        }
    }
    end
}
