//! What an upgrade would send, as text.

use std::time::Duration;

use super::Run;
use super::stop::Stop;
use crate::error::{Aftermath, Error};
use crate::journal::{Clock, Progress, Record, State};
use crate::plan::{Group, Plan, Step};
use crate::preflight;
use crate::sql::{Mode, Piece};
use crate::statements::{Prefix, Statements, Unreadable};

/// Writes a plan as the SQL that it stands for.
pub(super) struct Preview<'a> {
    run: &'a Run<'a>,
    write: &'a mut (dyn FnMut(&str) + Send),
}

impl<'a> Preview<'a> {
    pub(super) fn new(run: &'a Run<'a>, write: &'a mut (dyn FnMut(&str) + Send)) -> Self {
        Self { run, write }
    }

    /// Writes all that a plan would send.
    pub(super) fn plan(&mut self, plan: &Plan) -> Result<(), Error> {
        if plan.is_empty() {
            return Ok(());
        }
        self.line(&format!("-- {}", plan.guarantee()));
        // where nothing is one transaction, each begins with a session that is as it should be
        if self.run.connection.server().context.dialect.commits_at_ddl() {
            self.session(Mode::NoTransaction);
        }
        let mut has_journal = self.run.has_journal;
        plan.groups().iter().try_for_each(|group| self.group(group, &mut has_journal))
    }

    fn group(&mut self, group: &Group, has_journal: &mut bool) -> Result<(), Error> {
        let journal = self.run.connection.journal_sql();
        let mut start = if std::mem::replace(has_journal, true) { Vec::new() } else { journal.create() };
        if group.in_transaction() {
            // what the engine commits at once would end the transaction
            let commits = self.run.connection.server().context.dialect.commits_at_ddl();
            start.insert(if commits { start.len() } else { 0 }, journal.flavour.begin.into());
        }
        let early = group.steps().iter().flat_map(|step| &step.early);
        for statement in early.chain(&start) {
            self.statement(statement);
        }
        group.steps().iter().try_for_each(|step| self.step(step, group))?;
        if group.in_transaction() {
            self.statement("COMMIT");
        }
        Ok(())
    }

    fn step(&mut self, step: &Step, group: &Group) -> Result<(), Error> {
        let (script, context) = (step.script(), self.run.context());
        let unreadable = |error| Stop::unreadable(script, error).into_error(Aftermath::default());
        self.line(&format!("\n-- {}", script.path().display()));
        for (piece, sql) in preflight::again(script, &context, step.skip()).map_err(unreadable)? {
            self.statement(piece.sent().map_or(&sql, |sent| &sent.shown));
        }
        let mut statements = Statements::open(script, &context)?;
        let body = self.run.body(&mut statements)?;
        let through = self.script(&mut statements, step.skip()).map_err(unreadable)?;
        self.session(if group.in_transaction() { Mode::InTransaction } else { Mode::NoTransaction });
        let (state, clock, author) = (State::Applied, Clock::Ours(Duration::ZERO), &self.run.author_of(script));
        let progress = through.filter(|_| !group.in_transaction());
        let record = Record { script, state, clock, progress, body: body.as_deref(), author };
        self.statement(&self.run.connection.journal_sql().write(step, &record));
        Ok(())
    }

    /// The statements of a script behind the first of them; gives how far it goes.
    fn script(&mut self, statements: &mut Statements, skip: usize) -> Result<Option<Progress>, Unreadable> {
        let (mut prefix, mut count) = (Prefix::default(), 0);
        while let Some(piece) = statements.next() {
            let piece = piece?;
            prefix.extend(statements, &piece);
            count += 1;
            if count > skip {
                self.piece(statements, &piece)?;
            }
        }
        Ok((count > 0).then(|| Progress { statements: count, checksum: prefix.checksum() }))
    }

    fn piece(&mut self, statements: &mut Statements, piece: &Piece) -> Result<(), Unreadable> {
        let end = piece.data.as_ref().map_or(piece.statement.end, |data| data.start);
        let whole = match piece.sent() {
            None => statements.text(&(piece.span.start..end)).to_owned(),
            Some(sent) => {
                let around = [piece.span.start..piece.statement.start, piece.statement.end..end];
                let [before, behind] = around.map(|range| statements.text(&range));
                format!("{before}{}{behind}", sent.shown)
            }
        };
        let whole = whole.trim_matches(['\r', '\n']);
        match piece.delimiter(statements.sql(piece)) {
            _ if piece.data.is_some() => {
                self.line(whole);
                while let Some(rows) = statements.rows()? {
                    (self.write)(rows);
                }
                self.line("\\.");
            }
            None => self.statement(whole),
            Some(delimiter) => self.line(&format!("DELIMITER {delimiter}\n{whole}\n{delimiter}\nDELIMITER ;")),
        }
        Ok(())
    }

    fn session(&mut self, mode: Mode) {
        self.statement(&self.run.connection.session(mode).join("; "));
    }

    /// With what ends a statement for the database's own client.
    fn statement(&mut self, statement: &str) {
        self.line(&format!("{}{}", statement.trim_end(), self.run.connection.server().context.dialect.terminator()));
    }

    fn line(&mut self, line: &str) {
        (self.write)(line);
        (self.write)("\n");
    }
}
