//! Creates databases, and rebuilds a database in its own place.

use std::time::Duration;

use super::address::Address;
use super::login::Login;
use super::{Mysql, literal, quote};
use crate::engine::Target;
use crate::engine::{Connection, NoLock, Replacement, Settings};
use crate::error::{DatabaseState, Error, ErrorKind, ServerError};
use crate::plan::Warning;
use crate::sql::Context;
use async_trait::async_trait;

/// The character set of new databases: a server's own default may not be able to store every character.
pub(super) const CHARSET: &str = "utf8mb4";

pub(super) fn create_sql(name: &str, settings: &Settings) -> String {
    let charset = match (&settings.charset, &settings.collation) {
        (None, None) => Some(CHARSET),
        (charset, _) => charset.as_deref(),
    };
    let charset = charset.map_or_else(String::new, |charset| format!(" CHARACTER SET {}", literal(charset)));
    let collation = settings.collation.as_deref();
    let collation = collation.map_or_else(String::new, |collation| format!(" COLLATE {}", literal(collation)));
    format!("CREATE DATABASE IF NOT EXISTS {}{charset}{collation}", quote(name))
}

const GRANT: &str = "grant the user the right (GRANT CREATE ON `name`.* TO user), or create it as another user";

fn creation_error(error: ServerError) -> ServerError {
    match error.kind {
        ErrorKind::Denied => ServerError { kind: ErrorKind::CannotCreateDatabase, remedy: Some(GRANT), ..error },
        _ => error,
    }
}

fn failed(doing: &str, error: ServerError) -> Error {
    Error::Database { doing: doing.into(), error, state: None }
}

/// Returns the error for a failure after which all or half of the old database may be gone: the server drops tables one
/// by one.
fn half_done(doing: &str, error: ServerError) -> Error {
    let nothing = matches!(error.kind, ErrorKind::LockTimeout | ErrorKind::Denied | ErrorKind::Cancelled);
    let state = (!nothing).then(|| DatabaseState { dropped: true, ..DatabaseState::default() });
    Error::Database { doing: doing.into(), error, state }
}

/// Fails if foreign keys of other databases refer to this one: they would end the drop half way.
async fn forbid_references(mysql: &mut Mysql) -> Result<(), Error> {
    let sql = include_str!("references.sql").replace("{database}", &literal(&mysql.database));
    let found =
        mysql.query(&sql).await.map_err(|error| failed("looking for foreign keys of other databases", error))?;
    let tables = found.into_iter().flatten().flatten().collect::<Vec<_>>().join(", ");
    if tables.is_empty() {
        return Ok(());
    }
    let why = format!("foreign keys of other databases refer to {}: {tables}", mysql.database);
    Err(Error::Guarded {
        why,
        remedy: "drop these foreign keys first: with them, only a part of the database could be dropped".into(),
    })
}

/// Connects to the server, and to none of its databases.
pub(super) async fn connect(address: &Address, settings: &Settings) -> Result<Mysql, Error> {
    let server = address.with_database("");
    let answer = async { Mysql::open(&Login::new(&server)?, &address.database(), settings).await };
    answer.await.map_err(|error| Error::Connect { target: server.to_string(), error })
}

/// Creates the database for `--create-database`.
pub(super) async fn create_database(address: &Address, settings: &Settings) -> Result<(), Error> {
    let mut mysql = connect(address, settings).await?;
    let created = mysql.execute_sql(&create_sql(&address.database(), settings)).await;
    Box::new(mysql).close().await;
    created.map_err(|error| failed("creating the database", creation_error(error)))
}

/// The server cannot rename a database, so the old one is dropped and the new one built in its place.
struct InPlace {
    /// Holds the run's lock from before the old database is dropped until the new one is built.
    mysql: Option<Mysql>,
    context: Context,
    address: Address,
    create: String,
}

pub(super) async fn replacement(address: &Address, settings: &Settings) -> Result<Box<dyn Replacement>, Error> {
    let mut mysql = connect(address, settings).await?;
    match mysql.try_lock().await {
        Ok(()) => {}
        Err(NoLock::Held(holder)) => return Err(Error::Locked { holder, waited: Duration::ZERO }),
        Err(NoLock::Failed(error)) => return Err(failed("taking the lock", error)),
    }
    let (context, create) = (mysql.server.context.clone(), create_sql(&address.database(), settings));
    Ok(Box::new(InPlace { mysql: Some(mysql), context, address: address.clone(), create }))
}

#[async_trait]
impl Replacement for InPlace {
    fn target(&self) -> Target {
        self.address.target()
    }

    fn context(&self) -> Option<&Context> {
        Some(&self.context)
    }

    fn is_in_place(&self) -> bool {
        true
    }

    async fn connection(&mut self) -> Result<Option<Box<dyn Connection>>, Error> {
        let Some(mut mysql) = self.mysql.take() else { return Ok(None) };
        // before the old database is gone, find out what prevents the drop or the creation of the new one
        let attempt = mysql.execute_sql(&format!("{}; {}", mysql.reset, self.create)).await;
        attempt.map_err(|error| failed("creating the new database", creation_error(error)))?;
        forbid_references(&mut mysql).await?;
        mysql.supervisor.stop_if_cancelled().map_err(|error| failed("dropping the old database", error))?;
        let drop = format!("DROP DATABASE {}", quote(&mysql.database));
        mysql.execute_sql(&drop).await.map_err(|error| half_done("dropping the old database", error))?;
        let create = format!("{}; USE {}", self.create, quote(&mysql.database));
        let created = mysql.execute_sql(&create).await;
        created.map_err(|error| half_done("creating the new database", creation_error(error)))?;
        Ok(Some(Box::new(mysql)))
    }

    fn drop_sql(&self) -> Option<String> {
        Some(format!("DROP DATABASE {}", quote(&self.address.database())))
    }

    async fn swap(self: Box<Self>) -> Result<Option<Warning>, ServerError> {
        Ok(None)
    }

    async fn discard(self: Box<Self>) {
        if let Some(mysql) = self.mysql {
            Box::new(mysql).close().await;
        }
    }
}
