//! Statements are `ADD name` and `REMOVE name`. A transaction is a copy of the contents.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;

use super::{Contents, ENGINE, databases};
use crate::engine::Target;
use crate::engine::{
    Answer, Cells, Connection, Failure, Fate, Message, NoLock, OnRow, ProofError, RehearsalSql, Replacement, Rows,
    Server, SessionSql, Settings, Table,
};
use crate::error::{Error, ErrorKind, ServerError};
use crate::journal::{Catalog, Foreign, JournalDialect, JournalSql};
use crate::plan::{Batching, Checkpoints, Proof, Warning};
use crate::sql::{Context, SQLITE};

pub(super) struct Memory {
    name: String,
    server: Server,
    /// The contents as the open transaction has them.
    transaction: Option<Contents>,
}

impl Memory {
    pub(super) fn new(name: &str, settings: &Settings) -> Self {
        Self { name: name.into(), server: server(settings), transaction: None }
    }

    fn contents<T>(&mut self, act: impl FnOnce(&mut Contents) -> T) -> T {
        match &mut self.transaction {
            Some(contents) => act(contents),
            None => act(databases().entry(self.name.clone()).or_default()),
        }
    }

    fn run(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        let words = sql.split_whitespace().collect::<Vec<_>>();
        let failed = |message: String| Err(ServerError::new(ENGINE.name, message, ErrorKind::Plain));
        match *words.as_slice() {
            ["ADD", name] if !self.contents(|contents| contents.names.insert(name.into())) => {
                failed(format!("{name} exists"))
            }
            ["REMOVE", name] if !self.contents(|contents| contents.names.remove(name)) => {
                failed(format!("there is no {name}"))
            }
            ["ADD" | "REMOVE", _] | [] => Ok(Vec::new()),
            ["BEGIN"] => {
                self.transaction = Some(self.contents(|contents| contents.clone()));
                Ok(Vec::new())
            }
            ["COMMIT"] => {
                if let Some(contents) = self.transaction.take() {
                    databases().insert(self.name.clone(), contents);
                }
                Ok(Vec::new())
            }
            ["CREATE", ..] => {
                self.contents(|contents| _ = contents.journal.get_or_insert_default());
                Ok(Vec::new())
            }
            ["INSERT", ..] => Ok(self.contents(|contents| insert(contents, sql))),
            ["SELECT", "count(*)", ..] => Ok(vec![vec![Some(self.rows(BTreeMap::len).to_string())]]),
            ["SELECT", "max(format)", ..] => Ok(vec![vec![Some("1".into())]]),
            ["SELECT", ..] => {
                let columns = sql.split_once(" FROM ").map_or("", |(columns, _)| columns);
                let columns = columns.trim_start_matches("SELECT ").split(", ").collect::<Vec<_>>();
                let cells =
                    |row: &HashMap<_, _>| columns.iter().map(|name| row.get(*name).cloned().flatten()).collect();
                Ok(self.rows(|rows| rows.values().map(cells).collect()))
            }
            _ => failed(format!("{sql:?} is not a statement")),
        }
    }

    /// The journal's rows.
    fn rows<T>(&mut self, act: impl FnOnce(&BTreeMap<u64, HashMap<String, Option<String>>>) -> T) -> T {
        self.contents(|contents| act(contents.journal.get_or_insert_default()))
    }
}

/// Takes `INSERT INTO t (a, b) VALUES (1, 'x')`, possibly with `RETURNING duration_ms`.
fn insert(contents: &mut Contents, sql: &str) -> Vec<Cells> {
    let lists = sql.split(['(', ')']).collect::<Vec<_>>();
    let value = |text: &str| (text != "NULL").then(|| text.trim_matches('\'').replace("%2C", ",").replace("%28", "("));
    let row = lists[1].split(", ").map(ToOwned::to_owned).zip(lists[3].split(", ").map(value));
    let row = row.collect::<HashMap<_, _>>();
    let number = row["number"].as_deref().and_then(|number| number.parse().ok()).unwrap_or_default();
    let answer = vec![vec![row["duration_ms"].clone()]];
    contents.journal.get_or_insert_default().insert(number, row);
    answer
}

/// Returns a literal without any character that separates values.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace(',', "%2C").replace('(', "%28").replace(')', "%29"))
}

fn server(settings: &Settings) -> Server {
    let dialect = JournalDialect {
        create: "CREATE {table}",
        repairs: "",
        snapshots: "",
        objects: "",
        exists: "",
        now: "'2026-01-31T12:00:00Z'",
        time: "applied_at",
        literal,
        moment: literal,
        begin: "BEGIN",
        elapsed: "0",
        begun: "",
        restart: None,
        guard: "",
        returning: Some("RETURNING duration_ms"),
        quote: ToOwned::to_owned,
        foreign: Foreign { table: "", columns: "" },
        catalog: Catalog { tables: "".into(), columns: "".into(), cell: "", hex: "" },
    };
    Server {
        context: Context::new(SQLITE),
        product: format!("{} 1.0", ENGINE.name),
        user: None,
        batching: Batching::Run,
        checkpoints: Checkpoints::Aside,
        message_limit: 1000,
        stores_to_the_end: false,
        session: SessionSql { begin: vec!["BEGIN".into()], commit: "COMMIT", ..SessionSql::default() },
        rehearsal: RehearsalSql::default(),
        journal: JournalSql {
            name: settings.journal.name.clone(),
            table: settings.journal.name.clone(),
            create_schema: None,
            dialect,
        },
        schema: None,
        objects: None,
        databases: None,
        schemas: None,
        unlike_new: None,
    }
}

#[async_trait]
impl Connection for Memory {
    fn server(&self) -> &Server {
        &self.server
    }

    async fn try_lock(&mut self) -> Result<(), NoLock> {
        Ok(())
    }

    async fn run_holder(&mut self) -> Result<Option<String>, ServerError> {
        Ok(None)
    }

    async fn has_journal(&mut self) -> Result<bool, ServerError> {
        Ok(self.contents(|contents| contents.journal.is_some()))
    }

    async fn is_occupied(&mut self) -> Result<bool, ServerError> {
        Ok(self.contents(|contents| !contents.names.is_empty()))
    }

    async fn send(
        &mut self,
        message: &Message,
        _rows: Option<&mut dyn Rows>,
        on_row: OnRow<'_>,
    ) -> Result<Answer, Failure> {
        for (i, part) in message.parts().iter().enumerate() {
            let rows = self.run(message.text(part)).map_err(|error| Failure::new(i, error))?;
            rows.into_iter().for_each(&mut *on_row);
        }
        Ok(Answer::default())
    }

    async fn query(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        self.run(sql)
    }

    async fn table(&mut self, sql: &str) -> Result<Table, ServerError> {
        self.run(sql).map(|rows| (Vec::new(), rows))
    }

    async fn begin(&mut self) -> Result<(), ServerError> {
        self.run("BEGIN").map(drop)
    }

    async fn prove(&mut self, _proof: Proof) -> Result<Option<u64>, ProofError> {
        Ok(Some(self.rows(|rows| rows.len() as u64)))
    }

    async fn commit(&mut self) -> Result<(), ServerError> {
        self.run("COMMIT").map(drop)
    }

    async fn rollback(&mut self) -> Result<(), ServerError> {
        self.transaction = None;
        Ok(())
    }

    fn ignore_interrupts(&mut self) {}

    async fn fate(&mut self) -> Option<Fate> {
        Some(if self.transaction.is_some() { Fate::RolledBack } else { Fate::Committed })
    }

    async fn close(self: Box<Self>) {}
}

/// A database that was emptied and is built in its own place.
pub(super) struct InPlace(pub(super) String);

#[async_trait]
impl Replacement for InPlace {
    fn target(&self) -> Target {
        format!("toy:{}", self.0).parse().expect("it is a URL of the engine")
    }

    fn is_in_place(&self) -> bool {
        true
    }

    async fn swap(self: Box<Self>) -> Result<Option<Warning>, ServerError> {
        Ok(None)
    }

    async fn connection(&mut self) -> Result<Option<Box<dyn Connection>>, Error> {
        Ok(None)
    }

    async fn discard(self: Box<Self>) {}
}
