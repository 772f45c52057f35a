//! What a run knows of the schema: the snapshot of the last run, whether it still holds, and the snapshot that this run
//! leaves.

use super::run::Run;
use crate::engine::{Message, SchemaSql};
use crate::error::{Error, ErrorKind, ServerError};
use crate::event::Event;
use crate::journal::{Acceptance, Journal, NewSnapshot, Position, Snapshot};
use crate::plan::{Drift, Operation, Plan, Stretch};
use crate::schema::Schema;
use crate::snapshots::{Sight, Snapshots};

/// What a run knows of the schema.
#[derive(Default)]
pub(super) struct Known {
    /// The journals that have snapshots, once that is known.
    snapshots: Snapshots,
    /// The newest snapshot of this journal.
    own: Option<Snapshot>,
    /// The newest snapshot of the database, and the schema before the run, if they differ where they should not.
    drifted: Option<(Schema, Schema)>,
}

impl Known {
    /// Says that the journal has snapshots.
    pub(super) const fn has_snapshots(&mut self) {
        self.snapshots.own = true;
    }

    /// Whether the journal is known to have snapshots.
    pub(super) const fn is_recorded(&self) -> bool {
        self.snapshots.own
    }
}

/// The journal's format since which there are snapshots.
const SINCE: u32 = 2;

/// How many bytes of statements a message has.
const MESSAGE: usize = 512 * 1024;

/// The longest name that every engine takes, less the longest ending that a table beside the journal has.
const LONGEST_NAME: usize = 55;

/// Makes what follows undone if it fails.
const SAVEPOINT: &str = "SAVEPOINT dbmigrate_schema";
const RELEASE: &str = "RELEASE SAVEPOINT dbmigrate_schema";
const UNDO: &str = "ROLLBACK TO SAVEPOINT dbmigrate_schema; RELEASE SAVEPOINT dbmigrate_schema";

impl Run<'_> {
    /// Whether the run records the schema that it leaves.
    pub(super) fn records_schema(&self) -> bool {
        let options = &self.migrator.options;
        let has_room = options.journal.name.len() <= LONGEST_NAME;
        options.schema_snapshot
            && has_room
            && self.operation != Operation::Rehearse
            && self.connection.server().schema.is_some()
    }

    /// Reads the journal again, under the lock, and with it what the last run has left and the schema as it is.
    pub(super) async fn look_again(&mut self, before: &Journal) -> Result<(Journal, Sight), Error> {
        let options = self.migrator.options.clone();
        if !options.schema_snapshot {
            return Ok((self.read_journal().await?, Sight::default()));
        }
        let looks = options.drift != Drift::Off && self.connection.server().schema.is_some();
        if looks && before.format >= SINCE {
            // the journal may have no snapshots in spite of its format
            let looked = Snapshots::look_at_once(&mut *self.connection, &options.journal).await;
            if let Ok((journal, snapshots, sight)) = looked {
                self.take_journal(&journal);
                self.known.snapshots = snapshots;
                return Ok((journal, self.masked(sight)));
            }
        }
        let found = Snapshots::find(&mut *self.connection, &options.journal).await;
        let (journal, snapshots) = self.migrator.or_interrupted(found)?;
        self.take_journal(&journal);
        self.known.snapshots = snapshots.unwrap_or_default();
        let sight = if looks { self.look().await? } else { Sight::default() };
        Ok((journal, sight))
    }

    /// Reads what the last run has left, and the schema as it is. A schema that cannot be described forbids nothing.
    async fn look(&mut self) -> Result<Sight, Error> {
        let snapshots = self.known.snapshots.clone();
        let looked = snapshots.look(&mut *self.connection).await;
        match self.migrator.or_interrupted(looked) {
            Err(error @ Error::Interrupted { .. }) => Err(error),
            Err(error) => {
                self.warn(format!("the schema was not compared with what the last run has left: {error}"));
                Ok(Sight::default())
            }
            Ok(sight) => Ok(self.masked(sight)),
        }
    }

    /// Masks the values of secret variables in the schema.
    fn masked(&self, sight: Sight) -> Sight {
        let schema = sight.schema.map(|schema| schema.masked(&self.migrator.options.variables));
        Sight { schema, ..sight }
    }

    pub(super) fn warn(&self, message: impl AsRef<str>) {
        self.tell(&Event::Notice { severity: "warning", message: message.as_ref() });
    }

    /// Compares the schema with what the last run has left, without the lock.
    pub(super) async fn look_for_drift(&mut self, plan: &mut Plan) -> Result<(), Error> {
        let options = &self.migrator.options;
        if plan.is_empty() || options.drift == Drift::Off || !options.schema_snapshot {
            return Ok(());
        }
        let found = Snapshots::find(&mut *self.connection, &options.journal).await;
        self.known.snapshots = self.migrator.or_interrupted(found)?.1.unwrap_or_default();
        let sight = self.look().await?;
        self.judge_drift(plan, sight)
    }

    /// Warns of drift, or refuses to run because of it.
    pub(super) fn judge_drift(&mut self, plan: &mut Plan, sight: Sight) -> Result<(), Error> {
        self.known.own = sight.own;
        let recorded = sight.recorded.filter(|recorded| recorded.stale.is_none());
        let Some((recorded, found)) = recorded.zip(sight.schema).filter(|_| !plan.is_empty()) else { return Ok(()) };
        let options = &self.migrator.options;
        let changed = |schema: &Schema| match &plan.objects {
            Some(objects) => schema.clone().leaving_out(|object| objects.has_other_values(object)),
            None => schema.clone(),
        };
        let comparison = changed(&recorded.schema).compare(&changed(&found), &options.comparison);
        if !comparison.is_equal() {
            let met = plan.meet_drift(comparison.summary(&recorded.reference()), options.drift);
            met.map_err(|summary| Error::Drift { summary })?;
        }
        if recorded.schema != found {
            self.known.drifted = Some((recorded.schema, found));
        }
        Ok(())
    }

    /// Whether the schema is recorded in the transaction of these scripts, which are the last ones.
    pub(super) fn records_within(&self, stretch: &Stretch<'_>) -> bool {
        let server = self.connection.server();
        let survives = server.schema.as_ref().is_some_and(|schema| schema.in_transaction.is_some());
        stretch.in_transaction && !stretch.is_followed && survives
    }

    /// Records the schema that the run leaves, in its transaction. If that fails, the run continues without it.
    pub(super) async fn record_schema(&mut self, stretch: &Stretch<'_>) -> Result<(), Error> {
        let schema = self.connection.server().schema.clone();
        let schema = schema.filter(|_| self.records_schema() && self.records_within(stretch));
        let Some((sql, schema)) = schema.and_then(|schema| Some((schema.in_transaction.clone()?, schema))) else {
            return Ok(());
        };
        match self.try_record_schema(&schema, &sql).await {
            Err(error) if self.is_interrupt(&error) || error.kind == ErrorKind::ConnectionLost => {
                Err(self.failed("recording the schema", error))
            }
            Err(error) => {
                self.ours("leaving out the record of the schema", UNDO).await?;
                self.warn(unrecorded(&error.to_string()));
                Ok(())
            }
            Ok(()) => {
                self.known.has_snapshots();
                Ok(())
            }
        }
    }

    async fn try_record_schema(&mut self, schema: &SchemaSql, sql: &str) -> Result<(), ServerError> {
        let (_, rows) = self.describe(schema, Some(SAVEPOINT), sql).await?;
        let create = (!self.known.snapshots.own).then(|| self.connection.server().journal.create_schema_table());
        let mut message = Message::default();
        for sql in create.into_iter().chain(rows).chain([RELEASE.to_owned()]) {
            if !message.parts().is_empty() && message.sql().len() + sql.len() > MESSAGE {
                self.tell_server(&message).await?;
                message.clear();
            }
            message.push(&sql, None);
        }
        self.tell_server(&message).await
    }

    /// Sends statements in the way of a script's: the answer may also bring the proof that the transaction is as it should
    /// be.
    async fn tell_server(&mut self, message: &Message) -> Result<(), ServerError> {
        let sent = self.connection.send(message, None, &mut |_| ()).await;
        sent.map(drop).map_err(|failure| failure.error)
    }

    /// Records the schema that the run has left, in a transaction of its own. If that fails, it is not recorded: the
    /// scripts are committed.
    pub(super) async fn record_schema_apart(&mut self) {
        if !self.records_schema() || self.migrator.cancel.is_cancelled() {
            return;
        }
        match self.try_record_schema_apart().await {
            Ok(()) => self.known.has_snapshots(),
            Err(error) => {
                let error = self.roll_back(self.failed("recording the schema", error)).await;
                self.warn(unrecorded(&error.to_string()));
            }
        }
    }

    async fn try_record_schema_apart(&mut self) -> Result<(), ServerError> {
        let Some(schema) = self.connection.server().schema.clone() else { return Ok(()) };
        let (count, rows) = self.describe(&schema, None, &schema.sql).await?;
        if !self.known.snapshots.own {
            let create = self.connection.server().journal.create_schema_table();
            self.connection.query(&create).await?;
        }
        let server = self.connection.server();
        let begin = server.journal.dialect.begin.to_owned();
        let guard = server.journal.guard(count, server.session.is_locked.as_deref());
        let guard = Some(guard).filter(|guard| !guard.is_empty());
        let end = server.session.commit.to_owned();
        for message in self.messages([begin].into_iter().chain(guard).chain(rows).chain([end])) {
            self.connection.query(&message).await?;
        }
        Ok(())
    }

    /// Records the schema after a run that failed and has left something. The session may still be as the failed script
    /// has set it.
    pub(super) async fn record_what_is_left(&mut self) {
        if self.records_schema() && !self.migrator.cancel.is_cancelled() {
            let reset = self.connection.server().session.apart.join("; ");
            match self.connection.query(&reset).await {
                Ok(_) => self.record_schema_apart().await,
                Err(error) => self.warn(unrecorded(&error.to_string())),
            }
        }
    }

    /// Records a schema that no run has left, and who has accepted it.
    pub(crate) async fn accept_schema(
        &mut self,
        acceptance: &Acceptance<'_>,
        own: Option<&Snapshot>,
    ) -> Result<(), Error> {
        let server = self.connection.server();
        let (journal, described_by) = (server.journal.clone(), server.describes());
        let create = format!("{};\n{}", journal.create_repairs(), journal.create_schema_table());
        let (position, schema) = (Position::after(acceptance.last), acceptance.schema);
        let new = NewSnapshot { schema, position: &position, described_by: &described_by, author: &self.author };
        let clear = own.is_none().then(|| journal.clear_schema_table());
        let first = [journal.acceptance(acceptance, &self.author)].into_iter().chain(clear);
        let messages = self.messages(first.chain(journal.write_snapshot(own, &new)));
        let written = self.transact_ours("recording the schema", &create, &messages).await;
        written.map_err(|error| self.error(error))
    }

    /// Describes the schema, after a first statement, and returns the number of the journal's rows and the statements that
    /// record it.
    async fn describe(
        &mut self,
        schema: &SchemaSql,
        first: Option<&str>,
        sql: &str,
    ) -> Result<(u64, Vec<String>), ServerError> {
        let server = self.connection.server();
        let (journal, described_by) = (server.journal.clone(), server.describes());
        let own = self.known.own.is_none() && self.known.snapshots.own;
        let mut queries = vec![journal.position(), journal.count()];
        queries.extend(own.then(|| journal.snapshot()));
        let queries = first.into_iter().chain(queries.iter().map(String::as_str)).chain([sql]).collect::<Vec<_>>();
        let answers = self.connection.query_each(&queries).await?;
        let mut answers = answers.into_iter().skip(first.iter().count());
        let mut next = || answers.next().unwrap_or_default();
        let (position, count) = (next(), next());
        if own {
            self.known.own = Snapshot::from_rows(next());
        }
        let found = schema.described(next()).masked(&self.migrator.options.variables);
        let position = position.into_iter().next().and_then(Position::from_cells);
        let count = count.into_iter().flatten().next().flatten().and_then(|count| count.parse().ok());
        let empty = || ServerError::new("", "the journal has no rows", ErrorKind::Plain);
        let (position, count) = position.zip(count).ok_or_else(empty)?;
        let left = match &self.known.drifted {
            Some((recorded, before)) => recorded.updated(before, &found),
            None => found,
        };
        // a table without a snapshot that can be read may still have rows
        let clear = self.known.own.is_none().then(|| journal.clear_schema_table());
        let new = NewSnapshot { schema: &left, position: &position, described_by: &described_by, author: &self.author };
        let rows = journal.write_snapshot(self.known.own.as_ref(), &new);
        Ok((count, clear.into_iter().chain(rows).collect()))
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

fn unrecorded(reason: &str) -> String {
    format!("the schema was not recorded, so that the next run cannot compare with it: {reason}")
}
