//! The connection to the server's own database (`master`), which creates, renames and drops databases.

use std::time::Duration;

use super::address::Address;
use super::error::{BUSY, number};
use super::session::{literal, quote};
use super::{Mssql, PRODUCT};
use crate::engine::Settings;
use crate::engine::supervisor::Call;
use crate::error::{Error, ErrorKind, ServerError};
use crate::plan::Warning;

/// A connection to the server's own database.
pub(super) struct Maintenance {
    pub(super) mssql: Mssql,
    /// How calls are supervised: no interrupt stops the exchange of the databases.
    pub(super) call: Call,
}

impl Maintenance {
    pub(super) async fn open(server: &Address, settings: &Settings) -> Result<Self, Error> {
        let master = server.with_database("master");
        let refused = |error| Error::Connect { target: master.to_string(), error };
        Ok(Self { mssql: Mssql::open(&master, settings).await.map_err(refused)?, call: Call::Own })
    }

    pub(super) async fn execute(&mut self, sql: &str) -> Result<(), ServerError> {
        self.mssql.call(self.call, sql).await.map(drop)
    }

    async fn texts(&mut self, sql: &str) -> Result<Vec<String>, ServerError> {
        Ok(self.mssql.call(self.call, sql).await?.into_iter().flatten().flatten().collect())
    }

    pub(super) async fn exists(&mut self, name: &str) -> Result<bool, ServerError> {
        // on Azure, DB_ID knows only the session's own database
        Ok(!self.texts(&format!("SELECT name FROM sys.databases WHERE name = {}", literal(name))).await?.is_empty())
    }

    /// Returns whether a database was created within the last minute: if it cannot be opened, it may be too early.
    pub(super) async fn is_new(&mut self, name: &str) -> Result<bool, ServerError> {
        let age = "SELECT CASE WHEN DATEDIFF(second, create_date, GETDATE()) < 60 THEN 1 ELSE 0 END FROM sys.databases \
                   WHERE name = ";
        Ok(self.texts(&format!("{age}{}", literal(name))).await? == ["1"])
    }

    /// Returns why a database that exists cannot be opened.
    pub(super) async fn closed(&mut self, name: &str) -> Result<ServerError, ServerError> {
        let state = "SELECT CONCAT(LOWER(state_desc), ', ', LOWER(user_access_desc)) FROM sys.databases WHERE name = ";
        let state = self.texts(&format!("{state}{}", literal(name))).await?.pop().unwrap_or_default();
        let message = format!("the database exists ({state}), but this login cannot open it");
        Ok(ServerError::new(PRODUCT, message, ErrorKind::Denied))
    }

    pub(super) async fn create(&mut self, name: &str, options: &str) -> Result<(), ServerError> {
        let create = format!("CREATE DATABASE {}{options}", quote(name));
        let answer = self.patiently(&create).await;
        answer.map_err(|error| match error.kind {
            ErrorKind::Denied => ServerError { kind: ErrorKind::CannotCreateDatabase, remedy: Some(GRANT), ..error },
            _ => error,
        })
    }

    /// Runs a statement that another session may block for a moment.
    async fn patiently(&mut self, sql: &str) -> Result<(), ServerError> {
        let mut tries = 10;
        loop {
            match self.execute(sql).await {
                Err(error) if tries > 0 && BUSY.contains(&number(&error)) => tries -= 1,
                answer => return answer,
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Runs a statement for which no other session may use a database: ends its sessions and keeps others away in the
    /// same batch, or, if the server cannot do that, ends them one by one. Sessions that come back at once are ended
    /// again.
    pub(super) async fn alone(&mut self, database: &str, sql: &str) -> Result<(), ServerError> {
        let alone = format!("ALTER DATABASE {} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; {sql}", quote(database));
        let mut tries = 10;
        loop {
            let is_final = |error: &ServerError| matches!(error.kind, ErrorKind::ConnectionLost | ErrorKind::Cancelled);
            if !self.mssql.is_azure() {
                match self.execute(&alone).await {
                    Err(error) if !is_final(&error) => {}
                    answer => return answer,
                }
            }
            self.end_sessions(database).await?;
            match self.execute(sql).await {
                Err(error) if tries > 0 && !is_final(&error) => tries -= 1,
                answer => return answer,
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn end_sessions(&mut self, database: &str) -> Result<(), ServerError> {
        let sessions =
            format!("SELECT session_id FROM sys.dm_exec_sessions WHERE database_id = DB_ID({})", literal(database));
        for session in self.texts(&sessions).await? {
            // the session may have ended by itself, or the user may not end it: the next statement shows that
            let _ = self.execute(&format!("KILL {session}")).await;
        }
        Ok(())
    }

    /// Lets all users in again.
    pub(super) async fn open_up(&mut self, name: &str) {
        let _ = self.execute(&format!("ALTER DATABASE {} SET MULTI_USER", quote(name))).await;
    }

    pub(super) async fn rename(&mut self, from: &str, to: &str) -> Result<(), ServerError> {
        self.patiently(&rename_sql(from, to)).await
    }

    /// Gives a new database its name, even if another session is already in it.
    pub(super) async fn take_name(&mut self, new: &str, name: &str) -> Result<(), ServerError> {
        if self.execute(&rename_sql(new, name)).await.is_ok() {
            return Ok(());
        }
        self.alone(new, &rename_sql(new, name)).await?;
        self.open_up(name).await;
        Ok(())
    }

    /// Returns whether the server can rename a database: tries it with one that is not yet in use.
    pub(super) async fn can_rename(&mut self, new: &str) -> Result<bool, ServerError> {
        let probe = format!("{new}{PROBE}");
        match self.rename(new, &probe).await {
            Ok(()) => self.rename(&probe, new).await.map(|()| true),
            Err(error) if BUSY.contains(&number(&error)) || error.kind == ErrorKind::ConnectionLost => Err(error),
            Err(_) => Ok(false),
        }
    }

    pub(super) async fn drop(&mut self, name: &str) -> Result<(), ServerError> {
        self.alone(name, &format!("DROP DATABASE IF EXISTS {}", quote(name))).await
    }

    /// Returns the names of all databases.
    pub(super) async fn names(&mut self) -> Result<Vec<String>, ServerError> {
        self.texts("SELECT name FROM sys.databases").await
    }

    /// Drops what earlier runs have left beside a database. If that database is missing, the one that it was renamed to
    /// is kept.
    pub(super) async fn drop_leftovers(&mut self, name: &str) -> Result<(), ServerError> {
        let whole = self.exists(name).await?;
        for other in self.names().await? {
            if is_leftover(name, &other) && (whole || !other.ends_with(OLD)) {
                self.drop(&other).await?;
            }
        }
        Ok(())
    }

    /// Returns the options of `CREATE DATABASE` that make a database like another; `inherit` sets what can be set
    /// later.
    pub(super) async fn options_of(&mut self, name: &str) -> Result<String, ServerError> {
        let collation = format!(
            "SELECT collation_name FROM sys.databases WHERE name = {} \
             AND collation_name <> (SELECT collation_name FROM sys.databases WHERE name = 'master')",
            literal(name)
        );
        let collation = self.texts(&collation).await?.pop();
        let collation = collation.map_or_else(String::new, |collation| format!(" COLLATE {collation}"));
        if !self.mssql.is_azure() {
            return Ok(collation);
        }
        let objective = include_str!("objective.sql").replace("{name}", &literal(name));
        let objective = self.texts(&objective).await?.pop();
        Ok(collation + &objective.map_or_else(String::new, |objective| format!(" ({objective})")))
    }

    /// Gives a new database the settings of the old one where they differ.
    pub(super) async fn inherit(&mut self, name: &str, new: &str) -> Result<(), ServerError> {
        let sql = include_str!("inherit.sql").replace("{name}", &literal(name)).replace("{new}", &literal(new));
        for statement in self.texts(&sql).await? {
            self.patiently(&statement).await?;
        }
        Ok(())
    }

    /// Gives a new database the owner of the old one. Not every user may do that.
    pub(super) async fn hand_over(&mut self, old: &str, name: &str) -> Option<Warning> {
        let sql = include_str!("owner.sql").replace("{old}", &literal(old)).replace("{name}", &literal(name));
        let statement = self.texts(&sql).await.ok()?.pop()?;
        let error = self.execute(&statement).await.err()?;
        Some(Warning::LeftBehind { what: "the owner".into(), reason: error.message })
    }
}

pub(super) fn rename_sql(from: &str, to: &str) -> String {
    format!("ALTER DATABASE {} MODIFY NAME = {}", quote(from), quote(to))
}

/// Returns a name for a database beside another, new each time: its files are named after it, and keep that name.
pub(super) fn beside(name: &str) -> String {
    format!("{}{}", prefix(name), &uuid::Uuid::new_v4().simple().to_string()[..8])
}

/// Returns the beginning of such names, short enough for what follows: names have at most 128 characters.
fn prefix(name: &str) -> String {
    format!("{}_dbmigrate_", name.chars().take(100).collect::<String>())
}

/// Returns whether the other name is one that [`beside`] has made, with or without an ending.
fn is_leftover(name: &str, other: &str) -> bool {
    let Some(rest) = other.strip_prefix(&prefix(name)) else { return false };
    let (digits, end) = rest.split_at(rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len()));
    digits.len() == 8 && ["", OLD, PROBE].contains(&end)
}

/// The ending of the old database's name after it has lost its own.
pub(super) const OLD: &str = "_old";

/// The ending of the new database's name while dbmigrate tries whether the server can rename.
const PROBE: &str = "_probe";

const GRANT: &str = "grant the login the right (ALTER SERVER ROLE dbcreator ADD MEMBER [login]; on Azure: dbmanager), \
                     or create it with another login";
