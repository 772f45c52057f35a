//! The session from which databases are created, renamed, copied and dropped.

use std::time::Duration;

use super::PRODUCT;
use super::address::Address;
use super::login::Login;
use super::side::Session;
use crate::engine::supervisor::Call;
use crate::engine::{Cells, Settings, literal, quote};
use crate::error::{Error, ErrorKind, ServerError};
use crate::script::Checksum;

/// A session in another database of the server, from which databases are created, renamed and dropped.
pub(super) struct Maintenance {
    pub(super) session: Session,
    pub(super) address: Address,
    /// How calls are supervised: no interrupt stops the exchange of the databases.
    pub(super) call: Call,
}

impl Maintenance {
    /// Opens a session in a maintenance database: `postgres` exists unless someone has dropped it; `template1` always
    /// exists.
    pub(super) async fn open(address: &Address, settings: &Settings) -> Result<Self, Error> {
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
    pub(super) async fn execute(&mut self, sql: &str) -> Result<(), ServerError> {
        self.session.query_anew(self.call, sql).await.map(drop).map_err(creation_error)
    }

    pub(super) async fn end_sessions(&mut self, databases: &[&str]) -> Result<(), ServerError> {
        let names = databases.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", ");
        self.end_sessions_that(&format!("datname IN ({names})")).await
    }

    pub(super) async fn end_sessions_that(&mut self, condition: &str) -> Result<(), ServerError> {
        let sql = format!("SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE {condition}");
        self.texts(&sql).await.map(drop)
    }

    /// Sends statements that need the databases for themselves, and ends the sessions in them before. Sessions that come
    /// back at once are ended again; a pooler may still hold one of this run's.
    pub(super) async fn execute_alone(&mut self, databases: &[&str], sql: &str) -> Result<(), ServerError> {
        let mut tries = 10;
        loop {
            self.end_sessions(databases).await?;
            match self.execute(sql).await {
                Err(error) if error.code.as_deref() == Some(OBJECT_IN_USE) && tries > 0 => tries -= 1,
                answer => return answer,
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Returns the statements that give a database what another has, and what no script has set in it: settings, rights,
    /// and a comment, if `comment` is an expression for one.
    pub(super) async fn inherit(&mut self, from: &str, to: &str, comment: &str) -> Result<Vec<String>, ServerError> {
        let names = [("{name}", literal(from)), ("{new}", literal(to)), ("{comment}", comment.to_owned())];
        let sql = include_str!("inherit.sql").to_owned();
        self.texts(&names.iter().fold(sql, |sql, (place, value)| sql.replace(place, value))).await
    }

    pub(super) async fn texts(&mut self, sql: &str) -> Result<Vec<String>, ServerError> {
        Ok(self.rows(sql).await?.into_iter().flatten().flatten().collect())
    }

    pub(super) async fn rows(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        self.session.query_anew(self.call, sql).await
    }

    pub(super) async fn oid(&mut self, name: &str) -> Result<Option<String>, ServerError> {
        let oid = format!("SELECT oid::text FROM pg_database WHERE datname = {}", literal(name));
        Ok(self.texts(&oid).await?.pop())
    }

    /// Fails unless the user owns the database: only an owner may rename and drop, and this is known before the build.
    pub(super) async fn require_owner(&mut self, name: &str) -> Result<(), ServerError> {
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
    pub(super) async fn drop_leftovers(&mut self, name: &str) -> Result<(), ServerError> {
        let is_there = self.oid(name).await?.is_some();
        for other in self.texts("SELECT datname FROM pg_database WHERE pg_has_role(datdba, 'MEMBER')").await? {
            // if the database itself is missing, keep the one that it was renamed to
            if !is_leftover(name, &other, if is_there { &[NEW, OLD, DRAFT] } else { &[NEW, DRAFT] }) {
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
pub(super) const DUPLICATE_DATABASE: &str = "42P04";

/// SQLSTATE: a database of this name was created after the server looked for one.
pub(super) const DUPLICATE_KEY: &str = "23505";

pub(super) fn drop_sql(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {}", quote(name))
}

/// SQLSTATE: sessions are connected to the database.
const OBJECT_IN_USE: &str = "55006";

const GRANT: &str = "grant the user the right (ALTER ROLE name CREATEDB), or create it as another user";

fn creation_error(error: ServerError) -> ServerError {
    let denied = error.kind == ErrorKind::Denied && error.message.contains("create database");
    let taken = error.code.as_deref() == Some(DUPLICATE_DATABASE);
    let hint = taken.then(|| "if no one needs the database of this name, drop it".to_owned());
    let error = ServerError { hint: error.hint.clone().or(hint), ..error };
    if denied { ServerError { kind: ErrorKind::CannotCreateDatabase, remedy: Some(GRANT), ..error } } else { error }
}

/// The database that is built, the one that it has replaced, and the copy that becomes a template.
pub(super) const NEW: &str = "new";
pub(super) const OLD: &str = "old";
pub(super) const DRAFT: &str = "tpl";

/// Returns a name for a database beside another, new each time: from the first moment, it shows to which database it
/// belongs.
pub(super) fn beside(name: &str, role: &str) -> String {
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
