//! What an upgrade would send, as text.

use std::time::Duration;

use super::Run;
use crate::error::Error;
use crate::journal::{Progress, Record, State};
use crate::plan::{Group, Plan, Step};
use crate::preflight::{prefix, statements};

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
        if group.in_transaction() {
            sql.push(terminated(journal.flavour.begin));
        }
        if !std::mem::replace(has_journal, true) {
            sql.extend(journal.create().iter().map(|statement| terminated(statement)));
        }
        for step in group.steps() {
            self.preview_step(step, sql)?;
        }
        if group.in_transaction() {
            sql.push("COMMIT;".into());
        }
        Ok(())
    }

    fn preview_step(&self, step: &Step, sql: &mut Vec<String>) -> Result<(), Error> {
        let script = step.script();
        let text = script.read()?;
        sql.push(format!("\n-- {}", script.path().display()));
        let pieces = statements(script, text.as_str(), self.connection.server().dialect);
        let pieces = pieces.filter_map(Result::ok).collect::<Vec<_>>();
        for piece in pieces.iter().skip(step.skip()) {
            let end = if piece.data.is_some() { piece.span.end } else { piece.statement.end };
            let whole = text.as_str()[piece.span.start..end].trim_matches(['\r', '\n']);
            sql.push(if piece.data.is_some() { whole.to_owned() } else { terminated(whole) });
        }
        sql.push(terminated(self.connection.session_sql()));
        let body = self.body(&text);
        let (state, duration) = (State::Applied, Duration::ZERO);
        let checksum = prefix(text.as_str(), &pieces, pieces.len()).filter(|_| script.no_transaction());
        let progress = checksum.map(|checksum| Progress { statements: pieces.len(), checksum });
        let record = Record { script, state, duration, progress, body: body.as_deref(), author: &self.author };
        sql.push(terminated(&self.connection.journal_sql().write(step, &record)));
        Ok(())
    }
}

fn terminated(statement: &str) -> String {
    format!("{};", statement.trim_end())
}
