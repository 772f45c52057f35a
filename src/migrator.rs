//! The entry point of the library: a target, its scripts, and the operations on them.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::diff::unified;
use crate::engine::Target;
use crate::engine::{Access, Connection, Settings, read_bodies, read_journal, read_schema};
use crate::error::{Error, ErrorKind};
use crate::event::{Event, Watcher};
use crate::journal::{Journal, JournalTable};
use crate::plan::{Drift, Plan, Problem, UpgradeOptions, Warning};
use crate::preflight;
use crate::schema::{ComparisonOptions, Schema};
use crate::script::{FileName, Number, Scripts};
use crate::sql::{Context, Tenants, Variables};
use crate::status::Status;
use crate::template::Templates;

/// Brings one database to the state that the scripts describe.
///
/// ```
/// use dbmigrate::{Migrator, Scripts, Target, UpgradeOptions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let dir = tempfile::tempdir()?;
/// let scripts = Scripts::from_files([("Script-0001.sql", b"CREATE TABLE item (id integer PRIMARY KEY);")]);
/// let migrator = Migrator::new(Target::sqlite(dir.path().join("shop.db")), scripts);
/// let report = migrator.upgrade_with(&UpgradeOptions::new().create_database(true)).await?;
/// assert_eq!(report.applied.len(), 1);
/// assert_eq!(migrator.status().await?.pending, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Migrator {
    pub(crate) target: Target,
    pub(crate) scripts: Scripts,
    pub(crate) options: Options,
    pub(crate) watcher: Watcher,
    /// The schemas that each belong to one tenant, if the target is one of them.
    pub(crate) tenants: Tenants,
    pub(crate) cancel: CancellationToken,
}

/// How a [`Migrator`] behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The journal's table.
    pub journal: JournalTable,
    /// Whether the journal keeps the scripts' texts of up to [`journal::BODY_LIMIT`](crate::journal::BODY_LIMIT) bytes, so
    /// that a later change can be shown: yes by default.
    pub store_text: bool,
    /// How long to wait for another run, and for locks that other sessions hold. `None` is five minutes for another
    /// run, and the server's own default for locks.
    pub lock_timeout: Option<Duration>,
    /// How long a statement may take; `None` sets no limit.
    pub statement_timeout: Option<Duration>,
    /// How long one attempt to connect may take: 10 seconds by default.
    pub connect_timeout: Duration,
    /// The character set of a database that is created, if it can be chosen: `utf8mb4` by default.
    pub charset: Option<String>,
    /// The collation of a database that is created, if it can be chosen: the character set's by default.
    pub collation: Option<String>,
    /// How long to keep trying while the server does not answer: by default, not at all.
    pub wait: Duration,
    /// The values for `$(name)` in scripts: by default, none.
    pub variables: Variables,
    /// Whether a run records the schema that it leaves, so that [`Migrator::verify`] and the next upgrade can compare: yes
    /// by default.
    pub schema_snapshot: bool,
    /// Whether a rebuild keeps what it has built as templates, which the next rebuild copies, and how many: by default, it
    /// does not. Meant for a developer's own database. Engines that cannot copy a database keep none.
    pub templates: Option<Templates>,
    /// What an upgrade does if the schema is no longer as the last run has left it: by default, it warns.
    pub drift: Drift,
    /// What counts when it is compared.
    pub comparison: ComparisonOptions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            journal: JournalTable::default(),
            store_text: true,
            lock_timeout: None,
            statement_timeout: None,
            connect_timeout: Duration::from_secs(10),
            charset: None,
            collation: None,
            wait: Duration::ZERO,
            variables: Variables::default(),
            schema_snapshot: true,
            templates: None,
            drift: Drift::default(),
            comparison: ComparisonOptions::new(),
        }
    }
}

impl Migrator {
    /// Returns a migrator with default options.
    #[must_use]
    pub fn new(target: Target, scripts: Scripts) -> Self {
        let (options, watcher, cancel) = (Options::default(), Watcher::default(), CancellationToken::new());
        Self { target, scripts, options, watcher, tenants: Tenants::default(), cancel }.in_schema()
    }

    /// Sets the options.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self.in_schema()
    }

    /// Puts the journal into the tenant's schema, if the target is one.
    fn in_schema(mut self) -> Self {
        if let Some(schema) = self.target.schema() {
            self.options.journal.schema = Some(schema.to_owned());
        }
        self
    }

    /// Calls a function with each event of its runs. It must return soon: the run waits for it.
    #[must_use]
    pub fn on_event(mut self, tell: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.watcher = Watcher::new(tell);
        self
    }

    /// Sets a token that stops its runs when it is cancelled.
    #[must_use]
    pub fn cancel_token(mut self, cancel: CancellationToken) -> Self {
        self.cancel = cancel;
        self
    }

    /// Returns what is applied, what is pending and what is wrong. Changes nothing and creates nothing.
    ///
    /// # Errors
    ///
    /// If the database cannot be reached or its journal cannot be read. Problems with the folder or the history are not
    /// an error but part of the status.
    pub async fn status(&self) -> Result<Status, Error> {
        self.status_with(&UpgradeOptions::new()).await
    }

    /// Describes the schema of the database. Changes nothing and creates nothing.
    ///
    /// # Errors
    ///
    /// If the database cannot be reached or its catalog cannot be read.
    pub async fn schema(&self) -> Result<Schema, Error> {
        let mut connection = self.connect(Access::Read).await?;
        let failed = |error| Error::reading("describing the schema", error);
        let schema = read_schema(&mut *connection).await.map_err(failed);
        connection.close().await;
        Ok(self.or_interrupted(schema)?.unwrap_or_default().masked(&self.options.variables))
    }

    /// Returns the status before an upgrade with these options: scripts beyond the number where it would stop are held.
    ///
    /// # Errors
    ///
    /// As for [`Migrator::status`].
    pub async fn status_with(&self, options: &UpgradeOptions) -> Result<Status, Error> {
        Ok(self.looked(options, false).await?.0)
    }

    /// Returns the status and the schema, with one connection.
    pub(crate) async fn status_and_schema(&self) -> Result<(Status, Option<Schema>), Error> {
        self.looked(&UpgradeOptions::new(), true).await
    }

    async fn looked(&self, options: &UpgradeOptions, describes: bool) -> Result<(Status, Option<Schema>), Error> {
        let mut connection = self.connect(Access::Read).await?;
        let journal = self.or_interrupted(read_journal(&mut *connection).await)?;
        let (plan, mut problems) = match self.plan(&mut *connection, &journal, options).await {
            Ok(plan) => (Some(plan), Vec::new()),
            Err(Error::Refused { problems }) => (None, problems),
            Err(error) => return Err(error),
        };
        let mut running = None;
        if journal.is_unfinished() {
            let failed = |error| Error::Database { doing: "looking for another run".into(), error, state: None };
            running = self.or_interrupted(connection.run_holder().await.map_err(failed))?;
        }
        // what another run is doing right now is not a problem
        problems.retain(|problem| running.is_none() || !problem.may_pass());
        let mut status =
            Status::new(&self.scripts, &journal, plan, problems, connection.server(), &self.options.variables);
        status.warnings.retain(|warning| running.is_none() || !matches!(warning, Warning::Resumable { .. }));
        status.warnings.extend(running.map(|holder| Warning::Running { holder }));
        let schema = if describes {
            let failed = |error| Error::reading("describing the schema", error);
            self.or_interrupted(read_schema(&mut *connection).await.map_err(failed))?
        } else {
            None
        };
        connection.close().await;
        Ok((status, schema.map(|schema| schema.masked(&self.options.variables))))
    }

    /// Returns the plan for a database in this state, or every problem.
    pub(crate) async fn plan(
        &self,
        connection: &mut dyn Connection,
        journal: &Journal,
        options: &UpgradeOptions,
    ) -> Result<Plan, Error> {
        let (journal, options, context) = (journal.clone(), *options, self.context(&connection.server().context));
        match self.aside(move |this| preflight::plan(&this.scripts, &journal, &options, &context)).await {
            Err(Error::Refused { problems }) => {
                let bodies = self.or_interrupted(changed_bodies(connection, &problems).await)?;
                let problems = self.aside(move |this| explained(&this.scripts, problems, &bodies)).await?;
                Err(Error::Refused { problems })
            }
            answer => answer,
        }
    }

    /// Runs code that reads scripts or asks Git about them on another thread, so that signals, time limits and other
    /// connections do not wait for it.
    pub(crate) async fn aside<T: Send + 'static>(&self, act: impl FnOnce(&Self) -> T + Send + 'static) -> T {
        let this = self.clone();
        match tokio::task::spawn_blocking(move || act(&this)).await {
            Ok(done) => done,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // the runtime is ending
                Err(_) => std::future::pending().await,
            },
        }
    }

    /// Returns what the checks know about the database: what it has said itself, and what the options add.
    pub(crate) fn context(&self, said: &Context) -> Context {
        let database = said.database.clone().or_else(|| Some(self.target.database()));
        let variables = self.options.variables.clone();
        let tenants = self.tenants.clone();
        Context { database, variables, tenants, ..said.clone() }.with_journal(&self.options.journal)
    }

    pub(crate) fn settings(&self, access: Access) -> Settings {
        Settings {
            journal: self.options.journal.clone(),
            schema: None,
            lock_timeout: self.options.lock_timeout,
            statement_timeout: self.options.statement_timeout,
            connect_timeout: self.target.connect_timeout().unwrap_or(self.options.connect_timeout),
            access,
            charset: self.options.charset.clone(),
            collation: self.options.collation.clone(),
            cache: self.options.templates.as_ref().and_then(|templates| templates.folder.clone()),
            watcher: self.watcher.masking(&self.options.variables),
            cancel: self.cancel.clone(),
        }
    }

    pub(crate) async fn connect(&self, access: Access) -> Result<Box<dyn Connection>, Error> {
        self.connect_to(&self.target, access).await
    }

    /// Connects. While the server does not answer, tries again for as long as the options say.
    pub(crate) async fn connect_to(&self, target: &Target, access: Access) -> Result<Box<dyn Connection>, Error> {
        let settings = self.settings(access);
        let deadline = tokio::time::Instant::now() + self.options.wait;
        let mut told = None;
        loop {
            match target.connect(&settings).await {
                Err(Error::Connect { error, .. })
                    if error.kind == ErrorKind::Unreachable && tokio::time::Instant::now() < deadline =>
                {
                    // report each reason once: refused, then starting up
                    if told.as_ref() != Some(&error.message) {
                        self.watcher.tell(&Event::Connecting { reason: &error.message });
                        told = Some(error.message);
                    }
                    self.pause(RECONNECT).await?;
                }
                answer => return self.or_interrupted(answer),
            }
        }
    }

    /// Waits, unless the run is stopped.
    pub(crate) async fn pause(&self, pause: Duration) -> Result<(), Error> {
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(()),
            () = self.cancel.cancelled() => Err(Error::Interrupted { during: None, state: None }),
        }
    }

    /// Returns an error once the run is stopped, so that nothing new begins.
    pub(crate) fn stop_if_cancelled(&self) -> Result<(), Error> {
        let stopped = Error::Interrupted { during: None, state: None };
        if self.cancel.is_cancelled() { Err(stopped) } else { Ok(()) }
    }

    /// Turns an error into an interrupt once the run is stopped: what was cancelled before anything was changed has not
    /// failed.
    pub(crate) fn or_interrupted<T>(&self, answer: Result<T, Error>) -> Result<T, Error> {
        match answer {
            Err(Error::Connect { .. } | Error::Journal { .. } | Error::Database { state: None, .. })
                if self.cancel.is_cancelled() =>
            {
                Err(Error::Interrupted { during: None, state: None })
            }
            answer => answer,
        }
    }
}

const RECONNECT: Duration = Duration::from_millis(500);

/// Reads the texts of changed scripts from the journal.
async fn changed_bodies(
    connection: &mut dyn Connection,
    problems: &[Problem],
) -> Result<BTreeMap<Number, String>, Error> {
    let changed = problems.iter().filter_map(changed_number).collect::<Vec<_>>();
    if changed.is_empty() {
        return Ok(BTreeMap::new());
    }
    let failed = |error| Error::Database { doing: "reading the journal's texts".into(), error, state: None };
    read_bodies(connection, &changed).await.map_err(failed)
}

/// Adds to problems what Git and the journal know about them: what was changed in a script, or who changed it.
fn explained(
    scripts: &Scripts,
    mut problems: Vec<Problem>,
    bodies: &BTreeMap<Number, String>,
) -> Result<Vec<Problem>, Error> {
    for problem in &mut problems {
        let body = changed_number(problem).and_then(|number| bodies.get(&number));
        match problem {
            Problem::BehindBaseline { last, commit, .. } => *commit = scripts.last_with(*last),
            Problem::Changed { path, diff, by, .. } => {
                let Some(script) = scripts.all().find(|script| script.path() == path) else { continue };
                match body {
                    Some(body) => {
                        *diff = Some(unified(("applied", body), ("on disk", &script.read()?.canonical())));
                    }
                    None => *by = scripts.last_change(script),
                }
            }
            _ => {}
        }
    }
    Ok(problems)
}

fn changed_number(problem: &Problem) -> Option<Number> {
    let Problem::Changed { path, .. } = problem else { return None };
    match FileName::of(path) {
        FileName::Named(_, number) => Some(number),
        _ => None,
    }
}
