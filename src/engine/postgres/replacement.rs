//! Creates databases, and builds a database beside another, which it then replaces.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::Connection as _;

use super::address::Address;
use super::alias::Alias;
use super::lock::Lock;
use super::login::Login;
use super::server::journal_table;
use super::side::Session;
use super::{PRODUCT, greeted};
use crate::engine::Target;
use crate::engine::supervisor::Call;
use crate::engine::{Access, Connection, NoLock, Replacement, Settings, literal, quote};
use crate::error::{Error, ErrorKind, ServerError};
use crate::plan::Warning;
use crate::script::Checksum;

/// A session in another database of the server, from which databases are created, renamed and dropped.
struct Maintenance {
    session: Session,
    address: Address,
    /// How calls are supervised: no interrupt stops the exchange of the databases.
    call: Call,
}

impl Maintenance {
    /// Opens a session in a maintenance database: `postgres` exists unless someone has dropped it; `template1` always
    /// exists.
    async fn open(address: &Address, settings: &Settings) -> Result<Self, Error> {
        let mut last = None;
        for name in ["postgres", "template1"].into_iter().filter(|name| *name != address.database()) {
            let address = address.with_database(name);
            match Self::connect(&address, settings).await {
                Ok(session) => return Ok(Self { session, address, call: Call::Own }),
                Err(error) if error.kind == ErrorKind::Cancelled => {
                    return Err(Error::Connect { target: address.to_string(), error });
                }
                Err(error) => last = last.or(Some(error)),
            }
        }
        let error = last.unwrap_or_else(|| ServerError::new(PRODUCT, "no maintenance database", ErrorKind::Plain));
        Err(Error::Connect { target: address.with_database("postgres").to_string(), error })
    }

    async fn connect(address: &Address, settings: &Settings) -> Result<Session, ServerError> {
        Session::open_apart(&Login::new(address)?, settings).await
    }

    /// Sends statements. Several in one message are one transaction: they succeed or fail together.
    async fn execute(&mut self, sql: &str) -> Result<(), ServerError> {
        self.session.query_anew(self.call, sql).await.map(drop).map_err(creation_error)
    }

    async fn end_sessions(&mut self, databases: &[&str]) -> Result<(), ServerError> {
        let names = databases.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", ");
        self.end_sessions_that(&format!("datname IN ({names})")).await
    }

    async fn end_sessions_that(&mut self, condition: &str) -> Result<(), ServerError> {
        let sql = format!("SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE {condition}");
        self.texts(&sql).await.map(drop)
    }

    async fn texts(&mut self, sql: &str) -> Result<Vec<String>, ServerError> {
        Ok(self.session.query_anew(self.call, sql).await?.into_iter().flatten().flatten().collect())
    }

    async fn oid(&mut self, name: &str) -> Result<Option<String>, ServerError> {
        let oid = format!("SELECT oid::text FROM pg_database WHERE datname = {}", literal(name));
        Ok(self.texts(&oid).await?.pop())
    }

    /// Fails unless the user owns the database: only an owner may rename and drop, and this is known before the build.
    async fn require_owner(&mut self, name: &str) -> Result<(), ServerError> {
        let owner = format!(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = {} AND NOT pg_has_role(datdba, 'MEMBER')",
            literal(name)
        );
        match self.texts(&owner).await?.first() {
            None => Ok(()),
            Some(owner) => Err(ServerError::new(
                PRODUCT,
                format!("only its owner, {owner}, may replace the database"),
                ErrorKind::Denied,
            )),
        }
    }

    /// Drops what killed rebuilds have left beside a database. A database that is in use, or that cannot be dropped,
    /// does no harm: names are new each time.
    async fn drop_leftovers(&mut self, name: &str) -> Result<(), ServerError> {
        let is_there = self.oid(name).await?.is_some();
        for other in self.texts("SELECT datname FROM pg_database WHERE pg_has_role(datdba, 'MEMBER')").await? {
            // if the database itself is missing, keep the one that it was renamed to
            if !is_leftover(name, &other, if is_there { &[NEW, OLD] } else { &[NEW] }) {
                continue;
            }
            let ours = "application_name LIKE 'dbmigrate%' AND pg_has_role(usesysid, 'MEMBER')";
            self.end_sessions_that(&format!("datname = {} AND {ours}", literal(&other))).await?;
            match self.execute(&drop_sql(&other)).await {
                Err(error) if error.kind == ErrorKind::ConnectionLost => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// SQLSTATE: a database of this name exists.
const DUPLICATE_DATABASE: &str = "42P04";

/// SQLSTATE: a database of this name was created after the server looked for one.
const DUPLICATE_KEY: &str = "23505";

fn drop_sql(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {}", quote(name))
}

const GRANT: &str = "grant the user the right (ALTER ROLE name CREATEDB), or create it as another user";

fn creation_error(error: ServerError) -> ServerError {
    let denied = error.kind == ErrorKind::Denied && error.message.contains("create database");
    let taken = error.code.as_deref() == Some(DUPLICATE_DATABASE);
    let hint = taken.then(|| "if no one needs the database of this name, drop it".to_owned());
    let error = ServerError { hint: error.hint.clone().or(hint), ..error };
    if denied { ServerError { kind: ErrorKind::CannotCreateDatabase, remedy: Some(GRANT), ..error } } else { error }
}

/// Creates the database for `--create-database`.
pub(super) async fn create_database(address: &Address, settings: &Settings) -> Result<(), Error> {
    let mut maintenance = Maintenance::open(address, settings).await?;
    let answer = maintenance.execute(&format!("CREATE DATABASE {}", quote(&address.database()))).await;
    match answer {
        // another run was faster
        Err(error) if error.code.as_deref().is_some_and(|code| [DUPLICATE_DATABASE, DUPLICATE_KEY].contains(&code)) => {
            Ok(())
        }
        answer => answer.map_err(|error| failed("creating the database", error)),
    }
}

fn failed(doing: &str, error: ServerError) -> Error {
    Error::Database { doing: doing.into(), error, state: None }
}

struct Swap {
    maintenance: Maintenance,
    address: Address,
    name: String,
    new: String,
    old: String,
    locks: Vec<Lock>,
    /// The new database's OID, which no other database of its name has.
    oid: Option<String>,
    settings: Settings,
}

/// Creates the database that will take the target's place, with the old one's encoding, collation and owner.
pub(super) async fn replacement(address: &Address, settings: &Settings) -> Result<Box<dyn Replacement>, Error> {
    let mut maintenance = Maintenance::open(address, settings).await?;
    let name = address.database();
    let (new, old) = (beside(&name, NEW), beside(&name, OLD));
    let locks = locks(address, &maintenance.address, settings).await?;
    let prepare = async {
        maintenance.require_owner(&name).await?;
        maintenance.drop_leftovers(&name).await?;
        let create = format!("CREATE DATABASE {} {}", quote(&new), like(&mut maintenance, &name).await?);
        maintenance.execute(&create).await?;
        maintenance.oid(&new).await
    };
    let oid = prepare.await.map_err(|error| failed("creating the new database beside the old one", error))?;
    let (address, settings) = (address.with_database(&new), settings.clone());
    Ok(Box::new(Swap { maintenance, address, name, new, old, locks, oid, settings }))
}

/// Acquires the locks that keep other runs away: other rebuilds by a lock in the maintenance database, upgrades by the
/// lock that they acquire in the old database, if it exists.
async fn locks(address: &Address, maintenance: &Address, settings: &Settings) -> Result<Vec<Lock>, Error> {
    let limit = settings.connect_timeout;
    let rebuild = format!("rebuild {}", address.database());
    let upgrade = journal_table(settings);
    let mut locks = Vec::new();
    for (database, name) in [(maintenance, &rebuild), (address, &upgrade)] {
        let login = Login::new(database).map_err(|error| failed("connecting", error))?;
        match Lock::take(&login, limit, name).await {
            Ok(lock) => locks.push(lock),
            Err(NoLock::Held(holder)) => return Err(Error::Locked { holder, waited: Duration::ZERO }),
            Err(NoLock::Failed(error)) if error.kind == ErrorKind::NoDatabase => {}
            Err(NoLock::Failed(error)) => return Err(failed("taking the lock", error)),
        }
    }
    Ok(locks)
}

/// The database that is built, and the one that it has replaced.
const NEW: &str = "new";
const OLD: &str = "old";

/// Returns a name for a database beside another, new each time: from the first moment, it shows to which database it
/// belongs.
fn beside(name: &str, role: &str) -> String {
    format!("{}{role}_{}", prefix(name), &uuid::Uuid::new_v4().simple().to_string()[..8])
}

/// Returns the beginning of such names: cut so that they fit the server's 63 bytes and remain distinct.
fn prefix(name: &str) -> String {
    const REST: usize = "_dbmigrate_new_12345678".len();
    if name.len() + REST <= 63 {
        return format!("{name}_dbmigrate_");
    }
    let digest = Checksum::of(name).to_string();
    format!("{}_{}_dbmigrate_", &name[..name.floor_char_boundary(31)], &digest[7..15])
}

/// Returns whether the other name is one that [`beside`] has made in one of these roles.
fn is_leftover(name: &str, other: &str, roles: &[&str]) -> bool {
    let Some((role, digits)) = other.strip_prefix(&prefix(name)).and_then(|rest| rest.split_once('_')) else {
        return false;
    };
    roles.contains(&role) && digits.len() == 8 && digits.chars().all(|digit| digit.is_ascii_hexdigit())
}

/// Returns the options of `CREATE DATABASE` that make a database like another; none when that one does not exist.
async fn like(maintenance: &mut Maintenance, name: &str) -> Result<String, ServerError> {
    let sql = include_str!("like.sql").replace("{name}", &literal(name));
    let like = maintenance.texts(&sql).await?.pop().unwrap_or_default();
    // template1 cannot be copied while a session is connected to it
    let other = maintenance.address.database() == "template1" && !like.contains("TEMPLATE");
    Ok(if other { format!("TEMPLATE template0{like}") } else { like })
}

impl Swap {
    /// Returns the statements that put the new database in the old one's place, in one transaction: the old one's
    /// settings, rights and comment for the new one, then both names, so that a database of the name exists at any
    /// time.
    async fn exchange_sql(&mut self) -> Result<String, ServerError> {
        let names = [("{name}", &*self.name), ("{new}", &self.new)];
        let sql = names
            .iter()
            .fold(include_str!("inherit.sql").to_owned(), |sql, (place, value)| sql.replace(place, &literal(value)));
        let inherited = self.maintenance.texts(&sql).await?;
        let (name, new, old) = (quote(&self.name), quote(&self.new), quote(&self.old));
        let exists = self.maintenance.oid(&self.name).await?.is_some();
        let aside = exists.then(|| format!("ALTER DATABASE {name} RENAME TO {old}"));
        let place = format!("ALTER DATABASE {new} RENAME TO {name}");
        Ok(inherited.into_iter().chain(aside).chain([place]).collect::<Vec<_>>().join("; "))
    }

    /// Ends the sessions of both databases and exchanges the names. Sessions that come back at once are ended again; a
    /// pooler may still hold one of this run's.
    async fn exchange(&mut self, sql: &str) -> Result<(), ServerError> {
        let mut tries = 10;
        loop {
            self.maintenance.end_sessions(&[&self.name, &self.new]).await?;
            match self.maintenance.execute(sql).await {
                Err(error) if error.code.as_deref() == Some(OBJECT_IN_USE) && tries > 0 => tries -= 1,
                answer => return answer,
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Fails if another run may have worked on the same database in the meantime.
    async fn prove(&mut self) -> Result<(), ServerError> {
        for lock in &mut self.locks {
            lock.prove(self.settings.connect_timeout).await?;
        }
        let exists = self.maintenance.oid(&self.new).await?;
        if exists == self.oid {
            return Ok(());
        }
        let message = format!("{} is no longer the database that this run has built", self.new);
        Err(ServerError::new(PRODUCT, message, ErrorKind::Plain))
    }

    async fn take_place(&mut self) -> Result<Option<Warning>, ServerError> {
        self.prove().await?;
        // no session may be connected to the old database, not even for its lock
        for lock in self.locks.drain(1..) {
            lock.release().await;
        }
        let sql = self.exchange_sql().await?;
        self.exchange(&sql).await?;
        // from here on, the new database is in place
        let dropped = self.maintenance.execute(&drop_sql(&self.old)).await;
        Ok(dropped.err().map(|error| Warning::LeftBehind { what: self.old.clone(), reason: error.message }))
    }
}

/// SQLSTATE: sessions are connected to the database.
const OBJECT_IN_USE: &str = "55006";

#[async_trait]
impl Replacement for Swap {
    fn target(&self) -> Target {
        self.address.target()
    }

    async fn connection(&mut self) -> Result<Option<Box<dyn Connection>>, Error> {
        // a tenant's schema is not in the new one yet
        let access = if self.settings.schema.is_some() { Access::Create } else { self.settings.access };
        let mut postgres = greeted(&self.address, &Settings { access, ..self.settings.clone() }).await?;
        postgres.alias = Some(Alias::new(&self.name, &self.new));
        Ok(Some(Box::new(postgres)))
    }

    async fn swap(mut self: Box<Self>) -> Result<Option<Warning>, ServerError> {
        self.maintenance.call = Call::End;
        let answer = self.take_place().await;
        match &answer {
            Ok(_) => {
                let _ = self.maintenance.session.connection.close().await;
            }
            // the new database may already be in place
            Err(error) if error.kind == ErrorKind::ConnectionLost => {}
            Err(_) => self.discard().await,
        }
        answer
    }

    async fn discard(mut self: Box<Self>) {
        // the next rebuild recognizes what is left by its name, and drops it
        let _ = self.maintenance.end_sessions(&[&self.new]).await;
        let _ = self.maintenance.execute(&drop_sql(&self.new)).await;
        let _ = self.maintenance.session.connection.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_beside_another_tells_whose_it_is() {
        for name in ["shop", "a_rather_long_name_for_a_database_of_a_shop_that_sells_everything", &"é".repeat(31)] {
            let (new, old) = (beside(name, NEW), beside(name, OLD));
            assert!(new.len() <= 63 && new != beside(name, NEW), "{new}");
            assert!(is_leftover(name, &new, &[NEW, OLD]) && is_leftover(name, &old, &[NEW, OLD]));
            assert!(!is_leftover(name, &old, &[NEW]) && !is_leftover("other", &new, &[NEW, OLD]));
        }
        for theirs in
            ["shop_dbmigrate_new", "shop_dbmigrate_new_x", "shop_dbmigrate_copy_0123abcd", "shop_new_0123abcd"]
        {
            assert!(!is_leftover("shop", theirs, &[NEW, OLD]), "{theirs}");
        }
    }
}
