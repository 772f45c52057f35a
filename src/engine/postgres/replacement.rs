//! Creates databases, and builds a database beside another, which it then replaces.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::Connection as _;

use super::address::Address;
use super::alias::Alias;
use super::lock::Lock;
use super::login::Login;
use super::maintenance::{DUPLICATE_DATABASE, DUPLICATE_KEY, Maintenance, NEW, OLD, beside, drop_sql};
use super::server::journal_table;
use super::{PRODUCT, greeted};
use crate::engine::Target;
use crate::engine::supervisor::Call;
use crate::engine::{Access, Connection, NoLock, Replacement, Settings, literal, quote};
use crate::error::{Error, ErrorKind, ServerError};
use crate::plan::Warning;
use crate::template::TemplateStore;

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

pub(super) struct Swap {
    pub(super) maintenance: Maintenance,
    pub(super) address: Address,
    pub(super) name: String,
    pub(super) new: String,
    old: String,
    /// The copy of the new database that is to become a template.
    pub(super) draft: Option<String>,
    /// The owner of the new database, once it is known.
    pub(super) owner: String,
    locks: Vec<Lock>,
    /// The new database's OID, which no other database of its name has; `None` until it exists.
    pub(super) oid: Option<String>,
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
        Ok(())
    };
    prepare.await.map_err(|error| failed(CREATING, error))?;
    let (address, settings) = (address.with_database(&new), settings.clone());
    Ok(Box::new(Swap {
        maintenance,
        address,
        name,
        new,
        old,
        draft: None,
        owner: String::new(),
        locks,
        oid: None,
        settings,
    }))
}

const CREATING: &str = "creating the new database beside the old one";

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

/// Returns the options of `CREATE DATABASE` that make a database like another; none when that one does not exist.
async fn like(maintenance: &mut Maintenance, name: &str) -> Result<String, ServerError> {
    let sql = include_str!("like.sql").replace("{name}", &literal(name));
    let like = maintenance.texts(&sql).await?.pop().unwrap_or_default();
    // template1 cannot be copied while a session is connected to it
    let other = maintenance.address.database() == "template1" && !like.contains("TEMPLATE");
    Ok(if other { format!("TEMPLATE template0{like}") } else { like })
}

impl Swap {
    /// Creates the new database, empty, unless it exists.
    async fn create(&mut self) -> Result<(), ServerError> {
        if self.oid.is_none() {
            let options = like(&mut self.maintenance, &self.name).await?;
            self.maintenance.execute(&format!("CREATE DATABASE {} {options}", quote(&self.new))).await?;
            self.oid = self.maintenance.oid(&self.new).await?;
        }
        Ok(())
    }

    /// Returns the statements that put the new database in the old one's place, in one transaction: the old one's
    /// settings, rights and comment for the new one, then both names, so that a database of the name exists at any
    /// time.
    async fn exchange_sql(&mut self) -> Result<String, ServerError> {
        let inherited = self.maintenance.inherit(&self.name, &self.new, COMMENT).await?;
        let (name, new, old) = (quote(&self.name), quote(&self.new), quote(&self.old));
        let exists = self.maintenance.oid(&self.name).await?.is_some();
        let aside = exists.then(|| format!("ALTER DATABASE {name} RENAME TO {old}"));
        let place = format!("ALTER DATABASE {new} RENAME TO {name}");
        Ok(inherited.into_iter().chain(aside).chain([place]).collect::<Vec<_>>().join("; "))
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
        self.maintenance.execute_alone(&[&self.name, &self.new], &sql).await?;
        // from here on, the new database is in place
        let dropped = self.maintenance.execute(&drop_sql(&self.old)).await;
        Ok(dropped.err().map(|error| Warning::LeftBehind { what: self.old.clone(), reason: error.message }))
    }
}

/// The comment of the database that another inherits from.
pub(super) const COMMENT: &str = "shobj_description(old.oid, 'pg_database')";

#[async_trait]
impl Replacement for Swap {
    fn target(&self) -> Target {
        self.address.target()
    }

    async fn connection(&mut self) -> Result<Option<Box<dyn Connection>>, Error> {
        self.create().await.map_err(|error| failed(CREATING, error))?;
        // a tenant's schema is not in the new one yet
        let access = if self.settings.schema.is_some() { Access::Create } else { self.settings.access };
        let mut postgres = greeted(&self.address, &Settings { access, ..self.settings.clone() }).await?;
        postgres.alias = Some(Alias::new(&self.name, &self.new));
        Ok(Some(Box::new(postgres)))
    }

    fn templates(&mut self) -> Option<&mut dyn TemplateStore> {
        Some(self)
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
        self.reject().await;
        let _ = self.maintenance.end_sessions(&[&self.new]).await;
        let _ = self.maintenance.execute(&drop_sql(&self.new)).await;
        let _ = self.maintenance.session.connection.close().await;
    }
}
