//! What a scenario needs to know of an engine, and the engines.

#[cfg(feature = "mysql")]
pub(crate) mod mysql;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
#[cfg(feature = "sqlserver")]
pub(crate) mod sqlserver;

use std::path::Path;

use async_trait::async_trait;

/// A database on one engine. It is dropped with this value.
#[async_trait]
pub(crate) trait Engine: Send + Sync {
    /// Creates an empty database; `folder` is the scenario's own.
    fn create(folder: &Path) -> Self
    where
        Self: Sized;

    /// Another empty database of the same engine; `folder` is its own.
    fn another(&self, folder: &Path) -> Box<dyn Engine>;

    /// A new database that equals this one, if the engine makes one quicker than by running the SQL again.
    fn copy(&self) -> Option<Box<dyn Engine>> {
        None
    }

    /// The URL with which everything is allowed.
    fn url(&self) -> String;

    fn texts(&self) -> &'static Texts;

    /// What the engine's own client answers: `Ok` with the rows, `|` between the columns, or `Err` with what it says.
    fn client(&self, sql: &str) -> Result<String, String>;

    /// Everything in the database as SQL, made by the engine's own client.
    fn dump(&self) -> String;

    /// A session that stays open.
    async fn session(&self) -> Box<dyn Session>;

    /// Ends every session that the server keeps for programs that may be gone.
    fn end_sessions(&self);

    /// Drops the database.
    fn drop_database(&self);

    /// What dbmigrate has left beside the database: temporary databases, lock files.
    fn left_beside(&self) -> Vec<String>;

    /// The database exists.
    fn exists(&self) -> bool;

    /// A text without what is this database's alone.
    fn bare(&self, text: &str) -> String {
        text.to_owned()
    }
}

/// A session of another program.
#[async_trait]
pub(crate) trait Session: Send {
    async fn run(&mut self, sql: &str);
}

/// How a server is talked to.
#[derive(Clone, Copy)]
#[cfg_attr(
    not(any(feature = "mysql", feature = "postgres", feature = "sqlserver")),
    expect(dead_code, reason = "only servers have one")
)]
pub(crate) struct Wire {
    pub(crate) port: u16,
    /// The parameter of the URL without which it would be encrypted.
    pub(crate) plain: &'static str,
    /// A `COMMIT` that is the message's only statement.
    pub(crate) commit: &'static [u8],
    /// Takes the complete messages out of what a client has sent, and gives the SQL that is among them.
    pub(crate) queries: fn(&mut Vec<u8>) -> Vec<String>,
}

/// What engines say in their own words.
pub(crate) struct Texts {
    #[cfg_attr(
        not(any(feature = "mysql", feature = "postgres", feature = "sqlserver")),
        expect(dead_code, reason = "only servers have one")
    )]
    pub(crate) wire: Option<Wire>,
    /// The note with the engine's code for a missing table.
    pub(crate) no_table_code: &'static str,
    /// The message for the missing table `nope`.
    pub(crate) no_table: &'static str,
    /// The message for a syntax error at the word `VLAUES`.
    pub(crate) syntax: &'static str,
    /// The message and the notes when `child` points to a missing row of `parent`, at the commit.
    pub(crate) dangling: &'static [&'static str],
    /// The message for a second row with the key 1 in `t`.
    pub(crate) duplicate: &'static str,
    /// A statement that takes minutes.
    pub(crate) slow: &'static str,
    /// What is said of a statement that took longer than allowed, and the note with its code where it has one.
    pub(crate) too_slow: &'static str,
    pub(crate) too_slow_code: Option<&'static str>,
    /// A schema of its own for the journal, where the engine has schemas, and how it is quoted before the table.
    pub(crate) journal_schema: Option<&'static str>,
    pub(crate) journal_prefix: &'static str,
    /// The quotes around a name.
    pub(crate) quotes: [char; 2],
    /// A type for texts of any language.
    pub(crate) text: &'static str,
    /// What separates statements that are sent one by one.
    pub(crate) separator: &'static str,
    /// How a transaction begins.
    pub(crate) begin: &'static str,
    /// A savepoint `a`, back to it, and its end.
    pub(crate) savepoints: [&'static str; 3],
    /// Keeps others from writing to `t` until a ROLLBACK.
    pub(crate) hold: &'static str,
    /// A script that changes as many settings of the session as it can.
    pub(crate) setting: &'static str,
    /// How the sentence begins that says who holds the run's lock.
    pub(crate) holder: &'static str,
    /// The sentence says from where the holder has connected.
    pub(crate) shows_holder: bool,
    /// A statement for a table `t` that is no part of a transaction.
    pub(crate) maintain: &'static str,
    /// The prefix of a text of any language.
    pub(crate) national: &'static str,
    /// Creates the journal of DbUp as DbUp does it, and writes a row for the script NAME.
    pub(crate) dbup: &'static str,
    pub(crate) dbup_row: &'static str,
    /// It is known which statement has failed. Otherwise, in which line.
    pub(crate) counts_statements: bool,
    /// Types and values in the journals of other tools: a time, a truth value, bytes; true, false; the bytes of two checksums.
    pub(crate) old_types: [&'static str; 7],
    /// Takes the journal away.
    #[cfg_attr(
        not(any(feature = "mysql", feature = "postgres", feature = "sqlserver")),
        expect(dead_code, reason = "only servers do it unseen")
    )]
    pub(crate) lose_journal: &'static str,
    /// Creates a temporary table with the name of the journal.
    pub(crate) temporary: &'static str,
    /// Runs the statement {sql} so that the text does not show what it does.
    pub(crate) unseen: &'static str,
    /// What cannot run in a transaction.
    pub(crate) apart: &'static str,
    /// Everything that a script does can be rolled back. Otherwise the engine commits at each `CREATE`, `ALTER` and `DROP`.
    pub(crate) transactional_ddl: bool,
    /// What a rebuild promises.
    pub(crate) rebuild: &'static str,
    /// An object file with the view {name} of the {query}.
    pub(crate) view: &'static str,
    /// An object file with the routine {name} that returns {value}; on an engine without routines, a trigger on `item`.
    pub(crate) routine: &'static str,
    /// Creates tables `parent` and `child` with rows, and a view `pairs`.
    pub(crate) objects: &'static str,
}
