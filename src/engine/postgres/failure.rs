//! Finds out why a message failed, and at which of its statements.

use super::Postgres;
use super::error::{self, server_error};
use super::repertoire;
use super::schemas::in_schemas;
use crate::engine::{Connection, Failure, Message, only_place};
use crate::error::ServerError;

/// The indexes that exist but are not valid.
const INVALID: &str = "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid \
                       JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE NOT indisvalid AND {schemas}";

impl Postgres {
    /// Returns the error for an index that exists but is not valid, after `CREATE INDEX CONCURRENTLY IF NOT EXISTS`.
    pub(super) async fn invalid_index(&mut self, message: &Message) -> Option<ServerError> {
        let words = &message.parts().first()?.statement.as_ref()?.words;
        if !words.starts(&["CREATE"]) || !words.contains("CONCURRENTLY") || !words.contains("EXISTS") {
            return None;
        }
        let invalid = in_schemas(INVALID, "nspname", self.settings.schema.as_deref());
        // this is an extra check: if it fails, the statement has succeeded all the same
        let names = self.query(&invalid).await.ok()?.into_iter().flatten().flatten();
        names.into_iter().find(|name| only_place(message.sql(), name).is_some()).map(|name| error::invalid_index(&name))
    }

    /// Returns why a message failed, and where.
    pub(super) async fn failure(&mut self, message: &Message, answered: usize, error: &sqlx::Error) -> Failure {
        let (mut part, mut at) = error::place(error, message, answered);
        if let Some((lacking, place)) = error::unconvertible(error).and_then(|said| repertoire::place(message, &said)) {
            (part, at) = (lacking, Some(place));
        }
        if at.is_none() && answered == 0 && error::is_unreadable(error) {
            part = self.unreadable(message).await;
        }
        let error = match message.parts().get(part).and_then(|part| part.statement.as_ref()) {
            Some(statement) => error::statement_error(error, &statement.words),
            None => server_error(error),
        };
        Failure { at, ..Failure::new(part, self.with_schema(error)) }
    }

    /// Adds advice for a script that creates the schema that the run has already created for its journal.
    fn with_schema(&self, error: ServerError) -> ServerError {
        let duplicate = error.code.as_deref() == Some("42P06")
            && error.message.split('"').nth(1) == self.settings.journal.schema.as_deref();
        let remedy =
            duplicate.then_some("dbmigrate has created this schema for its journal: write CREATE SCHEMA IF NOT EXISTS");
        ServerError { remedy: remedy.or(error.remedy), ..error }
    }

    /// Returns which statement of a message the server cannot parse, if the server has not said so: it parses a whole
    /// message before it runs any of it. In a failed transaction, it still parses statements, and refuses those that it
    /// can parse.
    async fn unreadable(&mut self, message: &Message) -> usize {
        const REFUSED: &str = "25P02";
        if self.transaction.is_some() && message.parts().len() > 1 {
            for (i, part) in message.parts().iter().enumerate() {
                match self.query(message.text(part)).await {
                    Err(error) if error.code.as_deref() == Some(REFUSED) => {}
                    Err(_) => return i,
                    Ok(_) => break,
                }
            }
        }
        0
    }
}
