//! A dry run: prints the SQL of a schedule's actions.

use std::time::Duration;

use super::Run;
use super::source::ScriptSource;
use crate::error::Error;
use crate::journal::Clock;
use crate::plan::{
    Action, ObjectPlan, ObjectStep, Plan, ReadStatement, Row, RunMode, Schedule, Source, Step, Stretch, run_mode,
};
use crate::script::Script;

/// Prints what a run would send, without mere queries (the lock, the proofs, the journal's rows).
pub(super) struct DryRun<'a> {
    run: &'a Run<'a>,
    write: &'a mut (dyn FnMut(&str) + Send),
}

impl<'a> DryRun<'a> {
    pub(super) fn new(run: &'a Run<'a>, write: &'a mut (dyn FnMut(&str) + Send)) -> Self {
        Self { run, write }
    }

    /// Prints a plan.
    pub(super) fn plan(&mut self, plan: &Plan) -> Result<(), Error> {
        if plan.is_empty() {
            return Ok(());
        }
        self.line(&format!("-- {}", plan.guarantee()));
        let mut has_journal = self.run.has_journal;
        let mut is_recorded = false;
        for stretch in plan.stretches(&self.run.connection.server().capabilities(), &self.run.operation) {
            self.stretch(&stretch, has_journal)?;
            has_journal = true;
            is_recorded = self.run.records_within(&stretch);
        }
        if let Some(objects) = plan.objects.as_ref().filter(|_| self.run.applies_objects_apart()) {
            self.objects(objects)?;
        }
        if !is_recorded {
            self.record();
        }
        Ok(())
    }

    /// Prints the object files that are due. Others are due when a script has dropped what they create.
    fn objects(&mut self, plan: &ObjectPlan) -> Result<(), Error> {
        let due = plan.due(|_| true);
        if due.is_empty() {
            return Ok(());
        }
        if !plan.has_table {
            self.line("\n-- the journal");
            self.statement(&self.run.connection.server().journal.create_object_table());
        }
        let opening = self.run.opening(false, true);
        for at in &due {
            let ObjectStep { file, facts, .. } = &plan.steps[*at];
            self.line(&format!("\n-- {}", file.path().display()));
            if file.drops_first() {
                self.line(
                    "-- what it creates is dropped first, with what depends on it, and all of it is created again",
                );
            }
            let mut source = ScriptSource::open(file, &opening)?;
            while let Some(statement) = source.next()? {
                self.run(&statement);
            }
            for sql in self.run.after_object(facts) {
                self.statement(&sql);
            }
        }
        self.line("\n-- the journal");
        for sql in self.run.planned_objects(plan, &due)? {
            self.statement(&sql);
        }
        Ok(())
    }

    /// Prints where the schema is recorded: what is written depends on it.
    fn record(&mut self) {
        if self.run.records_schema() {
            self.line("-- the schema is recorded beside the journal");
        }
    }

    fn stretch(&mut self, stretch: &Stretch<'_>, has_journal: bool) -> Result<(), Error> {
        let capabilities = self.run.connection.server().capabilities();
        let run_mode = run_mode(stretch, &capabilities);
        let (opening, answers) = (self.run.opening(run_mode != RunMode::Transaction, true), self.run.packs(run_mode));
        let open = |step: &Step| opening.open(step);
        let mut schedule = Schedule::new(stretch, capabilities, self.run.operation.clone(), has_journal, open);
        let mut script = None;
        while let Some(action) = schedule.next()? {
            match action {
                Action::Open(step) => {
                    let opened = stretch.steps[step].script();
                    self.line(&format!("\n-- {}", opened.path().display()));
                    script = Some(opened);
                }
                Action::Prepare(sql) => self.statement(&sql),
                Action::Repeat(statement, sql) => self.statement(statement.sent().map_or(&sql, |sent| &sent.shown)),
                Action::Run(running) => {
                    self.run(&running.statement);
                    if running.statement.parsed.data.is_some() {
                        self.rows(schedule.source(), script)?;
                    }
                }
                Action::ApplyObjects => stretch.objects.map_or(Ok(()), |objects| self.objects(objects))?,
                Action::RecordSchema if self.run.records_within(stretch) => self.record(),
                Action::Record(row) => {
                    let knows = !self.run.connection.server().journal.dialect.has_own_clock();
                    let clock = if knows { row.clock } else { Clock::Ours(Duration::ZERO) };
                    self.own(&Action::Record(Row { clock, ..row }), script, answers);
                }
                action => self.own(&action, script, answers),
            }
        }
        Ok(())
    }

    /// Prints a statement of a script with the comments before it, without the values of secret variables.
    fn run(&mut self, statement: &ReadStatement) {
        let shown = statement.parsed.sent().map_or(&statement.sql, |sent| &sent.shown);
        let text = format!("{}{shown}", statement.lead);
        let text = text.trim_matches(['\r', '\n']);
        match statement.parsed.delimiter(&statement.sql) {
            None => self.statement(text),
            Some(delimiter) => self.line(&format!("DELIMITER {delimiter}\n{text}\n{delimiter}\nDELIMITER ;")),
        }
    }

    fn rows(&mut self, source: Option<&mut ScriptSource>, script: Option<&Script>) -> Result<(), Error> {
        let (Some(source), Some(script)) = (source, script) else { return Ok(()) };
        while let Some(rows) = source.rows().map_err(|error| Error::unreadable(script, error))? {
            (self.write)(rows);
        }
        self.line("\\.");
        Ok(())
    }

    /// Prints one of dbmigrate's own statements; those for the journal are marked.
    fn own(&mut self, action: &Action, script: Option<&Script>, answers: bool) {
        let sql = self.run.own_sql(action, script, Duration::ZERO, answers);
        if matches!(action, Action::CreateJournal | Action::Checkpoint(..) | Action::Record(_)) && !sql.is_empty() {
            self.line("-- the journal");
        }
        if matches!(action, Action::Renew) {
            self.line("-- in a new session");
        }
        for sql in sql {
            self.statement(&sql);
        }
    }

    /// Prints a statement with the terminator that the database's own client needs.
    fn statement(&mut self, statement: &str) {
        self.line(&format!("{}{}", statement.trim_end(), self.run.connection.server().context.dialect.terminator()));
    }

    fn line(&mut self, line: &str) {
        (self.write)(line);
        (self.write)("\n");
    }
}
