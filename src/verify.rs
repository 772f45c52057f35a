//! Compares the schema of a database with what it should be.

mod objects;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::engine::{Access, Connection, Target, read_journal, read_schema};
use crate::error::Error;
use crate::execute::Run;
use crate::journal::{Acceptance, Journal, RunId, Snapshot, Timestamp};
use crate::migrator::Migrator;
use crate::old_journal;
use crate::old_journal::{OldJournal, old_journals};
use crate::plan::{HeldObject, UpgradeOptions};
use crate::schema::Object;
use crate::schema::{Comparison, Schema};
use crate::script::Number;
use crate::snapshots::{Recorded, Sight, Snapshots};

pub(crate) use self::objects::ObjectFiles;

/// What the schema of a database is compared with.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Reference {
    /// What the last run has left: whatever differs was changed by hand since.
    #[default]
    LastRun,
    /// What the scripts build in a scratch database, at the number where the database is.
    Rebuild {
        /// Beside which database the scratch database is built; `None` is the target itself.
        scratch: Option<Target>,
    },
    /// Another database.
    Database(Target),
}

/// The result of [`Migrator::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// Name and version of the database product.
    pub product: String,
    /// What the schema was compared with, in words: `what run 41f3 left on 2026-11-20`.
    pub reference: String,
    /// The run that left what it was compared with, and when it ended.
    pub run: Option<(RunId, Timestamp)>,
    /// The highest number that is applied.
    pub at: Option<Number>,
    /// What may explain differences: the two servers are not alike.
    pub notes: Vec<String>,
    /// What the scripts may lack, but is not compared.
    pub only_here: OnlyHere,
    /// What was compared, what was not, and what differs.
    pub comparison: Comparison,
    /// How long everything took, including connecting.
    pub duration: Duration,
}

/// What a database has and a scratch database from its scripts has not, apart from its schema.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OnlyHere {
    /// The tables that have rows. If the scripts should fill one of them, they do not.
    pub rows: Vec<String>,
    /// The objects that have other rights, if rights do not count: `table shop.customers`.
    pub rights: Vec<String>,
}

/// How many names a line has.
const NAMED: usize = 5;

impl OnlyHere {
    /// Says what it is, in a line for each kind.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let line = |what: &str, names: &[String]| {
            let more = names.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            (!names.is_empty()).then(|| format!("{what}: {}{more}", names[..names.len().min(NAMED)].join(", ")))
        };
        let rows = line("rows; these tables have some here and none from the scripts", &self.rows);
        let rights = line("rights; these objects have some here that the scripts do not give", &self.rights);
        rows.into_iter().chain(rights).collect()
    }
}

/// What [`Migrator::accept`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Accepted {
    /// What the schema was compared with, in words.
    pub reference: String,
    /// How it differed from that. It no longer does.
    pub comparison: Comparison,
}

/// What the last run has left, and the schema as it is.
struct Looked {
    journal: Journal,
    own: Option<Snapshot>,
    recorded: Recorded,
    found: Schema,
}

/// A schema, and what its text depends on beside the scripts.
struct Described {
    schema: Schema,
    surroundings: Vec<(String, String)>,
}

impl Migrator {
    /// Compares the schema of the database with what it should be. [`Options::comparison`](crate::Options::comparison) says
    /// what counts. The database is only read.
    ///
    /// # Errors
    ///
    /// [`Error::Verify`] if there is nothing to compare with, or nothing could be compared; otherwise as for
    /// [`Migrator::status`] and, with a scratch database, [`Migrator::rebuild`].
    pub async fn verify(&self, reference: &Reference) -> Result<Verification, Error> {
        let started = Instant::now();
        let mut connection = self.connect(Access::Read).await?;
        let product = connection.server().product.clone();
        let verification = match reference {
            Reference::LastRun => self.with_last_run(&mut *connection).await,
            Reference::Rebuild { scratch } => self.with_rebuild(&mut *connection, scratch.as_ref()).await,
            Reference::Database(target) => self.with_database(&mut *connection, target).await,
        };
        let holder = match &verification {
            // what a run has not recorded yet looks like a difference
            Ok(verification) if verification.run.is_some() && !verification.comparison.is_equal() => {
                connection.run_holder().await.unwrap_or_default()
            }
            _ => None,
        };
        connection.close().await;
        if let Some(holder) = holder {
            return refuse(
                format!("a run is under way, and has not recorded its schema yet: {holder}"),
                "wait for its end",
            );
        }
        let verification = self.or_interrupted(verification)?;
        if verification.comparison.is_blank() {
            return refuse("no object could be read", UNREADABLE);
        }
        Ok(Verification { product, duration: started.elapsed(), ..verification })
    }

    async fn with_last_run(&self, connection: &mut dyn Connection) -> Result<Verification, Error> {
        let Looked { journal, recorded, found, .. } = self.look(connection).await?;
        let comparison = recorded.schema.compare(&found, &self.options.comparison);
        let run = Some((recorded.origin.run.clone(), recorded.origin.at.clone()));
        Ok(Verification { run, ..Verification::new(recorded.reference(), journal.at(), comparison) })
    }

    /// Reads what the last run has left, and the schema as it is.
    async fn look(&self, connection: &mut dyn Connection) -> Result<Looked, Error> {
        let (journal, snapshots) = Snapshots::find(connection, &self.options.journal).await?;
        let Some(snapshots) = snapshots else {
            return refuse("the database has no journal", BY_REBUILD);
        };
        let Sight { own, recorded, schema } = snapshots.look(connection).await?;
        let Some((recorded, found)) = recorded.zip(schema) else {
            return refuse("no run has recorded the schema yet", BY_REBUILD);
        };
        if let Some(why) = recorded.why_stale() {
            return refuse(why, BY_REBUILD);
        }
        let found = found.masked(&self.options.variables);
        Ok(Looked { journal, own, recorded, found })
    }

    async fn with_rebuild(
        &self,
        connection: &mut dyn Connection,
        scratch: Option<&Target>,
    ) -> Result<Verification, Error> {
        let journal = read_journal(connection).await?;
        let Some(at) = journal.at() else {
            return refuse(
                "the journal does not say which scripts the database has",
                "record them: `Migrator::baseline`",
            );
        };
        if journal.is_unfinished() {
            return refuse("a script stopped in the middle", "finish it first: `Migrator::upgrade`");
        }
        // a wrong history is a problem of its own
        self.plan(connection, &journal, &UpgradeOptions::new().to(at)).await?;
        let files = self.applied_objects(connection, &journal).await?;
        let (verification, _) =
            self.with_scripts(connection, scratch.unwrap_or(&self.target), at, files, Vec::new()).await?;
        Ok(verification)
    }

    /// Compares a database with what the scripts build through a number, with these object files, beside a database, without
    /// these journals of other tools and those that are found. Also returns the object files whose objects are equal, if they were not known before.
    pub(crate) async fn with_scripts(
        &self,
        connection: &mut dyn Connection,
        beside: &Target,
        to: Number,
        mut files: ObjectFiles,
        mut old: Vec<OldJournal>,
    ) -> Result<(Verification, Vec<HeldObject>), Error> {
        let (found, filled) = (self.described(connection).await?, self.filled(connection).await?);
        let (context, options) = (connection.server().context.clone(), UpgradeOptions::new().to(to));
        let scripts = self.scripts.through(to, |file| files.keeps(file));
        let scratch = self.scratch(beside, scripts, &options, &context).await?;
        let built = match scratch.connect(Access::Read).await {
            Ok(mut scratch) => {
                let built = self.look_at_scratch(&mut *scratch, connection, &found, &mut files).await;
                scratch.close().await;
                built
            }
            Err(error) => Err(error),
        };
        scratch.discard().await;
        let (built, filled_by_scripts, equal) = built?;
        let found_journals = old_journals(connection, &[]).await;
        old.extend(found_journals.map_err(|error| Error::reading("looking for the journals of other tools", error))?);
        let [built, found] = [built, found].map(|described| described.without(&files).without_journals(&old));
        let verification = self.compared(format!("what the scripts build at {to}"), Some(to), &built, &found);
        let rows = filled.difference(&filled_by_scripts).cloned().collect();
        let rights =
            if self.options.comparison.counts_grants() { Vec::new() } else { found.schema.other_rights(&built.schema) };
        let only_here = OnlyHere { rows, rights };
        Ok((Verification { only_here, ..verification }, equal))
    }

    /// Describes a scratch database, and compares its objects with those of the database.
    async fn look_at_scratch(
        &self,
        scratch: &mut dyn Connection,
        connection: &mut dyn Connection,
        found: &Described,
        files: &mut ObjectFiles,
    ) -> Result<(Described, BTreeSet<String>, Vec<HeldObject>), Error> {
        let (built, filled) = (self.described(scratch).await?, self.filled(scratch).await?);
        let equal = self.equal_objects(files, scratch, connection, (&built.schema, &found.schema)).await?;
        Ok((built, filled, equal))
    }

    async fn with_database(&self, connection: &mut dyn Connection, target: &Target) -> Result<Verification, Error> {
        if target.engine() != self.target.engine() {
            return refuse("the other database is of another kind", "compare databases of one kind");
        }
        let journal = read_journal(connection).await?;
        let found = self.described(connection).await?;
        let mut other = self.connect_to(target, Access::Read).await?;
        let expected = self.described(&mut *other).await;
        other.close().await;
        Ok(self.compared(format!("what {target} has"), journal.at(), &expected?, &found))
    }

    fn compared(&self, reference: String, at: Option<Number>, expected: &Described, found: &Described) -> Verification {
        let comparison = expected.schema.compare(&found.schema, &self.options.comparison);
        let notes = expected.unlike(found);
        Verification { notes, ..Verification::new(reference, at, comparison) }
    }

    /// Describes a database.
    async fn described(&self, connection: &mut dyn Connection) -> Result<Described, Error> {
        let failed = |error| Error::reading("describing the schema", error);
        let schema = read_schema(connection).await.map_err(failed)?;
        let Some(schema) = schema.map(|schema| schema.masked(&self.options.variables)) else {
            return refuse("this engine's schema cannot be described", "compare it with the database's own tools");
        };
        let mut surroundings = vec![("version".to_owned(), connection.server().product.clone())];
        if let Some(sql) = connection.server().schema.as_ref().and_then(|schema| schema.surroundings) {
            for row in connection.query(sql).await.map_err(failed)? {
                if let Ok([Some(name), Some(value)]) = <[_; 2]>::try_from(row) {
                    surroundings.push((name, value));
                }
            }
        }
        Ok(Described { schema, surroundings })
    }

    /// Returns the tables that have rows.
    async fn filled(&self, connection: &mut dyn Connection) -> Result<BTreeSet<String>, Error> {
        let filled = old_journal::filled(connection, &self.options.journal).await;
        filled.map_err(|error| Error::reading("looking for rows", error))
    }

    /// Takes the schema as it is for what it should be: the next run and the next [`Migrator::verify`] compare with it. The
    /// table of repairs beside the journal keeps who accepted it, when and why.
    ///
    /// # Errors
    ///
    /// [`Error::Verify`] if there is no reason, or no run has recorded a schema; otherwise as for [`Migrator::upgrade`].
    pub async fn accept(&self, reason: &str) -> Result<Accepted, Error> {
        let reason = reason.trim();
        if reason.is_empty() {
            return refuse("accepting differences needs a reason", "say why they are right");
        }
        let mut run = Run::new(self, self.connect(Access::Write).await?);
        run.lock().await?;
        let looked = self.look(&mut *run.connection).await;
        let Looked { journal, own, recorded, found } = self.or_interrupted(looked)?;
        let comparison = recorded.schema.compare(&found, &self.options.comparison);
        if comparison.is_blank() {
            return refuse("no object could be read", UNREADABLE);
        }
        run.stands_at(journal.at());
        if let Some(last) = journal.entries.last().filter(|_| !comparison.differences.is_empty()) {
            let old = &recorded.schema.fingerprint();
            run.accept_schema(&Acceptance { last, old, schema: &found, reason }, own.as_ref()).await?;
        }
        run.connection.close().await;
        Ok(Accepted { reference: recorded.reference(), comparison })
    }
}

impl Verification {
    fn new(reference: String, at: Option<Number>, comparison: Comparison) -> Self {
        let (product, run, notes, only_here) = (String::new(), None, Vec::new(), OnlyHere::default());
        Self { product, reference, run, at, notes, only_here, comparison, duration: Duration::ZERO }
    }
}

impl Described {
    /// Returns the description without the objects that are not compared.
    fn without(self, files: &ObjectFiles) -> Self {
        Self { schema: files.compared(self.schema), ..self }
    }

    /// Returns the description without the journals of other tools.
    fn without_journals(self, old: &[OldJournal]) -> Self {
        let is_named = |object: &Object, name: &str, table: &str| {
            let name = &*name.replace(['"', '`', '[', ']'], "");
            let bare = table.rsplit_once('.').map_or(table, |(_, bare)| bare);
            // a table without a schema may be in any
            let own = name.split_once('.').filter(|_| !table.contains('.')).map_or(name, |(_, own)| own);
            let rest =
                [(name, table), (name, bare), (own, table)].iter().find_map(|(name, table)| name.strip_prefix(table));
            rest.is_some_and(|rest| rest.is_empty() || object.kind == "sequence" && rest.starts_with('_'))
        };
        let is_of = |object: &Object, table: &str| {
            let parent = object.parent.as_deref();
            is_named(object, &object.name, table) || parent.is_some_and(|parent| is_named(object, parent, table))
        };
        // what belongs to a table is not named for itself
        let why = |object: &Object| {
            let is_table = object.kind == "table";
            old.iter().find_map(|OldJournal { tool, table, others, .. }| match () {
                () if is_of(object, table) && is_table => Some(format!("the journal of {tool}")),
                () if others.iter().any(|other| is_of(object, other)) && is_table => Some(format!("of {tool}")),
                () if is_of(object, table) || others.iter().any(|other| is_of(object, other)) => Some(String::new()),
                () => None,
            })
        };
        Self { schema: self.schema.leaving_out(why), ..self }
    }

    /// Returns in what the two servers are not alike.
    fn unlike(&self, found: &Self) -> Vec<String> {
        let value = |name: &str| found.surroundings.iter().find(|(other, _)| other == name).map(|(_, value)| value);
        let unlike = |(name, expected): &(String, String)| {
            let found = value(name).filter(|found| *found != expected)?;
            Some(format!("the {name} is {found} here and {expected} there, which may explain differences"))
        };
        self.surroundings.iter().filter_map(unlike).collect()
    }
}

const BY_REBUILD: &str = "compare with what the scripts build: `Reference::Rebuild`";

const UNREADABLE: &str = "check that it is the right database, and that its user may read the schema";

fn refuse<T>(why: impl Into<String>, remedy: &str) -> Result<T, Error> {
    Err(Error::Verify { why: why.into(), remedy: remedy.into() })
}
