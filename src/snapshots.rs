//! The snapshots in a database: which journals have some, and what the newest one says.

use crate::engine::{Cells, Connection, Server, read_journal_and};
use crate::error::{Error, ServerError};
use crate::journal::{Journal, JournalSql, JournalTable, MARK, Origin, Position, SCHEMA, Snapshot, Timestamp};
use crate::schema::Schema;

/// A column that only journals have.
const JOURNAL: &str = "done_checksum";

/// The journals of a database, and which of them have snapshots.
#[derive(Clone, Default)]
pub(crate) struct Snapshots {
    /// This journal has.
    pub(crate) own: bool,
    /// The journals of other histories.
    others: Vec<Other>,
}

/// The journal of another history.
#[derive(Clone)]
struct Other {
    journal: JournalSql,
    has_snapshots: bool,
}

/// What the newest snapshot of a database says.
pub(crate) struct Recorded {
    pub(crate) schema: Schema,
    pub(crate) origin: Origin,
    /// The other history that has left it.
    pub(crate) journal: Option<String>,
    /// Why it does not say how the schema should be now.
    pub(crate) stale: Option<Stale>,
}

/// Why a snapshot does not say how the schema should be.
pub(crate) enum Stale {
    /// Its journal has changed since.
    Journal,
    /// Scripts of another journal have run since.
    Other(String),
    /// Descriptions looked otherwise then.
    Described { then: String, now: String },
}

/// What a database says about its schema at one moment.
#[derive(Default)]
pub(crate) struct Sight {
    /// The newest snapshot of this journal.
    pub(crate) own: Option<Snapshot>,
    /// The newest snapshot of the database.
    pub(crate) recorded: Option<Recorded>,
    /// The schema as it is; `None` if the database has no snapshot.
    pub(crate) schema: Option<Schema>,
}

impl Snapshots {
    /// Reads the journal and, if there is one, finds the journals that have snapshots.
    pub(crate) async fn find(
        connection: &mut dyn Connection,
        own: &JournalTable,
    ) -> Result<(Journal, Option<Self>), Error> {
        let query = Self::query(connection.server());
        let (journal, answers) = read_journal_and(connection, &[&query]).await?;
        let found = journal.exists.then(|| Self::new(connection.server(), own, answers.into_iter().flatten()));
        Ok((journal, found))
    }

    /// Reads the journal, this journal's newest snapshot and the schema at once, where the engine can. The table of
    /// snapshots must exist.
    pub(crate) async fn look_at_once(
        connection: &mut dyn Connection,
        own: &JournalTable,
    ) -> Result<(Journal, Self, Sight), Error> {
        let (query, journal) = (Self::query(connection.server()), connection.server().journal.clone());
        let schema = connection.server().schema.clone();
        let described = schema.as_ref().map_or("SELECT 1", |schema| &schema.sql);
        let queries = [&query, &journal.snapshot(), &journal.position(), described];
        let (entries, answers) = read_journal_and(connection, &queries).await?;
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        let found = Self::new(connection.server(), own, next().into_iter());
        if !found.others.is_empty() {
            let sight = found.look(connection).await?;
            return Ok((entries, found, sight));
        }
        let snapshot = Snapshot::from_rows(next());
        let recorded = snapshot.clone().map(|snapshot| Recorded::new(snapshot, next(), connection.server()));
        let schema = schema.map(|schema| schema.described(next()));
        Ok((entries, found, Sight { own: snapshot, recorded, schema }))
    }

    fn query(server: &Server) -> String {
        let dialect = &server.journal.dialect;
        let columns = [MARK, JOURNAL].map(dialect.literal).join(", ");
        dialect.catalog.columns.replace("{names}", &(dialect.literal)("")).replace("{columns}", &columns)
    }

    fn new(server: &Server, own: &JournalTable, rows: impl Iterator<Item = Cells>) -> Self {
        let own_schema = own.schema.as_ref().or(server.context.journal_schema.as_ref());
        let mut found = Self::default();
        for row in rows {
            let Ok([schema, Some(table), Some(column)]) = <[Option<String>; 3]>::try_from(row) else { continue };
            let has_snapshots = column.eq_ignore_ascii_case(MARK);
            let name = if has_snapshots { table.strip_suffix(SCHEMA) } else { Some(table.as_str()) };
            let Some(name) = name.filter(|_| has_snapshots || column.eq_ignore_ascii_case(JOURNAL)) else { continue };
            let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
            let is_here = schema.as_ref().zip(own_schema).is_none_or(|(one, other)| same(one, other));
            if is_here && same(name, &own.name) {
                found.own |= has_snapshots;
                continue;
            }
            let journal = server.journal.elsewhere(schema.as_deref(), name);
            match found.others.iter_mut().find(|other| other.journal.table == journal.table) {
                Some(other) => other.has_snapshots |= has_snapshots,
                None => found.others.push(Other { journal, has_snapshots }),
            }
        }
        found
    }

    /// Returns the journal that has the newest snapshot of the database.
    async fn newest(&self, connection: &mut dyn Connection) -> Result<Option<JournalSql>, ServerError> {
        let own = self.own.then(|| connection.server().journal.clone());
        let others = self.others.iter().filter(|other| other.has_snapshots).map(|other| other.journal.clone());
        let mut journals = others.chain(own).collect::<Vec<_>>();
        if journals.len() < 2 {
            return Ok(journals.pop());
        }
        let queries = journals.iter().map(JournalSql::snapshot_time).collect::<Vec<_>>();
        let answers = connection.query_each(&queries.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        let newest = answers.into_iter().map(first).zip(journals).max_by(|(one, _), (other, _)| one.cmp(other));
        Ok(newest.map(|(_, journal)| journal))
    }

    /// Reads the newest snapshot and the schema, at once where the engine can. What the user may not read of other
    /// histories does not count.
    pub(crate) async fn look(&self, connection: &mut dyn Connection) -> Result<Sight, Error> {
        let looked = match self.try_look(connection).await {
            Err(_) if !self.others.is_empty() => Self { own: self.own, others: Vec::new() }.try_look(connection).await,
            looked => looked,
        };
        looked.map_err(|error| Error::reading("looking for what the last run has left", error))
    }

    async fn try_look(&self, connection: &mut dyn Connection) -> Result<Sight, ServerError> {
        let (Some(newest), Some(schema)) = (self.newest(connection).await?, connection.server().schema.clone()) else {
            return Ok(Sight::default());
        };
        let own = connection.server().journal.clone();
        let is_own = newest.table == own.table;
        let others = self.others.iter().map(|other| &other.journal).filter(|other| other.table != newest.table);
        let others = others.chain((!is_own).then_some(&own)).collect::<Vec<_>>();
        let mut queries = vec![newest.snapshot(), newest.position()];
        queries.extend((self.own && !is_own).then(|| own.snapshot()));
        queries.extend(others.iter().map(|other| other.latest()));
        let queries = queries.iter().map(String::as_str).chain([&*schema.sql]).collect::<Vec<_>>();
        let mut answers = connection.query_each(&queries).await?.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        let snapshot = Snapshot::from_rows(next());
        let position = next();
        let own = if is_own { snapshot.clone() } else { self.own.then(|| Snapshot::from_rows(next())).flatten() };
        let recorded = snapshot.map(|snapshot| {
            let mut recorded = Recorded::new(snapshot, position, connection.server());
            recorded.journal = (!is_own).then(|| newest.table.clone());
            for other in &others {
                let passes = first(next()).is_some_and(|latest| Timestamp::new(latest) > recorded.origin.at);
                if passes && recorded.stale.is_none() {
                    recorded.stale = Some(Stale::Other(other.table.clone()));
                }
            }
            recorded
        });
        Ok(Sight { own, schema: recorded.is_some().then(|| schema.described(next())), recorded })
    }
}

/// Returns the first cell of an answer.
fn first(answer: Vec<Cells>) -> Option<String> {
    answer.into_iter().flatten().next().flatten()
}

impl Recorded {
    fn new(snapshot: Snapshot, position: Vec<Cells>, server: &Server) -> Self {
        let Snapshot { schema, origin, .. } = snapshot;
        let position = position.into_iter().next().and_then(Position::from_cells);
        let now = server.describes();
        let stale = match () {
            () if position.as_ref() != Some(&origin.position) => Some(Stale::Journal),
            () if origin.described_by != now => Some(Stale::Described { then: origin.described_by.clone(), now }),
            () => None,
        };
        Self { schema, origin, journal: None, stale }
    }

    /// Returns why it does not say how the schema should be now.
    pub(crate) fn why_stale(&self) -> Option<String> {
        let reference = self.reference();
        Some(match self.stale.as_ref()? {
            Stale::Journal => format!("the journal has changed since {reference} was recorded"),
            Stale::Other(journal) => {
                format!("scripts of the journal {journal} have run since {reference} was recorded")
            }
            Stale::Described { then, now } => format!("{reference} was described on {then}, and this is {now}"),
        })
    }

    /// Names what a schema is compared with: `what run 41f3 left on 2026-11-20`.
    pub(crate) fn reference(&self) -> String {
        let (run, at) = (self.origin.run.to_string(), self.origin.at.to_string());
        let (run, day) = (run.get(..4).unwrap_or(&run).to_owned(), at.get(..10).unwrap_or(&at).to_owned());
        let of = self.journal.as_ref().map_or_else(String::new, |journal| format!(" of the journal {journal}"));
        format!("what run {run}{of} left on {day}")
    }
}
