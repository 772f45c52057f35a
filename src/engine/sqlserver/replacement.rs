//! Creating databases, and building one beside another that it then replaces.
//!
//! Names cannot be exchanged in a transaction here: between the two renames there is no database of the name. A rename
//! that fails is taken back. Where a server cannot rename at all, the old database is dropped first.

use std::time::Duration;

use async_trait::async_trait;

use super::error::{BUSY, DUPLICATE_DATABASE, number};
use super::session::{literal, quote};
use super::wire::Wire;
use super::{Mssql, PRODUCT, journal, lock};
use crate::engine::{Cancel, Connection, NoLock, Replacement, Settings};
use crate::error::{Aftermath, Error, ServerError, Trouble};
use crate::plan::Warning;
use crate::sql::Context;
use crate::target::{SqlServer, Target};

/// A connection to the server's own database, from which databases are created, renamed and dropped.
struct Maintenance {
    mssql: Mssql,
}

impl Maintenance {
    async fn open(target: &Target, server: &SqlServer, settings: &Settings) -> Result<Self, Error> {
        let master = server.with_database("master");
        let refused = |error| Error::Connect { target: target.with_database("master").to_string(), error };
        let wire = Wire::open(&master, settings.connect_timeout).await.map_err(refused)?;
        let mut mssql = Mssql::new(wire, &master, settings);
        mssql.greet(&master, settings).await.map_err(refused)?;
        Ok(Self { mssql })
    }

    async fn execute(&mut self, sql: &str) -> Result<(), ServerError> {
        self.mssql.execute_sql(sql).await
    }

    async fn texts(&mut self, sql: &str) -> Result<Vec<String>, ServerError> {
        Ok(self.mssql.query_sql(sql).await?.into_iter().flatten().flatten().collect())
    }

    async fn exists(&mut self, name: &str) -> Result<bool, ServerError> {
        // on Azure, DB_ID knows no other database than the own one
        Ok(!self.texts(&format!("SELECT name FROM sys.databases WHERE name = {}", literal(name))).await?.is_empty())
    }

    /// Why a database that is there cannot be opened.
    async fn closed(&mut self, name: &str) -> Result<ServerError, ServerError> {
        let state = "SELECT CONCAT(LOWER(state_desc), ', ', LOWER(user_access_desc)) FROM sys.databases WHERE name = ";
        let state = self.texts(&format!("{state}{}", literal(name))).await?.pop().unwrap_or_default();
        let message = format!("the database is there ({state}), but this login cannot open it");
        Ok(ServerError::new(PRODUCT, message, Trouble::Denied))
    }

    async fn create(&mut self, name: &str, options: &str) -> Result<(), ServerError> {
        let create = format!("CREATE DATABASE {}{options}", quote(name));
        let answer = self.patiently(&create).await;
        answer.map_err(|error| match error.trouble {
            Trouble::Denied => ServerError { trouble: Trouble::CannotCreateDatabase, remedy: Some(GRANT), ..error },
            _ => error,
        })
    }

    /// Does something that somebody else may be in the way of, for a moment.
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

    /// Does something for which nobody may use a database: ends its sessions and keeps others away in the same breath, or,
    /// where the server cannot do that, ends them one by one. Sessions that come back at once are ended again.
    async fn alone(&mut self, database: &str, sql: &str) -> Result<(), ServerError> {
        let alone = format!("ALTER DATABASE {} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; {sql}", quote(database));
        let mut tries = 10;
        loop {
            if !self.mssql.is_azure() && self.execute(&alone).await.is_ok() {
                return Ok(());
            }
            self.end_sessions(database).await?;
            match self.execute(sql).await {
                Err(error) if tries > 0 && error.trouble != Trouble::ConnectionLost => tries -= 1,
                answer => return answer,
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn end_sessions(&mut self, database: &str) -> Result<(), ServerError> {
        let sessions =
            format!("SELECT session_id FROM sys.dm_exec_sessions WHERE database_id = DB_ID({})", literal(database));
        for session in self.texts(&sessions).await? {
            // it may have ended by itself, or belong to somebody whom this user may not end: what follows shows it
            let _ = self.execute(&format!("KILL {session}")).await;
        }
        Ok(())
    }

    /// Lets everybody in again.
    async fn open_up(&mut self, name: &str) {
        let _ = self.execute(&format!("ALTER DATABASE {} SET MULTI_USER", quote(name))).await;
    }

    async fn rename(&mut self, from: &str, to: &str) -> Result<(), ServerError> {
        self.patiently(&rename_sql(from, to)).await
    }

    /// Gives a new database its name, also when somebody has looked into it already.
    async fn take_name(&mut self, new: &str, name: &str) -> Result<(), ServerError> {
        if self.execute(&rename_sql(new, name)).await.is_ok() {
            return Ok(());
        }
        self.alone(new, &rename_sql(new, name)).await?;
        self.open_up(name).await;
        Ok(())
    }

    /// The server can rename a database: tried with one that nobody uses yet.
    async fn can_rename(&mut self, new: &str) -> Result<bool, ServerError> {
        let probe = format!("{new}{PROBE}");
        match self.rename(new, &probe).await {
            Ok(()) => self.rename(&probe, new).await.map(|()| true),
            Err(error) if BUSY.contains(&number(&error)) || error.trouble == Trouble::ConnectionLost => Err(error),
            Err(_) => Ok(false),
        }
    }

    async fn drop(&mut self, name: &str) -> Result<(), ServerError> {
        self.alone(name, &format!("DROP DATABASE IF EXISTS {}", quote(name))).await
    }

    /// Drops what a run of ours left behind beside a database. Without that database, what it was renamed to is kept.
    async fn drop_leftovers(&mut self, name: &str) -> Result<(), ServerError> {
        let whole = self.exists(name).await?;
        for other in self.texts("SELECT name FROM sys.databases").await? {
            if is_leftover(name, &other) && (whole || !other.ends_with(OLD)) {
                self.drop(&other).await?;
            }
        }
        Ok(())
    }
}

fn rename_sql(from: &str, to: &str) -> String {
    format!("ALTER DATABASE {} MODIFY NAME = {}", quote(from), quote(to))
}

/// A name for a database beside another, new each time: its files are named after it, and keep that name.
fn beside(name: &str) -> String {
    format!("{}{}", prefix(name), &uuid::Uuid::new_v4().simple().to_string()[..8])
}

/// So much of a name that what is put behind it fits: names have at most 128 characters.
fn prefix(name: &str) -> String {
    format!("{}_dbmigrate_", name.chars().take(100).collect::<String>())
}

/// The other name is one that [`beside`] has made, with or without an ending.
fn is_leftover(name: &str, other: &str) -> bool {
    let Some(rest) = other.strip_prefix(&prefix(name)) else { return false };
    let (digits, end) = rest.split_at(rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len()));
    digits.len() == 8 && ["", OLD, PROBE].contains(&end)
}

/// What the name of a database ends with that has lost its own.
const OLD: &str = "_old";

/// What the name of the new one ends with while it is tried whether the server can rename.
const PROBE: &str = "_probe";

const GRANT: &str = "give the login the right (ALTER SERVER ROLE dbcreator ADD MEMBER [login]; on Azure: dbmanager), or create it as another";

fn failed(doing: &str, error: ServerError) -> Error {
    Error::Database { doing: doing.into(), error, aftermath: None }
}

/// The options of `CREATE DATABASE` for one that did not exist before.
fn fresh(settings: &Settings) -> String {
    settings.collation.as_ref().map_or_else(String::new, |collation| format!(" COLLATE {collation}"))
}

/// `--create-database`.
pub(super) async fn create_database(target: &Target, server: &SqlServer, settings: &Settings) -> Result<(), Error> {
    let mut maintenance = Maintenance::open(target, server, settings).await?;
    let refused = |error| failed("creating the database", error);
    if maintenance.exists(&server.database).await.map_err(refused)? {
        let error = maintenance.closed(&server.database).await.map_err(refused)?;
        return Err(Error::Connect { target: target.to_string(), error });
    }
    let answer = maintenance.create(&server.database, &fresh(settings)).await;
    Box::new(maintenance.mssql).close().await;
    match answer {
        // another run was faster
        Err(error) if number(&error) == DUPLICATE_DATABASE => Ok(()),
        answer => answer.map_err(refused),
    }
}

/// A database that is built in the place of another, or beside it.
struct Swap {
    maintenance: Maintenance,
    target: Target,
    server: SqlServer,
    settings: Settings,
    /// Keeps upgrades away as long as the old database is in use.
    keeper: Option<Wire>,
    /// The database that is built; its name is new each time, for so is that of its file. `None`: the server cannot
    /// rename.
    new: Option<String>,
    context: Context,
    /// The options with which the old one is created again.
    options: String,
}

pub(in crate::engine) async fn replacement(
    target: &Target,
    server: &SqlServer,
    settings: &Settings,
) -> Result<Box<dyn Replacement>, Error> {
    let mut maintenance = Maintenance::open(target, server, settings).await?;
    locked(maintenance.mssql.take_lock(&lock::name(&server.database, "rebuild")).await)?;
    let name = &server.database;
    let keeper = keeper(&mut maintenance, target, server, settings).await?;
    let new = beside(name);
    let prepare = async {
        maintenance.drop_leftovers(name).await?;
        let exists = maintenance.exists(name).await?;
        let options = if exists { like(&mut maintenance, name).await? } else { fresh(settings) };
        maintenance.create(&new, &options).await?;
        let renames = maintenance.can_rename(&new).await?;
        if renames {
            maintenance.inherit(name, &new).await?;
        } else {
            maintenance.drop(&new).await?;
        }
        Ok((options, renames))
    };
    let (options, renames) = prepare.await.map_err(|error| failed("creating the new database", error))?;
    let built = if renames { server.with_database(&new) } else { server.clone() };
    let alias = renames.then(|| name.clone());
    let context = Context { database: Some(built.database.clone()), alias, ..maintenance.mssql.server.context.clone() };
    Ok(Box::new(Swap {
        maintenance,
        target: if renames { target.with_database(&new) } else { target.clone() },
        server: server.clone(),
        settings: settings.clone(),
        keeper,
        new: renames.then_some(new),
        context,
        options,
    }))
}

fn locked(answer: Result<(), NoLock>) -> Result<(), Error> {
    match answer {
        Ok(()) => Ok(()),
        Err(NoLock::Held(holder)) => Err(Error::Locked { holder, waited: Duration::ZERO }),
        Err(NoLock::Failed(error)) => Err(failed("taking the lock", error)),
    }
}

/// Takes the lock that upgrades take, where the database exists.
async fn keeper(
    maintenance: &mut Maintenance,
    target: &Target,
    server: &SqlServer,
    settings: &Settings,
) -> Result<Option<Wire>, Error> {
    let refused = |error| failed("looking for the old database", error);
    let wire = match Wire::open(server, settings.connect_timeout).await {
        Err(error) if error.trouble == Trouble::NoDatabase => {
            if !maintenance.exists(&server.database).await.map_err(refused)? {
                return Ok(None);
            }
            let error = maintenance.closed(&server.database).await.map_err(refused)?;
            return Err(Error::Connect { target: target.to_string(), error });
        }
        answer => answer.map_err(|error| failed("connecting", error))?,
    };
    let mut mssql = Mssql::new(wire, server, settings);
    let name = lock::name(&server.database, &journal(settings).table);
    locked(mssql.take_lock(&name).await)?;
    Ok(Some(mssql.wire))
}

/// The options of `CREATE DATABASE` that make a database like another. What can be set later follows in [`SETTINGS`].
async fn like(maintenance: &mut Maintenance, name: &str) -> Result<String, ServerError> {
    let collation = format!(
        "SELECT collation_name FROM sys.databases WHERE name = {} \
         AND collation_name <> (SELECT collation_name FROM sys.databases WHERE name = 'master')",
        literal(name)
    );
    let collation = maintenance.texts(&collation).await?.pop();
    let collation = collation.map_or_else(String::new, |collation| format!(" COLLATE {collation}"));
    if !maintenance.mssql.is_azure() {
        return Ok(collation);
    }
    let objective = include_str!("objective.sql").replace("{name}", &literal(name));
    let objective = maintenance.texts(&objective).await?.pop();
    Ok(collation + &objective.map_or_else(String::new, |objective| format!(" ({objective})")))
}

impl Maintenance {
    /// Gives a new database what the old one is set to, where they differ.
    async fn inherit(&mut self, name: &str, new: &str) -> Result<(), ServerError> {
        let sql = include_str!("inherit.sql").replace("{name}", &literal(name)).replace("{new}", &literal(new));
        for statement in self.texts(&sql).await? {
            self.patiently(&statement).await?;
        }
        Ok(())
    }

    /// Gives a new database the owner of the old one. Not everybody may do that.
    async fn hand_over(&mut self, old: &str, name: &str) -> Option<Warning> {
        let sql = include_str!("owner.sql").replace("{old}", &literal(old)).replace("{name}", &literal(name));
        let statement = self.texts(&sql).await.ok()?.pop()?;
        let error = self.execute(&statement).await.err()?;
        Some(Warning::LeftBehind { what: "the owner".into(), reason: error.message })
    }
}

impl Swap {
    async fn take_place(&mut self, new: &str) -> Result<Option<Warning>, ServerError> {
        let name = self.server.database.clone();
        if let Some(keeper) = self.keeper.take() {
            // nobody may be connected to the old database, not even for its lock
            keeper.close().await;
        }
        if !self.maintenance.exists(&name).await? {
            return self.maintenance.take_name(new, &name).await.map(|()| None);
        }
        let old = format!("{new}{OLD}");
        if let Err(error) = self.maintenance.alone(&name, &rename_sql(&name, &old)).await {
            self.maintenance.open_up(&name).await;
            return Err(self.unsure(error, &old));
        }
        if let Err(error) = self.maintenance.take_name(new, &name).await {
            let error = self.put_back(&old, &name, error).await;
            return Err(self.unsure(error, &old));
        }
        // from here on, the new database stands
        let handed = self.maintenance.hand_over(&old, &name).await;
        let dropped = self.maintenance.drop(&old).await;
        Ok(dropped.err().map(|error| Warning::LeftBehind { what: old, reason: error.message }).or(handed))
    }

    /// Without a connection, nobody knows under which name which database is.
    fn unsure(&self, error: ServerError, old: &str) -> ServerError {
        if error.trouble != Trouble::ConnectionLost {
            return error;
        }
        let name = &self.server.database;
        let message = format!(
            "{}; {name} may be in single-user mode now (ALTER DATABASE {} SET MULTI_USER), or have the name {old}",
            error.message,
            quote(name)
        );
        ServerError { message, ..error }
    }

    /// The new database did not get the name: the old one gets it back.
    async fn put_back(&mut self, old: &str, name: &str, error: ServerError) -> ServerError {
        if self.maintenance.rename(old, name).await.is_ok() {
            self.maintenance.open_up(name).await;
            return error;
        }
        let message = format!("{}; the old database is there under the name {old}", error.message);
        ServerError { message, ..error }
    }

    /// Drops the old database and creates it anew.
    async fn create_in_place(&mut self) -> Result<(), Error> {
        let name = self.server.database.clone();
        if let Some(keeper) = self.keeper.take() {
            keeper.close().await;
        }
        if self.maintenance.exists(&name).await.map_err(|error| failed("looking for the old database", error))? {
            let dropped = self.maintenance.drop(&name).await;
            if let Err(error) = dropped {
                self.maintenance.open_up(&name).await;
                return Err(failed("dropping the old database", error));
            }
        }
        let aftermath = Some(Aftermath { dropped: true, ..Aftermath::default() });
        let created = self.maintenance.create(&name, &self.options).await;
        created.map_err(|error| Error::Database { doing: "creating the new database".into(), error, aftermath })
    }
}

#[async_trait]
impl Replacement for Swap {
    fn target(&self) -> &Target {
        &self.target
    }

    fn context(&self) -> Option<&Context> {
        Some(&self.context)
    }

    fn is_in_place(&self) -> bool {
        self.new.is_none()
    }

    fn canceller(&self) -> Option<Box<dyn Cancel>> {
        self.is_in_place().then(|| Box::new(self.maintenance.mssql.wire.last_stopper()) as Box<dyn Cancel>)
    }

    async fn connection(&mut self) -> Result<Option<Box<dyn Connection>>, Error> {
        if self.is_in_place() {
            self.create_in_place().await?;
        }
        let refused = |error| Error::Connect { target: self.target.to_string(), error };
        let built = self.new.as_ref().map_or_else(|| self.server.clone(), |new| self.server.with_database(new));
        let wire = Wire::open(&built, self.settings.connect_timeout).await.map_err(refused)?;
        let mut mssql = Mssql::new(wire, &built, &self.settings);
        mssql.greet(&built, &self.settings).await.map_err(refused)?;
        mssql.alias = self.new.as_ref().map(|_| self.server.database.clone());
        locked(mssql.try_lock().await)?;
        Ok(Some(Box::new(mssql)))
    }

    async fn swap(mut self: Box<Self>) -> Result<Option<Warning>, ServerError> {
        let Some(new) = self.new.clone() else { return Ok(None) };
        let answer = self.take_place(&new).await;
        match &answer {
            // the new database may be the one that stands now
            Err(error) if error.trouble == Trouble::ConnectionLost => {}
            Err(_) => self.discard().await,
            Ok(_) => Box::new(self.maintenance.mssql).close().await,
        }
        answer
    }

    async fn discard(mut self: Box<Self>) {
        if let Some(new) = self.new.take() {
            // what is left is known by its name: the next rebuild drops it
            let _ = self.maintenance.drop(&new).await;
        }
        if let Some(keeper) = self.keeper.take() {
            keeper.close().await;
        }
        Box::new(self.maintenance.mssql).close().await;
    }
}
