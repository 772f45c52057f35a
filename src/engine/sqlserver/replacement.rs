//! Creates databases, and builds a database beside another, which it then replaces.
//!
//! SQL Server cannot exchange names in a transaction: between the two renames, no database has the name. If the second
//! rename fails, the first is undone. If a server cannot rename at all, the old database is dropped first.

use std::time::Duration;

use async_trait::async_trait;

use super::address::Address;
use super::maintenance::{Maintenance, OLD, beside, rename_sql};
use super::server::journal;
use super::session::quote;
use super::{Mssql, lock};
use crate::engine::Target;
use crate::engine::supervisor::Call;
use crate::engine::{Connection, NoLock, Replacement, Settings};
use crate::error::{DatabaseState, Error, ErrorKind, ServerError};
use crate::plan::Warning;
use crate::sql::Context;

fn failed(doing: &str, error: ServerError) -> Error {
    Error::Database { doing: doing.into(), error, state: None }
}

/// Returns the options of `CREATE DATABASE` for a database that did not exist before.
pub(super) fn fresh(settings: &Settings) -> String {
    settings.collation.as_ref().map_or_else(String::new, |collation| format!(" COLLATE {collation}"))
}

/// Creates the database for `--create-database`.
pub(super) async fn create_database(server: &Address, settings: &Settings) -> Result<(), Error> {
    let mut maintenance = Maintenance::open(server, settings).await?;
    let refused = |error| failed("creating the database", error);
    if maintenance.exists(&server.database).await.map_err(refused)? {
        // another run is creating it
        if maintenance.is_new(&server.database).await.map_err(refused)? {
            Box::new(maintenance.mssql).close().await;
            return Ok(());
        }
        let error = maintenance.closed(&server.database).await.map_err(refused)?;
        return Err(Error::Connect { target: server.to_string(), error });
    }
    let mut answer = maintenance.create(&server.database, &fresh(settings)).await;
    if answer.is_err() && maintenance.exists(&server.database).await.is_ok_and(|exists| exists) {
        // another run was faster
        answer = Ok(());
    }
    Box::new(maintenance.mssql).close().await;
    answer.map_err(refused)
}

/// A database that is built in the place of another, or beside it.
struct Swap {
    maintenance: Maintenance,
    server: Address,
    settings: Settings,
    /// Keeps upgrades away as long as the old database is in place.
    keeper: Option<Mssql>,
    /// The name of the database that is built; it is new each time, because its file must have a new name, too. `None`
    /// if the server cannot rename.
    new: Option<String>,
    context: Context,
    /// The options for creating the old database again.
    options: String,
}

pub(super) async fn replacement(server: &Address, settings: &Settings) -> Result<Box<dyn Replacement>, Error> {
    let mut maintenance = Maintenance::open(server, settings).await?;
    locked(maintenance.mssql.take_lock(&lock::name(&server.database, "rebuild")).await)?;
    let name = &server.database;
    let keeper = keeper(&mut maintenance, server, settings).await?;
    let new = beside(name);
    let prepare = async {
        maintenance.drop_leftovers(name).await?;
        let exists = maintenance.exists(name).await?;
        let options = if exists { maintenance.options_of(name).await? } else { fresh(settings) };
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

/// Acquires the lock that upgrades acquire, if the database exists.
async fn keeper(maintenance: &mut Maintenance, server: &Address, settings: &Settings) -> Result<Option<Mssql>, Error> {
    let refused = |error| failed("looking for the old database", error);
    let mut mssql = match Mssql::enter(server, settings).await {
        Err(error) if error.kind == ErrorKind::NoDatabase => {
            if !maintenance.exists(&server.database).await.map_err(refused)? {
                return Ok(None);
            }
            let error = maintenance.closed(&server.database).await.map_err(refused)?;
            return Err(Error::Connect { target: server.to_string(), error });
        }
        answer => answer.map_err(|error| failed("connecting", error))?,
    };
    let name = lock::name(&server.database, &journal(settings).table);
    locked(mssql.take_lock(&name).await)?;
    Ok(Some(mssql))
}

impl Swap {
    async fn take_place(&mut self, new: &str) -> Result<Option<Warning>, ServerError> {
        let name = self.server.database.clone();
        if let Some(keeper) = self.keeper.take() {
            // no session may be connected to the old database, not even for its lock
            Box::new(keeper).close().await;
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
        // from here on, the new database is in place
        let handed = self.maintenance.hand_over(&old, &name).await;
        let dropped = self.maintenance.drop(&old).await;
        Ok(dropped.err().map(|error| Warning::LeftBehind { what: old, reason: error.message }).or(handed))
    }

    /// Adds to an error what is unknown without a connection: which database has which name.
    fn unsure(&self, error: ServerError, old: &str) -> ServerError {
        if error.kind != ErrorKind::ConnectionLost {
            return error;
        }
        let name = &self.server.database;
        let message = format!(
            "{}; {name} may now be in single-user mode (ALTER DATABASE {} SET MULTI_USER), or be named {old}",
            error.message,
            quote(name)
        );
        ServerError { message, ..error }
    }

    /// Gives the old database its name back after the new one could not get it.
    async fn put_back(&mut self, old: &str, name: &str, error: ServerError) -> ServerError {
        if self.maintenance.rename(old, name).await.is_ok() {
            self.maintenance.open_up(name).await;
            return error;
        }
        let message = format!("{}; the old database is now named {old}", error.message);
        ServerError { message, ..error }
    }

    /// Drops the old database and creates it again.
    async fn create_in_place(&mut self) -> Result<(), Error> {
        let name = self.server.database.clone();
        if let Some(keeper) = self.keeper.take() {
            Box::new(keeper).close().await;
        }
        if self.maintenance.exists(&name).await.map_err(|error| failed("looking for the old database", error))? {
            let stopped = self.maintenance.mssql.supervisor.stop_if_cancelled();
            stopped.map_err(|error| failed("dropping the old database", error))?;
            let dropped = self.maintenance.drop(&name).await;
            if let Err(error) = dropped {
                self.maintenance.open_up(&name).await;
                return Err(failed("dropping the old database", error));
            }
        }
        let state = Some(DatabaseState { dropped: true, ..DatabaseState::default() });
        let created = self.maintenance.create(&name, &self.options).await;
        created.map_err(|error| Error::Database { doing: "creating the new database".into(), error, state })
    }

    /// The database that is built.
    fn built(&self) -> Address {
        self.new.as_ref().map_or_else(|| self.server.clone(), |new| self.server.with_database(new))
    }
}

#[async_trait]
impl Replacement for Swap {
    fn target(&self) -> Target {
        self.built().target()
    }

    fn context(&self) -> Option<&Context> {
        Some(&self.context)
    }

    fn is_in_place(&self) -> bool {
        self.new.is_none()
    }

    async fn connection(&mut self) -> Result<Option<Box<dyn Connection>>, Error> {
        if self.is_in_place() {
            self.create_in_place().await?;
        }
        let built = self.built();
        let refused = |error| Error::Connect { target: built.to_string(), error };
        let mut mssql = Mssql::open(&built, &self.settings).await.map_err(refused)?;
        mssql.alias = self.new.as_ref().map(|_| self.server.database.clone());
        locked(mssql.try_lock().await)?;
        Ok(Some(Box::new(mssql)))
    }

    async fn swap(mut self: Box<Self>) -> Result<Option<Warning>, ServerError> {
        let Some(new) = self.new.clone() else { return Ok(None) };
        self.maintenance.call = Call::End;
        let answer = self.take_place(&new).await;
        match &answer {
            // the new database may already be in place
            Err(error) if error.kind == ErrorKind::ConnectionLost => {}
            Err(_) => self.discard().await,
            Ok(_) => Box::new(self.maintenance.mssql).close().await,
        }
        answer
    }

    async fn discard(mut self: Box<Self>) {
        if let Some(new) = self.new.take() {
            // the next rebuild recognizes what is left by its name, and drops it
            let _ = self.maintenance.drop(&new).await;
        }
        if let Some(keeper) = self.keeper.take() {
            Box::new(keeper).close().await;
        }
        Box::new(self.maintenance.mssql).close().await;
    }
}
