//! What a run knows of the schema: the snapshot of the last run, whether it still holds, and the snapshot that this run
//! leaves.

use super::run::Run;
use crate::engine::SchemaSql;
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::journal::{Acceptance, Journal, Position, Snapshot};
use crate::plan::{Drift, Operation, Plan, Stretch, Warning};
use crate::schema::Schema;
use crate::snapshots::{Recorded, Sight, Snapshots};

/// What a run knows of the schema.
#[derive(Default)]
pub(super) struct Known {
    /// The journals that have snapshots, once that is known.
    pub(super) snapshots: Option<Snapshots>,
    /// The newest snapshot of this journal.
    own: Option<Snapshot>,
    /// The newest snapshot of the database, and the schema before the run, if they differ where they should not.
    drifted: Option<(Schema, Schema)>,
}

impl Run<'_> {
    /// Whether the run records the schema that it leaves.
    pub(super) fn records_schema(&self) -> bool {
        self.migrator.options.schema_snapshot
            && self.operation != Operation::Rehearse
            && self.connection.server().schema.is_some()
    }

    /// Reads the journal again, under the lock, and compares the schema with what the last run has left.
    pub(super) async fn look_again(&mut self) -> Result<(Journal, Option<Recorded>, Option<Schema>), Error> {
        let looks = self.migrator.options.drift != Drift::Off && self.migrator.options.schema_snapshot;
        if let Some(snapshots) = self.known.snapshots.clone().filter(|_| looks) {
            match self.migrator.or_interrupted(snapshots.look(&mut *self.connection).await) {
                Ok(Sight { journal, own, recorded, schema }) => {
                    self.take_journal(&journal);
                    self.known.own = own;
                    return Ok((journal, recorded, schema));
                }
                Err(error @ Error::Interrupted { .. }) => return Err(error),
                // a schema that cannot be described forbids no upgrade
                Err(error) => self.tell_unknown(&error),
            }
        }
        Ok((self.read_journal().await?, None, None))
    }

    fn tell_unknown(&self, error: &Error) {
        let message = format!("the schema was not compared with what the last run has left: {error}");
        self.tell(&Event::Notice { severity: "warning", message: &message });
    }

    /// Warns of drift, or refuses to run because of it.
    pub(super) fn judge_drift(
        &mut self,
        plan: &mut Plan,
        recorded: Option<Recorded>,
        found: Option<Schema>,
    ) -> Result<(), Error> {
        let (Some(recorded), Some(found)) = (recorded.filter(|recorded| !recorded.is_stale), found) else {
            return Ok(());
        };
        let options = &self.migrator.options;
        let comparison = recorded.schema.compare(&found, &options.comparison);
        if !comparison.is_equal() {
            let summary = comparison.summary(&recorded.reference());
            let resumes = plan.steps().next().is_some_and(|step| step.resume.is_some());
            if options.drift == Drift::Refuse && !resumes {
                return Err(Error::Drift { summary });
            }
            plan.warnings.push(Warning::Drift { summary });
        }
        if recorded.schema != found {
            self.known.drifted = Some((recorded.schema, found));
        }
        Ok(())
    }

    /// Whether the schema is recorded in the transaction of these scripts, which are the last ones.
    pub(super) fn records_within(&self, stretch: &Stretch<'_>) -> bool {
        let commits = self.connection.server().context.dialect.commits_at_ddl();
        stretch.in_transaction && !stretch.is_followed && !commits
    }

    /// Describes the schema in the run's transaction, and returns the statements that record it.
    pub(super) async fn recording(&mut self, stretch: &Stretch<'_>) -> Result<Vec<String>, Error> {
        let schema = self.connection.server().schema.filter(|_| self.records_schema() && self.records_within(stretch));
        let Some(schema) = schema else { return Ok(Vec::new()) };
        let Some((_, rows)) = self.describe(schema, schema.in_transaction).await? else { return Ok(Vec::new()) };
        let create = (!self.has_snapshots()).then(|| self.connection.server().journal.create_schema_table());
        Ok(create.into_iter().chain(rows).collect())
    }

    /// Records the schema that the run has left, in a transaction of its own. If that fails, it is not recorded: the
    /// scripts are committed.
    pub(super) async fn record_schema_apart(&mut self) {
        if !self.records_schema() || self.migrator.cancel.is_cancelled() {
            return;
        }
        if let Err(error) = self.try_record_schema_apart().await {
            self.tell_unrecorded(&error.to_string());
        }
    }

    async fn try_record_schema_apart(&mut self) -> Result<(), Error> {
        let Some(schema) = self.connection.server().schema else { return Ok(()) };
        let Some((count, rows)) = self.describe(schema, schema.sql).await? else { return Ok(()) };
        if !self.has_snapshots() {
            let create = self.connection.server().journal.create_schema_table();
            self.ours("creating the table for the schema", &create).await?;
        }
        let server = self.connection.server();
        let begin = server.journal.dialect.begin.to_owned();
        let guard = server.journal.guard(count, server.session.is_locked.as_deref());
        let guard = Some(guard).filter(|guard| !guard.is_empty());
        let end = server.session.commit.to_owned();
        for message in self.messages([begin].into_iter().chain(guard).chain(rows).chain([end])) {
            if let Err(error) = self.ours("recording the schema", &message).await {
                return Err(self.roll_back(error).await);
            }
        }
        Ok(())
    }

    /// Records a schema that no run has left, and who has accepted it.
    pub(crate) async fn accept_schema(
        &mut self,
        acceptance: &Acceptance<'_>,
        own: Option<&Snapshot>,
    ) -> Result<(), Error> {
        let journal = self.connection.server().journal.clone();
        let create = format!("{};\n{}", journal.create_repairs(), journal.create_schema_table());
        let position = Position::after(acceptance.last);
        let rows = journal.write_snapshot(own, acceptance.schema, &position, &self.author);
        let statements = [journal.acceptance(acceptance, &self.author)].into_iter().chain(rows);
        let messages = self.messages(statements);
        let written = self.transact_ours("recording the schema", &create, &messages).await;
        written.map_err(|error| self.error(error))
    }

    fn tell_unrecorded(&self, reason: &str) {
        let message = format!("the schema was not recorded, so that the next run cannot compare with it: {reason}");
        self.tell(&Event::Notice { severity: "warning", message: &message });
    }

    fn has_snapshots(&self) -> bool {
        self.known.snapshots.as_ref().is_some_and(|snapshots| snapshots.own)
    }

    /// Describes the schema, and returns the number of the journal's rows and the statements that record it; `None` if it
    /// cannot be described.
    async fn describe(&mut self, schema: SchemaSql, sql: &str) -> Result<Option<(u64, Vec<String>)>, Error> {
        let journal = self.connection.server().journal.clone();
        let own = self.known.own.is_none() && self.has_snapshots();
        let mut queries = vec![journal.position(), journal.count()];
        queries.extend(own.then(|| journal.snapshot()));
        let queries = queries.iter().map(String::as_str).chain([sql]).collect::<Vec<_>>();
        let answers = match self.connection.query_each(&queries).await {
            Ok(answers) => answers,
            Err(error) if self.is_interrupt(&error) || error.kind == ErrorKind::ConnectionLost => {
                return Err(self.failed("describing the schema", error));
            }
            Err(error) => {
                if let Some(undo) = schema.undo.filter(|_| sql == schema.in_transaction) {
                    self.ours("describing the schema", undo).await?;
                }
                self.tell_unrecorded(&error.to_string());
                return Ok(None);
            }
        };
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        let position = next().into_iter().next().and_then(Position::from_cells);
        let count = next().into_iter().flatten().next().flatten().and_then(|count| count.parse().ok());
        if own {
            self.known.own = Snapshot::from_rows(next());
        }
        let found = schema.described(next());
        let Some((position, count)) = position.zip(count) else { return Ok(None) };
        let left = match &self.known.drifted {
            Some((recorded, before)) => recorded.updated(before, &found),
            None => found,
        };
        // without a journal, nothing is known of a table of snapshots, and what it holds belongs to no journal
        let clear = self.known.snapshots.is_none().then(|| journal.clear_schema_table());
        let rows = journal.write_snapshot(self.known.own.as_ref(), &left, &position, &self.author);
        Ok(Some((count, clear.into_iter().chain(rows).collect())))
    }

    /// Joins statements to messages of a size that every server takes.
    pub(super) fn messages(&self, statements: impl IntoIterator<Item = String>) -> Vec<String> {
        let longest = self.connection.server().context.longest.map_or(MESSAGE, |longest| MESSAGE.min(longest / 2));
        let mut messages = Vec::<String>::new();
        for sql in statements {
            match messages.last_mut().filter(|message| message.len() + sql.len() < longest) {
                Some(message) => *message = format!("{message};\n{sql}"),
                None => messages.push(sql),
            }
        }
        messages
    }
}

/// How many bytes of statements a message has.
pub(super) const MESSAGE: usize = 512 * 1024;
