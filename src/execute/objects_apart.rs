//! Applies object files where each statement that drops or creates something commits.

use super::object_records::{applied, place_of};
use super::objects::{is_missing, remaining};
use super::run::Run;
use crate::engine::{Access, Connection, Kept, ObjectsSql};
use crate::error::{Error, ErrorKind, ServerError};
use crate::event::Event;
use crate::objects::Existing;
use crate::plan::{ObjectPlan, ObjectStep};

impl Run<'_> {
    /// Applies files one by one. One that needs another is tried again after it, unless some of it stays. Returns the order
    /// that worked.
    pub(super) async fn one_by_one(
        &mut self,
        plan: &ObjectPlan,
        due: Vec<usize>,
        before: &[Existing],
        sql: &ObjectsSql,
    ) -> Result<Vec<usize>, Error> {
        self.reset_apart().await?;
        self.create_object_table(plan).await?;
        let (mut left, mut order) = (due, Vec::new());
        while !left.is_empty() {
            let (mut failed, done) = (Vec::new(), order.len());
            for at in std::mem::take(&mut left) {
                match self.apply_apart(plan, at, before, sql).await {
                    Ok(()) => order.push(at),
                    Err(error) if is_missing(&error) && self.stopped.is_none() => failed.push((at, error)),
                    Err(error) => return Err(error),
                }
            }
            left = remaining(failed, order.len() > done)?;
        }
        Ok(order)
    }

    /// Applies files again whose objects the scripts have broken. One that fails stays due.
    pub(super) async fn apply_again(
        &mut self,
        plan: &ObjectPlan,
        broken: Vec<usize>,
        before: &[Existing],
        sql: &ObjectsSql,
    ) -> Result<Vec<usize>, Error> {
        let rows = broken.iter().filter_map(|at| plan.steps[*at].entry.as_ref());
        let paths = rows.map(|entry| &*entry.path).collect::<Vec<_>>();
        let forget = self.connection.server().journal.forget_objects(&paths);
        self.write_objects(forget).await?;
        self.one_by_one(plan, broken, before, sql).await
    }

    /// Applies one file, and records it.
    async fn apply_apart(
        &mut self,
        plan: &ObjectPlan,
        at: usize,
        before: &[Existing],
        sql: &ObjectsSql,
    ) -> Result<(), Error> {
        let step = &plan.steps[at];
        self.stopped = None;
        self.keep_what_is_dropped(step, before, sql).await?;
        if let Err(error) = self.apply_files(plan, &[at]).await {
            return Err(with_remedy(self.put_back(step, error, sql).await));
        }
        let names = step.facts.object.created.iter().map(ToString::to_string).collect::<Vec<_>>();
        let left = step.entry.iter().flat_map(|entry| entry.names.iter().chain(&entry.left));
        let left = left.filter(|name| !names.contains(*name)).cloned().collect::<Vec<_>>();
        let values = self.values(plan, step);
        let records = [self.record(step, (&names, &left), values.as_deref(), place_of(at))];
        let journal = &self.connection.server().journal;
        let renamed = step.entry.as_ref().filter(|entry| entry.path != step.file.relative());
        let forgotten = renamed.map(|entry| journal.forget_objects(&[&entry.path])).unwrap_or_default();
        let statements = forgotten.into_iter().chain(journal.record_objects(&records)).collect();
        self.write_objects(statements).await?;
        let applied = applied(step, names);
        self.tell(&Event::ObjectsCommitted { objects: std::slice::from_ref(&applied) });
        self.objects.retain(|object| object.path != applied.path);
        self.objects.push(applied);
        Ok(())
    }

    /// Keeps what a file drops: its definition, for the case that the file fails, and what a new definition does not have.
    async fn keep_what_is_dropped(
        &mut self,
        step: &ObjectStep,
        before: &[Existing],
        sql: &ObjectsSql,
    ) -> Result<(), Error> {
        self.kept.clear();
        let Some(keep) = sql.keep else { return Ok(()) };
        let dialect = self.connection.server().context.dialect;
        let drops = |object: &&Existing| step.facts.object.drops(object.kind(), object.name(), dialect);
        let dropped = before.iter().filter(drops).cloned().collect::<Vec<_>>();
        for object in &dropped {
            self.stop_if_interrupted(Some(&step.file))?;
            let mut answers = Vec::new();
            for query in (keep.queries)(object) {
                answers.push(self.connection.query(&query).await.ok());
            }
            let kept = (keep.kept)(object, answers);
            if let Some(warning) = &kept.warning {
                self.warn(format!("{}: {warning}", step.file.name()));
            }
            if kept.restore.is_none() {
                let object = object.to_string();
                self.warn(format!(
                    "the definition of {object} cannot be read: if {} fails, it is gone",
                    step.file.name()
                ));
            }
            self.kept.push((object.clone(), kept));
        }
        if dropped.is_empty() { Ok(()) } else { self.reset_apart().await }
    }

    async fn reset_apart(&mut self) -> Result<(), Error> {
        let reset = self.connection.server().session.apart.join("; ");
        let reset = self.connection.query(&reset).await;
        reset.map(drop).map_err(|error| self.failed("resetting the session", error))
    }

    /// Puts back what a file that failed has dropped, whatever the user does meanwhile. Says what stays of the file.
    async fn put_back(&mut self, step: &ObjectStep, mut error: Error, sql: &ObjectsSql) -> Error {
        let kept = std::mem::take(&mut self.kept);
        if kept.is_empty() {
            return error;
        }
        self.connection.ignore_interrupts();
        let back = match self.connection.query(&sql.existing).await {
            Ok(rows) => restore(&mut *self.connection, kept, ObjectsSql::read(rows)).await,
            Err(_) => self.put_back_anew(kept, sql).await,
        };
        for lost in back {
            self.stopped = Some(step.file.name());
            if let Error::Script { error, .. } = &mut error {
                error.also.push(lost);
            }
        }
        // a session that is lost needs no reset
        let _ = self.reset_apart().await;
        error
    }

    /// Puts back on a new connection what was dropped before the run's own was lost.
    async fn put_back_anew(&mut self, kept: Vec<(Existing, Kept)>, sql: &ObjectsSql) -> Vec<String> {
        let lost = |kept: Vec<(Existing, Kept)>| {
            let lost = kept.into_iter().map(|(object, _)| format!("it is unknown whether {object} still exists"));
            lost.collect()
        };
        let Ok(mut connection) = self.migrator.connect(Access::Write).await else { return lost(kept) };
        match connection.query(&sql.existing).await {
            Ok(rows) => restore(&mut *connection, kept, ObjectsSql::read(rows)).await,
            Err(_) => lost(kept),
        }
    }
}

/// Adds what to do about a file that failed after others were committed.
fn with_remedy(mut error: Error) -> Error {
    if let Error::Script { error, .. } = &mut error
        && matches!(error.kind, ErrorKind::Plain | ErrorKind::DoesNotExist | ErrorKind::CannotReplace)
    {
        let remedy = "correct the file and run `Migrator::upgrade` again: it applies the file and all that is left";
        error.run_remedy = Some(remedy.into());
    }
    error
}

/// Creates again what no longer exists. Returns what could not be created, with the reasons. An object can need another:
/// what fails is tried once more.
async fn restore(connection: &mut dyn Connection, kept: Vec<(Existing, Kept)>, existing: Vec<Existing>) -> Vec<String> {
    let gone = kept.into_iter().filter(|(object, _)| !existing.contains(object));
    let (mut left, unread) = gone.partition::<Vec<_>, _>(|(_, kept)| kept.restore.is_some());
    let unread = unread.iter().map(|(object, _)| format!("the old {object} is gone: its definition could not be read"));
    let mut lost = Vec::new();
    for _ in 0..2 {
        lost.clear();
        for (object, kept) in std::mem::take(&mut left) {
            if let Err(why) = create_again(connection, &kept).await {
                lost.push(format!("the old {object} is gone: {why}"));
                left.push((object, kept));
            }
        }
    }
    unread.chain(lost).collect()
}

async fn create_again(connection: &mut dyn Connection, kept: &Kept) -> Result<(), ServerError> {
    for statement in kept.restore.iter().flatten().chain(&kept.after) {
        connection.query(statement).await?;
    }
    Ok(())
}
