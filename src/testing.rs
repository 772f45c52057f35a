//! A database of its own for each test.
//!
//! [`TestDatabase::new`] builds the database from the scripts once, keeps it as a template, and gives each test a copy. On
//! engines that cannot copy a database, the scripts run for each test. The guide is `docs/testing.md`.
//!
//! It works in tests of one process and of many (`cargo nextest`), with any executor and without one: the work is done on
//! a thread of its own.

use std::fmt;
use std::sync::mpsc;
use std::thread::JoinHandle;

use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::engine::{Access, BUILT, Engine, Target, TestHost};
use crate::error::{Error, ErrorKind, ServerError, TargetError};
use crate::migrator::{Migrator, Options};
use crate::plan::UpgradeOptions;
use crate::script::Scripts;
use crate::template::{is_of, name_of};

/// A database for one test. It is dropped at the end of the test, with everything that is connected to it.
///
/// A test that is killed leaves its database. The next `TestDatabase` on the same server drops it.
///
/// ```
/// use dbmigrate::Scripts;
/// use dbmigrate::testing::TestDatabase;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let scripts = Scripts::from_files([("Script-0001.sql", b"CREATE TABLE item (id integer PRIMARY KEY);")]);
/// let database = TestDatabase::new(&scripts, "sqlite:").await?;
/// // connect the application under test to database.url()
/// assert!(database.url().starts_with("sqlite:"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the database is dropped with this value"]
pub struct TestDatabase {
    target: Target,
    url: String,
    keeper: Option<Keeper>,
}

/// The thread that has the session of the test.
struct Keeper {
    /// When this is dropped, the thread drops the database.
    end: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keeper")
    }
}

impl TestDatabase {
    /// Creates a database on a server from the scripts. `server` is a URL or a connection string as for [`Target`]; it needs
    /// no database. The user must be allowed to create databases. Where a database is a file, the URL's scheme and its colon are
    /// enough, and the file is in the folder of temporary files.
    ///
    /// The first test waits until the scripts have run, and so does every other test that begins meanwhile.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached, the user may not create databases, or the scripts are refused or fail.
    pub async fn new(scripts: &Scripts, server: &str) -> Result<Self, Error> {
        Self::with_options(scripts, server, &Options::default()).await
    }

    /// Does the same with options, such as the values of variables.
    ///
    /// # Errors
    ///
    /// As for [`TestDatabase::new`].
    pub async fn with_options(scripts: &Scripts, server: &str, options: &Options) -> Result<Self, Error> {
        let (answer, keeper) = start(scripts, server, options)?;
        Self::started(answer.await.map_err(|_| ended())?, keeper)
    }

    /// Creates a database in a test that is not asynchronous.
    ///
    /// ```
    /// use dbmigrate::Scripts;
    /// use dbmigrate::testing::TestDatabase;
    ///
    /// let scripts = Scripts::from_files([("Script-0001.sql", b"CREATE TABLE item (id integer PRIMARY KEY);")]);
    /// let database = TestDatabase::blocking(&scripts, "sqlite:")?;
    /// assert!(database.target().file().is_some_and(std::path::Path::exists));
    /// # Ok::<(), dbmigrate::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`TestDatabase::new`].
    ///
    /// # Panics
    ///
    /// If it is called in an asynchronous task of tokio: use [`TestDatabase::new`] there.
    pub fn blocking(scripts: &Scripts, server: &str) -> Result<Self, Error> {
        Self::blocking_with_options(scripts, server, &Options::default())
    }

    /// Does the same with options.
    ///
    /// # Errors
    ///
    /// As for [`TestDatabase::new`].
    ///
    /// # Panics
    ///
    /// As for [`TestDatabase::blocking`].
    pub fn blocking_with_options(scripts: &Scripts, server: &str, options: &Options) -> Result<Self, Error> {
        let (answer, keeper) = start(scripts, server, options)?;
        Self::started(answer.blocking_recv().map_err(|_| ended())?, keeper)
    }

    fn started(answer: Result<Target, Error>, keeper: Keeper) -> Result<Self, Error> {
        let target = answer?;
        Ok(Self { url: target.url(), target, keeper: Some(keeper) })
    }

    /// The URL of the database, or its connection string, with the server's user and password.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The database, for a [`Migrator`].
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(Keeper { end, thread }) = self.keeper.take() else { return };
        drop(end);
        // if dropping fails, the next test's session drops the database
        let _ = thread.join();
    }
}

/// Returns the error for a thread that has ended without an answer.
fn ended() -> Error {
    let error = ServerError::new("", "the thread that creates it has ended", ErrorKind::Plain);
    Error::Database { doing: "creating a database for a test".into(), error, state: None }
}

/// Returns a database on a server that a text names, with or without a database.
fn on_server(server: &str) -> Result<Target, TargetError> {
    let target = match server.parse::<Target>() {
        Err(TargetError::NoDatabase { .. } | TargetError::SystemDatabase(_)) => {
            let own = Engine::of(server).and_then(Engine::default_url);
            own.map_or_else(|| named(server), ToOwned::to_owned).parse::<Target>()?
        }
        target => target?,
    };
    Ok(target)
}

/// Names a database in a text that names none, or one of the server's own.
fn named(server: &str) -> String {
    if Target::is_connection_string(server) {
        return format!("{};Database={BUILT}", server.trim_end_matches(';'));
    }
    let (before, query) =
        server.split_once('?').map_or((server, String::new()), |(url, query)| (url, format!("?{query}")));
    let authority = before.find("://").map_or(0, |at| at + 3);
    let host = before[authority..].find('/').map_or(before.len(), |at| authority + at);
    format!("{}/{BUILT}{query}", &before[..host])
}

/// Starts the thread that creates a database and drops it when the test ends.
fn start(
    scripts: &Scripts,
    server: &str,
    options: &Options,
) -> Result<(oneshot::Receiver<Result<Target, Error>>, Keeper), Error> {
    let templates = Some(options.templates.clone().unwrap_or_default().only_whole());
    let options = Options { templates, ..options.clone() };
    let mut migrator = Migrator::new(on_server(server)?, scripts.clone()).options(options);
    migrator.target = migrator.target.clone().test_base(&migrator.settings(Access::Create));
    let (send, answer) = oneshot::channel();
    let (end, ends) = mpsc::channel();
    let keep = move || {
        let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
        match runtime.block_on(create(&migrator)) {
            Err(error) => {
                let _ = send.send(Err(error));
            }
            Ok((host, target)) => {
                if send.send(Ok(target)).is_ok() {
                    let _: Result<(), _> = ends.recv();
                }
                let _ = runtime.block_on(host.drop_database());
            }
        }
    };
    let failed = |error: std::io::Error| ServerError::new("", error.to_string(), ErrorKind::Plain);
    let thread = std::thread::Builder::new().name("test database".into()).spawn(keep).map_err(|error| {
        Error::Database { doing: "creating a database for a test".into(), error: failed(error), state: None }
    })?;
    Ok((answer, Keeper { end, thread }))
}

/// The part of a time of use that tells its hour: many tests use a template at the same time, and one of them notes it.
const HOUR: &str = "2026-01-31T23";

/// How often a template is made that is gone when it is to be copied.
const TRIES: usize = 3;

async fn create(migrator: &Migrator) -> Result<(Box<dyn TestHost>, Target), Error> {
    let failed = |error| Error::Database { doing: "creating a database for a test".into(), error, state: None };
    let mut host = migrator.target.test_host(&migrator.settings(Access::Create)).await?;
    // what another test has left is in no one's way
    let _ = host.sweep().await;
    if let Some(recipe) = migrator.recipe(&UpgradeOptions::new()).await
        && let Some(ground) = host.ground().await.map_err(failed)?
        && let Some(whole) = recipe.parts(&ground).last()
    {
        for _ in 0..TRIES {
            let template = host.template(&name_of(&whole.key)).await.map_err(failed)?;
            let Some(template) = template.filter(|template| is_of(template, whole)) else {
                migrator.make_template(&recipe).await?;
                continue;
            };
            if let Some(target) = host.create(Some(&template)).await.map_err(failed)? {
                if let Some(used) = template.used_by(&migrator.target.user(), HOUR) {
                    // another test may be copying it at this moment: whether this can be written does not matter
                    let _ = host.note(&used).await;
                }
                return Ok((host, target));
            }
        }
    }
    let target = host.create(None).await.map_err(failed)?.ok_or_else(ended)?;
    let own = Migrator { target: target.clone(), ..migrator.clone() };
    match own.upgrade_with(&UpgradeOptions::new().create_database(true)).await {
        Ok(_) => Ok((host, target)),
        Err(error) => {
            let _ = host.drop_database().await;
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_server_needs_no_database() {
        for (server, expected) in [
            ("postgres://u:p@h:1", "postgres://u:p@h:1/dbmigrate_test"),
            ("postgres://u@h/?sslmode=require", "postgres://u@h/dbmigrate_test?sslmode=require"),
            ("mysql://root@localhost/mysql", "mysql://root@localhost/dbmigrate_test"),
            ("Server=h,1433;User Id=sa;", "Server=h,1433;User Id=sa;Database=dbmigrate_test"),
        ] {
            assert_eq!(named(server), expected);
        }
    }
}
