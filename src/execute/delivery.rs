//! Sends a message and evaluates what the answer says about its scripts.

use super::error::checking;
use super::observer::{Lines, Observer};
use super::sender::{Effect, Mark, Sender};
use super::source::ScriptSource;
use super::transaction::{COMMIT, names};
use crate::engine::{Answer, Failure, ProofError, Rows};
use crate::error::{Error, ErrorKind, ServerError};
use crate::event::Event;
use crate::plan::{Open, Proof, RunMode};
use crate::script::SqlFile;
use crate::sql::Statement;

impl Sender<'_, '_, '_> {
    /// Sends a statement with the rows after it.
    pub(super) async fn send_rows(&mut self, source: Option<&mut ScriptSource>) -> Result<(), Error> {
        let (script, watcher) = (self.script(), self.run.migrator.watcher.clone());
        let Some(source) = source else { return Ok(()) };
        let mut lines = Lines { source, script, watcher, torn: None };
        let sent = self.flush(Some(&mut lines)).await;
        lines.torn.take().map_or(sent, |error| Err(Error::unreadable(script, error)))
    }

    /// Sends the message, if there is one. Reports what has run and records it as applied.
    pub(super) async fn flush(&mut self, rows: Option<&mut dyn Rows>) -> Result<(), Error> {
        let first = self.marks.iter().find_map(|mark| mark.step).map(|step| self.stretch.steps[step].script());
        let Some(first) = first else { return Ok(()) };
        if let Err(error) = self.run.stop_if_interrupted(Some(first)) {
            // the statement that was packed last has not been sent
            self.scripts.iter_mut().for_each(|script| script.last = None);
            return Err(error);
        }
        // scripts may be complete already: the end of a transaction can have a message of its own after their rows
        let steps = self.marks.iter().filter_map(|mark| mark.step).filter(|step| !self.scripts[*step].is_complete);
        let mut order = steps.collect::<Vec<_>>();
        order.dedup();
        let mut observer = Observer {
            watcher: self.run.migrator.watcher.clone(),
            steps: &self.stretch.steps,
            progress: &mut self.scripts,
            order,
            runs: self.run.runs(),
            applied: Vec::new(),
        };
        observer.begin();
        let sent = self.run.connection.send(&self.message, rows, &mut |cells| observer.hear(&cells)).await;
        self.run.applied.append(&mut observer.applied);
        match sent {
            Ok(answer) => {
                self.delivered(answer);
                Ok(())
            }
            Err(failure) => Err(self.fail(failure).await),
        }
    }

    /// Handles a message of which all parts are done.
    fn delivered(&mut self, answer: Answer) {
        self.run.count_changed(answer);
        self.settle(usize::MAX);
        self.message.clear();
        self.marks.clear();
        self.left = self.open;
        if self.run_mode == RunMode::InBand {
            self.keep();
        }
        let Some(step) = self.step.filter(|_| self.run_mode != RunMode::Aside) else { return };
        let script = &self.scripts[step];
        if !script.is_complete {
            let (statements, bytes) = (script.statements, script.bytes);
            self.run.tell(&Event::Progress { script: self.stretch.steps[step].script(), statements, bytes });
        }
    }

    /// Settles the parts of the message before this one, which are done.
    pub(super) fn settle(&mut self, part: usize) {
        for mark in self.marks.iter_mut().take(part) {
            let Some(step) = mark.step else { continue };
            let script = &mut self.scripts[step];
            match std::mem::replace(&mut mark.effect, Effect::Nothing) {
                Effect::Nothing | Effect::Checks | Effect::Proves(_) | Effect::Commits(_) | Effect::Counts(_) => {}
                Effect::Known => script.known = true,
                Effect::Stays(progress) => script.progress = Some(progress),
                Effect::Complete => script.is_complete = true,
            }
        }
    }

    /// Returns what the part that failed means.
    pub(super) fn failed_mark(&self) -> Option<Mark> {
        self.marks.get(self.failed?).copied()
    }

    /// Returns the script's statement that failed, unless it is one of dbmigrate's own.
    pub(super) fn failed_statement(&self) -> Option<&Statement> {
        self.message.parts().get(self.failed?)?.statement.as_ref()
    }

    /// Marks the complete scripts as committed, except those of an open transaction.
    pub(super) fn keep(&mut self) {
        let group = self.step.and_then(|step| self.stretch.group(step)).filter(|_| self.left == Open::Transaction);
        let complete = self.run.applied.len() - self.base;
        self.keep_steps(group.map_or(complete, |group| group.start.min(complete)));
    }

    /// Marks this many of the scripts as committed, and no others.
    pub(super) fn keep_steps(&mut self, steps: usize) {
        let before = self.run.committed.max(self.base) - self.base;
        self.run.committed = self.base + steps;
        if before < steps {
            let scripts = self.stretch.steps[before..steps].iter().map(|step| step.script()).collect::<Vec<_>>();
            self.run.tell(&Event::Committed { scripts: &scripts });
        }
    }

    /// Returns the error for a part of the message that has failed.
    async fn fail(&mut self, failure: Failure) -> Error {
        let part = failure.part;
        self.settle(part);
        let step = self.marks.get(part).and_then(|mark| mark.step);
        let script: Option<&SqlFile> = step.map(|step| &**self.stretch.steps[step].script());
        let (is_interrupt, during) =
            (self.run.is_interrupt(&failure.error), script.map_or_else(String::new, SqlFile::name));
        self.step = step.or(self.step);
        self.failed = Some(part);
        self.unanswered |= is_interrupt && failure.error.kind == ErrorKind::ConnectionLost;
        if is_interrupt {
            return Error::interrupted(Some(during));
        }
        match (script, self.failed_mark().map(|mark| mark.effect)) {
            (Some(script), Some(Effect::Checks)) => Error::database(checking(script), failure.error),
            _ if failure.error.kind == ErrorKind::ConnectionLost => Error::failed(script, &self.message, failure),
            (_, Some(Effect::Proves(rows))) => self.disproved(rows, failure.error).await,
            (_, Some(Effect::Commits(_))) => Error::database(COMMIT, failure.error),
            (_, Some(Effect::Counts(rows))) => self.miscounted(rows, failure.error).await,
            _ => Error::failed(script, &self.message, failure),
        }
    }

    /// Returns why the transaction of a group cannot be committed.
    async fn disproved(&mut self, rows: u64, error: ServerError) -> Error {
        let scripts = self.step.and_then(|step| self.stretch.group(step)).map(|group| &self.stretch.steps[group]);
        let (scripts, expected) = (names(scripts.unwrap_or_default()), self.run.recorded + rows);
        match self.run.connection.prove(Proof::Transaction).await {
            Err(proof_error) => self.run.unproven(scripts, proof_error),
            Ok(Some(found)) if found != expected => Error::journal_changed(scripts, expected, Some(found)),
            Ok(_) => self.run.unproven(scripts, ProofError::Refused(error)),
        }
    }

    /// Returns why the journal does not have the rows that scripts outside a transaction should have left in it.
    async fn miscounted(&mut self, rows: u64, error: ServerError) -> Error {
        let last = self.step.map_or(0, |step| if self.stretch.group(step).is_some() { step } else { step + 1 });
        let first = (0..last).rev().find(|step| self.stretch.group(*step).is_some()).map_or(0, |step| step + 1);
        let counted = self.run.has_kept_rows(&self.stretch.steps[first..last], rows).await;
        counted.err().unwrap_or_else(|| self.run.failed("reading the journal", error))
    }
}
